// SPDX-License-Identifier: GPL-3.0-or-later
// Goal seek in the real window, driven by mouse and keys; answers against the engine's seek().
#include <cmath>
#include <memory>
#include <set>

#include <QComboBox>
#include <QContextMenuEvent>
#include <QDockWidget>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QUndoStack>
#include <qcustomplot.h>

#include "app/charts/goal_scene.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/goal_view.h"
#include "tests/support/explored.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

class TestSeekView : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void asked_from_a_sliders_menu();
    void asked_by_keys();
    void proposes_a_tenth_better_data();
    void proposes_a_tenth_better();
    void the_answer_is_the_engines();
    void enter_takes_it();
    void the_button_takes_it();
    void marks_the_slider();
    void what_cannot_be_reached();
    void what_holds_already();
    void a_goal_of_speed_raises_the_target();
    void any_number_can_be_sought();
    void of_another_chip();
    void asks_again_when_inputs_change();
    void what_is_typed_wrong();
    void escape_stops_and_closes();
    void a_hidden_view_asks_nothing();
    void the_curve_follows();
    void no_label_hides_the_goals_line();
    void a_goal_out_of_sight_has_no_line();
    void the_goals_line_is_on_the_axes_of_its_output();

private:
    Session &session() { return explorer->session(); }
    GoalView &goal() { return *explorer->window.findChild<GoalView *>(); }
    InputPanel &panel() { return *explorer->window.findChild<InputPanel *>(); }
    void choose(QComboBox &box, const QString &data)
    {
        const int wanted = box.findData(data);
        if (wanted < 0)
            qFatal("no %s", qPrintable(data));
        box.setFocus();
        while (box.currentIndex() != wanted)
            QTest::keyClick(&box, box.currentIndex() < wanted ? Qt::Key_Down : Qt::Key_Up);
    }
    void type_goal(const QString &text)
    {
        goal().value_line()->setFocus();
        goal().value_line()->selectAll();
        QTest::keyClicks(goal().value_line(), text);
    }
    // What the window answers, once it is to what is asked now; the engine's answer next to it is the same.
    const Sought &answered()
    {
        if (!QTest::qWaitFor([this] { return !goal().is_stale(); }, 30000))
            qFatal("no answer");
        const Answer &answer = *goal().answer();
        const auto &question = std::get<SeekQuestion>(answer.question);
        const auto parsed = parse_goal(question.goal);
        const Sought direct = seek(answer.study, variable(answer.study, question.key), std::get<Goal>(parsed));
        const auto &found = std::get<Sought>(answer.found);
        if (found.result != direct.result || !(found.answer == direct.answer) || !(found.present == direct.present)
            || found.lowest != direct.lowest || found.highest != direct.highest || found.study != direct.study)
            qFatal("not the engine's answer to %s", question.goal.c_str());
        return found;
    }
    Study one_chip(const std::string &name)
    {
        const std::vector<Chip> &chips = session().study().chips;
        for (std::size_t i = 0; i < chips.size(); ++i) {
            if (chips[i].name == name)
                return with_chip(session().study(), i);
        }
        qFatal("no chip %s", name.c_str());
    }
};

void TestSeekView::asked_from_a_sliders_menu()
{
    QVERIFY(!goal().isVisible());
    QVERIFY(panel().reveal(u"chip.H800.fp8"_qs));
    ValueSlider *slider = panel().slider_of("chip.H800.fp8");
    QVERIFY(slider);
    const QPoint at = slider->rect().center();
    QContextMenuEvent event(QContextMenuEvent::Mouse, at, slider->mapToGlobal(at));
    QApplication::sendEvent(slider, &event);
    auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
    QVERIFY(menu);
    QAction *wanted = nullptr;
    for (QAction *action : menu->actions()) {
        if (action->text().contains(u"goal"))
            wanted = action;
    }
    QVERIFY(wanted);
    QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(wanted).center());
    QVERIFY(goal().isVisible());
    QCOMPARE(goal().question().key, std::string("chip.H800.fp8"));
    QCOMPARE(goal().parameter_box()->currentText(), QStringLiteral("FP8 rate of H800"));
    QVERIFY(goal().value_line()->hasFocus());
    answered();
}

