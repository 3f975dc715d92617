// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace epscope {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char upper(char c)
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string with_each(std::string_view text, char (*change)(char))
{
    std::string all(text);
    std::transform(all.begin(), all.end(), all.begin(), change);
    return all;
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

// The code point at the start of a text and the bytes that it takes; a byte that starts none counts as itself.
std::pair<char32_t, std::size_t> first_character(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text.front());
    std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (find_invalid_utf8(text.substr(0, length)) != std::string_view::npos)
        length = 1;
    char32_t c = length == 1 ? first : first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i)
        c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    return {c, length};
}

// The ASCII character that a code point looks like where numbers and units are written, or 0.
char ascii_like(char32_t c)
{
    constexpr char32_t first_wide = 0xff01, last_wide = 0xff5e; // full-width '!' to '~'
    if (c >= first_wide && c <= last_wide)
        return static_cast<char>(c - first_wide + '!');
    // White_Space of Unicode beyond ASCII, and what takes no room: zero-width space, word joiner, byte-order mark.
    constexpr std::u32string_view blanks = U"\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
                                           U"\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff";
    if (blanks.find(c) != std::u32string_view::npos)
        return ' ';
    switch (c) {
    case U'\u00b5': // the micro sign and the Greek letter
    case U'\u03bc':
        return 'u';
    case U'\u2212':
        return '-';
    case U'\u2044':
    case U'\u2215':
        return '/';
    case U'\u2019':
        return '\'';
    default:
        return 0;
    }
}

// Of a character as first_character() gives it: a blank, or one that takes no room.
bool is_blank(char32_t c, std::size_t length)
{
    return length == 1 ? std::u32string_view(U" \t\n\v\f\r").find(c) != std::u32string_view::npos
                       : ascii_like(c) == ' ';
}

// Is the byte one behind the first of a UTF-8 character?
bool continues_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// -3.5, +2e6 and the like.
bool is_number(std::string_view text)
{
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

// Would a spreadsheet take it for a formula, or for one behind the apostrophes that keep it text?
bool is_formula(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of('\''), text.size()));
    return !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos
        && !is_number(text);
}

enum class Lines { one, many };

// A terminal obeys C0, DEL and C1, the latter written as one byte or as U+0080 to U+009F. Bytes that are no UTF-8 text
// are no better than them.
std::string without_controls(std::string_view text, Lines lines)
{
    constexpr char shown = '?';
    std::string all;
    all.reserve(text.size());
    while (!text.empty()) {
        const auto [c, length] = first_character(text);
        const bool no_text = length == 1 && c >= 0x80;
        const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || no_text;
        if (control && !(lines == Lines::many && text.front() == '\n'))
            all += shown;
        else
            all += text.substr(0, length);
        text.remove_prefix(length);
    }
    return all;
}

} // namespace

std::string_view without_byte_order_mark(std::string_view text)
{
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (text.starts_with(mark))
        text.remove_prefix(mark.size());
    return text;
}

std::string as_typed(std::string_view text)
{
    std::string plain;
    while (!text.empty()) {
        const auto [c, length] = first_character(text);
        if (is_blank(c, length))
            plain += ' ';
        else if (const char like = length > 1 ? ascii_like(c) : '\0')
            plain += like;
        else
            plain += text.substr(0, length);
        text.remove_prefix(length);
    }
    return plain;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty()) {
        const auto [c, length] = first_character(text);
        if (!is_blank(c, length))
            break;
        text.remove_prefix(length);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && continues_character(text[start]))
            --start;
        const auto [c, length] = first_character(text.substr(start));
        if (start + length != text.size() || !is_blank(c, length))
            break;
        text.remove_suffix(length);
    }
    return text;
}

std::string printable(std::string_view text)
{
    return without_controls(text, Lines::one);
}

std::string printable_lines(std::string_view text)
{
    return without_controls(text, Lines::many);
}

std::size_t find_invalid_utf8(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
        const unsigned first = byte(i);
        const std::size_t length = first < 0x80 ? 1
            : first >= 0xc2 && first < 0xe0     ? 2
            : first >= 0xe0 && first < 0xf0     ? 3
            : first >= 0xf0 && first < 0xf5     ? 4
                                                : 0;
        if (length == 0)
            return i;
        for (std::size_t k = 1; k < length; ++k) {
            if ((byte(i + k) & 0xc0) != 0x80)
                return i;
        }
        const unsigned second = byte(i + 1);
        const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
        const bool surrogate = first == 0xed && second >= 0xa0;
        const bool beyond = first == 0xf4 && second >= 0x90;
        if (overlong || surrogate || beyond)
            return i;
        i += length;
    }
    return std::string_view::npos;
}

std::size_t display_width(std::string_view text)
{
    struct Range {
        char32_t first, last;
    };
    // Unicode's East Asian Wide and Fullwidth, in blocks.
    constexpr std::array<Range, 13> wide{{{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xa960, 0xa97f},
        {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff01, 0xff60}, {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}}};
    // Combining marks, zero-width characters, variation selectors.
    constexpr std::array<Range, 6> none{
        {{0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}}};
    const auto lies_in = [](char32_t c, const auto &ranges) {
        return std::any_of(
            ranges.begin(), ranges.end(), [c](const Range &range) { return c >= range.first && c <= range.last; });
    };
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto [c, length] = first_character(text);
        columns += lies_in(c, wide) ? 2 : lies_in(c, none) ? 0 : 1;
        text.remove_prefix(length);
    }
    return columns;
}

std::string padded(std::string_view text, std::size_t width)
{
    return std::string(text) + std::string(width - std::min(width, display_width(text)), ' ');
}

std::string padded_left(std::string_view text, std::size_t width)
{
    return std::string(width - std::min(width, display_width(text)), ' ') + std::string(text);
}

std::string_view beginning(std::string_view text, std::size_t longest)
{
    std::size_t end = std::min(text.size(), longest);
    while (end < text.size() && end > 0 && continues_character(text[end]))
        --end;
    return text.substr(0, end);
}

std::string shortened(std::string_view text, std::size_t longest)
{
    constexpr std::string_view between = "...";
    if (text.size() <= longest)
        return std::string(text);
    const std::size_t kept = longest - std::min(longest, between.size());
    std::size_t tail = text.size() - kept / 3;
    while (tail < text.size() && continues_character(text[tail]))
        ++tail;
    return std::string(beginning(text, kept - kept / 3)).append(between).append(text.substr(tail));
}

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 80;
    const std::string_view shown = beginning(text, longest);
    return "'" + printable(shown) + (text.size() > shown.size() ? "...'" : "'");
}

std::string csv_field(std::string_view text, char separator)
{
    const bool formula = is_formula(text);
    const std::string field = (formula ? "'" : "") + std::string(text);
    if (!formula && field.find(separator) == std::string::npos && field.find_first_of("\"\r\n") == std::string::npos)
        return field;
    std::string quoted = "\"";
    for (const char c : field)
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

std::string_view without_csv_apostrophe(std::string_view text)
{
    return text.starts_with('\'') && is_formula(text) ? text.substr(1) : text;
}

std::string ascii_lower(std::string_view text)
{
    return with_each(text, lower);
}

std::string ascii_upper(std::string_view text)
{
    return with_each(text, upper);
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
