// SPDX-License-Identifier: GPL-3.0-or-later
// Every node of every tree put together again, and the tree against the estimate it explains.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/analysis/explain.h"
#include "core/analysis/outputs.h"
#include "core/calibrate/validation.h"
#include "core/model/term.h"
#include "core/spec/parameters.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/sanitized.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

template <class Visit>
void walk(const Explanation &node, const Visit &visit)
{
    visit(node);
    for (const Explanation &child : node.children)
        walk(child, visit);
}

Scenario scenario_of_study(const Study &study)
{
    Point point = combination_at(study, 0).point;
    point.batch = study.search.batch.front();
    return {study.profile, study.model, study.chips[0], study.nics[0], study.workload, point, study.target_tps.si()};
}

// The study of one configuration with changes, "key=value" one a word; "calibrated" takes that profile and the
// library's chip.
Study changed(const std::string &changes)
{
    Study study = one_configuration();
    for (const QString &change : QString::fromStdString(changes).split(' ', Qt::SkipEmptyParts)) {
        if (change == "calibrated") {
            study.profile = *shipped_library().profile("calibrated").value;
            study.chips = {*shipped_library().chip("H800").value};
            continue;
        }
        const QStringList parts = change.split('=');
        set(study, parts[0].toStdString(), parts[1].toStdString());
    }
    return study;
}

const Explanation &part(const Explained &explained, std::string_view name)
{
    const Explanation *found = find_explanation(explained, name);
    if (!found)
        throw std::runtime_error("no explanation of " + std::string(name));
    return *found;
}

const Explanation &child(const Explanation &node, std::string_view title)
{
    const auto found = std::find_if(
        node.children.begin(), node.children.end(), [&](const Explanation &each) { return each.title == title; });
    if (found == node.children.end())
        throw std::runtime_error(node.title + " has no " + std::string(title));
    return *found;
}

} // namespace

class TestExplain : public QObject {
    Q_OBJECT

private slots:
    void comes_together_again_data();
    void comes_together_again();
    void chips_of_the_library();
    void leaves_are_inputs_data();
    void leaves_are_inputs();
    void follows_an_input_change();
    void numbers_by_hand();
    void calibrated_numbers_by_hand();
    void names_are_found();
    void each_kind_of_layer_has_its_names();
    void titles_are_those_of_the_tables_data();
    void titles_are_those_of_the_tables();
    void weights_are_titled_after_their_operators();
    void keys_stand_once();
    void outputs_by_their_keys();
    void every_maximum_and_efficiency_says_why();
    void why_the_batch_is_no_larger();
    void why_a_rate_is_not_the_narrowest();
    void nothing_beside_less_than_nothing();
    void measured_runs();
    void one_number_alone_data();
    void one_number_alone();
    void counterparts_in_another_configuration();
    void combines();
    void terms_record_what_they_combine();
    void texts();
};

void TestExplain::comes_together_again_data()
{
    QTest::addColumn<std::string>("changes");
    std::size_t place = 0;
    for (const char *changes : {"", "policy=naive", "mtp_len=0", "mtp_len=4", "batch=2", "batch=63", "batch=512",
             "ep=1", "ep=320", "precision=2B/2B", "precision=1B/2B", "precision=0.5B/0.5B", "expert_elem_size=0.5B",
             "expert_elem_size=2B", "deepgemm=off", "fa3=none", "fa3=three-stage", "context=1", "context=131072",
             "acceptance=0", "nic.bandwidth=1GB/s", "nic.bandwidth=1TB/s", "chip.memory_bandwidth=100GB/s",
             "chip.exp2_rate=10Top/s", "chip.reduce_rate=1Top/s", "chip.memory=1GB", "model.shared_experts=0",
             "model.shared_experts=2", "model.dense_layers=0", "quirks.truncated_query_projection=off",
             "quirks.experts_see_all_tokens=off", "quirks.naive_ffn_ignores_drafts=off policy=naive",
             "quirks.sparse_layers_only=off", "quirks.sparse_layers_only=off mtp_len=0",
             "quirks.sparse_layers_only=off mtp_len=3 policy=naive", "quirks.sparse_layers_only=off model.layers=3",
             "quirks.binary_prefixes=off", "quirks.softmax_counts_unpadded_keys=off",
             "quirks.experts_see_all_tokens=off quirks.sparse_layers_only=off policy=naive mtp_len=2 batch=77 ep=37",
             // docs/model.md §14, term by term
             "calibrated", "calibrated policy=naive batch=77 ep=37 mtp_len=2", "calibrated mtp_len=0",
             "calibrated batch=2 ep=8", "calibrated ep=1", "calibrated ep=320 batch=512",
             "calibrated expert_elem_size=0.5B", "calibrated precision=2B/2B", "calibrated chip.scale_up_domain=72",
             "calibrated chip.scale_up_domain=1", "calibrated nic.bandwidth=1GB/s", "calibrated chip.exp2_rate=10Top/s",
             "calibrated fa3=none", "calibrated deepgemm=off", "calibrated profile.popularity_span=1",
             "calibrated redundant_experts=32", "calibrated redundant_experts=32 balancer=false",
             "calibrated tp=8 mode=ep_group ep=8", "calibrated tp=8 mode=moe_tp ep=1 batch=512",
             "calibrated tp=4 ep=16", "calibrated chip.kernel_class=cdna", "calibrated chip.fp8_attention_mfu=0",
             "calibrated expert_elem_size=0.5B profile.combine_elem_size=0", "calibrated profile.memory_efficiency=1",
             "calibrated profile.gemm_unhidden=0", "calibrated profile.expert_unhidden=0 profile.kernel_overhead=0s",
             "calibrated profile.step_overhead=1ms", "calibrated profile.reserved_memory=0",
             "profile.kernel_overhead=2us", "profile.gemm_unhidden=0.15", "calibrated precision=0.5B/0.5B",
             "calibrated chip.scale_up_domain=8 ep=1", "profile.reserved_memory=2GB"}) {
        if (!epscope::testing::sanitized || place++ % 3 == 0)
            QTest::addRow("%s", *changes ? changes : "as published") << std::string(changes);
    }
}

