// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, saving, recent files, and what is left after a crash. The program runs itself as a child that is killed.
#include "app/session/documents.h"

#include <csignal>
#include <cstdio>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QProcess>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include <sys/resource.h>
#include <unistd.h>

#include "app/files/embedded_study.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/sanitized.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const QString child_option = QStringLiteral("--edit-until-killed");

// A session and its documents over a folder, without a window.
struct Desk {
    Session session;
    Documents documents;

    explicit Desk(const QString &folder)
        : documents(session, shipped_library(), folder)
    {
    }

    void set(const char *key, const QString &value)
    {
        const QString wrong = session.set(key, value);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
};

QStringList recovery_files(const QString &folder)
{
    return QDir(folder).entryList({QStringLiteral("recovery-*")}, QDir::Files);
}

Study changed(Study study)
{
    set_parameter(study, "context", "9000", BareNumbers::allowed);
    set_parameter(study, "chip.H20.memory", "141 GB", BareNumbers::allowed);
    return study;
}

// What the child does: open a study, change it, say so when it is safe, and wait for the end.
int edit_until_killed(const QString &folder, const QString &file)
{
    Desk explorer(folder);
    const QStringList problems = file.isEmpty() ? explorer.documents.open_library_study(QStringLiteral("published-v1"))
                                                : explorer.documents.open(file);
    if (!problems.isEmpty())
        return 1;
    explorer.session.change(changed(explorer.session.study()));
    QElapsedTimer since;
    since.start();
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &poll, [&] {
        if (recovery_files(folder).filter(QRegularExpression(QStringLiteral("yaml$"))).isEmpty())
            return;
        poll.stop();
        std::printf("safe after %lld ms\n", static_cast<long long>(since.elapsed()));
        std::fflush(stdout);
    });
    poll.start(5);
    return QCoreApplication::exec();
}

} // namespace

class TestDocuments : public QObject {
    Q_OBJECT

private slots:
    void init();
    void library_study_is_unmodified_without_file();
    void save_and_open_give_the_same_study();
    void save_as_names_a_new_study_after_its_file();
    void a_file_keeps_its_name();
    void yaml_is_added();
    void opening_a_bad_file_changes_nothing();
    void unwritable_places_are_reported_data();
    void unwritable_places_are_reported();
    void a_full_disk_leaves_the_old_file();
    void exported_pictures_open();
    void kinds_of_files();
    void models_are_taken_with_what_they_state();
    void recent_files();
    void modified_follows_the_session();
    void autosave_comes_within_two_seconds_of_steady_changes();
    void autosave_goes_when_there_is_nothing_to_lose();
    void autosave_into_an_unwritable_folder_says_so_once();
    void killed_sessions_are_recovered_data();
    void killed_sessions_are_recovered();
    void discarded_recoveries_are_gone();
    void living_sessions_are_left_alone();
    void broken_recoveries_are_not_offered();
    void recovering_twice_loses_nothing();
    void last_session_comes_back();
    void a_damaged_session_is_not_restored();
    void damaged_state_is_ignored();
    void state_folder_follows_xdg();

private:
    Folder temporary;
    QString folder, state;
};

void TestDocuments::init()
{
    temporary.renew();
    folder = temporary.path();
    state = folder + QStringLiteral("/state");
}

void TestDocuments::library_study_is_unmodified_without_file()
{
    Desk explorer(state);
    QCOMPARE(explorer.documents.open_library_study(QStringLiteral("explore")), QStringList());
    QVERIFY(explorer.session.study() == study_named("explore"));
    QCOMPARE(explorer.documents.file(), QString());
    QCOMPARE(explorer.documents.library_study(), QStringLiteral("explore"));
    QCOMPARE(explorer.documents.title(), QStringLiteral("Explore"));
    QVERIFY(!explorer.documents.modified());
    const QStringList problems = explorer.documents.open_library_study(QStringLiteral("explor"));
    QCOMPARE(problems.size(), 1);
    QVERIFY2(problems[0].contains(u"did you mean 'explore'"), qPrintable(problems[0]));
    QCOMPARE(explorer.documents.library_study(), QStringLiteral("explore"));
}

