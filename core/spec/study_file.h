// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/spec/study.h"

namespace epscope {

inline constexpr std::size_t most_scenarios = 99; // in a study
inline constexpr std::size_t longest_note = 2048; // B

// A named set of inputs that stands in a study's file beside the study's own.
struct ScenarioCard {
    std::string name;
    std::string note; // may be empty
    Study study;      // whole; with the name, title and source of the study it belongs to

    bool operator==(const ScenarioCard &) const = default;
};

// All that a study's file holds.
struct StudyFile {
    Study study;
    std::vector<ScenarioCard> scenarios; // with names of their own; may be empty

    bool operator==(const StudyFile &) const = default;
};

// The scenarios, before them the study itself unless one of them is just that. Never empty.
std::vector<ScenarioCard> all_scenarios(const StudyFile &file);

} // namespace epscope
