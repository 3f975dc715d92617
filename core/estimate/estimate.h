// SPDX-License-Identifier: GPL-3.0-or-later
// One configuration, worked out in full: every operator, stage, overlap window, block, the step, memory and
// feasibility.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/estimate/judge.h"
#include "core/estimate/memory.h"
#include "core/estimate/plan.h"
#include "core/model/attention/mla.h"
#include "core/model/efficiency.h"
#include "core/model/operators.h"

namespace epscope {

// One configuration of one chip behind one NIC.
struct Scenario {
    Profile profile;
    Model model;
    Chip chip;
    Nic nic;
    Workload workload;
    Point point;
    double target_tps = 0; // tok/s per user; 0 for none

    bool operator==(const Scenario &) const = default;
};

enum class Bound : std::uint8_t { compute, memory, network };
std::string_view name_of(Bound bound);

// One operator for one micro-batch in one layer.
struct OperatorEstimate {
    OpId id{};
    double rows = 0, inner = 0, columns = 0, count = 0; // M, K, N and independent products; 0 where it is no GEMM
    double flops = 0; // FLOP that the tensor cores do, padding included
    double bytes_moved = 0; // B between memory and compute units
    double bytes_sent = 0; // B over the network
    double bytes_near = 0; // B, those of them that take the scale-up links; the rest takes the NIC
    double compute_s = 0;
    double memory_s = 0;
    double network_s = 0;
    double extra_s = 0; // of queries and results, which nothing hides
    double overhead_s = 0; // launch, tail, latency
    double time_s = 0; // the longest of the three, what it does not hide of the next, and the overhead
    Bound bound = Bound::compute;
    std::optional<Efficiency> efficiency; // of what computes
    std::optional<RateChoice> rate;

    bool operator==(const OperatorEstimate &) const = default;
};

struct StageEstimate {
    Stage stage{};
    double time_s = 0; // its operators, one after the other

    bool operator==(const StageEstimate &) const = default;
};

// What hides behind what: the lanes run at the same time, the longer one counts.
struct WindowEstimate {
    std::vector<Stage> compute, network;
    double compute_s = 0;
    double network_s = 0;
    double time_s = 0;
    double exposed_network_s = 0; // of the network's time, what no computation hides

    bool operator==(const WindowEstimate &) const = default;
};

struct BlockEstimate {
    BlockKind kind{};
    std::size_t layer = 0; // index into the model's layers
    std::int64_t count = 0; // times per step
    std::int64_t repeats = 0; // micro-batches per time
    std::vector<OperatorEstimate> operators;
    std::vector<StageEstimate> stages;
    std::vector<WindowEstimate> windows;
    double time_s = 0; // repeats x the sum of the windows
    double total_s = 0; // count x time_s

    bool operator==(const BlockEstimate &) const = default;
};

// "Sparse layer", of a model with several kinds of them "Sparse layer (KDA)".
std::string label_of(const Model &model, BlockKind kind, std::size_t layer);
inline std::string label_of(const Model &model, const BlockEstimate &block)
{
    return label_of(model, block.kind, block.layer);
}

// Time on the critical path by what binds there, s per step; compute + memory + network is the step, exactly.
struct BoundShares {
    double compute = 0;
    double memory = 0;
    double network = 0;

    Bound largest() const;
    bool operator==(const BoundShares &) const = default;
};

struct Estimate {
    std::vector<BlockEstimate> blocks;
    FlashMla flash_mla;
    double step_s = 0;
    double tokens_per_step = 0; // per sequence, drafts accepted included
    double ux_tps = 0; // tok/s per user
    double throughput_per_card = 0; // tok/s
    BoundShares bound;
    MemoryBreakdown memory;
    std::vector<Infeasible> infeasible; // empty: it serves
    std::vector<std::string> notes; // what the reader should know about how these numbers came about

    bool feasible() const { return infeasible.empty(); }
    bool operator==(const Estimate &) const = default;
};

Estimate estimate(const Scenario &scenario);
// The blocks of a step alone, with so many sequences in a micro-batch; a mean need not be a whole number.
std::vector<BlockEstimate> estimate_blocks(const Profile &profile, const Plan &plan, double sequences);

// Step time of one batch size on a plan: what the search computes, value by value. s.
double step_seconds(const Profile &profile, const Plan &plan, std::int64_t batch);
// The same for a mean batch, which need not be a whole number.
double mean_step_seconds(const Profile &profile, const Plan &plan, double batch);
// What binds the step of one batch size on a plan: that of its estimate.
BoundShares bound_shares(const Profile &profile, const Plan &plan, std::int64_t batch);

} // namespace epscope
