// SPDX-License-Identifier: GPL-3.0-or-later
// Each operator of each kind of attention once, by hand: the arithmetic of docs/model.md §14 written out for a small
// model on a chip of round numbers, and what a group of cards changes.
#include <cmath>
#include <map>
#include <random>

#include <QTest>

#include "core/estimate/estimate.h"
#include "core/search/search.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestByHand : public QObject {
    Q_OBJECT

private slots:
    void latent_attention();
    void chosen_keys();
    void grouped_queries_with_a_window();
    void grouped_queries_in_a_group();
    void compressed_with_an_indexer();
    void compressed_without_an_indexer();
    void gated_delta_net();
    void kimi_delta_attention();
    void dense_layers_and_what_lies_outside();
    void a_group_of_cards();
    void the_busiest_card_in_a_transfer();
    void a_draft_of_its_own();
    void one_card_is_no_group();
    void latent_caches_are_held_by_every_card();
    void random_models_data();
    void random_models();

private:
    static constexpr double tolerance = 1e-12; // of one order of additions or another

    static Quantity quantity(double si, Dimension dimension) { return {si, &base_unit(dimension)}; }

    // Its balances are points of the curves: BF16 1024 / 4 = 256 FLOP per exp2, FP8 512.
    static Chip round_chip()
    {
        Chip chip = *shipped_library().chip("H200").value;
        chip.name = "Round";
        chip.bf16 = quantity(1024e12, Dimension::flop_per_second);
        chip.fp8 = quantity(2048e12, Dimension::flop_per_second);
        chip.fp4.reset();
        chip.exp2_rate = quantity(4e12, Dimension::ops_per_second);
        chip.memory_bandwidth = quantity(4e12, Dimension::bytes_per_second);
        chip.memory = quantity(200e9, Dimension::bytes);
        chip.clock = quantity(2e9, Dimension::hertz);
        chip.fp8_attention_mfu = 0;
        chip.scale_up_bandwidth = quantity(500e9, Dimension::bytes_per_second);
        chip.scale_up_domain = 8;
        chip.kernel_class = KernelClass::general;
        return chip;
    }

    // What kernels reach of it: 0.73 of the bandwidth; by balance 0.85 of BF16 and 0.65 of FP8 in GEMMs, of which the
    // better product counts, 0.63 and 0.54 in attention. A kernel takes 3.2 us at 2 GHz.
    static constexpr double bandwidth = 0.73 * 4e12;
    static constexpr double gemm_bf16 = 0.85 * 1024e12, gemm_fp8 = 0.65 * 2048e12;
    static constexpr double attention_bf16 = 0.63 * 1024e12, attention_fp8 = 0.54 * 2048e12;
    static constexpr double kernel = 3.2e-6;

    static double gemm_rate(double elem) { return elem <= 1 ? gemm_fp8 : gemm_bf16; }
    // docs/model.md §14: half of the shorter of traffic and computation is not hidden.
    static double gemm(double m, double k, double n, double elem, double count = 1, double kernels = 1)
    {
        const double traffic = count * (m * k * elem + k * n * elem + m * n * 2) / bandwidth;
        const double compute = count * 2 * std::max(m, 32.) * k * n / gemm_rate(elem);
        return std::max(traffic, compute) + 0.5 * std::min(traffic, compute) + kernels * kernel;
    }
    static double moved(double bytes, double kernels) { return bytes / bandwidth + kernels * kernel; }
    static double attention(double cache_bytes, double flop, double rate, double query_bytes, double kernels = 1)
    {
        return std::max(cache_bytes / bandwidth, flop / rate) + query_bytes / bandwidth + kernels * kernel;
    }

    // Eight sequences with a draft token each: 16 tokens; 1002 keys are 1024 padded ones. Hidden size 512.
    static constexpr double b = 8, q = 2, t = 16, S = 1024, H = 512;

    static Model small_model(AttentionShape shape)
    {
        Model model;
        model.name = model.title = model.source = "small";
        model.hidden_size = 512;
        model.expert_intermediate = 64;
        model.routed_experts = 8;
        model.experts_per_token = 2;
        model.shared_experts = 1;
        model.vocabulary = 1024;
        model.mtp_layers = 1;
        model.layer_kinds = {{2, 0, std::move(shape)}, {1, 256, MlaShape{16, 192, 128, 32, 16, 32}}};
        take_numbers_of_layers(model);
        return model;
    }

    static Scenario small_scenario(AttentionShape shape)
    {
        Scenario scenario;
        scenario.profile = profile_2026();
        scenario.model = small_model(std::move(shape));
        scenario.chip = round_chip();
        scenario.nic = *shipped_library().nic("CX7-400").value;
        scenario.workload.context = 1000;
        scenario.workload.expert_elem_size = quantity(1, Dimension::bytes);
        scenario.workload.output_elem_size = quantity(2, Dimension::bytes);
        scenario.point = {Policy::naive, 1, 1, 1, 1, 8, 1, ExpertMode::moe_tp};
        return scenario;
    }

    using Times = std::map<std::string, double>;

    static Times times_of(const BlockEstimate &block)
    {
        Times times;
        for (const OperatorEstimate &op : block.operators)
            times[std::string(info_of(op.id).key)] = op.time_s;
        return times;
    }

    static const BlockEstimate &block_of(const Estimate &result, BlockKind kind)
    {
        const auto found = std::find_if(
            result.blocks.begin(), result.blocks.end(), [&](const BlockEstimate &block) { return block.kind == kind; });
        if (found == result.blocks.end())
            throw std::runtime_error("no such block");
        return *found;
    }

    // What every layer with experts has besides its attention, of one card that holds all of them.
    // `small`: kernels of the attention that are no operators.
    static void add_common(Times &times, double small)
    {
        times["attn_norm"] = times["ffn_norm"] = moved(2 * t * H * 2, 1);
        times["router"] = gemm(t, H, 8, 2);
        // Top-k, permutation, activation; two for each 1-byte operand of q, KV and experts, none for the output in
        // BF16.
        times["small_kernels"] = (small + 3 + 2 * 2 + 0 + 2) * kernel;
        times["shared_up"] = gemm(t, H, 2 * 64, 1);
        times["shared_down"] = gemm(t, 64, H, 1);
        times["permute"] = moved(8 * H * t, 0);
        // 32 visits to 8 experts, 4 each. The share of experts with a token, by a popularity even in its logarithm over
        // 1 to 300: 1 - (E1(a) - E1(300 a)) / ln 300 with a = 4 ln 300 / 299, where E1(x) = -expint(-x).
        const double a = 4 * std::log(300.) / 299;
        const double active = 8 * (1 - (std::expint(-300 * a) - std::expint(-a)) / std::log(300.));
        const auto experts = [&](double k, double n) {
            const double traffic = (active * k * n + 32 * (k + 2 * n)) / bandwidth * (1 + 320 / k);
            const double compute = std::max(32., 32 * active) * 2 * k * n / gemm_fp8 * (1 + 320 / k);
            return std::max(traffic, compute) + 0.5 * std::min(traffic, compute) + kernel;
        };
        times["routed_up"] = experts(H, 2 * 64);
        times["routed_down"] = experts(64, H);
    }

    static void compare(const Times &actual, const Times &expected)
    {
        for (const auto &[key, seconds] : expected) {
            const auto found = actual.find(key);
            QVERIFY2(found != actual.end(), key.c_str());
            QVERIFY2(is_near(found->second, seconds, tolerance), both(key, found->second, seconds));
        }
        for (const auto &[key, seconds] : actual)
            QVERIFY2(expected.contains(key), key.c_str());
    }
};

