// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements, their comparison with estimates, and the fit.
#include <QtTest>

#include <cmath>

#include "core/calibrate/fit.h"
#include "core/estimate/estimate.h"
#include "core/io/file.h"
#include "core/io/measurements_csv.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const std::string header = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,expert_elem_size,attention_elem_size,"
                           "micro_batches,tpot_ms\n";

const Study &study()
{
    static const Study calibrated = study_named("calibrated");
    return calibrated;
}

std::vector<MeasuredCase> cases_of(const std::string &text)
{
    const Read<std::vector<Measurement>> rows = read_measurements(text, "lab.csv");
    if (!rows)
        throw std::runtime_error(text_of(rows.problems.front()));
    Read<std::vector<MeasuredCase>> cases = resolve_measurements(*rows.value, study(), shipped_library());
    if (!cases)
        throw std::runtime_error(text_of(cases.problems.front()));
    return std::move(*cases.value);
}

std::vector<MeasuredCase> shipped_cases()
{
    return cases_of(*read_text(EPSCOPE_SOURCE_DIR "/resources/measurements/decode.csv", largest_measurements_file).value);
}

// Rows whose tpot is exactly what a profile says.
std::vector<MeasuredCase> synthetic(const Profile &truth, const std::string &rows)
{
    std::vector<MeasuredCase> cases = cases_of(header + rows);
    for (MeasuredCase &one : cases)
        one.measurement.tpot_s = estimated_tpot(truth, study().model, one);
    return cases;
}

const std::string near_and_far = "a,H200,x,8,8,2000,1,1,1,1,1,1,1\nb,H200,x,8,64,2000,1,1,1,1,1,1,1\nc,H200,x,8,128,6000,1,1,2,1,1,1,1\n"
                                 "d,H800,x,64,16,4000,1,1,1,1,1,1,1\ne,H800,x,64,64,4000,1,1,1,1,1,1,1\nf,H800,x,144,128,4000,2,1.8,1,1,1,2,1\n"
                                 "g,GB200,x,32,4,1000,1,1,1,1,1,1,1\nh,GB200,x,32,256,1000,1,1,1,0.5625,1,1,1\ni,H20,x,16,32,5000,2,1.8,1,1,1,1,1\n"
                                 "j,H20,x,32,1,5000,1,1,1,1,1,1,1\nk,GB200,x,4,512,1000,1,1,1,1,1,1,1\n";

Profile with(Profile profile, const std::vector<std::pair<std::string, double>> &values)
{
    for (const auto &[key, value] : values)
        profile_number(key)->set(profile, value);
    return profile;
}

const FittedParameter &parameter_of(const Fit &fit, const std::string &key)
{
    return *std::find_if(fit.parameters.begin(), fit.parameters.end(), [&](const FittedParameter &one) { return one.key == key; });
}

} // namespace

class TestCalibrate : public QObject {
    Q_OBJECT

private slots:
    void reads_rows();
    void bad_files_are_explained_data();
    void bad_files_are_explained();
    void shipped_measurements_are_whole();
    void chips_and_nics_are_found();
    void a_row_is_estimated_as_its_configuration();
    void groups_are_counted_by_hand();
    void recovers_known_parameters();
    void holds_what_is_not_determined();
    void repeats_itself();
    void keeps_within_bounds();
    void writes_a_profile_that_reads_back();
    void shipped_profile_meets_its_aims();
};

void TestCalibrate::reads_rows()
{
    const Read<std::vector<Measurement>> rows = read_measurements(
        "chip,id,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,expert_elem_size,attention_elem_size,micro_batches,step_ms,"
        "tpot_ms,nic,source\r\nH800,one,x,144,92.5,5120,2,1.85,2,1,1,2,92.5,,CX7-400,\"a, \"\"b\"\"\"\n\nH20,two,y,16,,4864,,,,1,1,1,,30,,\n",
        "lab.csv");
    QVERIFY2(rows, rows ? "" : text_of(rows.problems.front()).c_str());
    QCOMPARE(rows.value->size(), 2u);
    const Measurement &one = rows.value->front();
    QCOMPARE(one.id, std::string("one"));
    QCOMPARE(one.nic, std::string("CX7-400"));
    QCOMPARE(one.source, std::string("a, \"b\""));
    VERIFY_SAME(*one.batch_per_card, 92.5);
    VERIFY_NEAR(one.tpot_s, 0.05, 1e-12); // step over accepted tokens
    QVERIFY(one.complete());
    QVERIFY(!rows.value->back().complete()); // for display only
}

