// SPDX-License-Identifier: GPL-3.0-or-later
// Every pair of a profile's switches and rules, in every state: it is refused, it changes estimates, or it is named
// among what has no effect. docs/model.md §15.
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "core/estimate/estimate.h"
#include "core/io/file.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "core/spec/combinations.h"
#include "tests/support/fixed.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// A switch by its key, or one of the two rules that may stand in place of others.
struct Switch {
    std::string key;
    // What is wrong with it, if it is refused.
    std::function<std::optional<std::string>(Study &, bool)> set;
};

const BalanceRule &rule_named(const std::string &key)
{
    static const Profile calibrated = *shipped_library().profile("calibrated").value;
    return key == "gemm_by_balance" ? calibrated.gemm_by_balance : calibrated.flash_mla_by_balance;
}

Switch switch_of(const std::string &key)
{
    return {key, [key](Study &study, bool on) {
                return set_parameter(study, key, on ? "true" : "false", BareNumbers::refused);
            }};
}

Switch rule_of(const std::string &key, BalanceRule Profile::*member)
{
    return {key, [=](Study &study, bool on) -> std::optional<std::string> {
                study.profile.*member = on ? rule_named(key) : BalanceRule{};
                return std::nullopt;
            }};
}

const std::vector<Switch> &switches()
{
    static const std::vector<Switch> all = [] {
        std::vector<Switch> found{rule_of("gemm_by_balance", &Profile::gemm_by_balance),
            rule_of("flash_mla_by_balance", &Profile::flash_mla_by_balance)};
        for (const Field<Quirks> &field : fields<Quirks>())
            found.push_back(switch_of("quirks." + std::string(field.info.key)));
        return found;
    }();
    return all;
}

// All off, on the study's published profile with rules of both kinds at hand.
Study base(bool by_balance)
{
    Study study = one_configuration();
    for (const auto &[key, value] : {std::pair{"fa3", "none"}, {"chip.scale_up_bandwidth", "160 GB/s"},
             {"chip.scale_up_domain", "8"}, {"expert_elem_size", "0.5 B"}, {"context", "5000"}})
        set(study, key, value);
    for (const Switch &each : switches())
        each.set(study, by_balance && each.key.ends_with("_by_balance"));
    return study;
}

using Times = std::vector<double>;

void add_times(Times &times, const Estimate &full)
{
    times.push_back(full.step_s);
    times.push_back(full.memory.free);
    times.push_back(full.flash_mla.tile_sram);
    for (const BlockEstimate &block : full.blocks) {
        for (const OperatorEstimate &op : block.operators)
            times.push_back(op.time_s);
    }
}

// Of every kind of attention, and of cards that share one.
void add_times_of_2026(Times &times, const Study &study)
{
    Chip chip = study.chips[0];
    chip.kernel_class = KernelClass::cdna;
    Workload balanced = study.workload;
    balanced.balancer = Balancer::on;
    Chip fast_memory = chip; // so that attention waits for computation: fewer query rows than a tile has
    fast_memory.memory_bandwidth.number *= 100;
    add_times(times,
        estimate({study.profile, study.model, chip, study.nics[0], balanced, {Policy::naive, 72, 1, 1, 0, 64}, 0}));
    add_times(times,
        estimate({study.profile, study.model, fast_memory, study.nics[0], study.workload,
            {Policy::naive, 1, 1, 1, 0, 64, 8, ExpertMode::moe_tp}, 0}));
    add_times(times,
        estimate({study.profile, *shipped_library().model("deepseek-v4-pro").value, chip, study.nics[0], study.workload,
            {Policy::naive, 64, 1, 1, 0, 64}, 0}));
    for (const std::int64_t batch : {1, 512}) // in one shot and in two
        add_times(times,
            estimate({study.profile, *shipped_library().model("gpt-oss-120b").value, fast_memory, study.nics[0],
                study.workload, {Policy::naive, 1, 1, 1, 0, batch, 8, ExpertMode::moe_tp}, 0}));
}

