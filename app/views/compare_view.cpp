// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/compare_view.h"

#include <algorithm>
#include <cmath>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "app/look/plain_text.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

constexpr int margin = 8; // px at both ends of a cell
const QString longest_change = QStringLiteral("▲ +1000 %");

QString percent_text(double percent)
{
    return change_text(percent, to_text(short_text(std::abs(percent), Dimension::count)));
}

// A number where the input is one that has no unit: a chip or model may be called by a number.
TableCell input_cell(const DifferingInput &input, std::size_t column)
{
    const QString text = to_text(input.texts[column]);
    const Parameter *parameter = find_parameter(input.key);
    bool is_number = parameter && parameter->axis != Axis::none;
    const double number = is_number ? text.toDouble(&is_number) : 0;
    return is_number ? TableCell(number) : TableCell(text);
}

// Value and, smaller and in its colour, how it differs from the first.
class ValueDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        const QString value = cell.text;
        cell.text.clear();
        const QStyle &style = *cell.widget->style();
        style.drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        QRect room = cell.rect.adjusted(margin, 0, -margin, 0);
        painter->save();
        painter->setClipRect(cell.rect);
        const QString change = index.data(CompareModel::change_role).toString();
        if (index.column() > 0) {
            QRect at = room;
            at.setLeft(room.right() - change_width(cell.font));
            painter->setFont(change_font(cell.font));
            painter->setPen(index.data(CompareModel::change_colour_role).value<QColor>());
            painter->drawText(at, Qt::AlignRight | Qt::AlignVCenter, change);
            const bool fits = cell.fontMetrics.horizontalAdvance(value) < at.left() - margin - room.left();
            if (fits || !change.isEmpty()) // a long text takes the room of the change that it has not
                room.setRight(at.left() - margin);
        }
        painter->setFont(cell.font);
        painter->setPen(cell.palette.color(QPalette::Text));
        if (cell.fontMetrics.horizontalAdvance(value) > room.width() && room.height() > 2 * cell.fontMetrics.height())
            painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter | Qt::TextWordWrap, value);
        else
            painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                cell.fontMetrics.elidedText(value, Qt::ElideRight, room.width()));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QFontMetrics metrics(bold(option.font));
        const int change = index.column() > 0 ? change_width(option.font) + margin : 0;
        return {metrics.horizontalAdvance(index.data().toString()) + change + 2 * margin,
            metrics.height() + metrics.height() / 2};
    }

private:
    static QFont bold(QFont font)
    {
        font.setBold(true);
        return font;
    }
    static QFont change_font(QFont font)
    {
        font.setPointSizeF(0.88 * font.pointSizeF());
        font.setBold(false);
        return font;
    }
    static int change_width(const QFont &font)
    {
        return QFontMetrics(change_font(font)).horizontalAdvance(longest_change);
    }
};

} // namespace

void CompareModel::set_compared(std::shared_ptr<const Compared> compared, int now_active, double least_change)
{
    beginResetModel();
    shown = std::move(compared);
    active = now_active;
    threshold = least_change;
    told.clear();
    for (const Metric &metric : metrics()) { // not what goes without saying in all of them
        if (shown && std::any_of(shown->cases.begin(), shown->cases.end(), [&](const Case &each) {
                return epscope::is_told(metric, each.study.search);
            }))
            told.push_back(&metric);
    }
    endResetModel();
}

