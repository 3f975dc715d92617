// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in one card's memory: a sum over the operators of docs/model.md §3. docs/model.md §8.
#pragma once

#include "core/model/step.h"

namespace epscope {

// Routed experts that one card holds.
inline std::int64_t experts_per_card(const Model &model, std::int64_t ep)
{
    return static_cast<std::int64_t>(quotient_up(static_cast<double>(model.routed_experts), static_cast<double>(ep)));
}

// B.
template <class N>
struct MemoryOf {
    N attention{};
    N shared_experts{};
    N routed_experts{};
    N dense_ffn{};
    N embedding_and_head{};
    N mtp{}; // the MTP layer, when drafting
    N weights{}; // the sum of the above, in this order
    N kv_per_sequence{};
    N kv_cache{}; // of the batch
    N usable{}; // usable fraction x memory - reserved memory
    N free{}; // usable - weights - kv_cache; negative where it does not fit

    bool operator==(const MemoryOf &) const = default;
};

// Of one layer.
template <class N>
struct LayerMemory {
    Weights<N> attention, shared, routed, dense;
    N kv_bytes{}; // of one token
};
template <class N>
LayerMemory<N> layer_memory(const StepInputs<N> &in)
{
    LayerMemory<N> layer;
    const auto hold = [](Weights<N> &all, const Weights<N> &one) {
        if (value_of(one.parameters) == 0)
            return;
        all.parameters = all.parameters + one.parameters;
        all.copies = one.copies;
        all.elem_size = one.elem_size;
    };
    const N tokens = in.query_tokens();
    attention_operators(in, tokens, [&](const Operator<N> &op) {
        hold(layer.attention, op.weights);
        layer.kv_bytes = layer.kv_bytes + op.kv_bytes;
    });
    expert_operators(in, tokens, [&](const Operator<N> &op) {
        hold(info_of(op.id).stage == Stage::shared ? layer.shared : layer.routed, op.weights);
    });
    dense_ffn_operators(in, tokens, [&](const Operator<N> &op) { hold(layer.dense, op.weights); });
    layer.attention.parameters = titled("Attention parameters of a layer", "", layer.attention.parameters);
    return layer;
}

// `memory`: the card's, B.
template <class N>
N usable_memory(const ProfileInputs<N> &in, const N &memory)
{
    const N share = titled("Share of the memory", "B",
        in.of_profile("usable_memory_fraction", in.profile.usable_memory_fraction) * memory);
    return named("usable_memory",
        titled("Usable memory", "B", share - if_any(in.of_profile("reserved_memory", in.profile.reserved_memory))));
}

template <class N>
MemoryOf<N> memory_of(const StepInputs<N> &in, const N &batch)
{
    const LayerMemory<N> layer = layer_memory(in);
    const bool drafting = in.point.mtp_len > 0;
    const N layers = in.layers(), dense_layers = in.dense_layers();
    const N sparse_layers = titled("Sparse layers", "", layers - dense_layers);
    const auto part = [](std::string_view name, const char *title, const N &bytes) {
        return named(name, titled(title, "B", bytes));
    };
    const auto of_experts = [](const N &count, const Weights<N> &expert) {
        return count * expert.parameters * expert.elem_size;
    };
    const Weights<N> head = output_head(in, in.query_tokens()).weights;

    MemoryOf<N> memory;
    memory.attention =
        part("attention_weights", "Attention weights", layers * layer.attention.parameters * layer.attention.elem_size);
    memory.shared_experts = part("shared_expert_weights", "Shared expert weights",
        of_experts(sparse_layers * layer.shared.copies, layer.shared));
    memory.routed_experts = part("routed_expert_weights", "Routed expert weights",
        of_experts(sparse_layers * layer.routed.copies, layer.routed));
    memory.dense_ffn =
        part("dense_ffn_weights", "Dense FFN weights", dense_layers * layer.dense.parameters * layer.dense.elem_size);
    memory.embedding_and_head = part("embedding_and_head", "Embedding and head", head.parameters * head.elem_size);
    if (drafting) {
        const Weights<N> projection = projection_of_mtp(in, in.one_query_token()).weights;
        const N experts = titled("Experts", "", layer.shared.copies + layer.routed.copies);
        memory.mtp = part("mtp_weights", "MTP layer",
            titled("Attention weights", "B", layer.attention.parameters * layer.attention.elem_size)
                + titled("Expert weights", "B", of_experts(experts, layer.routed))
                + titled("Projection", "B", projection.parameters * projection.elem_size));
    }
    memory.weights = part("weights", "Weights",
        memory.attention + memory.shared_experts + memory.routed_experts + memory.dense_ffn + memory.embedding_and_head
            + memory.mtp);
    const N cached_layers = drafting ? titled("Cached layers", "", layers + constant<N>("MTP layer", 1)) : layers;
    const N cached_tokens = titled("Cached tokens", "", in.context() + constant<N>("The last token", 1) + in.drafts());
    memory.kv_per_sequence =
        part("kv_per_sequence", "KV cache of a sequence", layer.kv_bytes * cached_layers * cached_tokens);
    memory.kv_cache = part("kv_cache", "KV cache", batch * memory.kv_per_sequence);
    memory.usable = usable_memory(in, in.memory());
    memory.free = part("free_memory", "Free memory", memory.usable - memory.weights - memory.kv_cache);
    return memory;
}

// Sequences that fit.
template <class N>
N largest_batch(const MemoryOf<N> &memory)
{
    constexpr double most = 0x1p53; // whole numbers are exact up to it
    const N left = titled("Memory for the KV cache", "B", memory.usable - memory.weights);
    const N fits = titled("Sequences that fit", "", quotient_down(left, memory.kv_per_sequence));
    return named("max_batch",
        at_most(most,
            titled("Largest batch that fits", "", value_of(left) > 0 ? fits : larger(constant<N>("None", 0), fits))));
}

} // namespace epscope
