// SPDX-License-Identifier: GPL-3.0-or-later
// Models as lists of layers: reading, writing, and what is refused.
#include <QTest>

#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "core/spec/layer_shapes.h"
#include "tests/support/fixed.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestLayers : public QObject {
    Q_OBJECT

private slots:
    void old_files_are_lists_of_latent_attention();
    void shipped_lists_data();
    void shipped_lists();
    void what_files_state();
    void refused_data();
    void refused();
    void numbers_of_the_list_are_not_set_alone();
    void checkpoints_by_name();
};

namespace {

const std::string head = "model: m\nsource: s\nhidden_size: 64\nexpert_intermediate: 32\nrouted_experts: 8\n"
                         "experts_per_token: 2\nshared_experts: 1\nvocabulary: 100\nmtp_layers: 0\n";
std::string with_layers(const std::string &items)
{
    return head + "layer_kinds:\n" + items;
}

} // namespace

void TestLayers::old_files_are_lists_of_latent_attention()
{
    const std::vector<LayerKind> kinds = layers_of(*shipped_library().model("deepseek-v3").value);
    const MlaShape mla{128, 1536, 512, 128, 64, 128};
    QVERIFY((kinds == std::vector<LayerKind>{{58, 0, mla}, {3, 18432, mla}}));
}

void TestLayers::shipped_lists_data()
{
    QTest::addColumn<std::int64_t>("layers");
    QTest::addColumn<std::int64_t>("dense_layers");
    const auto row = [](const char *model, std::int64_t layers, std::int64_t dense) {
        QTest::newRow(model) << layers << dense;
    };
    row("deepseek-v3.2", 61, 3);
    row("kimi-k2.5", 61, 1);
    row("glm-5", 78, 3);
    row("glm-5.2", 78, 3);
    row("deepseek-v4-pro", 61, 0);
    row("deepseek-v4-flash", 43, 0);
    row("kimi-k3", 93, 1);
    row("qwen3-235b", 94, 0);
    row("qwen3.5-397b", 60, 0);
    row("gpt-oss-120b", 36, 0);
    row("minimax-m2.5", 62, 0);
    row("glm-4.5", 92, 3);
    row("glm-4.6", 92, 3);
    row("llama-3.1-70b", 80, 80);
}

// Read, written into a study and read again.
void TestLayers::shipped_lists()
{
    QFETCH(std::int64_t, layers);
    QFETCH(std::int64_t, dense_layers);
    const Model model = *shipped_library().model(QTest::currentDataTag()).value;
    QCOMPARE(model.layers, layers);
    QCOMPARE(model.dense_layers, dense_layers);
    QVERIFY(inconsistencies(model).empty());
    Study study = one_configuration();
    study.model = model;
    study.model.name = "mine"; // written whole
    const Read<Study> read = read_study(study_text(study), "study.yaml", shipped_library());
    QVERIFY(read);
    QVERIFY(read.value->model == study.model);
}

void TestLayers::what_files_state()
{
    const Read<Model> read = read_model(
        with_layers("  - {layers: 2, ffn: moe, attention: mla, heads: 4, q_rank: 8, kv_rank: 16, nope: 3, rope: 5, v: "
                    "7, gate: 9, top: 11, index_heads: 13, index_dim: 17, entry: 19 B, index_entry: 23 B, own: 0.5}\n"
                    "  - {layers: 3, ffn: 48, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5, window: 128, gate: "
                    "true}\n"
                    "  - {layers: 4, ffn: moe, attention: v4, heads: 4, dim: 32, q_rank: 8, o_groups: 2, o_rank: 6, "
                    "window: 128, ratio: 4, top: 64, index_heads: 2, index_dim: 16, entry: 40 B, index_entry: 10 B, "
                    "streams: 3}\n"
                    "  - {layers: 5, ffn: moe, attention: linear, form: kda, key_heads: 2, value_heads: 4, dk: 6, dv: "
                    "8, conv: 3, state: 2 B}\n"),
        "m.yaml");
    QVERIFY(read);
    MlaShape mla{4, 8, 16, 3, 5, 7, 9, 11, 13, 17, 19, 23, 0.5};
    QVERIFY(!read.value->draft);
    const std::vector<LayerKind> expected{{2, 0, mla}, {3, 48, GqaShape{4, 2, 6, 5, 128, true}},
        {4, 0, V4Shape{4, 32, 8, 2, 6, 128, 4, 64, 2, 16, 40, 10, 3}},
        {5, 0, LinearShape{LinearForm::kda, 2, 4, 6, 8, 3, 2}}};
    QVERIFY(read.value->layer_kinds == expected);
    QCOMPARE(read.value->layers, std::int64_t{14});
    QCOMPARE(read.value->dense_layers, std::int64_t{3});
    QCOMPARE(read.value->heads, std::int64_t{4});
    QCOMPARE(read.value->dense_intermediate, std::int64_t{48});
    const Read<Model> drafted = read_model(head
            + "draft: {method: EAGLE3, layers: 2, ffn: 48, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5}\n"
            + "layer_kinds:\n  - {layers: 1, ffn: moe, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5}\n",
        "m.yaml");
    QVERIFY(drafted);
    QVERIFY((drafted.value->draft == Draft{"EAGLE3", {2, 48, GqaShape{4, 2, 6, 5}}}));
    QVERIFY(can_draft(*drafted.value) && !can_draft(*read.value));
}

