// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.h"
#include "core/spec/layers.h"

namespace epscope {

// What drafts tokens for a model that has no MTP layer: like layers, which run once for each draft token with
// embedding, projection and head around them as an MTP layer does. docs/model.md §14.
struct Draft {
    std::string method; // EAGLE3, DSpark ...
    LayerKind layer;

    bool operator==(const Draft &) const = default;
};

// Shapes of a model, named as in its config.json. Its layers are those of `layer_kinds`; where that is empty, sparse
// and dense ones of multi-head latent attention, of the numbers below.
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
    std::optional<Quantity> output_elem_size = {}; // where output projections have another than other parameters
    std::optional<Quantity> dense_elem_size = {}; // where dense FFNs have another than 1 B
    std::vector<LayerKind> layer_kinds = {}; // else `layers` and the numbers of the attention say it all
    std::vector<double> accepted_per_step = {}; // mean tokens per step with 1, 2 ... drafts, as measured
    std::int64_t expert_latent = 0; // width at which the routed experts work; 0: the hidden size
    std::optional<Draft> draft = {};

    bool operator==(const Model &) const = default;
};

inline bool can_draft(const Model &model)
{
    return model.mtp_layers > 0 || model.draft.has_value();
}

// The layers, those of a model without a list too: sparse ones first. None is of no layers.
std::vector<LayerKind> layers_of(const Model &model);
// Where the model lists its layers, its numbers of one kind are as the list has them: the layers in all, the dense
// ones, the shapes of its first latent attention and its first dense FFN.
void take_numbers_of_layers(Model &model);
// What does not go together in the list of layers, each with the place of its layers.
std::vector<std::string> problems_of_layers(const Model &model);
// Does the list of layers say what this key does?
bool is_in_layer_kinds(std::string_view key);
// Is it of the experts alone, so that a model without any does not have it?
bool is_of_experts(std::string_view key);

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
    b.output_elem_size = a.output_elem_size;
    b.dense_elem_size = a.dense_elem_size;
    b.accepted_per_step = a.accepted_per_step;
    return a == b;
}

} // namespace epscope
