// SPDX-License-Identifier: GPL-3.0-or-later
// Pinned baselines in the real window, driven by keys and menus; differences against the engine.
#include <functional>
#include <memory>
#include <set>

#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QMimeData>
#include <QTableView>
#include <QUndoStack>
#include <qcustomplot.h>

#include "app/charts/breakdown_scene.h"
#include "app/charts/pareto_scene.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/session/names.h"
#include "app/views/compare_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"
#include "core/analysis/compare.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

class TestBaselines : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void change_in_words_data();
    void change_in_words();
    void noise_is_no_change();
    void slight_ones();
    void b_pins_what_is_shown();
    void a_search_under_way_is_pinned_when_done();
    void what_was_asked_is_pinned_whatever_follows();
    void a_pick_that_has_left_the_study();
    void four_at_most();
    void names_stay_apart();
    void the_headline_tells_the_difference();
    void pareto_arrows_are_the_engines();
    void breakdown_ghosts_are_the_engines();
    void results_compare_the_same_configuration();
    void sliders_are_marked();
    void tables_hold_the_baselines();
    void axes_only_grow();
    void a_lets_them_fit_again();
    void scenarios_stand_behind_it();
    void alt_moves_the_sliders();
    void alt_shows_it_alone();
    void alt_with_another_key_ends_it();
    void alt_released_over_a_menu_ends_it();
    void a_change_ends_what_is_alone();
    void its_inputs_are_taken_and_undone();
    void its_pick_is_taken_in_the_same_step();
    void unpinned_with_shift();
    void typing_b_pins_nothing();
    void of_a_chip_that_is_not_in_it();
    void chips_of_a_baseline_keep_their_marks();
    void names_that_are_found();
    void back_after_a_restart();
    void saved_with_the_study();
    void pinning_is_a_change_of_the_study();
    void each_change_is_undone();
    void an_undo_searches_nothing_again();
    void an_undo_leaves_the_scenario();
    void another_study_brings_its_own();
    void a_study_is_pinned_without_opening_it();
    void dropped_with_shift();
    void exported_pictures_hold_them();
    void recovered_after_a_crash();
    void alt_and_the_zooms_go_together();

private:
    const PinnedBaselines &pinned() { return explorer->window.pinned_baselines(); }
    Session &session() { return explorer->session(); }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::keyClick(&explorer->window, key, modifiers);
        QApplication::processEvents();
    }
    void pin()
    {
        explorer->answer();
        const std::size_t before = pinned().pins.size();
        press(Qt::Key_B);
        if (pinned().pins.size() != before + 1)
            qFatal("not pinned");
    }
    // Of other inputs than those that have been pinned before.
    QString changed_headline()
    {
        pin();
        explorer->set("context", u"20 Ki"_qs);
        explorer->answer();
        return headline();
    }
    Study study_changed(const std::string &context) { return with(session().study(), "context", context); }
    QString write_study(const QString &name, const StudyFile &file)
    {
        const QString path = folder.path(name);
        QFile out(path);
        if (!out.open(QFile::WriteOnly) || out.write(QByteArray::fromStdString(study_file_text(file))) < 0)
            qFatal("cannot write");
        return path;
    }
    QString headline() { return explorer->window.findChild<Headline *>()->text(); }
    ResultsTable &results() { return *explorer->window.findChild<ResultsTable *>(); }
};

void TestBaselines::change_in_words_data()
{
    QTest::addColumn<double>("before");
    QTest::addColumn<double>("now");
    QTest::addColumn<QString>("text");
    QTest::newRow("more") << 100. << 118. << u"▲ +18 %"_qs;
    QTest::newRow("less") << 1000. << 977. << u"▼ −2.3 %"_qs;
    QTest::newRow("little") << 10000. << 10003. << u"▲ +0.03 %"_qs;
    QTest::newRow("none") << 5. << 5. << u"± 0 %"_qs;
    QTest::newRow("too little to show") << 100000. << 100004. << u"± 0 %"_qs;
    QTest::newRow("many times") << 2. << 9. << u"▲ +350 %"_qs;
}

void TestBaselines::change_in_words()
{
    QFETCH(double, before);
    QFETCH(double, now);
    QTEST(change_text(change_of(before, now).value()), "text");
}

// Views that write more digits agree on what is no change: a sum in another order is none.
void TestBaselines::noise_is_no_change()
{
    QVERIFY(!is_shown_change(3.68e-14) && !is_shown_change(-0.0049) && is_shown_change(-0.005));
    QCOMPARE(change_text(3.68e-14, u"3.68e-14"_qs), u"± 0 %"_qs);
    QCOMPARE(change_text(-16.13, u"16.1"_qs), u"▼ −16.1 %"_qs);
}

void TestBaselines::slight_ones()
{
    QVERIFY(change_of(1000, 1009.9).value().slight(0.01));
    QVERIFY(!change_of(1000, 1010.1).value().slight(0.01));
    QVERIFY(!change_of(1000, 1000.1).value().slight(0));
    QVERIFY(change_of(1000, 1000).value().slight(0));
    QVERIFY(!change_of(0, 5));
    QVERIFY(!change_of(5, std::numeric_limits<double>::infinity()));
}

