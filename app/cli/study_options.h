// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/library.h"
#include "core/spec/study_file.h"

namespace CLI {
class App;
}

namespace epscope {

// What commands work on where none is named: those of searches, and those of measurements.
inline constexpr const char *usual_study = "published-v1", *usual_measured_study = "calibrated";

// The options by which every command takes its study and changes it: the study itself, --scenario, --chip, --nic,
// --model, --profile, --set and one for each workload, search and target parameter of the parameter table. What they
// name is an entry of the library or a file.
class StudyOptions {
public:
    enum class Place { positional, option_only }; // may stand without --study before it?
    enum class Inputs { all, entries }; // of commands that search nothing: chips, NICs, model and profile alone

    explicit StudyOptions(std::string default_source = usual_study)
        : source(std::move(default_source))
    {
    }

    void add_to(CLI::App &command, Place place = Place::positional, Inputs inputs = Inputs::all);
    // The study with all changes made, or BadInput.
    Study study(const Library &library) const { return study(library, source); }
    // Another study than that of --study, with the same changes.
    Study study(const Library &library, const std::string &other_source) const;
    // The study with its scenarios, each with the same changes; --scenario does not count, and baselines stay what they
    // were.
    StudyFile file(const Library &library) const { return file(library, source); }
    StudyFile file(const Library &library, const std::string &other_source) const;
    const std::string &named_source() const { return source; } // of --study
    void name_source(std::string other_source) { source = std::move(other_source); }
    const std::string &scenario() const { return scenario_name; } // empty: the study itself
    // By its option or by --set; also "chip" and "nic".
    bool given(std::string_view key) const;

private:
    std::string source;
    std::string scenario_name;
    std::string model, profile;
    std::vector<std::string> chips, nics;
    std::vector<std::string> settings;
    std::vector<std::pair<std::string, std::optional<std::string>>> values; // parameter key, text if given

    void add_parameters(CLI::App &command);
    // `from`: what the study was read from.
    Study changed(Study study, const Library &library, const std::string &from) const;
};

// Of a parameter: "--mtp-len".
std::string option_name(std::string_view key);

// A study by name or file, or BadInput.
Study study_from(const std::string &source, const Library &library);
StudyFile study_file_from(const std::string &source, const Library &library);

// --baseline: what results are compared with.
void add_baseline_option(CLI::App &command, std::string &name);
// What it names: a baseline or scenario of the study, else another study by name or file; or BadInput.
BaselineCard baseline_from(const std::string &name, const StudyFile &file, const Library &library);

// --format with the formats a command offers, the first being the default.
void add_format_option(CLI::App &command, std::string &format, const std::vector<std::string> &formats);
void add_output_option(CLI::App &command, std::string &file);
void add_threads_option(CLI::App &command, unsigned &threads);

} // namespace epscope
