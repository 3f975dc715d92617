// SPDX-License-Identifier: GPL-3.0-or-later
// Runs compare, sensitivity, seek, map and explain as a person or a script does, and compares their numbers with the
// engine's.
#include <fstream>
#include <map>

#include <QDir>
#include <QFile>

#include <nlohmann/json.hpp>

#include "core/analysis/compare.h"
#include "core/analysis/explain.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/io/study_writer.h"
#include "tests/support/files.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;
using Json = nlohmann::ordered_json;

namespace {

#define VERIFY_CODE(result, expected)                                                                                  \
    QVERIFY2((result).code == (expected),                                                                              \
        ("exit code " + QByteArray::number((result).code) + "\n" + (result).err).constData())
#define VERIFY_HOLDS(text, part)                                                                                       \
    QVERIFY2((text).contains(part), (QByteArray("'") + QByteArray(part) + "' is not in:\n" + (text)).constData())

Json json_of(const Result &result)
{
    return Json::parse(result.out.toStdString());
}

QList<QByteArray> lines_of(const QByteArray &text)
{
    QList<QByteArray> lines = text.split('\n');
    if (lines.back().isEmpty())
        lines.removeLast();
    return lines;
}

// Of a CSV without quotes in it.
std::vector<std::map<QByteArray, QByteArray>> rows_of(const QByteArray &csv)
{
    QList<QByteArray> lines = lines_of(csv);
    const QList<QByteArray> columns = lines.takeFirst().split(',');
    std::vector<std::map<QByteArray, QByteArray>> rows;
    for (const QByteArray &line : lines) {
        const QList<QByteArray> cells = line.split(',');
        auto &row = rows.emplace_back();
        for (qsizetype i = 0; i < std::min(columns.size(), cells.size()); ++i)
            row[columns[i]] = cells[i];
    }
    return rows;
}

const QStringList one{"--chip", "H800", "--nic", "CX7 400Gbps", "--policy", "dual-mbatch", "--ep", "144", "--batch",
    "64", "--precision", "1/1", "--mtp-len", "1", "--target-tps", "0"};

} // namespace

class TestAnalysisCommands : public QObject {
    Q_OBJECT

private slots:
    void compares_studies_and_variants();
    void compares_scenarios();
    void compares_chips();
    void compare_in_all_formats();
    void compare_refuses_data();
    void compare_refuses();
    void sensitivity_is_the_engines();
    void sensitivity_of_chosen_numbers();
    void sensitivity_without_a_base();
    void seek_is_the_engines();
    void seek_answers();
    void map_is_the_engines();
    void map_draws();
    void explains();
    void refuses_data();
    void refuses();
    void all_name_the_same_nearest_miss();
    void writes_files();
    void helps();
    void each_output_is_in_each_command();
};

void TestAnalysisCommands::compares_studies_and_variants()
{
    const Result result = run({"compare", "published-v1", "explore", "--variant",
        "fast: chip.H800.memory_bandwidth=4.8TB/s, ep=72,144", "--format", "json"});
    VERIFY_CODE(result, 0);
    const Json all = json_of(result);
    std::vector<Case> cases{
        {"published-v1", published_study()}, {"explore", study_named("explore")}, {"fast", published_study()}};
    set(cases[2].study, "chip.H800.memory_bandwidth", "4.8TB/s");
    set(cases[2].study, "ep", "72, 144");
    QCOMPARE(all["cases"].size(), cases.size());
    double first = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Candidate best = search(cases[i].study).winners.front();
        QVERIFY(all["cases"][i]["name"] == cases[i].name);
        QVERIFY(all["cases"][i]["best"]["throughput"] == best.throughput_per_card);
        QVERIFY(all["cases"][i]["best"]["batch"] == static_cast<double>(best.point.batch));
        if (i == 0)
            first = best.throughput_per_card;
        else
            QVERIFY(all["changes"][i - 1]["against_the_first"]["throughput"]["difference"]
                == best.throughput_per_card - first);
    }
    const std::vector<DifferingInput> inputs = differing_inputs(cases, {0, 0, 0});
    QCOMPARE(all["inputs"].size(), inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        QVERIFY(all["inputs"][i]["key"] == inputs[i].key && all["inputs"][i]["values"] == Json(inputs[i].texts));
}

