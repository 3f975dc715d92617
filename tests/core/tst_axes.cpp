// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/axes.h"

#include <algorithm>
#include <set>

#include "core/search/search.h"
#include "core/spec/parameters.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// Two values and more on each axis.
Study searched_on_all_axes()
{
    Study study = published_study();
    for (const auto &[key, values] : {std::pair("batch", "8, 16, 24"), std::pair("ep", "72, 144, 288, 320"),
             std::pair("policy", "dual-mbatch, naive"), std::pair("precision", "1 B / 2 B, 1 B / 0.5625 B"),
             std::pair("mtp_len", "0..2"), std::pair("tp", "1, 4"), std::pair("mode", "all2all, moe_tp")})
        set(study, key, values);
    return study;
}

} // namespace

class TestAxes : public QObject {
    Q_OBJECT

private slots:
    void each_parameter_of_the_search_is_an_axis();
    void a_value_taken_is_the_one_that_is_fixed();
    void texts_are_read_back();
    void numbers_are_those_of_the_point();
    void combinations_are_all_and_in_order();
    void sliders_stop_at_what_can_be_set();
    void a_configuration_in_words_has_all_axes();
    void what_goes_without_saying_is_not_told();
    void points_that_differ_differ_in_words();
};

void TestAxes::each_parameter_of_the_search_is_an_axis()
{
    QCOMPARE(search_axes().size(), fields<SearchSpace>().size());
    for (std::size_t i = 0; i < search_axes().size(); ++i)
        QCOMPARE(static_cast<std::size_t>(search_axes()[i].id), i);
    for (const Field<SearchSpace> &field : fields<SearchSpace>()) {
        const SearchAxis *axis = find_axis(field.info.key);
        QVERIFY2(axis, std::string(field.info.key).c_str());
        QCOMPARE(
            axis->integers != nullptr, std::holds_alternative<std::vector<std::int64_t> SearchSpace::*>(field.member));
        for (const AxisNumber &number : axis->numbers) {
            QVERIFY(find_parameter(number.key) == find_parameter(axis->key));
            QVERIFY(find_axis_number(number.key) == &number);
        }
    }
    QVERIFY(!find_axis("context"));
    QVERIFY(!find_axis_number("policy"));
}

void TestAxes::a_value_taken_is_the_one_that_is_fixed()
{
    const SearchSpace space = searched_on_all_axes().search;
    for (const SearchAxis &axis : search_axes()) {
        QVERIFY(axis.count(space) > 1);
        for (std::size_t i = 0; i < axis.count(space); ++i) {
            Point point;
            axis.take(space, i, point);
            SearchSpace one = space;
            axis.fix(one, point);
            QCOMPARE(axis.count(one), std::size_t{1});
            Point again;
            axis.take(one, 0, again);
            QVERIFY(again == point);
            for (const SearchAxis &other : search_axes()) {
                if (other.id != axis.id)
                    QCOMPARE(other.list(one), other.list(space));
            }
        }
    }
    Point point{Policy::naive, 96, 1, 0.5625, 3, 40};
    QVERIFY(only_point(space_of(point)) == point);
    QVERIFY(!only_point(space));
}

void TestAxes::texts_are_read_back()
{
    const Study study = searched_on_all_axes();
    for (const SearchAxis &axis : search_axes()) {
        Study other = published_study();
        set(other, axis.key, axis.list(study.search));
        QCOMPARE(axis.list(other.search), axis.list(study.search));
        set(other, axis.key, axis.first(study.search));
        QCOMPARE(axis.count(other.search), std::size_t{1});
        QCOMPARE(axis.first(other.search), axis.first(study.search));
        set(other, axis.key, axis.usual());
        QVERIFY2(axis.count(other.search) > 1, axis.usual().c_str());
    }
}

void TestAxes::numbers_are_those_of_the_point()
{
    const Point point{Policy::naive, 96, 1, 0.5625, 3, 40};
    for (const auto &[key, value] : {std::pair("ep", 96.0), std::pair("kv_elem_size", 1.0),
             std::pair("param_elem_size", 0.5625), std::pair("mtp_len", 3.0), std::pair("batch", 40.0)})
        QCOMPARE(find_axis_number(key)->value(point), value);
}

