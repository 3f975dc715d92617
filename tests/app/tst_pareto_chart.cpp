// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/pareto_scene.h"

#include <cmath>
#include <limits>

#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "app/charts/marks.h"
#include "core/quantity.h"
#include "tests/support/explored.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr char pareto_id[] = "pareto";

// A configuration named on the chart.
struct ParetoLabel {
    QString text;
    QRectF box;
    QLineF lead; // to its point from where it stands farther off, else null
    QColor colour;
    bool shown = false; // of a shown configuration
};

// In the order in which they are painted: each on a ground of its own, which a line may lead away from.
std::vector<ParetoLabel> labels_of(const SceneLayout &layout)
{
    static const QRegularExpression configuration(QStringLiteral("^\\d+×\\d+$"));
    std::vector<ParetoLabel> labels;
    const std::vector<Marks::Mark> &marks = layout.axes.marks();
    for (std::size_t i = 1; i < marks.size(); ++i) {
        const auto *text = std::get_if<Marks::Text>(&marks[i].what);
        const auto *ground = std::get_if<Marks::Fill>(&marks[i - 1].what);
        if (!text || !ground || !configuration.match(text->text).hasMatch())
            continue;
        const auto *lead = i > 1 ? std::get_if<Marks::Line>(&marks[i - 2].what) : nullptr;
        labels.push_back({text->text, ground->area.adjusted(-1, -1, 1, 1),
            lead && lead->pen.color() == text->colour && lead->pen.style() == Qt::SolidLine ? lead->line : QLineF(),
            text->colour, text->font.bold()});
    }
    return labels;
}

struct ShownPareto : ShownChart<SceneOf<pareto_id>> {
    using ShownChart::ShownChart;

    QPointF pixel_of(double ux_tps, double throughput_per_card) const
    {
        return chart.frame().panel().pixel(ux_tps, throughput_per_card);
    }
    QPointF at(const Candidate &candidate) const { return pixel_of(candidate.ux_tps, candidate.throughput_per_card); }
    double target_pixel() const { return chart.laid_out().handles.front().lines.front().x1(); }
    QPoint on_target() const { return {qRound(target_pixel()), chart.plot()->axisRect()->top() + 20}; }
    QCPRange x_range() const { return chart.plot()->xAxis->range(); }
    // What a click there picks.
    std::optional<Selection> picked_at(const QPointF &position) const
    {
        const std::optional<Hover> hover = chart.laid_out().hover(position);
        const auto *selection = hover ? std::get_if<Selection>(&hover->action) : nullptr;
        return selection ? std::optional(*selection) : std::nullopt;
    }
    std::vector<ParetoLabel> labels() const { return labels_of(chart.laid_out()); }
};

double target_in(const QSignalSpy &dragged, qsizetype at)
{
    return dragged[at][1].toString().toDouble();
}

double distance(const QPointF &a, const QPointF &b)
{
    return std::hypot(a.x() - b.x(), a.y() - b.y());
}

} // namespace

class TestParetoChart : public QObject {
    Q_OBJECT

private slots:
    void the_data_is_what_the_search_found()
    {
        const auto explored = explored_with();
        const SearchOutcome outcome = search(explored->searched);
        const ParetoData data = pareto_data(*explored);
        QCOMPARE(data.series.size(), explored->searched.chips.size());
        QCOMPARE(data.target_tps, 20.0);
        std::size_t leading = 0;
        for (std::size_t chip = 0; chip < data.series.size(); ++chip) {
            const ParetoSeries &series = data.series[chip];
            QCOMPARE(series.mark, chip);
            QCOMPARE(series.name, QString::fromStdString(explored->searched.chips[chip].name));
            leading += series.leads;
            QCOMPARE(series.front.size(), outcome.fronts[chip].size());
            for (std::size_t i = 0; i < series.front.size(); ++i) {
                const ParetoPoint &point = series.front[i];
                QVERIFY(point.candidate == outcome.fronts[chip][i]);
                QCOMPARE(point.feasible, estimate(scenario_of(explored->searched, point.candidate)).feasible());
                QCOMPARE(point.label,
                    QStringLiteral("%1×%2").arg(point.candidate.point.ep).arg(point.candidate.point.batch));
                QVERIFY(point.candidate.ux_tps <= data.most_ux && point.candidate.ux_tps >= data.least_ux);
            }
            QVERIFY(series.shown.candidate == explored->chips[chip].shown);
            QCOMPARE(series.cloud.size(), explored->chips[chip].cloud.size());
        }
        QCOMPARE(leading, std::size_t(1));
        QVERIFY(data.series[explored->lead].leads);
        for (std::size_t i = 0; i < reason_count; ++i)
            QCOMPARE(data.rejected[i], explored->outcome.rejected[i].count);
        QVERIFY(data.rejected[static_cast<std::size_t>(Reason::target)] > 0);
    }

