// SPDX-License-Identifier: GPL-3.0-or-later
// What holds for every configuration, checked on random ones.
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "core/estimate/estimate.h"
#include "core/spec/parameters.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr std::size_t configurations = 4000;
constexpr double rounding_of_properties = 1e-12;

class ScenarioGenerator {
public:
    Scenario next()
    {
        const Study &study = studies();
        Scenario scenario{study.profile, study.model, study.chips[size_up_to(study.chips.size())],
            study.nics[size_up_to(study.nics.size())], study.workload, {}, 0};
        vary(scenario.chip);
        scale(scenario.nic.bandwidth);
        Quirks &quirks = scenario.profile.quirks;
        for (bool Quirks::*quirk :
            {&Quirks::truncated_query_projection, &Quirks::experts_see_all_tokens, &Quirks::naive_ffn_ignores_drafts,
                &Quirks::sparse_layers_only, &Quirks::binary_prefixes, &Quirks::softmax_counts_unpadded_keys})
            quirks.*quirk = chance(0.5);
        Workload &workload = scenario.workload;
        workload.context = integer(1, 1048576);
        workload.acceptance = chance(0.2) ? (chance(0.5) ? 0 : 1) : real(0, 1);
        workload.deepgemm = chance(0.5);
        workload.fa3 = std::array{Fa3::none, Fa3::two_stage, Fa3::three_stage, Fa3::as_chip}[size_up_to(4)];
        workload.expert_elem_size = {elem_size(), &base_unit(Dimension::bytes)};
        scenario.point.policy = chance(0.5) ? Policy::naive : Policy::dual_mbatch;
        scenario.point.ep = integer(1, 1024);
        scenario.point.kv_elem_size = elem_size();
        scenario.point.param_elem_size = elem_size();
        scenario.point.mtp_len = chance(0.3) ? 0 : static_cast<std::int64_t>(size_up_to(17));
        scenario.point.batch = integer(1, 65536);
        return scenario;
    }

private:
    std::mt19937 engine{20250316};

    static const Study &studies()
    {
        static const Study study = published_study();
        return study;
    }

    double real(double from, double to) { return std::uniform_real_distribution(from, to)(engine); }
    bool chance(double probability) { return std::bernoulli_distribution(probability)(engine); }
    std::size_t size_up_to(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine); }

    // Spread over the orders of magnitude; the ends themselves now and then.
    std::int64_t integer(std::int64_t from, std::int64_t to)
    {
        if (chance(0.1))
            return chance(0.5) ? from : to;
        return std::llround(std::exp(real(std::log(static_cast<double>(from)), std::log(static_cast<double>(to)))));
    }

    double elem_size()
    {
        constexpr std::array sizes{0.5, 0.5625, 0.75, 1., 2., 4.};
        return chance(0.5) ? sizes[size_up_to(sizes.size())] : real(0.5, 4);
    }

    void scale(Quantity &quantity) { quantity.number *= std::pow(10, real(-1, 1)); }

    void vary(Chip &chip)
    {
        for (Quantity Chip::*member :
            {&Chip::bf16, &Chip::memory, &Chip::memory_bandwidth, &Chip::clock, &Chip::all_reduce_latency})
            scale(chip.*member);
        chip.sms = std::max<std::int64_t>(1, std::llround(static_cast<double>(chip.sms) * std::pow(10, real(-1, 1))));
        if (chance(0.1))
            chip.all_reduce_latency.number = 0;
        if (chance(0.3))
            chip.fp8.reset();
        else
            scale(*chip.fp8);
        if (chance(0.5))
            chip.fp4 = Quantity{4e15 * std::pow(10, real(-1, 1)), &base_unit(Dimension::flop_per_second)};
        if (chance(0.3))
            chip.exp2_rate = Quantity{1e12 * std::pow(10, real(-1, 1)), &base_unit(Dimension::ops_per_second)};
        if (chance(0.3))
            chip.reduce_rate = Quantity{1e12 * std::pow(10, real(-1, 1)), &base_unit(Dimension::ops_per_second)};
        chip.fa3 = std::array{Fa3::none, Fa3::two_stage, Fa3::three_stage}[size_up_to(3)];
        chip.flash_mla_class = chance(0.5) ? FlashMlaClass::general : FlashMlaClass::low_compute;
    }
};

