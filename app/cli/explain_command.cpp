// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/sources.h"
#include "app/cli/workbook_output.h"
#include "core/analysis/explain.h"
#include "core/analysis/outputs.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view usual_number = output::throughput;

struct ExplainCommand {
    AnalysisOptions common;
    std::string number{usual_number};
    std::size_t depth = 0;
};

Json node_json(const Explanation &node, std::size_t depth, std::size_t level = 0)
{
    Json object{{"title", node.title}, {"value", node.value}, {"unit", node.unit}};
    if (!node.name.empty())
        object["name"] = node.name;
    if (!node.key.empty())
        object["key"] = node.key;
    if (!node.note.empty())
        object["note"] = node.note;
    if (node.children.empty())
        return object;
    object["combine"] = name_of(node.combine);
    if (const std::string formula = formula_of(node); !formula.empty())
        object["formula"] = formula;
    if (const std::string verdict = verdict_of(node); !verdict.empty())
        object["verdict"] = verdict;
    if (depth > 0 && level >= depth)
        return object;
    object["children"] = Json::array();
    for (const Explanation &child : node.children)
        object["children"].push_back(node_json(child, depth, level + 1));
    return object;
}

// The tree from the top, a row a number.
void add_rows(ValueTable &table, const Explanation &node, std::size_t depth, std::size_t level = 0)
{
    table.add({{level, ""}, {node.title, ""}, {node.value, ""}, {node.unit, ""}, {formula_of(node), ""},
        {verdict_of(node), ""}, {node.key, ""}, {node.note, ""}});
    if (depth > 0 && level >= depth)
        return;
    for (const Explanation &child : node.children)
        add_rows(table, child, depth, level + 1);
}

ValueTable table_of(const Explanation &node, std::size_t depth)
{
    ValueTable table({{"level", "Level", false}, {"title", "Number", true}, {"value", "Value", false},
        {"unit", "Unit", true}, {"formula", "Formula", true}, {"verdict", "What wins", true}, {"key", "Key", true},
        {"note", "Note", true}});
    add_rows(table, node, depth);
    return table;
}

// The only configuration of the study, else the best.
Candidate wanted_configuration(const Study &study, InterruptGuard &interrupt)
{
    if (configuration_count(study) == 1) {
        Candidate only;
        only.point = combination_at(study, 0).point;
        only.point.batch = study.search.batch.front();
        return only;
    }
    const Outcome outcome = outcome_of(study, interrupt.token());
    if (interrupt.token().stop_requested())
        throw Interrupted{};
    return outcome.best ? outcome.best->candidate : outcome.miss->nearest;
}

// A study may stand before the number, or alone. Which of the two words there are: those of the positions, or of
// --study.
void put_in_order(ExplainCommand &command, bool has_number, bool has_study, const Library &library)
{
    if (!has_number || !names_a_study(command.number, library))
        return;
    std::string other = has_study ? command.common.study.named_source() : std::string(usual_number);
    if (has_study && names_a_study(other, library))
        throw BadInput(command_line_file, "NUMBER",
            in_quotes(command.number) + " is a study, and so is " + in_quotes(other)
                + "; expected one of them and a number");
    command.common.study.name_source(std::exchange(command.number, std::move(other)));
}

void run(const ExplainCommand &command, const Library &library)
{
    const bool as_workbook = wants_workbook(command.common.output, command.common.format);
    const Study asked = command.common.study.study(library);
    InterruptGuard interrupt;
    Output output(command.common.output, command.common.format, interrupt.token());
    const Study study = leading_study(asked, interrupt.token());
    const Candidate candidate = wanted_configuration(study, interrupt);
    const Scenario scenario = scenario_of(study, candidate);
    const Explained explained = explain(scenario);
    const Explanation *node = find_explanation(explained, command.number);
    if (!node) {
        const std::vector<std::string> names = explanation_names(explained);
        throw BadInput("command line", "NUMBER",
            in_quotes(command.number) + " is not there; allowed is " + joined(names, ", ")
                + did_you_mean(command.number, names));
    }
    const std::string configuration = full_configuration_text(study, candidate);
    std::vector<std::string> infeasible;
    for (const Infeasible &reason : estimate(scenario).infeasible)
        infeasible.push_back(text_of(reason));
    if (as_workbook) {
        Sheet about{"Configuration", {"Configuration"}};
        about.rows.push_back({configuration});
        for (const std::string &reason : infeasible)
            about.rows.push_back({"Infeasible: " + reason});
        write_workbook(
            output, {{table_of(*node, command.depth).sheet("Explanation"), std::move(about)}, {}, {}, {}}, study);
    } else if (command.common.format == "csv") {
        output.write(table_of(*node, command.depth).text(RowFormat::csv));
    } else if (command.common.format == "json") {
        const Json all{{"configuration", configuration}, {"infeasible", infeasible},
            {"explanation", node_json(*node, command.depth)}};
        output.write(all.dump(2) + "\n");
    } else {
        std::string text = configuration + "\n";
        for (const std::string &reason : infeasible)
            text += "Infeasible: " + reason + "\n";
        output.write(text + "\n"
            + (command.common.format == "markdown" ? markdown(*node, command.depth)
                                                   : plain_text(*node, command.depth)));
    }
    output.commit();
}

} // namespace

void add_explain_command(CLI::App &program, const Library &library)
{
    CLI::App *command = program.add_subcommand("explain", "Take a number of a configuration apart, down to the inputs");
    const auto options = std::make_shared<ExplainCommand>();
    const CLI::Option *number = command
                                    ->add_option("number", options->number,
                                        "throughput, ux_tps, step_time, bound_by, free_memory, weights, kv_cache, a "
                                        "stage or an operator such as "
                                        "flash_mla, or an input by its key")
                                    ->option_text("NUMBER");
    command->add_option("--depth", options->depth, "Levels below the number; 0 for all, the default")->option_text("N");
    options->common.add_to(*command, StudyOptions::Place::positional, {"table", "csv", "json", "markdown"});
    command->footer("Where the options name one configuration it is that one, else the best that a search finds. "
                    "Inputs stand with their key.");
    const CLI::Option *study = command->get_option("--study");
    command->callback([options, number, study, &library] {
        put_in_order(*options, number->count() > 0, study->count() > 0, library);
        run(*options, library);
    });
}

} // namespace epscope
