// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/save_file.h"

#include <memory>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

namespace epscope {
namespace {

QString failed(const QString &file, const QString &reason)
{
    return QCoreApplication::translate("epscope::save_file", "%1 cannot be written: %2").arg(QDir::toNativeSeparators(file), reason);
}

} // namespace

QString save_file(const QString &file, const QByteArray &bytes)
{
    const QFileInfo info(file);
    if (info.isDir())
        return failed(file, QCoreApplication::translate("epscope::save_file", "it is a folder"));
    if (!info.dir().exists())
        return failed(file, QCoreApplication::translate("epscope::save_file", "there is no folder %1")
                                .arg(QDir::toNativeSeparators(info.absolutePath())));
    if (info.exists() && !info.isWritable())
        return failed(file, QCoreApplication::translate("epscope::save_file", "it is read-only"));
    // QSaveFile would put a file in the place of a device.
    const bool device = info.exists() && !info.isFile();
    const std::unique_ptr<QFileDevice> target(device ? static_cast<QFileDevice *>(new QFile(file)) : new QSaveFile(file));
    if (!target->open(QIODevice::WriteOnly))
        return failed(file, target->errorString());
    if (target->write(bytes) != bytes.size() || !target->flush())
        return failed(file, target->errorString());
    if (auto *save = qobject_cast<QSaveFile *>(target.get()); save && !save->commit())
        return failed(file, save->errorString());
    return {};
}

} // namespace epscope
