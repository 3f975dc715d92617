// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/slider_spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "app/words/text.h"
#include "core/spec/axes.h"

namespace epscope {
namespace {

using Scale = SliderSpec::Scale;

std::vector<Stop> labelled(std::span<const double> values)
{
    std::vector<Stop> stops;
    for (const double value : values)
        stops.push_back({value, to_text(exact_text(value))});
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

// The target's, of which some have no room for a label.
std::vector<Stop> target_stops()
{
    constexpr std::array<double, 14> all{5, 10, 15, 20, 25, 30, 33, 40, 50, 60, 80, 100, 150, 200};
    constexpr std::array<double, 7> shown{5, 10, 20, 33, 50, 100, 200};
    std::vector<Stop> stops = labelled(all);
    for (Stop &stop : stops) {
        if (std::find(shown.begin(), shown.end(), stop.si) == shown.end())
            stop.label.clear();
    }
    return stops;
}

void stop_at(SliderSpec &spec, std::vector<Stop> stops)
{
    spec.scale = Scale::stops;
    spec.stops = std::move(stops);
}

void stop_at_octaves(SliderSpec &spec)
{
    stop_at(spec, octave_stops(spec.parameter.soft_min, spec.parameter.soft_max));
}

void stop_as(SliderSpec &spec, const SearchAxis &axis)
{
    if (axis.stops.empty()) {
        stop_at_octaves(spec);
        return;
    }
    stop_at(spec, labelled(axis.stops));
    spec.only_stops = axis.only_stops;
    if (axis.integers && axis.only_stops) { // one after the other
        spec.scale = Scale::linear;
        spec.step = 1;
    }
}

void stop_at_element_sizes(SliderSpec &spec)
{
    stop_as(spec, axis_of(AxisId::precision));
}

void stop_at_parts(SliderSpec &spec)
{
    constexpr std::array<double, 7> from_none{0, 0.25, 0.5, 0.7, 0.8, 0.9, 1};
    constexpr std::array<double, 6> from_half{0.5, 0.6, 0.7, 0.8, 0.9, 1};
    stop_at(spec, spec.parameter.soft_min > 0 ? labelled(from_half) : labelled(from_none));
    spec.scale = Scale::linear;
    spec.step = spec.round_to = 0.01;
}

// Numbers whose slider is another than that of their like.
struct OwnSlider {
    Scope scope;
    std::string_view key;
    void (*shape)(SliderSpec &);
};
constexpr std::array own_sliders{
    OwnSlider{Scope::workload, "context",
        [](SliderSpec &spec) {
            stop_at(spec, context_stops(spec.parameter.soft_min, spec.parameter.soft_max));
            spec.round_to = 64;
        }},
    OwnSlider{Scope::workload, "cards", stop_at_octaves},
    OwnSlider{Scope::workload, "redundant_experts",
        [](SliderSpec &spec) {
            constexpr std::array<double, 8> stops{0, 16, 32, 64, 96, 128, 192, 256};
            stop_at(spec, labelled(stops));
            spec.scale = Scale::linear;
            spec.step = 1;
        }},
    OwnSlider{Scope::workload, "expert_elem_size", stop_at_element_sizes},
    OwnSlider{Scope::workload, "dispatch_elem_size", stop_at_element_sizes},
    OwnSlider{Scope::target, "target_tps", [](SliderSpec &spec) { stop_at(spec, target_stops()); }},
    OwnSlider{Scope::chip, "scale_up_domain", stop_at_octaves},
    OwnSlider{Scope::chip, "memory",
        [](SliderSpec &spec) {
            spec.relative = true;
            spec.snap = 8e9;
        }},
    OwnSlider{Scope::chip, "softmax_ops_per_sm_clock",
        [](SliderSpec &spec) {
            spec.relative = true;
            spec.whole = false;
        }},
};

} // namespace

SliderSpec slider_spec(const Parameter &parameter)
{
    SliderSpec spec;
    spec.parameter = parameter;
    spec.label = label_of(parameter);
    spec.optional = !parameter.required && parameter.scope == Scope::chip && parameter.dimension != Dimension::count;
    spec.whole = parameter.dimension == Dimension::count;
    const auto own = std::find_if(own_sliders.begin(), own_sliders.end(),
        [&](const OwnSlider &one) { return one.scope == parameter.scope && one.key == parameter.key; });
    if (parameter.scope == Scope::search)
        stop_as(spec, *find_axis(parameter.key));
    else if (own != own_sliders.end())
        own->shape(spec);
    else if (parameter.dimension == Dimension::fraction)
        stop_at_parts(spec);
    else
        spec.relative = parameter.scope == Scope::chip || parameter.scope == Scope::nic;
    return spec;
}

} // namespace epscope
