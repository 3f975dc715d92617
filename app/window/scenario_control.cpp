// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/scenario_control.h"

#include <QLineEdit>

#include "app/views/scenario_strip.h"

namespace epscope {

ScenarioControl::ScenarioControl(Session &the_session, ScenarioStrip &the_strip)
    : session(the_session)
    , strip(the_strip)
{
}

int ScenarioControl::place() const
{
    return static_cast<int>(&session.card() - session.cards().data());
}

void ScenarioControl::show(int place)
{
    if (place >= 0 && place < count())
        session.show_card(session.cards()[static_cast<std::size_t>(place)].id);
}

void ScenarioControl::show_next(int step)
{
    show((place() + step + count()) % count());
}

void ScenarioControl::edit_name()
{
    strip.rename(session.card().id);
}

void ScenarioControl::edit_note()
{
    strip.note_line()->show();
    strip.note_line()->setFocus(Qt::ShortcutFocusReason);
}

} // namespace epscope
