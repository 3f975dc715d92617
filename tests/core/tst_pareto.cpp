// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "core/quantity.h"
#include "core/search/pareto.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;

namespace {

using Points = std::vector<Ranked>;
using Random = std::mt19937_64;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// What rounded_for_ties() promises, by other means: 40 bits behind the leading one.
double rounded(double rate)
{
    int exponent = 0;
    const double mantissa = std::frexp(rate, &exponent);
    return std::ldexp(std::floor(std::ldexp(mantissa, 41) + 0.5), exponent - 41);
}

bool finite(const Ranked &point)
{
    return std::isfinite(point.ux_tps) && std::isfinite(point.throughput_per_card);
}

// The definition, word by word, in O(n^2).
Points brute_front(const Points &points)
{
    Points front;
    for (const Ranked &point : points) {
        const bool beaten = std::any_of(points.begin(), points.end(), [&](const Ranked &other) {
            if (!finite(other))
                return false;
            const double ux = rounded(other.ux_tps) - rounded(point.ux_tps);
            const double throughput = rounded(other.throughput_per_card) - rounded(point.throughput_per_card);
            if (ux == 0 && throughput == 0)
                return better(other, point);
            return ux >= 0 && throughput >= 0;
        });
        if (finite(point) && !beaten)
            front.push_back(point);
    }
    std::sort(front.begin(), front.end(), [](const Ranked &a, const Ranked &b) { return a.ux_tps > b.ux_tps; });
    return front;
}

std::string text_of(const Points &points)
{
    std::string text;
    for (const Ranked &point : points)
        text += exact_text(point.ux_tps) + " " + exact_text(point.throughput_per_card) + " B"
            + std::to_string(point.batch) + " kv" + exact_text(point.kv_elem_size) + " #" + std::to_string(point.order)
            + "\n";
    return text;
}

double noise(Random &random) // a few units in the last place
{
    return 1 + (static_cast<double>(random() % 7) - 3) * 0x1p-52;
}

enum class Shape { spread, grid, communication_bound, chain, with_not_finite };

// Points as a search makes them: runs of ascending batches, each run of one KV size, orders one after the other.
std::vector<Points> random_runs(Random &random, Shape shape)
{
    std::vector<Points> runs(1 + random() % 8);
    std::uint64_t order = random() % 5;
    for (Points &run : runs) {
        const double kv = std::array{0.5, 1.0, 2.0}[random() % 3];
        std::int64_t batch = 0;
        const double bound = static_cast<double>(1000 + 100 * (random() % 4));
        for (auto size = random() % 40; size > 0; --size) {
            batch += 1 + static_cast<std::int64_t>(random() % 4);
            const auto sequences = static_cast<double>(batch);
            Ranked point{0, 0, batch, kv, order++};
            switch (shape) {
            case Shape::with_not_finite:
            case Shape::spread:
                point.ux_tps = static_cast<double>(random() % 1000003) / 1000;
                point.throughput_per_card = static_cast<double>(random() % 1000003);
                break;
            case Shape::grid:
                point.ux_tps = static_cast<double>(1 + random() % 6) * noise(random);
                point.throughput_per_card = static_cast<double>(10 + random() % 6) * noise(random);
                break;
            case Shape::communication_bound:
                point.ux_tps = bound / sequences;
                point.throughput_per_card = point.ux_tps * sequences;
                break;
            case Shape::chain:
                point.ux_tps = bound / (10 + sequences);
                point.throughput_per_card = point.ux_tps * sequences;
                break;
            }
            if (shape == Shape::with_not_finite && random() % 4 == 0)
                (random() % 2 ? point.ux_tps : point.throughput_per_card) =
                    std::array{not_a_number, infinity, -infinity}[random() % 3];
            run.push_back(point);
        }
    }
    return runs;
}

constexpr Shape shapes[] = {
    Shape::spread, Shape::grid, Shape::communication_bound, Shape::chain, Shape::with_not_finite};

Points all_of(const std::vector<Points> &runs)
{
    Points all;
    for (const Points &run : runs)
        all.insert(all.end(), run.begin(), run.end());
    return all;
}

void add_as_arrays(ParetoFront &front, std::span<const Ranked> run)
{
    std::vector<double> ux_tps, throughput;
    std::vector<std::int64_t> batches;
    for (const Ranked &point : run) {
        ux_tps.push_back(point.ux_tps);
        throughput.push_back(point.throughput_per_card);
        batches.push_back(point.batch);
    }
    front.add(
        ux_tps, throughput, batches, run.empty() ? 1 : run.front().kv_elem_size, run.empty() ? 0 : run.front().order);
}

} // namespace

