// SPDX-License-Identifier: GPL-3.0-or-later
// What to change when nothing is feasible: single changes of one parameter, each checked to make something feasible.
#pragma once

#include <vector>

#include <QString>

namespace epscope {

struct Explored;

struct Fix {
    QString text; // "Lower the target to 18.3 tok/s"
    QString key, value; // as set_parameter() takes them
    double factor = 1; // by which the value changes, up or down; at least 1

    bool operator==(const Fix &) const = default;
};

// At most three, the smallest factor first and no two of the same kind; none if something is feasible.
std::vector<Fix> smallest_fixes(const Explored &explored);

} // namespace epscope
