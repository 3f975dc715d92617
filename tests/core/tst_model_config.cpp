// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <fstream>
#include <random>

#include <QRegularExpression>

#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/model_config.h"
#include "core/io/model_quantisation.h"
#include "core/io/spec_reader.h"
#include "core/spec/parameters.h"
#include "core/spec/remarks.h"
#include "tests/support/files.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
namespace fs = std::filesystem;

class ModelConfigTest : public QObject {
    Q_OBJECT

private slots:
    void the_family_is_read_whole();
    void every_spelling_is_read();
    void json_is_read_as_json();
    void equivalent_spellings_are_read_data();
    void equivalent_spellings_are_read();
    void other_statements_of_layers_data();
    void other_statements_of_layers();
    void layers_that_cannot_be_read_data();
    void layers_that_cannot_be_read();
    void what_the_engine_lacks_is_refused_data();
    void what_the_engine_lacks_is_refused();
    void what_is_switched_off_does_not_count_data();
    void what_is_switched_off_does_not_count();
    void bad_files_get_one_line_data();
    void bad_files_get_one_line();
    void other_json_is_told_apart_data();
    void other_json_is_told_apart();
    void several_problems_have_a_line_each();
    void doubts_are_said_data();
    void doubts_are_said();
    void stated_element_sizes_are_taken_data();
    void stated_element_sizes_are_taken();
    void a_study_takes_what_a_model_states();
    void the_longest_context_is_read();
    void names_come_from_the_file();
    void folders_hold_models();
    void snapshots_of_a_cache_are_found();
    void library_folders_hold_models();
    void mutated_files_never_do_harm();
};

namespace {

const std::string folder = std::string(EPSCOPE_SOURCE_DIR) + "/tests/data/models/";

std::string text_in(const std::string &name)
{
    return *read_text(folder + name, largest_file).value;
}

Read<Model> read_config(const std::string &name)
{
    return read_model(text_in(name), name);
}

// A configuration with some keys set to some JSON; an empty text takes a key out.
using Changes = std::vector<std::pair<QString, QString>>;

std::string changed(const std::string &name, const Changes &changes)
{
    QString text = QString::fromStdString(text_in(name));
    for (const auto &[key, value] : changes) {
        const QRegularExpression entry(
            QStringLiteral("\n *\"%1\": (\\{[^}]*\\}|\\[[^\\]]*\\]|[^\n,]*),?").arg(QRegularExpression::escape(key)));
        text.remove(entry);
        if (!value.isEmpty())
            text.replace(text.indexOf('{'), 1, QStringLiteral("{\n  \"%1\": %2,").arg(key, value));
    }
    text.replace(QRegularExpression(QStringLiteral(",\\s*\\}")), QStringLiteral("\n}"));
    return text.toStdString();
}

const std::string r1 = "deepseek-r1_config.json";

Read<Model> read_changed(const Changes &changes, const std::string &file = r1)
{
    return read_model(changed(file, changes), file);
}

std::string lines_of(const std::vector<Diagnostic> &problems)
{
    std::string text;
    for (const Diagnostic &problem : problems)
        text += text_of(problem) + "\n";
    return text;
}

#define VERIFY_READ(read) QVERIFY2((read), lines_of((read).problems).c_str())

Model shapes_only(Model model)
{
    model.name = model.title = model.source = "";
    return model;
}

std::string repeated(const std::string &first, int times, const std::string &then, int more)
{
    std::string list = "[";
    for (int i = 0; i < times + more; ++i)
        list += (i == 0 ? "" : ", ") + (i < times ? first : then);
    return list + "]";
}

void write(const fs::path &file, const std::string &text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

} // namespace

void ModelConfigTest::the_family_is_read_whole()
{
    const Library library({std::string(EPSCOPE_SOURCE_DIR) + "/resources"});
    const Model v3 = *library.model("deepseek-v3").value; // R1 has V3's shapes
    const Read<Model> model = read_config(r1);
    VERIFY_READ(model);
    QVERIFY(same_shapes(*model.value, v3));
    QCOMPARE(model.value->name, std::string("deepseek-r1"));
    QCOMPARE(model.value->title, std::string("deepseek-r1"));
    QCOMPARE(model.value->source, std::string("config.json of deepseek-r1"));
    QVERIFY(model.warnings.empty());
    const Library with_config(
        {std::string(EPSCOPE_SOURCE_DIR) + "/tests/data"}); // its folder "models" holds the files of this test
    QVERIFY(*with_config.model("deepseek-r1").value == *model.value);
}

void ModelConfigTest::every_spelling_is_read()
{
    const Read<Model> pangu = read_config("pangu-ultra_config.json");
    VERIFY_READ(pangu);
    Model expected = *read_config(r1).value;
    expected.hidden_size = 7680;
    expected.vocabulary = 153600;
    QVERIFY(same_shapes(*pangu.value, expected));

    const Read<Model> nested =
        read_config("seeing_config.json"); // the shapes lie in language_config, the sizes outside
    VERIFY_READ(nested);
    QCOMPARE(shapes_only(*nested.value), shapes_only(*read_config(r1).value));

    // As in inference/configs/config_671B.json of deepseek-ai/DeepSeek-V3, which names no architecture.
    const Read<Model> own = read_model(
        R"({"vocab_size": 129280, "dim": 7168, "inter_dim": 18432, "moe_inter_dim": 2048, "n_layers": 61,
            "n_dense_layers": 3, "n_heads": 128, "n_routed_experts": 256, "n_shared_experts": 1,
            "n_activated_experts": 8, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64, "v_head_dim": 128, "dtype": "fp8"})",
        "config_671B.json");
    VERIFY_READ(own);
    expected = *read_config(r1).value;
    expected.mtp_layers = 0; // that file states none
    QVERIFY(same_shapes(*own.value, expected));
    QVERIFY(own.warnings.empty());
    QCOMPARE(own.value->expert_elem_size->si(), 1.0);
}

void ModelConfigTest::json_is_read_as_json()
{
    const Model expected = *read_config(r1).value;
    // What YAML has otherwise: pairs of surrogates, escaped slashes, tabs between tokens, a mark of the byte order.
    const Read<Model> escaped = read_changed({{"_name_or_path", "\"\\ud83d\\udc0b\\/models\\/R1\""},
        {"hidden_size", "\t7168\t"}, {"vocab_size", "1.2928e5"}});
    VERIFY_READ(escaped);
    QCOMPARE(*escaped.value, expected);
    const Read<Model> marked = read_model("\xEF\xBB\xBF" + text_in(r1), r1);
    VERIFY_READ(marked);
    QCOMPARE(*marked.value, expected);
    // Whatever the file is called.
    QVERIFY(read_model(text_in(r1), "<stdin>"));
    // EPScope's own keys in JSON are EPScope's own still.
    const Read<Model> own = read_model(R"({"model": "M", "hidden": 1})", "m.json");
    QVERIFY(lines_of(own.problems).find("hidden: unknown key") != std::string::npos);
}

