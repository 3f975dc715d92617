// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calibrate/optimise.h"

#include <nlopt.hpp>

namespace epscope {
namespace {

struct Counted {
    const std::function<double(const std::vector<double> &)> &function;
    int evaluations = 0;
};

double call(const std::vector<double> &at, std::vector<double> &, void *data)
{
    auto &counted = *static_cast<Counted *>(data);
    ++counted.evaluations;
    return counted.function(at);
}

} // namespace

Minimum minimise(const std::function<double(const std::vector<double> &)> &function, const std::vector<double> &start,
    int most_evaluations)
{
    constexpr double first_step = 0.1, precision = 1e-5;
    Counted counted{function};
    // Subspace-searching simplex: a roofline has kinks, which models of the curvature do not like.
    nlopt::opt optimiser(nlopt::LN_SBPLX, static_cast<unsigned>(start.size()));
    optimiser.set_min_objective(call, &counted);
    optimiser.set_lower_bounds(0);
    optimiser.set_upper_bounds(1);
    optimiser.set_initial_step(first_step);
    optimiser.set_xtol_abs(precision);
    optimiser.set_ftol_rel(1e-9);
    optimiser.set_maxeval(most_evaluations);
    Minimum result;
    result.at = start;
    try {
        optimiser.optimize(result.at, result.value);
    } catch (const nlopt::roundoff_limited &) { // as far as doubles go
        result.value = function(result.at);
    }
    result.evaluations = counted.evaluations;
    return result;
}

} // namespace epscope
