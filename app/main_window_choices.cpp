// SPDX-License-Identifier: GPL-3.0-or-later
// What the views are asked and the menus switch: the one list of what is a step of the history besides the session.
#include "app/main_window.h"

#include <algorithm>

#include <QAbstractButton>
#include <QAction>
#include <QLineEdit>

#include "app/charts/breakdown_chart.h"
#include "app/charts/map_chart.h"
#include "app/charts/marks.h"
#include "app/charts/tornado_chart.h"
#include "app/views/goal_view.h"
#include "app/views/results_table.h"
#include "core/analysis/outcome.h"
#include "core/explore/questions.h"

namespace epscope {

void MainWindow::add_choices()
{
    add_switch(u"auto_scale"_qs, *auto_scale);
    add_switch(u"log"_qs, *log_axes);
    add_switch(u"infeasible"_qs, *show_infeasible);
    add_switch(u"measured"_qs, *show_measured);
    add_switch(u"curves"_qs, *show_curves);
    connect(breakdown, &BreakdownChart::unit_changed, this,
        choices.add({u"unit"_qs, [this] { return QString::number(static_cast<int>(breakdown->unit())); },
            [this](const QString &text) {
                if (const int unit = text.toInt(); unit >= 0 && unit <= static_cast<int>(BreakdownUnit::share))
                    breakdown->set_unit(static_cast<BreakdownUnit>(unit));
            },
            [this] { return tr("Breakdown: %1").arg(breakdown->unit_text()); }}));
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
        if (auto *map = qobject_cast<MapChart *>(chart))
            add_map_choices(*map);
        else if (auto *tornado = qobject_cast<TornadoChart *>(chart))
            add_tornado_choices(*tornado);
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

void MainWindow::add_map_choices(MapChart &map)
{
    connect(&map, &MapChart::axes_set, this,
        choices.add({u"map.axes"_qs, [&map] { return QString(map.x_axis() + u'|' + map.y_axis()); },
            [&map](const QString &text) {
                if (text.count(u'|') == 1)
                    map.set_axes(text.section(u'|', 0, 0), text.section(u'|', 1));
            },
            [&map] { return tr("Map over %1").arg(map.axes_text()); }}));
    connect(&map, &MapChart::question_set, this,
        choices.add({u"map.output"_qs, [&map] { return qstring(map.output().key); },
            [&map](const QString &text) { map.set_output(text); },
            [&map] { return tr("Map of %1").arg(qstring(map.output().title)); }}));
    connect(&map, &MapChart::question_set, this,
        choices.add(
            {u"map.difference"_qs, [&map] { return map.difference_button()->isChecked() ? u"on"_qs : u"off"_qs; },
                [&map](const QString &text) { map.set_difference(text == u"on"); },
                [&map] {
                    return map.difference_button()->isChecked() ? tr("Map of the difference") : tr("Map of the values");
                },
                false}));
}

void MainWindow::add_tornado_choices(TornadoChart &tornado)
{
    const auto asked = [&tornado] { return std::get<SensitivityQuestion>(tornado.question()); };
    connect(&tornado, &TornadoChart::question_set, this,
        choices.add({u"sensitivity.output"_qs, [asked] { return QString::fromStdString(asked().metric); },
            [&tornado, asked](const QString &text) {
                if (const Metric *metric = find_metric(text.toStdString()); metric && metric->number)
                    tornado.set_question({text.toStdString(), asked().percent});
            },
            [asked] { return tr("Sensitivity of %1").arg(qstring(find_metric(asked().metric)->title)); }}));
    connect(&tornado, &TornadoChart::question_set, this,
        choices.add({u"sensitivity.percent"_qs, [asked] { return QString::number(asked().percent); },
            [&tornado, asked](const QString &text) {
                if (const double percent = text.toDouble(); percent >= least_percent && percent <= most_percent)
                    tornado.set_question({asked().metric, percent});
            },
            [asked] { return tr("Sensitivity to ±%1 %").arg(asked().percent); }}));
}

} // namespace epscope
