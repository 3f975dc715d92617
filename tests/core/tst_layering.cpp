// SPDX-License-Identifier: GPL-3.0-or-later
// Who may include whom. The engine is free of Qt and of the program around it, its formulas of files and searches.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

#include <QFile>
#include <QRegularExpression>

#include "tests/support/files.h"
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
    {"core/.*", "CLI/.*|fmt/.*", "a library of the program"},
    {"core/(?!io/[^/]+\\.cpp$).*", "yaml-cpp/.*|nlohmann/.*", "a reader's library"},
    {"core/[^/]+", "(.*/)?core/(spec|model|estimate|search|analysis|calibrate|explore|io)/.*", "what is built on it"},
    {"core/spec/.*", "(.*/)?core/(model|estimate|search|analysis|calibrate|explore|io)/.*", "what is built on it"},
    {"core/model/.*", "(.*/)?core/(estimate|search|analysis|calibrate|explore|io)/.*", "what is built on it, or files"},
    {"core/estimate/.*", "(.*/)?core/(search|analysis|calibrate|explore|io)/.*", "searches or files"},
    {"core/search/.*", "(.*/)?core/(analysis|calibrate|explore|io)/.*", "what is built on it, or files"},
    {"core/analysis/.*", "(.*/)?core/(calibrate|explore|io)/.*", "measurements or files"},
    {"core/calibrate/.*", "(.*/)?core/(analysis|explore|io)/.*", "analyses or files"},
    {"core/explore/.*", "(.*/)?core/io/.*", "files"},
    {"core/(?!calibrate/optimise\\.cpp$).*", "nlopt.*", "the optimiser's library"},
};

// All folders, from the ground up: a file includes from its own and from those before it. Files that more may use than
// the rest of their folder stand by name.
constexpr std::array<const char *, 21> order{"core", "core/spec", "core/model", "core/estimate", "core/search",
    "core/analysis", "core/calibrate", "core/explore", "core/io", "app/{version}", "app/files", "app/look", "app/words",
    "app/session", "app/charts", "app/controls", "app/views", "app/export", "app/cli", "app/window", "app"};

bool matches(const std::string &text, const char *pattern)
{
    return QRegularExpression(QRegularExpression::anchoredPattern(QString::fromLatin1(pattern)))
        .match(QString::fromStdString(text))
        .hasMatch();
}

struct Include {
    std::string file;
    int line;
    std::string included;
};

// Of all files below core and app, with names from the root on.
std::vector<Include> includes(const fs::path &root)
{
    const QRegularExpression include(QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"));
    std::vector<Include> found;
    for (const char *part : {"core", "app"}) {
        if (!fs::exists(root / part))
            continue;
        for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root / part)) {
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
                found.push_back({name, number, included});
            }
        }
    }
    return found;
}

// Where the file's folder stands in the order, with it those within it (core/model/attention); nothing outside of core
// and app.
std::optional<std::size_t> rank_of(const std::string &name)
{
    if (!name.starts_with("core/") && !name.starts_with("app/"))
        return std::nullopt;
    fs::path path = fs::path(name).parent_path();
    while (std::distance(path.begin(), path.end()) > 2)
        path = path.parent_path();
    const std::string folder = path.generic_string(), stem = fs::path(name).stem().string();
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::string_view each = order[i];
        const std::size_t brace = each.find("/{");
        if (brace == std::string_view::npos ? folder == each
                                            : folder == each.substr(0, brace)
                    && ("," + std::string(each.substr(brace + 2, each.size() - brace - 3)) + ",").find("," + stem + ",")
                        != std::string::npos)
            return i;
    }
    throw std::runtime_error(name + ": its folder is missing in the order");
}

std::vector<Include> climbs(const fs::path &root)
{
    std::vector<Include> found;
    for (const Include &each : includes(root)) {
        const auto from = rank_of(each.file), to = rank_of(each.included);
        if (to && *to > *from)
            found.push_back(each);
    }
    return found;
}

