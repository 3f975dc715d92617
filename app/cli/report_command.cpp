// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/cli/analysis_options.h"
#include "app/cli/command_text.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/offscreen.h"
#include "app/cli/output.h"
#include "app/cli/pictures.h"
#include "app/cli/study_options.h"
#include "app/export/report.h"
#include "app/version.h"
#include "app/words/text.h"
#include "core/io/study_writer.h"
#include "core/text.h"

namespace epscope {
namespace {

// The ids of those that a report has unless others are named.
std::vector<std::string> unasked_charts()
{
    std::vector<std::string> ids;
    for (const ChartKind *kind : report_chart_kinds()) {
        if (kind->report.unasked)
            ids.emplace_back(kind->id);
    }
    return ids;
}

struct ReportCommand {
    StudyOptions study;
    std::string output, date, baseline;
    std::string parameter = "chip.memory_bandwidth", goal;
    std::vector<std::string> charts = unasked_charts();
};

QDate date_of(const std::string &text)
{
    const QDate date = text.empty() ? QDate::currentDate() : QDate::fromString(to_text(text), Qt::ISODate);
    if (!date.isValid())
        throw BadInput("command line", "--date", in_quotes(text) + " is no date; expected YYYY-MM-DD");
    return date;
}

void run(const ReportCommand &command, const Library &library)
{
    const std::string &source = command.study.named_source();
    const StudyFile file = command.study.file(library);
    ReportInput input;
    input.date = date_of(command.date);
    check_output_name(command.output);
    const QString output = to_text(command.output);
    if (!std::any_of(report_suffixes().begin(), report_suffixes().end(),
            [&](const QString &suffix) { return output.endsWith(u'.' + suffix); }))
        throw BadInput("command line", "--output",
            in_quotes(command.output) + " has no known suffix; allowed is ."
                + report_suffixes().join(u" or ."_qs).toStdString());
    const Study study = command.study.study(library);

    const bool has_goal = std::find(command.charts.begin(), command.charts.end(), "goal") != command.charts.end();
    if (has_goal && command.goal.empty())
        throw BadInput("command line", "--goal", "is needed to draw a goal, as in \"throughput>=4500\"");

    InterruptGuard interrupt;
    const std::stop_token stop = interrupt.token();
    const Offscreen offscreen;
    input.explored = explored_of(study, library, {}, stop);
    if (!command.goal.empty())
        check_goal(command.goal, command.parameter, study_in_question(*input.explored));
    input.baselines = baseline_named_by(command.baseline, file, library, stop);
    input.opened = study_from(source, library);
    for (const ScenarioCard &card : all_scenarios(file)) {
        const int id = static_cast<int>(input.cards.size());
        input.cards.push_back({id, card.name.empty() ? file.study.name : card.name, card.note,
            std::make_shared<const Study>(card.study), std::nullopt});
        const bool wanted =
            command.study.scenario().empty() ? card.study == study : card.name == command.study.scenario();
        if (wanted && input.active == 0)
            input.active = id;
    }
    input.source = to_text(source);
    input.command = to_text(command_text("search", source, study, library).value_or(""));
    input.version = QLatin1String(version);
    input.study = to_text(study_file_text(file));
    Running running;
    running.stop = stop;
    std::vector<std::unique_ptr<ChartView>> charts;
    for (const std::string &id : command.charts) {
        std::unique_ptr<ChartView> chart = make_chart(id);
        chart->set_options(goal_values({command.parameter, command.goal}));
        chart->set_option(u"map.difference"_qs, command.baseline.empty() ? u"off"_qs : u"on"_qs);
        chart->set_result(input.explored, input.baselines);
        if (chart->complete(running))
            charts.push_back(std::move(chart));
    }
    for (const std::unique_ptr<ChartView> &chart : charts)
        input.charts.push_back(chart.get());
    std::vector<Card> compared = input.cards;
    if (std::optional<Card> baseline = card_of_primary(input.baselines))
        compared.insert(compared.begin(), std::move(*baseline));
    if (compared.size() > 1) {
        std::vector<KnownOutcome> known;
        input.compared = compare_cards(compared, known, {stop});
    }
    if (stop.stop_requested())
        throw Interrupted{};
    const ReportDocument report = make_report(input);
    if (const QString problem = export_report(report, output); !problem.isEmpty())
        throw Failed(problem.toStdString());
}

} // namespace

void add_report_command(CLI::App &program, const Library &library)
{
    CLI::App *command = program.add_subcommand(
        "report", "Write headline, charts, comparison, assumptions and provenance of a study into one file");
    const auto options = std::make_shared<ReportCommand>();
    const std::vector<std::string_view> ids = all_chart_ids();
    const std::vector<std::string> all_charts(ids.begin(), ids.end());
    options->study.add_to(*command);
    command->add_option("--charts", options->charts, "Charts in their order")
        ->check(CLI::IsMember(all_charts))
        ->delimiter(',')
        ->option_text(joined(all_charts, "|") + ",...");
    add_baseline_option(*command, options->baseline);
    command->add_option("--goal", options->goal, "Of the chart goal, what is sought, as in \"throughput>=4500\"")
        ->option_text("OUTPUT>=VALUE");
    command->add_option("--parameter", options->parameter, "The number whose value is sought for it; key as for --set")
        ->option_text("KEY")
        ->capture_default_str();
    command->add_option("--date", options->date, "Date that the report states; default today")
        ->option_text("YYYY-MM-DD");
    command->add_option("-o,--output", options->output, "File to write: .pdf or .html")
        ->required()
        ->option_text("FILE");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