void TestSeekView::asked_by_keys()
{
    QVERIFY(panel().reveal(u"context"_qs));
    press(Qt::CTRL | Qt::Key_G);
    QCOMPARE(goal().question().key, std::string("context"));
    answered();
    press(Qt::Key_Escape);
    QVERIFY(!goal().isVisible());
    QCOMPARE(QApplication::focusWidget(), panel().slider_of("context"));
    explorer->chart("pareto").setFocus(); // the last question again
    press(Qt::CTRL | Qt::Key_G);
    QCOMPARE(goal().question().key, std::string("context"));
    for (const char *key :
        {"acceptance", "ep", "kv_elem_size", "nic.bandwidth", "chip.fp8", "profile.usable_memory_fraction"}) {
        QVERIFY(panel().reveal(QLatin1String(key)));
        auto *slider = qobject_cast<ValueSlider *>(QApplication::focusWidget());
        QVERIFY2(slider, key);
        const std::string full = panel().key_of(*slider);
        QCOMPARE(panel().slider_of(full), slider);
        press(Qt::CTRL | Qt::Key_G);
        QCOMPARE(goal().question().key, full);
    }
}

void TestSeekView::proposes_a_tenth_better_data()
{
    QTest::addColumn<QString>("output");
    QTest::addColumn<double>("factor");
    QTest::newRow("throughput") << u"throughput"_qs << 1.1;
    QTest::newRow("speed") << u"ux_tps"_qs << 1.1;
    QTest::newRow("time per token") << u"tpot"_qs << 0.9;
    QTest::newRow("step") << u"step_time"_qs << 0.9;
    QTest::newRow("free memory") << u"free_memory"_qs << 1.1;
}

void TestSeekView::proposes_a_tenth_better()
{
    QFETCH(QString, output);
    QFETCH(double, factor);
    press(Qt::CTRL | Qt::Key_G);
    choose(*goal().output_box(), output);
    const auto parsed = parse_goal(goal().question().goal);
    QVERIFY(std::holds_alternative<Goal>(parsed));
    const Goal &proposed = std::get<Goal>(parsed);
    QCOMPARE(QString::fromUtf8(proposed.metric->key.data()), output);
    QCOMPARE(proposed.at_least, factor > 1);
    const std::optional<std::size_t> lead = leading_chip(session().study());
    const double now = number_of(metric(output.toStdString()), outcome_of(with_chip(session().study(), *lead))).value();
    QVERIFY2(std::abs(proposed.wanted / now - factor) < 0.005, qPrintable(goal().value_line()->text()));
}

void TestSeekView::the_answer_is_the_engines()
{
    panel().reveal(u"context"_qs);
    press(Qt::CTRL | Qt::Key_G);
    const Sought &found = answered();
    QCOMPARE(found.result, SeekResult::found);
    QVERIFY(found.answer.output >= std::get<Goal>(parse_goal(goal().question().goal)).wanted);
    // The sentence: the value, its change, what it gives and with which configuration.
    const QString text = goal().text();
    const Point &point = found.answer.outcome.best->candidate.point;
    QVERIFY2(text.contains(QString::fromStdString(exact_text(found.answer.value))), qPrintable(text));
    const double percent = 100 * (found.answer.value / found.present.value - 1);
    QVERIFY2(
        percent < 0 && text.contains(u"−%1 %"_qs.arg(QString::fromStdString(short_text(-percent, Dimension::count)))),
        qPrintable(text));
    QVERIFY2(text.contains(u"EP %1, batch %2"_qs.arg(point.ep).arg(point.batch)), qPrintable(text));
    QVERIFY2(text.contains(u"%1 tok/s per card"_qs.arg(static_cast<int>(std::round(*found.answer.output)))),
        qPrintable(text));
    QCOMPARE(found.answer.outcome, outcome_of(with(one_chip("H800"), "context", exact_text(found.answer.value))));
}

