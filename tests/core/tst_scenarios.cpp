// SPDX-License-Identifier: GPL-3.0-or-later
// Scenarios and baselines in a study's file: read as the study's own keys are, written as what differs, read back to an
// equal value.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/io/library.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

StudyFile read(const std::string &text, const Library &library = shipped_library())
{
    Read<StudyFile> read = read_study_file(text, "f.yaml", library);
    std::string problems = text;
    for (const Diagnostic &problem : read.problems)
        problems += "\n" + text_of(problem);
    if (!read)
        throw std::runtime_error(problems);
    return std::move(*read.value);
}

int lines_of(const std::string &text)
{
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

class TestScenarios : public QObject {
    Q_OBJECT

private slots:
    void keys_are_those_of_a_study();
    void names_mean_the_studys_own_entries();
    void baselines_are_read();
    void a_baseline_is_found_by_name();
    void a_base_hands_on_no_scenarios();
    void round_trip_data();
    void round_trip();
    void every_parameter_comes_back();
    void one_number_is_one_line();
    void no_scenarios_leave_the_text_as_it_was();
    void the_study_itself_counts();
    void a_study_is_read_without_them();
    void the_example_is_read();
};

void TestScenarios::keys_are_those_of_a_study()
{
    const StudyFile file = read(R"(study: s
based_on: published-v1
scenarios:
  - name: Longer
    note: |
      What customers ask for.
      From 2026 on.
    workload: {context: 64 Ki}
    search: {ep: 144, batch: "16..64:16"}
    target_tps: 15 tok/s
  - name: Other chips
    chips: [H200, H20]
    nics: [CX7-400]
    profile: calibrated
    quirks: {experts_see_all_tokens: true}
  - name: Faster
    set:
      chip.H800.memory_bandwidth: 4.8 TB/s
      nic.CX7 400Gbps.bandwidth: 60 GB/s
      quirks.binary_prefixes: false
)");
    Study base = published_study();
    base.name = base.title = "s";
    base.source.clear();
    QVERIFY(file.study == base);
    QCOMPARE(file.scenarios.size(), std::size_t{3});
    QCOMPARE(file.scenarios[0].name, std::string("Longer"));
    QCOMPARE(file.scenarios[0].note, std::string("What customers ask for.\nFrom 2026 on."));
    QVERIFY(file.scenarios[0].study
        == with(
            with(with(with(base, "context", "64 Ki"), "ep", "144"), "batch", "16,32,48,64"), "target_tps", "15 tok/s"));
    Study other = base;
    other.chips = {*shipped_library().chip("H200").value, *shipped_library().chip("H20").value};
    other.nics = {*shipped_library().nic("CX7-400").value};
    other.profile = *shipped_library().profile("calibrated").value;
    other.profile.quirks.experts_see_all_tokens = true;
    for (std::size_t i = 0; i < base.chips.size(); ++i) { // the study's own H20 has the name before the library's
        if (base.chips[i].name == "H20")
            other.chips[1] = base.chips[i];
    }
    QVERIFY(file.scenarios[1].study == other);
    QVERIFY(file.scenarios[1].note.empty());
    QVERIFY(file.scenarios[2].study
        == with(with(with(base, "chip.H800.memory_bandwidth", "4.8 TB/s"), "nic.CX7 400Gbps.bandwidth", "60 GB/s"),
            "quirks.binary_prefixes", "false"));
}

void TestScenarios::names_mean_the_studys_own_entries()
{
    const StudyFile file = read(R"(study: s
based_on: published-v1
chips: [{chip: H800, source: mine, bf16: 1 PFLOP/s, memory: 80 GB, memory_bandwidth: 9 TB/s, sms: 100, clock: 1 GHz,
         all_reduce_latency: 1 us, fa3: none, flash_mla_class: general}, B200]
scenarios: [{name: One, chips: [H800]}]
)");
    QCOMPARE(file.scenarios[0].study.chips.size(), std::size_t{1});
    QVERIFY(file.scenarios[0].study.chips[0] == file.study.chips[0]);
    QCOMPARE(file.scenarios[0].study.chips[0].memory_bandwidth.si(), 9e12);
}

void TestScenarios::baselines_are_read()
{
    const StudyFile file = read(R"(study: s
based_on: published-v1
baselines:
  - name: Last week
    set: {chip.H800.memory_bandwidth: 4.8 TB/s}
  - name: Picked
    compared: true
    chips: [H200]
    picked: {chip: H200, nic: CX7 400Gbps, policy: naive, ep: 144, batch: 96, precision: 1 B / 0.5 B, mtp_len: 2}
)");
    QVERIFY(file.scenarios.empty());
    QCOMPARE(file.baselines.size(), std::size_t{2});
    QCOMPARE(file.compared, std::size_t{1});
    QCOMPARE(file.baselines[0].name, std::string("Last week"));
    QVERIFY(file.baselines[0].study == with(file.study, "chip.H800.memory_bandwidth", "4.8 TB/s"));
    QVERIFY(!file.baselines[0].picked);
    Study other = file.study;
    other.chips = {*shipped_library().chip("H200").value};
    QVERIFY(file.baselines[1].study == other);
    QVERIFY(file.baselines[1].picked == (Selection{"H200", "CX7 400Gbps", {Policy::naive, 144, 1, 0.5, 2, 96}}));
    QCOMPARE(read("study: s\nbased_on: published-v1\nbaselines: [{name: a}, {name: b}]\n").compared, std::size_t{0});
    QVERIFY(read("study: s\nbased_on: published-v1\n").baselines.empty());
}

void TestScenarios::a_baseline_is_found_by_name()
{
    const Study base = published_study(), longer = with(base, "context", "64 Ki"),
                shorter = with(base, "context", "1 Ki");
    const StudyFile file{base, {{"A", "", longer}, {"B", "", longer}}, {{"B", shorter, std::nullopt}}};
    QVERIFY(baseline_named(file, "B").value().study == shorter); // what is pinned before a scenario of the same name
    QVERIFY(baseline_named(file, "A").value().study == longer);
    QVERIFY(baseline_named(file, base.name).value().study == base);
    QVERIFY(!baseline_named(file, "C"));
}

void TestScenarios::a_base_hands_on_no_scenarios()
{
    const Folder folder;
    std::filesystem::create_directories(folder.path().toStdString() + "/studies");
    std::ofstream(folder.path().toStdString() + "/studies/base.yaml") << study_file_text({published_study(),
        {{"One", "", with(published_study(), "context", "1 Ki")}}, {{"Then", published_study(), std::nullopt}}});
    const Library library({folder.path().toStdString()});
    const std::string base_name = published_study().name;
    QCOMPARE(library.study_file(base_name).value->scenarios.size(), std::size_t{1});
    QCOMPARE(library.study_file(base_name).value->baselines.size(), std::size_t{1});
    const StudyFile based = read("study: s\nbased_on: " + base_name + "\n", library);
    QVERIFY(based.scenarios.empty() && based.baselines.empty());
}

void TestScenarios::round_trip_data()
{
    QTest::addColumn<Study>("other");
    const Study base = published_study();
    const auto row = [](const char *name, const Study &other) { QTest::newRow(name) << other; };
    row("same", base);
    row("workload", with(base, "context", "64 Ki"));
    row("chip's number", with(base, "chip.H800.memory_bandwidth", "4.8 TB/s"));
    Study other = with(base, "chip.H800.scale_up_bandwidth", "160 GB/s");
    row("chip's number set", other);
    other = base;
    for (Chip &chip : other.chips)
        chip.fp8.reset();
    row("chip's number unset", other);
    other = base;
    other.chips.erase(other.chips.begin());
    row("chip gone", other);
    other.chips.push_back(*shipped_library().chip("B200").value);
    row("chip in place", other);
    other = base;
    std::reverse(other.chips.begin(), other.chips.end());
    row("chips the other way round", other);
    other = base;
    other.chips[0].title = "# a: title, \"quoted\"\nand broken";
    other.chips[0].usual_nic = "3";
    other.chips[0].assumed = {"clock", "sms"};
    row("chip's texts", other);
    other = base;
    other.chips[0].name = "a.b: #c [d";
    row("chip's name", other);
    row("chip of an awkward name changed", with(other, "chip.a.b: #c [d.sms", "99"));
    row("NIC's number", with(base, "nic.CX7 400Gbps.bandwidth", "60 GB/s"));
    row("model's number", with(base, "model.layers", "30"));
    other = base;
    other.model.name = "another";
    row("model", other);
    row("profile's number", with(base, "profile.usable_memory_fraction", "0.5"));
    row("quirk", with(base, "quirks.binary_prefixes", "false"));
    other = base;
    other.profile = *shipped_library().profile("calibrated").value;
    row("profile", other);
    other.profile.gemm_by_balance.points.front().mfu = 0.92;
    row("profile's rule", other);
    row("searched", with(with(with(base, "ep", "8..64:8,144"), "precision", "1/0.5625"), "policy", "naive"));
    row("target", with(base, "target_tps", "7.5 tok/s"));
}

void TestScenarios::round_trip()
{
    QFETCH(Study, other);
    // The chips of an awkward name are the study's own there.
    Study base = published_study();
    if (other.chips[0].name == "a.b: #c [d")
        base.chips[0].name = other.chips[0].name;
    const Selection picked{base.chips.back().name, base.nics.front().name, {Policy::naive, 144, 1, 0.5625, 2, 96}};
    const StudyFile file{base, {{"Base \u4e2d", "", base}, {"A: 1 #2", "two\nlines: #", other}, {"1", "- x", other}},
        {{"Last week", other, std::nullopt}, {"A: 1 #2", base, picked}}, 1};
    const std::string text = study_file_text(file);
    const StudyFile back = read(text, empty_library());
    QVERIFY2(back == file, text.c_str());
    // From another point of view.
    const StudyFile turned{other, {{"Base", "", base}}};
    QVERIFY(read(study_file_text(turned), empty_library()) == turned);
}

void TestScenarios::every_parameter_comes_back()
{
    const Study base = published_study();
    int tried = 0;
    for (const Parameter &parameter : all_parameters()) {
        if (parameter.axis == Axis::none || parameter.scope == Scope::search)
            continue;
        const std::string prefix = parameter.scope == Scope::workload || parameter.scope == Scope::target
            ? ""
            : std::string(name_of(parameter.scope)) + ".";
        for (const double value : {parameter.soft_min, parameter.soft_max}) {
            Study other = base;
            if (set_parameter(other, prefix + std::string(parameter.key), exact_text(value), BareNumbers::allowed))
                continue; // contradicts another value
            const StudyFile file{base, {{"x", "", other}}};
            QVERIFY2(read(study_file_text(file), empty_library()) == file, std::string(parameter.key).c_str());
            ++tried;
        }
    }
    QVERIFY(tried > 80);
}

void TestScenarios::one_number_is_one_line()
{
    const Study base = published_study();
    const int plain = lines_of(study_text(base));
    const std::pair<const char *, const char *> changes[] = {{"chip.H800.memory", "96 GB"},
        {"nic.CX7 400Gbps.bandwidth", "60 GB/s"}, {"profile.usable_memory_fraction", "0.5"}, {"model.layers", "40"},
        {"context", "64 Ki"}, {"target_tps", "40 tok/s"}};
    for (const auto &[key, value] : changes) {
        const Study other = with(base, key, value);
        const std::string text = study_file_text({base, {{"x", "", other}}});
        QVERIFY2(lines_of(text) <= plain + 4, text.c_str()); // the list, the name, a section and the number
        const std::string pinned = study_file_text({base, {}, {{"x", other, std::nullopt}}});
        QVERIFY2(lines_of(pinned) <= plain + 5, pinned.c_str()); // and that it is the one compared with
    }
}

void TestScenarios::no_scenarios_leave_the_text_as_it_was()
{
    QCOMPARE(study_file_text({published_study(), {}}), study_text(published_study()));
}

void TestScenarios::the_study_itself_counts()
{
    const Study base = published_study();
    const ScenarioCard longer{"Longer", "", with(base, "context", "64 Ki")}, itself{"As published", "", base};
    QVERIFY(all_scenarios({base, {longer, itself}}) == (std::vector{longer, itself}));
    QVERIFY(all_scenarios({base, {longer}}) == (std::vector{ScenarioCard{base.name, "", base}, longer}));
    const ScenarioCard same_name{base.name, "", longer.study};
    QVERIFY(all_scenarios({base, {same_name}}) == (std::vector{ScenarioCard{base.name + " 2", "", base}, same_name}));
    QVERIFY(all_scenarios({base, {}}) == (std::vector{ScenarioCard{base.name, "", base}}));
}

void TestScenarios::a_study_is_read_without_them()
{
    const Study base = published_study();
    const std::string text = study_file_text({base, {{"x", "", with(base, "context", "1 Ki")}}});
    QVERIFY(*read_study(text, "f.yaml", empty_library()).value == base);
    QVERIFY(!read_study(text + "  - name: x\n", "f.yaml", empty_library()));
}

void TestScenarios::the_example_is_read()
{
    std::ifstream in(EPSCOPE_SOURCE_DIR "/docs/what-if.yaml");
    const StudyFile file = read({std::istreambuf_iterator<char>(in), {}});
    QCOMPARE(file.scenarios.size(), std::size_t{4});
    QVERIFY(file.scenarios[0].study == file.study);
    QVERIFY(file.scenarios[1].study
        == with(with(file.study, "chip.H800.memory", "141 GB"), "chip.H800.memory_bandwidth", "4.8 TB/s"));
}

EPSCOPE_SUITE(scenarios, TestScenarios)
#include "tst_scenarios.moc"
