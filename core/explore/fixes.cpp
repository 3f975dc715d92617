// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/fixes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>

#include "core/explore/thin.h"
#include "core/spec/axes.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

// To three significant digits, downwards or upwards.
double settled(double value, bool down)
{
    constexpr int digits = 3;
    const double unit = std::pow(10.0, std::floor(std::log10(value)) + 1 - digits);
    const double scaled = value / unit;
    const double whole = down ? std::floor(scaled * (1 + 1e-12)) : std::ceil(scaled * (1 - 1e-12));
    return unit < 1 ? whole / std::round(1 / unit) : whole * unit;
}

double factor_between(double a, double b)
{
    return std::max(a / b, b / a);
}

// Does a lightest configuration? What no change of one value makes any of these serve, it hardly makes serve elsewhere.
bool serves(const Study &study, const Candidate &load)
{
    const Machine machine = resolve(study.profile, study.chips[load.chip], study.nics[load.nic]);
    const MemoryBreakdown memory =
        memory_breakdown(study.profile, study.model, study.workload, machine.memory, load.point);
    const Limits limits =
        limits_of(study.profile, study.model, study.workload, memory, load.point, study.target_tps.si());
    constexpr double any_speed = std::numeric_limits<double>::infinity();
    if (limits.reason(load.point.batch, any_speed)) // spares the plan
        return false;
    return !limits.reason(load.point.batch, timed(study, machine, load).ux_tps);
}

// Of very many every n-th.
std::uint64_t lightest_stride(const Study &study)
{
    constexpr std::uint64_t most = std::uint64_t{1} << 16;
    return thinning_stride(lightest_count(study), most);
}

class FixSearch {
public:
    FixSearch(
        const Study &the_study, const SearchOutcome &the_outcome, const Miss &the_miss, const std::stop_token &the_stop)
        : study(the_study)
        , outcome(the_outcome)
        , miss(the_miss)
        , stop(the_stop)
    {
    }

    std::vector<Fix> run()
    {
        lower_target();
        for (std::size_t chip = 0; chip < study.chips.size(); ++chip)
            better_chip(chip);
        for (std::size_t nic = 0; nic < study.nics.size(); ++nic)
            better_nic(nic);
        shorter_context();
        smaller_batch();
        more_ep();
        more_cards();
        wider_search();
        other_parallelism();
        std::stable_sort(found.begin(), found.end(), [](const Fix &a, const Fix &b) { return a.factor < b.factor; });
        std::vector<Fix> fixes;
        constexpr std::size_t most = 3;
        for (const Fix &each : found) {
            if (fixes.size() == most)
                break;
            if (std::none_of(fixes.begin(), fixes.end(), [&](const Fix &fix) { return fix.kind == each.kind; }))
                fixes.push_back(each);
        }
        return fixes;
    }

private:
    using Change = std::function<void(Study &, double)>;
    using Which = std::function<bool(const Candidate &)>;

    const Study &study;
    const SearchOutcome &outcome;
    const Miss &miss;
    const std::stop_token &stop;
    std::vector<Fix> found;

    // The value nearest to `start` on the way to `limit` that makes something serve, to half a per cent.
    std::optional<double> nearest(double start, double limit, const Change &change, const Which &which = {}) const
    {
        constexpr double close = 1.005;
        Study changed = study;
        std::vector<std::uint64_t> loads;
        const std::uint64_t count = lightest_count(study), stride = lightest_stride(study);
        for (std::uint64_t i = 0; i < count; i += stride)
            loads.push_back(i);
        const auto serving = [&](double value) {
            change(changed, value);
            std::vector<std::uint64_t> able;
            for (const std::uint64_t index : loads) {
                if (stop.stop_requested())
                    break;
                const Candidate load = lightest_at(changed, index);
                if ((!which || which(load)) && serves(changed, load))
                    able.push_back(index);
            }
            return able;
        };
        loads = serving(limit);
        if (loads.empty())
            return std::nullopt;
        double good = limit, bad = start;
        while (factor_between(good, bad) > close) {
            const double middle = std::sqrt(good * bad);
            std::vector<std::uint64_t> able = serving(middle);
            (able.empty() ? bad : good) = middle;
            if (!able.empty())
                loads = std::move(able);
        }
        return good;
    }

    // Takes a change up if it does make something feasible.
    void add(const Fix &fix)
    {
        Study changed = study;
        if (set_parameter(changed, fix.key, fix.value, BareNumbers::allowed))
            return;
        const auto feasible = [&](const Candidate &candidate) {
            return estimate(scenario_of(changed, candidate)).feasible();
        };
        bool mends = false;
        const std::uint64_t count = lightest_count(changed), stride = lightest_stride(changed);
        for (std::uint64_t i = 0; i < count && !mends && !stop.stop_requested(); i += stride) {
            const Candidate load = lightest_at(changed, i);
            mends = serves(changed, load) && feasible(load);
        }
        for (const std::vector<Candidate> &front : outcome.fronts)
            mends = mends || (!front.empty() && feasible(front.front()));
        if (mends)
            found.push_back(fix);
    }

