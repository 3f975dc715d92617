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

// docs/model.md §14. Of a group of cards that share one attention, `tokens` are those of all.
template <class N, class Sink>
void expert_operators_2026(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    const Placement<N> at = placement_of(in, tokens);
    const bool spread = at.mode == ExpertMode::all2all;
    const N own_tokens = spread ? in.of_group(tokens) : tokens; // that a card works on outside attention
    const N elem = in.expert_elem_size();
    const bool latent = in.model.expert_latent > 0;
    const N width_in = latent ? in.of_model("expert_latent", &Model::expert_latent) : in.hidden();
    if (latent)
        sink(product_of(OpId::latent_down, own_tokens, in.hidden(), width_in, in.param_elem_size()));
    if (spread)
        sink(transfer(in, OpId::dispatch, tokens, width_in, dispatch_elem_size(in)));
    if (in.model.shared_experts > 0) {
        const N all = titled("Joint width", "",
            in.of_model("expert_intermediate", &Model::expert_intermediate)
                * in.of_model("shared_experts", &Model::shared_experts));
        const N width = spread ? all : in.of_group(all);
        sink(product_of(OpId::shared_up, own_tokens, in.hidden(),
            titled("Width", "", constant<N>("Up and gate", 2) * width), elem));
        sink(product_of(OpId::shared_down, own_tokens, width, in.hidden(), elem));
    }
    Operator<N> up = product_of(OpId::routed_up, at.visits, width_in,
        titled("Width", "", constant<N>("Up and gate", 2) * at.width), elem, at.held);
    up.kind = OperatorKind::experts;
    sink(up);
    Operator<N> down = product_of(OpId::routed_down, at.visits, at.width, width_in, elem, at.held);
    down.kind = OperatorKind::experts;
    sink(down);
    // Tokens that arrive at a card.
    N arriving = tokens;
    if (spread) {
        const N one = constant<N>("All", 1), cards = in.cards();
        const N missed = titled("Chance that a card has none of a token's experts", "",
            power(titled("Other cards", "", one - titled("One card", "", constant<N>("One", 1) / cards)),
                in.experts_per_token()));
        arriving = titled(
            "Tokens that arrive", "", cards * titled("Chance that a card has one", "", one - missed) * own_tokens);
    }
    sink(passes(OpId::permute,
        titled(
            "Bytes per sequence", "B", in.of_profile("permute_bytes", in.profile.permute_bytes) * width_in * arriving),
        N{}));
    if (latent)
        sink(product_of(OpId::latent_up, own_tokens, width_in, in.hidden(), in.param_elem_size()));
    if (spread)
        sink(transfer(in, OpId::combine, tokens, width_in, combine_elem_size(in)));
}

template <class N, class Sink>
void dense_ffn_operators_2026(const StepInputs<N> &in, const LayerKind &layer, const N &tokens, const Sink &sink)
{
    // A draft of a model without a list has a width of its own.
    const N all = in.model.layer_kinds.empty() && layer.dense_width == in.model.dense_intermediate
        ? in.of_model("dense_intermediate", &Model::dense_intermediate)
        : constant<N>("Dense intermediate", static_cast<double>(layer.dense_width));
    const N width = in.of_group(all), elem = in.dense_elem_size();
    sink(product_of(
        OpId::dense_up, tokens, in.hidden(), titled("Width", "", constant<N>("Up and gate", 2) * width), elem));
    sink(product_of(OpId::dense_down, tokens, width, in.hidden(), elem));
}

template <class N, class Sink>
void sparse_ffn_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    sink(transfer(in, OpId::dispatch, tokens, in.hidden(), dispatch_elem_size(in)));
    expert_operators(in, tokens, sink);
    sink(transfer(in, OpId::combine, tokens, in.hidden(), combine_elem_size(in)));
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
