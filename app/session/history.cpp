// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/history.h"

#include <algorithm>
#include <chrono>
#include <type_traits>

#include <QCoreApplication>
#include <QKeyEvent>
#include <QVariant>

#include "app/words/change_name.h"

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds closely{1000}; // between repeats of a key that are one step
constexpr int most_steps = 500;

bool same_study(const std::shared_ptr<const Study> &a, const std::shared_ptr<const Study> &b)
{
    return a == b || *a == *b;
}

bool same(const SessionState &a, const SessionState &b)
{
    return a.active == b.active && a.cards == b.cards && a.pins == b.pins;
}

bool same(const QString &a, const QString &b)
{
    return a == b;
}

// Does what came before one step follow from what came after another?
bool follows(const SessionState &after, const SessionState &next)
{
    return next.active == after.active;
}

bool follows(const QString &, const QString &)
{
    return true;
}

// What two steps that have become one are called; `latest` is the name of the second one.
QString merged_name(
    const std::string &key, const SessionState &before, const SessionState &after, const QString &latest)
{
    return key == selection_key ? latest : change_name(*before.card().study, *after.card().study).text;
}

QString merged_name(const std::string &, const QString &, const QString &, const QString &latest)
{
    return latest;
}

// Whether a line that is edited can undo is a property of it: the session knows no widget.
constexpr const char *can_undo = "undoAvailable", *can_redo = "redoAvailable";

// A spin box hands its keys to its line.
const QObject *line_of(const QObject &watched)
{
    return watched.property(can_undo).isValid()
        ? &watched
        : watched.findChild<const QObject *>(QStringLiteral("qt_spinbox_lineedit"), Qt::FindDirectChildrenOnly);
}

// A line being edited has its own undo and redo; with none left of them the keys mean those of the window.
bool is_used_up(const QObject &line, const QKeyEvent &key)
{
    return (key.matches(QKeySequence::Undo) && !line.property(can_undo).toBool())
        || (key.matches(QKeySequence::Redo) && !line.property(can_redo).toBool());
}

} // namespace

const Card &SessionState::card() const
{
    return *std::find_if(cards.begin(), cards.end(), [this](const Card &card) { return card.id == active; });
}

bool operator==(const Card &a, const Card &b)
{
    return a.id == b.id && a.name == b.name && a.note == b.note && a.selection == b.selection
        && same_study(a.study, b.study);
}

bool operator==(const Pin &a, const Pin &b)
{
    return a.name == b.name && a.mark == b.mark && a.selection == b.selection && same_study(a.study, b.study);
}

bool operator==(const Pins &a, const Pins &b)
{
    return a.all == b.all && a.primary == b.primary && a.threshold == b.threshold;
}

template <class State>
class History::Step : public QUndoCommand {
public:
    Step(const QString &name, std::string the_key, State from, State to, std::function<void(const State &)> give_back,
        const History &owner)
        : QUndoCommand(name)
        , key(std::move(the_key))
        , before(std::move(from))
        , after(std::move(to))
        , restore(std::move(give_back))
        , gesture(owner.gesture)
        , pressed(owner.pressed)
        , when(Clock::now())
    {
    }

    int id() const override { return key.empty() ? -1 : std::is_same_v<State, SessionState> ? 1 : 2; }
    void undo() override { restore(before); }
    void redo() override
    {
        if (done) // pushed when it has happened
            restore(after);
        done = true;
    }
    bool mergeWith(const QUndoCommand *command) override
    {
        const auto &next = *static_cast<const Step *>(command);
        const bool goes_on =
            next.gesture == gesture && next.pressed == pressed && (pressed || next.when - when < closely);
        if (next.key != key || !goes_on || !follows(after, next.before))
            return false;
        after = next.after;
        when = next.when;
        setText(merged_name(key, before, after, next.text()));
        setObsolete(same(before, after));
        return true;
    }

private:
    std::string key;
    State before, after;
    std::function<void(const State &)> restore;
    int gesture;
    bool pressed;
    Clock::time_point when;
    bool done = false;
};

History::History(Restore the_restore, QObject *parent)
    : QObject(parent)
    , restore(std::move(the_restore))
{
    stack.setUndoLimit(most_steps);
    if (qApp)
        qApp->installEventFilter(this);
}

History::~History() = default;

void History::record(const QString &name, const std::string &key, SessionState before, SessionState after)
{
    stack.push(new Step<SessionState>(name, key, std::move(before), std::move(after), restore, *this));
}

void History::record(const QString &name, const std::string &key, const QString &before, const QString &after,
    std::function<void(const QString &)> give_back)
{
    stack.push(new Step<QString>(name, key, before, after, std::move(give_back), *this));
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
    case QEvent::MouseButtonRelease:
        pressed = false;
        break;
    case QEvent::ShortcutOverride:
        if (const QObject *line = line_of(*watched); line && is_used_up(*line, *static_cast<QKeyEvent *>(event))) {
            event->ignore();
            return true;
        }
        break;
    default:
        break;
    }
    return false;
}

} // namespace epscope
