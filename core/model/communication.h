// SPDX-License-Identifier: GPL-3.0-or-later
// Dispatch and combine, what a token costs on the way to its experts and back, and the collectives of cards that share
// an attention. docs/model.md §3 and §14.
#pragma once

#include "core/model/parallel.h"

namespace epscope {

// Experts narrower than that are sent tokens as narrow by model-2026.
template <class N>
N dispatch_elem_size(const StepInputs<N> &in)
{
    const N stated = in.of_profile("dispatch_elem_size", in.profile.dispatch_elem_size);
    return in.is_2026() ? titled("Size sent", "B", smaller(stated, in.expert_elem_size())) : stated;
}

template <class N>
N combine_elem_size(const StepInputs<N> &in)
{
    return in.profile.combine_elem_size > 0 ? in.of_profile("combine_elem_size", in.profile.combine_elem_size)
                                            : in.param_elem_size();
}

// What near transfers get is the better of both links.
template <class N>
N near_bandwidth(const StepInputs<N> &in)
{
    const Profile &profile = in.profile;
    const N nic = in.reached(in.nic_bandwidth(), "nic_efficiency", profile.nic_efficiency);
    if (in.machine.scale_up_bandwidth == 0)
        return nic;
    return titled("Bandwidth of near transfers", "B/s",
        larger(in.reached(in.scale_up_bandwidth(), "scale_up_efficiency", profile.scale_up_efficiency), nic));
}
// Of so many cards that take part, those that the scale-up links reach.
template <class N>
N near_of(const StepInputs<N> &in, const N &cards)
{
    return titled(
        "Cards in the scale-up domain", "", smaller(in.of_chip("scale_up_domain", in.machine.scale_up_domain), cards));
}

// A sequence's tokens to their experts, or back: once per expert. `width`: values of a token.
template <class N>
Operator<N> transfer(const StepInputs<N> &in, OpId id, const N &tokens, const N &width, const N &elem_size)
{
    Operator<N> op;
    op.id = id;
    op.kind = id == OpId::dispatch ? OperatorKind::dispatch : OperatorKind::combine;
    op.bytes = titled("Bytes per sequence", "B",
        titled("Elements", "", in.experts_per_token() * (in.is_2026() ? in.of_group(tokens) : tokens) * width)
            * elem_size);
    if (!in.is_2026())
        return op;
    const N cards = in.cards(), near = near_of(in, cards);
    const N latency = titled("Latency of one card", "s",
        value_of(cards) > value_of(near) ? in.of_profile("scale_up_latency", in.profile.scale_up_latency)
                + in.of_profile("nic_latency", in.profile.nic_latency)
                                         : sum(in.of_profile("scale_up_latency", in.profile.scale_up_latency)));
    op.overhead_s = titled("Latency of the slowest card", "s",
        titled("Slowest over one card", "", largest_deviation(cards, constant<N>("Variance", 1))) * latency);
    return op;
}

// What a sequence's bytes take on the links.
template <class N>
struct Links {
    N seconds{};
    N bytes{}; // B that leave the card
    N near_bytes{}; // B, those of them that take the scale-up links; the rest takes the NIC
};
// Everything over the NIC as the article has it, else evenly over the EP cards.
template <class N>
Links<N> links_of(const StepInputs<N> &in, const N &sent)
{
    if (!in.is_2026())
        return {titled("Time per sequence", "s", sent / in.nic_bandwidth()), sent, N{}};
    const N cards = in.cards(), near_cards = near_of(in, cards);
    const auto bytes_over = [&](const N &there) {
        return titled("Bytes over it", "B", sent * titled("Cards there", "", there) / cards);
    };
    Links<N> links;
    links.near_bytes = bytes_over(near_cards - constant<N>("The sender", 1));
    links.bytes = links.near_bytes;
    links.seconds = titled("Near", "s", links.near_bytes / near_bandwidth(in));
    if (value_of(cards) > value_of(near_cards)) {
        const N far = bytes_over(cards - near_cards);
        links.bytes = links.bytes + far;
        links.seconds = links.seconds
            + titled("Far", "s", far / in.reached(in.nic_bandwidth(), "nic_efficiency", in.profile.nic_efficiency));
    }
    links.seconds = titled("Time per sequence", "s", sum(links.seconds));
    return links;
}

// What the cards of a group do together after attention and after the FFN. `tokens`: of a sequence.
template <class N>
Operator<N> collective(const StepInputs<N> &in, OpId id, const N &tokens)
{
    Operator<N> op;
    op.id = id;
    op.kind = OperatorKind::collective;
    op.steps = id == OpId::scatter || id == OpId::gather ? 1 : 2;
    op.bytes = titled("Bytes per sequence", "B", tokens * in.hidden() * bf16_size<N>());
    return op;
}
// Of one step of a collective and of the all-reduce in one shot, per sequence.
template <class N>
struct CollectiveLinks {
    N latency_s{}; // of any
    N seconds{}; // per sequence
    N bytes{}, near_bytes{}; // per sequence, that leave the card
    N second_latency_s{}; // of two steps on top
    N one_shot_s{}; // per sequence, of everybody to everybody; none where the group exceeds the domain
};
template <class N>
CollectiveLinks<N> links_of_collective(const StepInputs<N> &in, const Operator<N> &op)
{
    const N group = in.group(), near_cards = near_of(in, group);
    const bool beyond = value_of(group) > value_of(near_cards);
    const N near_rate = near_bandwidth(in), one = constant<N>("The sender", 1);
    const N moved = op.steps == 1 ? op.bytes : titled("Bytes of both steps", "B", constant<N>("Steps", 2) * op.bytes);
    CollectiveLinks<N> links;
    const N latency = in.of_profile("all_reduce_latency", in.profile.all_reduce_latency);
    links.latency_s =
        op.steps == 1 ? titled("Latency of one step", "s", latency / constant<N>("Steps", 2)) : sum(latency);
    links.near_bytes =
        titled("Near bytes", "B", moved * titled("Others in the domain", "", near_cards - one) / near_cards);
    links.bytes = links.near_bytes;
    links.seconds = titled("Near", "s", links.near_bytes / near_rate);
    if (beyond) {
        const N domains = titled("Domains", "", group / near_cards);
        const N far = titled("Far bytes", "B",
            moved * titled("Other domains", "", domains - constant<N>("Its own", 1)) / domains / near_cards);
        links.bytes = links.bytes + far;
        links.seconds = links.seconds
            + titled("Far", "s", far / in.reached(in.nic_bandwidth(), "nic_efficiency", in.profile.nic_efficiency));
        links.latency_s = links.latency_s
            + titled("Latency of the slowest card", "s",
                in.of_profile("nic_latency", in.profile.nic_latency)
                    * titled("Slowest over one card", "", largest_deviation(group, constant<N>("Variance", 1))));
    }
    if (op.steps == 2) {
        links.second_latency_s = in.of_profile("two_shot_latency", in.profile.two_shot_latency);
        if (!beyond)
            links.one_shot_s = titled("One shot", "s", titled("Others", "", group - one) * op.bytes / near_rate);
    }
    links.latency_s = titled("Latency", "s", links.latency_s);
    links.seconds = titled("Time per sequence", "s", sum(links.seconds));
    return links;
}

} // namespace epscope
