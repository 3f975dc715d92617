// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/estimate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/estimate/step.h"
#include "core/model/attention.h"
#include "core/model/step.h"
#include "core/spec/combinations.h"
#include "core/text.h"

namespace epscope {
namespace {

OperatorEstimate estimate_operator(const Profile &profile, const OperatorPlan &op, double sequences)
{
    OperatorEstimate result;
    result.id = op.id;
    const double work = work_rows(profile, op.work, sequences);
    const double active = active_experts(profile, op.work, sequences);
    const double busy = busy_sequences(profile, op.work, sequences);
    const double traffic = traffic_seconds(op, busy, active);
    result.compute_s = compute_seconds(op, work);
    (op.network ? result.network_s : result.memory_s) = traffic;
    result.overhead_s = op.overhead_s;
    result.extra_s = op.extra_s_per_sequence * sequences;
    result.time_s = operator_seconds(op, traffic, result.compute_s, sequences);
    result.bound = op.network ? Bound::network : result.compute_s > traffic ? Bound::compute : Bound::memory;
    if (op.is_shorter) { // one way or the other
        result.network_s = std::min(traffic, result.compute_s);
        result.compute_s = 0;
    }
    if (op.work.kind == WorkKind::popular) {
        const double visits = busy;
        result.rows = op.work.rows_per_sequence * sequences / op.count; // per expert, on average
        result.inner = op.inner;
        result.columns = op.columns;
        result.count = op.count;
        result.bytes_moved = active * result.inner * result.columns * op.elem_size
            + visits * (result.inner * op.elem_size + result.columns * op.out_size);
        result.flops = 2 * work * result.inner * result.columns;
        result.efficiency = op.efficiency;
        result.rate = op.rate;
        return result;
    }
    if (op.work.kind == WorkKind::gemm) {
        result.rows = op.work.rows_per_sequence * sequences;
        result.inner = op.inner;
        result.columns = op.columns;
        result.count = op.count;
        result.bytes_moved = op.count
            * (result.rows * result.inner * op.elem_size + result.inner * result.columns * op.elem_size
                + result.rows * result.columns * op.out_size);
        result.flops = op.count * 2 * std::max(result.rows, static_cast<double>(profile.gemm_tile_rows)) * result.inner
            * result.columns;
        result.efficiency = op.work.rule == GemmRule::flat
            ? op.efficiency
            : gemm_efficiency(profile, op.work.rule, result.rows, result.inner, result.columns);
        result.rate = op.rate;
        return result;
    }
    (op.network ? result.bytes_sent : result.bytes_moved) = op.bytes_per_sequence * busy;
    result.bytes_moved += op.extra_bytes_per_sequence * sequences;
    result.bytes_near = op.near_bytes_per_sequence * busy;
    result.flops = op.flops_per_sequence * sequences;
    if (op.work.kind == WorkKind::sequences && op.rate.flops > 0) {
        result.efficiency = op.efficiency;
        result.rate = op.rate;
    }
    return result;
}

WindowEstimate estimate_window(const Window &window, const StageSeconds<double> &stage_s)
{
    WindowEstimate result;
    result.compute.assign(window.compute_lane().begin(), window.compute_lane().end());
    result.network.assign(window.network_lane().begin(), window.network_lane().end());
    result.compute_s = lane_seconds(window.compute_lane(), stage_s);
    result.network_s = lane_seconds(window.network_lane(), stage_s);
    result.time_s = beside(result.compute_s, result.network_s);
    result.exposed_network_s = exposed_seconds(result.compute_s, result.network_s);
    return result;
}

BlockEstimate estimate_block(const Profile &profile, const Plan &plan, const BlockPlan &block, double sequences)
{
    BlockEstimate result;
    result.kind = block.kind;
    result.layer = block.layer;
    result.count = static_cast<std::int64_t>(block.count);
    result.repeats = static_cast<std::int64_t>(block.repeats);
    const std::span<const OperatorPlan> operators = plan.operators_of(block);
    result.operators.reserve(operators.size());
    std::array<bool, stage_count> present{};
    for (const OperatorPlan &op : operators) {
        result.operators.push_back(estimate_operator(profile, op, sequences));
        present[static_cast<std::size_t>(info_of(op.id).stage)] = true;
    }
    const StageSeconds<double> stage_s =
        stage_seconds(operators, [&](std::size_t i) { return result.operators[i].time_s; });
    for (std::size_t stage = 0; stage < stage_count; ++stage) {
        if (present[stage])
            result.stages.push_back({static_cast<Stage>(stage), stage_s[stage]});
    }
    for (const Window &window : plan.windows_of(block))
        result.windows.push_back(estimate_window(window, stage_s));
    result.time_s = block_seconds(block, plan, stage_s);
    result.total_s = blocks_seconds(block, result.time_s);
    return result;
}

void add_bound(BoundShares &shares, const BlockEstimate &block)
{
    const auto weight = static_cast<double>(block.count * block.repeats);
    for (const WindowEstimate &window : block.windows) {
        if (window.network_s > window.compute_s) {
            shares.network += weight * window.network_s;
            continue;
        }
        std::array<bool, stage_count> computes{};
        for (const Stage stage : window.compute)
            computes[static_cast<std::size_t>(stage)] = true;
        for (const OperatorEstimate &op : block.operators) {
            if (!computes[static_cast<std::size_t>(info_of(op.id).stage)])
                continue;
            (op.bound == Bound::compute          ? shares.compute
                    : op.bound == Bound::network ? shares.network
                                                 : shares.memory) += weight * op.time_s;
        }
    }
}

// Rounding has left the sum a last bit off the step: the largest share takes it. Where that is not enough, the
// others become multiples of the step's last bit, so that every sum of them is exact.
void make_exact(BoundShares &shares, double step_s)
{
    std::array<double *, 3> by_size{&shares.compute, &shares.memory, &shares.network};
    std::stable_sort(by_size.begin(), by_size.end(), [](const double *a, const double *b) { return *a > *b; });
    double &largest = *by_size[0];
    const auto rest = [&] { return step_s - (shares.compute + shares.memory + shares.network); };
    largest += rest();
    if (rest() == 0)
        return;
    const double last_bit = std::nextafter(step_s, std::numeric_limits<double>::infinity()) - step_s;
    largest = step_s;
    for (double *share : {by_size[1], by_size[2]}) {
        *share = std::round(*share / last_bit) * last_bit;
        largest -= *share;
    }
}

BoundShares bound_of(const std::vector<BlockEstimate> &blocks, double step_s)
{
    BoundShares shares;
    for (const BlockEstimate &block : blocks)
        add_bound(shares, block);
    make_exact(shares, step_s);
    return shares;
}

double step_of(const std::vector<BlockEstimate> &blocks)
{
    double step_s = 0;
    for (const BlockEstimate &block : blocks)
        step_s += block.total_s;
    return step_s;
}

// With each product at an efficiency that it does not exceed in a range of batch sizes: no step of the plan is shorter
// there, and this one's grow with the batch.
Plan fastest_plan(const Profile &profile, Plan plan, std::int64_t least, std::int64_t most)
{
    const auto rows = [&](const Work &work, std::int64_t batch) {
        return work.rows_per_sequence * sequences_per_micro_batch(static_cast<double>(batch), plan.micro_batches);
    };
    for (OperatorPlan &op : plan.operators) {
        if (op.work.kind != WorkKind::gemm || op.work.rule == GemmRule::flat)
            continue;
        op.compute_s_per_row /= gemm_mfu_bound(
            profile, op.work.rule, rows(op.work, least), rows(op.work, most), op.work.inner, op.work.columns);
        op.work.rule = GemmRule::flat;
    }
    return plan;
}

// The largest batch from `least` to `most` that is fast enough. The step may take less time than at the batch before,
// so that it is looked for one by one, from the largest one on that it can be.
std::optional<std::int64_t> largest_batch_meeting(
    double target_tps, const Profile &profile, const Plan &plan, std::int64_t most, std::int64_t least)
{
    if (most < least)
        return std::nullopt;
    const auto is_fast = [&](const Plan &of, std::int64_t batch, double slack = 1) {
        return !is_too_slow(slack * of.tokens_per_step / step_seconds(profile, of, batch), target_tps);
    };
    constexpr double rounding = 1 + 1e-9;
    const Plan fastest = fastest_plan(profile, plan, least, most);
    std::int64_t able = least - 1, unable = most + 1; // at the highest efficiencies
    while (unable - able > 1) {
        const std::int64_t middle = able + (unable - able) / 2;
        (is_fast(fastest, middle, rounding) ? able : unable) = middle;
    }
    for (std::int64_t batch = able; batch >= least; --batch) {
        if (is_fast(plan, batch))
            return batch;
    }
    return std::nullopt;
}

// What is set and changes nothing, each reason once with all that it holds for.
void add_without_effect(const Profile &profile, std::vector<std::string> &notes)
{
    std::vector<std::pair<std::string_view, std::string>> by_reason;
    for (const WithoutEffect &each : without_effect(profile)) {
        const auto known = std::find_if(
            by_reason.begin(), by_reason.end(), [&](const auto &other) { return other.first == each.why; });
        if (known == by_reason.end())
            by_reason.emplace_back(each.why, each.key);
        else
            known->second += ", " + std::string(each.key);
    }
    for (const auto &[why, keys] : by_reason)
        notes.push_back("no effect of " + keys + ": " + std::string(why));
}

Infeasible too_slow(const Scenario &scenario, const Plan &plan, const Limits &limits, double ux_tps)
{
    const auto largest = [&](std::int64_t most, std::int64_t least) {
        return largest_batch_meeting(limits.target_tps, scenario.profile, plan, most, least);
    };
    const std::int64_t smaller = scenario.point.batch - 1;
    Infeasible found{Reason::target, {}, limits.target_tps, ux_tps,
        largest(std::min(smaller, limits.max_batch), limits.least_batch)};
    if (!found.largest_batch)
        found.fast_but_too_large = largest(smaller, std::max(limits.max_batch + 1, limits.least_batch));
    return found;
}

// Of docs/model.md §14, the kernel over one sequence of the first layers.
FlashMla attention_of(const StepInputs<double> &in, const Plan &plan)
{
    FlashMla kernel;
    attention_operators(in, layers_of(in.model).front(), in.query_tokens(), [&](const Operator<double> &op) {
        if (op.id != OpId::flash_mla && op.id != OpId::attention)
            return;
        kernel.flops = op.flop;
        kernel.bytes_moved = op.bytes + op.extra_bytes;
    });
    const auto own = std::find_if(plan.operators.begin(), plan.operators.end(),
        [](const OperatorPlan &op) { return op.id == OpId::flash_mla || op.id == OpId::attention; });
    kernel.compute_s = own->compute_s_per_row;
    kernel.efficiency = own->efficiency;
    kernel.rate = own->rate;
    return kernel;
}

// What of a parallelism is allowed but worth saying. docs/model.md §14.
void add_notes_of_parallelism(const Scenario &scenario, std::vector<std::string> &notes)
{
    const Model &model = scenario.model;
    const Workload &workload = scenario.workload;
    const Point &point = scenario.point;
    const ExpertMode mode = mode_of(model, point);
    const bool has_experts = model.routed_experts > 0;
    if (has_experts && mode == ExpertMode::moe_tp && point.tp > 1) {
        const double elem = workload.expert_elem_size.si();
        const std::int64_t block = is_four_bit(elem) ? 16 : elem <= 1 ? 128 : 1;
        const std::int64_t width = model.expert_intermediate / point.tp;
        if (width % block != 0)
            notes.push_back("engines refuse experts cut to a width of " + std::to_string(width)
                + ": their scales hold for blocks of " + std::to_string(block));
    }
    const std::int64_t slots = model.routed_experts + workload.redundant_experts;
    if (mode == ExpertMode::all2all && slots % point.ep != 0)
        notes.push_back(std::to_string(slots) + " experts do not fill EP " + std::to_string(point.ep)
            + " evenly: the slots are rounded up, engines ask for "
            + std::to_string(workload.redundant_experts + point.ep - slots % point.ep) + " redundant experts");
    if (has_experts && mode != ExpertMode::all2all && point.policy == Policy::dual_mbatch)
        notes.push_back("two micro-batches overlap nothing where experts are not sent to over a network");
    if (has_experts && mode != ExpertMode::all2all && workload.balancer == Balancer::on)
        notes.push_back("the balancer changes nothing here: it counts in all2all alone");
    if (mode == ExpertMode::all2all && workload.balancer == Balancer::as_redundant && workload.redundant_experts > 0)
        notes.push_back("a balancer is assumed, since there are redundant experts");
    if (point.tp > scenario.chip.scale_up_domain)
        notes.push_back("TP " + std::to_string(point.tp) + " exceeds the scale-up domain of "
            + std::to_string(scenario.chip.scale_up_domain) + " cards: its collectives cross the NIC");
    const std::vector<LayerKind> layers = layers_of(model);
    const bool one_cache = std::any_of(layers.begin(), layers.end(), [](const LayerKind &layer) {
        return std::holds_alternative<MlaShape>(layer.attention) || std::holds_alternative<V4Shape>(layer.attention);
    });
    if (point.tp > 1 && one_cache)
        notes.push_back(
            "each card of a TP group holds the whole KV cache of its sequences: latent keys are those of all heads");
}

std::vector<std::string> notes_on(const Scenario &scenario, const Estimate &result)
{
    std::vector<std::string> notes;
    const Point &point = scenario.point;
    if (point.batch % micro_batches(point.policy) != 0)
        notes.push_back(
            "an odd batch makes two micro-batches of half a sequence more and less; both are taken as batch / 2");
    const bool by_rows = result.flash_mla.efficiency.source != EfficiencySource::flash_mla_by_balance;
    if (!by_rows && scenario.workload.fa3 != Fa3::as_chip)
        notes.push_back("the FA3 mode changes nothing here: the profile's FlashMLA efficiencies are of whole kernels, "
                        "softmax included");
    if (!scenario.profile.gemm_by_balance.points.empty() && !scenario.workload.deepgemm)
        notes.push_back("DeepGEMM off changes nothing here: the profile's GEMM efficiencies go by balance");
    add_without_effect(scenario.profile, notes);
    if (const std::size_t known = scenario.workload.accepted_per_step.size();
        known > 0 && static_cast<std::size_t>(point.mtp_len) > known)
        notes.push_back(
            "tokens per step were measured with at most " + std::to_string(known) + " drafts; the last figure is held");
    if (by_rows && result.flash_mla.efficiency.evidence == Evidence::interpolated)
        notes.push_back("FlashMLA's efficiency at " + exact_text(result.flash_mla.rows)
            + " query rows is interpolated between measured ones");
    if (by_rows && result.flash_mla.efficiency.evidence == Evidence::held)
        notes.push_back("FlashMLA's efficiency was not measured at " + exact_text(result.flash_mla.rows)
            + " query rows; the nearest measured one is held");
    std::vector<std::string> fallen;
    std::string used;
    for (const BlockEstimate &block : result.blocks) {
        for (const OperatorEstimate &op : block.operators) {
            if (!op.rate || !op.rate->fell_back() || op.rate->no_kernel)
                continue;
            const std::string_view label = info_of(op.id).label;
            if (std::find(fallen.begin(), fallen.end(), label) == fallen.end()) {
                fallen.emplace_back(label);
                used = ascii_upper(name_of(op.rate->used, scenario.chip.eight_bit));
            }
        }
    }
    if (!fallen.empty())
        notes.push_back(scenario.chip.name + " has no rate as narrow as the operands of " + joined(fallen, ", ")
            + ": they run at the " + used + " rate");
    if (result.flash_mla.rate.no_kernel)
        notes.push_back("FlashMLA has no kernel for operands below 1 B: it runs at the "
            + ascii_upper(name_of(result.flash_mla.rate.used, scenario.chip.eight_bit)) + " rate");
    const bool is_2026 = scenario.profile.equations == Equations::model_2026;
    if (point.ep == 1 && !is_2026)
        notes.push_back("at EP 1 the model still charges dispatch and combine to the NIC");
    if (is_2026 && scenario.chip.scale_up_domain > 1 && !scenario.chip.scale_up_bandwidth
        && std::max(point.ep, point.tp) > 1)
        notes.push_back(scenario.chip.name + " states a scale-up domain of "
            + std::to_string(scenario.chip.scale_up_domain)
            + " cards, but no scale-up bandwidth: inside it, too, transfers take the NIC");
    if (is_2026)
        add_notes_of_parallelism(scenario, notes);
    if (!scenario.chip.assumed.empty())
        notes.push_back(
            "assumed for " + scenario.chip.name + ", no source states it: " + joined(scenario.chip.assumed, ", "));
    if (scenario.chip.sram && result.flash_mla.tile_sram > scenario.chip.sram->si())
        notes.push_back("FlashMLA's tile needs " + short_text(result.flash_mla.tile_sram, Dimension::bytes)
            + " of SRAM, an SM has " + short_text(scenario.chip.sram->si(), Dimension::bytes)
            + "; times do not account for it");
    return notes;
}

struct AttentionName {
    std::string operator()(const MlaShape &shape) const { return shape.top > 0 ? "DSA" : "MLA"; }
    std::string operator()(const GqaShape &shape) const
    {
        return shape.window > 0 ? "window " + std::to_string(shape.window) : "GQA";
    }
    std::string operator()(const V4Shape &shape) const
    {
        return shape.ratio == 0 ? "window " + std::to_string(shape.window) : shape.top > 0 ? "CSA" : "HCA";
    }
    std::string operator()(const LinearShape &shape) const
    {
        return shape.form == LinearForm::kda ? "KDA" : "Gated DeltaNet";
    }
};

} // namespace

std::string label_of(const Model &model, BlockKind kind, std::size_t layer)
{
    std::string label(label_of(kind));
    if (kind != BlockKind::sparse_layer && kind != BlockKind::dense_layer)
        return label;
    const std::vector<LayerKind> &kinds = model.layer_kinds; // without any all layers attend alike
    const auto like = [&](const LayerKind &each) { return each.is_dense() == (kind == BlockKind::dense_layer); };
    if (std::count_if(kinds.begin(), kinds.end(), like) > 1)
        label += " (" + std::visit(AttentionName{}, kinds[layer].attention) + ")";
    return label;
}

std::string_view name_of(Bound bound)
{
    constexpr std::array<std::string_view, 3> names{"compute", "memory", "network"};
    return names[static_cast<std::size_t>(bound)];
}

Bound BoundShares::largest() const
{
    if (network > compute && network > memory)
        return Bound::network;
    return compute > memory ? Bound::compute : Bound::memory;
}

double step_seconds(const Profile &profile, const Plan &plan, std::int64_t batch)
{
    return mean_step_seconds(profile, plan, static_cast<double>(batch));
}

double mean_step_seconds(const Profile &profile, const Plan &plan, double batch)
{
    // A step of a group runs only if a sequence is there.
    const double sequences =
        sequences_per_micro_batch(plan.group > 1 ? std::max(1.0, batch) : batch, plan.micro_batches);
    const ProfileInputs<double> in{profile, {}};
    double step_s = 0;
    for (const BlockPlan &block : plan.blocks) {
        const std::span<const OperatorPlan> operators = plan.operators_of(block);
        const auto time = [&](std::size_t i) { return operator_time(in, operators[i], sequences); };
        step_s += blocks_seconds(block, block_seconds(block, plan, stage_seconds(operators, time)));
    }
    return step_s;
}

std::vector<BlockEstimate> estimate_blocks(const Profile &profile, const Plan &plan, double sequences)
{
    std::vector<BlockEstimate> blocks;
    for (const BlockPlan &block : plan.blocks)
        blocks.push_back(estimate_block(profile, plan, block, sequences));
    return blocks;
}

BoundShares bound_shares(const Profile &profile, const Plan &plan, std::int64_t batch)
{
    const std::vector<BlockEstimate> blocks =
        estimate_blocks(profile, plan, sequences_per_micro_batch(static_cast<double>(batch), plan.micro_batches));
    return bound_of(blocks, step_of(blocks));
}

Estimate estimate(const Scenario &scenario)
{
    const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
    const Plan plan = make_plan(scenario.profile, scenario.model, machine, scenario.workload, scenario.point);
    const auto batch = static_cast<double>(scenario.point.batch);
    const double sequences = sequences_per_micro_batch(batch, plan.micro_batches);

    Estimate result;
    const StepInputs<double> inputs(scenario.profile, scenario.model, machine, scenario.workload, scenario.point);
    result.flash_mla = inputs.is_2026() ? attention_of(inputs, plan) : attention_kernel(inputs, inputs.query_tokens());
    result.tokens_per_step = plan.tokens_per_step;
    result.blocks = estimate_blocks(scenario.profile, plan, sequences);
    result.step_s = step_of(result.blocks);
    result.bound = bound_of(result.blocks, result.step_s);
    result.ux_tps = user_speed(result.tokens_per_step, result.step_s);
    result.throughput_per_card = card_throughput(result.ux_tps, sequences_per_card(scenario.point, batch));
    result.memory =
        memory_breakdown(scenario.profile, scenario.model, scenario.workload, machine.memory, scenario.point);
    const Limits limits = limits_of(
        scenario.profile, scenario.model, scenario.workload, result.memory, scenario.point, scenario.target_tps);
    result.infeasible = reasons_but_speed(limits, scenario.model, scenario.workload, result.memory, scenario.point);
    if (is_too_slow(result.ux_tps, limits.target_tps))
        result.infeasible.push_back(too_slow(scenario, plan, limits, result.ux_tps));
    result.notes = notes_on(scenario, result);
    return result;
}

} // namespace epscope
