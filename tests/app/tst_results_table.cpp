// SPDX-License-Identifier: GPL-3.0-or-later
#include <numeric>
#include <set>

#include <QAbstractItemModel>
#include <QLocale>
#include <QSignalSpy>
#include <QTest>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QToolButton>

#include "app/views/results_table.h"
#include "tests/support/explored.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

int column_of(const ResultsTable &table, const char *key)
{
    return static_cast<int>(table.model()->keys().indexOf(QString::fromLatin1(key)));
}

QString cell(const ResultsTable &table, int row, const char *key, int role = Qt::DisplayRole)
{
    return table.model()->index(row, column_of(table, key)).data(role).toString();
}

QToolButton *button(const ResultsTable &table, const QString &text)
{
    for (QToolButton *each : table.findChildren<QToolButton *>()) {
        if (each->text() == text)
            return each;
    }
    throw std::runtime_error("no such button");
}

void show(ResultsTable &table)
{
    table.resize(900, 500);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
}

void click_row(ResultsTable &table, int row)
{
    QTableView *view = table.view();
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(table.model()->index(row, 3)).center());
}

} // namespace

class TestResultsTable : public QObject {
    Q_OBJECT

private slots:
    void shows_the_published_rows();
    void shows_four_rows_in_a_low_dock();
    void keeps_the_rules_of_models();
    void shows_what_binds_and_what_is_free();
    void shows_fronts();
    void shows_every_combination_and_why_it_fails();
    void a_thinned_list_says_so();
    void sorts_stably_and_back();
    void sorts_every_column();
    void filters_by_all_words();
    void a_click_picks();
    void follows_the_session_silently();
    void copies_in_full_precision();
    void copies_no_formula();
    void counts_what_was_rejected();
    void new_results_keep_the_place();
    void each_output_is_a_column();
    void tells_how_cards_share_the_work();
};

void TestResultsTable::shows_the_published_rows()
{
    ResultsTable table;
    table.set_explored(explored_with());
    QCOMPARE(table.model()->rowCount(), 29);
    const SearchOutcome outcome = search(published_study());
    for (int row = 0; row < 29; ++row) {
        const Candidate &candidate = outcome.winners[static_cast<std::size_t>(row)];
        QVERIFY(table.model()->candidate(row) == candidate);
        QCOMPARE(cell(table, row, "ep"), QString::number(candidate.point.ep));
        QCOMPARE(cell(table, row, "throughput_per_card").toDouble(),
            std::stod(short_text(candidate.throughput_per_card, Dimension::count, 4)));
    }
    table.set_explored(explored_with({{"target_tps", "15"}}));
    QCOMPARE(table.model()->rowCount(), 37);
    const QStringList published{QStringLiteral("gpu"), QStringLiteral("nic"), QStringLiteral("policy"),
        QStringLiteral("ep"), QStringLiteral("kv_elem_size"), QStringLiteral("param_elem_size"),
        QStringLiteral("batch_size"), QStringLiteral("deepgemm"), QStringLiteral("ux_tps"),
        QStringLiteral("throughput_per_card"), QStringLiteral("mtp_len")};
    QCOMPARE(table.model()->keys().mid(0, 11), published);
}

// At the smallest usual size of the window, as its docks are laid out at first.
void TestResultsTable::shows_four_rows_in_a_low_dock()
{
    const Folder folder;
    Explorer explorer(folder.path());
    explorer.window.resize(1280, 800);
    explorer.window.reset_layout();
    explorer.show();
    explorer.window.findChild<QDockWidget *>(u"results"_qs)->raise();
    auto &table = *explorer.window.findChild<ResultsTable *>();
    const QTableView &view = *table.view();
    QTRY_VERIFY(view.isVisible());
    settle();
    QCOMPARE(explorer.window.size(), QSize(1280, 800));
    QVERIFY2(view.viewport()->height() >= 4 * view.rowHeight(0),
        qPrintable(u"%1 for rows of %2, in %3 × %4"_qs.arg(view.viewport()->height())
                       .arg(view.rowHeight(0))
                       .arg(table.width())
                       .arg(table.height())));
    const QFontMetrics metrics(view.font());
    QVERIFY(view.rowHeight(0) > metrics.height());
}

