// SPDX-License-Identifier: GPL-3.0-or-later
// What the command palette lists, and how well that fits what is typed.
#pragma once

#include <functional>
#include <vector>

#include <QString>

namespace epscope {

struct Offer {
    QString title;
    QString hint; // its keys, its value now, or why it cannot be done
    std::function<void()> run; // null: it cannot be done
    double score = 0; // how well it fits what was typed
};
// What there is to offer for a text, in any order.
using Offers = std::function<std::vector<Offer>(const QString &typed)>;

// How well a text fits: 0 unless every typed word is in it, as the beginning of a word, inside one, or letter by letter
// in one.
double fit_of(const QString &typed, const QString &text);

} // namespace epscope
