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

// Norms, router and small kernels join a layer's operators with quirk 4 off.
template <class N, class Sink>
void layer_operators(const StepInputs<N> &in, BlockKind kind, const N &tokens, const Sink &sink)
{
    if (in.whole_model())
        sink(elementwise(in, OpId::attn_norm, tokens));
    attention_operators(in, tokens, sink);
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
    if (in.profile.layer_overhead > 0)
        sink(overhead(OpId::layer_overhead, in.of_profile("layer_overhead", in.profile.layer_overhead)));
    if (dense)
        dense_ffn_operators(in, tokens, sink);
    else
        sparse_ffn_operators(in, tokens, sink);
}

// Calls begin(block) and, for each of its operators, sink(op).
template <class N, class Begin, class Sink>
void decode(const StepInputs<N> &in, const Begin &begin, const Sink &sink)
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
    N tokens = sum(constant<N>("The step's own token", 1));
    N accepted{};
    for (std::int64_t draft = 1; draft <= in.point.mtp_len; ++draft) {
        accepted = draft == 1 ? product(in.acceptance()) : accepted * in.acceptance();
        tokens += titled([&] { return "Draft token " + std::to_string(draft); }, "", accepted);
    }
    return named("tokens_per_step", titled("Tokens per step", "", tokens));
}
template <class N>
N user_speed(const N &tokens_per_step, const N &step_s)
{
    return named("ux_tps", titled("Speed per user", "tok/s", tokens_per_step / step_s));
}
template <class N>
N card_throughput(const N &user_speed, const N &batch)
{
    return named("throughput", titled("Throughput per card", "tok/s", user_speed * batch));
}

} // namespace epscope
