// SPDX-License-Identifier: GPL-3.0-or-later
// Physical quantities as they are written in files and on the command line: a number and its unit.
// Decimal (GB = 10^9 B) and binary (GiB = 2^30 B) prefixes are different units and stay so when written back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace epscope {

enum class Dimension {
    count,
    fraction,
    bytes,
    bytes_per_second,
    flop_per_second,
    ops_per_second,
    hertz,
    seconds,
    tokens_per_second,
    watts,
    joules,
    dollars,
    dollars_per_hour
};

struct Unit {
    std::string symbol; // "TiB/s"; empty for a bare count
    Dimension dimension;
    double factor; // SI value of one unit: B, B/s, FLOP/s, op/s, Hz, s, tok/s, W, J, USD, USD/h
    double decimal_factor; // the same with a binary prefix read as the decimal one (quirk "binary_prefixes" off)
    bool operator==(const Unit &) const = default;
};

// All units of one dimension, smallest prefix first.
const std::vector<Unit> &units_of(Dimension dimension);
// The plain unit of a dimension: "B", "FLOP/s", "tok/s", "" for counts and fractions.
const Unit &base_unit(Dimension dimension);
// "FLOP/s, kFLOP/s ... TiFLOP/s" for messages: what may stand behind a number.
std::string unit_examples(Dimension dimension);

struct Quantity {
    double number = 0;
    const Unit *unit = &base_unit(Dimension::count);

    double si() const { return number * unit->factor; }
    double decimal_si() const { return number * unit->decimal_factor; }
    bool operator==(const Quantity &) const = default;
};

// Where lengths are powers of two to those who write them, k is 1024 and M 1024 k.
enum class Prefixes { as_written, binary };

// May a number stand without its unit? In files physical quantities never may.
enum class BareNumbers { refused, allowed };

// "3.35 TB/s" -> Quantity, or the reason why not (a sentence without file or key).
// Fractions also take "260/312" and "85 %". Texts are read as as_typed() gives them.
std::variant<Quantity, std::string> parse_quantity(
    std::string_view text, Dimension dimension, BareNumbers bare, Prefixes prefixes = Prefixes::as_written);

// The number at the start of a text: its value and the characters that it takes, or the reason why there is none.
// Thousands may be separated by commas, "1,979.5"; decimals stand behind a point.
struct LeadingNumber {
    double value = 0;
    std::size_t length = 0;
};
std::variant<LeadingNumber, std::string> leading_number(std::string_view text);

// The unit that a symbol stands for, in its own spelling or another that people use: "TFLOPS", "Gbps", "Gb/s" (bits),
// "GBps" (bytes), "ghz". Or the reason why it is none, which suggests no other quantity.
std::variant<const Unit *, std::string> read_unit(
    std::string_view symbol, Dimension dimension, Prefixes prefixes = Prefixes::as_written);

// A number alone, without unit: the shortest text that reads back to the same double.
std::string exact_text(double value);
// "614,400".
std::string grouped_text(std::int64_t count);
// As it was written: "3.35 TB/s", round-trip exact.
std::string exact_text(const Quantity &quantity);
// For reading: `digits` significant digits with the decimal prefix that fits, "3.35 TB/s", "412 us", "7.17e-05".
std::string short_text(double si, Dimension dimension, int digits = 3);
// Exact, with the decimal prefix that fits: "1 PB", "0.5 B".
std::string compact_text(double si, Dimension dimension);

} // namespace epscope
