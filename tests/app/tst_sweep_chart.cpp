// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/sweep_scene.h"

#include <cmath>

#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "core/quantity.h"
#include "tests/support/explored.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// Batches that reach beyond both the target and the memory.
std::shared_ptr<const Explored> wide()
{
    return explored_with({{"batch", "8..512:8"}});
}

constexpr char sweep_id[] = "sweep";

struct ShownSweep : ShownChart<SceneOf<sweep_id>> {
    using ShownChart::ShownChart;

    QPointF pixel_of(const SweepPoint &point, SweepPanel which) const
    {
        return chart.frame()
            .panel(static_cast<std::size_t>(which))
            .pixel(static_cast<double>(point.batch), value_of(point, which));
    }
    QRect panel(SweepPanel which) const { return chart.plot()->axisRect(static_cast<int>(which))->rect(); }
};

constexpr std::array panels{SweepPanel::ux, SweepPanel::throughput, SweepPanel::step};

} // namespace

class TestSweepChart : public QObject {
    Q_OBJECT

private slots:
    void the_points_are_the_engines()
    {
        const auto explored = wide();
        const SweepData data = sweep_data(*explored);
        const ChipView &lead = explored->leading();
        QCOMPARE(data.points.size(), explored->searched.search.batch.size());
        QCOMPARE(data.max_batch, lead.estimate.memory.max_batch);
        QCOMPARE(data.target_tps, 20.0);
        QVERIFY(data.configuration.contains(QString::fromStdString(lead.scenario.chip.name)));
        QVERIFY(data.configuration.contains(QStringLiteral("EP %1").arg(lead.shown.point.ep)));
        double before = 0;
        for (const SweepPoint &point : data.points) {
            Scenario scenario = lead.scenario;
            scenario.point.batch = point.batch;
            const Estimate full = estimate(scenario);
            QCOMPARE(point.step_s, full.step_s);
            QCOMPARE(value_of(point, SweepPanel::ux), full.ux_tps);
            QCOMPARE(value_of(point, SweepPanel::throughput), full.throughput_per_card);
            QCOMPARE(value_of(point, SweepPanel::step), 1e3 * full.step_s);
            QCOMPARE(!point.reason, full.feasible());
            QCOMPARE(point.falls, full.step_s < before);
            before = full.step_s;
        }
        QCOMPARE(data.marked.batch, lead.shown.point.batch);
        QCOMPARE(data.marked.step_s, lead.estimate.step_s);
        QVERIFY(!data.marked.reason);
    }

    void labels_of_the_values_do_not_touch_data()
    {
        QTest::addColumn<int>("height");
        QTest::addColumn<bool>("labelled");
        QTest::newRow("low") << 230 << false;
        QTest::newRow("usual") << 480 << true;
        QTest::newRow("high") << 900 << true;
    }
    void labels_of_the_values_do_not_touch()
    {
        QFETCH(int, height);
        QFETCH(bool, labelled);
        ShownSweep shown(wide());
        shown.chart.resize(480, height);
        settle();
        for (const SweepPanel panel : panels) {
            const QCPAxis &axis = *shown.chart.plot()->axisRect(static_cast<int>(panel))->axis(QCPAxis::atLeft);
            QCOMPARE(axis.tickLabels(), labelled);
            QVector<double> ticks;
            QVector<QString> labels;
            axis.ticker()->generate(axis.range(), QLocale::c(), u'g', 6, ticks, nullptr, &labels);
            QVERIFY(ticks.size() > 1);
            const double apart = axis.coordToPixel(ticks[0]) - axis.coordToPixel(ticks[1]);
            QVERIFY2(!labelled || apart >= QFontMetrics(axis.tickLabelFont()).height(), qPrintable(labels.join(u' ')));
        }
    }

