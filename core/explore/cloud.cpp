// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/cloud.h"

#include <algorithm>
#include <array>

#include "core/explore/thin.h"

namespace epscope {
namespace {

constexpr int cloud_columns = 160, cloud_rows = 120; // and one more each, for what lies outside

} // namespace

EvaluatedPoints::EvaluatedPoints(std::uint64_t combinations, std::size_t batches, std::uint64_t most)
    : batch_count(batches)
    , stride(thinning_stride(combinations, std::max<std::uint64_t>(1, most / batches)))
    , ux_tps(first_slot(combinations))
    , throughput(ux_tps.size())
    , reason(ux_tps.size())
{
}

// Of the first combination kept that is this one or comes after it.
std::size_t EvaluatedPoints::first_slot(std::uint64_t combination) const
{
    return static_cast<std::size_t>((combination + stride - 1) / stride) * batch_count;
}

std::uint64_t EvaluatedPoints::order_of(std::size_t slot) const
{
    return slot / batch_count * stride * batch_count + slot % batch_count;
}

void EvaluatedPoints::store(const CombinationResult &result)
{
    if (result.index % stride != 0)
        return;
    const std::size_t first = first_slot(result.index);
    for (std::size_t i = 0; i < batch_count; ++i) {
        ux_tps[first + i] = static_cast<float>(result.ux_tps[i]);
        throughput[first + i] = static_cast<float>(result.throughput_per_card[i]);
    }
    for (std::size_t i = 0; i < batch_count; ++i) {
        const std::optional<Reason> why = result.reason(i);
        reason[first + i] = static_cast<std::uint8_t>(why ? static_cast<std::size_t>(*why) : reason_count);
    }
}

double EvaluatedPoints::most_ux_tps() const
{
    return ux_tps.empty() ? 0 : *std::max_element(ux_tps.begin(), ux_tps.end());
}

double EvaluatedPoints::most_throughput() const
{
    return throughput.empty() ? 0 : *std::max_element(throughput.begin(), throughput.end());
}

CloudThinner::CloudThinner(double most_ux_tps, double most_throughput)
    : per_ux(static_cast<float>(most_ux_tps > 0 ? cloud_columns / most_ux_tps : 0))
    , per_throughput(static_cast<float>(most_throughput > 0 ? cloud_rows / most_throughput : 0))
    , taken(2 * (cloud_columns + 1) * (cloud_rows + 1))
{
}

std::vector<CloudPoint> CloudThinner::thin(const EvaluatedPoints &points, std::uint64_t first, std::uint64_t last)
{
    constexpr std::size_t block = 256;
    std::fill(taken.begin(), taken.end(), false);
    std::vector<CloudPoint> kept;
    std::array<std::uint32_t, block> cells;
    const std::size_t end = points.first_slot(last);
    for (std::size_t start = points.first_slot(first); start < end; start += block) {
        const std::size_t count = std::min(block, end - start);
        for (std::size_t i = 0; i < count; ++i) { // apart, so that it vectorises
            const float column = std::min(points.ux_tps[start + i] * per_ux, static_cast<float>(cloud_columns));
            const float row = std::min(points.throughput[start + i] * per_throughput, static_cast<float>(cloud_rows));
            const bool feasible = points.reason[start + i] == reason_count;
            cells[i] = static_cast<std::uint32_t>(
                (static_cast<int>(row) + (feasible ? cloud_rows + 1 : 0)) * (cloud_columns + 1)
                + static_cast<int>(column));
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (taken[cells[i]])
                continue;
            taken[cells[i]] = true;
            keep(points, start + i, kept);
        }
    }
    return kept;
}

void CloudThinner::keep(const EvaluatedPoints &points, std::size_t slot, std::vector<CloudPoint> &kept) const
{
    const float ux = points.ux_tps[slot], throughput = points.throughput[slot];
    if (!(ux * per_ux < cloud_columns) || !(throughput * per_throughput < cloud_rows))
        return;
    std::optional<Reason> reason;
    if (points.reason[slot] != reason_count)
        reason = static_cast<Reason>(points.reason[slot]);
    kept.push_back({ux, throughput, points.order_of(slot), reason});
}

} // namespace epscope
