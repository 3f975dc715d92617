// SPDX-License-Identifier: GPL-3.0-or-later
// The terms of docs/model.md §14 against hand-computed values, and what holds for the shipped calibrated profile.
#include <QTest>

#include <bit>
#include <cmath>
#include <map>
#include <random>

#include "core/estimate/estimate.h"
#include "core/io/file.h"
#include "core/search/search.h"
#include "core/spec/parameters.h"
#include "core/text.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr double rounding_of_calibrated = 1e-12;

Quantity si(double value, Dimension dimension)
{
    return {value, &base_unit(dimension)};
}

// Numbers that are easy to reckon with; all experts are alike.
Scenario round_scenario(std::int64_t ep, std::int64_t batch)
{
    Scenario scenario;
    Profile &profile = scenario.profile;
    profile = published_study().profile;
    profile.equations = Equations::model_2026;
    profile.quirks = {false, false, false, false, false, false};
    profile.combine_elem_size = 2;
    profile.gemm_tile_rows = 32;
    profile.memory_efficiency = 0.8;
    profile.scale_up_efficiency = 0.5;
    profile.nic_efficiency = 0.8;
    profile.gemm_unhidden = 0.25;
    profile.expert_unhidden = 0.5;
    profile.scale_up_latency = 10e-6;
    profile.nic_latency = 30e-6;
    profile.kernel_overhead = 2e-6;
    profile.step_overhead = 1e-3;
    profile.gemm_by_balance.points = {{1000, 0.5, "Round", "the test"}, {4000, 0.25, "Other", "the test"}};
    profile.flash_mla_by_balance.points = {{2000, 0.4, "Round", "the test"}};
    scenario.model = {"small", "", "", 1000, 3, 1, 2, 100, 50, 10, 20, 30, 400, 200, 16, 2, 1, 5000, 0, 1, {}, {}, {}};
    Chip &chip = scenario.chip;
    chip.name = "Round";
    chip.bf16 = si(1e15, Dimension::flop_per_second);
    chip.fp8 = si(2e15, Dimension::flop_per_second);
    chip.memory = si(100e9, Dimension::bytes);
    chip.memory_bandwidth = si(1e12, Dimension::bytes_per_second);
    chip.sms = 1;
    chip.clock = si(1e9, Dimension::hertz);
    chip.exp2_rate = si(1e12, Dimension::ops_per_second);
    chip.all_reduce_latency = si(0, Dimension::seconds);
    chip.scale_up_bandwidth = si(100e9, Dimension::bytes_per_second);
    chip.scale_up_domain = 8;
    scenario.nic = {"N", "", "", si(10e9, Dimension::bytes_per_second)};
    scenario.workload.context = 100;
    scenario.workload.expert_elem_size = si(1, Dimension::bytes);
    scenario.point = {Policy::naive, ep, 1, 1, 0, batch};
    return scenario;
}

OperatorEstimate operator_of(const Scenario &scenario, OpId id, BlockKind kind = BlockKind::sparse_layer)
{
    for (const BlockEstimate &block : estimate(scenario).blocks) {
        for (const OperatorEstimate &op : block.operators) {
            if (block.kind == kind && op.id == id)
                return op;
        }
    }
    return {};
}

bool has_operator(const Scenario &scenario, OpId id)
{
    const Estimate result = estimate(scenario);
    return std::any_of(result.blocks.begin(), result.blocks.end(), [&](const BlockEstimate &block) {
        return std::any_of(
            block.operators.begin(), block.operators.end(), [&](const OperatorEstimate &op) { return op.id == id; });
    });
}

// Value and unit of a kernel that the profile's numbers were read off.
std::map<std::string, double> kernels()
{
    std::map<std::string, double> values;
    const std::string text = *read_text(EPSCOPE_SOURCE_DIR "/resources/kernels/kernels.csv", 1 << 20).value;
    for (const std::string_view line : split(text, '\n')) {
        std::vector<std::string> cells{""};
        bool quoted = false;
        for (const char c : line) {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                cells.emplace_back();
            else
                cells.back() += c;
        }
        if (cells.size() > 6)
            values[cells[0]] = std::atof(cells[6].c_str());
    }
    return values;
}

