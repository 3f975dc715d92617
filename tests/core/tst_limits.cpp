// SPDX-License-Identifier: GPL-3.0-or-later
// However much is wrong with an input, what is said about it stays short and harmless; however long a list, it is read
// at once.
#include <algorithm>
#include <functional>
#include <set>

#include "core/io/configs_csv.h"
#include "core/io/library.h"
#include "core/io/measurements_csv.h"
#include "core/spec/parameters.h"
#include "core/text.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

constexpr std::size_t most = ProblemList::most_kept;

Diagnostic problem_at(int line, std::string message = "is wrong")
{
    return {"f", line, 1, "key", std::move(message)};
}

std::string last_of(const std::vector<Diagnostic> &problems)
{
    return problems.empty() ? "nothing" : text_of(problems.back());
}

// One problem each of `count`, as lines or keys of a file.
std::string numbered(std::size_t count, const std::string &before, const std::string &after)
{
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += before + std::to_string(i) + after;
    return all;
}

const Field<SearchSpace> &search_field(std::string_view key)
{
    const auto all = fields<SearchSpace>();
    return *std::find_if(
        all.begin(), all.end(), [&](const Field<SearchSpace> &field) { return field.info.key == key; });
}

// What comes of a list of the search, or what is wrong with it.
std::variant<std::vector<std::int64_t>, std::string> batches(const std::vector<std::string> &items)
{
    SearchSpace space;
    if (auto wrong = set_field(space, search_field("batch"), items, BareNumbers::allowed))
        return *wrong;
    return space.batch;
}

} // namespace

class TestLimits : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void a_list_of_problems_ends();
    void problems_go_by_line();
    void what_a_nested_list_leaves_out_counts();
    void a_problem_is_short();
    void keys_of_a_file();
    void names_that_a_study_repeats();
    void columns_of_measurements();
    void rows_of_measurements();
    void chips_of_measurements();
    void rows_of_configurations();
    void ranges_are_merged_data();
    void ranges_are_merged();
    void ranges_equal_their_numbers();
    void a_list_is_limited();
    void an_item_is_checked_as_its_list();
    void a_terminal_gets_nothing_to_obey();
    void a_spreadsheet_gets_no_formulas_data();
    void a_spreadsheet_gets_no_formulas();

private:
    std::unique_ptr<Library> library;
    std::string study_text;
};

void TestLimits::initTestCase()
{
    library = std::make_unique<Library>(std::vector<std::filesystem::path>{EPSCOPE_SOURCE_DIR "/resources"});
    QVERIFY(library->study("published-v1"));
}

void TestLimits::a_list_of_problems_ends()
{
    ProblemList problems;
    QVERIFY(problems.empty());
    QVERIFY(problems.list().empty());
    for (std::size_t i = 0; i < most; ++i) {
        QVERIFY(!problems.full());
        problems.add(problem_at(static_cast<int>(i) + 1));
    }
    QVERIFY(problems.full());
    QCOMPARE(problems.list().size(), most);
    problems.add(problem_at(21));
    QCOMPARE(problems.list().size(), most + 1);
    QCOMPARE(last_of(problems.list()), std::string("f: and 1 more problem"));
    problems.add_unlisted(379);
    QCOMPARE(problems.count(), std::size_t{400});
    QCOMPARE(last_of(problems.list()), std::string("f: and 380 more problems"));
    QCOMPARE(problems.kept().size(), most);
    QCOMPARE(count_of(problems.list()), std::size_t{400});
}

void TestLimits::problems_go_by_line()
{
    ProblemList problems(ProblemList::Order::by_line);
    for (int line = 100; line > 0; --line)
        problems.add(problem_at(line));
    for (int line = 1; line <= static_cast<int>(most); ++line)
        QCOMPARE(problems.kept()[static_cast<std::size_t>(line) - 1].line, line);
    QCOMPARE(last_of(problems.list()), std::string("f: and 80 more problems"));
    // What stands at one place stays in the order in which it was found.
    ProblemList same(ProblemList::Order::by_line);
    same.add(problem_at(2, "second"));
    same.add(problem_at(2, "third"));
    same.add(problem_at(1, "first"));
    QCOMPARE(same.kept()[1].message, std::string("second"));
    QCOMPARE(same.kept()[2].message, std::string("third"));
}

