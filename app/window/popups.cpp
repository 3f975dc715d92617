// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/popups.h"

#include "app/controls/chip_assistant.h"
#include "app/controls/input_offers.h"
#include "app/controls/input_panel.h"
#include "app/views/command_palette.h"
#include "app/views/goal_view.h"
#include "app/views/shortcut_sheet.h"
#include "app/window/commands.h"
#include "app/window/docks.h"
#include "app/window/explanations.h"
#include "app/window/files.h"
#include "app/window/panes.h"

namespace epscope {

Popups::Popups(QWidget &the_window, Session &the_session, const Library &the_library, Files &the_files,
    const Panes &the_panes, Explanations &the_explanations, Commands &the_commands)
    : window(the_window)
    , session(the_session)
    , library(the_library)
    , files(the_files)
    , panes(the_panes)
    , explanations(the_explanations)
    , commands(the_commands)
{
}

void Popups::close()
{
    delete palette;
    delete assistant;
}

void Popups::open_chip_assistant()
{
    if (!assistant) {
        assistant = new ChipAssistant(&session, library, &window);
        QObject::connect(assistant, &ChipAssistant::chip_added, panes.inputs, &InputPanel::edit_chip);
        QObject::connect(assistant, &ChipAssistant::chip_saved, &files, &Files::reread_library);
    }
    assistant->show();
    assistant->raise();
    assistant->activateWindow();
}

CommandPalette *Popups::make_palette()
{
    const auto all_commands = [this](const QString &typed) { return commands.offers(typed); };
    const auto parameters = [this](const QString &typed) {
        const auto reveal = [this](const QString &control) {
            Docks::bring_up(*panes.inputs);
            panes.inputs->reveal(control);
        };
        return parameter_offers(session, panes.inputs->edited_chip(), reveal, typed);
    };
    const auto numbers = [this](const QString &typed) {
        return explanation_offers([this](const std::string &name) { explanations.explain({name}); }, typed);
    };
    const auto goals = [this](const QString &typed) {
        return goal_offers([this](const std::string &text) { panes.goal->start({}, text); }, typed);
    };
    return new CommandPalette({all_commands, parameters, numbers, goals}, &window);
}

void Popups::open_palette()
{
    if (!palette)
        palette = make_palette();
    palette->open();
}

void Popups::show_keys()
{
    (new ShortcutSheet(commands.keys(window), &window))->show();
}

} // namespace epscope
