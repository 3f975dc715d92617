// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/validation_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "app/charts/measured_marks.h"
#include "app/charts/operator_blocks.h"

namespace epscope {
namespace {

constexpr double ms = 1e3;
constexpr double cell_gap = 10, table_padding = 6; // px

QString unsigned_percent(double part)
{
    return QString::number(100 * part, 'f', 1) + QStringLiteral(" %");
}

} // namespace

namespace {

// The same runs and groups there; nothing if all estimates are the same.
void compare_with(ValidationData &data, const Explored &explored, const Baseline &baseline)
{
    const ValidationData then = validation_data(*baseline.explored);
    for (ValidationPoint &point : data.points) {
        const Measurement &run = explored.inputs.measured->rows[point.row];
        const auto same = std::find_if(then.points.begin(), then.points.end(),
            [&](const ValidationPoint &other) { return baseline.explored->inputs.measured->rows[other.row] == run; });
        if (same == then.points.end() || same->estimated_s == point.estimated_s)
            continue;
        point.before_s = same->estimated_s;
        data.compared = true;
        data.least_s = std::min(data.least_s, same->estimated_s);
        data.most_s = std::max(data.most_s, same->estimated_s);
    }
    if (!data.compared)
        return;
    for (ValidationData::Group &group : data.chips) {
        const auto same = std::find_if(then.chips.begin(), then.chips.end(),
            [&](const ValidationData::Group &other) { return other.name == group.name; });
        if (same != then.chips.end())
            group.mean_absolute_before = same->mean_absolute;
    }
    data.all.mean_absolute_before = then.all.mean_absolute;
}

// In percentage points: "▼ −3.1".
QString points_text(double difference)
{
    const QString size = QString::number(100 * std::abs(difference), 'f', 1);
    return size == u"0.0" ? u"± 0"_qs : (difference > 0 ? u"▲ +"_qs : u"▼ −"_qs) + size;
}

} // namespace

ValidationData validation_data(const Explored &explored, const Baseline *baseline)
{
    ValidationData data;
    if (!explored.validation || !explored.inputs.measured)
        return data;
    const Measured &measured = *explored.inputs.measured;
    const Validation &validation = *explored.validation;
    // The study's chips are drawn as everywhere; others come after them.
    std::size_t next = explored.inputs.known_chips.size();
    for (const Chip &chip : explored.inputs.study.chips)
        next = std::max(next, chip_mark(explored.inputs, chip.name) + 1);
    const auto known = [&](const std::string &name) {
        const auto is_it = [&](const auto &chips, auto name_of_one) {
            return std::any_of(chips.begin(), chips.end(), name_of_one);
        };
        return is_it(explored.inputs.known_chips, [&](const std::string &one) { return one == name; })
            || is_it(explored.inputs.study.chips, [&](const Chip &one) { return one.name == name; });
    };
    const auto group = [](const GroupError &from, std::size_t mark) {
        return ValidationData::Group{
            QString::fromStdString(from.name), mark, from.runs, from.mean_absolute, from.bias, from.worst, {}};
    };
    for (const GroupError &chip : validation.by_chip)
        data.chips.push_back(group(chip, known(chip.name) ? chip_mark(explored.inputs, chip.name) : next++));
    data.all = group(validation.all, 0);
    data.all.name = ValidationChart::tr("all");
    for (const GroupError &engine : validation.by_engine)
        data.engines << QString::fromStdString(engine.name);
    for (std::size_t i = 0; i < measured.rows.size(); ++i) {
        if (!measured.case_of[i])
            continue;
        const Measurement &row = measured.rows[i];
        const RowError &error = validation.rows[*measured.case_of[i]];
        if (!std::isfinite(error.tpot_s))
            continue;
        ValidationPoint point;
        point.row = i;
        const QString chip = QString::fromStdString(row.chip);
        point.mark =
            std::find_if(data.chips.begin(), data.chips.end(), [&](const auto &one) { return one.name == chip; })->mark;
        point.shape = static_cast<std::size_t>(data.engines.indexOf(QString::fromStdString(row.engine)));
        point.measured_s = row.tpot_s;
        point.estimated_s = error.tpot_s;
        point.error = error.relative;
        point.miss = std::abs(error.relative) > validation_band;
        point.label = QStringLiteral("%1×%2 %3")
                          .arg(row.ep)
                          .arg(std::llround(*row.batch_per_card))
                          .arg(signed_percent(error.relative));
        data.misses += point.miss ? 1 : 0;
        const auto [less, more] = std::minmax(point.measured_s, point.estimated_s);
        data.least_s = data.points.empty() ? less : std::min(data.least_s, less);
        data.most_s = std::max(data.most_s, more);
        data.points.push_back(std::move(point));
    }
    if (baseline)
        compare_with(data, explored, *baseline);
    return data;
}

ValidationChart::ValidationChart(QWidget *parent)
    : Chart(QStringLiteral("validation"), chart_title("validation"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart = *plot();
    chart.plotLayout()->insertRow(0);
    chart.plotLayout()->addElement(0, 0, legend);
    chart.plotLayout()->setRowSpacing(0);
    for (QCPAxis *axis : {chart.xAxis, chart.yAxis}) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(decade_ticker());
    }
    chart.xAxis->setLabel(tr("Measured time per token (ms)"));
    add_drawing(&chart, QStringLiteral("background"), [this](QCPPainter &painter) { paint_band(painter); });
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        paint_changes(painter);
        paint_points(painter);
    });
    add_drawing(&chart, QStringLiteral("axes"), [this](QCPPainter &painter) {
        paint_labels(painter);
        paint_summary(painter);
    });
}

