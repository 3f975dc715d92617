// SPDX-License-Identifier: GPL-3.0-or-later
// A better chip or NIC is never slower and never holds less: every number of both, on every shipped chip, under every
// shipped profile, in configurations of a fixed seed.
#include <QTest>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "core/estimate/estimate.h"
#include "core/spec/parameters.h"
#include "core/text.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr std::size_t configurations_per_chip = 100;
constexpr std::array better_by{1.01, 1.03, 1.066, 1.3, 2.0, 5.0};
constexpr double rounding_of_better_chips = 1e-12;

// A number that acts on times.
template <class T>
bool is_number(const Field<T> &field)
{
    const Dimension dimension = field.info.dimension;
    return field.info.axis != Axis::none && dimension != Dimension::dollars_per_hour && dimension != Dimension::watts;
}

// Smaller is better.
bool is_latency(const Parameter &info)
{
    return info.dimension == Dimension::seconds;
}

Quantity scaled(const Quantity &quantity, double factor)
{
    return {quantity.number * factor, quantity.unit};
}

// A chip of the same kind with more of one number; what it lacks altogether it gets, as large as the number that stands
// in for it, times the factor.
Chip better_chip(const Chip &chip, const Field<Chip> &field, double factor, const Profile &profile, const Nic &nic)
{
    const double by = is_latency(field.info) ? 1 / factor : factor;
    Chip better = chip;
    if (const auto *stated = std::get_if<Quantity Chip::*>(&field.member)) {
        better.**stated = scaled(chip.**stated, by);
    } else if (const auto *whole = std::get_if<std::int64_t Chip::*>(&field.member)) {
        better.**whole = static_cast<std::int64_t>(std::ceil(static_cast<double>(chip.**whole) * by));
    } else if (const auto *part = std::get_if<double Chip::*>(&field.member)) {
        better.**part = chip.**part > 0 ? std::min(1.0, chip.**part * by) : 1;
    } else if (const auto *optional = std::get_if<std::optional<Quantity> Chip::*>(&field.member)) {
        const Machine machine = resolve(profile, chip, nic);
        const std::map<std::string_view, double> stand_ins{{"fp8", machine.bf16},
            {"fp4", machine.fp8 > 0 ? machine.fp8 : machine.bf16}, {"exp2_rate", machine.exp2_rate},
            {"reduce_rate", machine.reduce_rate}, {"scale_up_bandwidth", machine.nic_bandwidth}, {"sram", 1}};
        better.**optional = chip.**optional
            ? scaled(*(chip.**optional), by)
            : Quantity{stand_ins.at(field.info.key) * by, &base_unit(field.info.dimension)};
    }
    return better;
}

struct ComparedConfiguration {
    Workload workload;
    Point point;
    Nic nic;
    Model model;
};

class ChipGenerator {
public:
    ComparedConfiguration next()
    {
        ComparedConfiguration made;
        made.workload.context = pick<std::int64_t>({1, 1000, 5000, 5120, 8192, 32768, 131072});
        made.workload.acceptance = 0.85;
        made.workload.fa3 = pick<Fa3>({Fa3::as_chip, Fa3::as_chip, Fa3::none, Fa3::two_stage, Fa3::three_stage});
        made.workload.deepgemm = pick<bool>({true, true, false});
        made.workload.expert_elem_size = {pick<double>({0.5625, 1, 2}), &base_unit(Dimension::bytes)};
        made.point.policy = pick<Policy>({Policy::naive, Policy::dual_mbatch});
        made.point.ep = pick<std::int64_t>({1, 2, 8, 16, 32, 64, 72, 144, 256, 320});
        made.point.kv_elem_size = pick<double>({0.5625, 1, 1, 2});
        made.point.param_elem_size = pick<double>({0.5625, 1, 1, 2});
        made.point.batch = pick<std::int64_t>({2, 8, 31, 64, 128, 300, 1024, 4096});
        made.model = pick(models());
        made.point.mtp_len = made.model.mtp_layers > 0 ? pick<std::int64_t>({0, 0, 1, 3}) : 0;
        made.nic = pick(nics());
        made.point.tp = pick<std::int64_t>({1, 1, 2, 8});
        made.point.mode = made.point.tp == 1
            ? ExpertMode::all2all
            : pick<ExpertMode>({ExpertMode::all2all, ExpertMode::ep_group, ExpertMode::moe_tp});
        made.workload.redundant_experts = pick<std::int64_t>({0, 0, 32});
        made.workload.balancer = pick<Balancer>({Balancer::off, Balancer::on});
        return made;
    }

private:
    std::mt19937 engine{20250316};

    template <class T>
    T pick(const std::vector<T> &values)
    {
        return values[engine() % values.size()];
    }

