// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "app/window/commands.h"

namespace epscope {

class BaselineControl;
class ChartSet;
class CopiedCommand;
class Docks;
class Explanations;
class Exports;
class Files;
class Library;
class Panes;
class Popups;
class Presenter;
class ScenarioControl;
class Session;
class ThemeSource;
class ViewSettings;
struct Messages;

// What the commands act on.
struct CommandTargets {
    QWidget &window;
    Session &session;
    const Library &library;
    const ThemeSource &theme;
    const Messages &messages;
    Files &files;
    Exports &exports;
    const CopiedCommand &command_line;
    ScenarioControl &scenarios;
    BaselineControl &baselines;
    Explanations &explanations;
    Docks &docks;
    ChartSet &charts;
    ViewSettings &views;
    const Panes &panes;
    Popups &popups;
    Presenter &presenter;
};

// All that can be done in the window, in the order of its menus.
std::vector<Command> command_table(const CommandTargets &targets);

} // namespace epscope
