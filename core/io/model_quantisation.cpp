// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/model_quantisation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
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

enum class Part { experts, attention };

bool is_of_part(std::string_view module, Part part)
{
    const auto has = [&](std::string_view word) { return module.find(word) != std::string_view::npos; };
    if (part == Part::experts)
        return has("expert") && !has("shared");
    return has("attn") || has("attention");
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
    return rest.empty() || (part == Part::experts && rest == "mlp");
}

enum class Share { none, some, all };

// How much of a part a list of modules names, each as a name, a pattern or a regular expression. The first layers, up
// to `dense_layers`, have no experts.
Share share_named(const YamlNode *modules, Part part, std::int64_t layers, std::int64_t dense_layers)
{
    if (!modules || modules->kind != YamlNode::Kind::sequence)
        return Share::none;
    const std::int64_t first = part == Part::experts ? dense_layers : 0;
    std::set<std::int64_t> whole_layers;
    bool some = false;
    for (const YamlNode &item : modules->items) {
        std::string module = item.scalar;
        module.erase(std::remove(module.begin(), module.end(), '\\'), module.end()); // of a regular expression
        const std::optional<LayerOfName> layer = layer_in(module);
        const bool of_part = is_of_part(module, part) || (layer && holds_part(layer->rest, part));
        if (!of_part || module.find("norm") != std::string::npos)
            continue;
        if (layer && (layer->layer < first || layer->layer >= layers)) // the last are those of a draft model
            continue;
        const bool whole = module.find("proj") == std::string::npos && module.find("(?!") == std::string::npos;
        if (whole && !layer)
            return Share::all;
        some = true;
        if (whole)
            whole_layers.insert(layer->layer);
    }
    return !some                                                           ? Share::none
        : static_cast<std::int64_t>(whole_layers.size()) == layers - first ? Share::all
                                                                           : Share::some;
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
            named = named || is_of_part(target.scalar, part);
            other_only =
                other_only || is_of_part(target.scalar, part == Part::experts ? Part::attention : Part::experts);
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
    const auto size_of = [&](Part part, const char *what) -> std::optional<double> {
        Sizes sizes = modules ? sizes_of_modules(*modules, part) : groups ? sizes_of_groups(*groups, part) : Sizes{};
        if (const double size = element_size_in(quantisation); !modules && sizes.empty() && size > 0)
            sizes.insert(size);
        known = known || !sizes.empty();
        if (sizes.empty())
            return modules ? std::optional(unquantised) : std::nullopt;
        const Share share = share_named(left_out, part, layers, dense_layers);
        if (share == Share::all)
            return unquantised;
        if (share == Share::some)
            sizes.insert(unquantised);
        if (sizes.size() == 1)
            return *sizes.begin();
        found.doubts.push_back(std::string("weights of the ") + what + " are of several sizes, of which none is taken");
        return std::nullopt;
    };
    found.experts = size_of(Part::experts, "routed experts");
    found.attention = size_of(Part::attention, "attention");
    if (!known) {
        const YamlNode *name = first_of(quantisation, {"quant_algo", "quant_method"});
        found.experts = found.attention = std::nullopt;
        found.doubts = {name
                ? "the quantisation " + in_quotes(name->scalar) + " is not known, and no size is taken of it"
                : "no size of the weights is stated"};
    }
    return found;
}

} // namespace epscope
