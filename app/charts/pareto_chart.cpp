// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/pareto_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QKeyEvent>
#include <QMouseEvent>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "app/charts/marks.h"
#include "app/charts/measured_marks.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

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
        series.name = QString::fromStdString(explored.searched.chips[view.chip].name);
        series.leads = i == explored.lead;
        for (const Candidate &candidate : view.front) {
            series.front.push_back(
                {candidate, short_configuration_text(candidate.point), !reason_on_front(explored.searched, candidate)});
            cover(candidate.ux_tps, candidate.throughput_per_card);
        }
        series.shown = {view.shown, short_configuration_text(view.shown.point), view.estimate.feasible()};
        cover(view.shown.ux_tps, view.shown.throughput_per_card);
        series.cloud = view.cloud;
        series.measured = view.measured;
        data.series.push_back(std::move(series));
    }
    const bool fronts = std::any_of(
        data.series.begin(), data.series.end(), [](const ParetoSeries &series) { return !series.front.empty(); });
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

ParetoChart::ParetoChart(QWidget *parent)
    : Chart(QStringLiteral("pareto"), chart_title("pareto"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart = *plot();
    chart.plotLayout()->insertRow(0);
    chart.plotLayout()->addElement(0, 0, legend);
    chart.plotLayout()->setRowSpacing(0);
    chart.xAxis->setLabel(tr("Tokens/s per user (tok/s)"));
    chart.yAxis->setLabel(tr("Throughput per card (tok/s)"));
    add_drawing(&chart, QStringLiteral("background"), [this](QCPPainter &painter) { paint_background(painter); });
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) { paint_points(painter); });
    add_drawing(&chart, QStringLiteral("axes"), [this](QCPPainter &painter) {
        if (!explored())
            return;
        paint_measured(painter);
        paint_target(painter);
        for (const ParetoSeries &series : data.series) // whole, also on an axis
            paint_shown(painter, series);
        paint_changes(painter);
        paint_labels(painter);
    });
    asked_too_long.setSingleShot(true);
    asked_too_long.setInterval(1000);
    connect(&asked_too_long, &QTimer::timeout, this, [this] {
        if (drag)
            return;
        asked_target.reset();
        redraw();
    });
}

