// SPDX-License-Identifier: GPL-3.0-or-later
// Everything of a step that does not depend on the batch size, worked out once: core/model on a chip. What remains per
// batch size is the few operations of operator_seconds() and the sums over stages and windows (core/estimate/step.h).
// The full estimate and the search both run on a plan, in the same order of operations, and so agree to the last bit;
// the explanation runs on a plan of Terms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/model/inputs.h"

namespace epscope {

// How many rows an operator's tensor cores work for, padding and efficiency included: max(M, tile) / MFU.
// It depends on the batch size and on nothing of the chip, so that a search computes it once for all chips.
// popular: experts of which some are more popular than others, on the busiest card. busiest: what is sent from or to
// the busiest card.
enum class WorkKind : std::uint8_t { none, sequences, gemm, popular, busiest };
template <class N>
struct WorkOf {
    using Kind = WorkKind;

    Kind kind = Kind::none;
    GemmRule rule = GemmRule::general;
    N rows_per_sequence{}; // M over the micro-batch's sequences
    N inner{}; // K
    N columns{}; // N
    N experts{}; // of Kind::popular: on a card
    // Of Kind::popular and busiest, whose rows are the visits to all of a card's experts:
    N cards{}; // over which the load varies
    N variance{}; // of the cards' loads

    // By what counts for its kind: a search compares many.
    bool operator==(const WorkOf &other) const
    {
        if (kind != other.kind || rule != other.rule || !(rows_per_sequence == other.rows_per_sequence))
            return false;
        if (kind == Kind::gemm)
            return inner == other.inner && columns == other.columns;
        return experts == other.experts && cards == other.cards && variance == other.variance;
    }
};
using Work = WorkOf<double>;

// `sequences`: b, of one micro-batch.
double work_rows(const Profile &profile, const Work &work, double sequences);
// Of Kind::popular: how many of a card's experts get a token.
double active_experts(const Profile &profile, const Work &work, double sequences);
// What the traffic goes by: the sequences; of Kind::popular the visits to the busiest card, of Kind::busiest as many
// sequences as would load a mean card like it.
double busy_sequences(const Profile &profile, const Work &work, double sequences);

// Not every operator has all terms of operator_seconds(). A smaller set leaves out those that add 0 or multiply by 1,
// with the same bits. plain: no more than traffic and computation. published: what the published equations know
// besides; the traffic goes by the sequences.
enum class Terms : std::uint8_t { plain, published, all };

// The time of one operator in terms of its sequences, active experts and rows of work.
template <class N>
struct OperatorCost {
    N traffic_s{}; // s of memory or network traffic, whatever the batch
    N traffic_s_per_sequence{}; // s, per sequence of the micro-batch
    N traffic_s_per_active{}; // s, per one of active_experts()
    N compute_s_per_row{}; // s, per row of work_rows(); 0 where nothing is computed
    N unhidden{}; // of the shorter of traffic and computation, the part that the longer does not hide
    N extra_s_per_sequence{}; // s, which nothing hides
    N overhead_s{}; // s, whatever the batch
    N factor = constant<N>("Factor", 1); // by which all of it takes longer
    bool network = false; // its traffic is the network's
    bool is_shorter = false; // traffic and computation are two ways, of which the shorter counts
    Terms terms = Terms::all; // a search leaves out the others

    bool operator==(const OperatorCost &) const = default;
};

template <Terms terms = Terms::all, class N>
N traffic_seconds(const OperatorCost<N> &op, const N &sequences, const N &active)
{
    N seconds = op.traffic_s + titled("Operands and results", "s", op.traffic_s_per_sequence * sequences);
    if constexpr (terms == Terms::all)
        seconds = seconds + titled("Weights", "s", op.traffic_s_per_active * active);
    return titled(op.network ? "Network" : "Memory traffic", "s", seconds);
}

template <class N>
N compute_seconds(const OperatorCost<N> &op, const N &work)
{
    return titled("Compute", "s", op.compute_s_per_row * work);
}

// The longer of both, what it does not hide of the other, and the overhead. docs/model.md §2 and §14.
template <Terms terms = Terms::all>
double operator_seconds(const OperatorCost<double> &op, double traffic, double compute, double sequences)
{
    if constexpr (terms == Terms::plain)
        return longer_of(compute, traffic);
    if constexpr (terms == Terms::published)
        return longer_of(compute, traffic) + op.unhidden * lesser(compute, traffic) + op.overhead_s;
    const double both =
        op.is_shorter ? lesser(compute, traffic) : longer_of(compute, traffic) + op.unhidden * lesser(compute, traffic);
    return op.factor * (both + op.extra_s_per_sequence * sequences + op.overhead_s);
}
inline Term operator_seconds(
    const OperatorCost<Term> &op, const Term &traffic, const Term &compute, const Term &sequences)
{
    const Term seconds = (op.is_shorter ? titled("The better of both", "s", smaller(compute, traffic))
                                        : longer_of(compute, traffic)
                                     + titled("Not hidden", "s", op.unhidden * lesser(compute, traffic)))
        + titled("Queries and results", "s", op.extra_s_per_sequence * sequences) + op.overhead_s;
    return op.factor.value() == 1 ? seconds : op.factor * titled("As on other chips", "s", seconds);
}

template <class N>
struct OperatorPlanOf : OperatorCost<N> {
    OpId id{};
    WorkOf<N> work;
    // Shape, for the breakdown:
    N inner{}, columns{}; // K, N of what multiplies matrices
    N count{}; // independent products
    N elem_size{}; // B per operand
    N out_size{}; // B per result
    N bytes_per_sequence{}; // B moved or sent by what is no GEMM
    N extra_bytes_per_sequence{}; // B, of those that nothing hides
    N near_bytes_per_sequence{}; // B, those of them that take the scale-up links
    N flops_per_sequence{}; // FLOP, likewise
    Efficiency efficiency; // likewise
    RateChoice rate;

    OperatorPlanOf() { } // a default one would be cleared before it is made
    bool operator==(const OperatorPlanOf &) const = default;
};
using OperatorPlan = OperatorPlanOf<double>;

template <class N>
struct BlockPlanOf {
    BlockKind kind{};
    std::size_t layer = 0; // index into the model's layers
    N count{}; // times per step
    N repeats{}; // micro-batches per time
    std::size_t first = 0, last = 0; // of Plan::operators

    bool operator==(const BlockPlanOf &) const = default;
};
using BlockPlan = BlockPlanOf<double>;

template <class N>
struct PlanOf {
    Policy policy{};
    N micro_batches{};
    N tokens_per_step{}; // 1 + a + ... + a^s
    std::int64_t group = 1; // cards that share one attention and its sequences
    std::vector<OperatorPlanOf<N>> operators; // of all blocks, one after the other
    std::vector<BlockPlanOf<N>> blocks;

    std::span<const OperatorPlanOf<N>> operators_of(const BlockPlanOf<N> &block) const
    {
        return std::span(operators).subspan(block.first, block.last - block.first);
    }
    // In order, for one micro-batch.
    std::span<const Window> windows_of(const BlockPlanOf<N> &block) const
    {
        return epscope::windows_of(block.kind, policy, group > 1);
    }
    bool operator==(const PlanOf &) const = default;
};
using Plan = PlanOf<double>;

// The point's batch does not count.
Plan make_plan(
    const Profile &profile, const Model &model, const Machine &machine, const Workload &workload, const Point &point);
PlanOf<Term> explained_plan(const StepInputs<Term> &in);

} // namespace epscope
