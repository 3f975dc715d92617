// SPDX-License-Identifier: GPL-3.0-or-later
// The constrained search: every combination of a study's chips, NICs and search ranges at every batch size.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "core/estimate/estimate.h"
#include "core/search/batch_loops.h"
#include "core/search/pareto.h"
#include "core/spec/axes.h"
#include "core/spec/study.h"

namespace epscope {

// One configuration that the search evaluated.
struct Candidate {
    std::size_t chip = 0; // index into Study::chips
    std::size_t nic = 0; // index into Study::nics
    Point point;
    double step_s = 0;
    double ux_tps = 0;
    double throughput_per_card = 0;
    std::uint64_t order = 0; // of enumeration: combination * batches + index of the batch

    bool operator==(const Candidate &) const = default;
};

// All batch sizes of one combination, in ascending order. Valid during the call that hands it over.
struct CombinationResult {
    std::uint64_t index = 0; // of enumeration
    std::size_t chip = 0;
    std::size_t nic = 0;
    Point point; // batch unset
    Limits limits;
    std::span<const std::int64_t> batches;
    std::span<const double> step_s, ux_tps, throughput_per_card;
    std::optional<std::size_t> best; // the largest feasible batch: the combination's candidate

    // Why a batch size is infeasible.
    std::optional<Reason> reason(std::size_t i) const { return limits.reason(batches[i], ux_tps[i]); }
    Candidate at(std::size_t i) const;
};

struct SearchOptions {
    unsigned threads = 0; // 0: as many as the machine has
    std::stop_token stop;
    // Called now and then from one thread, with the combinations done and in all.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
    // Called for every combination, from several threads at once and in no order; `index` says which it is. With it
    // every point is evaluated, infeasible ones too. What it throws ends the search and is thrown by search().
    std::function<void(const CombinationResult &)> on_combination;
    // Of the loops over batch sizes, one of instruction_sets(). The outcome has the same bits with each.
    InstructionSet instruction_set = instruction_sets().back();
};

struct Rejected {
    std::uint64_t count = 0;
    std::optional<Candidate> example; // the first in the order of enumeration; its times are not filled in

    bool operator==(const Rejected &) const = default;
};

struct SearchOutcome {
    bool complete = false; // false: stopped, and everything below is what was found until then
    std::uint64_t combinations = 0;
    std::uint64_t configurations = 0; // combinations x batch sizes
    std::uint64_t feasible = 0;
    std::array<Rejected, reason_count> rejected; // by Reason
    // Of each (chip, NIC, EP, parameter size) the candidate with the highest throughput; best first.
    std::vector<Candidate> winners;
    // Per chip, the Pareto front of what fits in memory, whatever the target; by descending ux_tps.
    std::vector<std::vector<Candidate>> fronts;

    bool operator==(const SearchOutcome &) const = default;
};

// One combination of a study: everything but the batch size.
struct Combination {
    std::size_t chip = 0; // indices into the study's lists
    std::size_t nic = 0;
    std::array<std::size_t, axis_count> values{}; // by AxisId, of the axis's values; the batch counts as one
    Point point; // batch unset

    std::size_t value_of(AxisId axis) const { return values[static_cast<std::size_t>(axis)]; }
};

// Combinations in the order of enumeration: EP varies fastest, then the other axes as search_axes() lists them, then
// NIC and chip.
std::uint64_t combination_count(const Study &study);
Combination combination_at(const Study &study, std::uint64_t index);
// The number of the one that has such a point, whatever its batch; none where the study does not search it.
std::optional<std::uint64_t> combination_of(const Study &study, std::size_t chip, std::size_t nic, const Point &point);
std::uint64_t configuration_count(const Study &study);
// The candidate of an order number; its times are not filled in.
Candidate candidate_at(const Study &study, std::uint64_t order);
// How many groups there are of (chip, NIC, EP, parameter size), each with one winner at most. A search holds about
// 200 B of each.
std::uint64_t winner_group_count(const Study &study);

// The result is the same for any number of threads.
SearchOutcome search(const Study &study, const SearchOptions &options = {});

// The scenario of a candidate, for estimate().
Scenario scenario_of(const Study &study, const Candidate &candidate);

// Why a candidate of a front cannot serve: it fits in memory, whatever the target.
std::optional<Reason> reason_on_front(const Study &study, const Candidate &candidate);

// The candidate with its times, which are those of its estimate. `machine`: its chip behind its NIC.
Candidate timed(const Study &study, const Machine &machine, Candidate candidate);

// The candidate as rankings see it.
Ranked ranked(const Candidate &candidate);

} // namespace epscope