void ModelConfigTest::equivalent_spellings_are_read_data()
{
    QTest::addColumn<Changes>("changes");
    const auto row = [](const char *name, const Changes &changes) { QTest::newRow(name) << changes; };
    const QString frequencies = QString::fromStdString(repeated("0", 3, "1", 58));
    row("frequencies", {{"moe_layer_freq", frequencies}});
    row("frequencies alone", {{"moe_layer_freq", frequencies}, {"first_k_dense_replace", ""}});
    row("switches", {{"moe_layer_freq", QString::fromStdString(repeated("false", 3, "true", 58))}});
    row("frequencies of the drafting layer too",
        {{"moe_layer_freq", QString::fromStdString(repeated("0", 3, "1", 59))}});
    row("kinds",
        {{"mlp_layer_types", QString::fromStdString(repeated("\"dense\"", 3, "\"sparse\"", 58))},
            {"first_k_dense_replace", ""}});
    row("dense ones", {{"mlp_only_layers", "[1, 0, 2]"}, {"first_k_dense_replace", ""}, {"decoder_sparse_step", "1"}});
    row("no dense ones listed", {{"mlp_only_layers", "[]"}});
    row("attention of one kind", {{"layer_types", QString::fromStdString(repeated("\"full_attention\"", 61, "", 0))}});
    row("a width for each layer", {{"moe_intermediate_size", QString::fromStdString(repeated("2048", 61, "", 0))}});
    row("two names, one value", {{"num_experts", "256"}, {"num_shared_experts", "1"}});
    row("width of the shared expert", {{"n_shared_experts", ""}, {"moe_shared_expert_intermediate_size", "2048"}});
    row("width and number", {{"shared_expert_intermediate_size", "2048"}});
}

void ModelConfigTest::equivalent_spellings_are_read()
{
    QFETCH(Changes, changes);
    const Read<Model> model = read_changed(changes);
    VERIFY_READ(model);
    QCOMPARE(*model.value, *read_config(r1).value);
    QCOMPARE(lines_of(model.warnings), std::string());
}

// Lists, intervals and numbers that say which layers are of which kind, in place of those that the models have.
void ModelConfigTest::other_statements_of_layers_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<Changes>("changes");
    QTest::addColumn<std::vector<LayerKind>>("layers");
    const auto row = [](const char *name, const char *file, const Changes &changes,
                         const std::vector<LayerKind> &layers) { QTest::newRow(name) << file << changes << layers; };
    const GqaShape of_qwen{32, 2, 256, 256, 0, true};
    const LinearShape of_state{LinearForm::gdn, 16, 64, 128, 128, 4, 4};
    row("an interval", "qwen3.5-397b", {{"layer_types", ""}}, {{15, 0, of_qwen}, {45, 0, of_state}});
    row("another interval", "qwen3.5-397b", {{"layer_types", ""}, {"full_attention_interval", "3"}},
        {{20, 0, of_qwen}, {40, 0, of_state}});
    row("a state in BF16", "qwen3.5-397b", {{"mamba_ssm_dtype", "\"bfloat16\""}},
        {{15, 0, of_qwen}, {45, 0, LinearShape{LinearForm::gdn, 16, 64, 128, 128, 4, 2}}});
    const GqaShape whole{64, 8, 64, 64}, windowed{64, 8, 64, 64, 128};
    row("windows everywhere", "gpt-oss-120b", {{"layer_types", ""}}, {{36, 0, windowed}});
    row("a pattern of windows", "gpt-oss-120b", {{"layer_types", ""}, {"sliding_window_pattern", "6"}},
        {{6, 0, whole}, {30, 0, windowed}});
    row("windows switched off", "gpt-oss-120b", {{"layer_types", ""}, {"use_sliding_window", "false"}},
        {{36, 0, whole}});
    row("the last layers with a window", "llama-3.1-70b",
        {{"use_sliding_window", "true"}, {"sliding_window", "4096"}, {"max_window_layers", "70"}},
        {{70, 28672, GqaShape{64, 8, 128, 128}}, {10, 28672, GqaShape{64, 8, 128, 128, 4096}}});
    row("heads of their own", "llama-3.1-70b", {{"num_key_value_heads", ""}},
        {{80, 28672, GqaShape{64, 64, 128, 128}}});
    row("a head dim", "llama-3.1-70b", {{"head_dim", "96"}}, {{80, 28672, GqaShape{64, 8, 96, 96}}});
    const MlaShape of_v3{128, 1536, 512, 128, 64, 128};
    row("dense layers anywhere", "deepseek-v3", {{"first_k_dense_replace", ""}, {"mlp_only_layers", "[0, 5]"}},
        {{59, 0, of_v3}, {2, 18432, of_v3}});
    const GqaShape of_glm{96, 8, 128, 128};
    row("dense layers of grouped queries", "glm-4.6",
        {{"first_k_dense_replace", ""},
            {"mlp_layer_types", QString::fromStdString(repeated("\"sparse\"", 90, "\"dense\"", 2))}},
        {{90, 0, of_glm}, {2, 12288, of_glm}});
    MlaShape choosing = of_v3;
    choosing.top = 2048;
    choosing.index_heads = 64;
    choosing.index_dim = 128;
    choosing.entry = 656;
    choosing.index_entry = 132;
    row("each with an indexer", "deepseek-v3.2", {{"index_topk_freq", "1"}}, {{58, 0, choosing}, {3, 18432, choosing}});
    choosing.own = 31. / 61;
    row("some with an indexer", "deepseek-v3.2",
        {{"indexer_types", QString::fromStdString(repeated("\"full\"", 31, "\"shared\"", 31))}},
        {{58, 0, choosing}, {3, 18432, choosing}});
}

void ModelConfigTest::other_statements_of_layers()
{
    QFETCH(QString, file);
    QFETCH(Changes, changes);
    QFETCH(std::vector<LayerKind>, layers);
    const std::string name = "../configs/" + file.toStdString() + "/config.json";
    const Read<Model> model = read_model(changed(name, changes), name);
    VERIFY_READ(model);
    QVERIFY(layers_of(*model.value) == layers);
    QVERIFY(inconsistencies(*model.value).empty());
}

void ModelConfigTest::layers_that_cannot_be_read_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<Changes>("changes");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *file, const Changes &changes, const char *key, const char *says) {
        QTest::newRow(name) << file << changes << key << says;
    };
    row("ratios of few layers", "deepseek-v4-pro", {{"compress_ratios", "[128, 4]"}}, "compress_ratios",
        "2 items for 61 layers; expected one for each layer");
    row("an odd ratio", "deepseek-v4-pro",
        {{"compress_ratios", QString::fromStdString(repeated("128", 61, "-1", 0).replace(1, 3, "-4"))}},
        "compress_ratios", "expected whole numbers");
    row("no window", "deepseek-v4-flash", {{"sliding_window", ""}}, "sliding_window",
        "missing in the configuration of 'DeepseekV4ForCausalLM', whose attention has it");
    row("no ratios", "deepseek-v4-flash", {{"compress_ratios", ""}}, "kv_lora_rank", "states no rank of a KV latent");
    row("heads that no group divides", "deepseek-v4-flash", {{"o_groups", "7"}}, "num_attention_heads",
        "expected heads to be a multiple of o_groups");
    row("KV heads", "qwen3-235b", {{"num_key_value_heads", "5"}}, "num_attention_heads",
        "expected heads to be a multiple of kv_heads");
    row("a broken head dim", "qwen3-235b", {{"head_dim", "12.5"}}, "head_dim", "expected a whole number from 1");
    row("chosen keys of grouped queries", "minimax-m2.5", {{"index_topk", "2048"}}, "index_topk", "sparse attention");
    row("no width of dense layers", "glm-4.6", {{"intermediate_size", ""}}, "intermediate_size",
        "of the layers with a dense FFN");
    row("no heads of the state", "qwen3.5-397b", {{"linear_num_key_heads", ""}}, "linear_num_key_heads", "missing");
    row("steps", "qwen3-235b", {{"decoder_sparse_step", "2"}}, "decoder_sparse_step",
        "are read from a list alone; expected mlp_layer_types or mlp_only_layers");
    row("chunks", "llama-3.1-70b", {{"attention_chunk_size", "8192"}}, "attention_chunk_size", "in chunks");
    row("too many layers", "llama-3.1-70b", {{"num_hidden_layers", "70000"}}, "num_hidden_layers",
        "expected up to 65536 layers");
}