void ParetoChart::set_log(bool log)
{
    if (log == logarithmic)
        return;
    logarithmic = log;
    for (QCPAxis *axis : {plot()->xAxis, plot()->yAxis}) {
        axis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        axis->setTicker(log ? decade_ticker() : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    fit_anew();
}

void ParetoChart::set_show_infeasible(bool show)
{
    infeasible_shown = show;
    redraw();
}

void ParetoChart::set_show_measured(bool show)
{
    measured_shown = show;
    redraw();
}

ChartTable ParetoChart::table() const
{
    ChartTable table;
    table.header = {tr("Shown as"), tr("Chip"), tr("NIC"), tr("Pipeline"), tr("EP"), tr("Batch"), tr("KV element (B)"),
        tr("Parameter element (B)"), tr("Draft length"), tr("Tokens/s per user (tok/s)"),
        tr("Throughput per card (tok/s)"), tr("Infeasible because of"), tr("Error of the estimated time per token"),
        tr("Source")};
    if (!newest())
        return table;
    const auto add_of = [&](const Study &study, const QString &kind, const Candidate &candidate,
                            const QString &reason) {
        const Point &point = candidate.point;
        table.rows.push_back({kind, QString::fromStdString(study.chips[candidate.chip].name),
            QString::fromStdString(study.nics[candidate.nic].name), qstring(name_of(point.policy)),
            QString::number(point.ep), QString::number(point.batch), exact(point.kv_elem_size),
            exact(point.param_elem_size), QString::number(point.mtp_len), exact(candidate.ux_tps),
            exact(candidate.throughput_per_card), reason, {}, {}});
    };
    const Study &study = newest()->searched;
    const auto add = [&](const QString &kind, const Candidate &candidate, const QString &reason) {
        add_of(study, kind, candidate, reason);
    };
    const auto add_measured = [&](const MeasuredPoint &point) {
        const Measurement &row = newest()->inputs.measured->rows[point.row];
        const auto size = [](const std::optional<double> &bytes) { return bytes ? exact(*bytes) : QString(); };
        table.rows.push_back({tr("measured"), QString::fromStdString(row.chip), QString::fromStdString(row.nic),
            qstring(name_of(row.micro_batches == 2 ? Policy::dual_mbatch : Policy::naive)), QString::number(row.ep),
            size(row.batch_per_card), size(row.kv_elem_size), size(row.attention_elem_size),
            row.query_tokens ? QString::number(*row.query_tokens - 1) : QString(), exact(point.ux_tps),
            exact(point.throughput_per_card), QString(), size(point.error), QString::fromStdString(row.source)});
    };
    const auto reason_text = [](const std::optional<Reason> &reason) {
        return reason ? qstring(name_of(*reason)) : QString();
    };
    const ParetoData current = pareto_data(*newest());
    for (std::size_t i = 0; i < current.series.size(); ++i) {
        const ParetoSeries &series = current.series[i];
        const Estimate &full = newest()->chips[i].estimate;
        add(tr("shown"), series.shown.candidate,
            reason_text(full.feasible() ? std::nullopt : std::optional(full.infeasible.front().reason)));
        for (const ParetoPoint &point : series.front)
            add(tr("front"), point.candidate, reason_text(reason_on_front(study, point.candidate)));
        for (const CloudPoint &point : series.cloud) {
            if (point.reason && !infeasible_shown)
                continue;
            Candidate candidate = candidate_at(study, point.order);
            const Estimate exactly = estimate(scenario_of(study, candidate));
            candidate.ux_tps = exactly.ux_tps;
            candidate.throughput_per_card = exactly.throughput_per_card;
            add(tr("evaluated"), candidate, reason_text(point.reason));
        }
        if (measured_shown) {
            for (const MeasuredPoint &point : series.measured)
                add_measured(point);
        }
    }
    add_baselines(table, [&](const Baseline &pin) {
        for (const ChipView &view : pin.explored->chips) {
            add_of(pin.explored->searched, tr("baseline, shown"), view.shown,
                reason_text(
                    view.estimate.feasible() ? std::nullopt : std::optional(view.estimate.infeasible.front().reason)));
            for (const Candidate &candidate : view.front)
                add_of(pin.explored->searched, tr("baseline, front"), candidate,
                    reason_text(reason_on_front(pin.explored->searched, candidate)));
        }
    });
    return table;
}

QRectF ParetoChart::inner() const
{
    return plot_area(*plot()->axisRect());
}

QPointF ParetoChart::pixel_of(double ux_tps, double throughput_per_card) const
{
    return {plot()->xAxis->coordToPixel(ux_tps), plot()->yAxis->coordToPixel(throughput_per_card)};
}

QPointF ParetoChart::pixel_of(const Candidate &candidate) const
{
    return pixel_of(candidate.ux_tps, candidate.throughput_per_card);
}

double ParetoChart::target_pixel() const
{
    const QRectF area = inner();
    if (logarithmic && !(target() > 0))
        return area.left();
    return plot()->xAxis->coordToPixel(target());
}

std::optional<Candidate> ParetoChart::candidate_near(const QPointF &position) const
{
    const QRectF area = inner();
    if (!explored() || !area.contains(position))
        return std::nullopt;
    double nearest = marker_reach * marker_reach;
    const auto nearer = [&](const QPointF &pixel) {
        const double distance = squared_distance(pixel, position);
        if (!(distance <= nearest) || !area.contains(pixel))
            return false;
        nearest = distance;
        return true;
    };
    const Candidate *front = nullptr;
    for (const ParetoSeries &series : data.series) {
        if ((series.shown.feasible || infeasible_shown) && nearer(pixel_of(series.shown.candidate)))
            front = &series.shown.candidate;
        for (const ParetoPoint &point : series.front) {
            if ((point.feasible || infeasible_shown) && nearer(pixel_of(point.candidate)))
                front = &point.candidate;
        }
    }
    if (front)
        return *front;
    const CloudPoint *found = nullptr;
    for (const ParetoSeries &series : data.series) {
        for (const CloudPoint &point : series.cloud) {
            if ((!point.reason || infeasible_shown) && nearer(pixel_of(point.ux_tps, point.throughput_per_card)))
                found = &point;
        }
    }
    if (!found)
        return std::nullopt;
    Candidate candidate = candidate_at(explored()->searched, found->order);
    candidate.ux_tps = found->ux_tps;
    candidate.throughput_per_card = found->throughput_per_card;
    return candidate;
}

const MeasuredPoint *ParetoChart::measured_near(const QPointF &position) const
{
    const QRectF area = inner();
    const MeasuredPoint *found = nullptr;
    double nearest = measured_size * measured_size;
    for (const ParetoSeries &series : data.series) {
        for (const MeasuredPoint &point : series.measured) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            const double distance = squared_distance(at, position);
            if (measured_shown && distance <= nearest && area.contains(at)) {
                nearest = distance;
                found = &point;
            }
        }
    }
    return found;
}

std::optional<Hover> ParetoChart::hover_at(const QPointF &position) const
{
    Hover hover;
    if (const MeasuredPoint *point = explored() ? measured_near(position) : nullptr) {
        hover.text = measured_text(*explored(), *point);
        hover.crosshair = pixel_of(point->ux_tps, point->throughput_per_card);
        hover.number = error_of(*explored(), point->row);
        return hover;
    }
    const QString target_text = target() > 0
        ? tr("Target: %1 per user. Drag it, or press Ctrl and an arrow key.").arg(rate_text(target()))
        : tr("No target. Drag the line, or press Ctrl and an arrow key, to set one.");
    const bool on_line = near_target(position);
    const std::optional<Candidate> candidate = candidate_near(position);
    if (!candidate) {
        if (!on_line)
            return std::nullopt;
        hover.text = target_text;
        return hover;
    }
    const Scenario scenario = scenario_of(explored()->searched, *candidate);
    const Estimate full = estimate(scenario);
    hover.text = configuration_text(explored()->searched, *candidate)
        + tr("\n%1 per card\n%2 per user").arg(rate_text(full.throughput_per_card), rate_text(full.ux_tps));
    const Baseline *baseline = baselines().primary();
    const ChipView *before = baseline ? baseline->view(scenario.chip.name) : nullptr;
    if (baseline && (!before || !before->estimate.feasible())) {
        hover.text += before ? tr("\ninfeasible in %1").arg(baseline->name) : tr("\nnot in %1").arg(baseline->name);
    } else if (baseline) {
        if (const auto change = change_of(before->estimate.throughput_per_card, full.throughput_per_card))
            hover.text +=
                u'\n' + against_text(*change, tr("%1 per card").arg(rate_text(change->before)), baseline->name);
    }
    for (const Infeasible &infeasible : full.infeasible) {
        // A sentence of several parts, one to a line.
        QString reason = QString::fromStdString(text_of(infeasible));
        reason.replace(QStringLiteral("; "), QStringLiteral(";\n    "));
        hover.text += tr("\n✕ %1").arg(reason);
    }
    if (on_line)
        hover.text += u'\n' + target_text;
    hover.crosshair = pixel_of(*candidate);
    hover.number = Explainable{main_number(), selection_of(explored()->searched, *candidate)};
    return hover;
}

void ParetoChart::clicked(const QPointF &position)
{
    if (const std::optional<Candidate> candidate = candidate_near(position))
        emit configuration_picked(selection_of(explored()->searched, *candidate));
}

bool ParetoChart::near_target(const QPointF &position) const
{
    if (tag.contains(position))
        return explored() != nullptr;
    const QRectF area = inner();
    const double x = target_pixel();
    return explored() && x >= area.left() && x <= area.right() && std::abs(position.x() - x) <= target_reach
        && position.y() <= area.bottom() && position.y() >= area.top();
}

void ParetoChart::ask_for_target(double tps)
{
    if (tps == target())
        return;
    asked_target = tps;
    asked_too_long.start();
    redraw();
    emit target_dragged(tps);
}

bool ParetoChart::press(const QPointF &position)
{
    if (!near_target(position))
        return false;
    drag = Drag{position, target(), target_pixel() - position.x(), false};
    QEvent leave(QEvent::Leave);
    Chart::eventFilter(plot(), &leave);
    return true;
}

void ParetoChart::drag_to(const QPointF &position)
{
    if (!drag->moved && (position - drag->pressed).manhattanLength() < 2)
        return;
    drag->moved = true;
    const QRectF area = inner();
    const double x = std::clamp(position.x() + drag->offset, area.left(), area.right());
    const QCPAxis &axis = *plot()->xAxis;
    const double value = axis.pixelToCoord(x);
    ask_for_target(std::max(0.0, round_to_pixel(value, std::abs(axis.pixelToCoord(x + 1) - value))));
}

bool ParetoChart::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (key == Qt::Key_Escape && drag) {
        const double before = drag->before;
        drag.reset();
        ask_for_target(before);
        return true;
    }
    const bool through_zooms = modifiers & Qt::AltModifier;
    if ((key != Qt::Key_Left && key != Qt::Key_Right) || through_zooms || !explored())
        return false;
    const int direction = key == Qt::Key_Right ? 1 : -1;
    if (modifiers & Qt::ControlModifier) {
        const double steps_per_unit = modifiers & Qt::ShiftModifier ? 10 : 1;
        const double steps = target() * steps_per_unit;
        const double next = direction > 0 ? std::floor(steps + 1e-9) + 1 : std::ceil(steps - 1e-9) - 1;
        ask_for_target(std::max(0.0, next / steps_per_unit));
    } else {
        step_along_front(direction);
    }
    return true;
}

