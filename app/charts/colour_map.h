// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace epscope {

// Viridis, from dark blue at 0 to yellow at 1: even steps look even, with every kind of colour blindness and in grey.
// By S. van der Walt and N. Smith for matplotlib, CC0.
QColor viridis(double part);
// For differences, from -1 over nothing at 0 to 1.
QColor diverging(double part, const QColor &below, const QColor &nothing, const QColor &above);

} // namespace epscope
