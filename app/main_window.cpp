// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>
#include <cmath>

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QDropEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QStatusBar>
#include <QVBoxLayout>

#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/charts/pareto_chart.h"
#include "app/charts/scene_chart.h"
#include "app/controls/input_panel.h"
#include "app/controls/scents.h"
#include "app/plain_text.h"
#include "app/text_scale.h"
#include "app/version.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"
#include "core/io/study_writer.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

constexpr const char *start_study = "explore"; // controls have to show something until the last study is back
constexpr int layout_version = 7; // of the docks: a saved layout of another version is not taken

bool has_files(const QMimeData &data)
{
    const QList<QUrl> urls = data.urls();
    return std::any_of(urls.begin(), urls.end(), [](const QUrl &url) { return url.isLocalFile(); });
}

// In the window or one of its floating docks, but not in a dialog over it.
bool belongs_to(const QWidget &window, const QWidget *widget)
{
    while (widget && widget != &window && !qobject_cast<const QDialog *>(widget)
        && !qobject_cast<const Presentation *>(widget))
        widget = widget->parentWidget();
    return widget == &window;
}

QAction *checked_of(const QActionGroup &group, const QVariant &data)
{
    const QList<QAction *> actions = group.actions();
    const auto found =
        std::find_if(actions.begin(), actions.end(), [&](const QAction *action) { return action->data() == data; });
    return found == actions.end() ? nullptr : *found;
}

} // namespace

MainWindow::MainWindow(const Library &the_library, ThemeSource &the_theme, const QString &state_folder, QWidget *parent)
    : QMainWindow(parent)
    , library(the_library)
    , theme_source(the_theme)
    , files(state, library, state_folder)
    , comparer(state)
    , baselines(state)
    , choices(state)
    , dialogs(Dialogs::native())
    , menus(new QMenuBar)
    , headline(new Headline)
    , goal(new GoalView)
    , inputs(make_inputs())
    , pareto(new ParetoChart)
    , sweep(new SceneChart(chart_kind("sweep")))
    , goal_chart(new SceneChart(chart_kind("goal")))
    , results(new ResultsTable)
    , compare(new CompareView)
    , explanation(new ExplainView)
    , scenarios(new ScenarioStrip(state, comparer))
    , status(new ElidedLabel)
    , scents(new Scents(state, *inputs, this))
    , basis(plain_label())
{
    setAcceptDrops(true);
    qApp->installEventFilter(this); // files may be dropped on anything
    setDockNestingEnabled(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);

    auto *top = new QWidget;
    auto *column = new QVBoxLayout(top);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(menus);
    column->addWidget(headline);
    column->addWidget(goal);
    goal->hide();
    setMenuWidget(top);

    add_dock(QStringLiteral("inputs"), tr("Inputs"), inputs);
    add_charts();
    add_dock(QStringLiteral("results"), tr("Results"), results);
    add_analyses();
    add_dock(QStringLiteral("compare"), tr("Compare"), compare);
    add_dock(QStringLiteral("explain"), tr("Explain"), explanation);
    add_scenarios();
    status->setContentsMargins(6, 0, 6, 0);
    statusBar()->addWidget(status, 1);
    basis->setContentsMargins(6, 0, 6, 0);
    statusBar()->addPermanentWidget(basis);
    statusBar()->setSizeGripEnabled(false);

    add_file_menu();
    add_edit_menu();
    add_scenario_menu();
    add_baseline_menu();
    add_view_menu();
    add_help_menu();

    add_choices();
    connect_all();
    connect_goal();
    connect_scents();
    follow_measurements();
    follow_theme();
    follow_inputs();
    reset_layout();
    update_title();
}

MainWindow::~MainWindow()
{
    // While there still is what they report to.
    qDeleteAll(docks);
    delete menuWidget();
}

std::vector<Diagnostic> MainWindow::start_problems(const Library &library)
{
    Read<StudyFile> read = library.study_file(start_study);
    return read ? std::vector<Diagnostic>() : std::move(read.problems);
}

InputPanel *MainWindow::make_inputs()
{
    files.open_library_study(QLatin1String(start_study));
    return new InputPanel(&state, library);
}

