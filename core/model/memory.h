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
    N router{}; // with what else no other part has
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
    published_attention_operators(in, tokens, [&](const Operator<N> &op) {
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

// Where an operator's weights count.
template <class N>
N MemoryOf<N>::*memory_part(OpId id)
{
    switch (info_of(id).stage) {
    case Stage::attn0:
    case Stage::attn1:
        return id == OpId::router ? &MemoryOf<N>::router : &MemoryOf<N>::attention;
    case Stage::shared:
        return id == OpId::latent_down ? &MemoryOf<N>::router : &MemoryOf<N>::shared_experts;
    case Stage::routed:
        return id == OpId::latent_up ? &MemoryOf<N>::router : &MemoryOf<N>::routed_experts;
    case Stage::dense:
        return &MemoryOf<N>::dense_ffn;
    default:
        return &MemoryOf<N>::embedding_and_head;
    }
}

// docs/model.md §14: what the operators of all layers hold.
template <class N>
MemoryOf<N> memory_2026(const StepInputs<N> &in, const N &batch)
{
    const auto part = [](std::string_view name, const char *title, const N &bytes) {
        return named(name, titled(title, "B", bytes));
    };
    const auto bytes_of = [](const Operator<N> &op) {
        return titled([&] { return info_of(op.id).label; }, "B",
            op.weights.parameters * op.weights.copies * op.weights.elem_size);
    };
    const N tokens = in.query_tokens();
    const N cached = titled("Cached tokens", "", in.context() + tokens);
    const std::vector<LayerKind> layers = layers_of(in.model);
    const LayerKind *drafting = drafting_layers(in.model, in.point, layers);

    MemoryOf<N> memory;
    for (const LayerKind &layer : layers) {
        const N count = constant<N>("Layers", static_cast<double>(layer.layers));
        MemoryOf<N> one;
        layer_operators_2026(in, layer, tokens, [&](const Operator<N> &op) {
            if (value_of(op.weights.parameters) > 0)
                one.*memory_part<N>(op.id) = one.*memory_part<N>(op.id) + bytes_of(op);
        });
        for (const auto member : {&MemoryOf<N>::attention, &MemoryOf<N>::shared_experts, &MemoryOf<N>::routed_experts,
                 &MemoryOf<N>::dense_ffn, &MemoryOf<N>::router}) {
            if (value_of(one.*member) > 0)
                memory.*member =
                    memory.*member + titled("Of like layers", "B", count * titled("One layer", "B", one.*member));
        }
        memory.kv_per_sequence = memory.kv_per_sequence
            + titled("Of like layers", "B", count * titled("One layer", "B", cache_bytes(in, layer, cached)));
    }
    outside_operators_2026(in, BlockKind::outside_layers, tokens, [&](const Operator<N> &op) {
        if (op.id == OpId::head)
            memory.embedding_and_head = constant<N>("Embedding and head", 2) * bytes_of(op);
    });
    if (drafting) {
        N bytes{};
        const auto hold = [&](const Operator<N> &op) {
            if (value_of(op.weights.parameters) > 0)
                bytes = bytes + bytes_of(op);
        };
        layer_operators_2026(in, *drafting, tokens, hold);
        bytes = of_drafting_layers(in.model, bytes);
        outside_operators_2026(in, BlockKind::mtp_outside, tokens, [&](const Operator<N> &op) {
            if (op.id == OpId::mtp_proj)
                hold(op);
        });
        memory.mtp = bytes;
        memory.kv_per_sequence = memory.kv_per_sequence
            + titled("MTP layer", "B", of_drafting_layers(in.model, cache_bytes(in, *drafting, cached)));
    }
    memory.attention = part("attention_weights", "Attention weights", memory.attention);
    memory.shared_experts = part("shared_expert_weights", "Shared expert weights", memory.shared_experts);
    memory.routed_experts = part("routed_expert_weights", "Routed expert weights", memory.routed_experts);
    memory.dense_ffn = part("dense_ffn_weights", "Dense FFN weights", memory.dense_ffn);
    memory.embedding_and_head = part("embedding_and_head", "Embedding and head", memory.embedding_and_head);
    memory.mtp = part("mtp_weights", "MTP layer", memory.mtp);
    memory.router = part("router_weights", "Router and latent projections", memory.router);
    memory.weights = part("weights", "Weights",
        memory.attention + memory.shared_experts + memory.routed_experts + memory.dense_ffn + memory.embedding_and_head
            + memory.mtp + memory.router);
    memory.kv_per_sequence = part("kv_per_sequence", "KV cache of a sequence", memory.kv_per_sequence);
    memory.kv_cache = part("kv_cache", "KV cache", batch * memory.kv_per_sequence);
    memory.usable = usable_memory(in, in.memory());
    memory.free = part("free_memory", "Free memory", memory.usable - memory.weights - memory.kv_cache);
    return memory;
}

template <class N>
MemoryOf<N> memory_of(const StepInputs<N> &in, const N &batch)
{
    if (in.is_2026())
        return memory_2026(in, batch);
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
