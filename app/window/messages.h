// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/views/elided_label.h"
#include "app/window/dialogs.h"

namespace epscope {

// How the parts of a window talk with the person in front of it: the status line, and dialogs over the window.
struct Messages {
    QWidget *window = nullptr;
    ElidedLabel *status = nullptr;
    Dialogs dialogs = Dialogs::native();

    void say(const QString &text) const { status->say(text); }
    void warn(const QString &title, const QString &text) const { dialogs.warn(window, title, text); }
};

} // namespace epscope
