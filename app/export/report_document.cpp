// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/report_document.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QBuffer>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QPainter>
#include <QPdfWriter>
#include <QPicture>

#include "app/charts/chart_view.h"
#include "app/export/chart_export.h"
#include "app/export/svg_canvas.h"
#include "app/files/embedded_study.h"
#include "app/files/save_file.h"

namespace epscope {
namespace {

struct ReportDocumentTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ReportDocument)
};

constexpr int chart_width = 900;

QString escaped(const QString &text)
{
    return xml_text(text).toHtmlEscaped();
}

QString element(const QString &name, const QString &content, const QString &kind = {})
{
    return u'<' + name + (kind.isEmpty() ? QString() : u" class=\""_qs + kind + u'"') + u'>' + content + u"</"_qs + name
        + u">\n"_qs;
}

QString style_sheet()
{
    const Theme &theme = Theme::light();
    return QStringLiteral("body { font: 15px/1.5 system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif; color: "
                          "%1; background: %2; margin: 2.5em auto; max-width: 60em; padding: 0 1.5em; }\n"
                          "h1 { font-size: 1.9em; line-height: 1.2; margin: 0; } h2 { font-size: 1.25em; margin: 2.2em "
                          "0 0.6em; border-bottom: 1px solid %3; padding-bottom: 0.2em; }\n"
                          ".lead { font-size: 1.25em; line-height: 1.4; margin: 1em 0; } .muted { color: %4; }\n"
                          ".command { font: 0.9em/1.4 ui-monospace, 'DejaVu Sans Mono', monospace; background: %5; "
                          "padding: 0.7em 1em; white-space: pre-wrap; overflow-wrap: anywhere; }\n"
                          ".scroll { overflow-x: auto; margin: 0.8em 0 1.2em; } table { border-collapse: collapse; "
                          "font-size: 0.9em; font-variant-numeric: tabular-nums; }\n"
                          "th, td { padding: 0.3em 0.9em 0.3em 0; text-align: right; vertical-align: top; "
                          "border-bottom: 1px solid %3; } th { font-weight: 600; vertical-align: bottom; }\n"
                          "td.left, th.left { text-align: left; } td + td, th + th { padding-left: 0.5em; } td.across "
                          "{ text-align: left; font-weight: 600; padding-top: 1em; }\n"
                          ".change { display: inline-block; min-width: 5.5em; font-size: 0.88em; white-space: nowrap; "
                          "padding-left: 0.5em; color: %4; } .better { color: %6; } .worse { color: %7; }\n"
                          "figure { margin: 1.2em 0 2em; break-inside: avoid; } figcaption { font-weight: 600; "
                          "margin-bottom: 0.3em; } svg { width: 100%; height: auto; }\n"
                          "details { margin: 1em 0; } summary { cursor: pointer; } tr { break-inside: avoid; } h2 { "
                          "break-after: avoid; }\n")
        .arg(theme.text.name(), theme.surface.name(), theme.grid.name(), theme.muted.name(), theme.window.name(),
            theme.change(true).name(), theme.change(false).name());
}

QString html_of(const ReportHeading &heading, int)
{
    return element(u"h2"_qs, escaped(heading.text));
}

QString html_of(const ReportText &text, int)
{
    switch (text.kind) {
    case ReportText::Kind::lead:
        return element(u"p"_qs, escaped(text.text), u"lead"_qs);
    case ReportText::Kind::plain:
        return element(u"p"_qs, escaped(text.text));
    case ReportText::Kind::muted:
        return element(u"p"_qs, escaped(text.text), u"muted"_qs);
    case ReportText::Kind::command:
        return element(u"pre"_qs, escaped(text.text), u"command"_qs);
    }
    return {};
}

QString html_of(const ReportTable &table, int)
{
    const auto side = [&](std::size_t column) { return table.left[column] ? u" class=\"left\""_qs : QString(); };
    QString rows;
    if (!table.header.isEmpty()) {
        rows += u"<tr>"_qs;
        for (qsizetype i = 0; i < table.header.size(); ++i)
            rows += u"<th scope=\"col\""_qs + side(static_cast<std::size_t>(i)) + u'>' + escaped(table.header[i])
                + u"</th>"_qs;
        rows += u"</tr>\n"_qs;
    }
    for (const std::vector<ReportCell> &row : table.rows) {
        rows += u"<tr>"_qs;
        if (row.size() == 1)
            rows +=
                u"<td class=\"across\" colspan=\"%1\">"_qs.arg(table.left.size()) + escaped(row[0].text) + u"</td>"_qs;
        for (std::size_t i = 0; row.size() > 1 && i < row.size(); ++i) {
            const ReportCell &cell = row[i];
            rows += u"<td"_qs + side(i) + u'>' + escaped(cell.text);
            if (!cell.change.isEmpty())
                rows += u"<span class=\"change%1\">"_qs.arg(cell.tone == Tone::better ? u" better"_qs
                                : cell.tone == Tone::worse                            ? u" worse"_qs
                                                                                      : QString())
                    + escaped(cell.change) + u"</span>"_qs;
            rows += u"</td>"_qs;
        }
        rows += u"</tr>\n"_qs;
    }
    return u"<div class=\"scroll\"><table>\n"_qs + rows + u"</table></div>\n"_qs;
}

