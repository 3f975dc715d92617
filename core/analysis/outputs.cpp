// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outputs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "core/model/economy.h"
#include "core/model/parallel.h"
#include "core/model/step.h"
#include "core/spec/axes.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

constexpr double milli = 1e-3, mega = 1e6, giga = 1e9, percent = 1e-2;

std::string configuration_text(const Chip &chip, const Nic &nic, const Point &point, const SearchSpace *space)
{
    return chip.name + ", " + nic.name + ", "
        + axes_text(point,
            {AxisId::policy, AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::precision, AxisId::mtp_len},
            space);
}

double price_of(const Chip &chip)
{
    return chip.price ? chip.price->si() : 0;
}

double power_of(const Chip &chip)
{
    return chip.power ? chip.power->si() : 0;
}

std::vector<Metric> make_metrics()
{
    return {
        {.key = output::throughput,
            .title = "Throughput per card",
            .what = "Tokens per second and card over all users.",
            .dimension = Dimension::tokens_per_second,
            .better = Better::higher,
            .explained = "throughput",
            .number = [](const Evaluation &one) { return one.throughput_per_card; },
            .listed = Listed::always,
            .column_key = "throughput_per_card",
            .header = "tok/s/card",
            .digits = 4,
            .widest = {"00000"}},
        {.key = output::ux_tps,
            .title = "Speed per user",
            .what = "Tokens per second that each user gets.",
            .dimension = Dimension::tokens_per_second,
            .better = Better::higher,
            .explained = "ux_tps",
            .number = [](const Evaluation &one) { return one.ux_tps; },
            .listed = Listed::always,
            .column_key = "ux_tps",
            .header = "tok/s/user",
            .digits = 4,
            .widest = {"00000"}},
        {.key = output::tpot,
            .title = "Time per token",
            .what = "Seconds between two tokens of a user (TPOT).",
            .dimension = Dimension::seconds,
            .better = Better::lower,
            .explained = "tpot",
            .number = [](const Evaluation &one) { return 1 / one.ux_tps; },
            .listed = Listed::exact,
            .column_key = "tpot_s",
            .header = "TPOT (ms)",
            .cell_unit = milli,
            .widest = {"00.0"}},
        {.key = output::step_time,
            .title = "Step time",
            .what = "Seconds per decode step of all sequences.",
            .dimension = Dimension::seconds,
            .better = Better::lower,
            .explained = "step_time",
            .number = [](const Evaluation &one) { return one.step_s; },
            .listed = Listed::exact,
            .column_key = "step_s",
            .header = "Step (ms)",
            .cell_unit = milli,
            .widest = {"00.0"}},
        {.key = output::free_memory,
            .title = "Free memory",
            .what = "Memory that weights and KV cache leave.",
            .dimension = Dimension::bytes,
            .better = Better::higher,
            .explained = "free_memory",
            .number = [](const Evaluation &one) { return one.memory().free; },
            .needs = Needs::memory,
            .listed = Listed::always,
            .column_key = "free_memory",
            .header = "Free (GB)",
            .cell_unit = giga,
            .widest = {"00.0"}},
        {.key = "kv_per_sequence",
            .title = "KV cache of a sequence",
            .what = "Memory that the KV cache of one sequence takes.",
            .dimension = Dimension::bytes,
            .better = Better::lower,
            .explained = "kv_per_sequence",
            .number = [](const Evaluation &one) { return one.memory().kv_per_sequence; },
            .needs = Needs::memory,
            .listed = Listed::exact,
            .column_key = "kv_per_sequence",
            .header = "KV/seq. (MB)",
            .cell_unit = mega,
            .widest = {"0000"}},
        {.key = "network_share",
            .title = "Exposed network",
            .what = "Part of the step in which the network binds.",
            .dimension = Dimension::fraction,
            .better = Better::lower,
            .explained = "network_share",
            .number = [](const Evaluation &one) { return one.bound().network / one.step_s; },
            .needs = Needs::estimate,
            .listed = Listed::exact,
            .column_key = "network_share",
            .header = "Network (%)",
            .cell_unit = percent,
            .widest = {"00.0"}},
        {.key = output::ep,
            .title = "EP",
            .what = "Cards that share the experts in the best configuration.",
            .dimension = Dimension::count,
            .explained = "ep",
            .number = [](const Evaluation &one) { return static_cast<double>(one.point.ep); },
            .column_key = "ep"},
        {.key = output::batch,
            .title = "Batch",
            .what =
                "Sequences in the best configuration: of a card or, with TP, of the cards that share one attention.",
            .dimension = Dimension::count,
            .explained = "batch",
            .number = [](const Evaluation &one) { return static_cast<double>(one.point.batch); },
            .column_key = column_key::batch},
        {.key = output::bound_by,
            .title = "Bound by",
            .what = "What the step waits for, and what holds the batch.",
            .dimension = Dimension::count,
            .explained = "bound_by",
            .text = [](const Evaluation &one) { return std::string(name_of(one.bound().largest())); },
            .needs = Needs::estimate,
            .listed = Listed::always,
            .column_key = "bound_by",
            .header = "Bound by",
            .widest = {name_of(Bound::compute), name_of(Bound::memory), name_of(Bound::network)},
            .of_best = binding_text},
        {.key = "configuration",
            .title = "Configuration",
            .what = "The best one.",
            .dimension = Dimension::count,
            .text = [](const Evaluation &one) { return configuration_text(one.chip, one.nic, one.point, one.space); },
            .column_key = "configuration"},
        {.key = output::batch_per_card,
            .title = "Batch per card",
            .what = "Sequences over cards: the batch over the cards that share one attention.",
            .dimension = Dimension::count,
            .explained = "batch_per_card",
            .number =
                [](const Evaluation &one) {
                    return sequences_per_card(one.point, static_cast<double>(one.point.batch));
                },
            .listed = Listed::always,
            .column_key = "batch_per_card",
            .header = "Batch/card",
            .digits = 4,
            .widest = {"0000"},
            .only_with = AxisId::tp},
        {.key = output::cards_needed,
            .title = "Cards needed",
            .what = "Cards of one instance: those that share the experts, or one attention where these are more.",
            .dimension = Dimension::count,
            .better = Better::lower,
            .explained = "cards_needed",
            .number = [](const Evaluation &one) { return static_cast<double>(cards_of(one.model, one.point)); },
            .listed = Listed::always,
            .column_key = "cards_needed",
            .header = "Cards",
            .digits = 4,
            .widest = {"0000"},
            .only_with = AxisId::tp},
        {.key = "tp",
            .title = "TP",
            .what = "Cards that share one attention in the best configuration.",
            .dimension = Dimension::count,
            .explained = "tp",
            .number = [](const Evaluation &one) { return static_cast<double>(one.point.tp); },
            .column_key = "tp",
            .only_with = AxisId::tp},
        {.key = "cost_per_mtok_usd",
            .title = "Cost of a million tokens",
            .what = "What the cards cost per hour over the tokens that they deliver in it; needs the chip's price.",
            .dimension = Dimension::dollars,
            .better = Better::lower,
            .explained = "cost_per_mtok_usd",
            .number =
                [](const Evaluation &one) {
                    return cost_per_million_tokens(price_of(one.chip), one.throughput_per_card);
                },
            .stated = &Chip::price,
            .listed = Listed::exact,
            .column_key = "cost_per_mtok_usd",
            .header = "USD/Mtok",
            .widest = {"0.000"}},
        {.key = "energy_per_token_j",
            .title = "Energy per token",
            .what = "What the cards draw over the tokens that they deliver; needs the chip's power.",
            .dimension = Dimension::joules,
            .better = Better::lower,
            .explained = "energy_per_token_j",
            .number =
                [](const Evaluation &one) { return energy_per_token(power_of(one.chip), one.throughput_per_card); },
            .stated = &Chip::power,
            .listed = Listed::exact,
            .column_key = "energy_per_token_j",
            .header = "J/tok",
            .widest = {"0.000"}},
        {.key = "throughput_per_mw",
            .title = "Throughput per MW",
            .what = "Tokens per second of as many cards as one megawatt supplies; needs the chip's power.",
            .dimension = Dimension::tokens_per_second,
            .better = Better::higher,
            .explained = "throughput_per_mw",
            .number =
                [](const Evaluation &one) {
                    return throughput_per_megawatt(power_of(one.chip), one.throughput_per_card);
                },
            .stated = &Chip::power,
            .listed = Listed::exact,
            .column_key = "throughput_per_mw",
            .header = "Per MW (Mtok/s)",
            .cell_unit = mega,
            .widest = {"0.000"}},
    };
}

