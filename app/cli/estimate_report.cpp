// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/estimate_report.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/value_table.h"
#include "core/analysis/outputs.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

std::string seconds(double value)
{
    return value > 0 ? short_text(value, Dimension::seconds) : "-";
}

std::string bytes(double value)
{
    return value > 0 ? short_text(value, Dimension::bytes) : "-";
}

std::string share_text(double part, double whole)
{
    return fmt::format("{:.1f} %", 100 * part / whole);
}

std::string rate_text(const OperatorEstimate &op, EightBit eight_bit)
{
    if (!op.rate)
        return "-";
    std::string text(name_of(op.rate->used, eight_bit));
    if (op.rate->fell_back())
        text += fmt::format(" (no {}{})", name_of(op.rate->wanted, EightBit::fp8), op.rate->no_kernel ? " kernel" : "");
    return text;
}

std::string lane_text(const std::vector<Stage> &lane)
{
    std::string text;
    for (const Stage stage : lane)
        text += (text.empty() ? "" : " + ") + std::string(label_of(stage));
    return text;
}

// Where efficiencies come from, each said once and referred to by its number.
class Footnotes {
public:
    std::string mark(const std::string &note)
    {
        const auto known = std::find(notes.begin(), notes.end(), note);
        const auto index = known - notes.begin();
        if (known == notes.end())
            notes.push_back(note);
        return fmt::format("[{}]", index + 1);
    }
    std::string text() const
    {
        std::string all;
        for (std::size_t i = 0; i < notes.size(); ++i)
            all += fmt::format("  [{}] {}\n", i + 1, notes[i]);
        return all;
    }

private:
    std::vector<std::string> notes;
};

std::string block_text(const Scenario &scenario, const BlockEstimate &block, double step_s, Footnotes &footnotes)
{
    std::string text = fmt::format("{}: {} x {} = {}, {} of the step", label_of(scenario.model, block), block.count,
        seconds(block.time_s), seconds(block.total_s), share_text(block.total_s, step_s));
    text += block.repeats > 1 ? fmt::format("; per micro-batch ({} per layer):\n", block.repeats) : ":\n";
    std::size_t width = 18;
    for (const OperatorEstimate &op : block.operators)
        width = std::max(width, info_of(op.id).label.size());
    text += fmt::format("  {:<{}} {:>9} {:>7}  {:<8} {:>9} {:>9} {:>9} {:>9} {:>9}  {:<14} {:>7} {}\n", "Operator",
        width, "Time", "Share", "Bound by", "Compute", "Memory", "Network", "GFLOP", "Bytes", "Rate", "MFU", "from");
    double sum = 0;
    for (const OperatorEstimate &op : block.operators)
        sum += op.time_s;
    for (const OperatorEstimate &op : block.operators) {
        const double moved = op.bytes_moved + op.bytes_sent;
        text += fmt::format("  {:<{}} {:>9} {:>7}  {:<8} {:>9} {:>9} {:>9} {:>9} {:>9}  {:<14} {:>7} {}\n",
            info_of(op.id).label, width, seconds(op.time_s), share_text(op.time_s, sum), name_of(op.bound),
            seconds(op.compute_s), seconds(op.memory_s), seconds(op.network_s),
            op.flops > 0 ? short_text(op.flops / 1e9, Dimension::count) : "-", bytes(moved),
            rate_text(op, scenario.chip.eight_bit),
            op.efficiency ? fmt::format("{:.1f} %", 100 * op.efficiency->mfu) : "-",
            op.efficiency ? footnotes.mark(provenance_text(scenario.profile, scenario.chip, *op.efficiency)) : "");
    }
    text += "  Overlap windows, one after the other:\n";
    for (const WindowEstimate &window : block.windows) {
        const std::string compute = lane_text(window.compute);
        const std::string network = lane_text(window.network);
        if (network.empty() || compute.empty()) {
            text += fmt::format("    {:>9}  {}\n", seconds(window.time_s), compute + network);
            continue;
        }
        const std::string verdict = window.exposed_network_s > 0
            ? fmt::format("{} of the network exposed", seconds(window.exposed_network_s))
            : fmt::format("the network hides, {} to spare", seconds(window.compute_s - window.network_s));
        text += fmt::format("    {:>9}  {} ({}) overlapped with {} ({}): {}\n", seconds(window.time_s), compute,
            seconds(window.compute_s), network, seconds(window.network_s), verdict);
    }
    return text;
}

