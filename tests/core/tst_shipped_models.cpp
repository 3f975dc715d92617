// SPDX-License-Identifier: GPL-3.0-or-later
// The models of the library next to what is published of them: their config.json, parameters, bytes of checkpoints.
#include <cmath>

#include <QTest>

#include "core/estimate/estimate.h"
#include "core/io/spec_reader.h"
#include "core/model/parameter_count.h"
#include "core/search/search.h"
#include "core/spec/checkpoints.h"
#include "core/spec/remarks.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestShippedModels : public QObject {
    Q_OBJECT

private slots:
    void configurations_are_those_of_the_library_data();
    void configurations_are_those_of_the_library();
    void checkpoints_are_recognised_data();
    void checkpoints_are_recognised();
    void every_model_is_compared();
    void parameters_are_as_published_data();
    void parameters_are_as_published();
    void checkpoints_have_their_bytes_data();
    void checkpoints_have_their_bytes();
    void every_model_serves_on_h200_data();
    void every_model_serves_on_h200();
};

namespace {

std::string problem_lines(const std::vector<Diagnostic> &problems)
{
    std::string text;
    for (const Diagnostic &problem : problems)
        text += text_of(problem) + "\n";
    return text;
}

Read<Model> config_of(const std::string &name)
{
    return read_model_file(EPSCOPE_SOURCE_DIR "/tests/data/configs/" + name);
}

Model shipped_model(const std::string &name)
{
    return *shipped_library().model(name).value;
}

double stated_size(const std::optional<Quantity> &stated)
{
    return stated ? stated->si() : 0;
}

const std::vector<std::string> &names_of_models()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Library::Entry &entry : shipped_library().entries(Kind::model))
            all.push_back(entry.name);
        return all;
    }();
    return names;
}

} // namespace

// `differs`: a field that the file has otherwise, with its value there, for the reason given.
void TestShippedModels::configurations_are_those_of_the_library_data()
{
    QTest::addColumn<QString>("differs");
    QTest::addColumn<double>("there");
    const auto row = [](const char *model, const char *differs = "", double there = 0) {
        QTest::newRow(model) << differs << there;
    };
    row("deepseek-v3");
    row("deepseek-v3.2");
    row("deepseek-v2");
    row("deepseek-v4-pro");
    row("deepseek-v4-flash");
    row("kimi-k2");
    row("kimi-k2.5");
    row("kimi-k3");
    row("glm-5");
    row("glm-5.2");
    row("glm-4.6");
    row("qwen3-235b");
    row("qwen3.5-397b");
    row("gpt-oss-120b");
    row("minimax-m2.5");
    row("llama-3.1-70b");
}

void TestShippedModels::configurations_are_those_of_the_library()
{
    QFETCH(QString, differs);
    QFETCH(double, there);
    const Model expected = shipped_model(QTest::currentDataTag());
    const Read<Model> read = config_of(QTest::currentDataTag());
    QVERIFY2(read, problem_lines(read.problems).c_str());
    for (const Diagnostic &warning : read.warnings)
        QVERIFY2(
            warning.key == "attn_res_block_size", problem_lines(read.warnings).c_str()); // Kimi-K3: takes little time
    const Model &model = *read.value;
    const std::vector<LayerKind> layers = layers_of(model), expected_layers = layers_of(expected);
    QCOMPARE(layers.size(), expected_layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        QCOMPARE(layers[i].layers, expected_layers[i].layers);
        QCOMPARE(layers[i].dense_width, expected_layers[i].dense_width);
        QCOMPARE(layers[i].attention.index(), expected_layers[i].attention.index());
        QVERIFY2(layers[i] == expected_layers[i], std::to_string(i).c_str());
    }
    for (const Field<Model> &field : fields<Model>()) {
        const std::string key(field.info.key);
        const auto *number = std::get_if<std::int64_t Model::*>(&field.member);
        if (!number || is_in_layer_kinds(key))
            continue;
        if (differs == QString::fromStdString(key))
            QCOMPARE(static_cast<double>(model.**number), there);
        else
            QVERIFY2(model.**number == expected.**number, key.c_str());
    }
}

