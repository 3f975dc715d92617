// SPDX-License-Identifier: GPL-3.0-or-later
// Scenarios in the real window, driven by keys and mouse: cards, switching, comparison, undo, files.
#include <cmath>
#include <memory>

#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QHeaderView>
#include <QLineEdit>
#include <QLocale>
#include <QSet>
#include <QTableView>
#include <QUndoStack>

#include "app/controls/value_slider.h"
#include "app/session/comparer.h"
#include "app/views/compare_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestScenarios : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void a_study_is_one_scenario();
    void changes_go_to_the_one_on_show();
    void switching_by_keys();
    void switching_shows_the_last_answer_at_once();
    void each_keeps_its_picked_configuration();
    void marks_stand_where_a_scenario_started();
    void new_ones_start_as_opened();
    void their_numbers_go_on();
    void renaming();
    void names_that_cannot_be();
    void notes();
    void deleting();
    void moving_by_keys_and_mouse();
    void everything_is_undone();
    void undo_shows_the_scenario_it_changes();
    void quick_keys_in_two_scenarios_are_two_steps();
    void cards_say_what_they_give();
    void long_names_and_many_cards();
    void a_file_holds_them();
    void a_file_written_by_hand();
    void what_was_on_show_comes_back();
    void unsaved_scenarios_are_asked_about();
    void recovered_after_a_crash();
    void comparison_is_the_engines();
    void comparison_tells_how_cards_share_the_work();
    void comparison_takes_over_what_it_knows();
    void comparison_on_screen();
    void comparison_where_nothing_serves();
    void comparison_is_copied_and_exported();

private:
    Session &session() { return explorer->session(); }
    QUndoStack &steps() { return session().history(); }
    ScenarioStrip &strip() { return child<ScenarioStrip>(); }
    ScenarioButton &button(std::size_t i) { return *strip().buttons().at(i); }
    QStringList names()
    {
        QStringList all;
        for (const ScenarioButton *card : strip().buttons())
            all << card->text();
        return all;
    }
    int shown()
    {
        for (std::size_t i = 0; i < strip().buttons().size(); ++i) {
            if (button(i).isChecked())
                return static_cast<int>(i);
        }
        return -1;
    }
    // "published-v1", "published-v1 2" with a longer context, "published-v1 3" with faster memory too.
    void make_three()
    {
        press(Qt::CTRL | Qt::Key_D);
        explorer->set("context", u"64 Ki"_qs);
        press(Qt::CTRL | Qt::Key_D);
        explorer->set("chip.H800.memory_bandwidth", u"4.8 TB/s"_qs);
    }
    const Compared &compared()
    {
        const auto up_to_date = [this] {
            const std::shared_ptr<const Compared> &now = explorer->window.scenario_outcomes().compared();
            if (!now || now->ids.size() != session().cards().size())
                return false;
            for (std::size_t i = 0; i < now->ids.size(); ++i) {
                const Card &card = session().cards()[i];
                if (now->ids[i] != card.id || now->cases[i].study != *card.study
                    || QString::fromStdString(now->cases[i].name) != session().name_of(card))
                    return false;
            }
            return true;
        };
        if (!QTest::qWaitFor(up_to_date, 20000))
            qFatal("not compared");
        return *explorer->window.scenario_outcomes().compared();
    }
};

void TestScenarios::a_study_is_one_scenario()
{
    QCOMPARE(names(), QStringList{u"published-v1"_qs});
    QCOMPARE(shown(), 0);
    QVERIFY(session().file().scenarios.empty());
    QVERIFY(!explorer->action(u"Delete"_qs).isEnabled());
    QVERIFY(!session().modified());
}

