// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/spec/study.h"

namespace epscope {

// One measured decode run at steady state: data-parallel attention, experts shared by `ep` cards.
struct Measurement {
    std::string id;
    std::string chip;   // by name
    std::string nic;    // by name; empty: the chip's usual one
    std::string engine;
    std::string source;
    std::int64_t ep = 1;
    std::optional<double> batch_per_card;        // sequences, a mean; without it the row is for display only
    double context = 0;                          // tokens in the KV cache, mean over the run
    std::optional<std::int64_t> query_tokens;    // per sequence and step: 1 + draft length
    std::optional<double> accepted_per_step;     // output tokens per sequence and step
    std::optional<double> kv_elem_size, expert_elem_size, attention_elem_size; // B
    std::int64_t micro_batches = 1;
    double tpot_s = 0;                           // s per output token of one user
    std::optional<double> throughput_per_card;   // tok/s
    bool batch_is_derived = false;               // by Little's law, from concurrency and latencies

    // Does it state everything that an estimate needs?
    bool complete() const
    {
        return batch_per_card && query_tokens && accepted_per_step && kv_elem_size && expert_elem_size && attention_elem_size;
    }

    bool operator==(const Measurement &) const = default;
};

// A complete measurement with the chip and NIC that it names.
struct MeasuredCase {
    Measurement measurement;
    Chip chip;
    Nic nic;

    bool operator==(const MeasuredCase &) const = default;
};

} // namespace epscope
