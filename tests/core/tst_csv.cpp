// SPDX-License-Identifier: GPL-3.0-or-later
// CSV in the dialects of spreadsheets, read as measurements and configurations and written.
#include "core/io/csv.h"

#include <QTest>

#include "core/io/configs_csv.h"
#include "core/io/measurements_csv.h"
#include "core/text.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

const std::string header = "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                           "expert_elem_size,attention_elem_size,micro_batches,step_ms,tpot_ms,throughput_per_card,"
                           "batch_is_derived,source,date";
const std::string lab_row =
    "lab-1,H20,sglang,16,32,4936,2,1.93,1,1,0.5625,1,,46.1,693.4,false,\"log, rank 3\",2025-10-20";

std::string replaced(std::string text, const std::string &what, const std::string &by)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
        text.replace(at, what.size(), by);
    return text;
}

// As a spreadsheet of a country with decimal commas writes it.
std::string in_semicolons(const std::string &line)
{
    return replaced(replaced(replaced(line, "log, rank", "log~ rank"), ",", ";"), "~", ",");
}

std::string with_decimal_commas(const std::string &line)
{
    return replaced(
        replaced(replaced(replaced(line, "1.93", "1,93"), "46.1", "46,1"), "693.4", "693,4"), "0.5625", "0,5625");
}

std::string all_problems(const std::vector<Diagnostic> &problems)
{
    std::string text;
    for (const Diagnostic &problem : problems)
        text += text_of(problem) + "\n";
    return text;
}

} // namespace

class TestCsv : public QObject {
    Q_OBJECT

private slots:
    void dialects_say_the_same_data();
    void dialects_say_the_same();
    void switches_of_spreadsheets_data();
    void switches_of_spreadsheets();
    void what_is_wrong_is_one_line_data();
    void what_is_wrong_is_one_line();
    void three_digits_behind_a_mark_data();
    void three_digits_behind_a_mark();
    void rows_may_end_before_what_may_be_left_out();
    void contexts_count_as_elsewhere();
    void columns_that_disagree_data();
    void columns_that_disagree();
    void problems_are_bounded();
    void lines_count_those_inside_of_quotes();
    void configurations_take_the_dialects_too();
    void names_that_look_like_formulas_are_read_back();
    void writes_what_it_reads_data();
    void writes_what_it_reads();
    void tables_are_known_by_their_header();
};

void TestCsv::dialects_say_the_same_data()
{
    QTest::addColumn<std::string>("text");
    const auto row = [](const char *name, const std::string &text) { QTest::newRow(name) << text; };
    const std::string plain = header + "\n" + lab_row + "\n";
    row("plain", plain);
    row("no last line end", header + "\n" + lab_row);
    row("CRLF", replaced(plain, "\n", "\r\n"));
    row("CR", replaced(plain, "\n", "\r"));
    row("byte-order mark", "\xef\xbb\xbf" + plain);
    row("empty lines first", "\n\n" + plain);
    row("semicolons", in_semicolons(plain));
    row("semicolons and decimal commas", with_decimal_commas(in_semicolons(plain)));
    row("tabs", replaced(in_semicolons(plain), ";", "\t"));
    row("tabs and decimal commas", with_decimal_commas(replaced(in_semicolons(plain), ";", "\t")));
    row("separator told", "sep=;\r\n" + in_semicolons(plain));
    row("separator told in quotes", "\"sep=;\"\n" + in_semicolons(plain));
    row("comma told", "SEP=,\n" + plain);
    row("tab told behind a byte-order mark",
        "\xef\xbb\xbfsep=\t\n" + with_decimal_commas(replaced(in_semicolons(plain), ";", "\t")));
    row("empty columns at the end", header + ",,,\n" + lab_row + ",,,\n");
    row("empty columns at the end of the header", header + ",,,\n" + lab_row + "\n");
    row("empty columns at the end of the row", header + "\n" + lab_row + ",,,\n");
    row("empty rows at the end", plain + std::string(17, ',') + "\n" + std::string(20, ',') + "\n , ,\n\n\n");
    row("TRUE and FALSE", replaced(plain, "false", "FALSE"));
    row("FALSCH", replaced(plain, "false", "FALSCH"));
    row("line ends in quotes", replaced(plain, "log, rank 3", "log,\nrank 3"));
    row("CRLF in quotes", replaced(replaced(plain, "log, rank 3", "log,\nrank 3"), "\n", "\r\n"));
    row("all quoted",
        "\"" + replaced(header, ",", "\",\"") + "\"\n\""
            + replaced(replaced(lab_row, "\"log, rank 3\"", "log~ rank 3"), ",", "\",\"") + "\"\n");
    row("blanks around",
        replaced(header, ",", " , ") + "\n"
            + replaced(replaced(replaced(replaced(lab_row, "log, rank", "log~ rank"), ",", " , "), "~", ","), "  ", " ")
            + "\n");
    row("no-break spaces around",
        replaced(replaced(plain, ",", "\u00a0,\u202f"), "log\u00a0,\u202f rank", "log, rank"));
    QTest::newRow("other order") << replaced(header, "id,chip", "chip,id") + "\n"
            + replaced(lab_row, "lab-1,H20", "H20,lab-1");
}

