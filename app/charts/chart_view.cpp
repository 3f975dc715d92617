// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/chart_view.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QDataStream>
#include <QMetaMethod>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/accessible_table.h"
#include "app/charts/option_controls.h"
#include "app/charts/replot_turns.h"
#include "app/words/text.h"
#include "core/find.h"

namespace epscope {
namespace {

constexpr qint64 closely = 1000; // ms between turns of the wheel that are one step
constexpr std::size_t most_zooms = 100; // that lead back

// How far a search has come.
QString searching_text(double part)
{
    return ChartView::tr("searching, %1 %").arg(static_cast<int>(std::floor(100 * part)));
}

} // namespace

struct ChartView::Pan {
    QPointF from; // px
    Qt::MouseButton button;
    std::vector<std::pair<QCPAxis *, QCPRange>> axes; // with their ranges before
    bool moved = false;
};

ChartView::ChartView(const SceneKind &of_kind, QWidget *parent)
    : QWidget(parent)
    , kind(of_kind)
    , known(kind.options ? kind.options() : std::vector<ChartOption>())
    , canvas(new QCustomPlot(this))
    , colours(&Theme::light())
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(canvas);
    offer_tables_of_charts();
    setAccessibleName(title());
    canvas->setAccessibleName(title());
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
    add_drawing(canvas, QStringLiteral("axes"), [this](QCPPainter &painter) {
        if (const QString text = drawn ? state_text() : QString(); !text.isEmpty())
            paint_state(painter, canvas->viewport(), text, font(), *colours);
    });
    drawing = new ScenePlot(*canvas, kind.panels, kind.across);

    connect(canvas, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        if (event->buttons() == Qt::NoButton)
            show_hover(event->position());
    });
    connect(canvas, &QCustomPlot::afterReplot, this, [this] {
        emit painted();
        if (std::exchange(filled, false) && readout->visible()) // something else may lie under the mouse now
            show_hover(hover_position);
    });
    asked_too_long.setSingleShot(true);
    asked_too_long.setInterval(1000);
    connect(&asked_too_long, &QTimer::timeout, this, [this] {
        if (drag)
            return;
        asked_input.reset();
        redraw();
    });
    for (const ChartOption &option : known)
        values[option.key] = option.value;
    controls = std::make_unique<OptionControls>(*this);
    apply_theme();
}

ChartView::~ChartView() = default;

QString ChartView::id() const
{
    return to_text(kind.id);
}

QString ChartView::title() const
{
    return tr(kind.title);
}

void ChartView::set_theme(const Theme &theme)
{
    colours = &theme;
    apply_theme();
    redraw();
}

void ChartView::set_explored(std::shared_ptr<const Explored> explored)
{
    newest = std::move(explored);
    redraw();
}

void ChartView::set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines)
{
    pinned = baselines;
    set_explored(std::move(explored));
}

void ChartView::set_highlight(std::optional<OpId> operator_id)
{
    if (!kind.lights || operator_id == lit)
        return;
    lit = operator_id;
    redraw();
}

std::vector<OptionChoice> ChartView::choices_of(const ChartOption &option) const
{
    return option.choices ? option.choices(newest_input()) : std::vector<OptionChoice>();
}

QString ChartView::option(const QString &key) const
{
    const auto found = values.find(key);
    return found == values.end() ? QString() : found->second;
}

QString ChartView::option_text(const QString &key) const
{
    const ChartOption &asked_of = *find_in(known, key, &ChartOption::key);
    const QString value = option(key);
    QStringList texts = asked_of.control == ChartOption::Control::pair ? value.split(u'|') : QStringList{value};
    const std::vector<OptionChoice> choices = choices_of(asked_of);
    for (QString &text : texts) {
        if (const OptionChoice *choice = find_in(choices, text, &OptionChoice::value))
            text = choice->name.isEmpty() ? choice->text : choice->name;
    }
    return texts.join(u" × ");
}

void ChartView::set_options(const OptionValues &wanted)
{
    QStringList changed;
    bool other_axes = false;
    for (const ChartOption &each : known) {
        const auto value = wanted.find(each.key);
        if (value == wanted.end() || option(each.key) == value->second
            || (each.is_value && !each.is_value(value->second)))
            continue;
        values[each.key] = value->second;
        changed << each.key;
        other_axes = other_axes || each.other_axes;
    }
    if (changed.isEmpty())
        return;
    controls->show();
    if (other_axes)
        fit_anew();
    else
        redraw();
    for (const QString &key : changed)
        emit option_changed(key);
    if (asks())
        emit question_set();
}

