// SPDX-License-Identifier: GPL-3.0-or-later
#include <bit>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "core/quantity.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;
using enum Dimension;

namespace {

struct Named {
    const char *symbol;
    double factor;
};

constexpr Named decimal[] = {{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"E", 1e18}};
constexpr Named binary[] = {{"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0},
    {"Pi", 1125899906842624.0}, {"Ei", 1152921504606846976.0}};

struct NamedDimension {
    const char *base;
    Dimension dimension;
    double factor;
};

constexpr NamedDimension prefixed[] = {{"", count, 1}, {"B", bytes, 1}, {"B/s", bytes_per_second, 1},
    {"bit/s", bytes_per_second, 0.125}, {"FLOP/s", flop_per_second, 1}, {"op/s", ops_per_second, 1}, {"Hz", hertz, 1},
    {"tok/s", tokens_per_second, 1}, {"W", watts, 1}, {"J", joules, 1}};

constexpr Dimension all_dimensions[] = {count, fraction, bytes, bytes_per_second, flop_per_second, ops_per_second,
    hertz, seconds, tokens_per_second, watts, joules, dollars, dollars_per_hour};

// The reason why a text is refused; empty if it is taken.
std::string refusal(std::string_view text, Dimension dimension, BareNumbers bare = BareNumbers::refused)
{
    const auto parsed = parse_quantity(text, dimension, bare);
    const auto *reason = std::get_if<std::string>(&parsed);
    return reason ? *reason : std::string{};
}

} // namespace

class TestQuantity : public QObject {
    Q_OBJECT

private slots:
    void reads_units_data();
    void reads_units();
    void reads_money_and_power();
    void knows_no_other_units();
    void base_units();
    void bare_numbers_data();
    void bare_numbers();
    void refuses_data();
    void refuses();
    void names_the_dimension_of_a_wrong_unit_data();
    void names_the_dimension_of_a_wrong_unit();
    void suggests_units_data();
    void suggests_units();
    void reads_the_spellings_of_people_data();
    void reads_the_spellings_of_people();
    void takes_every_blank_as_one();
    void says_how_numbers_are_written_data();
    void says_how_numbers_are_written();
    void tells_bits_from_bytes();
    void binary_prefixes();
    void any_spelling_reads_back();
    void exact_text_reads_back_data();
    void exact_text_reads_back();
    void exact_text_of_any_number_reads_back();
    void shows_short_text_data();
    void shows_short_text();
    void short_text_stays_close_to_the_value();
};

void TestQuantity::reads_units_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<double>("si");
    QTest::addColumn<double>("decimal_si");
    QTest::addColumn<std::string>("written_back");

    const auto row = [](const std::string &text, Dimension dimension, double si, double decimal_si,
                         const std::string &written_back) {
        QTest::newRow(text.c_str()) << text << dimension << si << decimal_si << written_back;
    };
    for (const NamedDimension &unit : prefixed) {
        const std::string base = unit.base;
        if (!base.empty())
            row("2.5 " + base, unit.dimension, 2.5 * unit.factor, 2.5 * unit.factor, "2.5 " + base);
        for (const Named &prefix : decimal)
            row("2.5 " + (prefix.symbol + base), unit.dimension, 2.5 * unit.factor * prefix.factor,
                2.5 * unit.factor * prefix.factor, "2.5 " + (prefix.symbol + base));
        for (std::size_t i = 0; i < std::size(binary); ++i)
            row("2.5 " + (binary[i].symbol + base), unit.dimension, 2.5 * unit.factor * binary[i].factor,
                2.5 * unit.factor * decimal[i].factor, "2.5 " + (binary[i].symbol + base));
    }
    row("3 s", seconds, 3, 3, "3 s");
    row("3 ms", seconds, 3e-3, 3e-3, "3 ms");
    row("3 us", seconds, 3e-6, 3e-6, "3 us");
    row("3 ns", seconds, 3e-9, 3e-9, "3 ns");
    row("3 \u00b5s", seconds, 3e-6, 3e-6, "3 us");
    row("3 \u03bcs", seconds, 3e-6, 3e-6, "3 us");
    row("3\u00b5s", seconds, 3e-6, 3e-6, "3 us");
    row("5 k", count, 5000, 5000, "5 k");
    row("5 Ki", count, 5120, 5000, "5 Ki");
    row("42", count, 42, 42, "42");
    row("0.25", fraction, 0.25, 0.25, "0.25");
    row("3/8", fraction, 0.375, 0.375, "0.375");
    row("260/312", fraction, 260.0 / 312.0, 260.0 / 312.0, "0.8333333333333334");
    row("-1/4", fraction, -0.25, -0.25, "-0.25");
    row("75 %", fraction, 0.75, 0.75, "75 %");
    row("75%", fraction, 0.75, 0.75, "75 %");
    row("3.3 TiB/s", bytes_per_second, 3.3 * 1099511627776.0, 3.3e12, "3.3 TiB/s");
    row("400 Gbit/s", bytes_per_second, 50e9, 50e9, "400 Gbit/s");
    row("1.5GB", bytes, 1.5e9, 1.5e9, "1.5 GB");
    row(" \t1.5 \t GB\r\n", bytes, 1.5e9, 1.5e9, "1.5 GB");
    row("-1.5 GB", bytes, -1.5e9, -1.5e9, "-1.5 GB");
    row("1e3 B", bytes, 1000, 1000, "1000 B");
    row("1.5E+3 B", bytes, 1500, 1500, "1500 B");
    row(".5 B", bytes, 0.5, 0.5, "0.5 B");
    row("0 B", bytes, 0, 0, "0 B");
}

