// SPDX-License-Identifier: GPL-3.0-or-later
// Explanations in the real window: asked for by F1 and by clicks, their values against the engine's.
#include <functional>
#include <memory>

#include <QClipboard>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDockWidget>
#include <QItemSelectionModel>
#include <QLayout>
#include <QMenu>
#include <QSignalSpy>
#include <QStyleOptionComboBox>
#include <QTableView>
#include <QTreeView>
#include <qcustomplot.h>

#include "app/charts/memory_scene.h"
#include "app/charts/pareto_scene.h"
#include "app/charts/validation_scene.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/explain_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"
#include "tests/support/scenes.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestExplainView : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init();
    void cleanup() { explorer.reset(); }

    void f1_explains_the_throughput();
    void the_number_and_its_configuration_stand_apart();
    void f1_on_a_lit_operator();
    void f1_in_the_memory_chart();
    void a_click_on_an_operator();
    void every_number_is_the_estimates();
    void the_tree_shows_what_the_engine_says();
    void follows_the_inputs_and_stays_unfolded();
    void an_input_leads_to_its_slider();
    void another_number_is_chosen();
    void an_operator_that_is_gone();
    void copied_as_markdown();
    void numbers_of_the_headline();
    void cells_of_the_results();
    void right_click_in_a_table();
    void points_of_the_charts();
    void parts_of_the_memory();
    void measured_runs();
    void cells_of_the_comparison();
    void against_a_baseline();
    void the_list_follows_when_inputs_rest();
    void hidden_it_waits();

private:
    ExplainView &view() { return *explorer->window.findChild<ExplainView *>(); }
    const Scenario &scenario() { return explorer->session().explored()->leading().scenario; }
    void press(Qt::Key key)
    {
        QTest::keyClick(&explorer->window, key);
        QApplication::processEvents();
    }
    QModelIndex find(const std::function<bool(const Explanation &)> &wanted, const QModelIndex &below = {})
    {
        const auto &model = static_cast<const ExplainModel &>(*view().tree()->model());
        for (int row = 0; row < model.rowCount(below); ++row) {
            const QModelIndex index = model.index(row, 0, below);
            if (wanted(*model.node(index)))
                return index;
            if (const QModelIndex found = find(wanted, index); found.isValid())
                return found;
        }
        return {};
    }
};

void TestExplainView::init()
{
    start().show();
    QCursor::setPos(explorer->window.mapToGlobal(QPoint(5, 5)));
}

void TestExplainView::f1_explains_the_throughput()
{
    QVERIFY(!view().shown());
    press(Qt::Key_F1);
    QVERIFY(view().isVisible());
    QVERIFY(view().shown());
    QCOMPARE(view().shown()->value, explorer->session().explored()->leading().estimate.throughput_per_card);
    QVERIFY(*view().shown() == explain(scenario()).main());
}

// Lit by the mouse in one chart, it is explained in the others too where they have nothing else under the mouse.
void TestExplainView::the_number_and_its_configuration_stand_apart()
{
    press(Qt::Key_F1);
    QTRY_VERIFY(view().isVisible());
    settle();
    const QLayout &top = *view().layout()->itemAt(0)->layout();
    const auto *choice = qobject_cast<QComboBox *>(top.itemAt(0)->widget());
    QVERIFY(choice);
    // Whatever the width of the dock, the configuration has a whole line.
    const auto *configuration = dynamic_cast<ElidedLabel *>(view().layout()->itemAt(1)->widget());
    QVERIFY(configuration);
    QVERIFY(configuration->geometry().top() > choice->geometry().bottom());
    QCOMPARE(configuration->width(), view().width());
    QVERIFY(configuration->text().contains(u"EP"_qs));
    // At its smallest it shows the usual titles whole.
    QStyleOptionComboBox option;
    option.initFrom(choice);
    option.rect.setWidth(choice->minimumSizeHint().width());
    const int room =
        choice->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, choice).width();
    const int text = choice->fontMetrics().horizontalAdvance(u"Throughput per card"_qs);
    QVERIFY2(room > text, qPrintable(u"%1 for %2"_qs.arg(room).arg(text)));
}

