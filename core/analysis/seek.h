// SPDX-License-Identifier: GPL-3.0-or-later
// Goal seek: which value of a number makes an output reach a goal, with the search run again for each value tried.
// docs/analysis.md
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/analysis/outputs.h"
#include "core/analysis/parallel.h"
#include "core/analysis/variable.h"

namespace epscope {

struct Goal {
    const Metric *metric = nullptr;
    bool at_least = true; // else at most
    double wanted = 0; // SI

    bool met_by(std::optional<double> value) const { return value && (at_least ? *value >= wanted : *value <= wanted); }
    // The speed per user that it asks for, tok/s; none for other goals.
    std::optional<double> speed() const;
};
// "throughput>=4500", "tpot<=50ms", or what is wrong with it.
std::variant<Goal, std::string> parse_goal(std::string_view text);
std::string text_of(const Goal &goal);

enum class SeekResult { holds_already, found, unreachable, stopped };

struct Tried {
    double value = 0; // SI, of the variable
    Outcome outcome;
    std::optional<double> output; // where a speed is sought and nothing is fast enough, the highest there is

    bool operator==(const Tried &) const = default;
};

struct Sought {
    SeekResult result = SeekResult::stopped;
    Study study; // as it was searched: with the goal as target where it is one
    Tried present;
    // found: the value nearest to the present one that meets the goal, rounded away from it to few digits;
    // unreachable: the nearest of those that come closest to the goal.
    Tried answer;
    // holds_already: how far the value can go down and up until the goal is missed, rounded towards the present; none:
    // to the end of the range.
    std::optional<Tried> lowest, highest;
    std::vector<Tried> grid; // ascending: the coarse look over the whole range
};

// Everything that it holds, ascending, each value once: the output over the number.
std::vector<Tried> all_tried(const Sought &sought);
// The part of the number's range that a picture of the answer covers: that of a map, and every mark with some room
// around it.
std::pair<double, double> seek_range(const Variable &variable, const Sought &sought);

// `study` has one chip. A goal for the speed of users (ux_tps at least, tpot at most) is met where some configuration
// is that fast: it raises the study's target, as the search for throughput goes no faster than it must.
Sought seek(const Study &study, const Variable &variable, const Goal &goal, const Running &running = {});

// The values of the coarse look, ascending, `present` among them: close together near it, wider apart far off; all
// whole numbers where they are few.
std::vector<double> seek_grid(const Variable &variable, double present);

// Rounds to as few significant digits as keep the result `fine`, at least `digits`; away from zero if `up`. In the
// variable's unit.
double rounded_outward(
    const Variable &variable, double value, bool up, int digits, const std::function<bool(double)> &fine);

} // namespace epscope
