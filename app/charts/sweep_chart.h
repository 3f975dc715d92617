// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens/s per user, throughput per card and step time over the batch size, everything else as in the shown
// configuration.
#pragma once

#include <array>

#include "app/charts/chart.h"

class QCPAxis;
class QCPAxisRect;
class QCPLayoutElement;
class QCPPainter;

namespace epscope {

enum class SweepPanel : std::uint8_t { ux, throughput, step };
inline constexpr std::size_t sweep_panel_count = 3;

// A measured run at conditions near those shown.
struct MeasuredSweepPoint {
    MeasuredPoint measured;
    double batch = 0; // a mean
    double step_s = 0;
};

struct SweepData {
    Candidate shown;
    SweepPoint marked; // the shown configuration's
    std::size_t mark = 0; // what the chip is drawn with
    QString chip;
    QString configuration; // all but the batch
    std::vector<SweepPoint> points; // by ascending batch
    std::int64_t max_batch = 0; // the largest that fits in memory
    double target_tps = 0;
    std::vector<MeasuredSweepPoint> measured;
};
SweepData sweep_data(const Explored &explored);
// Of a point, in the panel's unit: tok/s, tok/s, ms.
double value_of(const SweepPoint &point, SweepPanel panel);
double value_of(const MeasuredSweepPoint &point, SweepPanel panel);

class SweepChart : public Chart {
    Q_OBJECT
public:
    explicit SweepChart(QWidget *parent = nullptr);

    ChartTable table() const override;
    void set_highlight(std::optional<OpId>) override { }

    // The nearest batch to a position in one of the panels.
    const SweepPoint *point_near(const QPointF &position) const;
    // The one within a diamond's width, or null.
    const MeasuredSweepPoint *measured_near(const QPointF &position) const;
    // Where a point is drawn, in pixels of the plot.
    QPointF pixel_of(const SweepPoint &point, SweepPanel panel) const;
    QPointF pixel_of(const MeasuredSweepPoint &point, SweepPanel panel) const;

    void set_show_measured(bool show);

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    std::array<QCPAxisRect *, sweep_panel_count> rects{};
    QCPLayoutElement *legend;
    SweepData data;
    struct Ghost {
        Baseline baseline;
        bool is_primary = false;
        std::vector<SweepPoint> points;
        SweepPoint shown; // the configuration's that was shown
    };
    std::vector<Ghost> ghosts; // of the same chip in the baselines
    bool measured_shown = true;

    const Ghost *primary() const;
    std::optional<ValueChange> change(SweepPanel panel) const;
    QColor colour_of(const ValueChange &change, SweepPanel panel) const;
    std::optional<SweepPanel> panel_at(const QPointF &position) const;
    void pick(const SweepPoint &point);
    bool step(int direction);
    const QCPAxis &batch_axis() const;
    QColor colour() const;
    void arrange(const QSize &size);
    void fill_legend(const Theme &theme);
    void paint_background(QCPPainter &painter) const;
    void paint_ring(QCPPainter &painter, SweepPanel panel) const;
    void paint_ghosts(QCPPainter &painter, SweepPanel panel) const;
    void paint_change(QCPPainter &painter, SweepPanel panel) const;
    void paint_panel(QCPPainter &painter, SweepPanel panel) const;
    void paint_measured(QCPPainter &painter, SweepPanel panel) const;
    void paint_heading(QCPPainter &painter, SweepPanel panel) const;
    void paint_tags(QCPPainter &painter) const;
};

} // namespace epscope
