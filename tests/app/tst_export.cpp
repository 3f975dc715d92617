// SPDX-License-Identifier: GPL-3.0-or-later
// What lies in exported files: size, texts, study; and that a file is whole or not there.
#include "app/charts/scene_plot.h"
#include "app/export/chart_export.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <random>

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QImageReader>
#include <QMimeData>
#include <QPainter>
#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <QXmlStreamReader>
#include <qcustomplot.h>

#include <sys/resource.h>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/export/svg_canvas.h"
#include "app/files/embedded_study.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/settle.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

struct SampleKind {
    SceneKind sample{.id = "sample", .title = "Speed & <throughput>", .lines_across = 0};
};

// Lines, bars, a legend and axis titles, as in the real charts.
class SampleChart : SampleKind, public ChartView {
public:
    QSize drawn_for;

    SampleChart()
        : ChartView(sample)
    {
        sample.scene = [this](const SceneInput &input) { return scene_of(input); };
    }

private:
    Scene scene_of(const SceneInput &input)
    {
        const std::vector<SweepPoint> &points = input.explored->leading().sweep;
        Scene scene;
        scene.panels[0] = {{.to = static_cast<double>(points.back().batch)}, {.to = 1e6 * points.back().step_s}};
        scene.legend = {{{QStringLiteral("H800 <best>"), nullptr}, {QStringLiteral("infeasible"), nullptr}}};
        scene.arrange = [](const Room &) {
            return Arrangement{{{.x = {QStringLiteral("Speed (tok/s)")}, .y = {QStringLiteral("Step (µs)")}}}};
        };
        scene.layout = [this, points, &theme = *input.theme](const Frame &frame) {
            drawn_for = frame.size;
            const FramePanel &panel = frame.panel();
            QVector<QPointF> line;
            for (const SweepPoint &point : points)
                line << panel.pixel(static_cast<double>(point.batch), 1e6 * point.step_s);
            SceneLayout layout;
            layout.main.path(line, QPen(theme.chip(0), 2, theme.chip_dash(1)), panel.area());
            layout.main.box(
                QRectF(line.back(), panel.rect.bottomRight()).normalized(), QPen(theme.chip(0)), theme.infeasible);
            return layout;
        };
        scene.table = [] {
            return Table{
                {{QStringLiteral("name")}, {QStringLiteral("step (µs)")}}, {{{QStringLiteral("a, \"b\""), 1.25}}}};
        };
        return scene;
    }
};

const std::shared_ptr<const Explored> &explored_study()
{
    static const std::shared_ptr<const Explored> explored = explore({published_study(), {}});
    return explored;
}

ExportOptions options_for(const Study &study)
{
    ExportOptions options;
    options.origin = origin_of(study, study, QStringLiteral("0.1.0"), QDate(2026, 11, 23));
    options.headline = QStringLiteral("H800: 3700 tok/s per card at 20.4 tok/s per user");
    options.study = QString::fromStdString(study_text(study));
    return options;
}

struct Text {
    QString text;
    QRectF box; // of its capitals
    QString transform, color;

    bool turned() const { return !transform.isEmpty(); }
};

struct Svg {
    QSize size;
    QString title, description, error;
    QList<Text> texts;
    QStringList clips; // path data of the clips in use
    qsizetype images = 0;
};

Svg read_svg(const QByteArray &bytes)
{
    Svg svg;
    QHash<QString, QString> clips;
    QString clip;
    QXmlStreamReader xml(bytes);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        const QXmlStreamAttributes attributes = xml.attributes();
        const auto number = [&](const char *name) { return attributes.value(QLatin1String(name)).toDouble(); };
        if (xml.name() == u"svg") {
            svg.size = QSize(static_cast<int>(number("width")), static_cast<int>(number("height")));
        } else if (xml.name() == u"title") {
            svg.title = xml.readElementText();
        } else if (xml.name() == u"desc") {
            svg.description = xml.readElementText();
        } else if (xml.name() == u"image") {
            ++svg.images;
        } else if (xml.name() == u"clipPath") {
            clip = attributes.value(QLatin1String("id")).toString();
        } else if (xml.name() == u"path" && !clip.isEmpty()) {
            clips.insert(QStringLiteral("url(#%1)").arg(clip), attributes.value(QLatin1String("d")).toString());
            clip.clear();
        } else if (xml.name() == u"g" && attributes.hasAttribute(QLatin1String("clip-path"))) {
            svg.clips << clips.value(attributes.value(QLatin1String("clip-path")).toString());
        } else if (xml.name() == u"text") {
            const double height = 0.73 * number("font-size"); // DejaVu's and most others'
            const QRectF box(number("x"), number("y") - height, number("textLength"), height);
            const QString transform = attributes.value(QLatin1String("transform")).toString(),
                          color = attributes.value(QLatin1String("fill")).toString();
            svg.texts.append({xml.readElementText(), box, transform, color});
        }
    }
    svg.error = xml.errorString();
    return svg;
}

} // namespace

