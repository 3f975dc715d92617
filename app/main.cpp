// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFileInfo>

#include "app/cli/command_line.h"
#include "app/explorer.h"
#include "app/pictures.h"

int main(int argc, char **argv)
{
    // Nothing or a file: the explorer. Everything else is a command.
    if (argc == 1)
        return epscope::run_explorer(argc, argv, std::nullopt);
    if (argc == 2 && QFileInfo(QString::fromLocal8Bit(argv[1])).isFile())
        return epscope::run_explorer(argc, argv, QString::fromLocal8Bit(argv[1]));
    return epscope::run_command_line(
        argc, argv, epscope::Pictures(), {epscope::add_render_command, epscope::add_report_command});
}
