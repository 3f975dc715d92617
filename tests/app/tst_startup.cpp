// SPDX-License-Identifier: GPL-3.0-or-later
// How the explorer starts: without its resources or a display, after a damaged session; and that commands which wait
// for a window end when something fails in it.
#include <map>
#include <random>
#include <thread>

#include <QDir>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "app/cli/commands.h"
#include "app/files/embedded_study.h"
#include "app/session/analysis_runner.h"
#include "app/window/settling.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// The explorer with one argument at most, in a folder of its own. `display`: name and value of a variable.
Result start(const QStringList &arguments, const QString &folder, const std::pair<QString, QString> &display = {},
    const QString &program = QStringLiteral(EPSCOPE_PROGRAM))
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QLatin1String(variable));
    if (!display.first.isEmpty())
        environment.insert(display.first, display.second);
    environment.insert(QStringLiteral("XDG_STATE_HOME"), folder + QStringLiteral("/state"));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), folder + QStringLiteral("/data"));
    QProcess process;
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    process.start(program, arguments);
    Result result;
    constexpr int longest_ms = 120000;
    if (!process.waitForFinished(longest_ms))
        process.kill();
    else if (process.exitStatus() == QProcess::NormalExit)
        result.code = process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

// Only one chip, and another context than the published study's: its table is no other's.
Study own_study()
{
    Study study = with(published_study(), "context", "9000");
    study.chips.resize(1);
    study.name = study.title = "mine";
    return study;
}

// By name, what a session leaves that had much on show, and one that was killed.
const std::map<QString, QByteArray> &left_behind()
{
    static const std::map<QString, QByteArray> files = [] {
        const Folder folder;
        const QString study = folder.path(QStringLiteral("mine.yaml"));
        write(study, QByteArray::fromStdString(study_text(published_study())));
        {
            Explorer explorer(folder.path());
            explorer.show(study);
            explorer.action(QStringLiteral("Pin")).trigger();
            explorer.session().duplicate_card(explorer.session().card().id);
            explorer.answer();
            explorer.window.close();
        }
        std::map<QString, QByteArray> left;
        left[QStringLiteral("session.ini")] = content(folder.path(QStringLiteral("session.ini")));
        left[QStringLiteral("recovery-1.yaml")] = "# recovered from: library:explore\n"
            + QByteArray::fromStdString(study_text(with(study_named("explore"), "context", "8192")));
        return left;
    }();
    return files;
}

void damage(QByteArray &bytes, qsizetype first, std::mt19937 &random)
{
    const qsizetype place = first + static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size() - first));
    const auto before = bytes[place];
    while (bytes[place] == before)
        bytes[place] = static_cast<char>(random());
}

// Where the layout stands more often than elsewhere: it is what Qt reads without looking.
void damage_file(const QString &name, std::mt19937 &random)
{
    QByteArray bytes = content(name);
    const qsizetype layout = std::max<qsizetype>(0, bytes.indexOf("layout="));
    damage(bytes, random() % 3 == 0 ? 0 : layout, random);
    write(name, bytes);
}

// With the checksum of what is then there.
void damage_layout(const QString &state, std::mt19937 &random)
{
    Session session;
    Documents documents(session, shipped_library(), state);
    Documents::LastSession last = documents.last_session();
    if (last.layout.isEmpty())
        qFatal("no layout");
    damage(last.layout, 0, random);
    documents.remember(last);
    if (documents.last_session().layout != last.layout)
        qFatal("the damaged layout is not read back");
}

} // namespace

class TestStartup : public QObject {
    Q_OBJECT

private slots:
    void init() { folder.renew(); }

    void without_resources_data();
    void without_resources();
    void without_a_display_data();
    void without_a_display();
    void without_a_display_only_studies();
    void what_fails_ends_the_wait();
    void a_curve_that_fails_ends_no_wait();
    void a_wait_ends_in_time();
    void a_stop_ends_the_wait();
    void a_failed_comparison_is_said();
    void a_damaged_session_starts_data();
    void a_damaged_session_starts();

private:
    Folder folder;
};

void TestStartup::without_resources_data()
{
    QTest::addColumn<bool>("some");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("the program alone") << false << QStringList{};
    QTest::newRow("the program alone, with a study") << false << QStringList{QStringLiteral("mine.yaml")};
    QTest::newRow("the first study missing") << true << QStringList{};
    QTest::newRow("the first study missing, drawn")
        << true
        << QStringList{QStringLiteral("render"), QStringLiteral("--view"), QStringLiteral("window"),
               QStringLiteral("-o"), QStringLiteral("window.png")};
}

