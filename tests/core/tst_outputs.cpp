// SPDX-License-Identifier: GPL-3.0-or-later
// The table of outputs: each row is whole, its number is that of the estimate, and the columns of tables come from it.
#include <functional>
#include <map>
#include <set>

#include "core/analysis/explain.h"
#include "core/analysis/outputs.h"
#include "core/model/economy.h"
#include "core/quantity.h"
#include "core/spec/axes.h"
#include "tests/support/fixed.h"
#include "tests/support/near.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

// What each output has to be, worked out from the estimate of a configuration.
const std::map<std::string_view, std::function<double(const Estimate &, const Point &)>> expected_numbers{
    {"throughput", [](const Estimate &full, const Point &) { return full.throughput_per_card; }},
    {"ux_tps", [](const Estimate &full, const Point &) { return full.ux_tps; }},
    {"tpot", [](const Estimate &full, const Point &) { return 1 / full.ux_tps; }},
    {"step_time", [](const Estimate &full, const Point &) { return full.step_s; }},
    {"free_memory", [](const Estimate &full, const Point &) { return full.memory.free; }},
    {"kv_per_sequence",
        [](const Estimate &full, const Point &point) {
            return full.memory.kv_cache / static_cast<double>(point.batch);
        }},
    {"network_share", [](const Estimate &full, const Point &) { return full.bound.network / full.step_s; }},
    {"ep", [](const Estimate &, const Point &point) { return static_cast<double>(point.ep); }},
    {"batch", [](const Estimate &, const Point &point) { return static_cast<double>(point.batch); }},
    {"cost_per_mtok_usd",
        [](const Estimate &full, const Point &) { return 1.5 * 1e6 / (3600 * full.throughput_per_card); }},
    {"energy_per_token_j", [](const Estimate &full, const Point &) { return 1200 / full.throughput_per_card; }},
    {"throughput_per_mw", [](const Estimate &full, const Point &) { return full.throughput_per_card * 1e6 / 1200; }},
    {"batch_per_card",
        [](const Estimate &, const Point &point) {
            return static_cast<double>(point.batch) / static_cast<double>(point.tp);
        }},
    {"cards_needed", [](const Estimate &, const Point &point) { return static_cast<double>(point.ep); }}, // TP 1
    {"tp", [](const Estimate &, const Point &point) { return static_cast<double>(point.tp); }},
};

// What its chips cost and draw in these tests: 1.5 USD/h and 1.2 kW.
Study with_prices(const Study &study)
{
    return with(study, {{"chip.price", "1.5 USD/h"}, {"chip.power", "1.2 kW"}});
}

bool is_sentence(std::string_view text)
{
    return !text.empty() && text.ends_with('.') && text.find("  ") == std::string_view::npos;
}

} // namespace

class TestOutputs : public QObject {
    Q_OBJECT

private slots:
    void rows_are_whole();
    void names_in_the_program_are_rows();
    void numbers_are_those_of_the_estimate_data();
    void numbers_are_those_of_the_estimate();
    void of_a_chip_without_price();
    void texts_are_those_of_the_configuration();
    void each_is_explained_under_its_name();
    void columns_begin_with_the_published_ones();
    void of_a_group_of_cards();
    void columns_come_from_axes_and_rows();
    void cells_are_exact_or_in_the_unit_of_the_header();
};

void TestOutputs::rows_are_whole()
{
    std::set<std::string_view> keys, titles, columns;
    for (const Metric &metric : metrics()) {
        const std::string name(metric.key);
        QVERIFY2(keys.insert(metric.key).second && titles.insert(metric.title).second, name.c_str());
        QVERIFY2(columns.insert(metric.column_key).second, name.c_str());
        QVERIFY2(!metric.key.empty() && !metric.title.empty() && !metric.column_key.empty(), name.c_str());
        QVERIFY2(is_sentence(metric.what), name.c_str());
        QVERIFY2((metric.number == nullptr) != (metric.text == nullptr), name.c_str());
        QVERIFY2(metric.listed == Listed::never || (!metric.header.empty() && !metric.widest.empty()), name.c_str());
        QVERIFY2(metric.cell_unit > 0 && metric.digits > 0, name.c_str());
        QVERIFY(find_metric(metric.key) == &metric);
        // A header in another unit than the number's says so.
        QVERIFY2(metric.cell_unit == 1 || metric.header.ends_with(')'), name.c_str());
    }
    QVERIFY(!find_metric("nothing"));
    for (const std::string &key : number_metric_keys())
        QVERIFY(find_metric(key)->number);
}