QDockWidget *MainWindow::add_dock(const QString &id, const QString &title, QWidget *content)
{
    auto *dock = new QDockWidget(title, this);
    dock->setObjectName(id);
    dock->setWidget(content);
    dock->setAcceptDrops(true);
    QFont own; // Qt keeps the title of a dock with the application's font at its first size
    own.setStyleStrategy(QFont::PreferAntialias);
    dock->setFont(own);
    addDockWidget(id == u"inputs" ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, dock);
    docks.push_back(dock);
    return dock;
}

void MainWindow::add_charts()
{
    all_charts = {pareto, make_chart("breakdown").release(), make_chart("timeline").release(), sweep,
        make_chart("memory").release(), make_chart("validation").release()};
    for (Chart *chart : all_charts) {
        add_dock(chart->id(), chart->title(), chart);
        connect_chart(*chart);
    }
}

// Behind the results, so that the others keep their keys.
void MainWindow::add_analyses()
{
    for (Chart *chart : std::initializer_list<Chart *>{make_chart("roofline").release(),
             make_chart("sensitivity").release(), make_chart("map").release(), goal_chart}) {
        all_charts.push_back(chart);
        add_dock(chart->id(), chart->title(), chart);
        connect_chart(*chart);
        if (const auto *analysis = qobject_cast<AnalysisChart *>(chart))
            connect(analysis, &AnalysisChart::parameter_picked, this, &MainWindow::show_parameter);
    }
    connect(&state, &Session::inputs_changed, &analyses, &AnalysisRunner::interrupt);
    connect(&analyses, &AnalysisRunner::failed, this, [this](std::size_t kind, const QString &problem) {
        const QString what = tr("The analysis failed: %1").arg(problem);
        if (kind == curve_kind) // nobody waits for it
            status->say(what);
        else
            emit failed(what);
    });
}

// What can be done in a chart, in this window or in a presentation.
void MainWindow::connect_inputs(Chart &chart)
{
    connect(&chart, &Chart::operator_hovered, &state, &Session::highlight);
    connect(&chart, &Chart::configuration_picked, &state, &Session::select);
    connect(&state, &Session::highlighted, &chart, &Chart::set_highlight);
    if (auto *front = qobject_cast<ParetoChart *>(&chart))
        connect(front, &ParetoChart::target_dragged, this,
            [this](double tps) { state.set("target_tps", QString::fromStdString(exact_text(tps))); });
    if (auto *scene = qobject_cast<SceneChart *>(&chart)) {
        connect(scene, &SceneChart::input_dragged, this,
            [this](const QString &key, const QString &value) { state.set(key.toStdString(), value); });
        connect(scene, &SceneChart::inputs_picked, this, &MainWindow::take_inputs);
    }
    if (auto *analysis = qobject_cast<AnalysisChart *>(&chart); analysis && analysis->asks())
        connect_analysis(*analysis);
}

void MainWindow::connect_analysis(AnalysisChart &chart)
{
    connect(&chart, &AnalysisChart::asked, &analyses, &AnalysisRunner::ask);
    connect(&analyses, &AnalysisRunner::answered, &chart, &AnalysisChart::hear_answer);
    connect(&analyses, &AnalysisRunner::progressed, &chart, [&chart](std::size_t kind, double fraction) {
        if (kind == chart.question().index())
            chart.set_progress(fraction);
    });
    connect(&analyses, &AnalysisRunner::failed, &chart, [&chart](std::size_t kind) {
        if (kind == chart.question().index())
            chart.take_back(false);
    });
}

// As one step.
void MainWindow::take_inputs(const SetInputs &inputs_wanted)
{
    Study study = state.study();
    for (const auto &[key, text] : inputs_wanted.values) {
        if (const auto wrong = set_parameter(study, key.toStdString(), text.toStdString(), BareNumbers::allowed)) {
            status->say(QString::fromStdString(*wrong));
            return;
        }
    }
    state.change(std::move(study));
}

