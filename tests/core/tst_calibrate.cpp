// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements, their comparison with estimates, and the fit.
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "core/calibrate/anchors.h"
#include "core/calibrate/fit.h"
#include "core/estimate/estimate.h"
#include "core/io/file.h"
#include "core/io/measurements_csv.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "tests/support/near.h"
#include "tests/support/sanitized.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const std::string fitted_header =
    "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
    "expert_elem_size,attention_elem_size,"
    "micro_batches,tpot_ms\n";

const std::string models_header = fitted_header.substr(0, fitted_header.size() - 1) + ",model,date\n";

// What a run may state besides.
const std::string groups_header = fitted_header.substr(0, fitted_header.size() - 1)
    + ",model,tp,moe,redundant_experts,balanced,output_elem_size,dense_elem_size,prefill_share,remark\n";

const Study &calibrated_study()
{
    static const Study calibrated = study_named("calibrated");
    return calibrated;
}

std::vector<MeasuredCase> cases_of(const std::string &text)
{
    const Read<std::vector<Measurement>> rows = read_measurements(text, "lab.csv");
    if (!rows)
        throw std::runtime_error(text_of(rows.problems.front()));
    Read<std::vector<MeasuredCase>> cases = resolve_measurements(*rows.value, calibrated_study(), shipped_library());
    if (!cases)
        throw std::runtime_error(text_of(cases.problems.front()));
    return std::move(*cases.value);
}

std::vector<double> estimated_tpots(const Profile &profile, const std::vector<MeasuredCase> &cases)
{
    std::vector<double> tpots;
    for (const MeasuredCase &one : cases)
        tpots.push_back(estimated_tpot(profile, one));
    return tpots;
}

std::vector<MeasuredCase> shipped_cases()
{
    return cases_of(
        *read_text(EPSCOPE_SOURCE_DIR "/resources/measurements/decode.csv", largest_measurements_file).value);
}

// Rows whose tpot is exactly what a profile says.
std::vector<MeasuredCase> synthetic(const Profile &truth, const std::string &rows)
{
    std::vector<MeasuredCase> cases = cases_of(groups_header + rows);
    for (MeasuredCase &one : cases)
        one.measurement.tpot_s = estimated_tpot(truth, one);
    return cases;
}

const std::string near_and_far =
    "a,H200,x,8,8,2000,1,1,1,1,1,1,1\nb,H200,x,8,64,2000,1,1,1,1,1,1,1\nc,H200,x,8,128,6000,1,1,2,1,1,1,1\n"
    "d,H800,x,64,16,4000,1,1,1,1,1,1,1\ne,H800,x,64,64,4000,1,1,1,1,1,1,1\nf,H800,x,144,128,4000,2,1.8,1,1,1,2,1\n"
    "g,GB200,x,32,4,1000,1,1,1,1,1,1,1\nh,GB200,x,32,256,1000,1,1,1,0.5625,1,1,1\ni,H20,x,16,32,5000,2,1.8,1,1,1,1,1\n"
    "j,H20,x,32,1,5000,1,1,1,1,1,1,1\nk,GB200,x,4,512,1000,1,1,1,1,1,1,1\n"
    "l,MI355X,x,8,8,1000,1,1,1,1,1,1,1\nm,MI355X,x,8,64,4000,1,1,1,1,1,1,1\n"
    "n,H20-141,x,1,0.5,65536,1,1,1,0.5625,1,1,1,deepseek-v4-pro,8,moe_tp\n"
    "o,H20-141,x,1,2,8192,1,1,1,0.5625,1,1,1,deepseek-v4-pro,8,moe_tp\n";

// As rows have it that state none.
Workload without_redundant_experts()
{
    Workload workload = calibrated_study().workload;
    workload.redundant_experts = 0;
    return workload;
}

Profile stating(Profile profile, const std::vector<std::pair<std::string, double>> &values)
{
    for (const auto &[key, value] : values)
        profile_number(key)->set(profile, value);
    return profile;
}

const FittedParameter &parameter_of(const Fit &fit, const std::string &key)
{
    return *std::find_if(
        fit.parameters.begin(), fit.parameters.end(), [&](const FittedParameter &one) { return one.key == key; });
}

} // namespace

class TestCalibrate : public QObject {
    Q_OBJECT

private slots:
    void reads_rows();
    void a_row_takes_what_a_study_takes();
    void a_number_may_carry_its_unit();
    void bad_files_are_explained_data();
    void bad_files_are_explained();
    void shipped_measurements_are_whole();
    void chips_and_nics_are_found();
    void a_row_is_estimated_as_its_configuration();
    void a_row_of_a_group_is_estimated_as_its_configuration();
    void prefill_takes_its_share();
    void what_the_equations_do_not_know_is_left_out();
    void a_row_runs_the_model_that_it_names();
    void a_run_in_two_files_is_one_run();
    void intervals_follow_students_t();
    void a_chip_left_out_leaves_nothing_behind();
    void groups_are_counted_by_hand();
    void rows_of_one_run_weigh_as_one();
    void repeats_change_no_fit();
    void the_first_repeats_are_named();
    void runs_of_many_rows_go_by_the_same_rule();
    void shipped_repeats_are_known();
    void recovers_known_parameters();
    void holds_what_is_not_determined();
    void holds_what_the_scatter_hides();
    void repeats_itself();
    void keeps_within_bounds();
    void writes_a_profile_that_reads_back();
    void shipped_profile_meets_its_aims();
};