void TestSeekView::enter_takes_it()
{
    panel().reveal(u"chip.H800.fp8"_qs);
    press(Qt::CTRL | Qt::Key_G);
    QSignalSpy taken(&goal(), &GoalView::taken);
    press(Qt::Key_Return); // too early: there is no answer yet
    QCOMPARE(taken.size(), 0);
    const Sought found = answered();
    QCOMPARE(found.result, SeekResult::found);
    QUndoStack &steps = session().history();
    const int before = steps.count();
    const Study asked = session().study();
    press(Qt::Key_Return);
    QCOMPARE(steps.count(), before + 1);
    QVERIFY2(steps.text(before).contains(u"FP8 rate of H800"), qPrintable(steps.text(before)));
    const Variable rate = variable(one_chip("H800"), "chip.H800.fp8");
    QCOMPARE(*rate.stated, found.answer.value);
    QCOMPARE(session().study(), with(asked, "chip.H800.fp8", rate.text(found.answer.value)));
    const Explored &now = explorer->answer();
    QCOMPARE(now.leading().best->throughput_per_card, *found.answer.output);
    QCOMPARE(answered().result, SeekResult::holds_already); // asked again by itself
    steps.undo();
    QCOMPARE(session().study(), asked);
}

void TestSeekView::the_button_takes_it()
{
    panel().reveal(u"chip.H800.fp8"_qs);
    press(Qt::CTRL | Qt::Key_G);
    const Sought found = answered();
    QVERIFY(goal().take_button()->isEnabled());
    const Variable rate = variable(one_chip("H800"), "chip.H800.fp8");
    QVERIFY(goal().take_button()->text().contains(QString::fromStdString(rate.text(found.answer.value))));
    QTest::mouseClick(goal().take_button(), Qt::LeftButton);
    QCOMPARE(*variable(one_chip("H800"), "chip.H800.fp8").stated, found.answer.value);
}

void TestSeekView::marks_the_slider()
{
    panel().reveal(u"chip.H800.fp8"_qs);
    ValueSlider *slider = panel().slider_of("chip.H800.fp8");
    press(Qt::CTRL | Qt::Key_G);
    const Sought found = answered();
    QCOMPARE(slider->ghost(), std::optional(found.answer.value));
    // It is seen: where the mark stands, the track is drawn otherwise.
    const QImage with_mark = slider->grab().toImage();
    const QPoint at = slider->position_of(found.answer.value);
    press(Qt::Key_Escape);
    QCOMPARE(slider->ghost(), std::nullopt);
    const QImage without = slider->grab().toImage();
    const QRect around = QRect(at - QPoint(8, 8), QSize(16, 16)).intersected(slider->rect());
    QVERIFY(with_mark.copy(around) != without.copy(around));
    // A chip that is not edited has no slider to mark; coming back shows it again.
    press(Qt::CTRL | Qt::Key_G);
    answered();
    panel().edit_chip(u"H20"_qs);
    QCOMPARE(slider->ghost(), std::nullopt);
    panel().edit_chip(u"H800"_qs);
    QCOMPARE(slider->ghost(), std::optional(found.answer.value));
}

void TestSeekView::what_cannot_be_reached()
{
    panel().reveal(u"nic.bandwidth"_qs);
    press(Qt::CTRL | Qt::Key_G);
    type_goal(u"100 ktok/s"_qs);
    const Sought found = answered();
    QCOMPARE(found.result, SeekResult::unreachable);
    const QString text = goal().text();
    QVERIFY2(text.startsWith(
                 u"Not reachable: bound by "_qs + QString::fromStdString(binding_text(*found.answer.outcome.best))),
        qPrintable(text));
    QVERIFY2(text.contains(u"most is %1 tok/s per card"_qs.arg(static_cast<int>(std::round(*found.answer.output)))),
        qPrintable(text));
    QVERIFY(!goal().take_button()->isEnabled());
    const Study before = session().study();
    press(Qt::Key_Return);
    QCOMPARE(session().study(), before);
}

