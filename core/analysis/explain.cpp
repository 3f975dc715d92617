// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/explain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/estimate/step.h"
#include "core/model/economy.h"
#include "core/model/step.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

Explanation leaf(std::string title, double value, std::string unit = {})
{
    return {std::move(title), value, std::move(unit), Combine::none, {}, {}, {}, {}};
}

// The value of an output that the chip does not state what it takes for; unlike a NaN it equals itself.
constexpr double not_known = std::numeric_limits<double>::infinity();

const char *title_of_batch(const Point &point)
{
    return point.tp > 1 ? "Batch of the TP group" : "Batch per card";
}

// The equations of core/model and core/estimate with Terms for numbers, and what they were not made for.
class Explainer {
public:
    // `mean`: batch of a measured run, in place of the point's.
    explicit Explainer(const Scenario &the_scenario, std::optional<double> mean = std::nullopt)
        : scenario(the_scenario)
        , machine(resolve(the_scenario.profile, the_scenario.chip, the_scenario.nic))
        , in(the_scenario.profile, the_scenario.model, machine, the_scenario.workload, the_scenario.point,
              {the_scenario.chip, the_scenario.nic})
        , estimated(estimate(the_scenario))
        , batch(mean ? constant<Term>(
                    the_scenario.point.tp == 1 ? "Batch per card, measured mean" : "Batch, measured mean", *mean)
                     : in.number("batch", static_cast<double>(the_scenario.point.batch)))
    {
    }

    Term throughput() const
    {
        return card_throughput(user_speed(steps().plan.tokens_per_step, step()), sequences_per_card(in, batch));
    }

    // Speed per user and step time stand here by their names; the throughput takes them apart.
    Term time_per_token() const
    {
        return named("tpot",
            titled("Time per token", "s",
                constant<Term>("One", 1)
                    / named("ux_tps", constant<Term>("Speed per user", estimated.ux_tps, "tok/s"))));
    }

    // What a card costs and draws, over its throughput, which stands here by its name.
    Term cost() const
    {
        return of_stated("cost_per_mtok_usd", "Cost of a million tokens", "USD", "price", scenario.chip.price,
            cost_per_million_tokens<Term>);
    }
    Term energy() const
    {
        return of_stated(
            "energy_per_token_j", "Energy per token", "J", "power", scenario.chip.power, energy_per_token<Term>);
    }
    Term supplied_throughput() const
    {
        return of_stated("throughput_per_mw", "Throughput per MW", "tok/s", "power", scenario.chip.power,
            throughput_per_megawatt<Term>);
    }
    Term of_stated(const char *name, const char *title, const char *unit, const char *key,
        const std::optional<Quantity> &stated, Term (*equation)(Term, Term)) const
    {
        if (!stated) {
            Explanation unknown = leaf(title, not_known);
            unknown.unit = unit;
            unknown.note = "the chip states no " + std::string(key);
            return named(name, Term(std::move(unknown)));
        }
        return named(name,
            equation(in.of_chip(key, stated->si()),
                named("throughput", constant<Term>("Throughput per card", estimated.throughput_per_card, "tok/s"))));
    }

    // The step again, by what it waits for: core/estimate/estimate.cpp, add_bound().
    Term by_bound() const
    {
        const BoundShares &shares = estimated.bound;
        const Bound largest = shares.largest();
        const double part = largest == Bound::compute ? shares.compute
            : largest == Bound::memory                ? shares.memory
                                                      : shares.network;
        return named("bound_by",
            noted(titled("Step time by what binds", "s",
                      bound_time(Bound::compute, shares.compute) + bound_time(Bound::memory, shares.memory)
                          + bound_time(Bound::network, shares.network)),
                std::string(name_of(largest)) + " binds "
                    + short_text(100 * part / estimated.step_s, Dimension::count, 3) + " % of it"));
    }
    Term network_share() const
    {
        return named("network_share",
            titled("Exposed network", "", bound_time(Bound::network, estimated.bound.network) / step_by_name()));
    }

    // Of the first layer, all micro-batches: what is sent while nothing computes.
    Term exposed_network() const
    {
        const TimedBlock &layer = steps().blocks.front();
        Term once;
        std::size_t index = 0;
        for (const Window &window : steps().plan.windows_of(layer.plan)) {
            const std::size_t place = index++;
            if (window.network_stages == 0)
                continue;
            const Term compute = lane_seconds(window.compute_lane(), layer.stages),
                       network = lane_seconds(window.network_lane(), layer.stages);
            const Term exposed = exposed_seconds(compute, network);
            once += compute.empty()
                ? exposed
                : named(name_of_exposed(window.compute_lane(), window.network_lane(), place), exposed);
        }
        if (once.empty())
            once += constant<Term>("None", 0, "s");
        return named("exposed_network",
            titled("Exposed network of a layer", "s", layer.plan.repeats * titled("One micro-batch", "s", once)));
    }

