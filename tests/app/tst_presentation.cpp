// SPDX-License-Identifier: GPL-3.0-or-later
// Presentation mode, driven as from a desk or with a clicker; what its captions say against the engine.
#include <memory>

#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <qcustomplot.h>

#include "app/charts/memory_scene.h"
#include "app/charts/pareto_scene.h"
#include "app/charts/tornado_scene.h"
#include "app/controls/value_slider.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/presentation.h"
#include "app/views/results_table.h"
#include "app/words/change_name.h"
#include "app/words/text.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestPresentation : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void f5_opens_and_leaves_data();
    void f5_opens_and_leaves();
    void shows_what_the_window_shows();
    void a_change_is_named_with_what_it_brings();
    void one_drag_is_told_from_its_start();
    void steps_in_quick_succession_are_told_apart();
    void black_on_the_full_stop();
    void takes_no_files();
    void nothing_serves();
    void arrows_step_through_scenarios_data();
    void arrows_step_through_scenarios();
    void clickers_reach_through_sliders();
    void steps_stop_at_the_ends();
    void sliders_set_the_inputs();
    void a_chip_that_is_not_in_the_scenario();
    void other_charts();
    void a_right_click_anywhere_offers_choices();
    void other_sliders_three_at_most();
    void the_choice_is_remembered();
    void damaged_choices();
    void large_type();
    void the_number_is_readable_from_afar_data();
    void the_number_is_readable_from_afar();
    void lines_of_large_type_are_thick();
    void long_names_leave_the_charts_where_they_are();
    void notes_are_shown_and_hidden();
    void a_dot_follows_the_mouse_while_ctrl_is_held();
    void light_unless_asked_for();
    void pins_are_told();
    void undone_pins_are_told_as_such();
    void what_is_searched_for_a_baseline_is_not_told();
    void a_scenario_with_the_same_inputs_is_named();
    void a_goal_that_is_taken_is_told();
    void charts_of_many_searches();
    void the_windows_map_is_answered_after_it();
    void two_maps_are_both_answered();
    void what_is_done_in_charts_counts();
    void a_click_on_a_bar_brings_its_slider();
    void explanations_are_not_offered();
    void menus_call_charts_by_their_titles();
    void leaving_restores_everything();

private:
    Presentation *find() { return explorer->window.findChild<Presentation *>(); }
    Presentation &open()
    {
        QTest::keyClick(&explorer->window, Qt::Key_F5);
        Presentation *found = find();
        if (!found || !QTest::qWaitForWindowExposed(found))
            qFatal("no presentation");
        return *found;
    }
    void close()
    {
        QTest::keyClick(find(), Qt::Key_Escape);
        if (!QTest::qWaitFor([this] { return !find(); }))
            qFatal("it stays");
    }
    void add_scenario(const QString &name, const char *key, const QString &value)
    {
        Session &session = explorer->session();
        session.duplicate_card(session.card().id);
        session.rename_card(session.card().id, name);
        explorer->set(key, value);
        explorer->answer();
    }
    QMenu *baseline_menu(const QString &name)
    {
        for (QMenu *menu : explorer->window.findChildren<QMenu *>()) {
            if (menu->title() == name)
                return menu;
        }
        qFatal("no menu of %s", qPrintable(name));
    }
    Presentation &open_with(const QString &left, const QString &right = {})
    {
        Presentation &shown = open();
        PresentationChoice choice = shown.choice();
        choice.left = left;
        choice.right = right;
        shown.set_choice(choice);
        return shown;
    }
    double throughput() { return explorer->session().explored()->leading().shown.throughput_per_card; }
};

void TestPresentation::f5_opens_and_leaves_data()
{
    QTest::addColumn<Qt::Key>("key");
    QTest::newRow("Esc") << Qt::Key_Escape;
    QTest::newRow("F5") << Qt::Key_F5;
}

void TestPresentation::f5_opens_and_leaves()
{
    QFETCH(Qt::Key, key);
    const QByteArray layout = explorer->window.saveState();
    const QRect place = explorer->window.geometry();
    Presentation &shown = open();
    QVERIFY(shown.isFullScreen());
    QTest::keyClick(&shown, key);
    QTRY_VERIFY(!find());
    QCOMPARE(explorer->window.saveState(), layout);
    QCOMPARE(explorer->window.geometry(), place);
    QVERIFY(explorer->window.isVisible());
}

void TestPresentation::shows_what_the_window_shows()
{
    Presentation &shown = open();
    QCOMPARE(shown.charts().size(), std::size_t{2});
    QCOMPARE(shown.charts()[0]->id(), u"pareto"_qs);
    QCOMPARE(shown.charts()[1]->id(), u"breakdown"_qs);
    QCOMPARE(shown.sliders().size(), std::size_t{3});
    QCOMPARE(shown.findChild<Headline *>()->text(), explorer->window.findChild<Headline *>()->text());
    QVERIFY(shown.caption().isEmpty());
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QCOMPARE(shown.findChild<Headline *>()->text(), explorer->window.findChild<Headline *>()->text());
    QCOMPARE(shown.charts()[0]->table().csv(), explorer->chart("pareto").table().csv());
}

