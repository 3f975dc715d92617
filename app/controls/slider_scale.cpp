// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/slider_scale.h"

#include <algorithm>
#include <cmath>

#include "app/words/text.h"
#include "core/spec/value_expression.h"

namespace epscope {
namespace {

constexpr double fine_factor = 0.1;
constexpr double relative_step = 0.01;

double rounded_to_digits(double number, int digits)
{
    if (number == 0)
        return 0;
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(number))) - (digits - 1));
    // Dividing by a power of ten is exact where multiplying by its inverse is not.
    return unit < 1 ? std::round(number / unit) / std::round(1 / unit) : std::round(number / unit) * unit;
}

} // namespace

SliderScale::SliderScale(const SliderSpec &spec)
    : row(spec)
{
    set({}, {}, {});
}

void SliderScale::set(const std::optional<Quantity> &shown_value, const std::optional<Quantity> &mark_value,
    const std::optional<Quantity> &fallback)
{
    shown = shown_value;
    mark = mark_value;
    centre = mark ? mark : fallback;
    if (!row.relative || (centre && centre->si() <= 0))
        centre.reset();
    low = row.parameter.soft_min;
    high = row.parameter.soft_max;
    if (centre) {
        low = std::max(row.parameter.min, 0.5 * centre->si());
        high = std::min(row.parameter.max, 2 * centre->si());
    } else if (row.scale == SliderSpec::Scale::stops) {
        low = row.stops.front().si;
        high = row.stops.back().si;
    }
    for (const std::optional<Quantity> &held : {shown, mark}) {
        if (held) {
            low = std::min(low, held->si());
            high = std::max(high, held->si());
        }
    }
    knots.clear();
    if (row.scale == SliderSpec::Scale::stops) {
        if (low < row.stops.front().si)
            knots.push_back(low);
        for (const Stop &stop : row.stops)
            knots.push_back(stop.si);
        if (high > row.stops.back().si)
            knots.push_back(high);
    }
    find_stops();
}

void SliderScale::find_stops()
{
    all_stops = row.stops;
    if (!row.relative)
        return;
    all_stops.clear();
    if (!centre) {
        for (const double si : {low, high})
            all_stops.push_back({si, to_text(control_text(si, row.parameter.dimension))});
        return;
    }
    for (const double factor : {0.5, 0.75, 1.0, 1.25, 1.5, 2.0}) {
        const double si = factor * centre->si();
        if (si >= low && si <= high)
            all_stops.push_back({si, u'×' + QString::number(factor)});
    }
}

bool SliderScale::is_logarithmic() const
{
    return row.scale == SliderSpec::Scale::logarithmic && low > 0;
}

double SliderScale::fraction_of(double si) const
{
    if (!(high > low))
        return 0;
    if (!knots.empty()) {
        const auto above = std::upper_bound(knots.begin(), knots.end(), si);
        if (above == knots.begin())
            return 0;
        if (above == knots.end())
            return 1;
        const double from = *(above - 1), to = *above;
        const double part = from > 0 ? std::log(si / from) / std::log(to / from) : (si - from) / (to - from);
        return (static_cast<double>(above - knots.begin() - 1) + part) / static_cast<double>(knots.size() - 1);
    }
    const double part =
        is_logarithmic() ? std::log(std::max(si, low) / low) / std::log(high / low) : (si - low) / (high - low);
    return std::clamp(part, 0.0, 1.0);
}

double SliderScale::value_at(double fraction) const
{
    fraction = std::clamp(fraction, 0.0, 1.0);
    if (!knots.empty()) {
        const double place = fraction * static_cast<double>(knots.size() - 1);
        const auto i = std::min(static_cast<std::size_t>(place), knots.size() - 2);
        const double part = place - static_cast<double>(i), from = knots[i], to = knots[i + 1];
        return from > 0 ? from * std::pow(to / from, part) : from + part * (to - from);
    }
    return is_logarithmic() ? low * std::pow(high / low, fraction) : low + fraction * (high - low);
}

