// SPDX-License-Identifier: GPL-3.0-or-later
// What a fix is called where it is offered.
#pragma once

#include <QString>

#include "core/explore/fixes.h"

namespace epscope {

// "Lower the target to 18.3 tok/s".
QString fix_text(const Fix &fix);

} // namespace epscope
