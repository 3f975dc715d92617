// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/explore/explored.h"
#include "core/spec/parameters.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

Study explore_with(const Settings &settings)
{
    return with(explore_study(), settings);
}

const Fix *with_key(const std::vector<Fix> &fixes, const std::string &key)
{
    const auto found = std::find_if(fixes.begin(), fixes.end(), [&](const Fix &fix) { return fix.key == key; });
    return found == fixes.end() ? nullptr : &*found;
}

} // namespace

class TestFixes : public QObject {
    Q_OBJECT

private slots:
    void none_if_something_is_feasible();
    void each_makes_something_feasible_data();
    void each_makes_something_feasible();
    void lowers_the_target_to_the_fastest();
    void asks_for_the_memory_that_is_missing();
    void a_smaller_change_would_not_do();
    void orders_by_the_size_of_the_change();
    void each_reason_of_a_group_has_its_smallest_change_data();
    void each_reason_of_a_group_has_its_smallest_change();
    void stops();
};

void TestFixes::none_if_something_is_feasible()
{
    QVERIFY(explore({study_named("published-v1"), {}})->fixes.empty());
}

void TestFixes::each_makes_something_feasible_data()
{
    QTest::addColumn<Settings>("settings");
    QTest::newRow("target too high") << Settings{{"target_tps", "300"}};
    QTest::newRow("target far too high") << Settings{{"target_tps", "100000"}};
    QTest::newRow("memory too small") << Settings{{"ep", "8"}, {"chip.memory", "60 GB"}};
    QTest::newRow("memory far too small") << Settings{{"ep", "8"}, {"chip.memory", "4 GB"}};
    QTest::newRow("context too long") << Settings{{"context", "1 Mi"}};
    QTest::newRow("too few cards") << Settings{{"cards", "4"}};
    QTest::newRow("one sequence in two micro-batches") << Settings{{"batch", "1"}, {"policy", "dual-mbatch"}};
    QTest::newRow("drafting without an MTP layer") << Settings{{"model.mtp_layers", "0"}, {"mtp_len", "1, 2"}};
}

void TestFixes::each_makes_something_feasible()
{
    QFETCH(const Settings, settings);
    const Study study = explore_with(settings);
    const auto explored = explore({study, {}});
    QCOMPARE(explored->outcome.feasible, std::uint64_t{0});
    const std::vector<Fix> fixes = explored->fixes;
    QVERIFY(!fixes.empty());
    QVERIFY(fixes.size() <= 3);
    for (const Fix &fix : fixes) {
        Study changed = study;
        const auto wrong = set_parameter(changed, fix.key, fix.value, BareNumbers::refused);
        QVERIFY2(!wrong, wrong ? wrong->c_str() : "");
        QVERIFY2(search(changed).feasible > 0, fix.key.c_str());
        QVERIFY2(fix.factor >= 1, fix.key.c_str());
    }
}

void TestFixes::lowers_the_target_to_the_fastest()
{
    const auto explored = explore({explore_with({{"target_tps", "300"}}), {}});
    double fastest = 0;
    for (const auto &front : explored->outcome.fronts)
        fastest = std::max(fastest, front.empty() ? 0 : front.front().ux_tps);
    const std::vector<Fix> fixes = explored->fixes;
    const Fix *fix = with_key(fixes, "target_tps");
    QVERIFY(fix);
    Study changed = explored->inputs.study;
    QVERIFY(!set_parameter(changed, "target_tps", fix->value, BareNumbers::refused));
    QVERIFY(changed.target_tps.si() <= fastest);
    QVERIFY(changed.target_tps.si() > 0.99 * fastest);
    QCOMPARE(fix->kind, FixKind::target);
    QCOMPARE(fix->number, changed.target_tps.si());
}

void TestFixes::asks_for_the_memory_that_is_missing()
{
    const auto explored = explore({explore_with({{"ep", "8"}, {"chip.memory", "60 GB"}}), {}});
    const std::vector<Fix> fixes = explored->fixes;
    const auto fix =
        std::find_if(fixes.begin(), fixes.end(), [](const Fix &each) { return each.kind == FixKind::memory; });
    QVERIFY(fix != fixes.end());
    QCOMPARE(fix->key, "chip." + fix->name + ".memory");
    Study changed = explored->inputs.study;
    QVERIFY(!set_parameter(changed, fix->key, fix->value, BareNumbers::refused));
    // Of one chip only: the others stay as they are.
    const auto grown = std::count_if(
        changed.chips.begin(), changed.chips.end(), [](const Chip &chip) { return chip.memory.si() > 60e9; });
    QCOMPARE(grown, 1);
}