void ParetoChart::step_along_front(int direction)
{
    const auto lead =
        std::find_if(data.series.begin(), data.series.end(), [](const ParetoSeries &series) { return series.leads; });
    if (lead == data.series.end())
        return;
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
    if (next)
        emit configuration_picked(selection_of(explored()->searched, next->candidate));
}

bool ParetoChart::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (mouse->button() == Qt::LeftButton && press(mouse->position()))
            return true;
        break;
    }
    case QEvent::MouseMove: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (drag) {
            drag_to(mouse->position());
            return true;
        }
        if (mouse->buttons() == Qt::NoButton && near_target(mouse->position()))
            plot()->setCursor(Qt::SizeHorCursor);
        else
            plot()->unsetCursor();
        break;
    }
    case QEvent::MouseButtonRelease: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (!drag || mouse->button() != Qt::LeftButton)
            break;
        const bool moved = drag->moved;
        drag.reset();
        if (moved)
            asked_too_long.start();
        else
            clicked(mouse->position());
        return true;
    }
    case QEvent::KeyPress: {
        const auto *pressed = static_cast<QKeyEvent *>(event);
        if (key(pressed->key(), pressed->modifiers()))
            return true;
        break;
    }
    default:
        break;
    }
    return Chart::eventFilter(watched, event);
}

