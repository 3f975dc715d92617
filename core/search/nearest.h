// SPDX-License-Identifier: GPL-3.0-or-later
// Where nothing is feasible: which configuration comes nearest to it, and what it lacks. The one rule of the search,
// the explorer, its report and all analyses.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "core/search/search.h"

namespace epscope {

// The first of the reasons why a configuration does not serve.
Infeasible lack_of(const Study &study, const Candidate &candidate);

struct Miss {
    Candidate nearest;
    Infeasible lacks; // the first of its reasons

    bool operator==(const Miss &) const = default;
};

// Of a study of which nothing is feasible, or of one of its chips, what its complete search has found. The fastest of
// what fits in memory is nearest, since it is only too slow. Where nothing fits, the configuration whose need is the
// smallest multiple of the usable memory; where EP asks for more cards than there are, the smallest EP; else what is of
// no supported shape. Of several alike the first in the order of enumeration.
// Once a stop is requested what was nearest so far.
Miss nearest_miss(const Study &study, const SearchOutcome &outcome, std::optional<std::size_t> chip = std::nullopt,
    const std::stop_token &stop = {});

// The lightest configurations: one for each chip, NIC, draft length, precision and pipeline of a study, in the order of
// enumeration. Each has the smallest batch that the pipeline can split and, of the EPs for which there are cards, the
// first that needs no more memory than any other, else the smallest; of those that consist of its groups, where cards
// share their attention. Where none has a supported shape it is the first.
// Times are not filled in.
std::uint64_t lightest_count(const Study &study);
Candidate lightest_at(const Study &study, std::uint64_t index);

} // namespace epscope