void TestSeekView::what_holds_already()
{
    panel().reveal(u"context"_qs);
    press(Qt::CTRL | Qt::Key_G);
    type_goal(u"1000"_qs);
    const Sought found = answered();
    QCOMPARE(found.result, SeekResult::holds_already);
    QVERIFY(!found.lowest && found.highest);
    QVERIFY2(goal().text().contains(u"up to "_qs + QString::fromStdString(exact_text(found.highest->value))),
        qPrintable(goal().text()));
    press(Qt::Key_Return); // as far as it goes
    QCOMPARE(*variable(one_chip("H800"), "context").stated, found.highest->value);
}

void TestSeekView::a_goal_of_speed_raises_the_target()
{
    panel().reveal(u"nic.bandwidth"_qs);
    press(Qt::CTRL | Qt::Key_G);
    choose(*goal().output_box(), u"ux_tps"_qs);
    const double fast = 1.05 * explorer->answer().leading().front.front().ux_tps; // no configuration is as fast today
    type_goal(QString::number(fast) + u" tok/s"_qs);
    const Sought found = answered();
    QVERIFY2(found.result == SeekResult::found, qPrintable(goal().text()));
    QVERIFY2(goal().text().contains(u"the target is raised to"), qPrintable(goal().text()));
    const int before = session().history().count();
    press(Qt::Key_Return);
    QCOMPARE(session().history().count(), before + 1);
    QCOMPARE(session().study().target_tps, found.study.target_tps);
    QCOMPARE(explorer->answer().leading().best->ux_tps, *found.answer.output);
    QVERIFY(explorer->answer().leading().best->ux_tps >= session().study().target_tps.si());
}

void TestSeekView::any_number_can_be_sought()
{
    press(Qt::CTRL | Qt::Key_G);
    std::set<QString> keys;
    for (int i = 0; i < goal().parameter_box()->count(); ++i)
        keys.insert(goal().parameter_box()->itemData(i).toString());
    for (const ValueSlider *slider : panel().findChildren<ValueSlider *>()) {
        const QString key = QString::fromStdString(panel().key_of(*slider));
        QVERIFY2(key.isEmpty() || keys.contains(key), qPrintable(key));
    }
    choose(*goal().parameter_box(), u"mtp_len"_qs);
    QCOMPARE(answered().present.value, static_cast<double>(explorer->answer().leading().best->point.mtp_len));
}

void TestSeekView::of_another_chip()
{
    QVERIFY(explorer->answer().chips.size() > 1);
    panel().reveal(u"chip.H20.bf16"_qs);
    press(Qt::CTRL | Qt::Key_G);
    QCOMPARE(goal().question().key, std::string("chip.H20.bf16"));
    answered();
    QCOMPARE(goal().answer()->study, one_chip("H20"));
    // Back to the one that leads.
    panel().reveal(u"context"_qs);
    press(Qt::CTRL | Qt::Key_G);
    answered();
    QCOMPARE(goal().answer()->study, one_chip("H800"));
}

void TestSeekView::asks_again_when_inputs_change()
{
    panel().reveal(u"chip.H800.fp8"_qs);
    press(Qt::CTRL | Qt::Key_G);
    const Sought before = answered();
    QSignalSpy asked(&goal(), &GoalView::asked);
    explorer->set("context", u"8 Ki"_qs);
    QVERIFY(goal().is_stale());
    QVERIFY(!goal().take_button()->isEnabled());
    QVERIFY(!goal().text().isEmpty()); // the former one stays to be read
    const Sought after = answered();
    QCOMPARE(asked.size(), 1);
    QCOMPARE(after.study.workload.context, std::int64_t{8192});
    QVERIFY(!(after.answer == before.answer));
}

