// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/computing.h"

#include <QEvent>
#include <QPainter>
#include <QStyle>

#include "app/controls/value_slider.h"

namespace epscope {
namespace {

// Lies over all of a widget, half transparent, with a label.
class Veil : public QWidget {
public:
    Veil(QWidget &covered, const QString &text, Qt::Alignment place)
        : QWidget(&covered)
        , label(text)
        , label_place(place)
    {
        setObjectName(u"computing"_qs);
        setAccessibleName(label);
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        covered.installEventFilter(this);
    }

    void show_over(bool shown)
    {
        setGeometry(parentWidget()->rect());
        raise();
        setVisible(shown);
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Resize)
            setGeometry(parentWidget()->rect());
        return QWidget::eventFilter(watched, event);
    }

    void paintEvent(QPaintEvent *) override
    {
        constexpr float hidden_part = 0.6F;
        const Theme &theme = theme_of(*this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QColor veil = theme.surface;
        veil.setAlphaF(hidden_part);
        painter.fillRect(rect(), veil);
        const int line = fontMetrics().height();
        const QSize size(fontMetrics().horizontalAdvance(label) + line, line + line / 2);
        const QRectF pill =
            QStyle::alignedRect(Qt::LeftToRight, label_place, size, rect().adjusted(line / 2, 0, -line / 2, 0));
        painter.setPen(QPen(theme.axis, 1));
        painter.setBrush(theme.surface);
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
        painter.setPen(theme.text);
        painter.drawText(pill, Qt::AlignCenter, label);
    }

private:
    QString label;
    Qt::Alignment label_place;
};

} // namespace

void fade_while_computing(const Session &session, QWidget &view, Qt::Alignment place)
{
    auto *veil = new Veil(view, Session::tr("computing…"), place);
    veil->show_over(session.is_computing());
    QObject::connect(
        &session, &Session::computing_changed, veil, [veil](bool computing) { veil->show_over(computing); });
}

} // namespace epscope
