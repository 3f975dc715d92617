// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/outbox.h"

namespace epscope {

void Outbox::post(std::function<void()> emission)
{
    {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(emission));
    }
    QMetaObject::invokeMethod(this, "emit_next", Qt::QueuedConnection);
}

void Outbox::emit_next()
{
    std::function<void()> emission;
    {
        const std::lock_guard lock(mutex);
        emission = std::move(waiting.front());
        waiting.pop_front();
    }
    emission();
}

} // namespace epscope
