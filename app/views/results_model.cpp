// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/results_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

#include "app/plain_text.h"
#include "app/session/output_words.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

// Behind the columns of the outputs' table.
enum OwnColumn { infeasible, difference, part, own_count };

constexpr std::array<ColumnWords, 2> change_columns_of_model{{
    {"throughput_difference", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Δ tok/s"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Throughput per card less that of the same configuration under the baseline's inputs; sorts by size, "
            "whatever the sign."),
        output::throughput},
    {"throughput_change_percent", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Δ %"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Throughput per card against that of the same configuration under the baseline's inputs; sorts by size, "
            "whatever the sign."),
        output::throughput},
}};

int column_count()
{
    return static_cast<int>(result_columns().size()) + own_count;
}

// Null if it is one of the model's own.
const ResultColumn *result_column(int column)
{
    const std::span<const ResultColumn> all = result_columns();
    return static_cast<std::size_t>(column) < all.size() ? &all[static_cast<std::size_t>(column)] : nullptr;
}

int place_of(OwnColumn own)
{
    return static_cast<int>(result_columns().size()) + own;
}

int place_of(std::string_view key)
{
    return static_cast<int>(find_result_column(key) - result_columns().data());
}

bool is_change(int column)
{
    return column == place_of(difference) || column == place_of(part);
}

QString text_from(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString four_digits(double value)
{
    constexpr int digits = 4;
    return QString::fromStdString(short_text(value, Dimension::count, digits));
}

const ColumnWords &words_of_column(int column)
{
    if (const ResultColumn *known = result_column(column))
        return *known;
    return column == place_of(infeasible) ? reason_column : change_columns_of_model[column == place_of(part) ? 1 : 0];
}

CellKind kind_of(int column)
{
    const ResultColumn *known = result_column(column);
    return known ? known->kind : is_change(column) ? CellKind::number : CellKind::text;
}

Qt::Alignment alignment_of(int column)
{
    const CellKind kind = kind_of(column);
    return Qt::AlignVCenter
        | (kind == CellKind::number           ? Qt::AlignRight
                : kind == CellKind::yes_or_no ? Qt::AlignHCenter
                                              : Qt::AlignLeft);
}

bool same(const Candidate &candidate, const Selection &selection, const Study &study)
{
    return candidate.point == selection.point && study.chips[candidate.chip].name == selection.chip
        && study.nics[candidate.nic].name == selection.nic;
}

} // namespace

ResultsModel::ResultsModel(QObject *parent)
    : QAbstractTableModel(parent)
    , colours(&Theme::light())
{
}

ResultsModel::Content ResultsModel::content_of(std::shared_ptr<const Explored> explored) const
{
    Content content{std::move(explored), {}, {}};
    if (!content.explored)
        return content;
    const Explored &found = *content.explored;
    switch (chosen) {
    case ResultRows::winners:
        content.candidates = found.outcome.winners;
        break;
    case ResultRows::fronts:
        for (const std::vector<Candidate> &front : found.outcome.fronts)
            content.candidates.insert(content.candidates.end(), front.begin(), front.end());
        for (const Candidate &candidate : content.candidates) // they hold what fits in memory, whatever the target
            content.reasons.push_back(
                candidate.ux_tps < found.searched.target_tps.si() ? std::optional(Reason::target) : std::nullopt);
        break;
    case ResultRows::all:
        for (const CombinationView &combination : found.combinations) {
            content.candidates.push_back(combination.candidate);
            content.reasons.push_back(combination.reason);
        }
        break;
    }
    content.reasons.resize(content.candidates.size());
    return content;
}

void ResultsModel::install(Content content)
{
    shown = std::move(content.explored);
    candidates = std::move(content.candidates);
    reasons = std::move(content.reasons);
    bounds.assign(candidates.size(), std::nullopt);
    changes.assign(candidates.size(), std::nullopt);
    scenarios.assign(shown ? shown->searched.chips.size() * shown->searched.nics.size() : 0, std::nullopt);
    order = arranged();
}

