// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/pareto_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/measured_marks.h"
#include "app/charts/shared_columns.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct Front {
    Q_DECLARE_TR_FUNCTIONS(epscope::ParetoFront)
};

constexpr double target_reach = 6; // px from the target's line

// The values that one pixel can tell apart, in round steps.
double round_to_pixel(double value, double per_pixel)
{
    if (!(per_pixel > 0))
        return value;
    const double step = round_floor(per_pixel);
    // Whole numbers of 1/step where the step is below one: 0.1 has no exact double, 10 has.
    return step < 1 ? std::round(value * std::round(1 / step)) / std::round(1 / step) : std::round(value / step) * step;
}

bool finite(const QPointF &point)
{
    return std::isfinite(point.x()) && std::isfinite(point.y());
}

double ring_radius(const ParetoSeries &series)
{
    return series.leads ? 10 : 7.5;
}

// Half of what a ring takes, with its stroke.
double ring_room(const ParetoSeries &series)
{
    return ring_radius(series) + 1.5;
}

// From a label to the ring that it names, where it stands farther off; else null.
QLineF lead_to(const QPointF &ring, const QRectF &label)
{
    const QPointF nearest(
        std::clamp(ring.x(), label.left(), label.right()), std::clamp(ring.y(), label.top(), label.bottom()));
    constexpr double radius = 11, far = 18; // px
    QLineF lead(nearest, ring);
    if (lead.length() <= far)
        return {};
    lead.setLength(lead.length() - radius);
    return lead;
}

} // namespace

ParetoData pareto_data(const Explored &explored)
{
    ParetoData data;
    data.target_tps = explored.searched.target_tps.si();
    for (std::size_t i = 0; i < reason_count; ++i)
        data.rejected[i] = explored.outcome.rejected[i].count;
    bool first = true;
    const auto cover = [&](double ux, double throughput) {
        if (!(ux > 0 && throughput > 0 && std::isfinite(ux) && std::isfinite(throughput)))
            return;
        data.least_ux = first ? ux : std::min(data.least_ux, ux);
        data.most_ux = std::max(data.most_ux, ux);
        data.least_throughput = first ? throughput : std::min(data.least_throughput, throughput);
        data.most_throughput = std::max(data.most_throughput, throughput);
        first = false;
    };
    for (std::size_t i = 0; i < explored.chips.size(); ++i) {
        const ChipView &view = explored.chips[i];
        ParetoSeries series;
        series.mark = view.mark;
        series.name = to_text(explored.searched.chips[view.chip].name);
        series.leads = i == explored.lead;
        for (const Candidate &candidate : view.front) {
            series.front.push_back({candidate, short_configuration_text(candidate.point, &explored.searched.search),
                !reason_on_front(explored.searched, candidate)});
            cover(candidate.ux_tps, candidate.throughput_per_card);
        }
        series.shown = {view.shown, short_configuration_text(view.shown.point, &explored.searched.search),
            view.estimate.feasible()};
        cover(view.shown.ux_tps, view.shown.throughput_per_card);
        series.cloud = view.cloud;
        series.measured = view.measured;
        data.series.push_back(std::move(series));
    }
    const bool fronts =
        std::ranges::any_of(data.series, [](const ParetoSeries &series) { return !series.front.empty(); });
    if (!fronts) {
        for (const ParetoSeries &series : data.series) {
            for (const CloudPoint &point : series.cloud)
                cover(point.ux_tps, point.throughput_per_card);
        }
    }
    // Measured points too, unless they would crush everything else.
    constexpr double farthest = 2;
    const double most_ux = farthest * data.most_ux, most_throughput = farthest * data.most_throughput;
    for (const ParetoSeries &series : data.series) {
        for (const MeasuredPoint &point : series.measured) {
            if (point.ux_tps <= most_ux && point.throughput_per_card <= most_throughput)
                cover(point.ux_tps, point.throughput_per_card);
        }
    }
    return data;
}

void ParetoData::cover(const ParetoData &other)
{
    if (!(other.most_ux > 0))
        return;
    const bool nothing = !(most_ux > 0);
    least_ux = nothing ? other.least_ux : std::min(least_ux, other.least_ux);
    least_throughput = nothing ? other.least_throughput : std::min(least_throughput, other.least_throughput);
    most_ux = std::max(most_ux, other.most_ux);
    most_throughput = std::max(most_throughput, other.most_throughput);
}

std::vector<ParetoChange> pareto_changes(const Explored &explored, const PinnedBaselines &baselines)
{
    std::vector<ParetoChange> changes;
    const Baseline *baseline = baselines.primary();
    if (!baseline)
        return changes;
    for (const ChipView &view : explored.chips) {
        const ChipChange compared = chip_change(*baseline, view);
        if (!compared || !view.estimate.feasible())
            continue;
        const auto change = change_of(compared.before->shown.throughput_per_card, view.shown.throughput_per_card);
        if (change)
            changes.push_back({view.mark, compared.before->shown, view.shown, *change});
    }
    return changes;
}

namespace {

struct FrontPicture {
    SceneInput input;
    ParetoData data;
    std::vector<ParetoData> pinned; // of the baselines
    std::vector<ParetoChange> changes;
    bool log = false, infeasible = true, measured = true; // is it shown?

