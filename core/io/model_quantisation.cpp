// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/model_quantisation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <set>

#include "core/io/json_tree.h"
#include "core/text.h"

namespace epscope {
namespace {

// The bits of an element, and the scale that a group of elements shares.
struct NumberFormat {
    std::string_view word; // in the format's name
    double bits;
    double scale; // B
    double group; // elements; 0: the scale of a whole channel or block, which is nothing per element
};

// Microscaling formats: OCP MX specification 1.0, one E8M0 scale per 32 elements. NVFP4: one E4M3 scale per 16
// elements; FP4 alone is NVIDIA's first name of it (nvidia/DeepSeek-R1-FP4, modelopt_fp4). Integers: one 16-bit scale
// per group, of 128 elements where no other size is stated; bits alone are taken for them. In this order.
constexpr std::array number_formats{
    NumberFormat{"nvfp4", 4, 1, 16},
    NumberFormat{"mxfp4", 4, 1, 32},
    NumberFormat{"fp4", 4, 1, 16},
    NumberFormat{"mxfp8", 8, 1, 32},
    NumberFormat{"int4", 4, 2, 128},
    NumberFormat{"w4a", 4, 2, 128},
    NumberFormat{"awq", 4, 2, 128},
    NumberFormat{"gptq", 4, 2, 128},
    NumberFormat{"4bit", 4, 2, 128},
    NumberFormat{"fp8", 8, 0, 0},
    NumberFormat{"float8", 8, 0, 0},
    NumberFormat{"e4m3", 8, 0, 0},
    NumberFormat{"int8", 8, 0, 0},
    NumberFormat{"w8a", 8, 0, 0},
    NumberFormat{"8bit", 8, 0, 0},
    NumberFormat{"bf16", 16, 0, 0},
    NumberFormat{"bfloat16", 16, 0, 0},
    NumberFormat{"fp16", 16, 0, 0},
    NumberFormat{"float16", 16, 0, 0},
    NumberFormat{"float32", 32, 0, 0},
};

double element_size(double bits, double scale, double group)
{
    constexpr double bits_of_byte = 8;
    return bits / bits_of_byte + (group > 0 ? scale / group : 0);
}

const NumberFormat *number_format(std::string_view name)
{
    const std::string plain = letters_and_digits(name);
    const auto found = std::find_if(number_formats.begin(), number_formats.end(),
        [&](const NumberFormat &format) { return plain.find(format.word) != std::string::npos; });
    return found != number_formats.end() ? &*found : nullptr;
}

const YamlNode *first_of(const YamlNode &map, std::initializer_list<std::string_view> keys)
{
    for (const std::string_view key : keys) {
        if (const YamlNode *value = value_of(map, key); value && value->kind != YamlNode::Kind::null)
            return value;
    }
    return nullptr;
}

std::optional<double> number_in(const YamlNode &map, std::initializer_list<std::string_view> keys)
{
    const YamlNode *value = first_of(map, keys);
    return value ? number_of(*value) : std::nullopt;
}

// Of the weights that a map describes, by its bits or else the name of its format; 0 where it describes none.
double element_size_in(const YamlNode &map)
{
    const std::optional<double> group = number_in(map, {"group_size", "q_group_size"});
    const YamlNode *type = first_of(map, {"type", "data_type"});
    constexpr double fewest_bits = 2, most_bits = 32;
    if (const auto bits = number_in(map, {"num_bits", "bits", "w_bit", "weight_bits"})) {
        if (*bits < fewest_bits || *bits > most_bits)
            return 0;
        const bool small_scales = type && type->scalar.find("float") != std::string::npos; // of one byte each
        return element_size(*bits, small_scales ? 1 : 2, group.value_or(0));
    }
    for (const std::string_view key : {"quant_algo", "quant_method", "format", "fmt"}) {
        const YamlNode *name = value_of(map, key);
        if (!name || name->kind != YamlNode::Kind::scalar)
            continue;
        if (const NumberFormat *format = number_format(name->scalar))
            return element_size(format->bits, format->scale, format->group > 0 ? group.value_or(format->group) : 0);
    }
    return 0;
}

enum class Part { experts, attention, output, dense };

bool has(std::string_view text, std::string_view word)
{
    return text.find(word) != std::string_view::npos;
}

// Matrices of the attention and of dense FFNs by parts of their names, and which of those that make up a part they
// are: latent attention has three in that of queries, keys and values (kv_b is BF16 wherever it is absorbed),
// grouped-query attention and DeepSeek-V4 as well.
struct Matrix {
    std::string_view word;
    Part part;
    unsigned which;
};
constexpr unsigned all_three = 7;
constexpr std::array matrices{
    Matrix{"q_a_proj", Part::attention, 1},
    Matrix{"q_b_proj", Part::attention, 2},
    Matrix{"kv_a_proj", Part::attention, 4},
    Matrix{"kv_b_proj", Part::attention, 0},
    Matrix{"q_proj", Part::attention, 1},
    Matrix{"k_proj", Part::attention, 2},
    Matrix{"v_proj", Part::attention, 4},
    Matrix{"qkv", Part::attention, all_three},
    Matrix{"wqa_wkv", Part::attention, 5},
    Matrix{"wq_a", Part::attention, 1},
    Matrix{"wq_b", Part::attention, 2},
    Matrix{"wkv", Part::attention, 4},
    Matrix{"in_proj", Part::attention, all_three},
    Matrix{"o_proj", Part::output, all_three},
    Matrix{"out_proj", Part::output, all_three},
    Matrix{"wo_a", Part::output, 3},
    Matrix{"wo_b", Part::output, 4},
    Matrix{"up_proj", Part::dense, 1},
    Matrix{"down_proj", Part::dense, 2},
    Matrix{"gate_proj", Part::dense, 4},
};

// Which of the matrices of a part a name is about, all for the whole of it. A pattern may name several at once,
// "mlp.(gate|up|down)_proj".
unsigned named_matrices(std::string_view module, Part part)
{
    const bool of_experts = has(module, "expert"), of_attention = has(module, "attn") || has(module, "attention");
    if (part == Part::experts)
        return has(module, "experts") && !has(module, "shared") ? all_three
                                                                : 0; // a latent projection is of the singular
    if (part == Part::dense) {
        if (of_experts || of_attention || !(has(module, "mlp") || has(module, "ffn")) || has(module, "router"))
            return 0;
        if (has(module, "gate|") || has(module, "|down"))
            return all_three;
        const bool is_router = module.ends_with("gate") || module.ends_with("gate*");
        if (!has(module, "proj"))
            return is_router ? 0 : all_three;
    } else if (!of_attention) {
        return 0;
    }
    unsigned named = 0;
    bool any = false;
    for (const Matrix &matrix : matrices) {
        if (!has(module, matrix.word))
            continue;
        any = true;
        named |= matrix.part == part ? matrix.which : 0;
    }
    return any || has(module, "proj") || has(module, "indexer") ? named : all_three;
}

bool is_of_part(std::string_view module, Part part)
{
    return named_matrices(module, part) != 0;
}

struct LayerOfName {
    std::int64_t layer;
    std::string_view rest; // of the name, behind the number
};

std::optional<LayerOfName> layer_in(std::string_view module)
{
    constexpr std::string_view word = "layers.";
    const std::size_t at = module.find(word);
    std::int64_t layer = 0;
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = module.substr(at + word.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
    return error == std::errc()
        ? std::optional(LayerOfName{layer, rest.substr(static_cast<std::size_t>(end - rest.data()))})
        : std::nullopt;
}

// Does a list of modules name the whole of a part of this layer, as "model.layers.0*" does of each and
// "model.layers.3.mlp" of the experts?
bool holds_part(std::string_view rest_of_name, Part part)
{
    const std::string rest = letters_and_digits(rest_of_name);
    return rest.empty() || ((part == Part::experts || part == Part::dense) && rest == "mlp");
}

enum class Share { none, some, all };

// The layers that have a part, from the first to before the last.
struct LayerRange {
    std::int64_t first, last;
};

// How much of a part a list of modules names, each as a name, a pattern or a regular expression.
Share share_named(const YamlNode *modules, Part part, const LayerRange &layers)
{
    if (!modules || modules->kind != YamlNode::Kind::sequence)
        return Share::none;
    std::map<std::int64_t, unsigned> named; // by layer
    unsigned in_all = 0;
    bool some = false;
    for (const YamlNode &item : modules->items) {
        std::string module = item.scalar;
        module.erase(std::remove(module.begin(), module.end(), '\\'), module.end()); // of a regular expression
        if (has(module, "norm"))
            continue;
        const std::optional<LayerOfName> layer = layer_in(module);
        if (layer
            && (layer->layer < layers.first || layer->layer >= layers.last)) // the last are those of a draft model
            continue;
        const unsigned matrices_named =
            layer && holds_part(layer->rest, part) ? all_three : named_matrices(module, part);
        if (matrices_named == 0)
            continue;
        some = true;
        const bool of_one_expert = part == Part::experts && has(module, "proj");
        if (has(module, "(?!") || of_one_expert) // some of them
            continue;
        (layer ? named[layer->layer] : in_all) |= matrices_named;
    }
    if (!some)
        return Share::none;
    const auto whole =
        std::count_if(named.begin(), named.end(), [&](const auto &one) { return (one.second | in_all) == all_three; });
    return in_all == all_three || (whole > 0 && whole == layers.last - layers.first) ? Share::all : Share::some;
}

// The sizes of a part's weights, one for each way in which some of them are stored.
using Sizes = std::set<double>;

// "config_groups" of compressed-tensors: what a group targets, by name before "Linear", which is everything.
Sizes sizes_of_groups(const YamlNode &groups, Part part)
{
    Sizes by_name, of_all;
    for (const YamlEntry &group : groups.entries) {
        const YamlNode *weights = value_of(group.value, "weights");
        const double size = weights ? element_size_in(*weights) : 0;
        const YamlNode *targets = value_of(group.value, "targets");
        if (size == 0)
            continue;
        bool other_only = false;
        bool named = false;
        for (const YamlNode &target : items_of(targets)) {
            for (const Part each : {Part::experts, Part::attention, Part::output, Part::dense}) {
                const bool is_named = is_of_part(target.scalar, each);
                named = named || (is_named && each == part);
                // "ffn.*(gate|up|down)_proj" is of experts as well as of a dense FFN.
                other_only =
                    other_only || (is_named && each != part && !(each == Part::dense && part == Part::experts));
            }
        }
        if (named)
            by_name.insert(size);
        else if (!other_only)
            of_all.insert(size);
    }
    return by_name.empty() ? of_all : by_name;
}

// "quantized_layers" of hf_quant_config.json: a format for each module by name.
Sizes sizes_of_modules(const YamlNode &modules, Part part)
{
    Sizes sizes;
    for (const YamlEntry &module : modules.entries) {
        if (!is_of_part(module.key.scalar, part))
            continue;
        if (const double size = element_size_in(module.value); size > 0)
            sizes.insert(size);
    }
    return sizes;
}

} // namespace

std::string letters_and_digits(std::string_view name)
{
    std::string plain;
    for (const char c : ascii_lower(name)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            plain += c;
    }
    return plain;
}

std::optional<double> element_size_of_format(std::string_view name)
{
    const NumberFormat *format = number_format(name);
    return format ? std::optional(element_size(format->bits, format->scale, format->group)) : std::nullopt;
}

ElementSizes element_sizes(
    const YamlNode &quantisation, double unquantised, std::int64_t layers, std::int64_t dense_layers)
{
    ElementSizes found;
    if (const YamlNode *name = first_of(quantisation, {"kv_cache_quant_algo"}))
        found.kv = element_size_of_format(name->scalar);
    else if (const YamlNode *scheme = first_of(quantisation, {"kv_cache_scheme"});
             scheme && element_size_in(*scheme) > 0)
        found.kv = element_size_in(*scheme);

    const YamlNode *groups = first_of(quantisation, {"config_groups"});
    const YamlNode *modules = first_of(quantisation, {"quantized_layers"});
    const YamlNode *left_out =
        first_of(quantisation, {"ignore", "exclude_modules", "modules_to_not_convert", "ignored_layers"});
    bool known = false;
    std::vector<std::string> several;
    const auto size_of = [&](Part part, const LayerRange &of, const char *what) -> std::optional<double> {
        Sizes sizes = modules ? sizes_of_modules(*modules, part) : groups ? sizes_of_groups(*groups, part) : Sizes{};
        if (const double size = element_size_in(quantisation); !modules && sizes.empty() && size > 0)
            sizes.insert(size);
        known = known || !sizes.empty();
        if (sizes.empty())
            return modules ? std::optional(unquantised) : std::nullopt;
        const Share share = share_named(left_out, part, of);
        if (share == Share::all)
            return unquantised;
        if (share == Share::some)
            sizes.insert(unquantised);
        if (sizes.size() == 1)
            return *sizes.begin();
        if (std::find(several.begin(), several.end(), what) == several.end())
            several.emplace_back(what);
        return std::nullopt;
    };
    found.experts = size_of(Part::experts, {dense_layers, layers}, "the routed experts");
    found.attention = size_of(Part::attention, {0, layers}, "the attention");
    found.output = size_of(Part::output, {0, layers}, "the attention");
    if (dense_layers > 0)
        found.dense = size_of(Part::dense, {0, dense_layers}, "the dense FFNs");
    if (!several.empty())
        found.doubts.push_back(
            "weights of " + joined(several, " and of ") + " are of several sizes, of which none is taken");
    if (!known) {
        const YamlNode *name = first_of(quantisation, {"quant_algo", "quant_method"});
        found.experts = found.attention = found.output = found.dense = std::nullopt;
        found.doubts = {name
                ? "the quantisation " + in_quotes(name->scalar) + " is not known, and no size is taken of it"
                : "no size of the weights is stated"};
    }
    return found;
}

} // namespace epscope
