// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <cstdio>
#include <cstring>

#include <QSaveFile>

#include "app/cli/commands.h"

namespace epscope {

Output::Output(const std::string &path) : name(path)
{
    if (path == "-")
        return;
    file = std::make_unique<QSaveFile>(QString::fromStdString(path));
    if (!file->open(QIODevice::WriteOnly))
        fail();
}

Output::~Output() = default;

void Output::write(std::string_view text)
{
    const bool written = file ? file->write(text.data(), static_cast<qint64>(text.size())) == static_cast<qint64>(text.size())
                              : std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (!written)
        fail();
}

void Output::commit()
{
    const bool committed = file ? file->commit() : std::fflush(stdout) == 0;
    if (!committed)
        fail();
}

void Output::fail() const
{
    if (file)
        throw Failed(name + ": cannot be written: " + file->errorString().toStdString());
    throw Failed(std::string("standard output cannot be written: ") + std::strerror(errno));
}

} // namespace epscope
