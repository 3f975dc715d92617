// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <string_view>
#include <thread>

namespace epscope {

// What is said on standard error of a command that Ctrl-C or SIGTERM has ended.
inline constexpr std::string_view interrupted_message = "interrupted";

// While it lives, Ctrl-C and SIGTERM end the program with exit_interrupted and say so: for commands that leave nothing
// behind when they end anywhere.
class InterruptMessage {
public:
    InterruptMessage();
    ~InterruptMessage();
    InterruptMessage(const InterruptMessage &) = delete;
    InterruptMessage &operator=(const InterruptMessage &) = delete;
};

// While it lives, Ctrl-C and SIGTERM request a stop instead; a second one ends the program as above.
class InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard &) = delete;
    InterruptGuard &operator=(const InterruptGuard &) = delete;

    void stop() { source.request_stop(); }
    std::stop_token token() const { return source.get_token(); }

private:
    std::stop_source source;
    std::jthread watcher; // passes a received signal on, whatever the other threads do
};

} // namespace epscope
