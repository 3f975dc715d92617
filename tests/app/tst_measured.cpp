// SPDX-License-Identifier: GPL-3.0-or-later
// Measurements in the explorer: next to the estimates in the charts, in the headline and the Validation view.
#include <cmath>

#include <QComboBox>
#include <QFile>
#include <QLocale>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeWidget>
#include <qcustomplot.h>

#include "app/charts/measured_marks.h"
#include "app/charts/pareto_scene.h"
#include "app/charts/sweep_scene.h"
#include "app/charts/validation_scene.h"
#include "app/controls/profile_panel.h"
#include "app/controls/value_slider.h"
#include "app/views/headline.h"
#include "app/words/profile_changes.h"
#include "tests/support/explorer.h"
#include "tests/support/measured.h"
#include "tests/support/near.h"
#include "tests/support/scenes.h"
#include "tests/support/shown_chart.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr char pareto_id[] = "pareto", sweep_id[] = "sweep", validation_id[] = "validation";

QPointF pixel_of(const ChartView &validation, const ValidationPoint &point)
{
    return validation.frame().panel().pixel(1e3 * point.measured_s, 1e3 * point.estimated_s);
}

const Measurement &row_named(const std::string &id)
{
    for (const Measurement &row : shipped_measurements()->rows) {
        if (row.id == id)
            return row;
    }
    throw std::runtime_error(id);
}

} // namespace

class TestMeasured : public QObject {
    Q_OBJECT

private slots:
    void init() { folder.renew(); }

    void near_ones_stand_beside_the_front()
    {
        const auto explored = explore(beside_measurements(calibrated_study({"H800", "H20"})));
        const ParetoData data = pareto_data(*explored);
        // H800: the 13 runs with one draft token at EP 144 and the service figure. H20: all but the one with two draft
        // tokens.
        QCOMPARE(data.series[1].name, u"H800"_qs);
        QCOMPARE(data.series[1].measured.size(), std::size_t(14));
        QCOMPARE(data.series[0].measured.size(), std::size_t(6));
        const auto service = std::find_if(data.series[1].measured.begin(), data.series[1].measured.end(),
            [](const MeasuredPoint &p) { return !p.error; });
        QVERIFY(service != data.series[1].measured.end());
        VERIFY_NEAR(service->ux_tps, 1e3 / 47.62, 1e-12);
        QCOMPARE(service->throughput_per_card, 1850.0);

        Study study = calibrated_study({"H800", "H20"});
        study.workload.context = 20000;
        QVERIFY(pareto_data(*explore(beside_measurements(study))).series[1].measured.empty());
        study = calibrated_study({"H800", "H20"});
        study.model.name = "deepseek-r1"; // the same shapes
        QCOMPARE(pareto_data(*explore(beside_measurements(study))).series[1].measured.size(), std::size_t(14));
        study.model.layers = 60;
        QVERIFY(pareto_data(*explore(beside_measurements(study))).series[1].measured.empty());
    }

    void a_row_stands_beside_estimates_of_its_model_alone()
    {
        QByteArray text = QByteArray(measurements_header) + "v,H800,e,144,64,5120,2,1.8,1,1,1,1,40,me\n";
        text.replace("source\n", "source,model,date\n")
            .replace("me\n", "me,kimi-k2,2026-01\nw,H800,e,144,64,5120,2,1.8,1,1,1,1,40,me,nobody,\n");
        text.replace("2,1.8,1,1,1,1,40,me,kimi", "1,1,1,1,1,1,40,me,kimi"); // it has nothing to draft with
        const QString file = folder.write(u"models.csv"_qs, text);
        const LoadedMeasurements loaded =
            load_measurements({file.toStdString()}, shipped_library(), study_named("calibrated"));
        QCOMPARE(loaded.problems.size(), std::size_t(1));
        QVERIFY(text_of(loaded.problems.front()).find("models.csv:3:1: model: no model 'nobody'") != std::string::npos);
        Study study = calibrated_study({"H800"});
        const auto beside = [&] {
            Inputs inputs = beside_measurements(study);
            inputs.measured = loaded.measured;
            return pareto_data(*explore(inputs)).series[0].measured;
        };
        QVERIFY(beside().empty());
        study.model = *shipped_library().model("kimi-k2").value;
        study.search.mtp_len = {0};
        QCOMPARE(beside().size(), std::size_t(1));
        Inputs inputs = beside_measurements(study);
        inputs.measured = loaded.measured;
        const auto explored = explore(inputs);
        const QString told = measured_text(*explored, explored->chips[0].measured.front());
        QVERIFY2(told.contains(u"draft 0, kimi-k2\n") && told.contains(u"Source, 2026-01: me"), qPrintable(told));
    }

