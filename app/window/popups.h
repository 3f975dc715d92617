// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

#include "app/session/session.h"
#include "core/io/library.h"

namespace epscope {

class ChipAssistant;
class CommandPalette;
class Commands;
class Explanations;
class Files;
class Panes;

// What comes up over the window and stays there while one works on.
class Popups {
public:
    Popups(QWidget &window, Session &session, const Library &library, Files &files, const Panes &panes,
        Explanations &explanations, Commands &commands);

    // Takes all of them away, for good.
    void close();
    // A chip from its data sheet.
    void open_chip_assistant();
    void open_palette();
    void show_keys();

private:
    QWidget &window;
    Session &session;
    const Library &library;
    Files &files;
    const Panes &panes;
    Explanations &explanations;
    Commands &commands;
    QPointer<CommandPalette> palette; // made when they are first asked for
    QPointer<ChipAssistant> assistant;

    CommandPalette *make_palette();
};

} // namespace epscope
