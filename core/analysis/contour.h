// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of equal value over a grid, by marching squares.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace epscope {

struct GridPoint {
    double column = 0, row = 0;

    bool operator==(const GridPoint &) const = default;
};

struct ContourLine {
    std::vector<GridPoint> points; // linear between the grid's nodes
    bool closed = false; // the last joins the first
};

// `values`: row by row, NaN where there is none; no line runs through a square that lacks a corner. A node of the level
// itself counts as above it.
std::vector<ContourLine> contour_lines(std::span<const double> values, std::size_t columns, double level);

// Round numbers, 1, 2 or 5 times a power of ten apart, strictly between the two; as many as come close to `about`.
std::vector<double> round_levels(double least, double most, std::size_t about);

} // namespace epscope
