// SPDX-License-Identifier: GPL-3.0-or-later
// What to change when nothing is feasible: single changes of one parameter, each checked to make something feasible.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "core/search/nearest.h"

namespace epscope {

enum class FixKind : std::uint8_t {
    target, // lower
    memory, // of a chip
    memory_bandwidth, // of a chip
    nic_bandwidth,
    context, // shorter
    batch, // one value alone
    ep, // one value besides
    cards,
    precision, // KV cache and parameters of 1 B besides
    experts, // of 4 bits
    drafts, // none besides
    policy, // one besides
    tp, // one besides
    mode, // one besides
    redundant_experts
};

struct Fix {
    FixKind kind{};
    std::string name; // of the chip, NIC, pipeline or expert mode; else empty
    double number = 0; // SI: what a number becomes, or is searched besides; 0 where the kind says it
    std::string key, value; // as set_parameter() takes them
    double factor = 1; // by which the value changes, up or down; at least 1

    bool operator==(const Fix &) const = default;
};

// At most three, the smallest factor first and no two of the same kind. `outcome`: of a complete search of the study or
// of part of its space, in which nothing is feasible; `miss`: its nearest. Of more than 65,536 lightest configurations
// every n-th is tried. Fewer once a stop is requested.
std::vector<Fix> smallest_fixes(
    const Study &study, const SearchOutcome &outcome, const Miss &miss, const std::stop_token &stop = {});

} // namespace epscope
