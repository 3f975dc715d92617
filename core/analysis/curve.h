// SPDX-License-Identifier: GPL-3.0-or-later
// How the best configuration changes over one number: a search for each of some values.
#pragma once

#include <vector>

#include "core/analysis/outcome.h"
#include "core/analysis/parallel.h"
#include "core/analysis/variable.h"

namespace epscope {

struct CurvePoint {
    double value = 0; // SI
    Outcome outcome; // empty where the value contradicts others

    bool operator==(const CurvePoint &) const = default;
};

struct Curve {
    Variable variable;
    std::vector<CurvePoint> points; // ascending, each value once
    bool complete = false; // false: stopped
};

// `study` has one chip. Values become the nearest that may be set.
Curve curve_of(const Study &study, const Variable &variable, std::vector<double> values, const Running &running = {});

// Do two studies have the same curve over this number: are they equal but for its value?
bool same_but_for(const Variable &variable, Study a, Study b);

} // namespace epscope