void TestBaselines::b_pins_what_is_shown()
{
    QVERIFY(pinned().pins.empty());
    pin();
    QCOMPARE(pinned().primary()->explored, session().explored());
    QCOMPARE(pinned().primary()->name, session().name_of(session().card()));
    const std::shared_ptr<const Explored> before = session().explored();
    explorer->set("context", u"40 Ki"_qs);
    explorer->answer();
    QCOMPARE(pinned().primary()->explored, before); // it stays what it was
}

void TestBaselines::a_search_under_way_is_pinned_when_done()
{
    explorer->set("context", u"40 Ki"_qs);
    press(Qt::Key_B);
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QVERIFY(pinned().primary()->explored->inputs == session().inputs());
    QVERIFY(pinned().primary()->explored->exact);
}

void TestBaselines::what_was_asked_is_pinned_whatever_follows()
{
    explorer->set("context", u"40 Ki"_qs);
    const Study asked = session().study();
    press(Qt::Key_B);
    explorer->set("context", u"20 Ki"_qs); // before the answer
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QVERIFY(pinned().primary()->explored->inputs.study == asked);
    QCOMPARE(explorer->answer().inputs.study.workload.context, 20 * 1024);
    QCOMPARE(pinned().pins.size(), std::size_t{1});
}

// What is saved can be read again.
void TestBaselines::a_pick_that_has_left_the_study()
{
    const Explored &all = explorer->answer();
    const ChipView &last = all.chips.back();
    const Study study = session().study();
    const auto pick = [&] {
        session().select(Selection{last.scenario.chip.name, last.scenario.nic.name, last.shown.point});
    };
    pick();
    QVERIFY(session().inputs().selection);
    Study fewer = study;
    fewer.chips.pop_back();
    session().change(fewer);
    QVERIFY(!session().inputs().selection);
    pick(); // as a click on a baseline that has the chip
    QVERIFY(!session().inputs().selection);
    pin();
    explorer->answers.file = folder.path(u"fewer.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    const Read<StudyFile> read = read_study_file(study_file_text(session().file()), "text", shipped_library());
    QVERIFY2(read.value.has_value(), read.problems.empty() ? "" : text_of(read.problems.front()).c_str());
    QVERIFY(explorer->window.open(explorer->answers.file));
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QVERIFY2(explorer->answers.warnings.isEmpty(), qPrintable(explorer->answers.warnings.join(u'\n')));
}

void TestBaselines::four_at_most()
{
    for (std::size_t i = 0; i < most_baselines; ++i)
        pin();
    press(Qt::Key_B);
    QCOMPARE(pinned().pins.size(), most_baselines);
    std::set<std::size_t> marks;
    for (const Baseline &each : pinned().pins)
        marks.insert(each.mark);
    QCOMPARE(marks.size(), most_baselines);
}

void TestBaselines::names_stay_apart()
{
    pin();
    pin();
    const QString first = pinned().pins[0].name;
    QCOMPARE(pinned().pins[1].name, first + u" 2"_qs);
    QMenu *menu = nullptr;
    for (QMenu *each : explorer->window.findChildren<QMenu *>()) {
        if (each->title() == first + u" 2"_qs)
            menu = each;
    }
    QVERIFY(menu);
    QAction *rename = menu->actions().at(1);
    explorer->answers.text = first;
    rename->trigger();
    QCOMPARE(pinned().pins[1].name, first + u" 2"_qs); // taken
    explorer->answers.text = u"Last week"_qs;
    rename->trigger();
    QCOMPARE(pinned().pins[1].name, u"Last week"_qs);
    menu->actions().at(3)->trigger();
    QCOMPARE(pinned().pins.size(), std::size_t{1});
    QCOMPARE(pinned().primary()->name, first);
}

void TestBaselines::the_headline_tells_the_difference()
{
    const double before = explorer->answer().leading().shown.throughput_per_card;
    pin();
    explorer->set("context", u"20 Ki"_qs);
    const Explored &now = explorer->answer();
    Study study = with_chip(session().study(), now.leading().chip);
    const double found = outcome_of(study).best.value().candidate.throughput_per_card;
    QVERIFY(found < before);
    const QString expected = change_text(*change_of(before, found));
    QVERIFY2(headline().contains(expected), qPrintable(headline() + u" / "_qs + expected));
}

void TestBaselines::pareto_arrows_are_the_engines()
{
    const Explored before = explorer->answer();
    pin();
    explorer->set("mtp_len", u"1"_qs);
    explorer->set("context", u"20 Ki"_qs);
    const Explored &now = explorer->answer();
    const std::vector<ParetoChange> changes = pareto_changes(now, pinned());
    QVERIFY(!changes.empty());
    for (const ParetoChange &each : changes) {
        const std::string name = now.searched.chips[each.now.chip].name;
        const auto alone = [&](const Study &study) {
            for (std::size_t i = 0; i < study.chips.size(); ++i) {
                if (study.chips[i].name == name)
                    return outcome_of(with_chip(study, i)).best.value().candidate.throughput_per_card;
            }
            return 0.0;
        };
        QCOMPARE(each.change.before, alone(before.searched));
        QCOMPARE(each.change.now, alone(now.searched));
    }
}

void TestBaselines::breakdown_ghosts_are_the_engines()
{
    const Explored before = explorer->answer();
    pin();
    explorer->set("context", u"20 Ki"_qs);
    const Explored &now = explorer->answer();
    const auto ghosts = breakdown_ghosts(now, pinned(), BreakdownUnit::ms_per_step);
    QCOMPARE(ghosts.size(), now.chips.size());
    for (std::size_t i = 0; i < ghosts.size(); ++i) {
        QVERIFY(ghosts[i]);
        const Estimate then = estimate(scenario_of(before.searched, before.chips[i].shown)),
                       today = estimate(scenario_of(now.searched, now.chips[i].shown));
        QVERIFY(std::abs(ghosts[i]->span.before / then.step_s - 1) < 1e-12);
        QVERIFY(std::abs(ghosts[i]->span.now / today.step_s - 1) < 1e-12);
    }
}

void TestBaselines::results_compare_the_same_configuration()
{
    const qsizetype columns = texts_of(results().table()).header.size();
    const Study before = explorer->answer().searched;
    QTableView &view = *results().view();
    for (const int column : results().model()->change_columns())
        QVERIFY(view.isColumnHidden(column));
    pin();
    Study other = with(before, "chip.H800.bf16", "1.2 PFLOP/s");
    other = with(other, "chip.H20.fp8", "280 TFLOP/s");
    session().change(other); // some gain, others lose
    explorer->answer();
    const TableTexts table = texts_of(results().table());
    QCOMPARE(table.header.size(), columns + 2);
    const auto difference = table.header.indexOf(u"throughput_difference"_qs),
               part = table.header.indexOf(u"throughput_change_percent"_qs);
    QVERIFY(difference > 0 && part > 0);
    QVERIFY(!table.rows.empty());
    for (int row = 0; row < static_cast<int>(table.rows.size()); ++row) {
        const Candidate candidate = results().model()->candidate(row); // the chips are the same in both
        const double then = estimate(scenario_of(before, candidate)).throughput_per_card;
        const QStringList &cells = table.rows[static_cast<std::size_t>(row)];
        QCOMPARE(cells[difference].toDouble(), candidate.throughput_per_card - then);
        QCOMPARE(cells[part].toDouble(), 100 * (candidate.throughput_per_card / then - 1));
    }
    for (const int column : results().model()->change_columns())
        QVERIFY(!view.isColumnHidden(column));
    // Sorted by it, by its size whatever the sign.
    const int last = results().model()->change_columns().back();
    view.sortByColumn(last, Qt::DescendingOrder);
    const TableTexts sorted = texts_of(results().table());
    double least = 0, most = 0;
    for (std::size_t i = 0; i < sorted.rows.size(); ++i) {
        const double change = sorted.rows[i][part].toDouble();
        least = std::min(least, change);
        most = std::max(most, change);
        QVERIFY(i == 0 || std::abs(sorted.rows[i - 1][part].toDouble()) >= std::abs(change));
    }
    QVERIFY(least < 0 && most > 0);
}

void TestBaselines::sliders_are_marked()
{
    InputPanel &panel = *explorer->window.findChild<InputPanel *>();
    pin();
    ValueSlider &context = *panel.slider_of("context");
    QVERIFY(context.baseline());
    QCOMPARE(context.baseline()->si, static_cast<double>(session().study().workload.context));
    QVERIFY(!context.differs_from_baseline());
    const double before = context.baseline()->si;
    explorer->set("context", u"20 Ki"_qs);
    QVERIFY(context.differs_from_baseline());
    QCOMPARE(context.baseline()->si, before);
    // Of another chip when that is edited.
    QVERIFY(panel.reveal(u"chip.H20.memory_bandwidth"_qs));
    const ValueSlider *bandwidth = panel.slider_of("chip.H20.memory_bandwidth");
    QVERIFY(bandwidth && bandwidth->baseline());
    const std::vector<Chip> &chips = session().study().chips;
    const auto h20 = std::find_if(chips.begin(), chips.end(), [](const Chip &chip) { return chip.name == "H20"; });
    QCOMPARE(bandwidth->baseline()->si, h20->memory_bandwidth.si());
    press(Qt::Key_B, Qt::ShiftModifier);
    QVERIFY(!context.baseline());
}

void TestBaselines::tables_hold_the_baselines()
{
    pin();
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    for (const char *id : {"pareto", "breakdown", "sweep", "timeline", "memory", "roofline"}) {
        const TableTexts table = texts_of(explorer->chart(id).table());
        const QString name = pinned().primary()->name;
        const auto of_it = std::count_if(
            table.rows.begin(), table.rows.end(), [&](const QStringList &row) { return row.back() == name; });
        QVERIFY2(of_it > 0 && of_it < std::ssize(table.rows), id);
        for (const QStringList &row : table.rows)
            QCOMPARE(row.size(), table.header.size());
    }
}

void TestBaselines::axes_only_grow()
{
    QCPAxis &speed = *explorer->chart("pareto").plot()->yAxis;
    pin();
    const double before = speed.range().upper;
    explorer->set("context", u"120 Ki"_qs); // far slower
    explorer->answer();
    QCOMPARE(speed.range().upper, before);
    press(Qt::Key_B, Qt::ShiftModifier);
    QVERIFY(speed.range().upper < before);
}

void TestBaselines::a_lets_them_fit_again()
{
    ChartView &chart = explorer->chart("breakdown");
    QCPAxis &time = *chart.plot()->xAxis;
    pin();
    const double before = time.range().upper;
    explorer->set("context", u"120 Ki"_qs); // far longer
    explorer->answer();
    const double grown = time.range().upper;
    QVERIFY(grown > before);
    explorer->set("context", QString::number(pinned().primary()->explored->inputs.study.workload.context));
    explorer->answer();
    QCOMPARE(time.range().upper, grown);
    press(Qt::Key_A); // elsewhere the key does nothing
    QCOMPARE(time.range().upper, grown);
    chart.plot()->setFocus();
    QTest::keyClick(chart.plot(), Qt::Key_A);
    QApplication::processEvents();
    QVERIFY(explorer->action(u"Auto-scale next to a baseline"_qs).isChecked());
    QVERIFY(time.range().upper < grown);
    QTest::keyClick(chart.plot(), Qt::Key_A);
    QVERIFY(!explorer->action(u"Auto-scale next to a baseline"_qs).isChecked());
}

void TestBaselines::scenarios_stand_behind_it()
{
    const auto &model = explorer->window.findChild<CompareView *>()->model();
    pin();
    QTRY_COMPARE_WITH_TIMEOUT(model.columnCount(), 2, 20000); // also next to one scenario
    press(Qt::Key_D, Qt::ControlModifier);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QTRY_COMPARE_WITH_TIMEOUT(model.columnCount(), 3, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(model.compared()->cases.back().study.workload.context, std::int64_t{20 * 1024}, 20000);
    QCOMPARE(
        model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), u"pinned: "_qs + pinned().primary()->name);
    const auto best = [](const Study &study) { return search(study).winners.front().throughput_per_card; };
    const double before = best(pinned().primary()->explored->inputs.study), now = best(session().study());
    const TableTexts table = texts_of(model.table());
    QCOMPARE(table.rows[0].size(), qsizetype{6});
    QCOMPARE(table.rows[0][1].toDouble(), before);
    QCOMPARE(table.rows[0][4].toDouble(), now);
    QCOMPARE(table.rows[0][5].toDouble(), 100 * (now - before) / before);
    const std::vector<ScenarioButton *> &cards = explorer->window.findChild<ScenarioStrip *>()->buttons();
    QCOMPARE(*cards[0]->change(), (ValueChange{before, before}));
    QCOMPARE(*cards[1]->change(), (ValueChange{before, now}));
    // A click on the pinned one shows no scenario.
    const int shown = session().card().id;
    QTableView *view = explorer->window.findChild<CompareView *>()->view();
    explorer->action(u"Compare"_qs).trigger();
    QApplication::processEvents();
    QHeaderView *header = view->horizontalHeader();
    QTest::mouseClick(
        header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(0) + 10, header->height() / 2));
    QCOMPARE(session().card().id, shown);
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(!view->isColumnHidden(0) && view->isColumnHidden(1) && view->isColumnHidden(2));
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QVERIFY(!view->isColumnHidden(1) && !view->isColumnHidden(2));
    press(Qt::Key_B, Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(model.columnCount(), 2, 20000);
    QVERIFY(!cards[1]->change());
}

void TestBaselines::alt_moves_the_sliders()
{
    const ValueSlider &context = *explorer->window.findChild<InputPanel *>()->slider_of("context");
    const QString before = context.value_text();
    pin();
    const QString best_before = explorer->window.findChild<InputPanel *>()->slider_of("batch")->value_text();
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    const QString now = context.value_text();
    QVERIFY(now != before);
    // What is searched shows the best then.
    const ValueSlider &batch = *explorer->window.findChild<InputPanel *>()->slider_of("batch");
    const QString best_now = batch.value_text();
    QVERIFY(best_now != best_before);
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QCOMPARE(batch.value_text(), best_before);
    QVERIFY(context.value_text() != now);
    QVERIFY2(before.startsWith(context.value_text()),
        qPrintable(before + u" / "_qs + context.value_text())); // without its factor
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QCOMPARE(context.value_text(), now);
    QCOMPARE(batch.value_text(), best_now);
}

void TestBaselines::alt_shows_it_alone()
{
    explorer->answer();
    const QString then = headline(); // without a difference
    pin();
    const double axis = explorer->chart("pareto").plot()->yAxis->range().upper;
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    const QString now = headline();
    QVERIFY(now != then);
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QCOMPARE(headline(), then);
    QCOMPARE(explorer->chart("pareto").plot()->yAxis->range().upper, axis);
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QCOMPARE(headline(), now);
    // Without one it is the menu's key.
    press(Qt::Key_B, Qt::ShiftModifier);
    const QString alone = headline();
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QCOMPARE(headline(), alone);
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
}

void TestBaselines::alt_with_another_key_ends_it()
{
    const QString now = changed_headline();
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(headline() != now);
    QTest::keyPress(&explorer->window, Qt::Key_3, Qt::AltModifier);
    QCOMPARE(headline(), now);
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(headline() != now);
    QTest::keyPress(&explorer->window, Qt::Key_F, Qt::AltModifier); // the File menu
    QCOMPARE(headline(), now);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Escape);
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QCOMPARE(headline(), now);
}

