// SPDX-License-Identifier: GPL-3.0-or-later
// The tornado against searches made one by one, and against shares worked out by hand.
#include <algorithm>
#include <cmath>

#include "core/analysis/sensitivity.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const Bar &bar_of(const Sensitivity &result, const std::string &key)
{
    const auto found =
        std::find_if(result.bars.begin(), result.bars.end(), [&](const Bar &bar) { return bar.variable.key == key; });
    if (found == result.bars.end())
        throw std::runtime_error("no bar " + key);
    return *found;
}

Sensitivity tornado(const Study &study, double percent = 10, const std::string &of = "throughput")
{
    return sensitivity_of(study, metric(of), scalable_variables(study), percent);
}

// The best throughput that search() finds with a number set, or none.
std::optional<double> searched(Study study, const Variable &number, double value)
{
    set(study, number.key, number.text(value));
    const SearchOutcome found = search(study);
    return found.winners.empty() ? std::nullopt : std::optional(found.winners.front().throughput_per_card);
}

// The network's bandwidth from which on no window of the only configuration waits for it.
double enough_bandwidth(const Study &study)
{
    double enough = 0;
    for (const BlockEstimate &block : only_estimate(study).blocks) {
        for (const WindowEstimate &window : block.windows) {
            if (!window.network.empty())
                enough = std::max(enough, window.network_s * study.nics[0].bandwidth.si() / window.compute_s);
        }
    }
    return enough;
}

} // namespace

class TestSensitivity : public QObject {
    Q_OBJECT

private slots:
    void ends_are_searches();
    void follows_the_share_of_the_network();
    void saturates_where_the_network_hides();
    void nothing_serves_at_an_end();
    void speaks_of_any_output();
    void moves_whole_numbers();
    void cuts_at_the_hard_range();
    void without_effect();
    void without_a_base();
    void is_the_same_for_any_threads();
    void stops_and_reports();
};

void TestSensitivity::ends_are_searches()
{
    for (const std::size_t chip : {0, 1}) {
        const Study study = with_chip(published_study(), chip);
        const Sensitivity result = tornado(study);
        QVERIFY(result.complete);
        QVERIFY(*result.base_output == search(study).winners.front().throughput_per_card);
        QVERIFY(result.bars.size() >= 10);
        double widest = std::numeric_limits<double>::infinity();
        for (const Bar &bar : result.bars) {
            const Variable &number = bar.variable;
            QVERIFY2(bar.low.output == searched(study, number, bar.low.value), number.key.c_str());
            QVERIFY2(bar.high.output == searched(study, number, bar.high.value), number.key.c_str());
            if (!number.whole) {
                VERIFY_NEAR(bar.low.value, 0.9 * *number.stated, 1e-15);
                VERIFY_NEAR(bar.high.value, std::min(1.1 * *number.stated, number.info->max), 1e-15);
                const double one_percent = *searched(study, number, 1.01 * *number.stated) / *result.base_output - 1;
                VERIFY_NEAR(bar.marginal.value() + 1, 100 * one_percent + 1, 1e-9);
            }
            QVERIFY2(bar.swing(*result.base_output) <= widest, number.key.c_str());
            widest = bar.swing(*result.base_output);
        }
    }
}

// With a hundredth of the NIC's bandwidth the network binds both of its windows, also 10 % up and down. Its share n of
// the step then shrinks with the bandwidth and nothing else changes: step(f) = step x (1 - n + n / f).
void TestSensitivity::follows_the_share_of_the_network()
{
    Study study = one_configuration();
    set(study, "nic.bandwidth", "0.4 GiB/s");
    const Estimate estimate = only_estimate(study);
    const double share = estimate.bound.network / estimate.step_s;
    QVERIFY(share > 0.9 && share < 1);
    const Bar bar = bar_of(tornado(study), "nic.CX7 400Gbps.bandwidth");
    VERIFY_NEAR(*bar.high.output, estimate.throughput_per_card / (1 - share + share / 1.1), 1e-12);
    VERIFY_NEAR(*bar.low.output, estimate.throughput_per_card / (1 - share + share / 0.9), 1e-12);
    VERIFY_NEAR(*bar.marginal, (1 / (1 - share + share / 1.01) - 1) / 0.01, 1e-9);
    QVERIFY(!bar.high.saturation && !bar.low.saturation);
}

void TestSensitivity::saturates_where_the_network_hides()
{
    Study study = one_configuration();
    const double enough = enough_bandwidth(study);
    const Variable number = variable(study, "nic.bandwidth");
    QVERIFY(!set_variable(study, number, enough / 1.05));
    QVERIFY(only_estimate(study).bound.network > 0);
    const Bar bar = bar_of(tornado(study, 20), number.key); // samples at 5, 10, 15 and 20 %, and beyond
    QVERIFY(bar.high.saturation);
    VERIFY_NEAR(bar.high.saturation->from, enough, 1e-12);
    VERIFY_NEAR(bar.high.saturation->best.bound.network + 1, 1.0, 1e-12);
    QVERIFY(bar.high.saturation->best.bound.largest() != Bound::network);
    QVERIFY(!bar.low.saturation);
    // Plenty of bandwidth at 20 % less: without effect, and nothing to say of where it ends.
    QVERIFY(!set_variable(study, number, 3 * enough));
    const Bar idle = bar_of(tornado(study, 20), number.key);
    VERIFY_SAME(*idle.low.output, *idle.high.output);
    VERIFY_SAME(*idle.marginal, 0.0);
    QVERIFY(!idle.high.saturation && !idle.low.saturation);
    // At 10 % more than enough, 10 % less is still enough, 20 % is not: the upper side is flat from the present on.
    QVERIFY(!set_variable(study, number, 1.1 * enough));
    const Bar upper = bar_of(tornado(study, 20), number.key);
    QVERIFY(upper.high.saturation);
    VERIFY_NEAR(upper.high.saturation->from, 1.1 * enough, 1e-12);
    VERIFY_SAME(*upper.high.output, only_estimate(study).throughput_per_card);
    QVERIFY(*upper.low.output < *upper.high.output);
}

