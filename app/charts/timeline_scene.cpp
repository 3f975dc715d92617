// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/timeline_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/words/text.h"
#include "core/find.h"

namespace epscope {
namespace {

struct Timeline {
    Q_DECLARE_TR_FUNCTIONS(epscope::Timeline)
};

constexpr double us = 1e-6;
constexpr std::size_t lane_count = 3;
const QString layer_key = u"timeline.layer"_qs;

QString time_text(double seconds)
{
    return time_text(seconds, TimeUnit::us);
}

// In the order of execution, of two micro-batches taking turns: half a layer is one's attention to experts next to the
// other's way from its experts to the next layer's projections.
constexpr std::array half_of_layer{Stage::attn1, Stage::coll_a, Stage::combine, Stage::coll_f, Stage::dispatch,
    Stage::shared, Stage::attn0, Stage::routed, Stage::dense, Stage::outside};
static_assert(half_of_layer.size() == stage_count);
bool of_the_other(Stage stage)
{
    return stage == Stage::combine || stage == Stage::coll_f || stage == Stage::attn0;
}
std::ptrdiff_t place_in_half(const WindowEstimate &window)
{
    std::ptrdiff_t first = stage_count;
    for (const std::vector<Stage> *lane : {&window.compute, &window.network}) {
        for (const Stage stage : *lane)
            first = std::min(first, std::ranges::find(half_of_layer, stage) - half_of_layer.begin());
    }
    return first;
}

bool is_collective(Stage stage)
{
    return stage == Stage::coll_a || stage == Stage::coll_f;
}
Lane lane_of(Stage stage)
{
    return is_collective(stage)                               ? Lane::group
        : stage == Stage::dispatch || stage == Stage::combine ? Lane::network
                                                              : Lane::compute;
}

QChar letter_of(int micro_batch)
{
    return QChar(u'A' + micro_batch);
}

double finite(double seconds)
{
    return std::isfinite(seconds) && seconds > 0 ? seconds : 0;
}

} // namespace

TimelineSeries timeline_series(const Estimate &estimate, std::size_t layer)
{
    TimelineSeries series;
    if (estimate.blocks.empty())
        return series;
    const BlockEstimate &block = estimate.blocks[place_of_layer(estimate, layer)];
    series.kind = block.kind;
    series.micro_batches = static_cast<int>(block.repeats);
    const bool overlaps = std::ranges::any_of(
        block.windows, [](const WindowEstimate &window) { return !window.compute.empty() && !window.network.empty(); });
    const bool alternate = block.repeats == 2 && overlaps;

    std::vector<const WindowEstimate *> order; // an estimate has them as one micro-batch runs through them
    for (const WindowEstimate &window : block.windows)
        order.push_back(&window);
    if (alternate)
        std::ranges::stable_sort(order,
            [](const WindowEstimate *a, const WindowEstimate *b) { return place_in_half(*a) < place_in_half(*b); });

    double start = 0;
    for (int half = 0; half < series.micro_batches; ++half) {
        for (const WindowEstimate *window : order) {
            const std::size_t index = series.windows.size();
            const double compute_s = finite(window->compute_s), network_s = finite(window->network_s);
            const double end = start + std::max(compute_s, network_s);
            const auto place = static_cast<std::size_t>(window - block.windows.data());
            series.windows.push_back({place, start, end, compute_s, network_s});
            struct Busy { // of a lane, from its first to its last operator
                double from, to;
            };
            std::array<Busy, lane_count> busy{{{start, start}, {start, start}, {start, start}}};
            for (const bool computes : {true, false}) {
                double at = start;
                const double lane_end = start + (computes ? compute_s : network_s);
                const std::vector<Stage> &stages = computes ? window->compute : window->network;
                for (const Stage stage : stages) {
                    const Lane lane = lane_of(stage);
                    Busy &span = busy[static_cast<std::size_t>(lane)];
                    if (span.to == start)
                        span.from = at;
                    for (const OperatorEstimate &op : block.operators) {
                        const double time_s = finite(op.time_s);
                        if (info_of(op.id).stage != stage || time_s == 0)
                            continue;
                        const int micro_batch = alternate && of_the_other(stage) ? 1 - half : half;
                        const double exposed = lane == Lane::network
                            ? std::clamp(at + time_s - (start + compute_s), 0.0, time_s)
                            : lane == Lane::group ? time_s
                                                  : 0;
                        series.blocks.push_back({op.id, lane, micro_batch, index, at, at + time_s, exposed});
                        at += time_s;
                    }
                    span.to = stage == stages.back() ? lane_end : at;
                }
            }
            for (const Lane lane : {Lane::compute, Lane::network, Lane::group}) {
                const Busy &span = busy[static_cast<std::size_t>(lane)];
                if (start < span.from)
                    series.idle.push_back({lane, index, start, span.from});
                if (span.to < end)
                    series.idle.push_back({lane, index, span.to, end});
            }
            start = end;
        }
    }
    series.total_s = start;
    const auto runs_on = [&](Lane lane) { return find_in(series.blocks, lane, &TimelineBlock::lane) != nullptr; };
    series.lanes = {Lane::compute};
    if (runs_on(Lane::network) || !runs_on(Lane::group))
        series.lanes.push_back(Lane::network);
    if (runs_on(Lane::group))
        series.lanes.push_back(Lane::group);
    std::erase_if(
        series.idle, [&](const TimelineIdle &idle) { return std::ranges::count(series.lanes, idle.lane) == 0; });
    return series;
}

namespace {

QString lane_name(Lane lane)
{
    return lane == Lane::compute ? Timeline::tr("Compute")
        : lane == Lane::network  ? Timeline::tr("Network")
                                 : Timeline::tr("TP group");
}

struct TimelineLanes {
    SceneInput input;
    std::size_t layer = 0;
    TimelineSeries series;
    std::optional<TimelineSeries> before; // of the same chip in the primary baseline
    std::vector<Lane> lanes = {}; // of both

