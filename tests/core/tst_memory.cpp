// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/estimate/memory.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const Study &memory_study()
{
    static const Study published = published_study();
    return published;
}

// No two dimensions alike, so that a wrong one shows.
Model model_in_memory()
{
    Model model;
    model.hidden_size = 2;
    model.q_lora_rank = 3;
    model.heads = 5;
    model.qk_nope_head_dim = 7;
    model.qk_rope_head_dim = 11;
    model.kv_lora_rank = 13;
    model.v_head_dim = 17;
    model.layers = 19;
    model.dense_layers = 4;
    model.dense_intermediate = 23;
    model.expert_intermediate = 29;
    model.routed_experts = 10;
    model.experts_per_token = 2;
    model.shared_experts = 3;
    model.vocabulary = 31;
    model.mtp_layers = 1;
    return model;
}

Point point(std::int64_t ep, double kv, double param, std::int64_t drafts, std::int64_t batch = 100)
{
    return {Policy::dual_mbatch, ep, kv, param, drafts, batch};
}

double attention_parameters(const Model &model)
{
    const Machine machine;
    const Point any = point(72, 2, 2, 0);
    return layer_memory(StepInputs<double>(memory_study().profile, model, machine, memory_study().workload, any))
        .attention.parameters;
}

MemoryBreakdown of(const Point &asked, double memory = 80e9)
{
    return memory_breakdown(memory_study().profile, memory_study().model, memory_study().workload, memory, asked);
}

} // namespace

class TestMemory : public QObject {
    Q_OBJECT

private slots:
    void attention_of_deepseek_v3();
    void attention_of_distinct_dimensions();
    void experts_per_card_rounds_up_data();
    void experts_per_card_rounds_up();
    void weights_of_deepseek_v3_data();
    void weights_of_deepseek_v3();
    void weights_of_distinct_dimensions();
    void expert_elements_change_the_experts_alone();
    void kv_per_sequence_data();
    void kv_per_sequence();
    void kv_cache_and_what_is_left();
    void parts_sum_to_the_weights();
    void largest_batch_of_published_chips_data();
    void largest_batch_of_published_chips();
    void largest_batch_to_the_byte();
    void no_batch_where_the_weights_do_not_fit();
    void usable_fraction();
};

void TestMemory::attention_of_deepseek_v3()
{
    // 7168*1536 + 1536*24576 + 7168*576 + 512*128*(128+128) + 16384*7168
    // = 11,010,048 + 37,748,736 + 4,128,768 + 16,777,216 + 117,440,512
    VERIFY_SAME(attention_parameters(memory_study().model), 187105280.);
}

void TestMemory::attention_of_distinct_dimensions()
{
    // 2*3 + 3*5*(7+11) + 2*(13+11) + 13*5*(7+17) + 5*17*2 = 6 + 270 + 48 + 1560 + 170
    VERIFY_SAME(attention_parameters(model_in_memory()), 2054.);
}

void TestMemory::experts_per_card_rounds_up_data()
{
    QTest::addColumn<std::int64_t>("ep");
    QTest::addColumn<std::int64_t>("experts");
    const std::pair<std::int64_t, std::int64_t> rows[] = {{1, 256}, {2, 128}, {3, 86}, {72, 4}, {85, 4}, {86, 3},
        {127, 3}, {128, 2}, {144, 2}, {255, 2}, {256, 1}, {257, 1}, {320, 1}, {1024, 1}};
    for (const auto &[ep, experts] : rows)
        QTest::addRow("EP %lld", static_cast<long long>(ep)) << ep << experts;
}

void TestMemory::experts_per_card_rounds_up()
{
    QFETCH(std::int64_t, ep);
    QFETCH(std::int64_t, experts);
    QCOMPARE(experts_per_card(memory_study().model, ep), experts);
}

