// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/timeline_scene.h"

#include <cmath>
#include <set>

#include <QComboBox>
#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/operator_blocks.h"
#include "core/analysis/explain.h"
#include "core/find.h"
#include "tests/support/explored.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::shared_ptr<const Explored> dual()
{
    return explored_with({{"policy", "dual-mbatch"}});
}

std::shared_ptr<const Explored> naive()
{
    return explored_with({{"policy", "naive"}});
}

constexpr char timeline_id[] = "timeline";

// Where blocks and what waits are in a layout.
QRectF area_of(const SceneLayout &layout, const TimelineSeries &series, const TimelineBlock &block)
{
    const auto found = std::find(series.blocks.begin(), series.blocks.end(), block);
    return layout.hits[0].areas[static_cast<std::size_t>(found - series.blocks.begin())];
}
QRectF area_of(const SceneLayout &layout, const TimelineSeries &series, const TimelineIdle &idle)
{
    const auto found = std::find(series.idle.begin(), series.idle.end(), idle);
    return layout.hits[2].areas[static_cast<std::size_t>(found - series.idle.begin())];
}
const TimelineBlock &block_of(const TimelineSeries &series, OpId id, int micro_batch)
{
    for (const TimelineBlock &each : series.blocks) {
        if (each.id == id && each.micro_batch == micro_batch)
            return each;
    }
    throw std::runtime_error("no such block");
}

// On plain axes, without a window.
struct LaidTimeline {
    TimelineSeries series;
    SceneInput input;
    Frame frame;
    SceneLayout layout;

    explicit LaidTimeline(std::shared_ptr<const Explored> explored, const Theme &theme = Theme::light(),
        std::optional<OpId> lit = std::nullopt)
        : series(timeline_series(explored->leading().estimate))
        , input(scene_input(timeline_id, explored, theme))
    {
        input.lit = lit;
        const Scene scene = timeline_scene(input);
        frame = plain_frame(scene, {900, 500});
        layout = scene.layout(frame);
    }
    QRectF area(OpId id, int micro_batch) const { return area_of(layout, series, block_of(series, id, micro_batch)); }
    QColor fill(OpId id, int micro_batch) const
    {
        return fill_at(layout, area(id, micro_batch).topLeft() + QPointF(1, 1));
    }
};

struct ShownTimeline : ShownChart<SceneOf<timeline_id>> {
    TimelineSeries series;

    explicit ShownTimeline(
        std::shared_ptr<const Explored> explored, const Theme &theme = Theme::light(), QSize size = {900, 500})
        : ShownChart(explored, theme, size)
        , series(timeline_series(explored->leading().estimate))
    {
    }
    const TimelineBlock &block(OpId id, int micro_batch) const { return block_of(series, id, micro_batch); }
    template <class Part>
    QRectF area_of(const Part &part) const
    {
        return ::area_of(chart.laid_out(), series, part);
    }
};

} // namespace

class TestTimelineChart : public QObject {
    Q_OBJECT

private slots:
    void lasts_as_long_as_the_layer_data()
    {
        QTest::addColumn<QString>("policy");
        QTest::addColumn<QString>("nic_bandwidth");
        for (const char *policy : {"dual-mbatch", "naive"}) {
            for (const char *bandwidth : {"10 GB/s", "40 GB/s", "1 TB/s"})
                QTest::newRow(qPrintable(QStringLiteral("%1, %2").arg(QLatin1String(policy), QLatin1String(bandwidth))))
                    << QString::fromUtf8(policy) << QString::fromUtf8(bandwidth);
        }
    }

