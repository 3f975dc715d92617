// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/shared_columns.h"

#include <algorithm>

#include "app/words/output_words.h"
#include "app/words/text.h"

namespace epscope {
namespace {

TableCell table_cell(const ColumnValue &value)
{
    if (const auto *number = std::get_if<double>(&value))
        return *number;
    if (const auto *count = std::get_if<std::int64_t>(&value))
        return *count;
    return std::holds_alternative<std::monostate>(value) ? TableCell() : to_text(exact_cell(value));
}

} // namespace

SharedColumns::SharedColumns(const SceneInput &input)
{
    const auto told_in = [](const ResultColumn &column, const Explored &explored) {
        return is_listed(column, explored.searched.search);
    };
    for (const ResultColumn &column : result_columns()) {
        if (!column.axis || axis_of(*column.axis).of_published)
            continue;
        const std::vector<Baseline> &pins = input.baselines.pins;
        if (told_in(column, *input.explored) || std::any_of(pins.begin(), pins.end(), [&](const Baseline &pin) {
                return told_in(column, *pin.explored);
            }))
            columns.push_back(&column);
    }
}

void SharedColumns::add_to(Table &table) const
{
    for (const ResultColumn *column : columns)
        table.columns.push_back({header_of(*column), {}});
}

void SharedColumns::add_to(std::vector<TableCell> &cells, const Evaluation &evaluation) const
{
    for (const ResultColumn *column : columns)
        cells.push_back(table_cell(column->value(evaluation)));
}

void SharedColumns::skip(std::vector<TableCell> &cells) const
{
    cells.resize(cells.size() + columns.size());
}

} // namespace epscope
