// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/value_slider.h"

#include <algorithm>
#include <cmath>

#include <QAccessibleWidget>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>
#include <QToolTip>

#include "app/charts/marks.h"
#include "app/look/theme.h"
#include "app/words/text.h"
#include "core/spec/value_expression.h"

namespace epscope {
namespace {

constexpr int margin = 8; // px left and right of the texts
constexpr int magnet = 4; // px within which a drag falls on a labelled stop
constexpr double slower = 0.1; // of the mouse's way, with Shift
constexpr int finer_every = 40; // px away from the slider that halve the way
constexpr double page_factor = 2;
constexpr int page_steps = 10;

QFont tick_font(const QFont &base)
{
    QFont font = base;
    font.setPointSizeF(0.82 * base.pointSizeF());
    return font;
}

SliderScale::Grip grip_of(Qt::KeyboardModifiers modifiers)
{
    return modifiers.testFlag(Qt::ControlModifier) ? SliderScale::Grip::snap
        : modifiers.testFlag(Qt::ShiftModifier)    ? SliderScale::Grip::fine
                                                   : SliderScale::Grip::plain;
}

class SliderAccessible : public QAccessibleWidget, public QAccessibleValueInterface {
public:
    explicit SliderAccessible(ValueSlider *widget)
        : QAccessibleWidget(widget, QAccessible::Slider)
        , slider(widget)
    {
    }

