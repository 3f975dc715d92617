// SPDX-License-Identifier: GPL-3.0-or-later
// The view of a scene, one class for all charts: it makes the scene of the newest result once somebody sees it, asks
// what it needs answered, and does what mouse and keyboard want.
//
// Dragging over the plot zooms in on what is dragged over, with Shift or the middle button it moves it; the wheel
// zooms, a double click fits the axes to the data again. Alt+Left and Alt+Right or the mouse's back and forward buttons
// lead through the zooms, which are no steps of the session's history. Left, Right, Home and End go from mark to mark,
// Enter is a click on it. While nobody sees the chart it keeps the scene that it has drawn.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QByteArray>
#include <QElapsedTimer>
#include <QString>
#include <QTimer>
#include <QWidget>

#include "app/charts/scene.h"
#include "app/charts/scene_plot.h"

class QCPItemLine;
class QCPItemText;
class QCustomPlot;
class QMouseEvent;
class QPaintDevice;
class QPainter;

namespace epscope {

class OptionControls;

class ChartView : public QWidget, public ShowsNumbers {
    Q_OBJECT
public:
    // The kind outlives it.
    explicit ChartView(const SceneKind &kind, QWidget *parent = nullptr);
    ~ChartView() override;

    QString id() const; // for file names and --view
    QString title() const; // for people
    QCustomPlot *plot() const { return canvas; }

    void set_theme(const Theme &theme);
    void set_explored(std::shared_ptr<const Explored> explored);
    // With what is drawn next to it, to compare it with.
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
    void set_highlight(std::optional<OpId> operator_id);

    const std::vector<ChartOption> &options() const { return known; }
    std::vector<OptionChoice> choices_of(const ChartOption &option) const;
    QString option(const QString &key) const;
    // For people; the value itself where the option has no choices.
    QString option_text(const QString &key) const;
    void set_option(const QString &key, const QString &value) { set_options({{key, value}}); }
    // At once: what is no value is ignored.
    void set_options(const OptionValues &wanted);
    // As the other has them, a chart of the same kind.
    void take_options(const ChartView &other) { set_options(other.values); }

    // Axes fitted to the data, as after a double click.
    void fit();
    // Likewise, and no zoom from before comes back: the axes are of something else.
    void fit_anew();
    // By one drag or one turn of the wheel.
    void zoom_back() { step_zoom(earlier, later); }
    void zoom_forward() { step_zoom(later, earlier); }
    // The ranges of the axes if somebody has zoomed or panned, to be kept from one start to the next; empty if not.
    QByteArray zoom() const;
    // What is not such is ignored.
    void set_zoom(const QByteArray &zoom);
    // Next to a baseline the axes fit every result again; else they only grow, so that what moves has changed.
    void set_auto_scale(bool on);

    // Does it show the answer to a question, which takes many searches?
    bool asks() const { return kind.question != nullptr; }
    // What is asked about the inputs on show, and the study of one chip that it is asked about.
    Question question() const;
    bool can_ask() const { return asks() && kind.question(newest_input()).has_value(); }
    Study subject() const;
    // Makes the question one that the study can answer.
    void prepare();
    // The question about what is on show, unless that is answered or asked already, also where nobody sees the chart.
    void ask();
    void set_answer(std::shared_ptr<const Answer> answer);
    // One that may be to another chart's question, which the own one of the same kind has had to give way to: then that
    // is asked again.
    void hear_answer(const std::shared_ptr<const Answer> &answer);
    // What it says of the baseline while that is on show alone.
    const std::shared_ptr<const Answer> &answer() const { return used; }
    // Works it out here and now, unless there is a whole one or nothing is asked. False if there is none, or if it was
    // stopped.
    bool complete(const Running &running = {});
    // Of the answer under way, 0 to 1.
    void set_progress(double fraction);
    double progress() const { return done; }
    // Nobody works on its question any more; it may be asked again.
    void take_back(bool ask_again);
    // Does it stand still after that?
    bool is_halted() const { return halted; }
    // Is the answer on show one to other inputs, or to another question?
    bool is_stale() const;
    // Is it the whole one to what is on show, if anything is asked?
    bool is_answered() const { return !asks() || (used && used->complete && !is_stale()); }

    // Of the newest result.
    Table table() const;
    // The chart as it is set up, in a theme, size and type: for export. Vector where the device is.
    // `frame` paints what lies behind and around it: a device takes one painter only.
    void paint(QPaintDevice &device, const QRect &area, const Theme &theme,
        const std::function<void(QPainter &)> &frame = {}, const std::optional<QFont> &type = {}) const;

