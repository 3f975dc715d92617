// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/map_scene.h"

#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <qcustomplot.h>

#include "app/charts/colour_map.h"
#include "tests/support/explored.h"
#include "tests/support/explorer.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const MapQuestion small_map{"chip.memory_bandwidth", "context", 24};

constexpr char map_id[] = "map";

MapData data_of(const ChartView &chart)
{
    return map_data(*chart.answer(), *find_metric("throughput"));
}

// Where the lines of the axes meet at a place that the study or the baseline has; empty if they are not there.
QPointF ring_of(const ChartView &chart, const QColor &colour)
{
    for (const Marks::Oval &oval : chart.laid_out().main.of<Marks::Oval>()) {
        if (oval.pen.color() == colour)
            return oval.centre;
    }
    return {};
}

// The published study with the coarse map that the chart would ask for.
struct ShownMap : ShownChart<SceneOf<map_id>> {
    ShownMap()
    {
        const auto explored = explored_with();
        chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|context"_qs);
        chart.set_explored(explored);
        chart.set_answer(answer_to(study_in_question(*explored), small_map));
        show(Theme::light(), {900, 520});
    }
};

} // namespace

class TestMapChart : public QObject {
    Q_OBJECT

private slots:
    void how_far_the_search_is_hides_no_text()
    {
        ShownMap shown;
        shown.chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|cards"_qs);
        settle();
        QVERIFY(shown.chart.is_stale());
        for (const int width : {300, 484, 800}) {
            const QString svg = svg_of(shown.chart, Theme::light(), {0, 0, width, 320});
            QCOMPARE(texts_under(svg, u"searching, "_qs), QStringList());
        }
    }

    // Said once, and no line goes through it.
    void nothing_serves_anywhere()
    {
        const auto explored = explored_with({{"context", "1000000"}});
        ShownChart<SceneOf<map_id>> shown;
        shown.chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|cards"_qs);
        shown.chart.set_explored(explored);
        shown.chart.set_answer(
            answer_to(study_in_question(*explored), MapQuestion{"chip.memory_bandwidth", "cards", 24}));
        shown.show(Theme::light(), {484, 320});
        QVERIFY(!data_of(shown.chart).x.empty() && !data_of(shown.chart).least);
        const QString svg = svg_of(shown.chart, Theme::light(), QRect(QPoint(), shown.chart.plot()->size()));
        const SvgText said = svg_text(svg, u"Nothing is feasible"_qs);
        QCOMPARE(said.text, u"Nothing is feasible anywhere on this map"_qs);
        const QImage image = shown.image();
        for (int x = static_cast<int>(said.box.left()); x < said.box.right(); ++x) {
            for (int y = static_cast<int>(said.box.top()) + 1; y < said.box.bottom() - 1; ++y) {
                const QColor drawn = image.pixelColor(x, y);
                QVERIFY2(drawn.red() - drawn.green() < 60, qPrintable(u"a line at %1, %2"_qs.arg(x).arg(y)));
            }
        }
    }

    void values_are_searches()
    {
        const auto explored = explored_with();
        const Study study = study_in_question(*explored);
        const auto answer = answer_to(study, small_map);
        const auto &map = std::get<Map>(answer->found);
        const MapData data = map_data(*answer, *find_metric("throughput"));
        QCOMPARE(data.values.size(), data.x.size() * data.y.size());
        for (const std::size_t node : {std::size_t{0}, data.values.size() / 2, data.values.size() - 1}) {
            const std::size_t column = node % data.x.size(), row = node / data.x.size();
            Study changed = with(study, map.x.variable.key, map.x.variable.text(map.x.values[column]));
            changed = with(changed, map.y.variable.key, map.y.variable.text(map.y.values[row]));
            const SearchOutcome found = search(changed);
            QCOMPARE(data.values[node].has_value(), !found.winners.empty());
            if (data.values[node])
                VERIFY_SAME(*data.values[node], found.winners.front().throughput_per_card);
            VERIFY_NEAR(data.x[column] * map.x.variable.unit->factor, map.x.values[column], 1e-12);
        }
        VERIFY_NEAR(*data.now_x * map.x.variable.unit->factor, study.chips[0].memory_bandwidth.si(), 1e-12);
    }