void TestResultsTable::keeps_the_rules_of_models()
{
    ResultsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.set_explored(explored_with());
    model.sort(9, Qt::AscendingOrder);
    model.set_explored(explored_with({{"target_tps", "15"}})); // more rows
    model.set_filter(QStringLiteral("h20"));
    model.set_explored(explored_with({{"target_tps", "30"}})); // fewer
    model.set_filter(QStringLiteral("nothing like this"));
    QCOMPARE(model.rowCount(), 0);
    model.set_explored(explored_with({{"chip.memory", "1 GB"}})); // none
    model.set_filter({});
    QCOMPARE(model.rowCount(), 0);
    model.set_explored(explored_with());
    model.set_rows(ResultRows::all);
    model.sort(11, Qt::DescendingOrder);
    model.set_explored(explored_with({{"ep", "72, 144"}}));
    model.set_rows(ResultRows::fronts);
    model.sort(-1);
    QVERIFY(model.rowCount() > 0);
}

void TestResultsTable::shows_what_binds_and_what_is_free()
{
    ResultsTable table;
    const auto explored = explored_with();
    table.set_explored(explored);
    for (const int row : {0, 14, 28}) {
        const Estimate full = estimate(scenario_of(explored->searched, table.model()->candidate(row)));
        QCOMPARE(cell(table, row, "bound_by").toStdString(), std::string(name_of(full.bound.largest())));
        QCOMPARE(cell(table, row, "free_memory").toStdString(), short_text(full.memory.free / 1e9, Dimension::count));
        QCOMPARE(cell(table, row, "free_memory", Qt::ToolTipRole).toStdString(), exact_text(full.memory.free) + " B");
        QCOMPARE(cell(table, row, "ux_tps", Qt::ToolTipRole).toStdString(), exact_text(full.ux_tps) + " tok/s");
    }
}

void TestResultsTable::shows_fronts()
{
    ResultsTable table;
    show(table);
    const auto explored = explored_with();
    table.set_explored(explored);
    QTest::mouseClick(button(table, QStringLiteral("Pareto fronts")), Qt::LeftButton);
    std::size_t expected = 0;
    for (const auto &front : explored->outcome.fronts)
        expected += front.size();
    QCOMPARE(static_cast<std::size_t>(table.model()->rowCount()), expected);
    QVERIFY(table.model()->candidate(0) == explored->outcome.fronts.front().front());
    QTest::mouseClick(button(table, QStringLiteral("Group winners")), Qt::LeftButton);
    QCOMPARE(table.model()->rowCount(), 29);
}

