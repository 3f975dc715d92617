// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/config_layers.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/io/json_tree.h"
#include "core/io/model_quantisation.h"
#include "core/quantity.h"
#include "core/spec/layer_shapes.h"
#include "core/text.h"

namespace epscope {
namespace {

using Found = ConfigValues::Found;

// Of the FP8 cache of chosen keys (deepseek-ai/FlashMLA): latents with an FP32 scale for each 128, the RoPE part in
// BF16; of the indexer an FP8 key with one FP32 scale.
double sparse_entry(const MlaShape &mla)
{
    constexpr double block = 128, scale = 4, bf16 = 2;
    const auto latent = static_cast<double>(mla.kv_rank);
    return latent + std::ceil(latent / block) * scale + static_cast<double>(mla.rope) * bf16;
}
double sparse_index_entry(const MlaShape &mla)
{
    constexpr double scale = 4;
    return static_cast<double>(mla.index_dim) + scale;
}
// Of DeepSeek-V4's cache: FP8 with a scale of one byte for each 64, those filled up to 8 B, the RoPE part in BF16; the
// indexer's key has 4 bits an element.
double compressed_entry(std::int64_t dim, std::int64_t rope)
{
    constexpr double block = 64, whole = 8, bf16 = 2;
    const auto plain = static_cast<double>(dim - rope);
    return plain + std::ceil(plain / block / whole) * whole + static_cast<double>(rope) * bf16;
}
double compressed_index_entry(std::int64_t index_dim)
{
    return static_cast<double>(index_dim) / 2;
}

// What a layer sees of the context.
enum class Sight : std::uint8_t { all, window, state };

class LayerReader {
public:
    LayerReader(ConfigValues &values, const ConfigKind &its_kind, const Model &its_model)
        : config(values)
        , kind(its_kind)
        , model(its_model)
    {
    }

    // One for each layer, or none and what is wrong.
    std::vector<AttentionShape> attentions()
    {
        if (kind.attention == ConfigAttention::compressed)
            return compressed();
        const std::vector<Sight> sights = all_sights();
        if (!config.problems.empty())
            return {};
        const bool has_state = std::find(sights.begin(), sights.end(), Sight::state) != sights.end();
        const bool has_window = std::find(sights.begin(), sights.end(), Sight::window) != sights.end();
        if (has_window && kind.attention == ConfigAttention::latent)
            config.refuse_once(
                config.innermost(), "layer_types", "sliding-window attention of latents is not modelled");
        const AttentionShape full =
            kind.attention == ConfigAttention::latent ? AttentionShape(latent()) : AttentionShape(grouped());
        const AttentionShape linear = has_state ? AttentionShape(linear_attention()) : full;
        AttentionShape windowed = full;
        if (auto *gqa = std::get_if<GqaShape>(&windowed); gqa && has_window)
            gqa->window = width("sliding_window sliding_window_size");
        std::vector<AttentionShape> each;
        for (const Sight sight : sights)
            each.push_back(sight == Sight::all ? full : sight == Sight::window ? windowed : linear);
        return each;
    }