class TestExport : public QObject {
    Q_OBJECT

private slots:
    void init();
    void png_data();
    void png();
    void svg();
    void pdf();
    void csv();
    void nothing_is_clipped_data();
    void nothing_is_clipped();
    void long_texts_are_cut();
    void chart_is_as_before();
    void visible_chart_is_as_before();
    void theme_of_the_picture();
    void unknown_suffix();
    void too_large_a_picture();
    void unwritable_places_data();
    void unwritable_places();
    void full_disk_leaves_the_old_file();
    void clipboard();
    void image_of_a_window();
    void everything_into_a_folder();
    void names_of_files();
    void origin_text();
    void awkward_studies_come_back_data();
    void awkward_studies_come_back();
    void foreign_files_hold_no_study_data();
    void foreign_files_hold_no_study();
    void what_is_wrong_with_an_embedded_study_is_said();
    void damaged_files_do_no_harm();
    void svg_keeps_to_its_clips();
    void svg_of_pens_and_brushes();
    void a_text_is_one_element();
    void charts_split_no_text_data();
    void charts_split_no_text();

private:
    Folder folder;
    std::unique_ptr<SampleChart> chart;
    Study study;
    ExportOptions options;

    QString exported(const QString &name)
    {
        const QString problem = export_chart(*chart, folder.path(name), options);
        if (!problem.isEmpty())
            qWarning() << problem;
        return folder.path(name);
    }
};

void TestExport::init()
{
    folder.renew();
    chart = std::make_unique<SampleChart>();
    chart->set_explored(explored_study());
    study = published_study();
    options = options_for(study);
}

void TestExport::png_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("scale");
    QTest::addColumn<QSize>("pixels");
    QTest::newRow("default") << QSize(1200, 675) << 2 << QSize(2400, 1350);
    QTest::newRow("small") << QSize(600, 400) << 1 << QSize(600, 400);
    QTest::newRow("4x") << QSize(600, 400) << 4 << QSize(2400, 1600);
    QTest::newRow("too small a scale") << QSize(600, 400) << 0 << QSize(600, 400);
    QTest::newRow("too large a scale") << QSize(600, 400) << 9 << QSize(2400, 1600);
}

void TestExport::png()
{
    QFETCH(QSize, size);
    QFETCH(int, scale);
    QFETCH(QSize, pixels);
    options.size = size;
    options.png_scale = scale;
    const QString file = exported(QStringLiteral("a.PNG"));
    const QImage image(file);
    QCOMPARE(image.size(), pixels);
    QCOMPARE(QImageReader::imageFormat(file), QByteArray("png"));
    QCOMPARE(image.text(QStringLiteral("epscope-study")), options.study);
    QCOMPARE(image.text(QStringLiteral("Title")), QStringLiteral("Speed & <throughput> – Published tables (V1.0)"));
    QCOMPARE(image.text(QStringLiteral("Software")), QStringLiteral("EPScope 0.1.0"));
    QCOMPARE(image.text(QStringLiteral("Description")), options.origin.text());
    QCOMPARE(study_in_file(file), std::optional(options.study));
    // As large on paper at every scale, and drawn with every pixel.
    const int per_meter = qRound(chart->logicalDpiX() / 0.0254);
    QCOMPARE(image.dotsPerMeterX(), per_meter * (pixels.width() / size.width()));
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            colors.insert(image.pixel(x, y));
    }
    QVERIFY(colors.contains(Theme::light().chip(0).rgb()));
    QVERIFY(colors.contains(Theme::light().text.rgb()));
    QCOMPARE(image.pixel(0, 0), Theme::light().surface.rgb());
}

void TestExport::svg()
{
    const QString file = exported(QStringLiteral("a.svg"));
    const QByteArray bytes = content(file);
    const Svg svg = read_svg(bytes);
    QCOMPARE(svg.error, QString());
    QCOMPARE(svg.size, QSize(1200, 675));
    QVERIFY(bytes.contains("viewBox=\"0 0 1200 675\""));
    QCOMPARE(svg.title, QStringLiteral("Speed & <throughput> – Published tables (V1.0)"));
    QCOMPARE(svg.description, options.origin.text());
    QCOMPARE(study_in_file(file), std::optional(options.study));
    QStringList texts;
    for (const Text &text : svg.texts)
        texts << text.text;
    for (const QString &expected :
        {chart->title(), options.headline, options.origin.text(), QStringLiteral("Speed (tok/s)"),
            QStringLiteral("Step (µs)"), QStringLiteral("H800 <best>"), QStringLiteral("infeasible")})
        QVERIFY2(texts.contains(expected), qPrintable(expected));
    QCOMPARE(svg.images, 0); // vectors throughout, tick labels too
    QVERIFY(texts.contains(QStringLiteral("0")));
    QVERIFY(bytes.contains("stroke-dasharray=\""));
    options.study.clear();
    QVERIFY(!content(exported(QStringLiteral("b.svg"))).contains("<metadata"));
    QCOMPARE(study_in_file(folder.path(QStringLiteral("b.svg"))), std::nullopt);
}