// By class of tensors, as docs/model.md §14 has the checkpoints. 0: not stated, and as docs/model.md says then.
void TestShippedModels::checkpoints_are_recognised_data()
{
    QTest::addColumn<QString>("format"); // of core/spec/checkpoints, or none
    QTest::addColumn<double>("experts");
    QTest::addColumn<double>("projections");
    QTest::addColumn<double>("output");
    QTest::addColumn<double>("dense");
    QTest::addColumn<double>("kv");
    const auto row = [](const char *model, const char *format, double experts, double projections, double output,
                         double dense, double kv) {
        QTest::newRow(model) << format << experts << projections << output << dense << kv;
    };
    constexpr double nvfp4 = 0.5625, mxfp4 = 0.53125, int4 = 0.5625;
    row("deepseek-v3", "fp8", 1, 1, 0, 0, 0);
    row("deepseek-v3-nvfp4", "deepseek-nvfp4", nvfp4, 2, nvfp4, nvfp4, 1);
    row("deepseek-v3.2", "fp8", 1, 1, 0, 0, 0);
    row("deepseek-v2", "", 2, 2, 0, 2, 0);
    row("deepseek-v4-pro", "deepseek-v4", nvfp4, 1, 0, 0, 0);
    row("deepseek-v4-flash", "deepseek-v4", nvfp4, 1, 0, 0, 0);
    row("kimi-k2", "fp8", 1, 1, 0, 0, 0);
    // The file leaves the FFN of the one dense layer in BF16, which the format's row takes as INT4.
    row("kimi-k2.5", "", int4, 2, 0, 2, 0);
    row("kimi-k3", "kimi-k3-mxfp4", mxfp4, 2, 0, 2, 0);
    row("glm-5", "", 2, 2, 0, 2, 0);
    row("glm-5-nvfp4", "nvfp4-experts", nvfp4, 2, 0, nvfp4, 1);
    row("glm-5.2", "", 2, 2, 0, 2, 0);
    row("glm-4.6", "", 2, 2, 0, 2, 0);
    row("qwen3-235b", "", 2, 2, 0, 0, 0);
    row("qwen3.5-397b", "", 2, 2, 0, 0, 0);
    row("gpt-oss-120b", "", mxfp4, 2, 0, 0, 0); // no dense layers, whose size the format's row states
    row("minimax-m2.5", "fp8", 1, 1, 0, 0, 0);
    row("llama-3.1-70b", "", 2, 2, 0, 2, 0);
}

void TestShippedModels::checkpoints_are_recognised()
{
    QFETCH(QString, format);
    const Read<Model> read = config_of(QTest::currentDataTag());
    QVERIFY2(read, problem_lines(read.problems).c_str());
    const Model &model = *read.value;
    QTEST(stated_size(model.expert_elem_size), "experts");
    QTEST(stated_size(model.param_elem_size), "projections");
    QTEST(stated_size(model.output_elem_size), "output");
    QTEST(stated_size(model.dense_elem_size), "dense");
    QTEST(stated_size(model.kv_elem_size), "kv");
    // A study that takes the model has the sizes of the format, those of the precision aside.
    Study study = published_study();
    take_model(study, model);
    QCOMPARE(study.workload.expert_elem_size.si(), stated_size(model.expert_elem_size));
    if (format.isEmpty())
        return;
    const Checkpoint &named = *find_checkpoint(format.toStdString());
    QCOMPARE(stated_size(model.param_elem_size), named.projections);
    QCOMPARE(study.workload.expert_elem_size.si(), named.experts);
    const auto &output = study.workload.output_elem_size, &dense = study.workload.dense_elem_size;
    QCOMPARE(output ? output->si() : named.projections, named.output);
    if (model.dense_layers > 0)
        QCOMPARE(dense ? dense->si() : 1, named.dense);
}

void TestShippedModels::every_model_is_compared()
{
    for (const std::string &name : names_of_models()) {
        if (name == "glm-4.5" || name == "deepseek-v3.2-dense") // shapes of GLM-4.6; of V3.2 without its choice of keys
            continue;
        QVERIFY2(config_of(name), name.c_str());
    }
}

