// SPDX-License-Identifier: GPL-3.0-or-later
// What is allowed but worth saying: values outside of what is usual, values that contradict what another one states.
#pragma once

#include <string>
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

// Puts a model into a study, with the element size of the experts that it states. Says what that changes.
std::vector<Remark> take_model(Study &study, Model model);

} // namespace epscope
