// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <memory>

#include <CLI/CLI.hpp>

#include <QApplication>
#include <QComboBox>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QFileInfo>
#include <QTemporaryDir>

#include "app/charts/make_chart.h"
#include "app/charts/map_chart.h"
#include "app/charts/tornado_chart.h"
#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "app/cli/study_options.h"
#include "app/controls/scents.h"
#include "app/explorer.h"
#include "app/main_window.h"
#include "app/offscreen.h"
#include "app/version.h"
#include "app/session/comparer.h"
#include "app/views/compare_view.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "core/io/study_writer.h"
#include "core/text.h"

namespace epscope {
namespace {

const std::vector<std::string> views{"window", "pareto", "breakdown", "timeline", "sweep", "memory", "validation", "roofline", "sensitivity", "map", "compare", "explain", "presentation"};
constexpr int smallest_side = 200, largest_side = 8000;

struct RenderCommand {
    StudyOptions study;
    std::string view = "window", theme = "light", size = "1280x800", output;
    std::string x = "chip.memory_bandwidth", y = "nic.bandwidth", metric = "throughput";
    std::string parameter = "chip.memory_bandwidth", goal, baseline, number = "throughput";
    int scale = 1;
};

std::unique_ptr<Chart> chart_of(const RenderCommand &command)
{
    std::unique_ptr<Chart> chart = make_chart(command.view);
    if (auto *map = qobject_cast<MapChart *>(chart.get())) {
        map->set_axes(QString::fromStdString(command.x), QString::fromStdString(command.y));
        map->set_output(QString::fromStdString(command.metric));
    } else if (auto *tornado = qobject_cast<TornadoChart *>(chart.get())) {
        tornado->set_question({command.metric, 10});
    }
    return chart;
}

QSize parse_size(const std::string &text)
{
    const QStringList sides = QString::fromStdString(text).split(u'x');
    bool width_read = false, height_read = false;
    const QSize size = sides.size() == 2 ? QSize(sides[0].toInt(&width_read), sides[1].toInt(&height_read)) : QSize();
    const auto allowed = [](int side) { return side >= smallest_side && side <= largest_side; };
    if (!width_read || !height_read || !allowed(size.width()) || !allowed(size.height()))
        throw BadInput("command line", "--size", in_quotes(text) + " is no size; expected WIDTHxHEIGHT, each 200 to 8000, e.g. 1280x800");
    return size;
}

QString render_window(const RenderCommand &command, const StudyFile &all, const Study &study, const Library &library, ThemeSource &theme, const QString &file,
                      const ExportOptions &options, const std::shared_ptr<const Explored> &baseline)
{
    const QTemporaryDir state; // nothing is remembered of a window that nobody saw
    MainWindow window(library, theme, state.path());
    window.resize(options.size);
    window.reset_layout();
    QEventLoop until_drawn;
    QObject::connect(&window.session(), &Session::explored_changed, &until_drawn, [&] {
        const Explored &explored = *window.session().explored();
        if (explored.exact && explored.inputs.study == study)
            until_drawn.quit();
    });
    window.session().open({all.study, all.scenarios}); // what is compared with has been named
    const std::vector<Card> cards = window.session().cards();
    const auto wanted = std::find_if(cards.begin(), cards.end(), [&](const Card &card) { return *card.study == study; });
    if (wanted != cards.end())
        window.session().show_card(wanted->id);
    window.show();
    until_drawn.exec();
    if (all.scenarios.size() > 1) { // their outcomes follow
        QObject::connect(&window.scenario_outcomes(), &Comparer::changed, &until_drawn, &QEventLoop::quit);
        until_drawn.exec();
    }
    if (baseline)
        window.pin(baseline, QString::fromStdString(command.baseline));
    if (!command.goal.empty()) {
        auto *goal = window.findChild<GoalView *>();
        goal->start(command.parameter);
        goal->set_question({command.parameter, command.goal});
        while (goal->is_stale())
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    if (command.view == "presentation") {
        Presentation &presentation = window.present();
        presentation.resize(options.size);
        presentation.show();
        for (std::size_t turn = 0; turn < 2 * (presentation.charts().size() + 1); ++turn)
            QApplication::processEvents();
        return export_image(presentation.grab().toImage(), QObject::tr("EPScope"), file, options);
    }
    constexpr int longest_wait = 5000; // ms, for the curves under the sliders
    const QDeadlineTimer deadline(longest_wait);
    while (!window.findChild<Scents *>()->settled() && !deadline.hasExpired())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
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

QString render_comparison(const StudyFile &all, const Theme &theme, const QString &file, const ExportOptions &options)
{
    std::vector<Card> cards;
    for (const ScenarioCard &card : all_scenarios(all))
        cards.push_back({static_cast<int>(cards.size()), card.name, card.note, std::make_shared<const Study>(card.study), std::nullopt});
    std::vector<KnownOutcome> known;
    CompareView view;
    view.setPalette(theme.palette());
    view.set_theme(theme);
    view.resize(options.size);
    view.set_compared(compare_cards(cards, known), 0);
    return export_image(image_of(view, theme, options), QObject::tr("Scenarios compared"), file, options);
}

QString render_explanation(const RenderCommand &command, const std::shared_ptr<const Explored> &explored, const Theme &theme, const QString &file,
                           const ExportOptions &options)
{
    ExplainView view;
    view.setPalette(theme.palette());
    view.set_theme(theme);
    view.resize(options.size);
    view.show();
    view.set_explored(explored);
    view.explain(command.number);
    if (view.numbers()->findData(QString::fromStdString(command.number)) < 0)
        throw BadInput("command line", "--number", in_quotes(command.number) + " is not there; 'epscope explain' lists what is");
    return export_image(image_of(view, theme, options), QObject::tr("Explanation"), file, options);
}

void run(const RenderCommand &command, const Library &library)
{
    const Study study = command.study.study(library);
    const StudyFile all = command.study.file(library);
    const QSize size = parse_size(command.size);
    const QString file = QString::fromStdString(command.output);
    constexpr std::array<const char *, 3> suffixes{"png", "svg", "pdf"};
    const bool known = std::any_of(suffixes.begin(), suffixes.end(), [&](const char *suffix) { return QFileInfo(file).suffix() == QLatin1String(suffix); });
    if (!known)
        throw BadInput("command line", "--output", in_quotes(command.output) + " has no known suffix; allowed is .png, .svg or .pdf");
    if ((command.view == "window" || command.view == "compare" || command.view == "explain" || command.view == "presentation") && QFileInfo(file).suffix() != u"png")
        throw BadInput("command line", "--output", "the view '" + command.view + "' is drawn as .png only");

    const Offscreen offscreen(command.view == "window" || command.view == "presentation" ? command.scale : 1);
    ThemeSource theme;
    theme.choose(command.theme == "dark" ? ThemeChoice::dark : ThemeChoice::light);

    const auto explored = explore({study, std::nullopt, {}, load_measurements(library_measurements(library), library, study).measured});
    if (!command.goal.empty()) {
        if (const auto goal = parse_goal(command.goal); const auto *wrong = std::get_if<std::string>(&goal))
            throw BadInput("command line", "--goal", *wrong);
        variable_named(study_in_question(*explored), command.parameter, "--parameter");
    }
    ExportOptions options;
    options.size = size;
    options.png_scale = command.scale;
    options.theme = &theme.theme();
    std::shared_ptr<const Explored> baseline;
    PinnedBaselines baselines;
    if (!command.baseline.empty()) {
        const std::optional<BaselineCard> named = baseline_named(all, command.baseline);
        if (!named)
            throw BadInput("command line", "--baseline", "the study has neither a baseline nor a scenario " + in_quotes(command.baseline));
        baseline = explore({named->study, named->picked, {}, {}});
        baselines = only_baseline(baseline, QString::fromStdString(command.baseline));
    }
    options.headline = headline_text(*explored, baselines).plain();
    options.origin = origin_of(study, study, QLatin1String(version), QDate::currentDate());
    options.study = QString::fromStdString(study_text(study));
    QString problem;
    if (command.view == "window" || command.view == "presentation") {
        problem = render_window(command, all, study, library, theme, file, options, baseline);
    } else if (command.view == "compare") {
        problem = render_comparison(all, theme.theme(), file, options);
    } else if (command.view == "explain") {
        problem = render_explanation(command, explored, theme.theme(), file, options);
    } else {
        const std::unique_ptr<Chart> chart = chart_of(command);
        chart->resize(size);
        chart->set_theme(theme.theme());
        chart->set_result(explored, baselines);
        if (auto *map = qobject_cast<MapChart *>(chart.get()))
            map->set_difference(baseline != nullptr);
        if (!complete(*chart, *explored))
            throw BadInput("command line", "--view", "nothing is known of these numbers");
        problem = export_chart(*chart, file, options);
    }
    if (!problem.isEmpty())
        throw Failed(problem.toStdString());
}

} // namespace

void add_render_command(CLI::App &program, const Library &library)
{
    CLI::App *command = program.add_subcommand("render", "Draw the window or one of its charts into a file, without a display");
    const auto options = std::make_shared<RenderCommand>();
    options->study.add_to(*command);
    command->add_option("--view", options->view, "What to draw; default window")->check(CLI::IsMember(views))->option_text(joined(views, "|"));
    command->add_option("--x", options->x, "Of a map, the number across; key as for --set")->option_text("KEY")->capture_default_str();
    command->add_option("--y", options->y, "Of a map, the number upwards")->option_text("KEY")->capture_default_str();
    command->add_option("--of", options->metric, "Of a map or sensitivity, the output")
        ->check(CLI::IsMember(number_metric_keys()))
        ->option_text(joined(number_metric_keys(), "|"));
    command->add_option("--number", options->number, "Of an explanation, what is explained; as of 'epscope explain'")->option_text("NAME")->capture_default_str();
    command->add_option("--goal", options->goal, "Of the window, a goal that is sought, as in \"throughput>=4500\"")->option_text("OUTPUT>=VALUE");
    command->add_option("--parameter", options->parameter, "The number whose value is sought for it; key as for --set")
        ->option_text("KEY")
        ->capture_default_str();
    command->add_option("--baseline", options->baseline, "A baseline or scenario of the study to be compared with; a map then shows the difference")->option_text("NAME");
    command->add_option("--theme", options->theme, "Colours; default light")->check(CLI::IsMember({"light", "dark"}))->option_text("light|dark");
    command->add_option("--size", options->size, "Size before scaling")->option_text("WIDTHxHEIGHT")->capture_default_str();
    command->add_option("--scale", options->scale, "Pixels per unit of size, 1 to 4")->check(CLI::Range(1, 4))->option_text("N")->capture_default_str();
    command->add_option("-o,--output", options->output, "File to write: .png, .svg or .pdf")->required()->option_text("FILE");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
