// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/map_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/colour_map.h"
#include "app/charts/make_chart.h"
#include "app/charts/marks.h"
#include "app/charts/operator_blocks.h"
#include "app/controls/parameter_controls.h"
#include "app/look/plain_text.h"
#include "app/words/output_words.h"
#include "core/analysis/contour.h"
#include "core/quantity.h"

namespace epscope {
namespace {

constexpr std::size_t about_levels = 6;

std::string without_chip_name(const Variable &variable)
{
    if (variable.info->scope != Scope::chip)
        return variable.key;
    return "chip." + std::string(variable.info->key);
}

// Between two nodes, on their axis.
double between(const std::vector<double> &nodes, double place)
{
    const auto below = std::min(static_cast<std::size_t>(place), nodes.size() - 1),
               above = std::min(below + 1, nodes.size() - 1);
    return nodes[below] + (nodes[above] - nodes[below]) * (place - static_cast<double>(below));
}

// "+14 %": what a line or the scale says of a difference. The map's colours are the arrows.
QString part_of_baseline(double part)
{
    return change_text({1, 1 + part}).remove(u"▲ "_qs).remove(u"▼ "_qs);
}

} // namespace

MapData map_data(const Answer &answer, const Metric &metric)
{
    const auto &map = std::get<Map>(answer.found);
    MapData data;
    data.output = title_of(metric);
    const auto *against = answer.against ? &std::get<Map>(*answer.against) : nullptr;
    data.difference = against != nullptr;
    data.x_label = AnalysisChart::axis_label(map.x.variable);
    data.y_label = AnalysisChart::axis_label(map.y.variable);
    const std::size_t stride = std::max<std::size_t>(map.stride, 1);
    const auto nodes_of = [&](const MapAxis &axis, std::vector<double> &nodes) {
        for (std::size_t i = 0; i < axis.values.size(); i += stride)
            nodes.push_back(axis.values[i] / axis.variable.unit->factor);
    };
    nodes_of(map.x, data.x);
    nodes_of(map.y, data.y);
    std::vector<double> grid;
    struct Sum {
        double column = 0, row = 0;
        std::size_t nodes = 0;
    };
    std::array<Sum, 3> sums{};
    for (std::size_t row = 0; row < data.y.size(); ++row) {
        for (std::size_t column = 0; column < data.x.size(); ++column) {
            const Outcome &outcome = map.at(column * stride, row * stride).outcome;
            std::optional<double> value = number_of(metric, outcome);
            if (data.difference) {
                const std::optional<double> before =
                    number_of(metric, against->at(column * stride, row * stride).outcome);
                const auto change = value && before ? change_of(*before, *value) : std::nullopt;
                value = change ? std::optional(change->part()) : std::nullopt;
            }
            data.values.push_back(value);
            data.bounds.push_back(outcome.best ? std::optional(outcome.best->bound.largest()) : std::nullopt);
            grid.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
            if (!value)
                continue;
            data.least = std::min(data.least.value_or(*value), *value);
            data.most = std::max(data.most.value_or(*value), *value);
            Sum &sum = sums[static_cast<std::size_t>(*data.bounds.back())];
            sum.column += static_cast<double>(column);
            sum.row += static_cast<double>(row);
            ++sum.nodes;
        }
    }
    if (data.least) {
        const auto add_lines = [&](double level, bool target) {
            for (const ContourLine &line : contour_lines(grid, data.x.size(), level)) {
                MapLine drawn{level, target,
                    data.difference ? part_of_baseline(level) : AnalysisChart::metric_text(metric, level), {},
                    line.closed};
                for (const GridPoint &point : line.points)
                    drawn.points.emplace_back(between(data.x, point.column), between(data.y, point.row));
                data.lines.push_back(std::move(drawn));
            }
        };
        for (const double level : round_levels(*data.least, *data.most, about_levels))
            add_lines(level, false);
        const double target = answer.study.target_tps.si();
        if (target > 0 && metric.key == output::ux_tps && !data.difference)
            add_lines(target, true);
        if (target > 0 && metric.key == output::tpot && !data.difference)
            add_lines(1 / target, true);
    }
    // A label in the node nearest to the middle of its region.
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (sums[i].nodes == 0)
            continue;
        const auto count = static_cast<double>(sums[i].nodes);
        double nearest = std::numeric_limits<double>::infinity();
        MapRegion region{static_cast<Bound>(i), sums[i].nodes, {}};
        for (std::size_t k = 0; k < data.bounds.size(); ++k) {
            if (data.bounds[k] != region.bound)
                continue;
            const std::size_t column = k % data.x.size(), row = k / data.x.size();
            const double distance = std::hypot(
                static_cast<double>(column) - sums[i].column / count, static_cast<double>(row) - sums[i].row / count);
            if (distance < nearest) {
                nearest = distance;
                region.middle = {data.x[column], data.y[row]};
            }
        }
        data.regions.push_back(region);
    }
    if (map.x.variable.stated)
        data.now_x = *map.x.variable.stated / map.x.variable.unit->factor;
    if (map.y.variable.stated)
        data.now_y = *map.y.variable.stated / map.y.variable.unit->factor;
    return data;
}

