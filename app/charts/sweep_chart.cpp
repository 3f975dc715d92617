// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/sweep_chart.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "app/charts/measured_marks.h"
#include "app/charts/operator_blocks.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

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
void draw_fall(QCPPainter &painter, const QPointF &tip, const QColor &colour)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawPolygon(QPolygonF{{tip.x() - 5, tip.y() - 8}, {tip.x() + 5, tip.y() - 8}, tip});
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
    const auto bytes = [](double size) { return QString::fromStdString(compact_text(size, Dimension::bytes)); };
    SweepData data;
    data.shown = view.shown;
    data.marked = shown_point(view);
    data.mark = view.mark;
    data.chip = QString::fromStdString(view.scenario.chip.name);
    data.configuration =
        SweepChart::tr("%1 · %2 · EP %3 · %4 · KV %5, parameters %6 · draft %7")
            .arg(data.chip, QString::fromStdString(view.scenario.nic.name))
            .arg(point.ep)
            .arg(qstring(name_of(point.policy)), bytes(point.kv_elem_size), bytes(point.param_elem_size))
            .arg(point.mtp_len);
    data.points = finite_points(view);
    data.max_batch = view.estimate.memory.max_batch;
    data.target_tps = view.scenario.target_tps;
    for (const MeasuredPoint &run : view.measured) {
        const Measurement &row = explored.inputs.measured->rows[run.row];
        if (run.near_shown && row.batch_per_card && row.accepted_per_step)
            data.measured.push_back({run, *row.batch_per_card, *row.accepted_per_step * row.tpot_s});
    }
    return data;
}

SweepChart::SweepChart(QWidget *parent)
    : Chart(QStringLiteral("sweep"), chart_title("sweep"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart = *plot();
    QCPLayoutGrid &grid = *chart.plotLayout();
    grid.insertRow(0);
    grid.addElement(0, 0, legend);
    grid.setRowSpacing(0);
    rects = {chart.axisRect(), new QCPAxisRect(&chart), new QCPAxisRect(&chart)};
    auto *margins = new QCPMarginGroup(&chart);
    for (std::size_t i = 0; i < rects.size(); ++i) {
        QCPAxisRect *rect = rects[i];
        if (i > 0)
            grid.addElement(static_cast<int>(i) + 1, 0, rect);
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        QCPAxis *batch = rect->axis(QCPAxis::atBottom);
        batch->setTickLabels(i + 1 == rects.size());
        for (QCPAxisRect *other : rects) {
            if (other != rect)
                connect(batch, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), other->axis(QCPAxis::atBottom),
                    qOverload<const QCPRange &>(&QCPAxis::setRange));
        }
        for (QCPAxis *axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
        }
    }
    rects.back()->axis(QCPAxis::atBottom)->setLabel(tr("Batch per card (sequences)"));
    add_drawing(&chart, QStringLiteral("background"), [this](QCPPainter &painter) { paint_background(painter); });
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        for (const SweepPanel panel : panels)
            paint_panel(painter, panel);
        for (const SweepPanel panel : panels)
            paint_measured(painter, panel);
    });
    add_drawing(&chart, QStringLiteral("axes"), [this](QCPPainter &painter) {
        paint_tags(painter);
        for (const SweepPanel panel : panels)
            paint_heading(painter, panel);
        for (const SweepPanel panel : panels) { // whole, also on an axis
            paint_ring(painter, panel);
            paint_change(painter, panel);
        }
    });
    set_theme(theme()); // the new axes too
}

ChartTable SweepChart::table() const
{
    ChartTable table;
    table.header = {tr("Batch"), tr("Tokens/s per user (tok/s)"), tr("Throughput per card (tok/s)"),
        tr("Step time (s)"), tr("Step time falls"), tr("Infeasible because of"), tr("Measured"),
        tr("Error of the estimated time per token"), tr("Source")};
    if (!newest())
        return table;
    const auto add = [&](const std::vector<SweepPoint> &points) {
        for (const SweepPoint &point : points) {
            table.rows.push_back({QString::number(point.batch), exact(point.ux_tps), exact(point.throughput_per_card),
                exact(point.step_s), point.falls ? QStringLiteral("true") : QStringLiteral("false"),
                point.reason ? qstring(name_of(*point.reason)) : QString(), {}, {}, {}});
        }
    };
    const SweepData current = sweep_data(*newest());
    add(current.points);
    for (const MeasuredSweepPoint &point : current.measured) {
        if (!measured_shown)
            break;
        const Measurement &row = newest()->inputs.measured->rows[point.measured.row];
        table.rows.push_back({exact(point.batch), exact(point.measured.ux_tps),
            exact(point.measured.throughput_per_card), exact(point.step_s), {}, {}, QString::fromStdString(row.id),
            point.measured.error ? exact(*point.measured.error) : QString(), QString::fromStdString(row.source)});
    }
    add_baselines(table, [&](const Baseline &pin) {
        if (const ChipView *view = pin.view(newest()->leading().scenario.chip.name))
            add(finite_points(*view));
    });
    return table;
}

