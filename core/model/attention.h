// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of a layer: the one place that knows which kinds there are.
#pragma once

#include <concepts>
#include <type_traits>

#include "core/model/attention/gqa.h"
#include "core/model/attention/linear.h"
#include "core/model/attention/mla.h"
#include "core/model/attention/v4.h"

namespace epscope {

// Calls visit(kind) with the kind that has the layer's shape.
template <class N, class Visit>
auto with_attention(const StepInputs<N> &in, const AttentionShape &attention, const Visit &visit)
{
    return std::visit(
        [&]<class Shape>(const Shape &shape) {
            if constexpr (std::same_as<Shape, MlaShape>)
                return visit(Mla<N>{{in, shape}});
            else if constexpr (std::same_as<Shape, GqaShape>)
                return visit(Gqa<N>{{in, shape}});
            else if constexpr (std::same_as<Shape, V4Shape>)
                return visit(V4<N>{{in, shape}});
            else
                return visit(Linear<N>{{in, shape}});
        },
        attention);
}

// docs/model.md §14.
template <class N, class Sink>
void attention_operators(const StepInputs<N> &in, const LayerKind &layer, const N &tokens, const Sink &sink)
{
    with_attention(in, layer.attention, [&](const auto &kind) { kind.operators_2026(tokens, sink); });
}
// Kernels of a layer that are no operators and come with its attention.
template <class N>
N small_kernels_of_attention(const StepInputs<N> &in, const LayerKind &layer)
{
    return with_attention(in, layer.attention, [&](const auto &kind) { return kind.small_kernels(); });
}
// B that a sequence of so many tokens holds in one such layer.
template <class N>
N cache_bytes(const StepInputs<N> &in, const LayerKind &layer, const N &tokens)
{
    return with_attention(in, layer.attention, [&](const auto &kind) { return kind.cache_bytes(tokens); });
}

// What a group of so many cards cannot share of a layer's attention; empty where it can.
inline std::string_view indivisible(const LayerKind &layer, std::int64_t group)
{
    return std::visit(
        [&]<class Shape>(const Shape &shape) -> std::string_view {
            using Attention = std::conditional_t<std::same_as<Shape, MlaShape>, Mla<double>,
                std::conditional_t<std::same_as<Shape, GqaShape>, Gqa<double>,
                    std::conditional_t<std::same_as<Shape, V4Shape>, V4<double>, Linear<double>>>>;
            return Attention::fits(shape, group) ? std::string_view() : Attention::divided;
        },
        layer.attention);
}

// Of the published equations, which know latent attention alone: docs/model.md §3 and §4.
template <class N, class Sink>
void published_attention_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    const MlaShape shape = latent_shape(in.model);
    Mla<N>{{in, shape}}.operators(tokens, sink);
}
template <class N>
FlashMlaOf<N> attention_kernel(const StepInputs<N> &in, const N &tokens)
{
    return flash_mla(in, tokens);
}

} // namespace epscope
