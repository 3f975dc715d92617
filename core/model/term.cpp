// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/term.h"

#include <array>

namespace epscope {
namespace {

double combined_of(Combine combine, double a, double b)
{
    switch (combine) {
    case Combine::none:
        break;
    case Combine::sum:
        return a + b;
    case Combine::difference:
        return a - b;
    case Combine::product:
        return a * b;
    case Combine::quotient:
        return a / b;
    case Combine::quotient_up:
        return quotient_up(a, b);
    case Combine::quotient_down:
        return quotient_down(a, b);
    case Combine::largest:
        return std::max(a, b);
    case Combine::smallest:
        return std::min(a, b);
    case Combine::power:
        return power(a, b);
    case Combine::share_by_span:
        return share_by_span(a, b);
    case Combine::largest_deviation:
        return largest_deviation(a, b);
    case Combine::variance_of_span: // of one number
        break;
    }
    return a;
}

// Which of the operations go on with a node of their kind: (a op b) op c is (a op b op c).
bool goes_on(Combine combine)
{
    return combine == Combine::sum || combine == Combine::difference || combine == Combine::product
        || combine == Combine::quotient || combine == Combine::largest;
}

} // namespace

double share_by_span(double tokens, double span)
{
    if (tokens <= 0)
        return 0;
    if (span <= 1)
        return -std::expm1(-tokens);
    constexpr double no_more = 600; // beyond, E1 is 0
    const auto e1 = [](double x) { return x > no_more ? 0.0 : -std::expint(-x); };
    const double logarithm = std::log(span), least = tokens * logarithm / (span - 1);
    return std::clamp(1 - (e1(least) - e1(least * span)) / logarithm, 0.0, 1.0);
}

double variance_of_span(double span)
{
    return span <= 1 ? 0 : std::log(span) * (span + 1) / (2 * (span - 1)) - 1;
}

std::string_view name_of(Combine combine)
{
    constexpr std::array<std::string_view, 13> names{"none", "sum", "difference", "product", "quotient", "quotient_up",
        "quotient_down", "largest", "smallest", "power", "share_by_span", "variance_of_span", "largest_deviation"};
    return names[static_cast<std::size_t>(combine)];
}

double combined(const Explanation &node)
{
    if (node.children.empty() || node.combine == Combine::none)
        return node.value;
    if (node.combine == Combine::variance_of_span)
        return variance_of_span(node.children.front().value);
    double value = node.children.front().value;
    for (std::size_t i = 1; i < node.children.size(); ++i)
        value = combined_of(node.combine, value, node.children[i].value);
    return value;
}

Term combination(Combine combine, Term a, Term b)
{
    const bool optional = combine != Combine::product && combine != Combine::quotient;
    if (a.empty() || b.empty())
        return !optional ? Term() : a.empty() ? std::move(b) : std::move(a);
    if (!goes_on(combine) || a.node.combine != combine || !a.node.title.empty())
        a = only(combine, std::move(a));
    a.node.value = a.node.children.empty() ? b.node.value : combined_of(combine, a.node.value, b.node.value);
    a.node.children.push_back(std::move(b.node));
    return a;
}

Term only(Combine combine, Term number)
{
    Explanation node;
    node.combine = combine;
    if (!number.empty()) {
        node.value = number.node.value;
        node.children.push_back(std::move(number.node));
    }
    return Term(std::move(node));
}

Term variance_of_span(Term span)
{
    Term variance = only(Combine::variance_of_span, std::move(span));
    variance.node.value = variance_of_span(variance.node.value);
    return variance;
}

Term operator+(Term a, Term b)
{
    return combination(Combine::sum, std::move(a), std::move(b));
}

Term operator-(Term a, Term b)
{
    return combination(Combine::difference, std::move(a), std::move(b));
}

Term operator*(Term a, Term b)
{
    return combination(Combine::product, std::move(a), std::move(b));
}

Term operator/(Term a, Term b)
{
    return combination(Combine::quotient, std::move(a), std::move(b));
}

Term &Term::operator+=(Term other)
{
    if (!other.empty())
        *this = combination(Combine::sum, empty() ? only(Combine::sum, {}) : std::move(*this), std::move(other));
    return *this;
}

Term with_title(std::string title, std::string unit, Term number)
{
    if (!number.empty()) {
        number.node.title = std::move(title);
        number.node.unit = std::move(unit);
    }
    return number;
}

Term with_note(Term number, std::string note)
{
    number.node.note = std::move(note);
    return number;
}

Term with_name(std::string name, Term number)
{
    number.node.name = std::move(name);
    return number;
}

Term at_most(double most, Term number)
{
    if (number.node.value > most) {
        number.node.value = most;
        number.node.combine = Combine::none;
        number.node.children.clear();
    }
    return number;
}

Term beside(Term compute, Term network)
{
    if (compute.empty() || network.empty())
        return compute.empty() ? network : compute;
    std::string title = compute.tree().title + " overlapped with " + network.tree().title;
    return with_title(std::move(title), "s", larger(std::move(compute), std::move(network)));
}

Term one_after_the_other(Term first, Term second)
{
    if (first.empty() || second.empty())
        return first.empty() ? second : first;
    std::string title = first.tree().title + " and " + second.tree().title;
    return with_title(std::move(title), "s", std::move(first) + std::move(second));
}

Term longer_of(Term compute, Term traffic)
{
    return compute.empty() ? sum(std::move(traffic))
                           : titled("The longer of both", "s", larger(std::move(compute), std::move(traffic)));
}

} // namespace epscope
