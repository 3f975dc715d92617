// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/parameter_controls.h"

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

ParameterBox::ParameterBox(const Parameter &parameter, const std::string &key, QWidget *parent)
    : ChoiceBox(parent)
{
    setObjectName(to_text(key));
    setToolTip(tooltip_of(parameter, key));
    for (const std::string_view choice : parameter.choices)
        addItem(choice_text(choice), to_text(choice));
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