// Of every operator of a few configurations, what memory holds and what FlashMLA's tile needs.
Times times_of(const Study &study)
{
    Times times;
    for (const Point &point : {Point{Policy::naive, 72, 1, 1, 1, 64}, {Policy::dual_mbatch, 8, 1, 2, 0, 2}}) {
        add_times(
            times, estimate({study.profile, study.model, study.chips[0], study.nics[0], study.workload, point, 0}));
    }
    if (study.profile.equations == Equations::model_2026)
        add_times_of_2026(times, study);
    return times;
}

bool is_on(const Study &study, const std::string &key)
{
    if (key == "gemm_by_balance")
        return !study.profile.gemm_by_balance.points.empty();
    if (key == "flash_mla_by_balance")
        return !study.profile.flash_mla_by_balance.points.empty();
    return parameter_text(study, key) == "true";
}

// Switches that the documentation calls without effect here; the rest has one.
bool is_without_effect(const Study &study, const std::string &key)
{
    return key == "quirks.softmax_counts_unpadded_keys" && is_on(study, "flash_mla_by_balance");
}

std::string short_key(const std::string &key)
{
    constexpr std::string_view scope = "profile.";
    return key.starts_with(scope) ? key.substr(scope.size()) : key;
}

std::vector<std::string> keys_without_effect(const Study &study)
{
    std::vector<std::string> keys;
    for (const WithoutEffect &each : without_effect(study.profile))
        keys.emplace_back(each.key);
    std::sort(keys.begin(), keys.end());
    return keys;
}

// The number of a profile's field, 0 for what is none.
double number_of(const Profile &profile, const Field<Profile> &field)
{
    if (const auto *real = std::get_if<double Profile::*>(&field.member))
        return profile.**real;
    if (const auto *whole = std::get_if<std::int64_t Profile::*>(&field.member))
        return static_cast<double>(profile.**whole);
    return 0;
}

bool is_number(const Field<Profile> &field)
{
    return std::holds_alternative<double Profile::*>(field.member)
        || std::holds_alternative<std::int64_t Profile::*>(field.member);
}

// Another value in the range of the row, neither an end nor what it leaves as it is.
std::string other_value(const Profile &profile, const Field<Profile> &field)
{
    const Parameter &info = field.info;
    const double now = number_of(profile, field);
    const bool whole = std::holds_alternative<std::int64_t Profile::*>(field.member);
    const auto between = [&](double from) {
        const double half = (from + info.soft_max) / 2;
        return whole ? std::floor(half) : half;
    };
    const double half = between(info.soft_min);
    return exact_text(Quantity{now == half ? between(half) : half, &base_unit(info.dimension)});
}

} // namespace

class TestCombinations : public QObject {
    Q_OBJECT

private slots:
    void every_pair_data();
    void every_pair();
    void every_number_data();
    void every_number();
    void refused_by_every_way_in();
    void retired_keys_are_taken_and_named();
    void notes_name_what_has_no_effect();
    void shipped_profiles_have_nothing_without_effect();
};

void TestCombinations::every_pair_data()
{
    QTest::addColumn<std::size_t>("first");
    QTest::addColumn<std::size_t>("second");
    for (std::size_t first = 0; first < switches().size(); ++first) {
        for (std::size_t second = first + 1; second < switches().size(); ++second)
            QTest::addRow("%s, %s", switches()[first].key.c_str(), switches()[second].key.c_str()) << first << second;
    }
}