void TestPresentation::a_change_is_named_with_what_it_brings()
{
    const Study before = explorer->study();
    Presentation &shown = open();
    explorer->set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
    const Explored &now = explorer->answer();
    const auto best = [&](Study study) {
        return outcome_of(with_chip(study, now.leading().chip)).best.value().candidate.throughput_per_card;
    };
    const double then = best(before), after = best(explorer->study());
    QVERIFY(after > then);
    QCOMPARE(
        shown.caption(), change_name(before, explorer->study()).text + u": "_qs + change_text(*change_of(then, after)));
    QVERIFY(shown.caption().contains(u"FP8"_qs));
}

void TestPresentation::one_drag_is_told_from_its_start()
{
    const double then = throughput();
    const Study before = explorer->study();
    Presentation &shown = open();
    for (const char *value : {"6000", "8000", "12000"}) {
        explorer->set("context", QString::fromLatin1(value));
        explorer->answer();
    }
    QCOMPARE(shown.caption(),
        change_name(before, explorer->study()).text + u": "_qs + change_text(*change_of(then, throughput())));
    const Study after = explorer->study();
    while (explorer->session().history().canUndo())
        explorer->session().history().undo();
    explorer->answer();
    QVERIFY2(shown.caption().startsWith(u"Undone – "_qs + change_name(after, before).text),
        qPrintable(shown.caption())); // and told the other way
}

void TestPresentation::steps_in_quick_succession_are_told_apart()
{
    Presentation &shown = open();
    explorer->set("context", u"8000"_qs);
    explorer->answer();
    const double then = throughput();
    const Study before = explorer->study();
    explorer->set("target_tps", u"70"_qs);
    explorer->answer();
    QCOMPARE(shown.caption(),
        change_name(before, explorer->study()).text + u": "_qs + change_text(*change_of(then, throughput())));
}

void TestPresentation::black_on_the_full_stop()
{
    Presentation &shown = open();
    const auto is_black = [&] {
        return shown.grab().toImage().pixelColor(shown.rect().center()) == QColor(Qt::black)
            && shown.childAt(shown.rect().center())->children().isEmpty();
    };
    QVERIFY(!is_black());
    QTest::keyClick(&shown, Qt::Key_Period);
    QVERIFY(is_black());
    QTest::keyClick(&shown, Qt::Key_Period);
    QVERIFY(!is_black());
    QTest::keyClick(&shown, Qt::Key_Period);
    QTest::mouseClick(shown.childAt(shown.rect().center()), Qt::LeftButton);
    QVERIFY(!is_black());
}

// A file dropped on it would ask questions.
void TestPresentation::takes_no_files()
{
    Presentation &shown = open();
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(folder.path(u"chip.yaml"_qs))});
    QDragEnterEvent enter(QPoint(9, 9), Qt::CopyAction, &mime, Qt::LeftButton, {});
    enter.ignore();
    QApplication::sendEvent(&shown, &enter);
    QVERIFY(!enter.isAccepted());
}

void TestPresentation::nothing_serves()
{
    Presentation &shown = open();
    explorer->set("target_tps", u"5000"_qs);
    explorer->answer();
    QVERIFY2(shown.caption().endsWith(u"nothing is feasible"_qs), qPrintable(shown.caption()));
}

void TestPresentation::arrows_step_through_scenarios_data()
{
    QTest::addColumn<Qt::Key>("forth");
    QTest::addColumn<Qt::Key>("back");
    QTest::newRow("arrows") << Qt::Key_Right << Qt::Key_Left;
    QTest::newRow("clicker") << Qt::Key_PageDown << Qt::Key_PageUp;
    QTest::newRow("space") << Qt::Key_Space << Qt::Key_Backspace;
}

void TestPresentation::arrows_step_through_scenarios()
{
    QFETCH(Qt::Key, forth);
    QFETCH(Qt::Key, back);
    Session &session = explorer->session();
    const int first = session.card().id;
    const double then = throughput();
    add_scenario(u"Long"_qs, "context", u"20 Ki"_qs);
    const double after = throughput();
    const Study longer = explorer->study();
    const int second = session.card().id;
    session.show_card(first);
    explorer->answer();
    const Study shorter = explorer->study();
    Presentation &shown = open();
    shown.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&shown));
    QTest::keyClick(QApplication::focusWidget(), forth);
    explorer->answer();
    QCOMPARE(session.card().id, second);
    QCOMPARE(shown.caption(),
        u"Long – "_qs + change_name(shorter, longer).text + u": "_qs + change_text(*change_of(then, after)));
    // Also after somebody has used the mouse on a chart or a slider.
    QTest::mouseClick(shown.charts()[1]->plot(), Qt::LeftButton, {}, QPoint(3, 3));
    ValueSlider &slider = *shown.sliders()[0];
    QTest::mouseClick(&slider, Qt::RightButton, {}, slider.rect().center());
    QTest::keyClick(QApplication::focusWidget(), back);
    explorer->answer();
    QCOMPARE(session.card().id, first);
    QVERIFY(shown.caption().endsWith(change_text(*change_of(after, then))));
}

