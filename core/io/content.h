// SPDX-License-Identifier: GPL-3.0-or-later
// What a file holds, as its text tells: the commands and the window take a file by that, not by its name.
#pragma once

#include <string>
#include <string_view>

namespace epscope {

enum class Content {
    entry, // of a library: a chip, NIC, model, profile or study; read_head() says which
    measurements,
    configs
};

// A text that names no columns of a table is an entry, unless the file is called .csv.
Content content_of(std::string_view text, const std::string &file);

} // namespace epscope
