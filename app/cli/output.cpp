// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <set>

#include <unistd.h>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/files/save_file.h"
#include "app/files/suffixes.h"
#include "app/words/text.h"
#include "core/text.h"

namespace epscope {

namespace {

// DEL and U+0080 to U+009F of JSON, which stand in its texts alone, as JSON escapes them; the others it escapes always.
std::string with_escaped_controls(std::string_view json)
{
    std::string all;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto byte = static_cast<unsigned char>(json[i]);
        const auto next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0u;
        if (byte == 0x7f)
            all += "\\u007f";
        else if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
            all += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(json[++i])));
        else
            all += json[i];
    }
    return all;
}

// Workbooks and pictures, which go by their suffix whatever the format is.
bool is_no_text(std::string_view file)
{
    return file.ends_with(workbook_suffix) || ends_with_any(file, picture_suffixes);
}

} // namespace

Output::Controls Output::controls_of(const std::string &path, std::string_view format)
{
    if (is_no_text(path))
        return Controls::kept;
    if (format == "json")
        return Controls::escaped;
    const bool is_read = format == "table" || format == "markdown" || (path == "-" && isatty(STDOUT_FILENO));
    return is_read ? Controls::shown : Controls::kept;
}

Output::Output(const std::string &path, std::string_view format, std::stop_token stop_token)
    : name(path)
    , controls(controls_of(path, format))
    , stop(std::move(stop_token))
{
    if (path.empty())
        throw BadInput("command line", "--output", "is empty; expected a file, or - for standard output");
    if (path == "-")
        return;
    check_output_name(path);
    file = std::make_unique<WholeFile>(to_text(path));
    if (!file->problem().isEmpty())
        fail(file->problem().toStdString());
}

Output::~Output() = default;

void Output::write(std::string_view text)
{
    constexpr std::size_t kept_back = 1 << 16; // B
    if (controls == Controls::shown)
        waiting += printable_lines(text);
    else if (controls == Controls::escaped)
        waiting += with_escaped_controls(text);
    else
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

void check_output_name(const std::string &file)
{
    if (find_invalid_utf8(file) != std::string::npos)
        throw BadInput(
            "command line", "--output", in_quotes(file) + " is no UTF-8 text; expected a file's name in UTF-8");
}

void complain(const std::string &line)
{
    std::fputs((printable_lines(line) + "\n").c_str(), stderr);
}

void warn(const std::vector<Diagnostic> &warnings)
{
    static std::set<std::string> said, said_of_places;
    for (const Diagnostic &warning : warnings) {
        // "chips[0].memory" of a file is "chip.H800.memory" of a study.
        const std::string value = warning.key.substr(warning.key.rfind('.') + 1) + '\n' + warning.message;
        if (warning.line > 0)
            said_of_places.insert(value);
        else if (warning.file != command_line_file && said_of_places.contains(value))
            continue;
        if (said.insert(text_of(warning)).second)
            complain(text_of(warning));
    }
}

} // namespace epscope