void MainWindow::connect_goal()
{
    connect(goal, &GoalView::questioned, goal_chart, [this](const SeekQuestion &question, const std::string &chip) {
        goal_chart->set_options(goal_values(question, chip));
    });
    connect(goal, &GoalView::asked, &analyses, &AnalysisRunner::ask);
    connect(goal, &GoalView::cancelled, &analyses, [this] {
        analyses.take_back(seek_kind);
        goal_chart->take_back(goal->isHidden()); // closed while it was seeking: the curve may still be wanted
    });
    connect(&analyses, &AnalysisRunner::answered, goal, [this](const std::shared_ptr<const Answer> &answer) {
        if (answer->question.index() == seek_kind)
            goal->set_answer(answer);
    });
    connect(&analyses, &AnalysisRunner::progressed, goal, [this](std::size_t kind, double fraction) {
        if (kind == seek_kind)
            goal->set_progress(fraction);
    });
    connect(&analyses, &AnalysisRunner::failed, goal, [this](std::size_t kind, const QString &problem) {
        if (kind == seek_kind)
            goal->fail(problem);
    });
    connect(
        goal, &GoalView::taken, &state, [this](const Study &study, const QString &text) { state.change(study, text); });
    connect(goal, &GoalView::offered, inputs, &InputPanel::offer);
    connect(inputs, &InputPanel::goal_wanted, goal, [this](const std::string &key) { goal->start(key); });
    connect(&state, &Session::inputs_changed, goal, &GoalView::follow_inputs);
}

void MainWindow::connect_scents()
{
    connect(scents, &Scents::asked, &analyses, &AnalysisRunner::ask);
    connect(scents, &Scents::withdrawn, &analyses, [this] { analyses.take_back(curve_kind); });
    connect(&analyses, &AnalysisRunner::answered, scents, &Scents::set_answer);
    connect(show_curves, &QAction::toggled, scents, &Scents::set_on);
}

// Its slider, for the keyboard.
void MainWindow::show_parameter(const QString &key)
{
    QDockWidget *dock = docks.front();
    dock->show();
    dock->raise();
    if (!inputs->reveal(key))
        status->say(tr("%1 has no control").arg(key));
}

void MainWindow::connect_chart(Chart &chart)
{
    connect(&chart, &Chart::hovered, status,
        [this](const QString &text) { status->say(QString(text).replace(u'\n', u"   "_qs)); });
    connect_inputs(chart);
}

void MainWindow::connect_all()
{
    connect(headline, &Headline::cancel_requested, &state, &Session::cancel_search);
    connect(headline, &Headline::fix_chosen, this,
        [this](const QString &key, const QString &value) { state.set(key.toStdString(), value); });
    connect(inputs, &InputPanel::chip_saved, this, &MainWindow::reread_library);
    connect(inputs, &InputPanel::profile_file_wanted, this, [this] {
        if (const QString file = dialogs.open_file(this, tr("Open a profile"), tr("Profiles (*.yaml *.yml)"));
            !file.isEmpty())
            take_files({file});
    });
    connect(&state, &Session::opened_study, this, [this] {
        read_measurements.clear(); // they may be of its chips
        follow_measurements();
    });
    connect(results, &ResultsTable::configuration_picked, &state, &Session::select);
    connect(&state, &Session::search_progressed, headline, &Headline::set_progress);
    connect(&state, &Session::search_failed, this,
        [this](const QString &problem) { emit failed(tr("The search failed: %1").arg(problem)); });
    connect(&comparer, &Comparer::failed, this,
        [this](const QString &problem) { emit failed(tr("The scenarios cannot be compared: %1").arg(problem)); });
    connect(this, &MainWindow::failed, status, &ElidedLabel::say);
    connect(&state, &Session::inputs_changed, this, &MainWindow::follow_inputs);
    connect(&state, &Session::explored_changed, this, &MainWindow::follow_explored);
    connect(&files, &Documents::changed, this, &MainWindow::update_title);
    connect(&files, &Documents::autosave_failed, status, &ElidedLabel::say);
    connect(&theme_source, &ThemeSource::changed, this, &MainWindow::follow_theme);
}