void TestCalibrate::reads_rows()
{
    const Read<std::vector<Measurement>> rows =
        read_measurements("chip,id,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,expert_"
                          "elem_size,attention_elem_size,micro_batches,step_ms,"
                          "tpot_ms,nic,source\r\nH800,one,x,144,92.5,5120,2,1.85,2,1,1,2,92.5,,CX7-400,\"a, "
                          "\"\"b\"\"\"\n\nH20,two,y,16,,4864,,,,1,1,1,,30,,\n",
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

void TestCalibrate::a_row_takes_what_a_study_takes()
{
    const std::string head = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                             "expert_elem_size,attention_elem_size,micro_batches,tpot_ms\n";
    const Read<std::vector<Measurement>> rows =
        read_measurements(head + "long,H800,x,1024,,90000000,,,0.25,,8,1,30\n", "lab.csv");
    QVERIFY2(rows, rows ? "" : text_of(rows.problems.front()).c_str());
    VERIFY_SAME(rows.value->front().context, 9e7);
    VERIFY_SAME(*rows.value->front().attention_elem_size, 8);
    const auto refused = read_measurements(head + "never,H800,x,1024,,1e13,,,1,,1,1,30\n", "lab.csv");
    QCOMPARE(refused.problems.size(), std::size_t{1});
    QVERIFY(refused.problems.front().message.find("out of range") != std::string::npos);
}

void TestCalibrate::a_number_may_carry_its_unit()
{
    const std::string head = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                             "expert_elem_size,attention_elem_size,micro_batches,prefill_share,tpot_ms,"
                             "throughput_per_card\n";
    const auto read = [&](const char *row) { return read_measurements(head + row, "lab.csv"); };
    const auto with = read("a,H800,x,8,16,4Ki,,,1 B,1,1,2,20 %,46.1 ms,347 tok/s\n");
    QVERIFY2(with, with ? "" : text_of(with.problems.front()).c_str());
    const auto without = read("a,H800,x,8,16,4096,,,1,1,1,2,0.2,46.1,347\n");
    QVERIFY2(without, without ? "" : text_of(without.problems.front()).c_str());
    VERIFY_SAME(with.value->front().context, without.value->front().context);
    VERIFY_SAME(*with.value->front().kv_elem_size, *without.value->front().kv_elem_size);
    VERIFY_NEAR(with.value->front().prefill_share, 0.2, 1e-15);
    VERIFY_NEAR(with.value->front().tpot_s, 0.0461, 1e-15);
    VERIFY_SAME(*with.value->front().throughput_per_card, 347);
    const auto in_seconds = read("a,H800,x,8,16,4096,,,1,1,1,2,0.2,0.0461 s,347\n");
    QVERIFY(in_seconds);
    VERIFY_NEAR(in_seconds.value->front().tpot_s, 0.0461, 1e-15);
    const auto refused = read("a,H800,x,8,16,4096,,,1,1,1,2,0.2,46.1 GB,347\n");
    QCOMPARE(refused.problems.size(), std::size_t{1});
}

void TestCalibrate::bad_files_are_explained_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("says");
    const QString head = QString::fromStdString(fitted_header);
    QTest::newRow("empty") << "\n"
                           << "lab.csv:1:1: is empty; expected a line with the columns' names, id, chip, engine";
    const QString dated = QString(head).replace("tpot_ms", "tpot_ms,date");
    QTest::newRow("no date") << dated + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,2025-02-29\n"
                             << "lab.csv:2:34: date: '2025-02-29' is not a date; expected YYYY, YYYY-MM or YYYY-MM-DD";
    QTest::newRow("a month too many") << dated + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,2025-13\n"
                                      << "is not a date";
    QTest::newRow("a date in words") << dated + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,May 25\n"
                                     << "is not a date";
    QTest::newRow("no rows") << head << "holds no measurements";
    QTest::newRow("missing column") << QString(head).replace(",ep,", ",") << "missing column 'ep'";
    QTest::newRow("unknown column") << QString(head).replace("engine", "engin")
                                    << "unknown column 'engin'; allowed is id, chip";
    QTest::newRow("duplicate column") << QString(head).replace("engine", "chip") << "duplicate column 'chip'";
    QTest::newRow("too few cells") << head + "a,H800\n"
                                   << "lab.csv:2:1: has 2 columns; expected 13";
    QTest::newRow("no number") << head + "a,H800,x,many,8,2000,1,1,1,1,1,1,30\n"
                               << "lab.csv:2:10: ep: ";
    QTest::newRow("out of range") << head + "a,H800,x,8,-8,2000,1,1,1,1,1,1,30\n"
                                  << "batch_per_card: '-8' is out of range";
    QTest::newRow("not whole") << head + "a,H800,x,8.5,8,2000,1,1,1,1,1,1,30\n"
                               << "ep: '8.5' is not a whole number";
    QTest::newRow("accepts more") << head + "a,H800,x,8,8,2000,1,1.5,1,1,1,1,30\n"
                                  << "more tokens accepted than queried";
    QTest::newRow("no tpot") << head + "a,H800,x,8,8,2000,1,1,1,1,1,1,\n"
                             << "tpot_ms: is empty";
    QTest::newRow("no id") << head + ",H800,x,8,8,2000,1,1,1,1,1,1,30\n"
                           << "id: is empty";
    QTest::newRow("same id") << head + "a,H800,x,8,8,2000,1,1,1,1,1,1,30\na,H800,x,8,8,2000,1,1,1,1,1,1,30\n"
                             << "lab.csv:3:1: id: duplicate id 'a'";
    const QString group = QString::fromStdString(groups_header);
    QTest::newRow("no mode") << group + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,,8,tensor\n"
                             << "moe: 'tensor' is not allowed; allowed is all2all, ep_group or moe_tp";
    QTest::newRow("no switch") << group + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,,8,ep_group,0,perhaps\n"
                               << "balanced: 'perhaps' is not a switch";
    QTest::newRow("all of it prefill") << group + "a,H800,x,8,8,2000,1,1,1,1,1,1,30,,1,all2all,0,no,,,1\n"
                                       << "prefill_share: '1' is out of range";
    QTest::newRow("open quote") << head + "\"a,H800,x,8,8,2000,1,1,1,1,1,1,30\n"
                                << "lab.csv:2:1: a quote is opened here and never closed";
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
    const std::vector<std::filesystem::path> files =
        measurement_files({EPSCOPE_SOURCE_DIR "/resources", "/nonexistent"});
    QCOMPARE(files.size(), 2u);
    for (const std::filesystem::path &file : files) {
        const Read<std::vector<Measurement>> rows =
            read_measurements(*read_text(file.string(), largest_measurements_file).value, file.string());
        QVERIFY(rows);
        for (const Measurement &row : *rows.value) {
            QVERIFY(row.source.size() > 10);
            if (row.complete()
                && row.throughput_per_card) // two printed numbers say the same, as far as their digits go
                QVERIFY2(
                    std::abs(*row.batch_per_card / row.tpot_s / *row.throughput_per_card - 1) < 0.03, row.id.c_str());
        }
    }
    QCOMPARE(shipped_cases().size(), 164u);
    for (const double tpot : estimated_tpots(calibrated_study().profile, shipped_cases()))
        QVERIFY(tpot > 0); // none is beyond the equations
}

void TestCalibrate::chips_and_nics_are_found()
{
    const std::vector<MeasuredCase> cases = cases_of(fitted_header + "a,H20,x,16,8,2000,1,1,1,1,1,1,30\n");
    QCOMPARE(cases.front().nic.name, std::string("CX7-200")); // the H20's usual one
    const auto problem = [&](const std::string &text) {
        const Read<std::vector<MeasuredCase>> read =
            resolve_measurements(*read_measurements(text, "lab.csv").value, calibrated_study(), shipped_library());
        return read ? std::string() : text_of(read.problems.front());
    };
    QVERIFY(problem(fitted_header + "a,H2000,x,16,8,2000,1,1,1,1,1,1,30\n").find("lab.csv:2:1: chip: no chip 'H2000'")
        != std::string::npos);
    QVERIFY(problem(fitted_header + "a,H20,x,16,,2000,1,1,1,1,1,1,30\n").find("for display only") != std::string::npos);
    QVERIFY(
        problem(models_header + "a,H20,x,16,8,2000,2,1.8,1,1,1,1,30,deepseek-v2,\n")
            .find("lab.csv:2:1: query_tokens: model 'deepseek-v2' has neither an MTP layer nor a draft to draft with")
        != std::string::npos);
    QVERIFY(
        problem(models_header + "a,H20,x,16,8,2000,1,1,1,1,1,1,30,gpt,\n").find("lab.csv:2:1: model: no model 'gpt'")
        != std::string::npos);
}

void TestCalibrate::a_row_is_estimated_as_its_configuration()
{
    const MeasuredCase one = cases_of(fitted_header + "a,H800,x,144,128,5120,2,1.85,2,1,1,2,50\n").front();
    Scenario scenario{calibrated_study().profile, calibrated_study().model, one.chip, one.nic,
        without_redundant_experts(), {Policy::dual_mbatch, 144, 2, 1, 1, 128}, 0};
    VERIFY_NEAR(estimated_tpot(calibrated_study().profile, one), estimate(scenario).step_s / 1.85, 1e-14);
}

void TestCalibrate::a_row_of_a_group_is_estimated_as_its_configuration()
{
    const std::vector<MeasuredCase> cases = cases_of(groups_header
        + "a,GB200,x,32,16,2000,1,1,1,0.5625,2,1,50,deepseek-v3,1,all2all,32,yes,0.5625,0.5625\n"
          "b,H200,x,8,4,2000,1,1,2,1,1,1,50,deepseek-v3,8,ep_group\n"
          "c,H200,x,1,0.05,2000,1,1,2,1,1,1,50,deepseek-v3,8,moe_tp\n");
    const Study &study = calibrated_study();
    Workload workload = without_redundant_experts();
    workload.context = 2000;
    Workload narrow = workload;
    narrow.redundant_experts = 32;
    narrow.balancer = Balancer::on;
    for (auto *size : {&narrow.output_elem_size, &narrow.dense_elem_size})
        *size = Quantity{0.5625, &base_unit(Dimension::bytes)};
    narrow.expert_elem_size = *narrow.dense_elem_size;
    const Point points[] = {{Policy::naive, 32, 1, 2, 0, 16, 1, ExpertMode::all2all},
        {Policy::naive, 8, 2, 1, 0, 32, 8, ExpertMode::ep_group},
        {Policy::naive, 1, 2, 1, 0, 1, 8, ExpertMode::moe_tp}}; // a step runs only if a sequence is there
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Scenario scenario{
            study.profile, cases[i].model, cases[i].chip, cases[i].nic, i == 0 ? narrow : workload, points[i], 0};
        const Estimate whole = estimate(scenario);
        VERIFY_NEAR(estimated_tpot(study.profile, cases[i]), whole.step_s, 1e-14);
    }
    QCOMPARE(cases[1].measurement.batch(), std::optional(32.0));
    const Validation result = judge(cases, std::vector<double>{0.1, 0.1, 0.1});
    VERIFY_NEAR(result.rows[1].throughput_per_card, 4 / 0.1, 1e-12); // of a card
    QCOMPARE(result.by_parallelism.size(), std::size_t(3));
    QCOMPARE(result.by_parallelism[2].name, std::string("TP 8, moe_tp"));
    QCOMPARE(result.by_model.front().rows, std::size_t(3));
}

