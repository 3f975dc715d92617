// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

class QSaveFile;

namespace epscope {

// Where a command writes its result: standard output for "-", else a file that appears whole, on commit(), or not at all. Devices and
// pipes are written to, never replaced.
class Output {
public:
    // A pipe that nobody reads is waited for until `stop` is requested.
    explicit Output(const std::string &file, std::stop_token stop = {});
    ~Output();
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;

    // Throw Failed when it cannot be written, Interrupted when stopped.
    void write(std::string_view text);
    void commit();

private:
    std::string name;
    std::stop_token stop;
    std::unique_ptr<QSaveFile> file; // null for what is written directly
    int descriptor = -1;
    bool owned = false;
    std::string waiting; // text not yet written directly

    void write_waiting();
    [[noreturn]] void fail(const std::string &reason) const;
};

// A line on standard error; nothing happens where that is closed.
void complain(const std::string &line);

} // namespace epscope
