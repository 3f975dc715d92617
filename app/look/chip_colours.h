// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace epscope {

inline constexpr std::size_t chip_colours = 8; // of a theme; after so many they repeat, with other dashes

} // namespace epscope