void TestCalibrate::prefill_takes_its_share()
{
    const std::vector<MeasuredCase> cases = cases_of(groups_header
        + "a,H200,x,8,8,2000,1,1,2,1,1,1,50,,8,ep_group,,,,,,\nb,H200,x,8,8,2000,1,1,2,1,1,1,50,,8,ep_group,,,,,0.2,"
          "agg\n");
    VERIFY_NEAR(estimated_tpot(calibrated_study().profile, cases[1]),
        estimated_tpot(calibrated_study().profile, cases[0]) / 0.8, 1e-15);
    QCOMPARE(cases[1].measurement.remark, std::string("agg"));
    // A step's own time is that of the tokens without it.
    const Read<std::vector<Measurement>> read = read_measurements(
        "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,expert_elem_size,"
        "attention_elem_size,micro_batches,step_ms,tpot_ms,prefill_share\na,H200,x,8,8,2000,1,1,2,1,1,1,40,,0.2\n"
        "b,H200,x,8,8,2000,1,1,2,1,1,1,40,50,0.2\n",
        "lab.csv");
    QVERIFY2(read, read ? "" : text_of(read.problems.front()).c_str());
    VERIFY_NEAR(read.value->front().tpot_s, 0.05, 1e-12);
}

// The published equations have neither groups nor other attention.
void TestCalibrate::what_the_equations_do_not_know_is_left_out()
{
    const std::vector<MeasuredCase> cases = cases_of(groups_header
        + "a,H200,x,8,8,2000,1,1,2,1,1,1,50\nb,H200,x,8,8,2000,1,1,2,1,1,1,50,,8,ep_group\n"
          "c,H200,x,8,8,2000,1,1,2,1,1,1,50,gpt-oss-120b\n");
    const Profile published = published_study().profile;
    const Validation result = validate(published, cases);
    QVERIFY(std::isfinite(result.rows[0].relative) && !std::isfinite(result.rows[1].relative)
        && !std::isfinite(result.rows[2].relative));
    QCOMPARE(result.all.rows, std::size_t(1));
    QCOMPARE(result.by_model.size(), std::size_t(1));
    VERIFY_SAME(result.all.bias, result.rows[0].relative);
    // Nor do they take part in a fit.
    Profile fitted = published;
    fitted.memory_efficiency = 0.8;
    fitted.calibration = {{"memory_efficiency", Obtained::fitted, 0.5, 1, "lab"}};
    const Fit with_them = fit(fitted, cases), without = fit(fitted, std::span(cases).first(1));
    QVERIFY(with_them.parameters == without.parameters);
}

