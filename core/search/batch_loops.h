// SPDX-License-Identifier: GPL-3.0-or-later
// The loops of the search over batch sizes, compiled for each of several instruction sets: wider vectors, the same
// operations in the same order on every batch size, and so the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/search/kept_sums.h"

namespace epscope {

enum class InstructionSet : std::uint8_t {
    baseline, // what every machine has that the program is compiled for: 2 numbers at a time on x86-64
    avx2, // 4 numbers
    avx512 // 8 numbers
};
// Those that this machine has and the compiler can make, the fastest last.
std::span<const InstructionSet> instruction_sets();

// What an operator needs of every batch size.
struct WorkColumns {
    const double *work; // work_rows(); sequences where nothing is computed, for which any finite rows do
    const double *active; // active_experts(); sequences where it plays no part
    const double *busy; // busy_sequences()
};

// Of one combination.
struct BatchInputs {
    KeptSums &kept; // and its plan
    const double *batch; // sequences per card
    const double *sequences; // of a micro-batch
    std::span<const WorkColumns> work; // by operator of the plan, of those that have to be summed
};
struct BatchOutputs {
    double *step_s, *ux_tps, *throughput_per_card;
};

struct BatchLoops {
    // step_seconds() and the rates that follow for the batch sizes from `offset`, a multiple of widest_vector, on.
    // `count` is at most chunk_size; up to whole_vectors(count) are read and written.
    void (*evaluate)(const BatchInputs &in, const BatchOutputs &out, std::size_t offset, std::size_t count);
    // How many values are below a bound.
    std::uint64_t (*count_below)(std::span<const double> values, double bound);
};
const BatchLoops &batch_loops(InstructionSet set);

} // namespace epscope
