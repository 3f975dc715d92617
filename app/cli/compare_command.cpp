// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "app/cli/variant.h"
#include "core/analysis/compare.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

struct CompareCommand {
    AnalysisOptions common;
    PictureOptions look;
    std::vector<std::string> studies, variants;
    bool per_chip = false, scenarios = false;
};

std::vector<Case> cases_of(const CompareCommand &command, const Library &library)
{
    std::vector<Case> bases;
    const StudyOptions &options = command.common.study;
    const auto add = [&](const StudyFile &file) {
        const std::vector<ScenarioCard> cards = all_scenarios(file);
        if (cards.size() < 2)
            throw BadInput("command line", "--scenarios", "study " + in_quotes(file.study.name) + " has no scenarios");
        for (const ScenarioCard &card : cards)
            bases.push_back({command.studies.size() > 1 ? file.study.name + ", " + card.name : card.name, card.study});
    };
    if (command.studies.empty() && command.scenarios)
        add(options.file(library));
    else if (command.studies.empty())
        bases.push_back({options.scenario(), options.study(library)});
    for (const std::string &source : command.studies) {
        if (command.scenarios)
            add(options.file(library, source));
        else
            bases.push_back({options.scenario(), options.study(library, source)});
    }
    for (Case &base : bases) {
        if (base.name.empty())
            base.name = base.study.name;
    }
    std::vector<Case> cases;
    for (const Case &base : bases) {
        if (!command.per_chip) {
            cases.push_back(base);
            continue;
        }
        for (std::size_t chip = 0; chip < base.study.chips.size(); ++chip)
            cases.push_back(
                {bases.size() > 1 ? base.name + ", " + base.study.chips[chip].name : base.study.chips[chip].name,
                    with_chip(base.study, chip)});
    }
    for (const std::string &text : command.variants)
        cases.push_back(variant_of(bases.front().study, text));
    if (cases.size() < 2)
        throw BadInput("command line", "compare", "needs two or more: studies, --scenarios, --variant or --per-chip");
    for (std::size_t i = 0; i < cases.size(); ++i) { // names are columns
        const auto same = [&](const Case &each) { return each.name == cases[i].name; };
        if (std::any_of(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(i), same))
            cases[i].name += fmt::format(" ({})", i + 1);
    }
    return cases;
}

std::vector<Study> led_studies(const std::vector<Case> &cases, const Comparison &comparison)
{
    std::vector<Study> studies;
    for (std::size_t i = 0; i < cases.size(); ++i)
        studies.push_back(with_chip(cases[i].study, comparison.chips[i]));
    return studies;
}

// Outputs, one a row: value, and against the first case its change.
ValueTable outputs_table(const std::vector<Case> &cases, const Comparison &comparison)
{
    std::vector<ValueTable::Column> columns{{"key", "Output", true}};
    for (std::size_t i = 0; i < cases.size(); ++i) {
        columns.push_back({cases[i].name, cases[i].name, false});
        if (i > 0) {
            columns.push_back({cases[i].name + " change", "Change", false});
            columns.push_back({cases[i].name + " percent", "%", false});
        }
    }
    ValueTable table(columns);
    const std::vector<Study> studies = led_studies(cases, comparison);
    for (const Metric &metric : metrics()) {
        const bool told = std::any_of(
            studies.begin(), studies.end(), [&](const Study &study) { return is_told(metric, study.search); });
        if (!metric.number || !told)
            continue;
        std::vector<Cell> row{{std::string(metric.key), std::string(metric.title)}};
        const std::optional<double> first = number_of(metric, comparison.outcomes[0]);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Outcome &outcome = comparison.outcomes[i];
            const std::optional<double> value = number_of(metric, outcome);
            row.push_back({json_of(value), value ? text_of(metric, studies[i], *outcome.best) : "-"});
            if (i == 0)
                continue;
            const std::optional<Change> change = change_of(first, value);
            const std::string sign = change && change->difference > 0 ? "+" : "";
            row.push_back({change ? Json(change->difference) : Json(),
                change ? sign + short_text(change->difference, metric.dimension) : "-"});
            row.push_back({change ? json_of(change->percent) : Json(),
                change && change->percent ? percent_text(*change->percent) : "-"});
        }
        table.add(std::move(row));
    }
    return table;
}

ValueTable inputs_table(const std::vector<Case> &cases, const Comparison &comparison)
{
    std::vector<ValueTable::Column> columns{{"key", "Input that differs", true}};
    for (const Case &each : cases)
        columns.push_back({each.name, each.name, false});
    ValueTable table(columns);
    for (const DifferingInput &input : comparison.inputs) {
        std::vector<Cell> row{{input.key, input.label}};
        for (const std::string &text : input.texts)
            row.push_back({text, text.empty() ? "-" : text});
        table.add(std::move(row));
    }
    return table;
}

