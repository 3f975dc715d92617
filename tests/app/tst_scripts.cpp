// SPDX-License-Identifier: GPL-3.0-or-later
// app/run.sh over a small tree of its own, with a stand-in for cmake that builds nothing but the program's stand-in.
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QProcessEnvironment>

#include "tests/support/files.h"
#include "tests/support/suite.h"

using namespace epscope::testing;

class TestScripts : public QObject {
    Q_OBJECT

private slots:
    void init();
    void builds_once();
    void what_has_changed_is_built_data();
    void what_has_changed_is_built();
    void what_has_no_stamp_is_built();
    void a_failed_build_starts_nothing();

private:
    struct Run {
        int code = -1;
        QByteArray out, err;
        qsizetype builds = 0;
    };

    Folder folder;

    void write(const char *name, const QByteArray &text, const QDateTime &time, bool executable = false) const;
    Run run(const QStringList &arguments = {}) const;
};

void TestScripts::write(const char *name, const QByteArray &text, const QDateTime &time, bool executable) const
{
    QVERIFY(QDir().mkpath(QFileInfo(folder.path(name)).path()));
    QFile file(folder.path(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    QVERIFY(file.flush());
    QVERIFY(file.setFileTime(time, QFileDevice::FileModificationTime));
    if (executable)
        QVERIFY(file.setPermissions(file.permissions() | QFileDevice::ExeOwner));
}

void TestScripts::init()
{
    folder.renew();
    const QDateTime long_ago = QDateTime::currentDateTime().addDays(-1);
    write("app/main.cpp", "", long_ago);
    write("core/text.cpp", "", long_ago);
    write("core/old.cpp", "", long_ago);
    write("CMakeLists.txt", "", long_ago);
    write("CMakePresets.json", "", long_ago);
    write("app/setup.sh", "", long_ago);
    QVERIFY(QFile::copy(QStringLiteral(EPSCOPE_SOURCE_DIR "/app/run.sh"), folder.path("app/run.sh")));
    write("bin/cmake",
        "#!/bin/sh\n"
        "echo \"$@\" >> calls\n"
        "[ ! -e broken ] || exit 1\n"
        "[ \"$1\" = --build ] || exit 0\n"
        "mkdir -p build/release/bin\n"
        "printf '#!/bin/sh\\necho \"started: $*\"\\n' > build/release/bin/epscope\n"
        "chmod +x build/release/bin/epscope\n",
        long_ago, true);
}

TestScripts::Run TestScripts::run(const QStringList &arguments) const
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("PATH"), folder.path("bin") + u':' + environment.value(QStringLiteral("PATH")));
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral("bash"), QStringList{folder.path("app/run.sh")} + arguments);
    Run result;
    if (process.waitForFinished())
        result.code = process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    QFile calls(folder.path("calls"));
    if (calls.open(QIODevice::ReadOnly))
        result.builds = calls.readAll().count("--build");
    return result;
}

void TestScripts::builds_once()
{
    const Run first = run({QStringLiteral("search"), QStringLiteral("two words")});
    QCOMPARE(first.code, 0);
    QCOMPARE(first.out, QByteArray("started: search two words\n"));
    QVERIFY2(first.err.contains("built first") && first.err.contains("minutes"), first.err.constData());
    QCOMPARE(first.builds, 1);
    const Run second = run();
    QCOMPARE(second.out, QByteArray("started: \n"));
    QCOMPARE(second.err, QByteArray());
    QCOMPARE(second.builds, 1);
}

void TestScripts::what_has_changed_is_built_data()
{
    QTest::addColumn<QString>("changed");
    QTest::addColumn<bool>("removed");
    QTest::newRow("a source") << "core/text.cpp" << false;
    QTest::newRow("a new source") << "app/charts/new_chart.cpp" << false;
    QTest::newRow("a source that is gone") << "core/old.cpp" << true;
    QTest::newRow("the build's description") << "CMakeLists.txt" << false;
    QTest::newRow("the presets") << "CMakePresets.json" << false;
}

void TestScripts::what_has_changed_is_built()
{
    QFETCH(QString, changed);
    QFETCH(bool, removed);
    QCOMPARE(run().builds, 1);
    if (removed)
        QVERIFY(QFile::remove(folder.path(changed)));
    else
        write(changed.toLatin1().constData(), "changed", QDateTime::currentDateTime());
    const Run again = run();
    QCOMPARE(again.builds, 2);
    QVERIFY2(again.err.contains("have changed"), again.err.constData());
}

// Of a program that something else has built it is not known.
void TestScripts::what_has_no_stamp_is_built()
{
    QCOMPARE(run().builds, 1);
    QVERIFY(QFile::remove(folder.path("build/release/built")));
    const Run again = run();
    QCOMPARE(again.builds, 2);
    QVERIFY2(!again.err.contains("have changed") && again.err.contains("nothing tells"), again.err.constData());
    QCOMPARE(again.out, QByteArray("started: \n"));
}

void TestScripts::a_failed_build_starts_nothing()
{
    QCOMPARE(run().code, 0);
    write("core/text.cpp", "changed", QDateTime::currentDateTime());
    write("broken", "", QDateTime::currentDateTime());
    const Run failed = run();
    QVERIFY(failed.code != 0);
    QCOMPARE(failed.out, QByteArray());
    QVERIFY(QFile::remove(folder.path("broken")));
    QCOMPARE(run().out, QByteArray("started: \n")); // the change is not forgotten
    QCOMPARE(run().builds, 2);
}

EPSCOPE_SUITE(scripts, TestScripts)
#include "tst_scripts.moc"
