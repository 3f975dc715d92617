// SPDX-License-Identifier: GPL-3.0-or-later
// Linear attention: Gated DeltaNet and Kimi Delta Attention. The context plays no part. docs/model.md §14.
#pragma once

#include "core/model/attention/kind.h"

namespace epscope {

template <class N>
struct Linear : AttentionKind<N, LinearShape> {
    using AttentionKind<N, LinearShape>::in;
    using AttentionKind<N, LinearShape>::shape;
    using AttentionKind<N, LinearShape>::number;

    // Convolution, gates, norms of queries and keys, the gated norm, bookkeeping of the state.
    N small_kernels() const { return constant<N>("Small kernels of attention", 5); }

    N heads() const { return in.of_group(number("Value heads", shape.value_heads)); }
    N key_dim() const { return number("Key dim", shape.dk); }
    N value_dim() const { return number("Value dim", shape.dv); }
    N keys() const { return titled("Key width", "", in.of_group(number("Key heads", shape.key_heads)) * key_dim()); }
    N values() const { return titled("Value width", "", heads() * value_dim()); }

    template <class Sink>
    void operators_2026(const N &tokens, const Sink &sink) const
    {
        const N elem = in.param_elem_size();
        const N both = constant<N>("Queries and keys", 2) * keys() + constant<N>("Values and gate", 2) * values();
        const bool kda = shape.form == LinearForm::kda;
        sink(product_of(OpId::qkv, tokens, in.hidden(),
            titled("Queries, keys, values and gates", "",
                kda ? both + titled("Decay, down", "", sum(key_dim())) + titled("Strength", "", sum(heads()))
                    : both + titled("Strength and decay", "", constant<N>("Both", 2) * heads())),
            elem));
        if (kda)
            sink(product_of(OpId::decay, tokens, key_dim(), keys(), elem));
        Operator<N> attention = kernel_of<N>(OpId::attention, 0);
        attention.by_vector_units = true;
        attention.bytes = titled("Bytes per sequence", "B",
            titled("Read once, written by each token", "", constant<N>("Read", 1) + tokens) * state_bytes());
        constexpr double flop_per_element = 8; // decay, prediction, correction and read-out, a product and a sum each
        attention.flop = titled("FLOP per sequence", "FLOP",
            tokens * constant<N>("FLOP per element", flop_per_element, "FLOP") * heads() * key_dim() * value_dim());
        sink(attention);
        sink(product_of(OpId::o_proj, tokens, values(), in.hidden(), in.output_elem_size()));
    }

    // Of the state and of the tokens that the convolution still needs.
    N state_bytes() const
    {
        const N state = titled("State", "B",
            heads() * key_dim() * value_dim() * number("Bytes of an element of the state", shape.state, "B"));
        const N width = titled("Width of the convolution", "", constant<N>("Queries and keys", 2) * keys() + values());
        return titled("State of a sequence", "B",
            state
                + titled("Convolution", "B",
                    width * number("Tokens before", static_cast<double>(shape.conv - 1)) * bf16_size<N>()));
    }
    N cache_bytes(const N &) const { return state_bytes(); }

    static bool fits(const LinearShape &shape, std::int64_t group)
    {
        return shape.key_heads % group == 0 && shape.value_heads % group == 0;
    }
    static constexpr std::string_view divided = "key heads and value heads over a TP group";
};

} // namespace epscope