void TestScenarios::changes_go_to_the_one_on_show()
{
    make_three();
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"published-v1 2"_qs, u"published-v1 3"_qs}));
    QCOMPARE(shown(), 2);
    const Study base = published_study(), longer = with(base, "context", "64 Ki"),
                faster = with(longer, "chip.H800.memory_bandwidth", "4.8 TB/s");
    QVERIFY(*session().cards()[0].study == base);
    QVERIFY(*session().cards()[1].study == longer);
    QVERIFY(*session().cards()[2].study == faster);
    QVERIFY(explorer->answer().outcome == search(faster));
    QVERIFY(session().modified());
}

void TestScenarios::switching_by_keys()
{
    make_three();
    auto &context = child<ValueSlider>(u"context"_qs);
    press(Qt::CTRL | Qt::Key_1);
    QCOMPARE(shown(), 0);
    QCOMPARE(context.value()->si(), 5120.0);
    QVERIFY(explorer->answer().outcome == search(published_study()));
    press(Qt::CTRL | Qt::Key_2);
    QCOMPARE(shown(), 1);
    QCOMPARE(context.value()->si(), 65536.0);
    press(Qt::CTRL | Qt::Key_9); // there is none
    QCOMPARE(shown(), 1);
    press(Qt::CTRL | Qt::Key_PageDown);
    QCOMPARE(shown(), 2);
    press(Qt::CTRL | Qt::Key_PageDown);
    QCOMPARE(shown(), 0);
    press(Qt::CTRL | Qt::Key_PageUp);
    QCOMPARE(shown(), 2);
    QTest::mouseClick(&button(1), Qt::LeftButton);
    QCOMPARE(shown(), 1);
    button(1).setFocus();
    press(Qt::Key_Left);
    QCOMPARE(shown(), 0);
    QVERIFY(button(0).hasFocus());
    QVERIFY(explorer->study() == published_study());
}

void TestScenarios::switching_shows_the_last_answer_at_once()
{
    const double first = explorer->answer().leading().shown.throughput_per_card;
    make_three();
    const double last = explorer->answer().leading().shown.throughput_per_card;
    QVERIFY(first != last);
    press(Qt::CTRL | Qt::Key_1);
    // No event loop has run meanwhile.
    QVERIFY(session().explored()->inputs == session().inputs());
    QCOMPARE(session().explored()->leading().shown.throughput_per_card, first);
    QVERIFY(child<Headline>().text().contains(QLocale(QLocale::English).toString(std::llround(first))));
    press(Qt::CTRL | Qt::Key_3);
    QVERIFY(session().explored()->inputs == session().inputs());
    QCOMPARE(session().explored()->leading().shown.throughput_per_card, last);
}

void TestScenarios::each_keeps_its_picked_configuration()
{
    press(Qt::CTRL | Qt::Key_D);
    explorer->answer();
    const Selection wanted = child<ResultsTable>().model()->selection_of(4);
    emit child<ResultsTable>().configuration_picked(wanted);
    press(Qt::CTRL | Qt::Key_1);
    QVERIFY(!session().inputs().selection);
    press(Qt::CTRL | Qt::Key_2);
    QVERIFY(session().inputs().selection == wanted);
}

void TestScenarios::marks_stand_where_a_scenario_started()
{
    explorer->set("context", u"8000"_qs);
    press(Qt::CTRL | Qt::Key_D);
    explorer->set("context", u"9000"_qs);
    QCOMPARE(session().opened().workload.context, 8000);
    auto &context = child<ValueSlider>(u"context"_qs);
    context.setFocus();
    press(Qt::Key_Backspace);
    QCOMPARE(explorer->study().workload.context, 8000);
    press(Qt::CTRL | Qt::Key_1);
    QCOMPARE(session().opened().workload.context, 5120);
    context.setFocus();
    press(Qt::Key_Backspace);
    QCOMPARE(explorer->study().workload.context, 5120);
}

void TestScenarios::new_ones_start_as_opened()
{
    explorer->set("context", u"8000"_qs);
    press(Qt::CTRL | Qt::SHIFT | Qt::Key_N);
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"Scenario 2"_qs}));
    QVERIFY(explorer->study() == published_study());
    press(Qt::CTRL | Qt::Key_1);
    QCOMPARE(explorer->study().workload.context, 8000);
}

