// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "app/charts/memory_scene.h"
#include "app/words/configuration.h"
#include "tests/support/explored.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr char memory_id[] = "memory";

QRectF area_of(const SceneLayout &layout, const std::string &chip, const char *number, const QString &says = {})
{
    return testing::area_of(layout, Explainable{number, chip}, says);
}
QRectF area_of(const SceneLayout &layout, const std::string &chip, MemoryKind kind)
{
    return area_of(layout, chip, name_of(kind));
}

// On plain axes, without a window.
struct LaidMemory {
    Frame frame;
    SceneLayout layout;

    explicit LaidMemory(std::shared_ptr<const Explored> explored)
    {
        const Scene scene = memory_scene(scene_input(memory_id, std::move(explored), Theme::light()));
        frame = plain_frame(scene, {900, 500});
        layout = scene.layout(frame);
    }
    double pixel(double gigabytes) const { return frame.panel().x.pixel(gigabytes); }
    QRectF free(const std::string &chip) const { return area_of(layout, chip, "free_memory", u"free"_qs); }
    QRectF missing(const std::string &chip) const { return area_of(layout, chip, "free_memory", u"missing"_qs); }
};

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
    void tables_tell_how_cards_share_the_work();
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

// As those of the other charts of configurations do, where TP is set or searched.
void TestMemoryChart::tables_tell_how_cards_share_the_work()
{
    const auto explored = explore({study_2026("gpt-oss-120b"), std::nullopt});
    QCOMPARE(memory_bars(*explored).front().largest_batch_text,
        batch_text(explored->leading().shown.point, explored->leading().estimate.memory.max_batch));
    QVERIFY(memory_bars(*explored).front().largest_batch_text.contains(u" per card)"_qs));
    for (const char *id : {"memory", "pareto", "breakdown", "sweep"}) {
        const auto table = [id](const std::shared_ptr<const Explored> &of) {
            return find_chart_kind(id)->scene(scene_input(id, of, Theme::light())).table();
        };
        const Table usual = table(explored_with()), grouped = table(explored);
        QStringList titles;
        for (const TableColumn &column : grouped.columns)
            titles << column.title;
        QCOMPARE(
            titles.mid(usual.columns.size()), (QStringList{u"TP"_qs, u"Experts"_qs, u"Batch/card"_qs, u"Cards"_qs}));
        for (const TableRow &row : grouped.rows) {
            QCOMPARE(row.cells.size(), grouped.columns.size());
            const auto cell = [&](std::size_t behind) { return text_of(row.cells[usual.columns.size() + behind]); };
            QCOMPARE(cell(0), u"8"_qs);
            QCOMPARE(cell(1), u"moe_tp"_qs);
            QCOMPARE(cell(3), u"8"_qs);
        }
        for (const TableRow &row : usual.rows)
            QCOMPARE(row.cells.size(), usual.columns.size());
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
    QVERIFY2(kv.startsWith(QStringLiteral("Batch %1 × ").arg(scenario.point.batch)), qPrintable(kv));
    QVERIFY2(kv.contains(QStringLiteral("\nKV cache of a sequence = KV width 576 × KV element size ")), qPrintable(kv));
}

void TestMemoryChart::draws_to_scale()
{
    const auto explored = explored_with();
    const Scene scene = memory_scene(scene_input(memory_id, explored, Theme::light()));
    QVERIFY(scene.panels[0].x.to >= 96 && scene.panels[0].x.to < 200);
    const LaidMemory laid(explored);
    const std::vector<MemoryBar> bars = memory_bars(*explored);
    for (const MemoryBar &bar : bars) {
        const std::string chip = bar.name.toStdString();
        const QRectF kv = area_of(laid.layout, chip, MemoryKind::kv_cache);
        const double scale = laid.pixel(1) - laid.pixel(0); // pixels per GB
        QVERIFY(std::abs(kv.width() - scale * bytes_of(bar, MemoryKind::kv_cache) / 1e9) < 1e-6);
        QVERIFY(std::abs(kv.right() - laid.free(chip).left()) < 1e-6);
        QVERIFY(laid.missing(chip).isEmpty());
        QVERIFY(laid.frame.panel().rect.adjusted(-1, -1, 1, 1).contains(kv));
    }
    ShownChart<SceneOf<memory_id>> shown(explored);
    QCOMPARE(shown.chart.plot()->xAxis->label(), QStringLiteral("Memory per card (GB)"));
}

void TestMemoryChart::missing_memory_sticks_out()
{
    const auto explored = explored_with({}, too_large());
    const MemoryBar bar = memory_bars(*explored).front();
    QVERIFY(bar.free() < 0);
    const LaidMemory laid(explored);
    const QRectF missing = laid.missing("H800");
    QVERIFY(std::abs(missing.left() - laid.pixel(80)) < 1);
    QVERIFY(std::abs(missing.right() - std::min(laid.pixel(bar.used / 1e9), laid.frame.panel().rect.right())) < 1);
    QVERIFY(laid.free("H800").isEmpty());
    const std::vector<Marks::Hatch> hatches = laid.layout.main.of<Marks::Hatch>();
    QVERIFY(std::any_of(hatches.begin(), hatches.end(), [&](const Marks::Hatch &hatch) {
        return hatch.colour == Theme::light().warning && hatch.area.intersects(missing);
    }));
}

void TestMemoryChart::marks_the_usable_part()
{
    const auto explored = explored_with({{"profile.usable_memory_fraction", "0.9"}});
    const MemoryBar bar = memory_bars(*explored).front();
    QCOMPARE(bar.usable, 0.9 * bar.memory);
    const LaidMemory laid(explored);
    QVERIFY(std::abs(laid.free("H800").right() - laid.pixel(72)) < 1);
}

void TestMemoryChart::hover_tells_the_part()
{
    ShownChart<SceneOf<memory_id>> shown(explored_with());
    const SceneLayout &layout = shown.chart.laid_out();
    const QString text = shown.hover(area_of(layout, "H800", MemoryKind::attention).center());
    QVERIFY2(text.startsWith(QStringLiteral("H800, Attention: 11.4 GB (14.3 % of 80.0 GB)")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("Layers 61")));
    QVERIFY(shown.hover(area_of(layout, "H800", "free_memory").center()).startsWith(QStringLiteral("H800, free: ")));
}

void TestMemoryChart::a_click_beside_the_bar_picks_the_configuration()
{
    const auto explored = explored_with();
    ShownChart<SceneOf<memory_id>> shown(explored);
    Selection picked;
    connect(
        &shown.chart, &ChartView::configuration_picked, this, [&](const Selection &selection) { picked = selection; });
    const QRectF part = area_of(shown.chart.laid_out(), explored->searched.chips[1].name, MemoryKind::attention);
    QTest::mouseClick( // on the chip's name
        shown.chart.plot(), Qt::LeftButton, {}, QPointF(part.center().x(), part.top() - 8).toPoint());
    QCOMPARE(picked.chip, explored->searched.chips[1].name);
    QCOMPARE(picked.point, explored->chips[1].shown.point);
}

void TestMemoryChart::table_holds_full_precision()
{
    const auto explored = explored_with();
    const Table table = memory_scene(scene_input(memory_id, explored, Theme::light())).table();
    QCOMPARE(table.rows.size(), explored->chips.size());
    const auto column = std::find_if(table.columns.begin(), table.columns.end(),
        [](const TableColumn &each) { return each.title == u"KV cache (B)"_qs; });
    QVERIFY(column != table.columns.end());
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::vector<TableCell> &cells = table.rows[i].cells;
        QCOMPARE(cells.size(), table.columns.size());
        QCOMPARE(std::get<double>(cells[static_cast<std::size_t>(column - table.columns.begin())]),
            explored->chips[i].estimate.memory.kv_cache);
    }
}

void TestMemoryChart::exports_as_vectors()
{
    SceneOf<memory_id> chart;
    chart.set_explored(explored_with({}, too_large()));
    const QString svg = svg_of(chart);
    QVERIFY(svg.contains(u"KV cache"));
    QVERIFY(svg.contains(u" missing"));
    QVERIFY(!svg.contains(u"<image"));
}

EPSCOPE_SUITE(memory_chart, TestMemoryChart)
#include "tst_memory_chart.moc"
