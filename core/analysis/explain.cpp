// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>

#include "core/spec/parameters.h"

namespace epscope {
namespace {

// The children of a node. What is made for it alone is moved into it: trees are deep.
struct Parts : std::vector<Explanation> {
    Parts() = default;
    Parts(std::vector<Explanation> all)
        : std::vector<Explanation>(std::move(all))
    {
    }
    template <class... Each>
    requires(std::same_as<std::remove_cvref_t<Each>, Explanation> &&...) Parts(Each &&...each)
    {
        reserve(sizeof...(each));
        (push_back(std::forward<Each>(each)), ...);
    }
};

Explanation constant(std::string title, double value, std::string unit = {})
{
    return {std::move(title), value, std::move(unit), Combine::none, {}, {}, {}, {}};
}

Explanation made(std::string title, std::string unit, Combine combine, Parts children)
{
    Explanation node{std::move(title), 0, std::move(unit), combine, std::move(children), {}, {}, {}};
    node.value = combined(node);
    return node;
}

// A value of the plan or the estimate. Its parts stay only where they make it exactly: a tree that is wrong is worse
// than none.
Explanation taken(std::string title, double value, std::string unit, Combine combine, Parts children)
{
    Explanation node = made(std::move(title), std::move(unit), combine, std::move(children));
    if (node.value != value) {
        node.value = value;
        node.combine = Combine::none;
        node.children.clear();
    }
    return node;
}

// Seconds of which the engine has moved the last bits to make other sums come out.
Explanation rounded_sum(std::string title, double value, Parts parts)
{
    Explanation node = made(title, "s", Combine::sum, parts);
    if (node.value != value)
        parts.push_back(constant("Rounding", value - node.value, "s"));
    return taken(std::move(title), value, "s", Combine::sum, std::move(parts));
}

Explanation named(std::string name, Explanation node)
{
    node.name = std::move(name);
    return node;
}

Explanation noted(Explanation node, std::string note)
{
    node.note = std::move(note);
    return node;
}

class Explainer {
public:
    // `mean`: batch of a measured run, in place of the point's.
    explicit Explainer(const Scenario &the_scenario, std::optional<double> mean = std::nullopt)
        : scenario(the_scenario)
        , profile(scenario.profile)
        , model(scenario.model)
        , point(scenario.point)
        , machine(resolve(profile, scenario.chip, scenario.nic))
        , plan(make_plan(profile, model, machine, scenario.workload, point))
        , estimated(estimate(scenario))
        , mean_batch(mean)
        , sequences(mean.value_or(static_cast<double>(point.batch)) / plan.micro_batches)
        , blocks(estimate_blocks(profile, plan, sequences))
        , step_s(mean ? mean_step_seconds(profile, plan, *mean) : estimated.step_s)
    {
    }

    Explanation throughput() const
    {
        return named("throughput",
            taken("Throughput per card", estimated.throughput_per_card, "tok/s", Combine::product, {speed(), batch()}));
    }

    // Speed per user and step time stand here by their names; the throughput takes them apart.
    Explanation time_per_token() const
    {
        return named("tpot",
            taken("Time per token", 1 / estimated.ux_tps, "s", Combine::quotient,
                {constant("One", 1), named("ux_tps", constant("Speed per user", estimated.ux_tps, "tok/s"))}));
    }

    // The step again, by what it waits for: core/estimate/estimate.cpp, add_bound().
    Explanation by_bound() const
    {
        const BoundShares &shares = estimated.bound;
        Explanation node = taken("Step time by what binds", step_s, "s", Combine::sum,
            {bound_time(Bound::compute, shares.compute), bound_time(Bound::memory, shares.memory),
                bound_time(Bound::network, shares.network)});
        const Bound largest = shares.largest();
        const double part = largest == Bound::compute ? shares.compute
            : largest == Bound::memory                ? shares.memory
                                                      : shares.network;
        node.note = std::string(name_of(largest)) + " binds " + short_text(100 * part / step_s, Dimension::count, 3)
            + " % of it";
        return named("bound_by", std::move(node));
    }
    Explanation network_share() const
    {
        const double network = estimated.bound.network;
        return named("network_share",
            taken("Exposed network", network / step_s, "", Combine::quotient,
                {bound_time(Bound::network, network), named("step_time", constant("Step time", step_s, "s"))}));
    }

    // Of the first layer, all micro-batches: what is sent while nothing computes.
    Explanation exposed_network() const
    {
        Parts windows;
        for (std::size_t i = 0; i < blocks.front().windows.size(); ++i) {
            const WindowEstimate &each = blocks.front().windows[i];
            if (each.network.empty())
                continue;
            const Explanation network = lane(each.network, each.network_s, plan.blocks.front(), blocks.front());
            if (each.compute.empty()) {
                windows.push_back(network);
                continue;
            }
            const Explanation compute = lane(each.compute, each.compute_s, plan.blocks.front(), blocks.front());
            const Explanation beyond =
                made(network.title + " beyond " + compute.title, "s", Combine::difference, {network, compute});
            windows.push_back(named(name_of_exposed(each, i),
                taken("Exposed " + network.title, each.exposed_network_s, "s", Combine::largest,
                    {constant("None", 0, "s"), beyond})));
        }
        if (windows.empty())
            windows.push_back(constant("None", 0, "s"));
        const Explanation once = made("One micro-batch", "s", Combine::sum, std::move(windows));
        return named("exposed_network",
            made(
                "Exposed network of a layer", "s", Combine::product, {one_after_the_other(plan.blocks.front()), once}));
    }

    // All micro-batches of the first layer, each operator's runs together, as if none ran beside another.
    Explanation layer_operators() const
    {
        Parts parts;
        const BlockPlan &planned = plan.blocks.front();
        const std::span<const OperatorPlan> plans = plan.operators_of(planned);
        for (std::size_t i = 0; i < plans.size(); ++i) {
            const std::string title = std::string(info_of(plans[i].id).label) + ", all micro-batches";
            parts.push_back(named(name_of_runs(plans[i].id, OperatorRuns::of_layer),
                made(title, "s", Combine::product,
                    {one_after_the_other(planned), operation(plans[i], blocks.front().operators[i], planned.kind)})));
        }
        return named("layer_operators", made("Operators of a layer", "s", Combine::sum, std::move(parts)));
    }
    // The same of the whole step.
    Explanation step_operators() const
    {
        Parts parts;
        for (const OperatorInfo &info : operators()) {
            Parts runs;
            for (std::size_t i = 0; i < plan.blocks.size(); ++i) {
                const BlockPlan &planned = plan.blocks[i];
                const std::span<const OperatorPlan> plans = plan.operators_of(planned);
                for (std::size_t k = 0; k < plans.size(); ++k) {
                    if (plans[k].id != info.id)
                        continue;
                    const std::string title =
                        std::string(info.label) + ", " + std::string(label_of(planned.kind)) + ", all";
                    runs.push_back(made(title, "s", Combine::product,
                        {runs_per_step(planned), operation(plans[k], blocks[i].operators[k], planned.kind)}));
                }
            }
            if (!runs.empty())
                parts.push_back(named(name_of_runs(info.id, OperatorRuns::of_step),
                    made(std::string(info.label) + ", whole step", "s", Combine::sum, std::move(runs))));
        }
        return named("step_operators", made("Operators of the step", "s", Combine::sum, std::move(parts)));
    }
    // Of that sum. What the sum and the times are made of stands there.
    Explanation operator_shares() const
    {
        const Explanation all = step_operators();
        Parts parts;
        for (const OperatorInfo &info : operators()) {
            const std::string of_step = name_of_runs(info.id, OperatorRuns::of_step);
            const auto whole = std::find_if(all.children.begin(), all.children.end(),
                [&](const Explanation &each) { return each.name == of_step; });
            if (whole == all.children.end())
                continue;
            parts.push_back(named(name_of_runs(info.id, OperatorRuns::share),
                made(std::string(info.label) + ", share", "", Combine::quotient,
                    {named(whole->name, constant(whole->title, whole->value, "s")),
                        named(all.name, constant(all.title, all.value, "s"))})));
        }
        return named("operator_shares", made("Shares of the operators' sum", "", Combine::sum, std::move(parts)));
    }
    Explanation step_share() const
    {
        const Explanation all = step_operators();
        return named("step_share",
            made("Step time over its operators' sum", "", Combine::quotient,
                {named("step_time", constant("Step time", step_s, "s")),
                    named(all.name, constant(all.title, all.value, "s"))}));
    }

