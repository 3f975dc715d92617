// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/roofline_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/words/text.h"
#include "core/analysis/variable.h"
#include "core/find.h"
#include "core/model/machine.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct Roofline {
    Q_DECLARE_TR_FUNCTIONS(epscope::Roofline)
};

QString speed_text(double value, bool of_flops)
{
    return to_text(short_text(value, of_flops ? Dimension::flop_per_second : Dimension::bytes_per_second));
}

QString intensity_text(const RooflinePoint &point)
{
    return Roofline::tr("%1 FLOP per byte").arg(to_text(short_text(point.intensity, Dimension::count)));
}

RoofKind kind_of(Rate rate)
{
    return rate == Rate::bf16 ? RoofKind::bf16 : rate == Rate::eight_bit ? RoofKind::eight_bit : RoofKind::four_bit;
}

} // namespace

const Roof *RooflineData::find(RoofKind kind) const
{
    return find_in(roofs, kind, &Roof::kind);
}

const RooflinePoint *RooflineData::find(const RooflinePoint &point) const
{
    for (const std::vector<RooflinePoint> *all : {&points, &moves, &transfers}) {
        for (const RooflinePoint &each : *all) {
            if (each.id == point.id && each.computes() == point.computes()
                && (point.computes() || each.under == point.under))
                return &each;
        }
    }
    return nullptr;
}

std::vector<RooflinePoint> RooflineData::placed() const
{
    std::vector<RooflinePoint> all = points;
    all.insert(all.end(), transfers.begin(), transfers.end());
    return all;
}

RooflineData roofline_data(const Scenario &scenario, const Estimate &estimate)
{
    const Profile &profile = scenario.profile;
    const bool is_2026 = profile.equations == Equations::model_2026;
    const Machine machine = resolve(profile, scenario.chip, scenario.nic);
    const std::string chip = "chip." + scenario.chip.name + ".";
    RooflineData data;
    data.feasible = estimate.feasible();
    const auto add_roof = [&](RoofKind kind, const QString &name, const std::string &key, double value,
                              double efficiency) {
        if (value > 0)
            data.roofs.push_back({kind, name, key, value, value * efficiency, value});
    };
    const auto rate_name = [&](Rate rate) { return to_text(name_of(rate, scenario.chip.eight_bit)).toUpper(); };
    add_roof(RoofKind::bf16, rate_name(Rate::bf16), chip + "bf16", machine.bf16, 1);
    add_roof(RoofKind::eight_bit, rate_name(Rate::eight_bit), chip + "fp8", machine.fp8, 1);
    add_roof(RoofKind::four_bit, rate_name(Rate::four_bit), chip + "fp4", machine.fp4, 1);
    add_roof(RoofKind::memory, Roofline::tr("Memory"), chip + "memory_bandwidth", machine.memory_bandwidth,
        profile.memory_efficiency);
    if (is_2026 && machine.scale_up_domain > 1)
        add_roof(RoofKind::scale_up, Roofline::tr("Scale-up"), chip + "scale_up_bandwidth", machine.scale_up_bandwidth,
            profile.scale_up_efficiency);
    const double nic_efficiency = is_2026 ? profile.nic_efficiency : 1;
    add_roof(RoofKind::nic, Roofline::tr("NIC"), "nic." + scenario.nic.name + ".bandwidth", machine.nic_bandwidth,
        nic_efficiency);

    std::array<bool, 64> seen{};
    for (const BlockEstimate &block : estimate.blocks) {
        for (const OperatorEstimate &op : block.operators) {
            bool &known = seen.at(static_cast<std::size_t>(op.id));
            if (std::exchange(known, true))
                continue;
            RooflinePoint point{op.id, block.kind, block.layer, 0, RoofKind::memory, 0, 0, machine.memory_bandwidth};
            const auto spread = [&](double amount, double longest_s) {
                point.achieved = amount / op.time_s;
                point.attainable = amount / longest_s;
            };
            if (op.flops > 0 && op.bytes_moved > 0 && op.rate) {
                point.intensity = op.flops / op.bytes_moved;
                point.under = kind_of(op.rate->used);
                point.roof = std::min(op.rate->flops, point.intensity * machine.memory_bandwidth);
                spread(op.flops, std::max(op.compute_s, op.memory_s));
                data.points.push_back(point);
            } else if (op.bytes_moved > 0) {
                spread(op.bytes_moved, op.memory_s);
                data.moves.push_back(point);
            }
            const auto add_transfer = [&](RoofKind link, double bytes) {
                if (!(bytes > 0))
                    return;
                point.under = link;
                point.roof = data.find(link)->value;
                spread(bytes, op.network_s);
                data.transfers.push_back(point);
            };
            const double near = data.find(RoofKind::scale_up) ? op.bytes_near : 0; // else they take the NIC too
            add_transfer(RoofKind::scale_up, near);
            add_transfer(RoofKind::nic, op.bytes_sent - near);
        }
    }
    return data;
}

