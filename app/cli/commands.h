// SPDX-License-Identifier: GPL-3.0-or-later
// The subcommands: each adds itself, its options and what it does to the program's command line.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/io/diagnostic.h"

namespace CLI {
class App;
}

namespace epscope {

class Library;
class PictureWriter;

// What stands in place of a file in what is said of options.
inline constexpr const char *command_line_file = "command line";

// Input that cannot be used: every problem is printed and the program ends with exit_bad_input.
struct BadInput : std::runtime_error {
    explicit BadInput(const ProblemList &all)
        : std::runtime_error("bad input")
        , problems(all.list())
    {
    }
    explicit BadInput(const std::vector<Diagnostic> &all)
        : BadInput(ProblemList(all))
    {
    }
    BadInput(const std::string &where, const std::string &key, const std::string &message)
        : BadInput(std::vector<Diagnostic>{{where, 0, 0, key, message}})
    {
    }
    std::vector<Diagnostic> problems;
};

// What went wrong outside the program: ends with exit_failed.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Ctrl-C: ends with exit_interrupted.
struct Interrupted { };

void add_search_command(CLI::App &program, const Library &library);
void add_estimate_command(CLI::App &program, const Library &library);
void add_pareto_command(CLI::App &program, const Library &library);
void add_list_command(CLI::App &program, const Library &library);
void add_check_command(CLI::App &program, const Library &library);
void add_calibrate_command(CLI::App &program, const Library &library);
void add_validate_command(CLI::App &program, const Library &library);
void add_compare_command(CLI::App &program, const Library &library, const PictureWriter &pictures);
void add_sensitivity_command(CLI::App &program, const Library &library, const PictureWriter &pictures);
void add_seek_command(CLI::App &program, const Library &library, const PictureWriter &pictures);
void add_map_command(CLI::App &program, const Library &library, const PictureWriter &pictures);
void add_explain_command(CLI::App &program, const Library &library);
// epscope report: a study's results in one file to hand over.
void add_report_command(CLI::App &program, const Library &library);

} // namespace epscope