    void hovering_over_a_diamond_tells_all()
    {
        ShownChart<SceneOf<pareto_id>> shown(explore(beside_measurements(calibrated_study({"H800"}))));
        const Measurement &row = row_named("rtp-h800-64");
        const QPointF at = shown.chart.frame().panel().pixel(1 / row.tpot_s, *row.throughput_per_card);
        const QString text = shown.hover(at);
        // docs/validation.md: +8.7 %
        for (const QString &part :
            {u"Measured on H800 with rtp: rtp-h800-64"_qs, u"EP 144, batch 64 (derived), context 5120, draft 1"_qs,
                u"1533 tok/s per card"_qs, u"+8.7 %"_qs, u"Source: alibaba/rtp-llm@4b8d39c"_qs})
            QVERIFY2(text.contains(part), qPrintable(text));
        shown.chart.set_option(u"measured"_qs, u"off"_qs);
        QVERIFY(!shown.hover(at).contains(u"Measured on"));
    }

    void exports_hold_what_is_shown()
    {
        ShownChart<SceneOf<pareto_id>> shown(explore(beside_measurements(calibrated_study({"H800"}))));
        const auto measured_rows = [&] {
            std::vector<QStringList> rows = texts_of(shown.chart.table()).rows;
            std::erase_if(rows, [](const QStringList &row) { return row.front() != u"measured"; });
            return rows;
        };
        QCOMPARE(measured_rows().size(), std::size_t(14));
        for (const QStringList &row : measured_rows())
            QCOMPARE(row.size(), texts_of(shown.chart.table()).header.size());
        QVERIFY(svg_of(shown.chart).contains(u"14 measured"));
        shown.chart.set_option(u"measured"_qs, u"off"_qs);
        QVERIFY(measured_rows().empty());
        QVERIFY(!svg_of(shown.chart).contains(u"14 measured"));
    }

    void the_sweep_shows_those_near_its_configuration()
    {
        // With a balancer, as those runs had one: without, estimates are so slow that the runs would crush them.
        Inputs inputs = beside_measurements(with(calibrated_study({"H800"}), "redundant_experts", "32"));
        inputs.selection = Selection{"H800", "CX7-400", {Policy::dual_mbatch, 144, 1, 1, 1, 64}};
        const auto explored = explore(inputs);
        const SweepData data = sweep_data(*explored);
        QCOMPARE(data.measured.size(), std::size_t(13)); // the service figure has no batch
        const auto found = std::find_if(
            data.measured.begin(), data.measured.end(), [](const MeasuredSweepPoint &p) { return p.batch == 64; });
        QVERIFY(found != data.measured.end());
        VERIFY_NEAR(value_of(*found, SweepPanel::step), 77.234, 1e-4); // decode.csv, 1.85 tokens in each
        VERIFY_NEAR(value_of(*found, SweepPanel::ux), 1e3 / 41.748, 1e-9);
        QCOMPARE(value_of(*found, SweepPanel::throughput), 1533.0);
        ShownChart<SceneOf<sweep_id>> shown(explored);
        const FramePanel panel = shown.chart.frame().panel(static_cast<std::size_t>(SweepPanel::throughput));
        QVERIFY(
            shown.hover(panel.pixel(found->batch, value_of(*found, SweepPanel::throughput))).contains(u"rtp-h800-64"));
        QCOMPARE(shown.chart.table().rows.size(), data.points.size() + 13);

        inputs.selection->point.mtp_len = 0;
        QVERIFY(sweep_data(*explore(inputs)).measured.empty());
        inputs.selection->point.mtp_len = 1;
        inputs.selection->point.ep = 8;
        QVERIFY(sweep_data(*explore(inputs)).measured.empty());
    }

