// SPDX-License-Identifier: GPL-3.0-or-later
// What differs between studies is found value by value, whatever part of them it is in.
#include "core/spec/differences.h"

#include <array>

#include "core/spec/profile_rules.h"
#include "core/spec/study_parts.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

class TestDifferences : public QObject {
    Q_OBJECT

private slots:
    void each_parameter_is_found_by_its_key();
    void entries_go_by_their_names();
    void several_studies_stand_side_by_side();
    void parts_cover_all_scopes();
    void rules_in_force_count();
};

void TestDifferences::each_parameter_is_found_by_its_key()
{
    const Study study = published_study();
    QVERIFY(differences(study, study).empty());
    for (const auto &[key, value] : Settings{{"context", "7"}, {"acceptance", "0.25"}, {"deepgemm", "false"},
             {"fa3", "none"}, {"cards", "8"}, {"expert_elem_size", "2 B"}, {"batch", "3"}, {"policy", "naive"},
             {"precision", "2 B / 1 B"}, {"target_tps", "7 tok/s"}, {"model.layers", "60"},
             {"model.source", "elsewhere"}, {"model.max_context", "4096"}, {"quirks.binary_prefixes", "false"},
             {"profile.step_overhead", "5 us"}, {"chip." + study.chips.back().name + ".memory", "96 GB"},
             {"chip." + study.chips.back().name + ".assumed", "memory"},
             {"nic." + study.nics.front().name + ".bandwidth", "10 GB/s"}}) {
        const Study other = with(study, key, value);
        const std::vector<Difference> found = differences(study, other);
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found.front().key, key);
        QVERIFY(found.front().parameter == find_parameter(key));
        QCOMPARE(
            found.front().texts, (std::vector{parameter_text(study, key).value(), parameter_text(other, key).value()}));
        QCOMPARE(found.front().is_text, key.ends_with("source") || key.ends_with("assumed"));
        const std::size_t dots = static_cast<std::size_t>(std::count(key.begin(), key.end(), '.'));
        QCOMPARE(found.front().entry.empty(), dots < 2);
    }
}

void TestDifferences::entries_go_by_their_names()
{
    const Study study = published_study();
    QVERIFY(study.chips.size() > 1);
    Study other = study;
    std::reverse(other.chips.begin(), other.chips.end());
    QVERIFY(differences(study, other).empty());
    set(other, "chip." + study.chips.front().name + ".memory", "96 GB");
    QCOMPARE(differences(study, other).front().entry, study.chips.front().name);
    other.chips.back().name = "another";
    QVERIFY(differences(study, other).empty());
}

void TestDifferences::several_studies_stand_side_by_side()
{
    const Study study = published_study(), longer = with(study, "context", "9999"), few = with(study, "cards", "8");
    const std::vector<Difference> found = differences(std::array{&study, &longer, &few});
    QCOMPARE(found.size(), std::size_t{2});
    QCOMPARE(found[0].texts,
        (std::vector<std::string>{
            std::to_string(study.workload.context), "9999", std::to_string(study.workload.context)}));
    QCOMPARE(found[1].texts,
        (std::vector<std::string>{std::to_string(study.workload.cards), std::to_string(study.workload.cards), "8"}));
}

void TestDifferences::parts_cover_all_scopes()
{
    std::vector<Scope> scopes, read;
    for_each_part([&](const auto &part) {
        scopes.push_back(part.scope);
        QVERIFY(!fields<PartStruct<decltype(part)>>().empty());
        for (const auto &field : fields<PartStruct<decltype(part)>>())
            QVERIFY(field.info.scope == part.scope);
    });
    QVERIFY(std::is_sorted(scopes.begin(), scopes.end()));
    for_each_part_as_read([&](const auto &part) { read.push_back(part.scope); });
    QVERIFY(std::is_permutation(scopes.begin(), scopes.end(), read.begin(), read.end()));
}

void TestDifferences::rules_in_force_count()
{
    for (const char *name : {"published-v1", "calibrated"}) {
        const Profile profile = study_named(name).profile;
        for (const ProfileRule &rule : profile_rules()) {
            QVERIFY(&rule_of(rule.id) == &rule && balance_rule_of(rule.family).by_balance());
            Profile changed = profile;
            std::visit(
                [&](auto member) {
                    auto &changed_rule = changed.*member;
                    if constexpr (requires { changed_rule.points; })
                        changed_rule.points.emplace_back();
                    else
                        changed_rule.measured_on += "?";
                },
                rule.member);
            // One by balance comes into force with its first point.
            const bool counts = is_in_force(changed, rule);
            QCOMPARE(counts, rule.by_balance() || is_in_force(profile, rule));
            QCOMPARE(same_rules(profile, changed), !counts);
            for (const RuleFamily family : rule_families)
                QCOMPARE(same_rules(profile, changed, family), !counts || family != rule.family);
        }
    }
}

EPSCOPE_SUITE(differences, TestDifferences)
#include "tst_differences.moc"
