// SPDX-License-Identifier: GPL-3.0-or-later
// Texts to try and to look into.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace epscope::testing {

inline std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

inline bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// The folder of chips, models, profiles and studies that come with the program.
inline std::filesystem::path shipped_resources()
{
    return EPSCOPE_SOURCE_DIR "/resources";
}

} // namespace epscope::testing
