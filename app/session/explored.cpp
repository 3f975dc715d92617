// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/explored.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <mutex>
#include <stdexcept>

#include "core/quantity.h"
#include "core/spec/axes.h"

namespace epscope {
namespace {

// What the search evaluated, by order number; of very many combinations every n-th, so that memory stays bounded.
struct Points {
    std::size_t batches;
    std::uint64_t stride; // between combinations kept
    std::vector<float> ux_tps, throughput;
    std::vector<std::uint8_t> reason; // reason_count: feasible

    Points(std::uint64_t combinations, std::size_t batch_count)
        : batches(batch_count)
        , stride(1 + combinations * batch_count / most)
        , ux_tps(first_slot(combinations))
        , throughput(ux_tps.size())
        , reason(ux_tps.size())
    {
    }

    // Of the first combination kept that is this one or comes after it.
    std::size_t first_slot(std::uint64_t combination) const
    {
        return static_cast<std::size_t>((combination + stride - 1) / stride) * batches;
    }
    std::uint64_t order_of(std::size_t slot) const { return slot / batches * stride * batches + slot % batches; }

    void store(const CombinationResult &result)
    {
        if (result.index % stride != 0)
            return;
        const std::size_t first = first_slot(result.index);
        for (std::size_t i = 0; i < batches; ++i) {
            ux_tps[first + i] = static_cast<float>(result.ux_tps[i]);
            throughput[first + i] = static_cast<float>(result.throughput_per_card[i]);
        }
        for (std::size_t i = 0; i < batches; ++i) {
            const std::optional<Reason> why = result.reason(i);
            reason[first + i] = static_cast<std::uint8_t>(why ? static_cast<std::size_t>(*why) : reason_count);
        }
    }

private:
    static constexpr std::uint64_t most = 16'000'000;
};

// One point per cell of a grid over the area in which something fits: the look of all points without their number.
class Thinner {
public:
    Thinner(double most_ux, double most_throughput)
        : per_ux(static_cast<float>(most_ux > 0 ? columns / most_ux : 0))
        , per_throughput(static_cast<float>(most_throughput > 0 ? rows / most_throughput : 0))
    {
    }

    std::vector<CloudPoint> thin(const Points &points, std::size_t first, std::size_t last)
    {
        std::fill(taken.begin(), taken.end(), false);
        std::vector<CloudPoint> kept;
        std::array<std::uint32_t, block> cells;
        for (std::size_t start = first; start < last; start += block) {
            const std::size_t count = std::min(block, last - start);
            for (std::size_t i = 0; i < count; ++i) { // apart, so that it vectorises
                const float column = std::min(points.ux_tps[start + i] * per_ux, static_cast<float>(columns));
                const float row = std::min(points.throughput[start + i] * per_throughput, static_cast<float>(rows));
                const bool feasible = points.reason[start + i] == reason_count;
                cells[i] = static_cast<std::uint32_t>(
                    (static_cast<int>(row) + (feasible ? rows + 1 : 0)) * (columns + 1) + static_cast<int>(column));
            }
            for (std::size_t i = 0; i < count; ++i) {
                if (taken[cells[i]])
                    continue;
                taken[cells[i]] = true;
                keep(points, start + i, kept);
            }
        }
        return kept;
    }

private:
    static constexpr int columns = 160, rows = 120; // and one more each, for what lies outside
    static constexpr std::size_t block = 256;
    float per_ux, per_throughput;
    std::vector<char> taken = std::vector<char>(2 * (columns + 1) * (rows + 1));

    void keep(const Points &points, std::size_t slot, std::vector<CloudPoint> &kept) const
    {
        const float ux = points.ux_tps[slot], throughput = points.throughput[slot];
        if (!(ux * per_ux < columns) || !(throughput * per_throughput < rows))
            return;
        std::optional<Reason> reason;
        if (points.reason[slot] != reason_count)
            reason = static_cast<Reason>(points.reason[slot]);
        kept.push_back({ux, throughput, points.order_of(slot), reason});
    }
};

template <class T>
std::size_t index_of(const std::vector<T> &entries, const std::string &name)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const T &entry) { return entry.name == name; });
    return static_cast<std::size_t>(found - entries.begin());
}