QString html_of(const ReportChart &part, int number)
{
    const ChartView &chart = *part.chart;
    const QSize size(chart_width, part.height);
    SvgCanvas canvas(size, chart.logicalDpiX(), u"c%1-"_qs.arg(number));
    paint_alone(chart, canvas, size);
    const QByteArray document = canvas.document(chart.title(), {}, {});
    const QString drawing = QString::fromUtf8(document.mid(document.indexOf("<svg")));
    return u"<figure id=\"%1\">"_qs.arg(chart.id()) + element(u"figcaption"_qs, escaped(chart.title())) + drawing
        + u"</figure>\n"_qs;
}

constexpr int pdf_dpi = 96;

QFont font_of(double points, bool bold = false)
{
    QFont font = QApplication::font();
    font.setPointSizeF(points);
    font.setBold(bold);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

// Fills pages from top to bottom.
class Pages {
public:
    Pages(QPdfWriter &the_writer, const ReportDocument &the_report)
        : writer(the_writer)
        , report(the_report)
        , page(QPointF(0, 0), QSizeF(the_writer.width(), the_writer.height()))
        , painter(&the_writer)
        , y(page.top())
    {
        footer();
        write(report.title, font_of(20, true), Theme::light().text, 2);
        write(report.subtitle, font_of(9.5), Theme::light().muted, 10);
    }

    // Not alone at the end of a page.
    void add(const ReportHeading &heading, const ReportBlock *next_block)
    {
        const auto *chart = next_block ? std::get_if<ReportChart>(next_block) : nullptr;
        need(90 + (chart ? page.width() / chart_width * chart->height : 0));
        y += y > page.top() ? 18 : 0;
        write(heading.text, font_of(13, true), Theme::light().text, 3);
        painter.setPen(QPen(Theme::light().grid, 1));
        painter.drawLine(QPointF(page.left(), y), QPointF(page.right(), y));
        y += 8;
    }

    void add(const ReportText &text, const ReportBlock *)
    {
        const Theme &theme = Theme::light();
        switch (text.kind) {
        case ReportText::Kind::lead:
            write(text.text, font_of(13), theme.text, 8);
            break;
        case ReportText::Kind::plain:
            write(text.text, font_of(9.5), theme.text, 6);
            break;
        case ReportText::Kind::muted:
            write(text.text, font_of(8.5), theme.muted, 5);
            break;
        case ReportText::Kind::command: {
            QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            font.setPointSizeF(8);
            font.setHintingPreference(QFont::PreferNoHinting);
            write(text.text, font, theme.text, 8);
        } break;
        }
    }

    void add(const ReportChart &part, const ReportBlock *)
    {
        const ChartView &chart = *part.chart;
        QPicture picture; // a device takes one painter only, and a page holds several charts
        paint_alone(chart, picture, QSize(chart_width, part.height));
        const double scale = page.width() / chart_width;
        const QFont font = font_of(10.5, true);
        const double title = height_of(chart.title(), font, page.width()) + 4;
        need(title + scale * part.height);
        write(chart.title(), font, Theme::light().text, 4);
        painter.save();
        painter.translate(page.left(), y);
        painter.scale(scale, scale);
        painter.drawPicture(0, 0, picture);
        painter.restore();
        y += scale * part.height + 14;
    }

    void add(const ReportTable &table, const ReportBlock *)
    {
        const TablePainter rows(table, writer, page.width(), font_of(8), Theme::light());
        const auto header = [&] {
            if (table.header.isEmpty())
                return;
            need(rows.header_height() + 40);
            y += rows.draw_header(painter, {page.left(), y});
        };
        header();
        for (std::size_t row = 0; row < table.rows.size(); ++row) {
            if (y + rows.row_height(row) > page.bottom()) {
                next();
                header();
            }
            y += rows.draw_row(painter, {page.left(), y}, row);
        }
        y += 12;
    }

private:
    QPdfWriter &writer;
    const ReportDocument &report;
    QRectF page;
    QPainter painter;
    double y;
    int number = 1;

    double height_of(const QString &text, const QFont &font, double width) const
    {
        return QFontMetricsF(font, &writer).boundingRect(QRectF(0, 0, width, 1e6), wrapped, text).height();
    }

    static constexpr int wrapped = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;

    void footer()
    {
        const QFont font = font_of(7.5);
        const double top = page.bottom() + 16;
        painter.setFont(font);
        painter.setPen(Theme::light().muted);
        const QRectF line(page.left(), top, page.width(), 16);
        const QString left =
            QFontMetricsF(font, &writer)
                .elidedText(report.title + u" · "_qs + report.program + u" · "_qs + report.date.toString(Qt::ISODate),
                    Qt::ElideRight, page.width() - 60);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignTop, left);
        painter.drawText(line, Qt::AlignRight | Qt::AlignTop, QString::number(number));
    }

    void next()
    {
        writer.newPage();
        ++number;
        y = page.top();
        footer();
    }

    void need(double height)
    {
        if (y + height > page.bottom() && y > page.top())
            next();
    }

    // Lines that do not fit go on the next page.
    void write(const QString &text, const QFont &font, const QColor &colour, double below)
    {
        if (text.isEmpty())
            return;
        const double height = height_of(text, font, page.width());
        need(std::min(height, page.height()));
        painter.setFont(font);
        painter.setPen(colour);
        painter.drawText(QRectF(page.left(), y, page.width(), height), wrapped, text);
        y += height + below;
    }
};