void TestMemory::weights_of_deepseek_v3_data()
{
    QTest::addColumn<std::int64_t>("ep");
    QTest::addColumn<double>("param");
    QTest::addColumn<std::int64_t>("drafts");
    QTest::addColumn<double>("attention");
    QTest::addColumn<double>("routed");
    QTest::addColumn<double>("mtp");
    QTest::addColumn<double>("weights");
    const auto row = [](std::int64_t ep, double param, std::int64_t drafts, double attention, double routed, double mtp,
                         double weights) {
        QTest::addRow("EP %lld, %g B, %lld drafts", static_cast<long long>(ep), param, static_cast<long long>(drafts))
            << ep << param << drafts << attention << routed << mtp << weights;
    };
    // attention: 61 * 187,105,280 * pe = 11,413,422,080 * pe
    // routed: 58 * epc * 3*7168*2048 = epc * 58 * 44,040,192 = epc * 2,554,331,136
    // shared: 2,554,331,136; dense: 3 * 3*7168*18432 = 1,189,085,184; embedding and head: 2*129280*7168*2 =
    // 3,706,716,160 MTP layer: pe * (187,105,280 + 2*7168*7168 = 102,760,448) + (1 + epc) * 44,040,192 = pe *
    // 289,865,728 + (1 + epc) * 44,040,192
    row(72, 2, 0, 22826844160, 10217324544, 0, 40494301184);
    row(72, 2, 1, 22826844160, 10217324544, 579731456 + 220200960, 41294233600);
    row(72, 1, 0, 11413422080, 10217324544, 0, 29080879104);
    row(72, 1, 1, 11413422080, 10217324544, 289865728 + 220200960, 29590945792);
    row(144, 2, 0, 22826844160, 5108662272, 0, 35385638912);
    row(144, 2, 1, 22826844160, 5108662272, 579731456 + 132120576, 36097490944);
    row(144, 1, 0, 11413422080, 5108662272, 0, 23972216832);
    row(144, 1, 2, 11413422080, 5108662272, 289865728 + 132120576, 24394203136);
    row(320, 2, 0, 22826844160, 2554331136, 0, 32831307776);
    row(320, 2, 1, 22826844160, 2554331136, 579731456 + 88080384, 33499119616);
    row(320, 1, 0, 11413422080, 2554331136, 0, 21417885696);
    row(320, 1, 16, 11413422080, 2554331136, 289865728 + 88080384, 21795831808);
}

void TestMemory::weights_of_deepseek_v3()
{
    QFETCH(std::int64_t, ep);
    QFETCH(double, param);
    QFETCH(std::int64_t, drafts);
    QFETCH(double, attention);
    QFETCH(double, routed);
    QFETCH(double, mtp);
    QFETCH(double, weights);
    const MemoryBreakdown result = of(point(ep, 2, param, drafts));
    VERIFY_SAME(result.attention, attention);
    VERIFY_SAME(result.shared_experts, 2554331136.);
    VERIFY_SAME(result.routed_experts, routed);
    VERIFY_SAME(result.dense_ffn, 1189085184.);
    VERIFY_SAME(result.embedding_and_head, 3706716160.);
    VERIFY_SAME(result.mtp, mtp);
    VERIFY_SAME(result.weights, weights);
}

void TestMemory::weights_of_distinct_dimensions()
{
    Workload workload = memory_study().workload;
    workload.expert_elem_size = {0.5, &base_unit(Dimension::bytes)};
    workload.context = 37;
    const MemoryBreakdown result =
        memory_breakdown(memory_study().profile, model_in_memory(), workload, 1e6, point(4, 0.75, 2, 2, 6));
    VERIFY_SAME(result.attention, 78052.); // 19 * 2054 * 2
    VERIFY_SAME(result.shared_experts, 3915.); // 15 * 3 * (3*2*29 = 174) * 0.5
    VERIFY_SAME(result.routed_experts, 3915.); // 15 * ceil(10/4) * 174 * 0.5
    VERIFY_SAME(result.dense_ffn, 552.); // 4 * 3*2*23 * 1
    VERIFY_SAME(result.embedding_and_head, 248.); // 2 * 31*2 * 2
    VERIFY_SAME(result.mtp, 4646.); // 2054*2 + (3 + 3) * 174 * 0.5 + 2*2*2 * 2
    VERIFY_SAME(result.weights, 91328.);
    VERIFY_SAME(result.kv_per_sequence, 14400.); // 24 * 0.75 * 20 * (37 + 3)
    VERIFY_SAME(result.kv_cache, 86400.);
    QCOMPARE(result.max_batch, std::int64_t{63}); // 908,672 / 14,400 = 63.1
}

