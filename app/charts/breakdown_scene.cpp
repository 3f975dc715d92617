// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/breakdown_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <QCoreApplication>
#include <QFontInfo>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/charts/shared_columns.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct Breakdown {
    Q_DECLARE_TR_FUNCTIONS(epscope::Breakdown)
};

// What a unit makes of a bar whose operators add up to sum_s.
double axis_factor(BreakdownUnit unit, double sum_s)
{
    switch (unit) {
    case BreakdownUnit::us_per_layer:
        return 1e6;
    case BreakdownUnit::ms_per_step:
        return 1e3;
    case BreakdownUnit::share:
        return sum_s > 0 ? 100 / sum_s : 0;
    }
    return 0;
}

// The blocks that a bar adds up: one kind of layer alone, or all of the step.
std::span<const BlockEstimate> blocks_shown(const Estimate &estimate, BreakdownUnit unit, std::size_t layer)
{
    const std::span<const BlockEstimate> all = estimate.blocks;
    return unit != BreakdownUnit::us_per_layer || all.empty() ? all : all.subspan(place_of_layer(estimate, layer), 1);
}

// How often a block's operators run in the layer or the step.
double runs_of(const BlockEstimate &block, BreakdownUnit unit)
{
    return static_cast<double>(unit == BreakdownUnit::us_per_layer ? block.repeats : block.count * block.repeats);
}

} // namespace

BreakdownSeries breakdown_series(const Explored &explored, BreakdownUnit unit, std::size_t layer)
{
    BreakdownSeries series;
    series.unit = unit;
    for (std::size_t view = 0; view < explored.chips.size(); ++view) {
        const Estimate &estimate = explored.chips[view].estimate;
        struct Sum {
            double time_s = 0;
            std::array<double, 3> by_bound{};
        };
        std::vector<Sum> sums(operators().size());
        BreakdownBar bar;
        bar.view = view;
        for (const BlockEstimate &block : blocks_shown(estimate, unit, layer)) {
            const double runs = runs_of(block, unit);
            for (const OperatorEstimate &op : block.operators) {
                if (!std::isfinite(op.time_s))
                    continue;
                Sum &sum = sums[static_cast<std::size_t>(op.id)];
                sum.time_s += runs * op.time_s;
                sum.by_bound[static_cast<std::size_t>(op.bound)] += runs * op.time_s;
            }
            const double span_s = unit == BreakdownUnit::us_per_layer ? block.time_s : block.total_s;
            bar.span_s += std::isfinite(span_s) ? span_s : 0;
        }
        for (const Sum &sum : sums) // in the order in which the explanation adds them
            bar.sum_s += sum.time_s;
        const double factor = axis_factor(unit, bar.sum_s);
        for (const OperatorInfo &info : operators()) {
            const Sum &sum = sums[static_cast<std::size_t>(info.id)];
            if (!(sum.time_s > 0))
                continue;
            const auto longest = std::ranges::max_element(sum.by_bound);
            const auto bound = static_cast<Bound>(longest - sum.by_bound.begin());
            bar.segments.push_back(
                {info.id, bound, sum.time_s, bar.end, bar.end + factor * sum.time_s, sum.time_s / bar.sum_s});
            bar.end = bar.segments.back().to;
        }
        bar.mark = factor * bar.span_s;
        series.longest = std::max({series.longest, bar.end, bar.mark});
        series.bars.push_back(std::move(bar));
    }
    return series;
}

std::vector<std::optional<BreakdownGhost>> breakdown_ghosts(
    const Explored &explored, const PinnedBaselines &baselines, BreakdownUnit unit, std::size_t layer)
{
    std::vector<std::optional<BreakdownGhost>> ghosts(explored.chips.size());
    const Baseline *baseline = baselines.primary();
    if (!baseline)
        return ghosts;
    const BreakdownSeries before = breakdown_series(*baseline->explored, unit, layer),
                          now = breakdown_series(explored, unit, layer);
    for (std::size_t i = 0; i < ghosts.size(); ++i) {
        const ChipView *view = baseline->view(explored.chips[i].scenario.chip.name);
        if (!view)
            continue;
        const BreakdownBar &bar = before.bars[static_cast<std::size_t>(view - baseline->explored->chips.data())];
        if (const std::optional<ValueChange> change = change_of(bar.span_s, now.bars[i].span_s))
            ghosts[i] = BreakdownGhost{bar, *change};
    }
    return ghosts;
}