// Released over a menu that a right click has opened meanwhile.
void TestBaselines::alt_released_over_a_menu_ends_it()
{
    const QString now = changed_headline();
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(headline() != now);
    QMenu menu;
    menu.addAction(u"Something"_qs);
    menu.popup(explorer->window.mapToGlobal(QPoint(300, 300)));
    QTRY_COMPARE(QApplication::activePopupWidget(), &menu);
    QTest::keyRelease(&menu, Qt::Key_Alt);
    QCOMPARE(headline(), now);
    menu.close();
    QCOMPARE(headline(), now);
}

void TestBaselines::a_change_ends_what_is_alone()
{
    const QString now = changed_headline();
    explorer->action(u"Show it alone"_qs).trigger();
    QVERIFY(headline() != now);
    explorer->set("context", u"40 Ki"_qs);
    QCOMPARE(headline(), now); // until there is a newer result
    explorer->answer();
    QVERIFY(headline() != now);
    QVERIFY(headline().contains(u"▼"_qs)); // against it
}

void TestBaselines::its_inputs_are_taken_and_undone()
{
    pin();
    const Study before = session().study();
    explorer->set("context", u"20 Ki"_qs);
    const Study changed = session().study();
    explorer->answer();
    explorer->action(u"Take its inputs"_qs).trigger();
    QVERIFY(session().study() == before);
    QCOMPARE(pinned().pins.size(), std::size_t{1});
    session().history().undo();
    QVERIFY(session().study() == changed);
}

