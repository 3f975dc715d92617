// SPDX-License-Identifier: GPL-3.0-or-later
// Which measurements stand next to an estimate, and the band of errors.
#include <QTest>

#include "core/calibrate/anchors.h"
#include "core/search/search.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;

namespace {

Measurement a_row()
{
    Measurement row;
    row.chip = "H800";
    row.context = 4000;
    row.ep = 144;
    row.query_tokens = 2;
    row.expert_elem_size = 1;
    return row;
}

const Conditions conditions{"H800", 5000, 1, {0, 1}, {64, 320}};

MeasuredCase a_case(const std::string &chip, double tpot_s, FlashMlaClass of = FlashMlaClass::general)
{
    MeasuredCase one;
    one.measurement.chip = one.chip.name = chip;
    one.measurement.tpot_s = tpot_s;
    one.measurement.batch_per_card = 1;
    one.chip.flash_mla_class = of;
    return one;
}

// Cases whose estimated tpots are off by the given errors. Their batches differ, so that each is a run of its own.
struct Judged {
    std::vector<MeasuredCase> cases;
    Validation validation;

    Judged(const std::vector<MeasuredCase> &all, const std::vector<double> &errors)
        : cases(all)
    {
        std::vector<double> tpots;
        for (std::size_t i = 0; i < all.size(); ++i) {
            cases[i].measurement.batch_per_card = static_cast<double>(i + 1);
            tpots.push_back(all[i].measurement.tpot_s * (1 + errors[i]));
        }
        validation = judge(cases, tpots);
    }
};

} // namespace

class TestAnchors : public QObject {
    Q_OBJECT

private slots:
    void near_is_a_matter_of_chip_context_draft_ep_and_expert_width_data()
    {
        QTest::addColumn<Measurement>("row");
        QTest::addColumn<bool>("near_by");
        const auto row = [](const char *name, auto change, bool near_by) {
            Measurement changed = a_row();
            change(changed);
            QTest::newRow(name) << changed << near_by;
        };
        row(
            "like it", [](Measurement &) {}, true);
        row(
            "another chip", [](Measurement &one) { one.chip = "H20"; }, false);
        row(
            "half the context", [](Measurement &one) { one.context = 2500; }, true);
        row(
            "less than half the context", [](Measurement &one) { one.context = 2499; }, false);
        row(
            "twice the context", [](Measurement &one) { one.context = 10000; }, true);
        row(
            "more than twice the context", [](Measurement &one) { one.context = 10001; }, false);
        row(
            "no draft", [](Measurement &one) { one.query_tokens = 1; }, true);
        row(
            "a longer draft", [](Measurement &one) { one.query_tokens = 3; }, false);
        row(
            "three times the largest EP", [](Measurement &one) { one.ep = 960; }, true);
        row(
            "more than that", [](Measurement &one) { one.ep = 961; }, false);
        row(
            "a third of the smallest EP", [](Measurement &one) { one.ep = 22; }, true);
        row(
            "less than that", [](Measurement &one) { one.ep = 21; }, false);
        row(
            "narrower experts", [](Measurement &one) { one.expert_elem_size = 0.5625; }, false);
        row(
            "a group of cards", [](Measurement &one) { one.tp = 8; }, false);
        row(
            "nothing stated but chip, context and EP",
            [](Measurement &one) { one.query_tokens.reset(), one.expert_elem_size.reset(); }, true);
    }
    void near_is_a_matter_of_chip_context_draft_ep_and_expert_width()
    {
        QFETCH(Measurement, row);
        QTEST(is_near(row, conditions), "near_by");
    }

    void near_groups_have_as_many_cards_and_the_same_mode()
    {
        Conditions grouped = conditions;
        grouped.tp = {1, 8};
        grouped.mode = {ExpertMode::all2all, ExpertMode::moe_tp};
        Measurement row = a_row();
        QVERIFY(is_near(row, grouped));
        row.tp = 8;
        QVERIFY(is_near(row, grouped));
        row.mode = ExpertMode::ep_group;
        QVERIFY(!is_near(row, grouped));
        row.mode = ExpertMode::moe_tp;
        QVERIFY(is_near(row, grouped));
        row.tp = 4;
        QVERIFY(!is_near(row, grouped));
    }