struct WeightKind {
    const char *key;
    const char *label;
    double MemoryBreakdown::*size;
};

constexpr std::array weight_kinds{
    WeightKind{"attention", "Attention", &MemoryBreakdown::attention},
    WeightKind{"shared_experts", "Shared experts", &MemoryBreakdown::shared_experts},
    WeightKind{"routed_experts", "Routed experts", &MemoryBreakdown::routed_experts},
    WeightKind{"dense_ffn", "Dense FFN", &MemoryBreakdown::dense_ffn},
    WeightKind{"embedding_and_head", "Embedding and head", &MemoryBreakdown::embedding_and_head},
    WeightKind{"mtp", "MTP layer", &MemoryBreakdown::mtp},
    WeightKind{"router", "Router", &MemoryBreakdown::router},
};

std::string memory_text(const MemoryBreakdown &memory)
{
    const auto line = [&](std::string_view label, double size) {
        return fmt::format(
            "  {:<20} {:>9} {:>8}\n", label, short_text(size, Dimension::bytes), share_text(size, memory.usable));
    };
    std::string text = fmt::format("Memory: {} usable, the largest batch that fits is {}\n",
        short_text(memory.usable, Dimension::bytes), memory.max_batch);
    for (const WeightKind &kind : weight_kinds) {
        if (memory.*kind.size > 0)
            text += line(kind.label, memory.*kind.size);
    }
    text += line("KV cache", memory.kv_cache);
    text += line(memory.free < 0 ? "Missing" : "Free", memory.free);
    return text;
}

Json stage_keys(const std::vector<Stage> &lane)
{
    Json keys = Json::array();
    for (const Stage stage : lane)
        keys.push_back(key_of(stage));
    return keys;
}

Json operator_json(const Scenario &scenario, const OperatorEstimate &op)
{
    const OperatorInfo &info = info_of(op.id);
    Json object{{"operator", info.key}, {"stage", key_of(info.stage)}, {"time_s", op.time_s},
        {"bound_by", name_of(op.bound)}, {"compute_s", op.compute_s}, {"memory_s", op.memory_s},
        {"network_s", op.network_s}, {"flops", op.flops}, {"bytes_moved", op.bytes_moved},
        {"bytes_sent", op.bytes_sent}};
    if (op.overhead_s > 0)
        object["overhead_s"] = op.overhead_s;
    if (op.extra_s > 0)
        object["extra_s"] = op.extra_s;
    if (op.count > 0)
        object["gemm"] = {{"m", op.rows}, {"k", op.inner}, {"n", op.columns}, {"count", op.count}};
    if (op.rate)
        object["rate"] = {{"used", name_of(op.rate->used, scenario.chip.eight_bit)},
            {"wanted", name_of(op.rate->wanted, scenario.chip.eight_bit)}, {"flops_per_s", op.rate->flops}};
    if (op.efficiency)
        object["efficiency"] = {{"mfu", op.efficiency->mfu}, {"rule", rule_of(op.efficiency->source).key},
            {"evidence", key_of(op.efficiency->evidence)},
            {"source", provenance_text(scenario.profile, scenario.chip, *op.efficiency)}};
    return object;
}