void TestCalibrate::bad_files_are_explained_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    const QString head = QString::fromStdString(header);
    QTest::newRow("empty") << "" << "lab.csv:1:1: unknown column ''";
    QTest::newRow("no rows") << head << "holds no measurements";
    QTest::newRow("missing column") << QString(head).replace(",ep,", ",") << "missing column 'ep'";
    QTest::newRow("unknown column") << QString(head).replace("engine", "engin") << "unknown column 'engin'; allowed is id, chip";
    QTest::newRow("duplicate column") << QString(head).replace("engine", "chip") << "duplicate column 'chip'";
    QTest::newRow("too few cells") << head + "a,H800\n" << "lab.csv:2:1: has 2 columns; expected 13";
    QTest::newRow("no number") << head + "a,H800,x,many,8,2000,1,1,1,1,1,1,30\n" << "lab.csv:2:10: ep: ";
    QTest::newRow("out of range") << head + "a,H800,x,8,-8,2000,1,1,1,1,1,1,30\n" << "batch_per_card: '-8' is out of range";
    QTest::newRow("not whole") << head + "a,H800,x,8.5,8,2000,1,1,1,1,1,1,30\n" << "ep: '8.5' is not a whole number";
    QTest::newRow("accepts more") << head + "a,H800,x,8,8,2000,1,1.5,1,1,1,1,30\n" << "more tokens accepted than queried";
    QTest::newRow("no tpot") << head + "a,H800,x,8,8,2000,1,1,1,1,1,1,\n" << "tpot_ms: is empty";
    QTest::newRow("no id") << head + ",H800,x,8,8,2000,1,1,1,1,1,1,30\n" << "id: is empty";
    QTest::newRow("same id") << head + "a,H800,x,8,8,2000,1,1,1,1,1,1,30\na,H800,x,8,8,2000,1,1,1,1,1,1,30\n" << "lab.csv:3:1: id: duplicate id 'a'";
    QTest::newRow("open quote") << head + "\"a,H800,x,8,8,2000,1,1,1,1,1,1,30\n" << "a quote is never closed";
}

void TestCalibrate::bad_files_are_explained()
{
    QFETCH(QString, text);
    QFETCH(QString, says);
    const Read<std::vector<Measurement>> rows = read_measurements(text.toStdString(), "lab.csv");
    QVERIFY(!rows);
    const QString message = QString::fromStdString(text_of(rows.problems.front()));
    QVERIFY2(message.contains(says), qPrintable(message));
}

void TestCalibrate::shipped_measurements_are_whole()
{
    const std::vector<std::filesystem::path> files = measurement_files({EPSCOPE_SOURCE_DIR "/resources", "/nonexistent"});
    QCOMPARE(files.size(), 2u);
    for (const std::filesystem::path &file : files) {
        const Read<std::vector<Measurement>> rows = read_measurements(*read_text(file.string(), largest_measurements_file).value, file.string());
        QVERIFY(rows);
        for (const Measurement &row : *rows.value) {
            QVERIFY(row.source.size() > 10);
            if (row.complete() && row.throughput_per_card) // two printed numbers say the same, as far as their digits go
                QVERIFY2(std::abs(*row.batch_per_card / row.tpot_s / *row.throughput_per_card - 1) < 0.02, row.id.c_str());
        }
    }
    QCOMPARE(shipped_cases().size(), 62u);
}

