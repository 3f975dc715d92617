// SPDX-License-Identifier: GPL-3.0-or-later
// Curves over one number against closed forms and against searching each value alone.
#include <algorithm>

#include <QTest>

#include "core/analysis/curve.h"
#include "tests/support/fixed.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

class TestCurve : public QObject {
    Q_OBJECT

private slots:
    void acceptance_in_closed_form();
    void every_point_is_a_search_of_its_own_data();
    void every_point_is_a_search_of_its_own();
    void values_that_cannot_be();
    void gaps_where_nothing_serves();
    void any_number_of_threads();
    void stops();
    void what_changes_a_curve();
};

// One draft token is accepted with probability a: 1 + a tokens a step, whose time does not depend on it.
void TestCurve::acceptance_in_closed_form()
{
    const Study study = one_configuration();
    const Curve curve = curve_of(study, variable(study, "acceptance"), {1, 0, 0.5, 0.25, 0.5});
    QVERIFY(curve.complete);
    QCOMPARE(curve.points.size(), std::size_t{4});
    const double step_s = curve.points.front().outcome.best.value().candidate.step_s;
    for (const CurvePoint &point : curve.points) {
        const Candidate &found = point.outcome.best.value().candidate;
        QCOMPARE(found.step_s, step_s);
        QVERIFY(std::abs(found.throughput_per_card * step_s / (64 * (1 + point.value)) - 1) < 1e-12);
    }
    QVERIFY(std::is_sorted(curve.points.begin(), curve.points.end(),
        [](const CurvePoint &a, const CurvePoint &b) { return a.value < b.value; }));
}

void TestCurve::every_point_is_a_search_of_its_own_data()
{
    QTest::addColumn<QString>("key");
    for (const char *key : {"context", "target_tps", "ep", "batch", "mtp_len", "kv_elem_size", "chip.memory",
             "chip.fp4", "nic.CX7 400Gbps.bandwidth", "profile.usable_memory_fraction"})
        QTest::newRow(key) << QString::fromLatin1(key);
}

void TestCurve::every_point_is_a_search_of_its_own()
{
    QFETCH(QString, key);
    const Study study = with_chip(published_study(), 0);
    const Variable number = variable(study, key.toStdString());
    std::vector<double> values;
    for (int i = 0; i <= 6; ++i)
        values.push_back(number.info->soft_min + (number.info->soft_max - number.info->soft_min) * i / 6);
    const Curve curve = curve_of(study, number, values);
    QVERIFY(curve.complete && curve.points.size() > 2);
    for (const CurvePoint &point : curve.points) {
        Study changed = study;
        set(changed, number.key, number.text(point.value));
        QVERIFY(point.outcome == outcome_of(changed));
        QVERIFY(point.outcome.best || point.outcome.miss);
    }
}

void TestCurve::values_that_cannot_be()
{
    const Study study = one_configuration();
    const Variable layers = variable(study, "model.dense_layers"); // the model has 61 layers
    const Curve curve = curve_of(study, layers, {2.6, 3.2, 62, -5});
    QCOMPARE(curve.points.size(), std::size_t{3});
    QCOMPARE(curve.points[0].value, layers.info->min);
    QCOMPARE(curve.points[1].value, 3.);
    QVERIFY(curve.points[1].outcome.best);
    QCOMPARE(curve.points[2].value, 62.);
    QVERIFY(curve.points[2].outcome == Outcome());
}

void TestCurve::gaps_where_nothing_serves()
{
    const Study study = with_chip(published_study(), 0);
    const Curve curve = curve_of(study, variable(study, "target_tps"), {20, 2000});
    QVERIFY(curve.points[0].outcome.best && !curve.points[1].outcome.best);
    QCOMPARE(curve.points[1].outcome.miss.value().lacks.reason, Reason::target);
}

void TestCurve::any_number_of_threads()
{
    const Study study = with_chip(published_study(), 0);
    const Variable number = variable(study, "chip.memory_bandwidth");
    std::vector<double> values;
    for (int i = 1; i <= 20; ++i)
        values.push_back(*number.stated * i / 10);
    Running one, many;
    one.threads = 1;
    many.threads = 7;
    QVERIFY(curve_of(study, number, values, one).points == curve_of(study, number, values, many).points);
}

void TestCurve::stops()
{
    const Study study = with_chip(published_study(), 0);
    std::stop_source stop;
    Running running;
    running.threads = 1;
    running.stop = stop.get_token();
    std::size_t reported = 0;
    running.progress = [&](std::size_t done, std::size_t) {
        reported = done;
        stop.request_stop();
    };
    const Curve curve = curve_of(study, variable(study, "context"), {1024, 2048, 4096}, running);
    QVERIFY(!curve.complete);
    QCOMPARE(reported, std::size_t{1});
    QVERIFY(curve.points[2].outcome == Outcome());
}

void TestCurve::what_changes_a_curve()
{
    const Study study = with_chip(published_study(), 0);
    const Variable context = variable(study, "context"), ep = variable(study, "ep");
    Study longer = study, fixed = study, slower = study;
    set(longer, "context", "64 Ki");
    set(fixed, "ep", "72");
    set(slower, "chip.memory_bandwidth", "1 TB/s");
    QVERIFY(same_but_for(context, study, study));
    QVERIFY(same_but_for(context, study, longer));
    QVERIFY(!same_but_for(context, study, fixed));
    QVERIFY(same_but_for(ep, study, fixed)); // searched or fixed
    QVERIFY(!same_but_for(ep, study, longer));
    QVERIFY(!same_but_for(context, study, slower));
}

EPSCOPE_SUITE(curve, TestCurve)
#include "tst_curve.moc"
