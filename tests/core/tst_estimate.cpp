// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/estimate/estimate.h"
#include "core/search/search.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr double rounding_of_estimate = 1e-13;

Quantity quantity(double number, Dimension dimension)
{
    return {number, &base_unit(dimension)};
}

Quantity read(const char *text, Dimension dimension)
{
    return std::get<Quantity>(parse_quantity(text, dimension, BareNumbers::refused));
}

// DeepSeek-V3 by the published rules on a chip of round numbers: 1 PFLOP/s BF16, 2 PFLOP/s FP8, 2 TB/s, 16 * 100 * 1
// GHz = 1.6 Top/s of softmax; 50 GB/s of network. One naive micro-batch of 128 sequences, 4 experts a card.
Scenario round_numbers(std::int64_t batch = 128)
{
    static const Study study = published_study();
    Chip chip;
    chip.name = "Round";
    chip.bf16 = quantity(1e15, Dimension::flop_per_second);
    chip.fp8 = quantity(2e15, Dimension::flop_per_second);
    chip.memory = quantity(80e9, Dimension::bytes);
    chip.memory_bandwidth = quantity(2e12, Dimension::bytes_per_second);
    chip.sms = 100;
    chip.clock = quantity(1e9, Dimension::hertz);
    chip.all_reduce_latency = quantity(0.5e-6, Dimension::seconds);
    chip.fa3 = Fa3::two_stage;
    Nic nic;
    nic.name = "50G";
    nic.bandwidth = quantity(50e9, Dimension::bytes_per_second);
    return {study.profile, study.model, chip, nic, study.workload, {Policy::naive, 64, 2, 2, 0, batch}, 0};
}

Scenario with_drafts(Scenario scenario, std::int64_t drafts)
{
    scenario.point.mtp_len = drafts;
    return scenario;
}

Scenario with_policy(Scenario scenario, Policy policy)
{
    scenario.point.policy = policy;
    return scenario;
}

Scenario without(Scenario scenario, bool Quirks::*quirk)
{
    scenario.profile.quirks.*quirk = false;
    return scenario;
}

// No two dimensions alike, so that a wrong one shows.
Model small_model()
{
    Model model;
    model.hidden_size = 2;
    model.layers = 19;
    model.dense_layers = 4;
    model.heads = 5;
    model.q_lora_rank = 3;
    model.kv_lora_rank = 13;
    model.qk_nope_head_dim = 7;
    model.qk_rope_head_dim = 11;
    model.v_head_dim = 17;
    model.dense_intermediate = 23;
    model.expert_intermediate = 29;
    model.routed_experts = 10;
    model.experts_per_token = 6;
    model.shared_experts = 3;
    model.vocabulary = 31;
    model.mtp_layers = 1;
    return model;
}

const OperatorEstimate &op(const BlockEstimate &block, OpId id)
{
    const auto found = std::find_if(
        block.operators.begin(), block.operators.end(), [&](const OperatorEstimate &one) { return one.id == id; });
    if (found == block.operators.end())
        throw std::runtime_error("no operator " + std::string(info_of(id).key));
    return *found;
}

double seconds(const BlockEstimate &block, OpId id)
{
    return op(block, id).time_s;
}

std::vector<OpId> ids_of(const BlockEstimate &block)
{
    std::vector<OpId> ids;
    for (const OperatorEstimate &one : block.operators)
        ids.push_back(one.id);
    return ids;
}

std::vector<OpId> changed(const BlockEstimate &a, const BlockEstimate &b)
{
    std::vector<OpId> ids;
    for (const OperatorEstimate &one : a.operators) {
        if (one != op(b, one.id))
            ids.push_back(one.id);
    }
    return ids;
}

// A matrix product worked out by hand; times in s.
struct Product {
    OpId id;
    double m, k, n, count;
    double flops, bytes;
    double compute_s, memory_s;
    Bound bound;
};

QByteArray of(const char *what, OpId id, double actual, double expected)
{
    return both(std::string(info_of(id).key) + " " + what, actual, expected);
}

void compare(const BlockEstimate &block, const std::vector<Product> &products)
{
    for (const Product &expected : products) {
        const OperatorEstimate &actual = op(block, expected.id);
        const double time_s = expected.bound == Bound::compute ? expected.compute_s : expected.memory_s;
        const auto exactly = [&](const char *what, double is, double should_be) {
            QVERIFY2(is == should_be, of(what, expected.id, is, should_be));
        };
        const auto nearly = [&](const char *what, double is, double should_be) {
            QVERIFY2(is_near(is, should_be, rounding_of_estimate), of(what, expected.id, is, should_be));
        };
        exactly("M", actual.rows, expected.m);
        exactly("K", actual.inner, expected.k);
        exactly("N", actual.columns, expected.n);
        exactly("count", actual.count, expected.count);
        exactly("flops", actual.flops, expected.flops);
        exactly("bytes", actual.bytes_moved, expected.bytes);
        exactly("bytes sent", actual.bytes_sent, 0);
        nearly("compute_s", actual.compute_s, expected.compute_s);
        nearly("memory_s", actual.memory_s, expected.memory_s);
        exactly("network_s", actual.network_s, 0);
        nearly("time_s", actual.time_s, time_s);
        QVERIFY2(actual.bound == expected.bound, info_of(expected.id).key.data());
    }
}

Machine round_machine()
{
    const Scenario scenario = round_numbers();
    return resolve(scenario.profile, scenario.chip, scenario.nic);
}

FlashMla flash_of(const Scenario &scenario, const Machine &machine)
{
    const StepInputs<double> in(scenario.profile, scenario.model, machine, scenario.workload, scenario.point);
    return flash_mla(in, in.query_tokens());
}

const Infeasible *reason_in(const Estimate &result, Reason reason)
{
    const auto found = std::find_if(result.infeasible.begin(), result.infeasible.end(),
        [&](const Infeasible &one) { return one.reason == reason; });
    return found == result.infeasible.end() ? nullptr : &*found;
}

std::vector<Reason> reasons_of(const Estimate &result)
{
    std::vector<Reason> reasons;
    for (const Infeasible &one : result.infeasible)
        reasons.push_back(one.reason);
    return reasons;
}

bool has_all(const std::string &text, const std::vector<std::string> &parts)
{
    return std::all_of(
        parts.begin(), parts.end(), [&](const std::string &part) { return text.find(part) != std::string::npos; });
}

// The one note with all of the parts; empty if there is none or more than one.
std::string note_with(const Estimate &result, const std::vector<std::string> &parts)
{
    std::string found;
    int count = 0;
    for (const std::string &note : result.notes) {
        if (has_all(note, parts)) {
            found = note;
            ++count;
        }
    }
    return count == 1 ? found : std::string{};
}

} // namespace

class TestEstimate : public QObject {
    Q_OBJECT

private slots:
    void products_of_full_tiles();
    void products_of_padded_tiles();
    void products_with_many_rows();
    void expert_products_without_deepgemm();
    void products_of_half_a_sequence();
    void products_of_distinct_dimensions();
    void expert_rate_follows_the_element_size_data();
    void expert_rate_follows_the_element_size();
    void dispatch_and_combine();
    void flash_mla_modes_data();
    void flash_mla_modes();
    void flash_mla_pads_the_keys_data();
    void flash_mla_pads_the_keys();
    void flash_mla_rate_needs_both_operands_narrow_data();
    void flash_mla_rate_needs_both_operands_narrow();
    void flash_mla_with_drafts_and_by_class();
    void flash_mla_as_operator();
    void flash_mla_bound_by_memory();
    void tile_sram();
    void stages_sum_operators_in_order();
    void naive_windows();
    void dual_mbatch_windows();
    void block_and_step_are_exact_sums();
    void tokens_per_step_data();
    void tokens_per_step();
    void drafts_multiply_the_tokens();
    void quirk_1_query_projection();
    void quirk_2_tokens_per_expert();
    void quirk_3_drafts_in_naive_ffn();
    void quirk_4_blocks_data();
    void quirk_4_blocks();
    void quirk_4_products();
    void quirk_4_models_without_dense_or_sparse_layers();
    void quirk_5_prefixes();
    void quirk_6_padded_softmax();
    void bound_shares_of_a_slow_network();
    void bound_shares_of_a_fast_network();
    void bound_shares_sum_to_the_step();
    void largest_bound();
    void memory_is_missing();
    void no_memory_for_the_weights();
    void target_is_missed_data();
    void target_is_missed();
    void target_out_of_reach();
    void target_reached_by_what_does_not_fit();
    void the_largest_batch_is_that_of_looking_at_all();
    void target_counts_accepted_drafts();
    void ep_over_the_cards();
    void fewer_sequences_than_micro_batches();
    void drafting_without_mtp_layer();
    void all_reasons_in_order();
    void names_of_bounds_and_reasons();
    void no_notes_without_reason();
    void note_on_odd_batch();
    void note_on_flash_mla_efficiency();
    void note_on_rates_fallen_back();
    void note_on_assumed_values();
    void note_on_sram();
    void note_on_ep_1();
    void note_on_kernels_for_narrow_operands();
    void equal_when_repeated();
};

// 128 rows. 30/312 below 256 rows, for K > 4096 and a side of 1536 the floor 289/1979; results of 2 B, of experts 4 B.
void TestEstimate::products_of_full_tiles()
{
    const Estimate result = estimate(round_numbers());
    QCOMPARE(result.blocks.size(), std::size_t{1});
    using enum Bound;
    compare(result.blocks.front(),
        {
            // 2*128*1536*128; 2*(128*1536 + 1536*128 + 128*128)
            {OpId::q_down, 128, 1536, 128, 1, 50331648, 819200, 50331648 / (1e15 * 30 / 312), 819200 / 2e12, compute},
            // 2*128*128*24576; 2*(128*128 + 128*24576 + 128*24576)
            {OpId::q_up, 128, 128, 24576, 1, 805306368, 12615680, 805306368 / (1e15 * 30 / 312), 12615680 / 2e12,
                compute},
            // 128 heads * 2*128*128*512; 128 * 2*(128*128 + 128*512 + 128*512)
            {OpId::q_absorb, 128, 128, 512, 128, 2147483648, 37748736, 2147483648 / (1e15 * 30 / 312), 37748736 / 2e12,
                compute},
            // 2*128*7168*576; 2*(128*7168 + 7168*576 + 128*576); K > 4096, but no side of 1536
            {OpId::kv_compress, 128, 7168, 576, 1, 1056964608, 10240000, 1056964608 / (1e15 * 30 / 312),
                10240000 / 2e12, compute},
            // 128 heads * 2*128*512*128; 128 * 2*(128*512 + 512*128 + 128*128)
            {OpId::v_up, 128, 512, 128, 128, 2147483648, 37748736, 2147483648 / (1e15 * 30 / 312), 37748736 / 2e12,
                compute},
            // 2*128*16384*7168; 2*(128*16384 + 16384*7168 + 128*7168)
            {OpId::o_proj, 128, 16384, 7168, 1, 30064771072, 240910336, 30064771072 / (1e15 * 289 / 1979),
                240910336 / 2e12, compute},
            // 2*128*7168*4096; 128*7168 + 7168*4096 + 4*128*4096
            {OpId::shared_up, 128, 7168, 4096, 1, 7516192768, 32374784, 7516192768 / (2e15 * 533 / 1979),
                32374784 / 2e12, memory},
            // 2*128*2048*7168; 128*2048 + 2048*7168 + 4*128*7168
            {OpId::shared_down, 128, 2048, 7168, 1, 3758096384, 18612224, 3758096384 / (2e15 * 510 / 1979),
                18612224 / 2e12, memory},
            // 4 experts, 8*128 rows: 4 * 2*1024*7168*4096; 4 * (1024*7168 + 7168*4096 + 4*1024*4096)
            {OpId::routed_up, 1024, 7168, 4096, 4, 240518168576, 213909504, 240518168576 / (2e15 * 1233 / 1979),
                213909504 / 2e12, compute},
            // 4 * 2*1024*2048*7168; 4 * (1024*2048 + 2048*7168 + 4*1024*7168)
            {OpId::routed_down, 1024, 2048, 7168, 4, 120259084288, 184549376, 120259084288 / (2e15 * 925 / 1979),
                184549376 / 2e12, compute},
        });
}

