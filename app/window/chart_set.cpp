// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/chart_set.h"

#include <algorithm>

#include <QApplication>

#include "app/charts/chart_view.h"
#include "app/charts/make_chart.h"
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
        ChartView *chart = make_chart(kind.id).release();
        charts.push_back(chart);
        connect(chart, &ChartView::hovered, this,
            [this](const QString &text) { emit said(QString(text).replace(u'\n', u"   "_qs)); });
        connect_inputs(*chart);
        connect(chart, &ChartView::parameter_picked, this, &ChartSet::parameter_picked);
    }
}

ChartView *ChartSet::find(const QString &id) const
{
    const auto found =
        std::find_if(charts.begin(), charts.end(), [&](const ChartView *chart) { return chart->id() == id; });
    return found == charts.end() ? nullptr : *found;
}

ChartView &ChartSet::chart(std::string_view id) const
{
    ChartView *found = find(to_text(id));
    if (!found)
        qFatal("no such chart");
    return *found;
}

ChartView &ChartSet::in_use() const
{
    for (QWidget *widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
        if (auto *chart = qobject_cast<ChartView *>(widget))
            return *chart;
    }
    return chart("pareto");
}

void ChartSet::set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines)
{
    for (ChartView *chart : charts)
        chart->set_result(explored, baselines);
}

void ChartSet::set_theme(const Theme &theme)
{
    for (ChartView *chart : charts)
        chart->set_theme(theme);
}

void ChartSet::fit()
{
    for (ChartView *chart : charts)
        chart->fit();
}

void ChartSet::fit_anew()
{
    for (ChartView *chart : charts)
        chart->fit_anew();
}

QMap<QString, QByteArray> ChartSet::zooms() const
{
    QMap<QString, QByteArray> zooms;
    for (const ChartView *chart : charts) {
        if (const QByteArray zoom = chart->zoom(); !zoom.isEmpty())
            zooms.insert(chart->id(), zoom);
    }
    return zooms;
}

void ChartSet::set_zooms(const QMap<QString, QByteArray> &zooms)
{
    for (ChartView *chart : charts)
        chart->set_zoom(zooms.value(chart->id()));
}

void ChartSet::connect_inputs(ChartView &chart)
{
    connect(&chart, &ChartView::operator_hovered, &session, &Session::highlight);
    connect(&chart, &ChartView::configuration_picked, &session, &Session::select);
    connect(&session, &Session::highlighted, &chart, &ChartView::set_highlight);
    fade_while_computing(session, chart);
    connect(&chart, &ChartView::input_dragged, this,
        [this](const QString &key, const QString &value) { session.set(key.toStdString(), value); });
    connect(&chart, &ChartView::inputs_picked, this, &ChartSet::take_inputs);
    if (chart.asks())
        questions.connect_chart(chart);
}

void ChartSet::take_inputs(const SetInputs &wanted)
{
    Study study = session.study();
    for (const auto &[key, text] : wanted.values) {
        if (const auto wrong = set_parameter(study, key.toStdString(), text.toStdString(), BareNumbers::allowed)) {
            emit said(to_text(*wrong));
            return;
        }
    }
    session.change(std::move(study));
}

void ChartSet::take_question(ChartView &chart)
{
    chart.take_options(*find(chart.id()));
}

void ChartSet::ask_again(const std::vector<ChartView *> &presented)
{
    for (const ChartView *chart : presented)
        find(chart->id())->take_back(true);
}

} // namespace epscope
