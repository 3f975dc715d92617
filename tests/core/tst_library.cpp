// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <sys/stat.h>

#include "core/io/library.h"
#include "core/spec/parameters.h"
#include "core/spec/profile_rules.h"
#include "tests/support/files.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/text.h"
#include "tests/support/to_string.h"

using namespace epscope;
using namespace epscope::testing;
namespace fs = std::filesystem;

namespace {

// A user's folder, gone with the object.
class UserFolder {
public:
    fs::path path() const { return folder.path().toStdString(); }

    fs::path write(const fs::path &name, const std::string &text) const
    {
        const fs::path file = path() / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }

    Library library() const { return Library({shipped_resources(), path()}); }

private:
    testing::Folder folder;
};

std::string chip_text(const std::string &name, const std::string &memory = "80 GB")
{
    return "chip: " + name + "\ntitle: A chip of mine\nsource: made up\nbf16: 500 TFLOP/s\nmemory: " + memory
        + "\nmemory_bandwidth: 3 TB/s\nsms: 100\nclock: 1500 MHz\nall_reduce_latency: 0.5 us\nfa3: none\n";
}

std::string nic_text(const std::string &name)
{
    return "nic: " + name + "\nsource: made up\nbandwidth: 50 GB/s\n";
}

const Library::Entry *entry_of(const std::vector<Library::Entry> &entries, const fs::path &file)
{
    const auto found = std::find_if(
        entries.begin(), entries.end(), [&](const Library::Entry &entry) { return entry.file == file.string(); });
    return found == entries.end() ? nullptr : &*found;
}

template <class T>
std::string messages(const Read<T> &read)
{
    std::string text;
    for (const Diagnostic &problem : read.problems)
        text += (text.empty() ? "" : "\n") + text_of(problem);
    return text;
}

std::string problems_when_read(const Library &library, Kind kind, const std::string &name)
{
    switch (kind) {
    case Kind::chip:
        return messages(library.chip(name));
    case Kind::nic:
        return messages(library.nic(name));
    case Kind::model:
        return messages(library.model(name));
    case Kind::profile:
        return messages(library.profile(name));
    case Kind::study:
        return messages(library.study(name));
    }
    return {};
}

template <class T>
std::vector<Quantity> rates_of(const T &entry)
{
    std::vector<Quantity> rates;
    for (const Field<T> &row : fields<T>()) {
        if (row.info.dimension == Dimension::bytes)
            continue; // capacities are stated in either
        if (const auto member = std::get_if<Quantity T::*>(&row.member))
            rates.push_back(entry.**member);
        else if (const auto optional = std::get_if<std::optional<Quantity> T::*>(&row.member);
                 optional && entry.**optional)
            rates.push_back(*(entry.**optional));
    }
    return rates;
}

} // namespace

class TestLibrary : public QObject {
    Q_OBJECT

private slots:
    void reads_every_shipped_file();
    void holds_the_chips_of_the_task();
    void states_decimal_rates();
    void states_sources();
    void lists_entries_by_name();
    void suggests_names_data();
    void suggests_names();
    void folders_need_not_exist();
    void user_entries_stand_beside_the_shipped();
    void files_come_and_go();
    void user_entries_never_replace_the_shipped();
    void of_two_user_entries_the_first_file_counts();
    void a_name_may_stand_once_per_kind();
    void a_broken_file_is_reported_when_asked_for_data();
    void a_broken_file_is_reported_when_asked_for();
    void a_broken_file_does_not_break_others();
    void a_file_in_the_wrong_folder();
    void looks_at_yaml_files_only();
    void a_file_that_vanishes_is_reported();
    void a_study_names_what_is_wrong_with_its_entries();
    void a_study_takes_user_entries();
    void data_sheets_are_read_as_pasted();
    void warnings_name_their_places();
    void quirks_of_a_study_override_the_profile();
    void a_study_may_be_based_on_another();
    void definitions_in_a_study_leave_the_library_alone();
};

