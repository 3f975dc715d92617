// SPDX-License-Identifier: GPL-3.0-or-later
// Tables as their files have them.
#pragma once

#include <vector>

#include <QStringList>

#include "app/charts/table.h"

namespace epscope::testing {

struct TableTexts {
    QStringList header;
    std::vector<QStringList> rows;
};
inline TableTexts texts_of(const Table &table)
{
    TableTexts texts;
    for (const TableColumn &column : table.columns)
        texts.header << column.title;
    for (const TableRow &row : table.rows) {
        QStringList &cells = texts.rows.emplace_back();
        for (const TableCell &cell : row.cells)
            cells << text_of(cell);
    }
    return texts;
}

} // namespace epscope::testing