namespace {

// Next to the plots: a row an operator, as many as have room.
struct RooflineList {
    struct Row {
        OpId id{};
        QString name, value;
        std::optional<ValueChange> change; // of what is achieved, against the baseline
        const RooflinePoint *point = nullptr; // the first of its runs
        QRectF area;
    };

    double width = 0, change_width = 0; // px, of all and of the column of changes
    bool has_values = true; // the parts of the roofs
    std::vector<Row> rows;
};

struct RooflinePicture {
    SceneInput input;
    RooflineData data;
    std::optional<RooflineData> before; // of the same chip in the primary baseline

    const Baseline &baseline() const { return *input.baselines.primary(); }
    std::optional<ValueChange> change_in(const Roof &roof) const
    {
        const Roof *then = before ? before->find(roof.kind) : nullptr;
        return then && then->value != roof.drawn ? change_of(then->value, roof.drawn) : std::nullopt;
    }
    // Of what it achieves.
    std::optional<ValueChange> change_in(const RooflinePoint &point) const
    {
        const RooflinePoint *then = before ? before->find(point) : nullptr;
        return then ? change_of(then->achieved, point.achieved) : std::nullopt;
    }
    QColor colour_of(const ValueChange &change) const
    {
        return change_colour(change, input.baselines.threshold, Better::higher, *input.theme);
    }
    double links_width(const QSize &size) const { return std::max(5 * input.line(), 0.15 * size.width()); }
    // That the axes of the roofs and the list share.
    double width_for_roofs(const QSize &size) const
    {
        return size.width() - (links_width(size) + 3.5 * input.line()); // with what the network's axis is labelled
    }
    std::vector<ScenePanel> panels() const;
    RooflineList list(const QSize &size) const;
    Arrangement arrange(const Room &room) const;
    Hover about(const RooflinePoint &point) const;
    Hover about_before(const RooflinePoint &point) const;
    QString roof_text(const Roof &roof) const;
};

// In FLOP/s.
double highest_rate(const RooflineData &data, double Roof::*value)
{
    double highest = 0;
    for (const Roof &roof : data.roofs)
        highest = roof.is_rate() ? std::max(highest, roof.*value) : highest;
    return highest;
}

std::vector<ScenePanel> RooflinePicture::panels() const
{
    struct Span {
        double least = 1, most = 1;
        bool any = false;

        void cover(double value)
        {
            least = any ? std::min(least, value) : value;
            most = any ? std::max(most, value) : value;
            any = true;
        }
        SceneAxis axis() const
        {
            constexpr double room = 1.6; // beyond the farthest point; for the roofs' names too
            return {.from = round_floor(least / room), .to = room * most, .log = true};
        }
    };
    Span intensity, rate, sent;
    for (const RooflineData *of : {&data, before ? &*before : nullptr}) {
        if (!of)
            continue;
        for (const Roof &roof : of->roofs) {
            if (roof.is_link())
                sent.cover(roof.value / giga);
        }
        for (const RooflinePoint &point : of->placed()) {
            if (point.computes())
                intensity.cover(point.intensity);
            (point.computes() ? rate : sent).cover(point.achieved / (point.computes() ? tera : giga));
        }
        const double highest = highest_rate(*of, &Roof::value);
        if (const Roof *memory = of->find(RoofKind::memory))
            intensity.cover(highest / memory->value);
        rate.cover(highest / tera);
    }
    const SceneAxis across{.exact = true, .ticks = false, .grid = false, .zooms = false};
    return {{intensity.axis(), rate.axis()}, {across, sent.axis()}};
}

// In the order of execution; where there is no room for all, those that compute or send first.
RooflineList RooflinePicture::list(const QSize &size) const
{
    RooflineList list;
    const QFontMetricsF metrics(input.font);
    const double line = metrics.height(), top = 1.2 * line;
    if (size.width() < 28 * line)
        return list;
    list.has_values = !before || size.width() >= 56 * line;
    std::vector<RooflineList::Row> &rows = list.rows;
    for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers, &data.moves}) {
        for (const RooflinePoint &point : *points) {
            const QString part = part_text(point.achieved / point.roof);
            RooflineList::Row *known = find_in(rows, point.id, &RooflineList::Row::id);
            const auto change = change_in(point);
            if (!known) {
                rows.push_back({point.id, label_text(point.id), part, change, &point, {}});
                continue;
            }
            known->value += u", "_qs + part;
            if (known->change && change) // over both links
                known->change = change_of(known->change->before + change->before, known->change->now + change->now);
        }
    }
    const auto most = static_cast<std::size_t>(std::max(0.0, (size.height() - top) / (line + 1)));
    rows.resize(std::min(rows.size(), most));
    std::ranges::stable_sort(rows, [](const auto &a, const auto &b) { return a.id < b.id; });
    double widest = 0, widest_change = 0;
    for (const RooflineList::Row &row : rows) {
        widest = std::max(
            widest, metrics.horizontalAdvance(row.name) + (list.has_values ? metrics.horizontalAdvance(row.value) : 0));
        widest_change =
            std::max(widest_change, row.change ? metrics.horizontalAdvance(change_text(*row.change)) + 0.6 * line : 0);
    }
    constexpr double least_plot = 14; // lines across: without such room the changes stand at the points alone
    const double around = widest + 2.8 * line;
    list.change_width = width_for_roofs(size) - around - widest_change < least_plot * line ? 0 : widest_change;
    list.width = std::ceil(around + list.change_width);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].area =
            QRectF(size.width() - list.width, top + static_cast<double>(i) * (line + 1), list.width, line + 1);
    return list;
}

