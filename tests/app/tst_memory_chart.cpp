// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSet>
#include <QSignalSpy>
#include <QTest>

#include <qcustomplot.h>

#include "app/charts/memory_chart.h"
#include "tests/support/explored.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

void show(MemoryChart &chart, std::shared_ptr<const Explored> explored)
{
    chart.resize(900, 500);
    chart.set_explored(std::move(explored));
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    chart.plot()->replot();
}

double bytes_of(const MemoryBar &bar, MemoryKind kind)
{
    for (const MemoryPart &part : bar.parts) {
        if (part.kind == kind)
            return part.bytes;
    }
    return 0;
}

Selection too_large()
{
    return {"H800", "CX7 400Gbps", {Policy::naive, 8, 2, 2, 1, 256}};
}

} // namespace

class TestMemoryChart : public QObject {
    Q_OBJECT

private slots:
    void parts_are_the_estimates();
    void parts_stand_end_to_end();
    void says_how_the_bytes_come_about();
    void draws_to_scale();
    void missing_memory_sticks_out();
    void marks_the_usable_part();
    void hover_tells_the_part();
    void a_click_beside_the_bar_picks_the_configuration();
    void table_holds_full_precision();
    void exports_as_vectors();
};

void TestMemoryChart::parts_are_the_estimates()
{
    const auto explored = explored_with();
    const std::vector<MemoryBar> bars = memory_bars(*explored);
    QCOMPARE(bars.size(), explored->chips.size());
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const MemoryBreakdown memory = estimate(explored->chips[i].scenario).memory;
        QCOMPARE(bytes_of(bars[i], MemoryKind::attention), memory.attention);
        QCOMPARE(bytes_of(bars[i], MemoryKind::shared), memory.shared_experts);
        QCOMPARE(bytes_of(bars[i], MemoryKind::routed), memory.routed_experts);
        QCOMPARE(bytes_of(bars[i], MemoryKind::dense), memory.dense_ffn);
        QCOMPARE(bytes_of(bars[i], MemoryKind::embedding_and_head), memory.embedding_and_head);
        QCOMPARE(bytes_of(bars[i], MemoryKind::mtp), memory.mtp);
        QCOMPARE(bytes_of(bars[i], MemoryKind::kv_cache), memory.kv_cache);
        QCOMPARE(bars[i].largest_batch, memory.max_batch);
        QCOMPARE(bars[i].free(), memory.free);
        QCOMPARE(bars[i].memory, explored->searched.chips[i].memory.si());
    }
}

void TestMemoryChart::parts_stand_end_to_end()
{
    for (const MemoryBar &bar : memory_bars(*explored_with())) {
        double end = 0;
        for (const MemoryPart &part : bar.parts) {
            QCOMPARE(part.from, end);
            QVERIFY(part.bytes > 0);
            end += part.bytes;
        }
        QCOMPARE(end, bar.used);
    }
}

void TestMemoryChart::says_how_the_bytes_come_about()
{
    const Scenario scenario = explored_with()->chips.front().scenario;
    QCOMPARE(formula_of(MemoryKind::embedding_and_head, scenario),
        QStringLiteral("Both 2 × Vocabulary 129,280 × Hidden size 7,168 × BF16 2 B"));
    QVERIFY(formula_of(MemoryKind::attention, scenario)
                .startsWith(QStringLiteral("Layers 61 × Attention parameters of a layer 187,105,280 × ")));
    const QString kv = formula_of(MemoryKind::kv_cache, scenario);
    QVERIFY2(kv.startsWith(QStringLiteral("Batch per card %1 × ").arg(scenario.point.batch)), qPrintable(kv));
    QVERIFY2(kv.contains(QStringLiteral("\nKV cache of a sequence = KV width 576 × KV element size ")), qPrintable(kv));
}

void TestMemoryChart::draws_to_scale()
{
    MemoryChart chart;
    const auto explored = explored_with();
    show(chart, explored);
    const QCPAxis *axis = chart.plot()->xAxis;
    QCOMPARE(axis->label(), QStringLiteral("Memory per card (GB)"));
    QVERIFY(axis->range().upper >= 96 && axis->range().upper < 200);
    const std::vector<MemoryBar> bars = memory_bars(*explored);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const QRectF kv = chart.area_of(i, MemoryKind::kv_cache);
        const double scale = chart.plot()->axisRect()->width() / axis->range().size() / 1e9; // pixels per B
        QVERIFY(std::abs(kv.width() - scale * bytes_of(bars[i], MemoryKind::kv_cache)) < 1);
        QCOMPARE(kv.right(), chart.area_of_free(i).left());
        QVERIFY(chart.area_of_missing(i).isEmpty());
        QVERIFY(chart.plot()->axisRect()->rect().contains(kv.toAlignedRect()));
    }
}

