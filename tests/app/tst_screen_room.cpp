// SPDX-License-Identifier: GPL-3.0-or-later
// Here the screen is one of 800 × 800 pixels with a frame of two around each window: smaller than what the contents ask
// for with large text.
#include <cmath>
#include <set>

#include <QDialog>
#include <QFile>
#include <QScreen>
#include <QTest>

#include "app/look/theme.h"
#include "app/window/explorer.h"
#include "app/window/screen_room.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

bool fits(const QWidget &window)
{
    const QSize room = window.screen()->availableSize(), size = window.frameGeometry().size();
    return size.width() <= room.width() && size.height() <= room.height();
}

// Pixels that hang together by their sides and look like a colour, edges that are smoothed included.
struct Area {
    std::set<std::pair<int, int>> pixels;
    QColor mean;
};

Area largest_area(const QImage &image, const QColor &colour)
{
    constexpr int alike = 90; // of 255, in each channel
    const auto is_alike = [&](const QColor &other) {
        return std::abs(other.red() - colour.red()) <= alike && std::abs(other.green() - colour.green()) <= alike
            && std::abs(other.blue() - colour.blue()) <= alike && other.alpha() == 255;
    };
    std::set<std::pair<int, int>> left;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (is_alike(image.pixelColor(x, y)))
                left.emplace(x, y);
        }
    }
    Area largest;
    while (!left.empty()) {
        Area area;
        std::vector<std::pair<int, int>> next{left.extract(left.begin()).value()};
        int red = 0, green = 0, blue = 0;
        while (!next.empty()) {
            const auto [x, y] = next.back();
            next.pop_back();
            area.pixels.emplace(x, y);
            const QColor here = image.pixelColor(x, y);
            red += here.red(), green += here.green(), blue += here.blue();
            for (const auto &[dx, dy] : {std::pair(1, 0), std::pair(-1, 0), std::pair(0, 1), std::pair(0, -1)}) {
                if (auto found = left.extract({x + dx, y + dy}))
                    next.push_back(found.value());
            }
        }
        const int size = static_cast<int>(area.pixels.size());
        area.mean = QColor(red / size, green / size, blue / size);
        if (area.pixels.size() > largest.pixels.size())
            largest = area;
    }
    return largest;
}

