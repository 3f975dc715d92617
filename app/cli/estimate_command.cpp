// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/estimate_report.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/study_options.h"
#include "core/io/configs_csv.h"
#include "core/io/file.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr int one_line = -1, indented = 2;

struct EstimateCommand {
    StudyOptions study;
    std::string configs, format, output;
};

// Of a study's list the one value to estimate: what was asked for, else the only or first one.
template<class T>
const T &single(const std::vector<T> &values, const char *option, bool must_be_given, bool given)
{
    if (given && values.size() > 1)
        throw BadInput("command line", option, "an estimate takes one value, not " + std::to_string(values.size()));
    if (!given && must_be_given && values.size() > 1)
        throw BadInput("command line", option, "missing; an estimate needs one value and the study has " + std::to_string(values.size()));
    return values.front();
}

Scenario scenario_from(const EstimateCommand &command, const Library &library)
{
    const StudyOptions &options = command.study;
    const Study study = options.study(library);
    const SearchSpace &space = study.search;
    const auto &precision = single(space.precision, "--precision", false, options.given("precision"));
    return {study.profile,
            study.model,
            single(study.chips, "--chip", true, false),
            single(study.nics, "--nic", true, false),
            study.workload,
            {single(space.policy, "--policy", true, options.given("policy")), single(space.ep, "--ep", true, options.given("ep")),
             precision.kv_elem_size.si(), precision.param_elem_size.si(), single(space.mtp_len, "--mtp-len", false, options.given("mtp_len")),
             single(space.batch, "--batch", true, options.given("batch"))},
            study.target_tps.si()};
}

void estimate_one(const EstimateCommand &command, const Library &library)
{
    if (command.format == "csv")
        throw BadInput("command line", "--format", "'csv' goes with --configs; allowed is table or json");
    const Scenario scenario = scenario_from(command, library);
    const Estimate result = estimate(scenario);
    Output output(command.output);
    output.write(command.format == "json" ? estimate_json(scenario, result, indented) : estimate_report(scenario, result));
    output.commit();
}

void estimate_many(const EstimateCommand &command, const Library &library)
{
    for (const char *key : {"policy", "ep", "batch", "mtp_len", "precision", "kv_elem_size", "param_elem_size", "context", "deepgemm", "fa3"}) {
        if (command.study.given(key))
            throw BadInput("command line", key, "stands in the file that --configs names; leave it out");
    }
    const Study study = command.study.study(library);
    const Read<std::string> text = read_text(command.configs, largest_configs_file);
    if (!text)
        throw BadInput(text.problems);
    const Read<std::vector<ConfigRow>> rows = read_configs(*text.value, command.configs == "-" ? "<stdin>" : command.configs, study);
    if (!rows)
        throw BadInput(rows.problems);
    InterruptGuard interrupt;
    Output output(command.output, interrupt.token());
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
    CLI::App *command = program.add_subcommand("estimate", "Work out one configuration in full, or every one of a CSV file");
    const auto options = std::make_shared<EstimateCommand>();
    options->study.add_to(*command);
    command
        ->add_option("--configs", options->configs,
                     "CSV file of configurations (- for standard input) with the columns chip,nic,policy,ep,kv_elem_size,param_elem_size,"
                     "batch_size,context,mtp_len,deepgemm,fa3; json then prints one object a line")
        ->type_name("FILE");
    add_format_option(*command, options->format, {"table", "json", "csv"});
    add_output_option(*command, options->output);
    command->footer("Without --configs: --chip, --nic, --policy, --ep and --batch must name one value each; other ranges take the study's first.");
    command->callback([options, &library] { options->configs.empty() ? estimate_one(*options, library) : estimate_many(*options, library); });
}

} // namespace epscope
