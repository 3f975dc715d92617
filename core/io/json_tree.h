// SPDX-License-Identifier: GPL-3.0-or-later
// A JSON document as the tree that core/io/yaml_tree.h has for YAML. The only header over nlohmann's JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/io/diagnostic.h"
#include "core/io/yaml_tree.h"

namespace epscope {

// Refused with one Diagnostic: what is not UTF-8 or not JSON (NaN and infinities are none), a number beyond any double,
// a key that stands twice in one object, nesting deeper than YAML's. Numbers and switches stay as they are written.
Read<YamlNode> parse_json(std::string_view text, const std::string &file);
// The number that a value is; nothing for a text, a switch or a list.
std::optional<double> number_of(const YamlNode &value);

} // namespace epscope
