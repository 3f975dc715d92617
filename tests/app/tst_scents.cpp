// SPDX-License-Identifier: GPL-3.0-or-later
// The curves under the sliders in the real window, against a search of each value alone.
#include <memory>

#include <QHelpEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QToolTip>

#include "app/controls/input_panel.h"
#include "app/controls/scents.h"
#include "app/controls/value_slider.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

class TestScents : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init() { start().show(); }
    void cleanup() { explorer.reset(); }

    void every_slider_on_the_screen_gets_its_curve();
    void heights_are_the_engines();
    void of_the_chip_that_leads();
    void a_slider_comes_into_view();
    void the_dragged_sliders_own_curve_stays();
    void the_others_grey_and_come_again();
    void a_drag_is_not_interrupted();
    void hatched_where_nothing_serves();
    void a_tick_where_something_else_binds();
    void only_stops();
    void turned_off_and_on();
    void off_is_remembered();

private:
    Scents &scents() { return *explorer->window.findChild<Scents *>(); }
    InputPanel &panel() { return *explorer->window.findChild<InputPanel *>(); }
    ValueSlider &slider(const char *key)
    {
        ValueSlider *found = panel().slider_of(key);
        if (!found)
            qFatal("no slider %s", key);
        return *found;
    }
    void wait_for_curves()
    {
        explorer->answer();
        if (!QTest::qWaitFor([this] { return scents().settled(); }, 60000))
            qFatal("the curves don't come");
    }
    std::vector<ValueSlider *> on_screen()
    {
        std::vector<ValueSlider *> shown;
        for (ValueSlider *each : panel().findChildren<ValueSlider *>()) {
            if (!each->visibleRegion().isEmpty())
                shown.push_back(each);
        }
        return shown;
    }
    QString tooltip(ValueSlider &of)
    {
        const QPoint at = of.rect().center();
        QHelpEvent help(QEvent::ToolTip, at, of.mapToGlobal(at));
        QApplication::sendEvent(&of, &help);
        const QString text = QToolTip::text();
        QToolTip::hideText();
        return text;
    }
    // The leading chip alone, with the number at that value.
    Outcome direct(const std::string &key, double si)
    {
        const Explored &explored = *explorer->session().explored();
        Study study = with_chip(explored.searched, explored.leading().chip);
        const Variable number = variable(study, key);
        if (set_variable(study, number, si))
            return {};
        return outcome_of(study);
    }
    void compare_with_engine(const char *key)
    {
        const std::vector<ValueSlider::CurveDot> curve = slider(key).curve();
        QVERIFY2(curve.size() > 1, key);
        std::vector<std::optional<double>> found;
        double most = 0;
        for (const ValueSlider::CurveDot &dot : curve) {
            const Outcome outcome = direct(key, dot.si);
            found.push_back(outcome.best ? std::optional(outcome.best->candidate.throughput_per_card) : std::nullopt);
            most = std::max(most, found.back().value_or(0));
        }
        QVERIFY2(most > 0, key);
        for (std::size_t i = 0; i < curve.size(); ++i) {
            QCOMPARE(curve[i].height.has_value(), found[i].has_value());
            if (found[i])
                QCOMPARE(*curve[i].height, *found[i] / most);
        }
    }
};

void TestScents::every_slider_on_the_screen_gets_its_curve()
{
    wait_for_curves();
    const std::vector<ValueSlider *> shown = on_screen();
    QVERIFY(shown.size() > 5);
    for (ValueSlider *each : shown) {
        QVERIFY2(!each->curve().empty(), qPrintable(each->accessibleName()));
        QVERIFY(!each->curve_is_stale());
        const QString text = tooltip(*each);
        QVERIFY2(text.contains(u"searched again"_qs) || text.contains(u"Nothing is feasible"_qs), qPrintable(text));
    }
}

void TestScents::heights_are_the_engines()
{
    wait_for_curves();
    for (const char *key : {"context", "target_tps", "mtp_len"}) {
        QVERIFY(panel().reveal(QString::fromLatin1(key)));
        wait_for_curves();
        compare_with_engine(key);
    }
}

void TestScents::of_the_chip_that_leads()
{
    const Explored &explored = explorer->answer();
    const std::string leading = explored.searched.chips[explored.leading().chip].name;
    const std::string key = "chip." + leading + ".memory_bandwidth";
    QVERIFY(panel().reveal(QString::fromStdString(key)));
    wait_for_curves();
    compare_with_engine(key.c_str());
    QVERIFY(tooltip(slider(key.c_str())).contains(QString::fromStdString(leading)));
}

void TestScents::a_slider_comes_into_view()
{
    explorer->window.resize(1280, 700);
    wait_for_curves();
    auto *area = panel().findChild<QScrollArea *>();
    QVERIFY(area->verticalScrollBar()->maximum() > 0);
    const auto hidden = [this] {
        const QList<ValueSlider *> all = panel().findChildren<ValueSlider *>();
        const auto found = std::find_if(all.begin(), all.end(),
            [](const ValueSlider *each) { return each->visibleRegion().isEmpty() && each->isVisible(); });
        return found == all.end() ? nullptr : *found;
    };
    ValueSlider *below = hidden();
    QVERIFY(below);
    QVERIFY(below->curve().empty()); // nobody sees it
    area->ensureWidgetVisible(below);
    QTRY_VERIFY_WITH_TIMEOUT(!below->curve().empty(), 30000);
}