// Rows come and go at the end, so that views keep their place; what stands in the others is then changed data.
void ResultsModel::replace(Content content)
{
    const std::size_t before = order.size();
    ResultsModel next;
    next.words = words;
    next.pinned = pinned;
    next.sort_column = sort_column;
    next.sort_direction = sort_direction;
    next.install(std::move(content));
    const std::size_t after = next.order.size();
    const auto take_over = [&] {
        shown = std::move(next.shown);
        candidates = std::move(next.candidates);
        reasons = std::move(next.reasons);
        bounds = std::move(next.bounds);
        changes = std::move(next.changes);
        scenarios = std::move(next.scenarios);
        order = std::move(next.order);
    };
    if (after > before) {
        beginInsertRows({}, static_cast<int>(before), static_cast<int>(after) - 1);
        if (before == 0)
            take_over();
        else
            order.resize(after, order.back());
        endInsertRows();
    } else if (after < before) {
        beginRemoveRows({}, static_cast<int>(after), static_cast<int>(before) - 1);
        order.resize(after);
        endRemoveRows();
    }
    if (before > 0 || after == 0)
        take_over();
    if (after > 0)
        emit dataChanged(index(0, 0), index(static_cast<int>(after) - 1, column_count() - 1));
}

void ResultsModel::set_explored(std::shared_ptr<const Explored> explored)
{
    replace(content_of(std::move(explored)));
}

void ResultsModel::set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines)
{
    pinned = baselines;
    set_explored(std::move(explored));
}

std::vector<int> ResultsModel::change_columns() const
{
    return {place_of(difference), place_of(part)};
}

void ResultsModel::set_rows(ResultRows rows)
{
    if (rows == chosen)
        return;
    chosen = rows;
    replace(content_of(shown));
}

void ResultsModel::set_filter(const QString &filter)
{
    const QStringList now = filter.split(u' ', Qt::SkipEmptyParts);
    if (now == words)
        return;
    words = now;
    replace({shown, candidates, reasons});
}

void ResultsModel::set_theme(const Theme &theme)
{
    colours = &theme;
    if (!order.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, column_count() - 1), {Qt::DecorationRole});
}

std::vector<std::size_t> ResultsModel::arranged() const
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (matches(i))
            rows.push_back(i);
    }
    apply_sort(rows);
    return rows;
}

void ResultsModel::apply_sort(std::vector<std::size_t> &rows) const
{
    std::sort(rows.begin(), rows.end());
    if (sort_column < 0)
        return;
    const auto sort_by = [&](const auto &keys) {
        std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
            return sort_direction == Qt::AscendingOrder ? keys[a] < keys[b] : keys[b] < keys[a];
        });
    };
    if (kind_of(sort_column) == CellKind::number) {
        const bool by_size = is_change(sort_column); // what has changed most, for better or worse
        std::vector<double> keys(candidates.size());
        for (const std::size_t row : rows)
            keys[row] = by_size ? std::abs(number(row, sort_column)) : number(row, sort_column);
        sort_by(keys);
    } else {
        std::vector<QString> keys(candidates.size());
        for (const std::size_t row : rows)
            keys[row] = text(row, sort_column);
        sort_by(keys);
    }
}

bool ResultsModel::matches(std::size_t index) const
{
    return std::all_of(words.begin(), words.end(), [&](const QString &word) {
        for (int column = 0; column < column_count(); ++column) {
            const ResultColumn *known = result_column(column);
            const bool measured = is_change(column) || (known && known->output && known->kind == CellKind::number);
            if (!measured && text(index, column).contains(word, Qt::CaseInsensitive))
                return true;
        }
        return false;
    });
}

const BoundShares &ResultsModel::bound_of(std::size_t index) const
{
    std::optional<BoundShares> &known = bounds[index];
    if (!known)
        known = estimate(scenario(index)).bound;
    return *known;
}

// Without the full estimate where the column does not need it, as sorting asks for every row's.
ColumnValue ResultsModel::value(std::size_t index, const ResultColumn &column) const
{
    const Study &study = shown->searched;
    const Candidate &candidate = candidates[index];
    return column.output && column.output->needs == Needs::estimate ? column.value({study, candidate, bound_of(index)})
                                                                    : column.value({study, candidate});
}

