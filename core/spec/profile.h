// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/chip.h"

namespace epscope {

// Where the article departs from the machine it describes. On: as published. Off: corrected. docs/model.md §10 lists
// the effects.
struct Quirks {
    bool truncated_query_projection = true; // 1: q_lora_rank -> 128 -> heads instead of hidden -> q_lora_rank -> heads
    bool experts_see_all_tokens = true; // 2: every local expert is charged top_k * tokens, whatever EP is
    bool naive_ffn_ignores_drafts = true; // 3: the naive pipeline's FFN counts one token per sequence
    bool sparse_layers_only = true; // 4: no dense layers, embedding, head, router, norms or MTP layer in the step
    bool binary_prefixes = true; // 5: "3.3 TiB/s" means 3.3 * 2^40; off reads such rates as decimal
    bool softmax_counts_unpadded_keys = true; // 6: softmax counts H keys where the GEMMs count the padded S

    bool operator==(const Quirks &) const = default;
};

// One piece of an efficiency rule: from this size up, mfu + per_doubling * log2(size / from).
struct EfficiencyPiece {
    double from = 0;
    double mfu = 0;
    double per_doubling = 0;
    bool operator==(const EfficiencyPiece &) const = default;
};

struct EfficiencyRule {
    std::string source;
    std::string measured_on; // the chip whose figures these are
    std::vector<EfficiencyPiece> pieces; // ascending in `from`, the first from 0
    bool operator==(const EfficiencyRule &) const = default;
};

// A floor under the general rule for GEMMs with a long inner dimension.
struct LongInnerFloor {
    std::string source;
    std::string measured_on;
    std::int64_t inner_above = 0;
    std::int64_t wide_from = 0;
    std::int64_t narrow_from = 0;
    double mfu = 0;
    bool operator==(const LongInnerFloor &) const = default;
};

struct FlashMlaPoint {
    double rows = 0; // query rows of one sequence: heads * query tokens
    double mfu = 0;
    bool operator==(const FlashMlaPoint &) const = default;
};

struct FlashMlaRule {
    std::string source;
    std::string measured_on;
    std::vector<FlashMlaPoint> points; // ascending in rows
    bool operator==(const FlashMlaRule &) const = default;
};

// One measured fraction of peak, by how many tensor FLOP the chip does per vector (exp2) operation: the more, the
// harder the tensor cores are to feed and to keep up with. Relative to the chip, so that it carries over to others.
struct BalancePoint {
    double flop_per_op = 0;
    double mfu = 0;
    std::string measured_on;
    std::string source;
    bool operator==(const BalancePoint &) const = default;
};

// Linear in log2 between the points, held beyond them. Without points the profile has no such rule.
struct BalanceRule {
    std::vector<BalancePoint> points; // ascending in flop_per_op
    bool operator==(const BalanceRule &) const = default;
};

// How a number of a profile was obtained: fitted to whole runs, measured on kernels, counted from what engines launch
// and move, chosen among values that kernels allow with an eye on runs, or none of these.
enum class Obtained { fitted, measured, counted, chosen, assumed };

struct ParameterOrigin {
    std::string parameter; // key of the profile
    Obtained origin = Obtained::assumed;
    double min = 0, max = 0; // within which a calibration may move it, SI
    std::string source;
    bool operator==(const ParameterOrigin &) const = default;
};

// How far off the estimates of a chip are that the fit has not seen: the errors of each chip's runs under a fit to
// those of all others, of chips that are alike in both classes.
struct LeftOutErrors {
    FlashMlaClass of = FlashMlaClass::general;
    KernelClass kernels = KernelClass::general;
    std::int64_t runs = 0; // that this rests on; files call it `rows`, each run once
    double within = 0; // nine of ten estimated TPOTs of each chip differ from the measured ones by no more
    double mean_absolute = 0; // of those errors
    double bias = 0;
    std::vector<std::string> chips; // that were measured, by name
    std::string source;
    bool operator==(const LeftOutErrors &) const = default;
};

// Keys of core/spec/retired.h that were stated. They say nothing of a profile.
struct RetiredKeys {
    std::vector<std::string> keys;