    void *interface_cast(QAccessible::InterfaceType type) override
    {
        if (type == QAccessible::ValueInterface)
            return static_cast<QAccessibleValueInterface *>(this);
        return QAccessibleWidget::interface_cast(type);
    }
    QString text(QAccessible::Text kind) const override
    {
        if (kind == QAccessible::Value)
            return slider->value_text();
        if (kind == QAccessible::Description && !slider->message().isEmpty())
            return slider->message();
        return QAccessibleWidget::text(kind);
    }
    QVariant currentValue() const override { return slider->value() ? slider->value()->si() : QVariant(); }
    void setCurrentValue(const QVariant &value) override { slider->change_to(value.toDouble()); }
    QVariant maximumValue() const override { return slider->range().second; }
    QVariant minimumValue() const override { return slider->range().first; }
    QVariant minimumStepSize() const override { return slider->spec().step; }

private:
    ValueSlider *slider;
};

QAccessibleInterface *make_accessible(const QString &, QObject *object)
{
    auto *slider = qobject_cast<ValueSlider *>(object);
    return slider ? new SliderAccessible(slider) : nullptr;
}

} // namespace

const Theme &theme_of(const QWidget &widget)
{
    return widget.palette().color(QPalette::Window).lightness() < 128 ? Theme::night() : Theme::light();
}

ValueSlider::ValueSlider(SliderSpec spec, QWidget *parent)
    : QWidget(parent)
    , row(std::move(spec))
    , scale(row)
{
    static const bool installed = [] {
        QAccessible::installFactory(make_accessible);
        return true;
    }();
    static_cast<void>(installed);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setSizePolicy(policy);
    set_label(row.label);
    setAccessibleDescription(help_of(row.parameter));
    setToolTip(full_tooltip());
    update_range();
    update_height();
}

void ValueSlider::set_label(const QString &label)
{
    row.label = label;
    setAccessibleName(label);
    update();
}

void ValueSlider::set_value(const std::optional<Quantity> &value)
{
    if (value == current)
        return;
    current = value;
    if (!problem)
        set_message({}, false);
    update_range();
    update();
}

void ValueSlider::set_fallback(const std::optional<Quantity> &value, const QString &what)
{
    if (value == fallback && what == fallback_what)
        return;
    fallback = value;
    fallback_what = what;
    if (!current) {
        update_range();
        update();
    }
}

void ValueSlider::set_mark(const std::optional<Quantity> &value)
{
    if (value == mark)
        return;
    mark = value;
    update_range();
    update();
}

void ValueSlider::set_band(std::optional<std::pair<double, double>> value)
{
    if (value == band)
        return;
    band = value;
    update();
}

void ValueSlider::set_ghost(std::optional<double> si)
{
    if (si == offered)
        return;
    offered = si;
    update();
}

void ValueSlider::set_baseline(const std::optional<BaselineMark> &baseline)
{
    if (baseline == pinned)
        return;
    pinned = baseline;
    update();
}

bool ValueSlider::differs_from_baseline() const
{
    const std::optional<Quantity> value = shown();
    return pinned && value && value->si() != pinned->si;
}

void ValueSlider::set_curve(std::vector<CurveDot> curve, const QString &what)
{
    curve_what = what;
    if (curve == dots)
        return;
    dots = std::move(curve);
    update();
}

void ValueSlider::set_curve_stale(bool stale)
{
    if (stale == stale_curve)
        return;
    stale_curve = stale;
    if (!dots.empty())
        update();
}

std::vector<double> ValueSlider::values_along(int count) const
{
    const auto [low, high] = range();
    std::vector<double> values;
    if (row.only_stops) {
        for (const Stop &stop : scale.stops()) {
            if (stop.si >= low && stop.si <= high)
                values.push_back(stop.si);
        }
    } else {
        for (int i = 0; i < count; ++i) {
            const double si = std::clamp(scale.value_at(static_cast<double>(i) / (count - 1)), low, high);
            values.push_back(std::clamp(row.whole ? std::round(si) : si, row.parameter.min, row.parameter.max));
        }
        values.erase(std::unique(values.begin(), values.end()), values.end());
    }
    return values;
}

void ValueSlider::show_problem(const QString &text)
{
    set_message(text, true);
}

void ValueSlider::show_note(const QString &text)
{
    set_message(text, false);
}

void ValueSlider::set_message(const QString &text, bool is_problem)
{
    if (text == line && is_problem == problem)
        return;
    line = text;
    problem = is_problem;
    update_height();
    update();
}

void ValueSlider::change_to(double si)
{
    si = std::clamp(si, row.parameter.min, row.parameter.max);
    if (row.whole)
        si = std::round(si);
    if (const std::optional<Quantity> base = current ? current : mark ? mark : fallback) {
        apply(Quantity{si / base->unit->factor, base->unit});
        return;
    }
    const auto fitting =
        parse_quantity(compact_text(si, row.parameter.dimension), row.parameter.dimension, BareNumbers::allowed);
    if (const auto *value = std::get_if<Quantity>(&fitting))
        apply(*value);
}

void ValueSlider::apply(const std::optional<Quantity> &value)
{
    set_message({}, false);
    if (value == current)
        return;
    const std::pair<double, double> before = range();
    current = value;
    if (!dragging) // else the track would move under the thumb
        update_range();
    if (range().first < before.first || range().second > before.second)
        show_note(tr("Range widened to %1 – %2").arg(end_text(range().first), end_text(range().second)));
    repaint_now();
    if (QAccessible::isActive()) {
        QAccessibleValueChangeEvent change(this, current ? QVariant(current->si()) : QVariant());
        QAccessible::updateAccessibility(&change);
    }
    emit value_changed(current ? to_text(exact_text(*current)) : QString());
}

void ValueSlider::repaint_now()
{
    if (isVisible())
        repaint();
}

QString ValueSlider::end_text(double si) const
{
    return to_text(control_text(si, row.parameter.dimension));
}

void ValueSlider::restore_mark()
{
    if (mark)
        apply(mark);
    else if (row.optional)
        apply(std::nullopt);
    else
        emit reset_requested();
}

QString ValueSlider::factor_text() const
{
    if (!row.relative || !current || !mark || mark->si() == 0 || current->si() == mark->si())
        return {};
    return u"× "_qs + QString::number(current->si() / mark->si(), 'f', 2);
}

QString ValueSlider::value_text() const
{
    if (shows_baseline())
        return end_text(pinned->si);
    if (current) {
        const QString factor = factor_text();
        const QString text = to_text(control_text(*current));
        return factor.isEmpty() ? text : text + u"  "_qs + factor;
    }
    if (fallback)
        return fallback_what + u"  "_qs + to_text(control_text(*fallback));
    return tr("not set");
}

void ValueSlider::update_range()
{
    scale.set(shown(), mark, fallback);
}

void ValueSlider::drag_to(double fraction, Qt::KeyboardModifiers modifiers)
{
    const double pull = static_cast<double>(magnet) / std::max(1, places().track.width());
    go_to(scale.dragged_to(fraction, pull, grip_of(modifiers)));
}

// Within the track; on the mark exactly as the mark is written.
void ValueSlider::go_to(double si)
{
    const auto [low, high] = range();
    si = std::clamp(si, low, high);
    if (mark && si == mark->si())
        apply(mark);
    else
        change_to(si);
}

bool ValueSlider::is_wide() const
{
    constexpr int characters = 74;
    return width() >= characters * fontMetrics().averageCharWidth();
}

bool ValueSlider::has_tick_labels() const
{
    return row.relative || !row.stops.empty();
}

// Grows with the text: 6 px at the usual size.
int ValueSlider::thumb_radius() const
{
    constexpr int smallest = 6;
    return std::max(smallest, fontMetrics().height() / 3);
}

ValueSlider::Places ValueSlider::places() const
{
    const int text_height = fontMetrics().height(), track_height = 3 * thumb_radius();
    const int inset = std::max(0, thumb_radius() + 2 - margin); // so that the thumb and its ring stay inside
    const int tick_height = has_tick_labels() ? QFontMetrics(tick_font(font())).height() : 0;
    const QRect inner = rect().adjusted(margin, 2, -margin, -2);
    Places at;
    if (is_wide()) {
        const int label_width = inner.width() * 3 / 10, value_width = inner.width() * 27 / 100;
        const int line_height = std::max(text_height, track_height) + 4;
        at.label = QRect(inner.left(), inner.top(), label_width - margin, line_height);
        at.value = QRect(inner.right() - value_width + 1 + margin, inner.top(), value_width - margin, line_height);
        at.track = QRect(inner.left() + label_width, inner.top() + (line_height - track_height) / 2,
            inner.width() - label_width - value_width, track_height)
                       .adjusted(inset, 0, -inset, 0);
    } else {
        const QFontMetrics metrics = fontMetrics();
        const int value_width = std::min(inner.width() * 2 / 3, metrics.horizontalAdvance(value_text()) * 11 / 10 + 4);
        at.label = QRect(inner.left(), inner.top(), inner.width() - value_width - 4, text_height);
        at.value = QRect(inner.right() - value_width + 1, inner.top(), value_width, text_height);
        at.track = QRect(inner.left() + inset, inner.top() + text_height, inner.width() - 2 * inset, track_height);
    }
    at.ticks = QRect(at.track.left() - margin / 2, at.track.bottom() - 1, at.track.width() + margin, tick_height);
    const int below = (tick_height > 0 ? at.ticks.bottom() : std::max(at.track.bottom(), at.label.bottom())) + 2;
    at.message = QRect(inner.left(), below, inner.width(), std::max(0, inner.bottom() - below + 1));
    return at;
}

void ValueSlider::update_height()
{
    const Places at = places();
    int height = at.message.top() + 2;
    if (!line.isEmpty()) {
        const QRect room(0, 0, std::max(1, at.message.width()), 1000);
        height += QFontMetrics(tick_font(font())).boundingRect(room, Qt::TextWordWrap, line).height() + 2;
    }
    constexpr int smallest_target = 24;
    height = std::max(height, smallest_target);
    if (minimumHeight() != height || maximumHeight() != height)
        setFixedHeight(height);
}

QSize ValueSlider::sizeHint() const
{
    return {36 * fontMetrics().averageCharWidth() + 2 * margin, minimumHeight()};
}

QSize ValueSlider::minimumSizeHint() const
{
    return {24 * fontMetrics().averageCharWidth() + 2 * margin, minimumHeight()};
}

QPoint ValueSlider::position_of(double si) const
{
    const QRect track = places().track;
    return {track.left() + static_cast<int>(std::lround(scale.fraction_of(si) * track.width())), track.center().y()};
}

QRect ValueSlider::value_area() const
{
    return places().value;
}

std::vector<ValueSlider::TickLabel> ValueSlider::tick_labels() const
{
    std::vector<Stop> order;
    for (const Stop &stop : scale.stops()) {
        if (!stop.label.isEmpty())
            order.push_back(stop);
    }
    if (order.size() > 1) // the ends first
        std::rotate(order.begin() + 1, order.end() - 1, order.end());
    const QRect ticks = places().ticks;
    const QFontMetrics metrics(tick_font(font()));
    std::vector<TickLabel> placed;
    for (const Stop &stop : order) {
        const int width = metrics.horizontalAdvance(stop.label);
        const int left = std::clamp(
            position_of(stop.si).x() - width / 2, ticks.left(), std::max(ticks.left(), ticks.right() - width));
        const QRect room(left, ticks.top(), width, ticks.height());
        constexpr int gap = 3;
        const QRect spaced = room.adjusted(-gap, 0, gap, 0);
        if (std::none_of(
                placed.begin(), placed.end(), [&](const TickLabel &other) { return other.room.intersects(spaced); }))
            placed.push_back({stop.label, room});
    }
    return placed;
}

void ValueSlider::paintEvent(QPaintEvent *)
{
    const Theme &theme = theme_of(*this);
    const Places at = places();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool enabled = isEnabled();
    const QColor strong = enabled ? theme.accent : theme.muted;
    const auto blend = [&](const QColor &over, double part) {
        const QColor under = palette().color(QPalette::Window);
        const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(part * a + (1 - part) * b)); };
        return QColor(mix(over.red(), under.red()), mix(over.green(), under.green()), mix(over.blue(), under.blue()));
    };
    const bool focused = hasFocus() || (edit && edit->hasFocus());
    const bool hovered = underMouse() && enabled;
    const QRectF frame = QRectF(rect()).adjusted(1, 1, -1, -1);
    constexpr double corner = 5;
    if (problem || focused || hovered) {
        painter.setPen(problem ? QPen(theme.warning, 2) : focused ? QPen(theme.accent, 2) : QPen(Qt::NoPen));
        painter.setBrush(hovered || focused ? blend(theme.accent, theme.dark ? 0.09 : 0.06) : QColor(Qt::transparent));
        painter.drawRoundedRect(frame, corner, corner);
    }

    // Track, searched band, filled part, stops.
    const QRect track = at.track;
    paint_curve(painter, track);
    const int y = track.center().y();
    const double unit = thumb_radius() / 6.0, half_groove = 2 * unit;
    const auto bar = [&](double from, double to, const QColor &colour, double half) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawRoundedRect(QRectF(from, y - half, std::max(2 * half, to - from), 2 * half), half, half);
    };
    const auto x_of = [&](double si) { return track.left() + scale.fraction_of(si) * track.width(); };
    const QColor tick_colour = blend(theme.axis, 0.9);
    painter.setPen(QPen(tick_colour, 1));
    const std::vector<Stop> &stops = scale.stops();
    for (const Stop &stop : stops) {
        const double x = std::round(x_of(stop.si)) + 0.5;
        painter.drawLine(QPointF(x, y + 4 * unit), QPointF(x, y + (stop.label.isEmpty() ? 6 : 8) * unit));
    }
    bar(track.left(), track.right(), blend(theme.axis, 0.45), half_groove);
    if (band)
        bar(x_of(std::max(range().first, band->first)), x_of(std::min(range().second, band->second)),
            blend(theme.accent, 0.5), half_groove + 1);
    const std::optional<Quantity> value = shown();
    const QColor strong_thumb = shows_baseline() ? theme.baseline(pinned->mark) : strong;
    const double thumb_x = x_of(std::clamp(shows_baseline() ? pinned->si
            : value                                         ? value->si()
                                                            : 0,
        range().first, range().second));
    if (current)
        bar(track.left(), thumb_x, strong_thumb, half_groove);

    if (mark) {
        const double x = x_of(mark->si());
        QPainterPath triangle(QPointF(x, y - 3 * unit));
        triangle.lineTo(x - 4.5 * unit, y - 9 * unit);
        triangle.lineTo(x + 4.5 * unit, y - 9 * unit);
        triangle.closeSubpath();
        painter.setPen(QPen(palette().color(QPalette::Window), 1));
        painter.setBrush(theme.muted);
        painter.drawPath(triangle);
    }
    if (pinned && pinned->si >= range().first
        && pinned->si <= range().second) { // from below, as the study's mark from above
        const double x = x_of(pinned->si);
        QPainterPath triangle(QPointF(x, y + 2.5 * unit));
        triangle.lineTo(x - 5 * unit, y + 9.5 * unit);
        triangle.lineTo(x + 5 * unit, y + 9.5 * unit);
        triangle.closeSubpath();
        painter.setPen(QPen(palette().color(QPalette::Window), 1));
        painter.setBrush(theme.baseline(pinned->mark));
        painter.drawPath(triangle);
    }
    if (offered) { // a diamond; an arrow at the end that it lies beyond
        const double x = x_of(*offered), size = 5.5 * unit;
        const bool beyond_low = *offered<range().first, beyond_high = *offered> range().second;
        QPainterPath shape(QPointF(x + (beyond_low ? 0 : size), y));
        shape.lineTo(x, y + size);
        shape.lineTo(x - (beyond_high ? 0 : size), y);
        shape.lineTo(x, y - size);
        shape.closeSubpath();
        if (value) {
            painter.setPen(QPen(strong, 1.5, Qt::DotLine));
            painter.drawLine(QPointF(x_of(value->si()), y), QPointF(x, y));
        }
        painter.setPen(QPen(strong, 1.5));
        painter.setBrush(palette().color(QPalette::Window));
        painter.drawPath(shape);
    }
    if (value) {
        const double radius = thumb_radius() + (dragging ? 1 : 0);
        const QPointF thumb(thumb_x, y);
        if (current) {
            painter.setPen(QPen(palette().color(QPalette::Base), 1.5));
            painter.setBrush(strong_thumb);
        } else { // a ghost: nobody has set it here
            painter.setPen(QPen(strong, 2, Qt::DotLine));
            painter.setBrush(palette().color(QPalette::Window));
        }
        painter.drawEllipse(thumb, radius, radius);
    }

    painter.setFont(tick_font(font()));
    painter.setPen(theme.muted);
    for (const TickLabel &tick : tick_labels())
        painter.drawText(tick.room, Qt::AlignCenter | Qt::TextDontClip, tick.text);

    // Texts.
    QFont plain = font();
    painter.setFont(plain);
    painter.setPen(preview.isEmpty()
            ? palette().color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::WindowText)
            : theme.muted);
    const QString label = preview.isEmpty() ? row.label : preview;
    QFont label_font = plain;
    label_font.setBold(preview.isEmpty() && differs_from_baseline());
    painter.setFont(label_font);
    painter.drawText(at.label, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(label_font).elidedText(label, Qt::ElideRight, at.label.width()));
    if (!edit) {
        const bool changed = current && mark && current->si() != mark->si();
        QFont emphasis = plain;
        emphasis.setBold(changed);
        painter.setFont(emphasis);
        const QString factor = shows_baseline() ? QString() : factor_text();
        const QString text = factor.isEmpty() ? value_text() : to_text(control_text(*current));
        painter.setPen(current && enabled ? palette().color(QPalette::WindowText) : theme.muted);
        QRect room = at.value;
        if (!factor.isEmpty()) {
            const int width = fontMetrics().horizontalAdvance(factor);
            painter.setFont(plain);
            painter.setPen(theme.muted);
            painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, factor);
            room.setRight(room.right() - width - fontMetrics().horizontalAdvance(u"  "_qs));
            painter.setFont(emphasis);
            painter.setPen(palette().color(QPalette::WindowText));
        }
        painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, text);
    }
    if (!line.isEmpty()) {
        painter.setFont(tick_font(font()));
        painter.setPen(problem ? theme.warning : theme.muted);
        painter.drawText(at.message, Qt::TextWordWrap, line);
    }
}