void TestCalibrate::a_row_runs_the_model_that_it_names()
{
    const std::vector<MeasuredCase> cases = cases_of(models_header
        + "a,H800,x,64,128,5120,1,1,2,1,1,2,50,,2025-05\n"
          "b,H800,x,64,128,5120,1,1,2,1,1,2,50,kimi-k2,2025-05-31\n");
    QCOMPARE(cases[0].model.name, std::string("deepseek-v3"));
    QCOMPARE(cases[0].measurement.date, std::string("2025-05"));
    QCOMPARE(cases[1].model.name, std::string("kimi-k2"));
    const Model kimi = *shipped_library().model("kimi-k2").value;
    Scenario scenario{calibrated_study().profile, kimi, cases[1].chip, cases[1].nic, without_redundant_experts(),
        {Policy::dual_mbatch, 64, 2, 1, 0, 128}, 0};
    VERIFY_NEAR(estimated_tpot(calibrated_study().profile, cases[1]), estimate(scenario).step_s, 1e-14);
    // Rows that name none keep theirs, whatever the study is about.
    Study other = calibrated_study();
    other.model = kimi;
    const Read<std::vector<MeasuredCase>> read = resolve_measurements({cases[0].measurement}, other, shipped_library());
    QVERIFY(read && read.value->front().model.name == "deepseek-v3");
}

