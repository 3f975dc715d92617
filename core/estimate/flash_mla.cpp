// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/flash_mla.h"

#include <algorithm>
#include <cmath>

namespace epscope {

FlashMla flash_mla(const Profile &profile, const Model &model, const Machine &machine, const Workload &workload,
    double kv_elem_size, double param_elem_size, std::int64_t query_tokens)
{
    const auto context = static_cast<double>(workload.context);
    const auto tile_keys = static_cast<double>(profile.kv_tile_rows);
    const auto key_dim = static_cast<double>(model.kv_dim());
    const auto value_dim = static_cast<double>(model.kv_lora_rank);

    FlashMla result;
    result.mode = workload.fa3 == Fa3::as_chip ? machine.fa3 : workload.fa3;
    result.rows = static_cast<double>(model.heads * query_tokens);
    result.padded_keys = tile_keys * std::ceil((context + static_cast<double>(query_tokens)) / tile_keys);
    // Both operands have to be narrow for a narrow rate, and the narrowest that a kernel multiplies are of 8 bits.
    constexpr double narrowest = 1; // B
    const double widest = std::max(kv_elem_size, param_elem_size);
    const Rate wanted = rate_for(machine, widest).wanted;
    result.rate = rate_for(machine, std::max(widest, narrowest));
    result.rate.no_kernel = result.rate.wanted != wanted;
    result.rate.wanted = wanted;
    const bool by_balance = !profile.flash_mla_by_balance.points.empty();
    result.efficiency = by_balance ? balance_efficiency(profile.flash_mla_by_balance,
                            EfficiencySource::flash_mla_by_balance, result.rate.flops / machine.exp2_rate)
                                   : flash_mla_efficiency(profile, machine.flash_mla_class, result.rows);

    const double rate = result.rate.flops * result.efficiency.mfu;
    const double qk_flop = 2 * result.rows * key_dim * result.padded_keys;
    const double pv_flop = 2 * result.rows * value_dim * result.padded_keys;
    const double softmax_keys = profile.quirks.softmax_counts_unpadded_keys ? context : result.padded_keys; // quirk 6
    result.qk_s = qk_flop / rate;
    result.pv_s = pv_flop / rate;
    result.softmax_s = result.rows * softmax_keys / machine.exp2_rate
        + 2 * result.rows * softmax_keys / machine.reduce_rate + machine.all_reduce_latency;
    switch (result.mode) {
    case Fa3::none:
        result.compute_s = result.qk_s + result.pv_s + result.softmax_s;
        break;
    case Fa3::two_stage:
        result.compute_s = result.qk_s + std::max(result.softmax_s, result.pv_s);
        break;
    case Fa3::three_stage:
        result.compute_s = std::max(result.softmax_s, result.qk_s + result.pv_s);
        break;
    case Fa3::as_chip:
        break; // resolved above
    }
    if (by_balance) // the measured fractions are of whole kernels, their softmax overlapped as they do it
        result.compute_s = result.qk_s + result.pv_s;
    result.flops = qk_flop + pv_flop;
    result.bytes_moved = result.padded_keys * key_dim * kv_elem_size + result.rows * key_dim * param_elem_size
        + result.rows * value_dim * param_elem_size;
    // One tile of queries and one of keys (values are part of the keys); scores and results stay in registers.
    const double tile_rows = std::min(static_cast<double>(profile.query_tile_rows), result.rows);
    result.tile_sram = tile_rows * key_dim * param_elem_size + tile_keys * key_dim * kv_elem_size;
    return result;
}

} // namespace epscope
