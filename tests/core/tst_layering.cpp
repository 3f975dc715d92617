// SPDX-License-Identifier: GPL-3.0-or-later
// Who may include whom. The engine is free of Qt and of the program around it, its formulas of files and searches.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <QRegularExpression>
#include <QTemporaryDir>

#include "tests/support/suite.h"
#include "tests/support/to_string.h"

namespace fs = std::filesystem;

namespace {

struct Rule {
    const char *part; // whose files, as a regular expression over the path
    const char *forbidden; // what they must not include, likewise over the included name
    const char *what;
};

constexpr Rule rules[] = {
    {"core/.*", "Q[A-Z].*|Qt.*|q[a-z]+\\.h", "Qt"},
    {"core/.*", "(.*/)?app/.*", "the program"},
    {"core/.*", "(.*/)?tests/.*", "the tests"},
    {"core/.*", "CLI/.*|nlohmann/.*|fmt/.*", "a library of the program"},
    {"core/(?!io/[^/]+\\.cpp$).*", "yaml-cpp/.*", "yaml-cpp"},
    {"core/[^/]+", "(.*/)?core/(spec|estimate|search|analysis|calibrate|io)/.*", "what is built on it"},
    {"core/spec/.*", "(.*/)?core/(estimate|search|analysis|calibrate|io)/.*", "what is built on it"},
    {"core/estimate/.*", "(.*/)?core/(search|analysis|calibrate|io)/.*", "searches or files"},
    {"core/search/.*", "(.*/)?core/(analysis|calibrate|io)/.*", "what is built on it, or files"},
    {"core/analysis/.*", "(.*/)?core/(calibrate|io)/.*", "measurements or files"},
    {"core/calibrate/.*", "(.*/)?core/(analysis|io)/.*", "analyses or files"},
    {"core/(?!calibrate/optimise\\.cpp$).*", "nlopt.*", "the optimiser's library"},
};

bool matches(const std::string &text, const char *pattern)
{
    return QRegularExpression(QRegularExpression::anchoredPattern(QString::fromLatin1(pattern)))
        .match(QString::fromStdString(text))
        .hasMatch();
}

// "core/estimate/plan.cpp:12 includes core/io/library.h: searches or files".
std::vector<std::string> violations(const fs::path &root)
{
    const QRegularExpression include(QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"));
    std::vector<std::string> found;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root / "core")) {
        if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp")
            continue;
        const std::string name = fs::relative(entry.path(), root).generic_string();
        std::ifstream file(entry.path());
        int number = 0;
        for (std::string line; std::getline(file, line);) {
            ++number;
            const QRegularExpressionMatch match = include.match(QString::fromStdString(line));
            if (!match.hasMatch())
                continue;
            std::string included = match.captured(1).toStdString();
            if (included.starts_with('.')) // relative to the file
                included =
                    fs::relative((entry.path().parent_path() / included).lexically_normal(), root).generic_string();
            for (const Rule &rule : rules) {
                if (matches(name, rule.part) && matches(included, rule.forbidden))
                    found.push_back(name + ":" + std::to_string(number) + " includes " + included + ": " + rule.what);
            }
        }
    }
    return found;
}

std::string joined_lines(const std::vector<std::string> &lines)
{
    std::string text;
    for (const std::string &line : lines)
        text += line + "\n";
    return text;
}

} // namespace

class TestLayering : public QObject {
    Q_OBJECT

private slots:
    void finds_violations_data();
    void finds_violations();
    void core_keeps_to_its_layers();
    void core_links_no_qt();
};

void TestLayering::finds_violations_data()
{
    QTest::addColumn<std::string>("file");
    QTest::addColumn<std::string>("line");
    QTest::addColumn<bool>("forbidden");
    const auto row = [](const char *file, const char *line, bool forbidden) {
        QTest::addRow("%s: %s", file, line) << std::string(file) << std::string(line) << forbidden;
    };
    row("core/quantity.h", "#include <QString>", true);
    row("core/io/file.cpp", "  #  include <QtCore/QFile>", true);
    row("core/io/file.cpp", "#include <qglobal.h>", true);
    row("core/io/file.cpp", "#include \"QFile\"", true);
    row("core/search/search.cpp", "#include \"app/cli/commands.h\"", true);
    row("core/search/search.cpp", "#include \"../../app/version.h\"", true);
    row("core/text.cpp", "#include <fmt/format.h>", true);
    row("core/text.cpp", "#include \"core/spec/study.h\"", true);
    row("core/io/yaml_tree.h", "#include <yaml-cpp/yaml.h>", true);
    row("core/spec/parameters.cpp", "#include <yaml-cpp/yaml.h>", true);
    row("core/io/yaml_tree.cpp", "#include <yaml-cpp/parser.h>", false);
    row("core/spec/chip.h", "#include \"core/estimate/machine.h\"", true);
    row("core/estimate/plan.cpp", "#include \"core/search/search.h\"", true);
    row("core/estimate/plan.h", "#include \"core/io/library.h\"", true);
    row("core/estimate/plan.h", "#include \"../io/library.h\"", true);
    row("core/estimate/plan.cpp", "#include \"core/spec/study.h\"", false);
    row("core/search/search.h", "#include \"core/io/diagnostic.h\"", true);
    row("core/search/search.h", "#include \"core/estimate/plan.h\"", false);
    row("core/search/search.cpp", "#include \"core/analysis/outcome.h\"", true);
    row("core/analysis/seek.h", "#include \"core/io/library.h\"", true);
    row("core/analysis/seek.h", "#include \"core/search/search.h\"", false);
    row("core/io/library.cpp", "#include \"core/spec/study.h\"", false);
    row("core/io/library.cpp", "// #include <QString>", false);
    row("core/io/library.cpp", "#include <queue>", false);
}

void TestLayering::finds_violations()
{
    QFETCH(std::string, file);
    QFETCH(std::string, line);
    QFETCH(bool, forbidden);
    const QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << "#pragma once\n" << line << "\n";
    const std::vector<std::string> found = violations(root);
    QCOMPARE(found.size(), forbidden ? std::size_t{1} : std::size_t{0});
    if (forbidden)
        QVERIFY2(found.front().starts_with(file + ":2 includes "), found.front().c_str());
}

void TestLayering::core_keeps_to_its_layers()
{
    const fs::path root = EPSCOPE_SOURCE_DIR;
    const std::vector<std::string> found = violations(root);
    QVERIFY2(found.empty(), joined_lines(found).c_str());
    for (const char *file : {"core/quantity.h", "core/spec/study.h", "core/estimate/plan.cpp", "core/search/search.cpp",
             "core/io/yaml_tree.cpp"})
        QVERIFY2(fs::exists(root / file), file); // the scan looked at the right place
}

void TestLayering::core_links_no_qt()
{
    std::ifstream file(EPSCOPE_SOURCE_DIR "/core/CMakeLists.txt");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::size_t link = text.find("target_link_libraries");
    QVERIFY(link != std::string::npos);
    QVERIFY2(text.find("Qt", link) == std::string::npos && text.find("AUTOMOC") == std::string::npos, text.c_str());
}

EPSCOPE_SUITE(layering, TestLayering)
#include "tst_layering.moc"
