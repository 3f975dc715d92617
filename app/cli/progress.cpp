// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"

#include <cstdio>

#include <unistd.h>

#include <fmt/format.h>

namespace epscope {
namespace {

constexpr const char *clear_line = "\r\033[K";

} // namespace

ProgressLine::ProgressLine()
    : terminal(isatty(STDERR_FILENO) != 0)
{
}

ProgressLine::~ProgressLine()
{
    if (last != start)
        std::fputs(clear_line, stderr);
}

void ProgressLine::show(std::uint64_t done, std::uint64_t all, const std::string &what)
{
    constexpr std::chrono::milliseconds first_shown{500}, between{100};
    const Clock::time_point now = Clock::now();
    if (!terminal || now - start < first_shown || now - last < between)
        return;
    last = now;
    std::fputs(fmt::format("{}{} % of {}", clear_line, 100 * done / all, what).c_str(), stderr);
    std::fflush(stderr);
}

SearchOutcome search_with_progress(const Study &study, SearchOptions options, InterruptGuard &interrupt)
{
    ProgressLine line;
    const std::string what = fmt::format("{} configurations", configuration_count(study));
    options.stop = interrupt.token();
    options.progress = [&](std::uint64_t done, std::uint64_t all) { line.show(done, all, what); };
    return search(study, options);
}

} // namespace epscope