Arrangement RooflinePicture::arrange(const Room &room) const
{
    const QFontMetricsF metrics(input.font);
    const double line = metrics.height(), list_width = list(room.size).width;
    const double width = width_for_roofs(room.size) - list_width - 4 * line;
    AxisTexts across = texts_across(
        {Roofline::tr("FLOP per byte of memory traffic"), Roofline::tr("FLOP per byte"), Roofline::tr("FLOP/B")},
        input.font, width, 0);
    across.ticks =
        std::clamp(static_cast<int>(width / 2 / (metrics.horizontalAdvance(u"10000"_qs) + 0.5 * line)), 1, 5);
    const auto top = static_cast<int>(line);
    const int ticks = room.size.height() >= 16 * line ? 5 : 3;
    return {{{.margins = QMargins(8, top, 6, 4), .x = across, .y = {Roofline::tr("TFLOP/s"), ticks}},
        {.margins = QMargins(4, top, 4 + static_cast<int>(list_width), 4),
            .width = static_cast<int>(links_width(room.size)),
            .x = {Roofline::tr("Network")},
            .y = {Roofline::tr("GB/s sent"), ticks}}}};
}

struct RooflinePlace {
    RooflinePoint point;
    QPointF at; // px
    FramePanel panel;

    bool is_seen() const { return panel.area().contains(at); }
};

struct RooflineDrawing : SceneDrawing {
    const RooflinePicture &of;
    const RooflineData &data;
    std::vector<RooflinePlace> places = {}, places_before = {};
    std::vector<std::optional<QLineF>> lines = {}; // a roof
    QVector<QLineF> lines_before = {}; // of roofs that are others now
    std::vector<QRectF> names = {}; // of roofs

    bool is_pale(OpId id) const { return input.lit && *input.lit != id; }
    RooflinePlace place_of(const RooflinePoint &point) const;
    std::optional<QLineF> line_of(const Roof &roof, double value, const RooflineData &among) const;
    ChangeArrow arrow_of(const RooflinePlace &to) const;
    bool meets_point(const QRectF &box) const;
    QRectF place_of_name(const Roof &roof, const QLineF &line, const QSizeF &size) const;

