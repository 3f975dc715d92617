// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/retired.h"

#include <algorithm>
#include <array>

namespace epscope {
namespace {

constexpr std::string_view kernels = "kernel_overhead for each of the counted kernels of model-2026 took its place";
constexpr std::string_view popularity = "popularity_span of model-2026 took its place";
constexpr std::string_view always = "'equations: model-2026' took its place, which always does so";
constexpr std::string_view otherwise = "'equations: model-2026' took its place, which sends a token once per expert";

constexpr std::array all{RetiredKey{"layer_overhead", kernels}, RetiredKey{"load_imbalance", popularity},
    RetiredKey{"expert_skew", popularity}, RetiredKey{"fused_compression", always}, RetiredKey{"bf16_absorb", always},
    RetiredKey{"uses_scale_up", always}, RetiredKey{"sends_once_per_card", otherwise},
    RetiredKey{"narrow_dispatch", always}, RetiredKey{"idle_experts_unread", always}};

} // namespace

const RetiredKey *retired_key(std::string_view key)
{
    const auto found = std::find_if(all.begin(), all.end(), [&](const RetiredKey &each) { return each.key == key; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace epscope
