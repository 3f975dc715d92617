// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/config_values.h"

#include <algorithm>
#include <array>

#include "core/io/json_tree.h"
#include "core/io/model_quantisation.h"
#include "core/text.h"

namespace epscope {
namespace {

// Sources of the names: the config.json of DeepSeek-V2/V3/V4, Kimi-K2 and K3, GLM-4.6, 4.7-Flash and 5,
// openPangu-Ultra-MoE, Ling and Ring 2.x, LongCat-Flash, Hunyuan, ERNIE 4.5, Qwen3 and 3.5, gpt-oss, MiniMax-M2, Llama,
// and inference/configs of deepseek-ai/DeepSeek-V3.
constexpr std::array all_shape_names{
    ShapeNames{"hidden_size", "hidden_size dim d_model n_embd"},
    ShapeNames{"layers", "num_hidden_layers n_layers num_layers n_layer"},
    ShapeNames{"dense_layers", "first_k_dense_replace num_dense_layers n_dense_layers first_num_dense_layers",
        Stated::dense_layers},
    ShapeNames{"heads", "num_attention_heads n_heads num_heads n_head"},
    ShapeNames{"q_lora_rank", "q_lora_rank attention_q_lora_dim q_lora_dim", Stated::latent},
    ShapeNames{"kv_lora_rank", "kv_lora_rank attention_kv_lora_dim kv_lora_dim", Stated::latent},
    ShapeNames{"qk_nope_head_dim", "qk_nope_head_dim attention_qk_dim", Stated::latent},
    ShapeNames{"qk_rope_head_dim", "qk_rope_head_dim attention_qk_rope_dim", Stated::latent},
    ShapeNames{"v_head_dim", "v_head_dim attention_v_dim", Stated::latent},
    ShapeNames{"dense_intermediate", "intermediate_size inter_dim ffn_hidden_size", Stated::optional},
    ShapeNames{"expert_intermediate", "moe_intermediate_size moe_inter_dim expert_ffn_hidden_size moe_ffn_hidden_size",
        Stated::experts},
    ShapeNames{"routed_experts", "n_routed_experts num_routed_experts num_experts num_local_experts moe_num_experts",
        Stated::experts},
    ShapeNames{"experts_per_token",
        "num_experts_per_tok num_experts_per_token experts_per_token n_activated_experts moe_topk moe_k "
        "moe_router_topk",
        Stated::experts},
    ShapeNames{"shared_experts", "n_shared_experts num_shared_experts num_shared_expert moe_num_shared_experts",
        Stated::optional},
    ShapeNames{"expert_latent", "routed_expert_hidden_size moe_latent_size moe_latent_dim", Stated::optional},
    ShapeNames{"vocabulary", "vocab_size"},
    ShapeNames{"mtp_layers", "num_nextn_predict_layers num_mtp_layers mtp_num_hidden_layers num_mtp_modules",
        Stated::optional},
    ShapeNames{"max_context", "max_position_embeddings max_seq_len max_sequence_length", Stated::no_shape},
};

} // namespace

std::span<const ShapeNames> shape_names()
{
    return all_shape_names;
}

const ShapeNames &names_of(std::string_view parameter)
{
    return *std::find_if(all_shape_names.begin(), all_shape_names.end(),
        [&](const ShapeNames &one) { return one.parameter == parameter; });
}

std::string any_spelling(const ShapeNames &one)
{
    const std::vector<std::string> keys = words(one.keys);
    return keys.size() == 1 ? keys.front()
                            : keys.front() + " (or " + joined({keys.begin() + 1, keys.end()}, ", ") + ")";
}

std::vector<std::string> words(std::string_view text)
{
    std::vector<std::string> list;
    for (const std::string_view word : split(text, ' ')) {
        if (!word.empty())
            list.emplace_back(word);
    }
    return list;
}

bool is_set(const YamlNode *value)
{
    return value && value->kind != YamlNode::Kind::null;
}

bool is_off(const YamlNode &value)
{
    switch (value.kind) {
    case YamlNode::Kind::null:
        return true;
    case YamlNode::Kind::scalar:
        return value.quoted
            ? value.scalar.empty() || value.scalar == "none" || letters_and_digits(value.scalar) == "false"
            : value.scalar == "false" || number_of(value) == 0.0;
    case YamlNode::Kind::sequence:
        return std::all_of(value.items.begin(), value.items.end(), is_off);
    case YamlNode::Kind::map:
        break;
    }
    const YamlNode *enabled = value_of(value, "enabled");
    return (enabled && is_off(*enabled))
        || std::all_of(
            value.entries.begin(), value.entries.end(), [](const YamlEntry &entry) { return is_off(entry.value); });
}

const YamlNode *one_number(const YamlNode &value)
{
    if (value.kind != YamlNode::Kind::sequence)
        return number_of(value) ? &value : nullptr;
    if (value.items.empty() || !number_of(value.items.front()))
        return nullptr;
    const bool same = std::all_of(value.items.begin(), value.items.end(),
        [&](const YamlNode &item) { return number_of(item) == number_of(value.items.front()); });
    return same ? &value.items.front() : nullptr;
}

std::string few_of(const std::vector<std::string> &names)
{
    constexpr std::size_t most_named = 4;
    if (names.size() <= most_named + 1)
        return joined(names, ", ");
    return joined({names.begin(), names.begin() + most_named}, ", ") + " and "
        + std::to_string(names.size() - most_named) + " more";
}

const YamlNode *ConfigValues::find(std::string_view key) const
{
    for (const YamlNode *map : maps) {
        if (const YamlNode *value = value_of(*map, key))
            return value;
    }
    return nullptr;
}

bool ConfigValues::is_on(std::string_view key) const
{
    const YamlNode *value = find(key);
    return value && !is_off(*value);
}

std::vector<ConfigValues::Found> ConfigValues::find_all(std::string_view keys) const
{
    std::vector<Found> found;
    for (const YamlNode *map : maps) {
        for (const std::string &key : words(keys)) {
            if (const YamlNode *value = value_of(*map, key); is_set(value))
                found.push_back({key, value});
        }
        if (!found.empty())
            break;
    }
    return found;
}

std::optional<ConfigValues::Found> ConfigValues::find_first(std::string_view keys) const
{
    std::vector<Found> found = find_all(keys);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

bool ConfigValues::is_any_off(std::string_view keys) const
{
    const std::vector<std::string> each = words(keys);
    return std::any_of(each.begin(), each.end(), [&](const std::string &key) {
        const YamlNode *value = find(key);
        return value && is_off(*value);
    });
}

std::vector<ConfigValues::Found> ConfigValues::kinds_of_model() const
{
    std::vector<Found> found;
    for (const YamlNode *map : maps) {
        const YamlNode *architectures = value_of(*map, "architectures");
        for (const YamlNode &item : items_of(architectures)) {
            if (item.quoted)
                found.push_back({"architectures", &item});
        }
        if (const YamlNode *type = value_of(*map, "model_type"); type && type->quoted)
            found.push_back({"model_type", type});
    }
    return found;
}

std::string ConfigValues::kind_name() const
{
    const std::vector<Found> names = kinds_of_model();
    return names.empty() ? "the model" : in_quotes(names.front().value->scalar);
}

std::vector<std::string> ConfigValues::recognised() const
{
    std::vector<std::string> keys;
    for (const ShapeNames &one : all_shape_names) {
        for (const Found &found : find_all(one.keys))
            keys.push_back(found.key);
    }
    return keys;
}

void ConfigValues::refuse(const YamlNode &where, const std::string &key, std::string message)
{
    problems.push_back({file, where.line, where.column, key, std::move(message)});
}

void ConfigValues::refuse_once(const YamlNode &where, const std::string &key, const std::string &message)
{
    const bool said = std::any_of(problems.begin(), problems.end(), [&](const Diagnostic &problem) {
        return problem.message.find(message) != std::string::npos || message.find(problem.message) != std::string::npos;
    });
    if (!said)
        refuse(where, key, message);
}

void ConfigValues::warn(const YamlNode &where, const std::string &key, std::string message)
{
    Diagnostic warning{file, where.line, where.column, key, std::move(message), Severity::warning};
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end())
        warnings.push_back(std::move(warning));
}

} // namespace epscope
