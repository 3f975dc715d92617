// SPDX-License-Identifier: GPL-3.0-or-later
// Configurations of several models and parallelisms in one table, and what is estimated of each: chips and models are
// those of the library, a chip with the memory that its data sheet names; the bandwidth of the NIC stands in the row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/estimate.h"
#include "core/io/csv.h"
#include "core/io/library.h"

namespace epscope {

struct NamedScenario {
    std::string name;
    Scenario scenario;

    bool operator==(const NamedScenario &) const = default;
};

// The columns config, chip, model, tp, ep, moe, redundant, balanced, batch, context, query_tokens, kv, expert, qkv, o,
// dense, micro_batches and nic_B_s; further ones are ignored.
std::span<const CsvColumn> any_model_columns();
// Does the header of the text name them, rather than those of core/io/configs_csv?
bool is_of_any_model(std::string_view text);
Read<std::vector<NamedScenario>> read_any_model(
    std::string_view text, const std::string &file, const Library &library, const Profile &profile);

// config, step_s, weights_B, kv_B_per_sequence, max_batch.
std::string any_model_header();
std::string any_model_line(const std::string &name, const Estimate &estimate);
// Every operator of the configuration, a line each: config, block, count, micro_batches, operator, stage, seconds of
// one occurrence, and of those traffic_s and compute_s, which are empty for what takes the network.
std::string operators_header();
std::string operators_lines(const std::string &name, const Estimate &estimate);

} // namespace epscope
