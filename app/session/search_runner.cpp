// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/search_runner.h"

#include <chrono>

#include <QScopeGuard>

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t largest_live_space = 2'000'000; // configurations searched exactly while a slider moves
constexpr std::uint64_t coarse_space = 200'000;
constexpr std::chrono::milliseconds longest_superseded{150}; // a search older than this gives way to newer inputs

} // namespace

SearchRunner::SearchRunner(QObject *parent, Explore explore, Priority priority)
    : QObject(parent)
    , explore_inputs(std::move(explore))
    , worker(
          priority, [this](const Inputs &inputs, const JobLimits &limits) { work_on(inputs, limits); },
          [this](const Inputs &, const QString &problem) { emit failed(problem); })
{
}

void SearchRunner::deliver(const std::shared_ptr<const Explored> &explored)
{
    if (!explored)
        return;
    last = explored;
    worker.post([this, explored] { emit finished(explored); });
}

void SearchRunner::work_on(const Inputs &inputs, const JobLimits &limits)
{
    const bool large = configuration_count(inputs.study) > largest_live_space;
    if (large) {
        ExploreOptions coarsely;
        coarsely.stop = limits.stop;
        coarsely.threads = limits.threads;
        coarsely.before = last;
        coarsely.most_configurations = coarse_space;
        deliver(explore_inputs(inputs, coarsely));
        if (worker.is_awaited())
            return;
    }
    search_exactly(inputs, limits, large);
}

void SearchRunner::search_exactly(const Inputs &inputs, const JobLimits &limits, bool gives_way_at_once)
{
    const Clock::time_point start = Clock::now();
    Clock::time_point reported = start;
    ExploreOptions options;
    options.stop = limits.stop;
    options.threads = limits.threads;
    options.before = last;
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
        const Clock::time_point now = Clock::now();
        if ((gives_way_at_once || now - start > longest_superseded) && worker.is_awaited())
            cancel();
        if (now - reported < between_progress)
            return;
        reported = now;
        const double fraction = static_cast<double>(done) / static_cast<double>(all);
        worker.post([this, fraction] { emit progressed(fraction); });
    };
    // Also when the search throws: the one that shows progress must hear of the end.
    const auto over = qScopeGuard([&] {
        if (reported != start)
            worker.post([this] { emit progressed(1); });
    });
    deliver(explore_inputs(inputs, options));
}

} // namespace epscope