MapChart::MapChart(QWidget *parent)
    : AnalysisChart(QStringLiteral("map"), chart_title("map"), parent)
    , metric(find_metric(output::throughput))
    , x_box(new ChoiceBox(this))
    , y_box(new ChoiceBox(this))
    , output_box(new ChoiceBox(this))
    , difference(new QToolButton(this))
{
    QHBoxLayout *controls = add_controls();
    add_metrics(*output_box);
    for (const auto &[box, what] : {std::pair{output_box, tr("Output")}, std::pair{x_box, tr("Number across")},
             std::pair{y_box, tr("Number upwards")}}) {
        box->setAccessibleName(what);
        box->setToolTip(what);
        box->setMinimumContentsLength(5);
        controls->addWidget(box, 1);
    }
    difference->setText(tr("Δ"));
    difference->setCheckable(true);
    difference->setEnabled(false);
    difference->setAccessibleName(tr("Difference to the baseline"));
    difference->setToolTip(
        tr("The difference to the pinned baseline, searched at the same nodes under its other inputs"));
    controls->addWidget(difference);
    connect(difference, &QAbstractButton::toggled, this, [this] { question_changed(); });
    auto *over = plain_label(tr("over"), this), *by = plain_label(u"×"_qs, this);
    controls->insertWidget(1, over);
    controls->insertWidget(3, by);
    connect(output_box, &QComboBox::activated, this, [this] { set_output(output_box->currentData().toString()); });
    for (QComboBox *box : {x_box, y_box})
        connect(box, &QComboBox::activated, this,
            [this] { set_axes(x_box->currentData().toString(), y_box->currentData().toString()); });

    QCustomPlot &chart = *plot();
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        if (!this->explored() || data.x.empty())
            return;
        painter.setOpacity(opacity());
        paint_map(painter);
        painter.setAntialiasing(true);
        paint_lines(painter);
        paint_scale(painter);
        painter.setOpacity(1);
    });
}

void MapChart::set_axes(const QString &x, const QString &y)
{
    if (x == y) { // the other one gives way
        const bool x_changed = x.toStdString() != x_key;
        (x_changed ? y_key : x_key) = x_changed ? x_key : y_key;
        (x_changed ? x_key : y_key) = x.toStdString();
    } else {
        x_key = x.toStdString();
        y_key = y.toStdString();
    }
    x_box->setCurrentIndex(x_box->findData(QString::fromStdString(x_key)));
    y_box->setCurrentIndex(y_box->findData(QString::fromStdString(y_key)));
    fit_anew();
    emit axes_set();
}

QString MapChart::axes_text() const
{
    return tr("%1 × %2").arg(x_box->currentText(), y_box->currentText());
}

void MapChart::set_output(const QString &key)
{
    if (const Metric *wanted = find_metric(key.toStdString()); wanted && wanted->number)
        metric = wanted;
    output_box->setCurrentIndex(output_box->findData(qstring(metric->key)));
    question_changed();
}

void MapChart::set_difference(bool on)
{
    difference->setChecked(on);
}

Question MapChart::question() const
{
    MapQuestion wanted{x_key, y_key};
    if (difference->isChecked())
        wanted.against = study_against();
    return wanted;
}

