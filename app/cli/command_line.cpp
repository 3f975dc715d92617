// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/sources.h"
#include "app/files/resource_folders.h"
#include "app/version.h"
#include "core/io/library.h"
#include "core/text.h"

namespace epscope {
namespace {

// Breaks descriptions into lines that fit next to the options.
class WrappingFormatter final : public CLI::Formatter {
public:
    WrappingFormatter() { column_width(left); }

    std::string make_option_desc(const CLI::Option *option) const override
    {
        return wrapped(Formatter::make_option_desc(option));
    }
    std::string make_footer(const CLI::App *app) const override
    {
        const std::string text = app->get_footer();
        return text.empty() ? text : "\n" + text + "\n";
    }

private:
    static constexpr std::size_t left = 34, right = 86;

    static std::string wrapped(const std::string &text)
    {
        std::string lines;
        std::size_t width = 0;
        for (const std::string_view word : split(text, ' ')) {
            if (width > 0)
                lines += width + 1 + word.size() > right ? '\n' : ' ';
            width = width > 0 && width + 1 + word.size() <= right ? width + 1 + word.size() : word.size();
            lines += word;
        }
        return lines;
    }
};

int usage_problem(const CLI::App &program, const std::string &message, int argc, char **argv)
{
    std::string text = message;
    // CLI11 names a mistyped subcommand only as an unexpected argument.
    const bool no_command = program.get_subcommands().empty();
    if (no_command && argc == 2 && looks_like_a_file(argv[1]) && argv[1][0] != '-') {
        text = std::string(argv[1]) + ": cannot be opened: no such file, nor the folder of a model";
    } else if (no_command && argc > 1 && argv[1][0] != '-') {
        std::vector<std::string> names;
        for (const CLI::App *command : program.get_subcommands([](const CLI::App *) { return true; }))
            names.push_back(command->get_name());
        text = "unknown command " + in_quotes(argv[1]) + "; allowed is " + joined(names, ", ")
            + did_you_mean(argv[1], names);
    }
    complain(fmt::format("epscope: {}\nSee 'epscope --help'.", printable(text)));
    return exit_bad_input;
}

// Runs what the arguments ask for; --help and --version, which CLI11 throws, end here too.
void parse(CLI::App &program, int argc, char **argv)
{
    std::ostringstream text;
    try {
        program.parse(argc, argv);
        if (program.get_subcommands().empty())
            text << program.help();
    } catch (const CLI::Success &request) {
        program.exit(request, text);
    }
    Output output("-", "table");
    output.write(text.str());
    output.commit();
}

} // namespace

int run_command_line(int argc, char **argv, const PictureWriter &pictures, const std::vector<AddCommand> &more)
{
    const std::vector<std::filesystem::path> folders = resource_folders();
    const bool runs_a_command = argc > 1 && argv[1][0] != '-';
    if (const std::string missing = missing_resources(folders); runs_a_command && !missing.empty()) {
        complain(missing);
        return exit_bad_input;
    }
    const InterruptMessage interrupted;
    const Library library(folders);
    CLI::App program{"EPScope: how many tokens per second and card a chip delivers serving DeepSeek-V3 with expert "
                     "parallelism, and what limits it.",
        "epscope"};
    program.set_version_flag("--version", fmt::format("epscope {}", version), "Print the version and end");
    program.require_subcommand(0, 1);
    program.formatter(std::make_shared<WrappingFormatter>());
    add_search_command(program, library);
    add_estimate_command(program, library);
    add_pareto_command(program, library);
    add_compare_command(program, library, pictures);
    add_sensitivity_command(program, library, pictures);
    add_seek_command(program, library, pictures);
    add_map_command(program, library, pictures);
    add_explain_command(program, library);
    add_list_command(program, library);
    add_check_command(program, library);
    add_validate_command(program, library);
    add_calibrate_command(program, library);
    for (const AddCommand add : more)
        add(program, library);
    try {
        parse(program, argc, argv);
        return exit_ok;
    } catch (const CLI::ParseError &problem) {
        return usage_problem(program, problem.what(), argc, argv);
    } catch (const BadInput &bad) {
        for (const Diagnostic &problem : bad.problems)
            complain(text_of(problem));
        return exit_bad_input;
    } catch (const Interrupted &) {
        complain(std::string(interrupted_message));
        return exit_interrupted;
    } catch (const std::exception &failure) {
        complain(std::string("epscope: ") + failure.what());
        return exit_failed;
    }
}

} // namespace epscope