QPointF SweepChart::pixel_of(const SweepPoint &point, SweepPanel panel) const
{
    const QCPAxisRect &rect = *rects[static_cast<std::size_t>(panel)];
    return {rect.axis(QCPAxis::atBottom)->coordToPixel(batch_of(point)),
        rect.axis(QCPAxis::atLeft)->coordToPixel(value_of(point, panel))};
}

QPointF SweepChart::pixel_of(const MeasuredSweepPoint &point, SweepPanel panel) const
{
    const QCPAxisRect &rect = *rects[static_cast<std::size_t>(panel)];
    return {rect.axis(QCPAxis::atBottom)->coordToPixel(point.batch),
        rect.axis(QCPAxis::atLeft)->coordToPixel(value_of(point, panel))};
}

void SweepChart::set_show_measured(bool show)
{
    measured_shown = show;
    redraw();
}

std::optional<SweepPanel> SweepChart::panel_at(const QPointF &position) const
{
    for (const SweepPanel panel : panels) {
        if (plot_area(*rects[static_cast<std::size_t>(panel)]).contains(position))
            return panel;
    }
    return std::nullopt;
}

const SweepPoint *SweepChart::point_near(const QPointF &position) const
{
    if (!explored() || !panel_at(position))
        return nullptr;
    const QCPAxis &axis = batch_axis();
    const SweepPoint *nearest = nullptr;
    double least = 0;
    for (const SweepPoint &point : data.points) {
        if (!axis.range().contains(batch_of(point)))
            continue;
        const double distance = std::abs(axis.coordToPixel(batch_of(point)) - position.x());
        if (!nearest || distance < least) {
            nearest = &point;
            least = distance;
        }
    }
    return nearest;
}

const MeasuredSweepPoint *SweepChart::measured_near(const QPointF &position) const
{
    const std::optional<SweepPanel> panel = explored() && measured_shown ? panel_at(position) : std::nullopt;
    const MeasuredSweepPoint *found = nullptr;
    double nearest = measured_size;
    for (const MeasuredSweepPoint &point : data.measured) {
        if (!panel)
            break;
        const double distance = QLineF(pixel_of(point, *panel), position).length();
        if (distance <= nearest) {
            nearest = distance;
            found = &point;
        }
    }
    return found;
}

std::optional<Hover> SweepChart::hover_at(const QPointF &position) const
{
    if (const MeasuredSweepPoint *measured = measured_near(position)) {
        Hover hover;
        hover.text = measured_text(*explored(), measured->measured);
        hover.crosshair = pixel_of(*measured, *panel_at(position));
        hover.number = error_of(*explored(), measured->measured.row);
        return hover;
    }
    const SweepPoint *point = point_near(position);
    if (!point)
        return std::nullopt;
    Candidate candidate = data.shown;
    candidate.point.batch = point->batch;
    Hover hover;
    hover.text = configuration_text(explored()->searched, candidate)
        + tr("\n%1 per user\n%2 per card\n%3 per step")
              .arg(value_text(*point, SweepPanel::ux), value_text(*point, SweepPanel::throughput),
                  value_text(*point, SweepPanel::step));
    if (point->falls)
        hover.text += tr("\n▼ published efficiency rule: step time falls here");
    // The same batch there.
    if (const Ghost *ghost = primary()) {
        const auto then = std::find_if(ghost->points.begin(), ghost->points.end(),
            [&](const SweepPoint &each) { return each.batch == point->batch; });
        const auto by = then == ghost->points.end() ? std::nullopt
                                                    : change_of(then->throughput_per_card, point->throughput_per_card);
        if (by)
            hover.text += u'\n' + against_text(*by, tr("%1 per card").arg(rate_text(by->before)), ghost->baseline.name);
    }
    for (const Infeasible &infeasible : estimate(scenario_of(explored()->searched, candidate)).infeasible) {
        QString reason = QString::fromStdString(text_of(infeasible));
        reason.replace(QStringLiteral("; "), QStringLiteral(";\n    "));
        hover.text += tr("\n✕ %1").arg(reason);
    }
    const SweepPanel panel = *panel_at(position);
    hover.crosshair = pixel_of(*point, panel);
    hover.number = Explainable{std::string(panel == SweepPanel::ux ? output::ux_tps
                                       : panel == SweepPanel::step ? output::step_time
                                                                   : output::throughput),
        selection_of(explored()->searched, candidate)};
    return hover;
}