    // All micro-batches of the first layer, each operator's runs together, as if none overlapped another.
    Term layer_operators() const
    {
        const TimedBlock &layer = steps().blocks.front();
        Term all;
        for (std::size_t i = 0; i < layer.times.size(); ++i) {
            const OperatorInfo &info = info_of(layer.operators[i].id);
            all += named(name_of_runs(info.id, OperatorRuns::of_layer),
                titled(std::string(info.label) + ", all micro-batches", "s", layer.plan.repeats * layer.times[i]));
        }
        return named("layer_operators", titled("Operators of a layer", "s", all));
    }
    // The same of the whole step.
    Term step_operators() const
    {
        Term all;
        for (const OperatorInfo &info : operators()) {
            Term runs;
            for (const TimedBlock &block : steps().blocks) {
                for (std::size_t i = 0; i < block.times.size(); ++i) {
                    if (block.operators[i].id == info.id)
                        runs += titled(std::string(info.label) + ", " + label(block) + ", all", "s",
                            runs_per_step(block) * block.times[i]);
                }
            }
            all += named(name_of_runs(info.id, OperatorRuns::of_step),
                titled(std::string(info.label) + ", whole step", "s", runs));
        }
        return named("step_operators", titled("Operators of the step", "s", all));
    }
    // Of that sum. What the sum and the times are made of stands there.
    Term operator_shares() const
    {
        const Explanation all = step_operators().take();
        Term shares;
        for (const OperatorInfo &info : operators()) {
            const std::string of_step = name_of_runs(info.id, OperatorRuns::of_step);
            const auto whole = std::find_if(all.children.begin(), all.children.end(),
                [&](const Explanation &each) { return each.name == of_step; });
            if (whole != all.children.end())
                shares += named(name_of_runs(info.id, OperatorRuns::share),
                    titled(std::string(info.label) + ", share", "", by_name(*whole) / by_name(all)));
        }
        return named("operator_shares", titled("Shares of the operators' sum", "", shares));
    }
    Term step_share() const
    {
        return named("step_share",
            titled("Step time over its operators' sum", "", step_by_name() / by_name(step_operators().take())));
    }

    Term chosen_cards() const
    {
        Explanation node = leaf("Cards that share the experts", static_cast<double>(scenario.point.ep));
        node.children = {(in.is_2026() ? placement_of(in, in.query_tokens()).held : in.local_experts()).take()};
        return named("ep", Term(std::move(node)));
    }
    Term group() const { return named("tp", in.group()); }
    Term cards_needed() const
    {
        const std::optional<std::int64_t> implied = implied_ep(scenario.model, scenario.point);
        const Term of_experts =
            implied ? constant<Term>("Cards that share the experts", static_cast<double>(*implied)) : in.cards();
        return named("cards_needed", titled("Cards needed", "", larger(of_experts, in.group())));
    }
    Term batch_per_card() const
    {
        return named("batch_per_card", titled("Batch per card", "", sequences_per_card(in, sum(batch))));
    }

    // Why not larger, by one more.
    Term chosen_batch() const
    {
        Explanation node = leaf(title_of_batch(scenario.point), static_cast<double>(scenario.point.batch));
        node.children = {largest_batch(memory()).take()};
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
        return named("batch", Term(std::move(node)));
    }

    Term free_memory() const { return memory().free; }
    Term unusable_memory() const
    {
        return named(
            "unusable_memory", titled("Memory that is not usable", "B", in.memory() - usable_memory(in, in.memory())));
    }

    // Estimated over measured time per token, less 1: core/calibrate/validation.cpp.
    Term error(const MeasuredRun &run) const
    {
        const Term accepted = noted(constant<Term>("Tokens per step, measured", run.tokens_per_step), run.source);
        Term decoding = step() / accepted;
        if (run.prefill_share > 0)
            decoding = titled("Time per token without prefill", "s", decoding)
                / titled("Share of the steps", "",
                    constant<Term>("One", 1)
                        - noted(constant<Term>("Share of prefill, estimated", run.prefill_share), run.source));
        const Term estimated_s = named("tpot", titled("Time per token, estimated", "s", decoding));
        const Term measured = noted(constant<Term>("Time per token, measured", run.tpot_s, "s"), run.source);
        return named("error",
            titled("Error of the estimate", "",
                titled("Estimated over measured", "", estimated_s / measured) - constant<Term>("One", 1)));
    }

private:
    const Scenario &scenario;
    const Machine machine;
    const StepInputs<Term> in;
    const Estimate estimated;
    const Term batch;

