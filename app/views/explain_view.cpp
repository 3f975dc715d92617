// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/explain_view.h"

#include <algorithm>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/charts/marks.h"

namespace epscope {

std::unique_ptr<ExplainModel::Item> ExplainModel::item_of(Explanation &shown, Item *above, int row)
{
    auto item = std::make_unique<Item>();
    item->shown = &shown;
    item->above = above;
    item->row = row;
    for (Explanation &child : shown.children)
        item->below.push_back(item_of(child, item.get(), static_cast<int>(item->below.size())));
    return item;
}

namespace {

bool same_shape(const Explanation &a, const Explanation &b)
{
    return a.title == b.title && a.combine == b.combine
        && std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), same_shape);
}

// Values and notes alone, so that pointers to the nodes stay good.
void take_values(Explanation &to, const Explanation &from)
{
    to.value = from.value;
    to.unit = from.unit;
    to.name = from.name;
    to.key = from.key;
    to.note = from.note;
    for (std::size_t i = 0; i < to.children.size(); ++i)
        take_values(to.children[i], from.children[i]);
}

bool leads_to_names(const Explanation &node)
{
    return std::any_of(node.children.begin(), node.children.end(), [](const Explanation &child) { return !child.name.empty() || leads_to_names(child); });
}

// With air between the lines.
class RoomyDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {size.width(), std::max(size.height(), 3 * option.fontMetrics.height() / 2)};
    }
};

} // namespace

void ExplainModel::set_root(Explanation next)
{
    if (root && same_shape(*root, next)) {
        take_values(*root, next);
        emit layoutAboutToBeChanged();
        emit layoutChanged();
        return;
    }
    beginResetModel();
    root = std::make_unique<Explanation>(std::move(next));
    items = item_of(*root, nullptr, 0);
    endResetModel();
}

void ExplainModel::clear()
{
    if (!root)
        return;
    beginResetModel();
    items.reset();
    root.reset();
    endResetModel();
}

void ExplainModel::set_theme(const Theme &other)
{
    theme = &other;
    emit layoutAboutToBeChanged();
    emit layoutChanged();
}

const Explanation *ExplainModel::node(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<const Item *>(index.internalPointer())->shown : nullptr;
}

QModelIndex ExplainModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!items || row < 0 || column < 0 || column >= column_count || row >= rowCount(parent))
        return {};
    if (!parent.isValid())
        return createIndex(0, column, items.get());
    return createIndex(row, column, static_cast<const Item *>(parent.internalPointer())->below[static_cast<std::size_t>(row)].get());
}

QModelIndex ExplainModel::parent(const QModelIndex &child) const
{
    const Item *above = child.isValid() ? static_cast<const Item *>(child.internalPointer())->above : nullptr;
    return above ? createIndex(above->row, 0, above) : QModelIndex();
}

int ExplainModel::rowCount(const QModelIndex &parent) const
{
    if (parent.column() > 0 || !items)
        return 0;
    return parent.isValid() ? static_cast<int>(static_cast<const Item *>(parent.internalPointer())->below.size()) : 1;
}

int ExplainModel::columnCount(const QModelIndex &) const
{
    return column_count;
}

QVariant ExplainModel::data(const QModelIndex &index, int role) const
{
    const Explanation *shown = node(index);
    if (!shown)
        return {};
    const auto text = [](const std::string &from) { return QString::fromStdString(from); };
    const QString verdict = text(verdict_of(*shown)), formula = text(formula_of(*shown)).replace(u" x "_qs, u" × "_qs), note = text(shown->note);
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case title: return text(shown->title);
        case value: return text(value_text(*shown)).replace(u" us"_qs, u" µs"_qs);
        case how: {
            QStringList parts{verdict.isEmpty() ? formula : formula + u" → "_qs + verdict, note};
            parts.removeAll(QString());
            return parts.join(u"  ·  "_qs);
        }
        default: return {};
        }
    case Qt::TextAlignmentRole: return static_cast<int>(Qt::AlignVCenter | (index.column() == value ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (index.column() == how)
            return theme->muted;
        return shown->key.empty() ? QVariant() : QVariant(theme->accent);
    case Qt::ToolTipRole: {
        constexpr int digits = 12;
        QStringList lines{tr("%1: %2").arg(text(shown->title), text(value_text(*shown, digits)))};
        lines << formula << verdict << note;
        if (!shown->key.empty())
            lines << tr("Input %1: Enter or a double click leads to its control").arg(text(shown->key));
        lines.removeAll(QString());
        return lines.join(u'\n');
    }
    default: return {};
    }
}

QVariant ExplainModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignVCenter | (section == value ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case title: return tr("Number");
    case value: return tr("Value");
    case how: return tr("How it comes about");
    default: return {};
    }
}

