// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/curve.h"

#include <algorithm>

namespace epscope {

Curve curve_of(const Study &study, const Variable &variable, std::vector<double> values, const Running &running)
{
    for (double &value : values)
        value = variable.allowed(value);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    Curve curve{variable, {}, false};
    for (const double value : values)
        curve.points.push_back({value, {}});
    curve.complete = run_parallel(values.size(), running, [&](std::size_t i) {
        Study changed = study;
        if (!set_variable(changed, variable, values[i]))
            curve.points[i].outcome = outcome_of(changed, running.stop);
    }) && !running.stop.stop_requested();
    return curve;
}

bool same_but_for(const Variable &variable, Study a, Study b)
{
    const double value = variable.allowed(variable.stated.value_or(variable.info->soft_min));
    return !set_variable(a, variable, value) && !set_variable(b, variable, value) && a == b;
}

} // namespace epscope
