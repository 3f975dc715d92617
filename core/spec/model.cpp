// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/model.h"

#include <algorithm>
#include <array>

namespace epscope {
namespace {

struct NumberOfMla {
    std::int64_t Model::*of_model;
    std::int64_t MlaShape::*of_shape;
};
constexpr std::array numbers_of_mla{NumberOfMla{&Model::heads, &MlaShape::heads},
    NumberOfMla{&Model::q_lora_rank, &MlaShape::q_rank}, NumberOfMla{&Model::kv_lora_rank, &MlaShape::kv_rank},
    NumberOfMla{&Model::qk_nope_head_dim, &MlaShape::nope}, NumberOfMla{&Model::qk_rope_head_dim, &MlaShape::rope},
    NumberOfMla{&Model::v_head_dim, &MlaShape::v}};

std::string problem_of(const MlaShape &mla)
{
    if (mla.top == 0)
        return {};
    if (mla.index_heads == 0 || mla.index_dim == 0 || mla.entry == 0 || mla.index_entry == 0 || mla.own == 0)
        return "keys are chosen ('top') without an indexer; expected index_heads, index_dim, entry, index_entry and "
               "own";
    return {};
}
std::string problem_of(const GqaShape &gqa)
{
    return gqa.heads % gqa.kv_heads != 0 ? "expected heads to be a multiple of kv_heads" : "";
}
std::string problem_of(const V4Shape &v4)
{
    if (v4.entry == 0)
        return "missing key entry";
    if (v4.top > 0 && (v4.ratio == 0 || v4.index_heads == 0 || v4.index_dim == 0 || v4.index_entry == 0))
        return "entries are chosen ('top') without an indexer; expected ratio, index_heads, index_dim and index_entry";
    return v4.heads % v4.o_groups != 0 ? "expected heads to be a multiple of o_groups" : "";
}
std::string problem_of(const LinearShape &linear)
{
    if (linear.state == 0)
        return "missing key state";
    return linear.value_heads % linear.key_heads != 0 ? "expected value_heads to be a multiple of key_heads" : "";
}

} // namespace

std::vector<LayerKind> layers_of(const Model &model)
{
    if (!model.layer_kinds.empty())
        return model.layer_kinds;
    MlaShape mla;
    for (const NumberOfMla &number : numbers_of_mla)
        mla.*number.of_shape = model.*number.of_model;
    std::vector<LayerKind> kinds;
    if (model.layers > model.dense_layers)
        kinds.push_back({model.layers - model.dense_layers, 0, mla});
    if (model.dense_layers > 0)
        kinds.push_back({model.dense_layers, model.dense_intermediate, mla});
    return kinds;
}

void take_numbers_of_layers(Model &model)
{
    const std::vector<LayerKind> &kinds = model.layer_kinds;
    if (kinds.empty())
        return;
    model.layers = model.dense_layers = 0;
    model.dense_intermediate = 1; // what no layer has is as small as can be
    for (const LayerKind &kind : kinds) {
        model.layers += kind.layers;
        model.dense_layers += kind.is_dense() ? kind.layers : 0;
    }
    const auto dense = std::find_if(kinds.begin(), kinds.end(), [](const LayerKind &kind) { return kind.is_dense(); });
    if (dense != kinds.end())
        model.dense_intermediate = dense->dense_width;
    const auto latent = std::find_if(kinds.begin(), kinds.end(),
        [](const LayerKind &kind) { return std::holds_alternative<MlaShape>(kind.attention); });
    for (const NumberOfMla &number : numbers_of_mla)
        model.*number.of_model = latent == kinds.end() ? 1 : std::get<MlaShape>(latent->attention).*number.of_shape;
}

std::vector<std::string> problems_of_layers(const Model &model)
{
    std::vector<std::string> problems;
    if (model.draft) {
        const std::string problem =
            std::visit([](const auto &shape) { return problem_of(shape); }, model.draft->layer.attention);
        if (!problem.empty())
            problems.push_back(" of the draft: " + problem);
    }
    for (std::size_t i = 0; i < model.layer_kinds.size(); ++i) {
        const LayerKind &kind = model.layer_kinds[i];
        std::string problem = std::visit([](const auto &shape) { return problem_of(shape); }, kind.attention);
        if (problem.empty() && !kind.is_dense() && (model.routed_experts == 0 || model.expert_intermediate == 0))
            problem = "a layer with experts in a model without; expected routed_experts and expert_intermediate";
        if (!problem.empty())
            problems.push_back("[" + std::to_string(i) + "]: " + problem);
    }
    return problems;
}

bool is_in_layer_kinds(std::string_view key)
{
    constexpr std::array<std::string_view, 9> keys{"layers", "dense_layers", "heads", "q_lora_rank", "kv_lora_rank",
        "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "dense_intermediate"};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_of_experts(std::string_view key)
{
    constexpr std::array<std::string_view, 5> keys{
        "expert_intermediate", "routed_experts", "experts_per_token", "shared_experts", "expert_latent"};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

} // namespace epscope
