// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/candidate_table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/value_table.h"
#include "core/analysis/outcome.h"
#include "core/io/csv.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

// One row while it is written; the full estimate is made only where a column needs it.
struct Row {
    const Study &study;
    const Candidate &candidate;
    std::optional<Reason> reason;
    std::optional<Estimate> full;
};

struct Column {
    const char *key; // CSV and JSON
    const char *header; // for reading
    std::size_t width;
    bool left;
    Json (*value)(const Row &);
    std::string (*shown)(const Row &); // null: the value as it is
};

std::string four_digits(double value)
{
    return short_text(value, Dimension::count, 4);
}

constexpr std::array published_columns{
    Column{"gpu", "Chip", 4, true, [](const Row &row) -> Json { return row.study.chips[row.candidate.chip].name; },
        nullptr},
    Column{
        "nic", "NIC", 3, true, [](const Row &row) -> Json { return row.study.nics[row.candidate.nic].name; }, nullptr},
    Column{"policy", "Pipeline", 11, true, [](const Row &row) -> Json { return name_of(row.candidate.point.policy); },
        nullptr},
    Column{"ep", "EP", 4, false, [](const Row &row) -> Json { return row.candidate.point.ep; }, nullptr},
    Column{"kv_elem_size", "KV B", 6, false, [](const Row &row) -> Json { return row.candidate.point.kv_elem_size; },
        nullptr},
    Column{"param_elem_size", "Par B", 6, false,
        [](const Row &row) -> Json { return row.candidate.point.param_elem_size; }, nullptr},
    Column{"batch_size", "Batch", 5, false, [](const Row &row) -> Json { return row.candidate.point.batch; }, nullptr},
    Column{
        "deepgemm", "DeepGEMM", 8, true, [](const Row &row) -> Json { return row.study.workload.deepgemm; }, nullptr},
    Column{"ux_tps", "tok/s/user", 10, false, [](const Row &row) -> Json { return row.candidate.ux_tps; },
        [](const Row &row) { return four_digits(row.candidate.ux_tps); }},
    Column{"throughput_per_card", "tok/s/card", 10, false,
        [](const Row &row) -> Json { return row.candidate.throughput_per_card; },
        [](const Row &row) { return four_digits(row.candidate.throughput_per_card); }},
    Column{"mtp_len", "Draft", 5, false, [](const Row &row) -> Json { return row.candidate.point.mtp_len; }, nullptr},
};

constexpr std::array feasibility_columns{
    Column{"feasible", "Feasible", 8, true, [](const Row &row) -> Json { return !row.reason; }, nullptr},
    Column{"reason", "Reason", 6, true, [](const Row &row) -> Json { return row.reason ? name_of(*row.reason) : ""; },
        nullptr},
};

// Not in CSV: its header is the published one.
constexpr std::array reading_columns{
    Column{"bound_by", "Bound by", 8, true, [](const Row &row) -> Json { return name_of(row.full->bound.largest()); },
        nullptr},
    Column{"free_memory", "Free", 8, false, [](const Row &row) -> Json { return row.full->memory.free; },
        [](const Row &row) { return short_text(row.full->memory.free, Dimension::bytes); }},
};

std::vector<Column> columns_of(RowFormat format, RowKind kind)
{
    std::vector<Column> columns(published_columns.begin(), published_columns.end());
    if (kind == RowKind::points)
        columns.insert(columns.end(), feasibility_columns.begin(), feasibility_columns.end());
    else if (format != RowFormat::csv)
        columns.insert(columns.end(), reading_columns.begin(), reading_columns.end());
    return columns;
}

// Of the rejected of a reason: one of them, and what it lacks. Where nothing serves and the nearest lacks just that, it
// is the nearest.
struct RejectedExample {
    Miss miss;
    bool is_nearest = false;
};
std::optional<RejectedExample> example_of(
    const Study &study, const SearchOutcome &outcome, Reason reason, const std::optional<Miss> &nearest)
{
    const std::optional<Candidate> &first = outcome.rejected[static_cast<std::size_t>(reason)].example;
    if (!first)
        return std::nullopt;
    if (nearest && nearest->lacks.reason == reason)
        return RejectedExample{*nearest, true};
    return RejectedExample{{*first, lack_of(study, *first)}, false};
}

std::optional<Miss> nearest_of(const Study &study, const SearchOutcome &outcome)
{
    return outcome.feasible == 0 && outcome.configurations > 0 ? std::optional(nearest_miss(study, outcome))
                                                               : std::nullopt;
}

Json miss_json(const Study &study, const Miss &miss)
{
    return {{"configuration", full_configuration_text(study, miss.nearest)}, {"text", text_of(miss.lacks)}};
}

} // namespace

RowFormat row_format(const std::string &name)
{
    const auto &names = row_format_names();
    return static_cast<RowFormat>(std::find(names.begin(), names.end(), name) - names.begin());
}

const std::vector<std::string> &row_format_names()
{
    static const std::vector<std::string> names{"table", "csv", "json", "markdown"};
    return names;
}

CandidateRows::CandidateRows(const Study &the_study, RowFormat the_format, RowKind the_kind)
    : study(the_study)
    , format(the_format)
    , kind(the_kind)
{
    for (const Column &column : columns_of(format, kind))
        widths.push_back(std::max(column.width, std::string_view(column.header).size()));
    for (const Chip &chip : study.chips)
        widths[0] = std::max(widths[0], display_width(chip.name));
    for (const Nic &nic : study.nics)
        widths[1] = std::max(widths[1], display_width(nic.name));
}

