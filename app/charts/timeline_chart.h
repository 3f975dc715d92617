// SPDX-License-Identifier: GPL-3.0-or-later
// One layer over time: what the card computes, what it sends meanwhile, and when one of the two waits for the other.
#pragma once

#include <vector>

#include <QRectF>

#include "app/charts/chart.h"

class QCPLayoutElement;

namespace epscope {

enum class Lane : std::uint8_t { compute, network };

// One run of an operator for one micro-batch.
struct TimelineBlock {
    OpId id{};
    Lane lane{};
    int micro_batch = 0; // 0: A, 1: B
    std::size_t window = 0; // index into TimelineSeries::windows
    double start_s = 0;
    double end_s = 0;
    double exposed_s = 0; // at its end: sent while nothing computes

    bool operator==(const TimelineBlock &) const = default;
};

// A lane without work.
struct TimelineIdle {
    Lane lane{};
    std::size_t window = 0;
    double start_s = 0;
    double end_s = 0;

    bool operator==(const TimelineIdle &) const = default;
};

struct TimelineWindow {
    std::size_t place = 0; // among the windows of the block's estimate
    double start_s = 0;
    double end_s = 0;
    double compute_s = 0;
    double network_s = 0;

    bool operator==(const TimelineWindow &) const = default;
};

struct TimelineSeries {
    BlockKind kind{};
    int micro_batches = 1; // 2: they take turns
    std::vector<TimelineWindow> windows;
    std::vector<TimelineBlock> blocks;
    std::vector<TimelineIdle> idle;
    double total_s = 0;

    bool operator==(const TimelineSeries &) const = default;
};

// Of the leading chip's first kind of layer. Windows come in an order in which each micro-batch computes what it sends
// and receives what it computes on: while one attends, the other's experts combine; while it dispatches, the other one
// begins its next layer.
TimelineSeries timeline_series(const Estimate &estimate);

class TimelineChart : public Chart {
    Q_OBJECT
public:
    explicit TimelineChart(QWidget *parent = nullptr);
    ~TimelineChart() override;

    void set_highlight(std::optional<OpId> operator_id) override;
    ChartTable table() const override;
    const TimelineSeries &shown_series() const { return series; }
    // Where they are drawn, in pixels of the plot, cut to what is visible.
    QRectF area_of(const TimelineBlock &block) const;
    QRectF area_of(const TimelineIdle &idle) const;

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On an operator: asks where its time comes from.
    void clicked(const QPointF &position) override;
    std::string main_number() const override { return "layer_time"; }

private:
    class Lanes;

    TimelineSeries series;
    std::optional<TimelineSeries> before; // of the same chip in the primary baseline
    QCPLayoutElement *legend;
    Lanes *lanes;
    QStringList axis_labels; // the longest first

    void arrange(const QSize &size);
    std::optional<ValueChange> change() const; // of the layer's time
    static void add_rows(ChartTable &table, const TimelineSeries &series);
    QStringList block_texts(const TimelineBlock &block) const;
    const WindowEstimate &estimate_of(const TimelineWindow &window) const;
    std::string window_number(const TimelineWindow &window) const; // by which its time is explained
    std::string idle_number(const TimelineIdle &idle) const; // by which find_explanation() knows it
    QString idle_text(const TimelineIdle &idle) const;
    QStringList window_texts(std::size_t index) const;
};

} // namespace epscope
