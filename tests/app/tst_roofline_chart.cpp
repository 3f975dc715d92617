// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/roofline_scene.h"
#include "app/words/text.h"

#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "core/model/machine.h"
#include "core/spec/parameters.h"
#include "tests/support/explorer.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr char roofline_id[] = "roofline";

struct ShownRoofline : ShownChart<SceneOf<roofline_id>> {
    explicit ShownRoofline(const Study &study, QSize size = {900, 500}, const std::optional<Study> &then = {})
    {
        const PinnedBaselines baselines =
            then ? only_baseline(explore({*then, std::nullopt}), u"Then"_qs) : PinnedBaselines();
        chart.set_result(explore({study, std::nullopt}), baselines);
        show(Theme::light(), size);
    }
    // The side list: a row an operator.
    const Hits &rows() const { return chart.laid_out().hits.at(2); }
};

RooflineData data_of(const Study &study)
{
    const auto explored = explore({study, std::nullopt});
    return roofline_data(explored->leading().scenario, explored->leading().estimate);
}

QRectF box_of(const Marks::Text &text)
{
    const QFontMetricsF metrics(text.font);
    const QSizeF size(metrics.horizontalAdvance(text.text), metrics.height());
    if (text.box.isNull())
        return {text.at - QPointF(0, metrics.ascent()), size};
    QRectF box(QPointF(), size);
    box.moveCenter(text.box.center());
    if (text.alignment & Qt::AlignRight)
        box.moveRight(text.box.right());
    return box;
}

const OperatorEstimate &operator_in(const Estimate &estimate, BlockKind block, OpId id)
{
    for (const BlockEstimate &each : estimate.blocks) {
        for (const OperatorEstimate &op : each.operators) {
            if (each.kind == block && op.id == id)
                return op;
        }
    }
    throw std::runtime_error("no such operator");
}

const RooflinePoint &point_of(const std::vector<RooflinePoint> &points, OpId id)
{
    for (const RooflinePoint &point : points) {
        if (point.id == id)
            return point;
    }
    throw std::runtime_error("no such point");
}

} // namespace

class TestRooflineChart : public QObject {
    Q_OBJECT

private slots:
    // By the equations of model 2026 near transfers take the scale-up links, collectives among them.
    void collectives_are_under_the_links()
    {
        for (const char *model : {"llama-3.1-70b", "gpt-oss-120b", "deepseek-v4-pro", "qwen3.5-397b", "kimi-k3"}) {
            const Study study = study_2026(model, {{"tp", "16"}});
            const auto explored = explore({study, std::nullopt});
            const ChipView &view = explored->leading();
            const RooflineData data = roofline_data(view.scenario, view.estimate);
            QVERIFY(data.find(RoofKind::scale_up) && data.find(RoofKind::nic));
            for (const OpId id : {OpId::all_reduce, OpId::all_reduce_ffn}) {
                const OperatorEstimate &op = operator_in(view.estimate, view.estimate.blocks.front().kind, id);
                double sent = 0;
                for (const RooflinePoint &point : data.transfers) {
                    if (point.id == id) {
                        sent += point.achieved * op.time_s;
                        QVERIFY(point.achieved <= point.attainable && point.attainable <= point.roof);
                    }
                }
                VERIFY_NEAR(sent, op.bytes_sent, 1e-12);
                QVERIFY(op.bytes_near > 0 && op.bytes_near < op.bytes_sent); // 16 cards in domains of 8
            }
            const Scene scene = roofline_scene(scene_input(roofline_id, explored, Theme::light()));
            QVERIFY(!laid_out(scene, {900, 500}, true).hits.empty());
            QStringList names;
            for (const TableRow &row : scene.table().rows)
                names << text_of(row.cells[0]);
            QVERIFY2(names.contains(u"All-reduce after attention"_qs), model);
        }
        // Without such links all of them take the NIC.
        Study study = study_2026("llama-3.1-70b", {{"tp", "8"}});
        study.chips[0].scale_up_bandwidth = std::nullopt;
        study.chips[0].scale_up_domain = 8;
        const RooflineData data = data_of(study);
        QVERIFY(!data.find(RoofKind::scale_up));
        QVERIFY(point_of(data.transfers, OpId::all_reduce).under == RoofKind::nic);
    }