template <class T>
std::vector<std::string> entry_names(const std::vector<T> &entries)
{
    std::vector<std::string> names;
    for (const T &entry : entries)
        names.push_back(entry.name);
    return names;
}

// What the tables have besides the axes: chip, NIC and the kernel of the experts.
std::vector<ResultColumn> columns_of_study()
{
    return {{{column_key::chip, "Chip", "The chip.", output::throughput}, nullptr, false, {}, CellKind::text,
                Dimension::count, [](const Evaluation &one) -> ColumnValue { return one.chip.name; },
                [](const Study &study) { return entry_names(study.chips); }},
        {{column_key::nic, "NIC", "Network interface that carries dispatch and combine.", output::throughput}, nullptr,
            true, {}, CellKind::text, Dimension::count,
            [](const Evaluation &one) -> ColumnValue { return one.nic.name; },
            [](const Study &study) { return entry_names(study.nics); }},
        {{"deepgemm", "DeepGEMM", "Whether expert GEMMs run at DeepGEMM's measured efficiency.", "routed_up"}, nullptr,
            false, {}, CellKind::yes_or_no, Dimension::count,
            [](const Evaluation &one) -> ColumnValue { return one.workload.deepgemm; },
            [](const Study &) { return std::vector<std::string>{"false"}; }}};
}

