// SPDX-License-Identifier: GPL-3.0-or-later
// The axes of the search: what a configuration is chosen over besides its chip and NIC. A new axis is a member of
// SearchSpace and Point, its parameter in core/spec/parameters, and a row here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/study.h"

namespace epscope {

// In the order of enumeration, the one that varies fastest first.
enum class AxisId : std::uint8_t { batch, ep, mode, tp, policy, precision, mtp_len };
inline constexpr std::size_t axis_count = 7;

// A number that a configuration has of an axis.
struct AxisNumber {
    std::string_view key; // by which it is set in a study
    std::string_view label;
    double (*value)(const Point &); // SI
    // Of a number that the values of its axis hold next to another: which it is, and what an option for it says.
    Quantity Precision::*in_pair = nullptr;
    std::string_view help = {};
};

// A column that tables of configurations have of an axis.
struct AxisColumn {
    std::string_view key; // in CSV and JSON
    std::string_view header; // short, with its unit
    std::string_view help; // one sentence
    std::string_view explained; // the name of the explanation in which the choice is seen
    double (*value)(const Point &); // SI; null for a choice by name
    Dimension dimension = Dimension::count;
    std::string (*text)(const Point &) = nullptr; // of a choice by name
    std::string_view word = {}; // before its value where a configuration is told in words; none of a choice by name
    // Of what the cards of a group have together: what one of them has. Else null.
    double (*on_card)(const Point &) = nullptr;

    bool is_shared(const Point &point) const { return on_card && on_card(point) != value(point); }
    std::string text_on_card(const Point &point) const; // "12", "33.33"
};

struct SearchAxis {
    AxisId id{};
    std::string_view key; // of its parameter
    std::size_t (*count)(const SearchSpace &); // of its values
    void (*take)(const SearchSpace &, std::size_t index, Point &); // puts one of its values into a point
    // Leaves one value, which is the point's; as the space writes it, where the space has it.
    void (*fix)(SearchSpace &, const Point &);
    // As set_parameter() takes them: its first value, all of them, and those that it is searched over by default.
    std::string (*first)(const SearchSpace &);
    std::string (*list)(const SearchSpace &);
    std::string (*usual)();
    std::span<const AxisNumber> numbers; // none of a choice by name
    std::span<const AxisColumn> columns;
    // Of one of whole numbers; else null.
    std::vector<std::int64_t> SearchSpace::*integers = nullptr;
    // Where a slider for one of its numbers stops; without any at the powers of two and half-way between.
    std::span<const double> stops = {};
    bool only_stops = false; // takes such a slider nothing between them?
    // Must an estimate be told which of several values it is of? Else it is of the first.
    bool is_asked = false;
    bool of_published = true; // do the published equations know more than its first value?
};

// By AxisId.
std::span<const SearchAxis> search_axes();
const SearchAxis &axis_of(AxisId id);
// Null if the key is not an axis's.
const SearchAxis *find_axis(std::string_view key);
// Those of which a precision consists.
std::span<const AxisNumber> precision_numbers();
// Of all axes; null if none has that key.
const AxisNumber *find_axis_number(std::string_view key);

// Does a text have to say what a point has of an axis? Not where the published equations know one value alone, the
// point has it and the space that it is of, if any, has no other.
bool is_told(const SearchAxis &axis, const Point &point, const SearchSpace *space = nullptr);
// Does a table of what the space has?
bool is_told(const SearchAxis &axis, const SearchSpace &space);
// What a point has of some axes, of those that have to be told, in the order asked for: "dual-mbatch, TP 8, EP 72,
// batch 96 (12 per card), KV 1 B, parameters 1 B".
std::string axes_text(const Point &point, std::initializer_list<AxisId> axes, const SearchSpace *space = nullptr);

} // namespace epscope