void MainWindow::reset_layout()
{
    const auto dock = [this](const char *id) {
        return *std::find_if(
            docks.begin(), docks.end(), [&](QDockWidget *known) { return known->objectName() == QLatin1String(id); });
    };
    // Hidden until they are in their places: stacked up on the way there they would make the window larger.
    for (QDockWidget *each : docks) {
        each->setFloating(false);
        each->hide();
        addDockWidget(each->objectName() == u"inputs" ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, each);
    }
    const auto show_all = [this] {
        for (QDockWidget *each : docks)
            each->show();
    };
    const int left = std::max(inputs->minimumSizeHint().width(), width() / 5);
    inputs_width = left;
    const auto stack = [&](const char *first, const std::vector<const char *> &others) {
        for (const char *id : others)
            tabifyDockWidget(dock(first), dock(id));
    };
    const int rest = std::max(2, (width() - left) / 2);
    arrangement = roomiest();
    if (arrangement == Arrangement::stack) { // large text: Inputs | one at a time
        stack("pareto",
            {"breakdown", "timeline", "sweep", "memory", "validation", "results", "compare", "explain", "roofline",
                "sensitivity", "map", "goal"});
        show_all();
        dock("pareto")->raise();
        resizeDocks({dock("inputs"), dock("pareto")}, {left, 2 * rest}, Qt::Horizontal);
        return;
    }
    if (arrangement == Arrangement::row) { // a low window: Inputs | what is searched | what is shown of it
        splitDockWidget(dock("pareto"), dock("breakdown"), Qt::Horizontal);
        stack("pareto", {"map", "goal", "results", "compare", "sensitivity", "explain"});
        stack("breakdown", {"timeline", "sweep", "memory", "roofline", "validation"});
        show_all();
        dock("pareto")->raise();
        dock("breakdown")->raise();
        resizeDocks({dock("inputs"), dock("pareto"), dock("breakdown")}, {left, rest, rest}, Qt::Horizontal);
        return;
    }
    // Inputs | Pareto, map and goal seek over timeline, results and sensitivity | breakdown and roofline over sweep,
    // memory and validation.
    splitDockWidget(dock("pareto"), dock("breakdown"), Qt::Horizontal);
    splitDockWidget(dock("pareto"), dock("timeline"), Qt::Vertical);
    splitDockWidget(dock("breakdown"), dock("sweep"), Qt::Vertical);
    stack("pareto", {"map", "goal"});
    stack("timeline", {"results", "compare", "sensitivity", "explain"});
    stack("breakdown", {"roofline"});
    stack("sweep", {"memory", "validation"});
    show_all();
    dock("pareto")->raise();
    dock("breakdown")->raise();
    dock("timeline")->raise();
    dock("sweep")->raise();
    resizeDocks({dock("inputs"), dock("pareto"), dock("breakdown")}, {left, rest, rest}, Qt::Horizontal);
    resizeDocks({dock("pareto"), dock("timeline")}, {6, 4}, Qt::Vertical);
    resizeDocks({dock("breakdown"), dock("sweep")}, {5, 5}, Qt::Vertical);
}

void MainWindow::follow_inputs()
{
    show_baseline_alone(false); // else the change would not be seen
    const Origin origin = origin_of(state.study(), state.opened(), QLatin1String(version), {});
    const QString now = tr("%1, %2").arg(origin.profile, origin.quirks);
    if (basis->text() == now)
        return;
    basis->setText(now);
    basis->setToolTip(
        tr("What the numbers rest on: the profile with its efficiencies, and which of the model's quirks are on"));
}

void MainWindow::follow_explored()
{
    std::shared_ptr<const Explored> explored = state.explored();
    if (!explored)
        return;
    PinnedBaselines pinned = baselines.pinned();
    goal->set_explored(explored);
    if (baseline_alone) { // the axes stay what they are
        pinned.covered.push_back(explored);
        explored = pinned.primary()->explored;
        pinned.pins.clear();
    }
    headline->set_result(explored, pinned);
    for (Chart *chart : all_charts)
        chart->set_result(explored, pinned);
    results->set_result(explored, pinned);
    explanation->set_result(explored, pinned);
    if (presentation)
        presentation->set_result(explored, pinned);
    for (QAction *action : need_result)
        action->setEnabled(true);
}

void MainWindow::follow_theme()
{
    const Theme &theme = theme_source.theme();
    headline->set_theme(theme);
    results->set_theme(theme);
    compare->set_theme(theme);
    explanation->set_theme(theme);
    for (Chart *chart : all_charts)
        chart->set_theme(theme);
    if (QAction *action = checked_of(*themes, static_cast<int>(theme_source.choice())))
        action->setChecked(true);
}

