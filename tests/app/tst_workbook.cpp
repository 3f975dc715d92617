// SPDX-License-Identifier: GPL-3.0-or-later
// Workbooks by the command line and from the window: their cells and the cells that their charts draw are the engine's
// numbers.

#include "app/export/chart_export.h"
#include "app/files/workbook.h"
#include "app/views/compare_view.h"
#include "app/views/results_model.h"
#include "app/words/text.h"
#include "core/analysis/compare.h"
#include "core/analysis/explain.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/io/spec_reader.h"
#include "core/model/operators.h"
#include "tests/support/explorer.h"
#include "tests/support/files.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"
#include "tests/support/waiting.h"
#include "tests/support/workbook.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// Workbooks keep 16 digits.
bool is_cell(double cell, double engine)
{
    return std::abs(cell - engine) <= 1e-15 * std::abs(engine);
}

} // namespace

#define VERIFY_CELL(cell, engine)                                                                                      \
    QVERIFY2(is_cell(cell, engine),                                                                                    \
        qPrintable(QStringLiteral("%1 is not %2").arg(cell, 0, 'g', 17).arg(engine, 0, 'g', 17)))

class TestWorkbook : public QObject {
    Q_OBJECT

private slots:
    void init() { folder.renew(); }
    void search_has_the_winners();
    void search_has_all_points();
    void pareto_has_a_series_for_each_chip();
    void compare_has_changes();
    void sensitivity_is_the_engines();
    void map_is_a_grid();
    void estimate_has_the_breakdown();
    void seek_has_the_curve();
    void lines_have_gaps();
    void explanation_is_the_engines();
    void validation_is_the_engines();
    void says_where_it_comes_from();
    void is_the_same_every_time();
    void holds_awkward_values();
    void refuses_data();
    void refuses();
    void window_exports_tables();
    void window_exports_charts();
    void what_is_called_by_a_number_stays_a_text();

private:
    Folder folder;

    ReadWorkbook book_of(const QStringList &arguments)
    {
        const Result result = run(QStringList(arguments) << QStringLiteral("-o") << folder.path("book.xlsx"));
        if (result.code != 0)
            qFatal("%s", result.err.constData());
        return ReadWorkbook(content(folder.path("book.xlsx")));
    }
};

void TestWorkbook::search_has_the_winners()
{
    const ReadWorkbook book = book_of({u"search"_qs, u"--study"_qs, u"explore"_qs});
    const Study study = explore_study();
    const SearchOutcome found = search(study);
    QCOMPARE(book.names, (QStringList{u"Results"_qs, u"Chart"_qs, u"About"_qs}));
    const auto &rows = book.sheets.at(u"Results"_qs);
    QCOMPARE(rows.size(), found.winners.size() + 1);
    for (std::size_t i = 0; i < found.winners.size(); ++i) {
        const Candidate &winner = found.winners[i];
        QCOMPARE(book.text(u"Results"_qs, i + 1, 0), QString::fromStdString(study.chips[winner.chip].name));
        QCOMPARE(book.number(u"Results"_qs, i + 1, 3), static_cast<double>(winner.point.ep));
        QCOMPARE(book.number(u"Results"_qs, i + 1, 6), static_cast<double>(winner.point.batch));
        VERIFY_CELL(book.number(u"Results"_qs, i + 1, 8), winner.ux_tps);
        VERIFY_CELL(book.number(u"Results"_qs, i + 1, 9), winner.throughput_per_card);
        VERIFY_CELL(book.number(u"Results"_qs, i + 1, 16), estimate(scenario_of(study, winner)).memory.free);
    }
    // The chart draws each chip's rows, all of them.
    QCOMPARE(book.charts.size(), std::size_t{1});
    QCOMPARE(book.charts[0].kind, u"scatterChart"_qs);
    QCOMPARE(book.charts[0].series.size(), study.chips.size());
    for (const ReadSeries &series : book.charts[0].series) {
        const QString chip = std::get<QString>(book.referred(series.name).front());
        const std::vector<CellValue> x = book.referred(series.categories), y = book.referred(series.values);
        std::size_t place = 0;
        for (const Candidate &winner : found.winners) {
            if (QString::fromStdString(study.chips[winner.chip].name) != chip)
                continue;
            QVERIFY(place < x.size());
            VERIFY_CELL(std::get<double>(x[place]), winner.ux_tps);
            VERIFY_CELL(std::get<double>(y[place]), winner.throughput_per_card);
            ++place;
        }
        QCOMPARE(place, x.size());
        QCOMPARE(place, y.size());
    }
}

