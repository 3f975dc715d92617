// SPDX-License-Identifier: GPL-3.0-or-later
// The one way in which files are written: whole or not at all.
#pragma once

#include <memory>
#include <stop_token>
#include <string_view>

#include <QByteArray>
#include <QString>

class QSaveFile;

namespace epscope {

// A file that appears on commit(). Devices and pipes are written to as they are, never replaced.
class WholeFile {
public:
    explicit WholeFile(const QString &file);
    ~WholeFile();
    WholeFile(const WholeFile &) = delete;
    WholeFile &operator=(const WholeFile &) = delete;

    // Why it cannot be written, or an empty text.
    const QString &problem() const { return wrong; }
    int descriptor() const { return handle; }
    // False where that fails; problem() says why.
    bool commit();

private:
    std::unique_ptr<QSaveFile> file; // null for what is written directly
    int handle = -1;
    QString wrong;
};

// 0, or the errno of what went wrong. A pipe that nobody reads is waited for until `stop` is requested: ECANCELED.
int write_all(int descriptor, std::string_view bytes, const std::stop_token &stop = {});

// What went wrong, as a sentence with the file's name, or an empty text.
QString save_file(const QString &file, const QByteArray &bytes);
// Likewise, but never over another file; makes the folder.
QString save_new_file(const QString &file, const QByteArray &bytes);

} // namespace epscope