double point_at(const BalanceRule &rule, double flop_per_op)
{
    for (const BalancePoint &point : rule.points) {
        if (point.flop_per_op == flop_per_op)
            return point.mfu;
    }
    return 0;
}

} // namespace

class TestCalibrated : public QObject {
    Q_OBJECT

private slots:
    void transfers_split_at_the_domain();
    void transfers_inside_the_domain_spare_the_nic();
    void one_card_sends_nothing();
    void narrow_experts_are_sent_narrow_tokens();
    void routed_experts();
    void gemms_take_the_balance_rule();
    void absorbed_products_stay_in_bf16();
    void compression_is_fused();
    void attention_by_balance();
    void overheads_are_operators();
    void reserved_memory_is_not_usable();
    void balance_interpolates();
    void provenance_of_balance();
    void a_larger_domain_helps();
    void more_batch_never_lowers_the_step();
    void search_and_estimate_agree_to_the_bit();
    void points_follow_from_the_kernels();
    void parameters_are_few_and_bounded();
    void numbers_are_those_of_the_golden_rows();
};

void TestCalibrated::transfers_split_at_the_domain()
{
    const Scenario scenario = round_scenario(16, 64);
    // 16 cards, 64 tokens to 2 experts each: 7 of 16 are near, 8 behind the NIC, 1 is the sender. Of 128 visits to a
    // card, the busiest of 16 has a deviation more.
    const OperatorEstimate dispatch = operator_of(scenario, OpId::dispatch);
    const double slowest = std::sqrt(2 * std::log(16)), hot = 1 + slowest * std::sqrt(1. / 128);
    const double sent = 64 * 2 * 1000 * hot;
    VERIFY_NEAR(dispatch.bytes_sent, sent * 15 / 16, rounding_of_calibrated);
    VERIFY_NEAR(dispatch.bytes_near, sent * 7 / 16, rounding_of_calibrated);
    VERIFY_NEAR(dispatch.network_s, sent * (7. / 16 / (100e9 * 0.5) + 8. / 16 / (10e9 * 0.8)), rounding_of_calibrated);
    VERIFY_NEAR(dispatch.overhead_s, slowest * 40e-6, rounding_of_calibrated);
    VERIFY_NEAR(dispatch.time_s, dispatch.network_s + dispatch.overhead_s, rounding_of_calibrated);
    VERIFY_NEAR(operator_of(scenario, OpId::combine).network_s, 2 * dispatch.network_s,
        rounding_of_calibrated); // 2 B per element
    Scenario fast_nic = scenario; // faster than the links: near transfers take the better of both
    fast_nic.nic.bandwidth = si(1e12, Dimension::bytes_per_second);
    VERIFY_NEAR(operator_of(fast_nic, OpId::dispatch).network_s, sent * 15 / 16 / (1e12 * 0.8), rounding_of_calibrated);
}

void TestCalibrated::transfers_inside_the_domain_spare_the_nic()
{
    const OperatorEstimate dispatch = operator_of(round_scenario(4, 64), OpId::dispatch);
    const double slowest = std::sqrt(2 * std::log(4)), sent = 64 * 2 * 1000 * (1 + slowest * std::sqrt(1. / 128));
    VERIFY_NEAR(dispatch.network_s, sent * 3 / 4 / (100e9 * 0.5), rounding_of_calibrated);
    VERIFY_NEAR(dispatch.overhead_s, slowest * 10e-6, rounding_of_calibrated);
    VERIFY_SAME(dispatch.bytes_near, dispatch.bytes_sent);
    Scenario without_links = round_scenario(4, 64);
    without_links.chip.scale_up_bandwidth.reset();
    VERIFY_NEAR(
        operator_of(without_links, OpId::dispatch).network_s, sent * 3 / 4 / (10e9 * 0.8), rounding_of_calibrated);
    const auto note_of = [](const Scenario &with) {
        const std::vector<std::string> notes = estimate(with).notes;
        const auto found = std::find_if(notes.begin(), notes.end(),
            [](const std::string &note) { return note.find("scale-up") != std::string::npos; });
        return found == notes.end() ? std::string() : *found;
    };
    QCOMPARE(note_of(without_links),
        std::string("Round states a scale-up domain of 8 cards, but no scale-up bandwidth: inside it, too, transfers "
                    "take the NIC"));
    QCOMPARE(note_of(round_scenario(4, 64)), std::string());
    without_links.point.ep = 1;
    QCOMPARE(note_of(without_links), std::string()); // nothing is sent
    without_links.point.ep = 4;
    without_links.chip.scale_up_domain = 1;
    QCOMPARE(note_of(without_links), std::string());
}

