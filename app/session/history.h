// SPDX-License-Identifier: GPL-3.0-or-later
// Undo and redo: what the session or a view was before and after each step. One drag is one step, and so are quick
// repeats of a key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QObject>
#include <QUndoStack>

#include "core/explore/explored.h"

namespace epscope {

// A scenario as the session holds it.
struct Card {
    int id = 0; // its own for as long as the study is open
    std::string name, note;
    std::shared_ptr<const Study> study; // shared between the steps of the history
    std::optional<Selection> selection; // picked while it was on show; not saved
};

// Inputs whose result is pinned, to be compared with.
struct Pin {
    std::string name;
    std::size_t mark = 0; // what it is drawn with, its own for as long as it is pinned
    std::shared_ptr<const Study> study;
    std::optional<Selection> selection;
};

struct Pins {
    std::vector<Pin> all;
    std::size_t primary = 0; // index of the one that differences are against
    double threshold = 0.01; // a smaller change counts as none; not saved
};

// All that steps change.
struct SessionState {
    std::vector<Card> cards; // never empty
    int active = 0; // id of the one on show
    Pins pins;

    const Card &card() const;
};

bool operator==(const Card &a, const Card &b);
bool operator==(const Pin &a, const Pin &b);
bool operator==(const Pins &a, const Pins &b);

class History : public QObject {
    Q_OBJECT
public:
    using Restore = std::function<void(const SessionState &)>;

    explicit History(Restore restore, QObject *parent = nullptr);
    ~History() override;

    QUndoStack &steps() { return stack; }
    // What has just happened. Steps of the same key become one while the mouse button is held, or if they follow each
    // other closely; an empty key is a step of its own. The name of a parameter's change is made from the states.
    void record(const QString &name, const std::string &key, SessionState before, SessionState after);
    // Likewise of something that the session does not hold, as a text.
    void record(const QString &name, const std::string &key, const QString &before, const QString &after,
        std::function<void(const QString &)> restore);
    void clear() { stack.clear(); }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    template <class State>
    class Step;

    Restore restore;
    QUndoStack stack;
    int gesture = 0; // counts presses of a mouse button
    bool pressed = false;
};

// Step of a picked configuration, for History::record().
inline constexpr const char *selection_key = "selection";

} // namespace epscope
