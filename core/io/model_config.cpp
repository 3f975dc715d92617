// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/model_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>

#include "core/io/file.h"
#include "core/io/json_tree.h"
#include "core/io/model_quantisation.h"
#include "core/io/spec_reader.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

namespace fs = std::filesystem;

// Must a configuration state a shape? `unless_listed`: lists of the kinds of layers may say it too. `no_shape`: an
// optional number whose form does not matter, and which is no sign of a model.
enum class Stated { always, unless_listed, optional, no_shape };

// How a parameter of a model is called in configurations, the usual name first.
struct ShapeNames {
    std::string_view parameter;
    std::string_view keys;
    Stated stated = Stated::always;
};

// Sources of the names: the config.json of DeepSeek-V2/V3, Kimi-K2, GLM-4.7-Flash, openPangu-Ultra-MoE, Ling and
// Ring 2.x, LongCat-Flash, Hunyuan, ERNIE 4.5, Qwen3, and inference/configs of deepseek-ai/DeepSeek-V3.
constexpr std::array shape_names{
    ShapeNames{"hidden_size", "hidden_size dim d_model n_embd"},
    ShapeNames{"layers", "num_hidden_layers n_layers num_layers n_layer"},
    ShapeNames{"dense_layers", "first_k_dense_replace num_dense_layers n_dense_layers first_num_dense_layers",
        Stated::unless_listed},
    ShapeNames{"heads", "num_attention_heads n_heads num_heads n_head"},
    ShapeNames{"q_lora_rank", "q_lora_rank attention_q_lora_dim q_lora_dim"},
    ShapeNames{"kv_lora_rank", "kv_lora_rank attention_kv_lora_dim kv_lora_dim"},
    ShapeNames{"qk_nope_head_dim", "qk_nope_head_dim attention_qk_dim"},
    ShapeNames{"qk_rope_head_dim", "qk_rope_head_dim attention_qk_rope_dim"},
    ShapeNames{"v_head_dim", "v_head_dim attention_v_dim"},
    ShapeNames{"dense_intermediate", "intermediate_size inter_dim ffn_hidden_size"},
    ShapeNames{"expert_intermediate", "moe_intermediate_size moe_inter_dim expert_ffn_hidden_size moe_ffn_hidden_size"},
    ShapeNames{"routed_experts", "n_routed_experts num_routed_experts num_experts num_local_experts moe_num_experts"},
    ShapeNames{"experts_per_token",
        "num_experts_per_tok num_experts_per_token n_activated_experts moe_topk moe_k moe_router_topk"},
    ShapeNames{"shared_experts", "n_shared_experts num_shared_experts num_shared_expert moe_num_shared_experts",
        Stated::optional},
    ShapeNames{"vocabulary", "vocab_size"},
    ShapeNames{"mtp_layers", "num_nextn_predict_layers num_mtp_layers mtp_num_hidden_layers num_mtp_modules",
        Stated::optional},
    ShapeNames{"max_context", "max_position_embeddings max_seq_len max_sequence_length", Stated::no_shape},
};

constexpr const ShapeNames &names_of(std::string_view parameter)
{
    return *std::find_if(
        shape_names.begin(), shape_names.end(), [&](const ShapeNames &one) { return one.parameter == parameter; });
}

enum class When { on, not_one, off };

// What the engine lacks, the keys that say that a model needs it, and when they do. `switches`: keys that turn it off,
// whatever the others say.
struct Lack {
    std::string_view keys;
    When when;
    std::string_view switches;
    std::string_view why;
};

constexpr std::string_view hybrid = "layers of linear attention between those of full attention are not modelled";
constexpr std::string_view sparse = "sparse attention (an indexer chooses the keys) is not modelled; the library's "
                                    "deepseek-v3.2-dense takes V3.2's attention as dense";
constexpr std::string_view compressed = "compressed sparse attention is not modelled";
constexpr std::string_view sliding = "sliding-window attention is not modelled";
constexpr std::string_view state_space = "state-space layers are not modelled";
constexpr std::string_view between = "dense layers between those with experts are not modelled";
constexpr std::string_view latent_experts = "experts that work at another width than the hidden size are not modelled";
constexpr std::string_view zero_experts = "experts that compute nothing are not modelled";