// 16 heads of 32 + 16 and 32, ranks 192 and 128; FP8 cache.
void TestByHand::latent_attention()
{
    const Estimate result = estimate(small_scenario(MlaShape{16, 192, 128, 32, 16, 32, 512 * 512}));
    Times expected;
    add_common(expected, 3);
    expected["q_down"] = gemm(t, H, 192 + 128 + 16, 1);
    expected["q_up"] = gemm(t, 192, 16 * (32 + 16), 1);
    expected["q_absorb"] = gemm(t, 32, 128, 2, 16);
    expected["gate"] = gemm(t, H, 512, 1);
    // 16 heads of two tokens are 32 rows, of a tile of 64. The query of 1-byte kernels is quantised in a pass of its
    // own.
    expected["flash_mla"] = attention(
        b * S * 144, b * 2 * 64 * (144 + 128) * (S + 100), attention_fp8, b * 16 * q * (144 + 128) * 2 * 1.8, 3);
    expected["v_up"] = gemm(t, 128, 32, 2, 16);
    expected["o_proj"] = gemm(t, 16 * 32, H, 2);
    compare(times_of(result.blocks.front()), expected);
}

// An indexer of 4 heads of 32 chooses 256 keys of 160 B, its own key has 36 B; half of the layers run it.
void TestByHand::chosen_keys()
{
    const MlaShape shape{16, 192, 128, 32, 16, 32, 0, 256, 4, 32, 160, 36, 0.5};
    const Estimate result = estimate(small_scenario(shape));
    Times expected;
    add_common(expected, 7);
    expected["q_down"] = gemm(t, H, 336, 1);
    expected["q_up"] = gemm(t, 192, 768, 1);
    expected["q_absorb"] = gemm(t, 32, 128, 2, 16);
    expected["index_q"] = gemm(t, 192, 4 * 32, 1, 0.5, 0.5);
    expected["index_k"] = gemm(t, H, 32 + 4, 2, 0.5, 0.5);
    expected["index_scan"] = attention(0.5 * b * 36 * S, 0.5 * t * 2 * 4 * 32 * S, attention_fp8, 0, 0.5);
    expected["index_top"] = moved(0.5 * t * S * 8, 0.5);
    // Each of the two query tokens reads a choice of its own, as there are more than 256 keys.
    expected["flash_mla"] = attention(b * 256 * 160 * q, b * 2 * 64 * (144 + 128) * (256 + 100), attention_fp8,
        b * 16 * q * (144 + 128) * 2 * 1.8, 3);
    expected["v_up"] = gemm(t, 128, 32, 2, 16);
    expected["o_proj"] = gemm(t, 512, H, 2);
    compare(times_of(result.blocks.front()), expected);
    // Where all keys are chosen the query tokens share them.
    Scenario shorter = small_scenario(shape);
    shorter.workload.context = 200;
    const double seconds = attention(
        b * 256 * 160, b * 2 * 64 * (144 + 128) * (256 + 100), attention_fp8, b * 16 * q * (144 + 128) * 2 * 1.8, 3);
    VERIFY_NEAR(times_of(estimate(shorter).blocks.front()).at("flash_mla"), seconds, tolerance);
}

