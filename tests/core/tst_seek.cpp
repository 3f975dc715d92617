// SPDX-License-Identifier: GPL-3.0-or-later
// Goal seek against closed forms and against trying every value.
#include <algorithm>
#include <cmath>

#include "core/analysis/seek.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

Goal goal(const std::string &text)
{
    const auto parsed = parse_goal(text);
    if (const auto *problem = std::get_if<std::string>(&parsed))
        throw std::runtime_error(*problem);
    return std::get<Goal>(parsed);
}

Sought sought(const Study &study, const std::string &key, const std::string &wanted)
{
    return seek(study, variable(study, key), goal(wanted));
}

// What the value, as it is printed, gives.
double throughput_with(Study study, const Variable &number, double value)
{
    set(study, number.key, number.text(value));
    const SearchOutcome found = search(study);
    return found.winners.empty() ? 0 : found.winners.front().throughput_per_card;
}

int significant_digits(const std::string &text)
{
    int digits = 0;
    bool leading = true;
    for (const char c : text) {
        if (c == ' ' || c == 'e')
            break;
        if (c == '.' || (leading && c == '0'))
            continue;
        leading = false;
        ++digits;
    }
    return digits;
}

} // namespace

class TestSeek : public QObject {
    Q_OBJECT

private slots:
    void network_in_closed_form_data();
    void network_in_closed_form();
    void finds_every_whole_number_data();
    void finds_every_whole_number();
    void steps_of_capacity();
    void says_how_far_it_holds();
    void unreachable();
    void nothing_serves_anywhere();
    void speed_of_users();
    void at_most();
    void ranges_of_the_search();
    void reads_goals();
    void refuses_goals_data();
    void refuses_goals();
    void grids();
    void rounds_outward();
    void keeps_all_that_it_tried();
    void stops();
};

void TestSeek::network_in_closed_form_data()
{
    QTest::addColumn<double>("factor"); // of the present throughput that is wanted
    QTest::newRow("more") << 1.3;
    QTest::newRow("much more") << 3.0;
    QTest::newRow("a little") << 1.0001;
}

// A hundredth of the bandwidth: step(B) = rest + bytes / B while the network binds both windows.
void TestSeek::network_in_closed_form()
{
    QFETCH(double, factor);
    Study study = one_configuration();
    set(study, "nic.bandwidth", "0.4 GiB/s");
    const Estimate present = only_estimate(study);
    const double rest = present.step_s - present.bound.network;
    const double needed = 0.4 * 0x1p30 * present.bound.network / (present.step_s / factor - rest);
    const double wanted = factor * present.throughput_per_card;
    const Sought answer = sought(study, "nic.bandwidth", "throughput>=" + exact_text(wanted));
    QVERIFY(answer.result == SeekResult::found);
    const Variable number = variable(study, "nic.bandwidth");
    QVERIFY2(answer.answer.value >= needed * (1 - 1e-9) && answer.answer.value <= needed * 1.002,
        (number.text(answer.answer.value) + " for " + number.text(needed)).c_str());
    QVERIFY(number.text(answer.answer.value).ends_with(" GiB/s"));
    QVERIFY(significant_digits(number.text(answer.answer.value)) <= 4);
    QVERIFY(throughput_with(study, number, answer.answer.value) >= wanted);
    VERIFY_SAME(*answer.answer.output, throughput_with(study, number, answer.answer.value));
    VERIFY_SAME(answer.present.value, 0.4 * 0x1p30);
    VERIFY_SAME(*answer.present.output, present.throughput_per_card);
}

void TestSeek::finds_every_whole_number_data()
{
    QTest::addColumn<std::string>("key");
    QTest::addColumn<double>("factor");
    for (const double factor : {0.7, 0.99, 1.005, 1.01, 1.02, 1.3}) {
        for (const char *key : {"context", "batch", "chip.sms", "ep", "mtp_len"})
            QTest::addRow("%s, %g times", key, factor) << std::string(key) << factor;
    }
}

