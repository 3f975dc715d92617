// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/contour.h"

#include <cmath>
#include <limits>

#include <QTest>

#include "tests/support/near.h"
#include "tests/support/suite.h"

using namespace epscope;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::vector<double> grid(std::size_t columns, std::size_t rows, double (*value)(double, double))
{
    std::vector<double> values;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column)
            values.push_back(value(static_cast<double>(column), static_cast<double>(row)));
    }
    return values;
}

} // namespace

class TestContour : public QObject {
    Q_OBJECT

private slots:
    void a_plane_has_a_straight_line()
    {
        const auto values = grid(5, 4, [](double x, double y) { return 2 * x + y; });
        const std::vector<ContourLine> lines = contour_lines(values, 5, 4.5);
        QCOMPARE(lines.size(), std::size_t{1});
        QVERIFY(!lines[0].closed);
        for (const GridPoint &point : lines[0].points)
            VERIFY_NEAR(2 * point.column + point.row, 4.5, 1e-12);
        // From one border to the other: y = 0 at x = 2.25, y = 3 at x = 0.75.
        const double ends = lines[0].points.front().column + lines[0].points.back().column;
        VERIFY_NEAR(ends, 3., 1e-12);
    }

    void a_hill_has_a_ring()
    {
        const auto values = grid(9, 9, [](double x, double y) { return -std::hypot(x - 4, y - 4); });
        const std::vector<ContourLine> lines = contour_lines(values, 9, -2.5);
        QCOMPARE(lines.size(), std::size_t{1});
        QVERIFY(lines[0].closed);
        double area = 0;
        for (std::size_t i = 0; i < lines[0].points.size(); ++i) {
            const GridPoint &a = lines[0].points[i], &b = lines[0].points[(i + 1) % lines[0].points.size()];
            area += (a.column * b.row - b.column * a.row) / 2;
        }
        QVERIFY(std::abs(std::abs(area) / (std::acos(-1.) * 6.25) - 1) < 0.05);
    }

    void a_saddle_follows_its_middle_data()
    {
        QTest::addColumn<double>("low");
        QTest::addColumn<bool>("high_joined");
        QTest::newRow("the high corners join") << -1. << true;
        QTest::newRow("the low corners join") << -3. << false;
    }

    // High at lower left and upper right; the level is 0.
    void a_saddle_follows_its_middle()
    {
        QFETCH(double, low);
        QFETCH(bool, high_joined);
        const std::vector<double> values{2, low, low, 2};
        const std::vector<ContourLine> lines = contour_lines(values, 2, 0);
        QCOMPARE(lines.size(), std::size_t{2});
        for (const ContourLine &line : lines) {
            QCOMPARE(line.points.size(), std::size_t{2});
            const double column = (line.points[0].column + line.points[1].column) / 2,
                         row = (line.points[0].row + line.points[1].row) / 2;
            // Each line cuts off one corner: a low one off the diagonal, or a high one on it.
            QCOMPARE(std::abs(column - row) > 0.1, high_joined);
        }
    }

    void no_line_through_what_is_not_there()
    {
        auto values = grid(4, 3, [](double x, double) { return x; });
        QCOMPARE(contour_lines(values, 4, 1.5).front().points.size(), std::size_t{3});
        values[1] = none; // column 1 of the lowest row
        const std::vector<ContourLine> lines = contour_lines(values, 4, 1.5);
        QCOMPARE(lines.size(), std::size_t{1});
        QCOMPARE(lines[0].points.size(), std::size_t{2});
        QVERIFY(contour_lines(values, 4, 7).empty());
        QVERIFY(contour_lines({}, 4, 7).empty());
    }

    void two_hills_have_two_rings()
    {
        const auto values = grid(
            13, 7, [](double x, double y) { return -std::min(std::hypot(x - 3, y - 3), std::hypot(x - 9, y - 3)); });
        const std::vector<ContourLine> lines = contour_lines(values, 13, -1.5);
        QCOMPARE(lines.size(), std::size_t{2});
        QVERIFY(lines[0].closed && lines[1].closed);
    }

    void levels_are_round()
    {
        QCOMPARE(round_levels(0, 10, 5), (std::vector<double>{2, 4, 6, 8}));
        QCOMPARE(round_levels(2200, 4100, 4), (std::vector<double>{2500, 3000, 3500, 4000}));
        QVERIFY(round_levels(3, 3, 5).empty());
    }
};

EPSCOPE_SUITE(contour, TestContour)
#include "tst_contour.moc"
