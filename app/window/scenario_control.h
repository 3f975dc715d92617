// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "app/session/session.h"

namespace epscope {

class ScenarioStrip;

// What is done with the scenario on show and its neighbours.
class ScenarioControl {
public:
    ScenarioControl(Session &session, ScenarioStrip &strip);

    int count() const { return static_cast<int>(session.cards().size()); }
    // Of the one on show, from 0 on.
    int place() const;
    // By its place; nothing happens for one that there is not.
    void show(int place);
    // The first follows the last.
    void show_next(int step);
    void duplicate() { session.duplicate_card(session.card().id); }
    void remove() { session.remove_card(session.card().id); }
    void move(int by) { session.move_card(session.card().id, place() + by); }
    // In the strip.
    void edit_name();
    void edit_note();

private:
    Session &session;
    ScenarioStrip &strip;
};

} // namespace epscope