    // Has a layer a dense FFN? One for each.
    std::vector<bool> dense_ffns(const std::string &dense_key)
    {
        const auto layers = static_cast<std::size_t>(model.layers);
        if (!kind.experts)
            return std::vector<bool>(layers, true);
        std::vector<bool> first(layers, false);
        std::fill_n(first.begin(), std::min<std::int64_t>(model.dense_layers, model.layers), true);
        std::vector<bool> dense = first;
        bool stated = !dense_key.empty();
        const auto take = [&](const std::string &key, const YamlNode &list, std::vector<bool> listed) {
            if (stated && listed != dense)
                config.refuse(list, key,
                    std::to_string(std::count(listed.begin(), listed.end(), true)) + " dense layers, which contradicts "
                        + (dense_key.empty() ? "another list" : dense_key + ", " + std::to_string(model.dense_layers)));
            stated = true;
            dense = std::move(listed);
        };
        if (const YamlNode *every = config.find("moe_layer_freq"); is_set(every)) {
            if (every->kind == YamlNode::Kind::sequence) {
                if (auto list = ffns_of("moe_layer_freq", *every, is_dense_by_number))
                    take("moe_layer_freq", *every, std::move(*list));
            } else if (number_of(*every) != 1.0) {
                config.refuse(*every, "moe_layer_freq",
                    in_quotes(every->scalar) + (number_of(*every) ? ": " + std::string(between) : " is no number")
                        + "; expected 1, or a list of 0 and 1");
            }
        }
        if (const YamlNode *types = config.find("mlp_layer_types"); types && types->kind == YamlNode::Kind::sequence) {
            if (auto list = ffns_of("mlp_layer_types", *types, is_dense_by_name))
                take("mlp_layer_types", *types, std::move(*list));
        }
        const YamlNode *only = config.find("mlp_only_layers");
        if (only && only->kind == YamlNode::Kind::sequence && !(only->items.empty() && stated)) {
            std::vector<bool> listed(layers, false);
            for (const YamlNode &item : only->items) {
                const double layer = number_of(item).value_or(-1);
                if (layer < 0 || layer >= static_cast<double>(layers) || layer != std::floor(layer)) {
                    config.refuse(item, "mlp_only_layers", "expected layers, 0 to " + std::to_string(layers - 1));
                    return dense;
                }
                listed[static_cast<std::size_t>(layer)] = true;
            }
            take("mlp_only_layers", *only, std::move(listed));
        }
        return dense;
    }

private:
    static constexpr std::string_view between = "dense layers between those with experts are read from a list alone";

    ConfigValues &config;
    const ConfigKind &kind;
    const Model &model;

    // A whole number that is needed; 1 and what is wrong if there is none.
    std::int64_t width(std::string_view keys) { return width_in(nullptr, keys); }
    std::int64_t width_in(const YamlNode *map, std::string_view keys, const std::string &path = {})
    {
        const std::vector<std::string> names = words(keys);
        std::optional<Found> found;
        if (!map) {
            found = config.find_first(keys);
        } else {
            for (const std::string &key : names) {
                if (const YamlNode *value = value_of(*map, key); is_set(value) && !found)
                    found = Found{key, value};
            }
        }
        if (!found) {
            config.refuse_once(map ? *map : config.innermost(), path + names.front(),
                "missing in the configuration of " + config.kind_name() + ", whose attention has it");
            return 1;
        }
        const YamlNode *number = one_number(*found->value);
        const double value = number ? number_of(*number).value_or(0) : 0;
        if (value >= 1 && value <= stated::largest_width && value == std::floor(value))
            return static_cast<std::int64_t>(value);
        config.refuse(*found->value, path + found->key,
            "expected a whole number from 1 to " + std::to_string(static_cast<std::int64_t>(stated::largest_width)));
        return 1;
    }

    MlaShape latent()
    {
        MlaShape mla{model.heads, model.q_lora_rank, model.kv_lora_rank, model.qk_nope_head_dim, model.qk_rope_head_dim,
            model.v_head_dim};
        if (config.is_on("mla_use_output_gate"))
            mla.gate = model.hidden_size * mla.heads * mla.v;
        if (!config.is_on("index_topk"))
            return mla;
        mla.top = width("index_topk");
        mla.index_heads = width("index_n_heads");
        mla.index_dim = width("index_head_dim");
        mla.entry = sparse_entry(mla);
        mla.index_entry = sparse_index_entry(mla);
        mla.own = share_with_indexer();
        return mla;
    }

    // Of the layers, that run their own indexer.
    double share_with_indexer()
    {
        const YamlNode *types = config.find("indexer_types");
        if (!is_set(types) || types->kind != YamlNode::Kind::sequence) {
            const YamlNode *every = config.find("index_topk_freq");
            if (is_set(every) && number_of(*every) != 1.0)
                config.refuse(*every, "index_topk_freq",
                    "which layers share an indexer is read from indexer_types alone; expected a list of full and "
                    "shared");
            return 1;
        }
        const auto layers = static_cast<std::size_t>(model.layers);
        if (!fits(*types, "indexer_types"))
            return 1;
        std::size_t own = 0;
        for (std::size_t i = 0; i < layers; ++i) {
            const std::string &type = types->items[i].scalar;
            if (type != "full" && type != "shared")
                config.refuse_once(types->items[i], "indexer_types", in_quotes(type) + " is neither full nor shared");
            own += type == "full" ? 1 : 0;
        }
        if (own == 0)
            config.refuse_once(*types, "indexer_types", "no layer runs an indexer; expected some that are full");
        return static_cast<double>(own) / static_cast<double>(layers);
    }