class TestPareto : public QObject {
    Q_OBJECT

private slots:
    void fronts_made_by_hand_data();
    void fronts_made_by_hand();
    void leaves_out_what_is_not_finite();
    void rounds_away_what_is_rounding();
    void better_goes_by_the_tie_rule_data();
    void better_goes_by_the_tie_rule();
    void better_is_a_strict_total_order();
    void agrees_with_brute_force();
    void front_is_a_chain();
    void streams_in_any_chunks_and_order();
    void streams_one_long_run();
    void adding_twice_changes_nothing();
};

void TestPareto::fronts_made_by_hand_data()
{
    QTest::addColumn<Points>("points");
    QTest::addColumn<std::vector<std::uint64_t>>("front"); // by order
    const auto row = [](const char *name, const Points &points, const std::vector<std::uint64_t> &front) {
        QTest::newRow(name) << points << front;
    };
    const double up = 1 + 0x1p-52;
    row("nothing", {}, {});
    row("one", {{20, 100, 8, 1, 0}}, {0});
    row("one at zero", {{0, 0, 8, 1, 0}}, {0});
    row("one below zero", {{-1, -1, 8, 1, 0}}, {0});
    row("trade-off", {{20, 100, 8, 1, 0}, {10, 200, 16, 1, 1}, {5, 300, 32, 1, 2}}, {0, 1, 2});
    row("trade-off, ascending", {{5, 300, 32, 1, 0}, {10, 200, 16, 1, 1}, {20, 100, 8, 1, 2}}, {2, 1, 0});
    row("beaten in both", {{20, 100, 8, 1, 0}, {10, 50, 16, 1, 1}}, {0});
    row("beats all before", {{20, 100, 8, 1, 0}, {10, 200, 16, 1, 1}, {30, 300, 1, 1, 2}}, {2});
    row("equal ux", {{20, 100, 8, 1, 0}, {20, 101, 8, 1, 1}, {20, 99, 8, 1, 2}}, {1});
    row("equal throughput", {{20, 100, 8, 1, 0}, {21, 100, 8, 1, 1}, {19, 100, 8, 1, 2}}, {1});
    row("equal points, batch", {{20, 100, 16, 2, 0}, {20, 100, 8, 1, 1}, {20, 100, 32, 2, 2}}, {1});
    row("equal points, KV size", {{20, 100, 8, 1, 0}, {20, 100, 8, 2, 1}, {20, 100, 8, 0.5, 2}}, {1});
    row("equal points, order", {{20, 100, 8, 1, 7}, {20, 100, 8, 1, 3}, {20, 100, 8, 1, 5}}, {3});
    row("equal but for rounding, batch", {{20, 100 * up, 16, 1, 0}, {20 * up, 100, 8, 1, 1}}, {1});
    row("equal ux but for rounding", {{20 * up, 100, 8, 1, 0}, {20, 101, 16, 1, 1}}, {1});
    row("equal throughput but for rounding",
        {{10, 100 * up, 8, 1, 0}, {20, 100, 16, 1, 1}, {5, 100 * up * up, 4, 1, 2}}, {1});
    row("little more is more", {{20, 100, 8, 1, 0}, {20 - 1e-9, 100 + 1e-9, 16, 1, 1}}, {0, 1});
    row("corners", {{20, 100, 8, 1, 0}, {20, 50, 8, 1, 1}, {10, 100, 8, 1, 2}, {10, 50, 8, 1, 3}}, {0});
}

void TestPareto::fronts_made_by_hand()
{
    QFETCH(Points, points);
    QFETCH(std::vector<std::uint64_t>, front);
    std::sort(points.begin(), points.end(), [](const Ranked &a, const Ranked &b) { return a.order < b.order; });
    do { // in any order
        std::vector<std::uint64_t> found;
        for (const Ranked &point : pareto_front(points))
            found.push_back(point.order);
        QVERIFY2(found == front, text_of(pareto_front(points)).c_str());

        ParetoFront streamed;
        for (const Ranked &point : points)
            streamed.add(std::span(&point, 1));
        QVERIFY(streamed.points() == pareto_front(points));
        ParetoFront by_arrays;
        for (const Ranked &point : points)
            add_as_arrays(by_arrays, std::span(&point, 1));
        QVERIFY(by_arrays.points() == streamed.points());
    } while (std::next_permutation(
        points.begin(), points.end(), [](const Ranked &a, const Ranked &b) { return a.order < b.order; }));
}

