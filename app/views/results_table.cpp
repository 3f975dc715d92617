// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/results_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <QAction>
#include <QApplication>
#include <QButtonGroup>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/charts/marks.h"
#include "app/look/plain_text.h"
#include "app/views/elided_label.h"
#include "app/words/configuration.h"
#include "app/words/numbers.h"
#include "app/words/text.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

QString describe(const Study &study, const Candidate &candidate)
{
    return to_text(study.chips[candidate.chip].name) + u", "_qs
        + axis_words(
            candidate.point, {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::mtp_len}, &study.search);
}

QString room_for_count(bool all_listed)
{
    return all_listed ? ResultsTable::tr("%1 of %2 rows").arg(u"00,000"_qs, u"00,000"_qs)
                      : ResultsTable::tr("showing %1 of %2").arg(u"000,000"_qs, u"00,000,000"_qs);
}

constexpr int cell_margin = 4;

// Draws a cell plainly: the general delegate takes several times as long, and all cells change with every tick of a
// slider.
class CellDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        const QPalette::ColorGroup group =
            option.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive;
        if (selected)
            painter->fillRect(option.rect, option.palette.brush(group, QPalette::Highlight));
        const int em = option.fontMetrics.height();
        QRect place = option.rect.adjusted(cell_margin, 0, -cell_margin, 0);
        const QVariant swatch = index.data(Qt::DecorationRole);
        if (swatch.isValid()) {
            if (index.column() > 0)
                place.setLeft(place.left() + em / 2);
            const int size = em * 3 / 5;
            painter->fillRect(place.left(), place.center().y() - size / 2 + 1, size, size, swatch.value<QColor>());
            place.setLeft(place.left() + em);
        }
        const QVariant ink = index.data(Qt::ForegroundRole);
        painter->setPen(selected ? option.palette.color(group, QPalette::HighlightedText)
                : ink.isValid()  ? ink.value<QColor>()
                                 : option.palette.color(group, QPalette::Text));
        const QString text = index.data(Qt::DisplayRole).toString();
        const bool fits = option.fontMetrics.horizontalAdvance(text) <= place.width();
        painter->drawText(place, index.data(Qt::TextAlignmentRole).toInt(),
            fits ? text : option.fontMetrics.elidedText(text, Qt::ElideRight, place.width()));
    }
};

} // namespace

QStringList rejected_lines(const Explored &explored)
{
    const SearchOutcome &outcome = explored.outcome;
    const std::array<QString, reason_count> what{ResultsTable::tr("of unsupported shape"),
        ResultsTable::tr("with an EP or TP that the cards do not allow"), ResultsTable::tr("too large for the memory"),
        ResultsTable::tr("too slow for the target")};
    QStringList lines{ResultsTable::tr("%1 of %2 configurations are feasible at %3 per user")
                          .arg(whole_text(outcome.feasible), whole_text(outcome.configurations),
                              to_text(compact_text(explored.searched.target_tps.si(), Dimension::tokens_per_second)))};
    for (std::size_t i = 0; i < reason_count; ++i) {
        const Rejected &rejected = outcome.rejected[i];
        if (!rejected.example)
            continue;
        const Study &study = explored.searched;
        const bool is_nearest = explored.miss && explored.miss->lacks.reason == static_cast<Reason>(i);
        const Miss miss = is_nearest ? *explored.miss : Miss{*rejected.example, lack_of(study, *rejected.example)};
        lines << (is_nearest ? ResultsTable::tr("%1 %2, nearest is %3: %4") : ResultsTable::tr("%1 %2, e.g. %3: %4"))
                     .arg(whole_text(rejected.count), what[i], describe(study, miss.nearest),
                         to_text(text_of(miss.lacks)));
    }
    return lines;
}

// Lines of text that never ask for more width than there is; what does not fit is in the tooltip.
class RejectedSummary : public QWidget {
public:
    explicit RejectedSummary(QWidget *parent)
        : QWidget(parent)
    {
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

    void set_lines(const QStringList &now)
    {
        if (now == lines)
            return;
        lines = now;
        const bool taller = lines.size() > tallest; // never less: the table above would jump while a slider moves
        tallest = std::max(tallest, static_cast<int>(lines.size()));
        setToolTip(shown_as_is(lines.join(u'\n')));
        setAccessibleName(lines.join(u". "_qs));
        if (taller)
            updateGeometry();
        update();
    }

    void set_colours(const QColor &first, const QColor &others)
    {
        first_colour = first;
        other_colour = others;
        update();
    }

    // What there is room for; the first says how many are feasible.
    void set_most_lines(int most)
    {
        if (most == most_lines)
            return;
        most_lines = most;
        updateGeometry();
    }

    QSize sizeHint() const override { return {0, std::min(most_lines, tallest) * line_height() + line_height() / 3}; }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const QFontMetrics metrics = fontMetrics();
        const int margin = line_height() / 3;
        for (int i = 0; i < lines.size(); ++i) {
            painter.setPen(i == 0 ? first_colour : other_colour);
            const QRect place(margin, margin / 2 + i * line_height(), width() - 2 * margin, line_height());
            painter.drawText(
                place, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(lines[i], Qt::ElideRight, place.width()));
        }
    }

