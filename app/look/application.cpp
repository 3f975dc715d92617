// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/look/application.h"

#include <clocale>

#include <QApplication>
#include <QLocale>

#include "app/look/text_scale.h"

namespace epscope {

std::unique_ptr<QApplication> make_application(int &argc, char **argv)
{
    qputenv("FC_LANG", "en"); // fontconfig prefers other fonts for other languages
    auto application = std::make_unique<QApplication>(argc, argv);
    // QApplication takes the desktop's locale for the C library, which then writes "4,8" and reads no "4.8", and by
    // which HarfBuzz chooses glyphs.
    if (!std::setlocale(LC_ALL, "C.UTF-8"))
        std::setlocale(LC_ALL, "C");
    QLocale::setDefault(QLocale::c());
    QApplication::setStyle(new ScaledStyle);
    return application;
}

} // namespace epscope