void TestPareto::leaves_out_what_is_not_finite()
{
    const Points good{{20, 100, 8, 1, 0}, {10, 200, 16, 1, 1}};
    const std::pair<double, double> not_finite[] = {{not_a_number, 1000}, {1000, not_a_number},
        {not_a_number, not_a_number}, {infinity, 1000}, {1000, infinity}, {infinity, infinity}, {-infinity, 1000},
        {1000, -infinity}, {infinity, not_a_number}};
    for (const auto &[ux_tps, throughput] : not_finite) {
        const Ranked bad{ux_tps, throughput, 4, 1, 2};
        const std::string name = text_of({bad});
        for (const Points &points :
            {Points{bad, good[0], good[1]}, Points{good[0], bad, good[1]}, Points{good[0], good[1], bad}}) {
            QVERIFY2(pareto_front(points) == good, name.c_str());
            ParetoFront together;
            together.add(points);
            QVERIFY2(together.points() == good, name.c_str());
            ParetoFront one_by_one, by_arrays;
            for (const Ranked &point : points) {
                one_by_one.add(std::span(&point, 1));
                add_as_arrays(by_arrays, std::span(&point, 1));
            }
            QVERIFY2(one_by_one.points() == good, name.c_str());
            QVERIFY2(by_arrays.points() == good, name.c_str());
        }
        QVERIFY2(pareto_front({bad}).empty(), name.c_str());
        ParetoFront alone;
        add_as_arrays(alone, std::span(&bad, 1));
        QVERIFY2(alone.points().empty(), name.c_str());
    }
}

void TestPareto::rounds_away_what_is_rounding()
{
    Random random(40);
    std::uniform_real_distribution<double> exponent(-30, 30);
    for (int i = 0; i < 20000; ++i) {
        const double rate = std::exp2(exponent(random));
        const double near = rounded_for_ties(rate);
        QCOMPARE(near, rounded(rate));
        QVERIFY(std::abs(near - rate) <= rate * 0x1p-41);
        QCOMPARE(rounded_for_ties(near), near);
        QVERIFY(rounded_for_ties(rate * (1 + 0x1p-39)) > near);
        // Not at the edge between two rounded values, a few last places make no difference.
        if (std::abs(near - rate) < rate * 0x1p-43)
            QCOMPARE(rounded_for_ties(rate * noise(random)), near);
    }
    QCOMPARE(rounded_for_ties(0), 0.0);
    QCOMPARE(rounded_for_ties(1), 1.0);
}

void TestPareto::better_goes_by_the_tie_rule_data()
{
    QTest::addColumn<Points>("pair"); // the better one first
    const auto row = [](const char *name, const Ranked &better_one, const Ranked &other) {
        QTest::newRow(name) << Points{better_one, other};
    };
    row("throughput before all else", {10, 200, 64, 0.5, 9}, {20, 100, 8, 2, 0});
    row("then ux", {20, 100, 64, 0.5, 9}, {10, 100, 8, 2, 0});
    row("then the smaller batch", {20, 100, 8, 0.5, 9}, {20, 100, 64, 2, 0});
    row("then the larger KV element", {20, 100, 8, 2, 9}, {20, 100, 8, 0.5, 0});
    row("then the earlier", {20, 100, 8, 2, 0}, {20, 100, 8, 2, 9});
    row("rounding is no throughput", {20, 100, 64, 0.5, 9}, {10, 100 * (1 + 0x1p-50), 8, 2, 0});
    row("rounding is no ux", {20, 100, 8, 0.5, 9}, {20 * (1 + 0x1p-50), 100, 64, 2, 0});
}

void TestPareto::better_goes_by_the_tie_rule()
{
    QFETCH(Points, pair);
    QVERIFY(better(pair[0], pair[1]));
    QVERIFY(!better(pair[1], pair[0]));
    QVERIFY(!better(pair[0], pair[0]));
}

void TestPareto::better_is_a_strict_total_order()
{
    Random random(11);
    for (int round = 0; round < 20; ++round) {
        Points points;
        for (const Shape shape : {Shape::grid, Shape::communication_bound, Shape::spread}) {
            const Points more = all_of(random_runs(random, shape));
            points.insert(points.end(), more.begin(), more.end());
        }
        points.resize(std::min<std::size_t>(points.size(), 120));
        for (std::size_t i = 0; i < points.size(); ++i) {
            points[i].order = i; // distinct
            points[i].batch = 1 + static_cast<std::int64_t>(random() % 2);
        }
        for (const Ranked &a : points) {
            QVERIFY(!better(a, a));
            for (const Ranked &b : points) {
                if (&a == &b)
                    continue;
                const bool wins = better(a, b);
                if (wins == better(b, a))
                    QFAIL(text_of({a, b}).c_str());
                for (const Ranked &c : points) {
                    if (wins && better(b, c) && !better(a, c))
                        QFAIL(text_of({a, b, c}).c_str());
                }
            }
        }
    }
}

