// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/view_settings.h"

#include <algorithm>
#include <array>

#include <QAbstractButton>
#include <QLineEdit>

#include "app/charts/chart_view.h"
#include "app/charts/marks.h"
#include "app/controls/scents.h"
#include "app/look/text_scale.h"
#include "app/views/goal_view.h"
#include "app/views/results_table.h"
#include "app/window/chart_set.h"
#include "app/window/commands.h"
#include "app/window/exports.h"
#include "app/window/presenter.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/analysis/outputs.h"
#include "core/explore/questions.h"

namespace epscope {
namespace {

constexpr std::array scale_percents{100, 125, 150, 175, 200, 250, 300};

QString on_or_off(bool on)
{
    return on ? u"on"_qs : u"off"_qs;
}

} // namespace

ViewSettings::ViewSettings(Session &session, ThemeSource &theme)
    : source(theme)
    , choices(session)
{
}

std::span<const int> ViewSettings::scales()
{
    return scale_percents;
}

void ViewSettings::set_scale(int wanted)
{
    if (std::find(scale_percents.begin(), scale_percents.end(), wanted) != scale_percents.end())
        percent = wanted;
    set_text_scale(wanted / 100.0);
    emit scaled();
}

void ViewSettings::step_scale(int by)
{
    const auto next = std::find(scale_percents.begin(), scale_percents.end(), percent) - scale_percents.begin() + by;
    if (next >= 0 && next < std::ssize(scale_percents))
        set_scale(scale_percents[static_cast<std::size_t>(next)]);
}

void ViewSettings::add_switches(ChartSet &charts, Scents &curves)
{
    add_switch({u"auto_scale"_qs, tr("&Auto-scale next to a baseline"),
        tr("Else axes only grow while something is pinned, so that what moves has changed; the key works in a chart"),
        false,
        [&charts](bool on) {
            for (ChartView *chart : charts.all())
                chart->set_auto_scale(on);
        },
        QKeySequence(Qt::Key_A)});
    const auto options_of = [&charts](const QString &key, const std::vector<std::string_view> &ids) {
        return [&charts, key, ids](bool on) {
            for (const std::string_view id : ids)
                charts.chart(id).set_option(key, on_or_off(on));
        };
    };
    add_switch({u"log"_qs, tr("&Logarithmic Pareto axes"), {}, false, options_of(u"log"_qs, {"pareto"})});
    add_switch({u"infeasible"_qs, tr("Show &infeasible points"),
        tr("Points below the target or too large for the memory, in the Pareto chart"), true,
        options_of(u"infeasible"_qs, {"pareto"})});
    add_switch({u"measured"_qs, tr("Show &measured points"),
        tr("Measured runs at conditions near those shown, in the Pareto chart and the batch sweep"), true,
        options_of(u"measured"_qs, {"pareto", "sweep"})});
    add_switch({u"curves"_qs, tr("Curves under &sliders"),
        tr("The throughput over each slider's range, searched while nothing changes"), true,
        [&curves](bool on) { curves.set_on(on); }});
}

void ViewSettings::add_switch(ViewSwitch added)
{
    ViewSwitch &each = *all_switches.emplace_back(std::make_unique<ViewSwitch>(std::move(added)));
    const auto set = [this, &each](const QString &text) {
        if ((text == u"on") != each.on)
            turn(each);
    };
    each.changed = choices.add({each.key, [&each] { return on_or_off(each.on); }, set,
        [&each] { return (each.on ? tr("%1: on") : tr("%1: off")).arg(plain_entry_text(each.text)); }});
}

void ViewSettings::turn(ViewSwitch &which)
{
    which.on = !which.on;
    which.apply(which.on);
    which.changed();
    emit changed();
}

void ViewSettings::add_questions(ChartSet &charts, ResultsTable &results, GoalView &goal)
{
    add_results(results);
    for (ChartView *chart : charts.all())
        add_options(*chart);
    add_goal(goal);
}

void ViewSettings::add_options(ChartView &chart)
{
    for (const ChartOption &option : chart.options()) {
        if (option.step.isEmpty())
            continue;
        const auto changed = choices.add({option.key, [&chart, key = option.key] { return chart.option(key); },
            [&chart, key = option.key](const QString &value) { chart.set_option(key, value); },
            [&chart, key = option.key, step = option.step] { return step.arg(chart.option_text(key)); },
            option.remembered});
        // A value that another study's numbers have replaced is no step.
        connect(&chart, &ChartView::option_changed, this, [changed, key = option.key](const QString &which) {
            if (which == key)
                changed();
        });
    }
}

void ViewSettings::add_results(ResultsTable &results)
{
    connect(&results, &ResultsTable::rows_chosen, this,
        choices.add({u"results"_qs, [&results] { return QString::number(static_cast<int>(results.model()->rows())); },
            [&results](const QString &text) {
                results.set_rows(
                    static_cast<ResultRows>(std::clamp(text.toInt(), 0, static_cast<int>(ResultRows::all))));
            },
            [&results] { return tr("Results: %1").arg(results.rows_text()); }}));
    connect(&results, &ResultsTable::rows_chosen, this,
        choices.add({u"filter"_qs, [&results] { return results.filter_line()->text(); },
            [&results](const QString &text) { results.filter_line()->setText(text); },
            [&results] {
                const QString text = results.filter_line()->text();
                return text.isEmpty() ? tr("Results not filtered") : tr("Results filtered by “%1”").arg(text);
            },
            false}));
}

// Before the first question there is none; names have no bars in them.
void ViewSettings::add_goal(GoalView &goal)
{
    connect(&goal, &GoalView::question_set, this,
        choices.add({u"goal"_qs,
            [&goal] {
                const SeekQuestion asked = goal.question();
                return asked.key.empty() ? QString() : to_text(asked.key + "|" + asked.goal);
            },
            [&goal](const QString &text) {
                goal.setVisible(!text.isEmpty());
                if (!text.isEmpty())
                    goal.set_question({text.section(u'|', 0, 0).toStdString(), text.section(u'|', 1).toStdString()});
            },
            [&goal] { return tr("Goal: %1").arg(goal.question_text()); }, false}));
}

// Remembered, but no step of the history. Of values that the file may have from elsewhere only those that the menus
// offer are taken.
void ViewSettings::add_choices_without_steps(Exports &exports, Presenter &presenter)
{
    const auto number = [](int value) { return QString::number(value); };
    choices.add({u"theme"_qs, [this, number] { return number(static_cast<int>(theme())); },
        [this](const QString &text) {
            if (const int choice = text.toInt(); choice >= 0 && choice <= static_cast<int>(ThemeChoice::dark))
                choose_theme(static_cast<ThemeChoice>(choice));
        },
        {}});
    choices.add({u"scale"_qs, [this, number] { return number(scale()); },
        [this](const QString &text) {
            const int wanted = text.toInt();
            if (std::find(scale_percents.begin(), scale_percents.end(), wanted) != scale_percents.end())
                set_scale(wanted);
        },
        {}});
    choices.add({u"png_scale"_qs, [&exports, number] { return number(exports.png_scale()); },
        [&exports](const QString &text) { exports.set_png_scale(text.toInt()); }, {}});
    choices.add({u"window_colours"_qs, [&exports] { return on_or_off(exports.has_window_colours()); },
        [&exports](const QString &text) { exports.set_window_colours(text == u"on"); }, {}});
    choices.add({u"presentation"_qs, [&presenter] { return presenter.choice(); },
        [&presenter](const QString &text) { presenter.set_choice(text); }, {}});
}

} // namespace epscope