    // Each node against a search of its own under the inputs of both.
    void differences_are_searches()
    {
        const auto explored = explored_with();
        const Study study = study_in_question(*explored);
        MapQuestion question = small_map;
        question.size = 6;
        question.against = with(study, "chip.fp8", "1000 TFLOP/s");
        const auto answer = answer_to(study, question);
        const auto &map = std::get<Map>(answer->found);
        for (const char *output : {"throughput", "tpot"}) {
            const Metric &metric = *find_metric(output);
            const MapData data = map_data(*answer, metric);
            QVERIFY(data.difference);
            for (std::size_t node = 0; node < data.values.size(); ++node) {
                const std::size_t column = node % data.x.size(), row = node / data.x.size();
                const auto value_in = [&](const Study &base) {
                    Study changed = with(base, map.x.variable.key, map.x.variable.text(map.x.values[column]));
                    changed = with(changed, map.y.variable.key, map.y.variable.text(map.y.values[row]));
                    return number_of(metric, outcome_of(changed));
                };
                const std::optional<double> now = value_in(study), before = value_in(*question.against);
                QCOMPARE(data.values[node].has_value(), now && before);
                if (now && before)
                    VERIFY_SAME(*data.values[node], *now / *before - 1);
            }
            QVERIFY(output == std::string("throughput") ? *data.most > 0 : *data.least < 0);
        }
    }

    // The coarse nodes of both come before either is refined.
    void differences_come_early()
    {
        const auto explored = explored_with();
        const Study study = study_in_question(*explored);
        MapQuestion question = small_map;
        question.size = 70;
        question.against = with(study, "chip.fp8", "1000 TFLOP/s");
        std::vector<std::shared_ptr<const Answer>> parts;
        double last = 0;
        Running running;
        bool grows = true;
        running.progress = [&](std::size_t done, std::size_t all) {
            const double part = static_cast<double>(done) / static_cast<double>(all);
            grows = grows && part >= last && part <= 1;
            last = part;
        };
        const auto answer = answer_to(
            study, question, running, [&](const std::shared_ptr<const Answer> &part) { parts.push_back(part); });
        QVERIFY(grows && last > 0.5);
        QCOMPARE(parts.size(), std::size_t{1});
        const auto &now = std::get<Map>(parts[0]->found), &then = std::get<Map>(*parts[0]->against);
        QCOMPARE(now.stride, std::size_t{2});
        QCOMPARE(then.stride, std::size_t{2});
        QCOMPARE(now.known(), std::size_t{35 * 35});
        QCOMPARE(then.known(), now.known());
        const MapData coarse = map_data(*parts[0], *find_metric("throughput")),
                      fine = map_data(*answer, *find_metric("throughput"));
        QVERIFY(coarse.difference && fine.difference);
        QCOMPARE(coarse.values.size(), std::size_t{35 * 35});
        QCOMPARE(fine.values.size(), std::size_t{70 * 70});
        for (std::size_t row = 0; row < 35; ++row) {
            for (std::size_t column = 0; column < 35; ++column)
                QVERIFY(coarse.values[row * 35 + column] == fine.values[2 * row * 70 + 2 * column]);
        }
    }

    void the_baselines_point_is_crossed_too()
    {
        const auto explored = explored_with();
        const PinnedBaselines baselines =
            only_baseline(explored_with({{"chip.H800.memory_bandwidth", "4 TB/s"}}), u"Then"_qs);
        ChartView chart(*find_chart_kind("map"));
        chart.resize(900, 520);
        chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|context"_qs);
        chart.set_result(explored, baselines);
        chart.set_answer(answer_to(study_in_question(*explored), small_map));
        chart.show();
        settle();
        const double unit = std::get<Map>(chart.answer()->found).x.variable.unit->factor;
        const FramePanel panel = chart.frame().panel();
        const auto context = static_cast<double>(published_study().workload.context);
        QCOMPARE(ring_of(chart, Theme::light().baseline(baselines.primary()->mark)), panel.pixel(4e12 / unit, context));
        QCOMPARE(ring_of(chart, Theme::light().warning), panel.pixel(*data_of(chart).now_x, context));
        QVERIFY(*data_of(chart).now_x * unit != 4e12);
    }

