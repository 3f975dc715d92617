// SPDX-License-Identifier: GPL-3.0-or-later
// The program run as from a shell, without a display and without files of a user's own.
#pragma once

#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

namespace epscope::testing {

struct Result {
    int code = -1; // also if it does not end
    QByteArray out, err;
};

inline Result run(const QStringList &arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), QStringLiteral("/nonexistent/epscope-test"));
    for (const char *display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) // commands need none
        environment.remove(QLatin1String(display));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(EPSCOPE_PROGRAM), arguments);
    constexpr int longest_ms = 120000;
    Result result;
    if (process.waitForFinished(longest_ms))
        result.code = process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

inline QByteArray content(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace epscope::testing