    Explanation chosen_cards() const
    {
        Explanation node = constant("Cards that share the experts", static_cast<double>(point.ep));
        node.children = {local_experts()};
        return named("ep", std::move(node));
    }

    // Why not larger, by one more.
    Explanation chosen_batch() const
    {
        Explanation node = constant("Batch per card", static_cast<double>(point.batch));
        node.children = {largest_batch()};
        Scenario next = scenario;
        ++next.point.batch;
        const Estimate larger = estimate(next);
        const auto fails = [&](Reason reason) {
            return std::any_of(larger.infeasible.begin(), larger.infeasible.end(),
                [=](const Infeasible &each) { return each.reason == reason; });
        };
        node.note = fails(Reason::memory) ? "one more sequence does not fit in memory"
            : fails(Reason::target)       ? "with one more sequence it is too slow for the target"
                                          : "one more sequence would fit and be fast enough";
        return named("batch", std::move(node));
    }

    Explanation unusable_memory() const
    {
        return named("unusable_memory",
            made("Memory that is not usable", "B", Combine::difference, {whole_memory(), usable_memory()}));
    }

    // Estimated over measured time per token, less 1: core/calibrate/validation.cpp.
    Explanation error(const MeasuredRun &run) const
    {
        const Explanation accepted = noted(constant("Tokens per step, measured", run.tokens_per_step), run.source);
        const Explanation estimated_s =
            named("tpot", made("Time per token, estimated", "s", Combine::quotient, {step(), accepted}));
        const Explanation measured = noted(constant("Time per token, measured", run.tpot_s, "s"), run.source);
        return named("error",
            made("Error of the estimate", "", Combine::difference,
                {made("Estimated over measured", "", Combine::quotient, {estimated_s, measured}), constant("One", 1)}));
    }

    // docs/model.md §8.
    Explanation memory() const
    {
        return named("free_memory",
            taken("Free memory", estimated.memory.free, "B", Combine::difference,
                {usable_memory(), weights(), kv_cache()}));
    }

private:
    const Scenario &scenario;
    const Profile &profile;
    const Model &model;
    const Point &point;
    const Machine machine;
    const Plan plan;
    const Estimate estimated;
    const std::optional<double> mean_batch;
    const double sequences; // of one micro-batch
    const std::vector<BlockEstimate> blocks;
    const double step_s;

    Explanation whole_memory() const { return input(chip_key("memory"), machine.memory, "B"); }
    Explanation usable_memory() const
    {
        const Explanation share = made("Share of the memory", "B", Combine::product,
            {input("profile.usable_memory_fraction", profile.usable_memory_fraction), whole_memory()});
        const double usable = estimated.memory.usable;
        return named("usable_memory",
            profile.reserved_memory == 0 ? taken("Usable memory", usable, "B", share.combine, share.children)
                                         : taken("Usable memory", usable, "B", Combine::difference,
                                             {share, input("profile.reserved_memory", profile.reserved_memory, "B")}));
    }
    Explanation largest_batch() const
    {
        const MemoryBreakdown &parts = estimated.memory;
        const Explanation left =
            made("Memory for the KV cache", "B", Combine::difference, {usable_memory(), weights()});
        const auto largest = [&](Combine combine, Parts of) {
            return named("max_batch",
                taken("Largest batch that fits", static_cast<double>(parts.max_batch), "", combine, std::move(of)));
        };
        if (left.value > 0)
            return largest(Combine::quotient_down, {left, kv_sequence()});
        return largest(Combine::largest,
            {constant("None", 0), made("Sequences that fit", "", Combine::quotient_down, {left, kv_sequence()})});
    }

    // Seconds of a step in which one of the three binds: network where it is the longer lane of a window, else by each
    // operator of the other.
    Explanation bound_time(Bound bound, double seconds) const
    {
        Parts parts;
        for (std::size_t i = 0; i < plan.blocks.size(); ++i) {
            const BlockPlan &planned = plan.blocks[i];
            const Explanation times = runs_per_step(planned);
            const auto add = [&](Explanation once) {
                const std::string title = once.title + ", " + std::string(label_of(planned.kind)) + ", all";
                parts.push_back(made(title, "s", Combine::product, {times, std::move(once)}));
            };
            for (const WindowEstimate &each : blocks[i].windows) {
                if (each.network_s > each.compute_s) {
                    if (bound == Bound::network)
                        add(lane(each.network, each.network_s, planned, blocks[i]));
                    continue;
                }
                const std::span<const OperatorPlan> plans = plan.operators_of(planned);
                for (std::size_t k = 0; k < plans.size(); ++k) {
                    const bool in_lane = std::find(each.compute.begin(), each.compute.end(), info_of(plans[k].id).stage)
                        != each.compute.end();
                    const Bound own = blocks[i].operators[k].bound == Bound::compute ? Bound::compute : Bound::memory;
                    if (in_lane && own == bound)
                        add(operation(plans[k], blocks[i].operators[k], planned.kind));
                }
            }
        }
        const std::string name(name_of(bound));
        const std::string title = "Bound by " + name;
        Explanation node = parts.empty() ? noted(constant(title, seconds, "s"), "nothing waits for it")
                                         : rounded_sum(title, seconds, std::move(parts));
        return named(name + "_time", std::move(node));
    }

    std::string chip_key(const char *key) const { return "chip." + scenario.chip.name + "." + key; }

