// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QTest>

#include "core/spec/chip_conventions.h"
#include "core/spec/parameters.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const std::vector<Chip> &chips()
{
    static const std::vector<Chip> all = [] {
        std::vector<Chip> read;
        for (const Library::Entry &entry : shipped_library().entries(Kind::chip))
            read.push_back(*shipped_library().chip(entry.name).value);
        return read;
    }();
    return all;
}

const std::vector<Nic> &nics()
{
    static const std::vector<Nic> all = [] {
        std::vector<Nic> read;
        for (const Library::Entry &entry : shipped_library().entries(Kind::nic))
            read.push_back(*shipped_library().nic(entry.name).value);
        return read;
    }();
    return all;
}

const Chip &chip_named(const std::string &name)
{
    return *std::find_if(chips().begin(), chips().end(), [&](const Chip &chip) { return chip.name == name; });
}

const AskedNumber &asked(const char *key)
{
    return *find_asked(key);
}

Dimension dimension_of(const AskedNumber &number)
{
    return find_parameter(number.key.starts_with("nic.") ? std::string(number.key) : "chip." + std::string(number.key))
        ->dimension;
}

Quantity quantity(const AskedNumber &number, const char *text)
{
    return std::get<Quantity>(parse_quantity(text, dimension_of(number), BareNumbers::refused));
}

} // namespace

class ChipConventionsTest : public QObject {
    Q_OBJECT

private slots:
    void converts_data();
    void converts();
    void tells_what_was_given();
    void doubts_data();
    void doubts();
    void shipped_chips_are_beyond_doubt();
    void what_is_meant_mends_it();
    void neighbours_of_a_value();
};

// By hand; two dies, 132 SMs at 1.5 GHz.
void ChipConventionsTest::converts_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("counting");
    QTest::addColumn<bool>("per_die");
    QTest::addColumn<double>("si");
    const auto row = [](const char *name, const char *key, const char *text, Counting counting, bool per_die,
                         double si) {
        QTest::newRow(name) << QByteArray(key) << QByteArray(text) << static_cast<int>(counting) << per_die << si;
    };
    row("dense", "bf16", "2250 TFLOP/s", Counting::as_modelled, false, 2.25e15);
    row("sparse", "fp8", "9 PFLOP/s", Counting::sparse, false, 4.5e15);
    row("sparse per die", "fp8", "4500 TFLOP/s", Counting::sparse, true, 4.5e15);
    row("GiB", "memory", "180 GiB", Counting::as_modelled, false, 193273528320.0);
    row("GB per die", "memory", "96 GB", Counting::as_modelled, true, 192e9);
    row("TiB/s", "memory_bandwidth", "2 TiB/s", Counting::as_modelled, false, 2199023255552.0);
    row("Gbit/s", "memory_bandwidth", "64 Tbit/s", Counting::as_modelled, false, 8e12);
    row("both directions", "scale_up_bandwidth", "1800 GB/s", Counting::both_directions, false, 900e9);
    row("NIC", "nic.bandwidth", "400 Gbit/s", Counting::as_modelled, false, 50e9);
    row("NIC, both", "nic.bandwidth", "800 Gbit/s", Counting::both_directions, false, 50e9);
    row("NIC, shared", "nic.bandwidth", "400 Gbit/s", Counting::shared_by_two, false, 25e9);
    row("cores", "sms", "16896", Counting::cores, false, 132);
    row("SRAM of all", "sram", "33 MiB", Counting::all_sms, false, 262144);
    row("exp2 per SM", "exp2_rate", "24 Gop/s", Counting::per_sm, false, 3.168e12);
    row("exp2 per SM and clock", "exp2_rate", "16 op/s", Counting::per_sm_clock, false, 3.168e12);
    row("clock", "clock", "1.83 GHz", Counting::as_modelled, false, 1.83e9);
    row("latency", "all_reduce_latency", "500 ns", Counting::as_modelled, false, 5e-7);
}

void ChipConventionsTest::converts()
{
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, text);
    QFETCH(int, counting);
    QFETCH(bool, per_die);
    QFETCH(double, si);
    const AskedNumber &number = asked(key);
    const Stated stated{quantity(number, text), static_cast<Counting>(counting), per_die ? Basis::die : Basis::card};
    const Quantity value = converted(number, stated, {2, 132, 1.5e9});
    QVERIFY2(std::fabs(value.si() - si) <= 1e-15 * si * 2, qPrintable(QString::number(value.si(), 'g', 17)));
    if (dimension_of(number) != Dimension::bytes) // whatever the profile makes of binary prefixes
        QCOMPARE(value.decimal_si(), value.si());
}

void ChipConventionsTest::tells_what_was_given()
{
    const AskedNumber &fp8 = asked("fp8");
    QCOMPARE(given_text(fp8, {quantity(fp8, "4500 TFLOP/s"), Counting::sparse, Basis::die}, {2, 0, 0}),
        std::string("4500 TFLOP/s, sparse (2:4), per die of 2"));
    const AskedNumber &memory = asked("memory");
    QCOMPARE(given_text(memory, {quantity(memory, "180 GiB")}, {}), std::string("180 GiB"));
}