void TestSensitivity::nothing_serves_at_an_end()
{
    Study study = one_configuration();
    const MemoryBreakdown memory = only_estimate(study).memory;
    set(study, "chip.memory", exact_text(1.05 * (memory.weights + memory.kv_cache)));
    const Sensitivity result = tornado(study);
    const Bar &bar = result.bars.front();
    QCOMPARE(bar.variable.key, std::string("chip.H800.memory"));
    QVERIFY(std::isinf(bar.swing(*result.base_output)));
    QVERIFY(!bar.low.output);
    QVERIFY(bar.low.outcome.miss->lacks.reason == Reason::memory);
    VERIFY_SAME(*bar.high.output, *result.base_output);
}

// Ten percent more memory is ten percent more free memory, and a longer context takes it for KV.
void TestSensitivity::speaks_of_any_output()
{
    const Study study = one_configuration();
    const Sensitivity result = tornado(study, 10, "free_memory");
    const MemoryBreakdown memory = only_estimate(study).memory;
    VERIFY_SAME(*result.base_output, memory.free);
    VERIFY_NEAR(*bar_of(result, "chip.H800.memory").high.output, memory.free + 8e9, 1e-12);
    // 576 elements of 1 B in 61 + 1 layers for 512 more tokens of each of 64 sequences.
    VERIFY_NEAR(*bar_of(result, "context").high.output, memory.free - 64.0 * 512 * 576 * 62, 1e-12);
}

void TestSensitivity::moves_whole_numbers()
{
    Study study = one_configuration();
    const Bar bar = bar_of(tornado(study), "chip.H800.sms");
    VERIFY_SAME(bar.low.value, 119.0); // 118.8
    VERIFY_SAME(bar.high.value, 145.0); // 145.2
    const Variable number = bar.variable; // one percent of 132 is one SM
    VERIFY_NEAR(*bar.marginal,
        (*searched(study, number, 133) / only_estimate(study).throughput_per_card - 1) / (1.0 / 132), 1e-9);
    // A scale-up domain of one card has no ten percent.
    const Sensitivity result = tornado(study);
    QVERIFY(std::none_of(result.bars.begin(), result.bars.end(),
        [](const Bar &each) { return each.variable.key == "chip.H800.scale_up_domain"; }));
}

void TestSensitivity::cuts_at_the_hard_range()
{
    Study study = one_configuration();
    set(study, "acceptance", "0.95");
    const Bar bar = bar_of(tornado(study), "acceptance");
    VERIFY_SAME(bar.high.value, 1.0);
    // A step yields 1 + a tokens.
    VERIFY_NEAR(*bar.high.output, only_estimate(study).throughput_per_card * 2 / 1.95, 1e-12);
}

void TestSensitivity::without_effect()
{
    const Study study = one_configuration();
    const Sensitivity result = tornado(study);
    for (const char *key : {"cards", "chip.H800.bf16"}) { // all operands are 8 bit
        const Bar &bar = bar_of(result, key);
        VERIFY_SAME(bar.swing(*result.base_output), 0.0);
        VERIFY_SAME(*bar.marginal, 0.0);
        QVERIFY(!bar.low.saturation && !bar.high.saturation);
    }
}

void TestSensitivity::without_a_base()
{
    Study study = one_configuration();
    set(study, "target_tps", "100000");
    const Sensitivity result = tornado(study);
    QVERIFY(result.complete && result.bars.empty() && !result.base_output);
    QVERIFY(result.base.miss->lacks.reason == Reason::target);
}

void TestSensitivity::is_the_same_for_any_threads()
{
    const Study study = with_chip(published_study(), 0);
    const auto all = [&](unsigned threads) {
        Running running;
        running.threads = threads;
        return sensitivity_of(study, metric("throughput"), scalable_variables(study), 10, running);
    };
    const Sensitivity one = all(1), three = all(3);
    QCOMPARE(one.bars.size(), three.bars.size());
    for (std::size_t i = 0; i < one.bars.size(); ++i) {
        QCOMPARE(one.bars[i].variable.key, three.bars[i].variable.key);
        QVERIFY(one.bars[i].low == three.bars[i].low && one.bars[i].high == three.bars[i].high
            && one.bars[i].marginal == three.bars[i].marginal);
    }
}

void TestSensitivity::stops_and_reports()
{
    const Study study = with_chip(published_study(), 0);
    std::stop_source source;
    Running running;
    running.stop = source.get_token();
    std::size_t calls = 0, most = 0;
    running.progress = [&](std::size_t done, std::size_t all) {
        ++calls;
        most = all;
        if (done > 3)
            source.request_stop();
    };
    const Sensitivity result = sensitivity_of(study, metric("throughput"), scalable_variables(study), 10, running);
    QVERIFY(!result.complete && result.bars.empty());
    QVERIFY(calls > 0 && calls < most);
}

EPSCOPE_SUITE(sensitivity, TestSensitivity)
#include "tst_sensitivity.moc"