    void place();
    void draw_roofs();
    void draw_names();
    void draw_before();
    void draw_point(const RooflinePlace &place);
    void draw_changes();
    void draw_list(const RooflineList &list);
};

RooflinePlace RooflineDrawing::place_of(const RooflinePoint &point) const
{
    if (point.computes())
        return {point, frame.panel().pixel(point.intensity, point.achieved / tera), frame.panel()};
    const auto place = std::ranges::find_if(
        data.transfers, [&](const RooflinePoint &other) { return other.id == point.id && other.under == point.under; });
    const double part =
        (static_cast<double>(place - data.transfers.begin()) + 0.5) / static_cast<double>(data.transfers.size());
    const FramePanel &links = frame.panel(1);
    return {point, {links.x.start + part * links.x.length, links.y.pixel(point.achieved / giga)}, links};
}

// As it is seen: a rate from its ridge on, the memory's slope up to the highest rate.
std::optional<QLineF> RooflineDrawing::line_of(const Roof &roof, double value, const RooflineData &among) const
{
    const FramePanel &at = frame.panel(roof.is_link() ? 1 : 0);
    const FrameAxis &x = at.x, &y = at.y;
    if (roof.is_link()) {
        const double level = y.pixel(value / giga);
        return clipped(QLineF(x.start, level, x.last, level), at.area());
    }
    if (roof.kind == RoofKind::memory) {
        const double highest = highest_rate(among, &Roof::drawn);
        return clipped(
            QLineF(at.pixel(x.lower, x.lower * value / tera), at.pixel(highest / value, highest / tera)), at.area());
    }
    const Roof *memory = among.find(RoofKind::memory);
    const double level = y.pixel(value / tera);
    return clipped(
        QLineF(x.pixel(memory ? value / memory->drawn : x.lower), level, x.pixel(x.upper), level), at.area());
}

void RooflineDrawing::place()
{
    for (const RooflinePoint &point : data.placed())
        places.push_back(place_of(point));
    for (const Roof &roof : data.roofs)
        lines.push_back(line_of(roof, roof.drawn, data));
    if (!of.before)
        return;
    for (const RooflinePoint &point : of.before->placed())
        places_before.push_back(place_of(point));
    for (const Roof &roof : of.before->roofs) {
        const Roof *now = data.find(roof.kind);
        const auto line = now && now->drawn == roof.value ? std::nullopt : line_of(roof, roof.value, *of.before);
        if (line)
            lines_before << *line;
    }
}

void RooflineDrawing::draw_roofs()
{
    for (std::size_t i = 0; i < data.roofs.size(); ++i) {
        const Roof &roof = data.roofs[i];
        const bool dragged = input.dragging && input.dragged && input.dragged->key == to_text(roof.key);
        if (lines[i])
            marks.line(
                *lines[i], QPen(dragged ? theme.accent : theme.text, input.line_width(2), Qt::SolidLine, Qt::FlatCap));
        const auto reachable =
            roof.reachable < roof.value ? line_of(roof, roof.drawn * roof.reachable / roof.value, data) : std::nullopt;
        if (reachable)
            marks.line(*reachable, QPen(theme.muted, 1, Qt::DashLine, Qt::FlatCap));
    }
}

bool RooflineDrawing::meets_point(const QRectF &box) const
{
    constexpr double half = chip_marker_size / 2;
    const QRectF wide = box.adjusted(-half, -half, half, half);
    const auto inside = [&](const RooflinePlace &place) { return wide.contains(place.at); };
    return std::ranges::any_of(places, inside) || std::ranges::any_of(places_before, inside);
}

// The first that is free, of several at a roof's line; empty if none is.
QRectF RooflineDrawing::place_of_name(const Roof &roof, const QLineF &line, const QSizeF &size) const
{
    QRectF area = frame.panel(roof.is_link() ? 1 : 0).area();
    std::vector<QPointF> corners;
    if (roof.kind == RoofKind::memory) { // above the slope, from its middle downwards
        for (const double part : {0.5, 0.35, 0.65, 0.2, 0.8, 0.08})
            corners.push_back(line.pointAt(part) - QPointF(size.width() + 4, size.height() + 2));
    } else {
        area.setTop(area.top() - size.height());
        const double right = line.x2() - 2;
        const double above = line.y1() - size.height() - 1, below = line.y1() + 2;
        for (const double top : {above, below, above - chip_marker_size / 2,
                 below + chip_marker_size / 2}) { // the farther ones clear points on the roof
            for (const double left : {right - size.width(), line.center().x() - size.width() / 2, line.x1() + 2})
                corners.emplace_back(left, top);
        }
    }
    for (const QPointF &corner : corners) {
        const QRectF box(corner, size);
        const auto crosses = [&](const std::optional<QLineF> &other) { return other && clipped(*other, box); };
        if (area.contains(box) && !any_meets(names, box) && !meets_point(box) && std::ranges::none_of(lines, crosses)
            && std::ranges::none_of(lines_before, crosses))
            return box;
    }
    return {};
}

