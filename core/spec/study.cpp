// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/study.h"

#include "core/spec/axes.h"

namespace epscope {

SearchSpace space_of(const Point &point)
{
    SearchSpace space;
    for (const SearchAxis &axis : search_axes())
        axis.fix(space, point);
    return space;
}

std::optional<Point> only_point(const SearchSpace &space)
{
    Point point;
    for (const SearchAxis &axis : search_axes()) {
        if (axis.count(space) != 1)
            return std::nullopt;
        axis.take(space, 0, point);
    }
    return point;
}

} // namespace epscope