ChartTable ValidationChart::table() const
{
    ChartTable table;
    table.header = {tr("Run"), tr("Chip"), tr("Engine"), tr("EP"), tr("Batch"), tr("Context"), tr("Draft length"),
        tr("Measured time per token (s)"), tr("Estimated time per token (s)"), tr("Error"), tr("Source")};
    if (!newest())
        return table;
    add_rows(table, *newest());
    const Baseline *baseline = newest_baselines().primary();
    if (baseline && validation_data(*newest(), baseline).compared)
        add_baselines(table, [&](const Baseline &pin) { add_rows(table, *pin.explored); });
    return table;
}

void ValidationChart::add_rows(ChartTable &table, const Explored &of)
{
    for (const ValidationPoint &point : validation_data(of).points) {
        const Measurement &row = of.inputs.measured->rows[point.row];
        const auto text = [](const std::string &from) { return QString::fromStdString(from); };
        table.rows.push_back({text(row.id), text(row.chip), text(row.engine), QString::number(row.ep),
            exact(*row.batch_per_card), exact(row.context), QString::number(*row.query_tokens - 1),
            exact(point.measured_s), exact(point.estimated_s), exact(point.error), text(row.source)});
    }
}

QPointF ValidationChart::pixel_of(const ValidationPoint &point) const
{
    return {plot()->xAxis->coordToPixel(ms * point.measured_s), plot()->yAxis->coordToPixel(ms * point.estimated_s)};
}

QPointF ValidationChart::pixel_before(const ValidationPoint &point) const
{
    return {pixel_of(point).x(), plot()->yAxis->coordToPixel(ms * point.before_s.value_or(point.estimated_s))};
}

const ValidationPoint *ValidationChart::point_near(const QPointF &position) const
{
    const QRectF area = plot_area(*plot()->axisRect());
    const ValidationPoint *found = nullptr;
    double nearest = marker_reach;
    for (const ValidationPoint &point : data.points) {
        const QPointF at = pixel_of(point);
        const double distance = QLineF(at, position).length();
        if (distance <= nearest && area.contains(at)) {
            nearest = distance;
            found = &point;
        }
    }
    return found;
}

std::optional<Hover> ValidationChart::hover_at(const QPointF &position) const
{
    const ValidationPoint *point = point_near(position);
    if (!point)
        return std::nullopt;
    const Measurement &row = explored()->inputs.measured->rows[point->row];
    MeasuredPoint measured;
    measured.row = point->row;
    measured.ux_tps = 1 / row.tpot_s;
    measured.throughput_per_card = row.throughput_per_card.value_or(*row.batch_per_card / row.tpot_s);
    measured.error = point->error;
    Hover hover;
    hover.text = tr("%1 measured, %2 estimated per token\n")
                     .arg(time_text(point->measured_s, TimeUnit::ms), time_text(point->estimated_s, TimeUnit::ms));
    if (const auto change = point->before_s ? change_of(*point->before_s, point->estimated_s) : std::nullopt)
        hover.text +=
            tr("%1, error there %2\n")
                .arg(against_text(*change, time_text(change->before, TimeUnit::ms), baselines().primary()->name),
                    signed_percent(change->before / point->measured_s - 1));
    hover.text += measured_text(*explored(), measured);
    const RowError &error = explored()->validation->rows[*explored()->inputs.measured->case_of[point->row]];
    if (error.weight < 1)
        hover.text += tr("\none run in %1 rows, which count as one").arg(std::lround(1 / error.weight));
    hover.text += tr("\nclick: where the estimate comes from");
    hover.crosshair = pixel_of(*point);
    hover.number = error_of(*explored(), point->row);
    return hover;
}