// 16 heads of 64 with 4 of keys and values of 48, a window of 256, a gate; BF16 cache.
void TestByHand::grouped_queries_with_a_window()
{
    Scenario scenario = small_scenario(GqaShape{16, 4, 64, 48, 256, true});
    scenario.point.kv_elem_size = 2;
    Times expected;
    add_common(expected, 2);
    expected["qkv"] = gemm(t, H, 2 * 16 * 64 + 4 * (64 + 48), 1);
    // Two tokens of 4 heads are 8 rows for each KV head, of a tile of 16: 64 in all.
    expected["attention"] = attention(
        b * 256 * 4 * (64 + 48) * 2, b * 2 * 64 * (64 + 48) * (256 + 100), attention_bf16, b * 16 * q * (64 + 48) * 2);
    expected["o_proj"] = gemm(t, 16 * 48, H, 2);
    compare(times_of(estimate(scenario).blocks.front()), expected);
    // All keys without a window, no gate.
    scenario.model = small_model(GqaShape{16, 4, 64, 48});
    const Times whole = times_of(estimate(scenario).blocks.front());
    VERIFY_NEAR(whole.at("qkv"), gemm(t, H, 16 * 64 + 4 * (64 + 48), 1), tolerance);
    VERIFY_NEAR(whole.at("attention"),
        attention(
            b * S * 4 * (64 + 48) * 2, b * 2 * 64 * (64 + 48) * (S + 100), attention_bf16, b * 16 * q * (64 + 48) * 2),
        tolerance);
}

// Eight cards share four KV heads: each has two query heads and one KV head.
void TestByHand::grouped_queries_in_a_group()
{
    Scenario scenario = small_scenario(GqaShape{16, 4, 64, 48});
    scenario.point.tp = 8;
    const Times times = times_of(estimate(scenario).blocks.front());
    VERIFY_NEAR(times.at("qkv"), gemm(t, H, 2 * 64 + (64 + 48), 1), tolerance);
    VERIFY_NEAR(times.at("attention"),
        attention(
            b * S * (64 + 48), b * 2 * 16 * (64 + 48) * (S + 100), attention_fp8, b * 2 * q * (64 + 48) * 2 * 1.8),
        tolerance);
    VERIFY_NEAR(times.at("o_proj"), gemm(t, 2 * 48, H, 2), tolerance);
}

