// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the config.json of a Hugging Face model of the DeepSeek-V2/V3 family, which YAML takes as it is.
#pragma once

#include <string>
#include <vector>

#include "core/io/diagnostic.h"
#include "core/io/yaml_tree.h"
#include "core/spec/model.h"

namespace epscope {

// Is this the config.json of some model?
bool is_model_config(const YamlNode &root);
// The name that such a file's model goes by: the file's stem, or its folder's name for a plain config.json.
std::string config_model_name(const std::string &file);
// The shapes, or all that this engine cannot take: sparse or linear attention, grouped queries, uncompressed queries,
// interleaved dense layers.
Read<Model> model_from_config(const YamlNode &root, const std::string &file);

} // namespace epscope