void TestWorkbook::search_has_all_points()
{
    const QStringList narrow{u"--study"_qs, u"explore"_qs, u"--chip"_qs, u"H800"_qs, u"--ep"_qs, u"64,144"_qs,
        u"--batch"_qs, u"16,64,256"_qs};
    const ReadWorkbook book = book_of(QStringList{u"search"_qs, u"--points"_qs} + narrow);
    const Study study = with(with(with_chip(explore_study(), 0), "ep", "64,144"), "batch", "16,64,256");
    QCOMPARE(study.chips[0].name, std::string("H800"));
    std::vector<std::pair<std::uint64_t, double>> expected;
    std::mutex mutex;
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &result) {
        const std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < result.batches.size(); ++i)
            expected.emplace_back(result.at(i).order, result.throughput_per_card[i]);
    };
    search(study, options);
    std::sort(expected.begin(), expected.end());
    QCOMPARE(book.sheets.at(u"Results"_qs).size(), expected.size() + 1);
    for (std::size_t i = 0; i < expected.size(); ++i)
        VERIFY_CELL(book.number(u"Results"_qs, i + 1, 9), expected[i].second);
    // Switches as in CSV, JSON and YAML.
    QCOMPARE(book.text(u"Results"_qs, 0, 7), u"DeepGEMM"_qs);
    QCOMPARE(book.text(u"Results"_qs, 1, 7), u"true"_qs);
    const std::size_t all = book_of(QStringList{u"search"_qs, u"--all"_qs} + narrow).sheets.at(u"Results"_qs).size();
    QVERIFY(all > 1 && all <= 1 + combination_count(study));
}

void TestWorkbook::pareto_has_a_series_for_each_chip()
{
    const ReadWorkbook book = book_of({u"pareto"_qs, u"--study"_qs, u"explore"_qs, u"--per-chip"_qs, u"--all"_qs});
    const SearchOutcome found = search(explore_study());
    std::size_t row = 1;
    QCOMPARE(book.charts[0].series.size(), found.fronts.size());
    for (std::size_t chip = 0; chip < found.fronts.size(); ++chip) {
        QCOMPARE(book.referred(book.charts[0].series[chip].values).size(), found.fronts[chip].size());
        for (const Candidate &candidate : found.fronts[chip]) {
            VERIFY_CELL(book.number(u"Results"_qs, row, 9), candidate.throughput_per_card);
            ++row;
        }
    }
    QCOMPARE(book.sheets.at(u"Results"_qs).size(), row);
}

