// SPDX-License-Identifier: GPL-3.0-or-later
// Estimated over measured time per token, a point for every measured run that the profile can be judged by.
#pragma once

#include "app/charts/scene.h"

namespace epscope {

inline constexpr double validation_band = 0.1; // errors beyond it are misses

struct ValidationPoint {
    std::size_t row = 0; // of Inputs::measured
    std::size_t mark = 0; // of its chip, for the colour
    std::size_t shape = 0; // of its engine
    double measured_s = 0, estimated_s = 0; // per token
    double error = 0; // estimated over measured, less 1
    bool miss = false;
    QString label; // "EP×batch" and the error
    std::optional<double> before_s; // estimated in the baseline, where that has another estimate
};

struct ValidationData {
    struct Group {
        QString name;
        std::size_t mark = 0;
        std::size_t runs = 0;
        double mean_absolute = 0, bias = 0, worst = 0;
        std::optional<double> mean_absolute_before; // in the baseline
    };
    std::vector<ValidationPoint> points; // in the order of the cases
    std::vector<Group> chips; // by name
    Group all;
    QStringList engines; // by name; the index is the shape
    std::size_t misses = 0;
    bool compared = false; // something is estimated otherwise than in the baseline
    double least_s = 0, most_s = 0; // of both times
};
// `baseline`: to compare with; may be null.
ValidationData validation_data(const Explored &explored, const Baseline *baseline = nullptr);

Scene validation_scene(const SceneInput &input);

} // namespace epscope