void MainWindow::update_title()
{
    setWindowTitle(tr("%1[*] – EPScope").arg(files.title()));
    setWindowModified(files.modified());
}

// Files that somebody has added meanwhile are offered without a restart.
void MainWindow::reread_library()
{
    if (library.reread()) {
        inputs->follow_library();
        read_measurements.clear();
    }
    follow_measurements();
}

// Reads those that have changed; what is wrong with them.
QStringList MainWindow::follow_measurements()
{
    std::vector<std::string> sources = library_measurements(library);
    for (const QString &file : own_measurements)
        sources.push_back(file.toStdString());
    QStringList now;
    for (const std::string &file : sources) {
        const QFileInfo info(QString::fromStdString(file));
        now << info.filePath() + u' ' + info.lastModified().toString(Qt::ISODateWithMs) + u' '
                + QString::number(info.size());
    }
    if (now == read_measurements)
        return {};
    read_measurements = now;
    LoadedMeasurements loaded = load_measurements(sources, library, state.opened());
    state.set_measured(std::move(loaded.measured));
    QStringList problems;
    for (const Diagnostic &problem : loaded.problems)
        problems << QString::fromStdString(text_of(problem));
    if (!problems.isEmpty())
        status->say(problems.size() == 1 ? problems.front()
                                         : tr("%1 (and %2 more problems with measurements)")
                                               .arg(problems.front())
                                               .arg(count_of(loaded.problems) - 1));
    return problems;
}

// Nothing is taken of a file with problems.
QStringList MainWindow::take_measurements(const QString &file)
{
    const QString path = QFileInfo(file).absoluteFilePath();
    const LoadedMeasurements loaded = load_measurements({path.toStdString()}, library, state.study());
    QStringList problems;
    for (const Diagnostic &problem : loaded.problems)
        problems << QString::fromStdString(text_of(problem));
    if (!problems.isEmpty())
        return problems;
    if (!own_measurements.contains(path))
        own_measurements << path;
    follow_measurements();
    status->say(tr("%1 measurements from %2 taken").arg(loaded.measured->rows.size()).arg(QFileInfo(file).fileName()));
    return {};
}

