// SPDX-License-Identifier: GPL-3.0-or-later
// What goes into the real window and comes out of it: files opened, saved and dropped, work recovered, charts exported.
// The program runs itself as a child that is killed.
#include <csignal>
#include <cstdio>
#include <memory>

#include <QAbstractItemModel>
#include <QAbstractItemView>
#include <QComboBox>
#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QProcess>
#include <QRegularExpression>
#include <QStatusBar>
#include <QTimer>
#include <QXmlStreamReader>

#include <sys/stat.h>
#include <unistd.h>

#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/files/embedded_study.h"
#include "app/views/elided_label.h"
#include "app/views/results_table.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const QString window_child_option = QStringLiteral("--edit-until-killed");

// A shipped file as another entry.
QByteArray renamed(const QString &resource, const QByteArray &kind, const QByteArray &name)
{
    QByteArray text = content(QStringLiteral(EPSCOPE_SOURCE_DIR "/resources/") + resource);
    const qsizetype line = text.indexOf(QByteArray(kind + ':'));
    return text.replace(line, text.indexOf('\n', line) - line, QByteArray(kind + ": " + name));
}

// As a file manager drops them; whether the window has taken it.
bool drop(QWidget &target, const QStringList &files)
{
    QMimeData data;
    QList<QUrl> urls;
    for (const QString &file : files)
        urls << QUrl::fromLocalFile(file);
    data.setUrls(urls);
    data.setText(files.join(u'\n'));
    const QPoint middle = target.rect().center();
    QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&target, &enter);
    QDropEvent event(middle, Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(&target, &event);
    QApplication::processEvents();
    return enter.isAccepted() && event.isAccepted();
}

// What the child does: open the window, change the study with a key, say so when it is safe, and wait for the end.
int edit_until_killed(const QString &folder)
{
    Explorer explorer(folder);
    explorer.show();
    auto *context = explorer.window.findChild<ValueSlider *>(QStringLiteral("context"));
    context->setFocus();
    QTest::keyClick(context, Qt::Key_PageUp);
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &poll, [&] {
        if (QDir(folder).entryList({QStringLiteral("recovery-*.yaml")}, QDir::Files).isEmpty())
            return;
        poll.stop();
        std::printf("context %s\n", parameter_text(explorer.study(), "context")->c_str());
        std::fflush(stdout);
    });
    poll.start(5);
    return QApplication::exec();
}

} // namespace

class TestWindowFiles : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void saved_and_opened_again();
    void every_file_that_is_taken_can_be_opened();
    void a_file_changed_by_others_is_not_replaced_unasked();
    void the_unsaved_question_data();
    void the_unsaved_question();
    void files_can_be_dropped_anywhere();
    void dropped_parts_become_part_of_the_study();
    void what_is_no_use_is_said_once();
    void refusals_fit_every_way_in();
    void the_status_line_follows_the_study();
    void a_killed_session_is_offered();
    void a_recovery_can_wait();
    void a_part_on_the_command_line();
    void exports_wait_for_a_result();
    void every_chart_in_every_format();
    void dropped_exports_bring_their_study_back();
    void everything_at_once();
    void an_export_can_be_cancelled();
    void what_has_no_answer_is_not_written();
    void unwritable_targets_say_why();
    void what_looks_like_html_is_shown_as_it_is();
    void the_dialog_offers_what_is_taken();
    void boxes_show_text_as_it_is();
    void a_box_lists_few_problems();

private:
    Folder folder;
    std::unique_ptr<Explorer> explorer;

    Answers &answers() { return explorer->answers; }
    QString said_in_status() { return explorer->window.statusBar()->findChild<ElidedLabel *>()->text(); }
    void start_again()
    {
        explorer.reset();
        explorer = std::make_unique<Explorer>(folder.path(QStringLiteral("state")));
    }
};

void TestWindowFiles::init()
{
    folder.renew();
    start_again();
}

void TestWindowFiles::cleanup()
{
    explorer.reset();
}

