// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/chart_export.h"

#include <algorithm>

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
#include "app/export/embedded_study.h"
#include "app/export/save_file.h"
#include "app/export/svg_canvas.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ChartExport)
};

constexpr int largest_side = 32767; // pixels that QPainter can address
constexpr double inches_per_meter = 0.0254;
constexpr double points_per_inch = 72;

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
        lines << (last ? QFontMetricsF(font, device).elidedText(rest, Qt::ElideRight, width) : rest.left(line.textLength()).trimmed());
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

    Block(const QString &text, const QFont &text_font, const QColor &text_color, double width, QPaintDevice *device, int most)
        : lines(text.isEmpty() ? QStringList() : lines_of(text, text_font, width, device, most)), font(text_font), color(text_color)
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

// The chart's font, made smaller for a small picture and larger for a large one: so many lines and characters at most and at least.
QFont fitting_font(const Chart &chart, const QSize &size)
{
    const double dpi = chart.logicalDpiX();
    const double largest = std::min(size.height() / 26.0, size.width() / 45.0), smallest = std::min(size.height() / 90.0, size.width() / 160.0);
    QFont font = chart.font();
    const double pixels = font.pixelSize() > 0 ? font.pixelSize() : font.pointSizeF() * dpi / points_per_inch;
    font.setPointSizeF(std::clamp(pixels, smallest, largest) * points_per_inch / dpi);
    return font;
}

QFont scaled(QFont font, double factor)
{
    font.setPointSizeF(font.pointSizeF() * factor);
    return font;
}

// To be set again afterwards; an empty one is that of the chart's parent.
QFont own_font(const Chart &chart)
{
    return chart.testAttribute(Qt::WA_SetFont) ? chart.font() : QFont();
}

void paint(Chart &chart, QPaintDevice &device, const ExportOptions &options)
{
    const Theme &theme = *options.theme;
    const QFont on_screen = own_font(chart);
    const QFont base = fitting_font(chart, options.size);
    QFont bold = scaled(base, 1.3);
    bold.setBold(true);
    const double margin = std::round(QFontMetricsF(base, &device).height() * 0.75);
    const double width = options.size.width() - 2 * margin;
    const Block title(chart.title(), bold, theme.text, width, &device, 2);
    const Block headline(options.headline, base, theme.text, width, &device, 2);
    const Block footer(options.origin.text(), scaled(base, 0.8), theme.muted, width, &device, 6);
    const double below_title = margin + title.height() + margin * 0.25;
    const double top = below_title + headline.height() + margin / 2;
    const double bottom = options.size.height() - margin - footer.height();
    const QRectF area(QPointF(margin / 2, top), QPointF(options.size.width() - margin / 2, std::max(top, bottom - margin / 2)));
    chart.setFont(base);
    chart.paint(device, area.toAlignedRect(), theme, [&](QPainter &painter) {
        painter.fillRect(QRect(QPoint(0, 0), options.size), theme.surface);
        title.draw(painter, margin, margin);
        headline.draw(painter, margin, below_title);
        footer.draw(painter, margin, bottom);
    });
    chart.setFont(on_screen);
}

// Null if there is not enough memory.
QImage image_of(Chart &chart, const ExportOptions &options)
{
    const int scale = std::clamp(options.png_scale, 1, 4);
    QImage image(options.size * scale, QImage::Format_RGB32);
    if (image.isNull())
        return image;
    const int per_meter = qRound(chart.logicalDpiX() / inches_per_meter);
    image.setDotsPerMeterX(per_meter);
    image.setDotsPerMeterY(per_meter);
    image.setDevicePixelRatio(scale);
    paint(chart, image, options);
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

QByteArray svg_of(Chart &chart, const ExportOptions &options)
{
    SvgCanvas canvas(options.size, chart.logicalDpiX());
    paint(chart, canvas, options);
    return canvas.document(picture_title(chart.title(), options.origin), options.origin.text(),
                           options.study.isEmpty() ? QByteArray() : svg_metadata(options.study));
}

QByteArray pdf_of(Chart &chart, const ExportOptions &options)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    const QString title = picture_title(chart.title(), options.origin);
    writer.setTitle(title);
    writer.setCreator(program(options.origin));
    writer.setResolution(chart.logicalDpiX());
    writer.setPageSize(QPageSize(QSizeF(options.size) * (points_per_inch / chart.logicalDpiX()), QPageSize::Point, {}, QPageSize::ExactMatch));
    writer.setPageMargins(QMarginsF());
    writer.setDocumentXmpMetadata(xmp_metadata(title, program(options.origin), options.study));
    paint(chart, writer, options);
    return bytes;
}

QString no_format(const QString &file)
{
    return Texts::tr("%1 cannot be written: its name must end in .png, .svg, .pdf, .csv or .xlsx").arg(QDir::toNativeSeparators(file));
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
        parts << Texts::tr("Study: %1").arg(cut(study));
    if (!chips.isEmpty()) {
        QString names = chips.mid(0, most_chips).join(QStringLiteral(", "));
        if (chips.size() > most_chips)
            names = Texts::tr("%1 and %n more", nullptr, static_cast<int>(chips.size() - most_chips)).arg(names);
        parts << (chips.size() == 1 ? Texts::tr("Chip: %1") : Texts::tr("Chips: %1")).arg(names);
    }
    if (!profile.isEmpty())
        parts << Texts::tr("Profile: %1").arg(cut(profile)) + (quirks.isEmpty() ? QString() : QStringLiteral(", ") + quirks);
    parts << program(*this);
    if (date.isValid())
        parts << date.toString(Qt::ISODate);
    return parts.join(QStringLiteral(" · "));
}

