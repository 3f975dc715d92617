// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/plan.h"

#include "core/estimate/cost.h"
#include "core/estimate/step.h"

namespace epscope {

double work_rows(const Profile &profile, const Work &work, double sequences)
{
    return work_rows<double>({profile, {}}, OpId{}, work, sequences);
}

double active_experts(const Profile &profile, const Work &work, double sequences)
{
    return active_experts<double>({profile, {}}, work, sequences);
}

double busy_sequences(const Profile &, const Work &work, double sequences)
{
    return busy_sequences<double>(work, sequences);
}

Plan make_plan(
    const Profile &profile, const Model &model, const Machine &machine, const Workload &workload, const Point &point)
{
    return plan_of(StepInputs<double>(profile, model, machine, workload, point));
}

PlanOf<Term> explained_plan(const StepInputs<Term> &in)
{
    return plan_of(in);
}

} // namespace epscope
