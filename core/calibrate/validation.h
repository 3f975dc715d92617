// SPDX-License-Identifier: GPL-3.0-or-later
// Estimates beside measurements: what a profile gets wrong, row by row and in groups.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/estimate/estimate.h"

namespace epscope {

struct RowError {
    std::size_t row = 0; // of the cases
    double tpot_s = 0; // estimated
    double throughput_per_card = 0;
    double relative = 0; // estimated over measured tpot, less 1

    bool operator==(const RowError &) const = default;
};

// The relative errors of some rows: of all, of one chip, of one engine.
struct GroupError {
    std::string name;
    std::size_t rows = 0;
    double mean_absolute = 0;
    double bias = 0; // their mean
    double worst = 0; // the one farthest from 0
    std::string worst_id;

    bool operator==(const GroupError &) const = default;
};

struct Validation {
    std::vector<RowError> rows; // in the order of the cases
    GroupError all;
    std::vector<GroupError> by_chip, by_engine; // by name
};

// What is estimated of a run; its batch is a mean and stands in the measurement.
Scenario scenario_of(const Profile &profile, const MeasuredCase &measured);
// s per output token of one user.
double estimated_tpot(const Profile &profile, const MeasuredCase &measured);

Validation validate(const Profile &profile, std::span<const MeasuredCase> cases);
// Of relative errors alone, each for the case of the same index; what leaving one chip out is judged by.
Validation judge(std::span<const MeasuredCase> cases, std::span<const double> tpots);

} // namespace epscope
