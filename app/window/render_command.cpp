// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include <QApplication>
#include <QTemporaryDir>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/offscreen.h"
#include "app/cli/output.h"
#include "app/cli/pictures.h"
#include "app/cli/study_options.h"
#include "app/controls/scents.h"
#include "app/export/comparison.h"
#include "app/session/comparer.h"
#include "app/views/compare_view.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "app/window/explorer.h"
#include "app/window/files.h"
#include "app/window/main_window.h"
#include "app/window/settling.h"
#include "app/words/text.h"
#include "core/io/study_writer.h"
#include "core/text.h"

namespace epscope {
namespace {

std::vector<std::string> all_views()
{
    std::vector<std::string> views{"window"};
    for (const std::string_view id : all_chart_ids())
        views.emplace_back(id);
    views.insert(views.end(), {"compare", "explain", "presentation"});
    return views;
}

struct RenderCommand {
    StudyOptions study;
    PictureOptions look;
    std::string view = "window", output;
    std::string x = "chip.memory_bandwidth", y = "nic.bandwidth", metric{output::throughput};
    int layer = 1;
    std::string parameter = "chip.memory_bandwidth", goal, baseline, number{output::throughput};
};

// Grabbed from the screen that is not there: pixels.
bool is_grabbed(const std::string &view)
{
    return view == "window" || view == "explain" || view == "presentation";
}

std::unique_ptr<ChartView> chart_of(const RenderCommand &command)
{
    std::unique_ptr<ChartView> chart = make_chart(command.view);
    const QString metric = to_text(command.metric);
    chart->set_options({{u"map.axes"_qs, to_text(command.x + "|" + command.y)}, {u"map.output"_qs, metric},
        {u"map.difference"_qs, command.baseline.empty() ? u"off"_qs : u"on"_qs}, {u"sensitivity.output"_qs, metric}});
    chart->set_options(goal_values({command.parameter, command.goal}));
    const QString layer = QString::number(command.layer - 1);
    chart->set_options({{u"breakdown.layer"_qs, layer}, {u"timeline.layer"_qs, layer}});
    return chart;
}

QString render_window(const RenderCommand &command, const StudyFile &all, const Study &study, const Library &library,
    ThemeSource &theme, const QString &file, const ExportOptions &options, const PinnedBaselines &baselines,
    const std::stop_token &stop)
{
    if (const std::vector<Diagnostic> problems = Files::start_problems(library); !problems.empty())
        throw BadInput(problems);
    const QTemporaryDir state; // nothing is remembered of a window that nobody saw
    MainWindow window(library, theme, state.path());
    window.resize(options.size);
    window.reset_layout();
    window.findChild<Headline *>()->leave_out_effort();
    Settling settling(window, stop);
    window.session().open({all.study, all.scenarios}); // what is compared with has been named
    const std::vector<Card> cards = window.session().cards();
    const auto wanted =
        std::find_if(cards.begin(), cards.end(), [&](const Card &card) { return *card.study == study; });
    if (wanted != cards.end())
        window.session().show_card(wanted->id);
    window.show();
    settling.wait_until([&] {
        const std::shared_ptr<const Explored> &explored = window.session().explored();
        return explored && explored->exact && explored->inputs.study == study;
    });
    settling.wait_until([&] { // their outcomes follow, or have come already
        const std::shared_ptr<const Compared> &compared = window.scenario_outcomes().compared();
        return cards.size() < 2 || (compared && compared->ids.size() == cards.size());
    });
    for (const Baseline &baseline : baselines.pins)
        window.pin(baseline.explored, baseline.name);
    if (!command.goal.empty()) {
        auto *goal = window.findChild<GoalView *>();
        goal->start(command.parameter);
        goal->set_question({command.parameter, command.goal});
        settling.wait_until([&] { return !goal->is_stale(); });
    }
    if (command.view == "presentation") {
        Presentation &presentation = window.present();
        presentation.findChild<Headline *>()->leave_out_effort();
        PresentationChoice choice = presentation.choice();
        choice.dark = command.look.dark();
        presentation.set_choice(choice);
        presentation.resize(options.size);
        presentation.show();
        for (std::size_t turn = 0; turn < 2 * (presentation.charts().size() + 1); ++turn)
            QApplication::processEvents();
        return export_image(presentation.grab().toImage(), QObject::tr("EPScope"), file, options);
    }
    constexpr std::chrono::seconds longest_wait{5}; // for the curves under the sliders
    settling.wait_until([&] { return window.findChild<Scents *>()->settled(); }, longest_wait);
    // Layout, then the charts, one each turn of the event loop, and once more those that have got another size.
    for (std::size_t turn = 0; turn < 2 * (window.charts().size() + 1); ++turn)
        QApplication::processEvents();
    return export_image(window.grab().toImage(), QObject::tr("EPScope"), file, options);
}

QImage image_of(QWidget &view, const Theme &theme, const ExportOptions &options)
{
    QImage image(options.size * options.png_scale, QImage::Format_ARGB32);
    image.setDevicePixelRatio(options.png_scale);
    image.fill(theme.window);
    view.render(&image);
    return image;
}

QString render_comparison(const StudyFile &all, const PinnedBaselines &baselines, const QString &file,
    ExportOptions options, const std::stop_token &stop)
{
    std::vector<Card> cards;
    if (std::optional<Card> baseline = card_of_primary(baselines))
        cards.push_back(std::move(*baseline));
    for (const ScenarioCard &card : all_scenarios(all))
        cards.push_back({static_cast<int>(cards.size()), card.name, card.note,
            std::make_shared<const Study>(card.study), std::nullopt});
    std::vector<KnownOutcome> known;
    CompareModel model;
    const std::shared_ptr<const Compared> compared = compare_cards(cards, known, {stop});
    if (!compared)
        throw Interrupted{};
    model.set_compared(compared, -1, baselines.threshold);
    options.headline = comparison_note(model);
    options.study = to_text(study_file_text(all));
    return export_picture(comparison_drawing(model), file, options);
}

QString render_explanation(const RenderCommand &command, const std::shared_ptr<const Explored> &explored,
    const PinnedBaselines &baselines, const Theme &theme, const QString &file, const ExportOptions &options)
{
    ExplainView view;
    view.setPalette(theme.palette());
    view.set_theme(theme);
    view.resize(options.size);
    view.show();
    view.set_result(explored, baselines);
    view.explain({command.number});
    if (!view.shown() || (view.shown()->name != command.number && view.shown()->key != command.number))
        throw BadInput(
            "command line", "--number", in_quotes(command.number) + " is not there; 'epscope explain' lists what is");
    return export_image(image_of(view, theme, options), QObject::tr("Explanation"), file, options);
}

void run(const RenderCommand &command, const Library &library)
{
    const Study study = command.study.study(library);
    const StudyFile all = command.study.file(library);
    const QString file = to_text(command.output);
    command.look.sides();
    check_output_name(command.output);
    check_picture_name(command.output);
    if (is_grabbed(command.view) && !command.output.ends_with(".png"))
        throw BadInput("command line", "--output", "the view '" + command.view + "' is drawn as .png only");
    if (command.view == "goal" && command.goal.empty())
        throw BadInput("command line", "--goal", "is needed to draw a goal, as in \"throughput>=4500\"");

    InterruptGuard interrupt;
    const std::stop_token stop = interrupt.token();
    const Offscreen offscreen(command.view == "window" || command.view == "presentation" ? command.look.scale : 1);
    ThemeSource theme;
    theme.choose(command.look.dark() ? ThemeChoice::dark : ThemeChoice::light);

    const auto explored = explored_of(study, library, {}, stop);
    if (!command.goal.empty())
        check_goal(command.goal, command.parameter, study_in_question(*explored));
    const PinnedBaselines baselines = baseline_named_by(command.baseline, all, library, stop);
    ExportOptions options = picture_options(command.look, *explored, baselines);
    if (is_grabbed(command.view)) { // before a widget of that size is
        if (const QString problem = why_no_image(options); !problem.isEmpty())
            throw Failed(command.output + " cannot be written: " + problem.toStdString());
    }
    QString problem;
    if (command.view == "window" || command.view == "presentation") {
        problem = render_window(command, all, study, library, theme, file, options, baselines, stop);
    } else if (command.view == "compare") {
        problem = render_comparison(all, baselines, file, options, stop);
    } else if (command.view == "explain") {
        problem = render_explanation(command, explored, baselines, theme.theme(), file, options);
    } else {
        const std::unique_ptr<ChartView> chart = chart_of(command);
        chart->resize(options.size);
        chart->set_theme(theme.theme());
        chart->set_result(explored, baselines);
        Running running;
        running.stop = stop;
        const bool is_there = chart->complete(running);
        if (stop.stop_requested())
            throw Interrupted{};
        if (!is_there)
            throw BadInput("command line", "--view", "nothing is known of these numbers");
        if (command.view == "goal")
            options.headline = goal_answer(*chart->answer()).text();
        problem = export_chart(*chart, file, options);
    }
    if (!problem.isEmpty())
        throw Failed(problem.toStdString());
}

} // namespace

void add_render_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("render", "Draw the window or one of its charts into a file, without a display");
    const auto options = std::make_shared<RenderCommand>();
    options->study.add_to(*command);
    const std::vector<std::string> views = all_views();
    command->add_option("--view", options->view, "What to draw; default window")
        ->check(CLI::IsMember(views))
        ->option_text(joined(views, "|"));
    command->add_option("--x", options->x, "Of a map, the number across; key as for --set")
        ->option_text("KEY")
        ->capture_default_str();
    command->add_option("--y", options->y, "Of a map, the number upwards")->option_text("KEY")->capture_default_str();
    command->add_option("--of", options->metric, "Of a map or sensitivity, the output")
        ->check(CLI::IsMember(number_metric_keys()))
        ->option_text(joined(number_metric_keys(), "|"));
    command
        ->add_option("--layer", options->layer, "Of a breakdown or timeline, which of a step's kinds of layers, from 1")
        ->check(CLI::Range(1, 1000))
        ->option_text("N")
        ->capture_default_str();
    command->add_option("--number", options->number, "Of an explanation, what is explained; as of 'epscope explain'")
        ->option_text("NAME")
        ->capture_default_str();
    command
        ->add_option(
            "--goal", options->goal, "Of the window or the view goal, what is sought, as in \"throughput>=4500\"")
        ->option_text("OUTPUT>=VALUE");
    command->add_option("--parameter", options->parameter, "The number whose value is sought for it; key as for --set")
        ->option_text("KEY")
        ->capture_default_str();
    add_baseline_option(*command, options->baseline);
    options->look.add_to(*command);
    command->add_option("-o,--output", options->output, "File to write: .png, .svg or .pdf")
        ->required()
        ->option_text("FILE");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
