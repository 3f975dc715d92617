// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <atomic>
#include <chrono>
#include <csignal>

#include <pthread.h>
#include <unistd.h>

#include "app/cli/command_line.h"

namespace epscope {
namespace {

std::atomic<bool> received{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

// Calls nothing that a signal handler may not.
void end_at_once(int)
{
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, interrupted_message.data(), interrupted_message.size());
    written = write(STDERR_FILENO, "\n", 1);
    _exit(exit_interrupted);
}

void on_signal(int signal)
{
    received = true;
    std::signal(signal, end_at_once);
}

void handle_with(void (*handler)(int))
{
    std::signal(SIGINT, handler);
    std::signal(SIGTERM, handler);
}

} // namespace

InterruptMessage::InterruptMessage()
{
    handle_with(end_at_once);
}

InterruptMessage::~InterruptMessage()
{
    handle_with(SIG_DFL);
}

InterruptGuard::InterruptGuard()
{
    received = false;
    handle_with(on_signal);
    watcher = std::jthread([this](const std::stop_token &ended) {
        pthread_setname_np(pthread_self(), "interrupt"); // as debuggers and /proc show it
        constexpr std::chrono::milliseconds between_looks{1};
        while (!ended.stop_requested() && !received)
            std::this_thread::sleep_for(between_looks);
        if (received)
            stop();
    });
}

InterruptGuard::~InterruptGuard()
{
    handle_with(end_at_once);
}

} // namespace epscope
