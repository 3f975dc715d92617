// SPDX-License-Identifier: GPL-3.0-or-later
// Charts and tables as files and on the clipboard: the chart under its title, over a line that says where it comes from, with the study
// itself inside the file.
#pragma once

#include <vector>

#include <QDate>
#include <QSize>
#include <QString>
#include <QStringList>

#include "app/charts/chart.h"

class QImage;

namespace epscope {

// Where a picture comes from.
struct Origin {
    QString study;        // title
    QString study_name;   // for file names
    QStringList chips;
    QString profile;
    QString quirks;       // "all quirks on", "no quirks", or those that are on
    QString version;      // of the program
    QDate date;

    QString text() const; // one line
};
// Chips that differ from the study as it was opened carry a '*'.
Origin origin_of(const Study &study, const Study &opened, const QString &version, const QDate &date);

struct ExportOptions {
    QSize size{1200, 675};
    int png_scale = 2;    // 1 to 4: pixels per unit of size
    const Theme *theme = &Theme::light();
    QString headline;     // one sentence below the title; may be empty
    Origin origin;
    QString study;        // YAML to embed; may be empty
};

// What goes into the file name's dialog: "PNG picture (*.png)", ...
QStringList picture_filters();
QStringList table_filters();
// "explore-pareto.svg"
QString export_name(const Origin &origin, const QString &id, const QString &suffix);

struct NamedTable {
    QString id;
    ChartTable table;
};

// The format follows from the suffix: png, svg, pdf, or csv or xlsx for the data. What went wrong, or an empty text.
QString export_chart(Chart &chart, const QString &file, const ExportOptions &options);
// As csv or xlsx; a workbook has a chart of what the id says that the table is.
QString export_table(const NamedTable &table, const QString &file, const ExportOptions &options);
// A picture of something else, a window for example, as PNG with the same texts inside.
QString export_image(QImage image, const QString &title, const QString &file, const ExportOptions &options);
// As SVG and as a bitmap.
void copy_chart(Chart &chart, const ExportOptions &options);

// The chart alone: light, without title and origin, in a type that fits the size.
void paint_alone(Chart &chart, QPaintDevice &device, const QSize &size);

// Every chart in every format and every table as CSV. All that went wrong.
QStringList export_all(const std::vector<Chart *> &charts, const std::vector<NamedTable> &tables, const QString &folder,
                       const QStringList &suffixes, const ExportOptions &options);

} // namespace epscope
