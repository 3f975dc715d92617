// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace epscope {
namespace {

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Levenshtein distance; a difference in case only counts nothing.
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (lower(a[i - 1]) != lower(b[j - 1]) ? 1 : 0);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

} // namespace

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 80;
    std::string shown = "'";
    std::size_t end = std::min(text.size(), longest);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) // not inside a UTF-8 character
        --end;
    for (const char c : text.substr(0, end)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            shown += '?';
        else
            shown += c;
    }
    return shown + (text.size() > end ? "...'" : "'");
}

std::string joined(const std::vector<std::string> &parts, std::string_view separator)
{
    std::string text;
    for (const std::string &part : parts) {
        if (!text.empty())
            text += separator;
        text += part;
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::string did_you_mean(std::string_view text, const std::vector<std::string> &candidates)
{
    constexpr std::size_t longest = 64;
    if (text.empty() || text.size() > longest)
        return {};
    const std::string *best = nullptr;
    std::size_t nearest = std::max<std::size_t>(1, text.size() / 3) + 1;
    for (const std::string &candidate : candidates) {
        if (candidate.empty())
            continue;
        const std::size_t distance = edit_distance(text, candidate);
        if (distance < nearest && distance < text.size()) {
            nearest = distance;
            best = &candidate;
        }
    }
    return best ? "; did you mean " + in_quotes(*best) + "?" : std::string{};
}

} // namespace epscope