void TestCalibrated::one_card_sends_nothing()
{
    const Scenario scenario = round_scenario(1, 8);
    QVERIFY(!has_operator(scenario, OpId::dispatch) && !has_operator(scenario, OpId::combine));
    // Nor is it busier than the mean: 16 experts, 8 tokens that visit 2 each.
    const OperatorEstimate up = operator_of(scenario, OpId::routed_up);
    const double active = 16 * (1 - std::exp(-1.0));
    VERIFY_NEAR(up.bytes_moved, active * 1000 * 400 + 16 * (1000 + 2 * 400), rounding_of_calibrated);
    VERIFY_NEAR(up.memory_s, up.bytes_moved / 0.8e12, rounding_of_calibrated);
    for (const std::string &note : estimate(scenario).notes)
        QVERIFY(note.find("EP 1") == std::string::npos);
}

void TestCalibrated::narrow_experts_are_sent_narrow_tokens()
{
    Scenario scenario = round_scenario(4, 64);
    const double wide = operator_of(scenario, OpId::dispatch).network_s;
    scenario.workload.expert_elem_size = si(0.5625, Dimension::bytes);
    VERIFY_NEAR(operator_of(scenario, OpId::dispatch).network_s, 0.5625 * wide, rounding_of_calibrated);
}

void TestCalibrated::routed_experts()
{
    const Scenario scenario = round_scenario(4, 1);
    const OperatorEstimate up = operator_of(scenario, OpId::routed_up);
    VERIFY_SAME(up.rows, 0.5); // 2 visits over 4 local experts
    VERIFY_SAME(up.count, 4.);
    // Experts of 1000 x 400 that get a token, on the busiest of 4 cards, and its visits: 2 of the mean card.
    const double slowest = std::sqrt(2 * std::log(4)), mean = 4 * (1 - std::exp(-0.5));
    const double active = std::min(4., mean + slowest * std::sqrt(mean * (1 - mean / 4)));
    const double visits = 2 * (1 + slowest * std::sqrt(1. / 2));
    const double bytes = active * 1000 * 400 + visits * (1000 + 2 * 400);
    VERIFY_NEAR(up.bytes_moved, bytes, rounding_of_calibrated);
    VERIFY_NEAR(up.memory_s, bytes / 0.8e12, rounding_of_calibrated);
    const double flops = 2 * 32 * active * 1000 * 400; // each fills a tile of 32 rows
    VERIFY_NEAR(up.flops, flops, rounding_of_calibrated);
    VERIFY_NEAR(up.compute_s, flops / (2e15 * 0.375), rounding_of_calibrated);
    VERIFY_NEAR(up.time_s, up.memory_s + 0.5 * up.compute_s + 2e-6, rounding_of_calibrated);
    QVERIFY(up.bound == Bound::memory);

    const OperatorEstimate busy = operator_of(round_scenario(4, 4096), OpId::routed_up);
    const double busy_flops = 2 * (8192 * (1 + slowest * std::sqrt(1. / 8192))) * 1000 * 400;
    VERIFY_NEAR(busy.flops, busy_flops, rounding_of_calibrated);
    VERIFY_NEAR(busy.compute_s, busy_flops / (2e15 * 0.375), rounding_of_calibrated);
    VERIFY_NEAR(busy.time_s,
        std::max(busy.memory_s, busy.compute_s) + 0.5 * std::min(busy.memory_s, busy.compute_s) + 2e-6,
        rounding_of_calibrated);
}