// Of all whole numbers up to a limit that the answer must not pass, the one nearest to the present that meets the goal.
void TestSeek::finds_every_whole_number()
{
    QFETCH(std::string, key);
    QFETCH(double, factor);
    const Study study = one_configuration();
    const double wanted = factor * only_estimate(study).throughput_per_card;
    const Variable number = variable(study, key);
    const double present = *number.stated;
    const Sought answer = sought(study, key, "throughput>=" + exact_text(wanted));
    if (factor <= 1) {
        QVERIFY(answer.result == SeekResult::holds_already);
        VERIFY_SAME(answer.answer.value, present);
        return;
    }
    const double last = std::min(number.info->max, 3 * present);
    const auto apart = [&](double value) {
        return number.info->axis == Axis::log ? std::abs(std::log(value / present)) : std::abs(value - present);
    };
    std::optional<double> nearest;
    for (double value = number.info->min; value <= last; ++value) {
        if (throughput_with(study, number, value) >= wanted && (!nearest || apart(value) <= apart(*nearest)))
            nearest = value;
    }
    if (answer.result == SeekResult::unreachable) {
        QVERIFY2(!nearest, nearest ? exact_text(*nearest).c_str() : "");
        return;
    }
    QVERIFY(answer.result == SeekResult::found);
    if (nearest)
        VERIFY_SAME(answer.answer.value, *nearest);
    else
        QVERIFY(answer.answer.value > last);
}

// A batch that does not fit: the memory that it needs, on a scale of weights and sequences known by hand.
void TestSeek::steps_of_capacity()
{
    Study study = one_configuration();
    const Estimate fits = only_estimate(study);
    const double needed = fits.memory.weights + fits.memory.kv_cache;
    set(study, "chip.memory", "20 GB");
    QVERIFY(needed > 20e9);
    const Sought answer = sought(study, "chip.memory", "throughput>=1");
    QVERIFY(answer.result == SeekResult::found);
    QVERIFY(!answer.present.output);
    QVERIFY(answer.answer.value >= needed && answer.answer.value < needed * 1.001);
    QCOMPARE(variable(study, "chip.memory").text(answer.answer.value),
        exact_text(std::ceil(needed / 1e7) / 100) + " GB"); // tens of GB to four digits
}

void TestSeek::says_how_far_it_holds()
{
    const Study study = one_configuration();
    const Estimate present = only_estimate(study);
    const double needed = present.memory.weights + present.memory.kv_cache;
    const Sought answer = sought(study, "chip.memory", "throughput>=1");
    QVERIFY(answer.result == SeekResult::holds_already);
    VERIFY_SAME(answer.answer.value, 80e9);
    QVERIFY(answer.lowest && !answer.highest);
    QVERIFY(answer.lowest->value >= needed && answer.lowest->value < needed * 1.001);
    QVERIFY(*answer.lowest->output >= 1);
    // A longer context takes memory: it holds up to the last token that fits.
    const Sought longer = sought(study, "context", "throughput>=1");
    QVERIFY(longer.highest && !longer.lowest);
    const double per_token = 64.0 * 576 * 62;
    VERIFY_SAME(longer.highest->value, 5120 + std::floor(present.memory.free / per_token));
}

void TestSeek::unreachable()
{
    const Study study = one_configuration(); // the chip's BF16 rate is not used
    const double present = only_estimate(study).throughput_per_card;
    const Sought answer = sought(study, "chip.bf16", "throughput>=" + exact_text(2 * present));
    QVERIFY(answer.result == SeekResult::unreachable);
    VERIFY_SAME(answer.answer.value, *variable(study, "chip.bf16").stated);
    VERIFY_SAME(*answer.answer.output, present);
    // However fast the network: what computation leaves. All windows hide their network then.
    const Estimate full = only_estimate(study);
    double computing = 0;
    for (const WindowEstimate &window : full.blocks[0].windows)
        computing += window.compute_s;
    const double most = full.tokens_per_step * 64 / (61 * 2 * computing);
    const Sought faster = sought(study, "nic.bandwidth", "throughput>=" + exact_text(1.01 * most));
    QVERIFY(faster.result == SeekResult::unreachable);
    VERIFY_NEAR(*faster.answer.output, most, 1e-3);
    QVERIFY(faster.answer.outcome.best->bound.largest() != Bound::network);
}

void TestSeek::nothing_serves_anywhere()
{
    Study study = one_configuration();
    set(study, "chip.memory", "5 GB");
    const Sought answer = sought(study, "chip.memory_bandwidth", "throughput>=1");
    QVERIFY(answer.result == SeekResult::unreachable);
    QVERIFY(!answer.answer.output);
    QVERIFY(answer.answer.outcome.miss->lacks.reason == Reason::memory);
}

