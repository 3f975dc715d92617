// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/chart_workbook.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

#include "core/analysis/outputs.h"

namespace epscope {
namespace {

struct ChartWorkbookTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ChartWorkbook)
};

SheetValue sheet_value(const TableCell &cell)
{
    if (const auto *number = std::get_if<double>(&cell))
        return std::isfinite(*number) ? SheetValue(*number) : SheetValue(text_of(cell).toStdString());
    if (const auto *count = std::get_if<std::int64_t>(&cell))
        return static_cast<double>(*count);
    return text_of(cell).toStdString();
}

Sheet sheet_of(const Table &table, const QString &name)
{
    Sheet sheet{name.toStdString(), {}};
    for (const TableColumn &column : table.columns)
        sheet.header.push_back(column.title.toStdString());
    for (const TableRow &row : table.rows) {
        std::vector<SheetValue> &cells = sheet.rows.emplace_back();
        std::transform(row.cells.begin(), row.cells.end(), std::back_inserter(cells), sheet_value);
    }
    return sheet;
}

// As the table asks for it; its series and categories have the baseline's name where they are of one.
Plot plot_of(const Table &table)
{
    const TablePlot &wanted = *table.plot;
    Table plotted;
    plotted.columns = table.columns;
    const auto column = [&](const std::string &key) {
        const auto found = std::find_if(
            table.columns.begin(), table.columns.end(), [&](const TableColumn &each) { return each.key == key; });
        return static_cast<std::size_t>(found - table.columns.begin());
    };
    const bool compared = !table.columns.empty() && table.columns.back().key == "baseline";
    const bool of_points = wanted.kind == TablePlot::Kind::points;
    const std::size_t told_apart = column(of_points ? wanted.series : wanted.x), last = table.columns.size();
    plotted.columns.push_back({of_points || told_apart == last ? QString() : table.columns[told_apart].title, {}});
    for (const TableRow &row : table.rows) {
        if (!row.plotted)
            continue;
        TableRow &copy = plotted.rows.emplace_back(row);
        copy.cells.resize(last);
        QString name = row.series.isEmpty() && told_apart < last ? text_of(row.cells[told_apart]) : row.series;
        if (const QString baseline = compared ? text_of(copy.cells.back()) : QString(); !baseline.isEmpty())
            name += u", "_qs + baseline;
        copy.cells.emplace_back(name);
    }
    const Sheet sheet = sheet_of(plotted, {});
    const std::string title = wanted.title.toStdString();
    Plot plot;
    if (of_points) {
        plot = points_of(sheet, column(wanted.x), column(wanted.y.front()), last, title);
    } else if (wanted.kind == TablePlot::Kind::stacked) {
        plot = stacked_of(sheet, last, column(wanted.series), column(wanted.y.front()), title);
    } else {
        std::vector<std::size_t> values;
        std::transform(wanted.y.begin(), wanted.y.end(), std::back_inserter(values), column);
        plot = bars_of(sheet, last, values,
            wanted.kind == TablePlot::Kind::bars ? Plot::Kind::bars : Plot::Kind::stacked_bars, title);
    }
    if (!wanted.y_title.isEmpty())
        plot.y_title = wanted.y_title.toStdString();
    return plot;
}

std::size_t column_of(const Sheet &sheet, std::string_view header)
{
    return static_cast<std::size_t>(std::find(sheet.header.begin(), sheet.header.end(), header) - sheet.header.begin());
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

} // namespace

Workbook workbook_of(const NamedTable &table)
{
    Workbook workbook;
    Sheet sheet = sheet_of(table.table, table.id);
    if (table.table.plot)
        workbook.plots = {plot_of(table.table)};
    else if (table.id == u"results")
        workbook.plots = results_plot(sheet);
    else if (table.id == u"comparison")
        workbook.plots = comparison_plot(sheet);
    workbook.sheets.push_back(std::move(sheet));
    return workbook;
}

} // namespace epscope
