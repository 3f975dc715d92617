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

#include "core/io/config_layers.h"
#include "core/io/config_values.h"
#include "core/io/file.h"
#include "core/io/json_tree.h"
#include "core/io/model_quantisation.h"
#include "core/io/spec_reader.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

namespace fs = std::filesystem;

enum class When { on, not_one, off };

// What the engine lacks, the keys that say that a model needs it, and when they do. `switches`: keys that turn it off,
// whatever the others say. `read_for`: kinds of attention for which config_layers reads the keys.
struct Lack {
    std::string_view keys;
    When when;
    std::string_view switches;
    std::string_view why;
    unsigned read_for = 0;
};

constexpr auto latent = static_cast<unsigned>(ConfigAttention::latent);
constexpr auto grouped = static_cast<unsigned>(ConfigAttention::grouped);
constexpr auto compressed = static_cast<unsigned>(ConfigAttention::compressed);

constexpr std::string_view hybrid = "linear attention of this kind between layers of full attention is not modelled";
constexpr std::string_view sparse = "sparse attention of this kind is not modelled";
constexpr std::string_view state_space = "state-space layers are not modelled";
constexpr std::string_view gate = "a gate behind the attention is not modelled";

constexpr std::array lacks{
    Lack{"use_mla multi_latent_attention", When::off, "",
        "attention without a compressed KV cache contradicts the rank of one", grouped | compressed},
    Lack{"layer_group_size attn_layer_period", When::not_one, "", hybrid},
    Lack{"hybrid_layer_pattern hybrid_override_pattern layers_block_type", When::on, "",
        "layers of several kinds are read from layer_types alone"},
    Lack{"index_topk index_n_heads index_head_dim indexer_types index_topk_freq", When::on, "index_topk", sparse,
        latent | compressed},
    Lack{"index_kpool", When::not_one, "", "an indexer over pooled keys is not modelled"},
    Lack{"sparse_attention_config sparse_attn_config nsa_config use_sparse_attention use_nsa moba_chunk_size", When::on,
        "use_sparse_attention use_nsa", sparse},
    Lack{"compress_ratio compress_rope_theta compress_rope_parameters", When::on, "compress_ratios compress_ratio",
        "compressed sparse attention is read by compress_ratios alone", compressed},
    Lack{"sliding_window sliding_window_size sliding_window_pattern", When::on, "use_sliding_window sliding_window",
        "sliding-window attention of latents is not modelled", grouped | compressed},
    Lack{"attention_chunk_size", When::on, "", "attention in chunks is not modelled"},
    Lack{"mamba_d_state mamba_num_heads mamba_expand ssm_state_size ssm_cfg", When::on, "", state_space},
    Lack{"use_cla cla_share_factor num_kv_shared_layers", When::on, "use_cla",
        "a KV cache that layers share is not modelled"},
    Lack{"attn_output_gate attention_output_gate use_output_gate", When::on, "", gate, grouped},
    Lack{"mla_use_output_gate", When::on, "", gate, latent},
    Lack{"o_lora_rank", When::on, "", "an output projection of low rank is not modelled", compressed},
    Lack{
        "hc_mult num_hyper_connections", When::not_one, "mhc", "several residual streams are not modelled", compressed},
    Lack{"zero_expert_num", When::on, "", "experts that compute nothing are not modelled"},
    Lack{"interleave_moe_layer_step decoder_sparse_step moe_layer_interval", When::not_one, "",
        "dense layers between those with experts are read from a list alone; expected mlp_layer_types or "
        "mlp_only_layers"},
};

// Families whose configurations may look like others: what they need and the file must state.
struct Family {
    std::string_view word; // in the architecture or model type, as letters_and_digits()
    std::string_view keys;
    std::string_view why;
};

