// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and switches of profiles of version 0.1 that nothing is calculated by any more. Files and settings that have
// them are still taken.
#pragma once

#include <optional>
#include <string_view>

namespace epscope {

struct RetiredKey {
    std::string_view key; // of a profile
    std::string_view instead; // "popularity_span of model-2026 took its place"
};
// Null for any other key.
const RetiredKey *retired_key(std::string_view key);

} // namespace epscope
