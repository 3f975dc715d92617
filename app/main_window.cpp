// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QStatusBar>
#include <QToolBar>

#include "app/charts/breakdown_chart.h"
#include "app/charts/memory_chart.h"
#include "app/charts/pareto_chart.h"
#include "app/charts/sweep_chart.h"
#include "app/charts/timeline_chart.h"
#include "app/controls/input_panel.h"
#include "app/version.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "core/io/file.h"
#include "core/io/study_writer.h"
#include "core/quantity.h"

namespace epscope {
namespace {

constexpr int layout_version = 1; // of the docks: a saved layout of another version is not taken

QString study_filter()
{
    return MainWindow::tr("Studies and exported pictures (*.yaml *.yml *.png *.svg *.pdf)");
}

} // namespace

Dialogs Dialogs::native()
{
    Dialogs dialogs;
    dialogs.open_file = [](QWidget *parent, const QString &title, const QString &filter) {
        return QFileDialog::getOpenFileName(parent, title, {}, filter);
    };
    dialogs.save_file = [](QWidget *parent, const QString &title, const QString &proposal, const QString &filter) {
        return QFileDialog::getSaveFileName(parent, title, proposal, filter);
    };
    dialogs.choose_folder = [](QWidget *parent, const QString &title) { return QFileDialog::getExistingDirectory(parent, title); };
    dialogs.unsaved = [](QWidget *parent, const QString &name) {
        switch (QMessageBox::question(parent, MainWindow::tr("Unsaved changes"), MainWindow::tr("Save the changes to “%1”?").arg(name),
                                      QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save)) {
        case QMessageBox::Save: return Unsaved::save;
        case QMessageBox::Discard: return Unsaved::discard;
        default: return Unsaved::cancel;
        }
    };
    dialogs.confirm = [](QWidget *parent, const QString &title, const QString &question) {
        return QMessageBox::question(parent, title, question) == QMessageBox::Yes;
    };
    dialogs.warn = [](QWidget *parent, const QString &title, const QString &text) { QMessageBox::warning(parent, title, text); };
    return dialogs;
}

MainWindow::MainWindow(const Library &the_library, ThemeSource &the_theme, const QString &state_folder, QWidget *parent)
    : QMainWindow(parent), library(the_library), theme_source(the_theme), files(state, library, state_folder), dialogs(Dialogs::native()),
      base_point_size(QApplication::font().pointSizeF()), headline(new Headline), inputs(make_inputs()),
      pareto(new ParetoChart), breakdown(new BreakdownChart), results(new ResultsTable), status(new QLabel)
{
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);

    auto *top = new QToolBar(tr("Headline"));
    top->setObjectName(QStringLiteral("headline"));
    top->setMovable(false);
    top->toggleViewAction()->setVisible(false);
    headline->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    top->addWidget(headline);
    addToolBar(Qt::TopToolBarArea, top);

    add_dock(QStringLiteral("inputs"), tr("Inputs"), inputs);
    add_charts();
    add_dock(QStringLiteral("results"), tr("Results"), results);
    statusBar()->addWidget(status, 1);
    statusBar()->setSizeGripEnabled(false);

    add_file_menu();
    add_edit_menu();
    add_view_menu();
    add_help_menu();

    connect(headline, &Headline::cancel_requested, &state, &Session::cancel_search);
    connect(headline, &Headline::fix_chosen, this, [this](const QString &key, const QString &value) { state.set(key.toStdString(), value); });
    connect(results, &ResultsTable::configuration_picked, this, &MainWindow::pick);
    connect(&state, &Session::search_progressed, headline, &Headline::set_progress);
    connect(&state, &Session::explored_changed, this, &MainWindow::follow_explored);
    connect(&files, &Documents::changed, this, &MainWindow::update_title);
    connect(&files, &Documents::autosave_failed, this, [this](const QString &problem) { status->setText(problem); });
    connect(&theme_source, &ThemeSource::changed, this, &MainWindow::follow_theme);
    follow_theme();
    reset_layout();
    update_title();
}

MainWindow::~MainWindow() = default;

InputPanel *MainWindow::make_inputs()
{
    files.open_library_study(QStringLiteral("explore")); // controls have to show something until the last study is back
    return new InputPanel(&state, library);
}

QDockWidget *MainWindow::add_dock(const QString &id, const QString &title, QWidget *content)
{
    auto *dock = new QDockWidget(title, this);
    dock->setObjectName(id);
    dock->setWidget(content);
    addDockWidget(id == u"inputs" ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, dock);
    docks.push_back(dock);
    return dock;
}