void TestExplain::comes_together_again()
{
    QFETCH(std::string, changes);
    const Scenario scenario = scenario_of_study(changed(changes));
    const Estimate full = estimate(scenario);
    const Explained explained = explain(scenario);
    std::size_t nodes = 0;
    // What a leaf without a key may be: numbers of the method itself.
    const std::set<std::string> constants{"MFU", "Micro-batches", "Micro-batches, one after the other",
        "The step's own token", "The last token", "Query tokens", "GEMMs", "FLOP per product and sum", "Element size",
        "Result element size", "Two per score", "Up and gate", "Up, gate and down", "Both", "8 bit", "BF16",
        "MTP layer", "State and embedding", "Times per step", "Read and written", "All", "One", "The sender", "None",
        "Cards in the scale-up domain", "Cards that share the experts", "Kernels", "Mean", "Variance", "Layers",
        "Small kernels of attention", "Of the FFN", "Quantisation", "Passes", "FP32", "Embedding and head",
        "Counted kernels", "Cards among which the load varies", "Steps", "Its own"};
    // What no window waits for, and the last bit that makes the three bounds the step.
    const std::map<std::string, double> smallest{
        {"Bound by compute", 0}, {"Bound by memory", 0}, {"Bound by network", 0}, {"Rounding", 1e-12 * full.step_s}};
    for (const Explanation &root : explained.numbers) {
        walk(root, [&](const Explanation &node) {
            ++nodes;
            QVERIFY2(same_bits(combined(node), node.value),
                (node.title + both(combined(node), node.value).toStdString()).c_str());
            if (const auto small = smallest.find(node.title); small != smallest.end() && node.children.empty())
                QVERIFY2(std::abs(node.value) <= small->second, node.title.c_str());
            else if (node.name == "ux_tps" || node.name == "step_time" || node.name == "step_operators"
                || node.name.ends_with(".step"))
                QVERIFY(same_bits(part(explained, node.name).value, node.value)
                    && !part(explained, node.name).children.empty());
            else if (std::isinf(node.value)) // is not known
                QVERIFY2(node.note.starts_with("the chip states no "), node.title.c_str());
            else
                QVERIFY2(!node.children.empty() || !node.key.empty() || constants.contains(node.title),
                    ("not taken apart: " + node.title).c_str());
        });
    }
    QVERIFY(nodes > 500);
    VERIFY_SAME(explained.main().value, full.throughput_per_card);
    VERIFY_SAME(part(explained, "ux_tps").value, full.ux_tps);
    VERIFY_SAME(part(explained, "tokens_per_step").value, full.tokens_per_step);
    VERIFY_SAME(part(explained, "step_time").value, full.step_s);
    VERIFY_SAME(part(explained, "free_memory").value, full.memory.free);
    VERIFY_SAME(part(explained, "weights").value, full.memory.weights);
    VERIFY_SAME(part(explained, "kv_cache").value, full.memory.kv_cache);
    VERIFY_SAME(part(explained, "kv_per_sequence").value, full.memory.kv_per_sequence);
    VERIFY_SAME(part(explained, "usable_memory").value, full.memory.usable);
    VERIFY_SAME(part(explained, "unusable_memory").value, scenario.chip.memory.si() - full.memory.usable);
    VERIFY_SAME(part(explained, "max_batch").value, static_cast<double>(full.memory.max_batch));
    VERIFY_SAME(part(explained, "attention_weights").value, full.memory.attention);
    VERIFY_SAME(part(explained, "shared_expert_weights").value, full.memory.shared_experts);
    VERIFY_SAME(part(explained, "routed_expert_weights").value, full.memory.routed_experts);
    VERIFY_SAME(part(explained, "dense_ffn_weights").value, full.memory.dense_ffn);
    VERIFY_SAME(part(explained, "embedding_and_head").value, full.memory.embedding_and_head);
    QCOMPARE(find_explanation(explained, "mtp_weights") != nullptr, scenario.point.mtp_len > 0);
    if (scenario.point.mtp_len > 0)
        VERIFY_SAME(part(explained, "mtp_weights").value, full.memory.mtp);
    VERIFY_SAME(part(explained, "tpot").value, 1 / full.ux_tps);
    VERIFY_SAME(part(explained, "layer_time").value, full.blocks.front().time_s);
    VERIFY_SAME(part(explained, "bound_by").value, full.step_s);
    VERIFY_SAME(part(explained, "compute_time").value, full.bound.compute);
    VERIFY_SAME(part(explained, "memory_time").value, full.bound.memory);
    VERIFY_SAME(part(explained, "network_time").value, full.bound.network);
    VERIFY_SAME(part(explained, "network_share").value, full.bound.network / full.step_s);
    double exposed_s = 0;
    for (const WindowEstimate &window : full.blocks.front().windows)
        exposed_s += window.exposed_network_s;
    VERIFY_SAME(part(explained, "exposed_network").value, static_cast<double>(full.blocks.front().repeats) * exposed_s);
    // What the charts show of operators and windows.
    const BlockEstimate &layer = full.blocks.front();
    std::map<OpId, double> per_step;
    for (const BlockEstimate &block : full.blocks) {
        for (const OperatorEstimate &op : block.operators)
            per_step[op.id] += static_cast<double>(block.count * block.repeats) * op.time_s;
    }
    double all_s = 0;
    for (const auto &[id, seconds] : per_step) // in the order of the table
        all_s += seconds;
    VERIFY_SAME(part(explained, "step_operators").value, all_s);
    VERIFY_SAME(part(explained, "step_share").value, full.step_s / all_s);
    for (const auto &[id, seconds] : per_step) {
        VERIFY_SAME(part(explained, name_of_runs(id, OperatorRuns::of_step)).value, seconds);
        VERIFY_SAME(part(explained, name_of_runs(id, OperatorRuns::share)).value, seconds / all_s);
    }
    for (const OperatorEstimate &op : layer.operators)
        VERIFY_SAME(part(explained, name_of_runs(op.id, OperatorRuns::of_layer)).value,
            static_cast<double>(layer.repeats) * op.time_s);
    for (std::size_t i = 0; i < layer.windows.size(); ++i) {
        const WindowEstimate &window = layer.windows[i];
        const bool beside = !window.compute.empty() && !window.network.empty();
        if ((window.compute_s == 0 && window.network_s == 0)
            || (beside && (window.compute_s == 0 || window.network_s == 0)))
            continue; // nothing is sent, or no shared expert computes: a lane alone is its stage
        VERIFY_SAME(part(explained, name_of_window(window.compute, window.network, i)).value, window.time_s);
        if (!window.network.empty())
            VERIFY_SAME(
                part(explained, name_of_exposed(window.compute, window.network, i)).value, window.exposed_network_s);
    }
    // All operators of all blocks, in order, with their bounds.
    const Explanation &step = part(explained, "step_time");
    QCOMPARE(step.children.size(), full.blocks.size());
    for (std::size_t i = 0; i < full.blocks.size(); ++i) {
        const BlockEstimate &block = full.blocks[i];
        VERIFY_SAME(step.children[i].value, block.total_s);
        std::map<std::string, double> times;
        walk(step.children[i], [&](const Explanation &node) {
            if (!node.name.empty())
                times[node.name] = node.value;
        });
        for (const OperatorEstimate &op : block.operators)
            VERIFY_SAME(times.at(name_in_block(full, i, info_of(op.id).key)), op.time_s);
        for (const StageEstimate &stage : block.stages)
            VERIFY_SAME(times.at(name_in_block(full, i, key_of(stage.stage))), stage.time_s);
    }
}