double contrast(const Area &a, const Area &b)
{
    const auto [darker, lighter] = std::minmax({luminance(a.mean), luminance(b.mean)});
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace

class TestScreenRoom : public QObject {
    Q_OBJECT

private slots:
    void the_window_at_every_scale();
    void other_windows();
    void contents_that_ask_for_more();
    void no_window_comes_up_beyond_the_screen();
    void every_window_has_the_icon();
    void the_icon_is_legible_data();
    void the_icon_is_legible();
};

void TestScreenRoom::the_window_at_every_scale()
{
    const ScreenRoom room;
    const Folder folder;
    Explorer explorer(folder.path());
    explorer.show();
    for (const int percent : {100, 125, 150, 200, 100}) {
        explorer.window.set_scale(percent);
        for (int pass = 0; pass < 5; ++pass)
            QApplication::processEvents();
        QVERIFY2(fits(explorer.window), QByteArray::number(percent).constData());
    }
    set_text_scale(1);
    explorer.window.resize(3000, 2000);
    QTRY_VERIFY(fits(explorer.window));
}

void TestScreenRoom::other_windows()
{
    const ScreenRoom room;
    const Folder folder;
    Explorer explorer(folder.path());
    explorer.show();
    explorer.window.set_scale(200);
    for (const QString &action : {QStringLiteral("New chip…"), QStringLiteral("Keys and mouse")})
        explorer.action(action).trigger();
    QTRY_VERIFY(QApplication::topLevelWidgets().size() > 2);
    for (int pass = 0; pass < 5; ++pass)
        QApplication::processEvents();
    int windows = 0;
    for (const QWidget *window : QApplication::topLevelWidgets()) {
        if (!window->isVisible() || (window->windowType() != Qt::Window && window->windowType() != Qt::Dialog))
            continue;
        QVERIFY2(fits(*window), qPrintable(window->windowTitle()));
        ++windows;
    }
    QVERIFY(windows >= 3);
    set_text_scale(1);
}

void TestScreenRoom::contents_that_ask_for_more()
{
    const ScreenRoom room;
    QDialog window;
    auto *contents = new QWidget;
    contents->setMinimumSize(3000, 200);
    (new QVBoxLayout(&window))->addWidget(contents);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QVERIFY(fits(window));
    contents->setMinimumSize(200, 3000);
    QTRY_VERIFY(window.minimumWidth() < 400);
    QVERIFY(fits(window));
    QVERIFY(window.height() > 700);
}

void TestScreenRoom::no_window_comes_up_beyond_the_screen()
{
    const ScreenRoom room;
    for (const QPoint &corner : {QPoint(700, 650), QPoint(-300, -20), QPoint(5000, 100)}) {
        QDialog window;
        window.resize(400, 300);
        window.move(corner);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        const QRect screen = window.screen()->availableGeometry();
        QTRY_VERIFY2(screen.contains(window.frameGeometry()), QByteArray::number(corner.x()).constData());
        QCOMPARE(window.size(), QSize(400, 300));
        const QPoint own = screen.bottomRight() - QPoint(100, 100); // where somebody moves it later
        window.move(own);
        for (int pass = 0; pass < 5; ++pass)
            QApplication::processEvents();
        QCOMPARE(window.pos(), own);
    }
}

void TestScreenRoom::every_window_has_the_icon()
{
    introduce(shipped_library());
    QVERIFY(!QApplication::windowIcon().isNull());
    QCOMPARE(QGuiApplication::desktopFileName(), QStringLiteral("epscope"));
    QFile entry(QStringLiteral(EPSCOPE_SOURCE_DIR "/app/epscope.desktop"));
    QVERIFY(entry.open(QIODevice::ReadOnly));
    const QByteArray text = entry.readAll();
    for (const char *line : {"\nIcon=epscope\n", "\nExec=epscope %f\n", "\nStartupWMClass=epscope\n"})
        QVERIFY2(text.contains(line), line);
    const Folder folder;
    const Explorer explorer(folder.path());
    QVERIFY(!explorer.window.windowIcon().isNull());
    QApplication::setWindowIcon({});
}

void TestScreenRoom::the_icon_is_legible_data()
{
    QTest::addColumn<int>("side");
    for (const int side : {16, 24, 32, 48, 64, 128, 256})
        QTest::newRow(QByteArray::number(side)) << side;
}

// Its dot and its lens stand out from the ground, each in one piece large enough to be seen, the lens around the dot.
void TestScreenRoom::the_icon_is_legible()
{
    QFETCH(const int, side);
    const QImage image = program_icon(shipped_library()).pixmap(QSize(side, side), 1.0).toImage();
    QCOMPARE(image.size(), QSize(side, side));
    const Area dot = largest_area(image, QColor(0xe69f00)), lens = largest_area(image, Qt::white),
               ground = largest_area(image, QColor(0x0b3a66));
    const auto part_of = [&](const Area &area) { return static_cast<double>(area.pixels.size()) / (side * side); };
    QVERIFY2(part_of(dot) >= 1.0 / 40, std::to_string(part_of(dot)).c_str());
    QVERIFY2(part_of(lens) >= 1.0 / 10, std::to_string(part_of(lens)).c_str());
    QVERIFY2(part_of(ground) >= 1.0 / 4, std::to_string(part_of(ground)).c_str());
    constexpr double of_graphics = 3; // WCAG 2.1, 1.4.11
    QVERIFY2(contrast(dot, ground) >= of_graphics, std::to_string(contrast(dot, ground)).c_str());
    QVERIFY2(contrast(lens, ground) >= of_graphics, std::to_string(contrast(lens, ground)).c_str());
    for (const auto &[dx, dy] : {std::pair(1, 0), std::pair(-1, 0), std::pair(0, 1), std::pair(0, -1)}) {
        auto [x, y] = *dot.pixels.begin();
        while (image.rect().contains(x, y) && !lens.pixels.contains({x, y}))
            x += dx, y += dy;
        QVERIFY(image.rect().contains(x, y));
    }
    QVERIFY(qAlpha(image.pixel(0, 0)) < 128); // round corners
}

EPSCOPE_SUITE(screen_room, TestScreenRoom)
#include "tst_screen_room.moc"
