// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quantity.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

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
constexpr std::array<Base, 15> bases{{{Dimension::count, "", 1, false, true},
    {Dimension::fraction, "", 1, false, false}, {Dimension::bytes, "B", 1, false, true},
    {Dimension::bytes_per_second, "B/s", 1, false, true}, {Dimension::bytes_per_second, "bit/s", 0.125, false, true},
    {Dimension::flop_per_second, "FLOP/s", 1, false, true}, {Dimension::ops_per_second, "op/s", 1, false, true},
    {Dimension::hertz, "Hz", 1, false, true}, {Dimension::seconds, "s", 1, true, false},
    {Dimension::tokens_per_second, "tok/s", 1, false, true}, {Dimension::fraction, "%", 0.01, false, false},
    {Dimension::watts, "W", 1, false, true}, {Dimension::joules, "J", 1, true, true},
    {Dimension::dollars, "USD", 1, false, false}, {Dimension::dollars_per_hour, "USD/h", 1, false, false}}};

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

constexpr int dimensions = static_cast<int>(Dimension::dollars_per_hour) + 1;

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
    case Dimension::watts:
        return "a power";
    case Dimension::joules:
        return "an energy";
    case Dimension::dollars:
        return "an amount of money";
    case Dimension::dollars_per_hour:
        return "a price per hour";
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

bool ends_in_any_case(std::string_view text, std::string_view lower_end)
{
    return text.size() >= lower_end.size() && ascii_lower(text.substr(text.size() - lower_end.size())) == lower_end;
}

// How people write a base behind its prefix, with "/s" for "/sec" too. Those that tell bits from bytes by a letter's
// case hold as they stand, the others in any case.
struct Spelling {
    Dimension dimension;
    std::string_view written; // in lower case unless its case counts
    std::string_view base;
    bool case_counts = false;
};

constexpr std::array spellings{
    Spelling{Dimension::flop_per_second, "flop/s", "FLOP/s"},
    Spelling{Dimension::flop_per_second, "flops/s", "FLOP/s"},
    Spelling{Dimension::flop_per_second, "flops", "FLOP/s"},
    Spelling{Dimension::flop_per_second, "tops", "TFLOP/s"}, // of integers, as vendors state their INT8 rates
    Spelling{Dimension::flop_per_second, "pops", "PFLOP/s"},
    Spelling{Dimension::flop_per_second, "gops", "GFLOP/s"},
    Spelling{Dimension::ops_per_second, "op/s", "op/s"},
    Spelling{Dimension::ops_per_second, "ops/s", "op/s"},
    Spelling{Dimension::ops_per_second, "ops", "op/s"},
    Spelling{Dimension::bytes_per_second, "bit/s", "bit/s"},
    Spelling{Dimension::bytes_per_second, "bits/s", "bit/s"},
    Spelling{Dimension::bytes_per_second, "byte/s", "B/s"},
    Spelling{Dimension::bytes_per_second, "bytes/s", "B/s"},
    Spelling{Dimension::bytes_per_second, "bps", "bit/s", true},
    Spelling{Dimension::bytes_per_second, "b/s", "bit/s", true},
    Spelling{Dimension::bytes_per_second, "Bps", "B/s", true},
    Spelling{Dimension::bytes_per_second, "B/s", "B/s", true},
    Spelling{Dimension::bytes, "bytes", "B"},
    Spelling{Dimension::bytes, "byte", "B"},
    Spelling{Dimension::bytes, "B", "B", true},
    Spelling{Dimension::hertz, "hz", "Hz"},
    Spelling{Dimension::hertz, "hertz", "Hz"},
    Spelling{Dimension::seconds, "s", "s", true},
    Spelling{Dimension::seconds, "sec", "s", true},
    Spelling{Dimension::tokens_per_second, "tok/s", "tok/s"},
    Spelling{Dimension::tokens_per_second, "token/s", "tok/s"},
    Spelling{Dimension::tokens_per_second, "tokens/s", "tok/s"},
    Spelling{Dimension::tokens_per_second, "tps", "tok/s"},
    Spelling{Dimension::watts, "w", "W"},
    Spelling{Dimension::watts, "watt", "W"},
    Spelling{Dimension::watts, "watts", "W"},
    Spelling{Dimension::joules, "J", "J", true},
    Spelling{Dimension::dollars, "usd", "USD"},
    Spelling{Dimension::dollars, "$", "USD"},
    Spelling{Dimension::dollars_per_hour, "usd/h", "USD/h"},
    Spelling{Dimension::dollars_per_hour, "usd/hr", "USD/h"},
    Spelling{Dimension::dollars_per_hour, "usd/hour", "USD/h"},
    Spelling{Dimension::dollars_per_hour, "$/h", "USD/h"},
    Spelling{Dimension::dollars_per_hour, "$/hr", "USD/h"},
    Spelling{Dimension::dollars_per_hour, "$/hour", "USD/h"},
    Spelling{Dimension::count, "", "", true},
};

