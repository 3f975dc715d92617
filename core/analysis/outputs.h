// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of outputs: what a configuration gives, its words, its unit and how it is read. Comparisons, goals,
// sensitivities, maps, tables and files loop over it; to add an output, add a row in outputs.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/analysis/outcome.h"

namespace epscope {

// A configuration and what it gives. What the search does not tell of it is worked out at the first time that it is
// asked for. Study or scenario and estimate outlive it.
class Evaluation {
public:
    Evaluation(const Study &study, const Candidate &candidate);
    // Of which is known how much of the step each resource binds.
    Evaluation(const Study &study, const Candidate &candidate, const BoundShares &bound);
    Evaluation(const Study &study, const Candidate &candidate, const Estimate &estimate);
    Evaluation(const Scenario &scenario, const Estimate &estimate);
    Evaluation(const Evaluation &) = delete;
    Evaluation &operator=(const Evaluation &) = delete;

    const Profile &profile;
    const Model &model;
    const Chip &chip;
    const Nic &nic;
    const Workload &workload;
    const SearchSpace *space = nullptr; // that the configuration was found in; null if it is alone
    Point point;
    double step_s, ux_tps, throughput_per_card; // s, tok/s, tok/s

    const MemoryBreakdown &memory() const; // of a card, B
    const BoundShares &bound() const; // s of the step
    const Estimate &estimate() const;

private:
    std::optional<BoundShares> shares;
    mutable std::optional<MemoryBreakdown> parts;
    mutable std::optional<Estimate> own;
    mutable const Estimate *full = nullptr;
};

enum class Better : std::uint8_t { higher, lower, neither };
// What has to be worked out of a configuration that a search has found, before an output of it is known.
enum class Needs : std::uint8_t { nothing, memory, estimate };
// Where an output has a column: in every table of configurations, or only where they are written at full precision
// (JSON, workbooks, what is copied), or nowhere, since other columns say the same.
enum class Listed : std::uint8_t { always, exact, never };

struct Metric {
    std::string_view key; // in goals and options
    std::string_view title;
    std::string_view what; // one sentence, for help
    Dimension dimension{};
    Better better = Better::neither;
    std::string_view explained = {}; // by what name explain() knows it; empty: it cannot be explained
    double (*number)(const Evaluation &) = nullptr; // SI; null for a text
    std::optional<Quantity> Chip::*stated = nullptr; // what the chip has to state for it to be known; null: nothing
    std::string (*text)(const Evaluation &) = nullptr; // null for a number
    Needs needs = Needs::nothing;
    Listed listed = Listed::never;
    std::string_view column_key = {}; // in CSV and JSON
    std::string_view header = {}; // of its column, short, with the unit of the cells
    double cell_unit = 1; // of the cells, in SI
    int digits = 3; // of the cells
    std::vector<std::string_view> widest = {}; // texts that its cells can have, for the column's width
    // Of the best configuration of a study, where the search tells more than the configuration itself; else null.
    std::string (*of_best)(const Best &) = nullptr;
    // Of one that only repeats another where this axis need not be told.
    std::optional<AxisId> only_with = std::nullopt;
};
std::span<const Metric> metrics();
// Does the output say more than others where this is searched?
bool is_told(const Metric &metric, const SearchSpace &space);
const Metric *find_metric(std::string_view key);
// Keys of those that are numbers, for messages.
std::vector<std::string> number_metric_keys();

// Keys of outputs that the program speaks about by name.
namespace output {
inline constexpr std::string_view throughput = "throughput", ux_tps = "ux_tps", tpot = "tpot", step_time = "step_time",
                                  free_memory = "free_memory", ep = "ep", batch = "batch",
                                  batch_per_card = "batch_per_card", cards_needed = "cards_needed",
                                  bound_by = "bound_by";
} // namespace output

// Why an output is not known of a chip, "H800 states no price"; empty where it is.
std::string why_unknown(const Metric &metric, const Chip &chip);
// SI; none for a text, and where the chip does not state what it takes.
std::optional<double> number_of(const Metric &metric, const Evaluation &evaluation);
// All outputs of a configuration, in the order of metrics().
std::vector<std::optional<double>> all_numbers(const Evaluation &evaluation);
// None also where no configuration is feasible.
std::optional<double> number_of(const Metric &metric, const Best &best);
std::optional<double> number_of(const Metric &metric, const Outcome &outcome);
std::string text_of(const Metric &metric, const Study &study, const Best &best, int digits = 4);
// "network (62 % of the step); a larger batch is too slow for the target".
std::string binding_text(const Best &best);
// "H800, CX7 400Gbps, dual-mbatch, EP 72, batch 96, KV 1 B, parameters 1 B, draft 1".
std::string full_configuration_text(const Study &study, const Candidate &candidate);

// What a column is called.
struct ColumnWords {
    std::string_view key; // in CSV and JSON
    std::string_view header; // short, with the unit of the cells
    std::string_view help; // one sentence
    std::string_view explained; // by what name explain() knows its cells

    bool operator==(const ColumnWords &) const = default;
};

// A number in SI, what a configuration has by name, or nothing where it is not known.
using ColumnValue = std::variant<std::monostate, std::string, double, std::int64_t, bool>;
enum class CellKind : std::uint8_t { text, yes_or_no, number };

// Keys of columns that the program speaks about by name; those of outputs stand in the rows.
namespace column_key {
inline constexpr std::string_view chip = "gpu", nic = "nic", batch = "batch_size";
} // namespace column_key

// A column of a table of configurations: an input, or an output.
struct ResultColumn : ColumnWords {
    const Metric *output = nullptr; // null: an input
    bool is_chosen = false; // is it chosen by a search of one chip?
    std::optional<AxisId> axis = {}; // that it is of, or without which it only repeats another
    CellKind kind = CellKind::text;
    Dimension dimension = Dimension::count;
    std::function<ColumnValue(const Evaluation &)> value;
    std::function<std::vector<std::string>(const Study &)> widest; // texts of its cells
};
// The columns of the published tables in their order, then those of further axes, then the other outputs.
std::span<const ResultColumn> result_columns();
const ResultColumn *find_result_column(std::string_view key);
// Has it a place in the published tables, or among the inputs that follow them with what counts them?
bool is_published(const ResultColumn &column);
// Is it for tables that are read?
bool is_listed(const ResultColumn &column);
// Is it, where this is searched? Not if all of its cells say what goes without saying.
bool is_listed(const ResultColumn &column, const SearchSpace &space);

// Whether and why a configuration cannot serve.
inline constexpr ColumnWords feasible_column{"feasible", "Feasible", "Whether the configuration can serve.", ""};
inline constexpr ColumnWords reason_column{"reason", "Infeasible",
    "Why the configuration cannot serve: shape, EP, memory or target; empty if it can.", "batch"};

// The header above cells at full precision, with their SI unit.
std::string exact_header(const ResultColumn &column);
// Of a cell: at full precision in SI, and as a table shows it.
std::string exact_cell(const ColumnValue &value);
std::string shown_cell(const ResultColumn &column, const ColumnValue &value, std::optional<int> digits = {});

} // namespace epscope