void TestExplain::chips_of_the_library()
{
    for (const Library::Entry &entry : shipped_library().entries(Kind::chip)) {
        for (const char *profile : {"", "calibrated"}) {
            Scenario scenario = scenario_of_study(changed(profile));
            scenario.chip = *shipped_library().chip(entry.name).value;
            const Estimate full = estimate(scenario);
            const Explained explained = explain(scenario);
            VERIFY_SAME(explained.main().value, full.throughput_per_card);
            walk(explained.main(),
                [&](const Explanation &node) { QVERIFY2(same_bits(combined(node), node.value), node.title.c_str()); });
            for (const char *name : {"flash_mla", "dispatch", "routed_up"}) {
                const Explanation &node = part(explained, name);
                QVERIFY2(std::any_of(node.children.begin(), node.children.end(),
                             [](const Explanation &child) { return !child.children.empty(); }),
                    (entry.name + ", " + name).c_str());
            }
        }
    }
}

void TestExplain::leaves_are_inputs_data()
{
    QTest::addColumn<std::string>("changes");
    QTest::addColumn<std::set<std::string>>("expected");
    const std::set<std::string> common{"context", "acceptance", "batch", "ep", "mtp_len", "kv_elem_size",
        "param_elem_size", "expert_elem_size", "chip.H800.fp8", "chip.H800.bf16", "chip.H800.memory",
        "chip.H800.memory_bandwidth", "nic.CX7 400Gbps.bandwidth", "model.layers", "model.vocabulary",
        "profile.gemm_tile_rows", "profile.dispatch_elem_size", "profile.usable_memory_fraction"};
    std::set<std::string> published = common, calibrated = common;
    published.merge(std::set<std::string>{"profile.ffn_out_elem_size", "chip.H800.sms", "chip.H800.clock",
        "chip.H800.exp2_rate", "chip.H800.all_reduce_latency"});
    calibrated.merge(std::set<std::string>{"chip.H800.scale_up_bandwidth", "chip.H800.scale_up_domain",
        "profile.combine_elem_size", "profile.memory_efficiency", "profile.scale_up_efficiency",
        "profile.nic_efficiency", "profile.gemm_unhidden", "profile.expert_unhidden", "profile.scale_up_latency",
        "profile.nic_latency", "profile.kernel_overhead", "profile.kernel_clock", "profile.mla_kernels",
        "profile.popularity_span", "profile.short_inner", "profile.permute_bytes", "profile.query_passes",
        "profile.attention_ramp_keys", "profile.reserved_memory"});
    QTest::newRow("published") << std::string("chip.fp4=4PFLOP/s chip.exp2_rate=8Top/s quirks.sparse_layers_only=off")
                               << published;
    QTest::newRow("calibrated") << std::string("calibrated nic.bandwidth=50GB/s") << calibrated;
}

// Each leaf with a key has the value that the study has under it.
void TestExplain::leaves_are_inputs()
{
    QFETCH(std::string, changes);
    const Study study = changed(changes);
    const Explained explained = explain(scenario_of_study(study));
    std::set<std::string> keys;
    for (const Explanation &root : explained.numbers) {
        walk(root, [&](const Explanation &node) {
            if (node.key.empty())
                return;
            QVERIFY(node.children.empty());
            keys.insert(node.key);
            const Variable input = variable(study, node.key);
            QVERIFY2(input.stated && same_bits(*input.stated, node.value), node.key.c_str());
            const bool unitless = base_unit(input.info->dimension).symbol.empty();
            QCOMPARE(node.unit, unitless ? std::string() : base_unit(input.info->dimension).symbol);
        });
    }
    QFETCH(const std::set<std::string>, expected);
    for (const std::string &key : expected)
        QVERIFY2(keys.contains(key), key.c_str());
}

void TestExplain::follows_an_input_change()
{
    const Explained before = explain(scenario_of_study(changed("")));
    const Explained after = explain(scenario_of_study(changed("context=10240")));
    QVERIFY(part(after, "flash_mla").value > part(before, "flash_mla").value);
    VERIFY_SAME(part(after, "o_proj").value, part(before, "o_proj").value);
    // 5120 more tokens of 576 elements in 62 layers for 64 sequences.
    VERIFY_SAME(part(after, "kv_cache").value - part(before, "kv_cache").value, 64.0 * 5120 * 576 * 62);
}

