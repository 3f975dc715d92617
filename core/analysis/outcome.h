// SPDX-License-Identifier: GPL-3.0-or-later
// What an analysis asks of a study: its best configuration, found by a search, and the few outputs that comparisons,
// goals, sensitivities and maps speak about.
#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/search/nearest.h"

namespace epscope {

struct Best {
    Candidate candidate;
    BoundShares bound;
    double free_memory = 0; // B
    // Why the next larger batch of the searched range does not serve; none: the range ends.
    std::optional<Reason> larger_batch;

    bool operator==(const Best &) const = default;
};

struct Outcome {
    std::optional<Best> best; // none: nothing serves, and `miss` says why
    std::optional<Miss> miss; // neither: stopped, or a value that contradicts others

    bool operator==(const Outcome &) const = default;
};

// The best feasible configuration of all of a study's chips: highest throughput per card, the winner of winners of
// search(). On one thread.
Outcome outcome_of(const Study &study, const std::stop_token &stop = {});

// The chip with the best configuration or, where nothing serves, with the nearest. On as many threads as
// the machine has for 0. None if stopped.
std::optional<std::size_t> leading_chip(const Study &study, const std::stop_token &stop = {}, unsigned threads = 0);

// The study with one of its chips.
Study with_chip(const Study &study, std::size_t chip);

enum class Better { higher, lower, neither };

// To add an output, add a row to the table in outcome.cpp.
struct Metric {
    std::string_view key;
    std::string_view title;
    std::string_view what; // one sentence
    Dimension dimension;
    Better better;
    double (*number)(const Best &); // SI; null for a text
    std::string (*text)(const Study &, const Best &); // null for a number
};
std::span<const Metric> metrics();
const Metric *find_metric(std::string_view key);
// Keys of those that are numbers, for messages.
std::vector<std::string> number_metric_keys();

// None where nothing serves.
std::optional<double> number_of(const Metric &metric, const Outcome &outcome);
std::string text_of(const Metric &metric, const Study &study, const Best &best, int digits = 4);
// "network (62 % of the step); a larger batch is too slow for the target".
std::string binding_text(const Best &best);
// "H800, CX7 400Gbps, dual-mbatch, EP 72, batch 96, KV 1 B, parameters 1 B, draft 1".
std::string full_configuration_text(const Study &study, const Candidate &candidate);

} // namespace epscope
