// SPDX-License-Identifier: GPL-3.0-or-later
// A YAML document as a tree that knows where each key and value stands. The only header over yaml-cpp.
#pragma once

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
    std::vector<YamlNode> items; // of a sequence
    std::vector<YamlEntry> entries; // of a map, in the order of the file
};

struct YamlEntry {
    YamlNode key; // a scalar
    YamlNode value;
};

// Parses exactly one document. Refused with a Diagnostic: what is not UTF-8 or not YAML, anchors and aliases (every
// value is written out), keys that are not plain text, more than one document, nesting deeper than 32.
Read<YamlNode> parse_yaml(std::string_view text, const std::string &file);

} // namespace epscope
