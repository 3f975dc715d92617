// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for a window, as commands do that draw it.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <QString>

namespace epscope {

class MainWindow;

// While it lives it hears of all that fails in the window, so that nobody waits for what never comes.
class Settling {
public:
    // Of the same thread as the window.
    Settling(MainWindow &window, std::stop_token stop);
    ~Settling();
    Settling(const Settling &) = delete;
    Settling &operator=(const Settling &) = delete;

    // Runs the event loop until it is done. Throws Failed with what has failed in the window since this was made, and
    // Interrupted when stopped.
    void wait_until(const std::function<bool()> &done);

private:
    struct Watch;

    std::stop_token stop;
    std::unique_ptr<Watch> watch;
};

} // namespace epscope
