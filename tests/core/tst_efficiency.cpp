// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "app/words/text.h"
#include "core/model/efficiency.h"
#include "core/model/machine.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr double rounding_of_efficiency = 1e-14;

const Profile &published()
{
    static const Profile profile = published_study().profile;
    return profile;
}

Chip chip_named(const char *name)
{
    Chip chip;
    chip.name = name;
    return chip;
}

struct GemmRow {
    const char *name;
    double m, k, n;
    double mfu;
    EfficiencySource source;
};

} // namespace

class TestEfficiency : public QObject {
    Q_OBJECT

private slots:
    void general_gemm_data();
    void general_gemm();
    void expert_gemm_data();
    void expert_gemm();
    void expert_gemm_ignores_inner_and_columns();
    void flash_mla_of_the_article_data();
    void flash_mla_of_the_article();
    void flash_mla_between_three_points();
    void provenance_names_chip_and_source_data();
    void provenance_names_chip_and_source();
    void provenance_names_evidence();
    void rate_by_element_size_data();
    void rate_by_element_size();
};

void TestEfficiency::general_gemm_data()
{
    QTest::addColumn<double>("m");
    QTest::addColumn<double>("k");
    QTest::addColumn<double>("n");
    QTest::addColumn<double>("mfu");
    QTest::addColumn<EfficiencySource>("source");
    using enum EfficiencySource;
    const GemmRow rows[] = {
        // K < min(M, N): 50 up to K = 64, then 50 + 50 * (log2 K - 6), from 1024 on 260; of 312.
        {"inner: 1", 2048, 1, 2048, 50. / 312, gemm_by_inner},
        {"inner: just below 64", 2048, 63.9, 2048, 50. / 312, gemm_by_inner},
        {"inner: 64", 2048, 64, 2048, 50. / 312, gemm_by_inner},
        {"inner: 65", 2048, 65, 2048, 51.1183906514227254 / 312, gemm_by_inner},
        {"inner: 128", 2048, 128, 2048, 100. / 312, gemm_by_inner},
        {"inner: 512", 2048, 512, 2048, 200. / 312, gemm_by_inner},
        {"inner: 1023", 2048, 1023, 2048, 249.929521487266432 / 312, gemm_by_inner},
        {"inner: 1024", 2048, 1024, 2048, 260. / 312, gemm_by_inner},
        {"inner: 8192 stays, no long-inner floor", 16384, 8192, 16384, 260. / 312, gemm_by_inner},
        // Which of the two rules: K against the narrower of M and N, and equal goes to the narrow one.
        {"K one below M", 129, 128, 4096, 100. / 312, gemm_by_inner},
        {"K equals M", 128, 128, 4096, 30. / 312, gemm_by_narrow},
        {"K one below N", 4096, 128, 129, 100. / 312, gemm_by_inner},
        {"K equals N", 4096, 128, 128, 30. / 312, gemm_by_narrow},
        {"K between M and N", 512, 1024, 2048, (30 + 200. / 3) / 312, gemm_by_narrow},
        // K >= min(M, N): 30 below 256, then 30 + 200 / 3 * (log2 m - 8), from 2048 on 260; of 312.
        {"narrow: half a row", 0.5, 4096, 4096, 30. / 312, gemm_by_narrow},
        {"narrow: M 255", 255, 4096, 4096, 30. / 312, gemm_by_narrow},
        {"narrow: M 256", 256, 4096, 4096, 30. / 312, gemm_by_narrow},
        {"narrow: M 257", 257, 4096, 4096, 30.3749699462585461 / 312, gemm_by_narrow},
        {"narrow: M 512", 512, 4096, 4096, (30 + 200. / 3) / 312, gemm_by_narrow},
        {"narrow: M 1024", 1024, 4096, 4096, (30 + 400. / 3) / 312, gemm_by_narrow},
        {"narrow: M 2047", 2047, 4096, 4096, 229.953025801560708 / 312, gemm_by_narrow},
        {"narrow: M 2048", 2048, 4096, 4096, 260. / 312, gemm_by_narrow},
        {"narrow: N 255", 4096, 4096, 255, 30. / 312, gemm_by_narrow},
        {"narrow: N 512", 4096, 4096, 512, (30 + 200. / 3) / 312, gemm_by_narrow},
        {"narrow: N 2048", 4096, 4096, 2048, 260. / 312, gemm_by_narrow},
        // A tile of 64 rows costs what it costs, but the efficiency is that of the true M: 63 rows miss the floor
        // below.
        {"true M, not the padded one", 16, 7168, 7168, 30. / 312, gemm_by_narrow},
        // Floor 289 / 1979 where K > 4096, M or N >= 1536 and the narrower >= 64.
        {"floor", 64, 4097, 1536, 289. / 1979, gemm_long_inner},
        {"floor: K 4096", 64, 4096, 1536, 30. / 312, gemm_by_narrow},
        {"floor: N 1535", 64, 4097, 1535, 30. / 312, gemm_by_narrow},
        {"floor: M wide", 1536, 4097, 64, 289. / 1979, gemm_long_inner},
        {"floor: M 1535", 1535, 4097, 64, 30. / 312, gemm_by_narrow},
        {"floor: M 63", 63, 4097, 1536, 30. / 312, gemm_by_narrow},
        {"floor: M just below 64", 63.5, 4097, 1536, 30. / 312, gemm_by_narrow},
        {"floor: N 63", 1536, 4097, 63, 30. / 312, gemm_by_narrow},
        // The narrow rule rises above the floor between 300 (45.25 / 312) and 302 (45.89 / 312): 289 / 1979 is 45.56 /
        // 312.
        {"floor: M 300", 300, 4097, 7168, 289. / 1979, gemm_long_inner},
        {"floor: M 302 is above it", 302, 4097, 7168, 45.8936492883385938 / 312, gemm_by_narrow},
        {"floor: M 2048 is above it", 2048, 16384, 7168, 260. / 312, gemm_by_narrow},
    };
    for (const GemmRow &row : rows)
        QTest::newRow(row.name) << row.m << row.k << row.n << row.mfu << row.source;
}