void TestExport::pdf()
{
    const QString file = exported(QStringLiteral("a.pdf"));
    const QByteArray bytes = content(file);
    QVERIFY(bytes.startsWith("%PDF-1."));
    QVERIFY(bytes.trimmed().endsWith("%%EOF"));
    const QRegularExpression box(QStringLiteral("/MediaBox \\[0 0 ([0-9.]+) ([0-9.]+)\\]"));
    const QRegularExpressionMatch match = box.match(QString::fromLatin1(bytes));
    QVERIFY(match.hasMatch());
    const double points = 72.0 / chart->logicalDpiX();
    QVERIFY(std::abs(match.captured(1).toDouble() - 1200 * points) <= 1);
    QVERIFY(std::abs(match.captured(2).toDouble() - 675 * points) <= 1);
    QCOMPARE(bytes.count("/Type /Page\n"), 1);
    QVERIFY(!bytes.contains("/Subtype /Image")); // vectors throughout
    QVERIFY(bytes.contains("Speed &amp; &lt;throughput&gt; – Published tables (V1.0)")); // in the XMP packet
    QVERIFY(bytes.contains("<xmp:CreatorTool>EPScope 0.1.0</xmp:CreatorTool>"));
    QCOMPARE(study_in_file(file), std::optional(options.study));
    options.study.clear();
    QCOMPARE(study_in_file(exported(QStringLiteral("b.pdf"))), std::nullopt);
}

void TestExport::csv()
{
    QCOMPARE(content(exported(QStringLiteral("a.csv"))), QByteArray("name,step (µs)\n\"a, \"\"b\"\"\",1.25\n"));
    QCOMPARE(export_table({chart->id(), chart->table()}, folder.path(QStringLiteral("table.csv")), options), QString());
    QCOMPARE(content(folder.path(QStringLiteral("table.csv"))), content(folder.path(QStringLiteral("a.csv"))));
}

void TestExport::nothing_is_clipped_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("points");
    QTest::addColumn<bool>("wordy");
    for (const QSize &size :
        {QSize(600, 400), QSize(900, 500), QSize(1200, 675), QSize(800, 1600), QSize(3840, 2160)}) {
        for (const int points : {9, 20}) {
            for (const bool wordy : {false, true})
                QTest::addRow("%dx%d, %d pt%s", size.width(), size.height(), points, wordy ? ", wordy" : "")
                    << size << points << wordy;
        }
    }
}

void TestExport::nothing_is_clipped()
{
    QFETCH(QSize, size);
    QFETCH(int, points);
    QFETCH(bool, wordy);
    QFont font = chart->font();
    font.setPointSize(points);
    chart->setFont(font);
    options.size = size;
    if (wordy) {
        options.origin.study = QString(70, u'W');
        for (int i = 0; i < 20; ++i)
            options.origin.chips << QString(30, u'M');
        options.headline = options.headline + u' ' + options.headline + u' ' + options.headline;
    }
    const Svg svg = read_svg(content(exported(QStringLiteral("a.svg"))));
    QCOMPARE(svg.error, QString());
    QVERIFY(!svg.clips.isEmpty());
    // Where the chart itself lies.
    const QStringList corners =
        svg.clips[0].mid(1).split(QRegularExpression(QStringLiteral("[LZ]")), Qt::SkipEmptyParts);
    const auto corner = [&](qsizetype i) {
        return QPointF(corners[i].split(u' ')[0].toDouble(), corners[i].split(u' ')[1].toDouble());
    };
    const QRectF area(corner(0), corner(2));
    QVERIFY2(area.height() > size.height() * 0.4, QByteArray::number(area.height()).constData());
    QVERIFY(QRectF(QPointF(), QSizeF(size)).contains(area));
    for (const Text &text : svg.texts) {
        if (text.turned())
            continue;
        const QByteArray where =
            (text.text + QStringLiteral(" at %1, %2").arg(text.box.x()).arg(text.box.y())).toUtf8();
        QVERIFY2(QRectF(QPointF(), QSizeF(size)).contains(text.box), where.constData());
        const bool framed =
            text.box.bottom() <= area.top() + 1 || text.box.top() >= area.bottom() - 1; // title and footer
        QVERIFY2(framed || area.contains(text.box), where.constData());
    }
    for (qsizetype i = 1; i < svg.texts.size() && svg.texts[i].box.bottom() <= area.top(); ++i)
        QVERIFY2(svg.texts[i].box.top() > svg.texts[i - 1].box.bottom(), qPrintable(svg.texts[i].text));
}

void TestExport::long_texts_are_cut()
{
    options.size = QSize(600, 400);
    options.headline = QString(3000, u'x');
    const Svg svg = read_svg(content(exported(QStringLiteral("a.svg"))));
    QCOMPARE(std::count_if(
                 svg.texts.begin(), svg.texts.end(), [](const Text &text) { return text.text.startsWith(u"xxxx"); }),
        2);
    const auto cut = [](const Text &text) { return text.text.startsWith(u"xxxx") && text.text.endsWith(u'…'); };
    QCOMPARE(std::count_if(svg.texts.begin(), svg.texts.end(), cut), 1);
}

void TestExport::chart_is_as_before()
{
    const QFont font = chart->font();
    const QSize viewport = chart->plot()->viewport().size();
    exported(QStringLiteral("a.png"));
    // Laid out for the picture, although it has never been shown.
    QVERIFY2(chart->drawn_for.width() > 1150 && chart->drawn_for.width() <= 1200,
        QByteArray::number(chart->drawn_for.width()).constData());
    QCOMPARE(chart->font(), font);
    QVERIFY(!chart->testAttribute(Qt::WA_SetFont)); // still follows the program's
    QCOMPARE(chart->plot()->viewport().size(), viewport);
    QFont own = font;
    own.setPointSize(17);
    chart->setFont(own);
    exported(QStringLiteral("a.svg"));
    QCOMPARE(chart->font().pointSize(), 17);
}

