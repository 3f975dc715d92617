// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QUndoStack>
#include <qcustomplot.h>

#include "app/charts/scene_chart.h"
#include "app/controls/chip_assistant.h"
#include "app/controls/chip_picker.h"
#include "app/controls/input_offers.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/export/suffixes.h"
#include "app/plain_text.h"
#include "app/version.h"
#include "app/views/command_palette.h"
#include "app/views/elided_label.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "app/views/results_table.h"
#include "app/views/shortcut_sheet.h"

namespace epscope {
namespace {

constexpr int scale_percents[] = {100, 125, 150, 175, 200, 250, 300};

QAction *explained(QAction *action, const QString &text)
{
    action->setStatusTip(text);
    return action;
}

// A model's folder is known by its config.json.
QString open_filter()
{
    QStringList patterns;
    const auto add = [&](std::string_view suffix) {
        patterns << u'*' + QString::fromUtf8(suffix.data(), static_cast<qsizetype>(suffix.size()));
    };
    std::for_each(text_suffixes.begin(), text_suffixes.end(), add);
    std::for_each(picture_suffixes.begin(), picture_suffixes.end(), add);
    add(page_suffix);
    const QString known = MainWindow::tr("Studies, their parts, measurements and exported pictures and pages (%1)");
    const QString any = MainWindow::tr("All files (*)"); // they are known by what they hold
    return known.arg(patterns.join(u' ')) + u";;"_qs + any;
}

} // namespace

void MainWindow::add_file_menu()
{
    QMenu *menu = menus->addMenu(tr("&File"));
    QMenu *fresh = menu->addMenu(tr("&New from"));
    fresh->menuAction()->setStatusTip(tr("Starts from a study of the library"));
    connect(fresh, &QMenu::aboutToShow, this, [this, fresh] { fill_new(*fresh); });
    fill_new(*fresh);
    QAction *chip =
        explained(menu->addAction(tr("New &chip…"), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_N), this,
                      [this] {
                          auto *assistant = findChild<ChipAssistant *>();
                          if (!assistant) {
                              assistant = new ChipAssistant(&state, library, this);
                              connect(assistant, &ChipAssistant::chip_added, inputs, &InputPanel::edit_chip);
                              connect(assistant, &ChipAssistant::chip_saved, this, &MainWindow::reread_library);
                          }
                          assistant->show();
                          assistant->raise();
                          assistant->activateWindow();
                      }),
            tr("A chip of your own from the figures of its data sheet, however they are stated"));
    connect(inputs, &InputPanel::new_chip_wanted, chip, &QAction::trigger);
    explained(menu->addAction(tr("&Open…"), QKeySequence::Open, this,
                  [this] {
                      if (const QString file = dialogs.open_file(this, tr("Open"), open_filter()); !file.isEmpty())
                          take_files({file});
                  }),
        tr("Opens a study or the study in an exported picture or page, or takes a chip, NIC, model or profile into "
           "this study, or measurements beside it"));
    QMenu *recent = menu->addMenu(tr("Open &recent"));
    recent->setToolTipsVisible(true);
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fill_recent(*recent); });
    menu->addSeparator();
    explained(menu->addAction(tr("&Save"), QKeySequence::Save, this, [this] { save(); }),
        tr("Saves the study as a file that the command line takes too"));
    explained(
        menu->addAction(tr("Save &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), this, [this] { save_as(); }),
        tr("Saves the study under another name"));
    menu->addSeparator();
    add_export_menu(*menu);
    menu->addSeparator();
    menu->addAction(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, &QWidget::close);
}

void MainWindow::add_export_menu(QMenu &menu)
{
    QMenu *one = menu.addMenu(tr("&Export"));
    for (Chart *chart : all_charts)
        need_result.push_back(
            explained(one->addAction(tr("%1…").arg(chart->title()), this, [this, chart] { export_chart_as(*chart); }),
                tr("As PNG, SVG or PDF with the study inside, or its data as CSV or a workbook")));
    need_result.push_back(explained(one->addAction(tr("Results…"), this, [this] { export_results(); }),
        tr("The table as it is shown, as CSV or a workbook with a chart")));
    one->addSeparator();
    QMenu *resolution = one->addMenu(tr("PNG &resolution"));
    png_scales = new QActionGroup(this);
    for (const int scale : {1, 2, 3, 4}) {
        QAction *action = png_scales->addAction(resolution->addAction(tr("%1×").arg(scale)));
        action->setCheckable(true);
        action->setData(scale);
        action->setChecked(scale == 2);
    }
    window_colours =
        explained(one->addAction(tr("In the &window's colours")), tr("Else pictures are light whatever the window is"));
    window_colours->setCheckable(true);
    need_result.push_back(explained(menu.addAction(tr("Export the chart in &use…"), QKeySequence(Qt::CTRL | Qt::Key_E),
                                        this, [this] { export_chart_as(chart_in_use()); }),
        tr("The chart that has the keyboard, by default the Pareto front")));
    need_result.push_back(explained(menu.addAction(tr("Export a&ll…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
                                        this, [this] { export_everything(); }),
        tr("Every chart and the comparison as PNG, SVG and PDF, all of it and the results as CSV and workbooks, into a "
           "folder")));
    need_result.push_back(explained(menu.addAction(tr("&Report…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R), this,
                                        &MainWindow::export_report_as),
        tr("Headline, charts, scenarios compared, assumptions and where they come from, as one PDF or web page")));
    for (QAction *action : need_result)
        action->setEnabled(false);
}

void MainWindow::add_edit_menu()
{
    QMenu *menu = menus->addMenu(tr("&Edit"));
    add_history(*menu);
    menu->addSeparator();
    menu->addAction(tr("Copy the &headline"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), this, [this] {
        QApplication::clipboard()->setText(headline->text());
        status->say(tr("Headline copied"));
    });
    QAction *copy = menu->addAction(tr("&Copy the chart in use"), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_C), this,
        &MainWindow::copy_chart_in_use);
    QAction *line = menu->addAction(tr("Copy as command &line"), this, [this] { copy_command_line(); });
    explained(line,
        tr("The epscope command with the same result: of the goal seek, map, sensitivity or comparison that has the "
           "keyboard, else the search or the estimate of what is picked"))
        ->setEnabled(false);
    need_result.push_back(line);
    explained(copy, tr("As a drawing and a picture; the chart that has the keyboard, by default the Pareto front"))
        ->setEnabled(false);
    need_result.push_back(copy);
    menu->addSeparator();
    explained(menu->addAction(tr("&Best configuration again"), QKeySequence(Qt::Key_Escape), this,
                  [this] { state.select(std::nullopt); }),
        tr("Shows the best configuration of each chip in place of the one picked"));
    explained(menu->addAction(tr("All inputs as &opened"), this,
                  [this] { state.change(state.opened(), tr("All inputs as opened")); }),
        tr("Takes back every change since the study was opened or saved"));
    QAction *seek = explained(menu->addAction(tr("Seek a &goal…"), QKeySequence(Qt::CTRL | Qt::Key_G), this,
                                  [this] {
                                      const auto *slider = qobject_cast<ValueSlider *>(QApplication::focusWidget());
                                      goal->start(slider ? inputs->key_of(*slider) : std::string());
                                  }),
        tr("Which value of a number reaches a goal? Of the slider that has the keyboard, or of any number"));
    seek->setEnabled(false);
    need_result.push_back(seek);
    menu->addSeparator();
    menu->addAction(tr("&Filter the results"), QKeySequence::Find, this, [this] {
        auto *dock = qobject_cast<QDockWidget *>(results->parentWidget());
        dock->show();
        dock->raise();
        results->filter_line()->setFocus(Qt::ShortcutFocusReason);
    });
}

void MainWindow::add_history(QMenu &menu)
{
    QUndoStack &steps = state.history();
    QAction *undo = steps.createUndoAction(this, tr("&Undo"));
    undo->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z));
    QAction *redo = steps.createRedoAction(this, tr("&Redo"));
    redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    menu.addActions({undo, redo});
    QMenu *all = menu.addMenu(tr("H&istory"));
    all->setObjectName(QStringLiteral("history"));
    all->setProperty(offered_last, true); // whoever names an input does not want to undo what was done to it
    all->menuAction()->setStatusTip(tr("Goes back or forth by several steps"));
    connect(all, &QMenu::aboutToShow, this, [this, all] { fill_history(*all); });
    connect(undo, &QAction::triggered, this,
        [this] { status->say(tr("Undone: %1").arg(state.history().text(state.history().index()))); });
    connect(redo, &QAction::triggered, this,
        [this] { status->say(tr("Redone: %1").arg(state.history().text(state.history().index() - 1))); });
}