    struct TimedBlock {
        BlockPlanOf<Term> plan;
        std::span<const OperatorPlanOf<Term>> operators;
        std::vector<Term> times; // of the operators
        StageSeconds<Term> stages;
    };
    struct Steps {
        PlanOf<Term> plan;
        std::vector<TimedBlock> blocks;
    };
    mutable std::optional<Steps> made_steps;

    const Steps &steps() const
    {
        if (made_steps)
            return *made_steps;
        Steps &made = made_steps.emplace();
        made.plan = explained_plan(in);
        const Term sequences = sequences_per_micro_batch(batch, made.plan.micro_batches);
        for (const BlockPlanOf<Term> &block : made.plan.blocks) {
            TimedBlock &timed = made.blocks.emplace_back(TimedBlock{block, made.plan.operators_of(block), {}, {}});
            for (const OperatorPlanOf<Term> &op : timed.operators)
                timed.times.push_back(operator_time(in, op, sequences));
            timed.stages = stage_seconds(timed.operators, [&](std::size_t i) { return timed.times[i]; });
        }
        return made;
    }

    Term step() const
    {
        Term seconds;
        for (std::size_t i = 0; i < steps().blocks.size(); ++i) {
            const TimedBlock &block = steps().blocks[i];
            const Term once = titled(label(block), "s", block_seconds(block.plan, steps().plan, block.stages));
            seconds += in_block(i, titled(label(block) + ", all", "s", blocks_seconds(block.plan, once)));
        }
        return named("step_time", titled("Step time", "s", seconds));
    }

    std::string label(const TimedBlock &block) const
    {
        return label_of(scenario.model, block.plan.kind, block.plan.layer);
    }
    // With the names that its parts have there.
    Term in_block(std::size_t block, Term term) const
    {
        Explanation tree = std::move(term).take();
        rename(tree, block);
        return Term(std::move(tree));
    }
    void rename(Explanation &node, std::size_t block) const
    {
        if (!node.name.empty())
            node.name = name_in_block(estimated, block, node.name);
        for (Explanation &child : node.children)
            rename(child, block);
    }

    MemoryOf<Term> memory() const { return memory_of(in, batch); }

    // What stands in another tree, by its name.
    static Term by_name(const Explanation &node)
    {
        return named(node.name, constant<Term>(node.title.c_str(), node.value, node.unit.c_str()));
    }
    Term step_by_name() const { return named("step_time", constant<Term>("Step time", estimated.step_s, "s")); }

    static Term runs_per_step(const TimedBlock &block)
    {
        return titled("Runs per step", "", block.plan.count * block.plan.repeats);
    }

    // Seconds of a step in which one of the three binds: network where it is the longer lane of a window, else by each
    // operator of the other.
    Term bound_time(Bound bound, double seconds) const
    {
        Term parts;
        for (std::size_t i = 0; i < steps().blocks.size(); ++i) {
            const TimedBlock &block = steps().blocks[i];
            const auto add = [&](const Term &once) {
                parts += in_block(
                    i, titled(once.tree().title + ", " + label(block) + ", all", "s", runs_per_step(block) * once));
            };
            for (const WindowEstimate &each : estimated.blocks[i].windows) {
                if (each.network_s > each.compute_s) {
                    if (bound == Bound::network)
                        add(lane_seconds<Term>(each.network, block.stages));
                    continue;
                }
                for (std::size_t k = 0; k < block.times.size(); ++k) {
                    const bool in_lane =
                        std::find(each.compute.begin(), each.compute.end(), info_of(block.operators[k].id).stage)
                        != each.compute.end();
                    const Bound own = estimated.blocks[i].operators[k].bound;
                    if (in_lane && own == bound)
                        add(block.times[k]);
                }
            }
        }
        const std::string name(name_of(bound)), title = "Bound by " + name;
        return named(name + "_time",
            parts.empty() ? noted(constant<Term>(title.c_str(), seconds, "s"), "nothing waits for it")
                          : rounded_sum(title, seconds, parts));
    }

