// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/batch_loops.h"

#include <algorithm>
#include <array>

#include "core/estimate/step.h"
#include "core/model/step.h"

// A function with one of these attributes is compiled for its instruction set together with all that it calls, as far
// as that can be inlined; what cannot stays as it is for everybody. Contraction is off for all (CMakeLists.txt).
#if defined(__GNUC__) && defined(__x86_64__)
#define EPSCOPE_X86_VECTORS
#define EPSCOPE_FOR_AVX2 [[gnu::flatten, gnu::target("avx2")]]
#define EPSCOPE_FOR_AVX512 [[gnu::flatten, gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]]
#endif

namespace epscope {
namespace {

using Chunk = std::array<double, chunk_size>;

// Some operators of one stage, one after the other, whose times are added in one go.
constexpr std::size_t most_at_once = 4;

// Adds the times of `at_once` operators from `first` on. `fresh`: to nothing, whatever `sum` holds.
template <Terms terms, bool fresh, std::size_t at_once>
void add_operators(
    const BatchInputs &in, std::size_t first, std::size_t offset, std::size_t count, double *__restrict sum)
{
    const double *const sequences = in.sequences + offset;
    std::array<OperatorCost<double>, at_once> costs;
    std::array<const double *, at_once> work, active, busy;
    for (std::size_t k = 0; k < at_once; ++k) {
        costs[k] = in.plan.operators[first + k];
        work[k] = in.work[first + k].work + offset;
        active[k] = in.work[first + k].active + offset;
        busy[k] = terms != Terms::all ? sequences : in.work[first + k].busy + offset;
    }
    for (std::size_t i = 0; i < count; ++i) {
        double seconds = fresh ? 0 : sum[i];
        for (std::size_t k = 0; k < at_once; ++k) {
            const OperatorCost<double> &op = costs[k];
            const double moved = terms != Terms::all ? sequences[i] : busy[k][i];
            seconds += operator_seconds<terms>(
                op, traffic_seconds<terms>(op, moved, active[k][i]), compute_seconds(op, work[k][i]), sequences[i]);
        }
        sum[i] = seconds;
    }
}

template <Terms terms, bool fresh>
void add_group(
    const BatchInputs &in, std::size_t first, std::size_t at_once, std::size_t offset, std::size_t count, double *sum)
{
    static_assert(most_at_once == 4);
    if (at_once == 1)
        add_operators<terms, fresh, 1>(in, first, offset, count, sum);
    else if (at_once == 2)
        add_operators<terms, fresh, 2>(in, first, offset, count, sum);
    else if (at_once == 3)
        add_operators<terms, fresh, 3>(in, first, offset, count, sum);
    else
        add_operators<terms, fresh, 4>(in, first, offset, count, sum);
}

template <bool fresh>
void add_group(const BatchInputs &in, Terms terms, std::size_t first, std::size_t at_once, std::size_t offset,
    std::size_t count, double *sum)
{
    if (terms == Terms::plain)
        add_group<Terms::plain, fresh>(in, first, at_once, offset, count, sum);
    else if (terms == Terms::published)
        add_group<Terms::published, fresh>(in, first, at_once, offset, count, sum);
    else
        add_group<Terms::all, fresh>(in, first, at_once, offset, count, sum);
}

// Stage times of one block over a chunk of batch sizes.
class StageColumns {
public:
    // The operators of the plan from `first` to `last`.
    void add(const BatchInputs &in, std::size_t first, std::size_t last, std::size_t offset, std::size_t count)
    {
        const std::vector<OperatorPlan> &operators = in.plan.operators;
        if (first == last)
            return;
        Stage next_stage = info_of(operators[first].id).stage;
        Terms next_terms = operators[first].terms;
        while (first < last) {
            const Stage stage = next_stage;
            const Terms terms = next_terms;
            std::size_t end = first;
            do {
                if (++end == last)
                    break;
                next_stage = info_of(operators[end].id).stage;
                next_terms = operators[end].terms;
            } while (end < first + most_at_once && next_stage == stage && next_terms == terms);
            const auto index = static_cast<std::size_t>(stage);
            double *const sum = columns[index].data();
            if (present[index])
                add_group<false>(in, terms, first, end - first, offset, count, sum);
            else
                add_group<true>(in, terms, first, end - first, offset, count, sum);
            present[index] = true;
            first = end;
        }
    }