// Within the height of the track, 0 at its lower end.
void ValueSlider::paint_curve(QPainter &painter, const QRect &track) const
{
    const Theme &theme = theme_of(*this);
    const double base = track.bottom() + 1, full = track.height() - 1;
    const auto x_of = [&](const CurveDot &dot) { return track.left() + scale.fraction_of(dot.si) * track.width(); };
    const auto point = [&](const CurveDot &dot) { return QPointF(x_of(dot), base - *dot.height * full); };
    // Half-way to a neighbour; the ends of the track.
    const auto border = [&](std::vector<CurveDot>::const_iterator right) {
        return right == dots.begin() ? track.left()
            : right == dots.end()    ? track.right() + 1
                                     : (x_of(*(right - 1)) + x_of(*right)) / 2;
    };
    QColor stroke = stale_curve ? theme.muted : theme.accent, fill = stroke, hatch = theme.infeasible;
    stroke.setAlphaF(stale_curve ? 0.3F : 0.55F);
    fill.setAlphaF(stale_curve ? 0.07F : theme.dark ? 0.18F : 0.13F);
    hatch.setAlphaF(stale_curve ? 0.3F : 0.8F);
    const auto serves = [](const CurveDot &dot) { return dot.height.has_value(); };
    for (auto from = dots.begin(); from != dots.end();) {
        const auto gap_end = std::find_if(from, dots.end(), serves);
        if (gap_end != from) {
            constexpr double spacing = 5; // px
            draw_hatch(
                painter, QRectF(QPointF(border(from), track.top()), QPointF(border(gap_end), base)), hatch, spacing);
        }
        from = gap_end;
        const auto to = std::find_if_not(from, dots.end(), serves);
        QPolygonF course;
        QVector<QLineF> ticks;
        for (; from != to; ++from) {
            course << point(*from);
            if (from->binds_anew)
                ticks << QLineF(border(from), base, border(from), base - full);
        }
        if (course.size() == 1) // between two gaps
            course = {course[0] - QPointF(1, 0), course[0] + QPointF(1, 0)};
        if (course.isEmpty())
            break;
        QPolygonF area = course;
        area << QPointF(course.back().x(), base) << QPointF(course.front().x(), base);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawPolygon(area);
        painter.setPen(QPen(stroke, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(course);
        painter.setPen(QPen(stroke, 1, Qt::DotLine));
        painter.drawLines(ticks);
    }
}

void ValueSlider::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    update_height();
}

void ValueSlider::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        update_height();
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::EnabledChange)
        update();
}

