// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/baseline_control.h"

#include "app/words/text.h"

#include <QApplication>
#include <QKeyEvent>

namespace epscope {

BaselineControl::BaselineControl(Session &the_session, const Documents &the_documents, const Messages &the_messages)
    : session(the_session)
    , documents(the_documents)
    , messages(the_messages)
    , baselines(session)
{
    connect(&baselines, &Baselines::changed, this, &BaselineControl::follow_pins);
    connect(&baselines, &Baselines::failed, this,
        [this](const QString &problem) { emit failed(tr("The search for a baseline failed: %1").arg(problem)); });
    // Else a change of the inputs would not be seen.
    connect(&session, &Session::inputs_changed, this, [this] { show_alone(false); });
}

BaselineControl::Shown BaselineControl::shown() const
{
    Shown shown{session.explored(), pinned()};
    if (!alone || !shown.explored)
        return shown;
    shown.baselines.covered.push_back(shown.explored); // the axes stay what they are
    shown.explored = shown.baselines.primary()->explored;
    shown.baselines.pins.clear();
    return shown;
}

void BaselineControl::pin_result()
{
    const std::shared_ptr<const Explored> &explored = session.explored();
    const Inputs &now = session.inputs();
    const QString name = session.name_of(session.card());
    if (explored && explored->exact && explored->inputs == now)
        return pin(explored, name);
    show_alone(false);
    say_pinned(baselines.pin(now.study, now.selection, name));
}

void BaselineControl::pin(std::shared_ptr<const Explored> explored, const QString &name)
{
    show_alone(false);
    say_pinned(baselines.pin(std::move(explored), name));
}

void BaselineControl::say_pinned(bool pinned) const
{
    if (pinned)
        messages.say(tr("Pinned: %1").arg(to_text(session.pins().all.back().name)));
    else
        messages.say(tr("%1 baselines are pinned; unpin one first").arg(most_baselines));
}

void BaselineControl::pin_files(const QStringList &chosen)
{
    show_alone(false);
    QStringList unusable;
    for (const QString &file : chosen) {
        const Read<StudyFile> read = documents.read(file);
        if (read)
            say_pinned(baselines.pin(read.value->study, std::nullopt, name_of_file(file)));
        for (const Diagnostic &problem : read.problems)
            unusable << to_text(text_of(problem));
    }
    if (!unusable.isEmpty())
        messages.warn(tr("Not pinned"), list_of_problems(unusable));
}

void BaselineControl::ask_what_to_pin()
{
    if (const QString file = messages.dialogs.open_file(messages.window, tr("Pin a study"),
            tr("Studies and exported pictures (*.yaml *.yml *.png *.svg *.pdf *.html)"));
        !file.isEmpty())
        pin_files({file});
}

void BaselineControl::ask_for_name(std::size_t index)
{
    const QString before = to_text(session.pins().all[index].name);
    const QString name = messages.dialogs.ask_text(messages.window, tr("Rename the baseline"), tr("Name"), before);
    if (name.isEmpty())
        return;
    if (const QString wrong = baselines.rename(index, name); !wrong.isEmpty())
        messages.say(wrong);
}

void BaselineControl::take_inputs(std::size_t index)
{
    const Pin pin = session.pins().all[index];
    session.change(*pin.study, pin.selection, tr("Inputs of %1").arg(to_text(pin.name)));
}

void BaselineControl::follow_pins()
{
    if (pinned().pins.empty())
        alone = false;
    emit pinned_changed();
}

void BaselineControl::show_alone(bool on)
{
    if (on == alone || (on && pinned().pins.empty()))
        return;
    alone = on;
    messages.say(alone ? tr("Baseline %1 alone").arg(pinned().primary()->name) : QString());
    emit shown_changed();
}

// The menu bar would take the keyboard at its release; Alt with a letter still opens a menu, of which only the override
// is seen here.
bool BaselineControl::follow_alt(QEvent &event)
{
    if (event.type() == QEvent::ApplicationDeactivate || event.type() == QEvent::WindowDeactivate) {
        if (alt_held)
            show_alone(false);
        alt_held = false;
        return false;
    }
    if (event.type() != QEvent::KeyPress && event.type() != QEvent::KeyRelease
        && event.type() != QEvent::ShortcutOverride)
        return false;
    const auto &key = static_cast<QKeyEvent &>(event);
    const bool alt = key.key() == Qt::Key_Alt;
    if (alt_held && (!alt || event.type() == QEvent::KeyRelease)) { // wherever that happens, over a menu too
        alt_held = false;
        show_alone(false);
    }
    if (pinned().pins.empty() || !messages.window->isActiveWindow() || QApplication::activeModalWidget()
        || QApplication::activePopupWidget())
        return false;
    if (alt && event.type() == QEvent::ShortcutOverride)
        return true;
    if (alt && event.type() == QEvent::KeyPress) {
        alt_held = true;
        show_alone(true);
    }
    return alt;
}

} // namespace epscope
