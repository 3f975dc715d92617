// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/slider_spec.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace epscope {
namespace {

std::vector<Stop> labelled(std::initializer_list<double> values)
{
    std::vector<Stop> stops;
    for (const double value : values)
        stops.push_back({value, QString::fromStdString(exact_text(value))});
    return stops;
}

// 1K, 2K, 4K ... with seven unlabelled stops to the octave.
std::vector<Stop> context_stops(double first, double last)
{
    constexpr int per_octave = 8;
    constexpr double round_to = 64, kilo = 1024;
    std::vector<Stop> stops;
    for (int i = 0; first * std::exp2(static_cast<double>(i) / per_octave) <= last; ++i) {
        const double value = first * std::exp2(static_cast<double>(i) / per_octave);
        stops.push_back({std::round(value / round_to) * round_to,
            i % per_octave == 0 ? QString::number(value / kilo) + u'K' : QString()});
    }
    return stops;
}

// 1, 2, 3, 4, 6, 8, 12 ...: powers of two, labelled, and the values half-way between.
std::vector<Stop> octave_stops(double first, double last)
{
    std::vector<Stop> stops;
    for (double value = first; value <= last; value *= 2) {
        stops.push_back({value, QString::number(value)});
        if (1.5 * value < last && value >= 2)
            stops.push_back({1.5 * value, {}});
    }
    return stops;
}

std::vector<Stop> target_stops()
{
    std::vector<Stop> stops = labelled({5, 10, 15, 20, 25, 30, 33, 40, 50, 60, 80, 100, 150, 200});
    constexpr std::array<double, 7> shown{5, 10, 20, 33, 50, 100, 200};
    for (Stop &stop : stops) {
        if (std::find(shown.begin(), shown.end(), stop.si) == shown.end())
            stop.label.clear();
    }
    return stops;
}

} // namespace

SliderSpec slider_spec(const Parameter &parameter)
{
    using Scale = SliderSpec::Scale;
    SliderSpec spec;
    spec.parameter = parameter;
    spec.label = label_of(parameter);
    spec.optional = !parameter.required && parameter.scope == Scope::chip && parameter.dimension != Dimension::count;
    const std::string_view key = parameter.key;
    if (parameter.dimension == Dimension::count)
        spec.whole = key != "softmax_ops_per_sm_clock";
    if (key == "context") {
        spec.scale = Scale::stops;
        spec.stops = context_stops(parameter.soft_min, parameter.soft_max);
        spec.round_to = 64;
    } else if (key == "ep") {
        spec.scale = Scale::stops;
        spec.stops = labelled({8, 16, 32, 64, 72, 96, 128, 144, 160, 256, 288, 320});
    } else if (key == "batch" || key == "cards" || key == "scale_up_domain") {
        spec.scale = Scale::stops;
        spec.stops = octave_stops(parameter.soft_min, parameter.soft_max);
    } else if (key == "mtp_len") {
        spec.scale = Scale::linear;
        spec.stops = labelled({0, 1, 2, 3, 4, 5, 6, 7, 8});
        spec.step = 1;
        spec.only_stops = true;
    } else if (key == "precision" || key == "expert_elem_size" || key == "dispatch_elem_size") {
        spec.scale = Scale::stops;
        spec.stops = labelled({0.5, 0.5625, 0.75, 1, 2});
        spec.only_stops = true;
    } else if (key == "target_tps") {
        spec.scale = Scale::stops;
        spec.stops = target_stops();
    } else if (parameter.dimension == Dimension::fraction) {
        spec.scale = Scale::linear;
        spec.stops = parameter.soft_min > 0 ? labelled({0.5, 0.6, 0.7, 0.8, 0.9, 1})
                                            : labelled({0, 0.25, 0.5, 0.7, 0.8, 0.9, 1});
        spec.step = spec.round_to = 0.01;
    } else if (parameter.scope == Scope::chip || parameter.scope == Scope::nic) {
        spec.relative = true;
        if (key == "memory")
            spec.snap = 8e9;
    }
    return spec;
}

} // namespace epscope