void TestQuantity::reads_units()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    QFETCH(double, si);
    QFETCH(double, decimal_si);
    QFETCH(std::string, written_back);

    const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
    QVERIFY2(std::holds_alternative<Quantity>(parsed),
        std::get_if<std::string>(&parsed) ? std::get<std::string>(parsed).c_str() : "");
    const Quantity &quantity = std::get<Quantity>(parsed);
    QVERIFY(quantity.unit->dimension == dimension);
    // A unit's factor is rounded once more than the expectation's where it is no whole number.
    const auto close = [](double actual, double expected) {
        return std::abs(actual - expected) <= 1e-15 * std::abs(expected);
    };
    QVERIFY2(close(quantity.si(), si), exact_text(quantity.si()).c_str());
    QVERIFY2(close(quantity.decimal_si(), decimal_si), exact_text(quantity.decimal_si()).c_str());
    QCOMPARE(exact_text(quantity), written_back);
}

void TestQuantity::reads_money_and_power()
{
    const auto read = [](const char *text, Dimension dimension) {
        return exact_text(std::get<Quantity>(parse_quantity(text, dimension, BareNumbers::refused)));
    };
    for (const char *price : {"2.07 USD/h", "2.07 usd/hr", "2.07 $/h", "2.07 $/hour"})
        QCOMPARE(read(price, dollars_per_hour), std::string("2.07 USD/h"));
    QCOMPARE(read("0.5 $", dollars), std::string("0.5 USD"));
    QCOMPARE(read("1.71 kW", watts), std::string("1.71 kW"));
    QCOMPARE(read("1710 watts", watts), std::string("1710 W"));
    QCOMPARE(read("250 mJ", joules), std::string("250 mJ"));
    QCOMPARE(refusal("2 USD", dollars_per_hour),
        "'USD' is the unit of an amount of money; expected a price per hour in " + unit_examples(dollars_per_hour));
}

void TestQuantity::knows_no_other_units()
{
    const std::map<Dimension, std::size_t> known{{count, 13}, {fraction, 2}, {bytes, 13}, {bytes_per_second, 26},
        {flop_per_second, 13}, {ops_per_second, 13}, {hertz, 13}, {seconds, 4}, {tokens_per_second, 13}, {watts, 13},
        {joules, 16}, {dollars, 1}, {dollars_per_hour, 1}};
    for (const Dimension dimension : all_dimensions) {
        std::set<std::string> symbols;
        for (const Unit &unit : units_of(dimension)) {
            QVERIFY2(symbols.insert(unit.symbol).second, unit.symbol.c_str());
            QVERIFY(unit.dimension == dimension);
            QVERIFY(unit.factor > 0 && unit.decimal_factor > 0);
        }
        QCOMPARE(units_of(dimension).size(), known.at(dimension));
    }
}

