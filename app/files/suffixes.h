// SPDX-License-Identifier: GPL-3.0-or-later
// What the names of files end with, by what the files hold.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace epscope {

inline constexpr std::array<std::string_view, 5> text_suffixes{".yaml", ".yml", ".json", ".csv", ".tsv"};
inline constexpr std::array<std::string_view, 3> picture_suffixes{".png", ".svg", ".pdf"};
inline constexpr std::string_view page_suffix = ".html", workbook_suffix = ".xlsx";

inline bool ends_with_any(std::string_view file, std::span<const std::string_view> suffixes)
{
    return std::any_of(
        suffixes.begin(), suffixes.end(), [&](std::string_view suffix) { return file.ends_with(suffix); });
}

} // namespace epscope
