// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/chart.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>
#include <utility>

#include <QApplication>
#include <QDataStream>
#include <QMetaMethod>
#include <QMouseEvent>
#include <QPointer>
#include <QTimer>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/accessible_table.h"
#include "core/io/csv.h"

namespace epscope {
namespace {

QString csv_row_text(const QStringList &cells, char separator)
{
    std::vector<std::string> texts;
    for (const QString &cell : cells)
        texts.push_back(cell.toStdString());
    return QString::fromStdString(csv_line(texts, separator));
}

constexpr qint64 closely = 1000; // ms between turns of the wheel that are one step
constexpr std::size_t most_zooms = 100; // that lead back

// Plots with new data are drawn one per turn of the event loop, so that input gets in between; the round ends with all
// of them put on the screen at once. What is asked for during a round and not drawn yet is drawn in it, with the newest
// data.
class Turns : public QObject {
public:
    static Turns &instance()
    {
        static QPointer<Turns> turns;
        if (!turns)
            turns = new Turns(QApplication::instance());
        return *turns;
    }

    void add(QCustomPlot *plot)
    {
        if (std::find(waiting.begin(), waiting.end(), plot) == waiting.end())
            waiting.emplace_back(plot);
        timer.start();
    }

private:
    std::deque<QPointer<QCustomPlot>> waiting;
    std::size_t left = 0; // of this round
    std::vector<QPointer<QCustomPlot>> drawn;
    QTimer timer;

    explicit Turns(QObject *parent)
        : QObject(parent)
    {
        connect(&timer, &QTimer::timeout, this, &Turns::next);
    }

    void next()
    {
        if (left == 0 && !drawn.empty()) {
            flush();
            return;
        }
        if (waiting.empty()) {
            timer.stop();
            return;
        }
        if (left == 0)
            left = waiting.size();
        --left;
        const QPointer<QCustomPlot> plot = std::move(waiting.front());
        waiting.pop_front();
        if (!plot)
            return;
        drawn.push_back(plot);
        plot->replot(QCustomPlot::rpQueuedRefresh);
    }

    // Left to itself, Qt waits for some milliseconds before it paints.
    void flush()
    {
        std::set<const QWidget *> windows;
        for (const QPointer<QCustomPlot> &plot : drawn) {
            if (plot && windows.insert(plot->window()).second)
                plot->repaint(); // and with it all that has changed in its window
        }
        drawn.clear();
    }
};

} // namespace

struct Chart::Pan {
    QPointF from; // px
    Qt::MouseButton button;
    std::vector<std::pair<QCPAxis *, QCPRange>> axes; // with their ranges before
    bool moved = false;
};

QString ChartTable::csv(char separator) const
{
    QString text = csv_row_text(header, separator);
    for (const QStringList &row : rows)
        text += csv_row_text(row, separator);
    return text;
}

ChartTable::operator Table() const
{
    Table typed;
    for (const QString &title : header)
        typed.columns.push_back({title, {}});
    for (const QStringList &row : rows) {
        std::vector<TableCell> &cells = typed.rows.emplace_back().cells;
        for (const QString &text : row) {
            bool is_number = false;
            const double number = text.toDouble(&is_number);
            cells.push_back(is_number && std::isfinite(number) ? TableCell(number) : TableCell(text));
        }
    }
    return typed;
}

Chart::Chart(const QString &id, const QString &title, QWidget *parent)
    : QWidget(parent)
    , name(id)
    , heading(title)
    , canvas(new QCustomPlot(this))
    , colours(&Theme::light())
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(canvas);
    offer_tables_of_charts();
    setAccessibleName(title);
    canvas->setAccessibleName(title);
    canvas->setLocale(QLocale::c());
    canvas->setPlottingHints(QCP::phCacheLabels | QCP::phFastPolylines);
    canvas->setSelectionRectMode(QCP::srmZoom);
    canvas->setInteractions(QCP::iRangeZoom);
    canvas->setMouseTracking(true);
    canvas->setAttribute(Qt::WA_NoMousePropagation, false); // or a right click would reach nobody who has a menu
    canvas->installEventFilter(this);
    canvas->setFocusPolicy(Qt::StrongFocus);

    vertical = new QCPItemLine(canvas);
    horizontal = new QCPItemLine(canvas);
    readout = new QCPItemText(canvas);
    for (QCPAbstractItem *item : std::initializer_list<QCPAbstractItem *>{vertical, horizontal, readout}) { // bottom up
        item->setLayer(QStringLiteral("overlay"));
        item->setSelectable(false);
        item->setVisible(false);
        item->setClipToAxisRect(false);
    }
    readout->position->setType(QCPItemPosition::ptAbsolute);
    readout->setPadding(QMargins(6, 4, 6, 4));
    readout->setTextAlignment(Qt::AlignLeft);
    for (QCPItemLine *line : {vertical, horizontal}) {
        line->start->setType(QCPItemPosition::ptAbsolute);
        line->end->setType(QCPItemPosition::ptAbsolute);
    }

