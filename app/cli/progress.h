// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "app/cli/interrupt.h"
#include "core/search/search.h"

namespace epscope {

// A line on the terminal, if there is one, that appears when work lasts and is gone at the end.
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    // "40 % of 4320 configurations"; from one thread.
    void show(std::uint64_t done, std::uint64_t all, const std::string &what);

private:
    using Clock = std::chrono::steady_clock;
    const bool terminal;
    const Clock::time_point start = Clock::now();
    Clock::time_point last = start; // shown
};

// Runs a search with a progress line and stops it on Ctrl-C. Incomplete if it was stopped.
SearchOutcome search_with_progress(const Study &study, SearchOptions options, InterruptGuard &interrupt);

} // namespace epscope