void TestExplain::numbers_by_hand()
{
    const Explained explained = explain(scenario_of_study(one_configuration()));
    // docs/model.md §4: S = 128 ceil((5120 + 2) / 128) = 5248, R = 128 x 2 = 256.
    const Explanation &one = child(child(part(explained, "flash_mla"), "Compute"), "One sequence");
    QCOMPARE(one.note, std::string("FA3 two-stage"));
    const Explanation &flop = child(child(one, "Queries times keys"), "FLOP");
    VERIFY_SAME(flop.value, 2.0 * 256 * 576 * 5248);
    const Explanation &beside = child(one, "Softmax overlapped with values");
    QCOMPARE(beside.combine, Combine::largest);
    // Dispatch: 8 visits x 2 tokens x 7168 elements of 1 B over 40 GiB/s, for 32 sequences.
    const Explanation &dispatch = part(explained, "dispatch");
    VERIFY_NEAR(dispatch.value, 32 * 8 * 2 * 7168 / (40 * 0x1p30), 1e-15);
    QCOMPARE(dispatch.children.size(), std::size_t{1});
    // Routed experts: 2 experts per card at EP 144, each charged 8 x 2 x 32 = 512 rows (quirk 2), DeepGEMM's 1040/1979.
    const Explanation &work = child(child(part(explained, "routed_up"), "Compute"), "Rows at full rate");
    VERIFY_SAME(work.children[0].value, 512.0);
    VERIFY_SAME(work.children[1].value, 1040.0 / 1979);
    QVERIFY(work.children[1].note.find("expert_up: measured on H800 (DeepGEMM README") == 0);
    QVERIFY(verdict_of(work.children[0]).find("M, 8.00 times GEMM tile rows") == 0);
    const Explanation &weights = child(part(explained, "weights"), "Attention weights");
    VERIFY_SAME(weights.children[1].value, 187105280.0); // docs/model.md §8
}

// docs/model.md §14 on the shipped profile: numbers of resources/profiles/calibrated.yaml and
// resources/chips/h800.yaml.
void TestExplain::calibrated_numbers_by_hand()
{
    const Explained wide = explain(scenario_of_study(changed("calibrated")));
    const Explanation &dispatch = part(wide, "dispatch").children[0]; // of the stage
    QCOMPARE(dispatch.children.size(), std::size_t{2});
    const double slowest = std::sqrt(2 * std::log(144));
    VERIFY_NEAR(dispatch.children[1].value, slowest * (12e-6 + 30.7e-6), 1e-14);
    const Explanation *latency = find_explanation(wide, "profile.nic_latency");
    QVERIFY(latency && latency->note.find("fitted: fitted to decode.csv") == 0);
    // 8 visits of 2 tokens; 136 of 144 cards lie behind the NIC's 40 GiB/s, read as decimal, 7 in the domain.
    const double sent = 8 * 2 * 7168;
    const double seconds = sent * 136 / 144 / (40e9 * 0.93) + sent * 7 / 144 / (200e9 * 0.6);
    // The visits to the two experts of a card: those of 32 sequences, and as far above the mean as the busiest of 144.
    const double span = std::log(300) * 301 / (2 * 299) - 1;
    const double hot = 1 + slowest * std::sqrt(span / 2 + 1 / (8. * 2 * 32));
    VERIFY_NEAR(dispatch.children[0].value, 32 * hot * seconds, 1e-13);
    // The longer, half of the shorter, 3.2 us at 2 GHz.
    const Explanation &projection = part(wide, "o_proj");
    QCOMPARE(formula_of(projection), std::string("The longer of both + Not hidden + Kernels"));
    const double computed = child(projection.children[0], "Compute").value,
                 moved = child(projection.children[0], "Memory traffic").value;
    VERIFY_NEAR(
        projection.value, std::max(computed, moved) + 0.5 * std::min(computed, moved) + 3.2e-6 * 2 / 1.83, 1e-14);

    const Explained narrow = explain(scenario_of_study(changed("calibrated ep=8 batch=2")));
    const Explanation &weights = child(child(part(narrow, "routed_up").children[0], "Memory traffic"), "Weights");
    // One expert's up and gate: 7168 x 4096 B over 0.73 of H800's 3.35 TB/s.
    VERIFY_NEAR(
        child(weights, "Weights of an expert").value, 7168.0 * 4096 / (3.35e12 * 0.73) * (1 + 320.0 / 7168), 1e-14);
    const Explanation &active = child(weights, "Experts with a token");
    QVERIFY(active.value > 32 * share_by_span(0.5, 300) && active.value < 32);
    // All cards are within the domain: no NIC and no latency of it.
    const Explanation &near = part(narrow, "combine").children[0];
    VERIFY_NEAR(near.children[1].value, std::sqrt(2 * std::log(8)) * 12e-6, 1e-14);
}

