// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "core/analysis/seek.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

struct SeekCommand {
    AnalysisOptions common;
    PictureOptions look;
    std::string parameter, goal;
};

constexpr const char *name_of(SeekResult result)
{
    switch (result) {
    case SeekResult::holds_already:
        return "holds already";
    case SeekResult::found:
        return "found";
    case SeekResult::unreachable:
        return "not reachable";
    case SeekResult::stopped:
        break;
    }
    return "stopped";
}

std::string output_text(const Goal &goal, const std::optional<double> &output)
{
    return output ? short_text(*output, goal.metric->dimension, 4) : "nothing";
}

// "4.8 TB/s", exactly what --set takes.
std::string sentence(const Variable &variable, const Goal &goal, const Sought &sought)
{
    const std::string outcome = outcome_text(sought.study, sought.answer.outcome);
    const std::string present = variable.text(sought.present.value);
    switch (sought.result) {
    case SeekResult::holds_already: {
        std::string range = sought.lowest && sought.highest
            ? fmt::format("from {} to {}", variable.text(sought.lowest->value), variable.text(sought.highest->value))
            : sought.lowest  ? fmt::format("down to {}", variable.text(sought.lowest->value))
            : sought.highest ? fmt::format("up to {}", variable.text(sought.highest->value))
                             : std::string("over its whole range");
        return fmt::format("{} holds already: {} at {} {}; it holds {}.\n{}\n", text_of(goal),
            output_text(goal, sought.present.output), variable.label, present, range, outcome);
    }
    case SeekResult::found:
        return fmt::format("{}: {} {}, now {} ({} times), gives {}; now {}.\n{}\n", text_of(goal), variable.label,
            variable.text(sought.answer.value), present,
            short_text(sought.answer.value / sought.present.value, Dimension::count),
            output_text(goal, sought.answer.output), output_text(goal, sought.present.output), outcome);
    case SeekResult::unreachable:
        if (!sought.answer.output)
            return fmt::format("{} is not reachable over {}: nothing is feasible at any value; {}\n", text_of(goal),
                variable.label, nearest_text(sought.study, sought.answer.outcome));
        return fmt::format("{} is not reachable over {}: {} {}, from {} {}.\n{}\n", text_of(goal), variable.label,
            goal.at_least ? "at most" : "at least", output_text(goal, sought.answer.output), variable.label,
            variable.short_text(sought.answer.value), outcome);
    case SeekResult::stopped:
        break;
    }
    return {};
}

Json tried_json(const Study &study, const Variable &variable, const Tried &tried)
{
    return {{"value", tried.value}, {"text", variable.text(tried.value)}, {"output", json_of(tried.output)},
        {"best", outcome_json(study, tried.outcome)}};
}

ValueTable answer_table(const Variable &variable, const Goal &goal, const Sought &sought)
{
    ValueTable table({{"parameter", "Parameter", true}, {"goal", "Goal", true}, {"result", "Result", true},
        {"present", "Now", false}, {"present_output", "Output now", false}, {"value", "Value", false},
        {"output", "Output", false}, {"configuration", "Configuration", true}, {"holds_from", "Holds from", false},
        {"holds_to", "Holds to", false}});
    const auto end = [&](const std::optional<Tried> &tried) {
        return tried ? Cell{tried->value, variable.text(tried->value)} : Cell{};
    };
    table.add({{variable.key, variable.label}, {text_of(goal), ""}, {name_of(sought.result), ""},
        {sought.present.value, variable.text(sought.present.value)},
        {json_of(sought.present.output), output_text(goal, sought.present.output)},
        {sought.answer.value, variable.text(sought.answer.value)},
        {json_of(sought.answer.output), output_text(goal, sought.answer.output)},
        {outcome_text(sought.study, sought.answer.outcome), ""}, end(sought.lowest), end(sought.highest)});
    return table;
}

std::string text_of(
    const Study &study, const Variable &variable, const Goal &goal, const Sought &sought, RowFormat format)
{
    if (format == RowFormat::json) {
        Json curve = Json::array();
        for (const Tried &tried : all_tried(sought)) {
            const std::optional<Best> &best = tried.outcome.best;
            curve.push_back({{"value", tried.value}, {"output", json_of(tried.output)},
                {"bound_by", best ? Json(name_of(best->bound.largest())) : Json()}});
        }
        Json all{{"study", study.name}, {"chip", study.chips[0].name}, {"parameter", variable.key},
            {"goal", text_of(goal)}, {"result", name_of(sought.result)},
            {"present", tried_json(sought.study, variable, sought.present)},
            {"answer", tried_json(sought.study, variable, sought.answer)},
            {"lowest", sought.lowest ? tried_json(sought.study, variable, *sought.lowest) : Json()},
            {"highest", sought.highest ? tried_json(sought.study, variable, *sought.highest) : Json()},
            {"curve", std::move(curve)}};
        return all.dump(2) + "\n";
    }
    if (format == RowFormat::csv || format == RowFormat::markdown)
        return answer_table(variable, goal, sought).text(format);
    return sentence(variable, goal, sought);
}