Origin origin_of(const Study &study, const Study &opened, const QString &version, const QDate &date)
{
    Origin origin{QString::fromStdString(study.title), QString::fromStdString(study.name), {}, QString::fromStdString(study.profile.title), {},
                          version, date};
    for (const Chip &chip : study.chips) {
        const auto before = std::find_if(opened.chips.begin(), opened.chips.end(), [&](const Chip &one) { return one.name == chip.name; });
        const bool changed = before != opened.chips.end() && *before != chip;
        origin.chips << QString::fromStdString(chip.name) + (changed ? QStringLiteral("*") : QString());
    }
    QStringList on;
    for (const Field<Quirks> &quirk : fields<Quirks>()) {
        if (field_text(study.profile.quirks, quirk) == "true")
            on << QString::fromUtf8(quirk.info.label.data(), static_cast<qsizetype>(quirk.info.label.size())).toLower();
    }
    origin.quirks = on.isEmpty()                                        ? Texts::tr("no quirks")
        : on.size() == static_cast<qsizetype>(fields<Quirks>().size()) ? Texts::tr("all quirks on")
                                                                       : Texts::tr("quirks on: %1").arg(on.join(QStringLiteral(", ")));
    return origin;
}

QStringList picture_filters()
{
    return {Texts::tr("PNG picture (*.png)"), Texts::tr("SVG drawing (*.svg)"), Texts::tr("PDF document (*.pdf)")};
}

QStringList table_filters()
{
    return {Texts::tr("Table as CSV (*.csv)"), Texts::tr("Workbook with a chart (*.xlsx)")};
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

QString export_chart(Chart &chart, const QString &file, const ExportOptions &options)
{
    const QString suffix = suffix_of(file);
    if (suffix == u"csv" || suffix == u"xlsx")
        return export_table({chart.id(), chart.table()}, file, options);
    if (suffix == u"svg")
        return save_file(file, svg_of(chart, options));
    if (suffix == u"pdf")
        return save_file(file, pdf_of(chart, options));
    if (suffix != u"png")
        return no_format(file);
    const int scale = std::clamp(options.png_scale, 1, 4);
    QImage image;
    if (std::max(options.size.width(), options.size.height()) * scale <= largest_side)
        image = image_of(chart, options);
    if (image.isNull())
        return Texts::tr("%1 cannot be written: a picture of %2 × %3 pixels is too large")
            .arg(QDir::toNativeSeparators(file))
            .arg(options.size.width() * scale)
            .arg(options.size.height() * scale);
    return save_file(file, png_of(image, chart.title(), options));
}

QString export_table(const NamedTable &table, const QString &file, const ExportOptions &options)
{
    if (suffix_of(file) != u"xlsx")
        return save_file(file, table.table.csv().toUtf8());
    Workbook workbook = workbook_of(table);
    const Origin &origin = options.origin;
    const auto add = [&](const QString &what, const QString &text) { workbook.about.emplace_back(what.toStdString(), text.toStdString()); };
    add(Texts::tr("Study"), origin.study);
    add(Texts::tr("Result"), options.headline);
    add(Texts::tr("Chips"), origin.chips.join(QStringLiteral(", ")));
    add(Texts::tr("Profile"), origin.profile + QStringLiteral(", ") + origin.quirks);
    add(Texts::tr("Program"), program(origin));
    add(Texts::tr("Date"), origin.date.toString(Qt::ISODate));
    workbook.date = options.origin.date;
    QString problem;
    const QByteArray bytes = workbook_bytes(workbook, problem);
    return bytes.isEmpty() ? Texts::tr("%1 cannot be written: %2").arg(QDir::toNativeSeparators(file), problem) : save_file(file, bytes);
}

QString export_image(QImage image, const QString &title, const QString &file, const ExportOptions &options)
{
    if (suffix_of(file) != u"png")
        return Texts::tr("%1 cannot be written: its name must end in .png").arg(QDir::toNativeSeparators(file));
    return save_file(file, png_of(image, title, options));
}

void copy_chart(Chart &chart, const ExportOptions &options)
{
    auto *data = new QMimeData;
    data->setData(QStringLiteral("image/svg+xml"), svg_of(chart, options));
    data->setImageData(image_of(chart, options));
    QGuiApplication::clipboard()->setMimeData(data);
}

void paint_alone(Chart &chart, QPaintDevice &device, const QSize &size)
{
    const QFont on_screen = own_font(chart);
    chart.setFont(fitting_font(chart, size));
    chart.paint(device, QRect(QPoint(0, 0), size), Theme::light());
    chart.setFont(on_screen);
}

QStringList export_all(const std::vector<Chart *> &charts, const std::vector<NamedTable> &tables, const QString &folder,
                       const QStringList &suffixes, const ExportOptions &options)
{
    if (!QDir().mkpath(folder))
        return {Texts::tr("The folder %1 cannot be made").arg(QDir::toNativeSeparators(folder))};
    QStringList problems;
    const auto path = [&](const QString &id, const QString &suffix) { return QDir(folder).filePath(export_name(options.origin, id, suffix)); };
    for (Chart *chart : charts) {
        for (const QString &suffix : suffixes)
            problems << export_chart(*chart, path(chart->id(), suffix), options);
    }
    for (const NamedTable &table : tables)
        problems << export_table(table, path(table.id, QStringLiteral("csv")), options);
    problems.removeAll(QString());
    return problems;
}

} // namespace epscope
