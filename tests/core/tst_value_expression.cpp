// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/spec/value_expression.h"
#include "tests/support/suite.h"

using namespace epscope;

namespace {

Quantity typed_quantity(const QString &text, const Parameter &parameter)
{
    return std::get<Quantity>(parse_quantity(text.toStdString(), parameter.dimension, BareNumbers::allowed));
}

QString evaluated(const QString &key, const QString &current, const QString &typed)
{
    const Parameter &parameter = *find_parameter(key.toStdString());
    const auto result = evaluate_expression(typed.toStdString(), parameter, typed_quantity(current, parameter));
    if (const auto *wrong = std::get_if<std::string>(&result))
        return u"error: "_qs + QString::fromStdString(*wrong);
    return QString::fromStdString(exact_text(std::get<Quantity>(result)));
}

} // namespace

class ValueExpressionTest : public QObject {
    Q_OBJECT

private slots:
    void values_data();
    void values();
    void errors_data();
    void errors();
    void shown_ends_data();
    void shown_ends();
    void shown_values_data();
    void shown_values();
};

void ValueExpressionTest::values_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("current");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *key, const char *current, const char *typed, const char *expected) {
        QTest::addRow("%s: %s", key, typed) << QString::fromUtf8(key) << QString::fromUtf8(current)
                                            << QString::fromUtf8(typed) << QString::fromUtf8(expected);
    };
    const char *bandwidth = "chip.memory_bandwidth", *memory = "chip.memory", *rate = "chip.bf16";
    // Units: as typed, as a prefix alone, in other spellings, or the current value's.
    row(bandwidth, "3.3 TiB/s", "3.35 TB/s", "3.35 TB/s");
    row(bandwidth, "3.3 TiB/s", "3.35T", "3.35 TB/s");
    row(bandwidth, "3.3 TiB/s", "3.35Ti", "3.35 TiB/s");
    row(bandwidth, "3.3 TiB/s", "3.5", "3.5 TiB/s");
    row(bandwidth, "3.3 TB/s", "819 gb/s+0 B/s", "error: 'gb/s' may be bits or bytes; write 'Gbit/s' or 'GB/s'");
    row(bandwidth, "3.3 TB/s", "819GBps", "819 GB/s");
    row("nic.bandwidth", "40 GiB/s", "400Gbps", "400 Gbit/s");
    row("nic.bandwidth", "40 GiB/s", "400 Gb/s", "400 Gbit/s");
    row(memory, "80 GB", "96", "96 GB");
    row(memory, "80 GB", "80gib", "80 GiB");
    row(rate, "989 TFLOP/s", "1.2 PFLOPS", "1.2 PFLOP/s");
    row(rate, "989 TFLOP/s", "2P", "2 PFLOP/s");
    row("chip.clock", "1.83 GHz", "1980 mhz", "1980 MHz");
    // As data sheets and web pages have them.
    row(rate, "989 TFLOP/s", "1,979 TFLOPS", "1979 TFLOP/s");
    row(rate, "989 TFLOP/s", "2*1,979\u00a0TFLOPS", "3958 TFLOP/s");
    row(rate, "989 TFLOP/s", "750 TOPS", "750 TFLOP/s");
    row(bandwidth, "3.3 TB/s", "4.8\u202fTB/sec", "4.8 TB/s");
    row(memory, "80 GB", "\uff11\uff14\uff11\u3000GB", "141 GB");
    row("nic.bandwidth", "40 GiB/s", "1.6Tbps", "1.6 Tbit/s");
    row("context", "5120", "131,072", "131072");
    row("context", "5120", "128K", "131072");
    row("chip.all_reduce_latency", "0.5 us", "400n", "400 ns");
    row("chip.all_reduce_latency", "0.5 us", "0.4 \u00b5s", "0.4 us");
    // Arithmetic.
    row(bandwidth, "3.3 TB/s", "2*819 GB/s", "1638 GB/s");
    row(bandwidth, "3.3 TB/s", "2 x 819 GB/s", "1638 GB/s");
    row(bandwidth, "3.3 TB/s", "2\u00d7819 GB/s", "1638 GB/s");
    row(bandwidth, "3.3 TB/s", "(2+1.35) TB/s", "3.35 TB/s");
    row(bandwidth, "3.3 TB/s", "2*(1+3) TB/s/2", "4 TB/s");
    row(bandwidth, "3.3 TB/s", "8 TB/s - 2*819 GB/s", "6.362 TB/s");
    row(bandwidth, "3.3 TB/s", "6.4 TB/s / 2", "3.2 TB/s");
    row(bandwidth, "3.3 TB/s", "3.3 TB/s * (8 TB/s / 4 TB/s)", "6.6 TB/s");
    row(bandwidth, "3.3 TB/s", "5*-(-1)", "5 TB/s");
    row("acceptance", "0.85", "260/312", "0.833333333333333");
    row("context", "5120", "4989", "4989");
    row("ep", "144", "2*72", "144");
    // Changes of the current value.
    row(bandwidth, "3.3 TiB/s", "1.5x", "4.95 TiB/s");
    row(bandwidth, "3.3 TiB/s", "*1.2", "3.96 TiB/s");
    row(bandwidth, "3.3 TiB/s", "x2", "6.6 TiB/s");
    row(bandwidth, "3.3 TiB/s", "/2", "1.65 TiB/s");
    row(bandwidth, "3.3 TiB/s", "+10%", "3.63 TiB/s");
    row(bandwidth, "3.3 TiB/s", "-10 %", "2.97 TiB/s");
    row(bandwidth, "3 TB/s", "\u221210%", "2.7 TB/s");
    row(bandwidth, "3 TB/s", "50%", "1.5 TB/s");
    row(bandwidth, "3 TB/s", "+500 GB/s", "3500 GB/s");
    row(bandwidth, "3 TB/s", "2 TB/s + 10%", "2.2 TB/s");
    row("batch", "96", "+32", "128");
    row("batch", "96", "*2+8", "200");
    // Fractions.
    row("acceptance", "0.85", "90%", "0.9");
    row("acceptance", "0.8", "+10%", "0.88");
    // k is 1000, but 1024 where contexts are counted; Ki is 1024 everywhere.
    row("context", "5120", "64k", "65536");
    row("context", "5120", "64K", "65536");
    row("context", "5120", "64Ki", "65536");
    row("context", "5120", "1M", "1048576");
    row("context", "5120", "2*4k", "8192");
    row("batch", "96", "64k", "64000");
    row("batch", "96", "64Ki", "65536");
}

