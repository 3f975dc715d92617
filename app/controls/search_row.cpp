// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/search_row.h"

#include <algorithm>

#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include "app/controls/inline_message.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/value_slider.h"

namespace epscope {

SearchSwitch::SearchSwitch(QWidget *parent)
    : QAbstractButton(parent)
{
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    setToolTip(tr("Search: every value of the range is tried, the hollow thumb is at the configuration on show. Fixed: "
                  "one value. Key L."));
}

QSize SearchSwitch::sizeHint() const
{
    const QFontMetrics metrics = fontMetrics();
    constexpr int padding = 16, smallest_target = 24;
    return {metrics.horizontalAdvance(tr("Search")) + metrics.horizontalAdvance(tr("Fixed")) + 2 * padding,
        std::max(smallest_target, metrics.height() + 8)};
}

void SearchSwitch::paintEvent(QPaintEvent *)
{
    const Theme &theme = theme_of(*this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF frame = QRectF(rect()).adjusted(1, 2, -1, -2);
    constexpr double corner = 5;
    const QString left_text = tr("Search"), right_text = tr("Fixed");
    const double left_width = frame.width() * (fontMetrics().horizontalAdvance(left_text) + 16)
        / (fontMetrics().horizontalAdvance(left_text) + fontMetrics().horizontalAdvance(right_text) + 32);
    const QRectF left(frame.left(), frame.top(), left_width, frame.height());
    const QRectF right(left.right(), frame.top(), frame.width() - left_width, frame.height());
    QPainterPath outline;
    outline.addRoundedRect(frame, corner, corner);
    painter.fillPath(outline, palette().color(QPalette::Base));
    painter.save();
    painter.setClipPath(outline);
    painter.fillRect(isChecked() ? right : left, theme.accent);
    painter.restore();
    painter.setPen(QPen(hasFocus() ? theme.accent : theme.axis, hasFocus() ? 2 : 1));
    painter.drawPath(outline);
    const auto write = [&](const QRectF &room, const QString &text, bool on) {
        painter.setPen(on ? palette().color(QPalette::HighlightedText) : underMouse() ? theme.text : theme.muted);
        painter.drawText(room, Qt::AlignCenter, text);
    };
    write(left, left_text, !isChecked());
    write(right, right_text, isChecked());
}

SearchRow::SearchRow(const std::string &key, QWidget *parent)
    : QWidget(parent)
    , content(new QVBoxLayout)
    , toggle(new SearchSwitch(this))
    , range(new QLineEdit(this))
    , message(new InlineMessage(this))
{
    toggle->setObjectName(to_text(key) + u".fixed"_qs);
    range->setObjectName(to_text(key) + u".range"_qs);
    auto *lower = new QHBoxLayout;
    constexpr int indent = 8;
    lower->setContentsMargins(indent, 0, indent, 2);
    lower->setSpacing(6);
    lower->addWidget(toggle);
    lower->addWidget(range, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    layout->addLayout(content);
    layout->addLayout(lower);
    layout->addWidget(message);
    QSizePolicy policy = range->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    range->setSizePolicy(policy);
    range->installEventFilter(this);
    connect(toggle, &QAbstractButton::clicked, this, &SearchRow::switched);
    connect(range, &QLineEdit::textEdited, this, [this] { complain({}); });
    connect(range, &QLineEdit::editingFinished, this, [this] {
        if (!range->isModified())
            return;
        range->setModified(false);
        emit range_edited(range->text());
    });
}

void SearchRow::show(bool fixed, const QString &range_in_force)
{
    toggle->setChecked(fixed);
    if (range->isHidden() != fixed)
        range->setVisible(!fixed);
    if (in_force == range_in_force)
        return;
    in_force = range_in_force;
    range->setText(in_force);
    range->setCursorPosition(0);
    complain({});
}

void SearchRow::complain(const QString &text)
{
    message->say(text, true);
}

void SearchRow::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_L && event->modifiers() == Qt::NoModifier)
        toggle->click();
    else
        QWidget::keyPressEvent(event);
}

bool SearchRow::eventFilter(QObject *watched, QEvent *event)
{
    const bool is_key = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (!is_key || static_cast<QKeyEvent *>(event)->key() != Qt::Key_Escape || range->text() == in_force)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride) {
        event->accept();
    } else {
        range->setText(in_force);
        complain({});
    }
    return true;
}

} // namespace epscope