    void the_headline_carries_the_band()
    {
        // docs/validation.md: of the H800's 13 rows the 12th in size, 8.7 %, is within nine of ten.
        const HeadlineText own = headline_text(*explore(beside_measurements(calibrated_study({"H800"}))));
        QVERIFY2(own.plain().contains(u" tok/s per card ±9 % at "), qPrintable(own.plain()));
        QVERIFY2(own.accuracy.contains(u"13 runs measured on this chip"), qPrintable(own.accuracy));

        const HeadlineText of_class = headline_text(*explore(beside_measurements(calibrated_study({"B200"}))));
        QVERIFY2(of_class.plain().contains(u" per card ±"), qPrintable(of_class.plain()));
        QVERIFY2(of_class.accuracy.contains(u"125 runs measured on chips of its class (GB200, H200, H800)"),
            qPrintable(of_class.accuracy));
        QVERIFY2(of_class.accuracy.contains(u"with a fit to the other chips"), qPrintable(of_class.accuracy));
        const auto stated = [&](FlashMlaClass of) {
            const std::vector<LeftOutErrors> all = study_named("calibrated").profile.left_out;
            return std::find_if(all.begin(), all.end(), [&](const LeftOutErrors &errors) {
                return errors.of == of;
            })->within;
        };
        QVERIFY(of_class.plain().contains(
            u" per card ±%1 % at "_qs.arg(std::lround(100 * stated(FlashMlaClass::general)))));
        QVERIFY(own.accuracy.contains(u"The profile was fitted to runs of this chip"));
        QVERIFY(!own.accuracy.contains(u"No run of"));
        Study kimi = calibrated_study({"MI355X"});
        kimi.model = *shipped_library().model("kimi-k2").value;
        kimi.search.mtp_len = {0};
        QVERIFY(headline_text(*explore(beside_measurements(kimi)))
                    .accuracy.contains(u"No run of kimi-k2 has been measured."));

        const HeadlineText published = headline_text(*explore(beside_measurements(published_study())));
        QVERIFY(!published.plain().contains(u"±"));
        QVERIFY2(
            published.accuracy.contains(u"“Published model V1.0” has not been fitted"), qPrintable(published.accuracy));
        QVERIFY(headline_text(*explore({published_study(), std::nullopt})).accuracy.isEmpty());
    }

    void the_headline_keeps_its_height()
    {
        Explorer explorer(folder.path());
        explorer.show(u"explore"_qs);
        auto *headline = explorer.window.findChild<Headline *>();
        const int height = headline->height();
        Study study = explorer.study();
        study.profile = study_named("calibrated").profile;
        explorer.session().change(study);
        explorer.answer();
        QVERIFY(headline->text().contains(u"±"));
        QCOMPARE(headline->height(), height);
    }