void TestBaselines::its_pick_is_taken_in_the_same_step()
{
    const ChipView &last = explorer->answer().chips.back();
    Point point = last.shown.point;
    point.batch = 2;
    session().select(Selection{last.scenario.chip.name, last.scenario.nic.name, point});
    pin();
    const std::optional<Selection> picked = session().inputs().selection;
    const Study before = session().study();
    session().select(std::nullopt);
    explorer->set("context", u"20 Ki"_qs);
    const Study changed = session().study();
    const int steps = session().history().index();
    explorer->action(u"Take its inputs"_qs).trigger();
    QVERIFY(session().study() == before && session().inputs().selection == picked);
    QCOMPARE(session().history().index(), steps + 1);
    session().history().undo();
    QVERIFY(session().study() == changed && !session().inputs().selection);
}

void TestBaselines::unpinned_with_shift()
{
    pin();
    pin();
    press(Qt::Key_B, Qt::ShiftModifier);
    QVERIFY(pinned().pins.empty());
    QVERIFY(!headline().contains(u"▲"_qs) && !headline().contains(u"± 0"_qs));
}

void TestBaselines::typing_b_pins_nothing()
{
    results().filter_line()->setFocus();
    QTest::keyClicks(results().filter_line(), u"bB"_qs);
    QCOMPARE(results().filter_line()->text(), u"bB"_qs);
    QVERIFY(pinned().pins.empty());
}