void TestCalibrate::a_run_in_two_files_is_one_run()
{
    const std::string row = "a,H800,x,8,8,2000,1,1,1,1,1,1,30\n";
    std::vector<Measurement> rows = *read_measurements(fitted_header + row, "one.csv").value;
    add_new(rows, *read_measurements(fitted_header + "b" + row + row, "two.csv").value);
    QCOMPARE(rows.size(), 2u);
    QCOMPARE(rows[1].id, std::string("ba"));
    add_new(rows,
        *read_measurements(fitted_header + "a,H800,x,8,8,2000,1,1,1,1,1,1,31\n", "three.csv")
             .value); // a name that another run has too
    QCOMPARE(rows.size(), 3u);
}

void TestCalibrate::intervals_follow_students_t()
{
    // Two-sided 95 % quantiles of the distribution's tables.
    for (const auto &[freedom, quantile] : {std::pair{1u, 12.706}, {3u, 3.182}, {10u, 2.228}, {11u, 2.201},
             {20u, 2.086}, {30u, 2.042}, {60u, 2.000}, {120u, 1.980}})
        QVERIFY2(
            std::abs(interval_95(freedom) - quantile) < 1e-3, both("t", interval_95(freedom), quantile).constData());
    VERIFY_NEAR(interval_95(1000000), 1.959966, 1e-6);
}

void TestCalibrate::a_chip_left_out_leaves_nothing_behind()
{
    // Wherever the base stands: it may have been fitted to the very chip.
    const std::vector<MeasuredCase> cases =
        synthetic(stating(calibrated_study().profile, {{"kernel_overhead", 4e-6}}), near_and_far);
    const std::optional<Validation> one = leave_one_chip_out(calibrated_study().profile, cases);
    const std::optional<Validation> other = leave_one_chip_out(
        stating(calibrated_study().profile, {{"memory_efficiency", 0.85}, {"nic_latency", 40e-6}}), cases);
    QVERIFY(one && other && one->rows == other->rows);
    QVERIFY(!leave_one_chip_out(calibrated_study().profile,
        synthetic(calibrated_study().profile, "a,H200,x,8,8,2000,1,1,1,1,1,1,1\nb,H200,x,8,64,2000,1,1,1,1,1,1,1\n")));
}

