// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "core/analysis/compare.h"
#include "core/analysis/sensitivity.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

struct SensitivityCommand {
    AnalysisOptions common;
    PictureOptions look;
    std::string metric;
    double percent = 10;
    std::vector<std::string> parameters;
};

std::vector<Variable> variables_of(const SensitivityCommand &command, const Study &study)
{
    if (command.parameters.empty())
        return scalable_variables(study);
    std::vector<Variable> variables;
    for (const std::string &key : command.parameters) {
        variables.push_back(variable_named(study, key, "--parameter"));
        if (variables.back().stated.value_or(0) == 0)
            throw BadInput("command line", "--parameter",
                in_quotes(key) + " has no value of its own, or 0: a percentage of it says nothing");
    }
    return variables;
}

std::string saturation_text(const Bar &bar)
{
    std::vector<std::string> texts;
    const auto add = [&](const BarEnd &end, const char *direction) {
        if (end.saturation)
            texts.push_back(fmt::format("from {} {} bound by {}", bar.variable.short_text(end.saturation->from),
                direction, binding_text(end.saturation->best)));
        else if (!end.output)
            texts.push_back(fmt::format("{} nothing is feasible: {}", bar.variable.short_text(end.value),
                end.outcome.miss ? text_of(end.outcome.miss->lacks) : "contradicts another value"));
    };
    add(bar.low, "down");
    add(bar.high, "up");
    return joined(texts, "; ");
}

Json saturation_json(const BarEnd &end)
{
    if (!end.saturation)
        return {};
    return {{"from", end.saturation->from}, {"bound_by", binding_text(end.saturation->best)}};
}

ValueTable table_of(const Sensitivity &result, double percent)
{
    const std::string by = exact_text(percent) + " %";
    ValueTable table({{"key", "Parameter", true}, {"low", "-" + by, false}, {"low_output", "Output", false},
        {"low_percent", "Change", false}, {"high", "+" + by, false}, {"high_output", "Output", false},
        {"high_percent", "Change", false}, {"marginal_percent", "Per +1 %", false}, {"note", "Note", true}});
    const double base = *result.base_output;
    for (const Bar &bar : result.bars) {
        const auto change = [&](const BarEnd &end) -> Cell {
            const std::optional<Change> against = change_of(base, end.output);
            if (!against || !against->percent)
                return {Json(), "-"};
            return {*against->percent, percent_text(*against->percent)};
        };
        const auto output = [&](const BarEnd &end) -> Cell {
            return {json_of(end.output), end.output ? short_text(*end.output, Dimension::count, 4) : "-"};
        };
        table.add({{bar.variable.key, bar.variable.label}, {bar.low.value, bar.variable.short_text(bar.low.value)},
            output(bar.low), change(bar.low), {bar.high.value, bar.variable.short_text(bar.high.value)},
            output(bar.high), change(bar.high),
            {json_of(bar.marginal), bar.marginal ? percent_text(*bar.marginal) : "-"}, {saturation_text(bar), ""}});
    }
    return table;
}

std::string text_of(
    const Study &study, const Metric &metric, const Sensitivity &result, double percent, RowFormat format)
{
    if (format == RowFormat::json) {
        Json all{{"study", study.name}, {"chip", study.chips[0].name}, {"output", metric.key}, {"percent", percent},
            {"base", json_of(result.base_output)}, {"best", outcome_json(study, result.base)}, {"bars", Json::array()}};
        if (result.base_output)
            all["bars"] = table_of(result, percent).json();
        for (std::size_t i = 0; i < result.bars.size(); ++i) {
            all["bars"][i]["low_saturation"] = saturation_json(result.bars[i].low);
            all["bars"][i]["high_saturation"] = saturation_json(result.bars[i].high);
        }
        return all.dump(2) + "\n";
    }
    if (!result.base_output)
        throw BadInput("command line", study.name, outcome_text(study, result.base));
    if (format == RowFormat::csv)
        return table_of(result, percent).text(format);
    Sensitivity shown = result;
    std::vector<std::string> idle;
    std::erase_if(shown.bars, [&](const Bar &bar) {
        constexpr double rounding = 1e-9;
        const bool none = bar.swing(*result.base_output) <= rounding * std::abs(*result.base_output);
        if (none)
            idle.push_back(bar.variable.label);
        return none;
    });
    const std::string unit = base_unit(metric.dimension).symbol;
    std::string text = fmt::format("{} of {}: {}, searched again for every number {} % down and up{}\n{}\n\n",
        metric.title, study.chips[0].name, text_of(metric, study, *result.base.best), exact_text(percent),
        unit.empty() ? "" : "; outputs in " + unit, outcome_text(study, result.base));
    if (!shown.bars.empty())
        text += table_of(shown, percent).text(format);
    if (!idle.empty())
        text += fmt::format("\nWithout effect: {}\n", joined(idle, ", "));
    return text;
}

Workbook workbook_of(const Study &study, const Metric &metric, const Sensitivity &result, double percent)
{
    Sheet sheet = table_of(result, percent).sheet("Sensitivity");
    const std::string by = exact_text(percent) + " %", unit = base_unit(metric.dimension).symbol;
    const std::string output = std::string(metric.title) + (unit.empty() ? "" : " (" + unit + ")");
    sheet.header = {"Parameter", "Low value", output + " at low", "-" + by, "High value", output + " at high", "+" + by,
        "Change in % per +1 %", "Note"};
    Plot plot =
        bars_of(sheet, 0, {3, 6}, Plot::Kind::stacked_bars, std::string(metric.title) + " of " + study.chips[0].name);
    plot.y_title = "Change in %";
    return {{std::move(sheet)}, {std::move(plot)}, {}, {}};
}

void run(const SensitivityCommand &command, const Library &library, const PictureWriter &pictures)
{
    const Metric &metric = metric_named(command.metric);
    const double percent = command.percent;
    const Study asked = command.common.study.study(library);
    AnalysisRun analysis(command.common, command.look, library, asked, &pictures);
    const Study study = leading_study(asked, analysis.stop());
    check_known(metric, study, "--of");
    const std::vector<Variable> variables = variables_of(command, study);
    const Sensitivity result = analysis.found(
        [&](const Running &running) { return sensitivity_of(study, metric, variables, percent, running); });
    if (!result.complete)
        throw Interrupted{};
    if (analysis.wanted() != Written::text && !result.base_output)
        throw BadInput(command_line_file, study.name, outcome_text(study, result.base));
    analysis.write([&](RowFormat format) { return text_of(study, metric, result, percent, format); },
        [&] { return workbook_of(study, metric, result, percent); }, study,
        [&](const Picture &picture) { return pictures.sensitivity(picture, metric, percent, result); });
}

} // namespace

void add_sensitivity_command(CLI::App &program, const Library &library, const PictureWriter &pictures)
{
    CLI::App *command = program.add_subcommand(
        "sensitivity", "Vary every chip, network and workload number a few percent and search again");
    const auto options = std::make_shared<SensitivityCommand>();
    options->common.add_to(*command);
    options->look.add_to(*command);
    command->add_option("--percent", options->percent, "How far down and up; default 10")
        ->check(CLI::Range(least_percent, most_percent))
        ->option_text("1..50");
    add_metric_option(*command, options->metric);
    command
        ->add_option("--parameter", options->parameters,
            "These numbers in place of all; keys as for --set. May be given several times")
        ->option_text("KEY")
        ->allow_extra_args(false);
    command->footer(
        "Of a study with several chips the one with the best configuration counts; --chip chooses another.");
    command->callback([options, &library, &pictures] { run(*options, library, pictures); });
}

} // namespace epscope