void TestResultsTable::shows_every_combination_and_why_it_fails()
{
    ResultsTable table;
    show(table);
    Study tight = published_study();
    QVERIFY(!set_parameter(tight, "chip.memory", "30 GB", BareNumbers::refused));
    QVERIFY(!set_parameter(tight, "target_tps", "50 tok/s", BareNumbers::refused));
    const auto explored = explore({tight, std::nullopt});
    table.set_explored(explored);
    QVERIFY(table.view()->isColumnHidden(column_of(table, "reason"))); // winners can all serve
    QTest::mouseClick(button(table, QStringLiteral("All")), Qt::LeftButton);
    const Study &study = explored->searched;
    const int rows = table.model()->rowCount();
    QCOMPARE(static_cast<std::uint64_t>(rows), combination_count(study));
    int feasible = 0, without_memory = 0, too_slow = 0;
    for (int row = 0; row < rows; ++row) {
        const Candidate &candidate = table.model()->candidate(row);
        const std::string why = cell(table, row, "reason").toStdString();
        std::optional<std::int64_t> largest;
        for (const std::int64_t batch : study.search.batch) {
            Candidate other = candidate;
            other.point.batch = batch;
            if (estimate(scenario_of(study, other)).feasible())
                largest = batch;
        }
        QCOMPARE(candidate.point.batch, largest.value_or(study.search.batch.front()));
        const Estimate full = estimate(scenario_of(study, candidate));
        QVERIFY(candidate.ux_tps == full.ux_tps && candidate.throughput_per_card == full.throughput_per_card);
        for (int again = 0; again < 2; ++again) { // what has been worked out is remembered
            const TableCell step =
                table.model()->exact_cells(row)[static_cast<std::size_t>(column_of(table, "step_s"))];
            QCOMPARE(text_of(step).toStdString(), exact_text(full.step_s));
            QCOMPARE(cell(table, row, "bound_by").toStdString(), std::string(name_of(full.bound.largest())));
        }
        QCOMPARE(why, full.feasible() ? std::string() : std::string(name_of(full.infeasible.front().reason)));
        QCOMPARE(table.model()->index(row, 0).data(Qt::ForegroundRole).isValid(), !why.empty());
        if (!full.feasible())
            QCOMPARE(cell(table, row, "reason", Qt::ToolTipRole).toStdString(), text_of(full.infeasible.front()));
        feasible += full.feasible();
        without_memory += why == "memory";
        too_slow += why == "target";
    }
    QVERIFY(feasible > 0 && without_memory > 0 && too_slow > 0);
    QVERIFY(!table.view()->isColumnHidden(column_of(table, "reason")));
    QTest::keyClicks(table.filter_line(), QStringLiteral("memory H800 naive"));
    QVERIFY(table.model()->rowCount() > 0 && table.model()->rowCount() < without_memory);
}

void TestResultsTable::a_thinned_list_says_so()
{
    ResultsTable table;
    show(table);
    ExploreOptions few;
    few.most_rows = 100;
    const auto says = [&](const QString &text) {
        const QList<QWidget *> children = table.findChildren<QWidget *>();
        return std::any_of(
            children.begin(), children.end(), [&](const QWidget *child) { return child->accessibleName() == text; });
    };
    table.set_explored(explore({published_study(), std::nullopt}, few));
    QVERIFY(says(u"showing 12 of 29"_qs));
    QTest::mouseClick(button(table, QStringLiteral("All")), Qt::LeftButton);
    QCOMPARE(table.model()->rowCount(), 58); // every fifth
    QVERIFY(says(u"showing 58 of 288"_qs));
    QTest::keyClicks(table.filter_line(), QStringLiteral("h800"));
    const int rows = table.model()->rowCount();
    QVERIFY(rows > 0 && rows < 58);
    QVERIFY(says(QStringLiteral("%1 rows in 58 of 288").arg(rows)));
    table.set_explored(explored_with());
    QVERIFY(!says(u"288 rows"_qs));
    table.filter_line()->clear();
    QVERIFY(says(u"288 rows"_qs));
}

void TestResultsTable::sorts_stably_and_back()
{
    ResultsTable table;
    show(table);
    const auto explored = explored_with();
    table.set_explored(explored);
    QHeaderView *header = table.view()->horizontalHeader();
    const int column = column_of(table, "ep");
    const QPoint place(header->sectionViewportPosition(column) + header->sectionSize(column) / 2, header->height() / 2);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, place);
    std::vector<Candidate> expected = explored->outcome.winners;
    const auto by_ep = [](const Candidate &a, const Candidate &b) { return a.point.ep < b.point.ep; };
    std::stable_sort(expected.begin(), expected.end(), by_ep);
    for (int row = 0; row < table.model()->rowCount(); ++row)
        QVERIFY(table.model()->candidate(row) == expected[static_cast<std::size_t>(row)]);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, place);
    expected = explored->outcome.winners;
    std::stable_sort(
        expected.begin(), expected.end(), [&](const Candidate &a, const Candidate &b) { return by_ep(b, a); });
    for (int row = 0; row < table.model()->rowCount(); ++row)
        QVERIFY(table.model()->candidate(row) == expected[static_cast<std::size_t>(row)]);
    QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, place);
    for (int row = 0; row < table.model()->rowCount(); ++row)
        QVERIFY(table.model()->candidate(row) == explored->outcome.winners[static_cast<std::size_t>(row)]);
}