namespace {

constexpr double name_strip = 5; // px
const QString layer_key = u"breakdown.layer"_qs;

// By what name the bars, or an operator in them, are explained.
std::string breakdown_number(BreakdownUnit unit, std::optional<OpId> id)
{
    switch (unit) {
    case BreakdownUnit::us_per_layer:
        return id ? name_of_runs(*id, OperatorRuns::of_layer) : "layer_time";
    case BreakdownUnit::ms_per_step:
        return id ? name_of_runs(*id, OperatorRuns::of_step) : std::string(output::step_time);
    case BreakdownUnit::share:
        return id ? name_of_runs(*id, OperatorRuns::share) : "step_share";
    }
    return {};
}

// The places of a bar with all that stands at it.
struct BreakdownPlace {
    QRectF bar; // over the axes' width
    QRectF bound; // the strip below
    QRectF ghost; // of the baseline, below that; empty if there is none
    double line = 0; // height of a line of text
    bool marked = false; // room above the bar for the time of the layer or step
    bool worded = false; // room below for what binds in words
};

struct BreakdownBars {
    SceneInput input;
    std::size_t layer = 0;
    BreakdownSeries series;
    std::vector<std::optional<BreakdownGhost>> ghosts; // as many as bars
    bool has_ghosts = false;

    const Theme &theme() const { return *input.theme; }
    TimeUnit time_unit() const { return series.unit == BreakdownUnit::us_per_layer ? TimeUnit::us : TimeUnit::ms; }
    QString text_of(double seconds) const { return time_text(seconds, time_unit()); }
    const ChipView &view_of(const BreakdownBar &bar) const { return input.explored->chips[bar.view]; }
    const std::string &chip_of(const BreakdownBar &bar) const { return view_of(bar).scenario.chip.name; }
    bool feasible(const BreakdownBar &bar) const { return view_of(bar).estimate.feasible(); }
    // The other chips' bars are their best.
    bool is_selected(const BreakdownBar &bar) const
    {
        const std::optional<Selection> &selection = input.explored->inputs.selection;
        return selection && selection->chip == chip_of(bar);
    }
    QString name_of(const BreakdownBar &bar) const
    {
        return to_text(input.explored->searched.chips[view_of(bar).chip].name);
    }
    QStringList points_of(const BreakdownBar &bar) const // the longest first
    {
        const Point &point = view_of(bar).shown.point;
        const SearchSpace &space = input.explored->searched.search;
        return {ep_times_batch_text(point, &space), ep_times_batch_text(point, &space, false)};
    }
    static bool two_lines(double row_height, double line) { return row_height >= 2.4 * line; }