// The next dock on show that takes the keyboard.
void MainWindow::focus_pane(int step)
{
    std::vector<QDockWidget *> shown;
    std::copy_if(docks.begin(), docks.end(), std::back_inserter(shown),
        [](const QDockWidget *dock) { return !dock->visibleRegion().isEmpty(); });
    if (shown.empty())
        return;
    const int count = static_cast<int>(shown.size());
    const auto current = std::find_if(shown.begin(), shown.end(),
        [](const QDockWidget *dock) { return dock->isAncestorOf(QApplication::focusWidget()); });
    const int index = current == shown.end() ? (step > 0 ? 0 : count - 1)
                                             : (static_cast<int>(current - shown.begin()) + step + count) % count;
    QDockWidget *dock = shown[static_cast<std::size_t>(index)];
    dock->activateWindow();
    for (QWidget *widget = dock->widget()->nextInFocusChain(); dock->isAncestorOf(widget);
         widget = widget->nextInFocusChain()) {
        if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible() && widget->isEnabled()) {
            widget->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void MainWindow::set_scale(int percent)
{
    set_text_scale(percent / 100.0);
    if (QAction *action = checked_of(*scales, percent))
        action->setChecked(true);
    // Before the widgets grow, or once they have shrunk; else they would make the window larger.
    if (roomiest() < arrangement)
        reset_layout();
    const auto use_room = [this] {
        if (arrangement < roomiest())
            reset_layout();
    };
    QMetaObject::invokeMethod(this, use_room, Qt::QueuedConnection);
}

int MainWindow::scale() const
{
    return scales->checkedAction()->data().toInt();
}

// What the window has room for beside the inputs. By the application's font: the widgets may not have it yet.
MainWindow::Arrangement MainWindow::roomiest() const
{
    constexpr int characters_of_inputs = 48, lines_across_chart = 20, lines_down_window = 42;
    const QFontMetrics metrics(QApplication::font());
    if (characters_of_inputs * metrics.averageCharWidth() + 2 * lines_across_chart * metrics.height() > width())
        return Arrangement::stack;
    return lines_down_window * metrics.height() > height() ? Arrangement::row : Arrangement::grid;
}

bool MainWindow::open(const QString &source)
{
    const bool is_file = source.contains(u'/') || QFileInfo::exists(source);
    status->say({}); // it was about the study before
    const QStringList problems = is_file ? files.open(source) : files.open_library_study(source);
    if (!problems.isEmpty()) {
        dialogs.warn(this, tr("Cannot open %1").arg(QFileInfo(source).fileName()), list_of_problems(problems));
        return false;
    }
    for (Chart *chart : all_charts)
        chart->fit_anew(); // a zoom belongs to what was shown before
    if (status->text().isEmpty()) // else it says what is wrong with the measurements beside it
        status->say(tr("Opened %1").arg(files.title()));
    return true;
}

bool MainWindow::open_guarded(const QString &source)
{
    return may_leave() && open(source);
}

void MainWindow::take_files(const QStringList &chosen)
{
    QString study;
    std::vector<std::pair<Kind, QString>> parts;
    QStringList unusable;
    for (const QString &file : chosen) {
        if (is_measurements_file(file.toStdString())) {
            if (const QStringList problems = take_measurements(file); !problems.isEmpty())
                unusable << problems.join(u'\n');
            continue;
        }
        QString why;
        const std::optional<Kind> kind = kind_of_file(file, &why);
        if (!kind)
            unusable << tr("%1 is no study, chip, NIC, model, profile or CSV of measurements, nor a picture exported "
                           "from EPScope.")
                            .arg(QFileInfo(file).fileName())
                    + (why.isEmpty() ? QString() : u'\n' + why);
        else if (*kind != Kind::study)
            parts.emplace_back(*kind, file);
        else if (study.isEmpty())
            study = file;
        else
            unusable << tr("%1 was not opened: one study at a time.").arg(QFileInfo(file).fileName());
    }
    const bool opened = study.isEmpty() || open_guarded(study);
    for (const auto &[kind, file] : parts) {
        if (!opened)
            break;
        QStringList warnings;
        if (const QStringList problems = files.take(kind, file, &warnings); !problems.isEmpty())
            unusable << problems.join(u'\n');
        else
            say_taken(kind, file, warnings);
    }
    if (!unusable.isEmpty())
        dialogs.warn(this,
            chosen.size() == 1 ? tr("Cannot open %1").arg(QFileInfo(chosen.front()).fileName())
                               : tr("Cannot open all of the files"),
            list_of_problems(unusable));
}

void MainWindow::say_taken(Kind kind, const QString &file, const QStringList &warnings)
{
    const Study &study = state.study();
    const QString name = QFileInfo(file).fileName();
    switch (kind) {
    case Kind::chip:
        status->say(tr("Chip from %1 taken into the study").arg(name));
        break;
    case Kind::nic:
        status->say(tr("NIC from %1 taken into the study's NICs").arg(name));
        break;
    case Kind::model:
        status->say(
            (QStringList(tr("The study's model is now %1").arg(QString::fromStdString(study.model.name))) << warnings)
                .join(u"; "_qs));
        break;
    case Kind::profile:
        status->say(tr("The study's profile is now %1").arg(QString::fromStdString(study.profile.name)));
        break;
    case Kind::study:
        break;
    }
}

void MainWindow::restore(const QString &source)
{
    const Documents::LastSession last = files.last_session();
    restore_view(last);
    own_measurements = last.measurements;
    own_measurements.removeIf([](const QString &file) { return !QFileInfo::exists(file); });
    follow_measurements();
    const bool is_part = !source.isEmpty()
        && (is_measurements_file(source.toStdString()) || kind_of_file(source).value_or(Kind::study) != Kind::study);
    if (!source.isEmpty() && !is_part && open(source))
        return;
    const bool file_gone = !last.file.isEmpty() && !QFileInfo::exists(last.file);
    const QString before = last.file.isEmpty() ? last.library_study : last.file;
    if (before.isEmpty() || file_gone || !open(before)) {
        open(QLatin1String(start_study));
        if (file_gone)
            status->say(tr("%1 is no longer there").arg(QDir::toNativeSeparators(last.file)));
    } else {
        const std::vector<Card> &cards = state.cards();
        if (const auto place = static_cast<std::size_t>(last.view.value(u"scenario"_qs).toUInt()); place < cards.size())
            state.show_card(cards[place].id);
        state.select(last.selection);
        if (state.pins().all.empty()) // else those of the file
            state.open_pins(last.pinned);
        state.history().clear();
        for (Chart *chart : all_charts)
            chart->set_zoom(last.zooms.value(chart->id()));
    }
    if (is_part)
        take_files({source});
}

void MainWindow::offer_recovery()
{
    for (const Documents::Recoverable &left : files.recoverable()) {
        const QString question = tr("EPScope did not end well. Recover “%1” as it was on %2?")
                                     .arg(left.title, QLocale().toString(left.saved, QLocale::ShortFormat));
        switch (dialogs.recover(this, question)) {
        case Dialogs::Recovery::recover:
            if (const QStringList problems = files.recover(left); !problems.isEmpty()) {
                dialogs.warn(this, tr("Not recovered"), list_of_problems(problems));
                continue;
            }
            status->say(tr("Recovered %1").arg(files.title()));
            return; // further ones are offered on the next start
        case Dialogs::Recovery::discard:
            files.discard(left);
            break;
        case Dialogs::Recovery::later:
            break;
        }
    }
}

Documents::LastSession MainWindow::remembered() const
{
    Documents::LastSession last;
    last.geometry = saveGeometry();
    last.layout = saveState(layout_version);
    last.file = files.file();
    last.library_study = files.library_study();
    last.selection = state.inputs().selection;
    last.folded = inputs->folded_sections();
    last.measurements = own_measurements;
    last.pinned = shown_alone();
    for (const Chart *chart : all_charts) {
        if (const QByteArray zoom = chart->zoom(); !zoom.isEmpty())
            last.zooms.insert(chart->id(), zoom);
    }
    last.view = choices.remembered();
    last.view.insert({{u"theme"_qs, QString::number(static_cast<int>(theme_source.choice()))},
        {u"scale"_qs, QString::number(scale())},
        {u"scenario"_qs, QString::number(&state.card() - state.cards().data())},
        {u"presentation"_qs, presentation ? presentation->choice().text() : presented},
        {u"png_scale"_qs, png_scales->checkedAction()->data().toString()},
        {u"window_colours"_qs, window_colours->isChecked() ? u"on"_qs : u"off"_qs}});
    return last;
}

void MainWindow::restore_view(const Documents::LastSession &last)
{
    const auto value = [&](const QString &key) { return last.view.value(key); };
    // Only what the menus offer: the file may have been edited or come from another version.
    if (checked_of(*themes, value(u"theme"_qs).toInt()))
        theme_source.choose(static_cast<ThemeChoice>(value(u"theme"_qs).toInt()));
    if (checked_of(*scales, value(u"scale"_qs).toInt()))
        set_scale(value(u"scale"_qs).toInt());
    if (QAction *action = checked_of(*png_scales, value(u"png_scale"_qs).toInt()))
        action->setChecked(true);
    choices.restore(last.view);
    presented = value(u"presentation"_qs);
    window_colours->setChecked(value(u"window_colours"_qs) == u"on");
    inputs->set_folded_sections(last.folded);
    restoreGeometry(last.geometry);
    if (restoreState(last.layout, layout_version))
        arrangement = roomiest();
}

bool MainWindow::may_leave()
{
    if (!files.modified())
        return true;
    switch (dialogs.unsaved(this, files.title())) {
    case Dialogs::Unsaved::save:
        return save();
    case Dialogs::Unsaved::discard:
        return true;
    case Dialogs::Unsaved::cancel:
        break;
    }
    return false;
}

bool MainWindow::save()
{
    if (files.file().isEmpty())
        return save_as();
    const QString question =
        tr("%1 has been changed outside of this window since it was opened. Replace it?").arg(files.title());
    if (files.changed_on_disk() && !dialogs.confirm(this, tr("Replace the file"), question))
        return false;
    const QString problem = files.save();
    if (problem.isEmpty())
        status->say(tr("Saved to %1").arg(QDir::toNativeSeparators(files.file())));
    else
        dialogs.warn(this, tr("Not saved"), problem);
    return problem.isEmpty();
}

bool MainWindow::save_as()
{
    const QString proposal = files.file().isEmpty() ? files.title() + u".yaml"_qs : files.file();
    const QString file = dialogs.save_file(this, tr("Save the study"), proposal, {tr("Studies (*.yaml)")});
    if (file.isEmpty())
        return false;
    const QString problem = files.save_as(file);
    if (problem.isEmpty())
        status->say(tr("Saved to %1").arg(QDir::toNativeSeparators(files.file())));
    else
        dialogs.warn(this, tr("Not saved"), problem);
    return problem.isEmpty();
}

// The scenario on show and the baselines.
StudyFile MainWindow::shown_alone() const
{
    StudyFile file = state.file();
    file.study = state.study();
    file.scenarios.clear();
    return file;
}

// The one that has the keyboard, by default the Pareto front.
Chart &MainWindow::chart_in_use() const
{
    for (QWidget *widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
        if (auto *chart = qobject_cast<Chart *>(widget))
            return *chart;
    }
    return *pareto;
}

bool MainWindow::event(QEvent *event)
{
    if (event->type() == QEvent::WindowActivate)
        reread_library();
    if (event->type() == QEvent::ThemeChange)
        theme_source.follow_system();
    return QMainWindow::event(event);
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && width() == laid_out_width && watched == docks.front())
        inputs_width = docks.front()->width(); // by a person or a saved layout
    if (auto *widget = qobject_cast<QWidget *>(watched);
        widget && event->type() == QEvent::MouseMove && belongs_to(*this, widget))
        pointed_at = widget;
    else if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() != Qt::Key_F1)
        pointed_at = nullptr;
    if (blink_with_alt(*event))
        return true;
    if (event->type() != QEvent::DragEnter && event->type() != QEvent::DragMove && event->type() != QEvent::Drop)
        return false;
    auto *drop = static_cast<QDropEvent *>(event);
    if (!belongs_to(*this, qobject_cast<QWidget *>(watched)) || !has_files(*drop->mimeData()))
        return false;
    drop->setDropAction(Qt::CopyAction);
    drop->accept();
    if (event->type() == QEvent::Drop) {
        const bool to_be_pinned = drop->modifiers() & Qt::ShiftModifier;
        QStringList dropped;
        for (const QUrl &url : drop->mimeData()->urls()) {
            if (url.isLocalFile())
                dropped << url.toLocalFile();
        }
        // Later: the program that the files come from waits for the end of the drop, and there may be a question first.
        const auto take = [this, dropped, to_be_pinned] { to_be_pinned ? pin_files(dropped) : take_files(dropped); };
        QMetaObject::invokeMethod(this, take, Qt::QueuedConnection);
    }
    return true;
}

