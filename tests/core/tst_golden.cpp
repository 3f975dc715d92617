// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "core/estimate/estimate.h"
#include "core/search/search.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr double of_operators = 1e-9;
constexpr double of_print = 5e-9; // the published tables show nine digits

struct Row {
    std::string name; // file and line, for messages
    std::map<std::string, std::string> cells;

    const std::string &text(const std::string &column) const { return cells.at(column); }
    double number(const std::string &column) const { return std::stod(text(column)); }
    std::int64_t integer(const std::string &column) const { return std::stoll(text(column)); }
};

std::vector<std::string> cells_of(const std::string &line)
{
    std::vector<std::string> cells;
    std::istringstream stream(line.substr(0, line.find('\r')));
    for (std::string cell; std::getline(stream, cell, ',');)
        cells.push_back(cell);
    return cells;
}

std::vector<Row> read_table(const std::string &file)
{
    std::ifstream stream(EPSCOPE_SOURCE_DIR "/tests/golden/" + file);
    std::string line;
    if (!std::getline(stream, line))
        throw std::runtime_error("cannot read " + file);
    const std::vector<std::string> columns = cells_of(line);
    std::vector<Row> rows;
    while (std::getline(stream, line)) {
        const std::vector<std::string> cells = cells_of(line);
        Row row{file + ":" + std::to_string(rows.size() + 2), {}};
        if (cells.size() != columns.size())
            throw std::runtime_error(row.name + ": wrong number of cells");
        for (std::size_t i = 0; i < cells.size(); ++i)
            row.cells[columns[i]] = cells[i];
        rows.push_back(row);
    }
    return rows;
}

template <class T>
T among(const std::string &text, const std::map<std::string, T> &known)
{
    return known.at(text);
}

template <class T>
const T &named(const std::vector<T> &entries, const std::string &name)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const T &entry) { return entry.name == name; });
    if (found == entries.end())
        throw std::runtime_error("no entry named " + name);
    return *found;
}

Point point_of(const Row &row)
{
    Point point;
    point.policy = among<Policy>(row.text("policy"), {{"naive", Policy::naive}, {"dual-mbatch", Policy::dual_mbatch}});
    point.ep = row.integer("ep");
    point.kv_elem_size = row.number("kv_elem_size");
    point.param_elem_size = row.number("param_elem_size");
    point.mtp_len = row.integer("mtp_len");
    point.batch = row.integer("batch_size");
    return point;
}

Scenario scenario_of(const Study &study, const Row &row, const std::string &chip_column)
{
    Scenario scenario{study.profile, study.model, named(study.chips, row.text(chip_column)),
        named(study.nics, row.text("nic")), study.workload, point_of(row), 0};
    scenario.workload.deepgemm = among<bool>(row.text("deepgemm"), {{"true", true}, {"false", false}});
    return scenario;
}

using Key = std::tuple<std::string, std::string, Policy, std::int64_t, double, double, std::int64_t, std::int64_t>;
using Group = std::tuple<std::string, std::string, std::int64_t, double>;

Key key_of(const std::string &chip, const std::string &nic, const Point &point)
{
    return {chip, nic, point.policy, point.ep, point.kv_elem_size, point.param_elem_size, point.batch, point.mtp_len};
}

Group group_of(const std::string &chip, const std::string &nic, const Point &point)
{
    return {chip, nic, point.ep, point.param_elem_size};
}

std::string text_of(const Group &group)
{
    const auto &[chip, nic, ep, param] = group;
    return chip + ", " + nic + ", EP " + std::to_string(ep) + ", " + exact_text(param) + " B";
}

} // namespace

class TestGolden : public QObject {
    Q_OBJECT

private slots:
    void operators_of_240_configurations();
    void published_rows();
    void search_finds_the_published_groups_data();
    void search_finds_the_published_groups();
};

void TestGolden::operators_of_240_configurations()
{
    const Study study = published_study();
    const std::vector<Row> rows = read_table("published_operators.csv");
    QCOMPARE(rows.size(), std::size_t{240});
    for (const Row &row : rows) {
        Scenario scenario = scenario_of(study, row, "chip");
        scenario.workload.context = row.integer("context");
        scenario.workload.fa3 = among<Fa3>(
            row.text("fa3"), {{"none", Fa3::none}, {"two-stage", Fa3::two_stage}, {"three-stage", Fa3::three_stage}});
        const Estimate result = estimate(scenario);
        QCOMPARE(result.blocks.size(), std::size_t{1});

        std::map<std::string, double> columns;
        for (const OperatorEstimate &op : result.blocks.front().operators)
            columns[std::string(info_of(op.id).key) + "_us"] = op.time_s * 1e6;
        QCOMPARE(columns.size(), std::size_t{13});
        columns["layer_us"] = result.blocks.front().time_s * 1e6;
        columns["step_ms"] = result.step_s * 1e3;
        columns["ux_tps"] = result.ux_tps;
        columns["throughput_per_card"] = result.throughput_per_card;
        for (const auto &[column, actual] : columns) {
            QVERIFY2(row.cells.contains(column), (row.name + " has no column " + column).c_str());
            QVERIFY2(is_near(actual, row.number(column), of_operators),
                both(row.name + " " + column, actual, row.number(column)));
        }
        for (const auto &[column, cell] : row.cells)
            QVERIFY2(!column.ends_with("_us") || columns.contains(column),
                (row.name + ": nothing computed for " + column).c_str());
    }
}

