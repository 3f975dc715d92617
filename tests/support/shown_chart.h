// SPDX-License-Identifier: GPL-3.0-or-later
// A chart on the screen, with its pixels and the mouse over it, and as a drawing.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <QBuffer>
#include <QDataStream>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSvgGenerator>
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "tests/support/settle.h"

namespace epscope::testing {

template <class Drawn>
struct ShownChart {
    Drawn chart;

    // Not yet: show() does it, once the chart has all that it needs.
    ShownChart() = default;
    explicit ShownChart(
        std::shared_ptr<const Explored> explored, const Theme &theme = Theme::light(), QSize size = {900, 500})
    {
        chart.set_explored(std::move(explored));
        show(theme, size);
    }

    void show(const Theme &theme = Theme::light(), QSize size = {900, 500})
    {
        chart.resize(size);
        chart.set_theme(theme);
        chart.show();
        settle();
    }
    // Of its type, which it gives back.
    QFont set_points(int points)
    {
        QFont font = chart.font();
        font.setPointSize(points);
        chart.setFont(font);
        settle();
        return font;
    }
    QImage image() const { return chart.plot()->grab().toImage(); }
    QRgb pixel(const QPointF &position) const { return image().pixel(position.toPoint()); }
    // By way of a corner: where the mouse is already, a move is none. What the chart says there.
    QString hover(const QPointF &position)
    {
        const QSignalSpy hovered(&chart, &ChartView::hovered);
        QTest::mouseMove(chart.plot(), QPoint(1, 1));
        QTest::mouseMove(chart.plot(), position.toPoint());
        return hovered.isEmpty() ? QString() : hovered.last()[0].toString();
    }
};

// Rows for what must fit: "size" of the chart and "points" of its type.
inline void add_sizes_and_points()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("points");
    for (const QSize size : {QSize(480, 320), QSize(900, 500), QSize(1900, 500)}) {
        for (const int points : {9, 20})
            QTest::newRow(qPrintable(QStringLiteral("%1x%2, %3 pt").arg(size.width()).arg(size.height()).arg(points)))
                << size << points;
    }
}

inline QString svg_of(ChartView &chart, const Theme &theme = Theme::light(), const QRect &area = {0, 0, 800, 450})
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(area.size());
    generator.setViewBox(area);
    chart.paint(generator, area, theme);
    return QString::fromUtf8(buffer.data());
}

// What ChartView::set_zoom() takes: the ranges as they are.
inline QByteArray zoom_of(const QCustomPlot &plot)
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (const QCPAxisRect *rect : plot.axisRects()) {
        for (const QCPAxis *axis : rect->axes())
            stream << axis->range().lower << axis->range().upper;
    }
    return bytes;
}

struct SvgText {
    QString text;
    QRectF box; // from the ascent to the descent
};
inline std::vector<SvgText> svg_texts(const QString &svg)
{
    std::vector<SvgText> all;
    static const QRegularExpression element(QStringLiteral("<text([^>]*)>([^<]*)</text>"));
    for (const QRegularExpressionMatch &found : element.globalMatch(svg)) {
        const auto attribute = [&](const QString &name) {
            const QRegularExpression value(u"\\b"_qs + name + u"=\"([^\"]*)\""_qs);
            return value.match(found.captured(1)).captured(1);
        };
        QFont font(attribute(u"font-family"_qs));
        font.setPixelSize(qRound(attribute(u"font-size"_qs).toDouble()));
        font.setWeight(static_cast<QFont::Weight>(attribute(u"font-weight"_qs).toInt()));
        const QFontMetricsF metrics(font);
        const QString text = found.captured(2).trimmed().replace(u"&lt;"_qs, u"<"_qs).replace(u"&gt;"_qs, u">"_qs);
        all.push_back({text,
            QRectF(attribute(u"x"_qs).toDouble(), attribute(u"y"_qs).toDouble() - metrics.ascent(),
                metrics.horizontalAdvance(text), metrics.height())});
    }
    return all;
}

// The only text that begins so; an empty one if there is none.
inline SvgText svg_text(const QString &svg, const QString &start)
{
    for (const SvgText &each : svg_texts(svg)) {
        if (each.text.startsWith(start))
            return each;
    }
    return {};
}

// Text over text: of the one that begins so the others that it touches.
inline QStringList texts_under(const QString &svg, const QString &start)
{
    const SvgText over = svg_text(svg, start);
    QStringList touched;
    for (const SvgText &each : svg_texts(svg)) {
        if (each.text != over.text && each.box.intersects(over.box))
            touched << each.text;
    }
    return over.text.isEmpty() ? QStringList{u"no "_qs + start} : touched;
}

} // namespace epscope::testing
