// SPDX-License-Identifier: GPL-3.0-or-later
// The one list of operators, stages and overlap windows: every estimate, chart, table and export loops over it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/spec/study.h"

namespace epscope {

// Operators that run together, as one lane of an overlap window.
// coll_a, coll_f: what a group of cards that share one attention does after it and after the FFN.
enum class Stage : std::uint8_t { attn0, attn1, dispatch, shared, routed, combine, dense, outside, coll_a, coll_f };
inline constexpr std::size_t stage_count = 10;

// In execution order.
enum class OpId : std::uint8_t {
    embedding,
    attn_norm,
    streams,
    qkv,
    decay,
    q_down,
    q_up,
    q_absorb,
    kv_compress,
    compress,
    index_q,
    index_k,
    gate,
    index_scan,
    index_top,
    flash_mla,
    attention,
    v_up,
    o_a,
    o_proj,
    all_reduce,
    scatter,
    ffn_norm,
    router,
    small_kernels,
    latent_down,
    dispatch,
    shared_up,
    shared_down,
    routed_up,
    routed_down,
    permute,
    latent_up,
    combine,
    dense_up,
    dense_down,
    all_reduce_ffn,
    gather,
    mtp_proj,
    final_norm,
    head,
    sample,
    step_overhead
};

struct OperatorInfo {
    OpId id;
    Stage stage;
    std::string_view key; // column and JSON name
    std::string_view label; // for people
    std::string_view what; // one sentence
};
std::span<const OperatorInfo> operators();
const OperatorInfo &info_of(OpId id);

std::string_view key_of(Stage stage);
std::string_view label_of(Stage stage);

// What a step is made of: each block runs `count` times, one after the other.
enum class BlockKind : std::uint8_t { sparse_layer, dense_layer, outside_layers, mtp_layer, mtp_outside };
std::string_view key_of(BlockKind kind);
std::string_view label_of(BlockKind kind);

// Stages that run at the same time, compute on one lane and network on the other; the longer lane counts.
struct Window {
    std::array<Stage, 2> compute{};
    std::array<Stage, 1> network{};
    std::uint8_t compute_stages = 0;
    std::uint8_t network_stages = 0;

    std::span<const Stage> compute_lane() const { return std::span(compute).first(compute_stages); }
    std::span<const Stage> network_lane() const { return std::span(network).first(network_stages); }
};

// The windows of one block, in order, for one micro-batch; with the collectives of a group of cards where these share
// one attention. docs/model.md §5 and §14.
std::span<const Window> windows_of(BlockKind kind, Policy policy, bool shared_attention = false);

// The name of the time that a window of a layer takes; `index` is its place in the block. A window with one lane alone
// is that lane's stage.
std::string name_of_window(std::span<const Stage> compute, std::span<const Stage> network, std::size_t index);

inline std::int64_t micro_batches(Policy policy)
{
    return policy == Policy::dual_mbatch ? 2 : 1;
}

} // namespace epscope
