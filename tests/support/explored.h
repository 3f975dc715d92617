// SPDX-License-Identifier: GPL-3.0-or-later
// Results as the explorer shows them.
#pragma once

#include "core/explore/explored.h"
#include "tests/support/studies.h"

namespace epscope::testing {

// Of the published study with these settings.
inline std::shared_ptr<const Explored> explored_with(
    const Settings &settings = {}, const std::optional<Selection> &selection = std::nullopt)
{
    return explore({with(published_study(), settings), selection});
}

} // namespace epscope::testing