void TestPareto::agrees_with_brute_force()
{
    Random random(2);
    std::size_t largest = 0;
    for (const Shape shape : shapes) {
        for (int round = 0; round < 400; ++round) {
            const Points points = all_of(random_runs(random, shape));
            const Points expected = brute_front(points);
            const Points front = pareto_front(points);
            if (front != expected)
                QFAIL(("found\n" + text_of(front) + "expected\n" + text_of(expected)).c_str());
            largest = std::max(largest, front.size());
        }
    }
    QVERIFY(largest > 20);
}

void TestPareto::front_is_a_chain()
{
    Random random(3);
    for (const Shape shape : shapes) {
        for (int round = 0; round < 200; ++round) {
            const Points front = pareto_front(all_of(random_runs(random, shape)));
            for (std::size_t i = 1; i < front.size(); ++i) {
                QVERIFY(front[i].ux_tps < front[i - 1].ux_tps);
                QVERIFY(front[i].throughput_per_card > front[i - 1].throughput_per_card);
            }
        }
    }
}

void TestPareto::streams_in_any_chunks_and_order()
{
    Random random(5);
    for (const Shape shape : shapes) {
        for (int round = 0; round < 300; ++round) {
            const std::vector<Points> runs = random_runs(random, shape);
            std::vector<std::span<const Ranked>> chunks;
            for (const Points &run : runs) {
                for (std::size_t at = 0; at < run.size();) {
                    const std::size_t size = std::min<std::size_t>(1 + random() % 20, run.size() - at);
                    chunks.push_back(std::span(run).subspan(at, size));
                    at += size;
                }
                chunks.push_back({}); // nothing at all
            }
            if (round % 3 != 0)
                std::shuffle(chunks.begin(), chunks.end(), random);
            const auto overloads = random() % 3;
            ParetoFront front;
            Points so_far;
            for (const std::span<const Ranked> chunk : chunks) {
                so_far.insert(so_far.end(), chunk.begin(), chunk.end());
                if (overloads == 0 || (overloads == 1 && random() % 2)) {
                    Points shuffled(chunk.begin(), chunk.end());
                    std::shuffle(shuffled.begin(), shuffled.end(), random);
                    front.add(shuffled);
                } else {
                    add_as_arrays(front, chunk);
                }
                const Points expected = pareto_front(so_far);
                if (front.points() != expected)
                    QFAIL(("found\n" + text_of(front.points()) + "expected\n" + text_of(expected)).c_str());
            }
        }
    }
}

void TestPareto::streams_one_long_run()
{
    constexpr std::size_t size = 20000;
    Random random(6);
    for (const double shared : {0.0, 1.0, 1e3, 1e6}) { // from communication-bound to latency-bound
        Points run;
        for (std::size_t i = 0; i < size; ++i) {
            const auto batch = static_cast<double>(i + 1);
            run.push_back(
                {1e4 / (batch + shared), 1e4 / (batch + shared) * batch, static_cast<std::int64_t>(i + 1), 1, i});
        }
        const Points expected = pareto_front(run);
        QCOMPARE(expected.size(), shared > 0 ? size : std::size_t{1});
        for (const std::size_t chunk : {std::size_t{17}, std::size_t{255}, size}) {
            ParetoFront ascending, descending;
            for (std::size_t at = 0; at < size; at += chunk)
                add_as_arrays(ascending, std::span(run).subspan(at, std::min(chunk, size - at)));
            QVERIFY(ascending.points() == expected);
            for (std::size_t end = size; end > 0; end -= std::min(chunk, end))
                descending.add(std::span(run).subspan(end - std::min(chunk, end), std::min(chunk, end)));
            QVERIFY(descending.points() == expected);
        }
    }
}

void TestPareto::adding_twice_changes_nothing()
{
    Random random(8);
    for (const Shape shape : shapes) {
        const std::vector<Points> runs = random_runs(random, shape);
        ParetoFront front;
        for (const Points &run : runs)
            front.add(run);
        const Points once = front.points();
        for (const Points &run : runs)
            add_as_arrays(front, run);
        front.add(once);
        QVERIFY(front.points() == once);
    }
}

EPSCOPE_SUITE(pareto, TestPareto)
#include "tst_pareto.moc"