const std::vector<Scenario> &scenarios()
{
    static const std::vector<Scenario> all = [] {
        ScenarioGenerator generator;
        std::vector<Scenario> made(configurations);
        std::generate(made.begin(), made.end(), [&] { return generator.next(); });
        return made;
    }();
    return all;
}

std::string text_of(const Scenario &scenario)
{
    const Point &point = scenario.point;
    const Quirks &quirks = scenario.profile.quirks;
    const Chip &chip = scenario.chip;
    std::string text = std::string(point.policy == Policy::naive ? "naive" : "dual-mbatch") + ", EP "
        + std::to_string(point.ep) + ", kv " + exact_text(point.kv_elem_size) + ", param "
        + exact_text(point.param_elem_size) + ", expert " + exact_text(scenario.workload.expert_elem_size) + ", drafts "
        + std::to_string(point.mtp_len) + ", batch " + std::to_string(point.batch) + ", context "
        + std::to_string(scenario.workload.context) + ", deepgemm " + std::to_string(scenario.workload.deepgemm)
        + ", fa3 " + std::to_string(static_cast<int>(scenario.workload.fa3)) + ", quirks ";
    for (const bool quirk :
        {quirks.truncated_query_projection, quirks.experts_see_all_tokens, quirks.naive_ffn_ignores_drafts,
            quirks.sparse_layers_only, quirks.binary_prefixes, quirks.softmax_counts_unpadded_keys})
        text += quirk ? '1' : '0';
    return text + ", " + chip.name + " with bf16 " + exact_text(chip.bf16) + ", fp8 "
        + (chip.fp8 ? exact_text(*chip.fp8) : "none") + ", fp4 " + (chip.fp4 ? exact_text(*chip.fp4) : "none")
        + ", bandwidth " + exact_text(chip.memory_bandwidth) + ", NIC " + exact_text(scenario.nic.bandwidth);
}

// Runs a check, which gives what is wrong or nothing, on all configurations.
template <class Check>
void for_all(Check check)
{
    for (std::size_t i = 0; i < scenarios().size(); ++i) {
        const Scenario &scenario = scenarios()[i];
        if (const std::string problem = check(scenario, estimate(scenario)); !problem.empty())
            QFAIL(("configuration " + std::to_string(i) + ": " + problem + "; " + text_of(scenario)).c_str());
    }
}

std::string key_of(const BlockEstimate &block, const OperatorEstimate &op)
{
    return std::string(key_of(block.kind)) + "." + std::string(info_of(op.id).key);
}

std::string expect(bool holds, const std::string &what, double a, double b)
{
    return holds ? std::string{} : what + ": " + exact_text(a) + " and " + exact_text(b);
}

bool positive(double value)
{
    return std::isfinite(value) && value > 0;
}

bool not_negative(double value)
{
    return std::isfinite(value) && value >= 0;
}

// At least `bound` but for rounding.
bool at_least(double value, double bound)
{
    return value >= bound * (1 - rounding_of_properties);
}

double sum_of(const BlockEstimate &block, std::span<const Stage> lane)
{
    double sum = 0;
    for (const Stage stage : lane) {
        const auto found = std::find_if(
            block.stages.begin(), block.stages.end(), [&](const StageEstimate &one) { return one.stage == stage; });
        if (found != block.stages.end())
            sum += found->time_s;
    }
    return sum;
}

// What bounds a step from below, in s: every weight and cached key read once per layer and micro-batch, every product
// at the highest rate and without padding, every token sent to its experts and back. MTP layer, embedding, head and
// dense FFN left out.
struct Roofline {
    double compute_s = 0;
    double memory_s = 0;
    double network_s = 0;
};

