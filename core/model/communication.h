// SPDX-License-Identifier: GPL-3.0-or-later
// Dispatch and combine: what a token costs on the way to its experts and back. docs/model.md §3 and §14.
#pragma once

#include "core/model/operator.h"

namespace epscope {

// How often a token is sent. A card is spared with (1 - 1/EP)^top_k where a token is to go once to each card.
template <class N>
N copies_per_token(const StepInputs<N> &in)
{
    const N visits = in.experts_per_token();
    if (!in.profile.sends_once_per_card)
        return visits;
    const N all = constant<N>("All", 1);
    const N others = titled("Other cards", "", all - titled("One card", "", constant<N>("One", 1) / in.cards()));
    const N missed = titled("Chance that a card has none of the experts", "", power(others, visits));
    return noted(titled("Cards that have one of the experts", "",
                     in.cards() * titled("Chance that a card has one", "", all - missed)),
        "a token goes once to each card");
}

template <class N>
N dispatch_elem_size(const StepInputs<N> &in)
{
    const N stated = in.of_profile("dispatch_elem_size", in.profile.dispatch_elem_size);
    return in.profile.narrow_dispatch ? titled("Size sent", "B", smaller(stated, in.expert_elem_size())) : stated;
}

template <class N>
N combine_elem_size(const StepInputs<N> &in)
{
    return in.profile.combine_elem_size > 0 ? in.of_profile("combine_elem_size", in.profile.combine_elem_size)
                                            : in.param_elem_size();
}

// Of a sequence's tokens, wherever they go.
template <class N>
Operator<N> transfer(const StepInputs<N> &in, OpId id, const N &elements, const N &elem_size)
{
    Operator<N> op;
    op.id = id;
    op.kind = id == OpId::dispatch ? OperatorKind::dispatch : OperatorKind::combine;
    op.bytes = titled("Bytes per sequence", "B", elements * elem_size);
    if (in.profile.uses_scale_up && in.point.ep > 1) {
        N latency = sum(in.of_profile("scale_up_latency", in.profile.scale_up_latency));
        if (value_of(in.cards()) > value_of(in.near_cards()))
            latency += in.of_profile("nic_latency", in.profile.nic_latency);
        op.overhead_s = titled("Latency", "s", if_any(latency));
    }
    return op;
}
template <class N>
N sent_elements(const StepInputs<N> &in, const N &tokens)
{
    return titled("Elements", "", copies_per_token(in) * tokens * in.hidden());
}

// What a sequence's bytes take on the links.
template <class N>
struct Links {
    N seconds{};
    N bytes{}; // B that leave the card
    N near_bytes{}; // B, those of them that take the scale-up links; the rest takes the NIC
};
template <class N>
Links<N> links_of(const StepInputs<N> &in, const N &sent)
{
    const Profile &profile = in.profile;
    if (!profile.uses_scale_up)
        return {titled("Time per sequence", "s", sent / in.nic_bandwidth()), sent, N{}};
    // Destinations are spread evenly over the EP cards: one is the sender, the domain's others are near, the rest is
    // behind the NIC.
    const N cards = in.cards(), domain = in.near_cards();
    const auto bytes_over = [&](const N &there) {
        const N for_all =
            titled("Bytes if each card took all", "B", sent * in.imbalance() * titled("Cards there", "", there));
        return titled("Bytes over it", "B", for_all / cards);
    };
    const bool has_near = value_of(domain) > 1, has_far = value_of(cards) > value_of(domain) || !has_near;
    const N near = has_near ? bytes_over(domain - constant<N>("The sender", 1)) : N{};
    const N far = has_far ? bytes_over(cards - domain) : N{};
    N seconds{};
    if (has_near)
        seconds = largest_with(seconds,
            titled("Scale-up links", "s",
                near / in.reached(in.scale_up_bandwidth(), "scale_up_efficiency", profile.scale_up_efficiency)));
    if (has_far)
        seconds = largest_with(seconds,
            titled("NIC", "s", far / in.reached(in.nic_bandwidth(), "nic_efficiency", profile.nic_efficiency)));
    return {titled("Time per sequence", "s", seconds), near + far, near};
}

} // namespace epscope