    const ChipView &view() const { return input.explored->leading(); }
    const Theme &theme() const { return *input.theme; }
    std::optional<ValueChange> change() const // of the layer's time
    {
        return before ? change_of(before->total_s, series.total_s) : std::nullopt;
    }
    const BlockEstimate &block() const { return view().estimate.blocks[place_of_layer(view().estimate, layer)]; }
    const WindowEstimate &estimate_of(const TimelineWindow &window) const { return block().windows[window.place]; }
    double count() const { return static_cast<double>(lanes.size()); } // of lanes
    // By which its time is explained; what several stages of one lane take together has no name of its own.
    std::string window_number(const TimelineWindow &window) const
    {
        const std::vector<Stage> compute = that_run(estimate_of(window).compute),
                                 network = that_run(estimate_of(window).network);
        const bool named = !compute.empty() && !network.empty() ? true : compute.size() + network.size() == 1;
        return name_in_block(named ? name_of_window(compute, network, window.place) : "layer_time");
    }
    std::vector<Stage> that_run(std::vector<Stage> lane) const
    {
        std::erase_if(lane, [&](Stage stage) { return !find_in(block().stages, stage, &StageEstimate::stage); });
        return lane;
    }
    std::string name_in_block(const std::string &name) const // of an explanation
    {
        return epscope::name_in_block(view().estimate, place_of_layer(view().estimate, layer), name);
    }
    double letter_width() const // of the micro-batches
    {
        return series.micro_batches > 1 ? QFontMetricsF(input.font).horizontalAdvance(u"A"_qs) + text_padding : 0;
    }
    // With bars as high as their texts.
    double least_height() const;
    Arrangement arrange(const Room &room) const;
    Hover about_block(const TimelineBlock &block) const;
    Hover about_idle(const TimelineIdle &idle) const;
    Hover about_window(std::size_t index) const;
};

constexpr double least_gap = 2, least_ghost = 3, ghost_gap = 2; // px

double TimelineLanes::least_height() const
{
    const double of_ghost = before ? least_ghost + ghost_gap : 0;
    return count() * (std::max(1, series.micro_batches) * (std::ceil(input.line()) + 1) + of_ghost + least_gap);
}

Arrangement TimelineLanes::arrange(const Room &room) const
{
    constexpr int top = 4;
    const QFontMetricsF metrics(input.font);
    double names = 0;
    for (const Lane lane : {Lane::compute, Lane::network, Lane::group})
        names = std::max(
            names, lane == Lane::group && count() < lane_count ? 0 : metrics.horizontalAdvance(lane_name(lane)));
    const double left = std::min(0.34 * room.size.width(), names + letter_width() + 2 * text_padding);
    const auto right = static_cast<int>(metrics.horizontalAdvance(u"0000"_qs) / 2 + text_padding);
    // Before the bars become lower than their texts, the legend gives way, and then the axis' title.
    const double line = input.line(), space = room.size.height() - top - room.tick_height - line - least_height();
    const bool titled = space - room.legend_height(space) >= room.title_padding + line;
    const QString name = to_text(label_of(view().scenario.model, block())),
                  configuration = brief_configuration_text(input.explored->searched, view().shown),
                  why = infeasible_text(view().estimate);
    QStringList labels{Timeline::tr("%1 of %2 (µs)").arg(name, configuration),
        Timeline::tr("%1 (µs)").arg(configuration), Timeline::tr("µs")};
    if (!why.isEmpty())
        labels.prepend(Timeline::tr("%1 of %2, %3 (µs)").arg(name, configuration, why));
    return {
        {{.margins = QMargins(static_cast<int>(std::ceil(left)), top, right, 0),
            .fixed = true,
            .x = texts_across(titled ? labels : QStringList(), input.font, room.size.width() - left - right, right)}},
        space};
}

// The places of everything on axes as they stand.
struct TimelineDrawing : SceneDrawing {
    const TimelineLanes &lanes;
    const TimelineSeries &series = lanes.series;
    const FrameAxis &axis = panel.x;
    double line = input.line();

