// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the results table: the search's winners, the chips' Pareto fronts or what it made of every combination,
// filtered and sorted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QAbstractTableModel>
#include <QFont>
#include <QStringList>

#include "app/charts/explainable.h"
#include "app/charts/table.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "core/analysis/outputs.h"
#include "core/explore/explored.h"

namespace epscope {

// The chips of a study behind its NICs, looked up once for the times of many configurations. These are of another
// study, or of the same one, which names their chip and NIC.
class Hardware {
public:
    Hardware() = default;
    Hardware(const Study &study, const Study &shown);

    // None if the study has no such chip or NIC.
    std::optional<Candidate> timed(const Candidate &candidate) const;
    Bound bound(const Candidate &own) const; // of a candidate of the study itself

private:
    const Study *study = nullptr;
    std::vector<Machine> machines; // by chip and NIC
    std::vector<std::optional<std::size_t>> chips, nics; // by those of the study that is shown

    const Machine &machine(const Candidate &own) const;
};

class ResultsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit ResultsModel(QObject *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    // The primary one is what the rows are compared with.
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
    // Those that tell the difference to it, empty without one.
    std::vector<int> change_columns() const;
    bool is_compared() const { return pinned.primary() != nullptr; }
    void set_rows(ResultRows rows);
    ResultRows rows() const { return chosen; }
    // Rows in which every word stands in some cell that is not a measured number.
    void set_filter(const QString &text);
    void set_theme(const Theme &theme);

    Candidate candidate(int row) const { return content.list.at(order[static_cast<std::size_t>(row)]).candidate; }
    Selection selection_of(int row) const;
    // What a cell tells.
    Explainable number_at(const QModelIndex &index) const;
    std::optional<int> row_of(const Selection &selection) const;
    std::size_t unfiltered_rows() const { return content.list.size(); }
    // As many as there are to list; more than unfiltered_rows() where there are too many for the memory.
    std::uint64_t found_rows() const { return content.list.found(); }

    // For files and the clipboard: the CSV keys, and cells in full precision.
    QStringList keys() const;
    std::vector<TableCell> exact_cells(int row) const;
    Table table(const std::vector<int> &rows) const;
    int batch_column() const;
    int throughput_column() const;
    int infeasible_column() const;
    // Those of axes of which the published equations know one value, or the outputs that only count with them.
    std::vector<int> shared_columns(bool outputs) const;
    int ep_column() const;
    // Is the column for reading? Others are for files and the clipboard, and where they say what goes without saying.
    bool is_listed(int column) const;
    // The widest texts that the column's cells have, for its width.
    QStringList widest_texts(int column) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    // Stable; a column below 0 is the search's own order, best first.
    void sort(int column, Qt::SortOrder direction = Qt::AscendingOrder) override;

private:
    struct Content {
        std::shared_ptr<const Explored> explored; // may be null
        ResultList list; // of it, in the search's order
    };

    Content content;
    PinnedBaselines pinned;
    const Theme *colours;
    ResultRows chosen = ResultRows::winners;
    // What takes a plan, with what that is made of and for the list's rows as far as somebody looked.
    struct WorkedOut {
        Hardware now, before; // of the study on show, and of the primary baseline's
        std::vector<std::optional<Bound>> bounds;
        std::vector<double> steps; // s, of combinations, whose rows do not hold them; NaN: nobody has looked
        std::vector<double> throughputs_before; // in the primary baseline; 0: not in it; NaN likewise
    };
    mutable WorkedOut worked_out;
    std::vector<std::uint32_t> order; // of the list, the rows
    QStringList words;
    int sort_column = -1;
    Qt::SortOrder sort_direction = Qt::AscendingOrder;

    Content content_of(std::shared_ptr<const Explored> explored) const;
    void replace(Content content);
    void install(Content content);
    const Study &study() const { return content.explored->searched; }
    std::vector<std::uint32_t> arranged() const;
    void apply_sort(std::vector<std::uint32_t> &rows) const;
    void keep_matches(std::vector<std::uint32_t> &rows, const QString &word) const;
    std::vector<double> sort_keys(const std::vector<std::uint32_t> &rows) const;
    QString why_infeasible(const ResultRow &row) const;
    Bound bound_of(std::size_t index) const;
    std::optional<ValueChange> change(std::size_t index) const;
    ColumnValue value(std::size_t index, int column) const;
    Candidate timed_row(std::size_t index) const;
    QString text_of_cell(const ColumnValue &cell, int column) const;
    QString text(std::size_t index, int column) const;
    TableCell exact_cell_of(std::size_t index, int column) const;
    QString tooltip(std::size_t index, int column) const;
    double number(std::size_t index, int column) const;
    QString header(int column) const;
    QString help(int column) const;
    // Differences only where there is a baseline.
    bool is_told(int column) const;
};

} // namespace epscope
