// SPDX-License-Identifier: GPL-3.0-or-later
// Throughput per card over tokens/s per user: every chip's evaluated points and its front, the target as a line to
// drag.
#pragma once

#include <array>
#include <span>

#include <QLineF>
#include <QTimer>

#include "app/charts/chart.h"

class QCPLayoutElement;
class QCPPainter;

namespace epscope {

struct ChangeArrow;

struct ParetoPoint {
    Candidate candidate;
    QString label; // "EP×batch"
    bool feasible = false;
};

struct ParetoSeries {
    std::size_t mark = 0; // what the chip is drawn with
    QString name;
    bool leads = false;
    std::vector<ParetoPoint> front; // by descending tokens/s per user
    ParetoPoint shown;
    std::span<const CloudPoint> cloud; // into the result that the data was made of
    std::span<const MeasuredPoint> measured; // likewise
};

struct ParetoData {
    std::vector<ParetoSeries> series;
    double target_tps = 0;
    double least_ux = 0, most_ux = 0; // of what the axes have to cover, tok/s
    double least_throughput = 0, most_throughput = 0;
    std::array<std::uint64_t, reason_count> rejected{}; // configurations by the first reason that holds

    // Makes the axes cover the other's points too.
    void cover(const ParetoData &other);
};
ParetoData pareto_data(const Explored &explored);

// From a baseline's configuration of a chip to the one shown, for the arrow between them.
struct ParetoChange {
    std::size_t mark = 0; // of the chip
    Candidate before, now;
    ValueChange change; // of throughput per card
};
// Of the chips for which there is one.
std::vector<ParetoChange> pareto_changes(const Explored &explored, const PinnedBaselines &baselines);

// One as it stands on the chart, in pixels of the plot.
struct ParetoLabel {
    QString text;
    QRectF box;
    QPointF point; // that it names
    QLineF lead; // to that from where it stands farther off, else null
    std::size_t mark = 0; // of its chip
    bool feasible = false;
    bool shown = false; // of a shown configuration
};

class ParetoChart : public Chart {
    Q_OBJECT
public:
    explicit ParetoChart(QWidget *parent = nullptr);

    // Both axes.
    void set_log(bool log);
    bool log() const { return logarithmic; }
    void set_show_infeasible(bool show);
    bool shows_infeasible() const { return infeasible_shown; }
    void set_show_measured(bool show);

    ChartTable table() const override;
    void set_highlight(std::optional<OpId>) override { }

    // The configuration that a click or hover at a position of the plot means: the nearest within 24 px, front points
    // first.
    std::optional<Candidate> candidate_near(const QPointF &position) const;
    // The one within a diamond's width, or null.
    const MeasuredPoint *measured_near(const QPointF &position) const;
    // Where a point is drawn, in pixels of the plot.
    QPointF pixel_of(double ux_tps, double throughput_per_card) const;
    double target_pixel() const;
    // What has room, the best first.
    std::vector<ParetoLabel> labels() const;

signals:
    // Live while the target's line is dragged or moved with Ctrl and the arrow keys.
    void target_dragged(double tps);

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    class Ground;
    struct Drag {
        QPointF pressed;
        double before = 0; // tok/s
        double offset = 0; // px from the mouse to the line
        bool moved = false;
    };

    QCPLayoutElement *legend;
    ParetoData data;
    std::vector<ParetoData> pinned_data, covered_data; // of the baselines and of what the axes cover
    PinnedBaselines data_of; // that they were made of
    std::vector<ParetoChange> changes;
    bool logarithmic = false;
    bool infeasible_shown = true;
    bool measured_shown = true;
    std::optional<Drag> drag;
    std::optional<double> asked_target; // shown until its result is there
    QTimer asked_too_long;
    mutable QRectF tag; // where the target's was painted

    double target() const { return asked_target.value_or(data.target_tps); }
    bool near_target(const QPointF &position) const;
    void ask_for_target(double tps);
    bool press(const QPointF &position);
    void drag_to(const QPointF &position);
    bool key(int key, Qt::KeyboardModifiers modifiers);
    void step_along_front(int direction);
    QRectF inner() const;
    QPointF pixel_of(const Candidate &candidate) const;

    void arrange(const QSize &size);
    void fit_axes();
    void fill_legend(const Theme &theme);
    void paint_background(QCPPainter &painter) const;
    void paint_points(QCPPainter &painter) const;
    void paint_cloud(QCPPainter &painter) const;
    void paint_front(QCPPainter &painter, const ParetoSeries &series) const;
    void paint_baseline(QCPPainter &painter, const ParetoData &of_baseline, std::size_t mark) const;
    void paint_changes(QCPPainter &painter) const;
    ChangeArrow arrow_of(const ParetoChange &change) const;
    QRectF change_box(const ParetoChange &change) const;
    void paint_shown(QCPPainter &painter, const ParetoSeries &series) const;
    void paint_measured(QCPPainter &painter) const;
    void paint_labels(QCPPainter &painter) const;
    void paint_target(QCPPainter &painter) const;
};

} // namespace epscope
