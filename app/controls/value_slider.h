// SPDX-License-Identifier: GPL-3.0-or-later
// One number of the study as a slider that is also exact: drag it over its soft range, type anything in its hard range.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <QString>
#include <QWidget>

#include "app/controls/slider_scale.h"
#include "app/look/theme.h"

class QLineEdit;
class QPainter;

namespace epscope {

// By the lightness of the widget's palette.
const Theme &theme_of(const QWidget &widget);

class ValueSlider : public QWidget {
    Q_OBJECT
public:
    explicit ValueSlider(SliderSpec spec, QWidget *parent = nullptr);

    const SliderSpec &spec() const { return row; }
    const std::optional<Quantity> &value() const { return current; }
    // None of the setters emits. Without a value the fallback is shown as a hollow thumb.
    void set_value(const std::optional<Quantity> &value);
    void set_fallback(const std::optional<Quantity> &fallback, const QString &what);
    // The value to come back to: a triangle at the track; a double click or Backspace restores it.
    void set_mark(const std::optional<Quantity> &mark);
    // A part of the track to be set off: what is searched.
    void set_band(std::optional<std::pair<double, double>> band);
    // A value that was sought, SI, to be offered on the track.
    void set_ghost(std::optional<double> si);
    const std::optional<double> &ghost() const { return offered; }
    // The value that a pinned baseline has, SI: a mark of its colour on the track, and the label bold where the value
    // differs.
    struct BaselineMark {
        double si = 0;
        QString name;
        std::size_t mark = 0; // what the baseline is drawn with
        bool alone = false; // shown in place of the value

        bool operator==(const BaselineMark &) const = default;
    };
    void set_baseline(const std::optional<BaselineMark> &baseline);
    const std::optional<BaselineMark> &baseline() const { return pinned; }
    bool differs_from_baseline() const;
    // What the values of the track give, drawn faint behind it: ascending, heights of 0 to 1, none where nothing
    // serves, which is hatched; a tick where something else binds than at the value before. `what` is for the tooltip.
    // Empty: no curve.
    struct CurveDot {
        double si = 0;
        std::optional<double> height;
        bool binds_anew = false;

        bool operator==(const CurveDot &) const = default;
    };
    void set_curve(std::vector<CurveDot> dots, const QString &what);
    const std::vector<CurveDot> &curve() const { return dots; }
    // Greyed: it is one to other inputs.
    void set_curve_stale(bool stale);
    bool curve_is_stale() const { return stale_curve; }
    // Values to draw a curve over, along the track: at most `count`, fewer where there are fewer.
    std::vector<double> values_along(int count) const;
    void set_label(const QString &label);

    // Below the track; a problem also frames the slider. Gone with the next change.
    void show_problem(const QString &text);
    void show_note(const QString &text);
    const QString &message() const { return line; }
    bool has_problem() const { return problem; }

    QString value_text() const; // as it is painted
    std::pair<double, double> range() const { return scale.range(); } // SI, what the track covers now
    QPoint position_of(double si) const; // of a value's thumb, for tests
    QRect value_area() const; // a click there starts typing
    struct TickLabel {
        QString text;
        QRect room;
    };
    std::vector<TickLabel> tick_labels() const; // of the stops, as many as find room
    // What else the tooltip has to say now; may be empty.
    void set_note(const QString &text) { extra = text; }
    const QString &note() const { return extra; }
    QLineEdit *editor() const { return edit; } // null unless somebody types

    // As by a person: clamped to the hard range, emits.
    void change_to(double si);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    // Text for Session::set; empty to unset.
    void value_changed(const QString &text);
    // The study's value is asked for where there is no mark.
    void reset_requested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool event(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Places {
        QRect label, value, track, ticks, message;
    };

    SliderSpec row;
    SliderScale scale;
    std::optional<Quantity> current, fallback, mark;
    QString fallback_what, extra;
    std::optional<std::pair<double, double>> band;
    std::optional<double> offered;
    std::optional<BaselineMark> pinned;
    std::vector<CurveDot> dots;
    QString curve_what;
    bool stale_curve = false;
    QString line;
    bool problem = false;
    QLineEdit *edit = nullptr;
    QString preview;

    bool dragging = false;
    double drag_position = 0; // 0 to 1
    int drag_x = 0;
    std::optional<Quantity> before_drag;

    std::optional<Quantity> shown() const { return current ? current : fallback; }
    Places places() const;
    bool is_wide() const;
    bool has_tick_labels() const;
    int thumb_radius() const;
    void update_range();
    void update_height();
    QString factor_text() const;
    QString end_text(double si) const;
    QString full_tooltip() const;

    void paint_curve(QPainter &painter, const QRect &track) const;
    void drag_to(double fraction, Qt::KeyboardModifiers modifiers);
    void go_to(double si);
    void apply(const std::optional<Quantity> &value);
    void restore_mark();
    void start_editing(const QString &text);
    void finish_editing(bool keep_focus);
    bool accept_text();
    void update_preview();
    void repaint_now();
    void set_message(const QString &text, bool is_problem);
    bool shows_baseline() const { return pinned && pinned->alone; }
};

} // namespace epscope