    void changeEvent(QEvent *event) override
    {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            updateGeometry();
    }

private:
    QStringList lines;
    int most_lines = 5, tallest = 1;
    QColor first_colour, other_colour;

    int line_height() const { return fontMetrics().height() + 2; }
};

ResultsTable::ResultsTable(QWidget *parent)
    : QWidget(parent)
    , rows_model(new ResultsModel(this))
    , rows_view(new QTableView(this))
    , filter(new QLineEdit(this))
    , winners(new QToolButton(this))
    , fronts(new QToolButton(this))
    , all(new QToolButton(this))
    , top(new QBoxLayout(QBoxLayout::LeftToRight))
    , count(new ElidedLabel(this))
    , nothing(plain_label(rows_view))
    , rejected(new RejectedSummary(this))
{
    setAccessibleName(tr("Results"));
    filter->setPlaceholderText(tr("Filter, e.g. H800 naive 320"));
    filter->setToolTip(
        tr("Shows the rows in which every word stands in some column other than speeds and free memory"));
    filter->setAccessibleName(tr("Filter of the results"));
    filter->setClearButtonEnabled(true);
    winners->setText(tr("Group winners"));
    winners->setToolTip(tr("Of each chip, NIC, EP and parameter size the configuration with the highest throughput "
                           "that meets the target"));
    fronts->setText(tr("Pareto fronts"));
    fronts->setToolTip(tr("Of each chip the configurations that no other beats in tok/s per card and in tok/s per "
                          "user, whatever the target"));
    all->setText(tr("All"));
    all->setToolTip(tr(
        "Of every combination of chip, NIC, draft length, precision, policy and EP the largest batch that can serve; "
        "grey, with the reason, where none can. Of very many combinations every so many-th is listed"));
    auto *group = new QButtonGroup(this);
    for (QToolButton *button : {winners, fronts, all}) {
        button->setCheckable(true);
        button->setAccessibleName(button->text());
        button->setFocusPolicy(Qt::StrongFocus);
        group->addButton(button);
    }
    winners->setChecked(true);

    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    nothing->setAttribute(Qt::WA_TransparentForMouseEvents);
    rows_view->setModel(rows_model);
    rows_view->viewport()->installEventFilter(this);
    rows_view->setItemDelegate(new CellDelegate(rows_view));
    rows_view->setAccessibleName(tr("Configurations"));
    rows_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    rows_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    rows_view->setAlternatingRowColors(true);
    rows_view->setShowGrid(false);
    rows_view->setWordWrap(false);
    rows_view->setTabKeyNavigation(false);
    rows_view->setFrameShape(QFrame::NoFrame);
    rows_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    rows_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    rows_view->verticalHeader()->hide();
    rows_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    QHeaderView *header = rows_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setSortIndicatorClearable(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    rows_view->setSortingEnabled(true);

    auto *copy = new QAction(tr("Copy rows"), rows_view);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    rows_view->addAction(copy);
    rows_view->setContextMenuPolicy(Qt::ActionsContextMenu);

    count->keep_room_for(room_for_count(true));
    top->setContentsMargins(6, 6, 6, 6);
    top->setSpacing(8);
    auto *choice = new QHBoxLayout;
    choice->setSpacing(8);
    choice->addWidget(count);
    for (QToolButton *button : {winners, fronts, all})
        choice->addWidget(button);
    choice->addStretch();
    top->addWidget(filter, 1);
    top->addLayout(choice);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(top);
    layout->addWidget(rows_view, 1);
    layout->addWidget(rejected);

    connect(copy, &QAction::triggered, this, &ResultsTable::copy_selected);
    connect(filter, &QLineEdit::textChanged, this,
        [this](const QString &text) { change_rows([&] { rows_model->set_filter(text); }); });
    connect(filter, &QLineEdit::editingFinished, this, &ResultsTable::rows_chosen);
    connect(filter, &QLineEdit::textEdited, this, [this](const QString &text) {
        // By its button, perhaps. What the line undoes itself is no step: that would have to be undone in turn.
        if (text.isEmpty() && !filter->isRedoAvailable())
            emit rows_chosen();
    });
    connect(group, &QButtonGroup::buttonToggled, this, [this](const QAbstractButton *button, bool on) {
        if (!on)
            return;
        change_rows([&] {
            rows_model->set_rows(button == winners ? ResultRows::winners
                    : button == fronts             ? ResultRows::fronts
                                                   : ResultRows::all);
        });
        show_reasons(button != winners);
        emit rows_chosen();
    });
    connect(rows_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const QModelIndexList rows = rows_view->selectionModel()->selectedRows();
        if (updating || rows.size() != 1)
            return;
        const Selection picked = rows_model->selection_of(rows.front().row());
        if (picked == selected)
            return;
        selected = picked;
        emit configuration_picked(picked);
    });
    for (int column = 0; column < rows_model->columnCount(); ++column) // the others are copied and exported
        rows_view->setColumnHidden(column, !rows_model->is_listed(column));
    show_reasons(false);
    // Of what cards share, the choices stand before EP and what these come to behind the batch.
    int before = header->visualIndex(rows_model->ep_column());
    for (const int column : rows_model->shared_columns(false))
        header->moveSection(header->visualIndex(column), before++);
    int behind = header->visualIndex(rows_model->batch_column());
    for (const int column : rows_model->shared_columns(true))
        header->moveSection(header->visualIndex(column), ++behind);
    int beside = header->visualIndex(rows_model->throughput_column());
    for (const int column : rows_model->change_columns())
        header->moveSection(header->visualIndex(column), ++beside);
    show_changes();
    connect(header, &QHeaderView::sectionResized, this, [this] { resized_by_hand = resized_by_hand || !fitting; });
    set_theme(Theme::light());
}

