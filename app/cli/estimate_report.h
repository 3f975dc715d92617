// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/estimate/estimate.h"

namespace epscope {

// One configuration for reading: results, blocks with operators and overlap windows, FlashMLA, memory, notes.
std::string estimate_report(const Scenario &scenario, const Estimate &estimate);
// The same in full precision; SI units, named in the keys. An indent of -1 is one line.
std::string estimate_json(const Scenario &scenario, const Estimate &estimate, int indent);

} // namespace epscope