void TestWorkbook::compare_has_changes()
{
    const ReadWorkbook book = book_of({u"compare"_qs, u"--scenarios"_qs, what_if_study()});
    const Read<StudyFile> file =
        read_study_file(content(what_if_study()).toStdString(), what_if_study().toStdString(), shipped_library());
    std::vector<Case> cases;
    for (const ScenarioCard &card : all_scenarios(*file.value))
        cases.push_back({card.name.empty() ? file.value->study.name : card.name, card.study});
    const Comparison expected = compare(cases);
    std::size_t row = 1;
    for (const Metric &metric : metrics()) {
        if (!metric.number)
            continue;
        const std::optional<double> first = number_of(metric, expected.outcomes[0]);
        if (!first || !is_told(metric, cases[0].study.search)) {
            QVERIFY(!first || metric.only_with);
            row += first ? 0 : 1;
            continue;
        }
        VERIFY_CELL(book.number(u"Comparison"_qs, row, 1), *first);
        for (std::size_t i = 1; i < cases.size(); ++i) {
            const std::optional<double> value = number_of(metric, expected.outcomes[i]);
            VERIFY_CELL(book.number(u"Comparison"_qs, row, 3 * i - 1), *value);
            VERIFY_CELL(book.number(u"Comparison"_qs, row, 3 * i), change_of(first, value)->difference);
            VERIFY_CELL(book.number(u"Comparison"_qs, row, 3 * i + 1), *change_of(first, value)->percent);
        }
        ++row;
    }
    QCOMPARE(book.text(u"Comparison"_qs, 1, 0), u"Throughput per card (tok/s)"_qs);
    QCOMPARE(book.charts[0].kind, u"barChart"_qs);
    QCOMPARE(book.charts[0].series.size(), cases.size() - 1);
    VERIFY_CELL(
        std::get<double>(book.referred(book.charts[0].series[1].values)[0]), book.number(u"Comparison"_qs, 1, 7));
    for (std::size_t i = 0; i < expected.inputs.size(); ++i)
        QCOMPARE(book.text(u"Inputs that differ"_qs, i + 1, 1), QString::fromStdString(expected.inputs[i].texts[0]));
}

void TestWorkbook::sensitivity_is_the_engines()
{
    const ReadWorkbook book = book_of({u"sensitivity"_qs, u"--study"_qs, u"explore"_qs, u"--percent"_qs, u"20"_qs});
    const Study study = with_chip(explore_study(), *leading_chip(explore_study()));
    const Sensitivity expected = sensitivity_of(study, *find_metric("throughput"), scalable_variables(study), 20);
    QCOMPARE(book.sheets.at(u"Sensitivity"_qs).size(), expected.bars.size() + 1);
    for (std::size_t i = 0; i < expected.bars.size(); ++i) {
        const Bar &bar = expected.bars[i];
        QCOMPARE(book.text(u"Sensitivity"_qs, i + 1, 0), QString::fromStdString(bar.variable.label));
        VERIFY_CELL(book.number(u"Sensitivity"_qs, i + 1, 1), bar.low.value);
        VERIFY_CELL(book.number(u"Sensitivity"_qs, i + 1, 2), *bar.low.output);
        VERIFY_CELL(book.number(u"Sensitivity"_qs, i + 1, 5), *bar.high.output);
        VERIFY_CELL(std::get<double>(book.referred(book.charts[0].series[1].values)[i]),
            *change_of(expected.base_output, bar.high.output)->percent);
    }
}

void TestWorkbook::map_is_a_grid()
{
    const ReadWorkbook book = book_of({u"map"_qs, u"--study"_qs, u"explore"_qs, u"--chip"_qs, u"H800"_qs, u"--x"_qs,
        u"chip.memory_bandwidth"_qs, u"--y"_qs, u"context"_qs, u"--size"_qs, u"5"_qs});
    const Study study = with_chip(explore_study(), 0);
    const auto axis = [&](const char *key) {
        const auto variable = std::get<Variable>(find_variable(study, key));
        const auto [from, to] = map_range(variable);
        return map_axis(variable, from, to, 5);
    };
    const Map expected = map_of(study, axis("chip.memory_bandwidth"), axis("context"));
    for (std::size_t row = 0; row < 5; ++row) {
        VERIFY_CELL(book.number(u"Grid"_qs, 5 - row, 0), expected.y.values[row]);
        for (std::size_t column = 0; column < 5; ++column) {
            const std::optional<double> value = number_of(*find_metric("throughput"), expected.at(column, row).outcome);
            QCOMPARE(std::holds_alternative<double>(book.at(u"Grid"_qs, 5 - row, column + 1)), value.has_value());
            if (value)
                VERIFY_CELL(book.number(u"Grid"_qs, 5 - row, column + 1), *value);
        }
    }
    QCOMPARE(book.sheets.at(u"Map"_qs).size(), std::size_t{26});
}

