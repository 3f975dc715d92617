// SPDX-License-Identifier: GPL-3.0-or-later
// Several studies side by side: what their best configurations give, and only the inputs that differ. docs/analysis.md
#pragma once

#include <string>
#include <vector>

#include "core/analysis/outcome.h"
#include "core/analysis/parallel.h"

namespace epscope {

struct Case {
    std::string name;
    Study study;
};

// One input and its text in each case; empty where it is not stated.
struct DifferingInput {
    std::string key; // as set_parameter() takes it; "chips", "nics", "model", "profile" for names, "chip.x" for the
                     // chip that leads a case
    std::string label;
    std::vector<std::string> texts;

    bool operator==(const DifferingInput &) const = default;
};

// `chips`: of each case the one that leads it.
std::vector<DifferingInput> differing_inputs(const std::vector<Case> &cases, const std::vector<std::size_t> &chips);

struct Comparison {
    bool complete = false; // false: stopped
    std::vector<std::size_t> chips; // that lead
    std::vector<Outcome> outcomes; // of the study with that chip alone
    std::vector<DifferingInput> inputs;
};
Comparison compare(const std::vector<Case> &cases, const Running &running = {});

// Change against the first case. `percent` is none where the first is 0.
struct Change {
    double difference = 0;
    std::optional<double> percent;
};
std::optional<Change> change_of(const std::optional<double> &first, const std::optional<double> &other);
// Is a change of so many percent one that two decimals show? What is smaller is called no change everywhere.
bool is_shown_change(double percent);

} // namespace epscope