    const Theme &theme() const { return *input.theme; }
    double target() const { return input.dragged ? input.dragged->value : data.target_tps; }
    void fit(Scene &scene, const std::vector<ParetoData> &covered) const;
    LegendEntries legend() const;
    Hover about(const Candidate &candidate, const QPointF &at) const;
    QString target_text() const
    {
        return target() > 0
            ? Front::tr("Target: %1 per user. Drag it, or press Ctrl and an arrow key.").arg(rate_text(target()))
            : Front::tr("No target. Drag the line, or press Ctrl and an arrow key, to set one.");
    }
    std::optional<Action> key(int key, Qt::KeyboardModifiers modifiers) const;
    std::optional<Action> step_along_front(int direction) const;
};

Dragged target_of(double tps)
{
    return {u"target_tps"_qs, tps, exact(tps)};
}

void FrontPicture::fit(Scene &scene, const std::vector<ParetoData> &covered) const
{
    double most_ux = data.most_ux > 0 ? data.most_ux : 1;
    const double most_throughput = data.most_throughput > 0 ? data.most_throughput : 1;
    // The target stays in view unless it would crush everything else; with a baseline also its target.
    constexpr double farthest = 3;
    double most_target = 0, least_ux = data.least_ux;
    const auto cover_target = [&](const ParetoData &of) {
        if (of.target_tps < farthest * most_ux)
            most_target = std::max(most_target, of.target_tps);
        if (of.target_tps > 0)
            least_ux = std::min(least_ux, of.target_tps);
    };
    cover_target(data);
    std::ranges::for_each(covered, cover_target);
    most_ux = std::max(most_ux, most_target);
    SceneAxis &x = scene.panels[0].x, &y = scene.panels[0].y;
    x.log = y.log = log;
    if (log) {
        constexpr double for_labels = 1.3; // beyond the farthest point
        x.from = round_floor(least_ux > 0 ? least_ux : 0.1 * most_ux);
        x.to = for_labels * most_ux;
        y.from = round_floor(data.least_throughput > 0 ? data.least_throughput : 0.1 * most_throughput);
        y.to = for_labels * most_throughput;
    } else {
        constexpr double for_labels = 1.08; // above the highest point
        x.to = most_ux;
        y.to = for_labels * most_throughput;
    }
}

LegendEntries FrontPicture::legend() const
{
    const Theme &look = theme();
    LegendEntries entries;
    for (const ParetoSeries &series : data.series)
        entries.push_back({series.name,
            [colour = look.chip(series.mark), mark = series.mark, dash = look.chip_dash(series.mark)](
                Marks &marks, const QRectF &box) {
                marks.across(box, QPen(colour, 2, dash, Qt::FlatCap));
                marks.symbol(mark, box.center(), chip_marker_size, QPen(colour, 1.5), colour);
            },
            series.leads && data.series.size() > 1});
    for (const Baseline &pin : input.baselines.pins)
        entries.push_back(baseline_line(pin, look));
    const auto count_of = [&](Reason reason) { return data.rejected[static_cast<std::size_t>(reason)]; };
    const auto cross = [colour = look.infeasible](
                           Marks &marks, const QRectF &box) { marks.cross(box.center(), 7, QPen(colour, 1.5)); };
    const auto ring = [colour = look.infeasible](
                          Marks &marks, const QRectF &box) { marks.oval(box.center(), 3, QPen(colour, 1.5)); };
    const auto hatched = [points = infeasible && count_of(Reason::target) > 0, colour = look.infeasible,
                             hatch = look.grid](Marks &marks, const QRectF &box) {
        marks.hatch(box.adjusted(0, 2, 0, -2), hatch);
        marks.box(box.adjusted(0, 2, 0, -2), QPen(colour, 1));
        if (points)
            marks.fill(QRectF(box.center() - QPointF(1.5, 1.5), QSizeF(3, 3)), colour);
    };
    const auto counted = [&](Reason reason, const QString &text, const decltype(LegendEntry::sample) &sample) {
        if (const std::uint64_t count = count_of(reason); count > 0)
            entries.push_back({text.arg(whole_text(static_cast<std::int64_t>(count))), sample});
    };
    if (count_of(Reason::target) > 0)
        counted(Reason::target, Front::tr("%1 below target"), hatched);
    else if (target() > 0)
        entries.push_back({Front::tr("below target"), hatched});
    if (infeasible) {
        counted(Reason::memory, Front::tr("%1 out of memory"), cross);
        counted(Reason::shape, Front::tr("%1 of unsupported shape"), ring);
        counted(Reason::ep, Front::tr("%1 with an EP or TP that the cards do not allow"), ring);
    }
    std::size_t runs = 0, measured_chips = 0;
    QColor colour = look.muted; // of the only chip that has some
    for (const ParetoSeries &series : data.series) {
        if (!measured || series.measured.empty())
            continue;
        runs += series.measured.size();
        colour = ++measured_chips == 1 ? look.chip(series.mark) : look.muted;
    }
    if (runs > 0)
        entries.push_back(measured_legend(runs, colour, look.surface));
    entries.push_back({Front::tr("shown"),
        [colour = look.text](Marks &marks, const QRectF &box) { marks.oval(box.center(), 6, QPen(colour, 2)); }});
    return entries;
}

Arrangement front_arrangement(const Room &room)
{
    const int line = QFontMetrics(room.font).height();
    // As many ticks as leave their labels apart, and axis titles that fit.
    const double lines = room.size.height() / static_cast<double>(line);
    return {{{.margins = QMargins(8, line + 14, line, 4),
        .x = {Front::tr("Tokens/s per user (tok/s)"), room.size.width() < 30 * line ? 3 : 5},
        .y = {
            lines < 18 ? Front::tr("tok/s per card") : Front::tr("Throughput per card (tok/s)"), lines < 16 ? 3 : 5}}}};
}

struct FrontDrawing : SceneDrawing {
    const FrontPicture &of;
    const ParetoData &data;
    QRectF area = panel.area();