// The same configuration under the inputs of the baseline, if its chip and NIC are among them.
const std::optional<ValueChange> &ResultsModel::change(std::size_t index) const
{
    std::optional<std::optional<ValueChange>> &known = changes[index];
    if (known)
        return *known;
    known.emplace();
    const Baseline *baseline = pinned.primary();
    if (!baseline)
        return *known;
    const Candidate &now = candidates[index];
    const Study &study = baseline->explored->searched;
    const auto place = [](const auto &entries, const std::string &name) {
        return static_cast<std::size_t>(std::find_if(entries.begin(), entries.end(), [&](const auto &entry) {
            return entry.name == name;
        }) - entries.begin());
    };
    Candidate before = now;
    before.chip = place(study.chips, shown->searched.chips[now.chip].name);
    before.nic = place(study.nics, shown->searched.nics[now.nic].name);
    if (before.chip < study.chips.size() && before.nic < study.nics.size())
        *known = change_of(estimate(scenario_of(study, before)).throughput_per_card, now.throughput_per_card);
    return *known;
}

// Valid until the next call.
const Scenario &ResultsModel::scenario(std::size_t index) const
{
    const Candidate &candidate = candidates[index];
    std::optional<Scenario> &known = scenarios[candidate.chip * shown->searched.nics.size() + candidate.nic];
    if (!known)
        known = scenario_of(shown->searched, candidate);
    known->point = candidate.point;
    return *known;
}

QString ResultsModel::why_infeasible(std::size_t index) const
{
    for (const Infeasible &each : estimate(scenario(index)).infeasible) {
        if (each.reason == reasons[index])
            return QString::fromStdString(text_of(each));
    }
    return {};
}

double ResultsModel::number(std::size_t index, int column) const
{
    if (const ResultColumn *known = result_column(column)) {
        const ColumnValue cell = value(index, *known);
        const auto *whole = std::get_if<std::int64_t>(&cell);
        return whole ? static_cast<double>(*whole) : std::get<double>(cell);
    }
    const std::optional<ValueChange> &found = change(index);
    if (!found)
        return 0;
    return column == place_of(difference) ? found->difference() : 100 * found->part();
}

QString ResultsModel::text(std::size_t index, int column) const
{
    if (const ResultColumn *known = result_column(column)) {
        const ColumnValue cell = value(index, *known);
        if (const bool *is = std::get_if<bool>(&cell))
            return *is ? tr("yes") : tr("no");
        return QString::fromStdString(shown_cell(*known, cell));
    }
    if (column == place_of(infeasible))
        return exact_text_of(index, column);
    const std::optional<ValueChange> &found = change(index);
    if (!found)
        return u"–"_qs;
    return column == place_of(part)
        ? change_text(*found)
        : (found->difference() < 0 ? u"−"_qs : u"+"_qs) + four_digits(std::abs(found->difference()));
}

QString ResultsModel::exact_text_of(std::size_t index, int column) const
{
    if (const ResultColumn *known = result_column(column))
        return QString::fromStdString(exact_cell(value(index, *known)));
    if (column == place_of(infeasible))
        return reasons[index] ? text_from(name_of(*reasons[index])) : QString();
    return change(index) ? QString::fromStdString(exact_text(number(index, column))) : QString();
}

Selection ResultsModel::selection_of(int row) const
{
    const Candidate &found = candidate(row);
    return {shown->searched.chips[found.chip].name, shown->searched.nics[found.nic].name, found.point};
}

Explainable ResultsModel::number_at(const QModelIndex &index) const
{
    return {std::string(words_of_column(index.column()).explained), selection_of(index.row())};
}

std::optional<int> ResultsModel::row_of(const Selection &selection) const
{
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (same(candidates[order[i]], selection, shown->searched))
            return static_cast<int>(i);
    }
    return std::nullopt;
}

int ResultsModel::batch_column() const
{
    return place_of(column_key::batch);
}

int ResultsModel::throughput_column() const
{
    return place_of(find_metric(output::throughput)->column_key);
}

int ResultsModel::infeasible_column() const
{
    return place_of(infeasible);
}

bool ResultsModel::is_listed(int column) const
{
    const ResultColumn *known = result_column(column);
    return !known || epscope::is_listed(*known);
}

bool ResultsModel::is_told(int column) const
{
    return is_compared() || !is_change(column);
}

QStringList ResultsModel::keys() const
{
    QStringList result;
    for (int column = 0; column < column_count(); ++column) {
        if (is_told(column))
            result << text_from(words_of_column(column).key);
    }
    return result;
}

