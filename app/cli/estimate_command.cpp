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
#include "core/text.h"

namespace epscope {
namespace {

constexpr int one_line = -1, indented = 2;

std::string names_of(std::span<const CsvColumn> columns)
{
    std::vector<std::string> names;
    for (const CsvColumn &column : columns)
        names.emplace_back(column.name);
    return joined(names, ",");
}

struct EstimateCommand {
    StudyOptions study;
    std::string configs, format, output;
    bool operators = false; // of each configuration
};

// Takes of each of a study's lists the one value to estimate: what was asked for, else the only or first one.
class Singles {
public:
    explicit Singles(const StudyOptions &study_options)
        : options(study_options)
    {
    }

    enum class Otherwise { missing, first }; // where a list of several values was not asked for
    template <class T>
    const T &of(const std::vector<T> &values, const char *key, const char *option, Otherwise otherwise)
    {
        const bool given = options.given(key);
        if (values.size() > 1 && (given || otherwise == Otherwise::missing))
            problems.add({"command line", 0, 0, option,
                (given ? "an estimate takes one value, not "
                       : "missing; an estimate needs one value and the study has ")
                    + std::to_string(values.size())});
        return values.front();
    }
    void finish() const
    {
        if (!problems.empty())
            throw BadInput(problems);
    }

private:
    const StudyOptions &options;
    ProblemList problems;
};

Scenario scenario_from(const EstimateCommand &command, const Library &library)
{
    const StudyOptions &options = command.study;
    const Study study = options.study(library);
    const SearchSpace &space = study.search;
    using enum Singles::Otherwise;
    Singles single(options);
    const Chip &chip = single.of(study.chips, "chip", "--chip", missing);
    const Nic &nic = single.of(study.nics, "nic", "--nic", missing);
    const Policy policy = single.of(space.policy, "policy", "--policy", missing);
    const std::int64_t ep = single.of(space.ep, "ep", "--ep", missing);
    const std::int64_t batch = single.of(space.batch, "batch", "--batch", missing);
    const Precision &precision = single.of(space.precision, "precision", "--precision", first);
    const std::int64_t mtp_len = single.of(space.mtp_len, "mtp_len", "--mtp-len", first);
    single.finish();
    return {study.profile, study.model, chip, nic, study.workload,
        {policy, ep, precision.kv_elem_size.si(), precision.param_elem_size.si(), mtp_len, batch},
        study.target_tps.si()};
}

// The results, and every operator with what takes its time; the blocks' operators as bars.
Workbook workbook_of(const Scenario &scenario, const Estimate &result)
{
    Sheet results{"Estimate", {"Output", "Value", "Unit"}};
    const auto add = [&](std::string_view what, double value, std::string_view unit) {
        results.rows.push_back({std::string(what), value, std::string(unit)});
    };
    const Evaluation evaluation(scenario, result);
    for (const Metric &metric : metrics()) {
        if (metric.number && metric.listed != Listed::never)
            add(metric.title, metric.number(evaluation), base_unit(metric.dimension).symbol);
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
            operators.rows.push_back({std::string(label_of(block.kind)), static_cast<double>(block.count),
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
    for (const char *key : {"policy", "ep", "batch", "mtp_len", "precision", "kv_elem_size", "param_elem_size",
             "context", "deepgemm", "fa3"}) {
        if (command.study.given(key))
            problems.add({"command line", 0, 0, key, "stands in the file that --configs names; leave it out"});
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
    options->study.add_to(*command);
    command
        ->add_option("--configs", options->configs,
            "CSV file of configurations (- for standard input) with the columns "
            "chip,nic,policy,ep,kv_elem_size,param_elem_size,"
            "batch_size,context,mtp_len,deepgemm,fa3, or of several models with "
                + names_of(any_model_columns()) + "; json then prints one object a line")
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