void TestQuantity::base_units()
{
    QCOMPARE(base_unit(count).symbol, std::string());
    QCOMPARE(base_unit(fraction).symbol, std::string());
    QCOMPARE(base_unit(bytes).symbol, std::string("B"));
    QCOMPARE(base_unit(bytes_per_second).symbol, std::string("B/s"));
    QCOMPARE(base_unit(flop_per_second).symbol, std::string("FLOP/s"));
    QCOMPARE(base_unit(ops_per_second).symbol, std::string("op/s"));
    QCOMPARE(base_unit(hertz).symbol, std::string("Hz"));
    QCOMPARE(base_unit(seconds).symbol, std::string("s"));
    QCOMPARE(base_unit(tokens_per_second).symbol, std::string("tok/s"));
    QCOMPARE(base_unit(watts).symbol, std::string("W"));
    QCOMPARE(base_unit(joules).symbol, std::string("J"));
    QCOMPARE(base_unit(dollars).symbol, std::string("USD"));
    QCOMPARE(base_unit(dollars_per_hour).symbol, std::string("USD/h"));
    for (const Dimension dimension : all_dimensions) {
        QCOMPARE(base_unit(dimension).factor, 1.0);
        QCOMPARE(base_unit(dimension).decimal_factor, 1.0);
        QVERIFY(base_unit(dimension).dimension == dimension);
    }
    QCOMPARE(Quantity{}.si(), 0.0);
    QVERIFY(Quantity{}.unit->dimension == count);
}

void TestQuantity::bare_numbers_data()
{
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<bool>("always_taken");
    QTest::newRow("count") << count << true;
    QTest::newRow("fraction") << fraction << true;
    QTest::newRow("bytes") << bytes << false;
    QTest::newRow("bandwidth") << bytes_per_second << false;
    QTest::newRow("compute rate") << flop_per_second << false;
    QTest::newRow("operation rate") << ops_per_second << false;
    QTest::newRow("frequency") << hertz << false;
    QTest::newRow("time") << seconds << false;
    QTest::newRow("token rate") << tokens_per_second << false;
    QTest::newRow("power") << watts << false;
    QTest::newRow("energy") << joules << false;
    QTest::newRow("money") << dollars << false;
    QTest::newRow("price") << dollars_per_hour << false;
}

void TestQuantity::bare_numbers()
{
    QFETCH(Dimension, dimension);
    QFETCH(bool, always_taken);

    const auto allowed = parse_quantity("7.5", dimension, BareNumbers::allowed);
    QVERIFY(std::holds_alternative<Quantity>(allowed));
    QVERIFY(std::get<Quantity>(allowed) == (Quantity{7.5, &base_unit(dimension)}));

    const std::string reason = refusal("7.5", dimension);
    QCOMPARE(reason.empty(), always_taken);
    if (!always_taken) {
        QVERIFY2(reason.starts_with("'7.5' has no unit; expected "), reason.c_str());
        QVERIFY2(reason.ends_with(unit_examples(dimension)), reason.c_str());
    }
}

void TestQuantity::refuses_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    const auto row = [](const char *name, const std::string &text, Dimension dimension) {
        QTest::newRow(name) << text << dimension;
    };
    row("empty", "", bytes);
    row("blanks", " \t ", bytes);
    row("unit alone", "GB", bytes);
    row("nan", "nan", fraction);
    row("nan with unit", "nan GB", bytes);
    row("inf", "inf", count);
    row("inf with unit", "inf GB", bytes);
    row("-inf", "-inf GB", bytes);
    row("infinity", "infinity B", bytes);
    row("hex", "0x10 GB", bytes);
    row("hex count", "0x10", count);
    row("overflow", "1e999 GB", bytes);
    row("overflow, count", "1e999", count);
    row("overflow, negative", "-1e999 B", bytes);
    row("overflow by the prefix", "1e308 TB", bytes);
    row("overflow of a fraction", "1e300/1e-300", fraction);
    row("decimal comma", "1,5 GB", bytes);
    row("groups of two digits", "1,00,000 B", bytes);
    row("thousands", "1_000 B", bytes);
    row("thousands, blank", "1 000 B", bytes);
    row("two numbers", "1 2 GB", bytes);
    row("two points", "1.2.3 GB", bytes);
    row("trailing junk", "1.5 GB x", bytes);
    row("trailing junk, glued", "1.5 GBx", bytes);
    row("trailing quote", "1.5 GB\"", bytes);
    row("comment", "1.5 GB # so far", bytes);
    row("NUL", std::string("1.5 GB\0", 7), bytes);
    row("blank inside the unit", "1.5 G B", bytes);
    row("bits for bytes", "1.5 Gb", bytes);
    row("prefix alone", "1.5 G", bytes);
    row("micro alone", "5 \u00b5", seconds);
    row("half a micro sign", "5 \xc2s", seconds);
    row("minutes", "1 min", seconds);
    row("kiloseconds", "1 ks", seconds);
    row("expression", "2*3 GB", bytes);
    row("exponent without digits", "1e GB", bytes);
    row("word", "many", count);
    row("divided by 0", "1/0", fraction);
    row("divided by 0.0", "1/0.0", fraction);
    row("divided by nan", "1/nan", fraction);
    row("divided by inf", "1/inf", fraction);
    row("divided by nothing", "1/", fraction);
    row("divided twice", "1/2/3", fraction);
    row("fraction of percents", "1/2 %", fraction);
    row("fraction of a count", "1/2", count);
    row("fraction of bytes", "1/2 B", bytes);
    row("prefixed percents", "5 k%", fraction);
}