    // The stages of a lane, one after the other; null for a lane without any. `buffer` holds the sum where there are
    // several.
    const double *lane(std::span<const Stage> stages, Chunk &buffer, std::size_t count) const
    {
        const double *sum = nullptr;
        for (const Stage stage : stages) {
            const auto index = static_cast<std::size_t>(stage);
            if (!present[index])
                continue;
            const double *column = columns[index].data();
            if (sum) {
                for (std::size_t i = 0; i < count; ++i)
                    buffer[i] = one_after_the_other(sum[i], column[i]);
                sum = buffer.data();
            } else {
                sum = column;
            }
        }
        return sum;
    }

private:
    alignas(cache_line) std::array<Chunk, stage_count> columns;
    std::array<bool, stage_count> present{};
};

void add_window(Chunk &windows_s, const double *compute_s, const double *network_s, std::size_t count)
{
    if (compute_s && network_s) {
        for (std::size_t i = 0; i < count; ++i)
            windows_s[i] += beside(compute_s[i], network_s[i]);
    } else if (const double *only = compute_s ? compute_s : network_s) {
        for (std::size_t i = 0; i < count; ++i)
            windows_s[i] += only[i];
    }
}

// step_seconds() for `count` batch sizes at once: the same operations on each, in the same order.
void evaluate_chunk(const BatchInputs &in, const BatchOutputs &out, std::size_t offset, std::size_t batches)
{
    const std::size_t count = whole_vectors(batches);
    double *const __restrict step_s = out.step_s + offset;
    double *const __restrict ux_tps = out.ux_tps + offset;
    double *const __restrict throughput_per_card = out.throughput_per_card + offset;
    std::fill_n(step_s, count, 0.0);
    alignas(cache_line) Chunk windows_s, compute_s, network_s;
    for (const BlockPlan &block : in.plan.blocks) {
        StageColumns stages;
        stages.add(in, block.first, block.last, offset, count);
        std::fill_n(windows_s.data(), count, 0.0);
        for (const Window &window : in.plan.windows_of(block))
            add_window(windows_s, stages.lane(window.compute_lane(), compute_s, count),
                stages.lane(window.network_lane(), network_s, count), count);
        for (std::size_t i = 0; i < count; ++i)
            step_s[i] += blocks_seconds(block, block_seconds(block, windows_s[i]));
    }
    const double tokens = in.plan.tokens_per_step;
    const double *const batch = in.batch + offset;
    for (std::size_t i = 0; i < count; ++i) {
        ux_tps[i] = user_speed(tokens, step_s[i]);
        throughput_per_card[i] = card_throughput(ux_tps[i], batch[i]);
    }
}

std::uint64_t count_values_below(std::span<const double> values, double bound)
{
    std::uint64_t count = 0;
    for (const double value : values)
        count += value < bound ? 1 : 0;
    return count;
}

#ifdef EPSCOPE_X86_VECTORS
EPSCOPE_FOR_AVX2 void evaluate_avx2(
    const BatchInputs &in, const BatchOutputs &out, std::size_t offset, std::size_t count)
{
    evaluate_chunk(in, out, offset, count);
}
EPSCOPE_FOR_AVX2 std::uint64_t count_below_avx2(std::span<const double> values, double bound)
{
    return count_values_below(values, bound);
}
EPSCOPE_FOR_AVX512 void evaluate_avx512(
    const BatchInputs &in, const BatchOutputs &out, std::size_t offset, std::size_t count)
{
    evaluate_chunk(in, out, offset, count);
}
EPSCOPE_FOR_AVX512 std::uint64_t count_below_avx512(std::span<const double> values, double bound)
{
    return count_values_below(values, bound);
}
#endif

} // namespace

std::span<const InstructionSet> instruction_sets()
{
    static constexpr std::array all{InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512};
    static const std::size_t known = [] {
        std::size_t count = 1;
#ifdef EPSCOPE_X86_VECTORS
        if (__builtin_cpu_supports("avx2")) {
            ++count;
            if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
                ++count;
        }
#endif
        return count;
    }();
    return std::span(all).first(known);
}

const BatchLoops &batch_loops([[maybe_unused]] InstructionSet set)
{
    static constexpr BatchLoops baseline{evaluate_chunk, count_values_below};
#ifdef EPSCOPE_X86_VECTORS
    static constexpr BatchLoops avx2{evaluate_avx2, count_below_avx2};
    static constexpr BatchLoops avx512{evaluate_avx512, count_below_avx512};
    if (set == InstructionSet::avx512)
        return avx512;
    if (set == InstructionSet::avx2)
        return avx2;
#endif
    return baseline;
}

} // namespace epscope