void TestLibrary::reads_every_shipped_file()
{
    const Library &library = testing::shipped_library();
    std::set<fs::path> read;
    for (const Kind kind : kinds) {
        for (const Library::Entry &entry : library.entries(kind)) {
            QVERIFY2(entry.problems.empty(), entry.file.c_str());
            QVERIFY2(entry.kind == kind, entry.file.c_str());
            QVERIFY2(!entry.name.empty(), entry.file.c_str());
            QCOMPARE(problems_when_read(library, kind, entry.name), std::string());
            QVERIFY2(read.insert(entry.file).second, entry.file.c_str());
        }
        QVERIFY2(!library.entries(kind).empty(), folder_of(kind).data());
    }
    std::size_t files = 0;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(shipped_resources())) {
        if (!entry.is_regular_file() || (entry.path().extension() != ".yaml" && entry.path().extension() != ".yml"))
            continue;
        ++files;
        QVERIFY2(
            read.contains(entry.path()), (entry.path().string() + " is in no folder that the library reads").c_str());
    }
    QCOMPARE(read.size(), files);
}

void TestLibrary::holds_the_chips_of_the_task()
{
    const Library &library = testing::shipped_library();
    for (const char *name : {"H800", "H100", "H200", "H20", "A100", "L20", "L40S", "B200", "GB200", "GB300", "MI300X",
             "MI325X", "MI355X", "Ascend-910C", "Gaudi3", "TPU-v6e", "TPU7x"}) {
        const Read<Chip> chip = library.chip(name);
        QVERIFY2(chip, messages(chip).c_str());
        QCOMPARE(chip.value->name, std::string(name));
    }
    QVERIFY(library.model("deepseek-v3"));
    QVERIFY(library.profile("published-v1"));
    QVERIFY(library.study("published-v1"));
}

void TestLibrary::states_decimal_rates()
{
    const Library &library = testing::shipped_library();
    const auto check = [](const std::string &name, const std::vector<Quantity> &rates) {
        QVERIFY2(!rates.empty(), name.c_str());
        for (const Quantity &rate : rates)
            QVERIFY2(rate.unit->factor == rate.unit->decimal_factor, (name + ": " + exact_text(rate)).c_str());
    };
    for (const Library::Entry &entry : library.entries(Kind::chip))
        check(entry.name, rates_of(*library.chip(entry.name).value));
    for (const Library::Entry &entry : library.entries(Kind::nic))
        check(entry.name, rates_of(*library.nic(entry.name).value));
}

void TestLibrary::states_sources()
{
    const Library &library = testing::shipped_library();
    const auto stated = [](const std::string &name, const std::string &source) {
        QVERIFY2(source.size() > 5, name.c_str());
    };
    for (const Library::Entry &entry : library.entries(Kind::chip)) {
        const Chip chip = *library.chip(entry.name).value;
        stated(chip.name, chip.source);
        QVERIFY2(!chip.title.empty() && chip.title == entry.title, chip.name.c_str());
    }
    for (const Library::Entry &entry : library.entries(Kind::nic))
        stated(entry.name, library.nic(entry.name).value->source);
    for (const Library::Entry &entry : library.entries(Kind::model))
        stated(entry.name, library.model(entry.name).value->source);
    for (const Library::Entry &entry : library.entries(Kind::profile)) {
        const Profile profile = *library.profile(entry.name).value;
        stated(entry.name, profile.source);
        for (const ProfileRule &row : profile_rules()) {
            if (!is_in_force(profile, row))
                continue;
            std::visit(
                [&](auto member) {
                    const auto &rule = profile.*member;
                    if constexpr (requires { rule.measured_on; }) {
                        stated(entry.name, rule.source);
                        QVERIFY(!rule.measured_on.empty());
                    } else {
                        for (const BalancePoint &point : rule.points) {
                            stated(entry.name, point.source);
                            QVERIFY(!point.measured_on.empty());
                        }
                    }
                },
                row.member);
        }
        for (const ParameterOrigin &origin : profile.calibration)
            stated(origin.parameter, origin.source);
    }
}

