// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/sweep_scene.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/measured_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/charts/shared_columns.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct Sweep {
    Q_DECLARE_TR_FUNCTIONS(epscope::Sweep)
};

constexpr std::array panels{SweepPanel::ux, SweepPanel::throughput, SweepPanel::step};
constexpr double point_size = 6; // px

double batch_of(const SweepPoint &point)
{
    return static_cast<double>(point.batch);
}

QString value_text(const SweepPoint &point, SweepPanel panel)
{
    if (panel == SweepPanel::step)
        return time_text(point.step_s, TimeUnit::ms);
    return rate_text(value_of(point, panel));
}

// Downward triangle.
void add_fall(Marks &marks, const QPointF &tip, const QColor &colour)
{
    marks.polygon(QPolygonF{{tip.x() - 5, tip.y() - 8}, {tip.x() + 5, tip.y() - 8}, tip}, Qt::NoPen, colour);
}

std::vector<SweepPoint> finite_points(const ChipView &view)
{
    std::vector<SweepPoint> points;
    for (const SweepPoint &swept : view.sweep) {
        if (std::isfinite(swept.step_s) && std::isfinite(swept.ux_tps) && std::isfinite(swept.throughput_per_card))
            points.push_back(swept);
    }
    return points;
}

SweepPoint shown_point(const ChipView &view)
{
    const Estimate &full = view.estimate;
    SweepPoint point{view.shown.point.batch, full.step_s, full.ux_tps, full.throughput_per_card, {}, false};
    if (!full.feasible())
        point.reason = full.infeasible.front().reason;
    return point;
}

} // namespace

double value_of(const SweepPoint &point, SweepPanel panel)
{
    switch (panel) {
    case SweepPanel::ux:
        return point.ux_tps;
    case SweepPanel::throughput:
        return point.throughput_per_card;
    case SweepPanel::step:
        return 1e3 * point.step_s;
    }
    return 0;
}

double value_of(const MeasuredSweepPoint &point, SweepPanel panel)
{
    return value_of(
        SweepPoint{0, point.step_s, point.measured.ux_tps, point.measured.throughput_per_card, {}, false}, panel);
}

SweepData sweep_data(const Explored &explored)
{
    const ChipView &view = explored.leading();
    const Point &point = view.shown.point;
    SweepData data;
    data.shown = view.shown;
    data.marked = shown_point(view);
    data.mark = view.mark;
    data.chip = to_text(view.scenario.chip.name);
    QStringList parts{data.chip, to_text(view.scenario.nic.name)};
    for (const AxisId axis : {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::policy, AxisId::precision, AxisId::mtp_len})
        parts << axis_words(point, {axis}, &explored.searched.search);
    parts.removeAll(QString());
    data.configuration = parts.join(QStringLiteral(" · "));
    data.points = finite_points(view);
    data.max_batch = view.estimate.memory.max_batch;
    data.target_tps = view.scenario.target_tps;
    for (const MeasuredPoint &run : view.measured) {
        const Measurement &row = explored.inputs.measured->rows[run.row];
        if (run.near_shown && row.batch_per_card && row.accepted_per_step)
            data.measured.push_back({run, *row.batch(), *row.accepted_per_step * row.tpot_s});
    }
    return data;
}

namespace {

struct SweepGhost {
    Baseline baseline;
    bool is_primary = false;
    std::vector<SweepPoint> points;
    SweepPoint shown; // the configuration's that was shown
};

struct SweepPicture {
    SceneInput input;
    SweepData data;
    std::vector<SweepGhost> ghosts; // of the same chip in the baselines

