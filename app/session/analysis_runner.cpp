// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/analysis_runner.h"

#include <exception>
#include <utility>

#include "app/session/low_priority.h"

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds quiet{150}; // after the last change

} // namespace

AnalysisRunner::AnalysisRunner(QObject *parent, Solve the_solve)
    : QObject(parent)
    , solve(std::move(the_solve))
    , outbox(this)
    , worker([this](const std::stop_token &stop) { run(stop); })
{
}

AnalysisRunner::~AnalysisRunner()
{
    worker.request_stop();
    interrupt();
    worker.join(); // before the members that it uses go
}

void AnalysisRunner::ask(Study study, Question question)
{
    const std::lock_guard lock(mutex);
    const std::size_t kind = question.index();
    Asked wanted{std::move(study), std::move(question)};
    if (under_way == kind && !asked[kind] && answering == wanted && !current.stop_requested())
        return;
    if (under_way == kind)
        current.request_stop();
    asked[kind] = std::move(wanted);
    if (under_way && *under_way != kind && (kind == seek_kind || *under_way == curve_kind))
        current.request_stop(); // and is taken up again, see run()
    if (kind != seek_kind && kind != curve_kind) // one curve comes after the other
        quiet_from = Clock::now() + quiet;
    wake.notify_one();
}

void AnalysisRunner::take_back(std::size_t kind)
{
    const std::lock_guard lock(mutex);
    asked[kind].reset();
    if (under_way == kind) {
        under_way.reset();
        current.request_stop();
    }
}

void AnalysisRunner::interrupt()
{
    const std::lock_guard lock(mutex);
    for (std::optional<Asked> &each : asked)
        each.reset();
    under_way.reset();
    current.request_stop();
    quiet_from = Clock::now() + quiet;
}

// The seek first, then by kind.
std::optional<std::size_t> AnalysisRunner::next() const
{
    if (asked[seek_kind])
        return seek_kind;
    for (std::size_t kind = 0; kind < question_kinds; ++kind) {
        if (asked[kind])
            return kind;
    }
    return std::nullopt;
}

void AnalysisRunner::run(const std::stop_token &stop)
{
    lower_priority();
    std::unique_lock lock(mutex);
    while (wake.wait(lock, stop, [&] { return next().has_value(); })) {
        const std::size_t kind = *next();
        if (kind != seek_kind && Clock::now() < quiet_from) {
            const Clock::time_point until =
                quiet_from; // which others move meanwhile: the wait reads it without the lock
            wake.wait_until(lock, stop, until, [&] { return asked[seek_kind].has_value(); });
            continue;
        }
        const Asked question = *std::exchange(asked[kind], std::nullopt);
        under_way = kind;
        answering = question;
        current = std::stop_source();
        const std::stop_token question_stop = current.get_token();
        lock.unlock();
        try {
            work_on(kind, question, question_stop);
        } catch (const std::exception &problem) {
            const QString text = QString::fromLocal8Bit(problem.what());
            outbox.post([this, kind, text] { emit failed(kind, text); });
        }
        lock.lock();
        // Still wanted, and only put off for a seek?
        if (question_stop.stop_requested() && under_way == kind && !asked[kind])
            asked[kind] = question;
        under_way.reset();
    }
}

void AnalysisRunner::work_on(std::size_t kind, const Asked &question, const std::stop_token &stop)
{
    Clock::time_point reported{};
    const auto say = [this, kind](
                         double fraction) { outbox.post([this, kind, fraction] { emit progressed(kind, fraction); }); };
    Running running;
    running.stop = stop;
    running.progress = [&](std::size_t done, std::size_t all) {
        const Clock::time_point now = Clock::now();
        if (now - reported < between_progress)
            return;
        reported = now;
        say(static_cast<double>(done) / static_cast<double>(all));
    };
    const auto deliver = [&](const std::shared_ptr<const Answer> &answer) {
        if (answer && !stop.stop_requested())
            outbox.post([this, answer] { emit answered(answer); });
    };
    const std::shared_ptr<const Answer> answer = solve(question.study, question.question, running, deliver);
    deliver(answer);
    if (!answer && !stop.stop_requested() && kind != curve_kind)
        outbox.post([this, kind] { emit failed(kind, tr("the study has no such number")); });
    if (reported != Clock::time_point{})
        say(1);
}

} // namespace epscope
