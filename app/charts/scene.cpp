// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/scene.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontInfo>
#include <QFontMetricsF>
#include <qcustomplot.h>

#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct SceneTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Scene)
};

struct Painting {
    QCPPainter &painter;

    void use(const QPen &pen, const QBrush &brush) const
    {
        painter.setPen(pen);
        painter.setBrush(brush);
    }
    void operator()(const Marks::Fill &mark) const { painter.fillRect(mark.area, mark.colour); }
    void operator()(const Marks::Box &mark) const
    {
        use(mark.pen, mark.brush);
        if (mark.radius > 0)
            painter.drawRoundedRect(mark.area, mark.radius, mark.radius);
        else
            painter.drawRect(mark.area);
    }
    void operator()(const Marks::Oval &mark) const
    {
        use(mark.pen, mark.brush);
        painter.drawEllipse(mark.centre, mark.radius, mark.radius);
    }
    void operator()(const Marks::Line &mark) const
    {
        painter.setPen(mark.pen);
        painter.drawLine(mark.line);
    }
    void operator()(const Marks::Lines &mark) const
    {
        painter.setPen(mark.pen);
        painter.drawLines(mark.lines);
    }
    void operator()(const Marks::Path &mark) const
    {
        use(mark.pen, Qt::NoBrush);
        painter.QPainter::drawPolyline(mark.points.constData(), static_cast<int>(mark.points.size()));
    }
    void operator()(const Marks::Tiles &mark) const
    {
        use(Qt::NoPen, mark.brush);
        painter.drawRects(mark.areas);
    }
    void operator()(const Marks::Dots &mark) const
    {
        painter.setPen(mark.pen);
        painter.drawPoints(mark.points);
    }
    void operator()(const Marks::Polygon &mark) const
    {
        use(mark.pen, mark.brush);
        painter.drawPolygon(mark.points);
    }
    void operator()(const Marks::Shape &mark) const
    {
        use(Qt::NoPen, mark.brush);
        painter.drawPath(mark.path);
    }
    void operator()(const Marks::Hatch &mark) const
    {
        draw_hatch(painter, mark.area, mark.colour, mark.spacing, mark.width);
    }
    void operator()(const Marks::Text &mark) const
    {
        painter.setFont(mark.font);
        painter.setPen(mark.colour);
        if (mark.box.isNull()) {
            painter.drawText(mark.at, mark.text);
        } else if (!mark.turned) {
            painter.drawText(mark.box, mark.alignment, mark.text);
        } else {
            painter.save();
            painter.translate(mark.box.center());
            painter.rotate(-90);
            painter.drawText(QRectF(-mark.box.height() / 2, -mark.box.width() / 2, mark.box.height(), mark.box.width()),
                mark.alignment, mark.text);
            painter.restore();
        }
    }
    void operator()(const Marks::Symbol &mark) const
    {
        draw_chip_marker(painter, mark.mark, mark.centre, mark.size, mark.pen, mark.brush);
    }
    // From an image on the screen, as shapes for files: an image that is scaled would blur.
    void operator()(const Marks::Stamp &mark) const
    {
        if (painter.modes().testFlag(QCPPainter::pmVectorized)
            || painter.transform().type() > QTransform::TxTranslate) {
            for (const QPointF &centre : mark.at) {
                painter.save();
                painter.translate(centre);
                mark.shape->paint(painter);
                painter.restore();
            }
            return;
        }
        const double half = std::ceil(mark.size / 2) + 1, ratio = painter.device()->devicePixelRatioF();
        const int side = static_cast<int>(std::ceil(2 * half * ratio));
        QImage image(side, side, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(ratio);
        image.fill(Qt::transparent);
        QCPPainter onto(&image);
        onto.setAntialiasing(true);
        onto.translate(half, half);
        mark.shape->paint(onto);
        onto.end();
        for (const QPointF &centre : mark.at)
            painter.drawImage(centre - QPointF(half, half), image);
    }
};

// The place with the least distance, of those that are near enough.
std::optional<std::size_t> nearest_of(std::size_t count, double reach, const std::function<double(std::size_t)> &away)
{
    std::optional<std::size_t> found;
    double least = reach;
    for (std::size_t i = 0; i < count; ++i) {
        const double distance = away(i);
        if (distance <= least && !(found && distance == least)) {
            least = distance;
            found = i;
        }
    }
    return found;
}

std::vector<QRectF> areas_of(const QVector<QPointF> &points)
{
    std::vector<QRectF> areas;
    for (const QPointF &point : points)
        areas.emplace_back(point, QSizeF(0, 0));
    return areas;
}

} // namespace

void Marks::path(const QVector<QPointF> &points, const QPen &pen, const QRectF &area)
{
    QVector<QPointF> run;
    const auto flush = [&] {
        if (run.size() > 1)
            add(Path{run, pen});
        run.clear();
    };
    for (qsizetype i = 1; i < points.size(); ++i) {
        const std::optional<QLineF> part = clipped(QLineF(points[i - 1], points[i]), area);
        if (!part) {
            flush();
            continue;
        }
        if (run.isEmpty() || run.back() != part->p1()) {
            flush();
            run << part->p1();
        }
        run << part->p2();
    }
    flush();
}

