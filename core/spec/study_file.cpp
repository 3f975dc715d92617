// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/study_file.h"

#include <algorithm>

namespace epscope {

std::vector<ScenarioCard> all_scenarios(const StudyFile &file)
{
    std::vector<ScenarioCard> all = file.scenarios;
    const auto is_itself = [&](const ScenarioCard &card) { return card.study == file.study; };
    if (std::any_of(all.begin(), all.end(), is_itself))
        return all;
    std::string name = file.study.name;
    const auto taken = [&] {
        return std::any_of(all.begin(), all.end(), [&](const ScenarioCard &card) { return card.name == name; });
    };
    for (int number = 2; taken(); ++number)
        name = file.study.name + " " + std::to_string(number);
    all.insert(all.begin(), {name, {}, file.study});
    return all;
}

std::optional<BaselineCard> baseline_named(const StudyFile &file, std::string_view name)
{
    const auto is_named = [&](const auto &card) { return card.name == name; };
    if (const auto pin = std::find_if(file.baselines.begin(), file.baselines.end(), is_named);
        pin != file.baselines.end())
        return *pin;
    const std::vector<ScenarioCard> all = all_scenarios(file);
    const auto card = std::find_if(all.begin(), all.end(), is_named);
    return card == all.end() ? std::nullopt : std::optional(BaselineCard{card->name, card->study, std::nullopt});
}

} // namespace epscope