    // Heads that share no keys are groups of one.
    GqaShape grouped()
    {
        GqaShape gqa;
        gqa.heads = model.heads;
        constexpr std::string_view kv_heads = "num_key_value_heads n_kv_heads num_kv_heads multi_query_group_num";
        gqa.kv_heads = config.find_first(kv_heads) ? width(kv_heads) : gqa.heads;
        constexpr std::string_view head_dim = "head_dim attention_head_dim kv_channels";
        if (config.find_first(head_dim))
            gqa.qk = width(head_dim);
        else if (gqa.heads > 0 && model.hidden_size % gqa.heads == 0)
            gqa.qk = model.hidden_size / gqa.heads;
        else
            gqa.qk = width(head_dim); // says that it is missing
        gqa.v = config.find_first("v_head_dim") ? width("v_head_dim") : gqa.qk;
        gqa.gate = config.is_on("attn_output_gate") || config.is_on("attention_output_gate")
            || config.is_on("use_output_gate");
        return gqa;
    }

    LinearShape linear_attention()
    {
        LinearShape linear;
        constexpr double fp32 = 4; // of the state, if nothing else is stated
        const std::optional<Found> type = config.find_first("mamba_ssm_dtype");
        linear.state = type ? element_size_of_format(type->value->scalar).value_or(fp32) : fp32;
        if (const YamlNode *kda = config.find("linear_attn_config"); is_set(kda) && !is_off(*kda)) {
            const std::string path = "linear_attn_config.";
            linear.form = LinearForm::kda;
            linear.key_heads = linear.value_heads = width_in(kda, "num_heads", path);
            linear.dk = linear.dv = width_in(kda, "head_dim", path);
            linear.conv = width_in(kda, "short_conv_kernel_size", path);
            const YamlNode *gate = value_of(*kda, "use_full_rank_gate");
            if (config.problems.empty() && (!gate || is_off(*gate)))
                config.refuse(gate ? *gate : *kda, path + "use_full_rank_gate",
                    "a gate of low rank behind linear attention is not modelled; expected true");
            return linear;
        }
        linear.form = LinearForm::gdn;
        linear.key_heads = width("linear_num_key_heads");
        linear.value_heads = width("linear_num_value_heads");
        linear.dk = width("linear_key_head_dim");
        linear.dv = width("linear_value_head_dim");
        linear.conv = width("linear_conv_kernel_dim");
        return linear;
    }

    // An entry for each layer, and perhaps for the drafting ones.
    bool fits(const YamlNode &list, const std::string &key)
    {
        const auto items = static_cast<std::int64_t>(list.items.size());
        if (items >= model.layers && items <= model.layers + model.mtp_layers)
            return true;
        config.refuse_once(list, key,
            std::to_string(items) + " items for " + std::to_string(model.layers)
                + " layers; expected one for each layer");
        return false;
    }

