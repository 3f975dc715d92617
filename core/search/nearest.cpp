// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/nearest.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <iterator>
#include <limits>

namespace epscope {
namespace {

MemoryBreakdown memory_of(const Study &study, const Machine &machine, const Point &point)
{
    return memory_breakdown(study.profile, study.model, study.workload, machine.memory, point);
}

// How far a configuration is from serving, whatever its speed: less is nearer.
struct Distance {
    int kind = 0; // too large for the memory, too many cards, no supported shape
    double amount = 0; // memory: needed over usable; else cards, sequences or layers that are missing
    double missing = 0; // B

    auto operator<=>(const Distance &) const = default;
};

Distance distance_of(const Study &study, const Machine &machine, const Point &point)
{
    const MemoryBreakdown memory = memory_of(study, machine, point);
    const Limits limits = limits_of(study.profile, study.model, study.workload, memory, point, 0);
    const std::vector<Infeasible> reasons = reasons_but_speed(limits, study.model, study.workload, memory, point);
    if (!reasons.empty() && reasons.front().reason != Reason::memory)
        return {reasons.front().reason == Reason::ep ? 1 : 2, std::abs(reasons.front().missing()), 0};
    const double needed = memory.weights + memory.kv_cache;
    return {0, memory.usable > 0 ? needed / memory.usable : std::numeric_limits<double>::infinity(),
        needed - memory.usable};
}

Candidate lightest_of(const Study &study, std::optional<std::size_t> chip, const std::stop_token &stop)
{
    std::optional<Candidate> nearest;
    Distance least;
    // Those of a chip follow each other.
    const std::uint64_t all = lightest_count(study), of_chip = all / study.chips.size();
    const std::uint64_t first = chip ? *chip * of_chip : 0, end = chip ? first + of_chip : all;
    for (std::uint64_t index = first; index < end && !(nearest && stop.stop_requested()); ++index) {
        const Candidate candidate = lightest_at(study, index);
        const Machine machine = resolve(study.profile, study.chips[candidate.chip], study.nics[candidate.nic]);
        const Distance distance = distance_of(study, machine, candidate.point);
        if (!nearest || distance < least) {
            nearest = candidate;
            least = distance;
        }
    }
    return nearest.value_or(Candidate{});
}

} // namespace

std::uint64_t lightest_count(const Study &study)
{
    return combination_count(study) / study.search.ep.size();
}

Candidate lightest_at(const Study &study, std::uint64_t index)
{
    const std::vector<std::int64_t> &batches = study.search.batch;
    const std::uint64_t first = index * study.search.ep.size(); // EP varies fastest of all but the batch
    const Combination combination = combination_at(study, first);
    Candidate candidate{combination.chip, combination.nic, combination.point, 0, 0, 0, first * batches.size()};
    Point &point = candidate.point;
    point.batch = batches.front();
    const Limits limits = limits_of(study.profile, study.model, study.workload, {}, point, 0);
    const auto batch = std::lower_bound(batches.begin(), batches.end(), limits.least_batch);
    const bool fixed = implied_ep(study.model, point).has_value();
    if (!limits.can_draft || !limits.misfit.empty() || fixed || batch == batches.end())
        return candidate; // no other one has a supported shape either
    point.batch = *batch;
    const Machine machine = resolve(study.profile, study.chips[candidate.chip], study.nics[candidate.nic]);
    const auto weights_at = [&](std::int64_t ep) {
        point.ep = ep;
        return memory_of(study, machine, point).weights; // does not grow with EP
    };
    std::vector<std::int64_t> of_groups; // EPs that consist of groups of cards
    if (point.tp > 1)
        std::copy_if(study.search.ep.begin(), study.search.ep.end(), std::back_inserter(of_groups),
            [&](std::int64_t each) { return each % point.tp == 0; });
    const std::vector<std::int64_t> &eps = of_groups.empty() ? study.search.ep : of_groups;
    const auto allowed = std::upper_bound(eps.begin(), eps.end(), study.workload.cards);
    auto ep = eps.begin();
    if (allowed != eps.begin()) {
        const double least = weights_at(*std::prev(allowed));
        ep = std::partition_point(eps.begin(), allowed, [&](std::int64_t each) { return weights_at(each) > least; });
    }
    point.ep = *ep;
    const std::vector<std::int64_t> &all = study.search.ep;
    const auto place = static_cast<std::uint64_t>(std::lower_bound(all.begin(), all.end(), *ep) - all.begin());
    candidate.order = (first + place) * batches.size() + static_cast<std::uint64_t>(batch - batches.begin());
    return candidate;
}

Infeasible lack_of(const Study &study, const Candidate &candidate)
{
    return estimate(scenario_of(study, candidate)).infeasible.front();
}

Miss nearest_miss(
    const Study &study, const SearchOutcome &outcome, std::optional<std::size_t> chip, const std::stop_token &stop)
{
    std::optional<Candidate> fastest;
    for (std::size_t i = 0; i < outcome.fronts.size(); ++i) {
        const std::vector<Candidate> &front = outcome.fronts[i];
        if ((!chip || *chip == i) && !front.empty() && (!fastest || front.front().ux_tps > fastest->ux_tps))
            fastest = front.front();
    }
    Candidate nearest = fastest ? *fastest : lightest_of(study, chip, stop);
    const Estimate full = estimate(scenario_of(study, nearest));
    nearest.step_s = full.step_s;
    nearest.ux_tps = full.ux_tps;
    nearest.throughput_per_card = full.throughput_per_card;
    return {nearest, full.infeasible.front()};
}

} // namespace epscope