// A slider that has the keyboard keeps the arrows.
void TestPresentation::clickers_reach_through_sliders()
{
    Session &session = explorer->session();
    const int first = session.card().id;
    add_scenario(u"Long"_qs, "context", u"20 Ki"_qs);
    Presentation &shown = open();
    const Study before = explorer->study();
    shown.sliders()[0]->setFocus();
    QTest::keyClick(shown.sliders()[0], Qt::Key_PageUp);
    QCOMPARE(session.card().id, first);
    QTest::keyClick(shown.sliders()[0], Qt::Key_PageDown);
    QVERIFY(explorer->study() == before);
    QTest::keyClick(shown.sliders()[0], Qt::Key_Right);
    QVERIFY(session.card().id != first);
    QVERIFY(!(explorer->study() == before));
}

void TestPresentation::steps_stop_at_the_ends()
{
    Session &session = explorer->session();
    const int first = session.card().id;
    add_scenario(u"Long"_qs, "context", u"20 Ki"_qs);
    const int second = session.card().id;
    Presentation &shown = open();
    QTest::keyClick(&shown, Qt::Key_Right);
    QCOMPARE(session.card().id, second);
    QTest::keyClick(&shown, Qt::Key_Left);
    QTest::keyClick(&shown, Qt::Key_Left);
    QCOMPARE(session.card().id, first);
}

void TestPresentation::sliders_set_the_inputs()
{
    Presentation &shown = open();
    for (ValueSlider *slider : shown.sliders()) {
        const Study before = explorer->study();
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QVERIFY2(!(explorer->study() == before), qPrintable(slider->spec().label));
    }
    const auto steps = explorer->session().history().count();
    QVERIFY(steps >= 3);
}

void TestPresentation::a_chip_that_is_not_in_the_scenario()
{
    Presentation &shown = open();
    PresentationChoice choice;
    choice.sliders = QStringList{u"chip.H20.memory_bandwidth"_qs};
    shown.set_choice(choice);
    QCOMPARE(shown.sliders().size(), std::size_t{1});
    QVERIFY(shown.sliders()[0]->isEnabled());
    Study study = explorer->study();
    std::erase_if(study.chips, [](const Chip &chip) { return chip.name == "H20"; });
    explorer->session().change(study, u"less"_qs);
    explorer->answer();
    QVERIFY(!shown.sliders()[0]->isEnabled());
}

void TestPresentation::other_charts()
{
    Presentation &shown = open();
    PresentationChoice choice = shown.choice();
    choice.left = u"memory"_qs;
    choice.right.clear();
    shown.set_choice(choice);
    QCOMPARE(shown.charts().size(), std::size_t{1});
    QCOMPARE(shown.charts()[0]->id(), u"memory"_qs);
    QVERIFY(!shown.charts()[0]->table().rows.empty());
}

// As it comes from the screen: over charts, which fill most of it, and next to them.
void TestPresentation::a_right_click_anywhere_offers_choices()
{
    Presentation &shown = open();
    const QWidget &plot = *shown.charts()[0]->plot();
    for (const QPoint &at : {plot.mapTo(&shown, plot.rect().center()), QPoint(5, shown.height() - 5)}) {
        QTest::mouseClick(shown.windowHandle(), Qt::RightButton, {}, at);
        QTRY_VERIFY(QApplication::activePopupWidget());
        QVERIFY(qobject_cast<QMenu *>(QApplication::activePopupWidget()));
        QApplication::activePopupWidget()->close();
    }
}

void TestPresentation::other_sliders_three_at_most()
{
    Presentation &shown = open();
    QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(5, 5), shown.mapToGlobal(QPoint(5, 5)));
    QApplication::sendEvent(&shown, &event);
    auto *menu = shown.findChild<QMenu *>();
    QVERIFY(menu);
    QMenu *sliders = menu->actions().at(2)->menu();
    QVERIFY(sliders && sliders->actions().size() > 10);
    QAction *fresh = nullptr;
    for (QAction *action : sliders->actions()) {
        if (!action->isChecked() && action->text() == u"FP8 rate")
            fresh = action;
    }
    QVERIFY(fresh);
    fresh->trigger();
    menu->close();
    QCOMPARE(shown.sliders().size(), std::size_t{3});
    QVERIFY(shown.choice().sliders.back().endsWith(u"fp8"_qs));
}