constexpr std::array lacking_families{
    Family{"deepseekv32", "index_topk", "sparse attention, but no index_topk states the keys chosen"},
    Family{"glmmoedsa", "index_topk", "sparse attention, but no index_topk states the keys chosen"},
    Family{"deepseekv4", "compress_ratios", "compressed sparse attention, but no compress_ratios states its layers"},
    Family{"bailinghybrid", "layer_group_size", hybrid},
    Family{"bailingmoelinear", "layer_group_size", hybrid},
    Family{"bailingmoev25", "layer_group_size", hybrid},
    Family{"kimilinear", "linear_attn_config", "linear attention, but no linear_attn_config states its layers"},
    Family{"qwen3next", "full_attention_interval layer_types", "linear attention, but no layer_types state its layers"},
    Family{"qwen35", "full_attention_interval layer_types", "linear attention, but no layer_types state its layers"},
    Family{"minimaxm1", "attn_type_list", hybrid},
    Family{"minimaxtext01", "attn_type_list", hybrid},
    Family{"longcat", "", "layers with two attentions each are not modelled"},
    Family{"llama4", "", "attention in chunks is not modelled"},
};

// Families whose files were read.
constexpr std::array read_families{"deepseekv2", "deepseekv3", "deepseekv4", "deepseekvl", "kimik2", "kimik3",
    "kimilinear", "kimivl", "panguultramoe", "glm4moe", "glmmoedsa", "qwen3moe", "qwen3vlmoe", "qwen3next", "qwen35moe",
    "gptoss", "minimaxm2", "llama"};

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
    "moe_shared_expert_intermediate_size", "linear_attn_config", "linear_conv_kernel_dim", "mamba_ssm_dtype",
    "latent_moe_use_norm", "compress_ratios", "indexer_rope_interleave"};

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

std::size_t shapes_in(const YamlNode &map)
{
    const std::span<const ShapeNames> all = shape_names();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const ShapeNames &one) {
        const std::vector<std::string> keys = words(one.keys);
        return one.stated != Stated::no_shape && std::any_of(keys.begin(), keys.end(), [&](const std::string &key) {
            const YamlNode *value = value_of(map, key);
            return value && value->kind != YamlNode::Kind::map;
        });
    }));
}

// The map that holds most shapes, and the maps around it.
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

// What a file holds that is no configuration of a model.
Diagnostic no_configuration(const YamlNode &root, const std::string &file)
{
    const std::string expected = "; expected the config.json of a model, with its shapes (hidden_size, "
                                 "num_hidden_layers, num_attention_heads ...)";
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
        (keys.empty() ? "is empty" : "holds no shape of a model, only " + few_of(keys)) + expected};
}

class ConfigReader {
public:
    ConfigReader(MapChain the_maps, std::string name)
        : file(std::move(name))
        , config(std::move(the_maps), file)
    {
    }

    std::vector<Diagnostic> &problems() { return config.problems; }
    std::vector<Diagnostic> &warnings() { return config.warnings; }

    Model read(const YamlNode *quantisation)
    {
        Model model;
        model.name = model.title = config_model_name(file);
        model.source = "config.json of " + model.name;
        const auto sound = [&] { return config.problems.empty(); };
        const std::optional<ConfigKind> kind = kind_of_config(config);
        if (kind)
            check_kind(*kind);
        if (sound())
            read_shapes(*kind, model);
        if (sound())
            read_shared_experts(model);
        if (sound())
            check_shapes(model);
        if (sound()) {
            const auto dense = stated.find("dense_layers");
            read_layers(config, *kind, dense == stated.end() ? std::string() : dense->second.key, model);
        }
        if (sound()) {
            read_context(model);
            read_element_sizes(model, quantisation);
            warn_of_the_unknown(*kind);
        }
        return model;
    }

private:
    using Found = ConfigValues::Found;

    std::string file;
    ConfigValues config;
    std::map<std::string_view, Found, std::less<>> stated; // by parameter

    bool is_lacking(const Lack &lack, const YamlNode &value) const
    {
        if (config.is_any_off(lack.switches))
            return false;
        switch (lack.when) {
        case When::on:
            return !is_off(value);
        case When::not_one:
            return !is_off(value) && number_of(value) != 1.0;
        case When::off:
            return value.kind == YamlNode::Kind::scalar && is_off(value);
        }
        return false;
    }

