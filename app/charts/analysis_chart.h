// SPDX-License-Identifier: GPL-3.0-or-later
// A chart of what takes many searches: it asks when somebody sees it, and shows the last answer faded until the new one
// is there.
#pragma once

#include <string>
#include <vector>

#include "app/charts/chart.h"
#include "core/explore/questions.h"

class QComboBox;
class QHBoxLayout;
class QPainter;

namespace epscope {

class AnalysisChart : public Chart {
    Q_OBJECT
public:
    AnalysisChart(const QString &id, const QString &title, QWidget *parent = nullptr);

    void set_answer(std::shared_ptr<const Answer> answer);
    // One that may be to another chart's question, which the own one of the same kind has had to give way to: then that
    // is asked again.
    void hear_answer(const std::shared_ptr<const Answer> &answer);
    // What it says of the baseline while that is on show alone.
    const std::shared_ptr<const Answer> &answer() const { return used; }
    // Of the answer under way, 0 to 1.
    void set_progress(double fraction);
    double progress() const { return done; }
    // Nobody works on its question any more; it may be asked again.
    void take_back(bool ask_again);
    // Does it stand still after that?
    bool is_halted() const { return halted; }
    // The question about what is on show, unless that is answered or asked already, also where nobody sees the chart.
    void ask();
    // Is the answer on show one to other inputs, or to another question?
    bool is_stale() const;
    // Is it the whole one to what is on show?
    bool is_answered() const { return !asks() || (used && used->complete && !is_stale()); }
    // Else it is no chart of an analysis: nothing waits for an answer.
    virtual bool asks() const { return true; }
    // What is asked about the inputs on show.
    virtual Question question() const = 0;
    virtual bool can_ask() const { return true; }
    // The study of one chip that it is asked about.
    virtual Study subject(const Explored &explored) const;
    // The other's, a chart of the same kind.
    virtual void take_question(const AnalysisChart &other) = 0;
    // Before that: makes the question one that the study can answer.
    virtual void prepare(const Explored &) { }
    // With a unit, rates as on the other charts: never with a prefix.
    static QString metric_text(const Metric &metric, double value);
    // All that have a number.
    static void add_metrics(QComboBox &box);

signals:
    void question_set();
    void asked(const epscope::Study &study, const epscope::Question &question);
    // Whose slider is wanted.
    void parameter_picked(const QString &key);

protected:
    void draw(const Explored &explored, const Theme &theme) final;
    // Fills the plot from drawn_answer(), which may be stale or null.
    virtual void draw_answer(const Explored &explored, const Theme &theme) = 0;
    // What the last draw_answer() was made of, and so whatever the chart keeps of it; a newer one may wait until
    // somebody sees the chart.
    const std::shared_ptr<const Answer> &drawn_answer() const { return drawn; }
    // "searching, 40 %" where an answer is under way, else empty: stands in the upper right corner, in the first row of
    // a legend.
    virtual QString state_text() const;
    // What that may take there, in px, however far the search has come; 0 where nothing is under way.
    double state_width() const;
    // What the axes measure in the answer to a question: for others they start anew.
    virtual std::vector<std::string> axes_of(const Question &question) const = 0;
    // A row of controls above the plot, which is not part of an export.
    QHBoxLayout *add_controls();

private:
    std::shared_ptr<const Answer> latest, used; // `used` is that or a part of it
    std::shared_ptr<const Answer> drawn;
    std::shared_ptr<const Explored> asked_for; // result to which the question below was asked
    std::optional<Question> asked_question;
    double done = 1;
    bool halted = false; // and not asked again since then

    bool is_own(const Answer &answer) const
    {
        return answer.question == question() && answer.study == subject(*newest());
    }
    std::shared_ptr<const Answer> own_part(const Answer &answer) const;
    void choose_answer();
    void ask_about(const Explored &explored);
    static QString searching_text(double part);
};

} // namespace epscope
