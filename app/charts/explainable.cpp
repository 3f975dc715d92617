// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/explainable.h"

#include <algorithm>

namespace epscope {
namespace {

template <class Entries>
auto named(const Entries &entries, const std::string &name)
{
    return std::find_if(entries.begin(), entries.end(), [&](const auto &entry) { return entry.name == name; });
}

} // namespace

std::optional<Scenario> scenario_of(const Explored &explored, const Whose &whose)
{
    if (const auto *elsewhere = std::get_if<Elsewhere>(&whose))
        return elsewhere->scenario;
    if (const auto *selection = std::get_if<Selection>(&whose)) {
        const Study &study = explored.searched;
        const auto chip = named(study.chips, selection->chip);
        const auto nic = named(study.nics, selection->nic);
        if (chip == study.chips.end() || nic == study.nics.end())
            return std::nullopt;
        Candidate candidate;
        candidate.chip = static_cast<std::size_t>(chip - study.chips.begin());
        candidate.nic = static_cast<std::size_t>(nic - study.nics.begin());
        candidate.point = selection->point;
        return scenario_of(study, candidate);
    }
    if (const auto *chip = std::get_if<std::string>(&whose)) {
        const auto view = std::find_if(explored.chips.begin(), explored.chips.end(),
            [&](const ChipView &each) { return each.scenario.chip.name == *chip; });
        if (view != explored.chips.end())
            return view->scenario;
        return chip->empty() ? std::optional(explored.leading().scenario) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<Explainable> number_of(
    const QString &what, const Study &study, const Outcome &outcome, std::string_view metric)
{
    if (!outcome.best && !outcome.miss)
        return std::nullopt;
    const Candidate &candidate = outcome.best ? outcome.best->candidate : outcome.miss->nearest;
    return Explainable{std::string(metric), Elsewhere{what, scenario_of(study, candidate)}};
}

std::optional<Explainable> error_of(const Explored &explored, std::size_t row)
{
    const Measured &measured = *explored.inputs.measured;
    if (!measured.case_of[row])
        return std::nullopt;
    const MeasuredCase &one = measured.cases[*measured.case_of[row]];
    const Measurement &run = one.measurement;
    return Explainable{"error",
        MeasuredRun{scenario_of(explored.searched.profile, one), *run.batch_per_card, *run.accepted_per_step,
            run.tpot_s, run.id + ", " + run.source}};
}

} // namespace epscope