// 16 rows, worked on as 64 but moved and rated as 16; all operands of 1 B, one expert.
void TestEstimate::products_of_padded_tiles()
{
    Scenario scenario = round_numbers(16);
    scenario.point = {Policy::naive, 320, 1, 1, 0, 16};
    using enum Bound;
    compare(estimate(scenario).blocks.front(),
        {
            // 2*64*1536*128; 16*1536 + 1536*128 + 2*16*128
            {OpId::q_down, 16, 1536, 128, 1, 25165824, 225280, 25165824 / (2e15 * 30 / 312), 225280 / 2e12, compute},
            // 2*64*128*24576; 16*128 + 128*24576 + 2*16*24576
            {OpId::q_up, 16, 128, 24576, 1, 402653184, 3934208, 402653184 / (2e15 * 30 / 312), 3934208 / 2e12, compute},
            // 128 * 2*64*128*512; 128 * (16*128 + 128*512 + 2*16*512)
            {OpId::q_absorb, 16, 128, 512, 128, 1073741824, 10747904, 1073741824 / (2e15 * 30 / 312), 10747904 / 2e12,
                compute},
            // 2*64*7168*576; 16*7168 + 7168*576 + 2*16*576
            {OpId::kv_compress, 16, 7168, 576, 1, 528482304, 4261888, 528482304 / (2e15 * 30 / 312), 4261888 / 2e12,
                compute},
            // 128 * 2*64*512*128; 128 * (16*512 + 512*128 + 2*16*128)
            {OpId::v_up, 16, 512, 128, 128, 1073741824, 9961472, 1073741824 / (2e15 * 30 / 312), 9961472 / 2e12,
                compute},
            // 2*64*16384*7168; 16*16384 + 16384*7168 + 2*16*7168; 16 rows are too few for the floor
            {OpId::o_proj, 16, 16384, 7168, 1, 15032385536, 117932032, 15032385536 / (2e15 * 30 / 312),
                117932032 / 2e12, compute},
            // 2*64*7168*4096; 16*7168 + 7168*4096 + 4*16*4096
            {OpId::shared_up, 16, 7168, 4096, 1, 3758096384, 29736960, 3758096384 / (2e15 * 287 / 1979),
                29736960 / 2e12, memory},
            // 2*64*2048*7168; 16*2048 + 2048*7168 + 4*16*7168
            {OpId::shared_down, 16, 2048, 7168, 1, 1879048192, 15171584, 1879048192 / (2e15 * 295 / 1979),
                15171584 / 2e12, memory},
            // 2*128*7168*4096; 128*7168 + 7168*4096 + 4*128*4096
            {OpId::routed_up, 128, 7168, 4096, 1, 7516192768, 32374784, 7516192768 / (2e15 * 533 / 1979),
                32374784 / 2e12, memory},
            // 2*128*2048*7168; 128*2048 + 2048*7168 + 4*128*7168
            {OpId::routed_down, 128, 2048, 7168, 1, 3758096384, 18612224, 3758096384 / (2e15 * 510 / 1979),
                18612224 / 2e12, memory},
        });
}

// 512 rows: K = 128 is now the smallest side of some, and others rise to (30 + 200/3) / 312.
void TestEstimate::products_with_many_rows()
{
    Scenario scenario = round_numbers(512);
    scenario.point.ep = 256;
    const BlockEstimate block = estimate(scenario).blocks.front();
    using enum Bound;
    constexpr double at_512 = (30 + 200. / 3) / 312;
    compare(block,
        {
            // 2*512*1536*128; 2*(512*1536 + 1536*128 + 512*128)
            {OpId::q_down, 512, 1536, 128, 1, 201326592, 2097152, 201326592 / (1e15 * 30 / 312), 2097152 / 2e12,
                compute},
            // 2*512*128*24576; 2*(512*128 + 128*24576 + 512*24576)
            {OpId::q_up, 512, 128, 24576, 1, 3221225472, 31588352, 3221225472 / (1e15 * 100 / 312), 31588352 / 2e12,
                memory},
            // 128 * 2*512*128*512; 128 * 2*(512*128 + 128*512 + 512*512)
            {OpId::q_absorb, 512, 128, 512, 128, 8589934592, 100663296, 8589934592 / (1e15 * 100 / 312),
                100663296 / 2e12, memory},
            // 2*512*7168*576; 2*(512*7168 + 7168*576 + 512*576)
            {OpId::kv_compress, 512, 7168, 576, 1, 4227858432, 16187392, 4227858432 / (1e15 * at_512), 16187392 / 2e12,
                compute},
            // 2*512*16384*7168; 2*(512*16384 + 16384*7168 + 512*7168)
            {OpId::o_proj, 512, 16384, 7168, 1, 120259084288, 258998272, 120259084288 / (1e15 * at_512),
                258998272 / 2e12, compute},
            // 2*4096*7168*4096; 4096*7168 + 7168*4096 + 4*4096*4096
            {OpId::routed_up, 4096, 7168, 4096, 1, 240518168576, 125829120, 240518168576 / (2e15 * 1233 / 1979),
                125829120 / 2e12, compute},
        });
    QCOMPARE(op(block, OpId::q_up).efficiency->source, EfficiencySource::gemm_by_inner);
    QCOMPARE(op(block, OpId::o_proj).efficiency->source, EfficiencySource::gemm_by_narrow);
    QCOMPARE(op(block, OpId::routed_up).efficiency->source, EfficiencySource::expert_up);
    QCOMPARE(op(block, OpId::routed_down).efficiency->source, EfficiencySource::expert_down);
    QCOMPARE(op(block, OpId::shared_up).efficiency->source, EfficiencySource::expert_up);
    QCOMPARE(op(block, OpId::shared_down).efficiency->source, EfficiencySource::expert_down);
    QCOMPARE(op(block, OpId::flash_mla).efficiency->source, EfficiencySource::flash_mla_general);
    QVERIFY(!op(block, OpId::dispatch).efficiency);
    QVERIFY(!op(block, OpId::combine).rate);
}

void TestEstimate::expert_products_without_deepgemm()
{
    Scenario scenario = round_numbers();
    scenario.workload.deepgemm = false;
    using enum Bound;
    compare(estimate(scenario).blocks.front(),
        {
            // the floor, K = 7168; then 30/312, K = 2048
            {OpId::shared_up, 128, 7168, 4096, 1, 7516192768, 32374784, 7516192768 / (2e15 * 289 / 1979),
                32374784 / 2e12, compute},
            {OpId::shared_down, 128, 2048, 7168, 1, 3758096384, 18612224, 3758096384 / (2e15 * 30 / 312),
                18612224 / 2e12, compute},
            // 1024 rows: 30 + 2 * 200/3 of 312
            {OpId::routed_up, 1024, 7168, 4096, 4, 240518168576, 213909504,
                240518168576 / (2e15 * (30 + 400. / 3) / 312), 213909504 / 2e12, compute},
            {OpId::routed_down, 1024, 2048, 7168, 4, 120259084288, 184549376,
                120259084288 / (2e15 * (30 + 400. / 3) / 312), 184549376 / 2e12, compute},
        });
}

// Two micro-batches of 5 sequences: 2.5 rows each.
void TestEstimate::products_of_half_a_sequence()
{
    const BlockEstimate block = estimate(with_policy(round_numbers(5), Policy::dual_mbatch)).blocks.front();
    using enum Bound;
    compare(block,
        {
            // 2*64*1536*128; 2*(2.5*1536 + 1536*128 + 2.5*128)
            {OpId::q_down, 2.5, 1536, 128, 1, 25165824, 401536, 25165824 / (1e15 * 30 / 312), 401536 / 2e12, compute},
            // 4 * 2*64*7168*4096; 4 * (20*7168 + 7168*4096 + 4*20*4096)
            {OpId::routed_up, 20, 7168, 4096, 4, 15032385536, 119324672, 15032385536 / (2e15 * 287 / 1979),
                119324672 / 2e12, memory},
        });
    VERIFY_SAME(op(block, OpId::dispatch).bytes_sent, 143360.); // 8 * 2.5 * 7168
}