void MainWindow::add_charts()
{
    all_charts = {pareto, breakdown, new TimelineChart, new SweepChart, new MemoryChart};
    for (Chart *chart : all_charts) {
        add_dock(chart->id(), chart->title(), chart);
        connect_chart(*chart);
    }
    connect(pareto, &ParetoChart::target_dragged, this, [this](double tps) {
        state.set("target_tps", QString::fromStdString(exact_text(tps)));
    });
}

void MainWindow::connect_chart(Chart &chart)
{
    connect(&chart, &Chart::hovered, status, [this](const QString &text) { status->setText(QString(text).replace(u'\n', u"   "_qs)); });
    connect(&chart, &Chart::operator_hovered, &state, &Session::highlight);
    connect(&chart, &Chart::configuration_picked, this, &MainWindow::pick);
    connect(&state, &Session::highlighted, &chart, &Chart::set_highlight);
}

void MainWindow::reset_layout()
{
    const auto dock = [this](const char *id) {
        return *std::find_if(docks.begin(), docks.end(), [&](QDockWidget *known) { return known->objectName() == QLatin1String(id); });
    };
    for (QDockWidget *each : docks) {
        each->setFloating(false);
        each->show();
        addDockWidget(each->objectName() == u"inputs" ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, each);
    }
    // Inputs | Pareto over results and timeline | breakdown over sweep and memory.
    splitDockWidget(dock("pareto"), dock("breakdown"), Qt::Horizontal);
    splitDockWidget(dock("pareto"), dock("timeline"), Qt::Vertical);
    tabifyDockWidget(dock("timeline"), dock("results"));
    splitDockWidget(dock("breakdown"), dock("sweep"), Qt::Vertical);
    tabifyDockWidget(dock("sweep"), dock("memory"));
    dock("timeline")->raise();
    dock("sweep")->raise();
    const int left = std::max(inputs->minimumSizeHint().width(), width() / 5);
    const int rest = std::max(2, (width() - left) / 2);
    resizeDocks({dock("inputs"), dock("pareto"), dock("breakdown")}, {left, rest, rest}, Qt::Horizontal);
    resizeDocks({dock("pareto"), dock("timeline")}, {6, 4}, Qt::Vertical);
    resizeDocks({dock("breakdown"), dock("sweep")}, {5, 5}, Qt::Vertical);
}

