// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/seek.h"

#include <algorithm>
#include <cmath>

#include "core/analysis/map.h"
#include "core/spec/axes.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr int answer_digits = 4;

// How far two values lie apart on the variable's axis.
double distance(const Variable &variable, double a, double b)
{
    const bool log = variable.info->axis == Axis::log && a > 0 && b > 0;
    return log ? std::abs(std::log(a / b)) : std::abs(a - b);
}

class Seeker {
public:
    Seeker(const Study &the_study, const Variable &the_variable, const Goal &the_goal, const std::stop_token &the_stop)
        : study(the_study)
        , variable(the_variable)
        , goal(the_goal)
        , stop(the_stop)
    {
    }

    Tried at(double value) const
    {
        Tried tried{value, {}, {}};
        Study changed = study;
        if (!set_variable(changed, variable, value))
            tried.outcome = outcome_of(changed, stop);
        tried.output = output_of(tried.outcome);
        return tried;
    }
    std::optional<double> output_of(const Outcome &outcome) const
    {
        const bool too_slow = outcome.miss && outcome.miss->lacks.reason == Reason::target;
        if (!goal.speed() || !too_slow)
            return number_of(*goal.metric, outcome);
        return goal.at_least ? outcome.miss->lacks.available : 1 / outcome.miss->lacks.available;
    }
    bool meets(double value) const { return goal.met_by(at(value).output); }

    // Of an interval, one end of which meets the goal and the other not, the last value that meets it.
    double edge(double meeting, double missing) const
    {
        constexpr int most_halvings = 200;
        constexpr double close = 1e-10; // relative
        for (int i = 0; i < most_halvings && !stop.stop_requested(); ++i) {
            if (std::abs(meeting - missing) <= close * std::max(std::abs(meeting), std::abs(missing)))
                break;
            const bool log = variable.info->axis == Axis::log && meeting > 0 && missing > 0;
            const double middle = variable.allowed(log ? std::sqrt(meeting * missing) : (meeting + missing) / 2);
            if (middle == meeting || middle == missing) {
                // Whole numbers whose mean rounds to one of them may have others between.
                if (!variable.whole || std::abs(meeting - missing) <= 1)
                    break;
                const double next = missing + (meeting > missing ? 1 : -1);
                (meets(next) ? meeting : missing) = next;
                continue;
            }
            (meets(middle) ? meeting : missing) = middle;
        }
        return meeting;
    }

    // The edge, rounded further into the part that meets the goal.
    Tried settled_edge(double meeting, double missing) const
    {
        const double last = edge(meeting, missing);
        const double value = rounded_outward(
            variable, last, last > missing, answer_digits, [&](double rounded) { return meets(rounded); });
        return at(value);
    }

private:
    const Study &study;
    const Variable &variable;
    const Goal &goal;
    const std::stop_token &stop;
};

// Fills in the value that the study searches over, which the best configuration has.
double present_value(const Variable &variable, const Best &best)
{
    return find_axis_number(variable.key)->value(best.candidate.point);
}

} // namespace

std::variant<Goal, std::string> parse_goal(std::string_view text)
{
    const std::size_t sign = text.find_first_of("<>=");
    if (sign == std::string_view::npos || text[sign] == '=' || sign + 1 >= text.size() || text[sign + 1] != '=')
        return in_quotes(text) + " is no goal; expected OUTPUT>=VALUE or OUTPUT<=VALUE, as in throughput>=4500";
    const std::string key(trimmed(text.substr(0, sign)));
    Goal goal{find_metric(key), text[sign] == '>', 0};
    if (!goal.metric || !goal.metric->number) {
        const std::vector<std::string> keys = number_metric_keys();
        return in_quotes(key) + " is no output with a value; allowed is " + joined(keys, ", ")
            + did_you_mean(key, keys);
    }
    const auto value = parse_quantity(text.substr(sign + 2), goal.metric->dimension, BareNumbers::allowed);
    if (const auto *problem = std::get_if<std::string>(&value))
        return *problem;
    goal.wanted = std::get<Quantity>(value).si();
    return goal;
}

std::optional<double> Goal::speed() const
{
    if (metric->key == output::ux_tps && at_least)
        return wanted;
    if (metric->key == output::tpot && !at_least && wanted > 0)
        return 1 / wanted;
    return std::nullopt;
}

std::string text_of(const Goal &goal)
{
    return std::string(goal.metric->key) + (goal.at_least ? " >= " : " <= ")
        + compact_text(goal.wanted, goal.metric->dimension);
}