void TestLibrary::lists_entries_by_name()
{
    UserFolder user;
    user.write("chips/zzz.yaml", chip_text("A-first"));
    user.write("chips/aaa.yaml", chip_text("Z-last"));
    const std::vector<Library::Entry> chips = user.library().entries(Kind::chip);
    QVERIFY(std::is_sorted(chips.begin(), chips.end(), [](const auto &a, const auto &b) { return a.name < b.name; }));
    QCOMPARE(chips.size(), testing::shipped_library().entries(Kind::chip).size() + 2);
}

void TestLibrary::suggests_names_data()
{
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("suggestion");
    const auto row = [](Kind kind, const char *name, const char *suggestion) {
        QTest::newRow(name) << kind << std::string(name) << std::string(suggestion);
    };
    row(Kind::chip, "h800", "H800");
    row(Kind::chip, "MI300", "MI300X");
    row(Kind::chip, "Ascend-910D", "Ascend-910B");
    row(Kind::chip, "Cerebras", "");
    row(Kind::nic, "cx7-400", "CX7-400");
    row(Kind::model, "deepseek-v33", "deepseek-v3");
    row(Kind::profile, "published-v2", "published-v1");
    row(Kind::study, "mine", "");
    row(Kind::study, "published_v1", "published-v1");
}

