// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/settling.h"

#include <QApplication>
#include <QDeadlineTimer>
#include <QTimer>

#include "app/cli/commands.h"
#include "app/window/main_window.h"

namespace epscope {

struct Settling::Watch : QObject {
    QString problem;
    // From another thread: the event loop looks again.
    std::stop_callback<std::function<void()>> wake;

    Watch(MainWindow &window, const std::stop_token &stop)
        : wake(stop, [this] {
            QMetaObject::invokeMethod(
                this, [] {}, Qt::QueuedConnection);
        })
    {
        connect(&window, &MainWindow::failed, this, [this](const QString &what) {
            if (problem.isEmpty()) // what fails later may only follow from it
                problem = what;
        });
    }
};

Settling::Settling(MainWindow &window, std::stop_token stop_token)
    : stop(std::move(stop_token))
    , watch(std::make_unique<Watch>(window, stop))
{
}

Settling::~Settling() = default;

bool Settling::wait_until(const std::function<bool()> &done, std::optional<std::chrono::milliseconds> longest)
{
    const QDeadlineTimer deadline = longest ? QDeadlineTimer(*longest) : QDeadlineTimer(QDeadlineTimer::Forever);
    QTimer wake; // an event for the loop below, which waits for one
    wake.setTimerType(Qt::PreciseTimer);
    wake.setSingleShot(true);
    if (longest)
        wake.start(*longest);
    for (;;) {
        if (stop.stop_requested())
            throw Interrupted{};
        if (!watch->problem.isEmpty())
            throw Failed(watch->problem.toStdString());
        if (done())
            return true;
        if (deadline.hasExpired())
            return false;
        if (longest && !wake.isActive())
            wake.start(1); // it came a little early
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
}

} // namespace epscope
