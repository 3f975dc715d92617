// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for a window, as commands do that draw it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include <QString>

namespace epscope {

class MainWindow;

// While it lives it hears of what fails in the window, the curves under the sliders aside, so that nobody waits for
// what never comes.
class Settling {
public:
    // Of the same thread as the window.
    Settling(MainWindow &window, std::stop_token stop);
    ~Settling();
    Settling(const Settling &) = delete;
    Settling &operator=(const Settling &) = delete;

    // Runs the event loop until it is done or, with a longest wait, that long: false where it is not done then. Throws
    // Failed with what has failed first in the window since this was made, and Interrupted when stopped.
    bool wait_until(const std::function<bool()> &done, std::optional<std::chrono::milliseconds> longest = std::nullopt);

private:
    struct Watch;

    std::stop_token stop;
    std::unique_ptr<Watch> watch;
};

} // namespace epscope