    void the_table_holds_full_precision()
    {
        const auto explored = wide();
        const Table table = sweep_scene(scene_input(sweep_id, explored, Theme::light())).table();
        const std::vector<SweepPoint> &sweep = explored->leading().sweep;
        QCOMPARE(table.rows.size(), sweep.size());
        for (std::size_t i = 0; i < sweep.size(); ++i) {
            const std::vector<TableCell> &cells = table.rows[i].cells;
            QCOMPARE(cells.size(), table.columns.size());
            QCOMPARE(std::get<std::int64_t>(cells[0]), sweep[i].batch);
            QCOMPARE(std::get<double>(cells[3]), sweep[i].step_s);
            QCOMPARE(text_of(cells[4]), sweep[i].falls ? QStringLiteral("true") : QStringLiteral("false"));
            QCOMPARE(text_of(cells[5]).isEmpty(), !sweep[i].reason);
        }
    }

    void a_click_in_any_panel_picks_the_batch()
    {
        const auto explored = wide();
        ShownSweep shown(explored);
        const ChipView &lead = explored->leading();
        for (const SweepPanel panel : panels) {
            QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
            const SweepPoint &point = lead.sweep[5 + static_cast<std::size_t>(panel)];
            const QPoint at(qRound(shown.pixel_of(point, panel).x()), shown.panel(panel).center().y());
            QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, at);
            QCOMPARE(picked.size(), 1);
            const auto selection = picked[0][0].value<Selection>();
            Point expected = lead.shown.point;
            expected.batch = point.batch;
            QVERIFY(selection.point == expected);
            QCOMPARE(selection.chip, lead.scenario.chip.name);
            QCOMPARE(selection.nic, lead.scenario.nic.name);
        }
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, QPoint(2, 2));
        QCOMPARE(picked.size(), 0);
    }

    void hovering_tells_all_three_values()
    {
        const auto explored = wide();
        ShownSweep shown(explored);
        QSignalSpy hovered(&shown.chart, &ChartView::hovered);
        const SweepPoint &point = explored->leading().sweep[7];
        shown.hover(
            QPoint(qRound(shown.pixel_of(point, SweepPanel::step).x()), shown.panel(SweepPanel::step).center().y()));
        QVERIFY(!hovered.isEmpty());
        const QString text = hovered.last()[0].toString();
        for (const QString &part :
            QStringList{QStringLiteral("batch %1").arg(point.batch),
                QString::fromStdString(short_text(point.ux_tps, Dimension::count)) + u" tok/s per user"_qs,
                QString::fromStdString(short_text(point.throughput_per_card, Dimension::count)) + u" tok/s per card"_qs,
                QString::fromStdString(short_text(1e3 * point.step_s, Dimension::count)) + u" ms per step"_qs})
            QVERIFY2(text.contains(part), qPrintable(QString(text + u" lacks "_qs + part)));
    }

    void what_is_infeasible_or_falls_says_so()
    {
        // At EP 256 H800 steps shorten where a batch reaches DeepGEMM's next row.
        const auto explored = explored_with({{"batch", "8..512:8"}, {"ep", "256"}});
        ShownSweep shown(explored);
        const std::vector<SweepPoint> &sweep = explored->leading().sweep;
        QSignalSpy hovered(&shown.chart, &ChartView::hovered);
        int falls = 0;
        for (const SweepPoint &point : sweep) {
            if (point.batch != sweep.back().batch && !point.falls)
                continue;
            falls += point.falls;
            shown.hover(
                QPoint(qRound(shown.pixel_of(point, SweepPanel::ux).x()), shown.panel(SweepPanel::ux).center().y()));
            const QString text = hovered.last()[0].toString();
            QCOMPARE(text.contains(QStringLiteral("step time falls here")), point.falls);
            QCOMPARE(text.contains(u'✕'), point.reason.has_value());
        }
        QVERIFY(falls > 0);
        QVERIFY(sweep.back().reason);
    }

    void the_panels_share_the_batch_axis()
    {
        ShownSweep shown(wide());
        QCustomPlot &plot = *shown.chart.plot();
        QCOMPARE(plot.axisRectCount(), 3);
        plot.axisRect(2)->axis(QCPAxis::atBottom)->setRange(40, 80);
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(plot.axisRect(i)->axis(QCPAxis::atBottom)->range(), QCPRange(40, 80));
            QCOMPARE(plot.axisRect(i)->left(), plot.axisRect(0)->left());
            QCOMPARE(plot.axisRect(i)->right(), plot.axisRect(0)->right());
        }
    }

    void keys_step_through_the_batches()
    {
        const auto explored = wide();
        ShownSweep shown(explored);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right);
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].value<Selection>().point.batch, explored->leading().shown.point.batch + 8);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Left);
        QCOMPARE(picked.size(), 2);
        QCOMPARE(picked[1][0].value<Selection>().point.batch, explored->leading().shown.point.batch - 8);
    }

    void batches_beyond_the_memory_are_hatched()
    {
        const auto explored = wide();
        const SweepData data = sweep_data(*explored);
        QVERIFY(data.max_batch < data.points.back().batch && data.max_batch > 100);
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            const Scene scene = sweep_scene(scene_input(sweep_id, explored, *theme));
            const Frame frame = plain_frame(scene, {900, 500});
            const std::vector<Marks::Hatch> hatches = scene.layout(frame).background.of<Marks::Hatch>();
            for (const FramePanel &panel : frame.panels) {
                const QRectF area = panel.area();
                QRectF beyond = area;
                beyond.setLeft(panel.x.pixel(static_cast<double>(data.max_batch)));
                QCOMPARE(
                    std::count_if(hatches.begin(), hatches.end(),
                        [&](const Marks::Hatch &each) { return each.area == beyond && each.colour == theme->grid; }),
                    1);
            }
            // What is too slow too, of the first panel alone.
            QCOMPARE(hatches.size(), std::size_t{4});
            QVERIFY(frame.panel().area().contains(hatches.back().area));
            QCOMPARE(hatches.back().area.top(), frame.panel().y.pixel(data.target_tps));
        }
    }

    void an_infeasible_configuration_is_still_drawn()
    {
        const auto explored = explored_with({{"context", "1000000"}, {"batch", "8..512:8"}});
        QCOMPARE(explored->outcome.feasible, std::uint64_t(0));
        const ShownSweep shown(explored);
        const SweepData data = sweep_data(*explored);
        QVERIFY(data.marked.reason == Reason::memory);
        for (const SweepPanel panel : panels) {
            for (const SweepPoint &point : data.points) {
                const QPointF at = shown.pixel_of(point, panel);
                QVERIFY(std::isfinite(at.x()) && std::isfinite(at.y()));
                QVERIFY(shown.panel(panel).adjusted(-1, -1, 1, 1).contains(at.toPoint()));
            }
        }
    }

    // The chart tells what other batches would do although none was searched.
    void a_fixed_batch_is_swept_beyond_what_fits_data()
    {
        QTest::addColumn<QString>("batch");
        QTest::addColumn<QString>("memory");
        QTest::newRow("one") << QStringLiteral("64") << QStringLiteral("80 GB");
        QTest::newRow("two") << QStringLiteral("30, 63") << QStringLiteral("80 GB");
        QTest::newRow("more than fit") << QStringLiteral("1000") << QStringLiteral("80 GB");
        QTest::newRow("none fits") << QStringLiteral("64") << QStringLiteral("10 GB");
        QTest::newRow("many fit") << QStringLiteral("64") << QStringLiteral("400 GB");
    }
    void a_fixed_batch_is_swept_beyond_what_fits()
    {
        QFETCH(QString, batch);
        QFETCH(QString, memory);
        const auto explored = explored_with({{"batch", batch.toStdString()}, {"chip.memory", memory.toStdString()}});
        ShownSweep shown(explored);
        const SweepData data = sweep_data(*explored);
        QVERIFY(data.points.size() >= 64 && data.points.size() <= 75);
        QVERIFY(data.points.back().batch > data.max_batch && data.points.back().batch >= data.marked.batch);
        for (std::size_t i = 1; i < data.points.size(); ++i)
            QVERIFY(data.points[i - 1].batch < data.points[i].batch);
        for (const std::int64_t searched : explored->searched.search.batch)
            QVERIFY(std::any_of(data.points.begin(), data.points.end(),
                [&](const SweepPoint &point) { return point.batch == searched; }));
        SweepPoint limit;
        limit.batch = data.max_batch;
        QVERIFY(shown.panel(SweepPanel::ux)
                    .adjusted(-1, 0, 1, 0)
                    .contains(
                        qRound(shown.pixel_of(limit, SweepPanel::step).x()), shown.panel(SweepPanel::ux).center().y()));
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Left);
        QCOMPARE(picked.size(), 1);
    }

    void it_follows_the_selection()
    {
        const auto explored = wide();
        ShownSweep shown(explored);
        Selection selection{
            explored->searched.chips[1].name, explored->searched.nics[0].name, explored->chips[1].front.front().point};
        shown.chart.set_explored(explored_with({{"batch", "8..512:8"}}, selection));
        settle();
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right);
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].value<Selection>().chip, selection.chip);
        QCOMPARE(picked[0][0].value<Selection>().point.batch, selection.point.batch + 8);
    }

    // The tags of the batch and of the largest that fits stand side by side, also where both are the same.
    void the_tags_keep_apart_data()
    {
        QTest::addColumn<QString>("context");
        QTest::addColumn<QString>("batch");
        QTest::newRow("the memory is full far behind it") << QStringLiteral("5120") << QStringLiteral("16..256:16");
        QTest::newRow("the memory is full there") << QStringLiteral("131072") << QStringLiteral("16..128:8");
        QTest::newRow("the memory is full before it") << QStringLiteral("131072") << QStringLiteral("32..128:8");
    }
    void the_tags_keep_apart()
    {
        QFETCH(QString, context);
        QFETCH(QString, batch);
        ShownSweep shown(explored_with({{"context", context.toStdString()}, {"batch", batch.toStdString()}}));
        const QString svg = svg_of(shown.chart);
        const QRectF tag_of_batch = svg_text(svg, u"batch "_qs).box, full = svg_text(svg, u"memory full at "_qs).box;
        QVERIFY(!tag_of_batch.isEmpty() && !full.isEmpty());
        constexpr double padding = 10; // of both
        QVERIFY2(tag_of_batch.right() + padding <= full.left() || full.right() + padding <= tag_of_batch.left(),
            qPrintable(u"%1 to %2, %3 to %4"_qs.arg(tag_of_batch.left())
                           .arg(tag_of_batch.right())
                           .arg(full.left())
                           .arg(full.right())));
    }

    void the_ring_is_there_up_to_the_edge_of_the_axes()
    {
        const auto explored = explored_with();
        ShownSweep shown(explored);
        for (const SweepPanel panel : panels) {
            const SweepData data = sweep_data(*explored);
            QCPAxisRect &rect = *shown.chart.plot()->axisRect(static_cast<int>(panel));
            QCPAxis &y = *rect.axis(QCPAxis::atLeft);
            y.setRange(0, value_of(data.marked, panel));
            shown.chart.plot()->replot();
            const QPointF at = shown.pixel_of(data.marked, panel);
            QCOMPARE(QColor(shown.pixel(at + QPointF(0, 8))), Theme::light().chip(data.mark));
        }
    }

    void an_export_is_all_vectors_and_says_what_is_shown()
    {
        ShownSweep shown(wide());
        const QString svg = svg_of(shown.chart);
        QVERIFY(!svg.contains(QStringLiteral("<image")));
        const SweepData data = sweep_data(*wide());
        for (const QString &text : QStringList{u"Tokens/s per user (tok/s)"_qs, u"Throughput per card (tok/s)"_qs,
                 u"Step time (ms)"_qs, QStringLiteral("memory full at %1").arg(data.max_batch),
                 QStringLiteral("batch %1").arg(data.marked.batch), QStringLiteral("target 20.0 tok/s"),
                 QStringLiteral("Batch per card")})
            QVERIFY2(svg.contains(text), qPrintable(text));
    }
};

EPSCOPE_SUITE(sweep_chart, TestSweepChart)
#include "tst_sweep_chart.moc"