    void difference_to_the_baseline_in_the_window()
    {
        const Folder folder;
        Explorer explorer(folder.path());
        explorer.show();
        explorer.search_little();
        ChartView &chart = explorer.chart("map");
        qobject_cast<QDockWidget *>(chart.parentWidget())->raise();
        chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|chip.memory"_qs);
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), 60000);
        auto *difference = chart.findChild<QToolButton *>();
        QVERIFY(!difference->isEnabled());
        QTest::keyClick(&explorer.window, Qt::Key_B);
        QTRY_VERIFY(difference->isEnabled());
        explorer.set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
        explorer.answer();
        QTest::mouseClick(difference, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(
            chart.answer() && !chart.is_stale() && chart.answer()->against && chart.answer()->complete, 60000);
        QApplication::processEvents();
        QVERIFY(data_of(chart).difference);
        QVERIFY(*data_of(chart).most > 0);
        // Without a baseline the map is itself again.
        QTest::keyClick(&explorer.window, Qt::Key_B, Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!chart.is_stale() && !chart.answer()->against, 60000);
        QVERIFY(!difference->isEnabled());
    }

    void lines_lie_between_their_levels()
    {
        const ShownMap shown;
        const MapData data = data_of(shown.chart);
        QVERIFY(!data.lines.empty());
        for (const MapLine &line : data.lines) {
            QVERIFY(line.level > *data.least && line.level < *data.most);
            for (const QPointF &point : line.points)
                QVERIFY(point.x() >= data.x.front() && point.x() <= data.x.back() && point.y() >= data.y.front()
                    && point.y() <= data.y.back());
        }
        std::size_t nodes = 0;
        for (const MapRegion &region : data.regions)
            nodes += region.nodes;
        QCOMPARE(nodes,
            static_cast<std::size_t>(std::count_if(
                data.values.begin(), data.values.end(), [](const auto &value) { return value.has_value(); })));
    }

    void colours_follow_the_value()
    {
        ShownMap shown;
        const MapData data = data_of(shown.chart);
        const QImage image = shown.image();
        const auto highest = std::max_element(data.values.begin(), data.values.end()) - data.values.begin();
        const auto node = static_cast<std::size_t>(highest);
        const QPointF at = shown.chart.laid_out().hits.front().areas[node].center();
        // At the border the cell is half: a pixel inside.
        const QRectF area = shown.chart.frame().panel().rect;
        const QPointF inside(std::clamp(at.x(), area.left() + 2, area.right() - 4),
            std::clamp(at.y(), area.top() + 2, area.bottom() - 4));
        const QColor colour = image.pixelColor(inside.toPoint());
        QVERIFY(colour.lightness() > viridis(0.5).lightness() || colour.hue() < viridis(0.5).hue());
    }

    void viridis_grows_lighter()
    {
        QCOMPARE(viridis(0), QColor(0x44, 0x01, 0x54));
        QCOMPARE(viridis(1), QColor(0xfd, 0xe7, 0x25));
        for (int i = 0; i < 20; ++i)
            QVERIFY(luminance(viridis(i / 20.)) < luminance(viridis((i + 1) / 20.)));
    }

    void a_click_names_both_numbers()
    {
        ShownMap shown;
        QSignalSpy picked(&shown.chart, &ChartView::inputs_picked);
        const auto &map = std::get<Map>(shown.chart.answer()->found);
        const std::size_t column = 5, row = 7;
        const QPointF at = shown.chart.laid_out().hits.front().areas[row * map.x.values.size() + column].center();
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, at.toPoint());
        QCOMPARE(picked.size(), 1);
        const auto inputs = picked[0][0].value<SetInputs>();
        QCOMPARE(inputs.values[0].first.toStdString(), map.x.variable.key);
        QCOMPARE(inputs.values[0].second.toStdString(), map.x.variable.text(map.x.values[column]));
        QCOMPARE(inputs.values[1].first.toStdString(), map.y.variable.key);
        QCOMPARE(inputs.values[1].second.toStdString(), map.y.variable.text(map.y.values[row]));
    }

    void table_has_every_node()
    {
        const ShownMap shown;
        const TableTexts table = texts_of(shown.chart.table());
        QCOMPARE(table.rows.size(), data_of(shown.chart).values.size());
        QCOMPARE(table.rows.front().size(), table.header.size());
    }

    // In the window: asked for once seen, refined, and the point of a click taken over in one step.
    void jumps_there()
    {
        const Folder folder;
        Explorer explorer(folder.path());
        explorer.show();
        explorer.search_little();
        ChartView &chart = explorer.chart("map");
        QVERIFY(!chart.answer());
        qobject_cast<QDockWidget *>(chart.parentWidget())->raise();
        chart.set_option(u"map.axes"_qs, u"chip.memory_bandwidth|chip.memory"_qs);
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), 60000);
        QApplication::processEvents();
        QSignalSpy changes(&explorer.session(), &Session::inputs_changed);
        const auto answer = chart.answer();
        const auto &map = std::get<Map>(answer->found);
        const std::size_t node = 20;
        const std::size_t columns = (map.x.values.size() + map.stride - 1) / map.stride;
        const QPoint at = chart.laid_out().hits.front().areas[node * columns + node].center().toPoint();
        const std::string text = map.x.variable.text(map.x.values[node * map.stride]);
        QTest::mouseClick(chart.plot(), Qt::LeftButton, {}, at);
        QCOMPARE(changes.size(), 1);
        QCOMPARE(*parameter_text(explorer.study(), map.x.variable.key), text);
        explorer.answer();
    }
};

EPSCOPE_SUITE(map_chart, TestMapChart)
#include "tst_map_chart.moc"
