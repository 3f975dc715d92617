// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/quantity.h"

namespace epscope {

// Shapes of a mixture-of-experts model with multi-head latent attention, named as in its config.json.
struct Model {
    std::string name;
    std::string title;
    std::string source;
    std::int64_t hidden_size = 0;
    std::int64_t layers = 0;
    std::int64_t dense_layers = 0; // the first layers, with a dense FFN instead of experts
    std::int64_t heads = 0;
    std::int64_t q_lora_rank = 0;
    std::int64_t kv_lora_rank = 0;
    std::int64_t qk_nope_head_dim = 0;
    std::int64_t qk_rope_head_dim = 0;
    std::int64_t v_head_dim = 0;
    std::int64_t dense_intermediate = 0;
    std::int64_t expert_intermediate = 0;
    std::int64_t routed_experts = 0;
    std::int64_t experts_per_token = 0;
    std::int64_t shared_experts = 0;
    std::int64_t vocabulary = 0;
    std::int64_t max_context = 0; // tokens; 0: not stated
    std::int64_t mtp_layers = 0;
    // B per element of the checkpoint's weights and of its KV cache, where its files state them.
    std::optional<Quantity> expert_elem_size;
    std::optional<Quantity> param_elem_size;
    std::optional<Quantity> kv_elem_size;

    // One cached token: the compressed latent and the shared RoPE key, in elements.
    std::int64_t kv_dim() const { return kv_lora_rank + qk_rope_head_dim; }

    bool operator==(const Model &) const = default;
};

// The same but for what they are called, and for what changes no number.
inline bool same_shapes(const Model &a, Model b)
{
    b.name = a.name;
    b.title = a.title;
    b.source = a.source;
    b.max_context = a.max_context;
    b.expert_elem_size = a.expert_elem_size;
    b.param_elem_size = a.param_elem_size;
    b.kv_elem_size = a.kv_elem_size;
    return a == b;
}

} // namespace epscope
