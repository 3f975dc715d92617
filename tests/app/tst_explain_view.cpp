// SPDX-License-Identifier: GPL-3.0-or-later
// Explanations in the real window: asked for by F1 and by clicks, their values against the engine's.
#include <functional>
#include <memory>

#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QTreeView>
#include <qcustomplot.h>

#include "app/charts/breakdown_chart.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/explain_view.h"
#include "app/views/headline.h"
#include "tests/support/explorer.h"
#include "tests/support/fixed.h"

using namespace epscope;
using namespace epscope::testing;

class TestExplainView : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void f1_explains_the_throughput();
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
    void hidden_it_waits();

private:
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<Explorer> explorer;

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
    folder = std::make_unique<QTemporaryDir>();
    explorer = std::make_unique<Explorer>(folder->path());
    explorer->show();
    QCursor::setPos(explorer->window.mapToGlobal(QPoint(5, 5)));
}

void TestExplainView::cleanup()
{
    explorer.reset();
    folder.reset();
}

void TestExplainView::f1_explains_the_throughput()
{
    QVERIFY(!view().shown());
    press(Qt::Key_F1);
    QVERIFY(view().isVisible());
    QVERIFY(view().shown());
    QCOMPARE(view().shown()->value, explorer->session().explored()->leading().estimate.throughput_per_card);
    QVERIFY(*view().shown() == explain(scenario()).throughput);
}

void TestExplainView::f1_on_a_lit_operator()
{
    explorer->session().highlight(OpId::flash_mla);
    press(Qt::Key_F1);
    const Explained all = explain(scenario());
    QVERIFY(*view().shown() == *find_explanation(all, "flash_mla"));
    explorer->session().highlight(std::nullopt);
    press(Qt::Key_F1);
    QVERIFY(*view().shown() == all.throughput);
}

void TestExplainView::f1_in_the_memory_chart()
{
    explorer->window.findChild<QDockWidget *>(u"memory"_qs)->raise();
    explorer->chart("memory").plot()->setFocus();
    press(Qt::Key_F1);
    QCOMPARE(view().name(), std::string("free_memory"));
    QCOMPARE(view().shown()->value, explorer->session().explored()->leading().estimate.memory.free);
}

void TestExplainView::a_click_on_an_operator()
{
    auto &chart = static_cast<BreakdownChart &>(explorer->chart("breakdown"));
    const Explored &explored = explorer->answer();
    QSignalSpy replots(chart.plot(), &QCustomPlot::afterReplot);
    chart.plot()->replot(QCustomPlot::rpQueuedReplot);
    QVERIFY(replots.wait());
    for (std::size_t bar = 0; bar < 2; ++bar) {
        const QRectF area = chart.area_of(bar, OpId::flash_mla);
        QVERIFY(area.width() > 2);
        QTest::mouseClick(chart.plot(), Qt::LeftButton, {}, area.center().toPoint());
        const Explained all = explain(explored.chips[bar].scenario);
        QTRY_VERIFY(view().shown() && *view().shown() == *find_explanation(all, "flash_mla")); // once the dock is on show
        QVERIFY(explorer->session().explored().get() == &explored); // nothing was picked
    }
}

void TestExplainView::every_number_is_the_estimates()
{
    press(Qt::Key_F1);
    const Estimate &estimate = explorer->session().explored()->leading().estimate;
    const auto value = [&](const char *name) {
        view().explain(name);
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
        QCOMPARE(model.data(index.siblingAtColumn(ExplainModel::value)).toString().replace(u"µs"_qs, u"us"_qs).toStdString(), value_text(node));
        const QString how = model.data(index.siblingAtColumn(ExplainModel::how)).toString();
        QVERIFY(how.contains(QString::fromStdString(verdict_of(node))) && how.contains(QString::fromStdString(node.note)));
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
    QVERIFY(*view().shown() == explain(scenario()).throughput);
    QVERIFY(view().tree()->isExpanded(find(is_flash)));
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
    QCOMPARE(view().name(), names[1]);
    QVERIFY(*view().shown() == *find_explanation(explain(scenario()), names[1]));
}

void TestExplainView::an_operator_that_is_gone()
{
    press(Qt::Key_F1);
    view().explain("no_such_operator");
    QVERIFY(*view().shown() == explain(scenario()).throughput);
}

void TestExplainView::copied_as_markdown()
{
    press(Qt::Key_F1);
    view().tree()->setFocus();
    QTest::keyClick(view().tree(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text().toStdString(), markdown(explain(scenario()).throughput));
}

void TestExplainView::hidden_it_waits()
{
    explorer->set("context", u"20 Ki"_qs);
    explorer->answer();
    QVERIFY(!view().shown());
    press(Qt::Key_F1);
    QVERIFY(*view().shown() == explain(scenario()).throughput);
    explorer->window.findChild<QDockWidget *>(u"timeline"_qs)->raise();
    QTRY_VERIFY(view().visibleRegion().isEmpty());
    explorer->set("context", u"30 Ki"_qs);
    explorer->answer();
    QVERIFY(!(*view().shown() == explain(scenario()).throughput));
    explorer->window.findChild<QDockWidget *>(u"explain"_qs)->raise();
    QTRY_VERIFY(*view().shown() == explain(scenario()).throughput);
}

EXPLORER_TEST_MAIN(TestExplainView)
#include "tst_explain_view.moc"