// CSA: 16 heads of 64, rank 128, 4 output groups of rank 32, a window of 128 and 64 chosen entries of 4 tokens.
void TestByHand::compressed_with_an_indexer()
{
    const Estimate result = estimate(small_scenario(V4Shape{16, 64, 128, 4, 32, 128, 4, 64, 4, 16, 80, 8, 2}));
    Times expected;
    add_common(expected, 75);
    expected["q_down"] = gemm(t, H, 128 + 64, 1);
    expected["q_up"] = gemm(t, 128, 16 * 64, 1);
    expected["compress"] = gemm(t, H, 2 * 2 * 64, 1); // two views of each token
    expected["index_q"] = gemm(t, 128, 4 * 16, 1);
    expected["index_k"] = gemm(t, H, 4 * 16 + 4, 2);
    expected["index_scan"] = attention(b * 8 * S / 4, t * 2 * 4 * 16 * S / 4, attention_fp8, 0);
    expected["index_top"] = moved(t * S / 4 * 8, 1);
    expected["attention"] = attention(
        b * (128 + 64) * 80, b * 2 * 64 * (64 + 64) * (128 + 64 + 100), attention_bf16, b * 16 * q * 2 * 64 * 2);
    expected["o_a"] = gemm(t, 64 * 16 / 4, 32, 2, 4);
    expected["o_proj"] = gemm(t, 4 * 32, H, 2);
    expected["streams"] = moved(2 * (3 * 2 + 2) * t * H * 2, 4);
    compare(times_of(result.blocks.front()), expected);
}

// HCA: entries of 128 tokens, all of which are read. No streams.
void TestByHand::compressed_without_an_indexer()
{
    const Estimate result = estimate(small_scenario(V4Shape{16, 64, 128, 4, 32, 128, 128, 0, 0, 0, 80, 0, 0}));
    Times expected;
    add_common(expected, 75);
    expected["q_down"] = gemm(t, H, 192, 1);
    expected["q_up"] = gemm(t, 128, 1024, 1);
    expected["compress"] = gemm(t, H, 2 * 64, 1);
    expected["attention"] = attention(
        b * (128 + 8) * 80, b * 2 * 64 * (64 + 64) * (128 + 8 + 100), attention_bf16, b * 16 * q * 2 * 64 * 2);
    expected["o_a"] = gemm(t, 256, 32, 2, 4);
    expected["o_proj"] = gemm(t, 128, H, 2);
    compare(times_of(result.blocks.front()), expected);
}

// 4 key heads and 8 value heads of 32, a convolution over 4 tokens, a state in FP32.
void TestByHand::gated_delta_net()
{
    const Estimate result = estimate(small_scenario(LinearShape{LinearForm::gdn, 4, 8, 32, 32, 4, 4}));
    Times expected;
    add_common(expected, 5);
    expected["qkv"] = gemm(t, H, 2 * 128 + 2 * 256 + 2 * 8, 1);
    const double state = 8 * 32 * 32 * 4 + (2 * 128 + 256) * 3 * 2;
    // Read once and written by each token; by the vector units, at 16 FLOP for each exp2.
    const double traffic = b * (1 + q) * state / bandwidth, compute = t * 8 * 8 * 32 * 32 / (16 * 4e12);
    expected["attention"] = std::max(traffic, compute) + kernel;
    expected["o_proj"] = gemm(t, 256, H, 2);
    compare(times_of(result.blocks.front()), expected);
    // No context plays a part, in time or memory.
    VERIFY_NEAR(result.memory.kv_per_sequence, 3 * state + 1 * 1002 * 144, tolerance); // two layers, MTP; a latent one
}

void TestByHand::kimi_delta_attention()
{
    const Estimate result = estimate(small_scenario(LinearShape{LinearForm::kda, 8, 8, 32, 32, 4, 4}));
    Times expected;
    add_common(expected, 5);
    expected["qkv"] = gemm(t, H, 2 * 256 + 2 * 256 + 32 + 8, 1);
    expected["decay"] = gemm(t, 32, 256, 1);
    const double state = 8 * 32 * 32 * 4 + (2 * 256 + 256) * 3 * 2;
    expected["attention"] = std::max(b * (1 + q) * state / bandwidth, t * 8 * 8 * 32 * 32 / (16 * 4e12)) + kernel;
    expected["o_proj"] = gemm(t, 256, H, 2);
    compare(times_of(result.blocks.front()), expected);
}

