// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calibrate/validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

namespace epscope {
namespace {

void add(GroupError &group, const std::string &id, const RowError &row)
{
    ++group.rows;
    group.runs += row.run == row.row ? 1 : 0;
    group.mean_absolute += row.weight * std::abs(row.relative);
    group.bias += row.weight * row.relative;
    if (group.worst_id.empty() || std::abs(row.relative) > std::abs(group.worst)) {
        group.worst = row.relative;
        group.worst_id = id;
    }
}

void finish(GroupError &group)
{
    if (group.rows == 0)
        return;
    group.mean_absolute /= static_cast<double>(group.runs);
    group.bias /= static_cast<double>(group.runs);
}

// What the rows of a run agree in exactly.
auto run_conditions(const MeasuredCase &one)
{
    const Measurement &row = one.measurement;
    return std::tuple(std::tie(row.chip, one.nic.name, one.model.name, row.engine, row.ep, row.tp, row.mode,
                          row.context, row.query_tokens, row.accepted_per_step),
        std::tie(row.kv_elem_size, row.expert_elem_size, row.attention_elem_size, row.output_elem_size,
            row.dense_elem_size, row.micro_batches, row.redundant_experts, row.balanced, row.prefill_share));
}

bool agree(double a, double b)
{
    return std::abs(a - b) <= one_run * std::min(std::abs(a), std::abs(b));
}

Workload workload_of(const Measurement &row)
{
    const auto bytes = [](double size) { return Quantity{size, &base_unit(Dimension::bytes)}; };
    Workload workload;
    workload.context = static_cast<std::int64_t>(std::llround(row.context));
    workload.expert_elem_size = bytes(*row.expert_elem_size);
    if (row.output_elem_size)
        workload.output_elem_size = bytes(*row.output_elem_size);
    if (row.dense_elem_size)
        workload.dense_elem_size = bytes(*row.dense_elem_size);
    workload.redundant_experts = row.redundant_experts;
    workload.balancer = row.balanced ? Balancer::on : Balancer::off;
    workload.cards = std::max({workload.cards, row.ep, row.tp});
    return workload;
}

Point point_of(const Measurement &row)
{
    return {row.micro_batches == 2 ? Policy::dual_mbatch : Policy::naive, row.ep, *row.kv_elem_size,
        *row.attention_elem_size, *row.query_tokens - 1, 1, row.tp, row.mode};
}

// Does the profile's model of a step not know such a configuration? How much memory it takes does not count.
bool is_beyond(const Profile &profile, const Model &model, const Workload &workload, const Point &point)
{
    return limits_of(profile, model, workload, {}, point, 0).never().has_value();
}

// "TP 8, moe_tp".
std::string parallelism_of(const Measurement &row)
{
    return "TP " + std::to_string(row.tp) + ", " + std::string(name_of(row.mode));
}

// By case, from the first row of its run.
std::vector<double> weights_of_runs(const std::vector<std::size_t> &runs)
{
    std::vector<double> rows(runs.size());
    for (const std::size_t run : runs)
        ++rows[run];
    std::vector<double> weights;
    for (const std::size_t run : runs)
        weights.push_back(1 / rows[run]);
    return weights;
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

double batch_of_step(const Measurement &row)
{
    return row.tp > 1 ? std::max(1.0, *row.batch()) : *row.batch();
}

Scenario scenario_of(const Profile &profile, const MeasuredCase &measured)
{
    return {profile, measured.model, measured.chip, measured.nic, workload_of(measured.measurement),
        point_of(measured.measurement), 0};
}

double estimated_tpot(const Profile &profile, const MeasuredCase &measured)
{
    const Measurement &row = measured.measurement;
    const Workload workload = workload_of(row);
    const Point point = point_of(row);
    if (is_beyond(profile, measured.model, workload, point))
        return std::numeric_limits<double>::quiet_NaN();
    const Plan plan =
        make_plan(profile, measured.model, resolve(profile, measured.chip, measured.nic), workload, point);
    return mean_step_seconds(profile, plan, batch_of_step(row)) / *row.accepted_per_step / (1 - row.prefill_share);
}

std::vector<std::size_t> runs_of(std::span<const MeasuredCase> cases)
{
    // By conditions and batch. Each is compared with the first of each run, since a sweep in small steps is not one,
    // and only with those near in batch and time: of these there are at most three, as they are no repeats of each
    // other.
    std::vector<std::size_t> sorted(cases.size());
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
        const auto first = run_conditions(cases[a]), second = run_conditions(cases[b]);
        return first != second ? first < second
                               : *cases[a].measurement.batch_per_card < *cases[b].measurement.batch_per_card;
    });
    std::vector<std::size_t> runs(cases.size());
    std::iota(runs.begin(), runs.end(), std::size_t{0});
    std::set<std::pair<double, std::size_t>> firsts; // by time: places in `sorted`, from `oldest` on
    std::size_t oldest = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const MeasuredCase &one = cases[sorted[i]];
        const double tpot_s = one.measurement.tpot_s;
        for (; oldest < i; ++oldest) {
            const MeasuredCase &other = cases[sorted[oldest]];
            if (run_conditions(other) == run_conditions(one)
                && agree(*other.measurement.batch_per_card, *one.measurement.batch_per_card))
                break;
            firsts.erase({other.measurement.tpot_s, oldest});
        }
        constexpr double near = 1 + 2 * one_run; // and a little more
        std::optional<std::size_t> latest;
        for (auto first = firsts.lower_bound({tpot_s / near, 0});
             first != firsts.end() && first->first <= tpot_s * near; ++first) {
            if (agree(first->first, tpot_s))
                latest = std::max(latest.value_or(0), first->second);
        }
        if (latest)
            runs[sorted[i]] = sorted[*latest];
        else
            firsts.emplace(tpot_s, i);
    }
    std::vector<std::size_t> first(cases.size(), cases.size()); // by that of the smallest batch
    for (std::size_t i = 0; i < cases.size(); ++i)
        first[runs[i]] = std::min(first[runs[i]], i);
    for (std::size_t &run : runs)
        run = first[run];
    return runs;
}

