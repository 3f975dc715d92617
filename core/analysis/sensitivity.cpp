// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/sensitivity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace epscope {
namespace {

// A bar is sampled in parts of its percentage, beyond its end too: what is flat only as far as the end may be a step
// between two batch sizes.
constexpr std::array parts{0.25, 0.5, 0.75, 1.0, 1.5, 2.0};
constexpr std::size_t end_part = 3;
constexpr std::size_t marginal_place = 2 * parts.size(); // behind the samples of both directions
constexpr std::size_t places = marginal_place + 1;

// Flat: the output changes by less than this, while the variable moves by some percent.
constexpr double flat = 1e-3;

struct Sample {
    double value = 0;
    Outcome outcome;
    std::optional<double> output;
};

double factor_at(std::size_t place, double percent)
{
    if (place == marginal_place)
        return 1.01;
    const double part = percent / 100 * parts[place % parts.size()];
    return place < parts.size() ? 1 - std::min(part, 0.99) : 1 + part;
}

// From the present outwards: present, then the samples of one direction. The first value from which the output stays as
// it is at the last.
std::optional<Saturation> saturation_of(const Sample &present, std::span<const Sample> samples, double base)
{
    const Sample &last = samples.back();
    if (!last.output)
        return std::nullopt;
    std::optional<std::size_t> from; // 0: the present
    for (std::size_t i = samples.size() + 1; i-- > 0;) {
        const Sample &sample = i == 0 ? present : samples[i - 1];
        if (!sample.output || std::abs(*sample.output - *last.output) > flat * std::abs(base))
            break;
        from = i;
    }
    if (!from || *from > end_part + 1 || last.value == (*from == 0 ? present : samples[*from - 1]).value)
        return std::nullopt;
    const Sample &sample = *from == 0 ? present : samples[*from - 1];
    return Saturation{sample.value, *sample.outcome.best};
}

BarEnd end_of(const Sample &sample)
{
    return {sample.value, sample.outcome, sample.output, std::nullopt};
}

} // namespace

double Bar::swing(double base) const
{
    if (!low.output || !high.output)
        return std::numeric_limits<double>::infinity();
    return std::max(std::abs(*low.output - base), std::abs(*high.output - base));
}

const Bar *Sensitivity::find(const std::string &key) const
{
    const auto found = std::find_if(bars.begin(), bars.end(), [&](const Bar &bar) { return bar.variable.key == key; });
    return found == bars.end() ? nullptr : &*found;
}

Sensitivity sensitivity_of(const Study &study, const Metric &metric, const std::vector<Variable> &variables,
    double percent, const Running &running)
{
    Sensitivity result;
    result.base = outcome_of(study, running.stop);
    result.base_output = number_of(metric, result.base);
    if (!result.base_output) {
        result.complete = !running.stop.stop_requested();
        return result;
    }
    const double base = *result.base_output;

    std::vector<Sample> samples(variables.size() * places);
    const auto take = [&](std::size_t i) {
        const Variable &variable = variables[i / places];
        Sample &sample = samples[i];
        sample.value = variable.allowed(*variable.stated * factor_at(i % places, percent));
        if (sample.value == *variable.stated) {
            sample.outcome = result.base;
        } else {
            Study changed = study;
            if (!set_variable(changed, variable, sample.value))
                sample.outcome = outcome_of(changed, running.stop);
        }
        sample.output = number_of(metric, sample.outcome);
    };
    result.complete = run_parallel(samples.size(), running, take);
    if (!result.complete)
        return result;

    for (std::size_t i = 0; i < variables.size(); ++i) {
        const Variable &variable = variables[i];
        const std::span<const Sample> own = std::span(samples).subspan(i * places, places);
        const std::span<const Sample> down = own.first(parts.size()), up = own.subspan(parts.size(), parts.size());
        Bar bar{variable, end_of(down[end_part]), end_of(up[end_part]), std::nullopt};
        if (bar.low.value == bar.high.value)
            continue; // a whole number too small to move
        const Sample present{*variable.stated, result.base, base};
        if (bar.swing(base) > flat * std::abs(base)) { // else it has no effect at all
            bar.low.saturation = saturation_of(present, down, base);
            bar.high.saturation = saturation_of(present, up, base);
        }
        const Sample &more = own[marginal_place];
        if (more.output && more.value != *variable.stated && base != 0)
            bar.marginal = (*more.output / base - 1) / (more.value / *variable.stated - 1);
        result.bars.push_back(std::move(bar));
    }
    std::stable_sort(result.bars.begin(), result.bars.end(),
        [&](const Bar &a, const Bar &b) { return a.swing(base) > b.swing(base); });
    return result;
}

} // namespace epscope