void TestPresentation::the_choice_is_remembered()
{
    PresentationChoice choice;
    choice.left = u"timeline"_qs;
    choice.right.clear();
    choice.sliders = QStringList{u"context"_qs};
    open().set_choice(choice);
    close();
    QVERIFY(open().choice() == choice);
    close();
    QVERIFY(explorer->window.close());
    start_again();
    explorer->window.restore();
    explorer->show();
    QVERIFY(open().choice() == choice);
}

void TestPresentation::damaged_choices()
{
    QVERIFY(PresentationChoice::from({}) == PresentationChoice());
    QVERIFY(PresentationChoice::from(u"nonsense|pareto|context"_qs) == PresentationChoice());
    QVERIFY(PresentationChoice::from(u"pareto"_qs) == PresentationChoice());
    QCOMPARE(PresentationChoice::from(u"memory||a|b|c|d"_qs).sliders, (QStringList{u"a"_qs, u"b"_qs, u"c"_qs}));
    const PresentationChoice choice{u"sweep"_qs, u"memory"_qs, {u"context"_qs}};
    QVERIFY(PresentationChoice::from(choice.text()) == choice);
}

void TestPresentation::large_type()
{
    Presentation &shown = open();
    shown.showNormal();
    shown.resize(1920, 1080);
    QTRY_COMPARE(shown.height(), 1080);
    const int before = QFontInfo(explorer->chart("pareto").font()).pixelSize(),
              large = QFontInfo(shown.charts()[0]->font()).pixelSize();
    QVERIFY2(large >= 1.4 * before, qPrintable(QString::number(large)));
    QCOMPARE(QFontInfo(shown.sliders()[0]->font()).pixelSize(), large);
    shown.resize(960, 540);
    QTRY_COMPARE(shown.height(), 540); // the type gives way
    QVERIFY(QFontInfo(shown.charts()[0]->font()).pixelSize() < large);
}

void TestPresentation::the_number_is_readable_from_afar_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("short") << u"H800"_qs;
    QTest::newRow("long") << u"A chip with a name that somebody wrote on a slide"_qs;
}

// 48 pt at 1080 lines, and no wider than the screen.
void TestPresentation::the_number_is_readable_from_afar()
{
    QFETCH(const QString, name);
    QTest::keyClick(&explorer->window, Qt::Key_B);
    explorer->session().rename_card(explorer->session().card().id, name);
    explorer->set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
    explorer->answer();
    Presentation &shown = open();
    shown.showNormal();
    shown.resize(1920, 1080);
    QTRY_COMPARE(shown.height(), 1080);
    const double now = explorer->session().explored()->leading().estimate.throughput_per_card;
    const double then = explorer->window.pinned_baselines().primary()->explored->leading().estimate.throughput_per_card;
    const QString digits = QLocale(QLocale::English).toString(std::lround(now));
    QVERIFY2(shown.figure().startsWith(digits), qPrintable(shown.figure()));
    QVERIFY2(shown.figure().endsWith(change_text(*change_of(then, now))), qPrintable(shown.figure()));
    const auto *label = [&] {
        for (const QLabel *each : shown.findChildren<QLabel *>()) {
            if (each->accessibleName() == u"Leading number")
                return each;
        }
        return static_cast<const QLabel *>(nullptr);
    }();
    QVERIFY(label);
    const int pixels = QFontInfo(label->font()).pixelSize();
    QVERIFY2(pixels >= 63, qPrintable(QString::number(pixels))); // 48 pt of 1/72 inch at 96 pixels per inch
    QVERIFY(QFontMetrics(label->font()).horizontalAdvance(shown.figure()) <= label->width());
    explorer->set("target_tps", u"5000"_qs);
    explorer->answer();
    QVERIFY2(shown.figure().startsWith(u"Nothing"_qs), qPrintable(shown.figure()));
}

// The leading chip's front, 3 px wide next to the usual type.
void TestPresentation::lines_of_large_type_are_thick()
{
    Presentation &shown = open();
    shown.showNormal();
    shown.resize(1920, 1080);
    QTRY_COMPARE(shown.height(), 1080);
    settle();
    // Of the step between the two fastest of the leading chip's front.
    const auto thickness = [this](ChartView &chart) {
        ChartView &pareto = chart;
        const std::vector<Candidate> &front = explorer->session().explored()->leading().front;
        const QPointF fastest = pareto.frame().panel().pixel(front[0].ux_tps, front[0].throughput_per_card);
        const QPointF next = pareto.frame().panel().pixel(front[1].ux_tps, front[1].throughput_per_card);
        const QImage picture = pareto.plot()->grab().toImage();
        int pixels = 0;
        for (int y = -8; y <= 8; ++y)
            pixels += picture.pixelColor(QPointF((fastest.x() + next.x()) / 2, fastest.y() + y).toPoint())
                == Theme::light().chip(0);
        return pixels;
    };
    QTRY_VERIFY(thickness(explorer->chart("pareto")) >= 2); // a chart may be drawn later than the answer comes
    const int usual = thickness(explorer->chart("pareto"));
    QTRY_VERIFY2(thickness(*shown.charts()[0]) > usual, qPrintable(QString::number(usual)));
}