// The latest step on top; the one that the inputs stand behind is marked.
void MainWindow::fill_history(QMenu &menu)
{
    constexpr int most_shown = 25;
    menu.clear();
    QUndoStack &steps = state.history();
    const auto add = [&](const QString &text, int index) {
        QAction *action = menu.addAction(
            QString(text).replace(u'&', u"&&"_qs), this, [this, index] { state.history().setIndex(index); });
        action->setCheckable(true);
        action->setChecked(index == steps.index());
    };
    const int last = std::min(steps.count(), steps.index() + most_shown / 2), first = std::max(0, last - most_shown);
    for (int i = last; i > first; --i)
        add(steps.text(i - 1), i);
    if (first == 0)
        add(tr("As opened"), 0);
}

void MainWindow::add_view_menu()
{
    QMenu *menu = menus->addMenu(tr("&View"));
    for (std::size_t i = 0; i < docks.size(); ++i) {
        QAction *shown = menu->addAction(docks[i]->windowTitle());
        shown->setCheckable(true);
        shown->setChecked(docks[i]->toggleViewAction()->isChecked());
        if (i < 9)
            shown->setShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_1 + static_cast<int>(i))));
        connect(docks[i]->toggleViewAction(), &QAction::toggled, shown, &QAction::setChecked);
        // One that stands behind others comes to the front; Qt's own action would close it.
        connect(shown, &QAction::triggered, this, [dock = docks[i], shown] {
            const bool in_front = !dock->isHidden() && !dock->visibleRegion().isEmpty();
            dock->setVisible(!in_front);
            if (!in_front)
                dock->raise();
            shown->setChecked(!dock->isHidden());
        });
    }
    menu->addAction(tr("&Reset the layout"), this, &MainWindow::reset_layout);
    menu->addAction(tr("&Next pane"), QKeySequence(Qt::Key_F6), this, [this] { focus_pane(1); });
    menu->addAction(tr("&Previous pane"), QKeySequence(Qt::SHIFT | Qt::Key_F6), this, [this] { focus_pane(-1); });
    need_result.push_back(explained(
        menu->addAction(tr("&Present"), QKeySequence(Qt::Key_F5), this, [this] { present().showFullScreen(); }),
        tr("Large and full screen: headline, one or two charts, up to three sliders; arrows step through the "
           "scenarios")));
    need_result.back()->setEnabled(false);
    QAction *full = menu->addAction(tr("F&ull screen"), QKeySequence(Qt::Key_F11), this,
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    full->setStatusTip(tr("F11 again leaves it"));
    menu->addSeparator();
    explained(menu->addAction(tr("&Fit all charts"), QKeySequence(Qt::CTRL | Qt::Key_R), this,
                  [this] {
                      for (Chart *chart : all_charts)
                          chart->fit();
                  }),
        tr("Takes back all zooming; a double click does it for one chart"));
    auto_scale = explained(menu->addAction(tr("&Auto-scale beside a baseline")),
        tr("Else axes only grow while something is pinned, so that what moves has changed; the key works in a chart"));
    auto_scale->setCheckable(true);
    auto_scale->setShortcut(QKeySequence(Qt::Key_A));
    auto_scale->setShortcutContext(Qt::WidgetShortcut);
    for (Chart *chart : all_charts) {
        chart->plot()->addAction(auto_scale);
        connect(auto_scale, &QAction::toggled, chart, &Chart::set_auto_scale);
    }
    log_axes = menu->addAction(tr("&Logarithmic Pareto axes"));
    log_axes->setCheckable(true);
    const auto switch_option = [](SceneChart *chart, const QString &key) {
        return [chart, key](bool on) { chart->set_option(key, on ? u"on"_qs : u"off"_qs); };
    };
    connect(log_axes, &QAction::toggled, pareto, switch_option(pareto, u"log"_qs));
    show_infeasible = explained(menu->addAction(tr("Show &infeasible points")),
        tr("Points below the target or too large for the memory, in the Pareto chart"));
    show_infeasible->setCheckable(true);
    show_infeasible->setChecked(true);
    connect(show_infeasible, &QAction::toggled, pareto, switch_option(pareto, u"infeasible"_qs));
    show_measured = explained(menu->addAction(tr("Show &measured points")),
        tr("Measured runs at conditions near those shown, in the Pareto chart and the batch sweep"));
    show_measured->setCheckable(true);
    show_measured->setChecked(true);
    for (SceneChart *chart : {pareto, sweep})
        connect(show_measured, &QAction::toggled, chart, switch_option(chart, u"measured"_qs));
    show_curves = explained(menu->addAction(tr("Curves under &sliders")),
        tr("The throughput over each slider's range, searched while nothing changes"));
    show_curves->setCheckable(true);
    show_curves->setChecked(true);
    menu->addSeparator();
    add_theme_menu(*menu->addMenu(tr("&Theme")));
    add_scale_menu(*menu->addMenu(tr("S&cale")));
}