void TestFixes::a_smaller_change_would_not_do()
{
    const Study study = explore_with({{"ep", "8"}, {"chip.memory", "60 GB"}});
    const auto explored = explore({study, {}});
    for (const Fix &fix : explored->fixes) {
        if (fix.kind != FixKind::memory)
            continue;
        Study changed = study;
        constexpr double less = 0.97;
        const std::string value = exact_text(less * 60e9 * fix.factor) + " B";
        QVERIFY(!set_parameter(changed, fix.key, value, BareNumbers::refused));
        QCOMPARE(search(changed).feasible, std::uint64_t{0});
        return;
    }
    QFAIL("no memory among the fixes");
}

void TestFixes::orders_by_the_size_of_the_change()
{
    const std::vector<Fix> fixes = explore({explore_with({{"target_tps", "300"}}), {}})->fixes;
    QCOMPARE(fixes.size(), std::size_t{3});
    QVERIFY(std::is_sorted(fixes.begin(), fixes.end(), [](const Fix &a, const Fix &b) { return a.factor < b.factor; }));
    QVERIFY(fixes[0].key != fixes[1].key && fixes[1].key != fixes[2].key && fixes[0].key != fixes[2].key);
}

void TestFixes::each_reason_of_a_group_has_its_smallest_change_data()
{
    QTest::addColumn<Settings>("settings");
    QTest::addColumn<QString>("reason"); // a part of its text
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value"); // what it becomes, or has besides
    const auto row = [](const char *name, const Settings &settings, const char *reason, const char *key,
                         const char *value) {
        QTest::newRow(name) << settings << QString::fromUtf8(reason) << QString::fromUtf8(key)
                            << QString::fromUtf8(value);
    };
    // 128 experts of 2,880; 64 heads.
    row("uneven experts", {{"tp", "8"}, {"mode", "ep_group"}, {"redundant_experts", "1"}},
        "129 experts do not spread over TP 8 evenly: with 8 redundant experts they would", "redundant_experts", "8");
    row("EP of no groups", {{"tp", "8"}, {"mode", "all2all"}, {"ep", "12"}},
        "EP 12 does not consist of groups of TP 8: EP 8 does", "tp", "8, 4");
    row("a group of one", {{"tp", "1"}, {"mode", "ep_group"}}, "which one card is not: TP 2 is the smallest", "tp",
        "1, 2");
    row("too few cards for a group", {{"tp", "8"}, {"mode", "moe_tp"}, {"cards", "4"}},
        "TP 8 needs as many cards, there are 4", "cards", "8");
    row("too few cards for EP", {{"tp", "1"}, {"mode", "all2all"}, {"ep", "32"}, {"cards", "16"}},
        "EP 32 needs as many cards, there are 16", "cards", "32");
    row("heads that a group cannot share", {{"tp", "128"}, {"mode", "moe_tp"}}, "is not supported: needs 64, has 128",
        "tp", "128, 16");
}

void TestFixes::each_reason_of_a_group_has_its_smallest_change()
{
    QFETCH(const Settings, settings);
    QFETCH(QString, reason);
    QFETCH(QString, key);
    QFETCH(QString, value);
    const Study study = study_2026("gpt-oss-120b", settings);
    const auto explored = explore({study, {}});
    QCOMPARE(explored->outcome.feasible, std::uint64_t{0});
    const QString why = QString::fromStdString(text_of(explored->miss->lacks));
    QVERIFY2(why.contains(reason), qPrintable(why));
    const Fix *fix = with_key(explored->fixes, key.toStdString());
    QVERIFY2(fix, qPrintable(why));
    QCOMPARE(QString::fromStdString(fix->value), value);
    QVERIFY(search(with(study, fix->key, fix->value)).feasible > 0);
}

void TestFixes::stops()
{
    const Study study = explore_with({{"context", "1 Mi"}});
    const SearchOutcome outcome = search(study);
    const Miss miss = nearest_miss(study, outcome);
    QVERIFY(!smallest_fixes(study, outcome, miss).empty());
    std::stop_source source;
    source.request_stop();
    QVERIFY(smallest_fixes(study, outcome, miss, source.get_token()).empty());
}

EPSCOPE_SUITE(fixes, TestFixes)
#include "tst_fixes.moc"
