// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace epscope {

// How a node's value follows from its children's, in their order. From share_by_span on they are the functions of
// core/model/number.h. none: children stand next to it and do not make it.
enum class Combine : std::uint8_t {
    none,
    sum,
    difference,
    product,
    quotient,
    quotient_up,
    quotient_down,
    largest,
    smallest,
    power,
    share_by_span,
    variance_of_span,
    largest_deviation
};
std::string_view name_of(Combine combine);

// A number and where it comes from: a tree down to the inputs.
struct Explanation {
    std::string title;
    double value = 0; // SI
    std::string unit; // "s", "B", "FLOP/s", "tok/s" ... or empty
    Combine combine = Combine::none;
    std::vector<Explanation> children;
    std::string name; // by which find_explanation() knows it, mostly empty; of a leaf: which takes it apart elsewhere
    std::string key; // of an input, as set_parameter() takes it
    std::string note; // where an efficiency comes from, what a quirk does

    bool operator==(const Explanation &) const = default;
};

// What the children make. The operations and their order are those of the equations, so it is the node's value to the
// last bit.
double combined(const Explanation &node);

} // namespace epscope