void TestCombinations::every_pair()
{
    QFETCH(std::size_t, first);
    QFETCH(std::size_t, second);
    const std::array pair{&switches()[first], &switches()[second]};
    for (const bool by_balance : {false, true}) {
        std::map<std::array<bool, 2>, Times> times; // by the states of the two
        for (const bool on : {false, true}) {
            for (const bool other_on : {false, true}) {
                Study study = base(by_balance);
                for (const auto &[each, state] : {std::pair{pair[0], on}, {pair[1], other_on}}) {
                    const std::optional<std::string> refused = each->set(study, state);
                    QVERIFY2(!refused, refused.value_or("").c_str());
                }
                QVERIFY(inconsistencies(study.profile).empty());
                QVERIFY(read_profile(profile_text(study.profile), "profile.yaml"));
                std::vector<std::string> expected;
                for (const Switch *each : pair) {
                    if (is_on(study, each->key) && is_without_effect(study, each->key))
                        expected.push_back(short_key(each->key));
                }
                std::sort(expected.begin(), expected.end());
                QCOMPARE(keys_without_effect(study), expected);
                times[{on, other_on}] = times_of(study);
            }
        }
        for (const std::size_t changed : {0u, 1u}) {
            for (const bool other_on : {false, true}) {
                const auto state = [&](bool on) {
                    return changed == 0 ? std::array{on, other_on} : std::array{other_on, on};
                };
                const Times &off = times.at(state(false)), &on = times.at(state(true));
                Study study = base(by_balance);
                pair[0]->set(study, state(true)[0]);
                pair[1]->set(study, state(true)[1]);
                const std::string what = pair[changed]->key + (other_on ? " next to " : " without ")
                    + pair[1 - changed]->key + (by_balance ? ", by balance" : "");
                QVERIFY2((off == on) == is_without_effect(study, pair[changed]->key), what.c_str());
            }
        }
    }
}

void TestCombinations::every_number_data()
{
    QTest::addColumn<std::string>("profile");
    QTest::addColumn<std::vector<std::string>>("without_effect");
    QTest::newRow("published") << std::string("published-v1")
                               << std::vector<std::string>{"all_reduce_latency", "attention_ramp_keys",
                                      "balanced_spread", "cdna_factor", "gqa_tile_rows", "kernel_clock", "mla_kernels",
                                      "nic_efficiency", "nic_latency", "permute_bytes", "popularity_span",
                                      "query_passes", "scale_up_efficiency", "scale_up_latency", "short_inner",
                                      "step_overhead", "two_shot_latency", "v4_kernels"};
    QTest::newRow("calibrated") << std::string("calibrated") << std::vector<std::string>{"ffn_out_elem_size"};
}

// A number that is set and changes nothing is named.
void TestCombinations::every_number()
{
    QFETCH(std::string, profile);
    QFETCH(std::vector<std::string>, without_effect);
    Study study = base(false);
    study.profile = *shipped_library().profile(profile).value;
    set(study, "expert_elem_size", "2 B"); // wider than what is sent
    set(study, "chip.memory_bandwidth", "1 TB/s"); // which the experts wait for
    std::vector<std::string> silent;
    for (const Field<Profile> &field : fields<Profile>()) {
        if (!is_number(field))
            continue;
        Study other = study;
        const std::string key(field.info.key);
        set(other, "profile." + key, other_value(study.profile, field));
        const bool named = keys_without_effect(other) == std::vector{key};
        QVERIFY2(named || keys_without_effect(other).empty(), key.c_str());
        QVERIFY2((times_of(other) == times_of(study)) == named, key.c_str());
        if (named)
            silent.push_back(key);
    }
    std::sort(silent.begin(), silent.end());
    QCOMPARE(silent, without_effect);
}

// Curves of model-2026 that would make a better chip slower.
void TestCombinations::refused_by_every_way_in()
{
    const std::string reason =
        "model-2026 needs gemm_by_balance and flash_mla_by_balance: it knows no other efficiencies";
    Study study = published_study();
    const Study before = study;
    QCOMPARE(*set_parameter(study, "profile.equations", "model-2026", BareNumbers::allowed), reason);
    QVERIFY(study == before);
    Profile profile = study.profile;
    profile.equations = Equations::model_2026;
    const Read<Profile> read = read_profile(profile_text(profile), "mine.yaml");
    QVERIFY(!read);
    QCOMPARE(read.problems.size(), std::size_t{1});
    QCOMPARE(read.problems[0].key, std::string("equations"));
    QCOMPARE(read.problems[0].message, reason);
    QVERIFY(read.problems[0].line > 1);
    study.profile = profile;
    QVERIFY(!read_study(study_text(study), "study.yaml", shipped_library()));
    Study calibrated = study_named("calibrated");
    QVERIFY(!set_parameter(calibrated, "profile.equations", "published", BareNumbers::allowed));
    QVERIFY(!set_parameter(calibrated, "profile.equations", "model-2026", BareNumbers::allowed));
}

