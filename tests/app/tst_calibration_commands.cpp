// SPDX-License-Identifier: GPL-3.0-or-later
// 'epscope validate' and 'epscope calibrate' as a person or a script runs them.
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTest>

#include <nlohmann/json.hpp>

#include "core/calibrate/validation.h"
#include "core/io/file.h"
#include "core/io/measurements_csv.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;
using Json = nlohmann::json;

namespace {

struct Result {
    int code = -1;
    QString out, err;
};

Result run(const QStringList &arguments, const QString &data_home = QStringLiteral("/nonexistent/epscope-test"),
    const QByteArray &input = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_DATA_HOME", data_home);
    process.setProcessEnvironment(environment);
    process.start(EPSCOPE_PROGRAM, arguments);
    process.write(input);
    process.closeWriteChannel();
    constexpr int longest_ms = 120000;
    if (!process.waitForFinished(longest_ms)) {
        process.kill();
        return {};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
        QString::fromUtf8(process.readAllStandardError())};
}

const QByteArray columns = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                           "expert_elem_size,attention_elem_size,"
                           "micro_batches,tpot_ms\n";

// Rows of a chip of the library that nobody has measured here, with the tpot of a profile.
QByteArray synthetic(const Profile &truth)
{
    const Study study = study_named("calibrated");
    const QByteArray rows =
        "a,B200,lab,8,8,2000,1,1,1,1,1,1,1\nb,B200,lab,8,128,2000,1,1,1,1,1,1,1\nc,B200,lab,32,8,4000,1,1,1,1,1,1,1\n"
        "d,B200,lab,32,128,4000,1,1,1,1,1,1,1\ne,B200,lab,72,256,4000,2,1.8,1,1,1,2,1\nf,MI355X,lab,8,64,2000,1,1,2,1,"
        "1,1,1\n"
        "g,MI355X,lab,64,64,2000,1,1,2,1,1,1,1\nh,B200,lab,8,512,1000,1,1,1,0.5625,1,1,1\n";
    const auto read = read_measurements((columns + rows).toStdString(), "lab.csv");
    const auto cases = resolve_measurements(*read.value, study, shipped_library());
    QByteArray text = columns;
    for (const MeasuredCase &one : *cases.value) {
        QByteArray row = rows.split('\n')[static_cast<int>(one.measurement.id[0] - 'a')];
        row.chop(1);
        text += row + QByteArray::number(1e3 * estimated_tpot(truth, one), 'g', 12) + "\n";
    }
    return text;
}

} // namespace

class TestCalibrationCommands : public QObject {
    Q_OBJECT

private slots:
    void validate_prints_its_columns();
    void validate_in_other_formats();
    void calibrate_recovers_and_writes();
    void a_file_named_twice_counts_once();
    void a_run_written_down_often_counts_once();
    void lab_files_are_found_by_name();
    void problems_end_with_two();
};

void TestCalibrationCommands::validate_prints_its_columns()
{
    const Result result = run({"validate", "--format", "csv"});
    QCOMPARE(result.code, 0);
    const QStringList lines = result.out.trimmed().split('\n');
    QCOMPARE(lines.front(), QStringLiteral("id,chip,engine,tpot_ms_measured,tpot_ms_estimated,relative_error"));
    QCOMPARE(lines.size(), 165);
    for (const QString &line : lines.mid(1)) {
        const QStringList cells = line.split(',');
        QCOMPARE(cells.size(), 6);
        VERIFY_NEAR(cells[5].toDouble(), cells[4].toDouble() / cells[3].toDouble() - 1, 1e-9);
    }
}

void TestCalibrationCommands::validate_in_other_formats()
{
    const Result json = run({"validate", "--format", "json"});
    QCOMPARE(json.code, 0);
    const Json all = Json::parse(json.out.toStdString());
    QCOMPARE(all["rows"].size(), 164u);
    double sum = 0; // of 160 runs
    for (const Json &row : all["rows"])
        sum += row["weight"].get<double>() * std::abs(row["relative_error"].get<double>()) / 160;
    VERIFY_NEAR(all["all"]["mean_absolute_error"].get<double>(), sum, 1e-9);
    QCOMPARE(all["by_chip"].size(), 6u);
    QCOMPARE(all["by_model"].size(), 4u);
    QCOMPARE(all["leave_one_chip_out"]["by_chip"].size(), 6u);
    QVERIFY(!Json::parse(run({"validate", "--format", "json", "--no-refit"}).out.toStdString())
                 .contains("leave_one_chip_out"));
    // The tables in the documentation are the command's; what they show is said below in words.
    QFile documented(EPSCOPE_SOURCE_DIR "/docs/validation.md");
    QVERIFY(documented.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(documented.readAll()).section("\n## What is missing", 0, 0),
        run({"validate", "--format", "markdown"}).out);
}