std::vector<std::string> MapChart::axes_of(const Question &question) const
{
    const auto &asked = std::get<MapQuestion>(question);
    return {asked.x, asked.y};
}

// The numbers that this study has, in the boxes; what is on the axes is among them.
void MapChart::take_question(const AnalysisChart &other)
{
    const auto &map = static_cast<const MapChart &>(other);
    set_axes(QString::fromStdString(map.x_key), QString::fromStdString(map.y_key));
    set_output(qstring(map.metric->key));
    set_difference(map.difference->isChecked());
}

void MapChart::prepare(const Explored &explored)
{
    difference->setEnabled(study_against().has_value());
    const Study study = study_in_question(explored);
    std::vector<std::pair<QString, QString>> now;
    for (const Variable &variable : all_variables(study)) {
        const auto [from, to] = map_range(variable);
        if (variable.info->scope != Scope::profile && from < to)
            now.emplace_back(
                QString::fromStdString(without_chip_name(variable)), QString::fromStdString(variable.label));
    }
    if (now != choices) {
        choices = now;
        for (QComboBox *box : {x_box, y_box}) {
            box->clear();
            for (const auto &[key, label] : choices)
                box->addItem(label, key);
        }
    }
    const auto keep = [&](std::string &key) { // by the name that the boxes have
        const auto found = find_variable(study, key);
        const auto *variable = std::get_if<Variable>(&found);
        if (variable)
            key = without_chip_name(*variable);
        return variable != nullptr;
    };
    if (!keep(x_key))
        x_key = "chip.memory_bandwidth";
    if (!keep(y_key)) { // another study's NIC
        const auto nic = std::find_if(
            choices.begin(), choices.end(), [](const auto &choice) { return choice.first.startsWith(u"nic."); });
        y_key = nic == choices.end() ? "chip.memory" : nic->first.toStdString();
    }
    x_box->setCurrentIndex(x_box->findData(QString::fromStdString(x_key)));
    y_box->setCurrentIndex(y_box->findData(QString::fromStdString(y_key)));
    output_box->setCurrentIndex(output_box->findData(qstring(metric->key)));
}