void Marks::cross(const QPointF &centre, double size, const QPen &pen)
{
    const QPointF down(size / 2, size / 2), up(size / 2, -size / 2);
    line(centre - down, centre + down, pen);
    line(centre - up, centre + up, pen);
}

void Marks::paint(QCPPainter &painter) const
{
    std::optional<QRectF> clipped_to;
    painter.save();
    for (const Mark &mark : all) {
        if (mark.clip != clipped_to) {
            painter.restore();
            painter.save();
            clipped_to = mark.clip;
            painter.setAntialiasing(mark.smooth); // which moves by half a pixel, the clip too
            if (clipped_to)
                painter.setClipRect(*clipped_to, Qt::IntersectClip);
        }
        painter.setAntialiasing(mark.smooth);
        painter.setOpacity(mark.opacity);
        std::visit(Painting{painter}, mark.what);
    }
    painter.restore();
}

QStringList Marks::texts() const
{
    QStringList found;
    for (const Text &text : of<Text>())
        found << text.text;
    return found;
}

QRectF add_tag(Marks &marks, const QString &text, const QFont &font, const QPointF &foot, double left, double right,
    const QColor &fill, const QColor &text_colour)
{
    const QFontMetricsF metrics(font);
    constexpr double tip = 5;
    const double width = tag_width(text, font), height = metrics.height() + 2;
    const double x = std::max(left, std::min(foot.x() - width / 2, right - width));
    const QRectF box(x, foot.y() - tip - height, width, height);
    QPainterPath shape;
    shape.addRoundedRect(box, 3, 3);
    const double middle = std::clamp(foot.x(), box.left() + tip + 1, box.right() - tip - 1);
    if (box.left() <= foot.x() && foot.x() <= box.right())
        shape.addPolygon(QPolygonF{{middle - tip, box.bottom()}, {foot.x(), foot.y()}, {middle + tip, box.bottom()},
            {middle - tip, box.bottom()}});
    shape.setFillRule(Qt::WindingFill);
    marks.shape(shape, fill);
    marks.text(QPointF(box.left() + tag_padding, box.top() + 1 + metrics.ascent()), text, font, text_colour);
    return box;
}

QString SceneInput::option(const QString &key) const
{
    const auto found = options.find(key);
    return found == options.end() ? QString() : found->second;
}

double SceneInput::line_width(double usual) const
{
    constexpr double usual_type = 12, most = 1.5; // px, and times
    return usual * std::clamp(QFontInfo(font).pixelSize() / usual_type, 1.0, most);
}

QFont SceneInput::bold() const
{
    QFont heavy = font;
    heavy.setBold(true);
    return heavy;
}

double SceneInput::line() const
{
    return QFontMetricsF(font).height();
}

AxisTexts texts_across(const QStringList &labels, const QFont &font, double width, double margin)
{
    constexpr int fewest = 2, most = 8;
    const double tick = QFontMetricsF(font).horizontalAdvance(u"00000"_qs);
    return {
        first_fitting(labels, font, width + 2 * margin), std::clamp(static_cast<int>(width / tick / 2), fewest, most)};
}

double FrameAxis::pixel(double at) const
{
    constexpr int beyond = 200; // px, of what has no place on a logarithmic axis
    if (log && ((at >= 0 && upper < 0) || (at <= 0 && upper >= 0))) {
        const bool above = upper < 0;
        return upwards ? (above ? last - length + 1 - beyond : last + beyond)
                       : (above ? start + length - 1 + beyond : start - beyond);
    }
    const double part = log ? std::log(at / lower) / std::log(upper / lower) : (at - lower) / (upper - lower);
    return upwards ? last - part * length : part * length + start;
}

double FrameAxis::value(double at) const
{
    const double part = (upwards ? last - at : at - start) / static_cast<double>(length);
    return log ? std::pow(upper / lower, part) * lower : part * (upper - lower) + lower;
}

Hits hit_areas(std::vector<QRectF> areas, std::function<Hover(std::size_t)> about)
{
    const auto find = [areas](const QPointF &position) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < areas.size(); ++i) {
            if (areas[i].contains(position))
                return i;
        }
        return std::nullopt;
    };
    return {std::move(areas), find, std::move(about)};
}

Hits hit_points(
    const QVector<QPointF> &points, double reach, std::function<Hover(std::size_t)> about, const QRectF &within)
{
    const auto find = [points, reach, within](const QPointF &position) -> std::optional<std::size_t> {
        if (!within.isNull() && !within.contains(position))
            return std::nullopt;
        return nearest_of(static_cast<std::size_t>(points.size()), reach * reach, [&](std::size_t i) {
            const QPointF &point = points[static_cast<qsizetype>(i)];
            return within.isNull() || within.contains(point) ? squared_distance(point, position)
                                                             : std::numeric_limits<double>::infinity();
        });
    };
    return {areas_of(points), find, std::move(about)};
}