constexpr std::array lacks{
    Lack{"use_mla multi_latent_attention", When::off, "", "attention without a compressed KV cache is not modelled"},
    Lack{"layer_group_size full_attention_interval attn_layer_period", When::not_one, "", hybrid},
    Lack{"linear_attn_config linear_num_key_heads linear_num_value_heads linear_key_head_dim linear_value_head_dim "
         "linear_conv_kernel_dim short_conv_kernel_size attn_type_list",
        When::on, "layer_group_size full_attention_interval linear_attn_config", hybrid},
    Lack{"hybrid_layer_pattern hybrid_override_pattern layers_block_type", When::on, "",
        "layers of several kinds are not modelled"},
    Lack{"index_topk index_n_heads index_head_dim indexer_types index_topk_freq indexer_rope_interleave", When::on,
        "index_topk", sparse},
    Lack{"sparse_attention_config sparse_attn_config nsa_config use_sparse_attention use_nsa moba_chunk_size", When::on,
        "use_sparse_attention use_nsa", sparse},
    Lack{"compress_ratios compress_ratio compress_rope_theta", When::on, "compress_ratios compress_ratio", compressed},
    Lack{"sliding_window sliding_window_size sliding_window_pattern attention_chunk_size", When::on,
        "use_sliding_window sliding_window attention_chunk_size", sliding},
    Lack{"mamba_d_state mamba_num_heads mamba_expand ssm_state_size ssm_cfg", When::on, "", state_space},
    Lack{"use_cla cla_share_factor num_kv_shared_layers", When::on, "use_cla",
        "a KV cache that layers share is not modelled"},
    Lack{"attn_output_gate attention_output_gate use_output_gate", When::on, "",
        "a gate behind the attention is not modelled"},
    Lack{"o_lora_rank", When::on, "", "an output projection of low rank is not modelled"},
    Lack{"hc_mult num_hyper_connections", When::not_one, "mhc", "several residual streams are not modelled"},
    Lack{"moe_latent_size moe_latent_dim routed_expert_hidden_size", When::on, "", latent_experts},
    Lack{"zero_expert_num", When::on, "", zero_experts},
    Lack{"interleave_moe_layer_step decoder_sparse_step moe_layer_interval", When::not_one, "", between},
};

// Families whose configurations may look like DeepSeek-V3's: what the engine lacks for them, unless one of the keys
// that state it is there and says otherwise.
struct Family {
    std::string_view word; // in the architecture or model type, as letters_and_digits()
    std::string_view keys;
    std::string_view why;
};

constexpr std::array lacking_families{
    Family{"deepseekv32", "index_topk", sparse},
    Family{"glmmoedsa", "index_topk", sparse},
    Family{"deepseekv4", "compress_ratios", compressed},
    Family{"bailinghybrid", "layer_group_size", hybrid},
    Family{"bailingmoelinear", "layer_group_size", hybrid},
    Family{"bailingmoev25", "layer_group_size", hybrid},
    Family{"kimilinear", "linear_attn_config", hybrid},
    Family{"qwen3next", "full_attention_interval layer_types", hybrid},
    Family{"qwen35", "full_attention_interval layer_types", hybrid},
    Family{"minimaxm1", "attn_type_list", hybrid},
    Family{"minimaxtext01", "attn_type_list", hybrid},
    Family{"longcat", "", "layers with two attentions each are not modelled"},
};

// Families that are read as DeepSeek-V3.
constexpr std::array read_families{
    "deepseekv2", "deepseekv3", "deepseekvl", "kimik2", "kimivl", "panguultramoe", "glm4moelite"};

// Parts of names of keys that are about what may change the attention or the experts.
constexpr std::array telling_words{"linear_att", "lightning", "sparse_att", "mamba", "ssm", "kda", "deltanet",
    "delta_net", "retention", "recurrent", "hybrid", "sliding", "window", "chunk", "compress", "indexer", "conv_kernel",
    "latent", "zero_expert", "shared_expert", "kv_shared", "cross_layer"};

// Parts of names of attentions other than the latent one, as letters_and_digits().
constexpr std::array other_attentions{
    "linear", "lightning", "sliding", "sparse", "window", "gqa", "mqa", "groupedquery", "multiquery", "mamba"};

// Keys with such a word that change no number of the engine, or that are read elsewhere.
constexpr std::array harmless_keys{"max_window_layers", "use_sliding_window", "chunk_size_feed_forward",
    "compression_config", "moe_router_enable_shared_expert", "shared_expert_intermediate_size",
    "moe_shared_expert_intermediate_size"};

// What other files of a model's folder hold.
struct OtherFile {
    std::string_view key;
    std::string_view what;
};

constexpr std::array other_files{
    OtherFile{"weight_map", "the index of a model's weights"},
    OtherFile{"added_tokens", "a tokenizer"},
    OtherFile{"added_tokens_decoder", "the configuration of a tokenizer"},
    OtherFile{"do_sample", "settings of text generation"},
    OtherFile{"quantization", "the quantisation of a model"},
};

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

// Null, false, zero, an empty text, "none" or "false", and what holds only such values or says "enabled": false.
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

// The number that a value is, or that all items of a list are; null if there is none.
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

