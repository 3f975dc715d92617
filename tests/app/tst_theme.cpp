// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <set>
#include <tuple>

#include <QFile>
#include <QSignalSpy>
#include <QTest>

#include "app/look/chip_colours.h"
#include "app/look/theme.h"
#include "app/session/session.h"
#include "core/estimate/estimate.h"
#include "core/io/any_model_csv.h"
#include "core/io/spec_reader.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;

namespace {

// CIELAB's L*.
double lightness(const QColor &colour)
{
    const double y = luminance(colour);
    return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

double distance(const QColor &a, const QColor &b)
{
    const auto lab = [](const QColor &colour) {
        const auto linear = [](double channel) {
            return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
        };
        const double red = linear(colour.redF()), green = linear(colour.greenF()), blue = linear(colour.blueF());
        const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
        const double x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505), y = f(luminance(colour)),
                     z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
        return std::array{116 * y - 16, 500 * (x - y), 200 * (y - z)};
    };
    const std::array from = lab(a), to = lab(b);
    return std::hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
}

// The pairs of operators that stand in one block of some model: of the published one, and of each golden configuration.
std::set<std::pair<OpId, OpId>> shown_together()
{
    Candidate candidate;
    candidate.point.ep = 144;
    candidate.point.batch = 64;
    candidate.point.mtp_len = 1;
    std::vector<Scenario> scenarios{scenario_of(published_study(), candidate)};
    const QString golden = QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/golden/");
    const auto text = [&](const char *name) {
        QFile file(golden + QLatin1String(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
    };
    const Read<Profile> profile = read_profile(text("model-2026.yaml"), "model-2026.yaml");
    const auto rows = read_any_model(text("model_2026_steps.csv"), "steps.csv", shipped_library(), *profile.value);
    for (const NamedScenario &row : *rows.value)
        scenarios.push_back(row.scenario);
    std::set<std::pair<OpId, OpId>> pairs;
    for (const Scenario &scenario : scenarios) {
        for (const BlockEstimate &block : estimate(scenario).blocks) {
            for (const OperatorEstimate &a : block.operators) {
                for (const OperatorEstimate &b : block.operators)
                    pairs.insert({a.id, b.id});
            }
        }
    }
    return pairs;
}

double contrast(const QColor &a, const QColor &b)
{
    const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT

private slots:
    void luminance_is_wcags()
    {
        QCOMPARE(luminance(Qt::black), 0.0);
        QCOMPARE(luminance(Qt::white), 1.0);
        // 0.7152 of ((0.5 + 0.055) / 1.055)^2.4 and the like, for #808080: 0.2159.
        QVERIFY(std::abs(luminance(QColor(0x80, 0x80, 0x80)) - 0.21586) < 1e-5);
    }

    // Lightness is what every kind of colour blindness leaves.
    void operators_of_a_stage_differ_in_lightness()
    {
        const std::set<std::pair<OpId, OpId>> together = shown_together();
        for (const OperatorInfo &a : operators()) {
            for (const OperatorInfo &b : operators()) {
                if (a.id >= b.id || !together.contains({a.id, b.id}))
                    continue;
                const double apart = std::abs(lightness(Theme::light().of(a.id)) - lightness(Theme::light().of(b.id)));
                const bool both_attention =
                    static_cast<int>(a.stage) + static_cast<int>(b.stage) == 1 && a.stage != b.stage;
                const double least = a.stage == b.stage ? 8.5 : both_attention ? 2.5 : 0;
                QVERIFY2(apart >= least,
                    qPrintable(QStringLiteral("%1 %2: %3")
                                   .arg(static_cast<int>(a.id))
                                   .arg(static_cast<int>(b.id))
                                   .arg(apart)));
                if (static_cast<int>(b.id) == static_cast<int>(a.id) + 1 && a.stage == b.stage)
                    QVERIFY2(apart >= 11,
                        qPrintable(QStringLiteral("%1 %2: %3")
                                       .arg(static_cast<int>(a.id))
                                       .arg(static_cast<int>(b.id))
                                       .arg(apart)));
            }
            QCOMPARE(Theme::night().of(a.id), Theme::light().of(a.id));
        }
    }

    void chips_stand_out_and_differ()
    {
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            std::set<std::tuple<QRgb, Qt::PenStyle>> seen;
            for (std::size_t mark = 0; mark < 32; ++mark) {
                QVERIFY(contrast(theme->chip(mark), theme->surface) >= 3);
                QVERIFY(seen.emplace(theme->chip(mark).rgb(), theme->chip_dash(mark)).second);
            }
        }
    }

    // By CIE76's distance, of which 2.3 is just noticeable; from the baselines' too.
    void no_two_chips_look_nearly_alike()
    {
        constexpr double least_apart = 30, least_from_baseline = 14;
        for (const Theme *theme : {&Theme::light(), &Theme::night()}) {
            for (std::size_t mark = 0; mark < chip_colours; ++mark) {
                const auto apart = [&](const QColor &other) { return distance(theme->chip(mark), other); };
                for (std::size_t other = 0; other < mark; ++other)
                    QVERIFY2(apart(theme->chip(other)) > least_apart,
                        qPrintable(QStringLiteral("%1 and %2").arg(mark).arg(other)));
                for (std::size_t baseline = 0; baseline < 4; ++baseline)
                    QVERIFY2(apart(theme->baseline(baseline)) > least_from_baseline,
                        qPrintable(QStringLiteral("%1 and baseline %2").arg(mark).arg(baseline)));
            }
        }
    }

    void follows_the_system_unless_told()
    {
        bool dark = true;
        ThemeSource source([&] { return dark; });
        QVERIFY(source.theme().dark);
        QCOMPARE(QApplication::palette().color(QPalette::Window), Theme::night().window);
        QSignalSpy changed(&source, &ThemeSource::changed);
        dark = false;
        source.follow_system();
        QCOMPARE(changed.count(), 1);
        QVERIFY(!source.theme().dark);
        QCOMPARE(QApplication::palette().color(QPalette::Window), Theme::light().window);
        source.choose(ThemeChoice::dark);
        source.follow_system();
        QVERIFY(source.theme().dark);
        source.choose(ThemeChoice::system);
        QVERIFY(!source.theme().dark);
    }

    // The offscreen system is light, whatever the program shows.
    void the_systems_palette_is_not_the_programs()
    {
        ThemeSource source;
        source.choose(ThemeChoice::dark);
        source.follow_system();
        source.choose(ThemeChoice::system);
        QVERIFY(!source.theme().dark);
    }

    // Whichever other chips are in the study.
    void a_chip_keeps_its_mark_while_the_study_is_open()
    {
        Session session;
        session.open(testing::published_study());
        const auto mark = [&](const char *chip) { return chip_mark(session.inputs(), chip); };
        QCOMPARE(mark("H800"), std::size_t(0));
        QCOMPARE(mark("A100"), std::size_t(2));
        Study study = session.study();
        study.chips.erase(study.chips.begin());
        session.change(study);
        QCOMPARE(mark("A100"), std::size_t(2));
        study.chips.insert(study.chips.begin(), *testing::shipped_library().chip("B200").value);
        session.change(study);
        QCOMPARE(mark("A100"), std::size_t(2));
        QCOMPARE(mark("B200"), std::size_t(4));
        session.change(session.opened());
        QCOMPARE(mark("H800"), std::size_t(0));

        QSignalSpy explored(&session, &Session::explored_changed);
        session.change(study);
        QTRY_VERIFY(session.explored() && session.explored()->inputs == session.inputs());
        for (const ChipView &view : session.explored()->chips)
            QCOMPARE(view.mark, chip_mark(session.inputs(), study.chips[view.chip].name));
        session.open(study);
        QCOMPARE(mark("B200"), std::size_t(0));
    }

    // Also after more chips have come and gone than there are colours.
    void a_new_chip_has_a_colour_that_is_free()
    {
        Session session;
        session.open(testing::published_study());
        const Study four = session.study();
        for (const char *name : {"B200", "B300", "GB200", "H100", "H200", "MI300X", "Gaudi3", "L40S"}) {
            Study study = four;
            study.chips.push_back(*testing::shipped_library().chip(name).value);
            session.change(study);
            std::set<QRgb> seen;
            for (const Chip &chip : study.chips)
                QVERIFY2(seen.insert(Theme::light().chip(chip_mark(session.inputs(), chip.name)).rgb()).second, name);
            for (std::size_t i = 0; i < four.chips.size(); ++i)
                QCOMPARE(chip_mark(session.inputs(), four.chips[i].name), i);
        }
    }
};

EPSCOPE_SUITE(theme, TestTheme)
#include "tst_theme.moc"
