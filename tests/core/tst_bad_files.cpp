// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <QElapsedTimer>

#include "core/io/file.h"
#include "core/io/library.h"
#include "tests/support/files.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;
namespace fs = std::filesystem;

namespace {

const fs::path bad_files = EPSCOPE_SOURCE_DIR "/tests/data/bad";

std::vector<Diagnostic> problems_of(const std::string &text, const std::string &file, const Library &library)
{
    const Read<Head> head = read_head(text, file);
    if (!head)
        return head.problems;
    switch (head.value->kind) {
    case Kind::chip:
        return read_chip(text, file).problems;
    case Kind::nic:
        return read_nic(text, file).problems;
    case Kind::model:
        return read_model(text, file).problems;
    case Kind::profile:
        return read_profile(text, file).problems;
    case Kind::study:
        return read_study(text, file, library).problems;
    }
    return {};
}

// By file, the lines of expected.txt.
std::map<std::string, std::vector<std::string>> expected_messages()
{
    std::map<std::string, std::vector<std::string>> expected;
    std::ifstream table(bad_files / "expected.txt");
    for (std::string line; std::getline(table, line);) {
        if (!line.empty() && line.front() != '#')
            expected[line.substr(0, line.find(':'))].push_back(line);
    }
    return expected;
}

std::string only_problem(const Read<std::string> &read)
{
    return read || read.problems.size() != 1 ? std::string("no problem") : text_of(read.problems.front());
}

} // namespace

class TestBadFiles : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void reports_every_problem_data();
    void reports_every_problem();
    void the_table_knows_every_file();
    void huge_file();
    void largest_file_allowed();
    void folder();
    void missing_file();
    void unreadable_file();
    void endless_file();
    void broken_in_any_place();

private:
    testing::Folder folder_of_this_test;
    fs::path place;
    std::unique_ptr<Library> library;
};

// A library of few entries, so that messages that list them stay short and the same.
void TestBadFiles::initTestCase()
{
    place = folder_of_this_test.path().toStdString();
    for (const char *file : {"chips/h800.yaml", "chips/h20.yaml", "nics/cx7-400.yaml", "models/deepseek-v3.yaml",
             "profiles/published-v1.yaml", "studies/published-v1.yaml"}) {
        fs::create_directories((place / "library" / file).parent_path());
        fs::copy_file(shipped_resources() / file, place / "library" / file);
    }
    std::ofstream(place / "library/studies/based.yaml") << "study: based\nbased_on: published-v1\n";
    library = std::make_unique<Library>(std::vector{place / "library"});
    QVERIFY(library->study("based"));
}

void TestBadFiles::reports_every_problem_data()
{
    QTest::addColumn<std::vector<std::string>>("expected");
    for (const auto &[file, lines] : expected_messages())
        QTest::newRow(file.c_str()) << lines;
}

void TestBadFiles::reports_every_problem()
{
    QFETCH(std::vector<std::string>, expected);
    const std::string file = QTest::currentDataTag();
    const Read<std::string> text = read_text((bad_files / file).string(), largest_file);
    QVERIFY2(text, only_problem(text).c_str());
    const std::vector<Diagnostic> problems = problems_of(*text.value, file, *library);
    std::vector<std::string> messages;
    for (const Diagnostic &problem : problems)
        messages.push_back(QString::fromStdString(text_of(problem))
                               .replace(QString::fromStdString((place / "library").string()), "LIBRARY")
                               .toStdString());
    for (std::size_t i = 0; i < std::max(messages.size(), expected.size()); ++i)
        QCOMPARE(
            i < messages.size() ? messages[i] : "nothing more", i < expected.size() ? expected[i] : "nothing more");
    QVERIFY(std::is_sorted(problems.begin(), problems.end(), [](const Diagnostic &a, const Diagnostic &b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    }));
}

void TestBadFiles::the_table_knows_every_file()
{
    const std::map<std::string, std::vector<std::string>> expected = expected_messages();
    std::set<std::string> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(bad_files)) {
        const std::string name = entry.path().filename().string();
        if (name == "expected.txt")
            continue;
        QVERIFY2(entry.path().extension() == ".yaml", name.c_str());
        QVERIFY2(expected.contains(name), (name + " has no line in expected.txt").c_str());
        files.insert(name);
    }
    for (const auto &[name, lines] : expected)
        QVERIFY2(files.contains(name), (name + " is in expected.txt, but not in the folder").c_str());
    QVERIFY(files.size() > 50);
}

