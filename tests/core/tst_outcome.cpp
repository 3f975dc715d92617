// SPDX-License-Identifier: GPL-3.0-or-later
// The best configuration of a study against the search itself, the outputs read from it, and the numbers that analyses
// vary.
#include <algorithm>

#include "core/text.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::string problem_of(const Study &study, std::string_view key)
{
    auto found = find_variable(study, key);
    return std::holds_alternative<std::string>(found) ? std::get<std::string>(found) : "";
}

std::vector<std::string> shipped_studies()
{
    std::vector<std::string> names;
    for (const Library::Entry &entry : shipped_library().entries(Kind::study))
        names.push_back(entry.name);
    return names;
}

} // namespace

class TestOutcome : public QObject {
    Q_OBJECT

private slots:
    void is_the_winner_of_winners_data();
    void is_the_winner_of_winners();
    void reads_outputs_from_the_estimate();
    void says_what_holds_the_batch();
    void misses_by_speed();
    void misses_by_memory();
    void misses_by_shape();
    void leading_chip_is_the_best();
    void stops();
    void finds_variables();
    void refuses_what_is_no_variable();
    void values_keep_unit_and_range();
    void lists_what_scales();
    void lists_what_can_be_varied();
};

void TestOutcome::is_the_winner_of_winners_data()
{
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("changes"); // key=value, one a word
    for (const std::string &name : shipped_studies()) {
        for (const char *changes :
            {"target_tps=20", "target_tps=0", "target_tps=45", "cards=100", "quirks.experts_see_all_tokens=off",
                "quirks.sparse_layers_only=off quirks.naive_ffn_ignores_drafts=off", "ep=7..13",
                "batch=1..9 ep=30..400:7", "mtp_len=2 policy=naive", "chip.memory=40GB"})
            QTest::addRow("%s, %s", name.c_str(), changes) << name << std::string(changes);
    }
}

void TestOutcome::is_the_winner_of_winners()
{
    QFETCH(std::string, name);
    QFETCH(std::string, changes);
    Study study = study_named(name);
    for (const QString &change : QString::fromStdString(changes).split(' ')) {
        const QStringList parts = change.split('=');
        set(study, parts[0].toStdString(), parts[1].toStdString());
    }
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        const Study one = with_chip(study, chip);
        const SearchOutcome found = search(one);
        const Outcome outcome = outcome_of(one);
        QCOMPARE(outcome.best.has_value(), !found.winners.empty());
        QCOMPARE(outcome.miss.has_value(), found.winners.empty());
        if (!outcome.best)
            continue;
        QVERIFY(outcome.best->candidate == found.winners.front());
        const Estimate full = estimate(scenario_of(one, found.winners.front()));
        QVERIFY(outcome.best->bound == full.bound);
        VERIFY_SAME(number_of(metric(output::free_memory), outcome).value(), full.memory.free);
    }
    // Of all chips together, too.
    const SearchOutcome found = search(study);
    const Outcome outcome = outcome_of(study);
    QCOMPARE(outcome.best.has_value(), !found.winners.empty());
    if (outcome.best)
        QVERIFY(outcome.best->candidate == found.winners.front());
}

// The published winner of target 20: H800, CX7 400Gbps, EP 320 (row of the golden table).
void TestOutcome::reads_outputs_from_the_estimate()
{
    const Study study = published_study();
    const Outcome outcome = outcome_of(study);
    QVERIFY(outcome.best);
    const Best &best = *outcome.best;
    const Estimate full = estimate(scenario_of(study, best.candidate));
    const auto number = [&](const char *key) { return number_of(*find_metric(key), outcome).value(); };
    VERIFY_SAME(number("throughput"), full.throughput_per_card);
    VERIFY_SAME(number("ux_tps"), full.ux_tps);
    VERIFY_SAME(number("tpot"), 1 / full.ux_tps);
    VERIFY_SAME(number("step_time"), full.step_s);
    VERIFY_SAME(number("free_memory"), full.memory.free);
    VERIFY_SAME(number("network_share"), full.bound.network / full.step_s);
    VERIFY_SAME(number("ep"), static_cast<double>(best.candidate.point.ep));
    VERIFY_SAME(number("batch"), static_cast<double>(best.candidate.point.batch));
    QCOMPARE(text_of(*find_metric("batch"), study, best), std::to_string(best.candidate.point.batch));
    QCOMPARE(text_of(*find_metric("configuration"), study, best).find("H800, CX7 400Gbps, dual-mbatch, EP "),
        std::size_t{0});
    QVERIFY(!number_of(*find_metric("configuration"), outcome));
    QVERIFY(!number_of(*find_metric("throughput"), Outcome{}));
}

