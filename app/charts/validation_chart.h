// SPDX-License-Identifier: GPL-3.0-or-later
// Estimated over measured time per token, a point for every measured run that the profile can be judged by.
#pragma once

#include "app/charts/baseline_marks.h"
#include "app/charts/chart.h"

class QCPLayoutElement;
class QCPPainter;

namespace epscope {

inline constexpr double validation_band = 0.1; // errors beyond it are misses

struct ValidationPoint {
    std::size_t row = 0; // of Inputs::measured
    std::size_t mark = 0; // of its chip, for the colour
    std::size_t shape = 0; // of its engine
    double measured_s = 0, estimated_s = 0; // per token
    double error = 0; // estimated over measured, less 1
    bool miss = false;
    QString label; // "EP×batch" and the error
    std::optional<double> before_s; // estimated in the baseline, where that has another estimate
};

struct ValidationData {
    struct Group {
        QString name;
        std::size_t mark = 0;
        std::size_t runs = 0;
        double mean_absolute = 0, bias = 0, worst = 0;
        std::optional<double> mean_absolute_before; // in the baseline
    };
    std::vector<ValidationPoint> points; // in the order of the cases
    std::vector<Group> chips; // by name
    Group all;
    QStringList engines; // by name; the index is the shape
    std::size_t misses = 0;
    bool compared = false; // something is estimated otherwise than in the baseline
    double least_s = 0, most_s = 0; // of both times
};
// `baseline`: to compare with; may be null.
ValidationData validation_data(const Explored &explored, const Baseline *baseline = nullptr);

struct ValidationLabel {
    QString text;
    QRectF box;
    QPointF point; // that it names
};

class ValidationChart : public Chart {
    Q_OBJECT
public:
    explicit ValidationChart(QWidget *parent = nullptr);

    ChartTable table() const override;
    void set_highlight(std::optional<OpId>) override { }

    const ValidationPoint *point_near(const QPointF &position) const;
    // Where a point is drawn, in pixels of the plot.
    QPointF pixel_of(const ValidationPoint &point) const;
    QPointF pixel_before(const ValidationPoint &point) const; // of a point that has been compared
    // Of the misses, the largest first; those for which there is room.
    std::vector<ValidationLabel> labels() const;

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On a run: asks where its estimate comes from.
    void clicked(const QPointF &position) override;

private:
    QCPLayoutElement *legend;
    ValidationData data;

    // The errors in figures, as cells of a table, and where it stands: in the emptier of two corners. Empty without
    // room for it.
    std::vector<QStringList> summary() const;
    std::vector<double> summary_columns() const; // widths
    QRectF summary_box() const;

    void arrange(const QSize &size);
    void fill_legend(const Theme &theme);
    void paint_band(QCPPainter &painter) const;
    ChangeArrow arrow_of(const ValidationPoint &point) const;
    static void add_rows(ChartTable &table, const Explored &of);
    void paint_points(QCPPainter &painter) const;
    void paint_changes(QCPPainter &painter) const;
    void paint_labels(QCPPainter &painter) const;
    void paint_summary(QCPPainter &painter) const;
};

} // namespace epscope
