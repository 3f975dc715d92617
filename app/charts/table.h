// SPDX-License-Identifier: GPL-3.0-or-later
// A table with typed cells: what files, workbooks, the clipboard and assistive technology read of a chart, of the
// results and of a comparison.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <QString>

#include "app/session/baselines.h"

namespace epscope {

using TableCell = std::variant<std::monostate, QString, double, std::int64_t>;
TableCell cell_of(const std::optional<double> &number); // empty where there is none
QString text_of(const TableCell &cell); // numbers in full precision

struct TableColumn {
    QString title; // with the unit of its numbers
    std::string key = {}; // for what is made of the table

    bool operator==(const TableColumn &) const = default;
};

struct TableRow {
    std::vector<TableCell> cells;
    bool plotted = true; // in a workbook's own chart
    QString series = {}; // of it, in place of the cell

    bool operator==(const TableRow &) const = default;
};

// What a workbook draws of the table, by keys of columns.
struct TablePlot {
    enum class Kind { points, stacked, bars, stacked_bars };

    Kind kind = Kind::points;
    QString title, y_title;
    std::string x; // of points; the category of bars
    std::vector<std::string> y; // one of points and of stacked segments, any number of bars
    std::string series = {}; // what tells points or segments apart; a baseline's points and bars have its name too
    QString x_title = {}; // else those of the columns
};

struct Table {
    std::vector<TableColumn> columns;
    std::vector<TableRow> rows = {};
    std::optional<TablePlot> plot = {};

    QString csv(char separator = ',') const; // tabs for the clipboard, as spreadsheets take it
    void add(std::vector<TableCell> cells) { rows.push_back({std::move(cells)}); }
    // A last column that names the baseline a row is of, empty for what is on show, and the rows that `add_rows` makes
    // of each.
    void add_baselines(const PinnedBaselines &baselines, const std::function<void(const Baseline &)> &add_rows);
};

} // namespace epscope
