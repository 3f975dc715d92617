// SPDX-License-Identifier: GPL-3.0-or-later
// The nearest miss against all configurations one by one, and everyone who names one against the others.
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/search/nearest.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// "key=value" one a word, of the published study.
Study study_with(const std::string &changes)
{
    Study study = published_study();
    for (const QString &change : QString::fromStdString(changes).split(' ', Qt::SkipEmptyParts)) {
        const QStringList parts = change.split('=');
        set(study, parts[0].toStdString(), parts[1].toStdString());
    }
    return study;
}

// Every configuration, by the rule as nearest.h states it.
std::optional<Miss> nearest_of_all(const Study &study, std::optional<std::size_t> chip)
{
    std::optional<Miss> nearest;
    // Is the first one nearer? Reasons from the nearest on: too slow, too large, too many cards, no shape.
    const auto nearer = [](const Miss &a, const Miss &b) {
        if (a.lacks.reason != b.lacks.reason)
            return a.lacks.reason > b.lacks.reason;
        switch (a.lacks.reason) {
        case Reason::target:
            return a.lacks.available > b.lacks.available;
        case Reason::memory:
            return a.lacks.needed / a.lacks.available < b.lacks.needed / b.lacks.available;
        default:
            return a.lacks.missing() < b.lacks.missing();
        }
    };
    for (std::uint64_t index = 0; index < combination_count(study); ++index) {
        const Combination combination = combination_at(study, index);
        if (chip && combination.chip != *chip)
            continue;
        for (std::size_t i = 0; i < study.search.batch.size(); ++i) {
            Candidate candidate{combination.chip, combination.nic, combination.point};
            candidate.point.batch = study.search.batch[i];
            const Estimate full = estimate(scenario_of(study, candidate));
            if (full.feasible())
                return std::nullopt;
            candidate.step_s = full.step_s;
            candidate.ux_tps = full.ux_tps;
            candidate.throughput_per_card = full.throughput_per_card;
            candidate.order = index * study.search.batch.size() + i;
            const Miss miss{candidate, full.infeasible.front()};
            if (!nearest || nearer(miss, *nearest))
                nearest = miss;
        }
    }
    return nearest;
}

} // namespace

class TestNearest : public QObject {
    Q_OBJECT

private slots:
    void is_the_nearest_of_all_data();
    void is_the_nearest_of_all();
    void analyses_name_the_same_data();
    void analyses_name_the_same();
    void stops();
    void of_cards_the_fewest_that_are_missing();
};

void TestNearest::is_the_nearest_of_all_data()
{
    QTest::addColumn<std::string>("changes");
    for (const char *changes : {"target_tps=100000", "chip.memory=10GB",
             "chip.memory=10GB cards=100", // EP 72 of 72, 144 and 320
             "chip.memory=10GB cards=200 policy=dual-mbatch mtp_len=1,2", "chip.memory=1GB precision=2B/2B,1B/1B",
             // Not the chip with the most memory: the least of its multiples.
             "chip.H20.memory=12GB chip.H800.memory=11GB chip.A100.memory=13GB chip.L20.memory=8GB",
             "chip.memory=10GB batch=1,2,3", "chip.memory=10GB ep=130..320", "cards=8", "cards=8 chip.memory=10GB",
             "cards=8 chip.memory=10GB mtp_len=2 policy=dual-mbatch", "model.mtp_layers=0 mtp_len=1,2",
             "batch=1 policy=dual-mbatch", "batch=1 policy=dual-mbatch cards=8"})
        QTest::addRow("%s", changes) << std::string(changes);
}

void TestNearest::is_the_nearest_of_all()
{
    QFETCH(std::string, changes);
    const Study study = study_with(changes);
    const SearchOutcome found = search(study);
    QCOMPARE(found.feasible, std::uint64_t{0});
    const Miss nearest = nearest_miss(study, found);
    const Miss expected = nearest_of_all(study, std::nullopt).value();
    const auto text = [&](const Miss &miss) {
        return full_configuration_text(study, miss.nearest) + ": " + text_of(miss.lacks);
    };
    QCOMPARE(text(nearest), text(expected));
    QCOMPARE(nearest.nearest.order, expected.nearest.order);
    QVERIFY(nearest == expected);
    QVERIFY(nearest.lacks == lack_of(study, nearest.nearest));
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip)
        QCOMPARE(text(nearest_miss(study, found, chip)), text(nearest_of_all(study, chip).value()));
}

void TestNearest::analyses_name_the_same_data()
{
    is_the_nearest_of_all_data();
}

// The search, the best configuration of a study, its sensitivity, a goal and a map.
void TestNearest::analyses_name_the_same()
{
    QFETCH(std::string, changes);
    const Study study = study_with(changes);
    const Miss nearest = nearest_miss(study, search(study));
    QVERIFY(outcome_of(study).miss == nearest);
    QCOMPARE(leading_chip(study), std::optional(nearest.nearest.chip));
    const Study leading = with_chip(study, nearest.nearest.chip);
    const Miss alone = nearest_miss(leading, search(leading));
    QCOMPARE(full_configuration_text(leading, alone.nearest), full_configuration_text(study, nearest.nearest));
    QVERIFY(alone.lacks == nearest.lacks);
    const Variable bandwidth = variable(leading, "chip.memory_bandwidth");
    QVERIFY(sensitivity_of(leading, metric("throughput"), {bandwidth}, 10).base.miss == alone);
    const auto goal = parse_goal("free_memory>=1GB");
    QVERIFY(seek(leading, bandwidth, std::get<Goal>(goal)).present.outcome.miss == alone);
    const double now = *bandwidth.stated;
    const Map map = map_of(leading, map_axis(bandwidth, now, 2 * now, 2),
        map_axis(variable(leading, "context"), static_cast<double>(leading.workload.context), 1e5, 2));
    QVERIFY(map.at(0, 0).outcome.miss == alone);
}

void TestNearest::stops()
{
    const Study study = study_with("chip.memory=1GB precision=2B/2B,1B/1B");
    const SearchOutcome found = search(study);
    std::stop_source stopped;
    stopped.request_stop();
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        const Miss first = nearest_miss(study, found, chip, stopped.get_token());
        const std::uint64_t of_chip = lightest_count(study) / study.chips.size();
        QCOMPARE(first.nearest.order, lightest_at(study, chip * of_chip).order);
        QVERIFY(first.nearest.order != nearest_miss(study, found, chip).nearest.order); // half the size is nearer
    }
}

void TestNearest::of_cards_the_fewest_that_are_missing()
{
    const Study study = study_with("cards=8");
    const Miss nearest = nearest_miss(study, search(study));
    QCOMPARE(nearest.lacks.reason, Reason::ep);
    VERIFY_SAME(nearest.lacks.needed, 72.0);
    VERIFY_SAME(nearest.lacks.available, 8.0);
}

EPSCOPE_SUITE(nearest, TestNearest)
#include "tst_nearest.moc"
