// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/chart_workbook.h"
#include "app/words/text.h"

#include <algorithm>
#include <cmath>

namespace epscope {
namespace {

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
        std::ranges::transform(row.cells, std::back_inserter(cells), sheet_value);
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
        return static_cast<std::size_t>(
            std::ranges::find(table.columns, key, &TableColumn::key) - table.columns.begin());
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
        std::ranges::transform(wanted.y, std::back_inserter(values), column);
        plot = bars_of(sheet, last, values,
            wanted.kind == TablePlot::Kind::bars ? Plot::Kind::bars : Plot::Kind::stacked_bars, title);
    }
    if (!wanted.x_title.isEmpty())
        plot.x_title = wanted.x_title.toStdString();
    if (!wanted.y_title.isEmpty())
        plot.y_title = wanted.y_title.toStdString();
    return plot;
}

} // namespace

Workbook workbook_of(const NamedTable &table)
{
    Workbook workbook;
    if (table.table.plot)
        workbook.plots = {plot_of(table.table)};
    workbook.sheets.push_back(sheet_of(table.table, table.id));
    return workbook;
}

} // namespace epscope