void CompareModel::set_theme(const Theme &other)
{
    theme = &other;
    if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

int CompareModel::outputs() const
{
    return static_cast<int>(told.size());
}

int CompareModel::rowCount(const QModelIndex &parent) const
{
    return !shown || parent.isValid() ? 0 : outputs() + 1 + static_cast<int>(shown->comparison.inputs.size());
}

int CompareModel::columnCount(const QModelIndex &parent) const
{
    return !shown || parent.isValid() ? 0 : static_cast<int>(shown->cases.size());
}

bool CompareModel::is_text(int row) const
{
    return row < outputs() && !output_of(row).number;
}

QString CompareModel::output_text(int row, std::size_t column) const
{
    const Metric &metric = output_of(row);
    const Outcome &outcome = shown->comparison.outcomes[column];
    if (outcome.best)
        return to_text(
            text_of(metric, with_chip(shown->cases[column].study, shown->comparison.chips[column]), *outcome.best));
    if (metric.key != output::bound_by || !outcome.miss)
        return u"–"_qs;
    return tr("nothing is feasible: %1").arg(to_text(text_of(outcome.miss->lacks)));
}

std::optional<Change> CompareModel::change_at(int row, std::size_t column) const
{
    if (row >= outputs() || column == 0)
        return std::nullopt;
    const Metric &metric = output_of(row);
    return change_of(
        number_of(metric, shown->comparison.outcomes[0]), number_of(metric, shown->comparison.outcomes[column]));
}

QVariant CompareModel::data(const QModelIndex &index, int role) const
{
    if (!shown || !index.isValid())
        return {};
    const int row = index.row();
    const auto column = static_cast<std::size_t>(index.column());
    const std::optional<Change> change = change_at(row, column);
    switch (role) {
    case Qt::ToolTipRole:
        return is_heading(row) ? QVariant() : shown_as_is(data(index, Qt::DisplayRole).toString());
    case Qt::DisplayRole:
        if (is_heading(row))
            return shown->comparison.inputs.empty() && column == 0 ? tr("No input differs") : QVariant();
        if (row < outputs())
            return output_text(row, column);
        {
            const QString text =
                to_text(shown->comparison.inputs[static_cast<std::size_t>(row - outputs() - 1)].texts[column]);
            return text.isEmpty() ? u"–"_qs : text;
        }
    case Qt::AccessibleTextRole: {
        const QString text = data(index, Qt::DisplayRole).toString(), percent = data(index, change_role).toString();
        return percent.isEmpty() ? text : text + u", "_qs + percent;
    }
    case Qt::FontRole: {
        QFont font;
        font.setBold(shown->ids[column] == active && !is_heading(row));
        return font;
    }
    case change_role:
        return change && change->percent ? percent_text(*change->percent) : QString();
    case change_colour_role: {
        if (!change || !change->percent || std::abs(*change->percent) < 100 * threshold)
            return theme->muted;
        const Better better = output_of(row).better;
        if (better == Better::neither)
            return theme->muted;
        return theme->change((*change->percent > 0) == (better == Better::higher));
    }
    default:
        return {};
    }
}

QVariant CompareModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (!shown)
        return {};
    if (orientation == Qt::Horizontal) {
        const auto column = static_cast<std::size_t>(section);
        const QString name = to_text(shown->cases[column].name);
        if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
            return role == Qt::DisplayRole ? name : shown_as_is(name);
        if (role == Qt::FontRole) {
            QFont font;
            font.setBold(shown->ids[column] == active);
            return font;
        }
        return role == Qt::TextAlignmentRole ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    }
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (is_heading(section)) {
        if (role == Qt::FontRole) {
            QFont font;
            font.setBold(true);
            return font;
        }
        return role == Qt::DisplayRole ? tr("Inputs that differ") : QVariant();
    }
    if (section < outputs()) {
        const Metric &metric = output_of(section);
        return role == Qt::DisplayRole ? title_of(metric) : role == Qt::ToolTipRole ? help_of(metric) : QVariant();
    }
    const DifferingInput &input = shown->comparison.inputs[static_cast<std::size_t>(section - outputs() - 1)];
    return role == Qt::DisplayRole ? to_text(input.label)
        : role == Qt::ToolTipRole  ? shown_as_is(to_text(input.key))
                                   : QVariant();
}

std::optional<Explainable> CompareModel::number_at(const QModelIndex &index) const
{
    if (!shown || !index.isValid() || is_heading(index.row()))
        return std::nullopt;
    const int row = index.row();
    const auto column = static_cast<std::size_t>(index.column());
    const std::string key = row < outputs()
        ? std::string(output_of(row).explained)
        : shown->comparison.inputs[static_cast<std::size_t>(row - outputs() - 1)].key;
    if (key.empty())
        return std::nullopt;
    const Case &one = shown->cases[column];
    return number_of(to_text(one.name), with_chip(one.study, shown->comparison.chips[column]),
        shown->comparison.outcomes[column], key);
}

Table CompareModel::table() const
{
    Table table;
    if (!shown)
        return table;
    table.columns.push_back({u"key"_qs, "key"});
    std::vector<std::string> percents;
    for (std::size_t column = 0; column < shown->cases.size(); ++column) {
        const QString name = to_text(shown->cases[column].name);
        table.columns.push_back({name});
        if (column == 0)
            continue;
        percents.push_back("percent " + std::to_string(column));
        table.columns.push_back({tr("%1 percent").arg(name), percents.back()});
    }
    if (!percents.empty())
        table.plot = TablePlot{TablePlot::Kind::bars, tr("Change against %1").arg(table.columns[1].title),
            tr("Change in %"), "key", percents};
    for (int row = 0; row < outputs(); ++row) {
        const Metric &metric = output_of(row);
        std::vector<TableCell> cells{to_text(metric.key)};
        for (std::size_t column = 0; column < shown->cases.size(); ++column) {
            cells.push_back(metric.number ? cell_of(number_of(metric, shown->comparison.outcomes[column]))
                                          : TableCell(output_text(row, column)));
            const std::optional<Change> change = column > 0 ? change_at(row, column) : std::nullopt;
            if (column > 0)
                cells.push_back(change ? cell_of(change->percent) : TableCell());
        }
        table.add(std::move(cells));
    }
    for (const DifferingInput &input : shown->comparison.inputs) {
        std::vector<TableCell> cells{to_text(input.key)};
        for (std::size_t column = 0; column < shown->cases.size(); ++column) {
            cells.push_back(input_cell(input, column));
            if (column > 0)
                cells.emplace_back();
        }
        table.add(std::move(cells));
    }
    return table;
}

