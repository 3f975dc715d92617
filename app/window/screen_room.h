// SPDX-License-Identifier: GPL-3.0-or-later
// Windows that fit the screen.
#pragma once

#include <QObject>
#include <QSize>

class QWidget;

namespace epscope {

// While it lives no window of the program is larger, with its frame, than what panels leave of its screen, whatever its
// contents ask for, nor does one that comes up lie beyond that.
class ScreenRoom : public QObject {
public:
    ScreenRoom();

    // What a window can be without its frame, which counts as usual before it is known.
    static QSize most(const QWidget &window);

    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    static void fit(QWidget &window);
    static void move_in(QWidget &window);
};

} // namespace epscope
