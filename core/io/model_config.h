// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the config.json of a Hugging Face model with multi-head latent attention: the DeepSeek-V2/V3 family, whatever
// the keys are called there and wherever in the file they stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"
#include "core/spec/model.h"

namespace epscope {

// Is this JSON that does not say, as EPScope's own files do, what it holds? It is taken for the configuration of a
// model then.
bool is_model_config(std::string_view text, const std::string &file);
// The name that such a file's model goes by: that of the file, or for a plain config.json that of its folder, or of the
// model in whose folder of a download cache (models--ORGANISATION--NAME) it lies.
std::string config_model_name(const std::string &file);
// The name, if the file holds shapes of a model at all.
Read<std::string> config_head(std::string_view text, const std::string &file);
// The shapes, and the element sizes of the weights where the file or `quantisation`, the text of a
// hf_quant_config.json, states them; or all that this engine cannot take.
Read<Model> model_from_config(std::string_view text, const std::string &file, std::string_view quantisation = {});

// The file that holds a model, of a path that may be a folder: the config.json in it, or the one of the snapshot that a
// download cache has of it.
Read<std::string> model_file_of(const std::string &path);
// The file of a model's quantisation that may lie next to its config.json: hf_quant_config.json,
// NAME_hf_quant_config.json.
std::string quantisation_file_of(const std::string &config);
bool is_quantisation_file(const std::string &file);

} // namespace epscope
