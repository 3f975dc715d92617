// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for widgets to come to rest.
#pragma once

#include <QApplication>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QPropertyAnimation>
#include <QTest>

namespace epscope::testing {

// Runs the event loop until nothing is left to do: everything is laid out, what was stale is drawn, and on the screen.
inline void settle()
{
    struct Watch : QObject {
        bool busy = false;

        Watch() { QCoreApplication::instance()->installEventFilter(this); }
        bool eventFilter(QObject *, QEvent *event) override
        {
            busy = busy || event->type() != QEvent::UpdateRequest;
            return false;
        }
    } watch;
    constexpr qint64 longest_ms = 10000;
    QElapsedTimer since;
    since.start();
    do {
        if (since.elapsed() > longest_ms)
            QFAIL("the window does not come to rest");
        watch.busy = false;
        QCoreApplication::processEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        for (QWidget *window : QApplication::topLevelWidgets()) {
            QEvent paint(QEvent::UpdateRequest); // left to itself, Qt waits for some milliseconds before it paints
            if (window->isVisible())
                QCoreApplication::sendEvent(window, &paint);
            for (const QPropertyAnimation *moving :
                window->findChildren<QPropertyAnimation *>()) // docks, to their place
                watch.busy = watch.busy || moving->state() == QAbstractAnimation::Running;
        }
    } while (watch.busy);
}

} // namespace epscope::testing
