// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/export/chart_export.h"
#include "app/files/workbook.h"

namespace epscope {

// The table with the chart that it asks for.
Workbook workbook_of(const NamedTable &table);

} // namespace epscope
