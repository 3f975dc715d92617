// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/analysis_chart.h"

#include <cmath>
#include <utility>

#include <QComboBox>
#include <QHBoxLayout>
#include <qcustomplot.h>

#include "app/charts/marks.h"
#include "app/words/output_words.h"
#include "app/words/text.h"

namespace epscope {

AnalysisChart::AnalysisChart(const QString &id, const QString &title, QWidget *parent)
    : Chart(id, title, parent)
{
    add_drawing(plot(), QStringLiteral("axes"), [this](QCPPainter &painter) {
        const QString text = this->explored() ? state_text() : QString();
        if (text.isEmpty())
            return;
        paint_state(painter, plot()->viewport(), text, font(), theme());
    });
}

void AnalysisChart::set_answer(std::shared_ptr<const Answer> answer)
{
    latest = std::move(answer);
    choose_answer();
    redraw();
}

void AnalysisChart::hear_answer(const std::shared_ptr<const Answer> &answer)
{
    if (!newest() || !asks() || answer->question.index() != question().index())
        return;
    if (is_own(*answer) || own_part(*answer))
        set_answer(answer);
    else if (answer->complete && asked_for == newest() && !halted && !is_answered())
        take_back(true);
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
        asked_for.reset();
    redraw();
}

// What it says of what it is against, where that is on show alone.
std::shared_ptr<const Answer> AnalysisChart::own_part(const Answer &answer) const
{
    std::shared_ptr<const Answer> part = answer_against(answer, subject(*newest()));
    return part && part->question == question() ? part : nullptr;
}

void AnalysisChart::choose_answer()
{
    used = latest;
    if (!latest || !newest() || !is_stale())
        return;
    if (std::shared_ptr<const Answer> part = own_part(*latest))
        used = std::move(part);
}

bool AnalysisChart::is_stale() const
{
    return !used || !newest() || !is_own(*used);
}

Study AnalysisChart::subject(const Explored &explored) const
{
    return study_in_question(explored);
}

void AnalysisChart::ask()
{
    if (newest() && asks())
        ask_about(*newest());
}

void AnalysisChart::ask_about(const Explored &explored)
{
    prepare(explored);
    choose_answer();
    const Question wanted = question();
    if (!explored.exact || is_answered() || !can_ask() || (asked_for == newest() && asked_question == wanted))
        return;
    asked_for = newest();
    asked_question = wanted;
    done = 0;
    halted = false;
    emit asked(subject(explored), wanted);
}

void AnalysisChart::draw(const Explored &explored, const Theme &theme)
{
    if (!asks()) {
        draw_answer(explored, theme);
        return;
    }
    ask_about(explored);
    const std::shared_ptr<const Answer> before = std::exchange(drawn, used);
    if (before && used && axes_of(before->question) != axes_of(used->question))
        fit_anew();
    draw_answer(explored, theme);
}

QString AnalysisChart::state_text() const
{
    if (is_answered())
        return {};
    if (halted)
        return tr("stopped");
    return searching_text(done);
}

QString AnalysisChart::searching_text(double part)
{
    return tr("searching, %1 %").arg(static_cast<int>(std::floor(100 * part)));
}

double AnalysisChart::state_width() const
{
    return is_answered() ? 0 : QFontMetricsF(font()).horizontalAdvance(searching_text(1)) + 2 * text_padding;
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
    return epscope::metric_text(metric, value);
}

void AnalysisChart::add_metrics(QComboBox &box)
{
    for (const Metric &metric : metrics()) {
        if (metric.number)
            box.addItem(title_of(metric), to_text(metric.key));
    }
}

} // namespace epscope