void TestCalibrate::chips_and_nics_are_found()
{
    const std::vector<MeasuredCase> cases = cases_of(header + "a,H20,x,16,8,2000,1,1,1,1,1,1,30\n");
    QCOMPARE(cases.front().nic.name, std::string("CX7-200")); // the H20's usual one
    const auto problem = [&](const std::string &text) {
        const Read<std::vector<MeasuredCase>> read = resolve_measurements(*read_measurements(text, "lab.csv").value, study(), shipped_library());
        return read ? std::string() : text_of(read.problems.front());
    };
    QVERIFY(problem(header + "a,H2000,x,16,8,2000,1,1,1,1,1,1,30\n").find("measurement a: chip: no chip 'H2000'") != std::string::npos);
    QVERIFY(problem(header + "a,H20,x,16,,2000,1,1,1,1,1,1,30\n").find("for display only") != std::string::npos);
    Study without_drafts = study();
    without_drafts.model.mtp_layers = 0;
    const Read<std::vector<MeasuredCase>> drafting =
        resolve_measurements(*read_measurements(header + "a,H20,x,16,8,2000,2,1.8,1,1,1,1,30\n", "lab.csv").value, without_drafts, shipped_library());
    QVERIFY(!drafting && text_of(drafting.problems.front()).find("no MTP layer") != std::string::npos);
}

void TestCalibrate::a_row_is_estimated_as_its_configuration()
{
    const MeasuredCase one = cases_of(header + "a,H800,x,144,128,5120,2,1.85,2,1,1,2,50\n").front();
    Scenario scenario{study().profile, study().model, one.chip, one.nic, study().workload, {Policy::dual_mbatch, 144, 2, 1, 1, 128}, 0};
    VERIFY_NEAR(estimated_tpot(study().profile, study().model, one), estimate(scenario).step_s / 1.85, 1e-14);
}

void TestCalibrate::groups_are_counted_by_hand()
{
    const std::vector<MeasuredCase> cases = cases_of(header + "a,H800,x,8,8,2000,1,1,1,1,1,1,10\nb,H800,y,8,8,2000,1,1,1,1,1,1,20\nc,H20,y,8,16,2000,1,1,1,1,1,1,40\n");
    const std::vector<double> estimates{0.011, 0.016, 0.04};
    const Validation result = judge(cases, estimates);
    VERIFY_NEAR(result.rows[0].relative, 0.1, 1e-12);
    VERIFY_NEAR(result.rows[1].relative, -0.2, 1e-12);
    VERIFY_NEAR(result.rows[2].throughput_per_card, 400., 1e-12);
    VERIFY_NEAR(result.all.mean_absolute, 0.1, 1e-12);
    VERIFY_NEAR(result.all.bias, -0.1 / 3, 1e-12);
    VERIFY_NEAR(result.all.worst, -0.2, 1e-12);
    QCOMPARE(result.all.worst_id, std::string("b"));
    QCOMPARE(result.by_chip.size(), 2u);
    QCOMPARE(result.by_chip[1].name, std::string("H800"));
    VERIFY_NEAR(result.by_chip[1].mean_absolute, 0.15, 1e-12);
    VERIFY_NEAR(result.by_chip[1].bias, -0.05, 1e-12);
    QCOMPARE(result.by_engine[1].rows, 2u);
    VERIFY_NEAR(result.by_engine[1].mean_absolute, 0.1, 1e-12);
}

void TestCalibrate::recovers_known_parameters()
{
    const std::vector<std::pair<std::string, double>> truth{{"memory_efficiency", 0.84}, {"scale_up_efficiency", 0.35}, {"nic_latency", 60e-6},
                                                            {"layer_overhead", 90e-6},   {"load_imbalance", 1.4}};
    const Fit result = fit(study().profile, study().model, synthetic(with(study().profile, truth), near_and_far));
    QVERIFY(result.before.all.mean_absolute > 0.05);
    QVERIFY(result.after.all.mean_absolute < 1e-3);
    for (const auto &[key, value] : truth) {
        const FittedParameter &found = parameter_of(result, key);
        QVERIFY2(found.determined, key.c_str());
        QVERIFY2(is_near(found.after, value, 0.02), both(key, found.after, value).constData());
        VERIFY_SAME(profile_number(key)->of(result.profile), found.after);
    }
    QCOMPARE(result.correlations.size(), result.fitted.size());
    for (std::size_t i = 0; i < result.fitted.size(); ++i) {
        VERIFY_NEAR(result.correlations[i][i], 1., 1e-9);
        for (std::size_t j = 0; j < i; ++j)
            QVERIFY(std::abs(result.correlations[i][j]) <= 1 + 1e-9 && std::abs(result.correlations[i][j] - result.correlations[j][i]) < 1e-6);
    }
}