ResultColumn column_of(const SearchAxis &axis, const AxisColumn &shown)
{
    ResultColumn column{{shown.key, shown.header, shown.help, shown.explained}, nullptr, true, axis.id,
        shown.value ? CellKind::number : CellKind::text, shown.dimension, {}, {}};
    const bool whole = axis.integers != nullptr;
    column.value = [&shown, whole](const Evaluation &one) -> ColumnValue {
        const Point &point = one.point;
        if (!shown.value)
            return shown.text(point);
        const double number = shown.value(point);
        return whole ? ColumnValue(static_cast<std::int64_t>(number)) : ColumnValue(number);
    };
    column.widest = [&axis, &shown, whole](const Study &study) {
        if (whole)
            return std::vector<std::string>{"0000"};
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < axis.count(study.search); ++i) {
            Point point;
            axis.take(study.search, i, point);
            texts.push_back(shown.value ? exact_text(shown.value(point)) : shown.text(point));
        }
        return texts;
    };
    return column;
}

ResultColumn column_of(const Metric &metric)
{
    ResultColumn column{{metric.column_key, metric.header, metric.what, metric.explained}, &metric, false,
        metric.only_with, metric.number ? CellKind::number : CellKind::text, metric.dimension, {}, {}};
    column.value = [&metric](const Evaluation &one) {
        if (metric.text)
            return ColumnValue(metric.text(one));
        const std::optional<double> number = number_of(metric, one);
        return number ? ColumnValue(*number) : ColumnValue();
    };
    column.widest = [&metric](
                        const Study &) { return std::vector<std::string>(metric.widest.begin(), metric.widest.end()); };
    return column;
}

// In the order of the published tables, then how cards share the work.
constexpr std::array<std::string_view, 15> published{column_key::chip, column_key::nic, "policy", "ep", "kv_elem_size",
    "param_elem_size", column_key::batch, "deepgemm", "ux_tps", "throughput_per_card", "mtp_len", "tp", "mode",
    "batch_per_card", "cards_needed"};