void TestSeekView::what_is_typed_wrong()
{
    panel().reveal(u"context"_qs);
    press(Qt::CTRL | Qt::Key_G);
    answered();
    QSignalSpy asked(&goal(), &GoalView::asked);
    type_goal(u"4 TB"_qs);
    press(Qt::Key_Return);
    QCOMPARE(asked.size(), 0);
    const auto parsed = parse_goal("throughput>=4 TB");
    QCOMPARE(goal().text(), QString::fromStdString(std::get<std::string>(parsed)));
    QVERIFY(!goal().take_button()->isEnabled());
    goal().value_line()->selectAll();
    QTest::keyClick(goal().value_line(), Qt::Key_Delete);
    press(Qt::Key_Return);
    QCOMPARE(asked.size(), 0);
    QVERIFY(!goal().text().isEmpty());
    type_goal(u"4500"_qs);
    answered();
    QCOMPARE(asked.size(), 1);
}

void TestSeekView::escape_stops_and_closes()
{
    explorer->set("batch", u"1..65536"_qs); // takes its time
    explorer->answer();
    panel().reveal(u"context"_qs);
    press(Qt::CTRL | Qt::Key_G);
    QVERIFY(goal().is_stale());
    const std::optional<Selection> picked = session().inputs().selection;
    press(Qt::Key_Escape);
    QVERIFY(goal().isVisible());
    QVERIFY(holds_for(700, [this] { return goal().is_stale(); })); // nothing comes
    QCOMPARE(session().inputs().selection, picked);
    press(Qt::Key_Escape);
    QVERIFY(!goal().isVisible());
}

void TestSeekView::a_hidden_view_asks_nothing()
{
    QSignalSpy asked(&goal(), &GoalView::asked);
    explorer->set("context", u"8 Ki"_qs);
    explorer->answer();
    QVERIFY(holds_for(400, [&] { return asked.empty(); }));
    press(Qt::CTRL | Qt::Key_G);
    answered();
    QCOMPARE(asked.size(), 1);
    press(Qt::Key_Escape);
    explorer->set("context", u"4 Ki"_qs);
    explorer->answer();
    QVERIFY(holds_for(400, [&] { return asked.size() == 1; }));
}

// The chart has the question of the sentence; once that is closed it asks for itself.
void TestSeekView::the_curve_follows()
{
    ChartView &chart = explorer->chart("goal");
    auto *dock = qobject_cast<QDockWidget *>(chart.parentWidget());
    dock->raise();
    QTRY_VERIFY(!chart.plot()->visibleRegion().isEmpty());
    panel().reveal(u"chip.H800.fp8"_qs);
    press(Qt::CTRL | Qt::Key_G);
    answered();
    QTRY_VERIFY(!chart.is_stale());
    QVERIFY(chart.answer() == goal().answer()); // searched once
    QVERIFY(chart.question() == goal().answer()->question);
    type_goal(u"4100"_qs);
    answered();
    QTRY_VERIFY(!chart.is_stale() && chart.answer() == goal().answer());
    press(Qt::Key_Escape);
    QVERIFY(!goal().isVisible());
    explorer->set("context", u"8 Ki"_qs);
    explorer->answer();
    QTRY_VERIFY_WITH_TIMEOUT(!chart.is_stale(), 30000);
    const Study &study = chart.answer()->study;
    QVERIFY(study == one_chip("H800"));
    const Sought direct = seek(study, variable(study, "chip.H800.fp8"), std::get<Goal>(parse_goal("throughput>=4100")));
    QVERIFY(std::get<Sought>(chart.answer()->found).answer == direct.answer);
}

