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
    choose_answer();
    redraw();
}

void AnalysisChart::set_progress(double fraction)
{
    done = fraction;
    plot()->layer(QStringLiteral("axes"))->replot();
}

void AnalysisChart::take_back(bool ask_again)
{
    halted = !ask_again;
    if (ask_again)
        asked_for = nullptr;
    redraw();
}

void AnalysisChart::choose_answer()
{
    used = latest;
    if (!latest || !explored() || !is_stale())
        return;
    if (std::shared_ptr<const Answer> part = answer_against(*latest, subject(*explored())); part && part->question == question())
        used = std::move(part);
}

bool AnalysisChart::is_stale() const
{
    return !used || !explored() || used->question != question() || used->study != subject(*explored());
}

Study AnalysisChart::subject(const Explored &explored) const
{
    return study_in_question(explored);
}

std::optional<Study> AnalysisChart::study_against() const
{
    const Baseline *baseline = baselines().primary();
    const ChipView *view = baseline && explored() ? baseline->view(explored()->leading().scenario.chip.name) : nullptr;
    return view ? std::optional(with_chip(baseline->explored->searched, view->chip)) : std::nullopt;
}

QString AnalysisChart::baseline_name() const
{
    return baselines().primary() ? baselines().primary()->name : tr("the baseline");
}

void AnalysisChart::draw(const Explored &explored, const Theme &theme)
{
    prepare(explored);
    choose_answer();
    const Question wanted = question();
    const bool answered = used && used->complete && !is_stale();
    if (explored.exact && !answered && can_ask() && (asked_for != &explored || asked_question != wanted)) {
        asked_for = &explored;
        asked_question = wanted;
        done = 0;
        halted = false;
        emit asked(subject(explored), wanted);
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
    if (used && used->complete && !is_stale())
        return {};
    if (halted)
        return tr("stopped");
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

QString AnalysisChart::axis_label(const Variable &variable)
{
    const QString label = qstring(variable.label);
    return variable.unit->symbol.empty() ? label : QString(label + u" ("_qs + qstring(variable.unit->symbol) + u')');
}

void AnalysisChart::add_metrics(QComboBox &box)
{
    for (const Metric &metric : metrics()) {
        if (metric.number)
            box.addItem(qstring(metric.title), qstring(metric.key));
    }
}

} // namespace epscope
