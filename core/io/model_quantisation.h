// SPDX-License-Identifier: GPL-3.0-or-later
// How many bytes the weights of a checkpoint take, as the quantisation that is stated next to its shapes says: of
// Hugging Face's quantization_config (DeepSeek's FP8, compressed-tensors, GPTQ, AWQ, MXFP4) and of NVIDIA's
// hf_quant_config.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/yaml_tree.h"

namespace epscope {

// B per element, where one size is stated.
struct ElementSizes {
    std::optional<double> experts; // weights of the routed experts
    std::optional<double> attention; // projections of queries, keys and values
    std::optional<double> output; // output projections of the attention
    std::optional<double> dense; // dense FFNs
    std::optional<double> kv; // of the KV cache
    std::vector<std::string> doubts; // what is stated and cannot be taken, and why

    bool operator==(const ElementSizes &) const = default;
};

// `unquantised`: B of the weights that are left as they were trained. `layers`: of the model, the first `dense_layers`
// without experts, so that a list of what is left out layer by layer is known to be complete.
ElementSizes element_sizes(
    const YamlNode &quantisation, double unquantised, std::int64_t layers, std::int64_t dense_layers);
// B per element of a format by its name in any spelling, "NVFP4", "W4A16", "float8_e4m3fn"; nothing for other names.
std::optional<double> element_size_of_format(std::string_view name);
// Names without what spellings differ in: "DeepseekV32ForCausalLM" and "deepseek_v32" both begin with "deepseekv32".
std::string letters_and_digits(std::string_view name);

} // namespace epscope