    void lasts_as_long_as_the_layer()
    {
        QFETCH(QString, policy);
        QFETCH(QString, nic_bandwidth);
        const auto explored = explored_with(
            {{"policy", policy.toStdString()}, {"nic.bandwidth", nic_bandwidth.toStdString()}, {"target_tps", "1"}});
        const Estimate all = estimate(explored->leading().scenario);
        const BlockEstimate &block = all.blocks.front();
        const TimelineSeries series = timeline_series(explored->leading().estimate);
        const auto repeats = static_cast<std::size_t>(block.repeats);
        VERIFY_NEAR(series.total_s, block.time_s, 1e-12);
        QCOMPARE(series.micro_batches, static_cast<int>(block.repeats));
        QCOMPARE(series.windows.size(), repeats * block.windows.size());
        QCOMPARE(series.blocks.size(), repeats * block.operators.size());

        double exposed = 0, expected = 0;
        for (const TimelineBlock &each : series.blocks)
            exposed += each.exposed_s;
        for (const WindowEstimate &window : block.windows)
            expected += static_cast<double>(repeats) * window.exposed_network_s;
        QVERIFY(std::abs(exposed - expected) <= 1e-9 * series.total_s);

        // Work and waiting fill each lane without a gap.
        for (const Lane lane : {Lane::compute, Lane::network}) {
            std::vector<std::pair<double, double>> spans;
            for (const TimelineBlock &each : series.blocks) {
                if (each.lane == lane)
                    spans.emplace_back(each.start_s, each.end_s);
            }
            for (const TimelineIdle &each : series.idle) {
                if (each.lane == lane)
                    spans.emplace_back(each.start_s, each.end_s);
            }
            std::sort(spans.begin(), spans.end());
            double end = 0;
            for (const auto &[from, to] : spans) {
                QVERIFY(std::abs(from - end) <= 1e-9 * series.total_s);
                end = to;
            }
            VERIFY_NEAR(end, series.total_s, 1e-9);
        }
    }

    // Each micro-batch goes once around the layer while the timeline goes around once.
    void micro_batches_take_turns()
    {
        const TimelineSeries series = timeline_series(dual()->leading().estimate);
        QCOMPARE(series.micro_batches, 2);
        for (const int micro_batch : {0, 1}) {
            const auto stage = [&](Stage which) {
                std::pair<double, double> span(series.total_s, 0);
                for (const TimelineBlock &block : series.blocks) {
                    if (block.micro_batch == micro_batch && info_of(block.id).stage == which)
                        span = {std::min(span.first, block.start_s), std::max(span.second, block.end_s)};
                }
                return span;
            };
            const std::array order{
                Stage::attn0, Stage::attn1, Stage::dispatch, Stage::routed, Stage::combine, Stage::attn0};
            double gone = 0;
            for (std::size_t i = 0; i + 1 < order.size(); ++i) {
                const auto [start, end] = stage(order[i]);
                double waits = stage(order[i + 1]).first - end;
                if (waits < -1e-9 * series.total_s)
                    waits += series.total_s;
                gone += end - start + waits;
            }
            VERIFY_NEAR(gone, series.total_s, 1e-9);
        }
        // While one attends, the other's experts combine.
        for (const TimelineBlock &block : series.blocks) {
            if (block.id != OpId::flash_mla)
                continue;
            const auto beside =
                std::find_if(series.blocks.begin(), series.blocks.end(), [&](const TimelineBlock &other) {
                    return other.lane == Lane::network && other.window == block.window;
                });
            QVERIFY(beside != series.blocks.end() && beside->id == OpId::combine);
            QCOMPARE(beside->micro_batch, 1 - block.micro_batch);
            VERIFY_SAME(beside->start_s, block.start_s);
        }
    }

    void naive_runs_in_execution_order()
    {
        const TimelineSeries series = timeline_series(naive()->leading().estimate);
        QCOMPARE(series.micro_batches, 1);
        for (const Lane lane : {Lane::compute, Lane::network}) {
            std::optional<OpId> before;
            for (const TimelineBlock &block : series.blocks) {
                if (block.lane != lane)
                    continue;
                QVERIFY(!before || *before < block.id);
                before = block.id;
            }
        }
        const TimelineBlock &last = series.blocks.back();
        QVERIFY(last.id == OpId::combine);
        VERIFY_NEAR(last.exposed_s, last.end_s - last.start_s, 1e-12);
    }

