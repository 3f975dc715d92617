// SPDX-License-Identifier: GPL-3.0-or-later
// The equations of docs/model.md §14 against the golden configurations: 51 of every kind of attention and parallelism,
// each operator of each.
#include <QTest>

#include <fstream>
#include <map>
#include <sstream>

#include <random>
#include <set>

#include "core/analysis/explain.h"
#include "core/estimate/estimate.h"
#include "core/io/any_model_csv.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "core/spec/combinations.h"
#include "core/spec/remarks.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr double tolerance = 1e-9;

std::string text_in(const std::string &file)
{
    std::ifstream stream(EPSCOPE_SOURCE_DIR "/tests/golden/" + file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

const Profile &golden_profile()
{
    static const Profile profile = [] {
        Read<Profile> read = read_profile(text_in("model-2026.yaml"), "model-2026.yaml");
        if (!read)
            throw std::runtime_error(text_of(read.problems.front()));
        return std::move(*read.value);
    }();
    return profile;
}

const std::vector<NamedScenario> &configurations()
{
    static const std::vector<NamedScenario> all = [] {
        Read<std::vector<NamedScenario>> read =
            read_any_model(text_in("model_2026_steps.csv"), "steps.csv", shipped_library(), golden_profile());
        if (!read)
            throw std::runtime_error(text_of(read.problems.front()));
        return std::move(*read.value);
    }();
    return all;
}

using Cells = std::vector<std::string>;
Cells cells_of(const std::string &line)
{
    Cells cells(1);
    for (const char c : line) {
        if (c == ',')
            cells.emplace_back();
        else if (c != '\r' && c != '\n')
            cells.back() += c;
    }
    return cells;
}
// The rows of a golden file by configuration, each by its header's names.
std::map<std::string, std::vector<std::map<std::string, std::string>>> golden(const std::string &file)
{
    std::map<std::string, std::vector<std::map<std::string, std::string>>> rows;
    std::istringstream stream(text_in(file));
    std::string line;
    std::getline(stream, line);
    const Cells names = cells_of(line);
    while (std::getline(stream, line)) {
        const Cells cells = cells_of(line);
        std::map<std::string, std::string> row;
        for (std::size_t i = 0; i < names.size(); ++i)
            row[names[i]] = cells.at(i);
        rows[row["config"]].push_back(row);
    }
    return rows;
}

void add_configurations()
{
    QTest::addColumn<std::size_t>("index");
    for (std::size_t i = 0; i < configurations().size(); ++i)
        QTest::newRow(configurations()[i].name.c_str()) << i;
}

} // namespace

class TestModel2026 : public QObject {
    Q_OBJECT

private slots:
    void steps_data() { add_configurations(); }
    void steps();
    void operators_data() { add_configurations(); }
    void operators();
    void all_are_there();
    void explanations_data() { add_configurations(); }
    void explanations();
    void more_batch_is_never_faster_data() { add_configurations(); }
    void more_batch_is_never_faster();
    void a_better_chip_is_never_slower_data() { add_configurations(); }
    void a_better_chip_is_never_slower();
    void conditions_of_curves();
    void popularity();
    void infeasible_data();
    void infeasible();
    void published_equations_refuse_other_kinds();
    void tokens_by_table();
    void notes_data();
    void notes();
};

void TestModel2026::all_are_there()
{
    QCOMPARE(configurations().size(), std::size_t{51});
    const auto rows = golden("model_2026_operators.csv");
    QCOMPARE(rows.size(), std::size_t{51});
    std::set<std::string> seen; // every operator of these equations is among them
    for (const auto &[name, operators] : rows) {
        for (const auto &row : operators)
            seen.insert(row.at("operator"));
    }
    QCOMPARE(seen.size(), std::size_t{41});
}

void TestModel2026::steps()
{
    QFETCH(std::size_t, index);
    const auto &[name, scenario] = configurations()[index];
    const Estimate result = estimate(scenario);
    const auto all = golden("model_2026_steps.csv");
    const auto &row = all.at(name).front();
    VERIFY_NEAR(result.memory.weights, std::stod(row.at("weights_B")), tolerance);
    VERIFY_NEAR(result.memory.kv_per_sequence, std::stod(row.at("kv_B_per_sequence")), tolerance);
    QCOMPARE(result.memory.max_batch, std::stoll(row.at("max_batch")));
    VERIFY_NEAR(result.step_s, std::stod(row.at("step_s")), tolerance);
}

void TestModel2026::operators()
{
    QFETCH(std::size_t, index);
    const auto &[name, scenario] = configurations()[index];
    const Estimate result = estimate(scenario);
    std::map<std::string, Cells> lines; // by block and operator
    std::istringstream stream(operators_lines(name, result));
    for (std::string line; std::getline(stream, line);) {
        const Cells cells = cells_of(line);
        QVERIFY2(lines.emplace(cells[1] + "." + cells[4], cells).second, line.c_str());
    }
    const auto all = golden("model_2026_operators.csv");
    QCOMPARE(lines.size(), all.at(name).size());
    for (const auto &row : all.at(name)) {
        const std::string what = row.at("block") + "." + row.at("operator");
        const auto found = lines.find(what);
        QVERIFY2(found != lines.end(), what.c_str());
        const Cells &cells = found->second;
        QCOMPARE(cells[2], row.at("count"));
        QCOMPARE(cells[3], row.at("micro_batches"));
        QCOMPARE(cells[5], row.at("stage"));
        const auto compare = [&](std::size_t cell, const char *column) {
            const std::string &expected = row.at(column);
            if (expected.empty() || cells[cell].empty())
                return expected == cells[cell] ? QByteArray() : QByteArray(column) + " is there or not";
            const double actual = std::stod(cells[cell]), value = std::stod(expected);
            return is_near(actual, value, tolerance) ? QByteArray() : both(what + " " + column, actual, value);
        };
        for (const QByteArray &wrong : {compare(7, "traffic_s"), compare(8, "compute_s"), compare(6, "seconds")})
            QVERIFY2(wrong.isEmpty(), wrong.constData());
    }
}

// The explanation comes together again, number by number and to the last bit, down to inputs and numbers of the method.
void TestModel2026::explanations()
{
    QFETCH(std::size_t, index);
    const Scenario &scenario = configurations()[index].scenario;
    const Estimate full = estimate(scenario);
    const Explained explained = explain(scenario);
    const std::function<void(const Explanation &)> check = [&](const Explanation &node) {
        QVERIFY2(same_bits(combined(node), node.value),
            (node.title + both(combined(node), node.value).toStdString()).c_str());
        for (const Explanation &child : node.children)
            check(child);
    };
    for (const Explanation &root : explained.numbers)
        check(root);
    const auto number = [&](const char *name) { return find_explanation(explained, name)->value; };
    VERIFY_SAME(explained.main().value, full.throughput_per_card);
    VERIFY_SAME(number("step_time"), full.step_s);
    VERIFY_SAME(number("weights"), full.memory.weights);
    VERIFY_SAME(number("kv_per_sequence"), full.memory.kv_per_sequence);
    VERIFY_SAME(number("max_batch"), static_cast<double>(full.memory.max_batch));
    for (const OperatorEstimate &op : full.blocks.front().operators) {
        const std::string name(info_of(op.id).key);
        VERIFY_SAME(number(name.c_str()), op.time_s);
    }
}

void TestModel2026::more_batch_is_never_faster()
{
    QFETCH(std::size_t, index);
    Scenario scenario = configurations()[index].scenario;
    double before = 0;
    for (const std::int64_t batch : {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181}) {
        scenario.point.batch = batch;
        const double step_s = estimate(scenario).step_s;
        QVERIFY2(step_s >= before, std::to_string(batch).c_str());
        before = step_s;
    }
}

void TestModel2026::a_better_chip_is_never_slower()
{
    QFETCH(std::size_t, index);
    const Scenario &scenario = configurations()[index].scenario;
    const double before = estimate(scenario).step_s;
    const auto scaled = [](Quantity quantity, double factor) {
        quantity.number *= factor;
        return quantity;
    };
    const auto compare = [&](const char *what, double factor, const Scenario &better) {
        const double after = estimate(better).step_s;
        QVERIFY2(after <= before * (1 + 1e-12),
            (std::string(what) + " " + std::to_string(factor) + both(after, before).toStdString()).c_str());
    };
    for (const double factor : {1.01, 1.3, 2.0, 4.0}) {
        for (const auto &[member, what] :
            {std::pair{&Chip::bf16, "bf16"}, {&Chip::memory_bandwidth, "memory_bandwidth"}, {&Chip::clock, "clock"}}) {
            Scenario better = scenario;
            better.chip.*member = scaled(scenario.chip.*member, factor);
            compare(what, factor, better);
        }
        for (const auto &[member, what] : {std::pair{&Chip::fp8, "fp8"}, {&Chip::fp4, "fp4"},
                 {&Chip::exp2_rate, "exp2_rate"}, {&Chip::scale_up_bandwidth, "scale_up_bandwidth"}}) {
            Scenario better = scenario;
            const Chip &chip = scenario.chip;
            Quantity now = chip.*member ? *(chip.*member) : chip.fp8 ? *chip.fp8 : chip.bf16;
            if (member == &Chip::exp2_rate && !chip.exp2_rate)
                now = {resolve(scenario.profile, chip, scenario.nic).exp2_rate, &base_unit(Dimension::ops_per_second)};
            better.chip.*member = scaled(now, factor);
            compare(what, factor, better);
        }
        Scenario better = scenario;
        better.nic.bandwidth = scaled(scenario.nic.bandwidth, factor);
        compare("nic", factor, better);
        better = scenario;
        better.chip.scale_up_domain =
            static_cast<std::int64_t>(std::ceil(static_cast<double>(scenario.chip.scale_up_domain) * factor));
        compare("scale_up_domain", factor, better);
    }
}

void TestModel2026::conditions_of_curves()
{
    QVERIFY(inconsistencies(golden_profile()).empty());
    const auto problem_of = [](const Profile &profile) {
        const Read<Profile> read = read_profile(profile_text(profile), "mine.yaml");
        return read ? std::string() : read.problems.front().key + ": " + read.problems.front().message;
    };
    QCOMPARE(problem_of(golden_profile()), std::string());
    Profile falling = golden_profile();
    falling.gemm_by_balance.points[1].mfu = 0.87; // of 128 after 0.93 of 120
    QCOMPARE(problem_of(falling),
        std::string("gemm_by_balance: falls so fast between 120 and 128 FLOP per operation that a chip with a higher "
                    "rate would be slower"));
    falling = golden_profile();
    falling.gemm_by_balance.points.back().mfu = 0.36; // of 2048 after 0.65 of 1024
    QVERIFY(problem_of(falling).find("between 1024 and 2048") != std::string::npos);
    Profile rising = golden_profile();
    rising.flash_mla_by_balance.points.back().mfu = 0.55;
    QCOMPARE(problem_of(rising),
        std::string("flash_mla_by_balance: rises between 512 and 1024 FLOP per operation; more FLOP per operation "
                    "cannot be easier to keep up with"));
    Profile without = golden_profile();
    without.flash_mla_by_balance.points.clear();
    QVERIFY(!inconsistencies(without).empty());
}

// docs/model.md names them.
void TestModel2026::popularity()
{
    QVERIFY(std::abs(variance_of_span(300) - 1.871) < 5e-4);
    for (const auto &[tokens, share] : {std::pair{1.0, 0.40}, {10.0, 0.78}, {100.0, 0.99}})
        QVERIFY2(std::abs(share_by_span(tokens, 300) - share) < 5e-3, both(share_by_span(tokens, 300), share));
    VERIFY_SAME(share_by_span(0, 300), 0.);
    double before = 0;
    for (double tokens = 1e-6; tokens < 1e5; tokens *= 1.1) {
        const double share = share_by_span(tokens, 300);
        QVERIFY(share >= before && share <= 1);
        before = share;
    }
    VERIFY_NEAR(share_by_span(2, 1), -std::expm1(-2.), 1e-15); // all alike
    QVERIFY(std::abs(1 + largest_deviation(8, variance_of_span(300) / 32) - 1.49) < 5e-3);
    QVERIFY(std::abs(1 + largest_deviation(32, variance_of_span(300) / 8) - 2.27) < 5e-3);
    QVERIFY(std::abs(1 + largest_deviation(144, 0.01) - 1.32) < 5e-3);
}

void TestModel2026::infeasible_data()
{
    QTest::addColumn<std::string>("model");
    QTest::addColumn<std::int64_t>("tp");
    QTest::addColumn<int>("mode");
    QTest::addColumn<std::int64_t>("ep");
    QTest::addColumn<std::int64_t>("redundant");
    QTest::addColumn<std::string>("reason");
    const auto row = [](const char *what, const char *model, std::int64_t tp, ExpertMode mode, std::int64_t ep,
                         std::int64_t redundant, const char *reason) {
        QTest::newRow(what) << std::string(model) << tp << static_cast<int>(mode) << ep << redundant
                            << std::string(reason);
    };
    using enum ExpertMode;
    row("one card's attention", "deepseek-v3", 1, all2all, 72, 0, "");
    row("a group of groups", "deepseek-v3", 8, all2all, 32, 0, "");
    row("a group", "deepseek-v3", 8, ep_group, 8, 0, "");
    row("cut experts", "deepseek-v3", 16, moe_tp, 1, 0, "");
    row("one card", "deepseek-v3", 1, all2all, 1, 0, "");
    row("a dense model", "llama-3.1-70b", 8, moe_tp, 1, 0, "");
    row("no whole groups", "deepseek-v3", 8, all2all, 36, 0, "EP 36 does not consist of groups of TP 8");
    row("less than a group", "deepseek-v3", 8, all2all, 4, 0, "EP 4 does not consist of groups of TP 8");
    row("experts that do not spread", "deepseek-v3", 8, ep_group, 8, 4, "260 experts do not spread over TP 8 evenly");
    row("another EP than the group", "deepseek-v3", 8, ep_group, 16, 0,
        "EP 16: ep_group spreads the experts over the TP group, EP is 8");
    row("no group", "deepseek-v3", 1, ep_group, 1, 0,
        "ep_group spreads the experts over a TP group, which one card is not");
    row("an EP of cut experts", "deepseek-v3", 8, moe_tp, 8, 0,
        "EP 8: moe_tp cuts the experts over the TP group, EP is 1");
    row("heads", "qwen3.5-397b", 16, moe_tp, 1, 0, "");
    row("heads that do not divide", "gpt-oss-120b", 128, moe_tp, 1, 0,
        "query heads and KV heads over a TP group is not supported: needs 64, has 128");
    row("output groups", "deepseek-v4-flash", 16, moe_tp, 1, 0,
        "query heads and output groups over a TP group is not supported: needs 8, has 16");
    row("too many cards", "deepseek-v3", 8, all2all, 2048, 0, "EP 2048 needs as many cards, there are 1024");
}

void TestModel2026::infeasible()
{
    QFETCH(std::string, model);
    QFETCH(std::int64_t, tp);
    QFETCH(int, mode);
    QFETCH(std::int64_t, ep);
    QFETCH(std::int64_t, redundant);
    QFETCH(std::string, reason);
    Scenario scenario = configurations().front().scenario;
    scenario.chip.memory.number *= 100;
    scenario.workload.cards = 1024;
    scenario.model = *shipped_library().model(model).value;
    scenario.workload.redundant_experts = redundant;
    scenario.point = {Policy::naive, ep, 1, 1, 0, 8, tp, static_cast<ExpertMode>(mode)};
    const Estimate result = estimate(scenario);
    QVERIFY(result.step_s > 0);
    QCOMPARE(result.feasible(), reason.empty());
    if (!reason.empty())
        QVERIFY2(text_of(result.infeasible.front()).find(reason) != std::string::npos,
            text_of(result.infeasible.front()).c_str());
}

void TestModel2026::published_equations_refuse_other_kinds()
{
    Scenario scenario = configurations().front().scenario;
    scenario.profile = published_study().profile;
    scenario.chip.memory.number *= 100;
    const auto problem = [&] {
        const Estimate result = estimate(scenario);
        return result.feasible() ? std::string() : text_of(result.infeasible.front());
    };
    scenario.point = {Policy::naive, 72, 1, 1, 0, 8};
    QCOMPARE(problem(), std::string());
    scenario.point.tp = 8;
    QCOMPARE(problem(),
        std::string("a group of cards that share one attention, by the published equations, is not "
                    "supported: needs 1, has 8"));
    scenario.point.tp = 1;
    scenario.model = *shipped_library().model("kimi-k2.5").value; // a list of latent attention over all keys
    QCOMPARE(problem(), std::string());
    for (const char *name : {"deepseek-v3.2", "kimi-k3", "qwen3-235b", "llama-3.1-70b", "deepseek-v4-pro"}) {
        scenario.model = *shipped_library().model(name).value;
        QCOMPARE(problem(),
            std::string("any attention but MLA over all keys, by the published equations, is not supported"));
    }
}

void TestModel2026::tokens_by_table()
{
    Scenario scenario = configurations().front().scenario;
    scenario.workload.accepted_per_step = {1.85, 2.55, 2.55};
    for (const auto &[drafts, tokens] : {std::pair{1, 1.85}, {2, 2.55}, {3, 2.55}, {4, 2.55}}) {
        scenario.point.mtp_len = drafts;
        const Estimate result = estimate(scenario);
        VERIFY_SAME(result.tokens_per_step, tokens);
        const auto held = [](const std::string &note) {
            return note.find("the last figure is held") != std::string::npos;
        };
        QCOMPARE(std::any_of(result.notes.begin(), result.notes.end(), held), drafts > 3);
        const Explained explained = explain(scenario);
        VERIFY_SAME(find_explanation(explained, "tokens_per_step")->value, tokens);
    }
    Study study = published_study();
    take_model(study, *shipped_library().model("glm-5.2").value);
    QCOMPARE(study.workload.accepted_per_step.size(), std::size_t{8});
    VERIFY_SAME(study.workload.accepted_per_step[1], 2.5);
    const Read<Study> read = read_study(study_text(study), "study.yaml", shipped_library());
    QVERIFY(read && read.value->workload == study.workload);
    // An acceptance that is set takes the table's place; one that is refused does not.
    QVERIFY(set_parameter(study, "acceptance", "7", BareNumbers::allowed));
    QCOMPARE(study.workload.accepted_per_step.size(), std::size_t{8});
    QVERIFY(!set_parameter(study, "acceptance", "0.7", BareNumbers::allowed));
    QVERIFY(study.workload.accepted_per_step.empty());
    // The published study has a number, which with one draft token is what R1's table says.
    QVERIFY(published_study().workload.accepted_per_step.empty());
    QCOMPARE(study_named("calibrated").workload.accepted_per_step,
        shipped_library().model("deepseek-v3").value->accepted_per_step);
    VERIFY_SAME(1 + published_study().workload.acceptance, 1.85);
}

void TestModel2026::notes_data()
{
    QTest::addColumn<std::string>("model");
    QTest::addColumn<Point>("point");
    QTest::addColumn<Workload>("workload");
    QTest::addColumn<std::string>("note");
    const Workload &usual = configurations().front().scenario.workload;
    using enum ExpertMode;
    const auto row = [](const char *what, const char *model, const Point &point, const Workload &workload,
                         const char *note) {
        QTest::newRow(what) << std::string(model) << point << workload << std::string(note);
    };
    Workload changed = usual;
    row("narrow 8-bit experts", "qwen3-235b", {Policy::naive, 1, 1, 1, 0, 8, 16, moe_tp}, usual,
        "engines refuse experts cut to a width of 96: their scales hold for blocks of 128");
    row("experts that do not fill the cards", "deepseek-v3", {Policy::naive, 72, 1, 1, 0, 8}, usual,
        "256 experts do not fill EP 72 evenly: the slots are rounded up, engines ask for 32 redundant experts");
    row("nothing to overlap", "deepseek-v3", {Policy::dual_mbatch, 1, 1, 1, 0, 8, 8, moe_tp}, usual,
        "two micro-batches overlap nothing where experts are not sent to over a network");
    changed.balancer = Balancer::on;
    row("a balancer in a group", "deepseek-v3", {Policy::naive, 8, 1, 1, 0, 8, 8, ep_group}, changed,
        "the balancer changes nothing here: it counts in all2all alone");
    changed = usual;
    changed.balancer = Balancer::as_redundant;
    changed.redundant_experts = 32;
    row("redundant experts", "deepseek-v3", {Policy::naive, 72, 1, 1, 0, 8}, changed,
        "a balancer is assumed, since there are redundant experts");
    row("beyond the domain", "deepseek-v3", {Policy::naive, 16, 1, 1, 0, 8, 16, ep_group}, usual,
        "TP 16 exceeds the scale-up domain of 8 cards: its collectives cross the NIC");
    row("a latent cache", "deepseek-v3", {Policy::naive, 8, 1, 1, 0, 8, 8, ep_group}, usual,
        "each card of a TP group holds the whole KV cache of its sequences: latent keys are those of all heads");
}

void TestModel2026::notes()
{
    QFETCH(std::string, model);
    QFETCH(Point, point);
    QFETCH(Workload, workload);
    QFETCH(std::string, note);
    Scenario scenario = configurations().front().scenario;
    const auto count = [&] {
        const std::vector<std::string> all = estimate(scenario).notes;
        return std::count(all.begin(), all.end(), note);
    };
    QCOMPARE(count(), 0); // EP 16, 256 experts, one card's attention
    scenario.model = *shipped_library().model(model).value;
    scenario.point = point;
    scenario.workload = workload;
    QCOMPARE(count(), 1);
}

EPSCOPE_SUITE(model_2026, TestModel2026)
#include "tst_model_2026.moc"
