// SPDX-License-Identifier: GPL-3.0-or-later
// Entries of a list by their name: chips, NICs, scenarios, baselines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace epscope {

// The first entry of that name; null if there is none.
template <class Entries>
auto *find_named(Entries &entries, std::string_view name)
{
    const auto found =
        std::find_if(std::begin(entries), std::end(entries), [&](const auto &entry) { return entry.name == name; });
    return found == std::end(entries) ? nullptr : &*found;
}

// Its place in the list.
template <class Entries>
std::optional<std::size_t> place_named(const Entries &entries, std::string_view name)
{
    const auto *found = find_named(entries, name);
    return found ? std::optional(static_cast<std::size_t>(found - std::data(entries))) : std::nullopt;
}

// In the place of the one of its name, else behind the others.
template <class Entries, class Entry>
void put_named(Entries &entries, Entry entry)
{
    if (auto *same = find_named(entries, entry.name))
        *same = std::move(entry);
    else
        entries.push_back(std::move(entry));
}

} // namespace epscope
