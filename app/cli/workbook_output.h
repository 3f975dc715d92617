// SPDX-License-Identifier: GPL-3.0-or-later
// The results of a command as a workbook: what -o FILE.xlsx gives.
#pragma once

#include <string>

#include "app/files/workbook.h"
#include "core/spec/study.h"

namespace epscope {

class Output;

// Does the file's name say so? BadInput where a format was chosen that no workbook has.
bool wants_workbook(const std::string &file, const std::string &format);
// Writes all of it; throws Failed.
void write_workbook(Output &output, Workbook workbook, const Study &study);

} // namespace epscope