void ModelConfigTest::layers_that_cannot_be_read()
{
    QFETCH(QString, file);
    QFETCH(Changes, changes);
    QFETCH(QString, key);
    QFETCH(QString, says);
    const std::string name = "../configs/" + file.toStdString() + "/config.json";
    const Read<Model> model = read_model(changed(name, changes), name);
    QVERIFY(!model);
    QVERIFY2(model.problems.size() == 1, lines_of(model.problems).c_str());
    QCOMPARE(QString::fromStdString(model.problems[0].key), key);
    QVERIFY2(QString::fromStdString(model.problems[0].message).contains(says), lines_of(model.problems).c_str());
    // A gate of low rank stands inside the map of linear attention.
    QVERIFY(text_in("../configs/kimi-k3/config.json").find("\"use_full_rank_gate\": true") != std::string::npos);
    std::string low_rank = text_in("../configs/kimi-k3/config.json");
    low_rank.replace(low_rank.find("\"use_full_rank_gate\": true"), 26, "\"use_full_rank_gate\": false");
    QVERIFY(lines_of(read_model(low_rank, "k.json").problems).find("a gate of low rank") != std::string::npos);
}

void ModelConfigTest::what_the_engine_lacks_is_refused_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<Changes>("changes");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("says");
    const auto file = [](const char *name, const char *key, const char *says) {
        QTest::newRow(name) << QStringLiteral("%1_config.json").arg(name) << Changes() << key << says;
    };
    file("linear", "linear_attn_config", "do not name each of the 61 layers once");
    file("uncompressed", "q_lora_rank", "queries without compression");
    file("ring-2.5", "layer_group_size", "linear attention");
    const auto row = [](const char *name, const Changes &changes, const char *key, const char *says) {
        QTest::newRow(name) << QString::fromStdString(r1) << changes << key << says;
    };
    row("no latent", {{"use_mla", "false"}}, "use_mla", "without a compressed KV cache");
    row("no latent, in words", {{"use_mla", "\"False\""}}, "use_mla", "without a compressed KV cache");
    row("no latent, by Megatron", {{"multi_latent_attention", "false"}}, "multi_latent_attention",
        "without a compressed KV cache");
    row("kind of attention", {{"attention_type", "\"linear_attention\""}}, "attention_type",
        "attention of the kind 'linear_attention' is not modelled");
    row("a formula", {{"moe_layer_freq", "\"([0]*3+[1]*58)\""}}, "moe_layer_freq",
        "is no number; expected 1, or a list");
    row("lightning", {{"attn_type_list", "[1, 0]"}}, "attn_type_list", "lightning attention");
    row("pattern", {{"hybrid_layer_pattern", "[1, 0, 1]"}}, "hybrid_layer_pattern", "several kinds");
    row("sparse", {{"use_sparse_attention", "true"}}, "use_sparse_attention", "sparse attention");
    row("keys chosen in some layers",
        {{"index_topk", "2048"}, {"index_n_heads", "64"}, {"index_head_dim", "128"}, {"index_topk_freq", "4"}},
        "index_topk_freq", "is read from indexer_types alone");
    row("an odd indexer",
        {{"index_topk", "2048"}, {"index_n_heads", "64"}, {"index_head_dim", "128"},
            {"indexer_types", QString::fromStdString(repeated("\"full\"", 60, "\"half\"", 1))}},
        "indexer_types", "'half' is neither full nor shared");
    row("pooled keys", {{"index_topk", "2048"}, {"index_kpool", "4"}}, "index_kpool", "pooled keys");
    row("compressed", {{"compress_ratio", "4"}}, "compress_ratio", "compressed sparse");
    row("chunks", {{"attention_chunk_size", "8192"}}, "attention_chunk_size", "attention in chunks");
    row("window", {{"sliding_window", "4096"}}, "sliding_window", "sliding-window");
    row("window of a context that is no number",
        {{"sliding_window", "4096"}, {"max_position_embeddings", "\"163840\""}}, "sliding_window", "sliding-window");
    row("window of a list of contexts", {{"sliding_window", "4096"}, {"max_position_embeddings", "[4096]"}},
        "sliding_window", "sliding-window");
    row("window of the context before it is stretched",
        {{"sliding_window", "4096"}, {"max_position_embeddings", "4096"},
            {"rope_scaling", R"({"factor": 40, "original_max_position_embeddings": 4096})"}},
        "sliding_window", "sliding-window");
    row("states", {{"ssm_state_size", "128"}}, "ssm_state_size", "state-space");
    row("shared cache", {{"use_cla", "true"}}, "use_cla", "KV cache that layers share");
    row("gate", {{"attn_output_gate", "true"}}, "attn_output_gate", "a gate behind the attention");
    row("low rank", {{"o_lora_rank", "1024"}}, "o_lora_rank", "output projection of low rank");
    row("streams", {{"hc_mult", "4"}}, "hc_mult", "several residual streams");
    row("zero experts", {{"zero_expert_num", "256"}}, "zero_expert_num", "compute nothing");
    row("steps", {{"decoder_sparse_step", "2"}}, "decoder_sparse_step", "dense layers between");
    row("every second", {{"moe_layer_freq", "2"}}, "moe_layer_freq", "'2': dense layers between");
    row("dense in the middle",
        {{"mlp_layer_types", QString::fromStdString(repeated("\"sparse\"", 60, "\"dense\"", 1))}}, "mlp_layer_types",
        "1 dense layers, which contradicts first_k_dense_replace, 3");
    row("dense ones apart", {{"mlp_only_layers", "[0, 5]"}}, "mlp_only_layers",
        "2 dense layers, which contradicts first_k_dense_replace, 3");
    row("dense ones beyond", {{"mlp_only_layers", "[0, 61]"}}, "mlp_only_layers", "expected layers, 0 to 60");
    row("few kinds of layers", {{"layer_types", R"(["full_attention", "linear_attention"])"}}, "layer_types",
        "2 items for 61 layers");
    row("windows in layers",
        {{"layer_types", QString::fromStdString(repeated("\"full_attention\"", 60, "\"sliding_attention\"", 1))}},
        "layer_types", "sliding-window");
    row("unknown layers", {{"layer_types", QString::fromStdString(repeated("\"whatever\"", 61, "", 0))}}, "layer_types",
        "layers of 'whatever' are not modelled");
    row("a gate of latents", {{"attention_output_gate", "true"}}, "attention_output_gate", "gate behind");
    row("by model type", {{"model_type", "\"deepseek_v32\""}}, "model_type", "'deepseek_v32': sparse attention");
    row("by architecture", {{"architectures", R"(["LongcatFlashForCausalLM"])"}}, "architectures", "two attentions");
    row("unknown switch", {{"sliding_chunk_attention", "true"}}, "sliding_chunk_attention",
        "not known, and may change");
    row("unknown long switch", {{("kda_" + std::string(59, 'x') + "\u6df1").c_str(), "1"}},
        ("kda_" + std::string(59, 'x')).c_str(), "not known, and may change");
    row("unknown switches", {{"kda_mode", "1"}, {"lightning_blocks", "8"}}, "lightning_blocks",
        "with kda_mode: not known");
    row("wide shared experts", {{"shared_expert_intermediate_size", "3000"}}, "shared_expert_intermediate_size",
        "of another width than the routed ones");
    row("odd shared experts", {{"n_shared_experts", ""}, {"shared_expert_intermediate_size", "3000"}},
        "shared_expert_intermediate_size", "expected a multiple of the routed experts' width, 2048");
}