void TestExport::visible_chart_is_as_before()
{
    chart->resize(500, 300);
    chart->set_theme(Theme::night());
    chart->show();
    QVERIFY(QTest::qWaitForWindowExposed(chart.get()));
    settle();
    const QImage before = chart->grab().toImage();
    const QCPRange range = chart->plot()->xAxis->range();
    QVERIFY(before.pixelColor(2, 2) == Theme::night().surface);
    for (const char *name : {"a.png", "a.svg", "a.pdf"})
        exported(QString::fromLatin1(name));
    settle();
    QVERIFY(chart->plot()->xAxis->range() == range);
    QCOMPARE(chart->grab().toImage(), before);
}

void TestExport::theme_of_the_picture()
{
    options.theme = &Theme::night();
    const QImage image(exported(QStringLiteral("a.png")));
    QCOMPARE(image.pixel(0, 0), Theme::night().surface.rgb());
    QVERIFY(content(exported(QStringLiteral("a.svg"))).contains(Theme::night().text.name().toLatin1()));
    QVERIFY(!content(folder.path(QStringLiteral("a.svg"))).contains(Theme::light().text.name().toLatin1()));
}

void TestExport::unknown_suffix()
{
    for (const char *name : {"a", "a.bmp", "a.png.txt", ".hidden"}) {
        const QString problem = export_chart(*chart, folder.path(QString::fromLatin1(name)), options);
        QVERIFY2(problem.contains(u"must end in .png, .svg, .pdf, .csv or .xlsx"), qPrintable(problem));
        QVERIFY(!QFileInfo::exists(folder.path(QString::fromLatin1(name))));
    }
}

void TestExport::too_large_a_picture()
{
    options.size = QSize(20000, 100);
    options.png_scale = 2;
    const QString problem = export_chart(*chart, folder.path(QStringLiteral("a.png")), options);
    QVERIFY2(problem.contains(u"40000 × 200 pixels is too large"), qPrintable(problem));
    QVERIFY(!QFileInfo::exists(folder.path(QStringLiteral("a.png"))));
}

void TestExport::unwritable_places_data()
{
    QTest::addColumn<QString>("name");
    for (const char *suffix : {"png", "svg", "pdf", "csv"}) {
        for (const char *place : {"none/a.", "taken.", "full."})
            QTest::addRow("%s%s", place, suffix) << QString::fromLatin1(place) + QString::fromLatin1(suffix);
    }
}

void TestExport::unwritable_places()
{
    QFETCH(QString, name);
    QDir(folder.path()).mkdir(QStringLiteral("taken.") + QFileInfo(name).suffix());
    QVERIFY(QFile::link(QStringLiteral("/dev/full"), folder.path(QStringLiteral("full.") + QFileInfo(name).suffix())));
    const QString problem = export_chart(*chart, folder.path(name), options);
    const QString reason = name.startsWith(u"none")
        ? QStringLiteral("there is no folder ") + folder.path(QStringLiteral("none"))
        : name.startsWith(u"taken") ? QStringLiteral("it is a folder")
                                    : QStringLiteral("No space left on device");
    QCOMPARE(problem, folder.path(name) + QStringLiteral(" cannot be written: ") + reason);
    QVERIFY(QFileInfo(QStringLiteral("/dev/full")).exists() && !QFileInfo(QStringLiteral("/dev/full")).isFile());
}

void TestExport::full_disk_leaves_the_old_file()
{
    for (const char *name : {"a.png", "a.svg", "a.pdf"}) {
        const QString file = folder.path(QString::fromLatin1(name));
        write(file, "old");
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        const rlimit small{3000, limit.rlim_max};
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &small);
        const QString problem = export_chart(*chart, file, options);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, handler);
        QVERIFY2(problem.startsWith(file + QStringLiteral(" cannot be written: ")), qPrintable(problem));
        QCOMPARE(content(file), QByteArray("old"));
    }
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 3);
}

void TestExport::clipboard()
{
    options.size = QSize(600, 400);
    copy_chart(*chart, options);
    const QMimeData *data = QApplication::clipboard()->mimeData();
    QVERIFY(data->hasImage());
    QCOMPARE(qvariant_cast<QImage>(data->imageData()).size(), QSize(1200, 800));
    const Svg svg = read_svg(data->data(QStringLiteral("image/svg+xml")));
    QCOMPARE(svg.error, QString());
    QCOMPARE(svg.size, QSize(600, 400));
}

void TestExport::image_of_a_window()
{
    QImage image(50, 40, QImage::Format_RGB32);
    image.fill(Qt::red);
    const QString file = folder.path(QStringLiteral("window.png"));
    QCOMPARE(export_image(image, QStringLiteral("Window"), file, options), QString());
    QCOMPARE(QImage(file).size(), image.size());
    QCOMPARE(QImage(file).text(QStringLiteral("Title")), QStringLiteral("Window – Published tables (V1.0)"));
    QCOMPARE(study_in_file(file), std::optional(options.study));
    QVERIFY(export_image(image, QStringLiteral("Window"), folder.path(QStringLiteral("window.pdf")), options)
                .contains(u"must end in .png"));
}

