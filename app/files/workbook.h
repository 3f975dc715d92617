// SPDX-License-Identifier: GPL-3.0-or-later
// Tables as a workbook (.xlsx): numbers as numbers in full precision, charts that the spreadsheet program draws from
// the cells, and a sheet that says where they come from.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <QByteArray>
#include <QDate>
#include <QString>

namespace epscope {

using SheetValue = std::variant<std::monostate, double, std::string>;

struct Sheet {
    std::string name; // at most 31 characters, none of []:*?/ and backslash
    std::vector<std::string> header;
    std::vector<std::vector<SheetValue>> rows = {};
};

// What a native chart shows, in cells of a sheet of its own.
struct Plot {
    enum class Kind { points, lines, bars, stacked_bars };

    struct Series {
        std::size_t x = 0, y = 0; // columns of `data`
        std::size_t rows = 0; // from the first
    };

    Kind kind = Kind::points;
    std::string title, x_title, y_title; // `x` are the categories of bars
    bool log_x = false; // of points and lines
    Sheet data;
    std::vector<Series> series;
};

// One point a row, a series for each text of a column. Of lines, a row without `y` is a gap; else it is left out.
Plot points_of(const Sheet &sheet, std::size_t x, std::size_t y, std::size_t series, const std::string &title,
    Plot::Kind kind = Plot::Kind::points);
// A bar for each text of `category`, in the order of their first rows, of a segment for each text of `series`.
Plot stacked_of(
    const Sheet &sheet, std::size_t category, std::size_t series, std::size_t value, const std::string &title);
// A group of bars for each row, a bar for each of the columns; stacked or side by side.
Plot bars_of(const Sheet &sheet, std::size_t category, const std::vector<std::size_t> &values, Plot::Kind kind,
    const std::string &title);

struct Workbook {
    std::vector<Sheet> sheets;
    std::vector<Plot> plots;
    std::vector<std::pair<std::string, std::string>> about; // what and what of it: study, profile, version
    QDate date;
};

// The same bytes for the same workbook. Empty on failure, and `problem` says why.
QByteArray workbook_bytes(const Workbook &workbook, QString &problem);

inline constexpr std::size_t most_sheet_rows = (std::size_t{1} << 20) - 1; // below the header

} // namespace epscope
