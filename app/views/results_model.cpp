// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/results_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "app/look/plain_text.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/analysis/parallel.h"
#include "core/quantity.h"
#include "core/spec/named.h"
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

bool is_bound(const ResultColumn &column)
{
    static const Metric *const bound_by = find_metric(output::bound_by);
    return column.output == bound_by;
}

bool is_shared(const ResultColumn &column)
{
    return column.axis && !axis_of(*column.axis).of_published;
}

QString four_digits(double value)
{
    constexpr int digits = 4;
    return to_text(short_text(value, Dimension::count, digits));
}

const ColumnWords &words_of_column(int column)
{
    if (const ResultColumn *known = result_column(column))
        return *known;
    return column == place_of(infeasible) ? reason_column : change_columns_of_model[column == place_of(part) ? 1 : 0];
}

CellKind cells_of(int column)
{
    const ResultColumn *known = result_column(column);
    return known ? known->kind : is_change(column) ? CellKind::number : CellKind::text;
}

Qt::Alignment alignment_of(int column)
{
    const CellKind kind = cells_of(column);
    return Qt::AlignVCenter
        | (kind == CellKind::number           ? Qt::AlignRight
                : kind == CellKind::yes_or_no ? Qt::AlignHCenter
                                              : Qt::AlignLeft);
}

// On all cores where there are many rows.
template <class Task>
void for_each_of(const std::vector<std::uint32_t> &rows, const Task &task)
{
    constexpr std::size_t block = 512;
    run_parallel((rows.size() + block - 1) / block, {}, [&](std::size_t i) {
        for (std::size_t row = i * block; row < std::min(rows.size(), (i + 1) * block); ++row)
            task(rows[row]);
    });
}

} // namespace

Hardware::Hardware(const Study &the_study, const Study &shown)
    : study(&the_study)
{
    for (const Chip &chip : study->chips) {
        for (const Nic &nic : study->nics)
            machines.push_back(resolve(study->profile, chip, nic));
    }
    for (const Chip &chip : shown.chips)
        chips.push_back(place_named(study->chips, chip.name));
    for (const Nic &nic : shown.nics)
        nics.push_back(place_named(study->nics, nic.name));
}

const Machine &Hardware::machine(const Candidate &own) const
{
    return machines[own.chip * study->nics.size() + own.nic];
}

std::optional<Candidate> Hardware::timed(const Candidate &candidate) const
{
    if (!chips[candidate.chip] || !nics[candidate.nic])
        return std::nullopt;
    Candidate own = candidate;
    own.chip = *chips[candidate.chip];
    own.nic = *nics[candidate.nic];
    return epscope::timed(*study, machine(own), own);
}

Bound Hardware::bound(const Candidate &own) const
{
    const Plan plan = make_plan(study->profile, study->model, machine(own), study->workload, own.point);
    return bound_shares(study->profile, plan, own.point.batch).largest();
}

ResultsModel::ResultsModel(QObject *parent)
    : QAbstractTableModel(parent)
    , colours(&Theme::light())
{
}

ResultsModel::Content ResultsModel::content_of(std::shared_ptr<const Explored> explored) const
{
    const ResultList list = explored ? ResultList(*explored, chosen) : ResultList();
    return {std::move(explored), list};
}

void ResultsModel::install(Content now)
{
    content = std::move(now);
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::size_t rows = content.list.size();
    worked_out = {};
    if (content.explored)
        worked_out.now = Hardware(study(), study());
    worked_out.bounds.assign(rows, std::nullopt);
    worked_out.steps.assign(chosen == ResultRows::all ? rows : 0, unknown);
    if (is_compared() && content.explored) {
        worked_out.before = Hardware(pinned.primary()->explored->searched, study());
        worked_out.throughputs_before.assign(rows, unknown);
    }
    order = arranged();
}

