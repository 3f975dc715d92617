// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text.h"

#include <clocale>

#include <QTest>

#include "tests/support/suite.h"

using namespace epscope;

class TestText : public QObject {
    Q_OBJECT

private slots:
    void changes_the_case_of_ascii_alone();
    void takes_one_byte_order_mark_away();
    void knows_every_blank_data();
    void knows_every_blank();
};

void TestText::changes_the_case_of_ascii_alone()
{
    // Where a machine has them: 0xC4 and 0xE4 are letters of Latin-1, and Turkish has no 'I' for 'i'.
    for (const char *locale : {"C", "de_DE.ISO-8859-1", "tr_TR.UTF-8"}) {
        if (!std::setlocale(LC_CTYPE, locale))
            continue;
        QCOMPARE(ascii_lower("FP8 / Int4 \xc4\xc3\x84Z[@"), std::string("fp8 / int4 \xc4\xc3\x84z[@"));
        QCOMPARE(ascii_upper("fp8 / Int4 \xe4\xc3\xa4z{`"), std::string("FP8 / INT4 \xe4\xc3\xa4Z{`"));
    }
    std::setlocale(LC_CTYPE, "C");
    QCOMPARE(ascii_lower(""), std::string());
}

void TestText::takes_one_byte_order_mark_away()
{
    const std::string mark = "\xef\xbb\xbf";
    const auto without = [](const std::string &text) { return std::string(without_byte_order_mark(text)); };
    QCOMPARE(without(mark + "id"), std::string("id"));
    QCOMPARE(without(mark + mark), mark);
    QCOMPARE(without("id" + mark), "id" + mark);
    QCOMPARE(without(mark.substr(0, 2)), mark.substr(0, 2));
}

void TestText::knows_every_blank_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("inside"); // trimmed
    QTest::addColumn<std::string>("typed");
    const auto row = [](const char *name, const std::string &text, const std::string &inside,
                         const std::string &typed) { QTest::newRow(name) << text << inside << typed; };
    row("empty", "", "", "");
    row("ASCII", " \t\n\v\f\ra\v\fb\r\f\v\n\t ", "a\v\fb", "      a  b      ");
    row("blanks alone", " \v\u00a0\u3000", "", "    ");
    row("no-break", "\u00a0a\u00a0b\u202f", "a\u00a0b", " a b ");
    row("no width", "\ufeff\u200bid\u2060", "id", "  id ");
    row("letters at the ends", "\u00e4 b \u6df1", "\u00e4 b \u6df1", "\u00e4 b \u6df1");
    // Bytes of a blank's code in another encoding, and half a blank.
    row("no UTF-8 text", "\xa0id\x85", "\xa0id\x85", "\xa0id\x85");
    row("half a blank", "\xe2\x80id\xe2\x80", "\xe2\x80id\xe2\x80", "\xe2\x80id\xe2\x80");
}

void TestText::knows_every_blank()
{
    QFETCH(std::string, text);
    QFETCH(std::string, inside);
    QFETCH(std::string, typed);
    QCOMPARE(std::string(trimmed(text)), inside);
    QCOMPARE(as_typed(text), typed);
}

EPSCOPE_SUITE(text, TestText)
#include "tst_text.moc"
