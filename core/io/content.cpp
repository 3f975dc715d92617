// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/content.h"

#include "core/io/configs_csv.h"
#include "core/io/measurements_csv.h"

namespace epscope {

Content content_of(std::string_view text, const std::string &file)
{
    constexpr std::size_t least = 2; // columns by which a table is known
    const std::size_t measured = csv_columns_named(text, measurement_columns());
    const std::size_t configured = csv_columns_named(text, configs_columns());
    if (measured < least && configured < least && !file.ends_with(".csv") && !file.ends_with(".tsv"))
        return Content::entry;
    return measured >= configured ? Content::measurements : Content::configs;
}

} // namespace epscope
