// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/combinations.h"

#include <cmath>
#include <utility>

#include "core/quantity.h"

namespace epscope {
namespace {

bool has(const BalanceRule &rule)
{
    return !rule.points.empty();
}

// A chip with a higher rate must not be slower: a curve may not rise with the balance, nor fall so fast that the rate
// reached falls. It is linear in log2 between points, and so steepest in proportion at the upper end of each piece.
std::string broken_condition(const BalanceRule &rule)
{
    for (std::size_t i = 1; i < rule.points.size(); ++i) {
        const BalancePoint &below = rule.points[i - 1], &above = rule.points[i];
        const std::string between = " between " + exact_text(below.flop_per_op) + " and "
            + exact_text(above.flop_per_op) + " FLOP per operation";
        if (above.mfu > below.mfu)
            return "rises" + between + "; more FLOP per operation cannot be easier to keep up with";
        const double slope = (above.mfu - below.mfu) / std::log(above.flop_per_op / below.flop_per_op);
        if (slope < -above.mfu)
            return "falls so fast" + between + " that a chip with a higher rate would be slower";
    }
    return {};
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
    if (profile.equations == Equations::model_2026) {
        if (!has(profile.gemm_by_balance) || !has(profile.flash_mla_by_balance))
            found.push_back({"equations", "gemm_by_balance",
                "model-2026 needs gemm_by_balance and flash_mla_by_balance: it knows no other efficiencies"});
        if (const std::string wrong = broken_condition(profile.gemm_by_balance); !wrong.empty())
            found.push_back({"gemm_by_balance", "equations", wrong});
        if (const std::string wrong = broken_condition(profile.flash_mla_by_balance); !wrong.empty())
            found.push_back({"flash_mla_by_balance", "equations", wrong});
    }
    return found;
}

std::vector<WithoutEffect> without_effect(const Profile &profile)
{
    const Profile neutral;
    const bool is_2026 = profile.equations == Equations::model_2026;
    const Quirks &quirks = profile.quirks;
    std::vector<WithoutEffect> found;
    const auto add_if = [&](bool holds, std::string_view key, std::string_view why) {
        if (holds)
            found.push_back({key, why});
    };
    const auto differs = [&](auto Profile::*member) { return profile.*member != neutral.*member; };
    if (is_2026) {
        constexpr std::string_view why = "the equations are model-2026";
        for (const auto &[on, key] : {std::pair{quirks.truncated_query_projection, "quirks.truncated_query_projection"},
                 {quirks.experts_see_all_tokens, "quirks.experts_see_all_tokens"},
                 {quirks.naive_ffn_ignores_drafts, "quirks.naive_ffn_ignores_drafts"},
                 {quirks.sparse_layers_only, "quirks.sparse_layers_only"},
                 {quirks.softmax_counts_unpadded_keys, "quirks.softmax_counts_unpadded_keys"},
                 {profile.fused_compression, "fused_compression"}, {profile.bf16_absorb, "bf16_absorb"},
                 {profile.uses_scale_up, "uses_scale_up"}, {profile.sends_once_per_card, "sends_once_per_card"},
                 {profile.narrow_dispatch, "narrow_dispatch"}, {profile.idle_experts_unread, "idle_experts_unread"}})
            add_if(on, key, why);
        add_if(differs(&Profile::layer_overhead), "layer_overhead", why);
        add_if(differs(&Profile::load_imbalance), "load_imbalance", why);
        add_if(differs(&Profile::expert_skew), "expert_skew", why);
        return found;
    }
    constexpr std::string_view published = "the equations are the published ones";
    for (const auto &[member, key] :
        {std::pair{&Profile::kernel_clock, "kernel_clock"}, {&Profile::all_reduce_latency, "all_reduce_latency"},
            {&Profile::two_shot_latency, "two_shot_latency"}, {&Profile::popularity_span, "popularity_span"},
            {&Profile::balanced_spread, "balanced_spread"}, {&Profile::short_inner, "short_inner"},
            {&Profile::attention_ramp_keys, "attention_ramp_keys"}, {&Profile::query_passes, "query_passes"},
            {&Profile::mla_kernels, "mla_kernels"}, {&Profile::v4_kernels, "v4_kernels"},
            {&Profile::permute_bytes, "permute_bytes"}, {&Profile::cdna_factor, "cdna_factor"}})
        add_if(differs(member), key, published);
    add_if(differs(&Profile::gqa_tile_rows), "gqa_tile_rows", published);
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
