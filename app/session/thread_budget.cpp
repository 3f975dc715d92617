// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/thread_budget.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include <QtGlobal>

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#endif

namespace epscope {
namespace {

// Threads that jobs of low priority have.
struct LentThreads {
    std::mutex mutex;
    unsigned count = 0;
};
LentThreads &lent_threads()
{
    static LentThreads all;
    return all;
}

} // namespace

void start_with_priority(Priority priority)
{
    if (priority == Priority::normal)
        return;
#ifdef Q_OS_LINUX
    constexpr int nice = 10;
    setpriority(PRIO_PROCESS, 0, nice); // of this thread alone
#endif
}

ThreadLease::ThreadLease(Priority priority)
    : granted(std::max(1u, std::thread::hardware_concurrency()))
    , lent(0)
{
    if (priority == Priority::normal)
        return;
    LentThreads &all = lent_threads();
    const std::lock_guard lock(all.mutex);
    granted = all.count < granted ? granted - all.count : 1;
    lent = granted;
    all.count += lent;
}

ThreadLease::~ThreadLease()
{
    if (lent == 0)
        return;
    LentThreads &all = lent_threads();
    const std::lock_guard lock(all.mutex);
    all.count -= lent;
}

} // namespace epscope
