// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "core/model/machine.h"
#include "core/spec/chip.h"
#include "core/spec/profile_rules.h"

namespace epscope {

// How the number stands to the measurement: as measured, between two measured points, or beyond the measured range.
enum class Evidence : std::uint8_t { measured, interpolated, held };

// MFU: achieved over peak FLOP/s of the rate the operator runs at.
struct Efficiency {
    double mfu = 1;
    EfficiencySource source = EfficiencySource::gemm_by_narrow;
    Evidence evidence = Evidence::measured;
    double flop_per_op = 0; // where a rule by balance gave it: tensor FLOP per vector operation
    bool of_chip = false; // measured on this very chip, whatever the rule says

    bool operator==(const Efficiency &) const = default;
};

// flat: nothing depends on the shape; the efficiency is the chip's.
enum class GemmRule : std::uint8_t { general, expert_up, expert_down, flat };

// One [M x K] * [K x N] product; M is the true row count, not the padded one. docs/model.md §2.
Efficiency gemm_efficiency(const Profile &profile, GemmRule rule, double m, double k, double n);
// An MFU that it does not exceed for any M of this range.
double gemm_mfu_bound(const Profile &profile, GemmRule rule, double least_m, double most_m, double k, double n);
// Over log2 of the query rows of one sequence, between and beyond the measured points. docs/model.md §4.
Efficiency flash_mla_efficiency(const Profile &profile, FlashMlaClass chip_class, double rows);

// Over log2 of the tensor FLOP per vector operation. docs/model.md §14.
Efficiency balance_efficiency(const BalanceRule &rule, EfficiencySource source, double flop_per_op);

// The rate that operators run at and what they reach of it.
struct RatedEfficiency {
    RateChoice rate;
    Efficiency efficiency;
};
// Of all rates that hold operands of this size, the one of which most is reached: a chip loses by no rate that it has.
// docs/model.md §14.
RatedEfficiency best_gemm_rate(const Profile &profile, const Machine &machine, double elem_size);
RatedEfficiency best_attention_rate(const Profile &profile, const Machine &machine, double elem_size);

// The chip whose figures the rule holds, and where they come from.
struct Provenance {
    std::string source;
    std::string measured_on;
};
Provenance provenance_of(const Profile &profile, EfficiencySource source);
// "measured on H800, assumed to hold for H20 (DeepGEMM README ...)".
std::string provenance_text(const Profile &profile, const Chip &chip, const Efficiency &efficiency);
std::string_view key_of(Evidence evidence);

} // namespace epscope