void TestWorkbook::estimate_has_the_breakdown()
{
    const ReadWorkbook book = book_of({u"estimate"_qs, u"--study"_qs, u"explore"_qs, u"--chip"_qs, u"H800"_qs,
        u"--nic"_qs, u"CX7 400Gbps"_qs, u"--policy"_qs, u"dual-mbatch"_qs, u"--ep"_qs, u"144"_qs, u"--batch"_qs,
        u"64"_qs, u"--precision"_qs, u"1/1"_qs, u"--mtp-len"_qs, u"1"_qs});
    Study study = explore_study();
    const auto nic =
        std::find_if(study.nics.begin(), study.nics.end(), [](const Nic &each) { return each.name == "CX7 400Gbps"; });
    const Estimate expected = estimate({study.profile, study.model, study.chips[0], *nic, study.workload,
        {Policy::dual_mbatch, 144, 1, 1, 1, 64}, study.target_tps.si()});
    VERIFY_CELL(book.number(u"Estimate"_qs, 1, 1), expected.throughput_per_card);
    VERIFY_CELL(book.number(u"Estimate"_qs, 4, 1), expected.step_s);
    std::size_t row = 1;
    for (const BlockEstimate &block : expected.blocks) {
        for (const OperatorEstimate &each : block.operators) {
            const std::string_view label = info_of(each.id).label;
            QCOMPARE(book.text(u"Breakdown"_qs, row, 3), to_text(label));
            VERIFY_CELL(book.number(u"Breakdown"_qs, row, 4), each.time_s);
            VERIFY_CELL(book.number(u"Breakdown"_qs, row, 7), each.network_s);
            ++row;
        }
    }
    QCOMPARE(book.sheets.at(u"Breakdown"_qs).size(), row);
    // A segment for each operator, in a bar for each block.
    double drawn = 0, engine = 0;
    for (const ReadSeries &series : book.charts[0].series) {
        for (const CellValue &value : book.referred(series.values))
            drawn += std::holds_alternative<double>(value) ? std::get<double>(value) : 0;
    }
    for (const BlockEstimate &block : expected.blocks) {
        for (const OperatorEstimate &each : block.operators)
            engine += each.time_s;
    }
    QVERIFY(std::abs(drawn - engine) < 1e-12 * engine);
}

void TestWorkbook::lines_have_gaps()
{
    const SheetValue line = std::string("Curve"), none;
    const Sheet sheet{{}, {"x", "y", "Series"}, {{0., none, line}, {1., 5., line}, {2., none, line}, {3., 7., line}}};
    const Plot lines = points_of(sheet, 0, 1, 2, "Title", Plot::Kind::lines);
    QCOMPARE(lines.series.front().rows, std::size_t{3}); // nothing before the first
    QVERIFY((lines.data.rows == std::vector<std::vector<SheetValue>>{{1., 5.}, {2., none}, {3., 7.}}));
    const Plot points = points_of(sheet, 0, 1, 2, "Title");
    QVERIFY((points.data.rows == std::vector<std::vector<SheetValue>>{{1., 5.}, {3., 7.}}));
}

