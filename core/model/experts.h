// SPDX-License-Identifier: GPL-3.0-or-later
// FFNs: the experts of a sparse layer with what brings tokens to them, and that of a dense layer. docs/model.md §3, §8.
#pragma once

#include "core/model/communication.h"

namespace epscope {

// Up and gate in one GEMM, then down. The weights of both are stated with the first.
template <class N>
struct Ffn {
    OpId up{}, down{};
    OperatorKind kind = OperatorKind::gemm;
    N tokens{}; // M
    N width{}; // of what one GEMM holds
    N elem_size{};
    N count{};
    bool by_deepgemm = false; // its rules of efficiency
    Weights<N> weights;
};

template <class N, class Sink>
void ffn_operators(const StepInputs<N> &in, const Ffn<N> &ffn, const Sink &sink)
{
    Operator<N> up;
    up.id = ffn.up;
    up.kind = ffn.kind;
    up.rows = ffn.tokens;
    up.inner = in.hidden();
    up.columns = titled("Width", "", constant<N>("Up and gate", 2) * ffn.width);
    up.elem_size = ffn.elem_size;
    up.out_size = in.ffn_out_elem_size();
    up.count = ffn.count;
    up.rule = ffn.by_deepgemm ? GemmRule::expert_up : GemmRule::general;
    up.weights = ffn.weights;
    sink(up);
    Operator<N> down = up;
    down.id = ffn.down;
    down.inner = ffn.width;
    down.columns = in.hidden();
    down.rule = ffn.by_deepgemm ? GemmRule::expert_down : GemmRule::general;
    down.weights = {};
    sink(down);
}

template <class N>
N ffn_parameters(const StepInputs<N> &in, const char *title, const N &width)
{
    return titled(title, "", constant<N>("Up, gate and down", 3) * in.hidden() * width);
}

// `tokens`: query tokens of a sequence.
template <class N, class Sink>
void expert_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    const Profile &profile = in.profile;
    const bool drafts_ignored = profile.quirks.naive_ffn_ignores_drafts && in.point.policy == Policy::naive;
    const N ffn_tokens = drafts_ignored // quirk 3
        ? noted(constant<N>("Query tokens", 1), "the naive pipeline's FFN counts one token per sequence (quirk 3)")
        : tokens;
    const N width = in.of_model("expert_intermediate", &Model::expert_intermediate);
    const N parameters = ffn_parameters(in, "Parameters of an expert", width);
    const N elem = in.expert_elem_size();
    Ffn<N> shared;
    shared.up = OpId::shared_up;
    shared.down = OpId::shared_down;
    shared.tokens = ffn_tokens;
    const N shared_experts = in.of_model("shared_experts", &Model::shared_experts);
    shared.width = titled("Joint width", "", shared_experts * width);
    shared.elem_size = elem;
    shared.count = one_gemm<N>();
    shared.by_deepgemm = in.workload.deepgemm;
    shared.weights = {parameters, shared_experts, elem};
    Ffn<N> routed = shared;
    if (in.model.shared_experts == 0)
        shared.kind = OperatorKind::weights_only;
    ffn_operators(in, shared, sink);
    routed.up = OpId::routed_up;
    routed.down = OpId::routed_down;
    routed.kind = OperatorKind::experts;
    routed.count = in.local_experts();
    const N visits = titled("Visits", "", in.experts_per_token() * ffn_tokens);
    routed.tokens = profile.quirks.experts_see_all_tokens // quirk 2
        ? noted(visits, "every local expert is charged all visits (quirk 2)")
        : titled("Visits per expert", "", visits / routed.count);
    routed.width = width;
    routed.weights = {parameters, routed.count, elem};
    ffn_operators(in, routed, sink);
}

template <class N, class Sink>
void sparse_ffn_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    const N elements = sent_elements(in, tokens);
    sink(transfer(in, OpId::dispatch, elements, dispatch_elem_size(in)));
    expert_operators(in, tokens, sink);
    sink(transfer(in, OpId::combine, elements, combine_elem_size(in)));
}

// Parameters of 1 B, whatever those of experts are.
template <class N, class Sink>
void dense_ffn_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    constexpr double bytes = 1;
    Ffn<N> dense;
    dense.up = OpId::dense_up;
    dense.down = OpId::dense_down;
    dense.tokens = tokens;
    dense.width = in.of_model("dense_intermediate", &Model::dense_intermediate);
    dense.elem_size = elem_size<N>(bytes);
    dense.count = one_gemm<N>();
    dense.weights = {
        ffn_parameters(in, "Parameters of a dense FFN", dense.width), N{}, constant<N>("8 bit", bytes, "B")};
    ffn_operators(in, dense, sink);
}

} // namespace epscope