void MapChart::draw_answer(const Explored &explored, const Theme &)
{
    keep_legible(*this, 20, 12);
    if (!drawn_answer())
        return;
    data = map_data(*drawn_answer(), *metric);
    if (!is_stale()) { // the point moves over the map
        const Study study = study_in_question(explored);
        const auto &map = std::get<Map>(drawn_answer()->found);
        const auto stated = [&](const MapAxis &axis) -> std::optional<double> {
            const auto found = find_variable(study, axis.variable.key);
            const auto *variable = std::get_if<Variable>(&found);
            return variable && variable->stated ? std::optional(*variable->stated / axis.variable.unit->factor)
                                                : std::nullopt;
        };
        data.now_x = stated(map.x);
        data.now_y = stated(map.y);
    }
    if (const Baseline *baseline = baselines().primary()) {
        const auto &map = std::get<Map>(drawn_answer()->found);
        const auto then = [&](const MapAxis &axis) -> std::optional<double> {
            const std::optional<double> value = value_in(*baseline, axis.variable.key);
            return value ? std::optional(*value / axis.variable.unit->factor) : std::nullopt;
        };
        data.then_x = then(map.x);
        data.then_y = then(map.y);
    }
    const auto &map = std::get<Map>(drawn_answer()->found);
    for (const auto &[axis, values, from] :
        {std::tuple{plot()->xAxis, &data.x, &map.x}, std::tuple{plot()->yAxis, &data.y, &map.y}}) {
        const bool log = from->variable.info->axis == Axis::log && values->front() > 0;
        if ((axis->scaleType() == QCPAxis::stLogarithmic) != log) {
            axis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
            axis->setTicker(log ? decade_ticker() : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
        }
        // To the outer borders of the cells at the ends, which a refinement leaves as they are.
        const double first = from->values.front() / from->variable.unit->factor,
                     last = from->values.back() / from->variable.unit->factor;
        if (zoom().isEmpty())
            axis->setRange(first, last);
    }
    arrange();
}

void MapChart::arrange()
{
    const QFontMetricsF metrics(font());
    double widest = metrics.horizontalAdvance(data.least ? value_text(*data.most) : QString());
    for (const MapLine &each : data.lines)
        widest = std::max(widest, metrics.horizontalAdvance(each.text));
    const auto line = static_cast<int>(metrics.height());
    plot()->axisRect()->setMinimumMargins(QMargins(8, 3 * line / 2 + 4, static_cast<int>(widest) + 2 * line, 4));
    plot()->xAxis->setLabel(data.x_label);
    plot()->yAxis->setLabel(data.y_label);
}

QString MapChart::value_text(double value) const
{
    return data.difference ? part_of_baseline(value) : metric_text(*metric, value);
}

// Better is what a difference for the better is elsewhere, whichever way the output goes.
QColor MapChart::colour_of(double value) const
{
    if (data.difference) {
        if (std::abs(value) < baselines().threshold)
            return theme().surface;
        const bool more_is_better = metric->better != Better::lower;
        return diverging(data.farthest() > 0 ? value / data.farthest() : 0, theme().change(!more_is_better),
            theme().surface, theme().change(more_is_better));
    }
    return viridis(*data.most > *data.least ? (value - *data.least) / (*data.most - *data.least) : 0.5);
}

QPointF MapChart::pixel_of(std::size_t column, std::size_t row) const
{
    return {plot()->xAxis->coordToPixel(data.x[column]), plot()->yAxis->coordToPixel(data.y[row])};
}

// Half-way between the nodes, in pixels; one more than there are nodes.
std::vector<double> MapChart::borders(const std::vector<double> &nodes, const QCPAxis &axis) const
{
    std::vector<double> all;
    const QRectF area = plot_area(*plot()->axisRect());
    const bool across = axis.orientation() == Qt::Horizontal;
    const double low = across ? area.left() : area.top(), high = across ? area.right() : area.bottom();
    for (std::size_t i = 0; i <= nodes.size(); ++i) {
        const double at = i == 0 ? axis.coordToPixel(nodes.front())
            : i == nodes.size()  ? axis.coordToPixel(axis.range().upper)
                                 : (axis.coordToPixel(nodes[i - 1]) + axis.coordToPixel(nodes[i])) / 2;
        all.push_back(std::round(std::clamp(at, low, high)));
    }
    return all;
}

std::optional<std::pair<std::size_t, std::size_t>> MapChart::node_at(const QPointF &position) const
{
    if (!drawn_answer() || data.x.empty() || data.y.empty() || !plot_area(*plot()->axisRect()).contains(position))
        return std::nullopt;
    const auto nearest = [](const std::vector<double> &nodes, const QCPAxis &axis, double pixel) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < nodes.size(); ++i) {
            if (std::abs(axis.coordToPixel(nodes[i]) - pixel) < std::abs(axis.coordToPixel(nodes[best]) - pixel))
                best = i;
        }
        return best;
    };
    return std::pair{nearest(data.x, *plot()->xAxis, position.x()), nearest(data.y, *plot()->yAxis, position.y())};
}

void MapChart::paint_map(QCPPainter &painter) const
{
    const std::vector<double> x = borders(data.x, *plot()->xAxis), y = borders(data.y, *plot()->yAxis);
    const QRectF area = plot_area(*plot()->axisRect());
    painter.setAntialiasing(false);
    draw_hatch(painter, area, theme().infeasible, 7);
    if (!data.least)
        return;
    constexpr int shades = 255;
    const auto shade = [&](std::size_t node) {
        const std::optional<double> &value = data.values[node];
        return !value ? -1
            : *data.most > *data.least
            ? static_cast<int>(std::lround(shades * (*value - *data.least) / (*data.most - *data.least)))
            : shades / 2;
    };
    for (std::size_t row = 0; row < data.y.size(); ++row) {
        for (std::size_t column = 0; column < data.x.size();) {
            const int colour = shade(row * data.x.size() + column);
            std::size_t end = column + 1;
            while (end < data.x.size() && shade(row * data.x.size() + end) == colour)
                ++end;
            if (colour >= 0)
                painter.fillRect(QRectF(QPointF(x[column], y[row + 1]), QPointF(x[end], y[row])),
                    colour_of(*data.least + (*data.most - *data.least) * colour / shades));
            column = end;
        }
    }
    // Where neighbours are bound by different things.
    painter.setPen(QPen(data.difference ? theme().muted : QColor(Qt::white), 1, Qt::SolidLine, Qt::SquareCap));
    const auto differ = [&](std::size_t a, std::size_t b) {
        return data.bounds[a] && data.bounds[b] && *data.bounds[a] != *data.bounds[b];
    };
    QVector<QLineF> lines;
    for (std::size_t row = 0; row < data.y.size(); ++row) {
        for (std::size_t column = 0; column < data.x.size(); ++column) {
            const std::size_t node = row * data.x.size() + column;
            if (column + 1 < data.x.size() && differ(node, node + 1))
                lines << QLineF(x[column + 1], y[row], x[column + 1], y[row + 1]);
            if (row + 1 < data.y.size() && differ(node, node + data.x.size()))
                lines << QLineF(x[column], y[row + 1], x[column + 1], y[row + 1]);
        }
    }
    painter.drawLines(lines);
}

