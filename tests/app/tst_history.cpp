// SPDX-License-Identifier: GPL-3.0-or-later
// Undo and redo in the real window: what is a step, what it is called, and that it leads back exactly.
#include <functional>
#include <memory>

#include <QComboBox>
#include <QDockWidget>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QUndoStack>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/charts/pareto_scene.h"
#include "app/controls/chip_picker.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/words/change_name.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr int longer_than_repeats = 1100; // ms

const QString resources = QStringLiteral(EPSCOPE_SOURCE_DIR "/resources/");

} // namespace

class TestHistory : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void names_data();
    void names();
    void a_drag_is_one_step();
    void a_drag_back_is_no_step();
    void repeats_of_a_key_are_one_step();
    void a_double_click_is_one_step();
    void every_action_is_a_step_data();
    void every_action_is_a_step();
    void every_slider_is_led_back();
    void picking_a_configuration();
    void hover_is_no_step();
    void views_are_led_back_data();
    void views_are_led_back();
    void a_spin_boxs_repeats_are_one_step();
    void a_goal_and_its_answer_are_two_steps();
    void what_a_view_is_asked_is_not_saved();
    void theme_and_scale_are_no_steps();
    void views_come_back_at_the_next_start();
    void survives_saving();
    void a_new_name_stays();
    void another_study_clears_it();
    void what_was_open_last_is_no_step();
    void lines_have_their_own();
    void the_menu_leads_anywhere();

private:
    QUndoStack &steps() { return explorer->session().history(); }
    ValueSlider &slider(const char *key) { return child<ValueSlider>(QString::fromUtf8(key)); }
    void undo() { press(Qt::CTRL | Qt::Key_Z); }
    void redo() { press(Qt::CTRL | Qt::SHIFT | Qt::Key_Z); }
    void move_to(QWidget &widget, QPoint at)
    {
        QMouseEvent move(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(&widget, &move);
    }
    void drag(ValueSlider &one, std::initializer_list<double> values)
    {
        QPoint at = one.position_of(one.value()->si());
        QTest::mousePress(&one, Qt::LeftButton, {}, at);
        for (const double value : values) {
            at = one.position_of(value);
            move_to(one, at);
        }
        QTest::mouseRelease(&one, Qt::LeftButton, {}, at);
    }
    void choose(const char *name, int index)
    {
        auto &box = child<QComboBox>(QString::fromUtf8(name));
        box.setCurrentIndex(index);
        emit box.activated(index);
    }
    void check(const char *chip, bool wanted)
    {
        QListWidget *list = child<InputPanel>().chips()->list();
        for (int i = 0; i < list->count(); ++i) {
            if (list->item(i)->data(Qt::UserRole).toString() == QLatin1String(chip))
                list->item(i)->setCheckState(wanted ? Qt::Checked : Qt::Unchecked);
        }
    }
};

void TestHistory::names_data()
{
    QTest::addColumn<Study>("after");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("text");
    const Study before = published_study();
    const auto row = [&](const char *key, const char *value, const char *text) {
        QTest::newRow(key) << with(before, key, value) << QString::fromUtf8(key) << QString::fromUtf8(text);
    };
    row("context", "64 Ki", "Context length 5120 → 65536");
    row("acceptance", "0.7", "Acceptance 0.85 → 0.7");
    row("target_tps", "15 tok/s", "Target 20 → 15 tok/s");
    row("deepgemm", "false", "DeepGEMM off");
    row("fa3", "two-stage", "FA3 mode as the chip has it → two-stage");
    row("ep", "144", "EP 72, 144, 320 → 144");
    row("chip.H800.memory_bandwidth", "4.8 TB/s", "Memory bandwidth of H800 3.3 TiB/s → 4.8 TB/s");
    row("chip.H800.scale_up_bandwidth", "160 GB/s", "Scale-up bandwidth of H800 nothing → 160 GB/s");
    row("model.layers", "30", "Layers 61 → 30");
    const auto more = [&](const char *name, Study after, const char *text) {
        QTest::newRow(name) << after << QString() << QString::fromUtf8(text);
    };
    Study after = before;
    after.profile.quirks.experts_see_all_tokens = false;
    QTest::newRow("quirk") << after << u"profile.Experts see all tokens"_qs << u"Quirk “Experts see all tokens” off"_qs;
    after = before;
    after.chips.erase(after.chips.begin());
    more("chip gone", after, "Chip H800 taken out");
    after = before;
    after.chips.push_back(*shipped_library().chip("H200").value);
    more("chip added", after, "Chip H200 added");
    after = before;
    after.chips.front() = *shipped_library().chip("H200").value;
    more("chip in place", after, "Chip H800 → H200");
    after = with(with(before, "chip.H800.sms", "100"), "chip.H800.clock", "1 GHz");
    more("two of a chip", after, "Chip H800: 2 values");
    after = with(with(before, "context", "1 Ki"), "acceptance", "0.5");
    more("two", after, "Context length 5120 → 1024 and 1 more");
    after = before;
    after.profile = *shipped_library().profile("calibrated").value;
    more("profile", after, ("Profile " + after.profile.title).c_str());
    after = before;
    after.title = "Another";
    more("title", after, "");
}

