// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/picture_output.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/files/suffixes.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr int smallest_side = 200, largest_side = 8000;

} // namespace

void PictureOptions::add_to(CLI::App &command)
{
    command.add_option("--theme", theme, "Colours of a picture; default light")
        ->check(CLI::IsMember({"light", "dark"}))
        ->option_text("light|dark");
    command.add_option(size_option, size, "Size of a picture before scaling")
        ->option_text("WIDTHxHEIGHT")
        ->capture_default_str();
    command.add_option("--scale", scale, "Pixels of a picture per unit of size, 1 to 4")
        ->check(CLI::Range(1, 4))
        ->option_text("N")
        ->capture_default_str();
}

PictureOptions::Sides PictureOptions::sides() const
{
    const std::size_t cross = size.find('x');
    Sides read;
    const auto parse = [&](std::size_t from, std::size_t to, int &side) {
        const char *end = size.data() + to;
        const auto [stop, error] = std::from_chars(size.data() + from, end, side);
        return error == std::errc() && stop == end && side >= smallest_side && side <= largest_side;
    };
    if (cross == std::string::npos || !parse(0, cross, read.width) || !parse(cross + 1, size.size(), read.height))
        throw BadInput("command line", size_option,
            in_quotes(size) + " is no size; expected WIDTHxHEIGHT, each 200 to 8000, e.g. 1280x800");
    return read;
}

void check_picture_name(const std::string &file)
{
    if (!ends_with_any(file, picture_suffixes))
        throw BadInput(
            "command line", "--output", in_quotes(file) + " has no known suffix; allowed is .png, .svg or .pdf");
}

bool wants_picture(const std::string &file, const std::string &format)
{
    if (!ends_with_any(file, picture_suffixes))
        return false;
    if (format != "table")
        throw BadInput(
            "command line", "--output", in_quotes(file) + " is a picture; leave --format out or choose another name");
    return true;
}

} // namespace epscope