void TestCalibrated::gemms_take_the_balance_rule()
{
    const OperatorEstimate o_proj = operator_of(round_scenario(4, 8), OpId::o_proj);
    // 8 rows fill a tile of 32; K 2 * 30, N 1000; FP8 at 2000 FLOP per operation: half way from 0.5 to 0.25.
    VERIFY_NEAR(o_proj.compute_s, 2 * 32 * 60 * 1000 / (2e15 * 0.375), rounding_of_calibrated);
    VERIFY_NEAR(o_proj.memory_s, (8 * 60 + 60 * 1000 + 2 * 8 * 1000) / 0.8e12, rounding_of_calibrated);
    VERIFY_NEAR(o_proj.time_s, o_proj.memory_s + 0.25 * o_proj.compute_s + 2e-6, rounding_of_calibrated);
    QVERIFY(o_proj.efficiency);
    VERIFY_NEAR(o_proj.efficiency->mfu, 0.375, rounding_of_calibrated);
    QVERIFY(o_proj.efficiency->source == EfficiencySource::gemm_by_balance);
    const OperatorEstimate dense = operator_of(round_scenario(4, 8), OpId::dense_up, BlockKind::dense_layer);
    VERIFY_NEAR(dense.memory_s, (8 * 1000 + 1000 * 800 + 2 * 8 * 800) / 0.8e12, rounding_of_calibrated);
    // The published equations take such a rule too.
    Scenario published = round_scenario(4, 8);
    published.profile.equations = Equations::published;
    VERIFY_SAME(operator_of(published, OpId::o_proj).compute_s, o_proj.compute_s);
}

void TestCalibrated::absorbed_products_stay_in_bf16()
{
    const OperatorEstimate absorb = operator_of(round_scenario(4, 64), OpId::q_absorb);
    VERIFY_NEAR(
        absorb.compute_s, 2 * 2 * 64 * 10 * 50 / (1e15 * 0.5), rounding_of_calibrated); // BF16, 1000 FLOP per operation
    VERIFY_NEAR(absorb.memory_s, 2 * (2 * 64 * 10 + 2 * 10 * 50 + 2 * 64 * 50) / 0.8e12, rounding_of_calibrated);
}

void TestCalibrated::compression_is_fused()
{
    const Scenario scenario = round_scenario(4, 64);
    VERIFY_SAME(operator_of(scenario, OpId::q_down).columns, 170.); // 100 + 50 + 20
    QVERIFY(!has_operator(scenario, OpId::kv_compress));
}

void TestCalibrated::attention_by_balance()
{
    // 2 query rows fill a tile of 64, 128 padded keys of 70, values of 50; FP8 at 0.4, softmax included.
    const OperatorEstimate op = operator_of(round_scenario(4, 64), OpId::flash_mla);
    VERIFY_NEAR(op.compute_s, 64. * 2 * 64 * 128 * (70 + 50) / (2e15 * 0.4), rounding_of_calibrated);
    VERIFY_NEAR(op.memory_s, 64. * 128 * 70 / 0.8e12, rounding_of_calibrated);
    VERIFY_NEAR(op.extra_s, 64. * 2 * (70 + 50) * 2 / 0.8e12, rounding_of_calibrated);
    VERIFY_NEAR(op.time_s, std::max(op.memory_s, op.compute_s) + op.extra_s + 2e-6, rounding_of_calibrated);
    // The published equations take such a rule in place of FlashMLA's own, whatever the FA3 mode.
    Scenario published = round_scenario(4, 64);
    published.profile.equations = Equations::published;
    const FlashMla flash = estimate(published).flash_mla;
    VERIFY_NEAR(flash.compute_s, 2 * 2 * 128 * (70 + 50) / (2e15 * 0.4), rounding_of_calibrated);
    for (const Fa3 mode : {Fa3::none, Fa3::three_stage}) {
        published.workload.fa3 = mode;
        const Estimate other = estimate(published);
        VERIFY_SAME(other.flash_mla.compute_s, flash.compute_s);
        QVERIFY(std::any_of(other.notes.begin(), other.notes.end(),
            [](const std::string &note) { return note.find("FA3") != std::string::npos; }));
    }
}

