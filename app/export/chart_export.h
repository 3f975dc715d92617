// SPDX-License-Identifier: GPL-3.0-or-later
// Charts and tables as files and on the clipboard: the chart under its title, over a line that says where it comes
// from, with the study itself inside the file.
#pragma once

#include <functional>
#include <vector>

#include <QByteArray>
#include <QDate>
#include <QFont>
#include <QSize>
#include <QString>
#include <QStringList>

#include "app/charts/chart_view.h"

class QImage;

namespace epscope {

// Where a picture comes from.
struct Origin {
    QString study; // title
    QString study_name; // for file names
    QStringList chips;
    QString profile;
    QString quirks; // "all quirks on", "no quirks", or those that are on
    QString version; // of the program
    QDate date;

    QString text() const; // one line
};
// Chips that differ from the study as it was opened carry a '*'.
Origin origin_of(const Study &study, const Study &opened, const QString &version, const QDate &date);

struct ExportOptions {
    QSize size{1200, 675};
    int png_scale = 2; // 1 to 4: pixels per unit of size
    const Theme *theme = &Theme::light();
    QString headline; // one sentence below the title; may be empty
    Origin origin;
    QString study; // YAML to embed; may be empty
};

// What a picture shows below its title.
struct Drawing {
    QString title;
    QFont font; // at its usual size
    int dpi = 96; // of that
    // Into the area, with the font as it fits the picture. `frame` paints what lies around it: a device takes one
    // painter only.
    std::function<void(QPaintDevice &device, const QRect &area, const Theme &theme, const QFont &font,
        const std::function<void(QPainter &)> &frame)>
        paint;
};
Drawing drawing_of(const ChartView &chart); // outlives it

// What goes into the file name's dialog: "PNG picture (*.png)", ...
QStringList picture_filters();
QStringList table_filters();
bool is_table_file(const QString &file); // by its suffix
// "explore-pareto.svg"
QString export_name(const Origin &origin, const QString &id, const QString &suffix);

struct NamedTable {
    QString id;
    Table table;
};

// Why there is no PNG of that size and scale, or nothing.
QString why_no_image(const ExportOptions &options);
// As png, svg or pdf, drawn again for each. Empty on failure, and `problem` says why.
QByteArray picture_bytes(const Drawing &drawing, const QString &suffix, const ExportOptions &options, QString &problem);
// The format follows from the suffix. What went wrong, or an empty text.
QString export_picture(const Drawing &drawing, const QString &file, const ExportOptions &options);
// As csv or xlsx.
QString export_table(const NamedTable &table, const QString &file, const ExportOptions &options);

// What can be written as data and, if it has a drawing, as a picture.
struct Exportable {
    QString id; // for the names of files and sheets
    std::function<Table()> table;
    Drawing drawing = {};
};
Exportable exportable(const ChartView &chart); // outlives it
// As a picture, or as csv or xlsx: as the suffix says.
QString export_file(const Exportable &what, const QString &file, const ExportOptions &options);
QString export_chart(const ChartView &chart, const QString &file, const ExportOptions &options);
// Each in every one of the formats that it can have. All that went wrong.
QStringList export_all(const std::vector<Exportable> &all, const QString &folder, const QStringList &suffixes,
    const ExportOptions &options);

// A picture of something else, a window for example, as PNG with the same texts inside.
QString export_image(QImage image, const QString &title, const QString &file, const ExportOptions &options);
// As SVG and as a bitmap.
void copy_chart(const ChartView &chart, const ExportOptions &options);

// The chart alone: light, without title and origin, in a type that fits the size.
void paint_alone(const ChartView &chart, QPaintDevice &device, const QSize &size);

} // namespace epscope