void TestMemoryChart::missing_memory_sticks_out()
{
    MemoryChart chart;
    const auto explored = explored_with({}, too_large());
    show(chart, explored);
    const MemoryBar bar = memory_bars(*explored).front();
    QVERIFY(bar.free() < 0);
    const QRectF missing = chart.area_of_missing(0);
    QVERIFY(std::abs(missing.left() - chart.plot()->xAxis->coordToPixel(80)) < 1);
    QVERIFY(std::abs(missing.right() - chart.plot()->xAxis->coordToPixel(bar.used / 1e9)) < 1);
    QVERIFY(chart.area_of_free(0).isEmpty());
    // Hatched: along a line across it there is more than the hatching.
    const QImage image = chart.grab().toImage();
    const QPoint middle = missing.center().toPoint();
    QSet<QRgb> colours;
    for (int x = -20; x < 20; ++x)
        colours.insert(image.pixel(middle.x() + x, middle.y()));
    QVERIFY(colours.contains(Theme::light().warning.rgb()));
    QVERIFY(colours.size() > 1);
}

void TestMemoryChart::marks_the_usable_part()
{
    const auto explored = explored_with({{"profile.usable_memory_fraction", "0.9"}});
    const MemoryBar bar = memory_bars(*explored).front();
    QCOMPARE(bar.usable, 0.9 * bar.memory);
    MemoryChart chart;
    show(chart, explored);
    QVERIFY(std::abs(chart.area_of_free(0).right() - chart.plot()->xAxis->coordToPixel(72)) < 1);
}

void TestMemoryChart::hover_tells_the_part()
{
    MemoryChart chart;
    show(chart, explored_with());
    const QSignalSpy hovered(&chart, &Chart::hovered);
    QTest::mouseMove(chart.plot(), chart.area_of(0, MemoryKind::attention).center().toPoint());
    QTRY_VERIFY(!hovered.isEmpty());
    const QString text = hovered.last().first().toString();
    QVERIFY2(text.startsWith(QStringLiteral("H800, Attention: 11.4 GB (14.3 % of 80.0 GB)")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("Layers 61")));
    QTest::mouseMove(chart.plot(), chart.area_of_free(0).center().toPoint());
    QTRY_VERIFY(hovered.last().first().toString().startsWith(QStringLiteral("H800, free: ")));
}

void TestMemoryChart::a_click_beside_the_bar_picks_the_configuration()
{
    MemoryChart chart;
    const auto explored = explored_with();
    show(chart, explored);
    Selection picked;
    connect(&chart, &Chart::configuration_picked, this, [&](const Selection &selection) { picked = selection; });
    const QPointF above(chart.area_of(1, MemoryKind::attention).center().x(),
        chart.area_of(1, MemoryKind::attention).top() - 8); // the chip's name
    QTest::mouseClick(chart.plot(), Qt::LeftButton, {}, above.toPoint());
    QCOMPARE(picked.chip, explored->searched.chips[1].name);
    QCOMPARE(picked.point, explored->chips[1].shown.point);
}

void TestMemoryChart::table_holds_full_precision()
{
    MemoryChart chart;
    const auto explored = explored_with();
    chart.set_explored(explored);
    const ChartTable table = chart.table();
    QCOMPARE(table.rows.size(), explored->chips.size());
    const auto column = table.header.indexOf(QStringLiteral("KV cache (B)"));
    QVERIFY(column >= 0);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        QCOMPARE(table.rows[i].size(), table.header.size());
        QCOMPARE(table.rows[i][column].toDouble(), explored->chips[i].estimate.memory.kv_cache);
    }
}

void TestMemoryChart::exports_as_vectors()
{
    MemoryChart chart;
    chart.set_explored(explored_with({}, too_large()));
    const QString svg = svg_of(chart);
    QVERIFY(svg.contains(u"KV cache"));
    QVERIFY(svg.contains(u" missing"));
    QVERIFY(!svg.contains(u"<image"));
}

EPSCOPE_SUITE(memory_chart, TestMemoryChart)
#include "tst_memory_chart.moc"