void TestEstimate::products_of_distinct_dimensions()
{
    Scenario scenario = without(with_drafts(round_numbers(7), 1), &Quirks::sparse_layers_only);
    scenario.profile.quirks.naive_ffn_ignores_drafts = false;
    scenario.model = small_model();
    scenario.point.ep = 4;
    struct Shape {
        std::size_t block;
        OpId id;
        double m, k, n, count;
    };
    const auto check = [&](const std::vector<Shape> &shapes) {
        const Estimate result = estimate(scenario);
        for (const Shape &shape : shapes) {
            const OperatorEstimate &one = op(result.blocks.at(shape.block), shape.id);
            QVERIFY2(one.rows == shape.m, of("M", shape.id, one.rows, shape.m));
            QVERIFY2(one.inner == shape.k, of("K", shape.id, one.inner, shape.k));
            QVERIFY2(one.columns == shape.n, of("N", shape.id, one.columns, shape.n));
            QVERIFY2(one.count == shape.count, of("count", shape.id, one.count, shape.count));
        }
    };
    check({
        {0, OpId::q_down, 14, 3, 7, 1},
        {0, OpId::q_up, 14, 7, 90, 1}, // 5 * (7 + 11)
        {0, OpId::q_absorb, 14, 7, 13, 5},
        {0, OpId::kv_compress, 14, 2, 24, 1}, // 13 + 11
        {0, OpId::v_up, 14, 13, 17, 5},
        {0, OpId::o_proj, 14, 85, 2, 1}, // 5 * 17
        {0, OpId::router, 14, 2, 10, 1},
        {0, OpId::shared_up, 14, 2, 174, 1}, // 2 * 3 * 29
        {0, OpId::shared_down, 14, 87, 2, 1},
        {0, OpId::routed_up, 84, 2, 58, 3}, // 6 * 14 rows, ceil(10 / 4) experts
        {0, OpId::routed_down, 84, 29, 2, 3},
        {1, OpId::q_absorb, 14, 7, 13, 5},
        {1, OpId::dense_up, 14, 2, 46, 1},
        {1, OpId::dense_down, 14, 23, 2, 1},
        {2, OpId::head, 14, 2, 31, 1},
        {3, OpId::q_absorb, 7, 7, 13, 5},
        {3, OpId::routed_up, 42, 2, 58, 3},
        {4, OpId::mtp_proj, 7, 4, 2, 1},
        {4, OpId::head, 7, 2, 31, 1},
    });
    scenario.profile.quirks.truncated_query_projection = false;
    check({{0, OpId::q_down, 14, 2, 3, 1}, {0, OpId::q_up, 14, 3, 90, 1}, {1, OpId::q_down, 14, 2, 3, 1},
        {3, OpId::q_up, 7, 3, 90, 1}});

    const Estimate result = estimate(scenario);
    VERIFY_SAME(result.flash_mla.rows, 10.); // 5 * 2
    VERIFY_SAME(result.flash_mla.padded_keys, 5248.);
    VERIFY_SAME(result.flash_mla.flops, 3883520.); // 2*10*24*5248 + 2*10*13*5248
    VERIFY_SAME(result.flash_mla.bytes_moved, 252644.); // 2*(5248*24 + 10*24 + 10*13)
    VERIFY_SAME(op(result.blocks[0], OpId::dispatch).bytes_sent, 168.); // 6 * 14 * 2
    VERIFY_SAME(op(result.blocks[0], OpId::combine).bytes_sent, 336.);
    VERIFY_SAME(op(result.blocks[0], OpId::attn_norm).bytes_moved, 112.); // 2 * 14 * 2 * 2 B

    scenario.model.shared_experts = 0;
    const std::vector<OpId> ids = ids_of(estimate(scenario).blocks.front());
    QVERIFY(std::find(ids.begin(), ids.end(), OpId::shared_up) == ids.end());
    QVERIFY(std::find(ids.begin(), ids.end(), OpId::shared_down) == ids.end());
}

void TestEstimate::expert_rate_follows_the_element_size_data()
{
    QTest::addColumn<double>("elem_size");
    QTest::addColumn<double>("bytes");
    QTest::addColumn<double>("rate");
    QTest::addColumn<bool>("fell_back");
    // 4 experts: 4 * ((1024*7168 + 7168*4096) * elem + 4*1024*4096)
    QTest::newRow("0.5 B") << 0.5 << 140509184. << 2e15 << true;
    QTest::newRow("0.5625 B") << 0.5625 << 149684224. << 2e15 << true;
    QTest::newRow("0.75 B") << 0.75 << 177209344. << 2e15 << false;
    QTest::newRow("1 B") << 1. << 213909504. << 2e15 << false;
    QTest::newRow("2 B") << 2. << 360710144. << 1e15 << false;
    QTest::newRow("4 B") << 4. << 654311424. << 1e15 << false;
}

void TestEstimate::expert_rate_follows_the_element_size()
{
    QFETCH(double, elem_size);
    QFETCH(double, bytes);
    QFETCH(double, rate);
    QFETCH(bool, fell_back);
    Scenario scenario = round_numbers();
    scenario.workload.expert_elem_size = quantity(elem_size, Dimension::bytes);
    const OperatorEstimate routed = op(estimate(scenario).blocks.front(), OpId::routed_up);
    VERIFY_SAME(routed.bytes_moved, bytes);
    VERIFY_SAME(routed.rate->flops, rate);
    QCOMPARE(routed.rate->fell_back(), fell_back);
    VERIFY_NEAR(routed.compute_s, 240518168576 / (rate * 1233 / 1979), rounding_of_estimate);

    scenario.chip.fp4 = quantity(4e15, Dimension::flop_per_second);
    const OperatorEstimate with_fp4 = op(estimate(scenario).blocks.front(), OpId::routed_up);
    VERIFY_SAME(with_fp4.rate->flops, fell_back ? 4e15 : rate);
    QVERIFY(!with_fp4.rate->fell_back());
}

void TestEstimate::dispatch_and_combine()
{
    const BlockEstimate block = estimate(with_drafts(round_numbers(), 1)).blocks.front();
    const OperatorEstimate &dispatch = op(block, OpId::dispatch);
    VERIFY_SAME(dispatch.bytes_sent, 14680064.); // 8 * 256 * 7168 * 1, drafts included even in the naive pipeline
    VERIFY_NEAR(dispatch.network_s, 14680064 / 50e9, rounding_of_estimate);
    VERIFY_SAME(dispatch.time_s, dispatch.network_s);
    VERIFY_SAME(dispatch.compute_s, 0.);
    VERIFY_SAME(dispatch.memory_s, 0.);
    VERIFY_SAME(dispatch.bytes_moved, 0.);
    VERIFY_SAME(dispatch.flops, 0.);
    QCOMPARE(dispatch.bound, Bound::network);
    const OperatorEstimate &combine = op(block, OpId::combine);
    VERIFY_SAME(combine.bytes_sent, 29360128.); // 8 * 256 * 7168 * 2
    VERIFY_NEAR(combine.time_s, 29360128 / 50e9, rounding_of_estimate);
    QCOMPARE(combine.bound, Bound::network);

    Scenario narrow = round_numbers();
    narrow.point.param_elem_size = 1;
    narrow.profile.dispatch_elem_size = 1.5;
    VERIFY_SAME(op(estimate(narrow).blocks.front(), OpId::combine).bytes_sent, 7340032.); // 8 * 128 * 7168 * 1
    VERIFY_SAME(op(estimate(narrow).blocks.front(), OpId::dispatch).bytes_sent, 11010048.); // * 1.5
}

void TestEstimate::flash_mla_modes_data()
{
    QTest::addColumn<Fa3>("mode");
    QTest::addColumn<double>("exp2_rate");
    QTest::addColumn<double>("time_s");
    // R = 128, S = 41 * 128 = 5248, H = 5120, f = 510/989 of 1 PFLOP/s:
    constexpr double g0 = 773849088 / (1e15 * 510 / 989); // 2*128*576*5248, 1.50 us
    constexpr double g1 = 687865856 / (1e15 * 510 / 989); // 2*128*512*5248, 1.33 us
    // R*H / exp2_rate + 2*R*H / 4 Top/s + 0.25 us
    constexpr double quick = 655360 / 1e12 + 1310720 / 4e12 + 0.25e-6; // 1.22 us, less than g1
    constexpr double medium = 655360 / 5e11 + 1310720 / 4e12 + 0.25e-6; // 1.89 us, more than g1
    constexpr double slow = 655360 / 2e11 + 1310720 / 4e12 + 0.25e-6; // 3.85 us, more than g0 + g1
    QTest::newRow("none, quick softmax") << Fa3::none << 1e12 << g0 + g1 + quick;
    QTest::newRow("none, slow softmax") << Fa3::none << 2e11 << g0 + g1 + slow;
    QTest::newRow("two-stage, quick softmax") << Fa3::two_stage << 1e12 << g0 + g1;
    QTest::newRow("two-stage, medium softmax") << Fa3::two_stage << 5e11 << g0 + medium;
    QTest::newRow("two-stage, slow softmax") << Fa3::two_stage << 2e11 << g0 + slow;
    QTest::newRow("three-stage, quick softmax") << Fa3::three_stage << 1e12 << g0 + g1;
    QTest::newRow("three-stage, medium softmax") << Fa3::three_stage << 5e11 << g0 + g1;
    QTest::newRow("three-stage, slow softmax") << Fa3::three_stage << 2e11 << slow;
}

void TestEstimate::flash_mla_modes()
{
    QFETCH(Fa3, mode);
    QFETCH(double, exp2_rate);
    QFETCH(double, time_s);
    Scenario scenario = round_numbers();
    Machine machine = round_machine();
    machine.exp2_rate = exp2_rate;
    machine.reduce_rate = 4e12;
    machine.all_reduce_latency = 0.25e-6;
    machine.fa3 = mode;
    const FlashMla of_chip = flash_of(scenario, machine);
    VERIFY_NEAR(of_chip.compute_s, time_s, rounding_of_estimate);
    QCOMPARE(of_chip.mode, mode);
    VERIFY_SAME(of_chip.rows, 128.);
    VERIFY_SAME(of_chip.padded_keys, 5248.);
    VERIFY_NEAR(of_chip.qk_s, 773849088 / (1e15 * 510 / 989), rounding_of_estimate);
    VERIFY_NEAR(of_chip.pv_s, 687865856 / (1e15 * 510 / 989), rounding_of_estimate);
    VERIFY_NEAR(of_chip.softmax_s, 655360 / exp2_rate + 1310720 / 4e12 + 0.25e-6, rounding_of_estimate);
    VERIFY_SAME(of_chip.flops, 1461714944.);
    VERIFY_SAME(of_chip.bytes_moved, 6324224.); // 2*(5248*576 + 128*576 + 128*512)

    scenario.workload.fa3 = mode;
    machine.fa3 = mode == Fa3::none ? Fa3::two_stage : Fa3::none;
    QVERIFY2(flash_of(scenario, machine) == of_chip, "the workload's mode overrides the chip's");
}

void TestEstimate::flash_mla_pads_the_keys_data()
{
    QTest::addColumn<std::int64_t>("context");
    QTest::addColumn<std::int64_t>("drafts");
    QTest::addColumn<double>("padded");
    const auto row = [](std::int64_t context, std::int64_t drafts, double padded) {
        QTest::addRow("%lld + 1 + %lld", static_cast<long long>(context), static_cast<long long>(drafts))
            << context << drafts << padded;
    };
    row(1, 0, 128);
    row(127, 0, 128);
    row(128, 0, 256);
    row(126, 1, 128);
    row(127, 1, 256);
    row(111, 16, 128);
    row(112, 16, 256);
    row(5119, 0, 5120);
    row(5120, 0, 5248);
    row(1048576, 0, 1048704);
}

void TestEstimate::flash_mla_pads_the_keys()
{
    QFETCH(std::int64_t, context);
    QFETCH(std::int64_t, drafts);
    QFETCH(double, padded);
    Scenario scenario = with_drafts(round_numbers(), drafts);
    scenario.workload.context = context;
    const FlashMla flash = flash_of(scenario, round_machine());
    VERIFY_SAME(flash.padded_keys, padded);
    VERIFY_SAME(flash.rows, 128. * static_cast<double>(1 + drafts));
    // 3 operations for each row and unpadded key
    VERIFY_NEAR(flash.softmax_s, 3 * 128. * static_cast<double>((1 + drafts) * context) / 1.6e12 + 0.5e-6,
        rounding_of_estimate);
}