void ModelConfigTest::what_the_engine_lacks_is_refused()
{
    QFETCH(QString, file);
    QFETCH(Changes, changes);
    QFETCH(QString, key);
    QFETCH(QString, says);
    const Read<Model> model = read_changed(changes, file.toStdString());
    QVERIFY(!model);
    QVERIFY2(model.problems.size() == 1, lines_of(model.problems).c_str());
    QCOMPARE(QString::fromStdString(model.problems[0].key), key);
    QVERIFY(model.problems[0].line > 0);
    QVERIFY2(QString::fromStdString(model.problems[0].message).contains(says), lines_of(model.problems).c_str());
}

void ModelConfigTest::what_is_switched_off_does_not_count_data()
{
    QTest::addColumn<Changes>("changes");
    const auto row = [](const char *name, const Changes &changes) { QTest::newRow(name) << changes; };
    row("window", {{"sliding_window", "4096"}, {"use_sliding_window", "false"}, {"max_window_layers", "60"}});
    row("window of none", {{"sliding_window", "null"}, {"sliding_window_pattern", "6"}});
    row("window of the whole context", {{"sliding_window", "163840"}, {"max_position_embeddings", "163840"}});
    row("window of the whole context by another name",
        {{"sliding_window", "163840"}, {"max_position_embeddings", ""}, {"rope_scaling", ""},
            {"max_seq_len", "163840"}});
    row("latent attention", {{"use_mla", "true"}, {"multi_latent_attention", "true"}, {"attention_type", "\"mla\""}});
    row("sparse",
        {{"index_topk", "null"}, {"index_n_heads", "64"}, {"model_type", "\"deepseek_v32\""},
            {"architectures", R"(["DeepseekV3ForCausalLM"])"}});
    row("shared indexers", {{"index_topk", "null"}, {"index_topk_freq", "4"}});
    row("each layer full", {{"layer_group_size", "1"}, {"full_attention_interval", "1"}});
    row("linear", {{"linear_attn_config", "{\"kda_layers\": []}"}, {"linear_conv_kernel_dim", "4"}});
    row("disabled", {{"sparse_attention_config", "{\"enabled\": false, \"topk\": 64}"}});
    row("zero", {{"zero_expert_num", "0"}, {"cla_share_factor", "2"}, {"use_cla", "false"}});
    row("no text", {{"hybrid_override_pattern", "\"\""}, {"layers_block_type", "\"none\""}});
    row("pattern of one kind", {{"hybrid_layer_pattern", "[0, 0, 0]"}});
    row("unknown", {{"chunked_prefill", "false"}, {"mamba_blocks", "null"}, {"chunk_size_feed_forward", "8"}});
}

void ModelConfigTest::what_is_switched_off_does_not_count()
{
    QFETCH(Changes, changes);
    const Read<Model> model = read_changed(changes);
    VERIFY_READ(model);
    QVERIFY(same_shapes(*model.value, *read_config(r1).value));
    QCOMPARE(lines_of(model.warnings), std::string());
}

void ModelConfigTest::bad_files_get_one_line_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const std::string &text, int line, const char *says) {
        QTest::newRow(name) << text << line << says;
    };
    const auto change = [](const char *key, const char *value) { return changed(r1, {{key, value}}); };
    row("NaN", change("rope_theta", "NaN"), 2, "'NaN' is no value");
    row("infinity", change("rope_theta", "Infinity"), 2, "'Infinity' is no value");
    row("minus infinity", change("rope_theta", "-Infinity"), 2, "invalid number");
    row("Python", change("use_cache", "True"), 2, "'True' is no value");
    row("too large", change("hidden_size", "1e999"), 2, "the number '1e999' is too large");
    row("large", change("hidden_size", "123456789012345678901234567890"), 2, "out of range");
    row("negative", change("hidden_size", "-7168"), 2, "out of range");
    row("broken number", change("v_head_dim", "12.5"), 2, "not a whole number");
    row("text", change("hidden_size", "\"7168\""), 2, "expected a number, not the text '7168'");
    row("switch", change("hidden_size", "true"), 2, "expected a number, not 'true'");
    row("object", change("hidden_size", "{\"a\": 1}"), 2, "expected a number, not keys");
    row("different items", change("hidden_size", "[7168, 7169]"), 2, "expected a number, or a list of equal ones");
    row("duplicate", "{\n\"hidden_size\": 1,\n\"hidden_size\": 2\n}", 3, "duplicate key 'hidden_size'");
    row("duplicate far away", "{\n\"a\": {\"b\": [{\"c\": 1,\n\"c\": 1}]}}", 3, "duplicate key 'c'");
    row("deep", "{\"a\":\n" + std::string(100000, '['), 2, "nested too deeply");
    row("comma", "{\n\"hidden_size\": 1,\n}", 3, "is not valid JSON");
    row("comment", "{\n// hidden\n\"hidden_size\": 1}", 2, "is not valid JSON");
    row("single quotes", "{\n'hidden_size': 1}", 2, "is not valid JSON");
    row("bare key", "{\nhidden_size: 1}", 2, "is not valid JSON");
    row("open", "{\n\"hidden_size\": [1,\n2", 3, "unexpected end of input");
    row("open text", "{\n\"hidden_size\": \"abc", 2, "missing closing quote");
    row("newline in a text", "{\n\"hidden_size\": \"a\nb\"}", 2, "control character");
    row("half a surrogate", "{\n\"name\": \"\\ud83d\"}", 2, "surrogate");
    row("behind it", "{\n\"hidden_size\": 1}\n}", 3, "expected end of input");
    row("not JSON", "<!DOCTYPE html>\n<html></html>", 1, "is not valid JSON");
    row("empty", "", 1, "is not valid JSON");
    row("NUL", std::string("{\n\"hidden_size\": 1}") + '\0' + "}", 0, "byte 19 is NUL");
    row("Latin-1", "{\n\"name\": \"M\xfcnchen\"}", 2, "is not UTF-8 text");
    row("one missing", changed(r1, {{"v_head_dim", ""}}), 1,
        "v_head_dim: missing in the configuration of 'DeepseekV3ForCausalLM'; recognised are hidden_size, "
        "num_hidden_layers, first_k_dense_replace, num_attention_heads and 12 more");
    row("several missing", changed(r1, {{"v_head_dim", ""}, {"n_routed_experts", ""}, {"num_hidden_layers", ""}}), 1,
        "num_hidden_layers: missing in the configuration of 'DeepseekV3ForCausalLM': num_hidden_layers (or n_layers, "
        "num_layers, n_layer); v_head_dim (or attention_v_dim); n_routed_experts (or ");
    row("no layers", changed(r1, {{"first_k_dense_replace", ""}}), 1, "first_k_dense_replace: missing");
    row("attention not stated", changed("pangu-ultra_config.json", {{"attention_kv_lora_dim", ""}}), 1,
        "'PanguUltraMoEForCausalLM' states no rank of a KV latent by a name that is known, kv_lora_rank (or "
        "attention_kv_lora_dim, kv_lora_dim)");
    row("no attention", "{\"vocab_size\": 1}", 1,
        "the model states no rank of a KV latent by a name that is known, kv_lora_rank (or attention_kv_lora_dim, "
        "kv_lora_dim), and no heads, num_attention_heads (or n_heads, num_heads, n_head)");
    row("two values", change("num_experts", "128"), 2,
        "num_experts: contradicts n_routed_experts, which is '256' and means the same here");
    row("experts", change("num_experts_per_tok", "300"), 2, "more experts than there are");
    row("layers", change("first_k_dense_replace", "62"), 2, "more dense layers than layers");
    row("two lists of layers", changed(r1, {{"moe_layer_freq", QString::fromStdString(repeated("0", 1, "1", 60))}}), 2,
        "moe_layer_freq: 1 dense layers, which contradicts first_k_dense_replace, 3");
    row("short list of layers", change("moe_layer_freq", "[0, 1, 1]"), 2, "3 items for 61 layers");
    row("odd list of layers", changed(r1, {{"moe_layer_freq", QString::fromStdString(repeated("0", 3, "2", 58))}}), 2,
        "'2': neither a dense layer nor one with experts");
}

