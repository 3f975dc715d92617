// SPDX-License-Identifier: GPL-3.0-or-later
// Every command takes every kind of file that the window takes: the built program, run with files and with the names of
// the same things.
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include "tests/support/files.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope::testing;

namespace {

const QString resources = QStringLiteral(EPSCOPE_SOURCE_DIR "/resources/");

struct Command {
    const char *name;
    QStringList options; // behind those of the study
    const char *writes = nullptr; // a file's suffix; null for standard output
    bool takes_inputs = true; // chip, NIC and model show in its results
};

const std::vector<Command> commands{
    {"search", {"--format", "csv"}},
    {"estimate", {"--format", "json"}},
    {"pareto", {"--all", "--format", "csv"}},
    {"compare", {"--variant", "Short: context=1 Ki", "--format", "json"}},
    {"sensitivity", {"--parameter", "chip.memory_bandwidth", "--format", "json"}},
    {"seek", {"--parameter", "chip.memory_bandwidth", "--goal", "throughput>=1", "--format", "json"}},
    {"map", {"--x", "chip.memory_bandwidth", "--y", "nic.bandwidth", "--size", "2", "--format", "json"}},
    {"explain", {"--format", "json"}},
    {"render", {"--view", "breakdown", "--size", "640x480"}, ".svg"},
    {"report", {"--charts", "breakdown", "--date", "2026-01-01"}, ".html"},
    {"validate", {"--no-refit", "--format", "json", "--measurements", "FOLDER/measured.csv"}, nullptr, false},
};

// A small study with one configuration, and one of each kind of file next to it.
struct Files {
    Folder folder;

    Files()
    {
        const QByteArray study =
            "study: Small\nbased_on: published-v1\nchips: [H800]\nnics: [CX7-400]\nsearch: {mtp_len: 0, precision: "
            "1 B / 1 B, "
            "policy: naive, ep: 144, batch: 64}\ntarget_tps: 1 tok/s\n";
        write("study.yaml", study);
        write("epscope/studies/small.yaml", study); // in the user's library
        // Other values of what the options then name.
        write("wide.yaml",
            QByteArray(study)
                .replace("[H800]", "[H20, A100]")
                .replace("[CX7-400]", "[CX8-800]")
                .replace("mtp_len: 0, ", "mtp_len: [0, 1], ")
                .replace("1 B / 1 B", "[2 B / 2 B, 1 B / 1 B]")
                .replace("naive", "[dual-mbatch, naive]")
                .replace("ep: 144", "ep: [72, 144]")
                .replace("batch: 64", "batch: 32..64:16")
                .replace("target_tps: 1 ", "target_tps: 20 "));
        copy(resources + "chips/h200.yaml", "chip");
        copy(resources + "nics/cx8-800.yaml", "nic.yaml");
        copy(resources + "models/kimi-k2.yaml", "model.yaml");
        copy(resources + "profiles/calibrated.yaml", "profile.yaml");
        copy(QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models/deepseek-r1_config.json"), "config.json");
        write("measured.csv",
            "\xef\xbb\xbfid;chip;engine;ep;batch_per_card;context;query_tokens;accepted_per_step;kv_elem_size;"
            "expert_elem_size;attention_elem_size;micro_batches;tpot_ms;;\r\n"
            "a;H200;lab;16;32;4936;2;1,93;1;1;1;1;46,1;;\r\n");
        write("configs.csv",
            "chip,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,context,mtp_len,deepgemm,fa3\n"
            "H800,CX7-400,naive,72,1,1,16,5120,0,TRUE,chip\n");
        write("drawing.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n");
    }

    QString path(const QString &name) const { return folder.path(name); }
    void write(const QString &name, const QByteArray &text) const { epscope::testing::write(path(name), text); }
    void copy(const QString &from, const QString &name) const { write(name, content(from)); }
};

// What a command says or draws of a study and its options.
Result result_of(const Command &command, const Files &files, const QStringList &study)
{
    QStringList arguments = QStringList{QString::fromLatin1(command.name)} + study + command.options;
    const QString output = files.path("output") + QString::fromLatin1(command.writes ? command.writes : "");
    if (command.writes)
        arguments << "-o" << output;
    arguments.replaceInStrings("FOLDER", files.folder.path());
    const QByteArray home = QFile::encodeName(files.folder.path());
    Result result = run(arguments, {{"XDG_DATA_HOME", home.constData()}});
    if (command.writes && result.code == 0) {
        result.out = content(output);
        QFile::remove(output);
        if (QByteArray(command.name) == "report") { // names its source, the command that reads it and what was changed
            static const QRegularExpression source(
                QStringLiteral("<tr><td[^>]*>Read from</td>.*?</tr>|<pre class=\"command\">epscope [^<]*</pre>"
                               "|<span class=\"change\">was [^<]*</span>"),
                QRegularExpression::DotMatchesEverythingOption);
            result.out = QString::fromUtf8(result.out).remove(source).toUtf8();
        }
    }
    return result;
}

#define VERIFY_SUCCESS(result) QVERIFY2((result).code == 0 && !(result).out.isEmpty(), (result).err.constData())

} // namespace

class TestCommandFiles : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void a_file_does_what_its_name_does_data();
    void a_file_does_what_its_name_does();
    void profiles_change_results();
    void calibrate_takes_the_files_too();
    void what_is_no_such_file_is_named_data();
    void what_is_no_such_file_is_named();
    void check_knows_every_kind_data();
    void check_knows_every_kind();
    void check_knows_folders_of_models();
    void check_tells_what_is_wrong_data();
    void check_tells_what_is_wrong();

private:
    Files files;
};

