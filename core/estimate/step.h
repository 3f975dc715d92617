// SPDX-License-Identifier: GPL-3.0-or-later
// From the times of operators to that of a step: docs/model.md §2, §5 and §14.
#pragma once

#include <array>

#include "core/estimate/plan.h"

namespace epscope {

template <class N>
N rows_of(const WorkOf<N> &work, const N &sequences)
{
    return titled("M", "", work.rows_per_sequence * sequences);
}

// Of the busiest card over the mean: as far above it as the largest of so many, which the few visits of a small batch
// spread besides. docs/model.md §14.
template <class N>
N busiest_over_mean(const WorkOf<N> &work, const N &sequences)
{
    const N one = constant<N>("Mean", 1);
    if (value_of(work.cards) == 1)
        return titled("Busiest card over the mean", "", sum(one));
    const N variance = titled("Variance of the visits", "",
        work.variance + titled("Of few", "", constant<N>("One", 1) / rows_of(work, sequences)));
    return titled("Busiest card over the mean", "",
        smaller(work.cards, titled("Largest of the cards", "", one + largest_deviation(work.cards, variance))));
}
template <class N>
N busy_sequences(const WorkOf<N> &work, const N &sequences)
{
    if (work.kind == WorkKind::popular)
        return titled("Visits to the busiest card", "", busiest_over_mean(work, sequences) * rows_of(work, sequences));
    if (work.kind == WorkKind::busiest)
        return titled("Sequences, as the busiest card's", "", busiest_over_mean(work, sequences) * sequences);
    return sequences;
}
// Only experts that get a token load their weights and fill a tile: on the card that has most of them.
template <class N>
N active_experts(const ProfileInputs<N> &in, const WorkOf<N> &work, const N &sequences)
{
    if (work.kind != WorkKind::popular)
        return N{};
    const N per_expert = titled("Visits per expert", "", rows_of(work, sequences) / work.experts);
    const N mean = titled("Experts with a token, mean", "",
        work.experts * titled("Share with a token", "", share_by_span(per_expert, in.popularity_span())));
    if (value_of(work.cards) == 1)
        return mean;
    const N variance = titled("Variance", "",
        mean
            * titled("Share without a token", "",
                constant<N>("All", 1) - titled("Share with a token", "", mean / work.experts)));
    return titled("Experts with a token", "",
        smaller(work.experts, titled("Most of the cards", "", mean + largest_deviation(work.cards, variance))));
}

// Of popular experts: their visits, a tile for each at least.
template <class N>
N rows_of_experts(const ProfileInputs<N> &in, const N &visits, const N &active)
{
    return titled("Rows, a tile for each expert at least", "",
        larger(visits, titled("A tile for each", "", in.tile_rows() * active)));
}

template <class N>
N work_rows(const ProfileInputs<N> &in, OpId id, const WorkOf<N> &work, const N &sequences)
{
    switch (work.kind) {
    case WorkKind::none:
    case WorkKind::busiest:
        return N{};
    case WorkKind::sequences:
        return sequences;
    case WorkKind::popular:
        return rows_of_experts(in, busy_sequences(work, sequences), active_experts(in, work, sequences));
    case WorkKind::gemm:
        break;
    }
    const N rows = rows_of(work, sequences);
    const N padded = titled("Rows, a tile at least", "", larger(rows, in.tile_rows()));
    if (work.rule == GemmRule::flat) // its efficiency is in compute_s_per_row
        return padded;
    const Efficiency efficiency =
        gemm_efficiency(in.profile, work.rule, value_of(rows), value_of(work.inner), value_of(work.columns));
    return titled("Rows at full rate", "", padded / in.mfu(id, efficiency));
}

template <class N>
N sequences_per_micro_batch(const N &batch, const N &micro_batches)
{
    return titled("Sequences per micro-batch", "", batch / micro_batches);
}

template <class N>
N operator_time(const ProfileInputs<N> &in, const OperatorPlanOf<N> &op, const N &sequences)
{
    const N traffic = traffic_seconds(op, busy_sequences(op.work, sequences), active_experts(in, op.work, sequences));
    const N compute = compute_seconds(op, work_rows(in, op.id, op.work, sequences));
    return named([&] { return info_of(op.id).key; },
        titled([&] { return info_of(op.id).label; }, "s", operator_seconds(op, traffic, compute, sequences)));
}

template <class N>
using StageSeconds = std::array<N, stage_count>;

// A stage is the sum of its operators. times(i): of the operator.
template <class N, class Times>
StageSeconds<N> stage_seconds(std::span<const OperatorPlanOf<N>> operators, const Times &times)
{
    StageSeconds<N> stages{};
    for (std::size_t i = 0; i < operators.size(); ++i)
        stages[static_cast<std::size_t>(info_of(operators[i].id).stage)] += times(i);
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto stage = static_cast<Stage>(i);
        stages[i] = named([=] { return key_of(stage); }, titled([=] { return label_of(stage); }, "s", stages[i]));
    }
    return stages;
}

template <class N>
N lane_seconds(std::span<const Stage> lane, const StageSeconds<N> &stages)
{
    N seconds{};
    for (const Stage stage : lane)
        seconds = one_after_the_other(seconds, stages[static_cast<std::size_t>(stage)]);
    return seconds;
}

template <class N>
N window_seconds(const Window &window, std::size_t index, const StageSeconds<N> &stages)
{
    const N compute = lane_seconds(window.compute_lane(), stages),
            network = lane_seconds(window.network_lane(), stages);
    const N seconds = beside(compute, network);
    if constexpr (std::same_as<N, Term>)
        return compute.empty() || network.empty()
            ? seconds
            : named(name_of_window(window.compute_lane(), window.network_lane(), index), seconds);
    else
        return seconds;
}

// Of a window's network, what its computation does not cover.
template <class N>
N exposed_seconds(const N &compute, const N &network)
{
    if constexpr (std::same_as<N, Term>) {
        if (compute.empty() || network.empty())
            return network;
        const std::string &title = network.tree().title;
        return titled("Exposed " + title, "s",
            larger(constant<N>("None", 0, "s"),
                titled(title + " beyond " + compute.tree().title, "s", network - compute)));
    } else {
        return larger(0.0, network - compute);
    }
}

// `windows`: the sum of the windows of one micro-batch.
template <class N>
N block_seconds(const BlockPlanOf<N> &block, const N &windows)
{
    const bool is_layer = block.kind != BlockKind::outside_layers && block.kind != BlockKind::mtp_outside;
    return named(is_layer ? "layer_time" : "",
        titled([&] { return label_of(block.kind); }, "s", block.repeats * titled("One micro-batch", "s", windows)));
}
template <class N>
N block_seconds(const BlockPlanOf<N> &block, const PlanOf<N> &plan, const StageSeconds<N> &stages)
{
    N windows{};
    std::size_t index = 0;
    for (const Window &window : plan.windows_of(block))
        windows += window_seconds(window, index++, stages);
    return block_seconds(block, windows);
}

// All of its kind in a step.
template <class N>
N blocks_seconds(const BlockPlanOf<N> &block, const N &seconds)
{
    return named([&] { return key_of(block.kind); },
        titled([&] { return std::string(label_of(block.kind)) + ", all"; }, "s", block.count * seconds));
}

} // namespace epscope
