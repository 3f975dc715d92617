// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/breakdown_scene.h"

#include <map>
#include <set>

#include <QAbstractButton>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <qcustomplot.h>

#include "app/charts/operator_blocks.h"
#include "tests/support/explored.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::shared_ptr<const Explored> with_all_blocks()
{
    return explored_with({{"quirks.sparse_layers_only", "false"}, {"mtp_len", "1"}});
}

const BreakdownSegment &segment_of(const BreakdownBar &bar, OpId id)
{
    for (const BreakdownSegment &segment : bar.segments) {
        if (segment.id == id)
            return segment;
    }
    throw std::runtime_error("no such segment");
}

constexpr char breakdown_id[] = "breakdown";

SceneLayout laid_out_of(std::shared_ptr<const Explored> explored, const Theme &theme = Theme::light(),
    std::optional<OpId> lit = std::nullopt)
{
    SceneInput input = scene_input(breakdown_id, std::move(explored), theme);
    input.lit = lit;
    return laid_out(breakdown_scene(input));
}
// Of an operator's block, below its label.
QColor fill_of(const SceneLayout &layout, std::size_t bar, OpId id)
{
    return fill_at(layout, area_of(layout, bar, id).topLeft() + QPointF(1, 1));
}

// A chart on the screen.
struct ShownBreakdown : ShownChart<SceneOf<breakdown_id>> {
    using ShownChart::ShownChart;

    QRectF area_of(std::size_t bar, OpId id) const { return testing::area_of(chart.laid_out(), bar, id); }
    BreakdownUnit unit() const { return static_cast<BreakdownUnit>(chart.option(u"unit"_qs).toInt()); }
    void set_unit(BreakdownUnit unit) { chart.set_option(u"unit"_qs, QString::number(static_cast<int>(unit))); }
    QAbstractButton *button(const char *text) const
    {
        for (QAbstractButton *each : chart.findChildren<QAbstractButton *>()) {
            if (each->text() == QString::fromUtf8(text))
                return each;
        }
        throw std::runtime_error("no such button");
    }
};

} // namespace

class TestBreakdownChart : public QObject {
    Q_OBJECT

private slots:
    void layer_adds_up_micro_batches()
    {
        const auto explored = explored_with();
        const BreakdownSeries series = breakdown_series(*explored, BreakdownUnit::us_per_layer);
        QCOMPARE(series.bars.size(), explored->chips.size());
        for (const BreakdownBar &bar : series.bars) {
            const Estimate all = estimate(explored->chips[bar.view].scenario);
            const BlockEstimate &block = all.blocks.front();
            QCOMPARE(bar.segments.size(), block.operators.size());
            double end = 0;
            for (std::size_t i = 0; i < bar.segments.size(); ++i) {
                const BreakdownSegment &segment = bar.segments[i];
                const OperatorEstimate &op = block.operators[i];
                QVERIFY(segment.id == op.id);
                QVERIFY(segment.bound == op.bound);
                VERIFY_NEAR(segment.time_s, static_cast<double>(block.repeats) * op.time_s, 1e-12);
                VERIFY_SAME(segment.from, end);
                VERIFY_NEAR(segment.to - segment.from, 1e6 * segment.time_s, 1e-9);
                end = segment.to;
            }
            VERIFY_NEAR(bar.mark, 1e6 * block.time_s, 1e-12);
            VERIFY_NEAR(bar.end, 1e6 * bar.sum_s, 1e-9);
            VERIFY_NEAR(bar.hidden_s(), bar.sum_s - block.time_s, 1e-9);
            QVERIFY(series.longest >= bar.end);
        }
        // The published best configurations overlap: something is hidden.
        QVERIFY(series.bars.front().hidden_s() > 0);
    }

