// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/rows.h"

#include "core/explore/explored.h"
#include "core/explore/thin.h"
#include "core/model/step.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

constexpr unsigned reason_bits = 3; // hold reason_count too, for a batch that can serve
static_assert(reason_count < 1u << reason_bits);

} // namespace

CombinationRows::CombinationRows(std::uint64_t combination_count, std::size_t most)
    : combinations(combination_count)
    , stride(thinning_stride(combination_count, most))
    , ux_tps(static_cast<std::size_t>((combination_count + stride - 1) / stride))
    , choices(ux_tps.size())
{
}

std::optional<std::size_t> CombinationRows::row_of(std::uint64_t combination) const
{
    if (combination >= combinations || combination % stride != 0)
        return std::nullopt;
    return static_cast<std::size_t>(combination / stride);
}

void CombinationRows::store(const CombinationResult &result)
{
    const std::optional<std::size_t> row = row_of(result.index);
    if (!row)
        return;
    const std::size_t batch = result.best.value_or(0);
    const std::optional<Reason> reason = result.best ? std::nullopt : result.reason(batch);
    ux_tps[*row] = result.ux_tps[batch];
    choices[*row] =
        static_cast<std::uint32_t>(batch << reason_bits | (reason ? static_cast<std::size_t>(*reason) : reason_count));
}

ResultRow CombinationRows::at(const Study &searched, std::size_t row) const
{
    const std::size_t batch = choices[row] >> reason_bits, reason = choices[row] & ((1u << reason_bits) - 1);
    ResultRow result{candidate_at(searched, combination(row) * searched.search.batch.size() + batch), std::nullopt};
    result.candidate.ux_tps = ux_tps[row];
    result.candidate.throughput_per_card = card_throughput(
        ux_tps[row], sequences_per_card(result.candidate.point, static_cast<double>(result.candidate.point.batch)));
    if (reason != reason_count)
        result.reason = static_cast<Reason>(reason);
    return result;
}

ResultList::ResultList(const Explored &explored, ResultRows which)
    : result(&explored)
    , rows(which)
{
    switch (rows) {
    case ResultRows::winners:
        row_count = explored.outcome.winners.size();
        break;
    case ResultRows::fronts:
        for (const std::vector<Candidate> &front : explored.outcome.fronts)
            row_count += front.size();
        break;
    case ResultRows::all:
        row_count = explored.combinations.size();
        break;
    }
}

std::uint64_t ResultList::found() const
{
    if (!result)
        return 0;
    switch (rows) {
    case ResultRows::winners:
        return result->winners_found;
    case ResultRows::fronts:
        break;
    case ResultRows::all:
        return result->combinations.combination_count();
    }
    return row_count;
}

ResultRow ResultList::at(std::size_t row) const
{
    if (rows == ResultRows::all)
        return result->combinations.at(result->searched, row);
    if (rows == ResultRows::winners)
        return {result->outcome.winners[row], std::nullopt};
    for (const std::vector<Candidate> &front : result->outcome.fronts) {
        if (row < front.size())
            return {front[row], reason_on_front(result->searched, front[row])};
        row -= front.size();
    }
    return {};
}

std::optional<std::size_t> ResultList::find(const Selection &selection) const
{
    if (!result)
        return std::nullopt;
    const std::optional<std::size_t> chip = place_named(result->searched.chips, selection.chip),
                                     nic = place_named(result->searched.nics, selection.nic);
    if (!chip || !nic)
        return std::nullopt;
    const auto is_it = [&](std::size_t row) {
        const Candidate candidate = at(row).candidate;
        return candidate.chip == *chip && candidate.nic == *nic && candidate.point == selection.point;
    };
    if (rows == ResultRows::all) {
        const std::optional<std::uint64_t> combination = combination_of(result->searched, *chip, *nic, selection.point);
        const std::optional<std::size_t> row = combination ? result->combinations.row_of(*combination) : std::nullopt;
        return row && is_it(*row) ? row : std::nullopt;
    }
    for (std::size_t row = 0; row < row_count; ++row) {
        if (is_it(row))
            return row;
    }
    return std::nullopt;
}

} // namespace epscope