void TestLimits::what_a_nested_list_leaves_out_counts()
{
    ProblemList inner;
    for (int line = 1; line <= 30; ++line)
        inner.add(problem_at(line));
    ProblemList outer;
    outer.add({"g", 1, 1, "", "is wrong"});
    outer.add(inner.list());
    QCOMPARE(outer.count(), std::size_t{31});
    QCOMPARE(outer.list().size(), most + 1);
    QCOMPARE(last_of(outer.list()), std::string("and 11 more problems")); // of two files
}

void TestLimits::a_problem_is_short()
{
    const std::string eight = repeated("ä", 4);
    QCOMPARE(shortened(eight, 8), eight);
    QCOMPARE(shortened("0123456789", 9), std::string("0123...89"));
    QCOMPARE(shortened(repeated("ä", 10), 12), std::string("äää...ä"));
    const std::string end = " the end";
    const Diagnostic huge{"f", 1, 1, repeated("k", 1 << 20), repeated("m", 1 << 20) + end};
    ProblemList problems;
    problems.add(huge);
    QVERIFY(problems.kept().front().message.size() <= 1000);
    QVERIFY(problems.kept().front().message.ends_with(end));
    QVERIFY(problems.kept().front().key.size() <= 200);
    QVERIFY(text_of(huge).size() < 1300);
}

void TestLimits::keys_of_a_file()
{
    const Read<Chip> read = read_chip("chip: X\n" + numbered(30000, "k", ": 1\n"), "f.yaml");
    QCOMPARE(read.problems.size(), most + 1);
    QCOMPARE(read.problems.front().line, 1); // missing keys
    // 8 keys are missing, 30,000 unknown.
    QCOMPARE(last_of(read.problems), std::string("f.yaml: and 29988 more problems"));
    const Read<Chip> one = read_chip("chip: X\n" + repeated("k", 500000) + ": 1\n", "f.yaml");
    for (const Diagnostic &problem : one.problems)
        QVERIFY(text_of(problem).size() < 1300);
}

void TestLimits::names_that_a_study_repeats()
{
    const Read<Study> read = read_study(
        "study: S\nbased_on: published-v1\nchips: [" + repeated("H800, ", 99999) + "H800]\n", "f.yaml", *library);
    QCOMPARE(read.problems.size(), most + 1);
    QCOMPARE(text_of(read.problems.front()),
        std::string("f.yaml:3:15: chips[1]: duplicate name 'H800'; each chip may stand once"));
    QCOMPARE(last_of(read.problems), std::string("f.yaml: and 99979 more problems"));
}

void TestLimits::columns_of_measurements()
{
    const Read<std::vector<Measurement>> read = read_measurements(numbered(400000, "c", ",") + "id\n", "f.csv");
    QCOMPARE(read.problems.size(), std::size_t{1});
    QCOMPARE(last_of(read.problems), std::string("f.csv:1:1: has 400001 columns; allowed are at most 1000"));
}

void TestLimits::rows_of_measurements()
{
    const std::string header = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                               "expert_elem_size,attention_elem_size,micro_batches,tpot_ms\n";
    const Read<std::vector<Measurement>> read =
        read_measurements(header + numbered(50000, "r", ",H800,e,0,32,4096,1,1,1,1,1,2,50\n"), "f.csv");
    QCOMPARE(read.problems.size(), most + 1);
    QCOMPARE(count_of(read.problems), std::size_t{50000});
}