// Numbers by size, texts by their letters; of equal ones the first found comes first.
void TestResultsTable::sorts_every_column()
{
    const auto baseline = explored_with({{"context", "9000"}});
    for (const ResultRows rows : {ResultRows::winners, ResultRows::fronts, ResultRows::all}) {
        ResultsModel model;
        model.set_rows(rows);
        model.set_result(explored_with({{"chip.memory", "60 GB"}}), only_baseline(baseline, u"Then"_qs));
        QVERIFY(model.rowCount() > 0);
        const auto cells = [&] {
            std::vector<int> all(static_cast<std::size_t>(model.rowCount()));
            std::iota(all.begin(), all.end(), 0);
            return texts_of(model.table(all)).rows;
        };
        const std::vector<QStringList> found = cells();
        const std::vector<int> changes = model.change_columns();
        for (int column = 0; column < model.columnCount(); ++column) {
            const bool is_number = (model.index(0, column).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight) != 0;
            const bool by_size = std::find(changes.begin(), changes.end(), column) != changes.end();
            const auto number = [&](const QStringList &row) {
                return by_size ? std::abs(row[column].toDouble()) : row[column].toDouble();
            };
            const auto before = [&](const QStringList &a, const QStringList &b) {
                return is_number ? number(a) < number(b) : a[column] < b[column];
            };
            std::vector<QStringList> expected = found;
            std::stable_sort(expected.begin(), expected.end(), before);
            model.sort(column, Qt::AscendingOrder);
            QCOMPARE(cells(), expected);
            expected = found;
            std::stable_sort(expected.begin(), expected.end(),
                [&](const QStringList &a, const QStringList &b) { return before(b, a); });
            model.sort(column, Qt::DescendingOrder);
            QCOMPARE(cells(), expected);
        }
        model.sort(-1);
        QCOMPARE(cells(), found);
    }
}

void TestResultsTable::filters_by_all_words()
{
    ResultsTable table;
    show(table);
    table.set_explored(explored_with());
    QTest::keyClicks(table.filter_line(), QStringLiteral("h800 320"));
    const int rows = table.model()->rowCount();
    QVERIFY(rows > 0 && rows < 29);
    for (int row = 0; row < rows; ++row) {
        QCOMPARE(cell(table, row, "gpu"), QStringLiteral("H800"));
        QVERIFY(texts_of(table.model()->table({row})).rows.front().join(u' ').contains(QStringLiteral("320")));
    }
    table.filter_line()->clear();
    QCOMPARE(table.model()->rowCount(), 29);
    const auto notice = [&](const QString &start) {
        const QList<QLabel *> labels = table.view()->findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(),
            [&](const QLabel *label) { return label->isVisible() && label->text().startsWith(start); });
    };
    QVERIFY(!notice({}));
    QTest::keyClicks(table.filter_line(), QStringLiteral("nothing like this"));
    QVERIFY(notice(QStringLiteral("No row has")));
    table.filter_line()->clear();
    table.set_explored(explored_with({{"chip.memory", "1 GB"}}));
    QVERIFY(notice(QStringLiteral("No configuration can serve")));
}

void TestResultsTable::a_click_picks()
{
    ResultsTable table;
    show(table);
    table.set_explored(explored_with());
    std::vector<Selection> picked;
    connect(&table, &ResultsTable::configuration_picked, this,
        [&](const Selection &selection) { picked.push_back(selection); });
    click_row(table, 3);
    QCOMPARE(picked.size(), std::size_t{1});
    QVERIFY(picked.front() == table.model()->selection_of(3));
    QTest::keyClick(table.view(), Qt::Key_Down);
    QCOMPARE(picked.size(), std::size_t{2});
    QVERIFY(picked.back() == table.model()->selection_of(4));
    click_row(table, 4);
    QCOMPARE(picked.size(), std::size_t{2});
}

