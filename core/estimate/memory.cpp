// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/memory.h"

#include <algorithm>
#include <cmath>

namespace epscope {

std::int64_t attention_parameters(const Model &model)
{
    return model.hidden_size * model.q_lora_rank
        + model.q_lora_rank * model.heads * (model.qk_nope_head_dim + model.qk_rope_head_dim)
        + model.hidden_size * model.kv_dim()
        + model.kv_lora_rank * model.heads * (model.qk_nope_head_dim + model.v_head_dim)
        + model.heads * model.v_head_dim * model.hidden_size;
}

MemoryBreakdown memory_breakdown(
    const Profile &profile, const Model &model, const Workload &workload, double memory, const Point &point)
{
    constexpr double bf16_bytes = 2; // embedding and head stay in bf16
    constexpr double dense_ffn_bytes = 1;
    const double expert_bytes = workload.expert_elem_size.si();
    const auto attention = static_cast<double>(attention_parameters(model));
    const auto hidden = static_cast<double>(model.hidden_size);
    const double expert = 3 * hidden * static_cast<double>(model.expert_intermediate);
    const double dense_ffn = 3 * hidden * static_cast<double>(model.dense_intermediate);
    const auto layers = static_cast<double>(model.layers);
    const auto dense_layers = static_cast<double>(model.dense_layers);
    const auto local_experts = static_cast<double>(experts_per_card(model, point.ep));
    const auto shared_experts = static_cast<double>(model.shared_experts);
    const bool drafting = point.mtp_len > 0;

    MemoryBreakdown result;
    result.attention = layers * attention * point.param_elem_size;
    result.shared_experts = (layers - dense_layers) * shared_experts * expert * expert_bytes;
    result.routed_experts = (layers - dense_layers) * local_experts * expert * expert_bytes;
    result.dense_ffn = dense_layers * dense_ffn * dense_ffn_bytes;
    result.embedding_and_head = 2 * static_cast<double>(model.vocabulary) * hidden * bf16_bytes;
    if (drafting)
        result.mtp = attention * point.param_elem_size + (shared_experts + local_experts) * expert * expert_bytes
            + 2 * hidden * hidden * point.param_elem_size;
    result.weights = result.attention + result.shared_experts + result.routed_experts + result.dense_ffn
        + result.embedding_and_head + result.mtp;
    const double cached_layers = layers + (drafting ? 1 : 0);
    const auto cached_tokens = static_cast<double>(workload.context + 1 + point.mtp_len);
    result.kv_per_sequence = static_cast<double>(model.kv_dim()) * point.kv_elem_size * cached_layers * cached_tokens;
    result.kv_cache = static_cast<double>(point.batch) * result.kv_per_sequence;
    result.usable = profile.usable_memory_fraction * memory - profile.reserved_memory;
    result.free = result.usable - result.weights - result.kv_cache;
    constexpr double most = 0x1p53; // whole numbers are exact up to it
    result.max_batch = static_cast<std::int64_t>(
        std::clamp(std::floor((result.usable - result.weights) / result.kv_per_sequence), 0.0, most));
    return result;
}

} // namespace epscope
