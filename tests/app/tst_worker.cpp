// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/worker.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <QCoreApplication>
#include <QTest>
#include <QThread>

#include "tests/support/suite.h"

using namespace epscope;

namespace {

// Jobs are numbers. Each waits until it is let go or stopped; what was heard of them, in order.
struct Bench {
    std::atomic<int> begun{0}, allowed{0};
    std::vector<int> done, stopped;
    QStringList problems;
    bool on_owners_thread = true;
    Worker<Newest<int>> worker{Priority::normal, [this](const int &job, const JobLimits &limits) { work(job, limits); },
        [this](const int &job, const QString &problem) { problems << QString::number(job) + u": "_qs + problem; }};

    void work(int job, const JobLimits &limits)
    {
        const int number = begun++;
        while (allowed <= number && !limits.stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (job < 0)
            throw std::runtime_error("below zero");
        const bool was_stopped = limits.stop.stop_requested();
        worker.post([this, job, was_stopped] {
            on_owners_thread = on_owners_thread && QThread::currentThread() == QCoreApplication::instance()->thread();
            (was_stopped ? stopped : done).push_back(job);
        });
    }
};

} // namespace

class TestWorker : public QObject {
    Q_OBJECT

private slots:
    void the_newest_job_counts()
    {
        Bench bench;
        bench.worker.submit(1);
        QTRY_COMPARE(bench.begun.load(), 1);
        QVERIFY(!bench.worker.is_awaited());
        bench.worker.submit(2);
        bench.worker.submit(3);
        QVERIFY(bench.worker.is_awaited());
        bench.allowed = 2;
        QTRY_COMPARE(bench.done, (std::vector{1, 3}));
        QVERIFY(bench.on_owners_thread);
    }
    void a_cancelled_job_ends_and_the_next_one_runs()
    {
        Bench bench;
        bench.worker.submit(1);
        QTRY_COMPARE(bench.begun.load(), 1);
        bench.worker.cancel();
        QTRY_COMPARE(bench.stopped, std::vector{1});
        bench.allowed = 2;
        bench.worker.submit(2);
        QTRY_COMPARE(bench.done, std::vector{2});
    }
    void what_a_job_throws_is_told()
    {
        Bench bench;
        bench.allowed = 2;
        bench.worker.submit(-1);
        QTRY_COMPARE(bench.problems, QStringList{QStringLiteral("-1: below zero")});
        bench.worker.submit(2);
        QTRY_COMPARE(bench.done, std::vector{2});
    }
    void the_end_stops_the_job_and_nothing_more_is_heard()
    {
        std::atomic<bool> heard{false}, ended{false};
        {
            std::atomic<bool> begun{false};
            Worker<Newest<int>> *self = nullptr;
            Worker<Newest<int>> worker(
                Priority::low,
                [&](const int &, const JobLimits &limits) {
                    begun = true;
                    while (!limits.stop.stop_requested())
                        std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    self->post([&heard] { heard = true; });
                    ended = true;
                },
                [](const int &, const QString &) {});
            self = &worker;
            worker.submit(1);
            QTRY_VERIFY(begun.load());
        }
        QVERIFY(ended);
        QCoreApplication::processEvents();
        QVERIFY(!heard);
    }
    void jobs_of_low_priority_divide_the_threads()
    {
        const unsigned all = std::max(1u, std::thread::hardware_concurrency());
        QCOMPARE(ThreadLease(Priority::normal).threads(), all);
        {
            const ThreadLease first(Priority::low), second(Priority::low);
            QCOMPARE(first.threads(), all);
            QCOMPARE(second.threads(), 1u);
            QCOMPARE(ThreadLease(Priority::normal).threads(), all);
        }
        QCOMPARE(ThreadLease(Priority::low).threads(), all);
    }
};

EPSCOPE_SUITE(worker, TestWorker)
#include "tst_worker.moc"
