// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/analysis_runner.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

Study study()
{
    return with_chip(published_study(), 0);
}

struct AnswerArrivals {
    std::vector<std::shared_ptr<const Answer>> answers;
    bool on_owners_thread = true;

    explicit AnswerArrivals(AnalysisRunner &runner)
    {
        QObject::connect(
            &runner, &AnalysisRunner::answered, &runner, [this](const std::shared_ptr<const Answer> &answer) {
                on_owners_thread =
                    on_owners_thread && QThread::currentThread() == QCoreApplication::instance()->thread();
                answers.push_back(answer);
            });
    }
    double last_percent() const
    {
        return answers.empty() ? 0 : std::get<SensitivityQuestion>(answers.back()->question).percent;
    }
};

// OnAnswer at once or, where `held`, when it is stopped; counts what was begun.
struct Solver {
    std::atomic<int> begun{0}, stopped{0};
    std::atomic<bool> held{false};

    AnalysisRunner::Solve function()
    {
        return [this](const Study &about, const Question &question, const Running &running,
                   const OnAnswer &) -> std::shared_ptr<const Answer> {
            ++begun;
            while (held && !running.stop.stop_requested())
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (running.stop.stop_requested()) {
                ++stopped;
                return nullptr;
            }
            return std::make_shared<const Answer>(Answer{about, question, {}});
        };
    }
};

} // namespace

class TestAnalysisRunner : public QObject {
    Q_OBJECT

private slots:
    void answers_as_the_engine_does()
    {
        AnalysisRunner runner;
        AnswerArrivals arrivals(runner);
        const SensitivityQuestion question{"throughput", 5};
        runner.ask(study(), question);
        QTRY_COMPARE_WITH_TIMEOUT(arrivals.answers.size(), std::size_t{1}, 20000);
        QVERIFY(arrivals.on_owners_thread);
        const auto &found = std::get<Sensitivity>(arrivals.answers[0]->found);
        const Sensitivity expected =
            sensitivity_of(study(), *find_metric("throughput"), scalable_variables(study()), 5);
        QVERIFY(found.complete && found.bars.size() == expected.bars.size() && !expected.bars.empty());
        for (std::size_t i = 0; i < expected.bars.size(); ++i) {
            QVERIFY(found.bars[i].variable.key == expected.bars[i].variable.key);
            QVERIFY(found.bars[i].low == expected.bars[i].low && found.bars[i].high == expected.bars[i].high);
        }
    }

    void a_map_arrives_in_passes()
    {
        AnalysisRunner runner;
        AnswerArrivals arrivals(runner);
        QSignalSpy progress(&runner, &AnalysisRunner::progressed);
        runner.ask(study(), MapQuestion{"chip.memory_bandwidth", "context", 64});
        QTRY_VERIFY_WITH_TIMEOUT(!arrivals.answers.empty() && arrivals.answers.back()->complete, 60000);
        QCOMPARE(arrivals.answers.size(), std::size_t{2});
        QCOMPARE(std::get<Map>(arrivals.answers[0]->found).stride, std::size_t{2});
        QCOMPARE(std::get<Map>(arrivals.answers[1]->found).stride, std::size_t{1});
        QVERIFY(progress.size() > 0);
    }

    void of_each_kind_the_newest_counts()
    {
        Solver solver;
        AnalysisRunner runner(nullptr, solver.function());
        AnswerArrivals arrivals(runner);
        for (int percent = 1; percent <= 9; ++percent)
            runner.ask(study(), SensitivityQuestion{"throughput", static_cast<double>(percent)});
        QTRY_COMPARE(arrivals.answers.size(), std::size_t{1});
        QCOMPARE(arrivals.last_percent(), 9.);
        QCOMPARE(solver.begun.load(), 1);
    }