void TestEstimate::flash_mla_rate_needs_both_operands_narrow_data()
{
    QTest::addColumn<double>("kv");
    QTest::addColumn<double>("param");
    QTest::addColumn<double>("rate");
    QTest::addColumn<double>("bytes");
    // 5248*576 * kv + (128*576 + 128*512) * param
    QTest::newRow("2 / 2") << 2. << 2. << 1e15 << 6324224.;
    QTest::newRow("1 / 2") << 1. << 2. << 1e15 << 3301376.;
    QTest::newRow("2 / 1") << 2. << 1. << 1e15 << 6184960.;
    QTest::newRow("1 / 1") << 1. << 1. << 2e15 << 3162112.;
    QTest::newRow("0.5 / 1") << 0.5 << 1. << 2e15 << 1650688.;
    QTest::newRow("0.5 / 0.5") << 0.5 << 0.5 << 2e15 << 1581056.; // no 4-bit kernel, though the chip has the rate
    QTest::newRow("0.5625 / 0.5625") << 0.5625 << 0.5625 << 2e15 << 1778688.;
}

void TestEstimate::flash_mla_rate_needs_both_operands_narrow()
{
    QFETCH(double, kv);
    QFETCH(double, param);
    QFETCH(double, rate);
    QFETCH(double, bytes);
    Scenario scenario = round_numbers();
    scenario.point.kv_elem_size = kv;
    scenario.point.param_elem_size = param;
    Machine machine = round_machine();
    machine.fp4 = 4e15;
    const FlashMla flash = flash_of(scenario, machine);
    VERIFY_SAME(flash.rate.flops, rate);
    VERIFY_NEAR(flash.qk_s, 773849088 / (rate * 510 / 989), rounding_of_estimate);
    VERIFY_SAME(flash.bytes_moved, bytes);
    const bool no_kernel = std::max(kv, param) < 1;
    QCOMPARE(flash.rate.no_kernel, no_kernel);
    QCOMPARE(flash.rate.wanted, no_kernel ? Rate::four_bit : flash.rate.used);
    machine.fp4 = 0; // which the kernel does not miss
    QVERIFY(flash_of(scenario, machine) == flash);
}

void TestEstimate::flash_mla_with_drafts_and_by_class()
{
    Machine machine = round_machine();
    const FlashMla two = flash_of(with_drafts(round_numbers(), 1), machine);
    VERIFY_NEAR(two.qk_s, 1547698176 / (1e15 * 550 / 989), rounding_of_estimate); // R = 256
    VERIFY_NEAR(two.pv_s, 1375731712 / (1e15 * 550 / 989), rounding_of_estimate);
    QCOMPARE(two.efficiency.evidence, Evidence::measured);
    machine.flash_mla_class = FlashMlaClass::low_compute;
    const FlashMla low = flash_of(with_drafts(round_numbers(), 1), machine);
    VERIFY_NEAR(low.qk_s, 1547698176 / (1e15 * 125 / 148), rounding_of_estimate);
    QCOMPARE(low.efficiency.source, EfficiencySource::flash_mla_low_compute);
}

void TestEstimate::flash_mla_as_operator()
{
    const Estimate result = estimate(round_numbers());
    const OperatorEstimate &flash = op(result.blocks.front(), OpId::flash_mla);
    // two-stage: g0 + v with v = 3 * 655360 / 1.6 Top/s + 0.5 us = 1.7288 us > g1; 128 sequences
    VERIFY_NEAR(flash.compute_s, 128 * (773849088 / (1e15 * 510 / 989) + 1.7288e-6), rounding_of_estimate);
    VERIFY_NEAR(flash.memory_s, 128 * 6324224 / 2e12, rounding_of_estimate);
    VERIFY_SAME(flash.time_s, flash.compute_s);
    QCOMPARE(flash.bound, Bound::compute);
    VERIFY_SAME(flash.flops, 187099512832.);
    VERIFY_SAME(flash.bytes_moved, 809500672.);
    VERIFY_SAME(flash.rows, 0.);
    VERIFY_NEAR(flash.efficiency->mfu, 510. / 989, rounding_of_estimate);
    VERIFY_SAME(flash.rate->flops, 1e15);
    QVERIFY(result.flash_mla == flash_of(round_numbers(), round_machine()));

    const Estimate dual = estimate(with_policy(round_numbers(), Policy::dual_mbatch));
    VERIFY_NEAR(op(dual.blocks.front(), OpId::flash_mla).time_s, 64 * (773849088 / (1e15 * 510 / 989) + 1.7288e-6),
        rounding_of_estimate);
}

void TestEstimate::flash_mla_bound_by_memory()
{
    Scenario scenario = round_numbers();
    scenario.chip.memory_bandwidth = quantity(1e12, Dimension::bytes_per_second);
    const OperatorEstimate flash = op(estimate(scenario).blocks.front(), OpId::flash_mla);
    VERIFY_NEAR(flash.time_s, 128 * 6324224 / 1e12, rounding_of_estimate); // 6.3 us a sequence against 3.2 us
    QCOMPARE(flash.bound, Bound::memory);
}

void TestEstimate::tile_sram()
{
    const auto tile = [](double kv, double param, std::int64_t heads) {
        Scenario scenario = round_numbers();
        scenario.point.kv_elem_size = kv;
        scenario.point.param_elem_size = param;
        scenario.model.heads = heads;
        return flash_of(scenario, round_machine()).tile_sram;
    };
    VERIFY_SAME(tile(2, 2, 128), 221184.); // 64*576*2 + 128*576*2
    VERIFY_SAME(tile(1, 2, 128), 147456.); // 64*576*2 + 128*576
    VERIFY_SAME(tile(2, 1, 128), 184320.); // 64*576 + 128*576*2
    VERIFY_SAME(tile(1, 1, 128), 110592.);
    VERIFY_SAME(tile(2, 2, 16), 165888.); // 16*576*2 + 128*576*2: no more rows than there are
    // It is FlashMLA's, whatever tiles the GEMMs have.
    Scenario scenario = round_numbers();
    scenario.profile.gemm_tile_rows = 32;
    VERIFY_SAME(flash_of(scenario, round_machine()).tile_sram, 221184.);
    scenario.profile.query_tile_rows = 32;
    VERIFY_SAME(flash_of(scenario, round_machine()).tile_sram, 184320.); // 32*576*2 + 128*576*2
    for (const char *name : {"published-v1", "calibrated"}) {
        scenario.profile = *shipped_library().profile(name).value;
        VERIFY_SAME(flash_of(scenario, round_machine()).tile_sram, 221184.);
    }
}

void TestEstimate::stages_sum_operators_in_order()
{
    for (const Policy policy : {Policy::naive, Policy::dual_mbatch}) {
        const BlockEstimate block = estimate(with_policy(round_numbers(), policy)).blocks.front();
        const auto t = [&](OpId id) { return seconds(block, id); };
        const std::vector<StageEstimate> expected = {
            {Stage::attn0, t(OpId::q_down) + t(OpId::q_up) + t(OpId::q_absorb) + t(OpId::kv_compress)},
            {Stage::attn1, t(OpId::flash_mla) + t(OpId::v_up) + t(OpId::o_proj)},
            {Stage::dispatch, t(OpId::dispatch)},
            {Stage::shared, t(OpId::shared_up) + t(OpId::shared_down)},
            {Stage::routed, t(OpId::routed_up) + t(OpId::routed_down)},
            {Stage::combine, t(OpId::combine)},
        };
        QVERIFY(block.stages == expected);
        const std::vector<OpId> order = {OpId::q_down, OpId::q_up, OpId::q_absorb, OpId::kv_compress, OpId::flash_mla,
            OpId::v_up, OpId::o_proj, OpId::dispatch, OpId::shared_up, OpId::shared_down, OpId::routed_up,
            OpId::routed_down, OpId::combine};
        QVERIFY(ids_of(block) == order);
    }
}

void TestEstimate::naive_windows()
{
    for (const double bandwidth : {5e9, 50e9, 5e12}) {
        Scenario scenario = round_numbers();
        scenario.nic.bandwidth = quantity(bandwidth, Dimension::bytes_per_second);
        const BlockEstimate block = estimate(scenario).blocks.front();
        const auto t = [&](OpId id) { return seconds(block, id); };
        const double attn0 = t(OpId::q_down) + t(OpId::q_up) + t(OpId::q_absorb) + t(OpId::kv_compress);
        const double attn1 = t(OpId::flash_mla) + t(OpId::v_up) + t(OpId::o_proj);
        const double shared = t(OpId::shared_up) + t(OpId::shared_down);
        const double routed = t(OpId::routed_up) + t(OpId::routed_down);
        const double dispatch = 7340032 / bandwidth, combine = 14680064 / bandwidth; // 8 * 128 * 7168 elements
        const bool network_wins = bandwidth < 1e12;
        VERIFY_NEAR(t(OpId::dispatch), dispatch, rounding_of_estimate);
        VERIFY_NEAR(t(OpId::combine), combine, rounding_of_estimate);
        QCOMPARE(dispatch > shared, network_wins);

        const std::vector<WindowEstimate> expected = {
            {{Stage::attn0}, {}, attn0, 0, attn0, 0},
            {{Stage::attn1}, {}, attn1, 0, attn1, 0},
            {{Stage::shared}, {Stage::dispatch}, shared, t(OpId::dispatch), network_wins ? t(OpId::dispatch) : shared,
                network_wins ? t(OpId::dispatch) - shared : 0},
            {{Stage::routed}, {}, routed, 0, routed, 0},
            {{}, {Stage::combine}, 0, t(OpId::combine), t(OpId::combine), t(OpId::combine)},
        };
        QVERIFY(block.windows == expected);
        QCOMPARE(block.kind, BlockKind::sparse_layer);
        QCOMPARE(block.count, std::int64_t{61});
        QCOMPARE(block.repeats, std::int64_t{1});
        VERIFY_SAME(block.time_s, attn0 + attn1 + expected[2].time_s + routed + t(OpId::combine));
    }
}

void TestEstimate::dual_mbatch_windows()
{
    for (const double bandwidth : {1e9, 50e9, 1e12}) {
        Scenario scenario = with_policy(round_numbers(256), Policy::dual_mbatch);
        scenario.nic.bandwidth = quantity(bandwidth, Dimension::bytes_per_second);
        const BlockEstimate block = estimate(scenario).blocks.front();
        const auto t = [&](OpId id) { return seconds(block, id); };
        const double attn0 = t(OpId::q_down) + t(OpId::q_up) + t(OpId::q_absorb) + t(OpId::kv_compress);
        const double attn1 = t(OpId::flash_mla) + t(OpId::v_up) + t(OpId::o_proj);
        const double shared = t(OpId::shared_up) + t(OpId::shared_down);
        const double routed = t(OpId::routed_up) + t(OpId::routed_down);
        const double dispatch = t(OpId::dispatch), combine = t(OpId::combine);
        VERIFY_NEAR(dispatch, 7340032 / bandwidth, rounding_of_estimate); // 128 sequences a micro-batch
        VERIFY_NEAR(combine, 14680064 / bandwidth, rounding_of_estimate);
        // 1 GB/s hides the computation, 50 GB/s one window of the two, 1 TB/s neither.
        QCOMPARE(combine > attn1, bandwidth < 2e9);
        QCOMPARE(dispatch > attn0 + shared, bandwidth < 100e9);

        const std::vector<WindowEstimate> expected = {
            {{Stage::attn1}, {Stage::combine}, attn1, combine, bandwidth < 2e9 ? combine : attn1,
                bandwidth < 2e9 ? combine - attn1 : 0},
            {{Stage::routed}, {}, routed, 0, routed, 0},
            {{Stage::attn0, Stage::shared}, {Stage::dispatch}, attn0 + shared, dispatch,
                bandwidth < 100e9 ? dispatch : attn0 + shared, bandwidth < 100e9 ? dispatch - (attn0 + shared) : 0},
        };
        QVERIFY(block.windows == expected);
        QCOMPARE(block.count, std::int64_t{61});
        QCOMPARE(block.repeats, std::int64_t{2});
        VERIFY_SAME(block.time_s, 2 * (expected[0].time_s + routed + expected[2].time_s));
    }
}

