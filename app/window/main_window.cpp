// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDialog>
#include <QLabel>
#include <QMenuBar>
#include <QStatusBar>
#include <QTableView>
#include <QToolBar>
#include <QUndoStack>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/controls/input_panel.h"
#include "app/controls/scents.h"
#include "app/views/compare_view.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"

namespace epscope {
namespace {

// In the window or one of its floating docks, but not in a dialog over it.
bool belongs_to(const QWidget &window, const QWidget *widget)
{
    while (widget && widget != &window && !qobject_cast<const QDialog *>(widget)
        && !qobject_cast<const Presentation *>(widget))
        widget = widget->parentWidget();
    return widget == &window;
}

} // namespace

MainWindow::MainWindow(const Library &the_library, ThemeSource &the_theme, const QString &state_folder, QWidget *parent)
    : QMainWindow(parent)
    , library(the_library)
    , theme_source(the_theme)
    , messages{this, new ElidedLabel}
    , files(state, library, messages, state_folder)
    , comparer(state)
    , docks(*this)
    , questions(state)
    , chart_set(state, questions)
    , panes(state, library, comparer, *this)
    , baselines(state, files.documents(), messages)
    , scenarios(state, *panes.scenarios)
    , explanations(*panes.explanation)
    , copied_command({state, files.documents(), library, chart_set, panes}, messages)
    , exports({state, files.documents(), baselines, comparer, chart_set, panes, copied_command, theme_source},
          AwaitedAnswers(state, questions, comparer, *panes.goal, *this), messages)
    , presenter(state, chart_set, *this)
    , views(state, theme_source)
    , popups(*this, state, library, files, panes, explanations, commands)
    , targets{*this, state, library, theme_source, messages, files, exports, copied_command, scenarios, baselines,
          explanations, docks, chart_set, views, panes, popups, presenter}
    , menus(new QMenuBar)
{
    questions.runner().setParent(this); // found among the window's children, as its views are
    setAcceptDrops(true);
    qApp->installEventFilter(this); // files may be dropped on anything
    add_views();
    views.add_choices_without_steps(exports, presenter);
    views.add_switches(chart_set, *panes.curves);
    views.add_questions(chart_set, *panes.results, *panes.goal);
    add_commands();
    connect_results();
    connect_explanations();
    connect_messages();
    connect_files();
    follow_theme();
    docks.reset_layout();
    follow_title();
}

MainWindow::~MainWindow()
{
    qApp->removeEventFilter(this);
    // What looks at the views, then these, while there still is what they report to. Nothing that knows the session is
    // left to the base class, which comes after it.
    popups.close();
    presenter.end();
    delete panes.curves;
    delete findChild<QToolBar *>(u"scenarios"_qs);
    commands.clear();
    docks.remove_all();
    delete menuWidget();
}

void MainWindow::add_views()
{
    auto *top = new QWidget;
    auto *column = new QVBoxLayout(top);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(menus);
    column->addWidget(panes.headline);
    column->addWidget(panes.goal);
    setMenuWidget(top);

    using enum DockPlace::Corner;
    using enum DockPlace::Column;
    std::vector<DockContent> shown_there{{u"results"_qs, tr("Results"), panes.results, {8, lower_left, searched, 4}},
        {u"compare"_qs, tr("Compare"), panes.compare, {13, lower_left, searched, 5}},
        {u"explain"_qs, tr("Explain"), panes.explanation, {14, lower_left, searched, 7}}};
    for (ChartView *chart : chart_set.all())
        shown_there.push_back({chart->id(), chart->title(), chart, find_chart_kind(chart->id().toStdString())->dock});
    docks.fill({u"inputs"_qs, tr("Inputs"), panes.inputs}, std::move(shown_there));

    auto *bar = new QToolBar(tr("Scenarios"), this);
    bar->setObjectName(u"scenarios"_qs);
    bar->setMovable(false);
    bar->addWidget(panes.scenarios);
    addToolBar(Qt::BottomToolBarArea, bar);
    messages.status->setContentsMargins(6, 0, 6, 0);
    statusBar()->addWidget(messages.status, 1);
    statusBar()->addPermanentWidget(panes.basis);
    statusBar()->setSizeGripEnabled(false);
}

// Whatever changes what can be done, or is on, makes the menus follow.
void MainWindow::add_commands()
{
    commands.build(command_table(targets), *menus);
    presenter.set_actions(commands.for_presentation());
    panes.scenarios->set_menu(commands.menu(u"scenario"_qs));
    for (ChartView *chart : chart_set.all())
        chart->plot()->addAction(commands.action(u"view.auto_scale"_qs));
    connect(&state, &Session::explored_changed, &commands, &Commands::refresh);
    connect(&state, &Session::cards_changed, &commands, &Commands::refresh);
    connect(&state, &Session::pins_changed, &commands, &Commands::refresh);
    connect(&state.history(), &QUndoStack::indexChanged, &commands, &Commands::refresh);
    connect(&baselines, &BaselineControl::pinned_changed, &commands, &Commands::refresh);
    connect(&baselines, &BaselineControl::shown_changed, &commands, &Commands::refresh);
    connect(&docks, &Docks::shown_or_hidden, &commands, &Commands::refresh);
    connect(&views, &ViewSettings::changed, &commands, &Commands::refresh);
    connect(&views, &ViewSettings::scaled, &commands, &Commands::refresh);
    connect(&theme_source, &ThemeSource::changed, &commands, &Commands::refresh);
}

void MainWindow::connect_results()
{
    questions.connect_goal(*panes.goal, chart_set.chart("goal"));
    questions.connect_curves(*panes.curves);
    connect(panes.goal, &GoalView::offered, &presenter, &Presenter::offer);
    connect(&state, &Session::explored_changed, this, &MainWindow::follow_explored);
    connect(&presenter, &Presenter::made, this, &MainWindow::follow_explored);
    connect(&baselines, &BaselineControl::pinned_changed, this, &MainWindow::follow_baselines);
    connect(&baselines, &BaselineControl::shown_changed, this, &MainWindow::follow_baselines);
    connect(&theme_source, &ThemeSource::changed, this, &MainWindow::follow_theme);
    connect(&views, &ViewSettings::scaled, &docks, &Docks::follow_text_scale);
}

void MainWindow::connect_explanations()
{
    for (ChartView *chart : chart_set.all()) {
        connect(chart, &ChartView::explanation_wanted, &explanations, &Explanations::explain);
        explanations.offer_in(*chart, *chart);
    }
    connect(panes.headline, &Headline::explanation_wanted, &explanations, &Explanations::explain);
    explanations.offer_in(*panes.headline, *panes.headline);
    explanations.offer_in(*panes.results->view(), *panes.results);
    explanations.offer_in(*panes.compare->view(), *panes.compare);
    connect(panes.explanation, &ExplainView::input_chosen, this, &MainWindow::show_parameter);
    connect(&chart_set, &ChartSet::parameter_picked, this, &MainWindow::show_parameter);
}

void MainWindow::connect_messages()
{
    connect(&state, &Session::search_failed, this,
        [this](const QString &problem) { emit failed(tr("The search failed: %1").arg(problem)); });
    connect(&comparer, &Comparer::failed, this,
        [this](const QString &problem) { emit failed(tr("The scenarios cannot be compared: %1").arg(problem)); });
    connect(&baselines, &BaselineControl::failed, this, &MainWindow::failed);
    connect(&questions, &Questions::failed, this, &MainWindow::failed);
    const auto say = [this](const QString &text) { messages.say(text); };
    connect(this, &MainWindow::failed, this, say);
    connect(&questions, &Questions::curve_failed, this, say);
    connect(&chart_set, &ChartSet::said, this, say);
    connect(panes.scenarios, &ScenarioStrip::complained, this, say);
}

void MainWindow::connect_files()
{
    connect(&files, &Files::opened, &chart_set, &ChartSet::fit_anew); // a zoom belongs to what was shown before
    connect(&files, &Files::library_changed, panes.inputs, &InputPanel::follow_library);
    connect(&files, &Files::pins_dropped, &baselines, &BaselineControl::pin_files);
    connect(&files.documents(), &Documents::changed, this, &MainWindow::follow_title);
    connect(panes.inputs, &InputPanel::chip_saved, &files, &Files::reread_library);
    connect(panes.inputs, &InputPanel::profile_file_wanted, &files, &Files::ask_for_profile);
    connect(panes.inputs, &InputPanel::new_chip_wanted, this, [this] { popups.open_chip_assistant(); });
}

void MainWindow::restore(const QString &source)
{
    const Documents::LastSession last = files.documents().last_session();
    views.restore(last.view);
    panes.inputs->set_folded_sections(last.folded);
    restoreGeometry(last.geometry);
    docks.restore_layout(last.layout);
    commands.refresh();
    if (files.restore(last, source))
        chart_set.set_zooms(last.zooms);
}

void MainWindow::follow_explored()
{
    if (!state.explored())
        return;
    panes.goal->set_explored(state.explored());
    const auto [explored, pinned] = baselines.shown();
    panes.set_result(explored, pinned);
    chart_set.set_result(explored, pinned);
    presenter.set_result(explored, pinned);
}

void MainWindow::follow_baselines()
{
    panes.set_baselines(baselines.pinned(), baselines.is_shown_alone());
    follow_explored();
}

void MainWindow::follow_theme()
{
    panes.set_theme(theme_source.theme());
    chart_set.set_theme(theme_source.theme());
}

void MainWindow::follow_title()
{
    setWindowTitle(tr("%1[*] – EPScope").arg(files.documents().title()));
    setWindowModified(files.documents().modified());
}

// Its slider, for the keyboard.
void MainWindow::show_parameter(const QString &key)
{
    Docks::bring_up(*panes.inputs);
    if (!panes.inputs->reveal(key))
        messages.say(tr("%1 has no control").arg(key));
}

bool MainWindow::event(QEvent *event)
{
    if (event->type() == QEvent::WindowActivate)
        files.reread_library();
    if (event->type() == QEvent::ThemeChange)
        theme_source.follow_system();
    return QMainWindow::event(event);
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        docks.hear_resized(watched);
    const bool by_mouse = event->type() == QEvent::MouseMove || event->type() == QEvent::DragEnter
        || event->type() == QEvent::DragMove || event->type() == QEvent::Drop;
    auto *widget = by_mouse ? qobject_cast<QWidget *>(watched) : nullptr;
    if (!widget || !belongs_to(*this, widget))
        widget = nullptr;
    explanations.follow_pointer(widget, *event);
    return baselines.follow_alt(*event) || (widget && files.take_drop(*event));
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    docks.follow_size();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!files.may_leave()) {
        event->ignore();
        return;
    }
    state.cancel_search();
    Documents::LastSession last;
    last.geometry = saveGeometry();
    last.layout = docks.layout();
    last.view = views.remembered();
    last.folded = panes.inputs->folded_sections();
    last.zooms = chart_set.zooms();
    files.remember(last);
    files.documents().remember(last);
    QMainWindow::closeEvent(event);
}

} // namespace epscope