void TestEfficiency::general_gemm()
{
    QFETCH(double, m);
    QFETCH(double, k);
    QFETCH(double, n);
    QFETCH(double, mfu);
    QFETCH(EfficiencySource, source);
    const Efficiency efficiency = gemm_efficiency(published(), GemmRule::general, m, k, n);
    VERIFY_NEAR(efficiency.mfu, mfu, rounding_of_efficiency);
    QCOMPARE(efficiency.source, source);
    QCOMPARE(efficiency.evidence, Evidence::measured);
}

void TestEfficiency::expert_gemm_data()
{
    QTest::addColumn<double>("m");
    QTest::addColumn<double>("up");
    QTest::addColumn<double>("down");
    QTest::newRow("0.25") << 0.25 << 287. / 1979 << 295. / 1979;
    QTest::newRow("127") << 127. << 287. / 1979 << 295. / 1979;
    QTest::newRow("127.99") << 127.99 << 287. / 1979 << 295. / 1979;
    QTest::newRow("128") << 128. << 533. / 1979 << 510. / 1979;
    QTest::newRow("255") << 255. << 533. / 1979 << 510. / 1979;
    QTest::newRow("255.99") << 255.99 << 533. / 1979 << 510. / 1979;
    QTest::newRow("256") << 256. << 932. / 1979 << 815. / 1979;
    QTest::newRow("511") << 511. << 932. / 1979 << 815. / 1979;
    QTest::newRow("511.99") << 511.99 << 932. / 1979 << 815. / 1979;
    QTest::newRow("512") << 512. << 1040. / 1979 << 916. / 1979;
    QTest::newRow("1023") << 1023. << 1040. / 1979 << 916. / 1979;
    QTest::newRow("1023.99") << 1023.99 << 1040. / 1979 << 916. / 1979;
    QTest::newRow("1024") << 1024. << 1233. / 1979 << 925. / 1979;
    QTest::newRow("1048576") << 1048576. << 1233. / 1979 << 925. / 1979;
}

void TestEfficiency::expert_gemm()
{
    QFETCH(double, m);
    QFETCH(double, up);
    QFETCH(double, down);
    const Efficiency of_up = gemm_efficiency(published(), GemmRule::expert_up, m, 7168, 4096);
    VERIFY_NEAR(of_up.mfu, up, rounding_of_efficiency);
    QCOMPARE(of_up.source, EfficiencySource::expert_up);
    QCOMPARE(of_up.evidence, Evidence::measured);
    const Efficiency of_down = gemm_efficiency(published(), GemmRule::expert_down, m, 2048, 7168);
    VERIFY_NEAR(of_down.mfu, down, rounding_of_efficiency);
    QCOMPARE(of_down.source, EfficiencySource::expert_down);
    QCOMPARE(of_down.evidence, Evidence::measured);
}