void TestScenarios::their_numbers_go_on()
{
    session().add_card();
    session().duplicate_card(session().card().id);
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"Scenario 2"_qs, u"Scenario 3"_qs}));
    session().duplicate_card(session().cards()[1].id);
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"Scenario 2"_qs, u"Scenario 4"_qs, u"Scenario 3"_qs}));
    session().remove_card(session().cards()[1].id);
    session().remove_card(session().cards()[2].id);
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"Scenario 4"_qs}));
    session().add_card();
    session().add_card();
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"Scenario 4"_qs, u"Scenario 3"_qs, u"Scenario 5"_qs}));
}

void TestScenarios::renaming()
{
    make_three();
    QTest::mouseDClick(&button(1), Qt::LeftButton);
    QVERIFY(strip().name_editor());
    QCOMPARE(strip().name_editor()->selectedText(), u"published-v1 2"_qs);
    QTest::keyClicks(strip().name_editor(), u"Long context"_qs);
    QTest::keyClick(strip().name_editor(), Qt::Key_Return);
    QVERIFY(!strip().name_editor());
    QCOMPARE(names()[1], u"Long context"_qs);
    QCOMPARE(button(1).accessibleName(), u"Scenario 2: Long context"_qs);
    QTest::mouseClick(&button(2), Qt::LeftButton);
    press(Qt::Key_F2);
    QVERIFY(strip().name_editor());
    QTest::keyClicks(strip().name_editor(), u"never"_qs);
    QTest::keyClick(strip().name_editor(), Qt::Key_Escape);
    QCOMPARE(names()[2], u"published-v1 3"_qs);
    explorer->action(u"Rename"_qs).trigger();
    QVERIFY(strip().name_editor());
    QTest::keyClicks(strip().name_editor(), u"left"_qs);
    child<ValueSlider>(u"context"_qs).setFocus();
    QVERIFY(names().contains(u"left"_qs));
    QVERIFY(explorer->action(u"Long context"_qs).isVisible());
}

void TestScenarios::names_that_cannot_be()
{
    make_three();
    const int id = session().cards()[1].id;
    QVERIFY(!session().rename_card(id, u""_qs).isEmpty());
    QVERIFY(!session().rename_card(id, u"a, b"_qs).isEmpty());
    QVERIFY(!session().rename_card(id, QString(65, u'x')).isEmpty());
    QVERIFY(session().rename_card(id, u"published-v1 3"_qs).contains(u"already"));
    QVERIFY(session().rename_card(id, u"published-v1 2"_qs).isEmpty()); // as it is
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"published-v1 2"_qs, u"published-v1 3"_qs}));
    const int before = steps().count();
    QVERIFY(session().rename_card(id, u"  Caf\u00e9 \u4e2d\u6587  "_qs).isEmpty());
    QCOMPARE(names()[1], u"Caf\u00e9 \u4e2d\u6587"_qs);
    QCOMPARE(steps().count(), before + 1);
}

void TestScenarios::notes()
{
    QVERIFY(strip().note_line()->isHidden());
    make_three();
    QLineEdit *note = strip().note_line();
    QVERIFY(note->isVisible());
    explorer->action(u"Note"_qs).trigger();
    QVERIFY(note->hasFocus());
    QTest::keyClicks(note, u"asked for by sales"_qs);
    QTest::keyClick(note, Qt::Key_Return);
    QCOMPARE(session().cards()[2].note, std::string("asked for by sales"));
    QVERIFY(button(2).toolTip().contains(u"asked for by sales"));
    press(Qt::CTRL | Qt::Key_1);
    QVERIFY(note->text().isEmpty());
    press(Qt::CTRL | Qt::Key_3);
    QCOMPARE(note->text(), u"asked for by sales"_qs);
}

