// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QEvent>

#include "app/views/elided_label.h"

namespace epscope {

// Says what is being done, under a waiting cursor.
class Busy {
public:
    explicit Busy(ElidedLabel &label, const QString &text)
    {
        QApplication::setOverrideCursor(Qt::WaitCursor);
        label.say(text);
        label.repaint();
    }
    ~Busy() { QApplication::restoreOverrideCursor(); }
    Q_DISABLE_COPY_MOVE(Busy)
};

} // namespace epscope