    QPointF pixel_of(double ux_tps, double throughput_per_card) const
    {
        return frame.panel().pixel(ux_tps, throughput_per_card);
    }
    QPointF pixel_of(const Candidate &candidate) const
    {
        return pixel_of(candidate.ux_tps, candidate.throughput_per_card);
    }
    bool seen(const QPointF &at) const { return finite(at) && area.contains(at); }
    double target_pixel() const
    {
        if (of.log && !(of.target() > 0))
            return area.left();
        return frame.panel().x.pixel(of.target());
    }
    ChangeArrow arrow_of(const ParetoChange &change) const
    {
        constexpr double ring = 11; // px
        const QPointF from = pixel_of(change.before), to = pixel_of(change.now);
        return seen(from) && seen(to) ? ChangeArrow{from, to, ring, ring} : ChangeArrow{};
    }
    // Where an arrow says by how much; empty if its ends lie too close for one.
    QRectF change_box(const ParetoChange &change) const
    {
        const QFontMetricsF heavy(input.bold());
        const QSizeF size(heavy.horizontalAdvance(change_text(change.change)) + 6, heavy.height());
        return place_beside(arrow_of(change), size, [&](const QRectF &box) { return area.contains(box); });
    }

    void draw_cloud();
    void draw_front(const ParetoSeries &series);
    void draw_baseline(const ParetoData &baseline, std::size_t mark);
    void draw_measured();
    void draw_target();
    void draw_shown(const ParetoSeries &series);
    void draw_changes();
    void draw_labels();
};

void stamp_chip(
    Marks &marks, std::size_t mark, double size, const QPen &pen, const QColor &fill, const QVector<QPointF> &places)
{
    Marks shape;
    shape.symbol(mark, {}, size, pen, fill);
    marks.stamp(shape, 1.2 * size + pen.widthF(), places);
}

void FrontDrawing::draw_cloud()
{
    const QRectF inner = area.adjusted(1, 1, -1, -1);
    marks.set_smooth(false);
    constexpr double size = 3;
    QVector<QLineF> crosses;
    QVector<QRectF> dots;
    QVector<QPointF> rings;
    for (const ParetoSeries &series : data.series) {
        if (!of.infeasible)
            break;
        for (const CloudPoint &point : series.cloud) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            if (!point.reason || !finite(at) || !inner.contains(at))
                continue;
            if (*point.reason == Reason::target) {
                dots << around(at, size / 2);
            } else if (*point.reason == Reason::memory) {
                crosses << QLineF(at - QPointF(2, 2), at + QPointF(2, 2))
                        << QLineF(at - QPointF(2, -2), at + QPointF(2, -2));
            } else {
                rings << at;
            }
        }
    }
    const QColor grey = translucent(theme.infeasible, 110);
    marks.tiles(dots, grey);
    marks.lines(crosses, QPen(grey, 1));
    for (const QPointF &at : rings)
        marks.oval(at, 2, QPen(grey, 1));
    for (const ParetoSeries &series : data.series) {
        dots.clear();
        for (const CloudPoint &point : series.cloud) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            if (!point.reason && finite(at) && inner.contains(at))
                dots << around(at, size / 2);
        }
        marks.tiles(dots, translucent(theme.chip(series.mark), theme.dark ? 110 : 90));
    }
    marks.set_smooth(true);
}

void FrontDrawing::draw_front(const ParetoSeries &series)
{
    const QColor colour = theme.chip(series.mark);
    // Someone who asks for a speed gets the next faster configuration: a staircase.
    QVector<QPointF> stairs, below, full, hollow;
    for (const ParetoPoint &point : series.front) {
        const QPointF at = pixel_of(point.candidate);
        if (!finite(at))
            continue;
        QVector<QPointF> &part = point.feasible ? stairs : below;
        if (!point.feasible && below.isEmpty() && !stairs.isEmpty())
            below << stairs.back();
        if (!part.isEmpty())
            part << QPointF(at.x(), part.back().y());
        part << at;
        if (area.contains(at))
            (point.feasible ? full : hollow) << at;
    }
    if (of.infeasible)
        marks.path(below, QPen(translucent(colour, 130), 1), area);
    marks.path(
        stairs, QPen(colour, input.line_width(series.leads ? 3 : 2), theme.chip_dash(series.mark), Qt::FlatCap), area);
    stamp_chip(marks, series.mark, chip_marker_size, QPen(theme.surface, 1), colour, full);
    if (of.infeasible)
        stamp_chip(marks, series.mark, 0.75 * chip_marker_size, QPen(theme.infeasible, 1), theme.surface, hollow);
}

