// SPDX-License-Identifier: GPL-3.0-or-later
// Variants of a study as `epscope compare --variant` takes them.
#pragma once

#include <optional>
#include <string>

#include "core/analysis/compare.h"

namespace epscope {

// "NAME: KEY=VALUE, KEY=VALUE" of a study; BadInput where it cannot be read.
Case variant_of(const Study &base, const std::string &text);
// The text that makes the case of the base; nothing if no text does.
std::optional<std::string> variant_text(const Study &base, const Case &variant);

} // namespace epscope