void TestAnalysisCommands::compares_scenarios()
{
    const Folder folder;
    const QString file = folder.path(QStringLiteral("s.yaml"));
    Study longer = published_study(), faster = published_study();
    set(longer, "context", "64 Ki");
    set(faster, "chip.H800.memory_bandwidth", "4.8 TB/s");
    std::ofstream(file.toStdString()) << study_file_text(
        {published_study(), {{"Longer", "", longer}, {"Faster", "a note", faster}}});
    const Result result = run({"compare", file, "--scenarios", "--format", "json"});
    VERIFY_CODE(result, 0);
    const Json all = json_of(result);
    const std::vector<Case> cases{{published_study().name, published_study()}, {"Longer", longer}, {"Faster", faster}};
    QCOMPARE(all["cases"].size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        QVERIFY(all["cases"][i]["name"] == cases[i].name);
        QVERIFY(all["cases"][i]["best"]["throughput"] == search(cases[i].study).winners.front().throughput_per_card);
    }
    QCOMPARE(all["inputs"].size(), std::size_t{2});
    QVERIFY(run({"compare", "--study", file, "--scenarios", "--format", "json"}).out == result.out);
    // One of them, by any command; options count for it too.
    set(longer, "acceptance", "0.5");
    const Result one =
        run({"search", "--study", file, "--scenario", "Longer", "--acceptance", "0.5", "--format", "csv"});
    VERIFY_CODE(one, 0);
    const SearchOutcome expected = search(longer);
    const auto rows = rows_of(one.out);
    QCOMPARE(rows.size(), static_cast<qsizetype>(expected.winners.size()));
    VERIFY_SAME(rows[0].at("throughput_per_card").toDouble(), expected.winners.front().throughput_per_card);
    const Result itself = run({"search", "--study", file, "--format", "csv"});
    VERIFY_SAME(rows_of(itself.out)[0].at("throughput_per_card").toDouble(),
        search(published_study()).winners.front().throughput_per_card);
    const std::pair<QStringList, QByteArray> refused[] = {
        {{"search", "--study", file, "--scenario", "Longr"},
            "--scenario: no scenario 'Longr' in the study; it has Longer, Faster; did you mean 'Longer'?"},
        {{"search", "--scenario", "x"}, "--scenario: study 'published-v1' has no scenarios"},
        {{"compare", "--scenarios"}, "--scenarios: study 'published-v1' has no scenarios"}};
    for (const auto &[arguments, message] : refused) {
        const Result bad = run(arguments);
        VERIFY_CODE(bad, 2);
        VERIFY_HOLDS(bad.err, message);
    }
}

void TestAnalysisCommands::compares_chips()
{
    const Result result = run({"compare", "--per-chip", "--format", "json"});
    VERIFY_CODE(result, 0);
    const Json all = json_of(result);
    const Study study = published_study();
    QCOMPARE(all["cases"].size(), study.chips.size());
    for (std::size_t i = 0; i < study.chips.size(); ++i) {
        QVERIFY(all["cases"][i]["name"] == study.chips[i].name);
        QVERIFY(
            all["cases"][i]["best"]["throughput"] == search(with_chip(study, i)).winners.front().throughput_per_card);
    }
}