void TestCsv::dialects_say_the_same()
{
    QFETCH(std::string, text);
    text = replaced(text, "log~ rank", "log, rank");
    const Read<std::vector<Measurement>> rows = read_measurements(text, "lab.csv");
    QVERIFY2(rows, all_problems(rows.problems).c_str());
    QCOMPARE(rows.value->size(), std::size_t{1});
    Measurement expected;
    expected.id = "lab-1";
    expected.chip = "H20";
    expected.engine = "sglang";
    expected.source = "log, rank 3";
    expected.date = "2025-10-20";
    expected.ep = 16;
    expected.batch_per_card = 32;
    expected.context = 4936;
    expected.query_tokens = 2;
    expected.accepted_per_step = 1.93;
    expected.kv_elem_size = expected.expert_elem_size = 1;
    expected.attention_elem_size = 0.5625;
    expected.tpot_s = 1e-3 * 46.1;
    expected.throughput_per_card = 693.4;
    QVERIFY(rows.value->front() == expected);
}

void TestCsv::switches_of_spreadsheets_data()
{
    QTest::addColumn<std::string>("said");
    QTest::addColumn<bool>("derived");
    for (const char *word : {"true", "TRUE", "True", "yes", "Yes", "1", "WAHR", "VRAI", "VERDADERO", "VERO", "WAAR",
             "PRAWDA", "DOĞRU", "ИСТИНА"})
        QTest::newRow(word) << std::string(word) << true;
    QTest::newRow("behind it a no-break space") << std::string("TRUE\u00a0") << true;
    for (const char *word :
        {"", "false", "FALSE", "no", "NO", "0", "FALSCH", "FAUX", "FALSO", "ONWAAR", "FAŁSZ", "YANLIŞ", "ЛОЖЬ"})
        QTest::addRow("'%s'", word) << std::string(word) << false;
}

void TestCsv::switches_of_spreadsheets()
{
    QFETCH(std::string, said);
    QFETCH(bool, derived);
    const auto rows = read_measurements(header + "\n" + replaced(lab_row, "false", said), "lab.csv");
    QVERIFY2(rows, all_problems(rows.problems).c_str());
    QCOMPARE(rows.value->front().batch_is_derived, derived);
}

