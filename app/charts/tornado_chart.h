// SPDX-License-Identifier: GPL-3.0-or-later
// How much each number of chip, network and workload matters: the change of an output a few percent down and up,
// searched again.
#pragma once

#include <vector>

#include <QRectF>

#include "app/charts/analysis_chart.h"

class QCPPainter;
class QComboBox;
class QCPLayoutElement;
class QSpinBox;

namespace epscope {

struct TornadoEnd {
    QString value; // of the number, "3.69 TB/s"
    std::optional<double>
        part; // change of the output over its value, or the change itself where that is 0; none: nothing serves
    QString note; // "bound by ... from 3.6 TB/s", or why nothing serves
};

struct TornadoBar {
    QString key, label;
    TornadoEnd low, high;
    std::optional<double> marginal; // percent for one percent more
    // The same number changed under the baseline's inputs, against the output there.
    struct Then {
        TornadoEnd low, high;
        std::optional<double> marginal;
    };
    std::optional<Then> then;
};

struct TornadoData {
    QString output, base; // "Throughput per card", "3703 tok/s"
    bool relative = true; // parts are shares of the base
    std::vector<TornadoBar> bars; // the widest first, without those that change nothing
    QStringList without_effect; // labels of the others
    QString problem; // why there are none
    bool compared = false; // the baseline's are there
};
TornadoData tornado_data(const Answer &answer);

class TornadoChart : public AnalysisChart {
    Q_OBJECT
public:
    explicit TornadoChart(QWidget *parent = nullptr);

    Question question() const override;
    void take_question(const AnalysisChart &other) override
    {
        set_question(static_cast<const TornadoChart &>(other).asked_now);
    }
    // Without what it is against: that is the primary baseline.
    void set_question(const SensitivityQuestion &question);
    ChartTable table() const override;
    const TornadoData &shown_data() const { return data; }
    // The row of a bar in pixels of the plot, as many as have room.
    std::vector<QRectF> rows() const;
    // Of a bar's end that is drawn, now or in the baseline below it; empty if nothing is.
    QRectF area_of(const TornadoBar &bar, bool high, bool then = false) const;

protected:
    void draw_answer(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    std::vector<std::string> axes_of(const Question &question) const override;
    std::string main_number() const override { return asked_now.metric; }

private:
    SensitivityQuestion asked_now;
    TornadoData data;
    QCPLayoutElement *legend;
    QSpinBox *percent;
    QComboBox *output;

    void arrange(const QSize &size);
    QString part_of(const TornadoEnd &end) const;
    QString marginal_text(const TornadoBar &bar) const;
    QString missing_text(const Baseline &baseline) const;
    const TornadoBar *bar_at(const QPointF &position) const;
    void paint_ghost(QCPPainter &painter, const TornadoBar &bar) const;
    std::optional<Explainable> number_of_bar(const TornadoBar &bar, const QPointF &position) const;
    void paint_bars(QCPPainter &painter) const;
};

} // namespace epscope
