// SPDX-License-Identifier: GPL-3.0-or-later
// What the explorer shows, against the search itself; and that a result stays small however large the space.
#include <algorithm>
#include <mutex>
#include <set>
#include <stdexcept>

#include "core/explore/explored.h"
#include "core/explore/thin.h"
#include "tests/support/measured.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// By combination, from a search of its own; without step times, which rows do not have.
std::vector<ResultRow> all_rows(const Study &study)
{
    std::vector<ResultRow> rows(combination_count(study));
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &found) {
        ResultRow &row = rows[found.index];
        row.candidate = found.at(found.best.value_or(0));
        row.candidate.step_s = 0;
        if (!found.best)
            row.reason = found.reason(0);
    };
    search(study, options);
    return rows;
}

Selection selection_of(const Study &study, const Candidate &candidate)
{
    return {study.chips[candidate.chip].name, study.nics[candidate.nic].name, candidate.point};
}

// 835,584 of one batch size each.
Study many_combinations()
{
    return with(published_study(), {{"batch", "16"}, {"ep", "1..1024"}, {"mtp_len", "0..16"}});
}

} // namespace

class TestExplored : public QObject {
    Q_OBJECT

private slots:
    void rows_are_what_the_search_has_made_data()
    {
        QTest::addColumn<Settings>("settings");
        QTest::newRow("published") << Settings{};
        QTest::newRow("all reasons") << Settings{
            {"chip.memory", "60 GB"}, {"target_tps", "40"}, {"cards", "200"}, {"batch", "1..64"}};
        QTest::newRow("nothing is feasible") << Settings{{"target_tps", "100000"}};
    }

    void rows_are_what_the_search_has_made()
    {
        QFETCH(const Settings, settings);
        const auto explored = explore({with(published_study(), settings), std::nullopt});
        const Study &study = explored->searched;
        const std::vector<ResultRow> expected = all_rows(study);
        const ResultList all(*explored, ResultRows::all);
        QCOMPARE(all.size(), expected.size());
        QCOMPARE(all.found(), std::uint64_t(expected.size()));
        for (std::size_t i = 0; i < all.size(); ++i) {
            QVERIFY(all.at(i) == expected[i]);
            QVERIFY(all.find(selection_of(study, expected[i].candidate)) == i);
        }
        const ResultList winners(*explored, ResultRows::winners), fronts(*explored, ResultRows::fronts);
        QCOMPARE(winners.found(), std::uint64_t(winners.size()));
        QCOMPARE(winners.size(), explored->outcome.winners.size());
        for (std::size_t i = 0; i < winners.size(); ++i) {
            QVERIFY(winners.at(i) == (ResultRow{explored->outcome.winners[i], std::nullopt}));
            QVERIFY(winners.find(selection_of(study, explored->outcome.winners[i])) == i);
        }
        std::size_t row = 0;
        for (const std::vector<Candidate> &front : explored->outcome.fronts) {
            for (const Candidate &candidate : front) {
                const Estimate full = estimate(scenario_of(study, candidate));
                QVERIFY(fronts.at(row).candidate == candidate);
                QCOMPARE(fronts.at(row).reason.has_value(), !full.feasible());
                if (!full.feasible())
                    QCOMPARE(*fronts.at(row).reason, full.infeasible.front().reason);
                QVERIFY(fronts.find(selection_of(study, candidate)) == row++);
            }
        }
        QCOMPARE(fronts.size(), row);
    }

    void what_is_not_listed_is_not_found()
    {
        const auto explored = explore({published_study(), std::nullopt});
        const ResultList all(*explored, ResultRows::all);
        Selection other = selection_of(explored->searched, all.at(7).candidate);
        other.point.ep = 7;
        QVERIFY(!all.find(other));
        other = selection_of(explored->searched, all.at(7).candidate);
        other.point.batch += 1;
        QVERIFY(!all.find(other));
        other = selection_of(explored->searched, all.at(7).candidate);
        other.chip = "Nobody's";
        QVERIFY(!all.find(other));
        QCOMPARE(ResultList().size(), std::size_t{0});
        QVERIFY(!ResultList().find(other));
    }