void TestResultsTable::follows_the_session_silently()
{
    ResultsTable table;
    show(table);
    const auto before = explored_with();
    table.set_explored(before);
    const QSignalSpy picked(&table, &ResultsTable::configuration_picked);
    // Without H800 the same configuration of an H20 stands further up.
    int row = 0;
    while (cell(table, row, "gpu") != QStringLiteral("H20"))
        ++row;
    QVERIFY(row > 0);
    const Selection selection = table.model()->selection_of(row);
    table.set_explored(explored_with({}, selection));
    QCOMPARE(table.view()->selectionModel()->selectedRows().size(), 1);
    QCOMPARE(table.view()->selectionModel()->selectedRows().front().row(), row);
    Study without = published_study();
    without.chips.erase(without.chips.begin());
    table.set_explored(explore({without, selection}));
    const QModelIndexList rows = table.view()->selectionModel()->selectedRows();
    QCOMPARE(rows.size(), 1);
    QVERIFY(rows.front().row() < row);
    QVERIFY(table.model()->selection_of(rows.front().row()) == selection);
    table.view()->sortByColumn(column_of(table, "ux_tps"), Qt::AscendingOrder);
    QVERIFY(table.model()->selection_of(table.view()->selectionModel()->selectedRows().front().row()) == selection);
    table.set_explored(before);
    QVERIFY(!table.view()->selectionModel()->hasSelection());
    QVERIFY(picked.isEmpty());
}

