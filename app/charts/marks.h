// SPDX-License-Identifier: GPL-3.0-or-later
// What the charts of configurations share: free drawing on a plot, hatching, chip markers, a legend that wraps, texts.
// Drawing happens while the plot is painted, in its pixels, so that an export in another size comes out right.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <QColor>
#include <QFont>
#include <QLineF>
#include <QPen>
#include <QRectF>
#include <QSharedPointer>
#include <QString>
#include <QStringList>

#include "app/words/configuration.h"
#include "app/words/numbers.h"
#include "core/explore/explored.h"

class QCPAxisTicker;
class QCPLayoutElement;
class QCPPainter;
class QCustomPlot;
class QPainter;
class QWidget;

namespace epscope {

class Marks;

// Units of axes: TB or TFLOP/s, GB or GB/s.
inline constexpr double tera = 1e12, giga = 1e9;
inline constexpr double chip_marker_size = 8; // px
inline constexpr double marker_reach = 24; // px from a chip's marker within which it is meant
inline constexpr double text_padding = 8; // px around texts

// The largest of 1, 2, 5 times a power of ten that is no larger.
double round_floor(double value);
double squared_distance(const QPointF &a, const QPointF &b);
QPointF nearest_place(const QLineF &line, const QPointF &point);
// A square with its centre there.
QRectF around(const QPointF &centre, double half);
// Does any of the boxes lie there too?
template <class Boxes>
bool any_meets(const Boxes &boxes, const QRectF &box)
{
    return std::ranges::any_of(boxes, [&](const QRectF &other) { return other.intersects(box); });
}
// Of a point from the nearest place on a line, px.
double distance_to(const QLineF &line, const QPointF &point);

using Paint = std::function<void(QCPPainter &)>;

// Calls `paint` whenever the layer is painted. The plot owns the item.
void add_drawing(QCustomPlot *plot, const QString &layer, Paint paint);

QSharedPointer<QCPAxisTicker> decade_ticker();

// The part of a line inside a rectangle. Done by hand because SVG files know no clipping.
std::optional<QLineF> clipped(const QLineF &line, const QRectF &area);
// 45° lines, those of neighbouring areas in one row; brush patterns get lost in vector files.
void draw_hatch(QPainter &painter, const QRectF &area, const QColor &colour, double spacing = 9, double width = 1);
// `part` of b in a.
QColor mixed(const QColor &a, const QColor &b, double part);
// What shines through of it is part of the ground's colour: 0 to 255, or 0 to 1.
QColor translucent(QColor colour, int alpha);
QColor translucent(QColor colour, float alpha);
// Black or white, whichever stands out from a fill.
QColor ink_on(const QColor &fill);
// Keeps a chart as large as so many lines of text, but never so large that the window would outgrow the screen.
void keep_legible(QWidget &chart, int lines_across, int lines_down);
// The first text that is no wider; empty if none is.
QString first_fitting(const QStringList &texts, const QFont &font, double width);
// The shape of a chip by its mark, see Theme::chip().
void draw_chip_marker(
    QCPPainter &painter, std::size_t chip, const QPointF &centre, double size, const QPen &pen, const QBrush &brush);
inline constexpr double tag_padding = 5; // px
double tag_width(const QString &text, const QFont &font);

struct LegendEntry {
    QString text;
    std::function<void(Marks &, const QRectF &)> sample; // drawn in a box; none: a heading of those that follow
    bool strong = false;
    std::optional<OpId> operator_id = std::nullopt; // that it stands for
};
inline constexpr double legend_top = 6; // px above the first row
using LegendEntries = std::vector<LegendEntry>;
struct LegendStyle {
    QFont font;
    QColor text, heading;
    double sample_width = 1.8; // of the font's height
    double aside = 0; // px kept free at the right end of the first row
};
// Rows of entries above the plot, as many as they need. It is laid out first: `before_layout` hears of the size to
// come, on the screen and in a file.
QCPLayoutElement *make_legend(QCustomPlot *plot, std::function<void(const QSize &)> before_layout);
// Several ways to say it, the fullest first: shown is the first that leaves the plot enough room, else the last, made
// smaller.
void set_legend(QCPLayoutElement *legend, std::vector<LegendEntries> choices, const LegendStyle &style);
// In px; where not even a line fits, nothing is shown.
void limit_legend(QCPLayoutElement *legend, double height);
std::optional<OpId> legend_operator_at(const QCPLayoutElement *legend, const QPointF &position);

// "3703 tok/s": three digits, never a prefix, as on the axes.
QString rate_text(double tokens_per_second);
// In full precision.
QString exact(double value);
// Why it cannot serve, "✕" before each reason, a line each behind a line break; empty if it can.
QString reasons_text(const Estimate &estimate);
Selection selection_of(const Study &study, const Candidate &candidate);

} // namespace epscope