    // Collectives run between what they join, in a lane of their own, while nothing computes.
    void collectives_have_their_lane_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<Settings>("settings");
        QTest::addColumn<bool>("has_network");
        const auto row = [](const char *name, const char *model, const Settings &settings, bool has_network) {
            QTest::newRow(name) << QString::fromUtf8(model) << settings << has_network;
        };
        row("dense", "llama-3.1-70b", {}, false);
        row("cut experts", "gpt-oss-120b", {}, false);
        row("experts over the group", "deepseek-v4-pro", {{"mode", "ep_group"}}, false);
        row("experts over groups", "qwen3.5-397b", {{"mode", "all2all"}, {"ep", "32"}}, true);
        row("taking turns", "kimi-k3", {{"mode", "all2all"}, {"ep", "64"}, {"policy", "dual-mbatch"}}, true);
        row("taking turns in the group", "gpt-oss-120b", {{"policy", "dual-mbatch"}}, false);
    }

    void collectives_have_their_lane()
    {
        QFETCH(QString, model);
        QFETCH(const Settings, settings);
        QFETCH(bool, has_network);
        const auto explored = explore({study_2026(model.toStdString(), settings), std::nullopt});
        const Estimate &full = explored->leading().estimate;
        const TimelineSeries series = timeline_series(full);
        const BlockEstimate &block = full.blocks.front();
        QCOMPARE(series.lanes,
            has_network ? (std::vector{Lane::compute, Lane::network, Lane::group})
                        : (std::vector{Lane::compute, Lane::group}));
        VERIFY_NEAR(series.total_s, block.time_s, 1e-12);
        // Every lane is full from end to end.
        for (const Lane lane : series.lanes) {
            double sum = 0;
            for (const TimelineBlock &each : series.blocks)
                sum += each.lane == lane ? each.end_s - each.start_s : 0;
            for (const TimelineIdle &each : series.idle)
                sum += each.lane == lane ? each.end_s - each.start_s : 0;
            VERIFY_NEAR(sum, series.total_s, 1e-9);
        }
        const auto stage = [&](int micro_batch, Stage which) {
            std::pair<double, double> span(series.total_s, 0);
            for (const TimelineBlock &each : series.blocks) {
                if (each.micro_batch == micro_batch && info_of(each.id).stage == which)
                    span = {std::min(span.first, each.start_s), std::max(span.second, each.end_s)};
            }
            return span;
        };
        const double slack = 1e-9 * series.total_s;
        for (int micro_batch = 0; micro_batch < series.micro_batches; ++micro_batch) {
            // Around the layer, which begins anywhere.
            std::vector<Stage> order{Stage::attn1, Stage::coll_a};
            for (const Stage which : {Stage::dispatch, Stage::routed, Stage::combine, Stage::dense})
                if (stage(micro_batch, which).second > 0)
                    order.push_back(which);
            order.insert(order.end(), {Stage::coll_f, Stage::attn0});
            double gone = 0;
            for (std::size_t i = 0; i < order.size(); ++i) {
                const auto [start, end] = stage(micro_batch, order[i]);
                double waits = stage(micro_batch, order[(i + 1) % order.size()]).first - end;
                waits += waits < -slack ? series.total_s : 0;
                gone += end - start + waits;
            }
            VERIFY_NEAR(gone, series.total_s, 1e-9);
        }
        for (const TimelineBlock &each : series.blocks) {
            if (each.lane != Lane::group)
                continue;
            VERIFY_SAME(each.exposed_s, find_in(block.operators, each.id, &OperatorEstimate::id)->time_s);
            for (const TimelineBlock &other : series.blocks)
                QVERIFY(other.lane != Lane::compute || other.end_s <= each.start_s + slack
                    || other.start_s >= each.end_s - slack);
        }
        // As it is drawn: below the others, in its colour, named and explained.
        const SceneInput input = scene_input(timeline_id, explored, Theme::light());
        const Scene scene = timeline_scene(input);
        const SceneLayout layout = scene.layout(plain_frame(scene, {900, 500}));
        double lowest = 0, highest = 1e9;
        for (std::size_t i = 0; i < series.blocks.size(); ++i) {
            const QRectF &area = layout.hits[0].areas[i];
            const TimelineBlock &each = series.blocks[i];
            if (each.lane == Lane::group)
                highest = std::min(highest, area.top());
            else
                lowest = std::max(lowest, area.bottom());
            if (each.lane != Lane::group)
                continue;
            QVERIFY(area.height() >= QFontMetricsF(input.font).height());
            const Hover hover = layout.hits[0].about(i);
            QVERIFY2(hover.text.contains(label_text(each.id)), qPrintable(hover.text));
            QCOMPARE(hover.number->name, std::string(info_of(each.id).key));
        }
        QVERIFY(lowest <= highest);
        const Explained explained = explain(explored->leading().scenario);
        for (std::size_t i = 0; i < series.windows.size(); ++i) {
            const TimelineWindow &window = series.windows[i];
            if (window.end_s == window.start_s)
                continue;
            const Hover hover = layout.hits[3].about(i);
            const Explanation *found = find_explanation(explained, hover.number->name);
            QVERIFY2(found, hover.number->name.c_str());
            if (found->name != "layer_time")
                VERIFY_NEAR(found->value, window.end_s - window.start_s, 1e-9);
        }
        for (std::size_t i = 0; i < series.idle.size(); ++i) {
            const Hover hover = layout.hits[2].about(i);
            QVERIFY2(find_explanation(explained, hover.number->name), hover.number->name.c_str());
        }
        QVERIFY(Theme::light().of(OpId::scatter) != Theme::light().of(OpId::gather));
        std::set<QString> lanes;
        for (const TableRow &row : scene.table().rows)
            lanes.insert(text_of(row.cells.front()));
        QCOMPARE(lanes.size(), series.lanes.size());
        QVERIFY(lanes.contains(u"TP group"_qs));
    }

    // A model of several kinds of layers has a choice of them, any other none.
    void shows_the_kind_of_layer_that_is_asked_for()
    {
        const auto explored = explore({study_2026("kimi-k3", {{"mode", "all2all"}, {"ep", "64"}}), std::nullopt});
        const Estimate &full = explored->leading().estimate;
        const ChartOption option = timeline_options().front();
        SceneInput input = scene_input(timeline_id, explored, Theme::light());
        const std::vector<OptionChoice> choices = option.choices(input);
        QCOMPARE(choices.size(), std::size_t{3});
        QCOMPARE(choices[1].text, u"68 × Sparse layer (KDA)"_qs);
        for (std::size_t layer = 0; layer < choices.size(); ++layer) {
            QVERIFY(option.is_value(choices[layer].value));
            input.options[option.key] = choices[layer].value;
            const Scene scene = timeline_scene(input);
            VERIFY_NEAR(timeline_series(full, layer).total_s, full.blocks[layer].time_s, 1e-12);
            double last = 0;
            for (const TableRow &row : scene.table().rows)
                last = std::max(last, std::get<double>(row.cells[5]));
            VERIFY_NEAR(1e-6 * last, full.blocks[layer].time_s, 1e-9);
            const Explained explained = explain(explored->leading().scenario);
            VERIFY_SAME(find_explanation(explained, scene.number)->value, full.blocks[layer].time_s);
        }
        QVERIFY(timeline_series(full, 7) == timeline_series(full)); // not so many
        QVERIFY(!option.is_value(u"x"_qs));
        SceneOf<timeline_id> chart;
        const auto box = [&] { return chart.findChild<QComboBox *>(); };
        chart.set_explored(explored);
        chart.show();
        QTRY_VERIFY(box()->isVisible() && box()->count() == 3);
        chart.set_explored(naive());
        QTRY_VERIFY(!box()->isVisible());
    }

    void nothing_to_show_is_no_error()
    {
        QVERIFY(timeline_series(Estimate{}) == TimelineSeries{});
        SceneOf<timeline_id> chart;
        chart.show();
        settle();
        QVERIFY(chart.table().rows.empty());
    }

    void fills_its_areas()
    {
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            const LaidTimeline laid(dual(), *theme);
            for (const int micro_batch : {0, 1}) {
                QCOMPARE(laid.fill(OpId::flash_mla, micro_batch), theme->of(OpId::flash_mla));
                QCOMPARE(laid.fill(OpId::combine, micro_batch), theme->of(OpId::combine));
            }
            for (const QRectF &area : laid.layout.hits[0].areas)
                QVERIFY(laid.frame.panel().rect.adjusted(-1, -1, 1, 1).contains(area));
            // A above B, compute above network, later to the right.
            const auto area = [&](OpId id, int micro_batch) { return laid.area(id, micro_batch); };
            QVERIFY(area(OpId::flash_mla, 0).bottom() <= area(OpId::flash_mla, 1).top());
            QVERIFY(area(OpId::flash_mla, 1).bottom() <= area(OpId::combine, 0).top());
            QVERIFY(area(OpId::flash_mla, 0).right() <= area(OpId::flash_mla, 1).left());
        }
    }

    void stays_inside_its_plot_data() { add_sizes_and_points(); }

    void stays_inside_its_plot()
    {
        QFETCH(QSize, size);
        QFETCH(int, points);
        ShownTimeline shown(dual(), Theme::light(), size);
        const QFont font = shown.set_points(points);
        QVERIFY(shown.area_of(shown.block(OpId::flash_mla, 0)).height() >= QFontMetrics(font).height());
        QVERIFY(shown.chart.plot()->axisRect()->rect().width() > size.width() / 2);
        QVERIFY(QFontMetrics(font).horizontalAdvance(shown.chart.plot()->xAxis->label()) <= size.width());
    }

    void axis_shows_the_whole_layer_in_us()
    {
        const auto explored = dual();
        ShownTimeline shown(explored);
        const QCPRange range = shown.chart.plot()->xAxis->range();
        const double us = 1e6 * explored->leading().estimate.blocks.front().time_s;
        QCOMPARE(range.lower, 0.0);
        QVERIFY(range.upper >= us && range.upper <= 1.4 * us);
        const QString label = shown.chart.plot()->xAxis->label();
        const Point &point = explored->leading().shown.point;
        QVERIFY(label.contains(QStringLiteral("EP %1 × %2, dual-mbatch").arg(point.ep).arg(point.batch)));
        QVERIFY(label.endsWith(u"(µs)"));
    }

    void hover_explains_work_and_waiting()
    {
        const auto explored = naive();
        ShownTimeline shown(explored);
        QSignalSpy texts(&shown.chart, &ChartView::hovered), ids(&shown.chart, &ChartView::operator_hovered);
        const TimelineBlock flash_mla = shown.block(OpId::flash_mla, 0);
        shown.hover(shown.area_of(flash_mla).center());
        QVERIFY(!texts.isEmpty());
        const QString text = texts.back().front().toString();
        QVERIFY(
            text.contains(QStringLiteral("FlashMLA: ") + time_text(flash_mla.end_s - flash_mla.start_s, TimeUnit::us)));
        QVERIFY(text.contains(u"(binds)") && text.contains(u"MFU"));
        QCOMPARE(ids.back().front().value<std::optional<OpId>>(), std::optional(OpId::flash_mla));

        const TimelineSeries &series = shown.series;
        const TimelineBlock combine = shown.block(OpId::combine, 0);
        const auto waiting = std::find_if(series.idle.begin(), series.idle.end(),
            [&](const TimelineIdle &idle) { return idle.lane == Lane::compute && idle.window == combine.window; });
        QVERIFY(waiting != series.idle.end());
        shown.hover(shown.area_of(*waiting).center());
        const QString idle = time_text(combine.end_s - combine.start_s, TimeUnit::us);
        QCOMPARE(texts.back().front().toString(),
            QStringLiteral("idle %1: nothing to compute while this is sent").arg(idle));
        QCOMPARE(ids.back().front().value<std::optional<OpId>>(), std::optional<OpId>());
    }

    // Of blocks their time, of what waits for the network how long, of a window all of it.
    void explains_the_number_that_is_shown()
    {
        for (const auto &explored :
            {naive(), explored_with({{"policy", "dual-mbatch"}, {"nic.bandwidth", "5 GB/s"}, {"target_tps", "1"}})}) {
            ShownTimeline shown(explored);
            const TimelineSeries &series = shown.series;
            const auto explained_at = [&](const QRectF &area) {
                const QPoint place = area.center().toPoint();
                const auto number = shown.chart.number_at(shown.chart.plot()->mapToGlobal(place));
                return explain(*scenario_of(*explored, number->whose), number->name).value().value;
            };
            constexpr double rounding = 1e-9; // of times that are differences of places here
            std::size_t seen = 0;
            for (const TimelineBlock &block : series.blocks) {
                if (shown.area_of(block).width() < 4)
                    continue;
                ++seen;
                VERIFY_NEAR(explained_at(shown.area_of(block)), block.end_s - block.start_s, rounding);
            }
            QVERIFY(seen > 4);
            bool waits = false;
            for (const TimelineIdle &idle : series.idle) {
                if (shown.area_of(idle).width() < 4)
                    continue;
                const TimelineWindow &window = series.windows[idle.window];
                const bool for_network = idle.lane == Lane::compute;
                waits = waits || for_network;
                VERIFY_NEAR(explained_at(shown.area_of(idle)),
                    for_network ? idle.end_s - idle.start_s : window.end_s - window.start_s, rounding);
            }
            QVERIFY(waits);
        }
    }

    void hover_names_the_longer_lane()
    {
        ShownTimeline shown(
            explored_with({{"policy", "dual-mbatch"}, {"nic.bandwidth", "5 GB/s"}, {"target_tps", "1"}}));
        QSignalSpy texts(&shown.chart, &ChartView::hovered);
        for (const TimelineIdle &idle : shown.series.idle) {
            if (idle.lane != Lane::compute || shown.area_of(idle).width() < 10)
                continue;
            shown.hover(shown.area_of(idle).center());
            QVERIFY(texts.back().front().toString().endsWith(u": the network of this window lasts longer"));
            return;
        }
        QFAIL("the computation waits nowhere");
    }

    void highlight_dims_the_others()
    {
        const LaidTimeline laid(dual(), Theme::light(), OpId::combine);
        for (const int micro_batch : {0, 1}) {
            QVERIFY(laid.fill(OpId::flash_mla, micro_batch) != Theme::light().of(OpId::flash_mla));
            QCOMPARE(laid.fill(OpId::combine, micro_batch), Theme::light().of(OpId::combine));
        }
    }

    void infeasible_is_greyed_and_named()
    {
        const auto explored = explored_with({{"policy", "dual-mbatch"}, {"target_tps", "500"}});
        QVERIFY(LaidTimeline(explored).fill(OpId::flash_mla, 0) != Theme::light().of(OpId::flash_mla));
        const ShownTimeline shown(explored);
        QVERIFY(shown.chart.plot()->xAxis->label().contains(u"infeasible: target"));
    }

    void table_holds_what_is_shown()
    {
        const LaidTimeline laid(dual());
        const TimelineSeries &series = laid.series;
        const Table table = timeline_scene(laid.input).table();
        QCOMPARE(table.rows.size(), series.blocks.size() + series.idle.size());
        for (std::size_t i = 0; i < table.rows.size(); ++i) {
            const std::vector<TableCell> &cells = table.rows[i].cells;
            QCOMPARE(cells.size(), table.columns.size());
            const bool work = i < series.blocks.size();
            const double start_s = work ? series.blocks[i].start_s : series.idle[i - series.blocks.size()].start_s;
            const double end_s = work ? series.blocks[i].end_s : series.idle[i - series.blocks.size()].end_s;
            VERIFY_SAME(std::get<double>(cells[4]), start_s / 1e-6);
            VERIFY_SAME(std::get<double>(cells[5]), end_s / 1e-6);
        }
    }
};

EPSCOPE_SUITE(timeline_chart, TestTimelineChart)
#include "tst_timeline_chart.moc"