    std::vector<Sight> all_sights()
    {
        const auto layers = static_cast<std::size_t>(model.layers);
        std::vector<Sight> sights(layers, Sight::all);
        const YamlNode *types = config.find("layer_types");
        if (is_set(types) && types->kind == YamlNode::Kind::sequence) {
            if (fits(*types, "layer_types")) {
                for (std::size_t i = 0; i < layers; ++i)
                    sights[i] = sight_named(types->items[i]);
            }
            return sights;
        }
        if (const YamlNode *kda = config.find("linear_attn_config"); is_set(kda) && !is_off(*kda)) {
            take_listed(*kda, sights);
            return sights;
        }
        if (const YamlNode *every = config.find("full_attention_interval"); every && !is_off(*every)) {
            const auto interval = static_cast<std::size_t>(width("full_attention_interval"));
            for (std::size_t i = 0; i < layers; ++i)
                sights[i] = (i + 1) % interval == 0 ? Sight::all : Sight::state;
            return sights;
        }
        if (const YamlNode *lightning = config.find("attn_type_list"); is_set(lightning)) {
            for (const YamlNode &item : items_of(lightning)) {
                if (number_of(item) != 1.0) {
                    config.refuse(item, "attn_type_list", "layers of lightning attention are not modelled; expected 1");
                    break;
                }
            }
        }
        if (kind.attention == ConfigAttention::grouped && has_window())
            take_windows(sights);
        return sights;
    }

    Sight sight_named(const YamlNode &type)
    {
        if (type.scalar == "full_attention" || type.scalar == "attention"
            || (type.scalar == "deepseek_sparse_attention" && config.is_on("index_topk")))
            return Sight::all;
        if (type.scalar == "sliding_attention")
            return Sight::window;
        if (type.scalar == "linear_attention")
            return Sight::state;
        config.refuse_once(type, "layer_types",
            "layers of " + in_quotes(type.scalar)
                + " are not modelled; known are full_attention, sliding_attention and linear_attention");
        return Sight::all;
    }

    // Lists of layers, from 1.
    void take_listed(const YamlNode &kda, std::vector<Sight> &sights)
    {
        std::vector<int> times(sights.size(), 0);
        for (const auto &[key, sight] :
            {std::pair<const char *, Sight>{"kda_layers", Sight::state}, {"full_attn_layers", Sight::all}}) {
            const YamlNode *list = value_of(kda, key);
            for (const YamlNode &item : items_of(list)) {
                const double layer = number_of(item).value_or(0);
                if (layer < 1 || layer > static_cast<double>(sights.size()) || layer != std::floor(layer)) {
                    config.refuse(item, std::string("linear_attn_config.") + key,
                        "expected layers, 1 to " + std::to_string(sights.size()));
                    return;
                }
                sights[static_cast<std::size_t>(layer) - 1] = sight;
                ++times[static_cast<std::size_t>(layer) - 1];
            }
        }
        if (std::any_of(times.begin(), times.end(), [](int count) { return count != 1; }))
            config.refuse(kda, "linear_attn_config",
                "kda_layers and full_attn_layers do not name each of the " + std::to_string(sights.size())
                    + " layers once");
    }

    // A window that no sequence outgrows is none.
    bool has_window() const
    {
        const std::optional<Found> window = config.find_first("sliding_window sliding_window_size");
        if (!window || is_off(*window->value) || config.is_any_off("use_sliding_window"))
            return false;
        const std::optional<double> tokens = number_of(*window->value), context = longest_context(config);
        return !(tokens && context && *tokens >= *context);
    }

    void take_windows(std::vector<Sight> &sights)
    {
        std::size_t first = 0, full_every = 0;
        if (config.find_first("max_window_layers")) // the first layers see all
            first = static_cast<std::size_t>(width("max_window_layers"));
        if (config.is_on("sliding_window_pattern"))
            full_every = static_cast<std::size_t>(width("sliding_window_pattern"));
        for (std::size_t i = first; i < sights.size(); ++i)
            sights[i] = full_every > 0 && (i + 1) % full_every == 0 ? Sight::all : Sight::window;
    }