void ParetoChart::draw(const Explored &explored, const Theme &theme)
{
    data = pareto_data(explored);
    if (data_of != baselines()) {
        data_of = baselines();
        pinned_data.clear();
        for (const Baseline &pin : data_of.pins)
            pinned_data.push_back(pareto_data(*pin.explored));
        covered_data.clear();
        for (const std::shared_ptr<const Explored> &other : data_of.covered)
            covered_data.push_back(pareto_data(*other));
    }
    for (const ParetoData &other : covered_data)
        data.cover(other);
    changes = pareto_changes(explored, baselines());
    if (asked_target && !drag && std::abs(*asked_target - data.target_tps) <= 1e-9 * std::max(1.0, data.target_tps))
        asked_target.reset();
    if (!asked_target)
        asked_too_long.stop();
    keep_legible(*this, 20, 12);
    if (!drag) // the axes stay put under the mouse
        fit_axes();
    fill_legend(theme);
}

void ParetoChart::arrange(const QSize &size)
{
    const int line = QFontMetrics(font()).height();
    plot()->axisRect()->setMinimumMargins(QMargins(8, line + 14, line, 4));
    // As many ticks as leave their labels apart, and axis titles that fit.
    const double room = size.height() / static_cast<double>(line);
    plot()->yAxis->ticker()->setTickCount(room < 16 ? 3 : 5);
    plot()->yAxis->setLabel(room < 18 ? tr("tok/s per card") : tr("Throughput per card (tok/s)"));
    plot()->xAxis->ticker()->setTickCount(size.width() < 30 * line ? 3 : 5);
}

void ParetoChart::fit_axes()
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
    std::for_each(covered_data.begin(), covered_data.end(), cover_target);
    most_ux = std::max(most_ux, most_target);
    if (logarithmic) {
        constexpr double for_labels = 1.3; // beyond the farthest point
        fit_axis(plot()->xAxis, round_floor(least_ux > 0 ? least_ux : 0.1 * most_ux), for_labels * most_ux);
        fit_axis(plot()->yAxis, round_floor(data.least_throughput > 0 ? data.least_throughput : 0.1 * most_throughput),
            for_labels * most_throughput);
    } else {
        fit_axis(plot()->xAxis, most_ux);
        constexpr double for_labels = 1.08; // above the highest point
        fit_axis(plot()->yAxis, for_labels * most_throughput);
    }
}

