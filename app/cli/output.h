// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

class QSaveFile;

namespace epscope {

// Where a command writes its result: standard output for "-", else a file that appears whole, on commit(), or not at all.
class Output {
public:
    explicit Output(const std::string &file);
    ~Output();

    // Throws Failed when it cannot be written.
    void write(std::string_view text);
    void commit();

private:
    std::string name;
    std::unique_ptr<QSaveFile> file; // null for standard output

    [[noreturn]] void fail() const;
};

} // namespace epscope
