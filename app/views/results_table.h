// SPDX-License-Identifier: GPL-3.0-or-later
// The search's configurations as a table: group winners, Pareto fronts or all, to be sorted, filtered, picked and
// copied; below it what was rejected and why.
#pragma once

#include <functional>
#include <memory>

#include <QWidget>

#include "app/views/results_model.h"

class QBoxLayout;
class QLabel;
class QLineEdit;
class QTableView;
class QToolButton;

namespace epscope {

// "394,800 too large for the memory, e.g. H800, EP 8, batch 512: needs ...", a line per reason that occurs.
QStringList rejected_lines(const Explored &explored);

class ElidedLabel;
class RejectedSummary;

class ResultsTable : public QWidget, public ShowsNumbers {
    Q_OBJECT
public:
    explicit ResultsTable(QWidget *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    // With the difference to the primary baseline, if there is one.
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
    void set_theme(const Theme &theme);
    void set_rows(ResultRows rows);
    QString rows_text() const; // for people
    // What the table shows, in full precision.
    Table table() const;

    QTableView *view() const { return rows_view; }
    QLineEdit *filter_line() const { return filter; }
    ResultsModel *model() const { return rows_model; }
    std::optional<Explainable> number_at(const QPoint &global) const override;
    std::optional<Explainable> current_number() const override;

public slots:
    void copy_selected();

signals:
    void rows_chosen(); // which, or their filter
    void configuration_picked(const epscope::Selection &selection);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    ResultsModel *rows_model;
    QTableView *rows_view;
    QLineEdit *filter;
    QToolButton *winners, *fronts, *all;
    QBoxLayout *top;
    ElidedLabel *count;
    QLabel *nothing; // what stands in place of no rows
    RejectedSummary *rejected;
    std::optional<Selection> selected; // of the session
    bool updating = false; // the selection follows the session
    bool resized_by_hand = false;
    bool fitting = false;
    QStringList widest; // what the column widths were made for

    void change_rows(const std::function<void()> &change);
    void follow_selection();
    void show_count();
    // Winners can all serve; elsewhere the reasons why not stand next to the configuration.
    void show_reasons(bool on);
    void show_changes();
    void show_shared();
    void fit_columns();
    // The line above the table and the lines below it, as the size allows.
    void fit_surroundings();
};

} // namespace epscope