    void conditions_are_those_searched_or_shown()
    {
        const Study study = testing::published_study();
        const Conditions searched = conditions_of(study, 1);
        QCOMPARE(searched.chip, std::string("H20"));
        QCOMPARE(searched.context, 5120.0);
        QCOMPARE(searched.expert_elem_size, 1.0);
        QVERIFY(searched.mtp_len == study.search.mtp_len);
        QVERIFY(searched.ep == study.search.ep);
        Candidate candidate;
        candidate.point = {Policy::naive, 144, 1, 1, 1, 32};
        const Conditions shown = conditions_of(scenario_of(study, candidate));
        QCOMPARE(shown.chip, std::string("H800"));
        QVERIFY(shown.mtp_len == std::vector<std::int64_t>{1});
        QVERIFY(shown.ep == std::vector<std::int64_t>{144});
    }

    void only_a_fitted_profile_is_calibrated()
    {
        QVERIFY(!is_calibrated(testing::published_study().profile));
        Profile profile = testing::study_named("calibrated").profile;
        QVERIFY(is_calibrated(profile));
        for (ParameterOrigin &origin : profile.calibration)
            origin.origin = Obtained::assumed;
        QVERIFY(!is_calibrated(profile));
    }

    void the_band_holds_nine_of_ten()
    {
        // 1 % to 10 %, in turn too fast and too slow: nine are within 9 %, their mean is 5.5 %, the bias (5 - 5.5 +
        // ...) half a percent.
        std::vector<MeasuredCase> cases;
        std::vector<double> errors;
        for (int i = 1; i <= 10; ++i) {
            cases.push_back(a_case("A", 0.05));
            errors.push_back((i % 2 ? -0.01 : 0.01) * i);
        }
        const Judged judged(cases, errors);
        const std::optional<Accuracy> accuracy = accuracy_for(cases.front().chip, {}, judged.cases, judged.validation);
        QVERIFY(accuracy.has_value());
        QVERIFY(accuracy->basis == Accuracy::Basis::own && !accuracy->seen);
        QCOMPARE(accuracy->runs, std::size_t(10));
        VERIFY_NEAR(accuracy->within, 0.09, 1e-9);
        VERIFY_NEAR(accuracy->mean_absolute, 0.055, 1e-9);
        VERIFY_NEAR(accuracy->bias, 0.005, 1e-9);
    }

    // The same run six times over is one, with a sixth of its weight each.
    void repeats_count_once()
    {
        std::vector<MeasuredCase> cases(6, a_case("A", 0.05));
        std::vector<double> tpots(6, 0.06);
        QVERIFY(!accuracy_for(cases.front().chip, {}, cases, judge(cases, tpots)));
        for (int i = 1; i <= 9; ++i) { // 1 to 9 % next to the 20 %
            cases.push_back(a_case("A", 0.05));
            cases.back().measurement.batch_per_card = 10.0 * i;
            tpots.push_back(0.05 * (1 + 0.01 * i));
        }
        const std::optional<Accuracy> accuracy = accuracy_for(cases.front().chip, {}, cases, judge(cases, tpots));
        QVERIFY(accuracy.has_value());
        QCOMPARE(accuracy->runs, std::size_t(10));
        VERIFY_NEAR(accuracy->within, 0.09, 1e-9);
        VERIFY_NEAR(accuracy->mean_absolute, (0.45 + 0.2) / 10, 1e-9);
    }

    void a_chip_without_runs_of_its_own_takes_those_of_its_class()
    {
        const std::vector<MeasuredCase> cases{a_case("A", 1), a_case("A", 1), a_case("A", 1), a_case("A", 1),
            a_case("A", 1), a_case("B", 1), a_case("L", 1, FlashMlaClass::low_compute)};
        const Judged judged(cases, {0.01, 0.02, 0.03, 0.04, 0.05, 0.2, 0.5});
        const std::optional<Accuracy> own = accuracy_for(cases[0].chip, {}, judged.cases, judged.validation);
        QVERIFY(own && own->basis == Accuracy::Basis::own && own->chips == std::vector<std::string>{"A"});
        VERIFY_NEAR(own->within, 0.05, 1e-9);
        // One run of B alone says too little.
        const std::optional<Accuracy> other = accuracy_for(cases[5].chip, {}, judged.cases, judged.validation);
        QVERIFY(other && other->basis == Accuracy::Basis::of_class && other->runs == 6);
        QVERIFY((other->chips == std::vector<std::string>{"A", "B"}));
        VERIFY_NEAR(other->within, 0.2, 1e-9);
        // A with other numbers is no longer the chip that was measured.
        Chip changed = cases[0].chip;
        changed.sms = 1000;
        const std::optional<Accuracy> what_if = accuracy_for(changed, {}, judged.cases, judged.validation);
        QVERIFY(what_if && what_if->basis == Accuracy::Basis::of_class);
        // Of the other class there is but one run.
        QVERIFY(!accuracy_for(cases[6].chip, {}, judged.cases, judged.validation));
    }