void TestStartup::without_resources()
{
    QFETCH(const bool, some);
    QFETCH(const QStringList, arguments);
    QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("bin")));
    const QString program = folder.path(QStringLiteral("bin/epscope"));
    QVERIFY(QFile::copy(QStringLiteral(EPSCOPE_PROGRAM), program));
    write(folder.path(QStringLiteral("mine.yaml")), QByteArray::fromStdString(study_text(own_study())));
    const QString share = folder.path(QStringLiteral("share/epscope"));
    if (some) {
        const QDir shipped(QStringLiteral(EPSCOPE_SOURCE_DIR "/resources"));
        for (const QString &kind : shipped.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QVERIFY(QDir(folder.path()).mkpath(share + u'/' + kind));
            for (const QString &file : QDir(shipped.filePath(kind)).entryList(QDir::Files)) {
                if (file != u"explore.yaml")
                    QVERIFY(QFile::copy(shipped.filePath(kind + u'/' + file), share + u'/' + kind + u'/' + file));
            }
        }
    }
    const Result result = start(arguments, folder.path(), {u"QT_QPA_PLATFORM"_qs, u"offscreen"_qs}, program);
    QVERIFY2(result.code == 2, QByteArray::number(result.code) + result.err);
    QCOMPARE(result.out, QByteArray());
    QCOMPARE(result.err.count('\n'), 1);
    QVERIFY2(result.err.contains(some ? QByteArray("explore") : QFile::encodeName(share)), result.err);
    QVERIFY(!QFile::exists(folder.path(QStringLiteral("window.png"))));
}

void TestStartup::without_a_display_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("value");
    QTest::newRow("none") << QString() << QString();
    QTest::newRow("dead") << QStringLiteral("DISPLAY") << QStringLiteral(":29871");
    QTest::newRow("dead, of wayland") << QStringLiteral("WAYLAND_DISPLAY") << QStringLiteral("no-such-display");
    QTest::newRow("no such platform") << QStringLiteral("QT_QPA_PLATFORM") << QStringLiteral("nothing");
}

// The study that was asked for, whichever way the display is not there.
void TestStartup::without_a_display()
{
    QFETCH(const QString, variable);
    QFETCH(const QString, value);
    const QString study = folder.path(QStringLiteral("mine.yaml"));
    write(study, QByteArray::fromStdString(study_text(own_study())));
    const Result table = run({QStringLiteral("search"), QStringLiteral("--study"), study});
    QCOMPARE(table.code, 0);
    const Result result = start({QStringLiteral("mine.yaml")}, folder.path(), {variable, value});
    QVERIFY2(result.code == 0, QByteArray::number(result.code) + result.err);
    QCOMPARE(result.err, variable.isEmpty() ? QByteArray() : QByteArray("epscope: the display cannot be reached\n"));
    const auto rows_of = [](const QByteArray &text) { // without how long the search took
        QByteArrayList rows;
        for (const QByteArray &line : text.split('\n')) {
            if (line.contains("H800") && !line.contains("configurations"))
                rows << line.trimmed();
        }
        return rows;
    };
    QVERIFY(!rows_of(table.out).isEmpty());
    QCOMPARE(rows_of(result.out), rows_of(table.out));
    const QString picture = folder.path(QStringLiteral("epscope-window.png"));
    QVERIFY2(result.out.contains(QFile::encodeName(picture)), result.out);
    QVERIFY(!QImage(picture).isNull());
}

void TestStartup::without_a_display_only_studies()
{
    const QString study = folder.path(QStringLiteral("mine.yaml")), picture = folder.path(QStringLiteral("front.svg"));
    write(study, QByteArray::fromStdString(study_text(own_study())));
    const Result drawn = run({QStringLiteral("render"), QStringLiteral("--study"), study, QStringLiteral("--view"),
        QStringLiteral("memory"), QStringLiteral("-o"), picture});
    QVERIFY2(drawn.code == 0, drawn.err);
    const Result exported = start({picture}, folder.path());
    QVERIFY2(exported.code == 0, exported.err);
    QVERIFY2(exported.out.contains("H800") && !exported.out.contains("H20"), exported.out);

    const Result chip = start({QStringLiteral(EPSCOPE_SOURCE_DIR "/resources/chips/h20.yaml")}, folder.path());
    QCOMPARE(chip.code, 2);
    QVERIFY2(chip.err.contains("is a chip; without a display only a study can be shown"), chip.err);
    write(folder.path(QStringLiteral("notes.txt")), "what I meant to do\n");
    const Result notes = start({QStringLiteral("notes.txt")}, folder.path());
    QCOMPARE(notes.code, 2);
    QCOMPARE(notes.err.count('\n'), 1);
    write(folder.path(QStringLiteral("torn.yaml")), "study: [mine\n");
    const Result torn = start({QStringLiteral("torn.yaml")}, folder.path());
    QCOMPARE(torn.code, 2);
    QVERIFY2(
        torn.err.startsWith("epscope: " + QFile::encodeName(folder.path(QStringLiteral("torn.yaml"))) + ':'), torn.err);
    QCOMPARE(torn.err.count("torn.yaml"), 1); // its place is said once
    // What is wrong with a study inside a picture stands in the picture.
    write(folder.path(QStringLiteral("torn.svg")),
        "<svg xmlns=\"http://www.w3.org/2000/svg\">" + svg_metadata(QStringLiteral("study: mine\nmodel: none\n"))
            + "</svg>");
    const Result inside = start({QStringLiteral("torn.svg")}, folder.path());
    QCOMPARE(inside.code, 2);
    for (const QByteArray &line : inside.err.trimmed().split('\n'))
        QVERIFY2(line.startsWith(QFile::encodeName(folder.path(QStringLiteral("torn.svg"))) + ':'), line);
}

