// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/diagnostic.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/text.h"

namespace epscope {
namespace {

// Bytes: more is no help to a reader, and a key or cell of a file may be as long as the file.
constexpr std::size_t longest_key = 200;
constexpr std::size_t longest_message = 1000;

bool is_before(const Diagnostic &a, const Diagnostic &b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

// The name of an encoding that spreadsheets and editors save Unicode text in, other than UTF-8; empty for none.
std::string_view wide_encoding(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> marks{{{{"\xff\xfe\0\0", 4}, "UTF-32"},
        {{"\0\0\xfe\xff", 4}, "UTF-32"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"}}};
    for (const auto &[mark, name] : marks) {
        if (text.starts_with(mark))
            return name;
    }
    const auto is_zero = [&](std::size_t place) { return text[place] == '\0'; };
    const bool every_other = text.size() >= 4 && is_zero(0) == is_zero(2) && is_zero(1) == is_zero(3)
        && is_zero(0) != is_zero(1); // of letters that ASCII has
    return every_other ? "UTF-16" : "";
}

} // namespace

void ProblemList::add(Diagnostic problem)
{
    if (problem.unlisted > 0) {
        found += problem.unlisted;
        return;
    }
    ++found;
    if (first.size() == most_kept && (order == Order::as_found || !is_before(problem, first.back())))
        return;
    problem.key = shortened(problem.key, longest_key);
    problem.message = shortened(problem.message, longest_message);
    first.insert(
        order == Order::as_found ? first.end() : std::upper_bound(first.begin(), first.end(), problem, is_before),
        std::move(problem));
    if (first.size() > most_kept)
        first.pop_back();
}

void ProblemList::add(const std::vector<Diagnostic> &problems)
{
    for (const Diagnostic &problem : problems)
        add(problem);
}

std::vector<Diagnostic> ProblemList::list() const
{
    std::vector<Diagnostic> all = first;
    if (const std::size_t more = found - first.size(); more > 0) {
        const bool one_file = std::all_of(
            first.begin(), first.end(), [&](const Diagnostic &problem) { return problem.file == first.front().file; });
        const Severity severity = first.empty() ? Severity::error : first.front().severity;
        const std::string what = severity == Severity::warning ? "warning" : "problem";
        all.push_back({one_file && !first.empty() ? first.front().file : std::string(), 0, 0, "",
            "and " + std::to_string(more) + " more " + what + (more == 1 ? "" : "s"), severity, more});
    }
    return all;
}

std::size_t count_of(const std::vector<Diagnostic> &problems)
{
    return std::accumulate(problems.begin(), problems.end(), std::size_t{0},
        [](std::size_t sum, const Diagnostic &problem) { return sum + std::max<std::size_t>(1, problem.unlisted); });
}

std::vector<Diagnostic> utf8_problems(std::string_view text, const std::string &file)
{
    if (const std::string_view other = wide_encoding(text); !other.empty())
        return {{file, 1, 1, "", "is " + std::string(other) + " text; save it as UTF-8"}};
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
    std::string text = diagnostic.file;
    if (diagnostic.line > 0)
        text += ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column);
    if (!text.empty() || diagnostic.unlisted == 0)
        text += ": ";
    if (diagnostic.severity == Severity::warning)
        text += "warning: ";
    if (!diagnostic.key.empty())
        text += shortened(diagnostic.key, longest_key) + ": ";
    return printable(text + shortened(diagnostic.message, longest_message));
}

} // namespace epscope
