// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/look/plain_text.h"

#include <QLabel>
#include <QTextDocument>

namespace epscope {

QLabel *plain_label(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setText(text);
    return label;
}

QLabel *plain_label(QWidget *parent)
{
    return plain_label(QString(), parent);
}

QString shown_as_is(const QString &text)
{
    return Qt::mightBeRichText(text) ? Qt::convertFromPlainText(text) : text;
}

} // namespace epscope
