// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outcome.h"

#include <algorithm>

#include "core/analysis/outputs.h"
#include "core/spec/axes.h"

namespace epscope {
namespace {

// Of EPs with the same plan and memory, so the same times, the smallest: it wins by the tie rule and needs the fewest
// cards. The plan looked at is the one with the longest draft, which has all operators.
std::vector<std::int64_t> distinct_eps(const Study &study)
{
    const SearchSpace &space = study.search;
    struct Seen {
        Plan plan;
        MemoryBreakdown memory;
        bool operator==(const Seen &) const = default;
    };
    const auto look = [&](std::int64_t ep) {
        std::vector<Seen> all;
        for (const Chip &chip : study.chips) {
            for (const Nic &nic : study.nics) {
                const Machine machine = resolve(study.profile, chip, nic);
                Point point;
                for (const SearchAxis &axis : search_axes())
                    axis.take(space, 0, point);
                point.ep = ep;
                point.mtp_len = space.mtp_len.back();
                all.push_back({make_plan(study.profile, study.model, machine, study.workload, point),
                    memory_breakdown(study.profile, study.model, study.workload, machine.memory, point)});
            }
        }
        return all;
    };
    if (space.tp.size() > 1 || space.mode.size() > 1)
        return space.ep; // what counts for one of them need not for another
    std::vector<std::int64_t> kept;
    std::vector<Seen> last;
    for (const std::int64_t ep : space.ep) {
        std::vector<Seen> seen = look(ep);
        if (seen == last)
            continue;
        kept.push_back(ep);
        last = std::move(seen);
    }
    return kept;
}

// Places in the enumeration of `searched`, which has some of the study's EPs, as places in the study's own; EP varies
// fastest of all but the batch.
std::uint64_t order_in(const Study &study, const Study &searched, std::uint64_t order)
{
    const std::uint64_t batches = study.search.batch.size();
    const std::uint64_t combination = order / batches;
    const auto &all = study.search.ep;
    const std::int64_t ep = searched.search.ep[combination % searched.search.ep.size()];
    const auto place = static_cast<std::uint64_t>(std::lower_bound(all.begin(), all.end(), ep) - all.begin());
    return (combination / searched.search.ep.size() * all.size() + place) * batches + order % batches;
}

Best best_from(const Study &study, const Candidate &candidate)
{
    const Estimate full = estimate(scenario_of(study, candidate));
    Best best{candidate, full.bound, all_numbers({study, candidate, full}), std::nullopt};
    const auto &batches = study.search.batch;
    const auto larger = std::upper_bound(batches.begin(), batches.end(), candidate.point.batch);
    if (larger != batches.end()) {
        Scenario next = scenario_of(study, candidate);
        next.point.batch = *larger;
        if (const Estimate estimated = estimate(next); !estimated.feasible())
            best.larger_batch = estimated.infeasible.front().reason;
    }
    return best;
}

} // namespace

Outcome outcome_of(const Study &study, const std::stop_token &stop)
{
    Study searched = study;
    searched.search.ep = distinct_eps(study);
    SearchOptions options;
    options.threads = 1;
    options.stop = stop;
    const SearchOutcome found = search(searched, options);
    if (!found.complete)
        return {};
    if (found.winners.empty()) {
        Miss miss = nearest_miss(searched, found, std::nullopt, stop);
        if (stop.stop_requested())
            return {};
        miss.nearest.order = order_in(study, searched, miss.nearest.order);
        return {std::nullopt, miss};
    }
    Candidate winner = found.winners.front();
    winner.order = order_in(study, searched, winner.order);
    return {best_from(study, winner), std::nullopt};
}

std::optional<std::size_t> leading_chip(const Study &study, const std::stop_token &stop, unsigned threads)
{
    SearchOptions options;
    options.threads = threads;
    options.stop = stop;
    const SearchOutcome found = search(study, options);
    if (!found.complete)
        return std::nullopt;
    if (!found.winners.empty())
        return found.winners.front().chip;
    const std::size_t nearest = nearest_miss(study, found, std::nullopt, stop).nearest.chip;
    return stop.stop_requested() ? std::nullopt : std::optional(nearest);
}

Study with_chip(const Study &study, std::size_t chip)
{
    Study one = study;
    one.chips = {study.chips[chip]};
    return one;
}

} // namespace epscope
