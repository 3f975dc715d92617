// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers over the batch axis of a search.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace epscope {

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

inline constexpr std::size_t chunk_size =
    256; // batch sizes at a time: the stage sums of a chunk stay in the first-level cache

} // namespace epscope
