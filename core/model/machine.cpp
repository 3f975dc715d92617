// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/machine.h"

#include <array>

#include "core/spec/parameters.h"

namespace epscope {

std::string_view name_of(Rate rate, EightBit eight_bit)
{
    constexpr std::array<std::string_view, 3> names{"bf16", "", "fp4"};
    return rate == Rate::eight_bit ? name_of(eight_bit) : names[static_cast<std::size_t>(rate)];
}

Machine resolve(const Profile &profile, const Chip &chip, const Nic &nic)
{
    // Quirk 5 concerns rates; sizes keep their prefix.
    const auto rate = [&](const Quantity &quantity) {
        return profile.quirks.binary_prefixes ? quantity.si() : quantity.decimal_si();
    };
    const auto optional_rate = [&](const std::optional<Quantity> &quantity, double otherwise) {
        return quantity ? rate(*quantity) : otherwise;
    };
    const double per_clock =
        softmax_rate(profile.softmax_ops_per_sm_clock, static_cast<double>(chip.sms), rate(chip.clock));
    Machine machine;
    machine.bf16 = rate(chip.bf16);
    machine.fp8 = optional_rate(chip.fp8, 0);
    machine.fp4 = optional_rate(chip.fp4, 0);
    machine.memory = chip.memory.si();
    machine.memory_bandwidth = rate(chip.memory_bandwidth);
    machine.exp2_rate = optional_rate(chip.exp2_rate, per_clock);
    machine.reduce_rate = optional_rate(chip.reduce_rate, per_clock);
    machine.all_reduce_latency = chip.all_reduce_latency.si();
    machine.nic_bandwidth = rate(nic.bandwidth);
    machine.scale_up_bandwidth = optional_rate(chip.scale_up_bandwidth, 0);
    machine.scale_up_domain = static_cast<double>(chip.scale_up_domain);
    machine.clock = rate(chip.clock);
    machine.fp8_attention_mfu = chip.fp8_attention_mfu;
    machine.kernel_class = chip.kernel_class;
    machine.fa3 = chip.fa3;
    machine.flash_mla_class = chip.flash_mla_class;
    return machine;
}

} // namespace epscope
