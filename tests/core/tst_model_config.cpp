// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/model_config.h"
#include "tests/support/suite.h"

using namespace epscope;

class ModelConfigTest : public QObject {
    Q_OBJECT

private slots:
    void the_family_is_read_whole();
    void what_the_engine_lacks_is_refused_data();
    void what_the_engine_lacks_is_refused();
    void missing_and_wrong_shapes_are_named();
    void names_come_from_the_file();
};

namespace {

const std::string folder = std::string(EPSCOPE_SOURCE_DIR) + "/tests/data/models/";

Read<Model> read(const std::string &name)
{
    return read_model(*read_text(folder + name, largest_file).value, name);
}

} // namespace

void ModelConfigTest::the_family_is_read_whole()
{
    const Library library({std::string(EPSCOPE_SOURCE_DIR) + "/resources"});
    Model expected = *library.model("deepseek-v3").value; // R1 has V3's shapes
    const Read<Model> model = read("deepseek-r1_config.json");
    QVERIFY(model);
    expected.name = expected.title = "deepseek-r1";
    expected.source = "config.json of deepseek-r1";
    QVERIFY(*model.value == expected);
    const Library with_config(
        {std::string(EPSCOPE_SOURCE_DIR) + "/tests/data"}); // its folder "models" holds the files of this test
    QVERIFY(*with_config.model("deepseek-r1").value == expected);
}

void ModelConfigTest::what_the_engine_lacks_is_refused_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("says");
    QTest::newRow("sparse") << "sparse_config.json"
                            << "index_topk"
                            << "sparse attention";
    QTest::newRow("grouped") << "grouped_config.json"
                             << "num_key_value_heads"
                             << "grouped-query";
    QTest::newRow("linear") << "linear_config.json"
                            << "linear_attn_config"
                            << "linear attention";
    QTest::newRow("uncompressed") << "uncompressed_config.json"
                                  << "q_lora_rank"
                                  << "queries without compression";
}

void ModelConfigTest::what_the_engine_lacks_is_refused()
{
    QFETCH(QString, file);
    QFETCH(QString, key);
    QFETCH(QString, says);
    const Read<Model> model = read(file.toStdString());
    QVERIFY(!model);
    QCOMPARE(model.problems.size(), 1u);
    QCOMPARE(QString::fromStdString(model.problems[0].key), key);
    QVERIFY(model.problems[0].line > 0);
    QVERIFY(QString::fromStdString(model.problems[0].message).contains(says));
}

void ModelConfigTest::missing_and_wrong_shapes_are_named()
{
    std::string text = *read_text(folder + "deepseek-r1_config.json", largest_file).value;
    const auto replace = [&](const std::string &from, const std::string &to) {
        text.replace(text.find(from), from.size(), to);
    };
    replace("\"vocab_size\": 129280,", "");
    replace("\"num_experts_per_tok\": 8", "\"num_experts_per_tok\": 300");
    replace("\"v_head_dim\": 128", "\"v_head_dim\": 12.5");
    const Read<Model> model = read_model(text, "x.json");
    QVERIFY(!model);
    QCOMPARE(model.problems.size(), 2u); // the experts are compared once all numbers are read
    QCOMPARE(model.problems[0].key, std::string("v_head_dim"));
    QCOMPARE(model.problems[1].key, std::string("vocab_size"));
    replace("\"v_head_dim\": 12.5", "\"v_head_dim\": 128, \"vocab_size\": 129280");
    const Read<Model> inconsistent = read_model(text, "x.json");
    QVERIFY(!inconsistent);
    QCOMPARE(inconsistent.problems.at(0).key, std::string("num_experts_per_tok"));
}

void ModelConfigTest::names_come_from_the_file()
{
    QCOMPARE(config_model_name("a/DeepSeek-V2/config.json"), std::string("DeepSeek-V2"));
    QCOMPARE(config_model_name("config.json"), std::string("config"));
    QCOMPARE(config_model_name("a/moonshotai--Kimi-K2_config.json"), std::string("moonshotai--Kimi-K2"));
    QCOMPARE(config_model_name("a,b.json"), std::string("a-b"));
}

EPSCOPE_SUITE(model_config, ModelConfigTest)
#include "tst_model_config.moc"
