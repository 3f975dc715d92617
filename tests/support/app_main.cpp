// SPDX-License-Identifier: GPL-3.0-or-later
// Like the program's main().
#include <QApplication>

#include "app/look/application.h"
#include "tests/support/suite_main.h"

int main(int argc, char **argv)
{
    const std::unique_ptr<QApplication> application = epscope::make_application(argc, argv);
    return epscope::testing::run_suite(QApplication::arguments());
}
