// SPDX-License-Identifier: GPL-3.0-or-later
// A scene on a plot that has its axes: the one on the screen or one of a file's own.
#pragma once

#include <functional>

#include <QObject>

#include "app/charts/scene.h"

class QCPAxis;
class QCPLayoutElement;
class QCustomPlot;
class QPaintDevice;
class QPainter;
class QRect;

namespace epscope {

// How an axis takes what is to be seen.
struct AxisFit {
    bool zoomed = false; // it stays
    bool anew = true; // it is fitted to these data alone
    bool grows_only = false; // so that what moves has changed: next to a baseline
};
// To least...most with room above, rounded so that small changes leave it as it is.
void fit_axis(QCPAxis &axis, double least, double most, const AxisFit &how);

// Colours and type of axes and legend.
void style_plot(QCustomPlot &plot, const Theme &theme, const QFont &font);

// "searching, 40 %" in the upper right corner.
void paint_state(
    QCPPainter &painter, const QRect &viewport, const QString &text, const QFont &font, const Theme &theme);

class ScenePlot : public QObject {
    Q_OBJECT
public:
    // The plot owns it.
    ScenePlot(QCustomPlot &plot, std::size_t panels, bool across);

    // The axes keep their ranges where `fit` is empty.
    void show(Scene scene, const Theme &theme, const QFont &font, const std::optional<AxisFit> &fit);
    const Scene &scene() const { return shown; }
    Frame frame() const;
    // Of the axes as they stand.
    const SceneLayout &layout() const;
    std::optional<Hover> legend_hover(const QPointF &position) const;

private:
    QCustomPlot &plot;
    bool across;
    QCPLayoutElement *legend;
    Scene shown;
    QFont type;
    bool filled = false;
    mutable std::optional<Frame> laid_for;
    mutable SceneLayout laid;

    void add_panels(std::size_t count);
    void arrange(const QSize &size);
    void set_axis(QCPAxis &axis, const SceneAxis &wanted, const std::optional<AxisFit> &fit) const;
};

// A picture of a scene on a plot of its own: nothing on the screen is touched.
struct ScenePicture {
    Scene scene;
    bool across = false;
    const Theme *theme = &Theme::light();
    QFont font;
    AxisFit fit;
    std::vector<std::pair<double, double>> ranges; // of the axes on the screen, in the order of the plot's
    QString state; // of a search under way
};
// `frame` paints what lies behind and around it: a device takes one painter only.
void paint_picture(const ScenePicture &picture, QPaintDevice &device, const QRect &area,
    const std::function<void(QPainter &)> &frame = {});
// Onto a device from the plot's own painter: vector where the device is.
void paint_plot(
    QCustomPlot &plot, QPaintDevice &device, const QRect &area, const std::function<void(QPainter &)> &frame);

// Of all panels, in one order.
std::vector<QCPAxis *> axes_of(const QCustomPlot &plot);
std::vector<std::pair<double, double>> ranges_of(const QCustomPlot &plot);

} // namespace epscope
