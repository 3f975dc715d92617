// SPDX-License-Identifier: GPL-3.0-or-later
// The values of a model's config.json, wherever in the file they stand: what keys say, and what is said of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/yaml_tree.h"

namespace epscope {

// Must a configuration state a shape? `latent`: of latent attention. `experts`: of a model with experts.
// `dense_layers`: of both, unless lists of the kinds of layers say it. `no_shape`: an optional number whose form does
// not matter, and which is no sign of a model.
enum class Stated { always, latent, experts, dense_layers, optional, no_shape };

// How a parameter of a model is called in configurations, the usual name first.
struct ShapeNames {
    std::string_view parameter;
    std::string_view keys;
    Stated stated = Stated::always;
};
std::span<const ShapeNames> shape_names();
const ShapeNames &names_of(std::string_view parameter);
// "kv_lora_rank (or attention_kv_lora_dim, kv_lora_dim)"
std::string any_spelling(const ShapeNames &one);

// "a b c" as a list.
std::vector<std::string> words(std::string_view text);
bool is_set(const YamlNode *value);
// Null, false, zero, an empty text, "none" or "false", and what holds only such values or says "enabled": false.
bool is_off(const YamlNode &value);
// The number that a value is, or that all items of a list are; null if there is none.
const YamlNode *one_number(const YamlNode &value);
std::string few_of(const std::vector<std::string> &names); // the first ones, and how many more

// A map and the maps around it, innermost first: a model that also sees or hears keeps its language model's shapes in a
// map of their own, under one name or another.
using MapChain = std::vector<const YamlNode *>;

// The maps of a configuration, and the lines that are said of it.
class ConfigValues {
public:
    struct Found {
        std::string key;
        const YamlNode *value = nullptr;
    };

    ConfigValues(MapChain the_maps, std::string name)
        : maps(std::move(the_maps))
        , file(std::move(name))
    {
    }

    std::vector<Diagnostic> problems, warnings;

    const YamlNode &innermost() const { return *maps.front(); }
    // The value of a key, innermost first.
    const YamlNode *find(std::string_view key) const;
    // Is a key there, and not switched off?
    bool is_on(std::string_view key) const;
    // Values that are set, by whatever of the keys, of the innermost map that has any.
    std::vector<Found> find_all(std::string_view keys) const;
    std::optional<Found> find_first(std::string_view keys) const;
    bool is_any_off(std::string_view keys) const;
    // The names of architecture and model type, innermost first.
    std::vector<Found> kinds_of_model() const;
    std::string kind_name() const; // "'DeepseekV3ForCausalLM'"
    std::vector<std::string> recognised() const; // the keys that state shapes

    void refuse(const YamlNode &where, const std::string &key, std::string message);
    void refuse_once(const YamlNode &where, const std::string &key, const std::string &message);
    void warn(const YamlNode &where, const std::string &key, std::string message);

private:
    MapChain maps;
    std::string file;
};

} // namespace epscope
