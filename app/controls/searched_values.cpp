// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/searched_values.h"

namespace epscope {

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
    const SearchAxis &axis = *find_axis(key);
    SearchSpace space = session.study().search;
    if (const Point *const shown_point = point())
        axis.fix(space, *shown_point);
    return axis.first(space);
}

std::string SearchedValues::range_text(const std::string &key) const
{
    const SearchAxis &axis = *find_axis(key);
    if (const auto last = last_range.find(key); last != last_range.end())
        return last->second;
    const SearchSpace &opened = session.opened().search;
    return axis.count(opened) > 1 ? axis.list(opened) : axis.usual();
}

} // namespace epscope