void TestDocuments::save_and_open_give_the_same_study()
{
    const QString file = folder + QStringLiteral("/a study ä.yaml");
    Desk first(state);
    first.documents.open_library_study(QStringLiteral("published-v1"));
    first.session.change(changed(first.session.study()));
    QVERIFY(first.documents.modified());
    QCOMPARE(first.documents.save_as(file), QString());
    QVERIFY(!first.documents.modified());
    QCOMPARE(first.documents.file(), file);
    QCOMPARE(first.documents.title(), QStringLiteral("a study ä.yaml"));
    first.set("ep", QStringLiteral("16..64:8"));
    QVERIFY(first.documents.modified());
    QCOMPARE(first.documents.save(), QString());
    QVERIFY(!first.documents.modified());

    Desk second(state);
    QCOMPARE(second.documents.open(file), QStringList());
    QVERIFY(second.session.study() == first.session.study());
    QCOMPARE(second.session.study().workload.context, 9000);
    QCOMPARE(second.documents.file(), file);
    QVERIFY(!second.documents.modified());
    // It stands on its own.
    const Library none({});
    QVERIFY(read_study(content(file).toStdString(), "saved", none));
}

void TestDocuments::save_as_names_a_new_study_after_its_file()
{
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    QCOMPARE(explorer.documents.save_as(folder + QStringLiteral("/what, if \"b\".v2.yaml")), QString());
    QCOMPARE(explorer.session.study().name, std::string("what if b.v2"));
    QCOMPARE(explorer.session.study().title, std::string("what if b.v2"));
    const QString longest = QString(70, QChar(0xe4));
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    QCOMPARE(explorer.documents.save_as(folder + u'/' + longest), QString());
    QCOMPARE(explorer.documents.open(folder + u'/' + longest + QStringLiteral(".yaml")), QStringList());
    QCOMPARE(QString::fromStdString(explorer.session.study().name), longest.left(32));
}

void TestDocuments::a_file_keeps_its_name()
{
    const QString file = folder + QStringLiteral("/one.yaml");
    Study study = published_study();
    study.title = "My study";
    write(file, QByteArray::fromStdString(study_text(study)));
    Desk explorer(state);
    QCOMPARE(explorer.documents.open(file), QStringList());
    QCOMPARE(explorer.documents.save_as(folder + QStringLiteral("/two.yaml")), QString());
    QCOMPARE(explorer.session.study().title, std::string("My study"));
    QCOMPARE(explorer.session.study().name, std::string("published-v1"));
    QCOMPARE(content(folder + QStringLiteral("/two.yaml")), content(file));
}

void TestDocuments::yaml_is_added()
{
    QCOMPARE(study_file_name(QStringLiteral("a")), QStringLiteral("a.yaml"));
    QCOMPARE(study_file_name(QStringLiteral("a.yml")), QStringLiteral("a.yml"));
    QCOMPARE(study_file_name(QStringLiteral("b300.v2")), QStringLiteral("b300.v2.yaml"));
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    QCOMPARE(explorer.documents.save_as(folder + QStringLiteral("/plain")), QString());
    QCOMPARE(explorer.documents.file(), folder + QStringLiteral("/plain.yaml"));
}

void TestDocuments::opening_a_bad_file_changes_nothing()
{
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    explorer.set("context", QStringLiteral("7000"));
    const QString bad = folder + QStringLiteral("/bad.yaml");
    write(bad, "study: x\nprofile: published-v1\nworkload: {context: 5 GB}\n");
    const QStringList problems = explorer.documents.open(bad);
    QVERIFY(problems.size() > 3);
    QVERIFY2(problems[0].startsWith(bad + QStringLiteral(":")), qPrintable(problems[0]));
    QVERIFY2(problems.filter(QStringLiteral("context")).size() == 1, qPrintable(problems.join(u'\n')));
    for (const QString &other : QStringList{
             folder, folder + QStringLiteral("/missing.yaml"), QStringLiteral("/dev/zero"), QStringLiteral("-")}) {
        const QStringList found = explorer.documents.open(other);
        QCOMPARE(found.size(), 1);
        QVERIFY2(found[0].contains(other == u"-" ? QStringLiteral("/-") : other), qPrintable(found[0]));
    }
    QCOMPARE(explorer.session.study().workload.context, 7000);
    QVERIFY(explorer.documents.modified());
    QCOMPARE(explorer.documents.library_study(), QStringLiteral("published-v1"));
    QCOMPARE(explorer.documents.recent(), QStringList());
}