void TestWindowFiles::saved_and_opened_again()
{
    explorer->show();
    explorer->set("context", QStringLiteral("9000"));
    explorer->set("chip.H20.memory", QStringLiteral("141 GB"));
    const Study study = explorer->study();
    QVERIFY(explorer->window.isWindowModified());
    answers().file = folder.path(QStringLiteral("mine.yaml"));
    explorer->action(QStringLiteral("Save")).trigger(); // asks for a name
    QCOMPARE(answers().proposals.size(), 1);
    QVERIFY(!explorer->window.isWindowModified());
    QVERIFY(explorer->window.windowTitle().contains(QStringLiteral("mine.yaml")));
    explorer->set("context", QStringLiteral("9001"));
    explorer->action(QStringLiteral("Save")).trigger(); // does not
    QCOMPARE(answers().proposals.size(), 1);

    start_again();
    explorer->show();
    answers().file = folder.path(QStringLiteral("mine.yaml"));
    explorer->action(QStringLiteral("Open…")).trigger();
    Study expected = with(study, "context", "9001");
    expected.name = expected.title = "mine";
    QVERIFY(explorer->study() == expected);
    QVERIFY(explorer->answer().outcome == search(expected));
    QCOMPARE(answers().warnings, QStringList());
}

void TestWindowFiles::every_file_that_is_taken_can_be_opened()
{
    explorer->show();
    QString filter;
    Dialogs dialogs = answers().dialogs();
    dialogs.open_file = [&](QWidget *, const QString &, const QString &asked) {
        filter = asked;
        return QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models/DeepSeek-V3.1-NVFP4/config.json");
    };
    explorer->window.set_dialogs(dialogs);
    explorer->action(QStringLiteral("Open…")).trigger();
    for (const char *pattern : {"*.yaml", "*.yml", "*.json", "*.csv", "*.png", "*.svg", "*.pdf", "*.html"})
        QVERIFY2(filter.contains(QLatin1String(pattern)), qPrintable(filter));
    // That of a model's folder stands for the folder.
    QCOMPARE(explorer->study().model.name, std::string("DeepSeek-V3.1-NVFP4"));
    QCOMPARE(exact_text(explorer->study().workload.expert_elem_size), std::string("0.5625 B"));
    explorer->answer();
}

void TestWindowFiles::a_file_changed_by_others_is_not_replaced_unasked()
{
    explorer->show();
    const QString file = folder.path(QStringLiteral("shared.yaml"));
    answers().file = file;
    explorer->action(QStringLiteral("Save as…")).trigger();
    const QByteArray theirs = content(file) + "# theirs\n";
    let_pass(20); // the time of a file has no finer steps
    write(file, theirs);
    explorer->set("context", QStringLiteral("9000"));
    answers().confirm = false;
    explorer->action(QStringLiteral("Save")).trigger();
    QCOMPARE(answers().questions.size(), 1);
    QCOMPARE(content(file), theirs);
    answers().confirm = true;
    explorer->action(QStringLiteral("Save")).trigger();
    QVERIFY(content(file) != theirs);
    explorer->set("context", QStringLiteral("9001"));
    explorer->action(QStringLiteral("Save")).trigger(); // known again
    QCOMPARE(answers().questions.size(), 2);
}

void TestWindowFiles::the_unsaved_question_data()
{
    QTest::addColumn<int>("answer");
    QTest::addColumn<bool>("leaves");
    QTest::addColumn<bool>("saved");
    QTest::newRow("save") << static_cast<int>(Dialogs::Unsaved::save) << true << true;
    QTest::newRow("discard") << static_cast<int>(Dialogs::Unsaved::discard) << true << false;
    QTest::newRow("cancel") << static_cast<int>(Dialogs::Unsaved::cancel) << false << false;
}

void TestWindowFiles::the_unsaved_question()
{
    QFETCH(const int, answer);
    QFETCH(const bool, leaves);
    QFETCH(const bool, saved);
    explorer->show();
    answers().unsaved = static_cast<Dialogs::Unsaved>(answer);
    answers().file = folder.path(QStringLiteral("kept.yaml"));
    QVERIFY(explorer->window.close()); // nothing to ask
    explorer->window.show();
    QCOMPARE(answers().questions, QStringList());
    explorer->set("context", QStringLiteral("9000"));
    const Study changed = explorer->study();
    explorer->action(QStringLiteral("Explore")).trigger(); // New from
    QCOMPARE(answers().questions.size(), 1);
    QCOMPARE(explorer->study() == study_named("explore"), leaves);
    QCOMPARE(explorer->study() == changed, !leaves);
    QCOMPARE(QFile::exists(answers().file), saved);
    explorer->set("context", QStringLiteral("9001"));
    QCOMPARE(explorer->window.close(), leaves);
    QCOMPARE(answers().questions.size(), 2);
    answers().unsaved = Dialogs::Unsaved::discard;
}

