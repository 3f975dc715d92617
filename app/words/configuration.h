// SPDX-License-Identifier: GPL-3.0-or-later
// A configuration in words: the one place that says how each axis of the search is written. core/spec/axes has the word
// before its value.
#pragma once

#include <initializer_list>

#include <QString>

#include "core/search/search.h"

namespace epscope {

// What a configuration has of an axis: "EP 72", "batch 96", "dual-mbatch", "KV 1 B".
QString text_of(const AxisColumn &column, const Point &point);
// Of several axes, in the order asked for: "EP 72, batch 96, draft 1".
QString axis_words(const Point &point, std::initializer_list<AxisId> axes);
// All of them.
QString point_text(const Point &point);

// "H800 with EP 72 and batch 96".
QString chip_with_point_text(const QString &chip, const Point &point);
// On three lines: chip and NIC; EP, batch and pipeline; the rest.
QString configuration_text(const Study &study, const Candidate &candidate);
QString configuration_line(const Study &study, const Candidate &candidate); // on one
// "H800, EP 72 × 96, dual-mbatch", for headings; "72×96".
QString brief_configuration_text(const Study &study, const Candidate &candidate);
QString short_configuration_text(const Point &point);

} // namespace epscope
