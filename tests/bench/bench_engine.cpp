// SPDX-License-Identifier: GPL-3.0-or-later
// Engine speed. Counters: estimates or evaluated configurations per second, and ratios measured in the same run.
//   build/release/bin/bench_engine
#include <algorithm>
#include <chrono>
#include <ctime>
#include <stdexcept>
#include <thread>

#include <benchmark/benchmark.h>

#include "core/explore/explored.h"
#include "core/io/library.h"
#include "core/search/search.h"
#include "core/spec/parameters.h"

namespace {

using namespace epscope;

Study shipped(std::string_view name)
{
    const Library library({EPSCOPE_SOURCE_DIR "/resources"});
    Read<Study> read = library.study(name);
    if (!read)
        throw std::runtime_error(text_of(read.problems.front()));
    return std::move(*read.value);
}

Study published()
{
    return shipped("published-v1");
}

// The model with every term: whole layers, expected active experts, overheads, partly hidden times.
Study calibrated()
{
    return shipped("calibrated");
}

void set(Study &study, std::string_view key, std::string_view value)
{
    if (const auto problem = set_parameter(study, key, value, BareNumbers::allowed))
        throw std::runtime_error(std::string(key) + ": " + *problem);
}

// All batch sizes fit, so that every configuration is evaluated: EP x drafts x precisions x policies x chips x NICs x
// batches.
Study wide(Study study, std::string_view ep, std::string_view batch)
{
    set(study, "chip.memory", "10 TB");
    set(study, "ep", ep);
    set(study, "batch", batch);
    set(study, "mtp_len", "0..4");
    return study;
}

std::uint64_t evaluated(const SearchOutcome &outcome)
{
    const auto rejected = [&](Reason reason) { return outcome.rejected[static_cast<std::size_t>(reason)].count; };
    return outcome.configurations - rejected(Reason::memory) - rejected(Reason::shape) - rejected(Reason::ep);
}

void search_study(benchmark::State &state, const Study &study, const SearchOptions &options)
{
    std::uint64_t count = 0;
    for (auto _ : state)
        count += evaluated(search(study, options));
    state.counters["configs/s"] = benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsRate);
    state.counters["configs"] =
        static_cast<double>(count / std::max<std::uint64_t>(1, static_cast<std::uint64_t>(state.iterations())));
}

// Its argument is the number of threads.
void search_study(benchmark::State &state, const Study &study)
{
    SearchOptions options;
    options.threads = static_cast<unsigned>(state.range(0));
    search_study(state, study, options);
}

