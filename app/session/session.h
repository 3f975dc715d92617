// SPDX-License-Identifier: GPL-3.0-or-later
// The explorer's state: the inputs, and the latest result for them. Controls change the inputs here and nowhere else; views hear of it
// through the two signals. Every change is a step of the history.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include <QObject>
#include <QString>

#include "app/session/history.h"
#include "app/session/search_runner.h"
#include "core/estimate/operators.h"

namespace epscope {

class Session : public QObject {
    Q_OBJECT
public:
    explicit Session(QObject *parent = nullptr);

    const Inputs &inputs() const { return current; }
    const Study &study() const { return current.study; }
    // The study as it was opened or saved last: where the controls' marks stand and double clicks lead back to.
    const Study &opened() const { return *originals.at(state.active); }
    bool modified() const;
    const std::shared_ptr<const Explored> &explored() const { return latest; } // null until the first search is done

    QUndoStack &history() { return past.steps(); }

    // A study just read; nothing leads back behind it.
    void open(Study study);
    void mark_saved();
    // Any change of the inputs; emits once if something changed. The history names it `what`, or after the parameters that differ.
    void change(Study study, const QString &what = {});
    // What the study itself is called, whichever step of the history is taken.
    void rename(const std::string &name);
    // What estimates are shown beside; stays when another study is opened.
    void set_measured(std::shared_ptr<const Measured> measured);
    // One parameter by its key; what is wrong with the value, or an empty text.
    QString set(std::string_view key, const QString &value);
    void select(std::optional<Selection> selection);
    // The operator lit in every view; nothing for none.
    void highlight(std::optional<OpId> operator_id);
    void cancel_search() { runner.cancel(); }

signals:
    void opened_study();
    void inputs_changed();
    void explored_changed();
    void highlighted(std::optional<epscope::OpId> operator_id);
    void search_progressed(double fraction);
    void search_failed(const QString &problem);

private:
    Inputs current;
    SessionState state;   // its active card holds the study and the selection of `current`
    std::vector<Card> saved;
    std::map<int, std::shared_ptr<const Study>> originals; // by card: what opened() gives
    History past;
    std::shared_ptr<const Explored> latest;
    std::optional<OpId> lit;
    SearchRunner runner;

    void start_with(Study study);
    Card &active();
    std::shared_ptr<const Study> as_called(const std::shared_ptr<const Study> &study) const;
    void restore(const SessionState &other);
    void inputs_have_changed();
};

} // namespace epscope
