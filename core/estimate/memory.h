// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/spec/study.h"

namespace epscope {

// Routed experts that one card holds.
inline std::int64_t experts_per_card(const Model &model, std::int64_t ep)
{
    return (model.routed_experts + ep - 1) / ep;
}

// Attention parameters of one layer, true shapes.
std::int64_t attention_parameters(const Model &model);

// What lies in one card's memory, B. docs/model.md §8.
struct MemoryBreakdown {
    double attention = 0;
    double shared_experts = 0;
    double routed_experts = 0;
    double dense_ffn = 0;
    double embedding_and_head = 0;
    double mtp = 0; // the MTP layer, when drafting
    double weights = 0; // the sum of the above, in this order
    double kv_per_sequence = 0;
    double kv_cache = 0; // of the batch
    double usable = 0; // usable fraction x memory - reserved memory
    double free = 0; // usable - weights - kv_cache; negative where it does not fit
    std::int64_t max_batch = 0; // largest that fits

    bool operator==(const MemoryBreakdown &) const = default;
};

// `memory`: the card's, B. All of the point but its policy counts.
MemoryBreakdown memory_breakdown(
    const Profile &profile, const Model &model, const Workload &workload, double memory, const Point &point);

} // namespace epscope