// With its number and its change where there is room, none upon another.
void RooflineDrawing::draw_names()
{
    for (std::size_t i = 0; i < data.roofs.size(); ++i) {
        const Roof &roof = data.roofs[i];
        const QString full = roof.name + u' ' + speed_text(roof.drawn, roof.is_rate());
        const std::optional<ValueChange> change = of.change_in(roof);
        const QString behind = change ? change_text(*change) : QString();
        for (const auto &[name, told] : {std::pair{full, behind}, std::pair{roof.name, behind},
                 std::pair{full, QString()}, std::pair{roof.name, QString()}}) {
            const double told_width = told.isEmpty() ? 0 : metrics.horizontalAdvance(u' ' + told);
            const QSizeF size(metrics.horizontalAdvance(name) + told_width + 4, metrics.height());
            const QRectF box = lines[i] ? place_of_name(roof, *lines[i], size) : QRectF();
            if (box.isEmpty())
                continue;
            const QPointF at(box.left() + 2, box.top() + metrics.ascent());
            marks.text(at, name, input.font, theme.muted);
            if (!told.isEmpty())
                marks.text(
                    at + QPointF(metrics.horizontalAdvance(name + u' '), 0), told, input.font, of.colour_of(*change));
            names.push_back(box);
            break;
        }
    }
}

// Thin dashed roofs and open markers.
void RooflineDrawing::draw_before()
{
    if (!of.before)
        return;
    const std::size_t mark = of.baseline().mark;
    for (const QLineF &line : lines_before)
        marks.line(line, theme.baseline_pen(mark, input.line_width(1.25)));
    for (const RooflinePlace &place : places_before) {
        const QColor edge = theme.baseline(mark);
        if (place.is_seen())
            marks.symbol(static_cast<std::size_t>(info_of(place.point.id).stage), place.at, chip_marker_size,
                QPen(is_pale(place.point.id) ? mixed(edge, theme.surface, 0.7) : edge, 1.25), theme.surface);
    }
}

void RooflineDrawing::draw_point(const RooflinePlace &place)
{
    const RooflinePoint &point = place.point;
    QColor fill = theme.of(point.id);
    if (!data.feasible)
        fill = mixed(fill, theme.infeasible, 0.6);
    const bool pale = is_pale(point.id);
    const QColor ink = pale ? mixed(fill, theme.surface, 0.72) : fill;
    const QColor edge = pale ? mixed(theme.text, theme.surface, 0.8) : theme.text;
    const double x = place.at.x(), unit = point.computes() ? tera : giga;
    const double roof = place.panel.y.pixel(point.roof / unit),
                 attainable = place.panel.y.pixel(point.attainable / unit);
    const QPen faint(mixed(edge, theme.surface, 0.45), 1, Qt::DotLine, Qt::FlatCap),
        strong(edge, 1.5, Qt::SolidLine, Qt::FlatCap);
    for (const auto &[line, pen] : {std::pair{QLineF(place.at, QPointF(x, roof)), faint},
             std::pair{QLineF(place.at, QPointF(x, attainable)), strong},
             std::pair{QLineF(x - 4, attainable, x + 4, attainable), strong}}) {
        if (const auto part = clipped(line, place.panel.area()))
            marks.line(*part, pen);
    }
    if (place.is_seen())
        marks.symbol(static_cast<std::size_t>(info_of(point.id).stage), place.at,
            input.lit == point.id ? 1.5 * chip_marker_size : chip_marker_size, QPen(edge, 1), ink);
}

