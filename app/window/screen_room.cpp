// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/screen_room.h"

#include <algorithm>

#include <QApplication>
#include <QEvent>
#include <QLayout>
#include <QPointer>
#include <QScreen>
#include <QStyle>
#include <QWidget>
#include <QWindow>

namespace epscope {
namespace {

// Menus and tooltips place themselves; what fills the screen has no frame.
bool has_own_size(const QWidget &window)
{
    const Qt::WindowType type = window.windowType();
    const bool fills_screen = window.windowState() & (Qt::WindowMaximized | Qt::WindowFullScreen);
    return window.isWindow() && (type == Qt::Window || type == Qt::Dialog || type == Qt::Tool) && !fills_screen;
}

// By itself a window grows with what its layout needs, past the end of the screen.
void limit_minimum(QWidget &window)
{
    const QLayout *layout = window.layout();
    if (layout && layout->sizeConstraint() == QLayout::SetDefaultConstraint)
        window.setMinimumSize(layout->totalMinimumSize().boundedTo(ScreenRoom::most(window)));
}

} // namespace

ScreenRoom::ScreenRoom()
{
    qApp->installEventFilter(this);
}

QSize ScreenRoom::most(const QWidget &window)
{
    QMargins frame = window.windowHandle() ? window.windowHandle()->frameMargins() : QMargins();
    if (frame.isNull() && !(window.windowFlags() & Qt::FramelessWindowHint))
        frame.setTop(window.style()->pixelMetric(QStyle::PM_TitleBarHeight, nullptr, &window));
    return window.screen()->availableGeometry().marginsRemoved(frame).size();
}

void ScreenRoom::fit(QWidget &window)
{
    limit_minimum(window);
    const QSize size = window.size().boundedTo(most(window));
    if (size != window.size())
        window.resize(size);
}

// Once: where a person moves it is theirs.
void ScreenRoom::move_in(QWidget &window)
{
    const QRect room = window.screen()->availableGeometry(), frame = window.frameGeometry();
    const QPoint last = room.bottomRight() - frame.bottomRight() + frame.topLeft(); // of its corner
    const QPoint corner(
        std::max(room.left(), std::min(frame.left(), last.x())), std::max(room.top(), std::min(frame.top(), last.y())));
    if (corner != frame.topLeft())
        window.move(corner);
}

bool ScreenRoom::eventFilter(QObject *watched, QEvent *event)
{
    const QEvent::Type type = event->type();
    const bool before_shown = type == QEvent::Polish || type == QEvent::Show;
    const bool later = before_shown || type == QEvent::Move || type == QEvent::Resize; // as soon as the frame is known
    if (!later && type != QEvent::LayoutRequest)
        return false;
    auto *window = qobject_cast<QWidget *>(watched);
    if (!window || !has_own_size(*window))
        return false;
    if (before_shown)
        fit(*window);
    else if (type == QEvent::LayoutRequest)
        limit_minimum(*window);
    if (later) {
        const auto fit_it = [window = QPointer<QWidget>(window), comes_up = type == QEvent::Show] {
            if (!window || !has_own_size(*window))
                return;
            fit(*window);
            if (comes_up)
                move_in(*window);
        };
        QMetaObject::invokeMethod(this, fit_it, Qt::QueuedConnection);
    }
    return false;
}

} // namespace epscope
