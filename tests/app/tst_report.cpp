// SPDX-License-Identifier: GPL-3.0-or-later
// What is handed over: the report as a file, by the command line and from the window, against the engine's numbers.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QXmlStreamReader>

#include "app/export/chart_export.h"
#include "app/export/report_document.h"
#include "app/files/embedded_study.h"
#include "app/session/comparer.h"
#include "app/views/headline.h"
#include "app/words/text.h"
#include "core/analysis/compare.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/files.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// A page as a reader of its texts has it.
struct Page {
    QString error, title, lead;
    QStringList headings, figures, commands, paragraphs;
    std::vector<QStringList> rows; // of all tables: cells, a change as a cell of its own behind its value
    QStringList ids, outside; // ids, and what is fetched from elsewhere

    // The row that starts so.
    QStringList row(const QString &name) const
    {
        for (const QStringList &each : rows) {
            if (each.front() == name)
                return each;
        }
        return {};
    }
};

Page read_page(const QByteArray &html)
{
    Page page;
    QXmlStreamReader xml(html);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        const QXmlStreamAttributes attributes = xml.attributes();
        if (attributes.hasAttribute(QStringLiteral("id")))
            page.ids << attributes.value(QStringLiteral("id")).toString();
        for (const QXmlStreamAttribute &attribute : attributes) {
            if ((attribute.name() == u"href" || attribute.name() == u"src") && !attribute.value().startsWith(u"data:")
                && !attribute.value().startsWith(u'#'))
                page.outside << attribute.value().toString();
        }
        if (xml.name() == u"script" || xml.name() == u"link")
            page.outside << xml.name().toString();
        if (xml.name() == u"h1")
            page.title = xml.readElementText();
        else if (xml.name() == u"h2")
            page.headings << xml.readElementText();
        else if (xml.name() == u"figcaption")
            page.figures << xml.readElementText();
        else if (xml.name() == u"pre")
            page.commands << xml.readElementText();
        else if (xml.name() == u"p" && attributes.value(QStringLiteral("class")) == u"lead")
            page.lead = xml.readElementText();
        else if (xml.name() == u"p")
            page.paragraphs << xml.readElementText();
        else if (xml.name() == u"tr")
            page.rows.emplace_back();
        else if (xml.name() == u"th")
            page.rows.back() << xml.readElementText();
        else if (xml.name() == u"td") {
            QString text;
            while (xml.readNext() != QXmlStreamReader::EndElement) {
                if (xml.isCharacters())
                    text += xml.text();
                else if (xml.isStartElement()) {
                    page.rows.back() << text;
                    text = xml.readElementText();
                }
            }
            page.rows.back() << text;
        }
    }
    if (xml.hasError())
        page.error = xml.errorString();
    return page;
}

StudyFile study_file(const QString &name)
{
    const Read<StudyFile> read = read_study_file(content(name).toStdString(), name.toStdString(), shipped_library());
    if (!read)
        qFatal("%s", qPrintable(name));
    return *read.value;
}

std::vector<Case> cases_of(const StudyFile &file)
{
    std::vector<Case> cases;
    for (const ScenarioCard &card : all_scenarios(file))
        cases.push_back({card.name.empty() ? file.study.name : card.name, card.study});
    return cases;
}

} // namespace

class TestReport : public QObject {
    Q_OBJECT

private slots:
    void init() { folder.renew(); }
    void page_has_the_engines_numbers();
    void page_compares_the_scenarios();
    void page_states_the_assumptions();
    void page_tells_how_cards_share_the_work();
    void page_stands_alone();
    void command_line_in_it_gives_the_same();
    void is_the_same_every_time();
    void pdf_is_whole();
    void takes_charts_and_scenario();
    void says_when_nothing_serves();
    void many_scenarios_and_strange_names();
    void refuses_data();
    void refuses();
    void window_writes_it();
    void window_keeps_its_views();

private:
    Folder folder;

