// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/contour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace epscope {
namespace {

// An edge between two neighbouring nodes: twice its first node, plus one if it leads to the next row.
using Edge = std::size_t;

struct Segment {
    Edge from, to;
    bool used = false;
};

} // namespace

std::vector<ContourLine> contour_lines(std::span<const double> values, std::size_t columns, double level)
{
    const std::size_t rows = columns > 0 ? values.size() / columns : 0;
    std::vector<Segment> segments;
    for (std::size_t row = 0; row + 1 < rows; ++row) {
        for (std::size_t column = 0; column + 1 < columns; ++column) {
            const std::size_t node = row * columns + column;
            // Around the square: lower left, lower right, upper right, upper left; edge i joins corner i and the next.
            const std::array corners{
                values[node], values[node + 1], values[node + columns + 1], values[node + columns]};
            const std::array<Edge, 4> edges{2 * node, 2 * (node + 1) + 1, 2 * (node + columns), 2 * node + 1};
            if (std::any_of(corners.begin(), corners.end(), [](double value) { return std::isnan(value); }))
                continue;
            std::array<bool, 4> above{};
            std::vector<std::size_t> crossed;
            for (std::size_t i = 0; i < 4; ++i)
                above[i] = corners[i] >= level;
            for (std::size_t i = 0; i < 4; ++i) {
                if (above[i] != above[(i + 1) % 4])
                    crossed.push_back(i);
            }
            if (crossed.size() == 2)
                segments.push_back({edges[crossed[0]], edges[crossed[1]]});
            if (crossed.size() == 4) { // a saddle: its middle says which corners belong together
                const bool middle = corners[0] + corners[1] + corners[2] + corners[3] >= 4 * level;
                const std::size_t first = middle == above[0] ? 0 : 3; // cuts off corner 1, else corner 0
                segments.push_back({edges[first], edges[(first + 1) % 4]});
                segments.push_back({edges[(first + 2) % 4], edges[(first + 3) % 4]});
            }
        }
    }

    std::multimap<Edge, std::size_t> meeting;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        meeting.emplace(segments[i].from, i);
        meeting.emplace(segments[i].to, i);
    }
    const auto point_on = [&](Edge edge) {
        const std::size_t node = edge / 2, other = edge % 2 == 0 ? node + 1 : node + columns;
        const double part = (level - values[node]) / (values[other] - values[node]);
        const auto column = static_cast<double>(node % columns), row = static_cast<double>(node / columns);
        return edge % 2 == 0 ? GridPoint{column + part, row} : GridPoint{column, row + part};
    };
    // From an edge on, through segments not used yet.
    const auto follow = [&](Edge edge, std::vector<Edge> &path) {
        for (bool further = true; further;) {
            further = false;
            const auto [begin, end] = meeting.equal_range(edge);
            for (auto at = begin; at != end && !further; ++at) {
                Segment &segment = segments[at->second];
                if (segment.used)
                    continue;
                segment.used = further = true;
                edge = segment.from == edge ? segment.to : segment.from;
                path.push_back(edge);
            }
        }
    };
    std::vector<ContourLine> lines;
    for (Segment &segment : segments) {
        if (segment.used)
            continue;
        segment.used = true;
        std::vector<Edge> back{segment.from}, path;
        follow(segment.from, back);
        path.assign(back.rbegin(), back.rend());
        path.push_back(segment.to);
        follow(segment.to, path);
        ContourLine line;
        line.closed = path.size() > 2 && path.front() == path.back();
        if (line.closed)
            path.pop_back();
        for (const Edge edge : path)
            line.points.push_back(point_on(edge));
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<double> round_levels(double least, double most, std::size_t about)
{
    std::vector<double> levels;
    if (!(most > least) || about == 0)
        return levels;
    const double rough = (most - least) / static_cast<double>(about);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double times = rough / power;
    const double step = (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10) * power;
    for (double i = std::floor(least / step) + 1; i * step < most; ++i)
        levels.push_back(i * step);
    return levels;
}

} // namespace epscope
