// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QMainWindow>

#include "app/look/theme.h"
#include "app/window/baseline_control.h"
#include "app/window/chart_set.h"
#include "app/window/command_table.h"
#include "app/window/commands.h"
#include "app/window/copied_command.h"
#include "app/window/docks.h"
#include "app/window/explanations.h"
#include "app/window/exports.h"
#include "app/window/files.h"
#include "app/window/messages.h"
#include "app/window/panes.h"
#include "app/window/popups.h"
#include "app/window/presenter.h"
#include "app/window/questions.h"
#include "app/window/scenario_control.h"
#include "app/window/view_settings.h"
#include "core/io/library.h"

class QMenuBar;

namespace epscope {

// The window: makes the views and what controls them, and connects both with the session.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(const Library &library, ThemeSource &theme, const QString &state_folder = default_state_folder(),
        QWidget *parent = nullptr);
    ~MainWindow() override;

    Session &session() { return state; }
    Documents &documents() { return files.documents(); }
    Comparer &scenario_outcomes() { return comparer; }
    const Commands &command_rows() const { return commands; }
    const PinnedBaselines &pinned_baselines() const { return baselines.pinned(); }
    // The presentation, made if there is none; the caller shows it.
    Presentation &present() { return presenter.present(); }
    // To be compared with in every view; says so if there is no room for another.
    void pin(const std::shared_ptr<const Explored> &explored, const QString &name) { baselines.pin(explored, name); }
    const std::vector<ChartView *> &charts() const { return chart_set.all(); }
    void set_dialogs(Dialogs replacement) { messages.dialogs = std::move(replacement); }

    // A study file, a picture exported from one, or a study of the library by name. Says what is wrong and keeps the
    // last good state.
    bool open(const QString &source) { return files.open(source); }
    // Layout, zoom and the like as they were left; opens `source` if there is one and else what was open last.
    void restore(const QString &source = {});
    // What a crash has left.
    void offer_recovery() { files.offer_recovery(); }
    void reset_layout() { docks.reset_layout(); }
    // Of all texts, in percent of the system's size.
    void set_scale(int percent) { views.set_scale(percent); }
    int scale() const { return views.scale(); }
    // Studies and pictures are opened, the parts of a study become part of this one.
    void take_files(const QStringList &chosen) { files.take(chosen); }

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
    Messages messages;
    Files files;
    Comparer comparer;
    Docks docks;
    Questions questions;
    ChartSet chart_set;
    Panes panes;
    BaselineControl baselines;
    ScenarioControl scenarios;
    Explanations explanations;
    CopiedCommand copied_command;
    Exports exports;
    Presenter presenter;
    ViewSettings views;
    Commands commands;
    Popups popups;
    const CommandTargets targets; // of the commands
    QMenuBar *menus;

    void add_views();
    void add_commands();
    void connect_results();
    void connect_explanations();
    void connect_messages();
    void connect_files();
    void follow_explored();
    void follow_baselines();
    void follow_theme();
    void follow_title();
    void show_parameter(const QString &key);
};

} // namespace epscope
