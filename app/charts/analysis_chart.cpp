// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/analysis_chart.h"

#include <cmath>

#include <QComboBox>
#include <QHBoxLayout>
#include <qcustomplot.h>

#include "app/charts/marks.h"

namespace epscope {

void AnalysisChart::set_answer(std::shared_ptr<const Answer> answer)
{
    latest = std::move(answer);
    redraw();
}

void AnalysisChart::set_progress(double fraction)
{
    done = fraction;
    plot()->layer(QStringLiteral("axes"))->replot();
}

bool AnalysisChart::is_stale() const
{
    return !latest || !explored() || latest->question != question() || latest->study != study_in_question(*explored());
}

void AnalysisChart::draw(const Explored &explored, const Theme &theme)
{
    prepare(explored);
    const Question wanted = question();
    const bool answered = latest && latest->complete && !is_stale();
    if (explored.exact && !answered && (asked_for != &explored || asked_question != wanted)) {
        asked_for = &explored;
        asked_question = wanted;
        done = 0;
        emit asked(study_in_question(explored), wanted);
    }
    draw_answer(explored, theme);
}

void AnalysisChart::question_changed()
{
    redraw();
    emit question_set();
}

QString AnalysisChart::progress_text() const
{
    if (latest && latest->complete && !is_stale())
        return {};
    return tr("searching, %1 %").arg(static_cast<int>(std::floor(100 * done)));
}

QHBoxLayout *AnalysisChart::add_controls()
{
    auto *row = new QHBoxLayout;
    row->setContentsMargins(6, 4, 6, 2);
    row->setSpacing(6);
    static_cast<QBoxLayout *>(layout())->insertLayout(0, row);
    return row;
}

QString AnalysisChart::metric_text(const Metric &metric, double value)
{
    if (metric.dimension == Dimension::tokens_per_second)
        return rate_text(value);
    return QString::fromStdString(metric.dimension == Dimension::count ? short_text(value, metric.dimension, 4) : short_text(value, metric.dimension));
}

void AnalysisChart::add_metrics(QComboBox &box)
{
    for (const Metric &metric : metrics()) {
        if (metric.number)
            box.addItem(qstring(metric.title), qstring(metric.key));
    }
}

} // namespace epscope