void TestCalibrate::holds_what_is_not_determined()
{
    // All inside the scale-up domain: nothing here knows the NIC.
    const Profile truth = with(study().profile, {{"layer_overhead", 90e-6}});
    const Fit result = fit(study().profile, study().model, synthetic(truth, "a,H200,x,8,8,2000,1,1,1,1,1,1,1\nb,H200,x,8,64,2000,1,1,1,1,1,1,1\n"
                                                                            "c,GB200,x,32,4,1000,1,1,1,1,1,1,1\nd,GB200,x,32,400,1000,1,1,1,1,1,1,1\n"
                                                                            "e,H200,x,8,128,6000,1,1,1,1,1,1,1\nf,GB200,x,64,2,1000,1,1,1,1,1,1,1\n"));
    const FittedParameter &latency = parameter_of(result, "nic_latency");
    QVERIFY(!latency.determined && !latency.deviation);
    VERIFY_SAME(latency.after, study().profile.nic_latency);
    VERIFY_SAME(result.profile.nic_latency, study().profile.nic_latency);
    QVERIFY(parameter_of(result, "layer_overhead").determined);
    QVERIFY(std::abs(parameter_of(result, "layer_overhead").after - 90e-6) < 5e-6);
}

void TestCalibrate::repeats_itself()
{
    const std::vector<MeasuredCase> cases = synthetic(with(study().profile, {{"load_imbalance", 1.1}}), near_and_far);
    const Fit first = fit(study().profile, study().model, cases);
    const Fit second = fit(study().profile, study().model, cases);
    QVERIFY(first.profile == second.profile);
    QVERIFY(first.parameters == second.parameters);
}

void TestCalibrate::keeps_within_bounds()
{
    // What no value within the bounds explains: everything three times as slow.
    std::vector<MeasuredCase> cases = synthetic(study().profile, near_and_far);
    for (MeasuredCase &one : cases)
        one.measurement.tpot_s *= 3;
    const Fit result = fit(study().profile, study().model, cases);
    bool any_at_bound = false;
    for (const FittedParameter &parameter : result.parameters) {
        QVERIFY(parameter.after >= parameter.min && parameter.after <= parameter.max);
        any_at_bound = any_at_bound || parameter.at_bound;
        QVERIFY(!parameter.at_bound || !parameter.deviation);
    }
    QVERIFY(any_at_bound);
}

void TestCalibrate::writes_a_profile_that_reads_back()
{
    const Profile fitted = with(study().profile, {{"layer_overhead", 1. / 30000}, {"memory_efficiency", 0.8123456789}});
    const Read<Profile> read = read_profile(profile_text(fitted), "x.yaml");
    QVERIFY2(read, read ? "" : text_of(read.problems.front()).c_str());
    QVERIFY(*read.value == fitted);
}

void TestCalibrate::shipped_profile_meets_its_aims()
{
    const std::vector<MeasuredCase> cases = shipped_cases();
    const Validation result = validate(study().profile, study().model, cases);
    QVERIFY(result.all.mean_absolute <= 0.05);
    for (const GroupError &chip : result.by_chip)
        QVERIFY2(std::abs(chip.bias) <= 0.05, chip.name.c_str());
    const std::optional<Validation> left_out = leave_one_chip_out(study().profile, study().model, cases);
    QVERIFY(left_out && left_out->all.mean_absolute <= 0.10);
    // The shipped values are what the fit finds, rounded.
    const Fit again = fit(study().profile, study().model, cases);
    for (const FittedParameter &parameter : again.parameters) {
        QVERIFY(parameter.determined);
        QVERIFY2(std::abs(parameter.after - parameter.before) < 0.02 * (parameter.max - parameter.min), parameter.key.c_str());
    }
}

QTEST_GUILESS_MAIN(TestCalibrate)
#include "tst_calibrate.moc"
