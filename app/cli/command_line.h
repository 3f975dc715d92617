// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace CLI {
class App;
}

namespace epscope {

class Library;
class PictureWriter;

// Exit codes of the program.
enum ExitCode : int { exit_ok = 0, exit_failed = 1, exit_bad_input = 2, exit_interrupted = 130 };

// Adds a subcommand of its own to the program's.
using AddCommand = void (*)(CLI::App &program, const Library &library);

// Runs the subcommand that the arguments name; `more` and what draws come from above the headless ones.
int run_command_line(int argc, char **argv, const PictureWriter &pictures, const std::vector<AddCommand> &more);

} // namespace epscope
