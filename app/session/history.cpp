// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/history.h"

#include <algorithm>
#include <chrono>

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>

#include "app/session/change_name.h"

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds closely{1000}; // between repeats of a key that are one step
constexpr int most_steps = 500;

bool same(const SessionState &a, const SessionState &b)
{
    const auto equal = [](const Card &one, const Card &other) {
        return one.id == other.id && one.name == other.name && one.note == other.note && one.selection == other.selection
            && (one.study == other.study || *one.study == *other.study);
    };
    return a.active == b.active && std::equal(a.cards.begin(), a.cards.end(), b.cards.begin(), b.cards.end(), equal);
}

// A line being edited has its own undo and redo; with none left of them the keys mean those of the window.
bool is_used_up(const QLineEdit &line, const QKeyEvent &key)
{
    return (key.matches(QKeySequence::Undo) && !line.isUndoAvailable()) || (key.matches(QKeySequence::Redo) && !line.isRedoAvailable());
}

} // namespace

const Card &SessionState::card() const
{
    return *std::find_if(cards.begin(), cards.end(), [this](const Card &card) { return card.id == active; });
}

class History::Step : public QUndoCommand {
public:
    Step(const QString &name, std::string the_key, SessionState from, SessionState to, const History &owner)
        : QUndoCommand(name), key(std::move(the_key)), before(std::move(from)), after(std::move(to)), history(owner), gesture(owner.gesture),
          pressed(owner.pressed), when(Clock::now())
    {
    }

    int id() const override { return key.empty() ? -1 : 1; }
    void undo() override { history.restore(before); }
    void redo() override
    {
        if (done) // pushed when it has happened
            history.restore(after);
        done = true;
    }
    bool mergeWith(const QUndoCommand *command) override
    {
        const auto &next = *static_cast<const Step *>(command);
        const bool goes_on = next.gesture == gesture && next.pressed == pressed && (pressed || next.when - when < closely);
        if (next.key != key || !goes_on || next.before.active != after.active)
            return false;
        after = next.after;
        when = next.when;
        const QString name = key == selection_key ? next.text() : change_name(*before.card().study, *after.card().study).text;
        setText(name);
        setObsolete(same(before, after));
        return true;
    }

private:
    std::string key;
    SessionState before, after;
    const History &history;
    int gesture;
    bool pressed;
    Clock::time_point when;
    bool done = false;
};

History::History(Restore the_restore, QObject *parent) : QObject(parent), restore(std::move(the_restore))
{
    stack.setUndoLimit(most_steps);
    if (qApp)
        qApp->installEventFilter(this);
}

History::~History() = default;

void History::record(const QString &name, const std::string &key, SessionState before, SessionState after)
{
    stack.push(new Step(name, key, std::move(before), std::move(after), *this));
}

bool History::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        ++gesture;
        pressed = true;
        break;
    case QEvent::MouseButtonDblClick: // goes on from its first click
        pressed = true;
        break;
    case QEvent::MouseButtonRelease: pressed = false; break;
    case QEvent::ShortcutOverride:
        if (const auto *line = qobject_cast<QLineEdit *>(watched); line && is_used_up(*line, *static_cast<QKeyEvent *>(event))) {
            event->ignore();
            return true;
        }
        break;
    default: break;
    }
    return false;
}

} // namespace epscope
