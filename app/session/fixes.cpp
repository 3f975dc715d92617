// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/fixes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <QCoreApplication>

#include "app/session/explored.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct FixTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Fixes)
};

QString shown(double value, Dimension dimension)
{
    return QString::fromStdString(compact_text(value, dimension));
}

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
    const Limits limits = limits_of(study.model, study.workload, memory, load.point, study.target_tps.si());
    constexpr double any_speed = std::numeric_limits<double>::infinity();
    if (limits.reason(load.point.batch, any_speed)) // spares the plan
        return false;
    const Plan plan = make_plan(study.profile, study.model, machine, study.workload, load.point);
    const double ux_tps = plan.tokens_per_step / step_seconds(study.profile, plan, load.point.batch);
    return !limits.reason(load.point.batch, ux_tps);
}

class FixSearch {
public:
    explicit FixSearch(const Explored &the_explored)
        : explored(the_explored)
        , study(the_explored.inputs.study)
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
        std::stable_sort(
            found.begin(), found.end(), [](const Found &a, const Found &b) { return a.fix.factor < b.fix.factor; });
        std::vector<Fix> fixes;
        std::vector<Kind> kinds;
        constexpr std::size_t most = 3;
        for (const Found &each : found) {
            if (fixes.size() == most)
                break;
            if (std::find(kinds.begin(), kinds.end(), each.kind) != kinds.end())
                continue;
            kinds.push_back(each.kind);
            fixes.push_back(each.fix);
        }
        return fixes;
    }