    // Two views may want the same.
    void what_is_under_way_is_not_begun_again()
    {
        Solver solver;
        solver.held = true;
        AnalysisRunner runner(nullptr, solver.function());
        AnswerArrivals arrivals(runner);
        runner.ask(study(), SeekQuestion{"context", "throughput>=1"});
        QTRY_COMPARE(solver.begun.load(), 1);
        runner.ask(study(), SeekQuestion{"context", "throughput>=1"});
        QVERIFY(holds_for(50, [&] { return solver.begun == 1; }));
        solver.held = false;
        QTRY_COMPARE(arrivals.answers.size(), std::size_t{1});
        QVERIFY(
            holds_for(200, [&] { return solver.begun == 1 && solver.stopped == 0 && arrivals.answers.size() == 1; }));
        // Of another study it is another question.
        solver.held = true;
        runner.ask(study(), SeekQuestion{"context", "throughput>=1"});
        QTRY_COMPARE(solver.begun.load(), 2);
        Study other = study();
        other.workload.context *= 2;
        runner.ask(other, SeekQuestion{"context", "throughput>=1"});
        QTRY_COMPARE(solver.stopped.load(), 1);
        solver.held = false;
        QTRY_COMPARE(arrivals.answers.size(), std::size_t{2});
        QVERIFY(arrivals.answers.back()->study == other);
    }

    void a_change_of_the_inputs_ends_everything()
    {
        Solver solver;
        solver.held = true;
        AnalysisRunner runner(nullptr, solver.function());
        AnswerArrivals arrivals(runner);
        runner.ask(study(), SensitivityQuestion{});
        runner.ask(study(), MapQuestion{"context", "chip.memory", 32});
        QTRY_COMPARE(solver.begun.load(), 1);
        runner.interrupt();
        QTRY_COMPARE(solver.stopped.load(), 1);
        QVERIFY(
            holds_for(400, [&] { return solver.begun == 1 && arrivals.answers.empty(); })); // the map was taken back
        solver.held = false;
        runner.ask(study(), SensitivityQuestion{"throughput", 3});
        QTRY_COMPARE(arrivals.last_percent(), 3.);
    }

    // What it puts off is taken up again.
    void a_goal_seek_goes_first()
    {
        Solver solver;
        solver.held = true;
        AnalysisRunner runner(nullptr, solver.function());
        AnswerArrivals arrivals(runner);
        runner.ask(study(), SensitivityQuestion{});
        QTRY_COMPARE(solver.begun.load(), 1);
        runner.ask(study(), SeekQuestion{"context", "throughput>=1"});
        QTRY_COMPARE(solver.stopped.load(), 1);
        solver.held = false;
        QTRY_COMPARE(arrivals.answers.size(), std::size_t{2});
        QVERIFY(std::holds_alternative<SeekQuestion>(arrivals.answers[0]->question));
        QVERIFY(std::holds_alternative<SensitivityQuestion>(arrivals.answers[1]->question));
    }

    void a_question_is_taken_back_alone()
    {
        Solver solver;
        solver.held = true;
        AnalysisRunner runner(nullptr, solver.function());
        AnswerArrivals arrivals(runner);
        runner.ask(study(), SensitivityQuestion{});
        QTRY_COMPARE(solver.begun.load(), 1);
        runner.ask(study(), SeekQuestion{"context", "throughput>=1"});
        QTRY_COMPARE(solver.begun.load(), 2); // in place of the other
        runner.take_back(seek_kind);
        QTRY_COMPARE(solver.stopped.load(), 2);
        solver.held = false;
        QTRY_COMPARE(arrivals.answers.size(), std::size_t{1});
        QVERIFY(std::holds_alternative<SensitivityQuestion>(arrivals.answers[0]->question));
        QVERIFY(holds_for(100, [&] { return solver.begun == 3; }));
    }

    void a_failure_is_said()
    {
        AnalysisRunner runner(nullptr,
            [](const Study &, const Question &, const Running &, const OnAnswer &) -> std::shared_ptr<const Answer> {
                throw std::runtime_error("too much");
            });
        QSignalSpy failed(&runner, &AnalysisRunner::failed);
        runner.ask(study(), SensitivityQuestion{});
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(failed[0][0].toULongLong(), qulonglong{0}); // a sensitivity
        QCOMPARE(failed[0][1].toString(), QStringLiteral("too much"));
    }

    void ends_with_work_under_way()
    {
        AnalysisRunner runner;
        QSignalSpy progress(&runner, &AnalysisRunner::progressed);
        runner.ask(study(), MapQuestion{"chip.memory_bandwidth", "context", 128});
        QVERIFY(progress.wait());
    }
};

EPSCOPE_SUITE(analysis_runner, TestAnalysisRunner)
#include "tst_analysis_runner.moc"
