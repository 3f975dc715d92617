// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include <QElapsedTimer>

#include "core/io/spec_reader.h"
#include "core/io/yaml_tree.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

using NodeKind = YamlNode::Kind;

// A tree on one line: kind and position of every node, "map 1:1 {'a' 1:1: scalar 1:4 'x'}".
std::string outline(const YamlNode &node)
{
    const std::string position = std::to_string(node.line) + ":" + std::to_string(node.column);
    std::string text;
    switch (node.kind) {
    case NodeKind::null:
        return "null " + position;
    case NodeKind::scalar:
        return "scalar " + position + " '" + node.scalar + "'";
    case NodeKind::sequence:
        for (const YamlNode &item : node.items)
            text += (text.empty() ? "" : ", ") + outline(item);
        return "sequence " + position + " [" + text + "]";
    case NodeKind::map:
        for (const auto &[key, value] : node.entries)
            text += (text.empty() ? "'" : ", '") + key.scalar + "' " + std::to_string(key.line) + ":"
                + std::to_string(key.column) + ": " + outline(value);
        return "map " + position + " {" + text + "}";
    }
    return {};
}

std::string outline_of(std::string_view text)
{
    const Read<YamlNode> read = parse_yaml(text, "f.yaml");
    return read ? outline(*read.value) : text_of(read.problems.front());
}

} // namespace

class TestYaml : public QObject {
    Q_OBJECT

private slots:
    void reads_data();
    void reads();
    void knows_where_an_empty_value_belongs_data();
    void knows_where_an_empty_value_belongs();
    void refuses_data();
    void refuses();
    void nests_up_to_the_limit_data();
    void nests_up_to_the_limit();
    void survives_deep_nesting_data();
    void survives_deep_nesting();
    void survives_large_and_odd_texts_data();
    void survives_large_and_odd_texts();
    void refuses_an_alias_bomb();
    void every_beginning_of_a_file_ends();
    void survives_random_texts();
    void keeps_duplicate_keys();
};