    connect(canvas, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        if (event->buttons() == Qt::NoButton)
            show_hover(event->position());
    });
    connect(canvas, &QCustomPlot::afterReplot, this, [this] {
        emit painted();
        if (std::exchange(filled, false) && readout->visible()) // something else may lie under the mouse now
            show_hover(hover_position);
    });
    apply_theme();
}

Chart::~Chart() = default;

void Chart::set_theme(const Theme &theme)
{
    colours = &theme;
    apply_theme();
    redraw();
}

void Chart::set_explored(std::shared_ptr<const Explored> explored)
{
    shown = std::move(explored);
    redraw();
}

void Chart::set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines)
{
    pinned = baselines;
    set_explored(std::move(explored));
}

void Chart::set_highlight(std::optional<OpId> operator_id)
{
    lit = operator_id;
    redraw();
}

void Chart::fit()
{
    if (zoomed)
        will_zoom();
    show_zoom({});
}

void Chart::fit_anew()
{
    earlier.clear();
    later.clear();
    show_zoom({});
}

QByteArray Chart::zoom() const
{
    QByteArray bytes;
    if (!zoomed)
        return bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (const QCPAxisRect *rect : canvas->axisRects()) {
        for (const QCPAxis *axis : rect->axes())
            stream << axis->range().lower << axis->range().upper;
    }
    return bytes;
}

void Chart::set_zoom(const QByteArray &zoom)
{
    std::vector<QCPAxis *> axes;
    for (const QCPAxisRect *rect : canvas->axisRects()) {
        for (QCPAxis *axis : rect->axes())
            axes.push_back(axis);
    }
    constexpr std::size_t bytes_per_axis = 2 * sizeof(double);
    if (static_cast<std::size_t>(zoom.size()) != axes.size() * bytes_per_axis)
        return; // none, or of another version
    QDataStream stream(zoom);
    for (QCPAxis *axis : axes) {
        QCPRange range;
        stream >> range.lower >> range.upper;
        if (QCPRange::validRange(range))
            axis->setRange(range);
    }
    zoomed = true;
    redraw();
}

void Chart::set_auto_scale(bool on)
{
    auto_scale = on;
    redraw();
}

// Empty: fitted.
void Chart::show_zoom(const QByteArray &zoom)
{
    zoomed = false;
    refit = zoom.isEmpty();
    if (refit)
        redraw();
    else
        set_zoom(zoom);
}

// What the axes show now is where a step back leads.
void Chart::will_zoom()
{
    if (earlier.size() == most_zooms)
        earlier.erase(earlier.begin());
    earlier.push_back(zoom());
    later.clear();
    turned.invalidate();
}

void Chart::step_zoom(std::vector<QByteArray> &from, std::vector<QByteArray> &to)
{
    if (from.empty())
        return;
    to.push_back(zoom());
    const QByteArray next = std::move(from.back());
    from.pop_back();
    turned.invalidate();
    hide_hover();
    show_zoom(next);
}

void Chart::zoom_back()
{
    step_zoom(earlier, later);
}

void Chart::zoom_forward()
{
    step_zoom(later, earlier);
}

void Chart::clicked(const QPointF &) { }

std::optional<Explainable> Chart::number_at(const QPoint &global) const
{
    const std::optional<Hover> hover = drawn ? hover_at(canvas->mapFromGlobal(global)) : std::nullopt;
    return hover && hover->number ? hover->number : current_number();
}

std::optional<Explainable> Chart::current_number() const
{
    return Explainable{lit ? operator_number(*lit) : main_number()};
}

std::string Chart::operator_number(OpId id) const
{
    return name_of_runs(id, OperatorRuns::once);
}

bool Chart::explains() const
{
    return isSignalConnected(QMetaMethod::fromSignal(&Chart::explanation_wanted));
}

bool Chart::is_seen() const
{
    return !canvas->visibleRegion().isEmpty();
}

void Chart::redraw()
{
    stale = true;
    if (!shown || !is_seen())
        return;
    fill();
    Turns::instance().add(canvas);
}

// What was drawn before lives until nothing refers to it any more.
void Chart::draw_newest()
{
    const std::shared_ptr<const Explored> before = std::exchange(drawn, shown);
    const PinnedBaselines baselines_before = std::exchange(drawn_baselines, pinned);
    draw(*drawn, *colours);
}

void Chart::fill()
{
    stale = false;
    draw_newest();
    refit = false;
    filled = true;
    separate_overlay(readout->visible());
}

void Chart::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (stale)
        redraw();
}

void Chart::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Back))
        zoom_back();
    else if (event->matches(QKeySequence::Forward))
        zoom_forward();
    else
        QWidget::keyPressEvent(event);
}

