// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "app/charts/chart.h"
#include "app/charts/scene.h"
#include "core/analysis/parallel.h"

namespace epscope {

// By its id, e.g. "pareto"; null for one that there is not.
std::unique_ptr<Chart> make_chart(std::string_view id);
// Of one that is a scene.
const ChartKind &chart_kind(std::string_view id);
std::vector<std::string_view> all_chart_ids();
// What people call it, without making it.
QString chart_title(std::string_view id);
// Is it no chart of an analysis, or one with the answer to what it shows?
bool is_complete(const Chart &chart);
// Works the answer out where the chart is one of an analysis and has none to what it shows, `explored`, yet. False if
// there is none, or if it was stopped.
bool complete(Chart &chart, const Explored &explored, const Running &running = {});

} // namespace epscope