    void lower_target()
    {
        if (miss.lacks.reason != Reason::target)
            return;
        const double target = settled(miss.nearest.ux_tps, true);
        add({FixKind::target, {}, target, "target_tps", compact_text(target, Dimension::tokens_per_second),
            factor_between(study.target_tps.si(), target)});
    }

    static constexpr double largest_growth = 64;

    void better_chip(std::size_t chip)
    {
        const Machine machine = resolve(study.profile, study.chips[chip], study.nics.front());
        const std::string &name = study.chips[chip].name;
        const auto try_member = [&](FixKind kind, Quantity Chip::*member, double start, Dimension dimension,
                                    const std::string &key) {
            const auto value = nearest(
                start, start * largest_growth,
                [&](Study &changed, double si) {
                    changed.chips[chip].*member = {si, &base_unit(dimension)};
                },
                [&](const Candidate &load) { return load.chip == chip; });
            if (!value)
                return;
            const double up = settled(*value, false);
            add({kind, name, up, "chip." + name + "." + key, compact_text(up, dimension), factor_between(start, up)});
        };
        try_member(FixKind::memory, &Chip::memory, machine.memory, Dimension::bytes, "memory");
        try_member(FixKind::memory_bandwidth, &Chip::memory_bandwidth, machine.memory_bandwidth,
            Dimension::bytes_per_second, "memory_bandwidth");
    }

    void better_nic(std::size_t nic)
    {
        const double start = resolve(study.profile, study.chips.front(), study.nics[nic]).nic_bandwidth;
        const auto value = nearest(
            start, start * largest_growth,
            [&](Study &changed, double si) {
                changed.nics[nic].bandwidth = {si, &base_unit(Dimension::bytes_per_second)};
            },
            [&](const Candidate &load) { return load.nic == nic; });
        if (!value)
            return;
        const double up = settled(*value, false);
        const std::string &name = study.nics[nic].name;
        add({FixKind::nic_bandwidth, name, up, "nic." + name + ".bandwidth",
            compact_text(up, Dimension::bytes_per_second), factor_between(start, up)});
    }

    void shorter_context()
    {
        const auto start = static_cast<double>(study.workload.context);
        const auto value = nearest(start, 1,
            [](Study &changed, double tokens) { changed.workload.context = static_cast<std::int64_t>(tokens); });
        if (!value)
            return;
        const double tokens = std::max(1.0, std::floor(settled(*value, true)));
        add({FixKind::context, {}, tokens, "context", exact_text(tokens), factor_between(start, tokens)});
    }

    void smaller_batch()
    {
        const std::vector<std::int64_t> &batches = study.search.batch;
        const auto try_batch = [&](double start, double batch) {
            add({FixKind::batch, {}, batch, "batch", exact_text(batch), factor_between(start, batch)});
        };
        const auto smallest = static_cast<double>(batches.front());
        const auto value = nearest(smallest, 1,
            [](Study &changed, double batch) { changed.search.batch = {static_cast<std::int64_t>(batch)}; });
        if (value)
            try_batch(smallest, std::floor(*value));
        const auto least = static_cast<double>(micro_batches(Policy::dual_mbatch));
        if (static_cast<double>(batches.back()) < least)
            try_batch(static_cast<double>(batches.back()), least);
    }

    void add_ep(std::int64_t ep, const std::string &value, std::int64_t nearest_now)
    {
        const auto number = static_cast<double>(ep);
        add({FixKind::ep, {}, number, "ep", value, factor_between(static_cast<double>(nearest_now), number)});
    }

    // Steps of EP are those that take an expert off each card.
    void more_ep()
    {
        const Parameter *const info = find_parameter("ep");
        const std::int64_t largest = study.search.ep.back();
        const std::int64_t experts = study.model.routed_experts;
        const std::int64_t limit = std::min({study.workload.cards, experts, static_cast<std::int64_t>(info->max)});
        const auto current = parameter_text(study, "ep");
        const auto as_steps = [&](double ep) {
            const std::int64_t per_card = experts_per_card(study.model, static_cast<std::int64_t>(ep));
            const std::int64_t least = (experts + per_card - 1) / per_card;
            constexpr std::int64_t node = 8;
            const std::int64_t whole_nodes = (least + node - 1) / node * node;
            return whole_nodes <= limit ? whole_nodes : least;
        };
        if (limit > largest) {
            // EP consists of groups of cards that share their attention.
            const std::int64_t group = study.search.tp.front();
            const auto of_groups = [&](std::int64_t ep) { return (ep + group - 1) / group * group; };
            const auto value = nearest(static_cast<double>(largest), static_cast<double>(limit),
                [&](Study &changed, double ep) { changed.search.ep = {of_groups(static_cast<std::int64_t>(ep))}; });
            if (value) {
                const std::int64_t ep = of_groups(as_steps(*value));
                add_ep(ep, *current + ", " + std::to_string(ep), largest);
            }
        }
    }