void TestAnalysisCommands::compare_in_all_formats()
{
    const QStringList what{"compare", "--variant", "slow: nic.bandwidth=10GB/s", "--format"};
    const Result table = run(what + QStringList{"table"});
    VERIFY_CODE(table, 0);
    VERIFY_HOLDS(table.out, "Throughput per card");
    VERIFY_HOLDS(table.out, "NIC bandwidth of CX7 400Gbps");
    VERIFY_HOLDS(table.out, "slow: H800, ");
    const Result markdown = run(what + QStringList{"markdown"});
    VERIFY_HOLDS(markdown.out, "| Output | published-v1 | slow | Change | % |");
    const Result csv = run(what + QStringList{"csv"});
    VERIFY_HOLDS(csv.out, "key,published-v1,slow,slow change,slow percent\nthroughput,");
    Study slow = published_study();
    set(slow, "nic.bandwidth", "10GB/s");
    const double first = search(published_study()).winners.front().throughput_per_card,
                 other = search(slow).winners.front().throughput_per_card;
    const auto row = rows_of(csv.out)[0];
    VERIFY_SAME(row.at("slow").toDouble(), other);
    VERIFY_SAME(row.at("slow change").toDouble(), other - first);
    VERIFY_SAME(row.at("slow percent").toDouble(), 100 * (other - first) / first);
}

void TestAnalysisCommands::compare_refuses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("one") << QStringList{"published-v1"} << QByteArray("needs two or more");
    QTest::newRow("unknown study") << QStringList{"published-v1", "explor"} << QByteArray("did you mean 'explore'?");
    QTest::newRow("no name") << QStringList{"--variant", "context=8192"}
                             << QByteArray("expected \"NAME: KEY=VALUE, KEY=VALUE\"");
    QTest::newRow("no value") << QStringList{"--variant", "long: context"} << QByteArray("has no KEY=VALUE");
    QTest::newRow("key") << QStringList{"--variant", "long: contxt=8192"}
                         << QByteArray("--variant long: contxt: unknown key");
    QTest::newRow("range") << QStringList{"--variant", "long: context=0"} << QByteArray("out of range");
}

void TestAnalysisCommands::compare_refuses()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    const Result result = run(QStringList{"compare"} + arguments);
    VERIFY_CODE(result, 2);
    QCOMPARE(result.out, QByteArray());
    VERIFY_HOLDS(result.err, message);
}

void TestAnalysisCommands::sensitivity_is_the_engines()
{
    const Study study = with_chip(published_study(), 0);
    const Sensitivity expected = sensitivity_of(study, metric("throughput"), scalable_variables(study), 20);
    const Result result = run({"sensitivity", "--percent", "20", "--format", "json"});
    VERIFY_CODE(result, 0);
    const Json all = json_of(result);
    QVERIFY(all["base"] == *expected.base_output);
    QCOMPARE(all["bars"].size(), expected.bars.size());
    for (std::size_t i = 0; i < expected.bars.size(); ++i) {
        const Json &bar = all["bars"][i];
        QVERIFY(bar["key"] == expected.bars[i].variable.key);
        QVERIFY(bar["low"] == expected.bars[i].low.value && bar["low_output"] == *expected.bars[i].low.output);
        QVERIFY(bar["high"] == expected.bars[i].high.value && bar["high_output"] == *expected.bars[i].high.output);
        QVERIFY(bar["marginal_percent"].is_null() != expected.bars[i].marginal.has_value());
        QVERIFY(bar["high_saturation"].is_null() != expected.bars[i].high.saturation.has_value());
    }
    const Result table = run({"sensitivity"});
    VERIFY_CODE(table, 0);
    VERIFY_HOLDS(table.out, "Throughput per card of H800");
    VERIFY_HOLDS(table.out, "Without effect: ");
    VERIFY_HOLDS(run({"sensitivity", "--format", "markdown"}).out,
        "| Parameter | -10 % | Output | Change | +10 % | Output | Change | Per +1 % | Note |");
    QCOMPARE(lines_of(run({"sensitivity", "--percent", "20", "--format", "csv"}).out).size(),
        static_cast<qsizetype>(expected.bars.size()) + 1);
}

