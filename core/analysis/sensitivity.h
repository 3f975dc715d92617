// SPDX-License-Identifier: GPL-3.0-or-later
// The tornado: every number a few percent down and up, with the search run again at each end. docs/analysis.md
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/outputs.h"
#include "core/analysis/parallel.h"
#include "core/analysis/variable.h"

namespace epscope {

// Where the output stops following the variable, and what binds from there on.
struct Saturation {
    double from = 0; // SI value of the variable
    Best best; // there

    bool operator==(const Saturation &) const = default;
};

struct BarEnd {
    double value = 0; // SI, as it was set: whole or cut at the hard range where it had to be
    Outcome outcome;
    std::optional<double> output; // none: nothing is feasible
    std::optional<Saturation> saturation;

    bool operator==(const BarEnd &) const = default;
};

struct Bar {
    Variable variable;
    BarEnd low, high;
    // Percent of change of the output for one percent more of the variable.
    std::optional<double> marginal;

    // The larger of the two changes of the output; infinite where nothing is feasible at an end.
    double swing(double base) const;
};

struct Sensitivity {
    bool complete = false; // false: stopped
    Outcome base;
    std::optional<double> base_output;
    std::vector<Bar> bars; // the widest first

    const Bar *find(const std::string &key) const; // of a variable
};

inline constexpr double least_percent = 1, most_percent = 50;

// `study` has one chip. `metric` is a number. Without a base output there are no bars.
Sensitivity sensitivity_of(const Study &study, const Metric &metric, const std::vector<Variable> &variables,
    double percent, const Running &running = {});

} // namespace epscope
