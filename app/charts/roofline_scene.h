// SPDX-License-Identifier: GPL-3.0-or-later
// The operators of the leading configuration under the roofs of its chip: FLOP/s over FLOP per byte, and next to it
// what is sent under the bandwidths of its links. Roofs can be dragged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/charts/scene.h"

namespace epscope {

enum class RoofKind : std::uint8_t { bf16, eight_bit, four_bit, memory, scale_up, nic };

struct Roof {
    RoofKind kind{};
    QString name; // "FP8"
    std::string key; // as set_parameter() takes it
    double value = 0; // FLOP/s or B/s, as the formulas read it
    double reachable = 0; // what the profile's efficiency leaves of it; `value` where that is another for each operator
    double drawn = 0; // `value`, or where it is dragged to

    bool is_rate() const { return kind <= RoofKind::four_bit; }
    bool is_link() const { return kind >= RoofKind::scale_up; }
};

// One run of an operator; of several blocks that have it, in the first.
struct RooflinePoint {
    OpId id{};
    BlockKind block{};
    std::size_t layer = 0; // index into the model's layers
    double intensity = 0; // FLOP/B; 0 where nothing is computed, so that it has no place under the roofs of the chip
    RoofKind under{}; // the roof of its kind: a rate, or a link
    double achieved = 0; // FLOP/s or B/s over its whole time
    double attainable = 0; // without overheads and what does not overlap: what the efficiencies leave
    double roof = 0; // of the chip at this intensity, or of the link

    bool computes() const { return intensity > 0; }
};

struct RooflineData {
    std::vector<Roof> roofs;
    std::vector<RooflinePoint> points; // that compute
    std::vector<RooflinePoint> moves; // memory traffic alone
    std::vector<RooflinePoint> transfers; // over links, one for each that an operator uses
    bool feasible = false;

    const Roof *find(RoofKind kind) const;
    // The same run, over the same link.
    const RooflinePoint *find(const RooflinePoint &point) const;
    // That have a place: all but the moves.
    std::vector<RooflinePoint> placed() const;
};
RooflineData roofline_data(const Scenario &scenario, const Estimate &estimate);

Scene roofline_scene(const SceneInput &input);

} // namespace epscope
