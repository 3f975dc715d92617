// SPDX-License-Identifier: GPL-3.0-or-later
// What an analysis asks of a study: its best configuration, found by a search, with its outputs.
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "core/search/nearest.h"

namespace epscope {

struct Best {
    Candidate candidate;
    BoundShares bound;
    std::vector<std::optional<double>> numbers; // its outputs, as all_numbers() of core/analysis/outputs.h
    // Why the next larger batch of the searched range does not serve; none: the range ends.
    std::optional<Reason> larger_batch;

    bool operator==(const Best &) const = default;
};

struct Outcome {
    std::optional<Best> best; // none: nothing is feasible, and `miss` says why
    std::optional<Miss> miss; // neither: stopped, or a value that contradicts others

    bool operator==(const Outcome &) const = default;
};

// The best feasible configuration of all of a study's chips: highest throughput per card, the winner of winners of
// search(). On one thread.
Outcome outcome_of(const Study &study, const std::stop_token &stop = {});

// The chip with the best configuration or, where nothing is feasible, with the nearest. On as many threads as
// the machine has for 0. None if stopped.
std::optional<std::size_t> leading_chip(const Study &study, const std::stop_token &stop = {}, unsigned threads = 0);

// The study with one of its chips.
Study with_chip(const Study &study, std::size_t chip);

} // namespace epscope
