// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/numbers.h"

#include <cmath>

#include "app/words/text.h"
#include "core/quantity.h"

namespace epscope {

QString whole_text(std::int64_t count)
{
    return to_text(grouped_text(count));
}

QString size_text(double bytes)
{
    return to_text(compact_text(bytes, Dimension::bytes));
}

QString rate_number(double value)
{
    constexpr double whole_from = 1000, largest = 1e15;
    return value >= whole_from && value < largest ? whole_text(std::llround(value))
                                                  : to_text(short_text(value, Dimension::count));
}

} // namespace epscope