void TestYaml::reads_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char *name, const std::string &text, const char *expected) {
        QTest::newRow(name) << text << std::string(expected);
    };
    row("scalar", "hello", "scalar 1:1 'hello'");
    row("scalar, indented", "\n  hello\n", "scalar 2:3 'hello'");
    row("map", "a: x\nbc:   y\n", "map 1:1 {'a' 1:1: scalar 1:4 'x', 'bc' 2:1: scalar 2:7 'y'}");
    row("map in map", "a:\n  b: x\n  c: y\nd: z\n",
        "map 1:1 {'a' 1:1: map 2:3 {'b' 2:3: scalar 2:6 'x', 'c' 3:3: scalar 3:6 'y'}, 'd' 4:1: scalar 4:4 'z'}");
    row("sequence", "- x\n-   y\n", "sequence 1:1 [scalar 1:3 'x', scalar 2:5 'y']");
    row("sequence in map", "a:\n- x\n- y\nb:\n  - z\n",
        "map 1:1 {'a' 1:1: sequence 2:1 [scalar 2:3 'x', scalar 3:3 'y'], 'b' 4:1: sequence 5:3 [scalar 5:5 'z']}");
    row("maps in sequence", "- a: x\n  b: y\n- a: z\n",
        "sequence 1:1 [map 1:3 {'a' 1:3: scalar 1:6 'x', 'b' 2:3: scalar 2:6 'y'}, map 3:3 {'a' 3:3: scalar 3:6 'z'}]");
    row("flow map", "a: {b: x, c: [y, z]}\n",
        "map 1:1 {'a' 1:1: map 1:4 {'b' 1:5: scalar 1:8 'x', 'c' 1:11: sequence 1:14 [scalar 1:15 'y', scalar 1:18 "
        "'z']}}");
    row("flow over lines", "a: [x,\n    y]\n", "map 1:1 {'a' 1:1: sequence 1:4 [scalar 1:5 'x', scalar 2:5 'y']}");
    row("empty list and map", "a: []\nb: {}\n", "map 1:1 {'a' 1:1: sequence 1:4 [], 'b' 2:1: map 2:4 {}}");
    row("null", "a: ~\nb: null\n", "map 1:1 {'a' 1:1: null 1:4, 'b' 2:1: null 2:4}");
    row("empty text", "a: ''\nb: \"\"\n", "map 1:1 {'a' 1:1: scalar 1:4 '', 'b' 2:1: scalar 2:4 ''}");
    row("quotes", "'a': 'it''s'\n\"b\": \"x\\ty: #z\"\n",
        "map 1:1 {'a' 1:1: scalar 1:6 'it's', 'b' 2:1: scalar 2:6 'x\ty: #z'}");
    row("quoted null", "a: '~'\n", "map 1:1 {'a' 1:1: scalar 1:4 '~'}");
    row("blanks of web pages", "a:\u00a0x\nb\u00a0: y\nd:\n\u00a0\u00a0- \u2009z\n  -\u00a0w\n",
        "map 1:1 {'a' 1:1: scalar 1:4 'x', 'b' 2:1: scalar 2:5 'y', 'd' 3:1: sequence 4:3 [scalar 4:6 'z', scalar 5:5 "
        "'w']}");
    row("blanks of web pages in values", "a: x\u00a0:\u00a0y\nb: \"\u00a0z\"\nc: 'it''s:\u00a0z'\n\"d\u00a0\": e\n",
        "map 1:1 {'a' 1:1: scalar 1:4 'x\u00a0:\u00a0y', 'b' 2:1: scalar 2:4 '\u00a0z', 'c' 3:1: scalar 3:4 "
        "'it's:\u00a0z', 'd\u00a0' 4:1: scalar 4:8 'e'}");
    row("blanks of web pages in lists",
        "a: [x,\u00a0\"y\" ,\u2009z\u00a0]\u00a0# [, '\n\u00a0\nb: {\u00a0c:\u00a0x\u00a0, d: 'p,\u00a0q'}\ne: "
        "x,\u00a0y\n",
        "map 1:1 {'a' 1:1: sequence 1:4 [scalar 1:5 'x', scalar 1:8 'y', scalar 1:14 'z'], 'b' 3:1: map 3:4 {'c' 3:6: "
        "scalar 3:9 'x', 'd' 3:13: scalar 3:16 'p,\u00a0q'}, 'e' 4:1: scalar 4:4 'x,\u00a0y'}");
    row("comments", "# one\na: x # two\n# three\nb: y#z\n",
        "map 2:1 {'a' 2:1: scalar 2:4 'x', 'b' 4:1: scalar 4:4 'y#z'}");
    row("numbers are texts", "a: 1e999\nb: 0x10\nc: yes\n",
        "map 1:1 {'a' 1:1: scalar 1:4 '1e999', 'b' 2:1: scalar 2:4 '0x10', 'c' 3:1: scalar 3:4 'yes'}");
    row("folded block", "a: >-\n  one\n  two\nb: x\n",
        "map 1:1 {'a' 1:1: scalar 1:4 'one two', 'b' 4:1: scalar 4:4 'x'}");
    row("literal block", "a: |\n  one\n  two\n", "map 1:1 {'a' 1:1: scalar 1:4 'one\ntwo\n'}");
    row("plain over lines", "a: one\n  two\n", "map 1:1 {'a' 1:1: scalar 1:4 'one two'}");
    row("document markers", "---\na: x\n...\n", "map 2:1 {'a' 2:1: scalar 2:4 'x'}");
    row("Windows line ends", "a: x\r\nb: y\r\n", "map 1:1 {'a' 1:1: scalar 1:4 'x', 'b' 2:1: scalar 2:4 'y'}");
    row("byte order mark",
        "\xEF\xBB\xBF"
        "a: x\n",
        "map 1:1 {'a' 1:1: scalar 1:4 'x'}");
    row("no line end", "a: x", "map 1:1 {'a' 1:1: scalar 1:4 'x'}");
    row("tab behind a key", "a:\tx\n", "map 1:1 {'a' 1:1: scalar 1:4 'x'}");
    row("tags mean nothing", "a: !!int x\n", "map 1:1 {'a' 1:1: scalar 1:4 'x'}");
    row("merge key of a plain map", "a:\n  <<: {b: x}\n",
        "map 1:1 {'a' 1:1: map 2:3 {'<<' 2:3: map 2:7 {'b' 2:8: scalar 2:11 'x'}}}");
    row("beyond 16 bits", "a: '\U0001F4A1'\n", "map 1:1 {'a' 1:1: scalar 1:4 '\U0001F4A1'}");
    row("other scripts", "\u540d: \u82af\u7247\nb: x\n",
        "map 1:1 {'\u540d' 1:1: scalar 1:6 '\u82af\u7247', 'b' 2:1: scalar 2:4 'x'}"); // columns count bytes
}

void TestYaml::reads()
{
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    QCOMPARE(outline_of(text), expected);
}