// Dashed in the baseline's colour, the markers open in the chips'.
void FrontDrawing::draw_baseline(const ParetoData &baseline, std::size_t mark)
{
    for (const ParetoSeries &series : baseline.series) {
        QVector<QPointF> stairs, markers;
        for (const ParetoPoint &point : series.front) {
            const QPointF at = pixel_of(point.candidate);
            if (!point.feasible || !finite(at))
                continue;
            if (!stairs.isEmpty())
                stairs << QPointF(at.x(), stairs.back().y());
            stairs << at;
            if (area.contains(at))
                markers << at;
        }
        marks.path(stairs, theme.baseline_pen(mark, input.line_width(series.leads ? 2 : 1.5)), area);
        stamp_chip(
            marks, series.mark, 0.75 * chip_marker_size, QPen(theme.baseline(mark), 1.25), theme.surface, markers);
        const QPointF at = pixel_of(series.shown.candidate);
        if (!series.shown.feasible || !seen(at))
            continue;
        marks.oval(at, series.leads ? 8 : 6.5, QPen(theme.baseline(mark), 1.5));
        marks.symbol(series.mark, at, chip_marker_size, QPen(theme.chip(series.mark), 1.5), theme.surface);
    }
}

void FrontDrawing::draw_measured()
{
    for (const ParetoSeries &series : data.series) {
        QVector<QPointF> places;
        for (const MeasuredPoint &point : series.measured) {
            if (const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card); of.measured && seen(at))
                places << at;
        }
        laid.axes.stamp(measured_shape(theme.chip(series.mark), theme.surface), measured_size + 9, places);
    }
}

void FrontDrawing::draw_target()
{
    const double x = target_pixel();
    QString text = of.target() > 0 ? Front::tr("target %1").arg(rate_text(of.target())) : Front::tr("no target");
    QVector<QLineF> lines;
    if (x > area.right()) {
        text += QStringLiteral(" →");
    } else if (x < area.left()) {
        text = QStringLiteral("← ") + text;
    } else {
        lines << QLineF(x, area.top(), x, area.bottom());
        laid.axes.line(lines.front(), QPen(theme.accent, 2));
    }
    const QRectF tag =
        add_tag(laid.axes, text, input.bold(), QPointF(std::clamp(x, area.left(), area.right()), area.top()),
            area.left(), frame.size.width() - 3, theme.accent, theme.dark ? theme.window : theme.surface);
    Handle handle;
    handle.key = u"target_tps"_qs;
    handle.lines = lines.isEmpty() ? QVector<QLineF>{QLineF(x, area.top(), x, area.bottom())}
                                   // where it is taken hold of by its tag
                                   : lines;
    handle.tag = tag;
    handle.reach = target_reach;
    handle.value = of.target();
    handle.stated = exact(of.target());
    const FrameAxis axis = frame.panel().x;
    handle.value_at = [axis, within = area](const QPointF &position) {
        return axis.value(std::clamp(position.x(), within.left(), within.right()));
    };
    handle.settle = [axis](double value) {
        return target_of(std::max(0.0, round_to_pixel(value, std::abs(axis.value(axis.pixel(value) + 1) - value))));
    };
    handle.text = of.target_text();
    handle.joins = true;
    laid.handles = {handle};
}

void FrontDrawing::draw_shown(const ParetoSeries &series)
{
    const QPointF at = pixel_of(series.shown.candidate);
    const bool serves = series.shown.feasible;
    if (!seen(at) || (!serves && !of.infeasible))
        return;
    const QColor colour = serves ? theme.chip(series.mark) : theme.infeasible;
    const double radius = ring_radius(series);
    Marks &over = laid.axes;
    over.oval(at, radius, QPen(theme.surface, series.leads ? 5 : 4));
    over.oval(at, radius, QPen(colour, series.leads ? 2.5 : 1.75, serves ? Qt::SolidLine : Qt::DashLine));
    over.symbol(series.mark, at, chip_marker_size, QPen(theme.surface, 1), theme.chip(series.mark));
    if (!serves)
        over.cross(at, 2 * radius, QPen(colour, 1.5));
}

void FrontDrawing::draw_changes()
{
    for (const ParetoChange &change : of.changes) {
        const QColor colour = change_colour(change.change, input.baselines.threshold, Better::higher, theme);
        add_arrow(laid.axes, arrow_of(change), colour);
        if (const QRectF box = change_box(change); !box.isEmpty())
            add_change(laid.axes, box, change_text(change.change), input.font, colour, theme.surface);
    }
}

