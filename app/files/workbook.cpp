// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/files/workbook.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>

#include <xlsxwriter.h>

#include "core/quantity.h"
#include "core/text.h"

namespace epscope {
namespace {

std::string text_of(const SheetValue &value)
{
    if (const auto *number = std::get_if<double>(&value))
        return exact_text(*number);
    const auto *text = std::get_if<std::string>(&value);
    return text ? *text : std::string();
}

// What fits into a cell, whole characters of it.
std::string cut(const std::string &text)
{
    constexpr std::size_t longest = 32000; // B; a cell holds 32767 characters
    if (text.size() <= longest)
        return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return text.substr(0, end);
}

void write_value(lxw_worksheet *sheet, std::size_t row, std::size_t column, const SheetValue &value, lxw_format *format)
{
    const auto at_row = static_cast<lxw_row_t>(row);
    const auto at_column = static_cast<lxw_col_t>(column);
    if (const auto *number = std::get_if<double>(&value); number && std::isfinite(*number))
        worksheet_write_number(sheet, at_row, at_column, *number, format);
    else if (const auto *text = std::get_if<std::string>(&value); text && !text->empty())
        worksheet_write_string(sheet, at_row, at_column, cut(*text).c_str(), format);
}

void write_sheet(lxw_worksheet *target, const Sheet &sheet, lxw_format *bold)
{
    for (std::size_t column = 0; column < sheet.header.size(); ++column) {
        write_value(target, 0, column, sheet.header[column], bold);
        std::size_t width = display_width(sheet.header[column]) + 2;
        for (const std::vector<SheetValue> &row : sheet.rows) {
            if (column < row.size())
                width = std::max(width,
                    std::holds_alternative<double>(row[column]) ? std::size_t{10}
                                                                : display_width(text_of(row[column])) + 1);
        }
        constexpr std::size_t widest = 60; // characters
        const auto at = static_cast<lxw_col_t>(column);
        worksheet_set_column(target, at, at, static_cast<double>(std::min(width, widest)), nullptr);
    }
    for (std::size_t row = 0; row < sheet.rows.size(); ++row) {
        for (std::size_t column = 0; column < sheet.rows[row].size(); ++column)
            write_value(target, row + 1, column, sheet.rows[row][column], nullptr);
    }
    if (!sheet.header.empty())
        worksheet_freeze_panes(target, 1, 0);
    worksheet_set_landscape(target);
    worksheet_fit_to_pages(target, 1, 0); // on paper
}

void draw(lxw_workbook *book, lxw_worksheet *sheet, const Plot &plot)
{
    const bool lines = plot.kind == Plot::Kind::lines, points = lines || plot.kind == Plot::Kind::points;
    const int type = lines              ? LXW_CHART_SCATTER_STRAIGHT
        : points                        ? LXW_CHART_SCATTER
        : plot.kind == Plot::Kind::bars ? LXW_CHART_BAR
                                        : LXW_CHART_BAR_STACKED;
    lxw_chart *chart = workbook_add_chart(book, static_cast<std::uint8_t>(type));
    for (const Plot::Series &each : plot.series) {
        lxw_chart_series *series = chart_add_series(chart, nullptr, nullptr);
        const auto last = static_cast<lxw_row_t>(each.rows);
        const auto x = static_cast<lxw_col_t>(each.x), y = static_cast<lxw_col_t>(each.y);
        chart_series_set_categories(series, plot.data.name.c_str(), 1, x, last, x);
        chart_series_set_values(series, plot.data.name.c_str(), 1, y, last, y);
        chart_series_set_name_range(series, plot.data.name.c_str(), 0, y);
        if (points) {
            constexpr std::array<lxw_color_t, 7> okabe_ito{
                0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xe69f00, 0x444444};
            lxw_chart_fill fill{};
            fill.color = okabe_ito[static_cast<std::size_t>(&each - plot.series.data()) % okabe_ito.size()];
            lxw_chart_line line{};
            line.color = fill.color;
            if (lines && each.rows > 1) { // one value alone is a point
                chart_series_set_line(series, &line);
                continue;
            }
            chart_series_set_marker_type(series, LXW_CHART_MARKER_CIRCLE);
            chart_series_set_marker_size(series, 6);
            chart_series_set_marker_fill(series, &fill);
            chart_series_set_marker_line(series, &line);
        }
    }
    chart_title_set_name(chart, plot.title.c_str());
    // Of bars the library calls the horizontal axis x, which has the values.
    lxw_chart_axis *categories = points ? chart->x_axis : chart->y_axis,
                   *values = points ? chart->y_axis : chart->x_axis;
    chart_axis_set_name(categories, plot.x_title.c_str());
    chart_axis_set_name(values, plot.y_title.c_str());
    if (plot.log_x)
        chart_axis_set_log_base(chart->x_axis, 10);
    if (!points) {
        chart_axis_set_reverse(categories); // the first on top, and the values' axis below all the same
        chart_axis_set_crossing_max(categories);
        chart_axis_set_label_position(categories, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    }
    if (plot.series.size() < 2 && !points)
        chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    lxw_chart_options options{};
    options.x_scale = 1.8;
    options.y_scale = 1.8;
    worksheet_insert_chart_opt(sheet, 1, static_cast<lxw_col_t>(plot.data.header.size() + 1), chart, &options);
}

// Of the text, a place in the order of first sight.
class Places {
public:
    std::size_t of(const std::string &text)
    {
        const auto [found, fresh] = places.try_emplace(text, all.size());
        if (fresh)
            all.push_back(text);
        return found->second;
    }
    bool has(const std::string &text) const { return places.contains(text); }
    const std::vector<std::string> &texts() const { return all; }

private:
    std::map<std::string, std::size_t> places;
    std::vector<std::string> all;
};

} // namespace

Plot points_of(
    const Sheet &sheet, std::size_t x, std::size_t y, std::size_t series, const std::string &title, Plot::Kind kind)
{
    Plot plot{kind, title, sheet.header[x], sheet.header[y], false, {"Chart", {}}, {}};
    Places names;
    std::vector<std::vector<std::pair<SheetValue, SheetValue>>> points;
    for (const std::vector<SheetValue> &row : sheet.rows) {
        if (!std::holds_alternative<double>(row[x]))
            continue;
        const bool may_be_gap = kind == Plot::Kind::lines && names.has(text_of(row[series]));
        if (!std::holds_alternative<double>(row[y]) && !may_be_gap)
            continue;
        const std::size_t place = names.of(text_of(row[series]));
        points.resize(names.texts().size());
        points[place].emplace_back(row[x], row[y]);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
        plot.data.header.push_back(sheet.header[x]);
        plot.data.header.push_back(names.texts()[i]);
        plot.series.push_back({2 * i, 2 * i + 1, points[i].size()});
        if (points[i].size() > plot.data.rows.size())
            plot.data.rows.resize(points[i].size());
    }
    for (std::size_t row = 0; row < plot.data.rows.size(); ++row) {
        plot.data.rows[row].resize(plot.data.header.size());
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (row < points[i].size())
                std::tie(plot.data.rows[row][2 * i], plot.data.rows[row][2 * i + 1]) = points[i][row];
        }
    }
    return plot;
}

Plot stacked_of(
    const Sheet &sheet, std::size_t category, std::size_t series, std::size_t value, const std::string &title)
{
    Sheet wide{{}, {sheet.header[category]}};
    Places bars, segments;
    for (const std::vector<SheetValue> &row : sheet.rows) {
        const std::size_t bar = bars.of(text_of(row[category])), segment = segments.of(text_of(row[series]));
        wide.rows.resize(bars.texts().size());
        std::vector<SheetValue> &cells = wide.rows[bar];
        cells.resize(std::max(cells.size(), segment + 2));
        cells[0] = row[category];
        cells[segment + 1] = row[value];
    }
    std::vector<std::size_t> values;
    for (std::size_t i = 0; i < segments.texts().size(); ++i) {
        wide.header.push_back(segments.texts()[i]);
        values.push_back(i + 1);
    }
    Plot plot = bars_of(wide, 0, values, Plot::Kind::stacked_bars, title);
    plot.y_title = sheet.header[value];
    return plot;
}

Plot bars_of(const Sheet &sheet, std::size_t category, const std::vector<std::size_t> &values, Plot::Kind kind,
    const std::string &title)
{
    Plot plot{kind, title, sheet.header[category], {}, false, {"Chart", {sheet.header[category]}}, {}};
    for (const std::size_t value : values) {
        plot.data.header.push_back(sheet.header[value]);
        plot.series.push_back({0, plot.data.header.size() - 1, 0});
    }
    for (const std::vector<SheetValue> &row : sheet.rows) {
        const bool any = std::any_of(values.begin(), values.end(),
            [&](std::size_t value) { return value < row.size() && std::holds_alternative<double>(row[value]); });
        if (!any)
            continue;
        std::vector<SheetValue> &cells = plot.data.rows.emplace_back();
        cells.push_back(row[category]);
        cells.resize(1 + values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i] < row.size())
                cells[i + 1] = row[values[i]];
        }
    }
    for (Plot::Series &each : plot.series)
        each.rows = plot.data.rows.size();
    return plot;
}

