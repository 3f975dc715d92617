// SPDX-License-Identifier: GPL-3.0-or-later
// Edit > Copy as command line: the copied line, run in a shell, gives the numbers of the view that had the keyboard.
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QLineEdit>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTableView>
#include <nlohmann/json.hpp>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/views/compare_view.h"
#include "app/views/goal_view.h"
#include "tests/support/explorer.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

using Json = nlohmann::ordered_json;

constexpr int patience = 60000; // ms

Json run(const QString &line)
{
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"XDG_DATA_HOME"_qs, u"/nonexistent/epscope-test"_qs);
    shell.setProcessEnvironment(environment);
    shell.start(
        u"sh"_qs, {u"-c"_qs, u"epscope() { \"" EPSCOPE_PROGRAM "\" \"$@\"; }; "_qs + line + u" --format json"_qs});
    if (!shell.waitForFinished(120000) || shell.exitCode() != 0)
        qFatal("%s: %s", qPrintable(line), shell.readAllStandardError().constData());
    return Json::parse(shell.readAllStandardOutput().toStdString());
}

} // namespace

class TestCopiedCommands : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init()
    {
        start().show(u"explore"_qs);
        explorer->set("context", u"8192"_qs); // not as in the file
        explorer->set("ep", u"32..320:32"_qs); // fewer
        explorer->answer();
    }
    void cleanup() { explorer.reset(); }

    void of_the_goal_seek()
    {
        auto &goal = *explorer->window.findChild<GoalView *>();
        goal.start("nic.CX7 400Gbps.bandwidth");
        QTRY_VERIFY_WITH_TIMEOUT(goal.answer() && !goal.is_stale(), patience);
        const QString line = copied(*goal.value_line());
        QVERIFY2(line.startsWith(u"epscope seek --study explore --chip "_qs), qPrintable(line));
        const Json all = run(line);
        const auto &sought = std::get<Sought>(goal.answer()->found);
        QVERIFY(all["answer"]["value"] == sought.answer.value);
        QVERIFY(all["answer"]["output"] == *sought.answer.output);
        QVERIFY(all["present"]["output"] == *sought.present.output);
        QVERIFY(all["curve"].size() >= sought.grid.size());
        // Its curve has the same question.
        QCOMPARE(copied(*show("goal").plot()), line);
    }

    // Of a chip that does not lead.
    void of_another_chip()
    {
        const Explored &explored = explorer->answer();
        QVERIFY(explored.chips.size() > 1);
        const std::string other = explored.chips[explored.lead == 0 ? 1 : 0].scenario.chip.name;
        auto &goal = *explorer->window.findChild<GoalView *>();
        goal.start("chip." + other + ".memory");
        QTRY_VERIFY_WITH_TIMEOUT(goal.answer() && !goal.is_stale(), patience);
        const Json all = run(copied(*goal.value_line()));
        const auto &sought = std::get<Sought>(goal.answer()->found);
        QVERIFY(all["chip"] == other);
        QVERIFY(all["answer"]["value"] == sought.answer.value);
        QVERIFY(all["present"]["output"] == *sought.present.output);
    }

    void of_the_sensitivity()
    {
        ChartView &chart = show("sensitivity");
        chart.set_options({{u"sensitivity.output"_qs, u"tpot"_qs}, {u"sensitivity.percent"_qs, u"25"_qs}});
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), patience);
        const QString line = copied(*chart.plot());
        QVERIFY2(line.startsWith(u"epscope sensitivity --study explore --chip "_qs), qPrintable(line));
        const Json all = run(line);
        const auto &found = std::get<Sensitivity>(chart.answer()->found);
        QVERIFY(all["output"] == "tpot" && all["percent"] == 25);
        QVERIFY(all["base"] == *found.base_output);
        QCOMPARE(all["bars"].size(), found.bars.size());
        for (std::size_t i = 0; i < found.bars.size(); ++i) {
            QVERIFY(all["bars"][i]["key"] == found.bars[i].variable.key);
            QVERIFY(all["bars"][i]["high"] == found.bars[i].high.value);
            QVERIFY(all["bars"][i]["high_output"].is_null() != found.bars[i].high.output.has_value());
            if (found.bars[i].high.output)
                QVERIFY(all["bars"][i]["high_output"] == *found.bars[i].high.output);
        }
    }

    void of_the_map()
    {
        explorer->search_little();
        ChartView &chart = show("map");
        chart.set_options(
            {{u"map.axes"_qs, u"context|nic.CX7 400Gbps.bandwidth"_qs}, {u"map.output"_qs, u"ux_tps"_qs}});
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale() && chart.answer()->complete, patience);
        const Json all = run(copied(*chart.plot()));
        const auto &map = std::get<Map>(chart.answer()->found);
        QVERIFY(all["output"] == "ux_tps");
        QVERIFY(all["x"]["values"] == Json(map.x.values) && all["y"]["values"] == Json(map.y.values));
        QCOMPARE(all["cells"].size(), map.cells.size());
        for (std::size_t i = 0; i < map.cells.size(); ++i) {
            const std::optional<double> value = number_of(*find_metric("ux_tps"), map.cells[i].outcome);
            QVERIFY(value ? all["cells"][i]["ux_tps"] == *value : all["cells"][i]["ux_tps"].is_null());
        }
    }

    void of_the_comparison()
    {
        explorer->action(u"Duplicate"_qs).trigger();
        explorer->set("chip.H800.memory_bandwidth", u"4.8 TB/s"_qs);
        explorer->set("ep", u"8, 16, 32..320:8"_qs);
        explorer->answer();
        auto &view = *explorer->window.findChild<CompareView *>();
        const auto up_to_date = [&] {
            const std::shared_ptr<const Compared> &now = view.model().compared();
            return now && now->cases.size() == 2 && now->cases[1].study == explorer->study();
        };
        QTRY_VERIFY_WITH_TIMEOUT(up_to_date(), patience);
        auto *dock = qobject_cast<QDockWidget *>(view.parentWidget());
        dock->raise();
        const QString line = copied(*view.view());
        QVERIFY2(line.contains(u" --variant "_qs), qPrintable(line));
        verify_comparison(line);
        // Saved, the file says it all.
        explorer->answers.file = folder.path(u"two.yaml"_qs);
        explorer->action(u"Save as…"_qs).trigger();
        QCOMPARE(explorer->answers.warnings, QStringList());
        QTRY_VERIFY_WITH_TIMEOUT(up_to_date(), patience);
        const QString saved = copied(*view.view());
        QCOMPARE(saved, u"epscope compare --study %1 --scenarios"_qs.arg(explorer->answers.file));
        verify_comparison(saved);
    }

    // What has no command is said, and the clipboard keeps what it has.
    void of_a_difference_there_is_none()
    {
        ChartView &chart = show("map");
        QTRY_VERIFY_WITH_TIMEOUT(chart.answer() && !chart.is_stale(), patience);
        QTest::keyClick(&explorer->window, Qt::Key_B);
        QTRY_VERIFY(chart.findChild<QToolButton *>()->isEnabled());
        chart.set_option(u"map.difference"_qs, u"on"_qs);
        QApplication::clipboard()->setText(u"before"_qs);
        QCOMPARE(copied(*chart.plot()), u"before"_qs);
    }

