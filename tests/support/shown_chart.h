// SPDX-License-Identifier: GPL-3.0-or-later
// A chart on the screen, with its pixels and the mouse over it, and as a drawing.
#pragma once

#include <memory>
#include <utility>

#include <QBuffer>
#include <QSignalSpy>
#include <QSvgGenerator>
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/chart.h"
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
        const QSignalSpy hovered(&chart, &Chart::hovered);
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

inline QString svg_of(Chart &chart, const Theme &theme = Theme::light())
{
    constexpr QRect area(0, 0, 800, 450);
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(area.size());
    generator.setViewBox(area);
    chart.paint(generator, area, theme);
    return QString::fromUtf8(buffer.data());
}

} // namespace epscope::testing