void TestQuantity::refuses()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    for (const BareNumbers bare : {BareNumbers::refused, BareNumbers::allowed}) {
        const std::string reason = refusal(text, dimension, bare);
        QVERIFY(!reason.empty());
        QVERIFY2(!holds(reason, "''?"), reason.c_str());
        QVERIFY2(reason.find('\0') == std::string::npos, reason.c_str());
    }
}

void TestQuantity::names_the_dimension_of_a_wrong_unit_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char *text, Dimension dimension, const std::string &expected) {
        QTest::newRow(text) << std::string(text) << dimension << expected;
    };
    row("5 GB", bytes_per_second,
        "'GB' is the unit of a size in bytes; expected a bandwidth in " + unit_examples(bytes_per_second));
    row("5 GB/s", bytes, "'GB/s' is the unit of a bandwidth; expected a size in bytes in " + unit_examples(bytes));
    row("5 Gbit/s", bytes, "'Gbit/s' is the unit of a bandwidth; expected a size in bytes in " + unit_examples(bytes));
    row("5 TFLOP/s", ops_per_second,
        "'TFLOP/s' is the unit of a compute rate; expected an operation rate in " + unit_examples(ops_per_second));
    row("5 Top/s", flop_per_second,
        "'Top/s' is the unit of an operation rate; expected a compute rate in " + unit_examples(flop_per_second));
    row("5 GHz", seconds, "'GHz' is the unit of a frequency; expected a time in " + unit_examples(seconds));
    row("5 us", hertz, "'us' is the unit of a time; expected a frequency in " + unit_examples(hertz));
    row("5 tok/s", seconds, "'tok/s' is the unit of a token rate; expected a time in " + unit_examples(seconds));
    row("5 ms", tokens_per_second,
        "'ms' is the unit of a time; expected a token rate in " + unit_examples(tokens_per_second));
    row("5 %", count, "'%' is the unit of a fraction; expected a count in " + unit_examples(count));
    row("5 GB", fraction, "'GB' is the unit of a size in bytes; expected a fraction in " + unit_examples(fraction));
    row("5 k", bytes, "'k' is the unit of a count; expected a size in bytes in " + unit_examples(bytes));
}

void TestQuantity::names_the_dimension_of_a_wrong_unit()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    QFETCH(std::string, expected);
    QCOMPARE(refusal(text, dimension), expected);
}

void TestQuantity::suggests_units_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<std::string>("suggestion");
    const auto row = [](const char *text, Dimension dimension, const char *suggestion) {
        QTest::newRow(text) << std::string(text) << dimension << std::string(suggestion);
    };
    row("989 TFLOP", flop_per_second, "TFLOP/s");
    row("50 GBs", bytes_per_second, "GB/s");
    row("400 Gbit", bytes_per_second, "Gbit/s");
    row("400 Gbits", bytes_per_second, "Gbit/s");
    row("80 GiBs", bytes, "GiB");
    row("5 Ms", seconds, "ms");
    row("400 Gbaud", bytes_per_second, "");
    row("400 Gigabit", bytes_per_second, "Gbit/s");
    row("400 Xbit/s", bytes_per_second, "");
    row("400 Gigbit/s", bytes_per_second, "Gbit/s"); // not 'Gibit/s'
    row("3 bananas", bytes, "");
    row("3 q", count, "");
    row("3 x", fraction, "");
    row("3 percent", fraction, "");
}

void TestQuantity::suggests_units()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    QFETCH(std::string, suggestion);
    const std::string reason = refusal(text, dimension);
    QVERIFY2(reason.starts_with("unknown unit '" + text.substr(text.find(' ') + 1) + "'"), reason.c_str());
    QVERIFY2(holds(reason, unit_examples(dimension)), reason.c_str());
    const std::size_t found = reason.find("; did you mean ");
    QCOMPARE(found == std::string::npos ? std::string() : reason.substr(found),
        suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
}