// The search for throughput goes no faster than the target. A goal of speed asks whether anything is that fast.
void TestSeek::speed_of_users()
{
    Study study = with_chip(published_study(), 0);
    set(study, "mtp_len", "0");
    double fastest = 0, at_target = 0;
    SearchOptions options;
    options.threads = 1;
    options.on_combination = [&](const CombinationResult &result) {
        for (std::size_t i = 0; i < result.batches.size(); ++i) {
            if (!result.reason(i) || result.reason(i) == Reason::target)
                fastest = std::max(fastest, result.ux_tps[i]);
        }
    };
    at_target = search(study, options).winners.front().ux_tps;
    QVERIFY(fastest > 1.5 * at_target);
    const std::string fast = exact_text(0.99 * fastest);
    QVERIFY(sought(study, "chip.memory_bandwidth", "ux_tps>=" + fast).result == SeekResult::holds_already);
    QVERIFY(sought(study, "chip.memory_bandwidth", "tpot<=" + exact_text(1 / (0.99 * fastest))).result
        == SeekResult::holds_already);
    // Nothing on this chip is a million times as fast whatever its memory: the fastest is told.
    const Sought answer = sought(study, "chip.memory", "ux_tps>=1000000");
    QVERIFY(answer.result == SeekResult::unreachable);
    VERIFY_SAME(*answer.present.output, fastest);
    QVERIFY(*answer.answer.output >= fastest);
    VERIFY_SAME(answer.study.target_tps.si(), 1e6);
    const Sought time = sought(study, "chip.memory", "tpot<=1us");
    VERIFY_SAME(*time.present.output, 1 / fastest);
}

void TestSeek::at_most()
{
    const Study study = one_configuration();
    const Estimate present = only_estimate(study);
    const Sought answer = sought(study, "batch", "step_time<=" + exact_text(0.75 * present.step_s));
    QVERIFY(answer.result == SeekResult::found);
    std::optional<double> nearest;
    Study tried = study;
    for (int batch = 2; batch < 64; ++batch) {
        set(tried, "batch", std::to_string(batch));
        if (only_estimate(tried).step_s <= 0.75 * present.step_s)
            nearest = batch;
    }
    VERIFY_SAME(answer.answer.value, *nearest);
}

// Several EPs are searched; the present one is that of the best configuration.
void TestSeek::ranges_of_the_search()
{
    const Study study = with_chip(published_study(), 0);
    const Candidate best = search(study).winners.front();
    const Sought answer = sought(study, "ep", "throughput>=" + exact_text(best.throughput_per_card));
    QVERIFY(answer.result == SeekResult::holds_already);
    VERIFY_SAME(answer.present.value, static_cast<double>(best.point.ep));
    const Sought more = sought(study, "ep", "throughput>=" + exact_text(1e6));
    QVERIFY(more.result == SeekResult::unreachable);
}

void TestSeek::reads_goals()
{
    const Goal throughput = goal("throughput>=4500");
    QCOMPARE(throughput.metric, find_metric("throughput"));
    QVERIFY(throughput.at_least);
    VERIFY_SAME(throughput.wanted, 4500.0);
    VERIFY_SAME(goal(" throughput >= 4.5 ktok/s ").wanted, 4500.0);
    const Goal time = goal("tpot<=50ms");
    QVERIFY(!time.at_least);
    VERIFY_SAME(time.wanted, 0.05);
    VERIFY_SAME(*time.speed(), 20.0);
    QVERIFY(!throughput.speed() && !goal("ux_tps<=10").speed());
    QCOMPARE(text_of(time), std::string("tpot <= 50 ms"));
    QCOMPARE(text_of(goal("free_memory>=2GB")), std::string("free_memory >= 2 GB"));
    QVERIFY(time.met_by(0.05) && !time.met_by(0.0500001) && !time.met_by(std::nullopt));
}

void TestSeek::refuses_goals_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("part");
    QTest::newRow("no sign") << std::string("throughput") << std::string("expected OUTPUT>=VALUE");
    QTest::newRow("equal") << std::string("throughput=5") << std::string("expected OUTPUT>=VALUE");
    QTest::newRow("greater") << std::string("throughput>5") << std::string("expected OUTPUT>=VALUE");
    QTest::newRow("misspelt") << std::string("troughput>=5") << std::string("did you mean 'throughput'?");
    QTest::newRow("text output") << std::string("bound_by>=5") << std::string("is no output with a value");
    QTest::newRow("unit") << std::string("tpot<=5 GB") << std::string("unit of a size");
    QTest::newRow("no value") << std::string("tpot<=") << std::string("is not a number");
}

void TestSeek::refuses_goals()
{
    QFETCH(std::string, text);
    QFETCH(std::string, part);
    const auto parsed = parse_goal(text);
    QVERIFY(std::holds_alternative<std::string>(parsed));
    QVERIFY2(std::get<std::string>(parsed).find(part) != std::string::npos, std::get<std::string>(parsed).c_str());
}

