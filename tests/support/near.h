// SPDX-License-Identifier: GPL-3.0-or-later
// Comparison of computed numbers; QCOMPARE of doubles is fuzzy and so neither exact nor of a known tolerance.
#pragma once

#include <QTest>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

namespace epscope::testing {

// Also false where one of the two is not a number.
inline bool is_near(double actual, double expected, double relative)
{
    return std::abs(actual - expected) <= relative * std::abs(expected);
}

// Tells zeros of different signs apart.
inline bool same_bits(double a, double b)
{
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline QByteArray both(double actual, double expected)
{
    return "is " + QByteArray::number(actual, 'g', 17) + ", expected " + QByteArray::number(expected, 'g', 17);
}

inline QByteArray both(const std::string &what, double actual, double expected)
{
    return QByteArray::fromStdString(what) + ' ' + both(actual, expected);
}

} // namespace epscope::testing

#define VERIFY_NEAR(actual, expected, relative)                                                                        \
    QVERIFY2(epscope::testing::is_near((actual), (expected), (relative)),                                              \
        epscope::testing::both(#actual, (actual), (expected)).constData())
#define VERIFY_SAME(actual, expected)                                                                                  \
    QVERIFY2((actual) == (expected), epscope::testing::both(#actual, (actual), (expected)).constData())
