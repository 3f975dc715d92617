// SPDX-License-Identifier: GPL-3.0-or-later
// What controls a window, each part without one.
#include <QLabel>
#include <QMainWindow>
#include <QSignalSpy>

#include "app/views/scenario_strip.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestWindowParts : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();

    void files_start_with_a_study();
    void files_ask_before_changes_are_lost();
    void files_take_parts_of_a_study();
    void a_baseline_is_shown_alone();
    void scenarios_follow_each_other();
    void docks_use_the_room();
    void a_dock_in_front_is_closed_and_others_come_up();

private:
    Folder folder;
    Answers answers;
    std::unique_ptr<Library> library;
    std::unique_ptr<Session> session;
    std::unique_ptr<QWidget> window;
    std::unique_ptr<Messages> messages;

    QString said() const { return messages->status->text(); }
    std::unique_ptr<Files> files() { return std::make_unique<Files>(*session, *library, *messages, folder.path()); }
};

void TestWindowParts::init()
{
    folder.renew();
    answers = {};
    library = std::make_unique<Library>(shipped_library());
    session = std::make_unique<Session>();
    window = std::make_unique<QWidget>();
    messages = std::make_unique<Messages>(Messages{window.get(), new ElidedLabel(window.get()), answers.dialogs()});
}

void TestWindowParts::cleanup()
{
    session.reset();
    messages.reset();
    window.reset();
}

void TestWindowParts::files_start_with_a_study()
{
    QVERIFY(Files::start_problems(*library).empty());
    const auto all = files();
    QCOMPARE(all->documents().library_study(), u"explore"_qs);
    QVERIFY(!all->documents().modified());
    QVERIFY(!all->open(folder.path(u"missing.yaml"_qs)));
    QCOMPARE(answers.warnings.size(), 1);
    QCOMPARE(all->documents().library_study(), u"explore"_qs);
}

void TestWindowParts::files_ask_before_changes_are_lost()
{
    const auto all = files();
    const QSignalSpy opened(all.get(), &Files::opened);
    session->set("context", u"6000"_qs);
    const Study changed = session->study();
    answers.unsaved = Dialogs::Unsaved::cancel;
    QVERIFY(!all->open_in_place(u"published-v1"_qs));
    QVERIFY(session->study() == changed);
    answers.unsaved = Dialogs::Unsaved::save;
    answers.file = folder.path(u"mine.yaml"_qs);
    QVERIFY(all->open_in_place(u"published-v1"_qs));
    QCOMPARE(answers.questions.size(), 2);
    QCOMPARE(opened.count(), 1);
    QVERIFY(session->study() == published_study());
    QCOMPARE(all->documents().read(answers.file).value->study.workload.context, changed.workload.context);
    all->ask_what_to_open(); // nothing has changed: nobody is asked
    QCOMPARE(answers.questions.size(), 2);
    QCOMPARE(all->documents().file(), answers.file);
}

void TestWindowParts::files_take_parts_of_a_study()
{
    const auto all = files();
    Chip chip = session->study().chips.front();
    chip.name = "New";
    const QString file = folder.path(u"new.yaml"_qs);
    write(file, QByteArray::fromStdString(chip_text(chip)));
    const std::size_t before = session->study().chips.size();
    all->take({file});
    QVERIFY2(answers.warnings.isEmpty(), qPrintable(answers.warnings.join(u' ')));
    QCOMPARE(session->study().chips.size(), before + 1);
    QVERIFY2(said().contains(u"new.yaml"), qPrintable(said()));
    write(file, "no study");
    all->take({file});
    QCOMPARE(answers.warnings.size(), 1);
}

void TestWindowParts::a_baseline_is_shown_alone()
{
    const auto all = files();
    BaselineControl baselines(*session, all->documents(), *messages);
    const QSignalSpy changed(&baselines, &BaselineControl::shown_changed);
    baselines.show_alone(true); // there is none
    QVERIFY(!baselines.is_shown_alone());
    baselines.pin_result();
    QTRY_COMPARE_WITH_TIMEOUT(baselines.pinned().pins.size(), std::size_t{1}, 20000);
    QVERIFY2(said().startsWith(u"Pinned: "), qPrintable(said()));
    session->set("context", u"6000"_qs);
    QTRY_VERIFY_WITH_TIMEOUT(session->explored() && session->explored()->inputs == session->inputs(), 20000);
    QCOMPARE(baselines.shown().explored, session->explored());
    QCOMPARE(baselines.shown().baselines, baselines.pinned());
    baselines.show_alone(true);
    QCOMPARE(changed.count(), 1);
    const BaselineControl::Shown alone = baselines.shown();
    QCOMPARE(alone.explored, baselines.pinned().primary()->explored);
    QVERIFY(alone.baselines.pins.empty());
    QCOMPARE(alone.baselines.covered.back(), session->explored());
    session->set("context", u"7000"_qs); // would not be seen
    QVERIFY(!baselines.is_shown_alone());
    baselines.show_alone(true);
    baselines.clear();
    QVERIFY(!baselines.is_shown_alone());
    answers.text = u"Last week"_qs;
    baselines.pin_result();
    baselines.ask_for_name(0);
    QCOMPARE(session->pins().all.front().name, std::string("Last week"));
    baselines.take_inputs(0);
    QCOMPARE(QString::fromStdString(parameter_text(session->study(), "context").value_or("")), u"7000"_qs);
}

