// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "core/io/file.h"
#include "core/io/library.h"

namespace epscope {
namespace {

// Reads a file as what its first key says it is; what it holds, or all its problems.
Read<Head> check(const std::string &file, const Library &library)
{
    const Read<std::string> text = read_text(file, largest_file);
    if (!text)
        return {std::nullopt, text.problems};
    const std::string name = shown_name(file);
    Read<Head> head = read_head(*text.value, name);
    if (!head)
        return head;
    const auto keep = [&](const auto &read) {
        if (!read)
            head = {std::nullopt, read.problems};
        head.warnings = read.warnings;
    };
    switch (head.value->kind) {
    case Kind::chip:
        keep(read_chip(*text.value, name));
        break;
    case Kind::nic:
        keep(read_nic(*text.value, name));
        break;
    case Kind::model:
        keep(read_model(*text.value, name));
        break;
    case Kind::profile:
        keep(read_profile(*text.value, name));
        break;
    case Kind::study:
        keep(read_study(*text.value, name, library));
        break;
    }
    return head;
}

std::string checked_text(std::size_t warnings)
{
    return warnings == 0 ? "no problems" : fmt::format("no errors, {} warning{}", warnings, warnings == 1 ? "" : "s");
}

void run(const std::vector<std::string> &files, const Library &library)
{
    ProblemList problems, warnings;
    Output output("-", "table");
    for (const std::string &file : files) {
        const Read<Head> head = check(file, library);
        if (head)
            output.write(fmt::format("{}: {} {}: {}\n", shown_name(file), name_of(head.value->kind), head.value->name,
                checked_text(count_of(head.warnings))));
        warnings.add(head.warnings);
        problems.add(head.problems);
    }
    output.commit();
    for (const Diagnostic &warning : warnings.list())
        complain(text_of(warning));
    if (!problems.empty())
        throw BadInput(problems);
}

} // namespace

void add_check_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("check", "Check chip, NIC, model, profile and study files without running anything");
    const auto files = std::make_shared<std::vector<std::string>>();
    command->add_option("FILE", *files, "Files to check; - for standard input")->required();
    command->callback([files, &library] { run(*files, library); });
}

} // namespace epscope
