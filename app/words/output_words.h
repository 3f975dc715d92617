// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the table of outputs in the language of the program.
#pragma once

#include <QString>

#include "core/analysis/outputs.h"

namespace epscope {

QString title_of(const Metric &metric);
QString help_of(const Metric &metric);
// Why a chip has no number for it, a whole sentence; empty where it has.
QString why_not_known(const Metric &metric, const Chip &chip);
QString header_of(const ColumnWords &column);
QString help_of(const ColumnWords &column);

} // namespace epscope