void TestHistory::names()
{
    QFETCH(Study, after);
    QFETCH(QString, key);
    QFETCH(QString, text);
    const ChangeName name = change_name(published_study(), after);
    QCOMPARE(QString::fromStdString(name.key), key);
    QCOMPARE(name.text, text);
}

void TestHistory::a_drag_is_one_step()
{
    const Study before = explorer->study();
    ValueSlider &context = slider("context");
    drag(context, {6000, 9000, 20000, 32768});
    const Study after = explorer->study();
    QVERIFY(after.workload.context > 20000);
    QCOMPARE(steps().count(), 1);
    QCOMPARE(steps().text(0), change_name(before, after).text);
    QVERIFY(steps().text(0).startsWith(u"Context length 5120 → "));
    QVERIFY(explorer->action(u"Undo "_qs + steps().text(0)).isEnabled());
    undo();
    QVERIFY(explorer->study() == before);
    QVERIFY(explorer->answer().outcome == search(before));
    redo();
    QVERIFY(explorer->study() == after);
    drag(context, {20000}); // another drag, another step
    QCOMPARE(steps().count(), 2);
    undo();
    QVERIFY(explorer->study() == after);
    undo();
    QVERIFY(explorer->study() == before);
    QVERIFY(!explorer->session().modified());
    QVERIFY(!steps().canUndo());
}

void TestHistory::a_drag_back_is_no_step()
{
    ValueSlider &bandwidth = slider("chip.memory_bandwidth");
    const Study before = explorer->study();
    QTest::mousePress(&bandwidth, Qt::LeftButton, {}, bandwidth.position_of(bandwidth.value()->si()));
    move_to(bandwidth, bandwidth.position_of(1.3 * bandwidth.value()->si()));
    QVERIFY(explorer->study() != before);
    QTest::keyClick(&bandwidth, Qt::Key_Escape);
    QVERIFY(explorer->study() == before);
    QCOMPARE(steps().count(), 0);
    QTest::mouseRelease(&bandwidth, Qt::LeftButton);
}

void TestHistory::repeats_of_a_key_are_one_step()
{
    const Study before = explorer->study();
    ValueSlider &context = slider("context"), &acceptance = slider("acceptance");
    context.setFocus();
    for (int i = 0; i < 5; ++i)
        press(Qt::Key_Right);
    const Study after = explorer->study();
    QCOMPARE(steps().count(), 1);
    acceptance.setFocus();
    press(Qt::Key_Left);
    QCOMPARE(steps().count(), 2);
    context.setFocus();
    press(Qt::Key_Right);
    QCOMPARE(steps().count(), 3);
    let_pass(longer_than_repeats);
    press(Qt::Key_Right);
    QCOMPARE(steps().count(), 4);
    for (int i = 0; i < 3; ++i)
        undo();
    QVERIFY(explorer->study() == after);
    undo();
    QVERIFY(explorer->study() == before);
}

