// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epscope {

// An error leaves no value. A warning is said of a value that is taken: it is unusual, or contradicts something else.
enum class Severity { error, warning };

// One thing that is wrong with an input, and where. Lines and columns count from 1; 0 stands for the file as a whole.
struct Diagnostic {
    std::string file;
    int line = 0;
    int column = 0;
    std::string key; // path of the key, "chips[0].memory"; may be empty
    std::string message; // what is wrong, what is allowed
    Severity severity = Severity::error;

    bool operator==(const Diagnostic &) const = default;
};

// Says that a text is not UTF-8, and where; nothing if it is.
std::vector<Diagnostic> utf8_problems(std::string_view text, const std::string &file);

// "file:line:column: key: message", "file:line:column: warning: key: message"
std::string text_of(const Diagnostic &diagnostic);

// A value read from input, or every problem found in it.
template <class T>
struct Read {
    std::optional<T> value;
    std::vector<Diagnostic> problems; // empty if and only if there is a value
    std::vector<Diagnostic> warnings = {}; // of the value

    explicit operator bool() const { return value.has_value(); }
};

} // namespace epscope