void ResultsTable::set_theme(const Theme &theme)
{
    rows_model->set_theme(theme);
    rejected->set_colours(theme.text, theme.muted);
}

void ResultsTable::set_rows(ResultRows rows)
{
    (rows == ResultRows::winners ? winners : rows == ResultRows::fronts ? fronts : all)->setChecked(true);
}

QString ResultsTable::rows_text() const
{
    return (winners->isChecked() ? winners : fronts->isChecked() ? fronts : all)->text();
}

void ResultsTable::set_explored(std::shared_ptr<const Explored> explored)
{
    set_result(std::move(explored), {});
}

void ResultsTable::set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines)
{
    selected = explored->inputs.selection;
    rejected->set_lines(rejected_lines(*explored));
    change_rows([&] { rows_model->set_result(std::move(explored), baselines); });
    show_changes();
    show_shared();
    fit_columns();
}

void ResultsTable::show_shared()
{
    for (const bool outputs : {false, true}) {
        for (const int column : rows_model->shared_columns(outputs)) {
            if (rows_view->isColumnHidden(column) != rows_model->is_listed(column))
                continue;
            rows_view->setColumnHidden(column, !rows_model->is_listed(column));
            widest.clear();
        }
    }
}

void ResultsTable::show_changes()
{
    for (const int column : rows_model->change_columns()) {
        if (rows_view->isColumnHidden(column) != rows_model->is_compared())
            continue;
        rows_view->setColumnHidden(column, !rows_model->is_compared());
        widest.clear();
    }
}

void ResultsTable::change_rows(const std::function<void()> &change)
{
    const QScopedValueRollback guard(updating, true);
    change();
    follow_selection();
    show_count();
}