// Eight loops, the innermost over EP; the first one stands for the EP 1 that moe_tp implies.
void TestAxes::combinations_are_all_and_in_order()
{
    const Study study = searched_on_all_axes();
    const SearchSpace &space = study.search;
    std::uint64_t index = 0;
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip) {
        for (std::size_t nic = 0; nic < study.nics.size(); ++nic) {
            for (const std::int64_t mtp_len : space.mtp_len) {
                for (const Precision &precision : space.precision) {
                    for (const Policy policy : space.policy)
                        for (const std::int64_t tp : space.tp)
                            for (const ExpertMode mode : space.mode) {
                                for (const std::int64_t ep : space.ep) {
                                    const Combination found = combination_at(study, index++);
                                    const bool implied = mode == ExpertMode::moe_tp && ep == space.ep.front();
                                    const Point expected{policy, implied ? 1 : ep, precision.kv_elem_size.si(),
                                        precision.param_elem_size.si(), mtp_len, Point{}.batch, tp, mode};
                                    QVERIFY(found.point == expected);
                                    QCOMPARE(found.chip, chip);
                                    QCOMPARE(found.nic, nic);
                                    QCOMPARE(space.ep[found.value_of(AxisId::ep)], ep);
                                    QVERIFY(space.precision[found.value_of(AxisId::precision)] == precision);
                                }
                            }
                }
            }
        }
    }
    QCOMPARE(combination_count(study), index);
    QCOMPARE(configuration_count(study), index * 3);
}

void TestAxes::sliders_stop_at_what_can_be_set()
{
    for (const SearchAxis &axis : search_axes()) {
        QVERIFY(std::is_sorted(axis.stops.begin(), axis.stops.end()));
        QVERIFY(!axis.only_stops || !axis.stops.empty());
        QVERIFY(axis.stops.empty() || !axis.numbers.empty());
        for (const double stop : axis.stops) {
            for (const AxisNumber &number : axis.numbers) {
                Study study = published_study();
                set(study, number.key, exact_text(stop));
                Point point;
                axis.take(study.search, 0, point);
                QCOMPARE(number.value(point), stop);
            }
        }
    }
}

void TestAxes::a_configuration_in_words_has_all_axes()
{
    const Point point{Policy::dual_mbatch, 72, 1, 0.5625, 3, 96};
    QCOMPARE(axes_text(point, {AxisId::policy, AxisId::ep, AxisId::batch, AxisId::precision, AxisId::mtp_len}),
        std::string("dual-mbatch, EP 72, batch 96, KV 1 B, parameters 0.5625 B, draft 3"));
    QCOMPARE(axes_text(point, {}), std::string());
    for (const SearchAxis &axis : search_axes()) {
        for (const AxisColumn &column : axis.columns)
            QCOMPARE(column.word.empty(), column.value == nullptr);
    }
}

void TestAxes::what_goes_without_saying_is_not_told()
{
    Point point{Policy::naive, 72, 1, 0.5625, 3, 96};
    const SearchSpace searched = searched_on_all_axes().search, published = published_study().search;
    const auto text = [&](const SearchSpace *space = nullptr) {
        return axes_text(point, {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch}, space);
    };
    QCOMPARE(text(), std::string("EP 72, batch 96"));
    QCOMPARE(text(&published), std::string("EP 72, batch 96"));
    QCOMPARE(text(&searched), std::string("TP 1, all2all, EP 72, batch 96"));
    point.tp = 8;
    QCOMPARE(text(), std::string("TP 8, EP 72, batch 96 (12 per card)"));
    point.mode = ExpertMode::ep_group;
    point.batch = 100;
    QCOMPARE(text(&published), std::string("TP 8, ep_group, EP 72, batch 100 (12.5 per card)"));
    point.tp = 3;
    QCOMPARE(axes_text(point, {AxisId::batch}), std::string("batch 100 (33.33 per card)"));
    for (const SearchAxis &axis : search_axes()) {
        QCOMPARE(is_told(axis, published), axis.of_published);
        QVERIFY(is_told(axis, searched));
        SearchSpace one = published;
        axis.fix(one, point);
        QVERIFY2(is_told(axis, one), std::string(axis.key).c_str());
    }
}

// Of two configurations that differ on one axis alone no text may be the same.
void TestAxes::points_that_differ_differ_in_words()
{
    const SearchSpace space = searched_on_all_axes().search;
    const auto text = [](const Point &point, const SearchSpace *among) {
        return axes_text(point,
            {AxisId::policy, AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::precision, AxisId::mtp_len},
            among);
    };
    for (const SearchAxis &axis : search_axes()) {
        Point one, other;
        axis.take(space, 0, one);
        axis.take(space, 1, other);
        for (const SearchSpace *among : {static_cast<const SearchSpace *>(nullptr), &space})
            QVERIFY2(text(one, among) != text(other, among), std::string(axis.key).c_str());
    }
}

EPSCOPE_SUITE(axes, TestAxes)
#include "tst_axes.moc"