void TestAnalysisCommands::sensitivity_of_chosen_numbers()
{
    const Result result = run(QStringList{"sensitivity", "--of", "free_memory", "--parameter", "chip.memory",
                                  "--parameter", "context", "--format", "csv"}
        + one);
    VERIFY_CODE(result, 0);
    const auto rows = rows_of(result.out);
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].at("key"), QByteArray("chip.H800.memory"));
    const double free = only_estimate(one_configuration()).memory.free;
    VERIFY_NEAR(rows[0].at("high_output").toDouble(), free + 8e9, 1e-12);
    VERIFY_NEAR(rows[0].at("high_percent").toDouble(), 100 * 8e9 / free, 1e-12);
}

void TestAnalysisCommands::sensitivity_without_a_base()
{
    const Result result = run({"sensitivity", "--target-tps", "100000"});
    VERIFY_CODE(result, 2);
    VERIFY_HOLDS(result.err, "nothing is feasible");
    const Result json = run({"sensitivity", "--target-tps", "100000", "--format", "json"});
    VERIFY_CODE(json, 0);
    QVERIFY(json_of(json)["base"].is_null() && json_of(json)["bars"].empty());
}

void TestAnalysisCommands::seek_is_the_engines()
{
    const Study study = one_configuration();
    const double wanted = 1.05 * only_estimate(study).throughput_per_card;
    const std::string goal = "throughput>=" + exact_text(wanted);
    const Sought expected = seek(study, variable(study, "chip.fp8"), std::get<Goal>(parse_goal(goal)));
    QVERIFY(expected.result == SeekResult::found);
    const Result result = run(
        QStringList{"seek", "--parameter", "chip.H800.fp8", "--goal", QString::fromStdString(goal), "--format", "json"}
        + one);
    VERIFY_CODE(result, 0);
    const Json all = json_of(result);
    QVERIFY(all["result"] == "found");
    QVERIFY(all["answer"]["value"] == expected.answer.value);
    QVERIFY(all["answer"]["output"] == *expected.answer.output);
    QVERIFY(all["present"]["output"] == *expected.present.output);
    // What it prints reaches the goal where it is set.
    const std::string setting = "chip.H800.fp8=" + all["answer"]["text"].get<std::string>();
    const Result again =
        run(QStringList{"estimate", "--set", QString::fromStdString(setting), "--format", "json"} + one);
    VERIFY_CODE(again, 0);
    QVERIFY(json_of(again)["throughput_per_card"].get<double>() >= wanted);
    const Result csv =
        run(QStringList{"seek", "--parameter", "chip.fp8", "--goal", QString::fromStdString(goal), "--format", "csv"}
            + one);
    VERIFY_HOLDS(csv.out,
        "parameter,goal,result,present,present_output,value,output,configuration,holds_from,holds_to\nchip.H800.fp8,");
}

void TestAnalysisCommands::seek_answers()
{
    const Result found = run(QStringList{"seek", "--parameter", "chip.fp8", "--goal", "throughput>=3300"} + one);
    VERIFY_CODE(found, 0);
    VERIFY_HOLDS(found.out, "throughput >= 3.3 ktok/s: FP8 rate ");
    VERIFY_HOLDS(found.out, "now 1979 TiFLOP/s");
    const Result holds = run(QStringList{"seek", "--parameter", "chip.memory", "--goal", "throughput>=1"} + one);
    VERIFY_HOLDS(holds.out, "throughput >= 1 tok/s holds already");
    VERIFY_HOLDS(holds.out, "it holds down to ");
    const QStringList asked = QStringList{"seek", "--parameter", "chip.memory", "--goal", "throughput>=1", "--format"};
    const Json lowest = json_of(run(asked + QStringList{"json"} + one))["lowest"]["value"];
    QVERIFY(lowest.is_number());
    VERIFY_HOLDS(run(asked + QStringList{"csv"} + one).out,
        ("," + exact_text(lowest.get<double>()) + ",\n").c_str()); // and to the end upwards
    const Result never = run(QStringList{"seek", "--parameter", "chip.memory", "--goal", "throughput>=1e6"} + one);
    VERIFY_CODE(never, 0);
    VERIFY_HOLDS(never.out, "is not reachable over Memory: at most ");
    VERIFY_HOLDS(never.out, "; bound by ");
    const Result nowhere =
        run(QStringList{"seek", "--parameter", "context", "--goal", "throughput>=1", "--set", "chip.memory=5GB"} + one);
    VERIFY_HOLDS(nowhere.out, "nothing is feasible at any value; nearest is H800");
    VERIFY_HOLDS(nowhere.out, "of memory, 5.00 GB are usable");
}