// The mouse's buttons for it mean nothing else to the plot.
bool Chart::steps_zoom(const QMouseEvent &event)
{
    if (event.button() != Qt::BackButton && event.button() != Qt::ForwardButton)
        return false;
    if (event.type() != QEvent::MouseButtonRelease)
        event.button() == Qt::BackButton ? zoom_back() : zoom_forward();
    return true;
}

bool Chart::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::Leave:
        hide_hover();
        break;
    case QEvent::Paint: // of a tab that comes to the front there is no other sign
        if (stale && shown) {
            fill();
            canvas->replot(QCustomPlot::rpQueuedRefresh);
        }
        break;
    case QEvent::Wheel:
        if (canvas->axisRectAt(static_cast<QWheelEvent *>(event)->position())) {
            if (!turned.isValid() || turned.hasExpired(closely))
                will_zoom();
            turned.start();
            zoomed = true;
            hide_hover();
        }
        break;
    case QEvent::MouseButtonPress: {
        const auto &mouse = *static_cast<QMouseEvent *>(event);
        if (steps_zoom(mouse))
            return true;
        if (mouse.button() == Qt::RightButton)
            return true; // a menu takes its release, and the plot would go on zooming
        if (mouse.button() == Qt::LeftButton) {
            press_position = mouse.position();
            separate_overlay(true);
        }
        return start_pan(mouse);
    }
    case QEvent::MouseButtonDblClick: {
        const auto &mouse = *static_cast<QMouseEvent *>(event);
        if (steps_zoom(mouse))
            return true;
        if (mouse.button() == Qt::LeftButton) {
            double_clicked = true;
            fit();
        }
        break;
    }
    case QEvent::MouseMove: {
        const auto &mouse = *static_cast<QMouseEvent *>(event);
        if (mouse.buttons() != Qt::NoButton)
            hide_hover();
        if (!pan)
            break;
        pan_to(mouse.position());
        return true;
    }
    case QEvent::MouseButtonRelease: {
        const auto &mouse = *static_cast<QMouseEvent *>(event);
        if (steps_zoom(mouse))
            return true;
        if (pan && mouse.button() == pan->button) {
            pan.reset();
            canvas->unsetCursor();
            return true;
        }
        if (mouse.button() == Qt::LeftButton)
            released(mouse.position());
        break;
    }
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

// A drag zooms, anything shorter is a click. Of a double click the first one counts.
void Chart::released(const QPointF &position)
{
    QCPSelectionRect &selection = *canvas->selectionRect();
    if (selection.isActive()) { // it has shown where; the rest is done here
        selection.cancel();
        if (!selection.rect().isEmpty())
            selection.layer()->replot();
    }
    if (double_clicked)
        double_clicked = false;
    else if ((position - press_position).manhattanLength() < QApplication::startDragDistance())
        clicked(position);
    else
        zoom_to(QRectF(press_position, position).normalized());
}

// Only in the directions in which the mouse has gone some way.
void Chart::zoom_to(const QRectF &box)
{
    QCPAxisRect *rect = canvas->axisRectAt(press_position);
    if (!rect)
        return;
    const QRectF area = box.intersected(rect->rect());
    const auto far_enough = [&](Qt::Orientation orientation) {
        return (orientation == Qt::Horizontal ? area.width() : area.height()) >= QApplication::startDragDistance();
    };
    if (!far_enough(Qt::Horizontal) && !far_enough(Qt::Vertical))
        return;
    will_zoom();
    for (const Qt::Orientation orientation : {Qt::Horizontal, Qt::Vertical}) {
        const bool across = orientation == Qt::Horizontal;
        if (!far_enough(orientation))
            continue;
        for (QCPAxis *axis : rect->rangeZoomAxes(orientation)) {
            axis->setRange(axis->pixelToCoord(across ? area.left() : area.bottom()),
                axis->pixelToCoord(across ? area.right() : area.top()));
            zoomed = true;
        }
    }
    redraw();
}

bool Chart::start_pan(const QMouseEvent &event)
{
    const bool wanted = event.button() == Qt::MiddleButton
        || (event.button() == Qt::LeftButton && event.modifiers() == Qt::ShiftModifier);
    QCPAxisRect *rect = canvas->axisRectAt(event.position());
    if (!wanted || pan || !rect)
        return false;
    pan = std::make_unique<Pan>(Pan{event.position(), event.button(), {}, false});
    for (const Qt::Orientation orientation : {Qt::Horizontal, Qt::Vertical}) {
        for (QCPAxis *axis : rect->rangeZoomAxes(orientation))
            pan->axes.emplace_back(axis, axis->range());
    }
    canvas->setFocus(Qt::MouseFocusReason);
    return true;
}