void TestExport::everything_into_a_folder()
{
    const QString deep = folder.path(QStringLiteral("new/deep"));
    const QStringList suffixes{QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"),
        QStringLiteral("csv"), QStringLiteral("xlsx")};
    int made = 0; // of the tables
    const std::vector<Exportable> all{exportable(*chart), {QStringLiteral("results"), [&] {
                                                               ++made;
                                                               return chart->table();
                                                           }}};
    QCOMPARE(export_all(all, deep, suffixes, options), QStringList());
    QCOMPARE(made, 1); // for both of its files
    QCOMPARE(QDir(deep).entryList(QDir::Files, QDir::Name),
        QString::fromLatin1(
            "published-v1-results.csv published-v1-results.xlsx published-v1-sample.csv published-v1-sample.pdf "
            "published-v1-sample.png published-v1-sample.svg published-v1-sample.xlsx")
            .split(u' '));
    // What cannot be written is listed; the rest is written.
    const QString other = folder.path(QStringLiteral("other"));
    QDir(other).mkpath(QStringLiteral("published-v1-sample.svg"));
    const QStringList problems = export_all(all, other, suffixes, options);
    QCOMPARE(
        problems, QStringList{other + QStringLiteral("/published-v1-sample.svg cannot be written: it is a folder")});
    QCOMPARE(QDir(other).entryList(QDir::Files).size(), 6);
    write(folder.path(QStringLiteral("file")), "x");
    QCOMPARE(export_all(all, folder.path(QStringLiteral("file/deep")), suffixes, options),
        QStringList{QStringLiteral("The folder %1 cannot be made").arg(folder.path(QStringLiteral("file/deep")))});
}

void TestExport::names_of_files()
{
    options.origin.study_name = QStringLiteral("../a/b: c*?\\x");
    QCOMPARE(export_name(options.origin, QStringLiteral("pareto"), QStringLiteral("png")),
        QStringLiteral("a-b-c-x-pareto.png"));
    options.origin.study_name = QStringLiteral("中文 study");
    QCOMPARE(export_name(options.origin, QStringLiteral("sweep"), QStringLiteral("pdf")),
        QStringLiteral("中文-study-sweep.pdf"));
    options.origin.study_name.clear();
    QCOMPARE(export_name(options.origin, QStringLiteral("sweep"), QStringLiteral("pdf")), QStringLiteral("sweep.pdf"));
}

void TestExport::origin_text()
{
    QCOMPARE(options.origin.text(),
        QStringLiteral("Study: Published tables (V1.0) · Chips: H800, H20, A100, L20 · "
                       "Profile: Published model V1.0, all quirks on · EPScope 0.1.0 · 2026-11-23"));
    Study edited = study;
    edited.chips.resize(1);
    set_parameter(edited, "chip.H800.memory", "96 GB", BareNumbers::refused);
    set_parameter(edited, "quirks.binary_prefixes", "false", BareNumbers::refused);
    QVERIFY(origin_of(edited, study, QStringLiteral("1"), {})
                .text()
                .contains(u"· Chip: H800* · Profile: Published model V1.0, quirks on: truncated query"));
    edited.profile.quirks = {false, false, false, false, false, false};
    QVERIFY(origin_of(edited, study, QStringLiteral("1"), {})
                .text()
                .endsWith(u"Profile: Published model V1.0, no quirks · EPScope 1"));
    for (int i = 1; i < 12; ++i) {
        edited.chips.push_back(edited.chips[0]);
        edited.chips.back().name = "C" + std::to_string(i);
    }
    QVERIFY(origin_of(edited, study, QStringLiteral("1"), {})
                .text()
                .contains(u"Chips: H800*, C1, C2, C3, C4, C5, C6, C7 and 4 more"));
    edited.title = std::string(500, 'x');
    QVERIFY(origin_of(edited, study, QStringLiteral("1"), {}).text().size() < 300);
    edited.title = "two\nlines\x01 & more";
    QVERIFY(origin_of(edited, study, QStringLiteral("1"), {}).text().startsWith(u"Study: two lines & more ·"));
}

void TestExport::awkward_studies_come_back_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("markup") << QStringLiteral("a <b> & \"c\" ]]> <!-- --> </metadata> </x:xmpmeta> &amp; %20");
    QTest::newRow("other scripts") << QStringLiteral("中文 µs ä 😀");
    QTest::newRow("controls") << QStringLiteral("\x01\x02 tab\t new\nline \x7f\u0085\u2028\ufffe");
    QTest::newRow("latin") << QStringLiteral("é");
    QTest::newRow("long") << QString(4000, u'x');
}

void TestExport::awkward_studies_come_back()
{
    QFETCH(QString, text);
    study.source = study.title = text.toStdString();
    options = options_for(study);
    const Library none({});
    for (const char *name : {"a.png", "a.svg", "a.pdf"}) {
        const QString file = exported(QString::fromLatin1(name));
        const std::optional<QString> found = study_in_file(file);
        QVERIFY2(found, name);
        QCOMPARE(*found, options.study);
        const Read<Study> read = read_study(found->toStdString(), "embedded", none);
        QVERIFY2(read && *read.value == study, name);
    }
    const Svg svg = read_svg(content(folder.path(QStringLiteral("a.svg"))));
    QCOMPARE(svg.error, QString());
}