std::string text_of(const std::vector<Case> &cases, const Comparison &comparison, RowFormat format)
{
    const ValueTable outputs = outputs_table(cases, comparison), inputs = inputs_table(cases, comparison);
    const std::vector<Study> studies = led_studies(cases, comparison);
    if (format == RowFormat::json) {
        Json all{{"cases", Json::array()}, {"changes", Json::array()}, {"inputs", Json::array()}};
        for (std::size_t i = 0; i < cases.size(); ++i) {
            all["cases"].push_back({{"name", cases[i].name}, {"chip", studies[i].chips[0].name},
                {"best", outcome_json(studies[i], comparison.outcomes[i])}});
            Json changes = Json::object();
            for (const Metric &metric : metrics()) {
                const auto change =
                    change_of(number_of(metric, comparison.outcomes[0]), number_of(metric, comparison.outcomes[i]));
                if (metric.number)
                    changes[std::string(metric.key)] = change
                        ? Json{{"difference", change->difference}, {"percent", json_of(change->percent)}}
                        : Json();
            }
            if (i > 0)
                all["changes"].push_back({{"name", cases[i].name}, {"against_the_first", changes}});
        }
        for (const DifferingInput &input : comparison.inputs)
            all["inputs"].push_back({{"key", input.key}, {"label", input.label}, {"values", input.texts}});
        return all.dump(2) + "\n";
    }
    if (format == RowFormat::csv)
        return outputs.text(format) + (inputs.empty() ? "" : "\n" + inputs.text(format));
    std::string text =
        outputs.text(format) + "\n" + (inputs.empty() ? "No input differs.\n" : inputs.text(format)) + "\n";
    for (std::size_t i = 0; i < cases.size(); ++i)
        text += fmt::format("{}{}: {}\n", format == RowFormat::markdown ? "- " : "", cases[i].name,
            outcome_text(studies[i], comparison.outcomes[i]));
    return text;
}

// Outputs with their units, the changes of all cases as bars.
Workbook workbook_of(const std::vector<Case> &cases, const Comparison &comparison)
{
    Sheet outputs = outputs_table(cases, comparison).sheet("Comparison");
    for (std::vector<SheetValue> &row : outputs.rows) {
        const auto &title = std::get<std::string>(row[0]);
        const auto metric =
            std::find_if(metrics().begin(), metrics().end(), [&](const Metric &each) { return each.title == title; });
        const std::string unit = metric == metrics().end() ? "" : base_unit(metric->dimension).symbol;
        if (!unit.empty())
            row[0] = title + " (" + unit + ")";
    }
    std::vector<std::size_t> percents;
    for (std::size_t i = 1; i < cases.size(); ++i) {
        outputs.header[3 * i - 1] = cases[i].name;
        outputs.header[3 * i] = cases[i].name + ", change";
        outputs.header[3 * i + 1] = cases[i].name + ", change in %";
        percents.push_back(3 * i + 1);
    }
    Plot plot = bars_of(outputs, 0, percents, Plot::Kind::bars, "Change against " + cases[0].name);
    plot.y_title = "Change in %";
    Workbook workbook{{std::move(outputs)}, {std::move(plot)}, {}, {}};
    if (const ValueTable inputs = inputs_table(cases, comparison); !inputs.empty())
        workbook.sheets.push_back(inputs.sheet("Inputs that differ"));
    return workbook;
}

void run(const CompareCommand &command, const Library &library, const PictureWriter &pictures)
{
    const std::vector<Case> cases = cases_of(command, library);
    AnalysisRun analysis(command.common, command.look, library, cases[0].study);
    const Comparison comparison = analysis.found([&](const Running &running) { return compare(cases, running); });
    if (!comparison.complete)
        throw Interrupted{};
    analysis.write([&](RowFormat format) { return text_of(cases, comparison, format); },
        [&] { return workbook_of(cases, comparison); }, cases[0].study,
        [&](const Picture &picture) { return pictures.comparison(picture, cases, comparison); });
}

} // namespace

void add_compare_command(CLI::App &program, const Library &library, const PictureWriter &pictures)
{
    CLI::App *command = program.add_subcommand(
        "compare", "Put the best configurations of studies or variants side by side, with only the inputs that differ");
    const auto options = std::make_shared<CompareCommand>();
    command
        ->add_option("studies", options->studies, "Studies by name or file, as of --study; without one that of --study")
        ->type_name("STUDY");
    command
        ->add_option("--variant", options->variants,
            "The first study with changes; keys as for --set. May be given several times")
        ->option_text("\"NAME: KEY=VALUE, ...\"")
        ->allow_extra_args(false);
    command->add_flag("--scenarios", options->scenarios, "Each scenario of a study");
    command->add_flag("--per-chip", options->per_chip, "Each chip of a study by itself");
    options->common.add_to(*command, StudyOptions::Place::option_only);
    options->look.add_to(*command);
    command->footer("Changes are against the first column. Of a study with several chips the one with the best "
                    "configuration counts.");
    command->callback([options, &library, &pictures] { run(*options, library, pictures); });
}

} // namespace epscope