void TestCsv::what_is_wrong_is_one_line_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char *name, const std::string &text, const std::string &says) {
        QTest::newRow(name) << text << "lab.csv:" + says + "\n";
    };
    const std::string plain = header + "\n" + lab_row + "\n";
    row("bars", replaced(plain, ",", "|"),
        "1:1: the cells are separated by '|'; allowed are commas, semicolons or tabs");
    row("colons", replaced(plain, ",", ":"),
        "1:1: the cells are separated by ':'; allowed are commas, semicolons or tabs");
    row("blanks", replaced(plain, ",", " "),
        "1:1: the cells are separated by blanks; allowed are commas, semicolons or tabs");
    row("bar told", "sep=|\n" + replaced(plain, ",", "|"),
        "1:1: the cells are said to be separated by '|'; allowed are commas, semicolons or tabs");
    row("UTF-16", std::string("\xff\xfei\0d\0", 6), "1:1: is UTF-16 text; save it as UTF-8");
    row("UTF-16, other order", std::string("\xfe\xff\0i\0d", 6), "1:1: is UTF-16 text; save it as UTF-8");
    row("UTF-16 without a mark", std::string("i\0d\0,\0", 6), "1:1: is UTF-16 text; save it as UTF-8");
    row("UTF-32", std::string("\xff\xfe\0\0i\0\0\0", 8), "1:1: is UTF-32 text; save it as UTF-8");
    row("another code page", replaced(plain, "rank", "r\xe4nk"),
        "2:" + std::to_string(lab_row.find("rank") + 2) + ": is not UTF-8 text");
    row("missing columns", "id,chip\na,H20\n",
        "1:1: missing columns 'engine', 'ep', 'batch_per_card', 'context', 'query_tokens', 'accepted_per_step', "
        "'kv_elem_size', 'expert_elem_size', 'attention_elem_size', 'micro_batches', 'tpot_ms'");
    row("no header", lab_row + "\n",
        "1:1: names none of the columns; expected a line with "
            + replaced(replaced(header, ",", ", "), "source,", "source, nic, model,")
            + ", tp, moe, redundant_experts, balanced, output_elem_size, dense_elem_size, prefill_share, remark");
    row("a column without a name", "id,,chip" + header.substr(7) + "\n", "1:4: column 2 has no name");
    row("a comma too many", header + "\n" + replaced(lab_row, "1.93", "1,93"),
        "2:1: has 19 columns; expected 14 to 18; a cell with a comma needs quotes");
    row("a column too few", header + "\n" + lab_row.substr(0, lab_row.find(",46.1")) + "\n",
        "2:1: has 13 columns; expected 14 to 18");
    const std::string at_quote = std::to_string(lab_row.find('"') + 1),
                      open_quote = replaced(lab_row, "rank 3\"", "rank 3");
    row("quote never closed", header + "\n" + open_quote + "\n",
        "2:" + at_quote + ": a quote is opened here and never closed");
    row("quote closed by another's", header + "\n" + open_quote + "\n" + lab_row + "\n",
        "2:" + at_quote
            + ": text stands behind the closing quote of this cell; a quote inside of quotes is written twice");
    row("quote in quotes", header + "\n" + replaced(lab_row, "rank", "\"rank\""),
        "2:" + at_quote
            + ": text stands behind the closing quote of this cell; a quote inside of quotes is written twice");
    const std::string with_points = in_semicolons(header) + "\n" + in_semicolons(lab_row) + "\n";
    row("point and comma", with_points + replaced(replaced(in_semicolons(lab_row), "lab-1", "lab-2"), "1.93", "1,93"),
        "3:" + std::to_string(lab_row.find("1.93") + 1)
            + ": accepted_per_step: '1,93' has a decimal comma and '1.93' in line 2 the other; expected one of them in "
              "all numbers");
    row("one that may be thousands",
        replaced(replaced(replaced(replaced(with_points, "1.93", "2"), "46.1", "46"), "693.4", "693"), "0.5625;", "1;")
            + replaced(replaced(replaced(replaced(replaced(in_semicolons(lab_row), "lab-1", "lab-2"), "1.93", "2"),
                                    "46.1", "46.125"),
                           "693.4", "693"),
                "0.5625", "1"),
        "3:" + std::to_string(lab_row.find("46.1") - 7)
            + ": tpot_ms: '46.125' may be a number with decimals or one with thousands, and no other number tells "
              "which; thousands are written without separators");
    row("thousands", replaced(with_points, ";4936;", ";4.936,0;"),
        "2:" + std::to_string(lab_row.find("4936") + 1)
            + ": context: '4.936,0' has more than one decimal point or comma; thousands are written without "
              "separators");
}

