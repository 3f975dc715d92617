// SPDX-License-Identifier: GPL-3.0-or-later
// Like the program's main().
#include <QApplication>

#include "app/text_scale.h"
#include "tests/support/suite_main.h"

int main(int argc, char **argv)
{
    const QApplication application(argc, argv);
    QApplication::setStyle(new epscope::ScaledStyle);
    QLocale::setDefault(QLocale::c());
    return epscope::testing::run_suite(application.arguments());
}
