// SPDX-License-Identifier: GPL-3.0-or-later
// The number type of explanations.
#pragma once

#include <type_traits>
#include <utility>

#include "core/model/explanation.h"
#include "core/model/number.h"

namespace epscope {

// A number that records what it was made of. Empty, it is worth 0 and not there: sums leave it out, products with it
// are empty too. What an operation makes has no title until titled() gives it one; an operation of the same kind goes
// on with what has none, so that a * b * c is one product of three.
class Term {
public:
    Term() = default;
    explicit Term(Explanation the_node)
        : node(std::move(the_node))
        , there(true)
    {
    }

    bool empty() const { return !there; }
    double value() const { return node.value; }
    const Explanation &tree() const { return node; }
    Explanation take() && { return std::move(node); }

    friend Term operator+(Term a, Term b);
    friend Term operator-(Term a, Term b);
    friend Term operator*(Term a, Term b);
    friend Term operator/(Term a, Term b);
    Term &operator+=(Term other); // always a sum, be it of one

    friend Term combination(Combine combine, Term a, Term b);
    friend Term only(Combine combine, Term number);
    friend Term with_title(std::string title, std::string unit, Term number);
    friend Term with_note(Term number, std::string note);
    friend Term with_name(std::string name, Term number);
    friend Term at_most(double most, Term number);
    friend Term variance_of_span(Term span);

private:
    Explanation node;
    bool there = false;
};

Term combination(Combine combine, Term a, Term b);
Term only(Combine combine, Term number);
Term with_title(std::string title, std::string unit, Term number);
Term with_note(Term number, std::string note);
Term with_name(std::string name, Term number);
Term at_most(double most, Term number); // what is held at the most has no parts

template <>
inline Term constant<Term>(const char *title, double value, const char *unit)
{
    return Term({title, value, unit, Combine::none, {}, {}, {}, {}});
}
inline double value_of(const Term &number)
{
    return number.value();
}
inline Term larger(Term a, Term b)
{
    return combination(Combine::largest, std::move(a), std::move(b));
}
inline Term largest_with(Term others, Term number)
{
    return others.empty() ? only(Combine::largest, std::move(number)) : larger(std::move(others), std::move(number));
}
inline Term smaller(Term a, Term b)
{
    return combination(Combine::smallest, std::move(a), std::move(b));
}
inline Term lesser(Term a, Term b)
{
    return b.value() < a.value() ? b : a;
}
inline Term quotient_up(Term a, Term b)
{
    return combination(Combine::quotient_up, std::move(a), std::move(b));
}
inline Term quotient_down(Term a, Term b)
{
    return combination(Combine::quotient_down, std::move(a), std::move(b));
}
inline Term power(Term a, Term b)
{
    return combination(Combine::power, std::move(a), std::move(b));
}
inline Term share_by_span(Term tokens, Term span)
{
    return combination(Combine::share_by_span, std::move(tokens), std::move(span));
}
Term variance_of_span(Term span);
inline Term largest_deviation(Term cards, Term variance)
{
    return combination(Combine::largest_deviation, std::move(cards), std::move(variance));
}
inline Term sum(Term number)
{
    return only(Combine::sum, std::move(number));
}
inline Term product(Term number)
{
    return only(Combine::product, std::move(number));
}
inline Term if_any(Term number)
{
    return number.value() == 0 ? Term() : number;
}
template <class Text>
std::string text_from(const Text &text)
{
    if constexpr (std::is_invocable_v<Text>)
        return std::string(text());
    else
        return std::string(text);
}
// Of what has a title already, the title is replaced.
template <class Title>
Term titled(const Title &title, const char *unit, Term number)
{
    return with_title(text_from(title), unit, std::move(number));
}
template <class Name>
Term named(const Name &name, Term number)
{
    return with_name(text_from(name), std::move(number));
}
template <class Note>
Term noted(Term number, const Note &note)
{
    return with_note(std::move(number), text_from(note));
}
inline Term as(const char *title, Term number)
{
    return titled(title, "", sum(std::move(number)));
}
Term beside(Term compute, Term network);
Term one_after_the_other(Term first, Term second);
Term longer_of(Term compute, Term traffic);

} // namespace epscope