void MapChart::paint_lines(QCPPainter &painter) const
{
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    const QRectF area = plot_area(*plot()->axisRect());
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(font()), bold_metrics(bold);
    QVector<QRectF> taken;
    const auto label = [&](const QString &text, const QPointF &at, const QFont &in, const QFontMetricsF &of) {
        const QSizeF size(of.horizontalAdvance(text) + 6, of.height());
        const QRectF box(QPointF(std::clamp(at.x() - size.width() / 2, area.left() + 1,
                                     std::max(area.left() + 1, area.right() - size.width() - 1)),
                             std::clamp(at.y() - size.height() / 2, area.top() + 1,
                                 std::max(area.top() + 1, area.bottom() - size.height() - 1))),
            size);
        if (std::any_of(taken.begin(), taken.end(), [&](const QRectF &other) { return other.intersects(box); }))
            return false;
        taken << box.adjusted(-2, -2, 2, 2);
        QColor ground = theme().surface;
        ground.setAlpha(210);
        painter.fillRect(box, ground);
        painter.setPen(theme().text);
        painter.setFont(in);
        painter.drawText(box, Qt::AlignCenter, text);
        return true;
    };
    const auto pixel = [&](const QPointF &point) {
        return QPointF(x.coordToPixel(point.x()), y.coordToPixel(point.y()));
    };
    for (const MapLine &line : data.lines) {
        QVector<QPointF> points;
        for (const QPointF &point : line.points)
            points << pixel(point);
        if (line.closed && !points.isEmpty())
            points << points.front();
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line.target
                ? QPen(theme().warning, 2.5)
                : QPen(data.difference ? theme().text : QColor(0, 0, 0, 170), line.level == 0 ? 2 : 1));
        draw_path(painter, points, area);
    }
    // Where the baseline stood, and where the study stands.
    const auto cross = [&](const std::optional<double> &at_x, const std::optional<double> &at_y, const QPen &line,
                           const QPen &ring, double radius) -> std::optional<QPointF> {
        QColor halo = theme().surface; // for any colour below
        halo.setAlpha(150);
        const QPointF at(x.coordToPixel(at_x.value_or(0)), y.coordToPixel(at_y.value_or(0)));
        for (const QPen &pen : {QPen(halo, 4, Qt::SolidLine, Qt::FlatCap), line}) {
            painter.setPen(pen);
            if (at_x && x.range().contains(*at_x))
                painter.drawLine(QLineF(at.x(), area.top(), at.x(), area.bottom()));
            if (at_y && y.range().contains(*at_y))
                painter.drawLine(QLineF(area.left(), at.y(), area.right(), at.y()));
        }
        if (!at_x || !at_y || !area.contains(at))
            return std::nullopt;
        painter.setPen(ring);
        painter.setBrush(theme().surface);
        painter.drawEllipse(at, radius, radius);
        taken << QRectF(
            at - QPointF(radius + 2, radius + 2), QSizeF(2 * radius + 4, 2 * radius + 4)); // no label hides it
        return at;
    };
    if (const Baseline *baseline = baselines().primary()) {
        const QPen pen = theme().baseline_pen(baseline->mark, 1.5);
        if (const std::optional<QPointF> at = cross(data.then_x, data.then_y, pen, QPen(pen.color(), 2), 7)) {
            const double aside = 12 + metrics.horizontalAdvance(baseline->name) / 2;
            for (const QPointF &place : {QPointF(aside, -metrics.height()), QPointF(-aside, -metrics.height()),
                     QPointF(aside, metrics.height()), QPointF(-aside, metrics.height())}) {
                if (label(baseline->name, *at + place, font(), metrics))
                    break;
            }
        }
    }
    cross(data.now_x, data.now_y, QPen(theme().warning, 1.5, Qt::DashLine), QPen(theme().warning, 2), 4);
    if (!data.least) {
        const QString text = tr("Nothing serves anywhere on this map");
        for (const double aside : {0.0, -1.5, 1.5}) { // lines of text
            if (label(text, area.center() + QPointF(0, aside * metrics.height()), font(), metrics))
                break;
        }
    }
    for (const MapRegion &region : data.regions) {
        if (20 * region.nodes <= data.values.size()) // a twentieth, else it has no room
            continue;
        for (const double aside : {0.0, -1.5, 1.5}) { // lines of text
            if (label(tr("bound by %1").arg(bound_text(region.bound)),
                    pixel(region.middle) + QPointF(0, aside * bold_metrics.height()), bold, bold_metrics))
                break;
        }
    }
    for (const MapLine &line : data.lines) {
        if (line.points.size() < 6)
            continue;
        for (const std::size_t part : {2, 3, 1}) { // of a quarter
            const QPointF at = pixel(line.points[line.points.size() * part / 4]);
            if (area.contains(at)
                && label(line.target ? tr("target %1").arg(line.text) : line.text, at, font(), metrics))
                break;
        }
    }
}

