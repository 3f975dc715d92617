// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calibrate/validation.h"

#include <cmath>
#include <map>

namespace epscope {
namespace {

void add(GroupError &group, const std::string &id, double relative)
{
    ++group.rows;
    group.mean_absolute += std::abs(relative);
    group.bias += relative;
    if (group.worst_id.empty() || std::abs(relative) > std::abs(group.worst)) {
        group.worst = relative;
        group.worst_id = id;
    }
}

void finish(GroupError &group)
{
    if (group.rows == 0)
        return;
    group.mean_absolute /= static_cast<double>(group.rows);
    group.bias /= static_cast<double>(group.rows);
}

Workload workload_of(const Measurement &row)
{
    Workload workload;
    workload.context = static_cast<std::int64_t>(std::llround(row.context));
    workload.expert_elem_size = {*row.expert_elem_size, &base_unit(Dimension::bytes)};
    return workload;
}

Point point_of(const Measurement &row)
{
    return {row.micro_batches == 2 ? Policy::dual_mbatch : Policy::naive, row.ep, *row.kv_elem_size,
        *row.attention_elem_size, *row.query_tokens - 1, 1};
}

std::vector<GroupError> finished(std::map<std::string, GroupError> groups)
{
    std::vector<GroupError> list;
    for (auto &[name, group] : groups) {
        group.name = name;
        finish(group);
        list.push_back(std::move(group));
    }
    return list;
}

} // namespace

Scenario scenario_of(const Profile &profile, const MeasuredCase &measured)
{
    return {profile, measured.model, measured.chip, measured.nic, workload_of(measured.measurement),
        point_of(measured.measurement), 0};
}

double estimated_tpot(const Profile &profile, const MeasuredCase &measured)
{
    const Measurement &row = measured.measurement;
    const Plan plan = make_plan(
        profile, measured.model, resolve(profile, measured.chip, measured.nic), workload_of(row), point_of(row));
    return mean_step_seconds(profile, plan, *row.batch_per_card) / *row.accepted_per_step;
}

Validation judge(std::span<const MeasuredCase> cases, std::span<const double> tpots)
{
    Validation result;
    std::map<std::string, GroupError> by_chip, by_engine;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Measurement &row = cases[i].measurement;
        const double relative = tpots[i] / row.tpot_s - 1;
        result.rows.push_back({i, tpots[i], *row.batch_per_card / tpots[i], relative});
        for (GroupError *group : {&result.all, &by_chip[row.chip], &by_engine[row.engine]})
            add(*group, row.id, relative);
    }
    result.all.name = "all";
    finish(result.all);
    result.by_chip = finished(std::move(by_chip));
    result.by_engine = finished(std::move(by_engine));
    return result;
}

Validation validate(const Profile &profile, std::span<const MeasuredCase> cases)
{
    std::vector<double> tpots;
    for (const MeasuredCase &measured : cases)
        tpots.push_back(estimated_tpot(profile, measured));
    return judge(cases, tpots);
}

} // namespace epscope
