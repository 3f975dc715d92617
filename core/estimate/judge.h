// SPDX-License-Identifier: GPL-3.0-or-later
// The one rule of whether a configuration serves, and what it lacks where it does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/memory.h"
#include "core/spec/study.h"

namespace epscope {

// In the order in which they are looked for: the first that holds is the reason.
enum class Reason : std::uint8_t { shape, ep, memory, target };
inline constexpr std::size_t reason_count = 4;
std::string_view name_of(Reason reason);

// Why a configuration cannot serve, and the smallest change that would correct it.
struct Infeasible {
    Reason reason{};
    std::string what; // for Reason::shape, what is not supported
    double needed = 0; // memory: B; target: tok/s per user; ep: cards; shape: sequences or MTP layers
    double available = 0; // in the same unit
    // memory: the largest batch that fits; target: the largest smaller one that fits and reaches it
    std::optional<std::int64_t> largest_batch;
    // target, where no batch that fits reaches it: the largest smaller one that would, if it fitted
    std::optional<std::int64_t> fast_but_too_large = std::nullopt;

    double missing() const { return needed - available; }
    bool operator==(const Infeasible &) const = default;
};
// "needs 92.1 GB of memory, 80.0 GB are usable: 12.1 GB missing; the largest batch that fits is 58".
std::string text_of(const Infeasible &infeasible);

// Both in tok/s per user. The only part of the rule that depends on times.
inline bool is_too_slow(double ux_tps, double target_tps)
{
    return ux_tps < target_tps;
}

// What all batch sizes of a combination are judged by.
struct Limits {
    std::int64_t least_batch = 1; // sequences: one for each micro-batch
    bool can_draft = true; // the model has an MTP layer, or nothing is drafted
    bool has_cards = true; // as many as EP and TP ask for
    std::string_view misfit; // what no equation or no such group of cards can do; empty: nothing
    bool ep_fits = true; // the experts spread over EP cards as the mode and the groups ask
    std::int64_t max_batch = 0; // sequences: the most that fit in memory
    double target_tps = 0; // tok/s per user; 0 for none

    // The reason why no batch size serves, whatever its speed and memory; none: some may.
    std::optional<Reason> never() const;
    // The first reason why a batch size of this speed in tok/s per user does not serve; none: it does.
    std::optional<Reason> reason(std::int64_t batch, double ux_tps) const;

    bool operator==(const Limits &) const = default;
};
Limits limits_of(const Profile &profile, const Model &model, const Workload &workload, const MemoryBreakdown &memory,
    const Point &point, double target_tps);

// All reasons that do not depend on times, in their order.
std::vector<Infeasible> reasons_but_speed(const Limits &limits, const Model &model, const Workload &workload,
    const MemoryBreakdown &memory, const Point &point);

} // namespace epscope
