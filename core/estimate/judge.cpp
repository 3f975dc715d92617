// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/estimate/judge.h"

#include <array>

#include "core/model/operators.h"

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
        text = infeasible.what + " is not supported: needs " + exact_text(infeasible.needed) + ", has "
            + exact_text(infeasible.available);
        break;
    case Reason::ep:
        text = "EP " + exact_text(infeasible.needed) + " needs as many cards, there are "
            + exact_text(infeasible.available);
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
    if (!can_draft)
        return Reason::shape;
    if (!has_cards)
        return Reason::ep;
    return std::nullopt;
}

std::optional<Reason> Limits::reason(std::int64_t batch, double ux_tps) const
{
    if (!can_draft || batch < least_batch)
        return Reason::shape;
    if (!has_cards)
        return Reason::ep;
    if (batch > max_batch)
        return Reason::memory;
    if (is_too_slow(ux_tps, target_tps))
        return Reason::target;
    return std::nullopt;
}

Limits limits_of(
    const Model &model, const Workload &workload, const MemoryBreakdown &memory, const Point &point, double target_tps)
{
    return {micro_batches(point.policy), point.mtp_len == 0 || model.mtp_layers > 0, point.ep <= workload.cards,
        memory.max_batch, target_tps};
}

std::vector<Infeasible> reasons_but_speed(
    const Limits &limits, const Workload &workload, const MemoryBreakdown &memory, const Point &point)
{
    std::vector<Infeasible> found;
    if (point.batch < limits.least_batch)
        found.push_back({Reason::shape, "a batch of fewer sequences than micro-batches",
            static_cast<double>(limits.least_batch), static_cast<double>(point.batch), std::nullopt});
    if (!limits.can_draft)
        found.push_back({Reason::shape, "drafting with a model that has no MTP layer", 1, 0, std::nullopt});
    if (!limits.has_cards)
        found.push_back(
            {Reason::ep, {}, static_cast<double>(point.ep), static_cast<double>(workload.cards), std::nullopt});
    if (point.batch > limits.max_batch) {
        std::optional<std::int64_t> largest;
        if (limits.max_batch >= limits.least_batch)
            largest = limits.max_batch;
        found.push_back({Reason::memory, {}, memory.weights + memory.kv_cache, memory.usable, largest});
    }
    return found;
}

} // namespace epscope