std::size_t shapes_in(const YamlNode &map)
{
    return static_cast<std::size_t>(std::count_if(shape_names.begin(), shape_names.end(), [&](const ShapeNames &one) {
        const std::vector<std::string> keys = words(one.keys);
        return one.stated != Stated::no_shape && std::any_of(keys.begin(), keys.end(), [&](const std::string &key) {
            const YamlNode *value = value_of(map, key);
            return value && value->kind != YamlNode::Kind::map;
        });
    }));
}

// The map that holds most shapes, innermost first, and the maps around it: a model that also sees or hears keeps its
// language model's shapes in a map of their own, under one name or another.
using MapChain = std::vector<const YamlNode *>;

void find_shapes(const YamlNode &node, MapChain &around, MapChain &best, std::size_t &most)
{
    if (node.kind != YamlNode::Kind::map)
        return;
    around.insert(around.begin(), &node);
    if (const std::size_t count = shapes_in(node); count > most) {
        most = count;
        best = around;
    }
    for (const YamlEntry &entry : node.entries)
        find_shapes(entry.value, around, best, most);
    around.erase(around.begin());
}

MapChain maps_with_shapes(const YamlNode &root)
{
    MapChain around, best;
    std::size_t most = 0;
    find_shapes(root, around, best, most);
    return best;
}

std::string shortened(const std::vector<std::string> &names)
{
    constexpr std::size_t most_named = 4;
    if (names.size() <= most_named + 1)
        return joined(names, ", ");
    return joined({names.begin(), names.begin() + most_named}, ", ") + " and "
        + std::to_string(names.size() - most_named) + " more";
}

// What a file holds that is no configuration of a model.
Diagnostic no_configuration(const YamlNode &root, const std::string &file)
{
    const std::string expected =
        "; expected the config.json of a model, with its shapes (hidden_size, num_hidden_layers, kv_lora_rank ...)";
    if (root.kind != YamlNode::Kind::map)
        return {file, root.line, root.column, "", "holds no keys and values" + expected};
    for (const OtherFile &other : other_files) {
        if (value_of(root, other.key))
            return {file, root.line, root.column, "", "is " + std::string(other.what) + expected};
    }
    std::vector<std::string> keys;
    for (const YamlEntry &entry : root.entries)
        keys.push_back(in_quotes(entry.key.scalar));
    return {file, root.line, root.column, "",
        (keys.empty() ? "is empty" : "holds no shape of a model, only " + shortened(keys)) + expected};
}

class ConfigReader {
public:
    ConfigReader(MapChain the_maps, std::string name)
        : maps(std::move(the_maps))
        , file(std::move(name))
    {
    }

    std::vector<Diagnostic> problems, warnings;

    Model read(const YamlNode *quantisation)
    {
        check_kind();
        if (problems.empty())
            check_attention();
        Model model;
        model.name = model.title = config_model_name(file);
        model.source = "config.json of " + model.name;
        if (problems.empty())
            read_shapes(model);
        if (problems.empty())
            read_dense_layers(model);
        if (problems.empty())
            read_shared_experts(model);
        if (problems.empty())
            check_shapes(model);
        if (problems.empty()) {
            read_context(model);
            read_element_sizes(model, quantisation);
            warn_of_the_unknown();
        }
        return model;
    }

private:
    struct Found {
        std::string key;
        const YamlNode *value = nullptr;

        explicit operator bool() const { return value != nullptr; }
    };

    MapChain maps;
    std::string file;
    std::map<std::string_view, Found, std::less<>> stated; // by parameter

    void refuse(const YamlNode &where, const std::string &key, std::string message)
    {
        problems.push_back({file, where.line, where.column, key, std::move(message)});
    }

