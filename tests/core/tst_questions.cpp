// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/questions.h"

#include "tests/support/explored.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestQuestions : public QObject {
    Q_OBJECT

private slots:
    void answers_are_those_of_the_analyses()
    {
        const Study study = study_in_question(*explored_with());
        QCOMPARE(study.chips.size(), std::size_t{1});
        const auto sensitivity = answer_to(study, SensitivityQuestion{});
        QVERIFY(sensitivity && sensitivity->complete);
        const Sensitivity expected =
            sensitivity_of(study, *find_metric("throughput"), scalable_variables(study), SensitivityQuestion{}.percent);
        const auto &found = std::get<Sensitivity>(sensitivity->found);
        QVERIFY(found.base == expected.base);
        QCOMPARE(found.bars.size(), expected.bars.size());
        for (std::size_t i = 0; i < expected.bars.size(); ++i)
            QVERIFY(found.bars[i].low == expected.bars[i].low && found.bars[i].high == expected.bars[i].high);
        const auto curve = answer_to(study, CurveQuestion{"context", {1024, 4096}});
        QVERIFY(curve && std::get<Curve>(curve->found).complete);
        const auto sought = answer_to(study, SeekQuestion{"context", "throughput>=100"});
        QVERIFY(sought && std::get<Sought>(sought->found).result != SeekResult::stopped);
    }

    void parts_of_a_map_come_first()
    {
        const Study study = study_in_question(*explored_with());
        MapQuestion question{"context", "chip." + study.chips.front().name + ".memory_bandwidth", 2 * coarse_nodes};
        question.against = with(study, "context", "9000");
        std::vector<std::shared_ptr<const Answer>> parts;
        const auto answer =
            answer_to(study, question, {}, [&](const std::shared_ptr<const Answer> &part) { parts.push_back(part); });
        QVERIFY(answer && answer->complete && answer->against);
        QVERIFY(!parts.empty());
        QVERIFY(std::none_of(parts.begin(), parts.end(), [](const auto &part) { return part->complete; }));
        const auto against = answer_against(*answer, *question.against);
        QVERIFY(against && against->study == *question.against);
        QVERIFY(!std::get<MapQuestion>(against->question).against);
        QVERIFY(!answer_against(*answer, study));
    }

    void what_the_study_does_not_have_has_no_answer()
    {
        const Study study = study_in_question(*explored_with());
        QVERIFY(!answer_to(study, SensitivityQuestion{"nothing"}));
        QVERIFY(!answer_to(study, MapQuestion{"context", "nothing", 9}));
        QVERIFY(!answer_to(study, MapQuestion{"context", "context", 9}));
        QVERIFY(!answer_to(study, SeekQuestion{"nothing", "throughput>=100"}));
        QVERIFY(!answer_to(study, SeekQuestion{"context", "throughput"}));
        QVERIFY(!answer_to(study, CurveQuestion{"nothing", {1}}));
    }

    void stops()
    {
        std::stop_source source;
        source.request_stop();
        Running running;
        running.stop = source.get_token();
        const Study study = study_in_question(*explored_with());
        QVERIFY(!answer_to(study, SensitivityQuestion{}, running));
        QVERIFY(!answer_to(study, SeekQuestion{"context", "throughput>=100"}, running));
    }
};

EPSCOPE_SUITE(questions, TestQuestions)
#include "tst_questions.moc"