void TestDocuments::unwritable_places_are_reported_data()
{
    QTest::addColumn<QString>("place");
    QTest::addColumn<QString>("reason");
    QTest::newRow("missing folder") << QStringLiteral("FOLDER/none/a.yaml")
                                    << QStringLiteral("there is no folder FOLDER/none");
    QTest::newRow("folder") << QStringLiteral("FOLDER/taken.yaml") << QStringLiteral("it is a folder");
    QTest::newRow("full device") << QStringLiteral("FOLDER/full.yaml") << QStringLiteral("No space left on device");
    const QString refused = ::geteuid() == 0 ? QStringLiteral("No such file") : QStringLiteral("Permission denied");
    QTest::newRow("proc") << QStringLiteral("/proc/a.yaml") << refused;
    QTest::newRow("read-only folder") << QStringLiteral("FOLDER/locked/a.yaml") << QStringLiteral("Permission denied");
    QTest::newRow("read-only file") << QStringLiteral("FOLDER/fixed.yaml") << QStringLiteral("it is read-only");
}

void TestDocuments::unwritable_places_are_reported()
{
    QFETCH(QString, place);
    QFETCH(QString, reason);
    if (QByteArray(QTest::currentDataTag()).startsWith("read-only") && ::geteuid() == 0)
        QSKIP("root may write everywhere");
    const auto here = [&](QString text) { return text.replace(QStringLiteral("FOLDER"), folder); };
    QDir(folder).mkdir(QStringLiteral("taken.yaml"));
    QDir(folder).mkdir(QStringLiteral("locked"));
    QVERIFY(QFile::link(QStringLiteral("/dev/full"), folder + QStringLiteral("/full.yaml")));
    QFile::setPermissions(folder + QStringLiteral("/locked"), QFile::ReadOwner | QFile::ExeOwner);
    write(folder + QStringLiteral("/fixed.yaml"), "kept");
    QFile::setPermissions(folder + QStringLiteral("/fixed.yaml"), QFile::ReadOwner);

    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    explorer.set("context", QStringLiteral("7000"));
    const QString problem = explorer.documents.save_as(here(place));
    QVERIFY2(problem.startsWith(here(place) + QStringLiteral(" cannot be written: ")), qPrintable(problem));
    QVERIFY2(problem.contains(here(reason)), qPrintable(problem));
    QVERIFY(explorer.documents.modified());
    QCOMPARE(explorer.documents.file(), QString());
    QCOMPARE(explorer.documents.title(), QStringLiteral("Published tables (V1.0)"));
    QCOMPARE(content(folder + QStringLiteral("/fixed.yaml")), QByteArray("kept"));
    QVERIFY(!QFileInfo(QStringLiteral("/dev/full")).isFile());
    QFile::setPermissions(folder + QStringLiteral("/locked"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

// The disk fills in the middle of the file.
void TestDocuments::a_full_disk_leaves_the_old_file()
{
    const QString file = folder + QStringLiteral("/one.yaml");
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    QCOMPARE(explorer.documents.save_as(file), QString());
    const QByteArray before = content(file);
    explorer.set("context", QStringLiteral("7000"));
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{1000, limit.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const QString problem = explorer.documents.save();
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, handler);
    QVERIFY2(problem.startsWith(file + QStringLiteral(" cannot be written: ")), qPrintable(problem));
    QCOMPARE(content(file), before);
    QCOMPARE(QDir(folder).entryList({QStringLiteral("one*")}, QDir::Files), QStringList{QStringLiteral("one.yaml")});
    QVERIFY(explorer.documents.modified());
}

void TestDocuments::exported_pictures_open()
{
    const Study study = changed(published_study());
    const QString yaml = QString::fromStdString(study_text(study));
    QImage image(20, 10, QImage::Format_RGB32);
    image.fill(Qt::white);
    image.setText(QString::fromLatin1(png_study_key), yaml);
    const QString png = folder + QStringLiteral("/picture.png");
    QVERIFY(image.save(png));
    const QString svg = folder + QStringLiteral("/picture.svg");
    write(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\">" + svg_metadata(yaml) + "</svg>");
    for (const QString &file : {png, svg}) {
        Desk explorer(state);
        QCOMPARE(explorer.documents.open(file), QStringList());
        QVERIFY(explorer.session.study() == study);
        QCOMPARE(explorer.documents.file(), QString()); // saving asks for a place
        QVERIFY(!explorer.documents.modified());
        QCOMPARE(explorer.documents.recent(), QStringList());
    }
    // One whose study is none.
    image.setText(QString::fromLatin1(png_study_key), QStringLiteral("study: [\n"));
    QVERIFY(image.save(png));
    Desk explorer(state);
    const QStringList problems = explorer.documents.open(png);
    QCOMPARE(problems.size(), 1);
    QVERIFY2(problems[0].startsWith(png + QStringLiteral(":")), qPrintable(problems[0]));
}

void TestDocuments::kinds_of_files()
{
    const QString file = folder + QStringLiteral("/x");
    QCOMPARE(kind_of_file(file), std::nullopt);
    write(file, QByteArray::fromStdString(chip_text(published_study().chips[0])));
    QCOMPARE(kind_of_file(file), std::optional(Kind::chip));
    write(file, QByteArray::fromStdString(study_text(published_study())));
    QCOMPARE(kind_of_file(file), std::optional(Kind::study));
    write(file, "hello");
    QCOMPARE(kind_of_file(file), std::nullopt);
    // JSON of others is told apart by what it holds, a folder by the config.json in it.
    const QString models = QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models");
    QString why;
    QCOMPARE(kind_of_file(models + QStringLiteral("/DeepSeek-V3.1-NVFP4/hf_quant_config.json"), &why), std::nullopt);
    QVERIFY2(
        why.contains(QStringLiteral(": is the quantisation of a model; expected the config.json")), qPrintable(why));
    QCOMPARE(kind_of_file(models + QStringLiteral("/seeing_config.json")), std::optional(Kind::model));
    QCOMPARE(kind_of_file(models + QStringLiteral("/DeepSeek-V3.1-NVFP4")), std::optional(Kind::model));
    QCOMPARE(kind_of_file(models, &why), std::nullopt);
    QVERIFY2(
        why.endsWith(QStringLiteral(": is a folder without a config.json; expected that of a model")), qPrintable(why));
    write(file, "<svg xmlns=\"http://www.w3.org/2000/svg\">" + svg_metadata(QStringLiteral("study: x\n")) + "</svg>");
    QCOMPARE(kind_of_file(file), std::optional(Kind::study));
}

void TestDocuments::models_are_taken_with_what_they_state()
{
    Desk explorer(folder);
    const QString models = QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models");
    const Study before = explorer.session.study();
    QStringList warnings;
    QCOMPARE(
        explorer.documents.take(Kind::model, models + QStringLiteral("/ring-2.5_config.json"), &warnings).size(), 1);
    QCOMPARE(warnings, QStringList());
    QVERIFY(explorer.session.study() == before);
    QCOMPARE(explorer.documents.take(Kind::model, models + QStringLiteral("/DeepSeek-V3.1-NVFP4"), &warnings),
        QStringList());
    QCOMPARE(explorer.session.study().model.name, std::string("DeepSeek-V3.1-NVFP4"));
    QCOMPARE(explorer.session.study().workload.expert_elem_size.si(), 0.5625);
    QVERIFY2(warnings.size() == 2, qPrintable(warnings.join(u'\n')));
    QVERIFY2(warnings[1].startsWith(QStringLiteral("dense_elem_size: 0.5625 B is taken")), qPrintable(warnings[1]));
    QVERIFY2(warnings[0].startsWith(QStringLiteral("expert_elem_size: 0.5625 B is taken")), qPrintable(warnings[0]));
    QCOMPARE(explorer.documents.take(Kind::model, models + QStringLiteral("/pangu-ultra_config.json"), &warnings),
        QStringList());
    QVERIFY2(warnings.join(u'\n').contains(QStringLiteral("sandwich_norm")), qPrintable(warnings.join(u'\n')));
}

void TestDocuments::recent_files()
{
    const QByteArray yaml = QByteArray::fromStdString(study_text(published_study()));
    QStringList files;
    for (int i = 0; i < 12; ++i) {
        files.prepend(folder + QStringLiteral("/%1.yaml").arg(i));
        write(files.front(), yaml);
    }
    Desk explorer(state);
    for (qsizetype i = files.size(); i > 0; --i)
        QCOMPARE(explorer.documents.open(files[i - 1]), QStringList());
    QCOMPARE(explorer.documents.recent(), files.mid(0, 10));
    QCOMPARE(explorer.documents.open(files[4]), QStringList());
    files.move(4, 0);
    QCOMPARE(explorer.documents.recent(), files.mid(0, 10));
    // Relative names are the same files.
    const QString before = QDir::currentPath();
    QDir::setCurrent(folder);
    QCOMPARE(explorer.documents.open(QFileInfo(files[0]).fileName()), QStringList());
    QDir::setCurrent(before);
    QCOMPARE(explorer.documents.recent(), files.mid(0, 10));
    // A file that has gone is forgotten when that shows.
    QFile::remove(files[3]);
    const QSignalSpy changes(&explorer.documents, &Documents::changed);
    QCOMPARE(explorer.documents.open(files[3]).size(), 1);
    QCOMPARE(changes.size(), 1);
    files.removeAt(3);
    QCOMPARE(explorer.documents.recent(), files.mid(0, 9));
    QCOMPARE(Desk(state).documents.recent(), files.mid(0, 9)); // also after a restart
    explorer.documents.clear_recent();
    QCOMPARE(explorer.documents.recent(), QStringList());
}

void TestDocuments::modified_follows_the_session()
{
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    const QSignalSpy changes(&explorer.documents, &Documents::changed);
    explorer.set("context", QStringLiteral("7000"));
    QVERIFY(explorer.documents.modified());
    QCOMPARE(changes.size(), 1);
    explorer.set("context", QStringLiteral("7001"));
    QCOMPARE(changes.size(), 1);
    explorer.set("context", QStringLiteral("5120"));
    QVERIFY(!explorer.documents.modified());
    QCOMPARE(changes.size(), 2);
}

void TestDocuments::autosave_comes_within_two_seconds_of_steady_changes()
{
    Desk explorer(state);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    QElapsedTimer since;
    since.start();
    int context = 6000;
    while (recovery_files(state).isEmpty() && since.elapsed() < 5000) { // a drag that does not end
        explorer.set("context", QString::number(++context));
        let_pass(40);
    }
    QVERIFY2(since.elapsed() >= 1500 && since.elapsed() < 2500, QByteArray::number(since.elapsed()).constData());
    // The last change of all is written too.
    explorer.set("context", QStringLiteral("4321"));
    const auto newest = [&]() -> std::int64_t {
        for (const QString &name : recovery_files(state)) {
            const Read<Study> read =
                read_study(content(state + u'/' + name).toStdString(), "recovery", shipped_library());
            if (read)
                return read.value->workload.context;
        }
        return 0;
    };
    QTRY_COMPARE_WITH_TIMEOUT(newest(), 4321, 3000);
}

void TestDocuments::autosave_goes_when_there_is_nothing_to_lose()
{
    {
        Desk explorer(state);
        explorer.documents.open_library_study(QStringLiteral("published-v1"));
        QVERIFY(holds_for(1200, [this] { return recovery_files(state).isEmpty(); })); // nothing changed
        explorer.set("context", QStringLiteral("7000"));
        QTRY_COMPARE_WITH_TIMEOUT(recovery_files(state).size(), 2, 3000); // and its lock
        explorer.set("context", QStringLiteral("5120"));
        QCOMPARE(recovery_files(state), QStringList());
        explorer.set("context", QStringLiteral("7000"));
        QTRY_COMPARE_WITH_TIMEOUT(recovery_files(state).size(), 2, 3000);
        QCOMPARE(explorer.documents.save_as(folder + QStringLiteral("/a.yaml")), QString());
        QCOMPARE(recovery_files(state), QStringList());
        explorer.set("context", QStringLiteral("8000"));
        QTRY_COMPARE_WITH_TIMEOUT(recovery_files(state).size(), 2, 3000);
    }
    QCOMPARE(recovery_files(state), QStringList()); // a clean end
}

void TestDocuments::autosave_into_an_unwritable_folder_says_so_once()
{
    write(state, "a file where the folder should be");
    Desk explorer(state);
    QSignalSpy problems(&explorer.documents, &Documents::autosave_failed);
    explorer.documents.open_library_study(QStringLiteral("published-v1"));
    explorer.set("context", QStringLiteral("7000"));
    QVERIFY(problems.wait(3000));
    QVERIFY2(problems[0][0].toString().contains(QStringLiteral("cannot be written: ")),
        qPrintable(problems[0][0].toString()));
    explorer.set("context", QStringLiteral("7001"));
    QVERIFY(holds_for(1500, [&] { return problems.size() == 1; }));
}

void TestDocuments::killed_sessions_are_recovered_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("from the library") << QString();
    QTest::newRow("from a file") << QStringLiteral("my %41 study ä.yaml");
}

void TestDocuments::killed_sessions_are_recovered()
{
    if (thread_sanitized)
        QSKIP("the thread sanitizer of Clang 14 ends where Qt starts a process by clone()");
    QFETCH(QString, name);
    QString file;
    if (!name.isEmpty()) {
        file = folder + u'/' + name;
        write(file, QByteArray::fromStdString(study_text(published_study())));
    }
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("documents"), child_option, state, file});
    QVERIFY(child.waitForReadyRead(10000));
    const QByteArray said = child.readAllStandardOutput();
    QVERIFY2(said.startsWith("safe after "), said.constData());
    QVERIFY2(said.split(' ').at(2).toInt() < 2000, said.constData());

    Desk explorer(state);
    QCOMPARE(explorer.documents.recoverable().size(), std::size_t{0}); // it lives
    child.kill();
    QVERIFY(child.waitForFinished(5000));
    const auto left = explorer.documents.recoverable();
    QCOMPARE(left.size(), std::size_t{1});
    QCOMPARE(left[0].title, QStringLiteral("Published tables (V1.0)"));
    QCOMPARE(left[0].file, file);
    QCOMPARE(left[0].library_study, file.isEmpty() ? QStringLiteral("published-v1") : QString());
    QVERIFY(left[0].saved.secsTo(QDateTime::currentDateTime()) < 20);

    QCOMPARE(explorer.documents.recover(left[0]), QStringList());
    QVERIFY(explorer.session.study() == changed(published_study()));
    QVERIFY(explorer.session.opened() == published_study()); // where the marks stand
    QCOMPARE(explorer.documents.file(), file);
    QVERIFY(explorer.documents.modified());
    QCOMPARE(explorer.documents.recoverable().size(), std::size_t{0});
    QVERIFY(!QFileInfo::exists(left[0].recovery));
    QCOMPARE(recovery_files(state).size(), 2); // safe again at once, under the new owner
}

