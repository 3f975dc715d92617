// SPDX-License-Identifier: GPL-3.0-or-later
// What the explorer shows for its inputs: one search and, for each chip, the configuration on show worked out in full.
// Made in one go by explore(); who shows it only draws it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/calibrate/anchors.h"
#include "core/calibrate/measured.h"
#include "core/explore/cloud.h"
#include "core/explore/fixes.h"
#include "core/explore/rows.h"
#include "core/explore/sweep.h"
#include "core/search/nearest.h"

namespace epscope {

struct Inputs {
    Study study;
    std::optional<Selection> selection;
    std::vector<std::string> known_chips =
        {}; // names in the order in which they came into the study since it was opened; of more than there are colours
            // some in the place of those that are gone
    std::shared_ptr<const Measured> measured = {}; // what estimates are shown next to; may be null

    bool operator==(const Inputs &) const = default;
};
// What a chip is drawn with, its colour, dash and shape: its place among the known chips, the same whichever others are
// in the study.
std::size_t chip_mark(const Inputs &inputs, std::string_view chip);

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
    std::vector<CloudPoint> cloud; // evaluated points, thinned
    std::vector<SweepPoint> sweep; // over batch, everything else as shown
    std::vector<MeasuredPoint> measured;
    std::optional<Accuracy> accuracy; // of a calibrated profile
};

struct Explored {
    Inputs inputs;
    Study searched; // the study as it was searched: its fixed values in place of ranges
    SearchOutcome outcome; // with the best of its winners
    std::uint64_t winners_found = 0; // of which outcome holds some
    CombinationRows combinations;
    std::vector<ChipView> chips;
    std::optional<Miss> miss; // with nothing feasible: the nearest of all chips
    std::vector<Fix> fixes; // likewise
    std::size_t lead = 0; // index into `chips`: whose configuration headline, timeline and memory show
    std::shared_ptr<const Validation> validation; // of the profile by Inputs::measured; null without those
    bool exact = true; // false: a coarse search over part of the space
    double seconds = 0; // that the search took

    const ChipView &leading() const { return chips[lead]; }
};

struct ExploreOptions {
    std::stop_token stop;
    unsigned threads = 0; // 0: as many as the machine has
    std::function<void(std::uint64_t, std::uint64_t)> progress; // combinations done and in all
    std::uint64_t most_configurations = 0; // thin the ranges until the space is no larger; 0: search all
    std::shared_ptr<const Explored> before =
        {}; // of other inputs, whose validation is taken over where it still holds; may be null
    std::size_t most_rows = std::size_t{1} << 19; // of combinations that are kept, 12 B each; of winners an eighth
    std::uint64_t most_points = 16'000'000; // of those evaluated, from which the clouds are made, 9 B each for so long
};

// Throws std::runtime_error where the study has nothing to search, or more groups of which each has a winner than a
// search can hold. How many combinations there are does not matter.
void check_explorable(const Study &study);
// Null if it was stopped; throws what check_explorable() does.
std::shared_ptr<const Explored> explore(const Inputs &inputs, const ExploreOptions &options = {});

} // namespace epscope