void ValidationChart::clicked(const QPointF &position)
{
    const ValidationPoint *point = explored() ? point_near(position) : nullptr;
    if (const std::optional<Explainable> number = point ? error_of(*explored(), point->row) : std::nullopt)
        emit explanation_wanted(*number);
}

void ValidationChart::draw(const Explored &explored, const Theme &theme)
{
    data = validation_data(explored, baselines().primary());
    keep_legible(*this, 20, 12);
    if (!data.points.empty()) {
        constexpr double air = 1.15; // times, around the outermost points
        for (QCPAxis *axis : {plot()->xAxis, plot()->yAxis})
            fit_axis(axis, ms * data.least_s / air, ms * data.most_s * air);
    }
    fill_legend(theme);
}

void ValidationChart::arrange(const QSize &size)
{
    const int line = QFontMetrics(font()).height();
    plot()->axisRect()->setMinimumMargins(QMargins(8, 6, line, 4));
    plot()->yAxis->setLabel(size.height() < 18 * line ? tr("Estimated (ms)") : tr("Estimated time per token (ms)"));
}

void ValidationChart::fill_legend(const Theme &theme)
{
    LegendEntries entries;
    for (const ValidationData::Group &chip : data.chips) {
        entries.push_back({chip.name, [colour = theme.chip(chip.mark)](QCPPainter &painter, const QRectF &box) {
                               painter.setPen(Qt::NoPen);
                               painter.setBrush(colour);
                               painter.drawRoundedRect(QRectF(box.center() - QPointF(5, 5), QSizeF(10, 10)), 2, 2);
                           }});
    }
    for (qsizetype i = 0; i < data.engines.size(); ++i) {
        entries.push_back({data.engines[i],
            [shape = static_cast<std::size_t>(i), colour = theme.muted](QCPPainter &painter, const QRectF &box) {
                draw_chip_marker(painter, shape, box.center(), chip_marker_size, QPen(colour, 1), colour);
            }});
    }
    if (!data.points.empty()) {
        entries.push_back({tr("%1 of %2 within ±10 %").arg(data.points.size() - data.misses).arg(data.points.size()),
            [fill = mixed(theme.surface, theme.accent, 0.16), line = theme.accent](
                QCPPainter &painter, const QRectF &box) {
                const QRectF area = box.adjusted(0, 2, 0, -2);
                painter.fillRect(area, fill);
                painter.setPen(QPen(line, 1));
                painter.drawLine(area.bottomLeft(), area.topRight());
            }});
    }
    if (data.misses > 0) {
        entries.push_back({tr("%1 misses, by EP×batch and error").arg(data.misses),
            [colour = theme.warning](QCPPainter &painter, const QRectF &box) {
                painter.setPen(QPen(colour, 1.75));
                painter.setBrush(Qt::NoBrush);
                painter.drawEllipse(box.center(), 6, 6);
            }});
    }
    if (data.compared) {
        const Baseline &baseline = *baselines().primary();
        entries.push_back({baseline.name,
            [colour = theme.baseline(baseline.mark), surface = theme.surface](QCPPainter &painter, const QRectF &box) {
                draw_chip_marker(painter, 0, box.center(), chip_marker_size, QPen(colour, 1.5), surface);
            }});
    }
    set_legend(legend, {std::move(entries)}, {font(), theme.text, theme.muted});
}

void ValidationChart::paint_band(QCPPainter &painter) const
{
    if (!explored())
        return;
    const QRectF area = plot_area(*plot()->axisRect());
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    painter.setAntialiasing(true);
    if (data.points.empty()) {
        painter.setPen(theme().muted);
        painter.setFont(font());
        painter.drawText(
            area, Qt::AlignCenter | Qt::TextWordWrap, tr("No measurements that an estimate can be made of"));
        return;
    }
    // Straight lines on logarithmic axes.
    const auto line_at = [&](double ratio) {
        const double from = x.range().lower, to = x.range().upper;
        return QLineF(
            x.coordToPixel(from), y.coordToPixel(ratio * from), x.coordToPixel(to), y.coordToPixel(ratio * to));
    };
    const QLineF upper = line_at(1 + validation_band), lower = line_at(1 - validation_band);
    painter.setPen(Qt::NoPen);
    painter.setBrush(mixed(theme().surface, theme().accent, 0.16));
    painter.drawPolygon(QPolygonF{{upper.p1(), upper.p2(), lower.p2(), lower.p1()}}.intersected(QPolygonF(area)));
    if (const std::optional<QLineF> line = clipped(line_at(1), area)) {
        painter.setPen(QPen(theme().accent, 1));
        painter.drawLine(*line);
    }
}