void TestAnalysisCommands::map_is_the_engines()
{
    const Study study = with_chip(published_study(), 0);
    const Map expected = map_of(study, map_axis(variable(study, "chip.memory"), 30e9, 120e9, 6),
        map_axis(variable(study, "nic.CX7 400Gbps.bandwidth"), 5e9, 50e9, 6));
    const QStringList what{"map", "--x", "chip.memory:30GB..120GB", "--y", "nic.CX7 400Gbps.bandwidth:5GB/s..50GB/s",
        "--of", "ux_tps", "--size", "6", "--format"};
    const Result result = run(what + QStringList{"csv"});
    VERIFY_CODE(result, 0);
    const auto rows = rows_of(result.out);
    QCOMPARE(rows.size(), expected.cells.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const MapCell &cell = expected.cells[i];
        VERIFY_SAME(rows[i].at("chip.H800.memory").toDouble(), expected.x.values[i % 6]);
        VERIFY_SAME(rows[i].at("nic.CX7 400Gbps.bandwidth").toDouble(), expected.y.values[i / 6]);
        VERIFY_SAME(rows[i].at("ux_tps").toDouble(), cell.outcome.best->candidate.ux_tps);
        QCOMPARE(
            rows[i].at("batch_size").toLongLong(), static_cast<qlonglong>(cell.outcome.best->candidate.point.batch));
        QCOMPARE(rows[i].at("feasible"), QByteArray("true"));
    }
    const Json json = json_of(run(what + QStringList{"json"}));
    QCOMPARE(json["cells"].size(), rows.size());
    QVERIFY(json["x"]["values"] == Json(expected.x.values));
}

void TestAnalysisCommands::map_draws()
{
    const Result result =
        run(QStringList{"map", "--x", "chip.memory:20GB..80GB", "--y", "nic.bandwidth:100MB/s..1TB/s", "--size", "8"}
            + one);
    VERIFY_CODE(result, 0);
    const QList<QByteArray> lines = lines_of(result.out);
    QCOMPARE(lines.size(), 1 + 1 + 1 + 8 + 1 + 1 + 8); // title, legend and drawing, twice
    VERIFY_HOLDS(lines[0], "across: Memory from 20.00 GB to 80.00 GB; upwards: NIC bandwidth from 0.09313 GiB/s");
    for (int row = 0; row < 8; ++row) {
        const QByteArray levels = lines[3 + row], bounds = lines[13 + row];
        QCOMPARE(levels.size(), 8);
        QCOMPARE(levels[0], '.'); // 20 GB do not hold it
        QVERIFY(levels[7] >= '0' && levels[7] <= '9');
        QCOMPARE(bounds[7], row == 7 ? 'n' : row == 0 ? 'c' : bounds[7]);
    }
    QCOMPARE(lines[3][7], '9');
    QCOMPARE(lines[10][7], '0');
    const Result nothing =
        run(QStringList{"map", "--x", "chip.memory:5GB..6GB", "--y", "context", "--size", "4"} + one);
    VERIFY_HOLDS(nothing.out, "Nothing is feasible anywhere; in the lower left corner nearest is H800");
    QVERIFY(!nothing.out.contains("nothing is feasible"));
}

