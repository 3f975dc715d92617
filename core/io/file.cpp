// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/quantity.h"

namespace epscope {
namespace {

Read<std::string> refused(const std::string &file, std::string reason)
{
    return {std::nullopt, {{file, 0, 0, "", std::move(reason)}}};
}

} // namespace

Diagnostic too_large(const std::string &name, std::size_t limit)
{
    return {name, 0, 0, "",
        "the file is too large; allowed are at most " + short_text(static_cast<double>(limit), Dimension::bytes)};
}

std::string shown_name(const std::string &file)
{
    return file == "-" ? "<stdin>" : file;
}

Read<std::string> read_text(const std::string &file, std::size_t limit)
{
    const bool standard_input = file == "-";
    const std::string name = shown_name(file);
    std::error_code error;
    if (!standard_input) {
        if (std::filesystem::is_directory(file, error))
            return refused(name, "is a folder; expected a file");
        const auto size = std::filesystem::file_size(file, error);
        if (!error && size > limit)
            return {std::nullopt, {too_large(name, limit)}};
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> owned(
        standard_input ? nullptr : std::fopen(file.c_str(), "rb"),
        [](std::FILE *stream) { return stream ? std::fclose(stream) : 0; });
    std::FILE *stream = standard_input ? stdin : owned.get();
    if (!stream)
        return refused(name, std::string("cannot be read: ") + std::strerror(errno));
    std::string text;
    std::array<char, 1 << 16> block;
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), stream)) {
        if (text.size() + got > limit)
            return {std::nullopt, {too_large(name, limit)}};
        text.append(block.data(), got);
    }
    if (std::ferror(stream))
        return refused(name, std::string("cannot be read: ") + std::strerror(errno));
    return {std::move(text), {}};
}

} // namespace epscope