void TestEfficiency::expert_gemm_ignores_inner_and_columns()
{
    VERIFY_NEAR(
        gemm_efficiency(published(), GemmRule::expert_up, 600, 16, 16).mfu, 1040. / 1979, rounding_of_efficiency);
    VERIFY_NEAR(
        gemm_efficiency(published(), GemmRule::expert_down, 600, 16, 16).mfu, 916. / 1979, rounding_of_efficiency);
}

void TestEfficiency::flash_mla_of_the_article_data()
{
    QTest::addColumn<FlashMlaClass>("chip_class");
    QTest::addColumn<double>("rows");
    QTest::addColumn<double>("mfu");
    QTest::addColumn<Evidence>("evidence");
    using enum FlashMlaClass;
    using enum Evidence;
    QTest::newRow("general, 64") << general << 64. << 510. / 989 << held;
    QTest::newRow("general, 127") << general << 127. << 510. / 989 << held;
    QTest::newRow("general, 128") << general << 128. << 510. / 989 << measured;
    // 510 + 40 * log2(R / 128)
    QTest::newRow("general, 160") << general << 160. << 522.877123795494494 / 989 << interpolated;
    QTest::newRow("general, 192") << general << 192. << 533.398500028846247 / 989 << interpolated;
    QTest::newRow("general, 255") << general << 255. << 549.774137474354318 / 989 << interpolated;
    QTest::newRow("general, 256") << general << 256. << 550. / 989 << measured;
    QTest::newRow("general, 257") << general << 257. << 550. / 989 << held;
    QTest::newRow("general, 384") << general << 384. << 550. / 989 << held;
    QTest::newRow("general, 2176") << general << 2176. << 550. / 989 << held;
    QTest::newRow("low compute, 64") << low_compute << 64. << 125. / 148 << held;
    QTest::newRow("low compute, 128") << low_compute << 128. << 125. / 148 << measured;
    QTest::newRow("low compute, 192") << low_compute << 192. << 125. / 148 << interpolated;
    QTest::newRow("low compute, 256") << low_compute << 256. << 125. / 148 << measured;
    QTest::newRow("low compute, 2176") << low_compute << 2176. << 125. / 148 << held;
}

void TestEfficiency::flash_mla_of_the_article()
{
    QFETCH(FlashMlaClass, chip_class);
    QFETCH(double, rows);
    QFETCH(double, mfu);
    QFETCH(Evidence, evidence);
    const Efficiency efficiency = flash_mla_efficiency(published(), chip_class, rows);
    VERIFY_NEAR(efficiency.mfu, mfu, rounding_of_efficiency);
    QCOMPARE(efficiency.evidence, evidence);
    QCOMPARE(efficiency.source,
        chip_class == FlashMlaClass::general ? EfficiencySource::flash_mla_general
                                             : EfficiencySource::flash_mla_low_compute);
}

void TestEfficiency::flash_mla_between_three_points()
{
    Profile profile = published();
    profile.flash_mla_general.points = {{100, 0.2}, {400, 0.4}, {6400, 0.8}};
    const auto mfu = [&](double rows) { return flash_mla_efficiency(profile, FlashMlaClass::general, rows).mfu; };
    VERIFY_SAME(mfu(50), 0.2);
    VERIFY_NEAR(mfu(200), 0.3, rounding_of_efficiency); // half of two doublings
    VERIFY_SAME(mfu(400), 0.4);
    VERIFY_NEAR(mfu(800), 0.5, rounding_of_efficiency); // a quarter of four doublings
    VERIFY_NEAR(mfu(1600), 0.6, rounding_of_efficiency);
    VERIFY_SAME(mfu(6400), 0.8);
    VERIFY_SAME(mfu(6401), 0.8);
}

void TestEfficiency::provenance_names_chip_and_source_data()
{
    QTest::addColumn<EfficiencySource>("source");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("measured_on");
    QTest::addColumn<QString>("reference");
    using enum EfficiencySource;
    const auto row = [](EfficiencySource source, const char *key, const char *chip, const char *reference) {
        QTest::newRow(key) << source << key << chip << reference;
    };
    row(gemm_by_inner, "gemm_by_inner", "A100", "throughput over K on A100");
    row(gemm_by_narrow, "gemm_by_narrow", "A100", "throughput over M and N on A100");
    row(gemm_long_inner, "gemm_long_inner", "H800", "dense GEMMs of few rows");
    row(expert_up, "expert_up", "H800", "GEMM 7168 -> 4096");
    row(expert_down, "expert_down", "H800", "GEMM 2048 -> 7168");
    row(flash_mla_general, "flash_mla_general", "H800", "FlashMLA, one and two query tokens");
    row(flash_mla_low_compute, "flash_mla_low_compute", "H20", "FlashMLA, 128 heads");
}