void TestLimits::chips_of_measurements()
{
    std::vector<Measurement> rows;
    for (int i = 0; i < 30000; ++i) {
        Measurement row;
        row.place = {"f.csv", i + 2};
        row.id = row.chip = "c" + std::to_string(i);
        row.engine = "e";
        row.batch_per_card = 1;
        row.query_tokens = 1;
        row.accepted_per_step = row.kv_elem_size = row.expert_elem_size = row.attention_elem_size = 1;
        QVERIFY(row.complete());
        rows.push_back(row);
    }
    const Read<std::vector<MeasuredCase>> read =
        resolve_measurements(rows, *library->study("published-v1").value, *library);
    QCOMPARE(read.problems.size(), most + 1);
    QVERIFY(text_of(read.problems.front()).starts_with("f.csv:2:1: chip: no chip 'c0'; known are "));
    QCOMPARE(last_of(read.problems), std::string("f.csv: and 29980 more problems"));
}

void TestLimits::rows_of_configurations()
{
    const std::string header =
        "chip,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,context,mtp_len,deepgemm,fa3\n";
    const Read<std::vector<ConfigRow>> read =
        read_configs(header + numbered(30000, "c", ",n,naive,8,1,1,16,4096,0,true,chip\n") + "short\n", "f.csv",
            *library->study("published-v1").value);
    QCOMPARE(read.problems.size(), most + 1);
    QCOMPARE(count_of(read.problems), std::size_t{60001}); // chip and NIC of each, and the last line
}

void TestLimits::ranges_are_merged_data()
{
    QTest::addColumn<std::vector<std::string>>("items");
    QTest::addColumn<std::size_t>("numbers");
    const auto row = [](const char *name, std::vector<std::string> items, std::size_t numbers) {
        QTest::newRow(name) << std::move(items) << numbers;
    };
    row("all, again and again", std::vector<std::string>(3000, "1..65536"), 65536);
    row("all, 90,000 times", std::vector<std::string>(90000, "1..65536"), 65536);
    row("side by side", {"1..10", "11..20"}, 20);
    row("overlapping", {"5..15", "1..10"}, 15);
    row("with a gap", {"1..10", "12..20"}, 19);
    row("of one step", {"2..20:2", "10..40:2"}, 20);
    row("of two residues", {"2..20:2", "1..19:2"}, 20);
    row("of two steps", {"2..12:2", "3..12:3"}, 8);
    row("and single ones", {"7", "1..7", "9", "9"}, 8);
    std::vector<std::string> combs;
    for (int step = 2; combs.size() < 90000; ++step) {
        for (int first = 1; first <= step; ++first)
            combs.push_back(std::to_string(first) + "..65536:" + std::to_string(step));
    }
    row("90,000 combs", combs, 65536);
}

void TestLimits::ranges_are_merged()
{
    QFETCH(std::vector<std::string>, items);
    QFETCH(std::size_t, numbers);
    const auto read = batches(items);
    QVERIFY2(std::holds_alternative<std::vector<std::int64_t>>(read), "refused");
    const auto &values = std::get<std::vector<std::int64_t>>(read);
    QCOMPARE(values.size(), numbers);
    QVERIFY(std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end()); // ascending
    // A file reads as --batch and the window do.
    const Read<Study> study = read_study(
        "study: S\nbased_on: published-v1\nsearch: {batch: [" + joined(items, ", ") + "]}\n", "f.yaml", *library);
    if (items.size() < 10000) // else the file is too large
        QCOMPARE(study.value.value().search.batch, values);
}

// Against writing every number of every range out.
void TestLimits::ranges_equal_their_numbers()
{
    std::uint32_t state = 1;
    const auto next = [&](std::uint32_t below) {
        state = state * 1664525 + 1013904223;
        return static_cast<std::int64_t>((state >> 16) % below);
    };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> items;
        std::set<std::int64_t> expected;
        for (std::int64_t i = 0, count = next(6) + 1; i < count; ++i) {
            const std::int64_t first = next(60) + 1, last = first + next(40), step = next(7) + 1;
            items.push_back(std::to_string(first) + ".." + std::to_string(last) + ":" + std::to_string(step));
            for (std::int64_t number = first; number <= last; number += step)
                expected.insert(number);
        }
        const auto read = batches(items);
        QCOMPARE(
            std::get<std::vector<std::int64_t>>(read), std::vector<std::int64_t>(expected.begin(), expected.end()));
    }
}

