// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "tests/support/suite_main.h"

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    return epscope::testing::run_suite(application.arguments());
}
