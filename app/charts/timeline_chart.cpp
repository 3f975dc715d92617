// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/timeline_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QFontMetricsF>
#include <QPainter>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "app/charts/operator_blocks.h"

namespace epscope {
namespace {

constexpr double us = 1e-6;

QString time_text(double seconds)
{
    return time_text(seconds, TimeUnit::us);
}

// With two micro-batches taking turns, half a layer is one's attention to experts beside the other's way from its
// experts to the next layer's projections.
bool of_the_other(Stage stage)
{
    return stage == Stage::combine || stage == Stage::attn0;
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

TimelineSeries timeline_series(const Estimate &estimate)
{
    TimelineSeries series;
    if (estimate.blocks.empty())
        return series;
    const BlockEstimate &block = estimate.blocks.front();
    series.kind = block.kind;
    series.micro_batches = static_cast<int>(block.repeats);
    const bool overlaps = std::any_of(block.windows.begin(), block.windows.end(),
        [](const WindowEstimate &window) { return !window.compute.empty() && !window.network.empty(); });
    const bool alternate = block.repeats == 2 && overlaps;

    // In the order of the first stage that belongs to the half's own micro-batch.
    std::vector<const WindowEstimate *> order;
    for (const WindowEstimate &window : block.windows)
        order.push_back(&window);
    const auto first_own = [&](const WindowEstimate *window) {
        std::size_t first = stage_count;
        for (const std::vector<Stage> *lane : {&window->compute, &window->network}) {
            for (const Stage stage : *lane) {
                if (!alternate || !of_the_other(stage))
                    first = std::min(first, static_cast<std::size_t>(stage));
            }
        }
        return first;
    };
    std::stable_sort(order.begin(), order.end(),
        [&](const WindowEstimate *a, const WindowEstimate *b) { return first_own(a) < first_own(b); });

    double start = 0;
    for (int half = 0; half < series.micro_batches; ++half) {
        for (const WindowEstimate *window : order) {
            const std::size_t index = series.windows.size();
            const double compute_s = finite(window->compute_s), network_s = finite(window->network_s);
            const double end = start + std::max(compute_s, network_s);
            const auto place = static_cast<std::size_t>(window - block.windows.data());
            series.windows.push_back({place, start, end, compute_s, network_s});
            for (const Lane lane : {Lane::compute, Lane::network}) {
                double at = start;
                for (const Stage stage : lane == Lane::compute ? window->compute : window->network) {
                    for (const OperatorEstimate &op : block.operators) {
                        const double time_s = finite(op.time_s);
                        if (info_of(op.id).stage != stage || time_s == 0)
                            continue;
                        const int micro_batch = alternate && of_the_other(stage) ? 1 - half : half;
                        const double exposed =
                            lane == Lane::network ? std::clamp(at + time_s - (start + compute_s), 0.0, time_s) : 0;
                        series.blocks.push_back({op.id, lane, micro_batch, index, at, at + time_s, exposed});
                        at += time_s;
                    }
                }
                const double lane_s = lane == Lane::compute ? compute_s : network_s;
                if (start + lane_s < end)
                    series.idle.push_back({lane, index, start + lane_s, end});
            }
            start = end;
        }
    }
    series.total_s = start;
    return series;
}

// The lanes, laid out in pixels when they are drawn: an export has another size than the screen.
class TimelineChart::Lanes : public QCPAbstractItem {
public:
    explicit Lanes(TimelineChart &owner)
        : QCPAbstractItem(owner.plot())
        , chart(owner)
    {
        setClipToAxisRect(false);
        setSelectable(false);
        setAntialiased(false);
    }

    double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }

    double line() const { return QFontMetricsF(chart.font()).height(); }
    QRectF ground() const { return chart.plot()->axisRect()->rect(); }

    // With bars as high as their texts.
    double least_height() const
    {
        const double of_ghost = chart.before ? least_ghost + ghost_gap : 0;
        return 2 * (std::max(1, chart.series.micro_batches) * (std::ceil(line()) + 1) + of_ghost + least_gap);
    }

    // Above the lanes, where there is room: the time of the layer, then that of each window.
    bool has_total() const { return ground().height() >= std::max(8 * line(), least_height() + 2 * head_height()); }
    bool has_times() const { return ground().height() >= least_height() + head_height(); }
    QRectF total_head() const
    {
        return QRectF(ground().topLeft(), QSizeF(ground().width(), has_total() ? head_height() : 0));
    }
    QRectF head() const
    {
        return QRectF(total_head().bottomLeft(), QSizeF(ground().width(), has_times() ? head_height() : 0));
    }

    QRectF lane_area(Lane lane) const
    {
        const QRectF area = ground();
        const double top = head().bottom(), slackness = area.bottom() - top - least_height();
        const double gap = least_gap + std::clamp(slackness / 4, 0.0, 0.4 * line());
        const double ghost = chart.before ? ghost_height() + ghost_gap : 0;
        const double height = std::clamp((area.bottom() - top - 2 * gap) / 2 - ghost, 4.0, 12 * line());
        const double slack = std::max(0.0, (area.bottom() - top - 2 * gap - 2 * (height + ghost)) / 2);
        return QRectF(area.left(), std::round(top + slack + (lane == Lane::compute ? 0 : height + ghost + gap)),
            area.width(), std::floor(height));
    }

    // Of the thin lane of the baseline, below each.
    double ghost_height() const
    {
        const double spare = (ground().height() - 2 * head_height() - least_height()) / 4;
        return least_ghost + std::clamp(std::min(spare, 0.06 * ground().height() - least_ghost), 0.0, 0.8 * line());
    }
    QRectF ghost_area(Lane lane) const
    {
        const QRectF area = lane_area(lane);
        return QRectF(area.left(), area.bottom() + ghost_gap, area.width(), std::round(ghost_height()));
    }

    QRectF area_of(Lane lane, double start_s, double end_s) const { return span(lane_area(lane), start_s, end_s); }
    QRectF span(const QRectF &row, double start_s, double end_s) const
    {
        QCPAxis *axis = chart.plot()->xAxis;
        const double left = std::max(row.left(), axis->coordToPixel(start_s / us)),
                     right = std::min(row.right(), axis->coordToPixel(end_s / us));
        return QRectF(left, row.top(), std::max(0.0, right - left), row.height());
    }

    // Two micro-batches share a lane: A above, B below.
    QRectF area_of(const TimelineBlock &block) const
    {
        QRectF area = area_of(block.lane, block.start_s, block.end_s);
        const int rows = std::max(1, chart.series.micro_batches);
        const double height = std::floor(area.height() / rows);
        area.setTop(area.top() + block.micro_batch * height);
        area.setHeight(rows > 1 ? height - 1 : height);
        return area;
    }

    double label_width() const
    {
        const QFontMetricsF metrics(chart.font());
        const double most = std::max(
            metrics.horizontalAdvance(lane_name(Lane::compute)), metrics.horizontalAdvance(lane_name(Lane::network)));
        return most + (chart.series.micro_batches > 1 ? metrics.horizontalAdvance(u"A"_qs) + text_padding : 0)
            + 2 * text_padding;
    }

    static QString lane_name(Lane lane)
    {
        return lane == Lane::compute ? TimelineChart::tr("Compute") : TimelineChart::tr("Network");
    }

protected:
    void draw(QCPPainter *painter) override
    {
        if (chart.series.windows.empty()) // QCustomPlot also draws before there is anything
            return;
        painter->setFont(chart.font());
        draw_names(*painter);
        painter->save();
        painter->setClipRect(ground().adjusted(0, 0, 1, 0), Qt::IntersectClip);
        draw_total(*painter);
        draw_windows(*painter);
        const bool feasible = chart.explored()->leading().estimate.feasible();
        for (const TimelineIdle &idle : chart.series.idle)
            draw_idle(*painter, idle);
        for (const TimelineBlock &block : chart.series.blocks)
            draw_block(*painter, block, feasible);
        draw_before(*painter);
        painter->restore();
    }

private:
    static constexpr double least_gap = 2, least_ghost = 3, ghost_gap = 2; // px
    TimelineChart &chart;

    double head_height() const { return line() + 6; }

    void draw_names(QCPPainter &painter) const
    {
        const Theme &theme = chart.theme();
        for (const Lane lane : {Lane::compute, Lane::network}) {
            const QRectF area = lane_area(lane);
            const double letter = chart.series.micro_batches > 1
                ? QFontMetricsF(chart.font()).horizontalAdvance(u"A"_qs) + text_padding
                : 0;
            painter.setPen(theme.text);
            const QRectF names(0, area.top(), area.left() - text_padding - letter, area.height());
            painter.drawText(names, Qt::AlignRight | Qt::AlignVCenter, lane_name(lane));
            if (chart.series.micro_batches < 2 || area.height() / chart.series.micro_batches < line() - 4)
                continue;
            painter.setPen(theme.muted);
            for (int i = 0; i < chart.series.micro_batches; ++i) {
                const double height = area.height() / chart.series.micro_batches;
                painter.drawText(QRectF(area.left() - text_padding - letter, area.top() + i * height,
                                     letter + text_padding / 2, height),
                    Qt::AlignRight | Qt::AlignVCenter, letter_of(i));
            }
        }
    }

    void draw_windows(QCPPainter &painter) const
    {
        const Theme &theme = chart.theme();
        QCPAxis *axis = chart.plot()->xAxis;
        const QRectF area = ground().adjusted(0, total_head().height(), 0, 0), top = head();
        const QFontMetricsF metrics(chart.font());
        const std::size_t half = chart.series.micro_batches > 1 ? chart.series.windows.size() / 2 : 0;
        for (std::size_t i = 0; i < chart.series.windows.size(); ++i) {
            const TimelineWindow &window = chart.series.windows[i];
            const double left = std::max(area.left(), axis->coordToPixel(window.start_s / us));
            const double right = std::min(area.right(), axis->coordToPixel(window.end_s / us));
            if (right <= left)
                continue;
            const QRectF band(left, area.top(), right - left, area.height());
            painter.fillRect(band, i % 2 == 0 ? mixed(theme.surface, theme.grid, 0.45) : theme.surface);
            painter.setPen(QPen(theme.axis, i == half && i > 0 ? 2 : 1, i == half ? Qt::SolidLine : Qt::DotLine));
            if (i > 0)
                painter.drawLine(band.topLeft(), band.bottomLeft());
            const bool network = window.network_s > window.compute_s;
            const QString time = time_text(window.end_s - window.start_s);
            const QString more = network ? TimelineChart::tr("%1, network binds").arg(time) : time;
            const QString text = metrics.horizontalAdvance(more) + 6 <= band.width() ? more : time;
            if (!has_times() || metrics.horizontalAdvance(text) + 2 > band.width())
                continue;
            painter.setPen(theme.text);
            painter.drawText(QRectF(left, top.top(), band.width(), top.height()), Qt::AlignCenter, text);
        }
        const double end = axis->coordToPixel(chart.series.total_s / us);
        if (end >= area.left() && end <= area.right()) {
            painter.setPen(QPen(theme.axis, 2));
            painter.drawLine(QPointF(end, area.top()), QPointF(end, area.bottom()));
        }
    }

    // A dimension line from the layer's start to its end with the time that it takes and what of it is lost.
    void draw_total(QCPPainter &painter) const
    {
        if (!has_total())
            return;
        const Theme &theme = chart.theme();
        const QFontMetricsF metrics(chart.font());
        QCPAxis *axis = chart.plot()->xAxis;
        const QRectF area = total_head();
        const double left = std::max(area.left(), axis->coordToPixel(0));
        const double right = std::min(area.right(), axis->coordToPixel(chart.series.total_s / us));
        if (right <= left)
            return;
        double exposed_s = 0, waiting_s = 0;
        for (const TimelineBlock &block : chart.series.blocks)
            exposed_s += block.exposed_s;
        for (const TimelineIdle &idle : chart.series.idle)
            waiting_s += idle.lane == Lane::compute ? idle.end_s - idle.start_s : 0;
        const QString layer = TimelineChart::tr("layer %1").arg(time_text(chart.series.total_s));
        const QString lost = TimelineChart::tr("%1: network exposed %2, compute idle %3")
                                 .arg(layer, time_text(exposed_s), time_text(waiting_s));
        const std::optional<ValueChange> change = chart.change();
        const QString difference = change ? change_text(*change) : QString();
        QFont bold = chart.font();
        bold.setBold(true);
        const double difference_width = change ? QFontMetricsF(bold).horizontalAdvance(difference) + text_padding : 0;
        const QString text =
            first_fitting({lost, layer}, chart.font(), right - left - difference_width - 4 * text_padding);
        const double width = text.isEmpty() ? 0 : metrics.horizontalAdvance(text) + difference_width + 2 * text_padding,
                     y = std::round(area.center().y());
        painter.setPen(QPen(theme.axis, 1));
        for (const double end : {left, right})
            painter.drawLine(QPointF(end, y - 4), QPointF(end, y + 4));
        painter.drawLine(QPointF(left, y), QPointF((left + right - width) / 2, y));
        painter.drawLine(QPointF((left + right + width) / 2, y), QPointF(right, y));
        painter.setPen(theme.text);
        painter.drawText(
            QRectF(left, area.top(), right - left - difference_width, area.height()), Qt::AlignCenter, text);
        if (text.isEmpty() || !change)
            return;
        painter.setFont(bold);
        painter.setPen(change_colour(*change, chart.baselines().threshold, Better::lower, theme));
        painter.drawText(QRectF((left + right + width) / 2 - text_padding - difference_width, area.top(),
                             difference_width, area.height()),
            Qt::AlignRight | Qt::AlignVCenter, difference);
        painter.setFont(chart.font());
    }

    // The baseline's lanes, pale, and where its layer ends.
    void draw_before(QCPPainter &painter) const
    {
        const Baseline *baseline = chart.baselines().primary();
        if (!chart.before || !baseline)
            return;
        for (const Lane lane : {Lane::compute, Lane::network}) {
            const QRectF row = ghost_area(lane);
            for (const TimelineBlock &block : chart.before->blocks) {
                if (block.lane != lane)
                    continue;
                QColor fill = chart.theme().of(info_of(block.id).stage);
                fill.setAlphaF(0.35F);
                painter.fillRect(span(row, block.start_s, block.end_s), fill);
            }
            painter.setBrush(Qt::NoBrush);
            painter.setPen(chart.theme().baseline_pen(baseline->mark, 1));
            painter.drawRect(span(row, 0, chart.before->total_s));
        }
        const QRectF area = lane_area(Lane::compute) | ghost_area(Lane::network);
        const double x = std::round(chart.plot()->xAxis->coordToPixel(chart.before->total_s / us));
        if (x < area.left() || x > area.right())
            return;
        painter.setPen(chart.theme().baseline_pen(baseline->mark, 2));
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }

    void draw_idle(QCPPainter &painter, const TimelineIdle &idle) const
    {
        const Theme &theme = chart.theme();
        const QRectF area = area_of(idle.lane, idle.start_s, idle.end_s);
        if (area.width() < 1)
            return;
        draw_hatch(painter, area, mixed(theme.surface, theme.infeasible, 0.45), 9);
        const QFontMetricsF metrics(chart.font());
        const QString time = time_text(idle.end_s - idle.start_s);
        const QString named = TimelineChart::tr("idle %1").arg(time),
                      stacked = TimelineChart::tr("idle") + u'\n' + time;
        const auto width = [&](const QString &text) {
            return metrics.boundingRect(QRectF(0, 0, 1e4, 1e4), 0, text).width() + 8;
        };
        const bool flat = width(named) <= area.width();
        const QString text = flat ? named : stacked;
        const QSizeF size(width(text), flat ? line() : 2 * line());
        if (size.width() > area.width() || size.height() > area.height())
            return;
        const QRectF plate(
            area.center().x() - size.width() / 2, area.center().y() - size.height() / 2, size.width(), size.height());
        painter.fillRect(plate, theme.surface);
        painter.setPen(theme.muted);
        painter.drawText(plate, Qt::AlignCenter, text);
    }

    void draw_block(QCPPainter &painter, const TimelineBlock &block, bool feasible) const
    {
        const Theme &theme = chart.theme();
        const QRectF area = area_of(block);
        if (area.width() <= 0)
            return;
        const QColor fill = paint_block(painter, area, block.id, theme, chart.highlighted(), feasible);
        const QString name = label_text(block.id);
        QRectF hidden = area;
        if (block.exposed_s > 0) {
            QRectF exposed = area_of(block.lane, block.end_s - block.exposed_s, block.end_s);
            exposed.setTop(area.top());
            exposed.setBottom(area.bottom());
            draw_hatch(painter, exposed, theme.surface, 5);
            hidden.setRight(std::max(area.left(), exposed.left()));
            painter.setPen(QPen(theme.warning, 2));
            painter.drawLine(exposed.bottomLeft() + QPointF(1, -1), exposed.bottomRight() + QPointF(-1, -1));
            const bool named = hidden.width() >= std::min(line(), exposed.width());
            draw_exposed_label(painter, exposed, named ? QString() : name, block.exposed_s);
        }
        draw_block_label(painter, hidden, name, time_text(block.end_s - block.start_s), fill, true);
    }

    // `name` where the block has no other room for it.
    void draw_exposed_label(QCPPainter &painter, const QRectF &area, const QString &name, double exposed_s) const
    {
        const Theme &theme = chart.theme();
        const QString time = time_text(exposed_s), exposed = TimelineChart::tr("exposed %1").arg(time);
        QStringList texts{exposed, time};
        if (!name.isEmpty())
            texts = QStringList{
                TimelineChart::tr("%1, exposed %2").arg(name, time), QString(name + u'\n' + exposed), exposed, time};
        const QFontMetricsF metrics(chart.font());
        for (const QString &text : texts) {
            const QSizeF size = metrics.boundingRect(QRectF(0, 0, 1e4, 1e4), 0, text).size() + QSizeF(8, 0);
            if (size.width() > area.width() || size.height() > area.height())
                continue;
            const QRectF plate(area.center() - QPointF(size.width() / 2, size.height() / 2), size);
            painter.fillRect(plate, theme.surface);
            painter.setPen(theme.warning);
            painter.drawText(plate, Qt::AlignCenter, text);
            return;
        }
    }
};

TimelineChart::TimelineChart(QWidget *parent)
    : Chart(QStringLiteral("timeline"), chart_title("timeline"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
    , lanes(new Lanes(*this))
{
    plot()->plotLayout()->insertRow(0);
    plot()->plotLayout()->addElement(0, 0, legend);
    plot()->plotLayout()->setRowSpacing(0);
    QCPAxisRect *area = plot()->axisRect();
    area->setAutoMargins(QCP::msBottom);
    area->setRangeZoom(Qt::Horizontal);
    area->setRangeZoomAxes(plot()->xAxis, nullptr);
    plot()->yAxis->setTicks(false);
    plot()->yAxis->setTickLabels(false);
    plot()->yAxis->grid()->setVisible(false);
    plot()->xAxis->grid()->setVisible(false);
}

TimelineChart::~TimelineChart() = default;

void TimelineChart::set_highlight(std::optional<OpId> operator_id)
{
    if (operator_id != highlighted())
        Chart::set_highlight(operator_id);
}

void TimelineChart::draw(const Explored &explored, const Theme &theme)
{
    const ChipView &view = explored.leading();
    series = timeline_series(view.estimate);
    std::vector<OpId> present;
    for (const OperatorInfo &info : operators()) {
        if (std::any_of(series.blocks.begin(), series.blocks.end(),
                [&](const TimelineBlock &block) { return block.id == info.id; }))
            present.push_back(info.id);
    }
    const auto hatched = [](const QColor &colour, double spacing) {
        return [colour, spacing](QCPPainter &painter, const QRectF &box) {
            const QRectF area = box.adjusted(1, 2, -1, -2);
            draw_hatch(painter, area, colour, spacing);
            painter.setPen(QPen(colour, 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(area);
        };
    };
    LegendEntries more{{tr("exposed network"), hatched(theme.warning, 4)}, {tr("idle"), hatched(theme.infeasible, 6)}};
    if (series.micro_batches > 1)
        more.push_back({tr("A, B: micro-batches"), nullptr});
    const Baseline *baseline = baselines().primary();
    const ChipView *then = baseline ? baseline->view(view.scenario.chip.name) : nullptr;
    if (then)
        more.push_back(baseline_bar(*baseline, theme));
    else if (baseline)
        more.push_back({chip_change(*baseline, view).problem, nullptr});
    set_legend(legend, operator_legend(present, theme, more), operator_legend_style(font(), theme));

    const QString layer = qstring(label_of(series.kind)),
                  configuration = brief_configuration_text(explored.searched, view.shown);
    const QString why = infeasible_text(view.estimate);
    axis_labels =
        QStringList{tr("%1 of %2 (µs)").arg(layer, configuration), tr("%1 (µs)").arg(configuration), tr("µs")};
    if (!why.isEmpty())
        axis_labels.prepend(tr("%1 of %2, %3 (µs)").arg(layer, configuration, why));
    before = then && !then->estimate.blocks.empty() ? std::optional(timeline_series(then->estimate)) : std::nullopt;
    fit_axis(plot()->xAxis, std::max(series.total_s, before ? before->total_s : 0) / us);
}

void TimelineChart::arrange(const QSize &size)
{
    if (series.windows.empty())
        return;
    constexpr int top = 4;
    const double left = std::min(0.34 * size.width(), lanes->label_width());
    const auto right = static_cast<int>(QFontMetricsF(font()).horizontalAdvance(u"0000"_qs) / 2 + text_padding);
    plot()->axisRect()->setMargins(QMargins(static_cast<int>(std::ceil(left)), top, right, 0));
    // Before the bars become lower than their texts, the legend gives way, and then the axis' title.
    const QCPAxis &axis = *plot()->xAxis;
    const double line = lanes->line(), ticks = axis.padding() + axis.tickLengthOut() + axis.tickLabelPadding() + line;
    const double room = size.height() - top - ticks - lanes->least_height();
    limit_legend(legend, room);
    const bool titled = room - legend->minimumOuterSizeHint().height() >= axis.labelPadding() + line;
    fit_axis_texts(*plot()->xAxis, titled ? axis_labels : QStringList(), font(), size.width() - left - right, right);
}

std::optional<ValueChange> TimelineChart::change() const
{
    return before ? change_of(before->total_s, series.total_s) : std::nullopt;
}

QRectF TimelineChart::area_of(const TimelineBlock &block) const
{
    return lanes->area_of(block);
}

QRectF TimelineChart::area_of(const TimelineIdle &idle) const
{
    return lanes->area_of(idle.lane, idle.start_s, idle.end_s);
}

void TimelineChart::clicked(const QPointF &position)
{
    if (!explored())
        return;
    for (const TimelineBlock &block : series.blocks) {
        if (lanes->area_of(block).contains(position))
            emit explanation_wanted({std::string(info_of(block.id).key)});
    }
}

std::optional<Hover> TimelineChart::hover_at(const QPointF &position) const
{
    if (const std::optional<OpId> id = legend_operator_at(legend, position))
        return Hover{operator_hover(*id), std::nullopt, id, Explainable{std::string(info_of(*id).key)}};
    if (!lanes->ground().contains(position))
        return std::nullopt;
    const double seconds = plot()->xAxis->pixelToCoord(position.x()) * us;
    const auto under = [&](const auto &span) { return seconds >= span.start_s && seconds < span.end_s; };
    for (const Lane lane : {Lane::compute, Lane::network}) {
        const QRectF area = lanes->lane_area(lane);
        if (position.y() < area.top() || position.y() >= area.bottom())
            continue;
        for (const TimelineBlock &block : series.blocks) {
            if (block.lane == lane && under(block))
                return Hover{hover_text(block_texts(block), *plot()), std::nullopt, block.id,
                    Explainable{std::string(info_of(block.id).key)}};
        }
        for (const TimelineIdle &idle : series.idle) {
            if (idle.lane == lane && under(idle))
                return Hover{
                    hover_text({idle_text(idle)}, *plot()), std::nullopt, std::nullopt, Explainable{idle_number(idle)}};
        }
    }
    for (std::size_t i = 0; i < series.windows.size(); ++i) {
        if (under(series.windows[i]))
            return Hover{hover_text(window_texts(i), *plot()), std::nullopt, std::nullopt,
                Explainable{window_number(series.windows[i])}};
    }
    return std::nullopt;
}

const WindowEstimate &TimelineChart::estimate_of(const TimelineWindow &window) const
{
    return explored()->leading().estimate.blocks.front().windows[window.place];
}

std::string TimelineChart::window_number(const TimelineWindow &window) const
{
    return name_of_window(estimate_of(window).compute, estimate_of(window).network, window.place);
}

// While the network idles, the window's computation is what takes its time.
std::string TimelineChart::idle_number(const TimelineIdle &idle) const
{
    const TimelineWindow &window = series.windows[idle.window];
    return idle.lane == Lane::compute
        ? name_of_exposed(estimate_of(window).compute, estimate_of(window).network, window.place)
        : window_number(window);
}

QStringList TimelineChart::block_texts(const TimelineBlock &block) const
{
    const ChipView &view = explored()->leading();
    QStringList lines = configuration_text(explored()->searched, view.shown).split(u'\n');
    const QString label = label_text(block.id), time = time_text(block.end_s - block.start_s);
    lines << (series.micro_batches > 1 ? tr("%1 of micro-batch %2: %3").arg(label, letter_of(block.micro_batch), time)
                                       : tr("%1: %2").arg(label, time));
    lines << tr("from %1 to %2 of the layer's %3")
                 .arg(time_text(block.start_s), time_text(block.end_s), time_text(series.total_s));
    const auto same = [&](const TimelineBlock &other) { return other.id == block.id; };
    if (before) {
        const auto then = std::find_if(before->blocks.begin(), before->blocks.end(), same);
        const auto change = then == before->blocks.end()
            ? std::nullopt
            : change_of(then->end_s - then->start_s, block.end_s - block.start_s);
        if (change)
            lines << against_text(*change, time_text(change->before), baselines().primary()->name);
    }
    if (block.exposed_s > 0)
        lines << tr("exposed %1: nothing computes meanwhile").arg(time_text(block.exposed_s));
    for (const OperatorEstimate &op : view.estimate.blocks.front().operators) {
        if (op.id == block.id)
            lines << operator_texts(view.scenario, op);
    }
    return lines;
}

QString TimelineChart::idle_text(const TimelineIdle &idle) const
{
    const TimelineWindow &window = series.windows[idle.window];
    const QString time = time_text(idle.end_s - idle.start_s);
    if (idle.lane == Lane::compute)
        return window.compute_s > 0 ? tr("idle %1: the network of this window lasts longer").arg(time)
                                    : tr("idle %1: nothing to compute while this is sent").arg(time);
    return window.network_s > 0 ? tr("idle %1: the computation of this window lasts longer").arg(time)
                                : tr("idle %1: nothing to send in this window").arg(time);
}

QStringList TimelineChart::window_texts(std::size_t index) const
{
    const TimelineWindow &window = series.windows[index];
    QStringList lines{tr("window %1 of %2: %3")
                          .arg(index + 1)
                          .arg(series.windows.size())
                          .arg(time_text(window.end_s - window.start_s))};
    lines << tr("compute %1, network %2").arg(time_text(window.compute_s), time_text(window.network_s));
    if (window.network_s > window.compute_s)
        lines << tr("exposed %1").arg(time_text(window.network_s - window.compute_s));
    if (const std::optional<ValueChange> whole = change())
        lines << tr("layer: %1").arg(against_text(*whole, time_text(whole->before), baselines().primary()->name));
    return lines;
}

ChartTable TimelineChart::table() const
{
    ChartTable table;
    table.header = {tr("lane"), tr("micro-batch"), tr("window"), tr("operator"), tr("start (us)"), tr("end (us)"),
        tr("time (us)"), tr("exposed (us)")};
    if (!newest())
        return table;
    add_rows(table, timeline_series(newest()->leading().estimate));
    add_baselines(table, [&](const Baseline &pin) {
        if (const ChipView *view = pin.view(newest()->leading().scenario.chip.name))
            add_rows(table, timeline_series(view->estimate));
    });
    return table;
}

void TimelineChart::add_rows(ChartTable &table, const TimelineSeries &current)
{
    const auto times = [](double start, double end) {
        return QStringList{exact(start / us), exact(end / us), exact((end - start) / us)};
    };
    for (const TimelineBlock &block : current.blocks) {
        table.rows.push_back(QStringList{Lanes::lane_name(block.lane), QString(letter_of(block.micro_batch)),
                                 QString::number(block.window + 1), label_text(block.id)}
            + times(block.start_s, block.end_s) + QStringList{exact(block.exposed_s / us)});
    }
    for (const TimelineIdle &idle : current.idle)
        table.rows.push_back(
            QStringList{Lanes::lane_name(idle.lane), QString(), QString::number(idle.window + 1), tr("idle")}
            + times(idle.start_s, idle.end_s) + QStringList{exact(0)});
}

} // namespace epscope