void TestByHand::dense_layers_and_what_lies_outside()
{
    const Estimate result = estimate(small_scenario(GqaShape{16, 4, 64, 48}));
    const Times dense = times_of(block_of(result, BlockKind::dense_layer));
    VERIFY_NEAR(dense.at("dense_up"), gemm(t, H, 2 * 256, 1), tolerance);
    VERIFY_NEAR(dense.at("dense_down"), gemm(t, 256, H, 1), tolerance);
    VERIFY_NEAR(dense.at("small_kernels"), (3 + 1 + 2 * 2 + 0 + 2) * kernel, tolerance);
    const Times outside = times_of(block_of(result, BlockKind::outside_layers));
    VERIFY_NEAR(outside.at("embedding"), moved(2 * t * H * 2, 1), tolerance);
    VERIFY_NEAR(outside.at("final_norm"), moved(2 * t * H * 2, 1), tolerance);
    VERIFY_NEAR(outside.at("head"), gemm(t, H, 1024, 2), tolerance);
    VERIFY_NEAR(outside.at("sample"), moved(3 * t * 1024 * 4, 5), tolerance);
    // The MTP layer works on one token of each sequence.
    const Times mtp = times_of(block_of(result, BlockKind::mtp_outside));
    VERIFY_NEAR(mtp.at("mtp_proj"), gemm(b, 2 * H, H, 1), tolerance);
    VERIFY_NEAR(times_of(block_of(result, BlockKind::mtp_layer)).at("o_proj"), gemm(b, 16 * 48, H, 2), tolerance);
}

// Four cards that share one attention and cut the experts: all-reduces of m = t H 2 B over links of 0.6 x 500 GB/s.
void TestByHand::a_group_of_cards()
{
    Scenario scenario = small_scenario(MlaShape{16, 192, 128, 32, 16, 32});
    scenario.point.tp = 4;
    const Times times = times_of(estimate(scenario).blocks.front());
    const double m = t * H * 2, link = 0.6 * 500e9;
    const double one_shot = 4.2e-6 + 3 * m / link, two_shot = 4.2e-6 + 9.7e-6 + 2 * m * 3 / 4 / link;
    VERIFY_NEAR(times.at("all_reduce"), std::min(one_shot, two_shot), tolerance);
    VERIFY_NEAR(times.at("all_reduce2"), std::min(one_shot, two_shot), tolerance);
    VERIFY_NEAR(times.at("attn_norm"), moved(2 * t * H * 2, 0), tolerance); // fused into the all-reduce
    VERIFY_NEAR(times.at("q_down"), gemm(t, H, 336, 1), tolerance); // on each card
    VERIFY_NEAR(times.at("q_up"), gemm(t, 192, 4 * 48, 1), tolerance);
    VERIFY_NEAR(times.at("shared_up"), gemm(t, H, 2 * 64 / 4, 1), tolerance);
    // Of 8.4 MB two shots are better.
    scenario.point.batch = 4096;
    const double large = 8192 * H * 2.;
    VERIFY_NEAR(times_of(estimate(scenario).blocks.front()).at("all_reduce"),
        4.2e-6 + 9.7e-6 + 2 * large * 3 / 4 / link, tolerance);
}

// Eight cards, one expert each: the busiest has 1 + sqrt(2 ln 8 (kappa + 1/V)) times the mean, V = 2 x 16 visits to a
// card of a sequence's tokens of eight cards, kappa = ln 300 x 301 / (2 x 299) - 1. Without a latency the transfer is
// nothing but its bytes, in the search as well.
void TestByHand::the_busiest_card_in_a_transfer()
{
    Scenario scenario = small_scenario(GqaShape{16, 4, 64, 48});
    scenario.profile.scale_up_latency = scenario.profile.nic_latency = 0;
    scenario.profile.kernel_overhead = 0;
    scenario.point = {Policy::naive, 8, 1, 1, 1, 8, 1, ExpertMode::all2all};
    const Estimate result = estimate(scenario);
    const double kappa = std::log(300.) * 301 / (2 * 299) - 1;
    const double hot = 1 + std::sqrt(2 * std::log(8.) * (kappa + 1. / 32));
    const double near = 7. / 8 / (0.6 * 500e9);
    const Times times = times_of(result.blocks.front());
    VERIFY_NEAR(times.at("dispatch"), hot * 2 * t * H * 1 * near, tolerance);
    VERIFY_NEAR(times.at("combine"), hot * 2 * t * H * 2 * near, tolerance);

    Study study = published_study();
    study.profile = scenario.profile;
    study.model = scenario.model;
    study.chips = {scenario.chip};
    study.nics = {scenario.nic};
    study.workload = scenario.workload;
    study.search = space_of(scenario.point);
    study.search.batch = {1, 2, 3, 8, 9, 64, 65, 500};
    study.target_tps.number = 0;
    std::size_t compared = 0;
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &found) {
        for (std::size_t i = 0; i < found.batches.size(); ++i) {
            scenario.point.batch = found.batches[i];
            if (same_bits(found.step_s[i], estimate(scenario).step_s))
                ++compared;
        }
    };
    search(study, options);
    QCOMPARE(compared, study.search.batch.size());
}