void SweepChart::pick(const SweepPoint &point)
{
    Candidate candidate = data.shown;
    candidate.point.batch = point.batch;
    emit configuration_picked(selection_of(explored()->searched, candidate));
}

void SweepChart::clicked(const QPointF &position)
{
    if (const SweepPoint *point = point_near(position))
        pick(*point);
}

bool SweepChart::step(int direction)
{
    const auto after = std::partition_point(data.points.begin(), data.points.end(), [&](const SweepPoint &point) {
        return direction > 0 ? point.batch <= data.shown.point.batch : point.batch < data.shown.point.batch;
    });
    if (direction > 0 ? after == data.points.end() : after == data.points.begin())
        return false;
    pick(direction > 0 ? *after : *std::prev(after));
    return true;
}

bool SweepChart::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && explored()) {
        const auto *pressed = static_cast<QKeyEvent *>(event);
        const bool left = pressed->key() == Qt::Key_Left, right = pressed->key() == Qt::Key_Right;
        if ((left || right) && pressed->modifiers() == Qt::NoModifier && step(right ? 1 : -1))
            return true;
    }
    return Chart::eventFilter(watched, event);
}

const QCPAxis &SweepChart::batch_axis() const
{
    return *rects.front()->axis(QCPAxis::atBottom);
}

QColor SweepChart::colour() const
{
    return theme().chip(data.mark);
}

void SweepChart::draw(const Explored &explored, const Theme &theme)
{
    data = sweep_data(explored);
    ghosts.clear();
    for (const Baseline &pin : baselines().pins) {
        if (const ChipView *view = pin.view(explored.leading().scenario.chip.name))
            ghosts.push_back({pin, &pin == baselines().primary(), finite_points(*view), shown_point(*view)});
    }
    keep_legible(*this, 16, 12);
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
    for (const Ghost &ghost : ghosts)
        cover(ghost.points);
    // Measured points too, unless they would crush everything else.
    constexpr double farthest = 1.5;
    const double largest_batch = farthest * most_batch;
    std::array<double, sweep_panel_count> largest{};
    std::transform(most.begin(), most.end(), largest.begin(), [](double value) { return farthest * value; });
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
    fit_axis(rects.front()->axis(QCPAxis::atBottom), most_batch);
    for (const SweepPanel panel : panels)
        fit_axis(rects[static_cast<std::size_t>(panel)]->axis(QCPAxis::atLeft), most[static_cast<std::size_t>(panel)]);
    fill_legend(theme);
}

void SweepChart::arrange(const QSize &size)
{
    const int line = QFontMetrics(font()).height();
    const int ticks = std::clamp(size.height() / line / 8, 1, 4);
    for (std::size_t i = 0; i < rects.size(); ++i) {
        rects[i]->axis(QCPAxis::atLeft)->ticker()->setTickCount(ticks);
        rects[i]
            ->axis(QCPAxis::atLeft)
            ->ticker()
            ->setTickStepStrategy(ticks > 1 ? QCPAxisTicker::tssReadability : QCPAxisTicker::tssMeetTickCount);
        rects[i]->axis(QCPAxis::atBottom)->ticker()->setTickCount(size.width() < 30 * line ? 3 : 5);
        rects[i]->setMinimumMargins(QMargins(8, i == 0 ? 2 * line + 14 : line + 6, line, 2));
    }
}

