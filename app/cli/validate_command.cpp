// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/calibration_options.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/study_options.h"
#include "app/cli/value_table.h"
#include "app/cli/workbook_output.h"
#include "core/calibrate/anchors.h"
#include "core/calibrate/fit.h"
#include "core/io/csv.h"
#include "core/quantity.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr double ms = 1e3;

struct ValidateCommand {
    CalibrationOptions input;
    std::string format, output;
    bool all_rows_only = false;
};

std::string csv_text(const std::vector<MeasuredCase> &cases, const Validation &validation)
{
    std::string text = csv_line({"id", "chip", "engine", "tpot_ms_measured", "tpot_ms_estimated", "relative_error"});
    for (const RowError &row : validation.rows) {
        const Measurement &measured = cases[row.row].measurement;
        const bool estimated = std::isfinite(row.relative);
        text += csv_line({measured.id, measured.chip, measured.engine, exact_text(ms * measured.tpot_s),
            estimated ? exact_text(ms * row.tpot_s) : "", estimated ? exact_text(row.relative) : ""});
    }
    return text;
}

// What of a run no estimate knows of; empty: nothing that its source says.
std::string remark_of(const Measurement &measured, const RowError &row)
{
    const std::string beyond =
        std::isfinite(row.relative) ? "" : "not estimated: the profile's equations do not know such a configuration";
    return measured.remark + (measured.remark.empty() || beyond.empty() ? "" : "; ") + beyond;
}

// Each remark once, in the order of the rows.
std::vector<std::string> remarks_of(const std::vector<MeasuredCase> &cases, const Validation &validation)
{
    std::vector<std::string> remarks;
    for (const RowError &row : validation.rows) {
        const std::string remark = remark_of(cases[row.row].measurement, row);
        if (!remark.empty() && std::find(remarks.begin(), remarks.end(), remark) == remarks.end())
            remarks.push_back(remark);
    }
    return remarks;
}

