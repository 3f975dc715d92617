// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of a configuration goes: one bar of operators per chip.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/charts/scene.h"

namespace epscope {

// Of one layer, all micro-batches; of the whole step; of the step as a part of the sum of its operators.
enum class BreakdownUnit : std::uint8_t { us_per_layer, ms_per_step, share }; // "unit" has their numbers

// One operator of one configuration, all its runs in the layer or step together.
struct BreakdownSegment {
    OpId id{};
    Bound bound{}; // in most of its time
    double time_s = 0;
    double from = 0; // on the axis, in its unit
    double to = 0;
    double share = 0; // of the sum of the operators

    bool operator==(const BreakdownSegment &) const = default;
};

struct BreakdownBar {
    std::size_t view = 0; // index into Explored::chips
    std::vector<BreakdownSegment> segments; // in execution order
    double sum_s = 0; // of the operators
    double span_s = 0; // that the layer or step takes: less than the sum where windows overlap
    double end = 0; // on the axis, in its unit
    double mark = 0; // likewise, of span_s

    double hidden_s() const { return sum_s > span_s ? sum_s - span_s : 0; }
    bool operator==(const BreakdownBar &) const = default;
};

struct BreakdownSeries {
    BreakdownUnit unit{};
    std::vector<BreakdownBar> bars; // in the order of the chips
    double longest = 0; // end of the longest bar

    bool operator==(const BreakdownSeries &) const = default;
};

// `layer`: of a unit per layer, its place among the kinds of layers.
BreakdownSeries breakdown_series(const Explored &explored, BreakdownUnit unit, std::size_t layer = 0);

// The bar that a chip has in a baseline, and what its time has become.
struct BreakdownGhost {
    BreakdownBar bar;
    ValueChange span; // seconds of the layer or step
};
// One for each of the bars; none where the primary baseline has no such chip.
std::vector<std::optional<BreakdownGhost>> breakdown_ghosts(
    const Explored &explored, const PinnedBaselines &baselines, BreakdownUnit unit, std::size_t layer = 0);

Scene breakdown_scene(const SceneInput &input);
std::vector<ChartOption> breakdown_options();

} // namespace epscope