void TestPresentation::long_names_leave_the_charts_where_they_are()
{
    Session &session = explorer->session();
    const int first = session.card().id;
    add_scenario(u"Faster memory that the vendor promises for 2027"_qs, "chip.H800.memory_bandwidth", u"4.8 TB/s"_qs);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    session.show_card(first);
    explorer->answer();
    Presentation &shown = open();
    shown.showNormal();
    shown.resize(1920, 1080);
    QTRY_COMPARE(shown.height(), 1080);
    const auto labels = shown.findChildren<QLabel *>();
    const auto caption = std::find_if(labels.begin(), labels.end(),
        [](const QLabel *label) { return label->accessibleName() == u"What has changed"; });
    QVERIFY(caption != labels.end());
    settle();
    QVERIFY(!shown.findChild<Headline *>()->geometry().intersects((*caption)->geometry()));
    const int before = shown.charts()[0]->mapTo(&shown, QPoint()).y();
    QTest::keyClick(&shown, Qt::Key_Right);
    explorer->answer();
    settle();
    const auto fits = [&] {
        const QSize size = QFontMetrics((*caption)->font()).size(0, (*caption)->text());
        return size.width() <= (*caption)->width() && size.height() <= (*caption)->height();
    };
    QVERIFY2(fits(), qPrintable((*caption)->text()));
    QCOMPARE(shown.charts()[0]->mapTo(&shown, QPoint()).y(), before);
    // More than a line holds: what it begins and ends with can be read, and all of it be heard.
    const QString name = u"Faster memory that the vendor promises for 2027 and its six dies"_qs;
    QCOMPARE(session.rename_card(session.card().id, name), QString());
    QTest::keyClick(&shown, Qt::Key_Left);
    explorer->answer();
    QTest::keyClick(&shown, Qt::Key_Right);
    explorer->answer();
    const QString whole = shown.caption(), text = (*caption)->text();
    QVERIFY2(whole.startsWith(name), qPrintable(whole));
    QCOMPARE((*caption)->accessibleDescription(), whole);
    QVERIFY2(fits(), qPrintable(text));
    QVERIFY2(text.startsWith(u"Faster memory that the vendor promises for 2027 "), qPrintable(text));
    const QString change = whole.sliced(name.size());
    QVERIFY2(change.contains(u"4.8 TB/s") && QString(text).replace(u'\n', u' ').endsWith(change), qPrintable(text));
    QCOMPARE(shown.charts()[0]->mapTo(&shown, QPoint()).y(), before);
}

void TestPresentation::notes_are_shown_and_hidden()
{
    Session &session = explorer->session();
    Presentation &shown = open();
    QVERIFY(!shown.note_label().isVisible());
    session.set_note(session.card().id, u"What the vendor promises for 2027"_qs);
    QVERIFY(shown.note_label().isVisible());
    QCOMPARE(shown.note_label().text(), u"What the vendor promises for 2027"_qs);
    QTest::keyClick(&shown, Qt::Key_N);
    QVERIFY(!shown.note_label().isVisible());
    QTest::keyClick(&shown, Qt::Key_N);
    QVERIFY(shown.note_label().isVisible());
}

void TestPresentation::a_dot_follows_the_mouse_while_ctrl_is_held()
{
    Presentation &shown = open();
    shown.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&shown));
    const auto is_red = [&](const QPoint &at) {
        const QColor colour = shown.grab().toImage().pixelColor(at);
        return colour.red() > 180 && colour.green() < 80 && colour.blue() < 80;
    };
    const QPoint first(shown.width() / 2, shown.height() / 2), second(shown.width() / 3, shown.height() / 3);
    QCursor::setPos(shown.mapToGlobal(first));
    QVERIFY(!is_red(first));
    QTest::keyPress(&shown, Qt::Key_Control);
    QVERIFY(is_red(first));
    QMouseEvent moved(
        QEvent::MouseMove, second, shown.mapToGlobal(second), Qt::NoButton, Qt::NoButton, Qt::ControlModifier);
    QCursor::setPos(shown.mapToGlobal(second));
    QApplication::sendEvent(&shown, &moved);
    QVERIFY(is_red(second));
    QTest::keyRelease(&shown, Qt::Key_Control);
    QVERIFY(!is_red(second));
}

void TestPresentation::light_unless_asked_for()
{
    explorer->theme.choose(ThemeChoice::dark);
    Presentation &shown = open();
    const auto background = [&] { return shown.grab().toImage().pixelColor(3, shown.height() - 3).lightness(); };
    QVERIFY(background() > 200);
    PresentationChoice choice = shown.choice();
    choice.dark = true;
    QVERIFY(PresentationChoice::from(choice.text()) == choice);
    shown.set_choice(choice);
    QVERIFY(background() < 80);
    explorer->theme.choose(ThemeChoice::light);
    QVERIFY(background() < 80);
}

