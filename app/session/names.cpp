// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/names.h"

#include <QRegularExpression>
#include <QTextBoundaryFinder>

namespace epscope {

QString cut_to_bytes(const QString &text, qsizetype most)
{
    QString cut = text;
    QTextBoundaryFinder boundaries(QTextBoundaryFinder::Grapheme, text);
    boundaries.toEnd();
    while (cut.toUtf8().size() > most)
        cut = text.left(boundaries.toPreviousBoundary());
    return cut;
}

QString free_name(const QString &proposed, const std::function<bool(const QString &)> &is_taken)
{
    static const QRegularExpression number(QStringLiteral(" \\d+$"));
    constexpr qsizetype longest = 56; // leaves room for a number
    const QString cut = cut_to_bytes(proposed, longest);
    const QString name =
        cut == proposed ? cut : cut_to_bytes(proposed, longest - 3).trimmed() + u'…'; // which takes 3 bytes
    if (!is_taken(name))
        return name;
    const QString series = QString(name).remove(number); // "Fast 2" is one of "Fast", "Batch 128" of none
    const QString &base = is_taken(series) ? series : name;
    for (int n = 2;; ++n) {
        if (const QString numbered = base + u' ' + QString::number(n); !is_taken(numbered))
            return numbered;
    }
}

} // namespace epscope
