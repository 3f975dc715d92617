// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/differences.h"

#include <algorithm>
#include <array>

#include "core/spec/study_parts.h"

namespace epscope {
namespace {

// The same struct of each study; `prefix` with the entry's name.
template <class T>
void add_fields(std::vector<Difference> &found, const std::vector<const T *> &objects, const std::string &entry,
    const std::string &prefix)
{
    for (const Field<T> &field : fields<T>()) {
        const auto same = [&](const T *object) { return same_field(*objects.front(), *object, field); };
        if (std::all_of(objects.begin(), objects.end(), same))
            continue;
        std::vector<std::string> texts;
        for (const T *object : objects)
            texts.push_back(field_text(*object, field));
        const bool is_text = std::holds_alternative<std::string T::*>(field.member)
            || std::holds_alternative<std::vector<std::string> T::*>(field.member);
        found.push_back({&field.info, entry, prefix + std::string(field.info.key), std::move(texts), is_text});
    }
}

template <class T>
void add_entries(
    std::vector<Difference> &found, const std::vector<const std::vector<T> *> &lists, const std::string &prefix)
{
    for (const T &first : *lists.front()) {
        std::vector<const T *> entries;
        for (const std::vector<T> *list : lists) {
            const auto same =
                std::find_if(list->begin(), list->end(), [&](const T &entry) { return entry.name == first.name; });
            if (same != list->end())
                entries.push_back(&*same);
        }
        if (entries.size() == lists.size())
            add_fields(found, entries, first.name, prefix + first.name + ".");
    }
}

} // namespace

std::vector<Difference> differences(std::span<const Study *const> studies)
{
    std::vector<Difference> found;
    for_each_part([&](const auto &part) {
        using Value = PartValue<decltype(part)>;
        std::vector<const Value *> values;
        for (const Study *study : studies)
            values.push_back(&part.of(*study));
        if constexpr (is_vector<Value>)
            add_entries(found, values, std::string(part.prefix));
        else
            add_fields(found, values, {}, std::string(part.prefix));
    });
    return found;
}

std::vector<Difference> differences(const Study &before, const Study &after)
{
    return differences(std::array{&before, &after});
}

} // namespace epscope
