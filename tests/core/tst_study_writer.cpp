// SPDX-License-Identifier: GPL-3.0-or-later
// What is written reads back to an equal value, whatever the texts and numbers in it.
#include "core/io/study_writer.h"

#include <limits>
#include <random>

#include "core/io/yaml_tree.h"
#include "core/spec/parameters.h"
#include "core/text.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::string problems_of(const Read<Study> &read, const std::string &text)
{
    std::string all = text;
    for (const Diagnostic &problem : read.problems)
        all += "\n" + text_of(problem);
    return all;
}

// Texts that YAML would take for something else, or cut.
const std::vector<std::string> awkward{"plain", "a: b", "a:b", "ends with:", "a #b", "#b", "- dash", "-", "--- x",
    "...", "? key", "yes", "No", "null", "~", "true", "1", "-1.5e3", "0x10", "2025-03-16", ".inf", "*alias", "&anchor",
    "!tag", "%directive", "@at", "`tick", "{a: b}", "[a]", "a]", "a, b", "'single'", "\"double\"", "back\\slash",
    "| literal", "> folded", "tab\there", "two\nlines", "a\r\nb", "\x01\x7f", "caf\u00e9", "\u4e2d\u6587", "\u00b5s",
    "\U0001f600", "a\u2028b", "nel\u0085x", "bom\ufeffx", "\ufeffx", "no\uffffx", "=", "<<", "key: [a, b", "a  b",
    "(brackets)", "H800*", "5090 Ti", "a\u00a0b", "a\u00a0:\u00a0b", "100 %", "y", "/a/b", "c:\\temp", "\"", "\\",
    "x: ", std::string(4096, 'x'), std::string(2000, ',') + "x"};

// Such a text as readers take it: without white space at its ends.
std::string kept(const std::string &text)
{
    return std::string(trimmed(text));
}

bool is_name(const std::string &text)
{
    return text.size() <= 64 && text.find_first_of(",\"|\n\t\r\x01\x7f") == std::string::npos
        && text.find("\u0085") == std::string::npos;
}

} // namespace

class TestStudyWriter : public QObject {
    Q_OBJECT

private slots:
    void shipped_studies_read_back_data();
    void shipped_studies_read_back();
    void shipped_chips_read_back();
    void shipped_profiles_read_back();
    void other_studies_read_back_as_scenarios();
    void awkward_texts_read_back();
    void awkward_texts_are_quoted();
    void random_studies_read_back();
    void lists_become_ranges_data();
    void lists_become_ranges();
    void quantities_stay_as_written();
    void library_entries_become_names();
    void changed_entries_stay_in_place();
    void changed_quirks_are_listed();
    void published_study_as_text();
};

void TestStudyWriter::shipped_studies_read_back_data()
{
    QTest::addColumn<QString>("name");
    for (const Library::Entry &entry : shipped_library().entries(Kind::study))
        QTest::newRow(entry.name.c_str()) << QString::fromStdString(entry.name);
}

void TestStudyWriter::shipped_studies_read_back()
{
    QFETCH(QString, name);
    const Study study = study_named(name.toStdString());
    const std::string alone = study_text(study);
    const Read<Study> read = read_study(alone, "written", empty_library());
    QVERIFY2(read, problems_of(read, alone).c_str());
    QVERIFY(*read.value == study);
    const std::string referring = study_text(study, &shipped_library());
    const Read<Study> looked_up = read_study(referring, "written", shipped_library());
    QVERIFY2(looked_up, problems_of(looked_up, referring).c_str());
    QVERIFY(*looked_up.value == study);
    QCOMPARE(study_text(*read.value), alone);
}

void TestStudyWriter::shipped_chips_read_back()
{
    for (const Library::Entry &entry : shipped_library().entries(Kind::chip)) {
        const Chip chip = *shipped_library().chip(entry.name).value;
        const std::string text = chip_text(chip);
        const Read<Chip> read = read_chip(text, "written");
        QVERIFY2(read, text.c_str());
        QVERIFY2(*read.value == chip, text.c_str());
        const Read<Head> head = read_head(text, "written");
        QVERIFY(head && head.value->kind == Kind::chip);
        QCOMPARE(head.value->name, entry.name);
    }
}

