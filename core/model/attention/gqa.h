// SPDX-License-Identifier: GPL-3.0-or-later
// Grouped-query attention, with or without a window. docs/model.md §14.
#pragma once

#include "core/model/attention/kind.h"

namespace epscope {

template <class N>
struct Gqa : AttentionKind<N, GqaShape> {
    using AttentionKind<N, GqaShape>::in;
    using AttentionKind<N, GqaShape>::shape;
    using AttentionKind<N, GqaShape>::number;

    N small_kernels() const
    {
        return constant<N>("Small kernels of attention", 2);
    } // RoPE with the write to the cache, the split's reduction

    N heads() const { return in.of_group(number("Query heads", shape.heads)); }
    N key_dim() const { return number("Head dim of keys", shape.qk); }
    N value_dim() const { return number("Head dim of values", shape.v); }
    bool shares_heads() const { return shape.kv_heads < in.point.tp; } // several cards have the same keys
    N kv_heads() const
    {
        return shares_heads() ? noted(constant<N>("KV heads", 1), "several cards hold the same one")
                              : in.of_group(number("KV heads", shape.kv_heads));
    }
    N kv_width() const { return titled("KV width", "", kv_heads() * titled("Both", "", key_dim() + value_dim())); }
    N seen(const N &keys) const
    {
        return shape.window > 0 ? titled("Keys in the window", "", smaller(keys, number("Window", shape.window)))
                                : keys;
    }

    template <class Sink>
    void operators_2026(const N &tokens, const Sink &sink) const
    {
        const N queries = titled("Query width", "", heads() * key_dim());
        const N columns = shape.gate ? constant<N>("Queries and gate", 2) * queries + kv_width() : queries + kv_width();
        sink(product_of(
            OpId::qkv, tokens, in.hidden(), titled("Queries, keys and values", "", columns), in.param_elem_size()));
        Operator<N> attention = kernel_of<N>(OpId::attention, in.point.kv_elem_size);
        const N keys = seen(this->padded_keys(tokens));
        const N group = shares_heads()
            ? titled("Query rows", "", tokens * heads())
            : titled("Query rows of a KV head", "",
                tokens * number("Query heads", shape.heads) / number("KV heads", shape.kv_heads));
        const N rows = titled("Query rows", "", kv_heads() * in.at_least("gqa_tile_rows", group));
        attention.flop = this->attention_flop(rows, key_dim(), value_dim(), keys);
        attention.bytes = titled("KV cache", "B", keys * kv_width() * in.kv_elem_size());
        attention.extra_bytes = this->query_bytes(tokens, heads(), key_dim(), value_dim(), in.point.kv_elem_size);
        sink(attention);
        sink(product_of(OpId::o_proj, tokens, titled("Width of all heads", "", heads() * value_dim()), in.hidden(),
            in.output_elem_size()));
    }

    N cache_bytes(const N &tokens) const { return seen(tokens) * kv_width() * in.kv_elem_size(); }

    static bool fits(const GqaShape &shape, std::int64_t group)
    {
        return shape.heads % group == 0 && (shape.kv_heads % group == 0 || group % shape.kv_heads == 0);
    }
    static constexpr std::string_view divided = "query heads and KV heads over a TP group";
};

} // namespace epscope