QString ValueSlider::full_tooltip() const
{
    const Parameter &info = row.parameter;
    QStringList lines{u"<b>%1</b>"_qs.arg(row.label.toHtmlEscaped()), help_of(info).toHtmlEscaped()};
    if (!extra.isEmpty())
        lines << u"<b>%1</b>"_qs.arg(extra.toHtmlEscaped());
    if (current)
        lines << tr("Now: %1").arg(to_text(exact_text(*current)));
    if (mark)
        lines << tr("Study: %1 (double click or Backspace restores it)").arg(to_text(exact_text(*mark)));
    if (pinned)
        lines << tr("Baseline %1: %2").arg(pinned->name.toHtmlEscaped(), end_text(pinned->si));
    if (offered)
        lines << tr("Sought for the goal: %1").arg(end_text(*offered));
    if (!dots.empty())
        lines << curve_what;
    lines << tr("Allowed: %1").arg(to_text(allowed_text(info)).toHtmlEscaped());
    lines << tr("Slider: %1 – %2, type for more").arg(end_text(range().first), end_text(range().second));
    if (info.prefixes == Prefixes::binary)
        lines << tr("When typed, k means 1024: 64k is %1 tokens").arg(64 * 1024);
    lines << tr("Typing takes units and arithmetic: 2*3, 1.5x, +10%");
    lines << tr("Right click: seek a goal with this number");
    lines << tr("Shift or the mouse further away: finer; Ctrl: snap");
    const std::string path =
        (info.scope == Scope::workload || info.scope == Scope::search || info.scope == Scope::target
                ? ""
                : std::string(name_of(info.scope)) + ".")
        + std::string(info.key);
    lines << tr("Key: %1").arg(u"<code>%1</code>"_qs.arg(to_text(path)));
    return lines.join(u"<br>"_qs);
}