void TestStudyWriter::shipped_profiles_read_back()
{
    for (const Library::Entry &entry : shipped_library().entries(Kind::profile)) {
        const Profile profile = *shipped_library().profile(entry.name).value;
        const std::string text = profile_text(profile);
        const Read<Profile> read = read_profile(text, "written");
        QVERIFY2(read, text.c_str());
        QVERIFY2(*read.value == profile, text.c_str());
        QCOMPARE(profile_text(*read.value), text);
    }
}

void TestStudyWriter::other_studies_read_back_as_scenarios()
{
    StudyFile file;
    for (const Library::Entry &entry : shipped_library().entries(Kind::study))
        file.scenarios.push_back({entry.name, "as shipped", study_named(entry.name)});
    for (const ScenarioCard &own : file.scenarios) {
        file.study = own.study;
        file.baselines = {{"first", file.scenarios.front().study, {}}, {"last", file.scenarios.back().study, {}}};
        file.compared = 1;
        StudyFile written = file; // scenarios go by their study's name, title and source
        const auto name_as_study = [&](auto &card) {
            card.study.name = file.study.name;
            card.study.title = file.study.title;
            card.study.source = file.study.source;
        };
        std::for_each(written.scenarios.begin(), written.scenarios.end(), name_as_study);
        std::for_each(written.baselines.begin(), written.baselines.end(), name_as_study);
        const std::string text = study_file_text(written);
        const Read<StudyFile> read = read_study_file(text, "written", empty_library());
        QVERIFY2(read, text.c_str());
        QVERIFY2(*read.value == written, text.c_str());
        QCOMPARE(study_file_text(*read.value), text);
    }
}

void TestStudyWriter::awkward_texts_read_back()
{
    for (const std::string &raw : awkward) {
        const std::string text = kept(raw);
        Study study = published_study();
        study.title = study.source = text;
        study.chips[0].source = study.profile.source = text;
        study.profile.gemm_by_inner.measured_on = study.profile.flash_mla_general.source =
            study.profile.gemm_long_inner.source = text;
        study.chips[1].title = study.nics[0].title = study.model.title = text;
        if (is_name(text))
            study.name = study.chips[0].name = study.nics[1].name = study.profile.name = study.model.name = text;
        const std::string written = study_text(study);
        const Read<Study> read = read_study(written, "written", empty_library());
        QVERIFY2(read, problems_of(read, written).c_str());
        QVERIFY2(*read.value == study, written.c_str());
    }
}

// Also for other readers: a text is never left to look like a number, a boolean or the start of something else.
void TestStudyWriter::awkward_texts_are_quoted()
{
    for (const char *text : {"yes", "No", "null", "~", "1", "-1.5e3", "2025-03-16", "- dash", "a: b", "a #b", "*alias",
             "{a: b}", "[a]", "x: "}) {
        Study study = published_study();
        study.source = text;
        const std::string written = study_text(study);
        QVERIFY2(written.find("\nsource: \"" + study.source + "\"\n") != std::string::npos, written.c_str());
    }
    Study study = published_study();
    study.source = "the article (2025), p. 3";
    study.title = "DeepSeek-V3 on H20: what if?";
    const std::string written = study_text(study);
    QVERIFY2(written.find("\ntitle: \"DeepSeek-V3 on H20: what if?\"\n") != std::string::npos, written.c_str());
    study.source = "caf\u00e9 \u4e2d\u6587";
    QVERIFY(study_text(study).find("\nsource: caf\u00e9 \u4e2d\u6587\n") != std::string::npos);
}

