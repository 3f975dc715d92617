// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/efficiency.h"
#include "core/model/machine.h"
#include "core/spec/study.h"

namespace epscope {

// FlashMLA over one sequence. docs/model.md §4.
struct FlashMla {
    double rows = 0; // R: query rows of all heads
    double padded_keys = 0; // S: KV length padded to the tile
    double qk_s = 0; // g0: query times keys
    double pv_s = 0; // g1: probabilities times values
    double softmax_s = 0; // v
    double compute_s = 0; // the three, overlapped as the mode allows
    double flops = 0; // of the two GEMMs
    double bytes_moved = 0; // B
    double tile_sram = 0; // B of SRAM that the operand tiles need
    Fa3 mode = Fa3::none;
    Efficiency efficiency;
    RateChoice rate;

    bool operator==(const FlashMla &) const = default;
};

FlashMla flash_mla(const Profile &profile, const Model &model, const Machine &machine, const Workload &workload,
    double kv_elem_size, double param_elem_size, std::int64_t query_tokens);

} // namespace epscope
