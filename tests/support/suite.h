// SPDX-License-Identifier: GPL-3.0-or-later
// All suites of a folder are one program, which is linked once and runs the suite that is named first:
// build/dev/tests/core_suites quantity [QtTest's arguments].
#pragma once

#include <map>
#include <string>

#include <QTest>

namespace epscope::testing {

// Gets the program's arguments without the suite's name.
using RunSuite = int (*)(const QStringList &arguments);

// All of the program, by name.
inline std::map<std::string, RunSuite> &suites()
{
    static std::map<std::string, RunSuite> all;
    return all;
}

struct SuiteEntry {
    SuiteEntry(const char *name, RunSuite run) { suites()[name] = run; }
};

} // namespace epscope::testing

// A suite with an own way to run, for one that starts its program again in another role. The file is tst_NAME.cpp.
#define EPSCOPE_SUITE_RUN_BY(name, run) static const epscope::testing::SuiteEntry name##_suite(#name, run);

#define EPSCOPE_SUITE(name, Class)                                                                                     \
    EPSCOPE_SUITE_RUN_BY(name, [](const QStringList &arguments) {                                                      \
        Class suite;                                                                                                   \
        return QTest::qExec(&suite, arguments);                                                                        \
    })
