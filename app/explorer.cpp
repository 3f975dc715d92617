// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer.h"

#include <cstdio>

#include <QApplication>
#include <QDir>
#include <QScreen>

#include "app/application.h"
#include "app/cli/command_line.h"
#include "app/main_window.h"
#include "app/pictures.h"
#include "app/resource_folders.h"
#include "core/text.h"

namespace epscope {
namespace {

bool has_display()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
        || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

// The same commands that a person would give.
int show_without_display(char *program)
{
    const QByteArray picture = QDir::current().filePath(QStringLiteral("epscope-window.png")).toLocal8Bit();
    QByteArray search = "search", render = "render", view = "--view", window = "window", output = "-o", file = picture;
    char *table[] = {program, search.data(), nullptr};
    if (const int failed = run_command_line(2, table, Pictures(), {}))
        return failed;
    char *image[] = {program, render.data(), view.data(), window.data(), output.data(), file.data(), nullptr};
    const int failed = run_command_line(6, image, Pictures(), {add_render_command});
    if (!failed)
        std::printf("\nNo display: the explorer's window is drawn in %s\n", printable(picture.toStdString()).c_str());
    return failed;
}

} // namespace

int run_explorer(int argc, char **argv, const std::optional<QString> &source)
{
    if (!has_display())
        return show_without_display(argv[0]);
    const std::unique_ptr<QApplication> application = make_application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("epscope"));
    QApplication::setApplicationDisplayName(QStringLiteral("EPScope"));
    const Library library(resource_folders());
    ThemeSource theme;
    MainWindow window(library, theme);
    window.resize(QSize(1440, 900).boundedTo(window.screen()->availableSize()));
    window.reset_layout();
    window.restore(source.value_or(QString()));
    window.show();
    QMetaObject::invokeMethod(
        &window, &MainWindow::offer_recovery, Qt::QueuedConnection); // over the window, not before it
    return QApplication::exec();
}

} // namespace epscope