void TestHistory::a_double_click_is_one_step()
{
    explorer->set("context", QStringLiteral("64 Ki"));
    steps().clear();
    const Study before = explorer->study();
    ValueSlider &context = slider("context");
    const QPoint at = context.position_of(20000);
    QTest::mousePress(&context, Qt::LeftButton, {}, at); // moves the thumb
    QTest::mouseRelease(&context, Qt::LeftButton, {}, at);
    QVERIFY(explorer->study() != before);
    QTest::mouseDClick(&context, Qt::LeftButton, {}, at);
    QCOMPARE(explorer->study().workload.context, explorer->session().opened().workload.context);
    QCOMPARE(steps().count(), 1);
    undo();
    QVERIFY(explorer->study() == before);
}

void TestHistory::every_action_is_a_step_data()
{
    QTest::addColumn<int>("action");
    const char *const names[] = {"typed", "switch", "mode", "fixed", "all fixed", "searched again", "range",
        "chip added", "chip gone", "NIC", "profile", "profile reset", "model taken", "chip taken", "target dragged",
        "fix chosen", "chip unset", "as opened", "chip reset"};
    for (int i = 0; i < static_cast<int>(std::size(names)); ++i)
        QTest::newRow(names[i]) << i;
}

void TestHistory::every_action_is_a_step()
{
    QFETCH(int, action);
    const auto click = [this](const char *name) { child<QPushButton>(QString::fromUtf8(name)).click(); };
    const auto type = [this](const char *key, const QString &text) {
        ValueSlider &one = slider(key);
        one.setFocus();
        QTest::keyClick(&one, Qt::Key_Return);
        QTest::keyClicks(one.editor(), text);
        QTest::keyClick(one.editor(), Qt::Key_Return);
    };
    const auto take = [this](const char *file) { explorer->window.take_files({resources + QLatin1String(file)}); };
    const auto nothing = [] {};
    const std::pair<std::function<void()>, std::function<void()>> actions[] = {
        // what comes before, and what is looked at
        {nothing, [&] { type("context", u"64k"_qs); }},
        {nothing, [&] { child<QCheckBox>(u"deepgemm"_qs).click(); }},
        {nothing, [&] { choose("fa3", 1); }},
        {nothing, [&] { type("ep", u"144"_qs); }},
        {nothing, [&] { click("search.fix"); }},
        {[&] { click("search.fix"); }, [&] { click("search.all"); }},
        {nothing, [&] { explorer->set("batch", u"16..64:8"_qs); }},
        {nothing, [&] { check("H200", true); }},
        {nothing, [&] { check("H800", false); }},
        {nothing, [&] { choose("nic", 1); }},
        {nothing, [&] { choose("profile", child<QComboBox>(u"profile"_qs).findData(u"calibrated"_qs)); }},
        {[&] { type("profile.usable_memory_fraction", u"0.5"_qs); }, [&] { click("profile.reset"); }},
        {[&] { explorer->set("model.layers", u"30"_qs); }, [&] { take("models/deepseek-v3.yaml"); }},
        {nothing, [&] { take("chips/b200.yaml"); }},
        {nothing,
            [&] {
                ChartView &pareto = explorer->chart("pareto");
                const int x = static_cast<int>(std::lround(pareto.laid_out().handles.front().lines.front().x1())),
                          y = pareto.plot()->axisRect()->center().y();
                QTest::mousePress(pareto.plot(), Qt::LeftButton, {}, QPoint(x, y));
                for (const int step : {10, 30, 60})
                    move_to(*pareto.plot(), {x + step, y});
                QTest::mouseRelease(pareto.plot(), Qt::LeftButton, {}, QPoint(x + 60, y));
            }},
        {[&] {
             explorer->set("target_tps", u"500"_qs);
             explorer->answer();
         },
            [&] {
                for (QPushButton *button : child<Headline>().findChildren<QPushButton *>()) {
                    if (button->isVisible()) {
                        QTest::mouseClick(button, Qt::LeftButton);
                        return;
                    }
                }
            }},
        {[&] { explorer->set("chip.H800.scale_up_bandwidth", u"160 GB/s"_qs); },
            [&] {
                ValueSlider &one = slider("chip.scale_up_bandwidth");
                one.setFocus();
                QTest::keyClick(&one, Qt::Key_Return);
                one.editor()->clear();
                QTest::keyClick(one.editor(), Qt::Key_Return);
            }},
        {[&] { explorer->set("context", u"64 Ki"_qs); },
            [&] { explorer->action(u"All inputs as opened"_qs).trigger(); }},
        {[&] { explorer->set("chip.H800.sms", u"100"_qs); }, [&] { click("chip.reset"); }},
    };
    actions[action].first();
    explorer->answer();
    steps().clear();
    const Study before = explorer->study();
    actions[action].second();
    const Study after = explorer->study();
    QVERIFY(after != before);
    QCOMPARE(steps().count(), 1);
    QVERIFY(!steps().text(0).isEmpty());
    QApplication::setActiveWindow(&explorer->window);
    child<InputPanel>().setFocus();
    undo();
    QVERIFY(explorer->study() == before);
    redo();
    QVERIFY(explorer->study() == after);
    QVERIFY(explorer->answer().outcome == search(after));
}