void TestBaselines::of_a_chip_that_is_not_in_it()
{
    Study one = session().study();
    one.chips.erase(one.chips.begin() + 1, one.chips.end());
    const Study all = session().study();
    session().change(one, u"one chip"_qs);
    pin();
    session().change(all, u"all chips"_qs);
    const Explored &now = explorer->answer();
    const auto ghosts = breakdown_ghosts(now, pinned(), BreakdownUnit::share);
    QVERIFY(ghosts.front());
    for (std::size_t i = 1; i < ghosts.size(); ++i)
        QVERIFY(!ghosts[i]);
    QCOMPARE(pareto_changes(now, pinned()).size(), std::size_t{1});
}

// A chip of another study keeps what it is drawn with when it comes into this one, and no other is drawn like it.
void TestBaselines::chips_of_a_baseline_keep_their_marks()
{
    Study other = session().study();
    other.chips = {*shipped_library().chip("B200").value};
    explorer->answers.file = write_study(u"other.yaml"_qs, {other});
    explorer->action(u"Pin a study…"_qs).trigger();
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    const std::size_t mark = pinned().primary()->explored->chips.front().mark;
    Study more = session().study();
    more.chips.push_back(*shipped_library().chip("MI355X").value);
    more.chips.push_back(other.chips.front());
    session().change(more);
    const Explored &now = explorer->answer();
    std::set<std::size_t> marks;
    for (const ChipView &view : now.chips)
        marks.insert(view.mark);
    QCOMPARE(marks.size(), more.chips.size());
    QCOMPARE(now.chips.back().mark, mark);
    QCOMPARE(pinned().primary()->explored->chips.front().mark, mark);
}