    void the_view_shows_every_run_and_names_the_misses()
    {
        const auto explored = explore(beside_measurements(calibrated_study({"GB200", "H20"})));
        const ValidationData data = validation_data(*explored);
        QCOMPARE(data.points.size(), std::size_t(164));
        QCOMPARE(data.engines,
            (QStringList{u"atom"_qs, u"rtp"_qs, u"sglang"_qs, u"sglang-mori"_qs, u"trtllm"_qs, u"vllm"_qs}));
        QCOMPARE(data.chips.size(), std::size_t(6));
        // docs/validation.md
        VERIFY_NEAR(data.all.mean_absolute, 0.0808, 2e-3);
        VERIFY_NEAR(data.all.worst, -0.475, 2e-3);
        // Chips of the study are drawn as everywhere, the others unlike each other.
        QCOMPARE(data.chips[0].name, u"GB200"_qs);
        QCOMPARE(data.chips[0].mark, chip_mark(explored->inputs, "GB200"));
        QCOMPARE(data.chips[1].mark, chip_mark(explored->inputs, "H20"));
        for (std::size_t i = 2; i < data.chips.size(); ++i)
            QCOMPARE(data.chips[i].mark, i);
        std::size_t misses = 0;
        for (const ValidationPoint &point : data.points) {
            const Measurement &row = shipped_measurements()->rows[point.row];
            QCOMPARE(point.measured_s, row.tpot_s);
            VERIFY_NEAR(point.error, point.estimated_s / row.tpot_s - 1, 1e-12);
            QCOMPARE(point.miss, std::abs(point.error) > 0.1);
            misses += point.miss;
        }
        QCOMPARE(data.misses, misses);
        QVERIFY(misses > 0);
        const Scene scene = validation_scene(scene_input(validation_id, explored, Theme::light()));
        const Frame frame = plain_frame(scene, {900, 500});
        const SceneLayout layout = scene.layout(frame);
        QVERIFY(layout.axes.texts().contains(u"8×60 \u221247.5 %"_qs));
        const std::vector<Marks::Fill> labels = layout.axes.of<Marks::Fill>(); // the grounds of the labels
        QVERIFY(!labels.empty());
        for (std::size_t i = 0; i < labels.size(); ++i) {
            QVERIFY(frame.panel().area().contains(labels[i].area));
            for (std::size_t k = 0; k < i; ++k)
                QVERIFY(!labels[i].area.intersects(labels[k].area));
        }
    }

    // Another profile then: every run against its own estimate with that profile. The same profile: nothing.
    void a_baseline_of_another_profile_is_told()
    {
        const Study study = calibrated_study({"GB200", "H20"}), other = with(study, "profile.memory_efficiency", "0.6");
        const auto explored = explore(beside_measurements(study));
        const PinnedBaselines same_profile =
            only_baseline(explore(beside_measurements(with(study, "context", "9000"))), u"Same profile"_qs);
        QVERIFY(!validation_data(*explored, same_profile.primary()).compared);
        const PinnedBaselines baselines = only_baseline(explore(beside_measurements(other)), u"Then"_qs);
        const ValidationData data = validation_data(*explored, baselines.primary());
        QVERIFY(data.compared);
        const Validation then = validate(other.profile, shipped_measurements()->cases);
        int differ = 0;
        for (const ValidationPoint &point : data.points) {
            const RowError &expected = then.rows[*shipped_measurements()->case_of[point.row]];
            QCOMPARE(point.before_s.value_or(point.estimated_s), expected.tpot_s);
            differ += point.before_s.has_value();
        }
        QVERIFY(differ > 20);
        QCOMPARE(*data.all.mean_absolute_before, then.all.mean_absolute);
        ShownChart<SceneOf<validation_id>> shown(explored);
        const std::size_t rows = shown.chart.table().rows.size();
        shown.chart.set_result(explored, baselines);
        settle();
        const TableTexts table = texts_of(shown.chart.table());
        QCOMPARE(table.rows.size(), 2 * rows); // now and then
        QCOMPARE(table.rows.back().back(), u"Then"_qs);
        const auto moved = std::find_if(data.points.begin(), data.points.end(),
            [](const ValidationPoint &point) { return point.before_s.has_value(); });
        const QPointF at = pixel_of(shown.chart, *moved);
        QVERIFY(QString(shown.hover(at)).replace(u'\n', u' ').contains(u"in Then, error there"));
        // An open marker stands where it was.
        const std::vector<Marks::Symbol> symbols = shown.chart.laid_out().main.of<Marks::Symbol>();
        const double before = shown.chart.frame().panel().y.pixel(1e3 * *moved->before_s);
        QVERIFY(before != at.y());
        QVERIFY(std::any_of(symbols.begin(), symbols.end(), [&](const Marks::Symbol &symbol) {
            return symbol.centre == QPointF(at.x(), before) && symbol.brush.color() == Theme::light().surface;
        }));
    }

