// SPDX-License-Identifier: GPL-3.0-or-later
// What a slider covers and where it stops, by the rows of the parameter table.
#pragma once

#include <vector>

#include <QString>

#include "app/words/parameters.h"

namespace epscope {

// A value that the arrow keys stop at; drags snap to it if it has a label.
struct Stop {
    double si = 0;
    QString label; // below the track
};

struct SliderSpec {
    enum class Scale { linear, logarithmic, stops }; // stops: equal distances from one to the next

    Parameter parameter;
    QString label;
    Scale scale = Scale::logarithmic;
    std::vector<Stop> stops; // ascending
    double step = 0; // SI, of the arrow keys on a linear scale
    double snap = 0; // SI, multiples that Ctrl snaps to; 0: stops
    double round_to = 0; // SI, what drags round to; 0: three digits
    bool whole = false;
    bool only_stops = false; // drags and keys never leave the stops
    bool relative = false; // soft range 0.5 to 2 times the mark; the factor is shown
    bool optional = false; // an empty text unsets it
};

// Scale and stops of a row of the parameter table.
SliderSpec slider_spec(const Parameter &parameter);

} // namespace epscope