void TestAnalysisCommands::explains()
{
    Study study = one_configuration();
    const Combination combination = combination_at(study, 0);
    Point point = combination.point;
    point.batch = 64;
    const Explained expected =
        explain(Scenario{study.profile, study.model, study.chips[0], study.nics[0], study.workload, point, 0});
    const Result text = run(QStringList{"explain"} + one);
    VERIFY_CODE(text, 0);
    QCOMPARE(text.out,
        "H800, CX7 400Gbps, dual-mbatch, EP 144, batch 64, KV 1 B, parameters 1 B, draft 1\n\n"
            + QByteArray::fromStdString(plain_text(expected.main())));
    const Result markdown_text = run(QStringList{"explain", "kv_cache", "--format", "markdown", "--depth", "1"} + one);
    VERIFY_HOLDS(markdown_text.out, QByteArray::fromStdString(markdown(*find_explanation(expected, "kv_cache"), 1)));
    const Json json = json_of(run(QStringList{"explain", "flash_mla", "--format", "json"} + one))["explanation"];
    QVERIFY(json["value"] == find_explanation(expected, "flash_mla")->value);
    QVERIFY(json["combine"] == "largest" && json["children"].size() == 2);
    // The best of a search, and one that cannot serve.
    const Result best = run({"explain", "ux_tps", "--depth", "1"});
    QVERIFY(best.out.startsWith(
        QByteArray::fromStdString(full_configuration_text(published_study(), search(published_study()).winners.front()))
        + "\n\nSpeed per user = "));
    const Result slow =
        run(QStringList{"explain", "step_time", "--depth", "1"} + one.first(one.size() - 1) + QStringList{"1000"});
    VERIFY_HOLDS(slow.out, "Infeasible: ");
    // A study before the number or alone, of the library or in a file without a suffix.
    const Folder folder;
    folder.write("mystudy", content(EPSCOPE_SOURCE_DIR "/resources/studies/explore.yaml"));
    QVERIFY(QDir(folder.path()).mkdir("weights")); // no study
    const QString before = QDir::currentPath();
    QDir::setCurrent(folder.path());
    const Result alone = run({"explain", "mystudy"}), first = run({"explain", "mystudy", "weights"}),
                 last = run({"explain", "weights", "mystudy"});
    QDir::setCurrent(before);
    VERIFY_CODE(alone, 0);
    QCOMPARE(alone.out, run({"explain", "explore"}).out);
    QCOMPARE(first.out, run({"explain", "weights", "--study", "explore"}).out);
    QCOMPARE(last.out, first.out);
}

void TestAnalysisCommands::refuses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QStringList &arguments, const char *message) {
        QTest::newRow(name) << arguments << QByteArray(message);
    };
    row("percent", {"sensitivity", "--percent", "60"}, "60");
    row("metric", {"sensitivity", "--of", "thruput"}, "'thruput' is not allowed; allowed is throughput, ux_tps");
    row("text metric", {"sensitivity", "--of", "bound_by"}, "is not allowed");
    row("sensitivity key", {"sensitivity", "--parameter", "chip.memry"}, "did you mean 'memory'?");
    row("sensitivity range", {"sensitivity", "--parameter", "ep"}, "has no value of its own");
    row("no goal", {"seek", "--parameter", "context"}, "--goal is required");
    row("goal", {"seek", "--parameter", "context", "--goal", "throughput>5"}, "expected OUTPUT>=VALUE");
    row("seek switch", {"seek", "--parameter", "deepgemm", "--goal", "throughput>=5"},
        "is no number that could be varied");
    row("several NICs", {"seek", "--parameter", "nic.bandwidth", "--goal", "throughput>=5"},
        "nic.E810 100Gbps.bandwidth");
    row("other chip", {"seek", "--parameter", "chip.L40.memory", "--goal", "throughput>=5"},
        "no chip 'L40' in question");
    row("map range", {"map", "--x", "context:9..5", "--y", "chip.memory"}, "is an empty range");
    row("map unit", {"map", "--x", "context", "--y", "chip.memory:1s..2s"}, "unit of a time");
    row("map hard range", {"map", "--x", "acceptance:0..2", "--y", "chip.memory"},
        "is out of range; allowed is 0 to 1");
    row("map twice", {"map", "--x", "chip.memory", "--y", "chip.H800.memory"}, "is the number that --x names");
    row("map size", {"map", "--x", "context", "--y", "chip.memory", "--size", "1"}, "--size");
    row("explain", {"explain", "flash_mia"}, "did you mean 'flash_mla'?");
    row("explain two studies", {"explain", "published-v1", "--study", "explore"},
        "NUMBER: 'published-v1' is a study, and so is 'explore'");
    row("explain a study by default", {"explain", "explore", "--study", "published-v1"},
        "NUMBER: 'explore' is a study, and so is 'published-v1'");
}