// A number of three digits behind its mark is read once another one tells what the mark means.
void TestCsv::three_digits_behind_a_mark_data()
{
    QTest::addColumn<std::string>("context");
    QTest::addColumn<std::string>("tpot");
    QTest::addColumn<double>("is"); // the context; 0: refused
    const auto row = [](const char *context, const char *tpot, double is) {
        QTest::addRow("%s next to %s", context, tpot) << std::string(context) << std::string(tpot) << is;
    };
    row("65.536", "46", 0);
    row("8,192", "46", 0);
    row("65.536", "46.125", 0);
    row("65.536 k", "46", 0);
    row("65.536", "46,125", 0); // one is a number with decimals, but which?
    row("65.536", "46.1", 65.536);
    row("65,536", "46,1", 65.536);
    row("65.536", "0.125", 65.536);
    row("65.53", "46.125", 65.53);
    row("65.5361", "46", 65.5361);
    row("6553.625", "46", 6553.625);
    row("0.125", "46", 0);
}

void TestCsv::three_digits_behind_a_mark()
{
    QFETCH(std::string, context);
    QFETCH(std::string, tpot);
    QFETCH(double, is);
    for (const char *separator : {";", "\t"}) {
        const std::string cells = "lab-1,H20,sglang,16,32," + replaced(context, ",", "~") + ",2,2,1,1,1,1,,"
            + replaced(tpot, ",", "~") + ",,false,log,2025-10-20";
        const auto rows =
            read_measurements(replaced(replaced(header + "\n" + cells, ",", separator), "~", ","), "lab.csv");
        QCOMPARE(bool(rows), is > 0);
        if (is > 0)
            QCOMPARE(rows.value->front().context, is);
        else
            QCOMPARE(rows.problems.size(), std::size_t{1});
    }
}

void TestCsv::what_is_wrong_is_one_line()
{
    QFETCH(std::string, text);
    QFETCH(std::string, says);
    const Read<std::vector<Measurement>> rows = read_measurements(text, "lab.csv");
    QVERIFY(!rows);
    QCOMPARE(all_problems(rows.problems), says);
}

void TestCsv::rows_may_end_before_what_may_be_left_out()
{
    const std::string required = lab_row.substr(0, lab_row.find(",693.4"));
    const auto rows = read_measurements(
        header + "\n" + required + "\n" + replaced(required, "lab-1", "lab-2") + ",693.4\n", "lab.csv");
    QVERIFY2(rows, all_problems(rows.problems).c_str());
    QVERIFY(!rows.value->at(0).throughput_per_card);
    QCOMPARE(rows.value->at(0).date, std::string());
    QCOMPARE(rows.value->at(1).throughput_per_card, std::optional(693.4));
}

void TestCsv::contexts_count_as_elsewhere()
{
    for (const auto &[cell, context] :
        {std::pair{"8k", 8192.0}, {"8 K", 8192.0}, {"1 M", 1048576.0}, {"8192", 8192.0}}) {
        const auto rows =
            read_measurements(header + "\n" + replaced(lab_row, ",4936,", "," + std::string(cell) + ","), "lab.csv");
        QVERIFY2(rows, all_problems(rows.problems).c_str());
        QCOMPARE(rows.value->front().context, context);
    }
}