void TestYaml::knows_where_an_empty_value_belongs_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<int>("line");
    QTest::newRow("in the middle") << std::string("a: x\nb:\nc: y\n") << 2;
    QTest::newRow("before a comment") << std::string("a: x\nb:\n# so far\n\n\nc: y\n") << 2;
    QTest::newRow("at the end") << std::string("a: x\nb:\n") << 2;
    QTest::newRow("in a map below") << std::string("z:\n  b:\n") << 2;
    QTest::newRow("in a flow map") << std::string("z: {a: x,\n b: ,\n c: y}\n") << 2;
}

// Who reads "file:line" must find the key there.
void TestYaml::knows_where_an_empty_value_belongs()
{
    QFETCH(std::string, text);
    QFETCH(int, line);
    const Read<YamlNode> read = parse_yaml(text, "f.yaml");
    QVERIFY(read);
    const YamlNode &top = *read.value;
    for (const auto &[key, value] :
        top.entries.front().key.scalar == "z" ? top.entries.front().value.entries : top.entries) {
        if (key.scalar != "b")
            continue;
        QCOMPARE(value.kind, NodeKind::null);
        QCOMPARE(value.line, line);
        QCOMPARE(key.line, line);
        return;
    }
    QFAIL("no key b");
}

void TestYaml::refuses_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected"); // the beginning of the message
    const auto row = [](const char *name, const std::string &text, const char *expected) {
        QTest::newRow(name) << text << std::string(expected);
    };
    const char *const empty = "f.yaml:1:1: the file is empty; expected a chip, nic, model, profile or study";
    row("empty", "", empty);
    row("blank", " \n\n  \n", empty);
    row("only comments", "# chip: H800\n  # nothing else\n", empty);
    row("anchor", "a: x\nb: &anchor y\n", "f.yaml:2:4: anchors are not allowed; write the value out where it is used");
    row("anchor of a list", "a: &anchor [x]\n", "f.yaml:1:4: anchors are not allowed");
    row("anchor of a map", "a: &anchor {b: x}\n", "f.yaml:1:4: anchors are not allowed");
    row("anchor of a key", "&anchor a: x\n", "f.yaml:1:1: anchors are not allowed");
    row("anchor of the document", "--- &anchor\na: x\n", "f.yaml:1:5: anchors are not allowed");
    row("anchor and alias", "a: &anchor x\nb: *anchor\n", "f.yaml:1:4: anchors are not allowed");
    row("alias of nothing", "a: x\nb: *anchor\n", "f.yaml:2:4: ");
    row("merge key", "a: &anchor {b: x}\nc:\n  <<: *anchor\n", "f.yaml:1:4: anchors are not allowed");
    row("list as key", "? [a, b]\n: x\n", "f.yaml:1:3: a key must be plain text");
    row("map as key", "a: x\n? {b: c}\n: y\n", "f.yaml:2:3: a key must be plain text");
    row("list as key in a flow map", "{[a]: x}\n", "f.yaml:1:2: a key must be plain text");
    row("null as key", "~: x\n", "f.yaml:1:1: a key must be plain text");
    row("no key", ": x\n", "f.yaml:1:1: a key must be plain text");
    row("two documents", "a: x\n---\nb: y\n", "f.yaml:2:1: holds more than one YAML document; expected one");
    row("two documents, the second empty", "a: x\n---\n",
        "f.yaml:2:1: holds more than one YAML document; expected one");
    row("two documents, the second bad", "a: x\n---\nb: [\n", "f.yaml:");
    row("NUL", std::string("a: x\0\nb: y\n", 11), "f.yaml: is not a YAML text file: byte 4 is NUL");
    row("NUL at the start", std::string("\0", 1), "f.yaml: is not a YAML text file: byte 0 is NUL");
    row("UTF-16",
        std::string("\xff\xfe"
                    "a\0:\0 \0x\0",
            10),
        "f.yaml:1:1: is UTF-16 text; save it as UTF-8");
    row("Latin-1, further down", "a: x\nb: [y,\n  gem\xe4\xdf]\n", "f.yaml:3:6: is not UTF-8 text");
    row("Latin-1", "a: gem\xe4\xdf\n", "f.yaml:1:7: is not UTF-8 text");
    row("continuation without a start", "a: x\xa9\n", "f.yaml:1:5: is not UTF-8 text");
    row("cut short", "a: x\xc3", "f.yaml:1:5: is not UTF-8 text");
    row("cut short by a line end", "a: x\xe2\x82\nb: y\n", "f.yaml:1:5: is not UTF-8 text");
    row("longer than it need be", "a: \xc0\xaf\n", "f.yaml:1:4: is not UTF-8 text");
    row("half a surrogate pair", "a: \xed\xa0\x80\n", "f.yaml:1:4: is not UTF-8 text");
    row("beyond Unicode", "a: \xf4\x90\x80\x80\n", "f.yaml:1:4: is not UTF-8 text");
    row("tab as indentation", "a:\n  b: x\n\tc: y\n", "f.yaml:3:1: is not valid YAML: ");
    row("tab as first indentation", "a:\n\tb: x\n", "f.yaml:2:");
    row("wrong indentation", "a: x\n  b: y\n", "f.yaml:2:");
    row("two colons", "a: b: c\n", "f.yaml:1:5: is not valid YAML: ");
    row("no colon", "a: x\nb\nc: y\n", "f.yaml:3:2: is not valid YAML: ");
    row("unclosed list", "a: [x, y\nb: z\n", "f.yaml:2:2: is not valid YAML: ");
    row("unclosed map", "a: {b: x\n", "f.yaml:2:1: is not valid YAML: ");
    row("closed too often", "a: x\n]\n", "f.yaml:2:1: is not valid YAML: ");
    row("wrong bracket", "a: [x}\n", "f.yaml:1:");
    row("unclosed double quote", "a: \"x\nb: y\n", "f.yaml:");
    row("unclosed single quote", "a: x\nb: 'y\n", "f.yaml:");
    row("unclosed quote of a key", "a: x\n\"b: y\n", "f.yaml:");
    row("unclosed quote, no line end", "a: \"x", "f.yaml:1:6: is not valid YAML: ");
    row("text behind a quote", "a: \"x\" y\nb: z\n", "f.yaml:1:8: is not valid YAML: ");
    row("unknown escape", "a: \"\\q\"\n", "f.yaml:1:7: is not valid YAML: ");
    row("reserved character", "a: x\nb: @y\n", "f.yaml:2:4: is not valid YAML: ");
    row("another reserved character", "a: `x`\n", "f.yaml:1:4: is not valid YAML: ");
}

