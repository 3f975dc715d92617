// SPDX-License-Identifier: GPL-3.0-or-later
// The layers of a model's config.json: the attention and the FFN of each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/io/config_values.h"
#include "core/spec/model.h"

namespace epscope {

// Of the layers that see all of the context; some models have windows or linear attention in the others.
enum class ConfigAttention : std::uint8_t { latent = 1, grouped = 2, compressed = 4 };
struct ConfigKind {
    ConfigAttention attention{};
    bool experts = false; // has the model any?
};

// Nothing, with the reason said, for an attention that the engine does not know.
std::optional<ConfigKind> kind_of_config(ConfigValues &config);
// Do lists say which layers have a dense FFN?
bool states_ffns(const ConfigValues &config);
// Tokens up to which positions go, stretched ones included.
std::optional<double> longest_context(const ConfigValues &config);

// The layers of a model whose numbers are read, into its numbers or, if these cannot say it all, its list. What is
// wrong is said. `dense_key`: by which the number of dense layers was stated, empty if it was not.
void read_layers(ConfigValues &config, const ConfigKind &kind, const std::string &dense_key, Model &model);

} // namespace epscope