void TestWorkbook::seek_has_the_curve()
{
    const ReadWorkbook book = book_of({u"seek"_qs, u"--study"_qs, u"explore"_qs, u"--parameter"_qs,
        u"nic.CX7 400Gbps.bandwidth"_qs, u"--goal"_qs, u"throughput>=4000"_qs});
    const Study study = with_chip(explore_study(), *leading_chip(explore_study()));
    const auto nic = std::get<Variable>(find_variable(study, "nic.CX7 400Gbps.bandwidth"));
    const Sought expected = seek(study, nic, std::get<Goal>(parse_goal("throughput>=4000")));
    QCOMPARE(book.names, (QStringList{u"Answer"_qs, u"Curve"_qs, u"Chart"_qs, u"About"_qs}));
    QCOMPARE(book.text(u"Answer"_qs, 1, 2), u"found"_qs);
    VERIFY_CELL(book.number(u"Answer"_qs, 1, 5), expected.answer.value);
    VERIFY_CELL(book.number(u"Answer"_qs, 1, 6), *expected.answer.output);
    const std::vector<Tried> all = all_tried(expected);
    QCOMPARE(book.sheets.at(u"Curve"_qs).size(), all.size() + 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
        VERIFY_CELL(book.number(u"Curve"_qs, i + 1, 0), all[i].value);
        QCOMPARE(std::holds_alternative<double>(book.at(u"Curve"_qs, i + 1, 1)), all[i].output.has_value());
        if (all[i].output)
            VERIFY_CELL(book.number(u"Curve"_qs, i + 1, 1), *all[i].output);
    }
    // Drawn: the curve around the answer, the goal, and both points.
    QCOMPARE(book.charts[0].kind, u"scatterChart"_qs);
    QCOMPARE(book.charts[0].series.size(), std::size_t{4});
    const auto [from, to] = seek_range(nic, expected);
    const std::vector<CellValue> x = book.referred(book.charts[0].series[0].categories);
    QVERIFY(x.size() > 20 && std::get<double>(x.front()) >= from && std::get<double>(x.back()) <= to);
    for (const CellValue &goal : book.referred(book.charts[0].series[1].values))
        VERIFY_CELL(std::get<double>(goal), 4000.0);
    VERIFY_CELL(std::get<double>(book.referred(book.charts[0].series[2].values)[0]), *expected.present.output);
    VERIFY_CELL(std::get<double>(book.referred(book.charts[0].series[3].values)[0]), *expected.answer.output);
}

void TestWorkbook::explanation_is_the_engines()
{
    const ReadWorkbook book = book_of({u"explain"_qs, u"kv_cache"_qs, u"--study"_qs, u"explore"_qs});
    const Study study = with_chip(explore_study(), *leading_chip(explore_study()));
    const Candidate best = search(study).winners.front();
    const Explained explained = explain(scenario_of(study, best));
    std::size_t row = 0;
    const std::function<void(const Explanation &, double)> verify = [&](const Explanation &node, double level) {
        ++row;
        QCOMPARE(book.number(u"Explanation"_qs, row, 0), level);
        QCOMPARE(book.text(u"Explanation"_qs, row, 1), QString::fromStdString(node.title));
        VERIFY_CELL(book.number(u"Explanation"_qs, row, 2), node.value);
        for (const Explanation &child : node.children)
            verify(child, level + 1);
    };
    verify(*find_explanation(explained, "kv_cache"), 0);
    QVERIFY(row > 5);
    QCOMPARE(book.sheets.at(u"Explanation"_qs).size(), row + 1);
    QCOMPARE(book.text(u"Configuration"_qs, 1, 0), QString::fromStdString(full_configuration_text(study, best)));
}

