// SPDX-License-Identifier: GPL-3.0-or-later
// One layer over time: what the card computes, what it sends meanwhile, and when one of the two waits for the other.
#pragma once

#include <vector>

#include "app/charts/scene.h"

namespace epscope {

// group: what the cards that share one attention exchange; nothing computes meanwhile.
enum class Lane : std::uint8_t { compute, network, group };

// One run of an operator for one micro-batch.
struct TimelineBlock {
    OpId id{};
    Lane lane{};
    int micro_batch = 0; // 0: A, 1: B
    std::size_t window = 0; // index into TimelineSeries::windows
    double start_s = 0;
    double end_s = 0;
    double exposed_s = 0; // at its end: sent while nothing computes

    bool operator==(const TimelineBlock &) const = default;
};

// A lane without work.
struct TimelineIdle {
    Lane lane{};
    std::size_t window = 0;
    double start_s = 0;
    double end_s = 0;

    bool operator==(const TimelineIdle &) const = default;
};

struct TimelineWindow {
    std::size_t place = 0; // among the windows of the block's estimate
    double start_s = 0;
    double end_s = 0;
    double compute_s = 0;
    double network_s = 0;

    bool operator==(const TimelineWindow &) const = default;
};

struct TimelineSeries {
    BlockKind kind{};
    std::vector<Lane> lanes; // from top to bottom
    int micro_batches = 1; // 2: they take turns
    std::vector<TimelineWindow> windows;
    std::vector<TimelineBlock> blocks;
    std::vector<TimelineIdle> idle;
    double total_s = 0;

    bool operator==(const TimelineSeries &) const = default;
};

// Of one of a step's kinds of layers, the first if it has no such one. Windows come in an order in which each
// micro-batch computes what it sends and receives what it computes on: while one attends, the other's experts combine;
// while it dispatches, the other one begins its next layer.
TimelineSeries timeline_series(const Estimate &estimate, std::size_t layer = 0);

Scene timeline_scene(const SceneInput &input);
std::vector<ChartOption> timeline_options();

} // namespace epscope
