// SPDX-License-Identifier: GPL-3.0-or-later
// The vocabulary of the model's equations. Each is one template over its number type N: with double, search and
// estimate compute it; with Term (core/model/term.h), the explanation is the tree of what it combines, in the same
// order of operations and so with the same bits. For double the words that only name things are nothing.
#pragma once

#include <algorithm>
#include <cmath>

namespace epscope {

// Share of experts that get a token, `tokens` being the mean of one, where popularity spreads evenly in its logarithm:
// the most popular expert has `span` times the tokens of the least. docs/model.md §14.
double share_by_span(double tokens, double span);
// The variance of that popularity, of mean 1.
double variance_of_span(double span);
// How far the largest of so many cards lies above their mean, the standard deviation being 1 for a variance of 1:
// sqrt(2 ln N variance).
inline double largest_deviation(double cards, double variance)
{
    return std::sqrt(2 * std::log(cards) * variance);
}

// A number of the method itself, with its title and unit: constant<N>("BF16", 2, "B").
template <class N>
N constant(const char *title, double value, const char *unit = "");
template <>
inline constexpr double constant<double>(const char *, double value, const char *)
{
    return value;
}

inline double value_of(double number)
{
    return number;
}

// Arithmetic beyond + - * /.
inline double larger(double a, double b)
{
    return b > a ? b : a;
}
inline double smaller(double a, double b)
{
    return b < a ? b : a;
}
// Of as many as there are; the first starts it.
inline double largest_with(double others, double number)
{
    return others < number ? number : others;
}
// The one of both that is smaller, with what it is made of; the first of two alike.
inline double lesser(double a, double b)
{
    return b < a ? b : a;
}
inline double quotient_up(double a, double b)
{
    return std::ceil(a / b);
}
inline double quotient_down(double a, double b)
{
    return std::floor(a / b);
}
inline double power(double a, double b)
{
    return std::pow(a, b);
}
inline double at_most(double most, double number)
{
    return std::min(number, most);
}

// A sum or product of one, to be continued by + and *, which else is what it is made of.
inline double sum(double number)
{
    return number;
}
inline double product(double number)
{
    return number;
}
// What is not there where it is 0: it is left out of sums.
inline double if_any(double number)
{
    return number;
}

// What a number is called: a title, a unit, a name by which explanations find it, a note. What has to be looked up or
// put together is a function, which double does not call.
template <class Title>
double titled(const Title &, const char *, double number)
{
    return number;
}
template <class Name>
double named(const Name &, double number)
{
    return number;
}
template <class Note>
double noted(double number, const Note &)
{
    return number;
}
// A size with the title of its part in a GEMM, "K", above its own.
inline double as(const char *, double number)
{
    return number;
}

// Two that take the same time: the longer one counts. Where only one is there, it is that.
inline double beside(double compute, double network)
{
    return compute < network ? network : compute;
}
// Two, one after the other, titled by both.
inline double one_after_the_other(double first, double second)
{
    return first + second;
}
// The longer of computation and traffic; of an operator that computes nothing, a sum of its traffic.
inline double longer_of(double compute, double traffic)
{
    return traffic > compute ? traffic : compute;
}

} // namespace epscope
