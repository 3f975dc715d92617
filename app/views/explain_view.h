// SPDX-License-Identifier: GPL-3.0-or-later
// Where a number of the shown configuration comes from: a tree from it over operators and formulas down to the inputs.
#pragma once

#include <memory>
#include <optional>

#include <QAbstractItemModel>
#include <QWidget>

#include "app/session/explored.h"
#include "app/theme.h"
#include "core/analysis/explain.h"

class QComboBox;
class QLabel;
class QTreeView;

namespace epscope {

// The tree below one number; empty without one.
class ExplainModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { title, value, how, column_count };

    using QAbstractItemModel::QAbstractItemModel;

    // Rows stay what they are where the tree has the same shape, so that a view keeps what is unfolded.
    void set_root(Explanation root);
    void clear();
    void set_theme(const Theme &theme);
    const Explanation *node(const QModelIndex &index) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Item {
        Explanation *shown = nullptr;
        Item *above = nullptr;
        int row = 0;
        std::vector<std::unique_ptr<Item>> below;
    };

    std::unique_ptr<Explanation> root;
    std::unique_ptr<Item> items;
    const Theme *theme = &Theme::light();

    static std::unique_ptr<Item> item_of(Explanation &shown, Item *above, int row);
};

class ExplainView : public QWidget {
    Q_OBJECT
public:
    explicit ExplainView(QWidget *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    void set_theme(const Theme &theme);
    // A number by the name that find_explanation() knows it by; of a chip of the study, or of the leading one.
    void explain(const std::string &name, const std::string &chip = {});
    const std::string &name() const { return wanted; }
    // Null while there is nothing to explain.
    const Explanation *shown() const;
    QTreeView *tree() const { return rows; }
    QComboBox *numbers() const { return choice; }
    QSize sizeHint() const override { return {480, 260}; }

public slots:
    void copy(); // as a nested Markdown list

signals:
    void input_chosen(const QString &key); // as set_parameter() takes it

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QComboBox *choice;
    QLabel *configuration;
    QTreeView *rows;
    ExplainModel *model;
    std::shared_ptr<const Explored> explored;
    std::string wanted = "throughput", chip;
    std::optional<Explained> all; // of the configuration shown
    bool stale = false;

    void refresh();
    void fill_numbers();
    void unfold(const QModelIndex &index);
    void activate(const QModelIndex &index);
};

} // namespace epscope
