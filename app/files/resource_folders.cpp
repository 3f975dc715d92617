// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/files/resource_folders.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace epscope {

std::vector<std::filesystem::path> resource_folders()
{
    const QFileInfo program(QFileInfo(QStringLiteral("/proc/self/exe")).symLinkTarget());
    const QString shipped = QDir::cleanPath(program.absolutePath() + QStringLiteral("/../share/epscope"));
    const QString own =
        QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/epscope");
    std::vector<std::filesystem::path> folders{shipped.toStdString()};
    if (QFileInfo(own).canonicalFilePath()
        != QFileInfo(shipped).canonicalFilePath()) // a per-user installation shares the folder
        folders.push_back(own.toStdString());
    return folders;
}

std::string missing_resources(const std::vector<std::filesystem::path> &folders)
{
    return std::filesystem::is_directory(folders.front())
        ? std::string()
        : "epscope: no resources; they should lie in " + folders.front().string();
}

} // namespace epscope
