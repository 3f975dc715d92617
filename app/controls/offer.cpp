// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/offer.h"

#include <algorithm>

#include <QStringList>

namespace epscope {
namespace {

// 3: begins a word of the text, 2: inside one, 1: its letters come one after the other in one, 0: not there.
int fit_of_word(const QString &word, const QString &text)
{
    int best = 0;
    for (qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
         at = text.indexOf(word, at + 1, Qt::CaseInsensitive)) {
        if (at == 0 || !text[at - 1].isLetterOrNumber())
            return 3;
        best = 2;
    }
    constexpr int shortest_scattered = 3;
    if (best > 0 || word.size() < shortest_scattered)
        return best;
    qsizetype found = 0;
    for (const QChar letter : text) {
        if (letter.isSpace())
            found = 0;
        else if (found < word.size() && letter.toCaseFolded() == word[found].toCaseFolded())
            ++found;
        if (found == word.size())
            return 1;
    }
    return 0;
}

} // namespace

double fit_of(const QString &typed, const QString &text)
{
    const QStringList words = typed.split(u' ', Qt::SkipEmptyParts);
    double sum = 0;
    for (const QString &word : words) {
        const int fit = fit_of_word(word, text);
        if (fit == 0)
            return 0;
        sum += fit;
    }
    constexpr double per_letter = 1e-3; // of two that fit alike the shorter one
    return std::max(per_letter,
        (words.isEmpty() ? 1 : sum / static_cast<double>(words.size()))
            - per_letter * static_cast<double>(text.size()));
}

} // namespace epscope
