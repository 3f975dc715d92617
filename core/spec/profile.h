// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace epscope {

// Where the article departs from the machine it describes. On: as published. Off: mended. docs/model.md §10 lists the effects.
struct Quirks {
    bool truncated_query_projection = true;    // 1: q_lora_rank -> 128 -> heads instead of hidden -> q_lora_rank -> heads
    bool experts_see_all_tokens = true;        // 2: every local expert is charged top_k * tokens, whatever EP is
    bool naive_ffn_ignores_drafts = true;      // 3: the naive pipeline's FFN counts one token per sequence
    bool sparse_layers_only = true;            // 4: no dense layers, embedding, head, router, norms or MTP layer in the step
    bool binary_prefixes = true;               // 5: "3.3 TiB/s" means 3.3 * 2^40; off reads such rates as decimal
    bool softmax_counts_unpadded_keys = true;  // 6: softmax counts H keys where the GEMMs count the padded S

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

// What turns shapes and chips into times: the rules that a published model or a calibration brings.
struct Profile {
    std::string name;
    std::string title;
    std::string source;
    Quirks quirks;
    double usable_memory_fraction = 1; // of the card's memory, for weights and KV cache
    double softmax_ops_per_sm_clock = 0;
    double dispatch_elem_size = 0;     // B per element sent to the experts
    std::int64_t gemm_tile_rows = 0;   // a tensor-core tile is at least this high
    std::int64_t kv_tile_rows = 0;     // FlashMLA pads the KV length to this
    EfficiencyRule gemm_by_inner;      // K < min(M, N)
    EfficiencyRule gemm_by_narrow;     // otherwise, over min(M, N)
    LongInnerFloor gemm_long_inner;
    EfficiencyRule expert_up;
    EfficiencyRule expert_down;
    FlashMlaRule flash_mla_general;
    FlashMlaRule flash_mla_low_compute;

    bool operator==(const Profile &) const = default;
};

} // namespace epscope