void TestMemory::expert_elements_change_the_experts_alone()
{
    Workload workload = memory_study().workload;
    workload.expert_elem_size = {0.5625, &base_unit(Dimension::bytes)};
    const MemoryBreakdown narrow =
        memory_breakdown(memory_study().profile, memory_study().model, workload, 80e9, point(72, 2, 2, 0));
    VERIFY_SAME(narrow.attention, 22826844160.);
    VERIFY_SAME(narrow.shared_experts, 1436811264.); // 2,554,331,136 * 9/16
    VERIFY_SAME(narrow.routed_experts, 5747245056.); // four of them
    VERIFY_SAME(narrow.dense_ffn, 1189085184.);
    VERIFY_SAME(narrow.embedding_and_head, 3706716160.);
}

void TestMemory::kv_per_sequence_data()
{
    QTest::addColumn<std::int64_t>("context");
    QTest::addColumn<double>("kv");
    QTest::addColumn<std::int64_t>("drafts");
    QTest::addColumn<double>("bytes");
    QTest::newRow("5 Ki, bf16") << std::int64_t{5120} << 2. << std::int64_t{0} << 359862912.; // 576 * 2 * 61 * 5121
    QTest::newRow("5 Ki, fp8") << std::int64_t{5120} << 1. << std::int64_t{0} << 179931456.; // 576 * 1 * 61 * 5121
    QTest::newRow("5 Ki, fp8, 1 draft") << std::int64_t{5120} << 1. << std::int64_t{1}
                                        << 182916864.; // 576 * 1 * 62 * 5122
    QTest::newRow("5 Ki, fp8, 3 drafts") << std::int64_t{5120} << 1. << std::int64_t{3}
                                         << 182988288.; // 576 * 1 * 62 * 5124
    QTest::newRow("1 token, 4 bits") << std::int64_t{1} << 0.5 << std::int64_t{0} << 35136.; // 576 * 0.5 * 61 * 2
    QTest::newRow("1 Mi tokens") << std::int64_t{1048576} << 2. << std::int64_t{16}
                                 << 74894706432.; // 576 * 2 * 62 * 1048593
}

void TestMemory::kv_per_sequence()
{
    QFETCH(std::int64_t, context);
    QFETCH(double, kv);
    QFETCH(std::int64_t, drafts);
    QFETCH(double, bytes);
    Workload workload = memory_study().workload;
    workload.context = context;
    const MemoryBreakdown result =
        memory_breakdown(memory_study().profile, memory_study().model, workload, 80e9, point(72, kv, 2, drafts));
    VERIFY_SAME(result.kv_per_sequence, bytes);
}

void TestMemory::kv_cache_and_what_is_left()
{
    const MemoryBreakdown fits = of(point(72, 2, 2, 0, 100));
    VERIFY_SAME(fits.kv_cache, 35986291200.);
    VERIFY_SAME(fits.usable, 80e9);
    VERIFY_SAME(fits.free, 3519407616.); // 80e9 - 40,494,301,184 - 35,986,291,200
    const MemoryBreakdown too_large = of(point(72, 2, 2, 0, 120));
    VERIFY_SAME(too_large.free, -3677850624.);
    QCOMPARE(too_large.max_batch, fits.max_batch);
}