    void more_cards()
    {
        const std::vector<std::int64_t> &ep = study.search.ep, &tp = study.search.tp;
        const std::int64_t there = study.workload.cards;
        std::vector<std::int64_t> all; // that some configuration needs
        std::merge(ep.begin(), ep.end(), tp.begin(), tp.end(), std::back_inserter(all));
        if (all.back() <= there)
            return;
        const auto value = nearest(static_cast<double>(there), static_cast<double>(all.back()),
            [](Study &changed, double cards) { changed.workload.cards = static_cast<std::int64_t>(cards); });
        if (value) {
            const std::int64_t needed =
                *(std::upper_bound(all.begin(), all.end(), static_cast<std::int64_t>(*value)) - 1);
            const auto number = static_cast<double>(needed);
            add({FixKind::cards, {}, number, "cards", std::to_string(needed),
                factor_between(static_cast<double>(there), number)});
        }
        if (there < ep.front())
            add_ep(there, std::to_string(there) + ", " + *parameter_text(study, "ep"), ep.front());
    }

    // Of what the published equations do not know: a group of other size, another place of the experts, slots that make
    // these spread evenly.
    void other_parallelism()
    {
        if (study.profile.equations == Equations::published)
            return;
        constexpr double of_choice = 2;
        const std::vector<std::int64_t> &groups = study.search.tp;
        const std::string tried = axis_of(AxisId::tp).list(study.search) + ", ";
        for (const double cards : axis_of(AxisId::tp).stops) {
            const auto group = static_cast<std::int64_t>(cards);
            if (std::find(groups.begin(), groups.end(), group) != groups.end())
                continue;
            double factor = factor_between(cards, static_cast<double>(groups.front()));
            for (const std::int64_t each : groups)
                factor = std::min(factor, factor_between(cards, static_cast<double>(each)));
            add({FixKind::tp, {}, cards, "tp", tried + exact_text(cards), factor});
        }
        const std::vector<ExpertMode> &modes = study.search.mode;
        for (const ExpertMode mode : {ExpertMode::all2all, ExpertMode::ep_group, ExpertMode::moe_tp}) {
            const std::string name(name_of(mode));
            if (std::find(modes.begin(), modes.end(), mode) == modes.end())
                add({FixKind::mode, name, 0, "mode", axis_of(AxisId::mode).list(study.search) + ", " + name,
                    of_choice});
        }
        const std::int64_t experts = study.model.routed_experts + study.workload.redundant_experts;
        for (const std::int64_t group : groups) {
            const std::int64_t missing = (group - experts % group) % group;
            if (missing > 0)
                add({FixKind::redundant_experts, {}, static_cast<double>(study.workload.redundant_experts + missing),
                    "redundant_experts", std::to_string(study.workload.redundant_experts + missing),
                    factor_between(static_cast<double>(experts), static_cast<double>(experts + missing))});
        }
    }

    // Choices that the search does not try yet; a choice counts as a factor of two.
    void wider_search()
    {
        constexpr double of_choice = 2;
        const auto listed = [&](const char *key) { return *parameter_text(study, key) + ", "; };
        const auto least_bytes = [&](Quantity Precision::*member) {
            double least = (study.search.precision.front().*member).si();
            for (const Precision &precision : study.search.precision)
                least = std::min(least, (precision.*member).si());
            return least;
        };
        const double kv = least_bytes(&Precision::kv_elem_size), parameters = least_bytes(&Precision::param_elem_size);
        if (kv > 1 || parameters > 1)
            add({FixKind::precision, {}, 0, "precision", listed("precision") + "1 B / 1 B", std::max(kv, parameters)});
        constexpr double four_bit = 0.5625; // with scales
        if (const double experts = study.workload.expert_elem_size.si(); experts > four_bit)
            add({FixKind::experts, {}, 0, "expert_elem_size", "0.5625 B", experts / four_bit});
        if (study.search.mtp_len.front() > 0)
            add({FixKind::drafts, {}, 0, "mtp_len", listed("mtp_len") + "0", of_choice});
        const std::vector<Policy> &policies = study.search.policy;
        for (const Policy policy : {Policy::naive, Policy::dual_mbatch}) {
            const std::string name(name_of(policy));
            if (std::find(policies.begin(), policies.end(), policy) == policies.end())
                add({FixKind::policy, name, 0, "policy", listed("policy") + name, of_choice});
        }
    }
};

} // namespace

std::vector<Fix> smallest_fixes(
    const Study &study, const SearchOutcome &outcome, const Miss &miss, const std::stop_token &stop)
{
    return FixSearch(study, outcome, miss, stop).run();
}

} // namespace epscope