    void a_stride_goes_through_all_axes()
    {
        for (const std::uint64_t count : {1ull, 16ull, 17ull, 288ull, 835'584ull, 50'331'648ull}) {
            for (const std::uint64_t most : {16ull, 100ull, 524'288ull}) {
                const std::uint64_t stride = thinning_stride(count, most);
                QVERIFY((count + stride - 1) / stride <= most);
                QCOMPARE(std::gcd(stride, count), std::uint64_t{1});
                QVERIFY(count > most || stride == 1);
            }
        }
    }

    void a_large_space_is_thinned_and_its_best_are_not()
    {
        const Study study = many_combinations();
        const std::uint64_t count = combination_count(study);
        QCOMPARE(count, std::uint64_t{835'584});
        const auto explored = explore({study, std::nullopt});
        const SearchOutcome outcome = search(study);
        const ResultList all(*explored, ResultRows::all), winners(*explored, ResultRows::winners);
        QVERIFY(all.size() <= std::size_t{1} << 19);
        QVERIFY(all.size() > 100'000);
        QCOMPARE(all.found(), count);
        QVERIFY(outcome.winners.size() <= std::size_t{1} << 16);
        QVERIFY(explored->outcome == outcome);
        SearchOptions sharing; // lists of winners
        sharing.threads = 64;
        QVERIFY(search(study, sharing) == outcome);
        QVERIFY(*explored->leading().best == outcome.winners.front());
        std::set<std::int64_t> eps, drafts;
        std::set<Policy> policies;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Candidate candidate = all.at(i).candidate;
            eps.insert(candidate.point.ep);
            drafts.insert(candidate.point.mtp_len);
            policies.insert(candidate.point.policy);
            QCOMPARE(candidate.order, explored->combinations.combination(i));
        }
        QCOMPARE(eps.size(), study.search.ep.size());
        QCOMPARE(drafts.size(), study.search.mtp_len.size());
        QCOMPARE(policies.size(), study.search.policy.size());
    }

    // Whatever is kept of the combinations, nothing else changes.
    void the_bound_leaves_best_front_and_nearest_miss()
    {
        for (const Settings &settings :
            {Settings{}, Settings{{"target_tps", "100000"}}, Settings{{"chip.memory", "4 GB"}}}) {
            const Study study = with(published_study(), settings);
            ExploreOptions few;
            few.most_rows = 100;
            const auto whole = explore({study, std::nullopt}), thinned = explore({study, std::nullopt}, few);
            const ResultList all(*thinned, ResultRows::all), winners(*thinned, ResultRows::winners);
            QVERIFY(all.size() <= 100 && all.size() > 50);
            QCOMPARE(all.found(), combination_count(study));
            for (std::size_t i = 0; i < all.size(); ++i)
                QVERIFY(all.at(i)
                    == ResultList(*whole, ResultRows::all)
                           .at(static_cast<std::size_t>(thinned->combinations.combination(i))));
            QVERIFY(winners.size() <= 100 / 8);
            QCOMPARE(winners.found(), std::uint64_t(whole->outcome.winners.size()));
            QVERIFY(std::equal(
                thinned->outcome.winners.begin(), thinned->outcome.winners.end(), whole->outcome.winners.begin()));
            QVERIFY(thinned->outcome.fronts == whole->outcome.fronts);
            QVERIFY(thinned->outcome.rejected == whole->outcome.rejected);
            QVERIFY(thinned->miss == whole->miss);
            QVERIFY(thinned->fixes == whole->fixes);
            QCOMPARE(thinned->lead, whole->lead);
            for (std::size_t i = 0; i < whole->chips.size(); ++i) {
                QVERIFY(thinned->chips[i].best == whole->chips[i].best);
                QVERIFY(thinned->chips[i].shown == whole->chips[i].shown);
                QVERIFY(thinned->chips[i].cloud == whole->chips[i].cloud);
            }
        }
    }

    // Of a cloud of more points than are kept: those that remain are of all values of every axis, and each is what the
    // search has made of its configuration.
    void a_thinned_cloud_goes_through_all_axes()
    {
        const Study study = with(published_study(), {{"batch", "16,32"}, {"ep", "8..320:8"}, {"mtp_len", "0..1"}});
        for (const std::uint64_t most : {2 * combination_count(study) - 1, combination_count(study)}) {
            ExploreOptions few;
            few.most_points = most;
            const auto thinned = explore({study, std::nullopt}, few), whole = explore({study, std::nullopt});
            std::set<std::int64_t> eps, drafts;
            std::set<Policy> policies;
            std::set<std::pair<double, double>> sizes;
            std::size_t points = 0;
            for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
                for (const CloudPoint &point : thinned->chips[chip].cloud) {
                    const Candidate found = candidate_at(study, point.order);
                    const Estimate full = estimate(scenario_of(study, found));
                    QCOMPARE(found.chip, chip);
                    QCOMPARE(point.ux_tps, static_cast<float>(full.ux_tps));
                    QCOMPARE(point.throughput_per_card, static_cast<float>(full.throughput_per_card));
                    eps.insert(found.point.ep);
                    drafts.insert(found.point.mtp_len);
                    policies.insert(found.point.policy);
                    sizes.insert({found.point.kv_elem_size, found.point.param_elem_size});
                }
                points += thinned->chips[chip].cloud.size();
                QVERIFY(thinned->chips[chip].front == whole->chips[chip].front);
            }
            QVERIFY(points > 0 && points <= most);
            // Points that look alike are left out, so that not each EP has one; but of every second one there are some.
            const auto odd = std::count_if(eps.begin(), eps.end(), [](std::int64_t ep) { return ep / 8 % 2 == 1; });
            QVERIFY(odd >= 5 && static_cast<std::ptrdiff_t>(eps.size()) - odd >= 5);
            QCOMPARE(drafts.size(), study.search.mtp_len.size());
            QCOMPARE(policies.size(), study.search.policy.size());
            QCOMPARE(sizes.size(), study.search.precision.size());
        }
    }

    void one_chip_is_as_near_as_the_study()
    {
        for (const Settings &settings : {Settings{{"target_tps", "100000"}}, Settings{{"chip.memory", "4 GB"}}}) {
            Study study = with(published_study(), settings);
            study.chips.resize(1);
            const auto explored = explore({study, std::nullopt});
            QVERIFY(explored->miss == nearest_miss(study, search(study)));
        }
    }

    // What the search holds grows with the groups, of which each has a winner.
    void too_many_groups_are_refused()
    {
        std::string pairs;
        for (int i = 0; i < 250; ++i)
            pairs += (i == 0 ? "1/" : ",1/") + std::to_string(1 + i / 1000.0);
        const Study study = with(published_study(), {{"ep", "1..1024"}, {"precision", pairs}});
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, explore({study, std::nullopt}));
        check_explorable(with(published_study(), {{"ep", "1..1024"}, {"mtp_len", "0..16"}}));
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, explore({Study{}, std::nullopt}));
    }

    void a_stop_after_the_search_ends_it_too()
    {
        std::stop_source source;
        ExploreOptions options;
        options.stop = source.get_token();
        options.progress = [&](std::uint64_t done, std::uint64_t all) {
            if (done == all)
                source.request_stop();
        };
        QVERIFY(!explore({with(published_study(), "target_tps", "100000"), std::nullopt}, options));
    }

    void errors_are_those_of_the_command_line()
    {
        const Study study = calibrated_study({"H800", "H20"});
        const auto explored = explore(beside_measurements(study));
        const Validation expected = validate(study.profile, shipped_measurements()->cases);
        QVERIFY(explored->validation);
        QVERIFY(explored->validation->rows == expected.rows);
        QVERIFY(explored->validation->all == expected.all);
        QVERIFY(!explore({study, std::nullopt})->validation);
    }

    void a_validation_lasts_until_profile_or_measurements_change()
    {
        const Inputs inputs = beside_measurements(calibrated_study({"H800"}));
        ExploreOptions after;
        after.before = explore(inputs);
        Inputs dragged = inputs;
        dragged.study.workload.context = 1234;
        dragged.study.chips.front().sms = 100;
        QCOMPARE(explore(dragged, after)->validation, after.before->validation);
        dragged.study.profile.kernel_overhead *= 2;
        QVERIFY(explore(dragged, after)->validation->rows != after.before->validation->rows);
        Inputs others = inputs;
        others.measured = std::make_shared<const Measured>(*shipped_measurements());
        QVERIFY(explore(others, after)->validation != after.before->validation);
    }
};

EPSCOPE_SUITE(explored, TestExplored)
#include "tst_explored.moc"