    bool operator==(const RetiredKeys &) const { return true; }
};

// published: those of the article. model_2026: those of docs/model.md §14, for every kind of attention and parallelism.
enum class Equations { published, model_2026 };

// What turns shapes and chips into times: the rules that a published model or a calibration brings. Numbers and
// switches that the article does not have stand at what leaves its formulas as they are.
struct Profile {
    std::string name;
    std::string title;
    std::string source;
    Quirks quirks;
    Equations equations = Equations::published;
    double usable_memory_fraction = 1; // of the card's memory, for weights and KV cache
    double softmax_ops_per_sm_clock = 0;
    double dispatch_elem_size = 0; // B per element sent to the experts
    std::int64_t gemm_tile_rows = 0; // a tensor-core tile is at least this high
    std::int64_t kv_tile_rows = 0; // FlashMLA pads the KV length to this
    std::int64_t query_tile_rows = 64; // query rows of one FlashMLA block, as the kernel has them

    // Sizes:
    double combine_elem_size = 0; // B per element of an expert's result sent back; 0: as parameters
    double ffn_out_elem_size = 4; // B per element that an FFN GEMM writes
    double reserved_memory = 0; // B of the card's memory for activations and communication buffers
    // Efficiencies, of peak or line rate:
    double memory_efficiency = 1;
    double scale_up_efficiency = 1;
    double nic_efficiency = 1;
    double gemm_unhidden =
        0; // of the shorter of a GEMM's traffic and computation, the part that the longer does not hide
    double expert_unhidden = 0; // likewise for the routed experts' grouped GEMMs
    // Overheads and latencies, s:
    double scale_up_latency = 0; // of one transfer
    double nic_latency = 0; // on top where EP exceeds the scale-up domain
    double kernel_overhead = 0; // of one kernel
    double step_overhead = 0;

    // Of model_2026 alone:
    double kernel_clock = 0; // Hz at which kernel_overhead holds; 0: whatever the clock
    double all_reduce_latency = 0; // s, of an all-reduce or half of it twice
    double two_shot_latency = 0; // s, on top for an all-reduce in two steps
    double popularity_span = 1; // of the most to the least popular expert, spread evenly in the logarithm
    double balanced_spread = 0; // deviation of the cards' loads that a balancer leaves
    double short_inner = 0; // inner elements whose time an expert's GEMM takes longer
    double attention_ramp_keys = 0; // keys whose time an attention kernel takes longer
    double query_passes = 1; // passes over queries and results where they are quantised
    std::int64_t gqa_tile_rows = 1; // query rows of a KV head that an attention kernel works for at least
    double mla_kernels = 1; // kernels of one latent attention
    double v4_kernels = 0; // small kernels of a V4 layer
    double permute_bytes = 0; // B moved to sort and join a token's values, per value
    double cdna_factor = 1; // by which everything takes longer on chips of the class cdna

    EfficiencyRule gemm_by_inner; // K < min(M, N)
    EfficiencyRule gemm_by_narrow; // otherwise, over min(M, N)
    LongInnerFloor gemm_long_inner;
    EfficiencyRule expert_up;
    EfficiencyRule expert_down;
    FlashMlaRule flash_mla_general;
    FlashMlaRule flash_mla_low_compute;
    BalanceRule gemm_by_balance; // in place of all GEMM rules above
    BalanceRule flash_mla_by_balance; // in place of the FlashMLA rules above, softmax included
    std::vector<ParameterOrigin> calibration;
    std::vector<LeftOutErrors> left_out; // each pair of classes once
    RetiredKeys retired;

    bool operator==(const Profile &) const = default;
};

} // namespace epscope
