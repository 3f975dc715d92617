// SPDX-License-Identifier: GPL-3.0-or-later
// A thread that works on one job after the other, so that the thread of its owner does not have to.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "app/session/outbox.h"
#include "app/session/thread_budget.h"

namespace epscope {

// Jobs that wait, of which the newest counts.
template <class T>
struct Newest {
    using Job = T;
    std::optional<T> waiting;

    std::optional<std::chrono::steady_clock::time_point> due() const
    {
        return waiting ? std::optional(std::chrono::steady_clock::time_point::min()) : std::nullopt;
    }
    T take() { return *std::exchange(waiting, std::nullopt); }
    void finish(const T &, bool /*stopped*/) { }
};

// `Queue` holds the jobs that wait and says which is next: due() when it may start, nothing where no job waits; take()
// gives it; finish(job, stopped) hears of its end. The queue is used under the worker's lock only.
template <class Queue>
class Worker {
public:
    using Job = typename Queue::Job;
    using Clock = std::chrono::steady_clock;
    // Runs on the worker's thread; what it has to say it hands to post().
    using Work = std::function<void(const Job &, const JobLimits &)>;
    // What a job has thrown, told on the owner's thread.
    using Failed = std::function<void(const Job &, const QString &problem)>;

    Worker(Priority the_priority, Work the_work, Failed the_failed)
        : work(std::move(the_work))
        , failed(std::move(the_failed))
        , priority(the_priority)
        , thread([this](const std::stop_token &stop) { run(stop); })
    {
    }
    // Stops the job under way and waits for its end. What it has posted is no longer heard.
    ~Worker()
    {
        thread.request_stop();
        cancel();
        thread.join(); // before the members that it uses go
    }
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    // Calls change(queue, running) under the lock; `running` is the stop source of the job under way.
    template <class Change>
    void change(const Change &change)
    {
        const std::lock_guard lock(mutex);
        change(queue, current);
        wake.notify_one();
    }
    void submit(Job job)
    {
        change([&](Queue &jobs, std::stop_source &) { jobs.waiting = std::move(job); });
    }
    // Ends the job under way.
    void cancel()
    {
        const std::lock_guard lock(mutex);
        current.request_stop();
    }
    // Whether another job waits.
    bool is_awaited() const
    {
        const std::lock_guard lock(mutex);
        return queue.due().has_value();
    }
    // Something to be done on the owner's thread, in the order of the calls.
    void post(std::function<void()> told) { outbox.post(std::move(told)); }

private:
    Work work;
    Failed failed;
    Priority priority;
    Outbox outbox;
    mutable std::mutex mutex;
    std::condition_variable_any wake;
    Queue queue;
    std::stop_source current; // of the job under way
    std::jthread thread; // last: it uses the members above

    void run(const std::stop_token &stop)
    {
        start_with_priority(priority);
        std::unique_lock lock(mutex);
        while (wake.wait(lock, stop, [&] { return queue.due().has_value(); })) {
            const Clock::time_point start = *queue.due();
            if (start > Clock::now()) {
                wake.wait_until(lock, stop, start, [&] {
                    const auto next = queue.due();
                    return !next || *next < start;
                });
                continue;
            }
            const Job job = queue.take();
            current = std::stop_source();
            const std::stop_token job_stop = current.get_token();
            if (stop.stop_requested())
                return;
            lock.unlock();
            try {
                const ThreadLease lease(priority);
                work(job, {job_stop, lease.threads()});
            } catch (const std::exception &problem) {
                post([this, job, text = QString::fromLocal8Bit(problem.what())] { failed(job, text); });
            }
            lock.lock();
            queue.finish(job, job_stop.stop_requested());
        }
    }
};

} // namespace epscope