void TestQuantity::reads_the_spellings_of_people_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<std::string>("as_we_write");
    const auto row = [](const char *text, Dimension dimension, const char *as_we_write) {
        QTest::addRow("%s of %d", text, static_cast<int>(dimension))
            << std::string(text) << dimension << std::string(as_we_write);
    };
    row("400 Gigabit/s", bytes_per_second, "400 Gbit/s");
    row("50 gigabytes/s", bytes_per_second, "50 GB/s");
    row("141 Gigabytes", bytes, "141 GB");
    row("64 gibibytes", bytes, "64 GiB");
    row("989 TeraFLOPS", flop_per_second, "989 TFLOP/s");
    row("1.98 Gigahertz", hertz, "1.98 GHz");
    row("400 Gbps", bytes_per_second, "400 Gbit/s");
    row("400Gb/s", bytes_per_second, "400 Gbit/s");
    row("400 Gbit/s", bytes_per_second, "400 Gbit/s");
    row("400 Gbits/s", bytes_per_second, "400 Gbit/s");
    row("400 gbps", bytes_per_second, "400 Gbit/s");
    row("1.6 Tbps", bytes_per_second, "1.6 Tbit/s");
    row("1.6Tb/s", bytes_per_second, "1.6 Tbit/s");
    row("100 Mbps", bytes_per_second, "100 Mbit/s");
    row("100 kb/s", bytes_per_second, "100 kbit/s");
    row("819GBps", bytes_per_second, "819 GB/s");
    row("4.8TB/s", bytes_per_second, "4.8 TB/s");
    row("4.8 TB/sec", bytes_per_second, "4.8 TB/s");
    row("5 GBytes/s", bytes_per_second, "5 GB/s");
    row("5 GBytes/sec", bytes_per_second, "5 GB/s");
    row("400 Gbits/sec", bytes_per_second, "400 Gbit/s");
    row("400 Gb/sec", bytes_per_second, "400 Gbit/s");
    row("4 TB/Sec", bytes_per_second, "4 TB/s");
    row("989.5TFLOPS", flop_per_second, "989.5 TFLOP/s");
    row("1,979 TFLOPS", flop_per_second, "1979 TFLOP/s");
    row("1,979.25 TFLOPS", flop_per_second, "1979.25 TFLOP/s");
    row("1,234,567 GFLOPs", flop_per_second, "1234567 GFLOP/s");
    row("989 TFLOP/S", flop_per_second, "989 TFLOP/s");
    row("989 TFLOPs/sec", flop_per_second, "989 TFLOP/s");
    row("989 TFLOP/sec", flop_per_second, "989 TFLOP/s");
    row("9 PFLOPS", flop_per_second, "9 PFLOP/s");
    row("750 TOPS", flop_per_second, "750 TFLOP/s");
    row("1 POPS", flop_per_second, "1 PFLOP/s");
    row("4 TOPS", ops_per_second, "4 Top/s");
    row("4 TOP/s", ops_per_second, "4 Top/s");
    row("4 Tops/sec", ops_per_second, "4 Top/s");
    row("141GB", bytes, "141 GB");
    row("80 gb", bytes, "80 GB");
    row("80 GIB", bytes, "80 GiB");
    row("80 GBytes", bytes, "80 GB");
    row("1.98GHz", hertz, "1.98 GHz");
    row("1980 mhz", hertz, "1980 MHz");
    row("0.5 usec", seconds, "0.5 us");
    row("20 tok/sec", tokens_per_second, "20 tok/s");
    row("20 tokens/s", tokens_per_second, "20 tok/s");
    row("131,072", count, "131072");
    row("+5", count, "5");
    row("\u22125 GB", bytes, "-5 GB");
    row("\uff11\uff19\uff17\uff19\uff34\uff26\uff2c\uff2f\uff30\uff33", flop_per_second, "1979 TFLOP/s");
}

void TestQuantity::reads_the_spellings_of_people()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    QFETCH(std::string, as_we_write);
    const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
    QVERIFY2(std::holds_alternative<Quantity>(parsed), refusal(text, dimension).c_str());
    QCOMPARE(exact_text(std::get<Quantity>(parsed)), as_we_write);
}