void TestOutputs::names_in_the_program_are_rows()
{
    for (const std::string_view key : {output::throughput, output::ux_tps, output::tpot, output::step_time,
             output::free_memory, output::ep, output::batch, output::bound_by})
        QVERIFY2(find_metric(key), std::string(key).c_str());
    for (const std::string_view key : {column_key::chip, column_key::nic, column_key::batch})
        QVERIFY2(find_result_column(key), std::string(key).c_str());
}

void TestOutputs::numbers_are_those_of_the_estimate_data()
{
    QTest::addColumn<std::string>("study");
    for (const char *study : {"published-v1", "explore"})
        QTest::newRow(study) << std::string(study);
}

// As read from the best configuration, a candidate of a search, a scenario and with the bound known.
void TestOutputs::numbers_are_those_of_the_estimate()
{
    QFETCH(std::string, study);
    const Study searched = with_prices(study_named(study));
    const Outcome outcome = outcome_of(searched);
    const Candidate &best = outcome.best.value().candidate;
    const Scenario scenario = scenario_of(searched, best);
    const Estimate full = estimate(scenario);
    std::size_t numbers = 0;
    for (const Metric &metric : metrics()) {
        if (!metric.number)
            continue;
        const auto expected = expected_numbers.find(metric.key);
        QVERIFY2(expected != expected_numbers.end(), std::string(metric.key).c_str());
        const double value = expected->second(full, best.point);
        VERIFY_SAME(number_of(metric, outcome).value(), value);
        VERIFY_SAME(metric.number({searched, best}), value);
        VERIFY_SAME(metric.number({searched, best, full.bound}), value);
        VERIFY_SAME(metric.number({searched, best, full}), value);
        VERIFY_SAME(metric.number({scenario, full}), value);
        ++numbers;
    }
    QCOMPARE(numbers, expected_numbers.size());
    QCOMPARE(all_numbers({searched, best}).size(), metrics().size());
    for (const Metric &metric : metrics())
        QVERIFY(!number_of(metric, Outcome{}));
}

// No price, no costs: neither a number nor 0.
void TestOutputs::of_a_chip_without_price()
{
    const Study study = one_configuration();
    const Outcome outcome = outcome_of(study);
    const Best &best = outcome.best.value();
    const Explained explained = explain(scenario_of(study, best.candidate));
    for (const char *key : {"cost_per_mtok_usd", "energy_per_token_j", "throughput_per_mw"}) {
        const Metric &wanted = metric(key);
        QVERIFY(!number_of(wanted, outcome) && !number_of(wanted, best));
        const std::string why =
            std::string("H800 states no ") + (wanted.key == "cost_per_mtok_usd" ? "price" : "power");
        QCOMPARE(why_unknown(wanted, study.chips[0]), why);
        QCOMPARE(text_of(wanted, study, best), "not known: " + why);
        QVERIFY(why_unknown(wanted, with_prices(study).chips[0]).empty());
        const ColumnValue cell = find_result_column(wanted.column_key)->value({study, best.candidate});
        QVERIFY(std::holds_alternative<std::monostate>(cell));
        QCOMPARE(exact_cell(cell), std::string());
        const Explanation &node = *find_explanation(explained, wanted.explained);
        QCOMPARE(value_text(node), std::string("not known"));
        QVERIFY(node.note.starts_with("the chip states no ") && node.children.empty());
    }
    // By hand: 2,000 tok/s at 1.8 USD/h are 7.2 million tokens an hour.
    QCOMPARE(cost_per_million_tokens(1.8, 2000.0), 0.25);
    QCOMPARE(energy_per_token(1200.0, 2000.0), 0.6);
    QCOMPARE(throughput_per_megawatt(1250.0, 2000.0), 1.6e6);
    const Study priced = with_prices(study);
    const Outcome known = outcome_of(priced);
    const Explained why = explain(scenario_of(priced, known.best.value().candidate));
    QVERIFY(find_explanation(why, "cost_per_mtok_usd")->value == number_of(metric("cost_per_mtok_usd"), known));
    QVERIFY(explain(scenario_of(priced, known.best->candidate), "chip.H800.price")->value == 1.5);
    QVERIFY(find_explanation(why, "energy_per_token_j")->value == number_of(metric("energy_per_token_j"), known));
}