void TestWindowFiles::files_can_be_dropped_anywhere()
{
    explorer->show(QStringLiteral("explore"));
    const QString study = folder.path(QStringLiteral("dropped.yaml"));
    write(study, QByteArray::fromStdString(study_text(with(published_study(), "context", "8192"))));
    QDockWidget *results = explorer->window.findChild<QDockWidget *>(QStringLiteral("results"));
    results->setFloating(true);
    QList<QWidget *> targets{&explorer->window, explorer->window.findChild<ResultsTable *>()->filter_line(),
        explorer->window.findChild<QLineEdit *>(QStringLiteral("ep.range")),
        explorer->window.findChild<QListWidget *>(QStringLiteral("chips.list"))->viewport()};
    for (ChartView *chart : explorer->window.charts())
        targets << chart;
    for (QWidget *target : targets) {
        explorer->window.open(QStringLiteral("explore"));
        QVERIFY(drop(*target, {study}));
        QCOMPARE(explorer->window.documents().file(), study);
        QCOMPARE(explorer->study().workload.context, 8192);
    }
    // What is no file stays the line's own business.
    QMimeData text;
    text.setText(QStringLiteral("naive"));
    QLineEdit *filter = explorer->window.findChild<ResultsTable *>()->filter_line();
    QDragEnterEvent enter(filter->rect().center(), Qt::CopyAction, &text, Qt::LeftButton, {});
    QApplication::sendEvent(filter, &enter);
    QDropEvent event(filter->rect().center(), Qt::CopyAction, &text, Qt::LeftButton, {});
    QApplication::sendEvent(filter, &event);
    QCOMPARE(filter->text(), QStringLiteral("naive"));
}