    void hovering_over_a_run_tells_both_times()
    {
        const auto explored = explore(beside_measurements(calibrated_study({"GB200"})));
        ShownChart<SceneOf<validation_id>> shown(explored);
        const ValidationData data = validation_data(*explored);
        const auto worst = std::max_element(
            data.points.begin(), data.points.end(), [](const auto &a, const auto &b) { return a.error < b.error; });
        QCOMPARE(shown.chart.laid_out().hover(pixel_of(shown.chart, *worst))->number, error_of(*explored, worst->row));
        const QString text = shown.hover(pixel_of(shown.chart, *worst));
        for (const QString &part : {u"9.78 ms measured, 13.9 ms estimated per token"_qs,
                 u"infx-dsr1_gb200_trtllm_fp4_disagg_8192x1024_c76_tp1ep8_w4_2026-01-31"_qs, u"+42.6 %"_qs,
                 u"Source, 2026-01-31: InferenceX"_qs})
            QVERIFY2(text.contains(part), qPrintable(text));
        QVERIFY(!shown.chart.laid_out().hover(shown.chart.plot()->axisRect()->rect().bottomRight() - QPoint(3, 3)));
    }

    void the_view_follows_the_profile_and_exports()
    {
        Study study = calibrated_study({"H800"});
        ShownChart<SceneOf<validation_id>> shown(explore(beside_measurements(study)));
        QVERIFY(svg_of(shown.chart).contains(u"of 164 within ±10 %"));
        const TableTexts before = texts_of(shown.chart.table());
        QCOMPARE(before.rows.size(), std::size_t(164));
        for (const QStringList &row : before.rows)
            QCOMPARE(row.size(), before.header.size());
        study.profile = published_study().profile;
        shown.chart.set_explored(explore(beside_measurements(study)));
        QVERIFY(texts_of(shown.chart.table()).rows != before.rows);
        // Without measurements it says so.
        shown.chart.set_explored(explore({study, std::nullopt}));
        settle();
        QVERIFY(shown.chart.table().rows.empty());
        QVERIFY(svg_of(shown.chart).contains(u"No measurements"));
    }

    void a_profile_is_told_by_its_changes()
    {
        const Profile published = published_study().profile, fitted = study_named("calibrated").profile;
        QVERIFY(profile_changes(published, published).empty());
        Profile one = published;
        one.kernel_overhead = 2e-6;
        one.usable_memory_fraction = 0.9;
        one.quirks.binary_prefixes = false;
        const std::vector<ProfileChange> few = profile_changes(published, one);
        QCOMPARE(few.size(), std::size_t(3));
        QVERIFY(few[0].label == u"Binary prefixes" && few[0].before == u"on" && few[0].after == u"off");
        QVERIFY(few[1].label == u"Usable memory" && few[1].after == u"90 %");
        QVERIFY(few[2].label == u"Kernel overhead" && few[2].before == u"0 s" && few[2].after == u"2 µs");
        const std::vector<ProfileChange> all = profile_changes(published, fitted);
        QCOMPARE(std::count_if(all.begin(), all.end(),
                     [](const ProfileChange &c) { return c.group == ProfileChange::Group::quirks; }),
            6);
        QCOMPARE(std::count_if(all.begin(), all.end(),
                     [](const ProfileChange &c) { return c.group == ProfileChange::Group::efficiency; }),
            2);
        QVERIFY(std::any_of(all.begin(), all.end(),
            [](const ProfileChange &c) { return c.label == u"Kernel overhead" && c.origin == u"fitted"; }));
    }