void TestEstimate::block_and_step_are_exact_sums()
{
    for (const Policy policy : {Policy::naive, Policy::dual_mbatch}) {
        const Estimate published = estimate(with_policy(round_numbers(), policy));
        VERIFY_SAME(published.blocks[0].total_s, 61 * published.blocks[0].time_s);
        VERIFY_SAME(published.step_s, published.blocks[0].total_s);
        VERIFY_SAME(published.ux_tps, 1 / published.step_s);
        VERIFY_SAME(published.throughput_per_card, published.ux_tps * 128);

        const Estimate whole =
            estimate(with_drafts(with_policy(without(round_numbers(), &Quirks::sparse_layers_only), policy), 3));
        QCOMPARE(whole.blocks.size(), std::size_t{5});
        const auto time = [&](std::size_t block) { return whole.blocks[block].time_s; };
        VERIFY_SAME(whole.step_s, 58 * time(0) + 3 * time(1) + time(2) + 3 * time(3) + 3 * time(4));
        for (const BlockEstimate &block : whole.blocks) {
            double windows_s = 0;
            for (const WindowEstimate &window : block.windows)
                windows_s += window.time_s;
            VERIFY_SAME(block.time_s, static_cast<double>(block.repeats) * windows_s);
            VERIFY_SAME(block.total_s, static_cast<double>(block.count) * block.time_s);
        }
    }
}

void TestEstimate::tokens_per_step_data()
{
    QTest::addColumn<std::int64_t>("drafts");
    QTest::addColumn<double>("acceptance");
    QTest::addColumn<double>("tokens");
    const auto row = [](std::int64_t drafts, double acceptance, double tokens) {
        QTest::addRow("%lld drafts at %g", static_cast<long long>(drafts), acceptance)
            << drafts << acceptance << tokens;
    };
    for (const double acceptance : {0., 0.5, 0.85, 1.})
        row(0, acceptance, 1);
    row(1, 0, 1);
    row(1, 0.85, 1.85);
    row(1, 1, 2);
    row(2, 0, 1);
    row(2, 0.85, 2.5725); // 1 + 0.85 + 0.7225
    row(2, 1, 3);
    row(16, 0, 1);
    row(16, 0.5, 1.9999847412109375); // 2 - 2^-16
    row(16, 1, 17);
}

void TestEstimate::tokens_per_step()
{
    QFETCH(std::int64_t, drafts);
    QFETCH(double, acceptance);
    QFETCH(double, tokens);
    Scenario scenario = with_drafts(round_numbers(), drafts);
    scenario.workload.acceptance = acceptance;
    const Estimate result = estimate(scenario);
    VERIFY_NEAR(result.tokens_per_step, tokens, 1e-15);
    VERIFY_SAME(result.ux_tps, result.tokens_per_step / result.step_s);
    VERIFY_SAME(result.throughput_per_card, result.ux_tps * 128);
    scenario.workload.acceptance = 0.3;
    VERIFY_SAME(estimate(scenario).step_s, result.step_s);
}

void TestEstimate::drafts_multiply_the_tokens()
{
    for (const std::int64_t drafts : {0, 1, 2, 16}) {
        const double t = 64 * static_cast<double>(1 + drafts);
        const BlockEstimate block =
            estimate(with_drafts(with_policy(round_numbers(), Policy::dual_mbatch), drafts)).blocks.front();
        for (const OpId id : {OpId::q_down, OpId::q_up, OpId::q_absorb, OpId::kv_compress, OpId::v_up, OpId::o_proj,
                 OpId::shared_up, OpId::shared_down})
            QVERIFY2(op(block, id).rows == t, of("M", id, op(block, id).rows, t));
        for (const OpId id : {OpId::routed_up, OpId::routed_down})
            QVERIFY2(op(block, id).rows == 8 * t, of("M", id, op(block, id).rows, 8 * t));
        VERIFY_SAME(op(block, OpId::dispatch).bytes_sent, 8 * t * 7168);
        VERIFY_SAME(op(block, OpId::combine).bytes_sent, 8 * t * 7168 * 2);
    }
}

void TestEstimate::quirk_1_query_projection()
{
    const BlockEstimate mended = estimate(without(round_numbers(), &Quirks::truncated_query_projection)).blocks.front();
    using enum Bound;
    compare(mended,
        {
            // 2*128*7168*1536; 2*(128*7168 + 7168*1536 + 128*1536); K > 4096 and N = 1536 reach the floor
            {OpId::q_down, 128, 7168, 1536, 1, 2818572288, 24248320, 2818572288 / (1e15 * 289 / 1979), 24248320 / 2e12,
                compute},
            // 2*128*1536*24576; 2*(128*1536 + 1536*24576 + 128*24576)
            {OpId::q_up, 128, 1536, 24576, 1, 9663676416, 82182144, 9663676416 / (1e15 * 30 / 312), 82182144 / 2e12,
                compute},
        });
    QVERIFY((changed(mended, estimate(round_numbers()).blocks.front()) == std::vector{OpId::q_down, OpId::q_up}));
}

void TestEstimate::quirk_2_tokens_per_expert()
{
    const Scenario published = round_numbers();
    const BlockEstimate mended = estimate(without(published, &Quirks::experts_see_all_tokens)).blocks.front();
    using enum Bound;
    compare(mended,
        {
            // 8*128 / 4 rows: 4 * 2*256*7168*4096; 4 * (256*7168 + 7168*4096 + 4*256*4096)
            {OpId::routed_up, 256, 7168, 4096, 4, 60129542144, 141557760, 60129542144 / (2e15 * 932 / 1979),
                141557760 / 2e12, memory},
            // 4 * 2*256*2048*7168; 4 * (256*2048 + 2048*7168 + 4*256*7168)
            {OpId::routed_down, 256, 2048, 7168, 4, 30064771072, 90177536, 30064771072 / (2e15 * 815 / 1979),
                90177536 / 2e12, memory},
        });
    QVERIFY((changed(mended, estimate(published).blocks.front()) == std::vector{OpId::routed_up, OpId::routed_down}));

    Scenario thirds = published;
    thirds.point.ep = 100; // ceil(256 / 100) = 3 experts a card
    VERIFY_NEAR(op(estimate(without(thirds, &Quirks::experts_see_all_tokens)).blocks.front(), OpId::routed_up).rows,
        1024. / 3, rounding_of_estimate);
    Scenario one_each = published;
    one_each.point.ep = 256;
    QVERIFY(estimate(one_each) == estimate(without(one_each, &Quirks::experts_see_all_tokens)));
}

void TestEstimate::quirk_3_drafts_in_naive_ffn()
{
    const Scenario published = with_drafts(round_numbers(), 1);
    const BlockEstimate quirky = estimate(published).blocks.front();
    const BlockEstimate mended = estimate(without(published, &Quirks::naive_ffn_ignores_drafts)).blocks.front();
    const auto rows = [](const BlockEstimate &block, OpId id) { return op(block, id).rows; };
    VERIFY_SAME(rows(quirky, OpId::q_down), 256.);
    for (const OpId id : {OpId::shared_up, OpId::shared_down}) {
        VERIFY_SAME(rows(quirky, id), 128.);
        VERIFY_SAME(rows(mended, id), 256.);
    }
    for (const OpId id : {OpId::routed_up, OpId::routed_down}) {
        VERIFY_SAME(rows(quirky, id), 1024.);
        VERIFY_SAME(rows(mended, id), 2048.);
    }
    QVERIFY((changed(quirky, mended)
        == std::vector{OpId::shared_up, OpId::shared_down, OpId::routed_up, OpId::routed_down}));

    const Scenario dual = with_policy(published, Policy::dual_mbatch);
    QVERIFY(estimate(dual) == estimate(without(dual, &Quirks::naive_ffn_ignores_drafts)));
    QVERIFY(estimate(round_numbers()) == estimate(without(round_numbers(), &Quirks::naive_ffn_ignores_drafts)));
}

void TestEstimate::quirk_4_blocks_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<std::int64_t>("drafts");
    QTest::newRow("naive") << Policy::naive << std::int64_t{0};
    QTest::newRow("dual-mbatch") << Policy::dual_mbatch << std::int64_t{0};
    QTest::newRow("naive, 3 drafts") << Policy::naive << std::int64_t{3};
    QTest::newRow("dual-mbatch, 3 drafts") << Policy::dual_mbatch << std::int64_t{3};
}

void TestEstimate::quirk_4_blocks()
{
    QFETCH(Policy, policy);
    QFETCH(std::int64_t, drafts);
    const Scenario published = with_drafts(with_policy(round_numbers(), policy), drafts);
    QCOMPARE(estimate(published).blocks.size(), std::size_t{1});
    const Estimate whole = estimate(without(published, &Quirks::sparse_layers_only));

    struct Block {
        BlockKind kind;
        std::int64_t count, repeats;
        std::vector<OpId> ids;
        std::vector<Stage> stages;
        std::size_t windows;
    };
    using enum OpId;
    const std::int64_t micro_batches = policy == Policy::naive ? 1 : 2;
    const std::vector<OpId> sparse = {attn_norm, q_down, q_up, q_absorb, kv_compress, flash_mla, v_up, o_proj, ffn_norm,
        router, dispatch, shared_up, shared_down, routed_up, routed_down, combine};
    const std::vector<Stage> sparse_stages = {
        Stage::attn0, Stage::attn1, Stage::dispatch, Stage::shared, Stage::routed, Stage::combine};
    const std::size_t sparse_windows = policy == Policy::naive ? 5 : 3;
    std::vector<Block> expected = {
        {BlockKind::sparse_layer, 58, micro_batches, sparse, sparse_stages, sparse_windows},
        {BlockKind::dense_layer, 3, micro_batches,
            {attn_norm, q_down, q_up, q_absorb, kv_compress, flash_mla, v_up, o_proj, ffn_norm, dense_up, dense_down},
            {Stage::attn0, Stage::attn1, Stage::dense}, 3},
        {BlockKind::outside_layers, 1, 1, {embedding, final_norm, head}, {Stage::outside}, 1},
    };
    if (drafts > 0) {
        expected.push_back({BlockKind::mtp_layer, drafts, micro_batches, sparse, sparse_stages, sparse_windows});
        expected.push_back(
            {BlockKind::mtp_outside, drafts, 1, {embedding, mtp_proj, final_norm, head}, {Stage::outside}, 1});
    }
    QCOMPARE(whole.blocks.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const BlockEstimate &block = whole.blocks[i];
        QCOMPARE(block.kind, expected[i].kind);
        QCOMPARE(block.count, expected[i].count);
        QCOMPARE(block.repeats, expected[i].repeats);
        QVERIFY(ids_of(block) == expected[i].ids);
        QCOMPARE(block.windows.size(), expected[i].windows);
        std::vector<Stage> stages;
        for (const StageEstimate &stage : block.stages)
            stages.push_back(stage.stage);
        QVERIFY(stages == expected[i].stages);
    }
}

