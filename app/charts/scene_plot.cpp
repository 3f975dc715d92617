// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/scene_plot.h"

#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

#include "app/charts/operator_blocks.h"

namespace epscope {
namespace {

// The next of these, in tenths, times a power of ten.
double nice_ceiling(double value)
{
    if (!(value > 0))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const int tenths :
        {10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 33, 36, 40, 45, 50, 55, 60, 70, 80, 90}) {
        if (tenths * power / 10 >= value)
            return tenths * power / 10;
    }
    return 10 * power;
}

FrameAxis frame_of(const QCPAxis &axis, const QRect &rect)
{
    FrameAxis frame;
    frame.lower = axis.range().lower;
    frame.upper = axis.range().upper;
    frame.log = axis.scaleType() == QCPAxis::stLogarithmic;
    frame.upwards = axis.orientation() == Qt::Vertical;
    frame.start = frame.upwards ? rect.top() : rect.left();
    frame.last = frame.upwards ? rect.bottom() : rect.right();
    frame.length = frame.upwards ? rect.height() : rect.width();
    return frame;
}

void set_texts(QCPAxis &axis, const AxisTexts &texts)
{
    axis.setLabel(texts.label);
    axis.ticker()->setTickCount(texts.ticks);
    axis.ticker()->setTickStepStrategy(texts.exactly ? QCPAxisTicker::tssMeetTickCount : QCPAxisTicker::tssReadability);
}

} // namespace

void fit_axis(QCPAxis &axis, double least, double most, const AxisFit &how)
{
    constexpr double smallest_filled = 0.75; // of the axis: below it shrinks
    if (how.zoomed)
        return;
    const QCPRange range = axis.range();
    const bool grows = !how.anew && how.grows_only;
    const double lower = grows ? std::min(least, range.lower) : least, above = lower + (most - lower) * 1.03;
    const bool filled_enough = grows || above - lower >= smallest_filled * (range.upper - lower);
    const bool kept = !how.anew && range.lower == lower && above <= range.upper && filled_enough;
    if (!kept)
        axis.setRange(lower, grows && above <= range.upper ? range.upper : lower + nice_ceiling(above - lower));
}

