// SPDX-License-Identifier: GPL-3.0-or-later
// Comparisons: outcomes against the search, and that exactly the inputs that differ are told.
#include "core/analysis/compare.h"
#include "core/text.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::vector<Case> two(const Settings &changes)
{
    return {{"as it is", published_study()}, {"changed", with(published_study(), changes)}};
}

std::string keys_of(const std::vector<DifferingInput> &inputs)
{
    std::vector<std::string> keys;
    for (const DifferingInput &input : inputs)
        keys.push_back(input.key);
    return joined(keys, " ");
}

} // namespace

class TestCompare : public QObject {
    Q_OBJECT

private slots:
    void outcomes_are_searches();
    void tells_what_differs_data();
    void tells_what_differs();
    void every_parameter_is_told();
    void other_chips();
    void other_rules();
    void changes();
    void stops();
};

void TestCompare::outcomes_are_searches()
{
    std::vector<Case> cases = two({{"chip.H800.memory_bandwidth", "1 TB/s"}, {"target_tps", "30"}});
    cases.push_back({"nothing is feasible", published_study()});
    set(cases[2].study, "target_tps", "1e6");
    const Comparison result = compare(cases);
    QVERIFY(result.complete);
    for (std::size_t i = 0; i < 2; ++i) {
        const Candidate best = search(cases[i].study).winners.front();
        QCOMPARE(result.chips[i], best.chip);
        VERIFY_SAME(result.outcomes[i].best->candidate.throughput_per_card, best.throughput_per_card);
        QVERIFY(result.outcomes[i].best->candidate.point == best.point);
    }
    QVERIFY(result.outcomes[2].miss->lacks.reason == Reason::target);
    QCOMPARE(keys_of(result.inputs), std::string("target_tps chip.H800.memory_bandwidth"));
    QVERIFY((result.inputs[0].texts == std::vector<std::string>{"20 tok/s", "30 tok/s", "1000000 tok/s"}));
    QVERIFY((result.inputs[1].texts == std::vector<std::string>{"3.3 TiB/s", "1 TB/s", "3.3 TiB/s"}));
}

void TestCompare::tells_what_differs_data()
{
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("value");
    QTest::addColumn<std::string>("first");
    const auto row = [](const char *key, const char *value, const char *first) {
        QTest::newRow(key) << std::string(key) << std::string(value) << std::string(first);
    };
    row("context", "8192", "5120");
    row("deepgemm", "false", "true");
    row("fa3", "none", "chip");
    row("ep", "8, 16", "72, 144, 320");
    row("policy", "naive", "dual-mbatch, naive");
    row("precision", "1 B / 1 B", "2 B / 2 B, 1 B / 2 B, 1 B / 1 B");
    row("chip.A100.fp4", "1 PFLOP/s", "");
    row("chip.L20.flash_mla_class", "low-compute", "general");
    row("nic.E810 100Gbps.bandwidth", "12 GB/s", "10 GiB/s");
    row("model.layers", "60", "61");
    row("quirks.binary_prefixes", "false", "true");
    row("profile.kv_tile_rows", "64", "128");
}

void TestCompare::tells_what_differs()
{
    QFETCH(std::string, key);
    QFETCH(std::string, value);
    QFETCH(std::string, first);
    const std::vector<DifferingInput> inputs = differing_inputs(two({{key, value}}), {0, 0});
    QCOMPARE(keys_of(inputs), key);
    QCOMPARE(inputs[0].texts[0], first);
    QCOMPARE(inputs[0].texts[1], value);
    QVERIFY(!inputs[0].label.empty());
}

