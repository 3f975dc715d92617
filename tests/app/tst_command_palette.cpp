// SPDX-License-Identifier: GPL-3.0-or-later
// The palette over the real window, driven by keys.
#include <QHash>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QTextBrowser>

#include "app/controls/chip_picker.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/command_palette.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/shortcut_sheet.h"
#include "core/explore/questions.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestCommandPalette : public QObject, ExplorerSuite {
    Q_OBJECT
private slots:
    void init() { start().show(u"explore"_qs); }
    void cleanup() { explorer.reset(); }

    void fits_words_in_any_order_data();
    void fits_words_in_any_order();
    void prefers_the_beginnings_of_words();
    void opens_by_its_keys_and_closes();
    void runs_an_action();
    void sets_an_input_data();
    void sets_an_input();
    void an_input_comes_before_its_history();
    void says_why_a_value_is_not_allowed();
    void one_message_for_a_wrong_value();
    void explains_an_operator();
    void seeks_a_goal();
    void says_what_is_wrong_with_a_goal();
    void shows_scenarios_baselines_and_studies();
    void leads_to_a_control_in_a_folded_section();
    void takes_a_chip_in();
    void says_that_nothing_fits();
    void lists_all_shortcuts();
    void no_two_actions_share_a_shortcut();

private:
    CommandPalette &palette() { return *explorer->window.findChild<CommandPalette *>(); }
    void open_with(const QString &text)
    {
        QTest::keyClick(&explorer->window, Qt::Key_K, Qt::ControlModifier);
        QVERIFY(palette().isVisible());
        QTest::keyClicks(palette().line(), text);
    }
    QString first() { return palette().list()->item(0)->text(); }
    void take() { QTest::keyClick(palette().line(), Qt::Key_Return); }
};

void TestCommandPalette::fits_words_in_any_order_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<bool>("fits");
    QTest::newRow("nothing typed") << u""_qs << true;
    QTest::newRow("all of it") << u"Memory bandwidth of H800"_qs << true;
    QTest::newRow("case") << u"MEMORY"_qs << true;
    QTest::newRow("other order") << u"h800 band"_qs << true;
    QTest::newRow("letters in one word") << u"bndw"_qs << true;
    QTest::newRow("letters of several words") << u"membh"_qs << false;
    QTest::newRow("letters in the wrong order") << u"wdnb"_qs << false;
    QTest::newRow("one word too many") << u"memory size"_qs << false;
}

void TestCommandPalette::fits_words_in_any_order()
{
    QFETCH(const QString, typed);
    QFETCH(const bool, fits);
    QCOMPARE(fit_of(typed, u"Memory bandwidth of H800"_qs) > 0, fits);
}

void TestCommandPalette::prefers_the_beginnings_of_words()
{
    const double begins = fit_of(u"mem"_qs, u"Free memory"_qs), inside = fit_of(u"mem"_qs, u"Remember it"_qs),
                 scattered = fit_of(u"mem"_qs, u"Maxemum xx"_qs);
    QVERIFY(begins > inside);
    QVERIFY(inside > scattered);
    QVERIFY(scattered > 0);
    QVERIFY(fit_of(u"theme"_qs, u"Theme"_qs) > fit_of(u"theme"_qs, u"Theme of the window"_qs));
}

void TestCommandPalette::opens_by_its_keys_and_closes()
{
    open_with(u"theme dark"_qs);
    QTest::keyClick(palette().line(), Qt::Key_Escape);
    QVERIFY(!palette().isVisible());
    open_with({});
    QCOMPARE(palette().line()->text(), QString());
    QVERIFY(palette().list()->count() > 20);
}

void TestCommandPalette::runs_an_action()
{
    open_with(u"theme dark"_qs);
    QCOMPARE(first(), u"View › Theme › Dark"_qs);
    take();
    QVERIFY(!palette().isVisible());
    QCOMPARE(explorer->theme.choice(), ThemeChoice::dark);
    // The arrows go through the list.
    open_with(u"theme"_qs);
    const QString second = palette().list()->item(1)->text();
    QTest::keyClick(palette().line(), Qt::Key_Down);
    QCOMPARE(palette().list()->currentItem()->text(), second);
}

void TestCommandPalette::sets_an_input_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("binary prefix") << u"context 64k"_qs << u"context"_qs << u"65536"_qs;
    QTest::newRow("a chip's number") << u"memory bandwidth 2*2 TB/s"_qs << u"chip.H800.memory_bandwidth"_qs
                                     << u"4 TB/s"_qs;
    QTest::newRow("relative") << u"memory bandwidth +10%"_qs << u"chip.H800.memory_bandwidth"_qs << u"3.63 TiB/s"_qs;
    QTest::newRow("a range") << u"ep 64..256:64"_qs << u"ep"_qs << u"64, 128, 192, 256"_qs;
    QTest::newRow("a choice") << u"fa3 two-stage"_qs << u"fa3"_qs << u"two-stage"_qs;
    QTest::newRow("a switch") << u"deepgemm false"_qs << u"deepgemm"_qs << u"false"_qs;
    QTest::newRow("a quirk") << u"binary prefixes false"_qs << u"quirks.binary_prefixes"_qs << u"false"_qs;
}