    void step_counts_all_blocks()
    {
        const auto explored = with_all_blocks();
        const BreakdownSeries series = breakdown_series(*explored, BreakdownUnit::ms_per_step);
        for (const BreakdownBar &bar : series.bars) {
            const Estimate all = estimate(explored->chips[bar.view].scenario);
            double sum_s = 0, flash_mla_s = 0;
            for (const BlockEstimate &block : all.blocks) {
                for (const OperatorEstimate &op : block.operators) {
                    const double time_s = static_cast<double>(block.count * block.repeats) * op.time_s;
                    sum_s += time_s;
                    flash_mla_s += op.id == OpId::flash_mla ? time_s : 0;
                }
            }
            VERIFY_NEAR(bar.end, 1e3 * sum_s, 1e-9);
            VERIFY_NEAR(bar.mark, 1e3 * all.step_s, 1e-9);
            VERIFY_NEAR(segment_of(bar, OpId::flash_mla).time_s, flash_mla_s, 1e-12);
            QVERIFY(bar.segments.front().id == OpId::embedding);
            QVERIFY(bar.segments.back().id == OpId::head);
            QVERIFY(segment_of(bar, OpId::dense_up).time_s > 0);
            QVERIFY(segment_of(bar, OpId::mtp_proj).time_s > 0);
        }
        // The layer is a sparse one.
        const BreakdownSeries layer = breakdown_series(*explored, BreakdownUnit::us_per_layer);
        for (const BreakdownSegment &segment : layer.bars.front().segments)
            QVERIFY(info_of(segment.id).stage != Stage::dense && info_of(segment.id).stage != Stage::outside);
    }

    void shares_add_up_to_all()
    {
        const auto explored = with_all_blocks();
        const BreakdownSeries series = breakdown_series(*explored, BreakdownUnit::share);
        for (const BreakdownBar &bar : series.bars) {
            VERIFY_NEAR(bar.end, 100.0, 1e-9);
            VERIFY_NEAR(bar.mark, 100 * estimate(explored->chips[bar.view].scenario).step_s / bar.sum_s, 1e-9);
            VERIFY_NEAR(segment_of(bar, OpId::combine).to - segment_of(bar, OpId::combine).from,
                100 * segment_of(bar, OpId::combine).share, 1e-9);
        }
    }