void TestCsv::columns_that_disagree_data()
{
    QTest::addColumn<std::string>("step");
    QTest::addColumn<std::string>("throughput");
    QTest::addColumn<std::string>("says"); // empty: they agree
    const auto row = [](const char *name, const std::string &step, const std::string &throughput,
                         const std::string &says) { QTest::newRow(name) << step << throughput << says; };
    row("agree", "89.0", "694.1", "");
    row("nothing next to", "", "", "");
    // 32 / 46.1 ms = 694.143 tok/s; a tenth more is 763.56, a tenth less in the same sense 631.04.
    row("a tenth more", "", "763.5", "");
    row("more than a tenth more", "", "763.6",
        "throughput_per_card: 763.6 tok/s contradicts batch_per_card over tpot_ms, 694.14 tok/s; allowed is a "
        "difference "
        "of 10 %, or the cell left empty");
    row("a tenth less", "", "631.1", "");
    row("more than a tenth less", "", "631.0", "throughput_per_card: 631 tok/s contradicts");
    row("twice", "89.0", "1386.8", "throughput_per_card: 1386.8 tok/s contradicts");
    row("none at all", "", "0", "throughput_per_card: 0 tok/s contradicts");
    row("a step without its drafts", "46.1", "",
        "step_ms: 46.1 ms contradicts tpot_ms times accepted_per_step, 88.973 ms; allowed is a difference of 10 %, or "
        "the cell left empty");
}

void TestCsv::columns_that_disagree()
{
    QFETCH(std::string, step);
    QFETCH(std::string, throughput);
    QFETCH(std::string, says);
    const std::string before = "lab-1,H20,sglang,16,32,4936,2,1.93,1,1,1,1,";
    const auto rows =
        read_measurements(header + "\n" + before + step + ",46.1," + throughput + ",false,log,2025-10-20\n", "lab.csv");
    QCOMPARE(rows.problems.size(), std::size_t{says.empty() ? 0u : 1u});
    if (says.empty())
        return;
    const std::size_t column = before.size() + 1 + (says.starts_with("step") ? 0 : step.size() + 6);
    const std::string expected = "lab.csv:2:" + std::to_string(column) + ": " + says;
    QCOMPARE(text_of(rows.problems.front()).substr(0, expected.size()), expected);
}

void TestCsv::problems_are_bounded()
{
    const auto read = [](const std::string &text) { return read_measurements(text, "lab.csv").problems; };
    std::string wide = header;
    for (int i = 0; i < 400000; ++i)
        wide += ",x" + std::to_string(i);
    QCOMPARE(all_problems(read(wide + "\n" + lab_row)),
        std::string("lab.csv:1:1: has 400018 columns; allowed are at most 1000\n"));
    std::string unknown = header;
    for (int i = 0; i < 500; ++i)
        unknown += ",x" + std::to_string(i);
    QVERIFY(read(unknown).size() <= 21);
    std::string long_file = header + "\n";
    for (int i = 0; i < 30000; ++i)
        long_file += "x\n";
    const std::vector<Diagnostic> problems = read(long_file);
    QCOMPARE(problems.size(), std::size_t{21});
    QCOMPARE(text_of(problems.back()), std::string("lab.csv: and 29980 more problems"));
    std::string row_of_many = header + "\n";
    row_of_many += std::string(400000, ',') + "x\n" + lab_row + "\n";
    QCOMPARE(all_problems(read(row_of_many)),
        std::string("lab.csv:2:1: has 400001 columns; expected 14 to 18; a cell with a comma needs quotes\n"));
}

void TestCsv::lines_count_those_inside_of_quotes()
{
    const std::string three_lines = replaced(lab_row, "log, rank", "log,\r\n\rrank");
    const std::string bad = replaced(replaced(lab_row, "lab-1", "lab-2"), "H20,sglang,16", "H20,sglang,many");
    const auto rows = read_measurements(header + "\r\n" + three_lines + "\r\n" + bad + "\r\n", "lab.csv");
    QCOMPARE(rows.problems.size(), std::size_t{1});
    QVERIFY2(text_of(rows.problems.front()).starts_with("lab.csv:5:18: ep: "), all_problems(rows.problems).c_str());
    const auto good =
        read_measurements(header + "\n" + three_lines + "\n" + replaced(bad, "many", "16") + "\n", "lab.csv");
    QVERIFY2(good, all_problems(good.problems).c_str());
    QCOMPARE(good.value->at(0).place.line, 2);
    QCOMPARE(good.value->at(1).place.line, 5);
}

