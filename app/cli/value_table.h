// SPDX-License-Identifier: GPL-3.0-or-later
// A small table of results that is kept whole: for reading, as markdown, CSV or JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/cli/candidate_table.h"

namespace epscope {

struct Cell {
    nlohmann::ordered_json value; // CSV and JSON: numbers in SI at full precision
    std::string shown; // for reading; empty: the value
};

class ValueTable {
public:
    struct Column {
        std::string key; // CSV and JSON
        std::string header; // for reading
        bool left = false;
    };

    explicit ValueTable(std::vector<Column> all)
        : columns(std::move(all))
    {
    }

    void add(std::vector<Cell> row) { rows.push_back(std::move(row)); }
    bool empty() const { return rows.empty(); }
    // Table, markdown or CSV.
    std::string text(RowFormat format) const;
    // Under the headers for reading; numbers at full precision, texts as they are shown.
    Sheet sheet(const std::string &name) const;
    // One object a row.
    nlohmann::ordered_json json() const;

private:
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;
};

inline constexpr double in_percent = 100;

// A line: fields of CSV, cells of markdown or columns of such widths. Texts stand at the left, numbers at the right.
std::string table_line(const std::vector<std::string> &cells, RowFormat format, const std::vector<std::size_t> &widths,
    const std::vector<bool> &left);
// The line below the header of markdown.
std::string markdown_rule(const std::vector<bool> &left);

nlohmann::ordered_json json_of(const ColumnValue &value);
// Null where there is none.
nlohmann::ordered_json json_of(const std::optional<double> &value);
// Numbers at full precision, as JSON writes them; texts without quotes, nothing for null.
std::string plain_value(const nlohmann::ordered_json &value);
SheetValue sheet_value(const nlohmann::ordered_json &value);
// "+12.3 %".
std::string percent_text(double percent);

} // namespace epscope
