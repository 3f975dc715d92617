// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/results_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include "app/plain_text.h"
#include "core/analysis/parallel.h"
#include "app/words/text.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

enum Column {
    chip,
    nic,
    policy,
    ep,
    kv_elem_size,
    param_elem_size,
    batch,
    deepgemm,
    ux,
    throughput,
    mtp_len,
    bound,
    free_memory,
    infeasible,
    difference,
    part,
    column_count
};

struct ColumnInfo {
    const char *key; // of the published tables
    const char *header;
    const char *help;
    bool is_number;
    const char *explained; // what its cells tell, by the name of its explanation
};

constexpr std::array<ColumnInfo, column_count> columns{{
    {"gpu", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Chip"), QT_TRANSLATE_NOOP("epscope::ResultsModel", "The chip"),
        false, "throughput"},
    {"nic", QT_TRANSLATE_NOOP("epscope::ResultsModel", "NIC"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Network interface that carries dispatch and combine"), false,
        "throughput"},
    {"policy", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Pipeline"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "dual-mbatch: two micro-batches, one computes while the other communicates; naive: one"),
        false, "layer_time"},
    {"ep", QT_TRANSLATE_NOOP("epscope::ResultsModel", "EP"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Cards that share the routed experts"), true, "ep"},
    {"kv_elem_size", QT_TRANSLATE_NOOP("epscope::ResultsModel", "KV (B)"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Bytes per element of the KV cache"), true, "kv_cache"},
    {"param_elem_size", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Param. (B)"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Bytes per non-expert parameter"), true, "weights"},
    {"batch_size", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Batch"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Sequences per card"), true, "batch"},
    {"deepgemm", QT_TRANSLATE_NOOP("epscope::ResultsModel", "DeepGEMM"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Whether expert GEMMs run at DeepGEMM's measured efficiency"), false,
        "routed_up"},
    {"ux_tps", QT_TRANSLATE_NOOP("epscope::ResultsModel", "tok/s/user"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Tokens per second that every user gets"), true, "ux_tps"},
    {"throughput_per_card", QT_TRANSLATE_NOOP("epscope::ResultsModel", "tok/s/card"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Tokens per second of one card, over all its users"), true,
        "throughput"},
    {"mtp_len", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Draft"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel", "Speculative (MTP) draft tokens per step"), true, "tokens_per_step"},
    {"bound_by", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Bound by"),
        QT_TRANSLATE_NOOP(
            "epscope::ResultsModel", "What the largest part of the step waits for: compute, memory or network"),
        false, "bound_by"},
    {"free_memory", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Free (GB)"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Memory left of the card's usable memory by weights and KV cache; in B when copied"),
        true, "free_memory"},
    {"infeasible", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Infeasible"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Why the configuration cannot serve: shape, EP, memory or target; empty if it can"),
        false, "batch"},
    {"throughput_difference", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Δ tok/s"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Throughput per card less that of the same configuration under the baseline's inputs; sorts by size, "
            "whatever the sign"),
        true, "throughput"},
    {"throughput_change_percent", QT_TRANSLATE_NOOP("epscope::ResultsModel", "Δ %"),
        QT_TRANSLATE_NOOP("epscope::ResultsModel",
            "Throughput per card against that of the same configuration under the baseline's inputs; sorts by size, "
            "whatever the sign"),
        true, "throughput"},
}};

QString four_digits(double value)
{
    constexpr int digits = 4;
    return QString::fromStdString(short_text(value, Dimension::count, digits));
}

const ColumnInfo &info_of_column(int column)
{
    return columns[static_cast<std::size_t>(column)];
}

Qt::Alignment alignment_of(int column)
{
    return Qt::AlignVCenter
        | (info_of_column(column).is_number ? Qt::AlignRight
                : column == deepgemm        ? Qt::AlignHCenter
                                            : Qt::AlignLeft);
}

// Equal where the cells of a column have the same text: of what is chosen, and of the reason.
double kind_of(const ResultRow &row, int column)
{
    const Candidate &candidate = row.candidate;
    switch (column) {
    case chip:
        return static_cast<double>(candidate.chip);
    case nic:
        return static_cast<double>(candidate.nic);
    case policy:
        return static_cast<double>(candidate.point.policy);
    case ep:
        return static_cast<double>(candidate.point.ep);
    case kv_elem_size:
        return candidate.point.kv_elem_size;
    case param_elem_size:
        return candidate.point.param_elem_size;
    case batch:
        return static_cast<double>(candidate.point.batch);
    case mtp_len:
        return static_cast<double>(candidate.point.mtp_len);
    case infeasible:
        return static_cast<double>(row.reason ? static_cast<std::size_t>(*row.reason) : reason_count);
    default:
        return 0;
    }
}

double free_memory_of(const Study &study, const Candidate &candidate)
{
    const double memory = resolve(study.profile, study.chips[candidate.chip], study.nics[candidate.nic]).memory;
    return memory_breakdown(study.profile, study.model, study.workload, memory, candidate.point).free;
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
    bounds.assign(content.list.size(), std::nullopt);
    throughputs_before.assign(is_compared() ? content.list.size() : 0, std::numeric_limits<double>::quiet_NaN());
    order = arranged();
}

// Rows come and go at the end, so that views keep their place; what stands in the others is then changed data.
void ResultsModel::replace(Content now)
{
    const std::size_t before = order.size();
    ResultsModel next;
    next.words = words;
    next.pinned = pinned;
    next.sort_column = sort_column;
    next.sort_direction = sort_direction;
    next.install(std::move(now));
    const std::size_t after = next.order.size();
    const auto take_over = [&] {
        content = std::move(next.content);
        bounds = std::move(next.bounds);
        throughputs_before = std::move(next.throughputs_before);
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
        emit dataChanged(index(0, 0), index(static_cast<int>(after) - 1, column_count - 1));
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
    return {difference, part};
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
        emit dataChanged(index(0, 0), index(rowCount() - 1, column_count - 1), {Qt::DecorationRole});
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
    if (info_of_column(column).is_number) {
        const bool by_size = column == difference || column == part; // what has changed most, for better or worse
        for_each_of(
            rows, [&](std::size_t row) { keys[row] = by_size ? std::abs(number(row, column)) : number(row, column); });
        return keys;
    }
    for_each_of(rows, [&](std::size_t row) {
        keys[row] = column == bound ? static_cast<double>(bound_of(row)) : kind_of(content.list.at(row), column);
    });
    std::map<double, std::size_t> kinds; // with a row of each
    for (const std::uint32_t row : rows)
        kinds.try_emplace(keys[row], row);
    std::map<QString, double> places;
    for (const auto &[kind, row] : kinds)
        places.try_emplace(text(row, column));
    double last = 0;
    for (auto &[cell, place] : places)
        place = last++;
    std::map<double, double> place_of;
    for (const auto &[kind, row] : kinds)
        place_of[kind] = places[text(row, column)];
    for (const std::uint32_t row : rows)
        keys[row] = place_of[keys[row]];
    return keys;
}

// Those in which the word stands in some cell that is not a measured number.
void ResultsModel::keep_matches(std::vector<std::uint32_t> &rows, const QString &word) const
{
    const auto has_word = [&](const QString &cell) { return cell.contains(word, Qt::CaseInsensitive); };
    std::array<std::unordered_map<double, bool>, column_count> known; // by kind
    std::vector<char> matches(content.list.size());
    std::vector<std::uint32_t> others;
    for (const std::uint32_t index : rows) {
        const ResultRow row = content.list.at(index);
        for (const int column :
            {chip, nic, policy, ep, kv_elem_size, param_elem_size, batch, deepgemm, mtp_len, infeasible}) {
            const auto [match, is_new] = known[static_cast<std::size_t>(column)].try_emplace(kind_of(row, column));
            if (is_new)
                match->second = has_word(text(index, column));
            if (match->second) {
                matches[index] = true;
                break;
            }
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
    std::optional<Bound> &known = bounds[index];
    if (!known)
        known = estimate(scenario_of(study(), content.list.at(index).candidate)).bound.largest();
    return *known;
}

// The same configuration under the inputs of the baseline; 0 if its chip or NIC is not among them.
double ResultsModel::throughput_before(const Candidate &candidate) const
{
    const Study &before = pinned.primary()->explored->searched;
    const auto place = [](const auto &entries, const std::string &name) {
        return static_cast<std::size_t>(std::find_if(entries.begin(), entries.end(), [&](const auto &entry) {
            return entry.name == name;
        }) - entries.begin());
    };
    Candidate there = candidate;
    there.chip = place(before.chips, study().chips[candidate.chip].name);
    there.nic = place(before.nics, study().nics[candidate.nic].name);
    if (there.chip == before.chips.size() || there.nic == before.nics.size())
        return 0;
    return timed(before, resolve(before.profile, before.chips[there.chip], before.nics[there.nic]), there)
        .throughput_per_card;
}

std::optional<ValueChange> ResultsModel::change(std::size_t index) const
{
    if (!is_compared() || index >= throughputs_before.size()) // the latter while rows change
        return std::nullopt;
    const Candidate now = content.list.at(index).candidate;
    double &before = throughputs_before[index];
    if (std::isnan(before))
        before = throughput_before(now);
    return change_of(before, now.throughput_per_card);
}

QString ResultsModel::why_infeasible(const ResultRow &row) const
{
    for (const Infeasible &each : estimate(scenario_of(study(), row.candidate)).infeasible) {
        if (each.reason == row.reason)
            return QString::fromStdString(text_of(each));
    }
    return {};
}

double ResultsModel::number(std::size_t index, int column) const
{
    const Candidate row = content.list.at(index).candidate;
    switch (column) {
    case ep:
        return static_cast<double>(row.point.ep);
    case kv_elem_size:
        return row.point.kv_elem_size;
    case param_elem_size:
        return row.point.param_elem_size;
    case batch:
        return static_cast<double>(row.point.batch);
    case ux:
        return row.ux_tps;
    case throughput:
        return row.throughput_per_card;
    case difference: {
        const std::optional<ValueChange> found = change(index);
        return found ? found->difference() : 0;
    }
    case part: {
        const std::optional<ValueChange> found = change(index);
        return found ? 100 * found->part() : 0;
    }
    case mtp_len:
        return static_cast<double>(row.point.mtp_len);
    case free_memory:
        return free_memory_of(study(), row);
    default:
        return 0;
    }
}

QString ResultsModel::text(std::size_t index, int column) const
{
    switch (column) {
    case kv_elem_size:
    case param_elem_size:
        return QString::fromStdString(exact_text(number(index, column)));
    case ux:
    case throughput:
        return four_digits(number(index, column));
    case difference: {
        const std::optional<ValueChange> found = change(index);
        return found ? (found->difference() < 0 ? u"−"_qs : u"+"_qs) + four_digits(std::abs(found->difference()))
                     : u"–"_qs;
    }
    case part: {
        const std::optional<ValueChange> found = change(index);
        return found ? change_text(*found) : u"–"_qs;
    }
    case deepgemm:
        return study().workload.deepgemm ? tr("yes") : tr("no");
    case free_memory:
        return QString::fromStdString(short_text(number(index, column) / 1e9, Dimension::count));
    default:
        return exact_text_of(index, column);
    }
}

QString ResultsModel::exact_text_of(std::size_t index, int column) const
{
    const ResultRow found = content.list.at(index);
    const Candidate &row = found.candidate;
    switch (column) {
    case chip:
        return QString::fromStdString(study().chips[row.chip].name);
    case nic:
        return QString::fromStdString(study().nics[row.nic].name);
    case policy:
        return to_text(name_of(row.point.policy));
    case ep:
        return QString::number(row.point.ep);
    case batch:
        return QString::number(row.point.batch);
    case mtp_len:
        return QString::number(row.point.mtp_len);
    case deepgemm:
        return study().workload.deepgemm ? QStringLiteral("true") : QStringLiteral("false");
    case bound:
        return to_text(name_of(bound_of(index)));
    case infeasible:
        return found.reason ? to_text(name_of(*found.reason)) : QString();
    case difference:
    case part:
        return change(index) ? QString::fromStdString(exact_text(number(index, column))) : QString();
    default:
        return QString::fromStdString(exact_text(number(index, column)));
    }
}

Selection ResultsModel::selection_of(int row) const
{
    const Candidate found = candidate(row);
    return {study().chips[found.chip].name, study().nics[found.nic].name, found.point};
}

Explainable ResultsModel::number_at(const QModelIndex &index) const
{
    return {info_of_column(index.column()).explained, selection_of(index.row())};
}

std::optional<int> ResultsModel::row_of(const Selection &selection) const
{
    const std::optional<std::size_t> index = content.list.find(selection);
    const auto row = index ? std::find(order.begin(), order.end(), *index) : order.end();
    return row == order.end() ? std::nullopt : std::optional(static_cast<int>(row - order.begin()));
}

int ResultsModel::batch_column() const
{
    return batch;
}

int ResultsModel::throughput_column() const
{
    return throughput;
}

int ResultsModel::infeasible_column() const
{
    return infeasible;
}

bool ResultsModel::is_told(int column) const
{
    return is_compared() || (column != difference && column != part);
}

QStringList ResultsModel::keys() const
{
    QStringList result;
    for (int column = 0; column < column_count; ++column) {
        if (is_told(column))
            result << QString::fromLatin1(info_of_column(column).key);
    }
    return result;
}

QStringList ResultsModel::exact_cells(int row) const
{
    QStringList cells;
    for (int column = 0; column < column_count; ++column) {
        if (is_told(column))
            cells << exact_text_of(order[static_cast<std::size_t>(row)], column);
    }
    return cells;
}

QStringList ResultsModel::widest_texts(int column) const
{
    if (!content.explored)
        return {};
    const Study &searched = study();
    QStringList texts;
    const auto element_size = [](const Quantity &size) { return QString::fromStdString(exact_text(size.si())); };
    switch (column) {
    case chip:
        for (const Chip &each : searched.chips)
            texts << QString::fromStdString(each.name);
        return texts;
    case nic:
        for (const Nic &each : searched.nics)
            texts << QString::fromStdString(each.name);
        return texts;
    case policy:
        for (const Policy each : searched.search.policy)
            texts << to_text(name_of(each));
        return texts;
    case kv_elem_size:
        for (const Precision &each : searched.search.precision)
            texts << element_size(each.kv_elem_size);
        return texts;
    case param_elem_size:
        for (const Precision &each : searched.search.precision)
            texts << element_size(each.param_elem_size);
        return texts;
    case deepgemm:
        return {tr("yes"), tr("no")};
    case ux:
    case throughput:
        return {QStringLiteral("00000")};
    case difference:
        return {QStringLiteral("+00000")};
    case part:
        return {QStringLiteral("▲ +00.0 %")};
    case bound:
        return {to_text(name_of(Bound::compute)), to_text(name_of(Bound::memory)), to_text(name_of(Bound::network))};
    case free_memory:
        return {QStringLiteral("00.0")};
    case infeasible:
        return {to_text(name_of(Reason::memory))};
    default:
        return {QStringLiteral("0000")};
    }
}

int ResultsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(order.size());
}

int ResultsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(column_count);
}

QString ResultsModel::tooltip(std::size_t row, int column) const
{
    if (column == bound) {
        const Estimate full = estimate(scenario_of(study(), content.list.at(row).candidate));
        const auto share = [&](double seconds) {
            return QString::fromStdString(short_text(100 * seconds / full.step_s, Dimension::count));
        };
        return tr("compute %1 %, memory %2 %, network %3 % of the step")
            .arg(share(full.bound.compute), share(full.bound.memory), share(full.bound.network));
    }
    const QString value = exact_text_of(row, column);
    switch (column) {
    case kv_elem_size:
    case param_elem_size:
    case free_memory:
        return tr("%1 B").arg(value);
    case ux:
    case throughput:
        return tr("%1 tok/s").arg(value);
    case difference:
    case part:
        if (const std::optional<ValueChange> found = change(row))
            return tr("%1 tok/s against %2 tok/s with the same configuration in %3")
                .arg(exact_text_of(row, throughput), QString::fromStdString(exact_text(found->before)),
                    pinned.primary()->name);
        return pinned.primary() ? tr("Not in %1").arg(pinned.primary()->name) : QString();
    case infeasible: {
        const ResultRow found = content.list.at(row);
        return found.reason ? why_infeasible(found) : tr("It can serve");
    }
    default:
        return tr("%1: %2").arg(tr(info_of_column(column).header), value);
    }
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
        if (column == chip)
            return colours->chip(content.explored->chips[content.list.at(row).candidate.chip].mark);
        if (column == bound)
            return colours->of(bound_of(row));
        return {};
    case Qt::ForegroundRole:
        if (const std::optional<ValueChange> found =
                column == difference || column == part ? change(row) : std::nullopt)
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
    if (orientation != Qt::Horizontal || section < 0 || section >= column_count)
        return {};
    const ColumnInfo &column = info_of_column(section);
    switch (role) {
    case Qt::DisplayRole:
        return tr(column.header);
    case Qt::ToolTipRole:
        return tr("%1.\n%2 in CSV. Click to sort; the third click restores the search's order.")
            .arg(tr(column.help), QString::fromLatin1(column.key));
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
