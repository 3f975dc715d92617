// SPDX-License-Identifier: GPL-3.0-or-later
// A table of texts and numbers, some with a change behind them, and how its rows are drawn one below the other.
#pragma once

#include <cstddef>
#include <vector>

#include <QFont>
#include <QPointF>
#include <QString>
#include <QStringList>

#include "app/look/theme.h"

class QPaintDevice;
class QPainter;

namespace epscope {

enum class Tone { muted, better, worse };

struct ReportCell {
    QString text;
    QString change = {}; // smaller, behind it
    Tone tone = Tone::muted; // of the change
};

struct ReportTable {
    QStringList header; // empty: none
    std::vector<bool> left; // by column: text; else a number, at the right
    std::vector<std::vector<ReportCell>> rows = {}; // one cell alone is a heading across all columns
};

// Columns as wide as their texts; where that is too much, the widest take several lines.
class TablePainter {
public:
    // Sizes are in the device's pixels. The table outlives it.
    TablePainter(const ReportTable &table, QPaintDevice &device, double width, const QFont &font, const Theme &theme);

    double header_height() const;
    double row_height(std::size_t row) const;
    double height() const; // of all
    bool breaks_words() const { return broken; } // there is not even room for each word
    // Return how far down they reach.
    double draw_header(QPainter &painter, const QPointF &at) const;
    double draw_row(QPainter &painter, const QPointF &at, std::size_t row) const;

private:
    const ReportTable &table;
    QPaintDevice &device;
    double width;
    QFont cell_font, bold_font, change_font;
    const Theme &theme;
    std::vector<double> changes, widths; // of the columns
    bool broken = false;

    double width_of(const QString &text, const QFont &font) const;
    double height_of(const QString &text, const QFont &font, double room) const;
    double change_width(std::size_t column) const;
    void fit_columns();
    double text_width(const std::vector<ReportCell> &row, std::size_t column) const;
    double header_text_height() const;
    void draw_rule(QPainter &painter, const QPointF &at, const QColor &colour) const;
};

} // namespace epscope
