// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/pareto.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

namespace epscope {
namespace {

// By descending ux_tps; of equal ones the better first, so that a scan meets it before those it dominates.
bool faster(const Ranked &a, const Ranked &b)
{
    const double ux_a = rounded_for_ties(a.ux_tps), ux_b = rounded_for_ties(b.ux_tps);
    return ux_a != ux_b ? ux_a > ux_b : better(a, b);
}

bool is_finite(const Ranked &point)
{
    return std::isfinite(point.ux_tps) && std::isfinite(point.throughput_per_card);
}

bool more_throughput(const Ranked &a, const Ranked &b)
{
    return rounded_for_ties(a.throughput_per_card) > rounded_for_ties(b.throughput_per_card);
}

// Keeps of points sorted by faster() those with more throughput than all faster ones.
void keep_front(std::vector<Ranked> &sorted)
{
    std::size_t kept = 0;
    for (const Ranked &point : sorted) {
        if (kept == 0 || more_throughput(point, sorted[kept - 1]))
            sorted[kept++] = point;
    }
    sorted.resize(kept);
}

} // namespace

double rounded_for_ties(double rate)
{
    constexpr int dropped_bits = 52 - 40;
    const auto bits = std::bit_cast<std::uint64_t>(rate);
    return std::bit_cast<double>((bits + (std::uint64_t{1} << (dropped_bits - 1))) >> dropped_bits << dropped_bits);
}

bool better(const Ranked &a, const Ranked &b)
{
    const double throughput_a = rounded_for_ties(a.throughput_per_card),
                 throughput_b = rounded_for_ties(b.throughput_per_card);
    if (throughput_a != throughput_b)
        return throughput_a > throughput_b;
    const double ux_a = rounded_for_ties(a.ux_tps), ux_b = rounded_for_ties(b.ux_tps);
    if (ux_a != ux_b)
        return ux_a > ux_b;
    if (a.batch != b.batch)
        return a.batch < b.batch;
    if (a.kv_elem_size != b.kv_elem_size)
        return a.kv_elem_size > b.kv_elem_size;
    return a.order < b.order;
}

std::vector<Ranked> pareto_front(std::vector<Ranked> points)
{
    std::erase_if(points, [](const Ranked &point) { return !is_finite(point); });
    std::sort(points.begin(), points.end(), faster);
    keep_front(points);
    return points;
}

std::size_t ParetoFront::first_slower(double ux_tps, std::size_t hint) const
{
    const double rounded = rounded_for_ties(ux_tps);
    const auto slower = [&](const Ranked &point) { return rounded_for_ties(point.ux_tps) < rounded; };
    std::size_t low = 0;
    std::size_t high = front.size();
    if (hint > 0 && hint <= front.size() && !slower(front[hint - 1])) {
        low = hint; // the answer lies at or behind the hint: double the stride until past it
        for (std::size_t stride = 1; low + stride <= front.size(); stride *= 2) {
            if (slower(front[low + stride - 1])) {
                high = low + stride - 1;
                break;
            }
            low += stride;
        }
    }
    return static_cast<std::size_t>(
        std::partition_point(front.begin() + static_cast<std::ptrdiff_t>(low),
            front.begin() + static_cast<std::ptrdiff_t>(high), [&](const Ranked &point) { return !slower(point); })
        - front.begin());
}

void ParetoFront::add(std::span<const Ranked> points)
{
    for (const Ranked &point : points) {
        if (is_finite(point))
            survivors.push_back(point);
    }
    merge_survivors();
}

void ParetoFront::add(std::span<const double> ux_tps, std::span<const double> throughput,
    std::span<const std::int64_t> batches, double kv_elem_size, std::uint64_t first_order)
{
    constexpr std::size_t block = 8; // most blocks lie below the front and are done with one comparison
    std::size_t hint = 0;
    for (std::size_t first = 0; first < ux_tps.size(); first += block) {
        const std::size_t last = std::min(first + block, ux_tps.size());
        double fastest = -std::numeric_limits<double>::infinity(), most = fastest; // NaN, no point, is not seen
        for (std::size_t i = first; i < last; ++i) {
            fastest = fastest < ux_tps[i] ? ux_tps[i] : fastest;
            most = most < throughput[i] ? throughput[i] : most;
        }
        // The last front point at least as fast has the most throughput of all such points.
        hint = first_slower(fastest, hint);
        if (hint > 0 && rounded_for_ties(front[hint - 1].throughput_per_card) > rounded_for_ties(most))
            continue;
        for (std::size_t i = first; i < last; ++i) {
            hint = first_slower(ux_tps[i], hint);
            const Ranked point{ux_tps[i], throughput[i], batches[i], kv_elem_size, first_order + i};
            if (is_finite(point) && (hint == 0 || better(point, front[hint - 1])))
                survivors.push_back(point);
        }
    }
    merge_survivors();
}

void ParetoFront::merge_survivors()
{
    if (survivors.empty())
        return;
    std::sort(survivors.begin(), survivors.end(), faster);
    const auto middle = static_cast<std::ptrdiff_t>(front.size());
    front.insert(front.end(), survivors.begin(), survivors.end());
    std::inplace_merge(front.begin(), front.begin() + middle, front.end(), faster);
    keep_front(front);
    survivors.clear();
}

} // namespace epscope
