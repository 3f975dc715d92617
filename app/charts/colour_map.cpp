// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/colour_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/charts/marks.h"

namespace epscope {

QColor viridis(double part)
{
    constexpr std::array<QRgb, 11> stops{0xff440154, 0xff482475, 0xff414487, 0xff355f8d, 0xff2a788e, 0xff21918c,
        0xff22a884, 0xff44bf70, 0xff7ad151, 0xffbddf26, 0xfffde725};
    const double place = std::clamp(part, 0.0, 1.0) * (stops.size() - 1);
    const std::size_t below = std::min(static_cast<std::size_t>(place), stops.size() - 2);
    return mixed(QColor(stops[below]), QColor(stops[below + 1]), place - static_cast<double>(below));
}

QColor diverging(double part, const QColor &below, const QColor &nothing, const QColor &above)
{
    return mixed(nothing, part < 0 ? below : above, std::min(1.0, std::abs(part)));
}

} // namespace epscope
