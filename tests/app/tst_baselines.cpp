// SPDX-License-Identifier: GPL-3.0-or-later
// Pinned baselines in the real window, driven by keys and menus; differences against the engine.
#include <memory>
#include <set>

#include <QHeaderView>
#include <QTableView>
#include <qcustomplot.h>

#include "app/charts/breakdown_chart.h"
#include "app/charts/pareto_chart.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/compare_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"

using namespace epscope;
using namespace epscope::testing;

class TestBaselines : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void change_in_words_data();
    void change_in_words();
    void slight_ones();
    void b_pins_what_is_shown();
    void a_search_under_way_is_pinned_when_done();
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
    void alt_with_a_letter_opens_a_menu();
    void its_inputs_are_taken_and_undone();
    void unpinned_with_shift();
    void typing_b_pins_nothing();
    void of_a_chip_that_is_not_in_it();
    void back_after_a_restart();

private:
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<Explorer> explorer;

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
    QString headline() { return explorer->window.findChild<Headline *>()->text(); }
    ResultsTable &results() { return *explorer->window.findChild<ResultsTable *>(); }
};

void TestBaselines::init()
{
    folder = std::make_unique<QTemporaryDir>();
    explorer = std::make_unique<Explorer>(folder->path());
    explorer->show();
}

void TestBaselines::cleanup()
{
    explorer.reset();
    folder.reset();
}

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
    QCOMPARE(pinned().pins[1].name, first + u" 2");
    QMenu *menu = nullptr;
    for (QMenu *each : explorer->window.findChildren<QMenu *>()) {
        if (each->title() == first + u" 2")
            menu = each;
    }
    QVERIFY(menu);
    QAction *rename = menu->actions().at(1);
    explorer->answers.text = first;
    rename->trigger();
    QCOMPARE(pinned().pins[1].name, first + u" 2"); // taken
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
        const Estimate then = estimate(scenario_of(before.searched, before.chips[i].shown)), today = estimate(scenario_of(now.searched, now.chips[i].shown));
        QVERIFY(std::abs(ghosts[i]->span.before / then.step_s - 1) < 1e-12);
        QVERIFY(std::abs(ghosts[i]->span.now / today.step_s - 1) < 1e-12);
    }
}

void TestBaselines::results_compare_the_same_configuration()
{
    const qsizetype columns = results().table().header.size();
    const Study before = explorer->answer().searched;
    QTableView &view = *results().view();
    for (const int column : results().model()->change_columns())
        QVERIFY(view.isColumnHidden(column));
    pin();
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    const ChartTable table = results().table();
    QCOMPARE(table.header.size(), columns + 2);
    const auto difference = table.header.indexOf(u"throughput_difference"_qs), part = table.header.indexOf(u"throughput_change_percent"_qs);
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
    // Sorted by it.
    const int last = results().model()->change_columns().back();
    view.sortByColumn(last, Qt::AscendingOrder);
    const ChartTable sorted = results().table();
    for (std::size_t i = 1; i < sorted.rows.size(); ++i)
        QVERIFY(sorted.rows[i - 1][part].toDouble() <= sorted.rows[i][part].toDouble());
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
        const ChartTable table = explorer->chart(id).table();
        const QString name = pinned().primary()->name;
        const auto of_it = std::count_if(table.rows.begin(), table.rows.end(), [&](const QStringList &row) { return row.back() == name; });
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
    Chart &chart = explorer->chart("breakdown");
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
    QVERIFY(explorer->action(u"Auto-scale beside a baseline"_qs).isChecked());
    QVERIFY(time.range().upper < grown);
    QTest::keyClick(chart.plot(), Qt::Key_A);
    QVERIFY(!explorer->action(u"Auto-scale beside a baseline"_qs).isChecked());
}

void TestBaselines::scenarios_stand_behind_it()
{
    const auto &model = explorer->window.findChild<CompareView *>()->model();
    pin();
    QTRY_COMPARE_WITH_TIMEOUT(model.columnCount(), 2, 20000); // also beside one scenario
    press(Qt::Key_D, Qt::ControlModifier);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QTRY_COMPARE_WITH_TIMEOUT(model.columnCount(), 3, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(model.compared()->cases.back().study.workload.context, std::int64_t{20 * 1024}, 20000);
    QCOMPARE(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), u"pinned: "_qs + pinned().primary()->name);
    const auto best = [](const Study &study) { return search(study).winners.front().throughput_per_card; };
    const double before = best(pinned().primary()->explored->inputs.study), now = best(session().study());
    const ChartTable table = model.table();
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
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(0) + 10, header->height() / 2));
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
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    const QString now = context.value_text();
    QVERIFY(now != before);
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(context.value_text() != now);
    QVERIFY2(before.startsWith(context.value_text()), qPrintable(before + u" / "_qs + context.value_text())); // without its factor
    QTest::keyRelease(&explorer->window, Qt::Key_Alt);
    QCOMPARE(context.value_text(), now);
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

void TestBaselines::alt_with_a_letter_opens_a_menu()
{
    pin();
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    const QString now = headline();
    QTest::keyPress(&explorer->window, Qt::Key_Alt, Qt::AltModifier);
    QVERIFY(headline() != now);
    QTest::keyPress(&explorer->window, Qt::Key_3, Qt::AltModifier);
    QCOMPARE(headline(), now);
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
    explorer = std::make_unique<Explorer>(folder->path());
    explorer->window.restore();
    explorer->window.show();
    QTRY_COMPARE(pinned().pins.size(), std::size_t{2});
    QCOMPARE(pinned().primary()->name, before.primary()->name);
    for (const Baseline &then : before.pins) {
        const auto now = std::find_if(pinned().pins.begin(), pinned().pins.end(), [&](const Baseline &each) { return each.name == then.name; });
        QVERIFY(now != pinned().pins.end());
        QVERIFY(now->explored->inputs.study == then.explored->inputs.study);
        QVERIFY(now->explored->inputs.selection == then.explored->inputs.selection);
        QCOMPARE(now->explored->leading().shown.throughput_per_card, then.explored->leading().shown.throughput_per_card);
    }
}

EXPLORER_TEST_MAIN(TestBaselines)
#include "tst_baselines.moc"
