// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/analysis_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/picture_output.h"
#include "app/cli/workbook_output.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

} // namespace

void AnalysisOptions::add_to(CLI::App &command, StudyOptions::Place place, const std::vector<std::string> &formats)
{
    study.add_to(command, place);
    add_format_option(command, format, formats);
    add_output_option(command, output);
    add_threads_option(command, threads);
}

Written written(const AnalysisOptions &options)
{
    check_output_name(options.output);
    return wants_workbook(options.output, options.format) ? Written::workbook
        : wants_picture(options.output, options.format)   ? Written::picture
                                                          : Written::text;
}

void add_metric_option(CLI::App &command, std::string &key)
{
    key = output::throughput;
    command.add_option("--of", key, "What is looked at, " + joined(number_metric_keys(), ", ") + "; default " + key)
        ->option_text("OUTPUT");
}

const Metric &metric_named(const std::string &key)
{
    const Metric *metric = find_metric(key);
    const std::vector<std::string> keys = number_metric_keys();
    if (!metric || !metric->number)
        throw BadInput("command line", "--of",
            in_quotes(key) + " is not allowed; allowed is " + joined(keys, ", ") + did_you_mean(key, keys));
    return *metric;
}

void check_known(const Metric &metric, const Study &study, const char *option)
{
    if (const std::string why = why_unknown(metric, study.chips[0]); !why.empty())
        throw BadInput("command line", option, in_quotes(metric.key) + " is not known, as " + why);
}

Variable variable_named(const Study &study, const std::string &key, const char *option)
{
    auto found = find_variable(study, key);
    if (const auto *problem = std::get_if<std::string>(&found))
        throw BadInput("command line", option, in_quotes(key) + " " + *problem);
    return std::get<Variable>(std::move(found));
}

Goal goal_from(const std::string &text)
{
    auto goal = parse_goal(text);
    if (const auto *problem = std::get_if<std::string>(&goal))
        throw BadInput("command line", "--goal", *problem);
    return std::get<Goal>(std::move(goal));
}

void check_goal(const std::string &goal, const std::string &parameter, const Study &study)
{
    goal_from(goal);
    variable_named(study, parameter, "--parameter");
}

Study leading_study(const Study &study, const std::stop_token &stop)
{
    const std::optional<std::size_t> chip = leading_chip(study, stop);
    if (!chip)
        throw Interrupted{};
    return with_chip(study, *chip);
}

AnalysisRun::AnalysisRun(const AnalysisOptions &options, const PictureOptions &look, const Library &library,
    const Study &study, const PictureWriter *checked_by)
    : kind(written(options))
    , format(row_format(options.format))
    , threads(options.threads)
    , shown{library, study, options.output, look, interrupt.token()}
{
    look.sides();
    if (kind == Written::picture && checked_by)
        checked_by->check(shown);
    output.emplace(options.output, options.format, stop());
}

Running AnalysisRun::running(ProgressLine &line)
{
    const auto show = [&line](
                          std::size_t done, std::size_t all) { line.show(done, all, fmt::format("{} searches", all)); };
    return {threads, stop(), show};
}

void AnalysisRun::write(const std::function<std::string(RowFormat)> &text, const std::function<Workbook()> &sheets,
    const Study &study, const std::function<std::string(const Picture &)> &picture)
{
    switch (kind) {
    case Written::text:
        output->write(text(format));
        break;
    case Written::workbook:
        write_workbook(*output, sheets(), study);
        break;
    case Written::picture:
        output->write(picture(shown));
        break;
    }
    output->commit();
}

namespace {
constexpr const char *contradiction = "contradicts another value";
}

std::string outcome_text(const Study &study, const Outcome &outcome)
{
    if (outcome.best)
        return full_configuration_text(study, outcome.best->candidate) + "; bound by " + binding_text(*outcome.best);
    if (outcome.miss)
        return "nothing is feasible; " + nearest_text(study, outcome);
    return contradiction;
}

std::string nearest_text(const Study &study, const Outcome &outcome)
{
    return outcome.miss
        ? "nearest is " + full_configuration_text(study, outcome.miss->nearest) + ": " + text_of(outcome.miss->lacks)
        : contradiction;
}

Json outcome_json(const Study &study, const Outcome &outcome)
{
    if (!outcome.best)
        return {{"infeasible", outcome_text(study, outcome)}};
    Json values = Json::object();
    for (const Metric &metric : metrics()) {
        if (metric.number)
            values[std::string(metric.key)] = json_of(number_of(metric, outcome));
        else
            values[std::string(metric.key)] = text_of(metric, study, *outcome.best);
    }
    return values;
}

} // namespace epscope
