// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/efficiency.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace epscope {
namespace {

double mfu_of(const EfficiencyPiece &piece, double size)
{
    return piece.per_doubling == 0 ? piece.mfu : piece.mfu + piece.per_doubling * std::log2(size / piece.from);
}

double mfu_of(const EfficiencyRule &rule, double size)
{
    const EfficiencyPiece *piece = &rule.pieces.front();
    for (const EfficiencyPiece &next : rule.pieces) {
        if (size >= next.from)
            piece = &next;
    }
    return mfu_of(*piece, size);
}

// Each piece is largest at one of its ends.
double largest_mfu(const EfficiencyRule &rule, double least_size, double most_size)
{
    double largest = 0;
    for (std::size_t i = 0; i < rule.pieces.size(); ++i) {
        const double from = i == 0 ? least_size : std::max(least_size, rule.pieces[i].from);
        const double to = i + 1 == rule.pieces.size() ? most_size : std::min(most_size, rule.pieces[i + 1].from);
        if (from <= to)
            largest = std::max({largest, mfu_of(rule.pieces[i], from), mfu_of(rule.pieces[i], to)});
    }
    return largest;
}

const FlashMlaRule &flash_mla_rule(const Profile &profile, FlashMlaClass chip_class)
{
    return chip_class == FlashMlaClass::low_compute ? profile.flash_mla_low_compute : profile.flash_mla_general;
}

// "measured on H800 (source)" where a point is the chip's own, else between which chips' points it lies.
std::string balance_provenance(const BalanceRule &rule, const Chip &chip, const Efficiency &efficiency)
{
    constexpr double same = 1.1; // a chip's own point, its clock or rate read from another source
    const auto is_at = [&](const BalancePoint &point) {
        const double ratio = efficiency.flop_per_op / point.flop_per_op;
        return ratio < same && ratio > 1 / same;
    };
    const auto own = std::find_if(rule.points.begin(), rule.points.end(),
        [&](const BalancePoint &point) { return point.measured_on == chip.name && is_at(point); });
    if (own != rule.points.end())
        return "measured on " + own->measured_on + " (" + own->source + ")";
    const auto above = std::find_if(rule.points.begin(), rule.points.end(),
        [&](const BalancePoint &point) { return point.flop_per_op >= efficiency.flop_per_op; });
    const auto cited = [](const BalancePoint &point) { return point.measured_on + " (" + point.source + ")"; };
    if (above == rule.points.end())
        return "transferred to " + chip.name + " from " + cited(rule.points.back());
    if (above == rule.points.begin() || above->flop_per_op == efficiency.flop_per_op)
        return "transferred to " + chip.name + " from " + cited(*above);
    return "transferred to " + chip.name + ", between " + cited(*(above - 1)) + " and " + cited(*above);
}

// efficiency(rate, FLOP/s): of each rate that the chip has for operands of the size.
template <class EfficiencyOf>
RatedEfficiency best_rate(const Machine &machine, double elem_size, const EfficiencyOf &efficiency)
{
    const RateChoice narrowest = rate_for(machine, elem_size);
    RatedEfficiency best;
    double most = 0;
    const auto consider = [&](Rate rate, double flops) {
        if (flops <= 0)
            return;
        const Efficiency reached = efficiency(rate, flops);
        if (flops * reached.mfu <= most)
            return;
        most = flops * reached.mfu;
        // A wider rate that is the better one is no fall-back.
        best = {{narrowest.fell_back() && narrowest.used == rate ? narrowest.wanted : rate, rate, flops}, reached};
    };
    if (narrowest.wanted == Rate::four_bit)
        consider(Rate::four_bit, machine.fp4);
    if (narrowest.wanted != Rate::bf16)
        consider(Rate::eight_bit, machine.fp8);
    consider(Rate::bf16, machine.bf16);
    return best;
}

} // namespace

Efficiency gemm_efficiency(const Profile &profile, GemmRule rule, double m, double k, double n)
{
    if (rule == GemmRule::flat)
        return {1, EfficiencySource::gemm_by_balance, Evidence::measured};
    if (rule == GemmRule::expert_up)
        return {mfu_of(profile.expert_up, m), EfficiencySource::expert_up, Evidence::measured};
    if (rule == GemmRule::expert_down)
        return {mfu_of(profile.expert_down, m), EfficiencySource::expert_down, Evidence::measured};
    const double narrow = std::min(m, n);
    if (k < narrow)
        return {mfu_of(profile.gemm_by_inner, k), EfficiencySource::gemm_by_inner, Evidence::measured};
    const double mfu = mfu_of(profile.gemm_by_narrow, narrow);
    const LongInnerFloor &floor = profile.gemm_long_inner;
    const bool long_inner = k > static_cast<double>(floor.inner_above)
        && std::max(m, n) >= static_cast<double>(floor.wide_from) && narrow >= static_cast<double>(floor.narrow_from);
    if (long_inner && floor.mfu > mfu)
        return {floor.mfu, EfficiencySource::gemm_long_inner, Evidence::measured};
    return {mfu, EfficiencySource::gemm_by_narrow, Evidence::measured};
}