bool ValueSlider::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), full_tooltip(), this);
        return true;
    }
    // While typing or dragging, Esc, Home and the like belong to the slider, not to the window's shortcuts.
    if (event->type() == QEvent::ShortcutOverride && (dragging || edit)) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void ValueSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    finish_editing(true);
    const QPoint at = event->position().toPoint();
    if (places().value.contains(at)) {
        start_editing({});
        return;
    }
    before_drag = current;
    dragging = true;
    drag_x = at.x();
    const QRect track = places().track;
    const double under = static_cast<double>(at.x() - track.left()) / std::max(1, track.width());
    const std::optional<Quantity> value = shown();
    const bool on_thumb = value && std::abs(position_of(value->si()).x() - at.x()) <= thumb_radius() + 2;
    drag_position = on_thumb ? scale.fraction_of(value->si()) : under;
    if (!on_thumb && at.y() >= track.top() && at.y() <= std::max(track.bottom(), places().ticks.bottom()))
        drag_to(drag_position, event->modifiers());
    else if (!on_thumb)
        drag_position = value ? scale.fraction_of(value->si()) : under; // on the label: drags without a jump
    update();
}

void ValueSlider::mouseMoveEvent(QMouseEvent *event)
{
    if (!dragging)
        return;
    const QPoint at = event->position().toPoint();
    const int away = std::max({0, -at.y(), at.y() - height()});
    double way = static_cast<double>(at.x() - drag_x) / std::max(1, places().track.width());
    way *= std::exp2(-static_cast<double>(away) / finer_every);
    if (event->modifiers().testFlag(Qt::ShiftModifier))
        way *= slower;
    drag_x = at.x();
    if (way == 0)
        return;
    drag_position += way;
    drag_to(drag_position, event->modifiers());
}