    void the_switch_changes_the_study_once_and_tells_what_it_does()
    {
        Explorer explorer(folder.path());
        explorer.show(u"explore"_qs);
        auto *choice = explorer.window.findChild<QComboBox *>(u"profile"_qs);
        auto *compare = explorer.window.findChild<QPushButton *>(u"profile.compare"_qs);
        QVERIFY(!compare->isEnabled());
        QCOMPARE(compare->text(), u"As published"_qs);
        const double before = explorer.answer().leading().estimate.throughput_per_card;
        QSignalSpy changes(&explorer.session(), &Session::inputs_changed);
        const int index = choice->findData(u"calibrated"_qs);
        QVERIFY(index >= 0);
        choice->setCurrentIndex(index);
        emit choice->activated(index);
        QCOMPARE(changes.count(), 1);
        const Explored &now = explorer.answer();
        QCOMPARE(now.inputs.study.profile.name, std::string("calibrated"));
        QVERIFY(now.leading().estimate.throughput_per_card < before);
        QVERIFY(compare->isEnabled());
        compare->click();
        auto *panel = explorer.window.findChild<ProfilePanel *>();
        QVERIFY(panel->isVisible());
        QCOMPARE(panel->findChild<QTreeWidget *>()->topLevelItemCount(), 4);
        const QString effect = effect_text(published_study().profile, now.inputs.study.profile, now.leading().scenario);
        QVERIFY2(
            effect.contains(QLocale(QLocale::English).toString(std::llround(now.leading().estimate.throughput_per_card))
                + u" tok/s"_qs),
            qPrintable(effect));
        panel->close();
        explorer.action(u"All inputs as opened"_qs).trigger();
        QCOMPARE(explorer.study().profile.name, std::string("published-v1"));
    }

    void a_larger_scale_up_domain_shows()
    {
        Explorer explorer(folder.path());
        explorer.show(u"explore"_qs);
        explorer.session().change(calibrated_study({"H800"}));
        explorer.set("ep", u"64"_qs);
        explorer.set("batch", u"64"_qs);
        auto *domain = explorer.window.findChild<ValueSlider *>(u"chip.scale_up_domain"_qs);
        const double before = explorer.answer().leading().estimate.step_s;
        domain->change_to(64);
        QVERIFY(explorer.answer().leading().estimate.step_s < before);
        QVERIFY(domain->note().isEmpty());
        // The published profile has no scale-up links and says so.
        Study study = explorer.study();
        study.profile = published_study().profile;
        explorer.session().change(study);
        QVERIFY(domain->note().contains(u"No effect with the profile “Published model V1.0”"));
    }

    void own_measurements_are_taken_and_remembered()
    {
        const QString file = folder.write(u"lab.csv"_qs,
            QByteArray(measurements_header) + "lab-1,H800,mine,144,64,5000,2,1.85,1,1,1,2,40,me 2026-11-01\n");
        {
            Explorer explorer(folder.path());
            explorer.show(u"explore"_qs);
            const std::size_t before = explorer.session().inputs().measured->rows.size();
            explorer.answers.file = file;
            explorer.action(u"Open…"_qs).trigger();
            QVERIFY(explorer.answers.warnings.isEmpty());
            QCOMPARE(explorer.session().inputs().measured->rows.size(), before + 1);
            const std::vector<GroupError> &engines = explorer.answer().validation->by_engine;
            QVERIFY(std::any_of(engines.begin(), engines.end(), [](const GroupError &e) { return e.name == "mine"; }));
            // What is wrong is said, and nothing of it taken.
            explorer.window.take_files({folder.write(
                u"bad.csv"_qs, QByteArray(measurements_header) + "x,H800,e,144,no,5000,2,1.85,1,1,1,2,40,me\n")});
            QCOMPARE(explorer.answers.warnings.size(), 1);
            QVERIFY(explorer.answers.warnings.front().contains(u"bad.csv:2:"));
            QCOMPARE(explorer.session().inputs().measured->rows.size(), before + 1);
            explorer.window.close();
        }
        Explorer again(folder.path());
        again.window.restore();
        QCOMPARE(again.session().inputs().measured->rows.back().id, std::string("lab-1"));
        // Named at the start, as a study may be.
        const Folder fresh;
        Explorer started(fresh.path());
        started.window.restore(file);
        QVERIFY2(started.answers.warnings.isEmpty(), qPrintable(started.answers.warnings.join(u'\n')));
        QCOMPARE(started.session().inputs().measured->rows.back().id, std::string("lab-1"));
    }

private:
    Folder folder;
};

EPSCOPE_SUITE(measured, TestMeasured)
#include "tst_measured.moc"