// What labels keep off: markers and other labels, the lines between them, and as far as they can the clouds' dots.
class FrontGround {
public:
    explicit FrontGround(const FrontDrawing &of)
        : drawing(of)
        , area(of.area)
        , columns(static_cast<std::size_t>(std::ceil(std::max(0.0, area.width()) / cell)) + 1)
        , dotted(columns * (static_cast<std::size_t>(std::ceil(std::max(0.0, area.height()) / cell)) + 1))
    {
        for (const ParetoSeries &series : of.data.series) {
            add_front(series, true);
            for (const MeasuredPoint &point : series.measured) {
                if (of.of.measured)
                    take(of.pixel_of(point.ux_tps, point.throughput_per_card), measured_size / 2 + 1);
            }
            for (const CloudPoint &point : series.cloud) {
                const QPointF at = of.pixel_of(point.ux_tps, point.throughput_per_card);
                if (of.seen(at) && (!point.reason || of.of.infeasible))
                    dotted[cell_of(at)] = true;
            }
        }
        for (const ParetoData &baseline : of.of.pinned) {
            for (const ParetoSeries &series : baseline.series)
                add_front(series, false);
        }
        for (const ParetoChange &change : of.of.changes) {
            if (const ChangeArrow arrow = of.arrow_of(change); arrow.from != arrow.to)
                lines << QLineF(arrow.from, arrow.to);
            if (const QRectF box = of.change_box(change); !box.isEmpty())
                taken << box;
        }
        const double target = std::clamp(of.target_pixel(), area.left(), area.right());
        lines << QLineF(target, area.top(), target, area.bottom());
    }

    bool is_free(const QRectF &box) const
    {
        return area.contains(box) && !any_meets(taken, box) && !crossed(leads, box);
    }
    bool crosses_line(const QRectF &box) const { return crossed(lines, box); }
    bool crosses_label(const QLineF &lead) const
    {
        return std::ranges::any_of(labels, [&](const QRectF &label) { return clipped(lead, label).has_value(); });
    }
    // Of the box the part with dots below it.
    double dotted_part(const QRectF &box) const
    {
        std::size_t all = 0, with_dots = 0;
        for (double y = box.top(); y < box.bottom(); y += cell) {
            for (double x = box.left(); x < box.right(); x += cell) {
                ++all;
                with_dots += dotted[cell_of({x, y})] ? 1 : 0;
            }
        }
        return all > 0 ? static_cast<double>(with_dots) / static_cast<double>(all) : 0;
    }
    void add_label(const QRectF &box, const QLineF &lead)
    {
        labels << box;
        taken << box.adjusted(-3, -1, 3, 1);
        if (!lead.isNull())
            leads << lead;
    }

private:
    static constexpr double cell = 4; // px, of the grid of dots
    const FrontDrawing &drawing;
    QRectF area;
    std::size_t columns;
    std::vector<bool> dotted; // by row and column of the grid
    QVector<QRectF> taken, labels;
    QVector<QLineF> lines, leads;

    static bool crossed(const QVector<QLineF> &by, const QRectF &box)
    {
        return std::ranges::any_of(by, [&](const QLineF &line) { return clipped(line, box).has_value(); });
    }
    std::size_t cell_of(const QPointF &at) const
    {
        return static_cast<std::size_t>((at.y() - area.top()) / cell) * columns
            + static_cast<std::size_t>((at.x() - area.left()) / cell);
    }
    void take(const QPointF &at, double half)
    {
        if (drawing.seen(at))
            taken << around(at, half);
    }
    // With its stairs; a baseline's without what is infeasible.
    void add_front(const ParetoSeries &series, bool with_infeasible)
    {
        const auto drawn = [&](const ParetoPoint &point) {
            return point.feasible || (with_infeasible && drawing.of.infeasible);
        };
        if (drawn(series.shown))
            take(drawing.pixel_of(series.shown.candidate), ring_room(series));
        const ParetoPoint *faster = nullptr;
        for (const ParetoPoint &point : series.front) {
            const QPointF at = drawing.pixel_of(point.candidate);
            if (!drawn(point) || !finite(at))
                continue;
            take(at, chip_marker_size / 2);
            if (faster) {
                const QPointF from = drawing.pixel_of(faster->candidate), corner(at.x(), from.y());
                lines << QLineF(from, corner) << QLineF(corner, at);
            }
            faster = &point;
        }
    }
};

