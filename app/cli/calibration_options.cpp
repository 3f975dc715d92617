// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/calibration_options.h"

#include <filesystem>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/study_options.h"
#include "app/resource_folders.h"
#include "core/io/file.h"
#include "core/io/measurements_csv.h"
#include "core/text.h"

namespace epscope {

void CalibrationOptions::add_to(CLI::App &command)
{
    command.add_option("--study", study_name, "Study by name or file: its profile, model and chips; chips not in it come from the library")
        ->type_name("NAME|FILE")
        ->capture_default_str();
    command.add_option("--measurements", files, "CSV files of measurements (docs/files.md); default the shipped decode.csv")->type_name("FILE");
}

Study CalibrationOptions::study(const Library &library) const
{
    return study_from(study_name, library);
}

std::vector<MeasuredCase> CalibrationOptions::cases(const Study &study, const Library &library) const
{
    std::vector<std::string> sources = files;
    if (sources.empty())
        sources.push_back((resource_folders().front() / "measurements" / "decode.csv").string());
    std::vector<Measurement> rows;
    std::vector<Diagnostic> problems;
    for (const std::string &file : sources) {
        const Read<std::string> text = read_text(file, largest_measurements_file);
        const Read<std::vector<Measurement>> read =
            text ? read_measurements(*text.value, file == "-" ? "<stdin>" : file) : Read<std::vector<Measurement>>{std::nullopt, text.problems};
        problems.insert(problems.end(), read.problems.begin(), read.problems.end());
        if (read)
            rows.insert(rows.end(), read.value->begin(), read.value->end());
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