// The symbol of a prefix that is written out, in any case, or the text itself: "Giga", "gibi".
std::string_view symbol_of_prefix(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> names{
        {{"kilo", "k"}, {"mega", "M"}, {"giga", "G"}, {"tera", "T"}, {"peta", "P"}, {"exa", "E"}, {"kibi", "Ki"},
            {"mebi", "Mi"}, {"gibi", "Gi"}, {"tebi", "Ti"}, {"pebi", "Pi"}, {"exbi", "Ei"}}};
    const std::string lower = ascii_lower(text);
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto &name) { return name.first == lower; });
    return found == names.end() ? text : found->second;
}

// The prefix as it stands among the units of a base, or where only its case differs and none is meant that the base
// lacks: "mb" is no millibyte, but "Ms" is no millisecond.
const Unit *unit_behind_prefix(std::string_view written, std::string_view base, Dimension dimension)
{
    // Not of counts: k of a context is 1024, "kilo" would be 1000.
    const std::string_view prefix = dimension == Dimension::count ? written : symbol_of_prefix(written);
    if (const Unit *unit = find_unit(std::string(prefix) + std::string(base), dimension))
        return unit;
    if (dimension == Dimension::seconds || (dimension == Dimension::count && ascii_lower(prefix).starts_with('m')))
        return nullptr;
    const std::string wanted = ascii_lower(prefix) + std::string(base);
    for (const Unit &unit : units_of(dimension)) {
        if (unit.symbol.ends_with(base)
            && ascii_lower(unit.symbol.substr(0, unit.symbol.size() - base.size())) + std::string(base) == wanted)
            return &unit;
    }
    return nullptr;
}

// A prefix in its own case, or none.
bool is_prefix(std::string_view text)
{
    const auto is_this = [&](const Prefix &prefix) { return prefix.symbol == text; };
    return text.empty() || std::any_of(decimal_prefixes.begin(), decimal_prefixes.end(), is_this)
        || std::any_of(binary_prefixes.begin(), binary_prefixes.end(), is_this);
}

// "GB/s" of "GB/sec".
std::string per_second(std::string_view symbol)
{
    constexpr std::string_view end = "/sec";
    return ends_in_any_case(symbol, end) ? std::string(symbol.substr(0, symbol.size() - end.size())) + "/s"
                                         : std::string(symbol);
}

// "gb/s", "GBPS": the writer may mean either.
bool may_be_bits_or_bytes(std::string_view symbol)
{
    for (const std::string_view end : {"bps", "b/s"}) {
        if (!ends_in_any_case(symbol, end))
            continue;
        const std::string_view prefix = symbol.substr(0, symbol.size() - end.size());
        const std::string_view written = symbol.substr(prefix.size());
        if (end == "bps") // "gbps" is as common as "Gbps", "GBPS" is as either
            return written != "bps" && !written.starts_with("Bp");
        return written.starts_with('b') && !is_prefix(prefix);
    }
    return false;
}