Hits hit_across(const QVector<QPointF> &points, const QRectF &within, std::function<Hover(std::size_t)> about)
{
    const auto find = [points, within](const QPointF &position) -> std::optional<std::size_t> {
        if (!within.contains(position))
            return std::nullopt;
        return nearest_of(static_cast<std::size_t>(points.size()), std::numeric_limits<double>::infinity(),
            [&](std::size_t i) { return std::abs(points[static_cast<qsizetype>(i)].x() - position.x()); });
    };
    return {areas_of(points), find, std::move(about)};
}

Hits hit_lines(const QVector<QLineF> &lines, double reach, std::function<Hover(std::size_t)> about)
{
    std::vector<QRectF> areas;
    for (const QLineF &line : lines)
        areas.emplace_back(line.center(), QSizeF(0, 0));
    const auto find = [lines, reach](const QPointF &position) {
        return nearest_of(static_cast<std::size_t>(lines.size()), reach,
            [&](std::size_t i) { return distance_to(lines[static_cast<qsizetype>(i)], position); });
    };
    return {std::move(areas), find, std::move(about)};
}

std::optional<Hover> SceneLayout::hover(const QPointF &position) const
{
    std::optional<Hover> hover;
    for (const Hits &kind : hits) {
        if (const std::optional<std::size_t> found = hover ? std::nullopt : kind.find(position))
            hover = kind.about(*found);
    }
    const Handle *handle = handle_at(position);
    if (!handle || handle->text.isEmpty())
        return hover;
    if (!hover)
        return Hover{handle->text, std::nullopt, std::nullopt, handle->number};
    if (handle->joins)
        hover->text += u'\n' + handle->text;
    return hover;
}

QPointF Handle::grip(const QPointF &position) const
{
    QPointF nearest = position;
    double least = std::numeric_limits<double>::infinity();
    for (const QLineF &line : lines) {
        if (const double distance = distance_to(line, position); distance < least) {
            least = distance;
            nearest = nearest_place(line, position);
        }
    }
    return nearest;
}

const Handle *SceneLayout::handle_at(const QPointF &position) const
{
    const Handle *found = nullptr;
    double nearest = std::numeric_limits<double>::infinity();
    for (const Handle &handle : handles) {
        double distance = handle.tag.contains(position) ? handle.reach : std::numeric_limits<double>::infinity();
        for (const QLineF &line : handle.lines)
            distance = std::min(distance, distance_to(line, position));
        if (distance <= handle.reach && distance < nearest) {
            nearest = distance;
            found = &handle;
        }
    }
    return found;
}

const Handle *SceneLayout::handle_of(const QString &key) const
{
    return find_in(handles, key, &Handle::key);
}

std::string Scene::number_of(std::optional<OpId> id) const
{
    return !id ? number : operator_number ? operator_number(*id) : name_of_runs(*id, OperatorRuns::once);
}

std::optional<Study> study_against(const SceneInput &input)
{
    const Baseline *baseline = input.baselines.primary();
    const ChipView *view =
        baseline && input.explored ? baseline->view(input.explored->leading().scenario.chip.name) : nullptr;
    return view ? std::optional(with_chip(baseline->explored->searched, view->chip)) : std::nullopt;
}

QString metric_text(const Metric &metric, double value)
{
    if (metric.dimension == Dimension::tokens_per_second)
        return rate_text(value);
    return to_text(metric.dimension == Dimension::count ? short_text(value, metric.dimension, 4)
                                                        : short_text(value, metric.dimension));
}

QString axis_label(const Variable &variable)
{
    const QString label = to_text(variable.label);
    return variable.unit->symbol.empty() ? label : QString(label + u" ("_qs + to_text(variable.unit->symbol) + u')');
}

std::vector<OptionChoice> metric_choices()
{
    std::vector<OptionChoice> choices;
    for (const Metric &metric : metrics()) {
        if (metric.number)
            choices.push_back({to_text(metric.key), title_of(metric)});
    }
    return choices;
}

ChartOption output_option(const QString &key, const QString &meaning, const QString &step)
{
    return {.key = key,
        .value = to_text(output::throughput),
        .control = ChartOption::Control::box,
        .name = SceneTexts::tr("Output"),
        .meaning = meaning,
        .choices = [](const SceneInput &) { return metric_choices(); },
        .is_value =
            [](const QString &text) {
                const Metric *metric = find_metric(text.toStdString());
                return metric && metric->number;
            },
        .step = step};
}

QString folded_to(const QString &text, const QFont &font, double width)
{
    const QFontMetricsF metrics(font);
    QString folded;
    for (const QString &line : text.split(u'\n')) {
        qsizetype indented = 0;
        while (indented < line.size() && line[indented] == u' ')
            ++indented;
        const QString indent = line.left(indented);
        QString row = indent;
        for (const QString &word : line.mid(indented).split(u' ')) {
            const bool first = row.size() == indented;
            const QString longer = first ? row + word : row + u' ' + word;
            if (!first && metrics.horizontalAdvance(longer) > width) {
                folded += row + u'\n';
                row = indent + word;
            } else {
                row = longer;
            }
        }
        folded += row + u'\n';
    }
    folded.chop(1);
    return folded;
}

} // namespace epscope