void TestOutcome::says_what_holds_the_batch()
{
    Study study = with_chip(published_study(), 0);
    set(study, "mtp_len", "0");
    set(study, "ep", "144");
    set(study, "policy", "dual-mbatch");
    set(study, "precision", "1 B / 1 B");
    // Batches 64 and 128 serve at a low target.
    set(study, "target_tps", "1");
    set(study, "batch", "64, 128");
    Outcome outcome = outcome_of(study);
    QVERIFY(!outcome.best->larger_batch);
    QVERIFY(binding_text(*outcome.best).ends_with("; the batch is the largest searched"));
    // 65,536 sequences fit nowhere.
    set(study, "batch", "64, 128, 65536");
    outcome = outcome_of(study);
    QCOMPARE(outcome.best->candidate.point.batch, std::int64_t{128});
    QVERIFY(outcome.best->larger_batch == Reason::memory);
    QVERIFY(binding_text(*outcome.best).ends_with("; a larger batch does not fit in memory"));
    // A target that 64 reaches and 128 does not.
    const auto speed = [&](std::int64_t batch) {
        return estimate({study.profile, study.model, study.chips[0], study.nics[0], study.workload,
                            {Policy::dual_mbatch, 144, 1, 1, 0, batch}, 0})
            .ux_tps;
    };
    QVERIFY(speed(64) > speed(128));
    set(study, "target_tps", exact_text((speed(64) + speed(128)) / 2));
    outcome = outcome_of(study);
    QCOMPARE(outcome.best->candidate.point.batch, std::int64_t{64});
    QVERIFY(outcome.best->larger_batch == Reason::target);
    QVERIFY(binding_text(*outcome.best).ends_with("; a larger batch is too slow for the target"));
}

void TestOutcome::misses_by_speed()
{
    Study study = with_chip(published_study(), 0);
    set(study, "target_tps", "100000");
    const Outcome outcome = outcome_of(study);
    QVERIFY(!outcome.best);
    QVERIFY(outcome.miss->lacks.reason == Reason::target);
    double fastest = 0;
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &result) {
        for (std::size_t i = 0; i < result.batches.size(); ++i) {
            if (result.reason(i) == Reason::target)
                fastest = std::max(fastest, result.ux_tps[i]);
        }
    };
    search(study, options);
    QVERIFY(fastest > 0);
    VERIFY_SAME(outcome.miss->lacks.available, fastest);
    VERIFY_SAME(outcome.miss->lacks.needed, 100000.0);
}

// 10 GB hold not even the weights: what needs the least is the largest EP that the cards allow, at 1 B elements, batch
// 16, no drafts; of both pipelines, which need the same, the first.
void TestOutcome::misses_by_memory()
{
    Study study = with_chip(published_study(), 0);
    set(study, "chip.memory", "10 GB");
    set(study, "cards", "200");
    const Outcome outcome = outcome_of(study);
    QVERIFY(!outcome.best);
    QVERIFY(outcome.miss->lacks.reason == Reason::memory);
    QVERIFY((outcome.miss->nearest.point == Point{Policy::dual_mbatch, 144, 1, 1, 0, 16}));
    const MemoryBreakdown memory =
        memory_breakdown(study.profile, study.model, study.workload, 10e9, outcome.miss->nearest.point);
    VERIFY_SAME(outcome.miss->lacks.needed, memory.weights + memory.kv_cache);
    VERIFY_SAME(outcome.miss->lacks.available, 10e9);
}

