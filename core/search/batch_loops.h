// SPDX-License-Identifier: GPL-3.0-or-later
// The loops of the search over batch sizes, compiled for each of several instruction sets: wider vectors, the same
// operations in the same order on every batch size, and so the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "core/estimate/plan.h"

namespace epscope {

enum class InstructionSet : std::uint8_t {
    baseline, // what every machine has that the program is compiled for: 2 numbers at a time on x86-64
    avx2, // 4 numbers
    avx512 // 8 numbers
};
// Those that this machine has and the compiler can make, the fastest last.
std::span<const InstructionSet> instruction_sets();

// Columns over the batch axis start on a cache line and end with a whole vector, so that no loop has a remainder.
inline constexpr std::size_t cache_line = 64; // B
inline constexpr std::size_t widest_vector = cache_line / sizeof(double);

template <class T>
struct CacheLineAllocator {
    using value_type = T;

    CacheLineAllocator() = default;
    template <class U>
    CacheLineAllocator(const CacheLineAllocator<U> &)
    {
    }
    T *allocate(std::size_t count)
    {
        return static_cast<T *>(::operator new(count * sizeof(T), std::align_val_t(cache_line)));
    }
    void deallocate(T *values, std::size_t) { ::operator delete(values, std::align_val_t(cache_line)); }
    bool operator==(const CacheLineAllocator &) const = default;
};
using BatchColumn = std::vector<double, CacheLineAllocator<double>>;

inline std::size_t whole_vectors(std::size_t count)
{
    return (count + widest_vector - 1) / widest_vector * widest_vector;
}

// What an operator needs of every batch size.
struct WorkColumns {
    const double *work; // work_rows(); sequences where nothing is computed, for which any finite rows do
    const double *active; // active_experts(); sequences where it plays no part
    const double *busy; // busy_sequences()
};

// Of one combination.
struct BatchInputs {
    const Plan &plan;
    const double *batch; // sequences per card
    const double *sequences; // of a micro-batch
    std::span<const WorkColumns> work; // by operator of the plan
};
struct BatchOutputs {
    double *step_s, *ux_tps, *throughput_per_card;
};

inline constexpr std::size_t chunk_size =
    256; // batch sizes at a time: the stage sums of a chunk stay in the first-level cache

struct BatchLoops {
    // step_seconds() and the rates that follow for the batch sizes from `offset`, a multiple of widest_vector, on.
    // `count` is at most chunk_size; up to whole_vectors(count) are read and written.
    void (*evaluate)(const BatchInputs &in, const BatchOutputs &out, std::size_t offset, std::size_t count);
    // How many values are below a bound.
    std::uint64_t (*count_below)(std::span<const double> values, double bound);
};
const BatchLoops &batch_loops(InstructionSet set);

} // namespace epscope
