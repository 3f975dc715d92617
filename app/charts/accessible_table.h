// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace epscope {

// Assistive technology reads the plot of every chart as the chart's table. May be called more than once.
void offer_tables_of_charts();

} // namespace epscope