void TestOutcome::misses_by_shape()
{
    Study study = published_study();
    set(study, "model.mtp_layers", "0");
    set(study, "mtp_len", "1, 2");
    const Outcome outcome = outcome_of(study);
    QVERIFY(!outcome.best);
    QVERIFY(outcome.miss->lacks.reason == Reason::shape);
}

void TestOutcome::leading_chip_is_the_best()
{
    Study study = published_study();
    const auto leading = [&] { return study.chips[leading_chip(study).value()].name; };
    QCOMPARE(leading(), std::string("H800")); // the article's winner
    std::swap(study.chips[0], study.chips[3]);
    QCOMPARE(leading(), std::string("H800"));
    QCOMPARE(leading_chip(study), std::optional<std::size_t>(3));
    set(study, "target_tps", "100000");
    QCOMPARE(leading(), std::string("H800")); // too slow, but the fastest
}

void TestOutcome::stops()
{
    std::stop_source stopped;
    stopped.request_stop();
    QVERIFY(outcome_of(published_study(), stopped.get_token()) == Outcome{});
    QVERIFY(!leading_chip(published_study(), stopped.get_token()));
}

void TestOutcome::finds_variables()
{
    const Study study = with_chip(published_study(), 0);
    const Variable bandwidth = variable(study, "chip.memory_bandwidth");
    QCOMPARE(bandwidth.key, std::string("chip.H800.memory_bandwidth"));
    QCOMPARE(bandwidth.label, std::string("Memory bandwidth"));
    VERIFY_SAME(bandwidth.stated.value(), 3.3 * 0x1p40);
    QCOMPARE(bandwidth.unit->symbol, std::string("TiB/s"));
    QVERIFY(!bandwidth.whole);
    QCOMPARE(variable(study, "nic.E810 100Gbps.bandwidth").label, std::string("NIC bandwidth of E810 100Gbps"));
    QVERIFY(variable(study, "chip.sms").whole);
    QVERIFY(variable(study, "context").whole);
    VERIFY_SAME(variable(study, "context").stated.value(), 5120.0);
    QVERIFY(variable(study, "model.layers").whole);
    QVERIFY(!variable(study, "profile.softmax_ops_per_sm_clock").whole);
    VERIFY_SAME(variable(study, "target_tps").stated.value(), 20.0);
    // Ranges of the search: no value until there is one.
    QVERIFY(variable(study, "ep").whole);
    QVERIFY(!variable(study, "ep").stated);
    QVERIFY(!variable(study, "kv_elem_size").stated);
    Study fixed = study;
    set(fixed, "ep", "144");
    VERIFY_SAME(variable(fixed, "ep").stated.value(), 144.0);
    QVERIFY(!variable(study, "chip.fp4").stated);
}

void TestOutcome::refuses_what_is_no_variable()
{
    const Study study = with_chip(published_study(), 0);
    QVERIFY(problem_of(study, "chip.memory_bandwith").find("did you mean 'memory_bandwidth'") != std::string::npos);
    QVERIFY(problem_of(study, "contxt").find("did you mean 'context'") != std::string::npos);
    QVERIFY(problem_of(study, "chip.H20.memory").find("no chip 'H20' in question; it is H800") != std::string::npos);
    QVERIFY(problem_of(study, "nic.bandwidth").find("nic.CX7 400Gbps.bandwidth, nic.E810 100Gbps.bandwidth")
        != std::string::npos);
    for (const char *key : {"chip.fa3", "deepgemm", "policy", "chip.source", "quirks.binary_prefixes"})
        QCOMPARE(problem_of(study, key), std::string("is no number that could be varied"));
    QVERIFY(problem_of(study, "precision").find("kv_elem_size or param_elem_size") != std::string::npos);
}

