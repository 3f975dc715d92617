// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/comparison.h"

#include <numeric>

#include <QCoreApplication>
#include <QGuiApplication>
#include <QPainter>
#include <QScreen>

#include "app/look/text_scale.h"
#include "app/views/compare_view.h"

namespace epscope {
namespace {

struct ComparisonTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Comparison)
};

// As large as the area allows, so that it can be read from afar: so many times the picture's usual size at most and at
// least.
QFont fitting_font(
    const ReportTable &table, QPaintDevice &device, const QSizeF &room, const QFont &font, const Theme &theme)
{
    constexpr double largest = 1.5, smallest = 0.3, step = 0.95;
    double factor = largest;
    for (; factor > smallest; factor *= step) {
        const TablePainter painter(table, device, room.width(), scaled(font, factor), theme);
        if (painter.height() <= room.height() && !painter.breaks_words())
            break;
    }
    return scaled(font, factor);
}

} // namespace

ReportTable comparison_table(const CompareModel &model, const std::vector<int> &columns)
{
    ReportTable table{{QString()}, {true}};
    for (const int column : columns) {
        table.header << model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        table.left.push_back(false);
    }
    const Theme &theme = model.colours();
    for (int row = 0; row < model.rowCount(); ++row) {
        std::vector<ReportCell> cells{{model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString()}};
        const bool heading = model.data(model.index(row, 1), Qt::DisplayRole).isNull();
        for (const int column : columns) {
            const QModelIndex index = model.index(row, column);
            const QColor colour = index.data(CompareModel::change_colour_role).value<QColor>();
            if (!heading)
                cells.push_back({index.data().toString(), index.data(CompareModel::change_role).toString(),
                    colour == theme.muted              ? Tone::muted
                        : colour == theme.change(true) ? Tone::better
                                                       : Tone::worse});
        }
        table.rows.push_back(std::move(cells));
    }
    return table;
}

QString comparison_note(const CompareModel &model)
{
    return ComparisonTexts::tr("Changes are against the first column; those under %1 % are grey.")
        .arg(100 * model.least_change());
}

Drawing comparison_drawing(const CompareModel &model)
{
    const QFont font = QGuiApplication::font();
    const int dpi = static_cast<int>(QGuiApplication::primaryScreen()->logicalDotsPerInchX());
    return {ComparisonTexts::tr("Scenarios compared"), font, dpi,
        [&model](QPaintDevice &device, const QRect &area, const Theme &theme, const QFont &base,
            const std::function<void(QPainter &)> &frame) {
            std::vector<int> columns(static_cast<std::size_t>(model.columnCount()));
            std::iota(columns.begin(), columns.end(), 0);
            const ReportTable table = comparison_table(model, columns);
            QPainter painter(&device);
            if (frame)
                frame(painter);
            const double margin = QFontMetricsF(base, &device).height() / 2;
            const QRectF room = QRectF(area).adjusted(margin, margin / 2, -margin, 0);
            const TablePainter rows(
                table, device, room.width(), fitting_font(table, device, room.size(), base, theme), theme);
            double y = room.top() + rows.draw_header(painter, room.topLeft());
            for (std::size_t row = 0; row < table.rows.size(); ++row)
                y += rows.draw_row(painter, {room.left(), y}, row);
        }};
}

Exportable exportable(const CompareModel &model)
{
    return {QStringLiteral("comparison"), [&model] { return model.table(); }, comparison_drawing(model)};
}

QString export_comparison_table(const CompareModel &model, const QString &file, ExportOptions options)
{
    if (!is_table_file(file))
        options.headline = comparison_note(model);
    return export_file(exportable(model), file, options);
}

} // namespace epscope