// What profiles of version 0.1 have besides is taken, whatever its value, and named.
void TestCombinations::retired_keys_are_taken_and_named()
{
    const std::vector<std::string> retired{"layer_overhead", "load_imbalance", "expert_skew", "fused_compression",
        "bf16_absorb", "uses_scale_up", "sends_once_per_card", "narrow_dispatch", "idle_experts_unread"};
    const Read<std::string> text = read_text(EPSCOPE_SOURCE_DIR "/tests/data/calibrated-0.1.yaml", largest_file);
    const Read<Profile> old = read_profile(*text.value, "old.yaml");
    QVERIFY2(old, old ? "" : text_of(old.problems.front()).c_str());
    QCOMPARE(old.warnings.size(), retired.size());
    for (const std::string &key : retired) {
        QVERIFY(!find_parameter("profile." + key));
        QVERIFY2(std::count_if(old.warnings.begin(), old.warnings.end(),
                     [&](const Diagnostic &warning) {
                         return warning.key == key && warning.message.starts_with("has no effect any more: ");
                     })
                == 1,
            key.c_str());
        for (const ParameterOrigin &origin : old.value->calibration)
            QVERIFY(origin.parameter != key);
        Study study = one_configuration();
        const Times before = times_of(study);
        QVERIFY(!set_parameter(study, "profile." + key, "whatever", BareNumbers::allowed));
        QVERIFY(times_of(study) == before);
        QCOMPARE(keys_without_effect(study), std::vector{key});
    }
    Study study = one_configuration();
    study.profile = *old.value;
    QVERIFY(std::isfinite(only_estimate(study).step_s));
    std::vector<std::string> named = keys_without_effect(study);
    for (const std::string &key : retired)
        QVERIFY2(std::count(named.begin(), named.end(), key) == 1, key.c_str());
    QVERIFY(*read_profile(profile_text(*old.value), "again.yaml").value == *old.value);
}

void TestCombinations::notes_name_what_has_no_effect()
{
    const auto notes_of = [](const Study &study) { return only_estimate(study).notes; };
    const auto has = [](const std::vector<std::string> &notes, const std::string &wanted) {
        return std::find(notes.begin(), notes.end(), wanted) != notes.end();
    };
    Study published = one_configuration();
    QVERIFY(notes_of(published).empty());
    set(published, "profile.nic_efficiency", "0.9");
    set(published, "profile.scale_up_latency", "10 us");
    set(published, "profile.expert_skew", "0.3");
    QVERIFY(has(
        notes_of(published), "no effect of nic_efficiency, scale_up_latency: the equations are the published ones"));
    QVERIFY(has(notes_of(published), "no effect of expert_skew: popularity_span of model-2026 took its place"));
    QCOMPARE(notes_of(published).size(), std::size_t{2});

    Study calibrated = one_configuration();
    calibrated.profile = *shipped_library().profile("calibrated").value;
    calibrated.chips = {*shipped_library().chip("H800").value};
    const std::size_t usual = notes_of(calibrated).size();
    set(calibrated, "quirks.softmax_counts_unpadded_keys", "true");
    QVERIFY(
        has(notes_of(calibrated), "no effect of quirks.softmax_counts_unpadded_keys: the equations are model-2026"));
    set(calibrated, "deepgemm", "off");
    QVERIFY(
        has(notes_of(calibrated), "DeepGEMM off changes nothing here: the profile's GEMM efficiencies go by balance"));
    QCOMPARE(notes_of(calibrated).size(), usual + 2);
}

void TestCombinations::shipped_profiles_have_nothing_without_effect()
{
    for (const Library::Entry &entry : shipped_library().entries(Kind::profile)) {
        const Profile profile = *shipped_library().profile(entry.name).value;
        QVERIFY2(without_effect(profile).empty() && inconsistencies(profile).empty(), entry.name.c_str());
    }
}

EPSCOPE_SUITE(combinations, TestCombinations)
#include "tst_combinations.moc"