void TestScenarios::deleting()
{
    make_three();
    press(Qt::CTRL | Qt::Key_2);
    explorer->action(u"Delete"_qs).trigger();
    QCOMPARE(names(), (QStringList{u"published-v1"_qs, u"published-v1 3"_qs}));
    QCOMPARE(shown(), 1); // the next one
    QCOMPARE(explorer->study().chips.front().memory_bandwidth.si(), 4.8e12);
    button(1).setFocus();
    press(Qt::Key_Delete);
    QCOMPARE(names(), QStringList{u"published-v1"_qs});
    QVERIFY(explorer->study() == published_study());
    explorer->action(u"Delete"_qs).trigger();
    session().remove_card(session().card().id);
    QCOMPARE(names().size(), 1);
    QVERIFY(button(0).hasFocus());
}

void TestScenarios::moving_by_keys_and_mouse()
{
    make_three();
    const QStringList before = names();
    button(2).setFocus();
    press(Qt::CTRL | Qt::Key_Left);
    QCOMPARE(names(), (QStringList{before[0], before[2], before[1]}));
    QVERIFY(button(1).hasFocus());
    QCOMPARE(shown(), 1);
    explorer->action(u"Move left"_qs).trigger();
    QCOMPARE(names(), (QStringList{before[2], before[0], before[1]}));
    QVERIFY(!explorer->action(u"Move left"_qs).isEnabled());
    explorer->action(u"Move right"_qs).trigger();
    QCOMPARE(names(), (QStringList{before[0], before[2], before[1]}));
    // Dragged behind the last.
    const int count = steps().count();
    ScenarioButton &first = button(0);
    const QPoint at = first.rect().center();
    QTest::mousePress(&first, Qt::LeftButton, {}, at);
    for (int i = 0; i < 20; ++i) {
        const QPoint to = at + QPoint(40, 0); // the card follows the mouse
        QMouseEvent move(QEvent::MouseMove, to, first.mapToGlobal(to), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(&first, &move);
    }
    QTest::mouseRelease(&first, Qt::LeftButton, {}, at);
    QCOMPARE(names(), (QStringList{before[2], before[1], before[0]}));
    QCOMPARE(steps().count(), count + 1);
    QCOMPARE(shown(), 2);
    QVERIFY(explorer->study() == published_study());
    QVERIFY(session().file().study == *session().cards()[0].study); // what other readers take for the study
}

void TestScenarios::everything_is_undone()
{
    make_three();
    session().rename_card(session().cards()[0].id, u"Base"_qs);
    session().set_note(session().cards()[0].id, u"why"_qs);
    session().move_card(session().cards()[0].id, 2);
    session().remove_card(session().cards()[1].id);
    const StudyFile last = session().file();
    std::vector<StudyFile> states{last};
    QStringList texts;
    while (steps().canUndo()) {
        texts << steps().undoText();
        press(Qt::CTRL | Qt::Key_Z);
        states.push_back(session().file());
    }
    QCOMPARE(texts,
        (QStringList{u"Scenario published-v1 3 deleted"_qs, u"Scenario Base moved"_qs, u"Note of Base"_qs,
            u"Scenario published-v1 renamed Base"_qs, u"Memory bandwidth of H800 3.3 TiB/s → 4.8 TB/s"_qs,
            u"Duplicate published-v1 3"_qs, u"Context length 5120 → 65536"_qs, u"Duplicate published-v1 2"_qs}));
    QVERIFY(session().file() == (StudyFile{published_study(), {}}));
    QVERIFY(!session().modified());
    QCOMPARE(names().size(), 1);
    for (std::size_t i = states.size() - 1; i-- > 0;) {
        press(Qt::CTRL | Qt::SHIFT | Qt::Key_Z);
        QVERIFY(session().file() == states[i]);
    }
    QVERIFY(session().file() == last);
}

void TestScenarios::undo_shows_the_scenario_it_changes()
{
    make_three();
    press(Qt::CTRL | Qt::Key_1);
    QVERIFY(steps().canUndo()); // to look at another one is no step
    press(Qt::CTRL | Qt::Key_Z);
    QCOMPARE(shown(), 2);
    QVERIFY(explorer->study() == with(published_study(), "context", "64 Ki"));
}

void TestScenarios::quick_keys_in_two_scenarios_are_two_steps()
{
    press(Qt::CTRL | Qt::Key_D);
    const int before = steps().count();
    auto &context = child<ValueSlider>(u"context"_qs);
    context.setFocus();
    press(Qt::Key_Right);
    press(Qt::CTRL | Qt::Key_1);
    press(Qt::Key_Right);
    QCOMPARE(steps().count(), before + 2);
    press(Qt::CTRL | Qt::Key_Z);
    QVERIFY(*session().cards()[0].study == published_study());
    QVERIFY(*session().cards()[1].study != published_study());
}

void TestScenarios::cards_say_what_they_give()
{
    make_three();
    compared();
    for (std::size_t i = 0; i < 3; ++i) {
        const double best = search(*session().cards()[i].study).winners.front().throughput_per_card;
        const QString number = best < 1000 ? QString::fromStdString(short_text(best, Dimension::count))
                                           : QLocale(QLocale::English).toString(std::llround(best));
        QCOMPARE(button(i).outcome(), number + u" tok/s"_qs);
    }
    explorer->set("target_tps", u"2000"_qs);
    compared();
    QCOMPARE(button(2).outcome(), u"cannot serve"_qs);
}

void TestScenarios::long_names_and_many_cards()
{
    session().rename_card(session().card().id, QString(64, u'W'));
    for (int i = 0; i < 20; ++i)
        press(Qt::CTRL | Qt::Key_D);
    const QStringList all = names();
    QCOMPARE(all.size(), 21);
    QCOMPARE(QSet<QString>(all.begin(), all.end()).size(), 21);
    for (const QString &name : all)
        QVERIFY(!name_problem(name.toStdString()));
    QVERIFY(explorer->window.width() <= 1920);
    QApplication::processEvents();
    QApplication::processEvents();
    QVERIFY(!button(20).visibleRegion().isEmpty()); // what is on show is in sight
    press(Qt::CTRL | Qt::Key_1);
    QApplication::processEvents();
    QApplication::processEvents();
    QVERIFY(!button(0).visibleRegion().isEmpty());
    for (std::size_t i = 0; i < 120; ++i)
        session().duplicate_card(session().card().id);
    QCOMPARE(session().cards().size(), most_scenarios);
}

void TestScenarios::a_file_holds_them()
{
    make_three();
    session().rename_card(session().cards()[1].id, u"Long: 64 Ki #1"_qs);
    session().set_note(session().cards()[1].id, u"asked for"_qs);
    explorer->answers.file = folder.path(u"kept.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    QVERIFY2(explorer->answers.warnings.isEmpty(), qPrintable(explorer->answers.warnings.join(u'\n')));
    QVERIFY(!session().modified());
    QVERIFY(!explorer->window.isWindowModified());
    const StudyFile kept = session().file();
    QCOMPARE(kept.study.name, std::string("kept"));
    explorer->window.open(u"explore"_qs);
    QCOMPARE(names(), QStringList{u"explore"_qs});
    explorer->window.open(explorer->answers.file);
    QVERIFY(session().file() == kept);
    QVERIFY(!session().modified());
    QCOMPARE(shown(), 0);
    QCOMPARE(names()[1], u"Long: 64 Ki #1"_qs);
    // The marks of each stand where it was saved.
    press(Qt::CTRL | Qt::Key_2);
    QCOMPARE(session().opened().workload.context, 65536);
    // A change of the order alone is one.
    explorer->action(u"Move left"_qs).trigger();
    QVERIFY(explorer->window.isWindowModified());
}

void TestScenarios::a_file_written_by_hand()
{
    const QString file = folder.path(u"hand.yaml"_qs);
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write("study: hand\nbased_on: published-v1\nscenarios:\n  - name: Longer\n    workload: {context: 64 Ki}\n");
    out.close();
    explorer->window.open(file);
    QCOMPARE(names(), (QStringList{u"hand"_qs, u"Longer"_qs}));
    QCOMPARE(explorer->study().workload.context, 5120);
    QVERIFY(!session().modified());
    explorer->action(u"Save"_qs).trigger();
    explorer->window.open(file);
    QCOMPARE(names(), (QStringList{u"hand"_qs, u"Longer"_qs}));
}

void TestScenarios::what_was_on_show_comes_back()
{
    make_three();
    press(Qt::CTRL | Qt::Key_2);
    explorer->answers.file = folder.path(u"kept.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    explorer->answer();
    const Selection picked = child<ResultsTable>().model()->selection_of(2);
    emit child<ResultsTable>().configuration_picked(picked);
    explorer->window.close();
    start_again();
    explorer->window.restore();
    QCOMPARE(shown(), 1);
    QVERIFY(session().inputs().selection == picked);
    QVERIFY(!session().modified());
    QCOMPARE(steps().count(), 0);
    session().show_card(session().cards()[0].id);
    QVERIFY(!session().inputs().selection);
}

void TestScenarios::unsaved_scenarios_are_asked_about()
{
    press(Qt::CTRL | Qt::Key_D);
    QVERIFY(explorer->window.isWindowModified());
    explorer->answers.unsaved = Dialogs::Unsaved::cancel;
    QVERIFY(!explorer->window.close());
    QCOMPARE(explorer->answers.questions.size(), 1);
    press(Qt::CTRL | Qt::Key_Z);
    QVERIFY(!explorer->window.isWindowModified());
    QVERIFY(explorer->window.close());
}

void TestScenarios::recovered_after_a_crash()
{
    make_three();
    session().rename_card(session().cards()[2].id, u"Fast"_qs);
    const StudyFile lost = session().file();
    QString recovery;
    const auto written = [&] {
        const QStringList files = QDir(folder.path()).entryList({u"recovery-*.yaml"_qs});
        if (files.isEmpty())
            return false;
        QFile in(folder.path(files.front()));
        recovery = in.open(QIODevice::ReadOnly) ? QString::fromUtf8(in.readAll()) : QString();
        return recovery.contains(u"Fast");
    };
    QVERIFY(QTest::qWaitFor(written, 6000));
    // As if the process had died: its file without anybody holding it.
    const Folder other;
    QFile out(other.path(u"recovery-1.yaml"_qs));
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(recovery.toUtf8());
    out.close();
    explorer = std::make_unique<Explorer>(other.path());
    explorer->show();
    explorer->window.offer_recovery();
    QVERIFY2(explorer->answers.warnings.isEmpty(), qPrintable(explorer->answers.warnings.join(u'\n')));
    QVERIFY(session().file() == lost);
    QVERIFY(session().modified());
    QCOMPARE(names()[2], u"Fast"_qs);
    press(Qt::CTRL | Qt::Key_Z);
    QVERIFY(session().file() == (StudyFile{published_study(), {}}));
}

void TestScenarios::comparison_is_the_engines()
{
    make_three();
    explorer->set("fa3", u"none"_qs);
    const Compared &now = compared();
    const Comparison directly = compare(now.cases);
    QCOMPARE(now.comparison.chips, directly.chips);
    QVERIFY(now.comparison.outcomes == directly.outcomes);
    QVERIFY(now.comparison.inputs == directly.inputs);
    QCOMPARE(now.comparison.inputs.size(), std::size_t{3});
}

// Rows of what goes without saying are left out; two that differ in TP or mode alone do not look alike.
void TestScenarios::comparison_tells_how_cards_share_the_work()
{
    const auto model_of = [](const std::vector<Case> &cases) {
        auto model = std::make_unique<CompareModel>();
        model->set_compared(std::make_shared<Compared>(Compared{{1, 2}, cases, compare(cases)}), 1, 0);
        return model;
    };
    const auto texts = [](const CompareModel &model, int column) {
        QStringList all;
        for (int row = 0; row < model.rowCount(); ++row)
            all << model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString() + u": "_qs
                    + model.index(row, column).data().toString();
        return all;
    };
    const Study usual = with(published_study(), "ep", "72");
    const auto plain = model_of({{"A", published_study()}, {"B", usual}});
    QVERIFY(texts(*plain, 0).filter(u"TP"_qs).isEmpty() && texts(*plain, 0).filter(u"Cards needed"_qs).isEmpty());
    const Study whole = study_2026("gpt-oss-120b", {{"mode", "ep_group"}}), cut = study_2026("gpt-oss-120b");
    const auto grouped = model_of({{"A", whole}, {"B", cut}});
    QVERIFY(texts(*grouped, 0).contains(u"TP: 8"_qs));
    QVERIFY(texts(*grouped, 0).contains(u"Cards needed: 8"_qs));
    QVERIFY(texts(*grouped, 0).contains(u"Batch: 64"_qs) && texts(*grouped, 0).contains(u"Batch per card: 8"_qs));
    QVERIFY(texts(*grouped, 0).filter(u"Configuration: "_qs).front().contains(u"TP 8, ep_group, "_qs));
    QVERIFY(texts(*grouped, 1).filter(u"Configuration: "_qs).front().contains(u"TP 8, moe_tp, "_qs));
}

void TestScenarios::comparison_takes_over_what_it_knows()
{
    make_three();
    std::vector<KnownOutcome> known;
    const auto first = compare_cards(session().cards(), known);
    QCOMPARE(known.size(), std::size_t{3});
    known[1].outcome.best->numbers[0] = 12345; // is taken as it is
    explorer->set("cards", u"512"_qs);
    const auto second = compare_cards(session().cards(), known);
    QVERIFY(second->comparison.outcomes[0] == first->comparison.outcomes[0]);
    QCOMPARE(second->comparison.outcomes[1].best->numbers[0], 12345.0);
    QVERIFY(second->comparison.outcomes[2] == compare(second->cases).outcomes[2]);
    std::stop_source stop;
    stop.request_stop();
    known.clear();
    QVERIFY(!compare_cards(session().cards(), known, {stop.get_token()}));
}

void TestScenarios::comparison_on_screen()
{
    auto &view = child<CompareView>();
    QCOMPARE(view.model().columnCount(), 0);
    make_three();
    press(Qt::CTRL | Qt::Key_T);
    QVERIFY(!child<QDockWidget>(u"compare"_qs).visibleRegion().isEmpty());
    const Compared &now = compared();
    const CompareModel &model = view.model();
    QCOMPARE(model.columnCount(), 3);
    QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), u"published-v1 2"_qs);
    QCOMPARE(model.headerData(0, Qt::Vertical, Qt::DisplayRole).toString(), u"Throughput per card"_qs);
    const double first = search(published_study()).winners.front().throughput_per_card;
    for (int column = 0; column < 3; ++column) {
        const double value =
            search(now.cases[static_cast<std::size_t>(column)].study).winners.front().throughput_per_card;
        QCOMPARE(
            model.index(0, column).data().toString().toStdString(), short_text(value, Dimension::tokens_per_second, 4));
        const QString change = model.index(0, column).data(CompareModel::change_role).toString();
        const double percent = 100 * (value - first) / first;
        QCOMPARE(change,
            column == 0 ? QString()
                        : (percent > 0 ? u"▲ +"_qs : u"▼ −"_qs)
                    + QString::fromStdString(short_text(std::abs(percent), Dimension::count)) + u" %"_qs);
    }
    QStringList inputs;
    for (int row = 0; row < model.rowCount(); ++row)
        inputs << model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
    inputs = inputs.mid(inputs.indexOf(u"Inputs that differ"_qs) + 1);
    QCOMPARE(inputs, (QStringList{u"Context length"_qs, u"Memory bandwidth of H800"_qs}));
    QCOMPARE(model.index(model.rowCount() - 1, 2).data().toString(), u"4.8 TB/s"_qs);
    // A click on a name shows the scenario.
    QHeaderView *header = view.view()->horizontalHeader();
    QTest::mouseClick(
        header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(1) + 20, header->height() / 2));
    QCOMPARE(shown(), 1);
    QVERIFY(model.headerData(1, Qt::Horizontal, Qt::FontRole).value<QFont>().bold());
    session().remove_card(session().cards()[2].id);
    session().remove_card(session().cards()[1].id);
    QTRY_COMPARE(model.columnCount(), 0);
}

