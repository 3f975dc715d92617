// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/explain_view.h"

#include <algorithm>

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/charts/marks.h"
#include "app/look/plain_text.h"
#include "app/views/elided_label.h"
#include "app/views/headline.h"
#include "app/words/configuration.h"
#include "app/words/text.h"

namespace epscope {

namespace {

// 1 where more is better, -1 where less is; of what is no output by its unit.
int direction_of(const Explanation &node)
{
    if (const Metric *metric = find_metric(node.name))
        return metric->better == Better::higher ? 1 : metric->better == Better::lower ? -1 : 0;
    return node.unit == "s" ? -1 : node.unit.ends_with("/s") ? 1 : 0;
}

// Of a child, from its parent's: what is divided by or taken away works against it.
int direction_below(const Explanation &node, std::size_t child, int direction)
{
    switch (node.combine) {
    case Combine::none:
        return direction_of(node.children[child]);
    case Combine::difference:
    case Combine::quotient:
    case Combine::quotient_up:
    case Combine::quotient_down:
        return child > 0 ? -direction : direction;
    default:
        return direction;
    }
}

} // namespace

std::unique_ptr<ExplainModel::Item> ExplainModel::item_of(Explanation &shown, Item *above, int row, int direction)
{
    auto item = std::make_unique<Item>();
    item->shown = &shown;
    item->above = above;
    item->row = row;
    item->direction = direction;
    for (std::size_t i = 0; i < shown.children.size(); ++i)
        item->below.push_back(
            item_of(shown.children[i], item.get(), static_cast<int>(i), direction_below(shown, i, direction)));
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

// Whose estimate it is, of those on show.
const ChipView *view_of(const Explored &explored, const Whose &whose)
{
    const auto *chip = std::get_if<std::string>(&whose);
    if (!chip)
        return nullptr;
    const auto named = std::find_if(explored.chips.begin(), explored.chips.end(),
        [&](const ChipView &view) { return view.scenario.chip.name == *chip; });
    return named == explored.chips.end() ? &explored.leading() : &*named;
}

constexpr std::string_view error_band = "error_band";

Explanation band_of(const Accuracy &accuracy, const QString &note)
{
    const auto number = [](const QString &title, double value) {
        return Explanation{title.toStdString(), value, {}, Combine::none, {}, {}, {}, {}};
    };
    Explanation band = number(ExplainView::tr("Error band"), accuracy.within);
    band.children = {number(ExplainView::tr("Mean error, whatever its sign"), accuracy.mean_absolute),
        number(ExplainView::tr("Mean error"), accuracy.bias),
        number(ExplainView::tr("Measured runs"), static_cast<double>(accuracy.runs))};
    band.name = error_band;
    band.note = note.toStdString();
    return band;
}

// To stages and operators; what is inside of these has names with a dot.
bool leads_to_names(const Explanation &node)
{
    const auto is_named = [](const Explanation &child) {
        return !child.name.empty() && child.name.find('.') == std::string::npos;
    };
    return std::any_of(node.children.begin(), node.children.end(),
        [&](const Explanation &child) { return is_named(child) || leads_to_names(child); });
}

bool is_number(int column)
{
    return column == ExplainModel::value || column == ExplainModel::then || column == ExplainModel::change;
}

// Taken apart under its name, in a tree of its own.
bool is_elsewhere(const Explanation &node)
{
    return node.children.empty() && !node.name.empty() && node.key.empty() && node.note.empty();
}

// Another value of a node.
QString number_text(Explanation node, double value)
{
    node.value = value;
    return to_text(value_text(node)).replace(u" us"_qs, u" µs"_qs);
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

bool ExplainModel::set_root(const Explanation &next, const Explanation *of_baseline, const PinnedBaselines &baselines)
{
    const auto compare = [&] {
        before.clear();
        compared = baselines.primary() != nullptr;
        baseline = compared ? baselines.primary()->name : QString();
        threshold = baselines.threshold;
        if (!of_baseline)
            return;
        for (const auto &[now, like] : counterparts(*root, *of_baseline))
            before.emplace(now, like->value);
    };
    if (root && same_shape(*root, next)) {
        take_values(*root, next);
        compare();
        emit layoutAboutToBeChanged();
        emit layoutChanged();
        emit headerDataChanged(Qt::Horizontal, then, then);
        return true;
    }
    beginResetModel();
    root = std::make_unique<Explanation>(next);
    items = item_of(*root, nullptr, 0, direction_of(*root));
    compare();
    endResetModel();
    return false;
}

std::optional<ValueChange> ExplainModel::change_at(const Explanation &shown) const
{
    const auto found = before.find(&shown);
    if (found == before.end())
        return std::nullopt;
    return found->second == shown.value ? ValueChange{1, 1} : change_of(found->second, shown.value);
}

QString ExplainModel::change_text_of(const Explanation &shown) const
{
    const std::optional<ValueChange> found = change_at(shown);
    return found ? change_text(*found) : u"–"_qs;
}

QString ExplainModel::change_remark(const Explanation &shown) const
{
    const auto found = before.find(&shown);
    return found == before.end()
        ? QString()
        : tr(" (%1: %2, %3)").arg(baseline, number_text(shown, found->second), change_text_of(shown));
}

void ExplainModel::clear()
{
    if (!root)
        return;
    beginResetModel();
    items.reset();
    root.reset();
    before.clear();
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
    return createIndex(
        row, column, static_cast<const Item *>(parent.internalPointer())->below[static_cast<std::size_t>(row)].get());
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
    const auto text = [](const std::string &from) { return to_text(from); };
    const QString verdict = text(verdict_of(*shown)), formula = text(formula_of(*shown)).replace(u" x "_qs, u" × "_qs),
                  note = text(shown->note);
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case title:
            return text(shown->title);
        case value:
            return number_text(*shown, shown->value);
        case then: {
            const auto found = before.find(shown);
            return found == before.end() ? u"–"_qs : number_text(*shown, found->second);
        }
        case change:
            return change_text_of(*shown);
        case how: {
            QStringList parts{verdict.isEmpty() ? formula : formula + u" → "_qs + verdict, note};
            parts.removeAll(QString());
            return parts.join(u"  ·  "_qs);
        }
        default:
            return {};
        }
    case Qt::TextAlignmentRole:
        return static_cast<int>(Qt::AlignVCenter | (is_number(index.column()) ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (index.column() == how || index.column() == then)
            return theme->muted;
        if (index.column() == change) {
            const std::optional<ValueChange> found = change_at(*shown);
            const int direction = static_cast<const Item *>(index.internalPointer())->direction;
            if (!found || found->slight(threshold))
                return theme->muted;
            return direction == 0 ? theme->text : theme->change((found->now > found->before) == (direction > 0));
        }
        return shown->key.empty() ? QVariant() : QVariant(theme->accent);
    case Qt::ToolTipRole: {
        constexpr int digits = 12;
        QStringList lines{tr("%1: %2").arg(text(shown->title), text(value_text(*shown, digits)))};
        lines << formula << verdict << note;
        if (!shown->key.empty())
            lines << tr("Input %1: Enter or a double click leads to its control").arg(text(shown->key));
        else if (is_elsewhere(*shown))
            lines << tr("Enter or a double click takes it apart");
        lines.removeAll(QString());
        return shown_as_is(lines.join(u'\n'));
    }
    default:
        return {};
    }
}

QVariant ExplainModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignVCenter | (is_number(section) ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case title:
        return tr("Number");
    case value:
        return tr("Value");
    case then:
        return baseline;
    case change:
        return tr("Δ %");
    case how:
        return tr("How it comes about");
    default:
        return {};
    }
}

ExplainView::ExplainView(QWidget *parent)
    : QWidget(parent)
    , choice(new QComboBox)
    , configuration(new ElidedLabel)
    , rows(new QTreeView)
    , model(new ExplainModel(this))
    , rest(new QTimer(this))
{
    setAccessibleName(tr("Explanation"));
    choice->setAccessibleName(tr("Number that is explained"));
    choice->setToolTip(tr("The number that is taken apart"));
    choice->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    constexpr int most_titles = 30, title_length = 19; // the usual titles are shown whole
    choice->setMaxVisibleItems(most_titles);
    choice->setMinimumContentsLength(title_length);
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
    top->setSpacing(8);
    top->addWidget(choice);
    top->addStretch();
    top->addWidget(button);
    configuration->setContentsMargins(6, 0, 6, 4);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top);
    column->addWidget(configuration);
    column->addWidget(rows, 1);

    constexpr int rest_ms = 200;
    rest->setInterval(rest_ms);
    rest->setSingleShot(true);
    connect(rest, &QTimer::timeout, this, &ExplainView::fill_numbers);
    connect(choice, &QComboBox::activated, this, [this](int index) {
        explain({choice->itemData(index).toString().toStdString(), wanted.whose});
    });
    connect(rows, &QTreeView::activated, this, &ExplainView::activate);
}

void ExplainView::set_result(std::shared_ptr<const Explored> now, const PinnedBaselines &pinned)
{
    explored = std::move(now);
    baselines = pinned;
    stale = true;
    update();
}

void ExplainView::set_theme(const Theme &theme)
{
    model->set_theme(theme);
}

void ExplainView::explain(const Explainable &number)
{
    wanted = number;
    refresh();
}

QString ExplainView::title_of(const Explainable &number) const
{
    KeptTree once;
    return to_text(explored ? explained(number, once).title : number.name);
}

const std::optional<Explanation> &ExplainView::KeptTree::of(const Scenario &scenario, const std::string &number)
{
    if (whose != scenario || name != number) {
        tree = epscope::explain(scenario, number);
        whose = scenario;
        name = number;
    }
    return tree;
}

// What the inputs on show have no longer gives way to the configuration on show.
Scenario ExplainView::scenario(const Explainable &number) const
{
    return scenario_of(*explored, number.whose).value_or(explored->leading().scenario);
}

// An operator that is not there in this configuration gives way to the first number.
Explanation ExplainView::explained(const Explainable &number, KeptTree &tree) const
{
    if (const auto *run = std::get_if<MeasuredRun>(&number.whose)) {
        const Explained of_run = epscope::explain(*run);
        const Explanation *found = find_explanation(of_run, number.name);
        return found ? *found : of_run.main();
    }
    if (number.name == error_band) {
        if (std::optional<Explanation> band = band_of_chip(number.whose))
            return std::move(*band);
    }
    const Scenario of = scenario(number);
    if (const std::optional<Explanation> &found = tree.of(of, number.name))
        return *found;
    return *tree.of(of, Explainable().name);
}

// Of what has no measurements next to it there is none.
std::optional<Explanation> ExplainView::band_of_chip(const Whose &whose) const
{
    const ChipView *view = view_of(*explored, whose);
    return view && view->accuracy ? std::optional(band_of(*view->accuracy, headline_text(*explored).accuracy))
                                  : std::nullopt;
}

// The same configuration, or what was shown of the same chip.
std::optional<Scenario> ExplainView::scenario_before() const
{
    const Baseline *baseline = baselines.primary();
    if (!baseline || std::holds_alternative<MeasuredRun>(wanted.whose))
        return std::nullopt;
    if (std::holds_alternative<Selection>(wanted.whose))
        return scenario_of(*baseline->explored, wanted.whose);
    const ChipView *view = baseline->view(scenario(wanted).chip.name);
    return view ? std::optional(view->scenario) : std::nullopt;
}

QString ExplainView::whose_text() const
{
    if (const auto *run = std::get_if<MeasuredRun>(&wanted.whose))
        return tr("Measured on %1: %2").arg(to_text(run->scenario.chip.name), to_text(run->source));
    const Scenario of = scenario(wanted);
    Study study = explored->searched;
    study.chips = {of.chip};
    study.nics = {of.nic};
    Candidate candidate;
    candidate.point = of.point;
    const QString text = configuration_line(study, candidate);
    const auto *elsewhere = std::get_if<Elsewhere>(&wanted.whose);
    return elsewhere ? elsewhere->what + u" · "_qs + text : text;
}

// One tree for all results since the last painting; and of a tab that comes to the front there is no other sign.
void ExplainView::paintEvent(QPaintEvent *event)
{
    QWidget::paintEvent(event);
    if (stale)
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (stale) // not painted twice before this
                    refresh();
            },
            Qt::QueuedConnection);
}