void TestBadFiles::huge_file()
{
    const fs::path file = place / "huge.yaml";
    std::ofstream(file) << "nic: N1\n";
    fs::resize_file(file, std::uintmax_t{1} << 30); // sparse
    QElapsedTimer timer;
    timer.start();
    const Read<std::string> read = read_text(file.string(), largest_file);
    QVERIFY2(timer.elapsed() < 2000, "reads the whole file");
    QVERIFY(only_problem(read).starts_with(file.string() + ": the file is too large; allowed are at most 1.05 MB"));
    fs::remove(file);
}

void TestBadFiles::largest_file_allowed()
{
    const fs::path file = place / "large.yaml";
    std::string text = "nic: N1\nsource: made up\nbandwidth: 50 GB/s\n#";
    text.resize(largest_file, '#');
    std::ofstream(file) << text;
    const Read<std::string> read = read_text(file.string(), largest_file);
    QVERIFY2(read, only_problem(read).c_str());
    QVERIFY(*read.value == text);
    QVERIFY(read_nic(*read.value, "large.yaml"));
    std::ofstream(file, std::ios::app) << '#';
    QVERIFY(
        only_problem(read_text(file.string(), largest_file)).starts_with(file.string() + ": the file is too large"));
    fs::remove(file);
}

void TestBadFiles::folder()
{
    QCOMPARE(only_problem(read_text(place.string(), largest_file)), place.string() + ": is a folder; expected a file");
}

void TestBadFiles::missing_file()
{
    const std::string file = (place / "nowhere.yaml").string();
    QCOMPARE(only_problem(read_text(file, largest_file)), file + ": cannot be read: No such file or directory");
    QVERIFY(only_problem(read_text("", largest_file)).starts_with(": cannot be read: "));
    const std::string below_a_file = (bad_files / "expected.txt" / "x.yaml").string();
    QCOMPARE(only_problem(read_text(below_a_file, largest_file)), below_a_file + ": cannot be read: Not a directory");
}

void TestBadFiles::unreadable_file()
{
    // Fails at the first byte, who reads it.
    QCOMPARE(only_problem(read_text("/proc/self/mem", largest_file)),
        std::string("/proc/self/mem: cannot be read: Input/output error"));

    const fs::path file = place / "secret.yaml";
    std::ofstream(file) << "nic: N1\n";
    fs::permissions(file, fs::perms::none);
    const Read<std::string> read = read_text(file.string(), largest_file);
    if (!read) // root may read it all the same
        QCOMPARE(only_problem(read), file.string() + ": cannot be read: Permission denied");
    fs::permissions(file, fs::perms::owner_all);
    fs::remove(file);
}

// One that does not say how large it is.
void TestBadFiles::endless_file()
{
    QVERIFY(only_problem(read_text("/dev/zero", largest_file)).starts_with("/dev/zero: the file is too large"));
    const Read<std::string> nothing = read_text("/dev/null", largest_file);
    QVERIFY(nothing);
    QVERIFY(nothing.value->empty());
}

// Whatever is cut out of a good file or put in: it is read, or refused with a reason and a place.
void TestBadFiles::broken_in_any_place()
{
    for (const char *file :
        {"studies/published-v1.yaml", "profiles/published-v1.yaml", "chips/gb300.yaml", "models/deepseek-v3.yaml"}) {
        const Read<std::string> read = read_text((shipped_resources() / file).string(), largest_file);
        QVERIFY(read);
        const std::string &text = *read.value;
        const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
        int refused = 0;
        for (std::size_t at = 0; at < text.size(); at += 7) {
            for (const std::string &broken :
                {text.substr(0, at), text.substr(at), text.substr(0, at) + text.substr(std::min(at + 5, text.size())),
                    text.substr(0, at) + ": [" + text.substr(at), text.substr(0, at) + "\n\xff" + text.substr(at),
                    text.substr(0, at) + "999" + text.substr(at)}) {
                const std::vector<Diagnostic> problems = problems_of(broken, "f.yaml", *library);
                refused += problems.empty() ? 0 : 1;
                for (const Diagnostic &problem : problems) {
                    QVERIFY2(problem.file == "f.yaml" && !problem.message.empty(), text_of(problem).c_str());
                    QVERIFY2(problem.line >= 1 && problem.line <= lines + 2 && problem.column >= 1,
                        text_of(problem).c_str());
                }
            }
        }
        QVERIFY(refused > 100);
    }
}

EPSCOPE_SUITE(bad_files, TestBadFiles)
#include "tst_bad_files.moc"
