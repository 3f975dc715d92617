// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/make_chart.h"

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

std::unique_ptr<Chart> make_chart(std::string_view id)
{
    if (id == "pareto")
        return std::make_unique<ParetoChart>();
    if (id == "breakdown")
        return std::make_unique<BreakdownChart>();
    if (id == "timeline")
        return std::make_unique<TimelineChart>();
    if (id == "sweep")
        return std::make_unique<SweepChart>();
    if (id == "memory")
        return std::make_unique<MemoryChart>();
    if (id == "validation")
        return std::make_unique<ValidationChart>();
    if (id == "roofline")
        return std::make_unique<RooflineChart>();
    if (id == "sensitivity")
        return std::make_unique<TornadoChart>();
    if (id == "map")
        return std::make_unique<MapChart>();
    if (id == "goal")
        return std::make_unique<GoalChart>();
    return nullptr;
}

bool is_complete(const Chart &chart)
{
    const auto *analysis = qobject_cast<const AnalysisChart *>(&chart);
    return !analysis || (analysis->answer() && analysis->answer()->complete && !analysis->is_stale());
}

bool complete(Chart &chart, const Explored &explored)
{
    if (is_complete(chart))
        return true;
    auto *analysis = qobject_cast<AnalysisChart *>(&chart);
    analysis->prepare(explored);
    analysis->set_answer(answer_to(analysis->subject(explored), analysis->question()));
    return analysis->answer() != nullptr;
}

} // namespace epscope
