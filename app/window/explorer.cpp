// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/explorer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QPainter>
#include <QSvgRenderer>

#include <unistd.h>

#include "app/cli/command_line.h"
#include "app/cli/output.h"
#include "app/cli/pictures.h"
#include "app/files/resource_folders.h"
#include "app/look/application.h"
#include "app/window/files.h"
#include "app/window/main_window.h"
#include "app/window/screen_room.h"
#include "app/words/text.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr std::array display_variables{"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"};

bool has_display()
{
    return std::any_of(display_variables.begin(), display_variables.end(),
        [](const char *variable) { return !qEnvironmentVariableIsEmpty(variable); });
}

// The file of a study, or of a picture with one in it, as commands take it. Empty where it is none, which is said.
QString study_for_commands(const QString &source)
{
    const QString file = QFileInfo(source).absoluteFilePath();
    QString why;
    const std::optional<Kind> kind = kind_of_file(file, &why);
    if (kind == Kind::study)
        return file;
    if (kind)
        why = QStringLiteral("is a %1; without a display only a study can be shown")
                  .arg(QString::fromUtf8(name_of(*kind).data(), static_cast<qsizetype>(name_of(*kind).size())));
    else if (why.isEmpty())
        why = QStringLiteral("is no study, nor a picture exported from EPScope");
    const std::string place =
        why.startsWith(file) || why.startsWith(source) ? "" : printable(source.toStdString()) + ": ";
    complain("epscope: " + place + why.toStdString());
    return {};
}

// The same commands that a person would give.
int show_without_display(char *program, const std::optional<QString> &source)
{
    const QString study = source ? study_for_commands(*source) : QString();
    if (source && study.isEmpty())
        return exit_bad_input;
    const QByteArray picture = QDir::current().filePath(QStringLiteral("epscope-window.png")).toLocal8Bit();
    const auto run = [&](std::vector<QByteArray> words, const std::vector<AddCommand> &more) {
        if (!study.isEmpty())
            words.insert(words.end(), {"--study", QFile::encodeName(study)});
        std::vector<char *> arguments{program};
        for (QByteArray &word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        return run_command_line(static_cast<int>(arguments.size()) - 1, arguments.data(), Pictures(), more);
    };
    if (const int failed = run({"search"}, {}))
        return failed;
    const int failed = run({"render", "--view", "window", "-o", picture}, {add_render_command});
    if (!failed)
        std::printf("\nNo display: the explorer's window is drawn in %s\n", printable(picture.toStdString()).c_str());
    return failed;
}

// While it lives, a display that cannot be reached starts the program again without one: Qt would abort it. What Qt
// says meanwhile is passed on only where it has reached one.
class DisplaySearch {
public:
    explicit DisplaySearch(char **argv)
    {
        arguments = argv;
        before = qInstallMessageHandler(hear);
    }
    ~DisplaySearch()
    {
        qInstallMessageHandler(before);
        for (const QString &line : heard)
            complain(line.toStdString());
        heard.clear();
    }
    Q_DISABLE_COPY_MOVE(DisplaySearch)

private:
    inline static char **arguments = nullptr;
    inline static QStringList heard;
    QtMessageHandler before;

    static void hear(QtMsgType type, const QMessageLogContext &context, const QString &message)
    {
        if (type != QtFatalMsg) {
            heard << qFormatLogMessage(type, context, message);
            return;
        }
        complain("epscope: the display cannot be reached");
        for (const char *variable : display_variables)
            unsetenv(variable);
        execv("/proc/self/exe", arguments);
        _exit(exit_failed);
    }
};

} // namespace

QIcon program_icon(const Library &library)
{
    QSvgRenderer drawing(to_text((library.places().front() / "icons" / "epscope.svg").string()));
    QIcon icon;
    for (const int side : {16, 24, 32, 48, 64, 128, 256}) { // drawn at each: none is another one made smaller
        QPixmap pixmap(side, side);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        drawing.render(&painter);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

void introduce(const Library &library)
{
    QApplication::setApplicationName(QStringLiteral("epscope"));
    QApplication::setApplicationDisplayName(QStringLiteral("EPScope"));
    QGuiApplication::setDesktopFileName(QStringLiteral("epscope"));
    QApplication::setWindowIcon(program_icon(library));
}

int run_explorer(int argc, char **argv, const std::optional<QString> &source)
{
    const std::vector<std::filesystem::path> folders = resource_folders();
    if (const std::string missing = missing_resources(folders); !missing.empty()) {
        complain(missing);
        return exit_bad_input;
    }
    const Library library(folders);
    if (const std::vector<Diagnostic> problems = Files::start_problems(library); !problems.empty()) {
        for (const Diagnostic &problem : problems)
            complain("epscope: " + text_of(problem));
        return exit_bad_input;
    }
    if (!has_display())
        return show_without_display(argv[0], source);
    std::optional<DisplaySearch> search(std::in_place, argv);
    const std::unique_ptr<QApplication> application = make_application(argc, argv);
    search.reset();
    introduce(library);
    const ScreenRoom room;
    ThemeSource theme;
    MainWindow window(library, theme);
    window.resize(QSize(1440, 900).boundedTo(ScreenRoom::most(window)));
    window.reset_layout();
    window.restore(source.value_or(QString()));
    window.show();
    QMetaObject::invokeMethod(
        &window, &MainWindow::offer_recovery, Qt::QueuedConnection); // over the window, not before it
    return QApplication::exec();
}

} // namespace epscope
