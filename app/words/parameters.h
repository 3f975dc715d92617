// SPDX-License-Identifier: GPL-3.0-or-later
// The parameter table in the user's language.
#pragma once

#include <string_view>

#include "app/words/text.h"
#include "core/spec/axes.h"
#include "core/spec/parameters.h"

namespace epscope {

QString label_of(const Parameter &parameter);
QString label_of(const AxisNumber &number);
QString help_of(const Parameter &parameter);
// One of a parameter's choices as people read it.
QString choice_text(std::string_view choice);

} // namespace epscope