    // A window that no sequence outgrows is none.
    bool is_wide_window(const std::string &key, const YamlNode &value) const
    {
        const std::optional<double> window = number_of(value), context = longest_context(config);
        return key.starts_with("sliding_window") && window && context && *window >= *context;
    }

    // What the engine lacks, each thing once.
    void check_kind(const ConfigKind &kind)
    {
        for (const Lack &lack : lacks) {
            if ((lack.read_for & static_cast<unsigned>(kind.attention)) != 0)
                continue;
            for (const std::string &key : words(lack.keys)) {
                const YamlNode *value = config.find(key);
                if (value && is_lacking(lack, *value) && !is_wide_window(key, *value)) {
                    config.refuse_once(*value, key, std::string(lack.why));
                    break;
                }
            }
        }
        check_attention_type();
        for (const Found &name_of_kind : config.kinds_of_model()) {
            const std::string name = letters_and_digits(name_of_kind.value->scalar);
            for (const Family &family : lacking_families) {
                const std::vector<std::string> keys = words(family.keys);
                const bool states_it = std::any_of(
                    keys.begin(), keys.end(), [&](const std::string &key) { return config.find(key) != nullptr; });
                if (name.find(family.word) != std::string::npos && !states_it)
                    config.refuse_once(*name_of_kind.value, name_of_kind.key,
                        in_quotes(name_of_kind.value->scalar) + ": " + std::string(family.why));
            }
        }
        check_telling_keys();
    }