void TestLimits::a_list_is_limited()
{
    const auto read = parse_integers("1..65537", 1, 1e9);
    QCOMPARE(std::get<std::string>(read),
        std::string("names more than 65536 different numbers; a list may have that many, all its ranges together"));
    std::vector<std::string> pairs;
    for (int i = 0; i < 60000; ++i)
        pairs.push_back("1 B / " + std::to_string(1 + i / 1e5) + " B");
    SearchSpace space;
    const auto &precision = search_field("precision");
    QCOMPARE(set_field(space, precision, pairs, BareNumbers::refused).value_or("taken"),
        std::string("names more than 256 different values; a list may have that many"));
    pairs.resize(256);
    QCOMPARE(set_field(space, precision, pairs, BareNumbers::refused), std::nullopt);
    QCOMPARE(space.precision.size(), std::size_t{256});
    pairs.insert(pairs.end(), 60000, pairs.front());
    QCOMPARE(set_field(space, precision, pairs, BareNumbers::refused), std::nullopt);
}

void TestLimits::an_item_is_checked_as_its_list()
{
    for (const char *key : {"batch", "ep", "mtp_len", "precision", "policy"}) {
        const Field<SearchSpace> &field = search_field(key);
        for (const char *item : {"", "1", "0", "-1", "1..8", "8..1", "1..8:0", "1..1000000", "1.5", "x", "1 B / 2 B",
                 "1/2", "1 B", "naive", "dual"}) {
            SearchSpace space;
            QCOMPARE(item_problem(field, item, BareNumbers::refused),
                set_field(space, field, std::vector<std::string>{item}, BareNumbers::refused));
        }
    }
}

void TestLimits::a_terminal_gets_nothing_to_obey()
{
    const std::string plain = "H800 ä µs 中文 😀 ~";
    QCOMPARE(printable(plain), plain);
    QCOMPARE(printable_lines(plain + "\n" + plain), plain + "\n" + plain);
    QCOMPARE(printable("\x1b[31m\a\t\r\n\x7f"), std::string("?[31m?????"));
    QCOMPARE(printable_lines("\x1b[31m\a\t\r\n\x7f"), std::string("?[31m???\n?"));
    QCOMPARE(printable("a\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0z"), std::string("a???\xc2\xa0z")); // U+00A0 is none
    QCOMPARE(printable("\x9b\xff\xc3"), std::string("???")); // no UTF-8 text
    const Diagnostic problem{"\x1b", 1, 2, "\xc2\x9b", "\a\n"};
    QCOMPARE(text_of(problem), std::string("?:1:2: ?: ??"));
    QCOMPARE(display_width("\x1b\xc2\x9b"), display_width(printable("\x1b\xc2\x9b")));
}

void TestLimits::a_spreadsheet_gets_no_formulas_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("field");
    const auto row = [](const std::string &text, const std::string &field) {
        QTest::newRow(text.c_str()) << text << field;
    };
    row("", "");
    row("H800", "H800");
    row("a,b", "\"a,b\"");
    row("a\"b", "\"a\"\"b\"");
    row("a\nb", "\"a\nb\"");
    for (const char *number : {"-3.5", "+3", "-1e-05", "0", "-0.25"})
        row(number, number);
    row("=1+1", "\"'=1+1\"");
    row("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    row("+cmd", "\"'+cmd\"");
    row("-2+3", "\"'-2+3\"");
    row("@SUM(A1)", "\"'@SUM(A1)\"");
    row("\t=1", "\"'\t=1\"");
    row("\r=1", "\"'\r=1\"");
    row("-inf", "\"'-inf\"");
    row("1-2", "1-2");
}

void TestLimits::a_spreadsheet_gets_no_formulas()
{
    QFETCH(std::string, text);
    QFETCH(std::string, field);
    QCOMPARE(csv_field(text), field);
}

EPSCOPE_SUITE(limits, TestLimits)
#include "tst_limits.moc"