void MapChart::paint_scale(QCPPainter &painter) const
{
    if (!data.least)
        return;
    const QFontMetricsF metrics(font());
    const QRectF area = plot_area(*plot()->axisRect());
    const double line = metrics.height();
    const QRectF bar(area.right() + 0.5 * line, area.top(), 0.7 * line, area.height());
    constexpr int steps = 128;
    for (int i = 0; i < steps; ++i) {
        const double top = std::round(bar.bottom() - bar.height() * (i + 1) / steps),
                     bottom = std::round(bar.bottom() - bar.height() * i / steps);
        painter.fillRect(QRectF(bar.left(), top, bar.width(), bottom - top),
            colour_of(*data.least + (*data.most - *data.least) * (i + 0.5) / steps));
    }
    painter.setFont(font());
    painter.setPen(theme().text);
    double last = std::numeric_limits<double>::infinity();
    for (const MapLine &each : data.lines) {
        if (each.target || each.level == last)
            continue;
        last = each.level;
        const double at = bar.bottom() - bar.height() * (each.level - *data.least) / (*data.most - *data.least);
        painter.drawLine(QLineF(bar.right(), at, bar.right() + 3, at));
        painter.drawText(QPointF(bar.right() + 6, at + (metrics.ascent() - metrics.descent()) / 2), each.text);
    }
    painter.setPen(theme().muted);
    const QString what = data.difference ? tr("Δ %1").arg(data.output) : data.output;
    const bool slight =
        data.difference && std::max(std::abs(*data.least), std::abs(*data.most)) < baselines().threshold;
    const QString range = slight
        ? tr("%1: nowhere %2 % or more, as if these numbers alone differed").arg(what).arg(100 * baselines().threshold)
        : tr("%1: %2 to %3").arg(what, value_text(*data.least), value_text(*data.most));
    const double room = plot()->viewport().width() - 2 * text_padding - state_width();
    painter.drawText(QPointF(text_padding, legend_top + metrics.ascent()),
        metrics.elidedText(range, Qt::ElideRight, std::max(0.0, room)));
}