    void warn(const YamlNode &where, const std::string &key, std::string message)
    {
        Diagnostic warning{file, where.line, where.column, key, std::move(message), Severity::warning};
        if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end())
            warnings.push_back(std::move(warning));
    }

    // The value of a key, innermost first.
    const YamlNode *find(std::string_view key) const
    {
        for (const YamlNode *map : maps) {
            if (const YamlNode *value = value_of(*map, key))
                return value;
        }
        return nullptr;
    }

    // Values that are set, by whatever key, of the innermost map that has any.
    std::vector<Found> find_all(std::string_view keys) const
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

    // The names of architecture and model type, innermost first.
    std::vector<Found> kinds_of_model() const
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

    bool switched_off(std::string_view switches) const
    {
        const std::vector<std::string> keys = words(switches);
        return std::any_of(keys.begin(), keys.end(), [&](const std::string &key) {
            const YamlNode *value = find(key);
            return value && is_off(*value);
        });
    }

    bool is_lacking(const Lack &lack, const YamlNode &value) const
    {
        switch (lack.when) {
        case When::on:
            return !is_off(value) && !switched_off(lack.switches);
        case When::not_one:
            return !is_off(value) && number_of(value) != 1.0 && !switched_off(lack.switches);
        case When::off:
            return value.kind == YamlNode::Kind::scalar && is_off(value);
        }
        return false;
    }

    // A window that no sequence outgrows is none.
    bool is_wide_window(const std::string &key, const YamlNode &value) const
    {
        const std::optional<double> window = number_of(value), context = longest_context();
        return key.starts_with("sliding_window") && window && context && *window >= *context;
    }

    // As far as the positions go, stretched ones included.
    std::optional<double> longest_context() const
    {
        const std::vector<Found> positions = find_all(names_of("max_context").keys);
        std::optional<double> longest = positions.empty() ? std::nullopt : number_of(*positions.front().value);
        const std::optional<double> unstretched = longest;
        // The second is the spelling of Transformers 5. What was stretched is, if nothing else says so, what is stated.
        for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
            const YamlNode *scaling = find(key);
            if (!longest || !scaling || scaling->kind != YamlNode::Kind::map)
                continue;
            const YamlNode *factor = value_of(*scaling, "factor");
            const YamlNode *original = value_of(*scaling, "original_max_position_embeddings");
            const std::optional<double> stretched = is_set(original) ? number_of(*original) : unstretched;
            if (factor && stretched)
                longest = std::max(*longest, number_of(*factor).value_or(0) * *stretched);
        }
        return longest;
    }

    // What the engine lacks, each thing once.
    void check_kind()
    {
        for (const Lack &lack : lacks) {
            for (const std::string &key : words(lack.keys)) {
                const YamlNode *value = find(key);
                if (value && is_lacking(lack, *value) && !is_wide_window(key, *value)) {
                    refuse_once(*value, key, std::string(lack.why));
                    break;
                }
            }
        }
        check_layer_types();
        for (const Found &kind : kinds_of_model()) {
            const std::string name = letters_and_digits(kind.value->scalar);
            for (const Family &family : lacking_families) {
                const std::vector<std::string> keys = words(family.keys);
                const bool states_it =
                    std::any_of(keys.begin(), keys.end(), [&](const std::string &key) { return find(key) != nullptr; });
                if (name.find(family.word) != std::string::npos && !states_it)
                    refuse_once(*kind.value, kind.key, in_quotes(kind.value->scalar) + ": " + std::string(family.why));
            }
        }
        check_telling_keys();
    }

    void refuse_once(const YamlNode &where, const std::string &key, const std::string &message)
    {
        const bool said = std::any_of(problems.begin(), problems.end(), [&](const Diagnostic &problem) {
            return problem.message.find(message) != std::string::npos
                || message.find(problem.message) != std::string::npos;
        });
        if (!said)
            refuse(where, key, message);
    }

    // One for all layers, or one for each.
    void check_layer_types()
    {
        for (const char *key : {"attention_type", "attn_type"}) {
            const YamlNode *type = find(key);
            const std::string name = type && type->quoted ? letters_and_digits(type->scalar) : std::string();
            const bool other = std::any_of(other_attentions.begin(), other_attentions.end(),
                [&](const char *word) { return name.find(word) != std::string::npos; });
            if (other)
                refuse_once(*type, key, "attention of the kind " + in_quotes(type->scalar) + " is not modelled");
        }
        const YamlNode *types = find("layer_types");
        for (const YamlNode &type : items_of(types)) {
            if (!type.quoted || type.scalar == "full_attention")
                continue;
            refuse_once(type, "layer_types",
                type.scalar == "linear_attention"        ? std::string(hybrid)
                    : type.scalar == "sliding_attention" ? std::string(sliding)
                                                         : "layers of " + in_quotes(type.scalar) + " are not modelled");
            return;
        }
    }

    void check_telling_keys()
    {
        std::vector<std::string> known(harmless_keys.begin(), harmless_keys.end());
        for (const Lack &lack : lacks) {
            for (const std::string_view keys : {lack.keys, lack.switches}) {
                const std::vector<std::string> more = words(keys);
                known.insert(known.end(), more.begin(), more.end());
            }
        }
        for (const ShapeNames &one : shape_names) {
            const std::vector<std::string> more = words(one.keys);
            known.insert(known.end(), more.begin(), more.end());
        }
        constexpr std::size_t longest_shown = 64;
        std::vector<std::string> unknown;
        const YamlNode *first = nullptr;
        for (const YamlEntry &entry : maps.front()->entries) {
            const std::string &key = entry.key.scalar;
            const bool telling = std::any_of(telling_words.begin(), telling_words.end(),
                [&](const char *word) { return key.find(word) != std::string::npos; });
            if (!telling || is_off(entry.value) || std::find(known.begin(), known.end(), key) != known.end())
                continue;
            unknown.emplace_back(beginning(key, longest_shown));
            first = first ? first : &entry.value;
        }
        if (first && problems.empty())
            refuse(*first, unknown.front(),
                (unknown.size() > 1 ? "with " + shortened({unknown.begin() + 1, unknown.end()}) + ": " : "")
                    + "not known, and may change the attention or the experts; taken out of the file it counts for "
                      "nothing");
    }

    std::string kind_name() const
    {
        const std::vector<Found> kinds = kinds_of_model();
        return kinds.empty() ? "the model" : in_quotes(kinds.front().value->scalar);
    }

    std::vector<std::string> recognised() const
    {
        std::vector<std::string> keys;
        for (const ShapeNames &one : shape_names) {
            for (const Found &found : find_all(one.keys))
                keys.push_back(found.key);
        }
        return keys;
    }

    // "kv_lora_rank (or attention_kv_lora_dim, kv_lora_dim)"
    static std::string any_spelling(const ShapeNames &one)
    {
        const std::vector<std::string> keys = words(one.keys);
        return keys.size() == 1 ? keys.front()
                                : keys.front() + " (or " + joined({keys.begin() + 1, keys.end()}, ", ") + ")";
    }

    void check_attention()
    {
        const ShapeNames &latent_rank = names_of("kv_lora_rank"), &query_rank = names_of("q_lora_rank");
        const YamlNode &map = *maps.front();
        if (const std::vector<Found> rank = find_all(latent_rank.keys); rank.empty() || is_off(*rank.front().value)) {
            const YamlNode *groups = find("num_key_value_heads");
            const std::vector<Found> heads = find_all("num_attention_heads");
            const double count = groups ? number_of(*groups).value_or(0) : 0;
            const double all = heads.empty() ? 0 : number_of(*heads.front().value).value_or(0);
            if (count > 0 && count < all)
                refuse(*groups, "num_key_value_heads",
                    exact_text(count) + " of " + exact_text(all)
                        + " heads: grouped-query attention is not modelled; expected a model with multi-head latent "
                          "attention");
            else
                refuse(map, "kv_lora_rank",
                    kind_name() + " states no rank of a KV latent by a name that is known, " + any_spelling(latent_rank)
                        + "; without multi-head latent attention a model cannot be taken; " + "recognised are "
                        + shortened(recognised()));
            return;
        }
        for (const std::string &key : words(query_rank.keys)) {
            if (const YamlNode *rank = find(key); rank && is_off(*rank) && find_all(query_rank.keys).empty())
                refuse(*rank, key,
                    "queries without compression are not modelled; expected the rank of the query projection");
        }
    }

    void read_shapes(Model &model)
    {
        std::vector<const ShapeNames *> missing;
        for (const ShapeNames &one : shape_names) {
            const std::vector<Found> found = find_all(one.keys);
            if (found.empty()) {
                if (one.stated == Stated::always || (one.stated == Stated::unless_listed && !states_layers()))
                    missing.push_back(&one);
                continue;
            }
            stated[one.parameter] = found.front();
            if (one.stated != Stated::no_shape)
                read_shape(one, found, model);
        }
        if (missing.empty())
            return;
        std::vector<std::string> names;
        for (const ShapeNames *one : missing)
            names.push_back(any_spelling(*one));
        refuse(*maps.front(), words(missing.front()->keys).front(),
            "missing in the configuration of " + kind_name() + (names.size() > 1 ? ": " + joined(names, "; ") : "")
                + "; recognised are " + shortened(recognised()));
    }

    void read_shape(const ShapeNames &one, const std::vector<Found> &found, Model &model)
    {
        const Found &first = found.front();
        const YamlNode *number = one_number(*first.value);
        if (!number) {
            refuse(*first.value, first.key,
                "expected a number"
                    + (first.value->kind == YamlNode::Kind::scalar ? ", not "
                                + std::string(first.value->quoted ? "the text " : "") + in_quotes(first.value->scalar)
                            : first.value->kind == YamlNode::Kind::sequence ? ", or a list of equal ones"
                                                                            : ", not keys"));
            return;
        }
        for (const Found &other : found) {
            const YamlNode *again = one_number(*other.value);
            if (!again || number_of(*again) != number_of(*number)) {
                refuse(*other.value, other.key,
                    "contradicts " + first.key + ", which is " + in_quotes(number->scalar)
                        + " and means the same here");
                return;
            }
        }
        if (const auto wrong = set(model, one.parameter, number->scalar))
            refuse(*first.value, first.key, *wrong);
    }

    // What is wrong, or nothing.
    static std::optional<std::string> set(Model &model, std::string_view parameter, const std::string &value)
    {
        const std::span<const Field<Model>> all = fields<Model>();
        const auto field =
            std::find_if(all.begin(), all.end(), [&](const Field<Model> &one) { return one.info.key == parameter; });
        return set_field(model, *field, value, BareNumbers::refused);
    }

    // Do lists say which layers have a dense FFN?
    bool states_layers() const
    {
        const YamlNode *every = find("moe_layer_freq");
        return (every && every->kind == YamlNode::Kind::sequence) || is_set(find("mlp_only_layers"))
            || is_set(find("mlp_layer_types"));
    }

    // Which layers have a dense FFN, from lists: the first ones, or nothing the engine knows.
    void read_dense_layers(Model &model)
    {
        if (const YamlNode *every = find("moe_layer_freq"); is_set(every)) {
            if (every->kind == YamlNode::Kind::sequence)
                take_dense_layers(model, "moe_layer_freq", *every, [](const YamlNode &item) {
                    const std::optional<double> number = number_of(item);
                    const bool is_switch = !item.quoted && (item.scalar == "false" || item.scalar == "true");
                    return number == 0.0 || (is_switch && item.scalar == "false") ? std::optional(true)
                        : number == 1.0 || is_switch                              ? std::optional(false)
                                                                                  : std::nullopt;
                });
            else if (number_of(*every) != 1.0)
                refuse(*every, "moe_layer_freq",
                    in_quotes(every->scalar) + (number_of(*every) ? ": " + std::string(between) : " is no number")
                        + "; expected 1, or a list of 0 and 1");
        }
        if (const YamlNode *types = find("mlp_layer_types"); types && types->kind == YamlNode::Kind::sequence)
            take_dense_layers(model, "mlp_layer_types", *types, [](const YamlNode &item) {
                return item.scalar == "dense" ? std::optional(true)
                    : item.scalar == "sparse" ? std::optional(false)
                                              : std::nullopt;
            });
        const YamlNode *only = find("mlp_only_layers");
        if (!only || only->kind != YamlNode::Kind::sequence || (only->items.empty() && stated.contains("dense_layers")))
            return;
        std::vector<double> numbers;
        for (const YamlNode &item : only->items)
            numbers.push_back(number_of(item).value_or(-1));
        std::sort(numbers.begin(), numbers.end());
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (numbers[i] != static_cast<double>(i)) {
                refuse(*only, "mlp_only_layers", std::string(between) + "; expected the first layers, 0, 1, ...");
                return;
            }
        }
        set_dense_layers(model, "mlp_only_layers", *only, static_cast<std::int64_t>(numbers.size()));
    }

    template <class IsDense>
    void take_dense_layers(Model &model, const std::string &key, const YamlNode &list, IsDense is_dense)
    {
        const auto items = static_cast<std::int64_t>(list.items.size());
        if (items != model.layers && items != model.layers + model.mtp_layers) {
            refuse(list, key,
                std::to_string(items) + " items for " + std::to_string(model.layers)
                    + " layers; expected one for each layer");
            return;
        }
        std::int64_t first = 0; // with experts
        bool experts = false;
        for (const YamlNode &item : list.items) {
            const std::optional<bool> dense = is_dense(item);
            if (!dense || (experts && *dense)) {
                refuse(item, key,
                    in_quotes(item.scalar) + ": "
                        + (dense ? std::string(between) : "neither a dense layer nor one with experts"));
                return;
            }
            experts = experts || !*dense;
            first += experts ? 0 : 1;
        }
        set_dense_layers(model, key, list, first);
    }

    void set_dense_layers(Model &model, const std::string &key, const YamlNode &list, std::int64_t count)
    {
        const auto before = stated.find("dense_layers");
        if (before != stated.end() && model.dense_layers != count)
            refuse(list, key,
                std::to_string(count) + " dense layers, which contradicts " + before->second.key + ", "
                    + std::to_string(model.dense_layers));
        model.dense_layers = count;
        stated.insert({"dense_layers", {key, &list}});
    }

    // The width of the shared experts, where it is stated.
    void read_shared_experts(Model &model)
    {
        const std::vector<Found> widths =
            find_all("moe_shared_expert_intermediate_size shared_expert_intermediate_size");
        if (widths.empty() || is_off(*widths.front().value))
            return;
        const Found &width = widths.front();
        const double wide = number_of(*width.value).value_or(0);
        const auto expert = static_cast<double>(model.expert_intermediate);
        if (!stated.contains("shared_experts") && wide >= expert && std::fmod(wide, expert) == 0
            && wide / expert <= static_cast<double>(model.routed_experts))
            model.shared_experts = static_cast<std::int64_t>(wide / expert);
        else if (model.shared_experts > 0 && wide != expert
            && wide != expert * static_cast<double>(model.shared_experts))
            refuse(*width.value, width.key,
                "shared experts of another width than the routed ones are not modelled; expected "
                    + std::to_string(model.expert_intermediate));
        else if (!stated.contains("shared_experts"))
            refuse(*width.value, width.key,
                "expected a multiple of the routed experts' width, " + std::to_string(model.expert_intermediate));
    }

    void check_shapes(const Model &model)
    {
        for (const Inconsistency &wrong : inconsistencies(model)) {
            const auto found = stated.find(wrong.key);
            if (found != stated.end())
                refuse(*found->second.value, found->second.key, wrong.message);
        }
    }

    void read_context(Model &model)
    {
        const auto found = stated.find("max_context");
        if (found == stated.end())
            return;
        const double longest = longest_context().value_or(0);
        if (longest < 1 || set(model, "max_context", exact_text(std::floor(longest))))
            warn(*found->second.value, found->second.key, "is no number of tokens, and counts for nothing");
    }

    // What the files state of the weights. A format that only the name of the model tells is not taken, but said.
    void read_element_sizes(Model &model, const YamlNode *beside)
    {
        constexpr double trained_bytes = 2; // bfloat16
        const std::vector<Found> trained = find_all("torch_dtype dtype params_dtype");
        const auto trained_size =
            trained.empty() ? std::nullopt : element_size_of_format(trained.front().value->scalar);
        const double unquantised = std::max(trained_size.value_or(trained_bytes), trained_bytes);
        const std::vector<Found> own = find_all("quantization_config compression_config");
        const bool stated_here = !own.empty() && own.front().value->kind == YamlNode::Kind::map;
        const YamlNode *other = beside ? value_of(*beside, "quantization") : nullptr;
        if (!stated_here && !other) {
            take_trained_size(model, trained, trained_size);
            return;
        }
        const YamlNode &quantisation = stated_here ? *own.front().value : *other;
        ElementSizes sizes = element_sizes(quantisation, unquantised, model.layers, model.dense_layers);
        const std::string key = stated_here ? own.front().key : "hf_quant_config.json";
        const YamlNode &where = stated_here ? quantisation : *maps.front();
        if (stated_here && other
            && element_sizes(*other, unquantised, model.layers, model.dense_layers).experts != sizes.experts)
            sizes.doubts.emplace_back(
                "states another size of the experts' weights than the hf_quant_config.json next to "
                "it, which is not taken");
        for (std::string &doubt : sizes.doubts)
            warn(where, key, std::move(doubt));
        take_size(model, "expert_elem_size", sizes.experts, where, key);
        take_size(model, "param_elem_size", sizes.attention, where, key);
        take_size(model, "kv_elem_size", sizes.kv, where, key);
    }

    void take_trained_size(Model &model, const std::vector<Found> &trained, std::optional<double> size)
    {
        const std::string parts = parts_of_name(model.name);
        for (const std::string_view word : split(parts, ' ')) {
            const std::optional<double> named = element_size_of_format(word);
            if (!named || named == size)
                continue;
            warn(*maps.front(), "quantization_config",
                "the name says " + in_quotes(word) + ", which would be " + exact_text(*named)
                    + " B per weight, but neither the file nor a hf_quant_config.json next to it states it; it is not "
                      "taken, expert_elem_size states it");
            return;
        }
        if (!trained.empty()) {
            take_size(model, "expert_elem_size", size, *trained.front().value, trained.front().key);
            take_size(model, "param_elem_size", size, *trained.front().value, trained.front().key);
        }
    }

    static std::string parts_of_name(std::string name)
    {
        std::replace_if(
            name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, ' ');
        return name;
    }

    void take_size(Model &model, std::string_view parameter, std::optional<double> size, const YamlNode &where,
        const std::string &key)
    {
        const auto wrong = size ? set(model, parameter, exact_text(*size) + " B") : std::nullopt;
        if (wrong)
            warn(where, key, *wrong + "; it is not taken");
    }

    void warn_of_the_unknown()
    {
        const std::vector<Found> kinds = kinds_of_model();
        const bool known = std::any_of(kinds.begin(), kinds.end(), [](const Found &kind) {
            const std::string name = letters_and_digits(kind.value->scalar);
            return std::any_of(read_families.begin(), read_families.end(),
                [&](const char *family) { return name.find(family) != std::string::npos; });
        });
        if (!kinds.empty() && !known)
            warn(*kinds.front().value, kinds.front().key,
                in_quotes(kinds.front().value->scalar)
                    + " is not known; its shapes are taken as those of DeepSeek-V3's family");
        if (const YamlNode *norm = find("sandwich_norm"); norm && !is_off(*norm))
            warn(*norm, "sandwich_norm", "two further norms in each layer are not modelled; they take little time");
    }
};

} // namespace

