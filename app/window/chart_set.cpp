// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/chart_set.h"

#include <algorithm>

#include <QApplication>

#include "app/charts/make_chart.h"
#include "app/charts/scene_chart.h"
#include "app/views/computing.h"
#include "app/words/text.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {

ChartSet::ChartSet(Session &the_session, Questions &the_questions)
    : session(the_session)
    , questions(the_questions)
{
    for (const ChartKind &kind : chart_kinds()) {
        Chart *chart = make_chart(kind.id).release();
        charts.push_back(chart);
        connect(chart, &Chart::hovered, this,
            [this](const QString &text) { emit said(QString(text).replace(u'\n', u"   "_qs)); });
        connect_inputs(*chart);
        if (const auto *analysis = qobject_cast<AnalysisChart *>(chart))
            connect(analysis, &AnalysisChart::parameter_picked, this, &ChartSet::parameter_picked);
    }
}

Chart *ChartSet::find(const QString &id) const
{
    const auto found =
        std::find_if(charts.begin(), charts.end(), [&](const Chart *chart) { return chart->id() == id; });
    return found == charts.end() ? nullptr : *found;
}

SceneChart &ChartSet::scene(std::string_view id) const
{
    auto *found = qobject_cast<SceneChart *>(find(to_text(id)));
    if (!found)
        qFatal("no such chart");
    return *found;
}

Chart &ChartSet::in_use() const
{
    for (QWidget *widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
        if (auto *chart = qobject_cast<Chart *>(widget))
            return *chart;
    }
    return scene("pareto");
}

void ChartSet::set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines)
{
    for (Chart *chart : charts)
        chart->set_result(explored, baselines);
}

void ChartSet::set_theme(const Theme &theme)
{
    for (Chart *chart : charts)
        chart->set_theme(theme);
}

void ChartSet::fit()
{
    for (Chart *chart : charts)
        chart->fit();
}

void ChartSet::fit_anew()
{
    for (Chart *chart : charts)
        chart->fit_anew();
}

QMap<QString, QByteArray> ChartSet::zooms() const
{
    QMap<QString, QByteArray> zooms;
    for (const Chart *chart : charts) {
        if (const QByteArray zoom = chart->zoom(); !zoom.isEmpty())
            zooms.insert(chart->id(), zoom);
    }
    return zooms;
}

void ChartSet::set_zooms(const QMap<QString, QByteArray> &zooms)
{
    for (Chart *chart : charts)
        chart->set_zoom(zooms.value(chart->id()));
}

void ChartSet::connect_inputs(Chart &chart)
{
    connect(&chart, &Chart::operator_hovered, &session, &Session::highlight);
    connect(&chart, &Chart::configuration_picked, &session, &Session::select);
    connect(&session, &Session::highlighted, &chart, &Chart::set_highlight);
    fade_while_computing(session, chart);
    if (auto *scene = qobject_cast<SceneChart *>(&chart)) {
        connect(scene, &SceneChart::input_dragged, this,
            [this](const QString &key, const QString &value) { session.set(key.toStdString(), value); });
        connect(scene, &SceneChart::inputs_picked, this, &ChartSet::take_inputs);
    }
    if (auto *analysis = qobject_cast<AnalysisChart *>(&chart); analysis && analysis->asks())
        questions.connect_chart(*analysis);
}

void ChartSet::take_inputs(const SetInputs &wanted)
{
    Study study = session.study();
    for (const auto &[key, text] : wanted.values) {
        if (const auto wrong = set_parameter(study, key.toStdString(), text.toStdString(), BareNumbers::allowed)) {
            emit said(QString::fromStdString(*wrong));
            return;
        }
    }
    session.change(std::move(study));
}

void ChartSet::take_question(Chart &chart)
{
    if (auto *analysis = qobject_cast<AnalysisChart *>(&chart))
        analysis->take_question(*qobject_cast<AnalysisChart *>(find(chart.id())));
}

void ChartSet::ask_again(const std::vector<Chart *> &presented)
{
    for (const Chart *chart : presented) {
        if (auto *own = qobject_cast<AnalysisChart *>(find(chart->id())))
            own->take_back(true);
    }
}

} // namespace epscope