void TestMemory::parts_sum_to_the_weights()
{
    for (const std::int64_t ep : {1, 7, 72, 255, 1024}) {
        for (const double param : {0.5, 0.5625, 1., 2., 3.7}) {
            for (const std::int64_t drafts : {0, 1, 16}) {
                const MemoryBreakdown result = of(point(ep, 1, param, drafts));
                double sum = result.attention;
                for (const double part : {result.shared_experts, result.routed_experts, result.dense_ffn,
                         result.embedding_and_head, result.mtp})
                    sum += part;
                VERIFY_SAME(result.weights, sum);
            }
        }
    }
}

void TestMemory::largest_batch_of_published_chips_data()
{
    QTest::addColumn<double>("memory");
    QTest::addColumn<Point>("asked");
    QTest::addColumn<std::int64_t>("largest");
    QTest::newRow("80 GB, EP 72, 2 B / 2 B")
        << 80e9 << point(72, 2, 2, 0) << std::int64_t{109}; // 39,505,698,816 / 359,862,912 = 109.78
    QTest::newRow("80 GB, EP 72, 1 B / 1 B")
        << 80e9 << point(72, 1, 1, 0) << std::int64_t{282}; // 50,919,120,896 / 179,931,456 = 282.99
    QTest::newRow("80 GB, EP 72, draft") << 80e9 << point(72, 1, 1, 1)
                                         << std::int64_t{275}; // 50,409,054,208 / 182,916,864 = 275.58
    QTest::newRow("96 GB, EP 320, 2 B / 2 B")
        << 96e9 << point(320, 2, 2, 0) << std::int64_t{175}; // 63,168,692,224 / 359,862,912 = 175.54
    QTest::newRow("48 GB, EP 72, 2 B / 2 B")
        << 48e9 << point(72, 2, 2, 0) << std::int64_t{20}; // 7,505,698,816 / 359,862,912 = 20.86
}

void TestMemory::largest_batch_of_published_chips()
{
    QFETCH(double, memory);
    QFETCH(Point, asked);
    QFETCH(std::int64_t, largest);
    QCOMPARE(of(asked, memory).max_batch, largest);
    asked.policy = Policy::naive;
    asked.batch = 1;
    QCOMPARE(of(asked, memory).max_batch, largest);
}

void TestMemory::largest_batch_to_the_byte()
{
    constexpr double exact = 40494301184. + 10 * 359862912.;
    QCOMPARE(of(point(72, 2, 2, 0, 10), exact).max_batch, std::int64_t{10});
    VERIFY_SAME(of(point(72, 2, 2, 0, 10), exact).free, 0.);
    QCOMPARE(of(point(72, 2, 2, 0, 10), exact - 1).max_batch, std::int64_t{9});
    VERIFY_SAME(of(point(72, 2, 2, 0, 10), exact - 1).free, -1.);
}

void TestMemory::no_batch_where_the_weights_do_not_fit()
{
    // EP 8: 32 experts of each layer, 81,738,596,352 B, on an L20.
    const MemoryBreakdown result = of(point(8, 2, 2, 0, 1), 48e9);
    VERIFY_SAME(result.routed_experts, 81738596352.);
    QCOMPARE(result.max_batch, std::int64_t{0});
    QVERIFY(result.weights > result.usable);
    QVERIFY(result.free < 0);
    // Room for the weights and half a sequence.
    QCOMPARE(of(point(72, 2, 2, 0, 1), 40494301184. + 359862912. / 2).max_batch, std::int64_t{0});
}

void TestMemory::usable_fraction()
{
    Profile profile = memory_study().profile;
    profile.usable_memory_fraction = 0.75;
    const MemoryBreakdown result =
        memory_breakdown(profile, memory_study().model, memory_study().workload, 80e9, point(72, 2, 2, 0, 10));
    VERIFY_SAME(result.usable, 60e9);
    VERIFY_SAME(result.free, 15907069696.); // 60e9 - 40,494,301,184 - 3,598,629,120
    QCOMPARE(result.max_batch, std::int64_t{54}); // 19,505,698,816 / 359,862,912 = 54.2
}

EPSCOPE_SUITE(memory, TestMemory)
#include "tst_memory.moc"
