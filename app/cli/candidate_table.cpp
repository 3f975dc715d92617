// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/candidate_table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/value_table.h"
#include "core/io/csv.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

// What is read leaves out what goes without saying; files have the same columns whatever is searched.
bool is_taken(const ResultColumn &column, RowFormat format, RowKind kind, const SearchSpace &space)
{
    const bool is_read = format == RowFormat::table || format == RowFormat::markdown;
    if (is_read && !is_listed(column, space))
        return false;
    return kind == RowKind::points || format == RowFormat::csv ? is_published(column) : true;
}

std::vector<const ResultColumn *> columns_of(RowFormat format, RowKind kind, const SearchSpace &space)
{
    std::vector<const ResultColumn *> columns;
    for (const ResultColumn &column : result_columns()) {
        if (is_taken(column, format, kind, space))
            columns.push_back(&column);
    }
    return columns;
}

// Of the rejected of a reason: one of them, and what it lacks. Where nothing is feasible and the nearest lacks just
// that, it is the nearest.
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

// Numbers as such, at full precision; all else as text.
SheetValue sheet_cell(const ColumnValue &value)
{
    if (const auto *number = std::get_if<double>(&value))
        return *number;
    if (const auto *whole = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*whole);
    return std::holds_alternative<std::monostate>(value) ? SheetValue() : exact_cell(value);
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
    , columns(columns_of(format, kind, study.search))
    , exact_columns(columns_of(RowFormat::json, kind, study.search))
{
    for (const ResultColumn *column : columns) {
        left.push_back(column->kind != CellKind::number);
        std::size_t width = display_width(column->header);
        for (const std::string &text : column->widest(study))
            width = std::max(width, display_width(text));
        widths.push_back(width);
    }
    const std::vector<ColumnWords> words = all_words();
    left.resize(words.size(), true);
    for (std::size_t i = widths.size(); i < words.size(); ++i)
        widths.push_back(display_width(words[i].header));
}

std::vector<ColumnWords> CandidateRows::all_words() const
{
    std::vector<ColumnWords> words(columns.size());
    std::transform(columns.begin(), columns.end(), words.begin(), [](const ResultColumn *column) { return *column; });
    if (kind == RowKind::points)
        words.insert(words.end(), {feasible_column, reason_column});
    return words;
}

std::string CandidateRows::head() const
{
    if (format == RowFormat::json) {
        const Json about{{"study", study.name}, {"profile", study.profile.name}, {"target_tps", study.target_tps.si()}};
        std::string text = about.dump();
        text.pop_back();
        return text + ",\"rows\":[";
    }
    std::vector<std::string> cells;
    for (const ColumnWords &words : all_words())
        cells.emplace_back(format == RowFormat::csv ? words.key : words.header);
    const std::string rule = format == RowFormat::markdown ? markdown_rule(left) : "";
    return table_line(cells, format, widths, left) + rule;
}

std::string CandidateRows::row(const Candidate &candidate, std::optional<Reason> reason) const
{
    const Evaluation evaluation(study, candidate);
    const std::string_view why = reason ? name_of(*reason) : "";
    if (format == RowFormat::json) {
        Json object;
        for (const ResultColumn *column : columns)
            object[std::string(column->key)] = json_of(column->value(evaluation));
        if (kind == RowKind::points) {
            object[std::string(feasible_column.key)] = !reason;
            object[std::string(reason_column.key)] = why;
        }
        return ",\n" + object.dump();
    }
    std::vector<std::string> cells;
    for (const ResultColumn *column : columns) {
        const ColumnValue value = column->value(evaluation);
        cells.push_back(format == RowFormat::csv ? exact_cell(value) : shown_cell(*column, value));
    }
    if (kind == RowKind::points)
        cells.insert(cells.end(), {exact_cell(!reason), std::string(why)});
    return table_line(cells, format, widths, left);
}

Sheet CandidateRows::sheet() const
{
    Sheet sheet{"Results", {}};
    for (const ResultColumn *column : exact_columns)
        sheet.header.push_back(exact_header(*column));
    if (kind == RowKind::points)
        sheet.header.insert(
            sheet.header.end(), {std::string(feasible_column.header), std::string(reason_column.header)});
    return sheet;
}

std::vector<SheetValue> CandidateRows::cells(const Candidate &candidate, std::optional<Reason> reason) const
{
    const Evaluation evaluation(study, candidate);
    std::vector<SheetValue> cells;
    for (const ResultColumn *column : exact_columns)
        cells.push_back(sheet_cell(column->value(evaluation)));
    if (kind == RowKind::points)
        cells.insert(cells.end(), {exact_cell(!reason), std::string(reason ? name_of(*reason) : "")});
    return cells;
}

Workbook candidates_workbook(Sheet sheet)
{
    const auto column = [&](std::string_view key) {
        return static_cast<std::size_t>(
            std::find(sheet.header.begin(), sheet.header.end(), exact_header(*find_result_column(key)))
            - sheet.header.begin());
    };
    const auto of_output = [&](std::string_view key) { return column(find_metric(key)->column_key); };
    Plot plot = points_of(sheet, of_output(output::ux_tps), of_output(output::throughput), column(column_key::chip),
        "Throughput per card over speed per user");
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
    constexpr std::array<const char *, reason_count> what{"of unsupported shape",
        "with an EP or TP that the cards do not allow", "too large for the memory", "too slow for the target"};
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
