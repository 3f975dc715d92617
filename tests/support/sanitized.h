// SPDX-License-Identifier: GPL-3.0-or-later
// Sanitizers make a test several times slower: what is asked of thousands of names is then asked of a part of them.
#pragma once

namespace epscope::testing {

#if defined(__has_feature) // by which Clang says it
inline constexpr bool thread_sanitized = __has_feature(thread_sanitizer);
inline constexpr bool sanitized = thread_sanitized || __has_feature(address_sanitizer);
#elif defined(__SANITIZE_THREAD__)
inline constexpr bool thread_sanitized = true, sanitized = true;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr bool thread_sanitized = false, sanitized = true;
#else
inline constexpr bool thread_sanitized = false, sanitized = false;
#endif

} // namespace epscope::testing
