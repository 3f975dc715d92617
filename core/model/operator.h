// SPDX-License-Identifier: GPL-3.0-or-later
// What one operator of a layer states: everything but the chip.
#pragma once

#include "core/model/inputs.h"

namespace epscope {

constexpr double bf16_bytes = 2; // results of attention GEMMs, norms, router, embedding and head

// overhead: neither computes nor moves anything. weights_only: takes no time, as another operator does its work, or
// there is none.
enum class OperatorKind : std::uint8_t {
    gemm,
    experts,
    attention,
    elementwise,
    dispatch,
    combine,
    collective,
    overhead,
    weights_only
};

// Parameters of one layer that lie in a card's memory: copies x parameters x elem_size. docs/model.md §8.
template <class N>
struct Weights {
    N parameters{};
    N copies{}; // none: one
    N elem_size{}; // B
};

// Sizes are per sequence of the micro-batch unless they say otherwise.
template <class N>
struct Operator {
    OpId id{};
    OperatorKind kind{};
    // `count` independent products [M x K] [K x N]. docs/model.md §2 and §3.
    N rows{}; // M; of attention: query tokens
    N inner{}, columns{}; // K, N
    N elem_size{}, out_size{}; // B per operand, B per result
    N count{};
    GemmRule rule = GemmRule::general;
    bool by_vector_units = false; // of attention: these compute it
    std::uint8_t steps = 1; // of a collective: halves of an all-reduce that it is
    // Of what is no GEMM: B through memory or network. Of transfers: before they split over the links.
    N bytes{};
    N overhead_s{}; // s, whatever the batch
    // Of docs/model.md §14:
    N kernels = constant<N>("Kernels", 1); // that it consists of
    N flop{}; // of attention: FLOP of a sequence
    N extra_bytes{}; // of attention: B of queries and results, which nothing hides
    Weights<N> weights;
    N kv_bytes{}; // B of one cached token in one layer
};

template <class N>
N bf16_size()
{
    return constant<N>("BF16", bf16_bytes, "B");
}
template <class N>
N result_size()
{
    return constant<N>("Result element size", bf16_bytes, "B");
}
template <class N>
N elem_size(double bytes)
{
    return constant<N>("Element size", bytes, "B");
}
template <class N>
N one_gemm()
{
    return constant<N>("GEMMs", 1);
}

// A matrix of weights, titled after its operator.
template <class N>
N matrix(OpId id, const N &parameters)
{
    return titled([&] { return info_of(id).label; }, "", parameters);
}

// Norms and look-ups: BF16, read and written once.
template <class N>
Operator<N> elementwise(const StepInputs<N> &in, OpId id, const N &tokens)
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::elementwise;
    op.bytes =
        titled("Bytes per sequence", "B", constant<N>("Read and written", 2) * tokens * in.hidden() * bf16_size<N>());
    return op;
}

// One product of activations and weights, which lie on the card as they are multiplied.
template <class N>
Operator<N> product_of(
    OpId id, const N &rows, const N &inner, const N &columns, const N &elem_size, const N &count = one_gemm<N>())
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::gemm;
    op.rows = rows;
    op.inner = inner;
    op.columns = columns;
    op.elem_size = elem_size;
    op.out_size = result_size<N>();
    op.count = count;
    op.weights = {matrix(id, inner * columns), count, elem_size};
    return op;
}

// What reads and writes and computes next to nothing.
template <class N>
Operator<N> passes(OpId id, const N &bytes, const N &kernels)
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::elementwise;
    op.bytes = bytes;
    op.kernels = kernels;
    return op;
}

template <class N>
Operator<N> overhead(OpId id, const N &seconds)
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::overhead;
    op.overhead_s = seconds;
    return op;
}

} // namespace epscope