// What has room, the best first.
void FrontDrawing::draw_labels()
{
    struct Wanted {
        const ParetoPoint *point;
        const ParetoSeries *series;
        QPointF at;
        bool ringed;
    };
    FrontGround room(*this);
    std::vector<Wanted> wanted;
    const auto want = [&](const ParetoPoint &point, const ParetoSeries &series, bool ringed) {
        const QPointF at = pixel_of(point.candidate);
        if (seen(at) && (point.feasible || of.infeasible))
            wanted.push_back({&point, &series, at, ringed});
    };
    for (const ParetoSeries &series : data.series) {
        want(series.shown, series, true);
        const bool any_feasible = !series.front.empty() && series.front.front().feasible; // the first is the fastest
        for (const ParetoPoint &point : series.front) {
            const bool ringed = point.candidate.point == series.shown.candidate.point
                && point.candidate.nic == series.shown.candidate.nic;
            if (!ringed && point.feasible == any_feasible)
                want(point, series, false);
        }
    }
    std::ranges::stable_sort(wanted, [](const Wanted &a, const Wanted &b) {
        const auto rank = [](const Wanted &w) {
            return std::tuple(w.ringed ? (w.series->leads ? 0 : 1) : 2, w.point->feasible ? 0 : 1);
        };
        if (rank(a) != rank(b))
            return rank(a) < rank(b);
        return a.point->candidate.throughput_per_card > b.point->candidate.throughput_per_card;
    });

    const QColor backing = translucent(theme.surface, 215);
    const QFont bold = input.bold();
    const QFontMetricsF heavy(bold);
    for (const Wanted &label : wanted) {
        const QFontMetricsF &sizes = label.ringed ? heavy : metrics;
        const QSizeF size(sizes.horizontalAdvance(label.point->label) + 4, sizes.height());
        std::optional<std::pair<QRectF, QLineF>> best; // with the line that leads to it from farther off
        double least = std::numeric_limits<double>::infinity();
        // Around the marker; a shown configuration's also farther out, which costs less than to lie across a line, and
        // about as much as to hide a few dots.
        for (int step = 0; step < (label.ringed ? 4 : 1); ++step) {
            const double away =
                (label.ringed ? ring_room(*label.series) : chip_marker_size / 2 + 2) + step * 0.8 * size.height();
            const double slant = label.ringed ? away : 0.7 * away;
            const QPointF above(-size.width() / 2, -away - size.height()), upper_right(slant, -slant - size.height());
            for (const QPointF &place : {label.ringed ? above : upper_right, label.ringed ? upper_right : above,
                     QPointF(away, -size.height() / 2), QPointF(slant, slant), QPointF(-size.width() / 2, away),
                     QPointF(-slant - size.width(), slant), QPointF(-slant - size.width(), -slant - size.height()),
                     QPointF(-away - size.width(), -size.height() / 2)}) {
                const QRectF box(label.at + place, size);
                if (!room.is_free(box))
                    continue;
                const bool crosses = room.crosses_line(box);
                const QLineF lead = lead_to(label.at, box);
                if ((crosses && !label.ringed) || room.crosses_label(lead)) // rather across a line than not at all
                    continue;
                constexpr double for_line = 2, for_step = 0.25;
                constexpr int shades = 4; // of dots: a few more or less move no label
                const double cost =
                    (crosses ? for_line : 0) + for_step * step + std::round(shades * room.dotted_part(box)) / shades;
                if (cost < least) {
                    least = cost;
                    best = {box, lead};
                }
            }
        }
        if (!best)
            continue;
        const auto &[box, lead] = *best;
        room.add_label(box, lead);
        const QColor colour = label.point->feasible ? theme.chip(label.series->mark) : theme.muted;
        if (!lead.isNull())
            laid.axes.line(lead, QPen(colour, 1));
        laid.axes.fill(box.adjusted(1, 1, -1, -1), backing);
        laid.axes.text(QPointF(box.left() + 2, box.top() + sizes.ascent()), label.point->label,
            label.ringed ? bold : input.font, colour);
    }
}

SceneLayout front_layout(const std::shared_ptr<const FrontPicture> &picture, const Frame &frame)
{
    const ParetoData &data = picture->data;
    FrontDrawing drawing{{picture->input, frame}, *picture, data};
    if (picture->target() > 0) {
        QRectF below = drawing.area;
        below.setRight(std::min(below.right(), drawing.target_pixel()));
        drawing.laid.background.hatch(below, picture->theme().grid);
    }
    drawing.draw_cloud();
    for (std::size_t i = 0; i < picture->pinned.size(); ++i)
        drawing.draw_baseline(picture->pinned[i], picture->input.baselines.pins[i].mark);
    for (const bool leading : {false, true}) {
        for (const ParetoSeries &series : data.series) {
            if (series.leads == leading)
                drawing.draw_front(series);
        }
    }
    drawing.draw_measured();
    drawing.draw_target();
    for (const ParetoSeries &series : data.series) // whole, also on an axis
        drawing.draw_shown(series);
    drawing.draw_changes();
    drawing.draw_labels();

    // Measured runs, then the fronts with what is shown, then everything that was evaluated.
    QVector<QPointF> runs, fronts;
    std::vector<const MeasuredPoint *> measured;
    std::vector<const Candidate *> candidates;
    for (const ParetoSeries &series : data.series) {
        for (const MeasuredPoint &point : series.measured) {
            if (!picture->measured)
                break;
            runs << drawing.pixel_of(point.ux_tps, point.throughput_per_card);
            measured.push_back(&point);
        }
        const auto add = [&](const ParetoPoint &point) {
            if (!point.feasible && !picture->infeasible)
                return;
            fronts << drawing.pixel_of(point.candidate);
            candidates.push_back(&point.candidate);
        };
        add(series.shown);
        std::ranges::for_each(series.front, add);
    }
    Hits of_fronts = hit_points(
        fronts, marker_reach,
        [picture, fronts, candidates](
            std::size_t i) { return picture->about(*candidates[i], fronts[static_cast<qsizetype>(i)]); },
        drawing.area);
    Hits of_cloud;
    of_cloud.walks = false;
    const auto nearest = [picture, panel = frame.panel(), area = drawing.area](
                             const QPointF &position) -> std::optional<std::pair<std::size_t, std::size_t>> {
        std::optional<std::pair<std::size_t, std::size_t>> found; // series and point
        double least = marker_reach * marker_reach;
        for (std::size_t i = 0; area.contains(position) && i < picture->data.series.size(); ++i) {
            const std::span<const CloudPoint> cloud = picture->data.series[i].cloud;
            for (std::size_t k = 0; k < cloud.size(); ++k) {
                if (cloud[k].reason && !picture->infeasible)
                    continue;
                const QPointF at = panel.pixel(cloud[k].ux_tps, cloud[k].throughput_per_card);
                const double distance = squared_distance(at, position);
                if (distance <= least && area.contains(at)) {
                    least = distance;
                    found = {i, k};
                }
            }
        }
        return found;
    };
    // One number for both.
    std::size_t stride = 1;
    for (const ParetoSeries &series : data.series)
        stride = std::max(stride, series.cloud.size());
    of_cloud.find = [nearest, stride](const QPointF &position) -> std::optional<std::size_t> {
        const auto found = nearest(position);
        return found ? std::optional(found->first * stride + found->second) : std::nullopt;
    };
    of_cloud.about = [picture, stride, panel = frame.panel()](std::size_t i) {
        const CloudPoint &point = picture->data.series[i / stride].cloud[i % stride];
        Candidate candidate = candidate_at(picture->input.explored->searched, point.order);
        candidate.ux_tps = point.ux_tps;
        candidate.throughput_per_card = point.throughput_per_card;
        return picture->about(candidate, panel.pixel(point.ux_tps, point.throughput_per_card));
    };
    Hits of_runs = hit_points(
        runs, measured_size,
        [picture, runs, measured, of_fronts, of_cloud](std::size_t i) {
            const Explored &explored = *picture->input.explored;
            const QPointF at = runs[static_cast<qsizetype>(i)];
            Hover hover{measured_text(explored, *measured[i]), at};
            hover.number = error_of(explored, measured[i]->row);
            for (const Hits *hits : {&of_fronts, &of_cloud}) { // a click picks the configuration that is nearest
                const auto there = hover.action.index() == 0 ? hits->find(at) : std::nullopt;
                if (there)
                    hover.action = hits->about(*there).action;
            }
            return hover;
        },
        drawing.area);
    drawing.laid.hits = {std::move(of_runs), std::move(of_fronts), std::move(of_cloud)};
    return std::move(drawing.laid);
}