void TestResultsTable::copies_in_full_precision()
{
    ResultsTable table;
    show(table);
    table.set_explored(explored_with());
    click_row(table, 1);
    QTest::keyClick(table.view(), Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(table.view(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines.front().split(u'\t'), table.model()->keys());
    for (const int row : {1, 2}) {
        const QStringList cells = lines[row].split(u'\t');
        QCOMPARE(cells[column_of(table, "throughput_per_card")].toStdString(),
            exact_text(table.model()->candidate(row).throughput_per_card));
        QCOMPARE(cells[column_of(table, "deepgemm")], QStringLiteral("true"));
    }
}

// A chip's file may call it what a spreadsheet would work out.
void TestResultsTable::copies_no_formula()
{
    Study study = published_study();
    study.chips.resize(1);
    study.chips[0].name = "=1+1";
    ResultsTable table;
    show(table);
    table.set_explored(explore({study, std::nullopt}));
    click_row(table, 0);
    QTest::keyClick(table.view(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split(u'\n');
    QVERIFY2(lines[1].contains(u"\"'=1+1\""_qs), qPrintable(lines[1]));
    QVERIFY2(!lines[1].split(u'\t').contains(u"=1+1"_qs), qPrintable(lines[1]));
}

void TestResultsTable::counts_what_was_rejected()
{
    const auto explored = explored_with({{"chip.memory", "40 GB"}});
    const QStringList lines = rejected_lines(*explored);
    const Rejected &memory = explored->outcome.rejected[static_cast<std::size_t>(Reason::memory)];
    QVERIFY(memory.example);
    const QString count = QLocale(QLocale::English).toString(static_cast<qulonglong>(memory.count));
    const auto line = std::find_if(
        lines.begin(), lines.end(), [&](const QString &each) { return each.startsWith(count + u" too large"_qs); });
    QVERIFY(line != lines.end());
    for (const Infeasible &infeasible : estimate(scenario_of(explored->searched, *memory.example)).infeasible) {
        if (infeasible.reason == Reason::memory)
            QVERIFY(line->endsWith(QString::fromStdString(text_of(infeasible))));
    }
}

void TestResultsTable::new_results_keep_the_place()
{
    ResultsTable table;
    show(table);
    table.resize(900, 300);
    table.set_explored(explored_with({{"target_tps", "15"}}));
    table.view()->scrollToBottom();
    const QSignalSpy resets(table.model(), &QAbstractItemModel::modelReset);
    const QPersistentModelIndex tenth(table.model()->index(10, 0));
    table.set_explored(explored_with({{"context", "4 Ki"}}));
    QVERIFY(resets.isEmpty());
    QVERIFY(tenth.isValid());
    table.set_explored(explored_with({{"target_tps", "15"}}));
    QCOMPARE(table.model()->rowCount(), 37);
    QCOMPARE(cell(table, 36, "gpu").toStdString(), published_study().chips[table.model()->candidate(36).chip].name);
}

// Those that are not listed are copied and exported.
void TestResultsTable::each_output_is_a_column()
{
    ResultsTable table;
    const auto explored = explored_with();
    table.set_explored(explored);
    const ResultsModel &model = *table.model();
    const Study &study = explored->searched;
    for (const Metric &metric : metrics()) {
        const std::string key(metric.column_key);
        const int column = column_of(table, key.c_str());
        if (metric.listed == Listed::never)
            continue;
        QVERIFY2(column >= 0, key.c_str());
        QCOMPARE(table.view()->isColumnHidden(column), metric.listed != Listed::always || metric.only_with);
        QCOMPARE(model.headerData(column, Qt::Horizontal).toString().toStdString(), std::string(metric.header));
        QVERIFY(model.headerData(column, Qt::Horizontal, Qt::ToolTipRole)
                    .toString()
                    .contains(QString::fromStdString(std::string(metric.what))));
        QCOMPARE(model.number_at(model.index(0, column)).name, std::string(metric.explained));
        for (const int row : {0, 14, 28}) {
            const Evaluation evaluation(study, model.candidate(row));
            const std::optional<double> number = number_of(metric, evaluation);
            QCOMPARE(text_of(model.exact_cells(row)[static_cast<std::size_t>(column)]).toStdString(),
                metric.text  ? metric.text(evaluation)
                    : number ? exact_text(*number)
                             : std::string()); // not known
        }
    }
}

// Their columns are there as long as they say something.
void TestResultsTable::tells_how_cards_share_the_work()
{
    ResultsTable table;
    show(table);
    const std::vector<const char *> shared{"tp", "mode", "batch_per_card", "cards_needed"};
    const auto hidden = [&] {
        std::vector<bool> all;
        for (const char *key : shared)
            all.push_back(table.view()->isColumnHidden(column_of(table, key)));
        return all;
    };
    table.set_explored(explored_with());
    QCOMPARE(hidden(), std::vector<bool>(shared.size(), true));
    const auto explored = explore(
        {study_2026("gpt-oss-120b", {{"tp", "1, 8"}, {"mode", "all2all, moe_tp"}, {"ep", "1, 8"}}), std::nullopt});
    table.set_explored(explored);
    QCOMPARE(hidden(), std::vector<bool>(shared.size(), false));
    QVERIFY(table.model()->rowCount() >= 3);
    std::set<QStringList> rows;
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        const Point &point = table.model()->candidate(row).point;
        QCOMPARE(cell(table, row, "tp"), QString::number(point.tp));
        QCOMPARE(cell(table, row, "mode").toStdString(), std::string(name_of(point.mode)));
        QCOMPARE(cell(table, row, "batch_size"), QString::number(point.batch));
        QCOMPARE(cell(table, row, "batch_per_card"), QString::number(point.batch / point.tp));
        QCOMPARE(cell(table, row, "cards_needed"), QString::number(std::max(point.tp, point.ep)));
        QStringList inputs;
        for (const ResultColumn &column : result_columns()) {
            if (column.is_chosen)
                inputs << cell(table, row, std::string(column.key).c_str());
        }
        QVERIFY(rows.insert(inputs).second); // no two look alike
    }
    // Where they are read: choices before EP, what a card has behind the batch.
    const auto place = [&](const char *key) {
        return table.view()->horizontalHeader()->visualIndex(column_of(table, key));
    };
    QCOMPARE(place("mode"), place("ep") - 1);
    QCOMPARE(place("tp"), place("ep") - 2);
    QCOMPARE(place("batch_per_card"), place("batch_size") + 1);
    QCOMPARE(place("cards_needed"), place("batch_size") + 2);
    table.set_explored(explored_with());
    QCOMPARE(hidden(), std::vector<bool>(shared.size(), true));
}

EPSCOPE_SUITE(results_table, TestResultsTable)
#include "tst_results_table.moc"