Roofline roofline_of(const Scenario &scenario)
{
    const Model &model = scenario.model;
    const Quirks &quirks = scenario.profile.quirks;
    const Point &point = scenario.point;
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    const double micro_batches = point.policy == Policy::naive ? 1 : 2;
    const double all_tokens = number(point.batch * (1 + point.mtp_len));
    const double ffn_tokens =
        quirks.naive_ffn_ignores_drafts && point.policy == Policy::naive ? number(point.batch) : all_tokens;
    const double experts = std::ceil(256. / number(point.ep));
    const double rows_per_expert = 8 * ffn_tokens / (quirks.experts_see_all_tokens ? 1 : experts);
    const double keys = number(scenario.workload.context + 1 + point.mtp_len);
    const double expert = 3. * 7168 * 2048;
    const double query = quirks.truncated_query_projection ? 1536. * 128 + 128. * 24576 : 7168. * 1536 + 1536. * 24576;
    const double attention = query + 128. * 128 * 512 + 7168. * 576 + 128. * 512 * 128 + 16384. * 7168;
    const double layers = number(model.layers);
    const double sparse_layers = quirks.sparse_layers_only ? layers : layers - number(model.dense_layers);

    const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
    const double flops = layers * (2 * all_tokens * attention + all_tokens * 2 * 128 * (576 + 512) * keys)
        + sparse_layers * 2 * expert * (ffn_tokens + experts * rows_per_expert);
    const double bytes = layers
            * (micro_batches * attention * point.param_elem_size
                + number(point.batch) * 576 * point.kv_elem_size * keys)
        + sparse_layers * micro_batches * (1 + experts) * expert * scenario.workload.expert_elem_size.si();
    return {flops / std::max({machine.bf16, machine.fp8, machine.fp4}), bytes / machine.memory_bandwidth,
        sparse_layers * 8 * all_tokens * 7168 * (1 + point.param_elem_size) / machine.nic_bandwidth};
}

} // namespace

class TestProperties : public QObject {
    Q_OBJECT

private slots:
    void random_configurations_cover_the_space();
    void numbers_are_finite_and_positive();
    void operators_obey_the_roofline();
    void operators_are_bound_by_their_largest_time();
    void parts_sum_to_the_whole();
    void windows_lie_between_their_lanes();
    void bound_shares_sum_to_the_step();
    void throughput_stays_below_the_roofline();
    void step_seconds_agrees_to_the_bit();
    void throughput_is_batch_times_rate();
    void faster_machines_are_never_slower();
    void memory_agrees_with_feasibility();
    void repeated_estimates_are_equal();
    void the_ends_of_what_is_allowed_are_arithmetic();
};

void TestProperties::random_configurations_cover_the_space()
{
    QVERIFY(scenarios().size() >= 3000);
    const auto some = [](auto condition) { return std::any_of(scenarios().begin(), scenarios().end(), condition); };
    for (const std::int64_t end : {1, 1048576})
        QVERIFY(some([&](const Scenario &s) { return s.workload.context == end; }));
    for (const std::int64_t end : {1, 1024})
        QVERIFY(some([&](const Scenario &s) { return s.point.ep == end; }));
    for (const std::int64_t end : {1, 65536})
        QVERIFY(some([&](const Scenario &s) { return s.point.batch == end; }));
    for (const std::int64_t drafts : {0, 1, 2, 16})
        QVERIFY(
            some([&](const Scenario &s) { return s.point.mtp_len == drafts && !s.profile.quirks.sparse_layers_only; }));
    std::array<int, 3> bounds{};
    int feasible = 0;
    for (const Scenario &scenario : scenarios()) {
        const Estimate result = estimate(scenario);
        ++bounds[static_cast<std::size_t>(result.bound.largest())];
        feasible += result.feasible();
    }
    for (const int count : bounds)
        QVERIFY2(count > 100, "compute, memory and network each bind many");
    QVERIFY(feasible > 100);
}

void TestProperties::numbers_are_finite_and_positive()
{
    for_all([](const Scenario &, const Estimate &result) -> std::string {
        for (const double value :
            {result.step_s, result.tokens_per_step, result.ux_tps, result.throughput_per_card, result.memory.weights,
                result.memory.kv_per_sequence, result.memory.kv_cache, result.memory.usable, result.flash_mla.rows,
                result.flash_mla.padded_keys, result.flash_mla.qk_s, result.flash_mla.pv_s, result.flash_mla.softmax_s,
                result.flash_mla.compute_s, result.flash_mla.bytes_moved, result.flash_mla.tile_sram}) {
            if (!positive(value))
                return "not positive: " + exact_text(value);
        }
        if (!std::isfinite(result.memory.free) || result.memory.max_batch < 0)
            return "memory";
        if (!not_negative(result.bound.compute) || !not_negative(result.bound.memory)
            || !not_negative(result.bound.network))
            return "bound shares";
        for (const BlockEstimate &block : result.blocks) {
            if (block.count < 1 || block.repeats < 1 || !positive(block.time_s) || !positive(block.total_s))
                return std::string(key_of(block.kind));
            for (const OperatorEstimate &op : block.operators) {
                const bool network = op.bytes_sent > 0;
                const bool computes = op.efficiency.has_value();
                const bool traffic = network
                    ? positive(op.network_s) && positive(op.bytes_sent) && op.memory_s == 0 && op.bytes_moved == 0
                    : positive(op.memory_s) && positive(op.bytes_moved) && op.network_s == 0;
                const bool computation = computes
                    ? positive(op.compute_s) && positive(op.flops) && positive(op.rate->flops)
                    : op.compute_s == 0 && op.flops == 0;
                const bool efficiency = !computes || (op.efficiency->mfu > 0 && op.efficiency->mfu <= 1);
                if (!positive(op.time_s) || !traffic || !computation || !efficiency)
                    return key_of(block, op);
            }
            for (const WindowEstimate &window : block.windows) {
                if (!positive(window.time_s) || !not_negative(window.compute_s) || !not_negative(window.network_s)
                    || !not_negative(window.exposed_network_s))
                    return "window of " + std::string(key_of(block.kind));
            }
        }
        return {};
    });
}

