// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/model_config.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

const YamlNode *find(const YamlNode &map, std::string_view key)
{
    for (const YamlEntry &entry : map.entries) {
        if (entry.key.scalar == key)
            return &entry.value;
    }
    return nullptr;
}

// Multimodal models keep their language model's shapes in a map of their own.
const YamlNode &text_part(const YamlNode &root)
{
    const YamlNode *part = find(root, "text_config");
    return part && part->kind == YamlNode::Kind::map ? *part : root;
}

bool is_set(const YamlNode *value)
{
    return value && value->kind != YamlNode::Kind::null
        && !(value->kind == YamlNode::Kind::scalar && value->scalar == "null");
}

struct Shape {
    std::string_view config_key;
    std::string_view parameter;
    bool required;
};

constexpr std::array shapes{
    Shape{"hidden_size", "hidden_size", true},
    Shape{"num_hidden_layers", "layers", true},
    Shape{"first_k_dense_replace", "dense_layers", true},
    Shape{"num_attention_heads", "heads", true},
    Shape{"q_lora_rank", "q_lora_rank", true},
    Shape{"kv_lora_rank", "kv_lora_rank", true},
    Shape{"qk_nope_head_dim", "qk_nope_head_dim", true},
    Shape{"qk_rope_head_dim", "qk_rope_head_dim", true},
    Shape{"v_head_dim", "v_head_dim", true},
    Shape{"intermediate_size", "dense_intermediate", true},
    Shape{"moe_intermediate_size", "expert_intermediate", true},
    Shape{"n_routed_experts", "routed_experts", true},
    Shape{"num_experts_per_tok", "experts_per_token", true},
    Shape{"n_shared_experts", "shared_experts", false},
    Shape{"vocab_size", "vocabulary", true},
    Shape{"num_nextn_predict_layers", "mtp_layers", false},
    Shape{"max_position_embeddings", "max_context", false},
};

// A key whose presence says that the model needs what the engine lacks.
struct Unsupported {
    std::string_view key;
    std::string_view why;
};

constexpr std::array unsupported{
    Unsupported{"index_topk",
        "sparse attention (an indexer chooses the keys) is not modelled; the library's deepseek-v3.2-dense takes "
        "V3.2's attention "
        "as dense"},
    Unsupported{"linear_attn_config", "linear attention is not modelled"},
    Unsupported{"full_attention_interval", "linear attention is not modelled"},
    Unsupported{"compress_ratios", "compressed sparse attention is not modelled"},
    Unsupported{"sliding_window", "sliding-window attention is not modelled"},
};

class Reader {
public:
    explicit Reader(std::string name)
        : file(std::move(name))
    {
    }

    std::vector<Diagnostic> problems;

    void refuse(const YamlNode &where, std::string_view key, std::string message)
    {
        problems.push_back({file, where.line, where.column, std::string(key), std::move(message)});
    }

    // What makes the file another kind of model; further keys then say nothing new.
    void check_kind(const YamlNode &map)
    {
        for (const Unsupported &feature : unsupported) {
            if (const YamlNode *value = find(map, feature.key); is_set(value) && value->scalar != "false")
                refuse(*value, feature.key, std::string(feature.why));
        }
        if (!problems.empty())
            return;
        if (!is_set(find(map, "kv_lora_rank"))) {
            const YamlNode *groups = find(map, "num_key_value_heads");
            refuse(groups ? *groups : map, groups ? "num_key_value_heads" : "kv_lora_rank",
                "the model has no multi-head latent attention (grouped-query or plain attention is not modelled); "
                "expected a config.json of the "
                "DeepSeek-V2/V3 family");
            return;
        }
        if (const YamlNode *rank = find(map, "q_lora_rank"); !is_set(rank))
            refuse(rank ? *rank : map, "q_lora_rank",
                "queries without compression are not modelled; expected the rank of the query projection");
        if (const YamlNode *every = find(map, "moe_layer_freq"); is_set(every) && every->scalar != "1")
            refuse(*every, "moe_layer_freq",
                in_quotes(every->scalar) + " is not modelled; only 1, every layer after the dense ones with experts");
    }

    void read_shape(const YamlNode &map, const Shape &shape, Model &model)
    {
        const YamlNode *value = find(map, shape.config_key);
        if (!is_set(value)) {
            if (shape.required)
                refuse(map, shape.config_key, "missing key");
            return;
        }
        if (value->kind != YamlNode::Kind::scalar) {
            refuse(*value, shape.config_key, "expected a number");
            return;
        }
        for (const Field<Model> &field : fields<Model>()) {
            if (field.info.key != shape.parameter)
                continue;
            if (const auto wrong = set_field(model, field, value->scalar, BareNumbers::refused))
                refuse(*value, shape.config_key, *wrong);
        }
    }

private:
    std::string file;
};

} // namespace

bool is_model_config(const YamlNode &root)
{
    return root.kind == YamlNode::Kind::map && !find(root, "model")
        && (find(root, "architectures") || find(root, "model_type")) && find(text_part(root), "hidden_size");
}

std::string config_model_name(const std::string &file)
{
    const std::filesystem::path path(file);
    std::string name = path.stem().string();
    if (name == "config" && path.has_parent_path() && !path.parent_path().filename().empty())
        name = path.parent_path().filename().string();
    constexpr std::string_view ending = "_config";
    if (name.size() > ending.size() && name.ends_with(ending))
        name.resize(name.size() - ending.size());
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ',' || c == '"' || c == '|'; }, '-');
    constexpr std::size_t longest = 64;
    return name.substr(0, longest);
}

Read<Model> model_from_config(const YamlNode &root, const std::string &file)
{
    const YamlNode &map = text_part(root);
    Reader reader(file);
    reader.check_kind(map);
    Model model;
    model.name = model.title = config_model_name(file);
    model.source = "config.json of " + model.name;
    if (reader.problems.empty()) {
        for (const Shape &shape : shapes)
            reader.read_shape(map, shape, model);
    }
    if (reader.problems.empty()) {
        for (const Inconsistency &wrong : inconsistencies(model)) {
            const auto shape = std::find_if(
                shapes.begin(), shapes.end(), [&](const Shape &one) { return one.parameter == wrong.key; });
            const YamlNode *value = find(map, shape->config_key);
            reader.refuse(value ? *value : map, shape->config_key, wrong.message);
        }
    }
    if (!reader.problems.empty())
        return {std::nullopt, std::move(reader.problems)};
    return {std::move(model), {}};
}

} // namespace epscope
