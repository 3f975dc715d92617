// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/search_runner.h"

#include <chrono>

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t largest_live_space = 2'000'000;       // configurations searched exactly while a slider moves
constexpr std::uint64_t coarse_space = 200'000;
constexpr std::chrono::milliseconds longest_superseded{150};  // a search older than this gives way to newer inputs
constexpr std::chrono::milliseconds between_progress{50};

} // namespace

SearchRunner::SearchRunner(QObject *parent) : QObject(parent), worker([this](std::stop_token stop) { run(std::move(stop)); }) { }

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
        work_on(inputs, search_stop);
    }
}

bool SearchRunner::superseded()
{
    const std::lock_guard lock(mutex);
    return pending.has_value();
}

void SearchRunner::work_on(const Inputs &inputs, std::stop_token stop)
{
    const auto deliver = [this](std::shared_ptr<const Explored> explored) {
        if (explored)
            QMetaObject::invokeMethod(this, [this, explored] { emit finished(explored); }, Qt::QueuedConnection);
    };
    ExploreOptions options;
    options.stop = stop;
    const bool large = configuration_count(inputs.study) > largest_live_space;
    if (large) {
        options.most_configurations = coarse_space;
        deliver(explore(inputs, options));
        options.most_configurations = 0;
        if (superseded())
            return;
    }
    const Clock::time_point start = Clock::now();
    Clock::time_point reported = start;
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
        const Clock::time_point now = Clock::now();
        if (now - start > longest_superseded && superseded())
            cancel();
        if (now - reported < between_progress)
            return;
        reported = now;
        const double fraction = static_cast<double>(done) / static_cast<double>(all);
        QMetaObject::invokeMethod(this, [this, fraction] { emit progressed(fraction); }, Qt::QueuedConnection);
    };
    deliver(explore(inputs, options));
    if (reported != start)
        QMetaObject::invokeMethod(this, [this] { emit progressed(1); }, Qt::QueuedConnection);
}

} // namespace epscope