void TestCalibrate::groups_are_counted_by_hand()
{
    const std::vector<MeasuredCase> cases = cases_of(fitted_header
        + "a,H800,x,8,8,2000,1,1,1,1,1,1,10\nb,H800,y,8,8,2000,1,1,1,1,1,1,20\nc,H20,y,8,16,2000,1,1,1,1,1,1,40\n");
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

void TestCalibrate::the_first_repeats_are_named()
{
    std::vector<MeasuredCase> cases(24, cases_of(fitted_header + "a,H800,x,8,10,2000,1,1,1,1,1,1,10\n").front());
    for (std::size_t i = 1; i < cases.size(); ++i)
        cases[i].measurement.id = "a" + std::to_string(i);
    const std::string text = repeats_text(cases);
    QVERIFY2(text.starts_with("23 rows repeat another one") && text.find("a20 that of a") != std::string::npos
            && text.find("a21") == std::string::npos && text.ends_with(" and 3 more"),
        text.c_str());
    QVERIFY(repeats_text(std::span(cases).first(21)).ends_with("a20 that of a"));
}

void TestCalibrate::rows_of_one_run_weigh_as_one()
{
    // b repeats a within 0.5 % of batch and time, c does not in its time, d not in its batch, e not in its engine; f
    // and g are near each other, but g is not near a. h is a once more.
    const std::vector<MeasuredCase> cases = cases_of(fitted_header
        + "a,H800,x,8,10,2000,1,1,1,1,1,1,10\nb,H800,x,8,10.04,2000,1,1,1,1,1,1,10.04\n"
          "c,H800,x,8,10,2000,1,1,1,1,1,1,10.1\nd,H800,x,8,10.2,2000,1,1,1,1,1,1,10\n"
          "e,H800,y,8,10,2000,1,1,1,1,1,1,10\nf,H20,x,8,10,2000,1,1,1,1,1,1,10\n"
          "g,H20,x,8,10.04,2000,1,1,1,1,1,1,10\nh,H800,x,8,10,2000,1,1,1,1,1,1,10\n");
    QCOMPARE(runs_of(cases), (std::vector<std::size_t>{0, 0, 2, 3, 4, 5, 5, 0}));
    const std::vector<double> weights = weights_of(cases);
    for (const auto &[row, weight] :
        {std::pair{0, 1. / 3}, {1, 1. / 3}, {2, 1.}, {3, 1.}, {4, 1.}, {5, 0.5}, {6, 0.5}, {7, 1. / 3}})
        VERIFY_NEAR(weights[static_cast<std::size_t>(row)], weight, 1e-15);
    QCOMPARE(repeats_text(cases),
        std::string("3 rows repeat another one within 0.5 % and share its weight: b that of a, g that of f, h that of "
                    "a"));
    QCOMPARE(repeats_text(std::span(cases).subspan(2, 3)), std::string());

    // The means are those of the runs: a, b and h 10, 20 and 30 % too slow, 20 % together.
    const std::vector<double> estimates{0.011, 1.2 * 0.01004, 0.0101, 0.01, 0.01, 0.01, 0.01, 0.013};
    const Validation result = judge(cases, estimates);
    VERIFY_NEAR(result.rows[1].relative, 0.2, 1e-9);
    QCOMPARE(result.all.rows, 8u);
    QCOMPARE(result.all.runs, 5u);
    VERIFY_NEAR(result.all.mean_absolute, 0.2 / 5, 1e-9);
    VERIFY_NEAR(result.all.bias, 0.2 / 5, 1e-9);
    VERIFY_NEAR(result.all.worst, 0.3, 1e-9);
    QCOMPARE(result.by_chip[1].name, std::string("H800"));
    QCOMPARE(result.by_chip[1].runs, 4u);
    VERIFY_NEAR(result.by_chip[1].mean_absolute, 0.2 / 4, 1e-9);
    QCOMPARE(result.by_engine[0].runs, 4u);
}

// A row ten times over, under other ids, is one row.
void TestCalibrate::repeats_change_no_fit()
{
    std::vector<MeasuredCase> cases = synthetic(
        stating(calibrated_study().profile, {{"kernel_overhead", 4e-6}, {"memory_efficiency", 0.8}}), near_and_far);
    for (std::size_t i = 0; i < cases.size(); ++i)
        cases[i].measurement.tpot_s *= i % 3 == 0 ? 1.04 : 0.98; // nothing fits exactly
    const Fit once = fit(calibrated_study().profile, cases);
    std::vector<MeasuredCase> repeated = cases;
    for (int copy = 0; copy < 10; ++copy) {
        repeated.push_back(cases[7]);
        repeated.back().measurement.id += std::to_string(copy);
    }
    const Fit many = fit(calibrated_study().profile, repeated);
    QCOMPARE(many.fitted, once.fitted);
    QCOMPARE(many.after.all.runs, cases.size());
    for (std::size_t i = 0; i < once.parameters.size(); ++i) {
        const FittedParameter &a = once.parameters[i], &b = many.parameters[i];
        QVERIFY2(std::abs(a.after - b.after) < 1e-3 * (a.max - a.min), a.key.c_str());
        QCOMPARE(a.deviation.has_value(), b.deviation.has_value());
        if (a.deviation)
            QVERIFY2(is_near(*b.deviation, *a.deviation, 0.01), both(a.key, *b.deviation, *a.deviation).constData());
    }
    // Alone it is one run, which says little.
    const Fit alone = fit(calibrated_study().profile, std::span(repeated).subspan(cases.size()));
    QCOMPARE(alone.after.all.runs, 1u);
    QVERIFY(alone.fitted.size() <= 1);
}

// Of rows all alike, and of such as lie near others by small steps, against the rule itself row by row.
void TestCalibrate::runs_of_many_rows_go_by_the_same_rule()
{
    const MeasuredCase one = cases_of(fitted_header + "a,H800,x,8,10,2000,1,1,1,1,1,1,10\n").front();
    const auto agree = [](double a, double b) { return std::abs(a - b) <= one_run * std::min(a, b); };
    std::mt19937 random(5);
    for (const unsigned steps : {1u, 8u, 1000u}) {
        std::vector<MeasuredCase> many(400, one);
        for (MeasuredCase &each : many) {
            each.measurement.tpot_s *= 1 + 0.002 * static_cast<double>(random() % std::min(steps, 8u));
            each.measurement.batch_per_card = 10 * (1 + 0.001 * static_cast<double>(random() % steps));
        }
        std::stable_sort(many.begin(), many.end(), [](const MeasuredCase &a, const MeasuredCase &b) {
            return *a.measurement.batch_per_card < *b.measurement.batch_per_card;
        });
        std::vector<std::size_t> expected, firsts;
        for (std::size_t i = 0; i < many.size(); ++i) {
            const auto first = std::find_if(firsts.rbegin(), firsts.rend(), [&](std::size_t each) {
                return agree(*many[each].measurement.batch_per_card, *many[i].measurement.batch_per_card)
                    && agree(many[each].measurement.tpot_s, many[i].measurement.tpot_s);
            });
            expected.push_back(first == firsts.rend() ? i : *first);
            if (first == firsts.rend())
                firsts.push_back(i);
        }
        QCOMPARE(runs_of(many), expected);
    }
}

// The four pairs of one run under two ids.
void TestCalibrate::shipped_repeats_are_known()
{
    const std::vector<MeasuredCase> cases = shipped_cases();
    const std::vector<std::size_t> runs = runs_of(cases);
    const auto number = [&](std::size_t i) {
        const std::string &id = cases[i].measurement.id;
        return id.substr(id.rfind('_') + 1);
    };
    std::vector<std::string> pairs;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (runs[i] != i)
            pairs.push_back(number(runs[i]) + "/" + number(i));
    }
    std::sort(pairs.begin(), pairs.end());
    QCOMPARE(pairs, (std::vector<std::string>{"cfg291/cfg675", "cfg294/cfg679", "cfg334/cfg673", "cfg674/cfg325"}));
}

