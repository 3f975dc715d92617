// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/study_options.h"

#include <algorithm>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/sources.h"
#include "core/io/file.h"
#include "core/spec/axes.h"
#include "core/spec/named.h"
#include "core/spec/parameters.h"
#include "core/spec/remarks.h"
#include "core/text.h"

namespace epscope {
namespace {

// Problems that no file has are those of the option that named what is not there.
std::vector<Diagnostic> of_option(std::vector<Diagnostic> problems, const char *option)
{
    for (Diagnostic &problem : problems) {
        if (problem.file.empty() && problem.unlisted == 0) {
            problem.file = command_line_file;
            problem.key = option;
        }
    }
    return problems;
}

// Entries by name or file, the study's own before the library's.
template <class T>
std::vector<T> pick(const std::vector<T> &own, const std::vector<std::string> &sources, const char *option,
    Read<T> (*named)(const std::string &, const Library &), const Library &library, ProblemList &problems)
{
    std::vector<T> picked;
    for (const std::string &source : sources) {
        const T *found = find_named(own, source);
        Read<T> read = found ? Read<T>{*found, {}} : named(source, library);
        if (!read) {
            problems.add(of_option(std::move(read.problems), option));
        } else if (find_named(picked, read.value->name)) {
            problems.add({command_line_file, 0, 0, option, "duplicate name " + in_quotes(read.value->name)});
        } else {
            warn(read.warnings);
            picked.push_back(std::move(*read.value));
        }
    }
    return picked;
}

// `option`: that named the source.
StudyFile read_or_throw(const std::string &source, const Library &library, const char *option)
{
    Read<StudyFile> read = named_study(source, library);
    if (!read)
        throw BadInput(of_option(std::move(read.problems), option));
    warn(read.warnings);
    return std::move(*read.value);
}

} // namespace

std::string option_name(std::string_view key)
{
    std::string name = "--" + std::string(key);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

Study study_from(const std::string &source, const Library &library)
{
    return study_file_from(source, library).study;
}

StudyFile study_file_from(const std::string &source, const Library &library)
{
    return read_or_throw(source, library, "--study");
}

void add_baseline_option(CLI::App &command, std::string &name)
{
    command
        .add_option("--baseline", name,
            "What to compare with, pinned as in the window: a baseline or scenario of the study, or another study by "
            "name or file; a map then shows the difference")
        ->option_text("NAME|FILE");
}

BaselineCard baseline_from(const std::string &name, const StudyFile &file, const Library &library)
{
    // The study itself, changed by the options, is no baseline to itself where the library has it unchanged; what is
    // pinned in its file is one.
    std::optional<BaselineCard> own = baseline_named(file, name);
    const bool pinned = find_named(file.baselines, name) != nullptr;
    const bool is_itself = own && !pinned && own->study == file.study;
    if (own && !is_itself)
        return *std::move(own);
    if (names_a_file(name, Kind::study, library)) {
        Study study = read_or_throw(name, library, "--baseline").study;
        return {study.name, std::move(study), {}};
    }
    std::vector<std::string> names;
    for (const BaselineCard &card : file.baselines)
        names.push_back(card.name);
    for (const ScenarioCard &card : all_scenarios(file))
        names.push_back(card.name.empty() ? file.study.name : card.name);
    std::vector<std::string> known = names;
    for (const Library::Entry &entry : library.entries(Kind::study)) {
        if (entry.name == name)
            return {name, read_or_throw(name, library, "--baseline").study, {}};
        known.push_back(entry.name);
    }
    if (own)
        return *std::move(own);
    throw BadInput("command line", "--baseline",
        in_quotes(name) + " is no baseline or scenario of the study, which has " + joined(names, ", ")
            + ", and no study" + did_you_mean(name, known));
}

void StudyOptions::add_to(CLI::App &command, Place place, Inputs inputs)
{
    command
        .add_option(place == Place::positional ? "study,--study" : "--study", source,
            "Study by name, or a file, also a picture or page exported with its study, or - for standard input")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    if (inputs == Inputs::all)
        command.add_option("--scenario", scenario_name, "This scenario of the study in place of the study itself")
            ->type_name("NAME");
    const auto add_entries = [&](const char *option, std::vector<std::string> &sources, const char *help) {
        command.add_option(option, sources, help)
            ->option_text("NAME|FILE,...")
            ->delimiter(',')
            ->allow_extra_args(false);
    };
    add_entries("--chip", chips,
        "These chips in place of the study's: by name, the study's own before the library's, or YAML files");
    add_entries("--nic", nics, "These NICs in place of the study's, likewise");
    command
        .add_option("--model", model,
            "This model in place of the study's: by name, a YAML file, a Hugging Face config.json or a folder with one")
        ->type_name("NAME|FILE");
    command.add_option("--profile", profile, "This profile in place of the study's, by name or a YAML file")
        ->type_name("NAME|FILE");
    if (inputs == Inputs::all)
        add_parameters(command);
}

void StudyOptions::add_parameters(CLI::App &command)
{
    std::vector<Parameter> listed;
    for (const Parameter &parameter : all_parameters()) {
        if (parameter.scope == Scope::workload || parameter.scope == Scope::search || parameter.scope == Scope::target)
            listed.push_back(parameter);
    }
    values.reserve(listed.size() + precision_numbers().size()); // CLI11 keeps references
    const auto add = [&](std::string key, const std::string &help, const std::string &allowed, const char *group) {
        auto &value = values.emplace_back(std::move(key), std::nullopt);
        command.add_option(option_name(value.first), value.second, help + " Allowed: " + allowed + ".")
            ->type_name("VALUE")
            ->group(group);
    };
    constexpr const char *ranges = "Search ranges (lists: 72,144 or 16..128:8)";
    for (const Parameter &parameter : listed) {
        add(std::string(parameter.key), std::string(parameter.help), allowed_text(parameter),
            parameter.scope == Scope::search ? ranges : "Workload");
        const SearchAxis *axis = parameter.scope == Scope::search ? find_axis(parameter.key) : nullptr;
        for (const AxisNumber &number : axis ? axis->numbers : std::span<const AxisNumber>()) {
            if (number.in_pair)
                add(std::string(number.key), std::string(number.help), allowed_text(parameter), ranges);
        }
    }
    command
        .add_option("--set", settings,
            "Any parameter of 'epscope list parameters': key of workload or search, or chip.KEY, chip.NAME.KEY, "
            "nic.KEY, model.KEY, "
            "quirks.KEY, profile.KEY")
        ->option_text("KEY=VALUE ...")
        ->allow_extra_args(false);
}

bool StudyOptions::given(std::string_view key) const
{
    if (key == "chip" || key == "nic")
        return !(key == "chip" ? chips : nics).empty();
    const bool as_option = std::any_of(
        values.begin(), values.end(), [&](const auto &value) { return value.first == key && value.second; });
    return as_option || std::any_of(settings.begin(), settings.end(), [&](const std::string &setting) {
        return setting.starts_with(std::string(key) + "=");
    });
}

Study StudyOptions::study(const Library &library, const std::string &other_source) const
{
    StudyFile file = study_file_from(other_source, library);
    if (scenario_name.empty())
        return changed(std::move(file.study), library, other_source);
    std::vector<std::string> names;
    for (ScenarioCard &card : file.scenarios) {
        if (card.name == scenario_name)
            return changed(std::move(card.study), library, other_source);
        names.push_back(card.name);
    }
    throw BadInput("command line", "--scenario",
        names.empty() ? "study " + in_quotes(file.study.name) + " has no scenarios"
                      : "no scenario " + in_quotes(scenario_name) + " in the study; it has " + joined(names, ", ")
                + did_you_mean(scenario_name, names));
}

StudyFile StudyOptions::file(const Library &library, const std::string &other_source) const
{
    StudyFile file = study_file_from(other_source, library);
    file.study = changed(std::move(file.study), library, other_source);
    for (ScenarioCard &card : file.scenarios)
        card.study = changed(std::move(card.study), library, other_source);
    return file;
}

Study StudyOptions::changed(Study study, const Library &library, const std::string &from) const
{
    ProblemList problems;
    if (!chips.empty())
        study.chips = pick(study.chips, chips, "--chip", named_chip, library, problems);
    if (!nics.empty())
        study.nics = pick(study.nics, nics, "--nic", named_nic, library, problems);
    const auto replace = [&](const std::string &wanted, auto named, const char *option, auto take) {
        if (wanted.empty())
            return;
        auto read = named(wanted, library);
        warn(read.warnings);
        if (read)
            take(std::move(*read.value));
        problems.add(of_option(std::move(read.problems), option));
    };
    replace(model, named_model, "--model", [&](Model taken) {
        for (const Remark &remark : take_model(study, std::move(taken))) {
            if (!given(remark.key))
                warn({{command_line_file, 0, 0, remark.key, remark.message, Severity::warning}});
        }
    });
    replace(profile, named_profile, "--profile", [&](Profile taken) { study.profile = std::move(taken); });
    for (const auto &[key, text] : values) {
        if (!text)
            continue;
        if (auto wrong = set_parameter(study, key, *text, BareNumbers::allowed))
            problems.add({command_line_file, 0, 0, option_name(key), *wrong});
    }
    for (const std::string &setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0) {
            problems.add({command_line_file, 0, 0, "--set", in_quotes(setting) + " is no setting; expected KEY=VALUE"});
            continue;
        }
        const std::string key = setting.substr(0, equals);
        if (auto wrong = set_parameter(study, key, setting.substr(equals + 1), BareNumbers::allowed))
            problems.add({command_line_file, 0, 0, key, *wrong});
    }
    if (!problems.empty())
        throw BadInput(problems);
    const auto is_given = [&](const std::string &key) { // "chip.memory" is that of each chip
        const std::size_t first = key.find('.'), last = key.rfind('.');
        return given(key) || (first != last && given(key.substr(0, first) + key.substr(last)));
    };
    for (const Remark &remark : remarks(study)) {
        warn({{is_given(remark.key) ? command_line_file : shown_name(from), 0, 0, remark.key, remark.message,
            Severity::warning}});
    }
    return study;
}

void add_format_option(CLI::App &command, std::string &format, const std::vector<std::string> &formats)
{
    format = formats.front();
    command.add_option("--format", format, "Output format; default " + format)
        ->check(CLI::IsMember(formats))
        ->option_text(joined(formats, "|"));
}

void add_output_option(CLI::App &command, std::string &file)
{
    file = "-";
    command.add_option("-o,--output", file, "File to write, whole or not at all; - for standard output")
        ->type_name("FILE")
        ->capture_default_str();
}

void add_threads_option(CLI::App &command, unsigned &threads)
{
    threads = 0;
    command
        .add_option("--threads", threads,
            "Threads of the search; 0 for as many as the machine has. The result does not depend on it")
        ->check(CLI::Range(0u, 256u))
        ->option_text("N");
}

} // namespace epscope
