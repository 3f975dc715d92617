// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/explored.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "core/explore/thin.h"
#include "core/quantity.h"
#include "core/spec/axes.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

// Halves the longest range until the space is small enough.
void coarsen(Study &study, std::uint64_t most_configurations)
{
    constexpr std::size_t fewest = 4;
    while (configuration_count(study) > most_configurations) {
        std::vector<std::int64_t> *longest = nullptr;
        for (const SearchAxis &axis : search_axes()) {
            if (axis.integers && (!longest || (study.search.*axis.integers).size() > longest->size()))
                longest = &(study.search.*axis.integers);
        }
        if (longest->size() <= fewest)
            return;
        thin_values(*longest, longest->size() / 2);
    }
}

std::shared_ptr<const Validation> validation_of(const Inputs &inputs, const Explored *before)
{
    if (!inputs.measured)
        return nullptr;
    if (before && before->inputs.measured == inputs.measured && before->inputs.study.profile == inputs.study.profile)
        return before->validation;
    return std::make_shared<const Validation>(validate(inputs.study.profile, inputs.measured->cases));
}

// Of the study as it was asked for: what a coarse search leaves out is not shown elsewhere either.
std::vector<MeasuredPoint> measured_points(const Explored &explored, const ChipView &view)
{
    const Inputs &inputs = explored.inputs;
    std::vector<MeasuredPoint> points;
    if (!inputs.measured)
        return points;
    const Conditions searched = conditions_of(inputs.study, view.chip), shown = conditions_of(view.scenario);
    for (std::size_t i = 0; i < inputs.measured->rows.size(); ++i) {
        const Measurement &row = inputs.measured->rows[i];
        MeasuredPoint point;
        point.row = i;
        point.near_shown = is_near(row, shown);
        if (!same_shapes(inputs.measured->model_of[i], inputs.study.model)
            || (!point.near_shown && !is_near(row, searched)))
            continue;
        point.ux_tps = 1 / row.tpot_s;
        if (row.throughput_per_card)
            point.throughput_per_card = *row.throughput_per_card;
        else if (row.batch_per_card)
            point.throughput_per_card = *row.batch_per_card / row.tpot_s;
        else
            continue;
        const std::optional<std::size_t> index = inputs.measured->case_of[i];
        if (index && std::isfinite(explored.validation->rows[*index].relative))
            point.error = explored.validation->rows[*index].relative;
        points.push_back(point);
    }
    return points;
}

// The best winner of each, which are sorted.
std::vector<std::optional<Candidate>> best_by_chip(const SearchOutcome &outcome, std::size_t chips)
{
    std::vector<std::optional<Candidate>> best(chips);
    for (const Candidate &winner : outcome.winners) {
        if (!best[winner.chip])
            best[winner.chip] = winner;
    }
    return best;
}

void keep_best_winners(Explored &explored, std::size_t most)
{
    std::vector<Candidate> &winners = explored.outcome.winners;
    explored.winners_found = winners.size();
    if (winners.size() <= most)
        return;
    winners.resize(most);
    winners.shrink_to_fit();
}

// The selected chip leads, else the one with the best configuration or, where nothing is feasible, with the nearest.
std::size_t lead_of(const Explored &explored)
{
    const std::vector<Chip> &chips = explored.searched.chips;
    if (const std::optional<Selection> &selection = explored.inputs.selection) {
        if (const std::optional<std::size_t> selected = place_named(chips, selection->chip))
            return *selected;
    }
    if (!explored.outcome.winners.empty())
        return explored.outcome.winners.front().chip;
    return explored.miss ? explored.miss->nearest.chip : 0;
}

} // namespace

std::size_t chip_mark(const Inputs &inputs, std::string_view chip)
{
    const std::vector<std::string> &known = inputs.known_chips;
    const auto place = [&](std::string_view name) {
        return static_cast<std::size_t>(std::find(known.begin(), known.end(), name) - known.begin());
    };
    std::size_t mark = place(chip);
    if (mark < known.size())
        return mark;
    for (const Chip &other : inputs.study.chips) { // new ones follow in the study's order
        if (other.name == chip)
            break;
        mark += place(other.name) == known.size() ? 1 : 0;
    }
    return mark;
}

