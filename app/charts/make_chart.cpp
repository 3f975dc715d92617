// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/make_chart.h"

#include <algorithm>
#include <array>

#include "app/charts/breakdown_scene.h"
#include "app/charts/goal_scene.h"
#include "app/charts/map_scene.h"
#include "app/charts/memory_scene.h"
#include "app/charts/pareto_chart.h"
#include "app/charts/roofline_scene.h"
#include "app/charts/scene_chart.h"
#include "app/charts/sweep_scene.h"
#include "app/charts/timeline_scene.h"
#include "app/charts/tornado_scene.h"
#include "app/charts/validation_scene.h"

namespace epscope {

namespace {

template <class Made>
std::unique_ptr<Chart> make()
{
    return std::make_unique<Made>();
}

// A row a chart. `make` of those that have a class of their own.
struct ChartRow : ChartKind {
    std::unique_ptr<Chart> (*make)() = nullptr;
};

const std::array<ChartRow, 10> chart_rows{{
    {{"pareto", QT_TRANSLATE_NOOP("epscope::Chart", "Pareto front")}, make<ParetoChart>},
    {{.id = "breakdown",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Latency breakdown"),
        .scene = breakdown_scene,
        .options = breakdown_options}},
    {{.id = "timeline", .title = QT_TRANSLATE_NOOP("epscope::Chart", "Layer timeline"), .scene = timeline_scene}},
    {{.id = "sweep",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Batch sweep"),
        .scene = sweep_scene,
        .options = sweep_options,
        .panels = sweep_panel_count,
        .lights = false}},
    {{.id = "memory", .title = QT_TRANSLATE_NOOP("epscope::Chart", "Memory"), .scene = memory_scene}},
    {{.id = "validation",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Validation"),
        .scene = validation_scene,
        .lights = false}},
    {{.id = "roofline",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Roofline"),
        .scene = roofline_scene,
        .panels = 2,
        .across = true}},
    {{.id = "sensitivity",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Sensitivity"),
        .scene = tornado_scene,
        .options = tornado_options,
        .question = tornado_question,
        .axes_of = tornado_axes}},
    {{.id = "map",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Map"),
        .scene = map_scene,
        .options = map_options,
        .lights = false,
        .question = map_question,
        .prepare = map_prepare,
        .axes_of = map_axes_of}},
    {{.id = "goal",
        .title = QT_TRANSLATE_NOOP("epscope::Chart", "Goal seek"),
        .scene = goal_scene,
        .options = goal_options,
        .question = goal_question,
        .subject = goal_subject,
        .axes_of = goal_axes,
        .unasked = QT_TRANSLATE_NOOP("epscope::Chart", "Ctrl+G seeks a goal, and its curve stands here")}},
}};

const ChartRow *find_row(std::string_view id)
{
    const auto found =
        std::find_if(chart_rows.begin(), chart_rows.end(), [&](const ChartRow &row) { return row.id == id; });
    return found == chart_rows.end() ? nullptr : &*found;
}

} // namespace

std::unique_ptr<Chart> make_chart(std::string_view id)
{
    const ChartRow *row = find_row(id);
    if (!row)
        return nullptr;
    return row->scene ? std::make_unique<SceneChart>(*row) : row->make();
}

const ChartKind &chart_kind(std::string_view id)
{
    return *find_row(id);
}

std::vector<std::string_view> all_chart_ids()
{
    std::vector<std::string_view> ids;
    for (const ChartRow &row : chart_rows)
        ids.push_back(row.id);
    return ids;
}

QString chart_title(std::string_view id)
{
    const ChartRow *row = find_row(id);
    return row ? Chart::tr(row->title) : QString();
}

bool is_complete(const Chart &chart)
{
    const auto *analysis = qobject_cast<const AnalysisChart *>(&chart);
    return !analysis || analysis->is_answered();
}

bool complete(Chart &chart, const Explored &explored, const Running &running)
{
    if (is_complete(chart))
        return true;
    auto *analysis = qobject_cast<AnalysisChart *>(&chart);
    analysis->prepare(explored);
    analysis->set_answer(answer_to(analysis->subject(explored), analysis->question(), running));
    return analysis->answer() != nullptr;
}

} // namespace epscope