ExplainView::ExplainView(QWidget *parent)
    : QWidget(parent), choice(new QComboBox), configuration(new QLabel), rows(new QTreeView), model(new ExplainModel(this))
{
    setAccessibleName(tr("Explanation"));
    choice->setAccessibleName(tr("Number that is explained"));
    choice->setToolTip(tr("The number that is taken apart"));
    choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    constexpr int most_titles = 30, title_length = 16;
    choice->setMaxVisibleItems(most_titles);
    choice->setMinimumContentsLength(title_length);
    configuration->setTextInteractionFlags(Qt::TextSelectableByMouse);
    configuration->setMinimumWidth(0);
    configuration->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    rows->setModel(model);
    rows->setAccessibleName(tr("Where the number comes from"));
    rows->setItemDelegate(new RoomyDelegate(rows));
    rows->setUniformRowHeights(true);
    rows->setAllColumnsShowFocus(true);
    rows->setFrameShape(QFrame::NoFrame);
    rows->setExpandsOnDoubleClick(true);
    rows->header()->setStretchLastSection(true);
    rows->header()->setSectionResizeMode(QHeaderView::Interactive);
    rows->setContextMenuPolicy(Qt::ActionsContextMenu);

    auto *copied = new QAction(tr("Copy as Markdown"), this);
    copied->setShortcut(QKeySequence::Copy);
    copied->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(copied, &QAction::triggered, this, &ExplainView::copy);
    addAction(copied);
    rows->addAction(copied);
    auto *all_open = new QAction(tr("Unfold all below"), rows);
    connect(all_open, &QAction::triggered, this, [this] { rows->expandRecursively(rows->currentIndex()); });
    rows->addAction(all_open);
    auto *all_shut = new QAction(tr("Fold all"), rows);
    connect(all_shut, &QAction::triggered, this, [this] {
        rows->collapseAll();
        rows->expand(model->index(0, 0));
    });
    rows->addAction(all_shut);
    auto *button = new QToolButton;
    button->setText(copied->text());
    button->setToolTip(tr("The whole tree as a nested list"));
    button->setAutoRaise(true);
    connect(button, &QToolButton::clicked, this, &ExplainView::copy);

    auto *top = new QHBoxLayout;
    top->setContentsMargins(6, 4, 6, 4);
    top->addWidget(choice);
    top->addWidget(configuration, 1);
    top->addWidget(button);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top);
    column->addWidget(rows, 1);

    connect(choice, &QComboBox::activated, this, [this](int index) { explain(choice->itemData(index).toString().toStdString(), chip); });
    connect(rows, &QTreeView::activated, this, &ExplainView::activate);
}

void ExplainView::set_explored(std::shared_ptr<const Explored> now)
{
    explored = std::move(now);
    all.reset();
    refresh();
}

void ExplainView::set_theme(const Theme &theme)
{
    model->set_theme(theme);
}

void ExplainView::explain(const std::string &name, const std::string &of_chip)
{
    if (name != wanted || of_chip != chip) {
        wanted = name;
        chip = of_chip;
        all.reset();
    }
    refresh();
}

// Of a tab that comes to the front there is no other sign.
void ExplainView::paintEvent(QPaintEvent *event)
{
    QWidget::paintEvent(event);
    if (stale)
        QMetaObject::invokeMethod(this, &ExplainView::refresh, Qt::QueuedConnection);
}

const Explanation *ExplainView::shown() const
{
    return model->node(model->index(0, 0));
}

// One estimate taken apart takes well under a millisecond.
void ExplainView::refresh()
{
    stale = visibleRegion().isEmpty();
    if (stale || !explored)
        return;
    const auto named = std::find_if(explored->chips.begin(), explored->chips.end(), [this](const ChipView &view) { return view.scenario.chip.name == chip; });
    const ChipView &view = named == explored->chips.end() ? explored->leading() : *named;
    configuration->setText(configuration_text(explored->searched, view.shown).replace(u'\n', u" · "_qs));
    configuration->setToolTip(configuration->text());
    if (!all)
        all = epscope::explain(view.scenario);
    fill_numbers();
    const Explanation *found = find_explanation(*all, wanted);
    if (!found) // the operator is not there in this configuration
        found = &all->throughput;
    const Explanation *before = shown();
    const bool another = !before || before->title != found->title;
    model->set_root(*found);
    if (!another)
        return;
    constexpr int levels_of_an_operator = 2;
    if (leads_to_names(*found))
        unfold(model->index(0, 0));
    else
        rows->expandToDepth(levels_of_an_operator);
    rows->setCurrentIndex(model->index(0, 0));
    for (const int column : {ExplainModel::title, ExplainModel::value})
        rows->resizeColumnToContents(column);
    rows->setColumnWidth(ExplainModel::title, std::min(rows->columnWidth(ExplainModel::title), 2 * width() / 5));
}

void ExplainView::fill_numbers()
{
    const QSignalBlocker blocker(choice);
    QStringList names;
    for (const std::string &name : explanation_names(*all))
        names << QString::fromStdString(name);
    QStringList before;
    for (int i = 0; i < choice->count(); ++i)
        before << choice->itemData(i).toString();
    if (names != before) {
        choice->clear();
        for (const QString &name : names) {
            const Explanation *found = find_explanation(*all, name.toStdString());
            choice->addItem(QString::fromStdString(found->title), name);
        }
    }
    choice->setCurrentIndex(std::max(0, choice->findData(QString::fromStdString(wanted))));
}

// Down to the stages and operators.
void ExplainView::unfold(const QModelIndex &index)
{
    if (index.parent().isValid() && !leads_to_names(*model->node(index)))
        return;
    rows->expand(index);
    for (int row = 0; row < model->rowCount(index); ++row)
        unfold(model->index(row, 0, index));
}

void ExplainView::activate(const QModelIndex &index)
{
    const Explanation *node = model->node(index);
    if (node && !node->key.empty())
        emit input_chosen(QString::fromStdString(node->key));
}

void ExplainView::copy()
{
    if (const Explanation *root = shown())
        QApplication::clipboard()->setText(QString::fromStdString(markdown(*root)));
}

} // namespace epscope
