// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/judge.h"

#include <array>

#include "core/model/attention.h"
#include "core/model/parallel.h"

namespace epscope {
namespace {

// Both rates with as many digits as it takes to tell them apart.
std::array<std::string, 2> distinct_rates(double a, double b)
{
    constexpr int most_digits = 17;
    for (int digits = 3;; ++digits) {
        const std::array texts{
            short_text(a, Dimension::tokens_per_second, digits), short_text(b, Dimension::tokens_per_second, digits)};
        if (texts[0] != texts[1] || digits >= most_digits)
            return texts;
    }
}

std::string smaller_batch_text(const Infeasible &infeasible)
{
    if (infeasible.largest_batch)
        return "the largest smaller batch that reaches it is " + std::to_string(*infeasible.largest_batch);
    if (infeasible.fast_but_too_large)
        return "a batch of " + std::to_string(*infeasible.fast_but_too_large)
            + " reaches it but does not fit in memory";
    return "no smaller batch reaches it";
}

constexpr std::string_view no_groups = "a group of cards that share one attention, by the published equations,";
constexpr std::string_view no_kinds = "any attention but MLA over all keys, by the published equations,";

bool is_plain_latent(const LayerKind &layer)
{
    const auto *mla = std::get_if<MlaShape>(&layer.attention);
    return mla && mla->top == 0 && mla->gate == 0;
}

// What a group of so many cards cannot share; empty: nothing.
std::string_view indivisible_of(const Model &model, const Point &point)
{
    const std::int64_t group = point.tp;
    std::vector<LayerKind> layers = layers_of(model);
    if (point.mtp_len > 0 && model.draft)
        layers.push_back(model.draft->layer);
    for (const LayerKind &layer : layers) {
        if (const std::string_view what = indivisible(layer, group); !what.empty())
            return what;
        if (layer.dense_width % group != 0)
            return "the width of dense FFNs over a TP group";
    }
    if (model.vocabulary % group != 0)
        return "the vocabulary over a TP group";
    if (mode_of(model, point) == ExpertMode::moe_tp && model.expert_intermediate % group != 0)
        return "the width of experts over a TP group";
    return {};
}

std::string_view misfit_of(const Profile &profile, const Model &model, const Point &point)
{
    if (profile.equations == Equations::published) {
        if (point.tp > 1 || point.mode != ExpertMode::all2all)
            return no_groups;
        const bool latent = model.layer_kinds.empty()
            || (model.routed_experts > 0 && model.expert_latent == 0
                && std::all_of(model.layer_kinds.begin(), model.layer_kinds.end(), is_plain_latent));
        return latent ? std::string_view() : no_kinds;
    }
    return point.tp == 1 ? std::string_view() : indivisible_of(model, point);
}

// The largest group up to the point's that can share everything.
std::int64_t largest_group(const Model &model, const Point &point)
{
    Point smaller = point;
    while (smaller.tp > 1 && !indivisible_of(model, smaller).empty())
        --smaller.tp;
    return smaller.tp;
}

bool experts_spread(const Model &model, const Workload &workload, const Point &point)
{
    if (const std::optional<std::int64_t> ep = implied_ep(model, point); ep && *ep != point.ep)
        return false;
    if (model.routed_experts > 0 && point.mode == ExpertMode::ep_group)
        return point.tp > 1 && (model.routed_experts + workload.redundant_experts) % point.tp == 0;
    return mode_of(model, point) == ExpertMode::moe_tp || (point.ep % point.tp == 0 && point.ep > 1);
}
// The EP nearest to a point's over which the experts spread.
std::int64_t nearest_ep(const Model &model, const Point &point)
{
    if (const std::optional<std::int64_t> ep = implied_ep(model, point))
        return *ep;
    const std::int64_t below = point.ep / point.tp * point.tp, above = below + point.tp;
    return below > 1 && point.ep - below <= above - point.ep ? below : above;
}

std::string text_of_spread(const Model &model, const Workload &workload, const Point &point)
{
    const std::string ep = "EP " + std::to_string(point.ep), tp = "TP " + std::to_string(point.tp);
    if (model.routed_experts == 0)
        return ep + " spreads experts and the model has none: EP is 1";
    if (point.mode == ExpertMode::moe_tp)
        return ep + ": moe_tp cuts the experts over the TP group, EP is 1";
    if (point.mode == ExpertMode::ep_group && point.tp == 1)
        return "ep_group spreads the experts over a TP group, which one card is not: TP 2 is the smallest";
    if (point.mode == ExpertMode::ep_group && point.ep != point.tp)
        return ep + ": ep_group spreads the experts over the TP group, EP is " + std::to_string(point.tp);
    if (point.mode == ExpertMode::ep_group) {
        const std::int64_t experts = model.routed_experts + workload.redundant_experts;
        return std::to_string(experts) + " experts do not spread over " + tp + " evenly: with "
            + std::to_string(workload.redundant_experts + point.tp - experts % point.tp)
            + " redundant experts they would";
    }
    return ep + " does not consist of groups of " + tp + ": EP " + std::to_string(nearest_ep(model, point)) + " does";
}

} // namespace

std::string_view name_of(Reason reason)
{
    constexpr std::array<std::string_view, reason_count> names{"shape", "ep", "memory", "target"};
    return names[static_cast<std::size_t>(reason)];
}

std::string text_of(const Infeasible &infeasible)
{
    std::string text;
    switch (infeasible.reason) {
    case Reason::shape:
        text = infeasible.what + " is not supported";
        if (infeasible.needed != infeasible.available)
            text += ": needs " + exact_text(infeasible.needed) + ", has " + exact_text(infeasible.available);
        break;
    case Reason::ep:
        text = infeasible.what.empty() ? "EP " + exact_text(infeasible.needed) + " needs as many cards, there are "
                + exact_text(infeasible.available)
                                       : infeasible.what;
        break;
    case Reason::memory:
        text = "needs " + short_text(infeasible.needed, Dimension::bytes) + " of memory, "
            + short_text(infeasible.available, Dimension::bytes)
            + " are usable: " + short_text(infeasible.missing(), Dimension::bytes) + " missing; "
            + (infeasible.largest_batch ? "the largest batch that fits is " + std::to_string(*infeasible.largest_batch)
                                        : "no batch fits");
        break;
    case Reason::target: {
        const auto [achieved, wanted] = distinct_rates(infeasible.available, infeasible.needed);
        text = achieved + " per user is below the target of " + wanted + "; " + smaller_batch_text(infeasible);
        break;
    }
    }
    return text;
}

std::optional<Reason> Limits::never() const
{
    if (!can_draft || !misfit.empty())
        return Reason::shape;
    if (!has_cards || !ep_fits)
        return Reason::ep;
    return std::nullopt;
}

std::optional<Reason> Limits::reason(std::int64_t batch, double ux_tps) const
{
    if (!can_draft || !misfit.empty() || batch < least_batch)
        return Reason::shape;
    if (!has_cards || !ep_fits)
        return Reason::ep;
    if (batch > max_batch)
        return Reason::memory;
    if (is_too_slow(ux_tps, target_tps))
        return Reason::target;
    return std::nullopt;
}

Limits limits_of(const Profile &profile, const Model &model, const Workload &workload, const MemoryBreakdown &memory,
    const Point &point, double target_tps)
{
    Limits limits;
    limits.least_batch = micro_batches(point.policy);
    limits.can_draft =
        point.mtp_len == 0 || (profile.equations == Equations::published ? model.mtp_layers > 0 : can_draft(model));
    limits.has_cards = cards_of(model, point) <= workload.cards;
    limits.misfit = misfit_of(profile, model, point);
    limits.ep_fits = experts_spread(model, workload, point);
    limits.max_batch = memory.max_batch;
    limits.target_tps = target_tps;
    return limits;
}

std::vector<Infeasible> reasons_but_speed(const Limits &limits, const Model &model, const Workload &workload,
    const MemoryBreakdown &memory, const Point &point)
{
    std::vector<Infeasible> found;
    if (point.batch < limits.least_batch)
        found.push_back({Reason::shape, "a batch of fewer sequences than micro-batches",
            static_cast<double>(limits.least_batch), static_cast<double>(point.batch), std::nullopt});
    if (!limits.can_draft)
        found.push_back({Reason::shape, "drafting with a model that has no MTP layer", 1, 0, std::nullopt});
    if (!limits.misfit.empty())
        found.push_back({Reason::shape, std::string(limits.misfit),
            static_cast<double>(limits.misfit == no_groups ? 1 : largest_group(model, point)),
            static_cast<double>(point.tp), std::nullopt});
    if (!limits.has_cards)
        found.push_back({Reason::ep,
            point.ep >= cards_of(model, point) ? ""
                                               : "TP " + std::to_string(point.tp) + " needs as many cards, there are "
                    + std::to_string(workload.cards),
            static_cast<double>(cards_of(model, point)), static_cast<double>(workload.cards), std::nullopt});
    if (!limits.ep_fits)
        found.push_back({Reason::ep, text_of_spread(model, workload, point),
            static_cast<double>(nearest_ep(model, point)), static_cast<double>(point.ep), std::nullopt});
    if (point.batch > limits.max_batch) {
        std::optional<std::int64_t> largest;
        if (limits.max_batch >= limits.least_batch)
            largest = limits.max_batch;
        found.push_back({Reason::memory, {}, memory.weights + memory.kv_cache, memory.usable, largest});
    }
    return found;
}

} // namespace epscope
