// SPDX-License-Identifier: GPL-3.0-or-later
// An output over two numbers, the best configuration searched at every node of a grid: colours, lines of equal value,
// regions by what binds.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <QRectF>

#include "app/charts/analysis_chart.h"

class QAbstractButton;
class QComboBox;
class QCPAxis;
class QCPPainter;

namespace epscope {

struct MapLine {
    double level = 0;
    bool target = false; // else a round value
    QString text;
    std::vector<QPointF> points; // on the axes
    bool closed = false;
};

struct MapRegion {
    Bound bound{};
    std::size_t nodes = 0;
    QPointF middle; // a node of it, on the axes
};

// One output of a map, on axes in the units in which the study states the two numbers.
struct MapData {
    QString output, x_label, y_label;
    std::vector<double> x, y; // of the nodes
    std::vector<std::optional<double>> values; // SI, row by row; none: nothing serves
    std::vector<std::optional<Bound>> bounds;
    std::optional<double> least, most;
    std::vector<MapLine> lines;
    std::vector<MapRegion> regions;
    std::optional<double> now_x, now_y; // where the study stands
    std::optional<double> then_x, then_y; // where the primary baseline stood
    bool difference = false; // values are parts of the baseline's: 0.1 is 10 % more

    // The farthest from no difference.
    double farthest() const { return std::max(std::abs(least.value_or(0)), std::abs(most.value_or(0))); }
};
MapData map_data(const Answer &answer, const Metric &metric);

class MapChart : public AnalysisChart {
    Q_OBJECT
public:
    explicit MapChart(QWidget *parent = nullptr);

    Question question() const override;
    void take_question(const AnalysisChart &other) override;
    void prepare(const Explored &explored) override;
    // Keys as find_variable() takes them; what the study does not have is replaced.
    void set_axes(const QString &x, const QString &y);
    void set_output(const QString &key);
    QString x_axis() const { return QString::fromStdString(x_key); }
    QString y_axis() const { return QString::fromStdString(y_key); }
    const Metric &output() const { return *metric; }
    QString axes_text() const; // for people
    // Against the primary baseline, if that has the leading chip.
    void set_difference(bool on);
    QAbstractButton *difference_button() const { return difference; }
    ChartTable table() const override;
    const MapData &shown_data() const { return data; }
    // The middle of a node's cell, in pixels of the plot.
    QPointF pixel_of(std::size_t column, std::size_t row) const;

signals:
    void axes_set();
    // Both numbers of a node: for set_parameter().
    void node_picked(const QString &x_key, const QString &x_value, const QString &y_key, const QString &y_value);

protected:
    void draw_answer(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    std::vector<std::string> axes_of(const Question &question) const override;
    std::string main_number() const override { return std::string(metric->key); }

private:
    std::string x_key = "chip.memory_bandwidth", y_key = "nic.bandwidth";
    const Metric *metric;
    MapData data;
    std::vector<std::pair<QString, QString>> choices; // key and label, as in the boxes
    QComboBox *x_box, *y_box, *output_box;
    QAbstractButton *difference;

    void arrange();
    std::optional<std::pair<std::size_t, std::size_t>> node_at(const QPointF &position) const;
    std::vector<double> borders(const std::vector<double> &nodes, const QCPAxis &axis) const;
    QString value_text(double value) const;
    QColor colour_of(double value) const;
    void paint_map(QCPPainter &painter) const;
    void paint_lines(QCPPainter &painter) const;
    void paint_scale(QCPPainter &painter) const;
};

} // namespace epscope
