// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/combinations.h"

namespace epscope {
namespace {

bool has(const BalanceRule &rule)
{
    return !rule.points.empty();
}

} // namespace

std::vector<Inconsistency> inconsistencies(const Profile &profile)
{
    std::vector<Inconsistency> found;
    // The rules by size were measured on kernels that load every expert; of how efficient one is whose experts are
    // partly idle they say nothing.
    if (profile.idle_experts_unread && !has(profile.gemm_by_balance))
        found.push_back({"idle_experts_unread", "gemm_by_balance",
            "needs gemm_by_balance: the other GEMM rules do not know how efficient experts are of which some are "
            "idle; turn it off"});
    return found;
}

std::vector<WithoutEffect> without_effect(const Profile &profile)
{
    const Profile neutral;
    const Quirks &quirks = profile.quirks;
    std::vector<WithoutEffect> found;
    const auto add_if = [&](bool holds, std::string_view key, std::string_view why) {
        if (holds)
            found.push_back({key, why});
    };
    const auto differs = [&](auto Profile::*member) { return profile.*member != neutral.*member; };
    add_if(quirks.softmax_counts_unpadded_keys && has(profile.flash_mla_by_balance),
        "quirks.softmax_counts_unpadded_keys", "flash_mla_by_balance has the softmax in its efficiencies");
    add_if(profile.fused_compression && quirks.truncated_query_projection, "fused_compression",
        "the truncated query projection (quirk 1) shares no GEMM with the KV compression");
    add_if(differs(&Profile::expert_skew) && !profile.idle_experts_unread, "expert_skew", "idle_experts_unread is off");
    add_if(differs(&Profile::step_overhead) && quirks.sparse_layers_only, "step_overhead",
        "nothing but layers takes time (quirk 4)");
    constexpr std::string_view nic_alone = "uses_scale_up is off";
    add_if(!profile.uses_scale_up && differs(&Profile::scale_up_efficiency), "scale_up_efficiency", nic_alone);
    add_if(!profile.uses_scale_up && differs(&Profile::nic_efficiency), "nic_efficiency", nic_alone);
    add_if(!profile.uses_scale_up && differs(&Profile::scale_up_latency), "scale_up_latency", nic_alone);
    add_if(!profile.uses_scale_up && differs(&Profile::nic_latency), "nic_latency", nic_alone);
    return found;
}

} // namespace epscope