void ParetoChart::fill_legend(const Theme &theme)
{
    std::vector<LegendEntry> entries;
    for (const ParetoSeries &series : data.series) {
        const QColor colour = theme.chip(series.mark);
        const auto sample = [colour, mark = series.mark, dash = theme.chip_dash(series.mark), surface = theme.surface](
                                QCPPainter &painter, const QRectF &box) {
            painter.setPen(QPen(colour, 2, dash, Qt::FlatCap));
            painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()));
            draw_chip_marker(painter, mark, box.center(), chip_marker_size, QPen(colour, 1.5), colour);
        };
        entries.push_back({series.name, sample, series.leads && data.series.size() > 1});
    }
    for (const Baseline &pin : baselines().pins)
        entries.push_back(baseline_line(pin, theme, true));
    const auto cross = [colour = theme.infeasible](QCPPainter &painter, const QRectF &box) {
        draw_cross(painter, box.center(), 7, QPen(colour, 1.5));
    };
    const auto ring = [colour = theme.infeasible](QCPPainter &painter, const QRectF &box) {
        painter.setPen(QPen(colour, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(box.center(), 3, 3);
    };
    const auto hatched = [points = infeasible_shown && data.rejected[static_cast<std::size_t>(Reason::target)] > 0,
                             colour = theme.infeasible, hatch = theme.grid](QCPPainter &painter, const QRectF &box) {
        draw_hatch(painter, box.adjusted(0, 2, 0, -2), hatch);
        painter.setPen(QPen(colour, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(box.adjusted(0, 2, 0, -2));
        if (points)
            painter.fillRect(QRectF(box.center() - QPointF(1.5, 1.5), QSizeF(3, 3)), colour);
    };
    const auto counted = [&](Reason reason, const QString &text, const decltype(LegendEntry::sample) &sample) {
        if (const std::uint64_t count = data.rejected[static_cast<std::size_t>(reason)]; count > 0)
            entries.push_back({text.arg(whole_text(static_cast<std::int64_t>(count))), sample});
    };
    const bool any_below = data.rejected[static_cast<std::size_t>(Reason::target)] > 0;
    if (any_below)
        counted(Reason::target, tr("%1 below target"), hatched);
    else if (target() > 0)
        entries.push_back({tr("below target"), hatched});
    if (infeasible_shown) {
        counted(Reason::memory, tr("%1 out of memory"), cross);
        counted(Reason::shape, tr("%1 of unsupported shape"), ring);
        counted(Reason::ep, tr("%1 with more cards than there are"), ring);
    }
    std::size_t measured = 0, measured_chips = 0;
    QColor colour = theme.muted; // of the only chip that has some
    for (const ParetoSeries &series : data.series) {
        if (!measured_shown || series.measured.empty())
            continue;
        measured += series.measured.size();
        colour = ++measured_chips == 1 ? theme.chip(series.mark) : theme.muted;
    }
    if (measured > 0)
        entries.push_back(measured_legend(measured, colour, theme.surface));
    entries.push_back({tr("shown"), [colour = theme.text](QCPPainter &painter, const QRectF &box) {
                           painter.setPen(QPen(colour, 2));
                           painter.setBrush(Qt::NoBrush);
                           painter.drawEllipse(box.center(), 6, 6);
                       }});
    set_legend(legend, {std::move(entries)}, {font(), theme.text, theme.muted});
}

void ParetoChart::paint_background(QCPPainter &painter) const
{
    if (!explored() || !(target() > 0))
        return;
    QRectF area = inner();
    area.setRight(std::min(area.right(), target_pixel()));
    painter.setAntialiasing(true);
    draw_hatch(painter, area, theme().grid);
}

void ParetoChart::paint_points(QCPPainter &painter) const
{
    if (!explored())
        return;
    paint_cloud(painter);
    painter.setAntialiasing(true);
    for (std::size_t i = 0; i < pinned_data.size(); ++i)
        paint_baseline(painter, pinned_data[i], baselines().pins[i].mark);
    for (const bool leading : {false, true}) {
        for (const ParetoSeries &series : data.series) {
            if (series.leads == leading)
                paint_front(painter, series);
        }
    }
}

void ParetoChart::paint_cloud(QCPPainter &painter) const
{
    const QRectF area = inner().adjusted(1, 1, -1, -1);
    painter.setAntialiasing(false);
    constexpr double size = 3;
    QVector<QLineF> crosses;
    QVector<QRectF> dots;
    QVector<QPointF> rings;
    const auto dot_at = [](const QPointF &at) { return QRectF(at - QPointF(size / 2, size / 2), QSizeF(size, size)); };
    for (const ParetoSeries &series : data.series) {
        if (!infeasible_shown)
            break;
        for (const CloudPoint &point : series.cloud) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            if (!point.reason || !finite(at) || !area.contains(at))
                continue;
            if (*point.reason == Reason::target) {
                dots << dot_at(at);
            } else if (*point.reason == Reason::memory) {
                crosses << QLineF(at - QPointF(2, 2), at + QPointF(2, 2))
                        << QLineF(at - QPointF(2, -2), at + QPointF(2, -2));
            } else {
                rings << at;
            }
        }
    }
    QColor grey = theme().infeasible;
    grey.setAlpha(110);
    painter.setPen(Qt::NoPen);
    painter.setBrush(grey);
    painter.drawRects(dots);
    painter.setPen(QPen(grey, 1));
    painter.drawLines(crosses);
    painter.setBrush(Qt::NoBrush);
    for (const QPointF &at : rings)
        painter.drawEllipse(at, 2, 2);

    for (const ParetoSeries &series : data.series) {
        dots.clear();
        for (const CloudPoint &point : series.cloud) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            if (!point.reason && finite(at) && area.contains(at))
                dots << dot_at(at);
        }
        QColor colour = theme().chip(series.mark);
        colour.setAlpha(theme().dark ? 110 : 90);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawRects(dots);
    }
}

void ParetoChart::paint_front(QCPPainter &painter, const ParetoSeries &series) const
{
    const QRectF area = inner();
    const QColor colour = theme().chip(series.mark);
    // Whoever asks for a speed gets the next faster configuration: a staircase.
    QVector<QPointF> stairs, below;
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
    }
    if (infeasible_shown) {
        QColor faint = colour;
        faint.setAlpha(130);
        painter.setPen(QPen(faint, 1));
        draw_path(painter, below, area);
    }
    painter.setPen(QPen(colour, line_width(series.leads ? 3 : 2), theme().chip_dash(series.mark), Qt::FlatCap));
    draw_path(painter, stairs, area);
    const Stamp full = chip_stamp(painter, series.mark, chip_marker_size, QPen(theme().surface, 1), colour);
    const Stamp hollow =
        chip_stamp(painter, series.mark, 0.75 * chip_marker_size, QPen(theme().infeasible, 1), theme().surface);
    for (const ParetoPoint &point : series.front) {
        const QPointF at = pixel_of(point.candidate);
        if (finite(at) && area.contains(at) && (point.feasible || infeasible_shown))
            (point.feasible ? full : hollow).at(at);
    }
}

