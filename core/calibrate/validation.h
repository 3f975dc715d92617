// SPDX-License-Identifier: GPL-3.0-or-later
// Estimates next to measurements: what a profile gets wrong, row by row and in groups.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/estimate/estimate.h"

namespace epscope {

// Rows that were measured under the same conditions and whose batch and time per token differ by no more are one run,
// written down more than once.
inline constexpr double one_run = 0.005;
// For each case the first row of the same run, itself if there is none before it.
std::vector<std::size_t> runs_of(std::span<const MeasuredCase> cases);
// For each case, so that the rows of a run weigh as much as one.
std::vector<double> weights_of(std::span<const MeasuredCase> cases);
// "4 rows repeat another one within 0.5 % and share its weight: a2 that of a, ...", the first twenty by
// name; empty if none does.
std::string repeats_text(std::span<const MeasuredCase> cases);

struct RowError {
    std::size_t row = 0; // of the cases
    std::size_t run = 0; // the first row of the same run
    double weight = 1; // of 1 for the rows of a run together
    double tpot_s = 0; // estimated; NaN where the profile's equations do not know the configuration
    double throughput_per_card = 0;
    double relative = 0; // estimated over measured tpot, less 1; NaN likewise

    bool operator==(const RowError &) const = default;
};

// The relative errors of those of some rows that are estimated: of all, of one chip, engine, model or parallelism. A
// run counts once in the means.
struct GroupError {
    std::string name;
    std::size_t rows = 0;
    std::size_t runs = 0;
    double mean_absolute = 0;
    double bias = 0; // their mean
    double worst = 0; // the one farthest from 0
    std::string worst_id;

    bool operator==(const GroupError &) const = default;
};

struct Validation {
    std::vector<RowError> rows; // in the order of the cases
    GroupError all;
    std::vector<GroupError> by_chip, by_engine, by_model, by_parallelism; // by name
};

// Sequences of the group of cards that share an attention, while a step of it runs: one at least.
double batch_of_step(const Measurement &row);
// What is estimated of a run; its batch is a mean and stands in the measurement.
Scenario scenario_of(const Profile &profile, const MeasuredCase &measured);
// s per output token of one user, with the prefill that the run's cards do between; NaN where the profile's equations
// do not know the configuration.
double estimated_tpot(const Profile &profile, const MeasuredCase &measured);

Validation validate(const Profile &profile, std::span<const MeasuredCase> cases);
// Of relative errors alone, each for the case of the same index; what leaving one chip out is judged by.
Validation judge(std::span<const MeasuredCase> cases, std::span<const double> tpots);

} // namespace epscope
