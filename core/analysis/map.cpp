// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/map.h"

#include <algorithm>
#include <cmath>

namespace epscope {

MapAxis map_axis(const Variable &variable, double from, double to, std::size_t count)
{
    MapAxis axis{variable, {}};
    const bool log = variable.info->axis == Axis::log && from > 0;
    const double last = std::max<double>(1, static_cast<double>(count) - 1);
    for (std::size_t i = 0; i < count; ++i) {
        const double part = static_cast<double>(i) / last;
        const double value = i + 1 == count && count > 1 ? to
            : log                                        ? from * std::pow(to / from, part)
                                                         : from + (to - from) * part;
        axis.values.push_back(variable.allowed(value));
    }
    axis.values.erase(std::unique(axis.values.begin(), axis.values.end()), axis.values.end());
    return axis;
}

std::pair<double, double> map_range(const Variable &variable)
{
    const Parameter &info = *variable.info;
    if ((info.scope == Scope::chip || info.scope == Scope::nic || info.scope == Scope::model)
        && variable.stated.value_or(0) > 0)
        return {variable.allowed(*variable.stated / 2), variable.allowed(*variable.stated * 2)};
    return {variable.allowed(info.soft_min), variable.allowed(info.soft_max)};
}

std::size_t Map::known() const
{
    return static_cast<std::size_t>(
        std::count_if(cells.begin(), cells.end(), [](const MapCell &cell) { return cell.known; }));
}

Map unknown_map(const MapAxis &x, const MapAxis &y)
{
    Map map{x, y, {}, 0};
    map.cells.resize(x.values.size() * y.values.size());
    return map;
}

bool refine(Map &map, const Study &study, const Running &running)
{
    const std::size_t columns = map.x.values.size(), rows = map.y.values.size();
    std::size_t stride = map.stride / 2;
    if (map.stride == 0) {
        for (stride = 1; std::max(columns, rows) / (2 * stride) >= coarse_nodes;)
            stride *= 2;
    }
    if (stride == 0)
        return true; // all is known
    std::vector<std::size_t> nodes;
    for (std::size_t row = 0; row < rows; row += stride) {
        for (std::size_t column = 0; column < columns; column += stride) {
            if (!map.at(column, row).known)
                nodes.push_back(row * columns + column);
        }
    }
    Running pass = running;
    if (running.progress) {
        pass.progress = [&running, done = map.known(), all = map.cells.size()](
                            std::size_t part, std::size_t) { running.progress(done + part, all); };
    }
    const bool complete = run_parallel(nodes.size(), pass, [&](std::size_t i) {
        MapCell &cell = map.cells[nodes[i]];
        Study changed = study;
        if (!set_variable(changed, map.x.variable, map.x.values[nodes[i] % columns])
            && !set_variable(changed, map.y.variable, map.y.values[nodes[i] / columns]))
            cell.outcome = outcome_of(changed, running.stop);
        cell.known = !running.stop.stop_requested();
    });
    if (complete)
        map.stride = stride;
    return complete;
}

Map map_of(const Study &study, const MapAxis &x, const MapAxis &y, const Running &running,
    const std::function<void(const Map &)> &on_pass)
{
    Map map = unknown_map(x, y);
    while (map.stride != 1 && refine(map, study, running)) {
        if (map.stride > 1 && on_pass)
            on_pass(map);
    }
    return map;
}

} // namespace epscope