double SliderScale::rounded(double si, Grip grip) const
{
    const double finer = grip == Grip::fine ? fine_factor : 1;
    if (row.only_stops) {
        const auto nearer = [&](const Stop &a, const Stop &b) {
            return std::abs(fraction_of(a.si) - fraction_of(si)) < std::abs(fraction_of(b.si) - fraction_of(si));
        };
        return std::min_element(row.stops.begin(), row.stops.end(), nearer)->si;
    }
    if (row.whole) {
        const double multiple = grip == Grip::fine || row.round_to <= 0 ? 1 : row.round_to;
        return std::max(row.parameter.min, std::round(si / multiple) * multiple);
    }
    if (row.round_to > 0) {
        const double per_unit = std::round(1 / (row.round_to * finer));
        return std::round(si * per_unit) / per_unit;
    }
    constexpr int digits = 3;
    const double unit = shown ? shown->unit->factor : 1;
    return rounded_to_digits(si / unit, grip == Grip::fine ? digits + 1 : digits) * unit;
}

double SliderScale::snapped(double si) const
{
    if (row.snap > 0)
        return std::max(row.snap, std::round(si / row.snap) * row.snap);
    std::vector<double> points;
    for (const Stop &stop : all_stops) {
        if (!stop.label.isEmpty())
            points.push_back(stop.si);
    }
    if (points.empty())
        return rounded(si, Grip::plain);
    return *std::min_element(points.begin(), points.end(), [&](double a, double b) {
        return std::abs(fraction_of(a) - fraction_of(si)) < std::abs(fraction_of(b) - fraction_of(si));
    });
}

double SliderScale::dragged_to(double fraction, double pull, Grip grip) const
{
    const double si = value_at(fraction);
    if (grip == Grip::snap)
        return snapped(si);
    double target = rounded(si, grip);
    const auto attract = [&](double stop) {
        if (std::abs(fraction_of(stop) - std::clamp(fraction, 0.0, 1.0)) <= pull)
            target = stop;
    };
    if (grip == Grip::plain && !row.only_stops) {
        for (const Stop &stop : all_stops) {
            if (!stop.label.isEmpty())
                attract(stop.si);
        }
        if (mark)
            attract(mark->si());
    }
    return target;
}

double SliderScale::stepped(int steps, Grip grip) const
{
    const double now = shown ? shown->si() : low;
    const double direction = steps > 0 ? 1 : -1;
    const bool fine = grip == Grip::fine;
    if (grip == Grip::snap && row.snap > 0)
        return std::max(
            row.snap, (direction > 0 ? std::floor(now / row.snap) + 1 : std::ceil(now / row.snap) - 1) * row.snap);
    if (fine && row.whole && !row.only_stops)
        return now + steps;
    if (row.scale == SliderSpec::Scale::linear) {
        const double step = row.step * (fine && !row.whole ? fine_factor : 1);
        return std::round((now + steps * step) / step) * step;
    }
    if (row.scale == SliderSpec::Scale::stops) {
        double next = now;
        for (int i = 0; i < std::abs(steps); ++i) {
            const auto above = std::upper_bound(knots.begin(), knots.end(), next);
            const auto below = std::lower_bound(knots.begin(), knots.end(), next);
            if (direction > 0 ? above == knots.end() : below == knots.begin())
                break;
            next = direction > 0 ? *above : *(below - 1);
        }
        return next;
    }
    const std::optional<Quantity> base = mark ? mark : shown;
    const double whole_step = base && base->si() > 0 ? relative_step * base->si() : relative_step * (high - low);
    const double step = whole_step * (fine ? fine_factor : 1);
    const double next = now + steps * (row.whole ? std::max(1.0, std::round(step)) : step);
    return row.whole ? std::round(next) : rounded(next, Grip::fine);
}

} // namespace epscope