    Explanation input(const std::string &key, double value, std::string unit = {}) const
    {
        const bool kv = key == "kv_elem_size";
        std::string title(kv || key == "param_elem_size" ? (kv ? "KV element size" : "Parameter element size")
                                                         : find_parameter(key)->label);
        return {std::move(title), value, std::move(unit), Combine::none, {}, {}, key, origin_of(key)};
    }
    // How a number of the profile was obtained, where the profile says so.
    std::string origin_of(std::string_view key) const
    {
        constexpr std::string_view scope = "profile.";
        if (!key.starts_with(scope))
            return {};
        const auto found = std::find_if(profile.calibration.begin(), profile.calibration.end(),
            [&](const ParameterOrigin &origin) { return origin.parameter == key.substr(scope.size()); });
        return found == profile.calibration.end() ? std::string()
                                                  : std::string(name_of(found->origin)) + ": " + found->source;
    }
    Explanation shape(const char *key, std::int64_t Model::*member) const
    {
        return input(std::string("model.") + key, static_cast<double>(model.*member));
    }
    Explanation hidden() const { return shape("hidden_size", &Model::hidden_size); }
    Explanation heads() const { return shape("heads", &Model::heads); }
    Explanation kv_rank() const { return shape("kv_lora_rank", &Model::kv_lora_rank); }
    Explanation rope() const { return shape("qk_rope_head_dim", &Model::qk_rope_head_dim); }
    Explanation kv_dim() const { return made("KV width", "", Combine::sum, {kv_rank(), rope()}); }
    Explanation batch() const
    {
        return mean_batch ? constant("Batch per card, measured mean", *mean_batch)
                          : input("batch", static_cast<double>(point.batch));
    }
    Explanation drafts() const { return input("mtp_len", static_cast<double>(point.mtp_len)); }
    Explanation memory_bandwidth() const
    {
        const Explanation stated = read_rate(input(chip_key("memory_bandwidth"), machine.memory_bandwidth, "B/s"));
        return profile.memory_efficiency == 1 ? stated
                                              : reached(stated, "profile.memory_efficiency", profile.memory_efficiency);
    }
    Explanation reached(const Explanation &bandwidth, const char *key, double efficiency) const
    {
        return made(bandwidth.title + " reached", "B/s", Combine::product, {bandwidth, input(key, efficiency)});
    }
    Explanation nic_bandwidth() const
    {
        return read_rate(input("nic." + scenario.nic.name + ".bandwidth", machine.nic_bandwidth, "B/s"));
    }
    Explanation cards() const { return input("ep", static_cast<double>(point.ep)); }
    Explanation imbalance() const
    {
        const double value = load_imbalance(profile, point.ep);
        return value == profile.load_imbalance
            ? input("profile.load_imbalance", value)
            : noted(constant("Load imbalance", value), "a single card is as busy as the mean");
    }
    Explanation tile_rows() const
    {
        return input("profile.gemm_tile_rows", static_cast<double>(profile.gemm_tile_rows));
    }
    Explanation param_elem_size() const { return input("param_elem_size", point.param_elem_size, "B"); }
    Explanation expert_elem_size() const
    {
        return input("expert_elem_size", scenario.workload.expert_elem_size.si(), "B");
    }
    Explanation local_experts() const
    {
        return taken("Experts per card", static_cast<double>(experts_per_card(model, point.ep)), "",
            Combine::quotient_up, {shape("routed_experts", &Model::routed_experts), cards()});
    }
    Explanation micro_batch() const
    {
        return taken("Sequences per micro-batch", sequences, "", Combine::quotient,
            {batch(), constant("Micro-batches", plan.micro_batches)});
    }
    // New tokens of a sequence that a block works on.
    Explanation query_tokens(BlockKind kind) const
    {
        if (kind == BlockKind::mtp_layer || kind == BlockKind::mtp_outside)
            return constant("Query tokens", 1);
        return made("Query tokens", "", Combine::sum, {constant("The last token", 1), drafts()});
    }

    // Quirk 5 off: binary prefixes are read as decimal.
    Explanation read_rate(Explanation rate) const
    {
        if (!profile.quirks.binary_prefixes)
            rate.note = "binary prefixes of rates are read as decimal (quirk 5 off)";
        return rate;
    }

    Explanation speed() const
    {
        return named("ux_tps",
            taken("Speed per user", estimated.ux_tps, "tok/s", Combine::quotient, {tokens_per_step(), step()}));
    }

    // 1 + a + ... + a^s.
    Explanation tokens_per_step() const
    {
        Parts parts{constant("The step's own token", 1)};
        const Explanation acceptance = input("acceptance", scenario.workload.acceptance);
        for (std::int64_t draft = 1; draft <= point.mtp_len; ++draft)
            parts.push_back(made("Draft token " + std::to_string(draft), "", Combine::product,
                std::vector(static_cast<std::size_t>(draft), acceptance)));
        return named(
            "tokens_per_step", taken("Tokens per step", estimated.tokens_per_step, "", Combine::sum, std::move(parts)));
    }

    Explanation step() const
    {
        Parts parts;
        for (std::size_t i = 0; i < plan.blocks.size(); ++i)
            parts.push_back(block(plan.blocks[i], blocks[i]));
        return named("step_time", taken("Step time", step_s, "s", Combine::sum, std::move(parts)));
    }

    Explanation block_count(const BlockPlan &planned) const
    {
        const Explanation layers = shape("layers", &Model::layers), dense = shape("dense_layers", &Model::dense_layers);
        const auto times = [&](Combine combine, Parts parts) {
            return taken("Times per step", planned.count, "", combine, std::move(parts));
        };
        switch (planned.kind) {
        case BlockKind::sparse_layer:
            if (profile.quirks.sparse_layers_only)
                return noted(
                    times(Combine::sum, {layers}), "every layer is a sparse one and nothing else takes time (quirk 4)");
            return times(Combine::difference, {layers, dense});
        case BlockKind::dense_layer:
            return times(Combine::sum, {dense});
        case BlockKind::mtp_layer:
        case BlockKind::mtp_outside:
            return times(Combine::sum, {drafts()});
        case BlockKind::outside_layers:
            break;
        }
        return constant("Times per step", planned.count);
    }

    Explanation runs_per_step(const BlockPlan &planned) const
    {
        return made("Runs per step", "", Combine::product, {block_count(planned), one_after_the_other(planned)});
    }
    static Explanation one_after_the_other(const BlockPlan &planned)
    {
        return constant("Micro-batches, one after the other", planned.repeats);
    }

    Explanation block(const BlockPlan &planned, const BlockEstimate &result) const
    {
        Parts windows;
        for (std::size_t i = 0; i < result.windows.size(); ++i)
            windows.push_back(window(planned, result, i));
        Explanation once = made("One micro-batch", "s", Combine::sum, std::move(windows));
        const bool is_layer = planned.kind != BlockKind::outside_layers && planned.kind != BlockKind::mtp_outside;
        Explanation time = named(is_layer ? "layer_time" : "",
            taken(std::string(label_of(planned.kind)), result.time_s, "s", Combine::product,
                {one_after_the_other(planned), std::move(once)}));
        const std::string title = std::string(label_of(planned.kind)) + ", all";
        return named(std::string(key_of(planned.kind)),
            taken(title, result.total_s, "s", Combine::product, {block_count(planned), std::move(time)}));
    }

    Explanation lane(
        const std::vector<Stage> &stages, double value, const BlockPlan &planned, const BlockEstimate &result) const
    {
        Parts parts;
        for (const StageEstimate &each : result.stages) { // in the order of the lane below
            if (std::find(stages.begin(), stages.end(), each.stage) == stages.end())
                continue;
            parts.push_back(stage(each, planned, result));
        }
        std::sort(parts.begin(), parts.end(),
            [&](const Explanation &a, const Explanation &b) { return place(stages, a.name) < place(stages, b.name); });
        if (parts.size() == 1)
            return std::move(parts.front());
        std::string title;
        for (const Explanation &part : parts)
            title += (title.empty() ? "" : " and ") + part.title;
        return taken(title, value, "s", Combine::sum, std::move(parts));
    }
    static std::ptrdiff_t place(const std::vector<Stage> &stages, std::string_view key)
    {
        return std::find_if(stages.begin(), stages.end(), [&](Stage each) { return key_of(each) == key; })
            - stages.begin();
    }

    Explanation window(const BlockPlan &planned, const BlockEstimate &result, std::size_t index) const
    {
        const WindowEstimate &each = result.windows[index];
        const bool has_compute = !each.compute.empty(), has_network = !each.network.empty();
        if (!has_network)
            return lane(each.compute, each.compute_s, planned, result);
        if (!has_compute)
            return lane(each.network, each.network_s, planned, result);
        Explanation compute = lane(each.compute, each.compute_s, planned, result);
        Explanation network = lane(each.network, each.network_s, planned, result);
        std::string title = compute.title + " beside " + network.title;
        return named(name_of_window(each, index),
            taken(std::move(title), each.time_s, "s", Combine::largest, {std::move(compute), std::move(network)}));
    }

