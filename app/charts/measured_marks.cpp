// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/measured_marks.h"

#include <cmath>

#include <QCoreApplication>
#include <qcustomplot.h>

#include "app/words/text.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct MeasuredTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::measured)
};

void add_diamond(Marks &marks, const QPointF &centre, const QColor &colour, const QColor &surface)
{
    const double half = measured_size / 2;
    const QPolygonF diamond{
        {centre + QPointF(0, -half), centre + QPointF(half, 0), centre + QPointF(0, half), centre + QPointF(-half, 0)}};
    const auto pen = [](const QColor &of, double width) {
        return QPen(of, width, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin);
    };
    marks.polygon(diamond, pen(surface, 4.5), surface); // apart from what lies below
    marks.polygon(diamond, pen(colour, 2), surface);
    marks.oval(centre, 1.5, Qt::NoPen, colour);
}

} // namespace

Marks measured_shape(const QColor &colour, const QColor &surface)
{
    Marks shape;
    add_diamond(shape, {}, colour, surface);
    return shape;
}

LegendEntry measured_legend(std::size_t count, const QColor &colour, const QColor &surface)
{
    return {MeasuredTexts::tr("%1 measured").arg(count),
        [=](Marks &marks, const QRectF &box) { add_diamond(marks, box.center(), colour, surface); }};
}

QString signed_percent(double part)
{
    const QString number = QString::number(std::abs(100 * part), 'f', 1);
    const bool zero = number == QStringLiteral("0.0");
    return (zero              ? QString()
                   : part < 0 ? QStringLiteral("\u2212")
                              : QStringLiteral("+"))
        + number + QStringLiteral(" %");
}

QString measured_text(const Explored &explored, const MeasuredPoint &point)
{
    const Measurement &row = explored.inputs.measured->rows[point.row];
    const auto count = [&](double value) { return to_text(exact_text(std::round(100 * value) / 100)); };
    QStringList conditions{MeasuredTexts::tr("EP %1").arg(row.ep)};
    if (row.tp > 1)
        conditions << MeasuredTexts::tr("TP %1, %2").arg(row.tp).arg(to_text(name_of(row.mode)));
    if (row.batch_per_card)
        conditions << (row.batch_is_derived ? MeasuredTexts::tr("batch %1 (derived)") : MeasuredTexts::tr("batch %1"))
                          .arg(count(*row.batch_per_card));
    conditions << MeasuredTexts::tr("context %1").arg(count(row.context));
    if (row.query_tokens)
        conditions << MeasuredTexts::tr("draft %1").arg(*row.query_tokens - 1);
    if (!row.model.empty())
        conditions << to_text(row.model);
    QStringList sizes;
    if (row.kv_elem_size)
        sizes << MeasuredTexts::tr("KV %1").arg(size_text(*row.kv_elem_size));
    if (row.attention_elem_size)
        sizes << MeasuredTexts::tr("attention %1").arg(size_text(*row.attention_elem_size));
    if (row.expert_elem_size)
        sizes << MeasuredTexts::tr("experts %1").arg(size_text(*row.expert_elem_size));
    QString result =
        MeasuredTexts::tr("◇ Measured on %1 with %2: %3").arg(to_text(row.chip), to_text(row.engine), to_text(row.id))
        + u'\n' + conditions.join(QStringLiteral(", "));
    if (!sizes.isEmpty())
        result += u'\n' + sizes.join(QStringLiteral(", "));
    result += u'\n'
        + MeasuredTexts::tr("%1 per card, %2 per user")
              .arg(rate_text(point.throughput_per_card), rate_text(point.ux_tps));
    if (point.error)
        result += u'\n'
            + MeasuredTexts::tr("The profile's time per token for this run: %1").arg(signed_percent(*point.error));
    else if (explored.inputs.measured->case_of[point.row])
        result += u'\n' + MeasuredTexts::tr("The profile's equations do not know this configuration");
    else
        result += u'\n' + MeasuredTexts::tr("For display only: the source does not state all that an estimate needs");
    if (!row.remark.empty())
        result += u'\n' + to_text(row.remark);
    if (!row.source.empty() || !row.date.empty()) {
        const QString from = row.date.empty()
            ? MeasuredTexts::tr("Source: %1").arg(to_text(row.source))
            : MeasuredTexts::tr("Source, %1: %2").arg(to_text(row.date), to_text(row.source));
        result += u'\n' + from;
    }
    return result;
}

} // namespace epscope
