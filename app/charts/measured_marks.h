// SPDX-License-Identifier: GPL-3.0-or-later
// Measured points, the same in every chart: a hollow diamond in its chip's colour.
#pragma once

#include "app/charts/scene.h"

namespace epscope {

inline constexpr double measured_size = 11; // px, of the diamond

Marks measured_shape(const QColor &colour, const QColor &surface); // around (0, 0)
LegendEntry measured_legend(std::size_t count, const QColor &colour, const QColor &surface);
// What was measured, under which conditions, how far off the estimate is, the source.
QString measured_text(const Explored &explored, const MeasuredPoint &point);
// "+4.1 %", with a true minus.
QString signed_percent(double part);

} // namespace epscope
