// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/report_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <QFontMetricsF>
#include <QPainter>

namespace epscope {
namespace {

constexpr double gap = 12, above = 2.5; // px, between columns and above the text of a row
constexpr double rule = 1; // px, below a row
constexpr int wrapped = Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop;

QColor colour_of(Tone tone, const Theme &theme)
{
    return tone == Tone::muted ? theme.muted : theme.change(tone == Tone::better);
}

} // namespace

TablePainter::TablePainter(
    const ReportTable &the_table, QPaintDevice &the_device, double the_width, const QFont &font, const Theme &the_theme)
    : table(the_table)
    , device(the_device)
    , width(the_width)
    , cell_font(font)
    , bold_font(font)
    , change_font(font)
    , theme(the_theme)
{
    constexpr double smaller = 0.875;
    bold_font.setBold(true);
    change_font.setPointSizeF(smaller * font.pointSizeF());
    for (std::size_t column = 0; column < table.left.size(); ++column)
        changes.push_back(change_width(column));
    fit_columns();
}

double TablePainter::width_of(const QString &text, const QFont &font) const
{
    return text.isEmpty() ? 0 : std::ceil(QFontMetricsF(font, &device).horizontalAdvance(text)) + 1;
}

double TablePainter::height_of(const QString &text, const QFont &font, double room) const
{
    return QFontMetricsF(font, &device).boundingRect(QRectF(0, 0, room, 1e6), wrapped, text).height();
}

double TablePainter::change_width(std::size_t column) const
{
    double most = 0;
    for (const std::vector<ReportCell> &row : table.rows) {
        if (column < row.size() && row.size() > 1)
            most = std::max(most, width_of(row[column].change, change_font));
    }
    return most > 0 ? most + gap / 2 : 0;
}

void TablePainter::fit_columns()
{
    const std::size_t count = table.left.size();
    std::vector<double> wanted(count, 0), least(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        const auto take = [&](const QString &text, const QFont &font, double more) {
            wanted[i] = std::max(wanted[i], width_of(text, font) + more);
            for (const QString &word : text.split(u' '))
                least[i] = std::max(least[i], width_of(word, font) + more);
        };
        if (!table.header.isEmpty())
            take(table.header[static_cast<qsizetype>(i)], bold_font, 0);
        for (const std::vector<ReportCell> &row : table.rows) {
            if (row.size() > 1)
                take(row[i].text, cell_font, row[i].change.isEmpty() && table.left[i] ? 0 : changes[i]);
        }
    }
    const double room = width - gap * static_cast<double>(count - 1);
    widths = wanted;
    // One limit for all, found by halving.
    double low = 0, high = room;
    for (int i = 0; i < 40 && std::accumulate(wanted.begin(), wanted.end(), 0.0) > room; ++i) {
        const double limit = (low + high) / 2;
        for (std::size_t column = 0; column < count; ++column)
            widths[column] = std::clamp(limit, std::min(least[column], wanted[column]), wanted[column]);
        (std::accumulate(widths.begin(), widths.end(), 0.0) > room ? high : low) = limit;
    }
    const double sum = std::accumulate(widths.begin(), widths.end(), 0.0);
    broken = sum > room + 1; // words longer than their column
    for (double &each : widths)
        each *= std::min(1.0, room / sum);
}

// A text that has no change behind it takes that room where it needs it.
double TablePainter::text_width(const std::vector<ReportCell> &row, std::size_t column) const
{
    const double beside = std::max(10.0, widths[column] - changes[column]);
    const bool whole =
        row[column].change.isEmpty() && (table.left[column] || width_of(row[column].text, cell_font) > beside);
    return whole ? widths[column] : beside;
}

double TablePainter::header_text_height() const
{
    double height = 0;
    for (std::size_t i = 0; i < widths.size(); ++i)
        height = std::max(height, height_of(table.header[static_cast<qsizetype>(i)], bold_font, widths[i]));
    return height;
}

double TablePainter::header_height() const
{
    return table.header.isEmpty() ? 0 : header_text_height() + above + rule;
}

double TablePainter::row_height(std::size_t index) const
{
    const std::vector<ReportCell> &row = table.rows[index];
    constexpr double above_heading = 8;
    double most = 0;
    if (row.size() == 1)
        most = height_of(row[0].text, bold_font, width) + above_heading;
    for (std::size_t i = 0; row.size() > 1 && i < row.size(); ++i)
        most = std::max(most, height_of(row[i].text, cell_font, text_width(row, i)));
    return most + 2 * above + rule;
}

double TablePainter::height() const
{
    double sum = header_height();
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        sum += row_height(row);
    return sum;
}

double TablePainter::draw_header(QPainter &painter, const QPointF &at) const
{
    const double height = header_text_height();
    painter.setFont(bold_font);
    painter.setPen(theme.text);
    double x = at.x();
    for (std::size_t i = 0; i < widths.size(); ++i) {
        painter.drawText(QRectF(x, at.y(), widths[i], height),
            (table.left[i] ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignBottom | Qt::TextWordWrap,
            table.header[static_cast<qsizetype>(i)]);
        x += widths[i] + gap;
    }
    draw_rule(painter, at + QPointF(0, height + above), theme.axis);
    return header_height();
}

double TablePainter::draw_row(QPainter &painter, const QPointF &at, std::size_t index) const
{
    const std::vector<ReportCell> &row = table.rows[index];
    const double height = row_height(index);
    double x = at.x();
    if (row.size() == 1) {
        painter.setFont(bold_font);
        painter.setPen(theme.text);
        painter.drawText(
            QRectF(x, at.y(), width, height - above), Qt::AlignLeft | Qt::AlignBottom | Qt::TextWordWrap, row[0].text);
    }
    for (std::size_t i = 0; row.size() > 1 && i < row.size(); ++i) {
        const double change = widths[i] - text_width(row, i);
        painter.setFont(cell_font);
        painter.setPen(theme.text);
        const int side = table.left[i] ? Qt::AlignLeft : Qt::AlignRight;
        painter.drawText(
            QRectF(x, at.y() + above, widths[i] - change, height), side | Qt::AlignTop | Qt::TextWordWrap, row[i].text);
        painter.setFont(change_font);
        painter.setPen(colour_of(row[i].tone, theme));
        painter.drawText(QRectF(x + widths[i] - change, at.y() + above + 1, change, height),
            Qt::AlignRight | Qt::AlignTop, row[i].change);
        x += widths[i] + gap;
    }
    draw_rule(painter, at + QPointF(0, height - rule), theme.grid);
    return height;
}

void TablePainter::draw_rule(QPainter &painter, const QPointF &at, const QColor &colour) const
{
    painter.setPen(QPen(colour, 0.7));
    painter.drawLine(at, at + QPointF(width, 0));
}

} // namespace epscope