bool is_model_config(std::string_view text, const std::string &file)
{
    text = without_byte_order_mark(text);
    const auto skip_blanks = [&] { text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n"))); };
    const bool is_json = file.ends_with(".json");
    skip_blanks();
    if (!text.starts_with('{'))
        return is_json;
    text.remove_prefix(1);
    skip_blanks();
    if (text.starts_with('}'))
        return true;
    if (!text.starts_with('"'))
        return is_json;
    text.remove_prefix(1);
    const std::string_view key = text.substr(0, text.find('"'));
    return std::none_of(std::begin(kinds), std::end(kinds), [&](Kind kind) { return name_of(kind) == key; });
}

std::string config_model_name(const std::string &file)
{
    // The whole path: a config.json goes by the name of its folder also where the program runs in there.
    std::error_code error;
    const fs::path path = fs::absolute(file, error).lexically_normal();
    std::string name = path.stem().string();
    const auto is_in = [&](const char *folder, const fs::path &of) { return of.parent_path().filename() == folder; };
    // models--ORGANISATION--NAME/snapshots/HASH/config.json, models--ORGANISATION--NAME/blobs/HASH
    const fs::path folder = path.parent_path();
    const fs::path cached = is_in("snapshots", folder) ? folder.parent_path().parent_path()
        : is_in("blobs", path)                         ? folder.parent_path()
                                                       : fs::path();
    constexpr std::string_view cache = "models--", separator = "--";
    if (const std::string entry = cached.filename().string(); entry.starts_with(cache)) {
        name = entry.substr(cache.size());
        if (const std::size_t at = name.find(separator); at != std::string::npos)
            name = name.substr(at + separator.size());
    } else if (name == "config" && !folder.filename().empty()) {
        name = folder.filename().string();
    }
    constexpr std::string_view ending = "_config";
    if (name.size() > ending.size() && name.ends_with(ending))
        name.resize(name.size() - ending.size());
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ',' || c == '"' || c == '|'; }, '-');
    constexpr std::size_t longest = 64; // so that name_problem() has none
    return std::string(beginning(printable(name), longest));
}

