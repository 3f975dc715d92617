// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/value_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/analysis/compare.h"
#include "core/io/csv.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

std::string escaped(const std::string &text)
{
    std::string all;
    for (const char c : text)
        all += c == '|' ? "\\|" : std::string(1, c);
    return all;
}

// Of a table that is read, on one line and as wide as it is shown.
std::string cell_text(const std::string &text, RowFormat format)
{
    return format == RowFormat::csv ? text : format == RowFormat::markdown ? escaped(printable(text)) : printable(text);
}

} // namespace

std::string table_line(const std::vector<std::string> &cells, RowFormat format, const std::vector<std::size_t> &widths,
    const std::vector<bool> &left)
{
    if (format == RowFormat::csv)
        return csv_line(cells);
    if (format == RowFormat::markdown)
        return "| " + joined(cells, " | ") + " |\n";
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
        line += (left[i] ? padded(cells[i], widths[i]) : padded_left(cells[i], widths[i])) + "  ";
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

std::string markdown_rule(const std::vector<bool> &left)
{
    std::vector<std::string> rules;
    for (const bool is_left : left)
        rules.emplace_back(is_left ? "---" : "---:");
    return table_line(rules, RowFormat::markdown, {}, left);
}

std::string ValueTable::text(RowFormat format) const
{
    std::vector<std::vector<std::string>> lines(1);
    std::vector<bool> left;
    for (const Column &column : columns) {
        lines[0].push_back(cell_text(format == RowFormat::csv ? column.key : column.header, format));
        left.push_back(column.left);
    }
    for (const std::vector<Cell> &row : rows) {
        std::vector<std::string> &cells = lines.emplace_back();
        for (const Cell &cell : row) {
            cells.push_back(cell_text(
                cell.shown.empty() || format == RowFormat::csv ? plain_value(cell.value) : cell.shown, format));
        }
    }
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const std::vector<std::string> &cells : lines) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], display_width(cells[i]));
    }
    std::string text = table_line(lines[0], format, widths, left);
    if (format == RowFormat::markdown)
        text += markdown_rule(left);
    for (std::size_t i = 1; i < lines.size(); ++i)
        text += table_line(lines[i], format, widths, left);
    return text;
}

Sheet ValueTable::sheet(const std::string &name) const
{
    Sheet sheet{name, {}};
    for (const Column &column : columns)
        sheet.header.push_back(column.header);
    for (const std::vector<Cell> &row : rows) {
        std::vector<SheetValue> &cells = sheet.rows.emplace_back();
        for (const Cell &cell : row) {
            cells.push_back(sheet_value(cell.value));
            if (cell.value.is_string() && !cell.shown.empty())
                cells.back() = cell.shown;
        }
    }
    return sheet;
}

Json ValueTable::json() const
{
    Json all = Json::array();
    for (const std::vector<Cell> &row : rows) {
        Json &object = all.emplace_back(Json::object());
        for (std::size_t i = 0; i < row.size(); ++i)
            object[columns[i].key] = row[i].value;
    }
    return all;
}

Json json_of(const std::optional<double> &value)
{
    return value ? Json(*value) : Json();
}

Json json_of(const ColumnValue &value)
{
    return std::visit(
        [](const auto &each) {
            if constexpr (std::is_same_v<decltype(each), const std::monostate &>)
                return Json();
            else
                return Json(each);
        },
        value);
}

std::string plain_value(const Json &value)
{
    return value.is_null()        ? ""
        : value.is_string()       ? value.get<std::string>()
        : value.is_number_float() ? exact_text(value.get<double>())
                                  : value.dump();
}

SheetValue sheet_value(const Json &value)
{
    SheetValue cell;
    if (value.is_number())
        cell = value.get<double>();
    else if (!value.is_null())
        cell = plain_value(value);
    return cell;
}

std::string percent_text(double percent)
{
    return is_shown_change(percent) ? fmt::format("{:+.{}f} %", percent, std::abs(percent) < 10 ? 2 : 1) : "0 %";
}

} // namespace epscope
