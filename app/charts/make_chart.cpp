// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/make_chart.h"

#include <algorithm>
#include <array>

#include "app/charts/breakdown_chart.h"
#include "app/charts/goal_chart.h"
#include "app/charts/map_chart.h"
#include "app/charts/memory_chart.h"
#include "app/charts/pareto_chart.h"
#include "app/charts/roofline_chart.h"
#include "app/charts/sweep_chart.h"
#include "app/charts/timeline_chart.h"
#include "app/charts/tornado_chart.h"
#include "app/charts/validation_chart.h"

namespace epscope {

namespace {

template <class Made>
std::unique_ptr<Chart> make()
{
    return std::make_unique<Made>();
}

struct ChartKind {
    std::string_view id;
    const char *title;
    std::unique_ptr<Chart> (*make)();
};

constexpr std::array<ChartKind, 10> chart_kinds{{
    {"pareto", QT_TRANSLATE_NOOP("epscope::Chart", "Pareto front"), make<ParetoChart>},
    {"breakdown", QT_TRANSLATE_NOOP("epscope::Chart", "Latency breakdown"), make<BreakdownChart>},
    {"timeline", QT_TRANSLATE_NOOP("epscope::Chart", "Layer timeline"), make<TimelineChart>},
    {"sweep", QT_TRANSLATE_NOOP("epscope::Chart", "Batch sweep"), make<SweepChart>},
    {"memory", QT_TRANSLATE_NOOP("epscope::Chart", "Memory"), make<MemoryChart>},
    {"validation", QT_TRANSLATE_NOOP("epscope::Chart", "Validation"), make<ValidationChart>},
    {"roofline", QT_TRANSLATE_NOOP("epscope::Chart", "Roofline"), make<RooflineChart>},
    {"sensitivity", QT_TRANSLATE_NOOP("epscope::Chart", "Sensitivity"), make<TornadoChart>},
    {"map", QT_TRANSLATE_NOOP("epscope::Chart", "Map"), make<MapChart>},
    {"goal", QT_TRANSLATE_NOOP("epscope::Chart", "Goal seek"), make<GoalChart>},
}};

const ChartKind *find_kind(std::string_view id)
{
    const auto found =
        std::find_if(chart_kinds.begin(), chart_kinds.end(), [&](const ChartKind &kind) { return kind.id == id; });
    return found == chart_kinds.end() ? nullptr : &*found;
}

} // namespace

std::unique_ptr<Chart> make_chart(std::string_view id)
{
    const ChartKind *kind = find_kind(id);
    return kind ? kind->make() : nullptr;
}

std::vector<std::string_view> all_chart_ids()
{
    std::vector<std::string_view> ids;
    for (const ChartKind &kind : chart_kinds)
        ids.push_back(kind.id);
    return ids;
}

QString chart_title(std::string_view id)
{
    const ChartKind *kind = find_kind(id);
    return kind ? Chart::tr(kind->title) : QString();
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
