// SPDX-License-Identifier: GPL-3.0-or-later
// The operators of the leading configuration under the roofs of its chip: FLOP/s over FLOP per byte, and beside it what
// is sent under the bandwidths of its links. Roofs can be dragged.
#pragma once

#include <string>
#include <vector>

#include <QTimer>

#include "app/charts/baseline_marks.h"
#include "app/charts/chart.h"
#include "core/model/machine.h"

class QCPAxisRect;
class QCPPainter;

namespace epscope {

enum class RoofKind : std::uint8_t { bf16, eight_bit, four_bit, memory, scale_up, nic };

struct Roof {
    RoofKind kind{};
    QString name; // "FP8"
    std::string key; // as set_parameter() takes it
    double value = 0; // FLOP/s or B/s, as the formulas read it
    double reachable = 0; // what the profile's efficiency leaves of it; `value` where that is another for each operator

    bool is_rate() const { return kind <= RoofKind::four_bit; }
};

// One run of an operator; of several blocks that have it, in the first.
struct RooflinePoint {
    OpId id{};
    BlockKind block{};
    double intensity = 0; // FLOP/B; 0 where nothing is computed, so that it has no place under the roofs of the chip
    RoofKind under{}; // the roof of its kind: a rate, or a link
    double achieved = 0; // FLOP/s or B/s over its whole time
    double attainable = 0; // without overheads and what does not overlap: what the efficiencies leave
    double roof = 0; // of the chip at this intensity, or of the link
};

struct RooflineData {
    std::vector<Roof> roofs;
    std::vector<RooflinePoint> points; // that compute
    std::vector<RooflinePoint> moves; // memory traffic alone
    std::vector<RooflinePoint> transfers; // over links, one for each that an operator uses
    bool feasible = false;

    const Roof *find(RoofKind kind) const;
};
RooflineData roofline_data(const Scenario &scenario, const Estimate &estimate);

class RooflineChart : public Chart {
    Q_OBJECT
public:
    explicit RooflineChart(QWidget *parent = nullptr);

    ChartTable table() const override;
    const RooflineData &shown_data() const { return data; }
    // Where they are drawn, in pixels of the plot.
    QPointF pixel_of(const RooflinePoint &point) const;
    // Of the axes that it stands on.
    QRectF area_of(const RooflinePoint &point) const;
    // A place on a roof to take hold of.
    QPointF handle_of(RoofKind kind) const;
    // The side list: a row an operator, as many as have room.
    struct Row {
        OpId id{};
        QString name, value;
        std::optional<ValueChange> change; // of what is achieved, against the baseline
        QRectF area;
    };
    std::vector<Row> rows() const;
    // The names of the roofs with their changes, none upon another.
    struct RoofLabel {
        QString text;
        std::optional<ValueChange> change; // told behind the text
        QRectF box;
    };
    std::vector<RoofLabel> roof_labels() const;
    // By how much points have moved, where there is room beside their arrows.
    struct PointLabel {
        ValueChange change;
        QRectF box;
    };
    std::vector<PointLabel> point_labels() const;
    // Of the leading chip in the primary baseline, if it is there.
    const std::optional<RooflineData> &data_before() const { return before; }

signals:
    // Live while a roof is dragged: for Session::set().
    void roof_dragged(const QString &key, const QString &value);

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On an operator: asks where its time comes from.
    void clicked(const QPointF &position) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    class List;
    struct Drag {
        RoofKind kind{};
        QPointF pressed;
        double before = 0; // as the formulas read it
        double factor = 1; // from the mouse to the roof
        bool moved = false;
    };

    RooflineData data;
    std::optional<RooflineData> before; // of the same chip in the primary baseline
    QCPAxisRect *links;
    List *list;
    std::optional<Drag> drag;
    std::optional<std::pair<RoofKind, double>> asked; // shown until its result is there
    QTimer asked_too_long;

    // Where slope and rates meet.
    struct Limits {
        double memory = 0, highest = 0; // B/s, and the highest rate in FLOP/s; 0: none
    };

    double value_of(const Roof &roof) const;
    Limits limits_of(const RooflineData &of) const;
    std::optional<QLineF> line_of(const Roof &roof, double value, const Limits &within) const;
    std::optional<QLineF> line_of(const Roof &roof) const;
    // Of a baseline's roof where it is another now.
    std::optional<QLineF> line_before(const Roof &roof) const;
    std::optional<ValueChange> change_in(const Roof &roof) const;
    std::optional<ValueChange> change_in(const RooflinePoint &point) const; // of what it achieves
    const RooflinePoint *point_before(const RooflinePoint &point) const;
    ChangeArrow arrow_of(const RooflinePoint &point) const;
    bool meets_point(const QRectF &box) const;
    static void add_rows(ChartTable &table, const RooflineData &of);
    const RooflinePoint *point_near(const RooflineData &of, const QPointF &position) const;
    const Roof *roof_near(const QPointF &position) const;
    double value_at(RoofKind kind, const QPointF &position) const;
    void ask_for(RoofKind kind, double value);
    void drag_to(const QPointF &position);
    void arrange(const QSize &size);
    void fit_axes();
    QString point_text(const RooflinePoint &point) const;
    QString before_text(const RooflinePoint &point) const;
    QString roof_text(const Roof &roof) const;
    void paint_roofs(QCPPainter &painter) const;
    void paint_before(QCPPainter &painter) const;
    void paint_changes(QCPPainter &painter) const;
    void paint_points(QCPPainter &painter) const;
    void paint_list(QCPPainter &painter) const;
};

} // namespace epscope
