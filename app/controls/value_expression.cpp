// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/value_expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/text.h"

namespace epscope {
namespace {

constexpr std::size_t longest_text = 200;
constexpr int deepest = 32;
constexpr std::string_view times_sign = "\u00d7", minus_sign = "\u2212";

bool is_unitless(Dimension dimension)
{
    return dimension == Dimension::count || dimension == Dimension::fraction;
}

std::string lower(std::string text)
{
    std::transform(
        text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// The unit that a typed symbol stands for: itself, a prefix alone, other spellings, other case where that is not
// another unit.
const Unit *typed_unit(std::string symbol, const Parameter &parameter)
{
    const Dimension dimension = parameter.dimension;
    if (symbol.starts_with("\u00b5") || symbol.starts_with("\u03bc"))
        symbol.replace(0, 2, "u");
    const auto replace_end = [&](std::string_view end, std::string_view by) {
        if (symbol.size() > end.size() && symbol.ends_with(end))
            symbol.replace(symbol.size() - end.size(), end.size(), by);
    };
    replace_end("FLOPS", "FLOP/s");
    replace_end("Bps", "B/s");
    if (std::isupper(static_cast<unsigned char>(symbol.front())) != 0) { // "Gb/s" are bits; "gb/s" may be either
        replace_end("bps", "bit/s");
        replace_end("b/s", "bit/s");
    }
    const auto search = [&](const std::string &wanted, auto same) -> const Unit * {
        for (const Unit &unit : units_of(dimension)) {
            if (same(unit.symbol, wanted))
                return &unit;
        }
        return nullptr;
    };
    const auto exact = [](const std::string &a, const std::string &b) { return a == b; };
    const auto folded = [](const std::string &a, const std::string &b) { return lower(a) == lower(b); };
    if (has_binary_prefixes(parameter)) {
        if (const Unit *unit = search(symbol + "i", folded))
            return unit;
    }
    const std::string with_base = symbol + base_unit(dimension).symbol;
    for (const std::string &wanted : {symbol, with_base}) {
        if (const Unit *unit = search(wanted, exact))
            return unit;
    }
    const bool bits_or_bytes = dimension == Dimension::bytes_per_second && symbol.find('b') != std::string::npos;
    for (const std::string &wanted : {symbol, with_base}) {
        if (const Unit *unit = bits_or_bytes ? nullptr : search(wanted, folded))
            return unit;
    }
    return nullptr;
}

// What is wrong, thrown within this file.
struct Wrong {
    std::string what;
};

struct Value {
    double si = 0;
    const Unit *unit = nullptr; // null: a plain number
    bool percent = false;
};

// sum := term {(+|-) term}; term := factor {(*|/) factor}; factor := (+|-) factor | '(' sum ')' [unit] | number [unit].
class Reader {
public:
    Reader(std::string_view typed, const Parameter &row, const Quantity &now)
        : text(trimmed(typed))
        , rest(text)
        , parameter(row)
        , current(now)
        , physical(!is_unitless(row.dimension))
    {
    }

    Value read()
    {
        skip_spaces();
        Value value;
        if (!rest.empty() && next_operator() != 0)
            value = sum(current_value()); // "*1.2", "+10%"
        else
            value = sum(term(factor()));
        if (!rest.empty())
            throw Wrong{
                in_quotes(rest) + " is not understood; expected an operator or " + unit_examples(parameter.dimension)};
        if (value.percent && parameter.dimension != Dimension::fraction)
            return multiplied(current_value(), value);
        if (physical && !value.unit)
            return {value.si * current.unit->factor, current.unit};
        return value;
    }
    const Unit *unit() const { return first_unit ? first_unit : current.unit; }

private:
    std::string_view text, rest;
    const Parameter &parameter;
    Quantity current;
    bool physical;
    const Unit *first_unit = nullptr;
    int depth = 0;

    Value current_value() const { return {current.si(), physical ? current.unit : nullptr}; }

    void skip_spaces() { rest = trimmed(rest); }

    bool take(std::string_view symbol)
    {
        if (!rest.starts_with(symbol))
            return false;
        rest.remove_prefix(symbol.size());
        skip_spaces();
        return true;
    }

    // '+', '-', '*', '/' in their spellings, or 0. A lone x multiplies.
    char next_operator() const
    {
        if (rest.empty())
            return 0;
        if (rest.starts_with(times_sign))
            return '*';
        if (rest.starts_with(minus_sign))
            return '-';
        const bool lone = rest.size() == 1 || std::isalpha(static_cast<unsigned char>(rest[1])) == 0;
        if ((rest.front() == 'x' || rest.front() == 'X') && lone)
            return '*';
        return std::string_view("+-*/").find(rest.front()) != std::string_view::npos ? rest.front() : '\0';
    }

    void take_operator()
    {
        if (!take(times_sign) && !take(minus_sign)) {
            rest.remove_prefix(1);
            skip_spaces();
        }
    }

    Value sum(Value left)
    {
        left = term(left);
        for (char sign = next_operator(); sign == '+' || sign == '-'; sign = next_operator()) {
            take_operator();
            const Value right = term(factor());
            const double direction = sign == '+' ? 1 : -1;
            if (right.percent && !left.percent) {
                left.si *= 1 + direction * right.si;
                continue;
            }
            if (physical && !left.unit != !right.unit)
                throw Wrong{"one side of " + std::string(sign == '+' ? "the sum" : "the difference")
                    + " has no unit; write it at both or behind parentheses, '(3 + 0.35) " + std::string(unit()->symbol)
                    + "'"};
            left.si += direction * right.si;
        }
        return left;
    }

    Value term(Value left)
    {
        for (char sign = next_operator(); sign == '*' || sign == '/'; sign = next_operator()) {
            take_operator();
            if (sign == '*' && (rest.empty() || rest.front() == ')')) // "1.5x"
                return multiplied(left, current_value());
            const Value right = factor();
            left = sign == '*' ? multiplied(left, right) : divided(left, right);
        }
        return left;
    }

    Value multiplied(Value left, Value right) const
    {
        if (left.unit && right.unit)
            throw Wrong{"a value with a unit cannot be multiplied by another one"};
        return {left.si * right.si, left.unit ? left.unit : right.unit};
    }

    Value divided(Value left, Value right) const
    {
        if (right.si == 0)
            throw Wrong{in_quotes(text) + " divides by zero"};
        if (right.unit && !left.unit)
            throw Wrong{"a plain number cannot be divided by a value with a unit"};
        return {left.si / right.si, right.unit ? nullptr : left.unit};
    }

    Value factor()
    {
        if (++depth > deepest)
            throw Wrong{in_quotes(text) + " is nested too deeply"};
        const Value value = unguarded_factor();
        --depth;
        return value;
    }

    Value unguarded_factor()
    {
        const char sign = next_operator();
        if (sign == '+' || sign == '-') {
            take_operator();
            Value value = factor();
            value.si *= sign == '-' ? -1 : 1;
            return value;
        }
        if (take("(")) {
            const Value value = sum(factor());
            if (!take(")"))
                throw Wrong{in_quotes(text) + " lacks a closing parenthesis"};
            return with_unit(value);
        }
        const bool starts_number =
            !rest.empty() && (std::isdigit(static_cast<unsigned char>(rest.front())) != 0 || rest.front() == '.');
        Value value;
        const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value.si);
        if (!starts_number || parsed.ec == std::errc::invalid_argument)
            throw Wrong{rest.empty() ? in_quotes(text) + " ends where a number is expected"
                                     : "a number is expected at " + in_quotes(rest)};
        if (parsed.ec != std::errc{})
            throw Wrong{in_quotes(rest) + " is out of the range of numbers"};
        rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
        if (rest.starts_with(","))
            throw Wrong{in_quotes(text) + " has a comma; decimals are written with a point"};
        skip_spaces();
        return with_unit(value);
    }

    Value with_unit(Value value)
    {
        if (take("%")) {
            if (value.unit)
                throw Wrong{in_quotes(text) + " has two units"};
            return {value.si / 100, nullptr, true};
        }
        if (next_operator() != 0)
            return value;
        std::size_t length = 0;
        while (length < rest.size()
            && (std::isalpha(static_cast<unsigned char>(rest[length])) != 0 || (rest[length] & 0x80) != 0))
            ++length;
        const std::string_view behind = rest.substr(length);
        if (length > 0 && behind.starts_with("/s")
            && (behind.size() == 2 || std::isalnum(static_cast<unsigned char>(behind[2])) == 0))
            length += 2;
        if (length == 0)
            return value;
        const std::string symbol(rest.substr(0, length));
        const Unit *unit = typed_unit(symbol, parameter);
        if (!unit) {
            const auto message = parse_quantity("1 " + symbol, parameter.dimension, BareNumbers::allowed);
            const auto *wrong = std::get_if<std::string>(&message);
            throw Wrong{wrong ? *wrong : in_quotes(symbol) + " is not understood"};
        }
        if (value.unit)
            throw Wrong{in_quotes(text) + " has two units"};
        take(symbol);
        value.si *= unit->factor;
        if (physical) {
            value.unit = unit;
            first_unit = first_unit ? first_unit : unit;
        }
        return value;
    }
};

// 15 digits hold everything that was typed and nothing of what binary arithmetic adds.
double without_noise(double number)
{
    std::array<char, 40> buffer;
    std::snprintf(buffer.data(), buffer.size(), "%.15g", number);
    return std::strtod(buffer.data(), nullptr);
}

} // namespace

std::variant<Quantity, std::string> evaluate_expression(
    std::string_view text, const Parameter &parameter, const Quantity &current)
{
    text = trimmed(text);
    if (text.empty())
        return "a value is missing; expected " + unit_examples(parameter.dimension);
    if (text.size() > longest_text)
        return "the text is longer than " + std::to_string(longest_text) + " characters";
    try {
        Reader reader(text, parameter, current);
        const Value value = reader.read();
        const Unit *unit = is_unitless(parameter.dimension) ? &base_unit(parameter.dimension) : reader.unit();
        const Quantity result{without_noise(value.si / unit->factor), unit};
        const std::string written = exact_text(result);
        if (!std::isfinite(value.si))
            return in_quotes(text) + " is out of the range of numbers";
        if (result.si() < parameter.min || result.si() > parameter.max)
            return (written == text ? in_quotes(text) : in_quotes(text) + ", which is " + written + ",")
                + " is out of range; allowed is " + allowed_text(parameter);
        return result;
    } catch (const Wrong &wrong) {
        return wrong.what;
    }
}

bool has_binary_prefixes(const Parameter &parameter)
{
    return parameter.scope == Scope::workload && parameter.key == "context";
}

std::string control_text(const Quantity &quantity)
{
    constexpr std::size_t short_enough = 6;
    const std::string exact = exact_text(quantity.number);
    const double size = std::abs(quantity.number);
    const bool readable = size == 0 || (size >= 1e-3 && size < 1e7);
    if (!readable && !is_unitless(quantity.unit->dimension))
        return short_text(quantity.si(), quantity.unit->dimension);
    const bool whole = quantity.number == std::floor(quantity.number);
    std::string number;
    if (readable && whole) // to_chars would write 100000 as 1e+05
        number = std::to_string(static_cast<std::int64_t>(quantity.number));
    else
        number = readable && exact.size() <= short_enough ? exact : short_text(quantity.number, Dimension::count);
    return quantity.unit->symbol.empty() ? number : number + " " + quantity.unit->symbol;
}

std::string control_text(double si, Dimension dimension)
{
    const std::string &base = base_unit(dimension).symbol;
    Quantity shown{si, &base_unit(dimension)};
    for (const Unit &unit : units_of(dimension)) {
        constexpr double digits = 1e9;
        const double number = std::round(si / unit.factor * digits) / digits; // 5e-6 s / 1 us is not quite 5
        const bool fits =
            !is_unitless(dimension) && unit.symbol.ends_with(base) && std::abs(number) >= 1 && std::abs(number) < 1024;
        if (fits && exact_text(number).size() < exact_text(shown.number).size())
            shown = {number, &unit};
    }
    return control_text(shown);
}

} // namespace epscope
