// SPDX-License-Identifier: GPL-3.0-or-later
// Files of tests, and folders for them.
#pragma once

#include <optional>
#include <stdexcept>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace epscope::testing {

// The study of the manual, with baselines, scenarios and notes.
inline QString what_if_study()
{
    return QStringLiteral(EPSCOPE_SOURCE_DIR "/docs/what-if.yaml");
}

// Empty also where there is no such file.
inline QByteArray content(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Makes the folder too.
inline void write(const QString &name, const QByteArray &bytes)
{
    QFile file(name);
    if (!QDir().mkpath(QFileInfo(name).path()) || !file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()
        || !file.flush())
        throw std::runtime_error("cannot write " + name.toStdString());
}

// A folder of a test's own, empty at first and gone with the object.
class Folder {
public:
    Folder() { renew(); }

    // Another one, empty again.
    void renew()
    {
        folder.emplace();
        if (!folder->isValid())
            throw std::runtime_error("no temporary folder: " + folder->errorString().toStdString());
    }
    QString path() const { return folder->path(); }
    // Of what is in it, or could be.
    QString path(const QString &name) const { return folder->filePath(name); }
    QString path(const char *name) const { return path(QString::fromUtf8(name)); }
    // Where it lies then.
    QString write(const QString &name, const QByteArray &bytes) const
    {
        testing::write(path(name), bytes);
        return path(name);
    }

private:
    std::optional<QTemporaryDir> folder;
};

} // namespace epscope::testing
