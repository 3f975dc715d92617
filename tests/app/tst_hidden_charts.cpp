// SPDX-License-Identifier: GPL-3.0-or-later
// A chart that nobody sees is given newer results without being drawn again. Whatever paints it or asks it meanwhile,
// a resize, a progress, an explanation, finds the result that it was drawn from.
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "core/io/measurement_files.h"
#include "tests/support/explorer.h"
#include "tests/support/sanitized.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// Several chips with measurements of them, next to a baseline that had other numbers. Few configurations, since the
// charts ask for thousands of searches.
Explored many_chips(const char *bandwidth)
{
    Study study = with(published_study(), {{"ep", "64..320:64"}, {"batch", "32..256:32"}, {"target_tps", "5"}});
    study.profile = *shipped_library().profile("calibrated").value;
    const auto measured = load_measurements(library_measurements(shipped_library()), shipped_library(), study).measured;
    return *explore({with(study, "chip.H800.memory_bandwidth", bandwidth), std::nullopt, {}, measured});
}

// One chip, nothing measured, another best configuration.
Explored one_chip()
{
    Study study = with(published_study(), "target_tps", "20");
    study.chips.resize(1);
    return *explore({study, std::nullopt});
}

// A result of its own for every chart, from one search.
std::shared_ptr<const Explored> copy_of(const Explored &explored)
{
    return std::make_shared<const Explored>(explored);
}

// Painted again, as a resize does it.
QImage picture_of(const ChartView &chart)
{
    const QImage picture = chart.plot()->toPixmap(800, 400).toImage();
    chart.plot()->replot(); // in its own size again
    return picture;
}

// What a chart tells at a grid of places, as far as it can be compared.
std::vector<std::optional<Explainable>> numbers_of(const ChartView &chart)
{
    std::vector<std::optional<Explainable>> numbers;
    const QRect area = chart.plot()->rect();
    constexpr int steps = sanitized ? 16 : 24;
    for (int row = 0; row < steps; ++row) {
        for (int column = 0; column < steps; ++column)
            numbers.push_back(chart.number_at(
                chart.plot()->mapToGlobal(QPoint(area.width() * column / steps, area.height() * row / steps))));
    }
    return numbers;
}

} // namespace

class TestHiddenCharts : public QObject {
    Q_OBJECT

private slots:
    void keep_what_they_were_drawn_from_data();
    void keep_what_they_were_drawn_from();
};

void TestHiddenCharts::keep_what_they_were_drawn_from_data()
{
    QTest::addColumn<QByteArray>("id");
    for (const std::string_view id : all_chart_ids())
        QTest::newRow(id.data()) << QByteArray(id.data(), static_cast<qsizetype>(id.size()));
}

void TestHiddenCharts::keep_what_they_were_drawn_from()
{
    QFETCH(const QByteArray, id);
    const std::unique_ptr<ChartView> chart = make_chart(id.toStdString());
    chart->set_options(goal_values({"chip.memory_bandwidth", "throughput>=4500"}));
    chart->resize(900, 520);
    static const Explored first = many_chips("3 TB/s"), before_it = many_chips("2 TB/s"), second = one_chip();
    std::shared_ptr<const Explored> older = copy_of(first);
    QVERIFY(older->chips.size() > 2);
    chart->set_result(older, only_baseline(copy_of(before_it), u"Before"_qs));
    chart->set_option(u"map.difference"_qs, u"on"_qs);
    QVERIFY(chart->complete());
    chart->show();
    QVERIFY(QTest::qWaitForWindowExposed(chart.get()));
    // More than what the chart as a whole is about: places of its own. A goal chart knows none.
    const auto tells = [&](const std::vector<std::optional<Explainable>> &numbers) {
        return id == "goal" || std::any_of(numbers.begin(), numbers.end(), [&](const auto &number) {
            return number != chart->current_number();
        });
    };
    QTRY_VERIFY(tells(numbers_of(*chart)));
    const QImage picture = picture_of(*chart);
    const auto numbers = numbers_of(*chart);
    QVERIFY(tells(numbers));

    chart->hide();
    const std::weak_ptr<const Explored> drawn = older;
    older.reset();
    const std::shared_ptr<const Explored> newer = copy_of(second);
    QCOMPARE(newer->chips.size(), std::size_t{1});
    chart->set_result(newer, {});
    QVERIFY(!drawn.expired());
    const QImage hidden = picture_of(*chart);
    if (chart->asks()) // which pales, as it is the answer to something else
        QVERIFY(chart->is_stale());
    else
        QCOMPARE(hidden, picture);
    QVERIFY(numbers_of(*chart) == numbers);
    if (chart->asks()) {
        QVERIFY(chart->complete());
        chart->set_progress(0.5);
        QVERIFY(numbers_of(*chart) == numbers);
    }
    QVERIFY(id == "validation" || !chart->table().rows.empty()); // of the newer one, in which nothing is measured
    QTest::mouseClick(chart->plot(), Qt::LeftButton, {}, chart->plot()->rect().center());

    chart->show();
    QVERIFY(QTest::qWaitForWindowExposed(chart.get()));
    QTRY_VERIFY(drawn.expired());
}

EPSCOPE_SUITE(hidden_charts, TestHiddenCharts)
#include "tst_hidden_charts.moc"
