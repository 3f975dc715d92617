// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements of decode runs as CSV, docs/files.md.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/io/csv.h"
#include "core/io/diagnostic.h"

namespace epscope {

class Library;

inline constexpr std::size_t largest_measurements_file = 16u << 20; // B

// Adds the rows that are not there already: a run in two files is one run.
void add_new(std::vector<Measurement> &rows, const std::vector<Measurement> &more);

std::span<const CsvColumn> measurement_columns();

// Rows in the order of the file. Columns that say the same in two ways must agree.
Read<std::vector<Measurement>> read_measurements(std::string_view text, const std::string &file);

// The files of measurements in the folders of a library, shipped ones first.
std::vector<std::filesystem::path> measurement_files(const std::vector<std::filesystem::path> &folders);

// What can be estimated of the rows, with models, chips and NICs by name: the study's before the library's. Rows for
// display only are left out.
Read<std::vector<MeasuredCase>> resolve_measurements(
    const std::vector<Measurement> &rows, const Study &study, const Library &library);

} // namespace epscope
