// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <latch>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <semaphore>
#include <set>
#include <thread>

#include "core/io/file.h"
#include "core/io/spec_reader.h"
#include "core/search/search.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;

namespace {

using Random = std::mt19937_64;

Ranked as_ranked(const Candidate &candidate)
{
    return {candidate.ux_tps, candidate.throughput_per_card, candidate.point.batch, candidate.point.kv_elem_size,
        candidate.order};
}

bool candidate_better(const Candidate &a, const Candidate &b)
{
    return better(as_ranked(a), as_ranked(b));
}

struct SearchedConfiguration {
    Candidate candidate;
    std::int64_t max_batch = 0;
    std::optional<Reason> reason;
};

struct Parallelism {
    std::int64_t tp;
    ExpertMode mode;
    std::int64_t ep;
};
// In the documented order. Where the mode implies the EP, one of those listed stands for it: itself or, where it is not
// listed, the first.
std::vector<Parallelism> parallelisms(const Study &study)
{
    std::vector<Parallelism> all;
    const std::vector<std::int64_t> &eps = study.search.ep;
    for (const std::int64_t tp : study.search.tp) {
        for (const ExpertMode mode : study.search.mode) {
            const bool dense = study.model.routed_experts == 0;
            const std::int64_t implied = !dense && mode == ExpertMode::ep_group ? tp : 1;
            const bool listed = std::find(eps.begin(), eps.end(), implied) != eps.end();
            const bool stands = (dense || mode != ExpertMode::all2all) && !listed;
            for (std::size_t i = 0; i < eps.size(); ++i)
                all.push_back({tp, mode, stands && i == 0 ? implied : eps[i]});
        }
    }
    return all;
}

// Every configuration in the documented order, each by a full estimate.
std::vector<SearchedConfiguration> enumerated(const Study &study)
{
    std::vector<SearchedConfiguration> all;
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip)
        for (std::size_t nic = 0; nic < study.nics.size(); ++nic)
            for (const std::int64_t mtp_len : study.search.mtp_len)
                for (const Precision &precision : study.search.precision)
                    for (const Policy policy : study.search.policy)
                        for (const auto &[tp, mode, ep] : parallelisms(study))
                            for (const std::int64_t batch : study.search.batch) {
                                SearchedConfiguration configuration;
                                Candidate &candidate = configuration.candidate;
                                candidate.chip = chip;
                                candidate.nic = nic;
                                candidate.point = {policy, ep, precision.kv_elem_size.si(),
                                    precision.param_elem_size.si(), mtp_len, batch, tp, mode};
                                candidate.order = all.size();
                                const Estimate full = estimate({study.profile, study.model, study.chips[chip],
                                    study.nics[nic], study.workload, candidate.point, study.target_tps.si()});
                                candidate.step_s = full.step_s;
                                candidate.ux_tps = full.ux_tps;
                                candidate.throughput_per_card = full.throughput_per_card;
                                configuration.max_batch = full.memory.max_batch;
                                if (!full.feasible())
                                    configuration.reason = full.infeasible.front().reason;
                                all.push_back(configuration);
                            }
    return all;
}

// What a search must find, from the definition and without any of its shortcuts.
SearchOutcome expected_outcome(const Study &study, const std::vector<SearchedConfiguration> &all)
{
    SearchOutcome outcome;
    outcome.complete = true;
    const std::size_t batches = study.search.batch.size();
    outcome.configurations = all.size();
    outcome.combinations = batches > 0 ? all.size() / batches : 0;
    std::map<std::tuple<std::size_t, std::size_t, std::int64_t, ExpertMode, std::int64_t, double>, Candidate> winners;
    std::vector<std::vector<Candidate>> fitting(study.chips.size());
    for (std::size_t first = 0; first < all.size(); first += batches) {
        std::optional<Candidate> largest;
        for (std::size_t i = first; i < first + batches; ++i) {
            const Candidate &candidate = all[i].candidate;
            if (!all[i].reason) {
                ++outcome.feasible;
                largest = candidate;
            } else {
                Rejected &rejected = outcome.rejected[static_cast<std::size_t>(*all[i].reason)];
                if (++rejected.count == 1) {
                    rejected.example = candidate;
                    rejected.example->step_s = rejected.example->ux_tps = rejected.example->throughput_per_card = 0;
                }
            }
            if (!all[i].reason || *all[i].reason == Reason::target)
                fitting[candidate.chip].push_back(candidate);
        }
        if (!largest)
            continue;
        const auto [winner, is_first] =
            winners.try_emplace({largest->chip, largest->nic, largest->point.tp, largest->point.mode, largest->point.ep,
                                    largest->point.param_elem_size},
                *largest);
        if (!is_first && candidate_better(*largest, winner->second))
            winner->second = *largest;
    }
    for (const auto &[group, winner] : winners)
        outcome.winners.push_back(winner);
    std::sort(outcome.winners.begin(), outcome.winners.end(), candidate_better);
    for (const std::vector<Candidate> &candidates : fitting) {
        std::vector<Ranked> points;
        for (const Candidate &candidate : candidates)
            points.push_back(as_ranked(candidate));
        std::vector<Candidate> &front = outcome.fronts.emplace_back();
        for (const Ranked &point : pareto_front(points))
            front.push_back(all[point.order].candidate);
    }
    return outcome;
}