void TestCalibrated::overheads_are_operators()
{
    const Scenario scenario = round_scenario(4, 64);
    // Of latent attention 3, of experts 3, of quantising four operands of 1 B 8; of a dense FFN 1.
    VERIFY_NEAR(operator_of(scenario, OpId::small_kernels).time_s, 14 * 2e-6, rounding_of_calibrated);
    VERIFY_NEAR(
        operator_of(scenario, OpId::small_kernels, BlockKind::dense_layer).time_s, 12 * 2e-6, rounding_of_calibrated);
    VERIFY_SAME(operator_of(scenario, OpId::step_overhead, BlockKind::outside_layers).time_s, 1e-3);
    // Without work, a kernel still takes its overhead.
    VERIFY_NEAR(operator_of(scenario, OpId::ffn_norm).time_s, 4. * 64 * 1000 / 0.8e12 + 2e-6, rounding_of_calibrated);
    Scenario published = scenario;
    published.profile = published_study().profile;
    QVERIFY(!has_operator(published, OpId::small_kernels) && !has_operator(published, OpId::step_overhead));
}

void TestCalibrated::reserved_memory_is_not_usable()
{
    Scenario scenario = round_scenario(4, 64);
    const double usable = estimate(scenario).memory.usable;
    scenario.profile.usable_memory_fraction = 0.9;
    scenario.profile.reserved_memory = 5e9;
    VERIFY_NEAR(estimate(scenario).memory.usable, 0.9 * usable - 5e9, rounding_of_calibrated);
}

void TestCalibrated::balance_interpolates()
{
    const BalanceRule rule{{{100, 0.8, "A", "a"}, {400, 0.6, "B", "b"}}};
    const auto at = [&](double balance) {
        return balance_efficiency(rule, EfficiencySource::gemm_by_balance, balance);
    };
    VERIFY_SAME(at(100).mfu, 0.8);
    QVERIFY(at(100).evidence == Evidence::measured);
    VERIFY_NEAR(at(200).mfu, 0.7, rounding_of_calibrated);
    QVERIFY(at(200).evidence == Evidence::interpolated);
    VERIFY_SAME(at(50).mfu, 0.8);
    VERIFY_SAME(at(500).mfu, 0.6);
    QVERIFY(at(50).evidence == Evidence::held && at(500).evidence == Evidence::held);
}

void TestCalibrated::provenance_of_balance()
{
    const Scenario scenario = round_scenario(4, 64);
    const auto text_at = [&](double balance) {
        return provenance_text(scenario.profile, scenario.chip,
            balance_efficiency(scenario.profile.gemm_by_balance, EfficiencySource::gemm_by_balance, balance));
    };
    QCOMPARE(text_at(1000), std::string("measured on Round (the test)"));
    QCOMPARE(text_at(1050), std::string("measured on Round (the test)")); // its clock from another source
    QCOMPARE(text_at(2000), std::string("transferred to Round, between Round (the test) and Other (the test)"));
    QCOMPARE(text_at(9000), std::string("transferred to Round from Other (the test)"));
}

void TestCalibrated::a_larger_domain_helps()
{
    Study study = study_named("calibrated");
    QVERIFY(!set_parameter(study, "chip.H800.scale_up_domain", "64", BareNumbers::allowed));
    const auto tpot = [&](const Chip &chip) {
        return estimate(
            {study.profile, study.model, chip, study.nics[0], study.workload, {Policy::naive, 64, 1, 1, 0, 64}, 0})
            .step_s;
    };
    const Chip shipped = *shipped_library().chip("H800").value;
    const auto wide =
        std::find_if(study.chips.begin(), study.chips.end(), [](const Chip &chip) { return chip.name == "H800"; });
    QVERIFY(tpot(*wide) < 0.9 * tpot(shipped));
}

