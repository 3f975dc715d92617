// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QEvent>
#include <QPainter>
#include <QWidget>

#include "app/look/plain_text.h"

namespace epscope {

// One line whose text never changes the layout around it: what does not fit ends in an ellipsis and stands in the
// tooltip.
class ElidedLabel : public QWidget {
public:
    explicit ElidedLabel(QWidget *parent = nullptr)
        : QWidget(parent)
    {
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }

    // For a place of its own width: that of this text.
    void keep_room_for(const QString &widest)
    {
        if (widest == room)
            return;
        room = widest;
        updateGeometry();
        setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    }

    void say(const QString &now)
    {
        if (now == line)
            return;
        line = now;
        setAccessibleName(line);
        setToolTip(fontMetrics().horizontalAdvance(line) > contentsRect().width() ? shown_as_is(line) : QString());
        update();
    }

    const QString &text() const { return line; }
    QSize sizeHint() const override
    {
        const QMargins margins = contentsMargins();
        return QSize(fontMetrics().horizontalAdvance(room), fontMetrics().height()).grownBy(margins);
    }
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(contentsRect(), Qt::AlignLeft | Qt::AlignVCenter,
            fontMetrics().elidedText(line, Qt::ElideRight, contentsRect().width()));
    }

    void changeEvent(QEvent *event) override
    {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            updateGeometry();
    }

private:
    QString line, room;
};

} // namespace epscope