void TestExport::foreign_files_hold_no_study_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto svg = [](const QByteArray &inside) -> QByteArray {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:e=\"urn:epscope:\">" + inside + "</svg>";
    };
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("text") << QByteArray("study: x\n");
    QTest::newRow("zeros") << QByteArray(100000, '\0');
    QTest::newRow("svg") << svg("<metadata>study: x</metadata>");
    QTest::newRow("other namespace") << QByteArray("<svg><metadata><study>x</study></metadata></svg>");
    QTest::newRow("empty study") << svg("<metadata><e:study> \n</e:study></metadata>");
    QTest::newRow("cut off") << svg("<metadata><e:study>study: x</e:st").left(90);
    QTest::newRow("too large") << svg("<metadata><e:study>" + QByteArray(2 << 20, 'x') + "</e:study></metadata>");
    QTest::newRow("deep") << svg("<metadata><e:study>" + QByteArray("<g>").repeated(100000)
        + QByteArray("</g>").repeated(100000) + "</e:study></metadata>");
    QTest::newRow("deep around it") << svg(QByteArray("<g>").repeated(100000) + "<e:study>");
    QByteArray attributes;
    for (int i = 0; i < 60000; ++i)
        attributes += " attribute" + QByteArray::number(i) + "=\"" + QByteArray(10, 'x') + '"';
    QTest::newRow("many attributes") << svg("<g" + attributes + "/>");
    QTest::newRow("many attributes of the study") << svg("<e:study" + attributes + "/>");
    QTest::newRow("many beginnings") << svg(QByteArray("<metadata><e:study>").repeated(50000));
    QByteArray declarations;
    for (int i = 0; i < 50000; ++i)
        declarations += "<n" + QByteArray::number(i) + ":study xmlns:n" + QByteArray::number(i) + "=\"urn:epscope:\">";
    QTest::newRow("many declarations") << svg(declarations);
    QTest::newRow("pdf, many beginnings")
        << "%PDF-1.4\n" + QByteArray("<x:xmpmeta><e:study xmlns:e=\"urn:epscope:\">").repeated(20000);
    QTest::newRow("pdf, many marks") << "%PDF-1.4\n" + QByteArray("urn:epscope:").repeated(1 << 20);
    QTest::newRow("html") << QByteArray("<html><e:study xmlns:e=\"urn:epscope:\">x</e:study></html>");
    QTest::newRow("entities")
        << "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
           "\"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]>"
            + svg("<metadata><e:study>" + QByteArray("&d;").repeated(1000) + "</e:study></metadata>");
    QTest::newRow("pdf") << QByteArray("%PDF-1.4\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"></x:xmpmeta>\n%%EOF");
    QTest::newRow("pdf, cut off") << QByteArray(
        "%PDF-1.4\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><e:study xmlns:e=\"urn:epscope:\">x</e:study>");
    QTest::newRow("png signature") << QByteArray("\x89PNG\r\n\x1a\n");
    QTest::newRow("png, huge chunk") << QByteArray("\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtepscope-study\0x", 30);
    const auto png = [](const QString &key, const QString &text) {
        QImage image(3, 3, QImage::Format_RGB32);
        image.fill(Qt::white);
        image.setText(key, text);
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        image.save(&buffer, "PNG");
        return bytes;
    };
    QTest::newRow("png, other text") << png(QStringLiteral("epscope-studies"), QStringLiteral("x"));
    QTest::newRow("png, too large") << png(QStringLiteral("epscope-study"), QString(2 << 20, u'x'));
    QTest::newRow("png, far too large") << png(QStringLiteral("epscope-study"), QString(60 << 20, u'x'));
}

void TestExport::foreign_files_hold_no_study()
{
    QFETCH(QByteArray, bytes);
    const QString file = folder.path(QStringLiteral("foreign.svg")); // by content, not by name
    write(file, bytes);
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(study_in_file(file), std::nullopt);
    QVERIFY(timer.elapsed() < 1000);
    QCOMPARE(study_in_file(folder.path()), std::nullopt);
    QCOMPARE(study_in_file(QStringLiteral("/dev/zero")), std::nullopt);
    QCOMPARE(study_in_file(folder.path(QStringLiteral("missing"))), std::nullopt);
}

void TestExport::what_is_wrong_with_an_embedded_study_is_said()
{
    const QString file = folder.path(QStringLiteral("odd.svg"));
    const auto reason = [&](const QByteArray &content) {
        write(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:e='urn:epscope:'><e:study id=\"a>b\">" + content
                + "</e:study></svg>");
        QString why;
        const std::optional<QString> inside = study_in_file(file, &why);
        return inside ? QString(u"study: "_qs + *inside) : why;
    };
    QCOMPARE(reason("text &amp; &#x41;<![CDATA[<b>]]><!-- none -->"), QStringLiteral("study: text & A<b>"));
    QCOMPARE(reason(" "), QString());
    const QString damaged = reason("study: &none;\n");
    QVERIFY2(damaged.startsWith(u"the study inside is damaged: "_qs), qPrintable(damaged));
    QVERIFY(damaged.size() > 40); // and how
    QCOMPARE(reason("a <b/>"), QStringLiteral("the study inside is not text alone: elements stand in it"));
    QCOMPARE(reason(QByteArray(2 << 20, 'x')), QStringLiteral("the study inside is larger than a study's file may be"));
    QCOMPARE(
        reason(QByteArray(20 << 20, 'x')), QStringLiteral("the study inside is larger than a study's file may be"));
    QFile large(file);
    QVERIFY(large.resize(qint64(100) << 20)); // sparse behind its beginning
    QString why;
    QCOMPARE(study_in_file(file, &why), std::nullopt);
    QCOMPARE(why, QStringLiteral("the file is larger than 64.00 MiB, no study is looked for in it"));
}