void MainWindow::add_theme_menu(QMenu &menu)
{
    themes = new QActionGroup(this);
    const std::pair<QString, ThemeChoice> offered[] = {{tr("As the &system"), ThemeChoice::system},
        {tr("&Light"), ThemeChoice::light}, {tr("&Dark"), ThemeChoice::dark}};
    for (const auto &[text, choice] : offered) {
        QAction *action =
            themes->addAction(menu.addAction(text, this, [this, choice = choice] { theme_source.choose(choice); }));
        action->setCheckable(true);
        action->setData(static_cast<int>(choice));
    }
}

void MainWindow::add_scale_menu(QMenu &menu)
{
    scales = new QActionGroup(this);
    for (const int percent : scale_percents) {
        QAction *action =
            scales->addAction(menu.addAction(tr("%1 %").arg(percent), this, [this, percent] { set_scale(percent); }));
        action->setCheckable(true);
        action->setData(percent);
        action->setChecked(percent == 100);
    }
    const auto step = [this](int by) {
        const QList<QAction *> actions = scales->actions();
        const qsizetype next = actions.indexOf(scales->checkedAction()) + by;
        if (next >= 0 && next < actions.size())
            actions[next]->trigger();
    };
    menu.addSeparator();
    menu.addAction(tr("&Larger"), QKeySequence(Qt::CTRL | Qt::Key_Plus), this, [step] { step(1); })
        ->setShortcuts({QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal)});
    menu.addAction(tr("&Smaller"), QKeySequence(Qt::CTRL | Qt::Key_Minus), this, [step] { step(-1); });
    menu.addAction(tr("&As the system"), QKeySequence(Qt::CTRL | Qt::Key_0), this, [this] { set_scale(100); });
}

