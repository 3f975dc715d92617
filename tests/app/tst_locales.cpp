// SPDX-License-Identifier: GPL-3.0-or-later
// What the program writes and reads is the same in every language and on every desktop.
#include <clocale>
#include <cstdio>

#include <QFile>
#include <QImage>
#include <QRegularExpression>
#include <QTest>

#include "core/quantity.h"
#include "tests/support/files.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

struct Locale {
    const char *name;
    const char *one_and_a_half; // as the C library then writes it
};
constexpr Locale locales[] = {
    {"de_DE.UTF-8", "1,5"}, {"fr_FR.UTF-8", "1,5"}, {"tr_TR.UTF-8", "1,5"}, {"fa_IR.UTF-8", "1.5"}};

// What the program is asked for; FILE stands for the file that it writes.
const QStringList commands[] = {
    {"render", "--view", "pareto", "-o", "FILE.svg"},
    {"render", "--view", "timeline", "-o", "FILE.png"},
    {"render", "--view", "breakdown", "-o", "FILE.pdf"},
    {"render", "--view", "goal", "--goal", "tpot<=20ms", "-o", "FILE.svg"},
    {"render", "--view", "memory", "-o", "FILE.svg"},
    {"render", "--view", "window", "--size", "1280x800", "-o", "FILE.png"},
    {"report", "-o", "FILE.html"},
    {"report", "-o", "FILE.pdf"},
    {"search", "--format", "csv", "-o", "FILE.csv"},
    {"search", "-o", "FILE.xlsx"},
    {"sensitivity", "-o", "FILE.json", "--format", "json"},
};
const QStringList small_study{
    "--chip", "H800", "--ep", "72,144", "--batch", "16..64:16", "--mtp-len", "1", "--precision", "1 B / 2 B"};

// A PDF names the time at which it was written, in several places.
QByteArray without_dates(const QByteArray &bytes)
{
    static const QRegularExpression date(
        QStringLiteral("D:\\d{14}[^)]*|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[^<]*|uuid:[0-9a-f-]+"));
    return QString::fromLatin1(bytes).remove(date).toLatin1();
}

} // namespace

class TestLocales : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void the_locales_are_there();
    void files_are_the_same_data();
    void files_are_the_same();
    void numbers_are_the_same();
    void pictures_do_not_depend_on_the_desktop_data();
    void pictures_do_not_depend_on_the_desktop();
    void the_window_is_as_large_as_asked_for();

private:
    Folder folder;

    // What the program writes with these variables set, or a text that says what went wrong.
    QByteArray written(QStringList command, const Variables &variables) const
    {
        const QString file = folder.path(QStringLiteral("written"));
        command.replaceInStrings(QStringLiteral("FILE"), file);
        const QString output = command.filter(file).value(0);
        QFile::remove(output);
        const Result result = run(command + small_study, variables);
        return result.code == 0 && result.err.isEmpty() ? without_dates(content(output)) : "failed: " + result.err;
    }
};

void TestLocales::initTestCase()
{
    qputenv("LOCPATH", EPSCOPE_LOCALES);
}

void TestLocales::the_locales_are_there()
{
    for (const Locale &locale : locales) {
        QVERIFY2(std::setlocale(LC_ALL, locale.name), locale.name);
        char text[16];
        std::snprintf(text, sizeof text, "%.1f", 1.5);
        QCOMPARE(QString::fromUtf8(text), QString::fromUtf8(locale.one_and_a_half));
    }
    std::setlocale(LC_ALL, "C");
}

void TestLocales::files_are_the_same_data()
{
    QTest::addColumn<QStringList>("command");
    for (const QStringList &command : commands)
        QTest::newRow(qPrintable(command.join(u' '))) << command;
}

void TestLocales::files_are_the_same()
{
    QFETCH(QStringList, command);
    const QByteArray expected = written(command, {});
    QVERIFY2(expected.size() > 200 && !expected.startsWith("failed"), expected.constData());
    for (const Locale &locale : locales) {
        const QByteArray now =
            written(command, {{"LC_ALL", locale.name}, {"LANG", locale.name}, {"LOCPATH", EPSCOPE_LOCALES}});
        QVERIFY2(!now.startsWith("failed"), now.constData());
        QVERIFY2(now == expected, locale.name);
    }
}

// Also where a library has set the locale of the C library behind the program's back.
void TestLocales::numbers_are_the_same()
{
    for (const Locale &locale : locales) {
        QVERIFY(std::setlocale(LC_ALL, locale.name));
        QCOMPARE(short_text(82.7e-3, Dimension::seconds), std::string("82.7 ms"));
        QCOMPARE(short_text(7.17e-5, Dimension::fraction), std::string("7.17e-05"));
        QCOMPARE(short_text(9501.25, Dimension::count, 6), std::string("9501.25"));
        QCOMPARE(exact_text(0.1), std::string("0.1"));
        QCOMPARE(compact_text(4.8e12, Dimension::bytes_per_second), std::string("4.8 TB/s"));
        const auto parsed = parse_quantity("82.7 ms", Dimension::seconds, BareNumbers::refused);
        QVERIFY(std::holds_alternative<Quantity>(parsed) && std::get<Quantity>(parsed).number == 82.7);
    }
    std::setlocale(LC_ALL, "C");
}

void TestLocales::pictures_do_not_depend_on_the_desktop_data()
{
    QTest::addColumn<QStringList>("command");
    for (const QStringList &command : commands) {
        if (command.front() == QStringLiteral("render"))
            QTest::newRow(qPrintable(command.join(u' '))) << command;
    }
}

void TestLocales::pictures_do_not_depend_on_the_desktop()
{
    QFETCH(QStringList, command);
    const QByteArray expected = written(command, {});
    QVERIFY2(expected.size() > 200 && !expected.startsWith("failed"), expected.constData());
    const Variables desktops[] = {
        {{"QT_SCALE_FACTOR", "2"}},
        {{"QT_SCREEN_SCALE_FACTORS", "1.5"}, {"QT_ENABLE_HIGHDPI_SCALING", "1"}},
        {{"QT_FONT_DPI", "192"}, {"QT_USE_PHYSICAL_DPI", "1"}},
        {{"QT_STYLE_OVERRIDE", "windows"}, {"QT_QPA_PLATFORMTHEME", "gtk3"}, {"XDG_CURRENT_DESKTOP", "KDE"}},
        {{"QT_QPA_PLATFORM", "minimal"}, {"QT_SCALE_FACTOR_ROUNDING_POLICY", "Floor"}},
    };
    for (const Variables &desktop : desktops) {
        const QByteArray now = written(command, desktop);
        QVERIFY2(!now.startsWith("failed"), now.constData());
        QVERIFY2(now == expected, desktop.front().first);
    }
}

void TestLocales::the_window_is_as_large_as_asked_for()
{
    const QStringList command{"render", "--view", "window", "--size", "1280x800", "-o", "FILE.png"};
    const auto size = [&](const QStringList &more, const Variables &variables) {
        return QImage::fromData(written(command + more, variables)).size();
    };
    QCOMPARE(size({}, {{"QT_SCALE_FACTOR", "2"}}), QSize(1280, 800));
    QCOMPARE(size({"--scale", "2"}, {{"QT_SCALE_FACTOR", "3"}}), QSize(2560, 1600));
}

EPSCOPE_SUITE(locales, TestLocales)
#include "tst_locales.moc"