void ValueExpressionTest::values()
{
    QFETCH(QString, key);
    QFETCH(QString, current);
    QFETCH(QString, typed);
    QFETCH(QString, expected);
    const QString result = evaluated(key, current, typed);
    if (expected.startsWith(u"error"))
        QVERIFY2(result.startsWith(expected), qPrintable(result));
    else
        QCOMPARE(result, expected);
}

void ValueExpressionTest::errors_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("part"); // of the sentence
    const auto row = [](const char *key, const char *typed, const char *part) {
        QTest::addRow("%s: %s", key, typed)
            << QString::fromUtf8(key) << QString::fromUtf8(typed) << QString::fromUtf8(part);
    };
    const char *bandwidth = "chip.memory_bandwidth";
    row(bandwidth, "", "a value is missing");
    row(bandwidth, "3 TB", "'TB' is the unit of a size in bytes");
    row(bandwidth, "3 foo", "unknown unit 'foo'");
    row(bandwidth, "3 +", "ends where a number is expected");
    row(bandwidth, "(3", "lacks a closing parenthesis");
    row(bandwidth, "3)", "')' is not understood");
    row(bandwidth, "3 TB/s 4", "'4' is not understood");
    row(bandwidth, "hello", "a number is expected at 'hello'");
    row(bandwidth, "3,5 TB/s", "decimals are written with a point");
    row(bandwidth, "3/0", "divides by zero");
    row(bandwidth, "2 GB/s * 3 GB/s", "cannot be multiplied");
    row(bandwidth, "2 / 3 GB/s", "cannot be divided");
    row(bandwidth, "3 + 2 TB/s", "has no unit");
    row(bandwidth, "(3 TB/s) TB/s", "two units");
    row(bandwidth, "10000000 EB/s", "'10000000 EB/s' is out of range; allowed is 1 B/s to 1000000 EB/s");
    row(bandwidth, "100000*100 EB/s", "'100000*100 EB/s', which is 10000000 EB/s, is out of range");
    row(bandwidth, "-1x", "is out of range");
    row(bandwidth, "1e999 B/s", "out of the range of numbers");
    row("acceptance", "2", "out of range; allowed is 0 to 1");
    row("context", "2000000M", "out of range");
    row("nic.bandwidth", "400G", "'G' may be bits or bytes; write 'Gbit/s' or 'GB/s'");
    row("nic.bandwidth", "400 GBPS", "'GBPS' may be bits or bytes; write 'Gbit/s' or 'GB/s'");
    row(bandwidth, "4,8TB/s", "did you mean '4.8TB/s'?");
    row("acceptance", "0,85", "did you mean '0.85'?");
    row("chip.clock", "nan", "a number is expected");
    row(bandwidth, "((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))",
        "nested too deeply");
    QTest::newRow("long") << QString::fromUtf8(bandwidth) << QString(300, u'1') << u"longer than"_qs;
}