void TestBaselines::names_that_are_found()
{
    const auto none = [](const QString &) { return false; };
    QCOMPARE(free_name(u"week 47"_qs, none), u"week 47"_qs);
    QCOMPARE(free_name(u"week 47"_qs, [](const QString &name) { return name == u"week 47"; }), u"week 47 2"_qs);
    QCOMPARE(free_name(u"Fast 2"_qs, [](const QString &name) { return name == u"Fast" || name == u"Fast 2"; }),
        u"Fast 3"_qs);
    QCOMPARE(free_name(u"50 %1"_qs, [](const QString &name) { return name == u"50 %1"; }), u"50 %1 2"_qs);
    const QString chips = u"🐟"_qs.repeated(20); // 4 bytes each
    QCOMPARE(free_name(chips, none), u"🐟"_qs.repeated(13) + u'…');
    QCOMPARE(cut_to_bytes(u"aé"_qs, 2), u"a"_qs);
    QCOMPARE(cut_to_bytes(u"aé"_qs, 3), u"aé"_qs);
}

void TestBaselines::back_after_a_restart()
{
    pin();
    explorer->set("context", u"20 Ki"_qs);
    session().select(Selection{"H20", "CX7 400Gbps", {Policy::naive, 144, 1, 1, 1, 32}});
    pin();
    explorer->action(u"Compare with it"_qs).trigger(); // the first of its name: of the first pin
    const PinnedBaselines before = pinned();
    QCOMPARE(before.primary_index, std::size_t{0});
    QVERIFY(explorer->window.close());
    start_again();
    explorer->window.restore();
    explorer->window.show();
    QTRY_COMPARE(pinned().pins.size(), std::size_t{2});
    QCOMPARE(pinned().primary()->name, before.primary()->name);
    for (const Baseline &then : before.pins) {
        const auto now = std::find_if(
            pinned().pins.begin(), pinned().pins.end(), [&](const Baseline &each) { return each.name == then.name; });
        QVERIFY(now != pinned().pins.end());
        QVERIFY(now->explored->inputs.study == then.explored->inputs.study);
        QVERIFY(now->explored->inputs.selection == then.explored->inputs.selection);
        QCOMPARE(
            now->explored->leading().shown.throughput_per_card, then.explored->leading().shown.throughput_per_card);
    }
}

void TestBaselines::saved_with_the_study()
{
    pin();
    const Study first = session().study();
    explorer->set("chip.H800.memory_bandwidth", u"4.8 TB/s"_qs);
    const Selection picked{"H20", "CX7 400Gbps", {Policy::naive, 144, 1, 1, 1, 32}};
    session().select(picked);
    pin();
    explorer->action(u"Compare with it"_qs).trigger(); // the first of its name: of the first pin
    const PinnedBaselines before = pinned();
    session().select(std::nullopt);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answers.file = folder.path(u"week.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    QVERIFY(!explorer->window.isWindowModified());

    QFile saved(explorer->answers.file);
    QVERIFY(saved.open(QFile::ReadOnly));
    const Read<StudyFile> read = read_study_file(saved.readAll().toStdString(), "week.yaml", Library({}));
    QVERIFY(read);
    QCOMPARE(read.value->baselines.size(), std::size_t{2});
    QCOMPARE(read.value->compared, std::size_t{0});
    QCOMPARE(QString::fromStdString(read.value->baselines[0].name), before.pins[0].name);
    QCOMPARE(QString::fromStdString(read.value->baselines[1].name), before.pins[1].name);
    QVERIFY(read.value->baselines[0].study.chips == first.chips);
    QVERIFY(read.value->baselines[0].study.workload == first.workload);
    QCOMPARE(read.value->baselines[1].study.chips[0].memory_bandwidth.si(), 4.8e12);
    QVERIFY(!read.value->baselines[0].picked);
    QVERIFY(read.value->baselines[1].picked == picked);

    const QString file = explorer->answers.file;
    explorer.reset();
    Folder fresh; // nothing is known of the last session
    explorer = std::make_unique<Explorer>(fresh.path());
    explorer->show(file);
    QTRY_COMPARE(pinned().pins.size(), std::size_t{2});
    QVERIFY(!explorer->window.isWindowModified());
    QCOMPARE(explorer->session().history().count(), 0);
    QCOMPARE(pinned().primary_index, std::size_t{0});
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(pinned().pins[i].name, before.pins[i].name);
        const Explored &then = *before.pins[i].explored, &now = *pinned().pins[i].explored;
        QVERIFY(now.outcome == then.outcome);
        QCOMPARE(now.leading().shown.throughput_per_card, then.leading().shown.throughput_per_card);
        QCOMPARE(now.leading().shown.throughput_per_card,
            estimate(scenario_of(now.searched, now.leading().shown)).throughput_per_card);
    }
    explorer.reset();
}