void SweepChart::fill_legend(const Theme &theme)
{
    LegendEntries entries;
    entries.push_back({data.configuration,
        [colour = colour(), mark = data.mark](QCPPainter &painter, const QRectF &box) {
            painter.setPen(QPen(colour, 2));
            painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()));
            draw_chip_marker(painter, mark, box.center(), point_size, QPen(colour, 1), colour);
        },
        true});
    for (const Ghost &ghost : ghosts)
        entries.push_back(baseline_line(ghost.baseline, theme, true));
    if (const Baseline *baseline = baselines().primary(); baseline && !baseline->view(data.chip.toStdString()))
        entries.push_back({chip_change(*baseline, explored()->leading()).problem, nullptr});
    if (data.target_tps > 0) {
        entries.push_back({tr("target %1").arg(rate_text(data.target_tps)),
            [colour = theme.accent](QCPPainter &painter, const QRectF &box) {
                painter.setPen(QPen(colour, 2, Qt::DashLine));
                painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()));
            }});
    }
    const auto has = [&](Reason reason) {
        return std::any_of(
            data.points.begin(), data.points.end(), [&](const SweepPoint &point) { return point.reason == reason; });
    };
    if (has(Reason::target)) {
        const auto hollow = [colour = theme.infeasible, mark = data.mark, surface = theme.surface](
                                QCPPainter &painter, const QRectF &box) {
            draw_chip_marker(painter, mark, box.center(), point_size, QPen(colour, 1.5), surface);
        };
        entries.push_back({tr("below target"), hollow});
    }
    if (has(Reason::memory)) {
        entries.push_back({tr("out of memory"),
            [colour = theme.infeasible, hatch = theme.grid](QCPPainter &painter, const QRectF &box) {
                draw_hatch(painter, box.adjusted(0, 2, 0, -2), hatch);
                painter.setPen(QPen(colour, 1));
                painter.setBrush(Qt::NoBrush);
                painter.drawRect(box.adjusted(0, 2, 0, -2));
                draw_cross(painter, box.center(), point_size, QPen(colour, 1.5));
            }});
    }
    if (std::any_of(data.points.begin(), data.points.end(), [](const SweepPoint &point) { return point.falls; })) {
        entries.push_back({tr("step time falls"), [colour = theme.warning](QCPPainter &painter, const QRectF &box) {
                               draw_fall(painter, box.center() + QPointF(0, 4), colour);
                           }});
    }
    if (measured_shown && !data.measured.empty())
        entries.push_back(measured_legend(data.measured.size(), colour(), theme.surface));
    LegendEntries brief = entries;
    brief.front().text = brief_configuration_text(explored()->searched, data.shown);
    set_legend(legend, {std::move(entries), std::move(brief)}, {font(), theme.text, theme.muted});
}

void SweepChart::paint_background(QCPPainter &painter) const
{
    if (!explored())
        return;
    const double limit = batch_axis().coordToPixel(static_cast<double>(data.max_batch));
    for (const QCPAxisRect *rect : rects) {
        QRectF area = plot_area(*rect);
        area.setLeft(std::clamp(limit, area.left(), area.right()));
        draw_hatch(painter, area, theme().grid);
    }
    if (data.target_tps > 0) { // what is left of the first panel below the target
        QRectF area = plot_area(*rects.front());
        area.setRight(std::clamp(limit, area.left(), area.right()));
        area.setTop(
            std::clamp(rects.front()->axis(QCPAxis::atLeft)->coordToPixel(data.target_tps), area.top(), area.bottom()));
        draw_hatch(painter, area, theme().grid);
    }
}

void SweepChart::paint_panel(QCPPainter &painter, SweepPanel panel) const
{
    if (!explored())
        return;
    const QRectF area = plot_area(*rects[static_cast<std::size_t>(panel)]);
    painter.setAntialiasing(true);
    painter.setBrush(Qt::NoBrush);
    if (panel == SweepPanel::ux && data.target_tps > 0) {
        const double y = rects.front()->axis(QCPAxis::atLeft)->coordToPixel(data.target_tps);
        if (area.top() <= y && y <= area.bottom()) {
            painter.setPen(QPen(theme().accent, line_width(2), Qt::DashLine));
            painter.drawLine(QLineF(area.left(), y, area.right(), y));
        }
    }

    paint_ghosts(painter, panel);
    QVector<QPointF> all;
    for (const SweepPoint &point : data.points)
        all << pixel_of(point, panel);
    painter.setPen(QPen(theme().infeasible, 1));
    draw_path(painter, all, area);
    painter.setPen(QPen(colour(), line_width(2.5)));
    QVector<QPointF> run;
    for (std::size_t i = 0; i <= data.points.size(); ++i) {
        if (i < data.points.size() && !data.points[i].reason) {
            run << all[static_cast<qsizetype>(i)];
        } else {
            draw_path(painter, run, area);
            run.clear();
        }
    }

    const double spacing =
        data.points.size() < 2 ? area.width() : area.width() / static_cast<double>(data.points.size());
    const bool crowded = spacing < point_size;
    const Stamp good = chip_stamp(painter, data.mark, point_size, QPen(theme().surface, 1), colour());
    const Stamp slow = chip_stamp(painter, data.mark, point_size - 1, QPen(theme().infeasible, 1.5), theme().surface);
    const Stamp misfit = cross_stamp(painter, point_size - 1, QPen(theme().infeasible, 1.5));
    for (std::size_t i = 0; i < data.points.size(); ++i) {
        const SweepPoint &point = data.points[i];
        const QPointF &at = all[static_cast<qsizetype>(i)];
        if (!area.contains(at))
            continue;
        if (point.falls && panel == SweepPanel::step)
            draw_fall(painter, at - QPointF(0, 6), theme().warning);
        if (!crowded)
            (!point.reason ? good : *point.reason == Reason::target ? slow : misfit).at(at);
    }
}