// The charts get what a larger window gives; left alone, the docks would share it.
void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    keep_inputs_width();
    laid_out_width = width();
}

void MainWindow::keep_inputs_width()
{
    QDockWidget *dock = docks.front();
    const Qt::DockWidgetArea area = dockWidgetArea(dock);
    if (dock->isFloating() || dock->isHidden() || (area != Qt::LeftDockWidgetArea && area != Qt::RightDockWidgetArea))
        return;
    if (inputs_width == 0 || inputs_width == dock->width())
        return;
    QList<QDockWidget *> resized;
    QRect others;
    for (QDockWidget *other : docks) {
        const bool on_show = other->isVisible() && !other->isFloating()
            && rect().intersects(other->geometry()); // those behind a tab are outside
        if (!on_show || dockWidgetArea(other) == area)
            continue;
        resized << other;
        others |= other->geometry();
    }
    const double growth = 1.0 * (dock->width() - inputs_width) / std::max(1, others.width());
    QList<int> widths;
    for (const QDockWidget *other : resized)
        widths << std::max(1, static_cast<int>(std::lround(other->width() * (1 + growth))));
    resized << dock;
    widths << inputs_width;
    resizeDocks(resized, widths, Qt::Horizontal);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!may_leave()) {
        event->ignore();
        return;
    }
    state.cancel_search();
    files.remember(remembered());
    QMainWindow::closeEvent(event);
}

} // namespace epscope