void TestQuantity::takes_every_blank_as_one()
{
    for (const char *blank : {"\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
             "\u2007", "\u2008", "\u2009", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060",
             "\u3000", "\ufeff", "\u2009\u00a0", "\t", " "}) {
        const std::string between = std::string("141") + blank + "GB", around = blank + between + blank;
        for (const std::string &text : {between, around}) {
            const auto parsed = parse_quantity(text, bytes, BareNumbers::refused);
            QVERIFY2(std::holds_alternative<Quantity>(parsed), refusal(text, bytes).c_str());
            QCOMPARE(exact_text(std::get<Quantity>(parsed)), std::string("141 GB"));
        }
    }
}

void TestQuantity::says_how_numbers_are_written_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("suggestion"); // empty: none
    const auto row = [](const char *text, const char *suggestion) {
        QTest::newRow(text) << std::string(text) << std::string(suggestion);
    };
    row("4,8TB/s", "4.8TB/s");
    row("4,80 TB/s", "4.80 TB/s");
    row("0,979 TB/s", "0.979 TB/s");
    row("1,2345 TB/s", "1.2345 TB/s");
    row("1.979,5 GB/s", "1979.5 GB/s");
    row("1 979 GB/s", "1979 GB/s");
    row("1'979 GB/s", "1979 GB/s");
    row("1_979 GB/s", "1979 GB/s");
    row("1,5,3 GB/s", "");
    row("1 2 GB/s", "");
}

void TestQuantity::says_how_numbers_are_written()
{
    QFETCH(std::string, text);
    QFETCH(std::string, suggestion);
    const std::string reason = refusal(text, bytes_per_second);
    const std::size_t found = reason.find("; did you mean ");
    QVERIFY2(reason.starts_with("'" + text + "' "), reason.c_str());
    QCOMPARE(found == std::string::npos ? std::string() : reason.substr(found),
        suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
    if (!suggestion.empty()) // which is taken
        QCOMPARE(refusal(suggestion, bytes_per_second), std::string());
}

// Whatever speaks of bits is never read as bytes or answered with them, nor the other way round.
void TestQuantity::tells_bits_from_bytes()
{
    for (const char *prefix : {"", "k", "K", "m", "M", "g", "G", "t", "T", "p", "P", "Gi", "gi"}) {
        for (const char *base : {"b/s", "bps", "bit/s", "bits/s", "bit", "bits", "bp", "b", "bs", "bitps", "bit/",
                 "Bit/s", "B/s", "Bps", "BPS", "bPs", "B", "Bs", "BS", "Byte/s", "byte/s", "bytes"}) {
            const std::string symbol = std::string(prefix) + base;
            const bool are_bits = symbol.find('B') == std::string::npos && symbol.find("byte") == std::string::npos;
            const bool are_bytes = symbol.find("it") == std::string::npos && !are_bits;
            const auto unit = read_unit(symbol, bytes_per_second);
            if (const auto *read = std::get_if<const Unit *>(&unit)) {
                const bool read_as_bits = (*read)->symbol.ends_with("bit/s");
                QVERIFY2(read_as_bits == !are_bytes, symbol.c_str());
                continue;
            }
            const std::string &reason = std::get<std::string>(unit);
            const std::size_t found = reason.find("did you mean '");
            if (found == std::string::npos)
                continue;
            const std::string suggested = reason.substr(found);
            QVERIFY2(holds(suggested, "bit/s") == !are_bytes, (symbol + ": " + reason).c_str());
        }
    }
    QCOMPARE(
        refusal("400 gb/s", bytes_per_second), std::string("'gb/s' may be bits or bytes; write 'Gbit/s' or 'GB/s'"));
    QVERIFY(refusal("80 Gb", bytes).starts_with("'Gb' are bits; expected a size in bytes"));
    QVERIFY(refusal("80 Gbit", bytes).starts_with("'Gbit' are bits; expected a size in bytes"));
}

void TestQuantity::binary_prefixes()
{
    const auto read = [](const char *text) {
        const auto parsed = parse_quantity(text, count, BareNumbers::refused, Prefixes::binary);
        return std::holds_alternative<Quantity>(parsed) ? std::get<Quantity>(parsed).si() : -1;
    };
    QCOMPARE(read("128K"), 131072.0);
    QCOMPARE(read("128 k"), 131072.0);
    QCOMPARE(read("128 Ki"), 131072.0);
    QCOMPARE(read("1M"), 1048576.0);
    QCOMPARE(read("131,072"), 131072.0);
    QCOMPARE(read("5000"), 5000.0);
}

// Any number with any unit, written as people do: with other blanks, thousands separated, in other spellings.
void TestQuantity::any_spelling_reads_back()
{
    std::mt19937_64 random(20260715);
    const auto one_of = [&](const auto &all) { return all[random() % std::size(all)]; };
    const std::pair<std::string, std::vector<std::string>> respelt[] = {
        {"FLOP/s", {"FLOPS", "flops", "FLOP/s", "FLOPs"}}, {"bit/s", {"bps", "b/s", "bit/s", "bits/s"}},
        {"tok/s", {"tok/s", "tokens/s", "tok/sec"}}, {"Hz", {"Hz", "HZ", "hz"}}, {"B/s", {"B/s", "Bps"}},
        {"op/s", {"op/s", "OPS"}}};
    const char *blanks[] = {"", " ", "\t", "\u00a0", "\u202f", "\u2009", "  "};
    for (int i = 0; i < 50000; ++i) {
        const Dimension dimension = one_of(all_dimensions);
        const std::vector<Unit> &units = units_of(dimension);
        const Unit &unit = units[random() % units.size()];
        const double number =
            i % 2 != 0 ? static_cast<double>(random() % 10000000) : static_cast<double>(random() % 100000000) / 1000;
        std::string digits = exact_text(number);
        const std::size_t whole = std::min(digits.find('.'), digits.size());
        if (random() % 2 == 0) {
            for (std::size_t place = whole; place > 3; place -= 3)
                digits.insert(place - 3, ",");
        }
        std::string symbol = unit.symbol;
        for (const auto &[base, others] : respelt) {
            if (symbol.ends_with(base)) {
                symbol.replace(symbol.size() - base.size(), base.size(), one_of(others));
                break;
            }
        }
        const std::string text = one_of(blanks) + digits + one_of(blanks) + symbol + one_of(blanks);
        const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
        QVERIFY2(std::holds_alternative<Quantity>(parsed), (text + ": " + refusal(text, dimension)).c_str());
        QVERIFY2(std::get<Quantity>(parsed).number == number && std::get<Quantity>(parsed).unit == &unit, text.c_str());
        const auto again = parse_quantity(exact_text(std::get<Quantity>(parsed)), dimension, BareNumbers::refused);
        QVERIFY2(again == parsed, text.c_str());
    }
}

void TestQuantity::exact_text_reads_back_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<Dimension>("dimension");
    const auto row = [](const char *text, Dimension dimension) {
        QTest::newRow(text) << std::string(text) << dimension;
    };
    row("3.3 TiB/s", bytes_per_second);
    row("3.35 TB/s", bytes_per_second);
    row("0.1", fraction);
    row("0.1 B", bytes);
    row("1e-300 B", bytes);
    row("5e-324 B", bytes);
    row("1.7976931348623157e+308 B", bytes);
    row("989.5 TiFLOP/s", flop_per_second);
    row("1.83 GiHz", hertz);
    row("0.5 us", seconds);
    row("85 %", fraction);
    row("5 Ki", count);
    row("-2.5 GB", bytes);
    row("0 tok/s", tokens_per_second);
}

