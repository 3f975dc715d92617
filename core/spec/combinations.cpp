// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/combinations.h"

#include <cmath>
#include <utility>

#include "core/quantity.h"
#include "core/spec/retired.h"

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
    static const Profile neutral;
    const bool is_2026 = profile.equations == Equations::model_2026;
    const Quirks &quirks = profile.quirks;
    std::vector<WithoutEffect> found;
    const auto add_if = [&](bool holds, std::string_view key, std::string_view why) {
        if (holds)
            found.push_back({key, why});
    };
    for (const std::string &key : profile.retired.keys) {
        if (const RetiredKey *retired = retired_key(key))
            found.push_back({retired->key, retired->instead});
    }
    const auto differs = [&](auto Profile::*member) { return profile.*member != neutral.*member; };
    if (is_2026) {
        constexpr std::string_view why = "the equations are model-2026";
        for (const auto &[on, key] : {std::pair{quirks.truncated_query_projection, "quirks.truncated_query_projection"},
                 {quirks.experts_see_all_tokens, "quirks.experts_see_all_tokens"},
                 {quirks.naive_ffn_ignores_drafts, "quirks.naive_ffn_ignores_drafts"},
                 {quirks.sparse_layers_only, "quirks.sparse_layers_only"},
                 {quirks.softmax_counts_unpadded_keys, "quirks.softmax_counts_unpadded_keys"}})
            add_if(on, key, why);
        add_if(differs(&Profile::ffn_out_elem_size), "ffn_out_elem_size", why);
        return found;
    }
    constexpr std::string_view published = "the equations are the published ones";
    for (const auto &[member, key] :
        {std::pair{&Profile::kernel_clock, "kernel_clock"}, {&Profile::all_reduce_latency, "all_reduce_latency"},
            {&Profile::two_shot_latency, "two_shot_latency"}, {&Profile::popularity_span, "popularity_span"},
            {&Profile::balanced_spread, "balanced_spread"}, {&Profile::short_inner, "short_inner"},
            {&Profile::attention_ramp_keys, "attention_ramp_keys"}, {&Profile::query_passes, "query_passes"},
            {&Profile::mla_kernels, "mla_kernels"}, {&Profile::v4_kernels, "v4_kernels"},
            {&Profile::permute_bytes, "permute_bytes"}, {&Profile::cdna_factor, "cdna_factor"},
            {&Profile::scale_up_efficiency, "scale_up_efficiency"}, {&Profile::nic_efficiency, "nic_efficiency"},
            {&Profile::scale_up_latency, "scale_up_latency"}, {&Profile::nic_latency, "nic_latency"}})
        add_if(differs(member), key, published);
    add_if(differs(&Profile::gqa_tile_rows), "gqa_tile_rows", published);
    add_if(quirks.softmax_counts_unpadded_keys && has(profile.flash_mla_by_balance),
        "quirks.softmax_counts_unpadded_keys", "flash_mla_by_balance has the softmax in its efficiencies");
    add_if(differs(&Profile::step_overhead) && quirks.sparse_layers_only, "step_overhead",
        "nothing but layers takes time (quirk 4)");
    return found;
}

} // namespace epscope