    Arrangement arrange(const Room &room) const;
    static SceneLayout layout(const std::shared_ptr<const BreakdownBars> &bars, const Frame &frame);
    BreakdownPlace place(const QRectF &area, std::size_t index) const;
    void draw_name(Marks &marks, const BreakdownBar &bar, const BreakdownPlace &place, double row_height) const;
    void draw_bounds(
        Marks &marks, const BreakdownBar &bar, const std::vector<QRectF> &areas, const BreakdownPlace &place) const;
    void draw_mark(Marks &marks, const BreakdownBar &bar, const BreakdownPlace &place, const FrameAxis &axis) const;
    void draw_ghost(
        Marks &marks, const BreakdownGhost &ghost, const BreakdownPlace &place, const FrameAxis &axis) const;
    QStringList mark_texts(const BreakdownBar &bar) const;
    Hover about_bar(std::size_t index, bool on_name) const;
    Hover about_segment(std::size_t index, const BreakdownSegment &segment) const;
    // Of another kind of layer than the first a run stands for all of them.
    std::string number(std::optional<OpId> id) const
    {
        const Estimate &leading = input.explored->leading().estimate;
        const std::size_t place = place_of_layer(leading, layer);
        return series.unit != BreakdownUnit::us_per_layer || place == 0
            ? breakdown_number(series.unit, id)
            : name_in_block(leading, place, id ? info_of(*id).key : "layer_time");
    }
};

BreakdownPlace BreakdownBars::place(const QRectF &area, std::size_t index) const
{
    BreakdownPlace result;
    const double line = result.line = input.line();
    const double height = area.height() / static_cast<double>(series.bars.size());
    const double more = has_ghosts ? line : 0;
    result.marked = height >= 2.6 * line + more;
    result.worded = height >= 4.2 * line + 2 * more;
    const double above = result.marked ? line + 5 : 0;
    const double ghost = has_ghosts ? std::clamp(0.2 * height, 2.0, 0.9 * line) : 0;
    const double below = (result.worded ? line + 6 : height >= 16 ? 6 : 3) + (ghost > 0 ? ghost + 2 : 0);
    const double gap = std::clamp(0.12 * height, 1.0, line);
    const double bar = std::clamp(height - above - below - gap, 2.0, 4.5 * line);
    const double top = area.top() + height * static_cast<double>(index) + (height - above - bar - below) / 2 + above;
    result.bar = QRectF(area.left(), std::round(top), area.width(), std::round(bar));
    result.bound = QRectF(area.left(), result.bar.bottom() + 2, area.width(), height >= 16 ? 4 : 2);
    if (ghost > 0)
        result.ghost = QRectF(
            area.left(), result.bound.bottom() + (result.worded ? line : 0) + 2, area.width(), std::round(ghost));
    return result;
}

Arrangement BreakdownBars::arrange(const Room &room) const
{
    const double line = input.line();
    const double bars_height = room.size.height() - room.legend_height(no_limit) - 2.6 * line - text_padding;
    const bool two = two_lines(bars_height / static_cast<double>(series.bars.size()), line);
    // Left of the axis: name and configuration of each chip.
    const QFontMetricsF metrics(input.bold());
    double widest = 0;
    for (const BreakdownBar &bar : series.bars) {
        const double name = metrics.horizontalAdvance(name_of(bar)),
                     point = metrics.horizontalAdvance(points_of(bar).front());
        widest = std::max(widest, two ? std::max(name, point) : name + metrics.horizontalAdvance(u' ') + point);
    }
    const double left = std::min(0.34 * room.size.width(), widest + 2 * text_padding + name_strip + 4);
    const auto right = static_cast<int>(QFontMetricsF(input.font).horizontalAdvance(u"0000"_qs) / 2 + text_padding);
    QStringList labels{Breakdown::tr("Step (ms)"), Breakdown::tr("ms")};
    if (series.unit == BreakdownUnit::share) {
        labels = QStringList{
            Breakdown::tr("Share of the operators' sum (%)"), Breakdown::tr("Share (%)"), Breakdown::tr("%")};
    } else if (series.unit == BreakdownUnit::us_per_layer) {
        const Explored &explored = *input.explored;
        const auto blocks = explored.chips.empty() ? std::span<const BlockEstimate>()
                                                   : blocks_shown(explored.leading().estimate, series.unit, layer);
        const QString name = blocks.empty() ? Breakdown::tr("Layer")
                                            : to_text(label_of(explored.leading().scenario.model, blocks.front()));
        labels = QStringList{Breakdown::tr("%1, all micro-batches (µs)").arg(name), Breakdown::tr("%1 (µs)").arg(name),
            Breakdown::tr("µs")};
    }
    return {{{.margins = QMargins(static_cast<int>(std::ceil(left)), 4, right, 0),
        .fixed = true,
        .x = texts_across(labels, input.font, room.size.width() - left - right, right)}}};
}

SceneLayout BreakdownBars::layout(const std::shared_ptr<const BreakdownBars> &bars, const Frame &frame)
{
    const BreakdownBars &of = *bars;
    SceneLayout laid;
    Marks &marks = laid.main;
    marks.set_smooth(false);
    const QRectF ground = frame.panel().rect;
    const FrameAxis &axis = frame.panel().x;
    const double height = ground.height() / static_cast<double>(of.series.bars.size());
    std::vector<QRectF> names, rows, segments, touched;
    struct Place {
        std::size_t bar, segment;
    };
    std::vector<Place> places;
    for (std::size_t i = 0; i < of.series.bars.size(); ++i) {
        const BreakdownBar &bar = of.series.bars[i];
        const BreakdownPlace at = of.place(ground, i);
        const double mark = axis.pixel(bar.mark);
        of.draw_name(marks, bar, at, height);
        marks.set_clip(ground.adjusted(0, -at.line, 1, at.line));
        std::vector<QRectF> areas; // cut to the axes
        for (std::size_t k = 0; k < bar.segments.size(); ++k) {
            const BreakdownSegment &segment = bar.segments[k];
            const double left = std::max(at.bar.left(), axis.pixel(segment.from)),
                         right = std::min(at.bar.right(), axis.pixel(segment.to));
            const QRectF area(left, at.bar.top(), std::max(0.0, right - left), at.bar.height());
            areas.push_back(area);
            places.push_back({i, k});
            segments.push_back(area);
            touched.push_back(
                area.width() > 0 ? area.adjusted(0, 0, 0, at.bound.bottom() + 2 - at.bar.bottom()) : area);
            if (!(area.width() > 0))
                continue;
            const QColor fill = add_block(marks, area, segment.id, of.theme(), of.input.lit, of.feasible(bar));
            // On the wider side of the mark, where that crosses the area.
            QRectF beside = area;
            if (mark > area.left() && mark < area.right()) {
                if (mark - area.left() > area.right() - mark)
                    beside.setRight(mark - 2);
                else
                    beside.setLeft(mark + 2);
            }
            add_block_label(marks, beside, label_text(segment.id),
                of.series.unit == BreakdownUnit::share ? part_text(segment.share) : of.text_of(segment.time_s),
                of.input.font, fill, false);
        }
        of.draw_bounds(marks, bar, areas, at);
        of.draw_mark(marks, bar, at, axis);
        if (of.ghosts[i])
            of.draw_ghost(marks, *of.ghosts[i], at, axis);
        marks.set_clip(std::nullopt);
        const double top = ground.top() + height * static_cast<double>(i);
        names.emplace_back(0, top, ground.left(), height);
        rows.emplace_back(ground.left(), top, frame.size.width() - ground.left(), height);
    }
    laid.hits = {hit_areas(touched,
                     [bars, places](std::size_t i) {
                         const auto [bar, segment] = places[i];
                         return bars->about_segment(bar, bars->series.bars[bar].segments[segment]);
                     }),
        hit_areas(names, [bars](std::size_t i) { return bars->about_bar(i, true); }),
        hit_areas(rows, [bars](std::size_t i) { return bars->about_bar(i, false); })};
    laid.hits.front().areas = std::move(segments);
    laid.hits.back().walks = false;
    return laid;
}

void BreakdownBars::draw_name(
    Marks &marks, const BreakdownBar &bar, const BreakdownPlace &place, double row_height) const
{
    const std::size_t mark = view_of(bar).mark;
    const double strip = place.bar.left() - 2 - name_strip / 2;
    marks.line(QPointF(strip, place.bar.top()), QPointF(strip, place.bar.bottom()),
        QPen(theme().chip(mark), name_strip, theme().chip_dash(mark), Qt::FlatCap));
    const double right = place.bar.left() - 2 - name_strip - text_padding, room = right - text_padding;
    const QFont heavy = bar.view == input.explored->lead ? input.bold() : input.font;
    const QColor ink = feasible(bar) ? theme().text : theme().muted;
    const double middle = place.bar.center().y();
    const QString name = name_of(bar);
    const QStringList points = points_of(bar);
    const auto write = [&](double top, double height, const QString &text, const QFont &font, const QColor &colour) {
        marks.text(QRectF(text_padding, top, room, height), Qt::AlignRight | Qt::AlignVCenter, text, font, colour);
    };
    if (two_lines(row_height, place.line)) {
        write(
            middle - place.line, place.line, QFontMetricsF(heavy).elidedText(name, Qt::ElideMiddle, room), heavy, ink);
        write(middle, place.line, first_fitting(points, input.font, room), input.font, theme().muted);
        return;
    }
    QFont fitting = heavy;
    if (row_height < place.line)
        fitting.setPixelSize(std::max(6, static_cast<int>(row_height * QFontInfo(heavy).pixelSize() / place.line)));
    const QString elided = QFontMetricsF(fitting).elidedText(name, Qt::ElideRight, room);
    write(middle - row_height, 2 * row_height,
        first_fitting({name + u' ' + points.front(), name + u' ' + points.back(), name, elided}, fitting, room),
        fitting, ink);
}

// What the baseline had: its operators pale, dashed around them, its time marked, and behind it how that has changed.
void BreakdownBars::draw_ghost(
    Marks &marks, const BreakdownGhost &ghost, const BreakdownPlace &place, const FrameAxis &axis) const
{
    const Baseline &baseline = *input.baselines.primary();
    const auto x_of = [&](double value) {
        return std::clamp(axis.pixel(value), place.ghost.left(), place.ghost.right());
    };
    for (const BreakdownSegment &segment : ghost.bar.segments) {
        const double from = x_of(segment.from);
        marks.fill(QRectF(from, place.ghost.top(), x_of(segment.to) - from, place.ghost.height()),
            translucent(theme().of(info_of(segment.id).stage), 0.35F));
    }
    marks.box(
        QRectF(place.ghost.left(), place.ghost.top(), x_of(ghost.bar.end) - place.ghost.left(), place.ghost.height()),
        theme().baseline_pen(baseline.mark, 1));
    const double at = x_of(ghost.bar.mark);
    marks.line(QPointF(at, place.ghost.top() - 1), QPointF(at, place.ghost.bottom() + 1),
        QPen(theme().baseline(baseline.mark), 2, Qt::SolidLine, Qt::FlatCap));
    if (place.ghost.height() < 0.4 * place.line)
        return;
    const QString text = change_text(ghost.span);
    const double width = QFontMetricsF(input.bold()).horizontalAdvance(text) + 6;
    const double left = std::min(x_of(std::max(ghost.bar.end, ghost.bar.mark)) + 6, place.ghost.right() - width);
    add_change(marks, QRectF(left, place.ghost.center().y() - place.line / 2, width, place.line), text, input.font,
        change_colour(ghost.span, input.baselines.threshold, Better::lower, theme()), theme().surface);
}

// Neighbours with the same limit share a strip and its word.
void BreakdownBars::draw_bounds(
    Marks &marks, const BreakdownBar &bar, const std::vector<QRectF> &areas, const BreakdownPlace &place) const
{
    const QFontMetricsF metrics(input.font);
    for (std::size_t first = 0; first < bar.segments.size();) {
        std::size_t last = first;
        while (last + 1 < bar.segments.size() && bar.segments[last + 1].bound == bar.segments[first].bound)
            ++last;
        const Bound bound = bar.segments[first].bound;
        const QRectF strip(
            areas[first].left(), place.bound.top(), areas[last].right() - areas[first].left(), place.bound.height());
        first = last + 1;
        if (strip.width() < 1)
            continue;
        add_bound(marks, strip.adjusted(0, 0, strip.width() > 3 ? -1 : 0, 0), bound, theme().of(bound));
        const QString word = bound_text(bound);
        if (place.worded && metrics.horizontalAdvance(word) + 4 <= strip.width())
            marks.text(QRectF(strip.left(), strip.bottom() + 1, strip.width(), place.line), Qt::AlignCenter, word,
                input.font, theme().muted);
    }
}

// The time that passes, and from there to the end of the bar what runs while something else does.
void BreakdownBars::draw_mark(
    Marks &marks, const BreakdownBar &bar, const BreakdownPlace &place, const FrameAxis &axis) const
{
    const double x = std::round(axis.pixel(bar.mark));
    if (bar.segments.empty() || x < place.bar.left() || x > place.bar.right() + 1)
        return;
    const QPointF top(x, place.bar.top() - (place.marked ? 5 : 0)), bottom(x, place.bar.bottom() + 2);
    marks.line(top, bottom, QPen(theme().surface, 5, Qt::SolidLine, Qt::FlatCap));
    marks.line(top, bottom, QPen(theme().text, 2, Qt::SolidLine, Qt::FlatCap));
    if (!place.marked)
        return;
    const double end = std::min(place.bar.right(), axis.pixel(bar.end));
    if (end > x + 3) {
        const double y = place.bar.top() - 3;
        marks.line(QPointF(x, y), QPointF(end - 1, y), QPen(theme().text, 1));
        marks.line(QPointF(end - 1, y - 2), QPointF(end - 1, y + 3), QPen(theme().text, 1));
    }
    const QRectF window(place.bar.left(), place.bar.top() - place.line - 5, place.bar.width(), place.line);
    const QString text = first_fitting(mark_texts(bar), input.font, window.width() - 2);
    const double width = QFontMetricsF(input.font).horizontalAdvance(text) + 2;
    marks.text(QRectF(std::clamp(x - 1, window.left(), window.right() - width), window.top(), width, window.height()),
        Qt::AlignLeft | Qt::AlignVCenter, text, input.font, feasible(bar) ? theme().text : theme().warning);
}

// The longest first.
QStringList BreakdownBars::mark_texts(const BreakdownBar &bar) const
{
    const bool share = series.unit == BreakdownUnit::share;
    const auto amount = [&](double seconds) {
        return share && bar.sum_s > 0 ? part_text(seconds / bar.sum_s) : text_of(seconds);
    };
    QString span = series.unit == BreakdownUnit::us_per_layer ? Breakdown::tr("layer %1").arg(amount(bar.span_s))
                                                              : Breakdown::tr("step %1").arg(amount(bar.span_s));
    if (is_selected(bar))
        span = Breakdown::tr("selected: %1").arg(span);
    constexpr double rounding = 1e-9;
    const QString hidden = bar.hidden_s() > rounding * bar.sum_s
        ? Breakdown::tr("%1 hidden").arg(amount(bar.hidden_s()))
        : Breakdown::tr("nothing hidden");
    const QString why = infeasible_text(view_of(bar).estimate);
    if (why.isEmpty())
        return {QString(span + u", "_qs + hidden), span};
    return {QString(span + u", "_qs + hidden + u" · "_qs + why), QString(span + u" · "_qs + why), why, span};
}

Hover BreakdownBars::about_bar(std::size_t index, bool on_name) const
{
    const BreakdownBar &bar = series.bars[index];
    const ChipView &view = view_of(bar);
    QStringList lines = configuration_text(input.explored->searched, view.shown).split(u'\n');
    if (is_selected(bar))
        lines.prepend(Breakdown::tr("selected"));
    lines << (series.unit == BreakdownUnit::us_per_layer ? Breakdown::tr("layer %1, operators one after the other %2")
                                                         : Breakdown::tr("step %1, operators one after the other %2"))
                 .arg(text_of(bar.span_s), text_of(bar.sum_s));
    lines << Breakdown::tr("%1 run at the same time as something longer").arg(text_of(bar.hidden_s()));
    for (const Infeasible &why : view.estimate.infeasible)
        lines << Breakdown::tr("infeasible: %1").arg(to_text(epscope::text_of(why)));
    const Baseline *baseline = input.baselines.primary();
    if (const std::optional<BreakdownGhost> &ghost = ghosts[index])
        lines << against_text(ghost->span, text_of(ghost->span.before), baseline->name);
    if (baseline) {
        if (const QString problem = chip_change(*baseline, view).problem; !problem.isEmpty())
            lines << problem;
    }
    Hover hover;
    if (on_name) {
        lines << Breakdown::tr("click: show this chip in the other views");
        hover.action = selection_of(input.explored->searched, view.shown);
    }
    hover.text = lines.join(u'\n');
    hover.number = Explainable{number(std::nullopt), chip_of(bar)};
    return hover;
}

Hover BreakdownBars::about_segment(std::size_t index, const BreakdownSegment &segment) const
{
    const BreakdownBar &bar = series.bars[index];
    const ChipView &view = view_of(bar);
    const bool of_layer = series.unit == BreakdownUnit::us_per_layer;
    QStringList lines = configuration_text(input.explored->searched, view.shown).split(u'\n');
    lines << (of_layer ? Breakdown::tr("%1: %2 per layer, %3 of the sum")
                       : Breakdown::tr("%1: %2 per step, %3 of the sum"))
                 .arg(label_text(segment.id), text_of(segment.time_s), part_text(segment.share));
    if (const std::optional<BreakdownGhost> &ghost = ghosts[index]) {
        const BreakdownSegment *before = find_in(ghost->bar.segments, segment.id, &BreakdownSegment::id);
        if (const auto change = before ? change_of(before->time_s, segment.time_s) : std::nullopt)
            lines << against_text(*change, text_of(before->time_s), input.baselines.primary()->name);
    }
    bool described = false;
    for (const BlockEstimate &block : blocks_shown(view.estimate, series.unit, layer)) {
        for (const OperatorEstimate &op : block.operators) {
            if (op.id != segment.id)
                continue;
            const QString run = time_text(op.time_s, TimeUnit::us);
            lines << (of_layer ? Breakdown::tr("%1 × %2, once for each micro-batch").arg(block.repeats).arg(run)
                               : Breakdown::tr("%1: %2 × %3")
                                     .arg(to_text(label_of(view.scenario.model, block)))
                                     .arg(block.count * block.repeats)
                                     .arg(run));
            if (!described)
                lines << operator_texts(view.scenario, op);
            described = true;
        }
    }
    const Explainable explained{number(segment.id), chip_of(bar)};
    return {lines.join(u'\n'), std::nullopt, segment.id, explained, explained};
}

std::vector<LegendEntries> breakdown_legend(const BreakdownBars &bars)
{
    const Theme &theme = bars.theme();
    const auto shows = [&](OpId id) {
        return std::ranges::any_of(bars.series.bars,
            [&](const BreakdownBar &bar) { return find_in(bar.segments, id, &BreakdownSegment::id); });
    };
    LegendEntries more{{Breakdown::tr("Bound by"), nullptr}};
    for (const Bound bound : {Bound::compute, Bound::memory, Bound::network})
        more.push_back(
            {bound_text(bound), [bound, colour = theme.of(bound)](Marks &marks, const QRectF &box) {
                 marks.set_smooth(false);
                 add_bound(marks, QRectF(box.left(), std::round(box.center().y() - 2), box.width(), 4), bound, colour);
             }});
    if (const Baseline *baseline = bars.input.baselines.primary())
        more.push_back(baseline_bar(*baseline, theme));
    return operator_legend(shows, theme, more);
}

void add_breakdown_rows(
    Table &table, const Explored &of, BreakdownUnit unit, std::size_t layer, const SharedColumns &shared)
{
    const bool of_layer = unit == BreakdownUnit::us_per_layer;
    const double factor = of_layer ? 1e6 : 1e3;
    for (const BreakdownBar &bar : breakdown_series(of, unit, layer).bars) {
        const ChipView &view = of.chips[bar.view];
        const auto add = [&](const QString &what, const QString &stage, double seconds, double part,
                             const QString &bound) {
            table.rows.push_back({{to_text(of.searched.chips[view.chip].name), std::int64_t{view.shown.point.ep},
                std::int64_t{view.shown.point.batch}, what, stage, factor * seconds, 100 * part, bound}});
            shared.add_to(table.rows.back().cells, {view.scenario, view.estimate});
        };
        for (const BreakdownSegment &segment : bar.segments)
            add(label_text(segment.id), to_text(label_of(info_of(segment.id).stage)), segment.time_s, segment.share,
                to_text(name_of(segment.bound)));
        add(of_layer ? Breakdown::tr("layer, overlap considered") : Breakdown::tr("step, overlap considered"), {},
            bar.span_s, bar.sum_s > 0 ? bar.span_s / bar.sum_s : 0, {});
        table.rows.back().plotted = false;
    }
}

Table breakdown_table(const SceneInput &input, BreakdownUnit unit, std::size_t layer)
{
    Table table;
    table.columns = {{Breakdown::tr("chip"), "chip"}, {Breakdown::tr("EP"), {}}, {Breakdown::tr("batch"), {}},
        {Breakdown::tr("operator"), "operator"}, {Breakdown::tr("stage"), {}},
        {unit == BreakdownUnit::us_per_layer ? Breakdown::tr("time per layer (us)")
                                             : Breakdown::tr("time per step (ms)"),
            "time"},
        {Breakdown::tr("share of the sum (%)"), {}}, {Breakdown::tr("bound by"), {}}};
    const SharedColumns shared(input);
    shared.add_to(table);
    add_breakdown_rows(table, *input.explored, unit, layer, shared);
    table.add_baselines(
        input.baselines, [&](const Baseline &pin) { add_breakdown_rows(table, *pin.explored, unit, layer, shared); });
    table.plot =
        TablePlot{TablePlot::Kind::stacked, Breakdown::tr("Latency breakdown"), {}, "chip", {"time"}, "operator"};
    return table;
}

} // namespace