void TestQuantity::exact_text_reads_back()
{
    QFETCH(std::string, text);
    QFETCH(Dimension, dimension);
    const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
    QVERIFY(std::holds_alternative<Quantity>(parsed));
    const Quantity quantity = std::get<Quantity>(parsed);
    QCOMPARE(exact_text(quantity), text);
    QVERIFY(parse_quantity(exact_text(quantity), dimension, BareNumbers::refused) == parsed);
}

void TestQuantity::exact_text_of_any_number_reads_back()
{
    std::mt19937_64 random(20250316);
    int taken = 0;
    while (taken < 20000) {
        const auto value = std::bit_cast<double>(random());
        if (!std::isfinite(value))
            continue;
        const Dimension dimension = all_dimensions[random() % std::size(all_dimensions)];
        const std::vector<Unit> &units = units_of(dimension);
        const Quantity quantity{value, &units[random() % units.size()]};
        if (!std::isfinite(quantity.si()))
            continue;
        ++taken;
        const std::string text = exact_text(quantity);
        const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
        QVERIFY2(std::holds_alternative<Quantity>(parsed), text.c_str());
        QVERIFY2(std::bit_cast<std::uint64_t>(std::get<Quantity>(parsed).number) == std::bit_cast<std::uint64_t>(value),
            text.c_str());
        QVERIFY2(std::get<Quantity>(parsed).unit == quantity.unit, text.c_str());
    }
}