void TestAnalysisCommands::refuses()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    const Result result = run(arguments);
    VERIFY_CODE(result, 2);
    QCOMPARE(result.out, QByteArray());
    VERIFY_HOLDS(result.err, message);
}

// 100 cards, of EP 72, 144 and 320, and nothing that fits: search, analyses and the window's report name one
// configuration and what it lacks.
void TestAnalysisCommands::all_name_the_same_nearest_miss()
{
    const Folder folder;
    Study study = published_study();
    for (const auto &[key, value] : {std::pair{"chip.H800.memory", "10 GB"}, {"chip.H20.memory", "11 GB"},
             {"chip.A100.memory", "9 GB"}, {"chip.L20.memory", "8 GB"}, {"cards", "100"}})
        set(study, key, value);
    study.name = "narrow";
    const QString file = folder.path("narrow.yaml");
    QFile written(file);
    QVERIFY(written.open(QIODevice::WriteOnly));
    written.write(QByteArray::fromStdString(study_text(study, &shipped_library())));
    written.close();
    const Miss miss = nearest_miss(study, search(study));
    QCOMPARE(study.chips[miss.nearest.chip].name, std::string("H20"));
    QCOMPARE(miss.nearest.point.ep, std::int64_t{72});
    const auto configuration = QByteArray::fromStdString(full_configuration_text(study, miss.nearest)),
               lacks = QByteArray::fromStdString(text_of(miss.lacks));

    const Json found = json_of(run({"search", "--study", file, "--format", "json"}));
    QCOMPARE(QByteArray::fromStdString(found["nearest"]["configuration"].get<std::string>()), configuration);
    QCOMPARE(QByteArray::fromStdString(found["nearest"]["text"].get<std::string>()), lacks);
    QVERIFY(found["examples"]["memory"] == found["nearest"]);
    VERIFY_HOLDS(run({"search", "--study", file}).out, "nearest is " + configuration + ": " + lacks + ".");
    const QByteArray sentence = "nothing is feasible; nearest is " + configuration + ": " + lacks;
    const Json sensitivity = json_of(run({"sensitivity", "--study", file, "--format", "json"}));
    QVERIFY2(QByteArray::fromStdString(sensitivity.dump()).contains(sentence), sensitivity.dump().c_str());
    VERIFY_HOLDS(run({"compare", file, "published-v1"}).out + run({"compare", file, "published-v1"}).err, lacks);
    VERIFY_HOLDS(run({"explain", "free_memory", "--study", file}).out, configuration);
    VERIFY_HOLDS(run({"seek", "--study", file, "--parameter", "context", "--goal", "throughput>=1"}).out,
        "nothing is feasible at any value");
    const QString page = folder.path("page.html");
    VERIFY_CODE(run({"report", file, "-o", page}), 0);
    QFile report(page);
    QVERIFY(report.open(QIODevice::ReadOnly));
    const QByteArray html = report.readAll();
    const auto bytes = [](double value) { return QByteArray::fromStdString(short_text(value, Dimension::bytes)); };
    const QByteArray headline = "H20 with EP 72 and batch " + QByteArray::number(miss.nearest.point.batch) + " needs "
        + bytes(miss.lacks.needed) + " of " + bytes(miss.lacks.available) + ": " + bytes(miss.lacks.missing())
        + " missing";
    QVERIFY2(html.contains(headline), headline.constData());
}

