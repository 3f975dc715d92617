// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for what must not happen, and for time itself. Whatever else a test waits for it waits for by name, with
// settle(), QTRY_VERIFY, QTRY_COMPARE or a signal.
#pragma once

#include <functional>

#include <QTest>

namespace epscope::testing {

// For what must not happen: whether it holds all the time, and so long.
inline bool holds_for(int ms, const std::function<bool()> &holds)
{
    return !QTest::qWaitFor([&] { return !holds(); }, ms) && holds();
}

// For what depends on time alone: how old something is, or how fast something follows.
inline void let_pass(int ms)
{
    QTest::qWait(ms);
}

} // namespace epscope::testing