Json block_json(const Scenario &scenario, const BlockEstimate &block)
{
    Json operators = Json::array(), stages = Json::array(), windows = Json::array();
    for (const OperatorEstimate &op : block.operators)
        operators.push_back(operator_json(scenario, op));
    for (const StageEstimate &stage : block.stages)
        stages.push_back({{"stage", key_of(stage.stage)}, {"time_s", stage.time_s}});
    for (const WindowEstimate &window : block.windows)
        windows.push_back({{"compute", stage_keys(window.compute)}, {"network", stage_keys(window.network)},
            {"compute_s", window.compute_s}, {"network_s", window.network_s}, {"time_s", window.time_s},
            {"exposed_network_s", window.exposed_network_s}});
    return {{"block", key_of(block.kind)}, {"title", label_of(scenario.model, block)}, {"count", block.count},
        {"micro_batches", block.repeats}, {"time_s", block.time_s}, {"total_s", block.total_s},
        {"operators", operators}, {"stages", stages}, {"windows", windows}};
}

Json memory_json(const MemoryBreakdown &memory)
{
    Json weights = Json::object();
    for (const WeightKind &kind : weight_kinds) {
        const bool counted = kind.size != &MemoryBreakdown::router || memory.router > 0; // not by all equations
        if (counted)
            weights[std::string(kind.key) + "_bytes"] = memory.*kind.size;
    }
    return {{"weights", weights}, {"weights_bytes", memory.weights}, {"kv_bytes_per_sequence", memory.kv_per_sequence},
        {"kv_cache_bytes", memory.kv_cache}, {"usable_bytes", memory.usable}, {"free_bytes", memory.free},
        {"max_batch", memory.max_batch}};
}

Json infeasible_json(const Infeasible &infeasible)
{
    Json object{{"reason", name_of(infeasible.reason)}, {"needed", infeasible.needed},
        {"available", infeasible.available}, {"missing", infeasible.missing()}, {"text", text_of(infeasible)}};
    if (infeasible.largest_batch)
        object["largest_batch"] = *infeasible.largest_batch;
    if (infeasible.fast_but_too_large)
        object["fast_but_too_large"] = *infeasible.fast_but_too_large;
    return object;
}

Json flash_json(const FlashMla &flash)
{
    return {{"mode", name_of(flash.mode)}, {"query_rows", flash.rows}, {"padded_keys", flash.padded_keys},
        {"qk_s", flash.qk_s}, {"pv_s", flash.pv_s}, {"softmax_s", flash.softmax_s}, {"compute_s", flash.compute_s},
        {"flops", flash.flops}, {"bytes_moved", flash.bytes_moved}, {"tile_sram_bytes", flash.tile_sram}};
}

} // namespace

