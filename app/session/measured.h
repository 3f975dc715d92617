// SPDX-License-Identifier: GPL-3.0-or-later
// The measurements that the explorer shows estimates beside: those of the library's folders and a person's own files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/io/library.h"

namespace epscope {

struct Measured {
    std::vector<Measurement> rows; // in the order of the files, each once
    std::vector<MeasuredCase> cases; // of those that state all that an estimate needs
    std::vector<std::optional<std::size_t>> case_of; // by row: index into `cases`; none: for display only
    std::vector<Model> model_of; // by row; one that nothing is known of has a name alone

    bool operator==(const Measured &) const = default;
};

struct LoadedMeasurements {
    std::shared_ptr<const Measured> measured; // null if there are none
    std::vector<Diagnostic> problems; // of files and rows, which are left out
};

// Chips and NICs are those that were measured, as the library has them; the study's where the library has none of that
// name.
LoadedMeasurements load_measurements(const std::vector<std::string> &files, const Library &library, const Study &study);
// The files of the library's folders.
std::vector<std::string> library_measurements(const Library &library);
// Does a file look like one of measurements?
bool is_measurements_file(const std::string &file);

} // namespace epscope