    void points_lie_where_their_times_put_them()
    {
        for (const char *name : {"published-v1", "calibrated"}) {
            const auto explored = explore({study_named(name), std::nullopt});
            const ChipView &view = explored->leading();
            const Machine machine = resolve(view.scenario.profile, view.scenario.chip, view.scenario.nic);
            const RooflineData data = roofline_data(view.scenario, view.estimate);
            QVERIFY(data.points.size() > 8);
            VERIFY_SAME(data.find(RoofKind::memory)->value, machine.memory_bandwidth);
            VERIFY_SAME(data.find(RoofKind::bf16)->value, machine.bf16);
            VERIFY_SAME(data.find(RoofKind::nic)->value, machine.nic_bandwidth);
            for (const RooflinePoint &point : data.points) {
                const OperatorEstimate &op = operator_in(view.estimate, point.block, point.id);
                VERIFY_NEAR(point.intensity * op.bytes_moved, op.flops, 1e-12);
                VERIFY_NEAR(point.achieved * op.time_s, op.flops, 1e-12);
                VERIFY_NEAR(
                    point.roof, std::min(op.rate->flops, op.flops / op.bytes_moved * machine.memory_bandwidth), 1e-12);
                // Nothing is faster than its efficiencies allow, and those leave no more than the roof: up to the
                // imbalance of the busiest card.
                QVERIFY(point.achieved <= point.attainable * (1 + 1e-12));
                QVERIFY(point.attainable <= point.roof * (1 + 1e-12));
            }
            for (const RooflinePoint &point : data.transfers) {
                const OperatorEstimate &op = operator_in(view.estimate, point.block, point.id);
                const double bytes = point.under == RoofKind::scale_up ? op.bytes_near : op.bytes_sent - op.bytes_near;
                VERIFY_NEAR(point.achieved * op.time_s, bytes, 1e-12);
                QVERIFY(point.attainable <= data.find(point.under)->reachable * (1 + 1e-12));
            }
        }
    }

    // The published profile has no overheads: what is attainable is achieved, and the NIC is used in full.
    void published_operators_reach_what_is_attainable()
    {
        const auto explored = explore({published_study(), std::nullopt});
        const ChipView &view = explored->leading();
        const RooflineData data = roofline_data(view.scenario, view.estimate);
        for (const RooflinePoint &point : data.points)
            VERIFY_NEAR(point.achieved, point.attainable, 1e-12);
        QCOMPARE(data.transfers.size(), std::size_t{2});
        VERIFY_NEAR(point_of(data.transfers, OpId::dispatch).achieved, data.find(RoofKind::nic)->value, 1e-12);
        VERIFY_NEAR(point_of(data.transfers, OpId::combine).achieved, data.find(RoofKind::nic)->value, 1e-12);
        QVERIFY(!data.find(RoofKind::scale_up));
    }

    void a_domain_has_two_links()
    {
        Study study = study_named("calibrated");
        const auto h800 =
            std::find_if(study.chips.begin(), study.chips.end(), [](const Chip &chip) { return chip.name == "H800"; });
        study.chips = {*h800};
        study = with(study, "ep", "64"); // eight cards a domain
        const auto explored = explore({study, std::nullopt});
        const ChipView &view = explored->leading();
        const RooflineData data = roofline_data(view.scenario, view.estimate);
        QCOMPARE(data.transfers.size(), std::size_t{4});
        VERIFY_SAME(data.find(RoofKind::scale_up)->reachable,
            data.find(RoofKind::scale_up)->value * study.profile.scale_up_efficiency);
        // 7 of 63 destinations are near.
        const OperatorEstimate &op = operator_in(view.estimate, data.transfers.front().block, OpId::dispatch);
        VERIFY_NEAR(op.bytes_near / op.bytes_sent, 7. / 63, 1e-12);
        QVERIFY(!data.moves.empty()); // the norms
    }

