// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/plan.h"

#include <algorithm>
#include <cmath>

namespace epscope {
namespace {

constexpr double bf16_bytes = 2; // results of attention GEMMs, norms, router, embedding and head

struct Gemm {
    double rows_per_sequence; // M / b
    double inner, columns; // K, N
    double elem, out; // B
    double count = 1;
    GemmRule rule = GemmRule::general;
    bool routed = false; // `count` local experts, whose tokens vary
};

class Builder {
public:
    Builder(Plan &target, const Profile &the_profile, const Model &the_model, const Machine &the_machine,
        const Workload &the_workload, const Point &the_point)
        : plan(target)
        , profile(the_profile)
        , model(the_model)
        , machine(the_machine)
        , workload(the_workload)
        , point(the_point)
        , hidden(static_cast<double>(model.hidden_size))
        , heads(static_cast<double>(model.heads))
        , memory_bandwidth(machine.memory_bandwidth * profile.memory_efficiency)
        , imbalance(load_imbalance(profile, point.ep))
    {
    }

    // The operators of docs/model.md §3; the rest of a real layer (§10) joins them when quirk 4 is off.
    void sparse_layer(BlockKind kind, double count, std::int64_t query_tokens)
    {
        begin(kind, count, plan.micro_batches);
        attention(query_tokens);
        const auto tokens = static_cast<double>(query_tokens);
        if (whole_model())
            gemm(OpId::router,
                {tokens, hidden, static_cast<double>(model.routed_experts), bf16_bytes, profile.ffn_out_elem_size});
        layer_overhead();
        const auto experts_per_token = static_cast<double>(model.experts_per_token);
        const double routed_elements = copies_per_token() * tokens * hidden; // per sequence
        const double expert_elem = workload.expert_elem_size.si();
        const double dispatch_elem =
            profile.narrow_dispatch ? std::min(profile.dispatch_elem_size, expert_elem) : profile.dispatch_elem_size;
        transfer(OpId::dispatch, routed_elements * dispatch_elem);
        const bool drafts_ignored = profile.quirks.naive_ffn_ignores_drafts && point.policy == Policy::naive; // quirk 3
        const double ffn_tokens = drafts_ignored ? 1 : tokens;
        if (model.shared_experts > 0)
            experts(OpId::shared_up, OpId::shared_down, ffn_tokens,
                static_cast<double>(model.shared_experts * model.expert_intermediate), 1, false);
        const auto local_experts = static_cast<double>(experts_per_card(model, point.ep));
        const double charged = profile.quirks.experts_see_all_tokens ? 1 : local_experts; // quirk 2
        experts(OpId::routed_up, OpId::routed_down, experts_per_token * ffn_tokens / charged,
            static_cast<double>(model.expert_intermediate), local_experts, true);
        transfer(OpId::combine,
            routed_elements * (profile.combine_elem_size > 0 ? profile.combine_elem_size : point.param_elem_size));
        end();
    }

    void dense_layer(double count, std::int64_t query_tokens)
    {
        begin(BlockKind::dense_layer, count, plan.micro_batches);
        attention(query_tokens);
        layer_overhead();
        const auto tokens = static_cast<double>(query_tokens);
        const auto intermediate = static_cast<double>(model.dense_intermediate);
        constexpr double dense_ffn_bytes = 1;
        gemm(OpId::dense_up, {tokens, hidden, 2 * intermediate, dense_ffn_bytes, profile.ffn_out_elem_size});
        gemm(OpId::dense_down, {tokens, intermediate, hidden, dense_ffn_bytes, profile.ffn_out_elem_size});
        end();
    }