std::vector<double> weights_of(std::span<const MeasuredCase> cases)
{
    return weights_of_runs(runs_of(cases));
}

std::string repeats_text(std::span<const MeasuredCase> cases)
{
    const std::vector<std::size_t> runs = runs_of(cases);
    constexpr std::size_t most_named = 20;
    std::size_t count = 0;
    std::string pairs;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (runs[i] == i)
            continue;
        if (++count > most_named)
            continue;
        pairs += (pairs.empty() ? "" : ", ") + cases[i].measurement.id + " that of " + cases[runs[i]].measurement.id;
    }
    if (count == 0)
        return {};
    return std::to_string(count) + (count == 1 ? " row repeats" : " rows repeat") + " another one within "
        + exact_text(100 * one_run) + " % and " + (count == 1 ? "shares" : "share") + " its weight: " + pairs
        + (count > most_named ? " and " + std::to_string(count - most_named) + " more" : "");
}

Validation judge(std::span<const MeasuredCase> cases, std::span<const double> tpots)
{
    Validation result;
    const std::vector<std::size_t> runs = runs_of(cases);
    const std::vector<double> weights = weights_of_runs(runs);
    std::map<std::string, GroupError> by_chip, by_engine, by_model, by_parallelism;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Measurement &row = cases[i].measurement;
        const double relative = tpots[i] / row.tpot_s - 1;
        result.rows.push_back({i, runs[i], weights[i], tpots[i], *row.batch_per_card / tpots[i], relative});
        if (!std::isfinite(relative))
            continue;
        for (GroupError *group : {&result.all, &by_chip[row.chip], &by_engine[row.engine],
                 &by_model[cases[i].model.name], &by_parallelism[parallelism_of(row)]})
            add(*group, row.id, result.rows.back());
    }
    result.all.name = "all";
    finish(result.all);
    result.by_chip = finished(std::move(by_chip));
    result.by_engine = finished(std::move(by_engine));
    result.by_model = finished(std::move(by_model));
    result.by_parallelism = finished(std::move(by_parallelism));
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