void TestWorkbook::validation_is_the_engines()
{
    const ReadWorkbook book = book_of({u"validate"_qs, u"--no-refit"_qs});
    const Result csv =
        run({u"validate"_qs, u"--no-refit"_qs, u"--format"_qs, u"csv"_qs, u"-o"_qs, folder.path("rows.csv")});
    QCOMPARE(csv.code, 0);
    const QStringList lines = QString::fromUtf8(content(folder.path("rows.csv"))).split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(book.sheets.at(u"Rows"_qs).size(), static_cast<std::size_t>(lines.size()));
    double sum = 0, runs = 0;
    for (std::size_t row = 1; row < book.sheets.at(u"Rows"_qs).size(); ++row) {
        const QStringList cells = lines[static_cast<qsizetype>(row)].split(u',');
        QCOMPARE(book.text(u"Rows"_qs, row, 0), cells[0]);
        VERIFY_CELL(book.number(u"Rows"_qs, row, 10), cells[4].toDouble());
        QVERIFY(std::abs(book.number(u"Rows"_qs, row, 13) - 100 * cells[5].toDouble()) < 1e-9);
        const double weight = book.number(u"Rows"_qs, row, 14);
        sum += weight * std::abs(cells[5].toDouble());
        runs += weight;
    }
    const std::size_t groups = book.sheets.at(u"By chip"_qs).size();
    QVERIFY(std::abs(book.number(u"By chip"_qs, groups - 1, 2) - runs) < 1e-9);
    QVERIFY(std::abs(book.number(u"By chip"_qs, groups - 1, 3) - 100 * sum / runs) < 1e-9);
    QCOMPARE(book.charts[0].series.size(), std::size_t{1});
}

void TestWorkbook::says_where_it_comes_from()
{
    const ReadWorkbook book = book_of({u"search"_qs, u"--study"_qs, u"explore"_qs, u"--set"_qs,
        u"quirks.binary_prefixes=false"_qs, u"--target-tps"_qs, u"25"_qs});
    std::map<QString, QString> about;
    for (std::size_t row = 0; row < book.sheets.at(u"About"_qs).size(); ++row)
        about[book.text(u"About"_qs, row, 0)] = book.text(u"About"_qs, row, 1);
    QCOMPARE(about[u"Study"_qs], QString::fromStdString(explore_study().title));
    QCOMPARE(about[u"Target"_qs], u"25 tok/s"_qs);
    QVERIFY(about[u"Program"_qs].startsWith(u"EPScope "));
    QVERIFY(about[u"Quirks that are on"_qs].contains(u"experts_see_all_tokens"));
    QVERIFY(!about[u"Quirks that are on"_qs].contains(u"binary_prefixes"));
}

void TestWorkbook::is_the_same_every_time()
{
    Workbook workbook{{{"A", {"x"}, {{1.5}, {std::string("text")}}}}, {}, {{"Study", "S"}}, QDate(2026, 2, 3)};
    QString problem;
    const QByteArray one = workbook_bytes(workbook, problem);
    let_pass(2100); // the times in a zip count in steps of two seconds
    QCOMPARE(workbook_bytes(workbook, problem), one);
    QCOMPARE(problem, QString());
    workbook.date = QDate(2026, 2, 4);
    QVERIFY(workbook_bytes(workbook, problem) != one);
}

void TestWorkbook::holds_awkward_values()
{
    const std::string longest(40000, 'x');
    const std::vector<SheetValue> values{std::string("=1+1"), std::string("<&>\"' \x01 ]]>"), longest, qQNaN(), qInf(),
        0.1 + 0.2, -0.0, 1e300, std::string("Größe 日本")};
    QString problem;
    const ReadWorkbook book(workbook_bytes({{{"A", {"value"}, {values}}}, {}, {}, {}}, problem));
    QCOMPARE(problem, QString());
    QCOMPARE(book.text(u"A"_qs, 1, 0), u"=1+1"_qs); // a text, no formula
    QVERIFY(book.text(u"A"_qs, 1, 1).startsWith(u"<&>\"' "));
    QVERIFY(book.text(u"A"_qs, 1, 2).size() >= 30000 && book.text(u"A"_qs, 1, 2).size() <= 32767);
    QVERIFY(std::holds_alternative<std::monostate>(book.at(u"A"_qs, 1, 3)));
    QVERIFY(std::holds_alternative<std::monostate>(book.at(u"A"_qs, 1, 4)));
    VERIFY_CELL(book.number(u"A"_qs, 1, 5), 0.1 + 0.2);
    VERIFY_CELL(book.number(u"A"_qs, 1, 7), 1e300);
    QCOMPARE(book.text(u"A"_qs, 1, 8), u"Größe 日本"_qs);
}

