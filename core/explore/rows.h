// SPDX-License-Identifier: GPL-3.0-or-later
// The results of a search as the rows of a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/search/search.h"

namespace epscope {

struct ResultRow {
    Candidate candidate;
    std::optional<Reason> reason; // why it cannot serve

    bool operator==(const ResultRow &) const = default;
};

// What a search made of each combination: its largest feasible batch or, with none, its smallest and why that cannot
// serve. Of more combinations than `most` every n-th. Of each 12 B are kept; everything else is made from its number.
class CombinationRows {
public:
    CombinationRows() = default;
    CombinationRows(std::uint64_t combinations, std::size_t most);

    std::size_t size() const { return choices.size(); } // rows kept
    std::uint64_t combination_count() const { return combinations; } // of the search
    std::uint64_t combination(std::size_t row) const { return row * stride; } // its number in the enumeration
    std::optional<std::size_t> row_of(std::uint64_t combination) const;
    // Of the study that was searched; its step_s is not filled in.
    ResultRow at(const Study &searched, std::size_t row) const;

    // From any thread, each combination once.
    void store(const CombinationResult &result);

private:
    std::uint64_t combinations = 0;
    std::uint64_t stride = 1; // between combinations kept
    std::vector<double> ux_tps;
    std::vector<std::uint32_t> choices; // index of the batch and, in the lowest bits, the reason
};

struct Explored;

enum class ResultRows { winners, fronts, all };

// Some of the rows of a result, which must outlive the list. Holds nothing of its own.
class ResultList {
public:
    ResultList() = default;
    ResultList(const Explored &explored, ResultRows rows);

    std::size_t size() const { return row_count; }
    std::uint64_t found() const; // more than size() where rows are left out
    ResultRow at(std::size_t row) const;
    std::optional<std::size_t> find(const Selection &selection) const;

private:
    const Explored *result = nullptr;
    ResultRows rows = ResultRows::winners;
    std::size_t row_count = 0;
};

} // namespace epscope