void check_equal(const SearchOutcome &found, const SearchOutcome &expected)
{
    QCOMPARE(found.complete, expected.complete);
    QCOMPARE(found.combinations, expected.combinations);
    QCOMPARE(found.configurations, expected.configurations);
    QCOMPARE(found.feasible, expected.feasible);
    for (std::size_t reason = 0; reason < reason_count; ++reason) {
        QCOMPARE(found.rejected[reason].count, expected.rejected[reason].count);
        QVERIFY2(found.rejected[reason].example == expected.rejected[reason].example,
            name_of(static_cast<Reason>(reason)).data());
    }
    const auto check_candidates = [](const std::vector<Candidate> &a, const std::vector<Candidate> &b) {
        QCOMPARE(a.size(), b.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            QCOMPARE(a[i].order, b[i].order);
            QVERIFY(a[i] == b[i]);
            QVERIFY(testing::same_bits(a[i].step_s, b[i].step_s) && testing::same_bits(a[i].ux_tps, b[i].ux_tps)
                && testing::same_bits(a[i].throughput_per_card, b[i].throughput_per_card));
        }
    };
    check_candidates(found.winners, expected.winners);
    QCOMPARE(found.fronts.size(), expected.fronts.size());
    for (std::size_t chip = 0; chip < found.fronts.size(); ++chip)
        check_candidates(found.fronts[chip], expected.fronts[chip]);
    QVERIFY(found == expected);
}

// Every combination once, with every batch, each point bit by bit as estimate() has it.
class Listener {
public:
    Listener(const Study &the_study, const std::vector<SearchedConfiguration> &all_configurations)
        : study(the_study)
        , all(all_configurations)
        , seen(combination_count(study))
    {
    }

    void operator()(const CombinationResult &result)
    {
        const std::size_t batches = study.search.batch.size();
        bool good = result.index < seen.size() && result.batches.size() == batches && result.step_s.size() == batches
            && result.ux_tps.size() == batches && result.throughput_per_card.size() == batches
            && testing::same_bits(result.limits.target_tps, study.target_tps.si());
        for (std::size_t i = 0; good && i < batches; ++i) {
            const SearchedConfiguration &expected = all[result.index * batches + i];
            good = result.at(i) == expected.candidate && result.reason(i) == expected.reason
                && result.batches[i] == study.search.batch[i]
                && testing::same_bits(result.step_s[i], expected.candidate.step_s)
                && testing::same_bits(result.ux_tps[i], expected.candidate.ux_tps)
                && testing::same_bits(result.throughput_per_card[i], expected.candidate.throughput_per_card)
                && result.limits.max_batch == expected.max_batch;
        }
        if (good) {
            std::optional<std::size_t> best;
            for (std::size_t i = 0; i < batches; ++i) {
                if (!result.reason(i))
                    best = i;
            }
            good = best == result.best;
        }
        const std::lock_guard lock(mutex);
        if (!good)
            bad.insert(result.index);
        else
            ++seen[result.index];
    }

    std::string complaint()
    {
        if (!bad.empty())
            return "combination " + std::to_string(*bad.begin()) + " differs from estimate()";
        const auto wrong = std::find_if(seen.begin(), seen.end(), [](int times) { return times != 1; });
        return wrong == seen.end()
            ? ""
            : "combination " + std::to_string(wrong - seen.begin()) + " came " + std::to_string(*wrong) + " times";
    }

private:
    const Study &study;
    const std::vector<SearchedConfiguration> &all;
    std::vector<int> seen;
    std::set<std::uint64_t> bad;
    std::mutex mutex;
};

template <class T>
T any_of(Random &random, std::initializer_list<T> values)
{
    return values.begin()[random() % values.size()];
}

template <class T>
std::vector<T> some_of(Random &random, std::vector<T> values, std::size_t most)
{
    std::shuffle(values.begin(), values.end(), random);
    values.resize(1 + random() % std::min(most, values.size()));
    return values;
}

double share(Random &random)
{
    return static_cast<double>(random() % 10001) / 10000;
}