// Nothing else comes after it: who waits for the result would wait for ever.
void TestStartup::what_fails_ends_the_wait()
{
    Explorer explorer(folder.path(QStringLiteral("state")));
    Settling settling(explorer.window, {});
    settling.wait_until([] { return true; });
    QMetaObject::invokeMethod(
        &explorer.window, [&] { emit explorer.session().search_failed(QStringLiteral("no memory")); },
        Qt::QueuedConnection);
    QMetaObject::invokeMethod(
        &explorer.window, [&] { emit explorer.session().search_failed(QStringLiteral("what follows")); },
        Qt::QueuedConnection);
    try {
        settling.wait_until([] { return false; });
        QFAIL("it has ended without having failed");
    } catch (const Failed &failure) {
        QVERIFY2(QByteArray(failure.what()).contains("no memory"), failure.what());
    }
}

void TestStartup::a_curve_that_fails_ends_no_wait()
{
    Explorer explorer(folder.path(QStringLiteral("state")));
    Settling settling(explorer.window, {});
    auto *analyses = explorer.window.findChild<AnalysisRunner *>();
    QVERIFY(analyses);
    emit analyses->failed(curve_kind, QStringLiteral("no memory"));
    QVERIFY(settling.wait_until([] { return true; }));
    emit analyses->failed(seek_kind, QStringLiteral("no memory"));
    QVERIFY_THROWS_EXCEPTION(Failed, settling.wait_until([] { return true; }));
}

// Also where nothing happens meanwhile.
void TestStartup::a_wait_ends_in_time()
{
    Explorer explorer(folder.path(QStringLiteral("state")));
    Settling settling(explorer.window, {});
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!settling.wait_until([] { return false; }, std::chrono::milliseconds(200)));
    QVERIFY2(timer.elapsed() >= 200 && timer.elapsed() < 10000, QByteArray::number(timer.elapsed()));
}

void TestStartup::a_stop_ends_the_wait()
{
    Explorer explorer(folder.path(QStringLiteral("state")));
    std::stop_source stop;
    Settling settling(explorer.window, stop.get_token());
    const std::jthread other([&] { stop.request_stop(); });
    QVERIFY_THROWS_EXCEPTION(Interrupted, settling.wait_until([] { return false; }));
}

void TestStartup::a_failed_comparison_is_said()
{
    Session session;
    session.open(published_study());
    Comparer comparer(session, nullptr,
        [](const std::vector<Card> &cards, std::vector<KnownOutcome> &,
            const JobLimits &) -> std::shared_ptr<const Compared> {
            if (cards.size() > 2)
                throw std::bad_alloc();
            return std::make_shared<const Compared>();
        });
    QSignalSpy failed(&comparer, &Comparer::failed);
    session.duplicate_card(session.card().id);
    QTRY_VERIFY(comparer.compared());
    session.duplicate_card(session.card().id);
    QVERIFY(!comparer.is_current());
    QTRY_COMPARE(failed.size(), 1);
    QVERIFY(comparer.is_current());
    QVERIFY(!comparer.compared()); // one of two cards is none of three
}

void TestStartup::a_damaged_session_starts_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 0; seed < 12; ++seed) {
        QTest::addRow("session %u", seed) << QStringLiteral("session.ini") << seed;
        if (seed % 2 == 0)
            QTest::addRow("recovery %u", seed) << QStringLiteral("recovery-1.yaml") << seed;
        QTest::addRow("layout %u", seed) << QStringLiteral("layout") << seed;
    }
}

// One byte of what was left is another one: of a file, or of the layout in a session that is otherwise as a window
// leaves it, its checksum included. The window comes up, with what was left or without it, and shows a result and each
// dock.
void TestStartup::a_damaged_session_starts()
{
    QFETCH(const QString, file);
    QFETCH(const unsigned, seed);
    const QString state = folder.path(QStringLiteral("state"));
    QVERIFY(QDir().mkpath(state));
    for (const auto &[name, bytes] : left_behind())
        write(state + u'/' + name, bytes);
    std::mt19937 random(seed);
    if (file == u"layout")
        damage_layout(state, random);
    else
        damage_file(state + u'/' + file, random);

    Explorer explorer(state);
    explorer.window.restore();
    explorer.window.show();
    explorer.window.offer_recovery();
    explorer.answer();
    for (ChartView *chart : explorer.window.charts())
        chart->plot()->replot();
    for (QDockWidget *dock : explorer.window.findChildren<QDockWidget *>()) {
        dock->show();
        dock->raise();
        QTRY_VERIFY2(!dock->visibleRegion().isEmpty(), qPrintable(dock->objectName()));
        QVERIFY2(
            dock->isFloating() || explorer.window.rect().contains(dock->geometry()), qPrintable(dock->objectName()));
    }
    explorer.answer();
}

EPSCOPE_SUITE(startup, TestStartup)
#include "tst_startup.moc"