void TestCalibrate::recovers_known_parameters()
{
    const std::vector<std::pair<std::string, double>> truth{{"memory_efficiency", 0.84}, {"nic_latency", 60e-6},
        {"kernel_overhead", 2.2e-6}, {"cdna_factor", 1.6}, {"v4_kernels", 95}};
    const Fit result =
        fit(calibrated_study().profile, synthetic(stating(calibrated_study().profile, truth), near_and_far));
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
            QVERIFY(std::abs(result.correlations[i][j]) <= 1 + 1e-9
                && std::abs(result.correlations[i][j] - result.correlations[j][i]) < 1e-6);
    }
}

void TestCalibrate::holds_what_is_not_determined()
{
    // All inside the scale-up domain: nothing here knows the NIC.
    const Profile truth = stating(calibrated_study().profile, {{"kernel_overhead", 2.5e-6}});
    const Fit result = fit(calibrated_study().profile,
        synthetic(truth,
            "a,H200,x,8,8,2000,1,1,1,1,1,1,1\nb,H200,x,8,64,2000,1,1,1,1,1,1,1\n"
            "c,GB200,x,32,4,1000,1,1,1,1,1,1,1\nd,GB200,x,32,400,1000,1,1,1,1,1,1,1\n"
            "e,H200,x,8,128,6000,1,1,1,1,1,1,1\nf,GB200,x,64,2,1000,1,1,1,1,1,1,1\n"));
    const FittedParameter &latency = parameter_of(result, "nic_latency");
    QVERIFY(!latency.determined && !latency.deviation);
    VERIFY_SAME(latency.after, calibrated_study().profile.nic_latency);
    VERIFY_SAME(result.profile.nic_latency, calibrated_study().profile.nic_latency);
    QVERIFY(parameter_of(result, "kernel_overhead").determined);
    QVERIFY(std::abs(parameter_of(result, "kernel_overhead").after - 2.5e-6) < 0.1e-6);
}

void TestCalibrate::holds_what_the_scatter_hides()
{
    // All parameters could be told, were it not for runs that are off by half either way.
    std::vector<MeasuredCase> cases = synthetic(calibrated_study().profile, near_and_far);
    for (std::size_t i = 0; i < cases.size(); ++i)
        cases[i].measurement.tpot_s *= i % 4 < 2 ? 1.5 : 1 / 1.5;
    const Fit result = fit(calibrated_study().profile, cases);
    bool any_held = false;
    for (const FittedParameter &parameter : result.parameters) {
        any_held = any_held || !parameter.determined;
        if (!parameter.determined)
            VERIFY_SAME(parameter.after, parameter.before);
        if (!parameter.deviation)
            continue;
        const double half = interval_95(result.after.all.runs - result.fitted.size()) * *parameter.deviation;
        QVERIFY2(
            parameter.after - half >= parameter.min || parameter.after + half <= parameter.max, parameter.key.c_str());
    }
    QVERIFY(any_held);
    for (const FittedParameter &parameter :
        fit(calibrated_study().profile, synthetic(calibrated_study().profile, near_and_far)).parameters)
        QVERIFY2(parameter.determined, parameter.key.c_str());
}