void TestExplainView::f1_on_a_lit_operator()
{
    ChartView &chart = explorer->chart("breakdown");
    QTRY_VERIFY(area_of(chart.laid_out(), 0, OpId::flash_mla).width() > 2);
    QTest::mouseMove(chart.plot(), area_of(chart.laid_out(), 0, OpId::flash_mla).center().toPoint());
    press(Qt::Key_F1);
    const Explained first = explain(explorer->session().explored()->chips[0].scenario);
    QTRY_VERIFY(view().shown()
        && *view().shown() == *find_explanation(first, name_of_runs(OpId::flash_mla, OperatorRuns::of_layer)));
    QTest::mouseMove(&explorer->window, QPoint(5, 5));
    explorer->session().highlight(OpId::o_proj);
    chart.plot()->setFocus();
    press(Qt::Key_F1);
    const Explained all = explain(scenario());
    QVERIFY(*view().shown() == *find_explanation(all, name_of_runs(OpId::o_proj, OperatorRuns::of_layer)));
    explorer->session().highlight(std::nullopt);
    press(Qt::Key_F1);
    QVERIFY(*view().shown() == *find_explanation(all, "layer_time")); // what the chart is about
}

void TestExplainView::f1_in_the_memory_chart()
{
    explorer->window.findChild<QDockWidget *>(u"memory"_qs)->raise();
    explorer->chart("memory").plot()->setFocus();
    press(Qt::Key_F1);
    QCOMPARE(QString::fromStdString(view().number().name), u"free_memory"_qs);
    QCOMPARE(view().shown()->value, explorer->session().explored()->leading().estimate.memory.free);
}

void TestExplainView::a_click_on_an_operator()
{
    ChartView &chart = explorer->chart("breakdown");
    const Explored &explored = explorer->answer();
    QSignalSpy replots(chart.plot(), &QCustomPlot::afterReplot);
    chart.plot()->replot(QCustomPlot::rpQueuedReplot);
    QVERIFY(replots.wait());
    for (std::size_t bar = 0; bar < 2; ++bar) {
        const QRectF area = area_of(chart.laid_out(), bar, OpId::flash_mla);
        QVERIFY(area.width() > 2);
        QTest::mouseClick(chart.plot(), Qt::LeftButton, {}, area.center().toPoint());
        const Explained all = explain(explored.chips[bar].scenario);
        QTRY_VERIFY(view().shown()
            && *view().shown()
                == *find_explanation(
                    all, name_of_runs(OpId::flash_mla, OperatorRuns::of_layer))); // once the dock is on show
        QVERIFY(explorer->session().explored().get() == &explored); // nothing was picked
    }
}

void TestExplainView::every_number_is_the_estimates()
{
    press(Qt::Key_F1);
    const Estimate &estimate = explorer->session().explored()->leading().estimate;
    const auto value = [&](const char *name) {
        view().explain({name});
        return view().shown()->value;
    };
    QCOMPARE(value("throughput"), estimate.throughput_per_card);
    QCOMPARE(value("ux_tps"), estimate.ux_tps);
    QCOMPARE(value("step_time"), estimate.step_s);
    QCOMPARE(value("free_memory"), estimate.memory.free);
    QCOMPARE(value("kv_cache"), estimate.memory.kv_cache);
    for (const OperatorEstimate &op : estimate.blocks.front().operators)
        QCOMPARE(value(std::string(info_of(op.id).key).c_str()), op.time_s);
}

void TestExplainView::the_tree_shows_what_the_engine_says()
{
    press(Qt::Key_F1);
    const auto &model = static_cast<const ExplainModel &>(*view().tree()->model());
    int nodes = 0;
    const std::function<void(const QModelIndex &)> walk = [&](const QModelIndex &index) {
        const Explanation &node = *model.node(index);
        ++nodes;
        QCOMPARE(model.rowCount(index), static_cast<int>(node.children.size()));
        if (!node.children.empty())
            QCOMPARE(combined(node), node.value); // to the last bit
        QCOMPARE(model.data(index).toString().toStdString(), node.title);
        QCOMPARE(
            model.data(index.siblingAtColumn(ExplainModel::value)).toString().replace(u"µs"_qs, u"us"_qs).toStdString(),
            value_text(node));
        const QString how = model.data(index.siblingAtColumn(ExplainModel::how)).toString();
        QVERIFY(
            how.contains(QString::fromStdString(verdict_of(node))) && how.contains(QString::fromStdString(node.note)));
        for (int row = 0; row < model.rowCount(index); ++row) {
            QVERIFY(model.parent(model.index(row, 1, index)) == index);
            walk(model.index(row, 0, index));
        }
    };
    walk(model.index(0, 0));
    QVERIFY(nodes > 200);
}