    Explanation stage(const StageEstimate &each, const BlockPlan &planned, const BlockEstimate &result) const
    {
        Parts parts;
        const std::span<const OperatorPlan> plans = plan.operators_of(planned);
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (info_of(plans[i].id).stage == each.stage)
                parts.push_back(operation(plans[i], result.operators[i], planned.kind));
        }
        return named(std::string(key_of(each.stage)),
            taken(std::string(label_of(each.stage)), each.time_s, "s", Combine::sum, std::move(parts)));
    }

    Explanation operation(const OperatorPlan &op, const OperatorEstimate &result, BlockKind kind) const
    {
        const OperatorInfo &info = info_of(op.id);
        const auto whole = [&](Combine combine, Parts parts) {
            return named(
                std::string(info.key), taken(std::string(info.label), result.time_s, "s", combine, std::move(parts)));
        };
        if (op.id == OpId::layer_overhead)
            return whole(Combine::sum, {input("profile.layer_overhead", profile.layer_overhead, "s")});
        if (op.id == OpId::step_overhead)
            return whole(Combine::sum, {input("profile.step_overhead", profile.step_overhead, "s")});
        Parts parts{traffic(op, result, kind)};
        if (op.work.kind != Work::Kind::none) {
            Explanation moved = std::move(parts.front()), computed = compute(op, result, kind);
            if (op.unhidden == 0 && op.overhead_s == 0)
                return whole(Combine::largest, {std::move(computed), std::move(moved)});
            parts = {made("The longer of both", "s", Combine::largest, {computed, moved})};
            if (op.unhidden > 0)
                parts.push_back(made("Not hidden", "s", Combine::product,
                    {is_routed(op.id) ? input("profile.expert_unhidden", profile.expert_unhidden)
                                      : input("profile.gemm_unhidden", profile.gemm_unhidden),
                        std::move(moved.value < computed.value ? moved : computed)}));
        }
        if (op.network && op.overhead_s > 0)
            parts.push_back(transfer_latency());
        else if (op.overhead_s > 0)
            parts.push_back(input("profile.kernel_overhead", profile.kernel_overhead, "s"));
        return whole(Combine::sum, std::move(parts));
    }
    static bool is_routed(OpId id) { return id == OpId::routed_up || id == OpId::routed_down; }

    // docs/model.md §14: cards that the scale-up links reach, of the EP group.
    Explanation near_cards() const
    {
        if (machine.scale_up_bandwidth == 0)
            return noted(constant("Cards in the scale-up domain", 1),
                machine.scale_up_domain > 1 ? "the chip states no bandwidth of its scale-up links"
                                            : "the chip has no scale-up links");
        return made("Cards in the scale-up domain", "", Combine::smallest,
            {input(chip_key("scale_up_domain"), machine.scale_up_domain), cards()});
    }
    Explanation transfer_latency() const
    {
        Parts parts{input("profile.scale_up_latency", profile.scale_up_latency, "s")};
        if (cards().value > near_cards().value)
            parts.push_back(input("profile.nic_latency", profile.nic_latency, "s"));
        return made("Latency", "s", Combine::sum, std::move(parts));
    }

    Explanation rate(const OperatorPlan &op) const
    {
        const char *key = op.rate.used == Rate::four_bit ? "fp4" : op.rate.used == Rate::eight_bit ? "fp8" : "bf16";
        Explanation node = read_rate(input(chip_key(key), op.rate.flops, "FLOP/s"));
        if (op.rate.fell_back())
            node.note = op.rate.no_kernel ? "there is no kernel for operands as narrow"
                                          : "the chip has no rate as narrow as the operands";
        return node;
    }

    Explanation efficiency(OpId id, const Efficiency &efficiency) const
    {
        return named(std::string(info_of(id).key) + ".mfu",
            noted(constant("MFU", efficiency.mfu),
                std::string(key_of(efficiency.source)) + ": " + provenance_text(profile, scenario.chip, efficiency)));
    }

    // One GEMM's sizes by the model's numbers; docs/model.md §3.
    struct Sizes {
        Explanation rows, inner, columns, count, elem;
    };
    Sizes sizes_of(const OperatorPlan &op, BlockKind kind) const
    {
        const Explanation tokens = query_tokens(kind);
        const Explanation one = constant("GEMMs", 1);
        const Explanation nope = shape("qk_nope_head_dim", &Model::qk_nope_head_dim),
                          q_rank = shape("q_lora_rank", &Model::q_lora_rank);
        const Explanation value = shape("v_head_dim", &Model::v_head_dim),
                          width = shape("expert_intermediate", &Model::expert_intermediate);
        const Explanation dense = shape("dense_intermediate", &Model::dense_intermediate);
        const Explanation shared =
            made("Joint width", "", Combine::product, {shape("shared_experts", &Model::shared_experts), width});
        const Explanation two = constant("Up and gate", 2);
        const Explanation absorb_elem = profile.bf16_absorb ? elem(op) : param_elem_size();
        const bool quirk = profile.quirks.truncated_query_projection;
        const bool drafts_ignored =
            profile.quirks.naive_ffn_ignores_drafts && point.policy == Policy::naive && kind != BlockKind::dense_layer;
        const Explanation ffn_tokens = drafts_ignored
            ? noted(constant("Query tokens", 1), "the naive pipeline's FFN counts one token per sequence (quirk 3)")
            : tokens;
        const Explanation all_tokens = made("Tokens of all micro-batches", "", Combine::product,
            {constant("Micro-batches", plan.micro_batches), tokens});
        const auto product = [](const char *title, Parts parts) {
            return made(title, "", Combine::product, std::move(parts));
        };
        switch (op.id) {
        case OpId::q_down:
            if (quirk)
                return {tokens, q_rank, noted(nope, "one head's width (quirk 1)"), one, param_elem_size()};
            if (profile.fused_compression)
                return {tokens, hidden(), made("Query rank and KV width", "", Combine::sum, {q_rank, kv_dim()}), one,
                    param_elem_size()};
            return {tokens, hidden(), q_rank, one, param_elem_size()};
        case OpId::q_up:
            return {tokens, quirk ? noted(nope, "one head's width (quirk 1)") : q_rank,
                product("Query width", {heads(), made("Head dim", "", Combine::sum, {nope, rope()})}), one,
                param_elem_size()};
        case OpId::q_absorb:
            return {tokens, nope, kv_rank(), heads(), absorb_elem};
        case OpId::kv_compress:
            return {tokens, hidden(), kv_dim(), one, param_elem_size()};
        case OpId::v_up:
            return {tokens, kv_rank(), value, heads(), absorb_elem};
        case OpId::o_proj:
            return {tokens, product("Width of all heads", {heads(), value}), hidden(), one, param_elem_size()};
        case OpId::router:
            return {tokens, hidden(), shape("routed_experts", &Model::routed_experts), one, elem(op)};
        case OpId::shared_up:
            return {ffn_tokens, hidden(), product("Width", {two, shared}), one, expert_elem_size()};
        case OpId::shared_down:
            return {ffn_tokens, shared, hidden(), one, expert_elem_size()};
        case OpId::routed_up:
            return {
                routed_rows(ffn_tokens), hidden(), product("Width", {two, width}), local_experts(), expert_elem_size()};
        case OpId::routed_down:
            return {routed_rows(ffn_tokens), width, hidden(), local_experts(), expert_elem_size()};
        case OpId::dense_up:
            return {tokens, hidden(), product("Width", {two, dense}), one, elem(op)};
        case OpId::dense_down:
            return {tokens, dense, hidden(), one, elem(op)};
        case OpId::mtp_proj:
            return {all_tokens, product("Width of state and embedding", {constant("Both", 2), hidden()}), hidden(), one,
                param_elem_size()};
        case OpId::head:
            return {all_tokens, hidden(), shape("vocabulary", &Model::vocabulary), one, elem(op)};
        default:
            return {constant("M per sequence", op.work.rows_per_sequence), constant("K", op.work.inner),
                constant("N", op.work.columns), one, elem(op)};
        }
    }
    Explanation routed_rows(const Explanation &tokens) const
    {
        const Explanation visits =
            made("Visits", "", Combine::product, {shape("experts_per_token", &Model::experts_per_token), tokens});
        if (profile.quirks.experts_see_all_tokens)
            return noted(visits, "every local expert is charged all visits (quirk 2)");
        return made("Visits per expert", "", Combine::quotient, {visits, local_experts()});
    }
    // Of the FFN, router and head it is the profile's, of attention BF16.
    Explanation out_size(const OperatorPlan &op) const
    {
        const Stage stage = info_of(op.id).stage;
        if (stage == Stage::shared || stage == Stage::routed || stage == Stage::dense || op.id == OpId::router
            || op.id == OpId::head)
            return input("profile.ffn_out_elem_size", op.out_size, "B");
        return constant("Result element size", op.out_size, "B");
    }
    static Explanation elem(const OperatorPlan &op) { return constant("Element size", op.elem_size, "B"); }