// Small in number of configurations; everything else as it comes.
Study random_study(Random &random)
{
    const Library &library = testing::shipped_library();
    Study study = testing::published_study();
    std::vector<Chip> chips = study.chips;
    for (const Library::Entry &entry : library.entries(Kind::chip))
        chips.push_back(*library.chip(entry.name).value);
    std::vector<Nic> nics = study.nics;
    for (const Library::Entry &entry : library.entries(Kind::nic))
        nics.push_back(*library.nic(entry.name).value);
    study.chips = some_of(random, chips, 3);
    study.nics = some_of(random, nics, 2);

    for (bool Quirks::*quirk :
        {&Quirks::truncated_query_projection, &Quirks::experts_see_all_tokens, &Quirks::naive_ffn_ignores_drafts,
            &Quirks::sparse_layers_only, &Quirks::binary_prefixes, &Quirks::softmax_counts_unpadded_keys})
        study.profile.quirks.*quirk = random() % 2 == 0;
    study.profile.usable_memory_fraction = 0.5 + 0.5 * share(random);
    study.model.mtp_layers = random() % 4 == 0 ? 0 : 1;
    study.model.shared_experts = any_of<std::int64_t>(random, {0, 1, 1, 2});
    study.model.dense_layers = any_of<std::int64_t>(random, {0, 3, 3, 61});
    study.model.heads = any_of<std::int64_t>(random, {16, 96, 128});
    study.workload.context = any_of<std::int64_t>(random, {1, 127, 1000, 5120, 40000});
    study.workload.acceptance = any_of(random, {0.0, 0.5, 0.85, 1.0});
    study.workload.deepgemm = random() % 2 == 0;
    study.workload.fa3 = any_of(random, {Fa3::none, Fa3::two_stage, Fa3::three_stage, Fa3::as_chip});
    study.workload.expert_elem_size.number = any_of(random, {0.5625, 1.0, 2.0});
    study.workload.cards = any_of<std::int64_t>(random, {1, 8, 100, 256, 1024});
    study.target_tps.number = any_of(random, {0.0, 5.0, 15.0, 20.0, 60.0, 1e6});

    SearchSpace &space = study.search;
    space.mtp_len = some_of<std::int64_t>(random, {0, 1, 2, 3, 7}, 3);
    std::sort(space.mtp_len.begin(), space.mtp_len.end());
    space.precision.clear();
    for (const double kv : some_of(random, std::vector{0.5, 1.0, 2.0, 4.0}, 2)) {
        for (const double parameters : some_of(random, std::vector{0.5625, 1.0, 2.0}, 2))
            space.precision.push_back({{kv, &base_unit(Dimension::bytes)}, {parameters, &base_unit(Dimension::bytes)}});
    }
    space.policy = some_of(random, std::vector{Policy::dual_mbatch, Policy::naive}, 2);
    space.ep = some_of<std::int64_t>(random, {1, 2, 8, 9, 72, 144, 255, 256, 257, 320, 1000}, 4);
    std::sort(space.ep.begin(), space.ep.end());
    std::set<std::int64_t> batches;
    const std::int64_t largest = any_of<std::int64_t>(random, {4, 40, 400, 4000});
    for (auto count = 1 + random() % 12; count > 0; --count)
        batches.insert(1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(largest)));
    if (random() % 2 == 0)
        batches.insert(1);
    space.batch.assign(batches.begin(), batches.end());
    return study;
}

