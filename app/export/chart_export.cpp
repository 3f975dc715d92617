// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/chart_export.h"

#include <algorithm>
#include <limits>

#include <QBuffer>
#include <QClipboard>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImageWriter>
#include <QMimeData>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QTextLayout>

#include "app/export/chart_workbook.h"
#include "app/export/svg_canvas.h"
#include "app/files/embedded_study.h"
#include "app/files/save_file.h"
#include "app/look/text_scale.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct ChartExportTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ChartExport)
};

constexpr int largest_side = 32767; // pixels that QPainter can address
constexpr double inches_per_meter = 0.0254;

// On one line, of a readable length.
QString cut(QString text)
{
    constexpr qsizetype longest = 80;
    text.removeIf([](QChar c) { return !c.isPrint() && !c.isSpace(); });
    text = text.simplified();
    return text.size() <= longest ? text : text.left(longest - 1).trimmed() + u'…';
}

QString program(const Origin &origin)
{
    return QStringLiteral("EPScope ") + origin.version;
}

QString picture_title(const QString &title, const Origin &origin)
{
    return origin.study.isEmpty() ? title : title + QStringLiteral(" – ") + cut(origin.study);
}

QStringList lines_of(const QString &text, const QFont &font, double width, QPaintDevice *device, int most)
{
    QStringList lines;
    QTextLayout layout(text, font, device);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid() && lines.size() < most; line = layout.createLine()) {
        line.setLineWidth(width);
        const QString rest = text.mid(line.textStart());
        const bool last = lines.size() + 1 == most;
        lines << (last ? QFontMetricsF(font, device).elidedText(rest, Qt::ElideRight, width)
                       : rest.left(line.textLength()).trimmed());
    }
    layout.endLayout();
    return lines;
}

// A block of text in one font.
struct Block {
    QStringList lines;
    QFont font;
    QColor color;
    double line_height, ascent;

    Block(const QString &text, const QFont &text_font, const QColor &text_color, double width, QPaintDevice *device,
        int most)
        : lines(text.isEmpty() ? QStringList() : lines_of(text, text_font, width, device, most))
        , font(text_font)
        , color(text_color)
    {
        const QFontMetricsF metrics(font, device);
        line_height = metrics.lineSpacing();
        ascent = metrics.ascent();
    }

    double height() const { return line_height * static_cast<double>(lines.size()); }

    void draw(QPainter &painter, double left, double top) const
    {
        painter.setFont(font);
        painter.setPen(color);
        for (const QString &line : lines) {
            painter.drawText(QPointF(left, top + ascent), line);
            top += line_height;
        }
    }
};

// The font, made smaller for a small picture and larger for a large one: so many lines and characters at most and at
// least.
QFont fitting_font(QFont font, int dpi, const QSize &size)
{
    const double largest = std::min(size.height() / 26.0, size.width() / 45.0),
                 smallest = std::min(size.height() / 90.0, size.width() / 160.0);
    const double pixels = font.pixelSize() > 0 ? font.pixelSize() : font.pointSizeF() * dpi / points_per_inch;
    font.setPointSizeF(std::clamp(pixels, smallest, largest) * points_per_inch / dpi);
    return font;
}

void paint(const Drawing &drawing, QPaintDevice &device, const ExportOptions &options)
{
    const Theme &theme = *options.theme;
    const QFont base = fitting_font(drawing.font, drawing.dpi, options.size);
    QFont bold = scaled(base, 1.3);
    bold.setBold(true);
    const double margin = std::round(QFontMetricsF(base, &device).height() * 0.75);
    const double width = options.size.width() - 2 * margin;
    const Block title(drawing.title, bold, theme.text, width, &device, 2);
    const Block headline(options.headline, base, theme.text, width, &device, 2);
    const Block footer(options.origin.text(), scaled(base, 0.8), theme.muted, width, &device, 6);
    const double below_title = margin + title.height() + margin * 0.25;
    const double top = below_title + headline.height() + margin / 2;
    const double bottom = options.size.height() - margin - footer.height();
    const QRectF area(
        QPointF(margin / 2, top), QPointF(options.size.width() - margin / 2, std::max(top, bottom - margin / 2)));
    drawing.paint(device, area.toAlignedRect(), theme, base, [&](QPainter &painter) {
        painter.fillRect(QRect(QPoint(0, 0), options.size), theme.surface);
        title.draw(painter, margin, margin);
        headline.draw(painter, margin, below_title);
        footer.draw(painter, margin, bottom);
    });
}