void TestQuantity::shows_short_text_data()
{
    QTest::addColumn<double>("si");
    QTest::addColumn<Dimension>("dimension");
    QTest::addColumn<int>("digits");
    QTest::addColumn<std::string>("expected");
    const auto row = [](double si, Dimension dimension, const char *expected, int digits = 3) {
        QTest::addRow("%s from %.17g, %d digits", expected, si, digits)
            << si << dimension << digits << std::string(expected);
    };
    row(0, count, "0");
    row(0, bytes, "0 B");
    row(0, seconds, "0 s");
    row(1, count, "1.00");
    row(1, bytes, "1.00 B");
    row(12, bytes, "12.0 B");
    row(999, bytes, "999 B");
    row(999.4, bytes, "999 B");
    row(999, count, "999");
    row(999.6, count, "1000");
    row(1000, count, "1000");
    row(1234567, count, "1234567");
    row(1000, bytes, "1.00 kB");
    row(1, bytes, "1.0 B", 2);
    row(1, bytes, "1.00000 B", 6);
    row(123456, bytes, "123.456 kB", 6);
    row(0.5, bytes, "0.500 B");
    row(0.5625, bytes, "0.5625 B", 4);
    row(80e9, bytes, "80.0 GB");
    row(-80e9, bytes, "-80.0 GB");
    row(-5, bytes, "-5.00 B");
    row(3.35e12, bytes_per_second, "3.35 TB/s");
    row(50e9, bytes_per_second, "50.0 GB/s");
    row(989.5 * 0x1p40, flop_per_second, "1.09 PFLOP/s");
    row(4e18, flop_per_second, "4.00 EFLOP/s");
    row(5e21, flop_per_second, "5000 EFLOP/s");
    row(3.865e12, ops_per_second, "3.87 Top/s"); // 3.865 is a little above in binary
    row(1.83e9, hertz, "1.83 GHz");
    row(28.9283602, tokens_per_second, "28.9 tok/s");
    row(3702.83011, tokens_per_second, "3.70 ktok/s");
    row(100, seconds, "100 s");
    row(1000, seconds, "1000 s");
    row(0.5, seconds, "500 ms");
    row(1e-3, seconds, "1.00 ms");
    row(412e-6, seconds, "412 us");
    row(0.5e-6, seconds, "500 ns");
    row(1e-7, seconds, "100 ns");
    row(1e-10, seconds, "0.100 ns");
    row(0.0123, fraction, "0.0123");
    row(0.85, fraction, "0.850");
    row(1, fraction, "1.00");
    row(0.1, fraction, "0.100");
    row(0.001, fraction, "0.00100");
    row(7.17e-5, fraction, "7.17e-05");
    // Rounding carries into one more digit, or over the next prefix.
    row(9.996, bytes, "10.0 B");
    row(99.96, bytes, "100 B");
    row(99.95001, bytes, "100 B");
    row(999.6, bytes, "1.00 kB");
    row(-999.6, bytes, "-1.00 kB");
    row(999.96e9, bytes, "1.00 TB");
    row(999999, bytes, "1.00 MB");
    row(999999, bytes, "999.999 kB", 6);
    row(999.6e-6, seconds, "1.00 ms");
    row(0.9996, seconds, "1.00 s");
    row(0.9996, fraction, "1.00");
    row(0.09996, fraction, "0.100");
}

void TestQuantity::shows_short_text()
{
    QFETCH(double, si);
    QFETCH(Dimension, dimension);
    QFETCH(int, digits);
    QFETCH(std::string, expected);
    QCOMPARE(short_text(si, dimension, digits), expected);
}

void TestQuantity::short_text_stays_close_to_the_value()
{
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> exponent(-9, 19);
    std::uniform_real_distribution<double> mantissa(1, 10);
    for (int i = 0; i < 20000; ++i) {
        const double si = mantissa(random) * std::pow(10, std::floor(exponent(random))) * (i % 2 ? 1 : -1);
        for (const Dimension dimension : {bytes, bytes_per_second, flop_per_second, seconds}) {
            const std::string text = short_text(si, dimension);
            const auto parsed = parse_quantity(text, dimension, BareNumbers::refused);
            QVERIFY2(std::holds_alternative<Quantity>(parsed), text.c_str());
            QVERIFY2(std::abs(std::get<Quantity>(parsed).si() - si) <= 0.00501 * std::abs(si),
                (exact_text(si) + " shown as " + text).c_str());
        }
    }
}

EPSCOPE_SUITE(quantity, TestQuantity)
#include "tst_quantity.moc"
