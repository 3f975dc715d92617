// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/make_chart.h"

#include <algorithm>
#include <array>

#include "app/charts/breakdown_scene.h"
#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/map_scene.h"
#include "app/charts/memory_scene.h"
#include "app/charts/pareto_scene.h"
#include "app/charts/roofline_scene.h"
#include "app/charts/sweep_scene.h"
#include "app/charts/timeline_scene.h"
#include "app/charts/tornado_scene.h"
#include "app/charts/validation_scene.h"
#include "core/find.h"

namespace epscope {

namespace {

using enum DockPlace::Corner;
using enum DockPlace::Column;

const std::array<ChartKind, 10> all_kinds{{
    {{.id = "pareto",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Pareto front"),
         .scene = pareto_scene,
         .options = pareto_options,
         .lights = false},
        {2, upper_left, searched, 1}, {1, true}, true},
    {{.id = "breakdown",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Latency breakdown"),
         .scene = breakdown_scene,
         .options = breakdown_options,
         .lines_across = 0},
        {3, upper_right, shown, 1}, {2, true, 200}, true},
    {{.id = "timeline",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Layer timeline"),
         .scene = timeline_scene,
         .options = timeline_options,
         .lines_across = 0},
        {4, lower_left, shown, 2}, {3, true}, true},
    {{.id = "sweep",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Batch sweep"),
         .scene = sweep_scene,
         .options = sweep_options,
         .panels = sweep_panel_count,
         .lights = false,
         .lines_across = 16},
        {5, lower_right, shown, 3}, {5, true}, true},
    {{.id = "memory",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Memory"),
         .scene = memory_scene,
         .lines_across = 0},
        {6, lower_right, shown, 4}, {4, true, 150}, true},
    {{.id = "validation",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Validation"),
         .scene = validation_scene,
         .lights = false},
        {7, lower_right, shown, 6}, {}, false},
    {{.id = "roofline",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Roofline"),
         .scene = roofline_scene,
         .panels = 2,
         .across = true},
        {9, upper_right, shown, 5}, {6, true}, true},
    {{.id = "sensitivity",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Sensitivity"),
         .scene = tornado_scene,
         .options = tornado_options,
         .question = tornado_question,
         .axes_of = tornado_axes},
        {10, lower_left, searched, 6}, {7, true}, true},
    {{.id = "map",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Map"),
         .scene = map_scene,
         .options = map_options,
         .lights = false,
         .question = map_question,
         .prepare = map_prepare,
         .axes_of = map_axes_of},
        {11, upper_left, searched, 2}, {8, false}, true},
    {{.id = "goal",
         .title = QT_TRANSLATE_NOOP("epscope::ChartView", "Goal seek"),
         .scene = goal_scene,
         .options = goal_options,
         .question = goal_question,
         .subject = goal_subject,
         .axes_of = goal_axes,
         .unasked = QT_TRANSLATE_NOOP("epscope::ChartView", "Ctrl+G seeks a goal, and its curve stands here")},
        {12, upper_left, searched, 3}, {9, false}, false},
}};
} // namespace

std::span<const ChartKind> chart_kinds()
{
    return all_kinds;
}

std::vector<const ChartKind *> report_chart_kinds()
{
    std::vector<const ChartKind *> found;
    for (const ChartKind &kind : all_kinds) {
        if (kind.report.number > 0)
            found.push_back(&kind);
    }
    std::ranges::sort(
        found, [](const ChartKind *a, const ChartKind *b) { return a->report.number < b->report.number; });
    return found;
}

const ChartKind *find_chart_kind(std::string_view id)
{
    return find_in(all_kinds, id, &ChartKind::id);
}

std::unique_ptr<ChartView> make_chart(std::string_view id)
{
    const ChartKind *kind = find_chart_kind(id);
    return kind ? std::make_unique<ChartView>(*kind) : nullptr;
}

std::vector<std::string_view> all_chart_ids()
{
    std::vector<std::string_view> ids;
    for (const ChartKind &kind : all_kinds)
        ids.push_back(kind.id);
    return ids;
}

QString chart_title(std::string_view id)
{
    const ChartKind *kind = find_chart_kind(id);
    return kind ? ChartView::tr(kind->title) : QString();
}

} // namespace epscope
