// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once


#include "app/cli/interrupt.h"
#include "core/search/search.h"

namespace epscope {

// Runs a search with a progress line on the terminal, if there is one and the search lasts, and stops it on Ctrl-C.
// Incomplete if it was stopped.
SearchOutcome search_with_progress(const Study &study, SearchOptions options, InterruptGuard &interrupt);

} // namespace epscope
