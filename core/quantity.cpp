// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/text.h"

namespace epscope {
namespace {

struct Prefix {
    std::string_view symbol;
    double factor;
    double decimal;
};

constexpr std::array<Prefix, 3> small_prefixes{{{"n", 1e-9, 1e-9}, {"u", 1e-6, 1e-6}, {"m", 1e-3, 1e-3}}};
constexpr Prefix no_prefix{"", 1, 1};
constexpr std::array<Prefix, 6> decimal_prefixes{
    {{"k", 1e3, 1e3}, {"M", 1e6, 1e6}, {"G", 1e9, 1e9}, {"T", 1e12, 1e12}, {"P", 1e15, 1e15}, {"E", 1e18, 1e18}}};
constexpr std::array<Prefix, 6> binary_prefixes{{{"Ki", 0x1p10, 1e3}, {"Mi", 0x1p20, 1e6}, {"Gi", 0x1p30, 1e9},
    {"Ti", 0x1p40, 1e12}, {"Pi", 0x1p50, 1e15}, {"Ei", 0x1p60, 1e18}}};

struct Base {
    Dimension dimension;
    std::string_view symbol;
    double factor;
    bool small, large;
};

// Every unit is one of these bases behind one of the prefixes above.
constexpr std::array<Base, 11> bases{{{Dimension::count, "", 1, false, true},
    {Dimension::fraction, "", 1, false, false}, {Dimension::bytes, "B", 1, false, true},
    {Dimension::bytes_per_second, "B/s", 1, false, true}, {Dimension::bytes_per_second, "bit/s", 0.125, false, true},
    {Dimension::flop_per_second, "FLOP/s", 1, false, true}, {Dimension::ops_per_second, "op/s", 1, false, true},
    {Dimension::hertz, "Hz", 1, false, true}, {Dimension::seconds, "s", 1, true, false},
    {Dimension::tokens_per_second, "tok/s", 1, false, true}, {Dimension::fraction, "%", 0.01, false, false}}};

void append(std::vector<Unit> &units, const Base &base, const Prefix &prefix)
{
    units.push_back({std::string(prefix.symbol) + std::string(base.symbol), base.dimension, base.factor * prefix.factor,
        base.factor * prefix.decimal});
}

std::vector<Unit> make_units(Dimension dimension)
{
    std::vector<Unit> units;
    for (const Base &base : bases) {
        if (base.dimension != dimension)
            continue;
        if (base.small) {
            for (const Prefix &prefix : small_prefixes)
                append(units, base, prefix);
        }
        append(units, base, no_prefix);
        if (base.large) {
            for (const Prefix &prefix : decimal_prefixes)
                append(units, base, prefix);
            for (const Prefix &prefix : binary_prefixes)
                append(units, base, prefix);
        }
    }
    return units;
}

constexpr int dimensions = static_cast<int>(Dimension::tokens_per_second) + 1;

std::string_view dimension_name(Dimension dimension)
{
    switch (dimension) {
    case Dimension::count:
        return "a count";
    case Dimension::fraction:
        return "a fraction";
    case Dimension::bytes:
        return "a size in bytes";
    case Dimension::bytes_per_second:
        return "a bandwidth";
    case Dimension::flop_per_second:
        return "a compute rate";
    case Dimension::ops_per_second:
        return "an operation rate";
    case Dimension::hertz:
        return "a frequency";
    case Dimension::seconds:
        return "a time";
    case Dimension::tokens_per_second:
        return "a token rate";
    }
    return "";
}

const Unit *find_unit(std::string_view symbol, Dimension dimension)
{
    for (const Unit &unit : units_of(dimension)) {
        if (unit.symbol == symbol)
            return &unit;
    }
    return nullptr;
}

// The decimal unit in which a value of this size reads best.
const Unit &fitting_unit(double si, Dimension dimension)
{
    const Unit &base = base_unit(dimension);
    if (dimension == Dimension::count || dimension == Dimension::fraction || si == 0)
        return base;
    const Unit *best = nullptr;
    for (const Unit &unit : units_of(dimension)) { // the decimal prefixes of the base come in ascending order
        const bool decimal = unit.factor == unit.decimal_factor && unit.symbol.ends_with(base.symbol)
            && unit.symbol.size() <= base.symbol.size() + 1;
        if (decimal && (!best || unit.factor <= std::abs(si)))
            best = &unit;
    }
    return *best;
}

std::string too_large(std::string_view text)
{
    return in_quotes(text) + " is out of the range of numbers";
}

std::string wrong_unit(std::string_view symbol, Dimension dimension)
{
    for (int other = 0; other < dimensions; ++other) {
        const auto found = static_cast<Dimension>(other);
        if (found != dimension && find_unit(symbol, found)) {
            return in_quotes(symbol) + " is the unit of " + std::string(dimension_name(found)) + "; expected "
                + std::string(dimension_name(dimension)) + " in " + unit_examples(dimension);
        }
    }
    std::vector<std::string> symbols;
    for (const Unit &unit : units_of(dimension))
        symbols.push_back(unit.symbol);
    return "unknown unit " + in_quotes(symbol) + "; expected " + std::string(dimension_name(dimension)) + " in "
        + unit_examples(dimension) + did_you_mean(symbol, symbols);
}

} // namespace

const std::vector<Unit> &units_of(Dimension dimension)
{
    static const std::array<std::vector<Unit>, dimensions> all = [] {
        std::array<std::vector<Unit>, dimensions> units;
        for (int i = 0; i < dimensions; ++i)
            units[static_cast<std::size_t>(i)] = make_units(static_cast<Dimension>(i));
        return units;
    }();
    return all[static_cast<std::size_t>(dimension)];
}

const Unit &base_unit(Dimension dimension)
{
    for (const Unit &unit : units_of(dimension)) {
        if (unit.factor == 1)
            return unit;
    }
    return units_of(dimension).front();
}

std::string unit_examples(Dimension dimension)
{
    switch (dimension) {
    case Dimension::count:
        return "plain numbers or k, Ki, M, Mi";
    case Dimension::fraction:
        return "plain numbers, \"a/b\" or \"%\"";
    case Dimension::bytes:
        return "B, kB, MB, GB, TB or KiB, MiB, GiB, TiB";
    case Dimension::bytes_per_second:
        return "GB/s, TB/s, GiB/s, TiB/s or Gbit/s";
    case Dimension::flop_per_second:
        return "GFLOP/s, TFLOP/s, PFLOP/s or TiFLOP/s";
    case Dimension::ops_per_second:
        return "Gop/s, Top/s or Tiop/s";
    case Dimension::hertz:
        return "MHz, GHz or GiHz";
    case Dimension::seconds:
        return "ns, us, ms or s";
    case Dimension::tokens_per_second:
        return "tok/s or ktok/s";
    }
    return {};
}

std::variant<Quantity, std::string> parse_quantity(std::string_view text, Dimension dimension, BareNumbers bare)
{
    text = trimmed(text);
    if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') // from_chars takes no plus
        text.remove_prefix(1);
    double number = 0;
    const char *end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec == std::errc::result_out_of_range)
        return too_large(text);
    if (parsed.ec != std::errc{} || !std::isfinite(number))
        return in_quotes(text) + " is not a number with a unit; expected " + std::string(dimension_name(dimension))
            + " in " + unit_examples(dimension);
    if (dimension == Dimension::fraction && parsed.ptr != end && *parsed.ptr == '/') {
        double divisor = 0;
        parsed = std::from_chars(parsed.ptr + 1, end, divisor);
        if (parsed.ec != std::errc{} || parsed.ptr != end || !std::isfinite(divisor) || divisor == 0)
            return in_quotes(text) + " is not a fraction; expected a number, \"a/b\" or \"%\"";
        if (!std::isfinite(number / divisor))
            return too_large(text);
        return Quantity{number / divisor, &base_unit(dimension)};
    }
    std::string symbol(trimmed(std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr))));
    if (symbol.starts_with("\u00b5") || symbol.starts_with("\u03bc"))
        symbol.replace(0, 2, "u");
    const bool unitless = dimension == Dimension::count || dimension == Dimension::fraction;
    if (symbol.empty()) {
        if (!unitless && bare == BareNumbers::refused)
            return in_quotes(text) + " has no unit; expected " + std::string(dimension_name(dimension)) + " in "
                + unit_examples(dimension);
        return Quantity{number, &base_unit(dimension)};
    }
    if (const Unit *unit = find_unit(symbol, dimension)) {
        const Quantity quantity{number, unit};
        return std::isfinite(quantity.si()) ? std::variant<Quantity, std::string>(quantity) : too_large(text);
    }
    return wrong_unit(symbol, dimension);
}

