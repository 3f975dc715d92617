// SPDX-License-Identifier: GPL-3.0-or-later
// A report as headings, texts, tables and charts one below the other, and how it becomes one HTML file or one PDF with
// drawings inside.
#pragma once

#include <variant>
#include <vector>

#include <QByteArray>
#include <QDate>
#include <QString>
#include <QStringList>

#include "app/export/report_table.h"

namespace epscope {

class ChartView;

struct ReportHeading {
    QString text;
};

struct ReportText {
    enum class Kind { lead, plain, muted, command };

    QString text;
    Kind kind = Kind::plain;
};

struct ReportChart {
    const ChartView *chart = nullptr;
    int height = 500; // of a width of 900
};

using ReportBlock = std::variant<ReportHeading, ReportText, ReportTable, ReportChart>;

struct ReportDocument {
    QString title, subtitle;
    QString program; // with its version
    QDate date;
    QString study; // YAML to embed
    std::vector<ReportBlock> blocks;
};

// Each gives the same bytes for the same document. HTML is well-formed XML and refers to nothing outside.
QByteArray report_html(const ReportDocument &report);
QByteArray report_pdf(const ReportDocument &report);

// What goes into the file name's dialog.
QStringList report_filters();
const QStringList &report_suffixes();
// By the suffix, html or pdf. What went wrong, or an empty text.
QString export_report(const ReportDocument &report, const QString &file);

} // namespace epscope
