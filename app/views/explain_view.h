// SPDX-License-Identifier: GPL-3.0-or-later
// Where a number comes from: a tree from it over operators and formulas down to the inputs, next to it what each was in
// the pinned baseline.
#pragma once

#include <memory>
#include <optional>

#include <QAbstractItemModel>
#include <QWidget>

#include "app/charts/explainable.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"

class QComboBox;
class QTimer;
class QTreeView;

namespace epscope {

class ElidedLabel;

// The tree below one number; empty without one.
class ExplainModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { title, value, then, change, how, column_count };

    using QAbstractItemModel::QAbstractItemModel;

    // Rows stay what they are where the tree has the same shape, so that a view keeps what is unfolded; false if it has
    // not, and everything is folded. `before`: the same in the baseline, or null.
    bool set_root(const Explanation &root, const Explanation *before, const PinnedBaselines &baselines);
    void clear();
    void set_theme(const Theme &theme);
    const Explanation *node(const QModelIndex &index) const;
    bool is_compared() const { return compared; }
    // " (Base: 3.1 ms, ▲ +4 %)", empty for what the baseline has not.
    QString change_remark(const Explanation &shown) const;

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
        int direction = 0; // of the root's value for the better when this grows; 0: neither
        std::vector<std::unique_ptr<Item>> below;
    };

    std::unique_ptr<Explanation> root;
    std::unique_ptr<Item> items;
    std::unordered_map<const Explanation *, double> before; // of the nodes that the baseline has too
    bool compared = false;
    QString baseline; // its name
    double threshold = 0; // below which a change is grey
    const Theme *theme = &Theme::light();

    static std::unique_ptr<Item> item_of(Explanation &shown, Item *above, int row, int direction);
    std::optional<ValueChange> change_at(const Explanation &shown) const;
    QString change_text_of(const Explanation &shown) const;
};

class ExplainView : public QWidget {
    Q_OBJECT
public:
    explicit ExplainView(QWidget *parent = nullptr);

    // With what it was in the primary baseline, if there is one. Drawn when the view is painted next.
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines = {});
    void set_theme(const Theme &theme);
    void explain(const Explainable &number);
    const Explainable &number() const { return wanted; }
    // What a number is called.
    QString title_of(const Explainable &number) const;
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
    ElidedLabel *configuration;
    QTreeView *rows;
    ExplainModel *model;
    std::shared_ptr<const Explored> explored;
    PinnedBaselines baselines;
    Explainable wanted;
    // The number of a configuration, made again where it is asked for another; none where the configuration has no such
    // number.
    class KeptTree {
    public:
        const std::optional<Explanation> &of(const Scenario &scenario, const std::string &name);

    private:
        std::optional<Scenario> whose;
        std::string name;
        std::optional<Explanation> tree;
    };
    KeptTree kept, kept_before; // of the configuration shown, and of its like in the baseline
    bool stale = false;
    QTimer *rest; // after which the list of numbers follows: it needs all trees

    Scenario scenario(const Explainable &number) const;
    std::optional<Scenario> scenario_before() const;
    Explanation explained(const Explainable &number, KeptTree &tree) const;
    std::optional<Explanation> band_of_chip(const Whose &whose) const;
    QString whose_text() const;
    void refresh();
    void fill_numbers();
    void choose_number();
    void unfold(const QModelIndex &index);
    void activate(const QModelIndex &index);
};

} // namespace epscope