void TestOutcome::values_keep_unit_and_range()
{
    Study study = with_chip(published_study(), 0);
    const Variable bandwidth = variable(study, "chip.memory_bandwidth");
    QVERIFY(!set_variable(study, bandwidth, 3.63 * 0x1p40));
    QCOMPARE(study.chips[0].memory_bandwidth.unit->symbol, std::string("TiB/s"));
    VERIFY_SAME(study.chips[0].memory_bandwidth.number, 3.63);
    // Both ends of the hard range can be set, whatever the unit.
    for (const double end : {bandwidth.info->min, bandwidth.info->max}) {
        VERIFY_SAME(bandwidth.allowed(end * (end > 1e12 ? 10 : 0.1)), end);
        QVERIFY(!set_variable(study, bandwidth, end));
        VERIFY_NEAR(study.chips[0].memory_bandwidth.si(), end, 1e-15);
    }
    const Variable sms = variable(study, "chip.sms");
    VERIFY_SAME(sms.allowed(145.2), 145.0);
    QCOMPARE(sms.short_text(145), std::string("145"));
    QCOMPARE(bandwidth.short_text(3.63001 * 0x1p40), std::string("3.630 TiB/s"));
    const Variable ep = variable(study, "ep");
    QVERIFY(!set_variable(study, ep, 72));
    QVERIFY(study.search.ep == std::vector<std::int64_t>{72});
    const Variable dense = variable(study, "model.dense_layers");
    QVERIFY(set_variable(study, dense, 62));
    QCOMPARE(study.model.dense_layers, std::int64_t{3});
}

void TestOutcome::lists_what_scales()
{
    Study study = with_chip(published_study(), 0);
    std::vector<std::string> keys;
    for (const Variable &each : scalable_variables(study))
        keys.push_back(each.key);
    std::sort(keys.begin(), keys.end());
    std::vector<std::string> expected{
        "context", "acceptance", "cards", "target_tps", "nic.CX7 400Gbps.bandwidth", "nic.E810 100Gbps.bandwidth"};
    for (const char *key :
        {"bf16", "fp8", "memory", "memory_bandwidth", "sms", "clock", "all_reduce_latency", "scale_up_domain"})
        expected.push_back(std::string("chip.H800.") + key);
    std::sort(expected.begin(), expected.end());
    QCOMPARE(joined(keys, "\n"), joined(expected, "\n"));
    // What is not stated, or 0, cannot be a few percent more.
    set(study, "acceptance", "0");
    QCOMPARE(scalable_variables(study).size(), keys.size() - 1);
    set(study, "chip.fp4", "4 PFLOP/s");
    QCOMPARE(scalable_variables(study).size(), keys.size());
}

// Every number of the parameter table that the study has, each settable under its key.
void TestOutcome::lists_what_can_be_varied()
{
    Study study = with_chip(published_study(), 0);
    const std::vector<Variable> all = all_variables(study);
    std::vector<std::string> keys;
    for (const Variable &each : all) {
        keys.push_back(each.key);
        Study changed = study;
        QVERIFY2(!set_variable(changed, each, each.stated.value_or(each.info->max)), each.key.c_str());
    }
    for (const char *key : {"context", "ep", "batch", "mtp_len", "kv_elem_size", "param_elem_size", "target_tps",
             "chip.H800.fp4", "chip.H800.memory", "nic.CX7 400Gbps.bandwidth", "nic.E810 100Gbps.bandwidth",
             "profile.usable_memory_fraction", "model.dense_layers"})
        QVERIFY2(std::count(keys.begin(), keys.end(), key) == 1, key);
    for (const char *key : {"precision", "policy", "fa3", "deepgemm", "quirks.binary_prefixes"})
        QVERIFY2(std::count(keys.begin(), keys.end(), key) == 0, key);
    for (const Variable &each : scalable_variables(study))
        QVERIFY2(std::count(keys.begin(), keys.end(), each.key) == 1, each.key.c_str());
}

EPSCOPE_SUITE(outcome, TestOutcome)
#include "tst_outcome.moc"