void TestHistory::every_slider_is_led_back()
{
    for (ValueSlider *one : explorer->window.findChildren<ValueSlider *>()) {
        if (one->isHidden())
            continue;
        explorer->session().open(published_study());
        explorer->answer();
        const std::optional<Quantity> shown = one->value();
        one->setFocus();
        press(shown && shown->si() > one->range().first ? Qt::Key_Left : Qt::Key_Right);
        QVERIFY2(explorer->study() != published_study(), qPrintable(one->objectName()));
        QVERIFY2(steps().text(0).contains(u" → "), qPrintable(steps().text(0)));
        undo();
        QVERIFY2(explorer->study() == published_study(), qPrintable(one->objectName()));
        QVERIFY2(one->value() == shown, qPrintable(one->objectName()));
    }
}

void TestHistory::picking_a_configuration()
{
    const Explored before = explorer->answer();
    auto &results = child<ResultsTable>();
    const auto wanted = results.model()->selection_of(5);
    emit results.configuration_picked(wanted);
    QVERIFY(explorer->session().inputs().selection == wanted);
    QCOMPARE(steps().count(), 1);
    QVERIFY2(steps().text(0).contains(QString::fromStdString(wanted.chip)), qPrintable(steps().text(0)));
    explorer->set("context", u"6000"_qs);
    undo();
    QVERIFY(explorer->session().inputs().selection == wanted);
    QVERIFY(explorer->study() == published_study());
    undo();
    QVERIFY(!explorer->session().inputs().selection);
    QVERIFY(explorer->answer().leading().shown == before.leading().shown);
    redo();
    QVERIFY(explorer->session().inputs().selection == wanted);
    QVERIFY(!explorer->session().modified());
}

void TestHistory::hover_is_no_step()
{
    explorer->session().highlight(OpId::flash_mla);
    explorer->session().highlight(std::nullopt);
    QCOMPARE(steps().count(), 0);
}

void TestHistory::views_are_led_back_data()
{
    QTest::addColumn<int>("what");
    QTest::addColumn<QString>("step");
    const std::pair<const char *, const char *> all[] = {{"unit", "Breakdown: Milliseconds per step"},
        {"log", "Logarithmic Pareto axes: on"}, {"infeasible", "Show infeasible points: off"},
        {"measured", "Show measured points: off"}, {"curves", "Curves under sliders: off"},
        {"rows", "Results: Pareto fronts"}, {"filter", "Results filtered by “H20”"}, {"axes", "Map over Memory × %1"},
        {"map's output", "Map of Free memory"}, {"output", "Sensitivity of Speed per user"},
        {"percent", "Sensitivity to ±20 %"}};
    for (int i = 0; i < static_cast<int>(std::size(all)); ++i)
        QTest::newRow(all[i].first) << i << QString::fromUtf8(all[i].second);
}