// The time of writing, which Qt puts there, gives way to the report's date.
void state_date(QByteArray &pdf, const QDate &date)
{
    const QByteArray key = "/CreationDate (D:", time = date.toString(u"yyyyMMdd"_qs).toLatin1() + "000000";
    if (const qsizetype at = pdf.lastIndexOf(key); at >= 0 && date.isValid())
        pdf.replace(at + key.size(), time.size(), time);
}

} // namespace

QByteArray report_html(const ReportDocument &report)
{
    QString body = element(u"h1"_qs, escaped(report.title)) + element(u"p"_qs, escaped(report.subtitle), u"muted"_qs);
    int number = 0;
    for (const ReportBlock &block : report.blocks)
        body += std::visit([&](const auto &part) { return html_of(part, ++number); }, block);
    if (!report.study.isEmpty()) {
        body += u"<details>"_qs + element(u"summary"_qs, escaped(ReportDocumentTexts::tr("The study, as a file")))
            + element(u"pre"_qs, escaped(report.study), u"command"_qs) + u"</details>\n"_qs;
        // Where the window looks for it when the file is dropped there.
        body += u"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\" style=\"display: none\">"_qs
            + QString::fromUtf8(svg_metadata(report.study)) + u"</svg>\n"_qs;
    }
    const QString head =
        QStringLiteral("<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>"
                       "<meta name=\"generator\" content=\"%1\"/>\n")
            .arg(escaped(report.program))
        + element(u"title"_qs, escaped(report.title)) + element(u"style"_qs, style_sheet());
    const QString html = u"<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>"_qs + head
        + u"</head>\n<body>\n"_qs + body + u"</body>\n</html>\n"_qs;
    return html.toUtf8();
}

QByteArray report_pdf(const ReportDocument &report)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        constexpr double margin = 16; // mm
        QPdfWriter writer(&buffer);
        writer.setTitle(report.title);
        writer.setCreator(report.program);
        writer.setResolution(pdf_dpi);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF(margin, margin, margin, margin), QPageLayout::Millimeter);
        writer.setDocumentXmpMetadata(xmp_metadata(report.title, report.program, report.study));
        Pages pages(writer, report);
        for (std::size_t i = 0; i < report.blocks.size(); ++i)
            std::visit(
                [&](const auto &part) {
                    pages.add(part, i + 1 < report.blocks.size() ? &report.blocks[i + 1] : nullptr);
                },
                report.blocks[i]);
    }
    state_date(bytes, report.date);
    return bytes;
}

QStringList report_filters()
{
    return {
        ReportDocumentTexts::tr("Report as PDF (*.pdf)"), ReportDocumentTexts::tr("Report as one web page (*.html)")};
}

const QStringList &report_suffixes()
{
    static const QStringList suffixes{QStringLiteral("pdf"), QStringLiteral("html")};
    return suffixes;
}

QString export_report(const ReportDocument &report, const QString &file)
{
    const QString suffix = QFileInfo(file).suffix().toLower();
    if (suffix == u"html")
        return save_file(file, report_html(report));
    if (suffix == u"pdf")
        return save_file(file, report_pdf(report));
    return ReportDocumentTexts::tr("%1 cannot be written: its name must end in .pdf or .html")
        .arg(QDir::toNativeSeparators(file));
}

} // namespace epscope