// Null if there is not enough memory.
QImage image_of(const Drawing &drawing, const ExportOptions &options)
{
    const int scale = std::clamp(options.png_scale, 1, 4);
    QImage image(options.size * scale, QImage::Format_RGB32);
    if (image.isNull())
        return image;
    const int per_meter = qRound(drawing.dpi / inches_per_meter);
    image.setDotsPerMeterX(per_meter);
    image.setDotsPerMeterY(per_meter);
    image.setDevicePixelRatio(scale);
    paint(drawing, image, options);
    // As large on paper at every scale.
    image.setDotsPerMeterX(per_meter * scale);
    image.setDotsPerMeterY(per_meter * scale);
    return image;
}

QByteArray png_of(QImage &image, const QString &title, const ExportOptions &options)
{
    image.setText(QStringLiteral("Title"), picture_title(title, options.origin));
    image.setText(QStringLiteral("Software"), program(options.origin));
    image.setText(QStringLiteral("Description"), options.origin.text());
    if (!options.study.isEmpty())
        image.setText(QString::fromLatin1(png_study_key), options.study);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    return QImageWriter(&buffer, "png").write(image) ? bytes : QByteArray();
}

QByteArray svg_of(const Drawing &drawing, const ExportOptions &options)
{
    SvgCanvas canvas(options.size, drawing.dpi);
    paint(drawing, canvas, options);
    return canvas.document(picture_title(drawing.title, options.origin), options.origin.text(),
        options.study.isEmpty() ? QByteArray() : svg_metadata(options.study));
}

QByteArray pdf_of(const Drawing &drawing, const ExportOptions &options)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    const QString title = picture_title(drawing.title, options.origin);
    writer.setTitle(title);
    writer.setCreator(program(options.origin));
    writer.setResolution(drawing.dpi);
    writer.setPageSize(
        QPageSize(QSizeF(options.size) * (points_per_inch / drawing.dpi), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins(QMarginsF());
    writer.setDocumentXmpMetadata(xmp_metadata(title, program(options.origin), options.study));
    paint(drawing, writer, options);
    return bytes;
}

QString cannot_write(const QString &file, const QString &why)
{
    return ChartExportTexts::tr("%1 cannot be written: %2").arg(QDir::toNativeSeparators(file), why);
}

bool is_picture(const QString &suffix)
{
    return suffix == u"png" || suffix == u"svg" || suffix == u"pdf";
}

QString suffix_of(const QString &file)
{
    return QFileInfo(file).suffix().toLower();
}

} // namespace

QString Origin::text() const
{
    constexpr qsizetype most_chips = 8;
    QStringList parts;
    if (!study.isEmpty())
        parts << ChartExportTexts::tr("Study: %1").arg(cut(study));
    if (!chips.isEmpty()) {
        QString names = chips.mid(0, most_chips).join(QStringLiteral(", "));
        if (chips.size() > most_chips)
            names =
                ChartExportTexts::tr("%1 and %n more", nullptr, static_cast<int>(chips.size() - most_chips)).arg(names);
        parts << (chips.size() == 1 ? ChartExportTexts::tr("Chip: %1") : ChartExportTexts::tr("Chips: %1")).arg(names);
    }
    if (!profile.isEmpty())
        parts << ChartExportTexts::tr("Profile: %1").arg(cut(profile))
                + (quirks.isEmpty() ? QString() : QStringLiteral(", ") + quirks);
    parts << program(*this);
    if (date.isValid())
        parts << date.toString(Qt::ISODate);
    return parts.join(QStringLiteral(" · "));
}