void TestScents::the_dragged_sliders_own_curve_stays()
{
    QVERIFY(panel().reveal(u"context"_qs));
    wait_for_curves();
    const std::vector<ValueSlider::CurveDot> before = slider("context").curve();
    explorer->set("context", u"10 Ki"_qs);
    QVERIFY(holds_for(200, [this] { return !slider("context").curve_is_stale(); }));
    wait_for_curves();
    QVERIFY(slider("context").curve() == before);
    compare_with_engine("context");
}

void TestScents::the_others_grey_and_come_again()
{
    QVERIFY(panel().reveal(u"target_tps"_qs));
    wait_for_curves();
    const std::vector<ValueSlider::CurveDot> before = slider("target_tps").curve();
    explorer->set("context", u"100 Ki"_qs);
    QTRY_VERIFY_WITH_TIMEOUT(slider("target_tps").curve_is_stale() || slider("target_tps").curve() != before, 5000);
    wait_for_curves();
    QVERIFY(!slider("target_tps").curve_is_stale());
    QVERIFY(slider("target_tps").curve() != before);
    compare_with_engine("target_tps");
}

// While changes keep coming, no curve is asked for.
void TestScents::a_drag_is_not_interrupted()
{
    wait_for_curves();
    QSignalSpy asked(&scents(), &Scents::asked);
    for (int i = 0; i < 30; ++i) {
        explorer->set("context", QString::number(4096 + 64 * i));
        let_pass(10);
    }
    QCOMPARE(asked.count(), 0);
    wait_for_curves();
    QVERIFY(asked.count() > 0);
}

void TestScents::hatched_where_nothing_serves()
{
    QVERIFY(panel().reveal(u"target_tps"_qs));
    wait_for_curves();
    const std::vector<ValueSlider::CurveDot> curve = slider("target_tps").curve();
    QVERIFY(curve.front().height);
    QVERIFY(!curve.back().height); // no chip answers that fast
    QVERIFY(tooltip(slider("target_tps")).contains(u"hatched"_qs));
}

void TestScents::a_tick_where_something_else_binds()
{
    const Explored &explored = explorer->answer();
    const std::string leading = explored.searched.chips[explored.leading().chip].name;
    std::size_t ticks = 0;
    for (const std::string &key : {"chip." + leading + ".memory_bandwidth", std::string("nic.CX7 400Gbps.bandwidth")}) {
        QVERIFY(panel().reveal(QString::fromStdString(key)));
        wait_for_curves();
        std::optional<Bound> last;
        for (const ValueSlider::CurveDot &dot : slider(key.c_str()).curve()) {
            const Outcome outcome = direct(key, dot.si);
            QCOMPARE(dot.binds_anew, outcome.best && last && outcome.best->bound.largest() != *last);
            if (outcome.best)
                last = outcome.best->bound.largest();
            ticks += dot.binds_anew ? 1 : 0;
        }
        QVERIFY(last);
        QVERIFY(tooltip(slider(key.c_str())).contains(u"bound by"_qs));
    }
    QVERIFY(ticks > 0);
}

// No value between them can be chosen.
void TestScents::only_stops()
{
    const QList<ValueSlider *> all = panel().findChildren<ValueSlider *>();
    const auto stepped =
        std::find_if(all.begin(), all.end(), [](const ValueSlider *each) { return each->spec().only_stops; });
    QVERIFY(stepped != all.end());
    const std::vector<double> values = (*stepped)->values_along(1000);
    QVERIFY(values.size() > 1 && values.size() < 20);
    QVERIFY(std::is_sorted(values.begin(), values.end()));
}

void TestScents::turned_off_and_on()
{
    wait_for_curves();
    QAction &shown = explorer->action(u"Curves under sliders"_qs);
    QVERIFY(shown.isChecked());
    shown.trigger();
    for (const ValueSlider *each : panel().findChildren<ValueSlider *>())
        QVERIFY(each->curve().empty());
    QSignalSpy asked(&scents(), &Scents::asked);
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QVERIFY(holds_for(400, [&] { return asked.empty(); }));
    shown.trigger();
    wait_for_curves();
    QVERIFY(!on_screen().front()->curve().empty());
}

void TestScents::off_is_remembered()
{
    explorer->action(u"Curves under sliders"_qs).trigger();
    explorer->window.close();
    start_again();
    QVERIFY(scents().are_on());
    explorer->window.restore();
    QVERIFY(!scents().are_on());
    QVERIFY(!explorer->action(u"Curves under sliders"_qs).isChecked());
}

EPSCOPE_SUITE(scents, TestScents)
#include "tst_scents.moc"
