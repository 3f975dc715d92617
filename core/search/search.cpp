// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/search.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "core/estimate/step.h"
#include "core/model/parallel.h"
#include "core/model/step.h"

namespace epscope {
namespace {

// All but the batch, over which each combination is evaluated at once.
std::span<const SearchAxis> axes_of_combinations()
{
    return search_axes().subspan(1);
}

// work_rows() over the whole batch axis, kept while combinations that need the same rows follow one another.
class WorkCache {
public:
    WorkCache(const Profile &the_profile, const std::vector<std::int64_t> &the_batches)
        : profile(the_profile)
        , batches(the_batches)
    {
    }

    // For each operator of the plan, its columns over the batch axis. Valid until the next call; null if stopped.
    const std::vector<WorkColumns> *work_of(const Plan &plan, const std::stop_token &stop)
    {
        trim();
        made = false;
        work.resize(plan.operators.size());
        last_found.resize(std::max(last_found.size(), 3 * plan.operators.size()));
        const double *const none = sequences(plan);
        for (std::size_t i = 0; i < plan.operators.size(); ++i) {
            const Work &needed = plan.operators[i].work;
            const auto of = [&](Of what, std::size_t place) {
                return column(plan.micro_batches, needed, what, last_found[3 * i + place]);
            };
            work[i] = {none, none, none};
            switch (needed.kind) {
            case WorkKind::none:
            case WorkKind::sequences:
                break;
            case WorkKind::popular:
                work[i].busy = of(Of::busy, 2);
                work[i].active = of(Of::active, 1);
                [[fallthrough]];
            case WorkKind::gemm:
                work[i].work = of(Of::work, 0);
                break;
            case WorkKind::busiest:
                work[i].busy = of(Of::busy, 2);
                break;
            }
            if (made && stop.stop_requested()) // a column over a long axis takes a millisecond
                return nullptr;
        }
        return &work;
    }

    // Sequences per micro-batch, for each batch size.
    const double *sequences(const Plan &plan)
    {
        static constexpr Work as_they_are{WorkKind::sequences};
        return column(plan.micro_batches, as_they_are, Of::work, last_sequences);
    }

private:
    enum class Of : std::uint8_t { work, active, busy };
    struct Column {
        double micro_batches;
        Work work;
        Of of;
        BatchColumn values; // of whole vectors, the last batch size's standing where there is none

        bool is(double its_micro_batches, const Work &its_work, Of what) const
        {
            return work == its_work && micro_batches == its_micro_batches && of == what;
        }
    };

    const Profile &profile;
    const std::vector<std::int64_t> &batches;
    std::vector<Column> columns;
    std::vector<WorkColumns> work;
    std::vector<std::size_t> last_found; // per operator, where in `columns` the plan before found its three
    std::size_t last_sequences = 0;
    bool made = false; // a column, of the plan at hand

    void trim()
    {
        constexpr std::size_t largest = (32u << 20) / sizeof(double);
        if (columns.size() * batches.size() > largest)
            columns.clear();
    }

    // Operators come in the same order for each combination, and so do their columns: most often it is the hinted one,
    // else the next is near the last one.
    const double *column(double micro_batches, const Work &needed, Of of, std::size_t &hint)
    {
        if (hint < columns.size() && columns[hint].is(micro_batches, needed, of))
            return columns[hint].values.data();
        return other_column(micro_batches, needed, of, hint);
    }
    const double *other_column(double micro_batches, const Work &needed, Of of, std::size_t &hint)
    {
        const auto fits = [&](const Column &column) { return column.is(micro_batches, needed, of); };
        const auto hinted = columns.begin() + static_cast<std::ptrdiff_t>(std::min(hint, columns.size()));
        auto known = std::find_if(hinted, columns.end(), fits);
        if (known == columns.end()) {
            known = std::find_if(columns.begin(), hinted, fits);
            if (known == hinted) {
                made = true;
                known = columns.insert(
                    columns.end(), Column{micro_batches, needed, of, values_of(micro_batches, needed, of)});
            }
        }
        hint = static_cast<std::size_t>(known - columns.begin());
        return known->values.data();
    }

    // The logarithms and exponential integrals of popular experts are taken once: their other columns are there.
    const BatchColumn &column_there(double micro_batches, const Work &needed, Of of) const
    {
        return std::find_if(columns.begin(), columns.end(), [&](const Column &column) {
            return column.is(micro_batches, needed, of);
        })->values;
    }