void TestCompare::every_parameter_is_told()
{
    QCOMPARE(differing_inputs(two({}), {0, 0}).size(), std::size_t{0});
    const Study study = published_study();
    std::vector<std::pair<std::string, std::string>> all;
    for (const Parameter &parameter : all_parameters()) {
        if (parameter.axis == Axis::none || parameter.key == "precision")
            continue;
        const std::string scope(name_of(parameter.scope)), key(parameter.key);
        const bool plain =
            parameter.scope == Scope::workload || parameter.scope == Scope::search || parameter.scope == Scope::target;
        const std::string path = plain       ? key
            : parameter.scope == Scope::chip ? "chip.H20." + key
                                             : scope + (scope == "nic" ? ".CX7 400Gbps." : ".") + key;
        const double most = parameter.dimension == Dimension::fraction ? 0.123 : parameter.max;
        const auto present =
            parse_quantity(parameter_text(study, path).value_or(""), parameter.dimension, BareNumbers::allowed);
        const bool is_there = std::holds_alternative<Quantity>(present) && std::get<Quantity>(present).si() == most;
        all.push_back({path, exact_text(Quantity{is_there ? parameter.min : most, &base_unit(parameter.dimension)})});
    }
    std::erase_if(all, [](const auto &change) {
        return change.first == "model.dense_layers" || change.first == "model.experts_per_token";
    });
    QVERIFY(all.size() > 40);
    const std::vector<DifferingInput> inputs = differing_inputs(two(all), {0, 0});
    QCOMPARE(inputs.size(), all.size());
}

// A study of another chip: its numbers stand next to those of the first one's.
void TestCompare::other_chips()
{
    const Study study = published_study();
    const std::vector<Case> cases{{"H800", with_chip(study, 0)}, {"H20", with_chip(study, 1)}};
    const Comparison result = compare(cases);
    const std::string keys = keys_of(result.inputs);
    QCOMPARE(
        keys, std::string("chips chip.bf16 chip.fp8 chip.memory chip.memory_bandwidth chip.sms chip.flash_mla_class"));
    QVERIFY((result.inputs[3].texts == std::vector<std::string>{"80 GB", "96 GB"}));
}

void TestCompare::other_rules()
{
    const auto beside = [](const Study &study, void (*change)(Profile &)) {
        std::vector<Case> cases{{"a", study}, {"b", study}};
        change(cases[1].study.profile);
        return cases;
    };
    using Change = void (*)(Profile &);
    const Study published = published_study(), calibrated = study_named("calibrated");
    for (const Change change : {Change([](Profile &profile) { profile.gemm_by_inner.pieces.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.gemm_by_narrow.pieces.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.gemm_long_inner.mfu = 0.9; }),
             Change([](Profile &profile) { profile.expert_up.pieces.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.expert_down.pieces.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.flash_mla_general.points.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.flash_mla_low_compute.points.back().mfu = 0.9; })}) {
        const std::vector<DifferingInput> inputs = differing_inputs(beside(published, change), {0, 0});
        QCOMPARE(keys_of(inputs), std::string("profile"));
        QCOMPARE(inputs[0].texts[1], std::string("published-v1 (changed)"));
    }
    for (const Change change : {Change([](Profile &profile) { profile.gemm_by_balance.points.back().mfu = 0.9; }),
             Change([](Profile &profile) { profile.flash_mla_by_balance.points.back().mfu = 0.9; })}) {
        const std::vector<DifferingInput> inputs = differing_inputs(beside(calibrated, change), {0, 0});
        QCOMPARE(keys_of(inputs), std::string("profile"));
        QCOMPARE(inputs[0].texts[1], std::string("calibrated (changed)"));
    }
    const std::vector<DifferingInput> inputs = differing_inputs(beside(published,
                                                                    [](Profile &profile) {
                                                                        profile.expert_up.pieces.back().mfu = 0.9;
                                                                        profile.name = "mine";
                                                                    }),
        {0, 0});
    QCOMPARE(keys_of(inputs), std::string("profile"));
    QCOMPARE(inputs[0].texts[1], std::string("mine"));
}

void TestCompare::changes()
{
    VERIFY_SAME(change_of(200.0, 250.0)->difference, 50.0);
    VERIFY_SAME(*change_of(200.0, 250.0)->percent, 25.0);
    VERIFY_SAME(*change_of(-4.0, -6.0)->percent, -50.0); // downwards is negative whatever the sign
    QVERIFY(!change_of(0.0, 1.0)->percent);
    QVERIFY(!change_of(std::nullopt, 1.0) && !change_of(1.0, std::nullopt));
}

void TestCompare::stops()
{
    std::stop_source stopped;
    stopped.request_stop();
    Running running;
    running.stop = stopped.get_token();
    QVERIFY(!compare(two({}), running).complete);
}

EPSCOPE_SUITE(compare, TestCompare)
#include "tst_compare.moc"