private:
    ChartView &show(const char *id)
    {
        ChartView &chart = explorer->chart(id);
        auto *dock = qobject_cast<QDockWidget *>(chart.parentWidget());
        dock->show();
        dock->raise();
        return chart;
    }
    QString copied(QWidget &with_keyboard)
    {
        with_keyboard.setFocus();
        explorer->action(u"Copy as command line"_qs).trigger();
        return QApplication::clipboard()->text();
    }
    void verify_comparison(const QString &line)
    {
        const Json all = run(line);
        const Compared &now = *explorer->window.findChild<CompareView *>()->model().compared();
        QCOMPARE(all["cases"].size(), now.cases.size());
        for (std::size_t i = 0; i < now.cases.size(); ++i) {
            for (const Metric &metric : metrics()) {
                if (!metric.number)
                    continue;
                const std::optional<double> value = number_of(metric, now.comparison.outcomes[i]);
                QVERIFY(all["cases"][i]["best"][std::string(metric.key)] == (value ? Json(*value) : Json()));
            }
        }
        QCOMPARE(all["inputs"].size(), now.comparison.inputs.size());
        for (std::size_t i = 0; i < now.comparison.inputs.size(); ++i)
            QVERIFY(all["inputs"][i]["key"] == now.comparison.inputs[i].key
                && all["inputs"][i]["values"] == Json(now.comparison.inputs[i].texts));
    }
};

EPSCOPE_SUITE(copied_commands, TestCopiedCommands)
#include "tst_copied_commands.moc"
