// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator of the model costs on a chip.
#pragma once

#include <array>
#include <optional>

#include "core/estimate/plan.h"
#include "core/model/step.h"

namespace epscope {

template <class N>
class Costs {
public:
    explicit Costs(const StepInputs<N> &the_inputs)
        : in(the_inputs)
        , memory_bandwidth(in.memory_bandwidth())
        , kernel_s(in.is_2026() ? in.kernel_seconds() : N{})
    {
    }

    N tokens{}; // query tokens of a sequence in the block at hand

    // By the equations that the profile chooses: apart, so that neither is in the way of the other's speed.
    template <Equations equations>
    void put(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.id = op.id;
        if constexpr (equations == Equations::model_2026)
            put_2026(op, plan);
        else
            put_published(op, plan);
    }

private:
    const StepInputs<N> &in;
    const N memory_bandwidth; // B/s that kernels reach
    const N kernel_s; // launch and tail

    // By the narrowest rate that holds the operands: looked up once, as curves take logarithms. Of docs/model.md §14
    // alone, and so not there before the first is looked up.
    using Rates = std::array<std::optional<RatedEfficiency>, 3>;
    mutable std::optional<Rates> gemm_rates, attention_rates;

    template <class Best>
    const RatedEfficiency &kept(std::optional<Rates> &rates, double elem_size, const Best &best) const
    {
        if (!rates)
            rates.emplace();
        std::optional<RatedEfficiency> &rate =
            (*rates)[static_cast<std::size_t>(rate_for(in.machine, elem_size).wanted)];
        if (!rate)
            rate = best(in.profile, in.machine, elem_size);
        return *rate;
    }
    const RatedEfficiency &gemm_rate(double elem_size) const { return kept(gemm_rates, elem_size, best_gemm_rate); }
    const RatedEfficiency &attention_rate(double elem_size) const
    {
        return kept(attention_rates, elem_size, best_attention_rate);
    }

    // Of the tokens that the layer at hand works on.
    Placement<N> placement() const { return placement_of(in, tokens); }

    void put_published(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.overhead_s = in.kernel_overhead();
        switch (op.kind) {
        case OperatorKind::gemm:
        case OperatorKind::experts:
            gemm<Equations::published>(op, plan);
            break;
        case OperatorKind::attention:
            attention(op, plan);
            break;
        case OperatorKind::elementwise:
            elementwise(op, plan);
            break;
        case OperatorKind::dispatch:
        case OperatorKind::combine:
            transfer(op, links_of(in, op.bytes), plan);
            break;
        case OperatorKind::collective: // the published equations have none
        case OperatorKind::overhead:
        case OperatorKind::weights_only:
            plan.overhead_s = op.overhead_s;
            break;
        }
        choose_terms(plan);
    }

    // None is negative: a sum of 0 has none of them.
    static void choose_terms(OperatorPlanOf<N> &plan)
    {
        if constexpr (std::same_as<N, double>) {
            const bool by_sequences = plan.work.kind != WorkKind::popular && plan.work.kind != WorkKind::busiest;
            if (!by_sequences || plan.is_shorter || plan.factor != 1
                || plan.traffic_s_per_active + plan.extra_s_per_sequence > 0)
                return;
            plan.terms = plan.unhidden + plan.overhead_s == 0 ? Terms::plain : Terms::published;
        }
    }

    // docs/model.md §14.
    void put_2026(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.overhead_s = titled("Kernels", "s", op.kernels * kernel_s);
        plan.factor = in.factor();
        switch (op.kind) {
        case OperatorKind::gemm:
        case OperatorKind::experts:
            gemm<Equations::model_2026>(op, plan);
            break;
        case OperatorKind::attention:
            attention_2026(op, plan);
            break;
        case OperatorKind::elementwise:
            elementwise(op, plan);
            break;
        case OperatorKind::collective: {
            const CollectiveLinks<N> links = links_of_collective(in, op);
            plan.network = true;
            plan.bytes_per_sequence = links.bytes;
            plan.near_bytes_per_sequence = links.near_bytes;
            plan.traffic_s = links.second_latency_s;
            plan.traffic_s_per_sequence = links.seconds;
            plan.overhead_s = links.latency_s;
            if (value_of(links.one_shot_s) > 0) { // in place of what computes: another way, of which the better counts
                plan.work.kind = WorkKind::sequences;
                plan.compute_s_per_row = links.one_shot_s;
                plan.is_shorter = true;
            }
            break;
        }
        case OperatorKind::dispatch:
        case OperatorKind::combine: {
            const Placement<N> at = placement();
            plan.work.kind = WorkKind::busiest;
            plan.work.rows_per_sequence = at.visits;
            plan.work.cards = at.cards;
            plan.work.variance = at.variance;
            transfer(op, links_of(in, op.bytes), plan);
            break;
        }
        case OperatorKind::overhead:
        case OperatorKind::weights_only:
            if (value_of(op.overhead_s) > 0)
                plan.overhead_s = op.overhead_s;
            break;
        }
        choose_terms(plan);
    }

    void elementwise(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.bytes_per_sequence = op.bytes;
        plan.traffic_s_per_sequence = titled("Time per sequence", "s", op.bytes / memory_bandwidth);
    }

