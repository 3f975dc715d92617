// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/map_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/colour_map.h"
#include "app/charts/operator_blocks.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/analysis/contour.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct MapTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Map)
};

constexpr std::size_t about_levels = 6;

// What the boxes call it.
QString key_without_chip_name(const Variable &variable)
{
    return variable.info->scope == Scope::chip ? u"chip."_qs + to_text(variable.info->key) : to_text(variable.key);
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

std::size_t stride_of(const Map &map)
{
    return std::max<std::size_t>(map.stride, 1);
}

// Of a node, among those that are known.
const Outcome &outcome_of(const Map &map, std::size_t column, std::size_t row)
{
    return map.at(column * stride_of(map), row * stride_of(map)).outcome;
}

// As the study states it.
std::optional<double> in_unit(const MapAxis &axis, const std::optional<double> &si)
{
    return si ? std::optional(*si / axis.variable.unit->factor) : std::nullopt;
}

} // namespace

MapData map_data(const Answer &answer, const Metric &metric)
{
    const auto &map = std::get<Map>(answer.found);
    MapData data;
    data.output = title_of(metric);
    data.problem = why_not_known(metric, answer.study.chips.front());
    if (data.problem.isEmpty())
        data.problem = MapTexts::tr("Nothing is feasible anywhere on this map");
    const auto *against = answer.against ? &std::get<Map>(*answer.against) : nullptr;
    data.difference = against != nullptr;
    data.x_label = axis_label(map.x.variable);
    data.y_label = axis_label(map.y.variable);
    const std::size_t stride = stride_of(map);
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
            const Outcome &outcome = outcome_of(map, column, row);
            std::optional<double> value = number_of(metric, outcome);
            if (data.difference) {
                const std::optional<double> before = number_of(metric, outcome_of(*against, column, row));
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
                MapLine drawn{level, target, data.difference ? part_of_baseline(level) : metric_text(metric, level), {},
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
    data.now_x = in_unit(map.x, map.x.variable.stated);
    data.now_y = in_unit(map.y, map.y.variable.stated);
    return data;
}

namespace {

struct MapPicture {
    SceneInput input;
    const Metric &metric;
    MapData data;

    const Map &found() const { return std::get<Map>(input.answer->found); }
    const Map *against() const { return input.answer->against ? &std::get<Map>(*input.answer->against) : nullptr; }
    // Also while an answer against one that is gone is still on show.
    QString baseline_name() const
    {
        return input.baselines.primary() ? input.baselines.primary()->name : MapTexts::tr("the baseline");
    }
    QString value_text(double value) const
    {
        return data.difference ? part_of_baseline(value) : metric_text(metric, value);
    }
    // How far a value is from the least to the most, 0 to 1.
    double part_of(double value) const
    {
        return *data.most > *data.least ? (value - *data.least) / (*data.most - *data.least) : 0.5;
    }
    QColor colour_of(double value) const;
    void find_places();
    Arrangement arrange() const;
    Hover about(std::size_t column, std::size_t row) const;
    SetInputs inputs_at(std::size_t column, std::size_t row) const;
};

// Where the study stands, unless the map is of other inputs, and where the baseline stood.
void MapPicture::find_places()
{
    const Study study = study_in_question(*input.explored);
    const auto now = [&](const MapAxis &axis) {
        const auto found = find_variable(study, axis.variable.key);
        const auto *variable = std::get_if<Variable>(&found);
        return in_unit(axis, variable ? variable->stated : std::nullopt);
    };
    if (!input.stale) { // the point moves over the map
        data.now_x = now(found().x);
        data.now_y = now(found().y);
    }
    if (const Baseline *baseline = input.baselines.primary()) {
        data.then_x = in_unit(found().x, value_in(*baseline, found().x.variable.key));
        data.then_y = in_unit(found().y, value_in(*baseline, found().y.variable.key));
    }
}

// Better is what a difference for the better is elsewhere, whichever way the output goes.
QColor MapPicture::colour_of(double value) const
{
    const Theme &theme = *input.theme;
    if (!data.difference)
        return viridis(part_of(value));
    if (std::abs(value) < input.baselines.threshold)
        return theme.surface;
    const bool more_is_better = metric.better != Better::lower;
    return diverging(data.farthest() > 0 ? value / data.farthest() : 0, theme.change(!more_is_better), theme.surface,
        theme.change(more_is_better));
}

Arrangement MapPicture::arrange() const
{
    const QFontMetricsF metrics(input.font);
    double widest = metrics.horizontalAdvance(data.least ? value_text(*data.most) : QString());
    for (const MapLine &each : data.lines)
        widest = std::max(widest, metrics.horizontalAdvance(each.text));
    const auto line = static_cast<int>(metrics.height());
    return {{{.margins = QMargins(8, 3 * line / 2 + 4, static_cast<int>(widest) + 2 * line, 4),
        .x = {data.x_label},
        .y = {data.y_label}}}};
}

struct MapDrawing : SceneDrawing {
    const MapPicture &of;
    const MapData &data;
    QRectF area = panel.area();
    QVector<QRectF> taken = {}; // by what no label hides

    void draw_nodes();
    void draw_lines();
    std::optional<QPointF> draw_cross(const std::optional<double> &x, const std::optional<double> &y, const QPen &line,
        const QPen &ring, double radius);
    void draw_crosses();
    bool label(const QString &text, const QPointF &at, const QFont &font);
    void label_near(const QString &text, const QPointF &at, const QFont &font);
    void draw_labels();
    void draw_scale(double plot_width);
};

// Half-way between the nodes, px; one more than there are nodes.
std::vector<double> borders(const std::vector<double> &nodes, const FrameAxis &axis, double low, double high)
{
    std::vector<double> all;
    for (std::size_t i = 0; i <= nodes.size(); ++i) {
        const double at = i == 0 ? axis.pixel(nodes.front())
            : i == nodes.size()  ? axis.pixel(axis.upper)
                                 : (axis.pixel(nodes[i - 1]) + axis.pixel(nodes[i])) / 2;
        all.push_back(std::round(std::clamp(at, low, high)));
    }
    return all;
}

void MapDrawing::draw_nodes()
{
    const std::vector<double> x = borders(data.x, panel.x, area.left(), area.right()),
                              y = borders(data.y, panel.y, area.top(), area.bottom());
    const std::size_t columns = data.x.size();
    marks.hatch(area, theme.infeasible, 7);
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
        for (std::size_t column = 0; column < columns;) {
            const int colour = shade(row * columns + column);
            std::size_t end = column + 1;
            while (end < columns && shade(row * columns + end) == colour)
                ++end;
            if (colour >= 0)
                marks.fill(QRectF(QPointF(x[column], y[row + 1]), QPointF(x[end], y[row])),
                    of.colour_of(*data.least + (*data.most - *data.least) * colour / shades));
            column = end;
        }
    }
    // Where neighbours are bound by different things.
    const auto differ = [&](std::size_t a, std::size_t b) {
        return data.bounds[a] && data.bounds[b] && *data.bounds[a] != *data.bounds[b];
    };
    QVector<QLineF> lines;
    for (std::size_t row = 0; row < data.y.size(); ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            const std::size_t node = row * columns + column;
            if (column + 1 < columns && differ(node, node + 1))
                lines << QLineF(x[column + 1], y[row], x[column + 1], y[row + 1]);
            if (row + 1 < data.y.size() && differ(node, node + columns))
                lines << QLineF(x[column], y[row + 1], x[column + 1], y[row + 1]);
        }
    }
    marks.lines(lines, QPen(data.difference ? theme.muted : QColor(Qt::white), 1, Qt::SolidLine, Qt::SquareCap));
}

void MapDrawing::draw_lines()
{
    for (const MapLine &line : data.lines) {
        QVector<QPointF> points;
        for (const QPointF &point : line.points)
            points << panel.pixel(point.x(), point.y());
        if (line.closed && !points.isEmpty())
            points << points.front();
        marks.path(points,
            line.target ? QPen(theme.warning, 2.5)
                        : QPen(data.difference ? theme.text : QColor(0, 0, 0, 170), line.level == 0 ? 2 : 1),
            area);
    }
}

// Returns where both lines meet, if that is seen.
std::optional<QPointF> MapDrawing::draw_cross(
    const std::optional<double> &x, const std::optional<double> &y, const QPen &line, const QPen &ring, double radius)
{
    const QColor halo = translucent(theme.surface, 150); // for any colour below
    const QPointF at = panel.pixel(x.value_or(0), y.value_or(0));
    for (const QPen &pen : {QPen(halo, 4, Qt::SolidLine, Qt::FlatCap), line}) {
        if (x && panel.x.contains(*x))
            marks.line(QLineF(at.x(), area.top(), at.x(), area.bottom()), pen);
        if (y && panel.y.contains(*y))
            marks.line(QLineF(area.left(), at.y(), area.right(), at.y()), pen);
    }
    if (!x || !y || !area.contains(at))
        return std::nullopt;
    marks.oval(at, radius, ring, theme.surface);
    taken << around(at, radius + 2);
    return at;
}

// Where the baseline stood, and where the study stands.
void MapDrawing::draw_crosses()
{
    if (const Baseline *baseline = input.baselines.primary()) {
        const QPen pen = theme.baseline_pen(baseline->mark, 1.5);
        if (const std::optional<QPointF> at = draw_cross(data.then_x, data.then_y, pen, QPen(pen.color(), 2), 7)) {
            const double aside = 12 + metrics.horizontalAdvance(baseline->name) / 2;
            for (const QPointF &place : {QPointF(aside, -metrics.height()), QPointF(-aside, -metrics.height()),
                     QPointF(aside, metrics.height()), QPointF(-aside, metrics.height())}) {
                if (label(baseline->name, *at + place, input.font))
                    break;
            }
        }
    }
    draw_cross(data.now_x, data.now_y, QPen(theme.warning, 1.5, Qt::DashLine), QPen(theme.warning, 2), 4);
}

// False if something else is there.
bool MapDrawing::label(const QString &text, const QPointF &at, const QFont &font)
{
    const QFontMetricsF sizes(font);
    const QSizeF size(sizes.horizontalAdvance(text) + 6, sizes.height());
    const auto inside = [](double middle, double length, double low, double high) {
        return std::clamp(middle - length / 2, low + 1, std::max(low + 1, high - length - 1));
    };
    const QRectF box(QPointF(inside(at.x(), size.width(), area.left(), area.right()),
                         inside(at.y(), size.height(), area.top(), area.bottom())),
        size);
    if (any_meets(taken, box))
        return false;
    taken << box.adjusted(-2, -2, 2, 2);
    marks.fill(box, translucent(theme.surface, 210));
    marks.text(box, Qt::AlignCenter, text, font, theme.text);
    return true;
}

void MapDrawing::label_near(const QString &text, const QPointF &at, const QFont &font)
{
    for (const double aside : {0.0, -1.5, 1.5}) { // lines of text
        if (label(text, at + QPointF(0, aside * QFontMetricsF(font).height()), font))
            return;
    }
}

void MapDrawing::draw_labels()
{
    if (!data.least)
        label_near(data.problem, area.center(), input.font);
    for (const MapRegion &region : data.regions) {
        if (20 * region.nodes > data.values.size()) // a twentieth, else it has no room
            label_near(MapTexts::tr("bound by %1").arg(bound_text(region.bound)),
                panel.pixel(region.middle.x(), region.middle.y()), input.bold());
    }
    for (const MapLine &line : data.lines) {
        if (line.points.size() < 6)
            continue;
        for (const std::size_t part : {2, 3, 1}) { // of a quarter
            const QPointF &point = line.points[line.points.size() * part / 4];
            const QPointF at = panel.pixel(point.x(), point.y());
            if (area.contains(at)
                && label(line.target ? MapTexts::tr("target %1").arg(line.text) : line.text, at, input.font))
                break;
        }
    }
}

void MapDrawing::draw_scale(double plot_width)
{
    if (!data.least)
        return;
    const double line = metrics.height();
    const QRectF bar(area.right() + 0.5 * line, area.top(), 0.7 * line, area.height());
    constexpr int steps = 128;
    for (int i = 0; i < steps; ++i) {
        const double top = std::round(bar.bottom() - bar.height() * (i + 1) / steps),
                     bottom = std::round(bar.bottom() - bar.height() * i / steps);
        marks.fill(QRectF(bar.left(), top, bar.width(), bottom - top),
            of.colour_of(*data.least + (*data.most - *data.least) * (i + 0.5) / steps));
    }
    double last = std::numeric_limits<double>::infinity();
    for (const MapLine &each : data.lines) {
        if (each.target || each.level == last)
            continue;
        last = each.level;
        const double at = bar.bottom() - bar.height() * (each.level - *data.least) / (*data.most - *data.least);
        marks.line(QLineF(bar.right(), at, bar.right() + 3, at), theme.text);
        marks.text(QPointF(bar.right() + 6, at + (metrics.ascent() - metrics.descent()) / 2), each.text, input.font,
            theme.text);
    }
    const QString what = data.difference ? MapTexts::tr("Δ %1").arg(data.output) : data.output;
    const double threshold = input.baselines.threshold;
    const QString range = data.difference && data.farthest() < threshold
        ? MapTexts::tr("%1: nowhere %2 % or more, as if these numbers alone differed").arg(what).arg(100 * threshold)
        : MapTexts::tr("%1: %2 to %3").arg(what, of.value_text(*data.least), of.value_text(*data.most));
    const double room = plot_width - 2 * text_padding - input.state_width;
    marks.text(QPointF(text_padding, legend_top + metrics.ascent()),
        metrics.elidedText(range, Qt::ElideRight, std::max(0.0, room)), input.font, theme.muted);
}

// Every place in the area is of the nearest node.
Hits nodes_hit(const std::shared_ptr<const MapPicture> &picture, const FramePanel &panel)
{
    const auto pixels = [](const std::vector<double> &nodes, const FrameAxis &axis) {
        std::vector<double> all;
        std::ranges::transform(nodes, std::back_inserter(all), [&](double node) { return axis.pixel(node); });
        return all;
    };
    const std::vector<double> x = pixels(picture->data.x, panel.x), y = pixels(picture->data.y, panel.y);
    const std::size_t columns = x.size();
    Hits hits;
    for (const double row : y) {
        for (const double column : x)
            hits.areas.emplace_back(column, row, 0, 0);
    }
    hits.find = [x, y, area = panel.area()](const QPointF &position) -> std::optional<std::size_t> {
        if (!area.contains(position))
            return std::nullopt;
        const auto nearest = [](const std::vector<double> &all, double pixel) {
            return static_cast<std::size_t>(std::ranges::min_element(all, [&](double a, double b) {
                return std::abs(a - pixel) < std::abs(b - pixel);
            }) - all.begin());
        };
        return nearest(y, position.y()) * x.size() + nearest(x, position.x());
    };
    hits.about = [picture, x, y, columns](std::size_t node) {
        Hover hover = picture->about(node % columns, node / columns);
        hover.crosshair = QPointF(x[node % columns], y[node / columns]);
        return hover;
    };
    return hits;
}

SceneLayout map_layout(const std::shared_ptr<const MapPicture> &picture, const Frame &frame)
{
    MapDrawing drawing{{picture->input, frame}, *picture, picture->data};
    drawing.marks.set_opacity(picture->input.opacity());
    drawing.marks.set_smooth(false);
    drawing.draw_nodes();
    drawing.marks.set_smooth(true);
    drawing.draw_lines();
    drawing.draw_crosses();
    drawing.draw_labels();
    drawing.draw_scale(frame.size.width());
    drawing.laid.hits = {nodes_hit(picture, frame.panel())};
    return std::move(drawing.laid);
}

SetInputs MapPicture::inputs_at(std::size_t column, std::size_t row) const
{
    const auto value = [&](const MapAxis &axis, std::size_t index) {
        return std::pair{
            to_text(axis.variable.key), to_text(axis.variable.text(axis.values[index * stride_of(found())]))};
    };
    return {{value(found().x, column), value(found().y, row)}};
}

Hover MapPicture::about(std::size_t column, std::size_t row) const
{
    const Study &searched = input.answer->study;
    const Outcome &outcome = outcome_of(found(), column, row);
    Study study = searched;
    QStringList lines;
    for (const auto &[axis, index] : {std::pair{&found().x, column}, std::pair{&found().y, row}}) {
        const double value = axis->values[index * stride_of(found())];
        set_variable(study, axis->variable, value);
        lines << to_text(axis->variable.label + ": " + axis->variable.short_text(value));
    }
    Hover hover;
    hover.number = number_of(lines.join(u", "_qs), study, outcome, metric.key);
    hover.action = inputs_at(column, row);
    if (outcome.best) {
        lines << data.output + u": "_qs + to_text(text_of(metric, searched, *outcome.best));
        if (data.difference) {
            const auto before = number_of(metric, outcome_of(*against(), column, row)),
                       now = number_of(metric, outcome);
            const auto change = before && now ? change_of(*before, *now) : std::nullopt;
            lines << (change ? against_text(*change, metric_text(metric, *before), baseline_name())
                             : MapTexts::tr("nothing to compare with in %1").arg(baseline_name()));
        }
        lines << to_text(full_configuration_text(searched, outcome.best->candidate));
        lines << MapTexts::tr("bound by %1").arg(to_text(binding_text(*outcome.best)));
    } else {
        lines << MapTexts::tr("Nothing is feasible: %1")
                     .arg(outcome.miss ? to_text(text_of(outcome.miss->lacks)) : MapTexts::tr("contradictory numbers"));
    }
    lines << MapTexts::tr("Click to go there");
    hover.text = lines.join(u'\n');
    return hover;
}

Table map_table(const MapPicture &of)
{
    const MapData &data = of.data;
    Table table;
    table.columns = {{data.x_label, {}}, {data.y_label, {}}, {data.output, {}}, {MapTexts::tr("Bound by"), {}},
        {MapTexts::tr("Configuration"), {}}};
    if (of.against()) {
        table.columns.push_back({MapTexts::tr("%1 in %2").arg(data.output, of.baseline_name()), {}});
        table.columns.push_back({MapTexts::tr("%1, part more than in %2").arg(data.output, of.baseline_name()), {}});
    }
    for (std::size_t node = 0; node < data.values.size(); ++node) {
        const std::size_t column = node % data.x.size(), row = node / data.x.size();
        const Outcome &outcome = outcome_of(of.found(), column, row);
        const QString configuration = outcome.best
            ? to_text(full_configuration_text(of.input.answer->study, outcome.best->candidate))
            : outcome.miss ? to_text(text_of(outcome.miss->lacks))
                           : QString();
        std::vector<TableCell> cells{data.x[column], data.y[row], cell_of(number_of(of.metric, outcome)),
            data.bounds[node] ? bound_text(*data.bounds[node]) : QString(), configuration};
        if (of.against())
            cells.insert(cells.end(),
                {cell_of(number_of(of.metric, outcome_of(*of.against(), column, row))), cell_of(data.values[node])});
        table.rows.push_back({std::move(cells)});
    }
    return table;
}

// The numbers that this study has.
std::vector<OptionChoice> map_choices(const SceneInput &input)
{
    std::vector<OptionChoice> choices;
    for (const Variable &variable :
        input.explored ? all_variables(study_in_question(*input.explored)) : std::vector<Variable>()) {
        const auto [from, to] = map_range(variable);
        if (variable.info->scope != Scope::profile && from < to)
            choices.push_back({key_without_chip_name(variable), to_text(variable.label)});
    }
    return choices;
}

std::string map_axis_key(const SceneInput &input, int index)
{
    return input.option(u"map.axes"_qs).section(u'|', index, index).toStdString();
}

} // namespace