    // Embedding and head take all tokens of the step at once.
    void outside(BlockKind kind, double count, std::int64_t query_tokens)
    {
        begin(kind, count, 1);
        const double tokens = plan.micro_batches * static_cast<double>(query_tokens);
        elementwise(OpId::embedding, 2 * tokens * hidden * bf16_bytes);
        if (kind == BlockKind::mtp_outside)
            gemm(OpId::mtp_proj, {tokens, 2 * hidden, hidden, point.param_elem_size, bf16_bytes});
        elementwise(OpId::final_norm, 2 * tokens * hidden * bf16_bytes);
        gemm(
            OpId::head, {tokens, hidden, static_cast<double>(model.vocabulary), bf16_bytes, profile.ffn_out_elem_size});
        if (kind == BlockKind::outside_layers && profile.step_overhead > 0)
            add(OpId::step_overhead).overhead_s = profile.step_overhead;
        end();
    }

    bool whole_model() const { return !profile.quirks.sparse_layers_only; } // quirk 4 off

private:
    Plan &plan;
    const Profile &profile;
    const Model &model;
    const Machine &machine;
    const Workload &workload;
    const Point &point;
    const double hidden;
    const double heads;
    const double memory_bandwidth; // B/s that kernels reach
    const double imbalance;

    void begin(BlockKind kind, double count, double repeats)
    {
        plan.blocks.push_back({kind, count, repeats, plan.operators.size(), plan.operators.size()});
    }

    void end() { plan.blocks.back().last = plan.operators.size(); }

    OperatorPlan &add(OpId id)
    {
        OperatorPlan &added = plan.operators.emplace_back();
        added.id = id;
        return added;
    }

    // docs/model.md §2: bytes = count * (M*K*elem + K*N*elem + M*N*out), flop = count * 2 * max(M, tile) * K * N.
    void gemm(OpId id, const Gemm &shape)
    {
        OperatorPlan &op = add(id);
        op.work = {Work::Kind::gemm, shape.rule, shape.rows_per_sequence, shape.inner, shape.columns};
        op.count = shape.count;
        op.elem_size = shape.elem;
        op.out_size = shape.out;
        op.rate = rate_for(machine, shape.elem);
        op.traffic_s = shape.count * shape.inner * shape.columns * shape.elem / memory_bandwidth;
        op.traffic_s_per_sequence = shape.count * shape.rows_per_sequence
            * (shape.inner * shape.elem + shape.columns * shape.out) / memory_bandwidth;
        op.compute_s_per_row = shape.count * 2 * shape.inner * shape.columns / op.rate.flops;
        op.unhidden = shape.routed ? profile.expert_unhidden : profile.gemm_unhidden;
        op.overhead_s = profile.kernel_overhead;
        if (!profile.gemm_by_balance.points.empty()) {
            op.work.rule = GemmRule::flat;
            op.efficiency = balance_efficiency(
                profile.gemm_by_balance, EfficiencySource::gemm_by_balance, op.rate.flops / machine.exp2_rate);
            op.compute_s_per_row /= op.efficiency.mfu;
        }
        if (!shape.routed)
            return;
        op.traffic_s_per_sequence *= imbalance; // of the busiest card
        if (!profile.idle_experts_unread) {
            op.work.rows_per_sequence *= imbalance;
            return;
        }
        // Only with gemm_by_balance, whose efficiency is in compute_s_per_row: core/spec/combinations.cpp.
        op.work.kind = Work::Kind::experts;
        op.work.experts = shape.count;
        op.work.imbalance = imbalance;
        op.traffic_s_per_active = op.traffic_s / shape.count;
        op.traffic_s = 0;
        op.compute_s_per_row /= shape.count; // its rows are those of all experts
    }

    // How often a token is sent. A card is spared with (1 - 1/EP)^top_k where it is to go once per card.
    double copies_per_token() const
    {
        const auto experts_per_token = static_cast<double>(model.experts_per_token);
        if (!profile.sends_once_per_card)
            return experts_per_token;
        const auto cards = static_cast<double>(point.ep);
        return cards * (1 - std::pow(1 - 1 / cards, experts_per_token));
    }