    void table_has_roofs_and_operators()
    {
        const ShownRoofline shown(published_study());
        const TableTexts table = texts_of(shown.chart.table());
        const RooflineData data = data_of(published_study());
        QCOMPARE(table.rows.size(), data.roofs.size() + data.points.size() + data.moves.size() + data.transfers.size());
        for (const QStringList &row : table.rows)
            QCOMPARE(row.size(), table.header.size());
    }

    void labels_never_overlap_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("large") << QSize(1200, 700);
        QTest::newRow("dock") << QSize(512, 330);
        QTest::newRow("small") << QSize(340, 220);
    }

    void labels_never_overlap()
    {
        QFETCH(QSize, size);
        struct Case {
            const char *name;
            std::optional<Study> then;
        };
        const Study other = with(
            with(with(study_named("explore"), "chip.H800.fp8", "1000 TFLOP/s"), "chip.H800.memory_bandwidth", "2 TB/s"),
            "context", "20000");
        for (const auto &[name, then] :
            {Case{"published-v1", {}}, Case{"explore", {}}, Case{"calibrated", {}}, Case{"explore", other}}) {
            const ShownRoofline shown(study_named(name), size, then);
            std::vector<QRectF> boxes;
            for (const Marks::Text &text : shown.chart.laid_out().main.of<Marks::Text>())
                boxes.push_back(box_of(text));
            QVERIFY2(boxes.size() > 2, name);
            for (std::size_t i = 0; i < boxes.size(); ++i) {
                for (std::size_t k = i + 1; k < boxes.size(); ++k) {
                    const QRectF common = boxes[i] & boxes[k];
                    QVERIFY2(common.width() < 1e-6 || common.height() < 1e-6, name);
                }
            }
        }
    }

    // Roofs, points and their changes against estimates of both studies.
    void a_baseline_stands_beside()
    {
        const Study then =
            with(with(published_study(), "chip.H800.fp8", "1000 TFLOP/s"), "nic.CX7 400Gbps.bandwidth", "25 GB/s");
        const ShownRoofline shown(published_study(), {900, 500}, then);
        const auto was = explore({then, std::nullopt}), is = explore({published_study(), std::nullopt});
        const ChipView &now = is->leading();
        const auto view = std::find_if(was->chips.begin(), was->chips.end(),
            [&](const ChipView &each) { return each.scenario.chip.name == now.scenario.chip.name; });
        const RooflineData before = roofline_data(view->scenario, view->estimate),
                           data = roofline_data(now.scenario, now.estimate);
        VERIFY_SAME(before.find(RoofKind::nic)->value,
            resolve(view->scenario.profile, view->scenario.chip, view->scenario.nic).nic_bandwidth);
        const auto achieved = [](const Estimate &estimate, OpId id) {
            for (const BlockEstimate &block : estimate.blocks) {
                for (const OperatorEstimate &op : block.operators) {
                    if (op.id == id)
                        return (op.flops > 0 && op.bytes_moved > 0 ? op.flops
                                       : op.bytes_sent > 0         ? op.bytes_sent
                                                                   : op.bytes_moved)
                            / op.time_s;
                }
            }
            return 0.0;
        };
        for (const std::vector<RooflinePoint> *points : {&data.points, &data.moves, &data.transfers}) {
            for (const RooflinePoint &point : *points) {
                VERIFY_NEAR(before.find(point)->achieved, achieved(view->estimate, point.id), 1e-12);
                VERIFY_NEAR(point.achieved, achieved(now.estimate, point.id), 1e-12);
            }
        }
        int told = 0;
        for (std::size_t i = 0; i < shown.rows().areas.size(); ++i) {
            const Hover hover = shown.rows().about(i);
            const auto change =
                change_of(achieved(view->estimate, *hover.operator_id), achieved(now.estimate, *hover.operator_id));
            QVERIFY(change);
            QVERIFY2(hover.text.contains(change_text(*change) + u" against "_qs), qPrintable(hover.text));
            told += change->slight(0.01) ? 0 : 1;
        }
        QVERIFY(told > 0);
        const QStringList texts = shown.chart.laid_out().main.texts();
        QVERIFY(std::any_of(texts.begin(), texts.end(), [](const QString &text) { return text.startsWith(u"NIC"); }));
        QVERIFY(texts.contains(
            change_text(*change_of(before.find(RoofKind::nic)->value, data.find(RoofKind::nic)->value))));
        // Both are on the axes, and in the table.
        const std::vector<QRectF> &places = shown.chart.laid_out().hits.at(1).areas;
        QCOMPARE(places.size(), before.points.size() + before.transfers.size());
        const auto inside = [&](const QRectF &place) {
            return shown.chart.frame().panel().rect.contains(place.center());
        };
        QVERIFY(std::all_of(places.begin(), places.begin() + std::ssize(before.points), inside));
        const TableTexts table = texts_of(shown.chart.table());
        const auto of_it = std::count_if(
            table.rows.begin(), table.rows.end(), [](const QStringList &row) { return row.back() == u"Then"; });
        QCOMPARE(static_cast<std::size_t>(of_it),
            before.roofs.size() + before.points.size() + before.moves.size() + before.transfers.size());
        for (const QStringList &row : table.rows)
            QCOMPARE(row.size(), table.header.size());
    }

    void rows_and_points_light_their_operator()
    {
        ShownRoofline shown(published_study());
        QSignalSpy lit(&shown.chart, &ChartView::operator_hovered);
        QTest::mouseMove(shown.chart.plot(), shown.rows().areas.at(3).center().toPoint());
        QVERIFY(!lit.isEmpty());
        QVERIFY(lit.back().front().value<std::optional<OpId>>() == shown.rows().about(3).operator_id);
        const QRectF point = area_of(shown.chart.laid_out(), 0, OpId::routed_up);
        QTest::mouseMove(shown.chart.plot(), point.center().toPoint());
        QVERIFY(lit.back().front().value<std::optional<OpId>>() == OpId::routed_up);
    }

    // Dragged up by half a decade's pixels, the number grows by as much, read with the prefix that the formulas use.
    void a_dragged_roof_changes_the_chip()
    {
        const Folder folder;
        Explorer explorer(folder.path());
        explorer.show();
        ChartView &chart = explorer.chart("roofline");
        auto *dock = qobject_cast<QDockWidget *>(chart.parentWidget());
        dock->raise();
        QTRY_VERIFY(!chart.laid_out().handles.empty());
        settle();
        const Scenario &scenario = explorer.session().explored()->leading().scenario;
        const std::string chip = "chip." + scenario.chip.name, nic = scenario.nic.name;
        for (const std::string &key : {chip + ".memory_bandwidth", chip + ".bf16", "nic." + nic + ".bandwidth"}) {
            const auto value = [&] {
                const auto &all = chart.scene().draggable;
                return std::find_if(all.begin(), all.end(), [&](const auto &each) {
                    return each.first == to_text(key);
                })->second;
            };
            const std::string text = *parameter_text(explorer.study(), key);
            const double before = value();
            const QPoint start = handle_of(chart.laid_out(), to_text(key)).toPoint(), end = start - QPoint(0, 12);
            QTest::mousePress(chart.plot(), Qt::LeftButton, {}, start);
            QTest::mouseMove(chart.plot(), start - QPoint(0, 6));
            QTest::mouseMove(chart.plot(), end);
            QTest::mouseRelease(chart.plot(), Qt::LeftButton, {}, end);
            explorer.answer();
            QVERIFY2(*parameter_text(explorer.study(), key) != text, key.c_str());
            QTRY_VERIFY(value() > before);
            const FrameAxis axis = chart.frame().panel(key.starts_with("nic.") ? 1 : 0).y;
            VERIFY_NEAR(value() / before, axis.value(end.y()) / axis.value(start.y()), 6e-3); // three digits
        }
    }
};

EPSCOPE_SUITE(roofline_chart, TestRooflineChart)
#include "tst_roofline_chart.moc"