// The answer, and in a sheet of its own what each value that was looked at gives, of which the chart draws the part
// around the answer.
Workbook workbook_of(const Variable &variable, const Goal &goal, const Sought &sought)
{
    const std::string unit = base_unit(goal.metric->dimension).symbol, of = base_unit(variable.info->dimension).symbol;
    const auto with_unit = [](const std::string &text, const std::string &symbol) {
        return symbol.empty() ? text : text + " (" + symbol + ")";
    };
    Sheet curve{"Curve",
        {with_unit(variable.label, of), with_unit(std::string(goal.metric->title), unit), "Bound by", "Configuration"}};
    Sheet drawn{{}, {curve.header[0], curve.header[1], "Series"}};
    const auto optional = [](const std::optional<double> &value) { return value ? SheetValue(*value) : SheetValue(); };
    const auto [from, to] = seek_range(variable, sought);
    for (const Tried &tried : all_tried(sought)) {
        const std::optional<Best> &best = tried.outcome.best;
        curve.rows.push_back(
            {tried.value, optional(tried.output), best ? std::string(name_of(best->bound.largest())) : std::string(),
                outcome_text(sought.study, tried.outcome)});
        if (tried.value >= from && tried.value <= to)
            drawn.rows.push_back({tried.value, optional(tried.output), std::string(goal.metric->title)});
    }
    for (const double end : {from, to})
        drawn.rows.push_back({end, goal.wanted, "Goal: " + text_of(goal)});
    drawn.rows.push_back({sought.present.value, optional(sought.present.output), std::string("Now")});
    if (sought.result != SeekResult::holds_already)
        drawn.rows.push_back({sought.answer.value, optional(sought.answer.output),
            std::string(sought.result == SeekResult::found ? "Answer" : "Closest")});
    Plot plot =
        points_of(drawn, 0, 1, 2, std::string(goal.metric->title) + " over " + variable.label, Plot::Kind::lines);
    plot.log_x = variable.info->axis == Axis::log && from > 0;
    return {{answer_table(variable, goal, sought).sheet("Answer"), std::move(curve)}, {std::move(plot)}, {}, {}};
}

void run(const SeekCommand &command, const Library &library, const PictureWriter &pictures)
{
    const Goal goal = goal_from(command.goal);
    const Study asked = command.common.study.study(library);
    AnalysisRun analysis(command.common, command.look, library, asked, &pictures);
    const Study study = leading_study(asked, analysis.stop());
    check_known(*goal.metric, study, "--goal");
    const Variable variable = variable_named(study, command.parameter, "--parameter");
    const Sought sought = analysis.found([&](const Running &running) { return seek(study, variable, goal, running); });
    if (sought.result == SeekResult::stopped)
        throw Interrupted{};
    analysis.write([&](RowFormat format) { return text_of(study, variable, goal, sought, format); },
        [&] { return workbook_of(variable, goal, sought); }, sought.study,
        [&](const Picture &picture) { return pictures.seek(picture, variable, goal, sought); });
}

} // namespace

void add_seek_command(CLI::App &program, const Library &library, const PictureWriter &pictures)
{
    CLI::App *command =
        program.add_subcommand("seek", "Find the value of one number with which the best configuration reaches a goal");
    const auto options = std::make_shared<SeekCommand>();
    options->common.add_to(*command);
    options->look.add_to(*command);
    command->add_option("--parameter", options->parameter, "The number; key as for --set")
        ->option_text("KEY")
        ->required();
    command->add_option("--goal", options->goal, "What is wanted, as in \"throughput>=4500\" or \"tpot<=40ms\"")
        ->option_text("OUTPUT>=VALUE")
        ->required();
    command->footer("The value nearest to the present one, rounded so that it still reaches the goal; the search runs "
                    "again for every value tried.\n"
                    "A goal of speed (ux_tps>=, tpot<=) takes the place of the target.");
    command->callback([options, &library, &pictures] { run(*options, library, pictures); });
}

} // namespace epscope
