// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/efficiency.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace epscope {
namespace {

double mfu_of(const EfficiencyRule &rule, double size)
{
    const EfficiencyPiece *piece = &rule.pieces.front();
    for (const EfficiencyPiece &next : rule.pieces) {
        if (size >= next.from)
            piece = &next;
    }
    return piece->per_doubling == 0 ? piece->mfu : piece->mfu + piece->per_doubling * std::log2(size / piece->from);
}

const FlashMlaRule &flash_mla_rule(const Profile &profile, FlashMlaClass chip_class)
{
    return chip_class == FlashMlaClass::low_compute ? profile.flash_mla_low_compute : profile.flash_mla_general;
}

} // namespace

Efficiency gemm_efficiency(const Profile &profile, GemmRule rule, double m, double k, double n)
{
    if (rule == GemmRule::expert_up)
        return {mfu_of(profile.expert_up, m), EfficiencySource::expert_up, Evidence::measured};
    if (rule == GemmRule::expert_down)
        return {mfu_of(profile.expert_down, m), EfficiencySource::expert_down, Evidence::measured};
    const double narrow = std::min(m, n);
    if (k < narrow)
        return {mfu_of(profile.gemm_by_inner, k), EfficiencySource::gemm_by_inner, Evidence::measured};
    const double mfu = mfu_of(profile.gemm_by_narrow, narrow);
    const LongInnerFloor &floor = profile.gemm_long_inner;
    const bool long_inner = k > static_cast<double>(floor.inner_above) && std::max(m, n) >= static_cast<double>(floor.wide_from)
        && narrow >= static_cast<double>(floor.narrow_from);
    if (long_inner && floor.mfu > mfu)
        return {floor.mfu, EfficiencySource::gemm_long_inner, Evidence::measured};
    return {mfu, EfficiencySource::gemm_by_narrow, Evidence::measured};
}

Efficiency flash_mla_efficiency(const Profile &profile, FlashMlaClass chip_class, double rows)
{
    const EfficiencySource source =
        chip_class == FlashMlaClass::low_compute ? EfficiencySource::flash_mla_low_compute : EfficiencySource::flash_mla_general;
    const std::vector<FlashMlaPoint> &points = flash_mla_rule(profile, chip_class).points;
    const auto above = std::find_if(points.begin(), points.end(), [&](const FlashMlaPoint &point) { return point.rows >= rows; });
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

Provenance provenance_of(const Profile &profile, EfficiencySource source)
{
    const auto of = [](const auto &rule) { return Provenance{rule.source, rule.measured_on}; };
    switch (source) {
    case EfficiencySource::gemm_by_inner: return of(profile.gemm_by_inner);
    case EfficiencySource::gemm_by_narrow: return of(profile.gemm_by_narrow);
    case EfficiencySource::gemm_long_inner: return of(profile.gemm_long_inner);
    case EfficiencySource::expert_up: return of(profile.expert_up);
    case EfficiencySource::expert_down: return of(profile.expert_down);
    case EfficiencySource::flash_mla_general: return of(profile.flash_mla_general);
    case EfficiencySource::flash_mla_low_compute: return of(profile.flash_mla_low_compute);
    }
    return {};
}

std::string provenance_text(const Profile &profile, const Chip &chip, const Efficiency &efficiency)
{
    const Provenance from = provenance_of(profile, efficiency.source);
    std::string text;
    switch (efficiency.evidence) {
    case Evidence::measured: text = "measured on "; break;
    case Evidence::interpolated: text = "interpolated between figures measured on "; break;
    case Evidence::held: text = "beyond the measured range, held at the last figure measured on "; break;
    }
    text += from.measured_on;
    if (chip.name != from.measured_on)
        text += ", assumed to hold for " + chip.name;
    return text + " (" + from.source + ")";
}

std::string_view key_of(EfficiencySource source)
{
    constexpr std::array<std::string_view, 7> keys{"gemm_by_inner", "gemm_by_narrow", "gemm_long_inner", "expert_up", "expert_down",
                                                   "flash_mla_general", "flash_mla_low_compute"};
    return keys[static_cast<std::size_t>(source)];
}

std::string_view key_of(Evidence evidence)
{
    constexpr std::array<std::string_view, 3> keys{"measured", "interpolated", "held"};
    return keys[static_cast<std::size_t>(evidence)];
}

} // namespace epscope