    Page page_of(const QStringList &arguments)
    {
        const Result result =
            run(QStringList{QStringLiteral("report")} << arguments << QStringLiteral("-o") << folder.path("page.html"));
        if (result.code != 0)
            qFatal("%s", result.err.constData());
        return read_page(content(folder.path("page.html")));
    }
};

void TestReport::page_has_the_engines_numbers()
{
    const Page page = page_of({QStringLiteral("explore"), QStringLiteral("--target-tps"), QStringLiteral("25")});
    QCOMPARE(page.error, QString());
    const Study study = with(*shipped_library().study("explore").value, "target_tps", "25");
    const SearchOutcome found = search(study);
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        const auto best = std::find_if(
            found.winners.begin(), found.winners.end(), [&](const Candidate &one) { return one.chip == chip; });
        QVERIFY(best != found.winners.end());
        const Estimate full = estimate(scenario_of(study, *best));
        const QStringList row = page.row(QString::fromStdString(study.chips[chip].name));
        const auto text = [](double value, Dimension dimension) {
            return QString::fromStdString(short_text(value, dimension, 4));
        };
        QCOMPARE(row[1], text(full.throughput_per_card, Dimension::count));
        QCOMPARE(row[2], text(full.ux_tps, Dimension::count));
        qsizetype at = 1;
        const Evaluation evaluation(study, *best, full);
        for (const Metric &metric : metrics()) {
            if (metric.listed == Listed::never || metric.only_with)
                continue;
            const ResultColumn &column = *find_result_column(metric.column_key);
            QCOMPARE(row.value(at++).toStdString(), shown_cell(column, column.value(evaluation), 4));
        }
        QCOMPARE(row.size(), at + 3);
        QCOMPARE(row[at], QString::number(best->point.ep));
        QCOMPARE(row[at + 1], QString::number(best->point.batch));
    }
    const Candidate &winner = found.winners.front();
    QVERIFY2(
        page.lead.startsWith(QString::fromStdString(study.chips[winner.chip].name) + u": "_qs), qPrintable(page.lead));
    QVERIFY2(
        page.lead.contains(u"EP %1, batch %2"_qs.arg(winner.point.ep).arg(winner.point.batch)), qPrintable(page.lead));
    QVERIFY(!page.lead.contains(u"configurations in"_qs));
    const QStringList figures{QStringLiteral("Pareto front"), QStringLiteral("Latency breakdown"),
        QStringLiteral("Layer timeline"), QStringLiteral("Memory"), QStringLiteral("Batch sweep"),
        QStringLiteral("Roofline"), QStringLiteral("Sensitivity")};
    QCOMPARE(page.figures, figures);
}

void TestReport::page_compares_the_scenarios()
{
    const Page page = page_of({what_if_study()});
    const std::vector<Case> cases = cases_of(study_file(what_if_study()));
    QCOMPARE(cases.size(), std::size_t{4});
    const Comparison expected = compare(cases);
    QStringList names{QString()};
    for (const Case &each : cases)
        names << QString::fromStdString(each.name);
    QVERIFY(std::find(page.rows.begin(), page.rows.end(), names) != page.rows.end());
    for (const Metric &metric : metrics()) {
        if (!number_of(metric, expected.outcomes[0]) || metric.only_with) // these go without saying
            continue;
        const QStringList row = page.row(to_text(metric.title));
        QCOMPARE(row.size(), 1 + 1 + 2 * 3); // the first has no change
        qsizetype at = 1;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const Outcome &outcome = expected.outcomes[i];
            QCOMPARE(row[at++],
                QString::fromStdString(text_of(metric, with_chip(cases[i].study, expected.chips[i]), *outcome.best)));
            if (i == 0)
                continue;
            const double percent =
                *change_of(number_of(metric, expected.outcomes[0]), number_of(metric, outcome))->percent;
            QString shown = row[at++].section(u' ', -2, -2); // "▲ +16.1 %"
            shown.replace(u'−', u'-');
            QVERIFY2(std::abs(shown.toDouble() - percent) <= 0.005 * std::abs(percent), qPrintable(shown));
        }
    }
    for (const DifferingInput &input : expected.inputs) {
        const QStringList row = page.row(QString::fromStdString(input.label));
        for (std::size_t i = 0; i < cases.size(); ++i)
            QVERIFY2(row.contains(QString::fromStdString(input.texts[i])), input.key.c_str());
    }
    QVERIFY(page.paragraphs.contains(u"Long context: What coding agents send"_qs));
}