std::string CandidateRows::line(const std::vector<std::string> &cells) const
{
    if (format == RowFormat::csv)
        return csv_line(cells);
    if (format == RowFormat::markdown)
        return "| " + joined(cells, " | ") + " |\n";
    const std::vector<Column> columns = columns_of(format, kind);
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
        text += (columns[i].left ? padded(cells[i], widths[i]) : padded_left(cells[i], widths[i])) + "  ";
    text.resize(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

std::string CandidateRows::head() const
{
    const std::vector<Column> columns = columns_of(format, kind);
    if (format == RowFormat::json) {
        const Json about{{"study", study.name}, {"profile", study.profile.name}, {"target_tps", study.target_tps.si()}};
        std::string text = about.dump();
        text.pop_back();
        return text + ",\"rows\":[";
    }
    std::vector<std::string> cells;
    for (const Column &column : columns)
        cells.emplace_back(format == RowFormat::csv ? column.key : column.header);
    std::string text = line(cells);
    if (format == RowFormat::markdown) {
        std::vector<std::string> rules;
        for (const Column &column : columns)
            rules.emplace_back(column.left ? "---" : "---:");
        text += line(rules);
    }
    return text;
}

std::string CandidateRows::row(const Candidate &candidate, std::optional<Reason> reason) const
{
    Row row{study, candidate, reason, std::nullopt};
    if (kind == RowKind::winners && format != RowFormat::csv)
        row.full = estimate(scenario_of(study, candidate));
    Json object;
    std::vector<std::string> cells;
    const bool exact = format == RowFormat::csv;
    for (const Column &column : columns_of(format, kind)) {
        if (format == RowFormat::json)
            object[column.key] = column.value(row);
        else
            cells.push_back(column.shown && !exact ? column.shown(row) : plain_value(column.value(row)));
    }
    if (format == RowFormat::json)
        return ",\n" + object.dump();
    return line(cells);
}

Sheet CandidateRows::sheet() const
{
    Sheet sheet{"Results", {}};
    for (const Column &column : columns_of(RowFormat::table, kind))
        sheet.header.emplace_back(column.header);
    return sheet;
}

std::vector<SheetValue> CandidateRows::cells(const Candidate &candidate, std::optional<Reason> reason) const
{
    Row row{study, candidate, reason, std::nullopt};
    if (kind == RowKind::winners)
        row.full = estimate(scenario_of(study, candidate));
    std::vector<SheetValue> cells;
    for (const Column &column : columns_of(RowFormat::table, kind))
        cells.push_back(sheet_value(column.value(row)));
    return cells;
}

Workbook candidates_workbook(Sheet sheet)
{
    const auto column = [&](const char *header) {
        return static_cast<std::size_t>(
            std::find(sheet.header.begin(), sheet.header.end(), header) - sheet.header.begin());
    };
    Plot plot = points_of(
        sheet, column("tok/s/user"), column("tok/s/card"), column("Chip"), "Throughput per card over speed per user");
    plot.x_title = "Tokens/s per user";
    plot.y_title = "Throughput per card (tok/s)";
    return {{std::move(sheet)}, {std::move(plot)}, {}, {}};
}

std::string_view CandidateRows::first_rows(std::string_view rows) const
{
    return format == RowFormat::json && !rows.empty() ? rows.substr(1) : rows;
}

std::string CandidateRows::tail(const SearchOutcome &outcome) const
{
    if (format == RowFormat::csv)
        return {};
    if (format != RowFormat::json)
        return "\n" + summary(study, outcome);
    Json rejected = Json::object();
    for (std::size_t i = 0; i < reason_count; ++i)
        rejected[std::string(name_of(static_cast<Reason>(i)))] = outcome.rejected[i].count;
    const std::optional<Miss> nearest = nearest_of(study, outcome);
    Json examples = Json::object(); // one of each reason
    for (std::size_t i = 0; i < reason_count; ++i) {
        const auto reason = static_cast<Reason>(i);
        if (const auto example = example_of(study, outcome, reason, nearest))
            examples[std::string(name_of(reason))] = miss_json(study, example->miss);
    }
    Json counts{{"configurations", outcome.configurations}, {"feasible", outcome.feasible}, {"rejected", rejected},
        {"examples", examples}};
    if (nearest)
        counts["nearest"] = miss_json(study, *nearest);
    return "\n]," + counts.dump().substr(1) + "\n";
}

std::string summary(const Study &study, const SearchOutcome &outcome)
{
    std::string text =
        fmt::format("{} configurations, {} feasible at {} per user.\n", grouped_text(outcome.configurations),
            grouped_text(outcome.feasible), short_text(study.target_tps.si(), Dimension::tokens_per_second));
    constexpr std::array<const char *, reason_count> what{"of unsupported shape", "with more cards than there are",
        "too large for the memory", "too slow for the target"};
    const std::optional<Miss> nearest = nearest_of(study, outcome);
    for (std::size_t i = 0; i < reason_count; ++i) {
        if (const auto example = example_of(study, outcome, static_cast<Reason>(i), nearest))
            text += fmt::format("{} {}, {} {}: {}.\n", grouped_text(outcome.rejected[i].count), what[i],
                example->is_nearest ? "nearest is" : "e.g.", full_configuration_text(study, example->miss.nearest),
                text_of(example->miss.lacks));
    }
    return text;
}

} // namespace epscope