    // What is drawn, its axes as they stand.
    const Scene &scene() const { return drawing->scene(); }
    const SceneLayout &laid_out() const { return drawing->layout(); }
    Frame frame() const { return drawing->frame(); }
    // Where there is none under the mouse, the chart's own.
    std::optional<Explainable> number_at(const QPoint &global) const override;
    std::optional<Explainable> current_number() const override;

signals:
    void hovered(const QString &text);
    void operator_hovered(std::optional<epscope::OpId> operator_id);
    void configuration_picked(const epscope::Selection &selection);
    void explanation_wanted(const epscope::Explainable &number);
    void parameter_picked(const QString &key); // whose slider is wanted
    void inputs_picked(const epscope::SetInputs &inputs);
    // Live while a line is dragged: for Session::set().
    void input_dragged(const QString &key, const QString &text);
    void option_changed(const QString &key);
    void question_set();
    void asked(const epscope::Study &study, const epscope::Question &question);
    void painted(); // after every repaint of new data

protected:
    void showEvent(QShowEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Pan;
    // A line while it is dragged.
    struct Drag {
        QString key;
        QPointF pressed; // px
        QPointF from; // on the line, px
        double before = 0; // value
        QString stated; // its text; empty: as it settles
        bool moved = false;
    };

    const SceneKind &kind;
    std::vector<ChartOption> known;
    OptionValues values;
    QCustomPlot *canvas;
    QCPItemText *readout;
    QCPItemLine *vertical, *horizontal;
    ScenePlot *drawing; // of the plot
    std::unique_ptr<OptionControls> controls;
    const Theme *colours;

    std::shared_ptr<const Explored> newest; // which may wait until somebody sees the chart
    PinnedBaselines pinned;
    std::optional<OpId> lit;
    bool drawn = false; // has it a scene?
    bool stale = false; // is there something newer to draw?
    bool filled = false; // and not painted yet

    std::shared_ptr<const Answer> latest, used; // `used` is that or a part of it
    std::optional<Question> drawn_question; // whose answer is drawn
    std::shared_ptr<const Explored> asked_for; // result to which the question below was asked
    std::optional<Question> asked_question;
    double done = 1;
    bool halted = false; // and not asked again since then

    bool zoomed = false;
    bool refit = true; // the axes start again with the next result drawn
    bool auto_scale = false;
    std::vector<QByteArray> earlier, later; // zooms, the nearest last
    QElapsedTimer turned; // since the wheel was, unless something else has zoomed meanwhile
    QPointF press_position; // px, with the left button
    bool double_clicked = false; // and the button not released yet
    std::unique_ptr<Pan> pan; // while the plot is moved

    std::optional<Drag> drag;
    std::optional<Dragged> asked_input; // shown until its result is there
    QTimer asked_too_long;
    QPointF hover_position; // px, of the readout
    std::optional<std::size_t> walked; // mark, of all that the keyboard goes to

    SceneInput newest_input() const;
    Scene newest_scene(SceneInput input) const;
    bool is_seen() const;
    void redraw(); // if there is something to draw and somebody to see it
    void fill();
    AxisFit axis_fit() const { return {zoomed, refit, !auto_scale && !pinned.covered.empty()}; }
    void apply_theme();

    bool is_own(const Answer &answer) const;
    std::shared_ptr<const Answer> own_part(const Answer &answer) const;
    void choose_answer();
    QString state_text() const;

    void will_zoom();
    void forget_zoom();
    void show_zoom(const QByteArray &zoom);
    void step_zoom(std::vector<QByteArray> &from, std::vector<QByteArray> &to);
    bool steps_zoom(const QMouseEvent &event);
    void zoom_to(const QRectF &box);
    bool start_pan(const QMouseEvent &event);
    void pan_to(const QPointF &position);

    std::optional<Hover> hover_at(const QPointF &position) const;
    Hover told(Hover hover) const;
    void show_hover(const QPointF &position);
    void show_readout(const QPointF &position, const Hover &hover);
    void hide_hover();
    void separate_overlay(bool separate);

    bool press(const QMouseEvent &event);
    bool move(const QMouseEvent &event);
    bool release(const QMouseEvent &event);
    void released(const QPointF &position);
    void clicked(const QPointF &position);
    void act(const Action &action);
    void ask_for(const Dragged &wanted);
    bool start_drag(const QPointF &position);
    void drag_to(const QPointF &position);
    void end_drag(const QPointF &position);
    bool press_key(int key, Qt::KeyboardModifiers modifiers);
    bool walk(int key);
};

} // namespace epscope
