// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/sweep.h"

#include <algorithm>

#include "core/explore/thin.h"
#include "core/model/step.h"

namespace epscope {
namespace {

std::vector<std::int64_t> swept_batches(const SearchSpace &space, std::int64_t shown, std::int64_t max_batch)
{
    constexpr std::size_t fewest = 8, most = 512;
    constexpr std::int64_t steps = 64, largest = 4096;
    std::vector<std::int64_t> batches = space.batch;
    thin_values(batches, most);
    if (batches.size() < fewest) {
        std::int64_t step = 1;
        while (steps * step < largest && 4 * steps * step < 5 * std::max(shown, max_batch))
            step *= 2;
        for (std::int64_t i = 1; i <= steps; ++i)
            batches.push_back(i * step);
        for (std::int64_t small = step / 2; small > 0; small /= 2)
            batches.push_back(small);
    }
    batches.push_back(shown);
    std::sort(batches.begin(), batches.end());
    batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
    return batches;
}

} // namespace

std::vector<SweepPoint> sweep_of(const Study &study, const Scenario &scenario)
{
    const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
    const Plan plan = make_plan(scenario.profile, scenario.model, machine, scenario.workload, scenario.point);
    const MemoryBreakdown memory =
        memory_breakdown(scenario.profile, scenario.model, scenario.workload, machine.memory, scenario.point);
    const Limits limits =
        limits_of(scenario.profile, scenario.model, scenario.workload, memory, scenario.point, scenario.target_tps);
    std::vector<SweepPoint> sweep;
    for (const std::int64_t batch : swept_batches(study.search, scenario.point.batch, memory.max_batch)) {
        SweepPoint point;
        point.batch = batch;
        point.step_s = step_seconds(scenario.profile, plan, batch);
        point.ux_tps = user_speed(plan.tokens_per_step, point.step_s);
        point.throughput_per_card =
            card_throughput(point.ux_tps, sequences_per_card(scenario.point, static_cast<double>(batch)));
        point.reason = limits.reason(batch, point.ux_tps);
        point.falls = !sweep.empty() && point.step_s < sweep.back().step_s;
        sweep.push_back(point);
    }
    return sweep;
}

} // namespace epscope