ChangeArrow RooflineDrawing::arrow_of(const RooflinePlace &to) const
{
    const RooflinePlace from = place_of(*of.before->find(to.point));
    if (!from.is_seen() || !to.is_seen())
        return {};
    return {from.at, to.at, chip_marker_size / 2, chip_marker_size / 2};
}

// Arrows, and where there is room next to them by how much: the largest first, without those that count as none.
void RooflineDrawing::draw_changes()
{
    struct Wanted {
        ValueChange change;
        ChangeArrow arrow;
        QRectF area;
    };
    std::vector<Wanted> wanted;
    for (const RooflinePlace &place : places) {
        const std::optional<ValueChange> change = of.change_in(place.point);
        if (!change)
            continue;
        const ChangeArrow arrow = arrow_of(place);
        if (!is_pale(place.point.id))
            add_arrow(marks, arrow, of.colour_of(*change));
        if (!change->slight(input.baselines.threshold))
            wanted.push_back({*change, arrow, place.panel.area()});
    }
    std::ranges::stable_sort(
        wanted, [](const Wanted &a, const Wanted &b) { return std::abs(a.change.part()) > std::abs(b.change.part()); });
    std::vector<QRectF> taken = names;
    for (const Wanted &each : wanted) {
        const auto is_free = [&](const QRectF &box) {
            const auto crosses = [&](const Wanted &other) {
                return clipped(QLineF(other.arrow.from, other.arrow.to), box).has_value();
            };
            return each.area.contains(box) && !meets_point(box) && !any_meets(taken, box)
                && std::ranges::none_of(wanted, crosses);
        };
        const QString text = change_text(each.change);
        const QSizeF size(QFontMetricsF(input.bold()).horizontalAdvance(text) + 4, metrics.height());
        const QRectF box = place_beside(each.arrow, size, is_free);
        if (box.isEmpty())
            continue;
        taken.push_back(box);
        add_change(marks, box, text, input.font, of.colour_of(each.change), theme.surface);
    }
}

void RooflineDrawing::draw_list(const RooflineList &list)
{
    const double line = metrics.height(), padding = 0.6 * line;
    const auto right = [&](double edge, const RooflineList::Row &row, const QString &text, const QFont &font,
                           const QColor &colour) { // aligned there; returns its width
        const double width = QFontMetricsF(font).horizontalAdvance(text);
        marks.text(QPointF(edge - width, row.area.top() + metrics.ascent()), text, font, colour);
        return width;
    };
    const double end = frame.size.width() - padding;
    const QRectF head(frame.size.width() - list.width, 2, list.width - padding, line);
    if (list.change_width > 0)
        marks.text(head, Qt::AlignRight | Qt::AlignVCenter, Roofline::tr("Δ"), input.font, theme.muted);
    if (list.width > 0 && list.has_values)
        marks.text(head.adjusted(0, 0, -list.change_width, 0), Qt::AlignRight | Qt::AlignVCenter,
            Roofline::tr("of its roof"), input.font, theme.muted);
    for (const RooflineList::Row &row : list.rows) {
        const bool is_lit = input.lit == row.id;
        if (is_lit)
            marks.fill(row.area, mixed(theme.accent, theme.surface, 0.8));
        const bool has_point = row.point->computes() || row.point->under != RoofKind::memory;
        if (has_point)
            marks.symbol(static_cast<std::size_t>(info_of(row.id).stage),
                QPointF(row.area.left() + 0.8 * line, row.area.center().y()), chip_marker_size, QPen(theme.text, 1),
                theme.of(row.id));
        const QFont font = is_lit ? input.bold() : input.font;
        if (row.change && list.change_width > 0)
            right(end, row, change_text(*row.change), font, of.colour_of(*row.change));
        const QColor ink = has_point ? theme.text : theme.muted;
        const double value = list.has_values ? right(end - list.change_width, row, row.value, font, ink) : 0;
        const QRectF text = row.area.adjusted(1.6 * line, 0, -padding - list.change_width, 0);
        marks.text(QPointF(text.left(), text.top() + metrics.ascent()),
            QFontMetricsF(font).elidedText(row.name, Qt::ElideRight, text.width() - value - 4), font, ink);
    }
}