Scene breakdown_scene(const SceneInput &input)
{
    const auto unit = static_cast<BreakdownUnit>(input.option(u"unit"_qs).toInt());
    const std::size_t layer = layer_of(input.option(layer_key));
    const auto bars = std::make_shared<const BreakdownBars>([&] {
        BreakdownBars made{input, layer, breakdown_series(*input.explored, unit, layer),
            breakdown_ghosts(*input.explored, input.baselines, unit, layer)};
        made.has_ghosts = std::ranges::any_of(made.ghosts, [](const auto &ghost) { return ghost.has_value(); });
        return made;
    }());
    Scene scene;
    double longest = bars->series.longest;
    for (const std::optional<BreakdownGhost> &ghost : bars->ghosts)
        longest = ghost ? std::max({longest, ghost->bar.end, ghost->bar.mark}) : longest;
    constexpr double almost_all = 97; // %: fitting leaves room above
    scene.panels[0].x.to = unit == BreakdownUnit::share ? almost_all : longest;
    scene.panels[0].y = {.exact = true, .ticks = false, .grid = false, .zooms = false};
    scene.legend = breakdown_legend(*bars);
    scene.sample_width = operator_sample_width;
    if (!bars->series.bars.empty()) {
        scene.arrange = [bars](const Room &room) { return bars->arrange(room); };
        scene.layout = [bars](const Frame &frame) { return BreakdownBars::layout(bars, frame); };
    }
    scene.number = bars->number(std::nullopt);
    scene.operator_number = [bars](OpId id) { return bars->number(id); };
    scene.table = [bars] { return breakdown_table(bars->input, bars->series.unit, bars->layer); };
    return scene;
}

