// SPDX-License-Identifier: GPL-3.0-or-later
// Everything of a step that does not depend on the batch size, worked out once; what remains per batch size is the few
// operations of operator_seconds() and the sums over stages and windows. The full estimate and the search both run on a
// plan, in the same order of operations, and so agree to the last bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/estimate/flash_mla.h"
#include "core/estimate/memory.h"
#include "core/model/operators.h"

namespace epscope {

// How many rows an operator's tensor cores work for, padding and efficiency included: max(M, tile) / MFU.
// It depends on the batch size and on nothing of the chip, so that a search computes it once for all chips.
struct Work {
    enum class Kind : std::uint8_t { none, sequences, gemm, experts };

    Kind kind = Kind::none;
    GemmRule rule = GemmRule::general;
    double rows_per_sequence = 0; // M over the micro-batch's sequences
    double inner = 0; // K
    double columns = 0; // N
    double experts = 0; // of Kind::experts: local ones, M tokens each on average
    double imbalance = 1; // of Kind::experts: as load_imbalance() has it

    bool operator==(const Work &) const = default;
};
// Tokens of the busiest card over the mean. A single card is as busy as the mean.
double load_imbalance(const Profile &profile, std::int64_t ep);
// `sequences`: b, of one micro-batch.
double work_rows(const Profile &profile, const Work &work, double sequences);
// Share of experts that get a token, `tokens` being the mean of one and `skew` the squared coefficient of variation of
// their popularity. docs/model.md §14.
double share_with_tokens(double tokens, double skew);
// Of Kind::experts: how many of the local experts get a token, by expectation.
double active_experts(const Profile &profile, const Work &work, double sequences);

struct OperatorPlan {
    OpId id{};
    Work work;
    double traffic_s = 0; // s of memory or network traffic, whatever the batch
    double traffic_s_per_sequence = 0; // s, per sequence of the micro-batch
    double compute_s_per_row = 0; // s, per row of work_rows(); 0 where nothing is computed
    double traffic_s_per_active = 0; // s, per one of active_experts()
    double unhidden = 0; // of the shorter of traffic and computation, the part that the longer does not hide
    double overhead_s = 0; // s, whatever the batch
    // Shape, for the breakdown:
    double count = 0; // independent products
    double elem_size = 0; // B per operand
    double out_size = 0; // B per result
    double bytes_per_sequence = 0; // B moved or sent by what is no GEMM
    double near_bytes_per_sequence = 0; // B, those of them that take the scale-up links
    double flops_per_sequence = 0; // FLOP, likewise
    Efficiency efficiency; // likewise
    RateChoice rate;
    bool network = false;

    bool operator==(const OperatorPlan &) const = default;
};

// The time of one operator: the longer of its traffic and its computation (roofline).
inline double operator_seconds(
    double traffic_s, double traffic_s_per_sequence, double compute_s_per_row, double sequences, double work)
{
    const double traffic = traffic_s + traffic_s_per_sequence * sequences;
    const double compute = compute_s_per_row * work;
    return traffic > compute ? traffic : compute;
}

// The same with the terms that not every profile has: what the longer does not hide of the shorter, and an overhead.
// Where these are 0 it agrees with the above to the last bit.
inline double operator_seconds(double traffic_s, double traffic_s_per_sequence, double traffic_s_per_active,
    double compute_s_per_row, double unhidden, double overhead_s, double sequences, double active, double work)
{
    const double traffic = traffic_s + traffic_s_per_sequence * sequences + traffic_s_per_active * active;
    const double compute = compute_s_per_row * work;
    const double longer = traffic > compute ? traffic : compute, shorter = traffic > compute ? compute : traffic;
    return longer + unhidden * shorter + overhead_s; // choosing alone leaves no branch, and so vectorises
}

inline bool is_plain(const OperatorPlan &op)
{
    return op.traffic_s_per_active == 0 && op.unhidden == 0 && op.overhead_s == 0;
}

struct BlockPlan {
    BlockKind kind{};
    double count = 0; // times per step
    double repeats = 0; // micro-batches per time
    std::size_t first = 0, last = 0; // of Plan::operators

    bool operator==(const BlockPlan &) const = default;
};

struct Plan {
    Policy policy{};
    double micro_batches = 1;
    double tokens_per_step = 1; // 1 + a + ... + a^s
    FlashMla flash_mla; // of the main model's layers
    std::vector<OperatorPlan> operators; // of all blocks, one after the other
    std::vector<BlockPlan> blocks;

    std::span<const OperatorPlan> operators_of(const BlockPlan &block) const
    {
        return std::span(operators).subspan(block.first, block.last - block.first);
    }
    bool operator==(const Plan &) const = default;
};

// The point's batch does not count.
Plan make_plan(
    const Profile &profile, const Model &model, const Machine &machine, const Workload &workload, const Point &point);

} // namespace epscope