void TestProperties::operators_obey_the_roofline()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
        for (const BlockEstimate &block : result.blocks) {
            for (const OperatorEstimate &op : block.operators) {
                const double memory_s = op.bytes_moved / machine.memory_bandwidth;
                const double network_s = op.bytes_sent / machine.nic_bandwidth;
                // A product's rows without padding; FlashMLA's rows are whole tiles but for the keys.
                const double useful = op.count > 0 ? op.count * 2 * op.rows * op.inner * op.columns : op.flops;
                const double compute_s = op.rate ? useful / op.rate->flops : 0;
                for (const double bound : {memory_s, network_s, compute_s}) {
                    if (!at_least(op.time_s, bound))
                        return expect(false, key_of(block, op) + " beats its bound", op.time_s, bound);
                }
                if (useful > op.flops)
                    return expect(false, key_of(block, op) + " useful and executed FLOP", useful, op.flops);
            }
        }
        return {};
    });
}

void TestProperties::operators_are_bound_by_their_largest_time()
{
    for_all([](const Scenario &, const Estimate &result) -> std::string {
        for (const BlockEstimate &block : result.blocks) {
            for (const OperatorEstimate &op : block.operators) {
                const double largest = std::max({op.compute_s, op.memory_s, op.network_s});
                const double binding = op.bound == Bound::compute ? op.compute_s
                    : op.bound == Bound::memory                   ? op.memory_s
                                                                  : op.network_s;
                if (op.time_s != largest || binding != largest)
                    return expect(false, key_of(block, op), op.time_s, largest);
            }
        }
        return {};
    });
}

void TestProperties::parts_sum_to_the_whole()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        double step_s = 0;
        for (const BlockEstimate &block : result.blocks) {
            for (const StageEstimate &stage : block.stages) {
                double sum = 0;
                for (const OperatorEstimate &op : block.operators)
                    sum += info_of(op.id).stage == stage.stage ? op.time_s : 0;
                if (sum != stage.time_s)
                    return expect(false, "stage " + std::string(key_of(stage.stage)), stage.time_s, sum);
            }
            double windows_s = 0;
            std::size_t lanes = 0;
            for (const WindowEstimate &window : block.windows) {
                if (window.compute_s != sum_of(block, window.compute)
                    || window.network_s != sum_of(block, window.network))
                    return expect(
                        false, "lanes of " + std::string(key_of(block.kind)), window.compute_s, window.network_s);
                windows_s += window.time_s;
                lanes += window.compute.size() + window.network.size();
            }
            if (lanes != block.stages.size())
                return "a stage of " + std::string(key_of(block.kind)) + " is in no window, or in two";
            if (block.time_s != static_cast<double>(block.repeats) * windows_s
                || block.total_s != static_cast<double>(block.count) * block.time_s)
                return expect(false, std::string(key_of(block.kind)), block.time_s, windows_s);
            step_s += block.total_s;
        }
        if (step_s != result.step_s)
            return expect(false, "step", result.step_s, step_s);
        const MemoryBreakdown &memory = result.memory;
        const double weights = memory.attention + memory.shared_experts + memory.routed_experts + memory.dense_ffn
            + memory.embedding_and_head + memory.mtp;
        if (weights != memory.weights
            || memory.kv_cache != static_cast<double>(scenario.point.batch) * memory.kv_per_sequence
            || memory.free != memory.usable - memory.weights - memory.kv_cache)
            return "memory";
        return {};
    });
}