void MainWindow::add_help_menu()
{
    QMenu *menu = menus->addMenu(tr("&Help"));
    add_explanations(*menu);
    explained(menu->addAction(tr("&Commands…"), QKeySequence(Qt::CTRL | Qt::Key_K), this, &MainWindow::open_palette),
        tr("Finds every action, input, operator and chip by a few letters; “context 64k” sets it, “throughput>=4500” "
           "seeks it"));
    explained(menu->addAction(
                  tr("&Keys and mouse"), QKeySequence(Qt::CTRL | Qt::Key_Question), this, &MainWindow::show_shortcuts),
        tr("All shortcuts, and what keys and mouse do in sliders and charts"));
    menu->addSeparator();
    menu->addAction(tr("&About EPScope"), this, [this] {
        QMessageBox::about(this, tr("About EPScope"),
            tr("<h3>EPScope %1</h3><p>How many tokens per second and card a chip delivers serving DeepSeek-V3 with "
               "expert "
               "parallelism, and what limits it.</p><p>The model is that of ShineZ, blog, 2025-03-16.</p>"
               "<p>GPL-3.0-or-later. Charts: QCustomPlot.</p>")
                .arg(QLatin1String(version)));
    });
    menu->addAction(tr("About &Qt"), qApp, &QApplication::aboutQt);
}

void MainWindow::fill_new(QMenu &menu)
{
    reread_library();
    menu.clear();
    for (const Library::Entry &entry : library.entries(Kind::study)) {
        const QString name = QString::fromStdString(entry.name);
        if (entry.problems.empty())
            explained(menu.addAction(QString::fromStdString(entry.title), this, [this, name] { open_guarded(name); }),
                QDir::toNativeSeparators(QString::fromStdString(entry.file)));
    }
}

void MainWindow::fill_recent(QMenu &menu)
{
    menu.clear();
    for (const QString &file : files.recent()) {
        QAction *action = menu.addAction(QFileInfo(file).fileName(), this, [this, file] { open_guarded(file); });
        action->setToolTip(shown_as_is(QDir::toNativeSeparators(file)));
        action->setStatusTip(QDir::toNativeSeparators(file));
    }
    if (menu.isEmpty())
        menu.addAction(tr("No files yet"))->setEnabled(false);
    menu.addSeparator();
    menu.addAction(tr("&Clear"), this, [this] { files.clear_recent(); });
}

void MainWindow::open_palette()
{
    if (!commands) {
        const auto reveal = [this](const QString &control) {
            auto *dock = qobject_cast<QDockWidget *>(inputs->parentWidget());
            dock->show();
            dock->raise();
            inputs->reveal(control);
        };
        const auto seek = [this](const std::string &text) { goal->start({}, text); };
        commands = new CommandPalette(
            {[this](const QString &typed) { return menu_offers(*menus, typed); },
                [this, reveal](
                    const QString &typed) { return parameter_offers(state, inputs->edited_chip(), reveal, typed); },
                [this](const QString &typed) { return chip_offers(*inputs->chips()->list(), typed); },
                [this](const QString &typed) {
                    return explanation_offers([this](const std::string &name) { explain({name}); }, typed);
                },
                [this, seek](const QString &typed) { return goal_offers(seek, typed); }},
            this);
    }
    commands->open();
}

void MainWindow::show_shortcuts()
{
    (new ShortcutSheet(*menus, this))->show();
}

} // namespace epscope