void TestWindowParts::scenarios_follow_each_other()
{
    session->open(published_study());
    Comparer comparer(*session);
    ScenarioStrip strip(*session, comparer);
    ScenarioControl scenarios(*session, strip);
    scenarios.duplicate();
    scenarios.duplicate();
    QCOMPARE(scenarios.count(), 3);
    QCOMPARE(scenarios.place(), 2);
    scenarios.show_next(1);
    QCOMPARE(scenarios.place(), 0);
    scenarios.show_next(-1);
    QCOMPARE(scenarios.place(), 2);
    scenarios.move(-1);
    QCOMPARE(scenarios.place(), 1);
    scenarios.show(7); // there is none
    QCOMPARE(scenarios.place(), 1);
    scenarios.remove();
    QCOMPARE(scenarios.count(), 2);
}

namespace {

// One dock in each corner, and one behind the first of them.
struct SmallWindow {
    QMainWindow window;
    Docks docks{window};

    SmallWindow()
    {
        using enum DockPlace::Corner;
        using enum DockPlace::Column;
        const auto content = [](const QString &id, const DockPlace &place) {
            auto *label = new QLabel(id);
            label->setMinimumSize(20, 20);
            return DockContent{id, id.toUpper(), label, place};
        };
        window.setCentralWidget(nullptr);
        docks.fill(content(u"inputs"_qs, {}),
            {content(u"e"_qs, {6, upper_left, searched, 2}), content(u"a"_qs, {2, upper_left, searched, 1}),
                content(u"b"_qs, {3, upper_right, shown, 1}), content(u"c"_qs, {4, lower_left, shown, 2}),
                content(u"d"_qs, {5, lower_right, shown, 3})});
    }
    ~SmallWindow() { docks.remove_all(); }
    QStringList with(const QString &id)
    {
        QStringList names;
        for (const QDockWidget *each : window.tabifiedDockWidgets(window.findChild<QDockWidget *>(id)))
            names << each->objectName();
        names.sort();
        return names;
    }
};

} // namespace

void TestWindowParts::docks_use_the_room()
{
    SmallWindow small;
    QStringList order;
    for (const QDockWidget *dock : small.docks.all())
        order << dock->objectName();
    QCOMPARE(order, (QStringList{u"inputs"_qs, u"a"_qs, u"b"_qs, u"c"_qs, u"d"_qs, u"e"_qs}));
    small.window.resize(2000, 1600);
    small.docks.reset_layout();
    QCOMPARE(small.with(u"a"_qs), QStringList{u"e"_qs});
    QCOMPARE(small.with(u"b"_qs), QStringList());
    small.window.resize(2000, 400);
    small.docks.reset_layout();
    QCOMPARE(small.with(u"a"_qs), QStringList{u"e"_qs});
    QCOMPARE(small.with(u"b"_qs), (QStringList{u"c"_qs, u"d"_qs}));
    small.window.resize(300, 400);
    small.docks.reset_layout();
    QCOMPARE(small.with(u"a"_qs), (QStringList{u"b"_qs, u"c"_qs, u"d"_qs, u"e"_qs}));
    const QByteArray stacked = small.docks.layout();
    small.window.resize(2000, 1600);
    small.docks.reset_layout();
    small.docks.restore_layout(stacked);
    QCOMPARE(small.with(u"a"_qs).size(), 4);
}

void TestWindowParts::a_dock_in_front_is_closed_and_others_come_up()
{
    SmallWindow small;
    small.window.resize(2000, 1600);
    small.docks.reset_layout();
    small.window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&small.window));
    QDockWidget &behind = *small.window.findChild<QDockWidget *>(u"e"_qs);
    QTRY_VERIFY(behind.visibleRegion().isEmpty());
    const QSignalSpy told(&small.docks, &Docks::shown_or_hidden);
    Docks::toggle(behind);
    QTRY_VERIFY(!behind.visibleRegion().isEmpty());
    QCOMPARE(told.count(), 0);
    Docks::toggle(behind);
    QVERIFY(behind.isHidden());
    QCOMPARE(told.count(), 1);
    Docks::bring_up(*behind.widget());
    QTRY_VERIFY(!behind.visibleRegion().isEmpty());
}

EPSCOPE_SUITE(window_parts, TestWindowParts)
#include "tst_window_parts.moc"
