// SPDX-License-Identifier: GPL-3.0-or-later
// What all kinds of attention share. A kind states in its own file its operators, with their weights and work, the
// bytes of its cache, the small kernels that are no operators, and which groups of cards can share it.
#pragma once

#include "core/model/operator.h"

namespace epscope {

template <class N, class Shape>
struct AttentionKind {
    const StepInputs<N> &in;
    const Shape &shape;

    // A number of the shape.
    N number(const char *title, double value, const char *unit = "") const { return constant<N>(title, value, unit); }
    N number(const char *title, std::int64_t value) const { return constant<N>(title, static_cast<double>(value)); }

    // The same of a model without a list of layers, which has it under a key of its own.
    N number(const char *key, const char *title, std::int64_t value) const
    {
        if constexpr (std::same_as<N, Term>) {
            if (in.model.layer_kinds.empty())
                return input(in.profile, std::string("model.") + key, static_cast<double>(value));
        }
        static_cast<void>(key);
        return number(title, value);
    }

    // S: context and new tokens, whole tiles.
    N padded_keys(const N &tokens) const
    {
        const N tile = in.of_profile("kv_tile_rows", static_cast<double>(in.profile.kv_tile_rows));
        return titled("Padded keys", "",
            tile * titled("Tiles", "", quotient_up(titled("Keys", "", in.context() + tokens), tile)));
    }
    // Queries times keys and probabilities times values; until it runs at its pace, a kernel takes as long as for some
    // keys more.
    N attention_flop(const N &rows, const N &key_dim, const N &value_dim, const N &keys) const
    {
        const N ramp = in.of_profile("attention_ramp_keys", in.profile.attention_ramp_keys);
        return titled("FLOP", "FLOP",
            constant<N>("FLOP per product and sum", 2, "FLOP") * rows
                * titled("Key and value dim", "", key_dim + value_dim)
                * titled("Keys, start-up included", "", keys + if_any(ramp)));
    }
    // Queries in and results out. What is quantised for a narrow kernel takes a pass of its own.
    N query_bytes(const N &tokens, const N &heads, const N &key_dim, const N &value_dim, double elem_size) const
    {
        const N bytes = titled("Queries and results", "B",
            heads * tokens * titled("Key and value dim", "", key_dim + value_dim) * bf16_size<N>());
        return elem_size <= 1 ? bytes * in.of_profile("query_passes", in.profile.query_passes) : bytes;
    }
};

template <class N>
Operator<N> kernel_of(OpId id, double elem_size)
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::attention;
    op.elem_size = constant<N>("Element size", elem_size, "B");
    return op;
}

// The choice of keys: an indexer scores each, the best are taken. `keys`: scored ones of a sequence.
template <class N, class Sink>
void choose_keys(const StepInputs<N> &in, const N &tokens, const N &keys, const N &index_heads, const N &index_dim,
    const N &index_entry, const N &share, const Sink &sink)
{
    Operator<N> scan = kernel_of<N>(OpId::index_scan, 1);
    scan.kernels = share;
    scan.bytes = titled("Bytes per sequence", "B", share * index_entry * keys);
    scan.flop = titled("FLOP per sequence", "FLOP",
        share * tokens * constant<N>("FLOP per product and sum", 2, "FLOP") * index_heads * index_dim * keys);
    sink(scan);
    sink(passes(OpId::index_top,
        titled("Bytes per sequence", "B", share * tokens * keys * constant<N>("Score and place", 8, "B")), share));
    static_cast<void>(in);
}

} // namespace epscope