// 3 drafts and the token itself: 512 rows of the main model, 128 of the MTP layer, which runs 3 times.
void TestEstimate::quirk_4_products()
{
    const Scenario scenario = with_drafts(without(round_numbers(), &Quirks::sparse_layers_only), 3);
    const Estimate whole = estimate(scenario);
    QCOMPARE(whole.blocks.size(), std::size_t{5});
    using enum Bound;
    constexpr double at_512 = (30 + 200. / 3) / 312;
    // 2*512*7168*256; 2*(512*7168 + 7168*256) + 4*512*256
    compare(whole.blocks[0],
        {{OpId::router, 512, 7168, 256, 1, 1879048192, 11534336, 1879048192 / (1e15 * 30 / 312), 11534336 / 2e12,
            compute}});
    compare(whole.blocks[1],
        {
            // 2*512*7168*36864; 512*7168 + 7168*36864 + 4*512*36864
            {OpId::dense_up, 512, 7168, 36864, 1, 270582939648, 343408640, 270582939648 / (2e15 * at_512),
                343408640 / 2e12, compute},
            // 2*512*18432*7168; 512*18432 + 18432*7168 + 4*512*7168
            {OpId::dense_down, 512, 18432, 7168, 1, 135291469824, 156237824, 135291469824 / (2e15 * at_512),
                156237824 / 2e12, compute},
        });
    // 2*512*7168*129280; 2*(512*7168 + 7168*129280) + 4*512*129280
    compare(whole.blocks[2],
        {{OpId::head, 512, 7168, 129280, 1, 948919336960, 2125463552, 948919336960 / (1e15 * at_512), 2125463552 / 2e12,
            compute}});
    compare(whole.blocks[4],
        {
            // 2*128*14336*7168; 2*(128*14336 + 14336*7168 + 128*7168)
            {OpId::mtp_proj, 128, 14336, 7168, 1, 26306674688, 211025920, 26306674688 / (1e15 * 289 / 1979),
                211025920 / 2e12, compute},
            // 2*128*7168*129280; 2*(128*7168 + 7168*129280) + 4*128*129280
            {OpId::head, 128, 7168, 129280, 1, 237229834240, 1921384448, 237229834240 / (1e15 * 289 / 1979),
                1921384448 / 2e12, compute},
        });
    struct Moved {
        std::size_t block;
        OpId id;
        double bytes; // 2 * tokens * 7168 * 2
    };
    for (const Moved &moved :
        {Moved{0, OpId::attn_norm, 14680064}, Moved{0, OpId::ffn_norm, 14680064}, Moved{1, OpId::attn_norm, 14680064},
            Moved{1, OpId::ffn_norm, 14680064}, Moved{2, OpId::embedding, 14680064},
            Moved{2, OpId::final_norm, 14680064}, Moved{3, OpId::attn_norm, 3670016},
            Moved{4, OpId::embedding, 3670016}, Moved{4, OpId::final_norm, 3670016}}) {
        const OperatorEstimate &one = op(whole.blocks[moved.block], moved.id);
        QVERIFY2(one.bytes_moved == moved.bytes, of("bytes", moved.id, one.bytes_moved, moved.bytes));
        QVERIFY2(is_near(one.time_s, moved.bytes / 2e12, rounding_of_estimate),
            of("time_s", moved.id, one.time_s, moved.bytes / 2e12));
        QVERIFY(one.bound == Bound::memory && one.compute_s == 0 && one.flops == 0 && !one.efficiency && !one.rate);
    }
    // Of one query token, as the sparse layers of a step without drafts.
    QVERIFY(whole.blocks[3].operators == estimate(with_drafts(scenario, 0)).blocks[0].operators);
    QVERIFY2(whole.flash_mla.rows == 512, "of the main model's layers");

    // Embedding and head take both micro-batches together.
    const Estimate dual = estimate(with_policy(scenario, Policy::dual_mbatch));
    VERIFY_SAME(op(dual.blocks[0], OpId::router).rows, 256.);
    QVERIFY(dual.blocks[2].operators == whole.blocks[2].operators);
    VERIFY_SAME(op(dual.blocks[3], OpId::router).rows, 64.);
    QVERIFY(dual.blocks[4].operators == whole.blocks[4].operators);
}

void TestEstimate::quirk_4_models_without_dense_or_sparse_layers()
{
    Scenario scenario = without(round_numbers(), &Quirks::sparse_layers_only);
    scenario.model.dense_layers = 0;
    const Estimate sparse = estimate(scenario);
    QCOMPARE(sparse.blocks.size(), std::size_t{2});
    QCOMPARE(sparse.blocks[0].kind, BlockKind::sparse_layer);
    QCOMPARE(sparse.blocks[0].count, std::int64_t{61});
    QCOMPARE(sparse.blocks[1].kind, BlockKind::outside_layers);
    scenario.model.dense_layers = 61;
    const Estimate dense = estimate(scenario);
    QCOMPARE(dense.blocks.size(), std::size_t{2});
    QCOMPARE(dense.blocks[0].kind, BlockKind::dense_layer);
    QCOMPARE(dense.blocks[0].count, std::int64_t{61});
    QVERIFY(dense.flash_mla == sparse.flash_mla);
}

void TestEstimate::quirk_5_prefixes()
{
    Scenario scenario = round_numbers();
    scenario.chip.bf16 = read("989.5 TiFLOP/s", Dimension::flop_per_second);
    scenario.chip.fp8 = read("1979 TiFLOP/s", Dimension::flop_per_second);
    scenario.chip.fp4 = read("3 PiFLOP/s", Dimension::flop_per_second);
    scenario.chip.memory = read("80 GiB", Dimension::bytes);
    scenario.chip.memory_bandwidth = read("3.5 TiB/s", Dimension::bytes_per_second);
    scenario.chip.clock = read("1.75 GiHz", Dimension::hertz);
    scenario.nic.bandwidth = read("40 GiB/s", Dimension::bytes_per_second);
    const Machine binary = resolve(scenario.profile, scenario.chip, scenario.nic);
    VERIFY_SAME(binary.bf16, 989.5 * 1099511627776);
    VERIFY_SAME(binary.fp8, 1979. * 1099511627776);
    VERIFY_SAME(binary.fp4, 3. * 1125899906842624);
    VERIFY_SAME(binary.memory, 85899345920.);
    VERIFY_SAME(binary.memory_bandwidth, 3848290697216.);
    VERIFY_SAME(binary.exp2_rate, 1600. * 1879048192);
    VERIFY_SAME(binary.reduce_rate, binary.exp2_rate);
    VERIFY_SAME(binary.nic_bandwidth, 42949672960.);

    scenario.profile.quirks.binary_prefixes = false;
    const Machine decimal = resolve(scenario.profile, scenario.chip, scenario.nic);
    VERIFY_NEAR(decimal.bf16, 989.5e12, rounding_of_estimate);
    VERIFY_NEAR(decimal.fp8, 1979e12, rounding_of_estimate);
    VERIFY_NEAR(decimal.fp4, 3e15, rounding_of_estimate);
    VERIFY_SAME(decimal.memory, 85899345920.); // a size, not a rate
    VERIFY_NEAR(decimal.memory_bandwidth, 3.5e12, rounding_of_estimate);
    VERIFY_NEAR(decimal.exp2_rate, 2.8e12, rounding_of_estimate);
    VERIFY_NEAR(decimal.reduce_rate, 2.8e12, rounding_of_estimate);
    VERIFY_NEAR(decimal.nic_bandwidth, 40e9, rounding_of_estimate);
    VERIFY_NEAR(op(estimate(scenario).blocks.front(), OpId::dispatch).time_s, 7340032 / 40e9, rounding_of_estimate);

    scenario.chip.exp2_rate = read("4 Tiop/s", Dimension::ops_per_second);
    scenario.chip.reduce_rate = read("6 Top/s", Dimension::ops_per_second);
    VERIFY_NEAR(resolve(scenario.profile, scenario.chip, scenario.nic).exp2_rate, 4e12, rounding_of_estimate);
    VERIFY_NEAR(resolve(scenario.profile, scenario.chip, scenario.nic).reduce_rate, 6e12, rounding_of_estimate);
    scenario.profile.quirks.binary_prefixes = true;
    VERIFY_SAME(resolve(scenario.profile, scenario.chip, scenario.nic).exp2_rate, 4398046511104.);
    VERIFY_NEAR(resolve(scenario.profile, scenario.chip, scenario.nic).reduce_rate, 6e12, rounding_of_estimate);

    // Decimal values stay as they are.
    QVERIFY(estimate(round_numbers()) == estimate(without(round_numbers(), &Quirks::binary_prefixes)));
}

void TestEstimate::quirk_6_padded_softmax()
{
    const FlashMla quirky = flash_of(round_numbers(), round_machine());
    VERIFY_NEAR(quirky.softmax_s, 1.7288e-6, rounding_of_estimate); // 3 * 128*5120 / 1.6 Top/s + 0.5 us
    const FlashMla mended = flash_of(without(round_numbers(), &Quirks::softmax_counts_unpadded_keys), round_machine());
    VERIFY_NEAR(mended.softmax_s, 1.75952e-6, rounding_of_estimate); // 3 * 128*5248 / 1.6 Top/s + 0.5 us
    VERIFY_SAME(mended.qk_s, quirky.qk_s);
    VERIFY_SAME(mended.pv_s, quirky.pv_s);
    VERIFY_SAME(mended.bytes_moved, quirky.bytes_moved);
    const BlockEstimate block =
        estimate(without(round_numbers(), &Quirks::softmax_counts_unpadded_keys)).blocks.front();
    QVERIFY((changed(block, estimate(round_numbers()).blocks.front()) == std::vector{OpId::flash_mla}));
    VERIFY_NEAR(
        op(block, OpId::flash_mla).time_s, 128 * (773849088 / (1e15 * 510 / 989) + 1.75952e-6), rounding_of_estimate);
}

