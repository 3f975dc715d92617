// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/chart_workbook.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

#include "app/charts/memory_chart.h"
#include "app/charts/pareto_chart.h"
#include "core/analysis/outputs.h"

namespace epscope {
namespace {

struct ChartWorkbookTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ChartWorkbook)
};

Sheet sheet_of(const ChartTable &table, const QString &name)
{
    Sheet sheet{name.toStdString(), {}};
    for (const QString &text : table.header)
        sheet.header.push_back(text.toStdString());
    for (const QStringList &row : table.rows) {
        std::vector<SheetValue> &cells = sheet.rows.emplace_back();
        for (const QString &text : row) {
            bool is_number = false;
            const double number = text.toDouble(&is_number);
            cells.emplace_back();
            if (is_number && std::isfinite(number))
                cells.back() = number;
            else
                cells.back() = text.toStdString();
        }
    }
    return sheet;
}

std::size_t column_of(const Sheet &sheet, std::string_view header)
{
    return static_cast<std::size_t>(std::find(sheet.header.begin(), sheet.header.end(), header) - sheet.header.begin());
}

std::string text_of(const SheetValue &value)
{
    const auto *text = std::get_if<std::string>(&value);
    return text ? *text : std::string();
}

// The baselines' rows are told apart by their names, behind the text of a column.
void name_baselines(Sheet &sheet, std::size_t column)
{
    if (sheet.header.empty() || sheet.header.back() != ChartTable::baseline_header().toStdString())
        return;
    for (std::vector<SheetValue> &row : sheet.rows) {
        if (const std::string name = text_of(row.back()); !name.empty())
            row[column] = text_of(row[column]) + ", " + name;
    }
}

std::vector<Plot> results_plot(const Sheet &sheet)
{
    const std::size_t x = column_of(sheet, find_metric(output::ux_tps)->column_key),
                      y = column_of(sheet, find_metric(output::throughput)->column_key),
                      chip = column_of(sheet, column_key::chip);
    if (std::max({x, y, chip}) >= sheet.header.size())
        return {};
    Plot plot =
        points_of(sheet, x, y, chip, ChartWorkbookTexts::tr("Throughput per card over speed per user").toStdString());
    plot.x_title = ChartWorkbookTexts::tr("Tokens/s per user").toStdString();
    plot.y_title = ChartWorkbookTexts::tr("Throughput per card (tok/s)").toStdString();
    return {std::move(plot)};
}

// The fronts, what is on show and what was measured; not the thousands of others.
std::vector<Plot> pareto_plot(Sheet sheet)
{
    const std::string cloud = ParetoChart::tr("evaluated").toStdString();
    std::erase_if(sheet.rows, [&](const std::vector<SheetValue> &row) { return text_of(row[0]) == cloud; });
    for (std::vector<SheetValue> &row : sheet.rows)
        row[1] = text_of(row[1]) + ", " + text_of(row[0]);
    name_baselines(sheet, 1);
    return {points_of(sheet, 9, 10, 1, ChartWorkbookTexts::tr("Pareto front").toStdString())};
}

std::vector<Plot> sweep_plot(Sheet sheet)
{
    for (std::vector<SheetValue> &row : sheet.rows)
        row[6] = (text_of(row[6]).empty() ? ChartWorkbookTexts::tr("estimated") : ChartWorkbookTexts::tr("measured"))
                     .toStdString();
    name_baselines(sheet, 6);
    return {points_of(sheet, 0, 2, 6, ChartWorkbookTexts::tr("Throughput per card over the batch size").toStdString())};
}

std::vector<Plot> breakdown_plot(Sheet sheet)
{
    std::erase_if(sheet.rows, [](const std::vector<SheetValue> &row) { return text_of(row[4]).empty(); }); // the sum
    name_baselines(sheet, 0);
    return {stacked_of(sheet, 0, 3, 5, ChartWorkbookTexts::tr("Latency breakdown").toStdString())};
}

// The kinds of weights, KV cache and what is free, out of all that the table has.
std::vector<Plot> memory_plot(Sheet sheet)
{
    constexpr std::size_t first = 8, free = first + memory_kind_count + 2; // columns
    std::vector<std::size_t> parts;
    for (std::size_t column = first; column < first + memory_kind_count; ++column)
        parts.push_back(column);
    parts.push_back(free);
    name_baselines(sheet, 0);
    Plot plot = bars_of(sheet, 0, parts, Plot::Kind::stacked_bars, ChartWorkbookTexts::tr("Memory").toStdString());
    plot.y_title = "B";
    return {std::move(plot)};
}

std::vector<Plot> comparison_plot(const Sheet &sheet)
{
    std::vector<std::size_t> percents;
    for (std::size_t column = 3; column < sheet.header.size(); column += 2)
        percents.push_back(column);
    if (percents.empty())
        return {};
    Plot plot = bars_of(sheet, 0, percents, Plot::Kind::bars,
        ChartWorkbookTexts::tr("Change against %1").arg(QString::fromStdString(sheet.header[1])).toStdString());
    plot.y_title = ChartWorkbookTexts::tr("Change in %").toStdString();
    return {std::move(plot)};
}

std::vector<Plot> sensitivity_plot(const Sheet &sheet)
{
    Plot plot = bars_of(sheet, 1, {3, 5}, Plot::Kind::bars, ChartWorkbookTexts::tr("Sensitivity").toStdString());
    return {std::move(plot)};
}

} // namespace

Workbook workbook_of(const NamedTable &table)
{
    Workbook workbook;
    Sheet sheet = sheet_of(table.table, table.id);
    if (table.id == u"results")
        workbook.plots = results_plot(sheet);
    else if (table.id == u"pareto")
        workbook.plots = pareto_plot(sheet);
    else if (table.id == u"sweep")
        workbook.plots = sweep_plot(sheet);
    else if (table.id == u"breakdown")
        workbook.plots = breakdown_plot(sheet);
    else if (table.id == u"memory")
        workbook.plots = memory_plot(sheet);
    else if (table.id == u"comparison")
        workbook.plots = comparison_plot(sheet);
    else if (table.id == u"sensitivity")
        workbook.plots = sensitivity_plot(sheet);
    workbook.sheets.push_back(std::move(sheet));
    return workbook;
}

} // namespace epscope
