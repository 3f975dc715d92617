// SPDX-License-Identifier: GPL-3.0-or-later
// Where the time of a configuration goes: one bar of operators per chip.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <QRectF>
#include <QString>

#include "app/charts/chart.h"
#include "app/charts/operator_blocks.h"

class QButtonGroup;
class QCPLayoutElement;

namespace epscope {

// Of one layer, all micro-batches; of the whole step; of the step as a part of the sum of its operators.
enum class BreakdownUnit : std::uint8_t { us_per_layer, ms_per_step, share };

// One operator of one configuration, all its runs in the layer or step together.
struct BreakdownSegment {
    OpId id{};
    Bound bound{}; // in most of its time
    double time_s = 0;
    double from = 0; // on the axis, in its unit
    double to = 0;
    double share = 0; // of the sum of the operators

    bool operator==(const BreakdownSegment &) const = default;
};

struct BreakdownBar {
    std::size_t view = 0; // index into Explored::chips
    std::vector<BreakdownSegment> segments; // in execution order
    double sum_s = 0; // of the operators
    double span_s = 0; // that the layer or step takes: less than the sum where windows overlap
    double end = 0; // on the axis, in its unit
    double mark = 0; // likewise, of span_s

    double hidden_s() const { return sum_s > span_s ? sum_s - span_s : 0; }
    bool operator==(const BreakdownBar &) const = default;
};

struct BreakdownSeries {
    BreakdownUnit unit{};
    std::vector<BreakdownBar> bars; // in the order of the chips
    double longest = 0; // end of the longest bar

    bool operator==(const BreakdownSeries &) const = default;
};

BreakdownSeries breakdown_series(const Explored &explored, BreakdownUnit unit);

// The bar that a chip has in a baseline, and what its time has become.
struct BreakdownGhost {
    BreakdownBar bar;
    ValueChange span; // seconds of the layer or step
};
// One for each of the bars; none where the primary baseline has no such chip.
std::vector<std::optional<BreakdownGhost>> breakdown_ghosts(
    const Explored &explored, const PinnedBaselines &baselines, BreakdownUnit unit);

class BreakdownChart : public Chart {
    Q_OBJECT
public:
    explicit BreakdownChart(QWidget *parent = nullptr);
    ~BreakdownChart() override;

    BreakdownUnit unit() const { return series.unit; }
    void set_unit(BreakdownUnit unit);
    QString unit_text() const; // for people
    void set_highlight(std::optional<OpId> operator_id) override;
    ChartTable table() const override;
    // Where a segment is drawn, in pixels of the plot; empty if it is not.
    QRectF area_of(std::size_t bar, OpId id) const;

signals:
    void unit_changed(epscope::BreakdownUnit unit);

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On a chip's name: picks what is shown of it; on an operator: asks where its time comes from.
    void clicked(const QPointF &position) override;
    std::string main_number() const override;
    std::string operator_number(OpId id) const override;

private:
    class Bars;

    BreakdownSeries series;
    std::vector<std::optional<BreakdownGhost>> ghosts; // as many as bars
    QButtonGroup *units;
    QCPLayoutElement *legend;
    Bars *bars;
    QStringList axis_labels; // the longest first

    TimeUnit time_unit() const { return series.unit == BreakdownUnit::us_per_layer ? TimeUnit::us : TimeUnit::ms; }
    QString text_of(double seconds) const { return time_text(seconds, time_unit()); }
    void arrange(const QSize &size);
    bool has_ghosts() const
    {
        return std::any_of(ghosts.begin(), ghosts.end(), [](const auto &ghost) { return ghost.has_value(); });
    }
    void add_rows(ChartTable &table, const Explored &of) const;

    // At the mark, the longest first.
    bool is_selected(const BreakdownBar &bar) const;
    const BreakdownSegment *segment_at(const BreakdownBar &bar, std::size_t index, const QPointF &position) const;
    QStringList mark_texts(const BreakdownBar &bar) const;
    QStringList bar_texts(const BreakdownBar &bar) const;
    QStringList segment_texts(const BreakdownBar &bar, const BreakdownSegment &segment) const;
};

} // namespace epscope