    BatchColumn values_of(double micro_batches, const Work &needed, Of of) const
    {
        BatchColumn values(whole_vectors(batches.size()));
        if (needed.kind == WorkKind::popular && of == Of::work) {
            const BatchColumn &busy = column_there(micro_batches, needed, Of::busy),
                              &active = column_there(micro_batches, needed, Of::active);
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = rows_of_experts<double>({profile, {}}, busy[i], active[i]);
            return values;
        }
        for (std::size_t i = 0; i < batches.size(); ++i) {
            const double sequences = sequences_per_micro_batch(static_cast<double>(batches[i]), micro_batches);
            values[i] = of == Of::active ? active_experts(profile, needed, sequences)
                : of == Of::busy         ? busy_sequences(profile, needed, sequences)
                                         : work_rows(profile, needed, sequences);
        }
        if (!batches.empty())
            std::fill(
                values.begin() + static_cast<std::ptrdiff_t>(batches.size()), values.end(), values[batches.size() - 1]);
        return values;
    }
};

// The best of each group that one thread has found, or several that share the list.
class Winners {
public:
    Winners(std::size_t groups, bool of_several_threads)
        : best(groups)
        , shared(of_several_threads)
    {
    }

    void offer(std::size_t group, const Candidate &candidate)
    {
        std::unique_lock<std::mutex> lock;
        if (shared)
            lock = std::unique_lock(locks[group % locks.size()]);
        std::optional<Candidate> &winner = best[group];
        if (!winner || better(ranked(candidate), ranked(*winner)))
            winner = candidate;
    }
    void merge(const Winners &other)
    {
        for (std::size_t group = 0; group < other.best.size(); ++group) {
            if (other.best[group])
                offer(group, *other.best[group]);
        }
    }

    std::vector<Candidate> best_first() const
    {
        std::vector<Candidate> sorted;
        for (const std::optional<Candidate> &winner : best) {
            if (winner)
                sorted.push_back(*winner);
        }
        std::sort(sorted.begin(), sorted.end(),
            [](const Candidate &a, const Candidate &b) { return better(ranked(a), ranked(b)); });
        return sorted;
    }

private:
    std::vector<std::optional<Candidate>> best; // by group
    bool shared;
    std::array<std::mutex, 64> locks; // each of every 64th group
};

// One for each thread or, of so many groups that memory would grow with the threads, fewer.
std::vector<std::unique_ptr<Winners>> winners_for(unsigned threads, std::size_t groups)
{
    constexpr std::size_t most_groups = std::size_t{1} << 20; // about 100 B each
    const std::size_t lists = std::clamp<std::size_t>(most_groups / std::max<std::size_t>(1, groups), 1, threads);
    std::vector<std::unique_ptr<Winners>> winners;
    for (std::size_t i = 0; i < lists; ++i)
        winners.push_back(std::make_unique<Winners>(groups, lists < threads));
    return winners;
}

// What one thread has found; merging is independent of how the combinations were shared out.
struct Findings {
    std::uint64_t feasible = 0;
    std::array<Rejected, reason_count> rejected;
    std::vector<ParetoFront> fronts; // by chip

    void reject(Reason reason, std::uint64_t count, const Candidate &first)
    {
        Rejected &found = rejected[static_cast<std::size_t>(reason)];
        found.count += count;
        if (count > 0 && (!found.example || first.order < found.example->order))
            found.example = first;
    }
    void merge(const Findings &other)
    {
        feasible += other.feasible;
        for (std::size_t i = 0; i < rejected.size(); ++i) {
            if (other.rejected[i].example)
                reject(static_cast<Reason>(i), other.rejected[i].count, *other.rejected[i].example);
        }
        for (std::size_t chip = 0; chip < fronts.size(); ++chip)
            fronts[chip].add(other.fronts[chip].points());
    }
};

// The distinct ones, in the order of the precisions.
std::vector<double> parameter_sizes(const SearchSpace &space)
{
    std::vector<double> sizes;
    for (const Precision &precision : space.precision) {
        const double size = precision.param_elem_size.si();
        if (std::find(sizes.begin(), sizes.end(), size) == sizes.end())
            sizes.push_back(size);
    }
    return sizes;
}

// By chip, NIC, cards that share one attention, expert mode and EP.
std::size_t group_of_parallelism(const Study &study, const Combination &combination)
{
    std::size_t group = combination.chip * study.nics.size() + combination.nic;
    const SearchSpace &space = study.search;
    group = group * space.tp.size() + combination.value_of(AxisId::tp);
    group = group * space.mode.size() + combination.value_of(AxisId::mode);
    return group * space.ep.size() + combination.value_of(AxisId::ep);
}

// What all threads share and none changes.
struct Job {
    const Study &study;
    const SearchOptions &options;
    std::vector<Machine> machines; // by chip and NIC
    std::vector<std::size_t> param_groups; // by precision: index of its parameter size among the distinct ones
    std::size_t param_group_count = 0;
    double target_tps;

