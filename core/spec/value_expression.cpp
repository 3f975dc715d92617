// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/value_expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "core/text.h"

namespace epscope {
namespace {

constexpr std::size_t longest_text = 200;
constexpr int deepest = 32;
constexpr std::string_view times_sign = "\u00d7";

bool is_unitless(Dimension dimension)
{
    return dimension == Dimension::count || dimension == Dimension::fraction;
}

// The unit that a typed symbol stands for; also a prefix alone, of the base unit. A network's 400G would be
// bits to some and bytes to others.
std::variant<const Unit *, std::string> typed_unit(const std::string &symbol, const Parameter &parameter)
{
    const Dimension dimension = parameter.dimension;
    auto unit = read_unit(symbol, dimension, parameter.prefixes);
    if (std::holds_alternative<const Unit *>(unit) || is_unitless(dimension))
        return unit;
    constexpr std::size_t longest_prefix = 2;
    const auto of_prefix = read_unit(symbol + base_unit(dimension).symbol, dimension);
    const auto *meant = std::get_if<const Unit *>(&of_prefix);
    if (!meant || symbol.size() > longest_prefix)
        return unit;
    if (parameter.scope != Scope::nic)
        return of_prefix;
    const std::string prefix = (*meant)->symbol.substr(0, symbol.size());
    return in_quotes(symbol) + " may be bits or bytes; write " + in_quotes(prefix + "bit/s") + " or "
        + in_quotes((*meant)->symbol);
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
        const bool lone = rest.size() == 1 || std::isalpha(static_cast<unsigned char>(rest[1])) == 0;
        if ((rest.front() == 'x' || rest.front() == 'X') && lone)
            return '*';
        return std::string_view("+-*/").find(rest.front()) != std::string_view::npos ? rest.front() : '\0';
    }

    void take_operator()
    {
        if (!take(times_sign)) {
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
        if (!starts_number)
            throw Wrong{rest.empty() ? in_quotes(text) + " ends where a number is expected"
                                     : "a number is expected at " + in_quotes(rest)};
        const auto leading = leading_number(rest);
        if (const auto *wrong = std::get_if<std::string>(&leading))
            throw Wrong{*wrong};
        const Value value{std::get<LeadingNumber>(leading).value};
        rest.remove_prefix(std::get<LeadingNumber>(leading).length);
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
        for (const std::string_view per_second : {"/sec", "/s"}) {
            const std::string_view next = behind.substr(std::min(per_second.size(), behind.size()), 1);
            if (length > 0 && behind.starts_with(per_second)
                && (next.empty() || std::isalnum(static_cast<unsigned char>(next.front())) == 0)) {
                length += per_second.size();
                break;
            }
        }
        if (length == 0)
            return value;
        const std::string symbol(rest.substr(0, length));
        const auto read = typed_unit(symbol, parameter);
        if (const auto *wrong = std::get_if<std::string>(&read))
            throw Wrong{*wrong};
        const Unit *unit = std::get<const Unit *>(read);
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
    constexpr int digits = 15;
    std::array<char, 40> buffer;
    char *end = buffer.data() + buffer.size();
    std::from_chars(
        buffer.data(), std::to_chars(buffer.data(), end, number, std::chars_format::general, digits).ptr, number);
    return number;
}

} // namespace

std::variant<Quantity, std::string> evaluate_expression(
    std::string_view typed, const Parameter &parameter, const Quantity &current)
{
    const std::string plain = as_typed(typed);
    const std::string_view text = trimmed(plain);
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

std::optional<Quantity> quantity_of(const std::optional<std::string> &text, Dimension dimension)
{
    if (!text || text->empty())
        return std::nullopt;
    const auto parsed = parse_quantity(*text, dimension, BareNumbers::allowed);
    const auto *quantity = std::get_if<Quantity>(&parsed);
    return quantity ? std::optional(*quantity) : std::nullopt;
}

std::optional<Quantity> quantity_of(const Study &study, const std::string &key, Dimension dimension)
{
    return quantity_of(parameter_text(study, key), dimension);
}

std::optional<Quantity> fitting(double si, Dimension dimension)
{
    return quantity_of(compact_text(si, dimension), dimension);
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