void TestSeek::grids()
{
    const Study study = one_configuration();
    for (const char *key : {"chip.memory_bandwidth", "context", "acceptance", "ep", "batch", "mtp_len",
             "chip.all_reduce_latency", "target_tps", "model.dense_layers", "kv_elem_size"}) {
        const Variable number = variable(study, key);
        const std::vector<double> grid = seek_grid(number, *number.stated);
        QVERIFY2(std::is_sorted(grid.begin(), grid.end()) && std::adjacent_find(grid.begin(), grid.end()) == grid.end(),
            key);
        QVERIFY2(std::binary_search(grid.begin(), grid.end(), *number.stated), key);
        VERIFY_SAME(grid.front(), number.info->usual_min);
        VERIFY_SAME(grid.back(), number.info->usual_max);
        QVERIFY2(grid.size() < 600, key);
        // Near the present a thirty-second of an octave apart, 2.2 %, and whole numbers one more.
        for (std::size_t i = 1; i < grid.size() && number.info->axis == Axis::log; ++i) {
            if (grid[i] > *number.stated / 3 && grid[i] < 3 * *number.stated)
                QVERIFY2(grid[i] - grid[i - 1] <= 0.022 * grid[i] + (number.whole ? 1 : 0), key);
        }
    }
    QCOMPARE(seek_grid(variable(study, "mtp_len"), 1).size(), std::size_t{17});
    // What is outside of the usual is looked at too.
    const double tiny = 220e6; // B
    QVERIFY(tiny < variable(study, "chip.memory").info->usual_min);
    VERIFY_SAME(seek_grid(variable(study, "chip.memory"), tiny).front(), tiny);
}

void TestSeek::rounds_outward()
{
    const Study study = one_configuration();
    const Variable bandwidth = variable(study, "nic.bandwidth"); // in GiB/s
    const auto always = [](double) { return true; };
    const auto rounded = [&](double number, bool up, const std::function<bool(double)> &fine) {
        return bandwidth.text(rounded_outward(bandwidth, number * 0x1p30, up, 4, fine));
    };
    QCOMPARE(rounded(51.80341, true, always), std::string("51.81 GiB/s"));
    QCOMPARE(rounded(51.80341, false, always), std::string("51.8 GiB/s"));
    QCOMPARE(rounded(51.8, true, always), std::string("51.8 GiB/s")); // exact already
    QCOMPARE(rounded(1234.5, true, always), std::string("1235 GiB/s"));
    QCOMPARE(rounded(0.0123456, false, always), std::string("0.01234 GiB/s"));
    // 51.81 will not do: as many digits as it takes.
    QCOMPARE(
        rounded(51.80341, true, [](double value) { return value < 51.8035 * 0x1p30; }), std::string("51.80341 GiB/s"));
    QCOMPARE(
        rounded(51.803412, true, [](double value) { return value < 51.8035 * 0x1p30; }), std::string("51.80342 GiB/s"));
    VERIFY_SAME(rounded_outward(variable(study, "context"), 5121, true, 2, always), 5121.0); // whole numbers stay
}

void TestSeek::keeps_all_that_it_tried()
{
    const Study study = with_chip(published_study(), 0);
    const Variable memory = variable(study, "chip.memory");
    for (const char *wanted : {"throughput>=1000", "throughput>=1e9", "tpot<=20ms"}) {
        const Sought found = seek(study, memory, goal(wanted));
        const std::vector<Tried> all = all_tried(found);
        for (std::size_t i = 1; i < all.size(); ++i)
            QVERIFY(all[i - 1].value < all[i].value);
        const auto has = [&](const Tried &tried) {
            return std::any_of(all.begin(), all.end(), [&](const Tried &each) { return each.value == tried.value; });
        };
        for (const Tried &tried : found.grid)
            QVERIFY(has(tried));
        const auto [from, to] = seek_range(memory, found);
        QVERIFY(from >= memory.info->min && to <= memory.info->max);
        for (const std::optional<Tried> &mark :
            {std::optional(found.present), std::optional(found.answer), found.lowest, found.highest}) {
            if (mark)
                QVERIFY(has(*mark) && mark->value >= from && mark->value <= to);
        }
        QVERIFY(from <= *memory.stated / 2 && to >= *memory.stated * 2);
    }
}

void TestSeek::stops()
{
    std::stop_source source;
    Running running;
    running.stop = source.get_token();
    running.progress = [&](std::size_t done, std::size_t) {
        if (done > 5)
            source.request_stop();
    };
    const Study study = with_chip(published_study(), 0);
    QVERIFY(
        seek(study, variable(study, "chip.memory"), goal("throughput>=1e5"), running).result == SeekResult::stopped);
    QVERIFY(seek(study, variable(study, "chip.memory"), goal("throughput>=1e5"), running).result
        == SeekResult::stopped); // before it starts
}

EPSCOPE_SUITE(seek, TestSeek)
#include "tst_seek.moc"