    void fills_its_areas()
    {
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            const SceneLayout layout = laid_out_of(explored_with(), *theme);
            for (std::size_t bar = 0; bar < 4; ++bar) {
                for (const OpId id : {OpId::flash_mla, OpId::o_proj, OpId::dispatch, OpId::routed_up})
                    QCOMPARE(fill_of(layout, bar, id), theme->of(id));
            }
            QVERIFY(area_of(layout, 0, OpId::dense_up).isEmpty());
            QVERIFY(area_of(layout, 99, OpId::flash_mla).isEmpty());
        }
    }

    void stays_inside_its_plot_data() { add_sizes_and_points(); }

    void stays_inside_its_plot()
    {
        QFETCH(QSize, size);
        QFETCH(int, points);
        ShownBreakdown shown(explored_with(), Theme::light(), size);
        const QFont font = shown.set_points(points);
        const QRectF plot = shown.chart.plot()->rect();
        for (std::size_t bar = 0; bar < 4; ++bar) {
            const QRectF area = shown.area_of(bar, OpId::flash_mla);
            QVERIFY(area.height() >= 4);
            QVERIFY(plot.contains(area));
            QVERIFY(bar == 0 || area.top() > shown.area_of(bar - 1, OpId::flash_mla).bottom());
        }
        const QFontMetrics metrics(font);
        QVERIFY(metrics.horizontalAdvance(shown.chart.plot()->xAxis->label()) <= size.width());
    }

    void unit_changes_by_mouse_and_keyboard()
    {
        const auto explored = explored_with();
        ShownBreakdown shown(explored);
        QSignalSpy changed(&shown.chart, &ChartView::option_changed);
        QCPAxis *axis = shown.chart.plot()->xAxis;
        QVERIFY(axis->label().contains(u"(µs)"));
        const double longest = breakdown_series(*explored, BreakdownUnit::ms_per_step).longest;

        QTest::mouseClick(shown.button("ms / step"), Qt::LeftButton);
        settle();
        QCOMPARE(shown.unit(), BreakdownUnit::ms_per_step);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(axis->label(), QStringLiteral("Step (ms)"));
        QVERIFY(axis->range().upper > longest && axis->range().upper < 1.7 * longest);

        shown.button("ms / step")->setFocus();
        QTest::keyClick(shown.button("ms / step"), Qt::Key_Right);
        settle();
        QCOMPARE(shown.unit(), BreakdownUnit::share);
        QCOMPARE(changed.size(), 2);
        QVERIFY(axis->label().contains(u"(%)"));
        QCOMPARE(axis->range().upper, 100.0);

        shown.set_unit(BreakdownUnit::us_per_layer);
        QVERIFY(shown.button("µs / layer")->isChecked());
        QCOMPARE(changed.size(), 3);
        for (const QAbstractButton *each : shown.chart.findChildren<QAbstractButton *>())
            QVERIFY(!each->accessibleName().isEmpty() && !each->toolTip().isEmpty());
    }

    void hover_explains_a_segment()
    {
        const auto explored = explored_with();
        ShownBreakdown shown(explored);
        QSignalSpy texts(&shown.chart, &ChartView::hovered), ids(&shown.chart, &ChartView::operator_hovered);
        shown.hover(shown.area_of(1, OpId::o_proj).center());
        QVERIFY(!texts.isEmpty());
        const QString text = texts.back().front().toString();
        const ChipView &view = explored->chips[1];
        const BlockEstimate &block = view.estimate.blocks.front();
        const auto found = std::find_if(block.operators.begin(), block.operators.end(),
            [](const OperatorEstimate &op) { return op.id == OpId::o_proj; });
        QVERIFY(text.startsWith(QStringLiteral("H20 · ")));
        QVERIFY(text.contains(QStringLiteral("EP %1, batch %2").arg(view.shown.point.ep).arg(view.shown.point.batch)));
        QVERIFY(text.contains(u"Output projection"));
        QVERIFY(text.contains(time_text(static_cast<double>(block.repeats) * found->time_s, TimeUnit::us)));
        QVERIFY(text.contains(u"(binds)"));
        QVERIFY(text.contains(QString::fromStdString(short_text(found->bytes_moved, Dimension::bytes))));
        QVERIFY(text.contains(u"FLOP,"));
        QVERIFY(text.contains(part_text(found->efficiency->mfu)));
        const QString from =
            QString::fromStdString(provenance_text(view.scenario.profile, view.scenario.chip, *found->efficiency));
        QVERIFY(QString(text).replace(u'\n', u' ').contains(from));
        QCOMPARE(ids.back().front().value<std::optional<OpId>>(), std::optional(OpId::o_proj));

        // Next to the bar: the sum.
        shown.hover(QPointF(shown.chart.plot()->axisRect()->right() - 2, shown.area_of(1, OpId::o_proj).center().y()));
        QVERIFY(texts.back().front().toString().contains(time_text(block.time_s, TimeUnit::us)));
        QCOMPARE(ids.back().front().value<std::optional<OpId>>(), std::optional<OpId>());
    }

    // What is asked about by hovering, clicking or the keyboard is the very number that is shown there.
    void explains_the_number_that_is_shown()
    {
        const auto explored = with_all_blocks();
        ShownBreakdown shown(explored);
        QSignalSpy asked(&shown.chart, &ChartView::explanation_wanted);
        std::map<std::string, Explained> of_chips;
        const auto value_of = [&](const Explainable &number) {
            const auto &chip = std::get<std::string>(number.whose);
            if (!of_chips.contains(chip))
                of_chips.emplace(chip, explain(*scenario_of(*explored, number.whose)));
            const Explanation *found = find_explanation(of_chips.at(chip), number.name);
            return found ? found->value : std::numeric_limits<double>::quiet_NaN();
        };
        for (const BreakdownUnit unit :
            {BreakdownUnit::us_per_layer, BreakdownUnit::ms_per_step, BreakdownUnit::share}) {
            shown.set_unit(unit);
            settle();
            const BreakdownSeries series = breakdown_series(*explored, unit);
            const auto whole_of = [&](const BreakdownBar &bar) {
                return unit == BreakdownUnit::share ? bar.span_s / bar.sum_s : bar.span_s;
            };
            std::size_t seen = 0;
            for (std::size_t bar = 0; bar < series.bars.size(); ++bar) {
                for (const BreakdownSegment &segment : series.bars[bar].segments) {
                    const QPoint place = shown.area_of(bar, segment.id).center().toPoint();
                    if (shown.area_of(bar, segment.id).width() < 4)
                        continue;
                    ++seen;
                    const double value = unit == BreakdownUnit::share ? segment.share : segment.time_s;
                    const auto number = shown.chart.number_at(shown.chart.plot()->mapToGlobal(place));
                    VERIFY_SAME(value_of(*number), value);
                    asked.clear();
                    QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, place);
                    QCOMPARE(asked.size(), 1);
                    VERIFY_SAME(value_of(asked.front().front().value<Explainable>()), value);
                }
                const int middle = qRound(shown.area_of(bar, series.bars[bar].segments.front().id).center().y());
                std::vector<QPoint> beside{QPoint(20, middle)}; // on the chip's name
                if (unit != BreakdownUnit::share) // whose bars leave no room at their end
                    beside.emplace_back(shown.chart.plot()->axisRect()->right() - 2, middle);
                for (const QPoint &place : beside) {
                    const auto number = shown.chart.number_at(shown.chart.plot()->mapToGlobal(place));
                    VERIFY_SAME(value_of(*number), whole_of(series.bars[bar]));
                }
            }
            QVERIFY2(seen > 20, std::to_string(seen).c_str());
            VERIFY_SAME(value_of(*shown.chart.current_number()), whole_of(series.bars[explored->lead]));
            shown.chart.set_highlight(OpId::flash_mla);
            const BreakdownSegment &lit = segment_of(series.bars[explored->lead], OpId::flash_mla);
            VERIFY_SAME(value_of(*shown.chart.current_number()), unit == BreakdownUnit::share ? lit.share : lit.time_s);
            shown.chart.set_highlight(std::nullopt);
        }
    }

    void the_legend_lights_every_operator_at_any_size_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("points");
        QTest::addColumn<bool>("by_operator"); // else by stage, for want of room
        QTest::newRow("usual") << QSize(900, 500) << 9 << true;
        QTest::newRow("small") << QSize(480, 320) << 9 << false;
        QTest::newRow("small, large type") << QSize(480, 320) << 20 << false;
    }
    void the_legend_lights_every_operator_at_any_size()
    {
        QFETCH(QSize, size);
        QFETCH(int, points);
        QFETCH(bool, by_operator);
        const auto explored = explored_with();
        ShownBreakdown shown(explored, Theme::light(), size);
        const QFont font = shown.set_points(points);
        const int below = shown.chart.plot()->axisRect()->top(), half_line = QFontMetrics(font).height() / 2;
        QVERIFY(below > 2 * half_line && below < size.height() / 2);
        QSignalSpy ids(&shown.chart, &ChartView::operator_hovered);
        std::set<OpId> lit;
        for (int y = half_line; y < below; y += half_line) {
            for (int x = 4; x < size.width(); x += 8) {
                QTest::mouseMove(shown.chart.plot(), QPoint(x, y));
                if (!ids.empty() && ids.back().front().value<std::optional<OpId>>())
                    lit.insert(*ids.back().front().value<std::optional<OpId>>());
            }
        }
        std::set<OpId> expected;
        for (const OperatorEstimate &op : explored->leading().estimate.blocks.front().operators)
            expected.insert(op.id);
        QVERIFY(lit == (by_operator ? expected : std::set<OpId>()));
        // Something is drawn there all the same.
        const QImage image = shown.image();
        const QRgb stage = Theme::light().of(Stage::routed).rgb();
        bool found = false;
        for (int y = 0; y < below; ++y) {
            for (int x = 0; x < image.width(); ++x)
                found = found || image.pixel(x, y) == stage;
        }
        QVERIFY(found);
    }

    void highlight_dims_the_others()
    {
        const SceneLayout layout = laid_out_of(explored_with(), Theme::light(), OpId::o_proj);
        for (std::size_t bar = 0; bar < 4; ++bar) {
            QCOMPARE(fill_of(layout, bar, OpId::o_proj), Theme::light().of(OpId::o_proj));
            QVERIFY(fill_of(layout, bar, OpId::flash_mla) != Theme::light().of(OpId::flash_mla));
        }
        // On the screen too.
        ShownBreakdown shown(explored_with());
        const auto pixel = [&] { return shown.pixel(shown.area_of(0, OpId::flash_mla).topLeft() + QPointF(2, 2)); };
        QCOMPARE(pixel(), Theme::light().of(OpId::flash_mla).rgb());
        shown.chart.set_highlight(OpId::o_proj);
        settle();
        QVERIFY(pixel() != Theme::light().of(OpId::flash_mla).rgb());
    }

    void infeasible_is_shown_with_its_reason()
    {
        const auto explored = explored_with({{"target_tps", "500"}});
        QVERIFY(!explored->chips.front().estimate.feasible());
        ShownBreakdown shown(explored);
        QVERIFY(shown.area_of(0, OpId::flash_mla).width() > 10);
        QVERIFY(fill_of(shown.chart.laid_out(), 0, OpId::flash_mla) != Theme::light().of(OpId::flash_mla));
        QVERIFY(!shown.chart.laid_out().main.of<Marks::Hatch>().empty());
        QSignalSpy texts(&shown.chart, &ChartView::hovered);
        shown.hover(
            QPointF(shown.chart.plot()->axisRect()->right() - 2, shown.area_of(0, OpId::flash_mla).center().y()));
        QVERIFY(texts.back().front().toString().contains(u"below the target of"));
    }

    void name_picks_its_chip()
    {
        const auto explored = explored_with();
        ShownBreakdown shown(explored);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        const QPointF bar = shown.area_of(2, OpId::flash_mla).center();
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, bar.toPoint());
        QCOMPARE(picked.size(), 0);
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, QPoint(20, qRound(bar.y())));
        QCOMPARE(picked.size(), 1);
        const auto selection = picked.front().front().value<Selection>();
        QCOMPARE(QString::fromStdString(selection.chip), QStringLiteral("A100"));
        QVERIFY(selection.point == explored->chips[2].shown.point);
    }

    void says_which_bar_is_selected()
    {
        const auto best = explored_with();
        const auto selected = explore({best->inputs.study, selection_of(best->searched, best->chips[1].front.front())});
        ShownBreakdown shown(selected);
        QSignalSpy texts(&shown.chart, &ChartView::hovered);
        for (const std::size_t bar : {0, 1, 2}) {
            shown.hover(QPointF(20, shown.area_of(bar, OpId::flash_mla).center().y()));
            QCOMPARE(texts.back().front().toString().startsWith(u"selected"), bar == 1);
        }
    }

    void zooms_along_time_only()
    {
        ShownBreakdown shown(explored_with());
        const QPointF at = shown.area_of(0, OpId::flash_mla).center();
        const QCPRange before = shown.chart.plot()->xAxis->range(), across = shown.chart.plot()->yAxis->range();
        QWheelEvent wheel(at, shown.chart.plot()->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
            Qt::NoScrollPhase, false);
        QApplication::sendEvent(shown.chart.plot(), &wheel);
        QVERIFY(shown.chart.plot()->xAxis->range().size() < before.size());
        QCOMPARE(shown.chart.plot()->yAxis->range(), across);
        shown.chart.set_explored(explored_with({{"context", "6000"}}));
        QVERIFY(shown.chart.plot()->xAxis->range().size() < before.size());
        QTest::mouseDClick(shown.chart.plot(), Qt::LeftButton, {}, at.toPoint());
        QCOMPARE(shown.chart.plot()->xAxis->range().lower, 0.0);
    }

    void table_holds_what_is_shown()
    {
        const auto explored = explored_with();
        SceneInput input = scene_input(breakdown_id, explored, Theme::light());
        input.options[u"unit"_qs] = u"1"_qs;
        const Table table = breakdown_scene(input).table();
        QCOMPARE(table.columns[5].title, QStringLiteral("time per step (ms)"));
        std::size_t rows = 0;
        const BreakdownSeries series = breakdown_series(*explored, BreakdownUnit::ms_per_step);
        for (const BreakdownBar &bar : series.bars) {
            for (const BreakdownSegment &segment : bar.segments) {
                const std::vector<TableCell> &row = table.rows[rows++].cells;
                QCOMPARE(row.size(), table.columns.size());
                VERIFY_SAME(std::get<double>(row[5]), 1e3 * segment.time_s);
                QCOMPARE(std::get<QString>(row[7]), QString::fromUtf8(name_of(segment.bound).data()));
            }
            const std::vector<TableCell> &row = table.rows[rows++].cells;
            VERIFY_SAME(std::get<double>(row[5]), 1e3 * estimate(explored->chips[bar.view].scenario).step_s);
        }
        QCOMPARE(rows, table.rows.size());
    }

    // In another theme, type and size.
    void a_picture_touches_nothing_on_the_screen()
    {
        ShownBreakdown shown(explored_with());
        shown.hover(shown.area_of(1, OpId::o_proj).center());
        const QSignalSpy painted(&shown.chart, &ChartView::painted), hovered(&shown.chart, &ChartView::hovered);
        const QImage before = shown.image();
        const QFont font = shown.chart.font();
        const QString svg = svg_of(shown.chart, Theme::night(), {0, 0, 1600, 900});
        settle();
        QVERIFY(svg.contains(Theme::night().surface.name()));
        QCOMPARE(painted.size() + hovered.size(), 0);
        QCOMPARE(shown.image(), before);
        QCOMPARE(shown.chart.font(), font);
    }

    void the_keyboard_goes_from_mark_to_mark()
    {
        ShownBreakdown shown(explored_with());
        QSignalSpy texts(&shown.chart, &ChartView::hovered), picked(&shown.chart, &ChartView::configuration_picked),
            asked(&shown.chart, &ChartView::explanation_wanted);
        const Hits &segments = shown.chart.laid_out().hits.front();
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right);
        QCOMPARE(texts.back().front().toString(), shown.chart.plot()->accessibleDescription());
        QVERIFY(texts.back().front().toString().startsWith(segments.about(0).text.section(u'\n', 0, 0)));
        QTest::keyClick(shown.chart.plot(), Qt::Key_Return);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.front().front().value<Explainable>(), *segments.about(0).number);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Return);
        QCOMPARE(asked.back().front().value<Explainable>(), *shown.chart.laid_out().hits.front().about(1).number);
        QTest::keyClick(shown.chart.plot(), Qt::Key_End); // the last chip's name
        QTest::keyClick(shown.chart.plot(), Qt::Key_Return);
        QCOMPARE(picked.size(), 1);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Home);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Return);
        QCOMPARE(asked.back().front().value<Explainable>(), *shown.chart.laid_out().hits.front().about(0).number);
    }
};

EPSCOPE_SUITE(breakdown_chart, TestBreakdownChart)
#include "tst_breakdown_chart.moc"