void TestLibrary::suggests_names()
{
    QFETCH(Kind, kind);
    QFETCH(std::string, name);
    QFETCH(std::string, suggestion);
    const std::string message = problems_when_read(testing::shipped_library(), kind, name);
    const std::string kind_name(name_of(kind));
    QVERIFY2(message.find(kind_name + ": no " + kind_name + " '" + name + "'; known are ") != std::string::npos,
        message.c_str());
    for (const Library::Entry &entry : testing::shipped_library().entries(kind))
        QVERIFY2(message.find(entry.name) != std::string::npos, message.c_str());
    const std::size_t found = message.find("; did you mean ");
    QCOMPARE(found == std::string::npos ? std::string() : message.substr(found),
        suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
}

void TestLibrary::folders_need_not_exist()
{
    const Library nowhere({"/nowhere/at/all", ""});
    for (const Kind kind : kinds)
        QVERIFY(nowhere.entries(kind).empty());
    const Read<Chip> chip = nowhere.chip("H800");
    QVERIFY(!chip);
    QVERIFY2(messages(chip).find("no chip 'H800'") != std::string::npos, messages(chip).c_str());
    QVERIFY(!Library({}).chip("H800"));

    const Library partly({"/nowhere/at/all", shipped_resources()});
    QVERIFY(partly.chip("H800"));

    UserFolder user; // without chips, nics, ...
    user.write("README", "nothing here\n");
    user.write("chips", "a file where a folder should be\n");
    QCOMPARE(user.library().entries(Kind::chip).size(), testing::shipped_library().entries(Kind::chip).size());
}

void TestLibrary::user_entries_stand_beside_the_shipped()
{
    UserFolder user;
    const fs::path file = user.write("chips/x1.yaml", chip_text("X1", "96 GB"));
    user.write("nics/n1.yaml", nic_text("N1"));
    const Library library = user.library();
    const Read<Chip> chip = library.chip("X1");
    QVERIFY2(chip, messages(chip).c_str());
    QCOMPARE(exact_text(chip.value->memory), std::string("96 GB"));
    QVERIFY(library.nic("N1"));
    QVERIFY(library.chip("H800"));
    const std::vector<Library::Entry> chips = library.entries(Kind::chip);
    const Library::Entry *entry = entry_of(chips, file);
    QVERIFY(entry);
    QCOMPARE(entry->name, std::string("X1"));
    QCOMPARE(entry->title, std::string("A chip of mine"));
    QVERIFY(entry->problems.empty());
}

void TestLibrary::files_come_and_go()
{
    UserFolder user;
    Library library = user.library();
    QVERIFY(!library.reread());
    const fs::path file = user.write("chips/x1.yaml", chip_text("X1"));
    QVERIFY(!library.chip("X1"));
    QVERIFY(library.reread());
    QVERIFY(library.chip("X1"));
    QVERIFY(!library.reread());
    user.write("chips/x1.yaml", chip_text("X2"));
    QVERIFY(library.reread());
    QVERIFY(!library.chip("X1") && library.chip("X2"));
    fs::remove(file);
    QVERIFY(library.reread());
    QCOMPARE(library.entries(Kind::chip).size(), testing::shipped_library().entries(Kind::chip).size());
}

void TestLibrary::user_entries_never_replace_the_shipped()
{
    UserFolder user;
    const fs::path file = user.write("chips/aaa.yaml", chip_text("H800", "96 GB"));
    const Library library = user.library();
    const Read<Chip> chip = library.chip("H800");
    QVERIFY(chip);
    QVERIFY(*chip.value == *testing::shipped_library().chip("H800").value);

    const std::vector<Library::Entry> chips = library.entries(Kind::chip);
    QCOMPARE(chips.size(), testing::shipped_library().entries(Kind::chip).size() + 1);
    const Library::Entry *entry = entry_of(chips, file);
    QVERIFY(entry);
    QCOMPARE(entry->problems.size(), std::size_t{1});
    QCOMPARE(text_of(entry->problems.front()),
        file.string() + ":1:1: chip: duplicate name 'H800', already in "
            + (shipped_resources() / "chips/h800.yaml").string() + "; give it another name");
    for (const Library::Entry &other : chips)
        QVERIFY(&other == entry || other.problems.empty());
    // A study that names it gets the shipped one.
    user.write("studies/mine.yaml", "study: mine\nbased_on: published-v1\nchips: [H800]\n");
    const Read<Study> study = user.library().study("mine");
    QVERIFY2(study, messages(study).c_str());
    QVERIFY(study.value->chips == std::vector{*chip.value});
}

void TestLibrary::of_two_user_entries_the_first_file_counts()
{
    UserFolder user;
    const fs::path first = user.write("chips/a.yaml", chip_text("X1", "96 GB"));
    const fs::path second = user.write("chips/b.yaml", chip_text("X1", "64 GB"));
    const Library library = user.library();
    QCOMPARE(exact_text(library.chip("X1").value->memory), std::string("96 GB"));
    const std::vector<Library::Entry> chips = library.entries(Kind::chip);
    QVERIFY(entry_of(chips, first)->problems.empty());
    QCOMPARE(entry_of(chips, second)->problems.size(), std::size_t{1});
    const std::string problem = text_of(entry_of(chips, second)->problems.front());
    QVERIFY2(problem.find(first.string()) != std::string::npos && problem.find(second.string()) != std::string::npos,
        problem.c_str());
}

void TestLibrary::a_name_may_stand_once_per_kind()
{
    UserFolder user;
    user.write("chips/x.yaml", chip_text("X1"));
    user.write("nics/x.yaml", nic_text("X1"));
    const Library library = user.library();
    QVERIFY(library.chip("X1"));
    QVERIFY(library.nic("X1"));
}

void TestLibrary::a_broken_file_is_reported_when_asked_for_data()
{
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("problem"); // behind the file
    const auto row = [](const char *test, const std::string &text, const char *name, const char *problem) {
        QTest::newRow(test) << text << std::string(name) << std::string(problem);
    };
    row("not YAML, by its file's name", "chip: [\n", "broken", ":2:1: is not valid YAML: ");
    row("empty, by its file's name", "", "broken", ":1:1: the file is empty; ");
    row("another kind of file", "colour: red\n", "broken",
        ":1:1: colour: the first key must name what the file holds; ");
    row("bad value", chip_text("X1", "80"), "X1", ":5:9: memory: '80' has no unit; ");
    row("missing key", "chip: X1\n", "X1", ":1:1: source: missing key");
    row("duplicate key", chip_text("X1") + "memory: 96 GB\n", "X1", ":11:1: memory: duplicate key; ");
    row("unknown key", chip_text("X1") + "colour: red\n", "X1", ":11:1: colour: unknown key; ");
}

void TestLibrary::a_broken_file_is_reported_when_asked_for()
{
    QFETCH(std::string, text);
    QFETCH(std::string, name);
    QFETCH(std::string, problem);
    UserFolder user;
    const fs::path file = user.write("chips/broken.yaml", text);
    const Read<Chip> chip = user.library().chip(name);
    QVERIFY(!chip);
    QVERIFY2(messages(chip).starts_with(file.string() + problem), messages(chip).c_str());
}

void TestLibrary::a_broken_file_does_not_break_others()
{
    UserFolder user;
    user.write("chips/broken.yaml", "chip: [\n");
    user.write("chips/h800.yaml", "nothing: right\n"); // its stem is nearly a shipped name
    user.write("chips/H100.yaml", std::string(1, '\0')); // and this one is
    user.write("profiles/broken.yaml", "profile: P\nquirks: 1\n");
    user.write("studies/published-v1.yaml", "broken\n");
    user.write("models/large.yaml", "model: M\n" + std::string(largest_file, '#'));
    const Library library = user.library();
    for (const Kind kind : kinds) {
        for (const Library::Entry &entry : testing::shipped_library().entries(kind))
            QCOMPARE(problems_when_read(library, kind, entry.name), std::string());
    }
    QVERIFY(*library.study("published-v1").value == testing::published_study());
    const Read<Chip> misspelt = library.chip("broke");
    QVERIFY2(messages(misspelt).find("no chip 'broke'") != std::string::npos, messages(misspelt).c_str());
    const std::vector<Library::Entry> models = library.entries(Kind::model);
    const Library::Entry *large = entry_of(models, user.path() / "models/large.yaml");
    QVERIFY(large && large->problems.size() == 1);
    QVERIFY(text_of(large->problems.front()).find("too large") != std::string::npos);
    QCOMPARE(large->name, std::string("large"));
}

void TestLibrary::a_file_in_the_wrong_folder()
{
    UserFolder user;
    const fs::path file = user.write("chips/n1.yaml", nic_text("N1"));
    const Library library = user.library();
    QVERIFY(!library.nic("N1"));
    QVERIFY(!library.chip("N1"));
    const std::vector<Library::Entry> chips = library.entries(Kind::chip);
    const Library::Entry *entry = entry_of(chips, file);
    QVERIFY(entry);
    QCOMPARE(entry->problems.size(), std::size_t{1});
    QCOMPARE(text_of(entry->problems.front()), file.string() + ":1:1: is a nic in the folder of chips");
    QCOMPARE(messages(library.chip("n1")), text_of(entry->problems.front()));
}

void TestLibrary::looks_at_yaml_files_only()
{
    UserFolder user;
    user.write("chips/x1.yaml.bak", chip_text("X1"));
    user.write("chips/x2.txt", chip_text("X2"));
    user.write("chips/below/x3.yaml", chip_text("X3"));
    user.write("x4.yaml", chip_text("X4"));
    fs::create_directories(user.path() / "chips/folder.yaml");
    fs::create_symlink(user.path() / "chips/nowhere", user.path() / "chips/dangling.yaml");
    QCOMPARE(::mkfifo((user.path() / "chips/pipe.yaml").c_str(), 0600), 0); // would keep a reader waiting
    const Library library = user.library();
    for (const char *name : {"X1", "X2", "X3", "X4"})
        QVERIFY2(!library.chip(name), name);
    const std::vector<Library::Entry> chips = library.entries(Kind::chip);
    QCOMPARE(chips.size(), testing::shipped_library().entries(Kind::chip).size());
}

void TestLibrary::a_file_that_vanishes_is_reported()
{
    UserFolder user;
    const fs::path file = user.write("chips/x1.yaml", chip_text("X1"));
    const Library library = user.library();
    fs::remove(file);
    QCOMPARE(messages(library.chip("X1")), file.string() + ": cannot be read: No such file or directory");
    user.write("chips/x1.yaml", chip_text("X1", "80"));
    QVERIFY(messages(library.chip("X1")).starts_with(file.string() + ":5:9: memory: '80' has no unit"));
}

void TestLibrary::a_study_names_what_is_wrong_with_its_entries()
{
    UserFolder user;
    const fs::path chip = user.write("chips/x1.yaml", chip_text("X1", "80"));
    const fs::path study =
        user.write("studies/mine.yaml", "study: mine\nbased_on: published-v1\nchips: [H800, X1]\nnics: [CX7-4]\n");
    const std::string found = messages(user.library().study("mine"));
    QVERIFY2(
        found.starts_with(study.string() + ":3:15: chips[1]: " + chip.string() + ":5:9: memory: '80' has no unit; "),
        found.c_str());
    QVERIFY2(found.find("\n" + study.string() + ":4:8: nics[0]: no nic 'CX7-4'; known are ") != std::string::npos,
        found.c_str());
}

void TestLibrary::a_study_takes_user_entries()
{
    UserFolder user;
    user.write("chips/x1.yaml", chip_text("X1"));
    user.write("nics/n1.yaml", nic_text("N1"));
    user.write("studies/mine.yaml", "study: mine\nbased_on: published-v1\nchips: [X1, H20]\nnics: [N1]\n");
    const Library library = user.library();
    const Read<Study> study = library.study("mine");
    QVERIFY2(study, messages(study).c_str());
    QVERIFY(study.value->chips == (std::vector{*library.chip("X1").value, *library.chip("H20").value}));
    QVERIFY(study.value->nics == std::vector{*library.nic("N1").value});
    // The shipped library alone does not know them.
    QVERIFY(!testing::shipped_library().study("mine"));
}

// Units, thousands and blanks as data sheets and web pages have them.
void TestLibrary::data_sheets_are_read_as_pasted()
{
    const Read<Chip> chip =
        read_chip("chip: Pasted\nsource: a data sheet\nbf16: 989.5\u00a0TFLOPS\n"
                  "fp8: 1,979\u2009\u200bTFLOPS\nmemory: 141GB\nmemory_bandwidth: 4.8\u202fTB/s\n"
                  "sms: 132\nclock: 1.98\u3000GHz\nall_reduce_latency: 0.5 \u00b5s\nfa3: two-stage\u00a0\n",
            "chip.yaml");
    QVERIFY2(chip, messages(chip).c_str());
    QVERIFY(chip.warnings.empty());
    const auto text_of = [](const Quantity &quantity) { return exact_text(quantity); };
    QCOMPARE(text_of(chip.value->bf16), std::string("989.5 TFLOP/s"));
    QCOMPARE(text_of(*chip.value->fp8), std::string("1979 TFLOP/s"));
    QCOMPARE(text_of(chip.value->memory), std::string("141 GB"));
    QCOMPARE(text_of(chip.value->memory_bandwidth), std::string("4.8 TB/s"));
    QCOMPARE(text_of(chip.value->clock), std::string("1.98 GHz"));
    QCOMPARE(text_of(chip.value->all_reduce_latency), std::string("0.5 us"));
    QVERIFY(chip.value->fa3 == Fa3::two_stage);
    const Read<Nic> nic = read_nic("nic: Mine\nsource: its maker\nbandwidth: 400 Gbps\n", "nic.yaml");
    QVERIFY2(nic, messages(nic).c_str());
    QCOMPARE(nic.value->bandwidth.si(), 50e9);
}

void TestLibrary::warnings_name_their_places()
{
    const auto texts = [](const std::vector<Diagnostic> &warnings) {
        std::string text;
        for (const Diagnostic &warning : warnings)
            text += text_of(warning) + "\n";
        return text;
    };
    const Read<Chip> chip = read_chip(chip_text("Small", "220 MB"), "chip.yaml");
    QVERIFY2(chip, messages(chip).c_str());
    QCOMPARE(texts(chip.warnings),
        std::string("chip.yaml:5:9: warning: memory: '220 MB' is unusual; usually it is 1 GB to 1 PB\n"));
    const UserFolder folder;
    const std::string long_context = "study: Mine\nbased_on: published-v1\nworkload:\n  context: 200,000\n"
                                     "scenarios:\n  - name: Longer\n    workload: {context: 300 K}\n"
                                     "  - name: Same\n    target_tps: 30 tok/s\n";
    const Read<StudyFile> study = read_study_file(long_context, "study.yaml", folder.library());
    QVERIFY2(study, messages(study).c_str());
    QCOMPARE(texts(study.warnings),
        std::string(
            "study.yaml:4:12: warning: workload.context: 200000 tokens are more than the model's maximum, 163840\n"
            "study.yaml:7:25: warning: scenarios[0].workload.context: 307200 tokens are more than the model's "
            "maximum, 163840\n"));
    // Next to an error nothing is said of what is merely unusual.
    QVERIFY(read_chip(chip_text("Small", "220 MB") + "tdp: 700\n", "chip.yaml").warnings.empty());
    // What is shipped is usual.
    for (const Kind kind : kinds) {
        for (const Library::Entry &entry : testing::shipped_library().entries(kind)) {
            const Library &library = testing::shipped_library();
            const std::vector<Diagnostic> found = kind == Kind::chip ? library.chip(entry.name).warnings
                : kind == Kind::nic                                  ? library.nic(entry.name).warnings
                : kind == Kind::model                                ? library.model(entry.name).warnings
                : kind == Kind::study                                ? library.study(entry.name).warnings
                                                                     : std::vector<Diagnostic>{};
            QCOMPARE(texts(found), std::string());
        }
    }
}

void TestLibrary::quirks_of_a_study_override_the_profile()
{
    std::ifstream file(shipped_resources() / "studies/published-v1.yaml");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    QVERIFY(text.find("quirks:") == std::string::npos);
    text += "\nquirks:\n  binary_prefixes: false\n  sparse_layers_only: off\n";
    const Library &library = testing::shipped_library();
    const Read<Study> study = read_study(text, "mine.yaml", library);
    QVERIFY2(study, messages(study).c_str());
    Quirks expected;
    expected.binary_prefixes = false;
    expected.sparse_layers_only = false;
    QVERIFY(study.value->profile.quirks == expected);
    Study without = *study.value;
    without.profile.quirks = Quirks{};
    QVERIFY(without == testing::published_study());
    // The library's own profile keeps them.
    QVERIFY(library.profile("published-v1").value->quirks == Quirks{});
}

void TestLibrary::a_study_may_be_based_on_another()
{
    const Library &library = testing::shipped_library();
    const Read<Study> read = read_study("study: mine\nbased_on: published-v1\nquirks: {binary_prefixes: "
                                        "false}\nsearch: {batch: 8..16:8}\ntarget_tps: 15 tok/s\n",
        "mine.yaml", library);
    QVERIFY2(read, messages(read).c_str());
    Study expected = testing::published_study();
    expected.name = expected.title = "mine";
    expected.source.clear();
    expected.profile.quirks.binary_prefixes = false;
    expected.search.batch = {8, 16};
    expected.target_tps.number = 15;
    QVERIFY(*read.value == expected);

    UserFolder user;
    user.write("studies/first.yaml", "study: first\nbased_on: second\n");
    user.write("studies/second.yaml", "study: second\nbased_on: first\n");
    user.write("studies/own.yaml", "study: own\nbased_on: own\n");
    for (const char *name : {"first", "second", "own"}) {
        const Read<Study> endless = user.library().study(name);
        QVERIFY(!endless);
        QVERIFY2(messages(endless).find("a base stands on its own") != std::string::npos, messages(endless).c_str());
    }
}

void TestLibrary::definitions_in_a_study_leave_the_library_alone()
{
    const Study study = testing::published_study();
    const Chip shipped_chip = *testing::shipped_library().chip("H800").value;
    QCOMPARE(study.chips.front().name, shipped_chip.name);
    QVERIFY(study.chips.front() != shipped_chip);
    QCOMPARE(exact_text(study.chips.front().bf16), std::string("989.5 TiFLOP/s"));
}

EPSCOPE_SUITE(library, TestLibrary)
#include "tst_library.moc"
