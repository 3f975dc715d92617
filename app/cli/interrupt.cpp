// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <atomic>
#include <chrono>
#include <csignal>

namespace epscope {
namespace {

std::atomic<bool> received{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void on_signal(int signal)
{
    received = true;
    std::signal(signal, SIG_DFL);
}

} // namespace

InterruptGuard::InterruptGuard()
{
    received = false;
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    watcher = std::jthread([this](const std::stop_token &ended) {
        constexpr std::chrono::milliseconds between_looks{1};
        while (!ended.stop_requested() && !received)
            std::this_thread::sleep_for(between_looks);
        if (received)
            stop();
    });
}

InterruptGuard::~InterruptGuard()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

} // namespace epscope
