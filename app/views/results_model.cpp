// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/results_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

#include "app/plain_text.h"
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
    details.assign(candidates.size(), std::nullopt);
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
        details = std::move(next.details);
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
        emit dataChanged(index(0, 0), index(rowCount() - 1, column_count - 1), {Qt::DecorationRole});
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
    if (info_of_column(sort_column).is_number) {
        const bool by_size =
            sort_column == difference || sort_column == part; // what has changed most, for better or worse
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
        for (int column = 0; column < column_count; ++column) {
            const bool measured =
                column == ux || column == throughput || column == difference || column == part || column == free_memory;
            if (!measured && text(index, column).contains(word, Qt::CaseInsensitive))
                return true;
        }
        return false;
    });
}

const ResultsModel::Details &ResultsModel::details_of(std::size_t index) const
{
    std::optional<Details> &known = details[index];
    if (!known) {
        const Estimate full = estimate(scenario(index));
        known = Details{full.bound, full.step_s};
    }
    return *known;
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

// Without the full estimate, as sorting by it asks for every row's.
double ResultsModel::free_memory_of(std::size_t index) const
{
    const Scenario &of = scenario(index);
    return memory_breakdown(of.profile, of.model, of.workload, resolve(of.profile, of.chip, of.nic).memory, of.point)
        .free;
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
    const Candidate &row = candidates[index];
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
    case difference:
        return change(index) ? change(index)->difference() : 0;
    case part:
        return change(index) ? 100 * change(index)->part() : 0;
    case mtp_len:
        return static_cast<double>(row.point.mtp_len);
    case free_memory:
        return free_memory_of(index);
    default:
        return 0;
    }
}

QString ResultsModel::text(std::size_t index, int column) const
{
    const Candidate &row = candidates[index];
    switch (column) {
    case kv_elem_size:
    case param_elem_size:
        return QString::fromStdString(exact_text(number(index, column)));
    case ux:
        return four_digits(row.ux_tps);
    case throughput:
        return four_digits(row.throughput_per_card);
    case difference: {
        const std::optional<ValueChange> &found = change(index);
        return found ? (found->difference() < 0 ? u"−"_qs : u"+"_qs) + four_digits(std::abs(found->difference()))
                     : u"–"_qs;
    }
    case part:
        return change(index) ? change_text(*change(index)) : u"–"_qs;
    case deepgemm:
        return shown->searched.workload.deepgemm ? tr("yes") : tr("no");
    case free_memory:
        return QString::fromStdString(short_text(free_memory_of(index) / 1e9, Dimension::count));
    default:
        return exact_text_of(index, column);
    }
}

QString ResultsModel::exact_text_of(std::size_t index, int column) const
{
    const Candidate &row = candidates[index];
    switch (column) {
    case chip:
        return QString::fromStdString(shown->searched.chips[row.chip].name);
    case nic:
        return QString::fromStdString(shown->searched.nics[row.nic].name);
    case policy:
        return to_text(name_of(row.point.policy));
    case ep:
        return QString::number(row.point.ep);
    case batch:
        return QString::number(row.point.batch);
    case mtp_len:
        return QString::number(row.point.mtp_len);
    case deepgemm:
        return shown->searched.workload.deepgemm ? QStringLiteral("true") : QStringLiteral("false");
    case bound:
        return to_text(name_of(details_of(index).bound.largest()));
    case infeasible:
        return reasons[index] ? to_text(name_of(*reasons[index])) : QString();
    case difference:
    case part:
        return change(index) ? QString::fromStdString(exact_text(number(index, column))) : QString();
    default:
        return QString::fromStdString(exact_text(number(index, column)));
    }
}

Selection ResultsModel::selection_of(int row) const
{
    const Candidate &found = candidate(row);
    return {shown->searched.chips[found.chip].name, shown->searched.nics[found.nic].name, found.point};
}

Explainable ResultsModel::number_at(const QModelIndex &index) const
{
    return {info_of_column(index.column()).explained, selection_of(index.row())};
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
    if (!shown)
        return {};
    const Study &study = shown->searched;
    QStringList texts;
    const auto element_size = [](const Quantity &size) { return QString::fromStdString(exact_text(size.si())); };
    switch (column) {
    case chip:
        for (const Chip &each : study.chips)
            texts << QString::fromStdString(each.name);
        return texts;
    case nic:
        for (const Nic &each : study.nics)
            texts << QString::fromStdString(each.name);
        return texts;
    case policy:
        for (const Policy each : study.search.policy)
            texts << to_text(name_of(each));
        return texts;
    case kv_elem_size:
        for (const Precision &each : study.search.precision)
            texts << element_size(each.kv_elem_size);
        return texts;
    case param_elem_size:
        for (const Precision &each : study.search.precision)
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
        const Details &full = details_of(row);
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
        if (const std::optional<ValueChange> &found = change(row))
            return tr("%1 tok/s against %2 tok/s with the same configuration in %3")
                .arg(exact_text_of(row, throughput), QString::fromStdString(exact_text(found->before)),
                    pinned.primary()->name);
        return pinned.primary() ? tr("Not in %1").arg(pinned.primary()->name) : QString();
    case infeasible:
        return reasons[row] ? why_infeasible(row) : tr("It can serve");
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
            return colours->chip(shown->chips[candidates[row].chip].mark);
        if (column == bound)
            return colours->of(details_of(row).bound.largest());
        return {};
    case Qt::ForegroundRole:
        if (const std::optional<ValueChange> found =
                column == difference || column == part ? change(row) : std::nullopt)
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
