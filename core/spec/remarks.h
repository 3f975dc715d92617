// SPDX-License-Identifier: GPL-3.0-or-later
// What is allowed but worth saying: values outside of what is usual, values that contradict what another one states.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/study.h"

namespace epscope {

struct Remark {
    std::string key; // of the value; for a study as set_parameter() takes it
    std::string message;

    bool operator==(const Remark &) const = default;
};

// Of one entry by itself.
std::vector<Remark> remarks(const Chip &chip);
std::vector<Remark> remarks(const Nic &nic);
// Of a study as a whole, its chips and NICs included.
std::vector<Remark> remarks(const Study &study);

// Has a parameter of the workload or of the search, by its key, anything to do with a study? Not one that the published
// equations do not know, where these are taken and it is what it is anyway.
bool concerns(const Study &study, std::string_view key);

// Puts a model into a study, with the element size of the experts that it states. Says what that changes.
std::vector<Remark> take_model(Study &study, Model model);

} // namespace epscope
