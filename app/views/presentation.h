// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on the projector: the leading number very large, headline, one or two charts, up to three sliders,
// scenarios by the arrows, every change named. No dialogs. Light whatever the window's colours are, as dark ones wash
// out on a projector, unless asked for.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QStringList>
#include <QWidget>

#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "app/session/session.h"

class QHBoxLayout;
class QLabel;
class QMenu;
class QUndoCommand;

namespace epscope {

class ChartView;
class Headline;
class ValueSlider;

// Which charts and sliders are on show, by their ids and keys; the second chart may be empty.
struct PresentationChoice {
    QString left = QStringLiteral("pareto"), right = QStringLiteral("breakdown");
    QStringList sliders; // empty: context, target and the leading chip's memory bandwidth
    bool dark = false;

    QString text() const; // to be remembered
    static PresentationChoice from(const QString &text);
    bool operator==(const PresentationChoice &) const = default;
};

class Presentation : public QWidget {
    Q_OBJECT
public:
    static constexpr qsizetype most_sliders = 3;

    explicit Presentation(Session &session, QWidget *parent = nullptr);
    ~Presentation() override;

    void set_choice(const PresentationChoice &choice);
    const PresentationChoice &choice() const { return chosen; }
    void set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines);
    // One more, by the key of its number; the oldest gives way.
    void show_slider(const QString &key);
    // A value that reaches the goal, for the slider of its number.
    void offer(const std::string &key, std::optional<double> si);
    QString caption() const;
    QString figure() const; // the very large number
    const QLabel &note_label() const { return *note; }
    const std::vector<ValueSlider *> &sliders() const { return controls; }
    const std::vector<ChartView *> &charts() const { return shown_charts; }

signals:
    void left(); // Esc, F5 or closed
    // What is done in it and what it asks have to be taken, as of its like in the window.
    void chart_made(epscope::ChartView *chart);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    Session &session;
    PresentationChoice chosen;
    const Theme *theme = &Theme::light();
    Headline *headline;
    QLabel *number, *change, *note, *scenario, *keys;
    QWidget *dot; // where the speaker points to while Ctrl is held
    QWidget *blank; // black, over everything
    bool note_wanted = true;
    std::string offered_key; // of a slider
    std::optional<double> offered;
    QHBoxLayout *chart_row, *slider_row;
    std::vector<ChartView *> shown_charts;
    std::vector<ValueSlider *> controls;
    std::vector<std::string> control_keys; // of `controls`
    std::shared_ptr<const Explored> explored;
    PinnedBaselines baselines;
    // What a change is told against: the result on show before the step of the history began, or before the scenario
    // was switched.
    std::shared_ptr<const Explored> before;
    int before_card = 0;
    bool undone = false; // the latest change went back in the history
    int step_index = 0; // of the history
    QString step_told; // the latest change was none of the inputs: what it is called
    QString told_change; // what the latest change is called and does
    struct Told {
        int card = 0; // id
        const QUndoCommand *step = nullptr;
        bool operator==(const Told &) const = default;
    };
    Told told; // the latest change

    Told latest() const;
    void set_blank(bool is_blank);
    void make_charts();
    void make_sliders();
    void follow_changes();
    void show_values();
    void follow_cards();
    void follow_choice_of_colours();
    void tell_number();
    void tell_change();
    QString change_of_inputs() const;
    void point(bool held);
    void step(int by);
    void write_large();
    std::vector<std::string> all_keys() const;
    QStringList slider_keys() const;
    void hide_slider(const QString &key);
    QMenu *menu();
};

} // namespace epscope
