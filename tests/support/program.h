// SPDX-License-Identifier: GPL-3.0-or-later
// The program run as from a shell, without a display and without files of a user's own.
#pragma once

#include <utility>
#include <vector>

#include <QDir>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

namespace epscope::testing {

struct Result {
    int code = -1; // also if it does not end
    QByteArray out, err;
};

// Of the environment, by name.
using Variables = std::vector<std::pair<const char *, const char *>>;

inline Result run(const QStringList &arguments, const Variables &variables = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), QStringLiteral("/nonexistent/epscope-test"));
    for (const char *display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) // commands need none
        environment.remove(QLatin1String(display));
    for (const auto &[name, value] : variables)
        environment.insert(QLatin1String(name), QLatin1String(value));
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

// What differs from a refusal with that exit code that says so and writes nothing; empty if nothing does. FOLDER in an
// argument stands for it.
inline QByteArray wrong_refusal(QStringList arguments, int code, const QByteArray &says, const QString &folder)
{
    arguments.replaceInStrings(QStringLiteral("FOLDER"), folder);
    const Result result = run(arguments);
    if (result.code != code)
        return "ends with " + QByteArray::number(result.code) + ": " + result.err;
    if (!result.err.contains(says))
        return "says " + result.err;
    return QDir(folder).isEmpty() ? QByteArray() : QByteArray("writes into the folder");
}

} // namespace epscope::testing
