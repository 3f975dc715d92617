// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/memory.h"

namespace epscope {

struct MemoryBreakdown : MemoryOf<double> {
    std::int64_t max_batch = 0; // largest that fits

    bool operator==(const MemoryBreakdown &) const = default;
};

// `memory`: the card's, B. All of the point but its policy counts.
MemoryBreakdown memory_breakdown(
    const Profile &profile, const Model &model, const Workload &workload, double memory, const Point &point);

} // namespace epscope
