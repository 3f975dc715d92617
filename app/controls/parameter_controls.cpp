// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/parameter_controls.h"

#include <QStylePainter>
#include <QWheelEvent>

#include "app/controls/value_slider.h"
#include "app/session/session.h"

namespace epscope {

QString tooltip_of(const Parameter &info, const std::string &key)
{
    return u"<b>%1</b><br>%2<br>%3<br>%4"_qs.arg(label_of(info).toHtmlEscaped(), help_of(info).toHtmlEscaped(),
        ChoiceBox::tr("Allowed: %1").arg(to_text(allowed_text(info)).toHtmlEscaped()),
        ChoiceBox::tr("Key: %1").arg(u"<code>%1</code>"_qs.arg(to_text(key).toHtmlEscaped())));
}

void set_bold(QWidget *widget, bool bold)
{
    if (widget->font().bold() == bold)
        return;
    QFont font = widget->font();
    font.setBold(bold);
    widget->setFont(font);
}

void set_or_complain(Session &session, ValueSlider &slider, const std::string &key, const QString &text)
{
    const QString wrong = session.set(key, text);
    if (wrong.isEmpty())
        return;
    slider.show_problem(wrong);
    slider.set_value(quantity_of(session.study(), key, slider.spec().parameter.dimension));
}

ChoiceBox::ChoiceBox(QWidget *parent)
    : QComboBox(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    constexpr int shortest = 8;
    setMinimumContentsLength(shortest);
}

ChoiceBox::ChoiceBox(const Parameter &parameter, const std::string &key, QWidget *parent)
    : ChoiceBox(parent)
{
    setObjectName(to_text(key));
    setToolTip(tooltip_of(parameter, key));
    for (const std::string_view choice : parameter.choices)
        addItem(choice_text(choice), to_text(choice));
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

RowButton::RowButton(const QString &text, const QString &name, const QString &tooltip, QWidget *parent)
    : QPushButton(text, parent)
{
    setObjectName(name);
    setToolTip(tooltip);
}

QSize RowButton::sizeHint() const
{
    return QPushButton::sizeHint() + QSize(fontMetrics().height(), 0);
}

} // namespace epscope
