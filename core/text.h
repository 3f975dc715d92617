// SPDX-License-Identifier: GPL-3.0-or-later
// Small text helpers for messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace epscope {

// Without the blanks of Unicode around it, and the characters that take no room.
std::string_view trimmed(std::string_view text);
// Behind the mark that some editors write before UTF-8 text.
std::string_view without_byte_order_mark(std::string_view text);
// As one would type it on a plain keyboard: every blank that Unicode knows, and characters that take no room, as ' ';
// full-width forms, the signs for minus, division and micro, and typographic apostrophes as their ASCII likes.
std::string as_typed(std::string_view text);
// What a terminal would obey, control characters of one byte and of two, and what is no UTF-8 text as '?'.
std::string printable(std::string_view text);
std::string printable_lines(std::string_view text); // likewise, but for the ends of lines
// Offset of the first byte that is not part of UTF-8 text; npos if all is.
std::size_t find_invalid_utf8(std::string_view text);
// As much of that many bytes at the start of a text as ends with a whole character.
std::string_view beginning(std::string_view text, std::size_t longest);
// Of a text longer than that many bytes its beginning and its end with "..." between; characters stay whole.
std::string shortened(std::string_view text, std::size_t longest);
// 'text' in single quotes, printable, cut to a readable length.
std::string in_quotes(std::string_view text);
// Columns that a text takes on a terminal: wide East Asian characters and emoji take two, combining ones none.
std::size_t display_width(std::string_view text);
// Filled up with spaces to a display width, behind the text or before it.
std::string padded(std::string_view text, std::size_t width);
std::string padded_left(std::string_view text, std::size_t width);
// A field of a CSV line, in quotes where it needs them (RFC 4180). Spreadsheets take what begins with = + - @ or a tab
// for a formula: an apostrophe before it makes it text. Numbers stay numbers.
std::string csv_field(std::string_view text, char separator = ',');
// The text of a field once its quotes are read: without that apostrophe.
std::string_view without_csv_apostrophe(std::string_view text);
// Letters of ASCII in the other case, whatever the locale; all else stays.
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
std::string joined(const std::vector<std::string> &parts, std::string_view separator);
std::vector<std::string_view> split(std::string_view text, char separator);
// "; did you mean 'x'?" for the closest candidate within a third of the length, else nothing.
std::string did_you_mean(std::string_view text, const std::vector<std::string> &candidates);

} // namespace epscope
