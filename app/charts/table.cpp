// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/table.h"

#include <QCoreApplication>

#include "app/words/text.h"
#include "core/io/csv.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct TableTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Table)
};

} // namespace

TableCell cell_of(const std::optional<double> &number)
{
    return number ? TableCell(*number) : TableCell();
}

QString text_of(const TableCell &cell)
{
    if (const auto *text = std::get_if<QString>(&cell))
        return *text;
    if (const auto *number = std::get_if<double>(&cell))
        return to_text(exact_text(*number));
    if (const auto *count = std::get_if<std::int64_t>(&cell))
        return QString::number(*count);
    return {};
}

QString Table::csv(char separator) const
{
    std::string all;
    const auto add_line = [&](const auto &cells, const auto &text) {
        std::vector<std::string> texts;
        for (const auto &cell : cells)
            texts.push_back(text(cell).toStdString());
        all += csv_line(texts, separator);
    };
    add_line(columns, [](const TableColumn &column) { return column.title; });
    for (const TableRow &row : rows)
        add_line(row.cells, [](const TableCell &cell) { return text_of(cell); });
    return to_text(all);
}

void Table::add_baselines(const PinnedBaselines &baselines, const std::function<void(const Baseline &)> &add_rows)
{
    if (baselines.pins.empty())
        return;
    columns.push_back({TableTexts::tr("Baseline"), "baseline"});
    for (TableRow &row : rows)
        row.cells.resize(columns.size());
    for (const Baseline &pin : baselines.pins) {
        const std::size_t first = rows.size();
        add_rows(pin);
        for (std::size_t i = first; i < rows.size(); ++i) {
            rows[i].cells.resize(columns.size() - 1);
            rows[i].cells.emplace_back(pin.name);
        }
    }
}

} // namespace epscope