// Every k-th value, the ends always.
template <class T>
void thin_values(std::vector<T> &values, std::size_t most)
{
    if (values.size() <= most)
        return;
    std::vector<T> kept;
    for (std::size_t i = 0; i < most; ++i)
        kept.push_back(values[i * (values.size() - 1) / std::max<std::size_t>(1, most - 1)]);
    values = std::move(kept);
}

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

// The study's range or, where it is fixed or of few values, even steps to well beyond what fits; with the batch on
// show.
std::vector<std::int64_t> swept_batches(const SearchSpace &space, std::int64_t shown, std::int64_t max_batch)
{
    constexpr std::size_t fewest = 8, most = 512;
    constexpr std::int64_t steps = 64, largest = 4096;
    std::vector<std::int64_t> batches = space.batch;
    thin_values(batches, most);
    if (batches.size() < fewest) {
        std::int64_t step = 1;
        while (steps * step < largest && 4 * steps * step < 5 * std::max(shown, max_batch))
            step *= 2;
        for (std::int64_t i = 1; i <= steps; ++i)
            batches.push_back(i * step);
        for (std::int64_t small = step / 2; small > 0; small /= 2)
            batches.push_back(small);
    }
    batches.push_back(shown);
    std::sort(batches.begin(), batches.end());
    batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
    return batches;
}

std::vector<SweepPoint> sweep_of(const Study &study, const Scenario &scenario)
{
    const Machine machine = resolve(scenario.profile, scenario.chip, scenario.nic);
    const Plan plan = make_plan(scenario.profile, scenario.model, machine, scenario.workload, scenario.point);
    const MemoryBreakdown memory =
        memory_breakdown(scenario.profile, scenario.model, scenario.workload, machine.memory, scenario.point);
    const Limits limits = limits_of(scenario.model, scenario.workload, memory, scenario.point, scenario.target_tps);
    std::vector<SweepPoint> sweep;
    for (const std::int64_t batch : swept_batches(study.search, scenario.point.batch, memory.max_batch)) {
        SweepPoint point;
        point.batch = batch;
        point.step_s = step_seconds(scenario.profile, plan, batch);
        point.ux_tps = plan.tokens_per_step / point.step_s;
        point.throughput_per_card = point.ux_tps * static_cast<double>(batch);
        point.reason = limits.reason(batch, point.ux_tps);
        point.falls = !sweep.empty() && point.step_s < sweep.back().step_s;
        sweep.push_back(point);
    }
    return sweep;
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
        if (const std::optional<std::size_t> index = inputs.measured->case_of[i])
            point.error = explored.validation->rows[*index].relative;
        points.push_back(point);
    }
    return points;
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

Candidate candidate_at(const Study &searched, std::uint64_t order)
{
    const std::size_t batches = searched.search.batch.size();
    const Combination combination = combination_at(searched, order / batches);
    Candidate candidate;
    candidate.chip = combination.chip;
    candidate.nic = combination.nic;
    candidate.point = combination.point;
    candidate.point.batch = searched.search.batch[order % batches];
    candidate.order = order;
    return candidate;
}