void TestOutputs::texts_are_those_of_the_configuration()
{
    const Study study = one_configuration();
    const Outcome outcome = outcome_of(study);
    const Best &best = outcome.best.value();
    const Evaluation evaluation(study, best.candidate);
    const Metric &bound = metric(output::bound_by), &configuration = metric("configuration");
    QCOMPARE(bound.text(evaluation), std::string(name_of(only_estimate(study).bound.largest())));
    QCOMPARE(text_of(bound, study, best), binding_text(best));
    QCOMPARE(text_of(configuration, study, best),
        std::string("H800, CX7 400Gbps, dual-mbatch, EP 144, batch 64, KV 1 B, parameters 1 B, draft 1"));
    QCOMPARE(configuration.text(evaluation), full_configuration_text(study, best.candidate));
}

void TestOutputs::each_is_explained_under_its_name()
{
    const Study study = one_configuration();
    const Explained explained = explain(scenario_of(study, outcome_of(study).best.value().candidate));
    for (const Metric &metric : metrics())
        QVERIFY2(metric.explained.empty() || find_explanation(explained, metric.explained),
            std::string(metric.explained).c_str());
    for (const ResultColumn &column : result_columns())
        QVERIFY2(find_explanation(explained, column.explained), std::string(column.key).c_str());
    QVERIFY(find_explanation(explained, reason_column.explained));
}

void TestOutputs::columns_begin_with_the_published_ones()
{
    const std::vector<std::string_view> published{"gpu", "nic", "policy", "ep", "kv_elem_size", "param_elem_size",
        "batch_size", "deepgemm", "ux_tps", "throughput_per_card", "mtp_len"};
    const std::vector<std::string_view> shared{"tp", "mode", "batch_per_card", "cards_needed"};
    const std::span<const ResultColumn> columns = result_columns();
    QVERIFY(columns.size() > published.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i < published.size())
            QCOMPARE(columns[i].key, published[i]);
        QCOMPARE(is_published(columns[i]), i < published.size() + shared.size());
        QVERIFY(!is_published(columns[i]) || is_listed(columns[i]));
    }
    // How cards share the work comes behind them: in files always, in what is read where it is searched or set.
    const Study usual = one_configuration(), grouped = study_2026("gpt-oss-120b");
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool is_shared = i >= published.size() && i < published.size() + shared.size();
        if (is_shared)
            QCOMPARE(columns[i].key, shared[i - published.size()]);
        QCOMPARE(is_listed(columns[i], grouped.search), is_listed(columns[i]));
        QCOMPARE(is_listed(columns[i], usual.search), is_listed(columns[i]) && !is_shared);
    }
}

// A batch of the group is told apart from what a card has of it.
void TestOutputs::of_a_group_of_cards()
{
    struct Wanted {
        Settings settings;
        double cards, per_card;
        std::string text;
    };
    for (const Wanted &wanted : {Wanted{{}, 8, 8, "TP 8, moe_tp, EP 1, batch 64 (8 per card)"},
             Wanted{{{"mode", "ep_group"}, {"ep", "8"}}, 8, 8, "TP 8, ep_group, EP 8, batch 64 (8 per card)"},
             Wanted{{{"mode", "all2all"}, {"ep", "32"}, {"tp", "4"}}, 32, 16, "TP 4, EP 32, batch 64 (16 per card)"},
             Wanted{{{"tp", "1"}, {"mode", "all2all"}, {"ep", "16"}}, 16, 64, "EP 16, batch 64"}}) {
        const Study study = study_2026("gpt-oss-120b", wanted.settings);
        const Outcome outcome = outcome_of(study);
        QVERIFY(outcome.best);
        const Candidate &best = outcome.best->candidate;
        QCOMPARE(number_of(metric("cards_needed"), outcome).value(), wanted.cards);
        QCOMPARE(number_of(metric("batch_per_card"), outcome).value(), wanted.per_card);
        VERIFY_NEAR(best.throughput_per_card, best.ux_tps * wanted.per_card, 1e-12);
        QVERIFY(full_configuration_text(study, best).find(", naive, " + wanted.text + ", KV 1 B") != std::string::npos);
        const Explained explained = explain(scenario_of(study, best));
        for (const char *key : {"cards_needed", "batch_per_card", "tp", "batch", "ep"})
            VERIFY_SAME(
                find_explanation(explained, metric(key).explained)->value, number_of(metric(key), outcome).value());
    }
}

