// SPDX-License-Identifier: GPL-3.0-or-later
// Baselines, the same in every chart: entries of the legend, changes in words and colours, the arrow from then to now.
#pragma once

#include "app/charts/scene.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "core/analysis/outcome.h"

namespace epscope {

// A line of its dash with an open marker.
LegendEntry baseline_line(const Baseline &baseline, const Theme &theme);
// The outline of its bars.
LegendEntry baseline_bar(const Baseline &baseline, const Theme &theme);

// Muted below the threshold, else for the better or the worse.
QColor change_colour(const ValueChange &change, double threshold, Better better, const Theme &theme);
// "▲ +18 % against 3703 tok/s in Explore".
QString against_text(const ValueChange &change, const QString &before, const QString &baseline);

// From where something was to where it is; markers of these radii at both ends stay free.
struct ChangeArrow {
    QPointF from, to; // px
    double from_radius = 0, to_radius = 0;

    bool is_long() const; // enough to be seen
};
void add_arrow(Marks &marks, const ChangeArrow &arrow, const QColor &colour);
// Where a text of this size stands next to an arrow's middle, the first place of those that are free; empty if there is
// none.
QRectF place_beside(const ChangeArrow &arrow, const QSizeF &size, const std::function<bool(const QRectF &)> &is_free);
// A change in bold on a ground that lets little through.
void add_change(Marks &marks, const QRectF &box, const QString &text, const QFont &font, const QColor &colour,
    const QColor &ground);

} // namespace epscope
