// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that asks for a file, pressed as a person presses it: the window's own dialogs come up, are filled in and
// accepted. Other suites put answers in the place of dialogs.
#include <QDialog>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>

#include "app/controls/chip_assistant.h"
#include "app/views/compare_view.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// Fills in every modal dialog as soon as it shows.
class Clerk : public QObject {
public:
    QString folder; // for what is saved
    QString to_open, text; // what is answered
    QStringList asked, written, said; // titles of file dialogs, what was saved, texts of message boxes

    Clerk() { qApp->installEventFilter(this); }

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        auto *dialog = qobject_cast<QDialog *>(watched);
        if (dialog && dialog->isModal() && event->type() == QEvent::Show)
            QMetaObject::invokeMethod(
                dialog, [this, dialog] { fill_in(*dialog); }, Qt::QueuedConnection);
        return false;
    }

private:
    // Nothing is replaced: that would be another question.
    QString fresh_folder()
    {
        const QString fresh = folder + u'/' + QString::number(written.size());
        QDir().mkpath(fresh);
        return fresh;
    }
    void fill_in(QDialog &dialog)
    {
        if (dialog.objectName() == u"waiting"_qs) // for an analysis; ends by itself
            return;
        if (auto *files = qobject_cast<QFileDialog *>(&dialog)) {
            asked << files->windowTitle();
            auto *line = files->findChild<QLineEdit *>(QStringLiteral("fileNameEdit"));
            if (files->fileMode() == QFileDialog::Directory)
                line->setText(folder);
            else if (files->acceptMode() == QFileDialog::AcceptOpen)
                line->setText(to_open);
            else
                line->setText(written.emplace_back(fresh_folder() + u'/' + QFileInfo(line->text()).fileName()));
        } else if (auto *line = qobject_cast<QInputDialog *>(&dialog)) {
            line->setTextValue(text);
        } else if (auto *box = qobject_cast<QMessageBox *>(&dialog)) {
            said << box->text();
            if (QAbstractButton *discard = box->button(QMessageBox::Discard)) {
                discard->click();
                return;
            }
        }
        QMetaObject::invokeMethod(&dialog, "accept");
    }
};

// The window with its own dialogs.
struct Desk : Explorer {
    Clerk clerk;

    explicit Desk(const Folder &folder)
        : Explorer(folder.path(QStringLiteral("state")))
    {
        clerk.folder = folder.path(QStringLiteral("saved"));
        QDir().mkpath(clerk.folder);
        window.set_dialogs(Dialogs::native());
        show();
    }
    QPushButton &button(const char *name)
    {
        auto *found = window.findChild<QPushButton *>(QLatin1String(name));
        if (!found)
            qFatal("no button %s", name);
        return *found;
    }
};

QString own_chips()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/epscope/chips");
}

} // namespace

class TestNativeDialogs : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { QDir(own_chips()).removeRecursively(); }

    void chip_saved_from_the_editor();
    void chip_saved_from_the_assistant();
    void every_save_dialog_writes();
    void every_open_dialog_reads();
    void baseline_renamed();
    void no_source_builds_strings_late();
};

void TestNativeDialogs::chip_saved_from_the_editor()
{
    const Folder folder;
    Desk desk(folder);
    for (const char *name : {"First of mine", "Second of mine", "Third of mine"}) {
        desk.clerk.text = QLatin1String(name);
        desk.button("chip.save").click();
        const QString file = own_chips() + u'/' + desk.clerk.text.toLower().replace(u' ', u'-') + u".yaml"_qs;
        const Read<Chip> read = read_chip(content(file).toStdString(), file.toStdString());
        QVERIFY2(read, qPrintable(file));
        QCOMPARE(read.value->name, std::string(name));
        const auto *message = desk.window.findChild<QLabel *>(QStringLiteral("chip.message"));
        QVERIFY2(message->text().contains(QDir::toNativeSeparators(file)), qPrintable(message->text()));
    }
    desk.answer();
}

void TestNativeDialogs::chip_saved_from_the_assistant()
{
    const Folder folder;
    Desk desk(folder);
    desk.action(QStringLiteral("New chip…")).trigger();
    auto *assistant = desk.window.findChild<ChipAssistant *>();
    QVERIFY(assistant && QTest::qWaitForWindowExposed(assistant));
    const auto type = [&](const char *name, const QString &text) {
        assistant->findChild<QLineEdit *>(QLatin1String(name))->setFocus();
        QTest::keyClicks(assistant->findChild<QLineEdit *>(QLatin1String(name)), text);
    };
    type("new.source", QStringLiteral("data sheet"));
    auto *name = assistant->findChild<QLineEdit *>(QStringLiteral("new.name"));
    for (const char *text : {"One", "Two", "Three"}) {
        name->clear();
        type("new.name", QLatin1String(text));
        QTest::mouseClick(assistant->findChild<QPushButton *>(QStringLiteral("new.save")), Qt::LeftButton);
        const QString file = own_chips() + u'/' + name->text().toLower() + u".yaml"_qs;
        const Read<Chip> read = read_chip(content(file).toStdString(), file.toStdString());
        QVERIFY2(read, qPrintable(assistant->findChild<QLabel *>(QStringLiteral("new.message"))->text()));
        QVERIFY(*read.value == assistant->chip());
    }
}