void Chart::pan_to(const QPointF &position)
{
    if (!std::exchange(pan->moved, true))
        will_zoom();
    zoomed = true;
    for (const auto &[axis, before] : pan->axes) {
        axis->setRange(before);
        const QPointF way = position - pan->from;
        const double moved = axis->orientation() == Qt::Horizontal ? way.x() : way.y();
        const double lower = axis->coordToPixel(before.lower) - moved, upper = axis->coordToPixel(before.upper) - moved;
        axis->setRange(axis->pixelToCoord(lower), axis->pixelToCoord(upper));
    }
    canvas->setCursor(Qt::ClosedHandCursor);
    redraw();
}

void Chart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        setMinimumSize(0, 0); // until drawn with the new font
        apply_theme();
        redraw();
    }
}

AxisFit Chart::axis_fit() const
{
    return {zoomed, refit, !auto_scale && !pinned.covered.empty()};
}

void Chart::paint(QPaintDevice &device, const QRect &area, const Theme &theme,
    const std::function<void(QPainter &)> &frame, const std::optional<QFont> &type)
{
    const Theme &before = *colours;
    const QRect on_screen = canvas->viewport();
    const QFont own = testAttribute(Qt::WA_SetFont) ? font() : QFont(); // an empty one is that of the parent
    hide_hover();
    if (type)
        setFont(*type);
    colours = &theme;
    apply_theme();
    canvas->setViewport(QRect(QPoint(0, 0), area.size()));
    if (shown)
        draw_newest();
    paint_plot(*canvas, device, area, frame);
    canvas->setViewport(on_screen);
    colours = &before;
    if (type)
        setFont(own);
    apply_theme();
    redraw();
}

void Chart::apply_theme()
{
    const Theme &theme = *colours;
    style_plot(*canvas, theme, font());
    readout->setFont(font());
    readout->setColor(theme.text);
    readout->setBrush(theme.surface);
    readout->setPen(QPen(theme.axis, 1));
    const QPen cross(theme.muted, 1, Qt::DashLine);
    vertical->setPen(cross);
    horizontal->setPen(cross);
    canvas->selectionRect()->setPen(QPen(theme.accent, 1, Qt::DashLine));
    canvas->selectionRect()->setBrush(Qt::NoBrush);
}

// With a buffer of its own what lies over the plot changes without the plot being drawn again. A buffer costs with
// every repaint, though, so there is none while nothing lies there.
void Chart::separate_overlay(bool separate)
{
    canvas->layer(QStringLiteral("overlay"))->setMode(separate ? QCPLayer::lmBuffered : QCPLayer::lmLogical);
}

void Chart::show_hover(const QPointF &position)
{
    if (const std::optional<Hover> hover = drawn ? hover_at(position) : std::nullopt) {
        show_readout(position, *hover);
    } else {
        hover_position = position;
        hide_hover();
    }
}

void Chart::show_readout(const QPointF &position, const Hover &hover)
{
    hover_position = position;
    const QRect area = canvas->viewport();
    const bool right = position.x() < area.width() / 2.0;
    const bool below = position.y() < area.height() / 2.0;
    constexpr double distance = 14;
    readout->setText(hover.text);
    readout->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    // Beside the mouse, but inside the plot as far as it fits.
    const QSize size = QFontMetrics(readout->font())
                           .boundingRect(QRect(), Qt::AlignLeft, hover.text)
                           .marginsAdded(readout->padding())
                           .size();
    const double x = position.x() + (right ? distance : -distance - size.width()),
                 y = position.y() + (below ? distance : -distance - size.height());
    readout->position->setCoords(std::max(0.0, std::min(x, area.width() - size.width() - 2.0)),
        std::max(0.0, std::min(y, area.height() - size.height() - 2.0)));
    readout->setVisible(true);
    if (hover.crosshair) {
        QRect inner;
        for (const QCPAxisRect *rect : canvas->axisRects())
            inner |= rect->rect();
        vertical->start->setCoords(hover.crosshair->x(), inner.top());
        vertical->end->setCoords(hover.crosshair->x(), inner.bottom());
        horizontal->start->setCoords(inner.left(), hover.crosshair->y());
        horizontal->end->setCoords(inner.right(), hover.crosshair->y());
    }
    vertical->setVisible(hover.crosshair.has_value());
    horizontal->setVisible(hover.crosshair.has_value());
    separate_overlay(true);
    canvas->layer(QStringLiteral("overlay"))->replot();
    emit hovered(hover.text);
    emit operator_hovered(hover.operator_id);
}

void Chart::hide_hover()
{
    if (!readout->visible())
        return;
    readout->setVisible(false);
    vertical->setVisible(false);
    horizontal->setVisible(false);
    canvas->layer(QStringLiteral("overlay"))->replot();
    emit hovered({});
    emit operator_hovered(std::nullopt);
}

} // namespace epscope