Hover FrontPicture::about(const Candidate &candidate, const QPointF &at) const
{
    const Study &study = input.explored->searched;
    const Scenario scenario = scenario_of(study, candidate);
    const Estimate full = estimate(scenario);
    Hover hover;
    hover.text = configuration_text(study, candidate)
        + Front::tr("\n%1 per card\n%2 per user").arg(rate_text(full.throughput_per_card), rate_text(full.ux_tps));
    const Baseline *baseline = input.baselines.primary();
    const ChipView *before = baseline ? baseline->view(scenario.chip.name) : nullptr;
    if (baseline && (!before || !before->estimate.feasible())) {
        hover.text +=
            before ? Front::tr("\ninfeasible in %1").arg(baseline->name) : Front::tr("\nnot in %1").arg(baseline->name);
    } else if (baseline) {
        if (const auto change = change_of(before->estimate.throughput_per_card, full.throughput_per_card))
            hover.text +=
                u'\n' + against_text(*change, Front::tr("%1 per card").arg(rate_text(change->before)), baseline->name);
    }
    hover.text += reasons_text(full);
    hover.crosshair = at;
    hover.number = Explainable{std::string(output::throughput), selection_of(study, candidate)};
    hover.action = selection_of(study, candidate);
    return hover;
}

std::optional<Action> FrontPicture::key(int key, Qt::KeyboardModifiers modifiers) const
{
    if ((key != Qt::Key_Left && key != Qt::Key_Right) || (modifiers & Qt::AltModifier)) // Alt leads through the zooms
        return std::nullopt;
    const int direction = key == Qt::Key_Right ? 1 : -1;
    if (!(modifiers & Qt::ControlModifier))
        return step_along_front(direction);
    const double steps_per_unit = modifiers & Qt::ShiftModifier ? 10 : 1;
    const double steps = target() * steps_per_unit;
    const double next = direction > 0 ? std::floor(steps + 1e-9) + 1 : std::ceil(steps - 1e-9) - 1;
    return target_of(std::max(0.0, next / steps_per_unit));
}

// Nothing at its ends.
std::optional<Action> FrontPicture::step_along_front(int direction) const
{
    const ParetoSeries *lead = find_in(data.series, true, &ParetoSeries::leads);
    if (!lead)
        return Action{};
    // The front is sorted by descending tokens/s per user: the next to the right is the last one faster than what is
    // shown.
    const double now = lead->shown.candidate.ux_tps;
    const ParetoPoint *next = nullptr;
    for (const ParetoPoint &point : lead->front) {
        const double ux = point.candidate.ux_tps;
        if (direction > 0 && ux > now)
            next = &point;
        if (direction < 0 && ux < now) {
            next = &point;
            break;
        }
    }
    return next ? Action(selection_of(input.explored->searched, next->candidate)) : Action();
}

