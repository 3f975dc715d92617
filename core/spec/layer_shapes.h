// SPDX-License-Identifier: GPL-3.0-or-later
// The values of each kind of attention as files state them. A new kind is its struct in core/spec/layers, its values
// and name here, and its file in core/model/attention.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/spec/layers.h"
#include "core/spec/stated_value.h"

namespace epscope {

namespace stated {

inline constexpr double largest_width = 1 << 20; // as shapes of models

template <class T>
constexpr StatedValue<T, std::int64_t> width(std::string_view key, std::int64_t T::*member)
{
    return {key, member, 1, largest_width};
}
// What few layers have.
template <class T>
constexpr StatedValue<T, std::int64_t> width_if_any(
    std::string_view key, std::int64_t T::*member, double max = largest_width)
{
    return {key, member, 0, max, Dimension::count, false};
}
template <class T>
constexpr StatedValue<T, double> bytes_if_any(std::string_view key, double T::*member)
{
    return {key, member, 0, largest_size, Dimension::bytes, false};
}

} // namespace stated

template <>
inline constexpr auto stated_values<MlaShape> = std::tuple(stated::width("heads", &MlaShape::heads),
    stated::width("q_rank", &MlaShape::q_rank), stated::width("kv_rank", &MlaShape::kv_rank),
    stated::width("nope", &MlaShape::nope), stated::width_if_any("rope", &MlaShape::rope),
    stated::width("v", &MlaShape::v), stated::width_if_any("gate", &MlaShape::gate, 1e12),
    stated::width_if_any("top", &MlaShape::top), stated::width_if_any("index_heads", &MlaShape::index_heads),
    stated::width_if_any("index_dim", &MlaShape::index_dim), stated::bytes_if_any("entry", &MlaShape::entry),
    stated::bytes_if_any("index_entry", &MlaShape::index_entry),
    StatedValue<MlaShape, double>{"own", &MlaShape::own, 0, 1, Dimension::fraction, false});
template <>
inline constexpr auto stated_values<GqaShape> = std::tuple(stated::width("heads", &GqaShape::heads),
    stated::width("kv_heads", &GqaShape::kv_heads), stated::width("qk", &GqaShape::qk),
    stated::width("v", &GqaShape::v), stated::width_if_any("window", &GqaShape::window),
    StatedValue<GqaShape, bool>{"gate", &GqaShape::gate, 0, 1, Dimension::count, false});
template <>
inline constexpr auto stated_values<V4Shape> = std::tuple(stated::width("heads", &V4Shape::heads),
    stated::width("dim", &V4Shape::dim), stated::width("q_rank", &V4Shape::q_rank),
    stated::width("o_groups", &V4Shape::o_groups), stated::width("o_rank", &V4Shape::o_rank),
    stated::width("window", &V4Shape::window), stated::width_if_any("ratio", &V4Shape::ratio),
    stated::width_if_any("top", &V4Shape::top), stated::width_if_any("index_heads", &V4Shape::index_heads),
    stated::width_if_any("index_dim", &V4Shape::index_dim), stated::bytes_if_any("entry", &V4Shape::entry),
    stated::bytes_if_any("index_entry", &V4Shape::index_entry), stated::width_if_any("streams", &V4Shape::streams));
template <>
inline constexpr auto stated_values<LinearShape> = std::tuple(stated::value("form", &LinearShape::form),
    stated::width("key_heads", &LinearShape::key_heads), stated::width("value_heads", &LinearShape::value_heads),
    stated::width("dk", &LinearShape::dk), stated::width("dv", &LinearShape::dv),
    stated::width("conv", &LinearShape::conv), stated::bytes_if_any("state", &LinearShape::state));

// By the index of AttentionShape: in files, and for people.
inline constexpr std::array<std::string_view, 4> attention_names{"mla", "gqa", "v4", "linear"};
inline constexpr std::array<std::string_view, 4> attention_labels{
    "Latent attention", "Grouped-query attention", "Compressed attention (V4)", "Linear attention"};
static_assert(std::variant_size_v<AttentionShape> == attention_names.size());

// A shape of the kind at an index, without values.
template <std::size_t index = 0>
AttentionShape shape_of_kind(std::size_t kind)
{
    if constexpr (index + 1 < std::variant_size_v<AttentionShape>) {
        if (kind != index)
            return shape_of_kind<index + 1>(kind);
    }
    return std::variant_alternative_t<index, AttentionShape>{};
}

} // namespace epscope