void TestReport::page_states_the_assumptions()
{
    const Page page = page_of(
        {QStringLiteral("explore"), QStringLiteral("--set"), QStringLiteral("chip.H800.memory_bandwidth=4.8TB/s"),
            QStringLiteral("--set"), QStringLiteral("quirks.binary_prefixes=false"), QStringLiteral("--context"),
            QStringLiteral("64Ki"), QStringLiteral("--date"), QStringLiteral("2026-02-03")});
    const Study opened = *shipped_library().study("explore").value;
    for (const Field<Quirks> &quirk : fields<Quirks>()) {
        const QStringList row = page.row(to_text(quirk.info.label));
        QCOMPARE(row.value(1), quirk.info.key == "binary_prefixes" ? u"off"_qs : u"on"_qs);
    }
    QCOMPARE(page.row(u"Context length"_qs), (QStringList{u"Context length"_qs, u"65536"_qs, u"was 5120"_qs}));
    QStringList bandwidths;
    for (const QStringList &row : page.rows) {
        if (row.front() == u"Memory bandwidth")
            bandwidths << row.mid(1);
    }
    QVERIFY(bandwidths.contains(u"4.8 TB/s"_qs));
    QVERIFY(bandwidths.contains(
        u"was "_qs + QString::fromStdString(*parameter_text(opened, "chip.H800.memory_bandwidth"))));
    for (const Chip &chip : opened.chips) {
        if (chip.name != "H800")
            QVERIFY2(bandwidths.contains(QString::fromStdString(exact_text(chip.memory_bandwidth))), chip.name.c_str());
        QVERIFY2(
            chip.source.empty() || page.paragraphs.contains(QString::fromStdString(chip.name + ": " + chip.source)),
            chip.name.c_str());
    }
    QCOMPARE(page.row(u"Date"_qs).value(1), u"2026-02-03"_qs);
    QVERIFY(page.row(u"Program"_qs).value(1).startsWith(u"EPScope "));
    QVERIFY(page.row(u"Profile"_qs).value(1).contains(u"quirks on: "));
    QVERIFY(!page.row(u"Profile"_qs).value(1).contains(u"binary"));
}

// In words and columns where TP is set, and what the published equations ignore as a warning.
void TestReport::page_tells_how_cards_share_the_work()
{
    const QStringList grouped{QStringLiteral("explore"), QStringLiteral("--profile"),
        QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml"), QStringLiteral("--model"),
        QStringLiteral("llama-3.1-70b"), QStringLiteral("--chip"), QStringLiteral("H200"), QStringLiteral("--tp"),
        QStringLiteral("8"), QStringLiteral("--mode"), QStringLiteral("moe_tp"), QStringLiteral("--ep"),
        QStringLiteral("1"), QStringLiteral("--batch"), QStringLiteral("64"), QStringLiteral("--mtp-len"),
        QStringLiteral("0")};
    const Page page = page_of(grouped);
    QVERIFY2(page.lead.contains(u"TP 8, moe_tp, EP 1, batch 64 (8 per card)"_qs), qPrintable(page.lead));
    const QStringList header = page.row(u"Chip"_qs), row = page.row(u"H200"_qs);
    QCOMPARE(row.value(header.indexOf(u"Batch/card"_qs)), u"8"_qs);
    QCOMPARE(row.value(header.indexOf(u"Cards"_qs)), u"8"_qs);
    QCOMPARE(row.value(header.indexOf(u"Batch"_qs)), u"64"_qs);
    QVERIFY2(row.back().contains(u"TP 8, moe_tp, "_qs), qPrintable(row.back()));
    const auto warned = [](const Page &of) {
        return std::any_of(of.paragraphs.begin(), of.paragraphs.end(),
            [](const QString &text) { return text.startsWith(u"Warning: redundant_experts: has no effect: "_qs); });
    };
    const QStringList redundant{QStringLiteral("--redundant-experts"), QStringLiteral("32")};
    QVERIFY(warned(page_of(QStringList{QStringLiteral("explore")} + redundant)));
    QVERIFY(!warned(page_of(grouped + redundant)));
    QVERIFY(!page_of({QStringLiteral("explore")}).row(u"Chip"_qs).contains(u"Batch/card"_qs));
}