void ChipConventionsTest::doubts_data()
{
    QTest::addColumn<QByteArray>("like");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("guess"); // the message's end; empty: no doubt
    const auto row = [](const char *name, const char *like, const char *key, const char *text, const char *guess) {
        QTest::newRow(name) << QByteArray(like) << QByteArray(key) << QByteArray(text) << QByteArray(guess);
    };
    row("sparse fp8 over dense bf16", "H800", "fp8", "3958 TFLOP/s", "sparse figure?");
    row("sparse fp4 over dense fp8", "B200", "fp4", "18 PFLOP/s", "sparse figure?");
    row("sparse bf16 of a make that is known", "H800", "bf16", "1979 TFLOP/s",
        "2 times H100's 989.4 TFLOP/s: sparse (2:4)?");
    row("dense fp8 over sparse bf16", "A100", "fp8", "156 TFLOP/s", "is the BF16 rate a sparse figure?");
    row("bits for bytes", "H800", "memory_bandwidth", "64 TB/s", "8 times MI355X's 8 TB/s, the largest known: Tbit/s?");
    row("bytes for bits", "H800", "memory_bandwidth", "3350 Gbit/s", "");
    row("NIC in bytes", "H800", "nic.bandwidth", "400 GB/s", "4 times CX8-800's 100 GB/s, the largest known: Gbit/s?");
    row("NIC in bits", "H800", "nic.bandwidth", "50 Gbit/s", "GB/s?");
    row("GiB for GB", "H800", "memory", "16 GiB", "7.4 % above TPU-v5e's 16 GB: GB?");
    row("GiB as the card reports it", "H800", "memory", "96 GiB", "");
    row("GiB as Ascend's reports it", "H800", "memory", "64 GiB", "");
    row("GB of the data sheet", "H800", "memory", "80 GB", "6.5 % below H100's 85.52 GB: GiB?");
    row("TiB/s for TB/s", "H800", "memory_bandwidth", "4.8 TiB/s", "10 % above H20-141's 4.8 TB/s: TB/s?");
    row("both directions", "B200", "scale_up_bandwidth", "1800 GB/s", "2 times B200's 900 GB/s: both directions?");
    row("cores", "H800", "sms", "16896", "cores, 128 per SM?");
    row("SRAM of all SMs", "H800", "sram", "33 MiB", "all SMs?");
    row("kHz", "H800", "clock", "1.83 MHz", "GHz?");
    row("right", "H800", "memory", "120 GB", "");
    row("between", "H800", "fp8", "1500 TFLOP/s", "");
}

void ChipConventionsTest::doubts()
{
    QFETCH(QByteArray, like);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, guess);
    const Chip &chip = chip_named(like.toStdString());
    const AskedNumber &number = asked(key);
    const auto found = doubt_about(
        number, {quantity(number, text)}, {1, static_cast<double>(chip.sms), chip.clock.si()}, chip, chips(), nics());
    if (guess.isEmpty()) {
        QVERIFY2(!found, found ? found->message.c_str() : "");
        return;
    }
    QVERIFY(found);
    QVERIFY2(QByteArray::fromStdString(found->message).endsWith(guess), found->message.c_str());
}

void ChipConventionsTest::shipped_chips_are_beyond_doubt()
{
    QVERIFY(chips().size() > 20);
    for (const Chip &chip : chips()) {
        const CardMake make{1, static_cast<double>(chip.sms), chip.clock.si()};
        for (const AskedNumber &number : asked_numbers()) {
            const auto value = number_of(chip, number.key);
            if (!value)
                continue;
            const auto found =
                doubt_about(number, {{*value, &base_unit(dimension_of(number))}}, make, chip, chips(), nics());
            QVERIFY2(!found, found ? (chip.name + " " + std::string(number.key) + ": " + found->message).c_str() : "");
        }
    }
    for (const Nic &nic : nics())
        QVERIFY(!doubt_about(asked("nic.bandwidth"), {nic.bandwidth}, {}, chips().front(), chips(), nics()));
}

// Said as the doubt has it, the number is beyond doubt.
void ChipConventionsTest::what_is_meant_mends_it()
{
    const Chip &chip = chip_named("B200");
    const CardMake make{1, 148, 1965e6};
    for (const auto &[key, text] : {std::pair("fp4", "18 PFLOP/s"), std::pair("scale_up_bandwidth", "1800 GB/s"),
             std::pair("memory_bandwidth", "64 TB/s")}) {
        const AskedNumber &number = asked(key);
        Stated stated{quantity(number, text)};
        const auto found = doubt_about(number, stated, make, chip, chips(), nics());
        QVERIFY(found && (found->meant || !found->unit.empty()));
        if (found->meant)
            stated.counting = *found->meant;
        else
            stated.value = quantity(number, (exact_text(stated.value.number) + " " + found->unit).c_str());
        QVERIFY(!doubt_about(number, stated, make, chip, chips(), nics()));
        QCOMPARE(converted(number, stated, make).si(), *number_of(chip, key));
    }
}

void ChipConventionsTest::neighbours_of_a_value()
{
    const std::vector<Peer> peers{{"a", 1}, {"b", 2}, {"c", 4}};
    QCOMPARE(neighbours(peers, 2).below->chip, std::string("b"));
    QCOMPARE(neighbours(peers, 2).above->chip, std::string("c"));
    QVERIFY(!neighbours(peers, 0.5).below);
    QVERIFY(!neighbours(peers, 5).above);
}

EPSCOPE_SUITE(chip_conventions, ChipConventionsTest)
#include "tst_chip_conventions.moc"