    // Seconds of which the engine has moved the last bits to make other sums come out.
    static Term rounded_sum(const std::string &title, double value, Term parts)
    {
        if (parts.value() != value)
            parts += constant<Term>("Rounding", value - parts.value(), "s");
        return parts.value() == value ? titled(title, "s", parts) : constant<Term>(title.c_str(), value, "s");
    }
};

// What the equations give no title is called by its formula.
Explanation entitled(Explanation node)
{
    for (Explanation &child : node.children)
        child = entitled(std::move(child));
    if (node.title.empty() && !node.children.empty())
        node.title = node.children.size() > 1 ? formula_of(node) : node.children.front().title;
    return node;
}

// The trees, in their order, by the names of their roots, which no other node has.
struct Number {
    std::string_view name;
    Term (Explainer::*tree)() const;
};
constexpr std::array numbers{
    Number{"throughput", &Explainer::throughput},
    Number{"free_memory", &Explainer::free_memory},
    Number{"tpot", &Explainer::time_per_token},
    Number{"bound_by", &Explainer::by_bound},
    Number{"network_share", &Explainer::network_share},
    Number{"exposed_network", &Explainer::exposed_network},
    Number{"layer_operators", &Explainer::layer_operators},
    Number{"step_operators", &Explainer::step_operators},
    Number{"operator_shares", &Explainer::operator_shares},
    Number{"step_share", &Explainer::step_share},
    Number{"ep", &Explainer::chosen_cards},
    Number{"tp", &Explainer::group},
    Number{"cards_needed", &Explainer::cards_needed},
    Number{"batch", &Explainer::chosen_batch},
    Number{"batch_per_card", &Explainer::batch_per_card},
    Number{"unusable_memory", &Explainer::unusable_memory},
    Number{"cost_per_mtok_usd", &Explainer::cost},
    Number{"energy_per_token_j", &Explainer::energy},
    Number{"throughput_per_mw", &Explainer::supplied_throughput},
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

std::string name_of_exposed(std::span<const Stage> compute, std::span<const Stage> network, std::size_t index)
{
    return compute.empty() ? name_of_window(compute, network, index) : "exposed." + std::to_string(index + 1);
}

std::string name_in_block(const Estimate &estimate, std::size_t block, std::string_view name)
{
    const auto has = [&](const BlockEstimate &one) {
        const bool is_layer = one.kind != BlockKind::outside_layers && one.kind != BlockKind::mtp_outside;
        if (name == key_of(one.kind) || (name == "layer_time" && is_layer))
            return true;
        for (const OperatorEstimate &op : one.operators) {
            if (name == info_of(op.id).key || name == key_of(info_of(op.id).stage))
                return true;
        }
        for (std::size_t i = 0; i < one.windows.size(); ++i) {
            if (name == name_of_window(one.windows[i].compute, one.windows[i].network, i))
                return true;
        }
        return false;
    };
    const std::span<const BlockEstimate> blocks(estimate.blocks);
    if (block == 0 || !has(blocks[block]))
        return std::string(name);
    const auto before = std::count_if(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(block), has);
    return std::string(name) + (before > 0 ? "." + std::to_string(before + 1) : "");
}

std::string formula_of(const Explanation &node)
{
    if (node.children.size() < 2 || node.combine == Combine::none)
        return {};
    constexpr std::array<std::string_view, 13> before{
        "", "", "", "", "", "ceil(", "floor(", "max(", "min(", "", "1 - P(none; ", "", "sqrt(2 ln "};
    constexpr std::array<std::string_view, 13> between{
        "", " + ", " - ", " x ", " / ", " / ", " / ", ", ", ", ", " ^ ", ", ", "", " x "};
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
        explained.numbers.push_back(entitled((explainer.*number.tree)().take()));
    return explained;
}

std::optional<Explanation> explain(const Scenario &scenario, std::string_view name)
{
    const Explainer explainer(scenario);
    if (const auto root =
            std::find_if(numbers.begin(), numbers.end(), [&](const Number &each) { return each.name == name; });
        root != numbers.end())
        return entitled((explainer.*root->tree)().take());
    std::vector<Explanation> made;
    for (const Number &number : numbers) {
        made.push_back(entitled((explainer.*number.tree)().take()));
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
    return {{entitled(Explainer(run.scenario, run.batch).error(run).take())}};
}

const Explanation *find_explanation(const Explanation &tree, std::string_view name)
{
    return find_below(tree, name, &Explanation::name);
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
        Known{"op", Dimension::ops_per_second, 2}, Known{"W", Dimension::watts, 0}, Known{"J", Dimension::joules, 0}};
    if (node.value == not_known)
        return "not known";
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