// Whatever asks where to save saves there. What ends with "…" and is not among them must be known to ask for no file.
void TestNativeDialogs::every_save_dialog_writes()
{
    const Folder folder;
    Desk desk(folder);
    desk.session().duplicate_card(desk.session().card().id);
    desk.answer();
    desk.seek_a_goal();
    QTRY_VERIFY(desk.window.scenario_outcomes().compared());
    const QStringList others{QStringLiteral("New chip…"), QStringLiteral("Open…"), QStringLiteral("Pin a study…"),
        QStringLiteral("Rename…"), QStringLiteral("Seek a goal…"), QStringLiteral("Commands…")};
    int pressed = 0;
    for (QAction *action : desk.window.findChildren<QAction *>()) {
        const QString text = action->text().remove(u'&');
        if (!text.endsWith(u'…') || others.contains(text))
            continue;
        QVERIFY2(action->isEnabled(), qPrintable(text));
        const QStringList before = QDir(desk.clerk.folder).entryList(QDir::Files);
        const qsizetype asked_before = desk.clerk.asked.size(), written_before = desk.clerk.written.size();
        action->trigger();
        QVERIFY2(desk.clerk.asked.size() == asked_before + 1, qPrintable(text));
        QVERIFY2(desk.clerk.said.isEmpty(), qPrintable(text + u": "_qs + desk.clerk.said.join(u' ')));
        if (desk.clerk.written.size() > written_before)
            QVERIFY2(content(desk.clerk.written.back()).size() > 100, qPrintable(text + desk.clerk.written.back()));
        else
            QVERIFY2(QDir(desk.clerk.folder).entryList(QDir::Files).size() > before.size() + 30, qPrintable(text));
        ++pressed;
    }
    // Every chart, the results, the chart in use, all, the report, the study and the comparison.
    QCOMPARE(pressed, static_cast<int>(desk.window.charts().size()) + 6);
}

void TestNativeDialogs::every_open_dialog_reads()
{
    const Folder folder;
    Desk desk(folder);
    Study study = with(desk.study(), "context", "5000");
    study.name = "mine";
    desk.clerk.to_open = folder.path(QStringLiteral("mine.yaml"));
    write(desk.clerk.to_open, QByteArray::fromStdString(study_text(study)));
    desk.action(QStringLiteral("Open…")).trigger();
    QTRY_COMPARE(QString::fromStdString(desk.session().study().name), QStringLiteral("mine"));
    QVERIFY(desk.session().study() == study);

    desk.action(QStringLiteral("Pin a study…")).trigger();
    desk.answer();
    QTRY_COMPARE(desk.window.pinned_baselines().pins.size(), std::size_t{1});

    const Profile profile = *shipped_library().profile("calibrated").value;
    desk.clerk.to_open = folder.path(QStringLiteral("calibrated.yaml"));
    write(desk.clerk.to_open, QByteArray::fromStdString(profile_text(profile)));
    desk.button("profile.open").click();
    QTRY_VERIFY(desk.session().study().profile == profile);
    QCOMPARE(desk.clerk.asked.size(), qsizetype{3});
    QVERIFY2(desk.clerk.said.isEmpty(), qPrintable(desk.clerk.said.join(u' ')));
    desk.answer();
}

void TestNativeDialogs::baseline_renamed()
{
    const Folder folder;
    Desk desk(folder);
    desk.action(QStringLiteral("Pin")).trigger();
    QTRY_COMPARE(desk.session().pins().all.size(), std::size_t{1});
    desk.clerk.text = QStringLiteral("last week");
    for (QAction *action : desk.window.findChildren<QAction *>(QString())) {
        const auto *menu = qobject_cast<QMenu *>(action->parent());
        if (action->text().remove(u'&') == QStringLiteral("Rename…") && menu && !menu->title().isEmpty()
            && menu->menuAction()->isVisible()) {
            action->trigger();
            break;
        }
    }
    QCOMPARE(QString::fromStdString(desk.session().pins().all.front().name), desk.clerk.text);
}

// app/session/session.h refuses the macro where it is compiled; here nothing that a build is described by has it.
void TestNativeDialogs::no_source_builds_strings_late()
{
    const QString macro = QStringLiteral("QT_USE_QSTRING") + QStringLiteral("BUILDER");
    QDirIterator files(QStringLiteral(EPSCOPE_SOURCE_DIR),
        {QStringLiteral("CMakeLists.txt"), QStringLiteral("*.cmake"), QStringLiteral("*.json")}, QDir::Files,
        QDirIterator::Subdirectories);
    int read = 0;
    while (files.hasNext()) {
        const QString file = files.next();
        if (QDir(QStringLiteral(EPSCOPE_SOURCE_DIR)).relativeFilePath(file).startsWith(QStringLiteral("build/")))
            continue;
        ++read;
        QVERIFY2(!content(file).contains(macro.toUtf8()), qPrintable(file));
    }
    QVERIFY(read >= 5);
}

EPSCOPE_SUITE_RUN_BY(native_dialogs, [](const QStringList &arguments) {
    const Folder own; // the user's own library and settings
    qputenv("XDG_DATA_HOME", QFile::encodeName(own.path(QStringLiteral("data"))));
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(own.path(QStringLiteral("config"))));
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    TestNativeDialogs suite;
    return QTest::qExec(&suite, arguments);
})
#include "tst_native_dialogs.moc"