    // A size with its title; the plan's value alone where the model's numbers do not make it.
    static Explanation size(const char *title, double value, const Explanation &known)
    {
        if (known.value != value)
            return constant(title, value);
        return made(title, "", Combine::sum, {known});
    }

    Explanation compute(const OperatorPlan &op, const OperatorEstimate &result, BlockKind kind) const
    {
        if (op.work.kind == Work::Kind::sequences && op.id == OpId::flash_mla)
            return taken("Compute", result.compute_s, "s", Combine::product, {flash(op, kind), micro_batch()});
        const Sizes known = sizes_of(op, kind);
        const Explanation inner = size("K", op.work.inner, known.inner),
                          columns = size("N", op.work.columns, known.columns);
        const Explanation count = size("GEMMs", op.count, known.count),
                          mfu = efficiency(op.id, result.efficiency.value_or(Efficiency{}));
        const bool by_balance = !profile.gemm_by_balance.points.empty();
        const bool by_experts = op.work.kind == Work::Kind::experts;
        const Explanation per_sequence =
            size("M per sequence", op.work.rows_per_sequence, by_experts ? known.rows : busiest(op, known.rows));
        const Explanation rows = taken("M", result.rows, "", Combine::product, {per_sequence, micro_batch()});
        Parts per_row{made("FLOP per row", "FLOP", Combine::product,
                          {count, constant("FLOP per product and sum", 2, "FLOP"), inner, columns}),
            rate(op)};
        if (by_balance)
            per_row.push_back(mfu);
        if (by_experts)
            per_row.push_back(count); // the rows are those of all experts
        const double worked = work_rows(profile, op.work, sequences);
        Explanation work;
        if (by_experts) {
            const Explanation routed = made(
                "Rows of the busiest card", "", Combine::product, {count, per_sequence, micro_batch(), imbalance()});
            const Explanation tiles =
                made("A tile for each", "", Combine::product, {tile_rows(), active_experts_of(op, count, rows)});
            work = taken("Rows, a tile for each expert at least", worked, "", Combine::largest, {routed, tiles});
        } else {
            work = made("Rows, a tile at least", "", Combine::largest, {rows, tile_rows()});
            if (!by_balance)
                work = taken("Rows at full rate", worked, "", Combine::quotient, {work, mfu});
        }
        return taken("Compute", result.compute_s, "s", Combine::product,
            {taken("Time per row", op.compute_s_per_row, "s", Combine::quotient, std::move(per_row)), work});
    }
    // docs/model.md §14: only experts that get a token load their weights and fill a tile.
    Explanation active_experts_of(const OperatorPlan &op, const Explanation &count, const Explanation &rows) const
    {
        const Explanation share = made("Share with a token", "", Combine::share_with_tokens,
            {rows, input("profile.expert_skew", profile.expert_skew)});
        return taken(
            "Experts with a token", active_experts(profile, op.work, sequences), "", Combine::product, {count, share});
    }
    // All wait for the card with the most routed tokens.
    Explanation busiest(const OperatorPlan &op, const Explanation &mean) const
    {
        const Explanation over_mean = imbalance();
        if (!is_routed(op.id) || over_mean.value == 1)
            return mean;
        return made(mean.title + ", busiest card", mean.unit, Combine::product, {mean, over_mean});
    }

    Explanation traffic(const OperatorPlan &op, const OperatorEstimate &result, BlockKind kind) const
    {
        const double value = op.network ? result.network_s : result.memory_s;
        const char *title = op.network ? "Network" : "Memory traffic";
        if (op.work.kind != Work::Kind::gemm && op.work.kind != Work::Kind::experts)
            return taken(title, value, "s", Combine::product,
                {op.network ? transfer_per_sequence(op, kind) : traffic_per_sequence(op, kind), micro_batch()});
        const Sizes known = sizes_of(op, kind);
        const Explanation inner = size("K", op.work.inner, known.inner),
                          columns = size("N", op.work.columns, known.columns);
        const Explanation count = size("GEMMs", op.count, known.count);
        const Explanation element = known.elem.value == op.elem_size ? known.elem : elem(op);
        const Explanation weight_bytes =
            made("Bytes of weights", "B", Combine::product, {count, inner, columns, element});
        const Explanation row_bytes = made("Bytes per row", "B", Combine::sum,
            {made("Operand", "B", Combine::product, {inner, element}),
                made("Result", "B", Combine::product, {columns, out_size(op)})});
        const Explanation mean_rows = made("M per sequence", "", Combine::sum, {known.rows});
        const Explanation bytes = made("Bytes per sequence", "B", Combine::product, {count, mean_rows, row_bytes});
        const Explanation on_average = made("Time per sequence", "s", Combine::quotient, {bytes, memory_bandwidth()});
        const Explanation busy = busiest(op, on_average);
        const Explanation per_sequence = taken(busy.title, op.traffic_s_per_sequence, "s", busy.combine, busy.children);
        const Explanation activations =
            made("Operands and results", "s", Combine::product, {per_sequence, micro_batch()});
        if (op.work.kind == Work::Kind::gemm)
            return taken(title, value, "s", Combine::sum,
                {taken("Weights", op.traffic_s, "s", Combine::quotient, {weight_bytes, memory_bandwidth()}),
                    activations});
        const Explanation one = taken("Weights of an expert", op.traffic_s_per_active, "s", Combine::quotient,
            {weight_bytes, memory_bandwidth(), count});
        const Explanation rows = made("M", "", Combine::product, {mean_rows, micro_batch()});
        return taken(title, value, "s", Combine::sum,
            {activations, made("Weights", "s", Combine::product, {one, active_experts_of(op, count, rows)})});
    }