void TestExplainView::follows_the_inputs_and_stays_unfolded()
{
    press(Qt::Key_F1);
    const auto is_flash = [](const Explanation &node) { return node.name == "flash_mla"; };
    const QModelIndex flash = find(is_flash);
    QVERIFY(flash.isValid());
    for (QModelIndex index = flash; index.isValid(); index = index.parent())
        view().tree()->expand(index);
    const double before = view().shown()->value;
    explorer->set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
    explorer->answer();
    QVERIFY(view().shown()->value > before);
    QVERIFY(*view().shown() == explain(scenario()).main());
    QVERIFY(view().tree()->isExpanded(find(is_flash)));
    explorer->set("policy", u"naive"_qs); // a tree of another shape is unfolded again
    explorer->answer();
    QTRY_VERIFY(*view().shown() == explain(scenario()).main());
    QVERIFY(view().tree()->isExpanded(view().tree()->model()->index(0, 0)));
}

void TestExplainView::an_input_leads_to_its_slider()
{
    press(Qt::Key_F1);
    const QModelIndex input = find([](const Explanation &node) { return node.key == "context"; });
    QVERIFY(input.isValid());
    view().tree()->setCurrentIndex(input);
    view().tree()->setFocus();
    QTest::keyClick(view().tree(), Qt::Key_Return);
    QVERIFY(explorer->window.findChild<InputPanel *>()->slider_of("context")->hasFocus());
}

void TestExplainView::another_number_is_chosen()
{
    press(Qt::Key_F1);
    QComboBox &numbers = *view().numbers();
    const std::vector<std::string> names = explanation_names(explain(scenario()));
    QCOMPARE(numbers.count(), static_cast<int>(names.size()));
    numbers.setFocus();
    QTest::keyClick(&numbers, Qt::Key_Down);
    QCOMPARE(view().number().name, names[1]);
    QVERIFY(*view().shown() == *find_explanation(explain(scenario()), names[1]));
}

void TestExplainView::an_operator_that_is_gone()
{
    press(Qt::Key_F1);
    view().explain({"no_such_operator"});
    QVERIFY(*view().shown() == explain(scenario()).main());
}