    // DeepSeek-V4: a ratio for each layer. Those of four tokens have an indexer, as its inference code has it.
    std::vector<AttentionShape> compressed()
    {
        V4Shape v4;
        v4.heads = model.heads;
        v4.dim = width("head_dim");
        v4.q_rank = width("q_lora_rank");
        v4.o_groups = width("o_groups");
        v4.o_rank = width("o_lora_rank");
        v4.window = width("sliding_window");
        v4.streams = config.is_on("hc_mult") ? width("hc_mult") : 0;
        const std::int64_t rope = width("qk_rope_head_dim");
        if (rope > v4.dim)
            config.refuse(config.innermost(), "qk_rope_head_dim", "more than head_dim, " + std::to_string(v4.dim));
        v4.entry = compressed_entry(v4.dim, std::min(rope, v4.dim));
        V4Shape choosing = v4;
        choosing.top = width("index_topk");
        choosing.index_heads = width("index_n_heads");
        choosing.index_dim = width("index_head_dim");
        choosing.index_entry = compressed_index_entry(choosing.index_dim);
        const YamlNode &ratios = *config.find("compress_ratios");
        std::vector<AttentionShape> each;
        if (ratios.kind != YamlNode::Kind::sequence) {
            config.refuse(ratios, "compress_ratios", "expected a list, one for each layer");
            return each;
        }
        if (!fits(ratios, "compress_ratios"))
            return each;
        constexpr double of_chosen = 4;
        for (std::int64_t i = 0; i < model.layers; ++i) {
            const YamlNode &item = ratios.items[static_cast<std::size_t>(i)];
            const double ratio = number_of(item).value_or(-1);
            if (ratio < 0 || ratio > stated::largest_width || ratio != std::floor(ratio)) {
                config.refuse(item, "compress_ratios", "expected whole numbers, 0 where only the window is seen");
                return {};
            }
            V4Shape shape = ratio == of_chosen ? choosing : v4;
            shape.ratio = static_cast<std::int64_t>(ratio);
            each.emplace_back(shape);
        }
        return each;
    }

    static std::optional<bool> is_dense_by_number(const YamlNode &item)
    {
        const std::optional<double> number = number_of(item);
        const bool is_switch = !item.quoted && (item.scalar == "false" || item.scalar == "true");
        return number == 0.0 || (is_switch && item.scalar == "false") ? std::optional(true)
            : number == 1.0 || is_switch                              ? std::optional(false)
                                                                      : std::nullopt;
    }
    static std::optional<bool> is_dense_by_name(const YamlNode &item)
    {
        return item.scalar == "dense" ? std::optional(true)
            : item.scalar == "sparse" ? std::optional(false)
                                      : std::nullopt;
    }