    // What is no GEMM: bytes per sequence over a bandwidth.
    Explanation traffic_per_sequence(const OperatorPlan &op, BlockKind kind) const
    {
        return taken("Time per sequence", op.traffic_s_per_sequence, "s", Combine::quotient,
            {bytes_per_sequence(op, kind), memory_bandwidth()});
    }
    // A sequence's tokens as they are sent, wherever they go.
    Explanation sent_bytes(const OperatorPlan &op, BlockKind kind) const
    {
        Explanation copies = shape("experts_per_token", &Model::experts_per_token);
        if (profile.sends_once_per_card) {
            const Explanation others = made("Other cards", "", Combine::difference,
                {constant("All", 1), made("One card", "", Combine::quotient, {constant("One", 1), cards()})});
            const Explanation missed =
                made("Chance that a card has none of the experts", "", Combine::power, {others, copies});
            copies = noted(
                made("Cards that have one of the experts", "", Combine::product,
                    {cards(),
                        made("Chance that a card has one", "", Combine::difference, {constant("All", 1), missed})}),
                "a token goes once to each card");
        }
        const Explanation elements = made("Elements", "", Combine::product, {copies, query_tokens(kind), hidden()});
        return made("Bytes per sequence", "B", Combine::product,
            {elements, op.id == OpId::dispatch ? dispatch_size() : combine_size()});
    }
    Explanation dispatch_size() const
    {
        const Explanation stated = input("profile.dispatch_elem_size", profile.dispatch_elem_size, "B");
        return profile.narrow_dispatch ? made("Size sent", "B", Combine::smallest, {stated, expert_elem_size()})
                                       : stated;
    }
    Explanation combine_size() const
    {
        return profile.combine_elem_size > 0 ? input("profile.combine_elem_size", profile.combine_elem_size, "B")
                                             : param_elem_size();
    }
    Explanation transfer_per_sequence(const OperatorPlan &op, BlockKind kind) const
    {
        const Explanation sent = sent_bytes(op, kind);
        if (!profile.uses_scale_up)
            return taken(
                "Time per sequence", op.traffic_s_per_sequence, "s", Combine::quotient, {sent, nic_bandwidth()});
        const Explanation domain = near_cards();
        const auto link = [&](const char *title, Parts between, const Explanation &bandwidth, const char *key,
                              double efficiency) {
            const Explanation there = made("Cards there", "", Combine::difference, std::move(between));
            const Explanation for_all =
                made("Bytes if each card took all", "B", Combine::product, {sent, imbalance(), there});
            const Explanation bytes = made("Bytes over it", "B", Combine::quotient, {for_all, cards()});
            return made(title, "s", Combine::quotient, {bytes, reached(bandwidth, key, efficiency)});
        };
        Parts links;
        if (domain.value > 1)
            links.push_back(link("Scale-up links", {domain, constant("The sender", 1)},
                read_rate(input(chip_key("scale_up_bandwidth"), machine.scale_up_bandwidth, "B/s")),
                "profile.scale_up_efficiency", profile.scale_up_efficiency));
        if (cards().value > domain.value || links.empty())
            links.push_back(
                link("NIC", {cards(), domain}, nic_bandwidth(), "profile.nic_efficiency", profile.nic_efficiency));
        return taken("Time per sequence", op.traffic_s_per_sequence, "s", Combine::largest, std::move(links));
    }
    Explanation bytes_per_sequence(const OperatorPlan &op, BlockKind kind) const
    {
        const auto bytes = [&](Combine combine, Parts parts) {
            return taken("Bytes per sequence", op.bytes_per_sequence, "B", combine, std::move(parts));
        };
        const Explanation tokens = query_tokens(kind);
        if (op.id == OpId::flash_mla) {
            const FlashMla one = flash_of(kind);
            return bytes(Combine::sum,
                {made("KV cache", "B", Combine::product,
                     {keys(one, kind), kv_dim(), input("kv_elem_size", point.kv_elem_size, "B")}),
                    made("Queries", "B", Combine::product, {query_rows(kind), kv_dim(), param_elem_size()}),
                    made("Results", "B", Combine::product, {query_rows(kind), kv_rank(), param_elem_size()})});
        }
        // Norms and look-ups: read and written once, in BF16.
        const bool outside = kind == BlockKind::outside_layers || kind == BlockKind::mtp_outside;
        const Explanation all = outside ? made("Tokens of all micro-batches", "", Combine::product,
                                    {constant("Micro-batches", plan.micro_batches), tokens})
                                        : tokens;
        return bytes(Combine::product, {constant("Read and written", 2), all, hidden(), constant("BF16", 2, "B")});
    }

    FlashMla flash_of(BlockKind kind) const
    {
        const std::int64_t tokens = kind == BlockKind::mtp_layer ? 1 : 1 + point.mtp_len;
        return flash_mla(profile, model, machine, scenario.workload, point.kv_elem_size, point.param_elem_size, tokens);
    }
    Explanation query_rows(BlockKind kind) const
    {
        return made("Query rows", "", Combine::product, {heads(), query_tokens(kind)});
    }
    Explanation context() const { return input("context", static_cast<double>(scenario.workload.context)); }
    Explanation keys(const FlashMla &one, BlockKind kind) const
    {
        const Explanation tile = input("profile.kv_tile_rows", static_cast<double>(profile.kv_tile_rows));
        const Explanation all = made("Keys", "", Combine::sum, {context(), query_tokens(kind)});
        return taken("Padded keys", one.padded_keys, "", Combine::product,
            {tile, made("Tiles", "", Combine::quotient_up, {all, tile})});
    }
    // Operations per second of the softmax: the chip's, else SMs x clock x the profile's figure.
    Explanation softmax_rate(const char *key, const std::optional<Quantity> &stated, double value) const
    {
        if (stated)
            return read_rate(input(chip_key(key), value, "op/s"));
        return taken(find_parameter(chip_key(key))->label.data(), value, "op/s", Combine::product,
            {input("profile.softmax_ops_per_sm_clock", profile.softmax_ops_per_sm_clock),
                input(chip_key("sms"), static_cast<double>(scenario.chip.sms)),
                read_rate(input(chip_key("clock"), clock(), "Hz"))});
    }
    double clock() const
    {
        return profile.quirks.binary_prefixes ? scenario.chip.clock.si() : scenario.chip.clock.decimal_si();
    }

    // docs/model.md §4.
    Explanation flash(const OperatorPlan &op, BlockKind kind) const
    {
        const FlashMla one = flash_of(kind);
        const Explanation rows = query_rows(kind), padded = keys(one, kind);
        const Explanation reached =
            made("Rate reached", "FLOP/s", Combine::product, {rate(op), efficiency(op.id, one.efficiency)});
        const auto product = [&](const char *title, double value, const Explanation &width) {
            const Explanation flop = made("FLOP", "FLOP", Combine::product,
                {constant("FLOP per product and sum", 2, "FLOP"), rows, width, padded});
            return taken(title, value, "s", Combine::quotient, {flop, reached});
        };
        const Explanation qk = product("Queries times keys", one.qk_s, kv_dim());
        const Explanation pv = product("Probabilities times values", one.pv_s, kv_rank());
        if (one.efficiency.source == EfficiencySource::flash_mla_by_balance)
            return noted(taken("One sequence", op.compute_s_per_row, "s", Combine::sum, {qk, pv}),
                "the efficiencies are of whole kernels, their softmax included");
        const bool unpadded = profile.quirks.softmax_counts_unpadded_keys;
        const Explanation counted = unpadded ? noted(context(), "unpadded keys (quirk 6)") : padded;
        const Explanation exponentials = made("exp2", "s", Combine::quotient,
            {made("Operations", "op", Combine::product, {rows, counted}),
                softmax_rate("exp2_rate", scenario.chip.exp2_rate, machine.exp2_rate)});
        const Explanation reductions = made("Maximum and sum", "s", Combine::quotient,
            {made("Operations", "op", Combine::product, {constant("Two per score", 2), rows, counted}),
                softmax_rate("reduce_rate", scenario.chip.reduce_rate, machine.reduce_rate)});
        const Explanation softmax = taken("Softmax", one.softmax_s, "s", Combine::sum,
            {exponentials, reductions, input(chip_key("all_reduce_latency"), machine.all_reduce_latency, "s")});
        const auto whole = [&](Combine combine, Parts parts) {
            return noted(taken("One sequence", op.compute_s_per_row, "s", combine, std::move(parts)),
                "FA3 " + std::string(name_of(one.mode)));
        };
        switch (one.mode) {
        case Fa3::two_stage:
            return whole(Combine::sum, {qk, made("Softmax beside values", "s", Combine::largest, {softmax, pv})});
        case Fa3::three_stage:
            return whole(Combine::largest, {softmax, made("Both GEMMs", "s", Combine::sum, {qk, pv})});
        default:
            return whole(Combine::sum, {qk, pv, softmax});
        }
    }

