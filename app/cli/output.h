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
    // `format`: what is written. In "table" and "markdown", which end up on a terminal, and in "json" nothing stands
    // that a terminal would obey, nor in "csv" and "yaml" where standard output is one; else those, workbooks and
    // pictures are written as they are. A pipe that nobody reads is waited for until `stop` is requested.
    Output(const std::string &file, std::string_view format, std::stop_token stop = {});
    ~Output();
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;

    // Throw Failed when it cannot be written, Interrupted when stopped.
    void write(std::string_view text);
    void commit();

private:
    std::string name;
    enum class Controls { shown, escaped, kept };
    static Controls controls_of(const std::string &path, std::string_view format);
    Controls controls;
    std::stop_token stop;
    std::unique_ptr<WholeFile> file; // null for standard output
    std::string waiting; // text not yet written

    void write_waiting();
    [[noreturn]] void fail(const std::string &reason) const;
};

// BadInput for a name that is no UTF-8 text: Qt would write to another one.
void check_output_name(const std::string &file);

// A line on standard error, without what a terminal would obey; nothing happens where that is closed.
void complain(const std::string &line);
// Warnings on standard error, each once. What a file's place has been named for is not said again of a study that took
// the file's value.
void warn(const std::vector<Diagnostic> &warnings);

} // namespace epscope
