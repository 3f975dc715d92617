// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of the analyses on the study `explore`, on one thread and on all.
//   build/release/bin/bench_analysis
#include <stdexcept>

#include <benchmark/benchmark.h>

#include "core/analysis/explain.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/io/library.h"

namespace {

using namespace epscope;

const Study &explored()
{
    static const Study study = [] {
        const Library library({EPSCOPE_SOURCE_DIR "/resources"});
        Read<Study> read = library.study("explore");
        if (!read)
            throw std::runtime_error(text_of(read.problems.front()));
        return with_chip(*read.value, leading_chip(*read.value).value());
    }();
    return study;
}

Variable variable(std::string_view key)
{
    auto found = find_variable(explored(), key);
    if (auto *problem = std::get_if<std::string>(&found))
        throw std::runtime_error(*problem);
    return std::get<Variable>(found);
}

Running threads(const benchmark::State &state)
{
    Running running;
    running.threads = static_cast<unsigned>(state.range(0));
    return running;
}

void outcome(benchmark::State &state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(outcome_of(explored()));
}
BENCHMARK(outcome)->Unit(benchmark::kMillisecond);

void explain(benchmark::State &state)
{
    const Scenario best = scenario_of(explored(), outcome_of(explored()).best->candidate);
    for (auto _ : state)
        benchmark::DoNotOptimize(epscope::explain(best));
}
BENCHMARK(explain)->Unit(benchmark::kMillisecond);

void explain_one(benchmark::State &state, const char *number)
{
    const Scenario best = scenario_of(explored(), outcome_of(explored()).best->candidate);
    for (auto _ : state)
        benchmark::DoNotOptimize(epscope::explain(best, number));
}
BENCHMARK_CAPTURE(explain_one, throughput, "throughput")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(explain_one, free_memory, "free_memory")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(explain_one, bound_by, "bound_by")->Unit(benchmark::kMillisecond);

void tornado(benchmark::State &state)
{
    const std::vector<Variable> variables = scalable_variables(explored());
    for (auto _ : state)
        benchmark::DoNotOptimize(sensitivity_of(explored(), *find_metric("throughput"), variables, 10, threads(state)));
    state.counters["numbers"] = static_cast<double>(variables.size());
}
BENCHMARK(tornado)->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->UseRealTime();

void goal_seek(benchmark::State &state, const char *goal)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(
            seek(explored(), variable("chip.memory_bandwidth"), std::get<Goal>(parse_goal(goal)), threads(state)));
}
BENCHMARK_CAPTURE(goal_seek, reachable, "throughput>=4000")
    ->Arg(1)
    ->Arg(0)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(goal_seek, unreachable, "throughput>=40000")
    ->Arg(1)
    ->Arg(0)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void map(benchmark::State &state)
{
    const auto axis = [&](std::string_view key) {
        const Variable along = variable(key);
        const auto [from, to] = map_range(along);
        return map_axis(along, from, to, static_cast<std::size_t>(state.range(1)));
    };
    const MapAxis x = axis("chip.memory_bandwidth"), y = axis("chip.memory");
    for (auto _ : state)
        benchmark::DoNotOptimize(map_of(explored(), x, y, threads(state)));
}
BENCHMARK(map)
    ->ArgsProduct({{1, 0}, {32, 64, 128}})
    ->ArgNames({"threads", "size"})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace

BENCHMARK_MAIN();
