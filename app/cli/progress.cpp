// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"

#include <chrono>
#include <cstdio>

#include <unistd.h>

#include <fmt/format.h>


namespace epscope {

SearchOutcome search_with_progress(const Study &study, SearchOptions options, InterruptGuard &interrupt)
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds first_shown{500}, between{100};
    constexpr const char *clear_line = "\r\033[K";
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const Clock::time_point start = Clock::now();
    Clock::time_point shown = start;
    options.stop = interrupt.token();
    options.progress = [&](std::uint64_t done, std::uint64_t all) {
        const Clock::time_point now = Clock::now();
        if (!terminal || now - start < first_shown || now - shown < between)
            return;
        shown = now;
        std::fputs(fmt::format("{}{} % of {} configurations", clear_line, 100 * done / all, configuration_count(study)).c_str(), stderr);
        std::fflush(stderr);
    };
    SearchOutcome outcome = search(study, options);
    if (shown != start)
        std::fputs(clear_line, stderr);
    return outcome;
}

} // namespace epscope