// The row of the session's configuration, and no other, is the selected one. Several rows that the user has marked stay
// while it is among them.
void ResultsTable::follow_selection()
{
    QItemSelectionModel *selection = rows_view->selectionModel();
    const std::optional<int> row = selected ? rows_model->row_of(*selected) : std::nullopt;
    if (!row) {
        selection->clearSelection();
        return;
    }
    const QModelIndex index = rows_model->index(*row, 0);
    if (selection->isRowSelected(*row, {}))
        return;
    selection->select(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    selection->setCurrentIndex(
        rows_model->index(*row, std::max(0, selection->currentIndex().column())), QItemSelectionModel::NoUpdate);
}

void ResultsTable::show_reasons(bool on)
{
    const int reasons = rows_model->infeasible_column(), after_batch = rows_model->batch_column() + 1;
    QHeaderView *header = rows_view->horizontalHeader();
    rows_view->setColumnHidden(reasons, !on);
    header->moveSection(header->visualIndex(reasons), after_batch);
    widest.clear();
    fit_columns();
}

void ResultsTable::show_count()
{
    const QString rows = whole_text(rows_model->unfiltered_rows());
    const QString shown = whole_text(rows_model->rowCount());
    const QString found = whole_text(rows_model->found_rows());
    const bool all_listed = rows_model->found_rows() == rows_model->unfiltered_rows();
    if (all_listed)
        count->say(filter->text().isEmpty() ? tr("%1 rows").arg(rows) : tr("%1 of %2 rows").arg(shown, rows));
    else
        count->say(filter->text().isEmpty() ? tr("showing %1 of %2").arg(rows, found)
                                            : tr("%1 rows in %2 of %3").arg(shown, rows, found));
    count->keep_room_for(room_for_count(all_listed));
    nothing->setText(filter->text().isEmpty() ? tr("No configuration can serve. “All” lists them with the reasons.")
                                              : tr("No row has all these words."));
    nothing->setVisible(rows_model->rowCount() == 0);
}

void ResultsTable::copy_selected()
{
    std::vector<int> rows;
    for (const QModelIndex &index : rows_view->selectionModel()->selectedRows())
        rows.push_back(index.row());
    if (rows.empty())
        return;
    std::sort(rows.begin(), rows.end());
    QApplication::clipboard()->setText(rows_model->table(rows).csv('\t'));
}

std::optional<Explainable> ResultsTable::number_at(const QPoint &global) const
{
    const QModelIndex index = rows_view->indexAt(rows_view->viewport()->mapFromGlobal(global));
    return index.isValid() ? std::optional(rows_model->number_at(index)) : std::nullopt;
}

std::optional<Explainable> ResultsTable::current_number() const
{
    const QModelIndex index = rows_view->currentIndex();
    return index.isValid() ? std::optional(rows_model->number_at(index)) : std::nullopt;
}

Table ResultsTable::table() const
{
    std::vector<int> rows(static_cast<std::size_t>(rows_model->rowCount()));
    std::iota(rows.begin(), rows.end(), 0);
    return rows_model->table(rows);
}

// Widths come from what the cells can hold, not from what they hold just now, so that columns stand still while a
// slider moves.
void ResultsTable::fit_columns()
{
    QStringList now;
    for (int column = 0; column < rows_model->columnCount(); ++column)
        now << rows_model->widest_texts(column);
    if (now == widest || resized_by_hand)
        return;
    widest = now;
    const QScopedValueRollback guard(fitting, true);
    const QFontMetrics metrics = rows_view->fontMetrics();
    const int em = metrics.height();
    std::vector<int> widths;
    int sum = 0;
    for (int column = 0; column < rows_model->columnCount(); ++column) {
        int width = metrics.horizontalAdvance(rows_model->headerData(column, Qt::Horizontal).toString())
            + em * 3 / 4; // for the sort mark
        for (const QString &text : rows_model->widest_texts(column))
            width = std::max(width, metrics.horizontalAdvance(text) + 2 * cell_margin + em / 4);
        if (rows_model->rowCount() > 0 && rows_model->index(0, column).data(Qt::DecorationRole).isValid())
            width += em + (column > 0 ? em / 2 : 0);
        widths.push_back(width);
        sum += rows_view->isColumnHidden(column) ? 0 : width;
    }
    const double stretch = std::max(1.0, static_cast<double>(rows_view->viewport()->width()) / sum);
    for (std::size_t column = 0; column < widths.size(); ++column) {
        if (!rows_view->isColumnHidden(static_cast<int>(column)))
            rows_view->setColumnWidth(static_cast<int>(column), static_cast<int>(std::floor(widths[column] * stretch)));
    }
}

void ResultsTable::fit_surroundings()
{
    const int line = fontMetrics().height();
    const int buttons = winners->sizeHint().width() + fronts->sizeHint().width() + all->sizeHint().width();
    // In a low dock the rows have the height, as many as can be.
    const bool low = height() < 16 * line;
    const bool narrow = width() < buttons + count->sizeHint().width() + (low ? 6 : 12) * line;
    const int above = low ? 2 : 6;
    top->setContentsMargins(6, above, 6, above);
    top->setSpacing(low && narrow ? 2 : 8);
    rows_view->verticalHeader()->setMinimumSectionSize(line);
    rows_view->verticalHeader()->setDefaultSectionSize(low ? line + 3 : line + line / 2);
    top->setDirection(narrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    nothing->setGeometry(rows_view->viewport()->geometry());
    constexpr int part = 5; // of the height
    rejected->set_most_lines(low ? 1 : std::max(1, height() / (part * line)));
}

bool ResultsTable::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize) {
        widest.clear();
        fit_columns();
        fit_surroundings();
    }
    return QWidget::eventFilter(watched, event);
}

void ResultsTable::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        widest.clear();
        fit_columns();
        fit_surroundings();
    }
}

} // namespace epscope
