// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/tornado_scene.h"

#include <QSignalSpy>
#include <QTest>
#include <qcustomplot.h>

#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
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

std::shared_ptr<const Answer> answer_about(const Explored &explored, const SensitivityQuestion &question = {})
{
    return answer_to(study_in_question(explored), question);
}

constexpr char sensitivity_id[] = "sensitivity";

void ask(ChartView &chart, const SensitivityQuestion &question)
{
    chart.set_options({{u"sensitivity.output"_qs, QString::fromStdString(question.metric)},
        {u"sensitivity.percent"_qs, QString::number(question.percent)}});
}

TornadoData shown_data(const ChartView &chart)
{
    return tornado_data(*chart.answer());
}

// Of an end of a bar: of both, that which lies on top comes first.
QRectF area_of(const SceneLayout &layout, const Answer &answer, std::size_t bar, bool high)
{
    const TornadoData data = tornado_data(answer);
    const Bar &searched = *std::get<Sensitivity>(answer.found).find(data.bars[bar].key.toStdString());
    const BarEnd &end = high ? searched.high : searched.low;
    const QString value = u": "_qs + QString::fromStdString(searched.variable.short_text(end.value));
    for (const std::size_t i : {2 * bar, 2 * bar + 1}) {
        const Hits &ends = layout.hits.front();
        if (i >= ends.areas.size())
            continue;
        const std::optional<Explainable> number = ends.about(i).number;
        const auto *where = number ? std::get_if<Elsewhere>(&number->whose) : nullptr;
        if (where && where->what.endsWith(value))
            return ends.areas[i];
    }
    return {};
}

struct ShownTornado : ShownChart<SceneOf<sensitivity_id>> {
    ShownTornado()
    {
        const auto explored = explored_with();
        chart.set_explored(explored);
        chart.set_answer(answer_about(*explored));
        show();
    }
};

} // namespace

class TestTornadoChart : public QObject {
    Q_OBJECT

private slots:
    void no_axes_before_there_is_an_answer()
    {
        const auto explored = explored_with();
        SceneOf<sensitivity_id> chart;
        chart.set_theme(Theme::light());
        chart.set_explored(explored);
        chart.show();
        settle();
        QVERIFY(!chart.plot()->xAxis->visible());
        chart.set_answer(answer_about(*explored));
        QTRY_VERIFY(chart.plot()->xAxis->visible());
        QVERIFY(!chart.plot()->yAxis->visible()); // as ever
    }

    // Next to the legend, however narrow the chart.
    void how_far_the_search_is_hides_no_text()
    {
        ShownTornado shown;
        ask(shown.chart, {"ux_tps", 10, {}});
        settle();
        QVERIFY(shown.chart.is_stale());
        for (const int width : {360, 484, 800}) {
            const QString svg = svg_of(shown.chart, Theme::light(), {0, 0, width, 320});
            QCOMPARE(texts_under(svg, u"searching, "_qs), QStringList());
        }
    }

    // The zoom was into what another output had.
    void axes_of_another_output_start_anew()
    {
        ShownTornado shown;
        shown.chart.plot()->xAxis->setRange(-1, 1);
        shown.chart.set_zoom(zoom_of(*shown.chart.plot()));
        settle();
        QVERIFY(!shown.chart.zoom().isEmpty());
        ask(shown.chart, {"tpot", 10, {}});
        settle();
        QVERIFY(!shown.chart.zoom().isEmpty()); // the old answer is still there
        shown.chart.set_answer(answer_about(*explored_with(), {"tpot", 10, {}}));
        settle();
        QVERIFY(shown.chart.zoom().isEmpty());
        QVERIFY(shown.chart.plot()->xAxis->range().upper > 1);
    }

    void bars_are_those_of_the_engine()
    {
        const auto explored = explored_with();
        const auto answer = answer_about(*explored);
        const TornadoData data = tornado_data(*answer);
        const Sensitivity expected = sensitivity_of(study_in_question(*explored), *find_metric("throughput"),
            scalable_variables(study_in_question(*explored)), 10);
        QVERIFY(!data.bars.empty() && data.bars.size() <= 12);
        for (std::size_t i = 0; i < data.bars.size(); ++i) {
            const Bar &bar = expected.bars[i];
            QCOMPARE(data.bars[i].key.toStdString(), bar.variable.key);
            if (bar.low.output)
                VERIFY_NEAR(*data.bars[i].low.part, *bar.low.output / *expected.base_output - 1, 1e-12);
            if (bar.high.output)
                VERIFY_NEAR(*data.bars[i].high.part, *bar.high.output / *expected.base_output - 1, 1e-12);
            QCOMPARE(!data.bars[i].low.note.isEmpty(), bar.low.saturation.has_value() || !bar.low.output);
        }
    }

