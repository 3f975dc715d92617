// SPDX-License-Identifier: GPL-3.0-or-later
// An output over two numbers, the best configuration searched at every node of a grid: colours, lines of equal value,
// regions by what binds.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "app/charts/scene.h"

namespace epscope {

struct MapLine {
    double level = 0;
    bool target = false; // else a round value
    QString text;
    std::vector<QPointF> points; // on the axes
    bool closed = false;
};

struct MapRegion {
    Bound bound{};
    std::size_t nodes = 0;
    QPointF middle; // a node of it, on the axes
};

// One output of a map, on axes in the units in which the study states the two numbers.
struct MapData {
    QString output, x_label, y_label;
    QString problem; // what is said where no node has a value
    std::vector<double> x, y; // of the nodes
    std::vector<std::optional<double>> values; // SI, row by row; none: nothing is feasible
    std::vector<std::optional<Bound>> bounds;
    std::optional<double> least, most;
    std::vector<MapLine> lines;
    std::vector<MapRegion> regions;
    std::optional<double> now_x, now_y; // where the study stands
    std::optional<double> then_x, then_y; // where the primary baseline stood
    bool difference = false; // values are parts of the baseline's: 0.1 is 10 % more

    // The farthest from no difference.
    double farthest() const { return std::max(std::abs(least.value_or(0)), std::abs(most.value_or(0))); }
};
MapData map_data(const Answer &answer, const Metric &metric);

Scene map_scene(const SceneInput &input);
// "map.output", "map.axes" ("chip.memory|context": across and upwards) and "map.difference" to the primary baseline.
std::vector<ChartOption> map_options();
std::optional<Question> map_question(const SceneInput &input);
OptionValues map_prepare(const SceneInput &input);
std::vector<std::string> map_axes_of(const Question &question);

} // namespace epscope