void TestExport::damaged_files_do_no_harm()
{
    options.size = QSize(300, 200);
    options.png_scale = 1;
    std::mt19937 random(1);
    const QString file = folder.path(QStringLiteral("damaged"));
    for (const char *name : {"a.png", "a.svg", "a.pdf"}) {
        const QByteArray whole = content(exported(QString::fromLatin1(name)));
        int kept = 0;
        for (int round = 0; round < 150; ++round) {
            QByteArray bytes = whole;
            if (round % 3 == 0)
                bytes.truncate(static_cast<qsizetype>(random() % static_cast<unsigned>(whole.size())));
            else
                bytes[static_cast<qsizetype>(random() % static_cast<unsigned>(whole.size()))] =
                    static_cast<char>(random());
            write(file, bytes);
            if (const std::optional<QString> found = study_in_file(file))
                kept += found->startsWith(u"# A study") ? 1 : 0;
        }
        QVERIFY2(kept > 0 && kept < 150, QByteArray::number(kept).constData());
    }
}

void TestExport::svg_keeps_to_its_clips()
{
    SvgCanvas canvas(QSize(100, 100), 96);
    QPainter painter(&canvas);
    painter.fillRect(QRect(0, 0, 100, 100), Qt::white);
    painter.save();
    painter.translate(10, 20);
    painter.setClipRect(QRect(0, 0, 30, 30));
    painter.fillRect(QRect(0, 0, 90, 90), Qt::red);
    painter.save();
    painter.setClipRect(QRectF(20, 20, 50, 50), Qt::IntersectClip);
    painter.fillRect(QRect(0, 0, 90, 90), Qt::green);
    painter.restore();
    painter.fillRect(QRect(0, 0, 90, 90), Qt::blue);
    painter.setClipping(false);
    painter.fillRect(QRect(0, 0, 5, 5), Qt::cyan);
    painter.restore();
    painter.fillRect(QRect(1, 2, 3, 4), Qt::black);
    painter.end();
    QStringList seen;
    QHash<QString, QString> clips;
    QString clip;
    QXmlStreamReader xml(canvas.document({}, {}, {}));
    while (!xml.atEnd()) {
        const auto token = xml.readNext();
        if (token == QXmlStreamReader::EndElement && xml.name() == u"g")
            clip.clear();
        if (token != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == u"clipPath") {
            const QString id = xml.attributes().value(QLatin1String("id")).toString();
            xml.readNextStartElement();
            clips.insert(QStringLiteral("url(#%1)").arg(id), xml.attributes().value(QLatin1String("d")).toString());
        } else if (xml.name() == u"g") {
            clip = clips.value(xml.attributes().value(QLatin1String("clip-path")).toString());
        } else if (xml.name() == u"path") {
            seen << xml.attributes().value(QLatin1String("fill")).toString() + u' ' + clip;
        }
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    const QString wide = QStringLiteral("M10 20L40 20L40 50L10 50Z");
    QCOMPARE(seen.size(), 6);
    QCOMPARE(seen[0], QStringLiteral("#ffffff "));
    QCOMPARE(seen[1], QStringLiteral("#ff0000 ") + wide);
    QVERIFY2(seen[2].startsWith(u"#00ff00 M"), qPrintable(seen[2]));
    for (const char *corner : {"30 40", "40 40", "40 50", "30 50"})
        QVERIFY2(seen[2].contains(QLatin1String(corner)), qPrintable(seen[2]));
    QCOMPARE(seen[3], QStringLiteral("#0000ff ") + wide);
    QCOMPARE(seen[4], QStringLiteral("#00ffff "));
    QCOMPARE(seen[5], QStringLiteral("#000000 "));
}

void TestExport::svg_of_pens_and_brushes()
{
    SvgCanvas canvas(QSize(100, 100), 96);
    QPainter painter(&canvas);
    painter.setPen(QPen(QColor(1, 2, 3, 51), 2, Qt::DotLine, Qt::FlatCap, Qt::RoundJoin));
    painter.drawLine(QPointF(1, 1), QPointF(9.25, 5));
    painter.setPen(QPen(Qt::blue, 3, Qt::SolidLine, Qt::FlatCap));
    const std::array points{QPoint(1, 2), QPoint(3, 4)};
    painter.drawPoints(points.data(), 2);
    const std::array lines{QLine(1, 2, 3, 4), QLine(5, 6, 7, 8)};
    painter.drawLines(lines.data(), 2);
    painter.setPen(Qt::NoPen);
    painter.setOpacity(0.5);
    painter.setBrush(Qt::yellow);
    painter.drawEllipse(QRectF(10, 10, 20, 20));
    painter.setOpacity(1);
    painter.setBrush(Qt::magenta);
    painter.drawRect(QRectF(50, 50, 10, 10));
    painter.setPen(Qt::black);
    QFont font(painter.font());
    font.setPixelSize(10);
    font.setBold(true);
    painter.setFont(font);
    painter.translate(50, 50);
    painter.rotate(-90);
    painter.drawText(QPointF(1, 2), QStringLiteral("<up>\x01"));
    QPixmap pixmap(2, 2);
    pixmap.fill(Qt::red);
    painter.drawPixmap(QPointF(0, 0), pixmap);
    painter.end();
    const QByteArray svg = canvas.document({}, {}, {});
    QCOMPARE(read_svg(svg).error, QString());
    for (const char *part : {"d=\"M1 1L9.25 5\" fill=\"none\" stroke=\"#010203\" stroke-opacity=\"0.2\" "
                             "stroke-width=\"2\" stroke-linecap=\"butt\" "
                             "stroke-linejoin=\"round\" stroke-dasharray=\"2,4\"/>",
             "<path d=\"M1 2L1 2M3 4L3 4\" fill=\"none\" stroke=\"#0000ff\" stroke-width=\"3\" "
             "stroke-linecap=\"square\"",
             "<g fill=\"none\" stroke=\"#0000ff\" stroke-width=\"3\" stroke-linecap=\"butt\"",
             "><path d=\"M1 2L3 4\"/><path d=\"M5 6L7 8\"/></g>", "fill=\"#ffff00\" fill-opacity=\"0.5\"",
             "fill=\"#ff00ff\"", "transform=\"matrix(0 -1 1 0 50 50)\"", "font-weight=\"700\"", "&lt;up",
             "xlink:href=\"data:image/png;base64,"})
        QVERIFY2(svg.contains(part), QByteArray(QByteArray(part) + " in\n" + svg).constData());
}

// Also where its signs come from several fonts and scripts.
void TestExport::a_text_is_one_element()
{
    const QStringList drawn{QStringLiteral("▲ +12 %"), QStringLiteral("goal ≥ 40 − 2 → µ"),
        QStringLiteral("EP 40 中文 ×2"), QStringLiteral("≥"), QStringLiteral("a"), QStringLiteral("b ▼")};
    SvgCanvas canvas(QSize(900, 900), 96);
    QPainter painter(&canvas);
    QFont font = painter.font();
    QStringList expected;
    for (const double turn : {0.0, -90.0, 30.0}) {
        for (const bool bold : {false, true}) {
            font.setBold(bold);
            painter.setFont(font);
            painter.save();
            painter.translate(450, 450);
            painter.rotate(turn);
            double y = bold ? 200 : 0;
            for (const QString &text : drawn) {
                painter.drawText(QPointF(10, y += 30), text);
                painter.drawText(QRectF(10, y, 300, 30), Qt::AlignRight | Qt::AlignVCenter, text);
                expected << text << text;
            }
            painter.restore();
        }
    }
    painter.setPen(Qt::red);
    painter.drawText(QPointF(5, 5), QStringLiteral("red"));
    painter.setPen(Qt::blue); // goes on where that ends, but is another
    painter.drawText(QPointF(5 + QFontMetricsF(font).horizontalAdvance(u"red"_qs), 5), QStringLiteral("blue"));
    painter.drawText(QPointF(5, 50), QStringLiteral("behind"));
    painter.fillRect(QRectF(0, 30, 50, 50), Qt::green);
    painter.end();
    const QByteArray bytes = canvas.document({}, {}, {});
    const Svg svg = read_svg(bytes);
    QCOMPARE(svg.error, QString());
    QStringList texts;
    for (const Text &text : svg.texts)
        texts << text.text;
    QCOMPARE(texts, expected + QStringList({u"red"_qs, u"blue"_qs, u"behind"_qs}));
    QVERIFY(bytes.indexOf("behind") < bytes.indexOf("#00ff00"));
    // As wide as on the screen.
    font.setBold(false);
    QVERIFY(std::abs(svg.texts[0].box.width() - QFontMetricsF(font).horizontalAdvance(drawn[0])) <= 1);
}

void TestExport::charts_split_no_text_data()
{
    QTest::addColumn<QByteArray>("id");
    for (const std::string_view id : all_chart_ids())
        QTest::newRow(id.data()) << QByteArray(id.data());
}

void TestExport::charts_split_no_text()
{
    QFETCH(QByteArray, id);
    const std::shared_ptr<const Explored> &explored = explored_study();
    const std::unique_ptr<ChartView> one = make_chart(id.toStdString());
    one->set_explored(explored);
    one->set_options(goal_values({"chip.memory_bandwidth", "throughput>=4500"}));
    QVERIFY(one->complete());
    options.size = QSize(1200, 800);
    const QString file = folder.path(QStringLiteral("one.svg"));
    QCOMPARE(export_chart(*one, file, options), QString());
    const Svg svg = read_svg(content(file));
    QVERIFY(svg.texts.size() > 5);
    for (qsizetype i = 1; i < svg.texts.size(); ++i) {
        const Text &before = svg.texts[i - 1], &text = svg.texts[i];
        const bool goes_on = before.transform == text.transform && before.color == text.color
            && std::abs(before.box.bottom() - text.box.bottom()) < 0.1
            && std::abs(before.box.right() - text.box.left()) < 0.1;
        QVERIFY2(!goes_on, qPrintable(before.text + u" | "_qs + text.text));
    }
}

EPSCOPE_SUITE(export, TestExport)
#include "tst_export.moc"