const Explanation *ExplainView::shown() const
{
    return model->node(model->index(0, 0));
}

void ExplainView::refresh()
{
    stale = visibleRegion().isEmpty();
    if (stale || !explored)
        return;
    configuration->say(whose_text());
    const Explanation now = explained(wanted, kept);
    const std::optional<Scenario> before = scenario_before();
    const std::optional<Explanation> none;
    const std::optional<Explanation> &like =
        before ? kept_before.of(*before, now.name.empty() ? now.key : now.name) : none;
    const bool was_compared = model->is_compared(), another = !model->set_root(now, like ? &*like : nullptr, baselines);
    rest->start();
    if (choice->findData(to_text(now.name)) < 0)
        fill_numbers();
    choose_number();
    for (const int column : {ExplainModel::then, ExplainModel::change})
        rows->setColumnHidden(column, !model->is_compared());
    if (another) {
        constexpr int levels_of_an_operator = 2;
        if (leads_to_names(now))
            unfold(model->index(0, 0));
        else
            rows->expandToDepth(levels_of_an_operator);
        rows->setCurrentIndex(model->index(0, 0));
    }
    if (!another && was_compared == model->is_compared())
        return;
    for (const int column : {ExplainModel::title, ExplainModel::value, ExplainModel::then, ExplainModel::change})
        rows->resizeColumnToContents(column);
    rows->setColumnWidth(ExplainModel::title, std::min(rows->columnWidth(ExplainModel::title), 2 * width() / 5));
    rows->setColumnWidth(ExplainModel::then,
        std::min(rows->columnWidth(ExplainModel::then), width() / 5)); // of a long name the beginning
    const int change_width = fontMetrics().horizontalAdvance(change_text({100, 199.5}))
        + 2 * fontMetrics().averageCharWidth(); // of those to come
    rows->setColumnWidth(ExplainModel::change, std::max(rows->columnWidth(ExplainModel::change), change_width));
}

