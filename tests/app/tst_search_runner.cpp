// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/search_runner.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include "app/session/session.h"
#include "core/spec/parameters.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

Inputs with_context(int context)
{
    return {with(published_study(), "context", std::to_string(context)), std::nullopt};
}

// More than is searched while a slider moves.
Inputs large()
{
    Inputs inputs = {published_study(), std::nullopt};
    inputs.study = with(inputs.study, "ep", "1..320");
    inputs.study = with(inputs.study, "batch", "1..1024");
    return inputs;
}

// Results as they arrive.
struct SearchArrivals {
    std::vector<std::shared_ptr<const Explored>> results;
    std::vector<double> progress;
    QStringList problems;

    explicit SearchArrivals(SearchRunner &runner)
    {
        QObject::connect(&runner, &SearchRunner::finished, &runner, [this](const auto &explored) {
            on_owners_thread = on_owners_thread && QThread::currentThread() == QCoreApplication::instance()->thread();
            results.push_back(explored);
        });
        QObject::connect(
            &runner, &SearchRunner::progressed, &runner, [this](double fraction) { progress.push_back(fraction); });
        QObject::connect(
            &runner, &SearchRunner::failed, &runner, [this](const QString &problem) { problems << problem; });
    }

    bool on_owners_thread = true;

    std::int64_t newest_context() const { return results.empty() ? 0 : results.back()->inputs.study.workload.context; }
};

// Stands in for explore(): each search waits until it is let go, or stopped.
struct Gate {
    std::atomic<int> started{0}, allowed{0};
    std::atomic<bool> reports{false};

    std::shared_ptr<const Explored> operator()(const Inputs &inputs, const ExploreOptions &options)
    {
        const int number = started++;
        while (allowed <= number) {
            if (reports && options.progress)
                options.progress(1, 2);
            if (options.stop.stop_requested())
                return nullptr;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        auto result = std::make_shared<Explored>();
        result->inputs = inputs;
        result->exact = options.most_configurations == 0;
        return result;
    }
};

} // namespace

class TestSearchRunner : public QObject {
    Q_OBJECT

private slots:
    void the_result_is_the_engines()
    {
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        const Inputs inputs = with_context(4096);
        runner.submit(inputs);
        QTRY_COMPARE(arrivals.results.size(), std::size_t(1));
        QVERIFY(arrivals.on_owners_thread);
        QVERIFY(arrivals.results[0]->exact);
        QCOMPARE(arrivals.results[0]->inputs, inputs);
        QCOMPARE(arrivals.results[0]->outcome.winners, search(inputs.study).winners);
    }

    // A search holds something of each group that has a winner.
    void a_space_that_memory_does_not_hold_is_refused()
    {
        Inputs inputs = with_context(4096);
        inputs.study = with(inputs.study, "ep", "1..1024");
        inputs.study = with(inputs.study, "mtp_len", "0..16");
        inputs.study = with(inputs.study, "batch", "16");
        std::string pairs;
        for (int i = 0; i < 250; ++i)
            pairs += (i == 0 ? "1/" : ",1/") + std::to_string(1 + i / 1000.0);
        inputs.study = with(inputs.study, "precision", pairs);
        QVERIFY(winner_group_count(inputs.study) > 1048576);
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        runner.submit(inputs);
        QTRY_COMPARE_WITH_TIMEOUT(arrivals.problems.size(), 1, 20000);
        QVERIFY2(arrivals.problems[0].contains(QStringLiteral("holds at most 1,048,576, fix some of them")),
            qPrintable(arrivals.problems[0]));
        const qsizetype coarse = static_cast<qsizetype>(arrivals.results.size()); // what stays on show
        runner.submit(with_context(2048));
        QTRY_COMPARE(static_cast<qsizetype>(arrivals.results.size()), coarse + 1);
        QVERIFY(arrivals.results.back()->exact);
    }

    // A session holds one until a study is opened, and a model may be taken into it.
    void a_study_without_chips_is_refused()
    {
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        runner.submit(Inputs{});
        QTRY_COMPARE(arrivals.problems,
            QStringList{QStringLiteral("the study has no chip or no NIC; there is nothing to search")});
        QVERIFY(arrivals.results.empty());
        Inputs without_nics = with_context(4096);
        without_nics.study.nics.clear();
        runner.submit(without_nics);
        QTRY_COMPARE(arrivals.problems.size(), 2);
        runner.submit(with_context(2048));
        QTRY_COMPARE(arrivals.newest_context(), 2048);
    }

