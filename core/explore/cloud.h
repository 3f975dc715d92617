// SPDX-License-Identifier: GPL-3.0-or-later
// The look of all evaluated points without their number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/search/search.h"

namespace epscope {

// One evaluated configuration, enough to draw and to find it again.
struct CloudPoint {
    float ux_tps = 0;
    float throughput_per_card = 0;
    std::uint64_t order = 0; // of enumeration; candidate_at() gives the rest
    std::optional<Reason> reason;

    bool operator==(const CloudPoint &) const = default;
};

// What a search evaluated, by order number; where the points are more than `most`, those of every n-th combination, so
// that memory stays bounded.
class EvaluatedPoints {
public:
    EvaluatedPoints(std::uint64_t combinations, std::size_t batches, std::uint64_t most);

    // From any thread, each combination once.
    void store(const CombinationResult &result);
    double most_ux_tps() const;
    double most_throughput() const;

private:
    friend class CloudThinner;

    std::size_t batch_count;
    std::uint64_t stride; // between combinations kept
    std::vector<float> ux_tps, throughput;
    std::vector<std::uint8_t> reason; // reason_count: feasible

    std::size_t first_slot(std::uint64_t combination) const;
    std::uint64_t order_of(std::size_t slot) const;
};

// Keeps one point per cell of a fine grid from 0 to the most of both rates, feasible and infeasible ones apart.
class CloudThinner {
public:
    CloudThinner(double most_ux_tps, double most_throughput);

    // Of the combinations from `first` up to and without `last`.
    std::vector<CloudPoint> thin(const EvaluatedPoints &points, std::uint64_t first, std::uint64_t last);

private:
    float per_ux, per_throughput;
    std::vector<char> taken;

    void keep(const EvaluatedPoints &points, std::size_t slot, std::vector<CloudPoint> &kept) const;
};

} // namespace epscope