// What the next scene is made of.
SceneInput ChartView::newest_input() const
{
    SceneInput input;
    input.explored = newest;
    input.baselines = pinned;
    input.answer = used;
    input.theme = colours;
    input.font = font();
    input.lit = lit;
    input.options = values;
    input.dragged = asked_input;
    input.dragging = drag.has_value();
    return input;
}

// With what needs its question answered first, which takes the input too.
Scene ChartView::newest_scene(SceneInput input) const
{
    if (!asks())
        return kind.scene(input);
    input.stale = is_stale();
    input.state_width =
        is_answered() ? 0 : QFontMetricsF(font()).horizontalAdvance(searching_text(1)) + 2 * text_padding;
    if (input.answer)
        return kind.scene(input);
    Scene empty;
    empty.panels.resize(kind.panels);
    empty.veiled = true;
    empty.table = [title = title()] { return Table{{{title}}, {{{tr("not searched yet: nobody has looked at it")}}}}; };
    return empty;
}

bool ChartView::is_seen() const
{
    return !canvas->visibleRegion().isEmpty();
}

void ChartView::redraw()
{
    stale = true;
    if (!newest || !is_seen())
        return;
    fill();
    replot_in_turn(*canvas);
}

void ChartView::fill()
{
    stale = false;
    if (asks())
        ask();
    else
        controls->show();
    const std::optional<Question> before =
        std::exchange(drawn_question, asks() && used ? std::optional(used->question) : std::nullopt);
    if (before && drawn_question && kind.axes_of(*before) != kind.axes_of(*drawn_question))
        forget_zoom();
    Scene made = newest_scene(newest_input());
    if (asked_input && !drag) {
        const auto here = made.draggable.find(asked_input->key);
        constexpr double rounding = 1e-9;
        if (here == made.draggable.end()
            || std::abs(here->second - asked_input->value) <= rounding * std::abs(here->second))
            asked_input.reset();
    }
    if (!asked_input)
        asked_too_long.stop();
    if (kind.lines_across > 0 && !made.veiled)
        keep_legible(*this, kind.lines_across, kind.lines_down);
    // The axes stay put under the mouse.
    drawing->show(std::move(made), *colours, font(), drag ? std::nullopt : std::optional(axis_fit()));
    drawn = true;
    refit = false;
    filled = true;
    separate_overlay(readout->visible());
}

void ChartView::apply_theme()
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

Table ChartView::table() const
{
    const Scene made = newest ? newest_scene(newest_input()) : Scene();
    return made.table ? made.table() : Table();
}

void ChartView::paint(QPaintDevice &device, const QRect &area, const Theme &theme,
    const std::function<void(QPainter &)> &frame, const std::optional<QFont> &type) const
{
    ScenePicture picture;
    SceneInput input = newest_input();
    input.theme = picture.theme = &theme;
    input.font = picture.font = type.value_or(font());
    if (newest)
        picture.scene = newest_scene(input);
    else
        picture.scene.panels.resize(kind.panels);
    picture.across = kind.across;
    picture.fit = axis_fit();
    picture.ranges = ranges_of(*canvas);
    picture.state = newest ? state_text() : QString();
    paint_picture(picture, device, area, frame);
}

// What takes many searches.

Question ChartView::question() const
{
    const std::optional<Question> wanted = asks() ? kind.question(newest_input()) : std::nullopt;
    return wanted.value_or(SeekQuestion{});
}

Study ChartView::subject() const
{
    return kind.subject ? kind.subject(newest_input()) : study_in_question(*newest);
}

void ChartView::prepare()
{
    if (kind.prepare)
        values = kind.prepare(newest_input());
    controls->show();
}

void ChartView::ask()
{
    if (!newest || !asks())
        return;
    prepare();
    choose_answer();
    const Question wanted = question();
    if (!newest->exact || is_answered() || !can_ask() || (asked_for == newest && asked_question == wanted))
        return;
    asked_for = newest;
    asked_question = wanted;
    done = 0;
    halted = false;
    emit asked(subject(), wanted);
}

void ChartView::set_answer(std::shared_ptr<const Answer> answer)
{
    latest = std::move(answer);
    choose_answer();
    redraw();
}

void ChartView::hear_answer(const std::shared_ptr<const Answer> &answer)
{
    if (!newest || !asks() || answer->question.index() != question().index())
        return;
    if (is_own(*answer) || own_part(*answer))
        set_answer(answer);
    else if (answer->complete && asked_for == newest && !halted && !is_answered())
        take_back(true);
}