// 10^9 parameters as the models' cards and reports say, and why where ours are more than 1 % off.
void TestShippedModels::parameters_are_as_published_data()
{
    QTest::addColumn<double>("total");
    QTest::addColumn<double>("active");
    QTest::addColumn<QString>("why_total"); // empty: within 1 %
    QTest::addColumn<QString>("why_active");
    const auto row = [](const char *model, double total, double active, const char *why_total = "",
                         const char *why_active = "") {
        QTest::newRow(model) << total << active << why_total << why_active;
    };
    const char *rounded = "published in whole 10^9 or two digits: within half of the last one";
    const char *embedding = "counts the embedding, of which a token reads one row";
    // deepseek-ai/DeepSeek-V3 README: 671B without the MTP module, 37B activated.
    row("deepseek-v3", 671, 37, "", rounded);
    // The card of V3.2-Exp states V3.1's figures, which leave the indexer out.
    row("deepseek-v3.2", 671, 37, "", "is V3.1's figure, without the indexer (0.85 x 10^9)");
    row("deepseek-v3.2-dense", 671, 37, "", rounded);
    row("deepseek-v2", 236, 21); // arXiv:2405.04434
    row("deepseek-v4-pro", 1600, 49, rounded); // deepseek-ai/DeepSeek-V4-Pro, model card
    row("deepseek-v4-flash", 284, 13, "", rounded); // deepseek-ai/DeepSeek-V4-Flash, model card
    row("kimi-k2", 1030, 32); // moonshotai/Kimi-K2-Instruct: "1T", by its tensors 1.03T; 32B activated
    row("kimi-k2.5", 1030, 32); // the same
    row("kimi-k3", 2800, 104); // arXiv:2607.24653
    row("glm-5", 744, 40, "", "leaves out the indexer (0.73 x 10^9)"); // zai-org/GLM-5, model card
    // zai-org/GLM-5.2 by its tensors; 40B activated.
    row("glm-5.2", 753, 40, "counts the MTP layer (9.95 x 10^9)");
    const char *layers_alone = "counts neither embedding nor head: 32.07 x 10^9 without";
    row("glm-4.5", 355, 32, "", layers_alone); // zai-org/GLM-4.5: 355B-A32B
    row("glm-4.6", 355, 32, "", layers_alone); // zai-org/GLM-4.6: the same shapes
    row("qwen3-235b", 235, 22, "", "counts the embedding: 22.19 x 10^9 with it"); // arXiv:2505.09388
    row("qwen3.5-397b", 397, 17, "", "counts the embedding: 17.35 x 10^9 with it"); // Qwen/Qwen3.5-397B-A17B
    row("gpt-oss-120b", 116.83, 5.13); // arXiv:2508.10925, table 1: the head is active, the embedding not
    row("minimax-m2.5", 229, 10, "", rounded); // MiniMaxAI/MiniMax-M2.5: by its tensors 229B; 10B activated
    row("llama-3.1-70b", 70.6, 70.6, "",
        embedding); // meta-llama/Llama-3.1-70B: by its tensors 70.6B, all of them active
}

void TestShippedModels::parameters_are_as_published()
{
    QFETCH(double, total);
    QFETCH(double, active);
    QFETCH(QString, why_total);
    QFETCH(QString, why_active);
    const ParameterCount count = parameter_count(shipped_model(QTest::currentDataTag()));
    const auto compare = [](double ours, double published, const QString &why) {
        const double off = ours / (published * 1e9) - 1;
        constexpr double close = 0.01, explained = 0.05; // what has a reason is near still
        QVERIFY2(why.isEmpty() ? std::abs(off) <= close : std::abs(off) > close && std::abs(off) <= explained,
            both(why.toStdString(), ours, published * 1e9));
    };
    compare(count.total, total, why_total);
    compare(count.active, active, why_active);
    QVERIFY(count.active <= count.total);
    QCOMPARE(count.mtp > 0, shipped_model(QTest::currentDataTag()).mtp_layers > 0);
}