void ExplainView::fill_numbers()
{
    rest->stop();
    const auto *run = std::get_if<MeasuredRun>(&wanted.whose);
    Explained all = run ? epscope::explain(*run) : epscope::explain(scenario(wanted));
    if (std::optional<Explanation> band = run ? std::nullopt : band_of_chip(wanted.whose))
        all.numbers.push_back(std::move(*band));
    QStringList names, before;
    for (const std::string &name : explanation_names(all))
        names << to_text(name);
    for (int i = 0; i < choice->count(); ++i)
        before << choice->itemData(i).toString();
    if (names == before)
        return;
    choice->clear();
    for (const QString &name : names)
        choice->addItem(to_text(find_explanation(all, name.toStdString())->title), name);
    choose_number();
}

void ExplainView::choose_number()
{
    choice->setCurrentIndex(std::max(0, choice->findData(to_text(wanted.name))));
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
        emit input_chosen(to_text(node->key));
    else if (node && is_elsewhere(*node))
        explain({node->name, wanted.whose});
}

void ExplainView::copy()
{
    const Explanation *root = shown();
    if (!root)
        return;
    const auto remark = [this](const Explanation &node) {
        return model->change_remark(node).replace(u" µs"_qs, u" us"_qs).toStdString();
    }; // as the rest has it
    QApplication::clipboard()->setText(to_text(markdown(*root, 0, remark)));
}

} // namespace epscope
