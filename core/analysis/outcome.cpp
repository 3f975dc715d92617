// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/outcome.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/spec/axes.h"
#include "core/spec/parameters.h"

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
    Best best{candidate, full.bound, full.memory.free, std::nullopt};
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

double throughput(const Best &best)
{
    return best.candidate.throughput_per_card;
}
double ux_tps(const Best &best)
{
    return best.candidate.ux_tps;
}
double tpot(const Best &best)
{
    return 1 / best.candidate.ux_tps;
}
double step_time(const Best &best)
{
    return best.candidate.step_s;
}
double free_memory(const Best &best)
{
    return best.free_memory;
}
double ep(const Best &best)
{
    return static_cast<double>(best.candidate.point.ep);
}
double batch(const Best &best)
{
    return static_cast<double>(best.candidate.point.batch);
}
double network_share(const Best &best)
{
    return best.bound.network / best.candidate.step_s;
}
std::string bound_by(const Study &, const Best &best)
{
    return binding_text(best);
}
std::string configuration(const Study &study, const Best &best)
{
    return full_configuration_text(study, best.candidate);
}

constexpr std::array list{
    Metric{"throughput", "Throughput per card", "Tokens per second and card over all users.",
        Dimension::tokens_per_second, Better::higher, throughput, nullptr},
    Metric{"ux_tps", "Speed per user", "Tokens per second that each user gets.", Dimension::tokens_per_second,
        Better::higher, ux_tps, nullptr},
    Metric{"tpot", "Time per token", "Seconds between two tokens of a user (TPOT).", Dimension::seconds, Better::lower,
        tpot, nullptr},
    Metric{"step_time", "Step time", "Seconds per decode step of all sequences.", Dimension::seconds, Better::lower,
        step_time, nullptr},
    Metric{"free_memory", "Free memory", "Memory that weights and KV cache leave.", Dimension::bytes, Better::higher,
        free_memory, nullptr},
    Metric{"network_share", "Exposed network", "Part of the step in which the network binds.", Dimension::fraction,
        Better::lower, network_share, nullptr},
    Metric{"ep", "EP", "Cards that share the experts in the best configuration.", Dimension::count, Better::neither, ep,
        nullptr},
    Metric{"batch", "Batch per card", "Sequences per card in the best configuration.", Dimension::count,
        Better::neither, batch, nullptr},
    Metric{"bound_by", "Bound by", "What the step waits for, and what holds the batch.", Dimension::count,
        Better::neither, nullptr, bound_by},
    Metric{
        "configuration", "Configuration", "The best one.", Dimension::count, Better::neither, nullptr, configuration},
};

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

std::span<const Metric> metrics()
{
    return list;
}

const Metric *find_metric(std::string_view key)
{
    const auto found = std::find_if(list.begin(), list.end(), [&](const Metric &metric) { return metric.key == key; });
    return found == list.end() ? nullptr : &*found;
}

std::vector<std::string> number_metric_keys()
{
    std::vector<std::string> keys;
    for (const Metric &metric : list) {
        if (metric.number)
            keys.emplace_back(metric.key);
    }
    return keys;
}

std::optional<double> number_of(const Metric &metric, const Outcome &outcome)
{
    if (!outcome.best || !metric.number)
        return std::nullopt;
    return metric.number(*outcome.best);
}

std::string text_of(const Metric &metric, const Study &study, const Best &best, int digits)
{
    if (metric.text)
        return metric.text(study, best);
    const double number = metric.number(best);
    const bool whole = metric.dimension == Dimension::count && number == std::floor(number);
    return whole ? exact_text(number) : short_text(number, metric.dimension, digits);
}

std::string binding_text(const Best &best)
{
    const Bound bound = best.bound.largest();
    const double part = bound == Bound::compute ? best.bound.compute
        : bound == Bound::memory                ? best.bound.memory
                                                : best.bound.network;
    std::string text = (bound == Bound::memory ? "memory bandwidth" : std::string(name_of(bound))) + " ("
        + short_text(100 * part / best.candidate.step_s, Dimension::count, 3) + " % of the step)";
    if (best.larger_batch == Reason::memory)
        return text + "; a larger batch does not fit in memory";
    if (best.larger_batch == Reason::target)
        return text + "; a larger batch is too slow for the target";
    return text + "; the batch is the largest searched";
}

std::string full_configuration_text(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return study.chips[candidate.chip].name + ", " + study.nics[candidate.nic].name + ", "
        + std::string(name_of(point.policy)) + ", EP " + std::to_string(point.ep) + ", batch "
        + std::to_string(point.batch) + ", KV " + exact_text(point.kv_elem_size) + " B, parameters "
        + exact_text(point.param_elem_size) + " B, draft " + std::to_string(point.mtp_len);
}

} // namespace epscope
