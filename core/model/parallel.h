// SPDX-License-Identifier: GPL-3.0-or-later
// Where the routed experts lie and how evenly the cards are loaded. docs/model.md §14.
#pragma once

#include "core/model/operator.h"

namespace epscope {

// A model without experts, and a card on its own, cut them over their own group.
inline ExpertMode mode_of(const Model &model, const Point &point)
{
    const bool alone = point.tp == 1 && point.ep == 1;
    return model.routed_experts == 0 || alone ? ExpertMode::moe_tp : point.mode;
}
// The EP of a configuration that does not choose it.
inline std::optional<std::int64_t> implied_ep(const Model &model, const Point &point)
{
    if (model.routed_experts == 0 || point.mode == ExpertMode::moe_tp)
        return 1;
    return point.mode == ExpertMode::ep_group ? std::optional(point.tp) : std::nullopt;
}
inline std::int64_t cards_of(const Model &model, const Point &point)
{
    return std::max(point.tp, implied_ep(model, point).value_or(point.ep));
}

template <class N>
struct Placement {
    ExpertMode mode{};
    N cards{}; // over which the load varies
    N held{}; // experts, on a card
    N width{}; // of what a card has of one
    N visits{}; // of tokens to a card's experts, per sequence
    N variance{}; // of the cards' loads, of mean 1
};

// `tokens`: query tokens of a sequence of the group.
template <class N>
Placement<N> placement_of(const StepInputs<N> &in, const N &tokens)
{
    Placement<N> at;
    at.mode = mode_of(in.model, in.point);
    const N experts = in.of_model("routed_experts", &Model::routed_experts);
    const N all = in.workload.redundant_experts > 0 ? titled("Slots of experts", "",
                      experts + in.number("redundant_experts", static_cast<double>(in.workload.redundant_experts)))
                                                    : experts;
    const N width = in.of_model("expert_intermediate", &Model::expert_intermediate);
    const N visits = titled("Visits", "", in.experts_per_token() * tokens);
    at.width = width;
    at.visits = in.of_group(visits);
    switch (at.mode) {
    case ExpertMode::all2all:
        at.cards = in.cards();
        at.held = titled("Experts per card", "", quotient_up(all, at.cards));
        break;
    case ExpertMode::ep_group:
        at.cards = in.group();
        at.held = titled("Experts per card", "", all / at.cards);
        break;
    case ExpertMode::moe_tp:
        at.cards = constant<N>("Cards among which the load varies", 1);
        at.held = experts;
        at.width = in.of_group(width);
        at.visits = visits;
        break;
    }
    if (at.mode == ExpertMode::all2all && in.workload.is_balanced()) {
        const N spread = in.of_profile("balanced_spread", in.profile.balanced_spread);
        at.variance = titled("Variance of the cards' loads", "", spread * spread);
    } else {
        at.variance = titled("Variance of the cards' loads", "",
            titled("Variance of the experts' popularity", "", variance_of_span(in.popularity_span())) / at.held);
    }
    return at;
}

} // namespace epscope