    void transfer(const Operator<N> &op, const Links<N> &links, OperatorPlanOf<N> &plan) const
    {
        plan.network = true;
        plan.bytes_per_sequence = links.bytes;
        plan.near_bytes_per_sequence = links.near_bytes;
        plan.traffic_s_per_sequence = links.seconds;
        plan.overhead_s = op.overhead_s;
    }

    // docs/model.md §2: bytes = count * (M*K*elem + K*N*elem + M*N*out), flop = count * 2 * max(M, tile) * K * N.
    template <Equations equations>
    void gemm(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        constexpr bool is_2026 = equations == Equations::model_2026;
        const bool routed = op.kind == OperatorKind::experts; // `count` local experts, whose tokens vary
        const N inner = as("K", op.inner), columns = as("N", op.columns), count = as("GEMMs", op.count);
        const N rows = as("M per sequence", op.rows);
        plan.work.kind = WorkKind::gemm;
        plan.work.rule = op.rule;
        plan.work.rows_per_sequence = rows;
        plan.inner = inner;
        plan.columns = columns;
        plan.count = count;
        plan.elem_size = op.elem_size;
        plan.out_size = op.out_size;
        plan.rate = rate_for(in.machine, value_of(op.elem_size));
        if constexpr (is_2026) {
            const RatedEfficiency &best = gemm_rate(value_of(op.elem_size));
            plan.rate = best.rate;
            plan.efficiency = best.efficiency;
        }
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
            if constexpr (!is_2026)
                plan.efficiency = balance_efficiency(in.profile.gemm_by_balance, EfficiencySource::gemm_by_balance,
                    plan.rate.flops / in.machine.exp2_rate);
            seconds_per_row = seconds_per_row / in.mfu(op.id, plan.efficiency);
        }
        if (plan.work.rule != GemmRule::flat) { // whose efficiency depends on them
            plan.work.inner = inner;
            plan.work.columns = columns;
        }
        if (is_2026 && routed) {
            const Placement<N> at = placement();
            plan.work.kind = WorkKind::popular;
            plan.work.experts = count;
            plan.work.cards = at.cards;
            plan.work.variance = at.variance;
            const auto longer = [&](const N &seconds) { // a short inner dimension keeps no pipeline filled
                return in.profile.short_inner == 0 ? seconds
                                                   : seconds
                        * titled("Short inner dimension", "",
                            constant<N>("One", 1) + in.of_profile("short_inner", in.profile.short_inner) / inner);
            };
            plan.traffic_s_per_active = titled("Weights of an expert", "s",
                longer(titled("Bytes of an expert", "B", inner * columns * op.elem_size) / memory_bandwidth));
            plan.traffic_s = N{};
            plan.traffic_s_per_sequence =
                titled("Operand and result of a visit", "s", longer(row_bytes / memory_bandwidth));
            seconds_per_row = longer(titled("At full length", "s", seconds_per_row / count));
        }
        plan.compute_s_per_row = titled("Time per row", "s", seconds_per_row);
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

    // docs/model.md §14.
    void attention_2026(const Operator<N> &op, OperatorPlanOf<N> &plan) const
    {
        plan.work.kind = WorkKind::sequences;
        plan.count = constant<N>("Kernels", 1);
        plan.bytes_per_sequence = op.bytes;
        plan.flops_per_sequence = op.flop;
        plan.traffic_s_per_sequence = titled("Time per sequence", "s", op.bytes / memory_bandwidth);
        plan.extra_bytes_per_sequence = op.extra_bytes;
        plan.extra_s_per_sequence = titled("Time per sequence", "s", op.extra_bytes / memory_bandwidth);
        if (op.by_vector_units) {
            constexpr double flop_per_exp2 = 16; // of the vector units, in the time of one exp2
            plan.compute_s_per_row = titled("Time per sequence", "s",
                op.flop
                    / titled("Rate of the vector units", "FLOP/s",
                        constant<N>("FLOP per exp2", flop_per_exp2, "FLOP") * in.exp2_rate()));
            return;
        }
        const RatedEfficiency &best = attention_rate(value_of(op.elem_size));
        plan.rate = best.rate;
        plan.efficiency = best.efficiency;
        plan.compute_s_per_row = titled("Time per sequence", "s",
            op.flop / titled("Rate reached", "FLOP/s", in.rate(best.rate) * in.mfu(op.id, best.efficiency)));
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
    constexpr std::size_t most_operators = 72; // of a model of two kinds of layers
    plan.operators.reserve(in.whole_model() ? most_operators : most_operators_of_a_block);
    plan.group = in.point.tp;
    Costs<N> costs(in);
    const auto begin = [&](const Block<N> &block) {
        plan.blocks.push_back(
            {block.kind, block.layer, block.count, block.repeats, plan.operators.size(), plan.operators.size()});
        costs.tokens = block.kind == BlockKind::mtp_layer ? in.one_query_token() : in.query_tokens();
    };
    const auto put = [&]<Equations equations>(const Operator<N> &op) {
        if (op.kind == OperatorKind::weights_only)
            return;
        costs.template put<equations>(op, plan.operators.emplace_back());
        plan.blocks.back().last = plan.operators.size();
    };
    if (in.is_2026())
        decode_2026(in, begin, [&](const Operator<N> &op) { put.template operator()<Equations::model_2026>(op); });
    else
        decode_published(in, begin, [&](const Operator<N> &op) { put.template operator()<Equations::published>(op); });
    return plan;
}

} // namespace epscope