std::vector<ChartOption> breakdown_options()
{
    const auto choices = [](const SceneInput &) -> std::vector<OptionChoice> {
        return {{u"0"_qs, Breakdown::tr("µs / layer"), Breakdown::tr("Microseconds per layer"),
                    Breakdown::tr("One layer: time of an operator for one micro-batch × number of micro-batches")},
            {u"1"_qs, Breakdown::tr("ms / step"), Breakdown::tr("Milliseconds per step"),
                Breakdown::tr("The whole step: all layers, and what runs outside of them")},
            {u"2"_qs, Breakdown::tr("share"), Breakdown::tr("Share in percent"),
                Breakdown::tr("The whole step: each operator's part of the sum of all operators")}};
    };
    ChartOption of_layer = layer_option(layer_key);
    of_layer.choices = [all = of_layer.choices](const SceneInput &input) {
        const bool per_layer = input.option(u"unit"_qs).toInt() == static_cast<int>(BreakdownUnit::us_per_layer);
        return per_layer ? all(input) : std::vector<OptionChoice>();
    };
    return {{.key = u"unit"_qs,
                .value = u"0"_qs,
                .control = ChartOption::Control::buttons,
                .name = Breakdown::tr("Unit of the latency breakdown"),
                .choices = choices,
                .is_value = [](const QString &text) { return text == u"0" || text == u"1" || text == u"2"; },
                .other_axes = true,
                .step = Breakdown::tr("Breakdown: %1")},
        of_layer};
}

} // namespace epscope