void TestEfficiency::provenance_names_chip_and_source()
{
    QFETCH(EfficiencySource, source);
    QFETCH(QString, key);
    QFETCH(QString, measured_on);
    QFETCH(QString, reference);
    const auto as_text = [](std::string_view text) { return to_text(text); };
    QCOMPARE(as_text(rule_of(source).key), key);
    const Provenance provenance = provenance_of(published(), source);
    QCOMPARE(as_text(provenance.measured_on), measured_on);
    QVERIFY2(as_text(provenance.source).contains(reference), provenance.source.c_str());

    const Efficiency efficiency{0.5, source, Evidence::measured};
    const QString own = as_text(provenance_text(published(), chip_named(measured_on.toUtf8().constData()), efficiency));
    QCOMPARE(own, "measured on " + measured_on + " (" + as_text(provenance.source) + ")");
    const QString other = as_text(provenance_text(published(), chip_named("L20"), efficiency));
    QVERIFY2(other.startsWith("measured on " + measured_on + ", "), qPrintable(other));
    QVERIFY2(other.contains("L20"), qPrintable(other));
    QVERIFY2(other.endsWith(" (" + as_text(provenance.source) + ")"), qPrintable(other));
}

void TestEfficiency::provenance_names_evidence()
{
    const Chip chip = chip_named("H800");
    const auto text = [&](double rows) {
        return QString::fromStdString(
            provenance_text(published(), chip, flash_mla_efficiency(published(), FlashMlaClass::general, rows)));
    };
    QVERIFY2(text(128).startsWith("measured on H800"), qPrintable(text(128)));
    QVERIFY2(text(192).contains("interpolated"), qPrintable(text(192)));
    QVERIFY2(!text(192).contains("held"), qPrintable(text(192)));
    QVERIFY2(text(384).contains("held"), qPrintable(text(384)));
    QVERIFY2(!text(384).contains("interpolated"), qPrintable(text(384)));
    QVERIFY(key_of(Evidence::measured) == "measured");
    QVERIFY(key_of(Evidence::interpolated) == "interpolated");
    QVERIFY(key_of(Evidence::held) == "held");
}

void TestEfficiency::rate_by_element_size_data()
{
    QTest::addColumn<double>("fp8");
    QTest::addColumn<double>("fp4");
    QTest::addColumn<double>("elem_size");
    QTest::addColumn<Rate>("wanted");
    QTest::addColumn<Rate>("used");
    QTest::addColumn<double>("flops");
    using enum Rate;
    struct Asked {
        double elem_size;
        Rate wanted;
    };
    const Asked asked[] = {{4, bf16}, {2, bf16}, {1.0001, bf16}, {1, eight_bit}, {0.75, eight_bit}, {0.5626, eight_bit},
        {0.5625, four_bit}, {0.5, four_bit}};
    constexpr double bf16_rate = 100, fp8_rate = 210, fp4_rate = 430;
    for (const auto &[elem_size, wanted] : asked) {
        const auto row = [&, size = elem_size, rate = wanted](
                             const char *chip, double fp8, double fp4, Rate used, double flops) {
            QTest::addRow("%g B, %s", size, chip) << fp8 << fp4 << size << rate << used << flops;
        };
        const double of_both = wanted == bf16 ? bf16_rate : wanted == eight_bit ? fp8_rate : fp4_rate;
        row("both", fp8_rate, fp4_rate, wanted, of_both);
        row("fp8 alone", fp8_rate, 0, wanted == bf16 ? bf16 : eight_bit, wanted == bf16 ? bf16_rate : fp8_rate);
        row("fp4 alone", 0, fp4_rate, wanted == four_bit ? four_bit : bf16, wanted == four_bit ? fp4_rate : bf16_rate);
        row("neither", 0, 0, bf16, bf16_rate);
    }
}

void TestEfficiency::rate_by_element_size()
{
    QFETCH(double, fp8);
    QFETCH(double, fp4);
    QFETCH(double, elem_size);
    QFETCH(Rate, wanted);
    QFETCH(Rate, used);
    QFETCH(double, flops);
    Machine machine;
    machine.bf16 = 100;
    machine.fp8 = fp8;
    machine.fp4 = fp4;
    const RateChoice choice = rate_for(machine, elem_size);
    QCOMPARE(choice.wanted, wanted);
    QCOMPARE(choice.used, used);
    VERIFY_SAME(choice.flops, flops);
    QCOMPARE(choice.fell_back(), wanted != used);
}

EPSCOPE_SUITE(efficiency, TestEfficiency)
#include "tst_efficiency.moc"