Hover RooflinePicture::about(const RooflinePoint &point) const
{
    const ChipView &view = input.explored->leading();
    const Roof &under = *data.find(point.under);
    const auto text = [&](double value) { return speed_text(value, point.computes()); };
    QStringList lines{
        label_text(point.id) + u", "_qs + to_text(label_of(view.scenario.model, point.block, point.layer))};
    lines << Roofline::tr("%1 achieved: %2 of the roof (%3, %4)")
                 .arg(text(point.achieved), part_text(point.achieved / point.roof),
                     point.computes() && point.roof < under.value ? data.find(RoofKind::memory)->name : under.name,
                     text(point.roof));
    lines << Roofline::tr("%1 of the attainable %2")
                 .arg(part_text(point.achieved / point.attainable), text(point.attainable));
    if (point.computes())
        lines << intensity_text(point);
    if (const auto change = change_in(point))
        lines << against_text(*change, text(change->before), baseline().name);
    for (const BlockEstimate &block : view.estimate.blocks) {
        for (const OperatorEstimate &op : block.operators) {
            if (block.kind == point.block && block.layer == point.layer && op.id == point.id)
                lines << operator_texts(view.scenario, op);
        }
    }
    const Explainable number{std::string(info_of(point.id).key)};
    return {lines.join(u'\n'), std::nullopt, point.id, number, number};
}

Hover RooflinePicture::about_before(const RooflinePoint &point) const
{
    QStringList lines{Roofline::tr("%1 in %2").arg(label_text(point.id), baseline().name)};
    lines << Roofline::tr("%1 achieved").arg(speed_text(point.achieved, point.computes()));
    if (point.computes())
        lines << intensity_text(point);
    return {lines.join(u'\n'), std::nullopt, point.id};
}

QString RooflinePicture::roof_text(const Roof &roof) const
{
    const auto text = [&](double value) { return speed_text(value, roof.is_rate()); };
    QStringList lines{Roofline::tr("%1: %2. Drag it to change this number.").arg(roof.name, text(roof.drawn))};
    if (roof.reachable < roof.value)
        lines << Roofline::tr("%1 of it can be reached (dashed).").arg(text(roof.reachable));
    if (const auto change = change_in(roof))
        lines << against_text(*change, text(change->before), baseline().name);
    return lines.join(u'\n');
}

// Three digits of the unit in which the study states the number.
Dragged settled(const Variable &variable, double read_as, double value)
{
    const double number = value / read_as / variable.unit->factor;
    const double digit = std::pow(10.0, std::floor(std::log10(number)) - 2);
    const double rounded =
        digit < 1 ? std::round(number / digit) / std::round(1 / digit) : std::round(number / digit) * digit;
    const double si = variable.allowed(rounded * variable.unit->factor);
    return {to_text(variable.key), si * read_as, to_text(variable.text(si))};
}

std::optional<Handle> handle_of(
    const RooflinePicture &of, const Roof &roof, const QLineF &line, const FramePanel &panel)
{
    const auto found = find_variable(of.input.explored->inputs.study, roof.key);
    const auto *variable = std::get_if<Variable>(&found);
    if (!variable || !variable->stated)
        return std::nullopt;
    constexpr double reach = 6; // px
    Handle handle;
    handle.key = to_text(roof.key);
    handle.lines = {line};
    handle.reach = reach;
    handle.cursor = Qt::SizeVerCursor;
    handle.value = roof.drawn;
    handle.value_at = [kind = roof.kind, unit = roof.is_link() ? giga : tera, panel](const QPointF &at) {
        return panel.y.value(at.y()) * unit / (kind == RoofKind::memory ? panel.x.value(at.x()) : 1);
    };
    // The formulas may read a unit's prefix otherwise than it is written (quirk 5).
    handle.settle = [variable = *variable, read_as = roof.value / *variable->stated](
                        double value) { return settled(variable, read_as, value); };
    handle.text = of.roof_text(roof);
    handle.number = Explainable{roof.key};
    return handle;
}