    void transfer(OpId id, double bytes_per_sequence)
    {
        OperatorPlan &op = add(id);
        op.network = true;
        if (!profile.uses_scale_up) {
            op.bytes_per_sequence = bytes_per_sequence;
            op.traffic_s_per_sequence = bytes_per_sequence / machine.nic_bandwidth;
            return;
        }
        // Destinations are spread evenly over the EP cards: one is the sender, the domain's others are near, the rest
        // is behind the NIC.
        const auto cards = static_cast<double>(point.ep);
        const double domain = machine.scale_up_bandwidth > 0 ? std::min(machine.scale_up_domain, cards) : 1;
        const double near = bytes_per_sequence * imbalance * (domain - 1) / cards;
        const double far = bytes_per_sequence * imbalance * (cards - domain) / cards;
        op.bytes_per_sequence = near + far;
        op.near_bytes_per_sequence = near;
        const double near_s = domain > 1 ? near / (machine.scale_up_bandwidth * profile.scale_up_efficiency) : 0;
        op.traffic_s_per_sequence = std::max(near_s, far / (machine.nic_bandwidth * profile.nic_efficiency));
        if (cards > 1)
            op.overhead_s = profile.scale_up_latency + (cards > domain ? profile.nic_latency : 0);
    }

    // Norms and look-ups: memory traffic alone.
    void elementwise(OpId id, double bytes_per_sequence)
    {
        OperatorPlan &op = add(id);
        op.bytes_per_sequence = bytes_per_sequence;
        op.traffic_s_per_sequence = bytes_per_sequence / memory_bandwidth;
        op.overhead_s = profile.kernel_overhead;
    }

    void layer_overhead()
    {
        if (profile.layer_overhead > 0)
            add(OpId::layer_overhead).overhead_s = profile.layer_overhead;
    }

    void attention(std::int64_t query_tokens)
    {
        const auto tokens = static_cast<double>(query_tokens);
        const auto q_rank = static_cast<double>(model.q_lora_rank);
        const auto kv_rank = static_cast<double>(model.kv_lora_rank);
        const auto nope = static_cast<double>(model.qk_nope_head_dim);
        const auto value = static_cast<double>(model.v_head_dim);
        const double query = heads * (nope + static_cast<double>(model.qk_rope_head_dim));
        const double elem = point.param_elem_size;
        const auto kv_dim = static_cast<double>(model.kv_dim());
        const double norm_bytes = 2 * tokens * hidden * bf16_bytes; // read and written once
        if (whole_model())
            elementwise(OpId::attn_norm, norm_bytes);
        if (profile.quirks.truncated_query_projection) { // quirk 1: one head's width in place of the rank
            gemm(OpId::q_down, {tokens, q_rank, nope, elem, bf16_bytes});
            gemm(OpId::q_up, {tokens, nope, query, elem, bf16_bytes});
        } else {
            gemm(OpId::q_down, {tokens, hidden, q_rank + (profile.fused_compression ? kv_dim : 0), elem, bf16_bytes});
            gemm(OpId::q_up, {tokens, q_rank, query, elem, bf16_bytes});
        }
        const double absorb_elem = profile.bf16_absorb ? bf16_bytes : elem;
        gemm(OpId::q_absorb, {tokens, nope, kv_rank, absorb_elem, bf16_bytes, heads});
        if (profile.quirks.truncated_query_projection || !profile.fused_compression)
            gemm(OpId::kv_compress, {tokens, hidden, kv_dim, elem, bf16_bytes});
        flash(query_tokens);
        gemm(OpId::v_up, {tokens, kv_rank, value, absorb_elem, bf16_bytes, heads});
        gemm(OpId::o_proj, {tokens, heads * value, hidden, elem, bf16_bytes});
        if (whole_model())
            elementwise(OpId::ffn_norm, norm_bytes);
    }

    void flash(std::int64_t query_tokens)
    {
        const FlashMla one =
            flash_mla(profile, model, machine, workload, point.kv_elem_size, point.param_elem_size, query_tokens);
        if (plan.blocks.size() == 1)
            plan.flash_mla = one;
        OperatorPlan &op = add(OpId::flash_mla);
        op.work.kind = Work::Kind::sequences;
        op.count = 1;
        op.rate = one.rate;
        op.bytes_per_sequence = one.bytes_moved;
        op.flops_per_sequence = one.flops;
        op.efficiency = one.efficiency;
        op.traffic_s_per_sequence = one.bytes_moved / memory_bandwidth;
        op.compute_s_per_row = one.compute_s;
        op.overhead_s = profile.kernel_overhead;
    }

