// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.h"

namespace epscope {

// How FlashMLA overlaps softmax with the two GEMMs on a chip ("FA3"), docs/model.md §4.
enum class Fa3 { none, two_stage, three_stage, as_chip };

// Which FlashMLA efficiency holds: chips with little compute per byte of memory bandwidth (H20: 37 FLOP/B)
// keep their tensor cores far busier than the others (H800: 295 FLOP/B).
enum class FlashMlaClass { general, low_compute };

// Which kernels the chip is programmed with: those of AMD's stack take longer by a factor of the profile.
enum class KernelClass { general, cdna };

// What the chip's 8-bit rate counts: FP8, or INT8 on chips without FP8 tensor cores.
enum class EightBit { fp8, int8 };

// One accelerator card, as its data sheet or the article states it. Rates are dense (no structured sparsity).
struct Chip {
    std::string name;
    std::string title;
    std::string source;
    Quantity bf16; // FLOP/s
    std::optional<Quantity> fp8; // FLOP/s
    std::optional<Quantity> fp4; // FLOP/s
    EightBit eight_bit = EightBit::fp8;
    Quantity memory; // B
    std::optional<Quantity> rated_memory; // B that the data sheet names, where cards report another figure
    Quantity memory_bandwidth; // B/s
    std::int64_t sms = 0; // streaming multiprocessors, or the vendor's like
    Quantity clock; // Hz, under load
    std::optional<Quantity> exp2_rate; // op/s of the whole card; else SMs x clock x the profile's per-SM figure
    std::optional<Quantity> reduce_rate; // op/s, likewise
    Quantity all_reduce_latency; // s, the cross-warp reduction inside one softmax
    Fa3 fa3 = Fa3::none;
    FlashMlaClass flash_mla_class = FlashMlaClass::general;
    KernelClass kernel_class = KernelClass::general;
    double fp8_attention_mfu = 0; // measured on this chip: what attention reaches of its 8-bit rate; 0: not measured
    std::optional<Quantity> sram; // B per SM: what one FlashMLA tile has to fit in
    std::optional<Quantity> scale_up_bandwidth; // B/s per card and direction inside the scale-up domain
    std::int64_t scale_up_domain = 1; // cards
    std::optional<Quantity> price; // USD/h of one card, rented
    std::optional<Quantity> power; // W that one card draws with its share of server, network and cooling
    std::string usual_nic; // by name, for measurements that name none; may be empty
    std::vector<std::string> assumed; // keys above whose value no source states

    bool operator==(const Chip &) const = default;
};

// The network interface that carries dispatch and combine, per card.
struct Nic {
    std::string name;
    std::string title;
    std::string source;
    Quantity bandwidth; // B/s per card and direction

    bool operator==(const Nic &) const = default;
};

} // namespace epscope