    void a_chip_that_the_fit_has_not_seen_takes_the_errors_of_chips_left_out()
    {
        // In the fit 1 % to 5 %; left out A is off by -2, +4, -6, +8, -10 % and B by 20 and 30 %: of seven errors nine
        // of ten are the largest.
        const std::vector<MeasuredCase> cases{a_case("A", 1), a_case("A", 1), a_case("A", 1), a_case("A", 1),
            a_case("A", 1), a_case("B", 1), a_case("B", 1), a_case("L", 1, FlashMlaClass::low_compute)};
        const Judged judged(cases, {0.01, 0.02, 0.03, 0.04, 0.05, 0.01, 0.01, 0.01});
        const Judged without(cases, {-0.02, 0.04, -0.06, 0.08, -0.1, 0.2, 0.3, 0.9});
        Profile profile;
        profile.left_out = left_out_errors(without.cases, without.validation, "lab");
        QCOMPARE(profile.left_out.size(), std::size_t(1)); // of the other class there is but one run
        const LeftOutErrors &errors = profile.left_out.front();
        QVERIFY(errors.of == FlashMlaClass::general && errors.runs == 7 && errors.source == "lab");
        VERIFY_NEAR(errors.within, 0.3, 1e-9);
        VERIFY_NEAR(errors.mean_absolute, 0.8 / 7, 1e-9);
        VERIFY_NEAR(errors.bias, 0.44 / 7, 1e-9);

        Chip unmeasured;
        unmeasured.name = "C";
        const std::optional<Accuracy> band = accuracy_for(unmeasured, profile, judged.cases, judged.validation);
        QVERIFY(band && band->basis == Accuracy::Basis::left_out && band->runs == 7 && band->chips == errors.chips);
        VERIFY_NEAR(band->within, 0.3, 1e-9);
        // Without any measurement at hand too.
        QVERIFY(accuracy_for(unmeasured, profile, {}, judge({}, {})) == band);
        // Runs of its own count for themselves; the profile says whether it has seen the chip.
        const std::optional<Accuracy> own = accuracy_for(cases[0].chip, profile, judged.cases, judged.validation);
        QVERIFY(own && own->basis == Accuracy::Basis::own && own->seen);
        VERIFY_NEAR(own->within, 0.05, 1e-9);
        std::vector<MeasuredCase> of_c(5, a_case("C", 1));
        const Judged lab(of_c, {0.1, 0.1, 0.1, 0.1, 0.1});
        const std::optional<Accuracy> unseen = accuracy_for(of_c[0].chip, profile, lab.cases, lab.validation);
        QVERIFY(unseen && unseen->basis == Accuracy::Basis::own && !unseen->seen);
        // Rows at hand that the estimates miss by more than the profile says widen the band.
        const Judged worse(cases, {0.01, 0.02, 0.03, 0.04, 0.05, 0.4, 0.5, 0.01});
        const std::optional<Accuracy> wider = accuracy_for(unmeasured, profile, worse.cases, worse.validation);
        QVERIFY(wider && wider->basis == Accuracy::Basis::of_class);
        VERIFY_NEAR(wider->within, 0.5, 1e-9);
        Chip low = unmeasured;
        low.flash_mla_class = FlashMlaClass::low_compute;
        QVERIFY(!accuracy_for(low, profile, judged.cases, judged.validation));
    }
};

EPSCOPE_SUITE(anchors, TestAnchors)
#include "tst_anchors.moc"