SceneLayout roofline_layout(const std::shared_ptr<const RooflinePicture> &picture, const Frame &frame)
{
    RooflineDrawing drawing{{picture->input, frame}, *picture, picture->data};
    drawing.place();
    drawing.draw_roofs();
    drawing.draw_names();
    drawing.draw_before();
    for (const bool on_top : {false, true}) { // the lit one
        for (const RooflinePlace &place : drawing.places) {
            if ((picture->input.lit == place.point.id) == on_top)
                drawing.draw_point(place);
        }
    }
    drawing.draw_changes();
    const RooflineList list = picture->list(frame.size);
    drawing.draw_list(list);

    constexpr double reach = 16; // px from a point within which it is meant
    const auto points_of = [](const std::vector<RooflinePlace> &places) {
        QVector<QPointF> points;
        for (const RooflinePlace &place : places)
            points << place.at;
        return points;
    };
    std::vector<QRectF> rows;
    for (const RooflineList::Row &row : list.rows)
        rows.push_back(row.area);
    SceneLayout &laid = drawing.laid;
    laid.hits = {hit_points(points_of(drawing.places), reach,
                     [picture, places = drawing.places](std::size_t i) { return picture->about(places[i].point); }),
        hit_points(points_of(drawing.places_before), reach,
            [picture, places = drawing.places_before](
                std::size_t i) { return picture->about_before(places[i].point); }),
        hit_areas(rows, [picture, all = list.rows](std::size_t i) { return picture->about(*all[i].point); })};
    laid.hits[1].walks = false;
    for (std::size_t i = 0; i < drawing.lines.size(); ++i) {
        const Roof &roof = picture->data.roofs[i];
        auto handle = drawing.lines[i]
            ? handle_of(*picture, roof, *drawing.lines[i], frame.panel(roof.is_link() ? 1 : 0))
            : std::nullopt;
        if (handle)
            laid.handles.push_back(std::move(*handle));
    }
    return std::move(laid);
}

void add_roofline_rows(Table &table, const RooflineData &of, const Model &model)
{
    const auto unit = [](bool of_flops) { return of_flops ? u"FLOP/s"_qs : u"B/s"_qs; };
    for (const Roof &roof : of.roofs)
        table.rows.push_back(
            {{Roofline::tr("(roof)"), {}, roof.name, {}, {}, roof.reachable, roof.value, unit(roof.is_rate())}});
    for (const std::vector<RooflinePoint> *points : {&of.points, &of.moves, &of.transfers}) {
        for (const RooflinePoint &point : *points)
            table.rows.push_back({{label_text(point.id), to_text(label_of(model, point.block, point.layer)),
                of.find(point.under)->name, point.computes() ? TableCell(point.intensity) : TableCell(), point.achieved,
                point.attainable, point.roof, unit(point.computes())}});
    }
}

Table roofline_table(const RooflinePicture &of)
{
    Table table;
    table.columns = {{Roofline::tr("Operator"), {}}, {Roofline::tr("In"), {}}, {Roofline::tr("Under"), {}},
        {Roofline::tr("FLOP per byte"), {}}, {Roofline::tr("Achieved"), {}}, {Roofline::tr("Attainable"), {}},
        {Roofline::tr("Roof"), {}}, {Roofline::tr("Unit"), {}}};
    add_roofline_rows(table, of.data, of.input.explored->leading().scenario.model);
    table.add_baselines(of.input.baselines, [&](const Baseline &pin) {
        if (const ChipView *then = pin.view(of.input.explored->leading().scenario.chip.name))
            add_roofline_rows(table, roofline_data(then->scenario, then->estimate), then->scenario.model);
    });
    return table;
}

} // namespace

Scene roofline_scene(const SceneInput &input)
{
    const ChipView &view = input.explored->leading();
    const Baseline *baseline = input.baselines.primary();
    const ChipView *then = baseline ? baseline->view(view.scenario.chip.name) : nullptr;
    RooflinePicture made{input, roofline_data(view.scenario, view.estimate), {}};
    if (then)
        made.before = roofline_data(then->scenario, then->estimate);
    Scene scene;
    for (Roof &roof : made.data.roofs) {
        const QString key = to_text(roof.key);
        scene.draggable[key] = roof.value;
        if (input.dragged && input.dragged->key == key)
            roof.drawn = input.dragged->value;
    }
    const auto picture = std::make_shared<const RooflinePicture>(std::move(made));
    scene.panels = picture->panels();
    scene.arrange = [picture](const Room &room) { return picture->arrange(room); };
    scene.layout = [picture](const Frame &frame) { return roofline_layout(picture, frame); };
    scene.table = [picture] { return roofline_table(*picture); };
    return scene;
}

} // namespace epscope
