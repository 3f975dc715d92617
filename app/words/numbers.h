// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as all views write them.
#pragma once

#include <cstdint>

#include <QString>

namespace epscope {

// "3,703".
QString whole_text(std::int64_t count);
// "1 B", "512 MB".
QString size_text(double bytes);
// With separators from a thousand on: "3,703", "28.9".
QString rate_number(double value);

} // namespace epscope