std::string estimate_report(const Scenario &scenario, const Estimate &estimate)
{
    const Point &point = scenario.point;
    const FlashMla &flash = estimate.flash_mla;
    const bool by_kernel = flash.rows > 0; // the published form of attention
    std::string text =
        fmt::format("{}, {}, {}, experts {}, {}, context {}, {}{}\n", scenario.chip.name, scenario.nic.name,
            axes_text(point, {AxisId::policy, AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::precision}),
            exact_text(scenario.workload.expert_elem_size), axes_text(point, {AxisId::mtp_len}),
            scenario.workload.context, scenario.workload.deepgemm ? "DeepGEMM" : "no DeepGEMM",
            by_kernel ? ", FA3 " + std::string(name_of(flash.mode)) : "");
    const Bound bound = estimate.bound.largest();
    const double bound_s = bound == Bound::compute ? estimate.bound.compute
        : bound == Bound::memory                   ? estimate.bound.memory
                                                   : estimate.bound.network;
    text += fmt::format("{} per user, {} per card; {} per step of {} tokens; bound by {} ({} of the step)\n",
        short_text(estimate.ux_tps, Dimension::tokens_per_second, 4),
        short_text(estimate.throughput_per_card, Dimension::tokens_per_second, 4),
        short_text(estimate.step_s, Dimension::seconds, 4), short_text(estimate.tokens_per_step, Dimension::count),
        name_of(bound), share_text(bound_s, estimate.step_s));
    if (estimate.feasible())
        text += scenario.target_tps > 0
            ? fmt::format("Feasible at {} per user\n", short_text(scenario.target_tps, Dimension::tokens_per_second))
            : "Feasible\n";
    for (const Infeasible &infeasible : estimate.infeasible)
        text += fmt::format("Infeasible: {}\n", text_of(infeasible));
    Footnotes footnotes;
    for (const BlockEstimate &block : estimate.blocks)
        text += "\n" + block_text(scenario, block, estimate.step_s, footnotes);
    text += "\nEfficiencies\n" + footnotes.text();
    if (!by_kernel)
        text += fmt::format("\nAttention of the first layer, one sequence: {} GFLOP, {} of keys and values, {}\n",
            short_text(flash.flops / 1e9, Dimension::count), bytes(flash.bytes_moved), seconds(flash.compute_s));
    else
        text +=
            fmt::format("\nFlashMLA, one sequence: {} query rows, {} keys; QK {}, PV {}, softmax {}, together {} ({}); "
                        "its tile needs {} of SRAM{}\n",
                exact_text(flash.rows), exact_text(flash.padded_keys), seconds(flash.qk_s), seconds(flash.pv_s),
                seconds(flash.softmax_s), seconds(flash.compute_s), name_of(flash.mode), bytes(flash.tile_sram),
                scenario.chip.sram ? fmt::format(", an SM has {}", bytes(scenario.chip.sram->si())) : "");
    text += "\n" + memory_text(estimate.memory);
    if (!estimate.notes.empty())
        text += "\nNotes\n";
    for (const std::string &note : estimate.notes)
        text += "  " + note + "\n";
    return text;
}

std::string estimate_json(const Scenario &scenario, const Estimate &estimate, int indent)
{
    const Point &point = scenario.point;
    const Evaluation evaluation(scenario, estimate);
    Json blocks = Json::array(), infeasible = Json::array();
    for (const BlockEstimate &block : estimate.blocks)
        blocks.push_back(block_json(scenario, block));
    for (const Infeasible &reason : estimate.infeasible)
        infeasible.push_back(infeasible_json(reason));
    Json all = Json::object();
    for (const Metric &metric : metrics()) {
        if (metric.listed != Listed::never)
            all[std::string(metric.column_key)] =
                metric.number ? json_of(number_of(metric, evaluation)) : Json(metric.text(evaluation));
    }
    all.update(Json{
        {"configuration",
            {{"chip", scenario.chip.name}, {"nic", scenario.nic.name}, {"model", scenario.model.name},
                {"profile", scenario.profile.name}, {"policy", name_of(point.policy)}, {"tp", point.tp},
                {"mode", name_of(point.mode)}, {"ep", point.ep}, {"kv_elem_size", point.kv_elem_size},
                {"param_elem_size", point.param_elem_size},
                {"expert_elem_size", scenario.workload.expert_elem_size.si()}, {"batch_size", point.batch},
                {"context", scenario.workload.context}, {"mtp_len", point.mtp_len},
                {"acceptance", scenario.workload.acceptance}, {"deepgemm", scenario.workload.deepgemm},
                {"fa3", name_of(estimate.flash_mla.mode)}, {"target_tps", scenario.target_tps}}},
        {"tokens_per_step", estimate.tokens_per_step},
        {"bound_s",
            {{"compute", estimate.bound.compute}, {"memory", estimate.bound.memory},
                {"network", estimate.bound.network}}},
        {"feasible", estimate.feasible()},
        {"infeasible", infeasible},
        {"blocks", blocks},
        {"flash_mla", flash_json(estimate.flash_mla)},
        {"memory", memory_json(estimate.memory)},
        {"notes", estimate.notes},
    });
    return all.dump(indent) + "\n";
}

} // namespace epscope