    static const std::vector<Nic> &nics()
    {
        static const std::vector<Nic> all = [] {
            std::vector<Nic> found;
            for (const Library::Entry &entry : shipped_library().entries(Kind::nic))
                found.push_back(*shipped_library().nic(entry.name).value);
            return found;
        }();
        return all;
    }
    static const std::vector<Model> &models()
    {
        static const std::vector<Model> all{*shipped_library().model("deepseek-v3").value,
            *shipped_library().model("kimi-k2").value, *shipped_library().model("deepseek-v3.2").value,
            *shipped_library().model("deepseek-v4-pro").value, *shipped_library().model("gpt-oss-120b").value,
            *shipped_library().model("qwen3.5-397b").value};
        return all;
    }
};

struct Result {
    double step_s;
    std::int64_t max_batch;
};
Result result_of(const Profile &profile, const Chip &chip, const Nic &nic, const ComparedConfiguration &at)
{
    const Machine machine = resolve(profile, chip, nic);
    const Plan plan = make_plan(profile, at.model, machine, at.workload, at.point);
    return {step_seconds(profile, plan, at.point.batch),
        memory_breakdown(profile, at.model, at.workload, machine.memory, at.point).max_batch};
}

struct Found {
    std::size_t slower = 0, cases = 0;
    double worst = 1; // step over step before
    std::string example;
};

} // namespace

class TestBetterChips : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void every_number_data();
    void every_number();

private:
    std::vector<Chip> chips;
    std::vector<std::vector<ComparedConfiguration>> configurations; // by chip
};

void TestBetterChips::initTestCase()
{
    ChipGenerator generator;
    std::vector<Chip> all = published_study().chips;
    for (Chip &chip : all)
        chip.name += " as published";
    for (const Library::Entry &entry : shipped_library().entries(Kind::chip))
        all.push_back(*shipped_library().chip(entry.name).value);
    chips = std::move(all);
    for (std::size_t i = 0; i < chips.size(); ++i) {
        std::vector<ComparedConfiguration> &own = configurations.emplace_back(configurations_per_chip);
        std::generate(own.begin(), own.end(), [&] { return generator.next(); });
    }
}

void TestBetterChips::every_number_data()
{
    QTest::addColumn<std::string>("profile");
    QTest::addColumn<std::string>("key");
    for (const Library::Entry &entry : shipped_library().entries(Kind::profile)) {
        const auto row = [&](std::string_view scope, std::string_view key) {
            const std::string full = std::string(scope) + "." + std::string(key);
            QTest::addRow("%s, %s", entry.name.c_str(), full.c_str()) << entry.name << full;
        };
        for (const Field<Chip> &field : fields<Chip>()) {
            if (is_number(field))
                row("chip", field.info.key);
        }
        for (const Field<Nic> &field : fields<Nic>()) {
            if (is_number(field))
                row("nic", field.info.key);
        }
    }
}

void TestBetterChips::every_number()
{
    QFETCH(std::string, profile);
    QFETCH(std::string, key);
    const Profile with = *shipped_library().profile(profile).value;
    Found found;
    for (std::size_t i = 0; i < chips.size(); ++i) {
        for (const ComparedConfiguration &at : configurations[i]) {
            if (with.equations == Equations::published && (at.point.tp > 1 || !at.model.layer_kinds.empty()))
                continue; // which these do not know
            const Result before = result_of(with, chips[i], at.nic, at);
            for (const double factor : better_by) {
                Chip chip = chips[i];
                Nic nic = at.nic;
                if (key.starts_with("chip.")) {
                    const auto all = fields<Chip>();
                    const auto field = std::find_if(all.begin(), all.end(),
                        [&](const Field<Chip> &each) { return "chip." + std::string(each.info.key) == key; });
                    chip = better_chip(chip, *field, factor, with, nic);
                } else {
                    nic.bandwidth = scaled(nic.bandwidth, factor);
                }
                QVERIFY(!(chip == chips[i]) || !(nic == at.nic) || is_latency(*find_parameter(key)));
                const Result after = result_of(with, chip, nic, at);
                QVERIFY2(after.max_batch >= before.max_batch, (chips[i].name + " holds less").c_str());
                ++found.cases;
                if (after.step_s <= before.step_s * (1 + rounding_of_better_chips))
                    continue;
                ++found.slower;
                if (after.step_s / before.step_s > found.worst) {
                    found.worst = after.step_s / before.step_s;
                    found.example = chips[i].name + ", " + exact_text(factor) + " times, EP "
                        + std::to_string(at.point.ep) + ", batch " + std::to_string(at.point.batch) + ", context "
                        + std::to_string(at.workload.context) + ", KV " + exact_text(at.point.kv_elem_size)
                        + " B, parameters " + exact_text(at.point.param_elem_size) + " B";
                }
            }
        }
    }
    QVERIFY(found.cases >= 1000);
    const std::string what = std::to_string(found.slower) + " of " + std::to_string(found.cases)
        + " are slower, at most " + short_text(100 * (found.worst - 1), Dimension::count) + " %: " + found.example;
    QVERIFY2(found.slower == 0, what.c_str());
}

EPSCOPE_SUITE(better_chips, TestBetterChips)
#include "tst_better_chips.moc"