    void with_nothing_feasible_it_still_shows_what_was_evaluated_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<int>("reason");
        QTest::newRow("nothing fits") << QStringLiteral("context") << QStringLiteral("1000000")
                                      << static_cast<int>(Reason::memory);
        QTest::newRow("nothing is fast enough")
            << QStringLiteral("target_tps") << QStringLiteral("100000") << static_cast<int>(Reason::target);
    }
    void with_nothing_feasible_it_still_shows_what_was_evaluated()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(int, reason);
        const auto explored = explored_with({{key.toStdString(), value.toStdString()}});
        QCOMPARE(explored->outcome.feasible, std::uint64_t(0));
        const ShownPareto shown(explored);
        const ParetoData data = pareto_data(*explored);
        QVERIFY(data.rejected[static_cast<std::size_t>(reason)] > 0);
        std::size_t drawn = 0;
        for (const ParetoSeries &series : data.series) {
            for (const CloudPoint &point : series.cloud)
                drawn += shown.chart.plot()->axisRect()->rect().contains(
                    shown.pixel_of(point.ux_tps, point.throughput_per_card).toPoint());
        }
        QVERIFY2(drawn > 20, qPrintable(QString::number(drawn)));
        QVERIFY(!shown.labels().empty());
    }

    void points_that_are_not_finite_are_left_out()
    {
        Explored broken = *explored_with();
        broken.chips[0].cloud.push_back(
            {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 0, std::nullopt});
        broken.chips[0].front.clear();
        broken.chips[0].shown.ux_tps = std::numeric_limits<double>::quiet_NaN();
        const ShownPareto shown(std::make_shared<const Explored>(broken));
        for (const QCPAxis *axis : {shown.chart.plot()->xAxis, shown.chart.plot()->yAxis})
            QVERIFY(
                std::isfinite(axis->range().lower) && std::isfinite(axis->range().upper) && axis->range().size() > 0);
        QVERIFY(!shown.picked_at({-50, -50}));
    }

    void the_table_holds_full_precision()
    {
        const auto explored = explored_with();
        SceneInput input = scene_input(pareto_id, explored, Theme::light());
        const Table table = pareto_scene(input).table();
        std::size_t expected = 0;
        for (const ChipView &view : explored->chips)
            expected += 1 + view.front.size() + view.cloud.size();
        QCOMPARE(table.rows.size(), expected);
        const auto cell = [&](std::size_t row, std::size_t column) { return table.rows[row].cells[column]; };
        QCOMPARE(text_of(cell(1, 0)), QStringLiteral("front"));
        const Candidate &first = explored->chips[0].front.front();
        QCOMPARE(std::get<double>(cell(1, 9)), first.ux_tps);
        QCOMPARE(std::get<double>(cell(1, 10)), first.throughput_per_card);
        const std::size_t evaluated = 1 + explored->chips[0].front.size();
        const CloudPoint &point = explored->chips[0].cloud.front();
        const Estimate full = estimate(scenario_of(explored->searched, candidate_at(explored->searched, point.order)));
        QCOMPARE(text_of(cell(evaluated, 0)), QStringLiteral("evaluated"));
        QCOMPARE(std::get<double>(cell(evaluated, 9)), full.ux_tps);
        for (const TableRow &row : table.rows)
            QCOMPARE(row.cells.size(), table.columns.size());
        input.options[u"infeasible"_qs] = u"off"_qs;
        QVERIFY(pareto_scene(input).table().rows.size() < expected);
    }

    void the_axes_have_units_and_cover_the_fronts()
    {
        const auto explored = explored_with();
        const ShownPareto shown(explored);
        QVERIFY(shown.chart.plot()->xAxis->label().contains(QStringLiteral("tok/s")));
        QVERIFY(shown.chart.plot()->yAxis->label().contains(QStringLiteral("tok/s")));
        for (const ChipView &view : explored->chips) {
            for (const Candidate &candidate : view.front)
                QVERIFY(shown.chart.plot()->axisRect()->rect().contains(shown.at(candidate).toPoint()));
        }
        QVERIFY(shown.x_range().contains(explored->searched.target_tps.si()));
    }

    void a_click_picks_the_nearest_front_point()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        const Candidate &fastest = explored->chips[explored->lead].front.front();
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, (shown.at(fastest) + QPointF(8, -8)).toPoint());
        QCOMPARE(picked.size(), 1);
        const auto selection = picked[0][0].value<Selection>();
        QCOMPARE(selection.chip, explored->searched.chips[fastest.chip].name);
        QCOMPARE(selection.nic, explored->searched.nics[fastest.nic].name);
        QVERIFY(selection.point == fastest.point);
    }

    void a_click_away_from_the_fronts_picks_an_evaluated_point()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        std::optional<CloudPoint> lonely;
        for (const ChipView &view : explored->chips) {
            for (const CloudPoint &point : view.cloud) {
                const QPointF at = shown.pixel_of(point.ux_tps, point.throughput_per_card);
                bool near_front = std::abs(at.x() - shown.target_pixel()) < 8
                    || !shown.chart.plot()->axisRect()->rect().contains(at.toPoint());
                for (const ChipView &other : explored->chips) {
                    near_front = near_front || distance(at, shown.at(other.shown)) < 30;
                    for (const Candidate &candidate : other.front)
                        near_front = near_front || distance(at, shown.at(candidate)) < 30;
                }
                if (!near_front)
                    lonely = point;
            }
        }
        QVERIFY(lonely);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        const QPoint at = shown.pixel_of(lonely->ux_tps, lonely->throughput_per_card).toPoint();
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, at);
        QCOMPARE(picked.size(), 1);
        const auto selection = picked[0][0].value<Selection>();
        Candidate candidate;
        candidate.point = selection.point;
        const Study &study = explored->searched;
        const auto index_of = [](const auto &entries, const std::string &name) {
            return static_cast<std::size_t>(std::find_if(entries.begin(), entries.end(), [&](const auto &entry) {
                return entry.name == name;
            }) - entries.begin());
        };
        candidate.chip = index_of(study.chips, selection.chip);
        candidate.nic = index_of(study.nics, selection.nic);
        // Several points may lie on one pixel: whichever it is, it lies there.
        const Estimate full = estimate(scenario_of(study, candidate));
        QVERIFY(distance(shown.pixel_of(full.ux_tps, full.throughput_per_card), at) < 1.5);
    }

    void an_empty_place_picks_nothing()
    {
        ShownPareto shown(explored_with());
        const QRect area = shown.chart.plot()->axisRect()->rect();
        QVERIFY(!shown.picked_at(QPointF(area.right() - 2, area.top() + 2)));
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, area.topRight() + QPoint(-2, 2));
        QCOMPARE(picked.size(), 0);
    }

    void hovering_tells_the_configuration_and_both_values()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        QSignalSpy hovered(&shown.chart, &ChartView::hovered);
        const Candidate &fastest = explored->chips[explored->lead].front.front();
        shown.hover(shown.at(fastest).toPoint());
        QVERIFY(!hovered.isEmpty());
        const QString text = hovered.last()[0].toString();
        const Point &point = fastest.point;
        for (const QString &part : QStringList{QString::fromStdString(explored->searched.chips[fastest.chip].name),
                 QString::fromStdString(explored->searched.nics[fastest.nic].name),
                 QStringLiteral("EP %1").arg(point.ep), QStringLiteral("batch %1").arg(point.batch),
                 QStringLiteral("draft %1").arg(point.mtp_len),
                 QString::fromStdString(short_text(fastest.ux_tps, Dimension::count)) + u" tok/s per user"_qs,
                 QString::fromStdString(short_text(fastest.throughput_per_card, Dimension::count))
                     + u" tok/s per card"_qs})
            QVERIFY2(text.contains(part), qPrintable(QString(text + u" lacks "_qs + part)));
        QVERIFY(!text.contains(u'✕'));
    }

    void hovering_an_infeasible_point_says_why()
    {
        const auto explored = explored_with({{"target_tps", "100000"}});
        ShownPareto shown(explored);
        QSignalSpy hovered(&shown.chart, &ChartView::hovered);
        const Candidate &fastest = explored->chips[0].front.front();
        shown.hover(shown.at(fastest).toPoint());
        QVERIFY(!hovered.isEmpty());
        const QString text = hovered.last()[0].toString();
        QVERIFY2(text.contains(u'✕') && text.contains(QStringLiteral("below the target")), qPrintable(text));
    }

    void the_target_is_dragged_live()
    {
        ShownPareto shown(explored_with());
        const QCPRange before = shown.x_range();
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        const QPoint start = shown.on_target();
        shown.hover(start);
        QCOMPARE(shown.chart.plot()->cursor().shape(), Qt::SizeHorCursor);
        QTest::mousePress(shown.chart.plot(), Qt::LeftButton, {}, start);
        QTest::mouseMove(shown.chart.plot(), start + QPoint(20, 0));
        QCOMPARE(dragged.size(), 1);
        QTest::mouseMove(shown.chart.plot(), start + QPoint(60, 5));
        QCOMPARE(dragged.size(), 2);
        const double asked = target_in(dragged, dragged.size() - 1),
                     pixel = shown.x_range().size() / shown.chart.plot()->axisRect()->width();
        QVERIFY(std::abs(asked - shown.chart.plot()->xAxis->pixelToCoord(start.x() + 60)) <= pixel);
        QVERIFY(std::abs(shown.target_pixel() - start.x() - 60) <= 1.5); // the line is at the mouse before any result
        QTest::mouseRelease(shown.chart.plot(), Qt::LeftButton, {}, start + QPoint(60, 5));
        QCOMPARE(picked.size(), 0);
        QCOMPARE(shown.x_range(), before); // no zoom
        shown.chart.set_explored(explored_with({{"target_tps", exact_text(asked)}}));
        QVERIFY(std::abs(shown.target_pixel() - shown.chart.plot()->xAxis->coordToPixel(asked)) < 1e-6);
        QTest::mouseMove(shown.chart.plot(), start + QPoint(300, 0));
        QVERIFY(shown.chart.plot()->cursor().shape() != Qt::SizeHorCursor);
    }

    void the_target_cannot_be_dragged_below_zero()
    {
        ShownPareto shown(explored_with());
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        const QPoint start = shown.on_target();
        QTest::mousePress(shown.chart.plot(), Qt::LeftButton, {}, start);
        QTest::mouseMove(shown.chart.plot(), QPoint(0, start.y()));
        QCOMPARE(dragged.size(), 1);
        QCOMPARE(target_in(dragged, 0), 0.0);
        QTest::mouseRelease(shown.chart.plot(), Qt::LeftButton, {}, QPoint(0, start.y()));
    }

    void the_targets_tag_is_a_handle_too()
    {
        ShownPareto shown(explored_with());
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        const double line = shown.target_pixel();
        const QPoint start(qRound(line) + 25, shown.chart.plot()->axisRect()->top() - 12);
        QTest::mousePress(shown.chart.plot(), Qt::LeftButton, {}, start);
        QTest::mouseMove(shown.chart.plot(), start + QPoint(30, 0));
        QCOMPARE(dragged.size(), 1);
        QVERIFY(std::abs(shown.target_pixel() - line - 30) <= 1.5);
        QTest::mouseRelease(shown.chart.plot(), Qt::LeftButton, {}, start + QPoint(30, 0));
    }

    void escape_takes_a_drag_back()
    {
        ShownPareto shown(explored_with());
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        const QPoint start = shown.on_target();
        QTest::mousePress(shown.chart.plot(), Qt::LeftButton, {}, start);
        QTest::mouseMove(shown.chart.plot(), start + QPoint(40, 0));
        QTest::keyClick(shown.chart.plot(), Qt::Key_Escape);
        QCOMPARE(target_in(dragged, dragged.size() - 1), 20.0);
        QTest::mouseRelease(shown.chart.plot(), Qt::LeftButton, {}, start + QPoint(40, 0));
        QVERIFY(std::abs(shown.target_pixel() - start.x()) <= 1);
    }

    void a_target_that_nobody_takes_falls_back()
    {
        ShownPareto shown(explored_with());
        const double before = shown.target_pixel();
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right, Qt::ControlModifier);
        QVERIFY(shown.target_pixel() > before);
        QTRY_COMPARE_WITH_TIMEOUT(shown.target_pixel(), before, 3000);
    }

    void keys_move_the_target()
    {
        ShownPareto shown(explored_with());
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(target_in(dragged, dragged.size() - 1), 21.0);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(target_in(dragged, dragged.size() - 1), 21.1);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Left, Qt::ControlModifier);
        QCOMPARE(target_in(dragged, dragged.size() - 1), 21.0);
        QTest::keyClick(shown.chart.plot(), Qt::Key_Left, Qt::ControlModifier);
        QCOMPARE(target_in(dragged, dragged.size() - 1), 20.0);
        QCOMPARE(dragged.size(), 4);
    }

    void keys_step_along_the_leading_front()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        const ChipView &lead = explored->leading();
        QTest::keyClick(shown.chart.plot(), Qt::Key_Right);
        QCOMPARE(picked.size(), 1);
        Point next;
        for (const Candidate &candidate : lead.front) {
            if (candidate.ux_tps > lead.shown.ux_tps)
                next = candidate.point;
        }
        QVERIFY(picked[0][0].value<Selection>().point == next);
        // Picked, shown, and back again.
        shown.chart.set_explored(explored_with({}, picked[0][0].value<Selection>()));
        QTest::keyClick(shown.chart.plot(), Qt::Key_Left);
        QCOMPARE(picked.size(), 2);
        QVERIFY(picked[1][0].value<Selection>().point != next);
    }

    void a_click_on_the_target_line_without_a_drag_picks_what_is_there()
    {
        const auto explored = explored_with();
        const Candidate best = explored->leading().shown;
        // The target exactly at the best configuration.
        const auto moved = explored_with({{"target_tps", exact_text(best.ux_tps)}});
        ShownPareto shown(moved);
        QVERIFY(std::abs(shown.at(moved->leading().shown).x() - shown.target_pixel()) < 6);
        QSignalSpy picked(&shown.chart, &ChartView::configuration_picked);
        QSignalSpy dragged(&shown.chart, &ChartView::input_dragged);
        QTest::mouseClick(shown.chart.plot(), Qt::LeftButton, {}, shown.at(moved->leading().shown).toPoint());
        QCOMPARE(picked.size(), 1);
        QCOMPARE(dragged.size(), 0);
    }

    void infeasible_points_can_be_hidden()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        std::optional<CloudPoint> slow;
        for (const ChipView &view : explored->chips) {
            for (const CloudPoint &point : view.cloud) {
                const double x = shown.pixel_of(point.ux_tps, point.throughput_per_card).x();
                if (point.reason == Reason::target && x < shown.target_pixel() - 60)
                    slow = point;
            }
        }
        QVERIFY(slow);
        const QPointF at = shown.pixel_of(slow->ux_tps, slow->throughput_per_card);
        QVERIFY(shown.picked_at(at));
        shown.chart.set_option(u"infeasible"_qs, u"off"_qs);
        QVERIFY(!shown.picked_at(at));
    }

    void logarithmic_axes_show_the_same_points()
    {
        const auto explored = explored_with();
        ShownPareto shown(explored);
        shown.chart.set_option(u"log"_qs, u"on"_qs);
        settle();
        QCOMPARE(shown.chart.plot()->xAxis->scaleType(), QCPAxis::stLogarithmic);
        QVERIFY(shown.x_range().lower > 0);
        for (const ChipView &view : explored->chips) {
            for (const Candidate &candidate : view.front) {
                QVERIFY(shown.chart.plot()->axisRect()->rect().contains(shown.at(candidate).toPoint()));
                const std::optional<Hover> found = shown.chart.laid_out().hover(shown.at(candidate));
                QVERIFY(found && found->crosshair && distance(*found->crosshair, shown.at(candidate)) < 1e-9);
            }
        }
        QVERIFY(shown.chart.plot()->xAxis->tickVector().contains(20.0));
        shown.chart.set_option(u"log"_qs, u"off"_qs);
        settle();
        QCOMPARE(shown.x_range().lower, 0.0);
    }

    // Off each other, the markers, the rings and the lines between labels and rings.
    static void verify_labels_keep_apart(const ShownPareto &shown, const Explored &explored)
    {
        const QRectF area = shown.chart.frame().panel().area();
        const std::vector<ParetoLabel> labels = shown.labels();
        const auto off = [&](const QRectF &box, const Candidate &candidate, double half) {
            return !box.intersects(QRectF(shown.at(candidate) - QPointF(half, half), QSizeF(2 * half, 2 * half)));
        };
        for (const ParetoLabel &label : labels) {
            const QString text = label.text + (label.shown ? u", shown"_qs : QString());
            QVERIFY2(area.contains(label.box), qPrintable(text));
            for (const ParetoLabel &other : labels) {
                if (&other == &label)
                    continue;
                QVERIFY2(!label.box.intersects(other.box), qPrintable(text + u' ' + other.text));
                QVERIFY2(!clipped(other.lead, label.box), qPrintable(text + u' ' + other.text));
            }
            if (!label.shown)
                QVERIFY(shown.target_pixel() < label.box.left() || shown.target_pixel() > label.box.right());
            for (const ChipView &view : explored.chips) {
                const double ring = view.mark == explored.leading().mark ? 10 : 7.5;
                QVERIFY2(!view.estimate.feasible() || off(label.box, view.shown, ring), qPrintable(text));
                for (const Candidate &candidate : view.front)
                    QVERIFY2(off(label.box, candidate, 4), qPrintable(text));
            }
        }
    }
    void labels_keep_apart_and_inside_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("points");
        QTest::addColumn<std::size_t>("least");
        QTest::newRow("small") << QSize(480, 320) << 10 << std::size_t{3};
        QTest::newRow("small, large type") << QSize(480, 320) << 20 << std::size_t{0}; // none, with high lines
        QTest::newRow("20 by 12 lines of large type") << QSize() << 20 << std::size_t{3};
        QTest::newRow("usual") << QSize(900, 500) << 10 << std::size_t{3};
        QTest::newRow("wide, large type") << QSize(1900, 700) << 20 << std::size_t{3};
    }
    void labels_keep_apart_and_inside()
    {
        QFETCH(QSize, size);
        QFETCH(int, points);
        QFETCH(std::size_t, least);
        const auto explored = explored_with({{"batch", "8..128:4"}});
        QFont font;
        font.setPointSize(points);
        const int line = QFontMetrics(font).height();
        ShownPareto shown(explored, Theme::light(), size.isEmpty() ? QSize(20 * line, 12 * line) : size);
        shown.chart.setFont(font);
        settle();
        const std::vector<ParetoLabel> labels = shown.labels();
        QVERIFY2(labels.size() >= least, std::to_string(labels.size()).c_str());
        verify_labels_keep_apart(shown, *explored);
        if (QTest::currentTestFailed())
            return;
        if (labels.empty())
            return;
        QVERIFY(labels.front().shown);
        QCOMPARE(labels.front().colour, Theme::light().chip(explored->leading().mark));
    }

    // With eight chips that stand close together, and next to a baseline with markers of its own.
    void labels_keep_apart_where_it_is_crowded()
    {
        const std::vector<std::string> chips{"H800", "H20", "A100", "L20", "B200", "MI300X", "Ascend-910B", "H100"};
        Study study = published_study();
        study.chips.clear();
        for (const std::string &chip : chips)
            study.chips.push_back(*shipped_library().chip(chip).value);
        const auto explored = explore({study, std::nullopt});
        for (const QSize size : {QSize(484, 320), QSize(700, 400), QSize(1200, 700)}) {
            const ShownPareto shown(explored, Theme::light(), size);
            QVERIFY(shown.labels().size() >= 3);
            verify_labels_keep_apart(shown, *explored);
        }
    }

    // On each edge of the axes the whole ring is in the chip's colour.
    void the_ring_is_whole_on_an_axis()
    {
        const auto explored = explored_with();
        const Candidate &candidate = explored->leading().shown;
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            ShownPareto shown(explored, *theme);
            QCPAxis &x = *shown.chart.plot()->xAxis, &y = *shown.chart.plot()->yAxis;
            const double ux = candidate.ux_tps, throughput = candidate.throughput_per_card;
            for (const auto &[across, up] : std::vector<std::pair<QCPRange, QCPRange>>{
                     {{ux, 3 * ux}, {0, 2 * throughput}}, {{0, ux}, {0, 2 * throughput}},
                     {{0, 3 * ux}, {throughput, 2 * throughput}}, {{0, 3 * ux}, {0, throughput}}}) {
                x.setRange(across);
                y.setRange(up);
                shown.chart.plot()->replot();
                const QImage image = shown.image();
                constexpr int directions = 24;
                constexpr double radius = 10;
                for (int i = 0; i < directions; ++i) {
                    const QLineF line = QLineF::fromPolar(radius, 360.0 * i / directions);
                    const QPointF at = shown.at(candidate) + line.p2();
                    const QColor drawn = image.pixelColor(at.toPoint());
                    const QColor wanted = theme->chip(explored->leading().mark);
                    const int off = std::abs(drawn.red() - wanted.red()) + std::abs(drawn.green() - wanted.green())
                        + std::abs(drawn.blue() - wanted.blue());
                    QVERIFY2(off < 120, qPrintable(u"%1° from %2"_qs.arg(line.angle()).arg(x.range().lower)));
                }
            }
        }
    }

    void chips_have_their_colour_in_both_themes()
    {
        const auto explored = explored_with();
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            ShownPareto shown(explored, *theme);
            const QImage image = shown.image();
            QCOMPARE(image.pixelColor(1, image.height() - 2), theme->surface);
            const ChipView &lead = explored->leading();
            QCOMPARE(image.pixelColor(shown.at(lead.front.front()).toPoint()), theme->chip(lead.mark));
        }
    }

    void an_export_is_all_vectors_and_says_what_is_shown()
    {
        ShownPareto shown(explored_with());
        const QString svg = svg_of(shown.chart);
        QVERIFY(!svg.contains(QStringLiteral("<image")));
        for (const ParetoLabel &label : shown.labels()) {
            if (label.shown)
                QVERIFY2(svg.contains(label.text), qPrintable(label.text));
        }
        for (const QString &text :
            QStringList{u"H800"_qs, u"target 20.0 tok/s"_qs, u"below target"_qs, u"Throughput per card (tok/s)"_qs})
            QVERIFY2(svg.contains(text), qPrintable(text));
        // The export leaves the screen as it was.
        QVERIFY(shown.chart.plot()->viewport().width() > 850);
    }

    void a_highlighted_operator_costs_no_repaint()
    {
        ShownPareto shown(explored_with());
        QSignalSpy painted(&shown.chart, &ChartView::painted);
        shown.chart.set_highlight(OpId::flash_mla);
        settle();
        QCOMPARE(painted.size(), 0);
    }
};

EPSCOPE_SUITE(pareto_chart, TestParetoChart)
#include "tst_pareto_chart.moc"