void TestCommandPalette::sets_an_input()
{
    QFETCH(const QString, typed);
    QFETCH(const QString, key);
    QFETCH(const QString, value);
    QVERIFY(parameter_text(explorer->study(), key.toStdString()) != value.toStdString());
    const Study before = explorer->study();
    open_with(typed);
    QVERIFY2(first().contains(u'→'), qPrintable(first()));
    QCOMPARE(explorer->study(), before); // not yet
    take();
    QCOMPARE(QString::fromStdString(parameter_text(explorer->study(), key.toStdString()).value_or("")), value);
    QCOMPARE(explorer->study(), testing::with(before, key.toStdString(), value.toStdString())); // nothing else
}

void TestCommandPalette::an_input_comes_before_its_history()
{
    for (int i = 0; i < 2; ++i) {
        open_with(u"memory bandwidth +10%"_qs);
        take();
    }
    Study renamed = explorer->study();
    renamed.chips[0].name = "H800 with the memory of next year, twice";
    explorer->session().change(renamed);
    open_with(u"memory bandwidth"_qs);
    const QListWidget &list = *palette().list();
    int step = 0;
    while (step < list.count() && !list.item(step)->text().contains(u"History"_qs))
        ++step;
    QVERIFY(step > 0 && step < list.count());
    QVERIFY2(first().startsWith(u"Memory bandwidth of "_qs), qPrintable(first()));
}

void TestCommandPalette::says_why_a_value_is_not_allowed()
{
    const Study before = explorer->study();
    open_with(u"acceptance 7"_qs);
    QListWidgetItem *item = palette().list()->item(0);
    QVERIFY(item->text().contains(u"7"_qs));
    QVERIFY(!(item->flags() & Qt::ItemIsEnabled));
    QVERIFY2(item->data(Qt::UserRole).toString().contains(u"1"_qs), qPrintable(item->data(Qt::UserRole).toString()));
    take();
    QVERIFY(palette().isVisible());
    QCOMPARE(explorer->study(), before);
}

// Several inputs have a bandwidth; none takes this.
void TestCommandPalette::one_message_for_a_wrong_value()
{
    open_with(u"bandwidth 12 parsecs"_qs);
    QCOMPARE(palette().list()->count(), 1);
    QVERIFY(!(palette().list()->item(0)->flags() & Qt::ItemIsEnabled));
    QVERIFY2(palette().list()->item(0)->data(Qt::UserRole).toString().contains(u"parsecs"_qs),
        qPrintable(palette().list()->item(0)->data(Qt::UserRole).toString()));
}

void TestCommandPalette::explains_an_operator()
{
    explorer->answer();
    open_with(u"flash_mla"_qs);
    QCOMPARE(first(), u"Explain FlashMLA"_qs);
    take();
    const Explained all = explain(explorer->session().explored()->leading().scenario);
    auto &view = *explorer->window.findChild<ExplainView *>();
    QTRY_VERIFY(view.shown() && *view.shown() == *find_explanation(all, "flash_mla"));
    open_with(u"explain time per token"_qs);
    take();
    QVERIFY(*view.shown() == *find_explanation(all, "tpot"));
}

void TestCommandPalette::seeks_a_goal()
{
    explorer->answer();
    const QUndoStack &steps = explorer->session().history();
    const int before = steps.count();
    open_with(u"throughput"_qs);
    palette().line()->insert(u"≥4500"_qs); // no key of the test's keyboard
    QVERIFY2(first().startsWith(u"Seek "_qs), qPrintable(first()));
    take();
    auto &goal = *explorer->window.findChild<GoalView *>();
    QVERIFY(goal.isVisible());
    explorer->window.setFocus(); // leaving the goal's line sets it once more
    QCOMPARE(steps.count(), before + 1);
    QVERIFY2(steps.undoText().startsWith(u"Goal: "_qs) && steps.undoText().contains(u"4500"_qs),
        qPrintable(steps.undoText()));
    QTRY_VERIFY_WITH_TIMEOUT(!goal.is_stale(), 20000);
    const SeekQuestion asked = goal.question();
    const auto parsed = parse_goal(asked.goal);
    QCOMPARE(std::get<Goal>(parsed).wanted, 4500.0);
    const Study study = study_in_question(*explorer->session().explored());
    const auto expected = answer_to(study, SeekQuestion{asked.key, "throughput>=4500"});
    QCOMPARE(goal_answer(*goal.answer()).value, goal_answer(*expected).value);
}