    const Theme &theme() const { return *input.theme; }
    QColor colour() const { return theme().chip(data.mark); }
    const SweepGhost *primary() const { return find_in(ghosts, true, &SweepGhost::is_primary); }
    // Of the configuration on show, if both can serve.
    std::optional<ValueChange> change(SweepPanel panel) const
    {
        const SweepGhost *then = primary();
        return then && !then->shown.reason && !data.marked.reason
            ? change_of(value_of(then->shown, panel), value_of(data.marked, panel))
            : std::nullopt;
    }
    QColor colour_of(const ValueChange &change, SweepPanel panel) const
    {
        return change_colour(
            change, input.baselines.threshold, panel == SweepPanel::step ? Better::lower : Better::higher, theme());
    }
    Candidate candidate(const SweepPoint &point) const
    {
        Candidate one = data.shown;
        one.point.batch = point.batch;
        return one;
    }
    Selection selection(const SweepPoint &point) const
    {
        return selection_of(input.explored->searched, candidate(point));
    }

    void fit(Scene &scene) const;
    std::vector<LegendEntries> legend() const;
    Hover about_point(const SweepPoint &point, SweepPanel panel, const QPointF &at) const;
    std::optional<Action> step(int key) const;
};

void SweepPicture::fit(Scene &scene) const
{
    double most_batch = std::max<double>(1, static_cast<double>(data.shown.point.batch));
    std::array<double, sweep_panel_count> most{};
    const auto cover = [&](const std::vector<SweepPoint> &points) {
        for (const SweepPoint &point : points) {
            most_batch = std::max(most_batch, batch_of(point));
            for (const SweepPanel panel : panels) {
                double &value = most[static_cast<std::size_t>(panel)];
                value = std::max(value, value_of(point, panel));
            }
        }
    };
    cover(data.points);
    for (const SweepGhost &ghost : ghosts)
        cover(ghost.points);
    // Measured points too, unless they would crush everything else.
    constexpr double farthest = 1.5;
    const double largest_batch = farthest * most_batch;
    std::array<double, sweep_panel_count> largest{};
    std::ranges::transform(most, largest.begin(), [](double value) { return farthest * value; });
    for (const MeasuredSweepPoint &point : data.measured) {
        if (point.batch > largest_batch)
            continue;
        most_batch = std::max(most_batch, point.batch);
        for (const SweepPanel panel : panels) {
            const auto i = static_cast<std::size_t>(panel);
            if (value_of(point, panel) <= largest[i])
                most[i] = std::max(most[i], value_of(point, panel));
        }
    }
    scene.panels.resize(sweep_panel_count);
    for (std::size_t i = 0; i < sweep_panel_count; ++i) {
        scene.panels[i].x.to = most_batch;
        scene.panels[i].y.to = most[i];
    }
}

std::vector<LegendEntries> SweepPicture::legend() const
{
    const Theme &look = theme();
    LegendEntries entries;
    entries.push_back({data.configuration,
        [colour = colour(), mark = data.mark](Marks &marks, const QRectF &box) {
            marks.across(box, QPen(colour, 2));
            marks.symbol(mark, box.center(), point_size, QPen(colour, 1), colour);
        },
        true});
    for (const SweepGhost &ghost : ghosts)
        entries.push_back(baseline_line(ghost.baseline, look));
    if (const Baseline *baseline = input.baselines.primary(); baseline && !baseline->view(data.chip.toStdString()))
        entries.push_back({chip_change(*baseline, input.explored->leading()).problem, nullptr});
    if (data.target_tps > 0)
        entries.push_back({Sweep::tr("target %1").arg(rate_text(data.target_tps)),
            [colour = look.accent](
                Marks &marks, const QRectF &box) { marks.across(box, QPen(colour, 2, Qt::DashLine)); }});
    const auto any = [&](const auto &is) { return std::ranges::any_of(data.points, is); };
    if (any([](const SweepPoint &point) { return point.reason == Reason::target; }))
        entries.push_back({Sweep::tr("below target"),

            [colour = look.infeasible, mark = data.mark, surface = look.surface](Marks &marks, const QRectF &box) {
                marks.symbol(mark, box.center(), point_size, QPen(colour, 1.5), surface);
            }});
    if (any([](const SweepPoint &point) { return point.reason == Reason::memory; }))
        entries.push_back({Sweep::tr("out of memory"),
            [colour = look.infeasible, hatch = look.grid](Marks &marks, const QRectF &box) {
                marks.hatch(box.adjusted(0, 2, 0, -2), hatch);
                marks.box(box.adjusted(0, 2, 0, -2), QPen(colour, 1));
                marks.cross(box.center(), point_size, QPen(colour, 1.5));
            }});
    if (any([](const SweepPoint &point) { return point.falls; }))
        entries.push_back({Sweep::tr("step time falls"), [colour = look.warning](Marks &marks, const QRectF &box) {
                               add_fall(marks, box.center() + QPointF(0, 4), colour);
                           }});
    if (!data.measured.empty())
        entries.push_back(measured_legend(data.measured.size(), colour(), look.surface));
    LegendEntries brief = entries;
    brief.front().text = brief_configuration_text(input.explored->searched, data.shown);
    return {std::move(entries), std::move(brief)};
}

// Of a card, or of the cards that share one attention.
QString batch_title(const Point &shown)
{
    const AxisColumn &batch = axis_of(AxisId::batch).columns.front();
    return batch.is_shared(shown) ? Sweep::tr("Batch of a TP group (sequences)")
                                  : Sweep::tr("Batch per card (sequences)");
}

Arrangement sweep_arrangement(const Room &room, const Point &shown)
{
    const int line = QFontMetrics(room.font).height();
    const int ticks = std::clamp(room.size.height() / line / 8, 1, 4);
    const auto above = [line](std::size_t panel) { return panel == 0 ? 2 * line + 14 : line + 6; };
    double height = room.size.height() - room.legend_height(no_limit);
    for (std::size_t i = 0; i < sweep_panel_count; ++i)
        height -= above(i) + 2;
    height -= 2 * line + room.tick_height + room.title_padding; // the ticks and the title of the batch axis
    const bool labels = height / sweep_panel_count >= 2 * line; // else those at both ends would lie on each other
    Arrangement arrangement;
    for (std::size_t i = 0; i < sweep_panel_count; ++i) {
        const bool last = i + 1 == sweep_panel_count;
        arrangement.panels.push_back({.margins = QMargins(8, above(i), line, 2),
            .x = {last ? batch_title(shown) : QString(), room.size.width() < 30 * line ? 3 : 5, false, last},
            .y = {{}, ticks, ticks == 1, labels}});
    }
    return arrangement;
}

struct SweepDrawing {
    const SweepPicture &of;
    const Frame &frame;
    const SweepData &data = of.data;
    const SceneInput &input = of.input;
    const Theme &theme = *input.theme;
    SceneLayout laid = {};
    Marks &marks = laid.main;

