// SPDX-License-Identifier: GPL-3.0-or-later
// What a profile holds besides the numbers and switches of the parameter table: its rules of efficiency, where its
// numbers come from, and how far off its estimates are. Each struct is described once, value by value: files are read
// and written after that description, rules compared and named after their rows. To add a rule, add a member to
// Profile, an id and a row in profile_rules.cpp; where it acts is core/model/efficiency.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "core/spec/profile.h"
#include "core/spec/stated_value.h"

namespace epscope {

template <>
inline constexpr auto stated_values<EfficiencyPiece> = std::tuple(stated::size("from", &EfficiencyPiece::from, 0),
    stated::mfu(&EfficiencyPiece::mfu), stated::part("per_doubling", &EfficiencyPiece::per_doubling, 0, 1, false));
template <>
inline constexpr auto stated_values<EfficiencyRule> = std::tuple(stated::value("source", &EfficiencyRule::source),
    stated::value("measured_on", &EfficiencyRule::measured_on), stated::value("pieces", &EfficiencyRule::pieces));
template <>
inline constexpr auto stated_values<LongInnerFloor> = std::tuple(stated::value("source", &LongInnerFloor::source),
    stated::value("measured_on", &LongInnerFloor::measured_on),
    stated::size("inner_above", &LongInnerFloor::inner_above, 1),
    stated::size("wide_from", &LongInnerFloor::wide_from, 1),
    stated::size("narrow_from", &LongInnerFloor::narrow_from, 1), stated::mfu(&LongInnerFloor::mfu));
template <>
inline constexpr auto stated_values<FlashMlaPoint> = std::tuple(
    stated::size("rows", &FlashMlaPoint::rows, 1), stated::mfu(&FlashMlaPoint::mfu));
template <>
inline constexpr auto stated_values<FlashMlaRule> = std::tuple(stated::value("source", &FlashMlaRule::source),
    stated::value("measured_on", &FlashMlaRule::measured_on), stated::value("points", &FlashMlaRule::points));
template <>
inline constexpr auto stated_values<BalancePoint> = std::tuple(
    stated::size("flop_per_op", &BalancePoint::flop_per_op, 1e-3), stated::mfu(&BalancePoint::mfu),
    stated::value("measured_on", &BalancePoint::measured_on), stated::value("source", &BalancePoint::source));
template <>
inline constexpr auto stated_values<BalanceRule> = std::tuple(stated::value("points", &BalanceRule::points));
// Unit and range of the bounds are those of the parameter.
template <>
inline constexpr auto stated_values<ParameterOrigin> = std::tuple(
    stated::value("parameter", &ParameterOrigin::parameter), stated::value("origin", &ParameterOrigin::origin),
    stated::value("min", &ParameterOrigin::min), stated::value("max", &ParameterOrigin::max),
    stated::value("source", &ParameterOrigin::source));
template <>
inline constexpr auto stated_values<LeftOutErrors> = std::tuple(stated::value("flash_mla_class", &LeftOutErrors::of),
    StatedValue<LeftOutErrors, KernelClass>{"kernel_class", &LeftOutErrors::kernels, 0, 0, Dimension::count, false},
    stated::size("rows", &LeftOutErrors::runs, 1),
    stated::part("within", &LeftOutErrors::within, 0, 1000), // an estimate 1001 times the measured time
    stated::part("mean_absolute", &LeftOutErrors::mean_absolute, 0, 1000),
    stated::part("bias", &LeftOutErrors::bias, -1, 1000), stated::value("chips", &LeftOutErrors::chips),
    stated::value("source", &LeftOutErrors::source));

// Rules of one family stand for each other: one by balance takes the place of the others.
enum class RuleFamily : std::uint8_t { gemm, flash_mla };
inline constexpr RuleFamily rule_families[] = {RuleFamily::gemm, RuleFamily::flash_mla};
std::string_view title_of(RuleFamily family); // "Matrix products"

// Which rule of the profile gave an efficiency.
enum class EfficiencySource : std::uint8_t {
    gemm_by_balance,
    gemm_by_inner,
    gemm_by_narrow,
    gemm_long_inner,
    expert_up,
    expert_down,
    flash_mla_by_balance,
    flash_mla_general,
    flash_mla_low_compute
};

struct ProfileRule {
    EfficiencySource id;
    std::string_view key; // in files
    RuleFamily family;
    std::variant<BalanceRule Profile::*, EfficiencyRule Profile::*, LongInnerFloor Profile::*, FlashMlaRule Profile::*>
        member;

    bool by_balance() const { return std::holds_alternative<BalanceRule Profile::*>(member); }
};
// By EfficiencySource, which is the order of files.
std::span<const ProfileRule> profile_rules();
const ProfileRule &rule_of(EfficiencySource id);
const ProfileRule &balance_rule_of(RuleFamily family);

// Does the profile go by this rule: by that of balance where it has points, else by the others of its family?
bool is_in_force(const Profile &profile, const ProfileRule &rule);
// Are the rules that are in force equal, all of them or those of a family?
bool same_rules(const Profile &a, const Profile &b);
bool same_rules(const Profile &a, const Profile &b, RuleFamily family);

} // namespace epscope