void ModelConfigTest::bad_files_get_one_line()
{
    QFETCH(std::string, text);
    QFETCH(int, line);
    QFETCH(QString, says);
    const Read<Model> model = read_model(text, "x.json");
    QVERIFY(!model);
    QVERIFY2(model.problems.size() == 1, lines_of(model.problems).c_str());
    const QString shown = QString::fromStdString(text_of(model.problems[0]));
    QVERIFY2(shown.contains(says), qPrintable(shown));
    QVERIFY2(model.problems[0].line == line, qPrintable(shown));
    QVERIFY2(shown.size() < 500, qPrintable(shown));
}

void ModelConfigTest::other_json_is_told_apart_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *text, const char *says) {
        QTest::newRow(name) << std::string(text) << says;
    };
    row("index", R"({"metadata": {}, "weight_map": {}})",
        "is the index of a model's weights; expected the config.json");
    row("tokenizer", R"({"version": "1.0", "added_tokens": []})", "is a tokenizer; ");
    row("tokenizer's configuration", R"({"added_tokens_decoder": {}})", "is the configuration of a tokenizer; ");
    row("generation", R"({"do_sample": true})", "is settings of text generation; ");
    row("quantisation", R"({"quantization": {"quant_algo": "NVFP4"}})", "is the quantisation of a model; ");
    row("nothing known", R"({"a": 1, "b": 2})", "holds no shape of a model, only 'a', 'b'; expected the config.json");
    row("many keys", R"({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6})", "only 'a', 'b', 'c', 'd' and 2 more; ");
    row("empty", "{}", "is empty; expected the config.json");
    row("list", "[1, 2]", "holds no keys and values; expected the config.json");
}

void ModelConfigTest::other_json_is_told_apart()
{
    QFETCH(std::string, text);
    QFETCH(QString, says);
    for (const std::vector<Diagnostic> &problems :
        {read_model(text, "x.json").problems, read_head(text, "x.json").problems}) {
        QCOMPARE(problems.size(), 1u);
        QVERIFY2(QString::fromStdString(problems[0].message).contains(says), lines_of(problems).c_str());
    }
}

void ModelConfigTest::several_problems_have_a_line_each()
{
    const Read<Model> model =
        read_changed({{"v_head_dim", "12.5"}, {"vocab_size", "true"}, {"sliding_window", "false"}});
    QVERIFY(!model);
    QCOMPARE(model.problems.size(), 2u);
    QCOMPARE(model.problems[0].key, std::string("v_head_dim"));
    QCOMPARE(model.problems[1].key, std::string("vocab_size"));
    const Read<Model> lacking = read_changed({{"mamba_d_state", "16"}, {"mamba_expand", "2"}, {"hc_mult", "4"}});
    QCOMPARE(lacking.problems.size(), 2u); // one for each thing that is lacking
}

void ModelConfigTest::doubts_are_said_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<Changes>("changes");
    QTest::addColumn<QString>("beside");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const Changes &changes, const char *says, const char *beside = "") {
        QTest::newRow(name) << "x_config.json" << changes << beside << says;
    };
    row("unknown architecture", {{"architectures", R"(["NewForCausalLM"])"}, {"model_type", "\"new\""}},
        "architectures: 'NewForCausalLM' is not known; its layers are taken as those of DeepSeek-V3's family");
    row("norms", {{"sandwich_norm", "true"}}, "sandwich_norm: two further norms in each layer are not modelled");
    row("unknown quantisation", {{"quantization_config", R"({"quant_method": "bitsandbytes"})"}},
        "quantization_config: the quantisation 'bitsandbytes' is not known, and no size is taken of it");
    row("no size", {{"quantization_config", "{\"a\": 1}"}}, "quantization_config: no size of the weights is stated");
    row("some of the attention",
        {{"quantization_config", R"({"quant_method": "fp8", "ignore": ["model.layers.3.self_attn.kv_a_proj"]})"}},
        "weights of the attention are of several sizes, of which none is taken");
    row("a whole layer",
        {{"quantization_config", R"({"quant_method": "fp8", "modules_to_not_convert": ["re:.*layers\\.0\\..*"]})"}},
        "weights of the attention and of the dense FFNs are of several sizes, of which none is taken"); // no experts
    row("the experts of a layer",
        {{"quantization_config", R"({"quant_method": "fp8", "ignore": ["model.layers.5.mlp", "model.layers.0.mlp"]})"}},
        "weights of the routed experts and of the dense FFNs are of several sizes, of which none is taken");
    row("another next to it", {},
        "states another size of the experts' weights than the hf_quant_config.json next to it",
        R"({"quantization": {"quant_algo": "NVFP4"}})");
    row("broken next to it", {}, "is not valid JSON", "{]");
    row("context", {{"max_position_embeddings", "\"long\""}},
        "max_position_embeddings: is no number of tokens, and counts for nothing");
    row("bits", {{"quantization_config", R"({"quant_method": "gptq", "bits": 4, "group_size": 1e-300})"}},
        "is out of range");
    row("endless context", {{"max_position_embeddings", "1e300"}},
        "max_position_embeddings: is no number of tokens, and counts for nothing");
    QTest::newRow("name") << "nvidia--DeepSeek-V3.1-NVFP4_config.json" << Changes{{"quantization_config", ""}} << ""
                          << "quantization_config: the name says 'NVFP4', which would be 0.5625 B per weight, but "
                             "neither the file nor a hf_quant_config.json next to it states it; it is not taken";
    QTest::newRow("name of the first FP4")
        << "nvidia--DeepSeek-R1-FP4_config.json" << Changes{{"quantization_config", ""}} << ""
        << "quantization_config: the name says 'FP4', which would be 0.5625 B per weight, but neither";
    QTest::newRow("name with bits") << "DeepSeek-R1-4bit_config.json" << Changes{{"quantization_config", ""}} << ""
                                    << "quantization_config: the name says '4bit', which would be 0.515625 B";
    QTest::newRow("name, and sizes") << "R1-INT4_config.json" << Changes() << ""
                                     << "";
}