void TestYaml::refuses()
{
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    const Read<YamlNode> read = parse_yaml(text, "f.yaml");
    QVERIFY2(!read, outline_of(text).c_str());
    QCOMPARE(read.problems.size(), std::size_t{1});
    const std::string message = text_of(read.problems.front());
    QVERIFY2(message.starts_with(expected), message.c_str());
    QVERIFY(!read.problems.front().message.empty());
    QVERIFY2(read.problems.front().line <= std::count(text.begin(), text.end(), '\n') + 1, message.c_str());
}

void TestYaml::nests_up_to_the_limit_data()
{
    QTest::addColumn<std::string>("open");
    QTest::addColumn<std::string>("close");
    QTest::newRow("lists") << std::string("[") << std::string("]");
    QTest::newRow("maps") << std::string("{a: ") << std::string("}");
    QTest::newRow("block lists") << std::string("- ") << std::string();
}

void TestYaml::nests_up_to_the_limit()
{
    QFETCH(std::string, open);
    QFETCH(std::string, close);
    const auto nested = [&](int depth) { return repeated(open, depth) + "x" + repeated(close, depth); };
    QVERIFY2(parse_yaml(nested(32), "f.yaml"), outline_of(nested(32)).c_str());
    const Read<YamlNode> deeper = parse_yaml(nested(33), "f.yaml");
    QVERIFY(!deeper);
    QCOMPARE(text_of(deeper.problems.front()),
        "f.yaml:1:" + std::to_string(32 * open.size() + 1) + ": is nested too deeply; allowed are 32 levels");
}

void TestYaml::survives_deep_nesting_data()
{
    QTest::addColumn<std::string>("text");
    constexpr int many = 100000;
    for (const char *open : {"[", "{", "- ", "? ", "a: ", "{a: ", "{? ", "[[a]: ", "[a: ", "!!x [", "[\n", "[a,"})
        QTest::newRow(open) << repeated(open, many);
    QTest::newRow("closed lists") << repeated("[", many) + "x" + repeated("]", many);
    QTest::newRow("closed maps") << repeated("{a: ", many) + "x" + repeated("}", many);
    std::string stairs;
    for (int i = 0; i < 1000; ++i)
        stairs += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    QTest::newRow("indented maps") << stairs;
}

void TestYaml::survives_deep_nesting()
{
    QFETCH(std::string, text);
    QElapsedTimer timer;
    timer.start();
    const Read<YamlNode> read = parse_yaml(text, "f.yaml");
    QVERIFY(!read);
    QCOMPARE(read.problems.size(), std::size_t{1});
    QVERIFY2(timer.elapsed() < 60000, "hangs");
}