void SweepChart::paint_ring(QCPPainter &painter, SweepPanel panel) const
{
    if (!explored())
        return;
    const QPointF at = pixel_of(data.marked, panel);
    if (!plot_area(*rects[static_cast<std::size_t>(panel)]).contains(at))
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().surface, 5));
    painter.drawEllipse(at, 8, 8);
    painter.setPen(QPen(
        data.marked.reason ? theme().infeasible : colour(), 2.5, data.marked.reason ? Qt::DashLine : Qt::SolidLine));
    painter.drawEllipse(at, 8, 8);
}

// Dashed; only what can serve. An open marker where each stood.
void SweepChart::paint_ghosts(QCPPainter &painter, SweepPanel panel) const
{
    const QRectF area = plot_area(*rects[static_cast<std::size_t>(panel)]);
    for (const Ghost &ghost : ghosts) {
        QVector<QPointF> run;
        painter.setPen(theme().baseline_pen(ghost.baseline.mark, line_width(1.5)));
        for (const SweepPoint &point : ghost.points) {
            if (!point.reason) {
                run << pixel_of(point, panel);
                continue;
            }
            draw_path(painter, run, area);
            run.clear();
        }
        draw_path(painter, run, area);
        if (const QPointF at = pixel_of(ghost.shown, panel); !ghost.shown.reason && area.contains(at))
            draw_chip_marker(
                painter, data.mark, at, point_size, QPen(theme().baseline(ghost.baseline.mark), 1.5), theme().surface);
    }
}

const SweepChart::Ghost *SweepChart::primary() const
{
    const auto found = std::find_if(ghosts.begin(), ghosts.end(), [](const Ghost &ghost) { return ghost.is_primary; });
    return found == ghosts.end() ? nullptr : &*found;
}

// Of the configuration on show, if both can serve.
std::optional<ValueChange> SweepChart::change(SweepPanel panel) const
{
    const Ghost *then = primary();
    return then && !then->shown.reason && !data.marked.reason
        ? change_of(value_of(then->shown, panel), value_of(data.marked, panel))
        : std::nullopt;
}

QColor SweepChart::colour_of(const ValueChange &change, SweepPanel panel) const
{
    return change_colour(
        change, baselines().threshold, panel == SweepPanel::step ? Better::lower : Better::higher, theme());
}

// From where the primary baseline stood to what is shown.
void SweepChart::paint_change(QCPPainter &painter, SweepPanel panel) const
{
    const std::optional<ValueChange> by = explored() ? change(panel) : std::nullopt;
    if (!by)
        return;
    const QRectF area = plot_area(*rects[static_cast<std::size_t>(panel)]);
    constexpr double ring = 9; // px
    const ChangeArrow arrow{pixel_of(primary()->shown, panel), pixel_of(data.marked, panel), point_size / 2, ring};
    if (area.contains(arrow.from) && area.contains(arrow.to))
        draw_arrow(painter, arrow, colour_of(*by, panel));
}

void SweepChart::paint_measured(QCPPainter &painter, SweepPanel panel) const
{
    if (!explored() || !measured_shown)
        return;
    const QRectF area = plot_area(*rects[static_cast<std::size_t>(panel)]);
    painter.setAntialiasing(true);
    const Stamp stamp = measured_stamp(painter, colour(), theme().surface);
    for (const MeasuredSweepPoint &point : data.measured) {
        if (const QPointF at = pixel_of(point, panel); area.contains(at))
            stamp.at(at);
    }
}

