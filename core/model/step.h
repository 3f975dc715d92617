// SPDX-License-Identifier: GPL-3.0-or-later
// A decode step: blocks of operators. docs/model.md §3 and §10.
#pragma once

#include "core/model/attention.h"
#include "core/model/experts.h"
#include "core/model/outside.h"

namespace epscope {

template <class N>
struct Block {
    BlockKind kind{};
    N count{}; // times per step
    N repeats{}; // micro-batches per time
    std::size_t layer = 0; // index into the model's layers
};

template <class N>
N times_per_step(const StepInputs<N> &in, BlockKind kind)
{
    const auto times = [](const N &count) { return titled("Times per step", "", count); };
    switch (kind) {
    case BlockKind::sparse_layer:
        if (!in.whole_model())
            return noted(times(sum(in.layers())), "every layer is a sparse one and nothing else takes time (quirk 4)");
        return times(in.layers() - in.dense_layers());
    case BlockKind::dense_layer:
        return times(sum(in.dense_layers()));
    case BlockKind::mtp_layer:
    case BlockKind::mtp_outside:
        return times(sum(in.drafts()));
    case BlockKind::outside_layers:
        break;
    }
    return constant<N>("Times per step", 1);
}

// Norms and router join a layer's operators with quirk 4 off.
template <class N, class Sink>
void layer_operators(const StepInputs<N> &in, BlockKind kind, const N &tokens, const Sink &sink)
{
    if (in.whole_model())
        sink(elementwise(in, OpId::attn_norm, tokens));
    published_attention_operators(in, tokens, sink);
    if (in.whole_model())
        sink(elementwise(in, OpId::ffn_norm, tokens));
    const bool dense = kind == BlockKind::dense_layer;
    if (in.whole_model() && !dense) {
        Operator<N> router;
        router.id = OpId::router;
        router.kind = OperatorKind::gemm;
        router.rows = tokens;
        router.inner = in.hidden();
        router.columns = in.of_model("routed_experts", &Model::routed_experts);
        router.elem_size = elem_size<N>(bf16_bytes);
        router.out_size = in.ffn_out_elem_size();
        router.count = one_gemm<N>();
        sink(router);
    }
    if (dense)
        dense_ffn_operators(in, tokens, sink);
    else
        sparse_ffn_operators(in, tokens, sink);
}

// Kernels of quantising an operand: values and, of 8 bits, the layout of their scales. docs/model.md §14.
inline double quantising_kernels(double elem_size)
{
    return elem_size > 1 ? 0 : is_four_bit(elem_size) ? 1 : 2;
}

// docs/model.md §14. The norms of a group that shares its attention are part of its collectives.
template <class N, class Sink>
void layer_operators_2026(const StepInputs<N> &in, const LayerKind &layer, const N &tokens, const Sink &sink)
{
    const bool grouped = in.point.tp > 1, dense = layer.is_dense();
    const bool scattered = !dense && mode_of(in.model, in.point) == ExpertMode::all2all;
    const auto norm = [&](OpId id) {
        Operator<N> op = elementwise(in, id, tokens);
        if (grouped)
            op.kernels = N{};
        sink(op);
    };
    norm(OpId::attn_norm);
    attention_operators(in, layer, tokens, sink);
    if (grouped)
        sink(collective(in, scattered ? OpId::scatter : OpId::all_reduce, tokens));
    norm(OpId::ffn_norm);
    if (!dense)
        sink(product_of(
            OpId::router, tokens, in.hidden(), in.of_model("routed_experts", &Model::routed_experts), bf16_size<N>()));
    Operator<N> small;
    small.id = OpId::small_kernels;
    small.kind = OperatorKind::overhead;
    constexpr double of_experts = 3, of_dense = 1; // top-k, permutation, activation; activation
    constexpr double projections = 2; // of queries and of keys and values
    const double quantising = projections * quantising_kernels(in.point.param_elem_size)
        + quantising_kernels(value_of(in.output_elem_size()))
        + quantising_kernels(value_of(dense ? in.dense_elem_size() : in.expert_elem_size()));
    small.kernels = titled("Small kernels", "",
        small_kernels_of_attention(in, layer) + constant<N>("Of the FFN", dense ? of_dense : of_experts)
            + constant<N>("Quantisation", quantising));
    sink(small);
    if (dense)
        dense_ffn_operators_2026(in, layer, tokens, sink);
    else
        expert_operators_2026(in, tokens, sink);
    if (grouped)
        sink(collective(in, scattered ? OpId::gather : OpId::all_reduce_ffn, tokens));
}

// The layers that the MTP layer is like: the first ones with experts. Null without any.
inline const LayerKind *mtp_layer(const std::vector<LayerKind> &layers)
{
    const auto found =
        std::find_if(layers.begin(), layers.end(), [](const LayerKind &layer) { return !layer.is_dense(); });
    return found == layers.end() ? nullptr : &*found;
}
// The layers that draft: that of the MTP layer, of which there is one, or those of the model's draft. Null where
// nothing is drafted.
inline const LayerKind *drafting_layers(const Model &model, const Point &point, const std::vector<LayerKind> &layers)
{
    if (point.mtp_len == 0 || !can_draft(model))
        return nullptr;
    return model.mtp_layers > 0 ? mtp_layer(layers) : &model.draft->layer;
}
// How many they are.
template <class N>
N of_drafting_layers(const Model &model, const N &of_one)
{
    if (model.mtp_layers > 0 || model.draft->layer.layers == 1)
        return of_one;
    return titled("Draft layers", "", of_one * constant<N>("Layers", static_cast<double>(model.draft->layer.layers)));
}

template <class N, class Begin, class Sink>
void decode_2026(const StepInputs<N> &in, const Begin &begin, const Sink &sink)
{
    const std::vector<LayerKind> layers = layers_of(in.model);
    const auto block = [&](BlockKind kind, const N &count, double repeats, std::size_t layer) {
        begin(Block<N>{kind, count, constant<N>("Micro-batches, one after the other", repeats), layer});
    };
    const double micro_batches = value_of(in.micro_batches());
    const bool listed = !in.model.layer_kinds.empty();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const BlockKind kind = layers[i].is_dense() ? BlockKind::dense_layer : BlockKind::sparse_layer;
        block(kind,
            listed ? constant<N>("Times per step", static_cast<double>(layers[i].layers)) : times_per_step(in, kind),
            micro_batches, i);
        layer_operators_2026(in, layers[i], in.query_tokens(), sink);
    }
    block(BlockKind::outside_layers, times_per_step(in, BlockKind::outside_layers), 1, 0);
    outside_operators_2026(in, BlockKind::outside_layers, in.query_tokens(), sink);
    const LayerKind *drafting = drafting_layers(in.model, in.point, layers);
    if (!drafting)
        return;
    block(BlockKind::mtp_layer, of_drafting_layers(in.model, times_per_step(in, BlockKind::mtp_layer)), micro_batches,
        in.model.mtp_layers > 0 ? static_cast<std::size_t>(drafting - layers.data()) : layers.size());
    layer_operators_2026(in, *drafting, in.one_query_token(), sink);
    block(BlockKind::mtp_outside, times_per_step(in, BlockKind::mtp_outside), 1, 0);
    outside_operators_2026(in, BlockKind::mtp_outside, in.one_query_token(), sink);
}

