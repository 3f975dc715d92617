// SPDX-License-Identifier: GPL-3.0-or-later
// How the values of a struct stand in files: each is described once, reading and writing go by the description.
#pragma once

#include <string_view>
#include <tuple>

#include "core/quantity.h"

namespace epscope {

// A value of T as files state it.
template <class T, class Value>
struct StatedValue {
    std::string_view key;
    Value T::*member;
    double min = 0, max = 0; // of a number: hard range in SI units
    Dimension dimension = Dimension::count;
    bool required = true; // else it is that of T{} where a file does not state it
};

namespace stated {

inline constexpr double largest_size = 1e9, smallest_mfu = 1e-6;

// A text, a name of an enumeration, a switch or a list.
template <class T, class Value>
constexpr StatedValue<T, Value> value(std::string_view key, Value T::*member)
{
    return {key, member};
}
template <class T, class Number>
constexpr StatedValue<T, Number> size(std::string_view key, Number T::*member, double min)
{
    return {key, member, min, largest_size};
}
template <class T>
constexpr StatedValue<T, double> part(
    std::string_view key, double T::*member, double min, double max, bool required = true)
{
    return {key, member, min, max, Dimension::fraction, required};
}
template <class T>
constexpr StatedValue<T, double> mfu(double T::*member)
{
    return part("mfu", member, smallest_mfu, 1);
}

} // namespace stated

// The values of T, a tuple in the order in which files hold them. Lists of entries ascend in the entry's first value.
template <class T>
inline constexpr int stated_values = 0;

template <class T, class Visit>
void for_each_value(const Visit &visit)
{
    std::apply([&](const auto &...value) { (visit(value), ...); }, stated_values<T>);
}

} // namespace epscope