ChangeArrow ValidationChart::arrow_of(const ValidationPoint &point) const
{
    const QRectF area = plot_area(*plot()->axisRect());
    if (!point.before_s || !area.contains(pixel_of(point)) || !area.contains(pixel_before(point)))
        return {};
    return {pixel_before(point), pixel_of(point), chip_marker_size / 2, point.miss ? 8 : chip_marker_size / 2};
}

// From the hollow marker of the baseline's estimate to the one now: better where it comes closer to the measured time.
void ValidationChart::paint_changes(QCPPainter &painter) const
{
    const Baseline *baseline = baselines().primary();
    if (!explored() || !data.compared || !baseline)
        return;
    const QRectF area = plot_area(*plot()->axisRect());
    const Theme &look = theme();
    painter.setAntialiasing(true);
    for (const ValidationPoint &point : data.points) {
        if (!point.before_s || !area.contains(pixel_before(point)))
            continue;
        const ValueChange change{*point.before_s, point.estimated_s};
        const bool closer = std::abs(point.error) < std::abs(*point.before_s / point.measured_s - 1);
        draw_arrow(painter, arrow_of(point), change.slight(baselines().threshold) ? look.muted : look.change(closer));
        draw_chip_marker(painter, point.shape, pixel_before(point), chip_marker_size - 1,
            QPen(look.baseline(baseline->mark), 1.25), look.surface);
    }
}

void ValidationChart::paint_points(QCPPainter &painter) const
{
    if (!explored())
        return;
    const QRectF area = plot_area(*plot()->axisRect());
    painter.setAntialiasing(true);
    for (const ValidationPoint &point : data.points) {
        const QPointF at = pixel_of(point);
        if (!area.contains(at))
            continue;
        if (point.miss) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(theme().warning, 1.75));
            painter.drawEllipse(at, 7.5, 7.5);
        }
        draw_chip_marker(
            painter, point.shape, at, chip_marker_size, QPen(theme().surface, 1), theme().chip(point.mark));
    }
}

std::vector<ValidationLabel> ValidationChart::labels() const
{
    const QRectF area = plot_area(*plot()->axisRect());
    std::vector<const ValidationPoint *> misses;
    QVector<QRectF> taken{summary_box()};
    for (const ValidationPoint &point : data.points) {
        const QPointF at = pixel_of(point);
        if (!area.contains(at))
            continue;
        const double half = point.miss ? 8 : chip_marker_size / 2;
        taken << QRectF(at - QPointF(half, half), QSizeF(2 * half, 2 * half));
        if (point.before_s)
            taken << QRectF(pixel_before(point) - QPointF(chip_marker_size / 2, chip_marker_size / 2),
                QSizeF(chip_marker_size, chip_marker_size));
        if (point.miss)
            misses.push_back(&point);
    }
    std::stable_sort(misses.begin(), misses.end(),
        [](const auto *a, const auto *b) { return std::abs(a->error) > std::abs(b->error); });
    const QFontMetricsF metrics(font());
    const bool roomy = misses.size() <= 20 && area.height() > 14 * metrics.height();
    const int most_steps = roomy ? 24 : 8; // lines from far away across others are no help
    std::vector<ValidationLabel> placed;
    for (const ValidationPoint *point : misses) {
        const QPointF at = pixel_of(*point);
        const QSizeF size(metrics.horizontalAdvance(point->label) + 4, metrics.height());
        for (int step = 0; step < most_steps; ++step) {
            // Ever farther away from the diagonal, on the point's side of it first.
            const double away = 9 + step / 4 * 0.9 * size.height();
            const bool over = (point->error > 0) == (step % 4 < 2);
            const double x = step % 2 == (over ? 0 : 1) ? -away - size.width() : away;
            const QRectF box(at + QPointF(x, over ? -away - size.height() / 2 : away - size.height() / 2), size);
            const QRectF core = box.adjusted(1, 1, -1, -1);
            if (!area.contains(box)
                || std::any_of(taken.begin(), taken.end(), [&](const QRectF &other) { return other.intersects(core); }))
                continue;
            taken << box.adjusted(-3, 0, 3, 0);
            placed.push_back({point->label, box, at});
            break;
        }
    }
    return placed;
}

