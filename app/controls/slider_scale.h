// SPDX-License-Identifier: GPL-3.0-or-later
// Where values stand on a slider's track, and which values drags and keys reach.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "app/controls/slider_spec.h"

namespace epscope {

class SliderScale {
public:
    // Keeps the reference.
    explicit SliderScale(const SliderSpec &spec);

    // The range becomes the soft one, widened to hold the value and the mark.
    void set(const std::optional<Quantity> &shown, const std::optional<Quantity> &mark,
        const std::optional<Quantity> &fallback);

    std::pair<double, double> range() const { return {low, high}; } // SI
    // Ascending, those within the range: the spec's or, on a relative row, by factors of the mark.
    const std::vector<Stop> &stops() const { return all_stops; }

    double fraction_of(double si) const; // 0 to 1
    double value_at(double fraction) const;

    enum class Grip { plain, fine, snap };
    // What a drag to a place of the track gives; a labelled stop or the mark within `pull` of it attracts.
    double dragged_to(double fraction, double pull, Grip grip) const;
    // From the shown value by arrow keys.
    double stepped(int steps, Grip grip) const;

private:
    const SliderSpec &row;
    std::optional<Quantity> shown, mark, centre; // centre: of a relative row
    std::vector<double> knots; // of a scale of stops, widened to hold value and mark
    std::vector<Stop> all_stops;
    double low = 0, high = 1;

    bool is_logarithmic() const;
    void find_stops();
    double rounded(double si, Grip grip) const;
    double snapped(double si) const;
};

} // namespace epscope