QStringList ResultsModel::exact_cells(int row) const
{
    QStringList cells;
    for (int column = 0; column < column_count(); ++column) {
        if (is_told(column))
            cells << exact_text_of(order[static_cast<std::size_t>(row)], column);
    }
    return cells;
}

QStringList ResultsModel::widest_texts(int column) const
{
    if (!shown)
        return {};
    if (const ResultColumn *known = result_column(column)) {
        QStringList texts;
        for (const std::string &each : known->widest(shown->searched))
            texts << QString::fromStdString(each);
        return texts;
    }
    if (column == place_of(infeasible))
        return {text_from(name_of(Reason::memory))};
    return {column == place_of(difference) ? u"+00000"_qs : u"▲ +00.0 %"_qs};
}

int ResultsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(order.size());
}

int ResultsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : column_count();
}

QString ResultsModel::tooltip(std::size_t row, int column) const
{
    const ResultColumn *known = result_column(column);
    if (known && known->output == find_metric(output::bound_by)) {
        const BoundShares &shares = bound_of(row);
        const auto share = [&](double seconds) {
            return QString::fromStdString(short_text(100 * seconds / candidates[row].step_s, Dimension::count));
        };
        return tr("compute %1 %, memory %2 %, network %3 % of the step")
            .arg(share(shares.compute), share(shares.memory), share(shares.network));
    }
    if (known) {
        const QString value = exact_text_of(row, column);
        const std::string &symbol = base_unit(known->dimension).symbol;
        return symbol.empty() ? tr("%1: %2").arg(known->output ? title_of(*known->output) : header(column), value)
                              : u"%1 %2"_qs.arg(value, QString::fromStdString(symbol));
    }
    if (column == place_of(infeasible))
        return reasons[row] ? why_infeasible(row) : tr("It can serve");
    if (const std::optional<ValueChange> &found = change(row))
        return tr("%1 tok/s against %2 tok/s with the same configuration in %3")
            .arg(exact_text_of(row, throughput_column()), QString::fromStdString(exact_text(found->before)),
                pinned.primary()->name);
    return pinned.primary() ? tr("Not in %1").arg(pinned.primary()->name) : QString();
}

QString ResultsModel::header(int column) const
{
    const ColumnWords &column_words = words_of_column(column);
    return is_change(column) ? tr(column_words.header.data()) : header_of(column_words);
}

QString ResultsModel::help(int column) const
{
    const ColumnWords &column_words = words_of_column(column);
    return is_change(column) ? tr(column_words.help.data()) : help_of(column_words);
}

QVariant ResultsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const std::size_t row = order[static_cast<std::size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::TextAlignmentRole:
        return static_cast<int>(alignment_of(column));
    case Qt::DecorationRole:
        if (column == place_of(column_key::chip))
            return colours->chip(shown->chips[candidates[row].chip].mark);
        if (column == place_of(find_metric(output::bound_by)->column_key))
            return colours->of(bound_of(row).largest());
        return {};
    case Qt::ForegroundRole:
        if (const std::optional<ValueChange> found = is_change(column) ? change(row) : std::nullopt)
            return found->slight(pinned.threshold) ? colours->muted : colours->change(found->now > found->before);
        return reasons[row] ? QVariant(colours->muted) : QVariant();
    case Qt::ToolTipRole:
        return shown_as_is(tooltip(row, column));
    default:
        return {};
    }
}

QVariant ResultsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= column_count())
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return header(section);
    case Qt::ToolTipRole:
        return tr("%1\n%2 in CSV. Click to sort; the third click restores the search's order.")
            .arg(help(section), text_from(words_of_column(section).key));
    case Qt::TextAlignmentRole:
        return static_cast<int>(alignment_of(section));
    default:
        return {};
    }
}

void ResultsModel::sort(int column, Qt::SortOrder direction)
{
    emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    sort_column = column;
    sort_direction = direction;
    const std::vector<std::size_t> before = order;
    apply_sort(order);
    std::vector<int> now(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        now[order[i]] = static_cast<int>(i);
    const QModelIndexList persistent = persistentIndexList();
    QModelIndexList moved;
    for (const QModelIndex &each : persistent)
        moved << index(now[before[static_cast<std::size_t>(each.row())]], each.column());
    changePersistentIndexList(persistent, moved);
    emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

} // namespace epscope