QByteArray workbook_bytes(const Workbook &workbook, QString &problem)
{
    // The library writes to a file and nowhere else; from there it goes the way of all files, whole or not at all.
    const QTemporaryDir folder;
    if (!folder.isValid()) {
        problem = folder.errorString();
        return {};
    }
    const QByteArray path = QFile::encodeName(folder.filePath(QStringLiteral("book.xlsx"))),
                     place = QFile::encodeName(folder.path());
    lxw_workbook_options options{};
    QByteArray tmpdir = place;
    options.tmpdir = tmpdir.data();
    lxw_workbook *book = workbook_new_opt(path.constData(), &options);
    std::string title = workbook.about.empty() ? std::string("EPScope") : workbook.about.front().second,
                author = "EPScope";
    lxw_doc_properties properties{};
    properties.title = title.data();
    properties.author = author.data();
    if (workbook.date.isValid())
        properties.created = static_cast<time_t>(QDateTime(workbook.date, QTime(12, 0), Qt::UTC).toSecsSinceEpoch());
    workbook_set_properties(book, &properties);
    lxw_format *bold = workbook_add_format(book);
    format_set_bold(bold);

    for (const Sheet &sheet : workbook.sheets)
        write_sheet(workbook_add_worksheet(book, sheet.name.c_str()), sheet, bold);
    for (const Plot &plot : workbook.plots) {
        if (plot.series.empty() || plot.data.rows.empty())
            continue;
        lxw_worksheet *target = workbook_add_worksheet(book, plot.data.name.c_str());
        write_sheet(target, plot.data, bold);
        draw(book, target, plot);
    }
    Sheet about{"About", {}};
    for (const auto &[what, text] : workbook.about)
        about.rows.push_back({what, text});
    lxw_worksheet *last = workbook_add_worksheet(book, about.name.c_str());
    write_sheet(last, about, bold);
    worksheet_set_column(last, 0, 0, 20, bold);
    worksheet_set_column(last, 1, 1, 100, nullptr);
    if (const lxw_error error = workbook_close(book); error != LXW_NO_ERROR) {
        problem = QString::fromUtf8(lxw_strerror(error));
        return {};
    }
    QFile file(QFile::decodeName(path));
    if (!file.open(QIODevice::ReadOnly)) {
        problem = file.errorString();
        return {};
    }
    return file.readAll();
}

} // namespace epscope
