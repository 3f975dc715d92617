// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace epscope {

// Exit codes of the program.
enum ExitCode : int { exit_ok = 0, exit_failed = 1, exit_bad_input = 2, exit_interrupted = 130 };

// Runs the subcommand that the arguments name.
int run_command_line(int argc, char **argv);

} // namespace epscope