void TestPresentation::pins_are_told()
{
    Presentation &shown = open();
    QTest::keyClick(&shown, Qt::Key_B);
    const QString name = explorer->window.pinned_baselines().primary()->name;
    QCOMPARE(shown.caption(), u"Pinned "_qs + name);
    explorer->set("context", u"8000"_qs);
    explorer->answer();
    QVERIFY2(shown.caption().contains(u"Context"_qs), qPrintable(shown.caption()));
    QTest::keyClick(&shown, Qt::Key_B);
    QCOMPARE(shown.caption(), u"Pinned %1 2"_qs.arg(name));
    baseline_menu(name)->actions().at(0)->trigger();
    QCOMPARE(shown.caption(), u"Compared with %1"_qs.arg(name));
    explorer->answers.text = u"Last week"_qs;
    baseline_menu(name)->actions().at(1)->trigger();
    QCOMPARE(shown.caption(), u"Baseline %1 renamed Last week"_qs.arg(name));
    QTest::keyClick(&shown, Qt::Key_B, Qt::ShiftModifier);
    QCOMPARE(shown.caption(), u"All baselines unpinned"_qs);
}

// Not after the last of those that are left.
void TestPresentation::undone_pins_are_told_as_such()
{
    Presentation &shown = open();
    const auto undo = [&] { QTest::keyClick(&shown, Qt::Key_Z, Qt::ControlModifier); };
    QTest::keyClick(&shown, Qt::Key_B);
    QTest::keyClick(&shown, Qt::Key_B);
    const QString name = explorer->window.pinned_baselines().pins.front().name;
    baseline_menu(name)->actions().at(3)->trigger();
    QCOMPARE(shown.caption(), u"Unpinned "_qs + name);
    undo();
    QCOMPARE(shown.caption(), u"Undone – Unpinned "_qs + name);
    undo();
    QCOMPARE(shown.caption(), u"Undone – Pinned %1 2"_qs.arg(name));
    QTest::keyClick(&shown, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(shown.caption(), u"Pinned %1 2"_qs.arg(name));
}

// A baseline whose search comes to its end is no change.
void TestPresentation::what_is_searched_for_a_baseline_is_not_told()
{
    const Study other = with(explorer->study(), "context", "6000");
    Pins pins = explorer->session().pins();
    pins.all.push_back({"Searched", 0, std::make_shared<const Study>(other), std::nullopt});
    Presentation &shown = open();
    explorer->session().change_pins(pins, u"Pinned Searched"_qs);
    explorer->set("context", u"8000"_qs);
    explorer->answer();
    QTRY_COMPARE(explorer->window.pinned_baselines().pins.size(), std::size_t{1});
    QVERIFY2(shown.caption().contains(u"Context"_qs), qPrintable(shown.caption()));
}

void TestPresentation::a_scenario_with_the_same_inputs_is_named()
{
    Session &session = explorer->session();
    add_scenario(u"Long"_qs, "context", u"20 Ki"_qs);
    session.duplicate_card(session.card().id);
    session.rename_card(session.card().id, u"As long"_qs);
    Presentation &shown = open();
    QTest::keyClick(&shown, Qt::Key_Left);
    QCOMPARE(shown.caption(), u"Long"_qs);
    QTest::keyClick(&shown, Qt::Key_Left);
    explorer->answer();
    QVERIFY2(shown.caption().contains(u"Context"_qs), qPrintable(shown.caption()));
}

// It stands on the slider before, and is a change like any other when it is taken.
void TestPresentation::a_goal_that_is_taken_is_told()
{
    const double then = throughput();
    const Study before = explorer->study();
    Presentation &shown = open();
    PresentationChoice choice = shown.choice();
    choice.sliders = QStringList{u"chip.H800.fp8"_qs};
    shown.set_choice(choice);
    auto &goal = *explorer->window.findChild<GoalView *>();
    goal.start("chip.H800.fp8");
    goal.set_question({"chip.H800.fp8", "throughput>=" + std::to_string(std::lround(1.02 * then))});
    QTRY_VERIFY_WITH_TIMEOUT(!goal.is_stale(), 20000);
    const std::optional<double> value = goal_answer(*goal.answer()).value;
    QVERIFY(value);
    QCOMPARE(shown.sliders()[0]->ghost(), value);
    goal.take_button()->click();
    explorer->answer();
    QVERIFY(!(explorer->study() == before));
    QCOMPARE(shown.caption(),
        change_name(before, explorer->study()).text + u": "_qs + change_text(*change_of(then, throughput())));
}

void TestPresentation::charts_of_many_searches()
{
    ChartView &own = explorer->chart("sensitivity");
    own.set_option(u"sensitivity.percent"_qs, u"20"_qs);
    Presentation &shown = open();
    PresentationChoice choice = shown.choice();
    choice.left = u"sensitivity"_qs;
    choice.right.clear();
    shown.set_choice(choice);
    const ChartView *tornado = shown.charts()[0];
    QVERIFY(tornado);
    QVERIFY(tornado->question() == own.question());
    QTRY_VERIFY_WITH_TIMEOUT(tornado->answer() && !tornado->is_stale(), 20000);
    const auto &found = std::get<Sensitivity>(tornado->answer()->found);
    QCOMPARE(*found.base_output, throughput());
    QVERIFY(!tornado_data(*tornado->answer()).bars.empty());
}

// Whose question had to give way to the presentation's.
void TestPresentation::the_windows_map_is_answered_after_it()
{
    explorer->search_little();
    ChartView &own = explorer->chart("map");
    explorer->window.findChild<QDockWidget *>(u"map"_qs)->raise();
    QTRY_VERIFY_WITH_TIMEOUT(own.is_answered(), 20000);
    ChartView &map = *open_with(u"map"_qs).charts()[0];
    map.set_option(u"map.axes"_qs, u"chip.memory|context"_qs);
    explorer->set("context", u"8000"_qs);
    explorer->answer();
    close();
    QTRY_VERIFY_WITH_TIMEOUT(own.is_answered(), 20000);
    QVERIFY(own.answer()->question == own.question());
    QCOMPARE(std::get<MapQuestion>(own.question()).x, std::string("chip.memory_bandwidth"));
    QCOMPARE(own.answer()->study.workload.context, std::int64_t{8000});
}

void TestPresentation::two_maps_are_both_answered()
{
    explorer->search_little();
    Presentation &shown = open_with(u"map"_qs, u"map"_qs);
    ChartView &left = *shown.charts()[0], &right = *shown.charts()[1];
    left.set_option(u"map.axes"_qs, u"chip.memory|context"_qs);
    right.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|target_tps"_qs);
    QTRY_VERIFY_WITH_TIMEOUT(left.is_answered() && right.is_answered(), 20000);
    QCOMPARE(std::get<MapQuestion>(left.answer()->question).x, std::string("chip.memory"));
    QCOMPARE(std::get<MapQuestion>(right.answer()->question).y, std::string("target_tps"));
    explorer->set("context", u"8000"_qs);
    explorer->answer();
    QTRY_VERIFY_WITH_TIMEOUT(left.is_answered() && right.is_answered(), 20000);
}

void TestPresentation::what_is_done_in_charts_counts()
{
    explorer->search_little();
    Presentation &shown = open_with(u"roofline"_qs, u"map"_qs);
    ChartView &roofline = *shown.charts()[0];
    QTRY_VERIFY(!roofline.laid_out().handles.empty());
    settle();
    const double before = explorer->study().chips.front().memory_bandwidth.si();
    const std::string chip = explorer->study().chips.front().name;
    const QPoint start = handle_of(roofline.laid_out(), to_text("chip." + chip + ".memory_bandwidth")).toPoint(),
                 end = start - QPoint(0, 12);
    QTest::mousePress(roofline.plot(), Qt::LeftButton, {}, start);
    QTest::mouseMove(roofline.plot(), start - QPoint(0, 6));
    QTest::mouseMove(roofline.plot(), end);
    QTest::mouseRelease(roofline.plot(), Qt::LeftButton, {}, end);
    explorer->answer();
    QVERIFY(explorer->study().chips.front().memory_bandwidth.si() > before);

    ChartView &map = *shown.charts()[1];
    QTRY_VERIFY_WITH_TIMEOUT(map.is_answered(), 20000);
    QApplication::processEvents();
    const auto &found = std::get<Map>(map.answer()->found);
    QTest::mouseClick(map.plot(), Qt::LeftButton, {},
        map.laid_out().hits.front().areas[3 * found.x.values.size() + 2].center().toPoint());
    VERIFY_NEAR(explorer->study().chips.front().memory_bandwidth.si(), found.x.values[2], 1e-6);

    shown.set_choice({});
    ChartView &pareto = *shown.charts()[0];
    explorer->answer();
    settle();
    const double target = explorer->study().target_tps.si();
    const QPoint line(static_cast<int>(std::lround(pareto.laid_out().handles.front().lines.front().x1())),
        pareto.plot()->axisRect()->center().y());
    QTest::mousePress(pareto.plot(), Qt::LeftButton, {}, line);
    QTest::mouseMove(pareto.plot(), line + QPoint(40, 0));
    QTest::mouseRelease(pareto.plot(), Qt::LeftButton, {}, line + QPoint(40, 0));
    QVERIFY(explorer->study().target_tps.si() > target);
}

// In the presentation: nobody sees the window's.
void TestPresentation::a_click_on_a_bar_brings_its_slider()
{
    Presentation &shown = open_with(u"sensitivity"_qs);
    ChartView &tornado = *shown.charts()[0];
    QTRY_VERIFY_WITH_TIMEOUT(tornado.is_answered(), 20000);
    QApplication::processEvents();
    const QRectF row = area_of_slider(tornado.laid_out(), u"chip.H800.fp8"_qs);
    QVERIFY(row.isValid());
    const QPoint at = row.center().toPoint();
    for (int i = 0; i < 2; ++i) { // a second click changes nothing
        QTest::mouseClick(tornado.plot(), Qt::LeftButton, {}, at);
        QCOMPARE(shown.sliders().size(), std::size_t{3});
        QCOMPARE(shown.sliders().back()->value()->si(), explorer->study().chips.front().fp8->si());
    }
}

// They would come up in the window.
void TestPresentation::explanations_are_not_offered()
{
    Presentation &shown = open_with(u"breakdown"_qs, u"memory"_qs);
    shown.showNormal();
    shown.resize(1920, 1080);
    settle();
    const auto text_at = [](ChartView &chart, const QPointF &at) {
        const QSignalSpy hovered(&chart, &ChartView::hovered);
        // The cursor's own would go to the window below.
        QMouseEvent moved(QEvent::MouseMove, at, chart.plot()->mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
        QApplication::sendEvent(chart.plot(), &moved);
        return hovered.isEmpty() ? QString() : hovered.last()[0].toString();
    };
    ChartView &breakdown = *shown.charts()[0];
    ChartView &memory = *shown.charts()[1];
    for (const QString &text : {text_at(breakdown, area_of(breakdown.laid_out(), 0, OpId::o_proj).center()),
             text_at(memory,
                 area_of(memory.laid_out(),
                     Explainable{name_of(MemoryKind::attention), explorer->answer().chips[0].scenario.chip.name})
                     .center())}) {
        QVERIFY(!text.isEmpty());
        QVERIFY2(!text.contains(u"where it comes from"_qs), qPrintable(text));
    }
    const auto offers = [](const QWidget &parent) {
        const auto buttons = parent.findChild<Headline *>()->findChildren<QAbstractButton *>();
        return std::any_of(buttons.begin(), buttons.end(),
            [](const QAbstractButton *button) { return button->toolTip().contains(u"where it comes from"_qs); });
    };
    QVERIFY(!offers(shown));
    QVERIFY(offers(*explorer->window.menuWidget()));
}

void TestPresentation::menus_call_charts_by_their_titles()
{
    Presentation &shown = open();
    QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(5, 5), shown.mapToGlobal(QPoint(5, 5)));
    QApplication::sendEvent(&shown, &event);
    auto *menu = shown.findChild<QMenu *>();
    QVERIFY(menu);
    QStringList titles;
    for (const QAction *action : menu->actions().at(0)->menu()->actions())
        titles << action->text();
    QCOMPARE(titles,
        (QStringList{u"Pareto front"_qs, u"Latency breakdown"_qs, u"Layer timeline"_qs, u"Batch sweep"_qs, u"Memory"_qs,
            u"Roofline"_qs, u"Sensitivity"_qs, u"Map"_qs}));
    menu->close();
}

// Places of the docks, the one in front, the window and who has the keyboard.
void TestPresentation::leaving_restores_everything()
{
    QWidget *filter = explorer->window.findChild<ResultsTable *>()->filter_line();
    explorer->window.findChild<QDockWidget *>(u"results"_qs)->raise();
    QTRY_VERIFY(!filter->visibleRegion().isEmpty());
    filter->setFocus();
    const auto docks = [&] {
        QStringList places;
        for (const QDockWidget *dock : explorer->window.findChildren<QDockWidget *>())
            places << u"%1 %2 %3 %4 %5 %6"_qs.arg(dock->objectName(), QString::number(dock->x()),
                QString::number(dock->y()), QString::number(dock->width()), QString::number(dock->height()),
                dock->visibleRegion().isEmpty() ? u"behind"_qs : u"in front"_qs);
        return places;
    };
    settle();
    const QStringList before = docks();
    const QByteArray layout = explorer->window.saveState();
    const QRect place = explorer->window.geometry();
    Presentation &shown = open();
    PresentationChoice choice = shown.choice();
    choice.left = u"memory"_qs;
    shown.set_choice(choice);
    QTest::keyClick(&shown, Qt::Key_N);
    close();
    QVERIFY(QTest::qWaitForWindowActive(&explorer->window));
    QCOMPARE(docks(), before);
    QCOMPARE(explorer->window.saveState(), layout);
    QCOMPARE(explorer->window.geometry(), place);
    QTRY_COMPARE(QApplication::focusWidget(), filter);
}

EPSCOPE_SUITE(presentation, TestPresentation)
#include "tst_presentation.moc"