    Job(const Study &the_study, const SearchOptions &the_options)
        : study(the_study)
        , options(the_options)
        , target_tps(the_study.target_tps.si())
    {
        for (const Chip &chip : study.chips) {
            for (const Nic &nic : study.nics)
                machines.push_back(resolve(study.profile, chip, nic));
        }
        const std::vector<double> sizes = parameter_sizes(study.search);
        for (const Precision &precision : study.search.precision)
            param_groups.push_back(static_cast<std::size_t>(
                std::find(sizes.begin(), sizes.end(), precision.param_elem_size.si()) - sizes.begin()));
        param_group_count = sizes.size();
    }

    std::size_t group_of(const Combination &combination) const
    {
        return group_of_parallelism(study, combination) * param_group_count
            + param_groups[combination.value_of(AxisId::precision)];
    }
    Findings empty_findings() const
    {
        Findings findings;
        findings.fronts.resize(study.chips.size());
        return findings;
    }
};

class Worker {
public:
    Worker(const Job &the_job, Winners &the_winners)
        : findings(the_job.empty_findings())
        , job(the_job)
        , winners(the_winners)
        , batches(the_job.study.search.batch)
        , cache(the_job.study.profile, batches)
        , loops(batch_loops(the_job.options.instruction_set))
        , step_s(whole_vectors(batches.size()))
        , ux_tps(step_s.size())
        , throughput(step_s.size())
        , batch_values(step_s.size())
    {
        take_group(1);
    }

    Findings findings;

    // False if it was stopped before the end.
    bool run(std::uint64_t index)
    {
        const Combination combination = combination_at(job.study, index);
        CombinationResult result;
        result.index = index;
        result.chip = combination.chip;
        result.nic = combination.nic;
        result.point = combination.point;
        result.batches = batches;
        result.step_s = std::span(step_s).first(batches.size());
        result.ux_tps = std::span(ux_tps).first(batches.size());
        result.throughput_per_card = std::span(throughput).first(batches.size());
        const Machine &machine = job.machines[combination.chip * job.study.nics.size() + combination.nic];
        Point one = combination.point;
        one.batch = 1;
        const Study &study = job.study;
        result.limits = limits_of(study.profile, study.model, study.workload,
            memory_breakdown(study.profile, study.model, study.workload, machine.memory, one), one, job.target_tps);
        const std::optional<Reason> never = result.limits.never();

        // Batch sizes ascend: too few sequences come first, too many last.
        const std::size_t shape_end = position_of(result.limits.least_batch);
        const std::size_t memory_end = std::max(shape_end, position_of(result.limits.max_batch + 1));
        const std::size_t wanted = job.options.on_combination ? batches.size() : never ? 0 : memory_end;
        if (!evaluate(machine, combination.point, wanted))
            return false;
        if (never == Reason::shape) {
            findings.reject(Reason::shape, batches.size(), example(result, 0));
        } else if (never) {
            findings.reject(Reason::shape, shape_end, example(result, 0));
            findings.reject(*never, batches.size() - shape_end, example(result, shape_end));
        } else {
            findings.reject(Reason::shape, shape_end, example(result, 0));
            findings.reject(Reason::memory, batches.size() - memory_end, example(result, memory_end));
            judge(combination, result, shape_end, memory_end);
        }
        if (job.options.on_combination)
            job.options.on_combination(result);
        return true;
    }

private:
    const Job &job;
    Winners &winners;
    const std::vector<std::int64_t> &batches;
    WorkCache cache;
    const BatchLoops &loops;
    BatchColumn step_s, ux_tps, throughput, batch_values;
    std::int64_t group = 0; // of whose cards each has batch_values

    void take_group(std::int64_t cards)
    {
        if (cards == group)
            return;
        group = cards;
        Point point;
        point.tp = cards;
        for (std::size_t i = 0; i < batches.size(); ++i)
            batch_values[i] = sequences_per_card(point, static_cast<double>(batches[i]));
    }

    std::size_t position_of(std::int64_t batch) const
    {
        return static_cast<std::size_t>(std::lower_bound(batches.begin(), batches.end(), batch) - batches.begin());
    }

    Candidate example(const CombinationResult &result, std::size_t i) const
    {
        Candidate candidate;
        candidate.chip = result.chip;
        candidate.nic = result.nic;
        candidate.point = result.point;
        candidate.point.batch = i < batches.size() ? batches[i] : 0;
        candidate.order = result.index * batches.size() + i;
        return candidate;
    }