Scene map_scene(const SceneInput &input)
{
    const Metric &metric = *find_metric(input.option(u"map.output"_qs).toStdString());
    MapPicture made{input, metric, map_data(*input.answer, metric)};
    made.find_places();
    const auto picture = std::make_shared<const MapPicture>(std::move(made));
    Scene scene;
    // To the outer borders of the cells at the ends, which a refinement leaves as they are.
    const auto axis = [](const MapAxis &from) {
        const double factor = from.variable.unit->factor;
        return SceneAxis{.from = from.values.front() / factor,
            .to = from.values.back() / factor,
            .exact = true,
            .log = from.variable.info->axis == Axis::log && from.values.front() > 0};
    };
    scene.panels = {{axis(picture->found().x), axis(picture->found().y)}};
    scene.arrange = [picture](const Room &) { return picture->arrange(); };
    scene.layout = [picture](const Frame &frame) { return map_layout(picture, frame); };
    scene.table = [picture] { return map_table(*picture); };
    scene.number = metric.key;
    return scene;
}

std::vector<ChartOption> map_options()
{
    using Control = ChartOption::Control;
    ChartOption output = output_option(u"map.output"_qs, {}, MapTexts::tr("Map of %1"));
    output.grows = true;
    return {output,
        {.key = u"map.axes"_qs,
            .value = u"chip.memory_bandwidth|nic.bandwidth"_qs,
            .control = Control::pair,
            .text = MapTexts::tr("over"),
            .name = MapTexts::tr("Number across"),
            .other_name = MapTexts::tr("Number upwards"),
            .choices = map_choices,
            .grows = true,
            .is_value =
                [](const QString &text) {
                    return text.count(u'|') == 1 && text.section(u'|', 0, 0) != text.section(u'|', 1);
                },
            .other_axes = true,
            .step = MapTexts::tr("Map over %1")},
        {.key = u"map.difference"_qs,
            .value = u"off"_qs,
            .control = Control::toggle,
            .text = MapTexts::tr("Δ"),
            .name = MapTexts::tr("Difference to the baseline"),
            .meaning = MapTexts::tr(
                "The difference to the pinned baseline, searched at the same nodes under its other inputs"),
            .choices =
                [](const SceneInput &input) {
                    std::vector<OptionChoice> choices{{u"off"_qs, MapTexts::tr("the values")}};
                    if (study_against(input))
                        choices.push_back({u"on"_qs, MapTexts::tr("the difference")});
                    return choices;
                },
            .step = MapTexts::tr("Map of %1"),
            .remembered = false}};
}

