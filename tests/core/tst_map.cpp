// SPDX-License-Identifier: GPL-3.0-or-later
// Maps against searches made one by one.
#include <algorithm>
#include <set>

#include "core/analysis/map.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

MapAxis axis(const Study &study, const std::string &key, double from, double to, std::size_t count)
{
    return map_axis(variable(study, key), from, to, count);
}

} // namespace

class TestMap : public QObject {
    Q_OBJECT

private slots:
    void axes();
    void ranges();
    void cells_are_searches();
    void regions_and_holes();
    void refines_in_place();
    void stops_after_a_pass();
    void is_the_same_for_any_threads();
    void contradictions_are_holes();
};

void TestMap::axes()
{
    const Study study = one_configuration();
    QVERIFY(axis(study, "batch", 1, 16, 5).values == (std::vector<double>{1, 2, 4, 8, 16}));
    QVERIFY(axis(study, "acceptance", 0, 1, 5).values == (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
    QVERIFY(
        axis(study, "mtp_len", 0, 4, 64).values == (std::vector<double>{0, 1, 2, 3, 4})); // whole numbers, each once
    const MapAxis bandwidth = axis(study, "chip.memory_bandwidth", 1e12, 4e12, 3);
    VERIFY_SAME(bandwidth.values.front(), 1e12);
    VERIFY_NEAR(bandwidth.values[1], 2e12, 1e-15);
    VERIFY_SAME(bandwidth.values.back(), 4e12);
    // From zero there are no equal ratios: equal steps.
    QVERIFY(axis(study, "target_tps", 0, 100, 3).values == (std::vector<double>{0, 50, 100}));
}

void TestMap::ranges()
{
    const Study study = one_configuration();
    QVERIFY(map_range(variable(study, "chip.memory")) == std::pair(40e9, 160e9));
    QVERIFY(map_range(variable(study, "nic.bandwidth")) == std::pair(20 * 0x1p30, 80 * 0x1p30));
    QVERIFY(map_range(variable(study, "context")) == std::pair(1024.0, 131072.0));
    QVERIFY(map_range(variable(study, "acceptance")) == std::pair(0.0, 1.0));
    QVERIFY(map_range(variable(study, "ep")) == std::pair(8.0, 320.0));
}

void TestMap::cells_are_searches()
{
    const Study study = with_chip(published_study(), 0);
    const Map map =
        map_of(study, axis(study, "chip.memory", 30e9, 120e9, 4), axis(study, "chip.memory_bandwidth", 1e12, 8e12, 5));
    QCOMPARE(map.stride, std::size_t{1});
    QCOMPARE(map.cells.size(), std::size_t{20});
    std::set<double> distinct;
    for (std::size_t row = 0; row < 5; ++row) {
        for (std::size_t column = 0; column < 4; ++column) {
            Study changed = study;
            set(changed, "chip.memory", exact_text(map.x.values[column]));
            set(changed, "chip.memory_bandwidth", map.y.variable.text(map.y.values[row]));
            const SearchOutcome found = search(changed);
            const MapCell &cell = map.at(column, row);
            QVERIFY(cell.known);
            QVERIFY(cell.outcome.best && cell.outcome.best->candidate == found.winners.front());
            distinct.insert(cell.outcome.best->candidate.throughput_per_card);
        }
    }
    QVERIFY(distinct.size() > 5);
}

void TestMap::regions_and_holes()
{
    const Study study = one_configuration();
    const Estimate present = only_estimate(study);
    const double needed = present.memory.weights + present.memory.kv_cache;
    const Map map = map_of(
        study, axis(study, "chip.memory", needed / 2, needed * 2, 9), axis(study, "nic.bandwidth", 1e8, 1e12, 9));
    for (std::size_t row = 0; row < 9; ++row) {
        for (std::size_t column = 0; column < 9; ++column) {
            const MapCell &cell = map.at(column, row);
            QVERIFY(cell.known);
            const bool fits = map.x.values[column] >= needed * (1 - 1e-12) || column >= 4;
            QCOMPARE(cell.outcome.best.has_value(), fits);
            if (!fits)
                QVERIFY(cell.outcome.miss->lacks.reason == Reason::memory);
            else if (row == 0)
                QVERIFY(cell.outcome.best->bound.largest() == Bound::network);
            else if (row == 8)
                QVERIFY(cell.outcome.best->bound.network == 0);
        }
    }
}

void TestMap::refines_in_place()
{
    const Study study = one_configuration();
    const MapAxis x = axis(study, "nic.bandwidth", 1e8, 1e12, 128),
                  y = axis(study, "chip.memory_bandwidth", 1e11, 1e13, 128);
    std::vector<std::size_t> strides, known;
    std::vector<MapCell> coarse;
    std::size_t last_done = 0, all = 0;
    Running running;
    running.threads = 2;
    running.progress = [&](std::size_t done, std::size_t of) {
        last_done = std::max(last_done, done);
        all = of;
    };
    const Map map = map_of(study, x, y, running, [&](const Map &pass) {
        strides.push_back(pass.stride);
        known.push_back(static_cast<std::size_t>(
            std::count_if(pass.cells.begin(), pass.cells.end(), [](const MapCell &cell) { return cell.known; })));
        if (pass.stride == 4) {
            coarse = pass.cells;
            QCOMPARE(&pass.shown(7, 9), &pass.at(4, 8));
            QCOMPARE(&pass.shown(127, 0), &pass.at(124, 0));
        }
    });
    QVERIFY(strides == (std::vector<std::size_t>{4, 2}));
    QVERIFY(known == (std::vector<std::size_t>{32 * 32, 64 * 64}));
    QCOMPARE(map.stride, std::size_t{1});
    QVERIFY(std::all_of(map.cells.begin(), map.cells.end(), [](const MapCell &cell) { return cell.known; }));
    for (std::size_t i = 0; i < coarse.size(); ++i) {
        if (coarse[i].known)
            QVERIFY(coarse[i].outcome == map.cells[i].outcome);
    }
    QCOMPARE(all, map.cells.size());
    QVERIFY(last_done <= all && last_done > all / 2); // each node counts once
    QCOMPARE(&map.shown(7, 9), &map.at(7, 9));
}

void TestMap::stops_after_a_pass()
{
    const Study study = one_configuration();
    std::stop_source source;
    Running running;
    running.stop = source.get_token();
    const MapAxis x = axis(study, "nic.bandwidth", 1e8, 1e12, 64),
                  y = axis(study, "chip.memory_bandwidth", 1e11, 1e13, 64);
    const Map map = map_of(study, x, y, running, [&](const Map &) { source.request_stop(); });
    QCOMPARE(map.stride, std::size_t{2});
    QCOMPARE(std::count_if(map.cells.begin(), map.cells.end(), [](const MapCell &cell) { return cell.known; }),
        std::ptrdiff_t{32 * 32});
    const Map none = map_of(study, x, y, running);
    QCOMPARE(none.stride, std::size_t{0});
    QVERIFY(std::none_of(none.cells.begin(), none.cells.end(), [](const MapCell &cell) { return cell.known; }));
    QCOMPARE(&none.shown(3, 3), &none.at(3, 3));
}

void TestMap::is_the_same_for_any_threads()
{
    const Study study = with_chip(published_study(), 1);
    const MapAxis x = axis(study, "ep", 8, 320, 10), y = axis(study, "context", 1024, 65536, 10);
    const auto map = [&](unsigned threads) {
        Running running;
        running.threads = threads;
        return map_of(study, x, y, running);
    };
    const Map one = map(1), three = map(3);
    for (std::size_t i = 0; i < one.cells.size(); ++i)
        QVERIFY(one.cells[i].outcome == three.cells[i].outcome);
}

// More dense layers than layers: no model, so neither a best configuration nor what it would lack.
void TestMap::contradictions_are_holes()
{
    const Study study = one_configuration();
    const Map map = map_of(study, axis(study, "model.layers", 2, 4, 3), axis(study, "context", 1024, 2048, 2));
    QVERIFY(map.at(0, 0).known && map.at(0, 0).outcome == Outcome{});
    QVERIFY(map.at(1, 0).known && map.at(1, 0).outcome.best);
}

EPSCOPE_SUITE(map, TestMap)
#include "tst_map.moc"