// B of the safetensors of a repository next to the weights of one card that holds all. Sources: the sizes of files as
// the repositories list them (deepseek-ai/DeepSeek-V2 and V3, moonshotai/Kimi-K2-Instruct and K3, Qwen/Qwen3-235B-A22B,
// meta-llama/Llama-3.1-70B-Instruct), arXiv:2508.10925 table 1 for gpt-oss-120b (60.8 GiB).
void TestShippedModels::checkpoints_have_their_bytes_data()
{
    QTest::addColumn<QString>("checkpoint"); // of core/spec/checkpoints; bf16: unquantised
    QTest::addColumn<double>("bytes");
    QTest::addColumn<bool>("with_mtp");
    QTest::addColumn<double>("missing"); // B that the repository has besides, for the reason given
    const auto row = [](const char *model, const char *checkpoint, double bytes, bool with_mtp = false,
                         double missing = 0) { QTest::newRow(model) << checkpoint << bytes << with_mtp << missing; };
    // The MTP module of V3 has its own copies of embedding and head, which engines share with the model.
    row("deepseek-v3", "fp8", 688586727753, true, 2. * 2 * 129280 * 7168);
    row("deepseek-v2", "bf16", 471486512925);
    row("kimi-k2", "fp8", 1029190981272);
    // The two shared experts of each layer are in BF16, which §14 of docs/model.md has in the size of the routed ones.
    row("kimi-k3", "kimi-k3-mxfp4", 1560936091448, false, (2 - 0.53125) * 92 * 2 * 3 * 7168 * 3072);
    row("qwen3-235b", "bf16", 470191875096);
    row("gpt-oss-120b", "gpt-oss-mxfp4", 60.8 * 1024 * 1024 * 1024);
    row("llama-3.1-70b", "bf16", 141107497872);
}

void TestShippedModels::checkpoints_have_their_bytes()
{
    QFETCH(QString, checkpoint);
    QFETCH(double, bytes);
    QFETCH(bool, with_mtp);
    QFETCH(double, missing);
    Study study = study_named("calibrated");
    study.profile = profile_2026();
    take_model(study, shipped_model(QTest::currentDataTag()));
    if (checkpoint == QStringLiteral("bf16")) {
        for (const char *key : {"expert_elem_size", "dense_elem_size", "output_elem_size", "param_elem_size"})
            set(study, key, "2 B");
    } else {
        take_checkpoint(study, *find_checkpoint(checkpoint.toStdString()));
    }
    Scenario scenario{study.profile, study.model, study.chips.front(), study.nics.front(), study.workload, {}, 0};
    const double projections = study.search.precision.front().param_elem_size.si();
    scenario.point = {Policy::naive, 1, 1, projections, with_mtp ? 1 : 0, 1, 1, ExpertMode::moe_tp};
    const double weights = estimate(scenario).memory.weights + missing;
    constexpr double tolerance = 0.01; // norms, scales of blocks, biases; without a vision tower's
    QVERIFY2(std::abs(weights / bytes - 1) < tolerance, both(QTest::currentDataTag(), weights, bytes));
}

void TestShippedModels::every_model_serves_on_h200_data()
{
    QTest::addColumn<std::string>("name");
    for (const std::string &name : names_of_models())
        QTest::newRow(name.c_str()) << name;
}

// A search over all axes finds a configuration that serves, by the equations for every kind of attention.
void TestShippedModels::every_model_serves_on_h200()
{
    QFETCH(std::string, name);
    Study study = study_named("calibrated");
    study.profile = profile_2026();
    take_model(study, shipped_model(name));
    study.chips = {*shipped_library().chip("H200").value};
    set(study, "precision", "1 B / 1 B");
    set(study, "tp", "1,2,4,8,16");
    set(study, "mode", "all2all,ep_group,moe_tp");
    set(study, "ep", "1,8,16,32,64");
    set(study, "batch", "1..256:5");
    set(study, "mtp_len", study.model.mtp_layers > 0 ? "0,1" : "0");
    const SearchOutcome outcome = search(study);
    QVERIFY(!outcome.winners.empty());
    const Candidate &best = outcome.winners.front();
    QVERIFY(best.throughput_per_card > 0);
    QVERIFY(best.ux_tps >= study.target_tps.si());
}

EPSCOPE_SUITE(shipped_models, TestShippedModels)
#include "tst_shipped_models.moc"