void TestCalibrated::more_batch_never_lowers_the_step()
{
    const Study study = study_named("calibrated");
    std::mt19937 random(7);
    const auto pick = [&](std::size_t size) { return static_cast<std::size_t>(random() % size); };
    const std::vector<std::string> models{"deepseek-v2", "deepseek-v3", "kimi-k2", "deepseek-v3.2", "deepseek-v4-pro",
        "gpt-oss-120b", "qwen3.5-397b", "kimi-k3", "llama-3.1-70b"};
    for (int i = 0; i < 150; ++i) {
        const Chip &chip = study.chips[pick(study.chips.size())];
        const Model model = *shipped_library().model(models[pick(models.size())]).value;
        Workload workload = study.workload;
        workload.context = static_cast<std::int64_t>(1 + random() % 100000);
        workload.expert_elem_size = si(std::array{0.5625, 1., 2.}[pick(3)], Dimension::bytes);
        Profile profile = study.profile;
        profile.popularity_span = std::array{1., 300., 5000.}[pick(3)];
        const Point point{pick(2) ? Policy::naive : Policy::dual_mbatch, static_cast<std::int64_t>(1 + pick(400)),
            std::array{1., 2.}[pick(2)], std::array{1., 2.}[pick(2)],
            static_cast<std::int64_t>(model.mtp_layers ? pick(3) : 0), 1};
        const Plan plan = make_plan(profile, model, resolve(profile, chip, study.nics[0]), workload, point);
        double before = 0;
        for (std::int64_t batch = 1; batch <= 2048; batch += batch < 600 ? 1 : 13) {
            const double step = step_seconds(profile, plan, batch);
            QVERIFY2(std::isfinite(step) && step >= before * (1 - 1e-14),
                (chip.name + " at batch " + std::to_string(batch)).c_str());
            before = step;
        }
    }
}

void TestCalibrated::search_and_estimate_agree_to_the_bit()
{
    Study study = study_named("calibrated");
    for (const auto &[key, value] :
        {std::pair{"batch", "1,2,7,8,64,500"}, {"ep", "1,4,8,72,320"}, {"mtp_len", "0,2"}, {"target_tps", "1"}})
        QVERIFY(!set_parameter(study, key, value, BareNumbers::allowed));
    std::size_t different = 0, checked = 0;
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &result) {
        for (std::size_t i = 0; i < result.batches.size(); ++i) {
            const Estimate full = estimate(scenario_of(study, result.at(i)));
            different +=
                std::bit_cast<std::uint64_t>(full.step_s) != std::bit_cast<std::uint64_t>(result.step_s[i]) ? 1 : 0;
            ++checked;
        }
    };
    QVERIFY(search(study, options).complete);
    QCOMPARE(different, 0u);
    QCOMPARE(checked, configuration_count(study));
}

