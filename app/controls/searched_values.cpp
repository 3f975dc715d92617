// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/searched_values.h"

#include <algorithm>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {

bool is_list_of_integers(std::string_view key)
{
    return key == "ep" || key == "batch" || key == "mtp_len";
}

std::size_t value_count(const Study &study, std::string_view key)
{
    const SearchSpace &space = study.search;
    return key == "ep"     ? space.ep.size()
        : key == "batch"   ? space.batch.size()
        : key == "mtp_len" ? space.mtp_len.size()
        : key == "policy"  ? space.policy.size()
                           : space.precision.size();
}

const std::vector<std::int64_t> &integers_of(const Study &study, std::string_view key)
{
    return key == "ep" ? study.search.ep : key == "batch" ? study.search.batch : study.search.mtp_len;
}

std::string list_text(const Study &study, const std::string &key)
{
    if (is_list_of_integers(key))
        return joined(integer_ranges(integers_of(study, key)), ", ");
    const std::vector<Precision> &pairs = study.search.precision;
    const Unit *byte = &base_unit(Dimension::bytes);
    const auto in_bytes = [byte](const Precision &pair) {
        return pair.kv_elem_size.unit == byte && pair.param_elem_size.unit == byte;
    };
    if (key != "precision" || !std::all_of(pairs.begin(), pairs.end(), in_bytes))
        return parameter_text(study, key).value_or(std::string());
    std::vector<std::string> texts;
    for (const Precision &pair : pairs)
        texts.push_back(exact_text(pair.kv_elem_size.number) + "/" + exact_text(pair.param_elem_size.number));
    return joined(texts, ", ");
}

const Point *SearchedValues::point() const
{
    const std::shared_ptr<const Explored> &explored = shown();
    return explored && !explored->chips.empty() ? &explored->leading().shown.point : nullptr;
}

SearchedValues::Standing SearchedValues::standing() const
{
    const ChipView &view = shown()->leading();
    const std::optional<Selection> &selection = shown()->inputs.selection;
    if (!selection || selection->chip != view.scenario.chip.name)
        return view.best ? Standing::best : Standing::nearest;
    const bool same = view.best && view.best->point == view.shown.point && view.best->nic == view.shown.nic;
    return same ? Standing::best : Standing::selected;
}

std::string SearchedValues::value_text(const std::string &key) const
{
    const SearchSpace &space = session.study().search;
    const Point *const point = this->point();
    if (is_list_of_integers(key)) {
        const std::int64_t value = !point ? integers_of(session.study(), key).front()
            : key == "ep"                 ? point->ep
            : key == "batch"              ? point->batch
                                          : point->mtp_len;
        return std::to_string(value);
    }
    if (key == "policy")
        return std::string(name_of(point ? point->policy : space.policy.front()));
    const auto same = [&](const Precision &precision) {
        return point && precision.kv_elem_size.si() == point->kv_elem_size
            && precision.param_elem_size.si() == point->param_elem_size;
    };
    const auto found = std::find_if(space.precision.begin(), space.precision.end(), same);
    const Precision &precision = found == space.precision.end() ? space.precision.front() : *found;
    return exact_text(precision.kv_elem_size) + " / " + exact_text(precision.param_elem_size);
}

std::string SearchedValues::range_text(const std::string &key) const
{
    if (const auto last = last_range.find(key); last != last_range.end())
        return last->second;
    if (value_count(session.opened(), key) > 1)
        return list_text(session.opened(), key);
    if (key == "policy")
        return "dual-mbatch, naive";
    if (key == "precision")
        return "2/2, 1/2, 1/1";
    const std::string last = exact_text(find_parameter(key)->soft_max);
    return key == "mtp_len" ? "0.." + last : "8.." + last + ":8";
}

} // namespace epscope