void SweepChart::paint_heading(QCPPainter &painter, SweepPanel panel) const
{
    if (!explored())
        return;
    const QRectF area = plot_area(*rects[static_cast<std::size_t>(panel)]);
    const std::array<QStringList, sweep_panel_count> titles{
        QStringList{tr("Tokens/s per user (tok/s)"), tr("tok/s per user")},
        QStringList{tr("Throughput per card (tok/s)"), tr("tok/s per card")},
        QStringList{tr("Step time (ms)"), tr("Step (ms)")}};
    QFont bold = font();
    bold.setBold(true);
    const double baseline = area.top() - 4 - QFontMetricsF(font()).descent();
    // On a backing, for the lines of the tags pass here.
    const auto write = [&](double x, const QString &text, const QFont &in, const QColor &pen) {
        const QFontMetricsF metrics(in);
        painter.fillRect(
            QRectF(x - 1, baseline - metrics.ascent(), metrics.horizontalAdvance(text) + 2, metrics.height()),
            theme().surface);
        painter.setFont(in);
        painter.setPen(pen);
        painter.drawText(QPointF(x, baseline), text);
    };
    const QString value = value_text(data.marked, panel);
    const std::optional<ValueChange> by = change(panel);
    const QString difference = by ? u' ' + change_text(*by) : QString();
    const double end = area.right() - QFontMetricsF(bold).horizontalAdvance(difference),
                 start = end - QFontMetricsF(bold).horizontalAdvance(value);
    write(area.left(), first_fitting(titles[static_cast<std::size_t>(panel)], font(), start - area.left() - 6), font(),
        theme().text);
    write(start, value, bold, data.marked.reason ? theme().muted : colour());
    if (by)
        write(end, difference, bold, colour_of(*by, panel));
}

void SweepChart::paint_tags(QCPPainter &painter) const
{
    if (!explored())
        return;
    QFont bold = font();
    bold.setBold(true);
    painter.setAntialiasing(true);
    const QRectF first = plot_area(*rects.front());
    const double foot = first.top() - QFontMetricsF(font()).height() - 5;
    const QRect whole = plot()->viewport();
    const QColor on_fill = theme().dark ? theme().window : theme().surface;
    double left = whole.left() + 2, right = whole.right() - 2; // of the room for a tag
    // A line through all panels, with its tag on top; returns the tag's box.
    const auto mark = [&](std::int64_t batch, const QString &text, const QColor &fill, double width, double from,
                          double to) -> std::optional<QRectF> {
        const double x = batch_axis().coordToPixel(static_cast<double>(batch));
        if (x < first.left() || x > first.right())
            return std::nullopt;
        painter.setPen(QPen(fill, width));
        for (const QCPAxisRect *rect : rects)
            painter.drawLine(QLineF(x, rect->top(), x, rect->bottom()));
        painter.setPen(QPen(fill, 1));
        painter.drawLine(QLineF(x, foot, x, first.top()));
        return draw_tag(painter, text, bold, QPointF(x, foot), from, to, fill, on_fill);
    };
    const QString batch_text = tr("batch %1").arg(data.marked.batch),
                  full = tr("memory full at %1").arg(data.max_batch);
    constexpr double between_tags = 4;
    const double room =
        right - left - tag_width(batch_text, bold) - between_tags - tag_width(QStringLiteral(" →"), bold);
    const QString text =
        first_fitting(data.max_batch > 0 ? QStringList{full, tr("full at %1").arg(data.max_batch)}
                                         : QStringList{tr("the weights alone do not fit"), tr("nothing fits")},
            bold, room);
    // Side by side in the order of what they name, each with room for the other.
    const bool fits = data.marked.batch <= data.max_batch;
    const double beside = tag_width(batch_text, bold) + between_tags;
    const double left_of_full = fits ? left + beside : left, right_of_full = fits ? right : right - beside;
    std::optional<QRectF> box = mark(data.max_batch, text, theme().muted, 2, left_of_full, right_of_full);
    if (!box && static_cast<double>(data.max_batch) > batch_axis().range().upper)
        box = draw_tag(painter, text + QStringLiteral(" →"), bold, QPointF(first.right() + 2, foot), left_of_full,
            right_of_full, theme().muted, on_fill);
    if (box)
        (fits ? right : left) = fits ? box->left() - between_tags : box->right() + between_tags;
    mark(data.marked.batch, batch_text, colour(), 1, left, right);
}

} // namespace epscope