void TestReport::page_stands_alone()
{
    const Page page = page_of({what_if_study(), QStringLiteral("--charts"),
        QStringLiteral("pareto,breakdown,timeline,memory,sweep,roofline,sensitivity,validation")});
    QCOMPARE(page.error, QString());
    QCOMPARE(page.outside, QStringList());
    QCOMPARE(page.figures.size(), 8);
    QStringList ids = page.ids;
    ids.sort();
    QCOMPARE(ids.removeDuplicates(), 0);
    // The study with its scenarios comes back.
    const std::optional<QString> study = study_in_file(folder.path("page.html"));
    QVERIFY(study);
    QCOMPARE(study->toStdString(), study_file_text(study_file(what_if_study())));
}

void TestReport::command_line_in_it_gives_the_same()
{
    const Page page = page_of({QStringLiteral("explore"), QStringLiteral("--chip"), QStringLiteral("H800,H20"),
        QStringLiteral("--set"), QStringLiteral("chip.H20.memory=141GB")});
    QVERIFY(!page.commands.isEmpty());
    const QStringList words = QProcess::splitCommand(QString(page.commands.front()).replace(u'\'', u'"'));
    QCOMPARE(words.value(0), u"epscope"_qs);
    const Result result = run(words.mid(1) << QStringLiteral("--format") << QStringLiteral("csv"));
    QCOMPARE(result.code, 0);
    const QList<QByteArray> lines = result.out.split('\n');
    const qsizetype throughput = lines[0].split(',').indexOf("throughput_per_card");
    QVERIFY(throughput >= 0);
    double most = 0;
    for (const QByteArray &line : lines.mid(1)) {
        if (line.startsWith("H20,"))
            most = std::max(most, line.split(',')[throughput].toDouble());
    }
    QCOMPARE(page.row(u"H20"_qs)[1], QString::fromStdString(short_text(most, Dimension::count, 4)));
}

void TestReport::is_the_same_every_time()
{
    for (const char *suffix : {"html", "pdf"}) {
        QList<QByteArray> all;
        for (const char *name : {"one.", "two."}) {
            const QString file = folder.path(name) + QLatin1String(suffix);
            QCOMPARE(run({QStringLiteral("report"), what_if_study(), QStringLiteral("--date"),
                             QStringLiteral("2026-02-03"), QStringLiteral("-o"), file})
                         .code,
                0);
            all << content(file);
            let_pass(1100); // a second is what a PDF's times count in
        }
        QVERIFY(!all[0].isEmpty());
        QVERIFY2(all[0] == all[1], suffix);
    }
}

void TestReport::pdf_is_whole()
{
    QCOMPARE(run({QStringLiteral("report"), what_if_study(), QStringLiteral("-o"), folder.path("report.pdf")}).code, 0);
    const QByteArray pdf = content(folder.path("report.pdf"));
    QVERIFY(pdf.startsWith("%PDF-1."));
    QVERIFY(pdf.trimmed().endsWith("%%EOF"));
    const qsizetype pages = pdf.count("/Type /Page\n") + pdf.count("/Type /Page ");
    QVERIFY2(pages >= 4 && pages <= 12, QByteArray::number(pages).constData());
    QCOMPARE(pdf.count("/Subtype /Image"), 0); // all drawn
    const std::optional<QString> study = study_in_file(folder.path("report.pdf"));
    QVERIFY(study);
    QCOMPARE(study->toStdString(), study_file_text(study_file(what_if_study())));
}

