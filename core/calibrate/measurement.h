// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/spec/study.h"

namespace epscope {

// Where a row was read. Says nothing of what was measured: rows that differ in nothing else are the same.
struct RowPlace {
    std::string file;
    int line = 0;

    bool operator==(const RowPlace &) const { return true; }
};

inline constexpr const char *usual_model = "deepseek-v3"; // of rows that name none; R1 has its shapes

// One measured decode run at steady state: attention shared by groups of `tp` cards, experts by `ep` cards.
struct Measurement {
    std::string id;
    std::string chip; // by name
    std::string nic; // by name; empty: the chip's usual one
    std::string model; // by name; empty: the usual one
    std::string engine;
    std::string source;
    std::string date; // of the measurement, YYYY, YYYY-MM or YYYY-MM-DD; may be empty
    std::string remark; // what of the run no estimate knows of; may be empty
    std::int64_t ep = 1;
    std::int64_t tp = 1;
    ExpertMode mode = ExpertMode::all2all;
    std::int64_t redundant_experts = 0;
    bool balanced = false; // by a load balancer
    std::optional<double> batch_per_card; // sequences, a mean; without it the row is for display only
    double context = 0; // tokens in the KV cache, mean over the run
    std::optional<std::int64_t> query_tokens; // per sequence and step: 1 + draft length
    std::optional<double> accepted_per_step; // output tokens per sequence and step
    std::optional<double> kv_elem_size, expert_elem_size, attention_elem_size; // B
    std::optional<double> output_elem_size, dense_elem_size; // B; none: as attention_elem_size, 1 B
    std::int64_t micro_batches = 1;
    double prefill_share = 0; // of tpot_s: prefill that the same cards do between the steps
    double tpot_s = 0; // s per output token of one user
    std::optional<double> throughput_per_card; // tok/s
    bool batch_is_derived = false; // by Little's law, from concurrency and latencies
    RowPlace place;

    // Sequences of a group of cards that share one attention.
    std::optional<double> batch() const
    {
        return batch_per_card ? std::optional(*batch_per_card * static_cast<double>(tp)) : std::nullopt;
    }
    std::string model_name() const { return model.empty() ? usual_model : model; }
    // Does it state everything that an estimate needs?
    bool complete() const
    {
        return batch_per_card && query_tokens && accepted_per_step && kv_elem_size && expert_elem_size
            && attention_elem_size;
    }

    bool operator==(const Measurement &) const = default;
};

// A complete measurement with what it names.
struct MeasuredCase {
    Measurement measurement;
    Model model;
    Chip chip;
    Nic nic;

    bool operator==(const MeasuredCase &) const = default;
};

} // namespace epscope