std::optional<Question> map_question(const SceneInput &input)
{
    MapQuestion wanted{map_axis_key(input, 0), map_axis_key(input, 1)};
    if (input.is_on(u"map.difference"_qs))
        wanted.against = study_against(input);
    return wanted;
}

// What the study does not have is replaced.
OptionValues map_prepare(const SceneInput &input)
{
    const Study study = study_in_question(*input.explored);
    const auto known = [&](int index) { // by the name that the boxes have
        const auto found = find_variable(study, map_axis_key(input, index));
        const auto *variable = std::get_if<Variable>(&found);
        return variable ? key_without_chip_name(*variable) : QString();
    };
    QString x = known(0), y = known(1);
    if (x.isEmpty())
        x = u"chip.memory_bandwidth"_qs;
    if (y.isEmpty()) { // another study's NIC
        const std::vector<OptionChoice> choices = map_choices(input);
        const auto nic =
            std::ranges::find_if(choices, [](const OptionChoice &choice) { return choice.value.startsWith(u"nic."); });
        y = nic == choices.end() ? u"chip.memory"_qs : nic->value;
    }
    OptionValues values = input.options;
    values[u"map.axes"_qs] = x + u'|' + y;
    return values;
}

std::vector<std::string> map_axes_of(const Question &question)
{
    const auto &asked = std::get<MapQuestion>(question);
    return {asked.x, asked.y};
}

} // namespace epscope
