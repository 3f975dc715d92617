// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include <QObject>

#include "app/session/worker.h"
#include "core/explore/questions.h"

namespace epscope {

// Answers the views' questions on a thread of low priority once nothing has changed for a while, so that nobody who
// drags a slider waits for it. Of each kind of question the newest counts; a change of the inputs ends the one under
// way and takes back all others. Curves give way to everything else.
class AnalysisRunner : public QObject {
    Q_OBJECT
public:
    using Solve = std::function<std::shared_ptr<const Answer>(
        const Study &, const Question &, const Running &, const OnAnswer &)>;

    // Another `solve` is for tests; it is called on the runner's thread.
    explicit AnalysisRunner(QObject *parent = nullptr, Solve solve = answer_to);

    // `study` has one chip. A goal seek starts at once: somebody waits for it. What is under way already goes on.
    void ask(Study study, Question question);
    // A question by its index in Question, whose answer nobody waits for any more.
    void take_back(std::size_t kind);
    // To be called when the inputs have changed.
    void interrupt();

signals:
    void answered(std::shared_ptr<const epscope::Answer> answer); // also with parts of it
    void progressed(std::size_t kind, double fraction); // of a question, by its index in Question
    void failed(std::size_t kind, const QString &problem); // likewise

private:
    struct Asked {
        Study study;
        Question question;

        bool operator==(const Asked &) const = default;
    };
    // Of each kind one: the seek first, then by kind.
    struct Questions {
        using Job = Asked;
        using Clock = std::chrono::steady_clock;

        std::array<std::optional<Asked>, question_kinds> asked;
        Clock::time_point quiet_from; // nothing but a seek starts before
        std::optional<std::size_t> under_way; // kind
        std::optional<Asked> answering; // what is under way

        std::optional<Clock::time_point> due() const;
        Asked take();
        void finish(const Asked &question, bool stopped);

    private:
        std::optional<std::size_t> next() const;
    };

    Solve solve;
    Worker<Questions> worker; // last: it uses the member above

    void work_on(const Asked &question, const JobLimits &limits);
};

} // namespace epscope
