// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/chart_export.h"
#include "app/files/workbook.h"

namespace epscope {

// The table of a chart or of the results, with the chart that goes with its id where a spreadsheet program has such a
// one.
Workbook workbook_of(const NamedTable &table);

} // namespace epscope