void TestCalibrationCommands::calibrate_recovers_and_writes()
{
    Folder folder;
    Profile truth = study_named("calibrated").profile;
    truth.kernel_overhead = 5e-6;
    truth.nic_latency = 40e-6;
    const QString lab = folder.path("lab.csv"), profile = folder.path("mine.yaml");
    write(lab, synthetic(truth));
    const Result result = run({"calibrate", "--measurements", lab, "-o", profile});
    QVERIFY2(result.code == 0, qPrintable(result.err));
    for (const char *text : {"Before:", "After:", "kernel_overhead", "Correlations",
             "Each chip estimated with a fit to the others:", "Wrote profile 'mine'"})
        QVERIFY2(result.out.contains(text), text);
    const Read<Profile> read = read_profile(*read_text(profile.toStdString(), largest_file).value, "mine.yaml");
    QVERIFY(read);
    QCOMPARE(read.value->name, std::string("mine"));
    VERIFY_NEAR(read.value->kernel_overhead, 5e-6, 0.05);
    VERIFY_NEAR(read.value->nic_latency, 40e-6, 0.05);
    QVERIFY(read.value->source.find("lab.csv") != std::string::npos);
    const auto origin = std::find_if(read.value->calibration.begin(), read.value->calibration.end(),
        [](const ParameterOrigin &one) { return one.parameter == "kernel_overhead"; });
    QVERIFY(origin->source.find("fitted to lab.csv") != std::string::npos);
    // Six rows of B200; of MI355X, whose kernels are of another class, two are too few.
    QCOMPARE(read.value->left_out.size(), 1u);
    QCOMPARE(read.value->left_out[0].runs, 6);
    QVERIFY((read.value->left_out[0].chips == std::vector<std::string>{"B200"}));
    QVERIFY(read.value->left_out[0].source.find("lab.csv") != std::string::npos);
    const Result again = run({"calibrate", "--measurements", lab, "-o", folder.path("mine.yaml")});
    QCOMPARE(again.out, result.out); // the same in every run
    const Result validated = run({"validate", "--profile", profile, "--measurements", lab, "--format", "csv"});
    for (const QString &line : validated.out.trimmed().split('\n').mid(1))
        QVERIFY2(std::abs(line.split(',').back().toDouble()) < 0.01, qPrintable(line));
}

void TestCalibrationCommands::a_file_named_twice_counts_once()
{
    const Result once = run({"validate", "--format", "csv"}),
                 twice = run({"validate", "--format", "csv", "--measurements", "decode", "decode"});
    QCOMPARE(twice.out, once.out);
}

void TestCalibrationCommands::a_run_written_down_often_counts_once()
{
    // Two runs, one of them nine times: too few for what they have a say in.
    QByteArray rows = "z,B200,lab,64,2,1000,1,1,1,1,1,1,25\n";
    for (char id = 'a'; id < 'j'; ++id)
        rows += QByteArray(1, id) + ",B200,lab,8,8,2000,1,1,1,1,1,1,20\n";
    const QString profile = QStringLiteral("/nonexistent/mine.yaml");
    const Result fitted = run({"calibrate", "--measurements", "-", "-o", profile}, "/nonexistent", columns + rows);
    QCOMPARE(fitted.code, 2);
    const QString repeats = "8 rows repeat another one within 0.5 % and share its weight: b that of a, c that of a";
    QVERIFY2(fitted.err.startsWith("measurements: 2 of them cannot determine "), qPrintable(fitted.err));
    QVERIFY2(fitted.err.contains("; " + repeats), qPrintable(fitted.err));
    const Result table = run({"validate", "--measurements", "-", "--no-refit"}, "/nonexistent", columns + rows);
    QCOMPARE(table.code, 0);
    QVERIFY2(table.out.contains(repeats), qPrintable(table.out));
    const Json json = Json::parse(
        run({"validate", "--measurements", "-", "--no-refit", "--format", "json"}, "/nonexistent", columns + rows)
            .out.toStdString());
    QCOMPARE(json["all"]["rows"].get<int>(), 10);
    QCOMPARE(json["all"]["runs"].get<int>(), 2);
    VERIFY_NEAR(json["rows"][0]["weight"].get<double>(), 1.0, 1e-12);
    VERIFY_NEAR(json["rows"][3]["weight"].get<double>(), 1.0 / 9, 1e-12);
    QVERIFY(Json::parse(run({"validate", "--format", "json", "--no-refit"}).out.toStdString())["all"]["runs"] == 160);
}

void TestCalibrationCommands::lab_files_are_found_by_name()
{
    Folder home;
    write(home.path("epscope/measurements/my-lab.csv"), columns + "a,B200,lab,8,8,2000,1,1,1,1,1,1,20\n");
    const Result listed = run({"list", "measurements"}, home.path());
    QVERIFY(listed.out.contains("my-lab") && listed.out.contains("decode"));
    const Result result = run({"validate", "--measurements", "my-lab", "--format", "csv"}, home.path());
    QCOMPARE(result.code, 0);
    QVERIFY(result.out.contains("\na,B200,lab,20,"));
}

void TestCalibrationCommands::problems_end_with_two()
{
    const auto says = [](const Result &result, const char *text) {
        return result.code == 2 && result.out.isEmpty() && result.err.contains(text);
    };
    QVERIFY(says(run({"validate", "--measurements", "nowhere.csv"}), "nowhere.csv: cannot be read"));
    QVERIFY(says(
        run({"validate", "--measurements", "-"}, "/nonexistent", columns + "a,B2000,lab,8,8,2000,1,1,1,1,1,1,20\n"),
        "no chip 'B2000'"));
    QVERIFY(says(run({"validate", "--measurements", "deepseek-service"}), "for display only"));
    Folder folder;
    const QString profile = folder.path("mine.yaml");
    QVERIFY(says(run({"calibrate", "--profile", "published-v1", "-o", profile}), "has no fitted parameter"));
    QVERIFY(says(run({"calibrate", "--measurements", "-", "-o", profile}, "/nonexistent",
                     columns + "a,B200,lab,8,8,2000,1,1,1,1,1,1,20\n"),
        "cannot determine"));
    QVERIFY(says(run({"calibrate", "--measurements", "-", "-o", profile}, "/nonexistent",
                     columns + "a,B2000,lab,8,8,2000,1,1,1,1,1,1,20\n"),
        ":2:1: chip: no chip 'B2000'"));
    QVERIFY(!QFile::exists(profile));
}

EPSCOPE_SUITE(calibration_commands, TestCalibrationCommands)
#include "tst_calibration_commands.moc"
