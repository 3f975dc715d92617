// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/search/kept_sums.h"

#include <algorithm>
#include <utility>

namespace epscope {
namespace {

// Batch sizes: fewer are faster summed again than looked up, more than fetched from memory.
constexpr std::size_t fewest_kept = 48, most_kept = 8192;

// Of two operators at the same batch size and number of micro-batches.
bool take_the_same_time(const OperatorPlan &a, const OperatorPlan &b)
{
    return a.id == b.id && static_cast<const OperatorCost<double> &>(a) == b && a.work == b.work;
}

bool add_up_alike(const BlockPlan &a, const BlockPlan &b)
{
    return a.kind == b.kind && a.count == b.count && a.repeats == b.repeats;
}

std::size_t place_of(const OperatorPlan &op)
{
    return static_cast<std::size_t>(info_of(op.id).stage);
}

} // namespace

KeptSums::KeptSums(std::size_t the_batches)
    : batches(the_batches)
    , keeps(the_batches >= fewest_kept && the_batches <= most_kept)
{
}

void KeptSums::make_room(Sum &sum) const
{
    if (sum.seconds.empty())
        sum.seconds.resize(keeps ? whole_vectors(batches) : chunk_size);
}

// A stage of a block is another one as soon as one of its operators differs from the one that had its place.
void KeptSums::forget_others(const Plan &next)
{
    const bool same_rows = keeps && current.micro_batches == next.micro_batches;
    const bool same_windows = same_rows && current.policy == next.policy && (current.group > 1) == (next.group > 1);
    for (std::size_t b = 0; b < next.blocks.size(); ++b) {
        Block &block = kept[b];
        if (!same_rows || b >= current.blocks.size()) {
            for (Sum &stage : block.stages)
                stage.known = 0;
            block.all.known = 0;
            continue;
        }
        const std::span<const OperatorPlan> was = current.operators_of(current.blocks[b]),
                                            is = next.operators_of(next.blocks[b]);
        if (!same_windows || !add_up_alike(current.blocks[b], next.blocks[b]))
            block.all.known = 0;
        const auto forget = [&](const OperatorPlan &op) {
            block.stages[place_of(op)].known = 0;
            block.all.known = 0;
        };
        const std::size_t both = std::min(was.size(), is.size());
        for (std::size_t i = 0; i < both; ++i) {
            if (take_the_same_time(was[i], is[i]))
                continue;
            forget(was[i]);
            forget(is[i]);
        }
        std::for_each(was.begin() + static_cast<std::ptrdiff_t>(both), was.end(), forget);
        std::for_each(is.begin() + static_cast<std::ptrdiff_t>(both), is.end(), forget);
    }
    for (std::size_t b = next.blocks.size(); b < current.blocks.size(); ++b) {
        for (Sum &stage : kept[b].stages)
            stage.known = 0;
        kept[b].all.known = 0;
    }
}

void KeptSums::take(Plan next, std::size_t count)
{
    if (kept.size() < next.blocks.size())
        kept.resize(next.blocks.size());
    forget_others(next);
    current = std::move(next);
    all_runs.clear();
    for (std::size_t b = 0; b < current.blocks.size(); ++b) {
        const BlockPlan &plan = current.blocks[b];
        Block &block = kept[b];
        block.first_run = block.last_run = all_runs.size();
        block.is_known = block.all.known >= count;
        if (block.is_known)
            continue;
        make_room(block.all);
        for (Sum &stage : block.stages)
            stage.present = false;
        for (std::size_t i = plan.first; i < plan.last; ++i) {
            const OperatorPlan &op = current.operators[i];
            const Stage stage = info_of(op.id).stage;
            Sum &sum = block.stages[static_cast<std::size_t>(stage)];
            if (!std::exchange(sum.present, true))
                make_room(sum);
            if (sum.known >= count)
                continue;
            const bool goes_on = all_runs.size() > block.first_run && all_runs.back().last == i
                && all_runs.back().stage == stage && all_runs.back().terms == op.terms;
            if (goes_on)
                ++all_runs.back().last;
            else
                all_runs.push_back({stage, op.terms, i, i + 1});
        }
        block.last_run = all_runs.size();
    }
}

void KeptSums::summed(std::size_t count)
{
    if (!keeps)
        return;
    for (Block &block : blocks()) {
        block.all.known = std::max(block.all.known, count);
        for (const Run &run : runs_of(block)) {
            Sum &sum = block.stages[static_cast<std::size_t>(run.stage)];
            sum.known = std::max(sum.known, count);
        }
    }
}

} // namespace epscope
