// SPDX-License-Identifier: GPL-3.0-or-later
// The view of a scene: makes it of the result on show, paints it, and does what the mouse and the keyboard ask. Left,
// Right, Home and End go from mark to mark, Enter is a click on it.
#pragma once

#include <QTimer>

#include "app/charts/analysis_chart.h"
#include "app/charts/scene.h"
#include "app/charts/scene_plot.h"

namespace epscope {

class SceneChart : public AnalysisChart {
    Q_OBJECT
public:
    explicit SceneChart(const SceneKind &kind, QWidget *parent = nullptr);
    ~SceneChart() override;

    const std::vector<ChartOption> &options() const { return known; }
    QString option(const QString &key) const;
    // Of people; the value itself where the option has no choices.
    QString option_text(const QString &key) const;
    void set_option(const QString &key, const QString &value) { set_options({{key, value}}); }
    // At once: what is no value is ignored.
    void set_options(const OptionValues &wanted);

    bool asks() const override { return kind.question != nullptr; }
    Question question() const override;
    bool can_ask() const override { return kind.question && kind.question(newest_input()).has_value(); }
    Study subject(const Explored &explored) const override;
    void take_question(const AnalysisChart &other) override;
    void prepare(const Explored &explored) override;

    void set_highlight(std::optional<OpId> operator_id) override;
    ChartTable table() const override;
    Table typed_table() const override;
    void paint(QPaintDevice &device, const QRect &area, const Theme &theme,
        const std::function<void(QPainter &)> &frame = {}, const std::optional<QFont> &type = {}) override;

    // Of what is drawn, its axes as they stand.
    const Scene &scene() const;
    const SceneLayout &laid_out() const;
    Frame frame() const;

signals:
    void option_changed(const QString &key);
    void inputs_picked(const epscope::SetInputs &inputs);
    // Live while a line is dragged: for Session::set().
    void input_dragged(const QString &key, const QString &text);

protected:
    QString state_text() const override;
    void draw_answer(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    void clicked(const QPointF &position) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    std::vector<std::string> axes_of(const Question &question) const override;
    std::string main_number() const override;
    std::string operator_number(OpId id) const override;

private:
    class Controls;
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
    std::unique_ptr<Controls> controls;
    ScenePlot *drawing; // of the plot
    std::optional<Drag> drag;
    std::optional<Dragged> asked_input; // shown until its result is there
    QTimer asked_too_long;
    std::optional<std::size_t> walked; // mark, of all that the keyboard goes to

    SceneInput input_of(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines,
        std::shared_ptr<const Answer> answer) const;
    SceneInput newest_input() const { return input_of(newest(), newest_baselines(), answer()); }
    SceneInput input_about(const Explored &explored) const;
    Scene scene_of(SceneInput input) const;
    std::vector<OptionChoice> choices_of(const ChartOption &option) const;
    std::optional<Hover> told(Hover hover) const;
    void act(const Action &action);
    void ask_for(const Dragged &wanted);
    bool start_drag(const QPointF &position);
    void drag_to(const QPointF &position);
    void end_drag(const QPointF &position);
    bool press_key(int key, Qt::KeyboardModifiers modifiers);
    bool walk(int key);
};

} // namespace epscope