void TestDocuments::discarded_recoveries_are_gone()
{
    QDir().mkpath(state);
    write(
        state + QStringLiteral("/recovery-1.yaml"), QByteArray::fromStdString(study_text(changed(published_study()))));
    write(state + QStringLiteral("/recovery-1.yaml.lock"), "");
    Desk explorer(state);
    const auto left = explorer.documents.recoverable();
    QCOMPARE(left.size(), std::size_t{1});
    QCOMPARE(left[0].file, QString());
    explorer.documents.discard(left[0]);
    QCOMPARE(recovery_files(state), QStringList());
    QCOMPARE(explorer.documents.recoverable().size(), std::size_t{0});
}

// Also where a process number comes again, as in containers: a file of the own number is somebody else's.
void TestDocuments::living_sessions_are_left_alone()
{
    QDir().mkpath(state);
    const QString namesake = state + QStringLiteral("/recovery-%1.yaml").arg(QCoreApplication::applicationPid());
    const QByteArray yaml = QByteArray::fromStdString(study_text(changed(published_study())));
    write(namesake, yaml);
    Desk first(state), second(state);
    for (Desk *explorer : {&first, &second}) {
        QCOMPARE(explorer->documents.recoverable().size(), std::size_t{1});
        explorer->documents.open_library_study(QStringLiteral("published-v1"));
        explorer->set("context", QStringLiteral("7000"));
    }
    QTRY_COMPARE_WITH_TIMEOUT(recovery_files(state).size(), 5, 3000);
    QCOMPARE(content(namesake), yaml);
    QCOMPARE(first.documents.recoverable().size(), std::size_t{1});
    QCOMPARE(first.documents.recoverable()[0].recovery, namesake);
}