void TestWindowFiles::dropped_parts_become_part_of_the_study()
{
    explorer->show();
    const Study before = explorer->study();
    QStringList files;
    for (const auto &[resource, kind] : {std::pair("chips/b200.yaml", "chip"), std::pair("nics/cx8-800.yaml", "nic"),
             std::pair("models/deepseek-v3.yaml", "model"), std::pair("profiles/published-v1.yaml", "profile")}) {
        files << folder.path(QLatin1String(kind) + u".yaml"_qs);
        write(files.back(), renamed(QLatin1String(resource), kind, QByteArray("my-") + kind));
    }
    QVERIFY(drop(explorer->window, files));
    QCOMPARE(answers().warnings, QStringList());
    const Study &study = explorer->study();
    QCOMPARE(study.chips.size(), before.chips.size() + 1);
    QCOMPARE(study.chips.back().name, std::string("my-chip"));
    QCOMPARE(study.nics.size(), before.nics.size() + 1);
    QCOMPARE(study.nics.back().name, std::string("my-nic"));
    QCOMPARE(study.model.name, std::string("my-model"));
    QCOMPARE(study.profile.name, std::string("my-profile"));
    QVERIFY(explorer->answer().outcome == search(study));
    QVERIFY(explorer->window.isWindowModified());
    // One of the same name takes the other's place, so that the others keep their colours.
    write(files[0], renamed(QStringLiteral("chips/b200.yaml"), "chip", "H20"));
    QVERIFY(drop(explorer->window, {files[0]}));
    QCOMPARE(explorer->study().chips.size(), before.chips.size() + 1);
    QCOMPARE(explorer->study().chips[1].name, std::string("H20"));
    QVERIFY(explorer->study().chips[1] != before.chips[1]);
    // A model may be the folder that was downloaded.
    QVERIFY(drop(explorer->window, {QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models/DeepSeek-V3.1-NVFP4")}));
    QCOMPARE(answers().warnings, QStringList());
    QCOMPARE(explorer->study().model.name, std::string("DeepSeek-V3.1-NVFP4"));
    QCOMPARE(explorer->study().workload.expert_elem_size.si(), 0.5625);
}

void TestWindowFiles::what_is_no_use_is_said_once()
{
    explorer->show();
    const Study before = explorer->study();
    const QString text = folder.path(QStringLiteral("notes.txt")), broken = folder.path(QStringLiteral("broken.yaml")),
                  bad_chip = folder.path(QStringLiteral("chip.yaml"));
    QImage picture(8, 8, QImage::Format_RGB32);
    picture.fill(Qt::red);
    QVERIFY(picture.save(folder.path(QStringLiteral("holiday.png"))));
    write(text, "hello\n");
    write(broken, "study: [\n");
    write(bad_chip, "chip: Bad\nmemory: many\n");
    drop(explorer->window,
        {text, broken, bad_chip, folder.path(QStringLiteral("holiday.png")),
            folder.path(QStringLiteral("not-there.yaml"))});
    QCOMPARE(answers().warnings.size(), 1);
    for (const char *name : {"notes.txt", "broken.yaml", "chip.yaml", "holiday.png", "not-there.yaml"})
        QVERIFY2(answers().warnings.front().contains(QLatin1String(name)), qPrintable(answers().warnings.front()));
    QVERIFY(explorer->study() == before);
    QCOMPARE(answers().questions, QStringList());
}

// Also of a file that came by the menu or the command line.
void TestWindowFiles::refusals_fit_every_way_in()
{
    explorer->show();
    answers().file = folder.path(QStringLiteral("notes.txt"));
    write(answers().file, "hello\n");
    explorer->action(QStringLiteral("Open…")).trigger();
    drop(explorer->window, {answers().file});
    drop(explorer->window, {answers().file, folder.path(QStringLiteral("not-there.yaml"))});
    QCOMPARE(answers().warnings.size(), 3);
    QVERIFY(answers().warnings[0].startsWith(u"Cannot open notes.txt: "));
    QCOMPARE(answers().warnings[1], answers().warnings[0]);
    QVERIFY(answers().warnings[2].startsWith(u"Cannot open all of the files: "));
}

void TestWindowFiles::the_status_line_follows_the_study()
{
    explorer->show();
    const QString first = said_in_status();
    QCOMPARE(first, u"Opened "_qs + explorer->window.documents().title());
    answers().file = folder.path(QStringLiteral("mine.yaml"));
    explorer->action(QStringLiteral("Save as…")).trigger();
    QVERIFY(said_in_status().startsWith(u"Saved to "));
    explorer->window.open(QStringLiteral("explore"));
    QCOMPARE(said_in_status(), u"Opened "_qs + explorer->window.documents().title());
    QVERIFY(said_in_status() != first);
    explorer->window.open(answers().file);
    QCOMPARE(said_in_status(), u"Opened "_qs + explorer->window.documents().title());
}

void TestWindowFiles::a_killed_session_is_offered()
{
    const QString state = folder.path(QStringLiteral("state"));
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("window_files"), window_child_option, state});
    QVERIFY(child.waitForReadyRead(20000));
    const QByteArray said = child.readLine().trimmed();
    QVERIFY2(said.startsWith("context "), said.constData());
    QCOMPARE(::kill(static_cast<pid_t>(child.processId()), SIGKILL), 0);
    QVERIFY(child.waitForFinished());

    start_again();
    explorer->window.restore();
    explorer->window.show();
    explorer->window.offer_recovery();
    QCOMPARE(answers().questions.size(), 1);
    QCOMPARE(parameter_text(explorer->study(), "context").value_or(""), said.mid(8).toStdString());
    QVERIFY(explorer->window.isWindowModified());
    QCOMPARE(explorer->window.documents().library_study(), QStringLiteral("published-v1"));
    QVERIFY(explorer->answer().outcome == search(explorer->study()));
    QCOMPARE(explorer->window.documents().recoverable().size(), std::size_t{0});
}

void TestWindowFiles::a_recovery_can_wait()
{
    QDir().mkpath(folder.path(QStringLiteral("state")));
    const QString left = folder.path(QStringLiteral("state/recovery-1.yaml"));
    write(left, QByteArray::fromStdString(study_text(with(published_study(), "context", "9000"))));
    explorer->show();
    answers().recovery = Dialogs::Recovery::later;
    explorer->window.offer_recovery();
    QVERIFY(QFile::exists(left));
    QVERIFY(explorer->study() == published_study());
    answers().recovery = Dialogs::Recovery::discard;
    explorer->window.offer_recovery();
    QVERIFY(!QFile::exists(left));
    QCOMPARE(answers().questions.size(), 2);
}

void TestWindowFiles::a_part_on_the_command_line()
{
    const QString chip = folder.path(QStringLiteral("chip.yaml"));
    write(chip, renamed(QStringLiteral("chips/b200.yaml"), "chip", "B200x"));
    explorer->window.restore(chip);
    QCOMPARE(explorer->study().chips.back().name, std::string("B200x"));
    QCOMPARE(explorer->window.documents().library_study(), QStringLiteral("explore"));
    const QString study = folder.path(QStringLiteral("study.yaml"));
    write(study, QByteArray::fromStdString(study_text(published_study())));
    start_again();
    explorer->window.restore(study);
    QCOMPARE(explorer->window.documents().file(), study);
}

void TestWindowFiles::exports_wait_for_a_result()
{
    const QStringList exports{QStringLiteral("Export all…"), QStringLiteral("Export the chart in use…"),
        QStringLiteral("Pareto front…"), QStringLiteral("Results…"), QStringLiteral("Copy the chart in use")};
    for (const QString &text : exports)
        QVERIFY2(!explorer->action(text).isEnabled(), qPrintable(text));
    explorer->show();
    for (const QString &text : exports)
        QVERIFY2(explorer->action(text).isEnabled(), qPrintable(text));
}

void TestWindowFiles::every_chart_in_every_format()
{
    explorer->show();
    explorer->set("context", QStringLiteral("6000"));
    explorer->answer();
    explorer->seek_a_goal();
    explorer->action(QStringLiteral("3×")).trigger();
    for (ChartView *chart : explorer->window.charts()) {
        QAction &exporting = explorer->action(chart->title() + u'…');
        for (const QString &suffix :
            {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"), QStringLiteral("csv")}) {
            const QString file = folder.path(chart->id() + u'.' + suffix);
            answers().file = file;
            exporting.trigger();
            QVERIFY2(QFile::exists(file), qPrintable(file));
            const QByteArray bytes = content(file);
            if (suffix == u"csv") {
                QCOMPARE(bytes, chart->table().csv().toUtf8());
                continue;
            }
            QCOMPARE(study_in_file(file).value_or(QString()).toStdString(), study_text(explorer->study()));
            if (suffix == u"png") {
                const QImage image(file);
                QCOMPARE(image.size(), QSize(3600, 2025));
                QCOMPARE(QColor(image.pixel(2, 2)), Theme::light().surface);
            } else if (suffix == u"svg") {
                QXmlStreamReader reader(bytes);
                QString texts;
                while (!reader.atEnd())
                    texts += reader.readNext() == QXmlStreamReader::Characters ? reader.text().toString() : QString();
                QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
                QVERIFY(texts.contains(chart->title()));
                QVERIFY(texts.contains(QString::fromStdString(explorer->study().title)));
                QVERIFY(texts.contains(QStringLiteral("all quirks on")));
            } else {
                QVERIFY(bytes.startsWith("%PDF-") && bytes.trimmed().endsWith("%%EOF"));
            }
        }
    }
    QCOMPARE(answers().warnings, QStringList());
    // In the window's colours.
    explorer->action(QStringLiteral("Dark")).trigger();
    explorer->action(QStringLiteral("In the window's colours")).trigger();
    answers().file = folder.path(QStringLiteral("dark.png"));
    explorer->action(QStringLiteral("Pareto front…")).trigger();
    QCOMPARE(QColor(QImage(answers().file).pixel(2, 2)), Theme::night().surface);
}

void TestWindowFiles::dropped_exports_bring_their_study_back()
{
    explorer->show();
    explorer->set("context", QStringLiteral("6000"));
    const Study exported = explorer->study();
    explorer->answer();
    for (const QString &suffix : {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf")}) {
        answers().file = folder.path(u"picture."_qs + suffix);
        explorer->action(QStringLiteral("Memory…")).trigger();
        explorer->window.open(QStringLiteral("explore"));
        QVERIFY(drop(*explorer->window.charts().front()->findChild<QWidget *>(), {answers().file}));
        QVERIFY(explorer->study() == exported);
        QVERIFY(explorer->window.documents().file().isEmpty()); // a picture is not saved over
        explorer->answer();
    }
    QCOMPARE(answers().warnings, QStringList());
}

void TestWindowFiles::everything_at_once()
{
    explorer->show();
    explorer->action(QStringLiteral("Duplicate")).trigger();
    explorer->set("context", QStringLiteral("8192"));
    explorer->answer();
    const auto both_compared = [&] {
        const std::shared_ptr<const Compared> &compared = explorer->window.scenario_outcomes().compared();
        return compared && compared->cases.size() == 2 && compared->cases[1].study == explorer->study();
    };
    QVERIFY(QTest::qWaitFor(both_compared, 20000));
    explorer->seek_a_goal();
    answers().folder = folder.path(QStringLiteral("all"));
    explorer->action(QStringLiteral("Export all…")).trigger();
    for (const char *id : {"sensitivity", "map", "goal"}) { // which nobody has looked at
        const ChartView &chart = explorer->chart(id);
        QVERIFY(chart.visibleRegion().isEmpty());
        QVERIFY2(chart.is_answered(), id);
        const QByteArray table = content(answers().folder + u"/published-v1-"_qs + chart.id() + u".csv"_qs);
        QVERIFY2(table.count('\n') > 1, table.constData());
        QCOMPARE(table, chart.table().csv().toUtf8());
    }
    QStringList expected;
    for (const char *suffix : {"csv", "xlsx"})
        expected << QStringLiteral("published-v1-results.") + QLatin1String(suffix);
    for (const char *suffix : {"png", "svg", "pdf", "csv", "xlsx"})
        expected << QStringLiteral("published-v1-comparison.") + QLatin1String(suffix);
    for (const ChartView *chart : explorer->window.charts()) {
        for (const char *suffix : {"png", "svg", "pdf", "csv", "xlsx"})
            expected << u"published-v1-"_qs + chart->id() + u'.' + QLatin1String(suffix);
    }
    expected.sort();
    QStringList written = QDir(answers().folder).entryList(QDir::Files);
    written.sort();
    QCOMPARE(written, expected);
    QCOMPARE(content(answers().folder + u"/published-v1-results.csv"_qs),
        explorer->window.findChild<ResultsTable *>()->table().csv().toUtf8());
    QCOMPARE(answers().warnings, QStringList());
    QVERIFY(!QApplication::overrideCursor());
}

void TestWindowFiles::an_export_can_be_cancelled()
{
    explorer->show();
    answers().folder = folder.path(QStringLiteral("all"));
    answers().file = folder.path(QStringLiteral("map.png"));
    for (const QString &text : {u"Export all…"_qs, u"Map…"_qs, u"Report…"_qs}) {
        QTimer cancel;
        int cancelled = 0;
        QObject::connect(&cancel, &QTimer::timeout, &cancel, [&] {
            if (QWidget *box = QApplication::activeModalWidget()) {
                ++cancelled;
                QTest::keyClick(box, Qt::Key_Escape);
            }
        });
        cancel.start(0);
        explorer->action(text).trigger();
        QCOMPARE(cancelled, 1);
        QVERIFY(!QFile::exists(answers().folder) && !QFile::exists(answers().file));
    }
    QCOMPARE(answers().warnings, QStringList());
}

void TestWindowFiles::what_has_no_answer_is_not_written()
{
    explorer->show();
    answers().folder = folder.path(QStringLiteral("all"));
    explorer->action(QStringLiteral("Export all…")).trigger();
    QCOMPARE(QDir(answers().folder).entryList({u"*-map.*"_qs}, QDir::Files).size(), 5);
    QCOMPARE(QDir(answers().folder).entryList({u"*-goal.*"_qs}, QDir::Files), QStringList());
    const QString said = said_in_status();
    QVERIFY2(said.contains(u"Goal seek (no goal has been sought)"), qPrintable(said));
    QCOMPARE(answers().warnings, QStringList());
    answers().file = folder.path(QStringLiteral("goal.png"));
    explorer->action(QStringLiteral("Goal seek…")).trigger();
    QVERIFY(!QFile::exists(answers().file));
    QCOMPARE(answers().warnings,
        QStringList{u"Not exported: There is nothing to show: Goal seek (no goal has been sought)."_qs});
    explorer->chart("goal").plot()->setFocus();
    explorer->action(QStringLiteral("Copy the chart in use")).trigger();
    QCOMPARE(answers().warnings.size(), 1); // the dock is behind others and has no keyboard
}

void TestWindowFiles::unwritable_targets_say_why()
{
    explorer->show();
    const QStringList targets{folder.path(QStringLiteral("no/such/folder/pareto.png")), folder.path(),
        folder.path(QStringLiteral("pareto.bmp"))};
    for (const QString &target : targets) {
        answers().warnings.clear();
        answers().file = target;
        explorer->action(QStringLiteral("Pareto front…")).trigger();
        QCOMPARE(answers().warnings.size(), 1);
        QVERIFY2(answers().warnings.front().contains(target), qPrintable(answers().warnings.front()));
    }
    answers().warnings.clear();
    write(folder.path(QStringLiteral("file")), "x");
    answers().folder = folder.path(QStringLiteral("file/folder"));
    explorer->action(QStringLiteral("Export all…")).trigger();
    QCOMPARE(answers().warnings.size(), 1);
    answers().file = folder.path(QStringLiteral("no/such/folder/study.yaml"));
    explorer->action(QStringLiteral("Save as…")).trigger();
    QCOMPARE(answers().warnings.size(), 2);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{QStringLiteral("file")});
    QVERIFY(!QApplication::overrideCursor());
}

// Every label and tooltip, with markup in every name and text that a file can hold.
void TestWindowFiles::what_looks_like_html_is_shown_as_it_is()
{
    const QString markup = QStringLiteral("<img src=x><b>bold</b>");
    const std::string text = markup.toStdString();
    Study study = *shipped_library().study("published-v1").value;
    study.name = study.title = study.source = text;
    study.profile.name = study.profile.title = study.profile.source = text;
    study.model.name = study.model.title = study.model.source = text;
    for (std::size_t i = 0; i < study.chips.size(); ++i)
        study.chips[i].name = study.chips[i].title = study.chips[i].source = text + std::to_string(i);
    for (std::size_t i = 0; i < study.nics.size(); ++i)
        study.nics[i].name = study.nics[i].title = study.nics[i].source = text + std::to_string(i);
    StudyFile file{study};
    ScenarioCard card{text, text, study};
    card.study.workload.context = 4096;
    file.scenarios.push_back(card);
    file.baselines.push_back({text, card.study, std::nullopt});
    const QString name = folder.path(QStringLiteral("<b>markup<") + u"b>.yaml"_qs);
    write(name, QByteArray::fromStdString(study_file_text(file)));
    explorer->window.open(name);
    explorer->window.show();
    explorer->answer();
    QCOMPARE(explorer->study().chips.front().name, text + "0");

    const auto guessed = [](const QString &tip) { return Qt::mightBeRichText(tip) && tip.contains(u"<img"); };
    int seen = 0;
    for (const QWidget *widget : explorer->window.findChildren<QWidget *>()) {
        if (const auto *label = qobject_cast<const QLabel *>(widget))
            QVERIFY2(label->textFormat() != Qt::AutoText, qPrintable(label->objectName() + label->text()));
        QVERIFY2(!guessed(widget->toolTip()), qPrintable(widget->toolTip()));
        seen += widget->toolTip().contains(u"&lt;img") ? 1 : 0;
        const auto *view = qobject_cast<const QAbstractItemView *>(widget);
        const auto *combo = qobject_cast<const QComboBox *>(widget);
        const QAbstractItemModel *model = view ? view->model() : combo ? combo->model() : nullptr;
        if (!model)
            continue;
        for (int column = 0; column < model->columnCount(); ++column) {
            for (int row = 0; row < std::min(20, model->rowCount()); ++row) {
                const QString tip = model->index(row, column).data(Qt::ToolTipRole).toString();
                QVERIFY2(!guessed(tip), qPrintable(tip));
                seen += tip.contains(u"&lt;img") ? 1 : 0;
            }
            QVERIFY(!guessed(model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString()));
        }
        for (int row = 0; row < std::min(20, model->rowCount()); ++row)
            QVERIFY(!guessed(model->headerData(row, Qt::Vertical, Qt::ToolTipRole).toString()));
    }
    for (const QAction *action : explorer->window.findChildren<QAction *>())
        QVERIFY2(!guessed(action->toolTip()), qPrintable(action->toolTip()));
    QVERIFY2(seen > 3, QByteArray::number(seen).constData()); // the tooltips that hold such texts have been looked at
}

// All that the window takes when it is dropped.
void TestWindowFiles::the_dialog_offers_what_is_taken()
{
    QString filters;
    Dialogs dialogs = explorer->answers.dialogs();
    dialogs.open_file = [&](QWidget *, const QString &, const QString &offered) {
        filters = offered;
        return QString();
    };
    explorer->window.set_dialogs(dialogs);
    for (QAction *action : explorer->window.findChildren<QAction *>()) {
        if (action->text() == u"&Open…")
            action->trigger();
    }
    for (const char *suffix : {"*.yaml", "*.yml", "*.json", "*.csv", "*.tsv", "*.png", "*.svg", "*.pdf", "*.html"})
        QVERIFY2(filters.contains(QString::fromLatin1(suffix)), suffix);
    QVERIFY2(filters.endsWith(u";;All files (*)"), qPrintable(filters)); // a download cache names files by their hash
}

// The real boxes of Qt, as they are when they come up.
void TestWindowFiles::boxes_show_text_as_it_is()
{
    const QString markup = QStringLiteral("<img src=x><b>bold</b>");
    const Dialogs native = Dialogs::native();
    int boxes = 0;
    const auto look = [&](const std::function<void()> &ask) {
        QTimer timer;
        connect(&timer, &QTimer::timeout, this, [&] {
            auto *box = qobject_cast<QDialog *>(QApplication::activeModalWidget());
            if (!box)
                return;
            bool shown = false;
            for (const QLabel *label : box->findChildren<QLabel *>()) {
                const bool guesses = label->textFormat() == Qt::AutoText && label->text().contains(u"<img");
                QVERIFY2(!guesses, qPrintable(label->text()));
                shown = shown || label->text().contains(u"img");
            }
            QVERIFY(shown);
            ++boxes;
            box->reject();
        });
        timer.start(0);
        ask();
    };
    look([&] { native.warn(nullptr, QStringLiteral("title"), markup); });
    look([&] { native.confirm(nullptr, QStringLiteral("title"), markup); });
    look([&] { QCOMPARE(native.unsaved(nullptr, markup), Dialogs::Unsaved::cancel); });
    look([&] { QCOMPARE(native.recover(nullptr, markup), Dialogs::Recovery::later); });
    look([&] { QCOMPARE(native.ask_text(nullptr, QStringLiteral("title"), markup, {}), QString()); });
    QCOMPARE(boxes, 5);
}

void TestWindowFiles::a_box_lists_few_problems()
{
    const QString chip = folder.path(QStringLiteral("many.yaml"));
    QByteArray text = "chip: X\n";
    for (int i = 0; i < 5000; ++i)
        text += "k" + QByteArray::number(i) + ": 1\n";
    write(chip, text);
    QStringList dropped{chip};
    for (int i = 0; i < 50; ++i) {
        dropped << folder.path(QStringLiteral("none%1").arg(i));
        write(dropped.back(), "nothing");
    }
    explorer->window.take_files(dropped);
    QCOMPARE(answers().warnings.size(), 1);
    const QStringList lines = answers().warnings.front().split(u'\n');
    QCOMPARE(lines.size(), 21);
    QVERIFY2(lines.back().startsWith(u"and "), qPrintable(lines.back()));
}

EPSCOPE_SUITE_RUN_BY(window_files, [](const QStringList &arguments) {
    if (arguments.size() == 3 && arguments[1] == window_child_option)
        return edit_until_killed(arguments[2]);
    TestWindowFiles suite;
    return QTest::qExec(&suite, arguments);
})

#include "tst_window_files.moc"
