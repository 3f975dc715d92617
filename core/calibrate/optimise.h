// SPDX-License-Identifier: GPL-3.0-or-later
// The optimiser behind the fit; nothing else sees its library.
#pragma once

#include <functional>
#include <vector>

namespace epscope {

struct Minimum {
    std::vector<double> at;
    double value = 0;
    int evaluations = 0;
};

// A local minimum of a function over the unit cube, from a start in it. Needs no derivatives; the same for every run.
Minimum minimise(const std::function<double(const std::vector<double> &)> &function, const std::vector<double> &start,
    int most_evaluations);

} // namespace epscope
