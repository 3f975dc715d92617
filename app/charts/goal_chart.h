// SPDX-License-Identifier: GPL-3.0-or-later
// A goal seek as a picture: the output over the number that is sought, the best configuration searched at every value;
// the goal, where the study stands, the answer, and what binds where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QRectF>

#include "app/charts/analysis_chart.h"

class QCPLayoutElement;
class QCPPainter;

namespace epscope {

struct GoalMark {
    enum class Kind { present, answer, closest, edge }; // edge: how far the number can go while the goal holds

    Kind kind = Kind::present;
    double x = 0;
    std::optional<double> y; // none: nothing serves there
    QString text;
};

// Neighbouring values with the same bound; the border lies half-way to the next ones.
struct GoalStretch {
    double from = 0, to = 0;
    std::optional<Bound> bound; // none: nothing serves
};

struct GoalPoint {
    double x = 0;
    std::optional<double> y;
    bool serves = false; // else `y` is the speed of what is too slow
};

// On axes in the unit in which the study states the number and in one that fits the output.
struct GoalData {
    QString x_label, y_label;
    QString goal; // "≥ 4000 tok/s"
    double wanted = 0; // on the axis
    std::vector<GoalPoint> points; // ascending
    std::vector<GoalStretch> stretches;
    std::vector<GoalMark> marks;
    double from = 0, to = 0; // what is shown of x
    bool log = false; // the axis of x
    QString problem; // nothing serves at any value: why
};
GoalData goal_data(const Answer &answer);

class GoalChart : public AnalysisChart {
    Q_OBJECT
public:
    explicit GoalChart(QWidget *parent = nullptr);

    Question question() const override { return asked_now; }
    bool can_ask() const override { return !asked_now.goal.empty(); }
    // `about`: the chip in question; empty for the leading one.
    void set_question(const SeekQuestion &question, const std::string &about = {});
    void take_question(const AnalysisChart &other) override;
    Study subject(const Explored &explored) const override;
    ChartTable table() const override;
    const GoalData &shown_data() const { return data; }
    // In pixels of the plot; none where it is not in sight.
    std::optional<QPointF> pixel_of(const GoalMark &mark) const;

protected:
    void draw_answer(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    QString state_text() const override;
    std::vector<std::string> axes_of(const Question &question) const override;

private:
    SeekQuestion asked_now;
    std::string chip; // in question; empty: the leading one
    GoalData data;
    QCPLayoutElement *legend;

    void arrange(const QSize &size);
    void paint_ground(QCPPainter &painter) const;
    void paint_curve(QCPPainter &painter) const;
    void paint_marks(QCPPainter &painter) const;
};

} // namespace epscope
