// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace epscope {

// Writes a file whole or leaves what was there. What went wrong, as a sentence with the file's name, or an empty text.
QString save_file(const QString &file, const QByteArray &bytes);

} // namespace epscope
