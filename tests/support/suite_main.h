// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>

#include "tests/support/suite.h"

namespace epscope::testing {

// The program's arguments: its own name, the suite's, QtTest's.
inline int run_suite(QStringList arguments)
{
    const std::string name = arguments.size() > 1 ? arguments.takeAt(1).toStdString() : std::string();
    const auto found = suites().find(name);
    if (found != suites().end())
        return found->second(arguments);
    std::fprintf(stderr, "no suite \"%s\"; there are:\n", name.c_str());
    for (const auto &[each, run] : suites())
        std::fprintf(stderr, "  %s\n", each.c_str());
    return 2;
}

} // namespace epscope::testing