void ModelConfigTest::doubts_are_said()
{
    QFETCH(QString, name);
    QFETCH(Changes, changes);
    QFETCH(QString, beside);
    QFETCH(QString, says);
    const Read<Model> model = model_from_config(changed(r1, changes), name.toStdString(), beside.toStdString());
    VERIFY_READ(model);
    QVERIFY(same_shapes(*model.value, *read_config(r1).value));
    QCOMPARE(model.warnings.size(), says.isEmpty() ? 0u : 1u);
    if (says.isEmpty())
        return;
    const QString shown = QString::fromStdString(text_of(model.warnings[0]));
    QVERIFY2(shown.contains(says), qPrintable(shown));
    QVERIFY2(shown.contains(QStringLiteral(": warning: ")), qPrintable(shown));
}

void ModelConfigTest::stated_element_sizes_are_taken_data()
{
    QTest::addColumn<QString>("config"); // quantization_config, if any
    QTest::addColumn<QString>("beside"); // hf_quant_config.json, if any
    QTest::addColumn<double>("expert"); // B; 0: not stated
    QTest::addColumn<double>("attention");
    QTest::addColumn<double>("kv");
    const auto row = [](const char *name, const char *config, const char *beside, double expert, double attention,
                         double kv) { QTest::newRow(name) << config << beside << expert << attention << kv; };
    constexpr double nvfp4 = 0.5 + 1. / 16, mxfp4 = 0.5 + 1. / 32, int4_of_32 = 0.5 + 2. / 32,
                     int4_of_128 = 0.5 + 2. / 128;
    row("none: as trained", "", "", 2, 2, 0);
    row("blocks of FP8", R"({"quant_method": "fp8", "weight_block_size": [128, 128]})", "", 1, 1, 0);
    row("attention left out", R"({"quant_method": "fp8", "modules_to_not_convert": ["self_attn"]})", "", 1, 2, 0);
    row("MXFP4", R"({"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]})", "", mxfp4, 2,
        0);
    row("GPTQ", R"({"quant_method": "gptq", "bits": 4, "group_size": 128})", "", int4_of_128, int4_of_128, 0);
    row("FP4 by its first name", R"({"quant_method": "modelopt_fp4"})", "", nvfp4, nvfp4, 0);
    row("FP4 next to it", "", R"({"quantization": {"quant_algo": "FP4", "group_size": 16}})", nvfp4, nvfp4, 0);
    row("AWQ", R"({"quant_method": "awq", "w_bit": 4, "q_group_size": 32})", "", int4_of_32, int4_of_32, 0);
    row("INT8", R"({"quant_method": "w8a8_int8"})", "", 1, 1, 0);
    row("groups of integers", // as Kimi-K2.5's: the experts alone
        R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0": {"targets":
            ["Linear"], "weights": {"num_bits": 4, "type": "int", "group_size": 32, "strategy": "group"}}},
            "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*"], "kv_cache_scheme": {"num_bits": 8}})",
        "", int4_of_32, 2, 1);
    row("groups by name",
        R"({"quant_method": "compressed-tensors", "config_groups": {
            "a": {"targets": ["re:.*mlp.experts.*"], "weights": {"num_bits": 4, "type": "float", "group_size": 16}},
            "b": {"targets": ["re:.*self_attn.*"], "weights": {"num_bits": 8, "type": "float"}}}})",
        "", nvfp4, 1, 0);
    row("next to it", "", R"({"quantization": {"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "group_size": 16,
        "exclude_modules": ["lm_head", "*.self_attn*"]}})",
        nvfp4, 2, 1);
    row("some of the attention", "",
        R"({"quantization": {"quant_algo": "NVFP4", "exclude_modules": ["*.self_attn.q_a_proj*"]}})", nvfp4, 0, 0);
    row("layer by layer", "",
        R"({"quantization": {"quant_algo": "MIXED_PRECISION", "quantized_layers":
            {"layers.0.ffn.experts": {"quant_algo": "NVFP4", "group_size": 16}}}})",
        nvfp4, 2, 0);
}

void ModelConfigTest::stated_element_sizes_are_taken()
{
    QFETCH(QString, config);
    QFETCH(QString, beside);
    QFETCH(double, expert);
    QFETCH(double, attention);
    QFETCH(double, kv);
    std::string text = changed(r1, {{"quantization_config", ""}});
    if (!config.isEmpty())
        text.replace(text.find('{'), 1, "{\"quantization_config\": " + config.toStdString() + ",");
    const Read<Model> model = model_from_config(text, r1, beside.toStdString());
    VERIFY_READ(model);
    const auto size = [](const std::optional<Quantity> &stated) { return stated ? stated->si() : 0; };
    QCOMPARE(size(model.value->expert_elem_size), expert);
    QCOMPARE(size(model.value->param_elem_size), attention);
    QCOMPARE(size(model.value->kv_elem_size), kv);

    // Layer by layer to the last, without that of the draft, is all of it.
    std::string modules;
    for (int layer = 0; layer < 61; ++layer)
        modules += "\"model.layers." + std::to_string(layer) + ".self_attn*\", ";
    const std::string list = "{\"quantization\": {\"quant_algo\": \"NVFP4\", \"exclude_modules\": [" + modules
        + "\"model.layers.61.self_attn.o_proj\"]}}";
    const Read<Model> listed = model_from_config(changed(r1, {{"quantization_config", ""}}), r1, list);
    QCOMPARE(size(listed.value->param_elem_size), 2.0);
    QCOMPARE(lines_of(listed.warnings), std::string());

    // Whole layers, those with experts alone: these are left out, of the attention three layers are not.
    std::string whole;
    for (int layer = 3; layer <= 61; ++layer)
        whole += (layer > 3 ? ", " : "") + ("\"model.layers." + std::to_string(layer) + "*\"");
    const Read<Model> of_whole = model_from_config(changed(r1, {{"quantization_config", ""}}), r1,
        "{\"quantization\": {\"quant_algo\": \"NVFP4\", \"exclude_modules\": [" + whole + "]}}");
    QCOMPARE(size(of_whole.value->expert_elem_size), 2.0);
    QCOMPARE(size(of_whole.value->param_elem_size), 0.0);
    QCOMPARE(of_whole.warnings.size(), 1u);
}

