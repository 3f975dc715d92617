// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures that the analyses' commands write: drawn from the numbers that the engine gives, as the explorer draws them.
#include <QFile>
#include <QImage>
#include <QSignalSpy>
#include <QXmlStreamReader>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/cli/commands.h"
#include "app/cli/pictures.h"
#include "app/files/embedded_study.h"
#include "app/views/goal_view.h"
#include "core/analysis/compare.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/files.h"
#include "tests/support/near.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const QString nic_key = QStringLiteral("nic.CX7 400Gbps.bandwidth");

// What can be read in a drawing.
QStringList texts_of(const QByteArray &svg)
{
    QStringList texts;
    QXmlStreamReader xml(svg);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == u"text")
            texts << xml.readElementText();
    }
    return xml.hasError() ? QStringList() : texts;
}

Study leading(const Study &study)
{
    return with_chip(study, *leading_chip(study));
}

Variable variable(const Study &study, const std::string &key)
{
    return std::get<Variable>(find_variable(study, key));
}

Sought sought(const Study &study, const std::string &key, const std::string &goal)
{
    return seek(study, variable(study, key), std::get<Goal>(parse_goal(goal)));
}

std::shared_ptr<const Answer> answer_about(const Study &study, const std::string &key, const std::string &goal)
{
    return answer_to(study, SeekQuestion{key, goal});
}

} // namespace

#define VERIFY_RAN(result) QVERIFY2((result).code == 0, (result).err.constData())
#define VERIFY_HAS(texts, text)                                                                                        \
    QVERIFY2((texts).contains(text), qPrintable(QString(text) + u" is not in: "_qs + (texts).join(u" | "_qs)))

class TestPictures : public QObject {
    Q_OBJECT

private slots:
    void init() { folder.renew(); }

