// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoint formats: the element sizes of a model's tensors by one name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/spec/study.h"

namespace epscope {

// B per parameter.
struct Checkpoint {
    std::string_view name;
    std::string_view title;
    double projections; // of queries, keys and values, gates, compressors, latent projections
    double output; // output projections
    double experts;
    double dense; // dense FFNs
    std::optional<double> kv; // B per element of the KV cache, where engines serve it with one size
};
std::span<const Checkpoint> checkpoints();
const Checkpoint *find_checkpoint(std::string_view name); // null if there is none

// Sets all sizes of a study, those of every searched precision too.
void take_checkpoint(Study &study, const Checkpoint &checkpoint);
// The format whose sizes of parameters the study has; null if none.
const Checkpoint *checkpoint_of(const Study &study);

} // namespace epscope
