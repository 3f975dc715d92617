// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCustomPlot;

namespace epscope {

// Plots with new data are drawn one per turn of the event loop, so that input gets in between; the round ends with all
// of them put on the screen at once. What is asked for during a round and not drawn yet is drawn in it, with the newest
// data.
void replot_in_turn(QCustomPlot &plot);

} // namespace epscope