// The same over every kind of attention and parallelism.
Study random_study_2026(Random &random)
{
    static const Profile golden =
        *read_profile(*read_text(EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml", largest_file).value, "golden")
             .value;
    const Library &library = testing::shipped_library();
    Study study = random_study(random);
    study.profile = golden;
    const std::vector<Library::Entry> models = library.entries(Kind::model);
    study.model = *library.model(models[random() % models.size()].name).value;
    study.workload.redundant_experts = any_of<std::int64_t>(random, {0, 0, 1, 32});
    study.workload.balancer = any_of(random, {Balancer::as_redundant, Balancer::on, Balancer::off});
    if (random() % 2 == 0)
        study.workload.output_elem_size = {0.5625, &base_unit(Dimension::bytes)};
    if (random() % 2 == 0)
        study.workload.dense_elem_size = {2, &base_unit(Dimension::bytes)};
    study.search.tp = some_of<std::int64_t>(random, {1, 2, 4, 8, 16}, 3);
    std::sort(study.search.tp.begin(), study.search.tp.end());
    study.search.mode = some_of(random, std::vector{ExpertMode::all2all, ExpertMode::ep_group, ExpertMode::moe_tp}, 3);
    study.target_tps.number = any_of(random, {0.0, 5.0, 20.0, 60.0});
    return study;
}

// Large enough that eight threads are worth their while.
Study wide_study()
{
    Study study = testing::published_study();
    study.search.batch.resize(601);
    std::iota(study.search.batch.begin(), study.search.batch.end(), 1);
    return study;
}

// Nothing but dispatch and combine takes time that counts; what lies in memory still limits the batch of the first two
// chips.
Study communication_bound_study()
{
    Study study = testing::published_study();
    for (std::size_t chip = 2; chip < study.chips.size(); ++chip)
        study.chips[chip].memory = {1e12, &base_unit(Dimension::bytes)};
    for (Nic &nic : study.nics)
        nic.bandwidth = {1e-9, &base_unit(Dimension::bytes_per_second)};
    study.search.mtp_len = {1, 2}; // odd sizes, so that products are rounded
    study.search.batch.clear();
    for (std::int64_t batch = 16; batch <= 128; batch += 3)
        study.search.batch.push_back(batch);
    study.target_tps.number = 0;
    return study;
}

// What the search ends with; empty where it ends by itself.
std::string thrown_by_search(const Study &study, const SearchOptions &options)
{
    try {
        search(study, options);
    } catch (const std::runtime_error &error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestSearch : public QObject {
    Q_OBJECT

private slots:
    void agrees_with_brute_force_on_the_published_study();
    void agrees_with_brute_force_on_random_studies_data();
    void agrees_with_brute_force_on_random_studies();
    void agrees_with_estimates_over_long_batch_lists();
    void instruction_sets_change_nothing();
    void threads_change_nothing();
    void several_threads_take_part();
    void enumerates_in_the_documented_order();
    void every_index_is_one_combination();
    void names_the_scenario_of_a_candidate();
    void breaks_ties_by_the_rule();
    void of_equal_configurations_the_first_wins();
    void shape_comes_before_cards_and_memory();
    void an_empty_space_is_complete();
    void a_stop_requested_beforehand();
    void a_stop_requested_from_a_combination();
    void a_stop_requested_from_progress();
    void a_stop_requested_from_outside();
    void passes_on_what_a_listener_throws();
    void ends_early_when_a_listener_throws();
    void reports_progress_to_the_end_data();
    void reports_progress_to_the_end();
    void searches_millions();
};

void TestSearch::agrees_with_brute_force_on_the_published_study()
{
    for (const auto &[target, groups] : {std::pair{20.0, 29}, {15.0, 37}, {0.0, 0}}) {
        Study study = testing::published_study();
        study.target_tps.number = target;
        const std::vector<SearchedConfiguration> all = enumerated(study);
        QCOMPARE(all.size(), std::size_t{288 * 15});
        const SearchOutcome expected = expected_outcome(study, all);
        if (groups > 0)
            QCOMPARE(expected.winners.size(), static_cast<std::size_t>(groups));
        check_equal(search(study), expected);

        Listener listener(study, all);
        SearchOptions options;
        options.on_combination = [&](const CombinationResult &result) { listener(result); };
        check_equal(search(study, options), expected);
        QCOMPARE(listener.complaint(), std::string());
    }
}

void TestSearch::agrees_with_brute_force_on_random_studies_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<bool>("model_2026");
    for (int seed = 0; seed < 60; ++seed)
        QTest::addRow("seed %d", seed) << seed << false;
    for (int seed = 0; seed < 60; ++seed)
        QTest::addRow("model-2026, seed %d", seed) << seed << true;
}

void TestSearch::agrees_with_brute_force_on_random_studies()
{
    QFETCH(int, seed);
    QFETCH(bool, model_2026);
    Random random(static_cast<std::uint64_t>(seed));
    const Study study = model_2026 ? random_study_2026(random) : random_study(random);
    const std::vector<SearchedConfiguration> all = enumerated(study);
    QCOMPARE(combination_count(study), all.size() / study.search.batch.size());
    QCOMPARE(configuration_count(study), all.size());
    const SearchOutcome expected = expected_outcome(study, all);
    check_equal(search(study), expected);

    Listener listener(study, all);
    SearchOptions options;
    options.threads = 1 + static_cast<unsigned>(random() % 4);
    options.on_combination = [&](const CombinationResult &result) { listener(result); };
    check_equal(search(study, options), expected);
    QCOMPARE(listener.complaint(), std::string());

    std::uint64_t accounted = expected.feasible;
    for (const Rejected &rejected : expected.rejected)
        accounted += rejected.count;
    QCOMPARE(accounted, expected.configurations);
}

// Longer than any block that the search may work in, and more columns than it may keep.
void TestSearch::instruction_sets_change_nothing()
{
    QCOMPARE(instruction_sets().front(), InstructionSet::baseline);
    QCOMPARE(SearchOptions().instruction_set, instruction_sets().back());
    std::vector<Study> studies{testing::published_study(), testing::study_named("calibrated")};
    studies.front().search.batch.resize(33); // four whole vectors and a number
    std::iota(studies.front().search.batch.begin(), studies.front().search.batch.end(), 31);
    studies.back().chips.resize(3);
    studies.back().search.ep = {1, 72, 320}; // a single card sends nothing and has no terms of the calibrated profile
    studies.back().search.batch.resize(300); // more than a chunk
    std::iota(studies.back().search.batch.begin(), studies.back().search.batch.end(), 1);
    Random random(20);
    for (int i = 0; i < 10; ++i)
        studies.push_back(random_study(random));
    for (int i = 0; i < 10; ++i)
        studies.push_back(random_study_2026(random));
    for (const Study &study : studies) {
        const std::vector<SearchedConfiguration> all = enumerated(study);
        const SearchOutcome expected = expected_outcome(study, all);
        for (const InstructionSet set : instruction_sets()) {
            SearchOptions options;
            options.instruction_set = set;
            check_equal(search(study, options), expected);
            Listener listener(study, all);
            options.on_combination = [&](const CombinationResult &result) { listener(result); };
            check_equal(search(study, options), expected);
            QCOMPARE(listener.complaint(), std::string());
        }
    }
}

void TestSearch::agrees_with_estimates_over_long_batch_lists()
{
    Study study = testing::published_study();
    study.chips.resize(1);
    study.nics.resize(1);
    study.profile.quirks.experts_see_all_tokens = false; // rows of the experts then depend on EP
    study.profile.quirks.sparse_layers_only = false;
    study.chips.front().memory = {2, &units_of(Dimension::bytes)[4]};
    QCOMPARE(study.chips.front().memory.si(), 2e12);
    study.search.ep = {8, 16, 32, 64, 128, 256};
    study.search.mtp_len = {0, 1, 2};
    study.search.precision.resize(2);
    study.search.batch.resize(65536);
    std::iota(study.search.batch.begin(), study.search.batch.end(), 1);
    std::atomic<int> bad = 0, checked = 0;
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &result) {
        for (std::size_t i = result.index % 5; i < result.batches.size(); i += i < 1030 ? 1 : 4099) {
            const Estimate full = estimate(scenario_of(study, result.at(i)));
            if (!testing::same_bits(full.step_s, result.step_s[i]) || !testing::same_bits(full.ux_tps, result.ux_tps[i])
                || !testing::same_bits(full.throughput_per_card, result.throughput_per_card[i]))
                ++bad;
            ++checked;
        }
    };
    study.target_tps.number = 0; // an estimate otherwise looks for the batch that reaches it
    const SearchOutcome outcome = search(study, options);
    QVERIFY(outcome.complete);
    QCOMPARE(bad.load(), 0);
    QVERIFY(checked > 50000);
}

void TestSearch::threads_change_nothing()
{
    Study study = wide_study();
    for (const double target : {20.0, 0.0}) {
        study.target_tps.number = target;
        const SearchOutcome alone = search(study, {1, {}, {}, {}});
        QVERIFY(alone.complete);
        QVERIFY(!alone.winners.empty());
        for (const unsigned threads : {1u, 2u, 3u, 8u, 0u}) {
            QVERIFY(search(study, {threads, {}, {}, {}}) == alone);
            std::vector<std::atomic<int>> seen(alone.combinations);
            SearchOptions options;
            options.threads = threads;
            options.on_combination = [&](const CombinationResult &result) { ++seen[result.index]; };
            QVERIFY(search(study, options) == alone);
            QVERIFY(std::all_of(seen.begin(), seen.end(), [](const std::atomic<int> &times) { return times == 1; }));
        }
    }
}

void TestSearch::several_threads_take_part()
{
    const Study study = wide_study();
    std::mutex mutex;
    std::condition_variable arrived;
    std::set<std::thread::id> threads;
    bool together = true;
    SearchOptions options;
    options.threads = 4;
    options.on_combination = [&](const CombinationResult &) {
        std::unique_lock lock(mutex);
        if (!threads.insert(std::this_thread::get_id()).second)
            return;
        arrived.notify_all();
        together = arrived.wait_for(lock, std::chrono::seconds(60), [&] { return threads.size() == 4; }) && together;
    };
    const SearchOutcome outcome = search(study, options);
    QVERIFY(outcome.complete);
    QVERIFY(together);
    QCOMPARE(threads.size(), std::size_t{4});
}

void TestSearch::enumerates_in_the_documented_order()
{
    const Study study = testing::published_study();
    std::vector<Candidate> firsts(combination_count(study));
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &result) { firsts[result.index] = result.at(0); };
    search(study, options);
    std::uint64_t index = 0;
    for (std::size_t chip = 0; chip < 4; ++chip)
        for (std::size_t nic = 0; nic < 2; ++nic)
            for (const std::int64_t mtp_len : {0, 1})
                for (const auto &[kv, parameters] : {std::pair{2.0, 2.0}, {1.0, 2.0}, {1.0, 1.0}})
                    for (const Policy policy : {Policy::dual_mbatch, Policy::naive})
                        for (const std::int64_t ep : {72, 144, 320}) {
                            const Candidate &first = firsts[index];
                            QCOMPARE(first.chip, chip);
                            QCOMPARE(first.nic, nic);
                            QVERIFY(first.point == (Point{policy, ep, kv, parameters, mtp_len, 16}));
                            QCOMPARE(first.order, index * 15);
                            const Combination combination = combination_at(study, index);
                            QCOMPARE(combination.chip, chip);
                            QCOMPARE(combination.nic, nic);
                            QCOMPARE(study.search.ep[combination.value_of(AxisId::ep)], ep);
                            QCOMPARE(
                                study.search.precision[combination.value_of(AxisId::precision)].kv_elem_size.si(), kv);
                            QCOMPARE(
                                study.search.precision[combination.value_of(AxisId::precision)].param_elem_size.si(),
                                parameters);
                            Point point = combination.point;
                            point.batch = 16;
                            QVERIFY(point == first.point);
                            ++index;
                        }
    QCOMPARE(index, combination_count(study));
    QCOMPARE(configuration_count(study), index * 15);
}

void TestSearch::every_index_is_one_combination()
{
    // No two lists are of one length, so that a digit taken from the wrong one shows.
    Study study = testing::published_study();
    study.chips.pop_back();
    study.nics.resize(1);
    study.search.ep = {8, 72, 144, 160, 320};
    study.search.mtp_len = {0, 1, 3, 4, 6, 8, 9};
    study.search.precision.resize(4, study.search.precision.front());
    study.search.precision.back().kv_elem_size.number = 0.5;
    study.search.batch = {16, 32};
    std::vector<Combination> wanted;
    for (std::size_t chip = 0; chip < 3; ++chip)
        for (const std::int64_t mtp_len : study.search.mtp_len)
            for (std::size_t precision = 0; precision < 4; ++precision)
                for (const Policy policy : study.search.policy)
                    for (std::size_t ep = 0; ep < 5; ++ep) {
                        const Precision &pair = study.search.precision[precision];
                        Combination combination;
                        combination.chip = chip;
                        combination.values[static_cast<std::size_t>(AxisId::precision)] = precision;
                        combination.values[static_cast<std::size_t>(AxisId::ep)] = ep;
                        combination.point = {
                            policy, study.search.ep[ep], pair.kv_elem_size.si(), pair.param_elem_size.si(), mtp_len, 0};
                        wanted.push_back(combination);
                    }
    QCOMPARE(combination_count(study), static_cast<std::uint64_t>(wanted.size()));
    for (const unsigned threads : {1u, 4u}) {
        std::mutex mutex;
        std::vector<int> seen(wanted.size());
        bool all_equal = true;
        SearchOptions options;
        options.threads = threads;
        options.on_combination = [&](const CombinationResult &result) {
            const std::lock_guard lock(mutex);
            ++seen[result.index];
            const Combination &one = wanted[result.index];
            const Combination found = combination_at(study, result.index);
            Point point = found.point;
            point.batch = 0;
            all_equal = all_equal && result.chip == one.chip && result.nic == 0 && found.chip == one.chip
                && found.nic == 0 && found.value_of(AxisId::precision) == one.value_of(AxisId::precision)
                && found.value_of(AxisId::ep) == one.value_of(AxisId::ep) && point == one.point;
            for (std::size_t i = 0; i < 2; ++i) {
                point.batch = study.search.batch[i];
                all_equal = all_equal && result.at(i).point == point && result.at(i).order == 2 * result.index + i;
            }
        };
        search(study, options);
        QVERIFY(all_equal);
        QVERIFY(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    }
}

void TestSearch::names_the_scenario_of_a_candidate()
{
    const Study study = testing::published_study();
    const SearchOutcome outcome = search(study);
    for (const Candidate &winner : outcome.winners) {
        const Scenario scenario = scenario_of(study, winner);
        QVERIFY(scenario
            == (Scenario{study.profile, study.model, study.chips[winner.chip], study.nics[winner.nic], study.workload,
                winner.point, 20}));
        const Estimate full = estimate(scenario);
        QVERIFY(full.feasible());
        QVERIFY(testing::same_bits(full.step_s, winner.step_s) && testing::same_bits(full.ux_tps, winner.ux_tps));
        QVERIFY(testing::same_bits(full.throughput_per_card, winner.throughput_per_card));
    }
}

void TestSearch::breaks_ties_by_the_rule()
{
    const Study study = communication_bound_study();
    const std::vector<SearchedConfiguration> all = enumerated(study);
    const SearchOutcome expected = expected_outcome(study, all);
    check_equal(search(study), expected);

    // Other candidates of a winner's group with the same throughput but for rounding: the rule chose among them.
    std::size_t larger_batches = 0, smaller_kv = 0, more_by_rounding = 0;
    const auto in_group = [](const Candidate &a, const Candidate &b) {
        return a.chip == b.chip && a.nic == b.nic && a.point.ep == b.point.ep
            && a.point.param_elem_size == b.point.param_elem_size
            && rounded_for_ties(a.throughput_per_card) == rounded_for_ties(b.throughput_per_card);
    };
    const std::size_t batches = study.search.batch.size();
    for (const Candidate &winner : expected.winners) {
        for (std::size_t first = 0; first < all.size(); first += batches) {
            const auto largest = std::find_if(all.rend() - static_cast<std::ptrdiff_t>(first + batches),
                all.rend() - static_cast<std::ptrdiff_t>(first),
                [](const SearchedConfiguration &configuration) { return !configuration.reason; });
            if (largest == all.rend() - static_cast<std::ptrdiff_t>(first) || !in_group(largest->candidate, winner))
                continue;
            const Candidate &other = largest->candidate;
            QVERIFY(other.point.batch > winner.point.batch
                || (other.point.batch == winner.point.batch && other.point.kv_elem_size <= winner.point.kv_elem_size));
            larger_batches += other.point.batch > winner.point.batch ? 1 : 0;
            smaller_kv +=
                other.point.batch == winner.point.batch && other.point.kv_elem_size < winner.point.kv_elem_size ? 1 : 0;
        }
    }
    QVERIFY(larger_batches > 0);
    QVERIFY(smaller_kv > 0);
    // On the fronts, a larger batch is slower and no more throughput, but for rounding.
    for (const std::vector<Candidate> &front : expected.fronts) {
        for (const Candidate &point : front)
            QCOMPARE(point.point.batch, study.search.batch.front());
        for (const SearchedConfiguration &configuration : all)
            more_by_rounding += !configuration.reason && configuration.candidate.chip == front.back().chip
                    && configuration.candidate.throughput_per_card > front.back().throughput_per_card
                ? 1
                : 0;
    }
    QVERIFY(more_by_rounding > 0);
}

void TestSearch::of_equal_configurations_the_first_wins()
{
    Study study = testing::published_study();
    study.chips.resize(1);
    study.nics.resize(1);
    study.search.precision = {study.search.precision[2], study.search.precision[2], study.search.precision[2]};
    study.search.policy = {Policy::naive, Policy::naive};
    const SearchOutcome outcome = search(study);
    check_equal(outcome, expected_outcome(study, enumerated(study)));
    const std::size_t batches = study.search.batch.size();
    const auto is_first = [&](const Candidate &candidate) {
        const std::uint64_t combination = candidate.order / batches / study.search.ep.size();
        return combination % 2 == 0 && combination / 2 % 3 == 0;
    };
    QVERIFY(!outcome.winners.empty());
    QVERIFY(std::all_of(outcome.winners.begin(), outcome.winners.end(), is_first));
    QVERIFY(std::all_of(outcome.fronts.front().begin(), outcome.fronts.front().end(), is_first));
}

void TestSearch::shape_comes_before_cards_and_memory()
{
    Study study = testing::published_study();
    study.chips.resize(1);
    study.nics.resize(1);
    study.search.batch = {1, 2, 3, 100000};
    study.search.ep = {72, 320};
    study.workload.cards = 100;
    study.target_tps.number = 0;
    const std::vector<SearchedConfiguration> all = enumerated(study);
    check_equal(search(study), expected_outcome(study, all));
    Listener listener(study, all);
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &result) { listener(result); };
    const SearchOutcome outcome = search(study, options);
    QCOMPARE(listener.complaint(), std::string());
    // 6 combinations of draft and precision: a batch of 1 in two micro-batches, each EP; 320 of 100 cards; 100000
    // sequences.
    QCOMPARE(outcome.rejected[static_cast<std::size_t>(Reason::shape)].count, std::uint64_t{12});
    QCOMPARE(outcome.rejected[static_cast<std::size_t>(Reason::ep)].count, std::uint64_t{6 * (3 + 4)});
    QCOMPARE(outcome.rejected[static_cast<std::size_t>(Reason::memory)].count, std::uint64_t{12});
    QCOMPARE(outcome.feasible, std::uint64_t{6 * (2 + 3)});

    study.model.mtp_layers = 0; // no drafting, whatever else
    const SearchOutcome without = search(study);
    check_equal(without, expected_outcome(study, enumerated(study)));
    QCOMPARE(without.rejected[static_cast<std::size_t>(Reason::shape)].count, std::uint64_t{3 * 2 * 2 * 4 + 6});
}

void TestSearch::an_empty_space_is_complete()
{
    const auto check = [](const char *name, void (*empty)(Study &)) {
        Study study = testing::published_study();
        empty(study);
        int calls = 0;
        SearchOptions options;
        options.on_combination = [&](const CombinationResult &) { ++calls; };
        const SearchOutcome outcome = search(study, options);
        QVERIFY2(outcome.complete, name);
        QCOMPARE(outcome.configurations, std::uint64_t{0});
        QCOMPARE(configuration_count(study), std::uint64_t{0});
        QCOMPARE(outcome.feasible, std::uint64_t{0});
        QVERIFY2(outcome.winners.empty(), name);
        QCOMPARE(outcome.fronts.size(), study.chips.size());
        for (const Rejected &rejected : outcome.rejected)
            QVERIFY2(rejected.count == 0 && !rejected.example, name);
        QCOMPARE(static_cast<std::uint64_t>(calls), outcome.combinations);
    };
    check("chips", [](Study &study) { study.chips.clear(); });
    check("nics", [](Study &study) { study.nics.clear(); });
    check("draft lengths", [](Study &study) { study.search.mtp_len.clear(); });
    check("precisions", [](Study &study) { study.search.precision.clear(); });
    check("policies", [](Study &study) { study.search.policy.clear(); });
    check("EP", [](Study &study) { study.search.ep.clear(); });
    check("batches", [](Study &study) { study.search.batch.clear(); });
}

void TestSearch::a_stop_requested_beforehand()
{
    const Study study = wide_study();
    for (const unsigned threads : {1u, 8u}) {
        std::stop_source source;
        source.request_stop();
        std::atomic<int> calls = 0;
        SearchOptions options;
        options.threads = threads;
        options.stop = source.get_token();
        options.on_combination = [&](const CombinationResult &) { ++calls; };
        const SearchOutcome outcome = search(study, options);
        QVERIFY(!outcome.complete);
        QCOMPARE(calls.load(), 0);
        QCOMPARE(outcome.feasible, std::uint64_t{0});
        QVERIFY(outcome.winners.empty());
        QCOMPARE(outcome.configurations, configuration_count(study));
        for (const std::vector<Candidate> &front : outcome.fronts)
            QVERIFY(front.empty());

        Study impossible = study; // nothing of it needs to be evaluated
        impossible.workload.cards = 1;
        options.on_combination = {};
        const SearchOutcome nothing = search(impossible, options);
        QVERIFY(!nothing.complete);
        QCOMPARE(nothing.rejected[static_cast<std::size_t>(Reason::ep)].count, std::uint64_t{0});
    }
}

void TestSearch::a_stop_requested_from_a_combination()
{
    const Study study = wide_study();
    for (const unsigned threads : {1u, 2u, 8u}) {
        for (const int after : {1, 50}) {
            std::stop_source source;
            std::mutex mutex; // a call counts once the request has been made, however long its thread was held up
            int calls = 0;
            SearchOptions options;
            options.threads = threads;
            options.stop = source.get_token();
            options.on_combination = [&](const CombinationResult &) {
                const std::lock_guard lock(mutex);
                if (++calls == after)
                    source.request_stop();
            };
            const SearchOutcome outcome = search(study, options);
            QVERIFY(!outcome.complete);
            QVERIFY2(calls >= after && calls < after + static_cast<int>(threads), std::to_string(calls).c_str());
            std::uint64_t accounted = outcome.feasible;
            for (const Rejected &rejected : outcome.rejected)
                accounted += rejected.count;
            QCOMPARE(
                accounted, static_cast<std::uint64_t>(calls) * study.search.batch.size()); // what was found until then
        }
    }
    // A request during the last combination comes too late.
    std::stop_source source;
    SearchOptions options;
    options.threads = 1;
    options.stop = source.get_token();
    options.on_combination = [&](const CombinationResult &result) {
        if (result.index + 1 == combination_count(study))
            source.request_stop();
    };
    QVERIFY(search(study, options).complete);
}

void TestSearch::a_stop_requested_from_progress()
{
    const Study study = wide_study();
    for (const unsigned threads : {1u, 2u}) {
        std::stop_source source;
        SearchOptions options;
        options.threads = threads;
        options.stop = source.get_token();
        int calls = 0;
        options.progress = [&](std::uint64_t, std::uint64_t) {
            ++calls;
            source.request_stop();
        };
        const SearchOutcome outcome = search(study, options);
        std::uint64_t accounted = outcome.feasible;
        for (const Rejected &rejected : outcome.rejected)
            accounted += rejected.count;
        QCOMPARE(outcome.complete,
            accounted
                == combination_count(study)
                    * study.search.batch.size()); // the other thread may end before this one asks
        QVERIFY(calls >= 1 && calls <= 2);
        QVERIFY(threads > 1 || !outcome.complete);
    }
}

void TestSearch::a_stop_requested_from_outside()
{
    Study study = testing::published_study(); // hours of work
    study.search.batch.resize(65536);
    std::iota(study.search.batch.begin(), study.search.batch.end(), 1);
    study.search.ep.resize(1024);
    std::iota(study.search.ep.begin(), study.search.ep.end(), 1);
    study.profile.quirks.experts_see_all_tokens = false;
    std::stop_source source;
    std::binary_semaphore begun(0);
    std::once_flag once;
    SearchOptions options;
    options.stop = source.get_token();
    options.progress = [&](std::uint64_t, std::uint64_t) { std::call_once(once, [&] { begun.release(); }); };
    const std::jthread stopper([&] {
        begun.acquire();
        source.request_stop();
    });
    QVERIFY(!search(study, options).complete);
}

void TestSearch::passes_on_what_a_listener_throws()
{
    const Study study = wide_study();
    for (const unsigned threads : {1u, 2u, 8u}) {
        for (const bool all_throw : {false, true}) {
            std::atomic<int> calls = 0;
            SearchOptions options;
            options.threads = threads;
            options.on_combination = [&](const CombinationResult &) {
                if (++calls == 5 || all_throw)
                    throw std::runtime_error("full");
            };
            QCOMPARE(thrown_by_search(study, options), std::string("full"));
            // Others may be through before the exception has left its thread, but none goes on after one of its own.
            if (threads == 1 || all_throw)
                QVERIFY2(calls <= (all_throw ? static_cast<int>(threads) : 5), std::to_string(calls).c_str());
        }
        SearchOptions options;
        options.threads = threads;
        options.on_combination = [&](const CombinationResult &result) {
            if (result.index == 287)
                throw 7; // the last one, and no std::exception
        };
        int caught = 0;
        try {
            search(study, options);
        } catch (int number) {
            caught = number;
        }
        QCOMPARE(caught, 7);
    }
}

// The first listener outside of this thread throws; all others wait until its thread has ended, and so heard of it.
void TestSearch::ends_early_when_a_listener_throws()
{
    struct AtEndOfThread {
        std::latch *latch = nullptr;
        ~AtEndOfThread()
        {
            if (latch)
                latch->count_down();
        }
    };
    const Study study = wide_study();
    const auto here = std::this_thread::get_id();
    for (const unsigned threads : {2u, 8u}) {
        std::latch thrower_has_ended(1);
        std::atomic<bool> has_thrown = false;
        std::atomic<unsigned> calls = 0;
        SearchOptions options;
        options.threads = threads;
        options.on_combination = [&](const CombinationResult &) {
            ++calls;
            if (std::this_thread::get_id() != here && !has_thrown.exchange(true)) {
                thread_local AtEndOfThread end;
                end.latch = &thrower_has_ended;
                throw std::runtime_error("full");
            }
            thrower_has_ended.wait();
        };
        QCOMPARE(thrown_by_search(study, options), std::string("full"));
        QVERIFY2(calls <= threads, std::to_string(calls).c_str()); // of 288
    }
}

void TestSearch::reports_progress_to_the_end_data()
{
    QTest::addColumn<unsigned>("threads");
    QTest::addColumn<bool>("listening");
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
        QTest::addRow("%u threads", threads) << threads << false;
        QTest::addRow("%u threads, listening", threads) << threads << true;
    }
}

