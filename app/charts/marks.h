// SPDX-License-Identifier: GPL-3.0-or-later
// What the charts of configurations share: free drawing on a plot, hatching, chip markers, a legend that wraps, texts.
// Drawing happens while the plot is painted, in its pixels, so that an export in another size comes out right.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QColor>
#include <QFont>
#include <QImage>
#include <QLineF>
#include <QPen>
#include <QRectF>
#include <QString>

#include "app/session/explored.h"

class QCPLayoutElement;
class QCPPainter;
class QCustomPlot;

namespace epscope {

using Paint = std::function<void(QCPPainter &)>;

// Calls `paint` whenever the layer is painted. The plot owns the item.
void add_drawing(QCustomPlot *plot, const QString &layer, Paint paint);

// The part of a line inside a rectangle. Done by hand because SVG files know no clipping.
std::optional<QLineF> clipped(const QLineF &line, const QRectF &area);
// Joins points by lines, cut off at the area's border.
void draw_path(QCPPainter &painter, const QVector<QPointF> &points, const QRectF &area);
// 45° lines.
void draw_hatch(QCPPainter &painter, const QRectF &area, const QColor &colour);
// One mark drawn many times: stamped from an image on the screen, drawn as shapes for files.
class Stamp {
public:
    // `shape` draws the mark around (0, 0), no farther out than `size` / 2.
    Stamp(QCPPainter &on, double size, Paint shape);
    void at(const QPointF &centre) const;

private:
    QCPPainter &painter;
    Paint shape;
    double half;
    QImage image; // null: shapes
};

// The shape of the study's n-th chip; they repeat after eight.
void draw_chip_marker(QCPPainter &painter, std::size_t chip, const QPointF &centre, double size, const QPen &pen, const QBrush &brush);
Stamp chip_stamp(QCPPainter &painter, std::size_t chip, double size, const QPen &pen, const QBrush &brush);
Stamp cross_stamp(QCPPainter &painter, double size, const QPen &pen);
void draw_cross(QCPPainter &painter, const QPointF &centre, double size, const QPen &pen);
// A text in a filled box above `foot`, kept between left and right, pointing down to it if it can. Returns the box.
QRectF draw_tag(QCPPainter &painter, const QString &text, const QFont &font, const QPointF &foot, double left, double right, const QColor &fill,
                const QColor &text_colour);

struct LegendEntry {
    QString text;
    std::function<void(QCPPainter &, const QRectF &)> sample; // drawn in the given box
    bool strong = false;
};
struct LegendStyle {
    QFont font;
    QColor text;
};
// A row of entries above the plot that wraps into more rows where it is too narrow. It is laid out first: `before_layout` hears of the
// size to come, on the screen and in a file.
QCPLayoutElement *make_legend(QCustomPlot *plot, std::function<void(const QSize &)> before_layout);
void set_legend(QCPLayoutElement *legend, std::vector<LegendEntry> entries, const LegendStyle &style);

// "3703 tok/s": three digits, never a prefix, as on the axes.
QString rate_text(double tokens_per_second);
// "144×96": EP and batch.
QString short_configuration_text(const Point &point);
// Chip, NIC, EP, batch, policy, precision and draft length in two lines.
QString configuration_text(const Study &study, const Candidate &candidate);
Selection selection_of(const Study &study, const Candidate &candidate);

} // namespace epscope