// Dashed in the baseline's colour, the markers open in the chips'.
void ParetoChart::paint_baseline(QCPPainter &painter, const ParetoData &of_baseline, std::size_t mark) const
{
    const QRectF area = inner();
    for (const ParetoSeries &series : of_baseline.series) {
        QVector<QPointF> stairs;
        QVector<QPointF> markers;
        for (const ParetoPoint &point : series.front) {
            const QPointF at = pixel_of(point.candidate);
            if (!point.feasible || !finite(at))
                continue;
            if (!stairs.isEmpty())
                stairs << QPointF(at.x(), stairs.back().y());
            stairs << at;
            markers << at;
        }
        painter.setPen(theme().baseline_pen(mark, line_width(series.leads ? 2 : 1.5)));
        painter.setBrush(Qt::NoBrush);
        draw_path(painter, stairs, area);
        const Stamp open = chip_stamp(
            painter, series.mark, 0.75 * chip_marker_size, QPen(theme().baseline(mark), 1.25), theme().surface);
        for (const QPointF &at : markers) {
            if (area.contains(at))
                open.at(at);
        }
        const QPointF at = pixel_of(series.shown.candidate);
        if (!series.shown.feasible || !finite(at) || !area.contains(at))
            continue;
        const double radius = series.leads ? 8 : 6.5;
        painter.setPen(QPen(theme().baseline(mark), 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(at, radius, radius);
        draw_chip_marker(
            painter, series.mark, at, chip_marker_size, QPen(theme().chip(series.mark), 1.5), theme().surface);
    }
}

ChangeArrow ParetoChart::arrow_of(const ParetoChange &change) const
{
    constexpr double ring = 11; // px
    const QPointF from = pixel_of(change.before), to = pixel_of(change.now);
    const bool seen = finite(from) && finite(to) && inner().contains(from) && inner().contains(to);
    return seen ? ChangeArrow{from, to, ring, ring} : ChangeArrow{};
}

// Where an arrow says by how much; empty if its ends lie too close for one.
QRectF ParetoChart::change_box(const ParetoChange &change) const
{
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(bold);
    const QSizeF size(metrics.horizontalAdvance(change_text(change.change)) + 6, metrics.height());
    return place_beside(arrow_of(change), size, [&](const QRectF &box) { return inner().contains(box); });
}

void ParetoChart::paint_changes(QCPPainter &painter) const
{
    for (const ParetoChange &change : changes) {
        const QColor colour = change_colour(change.change, baselines().threshold, Better::higher, theme());
        draw_arrow(painter, arrow_of(change), colour);
        if (const QRectF box = change_box(change); !box.isEmpty())
            draw_change(painter, box, change_text(change.change), font(), colour, theme().surface);
    }
}

void ParetoChart::paint_shown(QCPPainter &painter, const ParetoSeries &series) const
{
    const QPointF at = pixel_of(series.shown.candidate);
    if (!finite(at) || !inner().contains(at) || (!series.shown.feasible && !infeasible_shown))
        return;
    const QColor colour = series.shown.feasible ? theme().chip(series.mark) : theme().infeasible;
    const double radius = ring_radius(series);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().surface, series.leads ? 5 : 4));
    painter.drawEllipse(at, radius, radius);
    painter.setPen(QPen(colour, series.leads ? 2.5 : 1.75, series.shown.feasible ? Qt::SolidLine : Qt::DashLine));
    painter.drawEllipse(at, radius, radius);
    draw_chip_marker(painter, series.mark, at, chip_marker_size, QPen(theme().surface, 1), theme().chip(series.mark));
    if (!series.shown.feasible)
        draw_cross(painter, at, 2 * radius, QPen(colour, 1.5));
}

