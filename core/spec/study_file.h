// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/study.h"

namespace epscope {

inline constexpr std::size_t longest_note = 2048; // B

// A list of named inputs in a study's file.
struct CardList {
    std::string_view key; // of the list
    std::string_view what; // one of it
    std::size_t most; // in a study
};
inline constexpr CardList scenario_list{"scenarios", "scenario", 99}, baseline_list{"baselines", "baseline", 4};
inline constexpr std::size_t most_scenarios = scenario_list.most, most_baselines = baseline_list.most;

// What an entry of these lists states besides the inputs that it has otherwise than its study.
namespace card_key {
inline constexpr std::string_view name = "name", note = "note", compared = "compared", picked = "picked", set = "set";
} // namespace card_key

// A named set of inputs that stands in a study's file besides the study's own.
struct ScenarioCard {
    std::string name;
    std::string note; // may be empty
    Study study; // whole; with the name, title and source of the study it belongs to

    bool operator==(const ScenarioCard &) const = default;
};

// Inputs whose result is pinned, to be compared with. The result itself is not kept: the same engine finds the same
// again.
struct BaselineCard {
    std::string name;
    Study study; // whole, as a scenario's
    std::optional<Selection> picked; // what is on show of it; none: the best

    bool operator==(const BaselineCard &) const = default;
};

// All that a study's file holds.
struct StudyFile {
    Study study;
    std::vector<ScenarioCard> scenarios = {}; // with names of their own; may be empty
    std::vector<BaselineCard> baselines = {}; // likewise
    std::size_t compared = 0; // index into `baselines`: the one that differences are against

    bool operator==(const StudyFile &) const = default;
};

// The scenarios, before them the study itself unless one of them is just that. Never empty.
std::vector<ScenarioCard> all_scenarios(const StudyFile &file);
// A baseline of the study by its name or, if there is none, one of its scenarios; nothing if there is neither.
std::optional<BaselineCard> baseline_named(const StudyFile &file, std::string_view name);

} // namespace epscope
