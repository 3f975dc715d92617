// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>

#include <QApplication>
#include <QTemporaryDir>

namespace epscope {

// What commands that draw need: an application without a display, that does not complain of a machine without a
// session.
class Offscreen {
public:
    // `scale`: pixels per unit of size, of windows.
    explicit Offscreen(int scale = 1);

private:
    QTemporaryDir runtime;
    int argc = 1;
    std::array<char, 8> name{"epscope"};
    std::array<char *, 2> argv{name.data(), nullptr};
    std::unique_ptr<QApplication> application;
};

} // namespace epscope
