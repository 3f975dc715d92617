// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QMainWindow>

#include "app/charts/chart.h"
#include "app/export/chart_export.h"
#include "app/session/documents.h"
#include "app/session/session.h"
#include "app/theme.h"
#include "core/io/library.h"

class QDockWidget;
class QLabel;
class QMenu;

namespace epscope {

class BreakdownChart;
class Headline;
class InputPanel;
class ParetoChart;
class ResultsTable;

// What the window asks a person; replaced in tests.
struct Dialogs {
    enum class Unsaved { save, discard, cancel };

    std::function<QString(QWidget *, const QString &title, const QString &filter)> open_file; // empty: cancelled
    std::function<QString(QWidget *, const QString &title, const QString &proposal, const QString &filter)> save_file;
    std::function<QString(QWidget *, const QString &title)> choose_folder;
    std::function<Unsaved(QWidget *, const QString &name)> unsaved;
    std::function<bool(QWidget *, const QString &title, const QString &question)> confirm;
    std::function<void(QWidget *, const QString &title, const QString &text)> warn;

    static Dialogs native();
};

// Wires session, controls, charts and documents together.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(const Library &library, ThemeSource &theme, const QString &state_folder = default_state_folder(), QWidget *parent = nullptr);
    ~MainWindow() override;

    Session &session() { return state; }
    Documents &documents() { return files; }
    const std::vector<Chart *> &charts() const { return all_charts; }
    void set_dialogs(Dialogs replacement) { dialogs = std::move(replacement); }

    // A study file, a picture exported from one, or a study of the library by name. Says what is wrong and keeps the last good state.
    bool open(const QString &source);
    // What was open last, with layout, selection and zoom; offers what a crash has left.
    void restore();
    void reset_layout();
    // Of all texts, in percent of the system's size.
    void set_scale(int percent);

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    const Library &library;
    ThemeSource &theme_source;
    Session state;
    Documents files;
    Dialogs dialogs;
    double base_point_size;
    Headline *headline;
    InputPanel *inputs;
    ParetoChart *pareto;
    BreakdownChart *breakdown;
    ResultsTable *results;
    QLabel *status;
    std::vector<Chart *> all_charts;
    std::vector<QDockWidget *> docks;

    InputPanel *make_inputs();
    QDockWidget *add_dock(const QString &id, const QString &title, QWidget *content);
    void add_charts();
    void connect_chart(Chart &chart);
    void add_file_menu();
    void add_edit_menu();
    void add_view_menu();
    void add_help_menu();
    void fill_recent(QMenu &menu);
    void follow_explored();
    void follow_theme();
    void update_title();
    void pick(const Selection &selection);

    bool open_guarded(const QString &source);
    bool may_leave();
    bool save();
    bool save_as();
    void export_chart_as(Chart &chart);
    void export_everything();
    void export_results();
    ExportOptions export_options() const;
    Chart *focused_chart() const;
};

} // namespace epscope