bool ChartView::complete(const Running &running)
{
    if (is_answered())
        return true;
    prepare();
    set_answer(answer_to(subject(), question(), running));
    return used != nullptr;
}

void ChartView::set_progress(double fraction)
{
    done = fraction;
    canvas->layer(QStringLiteral("axes"))->replot();
}

void ChartView::take_back(bool ask_again)
{
    halted = !ask_again;
    if (ask_again)
        asked_for.reset();
    redraw();
}

bool ChartView::is_own(const Answer &answer) const
{
    return answer.question == question() && answer.study == subject();
}

// What it says of what it is against, where that is on show alone.
std::shared_ptr<const Answer> ChartView::own_part(const Answer &answer) const
{
    std::shared_ptr<const Answer> part = answer_against(answer, subject());
    return part && part->question == question() ? part : nullptr;
}

void ChartView::choose_answer()
{
    used = latest;
    if (!latest || !newest || !is_stale())
        return;
    if (std::shared_ptr<const Answer> part = own_part(*latest))
        used = std::move(part);
}

bool ChartView::is_stale() const
{
    return !used || !newest || !is_own(*used);
}

// "searching, 40 %" where an answer is under way, else empty: stands in the upper right corner, in the first row of a
// legend.
QString ChartView::state_text() const
{
    if (kind.unasked && !can_ask())
        return tr(kind.unasked);
    if (is_answered())
        return {};
    return halted ? tr("stopped") : searching_text(done);
}

// What the axes show.

void ChartView::fit()
{
    if (zoomed)
        will_zoom();
    show_zoom({});
}

void ChartView::fit_anew()
{
    forget_zoom();
    redraw();
}

void ChartView::forget_zoom()
{
    earlier.clear();
    later.clear();
    zoomed = false;
    refit = true;
}

QByteArray ChartView::zoom() const
{
    QByteArray bytes;
    if (!zoomed)
        return bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (const auto &[lower, upper] : ranges_of(*canvas))
        stream << lower << upper;
    return bytes;
}