void TestStudyWriter::random_studies_read_back()
{
    std::mt19937_64 random(20250316);
    const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
    const auto text = [&] {
        constexpr std::string_view alphabet = "ab :#-,[]{}'\"\\&*!|>%@`?~0\t\n.";
        std::string made;
        for (std::size_t i = below(24) + 1; i > 0; --i)
            made += alphabet[below(alphabet.size())];
        made = kept("x" + made).substr(below(2));
        made = kept(made.substr(std::min(made.size(), made.find_first_not_of(" \t\n"))));
        return made.empty() ? std::string("x") : made;
    };
    const auto fraction = [&] { return std::uniform_real_distribution<double>(1e-6, 1)(random); };
    for (int round = 0; round < 300; ++round) {
        Study study = study_named(round % 2 ? "explore" : "published-v1");
        study.title = text();
        study.source = text();
        for (Chip &chip : study.chips) {
            chip.source = text();
            chip.title = text();
            for (Quantity *rate : {&chip.bf16, &chip.memory, &chip.memory_bandwidth, &chip.clock}) {
                const std::vector<Unit> &units = units_of(rate->unit->dimension);
                const Unit &unit = units[below(units.size())];
                *rate = {rate->si() * (0.5 + fraction()) / unit.factor, &unit};
            }
            if (below(2))
                chip.fp4 = chip.bf16;
            if (below(2))
                chip.assumed = {"fp4", "clock"};
        }
        for (EfficiencyRule *rule : {&study.profile.gemm_by_inner, &study.profile.expert_up}) {
            rule->source = text();
            for (EfficiencyPiece &piece : rule->pieces) {
                piece.mfu = fraction();
                piece.per_doubling = piece.from > 0 && below(2) ? fraction() : 0;
            }
        }
        study.workload.acceptance = fraction();
        study.workload.deepgemm = below(2);
        study.workload.fa3 = static_cast<Fa3>(below(4));
        study.search.batch.clear();
        std::int64_t batch = 0;
        for (std::size_t i = below(20) + 1; i > 0; --i)
            study.search.batch.push_back(batch += static_cast<std::int64_t>(below(3) + 1));
        const std::string written = study_text(study);
        const Read<Study> read = read_study(written, "written", empty_library());
        QVERIFY2(read, problems_of(read, written).c_str());
        QVERIFY2(*read.value == study, written.c_str());
    }
}

void TestStudyWriter::lists_become_ranges_data()
{
    QTest::addColumn<QString>("list");
    QTest::addColumn<QString>("written");
    const auto row = [](const char *list, const char *written) {
        QTest::newRow(list) << QString::fromLatin1(list) << QString::fromLatin1(written);
    };
    row("8", "[8]");
    row("8, 16", "[8, 16]");
    row("8, 16, 24", "8..24:8");
    row("1, 2, 3, 4", "1..4");
    row("8..320:8", "8..320:8");
    row("1, 2, 3, 8", "[1..3, 8]");
    row("1, 4, 6, 8, 10, 72, 144", "[1, 4..10:2, 72, 144]");
    row("72, 144, 320", "[72, 144, 320]");
    row("1, 2, 4, 8, 16", "[1, 2, 4, 8, 16]");
    row("1, 2, 3, 10, 20, 30", "[1..3, 10..30:10]");
    row("1..1024", "1..1024");
}

void TestStudyWriter::lists_become_ranges()
{
    QFETCH(QString, list);
    QFETCH(QString, written);
    Study study = published_study();
    set(study, "ep", list.toStdString());
    const std::string text = study_text(study);
    QVERIFY2(text.find("\n  ep: " + written.toStdString() + "\n") != std::string::npos, text.c_str());
    const Read<Study> read = read_study(text, "written", empty_library());
    QVERIFY2(read && read.value->search.ep == study.search.ep, problems_of(read, text).c_str());
}

void TestStudyWriter::quantities_stay_as_written()
{
    Study study = published_study();
    set(study, "chip.H20.memory_bandwidth", "4.8 TB/s");
    set(study, "nic.CX7 400Gbps.bandwidth", "400 Gbit/s");
    set(study, "chip.H20.all_reduce_latency", "0.25 us");
    const std::string text = study_text(study);
    for (const char *line :
        {"\n    memory_bandwidth: 4.8 TB/s\n", "\n    bandwidth: 400 Gbit/s\n", "\n    all_reduce_latency: 0.25 us\n",
            "\n    bf16: 989.5 TiFLOP/s\n", "\n  precision: [2 B / 2 B, 1 B / 2 B, 1 B / 1 B]\n",
            "\n  policy: [dual-mbatch, naive]\n", "\ntarget_tps: 20 tok/s\n"})
        QVERIFY2(text.find(line) != std::string::npos, (std::string(line) + "in\n" + text).c_str());
}

