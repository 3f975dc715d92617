// SPDX-License-Identifier: GPL-3.0-or-later
// Lets QCOMPARE show the texts it compares.
#pragma once

#include <string>

#include <QTest>

namespace QTest {

template <>
inline char *toString(const std::string &text)
{
    return qstrdup(('"' + text + '"').c_str());
}

} // namespace QTest