void TestWorkbook::refuses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const QStringList &arguments, int code, const char *says) {
        QTest::newRow(name) << arguments << code << QByteArray(says);
    };
    const QString file = u"FOLDER/a.xlsx"_qs;
    row("format", {u"search"_qs, u"--format"_qs, u"csv"_qs, u"-o"_qs, file}, 2, "is a workbook; leave --format out");
    row("compare", {u"compare"_qs, u"--per-chip"_qs, u"--format"_qs, u"json"_qs, u"-o"_qs, file}, 2,
        "is a workbook; leave --format out");
    row("too many", {u"search"_qs, u"--points"_qs, u"--batch"_qs, u"1..65536"_qs, u"-o"_qs, file}, 2, "choose csv");
    row("configs", {u"estimate"_qs, u"--configs"_qs, u"some.csv"_qs, u"-o"_qs, file}, 2,
        "a workbook takes one configuration");
    row("folder", {u"search"_qs, u"-o"_qs, u"FOLDER/none/a.xlsx"_qs}, 1, "cannot be written");
}

void TestWorkbook::refuses()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QByteArray, says);
    QCOMPARE(wrong_refusal(arguments, code, says, folder.path()), QByteArray());
}

void TestWorkbook::window_exports_tables()
{
    Explorer explorer(folder.path("state"));
    explorer.show(what_if_study());
    explorer.answers.file = folder.path("results.xlsx");
    explorer.action(u"Results…"_qs).trigger();
    QCOMPARE(explorer.answers.warnings, QStringList());
    const ReadWorkbook results(content(folder.path("results.xlsx")));
    const SearchOutcome &found = explorer.session().explored()->outcome;
    QCOMPARE(results.sheets.at(u"results"_qs).size(), found.winners.size() + 1);
    double most = 0;
    const auto &header = results.sheets.at(u"results"_qs)[0];
    const std::size_t column = static_cast<std::size_t>(
        std::find(header.begin(), header.end(), CellValue(u"throughput_per_card"_qs)) - header.begin());
    for (std::size_t row = 1; row <= found.winners.size(); ++row)
        most = std::max(most, results.number(u"results"_qs, row, column));
    VERIFY_CELL(most, found.winners.front().throughput_per_card);
    QCOMPARE(results.charts.size(), std::size_t{1});

    QVERIFY(QTest::qWaitFor([&] { return explorer.window.scenario_outcomes().compared() != nullptr; }, 20000));
    explorer.answers.file = folder.path("comparison.xlsx");
    explorer.action(u"Export the comparison…"_qs).trigger();
    QCOMPARE(explorer.answers.warnings, QStringList());
    const ReadWorkbook comparison(content(folder.path("comparison.xlsx")));
    const Comparison &expected = explorer.window.scenario_outcomes().compared()->comparison;
    const Metric &throughput = *find_metric("throughput");
    VERIFY_CELL(comparison.number(u"comparison"_qs, 1, 1), *number_of(throughput, expected.outcomes[0]));
    VERIFY_CELL(comparison.number(u"comparison"_qs, 1, 4), *number_of(throughput, expected.outcomes[2]));
    QCOMPARE(comparison.charts[0].series.size(), expected.outcomes.size() - 1);
    VERIFY_CELL(std::get<double>(comparison.referred(comparison.charts[0].series[1].values)[0]),
        *change_of(number_of(throughput, expected.outcomes[0]), number_of(throughput, expected.outcomes[2]))->percent);
}