    bool evaluate(const Machine &machine, const Point &point, std::size_t count)
    {
        if (count == 0)
            return true;
        const Plan plan = make_plan(job.study.profile, job.study.model, machine, job.study.workload, point);
        const std::vector<WorkColumns> *work = cache.work_of(plan, job.options.stop);
        if (!work)
            return false;
        take_group(point.tp);
        const BatchInputs in{plan, batch_values.data(), cache.sequences(plan), *work};
        const BatchOutputs out{step_s.data(), ux_tps.data(), throughput.data()};
        for (std::size_t offset = 0; offset < count; offset += chunk_size) {
            if (job.options.stop.stop_requested())
                return false;
            loops.evaluate(in, out, offset, std::min(chunk_size, count - offset));
        }
        return true;
    }

    void judge(const Combination &combination, CombinationResult &result, std::size_t first, std::size_t last)
    {
        if (first == last)
            return;
        const std::uint64_t slow = loops.count_below(std::span(ux_tps).subspan(first, last - first), job.target_tps);
        findings.feasible += last - first - slow;
        if (slow > 0) {
            std::size_t i = first;
            while (!is_too_slow(ux_tps[i], job.target_tps))
                ++i;
            findings.reject(Reason::target, slow, example(result, i));
        }
        if (slow < last - first) {
            std::size_t i = last - 1;
            while (is_too_slow(ux_tps[i], job.target_tps))
                --i;
            result.best = i;
            winners.offer(job.group_of(combination), result.at(i));
        }
        const std::size_t count = last - first;
        findings.fronts[combination.chip].add(std::span(ux_tps).subspan(first, count),
            std::span(throughput).subspan(first, count), std::span(batches).subspan(first, count),
            combination.point.kv_elem_size, result.index * batches.size() + first);
    }
};

// That of the EP itself, else the first.
std::size_t place_of_implied(const SearchSpace &space, std::int64_t ep)
{
    const auto found = std::lower_bound(space.ep.begin(), space.ep.end(), ep);
    return found != space.ep.end() && *found == ep ? static_cast<std::size_t>(found - space.ep.begin()) : 0;
}

} // namespace

Candidate CombinationResult::at(std::size_t i) const
{
    Candidate candidate{chip, nic, point, step_s[i], ux_tps[i], throughput_per_card[i], index * batches.size() + i};
    candidate.point.batch = batches[i];
    return candidate;
}

std::uint64_t combination_count(const Study &study)
{
    std::uint64_t count = static_cast<std::uint64_t>(study.chips.size()) * study.nics.size();
    for (const SearchAxis &axis : axes_of_combinations())
        count *= axis.count(study.search);
    return count;
}

Combination combination_at(const Study &study, std::uint64_t index)
{
    const auto take = [&](std::size_t size) -> std::size_t {
        if (size == 1) // spares the division
            return 0;
        const auto digit = static_cast<std::size_t>(index % size);
        index /= size;
        return digit;
    };
    Combination result;
    for (const SearchAxis &axis : axes_of_combinations()) {
        const std::size_t value = take(axis.count(study.search));
        result.values[static_cast<std::size_t>(axis.id)] = value;
        axis.take(study.search, value, result.point);
    }
    // One of the EPs that are listed stands for the one that a mode implies.
    if (const auto ep = implied_ep(study.model, result.point);
        ep && result.value_of(AxisId::ep) == place_of_implied(study.search, *ep))
        result.point.ep = *ep;
    result.nic = take(study.nics.size());
    result.chip = take(study.chips.size());
    return result;
}

std::optional<std::uint64_t> combination_of(const Study &study, std::size_t chip, std::size_t nic, const Point &point)
{
    std::uint64_t index = chip * study.nics.size() + nic;
    const std::span<const SearchAxis> axes = axes_of_combinations();
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
        const std::size_t count = axis->count(study.search);
        std::size_t value = 0;
        if (const auto ep = implied_ep(study.model, point); axis->id == AxisId::ep && ep && *ep == point.ep) {
            index = index * count + place_of_implied(study.search, *ep);
            continue;
        }
        for (; value < count; ++value) {
            Point with_value = point;
            axis->take(study.search, value, with_value);
            if (with_value == point)
                break;
        }
        if (value == count)
            return std::nullopt;
        index = index * count + value;
    }
    return index;
}

std::uint64_t configuration_count(const Study &study)
{
    return combination_count(study) * study.search.batch.size();
}

