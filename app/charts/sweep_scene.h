// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens/s per user, throughput per card and step time over the batch size, everything else as in the shown
// configuration.
#pragma once

#include <array>

#include "app/charts/scene.h"

namespace epscope {

enum class SweepPanel : std::uint8_t { ux, throughput, step };
inline constexpr std::size_t sweep_panel_count = 3;

// A measured run at conditions near those shown.
struct MeasuredSweepPoint {
    MeasuredPoint measured;
    double batch = 0; // a mean
    double step_s = 0;
};

struct SweepData {
    Candidate shown;
    SweepPoint marked; // the shown configuration's
    std::size_t mark = 0; // what the chip is drawn with
    QString chip;
    QString configuration; // all but the batch
    std::vector<SweepPoint> points; // by ascending batch
    std::int64_t max_batch = 0; // the largest that fits in memory
    double target_tps = 0;
    std::vector<MeasuredSweepPoint> measured;
};
SweepData sweep_data(const Explored &explored);
// Of a point, in the panel's unit: tok/s, tok/s, ms.
double value_of(const SweepPoint &point, SweepPanel panel);
double value_of(const MeasuredSweepPoint &point, SweepPanel panel);

Scene sweep_scene(const SceneInput &input);
std::vector<ChartOption> sweep_options();

} // namespace epscope
