// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/inline_message.h"

#include <QEvent>

#include "app/controls/value_slider.h"

namespace epscope {

InlineMessage::InlineMessage(QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setFocusPolicy(Qt::NoFocus);
    constexpr int indent = 8;
    setContentsMargins(indent, 0, indent, 0);
    hide();
}

void InlineMessage::say(const QString &what, bool is_problem)
{
    problem = is_problem;
    if (text() == what)
        return;
    setText(what);
    setVisible(!what.isEmpty());
    colour();
}

void InlineMessage::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colour();
}

void InlineMessage::colour()
{
    const Theme &theme = theme_of(*parentWidget());
    const QColor wanted = problem ? theme.warning : theme.muted;
    QPalette own = palette();
    if (own.color(QPalette::WindowText) == wanted)
        return;
    own.setColor(QPalette::WindowText, wanted);
    setPalette(own);
}

} // namespace epscope