void ModelConfigTest::a_study_takes_what_a_model_states()
{
    const Library library({std::string(EPSCOPE_SOURCE_DIR) + "/resources"});
    const Study before = *library.study("published-v1").value;
    const Read<Model> model = read_model_file(folder + "DeepSeek-V3.1-NVFP4");
    VERIFY_READ(model);
    QCOMPARE(model.value->name, std::string("DeepSeek-V3.1-NVFP4"));
    QCOMPARE(lines_of(model.warnings), std::string());
    Study study = before;
    const std::vector<Remark> changes = take_model(study, *model.value);
    QCOMPARE(study.workload.expert_elem_size.si(), 0.5625);
    QCOMPARE(changes.size(), 2u);
    QCOMPARE(changes[1].key, std::string("dense_elem_size"));
    QCOMPARE(changes[1].message,
        std::string("0.5625 B is taken, as the files of DeepSeek-V3.1-NVFP4 state; it was not stated"));
    QCOMPARE(changes[0].key, std::string("expert_elem_size"));
    QCOMPARE(
        changes[0].message, std::string("0.5625 B is taken, as the files of DeepSeek-V3.1-NVFP4 state; it was 1 B"));
    // The published equations ignore one of both, which is said.
    std::vector<Remark> others = remarks(study);
    QCOMPARE(std::erase_if(others, [](const Remark &remark) { return remark.key == "dense_elem_size"; }), 1u);
    QVERIFY(others == remarks(before));
    QVERIFY(take_model(study, *model.value).empty());
    // What a person then has otherwise is said.
    QVERIFY(!set_parameter(study, "expert_elem_size", "1 B", BareNumbers::refused));
    QVERIFY(!set_parameter(study, "precision", "2 B / 1 B", BareNumbers::refused));
    QVERIFY(!set_parameter(study, "context", "200000", BareNumbers::refused));
    std::vector<std::string> said;
    for (const Remark &remark : remarks(study))
        said.push_back(remark.key + ": " + remark.message);
    const std::vector<std::string> expected{
        "context: 200000 tokens are more than the model's maximum, 163840",
        "expert_elem_size: 1 B, but the files of DeepSeek-V3.1-NVFP4 state 0.5625 B",
        "param_elem_size: 1 B, but the files of DeepSeek-V3.1-NVFP4 state 2 B",
        "kv_elem_size: 2 B, but the files of DeepSeek-V3.1-NVFP4 state 1 B",
    };
    for (const std::string &line : expected)
        QVERIFY2(std::find(said.begin(), said.end(), line) != said.end(), line.c_str());
}

void ModelConfigTest::the_longest_context_is_read()
{
    QCOMPARE(read_config(r1).value->max_context, std::int64_t{163840});
    QCOMPARE(read_changed({{"max_position_embeddings", ""}}).value->max_context, std::int64_t{0}); // not stated
    QCOMPARE(read_changed({{"max_position_embeddings", "131072"}}).value->max_context, std::int64_t{131072});
    const char *stretched = R"({"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096})";
    QCOMPARE(read_changed({{"max_position_embeddings", "4096"}, {"rope_scaling", stretched}}).value->max_context,
        std::int64_t{163840});
    // The spelling of Transformers 5; and what is stretched is what is stated, if nothing else is.
    const auto context_of = [](const char *positions, const char *key, const char *scaling) {
        const Changes changes{{"max_position_embeddings", positions}, {"rope_scaling", ""}, {key, scaling}};
        return read_changed(changes).value->max_context;
    };
    const char *factor_alone = R"({"rope_type": "yarn", "factor": 40})";
    QCOMPARE(context_of("4096", "rope_parameters", stretched), std::int64_t{163840});
    QCOMPARE(context_of("4096", "rope_scaling", factor_alone), std::int64_t{163840});
    QCOMPARE(context_of("4096", "rope_parameters", factor_alone), std::int64_t{163840});
    QCOMPARE(context_of("4096", "rope_parameters", R"({"rope_type": "default"})"), std::int64_t{4096});
}

void ModelConfigTest::names_come_from_the_file()
{
    QCOMPARE(config_model_name("a/DeepSeek-V2/config.json"), std::string("DeepSeek-V2"));
    QCOMPARE(config_model_name("config.json"), fs::current_path().filename().string());
    QCOMPARE(config_model_name("/config.json"), std::string("config"));
    QCOMPARE(config_model_name("<stdin>"), std::string("<stdin>"));
    QCOMPARE(config_model_name("a/moonshotai--Kimi-K2_config.json"), std::string("moonshotai--Kimi-K2"));
    QCOMPARE(config_model_name("a,b.json"), std::string("a-b"));
    const std::string cache = "/hub/models--deepseek-ai--DeepSeek-R1--0528/";
    QCOMPARE(config_model_name(cache + "snapshots/0123456789abcdef/config.json"), std::string("DeepSeek-R1--0528"));
    QCOMPARE(config_model_name(cache + "blobs/0123456789abcdef"), std::string("DeepSeek-R1--0528"));
    QCOMPARE(config_model_name("/hub/models--gpt2/snapshots/01/config.json"), std::string("gpt2"));
    QCOMPARE(config_model_name("/my/snapshots/01/config.json"), std::string("01"));
    QCOMPARE(config_model_name("a/" + std::string(70, 'x') + "/config.json"), std::string(64, 'x'));
    std::string deep, shown;
    for (int i = 0; i < 30; ++i) {
        deep += "\u6df1"; // of three bytes
        if (i < 21)
            shown = deep;
    }
    QCOMPARE(config_model_name("a/" + deep + "/config.json"), shown);
    QCOMPARE(config_model_name("a/x\x1b[31mred/config.json"), std::string("x?[31mred"));
    QCOMPARE(config_model_name("a/M\xfcnchen/config.json"), std::string("M?nchen"));
}