Read<std::string> config_head(std::string_view text, const std::string &file)
{
    const Read<YamlNode> tree = parse_json(text, file);
    if (!tree)
        return {std::nullopt, tree.problems};
    if (maps_with_shapes(*tree.value).empty())
        return {std::nullopt, {no_configuration(*tree.value, file)}};
    return {config_model_name(file), {}};
}

Read<Model> model_from_config(std::string_view text, const std::string &file, std::string_view quantisation)
{
    const Read<YamlNode> tree = parse_json(text, file);
    if (!tree)
        return {std::nullopt, tree.problems};
    MapChain maps = maps_with_shapes(*tree.value);
    if (maps.empty())
        return {std::nullopt, {no_configuration(*tree.value, file)}};
    const std::string beside = quantisation_file_of(file);
    const Read<YamlNode> other = quantisation.empty() ? Read<YamlNode>{} : parse_json(quantisation, beside);
    ConfigReader reader(std::move(maps), file);
    Model model = reader.read(other ? &*other.value : nullptr);
    if (!reader.problems.empty())
        return {std::nullopt, std::move(reader.problems)};
    for (Diagnostic problem : other.problems) {
        problem.severity = Severity::warning;
        reader.warnings.push_back(std::move(problem));
    }
    return {std::move(model), {}, std::move(reader.warnings)};
}

