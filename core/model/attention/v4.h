// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of DeepSeek-V4: one compressed head of keys that are the values too, a window before it, and streams of
// hyper-connections around the layer. docs/model.md §14.
#pragma once

#include "core/model/attention/kind.h"

namespace epscope {

template <class N>
struct V4 : AttentionKind<N, V4Shape> {
    using AttentionKind<N, V4Shape>::in;
    using AttentionKind<N, V4Shape>::shape;
    using AttentionKind<N, V4Shape>::number;

    N heads() const { return in.of_group(number("Query heads", shape.heads)); }
    N dim() const { return number("Head dim", shape.dim); }
    N q_rank() const { return number("Query rank", shape.q_rank); }
    N groups() const { return in.of_group(number("Output groups", shape.o_groups)); }
    N o_rank() const { return number("Output rank", shape.o_rank); }
    N entry() const { return number("Bytes of an entry", shape.entry, "B"); }
    N index_entry() const { return number("Bytes of an indexer's key", shape.index_entry, "B"); }
    N index_heads() const { return number("Indexer heads", shape.index_heads); }
    N index_dim() const { return number("Indexer dim", shape.index_dim); }
    N compressed(const N &tokens) const
    {
        return titled("Compressed entries", "", tokens / number("Tokens per entry", shape.ratio));
    }
    N in_window(const N &tokens) const
    {
        return titled("Tokens in the window", "", smaller(number("Window", shape.window), tokens));
    }

    template <class Sink>
    void operators_2026(const N &tokens, const Sink &sink) const
    {
        const N elem = in.param_elem_size();
        sink(product_of(
            OpId::q_down, tokens, in.hidden(), titled("Query rank and head dim", "", q_rank() + dim()), elem));
        sink(product_of(OpId::q_up, tokens, q_rank(), titled("Query width", "", heads() * dim()), elem));
        const N padded = this->padded_keys(tokens);
        const N one = constant<N>("Share of the layers", 1);
        N keys = in_window(padded);
        if (shape.ratio > 0) {
            constexpr std::int64_t overlapping = 4; // entries of so few tokens are made of two views of them
            const double views = shape.ratio == overlapping ? 2 : 1;
            sink(product_of(OpId::compress, tokens, in.hidden(),
                titled("Gates and entries", "", constant<N>("Gates and entries", 2 * views) * dim()), elem));
            const N entries = compressed(padded);
            if (shape.top > 0) {
                sink(product_of(
                    OpId::index_q, tokens, q_rank(), titled("Indexer width", "", index_heads() * index_dim()), elem));
                sink(product_of(OpId::index_k, tokens, in.hidden(),
                    titled("Indexer keys and weights", "",
                        constant<N>("Gates and entries of two views", 4) * index_dim() + index_heads()),
                    bf16_size<N>()));
                choose_keys(in, tokens, entries, index_heads(), index_dim(), index_entry(), one, sink);
                keys = keys + titled("Chosen entries", "", smaller(number("Entries chosen", shape.top), entries));
            } else {
                keys = keys + entries;
            }
        }
        keys = titled("Keys", "", sum(keys));
        Operator<N> attention = kernel_of<N>(OpId::attention, bf16_bytes);
        const N rows = in.at_least("query_tile_rows", titled("Query rows", "", heads() * tokens));
        attention.flop = this->attention_flop(rows, dim(), dim(), keys);
        attention.bytes = titled("KV cache", "B", keys * entry());
        attention.extra_bytes = this->query_bytes(tokens, heads(), dim(), dim(), bf16_bytes);
        sink(attention);
        sink(product_of(OpId::o_a, tokens,
            titled("Width of a group", "",
                dim() * number("Query heads", shape.heads) / number("Output groups", shape.o_groups)),
            o_rank(), in.output_elem_size(), groups()));
        sink(product_of(OpId::o_proj, tokens, titled("Width of all groups", "", groups() * o_rank()), in.hidden(),
            in.output_elem_size()));
        if (shape.streams > 0) {
            constexpr double sub_layers = 2, kernels = 4;
            const N moved = titled("Reads and writes", "",
                constant<N>("Per stream", 3) * number("Streams", shape.streams) + constant<N>("Of the layer", 2));
            sink(passes(OpId::streams,
                titled("Bytes per sequence", "B",
                    constant<N>("Sub-layers", sub_layers) * moved * tokens * in.hidden() * bf16_size<N>()),
                constant<N>("Kernels", kernels)));
        }
    }

    N small_kernels() const { return in.of_profile("v4_kernels", in.profile.v4_kernels); }
    N cache_bytes(const N &tokens) const
    {
        N bytes = titled("Window", "B", in_window(tokens) * entry());
        if (shape.ratio > 0) {
            const N of_entry =
                shape.top > 0 ? titled("Entry and indexer's key", "B", entry() + index_entry()) : entry();
            bytes = bytes + titled("Compressed", "B", compressed(tokens) * of_entry);
        }
        return bytes;
    }

    static bool fits(const V4Shape &shape, std::int64_t group)
    {
        return shape.heads % group == 0 && shape.o_groups % group == 0;
    }
    static constexpr std::string_view divided = "query heads and output groups over a TP group";
};

} // namespace epscope