    double head_height() const { return line + 6; }
    // Above the lanes, where there is room: the time of the layer, then that of each window.
    bool has_total() const { return ground.height() >= std::max(8 * line, lanes.least_height() + 2 * head_height()); }
    bool has_times() const { return ground.height() >= lanes.least_height() + head_height(); }
    QRectF total_head() const
    {
        return QRectF(ground.topLeft(), QSizeF(ground.width(), has_total() ? head_height() : 0));
    }
    QRectF head() const
    {
        return QRectF(total_head().bottomLeft(), QSizeF(ground.width(), has_times() ? head_height() : 0));
    }
    QRectF lane_area(Lane lane) const
    {
        const double top = head().bottom(), slackness = ground.bottom() - top - lanes.least_height();
        const double count = lanes.count();
        const double gap = least_gap + std::clamp(slackness / (2 * count), 0.0, 0.4 * line);
        const double ghost = lanes.before ? ghost_height() + ghost_gap : 0;
        const double height = std::clamp((ground.bottom() - top - count * gap) / count - ghost, 4.0, 12 * line);
        const double slack = std::max(0.0, (ground.bottom() - top - count * gap - count * (height + ghost)) / 2);
        const auto place = static_cast<double>(std::ranges::find(lanes.lanes, lane) - lanes.lanes.begin());
        return QRectF(ground.left(), std::round(top + slack + place * (height + ghost + gap)), ground.width(),
            std::floor(height));
    }
    // Of the thin lane of the baseline, below each.
    double ghost_height() const
    {
        const double spare = (ground.height() - 2 * head_height() - lanes.least_height()) / (2 * lanes.count());
        return least_ghost + std::clamp(std::min(spare, 0.06 * ground.height() - least_ghost), 0.0, 0.8 * line);
    }
    QRectF ghost_area(Lane lane) const
    {
        const QRectF area = lane_area(lane);
        return QRectF(area.left(), area.bottom() + ghost_gap, area.width(), std::round(ghost_height()));
    }
    QRectF span(const QRectF &row, double start_s, double end_s) const
    {
        const double left = std::max(row.left(), axis.pixel(start_s / us)),
                     right = std::min(row.right(), axis.pixel(end_s / us));
        return QRectF(left, row.top(), std::max(0.0, right - left), row.height());
    }
    // Two micro-batches share a lane: A above, B below.
    QRectF area_of(const TimelineBlock &block) const
    {
        QRectF area = span(lane_area(block.lane), block.start_s, block.end_s);
        const int rows = std::max(1, series.micro_batches);
        const double height = std::floor(area.height() / rows);
        area.setTop(area.top() + block.micro_batch * height);
        area.setHeight(rows > 1 ? height - 1 : height);
        return area;
    }
    QRectF area_of(const TimelineIdle &idle) const { return span(lane_area(idle.lane), idle.start_s, idle.end_s); }

