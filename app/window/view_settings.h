// SPDX-License-Identifier: GPL-3.0-or-later
// What the views are asked and how they are shown: the one list of what the window remembers of it from one start to
// the next, and of what is a step of the history besides the session.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <QKeySequence>
#include <QObject>

#include "app/look/theme.h"
#include "app/session/view_choices.h"

namespace epscope {

class ChartView;
class ChartSet;
class Exports;
class GoalView;
class Presenter;
class ResultsTable;
class Scents;

// Something that is shown or not, as an entry of the View menu.
struct ViewSwitch {
    QString key; // by which it is remembered
    QString text; // of the entry
    QString tip;
    bool on;
    std::function<void(bool)> apply;
    QKeySequence key_in_charts = {}; // while one has the keyboard
    std::function<void()> changed = {}; // to be called after a change by hand
};

class ViewSettings : public QObject {
    Q_OBJECT
public:
    ViewSettings(Session &session, ThemeSource &theme);

    // Each to be called once, before anything is restored.
    void add_switches(ChartSet &charts, Scents &curves);
    void add_questions(ChartSet &charts, ResultsTable &results, GoalView &goal);
    void add_choices_without_steps(Exports &exports, Presenter &presenter);

    const std::vector<std::unique_ptr<ViewSwitch>> &switches() const { return all_switches; }
    void turn(ViewSwitch &which);

    // The sizes of all texts that are offered, in percent of the system's.
    static std::span<const int> scales();
    int scale() const { return percent; }
    void set_scale(int percent);
    void step_scale(int by);
    ThemeChoice theme() const { return source.choice(); }
    void choose_theme(ThemeChoice choice) { source.choose(choice); }

    QMap<QString, QString> remembered() const { return choices.remembered(); }
    void restore(const QMap<QString, QString> &values) { choices.restore(values); }

signals:
    void changed(); // a switch
    void scaled();

private:
    ThemeSource &source;
    ViewChoices choices;
    std::vector<std::unique_ptr<ViewSwitch>> all_switches;
    int percent = 100;

    void add_switch(ViewSwitch added);
    void add_options(ChartView &chart);
    void add_results(ResultsTable &results);
    void add_goal(GoalView &goal);
};

} // namespace epscope