void TestBaselines::pinning_is_a_change_of_the_study()
{
    QVERIFY(!explorer->window.isWindowModified());
    pin();
    QVERIFY(explorer->window.isWindowModified());
    session().history().undo();
    QVERIFY(!explorer->window.isWindowModified());
    session().history().redo();
    explorer->answers.file = folder.path(u"a.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    QVERIFY(!explorer->window.isWindowModified());
    press(Qt::Key_B, Qt::ShiftModifier);
    QVERIFY(explorer->window.isWindowModified());
    session().history().undo(); // the steps have outlived the saving
    QVERIFY(!explorer->window.isWindowModified());
    QCOMPARE(pinned().pins.size(), std::size_t{1});
}

void TestBaselines::each_change_is_undone()
{
    const QString name = session().name_of(session().card());
    const auto menu_of = [this](const QString &title) -> QMenu & {
        for (QMenu *each : explorer->window.findChildren<QMenu *>()) {
            if (each->title() == title)
                return *each;
        }
        qFatal("no menu %s", qPrintable(title));
    };
    explorer->answers.text = u"Last week"_qs;
    const std::pair<QString, std::function<void()>> changes[] = {
        {u"Pinned %1"_qs.arg(name), [&] { press(Qt::Key_B); }},
        {u"Pinned %1 2"_qs.arg(name), [&] { press(Qt::Key_B); }},
        {u"Pinned %1 3"_qs.arg(name), [&] { press(Qt::Key_B); }},
        {u"Baseline %1 2 renamed Last week"_qs.arg(name), [&] { menu_of(name + u" 2"_qs).actions().at(1)->trigger(); }},
        {u"Compared with Last week"_qs, [&] { menu_of(u"Last week"_qs).actions().at(0)->trigger(); }},
        {u"Differences grey below 5 %"_qs, [&] { explorer->action(u"5 %"_qs).trigger(); }},
        {u"Unpinned %1"_qs.arg(name), [&] { menu_of(name).actions().at(3)->trigger(); }},
        {u"Pinned %1"_qs.arg(name), [&] { press(Qt::Key_B); }}, // takes the free mark
        {u"All baselines unpinned"_qs, [&] { press(Qt::Key_B, Qt::ShiftModifier); }},
    };
    QUndoStack &steps = session().history();
    std::vector<PinnedBaselines> seen{pinned()};
    for (const auto &[step, change] : changes) {
        change();
        QCOMPARE(steps.text(steps.index() - 1), step);
        QVERIFY(pinned() != seen.back());
        seen.push_back(pinned());
    }
    QCOMPARE(steps.count(), static_cast<int>(std::size(changes)));
    QVERIFY(seen.back().pins.empty());
    for (std::size_t i = seen.size() - 1; i > 0; --i) {
        QVERIFY2(pinned() == seen[i], qPrintable(QString::number(i)));
        press(Qt::Key_Z, Qt::ControlModifier);
    }
    QVERIFY(pinned() == seen.front());
    for (std::size_t i = 1; i < seen.size(); ++i) {
        press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY2(pinned() == seen[i], qPrintable(QString::number(i)));
    }
}

void TestBaselines::an_undo_searches_nothing_again()
{
    pin();
    const std::shared_ptr<const Explored> shown = session().explored(), pinned_then = pinned().primary()->explored;
    int searches = 0;
    connect(&session(), &Session::inputs_changed, this, [&searches] { ++searches; });
    session().history().undo();
    QVERIFY(pinned().pins.empty());
    session().history().redo();
    QCOMPARE(pinned().primary()->explored, pinned_then); // at once, and the very same
    QVERIFY(holds_for(100,
        [&] { return pinned().primary()->explored == pinned_then && session().explored() == shown && searches == 0; }));
}

void TestBaselines::an_undo_leaves_the_scenario()
{
    explorer->set("context", u"20 Ki"_qs);
    press(Qt::Key_D, Qt::ControlModifier);
    explorer->set("context", u"40 Ki"_qs);
    pin();
    const int second = session().card().id;
    press(Qt::Key_1, Qt::ControlModifier);
    const int first = session().card().id;
    QVERIFY(first != second);
    session().history().undo(); // the pin
    QVERIFY(pinned().pins.empty());
    QCOMPARE(session().card().id, first);
    session().history().undo(); // a change of the other scenario, which is shown then
    QCOMPARE(session().card().id, second);
    QCOMPARE(session().study().workload.context, 20 * 1024);
}

void TestBaselines::another_study_brings_its_own()
{
    const StudyFile file{study_changed("9 Ki"), {},
        {{"One", study_changed("10 Ki"), std::nullopt}, {"Two", study_changed("11 Ki"), std::nullopt}}, 1};
    const QString with_pins = write_study(u"with.yaml"_qs, file),
                  without = write_study(u"without.yaml"_qs, {study_changed("9 Ki")});
    pin();
    QVERIFY(explorer->window.open(with_pins));
    QTRY_COMPARE(pinned().pins.size(), std::size_t{2});
    QCOMPARE(pinned().primary()->name, u"Two"_qs);
    QCOMPARE(pinned().primary()->explored->inputs.study.workload.context, 11 * 1024);
    QVERIFY(pinned().primary()->explored->outcome == search(study_changed("11 Ki")));
    QVERIFY(!session().modified());
    QVERIFY(explorer->window.open(without));
    QVERIFY(pinned().pins.empty());
}

void TestBaselines::a_study_is_pinned_without_opening_it()
{
    const Study now = session().study(), then = study_changed("64 Ki");
    explorer->answers.file = write_study(u"week 47.yaml"_qs, {then});
    explorer->action(u"Pin a study…"_qs).trigger();
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QCOMPARE(pinned().primary()->name, u"week 47"_qs);
    QVERIFY(pinned().primary()->explored->outcome == search(then));
    QVERIFY(session().study() == now);
    QCOMPARE(explorer->window.documents().file(), QString());
    const Explored &shown = explorer->answer();
    const double before = pinned().primary()->view(shown.leading().scenario.chip.name)->shown.throughput_per_card;
    QVERIFY(headline().contains(change_text(*change_of(before, shown.leading().shown.throughput_per_card))));
    QVERIFY(explorer->answers.warnings.isEmpty());
    explorer->answers.file = folder.path(u"nothing.yaml"_qs);
    explorer->action(u"Pin a study…"_qs).trigger();
    QCOMPARE(explorer->answers.warnings.size(), 1);
    QCOMPARE(session().pins().all.size(), std::size_t{1});
}

void TestBaselines::dropped_with_shift()
{
    const Study now = session().study(), then = study_changed("64 Ki");
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(write_study(u"then.yaml"_qs, {then}))});
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::ShiftModifier);
    QApplication::sendEvent(&explorer->window, &enter);
    QDropEvent drop(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::ShiftModifier);
    QApplication::sendEvent(&explorer->window, &drop);
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QCOMPARE(pinned().primary()->name, u"then"_qs);
    QVERIFY(session().study() == now);
}