// The points of the profile lie within what the kernels in resources reach at that balance, give or take two digits'
// rounding; those of 1024 and 2048 FLOP per operation are of kernels that are not there.
void TestCalibrated::points_follow_from_the_kernels()
{
    const Profile profile = *shipped_library().profile("calibrated").value;
    std::map<std::string, double> of = kernels();
    const auto within = [&](double point, std::vector<double> measured) {
        std::sort(measured.begin(), measured.end());
        QVERIFY2(measured.front() > 0.1 && point >= measured.front() - 0.02 && point <= measured.back() + 0.02,
            both("point", point, measured.front()).constData());
    };
    const auto gemm = [&](const std::string &id, double m, double n, double k, double peak) {
        return 2 * m * n * k / (of[id] * 1e-6) / peak;
    };
    within(
        point_at(profile.gemm_by_balance, 120), {gemm("isim-gemm-h20-32768-24576-1536", 32768, 24576, 1536, 296e12)});
    within(point_at(profile.gemm_by_balance, 128), {of["mamf-A100_SXM-BF16"] / 312});
    within(point_at(profile.gemm_by_balance, 256),
        {of["mamf-H100_SXM-BF16"] / 989, gemm("aic-gemm-H100-bfloat16-8192-7168-16384", 8192, 7168, 16384, 989e12),
            of["mamf-GH200_SXM-BF16"] / 989});
    within(point_at(profile.gemm_by_balance, 512),
        {gemm("aic-gemm-H100-fp8_block-8192-16384-7168", 8192, 16384, 7168, 1979e12), of["mamf-H100_SXM-FP8"] / 1979,
            of["mamf-GB200_SXM-BF16"] / 2500});
    const auto mla = [&](const std::string &id, double batch, double context, double peak) {
        return 2 * batch * 128 * context * 1088 / (of[id] * 1e-6) / peak;
    };
    const double h20_bf16 = mla("isim-mla-h20-512-8192", 512, 8192, 148e12);
    const BalanceRule &attention = profile.flash_mla_by_balance;
    within(point_at(attention, 60), {h20_bf16});
    within(point_at(attention, 120), {h20_bf16 * of["flashmla-fp8-h20"] / 2});
    within(point_at(attention, 256),
        {mla("aic-mla-H100-bfloat16-32-32768", 32, 32768, 989e12),
            mla("aic-mla-H200-bfloat16-128-32768", 128, 32768, 989e12)});
    within(point_at(attention, 512),
        {mla("aic-mla-GB200-bfloat16-128-32768", 128, 32768, 2500e12),
            mla("aic-mla-GB200-bfloat16-512-32768", 512, 32768, 2500e12)});
    within(point_at(attention, 1024),
        {mla("aic-mla-GB200-fp8-64-32768", 64, 32768, 5000e12),
            mla("aic-mla-GB200-fp8-128-32768", 128, 32768, 5000e12)});
    for (const char *chip : {"H100", "H200", "H800"}) // what these reach with 8 bits is their own
        within(shipped_library().chip(chip).value->fp8_attention_mfu,
            {mla("aic-mla-H100-fp8-32-32768", 32, 32768, 1979e12),
                mla("aic-mla-H200-fp8-128-32768", 128, 32768, 1979e12)});
    double rate = 0; // from 128 to 256 tokens, what leaves the node
    for (const int cards : {16, 32, 64}) {
        for (const auto &[kind, size] : {std::pair{"dispatch", 1.}, {"combine", 2.}}) {
            const std::string start = "aic-deepep-H100-.post2-" + std::to_string(cards) + "-";
            const double seconds = (of[start + "256-" + kind] - of[start + "128-" + kind]) * 1e-6;
            rate += 128 * 8 * 7168 * size * (1 - 8. / cards) / seconds / 6;
        }
    }
    QVERIFY(std::abs(profile.nic_efficiency - rate / 50e9) < 0.01);
}

void TestCalibrated::parameters_are_few_and_bounded()
{
    const Profile profile = *shipped_library().profile("calibrated").value;
    std::size_t fitted = 0;
    for (const ParameterOrigin &origin : profile.calibration) {
        const auto number = profile_number(origin.parameter);
        QVERIFY(number);
        if (origin.origin != Obtained::fitted)
            continue;
        ++fitted;
        QVERIFY(origin.min <= number->of(profile) && number->of(profile) <= origin.max && origin.min < origin.max);
    }
    const auto chosen = std::count_if(profile.calibration.begin(), profile.calibration.end(),
        [](const ParameterOrigin &origin) { return origin.origin == Obtained::chosen; });
    QVERIFY(fitted >= 1 && static_cast<std::ptrdiff_t>(fitted) + chosen <= 12);
}

// Of docs/model.md §14, as the golden configurations have them.
void TestCalibrated::numbers_are_those_of_the_golden_rows()
{
    const Profile profile = *shipped_library().profile("calibrated").value;
    const Read<std::string> text = read_text(EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml", 1 << 20);
    const Profile golden = *read_profile(*text.value, "model-2026.yaml").value;
    for (const Field<Profile> &field : fields<Profile>()) {
        const std::string_view key = field.info.key;
        if (key != "title" && key != "source" && key != "ffn_out_elem_size") // the last is not theirs
            QVERIFY2(field_text(profile, field) == field_text(golden, field), std::string(key).c_str());
    }
    QVERIFY(profile.quirks == golden.quirks);
    const auto same = [](const BalanceRule &a, const BalanceRule &b) {
        return std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end(),
            [](const BalancePoint &x, const BalancePoint &y) {
                return x.flop_per_op == y.flop_per_op && x.mfu == y.mfu;
            });
    };
    QVERIFY(same(profile.gemm_by_balance, golden.gemm_by_balance)
        && same(profile.flash_mla_by_balance, golden.flash_mla_by_balance));
}

EPSCOPE_SUITE(calibrated, TestCalibrated)
#include "tst_calibrated.moc"