    void the_newest_pending_inputs_win()
    {
        Gate gate;
        SearchRunner runner(nullptr, std::ref(gate));
        SearchArrivals arrivals(runner);
        runner.submit(with_context(1000));
        QTRY_COMPARE(gate.started.load(), 1);
        for (int context = 2000; context <= 5000; context += 1000)
            runner.submit(with_context(context));
        gate.allowed = 100;
        QTRY_COMPARE(arrivals.newest_context(), std::int64_t(5000));
        QVERIFY(holds_for(20, [&] { return gate.started == 2; })); // what lay between is never begun
        QCOMPARE(arrivals.results.size(), std::size_t(2));
    }

    void a_hundred_rapid_changes_end_with_the_last()
    {
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        for (int i = 1; i <= 100; ++i) {
            runner.submit(with_context(1000 + i));
            if (i % 10 == 0)
                QCoreApplication::processEvents();
        }
        QTRY_COMPARE(arrivals.newest_context(), std::int64_t(1100));
        std::int64_t before = 0;
        for (const auto &result : arrivals.results) {
            QVERIFY(result->exact);
            QVERIFY(result->inputs.study.workload.context > before);
            before = result->inputs.study.workload.context;
        }
    }

    // One that is always cancelled shows nothing while a slider is dragged.
    void a_young_search_is_left_to_finish()
    {
        Gate gate;
        gate.reports = true;
        SearchRunner runner(nullptr, std::ref(gate));
        SearchArrivals arrivals(runner);
        runner.submit(with_context(1000));
        QTRY_COMPARE(gate.started.load(), 1);
        runner.submit(with_context(2000));
        QVERIFY(holds_for(20, [&] { return gate.started == 1; }));
        gate.allowed = 2;
        QTRY_COMPARE(arrivals.results.size(), std::size_t(2));
        QCOMPARE(arrivals.results[0]->inputs.study.workload.context, std::int64_t(1000));
    }

    void an_old_search_gives_way()
    {
        Gate gate;
        gate.reports = true;
        SearchRunner runner(nullptr, std::ref(gate));
        SearchArrivals arrivals(runner);
        runner.submit(with_context(1000));
        QTRY_COMPARE(gate.started.load(), 1);
        let_pass(200);
        runner.submit(with_context(2000));
        QTRY_COMPARE(gate.started.load(), 2); // nobody let the first go
        gate.allowed = 2;
        QTRY_COMPARE(arrivals.results.size(), std::size_t(1));
        QCOMPARE(arrivals.newest_context(), std::int64_t(2000));
    }