void ChartView::set_zoom(const QByteArray &zoom)
{
    const std::vector<QCPAxis *> axes = axes_of(*canvas);
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

void ChartView::set_auto_scale(bool on)
{
    auto_scale = on;
    redraw();
}

// Empty: fitted.
void ChartView::show_zoom(const QByteArray &zoom)
{
    zoomed = false;
    refit = zoom.isEmpty();
    if (refit)
        redraw();
    else
        set_zoom(zoom);
}

// What the axes show now is where a step back leads.
void ChartView::will_zoom()
{
    if (earlier.size() == most_zooms)
        earlier.erase(earlier.begin());
    earlier.push_back(zoom());
    later.clear();
    turned.invalidate();
}

void ChartView::step_zoom(std::vector<QByteArray> &from, std::vector<QByteArray> &to)
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

// The mouse's buttons for it mean nothing else to the plot.
bool ChartView::steps_zoom(const QMouseEvent &event)
{
    if (event.button() != Qt::BackButton && event.button() != Qt::ForwardButton)
        return false;
    if (event.type() != QEvent::MouseButtonRelease)
        event.button() == Qt::BackButton ? zoom_back() : zoom_forward();
    return true;
}

// Only in the directions in which the mouse has gone some way.
void ChartView::zoom_to(const QRectF &box)
{
    QCPAxisRect *rect = canvas->axisRectAt(press_position);
    if (!rect)
        return;
    const QRectF area = box.intersected(rect->rect());
    const bool across = area.width() >= QApplication::startDragDistance(),
               upwards = area.height() >= QApplication::startDragDistance();
    if (!across && !upwards)
        return;
    will_zoom();
    const auto set = [&](Qt::Orientation orientation, double from, double to) {
        for (QCPAxis *axis : rect->rangeZoomAxes(orientation)) {
            axis->setRange(axis->pixelToCoord(from), axis->pixelToCoord(to));
            zoomed = true;
        }
    };
    if (across)
        set(Qt::Horizontal, area.left(), area.right());
    if (upwards)
        set(Qt::Vertical, area.bottom(), area.top());
    redraw();
}

bool ChartView::start_pan(const QMouseEvent &event)
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

void ChartView::pan_to(const QPointF &position)
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

// What lies under the mouse.

std::optional<Hover> ChartView::hover_at(const QPointF &position) const
{
    std::optional<Hover> hover = drawing->legend_hover(position);
    if (!hover)
        hover = laid_out().hover(position);
    return hover ? std::optional(told(std::move(*hover))) : hover;
}

// As the readout has it: lines that fit, and what a click does where somebody explains numbers.
Hover ChartView::told(Hover hover) const
{
    if (std::holds_alternative<Explainable>(hover.action)
        && isSignalConnected(QMetaMethod::fromSignal(&ChartView::explanation_wanted)))
        hover.text += u'\n' + tr("click: where it comes from");
    constexpr double share = 0.85, most = 64; // of the plot's width; characters
    const QFontMetricsF metrics(canvas->font());
    hover.text =
        folded_to(hover.text, canvas->font(), std::min(share * canvas->width(), most * metrics.averageCharWidth()));
    return hover;
}

std::optional<Explainable> ChartView::number_at(const QPoint &global) const
{
    const std::optional<Hover> hover = drawn ? hover_at(canvas->mapFromGlobal(global)) : std::nullopt;
    return hover && hover->number ? hover->number : current_number();
}

// Of the scene on show or, before there is one, of that to come.
std::optional<Explainable> ChartView::current_number() const
{
    if (drawn || !newest)
        return Explainable{scene().number_of(lit)};
    return Explainable{newest_scene(newest_input()).number_of(lit)};
}

void ChartView::show_hover(const QPointF &position)
{
    if (const std::optional<Hover> hover = drawn ? hover_at(position) : std::nullopt) {
        show_readout(position, *hover);
    } else {
        hover_position = position;
        hide_hover();
    }
}

// At a position, px.
void ChartView::show_readout(const QPointF &position, const Hover &hover)
{
    hover_position = position;
    const QRect area = canvas->viewport();
    const bool right = position.x() < area.width() / 2.0;
    const bool below = position.y() < area.height() / 2.0;
    constexpr double distance = 14;
    readout->setText(hover.text);
    readout->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    // Next to the mouse, but inside the plot as far as it fits.
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

void ChartView::hide_hover()
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

// With a buffer of its own what lies over the plot changes without the plot being drawn again. A buffer costs with
// every repaint, though, so there is none while nothing lies there.
void ChartView::separate_overlay(bool separate)
{
    canvas->layer(QStringLiteral("overlay"))->setMode(separate ? QCPLayer::lmBuffered : QCPLayer::lmLogical);
}

// What mouse and keyboard do.

void ChartView::clicked(const QPointF &position)
{
    if (const std::optional<Hover> hover = drawn ? laid_out().hover(position) : std::nullopt)
        act(hover->action);
}

void ChartView::act(const Action &action)
{
    if (const auto *selection = std::get_if<Selection>(&action))
        emit configuration_picked(*selection);
    else if (const auto *number = std::get_if<Explainable>(&action))
        emit explanation_wanted(*number);
    else if (const auto *inputs = std::get_if<SetInputs>(&action))
        emit inputs_picked(*inputs);
    else if (const auto *slider = std::get_if<ShowSlider>(&action))
        emit parameter_picked(slider->key);
    else if (const auto *wanted = std::get_if<Dragged>(&action))
        ask_for(*wanted);
}

void ChartView::ask_for(const Dragged &wanted)
{
    if (asked_input && asked_input->key == wanted.key && asked_input->value == wanted.value)
        return;
    asked_input = wanted;
    asked_too_long.start();
    redraw();
    emit input_dragged(wanted.key, wanted.text);
}

bool ChartView::start_drag(const QPointF &position)
{
    const Handle *handle = drawn ? laid_out().handle_at(position) : nullptr;
    if (!handle)
        return false;
    drag = Drag{handle->key, position, handle->grip(position), handle->value, handle->stated, false};
    hide_hover();
    return true;
}

void ChartView::drag_to(const QPointF &position)
{
    if (!drag->moved && (position - drag->pressed).manhattanLength() < 2)
        return;
    drag->moved = true;
    if (const Handle *handle = laid_out().handle_of(drag->key))
        ask_for(Dragged(handle->settle(handle->value_at(drag->from + position - drag->pressed))));
}

void ChartView::end_drag(const QPointF &position)
{
    const bool moved = drag->moved;
    drag.reset();
    if (moved) {
        asked_too_long.start();
        redraw();
    } else {
        clicked(position);
    }
}

bool ChartView::press_key(int key, Qt::KeyboardModifiers modifiers)
{
    if (drag && key == Qt::Key_Escape) {
        const Drag ended = *std::exchange(drag, std::nullopt);
        if (const Handle *handle = laid_out().handle_of(ended.key))
            ask_for(
                ended.stated.isEmpty() ? handle->settle(ended.before) : Dragged{ended.key, ended.before, ended.stated});
        return true;
    }
    if (!drawn)
        return false;
    if (const std::optional<Action> action = scene().on_key ? scene().on_key(key, modifiers) : std::nullopt) {
        act(*action);
        return true;
    }
    return modifiers == Qt::NoModifier && walk(key);
}

// From mark to mark, in the order of the layout.
bool ChartView::walk(int key)
{
    const bool known_key = key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Home || key == Qt::Key_End;
    const bool enters = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (!known_key && !(enters && walked))
        return false;
    std::vector<std::pair<const Hits *, std::size_t>> marks;
    const QRectF seen(canvas->viewport());
    for (const Hits &hits : laid_out().hits) {
        for (std::size_t i = 0; hits.walks && i < hits.areas.size(); ++i) {
            const QRectF &area = hits.areas[i];
            if (seen.contains(area.center()) && (area.isValid() || area.size().isNull()))
                marks.emplace_back(&hits, i);
        }
    }
    if (marks.empty())
        return false;
    const std::size_t last = marks.size() - 1;
    if (enters) {
        const auto [hits, index] = marks[std::min(*walked, last)];
        act(hits->about(index).action);
        return true;
    }
    if (key == Qt::Key_Home || (!walked && key == Qt::Key_Right))
        walked = 0;
    else if (key == Qt::Key_End || !walked)
        walked = last;
    else
        walked = key == Qt::Key_Right ? std::min(*walked + 1, last) : *walked - (*walked > 0 ? 1 : 0);
    const auto [hits, index] = marks[*walked];
    const Hover hover = told(hits->about(index));
    show_readout(hits->areas[index].center(), hover);
    canvas->setAccessibleDescription(hover.text);
    return true;
}

bool ChartView::press(const QMouseEvent &event)
{
    if (event.button() == Qt::LeftButton && event.modifiers() == Qt::NoModifier && start_drag(event.position()))
        return true;
    if (steps_zoom(event) || event.button() == Qt::RightButton)
        return true; // a menu takes the right one's release, and the plot would go on zooming
    if (event.button() == Qt::LeftButton) {
        press_position = event.position();
        separate_overlay(true);
    }
    return start_pan(event);
}

bool ChartView::move(const QMouseEvent &event)
{
    if (drag) {
        drag_to(event.position());
        return true;
    }
    if (event.buttons() != Qt::NoButton)
        hide_hover();
    else if (const Handle *handle = drawn ? laid_out().handle_at(event.position()) : nullptr)
        canvas->setCursor(handle->cursor);
    else
        canvas->unsetCursor();
    if (pan)
        pan_to(event.position());
    return pan != nullptr;
}

bool ChartView::release(const QMouseEvent &event)
{
    if (drag && event.button() == Qt::LeftButton) {
        end_drag(event.position());
        return true;
    }
    if (steps_zoom(event))
        return true;
    if (pan && event.button() == pan->button) {
        pan.reset();
        canvas->unsetCursor();
        return true;
    }
    if (event.button() == Qt::LeftButton)
        released(event.position());
    return false;
}

// A drag zooms, anything shorter is a click. Of a double click the first one counts.
void ChartView::released(const QPointF &position)
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

bool ChartView::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::Leave:
        hide_hover();
        break;
    case QEvent::Paint: // of a tab that comes to the front there is no other sign
        if (stale && newest) {
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
    case QEvent::MouseButtonPress:
        return press(*static_cast<QMouseEvent *>(event));
    case QEvent::MouseMove:
        return move(*static_cast<QMouseEvent *>(event));
    case QEvent::MouseButtonRelease:
        return release(*static_cast<QMouseEvent *>(event));
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
    case QEvent::KeyPress: {
        const auto &pressed = *static_cast<QKeyEvent *>(event);
        if (press_key(pressed.key(), pressed.modifiers()))
            return true;
        break;
    }
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

void ChartView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Back))
        zoom_back();
    else if (event->matches(QKeySequence::Forward))
        zoom_forward();
    else
        QWidget::keyPressEvent(event);
}

void ChartView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (stale)
        redraw();
}

void ChartView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        setMinimumSize(0, 0); // until drawn with the new font
        apply_theme();
        redraw();
    }
}

} // namespace epscope
