// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator of the model costs on a chip.
#pragma once

#include "core/estimate/plan.h"
#include "core/model/step.h"

namespace epscope {

template <class N>
class Costs {
public:
    explicit Costs(const StepInputs<N> &the_inputs)
        : in(the_inputs)
        , memory_bandwidth(in.memory_bandwidth())
        , imbalance(in.imbalance())
    {
    }

    void put(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.id = op.id;
        plan.overhead_s = in.kernel_overhead();
        switch (op.kind) {
        case OperatorKind::gemm:
        case OperatorKind::experts:
            gemm(op, plan);
            break;
        case OperatorKind::attention:
            attention(op, plan);
            break;
        case OperatorKind::elementwise:
            plan.bytes_per_sequence = op.bytes;
            plan.traffic_s_per_sequence = titled("Time per sequence", "s", op.bytes / memory_bandwidth);
            break;
        case OperatorKind::dispatch:
        case OperatorKind::combine: {
            const Links<N> links = links_of(in, op.bytes);
            plan.network = true;
            plan.bytes_per_sequence = links.bytes;
            plan.near_bytes_per_sequence = links.near_bytes;
            plan.traffic_s_per_sequence = links.seconds;
            plan.overhead_s = op.overhead_s;
            break;
        }
        case OperatorKind::overhead:
        case OperatorKind::weights_only:
            plan.overhead_s = op.overhead_s;
            break;
        }
    }

private:
    const StepInputs<N> &in;
    const N memory_bandwidth; // B/s that kernels reach
    const N imbalance;

    // docs/model.md §2: bytes = count * (M*K*elem + K*N*elem + M*N*out), flop = count * 2 * max(M, tile) * K * N.
    void gemm(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        const bool routed = op.kind == OperatorKind::experts; // `count` local experts, whose tokens vary
        const N inner = as("K", op.inner), columns = as("N", op.columns), count = as("GEMMs", op.count);
        const N rows = as("M per sequence", op.rows);
        plan.work = {WorkKind::gemm, op.rule, rows, inner, columns};
        plan.count = count;
        plan.elem_size = op.elem_size;
        plan.out_size = op.out_size;
        plan.rate = rate_for(in.machine, value_of(op.elem_size));
        const N weight_bytes = titled("Bytes of weights", "B", count * inner * columns * op.elem_size);
        const N row_bytes = titled("Bytes per row", "B",
            titled("Operand", "B", inner * op.elem_size) + titled("Result", "B", columns * op.out_size));
        plan.traffic_s = titled("Weights", "s", weight_bytes / memory_bandwidth);
        plan.traffic_s_per_sequence = titled(
            "Time per sequence", "s", titled("Bytes per sequence", "B", count * rows * row_bytes) / memory_bandwidth);
        const N flop_per_row = titled(
            "FLOP per row", "FLOP", count * constant<N>("FLOP per product and sum", 2, "FLOP") * inner * columns);
        N seconds_per_row = flop_per_row / in.rate(plan.rate);
        if (const double unhidden = routed ? in.profile.expert_unhidden : in.profile.gemm_unhidden; unhidden > 0)
            plan.unhidden = in.of_profile(routed ? "expert_unhidden" : "gemm_unhidden", unhidden);
        if (!in.profile.gemm_by_balance.points.empty()) {
            plan.work.rule = GemmRule::flat;
            plan.efficiency = balance_efficiency(
                in.profile.gemm_by_balance, EfficiencySource::gemm_by_balance, plan.rate.flops / in.machine.exp2_rate);
            seconds_per_row = seconds_per_row / in.mfu(op.id, plan.efficiency);
        }
        if (routed) {
            plan.traffic_s_per_sequence = of_busiest(plan.traffic_s_per_sequence);
            if (in.profile.idle_experts_unread) {
                // Only with gemm_by_balance, whose efficiency is in compute_s_per_row: core/spec/combinations.cpp.
                plan.work.kind = WorkKind::experts;
                plan.work.experts = count;
                plan.work.imbalance = imbalance;
                plan.traffic_s_per_active =
                    titled("Weights of an expert", "s", weight_bytes / memory_bandwidth / count);
                plan.traffic_s = N{};
                seconds_per_row = seconds_per_row / count; // its rows are those of all experts
            } else {
                plan.work.rows_per_sequence = as("M per sequence", of_busiest(op.rows));
            }
        }
        plan.compute_s_per_row = titled("Time per row", "s", seconds_per_row);
    }

    // All wait for the card with the most routed tokens.
    N of_busiest(const N &mean) const
    {
        if (value_of(imbalance) == 1)
            return mean;
        if constexpr (std::same_as<N, Term>)
            return titled(mean.tree().title + ", busiest card", mean.tree().unit.c_str(), mean * imbalance);
        else
            return mean * imbalance;
    }

    void attention(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        const FlashMlaOf<N> one = attention_kernel(in, op.rows);
        plan.work.kind = WorkKind::sequences;
        plan.count = constant<N>("GEMMs", 1);
        plan.rate = one.rate;
        plan.bytes_per_sequence = one.bytes_moved;
        plan.flops_per_sequence = one.flops;
        plan.efficiency = one.efficiency;
        plan.traffic_s_per_sequence = titled("Time per sequence", "s", one.bytes_moved / memory_bandwidth);
        plan.compute_s_per_row = one.compute_s;
    }
};

template <class N>
PlanOf<N> plan_of(const StepInputs<N> &in)
{
    PlanOf<N> plan;
    plan.policy = in.point.policy;
    plan.micro_batches = in.micro_batches();
    plan.tokens_per_step = tokens_per_step(in);
    constexpr std::size_t most_operators_of_a_block = 16;
    plan.operators.reserve(in.whole_model() ? operators().size() * 3 : most_operators_of_a_block);
    const Costs<N> costs(in);
    decode(
        in,
        [&](Block<N> block) {
            plan.blocks.push_back(
                {block.kind, block.count, block.repeats, plan.operators.size(), plan.operators.size()});
        },
        [&](const Operator<N> &op) {
            if (op.kind == OperatorKind::weights_only)
                return;
            costs.put(op, plan.operators.emplace_back());
            plan.blocks.back().last = plan.operators.size();
        });
    return plan;
}

} // namespace epscope
