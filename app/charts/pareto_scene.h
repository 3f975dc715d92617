// SPDX-License-Identifier: GPL-3.0-or-later
// Throughput per card over tokens/s per user: every chip's evaluated points and its front, the target as a line to
// drag.
#pragma once

#include <array>
#include <span>

#include "app/charts/scene.h"

namespace epscope {

struct ParetoPoint {
    Candidate candidate;
    QString label; // "EP×batch"
    bool feasible = false;
};

struct ParetoSeries {
    std::size_t mark = 0; // what the chip is drawn with
    QString name;
    bool leads = false;
    std::vector<ParetoPoint> front; // by descending tokens/s per user
    ParetoPoint shown;
    std::span<const CloudPoint> cloud; // into the result that the data was made of
    std::span<const MeasuredPoint> measured; // likewise
};

struct ParetoData {
    std::vector<ParetoSeries> series;
    double target_tps = 0;
    double least_ux = 0, most_ux = 0; // of what the axes have to cover, tok/s
    double least_throughput = 0, most_throughput = 0;
    std::array<std::uint64_t, reason_count> rejected{}; // configurations by the first reason that holds

    // Makes the axes cover the other's points too.
    void cover(const ParetoData &other);
};
ParetoData pareto_data(const Explored &explored);

// From a baseline's configuration of a chip to the one shown, for the arrow between them.
struct ParetoChange {
    std::size_t mark = 0; // of the chip
    Candidate before, now;
    ValueChange change; // of throughput per card
};
// Of the chips for which there is one.
std::vector<ParetoChange> pareto_changes(const Explored &explored, const PinnedBaselines &baselines);

Scene pareto_scene(const SceneInput &input);
// "log", "infeasible" and "measured": switches of the window.
std::vector<ChartOption> pareto_options();

} // namespace epscope