void TestHistory::views_are_led_back()
{
    QFETCH(int, what);
    QFETCH(QString, step);
    ChartView &breakdown = explorer->chart("breakdown");
    ChartView &map = explorer->chart("map");
    ChartView &tornado = explorer->chart("sensitivity");
    auto &results = child<ResultsTable>();
    const auto raise = [](QWidget &chart) {
        qobject_cast<QDockWidget *>(chart.parentWidget())->raise();
        QApplication::processEvents();
    };
    const auto choose_in = [](QWidget &view, const QString &box_name, const QString &key) {
        for (QComboBox *box : view.findChildren<QComboBox *>()) {
            if (box->accessibleName() != box_name)
                continue;
            box->setCurrentIndex(box->findData(key));
            emit box->activated(box->currentIndex());
            return;
        }
        qFatal("no box %s", qPrintable(box_name));
    };
    const auto click = [](QWidget &view, const QString &name) {
        for (QAbstractButton *button : view.findChildren<QAbstractButton *>()) {
            if (button->accessibleName() == name)
                return button->click();
        }
        qFatal("no button %s", qPrintable(name));
    };
    const auto toggle = [this](const QString &name) { explorer->action(name).trigger(); };
    const auto state = [&]() -> QStringList {
        const auto asked = std::get<SensitivityQuestion>(tornado.question());
        return {breakdown.option(u"unit"_qs),
            QString::number(explorer->action(u"Logarithmic Pareto axes"_qs).isChecked()),
            QString::number(explorer->action(u"Show infeasible points"_qs).isChecked()),
            QString::number(explorer->action(u"Show measured points"_qs).isChecked()),
            QString::number(explorer->action(u"Curves under sliders"_qs).isChecked()),
            QString::number(static_cast<int>(results.model()->rows())), QString::number(results.model()->rowCount()),
            map.option(u"map.axes"_qs), map.option(u"map.output"_qs), QString::fromStdString(asked.metric),
            QString::number(asked.percent)};
    };
    raise(map);
    const std::function<void()> actions[] = {
        [&] { click(breakdown, u"Milliseconds per step"_qs); },
        [&] { toggle(u"Logarithmic Pareto axes"_qs); },
        [&] { toggle(u"Show infeasible points"_qs); },
        [&] { toggle(u"Show measured points"_qs); },
        [&] { toggle(u"Curves under sliders"_qs); },
        [&] { click(results, u"Pareto fronts"_qs); },
        [&] {
            toggle(u"Filter the results"_qs);
            QTest::keyClicks(results.filter_line(), u"H20"_qs);
            QTest::keyClick(results.filter_line(), Qt::Key_Return);
            child<InputPanel>().setFocus();
        },
        [&] { choose_in(map, u"Number across"_qs, u"chip.memory"_qs); },
        [&] { choose_in(map, u"Output"_qs, u"free_memory"_qs); },
        [&] { choose_in(tornado, u"Output"_qs, u"ux_tps"_qs); },
        [&] {
            raise(tornado);
            auto *percent = tornado.findChild<QSpinBox *>();
            percent->setFocus();
            QTest::keySequence(percent, QKeySequence::SelectAll);
            QTest::keyClicks(percent, u"20"_qs);
            QTest::keyClick(percent, Qt::Key_Return);
            child<InputPanel>().setFocus();
        },
    };
    const QStringList before = state();
    QCOMPARE(steps().count(), 0);
    actions[what]();
    const QStringList after = state();
    QVERIFY2(after != before, qPrintable(after.join(u' ')));
    QCOMPARE(steps().count(), 1);
    QCOMPARE(
        steps().text(0), step.contains(u"%1") ? step.arg(map.option_text(u"map.axes"_qs).section(u" × "_qs, 1)) : step);
    undo();
    QCOMPARE(state(), before);
    redo();
    QCOMPARE(state(), after);
    explorer->set("context", u"6000"_qs); // among the others
    undo();
    QCOMPARE(state(), after);
    undo();
    QCOMPARE(state(), before);
    QVERIFY(!explorer->session().modified());
}

void TestHistory::a_spin_boxs_repeats_are_one_step()
{
    ChartView &tornado = explorer->chart("sensitivity");
    qobject_cast<QDockWidget *>(tornado.parentWidget())->raise();
    auto *percent = tornado.findChild<QSpinBox *>();
    percent->setFocus();
    const int before = percent->value();
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(percent, Qt::Key_Up);
    QCOMPARE(percent->value(), before + 4);
    QCOMPARE(steps().count(), 1);
    QVERIFY2(steps().text(0).contains(QString::number(before + 4)), qPrintable(steps().text(0)));
    undo(); // with the keyboard in the box
    QCOMPARE(percent->value(), before);
    redo();
    QCOMPARE(percent->value(), before + 4);
    undo();
    QTest::keyClick(percent, Qt::Key_Up);
    QTest::keyClick(percent, Qt::Key_Down); // back where it was
    QCOMPARE(steps().count(), 0);
}