void MainWindow::add_file_menu()
{
    QMenu *menu = menuBar()->addMenu(tr("&File"));
    QMenu *fresh = menu->addMenu(tr("&New from"));
    for (const Library::Entry &entry : library.entries(Kind::study)) {
        const QString name = QString::fromStdString(entry.name);
        if (entry.problems.empty())
            fresh->addAction(QString::fromStdString(entry.title), this, [this, name] { open_guarded(name); });
    }
    menu->addAction(tr("&Open…"), QKeySequence::Open, this, [this] {
        if (const QString file = dialogs.open_file(this, tr("Open a study"), study_filter()); !file.isEmpty())
            open_guarded(file);
    });
    QMenu *recent = menu->addMenu(tr("Open &recent"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
    menu->addSeparator();
    menu->addAction(tr("&Save"), QKeySequence::Save, this, [this] { save(); });
    menu->addAction(tr("Save &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), this, [this] { save_as(); });
    menu->addSeparator();
    QMenu *one = menu->addMenu(tr("&Export"));
    for (Chart *chart : all_charts)
        one->addAction(tr("%1…").arg(chart->title()), this, [this, chart] { export_chart_as(*chart); });
    one->addAction(tr("Results…"), this, [this] { export_results(); });
    menu->addAction(tr("Export the chart in &use…"), QKeySequence(Qt::CTRL | Qt::Key_E), this, [this] {
        Chart *chart = focused_chart();
        export_chart_as(chart ? *chart : *pareto);
    });
    menu->addAction(tr("Export a&ll…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), this, [this] { export_everything(); });
    menu->addSeparator();
    menu->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);
}

void MainWindow::add_edit_menu()
{
    QMenu *menu = menuBar()->addMenu(tr("&Edit"));
    menu->addAction(tr("Copy the &headline"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), this,
                    [this] { QApplication::clipboard()->setText(headline->text()); });
    menu->addAction(tr("&Copy the chart in use"), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_C), this, [this] {
        Chart *chart = focused_chart();
        copy_chart(chart ? *chart : *pareto, export_options());
    });
    menu->addSeparator();
    menu->addAction(tr("&Best configurations again"), this, [this] { state.select(std::nullopt); })->setShortcut(Qt::Key_Escape);
    menu->addAction(tr("All inputs as &opened"), this, [this] { state.change(state.opened()); });
}

void MainWindow::add_view_menu()
{
    QMenu *menu = menuBar()->addMenu(tr("&View"));
    for (QDockWidget *dock : docks)
        menu->addAction(dock->toggleViewAction());
    menu->addAction(tr("&Reset the layout"), this, &MainWindow::reset_layout);
    menu->addSeparator();
    menu->addAction(tr("&Fit all charts"), QKeySequence(Qt::CTRL | Qt::Key_F), this, [this] {
        for (Chart *chart : all_charts)
            chart->fit();
    });
    QAction *log = menu->addAction(tr("&Logarithmic Pareto axes"));
    log->setCheckable(true);
    connect(log, &QAction::toggled, pareto, &ParetoChart::set_log);
    QAction *infeasible = menu->addAction(tr("Show &infeasible points"));
    infeasible->setCheckable(true);
    infeasible->setChecked(true);
    connect(infeasible, &QAction::toggled, pareto, &ParetoChart::set_show_infeasible);
    menu->addSeparator();

    QMenu *themes = menu->addMenu(tr("&Theme"));
    auto *theme_group = new QActionGroup(this);
    const std::pair<QString, ThemeChoice> choices[] = {
        {tr("As the &system"), ThemeChoice::system}, {tr("&Light"), ThemeChoice::light}, {tr("&Dark"), ThemeChoice::dark}};
    for (const auto &[text, choice] : choices) {
        QAction *action = themes->addAction(text, this, [this, choice = choice] { theme_source.choose(choice); });
        action->setCheckable(true);
        action->setChecked(choice == theme_source.choice());
        theme_group->addAction(action);
    }
    QMenu *scales = menu->addMenu(tr("S&cale"));
    auto *scale_group = new QActionGroup(this);
    for (const int percent : {100, 125, 150, 175, 200, 250, 300}) {
        QAction *action = scales->addAction(tr("%1 %").arg(percent), this, [this, percent] { set_scale(percent); });
        action->setCheckable(true);
        action->setChecked(percent == 100);
        scale_group->addAction(action);
    }
}

void MainWindow::add_help_menu()
{
    QMenu *menu = menuBar()->addMenu(tr("&Help"));
    menu->addAction(tr("&About EPScope"), this, [this] {
        QMessageBox::about(this, tr("About EPScope"),
                           tr("<h3>EPScope %1</h3><p>How many tokens per second and card a chip delivers serving DeepSeek-V3 with expert "
                              "parallelism, and what limits it.</p><p>The model is that of ShineZ, blog, 2025-03-16.</p>"
                              "<p>GPL-3.0-or-later. Charts: QCustomPlot.</p>")
                               .arg(QLatin1String(version)));
    });
    menu->addAction(tr("About &Qt"), qApp, &QApplication::aboutQt);
}

void MainWindow::fill_recent(QMenu &menu)
{
    menu.clear();
    for (const QString &file : files.recent())
        menu.addAction(QFileInfo(file).fileName(), this, [this, file] { open_guarded(file); })->setToolTip(file);
    menu.addSeparator();
    menu.addAction(tr("&Clear"), this, [this] { files.clear_recent(); });
}

void MainWindow::follow_explored()
{
    const std::shared_ptr<const Explored> &explored = state.explored();
    headline->set_explored(explored);
    for (Chart *chart : all_charts)
        chart->set_explored(explored);
    results->set_explored(explored);
}

void MainWindow::follow_theme()
{
    const Theme &theme = theme_source.theme();
    headline->set_theme(theme);
    results->set_theme(theme);
    for (Chart *chart : all_charts)
        chart->set_theme(theme);
}

void MainWindow::update_title()
{
    setWindowTitle(tr("%1[*] – EPScope").arg(files.title()));
    setWindowModified(files.modified());
}

void MainWindow::pick(const Selection &selection)
{
    state.select(selection);
}

void MainWindow::set_scale(int percent)
{
    QFont font = QApplication::font();
    font.setPointSizeF(base_point_size * percent / 100);
    QApplication::setFont(font);
    for (QWidget *widget : findChildren<QWidget *>())
        widget->setFont(font);
}

bool MainWindow::open(const QString &source)
{
    const bool is_file = source.contains(u'/') || QFileInfo::exists(source);
    const QStringList problems = is_file ? files.open(source) : files.open_library_study(source);
    if (problems.isEmpty())
        return true;
    dialogs.warn(this, tr("Cannot open %1").arg(source), problems.join(u'\n'));
    return false;
}

bool MainWindow::open_guarded(const QString &source)
{
    return may_leave() && open(source);
}

void MainWindow::restore()
{
    for (const Documents::Recoverable &left : files.recoverable()) {
        if (dialogs.confirm(this, tr("Recover work"), tr("EPScope did not end well. Recover “%1” of %2?").arg(left.title, left.saved.toString()))
            && files.recover(left).isEmpty())
            return;
        files.discard(left);
    }
    const Documents::LastSession last = files.last_session();
    restoreGeometry(last.geometry);
    restoreState(last.layout, layout_version);
    const QString source = last.file.isEmpty() ? last.library_study : last.file;
    if (source.isEmpty() || (!last.file.isEmpty() && !QFileInfo::exists(last.file)) || !open(source))
        open(QStringLiteral("explore"));
    state.select(last.selection);
}

bool MainWindow::may_leave()
{
    if (!files.modified())
        return true;
    switch (dialogs.unsaved(this, files.title())) {
    case Dialogs::Unsaved::save: return save();
    case Dialogs::Unsaved::discard: return true;
    case Dialogs::Unsaved::cancel: break;
    }
    return false;
}

bool MainWindow::save()
{
    if (files.file().isEmpty())
        return save_as();
    const QString problem = files.save();
    if (!problem.isEmpty())
        dialogs.warn(this, tr("Not saved"), problem);
    return problem.isEmpty();
}

bool MainWindow::save_as()
{
    const QString file = dialogs.save_file(this, tr("Save the study"), files.title() + u".yaml"_qs, tr("Studies (*.yaml)"));
    if (file.isEmpty())
        return false;
    const QString problem = files.save_as(file);
    if (!problem.isEmpty())
        dialogs.warn(this, tr("Not saved"), problem);
    return problem.isEmpty();
}

ExportOptions MainWindow::export_options() const
{
    ExportOptions options;
    options.headline = headline->text();
    options.origin = origin_of(state.study(), state.opened(), QLatin1String(version), QDate::currentDate());
    options.study = QString::fromStdString(study_text(state.study()));
    return options;
}

void MainWindow::export_chart_as(Chart &chart)
{
    const ExportOptions options = export_options();
    const QString filters = (picture_filters() << table_filter()).join(u";;"_qs);
    const QString file = dialogs.save_file(this, tr("Export %1").arg(chart.title()), export_name(options.origin, chart.id(), QStringLiteral("svg")), filters);
    if (file.isEmpty())
        return;
    if (const QString problem = export_chart(chart, file, options); !problem.isEmpty())
        dialogs.warn(this, tr("Not exported"), problem);
    else
        status->setText(tr("Exported to %1").arg(file));
}

void MainWindow::export_results()
{
    const QString name = export_name(export_options().origin, QStringLiteral("results"), QStringLiteral("csv"));
    const QString file = dialogs.save_file(this, tr("Export the results"), name, table_filter());
    if (file.isEmpty())
        return;
    if (const QString problem = export_table(results->table(), file); !problem.isEmpty())
        dialogs.warn(this, tr("Not exported"), problem);
}

void MainWindow::export_everything()
{
    const QString folder = dialogs.choose_folder(this, tr("Export all charts and tables into a folder"));
    if (folder.isEmpty())
        return;
    const QStringList suffixes{QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"), QStringLiteral("csv")};
    const QStringList problems = export_all(all_charts, {{QStringLiteral("results"), results->table()}}, folder, suffixes, export_options());
    if (!problems.isEmpty())
        dialogs.warn(this, tr("Not everything was exported"), problems.join(u'\n'));
    else
        status->setText(tr("Exported to %1").arg(folder));
}

Chart *MainWindow::focused_chart() const
{
    for (QWidget *widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
        if (auto *chart = qobject_cast<Chart *>(widget))
            return chart;
    }
    return nullptr;
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!may_leave()) {
        event->ignore();
        return;
    }
    Documents::LastSession last;
    last.geometry = saveGeometry();
    last.layout = saveState(layout_version);
    last.file = files.file();
    last.library_study = files.library_study();
    last.selection = state.inputs().selection;
    files.remember(last);
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls()) {
        const QString file = url.toLocalFile();
        if (kind_of_file(file) == Kind::chip) {
            const Read<std::string> text = read_text(file.toStdString(), largest_file);
            const Read<Chip> chip = text ? read_chip(*text.value, file.toStdString()) : Read<Chip>{std::nullopt, text.problems};
            if (!chip) {
                QStringList problems;
                for (const Diagnostic &problem : chip.problems)
                    problems << QString::fromStdString(text_of(problem));
                dialogs.warn(this, tr("Cannot open %1").arg(file), problems.join(u'\n'));
                continue;
            }
            Study study = state.study();
            std::erase_if(study.chips, [&](const Chip &known) { return known.name == chip.value->name; });
            study.chips.push_back(*chip.value);
            state.change(std::move(study));
        } else {
            open_guarded(file);
        }
    }
    event->acceptProposedAction();
}

} // namespace epscope
