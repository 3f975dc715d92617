// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/estimate_report.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/study_options.h"
#include "app/cli/workbook_output.h"
#include "core/analysis/outputs.h"
#include "core/io/any_model_csv.h"
#include "core/io/configs_csv.h"
#include "core/io/file.h"
#include "core/model/operators.h"
#include "core/search/search.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr int one_line = -1, indented = 2;

std::string names_of(std::span<const CsvColumn> columns, std::string_view between = ",")
{
    std::vector<std::string> names;
    for (const CsvColumn &column : columns)
        names.emplace_back(column.name);
    return joined(names, between);
}

struct EstimateCommand {
    StudyOptions study;
    std::string configs, format, output;
    bool operators = false; // of each configuration
};

// Of each of a study's lists the one value to estimate: what was asked for, else the only one or, of what is not
// asked, the first.
Scenario scenario_from(const EstimateCommand &command, const Library &library)
{
    const StudyOptions &options = command.study;
    const Study study = options.study(library);
    ProblemList problems;
    const auto check_single = [&](std::string_view key, std::size_t values, bool is_asked) {
        const bool given = options.given(key);
        if (values > 1 && (given || is_asked))
            problems.add({command_line_file, 0, 0, option_name(key),
                (given ? "an estimate takes one value, not "
                       : "missing; an estimate needs one value and the study has ")
                    + std::to_string(values)});
    };
    check_single(name_of(Kind::chip), study.chips.size(), true);
    check_single(name_of(Kind::nic), study.nics.size(), true);
    Candidate candidate;
    for (const bool is_asked : {true, false}) {
        for (const Parameter &parameter : all_parameters()) { // as --help lists them
            const SearchAxis *axis = parameter.scope == Scope::search ? find_axis(parameter.key) : nullptr;
            if (!axis || axis->is_asked != is_asked)
                continue;
            check_single(axis->key, axis->count(study.search), is_asked);
            axis->take(study.search, 0, candidate.point);
        }
    }
    if (!problems.empty())
        throw BadInput(problems);
    return scenario_of(study, candidate);
}

// The results, and every operator with what takes its time; the blocks' operators as bars.
Workbook workbook_of(const Scenario &scenario, const Estimate &result)
{
    Sheet results{"Estimate", {"Output", "Value", "Unit"}};
    const auto add = [&](std::string_view what, std::optional<double> value, std::string_view unit) {
        results.rows.push_back({std::string(what), value ? SheetValue(*value) : SheetValue(), std::string(unit)});
    };
    const Evaluation evaluation(scenario, result);
    for (const Metric &metric : metrics()) {
        if (metric.number && metric.listed != Listed::never)
            add(metric.title, number_of(metric, evaluation), base_unit(metric.dimension).symbol);
    }
    add("Tokens per step and sequence", result.tokens_per_step, "");
    add("Bound by compute", result.bound.compute, "s");
    add("Bound by memory", result.bound.memory, "s");
    add("Bound by network", result.bound.network, "s");
    add("Weights", result.memory.weights, "B");
    add("KV cache", result.memory.kv_cache, "B");
    Sheet operators{"Breakdown",
        {"Block", "Times per step", "Micro-batches", "Operator", "Time (s)", "Compute (s)", "Memory (s)", "Network (s)",
            "Overhead (s)", "Bound by"}};
    for (const BlockEstimate &block : result.blocks) {
        for (const OperatorEstimate &each : block.operators) {
            operators.rows.push_back({label_of(scenario.model, block), static_cast<double>(block.count),
                static_cast<double>(block.repeats), std::string(info_of(each.id).label), each.time_s, each.compute_s,
                each.memory_s, each.network_s, each.overhead_s, std::string(name_of(each.bound))});
        }
    }
    Plot plot = stacked_of(operators, 0, 3, 4, "One micro-batch of each block, operator by operator");
    return {{std::move(results), std::move(operators)}, {std::move(plot)}, {}, {}};
}

void estimate_one(const EstimateCommand &command, const Library &library)
{
    const bool as_workbook = wants_workbook(command.output, command.format);
    if (command.operators)
        throw BadInput("command line", "--operators", "goes with --configs");
    if (command.format == "csv")
        throw BadInput("command line", "--format", "'csv' goes with --configs; allowed is table or json");
    const Scenario scenario = scenario_from(command, library);
    const Estimate result = estimate(scenario);
    Output output(command.output, command.format);
    if (as_workbook)
        write_workbook(output, workbook_of(scenario, result), command.study.study(library));
    else
        output.write(
            command.format == "json" ? estimate_json(scenario, result, indented) : estimate_report(scenario, result));
    output.commit();
}

