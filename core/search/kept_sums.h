// SPDX-License-Identifier: GPL-3.0-or-later
// The sums over stages and blocks that a search keeps from one combination to the next: whatever has the same operators
// there takes the same time at every batch size, be it attention at another EP or the output head.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/estimate/plan.h"
#include "core/search/batch_column.h"

namespace epscope {

class KeptSums {
public:
    // Over the batch axis.
    struct Sum {
        BatchColumn seconds;
        std::size_t known = 0; // batch sizes, from the first on
        bool present = false; // has the block at hand such operators?
    };
    // Operators of one stage, one after the other, with the same terms.
    struct Run {
        Stage stage{};
        Terms terms{};
        std::size_t first = 0, last = 0; // of the plan
    };
    struct Block {
        std::array<Sum, stage_count> stages;
        Sum all; // blocks_seconds()
        std::size_t first_run = 0, last_run = 0; // what has to be summed
        bool is_known = false; // all of it is there
    };

    explicit KeptSums(std::size_t the_batches);

    // Takes the next combination, of which `count` batch sizes are wanted, and tells what is known of it.
    void take(Plan next, std::size_t count);
    // All that was wanted has been summed.
    void summed(std::size_t count);

    const Plan &plan() const { return current; }
    std::span<Block> blocks() { return std::span(kept).first(current.blocks.size()); }
    std::span<const Run> runs() const { return all_runs; }
    std::span<const Run> runs_of(const Block &block) const
    {
        return runs().subspan(block.first_run, block.last_run - block.first_run);
    }
    double *at(Sum &sum, std::size_t offset) const { return sum.seconds.data() + (keeps ? offset : 0); }

private:
    const std::size_t batches;
    const bool keeps; // else the columns hold one chunk alone
    Plan current;
    std::vector<Block> kept; // by place in the plan
    std::vector<Run> all_runs;

    void forget_others(const Plan &next);
    void make_room(Sum &sum) const;
};

} // namespace epscope
