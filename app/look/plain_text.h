// SPDX-License-Identifier: GPL-3.0-or-later
// Text as it is: names and titles come from files, and Qt takes what looks like HTML for it unless told otherwise.
#pragma once

#include <QString>

class QLabel;
class QWidget;

namespace epscope {

// A label whose text is shown as it is; one with markup of ours says so with setTextFormat(Qt::RichText).
QLabel *plain_label(const QString &text, QWidget *parent = nullptr);
QLabel *plain_label(QWidget *parent = nullptr);
// For tooltips and for labels of Qt's own dialogs, which guess: what they show as this text.
QString shown_as_is(const QString &text);

} // namespace epscope
