// SPDX-License-Identifier: GPL-3.0-or-later
// What the breakdown and the timeline share: operators as blocks, their texts and their legend.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QColor>
#include <QRectF>
#include <QString>
#include <QStringList>

#include "app/charts/scene.h"
#include "app/look/theme.h"
#include "core/estimate/estimate.h"

namespace epscope {

// That a chart's axis and all of its labels have.
enum class TimeUnit : std::uint8_t { us, ms };
// "1507 µs": three digits at least, never another prefix.
QString time_text(double seconds, TimeUnit unit);
QString part_text(double part); // "28.4 %"
QString label_text(OpId id);
QString bound_text(Bound bound);
// "infeasible: memory", empty if it serves.
QString infeasible_text(const Estimate &estimate);
// What one run of an operator is made of: times, what binds, work, efficiency and where that is from.
QStringList operator_texts(const Scenario &scenario, const OperatorEstimate &op);
// Name and meaning, for the legend.
QString operator_hover(OpId id);
// The ground of an operator's block: faint when another one is lit, pale and hatched if the configuration cannot serve,
// framed if it is lit. Returns its colour.
QColor add_block(Marks &marks, const QRectF &area, OpId id, const Theme &theme, std::optional<OpId> lit, bool feasible);
// Name and value centred in the area as far as they fit, upright or, if allowed, turned.
void add_block_label(Marks &marks, const QRectF &area, const QString &name, const QString &value, const QFont &font,
    const QColor &fill, bool may_turn);
// The strip that says what binds: solid for compute, two lines for memory, dashes for network.
void add_bound(Marks &marks, const QRectF &area, Bound bound, const QColor &colour);

// All operators that a chart shows by stages with a heading each and, for where that takes too much room, the stages
// alone; `more` follows both.
std::vector<LegendEntries> operator_legend(
    const std::function<bool(OpId)> &shows, const Theme &theme, const LegendEntries &more);
inline constexpr double operator_sample_width = 0.9; // of the font's height

// Which of a step's kinds of layers a chart of one layer shows, by its place among them; its control is there only
// where there are several.
ChartOption layer_option(const QString &key);
std::size_t layer_of(const QString &value);
// Of such a layer among the blocks of an estimate that has some; the first where there are not so many.
std::size_t place_of_layer(const Estimate &estimate, std::size_t layer);

} // namespace epscope