void TestCalibrate::repeats_itself()
{
    const std::vector<MeasuredCase> cases =
        synthetic(stating(calibrated_study().profile, {{"cdna_factor", 1.1}}), near_and_far);
    const Fit first = fit(calibrated_study().profile, cases);
    const Fit second = fit(calibrated_study().profile, cases);
    QVERIFY(first.profile == second.profile);
    QVERIFY(first.parameters == second.parameters);
}

void TestCalibrate::keeps_within_bounds()
{
    // What no value within the bounds explains: everything three times as slow.
    std::vector<MeasuredCase> cases = synthetic(calibrated_study().profile, near_and_far);
    for (MeasuredCase &one : cases)
        one.measurement.tpot_s *= 3;
    const Fit result = fit(calibrated_study().profile, cases);
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
    Profile fitted =
        stating(calibrated_study().profile, {{"kernel_overhead", 1. / 300000}, {"memory_efficiency", 0.8123456789}});
    fitted.left_out = {{FlashMlaClass::low_compute, KernelClass::cdna, 7, 1.3, 0.25, -1. / 7, {"A, with a comma", "B"},
        "lab.csv: \"all\""}};
    const Read<Profile> read = read_profile(profile_text(fitted), "x.yaml");
    QVERIFY2(read, read ? "" : text_of(read.problems.front()).c_str());
    QVERIFY(*read.value == fitted);
}

void TestCalibrate::shipped_profile_meets_its_aims()
{
    if (sanitized)
        QSKIP("fits of all rows take minutes; a_chip_left_out_leaves_nothing_behind() runs the same code");
    const std::vector<MeasuredCase> cases = shipped_cases();
    const Validation result = validate(calibrated_study().profile, cases);
    QVERIFY(result.all.mean_absolute <= 0.081);
    for (const GroupError &chip : result.by_chip)
        QVERIFY2(std::abs(chip.bias) <= 0.05, chip.name.c_str());
    const std::optional<Validation> left_out = leave_one_chip_out(calibrated_study().profile, cases);
    QVERIFY(left_out && left_out->all.mean_absolute <= 0.096);
    // The errors that the profile states are those, rounded, the band upwards.
    const std::vector<LeftOutErrors> errors = left_out_errors(cases, *left_out, "");
    QCOMPARE(errors.size(), calibrated_study().profile.left_out.size());
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const LeftOutErrors &stated = calibrated_study().profile.left_out[i];
        QVERIFY(stated.of == errors[i].of && stated.kernels == errors[i].kernels && stated.runs == errors[i].runs
            && stated.chips == errors[i].chips);
        QVERIFY(stated.within >= errors[i].within && stated.within - errors[i].within < 1e-4);
        QVERIFY(std::abs(stated.mean_absolute - errors[i].mean_absolute) < 5.01e-4);
        QVERIFY(std::abs(stated.bias - errors[i].bias) < 5.01e-4);
    }
    // Nine of ten runs of each chip lie within the band that it would have, had it not been measured.
    std::map<std::string, std::pair<double, double>> runs; // all, and those within
    for (const RowError &row : left_out->rows) {
        const Chip &chip = cases[row.row].chip;
        const std::optional<Accuracy> band = accuracy_for(chip, calibrated_study().profile, {}, {});
        QVERIFY(band && band->basis == Accuracy::Basis::left_out);
        auto &[all, within] = runs[chip.name];
        all += row.weight;
        within += std::abs(row.relative) <= band->within ? row.weight : 0;
    }
    for (const auto &[chip, count] : runs)
        QVERIFY2(count.second >= 0.9 * count.first - 1e-9, chip.c_str());
    // The shipped values lie within the intervals of what the fit finds here, and near it.
    const Fit again = fit(calibrated_study().profile, cases);
    for (const FittedParameter &parameter : again.parameters) {
        QVERIFY(parameter.determined && parameter.deviation);
        const double half = interval_95(again.after.all.runs - again.fitted.size()) * *parameter.deviation;
        const double off = std::abs(parameter.after - parameter.before);
        QVERIFY2(off < half && off < 0.05 * (parameter.max - parameter.min), parameter.key.c_str());
    }
    QVERIFY(std::abs(again.after.all.mean_absolute - result.all.mean_absolute) < 0.001);
}

EPSCOPE_SUITE(calibrate, TestCalibrate)
#include "tst_calibrate.moc"