std::vector<ResultColumn> make_columns()
{
    std::vector<ResultColumn> columns = columns_of_study();
    for (const SearchAxis &axis : search_axes()) {
        for (const AxisColumn &shown : axis.columns)
            columns.push_back(column_of(axis, shown));
    }
    for (const Metric &metric : metrics()) {
        if (metric.listed != Listed::never)
            columns.push_back(column_of(metric));
    }
    const auto place = [](const ResultColumn &column) {
        const auto found = std::find(published.begin(), published.end(), column.key);
        const bool behind = found == published.end() && column.output;
        // Behind them what is listed before the others, and what binds before numbers.
        return std::tuple(
            found - published.begin(), behind && !is_listed(column), behind && column.kind == CellKind::number);
    };
    std::stable_sort(columns.begin(), columns.end(),
        [&](const ResultColumn &a, const ResultColumn &b) { return place(a) < place(b); });
    return columns;
}

} // namespace

Evaluation::Evaluation(const Study &study, const Candidate &candidate)
    : profile(study.profile)
    , model(study.model)
    , chip(study.chips[candidate.chip])
    , nic(study.nics[candidate.nic])
    , workload(study.workload)
    , space(&study.search)
    , point(candidate.point)
    , step_s(candidate.step_s)
    , ux_tps(candidate.ux_tps)
    , throughput_per_card(candidate.throughput_per_card)
{
}

Evaluation::Evaluation(const Study &study, const Candidate &candidate, const BoundShares &bound)
    : Evaluation(study, candidate)
{
    shares = bound;
}

Evaluation::Evaluation(const Study &study, const Candidate &candidate, const Estimate &estimate)
    : Evaluation(study, candidate)
{
    full = &estimate;
}

Evaluation::Evaluation(const Scenario &scenario, const Estimate &estimate)
    : profile(scenario.profile)
    , model(scenario.model)
    , chip(scenario.chip)
    , nic(scenario.nic)
    , workload(scenario.workload)
    , point(scenario.point)
    , step_s(estimate.step_s)
    , ux_tps(estimate.ux_tps)
    , throughput_per_card(estimate.throughput_per_card)
    , full(&estimate)
{
}

const MemoryBreakdown &Evaluation::memory() const
{
    if (full)
        return full->memory;
    if (!parts)
        parts = memory_breakdown(profile, model, workload, resolve(profile, chip, nic).memory, point);
    return *parts;
}

const BoundShares &Evaluation::bound() const
{
    return shares ? *shares : estimate().bound;
}

const Estimate &Evaluation::estimate() const
{
    if (!full) {
        own = epscope::estimate({profile, model, chip, nic, workload, point, 0});
        full = &*own;
    }
    return *full;
}

std::span<const Metric> metrics()
{
    static const std::vector<Metric> all = make_metrics();
    return all;
}

bool is_told(const Metric &metric, const SearchSpace &space)
{
    return !metric.only_with || is_told(axis_of(*metric.only_with), space);
}

const Metric *find_metric(std::string_view key)
{
    const std::span<const Metric> all = metrics();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Metric &metric) { return metric.key == key; });
    return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> number_metric_keys()
{
    std::vector<std::string> keys;
    for (const Metric &metric : metrics()) {
        if (metric.number)
            keys.emplace_back(metric.key);
    }
    return keys;
}

std::string why_unknown(const Metric &metric, const Chip &chip)
{
    if (!metric.stated || chip.*metric.stated)
        return {};
    for (const Field<Chip> &field : fields<Chip>()) {
        const auto *member = std::get_if<std::optional<Quantity> Chip::*>(&field.member);
        if (member && *member == metric.stated)
            return chip.name + " states no " + std::string(field.info.key);
    }
    return {};
}