void ValidationChart::paint_labels(QCPPainter &painter) const
{
    if (!explored())
        return;
    painter.setAntialiasing(true);
    painter.setFont(font());
    QColor backing = theme().surface;
    backing.setAlpha(215);
    for (const ValidationLabel &label : labels()) {
        const QPointF nearest(std::clamp(label.point.x(), label.box.left(), label.box.right()),
            std::clamp(label.point.y(), label.box.top(), label.box.bottom()));
        constexpr double ring = 8;
        if (QLineF lead(nearest, label.point); lead.length() > 2 * ring) {
            lead.setLength(lead.length() - ring);
            painter.setPen(QPen(theme().muted, 1));
            painter.drawLine(lead);
        }
        painter.fillRect(label.box.adjusted(1, 1, -1, -1), backing);
        painter.setPen(theme().text);
        painter.drawText(QPointF(label.box.left() + 2, label.box.top() + QFontMetricsF(font()).ascent()), label.text);
    }
}

std::vector<QStringList> ValidationChart::summary() const
{
    std::vector<QStringList> rows{{QString(), tr("runs"), tr("mean |error|"), tr("bias"), tr("worst")}};
    if (data.compared)
        rows.front().insert(3, tr("Δ points"));
    const auto add = [&](const ValidationData::Group &group) {
        rows.push_back({group.name, QString::number(group.runs), unsigned_percent(group.mean_absolute),
            signed_percent(group.bias), signed_percent(group.worst)});
        if (data.compared)
            rows.back().insert(3,
                group.mean_absolute_before ? points_text(group.mean_absolute - *group.mean_absolute_before)
                                           : QString());
    };
    for (const ValidationData::Group &chip : data.chips)
        add(chip);
    add(data.all);
    return rows;
}

std::vector<double> ValidationChart::summary_columns() const
{
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(bold);
    const std::vector<QStringList> rows = summary();
    std::vector<double> widths(static_cast<std::size_t>(rows.front().size()));
    for (const QStringList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[static_cast<std::size_t>(i)] =
                std::max(widths[static_cast<std::size_t>(i)], metrics.horizontalAdvance(row[i]));
    }
    return widths;
}

QRectF ValidationChart::summary_box() const
{
    if (data.points.empty())
        return {};
    const QRectF area = plot_area(*plot()->axisRect());
    const std::vector<double> columns = summary_columns();
    const double line = QFontMetricsF(font()).height();
    const QSizeF size(std::accumulate(columns.begin(), columns.end(), 2 * table_padding)
            + static_cast<double>(columns.size() - 1) * cell_gap,
        static_cast<double>(data.chips.size() + 2) * line + 2 * table_padding);
    constexpr double most_width = 0.55, most_height = 0.55; // of the plot
    if (size.width() > most_width * area.width() || size.height() > most_height * area.height())
        return {};
    const QRectF upper(area.topLeft() + QPointF(8, 8), size),
        lower(area.bottomRight() - QPointF(8 + size.width(), 8 + size.height()), size);
    const auto covered = [&](const QRectF &box) {
        return std::count_if(data.points.begin(), data.points.end(),
            [&](const ValidationPoint &point) { return box.contains(pixel_of(point)); });
    };
    return covered(upper) <= covered(lower) ? upper : lower;
}

void ValidationChart::paint_summary(QCPPainter &painter) const
{
    const QRectF box = explored() ? summary_box() : QRectF();
    if (box.isEmpty())
        return;
    painter.setAntialiasing(true);
    painter.setPen(QPen(theme().grid, 1));
    painter.setBrush(theme().surface);
    painter.drawRoundedRect(box, 3, 3);
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF plain_metrics(font()), bold_metrics(bold);
    const std::vector<double> columns = summary_columns();
    const std::vector<QStringList> rows = summary();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool last = i + 1 == rows.size(), head = i == 0;
        const QFont &used = last ? bold : font();
        painter.setFont(used);
        double x = box.left() + table_padding;
        const double y =
            box.top() + table_padding + static_cast<double>(i) * plain_metrics.height() + plain_metrics.ascent();
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const QString &cell = rows[i][static_cast<qsizetype>(k)];
            const double width = (last ? bold_metrics : plain_metrics).horizontalAdvance(cell);
            painter.setPen(head       ? theme().muted
                    : k == 0 && !last ? theme().chip(data.chips[i - 1].mark)
                                      : theme().text);
            painter.drawText(QPointF(k == 0 ? x : x + columns[k] - width, y), cell);
            x += columns[k] + cell_gap;
        }
    }
}

} // namespace epscope
