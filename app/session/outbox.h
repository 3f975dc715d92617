// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>

#include <QObject>

namespace epscope {

// How often a worker says how far it is, at most.
inline constexpr std::chrono::milliseconds between_progress{50};

// What a worker has to say, handed to the thread that owns the outbox: an event each, in order. The hand-over is locked
// here rather than left to Qt's event queue, which the thread sanitizer cannot see into.
class Outbox : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    // From any thread.
    void post(std::function<void()> emission);

private:
    std::mutex mutex;
    std::deque<std::function<void()>> waiting;

    Q_INVOKABLE void emit_next();
};

} // namespace epscope