Candidate candidate_at(const Study &study, std::uint64_t order)
{
    const std::size_t batches = study.search.batch.size();
    const Combination combination = combination_at(study, order / batches);
    Candidate candidate;
    candidate.chip = combination.chip;
    candidate.nic = combination.nic;
    candidate.point = combination.point;
    candidate.point.batch = study.search.batch[order % batches];
    candidate.order = order;
    return candidate;
}

std::uint64_t winner_group_count(const Study &study)
{
    return static_cast<std::uint64_t>(study.chips.size()) * study.nics.size() * study.search.ep.size()
        * study.search.mode.size() * study.search.tp.size() * parameter_sizes(study.search).size();
}

std::optional<Reason> reason_on_front(const Study &study, const Candidate &candidate)
{
    return is_too_slow(candidate.ux_tps, study.target_tps.si()) ? std::optional(Reason::target) : std::nullopt;
}

Candidate timed(const Study &study, const Machine &machine, Candidate candidate)
{
    const Plan plan = make_plan(study.profile, study.model, machine, study.workload, candidate.point);
    candidate.step_s = step_seconds(study.profile, plan, candidate.point.batch);
    candidate.ux_tps = user_speed(plan.tokens_per_step, candidate.step_s);
    candidate.throughput_per_card = card_throughput(
        candidate.ux_tps, sequences_per_card(candidate.point, static_cast<double>(candidate.point.batch)));
    return candidate;
}

Ranked ranked(const Candidate &candidate)
{
    return {candidate.ux_tps, candidate.throughput_per_card, candidate.point.batch, candidate.point.kv_elem_size,
        candidate.order};
}

Scenario scenario_of(const Study &study, const Candidate &candidate)
{
    return {study.profile, study.model, study.chips[candidate.chip], study.nics[candidate.nic], study.workload,
        candidate.point, study.target_tps.si()};
}

SearchOutcome search(const Study &study, const SearchOptions &options)
{
    const Job job(study, options);
    SearchOutcome outcome;
    outcome.combinations = combination_count(study);
    outcome.configurations = outcome.combinations * study.search.batch.size();

    // A thread costs more than a few thousand evaluations; with a listener each combination is handed out alone, so
    // that one that waits for its turn keeps no others waiting.
    constexpr std::uint64_t worth_a_thread = 20000;
    const std::uint64_t claim = options.on_combination ? 1 : 8;
    const unsigned wanted = options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    const auto useful =
        static_cast<unsigned>(std::min<std::uint64_t>(wanted, 1 + outcome.configurations / worth_a_thread));

    std::atomic<std::uint64_t> next{0};
    std::atomic<bool> stopped{false};
    std::mutex merging;
    const auto winners = winners_for(useful, static_cast<std::size_t>(winner_group_count(study)));
    Findings all = job.empty_findings();
    std::exception_ptr failure; // of a listener
    const auto run_worker = [&](unsigned thread) {
        Worker worker(job, *winners[thread % winners.size()]);
        while (!stopped.load(std::memory_order_relaxed)) {
            const std::uint64_t first = next.fetch_add(claim, std::memory_order_relaxed);
            if (first >= outcome.combinations)
                break;
            for (std::uint64_t index = first; index < std::min(first + claim, outcome.combinations); ++index) {
                if (options.stop.stop_requested() || !worker.run(index)) {
                    stopped = true;
                    break;
                }
            }
            if (thread == 0 && options.progress)
                options.progress(std::min(first + claim, outcome.combinations), outcome.combinations);
        }
        const std::lock_guard lock(merging);
        all.merge(worker.findings);
    };
    const auto work = [&](unsigned thread) {
        try {
            run_worker(thread);
        } catch (...) {
            stopped = true;
            const std::lock_guard lock(merging);
            failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < useful; ++i)
            others.emplace_back(work, i);
        work(0);
    }

    if (failure)
        std::rethrow_exception(failure);
    outcome.complete = !stopped;
    if (outcome.complete && options.progress)
        options.progress(outcome.combinations, outcome.combinations);
    outcome.feasible = all.feasible;
    outcome.rejected = all.rejected;
    for (std::size_t i = 1; i < winners.size(); ++i)
        winners.front()->merge(*winners[i]);
    outcome.winners = winners.front()->best_first();
    for (const ParetoFront &front : all.fronts) {
        std::vector<Candidate> &candidates = outcome.fronts.emplace_back();
        for (const Ranked &point : front.points()) {
            const Candidate candidate = candidate_at(study, point.order);
            candidates.push_back(
                timed(study, job.machines[candidate.chip * study.nics.size() + candidate.nic], candidate));
        }
    }
    return outcome;
}

} // namespace epscope
