// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFileInfo>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/pictures.h"
#include "app/window/explorer.h"
#include "core/io/model_config.h"

namespace {

// A file of any kind, or the folder of a model; a folder that is none may be called as a command is.
bool is_source(const QString &name)
{
    const QFileInfo info(name);
    return info.isFile() || (info.isDir() && epscope::model_file_of(name.toStdString()));
}

} // namespace

int main(int argc, char **argv)
{
    // Nothing or what it takes: the explorer. Everything else is a command.
    if (argc == 1)
        return epscope::run_explorer(argc, argv, std::nullopt);
    if (argc == 2 && is_source(QString::fromLocal8Bit(argv[1])))
        return epscope::run_explorer(argc, argv, QString::fromLocal8Bit(argv[1]));
    return epscope::run_command_line(
        argc, argv, epscope::Pictures(), {epscope::add_render_command, epscope::add_report_command});
}
