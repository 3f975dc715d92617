// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/estimate.h"
#include "core/io/csv.h"
#include "core/io/diagnostic.h"

namespace epscope {

inline constexpr std::size_t largest_configs_file = 64u << 20; // B

// One line of a file of configurations; chip and NIC index those of the study.
struct ConfigRow {
    std::size_t chip = 0;
    std::size_t nic = 0;
    Workload workload;
    Point point;

    bool operator==(const ConfigRow &) const = default;
};
Scenario scenario_of(const Study &study, const ConfigRow &row);

// Configurations, one a row, with the columns chip, nic, policy, ep, kv_elem_size, param_elem_size, batch_size,
// context, mtp_len, deepgemm and fa3; further columns are ignored. Chips and NICs are those of the study, as is
// everything else.
std::span<const CsvColumn> configs_columns();
Read<std::vector<ConfigRow>> read_configs(std::string_view text, const std::string &file, const Study &study);

// The header and the line of a configuration with its estimate: the eleven columns above, then the published operators'
// times in us, layer_us, step_ms, ux_tps and throughput_per_card. Numbers read back to the same doubles.
std::string configs_header();
std::string configs_line(const Scenario &scenario, const Estimate &estimate);

} // namespace epscope
