// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "core/spec/chip.h"
#include "core/spec/profile.h"

namespace epscope {

// A chip and its NIC as the formulas see them: plain SI numbers, the profile's reading of prefixes applied.
struct Machine {
    double bf16 = 0; // FLOP/s
    double fp8 = 0; // FLOP/s; 0 without
    double fp4 = 0; // FLOP/s; 0 without
    double memory = 0; // B
    double memory_bandwidth = 0; // B/s
    double exp2_rate = 0; // op/s
    double reduce_rate = 0; // op/s
    double all_reduce_latency = 0; // s
    double nic_bandwidth = 0; // B/s
    double scale_up_bandwidth = 0; // B/s; 0 without
    double scale_up_domain = 1; // cards
    double clock = 0; // Hz
    double fp8_attention_mfu = 0; // 0: not measured on this chip
    Fa3 fa3 = Fa3::none;
    FlashMlaClass flash_mla_class = FlashMlaClass::general;
    KernelClass kernel_class = KernelClass::general;
};

Machine resolve(const Profile &profile, const Chip &chip, const Nic &nic);

// op/s of a chip whose entry states no rate for softmax. docs/model.md §4.
template <class N>
N softmax_rate(const N &ops_per_sm_clock, const N &sms, const N &clock)
{
    return ops_per_sm_clock * sms * clock;
}

enum class Rate : std::uint8_t { bf16, eight_bit, four_bit };
// "bf16"; the 8-bit rate is called after what it counts, "fp8" or "int8".
std::string_view name_of(Rate rate, EightBit eight_bit);

// The tensor rate for operands of a size, and the rate that the size calls for; they differ where the chip lacks it or
// the operator has no kernel for it.
struct RateChoice {
    Rate wanted = Rate::bf16;
    Rate used = Rate::bf16;
    double flops = 0; // FLOP/s
    bool no_kernel = false; // whatever the chip has, no kernel of the operator takes operands as narrow

    bool fell_back() const { return wanted != used; }
    bool operator==(const RateChoice &) const = default;
};

inline bool is_four_bit(double elem_size)
{
    constexpr double four_bit_with_scales = 0.5625;
    return elem_size <= four_bit_with_scales;
}

// Up to 0.5625 B (4 bits and their scales) the 4-bit rate, up to 1 B the 8-bit rate, above the BF16 rate; a chip
// without one falls back to the next wider.
inline RateChoice rate_for(const Machine &machine, double elem_size)
{
    const Rate wanted = is_four_bit(elem_size) ? Rate::four_bit : elem_size <= 1 ? Rate::eight_bit : Rate::bf16;
    if (wanted == Rate::four_bit && machine.fp4 > 0)
        return {wanted, Rate::four_bit, machine.fp4};
    if (wanted != Rate::bf16 && machine.fp8 > 0)
        return {wanted, Rate::eight_bit, machine.fp8};
    return {wanted, Rate::bf16, machine.bf16};
}

} // namespace epscope