// Dispatch hides the shared expert, which is all that memory binds.
void TestEstimate::bound_shares_of_a_slow_network()
{
    const Estimate result = estimate(round_numbers());
    VERIFY_NEAR(result.bound.network, 61 * (7340032. + 14680064.) / 50e9, 1e-12);
    VERIFY_SAME(result.bound.memory, 0.);
    VERIFY_NEAR(result.bound.compute, result.step_s - 61 * (7340032. + 14680064.) / 50e9, 1e-12);
    QCOMPARE(result.bound.largest(), Bound::compute);
}

void TestEstimate::bound_shares_of_a_fast_network()
{
    Scenario scenario = round_numbers();
    scenario.nic.bandwidth = quantity(5e12, Dimension::bytes_per_second);
    const Estimate naive = estimate(scenario);
    VERIFY_NEAR(naive.bound.network, 61 * 14680064 / 5e12, 1e-12); // the combine hides behind nothing
    VERIFY_NEAR(naive.bound.memory, 61 * (32374784. + 18612224.) / 2e12, 1e-12); // the shared expert
    VERIFY_NEAR(naive.bound.compute, naive.step_s - naive.bound.network - naive.bound.memory, 1e-12);

    const Estimate dual = estimate(with_policy(scenario, Policy::dual_mbatch));
    VERIFY_SAME(dual.bound.network, 0.);
    const BlockEstimate &block = dual.blocks.front();
    double memory = 0, compute = 0;
    for (const OperatorEstimate &one : block.operators) {
        if (one.bound == Bound::memory)
            memory += 61 * 2 * one.time_s;
        if (one.bound == Bound::compute)
            compute += 61 * 2 * one.time_s;
    }
    QVERIFY(memory > 0 && compute > 0);
    VERIFY_NEAR(dual.bound.memory, memory, 1e-12);
    VERIFY_NEAR(dual.bound.compute, compute, 1e-12);
}

void TestEstimate::bound_shares_sum_to_the_step()
{
    for (const Policy policy : {Policy::naive, Policy::dual_mbatch}) {
        for (const double bandwidth : {1e8, 1e11, 1e12}) {
            for (const std::int64_t drafts : {0, 2}) {
                Scenario scenario = with_drafts(with_policy(round_numbers(), policy), drafts);
                scenario.nic.bandwidth = quantity(bandwidth, Dimension::bytes_per_second);
                for (const bool sparse_only : {true, false}) {
                    scenario.profile.quirks.sparse_layers_only = sparse_only;
                    const Estimate result = estimate(scenario);
                    VERIFY_NEAR(
                        result.bound.compute + result.bound.memory + result.bound.network, result.step_s, 1e-12);
                    QCOMPARE(result.bound.largest() == Bound::network, bandwidth < 1e9);
                }
            }
        }
    }
}

void TestEstimate::largest_bound()
{
    QCOMPARE((BoundShares{3, 2, 1}).largest(), Bound::compute);
    QCOMPARE((BoundShares{2, 3, 1}).largest(), Bound::memory);
    QCOMPARE((BoundShares{1, 2, 3}).largest(), Bound::network);
    QCOMPARE((BoundShares{3, 1, 2}).largest(), Bound::compute);
    QCOMPARE((BoundShares{1, 3, 2}).largest(), Bound::memory);
    QCOMPARE((BoundShares{2, 1, 3}).largest(), Bound::network);
}

void TestEstimate::memory_is_missing()
{
    // EP 64: 22,826,844,160 attention + 5 * 2,554,331,136 experts + 1,189,085,184 dense + 3,706,716,160 embedding and
    // head; 359,862,912 a sequence.
    const Estimate fits = estimate(round_numbers(109));
    QVERIFY(fits.feasible());
    const Estimate result = estimate(round_numbers(120));
    QVERIFY(!result.feasible());
    QVERIFY(reasons_of(result) == std::vector{Reason::memory});
    const Infeasible &memory = result.infeasible.front();
    VERIFY_SAME(memory.needed, 83677850624.);
    VERIFY_SAME(memory.available, 80e9);
    VERIFY_SAME(memory.missing(), 3677850624.);
    QVERIFY(memory.largest_batch == 109);
    const std::string text = text_of(memory);
    QVERIFY2(has_all(text, {"83.7 GB", "80.0 GB", "3.68 GB missing", "largest batch", "109"}), text.c_str());
    QVERIFY(reasons_of(estimate(round_numbers(110))) == std::vector{Reason::memory});
    const Scenario asked = round_numbers(120);
    QVERIFY(result.memory == memory_breakdown(asked.profile, asked.model, asked.workload, 80e9, asked.point));
}

void TestEstimate::no_memory_for_the_weights()
{
    Scenario scenario = round_numbers(4);
    scenario.chip.memory = quantity(24e9, Dimension::bytes);
    const Estimate result = estimate(scenario);
    const Infeasible *memory = reason_in(result, Reason::memory);
    QVERIFY(memory);
    VERIFY_SAME(memory->needed, 40494301184. + 4 * 359862912.);
    QVERIFY(!memory->largest_batch);
    const std::string text = text_of(*memory);
    QVERIFY2(has_all(text, {"41.9 GB", "24.0 GB", "17.9 GB missing", "no batch fits"}), text.c_str());
}

void TestEstimate::target_is_missed_data()
{
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<std::int64_t>("batch");
    QTest::addColumn<double>("memory");
    QTest::addColumn<double>("target_tps");
    // The H800 is faster at 32 naive sequences than at 31 and at 64 than at 60: DeepGEMM's steps.
    QTest::newRow("just missed") << Policy::naive << std::int64_t{128} << 80e9 << 25.;
    QTest::newRow("above a step") << Policy::naive << std::int64_t{128} << 80e9 << 60.;
    QTest::newRow("next to a step") << Policy::naive << std::int64_t{128} << 80e9 << 43.;
    QTest::newRow("small batches") << Policy::naive << std::int64_t{128} << 80e9 << 80.;
    QTest::newRow("dual-mbatch") << Policy::dual_mbatch << std::int64_t{200} << 80e9 << 30.;
    QTest::newRow("memory below the target's batch") << Policy::naive << std::int64_t{128} << 31e9 << 60.;
    QTest::newRow("memory for less than asked") << Policy::naive << std::int64_t{1000} << 80e9 << 30.;
}

void TestEstimate::target_is_missed()
{
    QFETCH(Policy, policy);
    QFETCH(std::int64_t, batch);
    QFETCH(double, memory);
    QFETCH(double, target_tps);
    const Study study = published_study();
    Scenario scenario{study.profile, study.model, study.chips.front(), study.nics.front(), study.workload,
        {policy, 72, 1, 1, 0, batch}, target_tps};
    scenario.chip.memory = quantity(memory, Dimension::bytes);
    scenario.nic.bandwidth = quantity(1e12, Dimension::bytes_per_second);
    const Estimate result = estimate(scenario);
    const Infeasible *target = reason_in(result, Reason::target);
    QVERIFY(target);
    VERIFY_SAME(target->needed, target_tps);
    VERIFY_SAME(target->available, result.ux_tps);
    QVERIFY(target->missing() > 0);

    std::optional<std::int64_t> largest;
    for (std::int64_t tried = policy == Policy::naive ? 1 : 2; tried < batch; ++tried) {
        scenario.point.batch = tried;
        if (estimate(scenario).feasible())
            largest = tried;
    }
    QVERIFY(largest);
    QVERIFY2(target->largest_batch == largest, text_of(*target).c_str());
    const std::string text = text_of(*target);
    QVERIFY2(has_all(text,
                 {short_text(result.ux_tps, Dimension::tokens_per_second),
                     short_text(target_tps, Dimension::tokens_per_second),
                     "batch that reaches it is " + std::to_string(*largest)}),
        text.c_str());
}

void TestEstimate::target_out_of_reach()
{
    Scenario scenario = round_numbers(16);
    scenario.target_tps = 1e5;
    const Estimate result = estimate(scenario);
    QVERIFY(reasons_of(result) == std::vector{Reason::target});
    QVERIFY(!result.infeasible.front().largest_batch);
    const std::string text = text_of(result.infeasible.front());
    QVERIFY2(has_all(text, {"100 ktok/s", "no smaller batch"}), text.c_str());

    scenario.target_tps = result.ux_tps;
    QVERIFY2(estimate(scenario).feasible(), "a target that is just met");
    scenario.target_tps = std::nextafter(result.ux_tps, 1e9);
    QVERIFY(reasons_of(estimate(scenario)) == std::vector{Reason::target});
}

// No batch that fits is fast enough, but a smaller one would be: that is no "no smaller batch reaches it".
void TestEstimate::target_reached_by_what_does_not_fit()
{
    Scenario scenario = round_numbers(16);
    const auto speed = [&](std::int64_t batch) {
        Scenario other = scenario;
        other.point.batch = batch;
        return estimate(other).ux_tps;
    };
    QVERIFY(speed(5) > speed(16));
    scenario.target_tps = (speed(5) + speed(6)) / 2;
    QCOMPARE(*estimate(scenario).infeasible.back().largest_batch, std::int64_t{5});
    scenario.chip.memory = {1e6, &base_unit(Dimension::bytes)}; // not even the weights
    const Estimate result = estimate(scenario);
    QVERIFY((reasons_of(result) == std::vector{Reason::memory, Reason::target}));
    const Infeasible &target = result.infeasible.back();
    QVERIFY(!target.largest_batch);
    QCOMPARE(*target.fast_but_too_large, std::int64_t{5});
    const std::string text = text_of(target);
    QVERIFY2(has_all(text, {"a batch of 5 reaches it but does not fit in memory"}), text.c_str());
    QVERIFY2(text.find("no smaller batch") == std::string::npos, text.c_str());
}

// Steps may take less time than at the batch before, so that the search for it must not trust in their order.
void TestEstimate::the_largest_batch_is_that_of_looking_at_all()
{
    int found = 0, too_large = 0;
    for (const char *name : {"published-v1", "calibrated"}) {
        const Study study = study_named(name);
        for (std::uint64_t index = 0; index < combination_count(study); index += 7) {
            Candidate candidate = candidate_at(study, index * study.search.batch.size());
            candidate.point.batch = 600;
            Scenario scenario = scenario_of(study, candidate);
            const Machine machine = resolve(study.profile, scenario.chip, scenario.nic);
            const Plan plan = make_plan(study.profile, study.model, machine, study.workload, candidate.point);
            const auto speed = [&](std::int64_t batch) {
                return plan.tokens_per_step / step_seconds(study.profile, plan, batch);
            };
            for (const std::int64_t at : {2, 31, 128, 129, 400, 599}) {
                scenario.target_tps = speed(at) * (at % 2 ? 1 : 1.0001);
                const Estimate full = estimate(scenario);
                if (full.feasible() || full.infeasible.back().reason != Reason::target)
                    continue;
                const Limits limits = limits_of(
                    study.profile, study.model, study.workload, full.memory, scenario.point, scenario.target_tps);
                const auto largest = [&](std::int64_t most, std::int64_t least) -> std::optional<std::int64_t> {
                    for (std::int64_t batch = most; batch >= least; --batch) {
                        if (speed(batch) >= scenario.target_tps)
                            return batch;
                    }
                    return std::nullopt;
                };
                const Infeasible &target = full.infeasible.back();
                const auto expected = largest(std::min<std::int64_t>(599, limits.max_batch), limits.least_batch);
                QCOMPARE(target.largest_batch, expected);
                const auto beyond = largest(599, std::max(limits.max_batch + 1, limits.least_batch));
                QCOMPARE(target.fast_but_too_large, expected ? std::nullopt : beyond);
                found += expected.has_value();
                too_large += target.fast_but_too_large.has_value();
            }
        }
    }
    QVERIFY(found > 100 && too_large > 10);
}

