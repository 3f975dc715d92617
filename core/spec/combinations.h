// SPDX-License-Identifier: GPL-3.0-or-later
// Which switches and numbers of a profile refuse each other, and which act only together with another. docs/model.md
// §15 has them as a table, with what stands elsewhere: that a rule by balance replaces others the reader of files says,
// what of a workload has no effect the notes of an estimate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/spec/parameters.h"

namespace epscope {

std::vector<Inconsistency> inconsistencies(const Profile &profile);

// A switch that is on, or a number that is not neutral, and yet changes no estimate.
struct WithoutEffect {
    std::string_view key; // of the profile, "quirks.x" for a quirk
    std::string_view why; // "the equations are model-2026"

    bool operator==(const WithoutEffect &) const = default;
};
std::vector<WithoutEffect> without_effect(const Profile &profile);

} // namespace epscope
