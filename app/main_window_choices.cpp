// SPDX-License-Identifier: GPL-3.0-or-later
// What the views are asked and the menus switch: the one list of what is a step of the history besides the session.
#include "app/main_window.h"

#include <algorithm>

#include <QAction>
#include <QLineEdit>

#include "app/charts/marks.h"
#include "app/charts/scene_chart.h"
#include "app/session/analysis.h"
#include "app/views/goal_view.h"
#include "app/views/results_table.h"
#include "core/analysis/outcome.h"

namespace epscope {

void MainWindow::add_choices()
{
    add_switch(u"auto_scale"_qs, *auto_scale);
    add_switch(u"log"_qs, *log_axes);
    add_switch(u"infeasible"_qs, *show_infeasible);
    add_switch(u"measured"_qs, *show_measured);
    add_switch(u"curves"_qs, *show_curves);
    connect(results, &ResultsTable::rows_chosen, this,
        choices.add({u"results"_qs, [this] { return QString::number(static_cast<int>(results->model()->rows())); },
            [this](const QString &text) {
                results->set_rows(
                    static_cast<ResultRows>(std::clamp(text.toInt(), 0, static_cast<int>(ResultRows::all))));
            },
            [this] { return tr("Results: %1").arg(results->rows_text()); }}));
    connect(results, &ResultsTable::rows_chosen, this,
        choices.add({u"filter"_qs, [this] { return results->filter_line()->text(); },
            [this](const QString &text) { results->filter_line()->setText(text); },
            [this] {
                const QString text = results->filter_line()->text();
                return text.isEmpty() ? tr("Results not filtered") : tr("Results filtered by “%1”").arg(text);
            },
            false}));
    for (Chart *chart : all_charts) {
        if (auto *scene = qobject_cast<SceneChart *>(chart))
            add_chart_choices(*scene);
    }
    // Before the first question there is none; names have no bars in them.
    connect(goal, &GoalView::question_set, this,
        choices.add({u"goal"_qs,
            [this] {
                const SeekQuestion asked = goal->question();
                return asked.key.empty() ? QString() : QString::fromStdString(asked.key + "|" + asked.goal);
            },
            [this](const QString &text) {
                goal->setVisible(!text.isEmpty());
                if (!text.isEmpty())
                    goal->set_question({text.section(u'|', 0, 0).toStdString(), text.section(u'|', 1).toStdString()});
            },
            [this] { return tr("Goal: %1").arg(goal->question_text()); }, false}));
}

void MainWindow::add_switch(const QString &key, QAction &action)
{
    connect(&action, &QAction::toggled, this,
        choices.add({key, [&action] { return action.isChecked() ? u"on"_qs : u"off"_qs; },
            [&action](const QString &text) { action.setChecked(text == u"on"); },
            [&action] {
                return (action.isChecked() ? tr("%1: on") : tr("%1: off")).arg(action.text().remove(u'&'));
            }}));
}

void MainWindow::add_chart_choices(SceneChart &chart)
{
    for (const ChartOption &option : chart.options()) {
        if (option.step.isEmpty())
            continue;
        const auto changed = choices.add({option.key, [&chart, key = option.key] { return chart.option(key); },
            [&chart, key = option.key](const QString &value) { chart.set_option(key, value); },
            [&chart, key = option.key, step = option.step] { return step.arg(chart.option_text(key)); },
            option.remembered});
        // A value that another study's numbers have replaced is no step.
        connect(&chart, &SceneChart::option_changed, this, [changed, key = option.key](const QString &which) {
            if (which == key)
                changed();
        });
    }
}

} // namespace epscope
