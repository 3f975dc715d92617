// SPDX-License-Identifier: GPL-3.0-or-later
// The Pareto front of throughput per card over tokens/s per user: the points that no other point beats in one of the
// two without losing in the other. docs/model.md §9 states the ties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace epscope {

// A configuration as rankings see it.
struct Ranked {
    double ux_tps = 0;
    double throughput_per_card = 0;
    std::int64_t batch = 0;
    double kv_elem_size = 0;
    std::uint64_t order = 0; // of enumeration, distinct for distinct configurations

    bool operator==(const Ranked &) const = default;
};

// Rates that differ only by rounding are equal: both are compared at 40 bits of mantissa (1e-12). Communication-bound
// configurations scale exactly with the batch, so this is common.
double rounded_for_ties(double rate);

// The tie rule of winners and fronts: higher throughput, then higher tokens/s per user, then smaller batch, then larger
// KV element, then earlier in the enumeration. Total: of two configurations exactly one is better.
bool better(const Ranked &a, const Ranked &b);

// The front of any points, by descending ux_tps and so ascending throughput. Of points equal in both the better one
// stays. O(n log n). Points that are not finite are left out.
std::vector<Ranked> pareto_front(std::vector<Ranked> points);

// A front that grows with a stream of points and never holds more than the front itself.
class ParetoFront {
public:
    // Points in any order; cheapest by descending ux_tps, as ascending batch sizes mostly give.
    void add(std::span<const Ranked> points);
    // The same for arrays: sizes equal; the points have batches[i], kv_elem_size and first_order + i.
    void add(std::span<const double> ux_tps, std::span<const double> throughput, std::span<const std::int64_t> batches,
        double kv_elem_size, std::uint64_t first_order);

    const std::vector<Ranked> &points() const { return front; }

private:
    std::vector<Ranked> front; // as pareto_front() returns it
    std::vector<Ranked> survivors;

    // Index of the first front point slower than ux_tps, searched from `hint` on outwards.
    std::size_t first_slower(double ux_tps, std::size_t hint) const;
    void merge_survivors();
};

} // namespace epscope