void TestExplain::names_are_found()
{
    const Explained explained = explain(scenario_of_study(changed("calibrated profile.step_overhead=1ms")));
    const std::vector<std::string> names = explanation_names(explained);
    QCOMPARE(names.front(), std::string("throughput"));
    QCOMPARE(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    for (const std::string &name : names)
        QCOMPARE(part(explained, name).name, name);
    // Of other kinds of attention, of groups and of the published equations.
    const std::set<std::string_view> others{"streams", "qkv", "decay", "compress", "index_q", "index_k", "gate",
        "index_scan", "index_top", "attention", "o_a", "all_reduce", "scatter", "latent_down", "latent_up",
        "all_reduce2", "gather", "kv_compress"};
    for (const OperatorInfo &info : operators())
        QVERIFY2(others.contains(info.key) || find_explanation(explained, info.key), info.key.data());
    for (const char *name : {"ux_tps", "step_time", "free_memory", "weights", "kv_cache", "sparse_layer", "dense_layer",
             "outside_layers", "attn1"})
        QVERIFY2(find_explanation(explained, name), name);
    QVERIFY(!find_explanation(explained, "nothing"));
    QVERIFY(!find_explanation(explain(scenario_of_study(one_configuration())), "head"));
}

// Operators, windows and layers of each block are found, whichever kind of layer it is.
void TestExplain::each_kind_of_layer_has_its_names()
{
    for (const auto &[model, settings, labels] :
        {std::tuple(std::string("kimi-k3"), Settings{{"mode", "all2all"}, {"ep", "64"}, {"policy", "dual-mbatch"}},
             std::vector<std::string>{"Sparse layer (MLA)", "Sparse layer (KDA)", "Dense layer"}),
            {std::string("deepseek-v4-pro"), Settings{{"mtp_len", "1"}},
                std::vector<std::string>{"Sparse layer (HCA)", "Sparse layer (CSA)"}},
            {std::string("llama-3.1-70b"), Settings{}, std::vector<std::string>{"Dense layer"}}}) {
        const Scenario scenario = scenario_of_study(study_2026(model, settings));
        const Estimate full = estimate(scenario);
        const Explained explained = explain(scenario);
        std::set<std::string> names;
        for (std::size_t i = 0; i < full.blocks.size(); ++i) {
            const BlockEstimate &block = full.blocks[i];
            const auto value = [&](std::string_view name) {
                const std::string own = name_in_block(full, i, name);
                if (!names.insert(own).second)
                    throw std::runtime_error(own + " is that of another block");
                return part(explained, own).value;
            };
            for (const OperatorEstimate &op : block.operators) {
                const double time_s = value(info_of(op.id).key);
                VERIFY_SAME(time_s, op.time_s);
                if (!explain(scenario, name_in_block(full, i, info_of(op.id).key)))
                    QFAIL("not found alone");
            }
            if (block.kind == BlockKind::outside_layers || block.kind == BlockKind::mtp_outside)
                continue;
            const double layer_s = value("layer_time");
            VERIFY_SAME(layer_s, block.time_s);
            if (i < labels.size()) {
                QCOMPARE(label_of(scenario.model, block), labels[i]);
                QCOMPARE(part(explained, name_in_block(full, i, "layer_time")).title, labels[i]);
            }
            for (std::size_t k = 0; k < block.windows.size(); ++k) {
                const WindowEstimate &window = block.windows[k];
                // Where one lane takes no time, the other is the window.
                if (!(window.compute_s > 0 && window.network_s > 0))
                    continue;
                const double window_s = value(name_of_window(window.compute, window.network, k));
                VERIFY_SAME(window_s, window.time_s);
            }
        }
    }
}

void TestExplain::titles_are_those_of_the_tables_data()
{
    QTest::addColumn<std::string>("changes");
    for (const char *changes : {"", "policy=naive", "calibrated", "quirks.sparse_layers_only=off mtp_len=0",
             "calibrated chip.scale_up_domain=8 nic.bandwidth=50GB/s"})
        QTest::addRow("%s", *changes ? changes : "as published") << std::string(changes);
}

// What stands under the key of an operator, a stage, a block, an output or a parameter is titled after it.
void TestExplain::titles_are_those_of_the_tables()
{
    QFETCH(std::string, changes);
    const Explained explained = explain(scenario_of_study(changed(changes)));
    std::map<std::string, std::string> titles; // that a name has to have, or to begin with
    for (const OperatorInfo &info : operators()) {
        for (const OperatorRuns runs :
            {OperatorRuns::once, OperatorRuns::of_layer, OperatorRuns::of_step, OperatorRuns::share})
            titles[name_of_runs(info.id, runs)] = info.label;
    }
    for (std::size_t i = 0; i < stage_count; ++i)
        titles[std::string(key_of(static_cast<Stage>(i)))] = label_of(static_cast<Stage>(i));
    for (const BlockKind kind : {BlockKind::sparse_layer, BlockKind::dense_layer, BlockKind::mtp_layer,
             BlockKind::outside_layers, BlockKind::mtp_outside})
        titles[std::string(key_of(kind))] = std::string(label_of(kind)) + ", all";
    // The choice that a parameter is searched for has the parameter's name and says what was chosen.
    const std::set<std::string> choices{"ep", "batch"};
    for (const Metric &metric : metrics()) {
        if (metric.number && !choices.contains(std::string(metric.key)))
            titles[std::string(metric.key)] = metric.title;
    }
    titles["bound_by"] = "Step time by what binds";
    std::map<std::string, std::string> seen; // names and keys with their titles
    for (const Explanation &root : explained.numbers) {
        walk(root, [&](const Explanation &node) {
            QVERIFY(!node.title.empty());
            if (const auto wanted = titles.find(node.name); wanted != titles.end())
                QVERIFY2(node.title.starts_with(wanted->second),
                    (node.name + " is titled " + node.title + ", not " + wanted->second).c_str());
            if (!node.key.empty()) {
                const Parameter *parameter = find_parameter(node.key);
                const bool half = node.key == "kv_elem_size" || node.key == "param_elem_size"; // of the precision
                QVERIFY2(parameter || half, node.key.c_str());
                if (!half)
                    QCOMPARE(node.title, std::string(parameter->label));
                QCOMPARE(seen.emplace("key " + node.key, node.title).first->second, node.title);
            }
            const bool of_blocks = node.name == "layer_time"; // each kind of layer has one
            if (!node.name.empty() && !of_blocks)
                QCOMPARE(seen.emplace("name " + node.name, node.title).first->second, node.title);
        });
    }
    std::size_t found = 0;
    for (const auto &[name, title] : titles)
        found += find_explanation(explained, name) ? 1 : 0;
    QVERIFY2(found > 50, std::to_string(found).c_str());
}

void TestExplain::weights_are_titled_after_their_operators()
{
    const Explained explained = explain(scenario_of_study(one_configuration()));
    const Explanation &layer = child(part(explained, "attention_weights"), "Attention parameters of a layer");
    const auto label = [](OpId id) { return std::string(info_of(id).label); };
    QCOMPARE(formula_of(layer),
        label(OpId::q_down) + " + " + label(OpId::q_up) + " + " + label(OpId::kv_compress) + " + Key and value up + "
            + label(OpId::o_proj));
    QCOMPARE(label(OpId::o_proj), std::string("Output projection"));
    // docs/model.md §8: 128 heads of 128 values each to 7168.
    VERIFY_SAME(child(layer, "Output projection").value, 128.0 * 128 * 7168);
}

// No table has a key twice.
void TestExplain::keys_stand_once()
{
    const auto verify_once = [](const char *table, const std::vector<std::string> &keys) {
        std::set<std::string> seen;
        for (const std::string &key : keys)
            QVERIFY2(!key.empty() && seen.insert(key).second, (std::string(table) + ": " + key).c_str());
    };
    std::vector<std::string> keys, labels;
    for (const OperatorInfo &info : operators()) {
        keys.emplace_back(info.key);
        labels.emplace_back(info.label);
    }
    verify_once("operators", keys);
    verify_once("labels of operators", labels);
    keys.clear();
    for (std::size_t i = 0; i < stage_count; ++i)
        keys.emplace_back(key_of(static_cast<Stage>(i)));
    verify_once("stages", keys);
    keys.clear();
    for (const Metric &metric : metrics())
        keys.emplace_back(metric.key);
    verify_once("outputs", keys);
    keys.clear();
    for (const Parameter &parameter : all_parameters())
        keys.push_back(std::to_string(static_cast<int>(parameter.scope)) + "." + std::string(parameter.key));
    verify_once("parameters", keys);
}

// What analyses and tables speak about is found by the same keys.
void TestExplain::outputs_by_their_keys()
{
    for (const char *profile : {"", "calibrated"}) {
        const Study study = changed(profile);
        const Outcome outcome = outcome_of(study);
        QVERIFY(outcome.best);
        const Explained explained = explain(scenario_of(study, outcome.best->candidate));
        for (const Metric &metric : metrics()) {
            if (const std::optional<double> number = number_of(metric, outcome))
                VERIFY_SAME(part(explained, metric.explained).value, *number);
        }
        // Inputs by theirs.
        QCOMPARE(part(explained, "chip.H800.memory_bandwidth").title, std::string("Memory bandwidth"));
        VERIFY_SAME(part(explained, "chip.H800.memory_bandwidth").value, study.chips[0].memory_bandwidth.si());
    }
}

// Each operator that computes has the rule and source of its efficiency; each maximum of two says which won.
void TestExplain::every_maximum_and_efficiency_says_why()
{
    for (const char *changes :
        {"", "policy=naive", "quirks.sparse_layers_only=off", "calibrated", "calibrated policy=naive mtp_len=2"}) {
        const Scenario scenario = scenario_of_study(changed(changes));
        const Explained explained = explain(scenario);
        std::set<OpId> seen; // of several blocks that have it, the first is found
        for (const BlockEstimate &block : estimate(scenario).blocks) {
            for (const OperatorEstimate &op : block.operators) {
                if (!op.efficiency || !seen.insert(op.id).second)
                    continue;
                const Explanation &mfu = part(explained, std::string(info_of(op.id).key) + ".mfu");
                if (op.efficiency->of_chip) {
                    QCOMPARE(mfu.key, "chip." + scenario.chip.name + ".fp8_attention_mfu");
                } else {
                    QVERIFY2(
                        mfu.note.starts_with(std::string(rule_of(op.efficiency->source).key) + ": "), mfu.note.c_str());
                    QVERIFY(mfu.note.find('(') != std::string::npos); // the source
                }
                std::size_t maxima = 0;
                walk(part(explained, info_of(op.id).key),
                    [&](const Explanation &node) { maxima += node.combine == Combine::largest ? 1 : 0; });
                QVERIFY(maxima > 0);
            }
        }
        for (const Explanation &root : explained.numbers) {
            walk(root, [&](const Explanation &node) {
                if (node.combine == Combine::largest && node.children.size() == 2)
                    QVERIFY2(!verdict_of(node).empty(), node.title.c_str());
            });
        }
    }
}

void TestExplain::why_the_batch_is_no_larger()
{
    const auto note = [](const std::string &changes) {
        return part(explain(scenario_of_study(changed(changes))), "batch").note;
    };
    const Scenario any = scenario_of_study(changed(""));
    const std::int64_t most = estimate(any).memory.max_batch;
    const double speed = estimate(any).ux_tps; // falls with every sequence
    QCOMPARE(
        note("target_tps=1 batch=" + std::to_string(most)), std::string("one more sequence does not fit in memory"));
    QCOMPARE(note("target_tps=" + std::to_string(0.9999 * speed)),
        std::string("with one more sequence it is too slow for the target"));
    QCOMPARE(note("target_tps=1"), std::string("one more sequence would fit and be fast enough"));
    QCOMPARE(formula_of(part(explain(any), "max_batch")),
        std::string("floor(Memory for the KV cache / KV cache of a sequence)"));
}

// A network that the other micro-batch hides, and weights that leave no memory: what is below nothing is no ratio.
void TestExplain::why_a_rate_is_not_the_narrowest()
{
    const auto note_of = [](const std::string &changes, std::string_view name) {
        std::string note;
        const Explained explained = explain(scenario_of_study(changed(changes)));
        walk(part(explained, name), [&](const Explanation &node) {
            if (node.key == "chip.H800.fp8" || node.key == "chip.H800.fp4")
                note = node.key + ": " + node.note;
        });
        return note;
    };
    const std::string narrow = "precision=0.5B/0.5B";
    const std::string with_fp4 = narrow + " chip.fp4=4PFLOP/s";
    for (const std::string &changes : {narrow, with_fp4})
        QCOMPARE(
            note_of(changes, "flash_mla"), std::string("chip.H800.fp8: there is no kernel for operands as narrow"));
    QCOMPARE(note_of(narrow, "o_proj"), std::string("chip.H800.fp8: the chip has no rate as narrow as the operands"));
    QCOMPARE(note_of(with_fp4, "o_proj"), std::string("chip.H800.fp4: "));
}

void TestExplain::nothing_beside_less_than_nothing()
{
    const auto verdict = [](const Explanation &node) {
        return node.combine == Combine::largest && node.children[1].value < 0 ? verdict_of(node)
                                                                              : "not below nothing: " + node.title;
    };
    const Explained hidden = explain(scenario_of_study(changed("policy=dual-mbatch nic.bandwidth=1TB/s")));
    for (const Explanation &window : part(hidden, "exposed_network").children[1].children)
        QCOMPARE(verdict(window), std::string("None"));
    QCOMPARE(verdict(part(explain(scenario_of_study(changed("chip.memory=1GB"))), "max_batch")), std::string("None"));
}

void TestExplain::measured_runs()
{
    const Profile profile = *shipped_library().profile("calibrated").value;
    MeasuredCase run;
    run.chip = *shipped_library().chip("H800").value;
    run.nic = one_configuration().nics[0];
    run.model = one_configuration().model;
    Measurement &row = run.measurement;
    row.source = "a paper";
    row.ep = 144;
    row.batch_per_card = 61.5;
    row.context = 4989;
    row.query_tokens = 2;
    row.accepted_per_step = 1.75;
    row.kv_elem_size = row.attention_elem_size = row.expert_elem_size = 1;
    row.micro_batches = 2;
    row.tpot_s = 0.05;
    const Explained explained = explain(
        MeasuredRun{scenario_of(profile, run), *row.batch_per_card, *row.accepted_per_step, row.tpot_s, row.source});
    const Explanation &error = explained.main();
    VERIFY_SAME(error.value, estimated_tpot(profile, run) / 0.05 - 1);
    VERIFY_SAME(part(explained, "tpot").value, estimated_tpot(profile, run));
    walk(error, [&](const Explanation &node) { QVERIFY2(same_bits(combined(node), node.value), node.title.c_str()); });
    QCOMPARE(child(error.children[0], "Time per token, measured").note, std::string("a paper"));
    const Explanation &flash = part(explained, "flash_mla");
    std::set<double> batches;
    walk(flash, [&](const Explanation &node) {
        if (node.title == "Batch per card, measured mean")
            batches.insert(node.value);
    });
    QCOMPARE(batches, std::set<double>{61.5});
}

void TestExplain::one_number_alone_data()
{
    QTest::addColumn<std::string>("changes");
    QTest::addColumn<std::size_t>("first");
    std::size_t first = 0;
    for (const char *changes : {"", "calibrated", "policy=naive mtp_len=0", "chip.memory=1GB"})
        QTest::addRow("%s", *changes ? changes : "as published") << std::string(changes) << first++;
}

// What is made for one name is what stands in all trees under it, whichever that is: of each four names one in each
// row, so that a plain build asks for all of them.
void TestExplain::one_number_alone()
{
    QFETCH(std::string, changes);
    QFETCH(std::size_t, first);
    const Scenario scenario = scenario_of_study(changed(changes));
    const Explained all = explain(scenario);
    std::set<std::string> names;
    for (const Explanation &root : all.numbers) {
        walk(root, [&](const Explanation &node) {
            for (const std::string &name : {node.name, node.key}) {
                if (!name.empty())
                    names.insert(name);
            }
        });
    }
    QVERIFY(names.contains("q_down.mfu") && names.contains("max_batch") && names.contains("context"));
    constexpr std::size_t step = epscope::testing::sanitized ? 16 : 4;
    std::size_t place = 0;
    for (const std::string &name : names) {
        if (place++ % step != first)
            continue;
        const std::optional<Explanation> alone = explain(scenario, name);
        QVERIFY2(alone && *alone == part(all, name), name.c_str());
    }
    QVERIFY(!explain(scenario, "no_such_number"));
}

void TestExplain::counterparts_in_another_configuration()
{
    const Explained now = explain(scenario_of_study(changed("chip.memory_bandwidth=4TB/s"))),
                    then = explain(scenario_of_study(changed("")));
    const Counterparts pairs = counterparts(now.main(), then.main());
    std::size_t nodes = 0;
    walk(now.main(), [&](const Explanation &node) {
        ++nodes;
        const auto pair = pairs.find(&node);
        QVERIFY2(pair != pairs.end(), node.title.c_str());
        QCOMPARE(pair->second->title, node.title);
        QCOMPARE(pair->second->key, node.key);
    });
    QCOMPARE(pairs.size(), nodes);
    const Explanation &step = part(now, "step_time");
    QVERIFY(pairs.at(&step) == &part(then, "step_time"));
    // Of another pipeline the windows are others, the operators the same; what one of them lacks has none.
    const Explained naive = explain(scenario_of_study(changed("policy=naive mtp_len=0")));
    const Counterparts across = counterparts(naive.main(), then.main());
    QVERIFY(across.at(&part(naive, "flash_mla")) == &part(then, "flash_mla"));
    QVERIFY(across.at(&part(naive, "dispatch")) == &part(then, "dispatch"));
    for (const auto &[one, other] : across)
        QVERIFY2(one->name == other->name && one->key == other->key, one->title.c_str());
    walk(then.main(), [&](const Explanation &node) {
        if (node.title == "Draft token 1")
            QVERIFY(!counterparts(then.main(), naive.main()).contains(&node));
    });
}

void TestExplain::combines()
{
    const auto node = [](Combine combine, std::vector<double> values) {
        Explanation result{"Whole", 7, "s", combine, {}, {}, {}, {}};
        for (const double value : values)
            result.children.push_back({std::string(1, static_cast<char>('A' + result.children.size())), value, "s",
                Combine::none, {}, {}, {}, {}});
        return result;
    };
    VERIFY_SAME(combined(node(Combine::sum, {1, 2, 4})), 7.0);
    VERIFY_SAME(combined(node(Combine::difference, {9, 2, 4})), 3.0);
    VERIFY_SAME(combined(node(Combine::product, {3, 2, 4})), 24.0);
    VERIFY_SAME(combined(node(Combine::quotient, {24, 3, 4})), 2.0);
    VERIFY_SAME(combined(node(Combine::quotient_up, {256, 144})), 2.0);
    VERIFY_SAME(combined(node(Combine::quotient_down, {256, 144})), 1.0);
    VERIFY_SAME(combined(node(Combine::quotient_down, {-1, 144})), -1.0);
    VERIFY_SAME(combined(node(Combine::largest, {3, 5, 4})), 5.0);
    VERIFY_SAME(combined(node(Combine::smallest, {3, 5, 4})), 3.0);
    VERIFY_SAME(combined(node(Combine::power, {3, 4})), 81.0);
    VERIFY_NEAR(combined(node(Combine::share_by_span, {2, 1})), 1 - std::exp(-2.0), 1e-15); // all alike
    VERIFY_SAME(combined(node(Combine::none, {})), 7.0);
    QCOMPARE(formula_of(node(Combine::sum, {1, 2})), std::string("A + B"));
    QCOMPARE(formula_of(node(Combine::difference, {1, 2})), std::string("A - B"));
    QCOMPARE(formula_of(node(Combine::product, {1, 2, 3})), std::string("A x B x C"));
    QCOMPARE(formula_of(node(Combine::quotient, {1, 2})), std::string("A / B"));
    QCOMPARE(formula_of(node(Combine::quotient_up, {1, 2})), std::string("ceil(A / B)"));
    QCOMPARE(formula_of(node(Combine::quotient_down, {1, 2})), std::string("floor(A / B)"));
    QCOMPARE(formula_of(node(Combine::none, {1, 2})), std::string());
    QCOMPARE(formula_of(node(Combine::largest, {1, 2})), std::string("max(A, B)"));
    QCOMPARE(formula_of(node(Combine::smallest, {1, 2})), std::string("min(A, B)"));
    QCOMPARE(formula_of(node(Combine::power, {1, 2})), std::string("A ^ B"));
    QCOMPARE(formula_of(node(Combine::sum, {1})), std::string());
    QCOMPARE(verdict_of(node(Combine::largest, {4, 2})), std::string("A, 2.00 times B"));
    QCOMPARE(verdict_of(node(Combine::largest, {2, 5})), std::string("B, 2.50 times A"));
    QCOMPARE(verdict_of(node(Combine::largest, {2, 2})), std::string("both alike"));
    QCOMPARE(verdict_of(node(Combine::largest, {0, 2})), std::string("B"));
    QCOMPARE(verdict_of(node(Combine::largest, {0, -2})), std::string("A"));
    QCOMPARE(verdict_of(node(Combine::largest, {-4, -2})), std::string("B"));
    QCOMPARE(verdict_of(node(Combine::sum, {2, 5})), std::string());
}

void TestExplain::terms_record_what_they_combine()
{
    const Term a = constant<Term>("A", 2), b = constant<Term>("B", 3), c = constant<Term>("C", 5), none;
    const auto formula = [](const Term &term) { return formula_of(term.tree()); };
    QCOMPARE(formula(a * b * c), std::string("A x B x C"));
    VERIFY_SAME((a * b * c).value(), 30.0);
    QCOMPARE(formula(titled("Both", "", a * b) * c), std::string("Both x C"));
    QCOMPARE((a + b - c).tree().children.size(), std::size_t{2}); // a sum that goes on as something else
    QCOMPARE(formula(quotient_up(quotient_up(c, a), b)), std::string("ceil( / B)"));
    QCOMPARE(formula(larger(a, b)), std::string("max(A, B)"));
    // What is not there is left out of a sum and takes a product with it.
    QVERIFY((none + a).tree() == a.tree() && (a + none).tree() == a.tree() && (a - none).tree() == a.tree());
    QVERIFY((a * none).empty() && (none / a).empty() && titled("None", "", none).empty());
    QVERIFY(if_any(constant<Term>("Zero", 0)).empty() && !if_any(a).empty());
    VERIFY_SAME(none.value(), 0.0);
    Term all;
    all += none;
    QVERIFY(all.empty());
    all += a;
    QCOMPARE(all.tree().children.size(), std::size_t{1});
    all += b;
    QCOMPARE(formula(all), std::string("A + B"));
    // An operator that computes nothing takes its traffic.
    QCOMPARE(longer_of(none, a).tree().combine, Combine::sum);
    QCOMPARE(longer_of(a, b).tree().title, std::string("The longer of both"));
    QVERIFY(beside(none, a).tree() == a.tree());
    QCOMPARE(beside(a, b).tree().title, std::string("A overlapped with B"));
    QCOMPARE(one_after_the_other(a, b).tree().title, std::string("A and B"));
    VERIFY_SAME(at_most(2, b).value(), 2.0);
    QCOMPARE(named("name", noted(a, [] { return "note"; })).tree().note, std::string("note"));
    // As numbers do.
    VERIFY_SAME(larger(2.0, 3.0) + lesser(2.0, 3.0) * beside(1.0, 4.0) + if_any(0.0), 11.0);
    VERIFY_SAME(titled("A", "", named("a", noted(as("B", 2.0), "note"))), 2.0);
}

void TestExplain::texts()
{
    const auto value = [](double number, const char *unit) {
        return value_text({"", number, unit, Combine::none, {}, {}, {}, {}});
    };
    QCOMPARE(value(4.5218e-5, "s"), std::string("45.22 us"));
    QCOMPARE(value(5248, ""), std::string("5248"));
    QCOMPARE(value(1.5478e9, "FLOP"), std::string("1.548 GFLOP"));
    QCOMPARE(value(2, "B"), std::string("2 B"));
    QCOMPARE(value(0.85, ""), std::string("0.8500"));
    QCOMPARE(value(187105280, ""), std::string("187105280"));

    const Explained explained = explain(scenario_of_study(changed("batch=128")));
    const Explanation &flash = part(explained, "flash_mla");
    QCOMPARE(plain_text(flash, 1),
        "FlashMLA = " + value_text(flash) + ": max(Compute, Memory traffic) -> " + verdict_of(flash) + "\n  Compute = "
            + value_text(flash.children[0]) + ": One sequence x Sequences per micro-batch\n  Memory traffic = "
            + value_text(flash.children[1]) + ": Time per sequence x Sequences per micro-batch\n");
    QCOMPARE(markdown(part(explained, "kv_cache"), 1),
        "- **KV cache** = " + value_text(part(explained, "kv_cache"))
            + ": Batch x KV cache of a sequence\n  - **Batch** = 128 `batch`\n"
              "  - **KV cache of a sequence** = 182.9 MB: KV width x KV element size x Cached layers "
              "x Cached tokens\n");
    QCOMPARE(markdown(part(explained, "batch"), 1,
                 [](const Explanation &node) { return node.key.empty() ? " (then 3)" : std::string(); }),
        "- **Batch per card** = 128 (then 3) (" + part(explained, "batch").note
            + ")\n  - **Largest batch that fits** = " + value_text(part(explained, "max_batch"))
            + " (then 3): floor(Memory for the KV cache / KV cache of a sequence)\n");
    std::size_t nodes = 0;
    walk(flash, [&](const Explanation &) { ++nodes; });
    const std::string all = plain_text(flash);
    QCOMPARE(static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n')), nodes);
}

EPSCOPE_SUITE(explain, TestExplain)
#include "tst_explain.moc"