std::vector<double> seek_grid(const Variable &variable, double present)
{
    // What is usual, and the present in any case.
    const double min = std::min(variable.info->usual_min, present), max = std::max(variable.info->usual_max, present);
    std::vector<double> values{min, max, present};
    constexpr double few = 512;
    if (variable.whole && max - min < few) {
        for (double value = min; value <= max; ++value)
            values.push_back(value);
    } else if (variable.info->axis == Axis::linear) {
        constexpr int steps = 256;
        for (int i = 1; i < steps; ++i)
            values.push_back(variable.allowed(min + (max - min) * i / steps));
    } else {
        // 2 % apart to four times and a quarter, then 9 %. Below a hundred-thousandth of the present, only the end of
        // the range.
        constexpr double fine = 1.0 / 32, coarse = 1.0 / 8, near_octaves = 2, most_octaves = 17;
        const double start = present > 0 ? present : std::max(min, max * 1e-6);
        for (const double direction : {-1.0, 1.0}) {
            for (double octaves = fine; octaves <= 64; octaves += octaves < near_octaves ? fine : coarse) {
                const double value = start * std::exp2(direction * octaves);
                if (value < min || value > max || (direction < 0 && octaves > most_octaves))
                    break;
                values.push_back(variable.allowed(value));
            }
        }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

double rounded_outward(
    const Variable &variable, double value, bool up, int digits, const std::function<bool(double)> &fine)
{
    if (variable.whole || value == 0)
        return value;
    const double number = value / variable.unit->factor;
    constexpr int all_digits = 15;
    for (; digits < all_digits; ++digits) {
        const double exponent = std::floor(std::log10(std::abs(number))) + 1 - digits;
        const double scale = std::pow(10.0, std::abs(exponent));
        const double scaled = exponent < 0 ? number * scale : number / scale;
        const double whole = up ? std::ceil(scaled * (1 - 1e-13)) : std::floor(scaled * (1 + 1e-13));
        const double rounded = (exponent < 0 ? whole / scale : whole * scale) * variable.unit->factor;
        if (rounded >= variable.info->min && rounded <= variable.info->max && fine(rounded))
            return rounded;
    }
    return value;
}

std::pair<double, double> seek_range(const Variable &variable, const Sought &sought)
{
    auto [from, to] = map_range(variable);
    const bool log = variable.info->axis == Axis::log && from > 0;
    constexpr double times = 1.25, part = 0.1; // around a mark
    const double room = part * (to - from);
    for (const std::optional<Tried> &mark :
        {std::optional(sought.present), std::optional(sought.answer), sought.lowest, sought.highest}) {
        if (!mark || (log && mark->value <= 0))
            continue;
        from = std::min(from, log ? mark->value / times : mark->value - room);
        to = std::max(to, log ? mark->value * times : mark->value + room);
    }
    return {std::max(from, variable.info->min), std::min(to, variable.info->max)};
}

std::vector<Tried> all_tried(const Sought &sought)
{
    std::vector<Tried> all = sought.grid;
    for (const std::optional<Tried> &edge :
        {std::optional(sought.present), std::optional(sought.answer), sought.lowest, sought.highest}) {
        if (edge)
            all.push_back(*edge);
    }
    std::stable_sort(all.begin(), all.end(), [](const Tried &a, const Tried &b) { return a.value < b.value; });
    all.erase(std::unique(all.begin(), all.end(), [](const Tried &a, const Tried &b) { return a.value == b.value; }),
        all.end());
    return all;
}

Sought seek(const Study &asked, const Variable &variable, const Goal &goal, const Running &running)
{
    Sought sought;
    Study &study = sought.study;
    study = asked;
    if (goal.speed() && *goal.speed() > study.target_tps.si() && variable.key != "target_tps")
        study.target_tps = {*goal.speed(), &base_unit(Dimension::tokens_per_second)};
    const Seeker seeker(study, variable, goal, running.stop);
    sought.present.outcome = outcome_of(study, running.stop);
    sought.present.output = seeker.output_of(sought.present.outcome);
    if (running.stop.stop_requested())
        return sought;
    if (variable.stated)
        sought.present.value = *variable.stated;
    else if (sought.present.outcome.best && variable.info->scope == Scope::search)
        sought.present.value = present_value(variable, *sought.present.outcome.best);
    else
        sought.present.value = variable.allowed(variable.info->soft_min);

    const std::vector<double> values = seek_grid(variable, sought.present.value);
    sought.grid.resize(values.size());
    if (!run_parallel(values.size(), running, [&](std::size_t i) { sought.grid[i] = seeker.at(values[i]); }))
        return sought;
    const auto present =
        static_cast<std::size_t>(std::find(values.begin(), values.end(), sought.present.value) - values.begin());
    const auto met = [&](std::size_t i) { return goal.met_by(sought.grid[i].output); };

    if (goal.met_by(sought.present.output) && met(present)) {
        std::size_t low = present, high = present;
        while (low > 0 && met(low - 1))
            --low;
        while (high + 1 < values.size() && met(high + 1))
            ++high;
        if (low > 0)
            sought.lowest = seeker.settled_edge(values[low], values[low - 1]);
        if (high + 1 < values.size())
            sought.highest = seeker.settled_edge(values[high], values[high + 1]);
        sought.answer = sought.present;
        sought.result = SeekResult::holds_already;
    } else {
        std::optional<Tried> below, above;
        for (std::size_t i = present; i-- > 0 && !below;) {
            if (met(i))
                below = seeker.settled_edge(values[i], values[i + 1]);
        }
        for (std::size_t i = present + 1; i < values.size() && !above; ++i) {
            if (met(i))
                above = seeker.settled_edge(values[i], values[i - 1]);
        }
        if (below || above) {
            const bool take_above = above
                && (!below
                    || distance(variable, above->value, sought.present.value)
                        <= distance(variable, below->value, sought.present.value));
            sought.answer = take_above ? *above : *below;
            sought.result = SeekResult::found;
        } else {
            // What comes closest: the best output, and of the values that give it but for a thousandth the one nearest
            // to the present.
            constexpr double same = 1e-3;
            std::optional<double> closest;
            for (const Tried &tried : sought.grid) {
                if (tried.output && (!closest || (goal.at_least ? *tried.output > *closest : *tried.output < *closest)))
                    closest = tried.output;
            }
            const Tried *nearest = nullptr;
            for (const Tried &tried : sought.grid) {
                if (tried.output && std::abs(*tried.output - *closest) <= same * std::abs(*closest)
                    && (!nearest
                        || distance(variable, tried.value, sought.present.value)
                            < distance(variable, nearest->value, sought.present.value)))
                    nearest = &tried;
            }
            sought.answer = nearest ? *nearest : sought.present;
            sought.result = SeekResult::unreachable;
        }
    }
    if (running.stop.stop_requested())
        sought.result = SeekResult::stopped;
    return sought;
}

} // namespace epscope