// A model without an MTP layer whose draft is two dense layers of grouped queries. They run once for each of the draft
// tokens, on one token of each sequence, with embedding, projection, norm, head and sampling around them once each.
void TestByHand::a_draft_of_its_own()
{
    Scenario scenario = small_scenario(MlaShape{16, 192, 128, 32, 16, 32});
    scenario.point.mtp_len = 0;
    const Estimate plain = estimate(scenario);
    scenario.model.mtp_layers = 0;
    VERIFY_SAME(estimate(scenario).step_s, plain.step_s);
    scenario.point.mtp_len = 3;
    QVERIFY(!estimate(scenario).feasible());
    scenario.model.draft = Draft{"EAGLE3", {2, 384, GqaShape{8, 2, 64, 64}}};
    const Estimate result = estimate(scenario);
    QVERIFY(result.feasible());

    const BlockEstimate &layer = block_of(result, BlockKind::mtp_layer);
    QCOMPARE(layer.count, std::int64_t{3 * 2});
    // Context 1000 and four tokens: S is 1024 still.
    Times expected{{"attn_norm", moved(2 * b * H * 2, 1)}, {"ffn_norm", moved(2 * b * H * 2, 1)},
        {"qkv", gemm(b, H, 8 * 64 + 2 * 128, 1)},
        {"attention",
            attention(b * S * 2 * 128, b * 2 * (2 * 16) * 128 * (S + 100), attention_fp8, b * 8 * 128 * 2 * 1.8)},
        {"o_proj", gemm(b, 8 * 64, H, 2)}, {"small_kernels", (2 + 1 + 2 * 2 + 0 + 2) * kernel},
        {"dense_up", gemm(b, H, 2 * 384, 1)}, {"dense_down", gemm(b, 384, H, 1)}};
    compare(times_of(layer), expected);
    const BlockEstimate &around = block_of(result, BlockKind::mtp_outside);
    QCOMPARE(around.count, std::int64_t{3});
    compare(times_of(around),
        {{"embedding", moved(2 * b * H * 2, 1)}, {"mtp_proj", gemm(b, 2 * H, H, 1)},
            {"final_norm", moved(2 * b * H * 2, 1)}, {"head", gemm(b, H, 1024, 2)},
            {"sample", moved(3 * b * 1024 * 4, 5)}});
    // In memory: both layers, the projection, and keys and values of 1004 tokens in each.
    const double weights = 2 * (H * (8 * 64 + 2 * 128) * 1 + 8 * 64 * H * 2 + 3 * H * 384 * 1) + 2 * H * H * 1;
    VERIFY_NEAR(result.memory.mtp, weights, tolerance);
    VERIFY_NEAR(result.memory.kv_per_sequence, 3 * 1004 * 144 + 2 * 1004 * 2 * 128, tolerance);
}

// T = 1 equals no TP to the bit: wherever the experts lie, one card is alone; a search over groups finds the same for
// it.
void TestByHand::one_card_is_no_group()
{
    for (const AttentionShape &shape :
        {AttentionShape(MlaShape{16, 192, 128, 32, 16, 32}), AttentionShape(GqaShape{16, 4, 64, 48, 256, true}),
            AttentionShape(V4Shape{16, 64, 128, 4, 32, 128, 4, 64, 4, 16, 80, 8, 2}),
            AttentionShape(LinearShape{LinearForm::kda, 8, 8, 32, 32, 4, 4})}) {
        Scenario scenario = small_scenario(shape);
        scenario.point.mode = ExpertMode::all2all;
        const Estimate alone = estimate(scenario);
        for (const BlockEstimate &block : alone.blocks) {
            for (const OperatorEstimate &op : block.operators)
                QVERIFY2(op.bytes_sent == 0, std::string(info_of(op.id).key).c_str());
        }
        scenario.point.mode = ExpertMode::moe_tp;
        QVERIFY(estimate(scenario).blocks == alone.blocks);
        VERIFY_SAME(estimate(scenario).step_s, alone.step_s);
        QVERIFY(estimate(scenario).memory == alone.memory);
        VERIFY_SAME(alone.throughput_per_card, alone.ux_tps * 8);

        Study study = published_study();
        study.profile = scenario.profile;
        study.model = scenario.model;
        study.chips = {scenario.chip};
        study.nics = {scenario.nic};
        study.workload = scenario.workload;
        scenario.point.mode = ExpertMode::all2all;
        study.search = space_of(scenario.point);
        study.search.ep = {1, 8};
        study.search.batch = {1, 8, 100};
        const auto steps_of_one_card = [&] {
            std::vector<double> steps;
            SearchOptions options;
            options.threads = 1;
            options.on_combination = [&](const CombinationResult &found) {
                if (found.point.tp == 1 && found.point.mode == ExpertMode::all2all)
                    steps.insert(steps.end(), found.step_s.begin(), found.step_s.end());
            };
            search(study, options);
            return steps;
        };
        const std::vector<double> without = steps_of_one_card();
        QCOMPARE(without.size(), std::size_t{6});
        study.search.tp = {1, 2, 4};
        study.search.mode = {ExpertMode::all2all, ExpertMode::ep_group, ExpertMode::moe_tp};
        QVERIFY(steps_of_one_card() == without);
    }
}