void ParetoChart::paint_measured(QCPPainter &painter) const
{
    if (!measured_shown)
        return;
    painter.setAntialiasing(true);
    for (const ParetoSeries &series : data.series) {
        const Stamp stamp = measured_stamp(painter, theme().chip(series.mark), theme().surface);
        for (const MeasuredPoint &point : series.measured) {
            const QPointF at = pixel_of(point.ux_tps, point.throughput_per_card);
            if (finite(at) && inner().contains(at))
                stamp.at(at);
        }
    }
}

// What labels keep off: markers and other labels, the lines between them, and as far as they can the clouds' dots.
class ParetoChart::Ground {
public:
    explicit Ground(const ParetoChart &of)
        : chart(of)
        , area(of.inner())
        , columns(static_cast<std::size_t>(std::ceil(std::max(0.0, area.width()) / cell)) + 1)
        , dotted(columns * (static_cast<std::size_t>(std::ceil(std::max(0.0, area.height()) / cell)) + 1))
    {
        for (const ParetoSeries &series : chart.data.series) {
            add_front(series, true);
            for (const MeasuredPoint &point : series.measured) {
                if (chart.measured_shown)
                    take(chart.pixel_of(point.ux_tps, point.throughput_per_card), measured_size / 2 + 1);
            }
            for (const CloudPoint &point : series.cloud) {
                const QPointF at = chart.pixel_of(point.ux_tps, point.throughput_per_card);
                if (seen(at) && (!point.reason || chart.infeasible_shown))
                    dotted[cell_of(at)] = true;
            }
        }
        for (const ParetoData &of_baseline : chart.pinned_data) {
            for (const ParetoSeries &series : of_baseline.series)
                add_front(series, false);
        }
        for (const ParetoChange &change : chart.changes) {
            if (const ChangeArrow arrow = chart.arrow_of(change); arrow.from != arrow.to)
                lines << QLineF(arrow.from, arrow.to);
            if (const QRectF box = chart.change_box(change); !box.isEmpty())
                taken << box;
        }
        const double target = std::clamp(chart.target_pixel(), area.left(), area.right());
        lines << QLineF(target, area.top(), target, area.bottom());
    }

