// SPDX-License-Identifier: GPL-3.0-or-later
// Scenarios compared as a table on paper: outputs with their changes, then the inputs that differ.
#pragma once

#include <vector>

#include "app/export/chart_export.h"
#include "app/export/report_table.h"

namespace epscope {

class CompareModel;

// These columns of the model, behind the names of its rows.
ReportTable comparison_table(const CompareModel &model, const std::vector<int> &columns);
// What the changes are against, and which of them are grey.
QString comparison_note(const CompareModel &model);
// All of it as a picture. The model outlives it.
Drawing comparison_drawing(const CompareModel &model);
Exportable exportable(const CompareModel &model); // outlives it
// Picture or data, as the suffix says. What went wrong, or an empty text.
QString export_comparison_table(const CompareModel &model, const QString &file, ExportOptions options);

} // namespace epscope