void TestReport::takes_charts_and_scenario()
{
    const Page page = page_of({QStringLiteral("--study"), what_if_study(), QStringLiteral("--scenario"),
        QStringLiteral("Long context"), QStringLiteral("--charts"), QStringLiteral("memory,map")});
    QCOMPARE(page.figures, (QStringList{QStringLiteral("Memory"), QStringLiteral("Map")}));
    QVERIFY2(page.lead.contains(u"batch 48"), qPrintable(page.lead));
    QCOMPARE(page.row(u"Scenario"_qs).value(1), u"Long context"_qs);
    QVERIFY(page.row(u"Context length"_qs).contains(u"32768"_qs));
}

void TestReport::says_when_nothing_serves()
{
    const Page page = page_of({QStringLiteral("explore"), QStringLiteral("--target-tps"), QStringLiteral("2000")});
    QCOMPARE(page.error, QString());
    const QStringList row = page.row(u"H800"_qs);
    QVERIFY2(row.back().contains(u"does not serve: "), qPrintable(row.join(u'|')));
    QVERIFY(!page.lead.isEmpty());
    QVERIFY(!page.figures.contains(u"Pareto front"_qs) || page.figures.size() >= 6); // the others are drawn
}

void TestReport::many_scenarios_and_strange_names()
{
    StudyFile file = study_file(what_if_study());
    const Study study = file.scenarios.front().study;
    file.scenarios.clear();
    constexpr int count = 9;
    for (int i = 1; i <= count; ++i)
        file.scenarios.push_back({"<b>& " + std::to_string(i) + "</b> ]]>", i == 3 ? "5 < 6 & so on" : "",
            with(study, "context", std::to_string(1024 * i))});
    file.study = file.scenarios.front().study;
    QFile written(folder.path("many.yaml"));
    QVERIFY(written.open(QIODevice::WriteOnly));
    written.write(QByteArray::fromStdString(study_file_text(file)));
    written.close();
    const Page page = page_of({folder.path("many.yaml")});
    QCOMPARE(page.error, QString());
    QStringList seen;
    for (const QStringList &row : page.rows) {
        if (row.size() > 1 && row.front().isEmpty() && row.value(1).startsWith(u"<b>"))
            seen << row.mid(1);
    }
    QCOMPARE(seen.size(), 3 + count - 1); // the first in each of three tables
    for (const ScenarioCard &card : file.scenarios)
        QVERIFY2(seen.contains(QString::fromStdString(card.name)), card.name.c_str());
    QCOMPARE(
        run({QStringLiteral("report"), folder.path("many.yaml"), QStringLiteral("-o"), folder.path("many.pdf")}).code,
        0);
}

void TestReport::refuses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const QStringList &arguments, int code, const char *says) {
        QTest::newRow(name) << arguments << code << QByteArray(says);
    };
    row("suffix", {u"explore"_qs, u"-o"_qs, u"FOLDER/report.docx"_qs}, 2, "no known suffix; allowed is .pdf or .html");
    row("no file", {u"explore"_qs}, 2, "--output is required");
    row("study", {u"no-such"_qs, u"-o"_qs, u"FOLDER/report.pdf"_qs}, 2, "no-such");
    row("scenario", {what_if_study(), u"--scenario"_qs, u"Nine"_qs, u"-o"_qs, u"FOLDER/report.pdf"_qs}, 2,
        "no scenario 'Nine'");
    row("date", {u"explore"_qs, u"--date"_qs, u"yesterday"_qs, u"-o"_qs, u"FOLDER/report.pdf"_qs}, 2,
        "is no date; expected YYYY-MM-DD");
    row("chart", {u"explore"_qs, u"--charts"_qs, u"pie"_qs, u"-o"_qs, u"FOLDER/report.pdf"_qs}, 2, "pie");
    row("folder", {u"explore"_qs, u"-o"_qs, u"FOLDER/none/report.pdf"_qs}, 1, "report.pdf");
}