void TestCsv::configurations_take_the_dialects_too()
{
    const Study study = published_study();
    const std::string columns =
        "chip,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,context,mtp_len,deepgemm,fa3\n";
    const std::string line = "H800,CX7 400Gbps,naive,72,0.5,1.5,16,5120,0,true,chip\n";
    const auto plain = read_configs(columns + line, "plain.csv", study);
    QVERIFY2(plain, all_problems(plain.problems).c_str());
    const auto excel = read_configs("\xef\xbb\xbfnote;" + replaced(columns, ",", ";") + ";;;;;;;;;;;\r\n" + "mine;"
            + replaced(replaced(replaced(replaced(line, ",", ";"), "0.5", "0,5"), "1.5", "1,5"), "true", "WAHR"),
        "excel.csv", study);
    QVERIFY2(excel, all_problems(excel.problems).c_str());
    QVERIFY(*excel.value == *plain.value);
    QCOMPARE(plain.value->size(), std::size_t{1});
}

void TestCsv::names_that_look_like_formulas_are_read_back()
{
    const std::string name = "-Hopper";
    const auto measured = read_measurements(header + "\n" + replaced(lab_row, "H20", csv_field(name)), "lab.csv");
    QVERIFY2(measured, all_problems(measured.problems).c_str());
    QCOMPARE(measured.value->front().chip, name);
    Study study = published_study();
    study.chips.front().name = name;
    const auto configs =
        read_configs("chip,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,context,mtp_len,deepgemm,fa3\n"
                + csv_field(name) + ",CX7 400Gbps,naive,72,1,1,16,5120,0,true,chip\n",
            "configs.csv", study);
    QVERIFY2(configs, all_problems(configs.problems).c_str());
    QCOMPARE(configs.value->front().chip, std::size_t{0});
}

void TestCsv::writes_what_it_reads_data()
{
    QTest::addColumn<std::string>("cell");
    QTest::addColumn<std::string>("written");
    const auto row = [](const char *name, const std::string &cell, const std::string &written) {
        QTest::newRow(name) << cell << written;
    };
    row("plain", "plain text", "plain text");
    row("empty", "", "");
    row("comma", "a, b", "\"a, b\"");
    row("quotes", "5\" disk", "\"5\"\" disk\"");
    row("line end", "a\nb", "\"a\nb\"");
    row("formula", "=1+1", "\"'=1+1\"");
    row("formula with quotes", "@a\"b", "\"'@a\"\"b\"");
    row("formula behind an apostrophe", "'=1+1", "\"''=1+1\"");
    row("apostrophe", "'s-Hertogenbosch", "'s-Hertogenbosch");
    row("number", "-3.5", "-3.5");
    row("number behind an apostrophe", "'-3.5", "'-3.5");
}

void TestCsv::writes_what_it_reads()
{
    QFETCH(std::string, cell);
    QFETCH(std::string, written);
    QCOMPARE(csv_field(cell), written);
    const std::string line = csv_line({"first", cell, "last"});
    QCOMPARE(line, "first," + written + ",last\n");
    CsvRecords records(line, ',');
    std::vector<CsvCell> cells;
    QVERIFY(records.next(cells));
    QCOMPARE(cells.size(), std::size_t{3});
    QCOMPARE(std::string(without_csv_apostrophe(cells[1].text)), cell);
    QVERIFY(!records.next(cells));
}

void TestCsv::tables_are_known_by_their_header()
{
    const auto measured = measurement_columns();
    QCOMPARE(csv_columns_named(header + "\n", measured), std::size_t{18});
    QCOMPARE(csv_columns_named("\xef\xbb\xbfsep=;\n\n" + in_semicolons(header), measured), std::size_t{18});
    QCOMPARE(csv_columns_named("study: mine\nchips: [H800]\n", measured), std::size_t{0});
    QCOMPARE(csv_columns_named("", measured), std::size_t{0});
}

EPSCOPE_SUITE(csv, TestCsv)
#include "tst_csv.moc"
