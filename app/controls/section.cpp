// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/section.h"

#include <algorithm>

#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include "app/controls/value_slider.h"
#include "app/look/plain_text.h"

namespace epscope {

SectionHeader::SectionHeader(const QString &title, QWidget *parent)
    : QAbstractButton(parent)
{
    setText(title);
    setAccessibleName(title);
    setCheckable(true);
    setChecked(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setToolTip(tr("Click to fold or unfold"));
}

QSize SectionHeader::sizeHint() const
{
    constexpr int smallest_target = 26;
    return {fontMetrics().horizontalAdvance(text()) + 40, std::max(smallest_target, fontMetrics().height() + 10)};
}

void SectionHeader::paintEvent(QPaintEvent *)
{
    const Theme &theme = theme_of(*this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.grid, 1));
    painter.drawLine(QPointF(0, 0.5), QPointF(width(), 0.5));
    if (hasFocus()) {
        painter.setPen(QPen(theme.accent, 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 2, -1, -1), 5, 5);
    }
    const double size = 0.32 * fontMetrics().height(), x = 8 + size / 2, y = 0.5 * height() + 0.5;
    QPainterPath chevron;
    if (isChecked()) {
        chevron.moveTo(x - size / 2, y - size / 4);
        chevron.lineTo(x, y + size / 4);
        chevron.lineTo(x + size / 2, y - size / 4);
    } else {
        chevron.moveTo(x - size / 4, y - size / 2);
        chevron.lineTo(x + size / 4, y);
        chevron.lineTo(x - size / 4, y + size / 2);
    }
    painter.setPen(QPen(underMouse() ? theme.accent : theme.muted, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(chevron);
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(underMouse() ? theme.accent : theme.text);
    painter.drawText(
        rect().adjusted(static_cast<int>(x + size) + 4, 1, -6, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
}

Section::Section(const QString &identity, const QString &title, QWidget *parent)
    : QWidget(parent)
    , id(identity)
    , header(new SectionHeader(title, this))
    , body(new QWidget(this))
    , rows(new QVBoxLayout(body))
{
    header->setObjectName(u"section."_qs + id);
    rows->setContentsMargins(0, 0, 0, 8);
    rows->setSpacing(3);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(header);
    layout->addWidget(body);
    connect(header, &QAbstractButton::toggled, body, &QWidget::setVisible);
}

QLabel *Section::add_labelled(const QString &text, QWidget *control)
{
    return add_labelled_row(*rows, text, control);
}

QLabel *add_labelled_row(QVBoxLayout &rows, const QString &text, QWidget *control)
{
    auto *label = plain_label(text, control->parentWidget());
    label->setBuddy(control);
    label->setToolTip(control->toolTip());
    constexpr int characters = 16;
    label->setMinimumWidth(characters * label->fontMetrics().averageCharWidth());
    control->setAccessibleName(text);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(row_indent, 1, row_indent, 1);
    line->addWidget(label);
    line->addWidget(control, 1);
    rows.addLayout(line);
    return label;
}

} // namespace epscope