void TestWorkbook::window_exports_charts()
{
    Explorer explorer(folder.path("state"));
    explorer.show(u"explore"_qs);
    explorer.search_little();
    explorer.seek_a_goal();
    const Explored &explored = *explorer.session().explored();
    for (ChartView *chart : explorer.window.charts()) {
        explorer.answers.file = folder.path("chart.xlsx");
        explorer.action(chart->title() + u"…"_qs).trigger();
        QCOMPARE(explorer.answers.warnings, QStringList());
        const ReadWorkbook book(content(folder.path("chart.xlsx")));
        const TableTexts table = texts_of(chart->table());
        QCOMPARE(book.sheets.at(chart->id()).size(), table.rows.size() + 1);
        if (chart->id() == u"breakdown") {
            double drawn = 0, engine = 0;
            for (const ReadSeries &series : book.charts.at(0).series)
                drawn += std::get<double>(book.referred(series.values).front());
            for (const BlockEstimate &block : explored.chips[0].estimate.blocks) {
                if (block.kind != BlockKind::sparse_layer)
                    continue;
                for (const OperatorEstimate &each : block.operators)
                    engine += 1e6 * static_cast<double>(block.repeats) * each.time_s;
            }
            QVERIFY2(
                std::abs(drawn - engine) < 1e-9 * engine, qPrintable(QStringLiteral("%1 %2").arg(drawn).arg(engine)));
        } else if (chart->id() == u"memory") {
            double drawn = 0;
            for (const ReadSeries &series : book.charts.at(0).series)
                drawn += std::get<double>(book.referred(series.values).front());
            const MemoryBreakdown &memory = explored.chips[0].estimate.memory;
            QVERIFY(std::abs(drawn - memory.usable) < 1e-9 * memory.usable);
        } else if (chart->id() == u"sweep") {
            QVERIFY(book.referred(book.charts.at(0).series[0].values).size() >= explored.leading().sweep.size());
        } else if (chart->id() == u"pareto") {
            QVERIFY(book.charts.at(0).series.size() >= 2 * explored.chips.size());
        }
    }
}

// A chip may be called "910": its cells are texts, those of numbers next to it numbers.
void TestWorkbook::what_is_called_by_a_number_stays_a_text()
{
    Study study = published_study();
    study.chips.resize(1);
    study.chips.front().name = "910";
    ResultsModel results;
    results.set_result(explore({study, std::nullopt}), {});
    Study other = study;
    other.chips.front().name = "920";
    other.workload.context = 9000;
    const std::vector<Case> cases{{"one", study}, {"other", other}};
    CompareModel comparison;
    comparison.set_compared(std::make_shared<Compared>(Compared{{1, 2}, cases, compare(cases)}), 1, 0.01);
    QCOMPARE(export_table({u"results"_qs, results.table({0})}, folder.path("results.xlsx"), {}), QString());
    QCOMPARE(export_table({u"comparison"_qs, comparison.table()}, folder.path("comparison.xlsx"), {}), QString());
    const auto row_of = [](const std::vector<std::vector<CellValue>> &rows, const QString &first) {
        return std::find_if(
            rows.begin(), rows.end(), [&](const std::vector<CellValue> &row) { return row[0] == CellValue(first); });
    };
    const ReadWorkbook book(content(folder.path("results.xlsx"))), both(content(folder.path("comparison.xlsx")));
    const auto &cells = book.sheets.at(u"results"_qs);
    QCOMPARE(cells[0][0], CellValue(u"gpu"_qs));
    QCOMPARE(cells[1][0], CellValue(u"910"_qs));
    const auto ep = std::find(cells[0].begin(), cells[0].end(), CellValue(u"ep"_qs)) - cells[0].begin();
    QCOMPARE(cells[1][static_cast<std::size_t>(ep)], CellValue(double(results.candidate(0).point.ep)));
    const auto &inputs = both.sheets.at(u"comparison"_qs);
    const auto chips = row_of(inputs, u"chips"_qs), context = row_of(inputs, u"context"_qs);
    QVERIFY(chips != inputs.end() && context != inputs.end());
    QCOMPARE((*chips)[1], CellValue(u"910"_qs));
    QCOMPARE((*chips)[2], CellValue(u"920"_qs));
    QCOMPARE((*context)[2], CellValue(9000.0));
}

EPSCOPE_SUITE(workbook, TestWorkbook)
#include "tst_workbook.moc"
