// SPDX-License-Identifier: GPL-3.0-or-later
// Files of measurements, with what their rows name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/calibrate/measured.h"
#include "core/io/library.h"

namespace epscope {

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
