// SPDX-License-Identifier: GPL-3.0-or-later
// What the explorer shows for its inputs: one search and, for each chip, the configuration on show worked out in full.
// Made in one go by explore() on the worker thread; the widgets only draw it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/session/fixes.h"
#include "app/session/measured.h"
#include "core/calibrate/anchors.h"
#include "core/search/nearest.h"

namespace epscope {

struct Explored;

struct Inputs {
    Study study;
    std::optional<Selection> selection;
    std::vector<std::string> known_chips =
        {}; // names in the order in which they came into the study since it was opened; of more than there are colours
            // some in the place of those that are gone
    std::shared_ptr<const Measured> measured = {}; // what estimates are shown beside; may be null

    bool operator==(const Inputs &) const = default;
};
// What a chip is drawn with, its colour, dash and shape: its place among the known chips, the same whichever others are
// in the study.
std::size_t chip_mark(const Inputs &inputs, std::string_view chip);

// One evaluated configuration, enough to draw and to find it again.
struct CloudPoint {
    float ux_tps = 0;
    float throughput_per_card = 0;
    std::uint64_t order = 0; // of enumeration; candidate_at() gives the rest
    std::optional<Reason> reason;

    bool operator==(const CloudPoint &) const = default;
};

struct SweepPoint {
    std::int64_t batch = 0;
    double step_s = 0;
    double ux_tps = 0;
    double throughput_per_card = 0;
    std::optional<Reason> reason;
    bool falls = false; // the step takes less time than at the batch before

    bool operator==(const SweepPoint &) const = default;
};

// A measurement near what is searched.
struct MeasuredPoint {
    std::size_t row = 0; // of Inputs::measured
    double ux_tps = 0;
    double throughput_per_card = 0;
    std::optional<double> error; // of the estimated tpot; none: for display only
    bool near_shown = false; // also near the configuration on show

    bool operator==(const MeasuredPoint &) const = default;
};

struct ChipView {
    std::size_t chip = 0; // index into Study::chips
    std::size_t mark = 0; // what it is drawn with
    std::optional<Candidate> best; // highest throughput of the feasible ones, by the tie rule
    Candidate shown; // the selection, the best or, with nothing feasible, the nearest miss
    Scenario scenario; // of `shown`
    Estimate estimate; // of `shown`
    std::vector<Candidate> front; // what fits in memory, by descending ux_tps
    std::vector<CloudPoint>
        cloud; // evaluated points, thinned to one per cell of a fine grid, feasible and infeasible apart
    std::vector<SweepPoint> sweep; // over batch, everything else as shown
    std::vector<MeasuredPoint> measured;
    std::optional<Accuracy> accuracy; // of a calibrated profile
};

// What the search made of one combination: its largest feasible batch or, with none, its smallest and why that cannot
// serve.
struct CombinationView {
    Candidate candidate;
    std::optional<Reason> reason;

    bool operator==(const CombinationView &) const = default;
};

struct Explored {
    Inputs inputs;
    Study searched; // the study as it was searched: its fixed values in place of ranges
    SearchOutcome outcome;
    std::vector<CombinationView> combinations; // in the order of enumeration
    std::vector<ChipView> chips;
    std::optional<Miss> miss; // with nothing feasible: the nearest of all chips
    std::vector<Fix> fixes; // likewise
    std::size_t lead = 0; // index into `chips`: whose configuration headline, timeline and memory show
    std::shared_ptr<const Validation> validation; // of the profile by Inputs::measured; null without those
    bool exact = true; // false: a coarse search over part of the space
    double seconds = 0; // that the search took

    const ChipView &leading() const { return chips[lead]; }
};

// The candidate of an order number of the search; its times are not filled in.
Candidate candidate_at(const Study &searched, std::uint64_t order);

struct ExploreOptions {
    std::stop_token stop;
    unsigned threads = 0; // 0: as many as the machine has
    std::function<void(std::uint64_t, std::uint64_t)> progress; // combinations done and in all
    std::uint64_t most_configurations = 0; // thin the ranges until the space is no larger; 0: search all
    std::shared_ptr<const Explored> before =
        {}; // of other inputs, whose validation is taken over where it still holds; may be null
};

// Throws std::runtime_error where the study has nothing to search, or more combinations than a result can hold.
void check_explorable(const Study &study);
// Null if it was stopped; throws what check_explorable() does.
std::shared_ptr<const Explored> explore(const Inputs &inputs, const ExploreOptions &options = {});

} // namespace epscope
