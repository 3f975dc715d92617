// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of a configuration goes: one bar of operators per chip, and what its timeline shares with it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QColor>
#include <QFont>
#include <QRectF>
#include <QSizeF>
#include <QString>

#include "app/charts/chart.h"

class QButtonGroup;
class QPainter;

namespace epscope {

// Of one layer, all micro-batches; of the whole step; of the step as a part of the sum of its operators.
enum class BreakdownUnit : std::uint8_t { us_per_layer, ms_per_step, share };

// One operator of one configuration, all its runs in the layer or step together.
struct BreakdownSegment {
    OpId id{};
    Bound bound{};     // in most of its time
    double time_s = 0;
    double from = 0;   // on the axis, in its unit
    double to = 0;
    double share = 0;  // of the sum of the operators

    bool operator==(const BreakdownSegment &) const = default;
};

struct BreakdownBar {
    std::size_t view = 0; // index into Explored::chips
    std::vector<BreakdownSegment> segments; // in execution order
    double sum_s = 0;     // of the operators
    double span_s = 0;    // that the layer or step takes: less than the sum where windows overlap
    double end = 0;       // on the axis, in its unit
    double mark = 0;      // likewise, of span_s

    double hidden_s() const { return sum_s > span_s ? sum_s - span_s : 0; }
    bool operator==(const BreakdownBar &) const = default;
};

struct BreakdownSeries {
    BreakdownUnit unit{};
    std::vector<BreakdownBar> bars; // in the order of the chips
    double longest = 0;             // end of the longest bar

    bool operator==(const BreakdownSeries &) const = default;
};

BreakdownSeries breakdown_series(const Explored &explored, BreakdownUnit unit);

class BreakdownChart : public Chart {
    Q_OBJECT
public:
    explicit BreakdownChart(QWidget *parent = nullptr);
    ~BreakdownChart() override;

    BreakdownUnit unit() const { return series.unit; }
    void set_unit(BreakdownUnit unit);
    void set_highlight(std::optional<OpId> operator_id) override;
    ChartTable table() const override;
    // Where a segment is drawn, in pixels of the plot; empty if it is not.
    QRectF area_of(std::size_t bar, OpId id) const;

signals:
    void unit_changed(epscope::BreakdownUnit unit);

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On a chip's name: picks what is shown of it.
    void clicked(const QPointF &position) override;

private:
    class Bars;
    class Foot;

    BreakdownSeries series;
    QButtonGroup *units;
    Bars *bars;
    Foot *foot;

    // At the mark, the longest first.
    QStringList mark_texts(const BreakdownBar &bar) const;
    QStringList bar_texts(const BreakdownBar &bar) const;
    QStringList segment_texts(const BreakdownBar &bar, const BreakdownSegment &segment) const;
};

// Drawing and texts of operators, the same in the timeline.

QString text_of_seconds(double seconds);
QString text_of_part(double part); // "28.4 %"
// "H800, EP 320 × 120, dual-mbatch".
QString configuration_text(const Explored &explored, const ChipView &view);
// "infeasible: memory", empty if it serves.
QString infeasible_text(const Estimate &estimate);
// What one run of an operator is made of: times, what binds, work, efficiency and where that is from.
QStringList operator_texts(const Scenario &scenario, const OperatorEstimate &op);
// Lines broken so that they fit into the plot.
QString hover_text(const QStringList &lines, const QWidget &plot);

// The first text that is no wider; empty if none is.
QString first_fitting(const QStringList &texts, const QFont &font, double width);

// Title and number of ticks of a horizontal axis as its width allows; the title may reach into the margins beside it.
void fit_axis_texts(QCPAxis &axis, const QStringList &labels, const QFont &font, double width, double margin);

// `part` of b in a.
QColor mixed(const QColor &a, const QColor &b, double part);
// Fill of an operator's block: faint when another one is lit, pale if the configuration cannot serve.
QColor fill_of(OpId id, const Theme &theme, std::optional<OpId> lit, bool feasible);
// Lines at 45 degrees; brush patterns get lost in SVG.
void draw_hatch(QPainter &painter, const QRectF &area, const QColor &colour, double distance);
// Name and value centred in the area as far as they fit, upright or, if allowed, turned.
void draw_block_label(QPainter &painter, const QRectF &area, const QString &name, const QString &value, const QColor &fill, bool may_turn);
// The strip that says what binds: solid for compute, two lines for memory, dashes for network.
void draw_bound(QPainter &painter, const QRectF &area, Bound bound, const QColor &colour);

// Keys to colours and patterns, in groups, in as many lines as it takes.
class BlockLegend {
public:
    enum class Swatch : std::uint8_t { none, block, bound, exposed, idle };
    struct Entry {
        Swatch swatch = Swatch::none; // none: heading of a group
        QString text;
        std::optional<OpId> id;
        Bound bound{};
        QColor colour;
        QRectF area; // from the legend's top left corner
    };

    // All operators of the stages with a heading each or, where that takes too much room, the stages alone.
    void set_operators(const std::vector<OpId> &present, const Theme &theme);
    void add(Swatch swatch, const QString &text, Bound bound, const QColor &colour);
    // Height in pixels; 0 if it would take too much of the plot.
    double arrange(const QSizeF &plot, const QFont &font);
    void paint(QPainter &painter, const QPointF &corner, const QFont &font, const Theme &theme) const;
    std::optional<OpId> operator_at(const QPointF &position) const;

private:
    std::vector<Entry> full, brief, arranged;
};

} // namespace epscope
