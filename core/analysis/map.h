// SPDX-License-Identifier: GPL-3.0-or-later
// A map over two numbers: the best configuration at every node of a grid, coarse first and then refined in place.
// docs/analysis.md
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/analysis/outcome.h"
#include "core/analysis/parallel.h"
#include "core/analysis/variable.h"

namespace epscope {

struct MapAxis {
    Variable variable;
    std::vector<double> values; // SI, ascending
};
// `count` values from one to the other, evenly on the variable's axis, whole and so perhaps fewer where they must be.
MapAxis map_axis(const Variable &variable, double from, double to, std::size_t count);
// The range that a map covers when none is asked for: half to twice a chip's or NIC's value, else what a slider covers.
std::pair<double, double> map_range(const Variable &variable);

struct MapCell {
    bool known = false;
    Outcome outcome; // any output can be read from it
};

struct Map {
    MapAxis x, y;
    std::vector<MapCell> cells; // row by row, y ascending
    std::size_t stride = 0; // of the nodes that are known: every stride-th of each axis; 1: all; 0: none yet

    std::size_t known() const; // nodes
    const MapCell &at(std::size_t column, std::size_t row) const { return cells[row * x.values.size() + column]; }
    // The known node that stands for a node: itself, or the coarse one at or below it.
    const MapCell &shown(std::size_t column, std::size_t row) const
    {
        return stride == 0 ? at(column, row) : at(column - column % stride, row - row % stride);
    }
};

inline constexpr std::size_t coarse_nodes = 32; // per axis, of the first pass

// Nothing of it is known yet.
Map unknown_map(const MapAxis &x, const MapAxis &y);
// One pass: the coarse nodes first, then half the stride. `study` has one chip. False if stopped, with what was done
// until then and the stride of the last whole pass.
bool refine(Map &map, const Study &study, const Running &running = {});

// All passes. `on_pass` sees the map after each but the last, from the calling thread.
Map map_of(const Study &study, const MapAxis &x, const MapAxis &y, const Running &running = {},
    const std::function<void(const Map &)> &on_pass = {});

} // namespace epscope