Origin origin_of(const Study &study, const Study &opened, const QString &version, const QDate &date)
{
    Origin origin{to_text(study.title), to_text(study.name), {}, to_text(study.profile.title), {}, version, date};
    for (const Chip &chip : study.chips) {
        const Chip *before = find_in(opened.chips, chip.name, &Chip::name);
        origin.chips << to_text(chip.name) + (before && *before != chip ? u"*"_qs : QString());
    }
    QStringList on;
    for (const Field<Quirks> &quirk : fields<Quirks>()) {
        if (field_text(study.profile.quirks, quirk) == "true")
            on << to_text(quirk.info.label).toLower();
    }
    origin.quirks = on.isEmpty() ? ChartExportTexts::tr("no quirks")
        : on.size() == static_cast<qsizetype>(fields<Quirks>().size())
        ? ChartExportTexts::tr("all quirks on")
        : ChartExportTexts::tr("quirks on: %1").arg(on.join(QStringLiteral(", ")));
    return origin;
}

QStringList picture_filters()
{
    return {ChartExportTexts::tr("PNG picture (*.png)"), ChartExportTexts::tr("SVG drawing (*.svg)"),
        ChartExportTexts::tr("PDF document (*.pdf)")};
}

QStringList table_filters()
{
    return {ChartExportTexts::tr("Table as CSV (*.csv)"), ChartExportTexts::tr("Workbook with a chart (*.xlsx)")};
}

bool is_table_file(const QString &file)
{
    const QString suffix = suffix_of(file);
    return suffix == u"csv" || suffix == u"xlsx";
}

QString export_name(const Origin &origin, const QString &id, const QString &suffix)
{
    static const QRegularExpression unfit(QStringLiteral("[^\\p{L}\\p{N}._-]+"));
    QString name = origin.study_name + u'-' + id;
    name.replace(unfit, QStringLiteral("-"));
    while (name.startsWith(u'.') || name.startsWith(u'-'))
        name.remove(0, 1);
    return name + u'.' + suffix;
}

Drawing drawing_of(const ChartView &chart)
{
    return {chart.title(), chart.font(), chart.logicalDpiX(),
        [&chart](QPaintDevice &device, const QRect &area, const Theme &theme, const QFont &font,
            const std::function<void(QPainter &)> &frame) { chart.paint(device, area, theme, frame, font); }};
}

Exportable exportable(const ChartView &chart)
{
    return {chart.id(), [&chart] { return chart.table(); }, drawing_of(chart)};
}

QString why_no_image(const ExportOptions &options)
{
    const QSize size = options.size * std::clamp(options.png_scale, 1, 4);
    constexpr qint64 most_bytes = std::numeric_limits<int>::max(), bytes_per_pixel = 4; // that QImage can address
    if (std::max(size.width(), size.height()) <= largest_side
        && bytes_per_pixel * size.width() * size.height() <= most_bytes)
        return {};
    return ChartExportTexts::tr("a picture of %1 × %2 pixels is too large").arg(size.width()).arg(size.height());
}

QByteArray picture_bytes(const Drawing &drawing, const QString &suffix, const ExportOptions &options, QString &problem)
{
    if (suffix == u"svg")
        return svg_of(drawing, options);
    if (suffix == u"pdf")
        return pdf_of(drawing, options);
    QImage image;
    if (problem = why_no_image(options); problem.isEmpty())
        image = image_of(drawing, options);
    const QByteArray bytes = image.isNull() ? QByteArray() : png_of(image, drawing.title, options);
    if (bytes.isEmpty() && problem.isEmpty())
        problem = ChartExportTexts::tr("there is not enough memory for it");
    return bytes;
}