void TestCommandFiles::initTestCase()
{
    for (const char *picture : {"picture.svg", "picture.png", "picture.pdf"}) {
        const Result drawn =
            run({"render", "--study", files.path("study.yaml"), "--view", "breakdown", "-o", files.path(picture)});
        QVERIFY2(drawn.code == 0, drawn.err.constData());
    }
    const Result page =
        run({"report", "--study", files.path("study.yaml"), "--charts", "breakdown", "-o", files.path("page.html")});
    QVERIFY2(page.code == 0, page.err.constData());
}

void TestCommandFiles::a_file_does_what_its_name_does_data()
{
    QTest::addColumn<int>("command");
    QTest::addColumn<QStringList>("by_file");
    QTest::addColumn<QStringList>("by_name");
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const auto row = [&](const char *what, const QStringList &by_file, const QStringList &by_name) {
            QTest::addRow("%s %s", commands[i].name, what) << static_cast<int>(i) << by_file << by_name;
        };
        const QStringList study{"--study", "FOLDER/study.yaml"};
        row("STUDY", {"FOLDER/study.yaml"}, study);
        row("NAME", {"Small"}, study);
        if (commands[i].takes_inputs) // what is not measured is not searched
            row("options",
                {"FOLDER/wide.yaml", "--chip", "H800", "--nic", "CX7-400", "--policy", "naive", "--ep", "144",
                    "--batch", "64", "--mtp-len", "0", "--precision", "1/1", "--target-tps", "1"},
                study);
        for (const char *picture : {"picture.svg", "picture.png", "picture.pdf", "page.html"})
            row(picture, {QStringLiteral("FOLDER/") + picture}, study);
        row("--chip", {"FOLDER/study.yaml", "--chip", "FOLDER/chip"}, study + QStringList{"--chip", "H200"});
        row("--nic", {"--nic", "FOLDER/nic.yaml", "FOLDER/study.yaml"}, study + QStringList{"--nic", "CX8-800"});
        row("--model", {"FOLDER/study.yaml", "--model", "FOLDER/model.yaml"},
            study + QStringList{"--model", "kimi-k2"});
        row("--profile", {"FOLDER/study.yaml", "--profile", "FOLDER/profile.yaml"},
            study + QStringList{"--profile", "calibrated"});
    }
}

void TestCommandFiles::a_file_does_what_its_name_does()
{
    QFETCH(int, command);
    QFETCH(QStringList, by_file);
    QFETCH(QStringList, by_name);
    const Command &tested = commands[static_cast<std::size_t>(command)];
    by_file.replaceInStrings("FOLDER", files.folder.path());
    by_name.replaceInStrings("FOLDER", files.folder.path());
    const Result taken = result_of(tested, files, by_file), named = result_of(tested, files, by_name);
    VERIFY_SUCCESS(taken);
    VERIFY_SUCCESS(named);
    QCOMPARE(taken.out, named.out);
}

void TestCommandFiles::profiles_change_results()
{
    const QStringList study{"--study", files.path("study.yaml")};
    for (const Command &command : commands) {
        const Result published = result_of(command, files, study);
        const Result calibrated = result_of(command, files, study + QStringList{"--profile", "calibrated"});
        VERIFY_SUCCESS(published);
        VERIFY_SUCCESS(calibrated);
        QVERIFY2(published.out != calibrated.out, command.name);
    }
}

