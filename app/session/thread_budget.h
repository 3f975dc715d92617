// SPDX-License-Identifier: GPL-3.0-or-later
// How the workers share the machine's processors.
#pragma once

#include <cstdint>
#include <stop_token>

namespace epscope {

// low: nobody waits for it; it gives way to all else.
enum class Priority : std::uint8_t { normal, low };

// What a job may use of the machine, and until when.
struct JobLimits {
    std::stop_token stop;
    unsigned threads = 0; // 0: as many as the machine has
};

// To be called first on a worker's thread; the threads that it starts have the same priority.
void start_with_priority(Priority priority);

// The threads that a job may use while the lease lives: all of the machine's for one of normal priority, for which
// somebody waits; those of low priority divide them, at least one each.
class ThreadLease {
public:
    explicit ThreadLease(Priority priority);
    ~ThreadLease();
    ThreadLease(const ThreadLease &) = delete;
    ThreadLease &operator=(const ThreadLease &) = delete;

    unsigned threads() const { return granted; }

private:
    unsigned granted;
    unsigned lent; // of what jobs of low priority divide
};

} // namespace epscope