void TestYaml::survives_large_and_odd_texts_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<bool>("taken");
    const auto filled = [](std::string text, std::string_view part, std::string_view end = "") {
        while (text.size() + part.size() + end.size() <= largest_file)
            text += part;
        return text + std::string(end);
    };
    QTest::newRow("long scalar") << filled("", "x") << true;
    QTest::newRow("long list") << filled("[", "x,", "x]") << true;
    QTest::newRow("long block list") << filled("", "- x\n") << true;
    QTest::newRow("many lists") << filled("[", "[],", "[]]") << true;
    QTest::newRow("many keys") << filled("", "k: x\n") << true;
    QTest::newRow("long comment") << filled("a: x\n# ", "#") << true;
    QTest::newRow("many comments") << filled("a: x\n", "#\n") << true;
    QTest::newRow("many blank lines") << filled("a: x\n", "\n") << true;
    QTest::newRow("colons") << filled("", ":") << false;
    QTest::newRow("anchors") << filled("", "&") << false;
    QTest::newRow("aliases") << filled("", "*a ") << false;
    QTest::newRow("tags") << filled("", "!") << false;
    QTest::newRow("pipes") << filled("", "|") << false;
    QTest::newRow("tabs") << filled("", "\t") << false;
    QTest::newRow("percents") << filled("", "%") << false;
    QTest::newRow("documents") << filled("", "---\n") << false;
}

void TestYaml::survives_large_and_odd_texts()
{
    QFETCH(std::string, text);
    QFETCH(bool, taken);
    QElapsedTimer timer;
    timer.start();
    const Read<YamlNode> read = parse_yaml(text, "f.yaml");
    QVERIFY2(bool(read) == taken, read ? "" : text_of(read.problems.front()).c_str());
    QVERIFY(read.problems.empty() == taken);
    QVERIFY2(timer.elapsed() < 60000, "hangs");
}

void TestYaml::refuses_an_alias_bomb()
{
    std::string text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (char key = 'b'; key <= 'z'; ++key) {
        const std::string alias = std::string("*") + static_cast<char>(key - 1);
        text += std::string(1, key) + ": &" + std::string(1, key) + " [" + repeated(alias + ", ", 8) + alias + "]\n";
    }
    QElapsedTimer timer;
    timer.start();
    const Read<YamlNode> read = parse_yaml(text, "bomb.yaml");
    QVERIFY(!read);
    QCOMPARE(text_of(read.problems.front()),
        std::string("bomb.yaml:1:4: anchors are not allowed; write the value out where it is used"));
    QVERIFY2(timer.elapsed() < 10000, "hangs");
}

// A file cut short is read or refused, never a crash; what is read never has more lines than the file.
void TestYaml::every_beginning_of_a_file_ends()
{
    const std::string text = "# head\nchip: 'X' # name\nlist: [a, \"b\\x41\", {c: d}]\nblock: >-\n  one\n  two\nmap:\n "
                             " - k: v\n    l: \xc3\xa9\n  - ~\n";
    int taken = 0;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const Read<YamlNode> read = parse_yaml(std::string_view(text).substr(0, size), "f.yaml");
        QVERIFY(bool(read) == read.problems.empty());
        taken += read ? 1 : 0;
        for (const Diagnostic &problem : read.problems)
            QVERIFY2(problem.line >= 1 && problem.line <= 11, text_of(problem).c_str());
    }
    QVERIFY(taken > 20);
}

void TestYaml::survives_random_texts()
{
    std::mt19937 random(1);
    const std::string_view alphabet("ab:-?[]{},'\"#&*!|>%@~<\n\n   \t\r\\\x01\x7f\x80\xc3\xa9\xff");
    int taken = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string text = i % 2 ? "key: " : "";
        for (auto length = random() % 24; length > 0; --length)
            text += alphabet[random() % alphabet.size()];
        const Read<YamlNode> read = parse_yaml(text, "f.yaml");
        QVERIFY(bool(read) == read.problems.empty());
        taken += read ? 1 : 0;
        const auto lines = std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r') + 1;
        for (const Diagnostic &problem : read.problems)
            QVERIFY2(problem.line >= 1 && problem.line <= lines && problem.column >= 1,
                (text_of(problem) + "\n" + text).c_str());
    }
    QVERIFY(taken > 1000 && taken < 19000);
}

// The readers report them; the tree must not drop one.
void TestYaml::keeps_duplicate_keys()
{
    QCOMPARE(outline_of("a: x\na: y\n"), std::string("map 1:1 {'a' 1:1: scalar 1:4 'x', 'a' 2:1: scalar 2:4 'y'}"));
}

EPSCOPE_SUITE(yaml, TestYaml)
#include "tst_yaml.moc"