void TestProperties::windows_lie_between_their_lanes()
{
    for_all([](const Scenario &, const Estimate &result) -> std::string {
        for (const BlockEstimate &block : result.blocks) {
            for (const WindowEstimate &window : block.windows) {
                const double longer = std::max(window.compute_s, window.network_s);
                if (window.time_s < longer || window.time_s > window.compute_s + window.network_s)
                    return expect(false, "window of " + std::string(key_of(block.kind)), window.time_s, longer);
                if (!is_near(window.compute_s + window.exposed_network_s, window.time_s, rounding_of_properties))
                    return expect(false, "exposed in " + std::string(key_of(block.kind)), window.exposed_network_s,
                        window.time_s);
            }
        }
        return {};
    });
}

void TestProperties::bound_shares_sum_to_the_step()
{
    for_all([](const Scenario &, const Estimate &result) {
        const double sum = result.bound.compute + result.bound.memory + result.bound.network;
        return expect(sum == result.step_s, "shares and step", sum, result.step_s);
    });
}

void TestProperties::throughput_stays_below_the_roofline()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        const Roofline roofline = roofline_of(scenario);
        const double tokens = result.tokens_per_step * static_cast<double>(scenario.point.batch);
        if (!at_least(tokens / roofline.compute_s, result.throughput_per_card))
            return expect(
                false, "throughput over the compute roofline", result.throughput_per_card, tokens / roofline.compute_s);
        if (!at_least(tokens / roofline.memory_s, result.throughput_per_card))
            return expect(
                false, "throughput over the memory roofline", result.throughput_per_card, tokens / roofline.memory_s);
        if (!at_least(tokens / roofline.network_s, result.throughput_per_card))
            return expect(
                false, "throughput over the network roofline", result.throughput_per_card, tokens / roofline.network_s);
        return {};
    });
}

void TestProperties::step_seconds_agrees_to_the_bit()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
        Point other = scenario.point;
        other.batch = 1; // a plan does not depend on it
        const Plan plan = make_plan(scenario.profile, scenario.model, machine, scenario.workload, other);
        const double step_s = step_seconds(scenario.profile, plan, scenario.point.batch);
        if (step_s != result.step_s)
            return expect(false, "step_seconds() and estimate()", step_s, result.step_s);
        if (plan.tokens_per_step != result.tokens_per_step)
            return expect(false, "tokens per step", plan.tokens_per_step, result.tokens_per_step);
        return {};
    });
}

void TestProperties::throughput_is_batch_times_rate()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        if (result.ux_tps != result.tokens_per_step / result.step_s)
            return expect(false, "ux_tps", result.ux_tps, result.tokens_per_step / result.step_s);
        const double throughput = result.ux_tps * static_cast<double>(scenario.point.batch);
        if (result.throughput_per_card != throughput)
            return expect(false, "throughput", result.throughput_per_card, throughput);
        const auto most = static_cast<double>(1 + scenario.point.mtp_len);
        return expect(result.tokens_per_step >= 1 && result.tokens_per_step <= most, "tokens per step",
            result.tokens_per_step, most);
    });
}

void TestProperties::faster_machines_are_never_slower()
{
    constexpr double faster = 1.5;
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        const auto step_with = [&](auto change) {
            Scenario changed = scenario;
            change(changed);
            return estimate(changed).step_s;
        };
        const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
        const auto ops = [](double rate) { return Quantity{rate, &base_unit(Dimension::ops_per_second)}; };
        const std::pair<const char *, double> steps[] = {
            {"memory bandwidth", step_with([](Scenario &s) { s.chip.memory_bandwidth.number *= faster; })},
            {"tensor rates", step_with([](Scenario &s) {
                 s.chip.bf16.number *= faster;
                 if (s.chip.fp8)
                     s.chip.fp8->number *= faster;
                 if (s.chip.fp4)
                     s.chip.fp4->number *= faster;
             })},
            {"NIC bandwidth", step_with([](Scenario &s) { s.nic.bandwidth.number *= faster; })},
            {"softmax rates", step_with([&](Scenario &s) {
                 s.chip.exp2_rate = ops(machine.exp2_rate * faster);
                 s.chip.reduce_rate = ops(machine.reduce_rate * faster);
             })},
            {"clock", step_with([](Scenario &s) { s.chip.clock.number *= faster; })},
        };
        for (const auto &[what, step_s] : steps) {
            if (step_s > result.step_s)
                return expect(false, std::string("slower with higher ") + what, step_s, result.step_s);
        }
        const double all = step_with([&](Scenario &s) {
            s.chip.memory_bandwidth.number *= 2;
            s.chip.bf16.number *= 2;
            if (s.chip.fp8)
                s.chip.fp8->number *= 2;
            if (s.chip.fp4)
                s.chip.fp4->number *= 2;
            s.nic.bandwidth.number *= 2;
            s.chip.exp2_rate = ops(machine.exp2_rate * 2);
            s.chip.reduce_rate = ops(machine.reduce_rate * 2);
            s.chip.all_reduce_latency.number /= 2;
        });
        return expect(is_near(all, result.step_s / 2, rounding_of_properties), "everything twice as fast", all,
            result.step_s / 2);
    });
}