void TestHistory::a_goal_and_its_answer_are_two_steps()
{
    auto &goal = child<GoalView>();
    slider("context").setFocus();
    explorer->action(u"Seek a goal…"_qs).trigger();
    QCOMPARE(steps().count(), 1);
    QVERIFY2(steps().text(0).startsWith(u"Goal: Context length"), qPrintable(steps().text(0)));
    const SeekQuestion first = goal.question();
    let_pass(longer_than_repeats);
    goal.relation_box()->setCurrentIndex(0);
    goal.value_line()->selectAll();
    QTest::keyClicks(
        goal.value_line(), u"%1 tok/s"_qs.arg(1.05 * explorer->answer().leading().shown.throughput_per_card));
    QTest::keyClick(goal.value_line(), Qt::Key_Return);
    QCOMPARE(steps().count(), 2);
    const SeekQuestion second = goal.question();
    QTRY_VERIFY_WITH_TIMEOUT(!goal.is_stale(), 20000);
    const Study before = explorer->study();
    QTRY_VERIFY_WITH_TIMEOUT(goal.take_button()->isEnabled(), 20000);
    goal.take_button()->click();
    const Study after = explorer->study();
    QVERIFY(after != before);
    QCOMPARE(steps().count(), 3);
    explorer->answer();
    steps().undo();
    QVERIFY(explorer->study() == before);
    QVERIFY(goal.question() == second);
    explorer->answer();
    steps().undo();
    QVERIFY(goal.question() == first);
    steps().undo();
    QVERIFY(goal.isHidden());
    steps().redo();
    QVERIFY(!goal.isHidden());
    QVERIFY(goal.question() == first);
    QCOMPARE(steps().count(), 3);
}