    // The view of the explorer, drawn by render, is the same file: the same chart with the same numbers.
    void are_what_the_explorer_draws_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QStringList>("view");
        QTest::newRow("sensitivity") << QStringList{u"sensitivity"_qs, u"--of"_qs, u"tpot"_qs}
                                     << QStringList{u"sensitivity"_qs, u"--of"_qs, u"tpot"_qs};
        QTest::newRow("seek") << QStringList{u"seek"_qs, u"--parameter"_qs, nic_key, u"--goal"_qs,
            u"throughput>=4000"_qs}
                              << QStringList{
                                     u"goal"_qs, u"--parameter"_qs, nic_key, u"--goal"_qs, u"throughput>=4000"_qs};
        QTest::newRow("map") << QStringList{u"map"_qs, u"--x"_qs, u"chip.memory"_qs, u"--y"_qs, nic_key, u"--of"_qs,
            u"ux_tps"_qs, u"--size"_qs, u"128"_qs, u"--batch"_qs, u"64,128"_qs}
                             << QStringList{u"map"_qs, u"--x"_qs, u"chip.memory"_qs, u"--y"_qs, nic_key, u"--of"_qs,
                                    u"ux_tps"_qs, u"--batch"_qs, u"64,128"_qs};
    }
    void are_what_the_explorer_draws()
    {
        QFETCH(QStringList, command);
        QFETCH(QStringList, view);
        for (const QString &suffix : {u"svg"_qs, u"png"_qs}) {
            const QString one = folder.path(u"one."_qs + suffix), two = folder.path(u"two."_qs + suffix);
            VERIFY_RAN(run(command + QStringList{u"-o"_qs, one}));
            VERIFY_RAN(run(QStringList{u"render"_qs, u"--view"_qs} + view + QStringList{u"-o"_qs, two}));
            QVERIFY(!content(one).isEmpty());
            QVERIFY(content(one) == content(two));
        }
    }

    void sensitivity_has_the_engines_changes()
    {
        const QString file = folder.path(u"bars.svg"_qs);
        VERIFY_RAN(run({u"sensitivity"_qs, u"--study"_qs, u"explore"_qs, u"--percent"_qs, u"20"_qs, u"--of"_qs,
            u"ux_tps"_qs, u"--parameter"_qs, u"chip.fp8"_qs, u"--parameter"_qs, nic_key, u"-o"_qs, file}));
        const QStringList texts = texts_of(content(file));
        const Study study = leading(explore_study());
        const Sensitivity expected = sensitivity_of(
            study, *find_metric("ux_tps"), {variable(study, "chip.fp8"), variable(study, nic_key.toStdString())}, 20);
        VERIFY_HAS(texts, u"−20 %"_qs);
        VERIFY_HAS(texts, u"+20 %"_qs);
        for (const Bar &bar : expected.bars) {
            VERIFY_HAS(texts, QString::fromStdString(bar.variable.label));
            const double percent = *change_of(expected.base_output, bar.high.output)->percent;
            if (std::abs(percent) > 0.5)
                VERIFY_HAS(texts,
                    (percent > 0 ? u"+"_qs : u"−"_qs)
                        + QString::fromStdString(short_text(std::abs(percent), Dimension::count)) + u" %"_qs);
        }
        QVERIFY(!texts.contains(u"Context"_qs)); // was not asked for
    }

    void map_has_the_engines_range()
    {
        const QString file = folder.path(u"map.svg"_qs);
        VERIFY_RAN(
            run({u"map"_qs, u"--study"_qs, u"explore"_qs, u"--x"_qs, u"chip.memory:60GB..120GB"_qs, u"--y"_qs, nic_key,
                u"--of"_qs, u"tpot"_qs, u"--size"_qs, u"9"_qs, u"--picture-size"_qs, u"900x600"_qs, u"-o"_qs, file}));
        const Study study = leading(explore_study());
        const Variable x = variable(study, "chip.memory"), y = variable(study, nic_key.toStdString());
        const auto [from, to] = map_range(y);
        const Map expected = map_of(study, map_axis(x, 60e9, 120e9, 9), map_axis(y, from, to, 9));
        std::optional<double> least, most;
        for (const MapCell &cell : expected.cells) {
            const std::optional<double> value = number_of(*find_metric("tpot"), cell.outcome);
            if (!value)
                continue;
            least = std::min(least.value_or(*value), *value);
            most = std::max(most.value_or(*value), *value);
        }
        QVERIFY(*most > *least);
        const QByteArray svg = content(file);
        const QString range =
            u"Time per token: %1 to %2"_qs.arg(QString::fromStdString(short_text(*least, Dimension::seconds)),
                QString::fromStdString(short_text(*most, Dimension::seconds)));
        QVERIFY2(texts_of(svg).filter(range).size() == 1,
            qPrintable(range + u" is not in: "_qs + texts_of(svg).join(u" | "_qs)));
        QVERIFY(svg.contains("width=\"900\"") && svg.contains("height=\"600\""));
    }

    void seek_has_the_engines_answer()
    {
        const QString file = folder.path(u"goal.svg"_qs);
        VERIFY_RAN(run({u"seek"_qs, u"--study"_qs, u"explore"_qs, u"--parameter"_qs, nic_key, u"--goal"_qs,
            u"throughput>=4000"_qs, u"-o"_qs, file}));
        const QStringList texts = texts_of(content(file));
        const Study study = leading(explore_study());
        const Variable nic = variable(study, nic_key.toStdString());
        const Sought expected = sought(study, nic.key, "throughput>=4000");
        QVERIFY(expected.result == SeekResult::found);
        const auto said = [&](const Tried &tried) {
            return u"%1: %2 tok/s"_qs.arg(QString::fromStdString(nic.short_text(tried.value)),
                QString::fromStdString(short_text(*tried.output, Dimension::count)));
        };
        VERIFY_HAS(texts, said(expected.answer));
        VERIFY_HAS(texts, u"now "_qs + said(expected.present));
        VERIFY_HAS(texts, u"goal ≥ 4000 tok/s"_qs);
        VERIFY_HAS(texts,
            u"bound by %1"_qs.arg(QString::fromUtf8(name_of(expected.answer.outcome.best->bound.largest()).data())));
    }

    void seek_says_what_cannot_be_reached()
    {
        const QString file = folder.path(u"goal.svg"_qs);
        VERIFY_RAN(run({u"seek"_qs, u"--study"_qs, u"explore"_qs, u"--parameter"_qs, nic_key, u"--goal"_qs,
            u"throughput>=1e6"_qs, u"-o"_qs, file}));
        const Study study = leading(explore_study());
        const Variable nic = variable(study, nic_key.toStdString());
        const Sought expected = sought(study, nic.key, "throughput>=1e6");
        QVERIFY(expected.result == SeekResult::unreachable);
        const QStringList texts = texts_of(content(file));
        VERIFY_HAS(texts,
            u"not reachable: at most %1 tok/s, at %2, bound by %3"_qs.arg(
                QString::fromStdString(short_text(*expected.answer.output, Dimension::count)),
                QString::fromStdString(nic.short_text(expected.answer.value)),
                QString::fromUtf8(name_of(expected.answer.outcome.best->bound.largest()).data())));
        QCOMPARE(texts.filter(u"farther up"_qs).size(), 1);
        // Nothing is feasible at all: why.
        VERIFY_RAN(run({u"seek"_qs, u"--parameter"_qs, u"context"_qs, u"--goal"_qs, u"throughput>=1"_qs, u"--set"_qs,
            u"chip.memory=5GB"_qs, u"-o"_qs, file}));
        QVERIFY(texts_of(content(file)).join(u' ').contains(u"Nothing is feasible at any value: "));
    }

    void comparison_has_the_engines_numbers()
    {
        const QString file = folder.path(u"compare.svg"_qs);
        VERIFY_RAN(
            run({u"compare"_qs, what_if_study(), u"--scenarios"_qs, u"--size"_qs, u"1600x900"_qs, u"-o"_qs, file}));
        const QStringList texts = texts_of(content(file));
        std::vector<Case> cases;
        for (const ScenarioCard &card : all_scenarios(*read_study_file(
                 content(what_if_study()).toStdString(), what_if_study().toStdString(), shipped_library())
                                                           .value))
            cases.push_back({card.name, card.study});
        const Comparison expected = compare(cases);
        for (std::size_t i = 0; i < cases.size(); ++i) {
            QVERIFY(texts.join(u' ').contains(QString::fromStdString(cases[i].name)));
            const Study study = with_chip(cases[i].study, expected.chips[i]);
            for (const Metric &metric : metrics()) {
                if (!number_of(metric, expected.outcomes[i]) || !is_told(metric, study.search))
                    continue;
                VERIFY_HAS(texts, QString::fromStdString(text_of(metric, study, *expected.outcomes[i].best)));
                const auto change =
                    change_of(number_of(metric, expected.outcomes[0]), number_of(metric, expected.outcomes[i]));
                if (i > 0 && change->percent && *change->percent != 0)
                    VERIFY_HAS(texts,
                        (*change->percent > 0 ? u"▲ +"_qs : u"▼ −"_qs)
                            + QString::fromStdString(short_text(std::abs(*change->percent), Dimension::count))
                            + u" %"_qs);
            }
        }
        for (const DifferingInput &input : expected.inputs)
            VERIFY_HAS(texts, QString::fromStdString(input.label));
        QVERIFY(!texts.contains(u"Memory efficiency"_qs) && !expected.inputs.empty()); // only what differs
        // The same table by render.
        const QString rendered = folder.path(u"rendered.svg"_qs);
        VERIFY_RAN(run({u"render"_qs, u"--study"_qs, what_if_study(), u"--view"_qs, u"compare"_qs, u"--size"_qs,
            u"1600x900"_qs, u"-o"_qs, rendered}));
        QCOMPARE(texts_of(content(rendered)), texts);
        QVERIFY(content(rendered).contains("As built"));
        const auto inside = study_in_file(rendered);
        QVERIFY(inside && inside->contains(u"Twice the network")); // with its scenarios
    }

    void are_vector_files()
    {
        for (const QStringList &command :
            {QStringList{u"seek"_qs, u"--parameter"_qs, u"chip.memory"_qs, u"--goal"_qs, u"throughput>=3000"_qs},
                QStringList{u"compare"_qs, u"--per-chip"_qs}, QStringList{u"sensitivity"_qs}}) {
            const QString svg = folder.path(u"a.svg"_qs), pdf = folder.path(u"a.pdf"_qs);
            VERIFY_RAN(run(command + QStringList{u"-o"_qs, svg}));
            VERIFY_RAN(run(command + QStringList{u"-o"_qs, pdf}));
            QVERIFY(!content(svg).contains("<image"));
            QVERIFY(content(pdf).startsWith("%PDF-") && !content(pdf).contains("/Subtype /Image"));
        }
    }

    void have_size_scale_and_theme()
    {
        const std::vector<QStringList> commands{{u"sensitivity"_qs, u"--size"_qs, u"640x400"_qs},
            {u"compare"_qs, u"--per-chip"_qs, u"--size"_qs, u"640x400"_qs},
            {u"seek"_qs, u"--parameter"_qs, u"chip.memory"_qs, u"--goal"_qs, u"throughput>=3000"_qs, u"--size"_qs,
                u"640x400"_qs},
            {u"map"_qs, u"--x"_qs, u"chip.memory"_qs, u"--y"_qs, u"context"_qs, u"--size"_qs, u"4"_qs,
                u"--picture-size"_qs, u"640x400"_qs}};
        for (const QStringList &command : commands) {
            const QString file = folder.path(u"a.png"_qs);
            VERIFY_RAN(run(command + QStringList{u"--scale"_qs, u"2"_qs, u"--theme"_qs, u"dark"_qs, u"-o"_qs, file}));
            const QImage image(file);
            QCOMPARE(image.size(), QSize(1280, 800));
            QCOMPARE(image.pixelColor(2, 2), Theme::night().surface);
            VERIFY_RAN(run(command + QStringList{u"-o"_qs, file}));
            QCOMPARE(QImage(file).size(), QSize(640, 400));
            QCOMPARE(QImage(file).pixelColor(2, 2), Theme::light().surface);
            QVERIFY(study_in_file(file)); // to be dropped on the window
        }
    }

    // Whose command has been told to end: nothing is searched for what is shown with an answer.
    void a_stop_ends_them()
    {
        const Study study = explore_study(), one = leading(study);
        const Metric &metric = *find_metric("throughput");
        const Variable memory = variable(one, "chip.memory"), context = variable(one, "context");
        std::stop_source stop;
        stop.request_stop();
        const Picture picture{shipped_library(), study, "a.svg", {}, stop.get_token()};
        const Pictures pictures;
        const Sensitivity bars = sensitivity_of(one, metric, {memory}, 10);
        QVERIFY_THROWS_EXCEPTION(Interrupted, pictures.sensitivity(picture, metric, 10, bars));
        const auto goal = std::get<Goal>(parse_goal("throughput>=3000"));
        const Sought answer = seek(one, memory, goal);
        QVERIFY_THROWS_EXCEPTION(Interrupted, pictures.seek(picture, memory, goal, answer));
        const Map map = map_of(one, map_axis(memory, 60e9, 120e9, 2), map_axis(context, 4096, 8192, 2));
        QVERIFY_THROWS_EXCEPTION(Interrupted, pictures.map(picture, metric, map));
    }

    // What the options change is compared with the library's study, not with itself.
    void a_study_changed_by_options_has_the_unchanged_one_as_baseline()
    {
        const QString file = folder.path(u"pareto.svg"_qs);
        VERIFY_RAN(
            run({u"render"_qs, u"--study"_qs, u"explore"_qs, u"--set"_qs, u"nic.CX7 400Gbps.bandwidth=60GiB/s"_qs,
                u"--baseline"_qs, u"explore"_qs, u"--view"_qs, u"pareto"_qs, u"-o"_qs, file}));
        const auto rate = [](const Study &study) {
            return outcome_of(leading(study)).best->candidate.throughput_per_card;
        };
        const double before = rate(explore_study()),
                     now = rate(with(explore_study(), "nic.CX7 400Gbps.bandwidth", "60GiB/s"));
        const QString all = texts_of(content(file)).join(u' ');
        QVERIFY2(
            all.contains(change_text({before, now}) + u" at"_qs) && all.contains(u"vs explore"_qs), qPrintable(all));
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const QStringList &arguments, int code, const char *says) {
            QTest::newRow(name) << arguments << code << QByteArray(says);
        };
        row("format", {u"sensitivity"_qs, u"--format"_qs, u"csv"_qs, u"-o"_qs, u"FOLDER/a.png"_qs}, 2,
            "is a picture; leave --format out");
        row("size", {u"sensitivity"_qs, u"--size"_qs, u"99x800"_qs, u"-o"_qs, u"FOLDER/a.png"_qs}, 2,
            "--size: '99x800' is no size; expected WIDTHxHEIGHT");
        row("size of a map",
            {u"map"_qs, u"--x"_qs, u"context"_qs, u"--y"_qs, u"chip.memory"_qs, u"--picture-size"_qs, u"large"_qs,
                u"-o"_qs, u"FOLDER/a.png"_qs},
            2, "--picture-size: 'large' is no size");
        row("theme", {u"compare"_qs, u"--per-chip"_qs, u"--theme"_qs, u"blue"_qs, u"-o"_qs, u"FOLDER/a.png"_qs}, 2,
            "--theme");
        row("scale", {u"compare"_qs, u"--per-chip"_qs, u"--scale"_qs, u"9"_qs, u"-o"_qs, u"FOLDER/a.png"_qs}, 2,
            "--scale");
        row("nothing is feasible", {u"sensitivity"_qs, u"--target-tps"_qs, u"100000"_qs, u"-o"_qs, u"FOLDER/a.png"_qs},
            2, "nothing is feasible");
        row("too large",
            {u"compare"_qs, u"--per-chip"_qs, u"--size"_qs, u"8000x8000"_qs, u"--scale"_qs, u"5"_qs, u"-o"_qs,
                u"FOLDER/a.png"_qs},
            2, "--scale");
        row("a window too large", // two sides that are allowed, which together are more than a picture can hold
            {u"render"_qs, u"--view"_qs, u"window"_qs, u"--size"_qs, u"8000x8000"_qs, u"--scale"_qs, u"4"_qs, u"-o"_qs,
                u"FOLDER/a.png"_qs},
            1, "a picture of 32000 × 32000 pixels is too large");
        std::string pairs = "1/1";
        for (int i = 1; i < 250; ++i)
            pairs += ",1/" + std::to_string(1 + i / 1000.0);
        row("more than is shown with an answer", // before the map, which would take hours
            {u"map"_qs, u"--x"_qs, u"context"_qs, u"--y"_qs, u"chip.memory"_qs, u"--ep"_qs, u"1..1024"_qs,
                u"--mtp-len"_qs, u"0..16"_qs, u"--batch"_qs, u"1..65536"_qs, u"--precision"_qs,
                QString::fromStdString(pairs), u"-o"_qs, u"FOLDER/a.png"_qs},
            1, "holds at most 1,048,576, fix some of them");
        row("folder", {u"compare"_qs, u"--per-chip"_qs, u"-o"_qs, u"FOLDER/none/a.svg"_qs}, 1, "cannot be written");
        row("no goal", {u"render"_qs, u"--view"_qs, u"goal"_qs, u"-o"_qs, u"FOLDER/a.svg"_qs}, 2,
            "--goal: is needed to draw a goal");
        row("window as drawing", {u"render"_qs, u"--view"_qs, u"window"_qs, u"-o"_qs, u"FOLDER/a.svg"_qs}, 2,
            "is drawn as .png only");
        row("baseline",
            {u"render"_qs, u"--view"_qs, u"pareto"_qs, u"--baseline"_qs, u"explor"_qs, u"-o"_qs, u"FOLDER/a.svg"_qs}, 2,
            "--baseline: 'explor' is no baseline or scenario of the study, which has published-v1, and no study; did "
            "you mean 'explore'?");
        row("baseline of a report", {u"report"_qs, u"--baseline"_qs, u"none.yaml"_qs, u"-o"_qs, u"FOLDER/a.html"_qs}, 2,
            "none.yaml");
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        QCOMPARE(wrong_refusal(arguments, code, says, folder.path()), QByteArray());
    }

    // Each point of the curve against a search of its own.
    void curve_is_searched()
    {
        const Study study = leading(explore_study());
        const Variable nic = variable(study, nic_key.toStdString());
        const GoalData data = goal_data(*answer_about(study, nic.key, "tpot<=60ms"));
        QCOMPARE(data.y_label, u"Time per token (ms)"_qs);
        QVERIFY(data.points.size() > 100);
        for (std::size_t i = 0; i < data.points.size(); i += 40) {
            const GoalPoint &point = data.points[i];
            const Outcome found = outcome_of(with(study, nic.key, nic.text(point.x * nic.unit->factor)));
            if (!point.serves)
                continue;
            VERIFY_NEAR(*point.y, 1e3 * *number_of(*find_metric("tpot"), found), 1e-12);
            const auto stretch = std::find_if(data.stretches.begin(), data.stretches.end(),
                [&](const GoalStretch &each) { return each.from <= point.x && point.x <= each.to; });
            QVERIFY(stretch != data.stretches.end() && stretch->bound == found.best->bound.largest());
        }
        for (std::size_t i = 1; i < data.stretches.size(); ++i) // no gaps, and each border one of two things
            QVERIFY(data.stretches[i].from == data.stretches[i - 1].to
                && data.stretches[i].bound != data.stretches[i - 1].bound);
    }

    void marks_are_the_answer()
    {
        const Study study = leading(explore_study());
        const Variable memory = variable(study, "chip.memory");
        const Sought holds = sought(study, memory.key, "throughput>=1000");
        QVERIFY(holds.result == SeekResult::holds_already && holds.lowest);
        const GoalData data = goal_data(*answer_about(study, memory.key, "throughput>=1000"));
        QCOMPARE(data.marks.size(), std::size_t{2});
        QVERIFY(data.marks[1].kind == GoalMark::Kind::edge);
        VERIFY_NEAR(data.marks[1].x * memory.unit->factor, holds.lowest->value, 1e-12);
        VERIFY_SAME(*data.marks[1].y, *holds.lowest->output);
        for (const GoalMark &mark : data.marks)
            QVERIFY(mark.x >= data.from && mark.x <= data.to);
        // Below it nothing may serve: a stretch without a bound.
        const bool hatched = std::any_of(
            data.stretches.begin(), data.stretches.end(), [](const GoalStretch &stretch) { return !stretch.bound; });
        const bool misses =
            std::any_of(holds.grid.begin(), holds.grid.end(), [](const Tried &tried) { return !tried.outcome.best; });
        QCOMPARE(hatched, misses);
        QVERIFY(misses);
    }

    void chart_shows_marks_where_they_are()
    {
        const auto explored = explore({explore_study(), std::nullopt});
        ChartView chart(*find_chart_kind("goal"));
        chart.resize(900, 500);
        chart.set_theme(Theme::light());
        chart.set_options(goal_values({nic_key.toStdString(), "throughput>=4000"}));
        chart.set_explored(explored);
        chart.show();
        QVERIFY(!chart.is_answered());
        QVERIFY(chart.complete() && chart.is_answered());
        settle();
        const Sought expected = sought(study_in_question(*explored), nic_key.toStdString(), "throughput>=4000");
        const GoalData data = goal_data(*chart.answer());
        const auto answer = std::find_if(data.marks.begin(), data.marks.end(),
            [](const GoalMark &mark) { return mark.kind == GoalMark::Kind::answer; });
        QVERIFY(answer != data.marks.end());
        VERIFY_SAME(*answer->y, *expected.answer.output);
        const QPointF at = chart.frame().panel().pixel(answer->x, *answer->y);
        QVERIFY(chart.frame().panel().area().contains(at));
        const std::vector<Marks::Polygon> diamonds = chart.laid_out().main.of<Marks::Polygon>();
        QVERIFY(std::any_of(diamonds.begin(), diamonds.end(),
            [&](const Marks::Polygon &diamond) { return diamond.points.containsPoint(at, Qt::OddEvenFill); }));
        // Under the mouse: what the search gave there.
        QString said;
        connect(&chart, &ChartView::hovered, &chart, [&](const QString &text) { said = text; });
        QTest::mouseMove(chart.plot(), at.toPoint());
        QTRY_VERIFY2(
            said.contains(QString::fromStdString(short_text(*expected.answer.output, Dimension::count)) + u" tok/s"_qs),
            qPrintable(said));
        QSignalSpy picked(&chart, &ChartView::parameter_picked);
        QTest::mouseClick(chart.plot(), Qt::LeftButton, Qt::NoModifier, at.toPoint());
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].toString(), nic_key);
        // Every value with its output, as a table.
        const Table table = chart.table();
        QCOMPARE(table.rows.size(), all_tried(expected).size());
        QCOMPARE(std::count_if(table.rows.begin(), table.rows.end(),
                     [](const TableRow &row) { return !text_of(row.cells.back()).isEmpty(); }),
            std::ptrdiff_t{2});
        for (std::size_t i = 0; i < table.rows.size(); ++i) {
            const std::optional<double> output = all_tried(expected)[i].output;
            const auto *cell = std::get_if<double>(&table.rows[i].cells[1]);
            QCOMPARE(cell == nullptr, !output);
            if (output)
                VERIFY_SAME(*cell, *output);
        }
    }

    void baseline_is_any_study()
    {
        const auto html = [&](const QStringList &more) {
            const QString file = folder.path(u"report.html"_qs);
            const Result result = run(QStringList{u"report"_qs, what_if_study(), u"--scenario"_qs,
                                          u"Twice the network"_qs, u"--date"_qs, u"2026-11-24"_qs, u"-o"_qs, file}
                + more);
            return result.code == 0 ? QString::fromUtf8(content(file)) : QString::fromUtf8(result.err);
        };
        const StudyFile all =
            *read_study_file(content(what_if_study()).toStdString(), what_if_study().toStdString(), shipped_library())
                 .value;
        const double now = *number_of(*find_metric("throughput"), outcome_of(leading(all.scenarios[2].study)));
        const auto change = [&](const Study &before) {
            const double part = now / *number_of(*find_metric("throughput"), outcome_of(leading(before))) - 1;
            return u"▲ +%1 %"_qs.arg(QString::number(100 * part, 'f', 100 * part < 9.95 ? 1 : 0));
        };
        const QString plain = html({}), scenario = html({u"--baseline"_qs, u"As built"_qs});
        QVERIFY(!plain.contains(change(all.scenarios[0].study) + u" vs"_qs));
        QVERIFY2(scenario.contains(change(all.scenarios[0].study)), qPrintable(change(all.scenarios[0].study)));
        QVERIFY(scenario.contains(u"As built"));
        // A study of the library, and the same one as a file.
        const Study slower = with(all.scenarios[0].study, "nic.bandwidth", "20 GB/s");
        const QString file = folder.path(u"last-week.yaml"_qs);
        QFile written(file);
        QVERIFY(written.open(QIODevice::WriteOnly));
        written.write(QByteArray::fromStdString(study_text(slower)));
        written.close();
        const QString against_file = html({u"--baseline"_qs, file});
        QVERIFY2(against_file.contains(change(slower)), qPrintable(change(slower)));
        QVERIFY(change(slower) != change(all.scenarios[0].study));
        // render takes the same.
        const QString svg = folder.path(u"pareto.svg"_qs);
        VERIFY_RAN(run({u"render"_qs, u"--study"_qs, what_if_study(), u"--scenario"_qs, u"Twice the network"_qs,
            u"--view"_qs, u"pareto"_qs, u"--baseline"_qs, file, u"-o"_qs, svg}));
        QVERIFY(texts_of(content(svg)).join(u' ').contains(change(slower)));
        VERIFY_RAN(run({u"render"_qs, u"--study"_qs, what_if_study(), u"--view"_qs, u"pareto"_qs, u"--baseline"_qs,
            u"published-v1"_qs, u"-o"_qs, svg}));
        QVERIFY(texts_of(content(svg)).join(u' ').contains(u"published-v1"));
    }

    void report_has_the_goal()
    {
        const QString file = folder.path(u"report.html"_qs);
        VERIFY_RAN(run({u"report"_qs, u"explore"_qs, u"--charts"_qs, u"goal"_qs, u"--parameter"_qs, nic_key,
            u"--goal"_qs, u"throughput>=4000"_qs, u"-o"_qs, file}));
        const QString html = QString::fromUtf8(content(file));
        QVERIFY(html.contains(u"<figure id=\"goal\">"));
        QVERIFY(html.contains(u"goal ≥ 4000 tok/s"));
        const Result none = run({u"report"_qs, u"explore"_qs, u"--charts"_qs, u"goal"_qs, u"-o"_qs, file});
        QCOMPARE(none.code, 2);
        QVERIFY(none.err.contains("--goal: is needed"));
    }

private:
    Folder folder;
};

EPSCOPE_SUITE(pictures, TestPictures)
#include "tst_pictures.moc"
