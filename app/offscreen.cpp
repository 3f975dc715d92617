// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/offscreen.h"

#include <cstdio>

#include <QFile>
#include <QHash>
#include <QLocale>

#include "app/text_scale.h"

namespace epscope {
namespace {

// The offscreen platform says of every window that nobody can resize it; here that is no news.
void pass_on(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (!message.contains(u"propagateSizeHints"))
        std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, message)));
}

} // namespace

Offscreen::Offscreen(int scale)
{
    QHashSeed::setDeterministicGlobalSeed(); // QCustomPlot draws some things in the order of a hash
    qputenv("QT_QPA_PLATFORM", "offscreen");
    if (!qEnvironmentVariableIsSet("XDG_RUNTIME_DIR"))
        qputenv("XDG_RUNTIME_DIR", QFile::encodeName(runtime.path()));
    if (scale != 1)
        qputenv("QT_SCALE_FACTOR", QByteArray::number(scale));
    qInstallMessageHandler(pass_on);
    application = std::make_unique<QApplication>(argc, argv.data());
    QApplication::setStyle(new ScaledStyle);
    QLocale::setDefault(QLocale::c());
}

} // namespace epscope
