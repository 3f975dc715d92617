// SPDX-License-Identifier: GPL-3.0-or-later
// What is left out where there is too much of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace epscope {

// At most `most` of `count` entries in the order of enumeration: every n-th, from the first on. Of all n that do, the
// smallest without a common divisor with the count, so that those kept go through the values of every axis.
inline std::uint64_t thinning_stride(std::uint64_t count, std::uint64_t most)
{
    if (count <= most)
        return 1;
    std::uint64_t stride = (count + most - 1) / most;
    while (std::gcd(stride, count) != 1)
        ++stride;
    return stride;
}

// Evenly spaced ones of the values, the first and the last always; `most`: at least 2.
template <class T>
void thin_values(std::vector<T> &values, std::size_t most)
{
    if (values.size() <= most)
        return;
    std::vector<T> kept;
    kept.reserve(most);
    for (std::size_t i = 0; i < most; ++i)
        kept.push_back(values[i * (values.size() - 1) / (most - 1)]);
    values = std::move(kept);
}

} // namespace epscope