double gemm_mfu_bound(const Profile &profile, GemmRule rule, double least_m, double most_m, double k, double n)
{
    switch (rule) {
    case GemmRule::flat:
        return 1;
    case GemmRule::expert_up:
        return largest_mfu(profile.expert_up, least_m, most_m);
    case GemmRule::expert_down:
        return largest_mfu(profile.expert_down, least_m, most_m);
    case GemmRule::general:
        break;
    }
    return std::max({mfu_of(profile.gemm_by_inner, k),
        largest_mfu(profile.gemm_by_narrow, std::min(least_m, n), std::min(most_m, n)), profile.gemm_long_inner.mfu});
}

Efficiency flash_mla_efficiency(const Profile &profile, FlashMlaClass chip_class, double rows)
{
    const EfficiencySource source = chip_class == FlashMlaClass::low_compute ? EfficiencySource::flash_mla_low_compute
                                                                             : EfficiencySource::flash_mla_general;
    const std::vector<FlashMlaPoint> &points = flash_mla_rule(profile, chip_class).points;
    const auto above =
        std::find_if(points.begin(), points.end(), [&](const FlashMlaPoint &point) { return point.rows >= rows; });
    if (above == points.end())
        return {points.back().mfu, source, Evidence::held};
    if (above->rows == rows)
        return {above->mfu, source, Evidence::measured};
    if (above == points.begin())
        return {points.front().mfu, source, Evidence::held};
    const FlashMlaPoint &below = *(above - 1);
    const double part = std::log2(rows / below.rows) / std::log2(above->rows / below.rows);
    return {below.mfu + part * (above->mfu - below.mfu), source, Evidence::interpolated};
}

Efficiency balance_efficiency(const BalanceRule &rule, EfficiencySource source, double flop_per_op)
{
    const std::vector<BalancePoint> &points = rule.points;
    const auto above = std::find_if(
        points.begin(), points.end(), [&](const BalancePoint &point) { return point.flop_per_op >= flop_per_op; });
    if (above == points.end())
        return {points.back().mfu, source, Evidence::held, flop_per_op};
    if (above->flop_per_op == flop_per_op)
        return {above->mfu, source, Evidence::measured, flop_per_op};
    if (above == points.begin())
        return {points.front().mfu, source, Evidence::held, flop_per_op};
    const BalancePoint &below = *(above - 1);
    const double part = std::log2(flop_per_op / below.flop_per_op) / std::log2(above->flop_per_op / below.flop_per_op);
    return {below.mfu + part * (above->mfu - below.mfu), source, Evidence::interpolated, flop_per_op};
}

RatedEfficiency best_gemm_rate(const Profile &profile, const Machine &machine, double elem_size)
{
    return best_rate(machine, elem_size, [&](Rate, double flops) {
        return balance_efficiency(
            profile.gemm_by_balance, EfficiencySource::gemm_by_balance, flops / machine.exp2_rate);
    });
}

RatedEfficiency best_attention_rate(const Profile &profile, const Machine &machine, double elem_size)
{
    constexpr double narrowest = 1; // B: no kernel multiplies less
    const Rate wanted = rate_for(machine, elem_size).wanted;
    RatedEfficiency best = best_rate(machine, std::max(elem_size, narrowest), [&](Rate rate, double flops) {
        Efficiency efficiency = balance_efficiency(
            profile.flash_mla_by_balance, EfficiencySource::flash_mla_by_balance, flops / machine.exp2_rate);
        if (rate == Rate::eight_bit && machine.fp8_attention_mfu > 0) {
            efficiency.mfu = machine.fp8_attention_mfu;
            efficiency.evidence = Evidence::measured;
            efficiency.of_chip = true;
        }
        return efficiency;
    });
    best.rate.no_kernel = elem_size < narrowest && wanted == Rate::four_bit;
    if (best.rate.no_kernel)
        best.rate.wanted = wanted;
    return best;
}

Provenance provenance_of(const Profile &profile, EfficiencySource source)
{
    return std::visit(
        [&](auto member) -> Provenance {
            const auto &rule = profile.*member;
            if constexpr (requires { rule.measured_on; })
                return {rule.source, rule.measured_on};
            else
                return {}; // each point has its own
        },
        rule_of(source).member);
}

std::string provenance_text(const Profile &profile, const Chip &chip, const Efficiency &efficiency)
{
    if (efficiency.of_chip)
        return "measured on " + chip.name + ", as its entry states";
    if (const auto *balance = std::get_if<BalanceRule Profile::*>(&rule_of(efficiency.source).member))
        return balance_provenance(profile.**balance, chip, efficiency);
    const Provenance from = provenance_of(profile, efficiency.source);
    std::string text;
    switch (efficiency.evidence) {
    case Evidence::measured:
        text = "measured on ";
        break;
    case Evidence::interpolated:
        text = "interpolated between figures measured on ";
        break;
    case Evidence::held:
        text = "beyond the measured range, held at the last figure measured on ";
        break;
    }
    text += from.measured_on;
    if (chip.name != from.measured_on)
        text += ", assumed to hold for " + chip.name;
    return text + " (" + from.source + ")";
}

std::string_view key_of(Evidence evidence)
{
    constexpr std::array<std::string_view, 3> keys{"measured", "interpolated", "held"};
    return keys[static_cast<std::size_t>(evidence)];
}

} // namespace epscope