void TestProperties::memory_agrees_with_feasibility()
{
    for_all([](const Scenario &scenario, const Estimate &result) -> std::string {
        const bool fits = result.memory.free >= 0;
        const auto is = [&](Reason reason) {
            return std::any_of(result.infeasible.begin(), result.infeasible.end(),
                [&](const Infeasible &one) { return one.reason == reason; });
        };
        if (is(Reason::memory) == fits)
            return expect(
                false, "free memory and batch", result.memory.free, static_cast<double>(result.memory.max_batch));
        if (is(Reason::shape) != (scenario.point.policy == Policy::dual_mbatch && scenario.point.batch == 1))
            return "shape";
        if (is(Reason::ep) || is(Reason::target))
            return "EP or target";
        Scenario largest = scenario;
        largest.point.batch = std::max<std::int64_t>(1, result.memory.max_batch);
        if (result.memory.max_batch > 0 && estimate(largest).memory.free < 0)
            return expect(false, "the largest batch does not fit", estimate(largest).memory.free,
                static_cast<double>(result.memory.max_batch));
        largest.point.batch = result.memory.max_batch + 1;
        return expect(estimate(largest).memory.free < 0, "more than the largest batch fits",
            estimate(largest).memory.free, static_cast<double>(result.memory.max_batch));
    });
}

void TestProperties::repeated_estimates_are_equal()
{
    for_all([](const Scenario &scenario, const Estimate &result) {
        const Scenario copy = scenario;
        return std::string(estimate(copy) == result ? "" : "differs when repeated");
    });
}

// Every number of a chip, a NIC and a workload at either end of its hard range, alone and together with all others.
void TestProperties::the_ends_of_what_is_allowed_are_arithmetic()
{
    const Study study = published_study();
    Scenario usual{study.profile, study.model, study.chips[0], study.nics[0], study.workload, {}, 20};
    usual.point = {Policy::dual_mbatch, 72, 1, 1, 1, 64};
    int tried = 0;
    const auto check = [&](const Scenario &scenario, const std::string &what) {
        ++tried;
        for (const std::int64_t batch : {1, 65536}) {
            Scenario each = scenario;
            each.point.batch = batch;
            const Estimate found = estimate(each);
            const bool sound = positive(found.step_s) && positive(found.ux_tps) && positive(found.throughput_per_card)
                && positive(found.memory.weights) && positive(found.memory.kv_cache) && std::isfinite(found.memory.free)
                && found.memory.max_batch >= 0;
            QVERIFY2(sound, (what + ": " + exact_text(found.step_s) + " s").c_str());
        }
    };
    for (const bool highest : {false, true}) {
        Scenario all = usual;
        const auto set_all = [&]<class T>(T Scenario::*part) {
            for (const Field<T> &field : fields<T>()) {
                const Parameter &info = field.info;
                if (info.axis == Axis::none || info.key == "acceptance")
                    continue;
                const double end = highest ? info.max : info.min;
                const std::string text = exact_text(Quantity{end, &base_unit(info.dimension)});
                Scenario alone = usual;
                for (Scenario *changed : {&alone, &all})
                    QVERIFY(!set_field(changed->*part, field, text, BareNumbers::refused));
                check(alone, std::string(info.key) + " " + text);
            }
        };
        set_all(&Scenario::chip);
        set_all(&Scenario::nic);
        set_all(&Scenario::workload);
        check(all, highest ? "all at their highest" : "all at their lowest");
        const Parameter &sizes = *find_parameter("precision");
        all.point.kv_elem_size = all.point.param_elem_size = highest ? sizes.max : sizes.min;
        check(all, "with sizes");
    }
    QVERIFY(tried > 30);
}

EPSCOPE_SUITE(properties, TestProperties)
#include "tst_properties.moc"
