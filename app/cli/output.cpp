// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <set>

#include <unistd.h>

#include "app/cli/commands.h"
#include "app/export/save_file.h"

namespace epscope {

Output::Output(const std::string &path, std::stop_token stop_token)
    : name(path)
    , stop(std::move(stop_token))
{
    if (path.empty())
        throw BadInput("command line", "--output", "is empty; expected a file, or - for standard output");
    if (path == "-")
        return;
    file = std::make_unique<WholeFile>(QString::fromStdString(path));
    if (!file->problem().isEmpty())
        fail(file->problem().toStdString());
}

Output::~Output() = default;

void Output::write(std::string_view text)
{
    constexpr std::size_t kept_back = 1 << 16; // B
    waiting += text;
    if (waiting.size() >= kept_back)
        write_waiting();
}

void Output::commit()
{
    write_waiting();
    if (file && !file->commit())
        fail(file->problem().toStdString());
}

void Output::write_waiting()
{
    const int error = write_all(file ? file->descriptor() : STDOUT_FILENO, waiting, stop);
    if (error == ECANCELED)
        throw Interrupted{};
    if (error != 0)
        fail(qt_error_string(error).toStdString());
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

void warn(const std::vector<Diagnostic> &warnings)
{
    static std::set<std::string> said;
    for (const Diagnostic &warning : warnings) {
        if (said.insert(warning.message).second)
            complain(text_of(warning));
    }
}

} // namespace epscope
