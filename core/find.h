// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>

namespace epscope {

// The first in a range that equals the value, or of which what is projected does; null if there is none.
template <class Range, class Value, class Projection = std::identity>
auto *find_in(Range &range, const Value &value, Projection projection = {})
{
    const auto found = std::ranges::find(range, value, projection);
    return found == std::ranges::end(range) ? nullptr : &*found;
}

} // namespace epscope
