// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/study_options.h"
#include "app/files/embedded_study.h"
#include "core/io/configs_csv.h"
#include "core/io/content.h"
#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/measurements_csv.h"
#include "core/io/model_config.h"
#include "core/io/spec_reader.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

// What a file holds, "chip H800" or "12 measurements", or all its problems.
using Checked = Read<std::string>;

Checked counted(std::size_t count, const std::string &what)
{
    return {fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"), {}};
}

// Also what the rows name that state enough for an estimate; the others are for display only.
Checked check_measurements(const std::string &text, const std::string &name, const Library &library)
{
    const Read<std::vector<Measurement>> rows = read_measurements(text, name);
    if (!rows)
        return {std::nullopt, rows.problems};
    const bool estimated =
        std::any_of(rows.value->begin(), rows.value->end(), [](const Measurement &row) { return row.complete(); });
    if (estimated) {
        const Read<Study> study = library.study(usual_measured_study);
        const Read<std::vector<MeasuredCase>> cases = study
            ? resolve_measurements(*rows.value, *study.value, library)
            : Read<std::vector<MeasuredCase>>{std::nullopt, study.problems};
        if (!cases)
            return {std::nullopt, cases.problems};
    }
    return counted(rows.value->size(), "measurement");
}

// With the chips and NICs of the library, and the study's own where the library has none of the name.
Checked check_configs(const std::string &text, const std::string &name, const Library &library)
{
    Read<Study> study = library.study(usual_study);
    if (!study)
        return {std::nullopt, study.problems};
    const auto add_all = [&](Kind kind, auto &known, auto from_library) {
        for (const Library::Entry &entry : library.entries(kind)) {
            if (find_named(known, entry.name) || !entry.problems.empty())
                continue;
            if (auto read = from_library(entry.name))
                known.push_back(std::move(*read.value));
        }
    };
    add_all(Kind::chip, study.value->chips, [&](const std::string &entry) { return library.chip(entry); });
    add_all(Kind::nic, study.value->nics, [&](const std::string &entry) { return library.nic(entry); });
    const Read<std::vector<ConfigRow>> rows = read_configs(text, name, *study.value);
    return rows ? counted(rows.value->size(), "configuration") : Checked{std::nullopt, rows.problems};
}

// `file`: where the text is from, as what stands next to a model's config.json counts too.
Checked check_entry(const std::string &text, const std::string &file, const Library &library)
{
    const std::string name = shown_name(file);
    const Read<Head> head = read_head(text, name);
    if (!head)
        return {std::nullopt, head.problems};
    Checked checked{fmt::format("{} {}", name_of(head.value->kind), head.value->name), {}};
    const auto keep = [&](const auto &read) {
        if (!read)
            checked = {std::nullopt, read.problems};
        checked.warnings = read.warnings;
    };
    switch (head.value->kind) {
    case Kind::chip:
        keep(read_chip(text, name));
        break;
    case Kind::nic:
        keep(read_nic(text, name));
        break;
    case Kind::model:
        keep(file == "-" ? read_model(text, name) : read_model_file(file));
        break;
    case Kind::profile:
        keep(read_profile(text, name));
        break;
    case Kind::study:
        keep(read_study(text, name, library));
        break;
    }
    return checked;
}

// Reads a file as what its content says it is, a folder as that of a model.
Checked check(const std::string &source, const Library &library)
{
    const Read<std::string> place = model_file_of(source);
    if (!place)
        return {std::nullopt, place.problems};
    const std::string &file = *place.value;
    const std::string name = shown_name(file);
    const Read<std::string> text = study_source(file, largest_configs_file).text;
    if (!text)
        return {std::nullopt, text.problems};
    switch (content_of(*text.value, name)) {
    case Content::measurements:
        return check_measurements(*text.value, name, library);
    case Content::configs:
        return check_configs(*text.value, name, library);
    case Content::entry:
        break;
    }
    return text.value->size() > largest_file ? Checked{std::nullopt, {too_large(name, largest_file)}}
                                             : check_entry(*text.value, file, library);
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
        const Checked checked = check(file, library);
        if (checked)
            output.write(fmt::format(
                "{}: {}: {}\n", shown_name(file), *checked.value, checked_text(count_of(checked.warnings))));
        warnings.add(checked.warnings);
        problems.add(checked.problems);
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
    CLI::App *command = program.add_subcommand("check",
        "Check files of any kind without running anything: studies, also in exported pictures, chips, NICs, models, "
        "profiles, folders of models, and CSV of measurements or configurations");
    const auto files = std::make_shared<std::vector<std::string>>();
    command->add_option("FILE", *files, "Files to check, or folders of models; - for standard input")->required();
    command->callback([files, &library] { run(*files, library); });
}

} // namespace epscope