// Calls begin(block) and, for each of its operators, sink(op).
template <class N, class Begin, class Sink>
void decode_published(const StepInputs<N> &in, const Begin &begin, const Sink &sink)
{
    const auto layer = [&](BlockKind kind, const N &tokens) {
        begin(Block<N>{kind, times_per_step(in, kind),
            constant<N>("Micro-batches, one after the other", value_of(in.micro_batches()))});
        layer_operators(in, kind, tokens, sink);
    };
    const auto outside = [&](BlockKind kind, const N &tokens) {
        begin(Block<N>{kind, times_per_step(in, kind), constant<N>("Micro-batches, one after the other", 1)});
        outside_operators(in, kind, tokens, sink);
    };
    if (!in.whole_model()) {
        layer(BlockKind::sparse_layer, in.query_tokens());
        return;
    }
    if (in.model.layers > in.model.dense_layers)
        layer(BlockKind::sparse_layer, in.query_tokens());
    if (in.model.dense_layers > 0)
        layer(BlockKind::dense_layer, in.query_tokens());
    outside(BlockKind::outside_layers, in.query_tokens());
    if (in.point.mtp_len > 0) { // the MTP layer runs once per draft token, one query token each
        layer(BlockKind::mtp_layer, in.one_query_token());
        outside(BlockKind::mtp_outside, in.one_query_token());
    }
}

// 1 + a + ... + a^s: a draft token counts as accepted only if all before it were. docs/model.md §6.
template <class N>
N tokens_per_step(const StepInputs<N> &in)
{
    if (const std::vector<double> &table = in.workload.accepted_per_step; !table.empty() && in.point.mtp_len > 0) {
        const auto drafts = static_cast<std::size_t>(in.point.mtp_len);
        return named("tokens_per_step",
            titled(
                "Tokens per step", "", sum(in.number("accepted_per_step", table[std::min(drafts, table.size()) - 1]))));
    }
    N tokens = sum(constant<N>("The step's own token", 1));
    N accepted{};
    for (std::int64_t draft = 1; draft <= in.point.mtp_len; ++draft) {
        accepted = draft == 1 ? product(in.acceptance()) : accepted * in.acceptance();
        tokens += titled([&] { return "Draft token " + std::to_string(draft); }, "", accepted);
    }
    return named("tokens_per_step", titled("Tokens per step", "", tokens));
}
// Of the sequences of a group.
template <class N>
N sequences_per_card(const StepInputs<N> &in, const N &batch)
{
    return in.point.tp == 1 ? batch : titled("Sequences per card", "", batch / in.group());
}
inline double sequences_per_card(const Point &point, double batch)
{
    return batch / static_cast<double>(point.tp);
}
template <class N>
N user_speed(const N &tokens_per_step, const N &step_s)
{
    return named("ux_tps", titled("Speed per user", "tok/s", tokens_per_step / step_s));
}
// `batch`: sequences per card.
template <class N>
N card_throughput(const N &user_speed, const N &batch)
{
    return named("throughput", titled("Throughput per card", "tok/s", user_speed * batch));
}

} // namespace epscope