Read<std::string> model_file_of(const std::string &path)
{
    std::error_code error;
    if (!fs::is_directory(path, error))
        return {path, {}};
    const fs::path folder(path);
    constexpr const char *config = "config.json";
    if (fs::exists(folder / config, error))
        return {(folder / config).string(), {}};
    const fs::path snapshots = folder / "snapshots";
    constexpr std::size_t longest_reference = 256;
    if (const Read<std::string> main = read_text((folder / "refs" / "main").string(), longest_reference)) {
        const fs::path file = snapshots / std::string(trimmed(*main.value)) / config;
        if (fs::exists(file, error))
            return {file.string(), {}};
    }
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator(snapshots, error)) {
        if (fs::exists(entry.path() / config, error))
            found.push_back(entry.path() / config);
    }
    if (found.size() == 1)
        return {found.front().string(), {}};
    return {std::nullopt,
        {{path, 0, 0, "",
            found.empty() ? "is a folder without a config.json; expected that of a model"
                          : "is a folder with several snapshots; expected one of them"}}};
}

std::string quantisation_file_of(const std::string &config)
{
    const fs::path path(config);
    const std::string name = path.filename().string();
    constexpr std::string_view ending = "config.json";
    return name.ends_with(ending)
        ? (path.parent_path() / (name.substr(0, name.size() - ending.size()) + "hf_quant_config.json")).string()
        : std::string();
}

bool is_quantisation_file(const std::string &file)
{
    return file.ends_with("hf_quant_config.json");
}

} // namespace epscope
