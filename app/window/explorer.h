// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include <QIcon>
#include <QString>

namespace CLI {
class App;
}

namespace epscope {

class Library;

// The program's own, at all usual sizes.
QIcon program_icon(const Library &library);
// Tells the desktop what this is: name, icon, and the entry in its menus.
void introduce(const Library &library);

// Opens the window; `source` is a study to open in place of the last one. Without a display, or where that cannot be
// reached, it prints the table of the study, by default the published one, and renders the window to a PNG, saying
// where.
int run_explorer(int argc, char **argv, const std::optional<QString> &source);

// epscope render: a view as the window shows it, drawn without a display.
void add_render_command(CLI::App &program, const Library &library);

} // namespace epscope