void TestReport::refuses()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QByteArray, says);
    arguments.replaceInStrings(u"FOLDER"_qs, folder.path());
    const Result result = run(QStringList{QStringLiteral("report")} + arguments);
    QCOMPARE(result.code, code);
    QVERIFY2(result.err.contains(says), result.err.constData());
    QVERIFY(QDir(folder.path()).isEmpty());
}

void TestReport::window_writes_it()
{
    Explorer explorer(folder.path());
    explorer.show(what_if_study());
    explorer.answers.file = folder.path("window.html");
    QAction &report = explorer.action(u"Report…"_qs);
    QCOMPARE(report.shortcut(), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R));
    report.trigger();
    QCOMPARE(explorer.answers.warnings, QStringList());
    QVERIFY(explorer.answers.proposals.last().endsWith(u"-report.pdf"));
    const Page page = read_page(content(folder.path("window.html")));
    QCOMPARE(page.error, QString());
    // The same as without the window.
    const Page alone = page_of({what_if_study()});
    QCOMPARE(page.lead, alone.lead);
    QCOMPARE(page.figures, alone.figures);
    QCOMPARE(page.commands.front(), alone.commands.front());
    QVERIFY(page.rows == alone.rows);

    // A scenario and a change later.
    explorer.window.activateWindow(); // the box that waited for the sensitivity had the keyboard
    QVERIFY(QTest::qWaitForWindowActive(&explorer.window));
    QTest::keyClick(&explorer.window, Qt::Key_4, Qt::ControlModifier);
    explorer.set("target_tps", u"26"_qs);
    explorer.answer();
    report.trigger();
    const Page after = read_page(content(folder.path("window.html")));
    QCOMPARE(after.row(u"Scenario"_qs).value(1), u"Long context"_qs);
    QVERIFY(
        std::find(after.rows.begin(), after.rows.end(), QStringList{u"Target"_qs, u"26 tok/s"_qs, u"was 20 tok/s"_qs})
        != after.rows.end());
    const Study study = with(study_file(what_if_study()).scenarios.back().study, "target_tps", "26");
    const Candidate best = search(study).winners.front();
    QCOMPARE(
        after.row(u"H800"_qs)[1], QString::fromStdString(short_text(best.throughput_per_card, Dimension::count, 4)));

    // What cannot be written is said.
    explorer.answers.file = folder.path("none/window.pdf");
    report.trigger();
    QCOMPARE(explorer.answers.warnings.size(), 1);
    QVERIFY(explorer.answers.warnings[0].contains(u"window.pdf"));
    // And nothing happens where nobody chose a file.
    explorer.answers.file.clear();
    report.trigger();
    QCOMPARE(explorer.answers.warnings.size(), 1);
}

// Charts that stand behind others are as good as those in front, and look as before afterwards.
void TestReport::window_keeps_its_views()
{
    Explorer explorer(folder.path());
    explorer.show();
    explorer.theme.choose(ThemeChoice::dark);
    settle();
    const QImage before = explorer.chart("pareto").grab().toImage();
    explorer.answers.file = folder.path("window.pdf");
    explorer.action(u"Report…"_qs).trigger();
    QCOMPARE(explorer.answers.warnings, QStringList());
    settle();
    QVERIFY(explorer.chart("pareto").grab().toImage() == before);
    QVERIFY(content(folder.path("window.pdf")).startsWith("%PDF-"));
}

EPSCOPE_SUITE(report, TestReport)
#include "tst_report.moc"