void TestLayers::refused_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("message");
    const auto row = [](const char *what, const std::string &text, const char *key, const char *message) {
        QTest::newRow(what) << text << std::string(key) << std::string(message);
    };
    const std::string gqa = "  - {layers: 1, ffn: moe, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5}\n";
    row("a number of the list next to it", with_layers(gqa) + "heads: 4\n", "heads",
        "stands next to layer_kinds, which says it");
    row("empty", head + "layer_kinds: []\n", "layer_kinds", "expected a list of at least one kind of layers");
    row("an unknown kind", with_layers("  - {layers: 1, ffn: moe, attention: mamba}\n"), "layer_kinds[0].attention",
        "'mamba' is not allowed; allowed is mla, gqa, v4 or linear");
    row("another kind's key",
        with_layers("  - {layers: 1, ffn: moe, attention: linear, form: gdn, key_heads: 2, "
                    "value_heads: 4, dk: 6, dv: 8, conv: 3, state: 2 B, window: 8}\n"),
        "layer_kinds[0].window",
        "unknown key; allowed is layers, ffn, attention, form, key_heads, value_heads, dk, dv, conv, state");
    row("a missing number", with_layers("  - {layers: 1, ffn: moe, attention: gqa, heads: 4, kv_heads: 2, qk: 6}\n"),
        "layer_kinds[0].v", "missing key");
    row("an FFN of a word",
        with_layers("  - {layers: 1, ffn: few, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: "
                    "5}\n"),
        "layer_kinds[0].ffn", "'few' is not a number");
    row("heads that do not divide",
        with_layers("  - {layers: 1, ffn: moe, attention: gqa, heads: 4, kv_heads: 3, qk: 6, v: 5}\n"), "layer_kinds",
        "[0]: expected heads to be a multiple of kv_heads");
    row("a choice without an indexer",
        with_layers("  - {layers: 1, ffn: moe, attention: mla, heads: 4, q_rank: 8, kv_rank: 16, nope: 3, v: 7, top: "
                    "5}\n"),
        "layer_kinds",
        "[0]: keys are chosen ('top') without an indexer; expected index_heads, index_dim, entry, index_entry and own");
    row("a draft with experts",
        head + "draft: {method: m, layers: 1, ffn: moe, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5}\n"
            + "layer_kinds:\n" + gqa,
        "draft", "a draft with experts is not modelled; expected the width of its FFN");
    row("a draft without a name",
        head + "draft: {layers: 1, ffn: 8, attention: gqa, heads: 4, kv_heads: 2, qk: 6, v: 5}\nlayer_kinds:\n" + gqa,
        "draft.method", "missing key");
    row("a draft's heads",
        head
            + "draft: {method: m, layers: 1, ffn: 8, attention: gqa, heads: 4, kv_heads: 3, qk: 6, v: 5}\n"
              "layer_kinds:\n"
            + gqa,
        "layer_kinds", " of the draft: expected heads to be a multiple of kv_heads");
    row("experts that the model lacks",
        "model: m\nsource: s\nhidden_size: 64\nvocabulary: 100\nmtp_layers: 0\nlayer_kinds:\n" + gqa,
        "expert_intermediate", "missing key");
}

void TestLayers::refused()
{
    QFETCH(std::string, text);
    QFETCH(std::string, key);
    QFETCH(std::string, message);
    const Read<Model> read = read_model(text, "m.yaml");
    QVERIFY(!read);
    const auto found = std::find_if(
        read.problems.begin(), read.problems.end(), [&](const Diagnostic &problem) { return problem.key == key; });
    QVERIFY2(found != read.problems.end(), text_of(read.problems.front()).c_str());
    QVERIFY2(found->message.find(message) != std::string::npos, found->message.c_str());
}

void TestLayers::numbers_of_the_list_are_not_set_alone()
{
    Study study = one_configuration();
    study.model = *shipped_library().model("kimi-k3").value;
    const Study before = study;
    QCOMPARE(set_parameter(study, "model.layers", "30", BareNumbers::allowed).value_or(""),
        std::string("stands in the model's list of layers; allowed is 93"));
    QVERIFY(study == before);
    QVERIFY(!set_parameter(study, "model.hidden_size", "4096", BareNumbers::allowed));
}

// docs/model.md §14 has the table.
void TestLayers::checkpoints_by_name()
{
    Study study = one_configuration();
    const auto texts = [&] {
        std::vector<std::string> all;
        for (const char *key : {"param_elem_size", "output_elem_size", "expert_elem_size", "dense_elem_size"})
            all.push_back(*parameter_text(study, key));
        return all;
    };
    const auto take = [&](const char *name) { return set_parameter(study, "checkpoint", name, BareNumbers::allowed); };
    QVERIFY(!parameter_text(study, "checkpoint"));
    QVERIFY(!take("deepseek-nvfp4"));
    QCOMPARE(texts(), (std::vector<std::string>{"2 B", "0.5625 B", "0.5625 B", "0.5625 B"}));
    QCOMPARE(*parameter_text(study, "kv_elem_size"), std::string("1 B"));
    QCOMPARE(*parameter_text(study, "checkpoint"), std::string("deepseek-nvfp4"));
    QVERIFY(!take("gpt-oss-mxfp4"));
    QCOMPARE(texts(), (std::vector<std::string>{"2 B", "2 B", "0.53125 B", "2 B"}));
    QVERIFY(!take("fp8"));
    QCOMPARE(texts(), (std::vector<std::string>{"1 B", "1 B", "1 B", "1 B"}));
    const Study before = study;
    QVERIFY(take("fp9")->find("'fp9' is not allowed; allowed is fp8, deepseek-nvfp4") != std::string::npos);
    QVERIFY(study == before);
}

EPSCOPE_SUITE(layers, TestLayers)
#include "tst_layers.moc"
