// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/calibration_options.h"

#include <filesystem>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/study_options.h"
#include "app/files/resource_folders.h"
#include "core/io/file.h"
#include "core/io/measurements_csv.h"
#include "core/text.h"

namespace epscope {
namespace {

// A file, or the name of one in the library's folders of measurements.
std::string file_of(const std::string &source)
{
    std::error_code error;
    if (source == "-" || source.find('/') != std::string::npos || std::filesystem::exists(source, error))
        return source;
    for (const std::filesystem::path &file : measurement_files(resource_folders())) {
        if (file.stem() == source || file.filename() == source)
            return file.string();
    }
    return source;
}

} // namespace

void CalibrationOptions::add_to(CLI::App &command)
{
    study_options.add_to(command, StudyOptions::Place::positional, StudyOptions::Inputs::entries);
    command
        .add_option("--measurements", files,
            "CSV files of measurements (docs/files.md), or names of those that 'epscope list measurements' shows; "
            "default decode")
        ->type_name("FILE ...");
}

std::vector<MeasuredCase> CalibrationOptions::cases(const Study &study, const Library &library) const
{
    const std::vector<std::string> sources = files.empty() ? std::vector<std::string>{"decode"} : files;
    std::vector<Measurement> rows;
    ProblemList problems;
    for (const std::string &source : sources) {
        const std::string file = file_of(source);
        const Read<std::string> text = read_text(file, largest_measurements_file);
        const Read<std::vector<Measurement>> read = text ? read_measurements(*text.value, shown_name(file))
                                                         : Read<std::vector<Measurement>>{std::nullopt, text.problems};
        problems.add(read.problems);
        if (read)
            add_new(rows, *read.value);
    }
    if (!problems.empty())
        throw BadInput(problems);
    Read<std::vector<MeasuredCase>> cases = resolve_measurements(rows, study, library);
    if (!cases)
        throw BadInput(cases.problems);
    return std::move(*cases.value);
}

std::string CalibrationOptions::measured_in() const
{
    std::vector<std::string> names;
    for (const std::string &file : files)
        names.push_back(std::filesystem::path(file).filename().string());
    return names.empty() ? "decode.csv" : joined(names, ", ");
}

} // namespace epscope