void ValueSlider::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !dragging)
        return;
    dragging = false;
    update_range();
    update();
}

void ValueSlider::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || edit)
        return;
    dragging = false;
    restore_mark();
}

void ValueSlider::wheelEvent(QWheelEvent *event)
{
    if (!hasFocus()) { // the panel scrolls
        event->ignore();
        return;
    }
    const int steps = event->angleDelta().y() > 0 ? 1 : event->angleDelta().y() < 0 ? -1 : 0;
    if (steps != 0)
        go_to(scale.stepped(steps, grip_of(event->modifiers())));
    event->accept();
}

void ValueSlider::keyPressEvent(QKeyEvent *event)
{
    const auto [low, high] = range();
    const double now = shown() ? shown()->si() : low;
    const bool by_factor = row.scale != SliderSpec::Scale::linear && now > 0;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        go_to(scale.stepped(-1, grip_of(event->modifiers())));
        return;
    case Qt::Key_Right:
    case Qt::Key_Up:
        go_to(scale.stepped(1, grip_of(event->modifiers())));
        return;
    case Qt::Key_PageUp:
        go_to(by_factor ? now * page_factor : scale.stepped(page_steps, SliderScale::Grip::plain));
        return;
    case Qt::Key_PageDown:
        go_to(by_factor ? now / page_factor : scale.stepped(-page_steps, SliderScale::Grip::plain));
        return;
    case Qt::Key_Home:
        go_to(low);
        return;
    case Qt::Key_End:
        go_to(high);
        return;
    case Qt::Key_Backspace:
    case Qt::Key_Delete:
        restore_mark();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_F2:
        start_editing({});
        return;
    case Qt::Key_Escape:
        if (dragging) {
            dragging = false;
            apply(before_drag);
            return;
        }
        if (!line.isEmpty()) {
            set_message({}, false);
            return;
        }
        break;
    default:
        break;
    }
    const QString text = event->text();
    const bool command = event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
    if (!command && !text.isEmpty() && (text.front().isDigit() || u".+-*/(×"_qs.contains(text.front()))) {
        start_editing(text);
        return;
    }
    QWidget::keyPressEvent(event);
}

