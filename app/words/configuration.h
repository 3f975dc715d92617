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
// Of several axes, of those that have to be told, in the order asked for: "EP 72, batch 96, draft 1". `space`: that the
// configuration was found in; null if it is alone.
QString axis_words(const Point &point, std::initializer_list<AxisId> axes, const SearchSpace *space);
// All of them.
QString point_text(const Point &point, const SearchSpace *space);

// "H800 with TP 8, EP 72 and batch 96 (12 per card)".
QString chip_with_point_text(const QString &chip, const Point &point, const SearchSpace *space);
// "5189", "5189 (648.6 per card)" where the cards of a group share their attention.
QString batch_text(const Point &point, std::int64_t batch);
// On three lines: chip and NIC; parallelism, batch and pipeline; the rest.
QString configuration_text(const Study &study, const Candidate &candidate);
QString configuration_line(const Study &study, const Candidate &candidate); // on one
// "H800, TP 8, EP 72 × 96, dual-mbatch", for headings; "TP 8, EP 72 × 96", without the word "TP 8, 72 × 96";
// "TP 8, 72×96", for tags.
QString brief_configuration_text(const Study &study, const Candidate &candidate);
QString ep_times_batch_text(const Point &point, const SearchSpace *space, bool with_word = true);
QString short_configuration_text(const Point &point, const SearchSpace *space);

} // namespace epscope