std::string exact_text(double value)
{
    constexpr double largest_written_out = 1e15; // whole numbers below it read better without an exponent
    std::array<char, 32> buffer;
    const bool whole = std::abs(value) < largest_written_out && value == std::floor(value);
    const auto written = whole
        ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
        : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), written.ptr};
}

std::string grouped_text(std::int64_t count)
{
    std::string digits = std::to_string(count);
    const std::size_t sign = count < 0 ? 1 : 0;
    for (std::size_t from_end = 3; from_end + sign < digits.size(); from_end += 4)
        digits.insert(digits.size() - from_end, ",");
    return digits;
}

std::string exact_text(const Quantity &quantity)
{
    const std::string number = exact_text(quantity.number);
    return quantity.unit->symbol.empty() ? number : number + " " + quantity.unit->symbol;
}

std::string short_text(double si, Dimension dimension, int digits)
{
    std::array<char, 64> buffer;
    // Rounded first: 999.9 belongs to the next prefix and has a digit more before its point.
    const auto rounded = [&](double value) { // leaves the text in the buffer
        std::snprintf(buffer.data(), buffer.size(), "%.*e", digits - 1, value);
        return std::strtod(buffer.data(), nullptr);
    };
    const Unit &unit = fitting_unit(rounded(si), dimension);
    const double number = si / unit.factor;
    rounded(number);
    constexpr double smallest = 1e-3, largest = 1e15;
    if (number != 0 && std::abs(number) >= smallest && std::abs(number) < largest) {
        const int exponent = std::atoi(std::strchr(buffer.data(), 'e') + 1);
        std::snprintf(buffer.data(), buffer.size(), "%.*f", std::max(0, digits - 1 - exponent), number);
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, number);
    }
    return unit.symbol.empty() ? std::string(buffer.data()) : std::string(buffer.data()) + " " + unit.symbol;
}

std::string compact_text(double si, Dimension dimension)
{
    const Unit &unit = fitting_unit(si, dimension);
    return exact_text(Quantity{si / unit.factor, &unit});
}

} // namespace epscope