    const FramePanel &at(SweepPanel panel) const { return frame.panel(static_cast<std::size_t>(panel)); }
    const FrameAxis &batch_axis() const { return frame.panel().x; }
    QPointF pixel_of(const SweepPoint &point, SweepPanel panel) const
    {
        return at(panel).pixel(batch_of(point), value_of(point, panel));
    }
    QPointF pixel_of(const MeasuredSweepPoint &point, SweepPanel panel) const
    {
        return at(panel).pixel(point.batch, value_of(point, panel));
    }
    // What can serve, of points in one line.
    void draw_run(const std::vector<SweepPoint> &points, SweepPanel panel, const QPen &pen)
    {
        QVector<QPointF> run;
        const auto flush = [&] {
            marks.path(run, pen, at(panel).area());
            run.clear();
        };
        for (const SweepPoint &point : points) {
            if (!point.reason)
                run << pixel_of(point, panel);
            else
                flush();
        }
        flush();
    }

    void draw_background();
    void draw_panel(SweepPanel panel);
    void draw_ghosts(SweepPanel panel);
    void draw_measured(SweepPanel panel);
    void draw_tags();
    void draw_heading(SweepPanel panel);
    void draw_ring(SweepPanel panel);
};

void SweepDrawing::draw_background()
{
    const double limit = batch_axis().pixel(static_cast<double>(data.max_batch));
    for (const FramePanel &panel : frame.panels) {
        QRectF area = panel.area();
        area.setLeft(std::clamp(limit, area.left(), area.right()));
        laid.background.hatch(area, theme.grid);
    }
    if (data.target_tps > 0) { // what is left of the first panel below the target
        QRectF area = frame.panel().area();
        area.setRight(std::clamp(limit, area.left(), area.right()));
        area.setTop(std::clamp(frame.panel().y.pixel(data.target_tps), area.top(), area.bottom()));
        laid.background.hatch(area, theme.grid);
    }
}

void SweepDrawing::draw_panel(SweepPanel panel)
{
    const QRectF area = at(panel).area();
    if (panel == SweepPanel::ux && data.target_tps > 0) {
        const double y = frame.panel().y.pixel(data.target_tps);
        if (area.top() <= y && y <= area.bottom())
            marks.line(QLineF(area.left(), y, area.right(), y), QPen(theme.accent, input.line_width(2), Qt::DashLine));
    }
    draw_ghosts(panel);
    QVector<QPointF> all, good, slow, misfit;
    for (const SweepPoint &point : data.points)
        all << pixel_of(point, panel);
    marks.path(all, QPen(theme.infeasible, 1), area);
    draw_run(data.points, panel, QPen(of.colour(), input.line_width(2.5)));

    const double spacing =
        data.points.size() < 2 ? area.width() : area.width() / static_cast<double>(data.points.size());
    const bool crowded = spacing < point_size;
    for (std::size_t i = 0; i < data.points.size(); ++i) {
        const SweepPoint &point = data.points[i];
        const QPointF &place = all[static_cast<qsizetype>(i)];
        if (!area.contains(place))
            continue;
        if (point.falls && panel == SweepPanel::step)
            add_fall(marks, place - QPointF(0, 6), theme.warning);
        if (!crowded)
            (!point.reason ? good : *point.reason == Reason::target ? slow : misfit) << place;
    }
    const auto stamp_chip = [&](const QVector<QPointF> &places, double size, const QPen &pen, const QColor &fill) {
        Marks shape;
        shape.symbol(data.mark, {}, size, pen, fill);
        marks.stamp(shape, 1.2 * size + pen.widthF(), places);
    };
    stamp_chip(good, point_size, QPen(theme.surface, 1), of.colour());
    stamp_chip(slow, point_size - 1, QPen(theme.infeasible, 1.5), theme.surface);
    Marks cross;
    cross.cross({}, point_size - 1, QPen(theme.infeasible, 1.5));
    marks.stamp(cross, point_size - 1 + 3, misfit);
}

// Dashed; only what can serve. An open marker where each stood.
void SweepDrawing::draw_ghosts(SweepPanel panel)
{
    for (const SweepGhost &ghost : of.ghosts) {
        draw_run(ghost.points, panel, theme.baseline_pen(ghost.baseline.mark, input.line_width(1.5)));
        if (const QPointF place = pixel_of(ghost.shown, panel); !ghost.shown.reason && at(panel).area().contains(place))
            marks.symbol(data.mark, place, point_size, QPen(theme.baseline(ghost.baseline.mark), 1.5), theme.surface);
    }
}

void SweepDrawing::draw_measured(SweepPanel panel)
{
    QVector<QPointF> places;
    for (const MeasuredSweepPoint &point : data.measured) {
        if (const QPointF place = pixel_of(point, panel); at(panel).area().contains(place))
            places << place;
    }
    marks.stamp(measured_shape(of.colour(), theme.surface), measured_size + 9, places);
}

// Whole, also on an axis; and from where the primary baseline stood to what is shown.
void SweepDrawing::draw_ring(SweepPanel panel)
{
    const QPointF place = pixel_of(data.marked, panel);
    const QRectF area = at(panel).area();
    if (!area.contains(place))
        return;
    const bool serves = !data.marked.reason;
    laid.axes.oval(place, 8, QPen(theme.surface, 5));
    laid.axes.oval(place, 8, QPen(serves ? of.colour() : theme.infeasible, 2.5, serves ? Qt::SolidLine : Qt::DashLine));
    const std::optional<ValueChange> by = of.change(panel);
    if (!by)
        return;
    constexpr double ring = 9; // px
    const ChangeArrow arrow{pixel_of(of.primary()->shown, panel), place, point_size / 2, ring};
    if (area.contains(arrow.from))
        add_arrow(laid.axes, arrow, of.colour_of(*by, panel));
}

void SweepDrawing::draw_heading(SweepPanel panel)
{
    const QRectF area = at(panel).area();
    const std::array<QStringList, sweep_panel_count> titles{
        QStringList{Sweep::tr("Tokens/s per user (tok/s)"), Sweep::tr("tok/s per user")},
        QStringList{Sweep::tr("Throughput per card (tok/s)"), Sweep::tr("tok/s per card")},
        QStringList{Sweep::tr("Step time (ms)"), Sweep::tr("Step (ms)")}};
    const QFont bold = input.bold();
    const double baseline = area.top() - 4 - QFontMetricsF(input.font).descent();
    // On a backing, for the lines of the tags pass here.
    const auto write = [&](double x, const QString &text, const QFont &in, const QColor &pen) {
        const QFontMetricsF metrics(in);
        laid.axes.fill(
            QRectF(x - 1, baseline - metrics.ascent(), metrics.horizontalAdvance(text) + 2, metrics.height()),
            theme.surface);
        laid.axes.text(QPointF(x, baseline), text, in, pen);
    };
    const QString value = value_text(data.marked, panel);
    const std::optional<ValueChange> by = of.change(panel);
    const QString difference = by ? u' ' + change_text(*by) : QString();
    const double end = area.right() - QFontMetricsF(bold).horizontalAdvance(difference),
                 start = end - QFontMetricsF(bold).horizontalAdvance(value);
    write(area.left(), first_fitting(titles[static_cast<std::size_t>(panel)], input.font, start - area.left() - 6),
        input.font, theme.text);
    write(start, value, bold, data.marked.reason ? theme.muted : of.colour());
    if (by)
        write(end, difference, bold, of.colour_of(*by, panel));
}

void SweepDrawing::draw_tags()
{
    const QFont bold = input.bold();
    const QRectF first = frame.panel().area();
    const double foot = first.top() - QFontMetricsF(input.font).height() - 5;
    const QColor on_fill = theme.dark ? theme.window : theme.surface;
    double left = 2, right = frame.size.width() - 3; // of the room for a tag
    // A line through all panels, with its tag on top; returns the tag's box.
    const auto mark = [&](std::int64_t batch, const QString &text, const QColor &fill, double width, double from,
                          double to) -> std::optional<QRectF> {
        const double x = batch_axis().pixel(static_cast<double>(batch));
        if (x < first.left() || x > first.right())
            return std::nullopt;
        for (const FramePanel &panel : frame.panels) // to the last row of pixels
            laid.axes.line(QLineF(x, panel.rect.top(), x, panel.rect.bottom() - 1), QPen(fill, width));
        laid.axes.line(QLineF(x, foot, x, first.top()), QPen(fill, 1));
        return add_tag(laid.axes, text, bold, QPointF(x, foot), from, to, fill, on_fill);
    };
    const QString shown_batch = Sweep::tr("batch %1").arg(batch_text(data.shown.point, data.marked.batch)),
                  full = Sweep::tr("memory full at %1").arg(batch_text(data.shown.point, data.max_batch)),
                  arrow = QStringLiteral(" →");
    constexpr double between_tags = 4;
    const double beside = tag_width(shown_batch, bold) + between_tags;
    const QString text = first_fitting(data.max_batch > 0
            ? QStringList{full, Sweep::tr("full at %1").arg(data.max_batch)}
            : QStringList{Sweep::tr("the weights alone do not fit"), Sweep::tr("nothing fits")},
        bold, right - left - beside - tag_width(arrow, bold));
    // Next to each other in the order of what they name, each with room for the other.
    const bool fits = data.marked.batch <= data.max_batch;
    const double left_of_full = fits ? left + beside : left, right_of_full = fits ? right : right - beside;
    std::optional<QRectF> box = mark(data.max_batch, text, theme.muted, 2, left_of_full, right_of_full);
    if (!box && static_cast<double>(data.max_batch) > batch_axis().upper)
        box = add_tag(laid.axes, text + arrow, bold, QPointF(first.right() + 2, foot), left_of_full, right_of_full,
            theme.muted, on_fill);
    if (box)
        (fits ? right : left) = fits ? box->left() - between_tags : box->right() + between_tags;
    mark(data.marked.batch, shown_batch, of.colour(), 1, left, right);
}

SceneLayout sweep_layout(const std::shared_ptr<const SweepPicture> &picture, const Frame &frame)
{
    SweepDrawing drawing{*picture, frame};
    drawing.draw_background();
    for (const SweepPanel panel : panels)
        drawing.draw_panel(panel);
    for (const SweepPanel panel : panels)
        drawing.draw_measured(panel);
    drawing.draw_tags();
    for (const SweepPanel panel : panels)
        drawing.draw_heading(panel);
    for (const SweepPanel panel : panels)
        drawing.draw_ring(panel);
    SceneLayout laid = std::move(drawing.laid);
    for (const SweepPanel panel : panels) {
        const QRectF area = drawing.at(panel).area();
        QVector<QPointF> measured;
        for (const MeasuredSweepPoint &point : picture->data.measured)
            measured << drawing.pixel_of(point, panel);
        laid.hits.push_back(hit_points(
            measured, measured_size,
            [picture, measured](std::size_t i) {
                const MeasuredSweepPoint &point = picture->data.measured[i];
                const Explored &explored = *picture->input.explored;
                Hover hover{measured_text(explored, point.measured), measured[static_cast<qsizetype>(i)], std::nullopt};
                hover.number = error_of(explored, point.measured.row);
                const auto nearest =
                    std::ranges::min_element(picture->data.points, [&](const SweepPoint &a, const SweepPoint &b) {
                        return std::abs(batch_of(a) - point.batch) < std::abs(batch_of(b) - point.batch);
                    });
                if (nearest != picture->data.points.end())
                    hover.action = picture->selection(*nearest);
                return hover;
            },
            area));
        QVector<QPointF> places;
        std::vector<const SweepPoint *> seen;
        for (const SweepPoint &point : picture->data.points) {
            if (!drawing.batch_axis().contains(batch_of(point)))
                continue;
            places << drawing.pixel_of(point, panel);
            seen.push_back(&point);
        }
        laid.hits.push_back(hit_across(places, area, [picture, places, seen, panel](std::size_t i) {
            return picture->about_point(*seen[i], panel, places[static_cast<qsizetype>(i)]);
        }));
        laid.hits.back().walks = panel == SweepPanel::ux; // the others tell the same
    }
    return laid;
}

Hover SweepPicture::about_point(const SweepPoint &point, SweepPanel panel, const QPointF &at) const
{
    const Study &study = input.explored->searched;
    Hover hover;
    hover.text = configuration_text(study, candidate(point))
        + Sweep::tr("\n%1 per user\n%2 per card\n%3 per step")
              .arg(value_text(point, SweepPanel::ux), value_text(point, SweepPanel::throughput),
                  value_text(point, SweepPanel::step));
    if (point.falls)
        hover.text += Sweep::tr("\n▼ published efficiency rule: step time falls here");
    // The same batch there.
    if (const SweepGhost *ghost = primary()) {
        const SweepPoint *then = find_in(ghost->points, point.batch, &SweepPoint::batch);
        if (const auto by = then ? change_of(then->throughput_per_card, point.throughput_per_card) : std::nullopt)
            hover.text +=
                u'\n' + against_text(*by, Sweep::tr("%1 per card").arg(rate_text(by->before)), ghost->baseline.name);
    }
    hover.text += reasons_text(estimate(scenario_of(study, candidate(point))));
    hover.crosshair = at;
    hover.number = Explainable{std::string(panel == SweepPanel::ux ? output::ux_tps
                                       : panel == SweepPanel::step ? output::step_time
                                                                   : output::throughput),
        selection(point)};
    hover.action = selection(point);
    return hover;
}

// The next batch; nothing at the ends.
std::optional<Action> SweepPicture::step(int key) const
{
    const bool up = key == Qt::Key_Right;
    if (!up && key != Qt::Key_Left)
        return std::nullopt;
    const auto after = std::partition_point(data.points.begin(), data.points.end(), [&](const SweepPoint &point) {
        return up ? point.batch <= data.shown.point.batch : point.batch < data.shown.point.batch;
    });
    if (up ? after == data.points.end() : after == data.points.begin())
        return Action{};
    return selection(up ? *after : *std::prev(after));
}

Table sweep_table(const SweepPicture &picture)
{
    Table table;
    table.columns = {{Sweep::tr("Batch"), "batch"}, {Sweep::tr("Tokens/s per user (tok/s)"), "ux_tps"},
        {Sweep::tr("Throughput per card (tok/s)"), "throughput"}, {Sweep::tr("Step time (s)"), "step"},
        {Sweep::tr("Step time falls"), "falls"}, {Sweep::tr("Infeasible because of"), "reason"},
        {Sweep::tr("Measured"), "measured"}, {Sweep::tr("Error of the estimated time per token"), "error"},
        {Sweep::tr("Source"), "source"}};
    const SceneInput &input = picture.input;
    const SharedColumns shared(input);
    shared.add_to(table);
    const auto add = [&](const ChipView &view, const std::vector<SweepPoint> &points) {
        Scenario scenario = view.scenario;
        for (const SweepPoint &point : points) {
            table.rows.push_back({{point.batch, point.ux_tps, point.throughput_per_card, point.step_s,
                                      point.falls ? QStringLiteral("true") : QStringLiteral("false"),
                                      point.reason ? to_text(name_of(*point.reason)) : QString(), {}, {}, {}},
                true, Sweep::tr("estimated")});
            scenario.point.batch = static_cast<std::int64_t>(point.batch);
            shared.add_to(table.rows.back().cells, {scenario, view.estimate});
        }
    };
    add(input.explored->leading(), picture.data.points);
    for (const MeasuredSweepPoint &point : picture.data.measured) {
        const Measurement &row = input.explored->inputs.measured->rows[point.measured.row];
        table.rows.push_back({{point.batch, point.measured.ux_tps, point.measured.throughput_per_card, point.step_s, {},
                                  {}, to_text(row.id), cell_of(point.measured.error), to_text(row.source)},
            true, Sweep::tr("measured")});
        shared.skip(table.rows.back().cells);
    }
    table.add_baselines(input.baselines, [&](const Baseline &pin) {
        if (const ChipView *view = pin.view(picture.data.chip.toStdString()))
            add(*view, finite_points(*view));
    });
    table.plot = TablePlot{
        TablePlot::Kind::points, Sweep::tr("Throughput per card over the batch size"), {}, "batch", {"throughput"}};
    return table;
}

} // namespace

Scene sweep_scene(const SceneInput &input)
{
    SweepPicture made{input, sweep_data(*input.explored), {}};
    for (const Baseline &pin : input.baselines.pins) {
        if (const ChipView *view = pin.view(input.explored->leading().scenario.chip.name))
            made.ghosts.push_back({pin, &pin == input.baselines.primary(), finite_points(*view), shown_point(*view)});
    }
    Scene scene;
    made.fit(scene);
    if (!input.is_on(u"measured"_qs)) // the axes stay
        made.data.measured.clear();
    const auto picture = std::make_shared<const SweepPicture>(std::move(made));
    scene.legend = picture->legend();
    scene.arrange = [picture](const Room &room) { return sweep_arrangement(room, picture->data.shown.point); };
    scene.layout = [picture](const Frame &frame) { return sweep_layout(picture, frame); };
    scene.table = [picture] { return sweep_table(*picture); };
    scene.on_key = [picture](int key, Qt::KeyboardModifiers modifiers) {
        return modifiers == Qt::NoModifier ? picture->step(key) : std::nullopt;
    };
    return scene;
}

std::vector<ChartOption> sweep_options()
{
    return {{.key = u"measured"_qs, .value = u"on"_qs}}; // the window's switch
}

} // namespace epscope
