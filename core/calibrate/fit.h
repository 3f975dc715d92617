// SPDX-License-Identifier: GPL-3.0-or-later
// Fits the numbers of a profile that its `calibration` calls fitted to measurements. docs/model.md §14.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/calibrate/validation.h"

namespace epscope {

struct FittedParameter {
    std::string key;
    double before = 0, after = 0;
    double min = 0, max = 0;
    bool determined = false; // by the measurements; else held at `before`
    bool at_bound = false;
    std::optional<double> deviation; // standard deviation of a fitted value; none at a bound

    bool operator==(const FittedParameter &) const = default;
};

struct Fit {
    Profile profile; // the base with the fitted values
    std::vector<FittedParameter> parameters;
    std::vector<std::size_t> fitted; // which of them were
    std::vector<std::vector<double>> correlations; // between those
    Validation before, after;
    int evaluations = 0;
};

// On either side of a fitted value, in standard deviations: what Student's t distribution of so many degrees of
// freedom, at least 1, keeps within with a probability of 95 %.
double interval_95(std::size_t degrees_of_freedom);

// Minimises the robust sum of the logarithms of estimated over measured tpot within the bounds of the profile's
// calibration; the rows of a run weigh as much as one. What the measurements do not determine is held, and said. The
// result is the same for every run.
Fit fit(const Profile &base, std::span<const MeasuredCase> cases);

// Each chip's rows estimated with a fit to the rows of all others: how far the profile carries to a chip not measured.
// Empty with one chip. These fits start from what leaves times as they are, where that lies within a number's bounds,
// else in their middle, and hold there what they do not determine: the base's values may know the chip.
std::optional<Validation> leave_one_chip_out(const Profile &base, std::span<const MeasuredCase> cases);

} // namespace epscope