    Explanation weights() const
    {
        const MemoryBreakdown &parts = estimated.memory;
        const Explanation layers = shape("layers", &Model::layers),
                          dense_layers = shape("dense_layers", &Model::dense_layers);
        const Explanation sparse = made("Sparse layers", "", Combine::difference, {layers, dense_layers});
        const Explanation expert = made("Parameters of an expert", "", Combine::product,
            {constant("Up, gate and down", 3), hidden(), shape("expert_intermediate", &Model::expert_intermediate)});
        const Explanation dense = made("Parameters of a dense FFN", "", Combine::product,
            {constant("Up, gate and down", 3), hidden(), shape("dense_intermediate", &Model::dense_intermediate)});
        const Explanation shared = shape("shared_experts", &Model::shared_experts);
        const Explanation attention = attention_weights();
        Parts kinds{
            named("attention_weights",
                taken("Attention weights", parts.attention, "B", Combine::product,
                    {layers, attention, param_elem_size()})),
            named("shared_expert_weights",
                taken("Shared expert weights", parts.shared_experts, "B", Combine::product,
                    {sparse, shared, expert, expert_elem_size()})),
            named("routed_expert_weights",
                taken("Routed expert weights", parts.routed_experts, "B", Combine::product,
                    {sparse, local_experts(), expert, expert_elem_size()})),
            named("dense_ffn_weights",
                taken("Dense FFN weights", parts.dense_ffn, "B", Combine::product,
                    {dense_layers, dense, constant("8 bit", 1, "B")})),
            named("embedding_and_head",
                taken("Embedding and head", parts.embedding_and_head, "B", Combine::product,
                    {constant("Both", 2), shape("vocabulary", &Model::vocabulary), hidden(),
                        constant("BF16", 2, "B")})),
        };
        if (point.mtp_len > 0) {
            const Explanation local = made("Experts", "", Combine::sum, {shared, local_experts()});
            kinds.push_back(named("mtp_weights",
                taken("MTP layer", parts.mtp, "B", Combine::sum,
                    {made("Attention weights", "B", Combine::product, {attention, param_elem_size()}),
                        made("Expert weights", "B", Combine::product, {local, expert, expert_elem_size()}),
                        made("Projection", "B", Combine::product,
                            {constant("State and embedding", 2), hidden(), hidden(), param_elem_size()})})));
        }
        return named("weights", taken("Weights", parts.weights, "B", Combine::sum, std::move(kinds)));
    }

    Explanation attention_weights() const
    {
        const Explanation q_rank = shape("q_lora_rank", &Model::q_lora_rank),
                          nope = shape("qk_nope_head_dim", &Model::qk_nope_head_dim);
        const Explanation value = shape("v_head_dim", &Model::v_head_dim);
        const auto matrix_of = [](OpId id, Parts parts) {
            return made(std::string(info_of(id).label), "", Combine::product, std::move(parts));
        };
        return taken("Attention parameters of a layer", static_cast<double>(attention_parameters(model)), "",
            Combine::sum,
            {matrix_of(OpId::q_down, {hidden(), q_rank}),
                matrix_of(OpId::q_up, {q_rank, heads(), made("Head dim", "", Combine::sum, {nope, rope()})}),
                matrix_of(OpId::kv_compress, {hidden(), kv_dim()}),
                // The same weights as those of the query's absorption and of the values' expansion.
                made("Key and value up", "", Combine::product,
                    {kv_rank(), heads(), made("Key and value dim", "", Combine::sum, {nope, value})}),
                matrix_of(OpId::o_proj, {heads(), value, hidden()})});
    }

    Explanation kv_cache() const
    {
        return named(
            "kv_cache", taken("KV cache", estimated.memory.kv_cache, "B", Combine::product, {batch(), kv_sequence()}));
    }
    Explanation kv_sequence() const
    {
        const Explanation layers = shape("layers", &Model::layers);
        const Explanation cached_layers =
            point.mtp_len > 0 ? made("Cached layers", "", Combine::sum, {layers, constant("MTP layer", 1)}) : layers;
        const Explanation tokens =
            made("Cached tokens", "", Combine::sum, {context(), constant("The last token", 1), drafts()});
        return named("kv_per_sequence",
            taken("KV cache of a sequence", estimated.memory.kv_per_sequence, "B", Combine::product,
                {kv_dim(), input("kv_elem_size", point.kv_elem_size, "B"), cached_layers, tokens}));
    }
};

// The trees, in their order, by the names of their roots, which no other node has.
struct Number {
    std::string_view name;
    Explanation (Explainer::*tree)() const;
};
constexpr std::array numbers{
    Number{"throughput", &Explainer::throughput},
    Number{"free_memory", &Explainer::memory},
    Number{"tpot", &Explainer::time_per_token},
    Number{"bound_by", &Explainer::by_bound},
    Number{"network_share", &Explainer::network_share},
    Number{"exposed_network", &Explainer::exposed_network},
    Number{"layer_operators", &Explainer::layer_operators},
    Number{"step_operators", &Explainer::step_operators},
    Number{"operator_shares", &Explainer::operator_shares},
    Number{"step_share", &Explainer::step_share},
    Number{"ep", &Explainer::chosen_cards},
    Number{"batch", &Explainer::chosen_batch},
    Number{"unusable_memory", &Explainer::unusable_memory},
};

void collect_names(const Explanation &node, std::vector<std::string> &names)
{
    if (!node.name.empty() && std::find(names.begin(), names.end(), node.name) == names.end())
        names.push_back(node.name);
    for (const Explanation &child : node.children)
        collect_names(child, names);
}

// Node: constant or not.
template <class Node>
Node *find_below(Node &node, std::string_view name, std::string Explanation::*by)
{
    if (node.*by == name)
        return &node;
    for (Node &child : node.children) {
        if (Node *found = find_below(child, name, by))
            return found;
    }
    return nullptr;
}

bool alike(const Explanation &a, const Explanation &b)
{
    return a.name == b.name && a.key == b.key && (a.title == b.title || !a.name.empty() || !a.key.empty());
}

// What has a name is looked for below the last pair where its way there is another, as with another pipeline.
void pair_named(const Explanation &now, const Explanation &then, Counterparts &pairs);

void pair_up(const Explanation &now, const Explanation &then, Counterparts &pairs)
{
    pairs[&now] = &then;
    for (const Explanation &child : now.children) {
        const auto before =
            std::count_if(now.children.data(), &child, [&](const Explanation &each) { return alike(each, child); });
        std::ptrdiff_t place = 0;
        const auto like = std::find_if(then.children.begin(), then.children.end(),
            [&](const Explanation &each) { return alike(each, child) && place++ == before; });
        if (like != then.children.end())
            pair_up(child, *like, pairs);
        else
            pair_named(child, then, pairs);
    }
}

void pair_named(const Explanation &now, const Explanation &then, Counterparts &pairs)
{
    const Explanation *found = now.name.empty() ? nullptr : find_below(then, now.name, &Explanation::name);
    if (found) {
        pair_up(now, *found, pairs);
        return;
    }
    for (const Explanation &child : now.children)
        pair_named(child, then, pairs);
}

using Remark = std::function<std::string(const Explanation &)>;

// "Step time = 43.2 ms: A + B (...)".
std::string line_of(const Explanation &node, std::string_view emphasis, const Remark &remark)
{
    std::string text = std::string(emphasis) + node.title + std::string(emphasis) + " = " + value_text(node);
    if (remark)
        text += remark(node);
    const std::string formula = formula_of(node), verdict = verdict_of(node);
    if (!formula.empty())
        text += ": " + formula;
    if (!verdict.empty())
        text += " -> " + verdict;
    if (!node.key.empty())
        text += emphasis.empty() ? " [" + node.key + "]" : " `" + node.key + "`";
    return node.note.empty() ? text : text + " (" + node.note + ")";
}

void write(const Explanation &node, std::size_t level, std::size_t depth, std::string_view bullet,
    std::string_view emphasis, const Remark &remark, std::string &text)
{
    text += std::string(2 * level, ' ') + std::string(bullet) + line_of(node, emphasis, remark) + "\n";
    if (depth > 0 && level >= depth)
        return;
    for (const Explanation &child : node.children)
        write(child, level + 1, depth, bullet, emphasis, remark, text);
}

} // namespace

