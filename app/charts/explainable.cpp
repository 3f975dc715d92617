// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/explainable.h"

#include <algorithm>
#include <cmath>

#include "core/find.h"

namespace epscope {

std::optional<Scenario> scenario_of(const Explored &explored, const Whose &whose)
{
    if (const auto *elsewhere = std::get_if<Elsewhere>(&whose))
        return elsewhere->scenario;
    if (const auto *selection = std::get_if<Selection>(&whose)) {
        const Study &study = explored.searched;
        const Chip *chip = find_in(study.chips, selection->chip, &Chip::name);
        const Nic *nic = find_in(study.nics, selection->nic, &Nic::name);
        if (!chip || !nic)
            return std::nullopt;
        Candidate candidate;
        candidate.chip = static_cast<std::size_t>(chip - study.chips.data());
        candidate.nic = static_cast<std::size_t>(nic - study.nics.data());
        candidate.point = selection->point;
        return scenario_of(study, candidate);
    }
    if (const auto *chip = std::get_if<std::string>(&whose)) {
        for (const ChipView &view : explored.chips) {
            if (view.scenario.chip.name == *chip)
                return view.scenario;
        }
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
    if (!measured.case_of[row] || !std::isfinite(explored.validation->rows[*measured.case_of[row]].relative))
        return std::nullopt;
    const MeasuredCase &one = measured.cases[*measured.case_of[row]];
    const Measurement &run = one.measurement;
    return Explainable{"error",
        MeasuredRun{scenario_of(explored.searched.profile, one), batch_of_step(run), *run.accepted_per_step, run.tpot_s,
            run.id + ", " + run.source, run.prefill_share}};
}

} // namespace epscope