void ValueExpressionTest::errors()
{
    QFETCH(QString, key);
    QFETCH(QString, typed);
    QFETCH(QString, part);
    const QString current = key == u"acceptance" ? u"0.85"_qs
        : key == u"context"                      ? u"5120"_qs
        : key == u"chip.clock"                   ? u"1 GHz"_qs
        : key == u"nic.bandwidth"                ? u"40 GiB/s"_qs
                                                 : u"3 TB/s"_qs;
    const QString result = evaluated(key, current, typed);
    QVERIFY2(result.startsWith(u"error: ") && result.contains(part), qPrintable(result));
}

void ValueExpressionTest::shown_values_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char *key, const char *value, const char *shown) {
        QTest::newRow(value) << QString::fromUtf8(key) << QString::fromUtf8(value) << QString::fromUtf8(shown);
    };
    row("chip.memory_bandwidth", "3.3 TiB/s", "3.3 TiB/s");
    row("chip.bf16", "989.5 TiFLOP/s", "989.5 TiFLOP/s");
    row("chip.memory_bandwidth", "3.33333333 TB/s", "3.33 TB/s");
    row("chip.memory_bandwidth", "3350000000000 B/s", "3.35 TB/s");
    row("context", "100000", "100000");
    row("context", "1048576", "1048576");
    row("acceptance", "0.85", "0.85");
    row("acceptance", "0.833333333333333", "0.833");
    row("expert_elem_size", "0.5625 B", "0.5625 B");
}

void ValueExpressionTest::shown_values()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, shown);
    QCOMPARE(QString::fromStdString(control_text(typed_quantity(value, *find_parameter(key.toStdString())))), shown);
}

void ValueExpressionTest::shown_ends_data()
{
    QTest::addColumn<double>("si");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<QString>("text");
    QTest::newRow("binary size") << 65536.0 << Dimension::bytes << u"64 KiB"_qs;
    QTest::newRow("binary million") << 1048576.0 << Dimension::bytes << u"1 MiB"_qs;
    QTest::newRow("decimal size") << 16e9 << Dimension::bytes << u"16 GB"_qs;
    QTest::newRow("small size") << 0.5 << Dimension::bytes << u"0.5 B"_qs;
    QTest::newRow("rate") << 5e13 << Dimension::flop_per_second << u"50 TFLOP/s"_qs;
    QTest::newRow("bandwidth") << 10e9 << Dimension::bytes_per_second << u"10 GB/s"_qs;
    QTest::newRow("latency") << 5e-6 << Dimension::seconds << u"5 us"_qs;
    QTest::newRow("nothing") << 0.0 << Dimension::seconds << u"0 s"_qs;
    QTest::newRow("count") << 4096.0 << Dimension::count << u"4096"_qs;
    QTest::newRow("fraction") << 0.5 << Dimension::fraction << u"0.5"_qs;
}

void ValueExpressionTest::shown_ends()
{
    QFETCH(double, si);
    QFETCH(Dimension, dimension);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(control_text(si, dimension)), text);
}

EPSCOPE_SUITE(value_expression, ValueExpressionTest)
#include "tst_value_expression.moc"