    // One for all layers.
    void check_attention_type()
    {
        for (const char *key : {"attention_type", "attn_type"}) {
            const YamlNode *type = config.find(key);
            const std::string name = type && type->quoted ? letters_and_digits(type->scalar) : std::string();
            const bool other = std::any_of(other_attentions.begin(), other_attentions.end(),
                [&](const char *word) { return name.find(word) != std::string::npos; });
            if (other)
                config.refuse_once(*type, key, "attention of the kind " + in_quotes(type->scalar) + " is not modelled");
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
        for (const ShapeNames &one : shape_names()) {
            const std::vector<std::string> more = words(one.keys);
            known.insert(known.end(), more.begin(), more.end());
        }
        constexpr std::size_t longest_shown = 64;
        std::vector<std::string> unknown;
        const YamlNode *first = nullptr;
        for (const YamlEntry &entry : config.innermost().entries) {
            const std::string &key = entry.key.scalar;
            const bool telling = std::any_of(telling_words.begin(), telling_words.end(),
                [&](const char *word) { return key.find(word) != std::string::npos; });
            if (!telling || is_off(entry.value) || std::find(known.begin(), known.end(), key) != known.end())
                continue;
            unknown.emplace_back(beginning(key, longest_shown));
            first = first ? first : &entry.value;
        }
        if (first && config.problems.empty())
            config.refuse(*first, unknown.front(),
                (unknown.size() > 1 ? "with " + few_of({unknown.begin() + 1, unknown.end()}) + ": " : "")
                    + "not known, and may change the attention or the experts; taken out of the file it counts for "
                      "nothing");
    }

    bool is_needed(const ConfigKind &kind, Stated what) const
    {
        const bool is_latent = kind.attention == ConfigAttention::latent;
        switch (what) {
        case Stated::always:
            return true;
        case Stated::latent:
            return is_latent;
        case Stated::experts:
            return kind.experts;
        case Stated::dense_layers:
            return is_latent && kind.experts && !states_ffns(config);
        case Stated::optional:
        case Stated::no_shape:
            break;
        }
        return false;
    }

    // Where no layer has a dense FFN and no width of experts is stated, that of the FFN is theirs.
    std::vector<Found> width_of_experts(const ConfigKind &kind) const
    {
        const std::optional<Found> dense = config.find_first(names_of("dense_layers").keys);
        const bool has_dense = (dense && !is_off(*dense->value))
            || (states_ffns(config) && config.find_first("moe_layer_freq mlp_layer_types"))
            || config.is_on("mlp_only_layers");
        return kind.attention == ConfigAttention::latent || has_dense
            ? std::vector<Found>{}
            : config.find_all(names_of("dense_intermediate").keys);
    }

    void read_shapes(const ConfigKind &kind, Model &model)
    {
        std::vector<const ShapeNames *> missing;
        for (const ShapeNames &one : shape_names()) {
            if (one.stated == Stated::experts && !kind.experts)
                continue;
            if (one.stated == Stated::latent && kind.attention != ConfigAttention::latent)
                continue;
            std::vector<Found> found = config.find_all(one.keys);
            if (found.empty() && kind.experts && one.parameter == "expert_intermediate")
                found = width_of_experts(kind);
            if (found.empty()) {
                if (is_needed(kind, one.stated))
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
        config.refuse(config.innermost(), words(missing.front()->keys).front(),
            "missing in the configuration of " + config.kind_name()
                + (names.size() > 1 ? ": " + joined(names, "; ") : "") + "; recognised are "
                + few_of(config.recognised()));
    }

    void read_shape(const ShapeNames &one, const std::vector<Found> &found, Model &model)
    {
        const Found &first = found.front();
        const YamlNode *number = one_number(*first.value);
        if (!number) {
            config.refuse(*first.value, first.key,
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
                config.refuse(*other.value, other.key,
                    "contradicts " + first.key + ", which is " + in_quotes(number->scalar)
                        + " and means the same here");
                return;
            }
        }
        if (const auto wrong = set(model, one.parameter, number->scalar))
            config.refuse(*first.value, first.key, *wrong);
    }

    // What is wrong, or nothing.
    static std::optional<std::string> set(Model &model, std::string_view parameter, const std::string &value)
    {
        const std::span<const Field<Model>> all = fields<Model>();
        const auto field =
            std::find_if(all.begin(), all.end(), [&](const Field<Model> &one) { return one.info.key == parameter; });
        return set_field(model, *field, value, BareNumbers::refused);
    }

    // The width of the shared experts, where it is stated.
    void read_shared_experts(Model &model)
    {
        const std::vector<Found> widths = config.find_all(
            "moe_shared_expert_intermediate_size shared_expert_intermediate_size shared_intermediate_size");
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
            config.refuse(*width.value, width.key,
                "shared experts of another width than the routed ones are not modelled; expected "
                    + std::to_string(model.expert_intermediate));
        else if (!stated.contains("shared_experts"))
            config.refuse(*width.value, width.key,
                "expected a multiple of the routed experts' width, " + std::to_string(model.expert_intermediate));
    }

    void check_shapes(const Model &model)
    {
        for (const Inconsistency &wrong : inconsistencies(model)) {
            const auto found = stated.find(wrong.key);
            if (found != stated.end())
                config.refuse(*found->second.value, found->second.key, wrong.message);
        }
    }

    void read_context(Model &model)
    {
        const auto found = stated.find("max_context");
        if (found == stated.end())
            return;
        const double longest = longest_context(config).value_or(0);
        if (longest < 1 || set(model, "max_context", exact_text(std::floor(longest))))
            config.warn(*found->second.value, found->second.key, "is no number of tokens, and counts for nothing");
    }

    // What the files state of the weights. A format that only the name of the model tells is not taken, but said.
    void read_element_sizes(Model &model, const YamlNode *beside)
    {
        constexpr double trained_bytes = 2; // bfloat16
        const std::vector<Found> trained = config.find_all("torch_dtype dtype params_dtype");
        const auto trained_size =
            trained.empty() ? std::nullopt : element_size_of_format(trained.front().value->scalar);
        const double unquantised = std::max(trained_size.value_or(trained_bytes), trained_bytes);
        const std::vector<Found> own = config.find_all("quantization_config compression_config");
        const bool stated_here = !own.empty() && own.front().value->kind == YamlNode::Kind::map;
        const YamlNode *other = beside ? value_of(*beside, "quantization") : nullptr;
        if (!stated_here && !other) {
            take_trained_size(model, trained, trained_size);
            return;
        }
        const YamlNode &quantisation = stated_here ? *own.front().value : *other;
        ElementSizes sizes = element_sizes(quantisation, unquantised, model.layers, model.dense_layers);
        const std::string key = stated_here ? own.front().key : "hf_quant_config.json";
        const YamlNode &where = stated_here ? quantisation : config.innermost();
        if (stated_here && other
            && element_sizes(*other, unquantised, model.layers, model.dense_layers).experts != sizes.experts)
            sizes.doubts.emplace_back(
                "states another size of the experts' weights than the hf_quant_config.json next to "
                "it, which is not taken");
        for (std::string &doubt : sizes.doubts)
            config.warn(where, key, std::move(doubt));
        // DeepSeek-V4 states the format of its experts apart.
        const std::optional<Found> of_experts = config.find_first("expert_dtype");
        if (const auto size = of_experts ? element_size_of_format(of_experts->value->scalar) : std::nullopt)
            sizes.experts = size;
        take_sizes(model, sizes, where, key);
    }

    void take_sizes(Model &model, const ElementSizes &sizes, const YamlNode &where, const std::string &key)
    {
        take_size(model, "expert_elem_size", sizes.experts, where, key);
        take_size(model, "param_elem_size", sizes.attention, where, key);
        if (sizes.output != sizes.attention)
            take_size(model, "output_elem_size", sizes.output, where, key);
        constexpr double usual = 1; // of dense FFNs, if nothing is stated
        if (model.dense_layers > 0 && sizes.dense != usual)
            take_size(model, "dense_elem_size", sizes.dense, where, key);
        take_size(model, "kv_elem_size", sizes.kv, where, key);
    }

    void take_trained_size(Model &model, const std::vector<Found> &trained, std::optional<double> size)
    {
        const std::string parts = parts_of_name(model.name);
        for (const std::string_view word : split(parts, ' ')) {
            const std::optional<double> named = element_size_of_format(word);
            if (!named || named == size)
                continue;
            config.warn(config.innermost(), "quantization_config",
                "the name says " + in_quotes(word) + ", which would be " + exact_text(*named)
                    + " B per weight, but neither the file nor a hf_quant_config.json next to it states it; it is not "
                      "taken, expert_elem_size states it");
            return;
        }
        if (!trained.empty())
            take_sizes(model, {size, size, size, size, std::nullopt, {}}, *trained.front().value, trained.front().key);
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
            config.warn(where, key, *wrong + "; it is not taken");
    }

    void warn_of_the_unknown(const ConfigKind &attention)
    {
        const std::vector<Found> kinds = config.kinds_of_model();
        const bool known = std::any_of(kinds.begin(), kinds.end(), [](const Found &kind) {
            const std::string name = letters_and_digits(kind.value->scalar);
            return std::any_of(read_families.begin(), read_families.end(),
                [&](const char *family) { return name.find(family) != std::string::npos; });
        });
        if (!kinds.empty() && !known)
            config.warn(*kinds.front().value, kinds.front().key,
                in_quotes(kinds.front().value->scalar) + " is not known; its layers are taken as those of "
                    + (attention.attention == ConfigAttention::latent         ? "DeepSeek-V3's family"
                            : attention.attention == ConfigAttention::grouped ? "grouped-query attention"
                                                                              : "DeepSeek-V4's family"));
        if (const YamlNode *norm = config.find("sandwich_norm"); norm && !is_off(*norm))
            config.warn(
                *norm, "sandwich_norm", "two further norms in each layer are not modelled; they take little time");
        if (const YamlNode *residuals = config.find("attn_res_block_size"); residuals && !is_off(*residuals))
            config.warn(*residuals, "attn_res_block_size",
                "attention over the residuals of blocks of layers is not modelled; it takes little time");
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
    if (!reader.problems().empty())
        return {std::nullopt, std::move(reader.problems())};
    for (Diagnostic problem : other.problems) {
        problem.severity = Severity::warning;
        reader.warnings().push_back(std::move(problem));
    }
    return {std::move(model), {}, std::move(reader.warnings())};
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
