// SPDX-License-Identifier: GPL-3.0-or-later
// Scenarios as columns: what their best configurations give, each with its change against the first or the pinned
// baseline, and only the inputs that differ.
#pragma once

#include <memory>

#include <QAbstractTableModel>
#include <QWidget>

#include "app/charts/explainable.h"
#include "app/charts/table.h"
#include "app/look/theme.h"
#include "app/session/comparer.h"

class QLabel;
class QTableView;

namespace epscope {

class CompareModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { change_role = Qt::UserRole, change_colour_role };

    void set_compared(std::shared_ptr<const Compared> compared, int active, double threshold);
    double least_change() const { return threshold; }
    bool has_baseline() const { return shown && shown->ids.front() == pinned_id; }
    void set_theme(const Theme &other);
    const Theme &colours() const { return *theme; }
    const std::shared_ptr<const Compared> &compared() const { return shown; }
    bool is_text(int row) const; // an output that is no number
    // What a cell tells; none of an input that the configuration has not.
    std::optional<Explainable> number_at(const QModelIndex &index) const;
    // In full precision, outputs before inputs.
    Table table() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const Compared> shown;
    int active = 0;
    double threshold = 0;
    const Theme *theme = &Theme::light();

    std::vector<const Metric *> told; // the outputs, a row each
    int outputs() const;
    const Metric &output_of(int row) const { return *told[static_cast<std::size_t>(row)]; }
    bool is_heading(int row) const { return row == outputs(); }
    QString output_text(int row, std::size_t column) const;
    std::optional<Change> change_at(int row, std::size_t column) const;
};

class CompareView : public QWidget, public ShowsNumbers {
    Q_OBJECT
public:
    explicit CompareView(QWidget *parent = nullptr);

    // `active`: id of the scenario on show; parts of change below the threshold are greyed.
    void set_compared(const std::shared_ptr<const Compared> &compared, int active, double threshold);
    // Of a comparison with a baseline its column only.
    void show_baseline_alone(bool alone);
    void set_theme(const Theme &theme);
    QTableView *view() const { return rows; }
    std::optional<Explainable> number_at(const QPoint &global) const override;
    std::optional<Explainable> current_number() const override;
    const CompareModel &model() const { return *cells; }
    QSize sizeHint() const override { return {480, 260}; }

public slots:
    void copy(); // as tab-separated values in full precision

signals:
    void scenario_chosen(int id);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    CompareModel *cells;
    QTableView *rows;
    QLabel *nothing;
    bool baseline_alone = false;

    void fit();
};

} // namespace epscope
