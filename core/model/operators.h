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
enum class Stage : std::uint8_t { attn0, attn1, dispatch, shared, routed, combine, dense, outside };
inline constexpr std::size_t stage_count = 8;

// In execution order.
enum class OpId : std::uint8_t {
    embedding,
    attn_norm,
    q_down,
    q_up,
    q_absorb,
    kv_compress,
    flash_mla,
    v_up,
    o_proj,
    ffn_norm,
    router,
    layer_overhead,
    dispatch,
    shared_up,
    shared_down,
    routed_up,
    routed_down,
    combine,
    dense_up,
    dense_down,
    mtp_proj,
    final_norm,
    head,
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

// The windows of one block, in order, for one micro-batch. docs/model.md §5.
std::span<const Window> windows_of(BlockKind kind, Policy policy);

// The name of the time that a window of a layer takes; `index` is its place in the block. A window with one lane alone
// is that lane's stage.
std::string name_of_window(std::span<const Stage> compute, std::span<const Stage> network, std::size_t index);

inline std::int64_t micro_batches(Policy policy)
{
    return policy == Policy::dual_mbatch ? 2 : 1;
}

} // namespace epscope
