// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a study, a row each: what reads, writes, sets and compares studies loops over them. To add a part, add
// its struct to Study, its scope and fields to core/spec/parameters, and a row here.
#pragma once

#include <array>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/spec/parameters.h"

namespace epscope {

template <class Value>
inline constexpr bool is_vector = false;
template <class Value>
inline constexpr bool is_vector<std::vector<Value>> = true;

template <class Reach>
struct StudyPart {
    Scope scope;
    std::string_view prefix; // of its keys as set_parameter() takes them
    Reach of; // of(study): the struct, or the list of the entries, that the fields of the scope belong to
};
template <class Reach> // Clang before 17 deduces none for an aggregate.
StudyPart(Scope, std::string_view, Reach)->StudyPart<Reach>;

// In the order of Scope: that of the documentation and of a study's file. The formatter takes such lambdas apart.
// clang-format off
inline constexpr std::tuple study_parts{
    StudyPart{Scope::workload, "", [](auto &study) -> auto & { return study.workload; }},
    StudyPart{Scope::search, "", [](auto &study) -> auto & { return study.search; }},
    StudyPart{Scope::target, "", [](auto &study) -> auto & { return study; }},
    StudyPart{Scope::chip, "chip.", [](auto &study) -> auto & { return study.chips; }},
    StudyPart{Scope::nic, "nic.", [](auto &study) -> auto & { return study.nics; }},
    StudyPart{Scope::model, "model.", [](auto &study) -> auto & { return study.model; }},
    StudyPart{Scope::quirks, "quirks.", [](auto &study) -> auto & { return study.profile.quirks; }},
    StudyPart{Scope::profile, "profile.", [](auto &study) -> auto & { return study.profile; }}};
// clang-format on

// The order in which a file's keys are read and asked for, and that of what a scenario has otherwise: quirks change the
// profile before them.
inline constexpr std::array reading_order{Scope::profile, Scope::quirks, Scope::model, Scope::chip, Scope::nic,
    Scope::workload, Scope::search, Scope::target};
static_assert(reading_order.size() == std::tuple_size_v<decltype(study_parts)>);

template <class Visit>
void for_each_part(const Visit &visit)
{
    std::apply([&](const auto &...part) { (visit(part), ...); }, study_parts);
}
template <class Visit>
void for_each_part_as_read(const Visit &visit)
{
    for (const Scope scope : reading_order) {
        for_each_part([&](const auto &part) {
            if (part.scope == scope)
                visit(part);
        });
    }
}

// What of(study) gives, and the struct whose fields it has: of a list that of an entry.
template <class Part>
using PartValue = std::remove_cvref_t<decltype(std::declval<const Part &>().of(std::declval<Study &>()))>;
template <class Value>
struct PartStructOf {
    using type = Value;
};
template <class Entry>
struct PartStructOf<std::vector<Entry>> {
    using type = Entry;
};
template <class Part>
using PartStruct = typename PartStructOf<PartValue<Part>>::type;

} // namespace epscope