void ModelConfigTest::folders_hold_models()
{
    const testing::Folder temporary;
    const fs::path root = temporary.path().toStdString();
    write(root / "R1" / "config.json", text_in(r1));
    fs::create_directories(root / "empty");
    const Read<Model> of_folder = read_model_file((root / "R1").string());
    VERIFY_READ(of_folder);
    QCOMPARE(of_folder.value->name, std::string("R1"));
    QVERIFY(*of_folder.value == *read_model_file((root / "R1" / "config.json").string()).value);
    QVERIFY(*of_folder.value == *read_model_file((root / "R1" / "").string()).value);
    // A name that is relative to where the program runs.
    const fs::path before = fs::current_path();
    fs::current_path(root / "R1");
    const Read<Model> here = read_model_file("config.json");
    const Read<Model> dot = read_model_file(".");
    fs::current_path(before);
    QVERIFY(here && *here.value == *of_folder.value);
    QVERIFY(dot && *dot.value == *of_folder.value);

    const Read<Model> empty = read_model_file((root / "empty").string());
    QCOMPARE(empty.problems.size(), 1u);
    QCOMPARE(empty.problems[0].message, std::string("is a folder without a config.json; expected that of a model"));
    QCOMPARE(read_model_file((root / "none.json").string()).problems.size(), 1u);

    // What lies next to it is read, and said where it cannot be.
    write(root / "R1" / "hf_quant_config.json", "{");
    QCOMPARE(read_model_file((root / "R1").string()).warnings.size(), 1u);
    fs::remove(root / "R1" / "hf_quant_config.json");
    fs::create_directories(root / "R1" / "hf_quant_config.json");
    const Read<Model> unreadable = read_model_file((root / "R1").string());
    VERIFY_READ(unreadable);
    QCOMPARE(unreadable.warnings.size(), 1u);
    QVERIFY(unreadable.warnings[0].severity == Severity::warning);
    write(root / "b_config.json", text_in(r1));
    write(root / "b_hf_quant_config.json", R"({"quantization": {"quant_algo": "NVFP4"}})");
    QCOMPARE(read_model_file((root / "b_config.json").string()).warnings.size(), 1u); // they contradict each other
}

void ModelConfigTest::snapshots_of_a_cache_are_found()
{
    const testing::Folder temporary;
    const fs::path root = fs::path(temporary.path().toStdString()) / "models--deepseek-ai--DeepSeek-R1";
    write(root / "blobs" / "aa", text_in(r1));
    fs::create_directories(root / "snapshots" / "0123");
    fs::create_symlink("../../blobs/aa", root / "snapshots" / "0123" / "config.json");
    for (const fs::path &path :
        {root, root / "snapshots" / "0123", root / "snapshots" / "0123" / "config.json", root / "blobs" / "aa"}) {
        const Read<Model> model = read_model_file(path.string());
        VERIFY_READ(model);
        QCOMPARE(model.value->name, std::string("DeepSeek-R1"));
    }
    write(root / "snapshots" / "4567" / "config.json", changed(r1, {{"num_hidden_layers", "62"}}));
    QCOMPARE(read_model_file(root.string()).problems.at(0).message,
        std::string("is a folder with several snapshots; expected one of them"));
    write(root / "refs" / "main", "4567\n");
    QCOMPARE(read_model_file(root.string()).value->layers, std::int64_t{62});
}

void ModelConfigTest::library_folders_hold_models()
{
    const testing::Folder temporary;
    const fs::path models = fs::path(temporary.path().toStdString()) / "models";
    write(models / "R1" / "config.json", text_in(r1));
    write(models / "R1" / "hf_quant_config.json", R"({"quantization": {"quant_algo": "FP8"}})");
    write(models / "other" / "notes.txt", "none of ours");
    write(models / "b_config.json", changed(r1, {{"quantization_config", ""}}));
    write(models / "b_hf_quant_config.json", R"({"quantization": {"quant_algo": "NVFP4"}})");
    const Library library({temporary.path().toStdString()});
    std::vector<std::string> names;
    for (const Library::Entry &entry : library.entries(Kind::model)) {
        QVERIFY2(entry.problems.empty(), lines_of(entry.problems).c_str());
        names.push_back(entry.name);
    }
    QCOMPARE(names, (std::vector<std::string>{"R1", "b"}));
    QCOMPARE(library.model("b").value->expert_elem_size->si(), 0.5625);
    QCOMPARE(library.model("R1").value->expert_elem_size->si(), 1.0);
}

// Whatever somebody makes of a file: a model whose numbers are allowed, or a few lines that say what is wrong.
void ModelConfigTest::mutated_files_never_do_harm()
{
    const std::vector<std::string> texts{text_in(r1), text_in("pangu-ultra_config.json"), text_in("seeing_config.json"),
        text_in("DeepSeek-V3.1-NVFP4/hf_quant_config.json"), text_in("linear_config.json"),
        text_in("../configs/kimi-k3/config.json"), text_in("../configs/deepseek-v4-flash/config.json"),
        text_in("../configs/qwen3.5-397b/config.json"), text_in("../configs/gpt-oss-120b/config.json")};
    const std::vector<std::string> pieces{"null", "true", "-1", "0", "1e999", "NaN", "\"\"", "{}", "[]", "[[[[", "}",
        "]", ",", "\"", "\\u0000", "\\ud800", "\n", "1e-400", "99999999999999999999", "{\"a\": [1, {}]}", "\xff", "/*",
        "0.5", "\"hidden_size\": 1, ", "\x1b[2J", std::string(1, '\0'), std::string(300, '{'), std::string(5000, '9')};
    std::mt19937 random(14);
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    std::size_t read_whole = 0;
    constexpr int rounds = 4000;
    for (int round = 0; round < rounds; ++round) {
        std::string text = texts[below(texts.size())];
        for (std::size_t count = 1 + below(3); count > 0; --count) {
            const std::size_t at = below(text.size() + 1), length = std::min(below(20), text.size() - at);
            switch (below(5)) {
            case 0:
                text.erase(at, length);
                break;
            case 1:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            case 2:
                text.insert(at, text.substr(below(text.size() + 1), 1 + below(100)));
                break;
            case 3: { // the value of some key
                const std::size_t colon = text.find(": ", at);
                if (colon != std::string::npos)
                    text.replace(colon + 2, text.find_first_of(",\n", colon) - colon - 2, pieces[below(pieces.size())]);
                break;
            }
            default:
                if (at < text.size())
                    text[at] = static_cast<char>(random());
            }
        }
        const std::string folder_name =
            config_model_name("a/" + text.substr(below(text.size() + 1), 100) + "/config.json");
        QVERIFY2(!name_problem(folder_name), folder_name.c_str());
        const Read<Model> model = read_model(text, "x.json");
        QCOMPARE(model.problems.empty(), model.value.has_value());
        const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
        constexpr std::size_t most_problems = 20, longest_line = 2000;
        QVERIFY2(model.problems.size() <= most_problems, text.c_str());
        for (const std::vector<Diagnostic> &said : {model.problems, model.warnings}) {
            for (const Diagnostic &problem : said) {
                const std::string line = text_of(problem);
                QVERIFY2(line.size() < longest_line && problem.line >= 0 && problem.line <= lines, line.c_str());
                QVERIFY2(std::all_of(line.begin(), line.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; }),
                    line.c_str());
            }
        }
        if (!model)
            continue;
        ++read_whole;
        Model again;
        for (const Field<Model> &field : fields<Model>()) {
            if (model.value->routed_experts == 0 && is_of_experts(field.info.key))
                continue;
            if (const std::string value = field_text(*model.value, field); !value.empty())
                QCOMPARE(set_field(again, field, value, BareNumbers::refused).value_or(""), std::string());
        }
        QVERIFY(inconsistencies(*model.value).empty());
    }
    QVERIFY(read_whole > rounds / 100); // they are not all broken
}

EPSCOPE_SUITE(model_config, ModelConfigTest)
#include "tst_model_config.moc"