    bool seen(const QPointF &at) const { return finite(at) && area.contains(at); }
    bool is_free(const QRectF &box) const
    {
        return area.contains(box)
            && std::none_of(taken.begin(), taken.end(), [&](const QRectF &other) { return other.intersects(box); })
            && !crossed(leads, box);
    }
    bool crosses_line(const QRectF &box) const { return crossed(lines, box); }
    bool crosses_label(const QLineF &lead) const
    {
        return std::any_of(
            labels.begin(), labels.end(), [&](const QRectF &label) { return clipped(lead, label).has_value(); });
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
    const ParetoChart &chart;
    QRectF area;
    std::size_t columns;
    std::vector<bool> dotted; // by row and column of the grid
    QVector<QRectF> taken, labels;
    QVector<QLineF> lines, leads;

    static bool crossed(const QVector<QLineF> &by, const QRectF &box)
    {
        return std::any_of(by.begin(), by.end(), [&](const QLineF &line) { return clipped(line, box).has_value(); });
    }
    std::size_t cell_of(const QPointF &at) const
    {
        return static_cast<std::size_t>((at.y() - area.top()) / cell) * columns
            + static_cast<std::size_t>((at.x() - area.left()) / cell);
    }
    void take(const QPointF &at, double half)
    {
        if (seen(at))
            taken << QRectF(at - QPointF(half, half), QSizeF(2 * half, 2 * half));
    }
    // With its stairs; a baseline's without what is infeasible.
    void add_front(const ParetoSeries &series, bool with_infeasible)
    {
        const auto drawn = [&](const ParetoPoint &point) {
            return point.feasible || (with_infeasible && chart.infeasible_shown);
        };
        if (drawn(series.shown))
            take(chart.pixel_of(series.shown.candidate), ring_room(series));
        const ParetoPoint *faster = nullptr;
        for (const ParetoPoint &point : series.front) {
            const QPointF at = chart.pixel_of(point.candidate);
            if (!drawn(point) || !finite(at))
                continue;
            take(at, chip_marker_size / 2);
            if (faster) {
                const QPointF from = chart.pixel_of(faster->candidate), corner(at.x(), from.y());
                lines << QLineF(from, corner) << QLineF(corner, at);
            }
            faster = &point;
        }
    }
};

std::vector<ParetoLabel> ParetoChart::labels() const
{
    struct Wanted {
        const ParetoPoint *point;
        const ParetoSeries *series;
        QPointF at;
        bool ringed;
    };
    Ground ground(*this);
    std::vector<ParetoLabel> placed;
    std::vector<Wanted> wanted;
    const auto want = [&](const ParetoPoint &point, const ParetoSeries &series, bool ringed) {
        const QPointF at = pixel_of(point.candidate);
        if (ground.seen(at) && (point.feasible || infeasible_shown))
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
    std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted &a, const Wanted &b) {
        const auto rank = [](const Wanted &w) {
            return std::tuple(w.ringed ? (w.series->leads ? 0 : 1) : 2, w.point->feasible ? 0 : 1);
        };
        if (rank(a) != rank(b))
            return rank(a) < rank(b);
        return a.point->candidate.throughput_per_card > b.point->candidate.throughput_per_card;
    });

    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF plain_metrics(font()), bold_metrics(bold);
    for (const Wanted &label : wanted) {
        const QFontMetricsF &metrics = label.ringed ? bold_metrics : plain_metrics;
        const QSizeF size(metrics.horizontalAdvance(label.point->label) + 4, metrics.height());
        std::optional<ParetoLabel> best;
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
                if (!ground.is_free(box))
                    continue;
                const bool crosses = ground.crosses_line(box);
                const QLineF lead = lead_to(label.at, box);
                if ((crosses && !label.ringed) || ground.crosses_label(lead)) // rather across a line than not at all
                    continue;
                constexpr double for_line = 2, for_step = 0.25;
                constexpr int shades = 4; // of dots: a few more or less move no label
                const double cost =
                    (crosses ? for_line : 0) + for_step * step + std::round(shades * ground.dotted_part(box)) / shades;
                if (cost < least) {
                    least = cost;
                    best = {label.point->label, box, label.at, lead, label.series->mark, label.point->feasible,
                        label.ringed};
                }
            }
        }
        if (!best)
            continue;
        ground.add_label(best->box, best->lead);
        placed.push_back(std::move(*best));
    }
    return placed;
}

void ParetoChart::paint_labels(QCPPainter &painter) const
{
    QColor backing = theme().surface;
    backing.setAlpha(215);
    QFont bold = font();
    bold.setBold(true);
    for (const ParetoLabel &label : labels()) {
        const QFont &in = label.shown ? bold : font();
        painter.setPen(QPen(label.feasible ? theme().chip(label.mark) : theme().muted, 1));
        if (!label.lead.isNull())
            painter.drawLine(label.lead);
        painter.fillRect(label.box.adjusted(1, 1, -1, -1), backing);
        painter.setFont(in);
        painter.drawText(QPointF(label.box.left() + 2, label.box.top() + QFontMetricsF(in).ascent()), label.text);
    }
}

void ParetoChart::paint_target(QCPPainter &painter) const
{
    const QRectF area = inner();
    const double x = target_pixel();
    painter.setAntialiasing(true);
    QFont bold = font();
    bold.setBold(true);
    const QRect whole = plot()->viewport();
    const QColor fill = theme().accent;
    const QColor on_fill = theme().dark ? theme().window : theme().surface;
    QString text = target() > 0 ? tr("target %1").arg(rate_text(target())) : tr("no target");
    if (x > area.right())
        text += QStringLiteral(" →");
    else if (x < area.left())
        text = QStringLiteral("← ") + text;
    else {
        painter.setPen(QPen(fill, 2));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
    }
    tag = draw_tag(painter, text, bold, QPointF(std::clamp(x, area.left(), area.right()), area.top()), area.left(),
        whole.right() - 2, fill, on_fill);
}

} // namespace epscope