void TestOutputs::columns_come_from_axes_and_rows()
{
    std::set<std::string_view> keys;
    for (const ResultColumn &column : result_columns()) {
        QVERIFY2(keys.insert(column.key).second, std::string(column.key).c_str());
        QVERIFY2(!column.header.empty() && is_sentence(column.help), std::string(column.key).c_str());
        QVERIFY(find_result_column(column.key) == &column);
    }
    for (const ColumnWords &own : {feasible_column, reason_column})
        QVERIFY(keys.insert(own.key).second && is_sentence(own.help));
    const Study study = with_prices(one_configuration());
    const Outcome outcome = outcome_of(study);
    const Candidate &best = outcome.best.value().candidate;
    const Evaluation evaluation(study, best);
    for (const SearchAxis &axis : search_axes()) {
        QVERIFY2(!axis.columns.empty(), std::string(axis.key).c_str());
        for (const AxisColumn &shown : axis.columns) {
            const ResultColumn *column = find_result_column(shown.key);
            QVERIFY(column && column->is_chosen && !column->output);
            QCOMPARE(exact_cell(column->value(evaluation)),
                shown.value ? exact_text(shown.value(best.point)) : shown.text(best.point));
        }
    }
    for (const Metric &metric : metrics()) {
        const ResultColumn *column = find_result_column(metric.column_key);
        if (metric.listed != Listed::never) {
            QVERIFY(column && column->output == &metric && !column->is_chosen);
            QCOMPARE(exact_cell(column->value(evaluation)),
                metric.number ? exact_text(number_of(metric, outcome).value()) : metric.text(evaluation));
        } else {
            QVERIFY(!column || !column->output); // the input is the column, or several are
        }
    }
    const auto exact = [&](std::string_view key) { return exact_cell(find_result_column(key)->value(evaluation)); };
    QCOMPARE(exact("gpu"), std::string("H800"));
    QCOMPARE(exact("nic"), std::string("CX7 400Gbps"));
    QCOMPARE(exact("policy"), std::string("dual-mbatch"));
    QCOMPARE(exact("ep"), std::string("144"));
    QCOMPARE(exact("kv_elem_size"), std::string("1"));
    QCOMPARE(exact("batch_size"), std::string("64"));
    QCOMPARE(exact("deepgemm"), std::string("true"));
    QCOMPARE(exact("tp"), std::string("1"));
    QCOMPARE(exact("mode"), std::string("all2all"));
    QCOMPARE(exact("batch_per_card"), std::string("64"));
    QCOMPARE(exact("cards_needed"), std::string("144"));
}

void TestOutputs::cells_are_exact_or_in_the_unit_of_the_header()
{
    const Study study = one_configuration();
    const Candidate best = outcome_of(study).best.value().candidate;
    const Evaluation evaluation(study, best);
    const Estimate full = only_estimate(study);
    const auto shown = [&](std::string_view key) {
        const ResultColumn &column = *find_result_column(key);
        return shown_cell(column, column.value(evaluation));
    };
    QCOMPARE(shown("free_memory"), short_text(full.memory.free / 1e9, Dimension::count));
    QCOMPARE(shown("step_s"), short_text(full.step_s / 1e-3, Dimension::count));
    QCOMPARE(shown("network_share"), short_text(full.bound.network / full.step_s / 0.01, Dimension::count));
    QCOMPARE(shown("ux_tps"), short_text(full.ux_tps, Dimension::count, 4));
    QCOMPARE(shown("ep"), std::string("144"));
    QCOMPARE(exact_header(*find_result_column("free_memory")), std::string("Free memory (B)"));
    QCOMPARE(exact_header(*find_result_column("step_s")), std::string("Step time (s)"));
    QCOMPARE(exact_header(*find_result_column("network_share")), std::string("Exposed network"));
    QCOMPARE(exact_header(*find_result_column("ux_tps")), std::string("tok/s/user"));
    for (const ResultColumn &column : result_columns()) {
        const std::vector<std::string> widest = column.widest(study);
        QVERIFY2(!widest.empty(), std::string(column.key).c_str());
        if (column.kind == CellKind::text)
            QVERIFY(std::count(widest.begin(), widest.end(), exact_cell(column.value(evaluation))) == 1);
    }
}

EPSCOPE_SUITE(outputs, TestOutputs)
#include "tst_outputs.moc"