void TestGolden::published_rows()
{
    const Study study = published_study();
    const std::vector<Row> rows = read_table("published_tables.csv");
    QCOMPARE(rows.size(), std::size_t{66});
    for (const Row &row : rows) {
        Scenario scenario = scenario_of(study, row, "gpu");
        scenario.target_tps = row.number("target_tps");
        const Estimate result = estimate(scenario);
        QVERIFY2(is_near(result.ux_tps, row.number("ux_tps"), of_print),
            both(row.name + " ux_tps", result.ux_tps, row.number("ux_tps")));
        QVERIFY2(is_near(result.throughput_per_card, row.number("throughput_per_card"), of_print),
            both(row.name + " throughput_per_card", result.throughput_per_card, row.number("throughput_per_card")));
        QVERIFY2(result.feasible(), (row.name + " is infeasible").c_str());
    }
}

void TestGolden::search_finds_the_published_groups_data()
{
    QTest::addColumn<double>("target_tps");
    QTest::addColumn<std::size_t>("groups");
    QTest::newRow("20 tok/s") << 20. << std::size_t{29};
    QTest::newRow("15 tok/s") << 15. << std::size_t{37};
}

void TestGolden::search_finds_the_published_groups()
{
    QFETCH(double, target_tps);
    QFETCH(std::size_t, groups);
    Study study = published_study();
    study.target_tps = {target_tps, &base_unit(Dimension::tokens_per_second)};

    struct Result {
        double ux_tps, throughput_per_card;
    };
    std::map<Key, Result> feasible;
    std::mutex mutex;
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &combination) {
        const std::scoped_lock lock(mutex);
        for (std::size_t i = 0; i < combination.batches.size(); ++i) {
            if (combination.reason(i))
                continue;
            Point point = combination.point;
            point.batch = combination.batches[i];
            feasible[key_of(study.chips[combination.chip].name, study.nics[combination.nic].name, point)] = {
                combination.ux_tps[i], combination.throughput_per_card[i]};
        }
    };
    const SearchOutcome outcome = search(study, options);
    QVERIFY(outcome.complete);
    QCOMPARE(std::uint64_t{feasible.size()}, outcome.feasible);

    std::map<Group, double> published;
    for (const Row &row : read_table("published_tables.csv")) {
        if (row.number("target_tps") != target_tps)
            continue;
        const Point point = point_of(row);
        const bool new_group =
            published.emplace(group_of(row.text("gpu"), row.text("nic"), point), row.number("throughput_per_card"))
                .second;
        QVERIFY2(new_group, (row.name + " repeats a group").c_str());
        const auto found = feasible.find(key_of(row.text("gpu"), row.text("nic"), point));
        QVERIFY2(found != feasible.end(), (row.name + " is not among the feasible points").c_str());
        const Result &result = found->second;
        QVERIFY2(is_near(result.ux_tps, row.number("ux_tps"), of_print),
            both(row.name + " ux_tps", result.ux_tps, row.number("ux_tps")));
        QVERIFY2(is_near(result.throughput_per_card, row.number("throughput_per_card"), of_print),
            both(row.name + " throughput_per_card", result.throughput_per_card, row.number("throughput_per_card")));
    }
    QCOMPARE(published.size(), groups);

    QCOMPARE(outcome.winners.size(), groups);
    for (const Candidate &winner : outcome.winners) {
        const Group group = group_of(study.chips[winner.chip].name, study.nics[winner.nic].name, winner.point);
        const auto found = published.find(group);
        QVERIFY2(found != published.end(), (text_of(group) + " is not a published group, or found twice").c_str());
        QVERIFY2(is_near(winner.throughput_per_card, found->second, of_print),
            both(text_of(group), winner.throughput_per_card, found->second));
        published.erase(found);
    }
}

EPSCOPE_SUITE(golden, TestGolden)
#include "tst_golden.moc"
