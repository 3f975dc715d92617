// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/profile_rules.h"

#include <algorithm>
#include <array>

namespace epscope {
namespace {

using enum EfficiencySource;

constexpr std::array all_rules{
    ProfileRule{gemm_by_balance, "gemm_by_balance", RuleFamily::gemm, &Profile::gemm_by_balance},
    ProfileRule{gemm_by_inner, "gemm_by_inner", RuleFamily::gemm, &Profile::gemm_by_inner},
    ProfileRule{gemm_by_narrow, "gemm_by_narrow", RuleFamily::gemm, &Profile::gemm_by_narrow},
    ProfileRule{gemm_long_inner, "gemm_long_inner", RuleFamily::gemm, &Profile::gemm_long_inner},
    ProfileRule{expert_up, "expert_up", RuleFamily::gemm, &Profile::expert_up},
    ProfileRule{expert_down, "expert_down", RuleFamily::gemm, &Profile::expert_down},
    ProfileRule{flash_mla_by_balance, "flash_mla_by_balance", RuleFamily::flash_mla, &Profile::flash_mla_by_balance},
    ProfileRule{flash_mla_general, "flash_mla_general", RuleFamily::flash_mla, &Profile::flash_mla_general},
    ProfileRule{flash_mla_low_compute, "flash_mla_low_compute", RuleFamily::flash_mla, &Profile::flash_mla_low_compute},
};

constexpr bool stand_at_their_ids()
{
    for (std::size_t i = 0; i < all_rules.size(); ++i) {
        if (all_rules[i].id != static_cast<EfficiencySource>(i))
            return false;
    }
    return true;
}
static_assert(stand_at_their_ids());

} // namespace

std::string_view title_of(RuleFamily family)
{
    return family == RuleFamily::gemm ? "Matrix products" : "Attention";
}

std::span<const ProfileRule> profile_rules()
{
    return all_rules;
}

const ProfileRule &rule_of(EfficiencySource id)
{
    return all_rules[static_cast<std::size_t>(id)];
}

const ProfileRule &balance_rule_of(RuleFamily family)
{
    return *std::find_if(all_rules.begin(), all_rules.end(),
        [&](const ProfileRule &rule) { return rule.family == family && rule.by_balance(); });
}

bool is_in_force(const Profile &profile, const ProfileRule &rule)
{
    const auto member = std::get<BalanceRule Profile::*>(balance_rule_of(rule.family).member);
    return rule.by_balance() == !(profile.*member).points.empty();
}

bool same_rules(const Profile &a, const Profile &b)
{
    return std::all_of(std::begin(rule_families), std::end(rule_families),
        [&](RuleFamily family) { return same_rules(a, b, family); });
}

bool same_rules(const Profile &a, const Profile &b, RuleFamily family)
{
    return std::all_of(all_rules.begin(), all_rules.end(), [&](const ProfileRule &rule) {
        if (rule.family != family)
            return true;
        const bool counts = is_in_force(a, rule);
        return counts == is_in_force(b, rule)
            && (!counts || std::visit([&](auto member) { return a.*member == b.*member; }, rule.member));
    });
}

} // namespace epscope