private:
    enum class Kind {
        target,
        memory,
        memory_bandwidth,
        nic_bandwidth,
        context,
        batch,
        ep,
        cards,
        precision,
        experts,
        drafts,
        policy
    };
    struct Found {
        Kind kind;
        Fix fix;
    };
    using Change = std::function<void(Study &, double)>;
    using Which = std::function<bool(const Candidate &)>;

    const Explored &explored;
    const Study &study;
    std::vector<Found> found;

    // The value nearest to `start` on the way to `limit` that makes something serve, to half a per cent.
    std::optional<double> nearest(double start, double limit, const Change &change, const Which &which = {}) const
    {
        constexpr double close = 1.005;
        Study changed = study;
        std::vector<std::uint64_t> loads(lightest_count(study));
        std::iota(loads.begin(), loads.end(), std::uint64_t{0});
        const auto serving = [&](double value) {
            change(changed, value);
            std::vector<std::uint64_t> able;
            for (const std::uint64_t index : loads) {
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
    void add(Kind kind, const QString &text, const QString &key, const std::string &value, double factor)
    {
        Study changed = study;
        if (set_parameter(changed, key.toStdString(), value, BareNumbers::allowed))
            return;
        const auto feasible = [&](const Candidate &candidate) {
            return estimate(scenario_of(changed, candidate)).feasible();
        };
        bool mends = false;
        for (std::uint64_t i = 0; i < lightest_count(changed) && !mends; ++i) {
            const Candidate load = lightest_at(changed, i);
            mends = serves(changed, load) && feasible(load);
        }
        for (const std::vector<Candidate> &front : explored.outcome.fronts)
            mends = mends || (!front.empty() && feasible(front.front()));
        if (mends)
            found.push_back({kind, {text, key, QString::fromStdString(value), factor}});
    }

    void lower_target()
    {
        if (explored.miss->lacks.reason != Reason::target)
            return;
        const double target = settled(explored.miss->nearest.ux_tps, true);
        add(Kind::target, FixTexts::tr("Lower the target to %1").arg(shown(target, Dimension::tokens_per_second)),
            QStringLiteral("target_tps"), compact_text(target, Dimension::tokens_per_second),
            factor_between(study.target_tps.si(), target));
    }

    static constexpr double largest_growth = 64;

    void better_chip(std::size_t chip)
    {
        const Machine machine = resolve(study.profile, study.chips[chip], study.nics.front());
        const QString name = QString::fromStdString(study.chips[chip].name);
        const auto try_member = [&](Kind kind, Quantity Chip::*member, double start, Dimension dimension,
                                    const QString &text, const QString &key) {
            const auto value = nearest(
                start, start * largest_growth,
                [&](Study &changed, double si) {
                    changed.chips[chip].*member = {si, &base_unit(dimension)};
                },
                [&](const Candidate &load) { return load.chip == chip; });
            if (!value)
                return;
            const double up = settled(*value, false);
            add(kind, text.arg(name, shown(up, dimension)), QStringLiteral("chip.") + name + u'.' + key,
                compact_text(up, dimension), factor_between(start, up));
        };
        try_member(Kind::memory, &Chip::memory, machine.memory, Dimension::bytes, FixTexts::tr("%1 with %2 of memory"),
            QStringLiteral("memory"));
        try_member(Kind::memory_bandwidth, &Chip::memory_bandwidth, machine.memory_bandwidth,
            Dimension::bytes_per_second, FixTexts::tr("%1 with %2 of memory bandwidth"),
            QStringLiteral("memory_bandwidth"));
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
        const QString name = QString::fromStdString(study.nics[nic].name);
        add(Kind::nic_bandwidth, FixTexts::tr("%1 with %2").arg(name, shown(up, Dimension::bytes_per_second)),
            QStringLiteral("nic.%1.bandwidth").arg(name), compact_text(up, Dimension::bytes_per_second),
            factor_between(start, up));
    }

    void shorter_context()
    {
        const auto start = static_cast<double>(study.workload.context);
        const auto value = nearest(start, 1,
            [](Study &changed, double tokens) { changed.workload.context = static_cast<std::int64_t>(tokens); });
        if (!value)
            return;
        const double tokens = std::max(1.0, std::floor(settled(*value, true)));
        const QString readable = QString::fromStdString(grouped_text(static_cast<std::int64_t>(tokens)));
        add(Kind::context, FixTexts::tr("Shorten the context to %1 tokens").arg(readable), QStringLiteral("context"),
            exact_text(tokens), factor_between(start, tokens));
    }

    void smaller_batch()
    {
        const std::vector<std::int64_t> &batches = study.search.batch;
        const auto try_batch = [&](double start, double batch) {
            add(Kind::batch, FixTexts::tr("Fix the batch at %1").arg(static_cast<qlonglong>(batch)),
                QStringLiteral("batch"), exact_text(batch), factor_between(start, batch));
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
            const auto value = nearest(static_cast<double>(largest), static_cast<double>(limit),
                [](Study &changed, double ep) { changed.search.ep = {static_cast<std::int64_t>(ep)}; });
            if (value) {
                const std::int64_t ep = as_steps(*value);
                add(Kind::ep, FixTexts::tr("Search EP %1 too").arg(ep), QStringLiteral("ep"),
                    *current + ", " + std::to_string(ep),
                    factor_between(static_cast<double>(largest), static_cast<double>(ep)));
            }
        }
    }

    void more_cards()
    {
        const std::vector<std::int64_t> &ep = study.search.ep;
        const std::int64_t there = study.workload.cards;
        if (ep.back() <= there)
            return;
        const auto value = nearest(static_cast<double>(there), static_cast<double>(ep.back()),
            [](Study &changed, double cards) { changed.workload.cards = static_cast<std::int64_t>(cards); });
        if (value) {
            const std::int64_t needed =
                *(std::upper_bound(ep.begin(), ep.end(), static_cast<std::int64_t>(*value)) - 1);
            add(Kind::cards, FixTexts::tr("Allow %1 cards").arg(needed), QStringLiteral("cards"),
                std::to_string(needed), factor_between(static_cast<double>(there), static_cast<double>(needed)));
        }
        if (there < ep.front())
            add(Kind::ep, FixTexts::tr("Search EP %1 too").arg(there), QStringLiteral("ep"),
                std::to_string(there) + ", " + *parameter_text(study, "ep"),
                factor_between(static_cast<double>(ep.front()), static_cast<double>(there)));
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
            add(Kind::precision, FixTexts::tr("Search KV cache and parameters of 1 B too"), QStringLiteral("precision"),
                listed("precision") + "1 B / 1 B", std::max(kv, parameters));
        constexpr double four_bit = 0.5625; // with scales
        if (const double experts = study.workload.expert_elem_size.si(); experts > four_bit)
            add(Kind::experts, FixTexts::tr("4-bit experts (0.5625 B)"), QStringLiteral("expert_elem_size"), "0.5625 B",
                experts / four_bit);
        if (study.search.mtp_len.front() > 0)
            add(Kind::drafts, FixTexts::tr("Search without drafts too"), QStringLiteral("mtp_len"),
                listed("mtp_len") + "0", of_choice);
        if (std::find(study.search.policy.begin(), study.search.policy.end(), Policy::naive)
            == study.search.policy.end())
            add(Kind::policy, FixTexts::tr("Search the naive pipeline too"), QStringLiteral("policy"),
                listed("policy") + "naive", of_choice);
        if (std::find(study.search.policy.begin(), study.search.policy.end(), Policy::dual_mbatch)
            == study.search.policy.end())
            add(Kind::policy, FixTexts::tr("Search the dual-mbatch pipeline too"), QStringLiteral("policy"),
                listed("policy") + "dual-mbatch", of_choice);
    }
};

} // namespace

std::vector<Fix> smallest_fixes(const Explored &explored)
{
    if (explored.outcome.feasible > 0)
        return {};
    return FixSearch(explored).run();
}

} // namespace epscope