void full_estimate(benchmark::State &state)
{
    const Study study = published();
    Scenario scenario{study.profile, study.model, study.chips[0], study.nics[0], study.workload,
        {Policy::dual_mbatch, 144, 1, 1, 1, 64}, 0};
    for (auto _ : state) {
        scenario.point.batch = 8 + (scenario.point.batch + 8) % 120;
        benchmark::DoNotOptimize(estimate(scenario));
    }
    state.counters["estimates/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(full_estimate);

// Which looks for a smaller batch that is fast enough.
void too_slow_estimate(benchmark::State &state)
{
    const Study study = published();
    Scenario scenario{study.profile, study.model, study.chips[0], study.nics[0], study.workload,
        {Policy::dual_mbatch, 144, 1, 1, 1, 65536}, 20};
    for (auto _ : state)
        benchmark::DoNotOptimize(estimate(scenario));
}
BENCHMARK(too_slow_estimate)->Unit(benchmark::kMicrosecond);

void published_search(benchmark::State &state)
{
    search_study(state, published());
}
BENCHMARK(published_search)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();

void calibrated_search(benchmark::State &state)
{
    search_study(state, calibrated());
}
BENCHMARK(calibrated_search)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();

void search_path(benchmark::State &state)
{
    search_study(state, wide(published(), "8..320:8", "8..512:8"));
}
BENCHMARK(search_path)->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->UseRealTime();

// The same with all that the explorer shows of it.
void explored_path(benchmark::State &state)
{
    const Study study = wide(published(), "8..320:8", "8..512:8");
    ExploreOptions options;
    options.threads = static_cast<unsigned>(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(explore({study, std::nullopt}, options));
}
BENCHMARK(explored_path)->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->UseRealTime();

void calibrated_path(benchmark::State &state)
{
    search_study(state, wide(calibrated(), "8..320:8", "8..512:8"));
}
BENCHMARK(calibrated_path)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void ten_million(benchmark::State &state)
{
    search_study(state, wide(published(), "8..320:8", "2..2084:2"));
}
BENCHMARK(ten_million)->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond)->UseRealTime();

void calibrated_ten_million(benchmark::State &state)
{
    search_study(state, wide(calibrated(), "16..320:16", "2..2084:2"));
}
BENCHMARK(calibrated_ten_million)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

// Each of instruction_sets(), by its index, over the long axis.
void by_instruction_set(benchmark::State &state)
{
    SearchOptions options;
    options.threads = 1;
    options.instruction_set = instruction_sets()[static_cast<std::size_t>(state.range(0))];
    search_study(state, wide(published(), "8..320:8", "2..2084:2"), options);
}
BENCHMARK(by_instruction_set)
    ->DenseRange(0, static_cast<std::int64_t>(instruction_sets().size()) - 1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

double seconds_of(const auto &work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double cpu_seconds_of(const auto &work)
{
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// The calibrated search over every axis, and that by the published equations over the axes that they know, in turn on
// one core. Both in configurations that were evaluated per second of CPU time, the best of the runs.
void all_axes(benchmark::State &state)
{
    const auto over_axes = [](Study study) { return wide(std::move(study), "16..320:16", "8..512:8"); };
    Study every = over_axes(calibrated());
    set(every, "tp", "1,2,4,8");
    set(every, "mode", "all2all,ep_group,moe_tp");
    const Study known = over_axes(published());
    SearchOptions options;
    options.threads = 1;
    const auto rate = [&](const Study &study) {
        std::uint64_t count = 0;
        const double seconds = cpu_seconds_of([&] { count = evaluated(search(study, options)); });
        return static_cast<double>(count) / seconds;
    };
    double of_calibrated = 0, of_published = 0;
    for (auto _ : state) {
        of_calibrated = std::max(of_calibrated, rate(every));
        of_published = std::max(of_published, rate(known));
    }
    state.counters["calibrated/s"] = of_calibrated;
    state.counters["published/s"] = of_published;
    state.counters["calibrated/published"] = of_calibrated / of_published;
}
BENCHMARK(all_axes)->Iterations(5)->Unit(benchmark::kMillisecond);

// Search on all cores against one, and the search path against the full estimate, in turn.
void ratios(benchmark::State &state)
{
    const Study study = wide(published(), "8..320:8", "2..2084:2");
    const Study published_study = published();
    std::vector<double> speedups, gains;
    for (auto _ : state) {
        SearchOptions one;
        one.threads = 1;
        std::uint64_t count = 0;
        const double on_one = seconds_of([&] { count = evaluated(search(study, one)); });
        const double on_all = seconds_of([&] { benchmark::DoNotOptimize(search(study)); });
        constexpr int estimates = 20000;
        const double full = seconds_of([&] {
            Scenario scenario{published_study.profile, published_study.model, published_study.chips[0],
                published_study.nics[0], published_study.workload, {Policy::dual_mbatch, 144, 1, 1, 1, 64}, 0};
            for (int i = 0; i < estimates; ++i) {
                scenario.point.batch = 8 + (i % 16) * 8;
                benchmark::DoNotOptimize(estimate(scenario));
            }
        });
        speedups.push_back(on_one / on_all);
        gains.push_back((full / estimates) / (on_one / static_cast<double>(count)));
    }
    const auto median = [](std::vector<double> &values) {
        std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
        return values[values.size() / 2];
    };
    state.counters["cores"] = static_cast<double>(std::thread::hardware_concurrency());
    state.counters["all_cores/one"] = median(speedups);
    state.counters["search/full_estimate"] = median(gains);
}
BENCHMARK(ratios)->Iterations(7)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
