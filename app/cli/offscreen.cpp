// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/offscreen.h"

#include <QFile>
#include <QHash>
#include <QProcessEnvironment>

#include "app/cli/output.h"
#include "app/look/application.h"

namespace epscope {
namespace {

// The offscreen platform says of every window that nobody can resize it; here that is no news.
void pass_on(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (!message.contains(u"propagateSizeHints"))
        complain(qFormatLogMessage(type, context, message).toStdString());
}

// What a desktop sets for Qt: scale factors, resolution of fonts, style and palette. Kept is where Qt finds its plugins
// and what it logs.
void forget_desktop()
{
    const QStringList names = QProcessEnvironment::systemEnvironment().keys();
    for (const QString &name : names) {
        const bool is_kept = name.startsWith(u"QT_LOGGING") || name.startsWith(u"QT_DEBUG")
            || name.startsWith(u"QT_MESSAGE") || name.contains(u"PLUGIN_PATH") || name == u"QT_QPA_FONTDIR";
        if (name.startsWith(u"QT_") && !is_kept)
            qunsetenv(name.toLocal8Bit().constData());
    }
}

} // namespace

Offscreen::Offscreen(int scale)
{
    QHashSeed::setDeterministicGlobalSeed(); // QCustomPlot draws some things in the order of a hash
    forget_desktop();
    qputenv("QT_QPA_PLATFORM", "offscreen");
    if (!qEnvironmentVariableIsSet("XDG_RUNTIME_DIR"))
        qputenv("XDG_RUNTIME_DIR", QFile::encodeName(runtime.path()));
    if (scale != 1)
        qputenv("QT_SCALE_FACTOR", QByteArray::number(scale));
    qInstallMessageHandler(pass_on);
    application = make_application(argc, argv.data());
}

} // namespace epscope