void TestCommandPalette::says_what_is_wrong_with_a_goal()
{
    open_with(u"throughput>=many"_qs);
    QListWidgetItem *item = palette().list()->item(0);
    QVERIFY(!(item->flags() & Qt::ItemIsEnabled));
    const auto wrong = parse_goal("throughput>=many");
    QCOMPARE(item->data(Qt::UserRole).toString().toStdString(), std::get<std::string>(wrong));
    take();
    QVERIFY(palette().isVisible());
}

void TestCommandPalette::shows_scenarios_baselines_and_studies()
{
    Session &session = explorer->session();
    explorer->answer();
    const int before = session.card().id;
    session.duplicate_card(before);
    session.rename_card(session.card().id, u"Wide memory"_qs);
    explorer->answer();
    QTest::keyClick(&explorer->window, Qt::Key_B);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QTest::keyClick(&explorer->window, Qt::Key_B);
    session.show_card(before);
    open_with(u"scenario wide memory"_qs);
    take();
    QCOMPARE(session.name_of(session.card()), u"Wide memory"_qs);
    const PinnedBaselines &pinned = explorer->window.pinned_baselines();
    QCOMPARE(pinned.primary_index, std::size_t{1});
    open_with(u"baseline compare "_qs + pinned.pins[0].name.section(u' ', 0, 0));
    take();
    QCOMPARE(pinned.primary_index, std::size_t{0});
    open_with(u"new from calibrated"_qs);
    take();
    QCOMPARE(QString::fromStdString(explorer->study().profile.name), u"calibrated"_qs);
}

void TestCommandPalette::leads_to_a_control_in_a_folded_section()
{
    auto *panel = explorer->window.findChild<InputPanel *>();
    panel->set_folded_sections({u"Workload"_qs});
    auto *slider = panel->findChild<ValueSlider *>(u"acceptance"_qs);
    QVERIFY(!slider->isVisible());
    open_with(u"acceptance"_qs);
    take();
    QVERIFY(slider->isVisible());
    QVERIFY(!slider->visibleRegion().isEmpty());
    QVERIFY(slider->hasFocus() || slider->isAncestorOf(QApplication::focusWidget()));
    QVERIFY(panel->folded_sections().isEmpty());
}

void TestCommandPalette::takes_a_chip_in()
{
    const std::size_t chips = explorer->study().chips.size();
    open_with(u"compare h200"_qs);
    QVERIFY2(first().startsWith(u"Compare chip H200"_qs), qPrintable(first()));
    take();
    QCOMPARE(explorer->study().chips.size(), chips + 1);
    QCOMPARE(explorer->study().chips.back().name, std::string("H200"));
    open_with(u"leave out h200"_qs);
    take();
    QCOMPARE(explorer->study().chips.size(), chips);
}

void TestCommandPalette::says_that_nothing_fits()
{
    open_with(u"qqqq"_qs);
    QCOMPARE(palette().list()->count(), 1);
    QCOMPARE(first(), u"Nothing fits “qqqq”"_qs);
    take();
    QVERIFY(palette().isVisible());
}

void TestCommandPalette::lists_all_shortcuts()
{
    QTest::keyClick(&explorer->window, Qt::Key_Question, Qt::ControlModifier);
    const QPointer sheet = explorer->window.findChild<ShortcutSheet *>();
    QVERIFY(sheet && sheet->isVisible());
    const QString text = sheet->findChild<QTextBrowser *>()->toPlainText();
    int with_shortcut = 0;
    for (const QAction *action : explorer->window.findChildren<QAction *>()) {
        for (const QKeySequence &keys : action->shortcuts()) {
            QVERIFY2(text.contains(keys.toString(QKeySequence::NativeText)), qPrintable(action->text()));
            ++with_shortcut;
        }
    }
    QVERIFY(with_shortcut > 20);
    QTest::mouseClick(sheet->findChild<QPushButton *>(), Qt::LeftButton);
    QVERIFY(!sheet || !sheet->isVisible());
}

// Qt would call neither.
void TestCommandPalette::no_two_actions_share_a_shortcut()
{
    QHash<QString, const QAction *> taken;
    for (const QAction *action : explorer->window.findChildren<QAction *>()) {
        if (action->shortcutContext() != Qt::WindowShortcut) // of a view with the focus
            continue;
        for (const QKeySequence &keys : action->shortcuts()) {
            const QAction *&owner = taken[keys.toString()];
            QVERIFY2(!owner, qPrintable(keys.toString() + u": "_qs + action->text()));
            owner = action;
        }
    }
    QVERIFY(taken.size() > 20);
}

EPSCOPE_SUITE(command_palette, TestCommandPalette)
#include "tst_command_palette.moc"