    void experts(OpId up, OpId down, double tokens, double intermediate, double count, bool routed)
    {
        const double elem = workload.expert_elem_size.si();
        const double out = profile.ffn_out_elem_size;
        gemm(up,
            {tokens, hidden, 2 * intermediate, elem, out, count,
                workload.deepgemm ? GemmRule::expert_up : GemmRule::general, routed});
        gemm(down,
            {tokens, intermediate, hidden, elem, out, count,
                workload.deepgemm ? GemmRule::expert_down : GemmRule::general, routed});
    }
};

} // namespace

double share_with_tokens(double tokens, double skew)
{
    // Popularity spread by a gamma distribution of squared coefficient of variation v: P(no token) = (1 + v M)^(-1/v),
    // exp(-M) at v = 0.
    return -std::expm1(skew > 0 ? -std::log1p(skew * tokens) / skew : -tokens);
}

double load_imbalance(const Profile &profile, std::int64_t ep)
{
    return ep > 1 ? profile.load_imbalance : 1;
}

double active_experts(const Profile &profile, const Work &work, double sequences)
{
    return work.kind == Work::Kind::experts
        ? work.experts * share_with_tokens(work.rows_per_sequence * sequences, profile.expert_skew)
        : 0;
}

double work_rows(const Profile &profile, const Work &work, double sequences)
{
    switch (work.kind) {
    case Work::Kind::none:
        return 0;
    case Work::Kind::sequences:
        return sequences;
    case Work::Kind::experts: // of the busiest card; each expert that has tokens fills a tile
        return std::max(work.experts * work.rows_per_sequence * sequences * work.imbalance,
            static_cast<double>(profile.gemm_tile_rows) * active_experts(profile, work, sequences));
    case Work::Kind::gemm:
        break;
    }
    const double rows = work.rows_per_sequence * sequences;
    return std::max(rows, static_cast<double>(profile.gemm_tile_rows))
        / gemm_efficiency(profile, work.rule, rows, work.inner, work.columns).mfu;
}

Plan make_plan(
    const Profile &profile, const Model &model, const Machine &machine, const Workload &workload, const Point &point)
{
    Plan plan;
    plan.policy = point.policy;
    plan.micro_batches = static_cast<double>(micro_batches(point.policy));
    double accepted = 1;
    for (std::int64_t draft = 0; draft < point.mtp_len; ++draft) {
        accepted *= workload.acceptance;
        plan.tokens_per_step += accepted;
    }
    Builder builder(plan, profile, model, machine, workload, point);
    const std::int64_t query_tokens = 1 + point.mtp_len;
    const auto layers = static_cast<double>(model.layers);
    const auto dense_layers = static_cast<double>(model.dense_layers);
    constexpr std::size_t most_operators_of_a_block = 16;
    plan.operators.reserve(builder.whole_model() ? operators().size() * 3 : most_operators_of_a_block);
    if (!builder.whole_model()) {
        builder.sparse_layer(BlockKind::sparse_layer, layers, query_tokens);
        return plan;
    }
    if (model.layers > model.dense_layers)
        builder.sparse_layer(BlockKind::sparse_layer, layers - dense_layers, query_tokens);
    if (model.dense_layers > 0)
        builder.dense_layer(dense_layers, query_tokens);
    builder.outside(BlockKind::outside_layers, 1, query_tokens);
    if (point.mtp_len > 0) { // the MTP layer runs once per draft token, one query token each
        const auto drafts = static_cast<double>(point.mtp_len);
        builder.sparse_layer(BlockKind::mtp_layer, drafts, 1);
        builder.outside(BlockKind::mtp_outside, drafts, 1);
    }
    return plan;
}

} // namespace epscope
