// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"

namespace epscope {

class WholeFile;

// Where a command writes its result: standard output for "-", else a WholeFile.
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
    std::unique_ptr<WholeFile> file; // null for standard output
    std::string waiting; // text not yet written

    void write_waiting();
    [[noreturn]] void fail(const std::string &reason) const;
};

// A line on standard error; nothing happens where that is closed.
void complain(const std::string &line);
// Warnings on standard error, each message once however often and wherever it is found.
void warn(const std::vector<Diagnostic> &warnings);

} // namespace epscope