void TestExplainView::copied_as_markdown()
{
    press(Qt::Key_F1);
    view().tree()->setFocus();
    QTest::keyClick(view().tree(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text().toStdString(), markdown(explain(scenario()).main()));
}

// Every number of the headline under the mouse, by F1 and by a click, and by the keyboard.
void TestExplainView::numbers_of_the_headline()
{
    auto &headline = *explorer->window.findChild<Headline *>();
    const HeadlineText text = headline_text(explorer->answer());
    const Explained all = explain(scenario());
    std::size_t numbers = 0;
    for (const HeadlineText::Part &part : text.parts) {
        for (const auto &span : part.numbers) {
            const Explanation *expected = find_explanation(all, span.name);
            QVERIFY2(expected, span.name.c_str());
            const QPoint place = headline.area_of(span.name).center().toPoint();
            QWidget *sentence = headline.childAt(place);
            QTest::mouseMove(sentence, sentence->mapFrom(&headline, place));
            press(Qt::Key_F1);
            QTRY_VERIFY2(view().shown() && *view().shown() == *expected, span.name.c_str());
            view().explain({"step_time"});
            QTest::mouseClick(sentence, Qt::LeftButton, {}, sentence->mapFrom(&headline, place));
            QVERIFY2(*view().shown() == *expected, span.name.c_str());
            ++numbers;
        }
    }
    QVERIFY(numbers >= 9);
    // What they show is what is explained.
    const Estimate &estimate = explorer->answer().leading().estimate;
    QCOMPARE(find_explanation(all, "bound_by")->value, estimate.step_s);
    QCOMPARE(find_explanation(all, "batch")->value, static_cast<double>(scenario().point.batch));
    QWidget *sentence = headline.childAt(headline.area_of("throughput").center().toPoint());
    sentence->setFocus();
    QTest::keyClick(sentence, Qt::Key_Right);
    QTest::keyClick(sentence, Qt::Key_Return);
    QVERIFY(*view().shown() == *find_explanation(all, "ux_tps"));
    QTest::keyClick(sentence, Qt::Key_Left);
    QTest::keyClick(sentence, Qt::Key_F1);
    QVERIFY(*view().shown() == all.main());
}

// The cell that the keyboard is at, or under the mouse: of its row's configuration.
void TestExplainView::cells_of_the_results()
{
    explorer->window.findChild<QDockWidget *>(u"results"_qs)->raise();
    auto &results = *explorer->window.findChild<ResultsTable *>();
    QTRY_VERIFY(!results.view()->visibleRegion().isEmpty());
    const ResultsModel &model = *results.model();
    const int last = std::min(4, model.rowCount() - 1);
    const Explored &explored = explorer->answer();
    const auto expected = [&](const QModelIndex &index) {
        const Explained all = explain(scenario_of(explored.searched, model.candidate(index.row())));
        return *find_explanation(all, model.number_at(index).name);
    };
    for (int column = 0; column < model.columnCount(); ++column) {
        if (results.view()->isColumnHidden(column))
            continue;
        explorer->window.findChild<QDockWidget *>(u"results"_qs)->raise();
        const QModelIndex index = model.index(last, column);
        results.view()->setFocus();
        results.view()->selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
        QTest::keyClick(results.view(), Qt::Key_F1);
        QTRY_VERIFY2(view().shown() && *view().shown() == expected(index),
            qPrintable(model.headerData(column, Qt::Horizontal).toString()));
    }
    QVERIFY(!explorer->session().inputs().selection); // nothing was picked
    const QModelIndex throughput = model.index(last, model.throughput_column());
    QCOMPARE(expected(throughput).value, model.candidate(last).throughput_per_card);
    // It stays with that configuration when an input changes.
    results.view()->selectionModel()->setCurrentIndex(throughput, QItemSelectionModel::NoUpdate);
    results.view()->setFocus();
    QTest::keyClick(results.view(), Qt::Key_F1);
    const Selection configuration = model.selection_of(last);
    explorer->set("context", u"20 Ki"_qs);
    const Explored &changed = explorer->answer();
    QCOMPARE(view().shown()->value, estimate(*scenario_of(changed, configuration)).throughput_per_card);
}

void TestExplainView::right_click_in_a_table()
{
    explorer->window.findChild<QDockWidget *>(u"results"_qs)->raise();
    auto &results = *explorer->window.findChild<ResultsTable *>();
    QTRY_VERIFY(!results.view()->visibleRegion().isEmpty());
    const ResultsModel &model = *results.model();
    const QModelIndex index = model.index(1, model.throughput_column());
    results.view()->scrollTo(index);
    const QPoint place = results.view()->visualRect(index).center();
    QContextMenuEvent event(QContextMenuEvent::Mouse, place, results.view()->viewport()->mapToGlobal(place));
    QApplication::sendEvent(results.view()->viewport(), &event);
    auto *menu = results.view()->findChild<QMenu *>();
    QVERIFY(menu);
    QCOMPARE(menu->actions().front()->text(), u"Explain Throughput per card"_qs);
    QCOMPARE(menu->actions().at(1)->text(), u"Copy rows"_qs);
    menu->actions().front()->trigger();
    menu->close();
    QTRY_VERIFY(view().shown());
    QCOMPARE(view().shown()->value, model.candidate(1).throughput_per_card);
}

// A point that is not the one on show explains its own configuration, and none is picked.
void TestExplainView::points_of_the_charts()
{
    explorer->set("target_tps", u"20"_qs);
    const Explored &explored = explorer->answer();
    ChartView &pareto = explorer->chart("pareto");
    const auto &front = explored.leading().front;
    std::size_t told = 0;
    for (const Candidate &candidate : front) {
        const QPoint place = pareto.frame().panel().pixel(candidate.ux_tps, candidate.throughput_per_card).toPoint();
        const std::optional<Hover> near = pareto.laid_out().hover(place);
        if (!near || near->number != Explainable{"throughput", selection_of(explored.searched, candidate)})
            continue;
        QTest::mouseMove(pareto.plot(), place);
        press(Qt::Key_F1);
        QTRY_VERIFY(view().shown() && view().shown()->value == candidate.throughput_per_card);
        ++told;
    }
    QVERIFY(told > 3);
    ChartView &sweep = explorer->chart("sweep");
    const FramePanel steps = sweep.frame().panels.back();
    for (const SweepPoint &point : explored.leading().sweep) {
        const QPoint place = steps.pixel(static_cast<double>(point.batch), 1e3 * point.step_s).toPoint();
        const std::optional<Hover> there = sweep.laid_out().hover(place);
        const auto *picked = there ? std::get_if<Selection>(&there->action) : nullptr;
        if (picked && picked->point.batch == point.batch && point.batch % 64 == 0) {
            QTest::mouseMove(sweep.plot(), place);
            press(Qt::Key_F1);
            QCOMPARE(view().shown()->name, std::string("step_time"));
            QCOMPARE(view().shown()->value, point.step_s);
        }
    }
    QVERIFY(!explorer->session().inputs().selection);
}

void TestExplainView::parts_of_the_memory()
{
    ChartView &memory = explorer->chart("memory");
    explorer->window.findChild<QDockWidget *>(u"memory"_qs)->raise();
    QSignalSpy replots(memory.plot(), &QCustomPlot::afterReplot);
    QVERIFY(!replots.empty() || replots.wait());
    const Explored &explored = explorer->answer();
    for (const MemoryKind kind : {MemoryKind::attention, MemoryKind::routed, MemoryKind::kv_cache}) {
        QTest::mouseClick(memory.plot(), Qt::LeftButton, {},
            area_of(memory.laid_out(), Explainable{name_of(kind), explored.chips[1].scenario.chip.name})
                .center()
                .toPoint());
        const Explained all = explain(explored.chips[1].scenario);
        QTRY_VERIFY2(view().shown() && *view().shown() == *find_explanation(all, name_of(kind)), name_of(kind));
    }
    QTest::mouseMove(memory.plot(),
        area_of(memory.laid_out(), Explainable{"free_memory", explored.chips[0].scenario.chip.name})
            .center()
            .toPoint());
    press(Qt::Key_F1);
    QCOMPARE(view().shown()->value, explored.chips[0].estimate.memory.free);
}

// A measured run: the estimate of it next to what was measured.
void TestExplainView::measured_runs()
{
    explorer->window.open(u"calibrated"_qs);
    const Explored &explored = explorer->answer();
    ChartView &validation = explorer->chart("validation");
    explorer->window.findChild<QDockWidget *>(u"validation"_qs)->raise();
    QSignalSpy replots(validation.plot(), &QCustomPlot::afterReplot);
    QVERIFY(!replots.empty() || replots.wait());
    const ValidationData data = validation_data(explored);
    QVERIFY(!data.points.empty());
    // The first run, or whichever lies nearer.
    const auto pixel_of = [&](const ValidationPoint &point) {
        return validation.frame().panel().pixel(1e3 * point.measured_s, 1e3 * point.estimated_s);
    };
    const std::optional<Hover> there = validation.laid_out().hover(pixel_of(data.points.front()));
    QVERIFY(there);
    const auto near = std::find_if(data.points.begin(), data.points.end(),
        [&](const ValidationPoint &point) { return error_of(explored, point.row) == there->number; });
    QVERIFY(near != data.points.end());
    QTest::mouseClick(validation.plot(), Qt::LeftButton, {}, pixel_of(*near).toPoint());
    QTRY_VERIFY(view().shown() && view().shown()->name == "error");
    QCOMPARE(view().shown()->value, near->error);
    view().explain({"tpot", view().number().whose});
    QCOMPARE(view().shown()->value, near->estimated_s);
}

void TestExplainView::cells_of_the_comparison()
{
    explorer->session().duplicate_card(explorer->session().card().id);
    explorer->set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
    explorer->answer();
    auto &compare = *explorer->window.findChild<CompareView *>();
    const auto compared = [&] { return explorer->window.scenario_outcomes().compared(); };
    QTRY_VERIFY_WITH_TIMEOUT(compared() && compared()->cases.size() == 2
            && *compared()->comparison.outcomes[1].best != *compared()->comparison.outcomes[0].best,
        20000);
    explorer->window.findChild<QDockWidget *>(u"compare"_qs)->raise();
    const Compared &all = *compared();
    for (std::size_t row = 0; row < metrics().size(); ++row) {
        if (!metrics()[row].number || metrics()[row].only_with) // these go without saying
            continue;
        if (!number_of(metrics()[row], all.comparison.outcomes[0])) // is not known
            continue;
        for (int column = 0; column < 2; ++column) {
            compare.view()->setFocus();
            compare.view()->setCurrentIndex(compare.model().index(static_cast<int>(row), column));
            QTest::keyClick(compare.view(), Qt::Key_F1);
            QTRY_VERIFY(view().shown());
            QCOMPARE(view().shown()->value,
                *number_of(metrics()[row], all.comparison.outcomes[static_cast<std::size_t>(column)]));
            explorer->window.findChild<QDockWidget *>(u"compare"_qs)->raise();
        }
    }
}

// Next to each number what it was in the pinned baseline, and the change.
void TestExplainView::against_a_baseline()
{
    press(Qt::Key_F1);
    QTreeView &tree = *view().tree();
    QVERIFY(tree.isColumnHidden(ExplainModel::then) && tree.isColumnHidden(ExplainModel::change));
    const Scenario then = scenario();
    QTest::keyClick(&explorer->window, Qt::Key_B);
    const QString name = explorer->window.pinned_baselines().primary()->name;
    explorer->set("chip.H800.fp8", u"3000 TFLOP/s"_qs);
    explorer->answer();
    QVERIFY(!tree.isColumnHidden(ExplainModel::then) && !tree.isColumnHidden(ExplainModel::change));
    const Explained before = explain(then), now = explain(scenario());
    const auto &model = static_cast<const ExplainModel &>(*tree.model());
    QCOMPARE(model.headerData(ExplainModel::then, Qt::Horizontal).toString(), name);
    const QModelIndex root = model.index(0, 0);
    const auto cell = [](const QModelIndex &index, int column) {
        return index.siblingAtColumn(column).data().toString();
    };
    QCOMPARE(cell(root, ExplainModel::then).toStdString(), value_text(before.main()));
    QCOMPARE(cell(root, ExplainModel::change), change_text(*change_of(before.main().value, now.main().value)));
    const auto colour = [](const QModelIndex &index) {
        return index.siblingAtColumn(ExplainModel::change).data(Qt::ForegroundRole).value<QColor>();
    };
    QCOMPARE(colour(root), Theme::light().change(true));
    // A shorter time is for the better, a faster chip too; what has not changed is grey.
    const QModelIndex step = find([](const Explanation &node) { return node.name == "step_time"; });
    const Explanation &step_then = *find_explanation(before, "step_time"),
                      &step_now = *find_explanation(now, "step_time");
    QCOMPARE(cell(step, ExplainModel::change), change_text(*change_of(step_then.value, step_now.value)));
    const QModelIndex rate = find([](const Explanation &node) { return node.key == "chip.H800.fp8"; });
    QCOMPARE(colour(rate), Theme::light().change(true));
    const QModelIndex context = find([](const Explanation &node) { return node.key == "context"; });
    QCOMPARE(cell(context, ExplainModel::change), u"± 0 %"_qs);
    QCOMPARE(colour(context), Theme::light().muted);
    tree.setFocus();
    QTest::keyClick(&tree, Qt::Key_C, Qt::ControlModifier);
    const QString copied = QApplication::clipboard()->text();
    QVERIFY2(
        copied.startsWith(u"- **Throughput per card** = %1 (%2: %3, %4): "_qs.arg(
            QString::fromStdString(value_text(now.main())), name, QString::fromStdString(value_text(before.main())),
            change_text(*change_of(before.main().value, now.main().value)))),
        qPrintable(copied.left(200)));
    QTest::keyClick(&explorer->window, Qt::Key_B, Qt::ShiftModifier);
    QTRY_VERIFY(tree.isColumnHidden(ExplainModel::then));
}

// The tree follows every result, the list of all numbers once they no longer come.
void TestExplainView::the_list_follows_when_inputs_rest()
{
    press(Qt::Key_F1);
    const auto listed = [this] { return view().numbers()->findData(u"mtp_weights"_qs) >= 0; };
    const bool before = scenario().point.mtp_len > 0;
    QCOMPARE(listed(), before);
    explorer->set("mtp_len", before ? u"0"_qs : u"1"_qs);
    explorer->answer();
    QVERIFY(*view().shown() == explain(scenario()).main());
    QTRY_COMPARE(listed(), !before);
    QCOMPARE(view().numbers()->currentData().toString(), u"throughput"_qs);
}

void TestExplainView::hidden_it_waits()
{
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QVERIFY(!view().shown());
    press(Qt::Key_F1);
    QVERIFY(*view().shown() == explain(scenario()).main());
    explorer->window.findChild<QDockWidget *>(u"timeline"_qs)->raise();
    QTRY_VERIFY(view().visibleRegion().isEmpty());
    explorer->set("context", u"30 Ki"_qs);
    explorer->answer();
    QVERIFY(!(*view().shown() == explain(scenario()).main()));
    explorer->window.findChild<QDockWidget *>(u"explain"_qs)->raise();
    QTRY_VERIFY(*view().shown() == explain(scenario()).main());
}

EPSCOPE_SUITE(explain_view, TestExplainView)
#include "tst_explain_view.moc"
