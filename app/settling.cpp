// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settling.h"

#include <QApplication>

#include "app/cli/commands.h"
#include "app/main_window.h"

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
        connect(&window, &MainWindow::failed, this, [this](const QString &what) { problem = what; });
    }
};

Settling::Settling(MainWindow &window, std::stop_token stop_token)
    : stop(std::move(stop_token))
    , watch(std::make_unique<Watch>(window, stop))
{
}

Settling::~Settling() = default;

void Settling::wait_until(const std::function<bool()> &done)
{
    for (;;) {
        if (stop.stop_requested())
            throw Interrupted{};
        if (!watch->problem.isEmpty())
            throw Failed(watch->problem.toStdString());
        if (done())
            return;
        QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
}

} // namespace epscope