    template <class IsDense>
    std::optional<std::vector<bool>> ffns_of(const std::string &key, const YamlNode &list, IsDense is_dense)
    {
        if (!fits(list, key))
            return std::nullopt;
        std::vector<bool> dense;
        for (std::int64_t i = 0; i < model.layers; ++i) {
            const YamlNode &item = list.items[static_cast<std::size_t>(i)];
            const std::optional<bool> one = is_dense(item);
            if (!one) {
                config.refuse(item, key, in_quotes(item.scalar) + ": neither a dense layer nor one with experts");
                return std::nullopt;
            }
            dense.push_back(*one);
        }
        return dense;
    }
};

// Layers with experts first, and of these the ones that see most: the MTP layer is like the first.
auto place(const LayerKind &layer)
{
    const auto *gqa = std::get_if<GqaShape>(&layer.attention);
    const auto *v4 = std::get_if<V4Shape>(&layer.attention);
    return std::tuple(
        layer.is_dense(), layer.attention.index(), gqa ? gqa->window > 0 : false, v4 ? -v4->ratio : std::int64_t{0});
}

} // namespace

std::optional<double> longest_context(const ConfigValues &config)
{
    const std::optional<Found> positions = config.find_first(names_of("max_context").keys);
    std::optional<double> longest = positions ? number_of(*positions->value) : std::nullopt;
    const std::optional<double> unstretched = longest;
    // The second is the spelling of Transformers 5. What was stretched is, if nothing else says so, what is stated.
    for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
        const YamlNode *scaling = config.find(key);
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

bool states_ffns(const ConfigValues &config)
{
    const YamlNode *every = config.find("moe_layer_freq");
    return (every && every->kind == YamlNode::Kind::sequence) || is_set(config.find("mlp_only_layers"))
        || is_set(config.find("mlp_layer_types"));
}

std::optional<ConfigKind> kind_of_config(ConfigValues &config)
{
    ConfigKind kind;
    const std::optional<Found> experts = config.find_first(names_of("routed_experts").keys);
    kind.experts = experts ? !is_off(*experts->value)
                           : config.find_first(names_of("expert_intermediate").keys)
            || config.find_first(names_of("experts_per_token").keys);
    if (config.is_on("compress_ratios")) {
        kind.attention = ConfigAttention::compressed;
        return kind;
    }
    const std::string_view latent_rank = names_of("kv_lora_rank").keys, query_rank = names_of("q_lora_rank").keys;
    const std::optional<Found> rank = config.find_first(latent_rank);
    if (rank && !is_off(*rank->value)) {
        kind.attention = ConfigAttention::latent;
        for (const std::string &key : words(query_rank)) {
            if (const YamlNode *width = config.find(key); width && is_off(*width) && !config.find_first(query_rank))
                config.refuse(*width, key,
                    "queries without compression are not modelled; expected the rank of the query projection");
        }
        return kind;
    }
    // Latent attention under names that are not known is not taken for another.
    const auto &entries = config.innermost().entries;
    const bool may_be_latent = std::any_of(entries.begin(), entries.end(), [](const YamlEntry &entry) {
        const std::string &key = entry.key.scalar;
        return (key.find("lora") != std::string::npos || key == "qk_nope_head_dim" || key == "use_mla")
            && !is_off(entry.value);
    });
    if (!may_be_latent && config.find_first(names_of("heads").keys)) {
        kind.attention = ConfigAttention::grouped;
        return kind;
    }
    config.refuse(config.innermost(), "kv_lora_rank",
        config.kind_name() + " states no rank of a KV latent by a name that is known, "
            + any_spelling(names_of("kv_lora_rank"))
            + (may_be_latent ? "" : ", and no heads, " + any_spelling(names_of("heads"))) + "; recognised are "
            + few_of(config.recognised()));
    return std::nullopt;
}

void read_layers(ConfigValues &config, const ConfigKind &kind, const std::string &dense_key, Model &model)
{
    constexpr std::int64_t most_layers = 65536;
    if (model.layers > most_layers) {
        config.refuse(config.innermost(), words(names_of("layers").keys).front(),
            "out of range; expected up to " + std::to_string(most_layers) + " layers");
        return;
    }
    LayerReader reader(config, kind, model);
    const std::vector<AttentionShape> attentions = reader.attentions();
    const std::vector<bool> dense = reader.dense_ffns(dense_key);
    if (!config.problems.empty())
        return;
    if (model.dense_intermediate == 0 && std::find(dense.begin(), dense.end(), true) != dense.end()) {
        const ShapeNames &names = names_of("dense_intermediate");
        config.refuse(config.innermost(), words(names.keys).front(),
            "missing in the configuration of " + config.kind_name() + ": " + any_spelling(names)
                + ", of the layers with a dense FFN");
        return;
    }
    std::vector<LayerKind> alike;
    constexpr std::size_t most_kinds = 64;
    for (std::size_t i = 0; i < attentions.size() && alike.size() <= most_kinds; ++i) {
        const LayerKind one{1, dense[i] ? model.dense_intermediate : 0, attentions[i]};
        const auto like = std::find_if(alike.begin(), alike.end(), [&](const LayerKind &other) {
            return other.dense_width == one.dense_width && other.attention == one.attention;
        });
        if (like == alike.end())
            alike.push_back(one);
        else
            ++like->layers;
    }
    if (alike.size() > most_kinds) {
        config.refuse(config.innermost(), "compress_ratios",
            "more than " + std::to_string(most_kinds) + " alike of layers; expected fewer");
        return;
    }
    std::stable_sort(
        alike.begin(), alike.end(), [](const LayerKind &a, const LayerKind &b) { return place(a) < place(b); });
    model.dense_layers = std::count(dense.begin(), dense.end(), true);
    if (layers_of(model) == alike && kind.experts) // the numbers say it all
        return;
    model.layer_kinds = std::move(alike);
    if (const std::vector<std::string> wrong = problems_of_layers(model); !wrong.empty())
        config.refuse(config.innermost(), words(names_of("heads").keys).front(), "layers " + wrong.front());
    take_numbers_of_layers(model);
}

} // namespace epscope
