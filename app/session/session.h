// SPDX-License-Identifier: GPL-3.0-or-later
// The explorer's state: the inputs, and the latest result for them. Controls change the inputs here and nowhere else;
// views hear of it through the two signals. Every change is a step of the history.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <QObject>
#include <QString>
#include <QTimer>

#include "app/session/history.h"
#include "app/session/search_runner.h"
#include "core/model/operators.h"
#include "core/spec/study_file.h"

#ifdef QT_USE_QSTRINGBUILDER
#error "With it 'auto text = a + b' and lambdas without a return type hold references to strings that are gone."
#endif

namespace epscope {

class Session : public QObject {
    Q_OBJECT
public:
    // Another `explore` than that of core/explore is for tests.
    explicit Session(QObject *parent = nullptr, SearchRunner::Explore explore = epscope::explore);

    const Inputs &inputs() const { return current; }
    const Study &study() const { return current.study; }
    // The study as it was opened or saved last: where the controls' marks stand and double clicks lead back to.
    const Study &opened() const { return *originals.at(state.active); }
    bool modified() const;
    const SessionState &now() const { return state; }
    const std::shared_ptr<const Explored> &explored() const { return latest; } // null until the first search is done
    // Has it been of other inputs for so long, 100 ms, that it has to be said? Their search is under way.
    bool is_computing() const { return computing; }

    QUndoStack &history() { return past.steps(); }
    // A step of something that is not the session's, as a text: what a view is asked.
    void record(const QString &name, const QString &key, const QString &before, const QString &after,
        std::function<void(const QString &)> restore);

    // Scenarios in their order; the first is the study itself to the reader of its file. One without a name goes by the
    // study's.
    const std::vector<Card> &cards() const { return state.cards; }
    const Card &card() const { return state.card(); } // the one on show, which every change of the inputs changes
    QString name_of(const Card &card) const;
    StudyFile file() const; // all of it, to be saved

    // A study just read; nothing leads back behind it.
    void open(StudyFile file);
    void open(Study study) { open(StudyFile{std::move(study), {}}); }
    void mark_saved();
    // What was pinned next to this study when it was on show last; counts as opened with it.
    void open_pins(const StudyFile &file);
    // Any change of the inputs; emits once if something changed. The history names it `what`, or after the parameters
    // that differ.
    void change(Study study, const QString &what = {});
    // Likewise with what is picked in it.
    void change(Study study, std::optional<Selection> selection, const QString &what);
    // All of it, as one step.
    void change_all(const StudyFile &file, const QString &what);
    // What the study itself is called, whichever step of the history is taken.
    void rename(const std::string &name);

    // Another scenario; its last answer is on show at once.
    void show_card(int id);
    // Each is a step. A new scenario has the inputs as they were opened, a duplicate those of the other; both are then
    // on show.
    void add_card();
    void duplicate_card(int id);
    QString rename_card(int id, const QString &name); // what is wrong with the name, or an empty text
    void set_note(int id, const QString &note);
    void remove_card(int id); // unless it is the last one
    void move_card(int id, int place);
    // What is pinned, to be compared with; belongs to the study. Their results are in Baselines.
    const Pins &pins() const { return state.pins; }
    void change_pins(Pins pins, const QString &what); // a step
    // What estimates are shown next to; stays when another study is opened.
    void set_measured(std::shared_ptr<const Measured> measured);
    // One parameter by its key; what is wrong with the value, or an empty text.
    QString set(std::string_view key, const QString &value);
    // Nothing happens if the study does not have its chip and NIC; a change that takes them out of the study takes the
    // pick away.
    void select(std::optional<Selection> selection);
    // The operator lit in every view; nothing for none.
    void highlight(std::optional<OpId> operator_id);
    void cancel_search();
    void search(); // again where it has been cancelled

signals:
    void opened_study();
    void cards_changed(); // which there are, their names, notes and order, and which is on show
    void pins_changed();
    void inputs_changed();
    void explored_changed();
    void computing_changed(bool computing);
    void highlighted(std::optional<epscope::OpId> operator_id);
    void search_progressed(double fraction);
    void search_failed(const QString &problem);

private:
    Inputs current;
    SessionState state; // its active card holds the study and the selection of `current`
    SessionState saved;
    std::map<int, std::shared_ptr<const Study>> originals; // by card: what opened() gives
    std::map<int, std::shared_ptr<const Explored>> answers; // by card: the last exact one
    int next_card = 0;
    History past;
    std::shared_ptr<const Explored> latest;
    QTimer until_computing;
    bool computing = false;
    std::optional<OpId> lit;
    SearchRunner runner;

    void start_with(const StudyFile &file);
    std::vector<Card> cards_of(const StudyFile &file);
    Card *find_card(int id);
    QString free_name(const QString &proposed) const;
    void insert_card(std::shared_ptr<const Study> study, const QString &name, std::size_t place, const QString &what);
    void take_state(SessionState other);
    Card &active();
    std::shared_ptr<const Study> as_called(const std::shared_ptr<const Study> &study) const;
    void restore(const SessionState &other);
    bool know_chips();
    void inputs_have_changed();
    void await_answer(bool afresh);
    void set_computing(bool now);
};

// The same scenarios and baselines, whatever is picked in the scenarios: what is saved.
bool same_content(const SessionState &a, const SessionState &b);

} // namespace epscope