std::optional<double> number_of(const Metric &metric, const Evaluation &evaluation)
{
    if (!metric.number || (metric.stated && !(evaluation.chip.*metric.stated)))
        return std::nullopt;
    return metric.number(evaluation);
}

std::vector<std::optional<double>> all_numbers(const Evaluation &evaluation)
{
    std::vector<std::optional<double>> numbers;
    numbers.reserve(metrics().size());
    for (const Metric &metric : metrics())
        numbers.push_back(number_of(metric, evaluation));
    return numbers;
}

std::optional<double> number_of(const Metric &metric, const Best &best)
{
    return best.numbers[static_cast<std::size_t>(&metric - metrics().data())];
}

std::optional<double> number_of(const Metric &metric, const Outcome &outcome)
{
    return outcome.best ? number_of(metric, *outcome.best) : std::nullopt;
}

std::string text_of(const Metric &metric, const Study &study, const Best &best, int digits)
{
    if (metric.of_best)
        return metric.of_best(best);
    if (metric.text)
        return metric.text({study, best.candidate, best.bound});
    const std::optional<double> number = number_of(metric, best);
    if (!number)
        return "not known: " + why_unknown(metric, study.chips[best.candidate.chip]);
    const bool whole = metric.dimension == Dimension::count && *number == std::floor(*number);
    return whole ? exact_text(*number) : short_text(*number, metric.dimension, digits);
}

std::string binding_text(const Best &best)
{
    const Bound bound = best.bound.largest();
    const double part = bound == Bound::compute ? best.bound.compute
        : bound == Bound::memory                ? best.bound.memory
                                                : best.bound.network;
    std::string text = (bound == Bound::memory ? "memory bandwidth" : std::string(name_of(bound))) + " ("
        + short_text(100 * part / best.candidate.step_s, Dimension::count, 3) + " % of the step)";
    if (best.larger_batch == Reason::memory)
        return text + "; a larger batch does not fit in memory";
    if (best.larger_batch == Reason::target)
        return text + "; a larger batch is too slow for the target";
    return text + "; the batch is the largest searched";
}

std::string full_configuration_text(const Study &study, const Candidate &candidate)
{
    return configuration_text(study.chips[candidate.chip], study.nics[candidate.nic], candidate.point, &study.search);
}

std::span<const ResultColumn> result_columns()
{
    static const std::vector<ResultColumn> all = make_columns();
    return all;
}

const ResultColumn *find_result_column(std::string_view key)
{
    for (const ResultColumn &column : result_columns()) {
        if (column.key == key)
            return &column;
    }
    return nullptr;
}

bool is_published(const ResultColumn &column)
{
    return !column.output || std::find(published.begin(), published.end(), column.key) != published.end();
}

bool is_listed(const ResultColumn &column)
{
    return !column.output || column.output->listed == Listed::always;
}

bool is_listed(const ResultColumn &column, const SearchSpace &space)
{
    return is_listed(column) && (!column.axis || is_told(axis_of(*column.axis), space));
}

std::string exact_header(const ResultColumn &column)
{
    if (!column.output || column.output->cell_unit == 1)
        return std::string(column.header);
    const std::string &symbol = base_unit(column.dimension).symbol;
    return std::string(column.output->title) + (symbol.empty() ? "" : " (" + symbol + ")");
}

std::string exact_cell(const ColumnValue &value)
{
    struct Exact {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(const std::string &text) const { return text; }
        std::string operator()(double number) const { return exact_text(number); }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(bool is) const { return is ? "true" : "false"; }
    };
    return std::visit(Exact{}, value);
}

std::string shown_cell(const ResultColumn &column, const ColumnValue &value, std::optional<int> digits)
{
    const auto *number = std::get_if<double>(&value);
    const bool is_count = number && column.dimension == Dimension::count && *number == std::floor(*number);
    if (!number || !column.output || is_count)
        return exact_cell(value);
    return short_text(*number / column.output->cell_unit, Dimension::count, digits.value_or(column.output->digits));
}

} // namespace epscope