void TestSearch::reports_progress_to_the_end()
{
    QFETCH(unsigned, threads);
    QFETCH(bool, listening);
    const Study study = wide_study();
    const std::uint64_t combinations = combination_count(study);
    for (int round = 0; round < 20; ++round) {
        std::mutex mutex;
        std::set<std::thread::id> callers;
        std::vector<std::uint64_t> done;
        bool right_total = true;
        SearchOptions options;
        options.threads = threads;
        options.progress = [&](std::uint64_t now, std::uint64_t total) {
            const std::lock_guard lock(mutex);
            callers.insert(std::this_thread::get_id());
            done.push_back(now);
            right_total = right_total && total == combinations;
        };
        if (listening)
            options.on_combination = [](const CombinationResult &) {};
        QVERIFY(search(study, options).complete);
        QVERIFY(right_total);
        QVERIFY(!done.empty());
        QVERIFY(std::is_sorted(done.begin(), done.end()));
        QCOMPARE(done.back(), combinations);
        QCOMPARE(callers.size(), std::size_t{1});
    }
}

void TestSearch::searches_millions()
{
    Study study = testing::published_study();
    study.search.batch.resize(10417);
    std::iota(study.search.batch.begin(), study.search.batch.end(), 1);
    QCOMPARE(configuration_count(study), std::uint64_t{288 * 10417});
    const SearchOutcome outcome = search(study);
    QVERIFY(outcome.complete);
    std::uint64_t accounted = outcome.feasible;
    for (const Rejected &rejected : outcome.rejected)
        accounted += rejected.count;
    QCOMPARE(accounted, outcome.configurations);
    QVERIFY(outcome.winners.size() >= 29);
    for (const std::vector<Candidate> *candidates :
        {&outcome.winners, &outcome.fronts.front(), &outcome.fronts.back()}) {
        for (const Candidate &candidate : *candidates)
            QVERIFY(testing::same_bits(estimate(scenario_of(study, candidate)).ux_tps, candidate.ux_tps));
    }
    study.search.batch = {16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128};
    QVERIFY(outcome.winners.front().throughput_per_card >= search(study).winners.front().throughput_per_card);
}

EPSCOPE_SUITE(search, TestSearch)
#include "tst_search.moc"
