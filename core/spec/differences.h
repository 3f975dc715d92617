// SPDX-License-Identifier: GPL-3.0-or-later
// What some studies have otherwise than others, value by value: behind comparisons, the names of the history's steps,
// the scenarios of a study's file and the options of a command.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/spec/parameters.h"

namespace epscope {

template <class T>
bool same_field(const T &a, const T &b, const Field<T> &field)
{
    return std::visit([&](auto member) { return a.*member == b.*member; }, field.member)
        || field_text(a, field) == field_text(b, field);
}

// The fields that differ, in the order of the parameter table.
template <class T>
std::vector<const Field<T> *> differing_fields(const T &a, const T &b)
{
    std::vector<const Field<T> *> differing;
    for (const Field<T> &field : fields<T>()) {
        if (!same_field(a, b, field))
            differing.push_back(&field);
    }
    return differing;
}

struct Difference {
    const Parameter *parameter = nullptr; // its row
    std::string entry; // of a chip or NIC: its name
    std::string key; // as set_parameter() takes it: "chip.H800.memory"
    std::vector<std::string> texts; // in each study, likewise
    bool is_text = false; // a text or a list of texts, which files may have to quote
};
// By scope, then by entry, of chips and NICs those that every study has. Rules of efficiency are no parameters:
// core/spec/profile_rules.
std::vector<Difference> differences(std::span<const Study *const> studies);
std::vector<Difference> differences(const Study &before, const Study &after);

} // namespace epscope