// A table that names model and parallelism of each configuration.
void estimate_any_models(const EstimateCommand &command, const std::string &text, const Library &library)
{
    const Profile profile = command.study.study(library).profile;
    const Read<std::vector<NamedScenario>> rows = read_any_model(text, shown_name(command.configs), library, profile);
    if (!rows)
        throw BadInput(rows.problems);
    InterruptGuard interrupt;
    Output output(command.output, command.format, interrupt.token());
    if (command.format == "csv")
        output.write(command.operators ? operators_header() : any_model_header());
    for (const auto &[name, scenario] : *rows.value) {
        if (interrupt.token().stop_requested())
            throw Interrupted{};
        const Estimate result = estimate(scenario);
        if (command.format == "csv")
            output.write(command.operators ? operators_lines(name, result) : any_model_line(name, result));
        else
            output.write(command.format == "json" ? estimate_json(scenario, result, one_line)
                                                  : estimate_report(scenario, result) + "\n");
    }
    output.commit();
}

void estimate_many(const EstimateCommand &command, const Library &library)
{
    if (command.output.ends_with(".xlsx"))
        throw BadInput(
            "command line", "--output", "a workbook takes one configuration; choose csv for those of --configs");
    ProblemList problems;
    const auto refuse = [&](std::string_view key) {
        if (command.study.given(key))
            problems.add(
                {command_line_file, 0, 0, std::string(key), "stands in the file that --configs names; leave it out"});
    };
    for (const SearchAxis &axis : search_axes()) {
        refuse(axis.key);
        for (const AxisNumber &number : axis.numbers) {
            if (number.in_pair)
                refuse(number.key);
        }
    }
    for (const CsvColumn &column : configs_columns()) {
        const Parameter *parameter = find_parameter(column.name);
        if (parameter && parameter->scope == Scope::workload)
            refuse(column.name);
    }
    if (!problems.empty())
        throw BadInput(problems);
    const Read<std::string> text = read_text(command.configs, largest_configs_file);
    if (!text)
        throw BadInput(text.problems);
    if (is_of_any_model(*text.value)) {
        estimate_any_models(command, *text.value, library);
        return;
    }
    if (command.operators)
        throw BadInput("command line", "--operators",
            "goes with a table of several models, whose columns are " + names_of(any_model_columns()));
    const Study study = command.study.study(library);
    const Read<std::vector<ConfigRow>> rows = read_configs(*text.value, shown_name(command.configs), study);
    if (!rows)
        throw BadInput(rows.problems);
    InterruptGuard interrupt;
    Output output(command.output, command.format, interrupt.token());
    if (command.format == "csv")
        output.write(configs_header());
    for (const ConfigRow &row : *rows.value) {
        if (interrupt.token().stop_requested())
            throw Interrupted{};
        const Scenario scenario = scenario_of(study, row);
        const Estimate result = estimate(scenario);
        if (command.format == "csv")
            output.write(configs_line(scenario, result));
        else
            output.write(command.format == "json" ? estimate_json(scenario, result, one_line)
                                                  : estimate_report(scenario, result) + "\n");
    }
    output.commit();
}

} // namespace

void add_estimate_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("estimate", "Work out one configuration in full, or every one of a CSV file");
    const auto options = std::make_shared<EstimateCommand>();
    std::vector<std::string> columns;
    for (const CsvColumn &column : configs_columns())
        columns.emplace_back(column.name);
    options->study.add_to(*command);
    command
        ->add_option("--configs", options->configs,
            "CSV file of configurations (- for standard input) with the columns " + joined(columns, ",")
                + ", or of several models with " + names_of(any_model_columns(), ", ")
                + "; json then prints one object a line")
        ->type_name("FILE");
    command->add_flag(
        "--operators", options->operators, "Of a table of several models every operator, a line each (csv)");
    add_format_option(*command, options->format, {"table", "json", "csv"});
    add_output_option(*command, options->output);
    command->footer("Without --configs: --chip, --nic, --policy, --ep and --batch must name one value each; other "
                    "ranges take the study's first.");
    command->callback([options, &library] {
        options->configs.empty() ? estimate_one(*options, library) : estimate_many(*options, library);
    });
}

} // namespace epscope