    void numbers_without_effect_are_named()
    {
        const auto explored = explored_with();
        const auto answer = answer_about(*explored);
        QStringList expected;
        for (const Bar &bar : std::get<Sensitivity>(answer->found).bars) {
            const double base = *std::get<Sensitivity>(answer->found).base_output;
            if (bar.low.output == base && bar.high.output == base)
                expected << QString::fromStdString(bar.variable.label);
        }
        QVERIFY(!expected.isEmpty());
        QCOMPARE(tornado_data(*answer).without_effect, expected);
    }

    void bars_point_where_the_output_goes()
    {
        const ShownTornado shown;
        const double zero = shown.chart.plot()->xAxis->coordToPixel(0);
        int drawn = 0;
        const TornadoData data = shown_data(shown.chart);
        for (std::size_t i = 0; i < data.bars.size(); ++i) {
            const TornadoBar &bar = data.bars[i];
            for (const bool high : {false, true}) {
                const TornadoEnd &end = high ? bar.high : bar.low;
                const QRectF area = area_of(shown.chart.laid_out(), *shown.chart.answer(), i, high);
                if (!end.part || std::abs(*end.part) < 1e-3 || area.isEmpty())
                    continue;
                ++drawn;
                const double pixel = shown.chart.plot()->xAxis->coordToPixel(100 * *end.part);
                VERIFY_NEAR(*end.part > 0 ? area.right() : area.left(), pixel, 1e-9);
                VERIFY_NEAR(*end.part > 0 ? area.left() : area.right(), zero, 1e-9);
            }
        }
        QVERIFY(drawn > 4);
    }

    // Each pale bar against the engine under the baseline's inputs; the present answer comes first.
    void ghosts_are_those_of_the_engine()
    {
        const auto explored = explored_with();
        const Study now = study_in_question(*explored),
                    then = with(with(now, "context", "20000"), "nic.CX7 400Gbps.bandwidth", "80 GB/s");
        SensitivityQuestion question;
        question.against = then;
        std::vector<std::shared_ptr<const Answer>> parts;
        const auto answer =
            answer_to(now, question, {}, [&](const std::shared_ptr<const Answer> &part) { parts.push_back(part); });
        QCOMPARE(parts.size(), std::size_t{1});
        QVERIFY(!parts[0]->complete && !parts[0]->against && answer->complete && answer->against);
        QVERIFY(!tornado_data(*parts[0]).compared);
        const TornadoData data = tornado_data(*answer);
        QVERIFY(data.compared);
        const Sensitivity expected = sensitivity_of(then, *find_metric("throughput"), scalable_variables(then), 10);
        int differ = 0;
        for (const TornadoBar &bar : data.bars) {
            const auto found = std::find_if(expected.bars.begin(), expected.bars.end(),
                [&](const Bar &each) { return each.variable.key == bar.key.toStdString(); });
            QVERIFY(found != expected.bars.end() && bar.then);
            for (const auto &[end, from] :
                {std::pair(&bar.then->low, &found->low), std::pair(&bar.then->high, &found->high)}) {
                QCOMPARE(end->part.has_value(), from->output.has_value());
                if (from->output)
                    VERIFY_SAME(*end->part, *from->output / *expected.base_output - 1);
            }
            QVERIFY(bar.then->marginal == found->marginal);
            differ += bar.then->marginal == bar.marginal ? 0 : 1;
        }
        QVERIFY(differ > 2);
    }

