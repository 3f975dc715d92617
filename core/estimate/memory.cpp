// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/memory.h"

namespace epscope {

MemoryBreakdown memory_breakdown(
    const Profile &profile, const Model &model, const Workload &workload, double memory, const Point &point)
{
    Machine machine;
    machine.memory = memory;
    const StepInputs<double> in(profile, model, machine, workload, point);
    MemoryBreakdown breakdown{memory_of(in, static_cast<double>(point.batch))};
    breakdown.max_batch = static_cast<std::int64_t>(largest_batch(breakdown));
    return breakdown;
}

} // namespace epscope
