// SPDX-License-Identifier: GPL-3.0-or-later
// What lies outside the layers: embedding, head and what joins the MTP layer to the model. docs/model.md §10.
#pragma once

#include "core/model/operator.h"

namespace epscope {

template <class N>
Operator<N> projection_of_mtp(const StepInputs<N> &in, const N &tokens)
{
    Operator<N> op;
    op.id = OpId::mtp_proj;
    op.kind = OperatorKind::gemm;
    op.rows = tokens;
    op.inner = titled("Width of state and embedding", "", constant<N>("Both", 2) * in.hidden());
    op.columns = in.hidden();
    op.elem_size = in.param_elem_size();
    op.out_size = result_size<N>();
    op.count = one_gemm<N>();
    op.weights = {constant<N>("State and embedding", 2) * in.hidden() * in.hidden(), N{}, op.elem_size};
    return op;
}

// Its weights are stated with those of the embedding.
template <class N>
Operator<N> output_head(const StepInputs<N> &in, const N &tokens)
{
    Operator<N> op;
    op.id = OpId::head;
    op.kind = OperatorKind::gemm;
    op.rows = tokens;
    op.inner = in.hidden();
    op.columns = in.of_model("vocabulary", &Model::vocabulary);
    op.elem_size = elem_size<N>(bf16_bytes);
    op.out_size = in.ffn_out_elem_size();
    op.count = one_gemm<N>();
    op.weights = {constant<N>("Both", 2) * op.columns * in.hidden(), N{}, bf16_size<N>()};
    return op;
}

// Of docs/model.md §14: a group of cards divides the vocabulary.
template <class N, class Sink>
void outside_operators_2026(const StepInputs<N> &in, BlockKind kind, const N &tokens, const Sink &sink)
{
    const N all = titled("Tokens of all micro-batches", "", in.micro_batches() * tokens);
    const N vocabulary = in.of_group(in.of_model("vocabulary", &Model::vocabulary));
    sink(elementwise(in, OpId::embedding, all));
    if (kind == BlockKind::mtp_outside)
        sink(product_of(OpId::mtp_proj, all,
            titled("Width of state and embedding", "", constant<N>("Both", 2) * in.hidden()), in.hidden(),
            in.param_elem_size()));
    sink(elementwise(in, OpId::final_norm, all));
    sink(product_of(OpId::head, all, in.hidden(), vocabulary, bf16_size<N>()));
    constexpr double passes_of_scores = 3, bytes_of_score = 4, kernels = 5;
    sink(passes(OpId::sample,
        titled("Bytes per sequence", "B",
            constant<N>("Passes", passes_of_scores) * all * vocabulary * constant<N>("FP32", bytes_of_score, "B")),
        constant<N>("Kernels", kernels)));
    if (kind == BlockKind::outside_layers && in.profile.step_overhead > 0)
        sink(overhead(OpId::step_overhead, in.of_profile("step_overhead", in.profile.step_overhead)));
}

// `tokens`: query tokens of a sequence; embedding and head take those of all micro-batches at once.
template <class N, class Sink>
void outside_operators(const StepInputs<N> &in, BlockKind kind, const N &tokens, const Sink &sink)
{
    const N all = titled("Tokens of all micro-batches", "", in.micro_batches() * tokens);
    sink(elementwise(in, OpId::embedding, all));
    if (kind == BlockKind::mtp_outside)
        sink(projection_of_mtp(in, all));
    sink(elementwise(in, OpId::final_norm, all));
    sink(output_head(in, all));
    if (kind == BlockKind::outside_layers && in.profile.step_overhead > 0)
        sink(overhead(OpId::step_overhead, in.of_profile("step_overhead", in.profile.step_overhead)));
}

} // namespace epscope
