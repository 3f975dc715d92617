// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QSaveFile>

#include "app/cli/commands.h"

namespace epscope {
namespace {

constexpr std::size_t kept_back = 1 << 16; // B collected before a direct write

bool is_special(const std::string &path)
{
    struct stat status = {};
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

} // namespace

Output::Output(const std::string &path, std::stop_token stop_token) : name(path), stop(std::move(stop_token))
{
    if (path.empty())
        throw BadInput("command line", "--output", "is empty; expected a file, or - for standard output");
    if (path == "-") {
        descriptor = STDOUT_FILENO;
    } else if (is_special(path)) {
        descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
        owned = true;
        if (descriptor < 0)
            fail(std::strerror(errno));
    } else {
        file = std::make_unique<QSaveFile>(QString::fromStdString(path));
        if (!file->open(QIODevice::WriteOnly))
            fail(file->errorString().toStdString());
    }
}

Output::~Output()
{
    if (owned && descriptor >= 0)
        close(descriptor);
}

void Output::write(std::string_view text)
{
    if (file) {
        if (file->write(text.data(), static_cast<qint64>(text.size())) != static_cast<qint64>(text.size()))
            fail(file->errorString().toStdString());
        return;
    }
    waiting += text;
    if (waiting.size() >= kept_back)
        write_waiting();
}

void Output::commit()
{
    if (!file) {
        write_waiting();
        return;
    }
    if (!file->flush() || !file->commit()) // commit() alone takes a failed last write for success
        fail(file->errorString().toStdString());
}

void Output::write_waiting()
{
    constexpr std::size_t never_blocks = 4096; // PIPE_BUF: goes through once poll() has said so
    constexpr int between_looks_ms = 5;
    std::string_view rest = waiting;
    while (!rest.empty()) {
        if (stop.stop_requested())
            throw Interrupted{};
        pollfd writable{descriptor, POLLOUT, 0};
        if (poll(&writable, 1, between_looks_ms) == 0)
            continue;
        const ssize_t written = ::write(descriptor, rest.data(), std::min(rest.size(), never_blocks));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            fail(std::strerror(errno));
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
    }
    waiting.clear();
}

void Output::fail(const std::string &reason) const
{
    throw Failed((name == "-" ? "standard output" : name) + ": cannot be written: " + reason);
}

void complain(const std::string &line)
{
    std::fputs((line + "\n").c_str(), stderr);
}

} // namespace epscope
