// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/files/save_file.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QTemporaryFile>

namespace epscope {
namespace {

struct SaveFileTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::save_file)
};

QString failed(const QString &file, const QString &reason)
{
    return SaveFileTexts::tr("%1 cannot be written: %2").arg(QDir::toNativeSeparators(file), reason);
}

} // namespace

WholeFile::WholeFile(const QString &name)
{
    const QFileInfo info(name);
    if (info.isDir()) {
        wrong = SaveFileTexts::tr("it is a folder");
    } else if (!info.dir().exists()) {
        wrong = SaveFileTexts::tr("there is no folder %1").arg(QDir::toNativeSeparators(info.path()));
    } else if (info.exists() && !info.isWritable()) {
        wrong = SaveFileTexts::tr("it is read-only");
    } else if (info.exists() && !info.isFile()) { // QSaveFile would put a file in the place of a device
        handle = open(QFile::encodeName(name).constData(), O_WRONLY | O_CLOEXEC);
        if (handle < 0)
            wrong = qt_error_string(errno);
    } else {
        file = std::make_unique<QSaveFile>(name);
        if (file->open(QIODevice::WriteOnly))
            handle = file->handle();
        else
            wrong = file->errorString();
    }
}

WholeFile::~WholeFile()
{
    if (!file && handle >= 0)
        close(handle);
}

bool WholeFile::commit()
{
    if (file && !file->commit())
        wrong = file->errorString();
    return wrong.isEmpty();
}

int write_all(int descriptor, std::string_view bytes, const std::stop_token &stop)
{
    constexpr std::size_t never_blocks = 4096; // PIPE_BUF: goes through once poll() has said so
    constexpr int between_looks_ms = 5;
    while (!bytes.empty()) {
        if (stop.stop_requested())
            return ECANCELED;
        pollfd writable{descriptor, POLLOUT, 0};
        if (poll(&writable, 1, between_looks_ms) == 0)
            continue;
        const ssize_t written = write(descriptor, bytes.data(), std::min(bytes.size(), never_blocks));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
    }
    return 0;
}

QString save_file(const QString &file, const QByteArray &bytes)
{
    WholeFile whole(file);
    if (!whole.problem().isEmpty())
        return failed(file, whole.problem());
    if (const int error = write_all(whole.descriptor(), {bytes.constData(), static_cast<std::size_t>(bytes.size())}))
        return failed(file, qt_error_string(error));
    return whole.commit() ? QString() : failed(file, whole.problem());
}

QString save_new_file(const QString &file, const QByteArray &bytes)
{
    const QFileInfo info(file);
    if (!QDir().mkpath(info.absolutePath()))
        return SaveFileTexts::tr("%1 cannot be made").arg(QDir::toNativeSeparators(info.absolutePath()));
    if (info.exists())
        return SaveFileTexts::tr("%1 exists already").arg(QDir::toNativeSeparators(file));
    QTemporaryFile draft(file + QStringLiteral(".XXXXXX"));
    if (!draft.open())
        return failed(file, draft.errorString());
    if (const int error = write_all(draft.handle(), {bytes.constData(), static_cast<std::size_t>(bytes.size())}))
        return failed(file, qt_error_string(error));
    draft.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
    if (!draft.rename(file)) // refuses to replace
        return SaveFileTexts::tr("%1 exists already").arg(QDir::toNativeSeparators(file));
    draft.setAutoRemove(false);
    return {};
}

} // namespace epscope