// A fit takes long; what it is given is checked before.
void TestCommandFiles::calibrate_takes_the_files_too()
{
    const Result result = run({"calibrate", files.path("study.yaml"), "--profile", files.path("profile.yaml"), "--chip",
        files.path("chip"), "--measurements", files.path("measured.csv"), "-o", files.path("fitted.yaml")});
    QCOMPARE(result.code, 2);
    QVERIFY2(result.err.contains("measurements: "), result.err.constData());
    QCOMPARE(result.err.count('\n'), 1);
}

void TestCommandFiles::what_is_no_such_file_is_named_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says"); // FOLDER in it stands for the folder
    const auto row = [](const QStringList &arguments, const char *says) {
        QTest::addRow("%s", qPrintable(arguments.join(' '))) << arguments << QByteArray(says);
    };
    row({"search", "FOLDER/chip"}, "FOLDER/chip:1:1: is a chip; expected a study; --chip takes it");
    row({"search", "--study", "FOLDER/config.json"},
        "FOLDER/config.json:1:1: is a model; expected a study; --model takes it");
    row({"search", "FOLDER/measured.csv"},
        "FOLDER/measured.csv:1:1: is a table of measurements; expected a study; 'epscope validate --measurements' "
        "takes it");
    row({"search", "FOLDER/configs.csv"},
        "FOLDER/configs.csv:1:1: is a table of configurations; expected a study; 'epscope estimate --configs' takes "
        "it");
    row({"search", "FOLDER/drawing.svg"}, "FOLDER/drawing.svg: holds no study of EPScope");
    row({"search", "--chip", "FOLDER/study.yaml"},
        "FOLDER/study.yaml:1:1: is a study; expected a chip; --study takes it");
    row({"search", "--nic", "FOLDER/chip"}, "FOLDER/chip:1:1: is a chip; expected a NIC; --chip takes it");
    row({"search", "--model", "FOLDER/nic.yaml"}, "FOLDER/nic.yaml:1:1: is a NIC; expected a model; --nic takes it");
    row({"search", "--profile", "FOLDER/model.yaml"},
        "FOLDER/model.yaml:1:1: is a model; expected a profile; --model takes it");
    row({"search", "--chip", "FOLDER/none.yaml"}, "FOLDER/none.yaml: cannot be read: No such file or directory");
    row({"search", "--chip", "H20,FOLDER/chip,H200"}, "command line: --chip: duplicate name 'H200'");
    row({"search", "--profile", "calibratd"},
        "command line: --profile: no profile 'calibratd'; known are calibrated, published-v1; did you mean "
        "'calibrated'?");
    row({"search", "publishd-v1"}, "command line: --study: no study 'publishd-v1'; known are ");
    row({"search", "pareto"}, "command line: --study: no study 'pareto'; known are "); // a second command is none
    row({"compare", "published-v1", "FOLDER/nic.yaml"},
        "FOLDER/nic.yaml:1:1: is a NIC; expected a study; --nic takes it");
    row({"report", "FOLDER/chip", "-o", "FOLDER/x.pdf"},
        "FOLDER/chip:1:1: is a chip; expected a study; --chip takes it");
    row({"validate", "FOLDER/measured.csv"}, "FOLDER/measured.csv:1:1: is a table of measurements; expected a study");
    row({"explain", "FOLDER/chip"}, "FOLDER/chip:1:1: is a chip; expected a study; --chip takes it");
    row({"explain", "throughputt", "published-v1"}, "command line: NUMBER: 'throughputt' is not there; allowed is ");
}

void TestCommandFiles::what_is_no_such_file_is_named()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    arguments.replaceInStrings("FOLDER", files.folder.path());
    says.replace("FOLDER", files.folder.path().toUtf8());
    const Result result = run(arguments);
    QVERIFY2(result.code == 2, result.err.constData());
    QVERIFY2(result.out.isEmpty(), result.out.constData());
    QVERIFY2(result.err.startsWith(says), result.err.constData());
    QCOMPARE(result.err.count('\n'), 1);
}

void TestCommandFiles::check_knows_every_kind_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *file, const char *says) {
        QTest::newRow(file) << QString::fromLatin1(file) << QByteArray(says);
    };
    row("study.yaml", "study Small: no problems");
    row("chip", "chip H200: no problems");
    row("nic.yaml", "nic CX8-800: no problems");
    row("model.yaml", "model kimi-k2: no problems");
    row("profile.yaml", "profile calibrated: no problems");
    row("measured.csv", "1 measurement: no problems");
    row("configs.csv", "1 configuration: no problems");
    for (const char *picture : {"picture.svg", "picture.png", "picture.pdf", "page.html"})
        row(picture, "study Small: no problems");
}

