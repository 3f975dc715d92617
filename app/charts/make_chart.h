// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "app/charts/chart_view.h"
#include "app/charts/scene.h"

namespace epscope {

// Where a dock stands in the layouts of the window.
struct DockPlace {
    enum class Corner : std::uint8_t { upper_left, lower_left, upper_right, lower_right }; // of the usual layout
    enum class Column : std::uint8_t { searched, shown }; // of a low window: what is searched, what is shown of it

    int number = 0; // in the View menu, from 1 on; up to 9 it is also the dock's key
    Corner corner = Corner::upper_left;
    Column column = Column::searched;
    int tab = 0; // its place among those of a corner or column, of which the first is in front
};

// What a report shows of a chart.
struct ReportPlace {
    int number = 0; // among the charts of the report, from 1 on; 0: it is in none
    bool unasked = false; // else only where somebody has asked for it
    int height_besides_bars = 0; // px, where it has one bar a chip; 0: as high as all others
};

// One kind of chart. The window, its menus and layouts, presentations, reports and the commands loop over these rows.
struct ChartKind : SceneKind {
    DockPlace dock;
    ReportPlace report;
    bool presentable = false; // may stand in a presentation
};
std::span<const ChartKind> chart_kinds();
// Those of a report in their order.
std::vector<const ChartKind *> report_chart_kinds();
// Null where there is none of that id.
const ChartKind *find_chart_kind(std::string_view id);

// By its id, e.g. "pareto"; null for one that there is not.
std::unique_ptr<ChartView> make_chart(std::string_view id);
std::vector<std::string_view> all_chart_ids();
// What people call it, without making it.
QString chart_title(std::string_view id);

} // namespace epscope