// The models that ran, by name.
std::string models_of(const std::vector<MeasuredCase> &cases)
{
    std::set<std::string> names;
    for (const MeasuredCase &one : cases)
        names.insert(one.model.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

Json group_json(const GroupError &group)
{
    return {{"name", group.name}, {"rows", group.rows}, {"runs", group.runs},
        {"mean_absolute_error", group.mean_absolute}, {"bias", group.bias}, {"worst", group.worst},
        {"worst_id", group.worst_id}};
}

Json groups_json(const std::vector<GroupError> &groups)
{
    Json list = Json::array();
    for (const GroupError &group : groups)
        list.push_back(group_json(group));
    return list;
}

std::string json_text(const Study &study, const std::vector<MeasuredCase> &cases, const Validation &validation,
    const std::optional<Validation> &left_out)
{
    Json rows = Json::array();
    for (const RowError &row : validation.rows) {
        const Measurement &measured = cases[row.row].measurement;
        Json object{{"id", measured.id}, {"chip", measured.chip}, {"engine", measured.engine},
            {"model", cases[row.row].model.name}, {"tp", measured.tp}, {"ep", measured.ep},
            {"mode", name_of(measured.mode)}, {"date", measured.date}, {"tpot_ms_measured", ms * measured.tpot_s},
            {"tpot_ms_estimated", ms * row.tpot_s}, {"relative_error", row.relative},
            {"throughput_per_card_measured", *measured.batch_per_card / measured.tpot_s},
            {"throughput_per_card_estimated", row.throughput_per_card}, {"nic", cases[row.row].nic.name},
            {"weight", row.weight}, {"remark", remark_of(measured, row)}, {"source", measured.source}};
        if (left_out)
            object["relative_error_left_out"] = left_out->rows[row.row].relative;
        rows.push_back(std::move(object));
    }
    Json all{{"profile", study.profile.name}, {"model", models_of(cases)}, {"rows", rows},
        {"all", group_json(validation.all)}, {"by_chip", groups_json(validation.by_chip)},
        {"by_engine", groups_json(validation.by_engine)}, {"by_model", groups_json(validation.by_model)},
        {"by_parallelism", groups_json(validation.by_parallelism)}};
    if (left_out)
        all["leave_one_chip_out"] = {{"all", group_json(left_out->all)}, {"by_chip", groups_json(left_out->by_chip)}};
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Rows of cells below their headers, for reading; the first `left` columns are texts.
std::string table_text(const std::vector<std::vector<std::string>> &rows, std::size_t left, RowFormat format)
{
    std::vector<ValueTable::Column> columns;
    for (const std::string &header : rows.front())
        columns.push_back({header, header, columns.size() < left});
    ValueTable table(std::move(columns));
    for (std::size_t i = 1; i < rows.size(); ++i) {
        std::vector<Cell> cells;
        for (const std::string &cell : rows[i])
            cells.push_back({cell, {}});
        table.add(std::move(cells));
    }
    return table.text(format);
}

std::string signed_percent(double value)
{
    return std::isfinite(value) ? fmt::format("{:+.1f} %", in_percent * value) : "none";
}
std::string rounded(double value, int digits)
{
    return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "none";
}

std::vector<std::string> group_row(const GroupError &group)
{
    return {group.name, std::to_string(group.rows), std::to_string(group.runs),
        fmt::format("{:.2f} %", in_percent * group.mean_absolute), signed_percent(group.bias),
        signed_percent(group.worst), group.worst_id};
}

std::string groups_text(
    const std::string &what, const std::vector<GroupError> &groups, const GroupError &all, RowFormat format)
{
    std::vector<std::vector<std::string>> rows{
        {what, "Rows", "Runs", "Mean absolute error", "Bias", "Worst", "Its row"}};
    for (const GroupError &group : groups)
        rows.push_back(group_row(group));
    rows.push_back(group_row(all));
    return table_text(rows, 1, format);
}

std::string reading_text(const Study &study, const std::vector<MeasuredCase> &cases, const Validation &validation,
    const std::optional<Validation> &left_out, RowFormat format)
{
    const bool markdown = format == RowFormat::markdown;
    const auto heading = [&](const std::string &title) {
        return markdown ? "\n## " + title + "\n\n" : "\n" + title + "\n";
    };
    std::string text = markdown ? "# Validation\n\nThe profile `" + study.profile.name
            + "` next to the measurements; written by `epscope validate --format markdown`.\n"
              "Errors are of the time per output token (tpot), estimated over measured, less 1.\n\n"
                                : "Profile " + study.profile.name + ", model " + models_of(cases)
            + "; errors of the time per output token, estimated over measured\n\n";
    const std::vector<std::string> remarks = remarks_of(cases, validation);
    std::vector<std::vector<std::string>> rows{{"Id", "Chip", "Engine", "Model", "Mode", "TP", "EP", "Batch per card",
        "Context", "tpot ms", "Estimated", "tok/s/card", "Estimated", "Error"}};
    if (left_out)
        rows.front().push_back("Chip left out");
    if (!remarks.empty())
        rows.front().push_back("Remark");
    for (const RowError &row : validation.rows) {
        const Measurement &measured = cases[row.row].measurement;
        const double throughput = *measured.batch_per_card / measured.tpot_s;
        rows.push_back({measured.id, measured.chip, measured.engine, cases[row.row].model.name,
            std::string(name_of(measured.mode)), std::to_string(measured.tp), std::to_string(measured.ep),
            short_text(*measured.batch_per_card, Dimension::count, 4), exact_text(measured.context),
            rounded(ms * measured.tpot_s, 2), rounded(ms * row.tpot_s, 2), rounded(throughput, 0),
            rounded(row.throughput_per_card, 0), signed_percent(row.relative)});
        if (left_out)
            rows.back().push_back(signed_percent(left_out->rows[row.row].relative));
        if (const auto remark = std::find(remarks.begin(), remarks.end(), remark_of(measured, row)); !remarks.empty())
            rows.back().push_back(remark == remarks.end() ? "" : std::to_string(remark - remarks.begin() + 1));
    }
    text += table_text(rows, 5, format);
    for (std::size_t i = 0; i < remarks.size(); ++i)
        text += fmt::format("{}Remark {}: {}.\n", i == 0 || markdown ? "\n" : "", i + 1, remarks[i]);
    if (const std::string repeats = repeats_text(cases); !repeats.empty())
        text += "\n" + repeats + ".\n";
    text += heading("By chip") + groups_text("Chip", validation.by_chip, validation.all, format);
    text += heading("By engine") + groups_text("Engine", validation.by_engine, validation.all, format);
    text += heading("By model") + groups_text("Model", validation.by_model, validation.all, format);
    text += heading("By parallelism of attention and experts")
        + groups_text("Parallelism", validation.by_parallelism, validation.all, format);
    if (left_out) {
        text += heading("Each chip estimated with a fit to all others");
        text += groups_text("Left out", left_out->by_chip, left_out->all, format);
    }
    return text;
}

// A bar for each row's error.
Workbook workbook_of(
    const std::vector<MeasuredCase> &cases, const Validation &validation, const std::optional<Validation> &left_out)
{
    Sheet rows{"Rows",
        {"Id", "Chip", "Engine", "Model", "Mode", "TP", "EP", "Batch per card", "Context", "tpot (ms)",
            "Estimated (ms)", "Throughput per card (tok/s)", "Estimated (tok/s)", "Error (%)"}};
    if (left_out)
        rows.header.emplace_back("Error with the chip left out (%)");
    rows.header.emplace_back("Weight");
    rows.header.emplace_back("Remark");
    for (const RowError &row : validation.rows) {
        const Measurement &measured = cases[row.row].measurement;
        rows.rows.push_back({measured.id, measured.chip, measured.engine, cases[row.row].model.name,
            std::string(name_of(measured.mode)), static_cast<double>(measured.tp), static_cast<double>(measured.ep),
            *measured.batch_per_card, measured.context, ms * measured.tpot_s, ms * row.tpot_s,
            *measured.batch_per_card / measured.tpot_s, row.throughput_per_card, in_percent * row.relative});
        if (left_out)
            rows.rows.back().emplace_back(in_percent * left_out->rows[row.row].relative);
        rows.rows.back().emplace_back(row.weight);
        rows.rows.back().emplace_back(remark_of(measured, row));
    }
    const auto groups_sheet = [](const std::string &name, const std::vector<GroupError> &groups,
                                  const GroupError &all) {
        Sheet sheet{name, {name, "Rows", "Runs", "Mean absolute error (%)", "Bias (%)", "Worst (%)", "Its row"}};
        const auto add = [&](const GroupError &group) {
            sheet.rows.push_back({group.name, static_cast<double>(group.rows), static_cast<double>(group.runs),
                in_percent * group.mean_absolute, in_percent * group.bias, in_percent * group.worst, group.worst_id});
        };
        std::for_each(groups.begin(), groups.end(), add);
        add(all);
        return sheet;
    };
    Plot plot = bars_of(rows, 0, {13}, Plot::Kind::bars, "Error of the time per output token");
    plot.y_title = "Estimated over measured, less 1, in %";
    Workbook workbook{{std::move(rows), groups_sheet("By chip", validation.by_chip, validation.all),
                          groups_sheet("By engine", validation.by_engine, validation.all),
                          groups_sheet("By model", validation.by_model, validation.all),
                          groups_sheet("By parallelism", validation.by_parallelism, validation.all)},
        {std::move(plot)}, {}, {}};
    if (left_out)
        workbook.sheets.push_back(groups_sheet("Left out", left_out->by_chip, left_out->all));
    return workbook;
}

void run(const ValidateCommand &command, const Library &library)
{
    const bool as_workbook = wants_workbook(command.output, command.format);
    check_output_name(command.output);
    const Study study = command.input.study(library);
    const std::vector<MeasuredCase> cases = command.input.cases(study, library);
    const Validation validation = validate(study.profile, cases);
    const std::optional<Validation> left_out =
        command.format != "csv" && is_calibrated(study.profile) && !command.all_rows_only
        ? leave_one_chip_out(study.profile, cases)
        : std::nullopt;
    // What ends the program meanwhile leaves no file that has been begun.
    Output output(command.output, command.format);
    if (as_workbook)
        write_workbook(output, workbook_of(cases, validation, left_out), study);
    else if (command.format == "csv")
        output.write(csv_text(cases, validation));
    else
        output.write(command.format == "json"
                ? json_text(study, cases, validation, left_out)
                : reading_text(study, cases, validation, left_out, row_format(command.format)));
    output.commit();
}

} // namespace

void add_validate_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("validate", "Estimates next to measurements, with their errors by row, chip and engine");
    const auto options = std::make_shared<ValidateCommand>();
    options->input.add_to(*command);
    command->add_flag("--no-refit", options->all_rows_only,
        "Leave out the errors of each chip under a fit to all others, which take seconds");
    add_format_option(*command, options->format, {"table", "csv", "json", "markdown"});
    add_output_option(*command, options->output);
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