// Rows come and go at the end, so that views keep their place; what stands in the others is then changed data.
void ResultsModel::replace(Content now)
{
    const std::size_t before = order.size();
    ResultsModel next;
    next.words = words;
    next.chosen = chosen;
    next.pinned = pinned;
    next.sort_column = sort_column;
    next.sort_direction = sort_direction;
    next.install(std::move(now));
    const std::size_t after = next.order.size();
    const auto take_over = [&] {
        content = std::move(next.content);
        worked_out = std::move(next.worked_out);
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
    replace(content_of(content.explored));
}

void ResultsModel::set_filter(const QString &filter)
{
    const QStringList now = filter.split(u' ', Qt::SkipEmptyParts);
    if (now == words)
        return;
    words = now;
    replace(content);
}

void ResultsModel::set_theme(const Theme &theme)
{
    colours = &theme;
    if (!order.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, column_count() - 1), {Qt::DecorationRole});
}

std::vector<std::uint32_t> ResultsModel::arranged() const
{
    std::vector<std::uint32_t> rows(content.list.size());
    std::iota(rows.begin(), rows.end(), std::uint32_t{0});
    for (const QString &word : words)
        keep_matches(rows, word);
    apply_sort(rows);
    return rows;
}

void ResultsModel::apply_sort(std::vector<std::uint32_t> &rows) const
{
    std::sort(rows.begin(), rows.end());
    if (sort_column < 0)
        return;
    const std::vector<double> keys = sort_keys(rows);
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        return sort_direction == Qt::AscendingOrder ? keys[a] < keys[b] : keys[b] < keys[a];
    });
}

// By index in the list. Of a column of texts their places in order.
std::vector<double> ResultsModel::sort_keys(const std::vector<std::uint32_t> &rows) const
{
    const int column = sort_column;
    std::vector<double> keys(content.list.size());
    if (cells_of(column) == CellKind::number) {
        const bool by_size = is_change(column); // what has changed most, for better or worse
        for_each_of(
            rows, [&](std::size_t row) { keys[row] = by_size ? std::abs(number(row, column)) : number(row, column); });
        return keys;
    }
    if (const ResultColumn *known = result_column(column); known && is_bound(*known))
        for_each_of(rows, [&](std::size_t row) { bound_of(row); });
    std::map<ColumnValue, std::vector<std::uint32_t>> rows_of;
    for (const std::uint32_t row : rows)
        rows_of[value(row, column)].push_back(row);
    std::map<QString, double> places;
    for (const auto &[cell, those] : rows_of)
        places.try_emplace(text_of_cell(cell, column));
    double last = 0;
    for (auto &[text, place] : places)
        place = last++;
    for (const auto &[cell, those] : rows_of) {
        for (const std::uint32_t row : those)
            keys[row] = places[text_of_cell(cell, column)];
    }
    return keys;
}

// Those in which the word stands in some cell that is not a measured number.
void ResultsModel::keep_matches(std::vector<std::uint32_t> &rows, const QString &word) const
{
    const auto has_word = [&](const QString &cell) { return cell.contains(word, Qt::CaseInsensitive); };
    std::vector<int> asked; // columns whose cells cost nothing
    for (int column = 0; column < column_count(); ++column) {
        const ResultColumn *known = result_column(column);
        if (column == place_of(infeasible) || (known && !known->output))
            asked.push_back(column);
    }
    std::vector<std::map<ColumnValue, bool>> found(asked.size()); // does the cell have the word?
    std::vector<char> matches(content.list.size());
    std::vector<std::uint32_t> others;
    for (const std::uint32_t index : rows) {
        for (std::size_t i = 0; i < asked.size() && !matches[index]; ++i) {
            const auto [match, is_new] = found[i].try_emplace(value(index, asked[i]));
            if (is_new)
                match->second = has_word(text_of_cell(match->first, asked[i]));
            matches[index] = match->second;
        }
        if (!matches[index])
            others.push_back(index);
    }
    // What a row is bound by takes an estimate.
    std::array<bool, 3> bound_matches{};
    for (std::size_t i = 0; i < bound_matches.size(); ++i)
        bound_matches[i] = has_word(to_text(name_of(static_cast<Bound>(i))));
    if (bound_matches != std::array<bool, 3>{})
        for_each_of(others,
            [&](std::size_t index) { matches[index] = bound_matches[static_cast<std::size_t>(bound_of(index))]; });
    std::erase_if(rows, [&](std::uint32_t index) { return !matches[index]; });
}

