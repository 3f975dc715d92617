// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QMainWindow>
#include <QPointer>

#include "app/charts/chart.h"
#include "app/dialogs.h"
#include "app/export/chart_export.h"
#include "app/session/analysis_runner.h"
#include "app/session/baselines.h"
#include "app/session/comparer.h"
#include "app/session/documents.h"
#include "app/session/session.h"
#include "app/session/view_choices.h"
#include "app/theme.h"
#include "core/io/library.h"

class QActionGroup;
class QDockWidget;
class QLabel;
class QMenu;
class QMenuBar;

namespace epscope {

class AnalysisChart;
class CommandPalette;
class CompareView;
class ElidedLabel;
class ExplainView;
class GoalView;
class Headline;
class InputPanel;
class ParetoChart;
class Presentation;
class ResultsTable;
class ScenarioStrip;
class Scents;
class SceneChart;

// Wires session, controls, charts and documents together.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(const Library &library, ThemeSource &theme, const QString &state_folder = default_state_folder(),
        QWidget *parent = nullptr);
    ~MainWindow() override;

    Session &session() { return state; }
    Documents &documents() { return files; }
    Comparer &scenario_outcomes() { return comparer; }
    const PinnedBaselines &pinned_baselines() const { return baselines.pinned(); }
    // The presentation, made if there is none; the caller shows it.
    Presentation &present();
    // To be compared with in every view; says so if there is no room for another.
    void pin(std::shared_ptr<const Explored> explored, const QString &name);
    const std::vector<Chart *> &charts() const { return all_charts; }
    void set_dialogs(Dialogs replacement) { dialogs = std::move(replacement); }

    // A study file, a picture exported from one, or a study of the library by name. Says what is wrong and keeps the
    // last good state.
    bool open(const QString &source);
    // Layout, zoom and the like as they were left; opens `source` if there is one and else what was open last.
    void restore(const QString &source = {});
    // What a crash has left.
    void offer_recovery();
    void reset_layout();
    // Of all texts, in percent of the system's size.
    void set_scale(int percent);
    int scale() const;
    // Studies and pictures are opened, the parts of a study become part of this one.
    void take_files(const QStringList &chosen);

    // What keeps a window over this library from starting: the study that it starts with cannot be read.
    static std::vector<Diagnostic> start_problems(const Library &library);

signals:
    void failed(const QString &problem); // a search or an analysis that somebody waits for

protected:
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    Library library;
    ThemeSource &theme_source;
    Session state;
    AnalysisRunner analyses{this};
    Documents files;
    Comparer comparer;
    Baselines baselines;
    ViewChoices choices;
    bool baseline_alone = false; // is shown in place of the result
    bool alt_held = false; // for that
    Dialogs dialogs;
    QMenuBar *menus;
    Headline *headline;
    GoalView *goal;
    InputPanel *inputs;
    ParetoChart *pareto;
    SceneChart *sweep;
    SceneChart *goal_chart;
    ResultsTable *results;
    CompareView *compare;
    ExplainView *explanation;
    QPointer<QWidget> pointed_at; // by the mouse, if that was used last and not the keyboard
    Presentation *presentation = nullptr; // while there is one
    QString presented; // what it showed last
    ScenarioStrip *scenarios;
    ElidedLabel *status;
    Scents *scents;
    CommandPalette *commands = nullptr; // made when it is first asked for
    QLabel *basis; // what the numbers rest on: profile and quirks
    std::vector<Chart *> all_charts;
    std::vector<QDockWidget *> docks;
    enum class Arrangement { stack, row, grid }; // of charts: one, two side by side, two rows of two
    Arrangement arrangement = Arrangement::grid; // that the layout was made for
    int inputs_width = 0, laid_out_width = 0; // of the dock, and of the window then
    std::vector<QAction *> need_result; // enabled from the first one on
    QActionGroup *themes, *scales, *png_scales;
    QAction *auto_scale, *log_axes, *show_infeasible, *show_measured, *show_curves, *window_colours;
    QStringList own_measurements; // files opened beside the library's
    QStringList read_measurements; // as they were when read last, with their times

    InputPanel *make_inputs();
    QDockWidget *add_dock(const QString &id, const QString &title, QWidget *content);
    void add_charts();
    void add_analyses();
    void connect_goal();
    void connect_scents();
    void connect_inputs(Chart &chart);
    void connect_analysis(AnalysisChart &chart);
    void take_inputs(const SetInputs &inputs_wanted);
    void show_parameter(const QString &key);
    void connect_chart(Chart &chart);
    void connect_all();
    void follow_inputs();
    void follow_explored();
    void follow_theme();
    void update_title();
    void reread_library();
    QStringList follow_measurements();
    QStringList take_measurements(const QString &file);
    void focus_pane(int step);
    void keep_inputs_width();
    Arrangement roomiest() const;

    // main_window_menus.cpp
    void add_file_menu();
    void add_export_menu(QMenu &menu);
    void add_edit_menu();
    void add_history(QMenu &menu);
    void add_view_menu();
    void add_theme_menu(QMenu &menu);
    void add_scale_menu(QMenu &menu);
    void add_help_menu();
    void fill_new(QMenu &menu);
    void fill_recent(QMenu &menu);
    void fill_history(QMenu &menu);
    void open_palette();
    void show_shortcuts();

    void export_report_as();
    QString write_report(const QString &file); // main_window_report.cpp

    // main_window_presentation.cpp
    Chart *own_chart(const QString &id) const;
    void connect_presented(Chart *chart);

    // main_window_command_line.cpp: with the same result
    std::string study_source() const;
    std::optional<QString> command_line() const;
    std::optional<QString> command_line_in_use() const;
    void copy_command_line();
    // main_window_choices.cpp
    void add_choices();
    void add_switch(const QString &key, QAction &action);
    void add_chart_choices(SceneChart &chart);

    // main_window_scenarios.cpp
    void add_scenarios();
    void add_scenario_menu();
    void export_comparison();

    // main_window_explain.cpp
    void add_explanations(QMenu &menu);
    void explain(const Explainable &number);
    void explain_here();
    void offer_explanations(QWidget &view, const ShowsNumbers &numbers);

    // main_window_baselines.cpp
    void add_baseline_menu();
    void pin_result();
    void pin_files(const QStringList &chosen);
    void say_pinned(bool pinned);
    void rename_baseline(std::size_t index);
    void take_baseline(std::size_t index);
    void follow_baselines();
    void show_baseline_alone(bool alone);
    bool blink_with_alt(QEvent &event);

    Documents::LastSession remembered() const;
    void restore_view(const Documents::LastSession &last);
    bool open_guarded(const QString &source);
    bool may_leave();
    bool save();
    bool save_as();
    void say_taken(Kind kind, const QString &file, const QStringList &warnings);

    StudyFile shown_alone() const;
    Chart &chart_in_use() const;

    // main_window_export.cpp
    bool is_exact() const;
    enum class Await : std::uint8_t { charts, comparison_too };
    bool await_answers(const std::vector<Chart *> &wanted, Await also = Await::charts);
    bool is_ready(Chart &chart, const QString &otherwise);
    ExportOptions export_options() const;
    void export_chart_as(Chart &chart);
    void export_results();
    void copy_chart_in_use();
    void export_everything();
};

} // namespace epscope