// Latents and V4's entries are those of all heads, so each card of a group holds them; KV heads and states are shared.
void TestByHand::latent_caches_are_held_by_every_card()
{
    const auto bytes_on_a_card = [](const AttentionShape &shape, std::int64_t group) {
        Scenario scenario = small_scenario(shape);
        scenario.model.layer_kinds.resize(1);
        take_numbers_of_layers(scenario.model);
        scenario.point.mtp_len = 0;
        scenario.point.tp = group;
        return estimate(scenario).memory.kv_per_sequence;
    };
    const AttentionShape latent = MlaShape{16, 192, 128, 32, 16, 32};
    const AttentionShape choosing = MlaShape{16, 192, 128, 32, 16, 32, 0, 256, 4, 32, 160, 36, 0.5};
    const AttentionShape compressed = V4Shape{16, 64, 128, 4, 32, 128, 4, 64, 4, 16, 80, 8, 2};
    const AttentionShape grouped = GqaShape{16, 4, 64, 48}, windowed = GqaShape{16, 4, 64, 48, 256};
    const AttentionShape linear = LinearShape{LinearForm::gdn, 8, 8, 32, 32, 4, 4};
    for (const std::int64_t group : {1, 2, 4, 8}) {
        const auto cards = static_cast<double>(group);
        VERIFY_NEAR(bytes_on_a_card(latent, group), 2 * 1001 * 144., tolerance);
        VERIFY_NEAR(bytes_on_a_card(choosing, group), 2 * (1001 * 160 + 0.5 * 1001 * 36), tolerance);
        if (group <= 4)
            VERIFY_NEAR(bytes_on_a_card(compressed, group), 2 * (128 * 80 + 1001 / 4. * (80 + 8)), tolerance);
        VERIFY_NEAR(bytes_on_a_card(grouped, group), 2 * 1001 * 4 * 112 / std::min(cards, 4.), tolerance);
        VERIFY_NEAR(bytes_on_a_card(windowed, group), 2 * 256 * 4 * 112 / std::min(cards, 4.), tolerance);
        VERIFY_NEAR(bytes_on_a_card(linear, group), 2 * (8 * 32 * 32 * 4 + 3 * 256 * 3 * 2) / cards, tolerance);
    }
}

namespace {

class ModelDraw {
public:
    explicit ModelDraw(unsigned seed)
        : random(seed)
    {
    }
    std::int64_t of(std::initializer_list<std::int64_t> values)
    {
        return *(values.begin() + static_cast<std::ptrdiff_t>(random() % values.size()));
    }

    AttentionShape attention()
    {
        switch (random() % 4) {
        case 0: {
            MlaShape mla{of({16, 32, 64, 128}), of({512, 1536}), of({256, 512}), of({64, 128}), of({0, 64}),
                of({64, 128, 256}), of({0, 0, 1 << 20})};
            if (of({0, 1}) != 0) {
                mla.top = of({512, 2048});
                mla.index_heads = of({8, 64});
                mla.index_dim = of({64, 128});
                mla.entry = static_cast<double>(mla.kv_dim() + 80);
                mla.index_entry = static_cast<double>(mla.index_dim + 4);
                mla.own = of({0, 1}) != 0 ? 1 : 0.25;
            }
            return mla;
        }
        case 1: {
            const std::int64_t kv_heads = of({1, 2, 4, 8, 16});
            return GqaShape{kv_heads * of({1, 4, 8}), kv_heads, of({64, 128}), of({64, 128}), of({0, 0, 128, 4096}),
                of({0, 1}) != 0};
        }
        case 2: {
            V4Shape v4{of({16, 64, 128}), of({128, 512}), of({512, 1024}), of({8, 16}), of({256, 1024}), of({128, 512}),
                of({0, 4, 128})};
            v4.entry = static_cast<double>(v4.dim + 72);
            v4.streams = of({0, 4});
            if (v4.ratio == 4) {
                v4.top = of({512, 1024});
                v4.index_heads = 64;
                v4.index_dim = 128;
                v4.index_entry = 64;
            }
            return v4;
        }
        default: {
            const std::int64_t key_heads = of({16, 32});
            return LinearShape{
                of({0, 1}) != 0 ? LinearForm::gdn : LinearForm::kda, key_heads, key_heads * of({1, 2}), 128, 128, 4, 4};
        }
        }
    }

private:
    std::mt19937 random;
};

} // namespace

