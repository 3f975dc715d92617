// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/diagnostic.h"

namespace epscope {

std::string text_of(const Diagnostic &diagnostic)
{
    std::string text = diagnostic.file;
    if (diagnostic.line > 0)
        text += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
    text += ": ";
    if (!diagnostic.key.empty())
        text += diagnostic.key + ": ";
    return text + diagnostic.message;
}

} // namespace epscope
