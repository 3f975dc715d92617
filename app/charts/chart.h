// SPDX-License-Identifier: GPL-3.0-or-later
// What all charts have in common: theme, redraw when seen, axes that do not jump, zoom, pan, hover and export. A chart
// fills the plot in draw(), says what lies under the mouse in hover_at(), and gives its data as a table.
//
// Dragging over the plot zooms in on what is dragged over, with Shift or the middle button it moves it; the wheel
// zooms, a double click fits the axes to the data again. Alt+Left and Alt+Right or the mouse's back and forward buttons
// lead through the zooms, which are no steps of the session's history.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QByteArray>
#include <QElapsedTimer>
#include <QImage>
#include <QString>
#include <QStringList>
#include <QWidget>

#include "app/charts/explainable.h"
#include "app/charts/scene_plot.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "core/explore/explored.h"

class QCPAxis;
class QCPItemLine;
class QCPItemText;
class QCustomPlot;
class QMouseEvent;
class QPaintDevice;
class QPainter;

namespace epscope {

// The data of a chart as it is shown, for CSV and for readers that cannot see it; numbers in full precision.
struct ChartTable {
    QStringList header; // with units
    std::vector<QStringList> rows;

    QString csv(char separator = ',') const; // tabs for the clipboard, as spreadsheets take it
    // Cells that read as numbers are numbers.
    operator Table() const;
};

class Chart : public QWidget, public ShowsNumbers {
    Q_OBJECT
public:
    // `id`: for file names and --view; `title`: for people.
    Chart(const QString &id, const QString &title, QWidget *parent = nullptr);
    ~Chart() override;

    const QString &id() const { return name; }
    const QString &title() const { return heading; }

    void set_theme(const Theme &theme);
    void set_explored(std::shared_ptr<const Explored> explored);
    // With what is drawn beside it, to compare it with.
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
    virtual void set_highlight(std::optional<OpId> operator_id);
    virtual ChartTable table() const = 0;
    virtual Table typed_table() const { return table(); }
    // Axes fitted to the data, as after a double click.
    void fit();
    // Likewise, and no zoom from before comes back: the axes are of something else.
    void fit_anew();
    // By one drag or one turn of the wheel.
    void zoom_back();
    void zoom_forward();
    // The ranges of the axes if somebody has zoomed or panned, to be kept from one start to the next; empty if not.
    QByteArray zoom() const;
    // What is not such is ignored.
    void set_zoom(const QByteArray &zoom);
    // Beside a baseline the axes fit every result anew; else they only grow, so that what moves has changed.
    void set_auto_scale(bool on);
    // The chart as it is shown, drawn anew in a theme and size: for export. Vector where the device is.
    // `frame` paints what lies behind and around it: a device takes one painter only.
    virtual void paint(QPaintDevice &device, const QRect &area, const Theme &theme,
        const std::function<void(QPainter &)> &frame = {}, const std::optional<QFont> &type = {});
    QCustomPlot *plot() const { return canvas; }
    // Where there is none under the mouse, the chart's own.
    std::optional<Explainable> number_at(const QPoint &global) const override;
    std::optional<Explainable> current_number() const override;

signals:
    void hovered(const QString &text);
    void operator_hovered(std::optional<epscope::OpId> operator_id);
    void configuration_picked(const epscope::Selection &selection);
    void explanation_wanted(const epscope::Explainable &number);
    void painted(); // after every repaint of new data

protected:
    // Fills the plot from the latest result. Never called without one, nor for a chart that nobody sees: hidden, or
    // behind another tab.
    virtual void draw(const Explored &explored, const Theme &theme) = 0;
    virtual std::optional<Hover> hover_at(const QPointF &position) const = 0;
    virtual void clicked(const QPointF &position);
    // What the chart as a whole is about, by the name that find_explanation() knows.
    virtual std::string main_number() const { return std::string(output::throughput); }
    // What it shows of an operator, likewise.
    virtual std::string operator_number(OpId id) const;

    // What the last draw() was given: whatever the chart keeps of it, indices too, is of these, also while a newer
    // result waits until somebody sees the chart.
    const std::shared_ptr<const Explored> &explored() const { return drawn; }
    const PinnedBaselines &baselines() const { return drawn_baselines; }
    // What the next draw() will be given: for tables and questions, which wait for nobody.
    const std::shared_ptr<const Explored> &newest() const { return shown; }
    const PinnedBaselines &newest_baselines() const { return pinned; }
    const Theme &theme() const { return *colours; }
    std::optional<OpId> highlighted() const { return lit; }
    // Is a number explained that is clicked on? Else nothing offers it.
    bool explains() const;
    AxisFit axis_fit() const;
    // At a position, px.
    void show_readout(const QPointF &position, const Hover &hover);
    void hide_hover();
    // Redraws if there is something to draw and somebody to see it.
    void redraw();

    void showEvent(QShowEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Pan;

    QString name, heading;
    QCustomPlot *canvas;
    QCPItemText *readout;
    QCPItemLine *vertical, *horizontal;
    const Theme *colours;
    std::shared_ptr<const Explored> shown, drawn;
    PinnedBaselines pinned, drawn_baselines;
    std::optional<OpId> lit;
    bool stale = false;
    bool filled = false; // and not painted yet
    bool zoomed = false;
    bool refit = true; // the axes start anew with the next result drawn
    bool auto_scale = false;
    std::vector<QByteArray> earlier, later; // zooms, the nearest last
    QElapsedTimer turned; // since the wheel was, unless something else has zoomed meanwhile
    QPointF press_position; // px, with the left button
    bool double_clicked = false; // and the button not released yet
    std::unique_ptr<Pan> pan; // while the plot is moved
    QPointF hover_position; // px, of the readout

    bool is_seen() const;
    void fill();
    void draw_newest();
    void released(const QPointF &position);
    void zoom_to(const QRectF &box);
    void will_zoom();
    void show_zoom(const QByteArray &zoom);
    void step_zoom(std::vector<QByteArray> &from, std::vector<QByteArray> &to);
    bool steps_zoom(const QMouseEvent &event);
    bool start_pan(const QMouseEvent &event);
    void pan_to(const QPointF &position);
    void apply_theme();
    void separate_overlay(bool separate);
    void show_hover(const QPointF &position);
};

} // namespace epscope
