// SPDX-License-Identifier: GPL-3.0-or-later
// Sanitizers make a test several times slower: what is asked of thousands of names is then asked of a part of them.
#pragma once

#include <cstddef>

namespace epscope::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

} // namespace epscope::testing