const Unit *spelled_unit(std::string_view written, Dimension dimension)
{
    const std::string with_s = per_second(written);
    const std::string_view symbol = with_s;
    if (const Unit *unit = find_unit(symbol, dimension))
        return unit;
    if (dimension == Dimension::bytes_per_second && may_be_bits_or_bytes(symbol))
        return nullptr;
    // All in lower case, "gb" can only be a size; "Gb" are bits.
    if (dimension == Dimension::bytes && symbol.ends_with('b') && ascii_lower(symbol) == symbol)
        return unit_behind_prefix(symbol.substr(0, symbol.size() - 1), "B", dimension);
    for (const Spelling &spelling : spellings) {
        if (spelling.dimension != dimension)
            continue;
        const bool ends_so =
            spelling.case_counts ? symbol.ends_with(spelling.written) : ends_in_any_case(symbol, spelling.written);
        if (!ends_so)
            continue;
        if (const Unit *unit =
                unit_behind_prefix(symbol.substr(0, symbol.size() - spelling.written.size()), spelling.base, dimension))
            return unit;
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

// As printf writes it in the C locale, whatever the locale.
std::string number_text(double value, std::chars_format format, int precision)
{
    std::array<char, 512> buffer; // the longest that is written out has 309 digits before its point
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
    return {buffer.data(), written.ptr};
}

// A value rounded to some digits, and the power of ten of its first.
std::pair<double, int> rounded_to(double value, int digits)
{
    const std::string text = number_text(value, std::chars_format::scientific, digits - 1);
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    int exponent = 0;
    const std::size_t mark = text.find('e') + 1; // its sign is always written
    std::from_chars(text.data() + mark + (text[mark] == '+' ? 1 : 0), text.data() + text.size(), exponent);
    return {rounded, exponent};
}

// In which letters a symbol speaks of bits or bytes; 0: of neither.
char bits_or_bytes(std::string_view symbol)
{
    return symbol.find('B') != std::string_view::npos ? 'B' : symbol.find('b') != std::string_view::npos ? 'b' : '\0';
}

// May a unit be meant by a symbol that is none? Not where it would be another quantity: other than bits for bytes, with
// another prefix, 1000 for 1024.
bool may_be_meant(const Unit &unit, std::string_view symbol)
{
    const char written = bits_or_bytes(symbol), meant = bits_or_bytes(unit.symbol);
    if (written != '\0' && meant != '\0' && written != meant)
        return false;
    const std::string lower_symbol = ascii_lower(symbol), lower_unit = ascii_lower(unit.symbol);
    constexpr std::size_t binary_prefix = 2; // characters, and one of the base
    const bool is_binary = unit.factor != unit.decimal_factor;
    return !lower_unit.empty() && lower_symbol.starts_with(lower_unit.front())
        && (!is_binary || lower_symbol.starts_with(lower_unit.substr(0, binary_prefix + 1)));
}

std::string wrong_unit(std::string_view symbol, Dimension dimension)
{
    const std::string expected =
        "expected " + std::string(dimension_name(dimension)) + " in " + unit_examples(dimension);
    if (dimension == Dimension::bytes_per_second && may_be_bits_or_bytes(per_second(symbol))) {
        const std::string prefix(symbol.substr(0, ascii_lower(symbol).rfind('b')));
        const Unit *bits = unit_behind_prefix(prefix, "bit/s", dimension);
        const Unit *in_bytes = unit_behind_prefix(prefix, "B/s", dimension);
        if (bits && in_bytes)
            return in_quotes(symbol) + " may be bits or bytes; write " + in_quotes(bits->symbol) + " or "
                + in_quotes(in_bytes->symbol);
    }
    if (dimension == Dimension::bytes
        && find_unit(std::string(symbol) + (symbol.ends_with('b') ? "it/s" : "/s"), Dimension::bytes_per_second))
        return in_quotes(symbol) + " are bits; " + expected;
    for (int other = 0; other < dimensions; ++other) {
        const auto found = static_cast<Dimension>(other);
        if (found != dimension && spelled_unit(symbol, found))
            return in_quotes(symbol) + " is the unit of " + std::string(dimension_name(found)) + "; " + expected;
    }
    if (const Unit *rate = spelled_unit(std::string(symbol) + "/s", dimension)) // "400 Gbit" of a bandwidth
        return "unknown unit " + in_quotes(symbol) + "; " + expected + "; did you mean " + in_quotes(rate->symbol)
            + "?";
    std::vector<std::string> symbols;
    for (const Unit &unit : units_of(dimension)) {
        if (may_be_meant(unit, symbol))
            symbols.push_back(unit.symbol);
    }
    return "unknown unit " + in_quotes(symbol) + "; " + expected + did_you_mean(symbol, symbols);
}

// The digits before a comma and behind it as thousands: "1,979", "1,234,567"; how long they are, or 0.
std::size_t length_of_thousands(std::string_view text)
{
    constexpr std::size_t group = 3;
    const auto digits_from = [&](std::size_t from) {
        std::size_t end = from;
        while (end < text.size() && text[end] >= '0' && text[end] <= '9')
            ++end;
        return end - from;
    };
    std::size_t length = digits_from(0);
    if (length == 0 || length > group || text.front() == '0')
        return 0;
    const std::size_t first = length;
    while (length < text.size() && text[length] == ',' && digits_from(length + 1) == group)
        length += 1 + group;
    return length > first ? length : 0;
}

// What separates digits that do not belong to a number as it is written here, else 0: "4,8", "1 000", "1'000", "1_000".
char strange_separator(std::string_view number, std::string_view rest)
{
    const bool is_number = !number.empty() && number.back() >= '0' && number.back() <= '9';
    if (!is_number || rest.size() < 2 || rest[1] < '0' || rest[1] > '9')
        return 0;
    return std::string_view(", '_").find(rest.front()) != std::string_view::npos ? rest.front() : '\0';
}

// "; did you mean '4.8TB/s'?" for "4,8TB/s", likewise "1000 B" for "1 000 B" and "1979.5 B" for "1.979,5 B"; nothing
// where no number is meant for sure.
std::string did_you_mean_number(std::string_view text)
{
    const std::size_t end = std::min(text.find_first_not_of("+-.,'_ 0123456789"), text.size());
    const std::string number(trimmed(text.substr(0, end)));
    std::string mended;
    for (std::size_t i = 0; i < number.size(); ++i) {
        const bool is_decimal = number[i] == ',' && number.find_first_of(",.'_ ", i + 1) == std::string::npos;
        const bool separates = std::string_view(",.'_ ").find(number[i]) != std::string_view::npos;
        const bool separates_thousands = separates && !is_decimal
            && length_of_thousands("1," + number.substr(i + 1, 3)) > 0 && number.find(',') != i;
        if (is_decimal)
            mended += '.';
        else if (!separates)
            mended += number[i];
        else if (!separates_thousands)
            return {};
    }
    return "; did you mean " + in_quotes(mended + std::string(text.substr(number.size()))) + "?";
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
    case Dimension::watts:
        return "W, kW or MW";
    case Dimension::joules:
        return "mJ, J or kJ";
    case Dimension::dollars:
        return "USD";
    case Dimension::dollars_per_hour:
        return "USD/h";
    }
    return {};
}

std::variant<LeadingNumber, std::string> leading_number(std::string_view text)
{
    const std::size_t sign = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
    const std::string_view unsigned_text = text.substr(sign);
    const bool starts = !unsigned_text.empty()
        && (std::isdigit(static_cast<unsigned char>(unsigned_text.front())) != 0 || unsigned_text.front() == '.');
    if (!starts) // among others "nan" and "inf", which from_chars takes
        return in_quotes(text) + " is not a number";
    const std::size_t thousands = length_of_thousands(unsigned_text);
    std::string plain(unsigned_text);
    const auto commas = std::count(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(thousands), ',');
    plain.erase(std::remove(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(thousands), ','),
        plain.begin() + static_cast<std::ptrdiff_t>(thousands));
    LeadingNumber number;
    const auto parsed = std::from_chars(plain.data(), plain.data() + plain.size(), number.value);
    if (parsed.ec == std::errc::result_out_of_range)
        return too_large(text);
    if (parsed.ec != std::errc{})
        return in_quotes(text) + " is not a number";
    const auto length = static_cast<std::size_t>(parsed.ptr - plain.data()) + static_cast<std::size_t>(commas);
    if (const char separator = strange_separator(unsigned_text.substr(0, length), unsigned_text.substr(length)))
        return in_quotes(text)
            + (separator == ',' ? " has a comma; decimals are written with a point" : " is not one number")
            + did_you_mean_number(text);
    number.value = text.starts_with('-') ? -number.value : number.value;
    number.length = sign + length;
    return number;
}

std::variant<const Unit *, std::string> read_unit(std::string_view symbol, Dimension dimension, Prefixes prefixes)
{
    if (prefixes == Prefixes::binary && !symbol.empty()) {
        if (const Unit *unit = spelled_unit(std::string(symbol) + "i", dimension))
            return unit;
    }
    if (const Unit *unit = spelled_unit(symbol, dimension))
        return unit;
    return wrong_unit(symbol, dimension);
}

std::variant<Quantity, std::string> parse_quantity(
    std::string_view written, Dimension dimension, BareNumbers bare, Prefixes prefixes)
{
    const std::string plain = as_typed(written);
    const std::string_view text = trimmed(plain);
    auto leading = leading_number(text);
    if (auto *wrong = std::get_if<std::string>(&leading)) {
        if (wrong->ends_with(" is not a number"))
            *wrong +=
                " with a unit; expected " + std::string(dimension_name(dimension)) + " in " + unit_examples(dimension);
        return std::move(*wrong);
    }
    const auto [number, length] = std::get<LeadingNumber>(leading);
    if (dimension == Dimension::fraction && length < text.size() && text[length] == '/') {
        const std::string_view below = text.substr(length + 1);
        const auto parsed = leading_number(below);
        const auto *divisor = std::get_if<LeadingNumber>(&parsed);
        if (!divisor || divisor->length != below.size() || divisor->value == 0)
            return in_quotes(text) + " is not a fraction; expected a number, \"a/b\" or \"%\"";
        if (!std::isfinite(number / divisor->value))
            return too_large(text);
        return Quantity{number / divisor->value, &base_unit(dimension)};
    }
    const std::string_view symbol = trimmed(text.substr(length));
    const bool unitless = dimension == Dimension::count || dimension == Dimension::fraction;
    if (symbol.empty()) {
        if (!unitless && bare == BareNumbers::refused)
            return in_quotes(text) + " has no unit; expected " + std::string(dimension_name(dimension)) + " in "
                + unit_examples(dimension);
        return Quantity{number, &base_unit(dimension)};
    }
    auto unit = read_unit(symbol, dimension, prefixes);
    if (auto *wrong = std::get_if<std::string>(&unit))
        return std::move(*wrong);
    const Quantity quantity{number, std::get<const Unit *>(unit)};
    return std::isfinite(quantity.si()) ? std::variant<Quantity, std::string>(quantity) : too_large(text);
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
    // Rounded first: 999.9 belongs to the next prefix and has a digit more before its point.
    const Unit &unit = fitting_unit(rounded_to(si, digits).first, dimension);
    const double number = si / unit.factor;
    const int exponent = rounded_to(number, digits).second;
    constexpr double smallest = 1e-3, largest = 1e15;
    const bool written_out = number != 0 && std::abs(number) >= smallest && std::abs(number) < largest;
    const std::string text = written_out
        ? number_text(number, std::chars_format::fixed, std::max(0, digits - 1 - exponent))
        : number_text(number, std::chars_format::general, digits);
    return unit.symbol.empty() ? text : text + " " + unit.symbol;
}

std::string compact_text(double si, Dimension dimension)
{
    const Unit &unit = fitting_unit(si, dimension);
    return exact_text(Quantity{si / unit.factor, &unit});
}

} // namespace epscope
