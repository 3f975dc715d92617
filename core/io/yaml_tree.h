// SPDX-License-Identifier: GPL-3.0-or-later
// A YAML document as a tree that knows where each key and value stands. The only header over yaml-cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"

namespace epscope {

struct YamlEntry;

struct YamlNode {
    enum class Kind { null, scalar, sequence, map };

    Kind kind = Kind::null;
    int line = 0; // from 1
    int column = 0;
    std::string scalar;
    bool quoted = false; // a text of JSON, as opposed to a number or a switch; YAML has both as scalars
    std::vector<YamlNode> items; // of a sequence
    std::vector<YamlEntry> entries; // of a map, in the order of the file
};

struct YamlEntry {
    YamlNode key; // a scalar
    YamlNode value;
};

// The items of a list, none for null.
std::span<const YamlNode> items_of(const YamlNode *list);
// The value of a key, or null.
const YamlNode *value_of(const YamlNode &map, std::string_view key);

inline constexpr std::size_t deepest_nesting = 32;
std::string too_deep(); // what is said of deeper ones

// Parses exactly one document. Refused with a Diagnostic: what is not UTF-8 or not YAML, anchors and aliases (every
// value is written out), keys that are not plain text, more than one document, nesting deeper than the above.
Read<YamlNode> parse_yaml(std::string_view text, const std::string &file);

} // namespace epscope