void TestByHand::random_models_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 0; seed < 60; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

// Models of up to four kinds of layers, mixed as they come: the search has the estimate's bits, memory is positive and
// more context is neither faster nor smaller.
void TestByHand::random_models()
{
    QFETCH(unsigned, seed);
    ModelDraw draw(seed);
    Scenario scenario;
    scenario.profile = profile_2026();
    scenario.chip = *shipped_library().chip(draw.of({0, 1}) != 0 ? "GB200" : "MI355X").value;
    scenario.nic = *shipped_library().nic("CX7-400").value;
    Model &model = scenario.model;
    model.name = model.title = model.source = "drawn";
    model.hidden_size = draw.of({2048, 4096, 7168});
    model.vocabulary = 128 * draw.of({256, 1024});
    model.mtp_layers = draw.of({0, 1});
    model.expert_intermediate = draw.of({1024, 2048});
    model.routed_experts = draw.of({64, 256});
    model.experts_per_token = draw.of({4, 8});
    model.shared_experts = draw.of({0, 1, 2});
    model.expert_latent = draw.of({0, 0, 1024});
    if (model.mtp_layers == 0 && draw.of({0, 1}) != 0)
        model.draft = Draft{"drawn", {draw.of({1, 3}), 4096, draw.attention()}};
    for (std::int64_t kinds = draw.of({1, 2, 3, 4}); kinds > 0; --kinds)
        model.layer_kinds.push_back({draw.of({1, 5, 30}), draw.of({0, 0, 8192}), draw.attention()});
    take_numbers_of_layers(model);
    QVERIFY(inconsistencies(model).empty());
    Study study = published_study();
    study.profile = scenario.profile;
    study.model = model;
    study.chips = {scenario.chip};
    study.nics = {scenario.nic};
    study.workload = scenario.workload;
    for (const auto &[key, value] : {std::pair{"tp", "1,2,8"}, {"mode", "all2all,ep_group,moe_tp"}, {"ep", "1,8,32"},
             {"batch", "1,2,5,8,64,300"}, {"mtp_len", "0,2"}, {"precision", "1 B / 1 B,2 B / 2 B"},
             {"policy", "naive,dual-mbatch"}, {"target_tps", "0"}})
        set(study, key, value);
    std::size_t wrong = 0, combinations = 0;
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &found) {
        ++combinations;
        for (std::size_t i = 0; i < found.batches.size(); ++i) {
            scenario.point = found.point;
            scenario.point.batch = found.batches[i];
            scenario.workload = study.workload;
            const Estimate full = estimate(scenario);
            wrong += same_bits(found.step_s[i], full.step_s) && same_bits(found.ux_tps[i], full.ux_tps) ? 0 : 1;
            const bool sound = full.step_s > 0 && std::isfinite(full.step_s) && full.memory.weights > 0
                && full.memory.kv_per_sequence > 0 && full.memory.max_batch >= 0;
            wrong += sound ? 0 : 1;
            if (i != 3)
                continue;
            double step_s = 0, cache = 0;
            for (const std::int64_t context : {1, 100, 129, 500, 2047, 2049, 8192, 131072}) {
                scenario.workload.context = context;
                const Estimate longer = estimate(scenario);
                wrong += longer.step_s >= step_s && longer.memory.kv_per_sequence >= cache ? 0 : 1;
                step_s = longer.step_s;
                cache = longer.memory.kv_per_sequence;
            }
        }
    };
    search(study, options);
    QVERIFY(combinations > 0);
    QCOMPARE(wrong, std::size_t{0});
}

EPSCOPE_SUITE(by_hand, TestByHand)
#include "tst_by_hand.moc"
