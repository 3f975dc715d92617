// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/analysis_runner.h"

#include <utility>

namespace epscope {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds quiet{150}; // after the last change

} // namespace

AnalysisRunner::AnalysisRunner(QObject *parent, Solve the_solve)
    : QObject(parent)
    , solve(std::move(the_solve))
    , worker(
          Priority::low, [this](const Asked &question, const JobLimits &limits) { work_on(question, limits); },
          [this](const Asked &asked, const QString &problem) { emit failed(asked.question.index(), problem); })
{
}

void AnalysisRunner::ask(Study study, Question question)
{
    worker.change([&](Questions &questions, std::stop_source &running) {
        const std::size_t kind = question.index();
        const std::optional<std::size_t> under_way = questions.under_way;
        Asked wanted{std::move(study), std::move(question)};
        if (under_way == kind && !questions.asked[kind] && questions.answering == wanted && !running.stop_requested())
            return;
        if (under_way == kind)
            running.request_stop();
        questions.asked[kind] = std::move(wanted);
        if (under_way && *under_way != kind && (kind == seek_kind || *under_way == curve_kind))
            running.request_stop(); // and is taken up again, see finish()
        if (kind != seek_kind && kind != curve_kind) // one curve comes after the other
            questions.quiet_from = Clock::now() + quiet;
    });
}

void AnalysisRunner::take_back(std::size_t kind)
{
    worker.change([&](Questions &questions, std::stop_source &running) {
        questions.asked[kind].reset();
        if (questions.under_way == kind) {
            questions.under_way.reset();
            running.request_stop();
        }
    });
}

void AnalysisRunner::interrupt()
{
    worker.change([](Questions &questions, std::stop_source &running) {
        for (std::optional<Asked> &each : questions.asked)
            each.reset();
        questions.under_way.reset();
        running.request_stop();
        questions.quiet_from = Clock::now() + quiet;
    });
}

std::optional<std::size_t> AnalysisRunner::Questions::next() const
{
    if (asked[seek_kind])
        return seek_kind;
    for (std::size_t kind = 0; kind < question_kinds; ++kind) {
        if (asked[kind])
            return kind;
    }
    return std::nullopt;
}

std::optional<Clock::time_point> AnalysisRunner::Questions::due() const
{
    const std::optional<std::size_t> kind = next();
    if (!kind)
        return std::nullopt;
    return kind == seek_kind ? Clock::time_point::min() : quiet_from;
}

AnalysisRunner::Asked AnalysisRunner::Questions::take()
{
    const std::size_t kind = *next();
    under_way = kind;
    answering = *std::exchange(asked[kind], std::nullopt);
    return *answering;
}

// One that was stopped is taken up again where it is still wanted: it was put off for a seek.
void AnalysisRunner::Questions::finish(const Asked &question, bool stopped)
{
    const std::size_t kind = question.question.index();
    if (stopped && under_way == kind && !asked[kind])
        asked[kind] = question;
    under_way.reset();
}

void AnalysisRunner::work_on(const Asked &question, const JobLimits &limits)
{
    const std::size_t kind = question.question.index();
    Clock::time_point reported{};
    const auto say = [this, kind](
                         double fraction) { worker.post([this, kind, fraction] { emit progressed(kind, fraction); }); };
    Running running;
    running.stop = limits.stop;
    running.threads = limits.threads;
    running.progress = [&](std::size_t done, std::size_t all) {
        const Clock::time_point now = Clock::now();
        if (now - reported < between_progress)
            return;
        reported = now;
        say(static_cast<double>(done) / static_cast<double>(all));
    };
    const auto deliver = [&](const std::shared_ptr<const Answer> &answer) {
        if (answer && !limits.stop.stop_requested())
            worker.post([this, answer] { emit answered(answer); });
    };
    const std::shared_ptr<const Answer> answer = solve(question.study, question.question, running, deliver);
    deliver(answer);
    if (!answer && !limits.stop.stop_requested() && kind != curve_kind)
        worker.post([this, kind] { emit failed(kind, tr("the study has no such number")); });
    if (reported != Clock::time_point{})
        say(1);
}

} // namespace epscope