void TestAnalysisCommands::writes_files()
{
    const Folder folder;
    const QString file = folder.path("map.csv");
    VERIFY_CODE(
        run(QStringList{"map", "--x", "context", "--y", "chip.memory", "--size", "3", "--format", "csv", "-o", file}
            + one),
        0);
    QFile written(file);
    QVERIFY(written.open(QIODevice::ReadOnly));
    QCOMPARE(lines_of(written.readAll()).size(), 10);
    VERIFY_CODE(run(QStringList{"explain", "-o", "/nonexistent/folder/file"} + one), 1);
}

void TestAnalysisCommands::helps()
{
    for (const char *command : {"compare", "sensitivity", "seek", "map", "explain"}) {
        const Result result = run({command, "--help"});
        VERIFY_CODE(result, 0);
        VERIFY_HOLDS(result.out, "--format");
        for (const QByteArray &line : lines_of(result.out))
            QVERIFY2(line.size() <= 140, line.constData());
    }
}

// What a row of the table of outputs gives is in all that prints outputs.
void TestAnalysisCommands::each_output_is_in_each_command()
{
    const Study study = with(one_configuration(), {{"chip.price", "2 USD/h"}, {"chip.power", "1.4 kW"}});
    const QStringList one = ::one + QStringList{"--set", "chip.price=2USD/h", "--set", "chip.power=1.4kW"};
    const Outcome expected = outcome_of(study);
    const Json found = json_of(run(QStringList{"search", "--format", "json"} + one))["rows"][0];
    const Json estimated = json_of(run(QStringList{"estimate", "--format", "json"} + one));
    const Json compared =
        json_of(run(QStringList{"compare", "--variant", "slow: chip.H800.fp8=1500TFLOP/s", "--format", "json"} + one));
    const QByteArray table = run(QStringList{"compare", "--variant", "slow: chip.H800.fp8=1500TFLOP/s"} + one).out;
    for (const Metric &metric : metrics()) {
        const std::string key(metric.key), column(metric.column_key);
        const QString name = QString::fromStdString(key);
        QVERIFY2(compared["cases"][0]["best"].contains(key), key.c_str());
        if (metric.listed != Listed::never)
            QVERIFY2(found.contains(column) && estimated.contains(column), column.c_str());
        if (!metric.number)
            continue;
        const double value = *number_of(metric, expected);
        QVERIFY2(compared["cases"][0]["best"][key] == value, key.c_str());
        if (is_told(metric, study.search))
            VERIFY_HOLDS(table, QByteArray::fromStdString(std::string(metric.title)));
        if (metric.listed != Listed::never)
            QVERIFY2(found[column] == value && estimated[column] == value, column.c_str());
        const Json bars = json_of(
            run(QStringList{"sensitivity", "--of", name, "--parameter", "chip.memory", "--format", "json"} + one));
        QVERIFY2(bars["base"] == value && bars["output"] == key, key.c_str());
        const QByteArray nodes = run(QStringList{"map", "--of", name, "--x", "chip.memory:80GB..90GB", "--y",
                                         "chip.memory_bandwidth", "--size", "2", "--format", "csv"}
            + one)
                                     .out;
        QVERIFY2(rows_of(nodes)[0].contains(QByteArray::fromStdString(column)), nodes.constData());
        const Json sought = json_of(
            run(QStringList{"seek", "--goal", name + ">=0", "--parameter", "chip.memory", "--format", "json"} + one));
        QVERIFY2(sought["present"]["output"] == value, key.c_str());
        const Json explained = json_of(run(
            QStringList{"explain", QString::fromStdString(std::string(metric.explained)), "--format", "json"} + one));
        QVERIFY2(explained["explanation"]["value"] == value, key.c_str());
    }
}

EPSCOPE_SUITE(analysis_commands, TestAnalysisCommands)
#include "tst_analysis_commands.moc"