QString export_picture(const Drawing &drawing, const QString &file, const ExportOptions &options)
{
    const QString suffix = suffix_of(file);
    if (!is_picture(suffix))
        return cannot_write(file, ChartExportTexts::tr("its name must end in .png, .svg, .pdf, .csv or .xlsx"));
    QString problem;
    const QByteArray bytes = picture_bytes(drawing, suffix, options, problem);
    return bytes.isEmpty() ? cannot_write(file, problem) : save_file(file, bytes);
}

QString export_file(const Exportable &what, const QString &file, const ExportOptions &options)
{
    return is_table_file(file) ? export_table({what.id, what.table()}, file, options)
                               : export_picture(what.drawing, file, options);
}

QString export_chart(const ChartView &chart, const QString &file, const ExportOptions &options)
{
    return export_file(exportable(chart), file, options);
}

QString export_table(const NamedTable &table, const QString &file, const ExportOptions &options)
{
    if (suffix_of(file) != u"xlsx")
        return save_file(file, table.table.csv().toUtf8());
    Workbook workbook = workbook_of(table);
    const Origin &origin = options.origin;
    const auto add = [&](const QString &what, const QString &text) {
        workbook.about.emplace_back(what.toStdString(), text.toStdString());
    };
    add(ChartExportTexts::tr("Study"), origin.study);
    add(ChartExportTexts::tr("Result"), options.headline);
    add(ChartExportTexts::tr("Chips"), origin.chips.join(QStringLiteral(", ")));
    add(ChartExportTexts::tr("Profile"), origin.profile + QStringLiteral(", ") + origin.quirks);
    add(ChartExportTexts::tr("Program"), program(origin));
    add(ChartExportTexts::tr("Date"), origin.date.toString(Qt::ISODate));
    workbook.date = options.origin.date;
    QString problem;
    const QByteArray bytes = workbook_bytes(workbook, problem);
    return bytes.isEmpty() ? cannot_write(file, problem) : save_file(file, bytes);
}

QString export_image(QImage image, const QString &title, const QString &file, const ExportOptions &options)
{
    if (suffix_of(file) != u"png")
        return cannot_write(file, ChartExportTexts::tr("its name must end in .png"));
    const QByteArray bytes = image.isNull() ? QByteArray() : png_of(image, title, options);
    return bytes.isEmpty() ? cannot_write(file, ChartExportTexts::tr("there is not enough memory for it"))
                           : save_file(file, bytes);
}

void copy_chart(const ChartView &chart, const ExportOptions &options)
{
    auto *data = new QMimeData;
    const Drawing drawing = drawing_of(chart);
    data->setData(QStringLiteral("image/svg+xml"), svg_of(drawing, options));
    data->setImageData(image_of(drawing, options));
    QGuiApplication::clipboard()->setMimeData(data);
}

void paint_alone(const ChartView &chart, QPaintDevice &device, const QSize &size)
{
    chart.paint(
        device, QRect(QPoint(0, 0), size), Theme::light(), {}, fitting_font(chart.font(), chart.logicalDpiX(), size));
}

QStringList export_all(const std::vector<Exportable> &all, const QString &folder, const QStringList &suffixes,
    const ExportOptions &options)
{
    if (!QDir().mkpath(folder))
        return {ChartExportTexts::tr("The folder %1 cannot be made").arg(QDir::toNativeSeparators(folder))};
    QStringList problems;
    for (const Exportable &each : all) {
        const NamedTable table{each.id, each.table()};
        for (const QString &suffix : suffixes) {
            const QString file = QDir(folder).filePath(export_name(options.origin, each.id, suffix));
            if (!is_picture(suffix))
                problems << export_table(table, file, options);
            else if (each.drawing.paint)
                problems << export_picture(each.drawing, file, options);
        }
    }
    problems.removeAll(QString());
    return problems;
}

} // namespace epscope