void TestEstimate::target_counts_accepted_drafts()
{
    Scenario scenario = with_drafts(round_numbers(16), 1);
    const double steps_per_second = 1 / estimate(scenario).step_s;
    scenario.target_tps = 1.8 * steps_per_second;
    QVERIFY(estimate(scenario).feasible());
    scenario.target_tps = 1.9 * steps_per_second;
    QVERIFY(reasons_of(estimate(scenario)) == std::vector{Reason::target});
}

void TestEstimate::ep_over_the_cards()
{
    Scenario scenario = round_numbers(16);
    scenario.workload.cards = 64;
    QVERIFY(estimate(scenario).feasible());
    scenario.workload.cards = 48;
    const Estimate result = estimate(scenario);
    QVERIFY(reasons_of(result) == std::vector{Reason::ep});
    const Infeasible &ep = result.infeasible.front();
    VERIFY_SAME(ep.needed, 64.);
    VERIFY_SAME(ep.available, 48.);
    VERIFY_SAME(ep.missing(), 16.);
    QVERIFY(!ep.largest_batch);
    QVERIFY2(has_all(text_of(ep), {"EP 64", "cards", "48"}), text_of(ep).c_str());
}

void TestEstimate::fewer_sequences_than_micro_batches()
{
    const Estimate result = estimate(with_policy(round_numbers(1), Policy::dual_mbatch));
    QVERIFY(reasons_of(result) == std::vector{Reason::shape});
    const Infeasible &shape = result.infeasible.front();
    VERIFY_SAME(shape.needed, 2.);
    VERIFY_SAME(shape.available, 1.);
    QVERIFY2(has_all(text_of(shape), {"micro-batches", "needs 2", "has 1"}), text_of(shape).c_str());
    QVERIFY(estimate(with_policy(round_numbers(2), Policy::dual_mbatch)).feasible());
    QVERIFY(estimate(round_numbers(1)).feasible());
}

void TestEstimate::drafting_without_mtp_layer()
{
    Scenario scenario = with_drafts(round_numbers(16), 2);
    QVERIFY(estimate(scenario).feasible());
    scenario.model.mtp_layers = 0;
    const Estimate result = estimate(scenario);
    QVERIFY(reasons_of(result) == std::vector{Reason::shape});
    const Infeasible &shape = result.infeasible.front();
    VERIFY_SAME(shape.needed, 1.);
    VERIFY_SAME(shape.available, 0.);
    QVERIFY2(has_all(text_of(shape), {"MTP layer", "needs 1", "has 0"}), text_of(shape).c_str());
    QVERIFY(estimate(with_drafts(scenario, 0)).feasible());
}

void TestEstimate::all_reasons_in_order()
{
    Scenario scenario = with_drafts(with_policy(round_numbers(1), Policy::dual_mbatch), 1);
    scenario.model.mtp_layers = 0;
    scenario.workload.cards = 8;
    scenario.chip.memory = quantity(16e9, Dimension::bytes);
    scenario.target_tps = 1e5;
    const Estimate result = estimate(scenario);
    QVERIFY(
        (reasons_of(result) == std::vector{Reason::shape, Reason::shape, Reason::ep, Reason::memory, Reason::target}));
    QVERIFY2(std::isfinite(result.step_s) && result.step_s > 0, "an infeasible configuration is worked out too");
}

void TestEstimate::names_of_bounds_and_reasons()
{
    QVERIFY(name_of(Bound::compute) == "compute");
    QVERIFY(name_of(Bound::memory) == "memory");
    QVERIFY(name_of(Bound::network) == "network");
    QVERIFY(name_of(Reason::shape) == "shape");
    QVERIFY(name_of(Reason::ep) == "ep");
    QVERIFY(name_of(Reason::memory) == "memory");
    QVERIFY(name_of(Reason::target) == "target");
}

void TestEstimate::no_notes_without_reason()
{
    for (const std::int64_t drafts : {0, 1}) {
        for (const Policy policy : {Policy::naive, Policy::dual_mbatch}) {
            const Estimate result = estimate(with_drafts(with_policy(round_numbers(), policy), drafts));
            QVERIFY2(result.notes.empty(), result.notes.empty() ? "" : result.notes.front().c_str());
        }
    }
}

void TestEstimate::note_on_odd_batch()
{
    const Estimate odd = estimate(with_policy(round_numbers(101), Policy::dual_mbatch));
    QCOMPARE(odd.notes.size(), std::size_t{1});
    QVERIFY2(has_all(odd.notes.front(), {"odd batch", "micro-batches"}), odd.notes.front().c_str());
    QVERIFY(estimate(with_policy(round_numbers(102), Policy::dual_mbatch)).notes.empty());
    QVERIFY(estimate(round_numbers(101)).notes.empty());
}

void TestEstimate::note_on_flash_mla_efficiency()
{
    const Estimate held = estimate(with_drafts(round_numbers(), 2));
    QCOMPARE(held.notes.size(), std::size_t{1});
    QVERIFY2(has_all(held.notes.front(), {"FlashMLA", "384", "held"}), held.notes.front().c_str());
    Scenario scenario = with_drafts(round_numbers(), 2);
    scenario.model.heads = 64; // 192 rows
    const Estimate interpolated = estimate(scenario);
    QCOMPARE(interpolated.notes.size(), std::size_t{1});
    QVERIFY2(
        has_all(interpolated.notes.front(), {"FlashMLA", "192", "interpolated"}), interpolated.notes.front().c_str());
    scenario.model.heads = 32; // 96 rows
    QVERIFY(!note_with(estimate(scenario), {"FlashMLA", "96", "held"}).empty());
}

void TestEstimate::note_on_rates_fallen_back()
{
    Scenario scenario = round_numbers();
    scenario.workload.expert_elem_size = quantity(0.5625, Dimension::bytes);
    const Estimate to_fp8 = estimate(scenario);
    QCOMPARE(to_fp8.notes.size(), std::size_t{1});
    QVERIFY2(has_all(to_fp8.notes.front(), {"Round", "Shared up, Shared down, Routed up, Routed down", "FP8 rate"}),
        to_fp8.notes.front().c_str());
    scenario.chip.eight_bit = EightBit::int8;
    QVERIFY(!note_with(estimate(scenario), {"Shared up, Shared down, Routed up, Routed down", "INT8 rate"}).empty());
    scenario.chip.fp8.reset();
    QVERIFY(!note_with(estimate(scenario), {"Shared up, Shared down, Routed up, Routed down", "BF16 rate"}).empty());
    scenario.chip.fp4 = quantity(4e15, Dimension::flop_per_second);
    QVERIFY(estimate(scenario).notes.empty());

    Scenario without_fp8 = round_numbers();
    without_fp8.chip.fp8.reset();
    without_fp8.point.kv_elem_size = without_fp8.point.param_elem_size = 1;
    QVERIFY(
        !note_with(estimate(without_fp8), {"Query down", "FlashMLA", "Output projection", "Routed down", "BF16 rate"})
             .empty());
    QVERIFY(note_with(estimate(without_fp8), {"Dispatch"}).empty());
}

void TestEstimate::note_on_assumed_values()
{
    Scenario scenario = round_numbers();
    scenario.chip.assumed = {"sms", "all_reduce_latency"};
    const Estimate result = estimate(scenario);
    QCOMPARE(result.notes.size(), std::size_t{1});
    QVERIFY2(
        has_all(result.notes.front(), {"assumed", "Round", "sms, all_reduce_latency"}), result.notes.front().c_str());
}

void TestEstimate::note_on_sram()
{
    Scenario scenario = round_numbers();
    scenario.chip.sram = quantity(221184, Dimension::bytes);
    QVERIFY2(estimate(scenario).notes.empty(), "the tile just fits");
    scenario.chip.sram = quantity(221183, Dimension::bytes);
    const Estimate result = estimate(scenario);
    QCOMPARE(result.notes.size(), std::size_t{1});
    QVERIFY2(has_all(result.notes.front(), {"SRAM", "221 kB"}), result.notes.front().c_str());
    VERIFY_SAME(result.step_s, estimate(round_numbers()).step_s);
}

void TestEstimate::note_on_ep_1()
{
    Scenario scenario = round_numbers(1);
    scenario.chip.memory = quantity(1e12, Dimension::bytes);
    scenario.point.ep = 1;
    const Estimate result = estimate(scenario);
    QCOMPARE(result.notes.size(), std::size_t{1});
    QVERIFY2(has_all(result.notes.front(), {"EP 1", "NIC"}), result.notes.front().c_str());
}

void TestEstimate::note_on_kernels_for_narrow_operands()
{
    Scenario scenario = round_numbers();
    scenario.point.kv_elem_size = scenario.point.param_elem_size = 0.5;
    scenario.workload.expert_elem_size = quantity(0.5, Dimension::bytes);
    scenario.chip.fp4 = quantity(4e15, Dimension::flop_per_second);
    const auto only_note = [&] {
        const Estimate result = estimate(scenario);
        return result.notes.size() == 1 ? result.notes.front() : std::string("several");
    };
    QCOMPARE(only_note(), std::string("FlashMLA has no kernel for operands below 1 B: it runs at the FP8 rate"));
    scenario.chip.eight_bit = EightBit::int8;
    QCOMPARE(only_note(), std::string("FlashMLA has no kernel for operands below 1 B: it runs at the INT8 rate"));
    scenario.chip.fp8.reset();
    QCOMPARE(only_note(), std::string("FlashMLA has no kernel for operands below 1 B: it runs at the BF16 rate"));
    scenario.chip.fp4.reset(); // what else falls back is said as ever
    QCOMPARE(estimate(scenario).notes.size(), std::size_t{2});
    QVERIFY(note_with(estimate(scenario), {"has no rate as narrow", "FlashMLA"}).empty());
}

void TestEstimate::equal_when_repeated()
{
    Scenario scenario =
        without(with_drafts(with_policy(round_numbers(101), Policy::dual_mbatch), 3), &Quirks::sparse_layers_only);
    scenario.target_tps = 100;
    const Scenario copy = scenario;
    const Estimate first = estimate(scenario);
    QVERIFY(copy == scenario);
    QVERIFY(estimate(copy) == first);
    scenario.point.batch = 102;
    QVERIFY(!(copy == scenario));
    QVERIFY(!(estimate(scenario) == first));
}

EPSCOPE_SUITE(estimate, TestEstimate)
#include "tst_estimate.moc"
