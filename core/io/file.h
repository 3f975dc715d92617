// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/io/diagnostic.h"

namespace epscope {

// "<stdin>" for "-": how messages name a file.
std::string shown_name(const std::string &file);
// What is said of a file that is larger.
Diagnostic too_large(const std::string &name, std::size_t limit);
// Whole text of a file, or of standard input for "-". More than `limit` bytes are refused without being read.
Read<std::string> read_text(const std::string &file, std::size_t limit);

} // namespace epscope