void TestDocuments::broken_recoveries_are_not_offered()
{
    QDir().mkpath(state);
    write(state + QStringLiteral("/recovery-1.yaml"), "study: [");
    write(state + QStringLiteral("/recovery-2.yaml"), "");
    QDir(state).mkdir(QStringLiteral("recovery-3.yaml"));
    QCOMPARE(Desk(state).documents.recoverable().size(), std::size_t{0});
}

// Its file is gone, so what is recovered counts as unsaved.
void TestDocuments::recovering_twice_loses_nothing()
{
    QDir().mkpath(state);
    write(state + QStringLiteral("/recovery-1.yaml"),
        "# recovered from: file:///nowhere/gone.yaml\n"
            + QByteArray::fromStdString(study_text(changed(published_study()))));
    Desk explorer(state);
    const auto left = explorer.documents.recoverable();
    QCOMPARE(left.size(), std::size_t{1});
    QCOMPARE(left[0].file, QStringLiteral("/nowhere/gone.yaml"));
    QCOMPARE(explorer.documents.recover(left[0]), QStringList());
    QCOMPARE(explorer.documents.file(), QString());
    QVERIFY(explorer.documents.modified());
    QVERIFY(explorer.session.study() == changed(published_study()));
    QVERIFY(!explorer.documents.recover(left[0]).isEmpty()); // no longer there
    QVERIFY(explorer.session.study() == changed(published_study()));
    QCOMPARE(explorer.documents.save_as(folder + QStringLiteral("/a.yaml")), QString());
    QVERIFY(!explorer.documents.modified());
}