void ValueSlider::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void ValueSlider::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    if (!edit && !line.isEmpty())
        set_message({}, false);
    update();
}

void ValueSlider::start_editing(const QString &text)
{
    if (edit || !isEnabled())
        return;
    const Places at = places();
    edit = new QLineEdit(this);
    edit->setAccessibleName(row.label);
    edit->setAlignment(Qt::AlignRight);
    const int height = std::max(edit->sizeHint().height() - 4, fontMetrics().height() + 4);
    const int width =
        std::max(at.value.width(), (is_wide() ? at.value.width() : (rect().width() - 2 * margin) * 6 / 10));
    edit->setGeometry(
        at.value.right() - width + margin / 2, std::max(1, at.value.center().y() - height / 2), width, height);
    edit->installEventFilter(this);
    const std::optional<Quantity> value = shown();
    edit->setText(!text.isEmpty() ? text : value ? to_text(exact_text(*value)) : QString());
    if (text.isEmpty())
        edit->selectAll();
    connect(edit, &QLineEdit::textChanged, this, &ValueSlider::update_preview);
    edit->show();
    edit->setFocus(Qt::OtherFocusReason);
    update_preview();
    update();
}

void ValueSlider::finish_editing(bool keep_focus)
{
    if (!edit)
        return;
    QLineEdit *done = edit;
    edit = nullptr;
    preview.clear();
    done->removeEventFilter(this);
    if (keep_focus)
        setFocus(Qt::OtherFocusReason);
    done->hide();
    done->deleteLater();
    update();
}

