// SPDX-License-Identifier: GPL-3.0-or-later
// "Which value of this number makes that output reach a goal?" as a sentence to fill in, and the answer in one sentence
// below it. Asks by itself whenever question or inputs have changed; the answer can be taken over.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <QPointer>
#include <QWidget>

#include "core/explore/questions.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTimer;
class QToolButton;

namespace epscope {

// An answer in words.
struct GoalAnswer {
    QString lead; // what matters of the sentence
    QString rest; // the remainder
    std::optional<double> value; // SI, that can be taken over
    QString value_text;

    QString text() const { return lead + rest; }
};
GoalAnswer goal_answer(const Answer &answer);
// The study with the value; and with the goal as its target where it is a speed, else the best configuration goes no
// faster than before.
Study with_sought(Study study, const Answer &answer, double value);

class GoalView : public QWidget {
    Q_OBJECT
public:
    explicit GoalView(QWidget *parent = nullptr);

    // A question about this number; without a goal with a tenth more than there is now. Empty: the last one, or the
    // memory bandwidth.
    void start(const std::string &key, const std::string &goal = {});
    void set_question(const SeekQuestion &question);
    SeekQuestion question() const;
    QString question_text() const; // for people
    void set_explored(std::shared_ptr<const Explored> explored);
    void follow_inputs(); // they have changed, and their result is still to come
    void set_answer(std::shared_ptr<const Answer> answer);
    void set_progress(double fraction);
    void fail(const QString &problem); // there is no answer to what is under way

    const std::shared_ptr<const Answer> &answer() const { return latest; }
    // Is the answer on show one to other inputs, or to another question?
    bool is_stale() const;
    QString text() const; // of the answer, as it is read

    QComboBox *parameter_box() const { return parameter; }
    QComboBox *output_box() const { return output; }
    QComboBox *relation_box() const { return relation; }
    QLineEdit *value_line() const { return value; }
    QPushButton *take_button() const { return take; }

signals:
    // It can be read; `chip`: in question, empty for the leading one.
    void questioned(const epscope::SeekQuestion &question, const std::string &chip);
    void question_set(); // one that can be answered
    void asked(const epscope::Study &study, const epscope::Question &question);
    void cancelled();
    // `text` names the step.
    void taken(const epscope::Study &study, const QString &text);
    // To be shown on the slider of a number.
    void offered(const std::string &key, std::optional<double> si);

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    QComboBox *parameter, *output, *relation;
    QLineEdit *value;
    QPushButton *take;
    QLabel *sentence, *state;
    QTimer *rest;
    std::shared_ptr<const Explored> explored;
    bool inputs_changed = false; // since then
    std::string chip; // in question; empty: the leading one
    std::shared_ptr<const Answer> latest;
    std::optional<SeekQuestion> under_way;
    double done = 0;
    bool stopped = false;
    QString problem;
    QPointer<QWidget> came_from; // had the keyboard before

    std::optional<Study> study() const;
    const Metric &chosen_metric() const;
    void fill_parameters();
    void choose_parameter(const std::string &key);
    void propose_goal();
    void fill_goal(const Goal &goal, const std::string &text);
    void edited();
    void set();
    void ask();
    void cancel();
    void take_over();
    void show_state();
};

} // namespace epscope