std::string name_of_runs(OpId id, OperatorRuns runs)
{
    constexpr std::array<std::string_view, 4> suffixes{"", ".layer", ".step", ".share"};
    return std::string(info_of(id).key) + std::string(suffixes[static_cast<std::size_t>(runs)]);
}

std::string name_of_window(const WindowEstimate &window, std::size_t index)
{
    if (window.network.empty())
        return std::string(key_of(window.compute.front()));
    if (window.compute.empty())
        return std::string(key_of(window.network.front()));
    return "window." + std::to_string(index + 1);
}

std::string name_of_exposed(const WindowEstimate &window, std::size_t index)
{
    return window.compute.empty() ? name_of_window(window, index) : "exposed." + std::to_string(index + 1);
}

std::string_view name_of(Combine combine)
{
    constexpr std::array<std::string_view, 11> names{"none", "sum", "difference", "product", "quotient", "quotient_up",
        "quotient_down", "largest", "smallest", "power", "share_with_tokens"};
    return names[static_cast<std::size_t>(combine)];
}

double combined(const Explanation &node)
{
    if (node.children.empty() || node.combine == Combine::none)
        return node.value;
    double value = node.children.front().value;
    for (std::size_t i = 1; i < node.children.size(); ++i) {
        const double next = node.children[i].value;
        switch (node.combine) {
        case Combine::none:
            break;
        case Combine::sum:
            value += next;
            break;
        case Combine::difference:
            value -= next;
            break;
        case Combine::product:
            value *= next;
            break;
        case Combine::quotient:
            value /= next;
            break;
        case Combine::quotient_up:
            value = std::ceil(value / next);
            break;
        case Combine::quotient_down:
            value = std::floor(value / next);
            break;
        case Combine::largest:
            value = std::max(value, next);
            break;
        case Combine::smallest:
            value = std::min(value, next);
            break;
        case Combine::power:
            value = std::pow(value, next);
            break;
        case Combine::share_with_tokens:
            value = epscope::share_with_tokens(value, next);
            break;
        }
    }
    return value;
}

std::string formula_of(const Explanation &node)
{
    if (node.children.size() < 2 || node.combine == Combine::none)
        return {};
    constexpr std::array<std::string_view, 11> before{
        "", "", "", "", "", "ceil(", "floor(", "max(", "min(", "", "1 - P(none; "};
    constexpr std::array<std::string_view, 11> between{
        "", " + ", " - ", " x ", " / ", " / ", " / ", ", ", ", ", " ^ ", ", "};
    const auto combine = static_cast<std::size_t>(node.combine);
    std::string text;
    for (const Explanation &child : node.children)
        text += std::string(text.empty() ? before[combine] : between[combine]) + child.title;
    return before[combine].empty() ? text : text + ")";
}

std::string verdict_of(const Explanation &node)
{
    if (node.combine != Combine::largest || node.children.size() != 2)
        return {};
    const bool first = node.children[0].value >= node.children[1].value;
    const Explanation &winner = node.children[first ? 0 : 1], &other = node.children[first ? 1 : 0];
    if (winner.value == other.value)
        return "both alike";
    if (other.value <= 0) // no ratio says by how much
        return winner.title;
    return winner.title + ", " + short_text(winner.value / other.value, Dimension::count, 3) + " times " + other.title;
}

Explained explain(const Scenario &scenario)
{
    const Explainer explainer(scenario);
    Explained explained;
    for (const Number &number : numbers)
        explained.numbers.push_back((explainer.*number.tree)());
    return explained;
}

std::optional<Explanation> explain(const Scenario &scenario, std::string_view name)
{
    const Explainer explainer(scenario);
    if (const auto root =
            std::find_if(numbers.begin(), numbers.end(), [&](const Number &each) { return each.name == name; });
        root != numbers.end())
        return (explainer.*root->tree)();
    std::vector<Explanation> made;
    for (const Number &number : numbers) {
        made.push_back((explainer.*number.tree)());
        if (Explanation *found = find_below(made.back(), name, &Explanation::name))
            return std::move(*found);
    }
    for (Explanation &tree : made) {
        if (Explanation *found = find_below(tree, name, &Explanation::key))
            return std::move(*found);
    }
    return std::nullopt;
}

Explained explain(const MeasuredRun &run)
{
    return {{Explainer(run.scenario, run.batch).error(run)}};
}

const Explanation *find_explanation(const Explained &explained, std::string_view name)
{
    for (std::string Explanation::*by : {&Explanation::name, &Explanation::key}) {
        for (const Explanation &number : explained.numbers) {
            if (const Explanation *found = find_below(number, name, by))
                return found;
        }
    }
    return nullptr;
}

std::vector<std::string> explanation_names(const Explained &explained)
{
    std::vector<std::string> names;
    for (const Explanation &number : explained.numbers)
        collect_names(number, names);
    return names;
}

Counterparts counterparts(const Explanation &now, const Explanation &then)
{
    Counterparts pairs;
    pair_up(now, then, pairs);
    return pairs;
}

std::string value_text(const Explanation &node, int digits)
{
    struct Known {
        std::string_view unit;
        Dimension dimension;
        std::size_t cut; // bytes of "/s" too many
    };
    constexpr std::array known{Known{"s", Dimension::seconds, 0}, Known{"B", Dimension::bytes, 0},
        Known{"B/s", Dimension::bytes_per_second, 0}, Known{"FLOP/s", Dimension::flop_per_second, 0},
        Known{"op/s", Dimension::ops_per_second, 0}, Known{"Hz", Dimension::hertz, 0},
        Known{"tok/s", Dimension::tokens_per_second, 0}, Known{"FLOP", Dimension::flop_per_second, 2},
        Known{"op", Dimension::ops_per_second, 2}};
    const bool whole = node.value == std::floor(node.value);
    if (constexpr double few = 1000; whole && std::abs(node.value) < few)
        return node.unit.empty() ? exact_text(node.value) : exact_text(node.value) + " " + node.unit;
    for (const Known &each : known) {
        if (each.unit != node.unit)
            continue;
        std::string text = short_text(node.value, each.dimension, digits);
        text.resize(text.size() - each.cut);
        return text;
    }
    constexpr double most_written_out = 1e15;
    return whole && std::abs(node.value) < most_written_out ? exact_text(node.value)
                                                            : short_text(node.value, Dimension::count, digits);
}

std::string plain_text(const Explanation &node, std::size_t depth)
{
    std::string text;
    write(node, 0, depth, "", "", {}, text);
    return text;
}

std::string markdown(const Explanation &node, std::size_t depth, const Remark &remark)
{
    std::string text;
    write(node, 0, depth, "- ", "**", remark, text);
    return text;
}

} // namespace epscope
