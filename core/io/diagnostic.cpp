// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/diagnostic.h"

#include <algorithm>

#include "core/text.h"

namespace epscope {

std::vector<Diagnostic> utf8_problems(std::string_view text, const std::string &file)
{
    const std::size_t invalid = find_invalid_utf8(text);
    if (invalid == std::string_view::npos)
        return {};
    const std::string_view before = text.substr(0, invalid);
    const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    const auto column = static_cast<int>(invalid - (before.rfind('\n') + 1)) + 1;
    return {{file, line, column, "", "is not UTF-8 text"}};
}

std::string text_of(const Diagnostic &diagnostic)
{
    std::string text = printable(diagnostic.file);
    if (diagnostic.line > 0)
        text += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
    text += diagnostic.severity == Severity::warning ? ": warning: " : ": ";
    if (!diagnostic.key.empty())
        text += printable(diagnostic.key) + ": ";
    return text + printable(diagnostic.message);
}

} // namespace epscope