    void text(const QRectF &box, int alignment, const QString &words, const QColor &colour)
    {
        marks.text(box, alignment, words, input.font, colour);
    }
    void draw();
    void draw_names();
    void draw_windows();
    void draw_total();
    void draw_before();
    void draw_idle(const TimelineIdle &idle);
    void draw_block(const TimelineBlock &block, bool feasible);
    // On a plate in the middle, the first text that fits; false if none does.
    bool draw_plate(const QRectF &area, const QStringList &texts, double above, const QColor &colour);
};

void TimelineDrawing::draw()
{
    marks.set_smooth(false);
    draw_names();
    marks.set_clip(ground.adjusted(0, 0, 1, 0));
    draw_total();
    draw_windows();
    for (const TimelineIdle &idle : series.idle)
        draw_idle(idle);
    const bool feasible = lanes.view().estimate.feasible();
    for (const TimelineBlock &block : series.blocks)
        draw_block(block, feasible);
    draw_before();
}

void TimelineDrawing::draw_names()
{
    const double letter = lanes.letter_width();
    for (const Lane lane : lanes.lanes) {
        const QRectF area = lane_area(lane);
        text(QRectF(0, area.top(), area.left() - text_padding - letter, area.height()),
            Qt::AlignRight | Qt::AlignVCenter, lane_name(lane), theme.text);
        if (series.micro_batches < 2 || area.height() / series.micro_batches < line - 4)
            continue;
        for (int i = 0; i < series.micro_batches; ++i) {
            const double height = area.height() / series.micro_batches;
            text(
                QRectF(area.left() - text_padding - letter, area.top() + i * height, letter + text_padding / 2, height),
                Qt::AlignRight | Qt::AlignVCenter, letter_of(i), theme.muted);
        }
    }
}

void TimelineDrawing::draw_windows()
{
    const QRectF area = ground.adjusted(0, total_head().height(), 0, 0), top = head();
    const std::size_t half = series.micro_batches > 1 ? series.windows.size() / 2 : 0;
    for (std::size_t i = 0; i < series.windows.size(); ++i) {
        const TimelineWindow &window = series.windows[i];
        const double left = std::max(area.left(), axis.pixel(window.start_s / us)),
                     right = std::min(area.right(), axis.pixel(window.end_s / us));
        if (right <= left)
            continue;
        const QRectF band(left, area.top(), right - left, area.height());
        marks.fill(band, i % 2 == 0 ? mixed(theme.surface, theme.grid, 0.45) : theme.surface);
        if (i > 0)
            marks.line(band.topLeft(), band.bottomLeft(),
                QPen(theme.axis, i == half ? 2 : 1, i == half ? Qt::SolidLine : Qt::DotLine));
        const QString time = time_text(window.end_s - window.start_s);
        const QString more = window.network_s > window.compute_s ? Timeline::tr("%1, network binds").arg(time) : time;
        const QString words = metrics.horizontalAdvance(more) + 6 <= band.width() ? more : time;
        if (has_times() && metrics.horizontalAdvance(words) + 2 <= band.width())
            text(QRectF(left, top.top(), band.width(), top.height()), Qt::AlignCenter, words, theme.text);
    }
    const double end = axis.pixel(series.total_s / us);
    if (end >= area.left() && end <= area.right())
        marks.line(QPointF(end, area.top()), QPointF(end, area.bottom()), QPen(theme.axis, 2));
}

// A dimension line from the layer's start to its end with the time that it takes and what of it is lost.
void TimelineDrawing::draw_total()
{
    if (!has_total())
        return;
    const QRectF area = total_head();
    const double left = std::max(area.left(), axis.pixel(0)),
                 right = std::min(area.right(), axis.pixel(series.total_s / us));
    if (right <= left)
        return;
    double exposed_s = 0, waiting_s = 0;
    for (const TimelineBlock &block : series.blocks)
        exposed_s += block.exposed_s;
    for (const TimelineIdle &idle : series.idle)
        waiting_s += idle.lane == Lane::compute ? idle.end_s - idle.start_s : 0;
    const QString layer = Timeline::tr("layer %1").arg(time_text(series.total_s));
    const QString lost =
        Timeline::tr("%1: network exposed %2, compute idle %3").arg(layer, time_text(exposed_s), time_text(waiting_s));
    const std::optional<ValueChange> change = lanes.change();
    const QString difference = change ? change_text(*change) : QString();
    const double difference_width =
        change ? QFontMetricsF(input.bold()).horizontalAdvance(difference) + text_padding : 0;
    const QString words = first_fitting({lost, layer}, input.font, right - left - difference_width - 4 * text_padding);
    const double width =
        words.isEmpty() ? 0 : QFontMetricsF(input.font).horizontalAdvance(words) + difference_width + 2 * text_padding;
    const double y = std::round(area.center().y()), start = (left + right - width) / 2,
                 end = (left + right + width) / 2;
    const QPen pen(theme.axis, 1);
    for (const double x : {left, right})
        marks.line(QPointF(x, y - 4), QPointF(x, y + 4), pen);
    marks.line(QPointF(left, y), QPointF(start, y), pen);
    marks.line(QPointF(end, y), QPointF(right, y), pen);
    text(QRectF(left, area.top(), right - left - difference_width, area.height()), Qt::AlignCenter, words, theme.text);
    if (!words.isEmpty() && change)
        marks.text(QRectF(end - text_padding - difference_width, area.top(), difference_width, area.height()),
            Qt::AlignRight | Qt::AlignVCenter, difference, input.bold(),
            change_colour(*change, input.baselines.threshold, Better::lower, theme));
}

// The baseline's lanes, pale, and where its layer ends.
void TimelineDrawing::draw_before()
{
    const Baseline *baseline = input.baselines.primary();
    if (!lanes.before || !baseline)
        return;
    for (const Lane lane : lanes.lanes) {
        const QRectF row = ghost_area(lane);
        for (const TimelineBlock &block : lanes.before->blocks) {
            if (block.lane != lane)
                continue;
            marks.fill(span(row, block.start_s, block.end_s), translucent(theme.of(info_of(block.id).stage), 0.35F));
        }
        marks.box(span(row, 0, lanes.before->total_s), theme.baseline_pen(baseline->mark, 1));
    }
    const QRectF area = lane_area(lanes.lanes.front()) | ghost_area(lanes.lanes.back());
    const double x = std::round(axis.pixel(lanes.before->total_s / us));
    if (x >= area.left() && x <= area.right())
        marks.line(QPointF(x, area.top()), QPointF(x, area.bottom()), theme.baseline_pen(baseline->mark, 2));
}

bool TimelineDrawing::draw_plate(const QRectF &area, const QStringList &texts, double above, const QColor &colour)
{
    for (const QString &words : texts) {
        QSizeF size = metrics.boundingRect(QRectF(0, 0, 1e4, 1e4), 0, words).size() + QSizeF(8, 0);
        if (above > 0)
            size.setHeight(above * static_cast<double>(1 + words.count(u'\n')));
        if (size.width() > area.width() || (above == 0 && size.height() > area.height()))
            continue;
        if (size.height() > area.height())
            return false;
        const QRectF plate(area.center() - QPointF(size.width() / 2, size.height() / 2), size);
        marks.fill(plate, theme.surface);
        text(plate, Qt::AlignCenter, words, colour);
        return true;
    }
    return false;
}

void TimelineDrawing::draw_idle(const TimelineIdle &idle)
{
    const QRectF area = area_of(idle);
    if (area.width() < 1)
        return;
    marks.hatch(area, mixed(theme.surface, theme.infeasible, 0.45), 9);
    const QString time = time_text(idle.end_s - idle.start_s);
    draw_plate(area, {Timeline::tr("idle %1").arg(time), Timeline::tr("idle") + u'\n' + time}, line, theme.muted);
}

void TimelineDrawing::draw_block(const TimelineBlock &block, bool feasible)
{
    const QRectF area = area_of(block);
    if (area.width() <= 0)
        return;
    const QColor fill = add_block(marks, area, block.id, theme, input.lit, feasible);
    const QString name = label_text(block.id);
    QRectF hidden = area;
    if (block.exposed_s > 0) {
        QRectF exposed = span(lane_area(block.lane), block.end_s - block.exposed_s, block.end_s);
        exposed.setTop(area.top());
        exposed.setBottom(area.bottom());
        marks.hatch(exposed, theme.surface, 5);
        hidden.setRight(std::max(area.left(), exposed.left()));
        marks.line(
            exposed.bottomLeft() + QPointF(1, -1), exposed.bottomRight() + QPointF(-1, -1), QPen(theme.warning, 2));
        // With the name where the block has no other room for it.
        const QString time = time_text(block.exposed_s), words = Timeline::tr("exposed %1").arg(time);
        QStringList texts{words, time};
        if (hidden.width() < std::min(line, exposed.width()))
            texts = QStringList{Timeline::tr("%1, exposed %2").arg(name, time), QString(name + u'\n' + words),
                QString(QString(name).replace(u' ', u'\n') + u'\n' + words), words, time};
        draw_plate(exposed, texts, 0, theme.warning);
    }
    add_block_label(marks, hidden, name, time_text(block.end_s - block.start_s), input.font, fill, true);
}

SceneLayout timeline_layout(const std::shared_ptr<const TimelineLanes> &lanes, const Frame &frame)
{
    TimelineDrawing drawing{{lanes->input, frame}, *lanes};
    drawing.draw();
    const auto areas_of = [](const auto &all, const auto &area_of) {
        std::vector<QRectF> areas;
        for (const auto &one : all)
            areas.push_back(area_of(one));
        return areas;
    };
    const TimelineSeries &series = lanes->series;
    SceneLayout &laid = drawing.laid;
    laid.hits = {hit_areas(areas_of(series.blocks, [&](const TimelineBlock &block) { return drawing.area_of(block); }),
                     [lanes](std::size_t i) { return lanes->about_block(lanes->series.blocks[i]); }),
        // The other micro-batch's half of a lane, too, tells what runs at that time.
        hit_areas(areas_of(series.blocks,
                      [&](const TimelineBlock &block) {
                          return drawing.span(drawing.lane_area(block.lane), block.start_s, block.end_s);
                      }),
            [lanes](std::size_t i) {
                Hover hover = lanes->about_block(lanes->series.blocks[i]);
                hover.action = {};
                return hover;
            }),
        hit_areas(areas_of(series.idle, [&](const TimelineIdle &idle) { return drawing.area_of(idle); }),
            [lanes](std::size_t i) { return lanes->about_idle(lanes->series.idle[i]); }),
        hit_areas(areas_of(series.windows,
                      [&](const TimelineWindow &window) {
                          return drawing.span(drawing.ground, window.start_s, window.end_s);
                      }),
            [lanes](std::size_t i) { return lanes->about_window(i); })};
    laid.hits[1].walks = false;
    return std::move(laid);
}

Hover TimelineLanes::about_block(const TimelineBlock &block) const
{
    QStringList lines = configuration_text(input.explored->searched, view().shown).split(u'\n');
    const QString label = label_text(block.id), time = time_text(block.end_s - block.start_s);
    lines << (series.micro_batches > 1
            ? Timeline::tr("%1 of micro-batch %2: %3").arg(label, letter_of(block.micro_batch), time)
            : Timeline::tr("%1: %2").arg(label, time));
    lines << Timeline::tr("from %1 to %2 of the layer's %3")
                 .arg(time_text(block.start_s), time_text(block.end_s), time_text(series.total_s));
    if (const TimelineBlock *then = before ? find_in(before->blocks, block.id, &TimelineBlock::id) : nullptr) {
        if (const auto change = change_of(then->end_s - then->start_s, block.end_s - block.start_s))
            lines << against_text(*change, time_text(change->before), input.baselines.primary()->name);
    }
    if (block.exposed_s > 0)
        lines << Timeline::tr("exposed %1: nothing computes meanwhile").arg(time_text(block.exposed_s));
    for (const OperatorEstimate &op : this->block().operators) {
        if (op.id == block.id)
            lines << operator_texts(view().scenario, op);
    }
    const Explainable number{name_in_block(std::string(info_of(block.id).key))};
    return {lines.join(u'\n'), std::nullopt, block.id, number, number};
}

Hover TimelineLanes::about_idle(const TimelineIdle &idle) const
{
    const TimelineWindow &window = series.windows[idle.window];
    const QString time = time_text(idle.end_s - idle.start_s);
    if (idle.lane == Lane::group)
        return {Timeline::tr("idle %1: the cards of the group exchange nothing").arg(time), std::nullopt, std::nullopt,
            Explainable{window_number(window)}};
    if (idle.lane == Lane::compute && window.network_s <= window.compute_s) // with the collective behind it
        return {Timeline::tr("idle %1: the cards of the group exchange what they have made").arg(time), std::nullopt,
            std::nullopt, Explainable{window_number(window)}};
    if (idle.lane == Lane::compute)
        return {window.compute_s > 0 ? Timeline::tr("idle %1: the network of this window lasts longer").arg(time)
                                     : Timeline::tr("idle %1: nothing to compute while this is sent").arg(time),
            std::nullopt, std::nullopt,
            Explainable{place_of_layer(view().estimate, layer) > 0 || window.compute_s == 0
                    ? window_number(window)
                    : name_of_exposed(estimate_of(window).compute, estimate_of(window).network, window.place)}};
    // While the network idles, the window's computation is what takes its time.
    return {window.network_s > 0 ? Timeline::tr("idle %1: the computation of this window lasts longer").arg(time)
                                 : Timeline::tr("idle %1: nothing to send in this window").arg(time),
        std::nullopt, std::nullopt, Explainable{window_number(window)}};
}

Hover TimelineLanes::about_window(std::size_t index) const
{
    const TimelineWindow &window = series.windows[index];
    QStringList lines{Timeline::tr("window %1 of %2: %3")
                          .arg(index + 1)
                          .arg(series.windows.size())
                          .arg(time_text(window.end_s - window.start_s))};
    lines << Timeline::tr("compute %1, network %2").arg(time_text(window.compute_s), time_text(window.network_s));
    if (window.network_s > window.compute_s)
        lines << Timeline::tr("exposed %1").arg(time_text(window.network_s - window.compute_s));
    if (const std::optional<ValueChange> whole = change())
        lines << Timeline::tr("layer: %1")
                     .arg(against_text(*whole, time_text(whole->before), input.baselines.primary()->name));
    return {lines.join(u'\n'), std::nullopt, std::nullopt, Explainable{window_number(window)}};
}

std::vector<LegendEntries> timeline_legend(const TimelineLanes &lanes, const Baseline *baseline, const ChipView *then)
{
    const Theme &theme = lanes.theme();
    const auto shows = [&](OpId id) { return find_in(lanes.series.blocks, id, &TimelineBlock::id) != nullptr; };
    const auto hatched = [](const QColor &colour, double spacing) {
        return [colour, spacing](Marks &marks, const QRectF &box) {
            marks.hatch(box.adjusted(1, 2, -1, -2), colour, spacing);
            marks.box(box.adjusted(1, 2, -1, -2), QPen(colour, 1));
        };
    };
    LegendEntries more{{Timeline::tr("exposed network"), hatched(theme.warning, 4)},
        {Timeline::tr("idle"), hatched(theme.infeasible, 6)}};
    if (lanes.series.micro_batches > 1)
        more.push_back({Timeline::tr("A, B: micro-batches"), nullptr});
    if (then)
        more.push_back(baseline_bar(*baseline, theme));
    else if (baseline)
        more.push_back({chip_change(*baseline, lanes.view()).problem, nullptr});
    return operator_legend(shows, theme, more);
}

void add_lane_rows(Table &table, const TimelineSeries &of)
{
    const auto add = [&](Lane lane, const QString &micro_batch, std::size_t window, const QString &what, double start_s,
                         double end_s, double exposed_s) {
        table.rows.push_back({{lane_name(lane), micro_batch, static_cast<std::int64_t>(window + 1), what, start_s / us,
            end_s / us, (end_s - start_s) / us, exposed_s / us}});
    };
    for (const TimelineBlock &block : of.blocks)
        add(block.lane, letter_of(block.micro_batch), block.window, label_text(block.id), block.start_s, block.end_s,
            block.exposed_s);
    for (const TimelineIdle &idle : of.idle)
        add(idle.lane, {}, idle.window, Timeline::tr("idle"), idle.start_s, idle.end_s, 0);
}

Table timeline_table(const TimelineLanes &lanes)
{
    Table table;
    for (const QString &title : {Timeline::tr("lane"), Timeline::tr("micro-batch"), Timeline::tr("window"),
             Timeline::tr("operator"), Timeline::tr("start (us)"), Timeline::tr("end (us)"), Timeline::tr("time (us)"),
             Timeline::tr("exposed (us)")})
        table.columns.push_back({title, {}});
    add_lane_rows(table, lanes.series);
    table.add_baselines(lanes.input.baselines, [&](const Baseline &pin) {
        if (const ChipView *view = pin.view(lanes.view().scenario.chip.name))
            add_lane_rows(table, timeline_series(view->estimate, lanes.layer));
    });
    return table;
}

} // namespace

Scene timeline_scene(const SceneInput &input)
{
    const ChipView &view = input.explored->leading();
    const Baseline *baseline = input.baselines.primary();
    const ChipView *then = baseline ? baseline->view(view.scenario.chip.name) : nullptr;
    const std::size_t layer = layer_of(input.option(layer_key));
    TimelineLanes made{input, layer, timeline_series(view.estimate, layer), std::nullopt};
    if (then && !then->estimate.blocks.empty())
        made.before = timeline_series(then->estimate, layer);
    for (const Lane lane : {Lane::compute, Lane::network, Lane::group}) {
        const auto has = [&](const TimelineSeries &of) { return std::ranges::count(of.lanes, lane) > 0; };
        if (has(made.series) || (made.before && has(*made.before)))
            made.lanes.push_back(lane);
    }
    const auto lanes = std::make_shared<const TimelineLanes>(std::move(made));
    Scene scene;
    scene.panels[0].x = {
        .to = std::max(lanes->series.total_s, lanes->before ? lanes->before->total_s : 0) / us, .grid = false};
    scene.panels[0].y = {.exact = true, .ticks = false, .grid = false, .zooms = false};
    scene.legend = timeline_legend(*lanes, baseline, then);
    scene.sample_width = operator_sample_width;
    if (!lanes->series.windows.empty()) {
        scene.arrange = [lanes](const Room &room) { return lanes->arrange(room); };
        scene.layout = [lanes](const Frame &frame) { return timeline_layout(lanes, frame); };
    }
    scene.table = [lanes] { return timeline_table(*lanes); };
    scene.number = view.estimate.blocks.empty() ? "layer_time" : lanes->name_in_block("layer_time");
    return scene;
}

std::vector<ChartOption> timeline_options()
{
    return {layer_option(layer_key)};
}

} // namespace epscope
