// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/look/choice_box.h"

#include <QStylePainter>
#include <QWheelEvent>

namespace epscope {

ChoiceBox::ChoiceBox(QWidget *parent)
    : QComboBox(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    constexpr int shortest = 8;
    setMinimumContentsLength(shortest);
}

void ChoiceBox::paintEvent(QPaintEvent *)
{
    QStylePainter painter(this);
    QStyleOptionComboBox option;
    initStyleOption(&option);
    painter.drawComplexControl(QStyle::CC_ComboBox, option);
    const int icon = option.currentIcon.isNull() ? 0 : option.iconSize.width() + 4;
    const int room =
        style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width() - icon - 4;
    const QString mark =
        option.currentText.endsWith(u'*') ? u"*"_qs : QString(); // of what has been changed: never elided
    option.currentText.chop(mark.size());
    option.currentText =
        fontMetrics().elidedText(option.currentText, Qt::ElideRight, room - fontMetrics().horizontalAdvance(mark))
        + mark;
    painter.drawControl(QStyle::CE_ComboBoxLabel, option);
}

void ChoiceBox::wheelEvent(QWheelEvent *event)
{
    if (hasFocus())
        QComboBox::wheelEvent(event);
    else
        event->ignore();
}

} // namespace epscope