    // Pinned in the window: the ghosts follow by themselves, lie below their bars, and Alt shows them alone without
    // another search.
    void a_baseline_in_the_window()
    {
        const Folder folder;
        Explorer explorer(folder.path());
        explorer.show();
        ChartView &chart = explorer.chart("sensitivity");
        qobject_cast<QDockWidget *>(chart.parentWidget())->raise();
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), 20000);
        const auto alone = chart.answer();
        QTest::keyClick(&explorer.window, Qt::Key_B);
        explorer.set("context", QStringLiteral("20000"));
        explorer.answer();
        QTRY_VERIFY_WITH_TIMEOUT(!chart.is_stale() && chart.answer()->complete && shown_data(chart).compared, 20000);
        // Dashed outlines, below the bars.
        settle();
        const std::vector<Marks::Box> boxes = chart.laid_out().main.of<Marks::Box>();
        const auto ghost = std::find_if(
            boxes.begin(), boxes.end(), [](const Marks::Box &box) { return box.brush.style() == Qt::NoBrush; });
        QVERIFY(ghost != boxes.end());
        for (const bool high : {false, true})
            QVERIFY(ghost->area.top() >= area_of(chart.laid_out(), *chart.answer(), 0, high).bottom() - 1e-9);
        const TableTexts table = texts_of(chart.table());
        QVERIFY(table.header.contains(u"Output at low in published-v1"_qs));
        const auto column = table.header.indexOf(u"Percent per +1 % in published-v1"_qs);
        const Bar *then = std::get<Sensitivity>(alone->found).find(table.rows[0][0].toStdString());
        QVERIFY(then && then->marginal);
        QCOMPARE(table.rows[0][column].toDouble(), *then->marginal);
        QSignalSpy asked(&chart, &ChartView::asked);
        const auto both = chart.answer();
        QTest::keyPress(&explorer.window, Qt::Key_Alt, Qt::AltModifier);
        QVERIFY(!chart.is_stale());
        QCOMPARE(*std::get<Sensitivity>(chart.answer()->found).base_output,
            *std::get<Sensitivity>(alone->found).base_output);
        QVERIFY(!shown_data(chart).compared);
        QTest::keyRelease(&explorer.window, Qt::Key_Alt);
        QCOMPARE(chart.answer(), both);
        QCOMPARE(asked.size(), 0);
    }

    void table_has_every_number()
    {
        const ShownTornado shown;
        const TableTexts table = texts_of(shown.chart.table());
        QCOMPARE(table.rows.size(), std::get<Sensitivity>(shown.chart.answer()->found).bars.size());
        for (const QStringList &row : table.rows)
            QCOMPARE(row.size(), table.header.size());
    }

    void asks_once_when_it_is_seen()
    {
        const auto explored = explored_with();
        SceneOf<sensitivity_id> chart;
        QSignalSpy asked(&chart, &ChartView::asked);
        chart.resize(600, 400);
        chart.set_explored(explored);
        settle();
        QCOMPARE(asked.size(), 0); // nobody sees it
        chart.show();
        QTRY_COMPARE(asked.size(), 1);
        chart.set_highlight(OpId::head);
        settle();
        QCOMPARE(asked.size(), 1);
        QVERIFY(chart.is_stale());
        chart.set_answer(answer_about(*explored));
        QVERIFY(!chart.is_stale());
        ask(chart, {"ux_tps", 25});
        QTRY_COMPARE(asked.size(), 2);
        QVERIFY(chart.is_stale());
        QVERIFY(asked.back()[1].value<Question>() == Question(SensitivityQuestion{"ux_tps", 25}));
    }

    void follows_the_inputs_and_leads_to_sliders()
    {
        const Folder folder;
        Explorer explorer(folder.path());
        explorer.show();
        ChartView &chart = explorer.chart("sensitivity");
        QVERIFY(!chart.answer()); // behind a tab nothing is asked
        qobject_cast<QDockWidget *>(chart.parentWidget())->raise();
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), 20000);
        explorer.set("context", QStringLiteral("9000"));
        explorer.answer();
        QTRY_VERIFY_WITH_TIMEOUT(!chart.is_stale(), 20000);
        QCOMPARE(chart.answer()->study.workload.context, std::int64_t{9000});
        QApplication::processEvents();

        for (const char *key : {"chip.H800.fp8", "context"}) {
            const QRectF row = area_of_slider(chart.laid_out(), QString::fromLatin1(key));
            QVERIFY(row.isValid());
            const QPoint at = row.center().toPoint();
            QTest::mouseClick(chart.plot(), Qt::LeftButton, {}, at);
            auto *slider = qobject_cast<ValueSlider *>(QApplication::focusWidget());
            QVERIFY(slider);
            QCOMPARE(slider->objectName(),
                QLatin1String(key).startsWith(QLatin1String("chip.")) ? u"chip.fp8"_qs : u"context"_qs);
            QVERIFY(!slider->visibleRegion().isEmpty());
        }
    }
};

EPSCOPE_SUITE(tornado_chart, TestTornadoChart)
#include "tst_tornado_chart.moc"