// The fronts, what is on show and what was measured go into a workbook's chart; not the thousands of others.
Table front_table(const FrontPicture &picture)
{
    Table table;
    table.columns = {{Front::tr("Shown as"), "kind"}, {Front::tr("Chip"), "chip"}, {Front::tr("NIC"), {}},
        {Front::tr("Pipeline"), {}}, {Front::tr("EP"), {}}, {Front::tr("Batch"), {}}, {Front::tr("KV element (B)"), {}},
        {Front::tr("Parameter element (B)"), {}}, {Front::tr("Draft length"), {}},
        {Front::tr("Tokens/s per user (tok/s)"), "ux_tps"}, {Front::tr("Throughput per card (tok/s)"), "throughput"},
        {Front::tr("Infeasible because of"), {}}, {Front::tr("Error of the estimated time per token"), {}},
        {Front::tr("Source"), {}}};
    const SharedColumns shared(picture.input);
    shared.add_to(table);
    const auto reason_text = [](const std::optional<Reason> &reason) {
        return reason ? to_text(name_of(*reason)) : QString();
    };
    const auto why = [](const Estimate &full) {
        return full.feasible() ? std::nullopt : std::optional(full.infeasible.front().reason);
    };
    const auto add = [&](const Study &study, const QString &kind, const Candidate &candidate,
                         const std::optional<Reason> &reason, bool plotted = true) {
        const Point &point = candidate.point;
        const QString chip = to_text(study.chips[candidate.chip].name);
        table.rows.push_back({{kind, chip, to_text(study.nics[candidate.nic].name), to_text(name_of(point.policy)),
                                  std::int64_t{point.ep}, std::int64_t{point.batch}, point.kv_elem_size,
                                  point.param_elem_size, std::int64_t{point.mtp_len}, candidate.ux_tps,
                                  candidate.throughput_per_card, reason_text(reason), {}, {}},
            plotted, chip + u", "_qs + kind});
        shared.add_to(table.rows.back().cells, {study, candidate});
    };
    const SceneInput &input = picture.input;
    const Study &study = input.explored->searched;
    for (std::size_t i = 0; i < picture.data.series.size(); ++i) {
        const ParetoSeries &series = picture.data.series[i];
        add(study, Front::tr("shown"), series.shown.candidate, why(input.explored->chips[i].estimate));
        for (const ParetoPoint &point : series.front)
            add(study, Front::tr("front"), point.candidate, reason_on_front(study, point.candidate));
        for (const CloudPoint &point : series.cloud) {
            if (point.reason && !picture.infeasible)
                continue;
            Candidate candidate = candidate_at(study, point.order);
            const Estimate exactly = estimate(scenario_of(study, candidate));
            candidate.ux_tps = exactly.ux_tps;
            candidate.throughput_per_card = exactly.throughput_per_card;
            add(study, Front::tr("evaluated"), candidate, point.reason, false);
        }
        for (const MeasuredPoint &point : series.measured) {
            if (!picture.measured)
                break;
            const Measurement &row = input.explored->inputs.measured->rows[point.row];
            table.rows.push_back(
                {{Front::tr("measured"), to_text(row.chip), to_text(row.nic),
                     to_text(name_of(row.micro_batches == 2 ? Policy::dual_mbatch : Policy::naive)),
                     std::int64_t{row.ep}, cell_of(row.batch_per_card), cell_of(row.kv_elem_size),
                     cell_of(row.attention_elem_size),
                     row.query_tokens ? TableCell(std::int64_t{*row.query_tokens - 1}) : TableCell(), point.ux_tps,
                     point.throughput_per_card, {}, cell_of(point.error), to_text(row.source)},
                    true, to_text(row.chip) + u", "_qs + Front::tr("measured")});
            shared.skip(table.rows.back().cells);
        }
    }
    table.add_baselines(input.baselines, [&](const Baseline &pin) {
        const Study &then = pin.explored->searched;
        for (const ChipView &view : pin.explored->chips) {
            add(then, Front::tr("baseline, shown"), view.shown, why(view.estimate));
            for (const Candidate &candidate : view.front)
                add(then, Front::tr("baseline, front"), candidate, reason_on_front(then, candidate));
        }
    });
    table.plot = TablePlot{TablePlot::Kind::points, Front::tr("Pareto front"), {}, "ux_tps", {"throughput"}};
    return table;
}

} // namespace

Scene pareto_scene(const SceneInput &input)
{
    FrontPicture made{input, pareto_data(*input.explored), {}, pareto_changes(*input.explored, input.baselines),
        input.is_on(u"log"_qs), input.is_on(u"infeasible"_qs), input.is_on(u"measured"_qs)};
    Scene scene;
    scene.draggable = {{u"target_tps"_qs, made.data.target_tps}};
    std::vector<ParetoData> covered;
    for (const std::shared_ptr<const Explored> &other : input.baselines.covered) {
        covered.push_back(pareto_data(*other));
        made.data.cover(covered.back());
    }
    for (const Baseline &pin : input.baselines.pins)
        made.pinned.push_back(pareto_data(*pin.explored));
    const auto picture = std::make_shared<const FrontPicture>(std::move(made));
    picture->fit(scene, covered);
    scene.legend = {picture->legend()};
    scene.arrange = front_arrangement;
    scene.layout = [picture](const Frame &frame) { return front_layout(picture, frame); };
    scene.table = [picture] { return front_table(*picture); };
    scene.on_key = [picture](int key, Qt::KeyboardModifiers modifiers) { return picture->key(key, modifiers); };
    return scene;
}

std::vector<ChartOption> pareto_options()
{
    return {{.key = u"log"_qs, .value = u"off"_qs, .other_axes = true}, {.key = u"infeasible"_qs, .value = u"on"_qs},
        {.key = u"measured"_qs, .value = u"on"_qs}};
}

} // namespace epscope