Bound ResultsModel::bound_of(std::size_t index) const
{
    std::optional<Bound> &bound = worked_out.bounds[index];
    if (!bound)
        bound = worked_out.now.bound(content.list.at(index).candidate);
    return *bound;
}

// Against the same configuration under the inputs of the baseline.
std::optional<ValueChange> ResultsModel::change(std::size_t index) const
{
    if (!is_compared() || index >= worked_out.throughputs_before.size()) // the latter while rows change
        return std::nullopt;
    const Candidate now = content.list.at(index).candidate;
    double &before = worked_out.throughputs_before[index];
    if (std::isnan(before)) {
        const std::optional<Candidate> there = worked_out.before.timed(now);
        before = there ? there->throughput_per_card : 0;
    }
    return change_of(before, now.throughput_per_card);
}

QString ResultsModel::why_infeasible(const ResultRow &row) const
{
    for (const Infeasible &each : estimate(scenario_of(study(), row.candidate)).infeasible) {
        if (each.reason == row.reason)
            return to_text(text_of(each));
    }
    return {};
}

// Of a column of the table of outputs, or why the row cannot serve.
ColumnValue ResultsModel::value(std::size_t index, int column) const
{
    const ResultRow row = content.list.at(index);
    const ResultColumn *known = result_column(column);
    if (!known)
        return row.reason ? std::string(name_of(*row.reason)) : std::string();
    if (is_bound(*known)) // is remembered, as it takes all operators
        return std::string(name_of(bound_of(index)));
    return known->value(
        {study(), known->output && known->output->needs != Needs::memory ? timed_row(index) : row.candidate});
}

// The rows of combinations do not hold the time of their step.
Candidate ResultsModel::timed_row(std::size_t index) const
{
    Candidate candidate = content.list.at(index).candidate;
    if (index >= worked_out.steps.size())
        return candidate;
    double &step_s = worked_out.steps[index];
    if (std::isnan(step_s))
        step_s = worked_out.now.timed(candidate)->step_s;
    candidate.step_s = step_s;
    return candidate;
}

double ResultsModel::number(std::size_t index, int column) const
{
    if (result_column(column)) {
        const ColumnValue cell = value(index, column);
        if (std::holds_alternative<std::monostate>(cell)) // behind all others
            return -std::numeric_limits<double>::infinity();
        const auto *whole = std::get_if<std::int64_t>(&cell);
        return whole ? static_cast<double>(*whole) : std::get<double>(cell);
    }
    const std::optional<ValueChange> found = change(index);
    if (!found)
        return 0;
    return column == place_of(difference) ? found->difference() : 100 * found->part();
}

QString ResultsModel::text_of_cell(const ColumnValue &cell, int column) const
{
    if (const bool *is = std::get_if<bool>(&cell))
        return *is ? tr("yes") : tr("no");
    const ResultColumn *known = result_column(column);
    return to_text(known ? shown_cell(*known, cell) : std::get<std::string>(cell));
}

QString ResultsModel::text(std::size_t index, int column) const
{
    if (!is_change(column))
        return text_of_cell(value(index, column), column);
    const std::optional<ValueChange> found = change(index);
    if (!found)
        return u"–"_qs;
    return column == place_of(part)
        ? change_text(*found)
        : (found->difference() < 0 ? u"−"_qs : u"+"_qs) + four_digits(std::abs(found->difference()));
}

TableCell ResultsModel::exact_cell_of(std::size_t index, int column) const
{
    if (is_change(column))
        return change(index) ? TableCell(number(index, column)) : TableCell();
    const ColumnValue cell = value(index, column);
    if (const auto *number = std::get_if<double>(&cell))
        return *number;
    if (const auto *count = std::get_if<std::int64_t>(&cell))
        return *count;
    return std::holds_alternative<std::monostate>(cell) ? TableCell() : to_text(exact_cell(cell));
}

Selection ResultsModel::selection_of(int row) const
{
    const Candidate found = candidate(row);
    return {study().chips[found.chip].name, study().nics[found.nic].name, found.point};
}

Explainable ResultsModel::number_at(const QModelIndex &index) const
{
    return {std::string(words_of_column(index.column()).explained), selection_of(index.row())};
}