CompareView::CompareView(QWidget *parent)
    : QWidget(parent)
    , cells(new CompareModel)
    , rows(new QTableView(this))
    , nothing(plain_label(this))
{
    cells->setParent(this);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(rows);
    rows->setModel(cells);
    rows->setItemDelegate(new ValueDelegate(rows));
    rows->setAccessibleName(tr("Scenarios compared"));
    rows->setFrameShape(QFrame::NoFrame);
    rows->setShowGrid(false);
    rows->setAlternatingRowColors(true);
    rows->setSelectionMode(QAbstractItemView::ContiguousSelection);
    rows->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    rows->setTabKeyNavigation(false);
    rows->horizontalHeader()->setHighlightSections(false);
    rows->horizontalHeader()->setSectionsClickable(true);
    rows->verticalHeader()->setHighlightSections(false);
    rows->horizontalHeader()->setTextElideMode(Qt::ElideRight);
    rows->horizontalHeader()->setStyleSheet(
        QStringLiteral("QHeaderView::section { border: none; border-bottom: 1px solid palette(mid); "
                       "padding: 3px 8px; background: palette(base); }"));
    rows->verticalHeader()->setStyleSheet(
        QStringLiteral("QHeaderView { background: palette(base); } "
                       "QHeaderView::section { border: none; padding: 0 8px; background: palette(base); }"));
    rows->setCornerButtonEnabled(false);
    rows->setStyleSheet(
        QStringLiteral("QTableCornerButton::section { border: none; border-bottom: 1px solid palette(mid); "
                       "background: palette(base); }"));
    connect(rows->horizontalHeader(), &QHeaderView::sectionClicked, this, [this](int section) {
        if (cells->compared() && !(section == 0 && cells->has_baseline()))
            emit scenario_chosen(cells->compared()->ids[static_cast<std::size_t>(section)]);
    });
    auto *copying = new QAction(tr("&Copy as tab-separated values"), this);
    copying->setShortcut(QKeySequence::Copy);
    copying->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(copying, &QAction::triggered, this, &CompareView::copy);
    rows->addAction(copying);
    rows->setContextMenuPolicy(Qt::ActionsContextMenu);
    nothing->setText(
        tr("One scenario so far. Ctrl+D makes a copy of it: change that, and both stand here side by side."));
    nothing->setWordWrap(true);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setContentsMargins(24, 24, 24, 24);
    fit();
}

void CompareView::set_compared(const std::shared_ptr<const Compared> &compared, int active, double threshold)
{
    const QModelIndex at = rows->currentIndex();
    const int row = at.row(), column = at.column();
    cells->set_compared(compared, active, threshold);
    if (row >= 0 && row < cells->rowCount() && column < cells->columnCount())
        rows->setCurrentIndex(cells->index(row, column));
    fit();
}

void CompareView::set_theme(const Theme &theme)
{
    cells->set_theme(theme);
}

void CompareView::show_baseline_alone(bool alone)
{
    if (alone == baseline_alone)
        return;
    baseline_alone = alone;
    fit();
}

std::optional<Explainable> CompareView::number_at(const QPoint &global) const
{
    return cells->number_at(rows->indexAt(rows->viewport()->mapFromGlobal(global)));
}

std::optional<Explainable> CompareView::current_number() const
{
    return cells->number_at(rows->currentIndex());
}

void CompareView::copy()
{
    QApplication::clipboard()->setText(cells->table().csv('\t'));
}

// As wide as the numbers need, wider where there is room; the long texts take several lines.
void CompareView::fit()
{
    const bool empty = cells->columnCount() == 0;
    rows->setVisible(!empty);
    nothing->setVisible(empty);
    nothing->setGeometry(rect());
    if (empty)
        return;
    const int em = fontMetrics().height();
    rows->verticalHeader()->setMinimumSectionSize(em);
    rows->verticalHeader()->setDefaultSectionSize(em + em / 2);
    const int count = cells->columnCount();
    std::vector<int> widths;
    int sum = 0;
    for (int column = 0; column < count; ++column) {
        constexpr int least = 10, longest = 20; // times the height of a line
        int width = least * em;
        for (int row = 0; row < cells->rowCount(); ++row) {
            if (!cells->is_text(row))
                width =
                    std::max(width, std::min(longest * em, rows->sizeHintForIndex(cells->index(row, column)).width()));
        }
        widths.push_back(width);
        sum += width;
    }
    const int room = width() - rows->verticalHeader()->sizeHint().width() - em;
    for (int column = 1; column < count; ++column)
        rows->setColumnHidden(column, baseline_alone && cells->has_baseline());
    for (int column = 0; column < count; ++column)
        rows->setColumnWidth(column, widths[static_cast<std::size_t>(column)] + std::max(0, room - sum) / count);
    QFont bold = font();
    bold.setBold(true);
    const QFontMetrics metrics(bold);
    for (int row = 0; row < cells->rowCount(); ++row) {
        int height = em;
        for (int column = 0; column < count && cells->is_text(row); ++column) {
            const QRect within(0, 0, rows->columnWidth(column) - 2 * margin - 1, 100 * em);
            height = std::max(height,
                metrics
                    .boundingRect(
                        within, Qt::AlignRight | Qt::TextWordWrap, cells->index(row, column).data().toString())
                    .height());
        }
        rows->setRowHeight(row, height + em / 2);
    }
}

void CompareView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

void CompareView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fit();
}

} // namespace epscope