    void a_large_space_is_first_searched_coarsely()
    {
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        const Inputs inputs = large();
        QVERIFY(configuration_count(inputs.study) > 2'000'000);
        runner.submit(inputs);
        QTRY_COMPARE_WITH_TIMEOUT(arrivals.results.size(), std::size_t(2), 60000);
        QVERIFY(!arrivals.results[0]->exact);
        QVERIFY(arrivals.results[0]->outcome.configurations <= 200'000);
        QVERIFY(arrivals.results[1]->exact);
        QCOMPARE(arrivals.results[1]->outcome.configurations, configuration_count(inputs.study));
        for (const auto &result : arrivals.results)
            QCOMPARE(result->inputs, inputs);
    }

    void the_exact_search_of_a_large_space_gives_way_to_a_coarse_one()
    {
        Gate gate;
        gate.reports = true;
        SearchRunner runner(nullptr, std::ref(gate));
        SearchArrivals arrivals(runner);
        gate.allowed = 1; // the coarse one
        runner.submit(large());
        QTRY_COMPARE(gate.started.load(), 2);
        Inputs next = large();
        next.study = with(next.study, "context", "2000");
        runner.submit(next);
        QTRY_COMPARE(gate.started.load(), 3);
        gate.allowed = 4;
        QTRY_COMPARE(arrivals.results.size(), std::size_t(3));
        QCOMPARE(arrivals.newest_context(), std::int64_t(2000));
        QVERIFY(arrivals.results.back()->exact);
        QVERIFY(!arrivals.results[1]->exact);
    }

    void cancelling_keeps_what_there_is()
    {
        Gate gate;
        gate.reports = true;
        SearchRunner runner(nullptr, std::ref(gate));
        SearchArrivals arrivals(runner);
        gate.allowed = 1;
        runner.submit(large());
        QTRY_COMPARE(gate.started.load(), 2);
        QTRY_VERIFY(!arrivals.progress.empty());
        QCOMPARE(arrivals.progress.front(), 0.5);
        runner.cancel();
        QTRY_COMPARE(arrivals.progress.back(), 1.0); // who shows progress hears of the end
        QCOMPARE(arrivals.results.size(), std::size_t(1));
        QVERIFY(!arrivals.results[0]->exact);
        gate.allowed = 100; // and the next inputs are searched as ever
        runner.submit(with_context(3000));
        QTRY_COMPARE(arrivals.newest_context(), std::int64_t(3000));
    }

    void a_real_search_can_be_cancelled()
    {
        SearchRunner runner;
        SearchArrivals arrivals(runner);
        Inputs inputs = large();
        inputs.study = with(inputs.study, "mtp_len", "0..4");
        inputs.study = with(inputs.study, "batch", "1..4096");
        runner.submit(inputs);
        QTRY_VERIFY_WITH_TIMEOUT(!arrivals.results.empty(), 60000); // the coarse one
        runner.cancel();
        runner.submit(with_context(3000));
        QTRY_COMPARE_WITH_TIMEOUT(arrivals.newest_context(), std::int64_t(3000), 60000);
        for (const auto &result : arrivals.results)
            QVERIFY(!result->exact || result->inputs.study.workload.context == 3000);
    }

    void it_may_go_during_a_search()
    {
        Gate gate;
        {
            SearchRunner runner(nullptr, std::ref(gate));
            runner.submit(with_context(1000));
            QTRY_COMPARE(gate.started.load(), 1);
            runner.submit(with_context(2000));
        }
        QCOMPARE(gate.started.load(), 1);
        for (int i = 0; i < 20; ++i) {
            SearchRunner runner;
            runner.submit(large());
            std::this_thread::sleep_for(std::chrono::milliseconds(i)); // ended at another place each time
        }
        {
            const SearchRunner unused;
        }
        QCoreApplication::processEvents(); // nothing left arrives at what is gone
    }

    void what_a_search_throws_ends_only_it()
    {
        std::atomic<bool> throws{true};
        SearchRunner runner(nullptr, [&](const Inputs &inputs, const ExploreOptions &options) {
            if (throws)
                throw std::runtime_error("out of luck");
            return explore(inputs, options);
        });
        SearchArrivals arrivals(runner);
        runner.submit(with_context(1000));
        QTRY_COMPARE(arrivals.problems, QStringList{QStringLiteral("out of luck")});
        QVERIFY(arrivals.results.empty());
        throws = false;
        runner.submit(with_context(2000));
        QTRY_COMPARE(arrivals.newest_context(), std::int64_t(2000));
    }

    // What is on show of other inputs is told after a while: until the answer comes, or nobody waits for it any more.
    void a_stale_result_is_told()
    {
        Gate gate;
        gate.allowed = 1;
        std::atomic<bool> throws{false};
        Session session(nullptr, [&](const Inputs &inputs, const ExploreOptions &options) {
            if (throws)
                throw std::runtime_error("out of luck");
            return gate(inputs, options);
        });
        QSignalSpy told(&session, &Session::computing_changed);
        session.open(published_study());
        QTRY_VERIFY(session.explored());
        QVERIFY(!session.is_computing());

        QCOMPARE(session.set("context", QStringLiteral("1000")), QString());
        QVERIFY(!session.is_computing()); // may take no time
        QTRY_VERIFY(session.is_computing());
        session.history().undo();
        QVERIFY(!session.is_computing()); // its answer is on show
        session.history().redo();
        QTRY_VERIFY(session.is_computing());
        gate.allowed = gate.started.load();
        QTRY_VERIFY(!session.is_computing());
        QVERIFY(session.explored()->inputs == session.inputs());

        QCOMPARE(session.set("context", QStringLiteral("2000")), QString());
        QTRY_VERIFY(session.is_computing());
        session.cancel_search();
        QVERIFY(!session.is_computing());
        session.search();
        QTRY_VERIFY(session.is_computing());
        throws = true;
        session.cancel_search();
        session.search();
        QTRY_VERIFY(session.is_computing() || told.size() % 2 == 0);
        QTRY_VERIFY(!session.is_computing());
        for (qsizetype i = 0; i < told.size(); ++i)
            QCOMPARE(told[i][0].toBool(), i % 2 == 0);
    }

    void the_session_shows_the_newest()
    {
        Session session;
        session.open(published_study());
        int changes = 0;
        connect(&session, &Session::explored_changed, this, [&] { ++changes; });
        for (int i = 1; i <= 100; ++i)
            QCOMPARE(session.set("context", QString::number(1000 + i)), QString());
        QTRY_VERIFY(session.explored() && session.explored()->inputs == session.inputs());
        QVERIFY(changes > 0 && changes <= 101);
        QCOMPARE(session.explored()->outcome.winners, search(session.study()).winners);
    }
};

EPSCOPE_SUITE(search_runner, TestSearchRunner)
#include "tst_search_runner.moc"