void check_explorable(const Study &study)
{
    // About 100 B of the result are of each combination. More of them are for the commands, which keep none.
    constexpr std::uint64_t most_combinations = std::uint64_t{1} << 23;
    const auto grouped = [](std::uint64_t count) { return grouped_text(static_cast<std::int64_t>(count)); };
    const std::uint64_t count = combination_count(study);
    if (count == 0) // as before any study is opened
        throw std::runtime_error("the study has no chip or no NIC; there is nothing to search");
    if (count > most_combinations)
        throw std::runtime_error("the study has " + grouped(count)
            + " combinations of chip, NIC, draft length, precision, pipeline and EP; the explorer holds at most "
            + grouped(most_combinations) + ", fix some of them");
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

    const std::uint64_t configurations = configuration_count(study);
    check_explorable(study);
    Points points(combination_count(study), study.search.batch.size());
    std::mutex mutex;
    std::vector<std::optional<Candidate>> best(study.chips.size());
    result->combinations.resize(combination_count(study));
    SearchOptions search_options;
    search_options.stop = options.stop;
    search_options.threads = options.threads;
    search_options.progress = options.progress;
    search_options.on_combination = [&](const CombinationResult &combination) {
        points.store(combination);
        const Candidate candidate = combination.at(combination.best.value_or(0));
        result->combinations[combination.index] = {candidate, combination.best ? std::nullopt : combination.reason(0)};
        if (!combination.best)
            return;
        const std::lock_guard lock(mutex);
        std::optional<Candidate> &known = best[candidate.chip];
        if (!known || better(ranked(candidate), ranked(*known)))
            known = candidate;
    };
    const auto start = std::chrono::steady_clock::now();
    result->outcome = search(study, search_options);
    result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!result->outcome.complete)
        return nullptr;

    double most_ux = 0, most_throughput = 0;
    for (const std::vector<Candidate> &front : result->outcome.fronts) {
        if (!front.empty()) {
            most_ux = std::max(most_ux, front.front().ux_tps);
            most_throughput = std::max(most_throughput, front.back().throughput_per_card);
        }
    }
    if (most_ux == 0 && configurations > 0) { // nothing fits: all that was evaluated
        most_ux = *std::max_element(points.ux_tps.begin(), points.ux_tps.end());
        most_throughput = *std::max_element(points.throughput.begin(), points.throughput.end());
    }
    result->validation = validation_of(inputs, options.before.get());
    constexpr double margin = 1.1;
    Thinner thinner(margin * most_ux, margin * most_throughput);
    const std::uint64_t per_chip = combination_count(study) / study.chips.size();
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        ChipView view;
        view.chip = chip;
        view.mark = chip_mark(inputs, study.chips[chip].name);
        view.best = best[chip];
        view.shown = view.best ? *view.best : nearest_miss(study, result->outcome, chip).nearest;
        if (const std::optional<Selection> &selection = inputs.selection;
            selection && selection->chip == study.chips[chip].name) {
            const std::size_t nic = index_of(study.nics, selection->nic);
            if (nic < study.nics.size()) {
                view.shown = Candidate{};
                view.shown.chip = chip;
                view.shown.nic = nic;
                view.shown.point = selection->point;
            }
        }
        view.scenario = scenario_of(study, view.shown);
        view.estimate = estimate(view.scenario);
        view.shown.step_s = view.estimate.step_s;
        view.shown.ux_tps = view.estimate.ux_tps;
        view.shown.throughput_per_card = view.estimate.throughput_per_card;
        view.front = result->outcome.fronts[chip];
        view.cloud = thinner.thin(points, points.first_slot(chip * per_chip), points.first_slot((chip + 1) * per_chip));
        view.sweep = sweep_of(study, view.scenario);
        view.measured = measured_points(*result, view);
        if (result->validation && is_calibrated(study.profile))
            view.accuracy = accuracy_for(study.chips[chip], study.profile, inputs.measured->cases, *result->validation);
        result->chips.push_back(std::move(view));
    }
    // The selected chip leads, else the one with the best configuration or, where nothing serves, with the nearest.
    std::optional<std::size_t> lead;
    for (std::size_t chip = 0; chip < result->chips.size(); ++chip) {
        if (inputs.selection && inputs.selection->chip == study.chips[chip].name) {
            lead = chip;
            break;
        }
        if (!best[chip])
            continue;
        if (!lead || better(ranked(*best[chip]), ranked(*best[*lead])))
            lead = chip;
    }
    if (result->outcome.feasible == 0)
        result->miss = nearest_miss(study, result->outcome);
    result->lead = lead.value_or(result->miss ? result->miss->nearest.chip : 0);
    result->fixes = smallest_fixes(*result);
    return result;
}

} // namespace epscope
