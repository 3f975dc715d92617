// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/baseline_marks.h"

#include <cmath>

#include <QCoreApplication>

namespace epscope {
namespace {

struct BaselineTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::BaselineMarks)
};

} // namespace

LegendEntry baseline_line(const Baseline &baseline, const Theme &theme)
{
    return {baseline.name,
        [pen = theme.baseline_pen(baseline.mark, 2), surface = theme.surface](Marks &marks, const QRectF &box) {
            marks.across(box, pen);
            marks.oval(box.center(), 3, QPen(pen.color(), 1.5), surface);
        }};
}

LegendEntry baseline_bar(const Baseline &baseline, const Theme &theme)
{
    return {baseline.name, [pen = theme.baseline_pen(baseline.mark, 1.5)](Marks &marks, const QRectF &box) {
                marks.box(box.adjusted(1, 3, -1, -3), pen);
            }};
}

QColor change_colour(const ValueChange &change, double threshold, Better better, const Theme &theme)
{
    if (change.slight(threshold))
        return theme.muted;
    return better == Better::neither ? theme.text
                                     : theme.change((change.now > change.before) == (better == Better::higher));
}

QString against_text(const ValueChange &change, const QString &before, const QString &baseline)
{
    return BaselineTexts::tr("%1 against %2 in %3").arg(change_text(change), before, baseline);
}

bool ChangeArrow::is_long() const
{
    constexpr double shortest = 9; // px, without the markers
    return QLineF(from, to).length() >= shortest + from_radius + to_radius;
}

void add_arrow(Marks &marks, const ChangeArrow &arrow, const QColor &colour)
{
    if (!arrow.is_long())
        return;
    constexpr double head = 7, air = 1; // px
    const QLineF whole(arrow.from, arrow.to);
    const QLineF line(whole.pointAt((arrow.from_radius + air) / whole.length()),
        whole.pointAt(1 - (arrow.to_radius + 2 * air) / whole.length()));
    QPen pen(colour, 1.5, Qt::CustomDashLine, Qt::FlatCap);
    pen.setDashPattern({3, 2});
    marks.line(line, pen);
    QPolygonF tip{line.p2()};
    for (const double turn : {160.0, 200.0}) {
        QLineF side(line.p2(), line.p2() + (line.p2() - line.p1()));
        side.setAngle(line.angle() + turn);
        side.setLength(head);
        tip << side.p2();
    }
    marks.polygon(tip, Qt::NoPen, colour);
}

QRectF place_beside(const ChangeArrow &arrow, const QSizeF &size, const std::function<bool(const QRectF &)> &is_free)
{
    const QLineF line(arrow.from, arrow.to);
    if (!arrow.is_long())
        return {};
    QLineF across = line.normalVector();
    across.setLength(1);
    const double reach = 4 + (std::abs(across.dx()) * size.width() + std::abs(across.dy()) * size.height()) / 2;
    QRectF box(QPointF(), size);
    for (const double part : {0.5, 0.3, 0.7}) {
        for (const double side : {-1.0, 1.0}) {
            box.moveCenter(line.pointAt(part) + side * reach * QPointF(across.dx(), across.dy()));
            if (is_free(box))
                return box;
        }
    }
    return {};
}

void add_change(
    Marks &marks, const QRectF &box, const QString &text, const QFont &font, const QColor &colour, const QColor &ground)
{
    marks.fill(box, translucent(ground, 225));
    QFont bold = font;
    bold.setBold(true);
    marks.text(box, Qt::AlignCenter, text, bold, colour);
}

} // namespace epscope