ChartTable MapChart::table() const
{
    ChartTable table;
    if (!answer()) {
        table.header = {tr("Map")};
        table.rows = {{tr("not searched yet: nobody has looked at it")}};
        return table;
    }
    const auto &map = std::get<Map>(answer()->found);
    const MapData now = map_data(*answer(), *metric);
    const auto *against = answer()->against ? &std::get<Map>(*answer()->against) : nullptr;
    table.header = {now.x_label, now.y_label, now.output, tr("Bound by"), tr("Configuration")};
    if (against)
        table.header << tr("%1 in %2").arg(now.output, baseline_name())
                     << tr("%1, part more than in %2").arg(now.output, baseline_name());
    const std::size_t stride = std::max<std::size_t>(map.stride, 1);
    for (std::size_t row = 0; row < now.y.size(); ++row) {
        for (std::size_t column = 0; column < now.x.size(); ++column) {
            const std::size_t node = row * now.x.size() + column;
            const Outcome &outcome = map.at(column * stride, row * stride).outcome;
            const QString configuration = outcome.best
                ? QString::fromStdString(full_configuration_text(answer()->study, outcome.best->candidate))
                : outcome.miss ? QString::fromStdString(text_of(outcome.miss->lacks))
                               : QString();
            const auto number = [](const std::optional<double> &value) { return value ? exact(*value) : QString(); };
            table.rows.push_back({exact(now.x[column]), exact(now.y[row]), number(number_of(*metric, outcome)),
                now.bounds[node] ? bound_text(*now.bounds[node]) : QString(), configuration});
            if (against)
                table.rows.back() << number(number_of(*metric, against->at(column * stride, row * stride).outcome))
                                  << number(now.values[node]);
        }
    }
    return table;
}

std::optional<Hover> MapChart::hover_at(const QPointF &position) const
{
    const auto node = node_at(position);
    if (!node)
        return std::nullopt;
    const auto &map = std::get<Map>(drawn_answer()->found);
    const std::size_t stride = std::max<std::size_t>(map.stride, 1);
    const auto [column, row] = *node;
    const Outcome &outcome = map.at(column * stride, row * stride).outcome;
    const auto place = [](const MapAxis &axis, std::size_t index) {
        return QString::fromStdString(axis.variable.label + ": " + axis.variable.short_text(axis.values[index]));
    };
    QStringList lines{place(map.x, column * stride), place(map.y, row * stride)};
    Hover hover;
    Study study = drawn_answer()->study;
    set_variable(study, map.x.variable, map.x.values[column * stride]);
    set_variable(study, map.y.variable, map.y.values[row * stride]);
    hover.number = number_of(lines.join(u", "_qs), study, outcome, metric->key);
    if (outcome.best) {
        lines << data.output + u": "_qs
                + QString::fromStdString(text_of(*metric, drawn_answer()->study, *outcome.best));
        if (data.difference) {
            const auto before = number_of(
                           *metric, std::get<Map>(*drawn_answer()->against).at(column * stride, row * stride).outcome),
                       now = number_of(*metric, outcome);
            const auto change = before && now ? change_of(*before, *now) : std::nullopt;
            lines << (change ? against_text(*change, metric_text(*metric, *before), baseline_name())
                             : tr("nothing to compare with in %1").arg(baseline_name()));
        }
        lines << QString::fromStdString(full_configuration_text(drawn_answer()->study, outcome.best->candidate));
        lines << tr("bound by %1").arg(QString::fromStdString(binding_text(*outcome.best)));
    } else {
        lines << tr("Nothing serves: %1")
                     .arg(outcome.miss ? QString::fromStdString(text_of(outcome.miss->lacks))
                                       : tr("contradictory numbers"));
    }
    lines << tr("Click to go there");
    hover.text = hover_text(lines, *plot());
    hover.crosshair = pixel_of(column, row);
    return hover;
}

void MapChart::clicked(const QPointF &position)
{
    const auto node = node_at(position);
    if (!node)
        return;
    const auto &map = std::get<Map>(drawn_answer()->found);
    const std::size_t stride = std::max<std::size_t>(map.stride, 1);
    const auto text = [&](const MapAxis &axis, std::size_t index) {
        return QString::fromStdString(axis.variable.text(axis.values[index * stride]));
    };
    emit node_picked(QString::fromStdString(map.x.variable.key), text(map.x, node->first),
        QString::fromStdString(map.y.variable.key), text(map.y, node->second));
}

} // namespace epscope
