// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/accessible_table.h"

#include <map>
#include <utility>

#include <QAccessible>
#include <QAccessibleWidget>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"

namespace epscope {
namespace {

class PlotTable;

class PlotCell : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    PlotCell(PlotTable &of, int at_row, int at_column)
        : plot_table(of)
        , row(at_row)
        , column(at_column)
    {
    }

    bool isValid() const override { return true; }
    QObject *object() const override { return nullptr; }
    QAccessibleInterface *parent() const override { return table(); }
    QAccessibleInterface *child(int) const override { return nullptr; }
    QAccessibleInterface *childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface *) const override { return -1; }
    QString text(QAccessible::Text what) const override;
    void setText(QAccessible::Text, const QString &) override { }
    QRect rect() const override;
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override { return {}; }
    void *interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface *>(this) : nullptr;
    }

    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    int columnIndex() const override { return column; }
    int rowIndex() const override { return row; }
    QList<QAccessibleInterface *> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface *> rowHeaderCells() const override { return {}; }
    bool isSelected() const override { return false; }
    QAccessibleInterface *table() const override;

private:
    PlotTable &plot_table;
    int row, column;
};

// Of the newest result; its cells are made when they are asked for and go with the next result.
class PlotTable : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    PlotTable(QCustomPlot &plot, const ChartView &of)
        : QAccessibleWidget(&plot, QAccessible::Table)
        , chart(of)
    {
        QObject::connect(&of, &ChartView::painted, &plot, [this, &plot] {
            forget();
            if (!QAccessible::isActive())
                return;
            QAccessibleTableModelChangeEvent reset(&plot, QAccessibleTableModelChangeEvent::ModelReset);
            QAccessible::updateAccessibility(&reset);
        });
    }
    ~PlotTable() override { forget(); }

    const Table &data() const
    {
        if (!known)
            known = chart.table();
        return *known;
    }

    void *interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface *>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    QAccessibleInterface *child(int index) const override
    {
        return columnCount() > 0 ? cellAt(index / columnCount(), index % columnCount()) : nullptr;
    }
    int childCount() const override { return rowCount() * columnCount(); }
    int indexOfChild(const QAccessibleInterface *child) const override
    {
        for (const auto &[place, id] : cells) {
            if (QAccessible::accessibleInterface(id) == child)
                return place.first * columnCount() + place.second;
        }
        return -1;
    }

    QAccessibleInterface *caption() const override { return nullptr; }
    QAccessibleInterface *summary() const override { return nullptr; }
    QAccessibleInterface *cellAt(int row, int column) const override
    {
        if (row < 0 || row >= rowCount() || column < 0 || column >= columnCount())
            return nullptr;
        const auto [found, fresh] = cells.try_emplace({row, column}, 0);
        if (fresh)
            found->second = QAccessible::registerAccessibleInterface(
                new PlotCell(*const_cast<PlotTable *>(this), row, column)); // the cache owns it
        return QAccessible::accessibleInterface(found->second);
    }
    QString columnDescription(int column) const override
    {
        return column >= 0 && column < columnCount() ? data().columns[static_cast<std::size_t>(column)].title
                                                     : QString();
    }
    QString rowDescription(int) const override { return {}; }
    int columnCount() const override { return static_cast<int>(data().columns.size()); }
    int rowCount() const override { return static_cast<int>(data().rows.size()); }
    int selectedCellCount() const override { return 0; }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return 0; }
    QList<QAccessibleInterface *> selectedCells() const override { return {}; }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent *) override { forget(); }

private:
    const ChartView &chart;
    mutable std::optional<Table> known;
    mutable std::map<std::pair<int, int>, QAccessible::Id> cells;

    void forget()
    {
        known.reset();
        for (const auto &[place, id] : std::exchange(cells, {}))
            QAccessible::deleteAccessibleInterface(id);
    }
};

QString PlotCell::text(QAccessible::Text what) const
{
    if (what != QAccessible::Name && what != QAccessible::Value)
        return {};
    const Table &table = plot_table.data();
    const auto at_row = static_cast<std::size_t>(row), at_column = static_cast<std::size_t>(column);
    if (at_row >= table.rows.size() || at_column >= table.rows[at_row].cells.size())
        return {};
    return text_of(table.rows[at_row].cells[at_column]);
}

QRect PlotCell::rect() const
{
    return plot_table.rect();
}

QAccessibleInterface *PlotCell::table() const
{
    return &plot_table;
}

QAccessibleInterface *table_of_plot(const QString &, QObject *object)
{
    auto *plot = qobject_cast<QCustomPlot *>(object);
    const auto *chart = plot ? qobject_cast<const ChartView *>(plot->parentWidget()) : nullptr;
    return chart ? new PlotTable(*plot, *chart) : nullptr;
}

} // namespace

void offer_tables_of_charts()
{
    static const bool offered = [] {
        QAccessible::installFactory(table_of_plot);
        return true;
    }();
    static_cast<void>(offered);
}

} // namespace epscope