void TestScenarios::comparison_where_nothing_serves()
{
    press(Qt::CTRL | Qt::Key_D);
    explorer->set("target_tps", u"2000"_qs);
    compared();
    const CompareModel &model = child<CompareView>().model();
    QCOMPARE(model.index(0, 1).data().toString(), u"–"_qs);
    QVERIFY(model.index(0, 1).data(CompareModel::change_role).toString().isEmpty());
    bool said = false;
    for (int row = 0; row < model.rowCount(); ++row)
        said = said || model.index(row, 1).data().toString().startsWith(u"nothing is feasible: ");
    QVERIFY(said);
}

void TestScenarios::comparison_is_copied_and_exported()
{
    make_three();
    const Compared &now = compared();
    child<CompareView>().copy();
    const QStringList lines = QApplication::clipboard()->text().split(u'\n');
    QCOMPARE(lines[0],
        u"key\tpublished-v1\tpublished-v1 2\tpublished-v1 2 percent\tpublished-v1 3\tpublished-v1 3 percent"_qs);
    const QStringList throughput = lines[1].split(u'\t');
    QCOMPARE(throughput[0], u"throughput"_qs);
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(throughput[static_cast<qsizetype>(i == 0 ? 1 : 2 * i)].toDouble(),
            now.comparison.outcomes[i].best->candidate.throughput_per_card);
    QVERIFY(
        lines.contains(u"context\t5120\t65536\t\t65536\t"_qs) || lines.contains(u"context\t5120\t64 Ki\t\t64 Ki\t"_qs));
    explorer->answers.file = folder.path(u"comparison.csv"_qs);
    explorer->action(u"Export the comparison…"_qs).trigger();
    QFile in(explorer->answers.file);
    QVERIFY(in.open(QIODevice::ReadOnly));
    const QStringList csv = QString::fromUtf8(in.readAll()).split(u'\n');
    QCOMPARE(csv[1].split(u',')[1].toDouble(), now.comparison.outcomes[0].best->candidate.throughput_per_card);
    QCOMPARE(csv.size(), lines.size());
    // And as a drawing, with the values as they are read.
    explorer->answers.file = folder.path(u"comparison.svg"_qs);
    explorer->action(u"Export the comparison…"_qs).trigger();
    QCOMPARE(explorer->answers.warnings, QStringList());
    QFile drawing(explorer->answers.file);
    QVERIFY(drawing.open(QIODevice::ReadOnly));
    const QString svg = QString::fromUtf8(drawing.readAll());
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(svg.contains(u'>'
            + QString::fromStdString(
                text_of(*find_metric("throughput"), now.cases[i].study, *now.comparison.outcomes[i].best))
            + u"</text>"_qs));
    QVERIFY(!svg.contains(u"<image"));
    // Nothing that a spreadsheet would work out.
    QCOMPARE(session().rename_card(session().card().id, u"=1+1"_qs), QString());
    compared();
    child<CompareView>().copy();
    QVERIFY(QApplication::clipboard()->text().split(u'\n').first().contains(u"\t\"'=1+1\"\t"_qs));
}

EPSCOPE_SUITE(scenarios, TestScenarios)
#include "tst_scenarios.moc"