namespace {

constexpr char goal_id[] = "goal";

struct ShownGoal : ShownChart<SceneOf<goal_id>> {
    ShownGoal(const char *key, const char *goal, QSize size = {484, 320})
    {
        chart.set_explored(explored_with());
        answer(key, goal);
        show(Theme::light(), size);
    }
    void answer(const char *key, const char *goal)
    {
        const SeekQuestion question{key, goal};
        chart.set_options(goal_values(question));
        chart.set_answer(answer_to(study_in_question(*explored_with()), question));
        settle();
    }
    double goal_line() const { return chart.frame().panel().y.pixel(goal_data(*chart.answer()).wanted); }
    QString svg() { return svg_of(chart, Theme::light(), QRect(QPoint(), chart.plot()->size())); }
    QString texts()
    {
        QStringList all;
        for (const SvgText &text : svg_texts(svg()))
            all << text.text;
        return all.join(u"; "_qs);
    }
    bool has_line_at(double y) const
    {
        const QImage picture = image();
        const QRect area = chart.plot()->axisRect()->rect();
        int red = 0; // columns; the line lies on one or two rows
        for (int x = area.left(); x <= area.right(); ++x) {
            const auto is_red = [&](double row) {
                const QColor drawn = picture.pixelColor(x, std::clamp(static_cast<int>(row), 0, picture.height() - 1));
                return drawn.red() - drawn.green() > 60;
            };
            red += is_red(y - 1) || is_red(y) || is_red(y + 1) ? 1 : 0;
        }
        return red > area.width() / 3;
    }
};

} // namespace

void TestSeekView::no_label_hides_the_goals_line()
{
    for (const auto &[key, goal] : {std::pair{"context", "throughput>=4500"},
             {"chip.memory_bandwidth", "throughput>=3600"}, {"context", "throughput>=3900"}}) {
        ShownGoal shown(key, goal);
        QVERIFY(shown.has_line_at(shown.goal_line()));
        const double line = shown.goal_line();
        std::size_t labels = 0;
        for (const SvgText &text : svg_texts(shown.svg())) {
            const bool is_label = text.text.contains(u"tok/s") && !text.text.contains(u"(tok/s)");
            labels += is_label ? 1 : 0;
            QVERIFY2(!is_label || text.box.bottom() < line || text.box.top() > line, qPrintable(text.text));
        }
        QVERIFY(labels >= 2);
    }
}

void TestSeekView::a_goal_out_of_sight_has_no_line()
{
    ShownGoal shown("chip.memory_bandwidth", "throughput>=12000");
    const QCPAxis &y = *shown.chart.plot()->yAxis;
    QVERIFY(y.range().upper < 12000);
    QVERIFY(!shown.has_line_at(y.coordToPixel(y.range().upper) + 1));
    QVERIFY2(shown.svg().contains(u"farther up"), qPrintable(shown.texts()));

    ShownGoal lower("context", "throughput>=2000");
    QVERIFY(lower.has_line_at(lower.goal_line()));
    QCPAxis &zoomed = *lower.chart.plot()->yAxis;
    zoomed.setRange(3000, 5000);
    lower.chart.set_zoom(zoom_of(*lower.chart.plot()));
    settle();
    QVERIFY(!lower.has_line_at(zoomed.coordToPixel(3000)));
    QVERIFY2(lower.svg().contains(u"farther down"), qPrintable(lower.texts()));
    zoomed.setRange(1000, 5000);
    lower.chart.plot()->replot();
    QVERIFY(lower.has_line_at(lower.goal_line()));
}

// A zoom into another output's axes shows nothing of this one.
void TestSeekView::the_goals_line_is_on_the_axes_of_its_output()
{
    ShownGoal shown("context", "throughput>=4500");
    const QCPAxis &y = *shown.chart.plot()->yAxis;
    shown.chart.set_zoom(zoom_of(*shown.chart.plot()));
    settle();
    shown.answer("context", "throughput>=4400");
    QVERIFY(!shown.chart.zoom().isEmpty()); // the same axes
    shown.answer("context", "ux_tps>=40");
    QVERIFY(shown.chart.zoom().isEmpty());
    QVERIFY(y.range().contains(40) && y.range().upper < 1000);
    QVERIFY(shown.has_line_at(shown.goal_line()));
}

EPSCOPE_SUITE(seek_view, TestSeekView)
#include "tst_seek_view.moc"