std::optional<int> ResultsModel::row_of(const Selection &selection) const
{
    const std::optional<std::size_t> index = content.list.find(selection);
    const auto row = index ? std::find(order.begin(), order.end(), *index) : order.end();
    return row == order.end() ? std::nullopt : std::optional(static_cast<int>(row - order.begin()));
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
    if (known && !content.explored && is_shared(*known))
        return false;
    return !known || (content.explored ? epscope::is_listed(*known, study().search) : epscope::is_listed(*known));
}

std::vector<int> ResultsModel::shared_columns(bool outputs) const
{
    std::vector<int> columns;
    for (int column = 0; column < column_count(); ++column) {
        if (const ResultColumn *known = result_column(column);
            known && is_shared(*known) && (known->output != nullptr) == outputs)
            columns.push_back(column);
    }
    return columns;
}

int ResultsModel::ep_column() const
{
    return place_of("ep");
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
            result << to_text(words_of_column(column).key);
    }
    return result;
}

std::vector<TableCell> ResultsModel::exact_cells(int row) const
{
    std::vector<TableCell> cells;
    for (int column = 0; column < column_count(); ++column) {
        if (is_told(column))
            cells.push_back(exact_cell_of(order[static_cast<std::size_t>(row)], column));
    }
    return cells;
}

Table ResultsModel::table(const std::vector<int> &rows) const
{
    Table table;
    for (const QString &key : keys())
        table.columns.push_back({key, key.toStdString()});
    for (const int row : rows)
        table.add(exact_cells(row));
    const auto column = [](std::string_view output) { return std::string(find_metric(output)->column_key); };
    table.plot = TablePlot{TablePlot::Kind::points, tr("Throughput per card over speed per user"),
        tr("Throughput per card (tok/s)"), column(output::ux_tps), {column(output::throughput)},
        std::string(column_key::chip), tr("Tokens/s per user")};
    return table;
}

QStringList ResultsModel::widest_texts(int column) const
{
    if (!content.explored)
        return {};
    if (const ResultColumn *known = result_column(column)) {
        QStringList texts;
        for (const std::string &each : known->widest(study()))
            texts << to_text(each);
        return texts;
    }
    if (column == place_of(infeasible))
        return {to_text(name_of(Reason::memory))};
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
    if (known && is_bound(*known)) {
        const Estimate full = estimate(scenario_of(study(), content.list.at(row).candidate));
        const auto share = [&](double seconds) {
            return to_text(short_text(100 * seconds / full.step_s, Dimension::count));
        };
        return tr("compute %1 %, memory %2 %, network %3 % of the step")
            .arg(share(full.bound.compute), share(full.bound.memory), share(full.bound.network));
    }
    if (known) {
        const QString value = text_of(exact_cell_of(row, column));
        const std::string &symbol = base_unit(known->dimension).symbol;
        return symbol.empty() ? tr("%1: %2").arg(known->output ? title_of(*known->output) : header(column), value)
                              : u"%1 %2"_qs.arg(value, to_text(symbol));
    }
    if (column == place_of(infeasible)) {
        const ResultRow found = content.list.at(row);
        return found.reason ? why_infeasible(found) : tr("It can serve");
    }
    if (const std::optional<ValueChange> found = change(row))
        return tr("%1 tok/s against %2 tok/s with the same configuration in %3")
            .arg(text_of(exact_cell_of(row, throughput_column())), to_text(exact_text(found->before)),
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
            return colours->chip(content.explored->chips[content.list.at(row).candidate.chip].mark);
        if (const ResultColumn *known = result_column(column); known && is_bound(*known))
            return colours->of(bound_of(row));
        return {};
    case Qt::ForegroundRole:
        if (const std::optional<ValueChange> found = is_change(column) ? change(row) : std::nullopt)
            return found->slight(pinned.threshold) ? colours->muted : colours->change(found->now > found->before);
        return content.list.at(row).reason ? QVariant(colours->muted) : QVariant();
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
            .arg(help(section), to_text(words_of_column(section).key));
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
    const std::vector<std::uint32_t> before = order;
    apply_sort(order);
    std::vector<int> now(content.list.size());
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
