// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace epscope {

struct Running {
    unsigned threads = 0; // 0: as many as the machine has
    std::stop_token stop;
    // Called now and then from one thread with the parts done and in all.
    std::function<void(std::size_t, std::size_t)> progress;
};

// Calls task(i) for 0 to count - 1, from several threads and in no order. False if stopped before the end. What a task
// throws ends it and is thrown on.
template <class Task>
bool run_parallel(std::size_t count, const Running &running, const Task &task)
{
    const unsigned wanted = running.threads > 0 ? running.threads : std::max(1u, std::thread::hardware_concurrency());
    std::atomic<std::size_t> next{0}, done{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&](bool reports) {
        try {
            while (!failed && !running.stop.stop_requested()) {
                const std::size_t i = next.fetch_add(1);
                if (i >= count)
                    return;
                task(i);
                ++done;
                if (reports && running.progress)
                    running.progress(done, count);
            }
        } catch (...) {
            failed = true;
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < wanted && i < count; ++i)
            others.emplace_back(work, false);
        work(true);
    }
    if (failure)
        std::rethrow_exception(failure);
    return done == count && !running.stop.stop_requested();
}

} // namespace epscope