bool ValueSlider::accept_text()
{
    const QString typed = edit->text().trimmed();
    if (typed.isEmpty() && row.optional) {
        apply(std::nullopt);
        return true;
    }
    if (const std::optional<Quantity> value = shown(); value && typed == to_text(exact_text(*value))) {
        set_message({}, false);
        if (!current)
            apply(value);
        return true;
    }
    const Quantity base = shown().value_or(Quantity{0, &base_unit(row.parameter.dimension)});
    const auto result = evaluate_expression(typed.toStdString(), row.parameter, base);
    if (const auto *wrong = std::get_if<std::string>(&result)) {
        show_problem(to_text(*wrong));
        return false;
    }
    Quantity value = std::get<Quantity>(result);
    if (row.whole && value.si() != std::floor(value.si())) {
        show_problem(tr("%1 is not a whole number").arg(to_text(exact_text(value))));
        return false;
    }
    apply(value);
    return true;
}

void ValueSlider::update_preview()
{
    const Quantity base = shown().value_or(Quantity{0, &base_unit(row.parameter.dimension)});
    const auto result = evaluate_expression(edit->text().toStdString(), row.parameter, base);
    const auto *value = std::get_if<Quantity>(&result);
    preview = value && to_text(exact_text(*value)) != edit->text().trimmed() ? u"= "_qs + to_text(control_text(*value))
                                                                             : QString();
    update();
}

bool ValueSlider::eventFilter(QObject *watched, QEvent *event)
{
    if (!edit || watched != edit)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Escape || key->modifiers() == Qt::NoModifier
            || key->modifiers() == Qt::ShiftModifier) {
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape) {
            set_message({}, false);
            finish_editing(true);
            return true;
        }
        if (key == Qt::Key_Return
            || key == Qt::Key_Enter) { // the line edit would pass it on to the slider, which starts again
            if (accept_text())
                finish_editing(true);
            return true;
        }
    }
    // Leaving takes what is right and drops what is wrong.
    if (event->type() == QEvent::FocusOut && static_cast<QFocusEvent *>(event)->reason() != Qt::PopupFocusReason) {
        if (!accept_text())
            set_message({}, false);
        finish_editing(false);
    }
    return false;
}

} // namespace epscope