// "core/estimate/plan.cpp:12 includes core/io/library.h: searches or files".
std::vector<std::string> violations(const fs::path &root)
{
    std::vector<std::string> found;
    for (const Include &each : includes(root)) {
        for (const Rule &rule : rules) {
            if (matches(each.file, rule.part) && matches(each.included, rule.forbidden))
                found.push_back(
                    each.file + ":" + std::to_string(each.line) + " includes " + each.included + ": " + rule.what);
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
    void climbs_are_found();
    void nothing_climbs();
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
    row("core/io/json_tree.h", "#include <nlohmann/json.hpp>", true);
    row("core/spec/parameters.cpp", "#include <nlohmann/json_fwd.hpp>", true);
    row("core/io/json_tree.cpp", "#include <nlohmann/json.hpp>", false);
    row("core/spec/chip.h", "#include \"core/model/machine.h\"", true);
    row("core/model/attention/mla.h", "#include \"core/estimate/plan.h\"", true);
    row("core/estimate/plan.cpp", "#include \"core/search/search.h\"", true);
    row("core/estimate/plan.h", "#include \"core/io/library.h\"", true);
    row("core/estimate/plan.h", "#include \"../io/library.h\"", true);
    row("core/estimate/plan.cpp", "#include \"core/spec/study.h\"", false);
    row("core/search/search.h", "#include \"core/io/diagnostic.h\"", true);
    row("core/search/search.h", "#include \"core/estimate/plan.h\"", false);
    row("core/search/search.cpp", "#include \"core/analysis/outcome.h\"", true);
    row("core/analysis/seek.h", "#include \"core/io/library.h\"", true);
    row("core/analysis/seek.h", "#include \"core/search/search.h\"", false);
    row("core/explore/explored.h", "#include \"core/io/measurement_files.h\"", true);
    row("core/explore/explored.h", "#include \"core/calibrate/measured.h\"", false);
    row("core/io/library.cpp", "#include \"core/spec/study.h\"", false);
    row("core/io/library.cpp", "// #include <QString>", false);
    row("core/io/library.cpp", "#include <queue>", false);
}

void TestLayering::finds_violations()
{
    QFETCH(std::string, file);
    QFETCH(std::string, line);
    QFETCH(bool, forbidden);
    const epscope::testing::Folder folder;
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

void TestLayering::climbs_are_found()
{
    const epscope::testing::Folder folder;
    const fs::path root = folder.path().toStdString();
    const auto write = [&](const char *name, const char *text) {
        fs::create_directories((root / name).parent_path());
        std::ofstream(root / name) << text;
    };
    write("app/charts/chart.cpp",
        "#include \"app/views/headline.h\"\n#include \"app/look/theme.h\"\n"
        "#include \"core/io/library.h\"\n#include <vector>\n");
    write("app/session/session.h", "#include \"app/window/dialogs.h\"\n");
    write("app/look/theme.h", "#include \"../session/session.h\"\n");
    write("core/search/search.h", "#include \"core/analysis/map.h\"\n");
    std::vector<std::string> found;
    for (const Include &each : climbs(root))
        found.push_back(each.file + " " + each.included);
    std::sort(found.begin(), found.end());
    QCOMPARE(found,
        (std::vector<std::string>{"app/charts/chart.cpp app/views/headline.h", "app/look/theme.h app/session/session.h",
            "app/session/session.h app/window/dialogs.h", "core/search/search.h core/analysis/map.h"}));
    write("app/new/thing.h", "#include \"core/text.h\"\n");
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, climbs(root));
}

void TestLayering::nothing_climbs()
{
    std::vector<std::string> found;
    for (const Include &each : climbs(EPSCOPE_SOURCE_DIR))
        found.push_back(each.file + ":" + std::to_string(each.line) + " includes " + each.included);
    QVERIFY2(found.empty(), joined_lines(found).c_str());
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