void TestDocuments::last_session_comes_back()
{
    Documents::LastSession last;
    last.geometry = QByteArray::fromHex("0001ff80");
    last.layout = QByteArray("dock\0state", 10);
    last.file = QStringLiteral("/gone/ä, b.yaml");
    last.library_study = QStringLiteral("explore");
    last.selection = Selection{"H20, \"x\"", "CX7 400Gbps", {Policy::naive, 144, 1, 0.5625, 2, 96}};
    last.zooms = {{QStringLiteral("pareto"), QByteArray("1;2.5;3")}, {QStringLiteral("sweep"), QByteArray()}};
    Desk(state).documents.remember(last);
    const Documents::LastSession read = Desk(state).documents.last_session();
    QCOMPARE(read.geometry, last.geometry);
    QCOMPARE(read.layout, last.layout);
    QCOMPARE(read.file, last.file);
    QCOMPARE(read.library_study, last.library_study);
    QVERIFY(read.selection == last.selection);
    QCOMPARE(read.zooms, last.zooms);
    // What is no longer there goes.
    Desk(state).documents.remember({});
    const Documents::LastSession none = Desk(state).documents.last_session();
    QVERIFY(!none.selection && none.zooms.isEmpty() && none.file.isEmpty());
}

// Each byte of the file in turn, as a disk may have it: what was remembered comes back as it was or not at all.
void TestDocuments::a_damaged_session_is_not_restored()
{
    Documents::LastSession last;
    last.geometry = QByteArray::fromHex("01d9d0cb00030000ffff0007");
    last.layout = QByteArray::fromHex("000000ff00000007fd0000000200000000000001");
    last.library_study = QStringLiteral("explore");
    last.selection = Selection{"H20", "CX7 400Gbps", {Policy::naive, 144, 1, 0.5625, 2, 96}};
    last.zooms = {{QStringLiteral("pareto"), QByteArray::fromHex("3ff0000000000000")}};
    last.folded = QStringList{QStringLiteral("Workload")};
    last.measurements = QStringList{QStringLiteral("/a.csv"), QStringLiteral("/b.csv")};
    last.view = {{QStringLiteral("scale"), QStringLiteral("125")}};
    Desk(state).documents.remember(last);
    QFile file(state + QStringLiteral("/session.ini"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray whole = file.readAll();
    const auto restored = [](const QByteArray &bytes) {
        const Folder other; // QSettings would not notice that a file has changed within one tick of the clock
        write(other.path(QStringLiteral("session.ini")), bytes);
        return Desk(other.path()).documents.last_session();
    };
    QCOMPARE(restored(whole).layout, last.layout);
    for (qsizetype i = 0; i < whole.size(); ++i) {
        QByteArray damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
        const Documents::LastSession read = restored(damaged);
        const bool same = read.geometry == last.geometry && read.layout == last.layout && read.zooms == last.zooms
            && read.selection == last.selection && read.folded == last.folded && read.view == last.view
            && read.measurements == last.measurements && read.library_study == last.library_study;
        const bool empty = read.geometry.isEmpty() && read.layout.isEmpty() && read.zooms.isEmpty() && !read.selection
            && read.folded.isEmpty() && read.view.isEmpty() && read.measurements.isEmpty() && read.file.isEmpty()
            && read.library_study.isEmpty() && read.pinned.baselines.empty();
        QVERIFY2(same || empty, (QByteArray::number(i) + " of " + damaged).constData());
    }
}

void TestDocuments::damaged_state_is_ignored()
{
    // What another version left whole, and is none here.
    const auto last_with = [&](std::int64_t batch) {
        const Folder other;
        Documents::LastSession last;
        last.selection = Selection{"H20", "n", {Policy::naive, 72, 1, 1, 0, batch}};
        Desk(other.path()).documents.remember(last);
        return Desk(other.path()).documents.last_session().selection;
    };
    QVERIFY(last_with(8) == (Selection{"H20", "n", {Policy::naive, 72, 1, 1, 0, 8}}));
    for (const std::int64_t batch : {0, -3})
        QVERIFY2(!last_with(batch), QByteArray::number(qlonglong{batch}));
    QDir().mkpath(state);
    write(state + QStringLiteral("/session.ini"), "\x01\x02[[[\n[window\nfile=@Invalid()\n=\n\xff\xfe");
    const Desk explorer(state);
    QVERIFY(!explorer.documents.last_session().selection);
    QCOMPARE(explorer.documents.last_session().file, QString());
    QCOMPARE(explorer.documents.recent(), QStringList());
}

void TestDocuments::state_folder_follows_xdg()
{
    qputenv("XDG_STATE_HOME", "/somewhere/state");
    QCOMPARE(default_state_folder(), QStringLiteral("/somewhere/state/epscope"));
    qputenv("XDG_STATE_HOME", "relative");
    QCOMPARE(default_state_folder(), QDir::homePath() + QStringLiteral("/.local/state/epscope"));
    qunsetenv("XDG_STATE_HOME");
    QCOMPARE(default_state_folder(), QDir::homePath() + QStringLiteral("/.local/state/epscope"));
}

EPSCOPE_SUITE_RUN_BY(documents, [](const QStringList &arguments) {
    if (arguments.size() == 4 && arguments[1] == child_option)
        return edit_until_killed(arguments[2], arguments[3]);
    TestDocuments suite;
    return QTest::qExec(&suite, arguments);
})

#include "tst_documents.moc"