void TestStudyWriter::library_entries_become_names()
{
    Study study = published_study();
    study.chips = {*shipped_library().chip("H20").value, *shipped_library().chip("B200").value};
    study.nics = {*shipped_library().nic("CX7-400").value};
    const std::string text = study_text(study, &shipped_library());
    for (const char *line :
        {"\nchips: [H20, B200]\n", "\nnics: [CX7-400]\n", "\nmodel: deepseek-v3\n", "\nprofile: published-v1\n"})
        QVERIFY2(text.find(line) != std::string::npos, text.c_str());
    QVERIFY(study_text(study).find("\nchips: [") == std::string::npos);
}

void TestStudyWriter::changed_entries_stay_in_place()
{
    Study study = published_study();
    study.chips = {*shipped_library().chip("H20").value, *shipped_library().chip("B200").value};
    set(study, "chip.B200.memory", "200 GB");
    study.chips.push_back(study.chips[0]);
    study.chips.back().name = "a] {b}: c";
    set(study, "model.heads", "64");
    set(study, "profile.usable_memory_fraction", "0.9");
    set(study, "quirks.binary_prefixes", "false");
    const std::string text = study_text(study, &shipped_library());
    for (const char *line :
        {"\nchips:\n  - H20\n  - chip: B200\n", "\n    memory: 200 GB\n", "\nmodel:\n  model: deepseek-v3\n",
            "\n  heads: 64\n", "\nprofile:\n  profile: published-v1\n", "\n    binary_prefixes: false\n"})
        QVERIFY2(text.find(line) != std::string::npos, text.c_str());
    const Read<Study> read = read_study(text, "written", shipped_library());
    QVERIFY2(read && *read.value == study, problems_of(read, text).c_str());
}

void TestStudyWriter::changed_quirks_are_listed()
{
    Study study = published_study();
    set(study, "quirks.binary_prefixes", "false");
    const std::string text = study_text(study, &shipped_library());
    QVERIFY2(text.ends_with("\nprofile: published-v1\nquirks:\n  binary_prefixes: false\n"), text.c_str());
    const Read<Study> read = read_study(text, "written", shipped_library());
    QVERIFY2(read && *read.value == study, problems_of(read, text).c_str());
}

// The whole of a small study, to be read by people.
void TestStudyWriter::published_study_as_text()
{
    Study study = published_study();
    study.chips.resize(1);
    study.nics.resize(1);
    const std::string expected = "# A study for EPScope: opened in the explorer or by 'epscope search --study FILE'. "
                                 R"(docs/files.md describes it.
study: published-v1
title: Published tables (V1.0)
source: ShineZ, "如何估算不同规格的芯片 EP 部署 Deepseek 的单卡吞吐 V1.0", blog, 2025-03-16
workload:
  context: 5120
  acceptance: 0.85
  deepgemm: true
  fa3: chip
  expert_elem_size: 1 B
  cards: 1024
search:
  mtp_len: [0, 1]
  precision: [2 B / 2 B, 1 B / 2 B, 1 B / 1 B]
  policy: [dual-mbatch, naive]
  ep: [72, 144, 320]
  batch: 16..128:8
target_tps: 20 tok/s
chips:
  - chip: H800
    source: the article
    bf16: 989.5 TiFLOP/s
    fp8: 1979 TiFLOP/s
    eight_bit: fp8
    memory: 80 GB
    memory_bandwidth: 3.3 TiB/s
    sms: 132
    clock: 1.83 GiHz
    all_reduce_latency: 0.5 us
    fa3: two-stage
    flash_mla_class: general
    scale_up_domain: 1
nics:
  - nic: CX7 400Gbps
    source: the article, effective
    bandwidth: 40 GiB/s
model: deepseek-v3
profile: published-v1
)";
    QCOMPARE(study_text(study, &shipped_library()), expected);
}

EPSCOPE_SUITE(study_writer, TestStudyWriter)
#include "tst_study_writer.moc"