void TestBaselines::exported_pictures_hold_them()
{
    explorer->set("context", u"20 Ki"_qs);
    pin();
    explorer->set("context", u"40 Ki"_qs);
    explorer->answer();
    explorer->answers.file = folder.path(u"picture.svg"_qs);
    explorer->action(u"Export the chart in use…"_qs).trigger();
    QVERIFY(explorer->answers.warnings.isEmpty());
    const std::shared_ptr<const Explored> then = pinned().primary()->explored;
    const QString name = pinned().primary()->name;
    QVERIFY(explorer->window.open(explorer->answers.file));
    QCOMPARE(session().study().workload.context, 40 * 1024);
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QCOMPARE(pinned().primary()->name, name);
    QVERIFY(pinned().primary()->explored->outcome == then->outcome);
}

void TestBaselines::recovered_after_a_crash()
{
    explorer->set("context", u"20 Ki"_qs);
    pin();
    const QString name = pinned().primary()->name;
    const auto safe = [this] {
        const QStringList files = QDir(folder.path()).entryList({u"recovery-*.yaml"_qs});
        QFile file(files.isEmpty() ? QString() : folder.path(files.front()));
        return file.open(QFile::ReadOnly) && file.readAll().contains("baselines:");
    };
    QTRY_VERIFY_WITH_TIMEOUT(safe(), 5000);
    // What a crash leaves: the file, without who holds its lock.
    Folder other;
    const QString left = QDir(folder.path()).entryList({u"recovery-*.yaml"_qs}).front();
    QVERIFY(QFile::copy(folder.path(left), other.path(u"recovery-1.yaml"_qs)));
    explorer.reset();
    explorer = std::make_unique<Explorer>(other.path());
    explorer->window.restore();
    explorer->window.show();
    explorer->window.offer_recovery();
    QVERIFY(session().modified());
    QTRY_COMPARE(pinned().pins.size(), std::size_t{1});
    QCOMPARE(pinned().primary()->name, name);
    QCOMPARE(pinned().primary()->explored->inputs.study.workload.context, 20 * 1024);
    explorer.reset();
}

void TestBaselines::alt_and_the_zooms_go_together()
{
    const QString now = changed_headline();
    ChartView &chart = explorer->chart("pareto");
    QCustomPlot &plot = *chart.plot();
    const QRect area = plot.axisRect()->rect();
    QTest::mousePress(&plot, Qt::LeftButton, {}, area.center() - QPoint(40, 30));
    QMouseEvent move(QEvent::MouseMove, area.center() + QPoint(40, 30),
        plot.mapToGlobal(area.center() + QPoint(40, 30)), Qt::NoButton, Qt::LeftButton, {});
    QApplication::sendEvent(&plot, &move);
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, area.center() + QPoint(40, 30));
    const QByteArray zoomed = chart.zoom();
    QVERIFY(!zoomed.isEmpty());
    plot.setFocus();
    QTest::keyPress(&plot, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(headline() != now); // the baseline alone
    QCOMPARE(chart.zoom(), zoomed);
    QTest::keyClick(&plot, Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(headline(), now);
    QVERIFY(chart.zoom().isEmpty());
    QTest::keyClick(&plot, Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(chart.zoom(), zoomed);
    QTest::keyRelease(&plot, Qt::Key_Alt);
    QCOMPARE(headline(), now);
    QTest::keyPress(&plot, Qt::Key_Alt, Qt::AltModifier); // and again
    QVERIFY(headline() != now);
    QTest::keyRelease(&plot, Qt::Key_Alt);
    QCOMPARE(headline(), now);
}

EPSCOPE_SUITE(baselines, TestBaselines)
#include "tst_baselines.moc"