void TestHistory::what_a_view_is_asked_is_not_saved()
{
    explorer->action(u"Logarithmic Pareto axes"_qs).trigger();
    QCOMPARE(steps().count(), 1);
    QVERIFY(!explorer->window.isWindowModified());
    explorer->answers.file = folder.path(u"kept.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    undo(); // the step has outlived it
    QVERIFY(!explorer->action(u"Logarithmic Pareto axes"_qs).isChecked());
    QVERIFY(!explorer->window.isWindowModified());
}

void TestHistory::theme_and_scale_are_no_steps()
{
    explorer->action(u"Dark"_qs).trigger();
    explorer->window.set_scale(125);
    explorer->window.set_scale(100);
    explorer->window.reset_layout();
    QCOMPARE(steps().count(), 0);
}

void TestHistory::views_come_back_at_the_next_start()
{
    explorer->chart("map").set_option(u"map.axes"_qs, u"chip.memory|context"_qs);
    explorer->chart("sensitivity")
        .set_options({{u"sensitivity.output"_qs, u"ux_tps"_qs}, {u"sensitivity.percent"_qs, u"20"_qs}});
    explorer->action(u"Show infeasible points"_qs).trigger();
    QCOMPARE(steps().count(), 4); // output and percent are two
    explorer->window.close();
    start_again();
    explorer->window.restore();
    const ChartView &map = explorer->chart("map");
    QCOMPARE(map.option(u"map.axes"_qs), u"chip.memory|context"_qs);
    QVERIFY(std::get<SensitivityQuestion>(explorer->chart("sensitivity").question())
        == (SensitivityQuestion{"ux_tps", 20}));
    QVERIFY(!explorer->action(u"Show infeasible points"_qs).isChecked());
    QCOMPARE(steps().count(), 0);
}

void TestHistory::survives_saving()
{
    const Study before = explorer->study();
    explorer->answers.file = folder.path(u"kept.yaml"_qs);
    explorer->set("context", u"6000"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    QVERIFY(!explorer->window.isWindowModified());
    QCOMPARE(explorer->session().opened().workload.context, 6000);
    explorer->set("context", u"7000"_qs); // not joined with what was saved
    QVERIFY(explorer->window.isWindowModified());
    undo();
    QCOMPARE(explorer->study().workload.context, 6000);
    QVERIFY(!explorer->window.isWindowModified());
    undo();
    QCOMPARE(explorer->study().workload.context, before.workload.context);
    QVERIFY(explorer->window.isWindowModified());
    QCOMPARE(explorer->session().opened().workload.context, 6000);
    redo();
    QVERIFY(!explorer->window.isWindowModified());
}

void TestHistory::a_new_name_stays()
{
    explorer->set("context", u"6000"_qs);
    explorer->answers.file = folder.path(u"mine.yaml"_qs);
    explorer->action(u"Save as…"_qs).trigger();
    undo();
    QCOMPARE(explorer->study().name, "mine");
    QCOMPARE(explorer->study().title, "mine");
    QVERIFY(explorer->study().workload == published_study().workload);
}

void TestHistory::another_study_clears_it()
{
    explorer->set("context", u"6000"_qs);
    QVERIFY(steps().canUndo());
    explorer->window.open(u"explore"_qs);
    QCOMPARE(steps().count(), 0);
    QVERIFY(!explorer->action(u"Undo"_qs).isEnabled());
}

void TestHistory::what_was_open_last_is_no_step()
{
    emit child<ResultsTable>().configuration_picked(child<ResultsTable>().model()->selection_of(3));
    explorer->answer();
    const auto picked = explorer->session().inputs().selection;
    explorer->window.close();
    start_again();
    explorer->window.restore();
    QVERIFY(explorer->session().inputs().selection == picked);
    QCOMPARE(steps().count(), 0);
}

void TestHistory::lines_have_their_own()
{
    explorer->set("context", u"6000"_qs);
    const Study after = explorer->study();
    explorer->action(u"Filter the results"_qs).trigger();
    QLineEdit *line = child<ResultsTable>().filter_line();
    QTRY_VERIFY(line->hasFocus());
    QTest::keyClicks(line, u"H20"_qs);
    undo();
    QVERIFY(line->text() != u"H20");
    QVERIFY(explorer->study() == after);
    while (line->isUndoAvailable())
        undo();
    QVERIFY(explorer->study() == after);
    undo(); // nothing of its own is left
    QVERIFY(explorer->study() == published_study());
    // A filter that was set: what the line undoes of it is no step, but its button takes the step back.
    line->setFocus();
    QTest::keyClicks(line, u"H20"_qs);
    QTest::keyClick(line, Qt::Key_Return);
    QCOMPARE(steps().count(), 1); // what was undone is gone
    while (line->isUndoAvailable())
        undo();
    QVERIFY(line->text().isEmpty());
    QCOMPARE(steps().count(), 1);
    undo();
    QVERIFY(line->text().isEmpty() && !steps().canUndo());
    QTest::keyClicks(line, u"H20"_qs);
    QTest::keyClick(line, Qt::Key_Return);
    line->findChild<QToolButton *>()->click();
    QVERIFY(line->text().isEmpty());
    QCOMPARE(steps().count(), 0); // set and cleared
    // A number that is being typed.
    explorer->set("context", u"6000"_qs);
    undo();
    ValueSlider &context = slider("context");
    context.setFocus();
    redo();
    QVERIFY(explorer->study() == after);
    QTest::keyClick(&context, Qt::Key_1);
    QTest::keyClick(context.editor(), Qt::Key_2);
    undo();
    QVERIFY(context.editor()->text() != u"12");
    QVERIFY(explorer->study() == after);
}

void TestHistory::the_menu_leads_anywhere()
{
    explorer->set("context", u"6000"_qs);
    explorer->set("acceptance", u"0.7"_qs);
    explorer->set("cards", u"512"_qs);
    auto &menu = child<QMenu>(u"history"_qs);
    emit menu.aboutToShow();
    QList<QAction *> actions = menu.actions();
    QCOMPARE(actions.size(), 4);
    QCOMPARE(actions.back()->text(), u"As opened"_qs);
    QCOMPARE(actions.front()->text(), steps().text(2));
    QVERIFY(actions.front()->isChecked());
    actions[2]->trigger();
    QVERIFY(explorer->study() == with(published_study(), "context", "6000"));
    emit menu.aboutToShow();
    QVERIFY(menu.actions()[2]->isChecked());
    menu.actions().back()->trigger();
    QVERIFY(explorer->study() == published_study());
    emit menu.aboutToShow();
    menu.actions().front()->trigger();
    QCOMPARE(explorer->study().workload.cards, 512);
}

EPSCOPE_SUITE(history, TestHistory)
#include "tst_history.moc"