void style_plot(QCustomPlot &plot, const Theme &theme, const QFont &font)
{
    plot.setBackground(theme.surface);
    const QPen axis_pen(theme.axis, 1);
    for (QCPAxis *axis : axes_of(plot)) {
        axis->setBasePen(axis_pen);
        axis->setTickPen(axis_pen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setLabelColor(theme.text);
        axis->setTickLabelColor(theme.text);
        axis->setLabelFont(font);
        axis->setTickLabelFont(font);
        axis->grid()->setPen(QPen(theme.grid, 1));
        axis->grid()->setSubGridVisible(false);
        axis->grid()->setZeroLinePen(QPen(theme.axis, 1));
    }
}

void paint_state(QCPPainter &painter, const QRect &viewport, const QString &text, const QFont &font, const Theme &theme)
{
    painter.setFont(font);
    painter.setPen(theme.muted);
    painter.drawText(QRectF(viewport).adjusted(0, legend_top, -text_padding, 0), Qt::AlignRight | Qt::AlignTop, text);
}

ScenePlot::ScenePlot(QCustomPlot &of_plot, std::size_t panels, bool beside_each_other)
    : QObject(&of_plot)
    , plot(of_plot)
    , across(beside_each_other)
    , legend(make_legend(&of_plot, [this](const QSize &size) { arrange(size); }))
{
    plot.plotLayout()->insertRow(0);
    plot.plotLayout()->addElement(0, 0, legend);
    plot.plotLayout()->setRowSpacing(0);
    plot.plotLayout()->setColumnSpacing(0);
    add_panels(panels);
    const auto add = [&](const QString &layer, Marks SceneLayout::*marks) {
        add_drawing(&plot, layer, [this, marks](QCPPainter &painter) {
            if (filled)
                (layout().*marks).paint(painter);
        });
    };
    add(QStringLiteral("background"), &SceneLayout::background);
    add(QStringLiteral("main"), &SceneLayout::main);
    add(QStringLiteral("axes"), &SceneLayout::axes);
}

void ScenePlot::add_panels(std::size_t count)
{
    QCPLayoutGrid &grid = *plot.plotLayout();
    std::vector<QCPAxisRect *> rects{plot.axisRect()};
    auto *margins = count > 1 ? new QCPMarginGroup(&plot) : nullptr;
    while (rects.size() < count) {
        rects.push_back(new QCPAxisRect(&plot));
        const auto place = static_cast<int>(rects.size());
        grid.addElement(across ? 1 : place, across ? place - 1 : 0, rects.back());
    }
    for (QCPAxisRect *rect : rects) {
        if (margins)
            rect->setMarginGroup(across ? QCP::MarginSides(QCP::msBottom) : QCP::msLeft | QCP::msRight, margins);
        for (QCPAxisRect *other : rects) {
            if (other != rect && !across)
                connect(rect->axis(QCPAxis::atBottom), qOverload<const QCPRange &>(&QCPAxis::rangeChanged),
                    other->axis(QCPAxis::atBottom), qOverload<const QCPRange &>(&QCPAxis::setRange));
        }
        if (count == 1)
            continue;
        for (QCPAxis *axis : rect->axes()) { // of all panels in one order
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
        }
    }
}

void ScenePlot::set_axis(QCPAxis &axis, const SceneAxis &wanted, const std::optional<AxisFit> &fit) const
{
    const bool seen = wanted.visible && !shown.veiled;
    if (axis.visible() != seen)
        axis.setVisible(seen);
    axis.setTicks(wanted.ticks);
    axis.setTickLabels(wanted.ticks);
    axis.grid()->setVisible(wanted.grid && wanted.visible);
    if (wanted.ticks_outside)
        axis.setTickLength(0, 4);
    if ((axis.scaleType() == QCPAxis::stLogarithmic) != wanted.log) {
        axis.setScaleType(wanted.log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        axis.setTicker(wanted.log ? decade_ticker() : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    if (!fit)
        return;
    if (!wanted.exact)
        fit_axis(axis, wanted.from, wanted.to, *fit);
    else if (!fit->zoomed)
        axis.setRange(wanted.from, wanted.to);
}

void ScenePlot::show(Scene scene, const Theme &theme, const QFont &font, const std::optional<AxisFit> &fit)
{
    shown = std::move(scene);
    type = font;
    filled = true;
    laid_for.reset();
    const QList<QCPAxisRect *> rects = plot.axisRects();
    for (std::size_t i = 0; i < shown.panels.size(); ++i) {
        QCPAxisRect &rect = *rects[static_cast<qsizetype>(i)];
        QCPAxis *x = rect.axis(QCPAxis::atBottom), *y = rect.axis(QCPAxis::atLeft);
        const ScenePanel &panel = shown.panels[i];
        // Below each other they have one range along x: that of the first.
        set_axis(*x, panel.x, i > 0 && !across ? std::nullopt : fit);
        set_axis(*y, panel.y, fit);
        rect.setRangeZoomAxes(panel.x.zooms ? x : nullptr, panel.y.zooms ? y : nullptr);
    }
    LegendStyle style{font, theme.text, theme.muted};
    style.sample_width = shown.sample_width;
    style.aside = shown.aside;
    set_legend(legend, shown.legend.empty() ? std::vector<LegendEntries>{{}} : shown.legend, style);
}

void ScenePlot::arrange(const QSize &size)
{
    if (!filled || !shown.arrange || shown.veiled)
        return;
    const auto height = [this](double limit) {
        limit_legend(legend, limit);
        return static_cast<double>(legend->minimumOuterSizeHint().height());
    };
    const QList<QCPAxisRect *> rects = plot.axisRects();
    const QCPAxis &below = *rects.front()->axis(QCPAxis::atBottom);
    const Arrangement arrangement = shown.arrange(
        {size, type, height, static_cast<double>(below.padding() + below.tickLengthOut() + below.tickLabelPadding()),
            static_cast<double>(below.labelPadding())});
    limit_legend(legend, std::min<double>(arrangement.legend_limit, QWIDGETSIZE_MAX));
    for (std::size_t i = 0; i < arrangement.panels.size(); ++i) {
        const PanelRoom &room = arrangement.panels[i];
        QCPAxisRect &rect = *rects[static_cast<qsizetype>(i)];
        if (room.fixed)
            rect.setAutoMargins(QCP::msBottom);
        if (room.margins && room.fixed)
            rect.setMargins(*room.margins);
        else if (room.margins)
            rect.setMinimumMargins(*room.margins);
        if (room.width > 0) {
            rect.setMinimumSize(room.width, 0);
            rect.setMaximumSize(room.width, QWIDGETSIZE_MAX);
        }
        set_texts(*rect.axis(QCPAxis::atBottom), room.x);
        set_texts(*rect.axis(QCPAxis::atLeft), room.y);
        const ScenePanel &panel = shown.panels[i];
        rect.axis(QCPAxis::atBottom)->setTickLabels(panel.x.ticks && room.x.tick_labels);
        rect.axis(QCPAxis::atLeft)->setTickLabels(panel.y.ticks && room.y.tick_labels);
    }
}

Frame ScenePlot::frame() const
{
    Frame frame{plot.viewport().size(), {}};
    for (const QCPAxisRect *rect : plot.axisRects())
        frame.panels.push_back({QRectF(rect->rect()), frame_of(*rect->axis(QCPAxis::atBottom), rect->rect()),
            frame_of(*rect->axis(QCPAxis::atLeft), rect->rect())});
    return frame;
}

const SceneLayout &ScenePlot::layout() const
{
    if (!filled || !shown.layout || shown.veiled) {
        laid = {};
        laid_for.reset();
        return laid;
    }
    const Frame now = frame();
    if (laid_for != now) {
        laid = shown.layout(now);
        laid_for = now;
    }
    return laid;
}

std::optional<Hover> ScenePlot::legend_hover(const QPointF &position) const
{
    const std::optional<OpId> id = legend_operator_at(legend, position);
    if (!id || !filled)
        return std::nullopt;
    return Hover{operator_hover(*id), std::nullopt, id, Explainable{shown.number_of(id)}};
}

std::vector<QCPAxis *> axes_of(const QCustomPlot &plot)
{
    std::vector<QCPAxis *> all;
    for (const QCPAxisRect *rect : plot.axisRects()) {
        for (QCPAxis *axis : rect->axes())
            all.push_back(axis);
    }
    return all;
}

std::vector<std::pair<double, double>> ranges_of(const QCustomPlot &plot)
{
    std::vector<std::pair<double, double>> ranges;
    for (const QCPAxis *axis : axes_of(plot))
        ranges.emplace_back(axis->range().lower, axis->range().upper);
    return ranges;
}

void paint_plot(
    QCustomPlot &plot, QPaintDevice &device, const QRect &area, const std::function<void(QPainter &)> &frame)
{
    QCPPainter painter(&device);
    if (frame)
        frame(painter);
    painter.setMode(QCPPainter::pmVectorized, painter.paintEngine()->type() != QPaintEngine::Raster);
    painter.setMode(QCPPainter::pmNoCaching); // of tick labels as pixmaps
    painter.setMode(QCPPainter::pmNonCosmetic);
    painter.translate(area.topLeft());
    plot.toPainter(&painter, area.width(), area.height());
}

void paint_picture(
    const ScenePicture &picture, QPaintDevice &device, const QRect &area, const std::function<void(QPainter &)> &frame)
{
    QCustomPlot plot;
    plot.setLocale(QLocale::c());
    plot.setPlottingHints(QCP::phCacheLabels | QCP::phFastPolylines);
    plot.setViewport(QRect(QPoint(0, 0), area.size()));
    auto *shown = new ScenePlot(plot, picture.scene.panels.size(), picture.across);
    style_plot(plot, *picture.theme, picture.font);
    const std::vector<QCPAxis *> axes = axes_of(plot);
    for (std::size_t i = 0; i < std::min(axes.size(), picture.ranges.size()); ++i)
        axes[i]->setRange(picture.ranges[i].first, picture.ranges[i].second);
    shown->show(picture.scene, *picture.theme, picture.font, picture.fit);
    if (!picture.state.isEmpty())
        add_drawing(&plot, QStringLiteral("axes"), [&](QCPPainter &painter) {
            paint_state(painter, plot.viewport(), picture.state, picture.font, *picture.theme);
        });
    paint_plot(plot, device, area, frame);
}

} // namespace epscope