void check_explorable(const Study &study)
{
    constexpr std::uint64_t most_groups = std::uint64_t{1} << 20; // about 200 B each while the search runs
    const auto grouped = [](std::uint64_t count) { return grouped_text(static_cast<std::int64_t>(count)); };
    if (combination_count(study) == 0) // as before any study is opened
        throw std::runtime_error("the study has no chip or no NIC; there is nothing to search");
    const std::uint64_t groups = winner_group_count(study);
    if (groups > most_groups)
        throw std::runtime_error("the study has " + grouped(groups)
            + " groups of chip, NIC, EP and parameter size, of which each has a winner; the explorer holds at most "
            + grouped(most_groups) + ", fix some of them");
}

std::shared_ptr<const Explored> explore(const Inputs &inputs, const ExploreOptions &options)
{
    auto result = std::make_shared<Explored>();
    result->inputs = inputs;
    result->searched = inputs.study;
    Study &study = result->searched;
    if (options.most_configurations > 0)
        coarsen(study, options.most_configurations);
    result->exact = configuration_count(study) == configuration_count(inputs.study);

    check_explorable(study);
    EvaluatedPoints points(combination_count(study), study.search.batch.size(), options.most_points);
    result->combinations = CombinationRows(combination_count(study), options.most_rows);
    SearchOptions search_options;
    search_options.stop = options.stop;
    search_options.threads = options.threads;
    search_options.progress = options.progress;
    search_options.on_combination = [&](const CombinationResult &combination) {
        points.store(combination);
        result->combinations.store(combination);
    };
    const auto start = std::chrono::steady_clock::now();
    result->outcome = search(study, search_options);
    result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!result->outcome.complete)
        return nullptr;
    const std::vector<std::optional<Candidate>> best = best_by_chip(result->outcome, study.chips.size());
    keep_best_winners(*result, options.most_rows / 8);

    double most_ux = 0, most_throughput = 0;
    for (const std::vector<Candidate> &front : result->outcome.fronts) {
        if (!front.empty()) {
            most_ux = std::max(most_ux, front.front().ux_tps);
            most_throughput = std::max(most_throughput, front.back().throughput_per_card);
        }
    }
    if (most_ux == 0) { // nothing fits: all that was evaluated
        most_ux = points.most_ux_tps();
        most_throughput = points.most_throughput();
    }
    result->validation = validation_of(inputs, options.before.get());
    constexpr double margin = 1.1;
    CloudThinner thinner(margin * most_ux, margin * most_throughput);
    const std::uint64_t per_chip = combination_count(study) / study.chips.size();
    std::optional<Miss> miss; // of the last chip of which nothing is feasible
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        ChipView view;
        view.chip = chip;
        view.mark = chip_mark(inputs, study.chips[chip].name);
        view.best = best[chip];
        if (!view.best)
            miss = nearest_miss(study, result->outcome, chip, options.stop);
        view.shown = view.best ? *view.best : miss->nearest;
        if (const std::optional<Selection> &selection = inputs.selection;
            selection && selection->chip == study.chips[chip].name) {
            if (const std::optional<std::size_t> nic = place_named(study.nics, selection->nic)) {
                view.shown = Candidate{};
                view.shown.chip = chip;
                view.shown.nic = *nic;
                view.shown.point = selection->point;
            }
        }
        view.scenario = scenario_of(study, view.shown);
        view.estimate = estimate(view.scenario);
        view.shown.step_s = view.estimate.step_s;
        view.shown.ux_tps = view.estimate.ux_tps;
        view.shown.throughput_per_card = view.estimate.throughput_per_card;
        view.front = result->outcome.fronts[chip];
        view.cloud = thinner.thin(points, chip * per_chip, (chip + 1) * per_chip);
        view.sweep = sweep_of(study, view.scenario);
        view.measured = measured_points(*result, view);
        if (result->validation && is_calibrated(study.profile))
            view.accuracy = accuracy_for(study.chips[chip], study.profile, inputs.measured->cases, *result->validation);
        result->chips.push_back(std::move(view));
    }
    if (result->outcome.feasible == 0)
        result->miss =
            study.chips.size() == 1 ? miss : nearest_miss(study, result->outcome, std::nullopt, options.stop);
    result->lead = lead_of(*result);
    if (result->miss)
        result->fixes = smallest_fixes(inputs.study, result->outcome, *result->miss, options.stop);
    if (options.stop.stop_requested()) // what was nearest until then
        return nullptr;
    return result;
}

} // namespace epscope
