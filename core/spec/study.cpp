// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/study.h"

namespace epscope {

SearchSpace space_of(const Point &point)
{
    const auto bytes = [](double size) { return Quantity{size, &base_unit(Dimension::bytes)}; };
    return {{point.mtp_len}, {{bytes(point.kv_elem_size), bytes(point.param_elem_size)}}, {point.policy}, {point.ep},
        {point.batch}};
}

std::optional<Point> only_point(const SearchSpace &space)
{
    const auto one = [](const auto &values) { return values.size() == 1; };
    if (!one(space.mtp_len) || !one(space.precision) || !one(space.policy) || !one(space.ep) || !one(space.batch))
        return std::nullopt;
    const Precision &sizes = space.precision.front();
    return Point{space.policy.front(), space.ep.front(), sizes.kv_elem_size.si(), sizes.param_elem_size.si(),
        space.mtp_len.front(), space.batch.front()};
}

} // namespace epscope
