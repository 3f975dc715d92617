// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/search_runner.h"

#include <chrono>
#include <exception>

#include <QScopeGuard>

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t largest_live_space = 2'000'000; // configurations searched exactly while a slider moves
constexpr std::uint64_t coarse_space = 200'000;
constexpr std::chrono::milliseconds longest_superseded{150}; // a search older than this gives way to newer inputs

} // namespace

SearchRunner::SearchRunner(QObject *parent, Explore explore)
    : QObject(parent)
    , explore_inputs(std::move(explore))
    , outbox(this)
    , worker([this](std::stop_token stop) { run(std::move(stop)); })
{
}

SearchRunner::~SearchRunner()
{
    worker.request_stop();
    cancel();
    worker.join(); // before the members that it uses go
}

void SearchRunner::submit(Inputs inputs)
{
    const std::lock_guard lock(mutex);
    pending = std::move(inputs);
    wake.notify_one();
}

void SearchRunner::cancel()
{
    const std::lock_guard lock(mutex);
    current.request_stop();
}

void SearchRunner::run(std::stop_token stop)
{
    for (;;) {
        Inputs inputs;
        std::stop_token search_stop;
        {
            std::unique_lock lock(mutex);
            if (!wake.wait(lock, stop, [&] { return pending.has_value(); }))
                return;
            inputs = std::move(*pending);
            pending.reset();
            current = std::stop_source();
            search_stop = current.get_token();
            if (stop.stop_requested())
                return;
        }
        try {
            work_on(inputs, search_stop);
        } catch (const std::exception &problem) {
            const QString text = QString::fromLocal8Bit(problem.what());
            outbox.post([this, text] { emit failed(text); });
        }
    }
}

bool SearchRunner::superseded()
{
    const std::lock_guard lock(mutex);
    return pending.has_value();
}

void SearchRunner::deliver(const std::shared_ptr<const Explored> &explored)
{
    if (!explored)
        return;
    last = explored;
    outbox.post([this, explored] { emit finished(explored); });
}

void SearchRunner::work_on(const Inputs &inputs, const std::stop_token &stop)
{
    const bool large = configuration_count(inputs.study) > largest_live_space;
    if (large) {
        ExploreOptions coarsely;
        coarsely.stop = stop;
        coarsely.before = last;
        coarsely.most_configurations = coarse_space;
        deliver(explore_inputs(inputs, coarsely));
        if (superseded())
            return;
    }
    search_exactly(inputs, stop, large);
}

void SearchRunner::search_exactly(const Inputs &inputs, const std::stop_token &stop, bool gives_way_at_once)
{
    const Clock::time_point start = Clock::now();
    Clock::time_point reported = start;
    ExploreOptions options;
    options.stop = stop;
    options.before = last;
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
        const Clock::time_point now = Clock::now();
        if ((gives_way_at_once || now - start > longest_superseded) && superseded())
            cancel();
        if (now - reported < between_progress)
            return;
        reported = now;
        const double fraction = static_cast<double>(done) / static_cast<double>(all);
        outbox.post([this, fraction] { emit progressed(fraction); });
    };
    // Also when the search throws: whoever shows progress must hear of the end.
    const auto over = qScopeGuard([&] {
        if (reported != start)
            outbox.post([this] { emit progressed(1); });
    });
    deliver(explore_inputs(inputs, options));
}

} // namespace epscope