void TestCommandFiles::check_knows_every_kind()
{
    QFETCH(QString, file);
    QFETCH(QByteArray, says);
    const Result result = run({"check", files.path(file)});
    QVERIFY2(result.code == 0, result.err.constData());
    QCOMPARE(result.out, files.path(file).toUtf8() + ": " + says + "\n");
    // Whatever it is called.
    const QString anonymous = files.path("anonymous");
    QVERIFY(QFile::copy(files.path(file), anonymous));
    const Result renamed = run({"check", anonymous});
    QFile::remove(anonymous);
    QVERIFY2(renamed.code == 0, renamed.err.constData());
    QCOMPARE(renamed.out, anonymous.toUtf8() + ": " + says + "\n");
}

// What --model takes, with what stands next to the config.json.
void TestCommandFiles::check_knows_folders_of_models()
{
    const QByteArray config = R"({"hidden_size": 7168, "num_hidden_layers": 61, "first_k_dense_replace": 3,
        "num_attention_heads": 128, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "intermediate_size": 18432, "moe_intermediate_size": 2048,
        "n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1, "vocab_size": 129280,
        "torch_dtype": "bfloat16"})";
    const QString folder = files.path("R1-NVFP4");
    QVERIFY(QDir().mkpath(folder));
    files.write("R1-NVFP4/config.json", config);
    const QString file = folder + "/config.json";
    const Result doubtful = run({"check", folder});
    QVERIFY2(doubtful.code == 0, doubtful.err.constData());
    QCOMPARE(doubtful.out, folder.toUtf8() + ": model R1-NVFP4: no errors, 1 warning\n");
    QVERIFY2(doubtful.err.contains("neither the file nor a hf_quant_config.json"), doubtful.err.constData());
    files.write("R1-NVFP4/hf_quant_config.json", R"({"quantization": {"quant_algo": "NVFP4"}})");
    for (const QString &source : {folder, file}) {
        const Result stated = run({"check", source});
        QVERIFY2(stated.code == 0, stated.err.constData());
        QCOMPARE(stated.out, source.toUtf8() + ": model R1-NVFP4: no problems\n");
        QCOMPARE(stated.err, QByteArray());
    }
    const Result opened = run({folder}); // there is no display
    QCOMPARE(opened.code, 2);
    QCOMPARE(opened.err, "epscope: " + folder.toUtf8() + ": is a model; without a display only a study can be shown\n");
    QVERIFY(QFile::remove(file));
    const Result empty = run({"check", folder});
    QCOMPARE(empty.code, 2);
    QCOMPARE(empty.err, folder.toUtf8() + ": is a folder without a config.json; expected that of a model\n");
}

void TestCommandFiles::check_tells_what_is_wrong_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *file, const QByteArray &text, const char *says) {
        QTest::newRow(file) << QString::fromLatin1(file) << text << QByteArray(says);
    };
    const QByteArray measured = content(files.path("measured.csv")), configs = content(files.path("configs.csv"));
    row("unknown-chip.csv", QByteArray(measured).replace("H200", "H2000"), ":2:1: chip: no chip 'H2000'; known are ");
    row("out-of-range.csv", QByteArray(configs).replace(",72,", ",0,"), ":2:20: ep: '0' is out of range");
    row("unknown-nic.csv", QByteArray(configs).replace("CX7-400", "CX7-4000"), ":2:6: nic: 'CX7-4000' is not ");
    row("other-columns.csv", "a,b\n1,2\n", ":1:1: names none of the columns; expected a line with id, chip, ");
    row("bars.csv", QByteArray(configs).replace(",", "|"),
        ":1:1: the cells are separated by '|'; allowed are commas, semicolons or tabs");
    row("drawing-copy.svg", content(files.path("drawing.svg")), ": holds no study of EPScope");
}

void TestCommandFiles::check_tells_what_is_wrong()
{
    QFETCH(QString, file);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, says);
    files.write(file, text);
    const Result result = run({"check", files.path(file)});
    QVERIFY2(result.code == 2, result.err.constData());
    QVERIFY2(result.err.startsWith(files.path(file).toUtf8() + says), result.err.constData());
    QCOMPARE(result.err.count('\n'), 1);
}

EPSCOPE_SUITE(command_files, TestCommandFiles)
#include "tst_command_files.moc"
