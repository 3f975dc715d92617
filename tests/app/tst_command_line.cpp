// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the built program as a person or a script does.
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QProcess>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QStandardPaths>

#include <nlohmann/json.hpp>

#include "app/words/text.h"
#include "core/io/configs_csv.h"
#include "core/search/search.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/near.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;
using Json = nlohmann::ordered_json;

// Changes a study as a setting on the command line should.
using Change = void (*)(Study &);
Q_DECLARE_METATYPE(Change)

namespace {

constexpr double of_print = 5e-9; // the published tables show nine digits
constexpr double of_operators = 1e-9;
constexpr int longest_run_ms = 120000;
// The columns of the published tables, then how cards share the work.
const QByteArray csv_header =
    "gpu,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,deepgemm,ux_tps,throughput_per_card,mtp_len,"
    "tp,mode,batch_per_card,cards_needed";
const QByteArray line_of_columns =
    "chip,nic,policy,ep,kv_elem_size,param_elem_size,batch_size,context,mtp_len,deepgemm,fa3";
const QStringList huge_search{"--ep", "1..1024", "--batch", "1..65536", "--mtp-len", "0..16"};

struct Result {
    int code = -1; // 128 + signal for a program that was killed, as a shell has it; -1 for one that did not end
    QByteArray out, err;
};

struct How {
    QByteArray input = {};
    QString folder = {}; // to run in
    QString data_home = {};
    QString program = EPSCOPE_PROGRAM;
    QString output_device = {}; // in place of reading standard output
};

void prepare(QProcess &process, const QStringList &arguments, const How &how)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("LC_ALL", "C");
    for (const char *display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) // commands need none
        environment.remove(display);
    environment.insert("XDG_DATA_HOME", how.data_home.isEmpty() ? "/nonexistent/epscope-test" : how.data_home);
    process.setProcessEnvironment(environment);
    process.setProgram(how.program);
    process.setArguments(arguments);
    process.setWorkingDirectory(how.folder);
    if (!how.output_device.isEmpty())
        process.setStandardOutputFile(how.output_device);
}

Result ended(QProcess &process, int longest_ms)
{
    Result result;
    if (process.waitForFinished(longest_ms))
        result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : 128 + process.exitCode();
    else
        process.kill();
    process.waitForFinished();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

Result run(const QStringList &arguments, const How &how = {})
{
    QProcess process;
    prepare(process, arguments, how);
    process.start();
    process.write(how.input);
    process.closeWriteChannel();
    return ended(process, longest_run_ms);
}

#define VERIFY_HOLDS(text, part)                                                                                       \
    QVERIFY2((text).contains(part), (QByteArray("'") + QByteArray(part) + "' is not in:\n" + (text)).constData())
#define VERIFY_CODE(result, expected)                                                                                  \
    QVERIFY2((result).code == (expected),                                                                              \
        ("exit code " + QByteArray::number((result).code) + "\n" + (result).err).constData())
// Bad input: nothing but messages.
#define VERIFY_REFUSED(result)                                                                                         \
    do {                                                                                                               \
        VERIFY_CODE(result, 2);                                                                                        \
        QCOMPARE((result).out, QByteArray());                                                                          \
        QVERIFY(!(result).err.isEmpty());                                                                              \
    } while (false)

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

QList<QByteArray> lines_of(const QByteArray &text)
{
    QList<QByteArray> lines = text.split('\n');
    if (!lines.isEmpty() && lines.back().isEmpty())
        lines.removeLast();
    return lines;
}

double number(const QByteArray &text)
{
    double value = 0;
    const auto read = std::from_chars(text.begin(), text.end(), value);
    if (read.ec != std::errc{} || read.ptr != text.end())
        throw std::runtime_error("no number: '" + text.toStdString() + "'");
    return value;
}

struct Table {
    QByteArray header;
    QList<QByteArray> lines; // below the header
    std::vector<std::map<QByteArray, QByteArray>> rows;
};

Table table_of(const QByteArray &csv)
{
    Table table;
    table.lines = lines_of(csv);
    table.header = table.lines.isEmpty() ? QByteArray() : table.lines.takeFirst();
    const QList<QByteArray> columns = table.header.split(',');
    for (const QByteArray &line : table.lines) {
        const QList<QByteArray> cells = line.split(',');
        if (cells.size() != columns.size())
            throw std::runtime_error("wrong number of cells: " + line.toStdString());
        auto &row = table.rows.emplace_back();
        for (qsizetype i = 0; i < columns.size(); ++i)
            row[columns[i]] = cells[i];
    }
    return table;
}

QByteArray cells_until(const QByteArray &line, qsizetype count)
{
    return line.split(',').first(count).join(',');
}

QByteArray read_file(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error("cannot read " + name.toStdString());
    return file.readAll();
}

QByteArray source_file(const QString &name)
{
    return read_file(QStringLiteral(EPSCOPE_SOURCE_DIR "/") + name);
}

QByteArray golden_file(const QString &name)
{
    return source_file("tests/golden/" + name).replace("\r\n", "\n");
}

// The published rows of one target, each by its first columns as the program writes them: all but the results and the
// draft length.
std::vector<std::map<QByteArray, QByteArray>> published_rows(double target_tps)
{
    Table table = table_of(golden_file("published_tables.csv"));
    std::erase_if(table.rows, [&](auto &row) { return number(row["target_tps"]) != target_tps; });
    return table.rows;
}

QByteArray group_of(std::map<QByteArray, QByteArray> row)
{
    return row["gpu"] + ", " + row["nic"] + ", EP " + row["ep"] + ", " + row["param_elem_size"] + " B";
}

QByteArray configuration_of(std::map<QByteArray, QByteArray> row)
{
    return QList{row["gpu"], row["nic"], row["policy"], row["ep"], row["kv_elem_size"], row["param_elem_size"],
        row["batch_size"], row["mtp_len"]}
        .join(',');
}

// A candidate as the published columns show it.
QByteArray csv_line(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return bytes(study.chips[candidate.chip].name + "," + study.nics[candidate.nic].name + ","
        + std::string(name_of(point.policy)) + "," + std::to_string(point.ep) + "," + exact_text(point.kv_elem_size)
        + "," + exact_text(point.param_elem_size) + "," + std::to_string(point.batch) + ","
        + (study.workload.deepgemm ? "true" : "false") + "," + exact_text(candidate.ux_tps) + ","
        + exact_text(candidate.throughput_per_card) + "," + std::to_string(point.mtp_len) + ","
        + std::to_string(point.tp) + "," + std::string(name_of(point.mode)) + ","
        + exact_text(static_cast<double>(point.batch) / static_cast<double>(point.tp)) + ","
        + std::to_string(std::max(point.tp, point.ep)));
}

QByteArray winners_csv(const Study &study)
{
    QByteArray text = csv_header + "\n";
    for (const Candidate &winner : search(study).winners)
        text += csv_line(study, winner) + "\n";
    return text;
}

// What the engine hands over for each combination, in the order of enumeration.
std::map<std::uint64_t, QList<QByteArray>> by_combination(
    const Study &study, const std::function<QList<QByteArray>(const CombinationResult &)> &text)
{
    std::map<std::uint64_t, QList<QByteArray>> all;
    std::mutex mutex;
    SearchOptions options;
    options.on_combination = [&](const CombinationResult &result) {
        const std::scoped_lock lock(mutex);
        all[result.index] = text(result);
    };
    search(study, options);
    return all;
}

QByteArray with_thousands(std::uint64_t count)
{
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(static_cast<qulonglong>(count)).toUtf8();
}

QString option_of(std::string_view key)
{
    return "--" + to_text(key).replace('_', '-');
}

// A value other than the published study's for every parameter that has an option.
const std::map<std::string, QString> &sample_values()
{
    static const std::map<std::string, QString> samples{{"context", "8192"}, {"acceptance", "0.6"},
        {"deepgemm", "false"}, {"fa3", "three-stage"}, {"expert_elem_size", "0.5625 B"}, {"cards", "128"},
        {"mtp_len", "1,2"}, {"precision", "1/1,0.5/0.5"}, {"policy", "naive"}, {"ep", "32..96:32"},
        {"batch", "8,16..64:16"}, {"target_tps", "11"}, {"kv_elem_size", "1"}, {"param_elem_size", "1 B"},
        {"redundant_experts", "32"}, {"balancer", "true"}, {"output_elem_size", "2 B"}, {"dense_elem_size", "2 B"},
        {"accepted_per_step", "1.8, 2.5"}, {"tp", "2"}, {"mode", "ep_group"}};
    return samples;
}

// An estimate of one configuration of the published study; an empty value leaves the option out.
QStringList estimate_of(const QMap<QString, QString> &changes = {}, const QStringList &more = {})
{
    QMap<QString, QString> options{
        {"--chip", "H800"}, {"--nic", "CX7 400Gbps"}, {"--policy", "dual-mbatch"}, {"--ep", "144"}, {"--batch", "64"}};
    options.insert(changes);
    QStringList arguments{"estimate"};
    for (auto option = options.cbegin(); option != options.cend(); ++option) {
        if (!option.value().isEmpty())
            arguments << option.key() << option.value();
    }
    return arguments + more;
}

Scenario published_scenario()
{
    const Study study = published_study();
    return {study.profile, study.model, study.chips[0], study.nics[0], study.workload,
        {Policy::dual_mbatch, 144, 2, 2, 0, 64}, study.target_tps.si()};
}

// The shipped measurements many times over, each time at other context lengths: a fit to them takes a while.
QString many_measurements()
{
    static const Folder folder;
    const QString file = folder.path("many.csv");
    if (QFileInfo::exists(file))
        return file;
    const QByteArrayList lines =
        read_file(EPSCOPE_SOURCE_DIR "/resources/measurements/decode.csv").trimmed().split('\n');
    QByteArray many = lines.front() + '\n';
    for (int copy = 0; copy < 50; ++copy) {
        for (const QByteArray &line : lines.mid(1)) {
            QByteArrayList cells = line.split(',');
            cells[0] += "-" + QByteArray::number(copy);
            cells[5] = QByteArray::number(cells[5].toDouble() + 16 * copy);
            many += cells.join(',') + '\n';
        }
    }
    write(file, many);
    return file;
}

// What the system tells of a process; nothing once it has ended.
QByteArray told_of(qint64 process, const QString &what)
{
    QFile file(QStringLiteral("/proc/%1/%2").arg(process).arg(what));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Does a process of ours wait for a signal with a handler of its own?
bool catches(qint64 process, int signal)
{
    for (const QByteArray &line : lines_of(told_of(process, "status"))) {
        if (line.startsWith("SigCgt:"))
            return (line.mid(7).trimmed().toULongLong(nullptr, 16) >> (signal - 1)) & 1;
    }
    return false;
}

bool has_thread(qint64 process, const QByteArray &name)
{
    const QStringList threads = QDir(QStringLiteral("/proc/%1/task").arg(process)).entryList(QDir::Dirs);
    return std::any_of(threads.begin(), threads.end(),
        [&](const QString &thread) { return told_of(process, "task/" + thread + "/comm").trimmed() == name; });
}

// That all threads of a process have worked.
double cpu_s(qint64 process)
{
    const QByteArray stat = told_of(process, "stat"); // its name, in parentheses, may hold blanks
    const QByteArrayList fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    constexpr qsizetype user = 11, system = 12;
    return fields.size() <= system
        ? 0
        : (fields[user].toDouble() + fields[system].toDouble()) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Anything that a terminal would obey, ends of lines aside.
bool has_controls(const QByteArray &text)
{
    const QString read = QString::fromUtf8(text);
    return std::any_of(read.begin(), read.end(), [](QChar c) {
        return (c.category() == QChar::Other_Control && c != u'\n') || c == QChar::ReplacementCharacter;
    });
}

} // namespace

class TestCommandLine : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init() { folder.renew(); }

    void search_prints_the_published_tables_data();
    void search_prints_the_published_tables();
    void search_formats_hold_the_engines_numbers();
    void search_table_and_markdown();
    void search_without_any_feasible_configuration();
    void search_all_prints_every_combination();
    void search_points_prints_every_configuration();
    void published_rows_are_feasible_points_data();
    void published_rows_are_feasible_points();
    void search_is_the_same_for_any_number_of_threads_data();
    void search_is_the_same_for_any_number_of_threads();
    void search_all_and_points_exclude_each_other();

    void set_changes_the_study_data();
    void set_changes_the_study();
    void models_come_from_files_and_folders();
    void settings_go_in_order();
    void options_equal_settings_data();
    void options_equal_settings();
    void every_parameter_has_an_option_tested();
    void tells_how_cards_share_the_work();
    void wrong_settings_data();
    void wrong_settings();
    void all_wrong_settings_are_reported();
    void an_empty_value_is_refused();
    void chips_and_nics_by_name();
    void wrong_chips_and_nics();

    void estimate_report_has_every_part();
    void estimate_report_says_what_is_special_data();
    void estimate_report_says_what_is_special();
    void estimate_json_adds_up_data();
    void estimate_json_adds_up();
    void estimate_json_holds_the_engines_numbers();
    void estimate_needs_one_value_each_data();
    void estimate_needs_one_value_each();
    void estimate_takes_single_values_from_anywhere();
    void estimate_says_why_it_is_infeasible_data();
    void estimate_says_why_it_is_infeasible();
    void configs_reproduce_the_operator_times_data();
    void configs_reproduce_the_operator_times();
    void configs_in_every_format();
    void configs_take_other_line_ends_and_columns_data();
    void configs_take_other_line_ends_and_columns();
    void configs_problems_data();
    void configs_problems();

    void pareto_is_the_front_of_the_points_data();
    void pareto_is_the_front_of_the_points();
    void pareto_formats();

    void list_shows_the_library_data();
    void list_shows_the_library();
    void list_parameters();
    void check_takes_every_shipped_file();
    void check_reports_every_problem();
    void check_reads_standard_input();
    void warnings_are_said_and_stop_nothing();

    void study_from_a_file();
    void wrong_studies_data();
    void wrong_studies();
    void hostile_files_end_quickly_data();
    void hostile_files_end_quickly();
    void user_files_add_entries();
    void no_file_commands_the_terminal();
    void no_file_puts_formulas_into_csv();
    void names_that_are_no_text_are_not_written_to();
    void lists_of_problems_end();
    void user_files_never_replace_shipped_ones();
    void broken_user_files_are_reported();
    void columns_line_up_by_characters();
    void user_files_that_are_not_utf8();
    void finds_its_resources_where_it_is_installed();

    void help_names_every_parameter_data();
    void help_names_every_parameter();
    void usage_data();
    void usage();
    void misuse_data();
    void misuse();

    void output_file_equals_standard_output_data();
    void output_file_equals_standard_output();
    void output_file_that_cannot_be_written_data();
    void output_file_that_cannot_be_written();
    void output_file_without_a_name();
    void failed_commands_leave_the_output_file_alone_data();
    void failed_commands_leave_the_output_file_alone();
    void output_file_on_a_full_disk_data();
    void output_file_on_a_full_disk();
    void output_file_behind_a_link();
    void output_file_replaces_no_device();
    void standard_output_that_is_closed_early();
    void standard_output_that_is_full_data();
    void standard_output_that_is_full();
    void no_file_is_begun_before_its_text_is_there();
    void interrupted_data();
    void interrupted();

private:
    Folder folder;

    QStringList files() const
    {
        return QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    }
};

void TestCommandLine::initTestCase()
{
    QVERIFY2(QFileInfo(EPSCOPE_PROGRAM).isExecutable(), EPSCOPE_PROGRAM " is not built");
}

void TestCommandLine::search_prints_the_published_tables_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<double>("target_tps");
    QTest::addColumn<std::size_t>("groups");
    QTest::newRow("20 tok/s") << QStringList{} << 20. << std::size_t{29};
    QTest::newRow("15 tok/s") << QStringList{"--target-tps", "15"} << 15. << std::size_t{37};
}

void TestCommandLine::search_prints_the_published_tables()
{
    QFETCH(QStringList, arguments);
    QFETCH(double, target_tps);
    QFETCH(std::size_t, groups);
    const Result result = run(QStringList{"search", "--format", "csv"} + arguments);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    Table table = table_of(result.out);
    QCOMPARE(table.header, csv_header);
    QCOMPARE(table.rows.size(), groups);

    std::map<QByteArray, double> best;
    for (auto &row : published_rows(target_tps))
        best[group_of(row)] = number(row["throughput_per_card"]);
    QCOMPARE(best.size(), groups);
    double above = std::numeric_limits<double>::infinity();
    for (auto &row : table.rows) {
        const QByteArray group = group_of(row);
        QVERIFY2(best.contains(group), (group + " is not published, or found twice").constData());
        const double throughput = number(row["throughput_per_card"]);
        QVERIFY2(is_near(throughput, best[group], of_print), both(group.toStdString(), throughput, best[group]));
        QVERIFY2(throughput <= above * (1 + 1e-12), (group + " has more throughput than the row above it").constData());
        QVERIFY(number(row["ux_tps"]) >= target_tps);
        QCOMPARE(row["deepgemm"], QByteArray("true"));
        above = throughput;
        best.erase(group);
    }
}

void TestCommandLine::search_formats_hold_the_engines_numbers()
{
    const Study study = published_study();
    const SearchOutcome outcome = search(study);
    const Result csv = run({"search", "--format", "csv"});
    const Result json = run({"search", "--format", "json"});
    VERIFY_CODE(csv, 0);
    VERIFY_CODE(json, 0);
    QCOMPARE(csv.out, winners_csv(study));
    Table table = table_of(csv.out);
    const Json parsed = Json::parse(json.out.toStdString());
    QCOMPARE(table.rows.size(), outcome.winners.size());
    QCOMPARE(parsed["rows"].size(), outcome.winners.size());
    for (std::size_t i = 0; i < outcome.winners.size(); ++i) {
        const Candidate &winner = outcome.winners[i];
        const Json &object = parsed["rows"][i];
        auto &row = table.rows[i];
        const std::map<QByteArray, double> numbers{{"ux_tps", winner.ux_tps},
            {"throughput_per_card", winner.throughput_per_card}, {"kv_elem_size", winner.point.kv_elem_size},
            {"param_elem_size", winner.point.param_elem_size}, {"ep", static_cast<double>(winner.point.ep)},
            {"batch_size", static_cast<double>(winner.point.batch)},
            {"mtp_len", static_cast<double>(winner.point.mtp_len)}};
        for (const auto &[key, value] : numbers) {
            QVERIFY2(same_bits(number(row[key]), value), both(key.toStdString(), number(row[key]), value));
            QVERIFY2(same_bits(object[key.toStdString()].get<double>(), value),
                both(key.toStdString(), object[key.toStdString()].get<double>(), value));
        }
        QCOMPARE(bytes(object["gpu"]), row["gpu"]);
        QCOMPARE(bytes(object["nic"]), row["nic"]);
        QCOMPARE(bytes(object["policy"]), row["policy"]);
        QCOMPARE(object["deepgemm"].get<bool>(), true);
        const Estimate full = estimate(scenario_of(study, winner));
        QCOMPARE(bytes(object["bound_by"]), bytes(std::string(name_of(full.bound.largest()))));
        QVERIFY(same_bits(object["free_memory"].get<double>(), full.memory.free));
    }
    QCOMPARE(bytes(parsed["study"]), QByteArray("published-v1"));
    QCOMPARE(bytes(parsed["profile"]), QByteArray("published-v1"));
    QCOMPARE(parsed["target_tps"].get<double>(), 20.);
    QCOMPARE(parsed["configurations"].get<std::uint64_t>(), std::uint64_t{4320});
    QCOMPARE(parsed["feasible"].get<std::uint64_t>(), outcome.feasible);
    QCOMPARE(parsed["rejected"].size(), reason_count);
    for (std::size_t i = 0; i < reason_count; ++i)
        QCOMPARE(parsed["rejected"][std::string(name_of(static_cast<Reason>(i)))].get<std::uint64_t>(),
            outcome.rejected[i].count);
}

void TestCommandLine::search_table_and_markdown()
{
    const Study study = published_study();
    const SearchOutcome outcome = search(study);
    const auto winners = static_cast<qsizetype>(outcome.winners.size());
    const Result table = run({"search"});
    const Result markdown = run({"search", "--format", "markdown"});
    VERIFY_CODE(table, 0);
    VERIFY_CODE(markdown, 0);
    QCOMPARE(run({"search", "--format", "table"}).out, table.out);

    const QList<QByteArray> rows = lines_of(table.out);
    const QList<QByteArray> marked = lines_of(markdown.out);
    QCOMPARE(marked[1],
        QByteArray("| --- | --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | --- | ---: |"));
    QCOMPARE(rows[winners + 1], QByteArray());
    QCOMPARE(marked[winners + 2], QByteArray());
    QCOMPARE(rows.mid(winners + 2), marked.mid(winners + 3));

    // Columns of the table are two blanks or more apart, those of markdown stand between bars.
    const auto cells = [](const QByteArray &line, const QString &separator) {
        QStringList found;
        for (const QString &cell : QString::fromUtf8(line).split(QRegularExpression(separator), Qt::SkipEmptyParts))
            found << cell.trimmed();
        return found;
    };
    const QStringList header{"Chip", "NIC", "Pipeline", "EP", "KV (B)", "Param. (B)", "Batch", "DeepGEMM", "tok/s/user",
        "tok/s/card", "Draft", "Bound by", "Free (GB)"};
    QCOMPARE(cells(rows[0], "  +"), header);
    QCOMPARE(cells(marked[0], "\\|"), header);
    for (qsizetype i = 0; i < winners; ++i) {
        const QStringList shown = cells(rows[i + 1], "  +");
        QCOMPARE(cells(marked[i + 2], "\\|"), shown);
        QCOMPARE(shown.size(), header.size());
        const Candidate &winner = outcome.winners[static_cast<std::size_t>(i)];
        QCOMPARE(shown[0], QString::fromStdString(study.chips[winner.chip].name));
        QCOMPARE(shown[3], QString::number(winner.point.ep));
        QCOMPARE(shown[6], QString::number(winner.point.batch));
        VERIFY_NEAR(shown[8].toDouble(), winner.ux_tps, 5.1e-4); // four digits
        VERIFY_NEAR(shown[9].toDouble(), winner.throughput_per_card, 5.1e-4);
    }

    const QByteArray summary = rows.mid(winners + 2).join('\n');
    VERIFY_HOLDS(summary,
        with_thousands(outcome.configurations) + " configurations, " + with_thousands(outcome.feasible)
            + " feasible at 20.0 tok/s per user.");
    for (const Reason reason : {Reason::memory, Reason::target}) {
        const Rejected &rejected = outcome.rejected[static_cast<std::size_t>(reason)];
        const Estimate example = estimate(scenario_of(study, *rejected.example));
        VERIFY_HOLDS(summary,
            with_thousands(rejected.count)
                + (reason == Reason::memory ? " too large for the memory" : " too slow for the target"));
        VERIFY_HOLDS(summary, bytes(text_of(example.infeasible.front())));
    }
    QCOMPARE(outcome.configurations, outcome.feasible + outcome.rejected[2].count + outcome.rejected[3].count);
}

void TestCommandLine::search_without_any_feasible_configuration()
{
    const QStringList search_in_vain{"search", "--target-tps", "1 Mtok/s"};
    const Result csv = run(search_in_vain + QStringList{"--format", "csv"});
    VERIFY_CODE(csv, 0);
    QCOMPARE(csv.out, csv_header + "\n");
    const Result json = run(search_in_vain + QStringList{"--format", "json"});
    VERIFY_CODE(json, 0);
    const Json parsed = Json::parse(json.out.toStdString());
    QVERIFY(parsed["rows"].is_array() && parsed["rows"].empty());
    QCOMPARE(parsed["feasible"].get<int>(), 0);
    const Result table = run(search_in_vain);
    VERIFY_CODE(table, 0);
    VERIFY_HOLDS(table.out, "4,320 configurations, 0 feasible at 1.00 Mtok/s per user.");
    VERIFY_HOLDS(table.out, "no smaller batch reaches it");
}

void TestCommandLine::search_all_prints_every_combination()
{
    const Study study = published_study();
    QByteArray expected = csv_header + "\n";
    std::size_t candidates = 0;
    for (const auto &[index, lines] : by_combination(study, [&](const CombinationResult &result) {
             return result.best ? QList{csv_line(study, result.at(*result.best))} : QList<QByteArray>();
         })) {
        for (const QByteArray &line : lines) {
            expected += line + "\n";
            ++candidates;
        }
    }
    const Result csv = run({"search", "--all", "--format", "csv"});
    VERIFY_CODE(csv, 0);
    QCOMPARE(csv.out, expected);
    QVERIFY(candidates > 29);
    const Result json = run({"search", "--all", "--format", "json"});
    VERIFY_CODE(json, 0);
    QCOMPARE(Json::parse(json.out.toStdString())["rows"].size(), candidates);

    // Each is the largest batch of its combination that the points call feasible.
    std::map<QByteArray, int> largest;
    for (auto &row : table_of(run({"search", "--points", "--format", "csv"}).out).rows) {
        if (row["feasible"] == "true") {
            const int batch = row["batch_size"].toInt();
            row["batch_size"].clear();
            largest[configuration_of(row)] = std::max(largest[configuration_of(row)], batch);
        }
    }
    Table table = table_of(csv.out);
    QCOMPARE(table.rows.size(), largest.size());
    for (auto &row : table.rows) {
        const int batch = row["batch_size"].toInt();
        row["batch_size"].clear();
        QCOMPARE(batch, largest[configuration_of(row)]);
    }
}

void TestCommandLine::search_points_prints_every_configuration()
{
    const Study study = published_study();
    const Result csv = run({"search", "--points", "--format", "csv"});
    VERIFY_CODE(csv, 0);
    QCOMPARE(csv.err, QByteArray());
    Table table = table_of(csv.out);
    QCOMPARE(table.header, csv_header + ",feasible,reason");
    QCOMPARE(table.rows.size(), std::size_t{4320});
    const Result json = run({"search", "--points", "--format", "json"});
    VERIFY_CODE(json, 0);
    const Json parsed = Json::parse(json.out.toStdString());
    QCOMPARE(parsed["rows"].size(), std::size_t{4320});

    std::uint64_t order = 0, feasible = 0;
    std::array<std::uint64_t, reason_count> rejected{};
    const std::uint64_t batches = study.search.batch.size();
    for (std::uint64_t combination = 0; combination < combination_count(study); ++combination) {
        for (const std::int64_t batch : study.search.batch) {
            auto &row = table.rows[order];
            const Json &object = parsed["rows"][order];
            Candidate candidate; // of the order of enumeration: chip, NIC, draft length, precision, policy, EP; the
                                 // last varies fastest
            std::uint64_t rest = order / batches;
            const auto take = [&](std::size_t size) { return std::exchange(rest, rest / size) % size; };
            candidate.point.ep = study.search.ep[take(study.search.ep.size())];
            candidate.point.policy = study.search.policy[take(study.search.policy.size())];
            const Precision &precision = study.search.precision[take(study.search.precision.size())];
            candidate.point.kv_elem_size = precision.kv_elem_size.si();
            candidate.point.param_elem_size = precision.param_elem_size.si();
            candidate.point.mtp_len = study.search.mtp_len[take(study.search.mtp_len.size())];
            candidate.nic = take(study.nics.size());
            candidate.chip = rest;
            candidate.point.batch = batch;
            const Estimate full = estimate(scenario_of(study, candidate));
            candidate.ux_tps = full.ux_tps;
            candidate.throughput_per_card = full.throughput_per_card;
            const QByteArray reason =
                full.feasible() ? QByteArray() : bytes(std::string(name_of(full.infeasible.front().reason)));
            QCOMPARE(table.lines[static_cast<qsizetype>(order)],
                csv_line(study, candidate) + (full.feasible() ? ",true," : ",false,") + reason);
            QVERIFY(same_bits(object["ux_tps"].get<double>(), full.ux_tps));
            QVERIFY(same_bits(object["throughput_per_card"].get<double>(), full.throughput_per_card));
            QCOMPARE(object["feasible"].get<bool>(), full.feasible());
            QCOMPARE(bytes(object["reason"]), reason);
            QCOMPARE(row["feasible"] == "true", row["reason"].isEmpty());
            if (full.feasible())
                ++feasible;
            else
                ++rejected[static_cast<std::size_t>(full.infeasible.front().reason)];
            ++order;
        }
    }
    QCOMPARE(parsed["feasible"].get<std::uint64_t>(), feasible);
    for (std::size_t i = 0; i < reason_count; ++i)
        QCOMPARE(parsed["rejected"][std::string(name_of(static_cast<Reason>(i)))].get<std::uint64_t>(), rejected[i]);
    QCOMPARE(lines_of(run({"search", "--points"}).out).size(), 1 + 4320 + 1 + 3);
    QCOMPARE(lines_of(run({"search", "--points", "--format", "markdown"}).out).size(), 2 + 4320 + 1 + 3);
}

void TestCommandLine::published_rows_are_feasible_points_data()
{
    search_prints_the_published_tables_data();
}

void TestCommandLine::published_rows_are_feasible_points()
{
    QFETCH(QStringList, arguments);
    QFETCH(double, target_tps);
    QFETCH(std::size_t, groups);
    const Result result = run(QStringList{"search", "--points", "--format", "csv"} + arguments);
    VERIFY_CODE(result, 0);
    std::map<QByteArray, std::map<QByteArray, QByteArray>> points;
    for (const auto &row : table_of(result.out).rows)
        points[configuration_of(row)] = row;
    QCOMPARE(points.size(), std::size_t{4320});
    auto published = published_rows(target_tps);
    QCOMPARE(published.size(), groups);
    for (auto &row : published) {
        const QByteArray configuration = configuration_of(row);
        QVERIFY2(points.contains(configuration), configuration.constData());
        auto &point = points[configuration];
        QVERIFY2(point["feasible"] == "true", configuration.constData());
        for (const char *column : {"ux_tps", "throughput_per_card"})
            VERIFY_NEAR(number(point[column]), number(row[column]), of_print);
    }
}

void TestCommandLine::search_is_the_same_for_any_number_of_threads_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("points") << QStringList{"search", "--points", "--format", "csv"};
    // Enough for more than one thread.
    QTest::newRow("many points") << QStringList{"search", "--points", "--format", "csv", "--batch", "1..150"};
    QTest::newRow("many points as json") << QStringList{"search", "--points", "--format", "json", "--batch", "1..80"};
    QTest::newRow("all") << QStringList{"search", "--all", "--batch", "1..500"};
    QTest::newRow("winners") << QStringList{"search", "--batch", "1..500"};
    QTest::newRow("pareto") << QStringList{"pareto", "--all", "--batch", "1..500"};
}

void TestCommandLine::search_is_the_same_for_any_number_of_threads()
{
    QFETCH(QStringList, arguments);
    const Result one = run(arguments + QStringList{"--threads", "1"});
    VERIFY_CODE(one, 0);
    for (const QStringList &threads : {QStringList{}, QStringList{"--threads", "2"}, QStringList{"--threads", "7"}}) {
        const Result several = run(arguments + threads);
        VERIFY_CODE(several, 0);
        QVERIFY2(several.out == one.out, threads.join(' ').toUtf8().constData());
    }
}

void TestCommandLine::search_all_and_points_exclude_each_other()
{
    const Result result = run({"search", "--points", "--all"});
    VERIFY_REFUSED(result);
    VERIFY_HOLDS(result.err, "--all");
    VERIFY_HOLDS(result.err, "--points");
}

void TestCommandLine::set_changes_the_study_data()
{
    QTest::addColumn<QString>("setting");
    QTest::addColumn<Change>("change");
    const auto row = [](const char *setting, Change change) { QTest::newRow(setting) << QString(setting) << change; };
    row("context=4 Ki", [](Study &study) { study.workload.context = 4096; });
    row("acceptance=50 %", [](Study &study) { study.workload.acceptance = 0.5; });
    row("deepgemm=false", [](Study &study) { study.workload.deepgemm = false; });
    row("fa3=none", [](Study &study) { study.workload.fa3 = Fa3::none; });
    row("expert_elem_size=2", [](Study &study) { study.workload.expert_elem_size.number = 2; });
    row("cards=100", [](Study &study) { study.workload.cards = 100; });
    row("mtp_len=0..3", [](Study &study) { study.search.mtp_len = {0, 1, 2, 3}; });
    row("precision=1/2,2 B / 1 B", [](Study &study) {
        study.search.precision.resize(2); // 2 / 2 and 1 / 2
        std::swap(study.search.precision[0], study.search.precision[1]);
        study.search.precision[1].param_elem_size.number = 1;
    });
    row("policy=naive", [](Study &study) { study.search.policy = {Policy::naive}; });
    row("ep=16,8..32:12", [](Study &study) { study.search.ep = {8, 16, 20, 32}; });
    row("batch=7", [](Study &study) { study.search.batch = {7}; });
    row("kv_elem_size=1 B", [](Study &study) {
        study.search.precision.resize(2); // 2 / 2, 1 / 2 and 1 / 1 become 1 / 2, the same again and 1 / 1
        study.search.precision[0].kv_elem_size.number = study.search.precision[1].kv_elem_size.number = 1;
        study.search.precision[1].param_elem_size.number = 1;
    });
    row("param_elem_size=0.5", [](Study &study) {
        study.search.precision.resize(2);
        study.search.precision[0].param_elem_size.number = study.search.precision[1].param_elem_size.number = 0.5;
    });
    row("target_tps=35 tok/s", [](Study &study) { study.target_tps.number = 35; });
    row("chip.memory=60 GB", [](Study &study) {
        for (Chip &chip : study.chips)
            chip.memory.number = 60;
    });
    row("chip.H20.fp8=400 TFLOP/s", [](Study &study) {
        study.chips[1].fp8 = Quantity{400e12, &base_unit(Dimension::flop_per_second)};
    });
    row("nic.bandwidth=50 GiB/s", [](Study &study) {
        for (Nic &nic : study.nics)
            nic.bandwidth.number = 50;
    });
    row("nic.E810 100Gbps.bandwidth=25 GiB/s", [](Study &study) { study.nics[1].bandwidth.number = 25; });
    row("model.layers=30", [](Study &study) { study.model.layers = 30; });
    row("quirks.experts_see_all_tokens=off", [](Study &study) { study.profile.quirks.experts_see_all_tokens = false; });
    row("quirks.binary_prefixes=false", [](Study &study) { study.profile.quirks.binary_prefixes = false; });
    row("profile.gemm_tile_rows=16", [](Study &study) { study.profile.gemm_tile_rows = 16; });
    row("profile.usable_memory_fraction=90 %", [](Study &study) { study.profile.usable_memory_fraction = 0.9; });
}

void TestCommandLine::set_changes_the_study()
{
    QFETCH(QString, setting);
    QFETCH(Change, change);
    Study study = published_study();
    const QByteArray before = winners_csv(study);
    change(study);
    const QByteArray after = winners_csv(study);
    QVERIFY(after != before);
    const Result result = run({"search", "--set", setting, "--format", "csv"});
    VERIFY_CODE(result, 0);
    QCOMPARE(result.out, after);
}

// A file, a folder with a config.json, the folder from within and by a bare name: with the element sizes it states.
void TestCommandLine::models_come_from_files_and_folders()
{
    const QString models = QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/data/models");
    const QString name = QStringLiteral("DeepSeek-V3.1-NVFP4");
    Study study = published_study(); // on chips whose memory limits the batch, so that the size shows in the winners
    for (Chip &chip : study.chips)
        chip.memory.number = 32;
    const QStringList search_csv{"search", "--set", "chip.memory=32 GB", "--format", "csv"};
    const QByteArray as_before = winners_csv(study);
    study.workload.expert_elem_size.number = 0.5625;
    const QByteArray expected = winners_csv(study);
    QVERIFY(lines_of(expected).size() > 1 && expected != as_before);
    const QByteArray taken = "command line: warning: expert_elem_size: 0.5625 B is taken, as the files of "
                             "DeepSeek-V3.1-NVFP4 state; it was 1 B\n";
    const QString before = QDir::currentPath(), whole = models + QLatin1Char('/') + name;
    const QString config = whole + QStringLiteral("/config.json"), here = QStringLiteral(".");
    for (const auto &[place, model] :
        {std::pair(before, whole), std::pair(before, config), std::pair(whole, here), std::pair(models, name)}) {
        QDir::setCurrent(place);
        const Result result = run(search_csv + QStringList{"--model", model});
        QDir::setCurrent(before);
        VERIFY_CODE(result, 0);
        QCOMPARE(result.out, expected);
        QVERIFY2(result.err.contains(taken), result.err.constData());
    }
    // What is given goes first, and is said to contradict.
    const Result given = run(search_csv + QStringList{"--model", whole, "--expert-elem-size", "1"});
    VERIFY_CODE(given, 0);
    QCOMPARE(given.out, as_before);
    QVERIFY2(given.err.contains("command line: warning: expert_elem_size: 1 B, but the files of DeepSeek-V3.1-NVFP4 "
                                "state 0.5625 B\n"),
        given.err.constData());
    QVERIFY(!given.err.contains("expert_elem_size: 0.5625 B is taken"));
    QVERIFY(given.err.contains("dense_elem_size: 0.5625 B is taken"));
    const Result none = run({"search", "--model", models});
    QCOMPARE(none.code, 2);
    QVERIFY2(
        none.err.contains(": is a folder without a config.json; expected that of a model\n"), none.err.constData());
}

void TestCommandLine::settings_go_in_order()
{
    Study study = published_study();
    for (Chip &chip : study.chips)
        chip.memory.number = 100;
    study.chips[0].memory.number = 60;
    study.workload.deepgemm = false;
    const Result result = run({"search", "--set", "chip.H800.memory=70 GB", "--set", "chip.memory=100 GB", "--set",
        "deepgemm=off", "--set", "chip.H800.memory=60 GB", "--format", "csv"});
    VERIFY_CODE(result, 0);
    QCOMPARE(result.out, winners_csv(study));
}

void TestCommandLine::options_equal_settings_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    for (const auto &[key, value] : sample_values())
        QTest::newRow(key.c_str()) << QString::fromStdString(key) << value;
}

void TestCommandLine::options_equal_settings()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    const std::set<QString> of_2026{
        "redundant_experts", "balancer", "output_elem_size", "dense_elem_size", "tp", "mode"};
    for (const char *command : {"search", "pareto"}) {
        QStringList arguments{command, "--format", "json"};
        if (of_2026.contains(key)) // which the published equations do not know
            arguments += {"--profile", QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml")};
        const Result option = run(arguments + QStringList{option_of(key.toStdString()), value});
        const Result setting = run(arguments + QStringList{"--set", key + "=" + value});
        VERIFY_CODE(option, 0);
        VERIFY_CODE(setting, 0);
        QCOMPARE(option.out, setting.out);
        QVERIFY(option.out != run(arguments).out);
        QCOMPARE(run(arguments + QStringList{option_of(key.toStdString()) + "=" + value}).out, setting.out);
    }
}

void TestCommandLine::every_parameter_has_an_option_tested()
{
    for (const Parameter &parameter : all_parameters()) {
        if (parameter.scope == Scope::workload || parameter.scope == Scope::search || parameter.scope == Scope::target)
            QVERIFY2(sample_values().contains(std::string(parameter.key)), std::string(parameter.key).c_str());
    }
}

// Columns and words of TP and the expert mode are there where they say something; files always have the columns.
void TestCommandLine::tells_how_cards_share_the_work()
{
    const QStringList grouped{"explore", "--profile",
        QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml"), "--model", "gpt-oss-120b", "--chip", "H200",
        "--nic", "CX7 400Gbps", "--batch", "64", "--mtp-len", "0"};
    const Result usual = run({"search"}),
                 several = run(QStringList{"search"} + grouped
                     + QStringList{"--tp", "2,8", "--mode", "all2all,moe_tp", "--ep", "1,8"});
    VERIFY_CODE(several, 0);
    const auto header = [](const Result &result) { return result.out.left(result.out.indexOf('\n')).simplified(); };
    QVERIFY2(header(several).contains(" Draft TP Experts Batch/card Cards "), header(several).constData());
    QVERIFY2(header(usual).contains(" Draft Bound by "), header(usual).constData());
    QVERIFY(run({"search", "--format", "csv"}).out.startsWith(csv_header + "\n"));
    QVERIFY(several.out.contains(", TP 2, all2all, EP 1, batch 64 (32 per card), "));
    const Result one = run(QStringList{"estimate"} + grouped
        + QStringList{"--tp", "8", "--mode", "moe_tp", "--ep", "1", "--policy", "naive"});
    VERIFY_CODE(one, 0);
    QVERIFY2(one.out.startsWith("H200, CX7 400Gbps, naive, TP 8, moe_tp, EP 1, batch 64 (8 per card), "),
        one.out.left(120).constData());
    QVERIFY(one.out.contains("\n  All-reduce after attention ") && one.out.contains("Sparse layer (GQA): 18 x "));
    QVERIFY(one.out.contains("Sparse layer (window 128): 18 x ") && !one.out.contains("FlashMLA"));
    const Result ignored = run({"search", "--redundant-experts", "32", "--tp", "1,8"});
    VERIFY_CODE(ignored, 0);
    QVERIFY(ignored.err.contains("redundant_experts: has no effect: the equations of profile published-v1 are "));
    QVERIFY(ignored.err.contains("tp: only 1 can serve: the equations of profile published-v1 are "));
    QVERIFY(run({"search"}).err.isEmpty());
}

void TestCommandLine::wrong_settings_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QStringList &arguments, const char *message) {
        QTest::newRow(name) << arguments << QByteArray(message);
    };
    row("no value", {"--set", "ep"}, "command line: --set: 'ep' is no setting; expected KEY=VALUE");
    row("unknown key", {"--set", "contxt=1"},
        "command line: contxt: unknown key; 'epscope list parameters' lists them; did you mean 'context'?");
    row("unknown key of chips", {"--set", "chip.memry=80 GB"},
        "command line: chip.memry: unknown key 'memry'; allowed is title, source, bf16, fp8");
    row("its suggestion", {"--set", "chip.memry=80 GB"}, "did you mean 'memory'?");
    row("unknown chip", {"--set", "chip.H80.memory=80 GB"},
        "command line: chip.H80.memory: no chip 'H80' in the study; it has H800, H20, A100, L20; did you mean 'H800'?");
    row("unknown nic", {"--set", "nic.CX8.bandwidth=80 GB/s"},
        "command line: nic.CX8.bandwidth: no nic 'CX8' in the study; it has CX7 400Gbps, E810 100Gbps");
    row("unknown quirk", {"--set", "quirks.none=off"},
        "command line: quirks.none: unknown key 'none'; allowed is truncated_query_projection");
    row("unknown key of profiles", {"--set", "profile.quirk=off"},
        "command line: profile.quirk: unknown key 'quirk'; allowed is");
    row("unknown key of models", {"--set", "model.head=1"}, "command line: model.head: unknown key 'head'; allowed is");
    row("wrong dimension", {"--set", "chip.memory=80 GB/s"}, "command line: chip.memory: ");
    row("wrong unit", {"--set", "chip.memory=80 GBs"}, "command line: chip.memory: ");
    row("out of range", {"--set", "acceptance=1.5"},
        "command line: acceptance: '1.5' is out of range; allowed is 0 to 1");
    row("below the range", {"--acceptance", "-0.5"},
        "command line: --acceptance: '-0.5' is out of range; allowed is 0 to 1");
    row("no number", {"--context", "many"}, "command line: --context: 'many' is not a number");
    row("not whole", {"--context", "1.5"},
        "command line: --context: '1.5' is not a whole number; allowed is 1 to 1000000000000, usually 1 to 1048576");
    row("not finite", {"--context", "nan"}, "command line: --context: 'nan' is not a number");
    row("infinite", {"--target-tps", "inf"}, "command line: --target-tps: 'inf' is not a number");
    row("empty range", {"--ep", "32..16"}, "command line: --ep: '32..16' is an empty range");
    row("range too wide", {"--batch", "1..65537"},
        "command line: --batch: '65537' is out of range; allowed is 1 to 65536");
    row("step of zero", {"--batch", "1..9:0"}, "command line: --batch: '0' is out of range");
    row("holes in a list", {"--batch", "1,,2"}, "command line: --batch: '' is not a whole number");
    row("empty setting", {"--set", "batch="}, "command line: batch: '' is not a whole number");
    row("no pair", {"--precision", "1 B"}, "command line: --precision: '1 B' is not a pair");
    row("unknown choice", {"--policy", "dual-batch"},
        "'dual-batch' is not allowed; allowed is dual-mbatch or naive; did you mean 'dual-mbatch'?");
    row("no switch", {"--deepgemm", "yes"},
        "command line: --deepgemm: 'yes' is not a switch; allowed is true or false");
    row("list for one value", {"--context", "1,2"}, "command line: --context: ");
    row("control characters", {"--set", "e\x1b[2Jp=1"}, "command line: ");
}

void TestCommandLine::wrong_settings()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    for (const char *command : {"search", "pareto", "estimate"}) {
        const Result result = run(QStringList{command} + arguments);
        VERIFY_REFUSED(result);
        VERIFY_HOLDS(result.err, message);
        QCOMPARE(lines_of(result.err).size(), 1);
    }
}

void TestCommandLine::all_wrong_settings_are_reported()
{
    const Result result = run({"search", "--chip", "H80", "--nic", "CX9-400", "--ep", "0", "--set", "chip.memory=1 B",
        "--context", "x", "--set", "y=z"});
    VERIFY_REFUSED(result);
    QCOMPARE(lines_of(result.err).size(), 6);
    for (const char *key : {"--chip", "--nic", "--ep", "chip.memory", "--context", "y"})
        VERIFY_HOLDS(result.err, "command line: " + QByteArray(key) + ": ");
}

void TestCommandLine::an_empty_value_is_refused()
{
    QStringList taken;
    for (const auto &[key, value] : sample_values()) {
        if (key == "accepted_per_step") // an empty table is none: the acceptance counts
            continue;
        const Result setting = run({"search", "--set", QString::fromStdString(key) + "="});
        VERIFY_REFUSED(setting);
        if (run({"search", option_of(key), ""}).code != 2)
            taken << option_of(key);
    }
    QCOMPARE(taken, QStringList());
}

void TestCommandLine::chips_and_nics_by_name()
{
    Study study = published_study();
    study.chips = {study.chips[1], *shipped_library().chip("H200").value, study.chips[0]};
    study.nics = {*shipped_library().nic("CX7-400").value, study.nics[1]};
    const QStringList nics{"--nic", "CX7-400,E810 100Gbps", "--format", "csv"};
    const Result result = run(QStringList{"search", "--chip", "H20,H200,H800"} + nics);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.out, winners_csv(study));
    VERIFY_HOLDS(result.out, "H200,CX7-400,");
    QCOMPARE(run(QStringList{"search", "--chip", "H20", "--chip", "H200", "--chip", "H800"} + nics).out, result.out);

    // The study's own H20 is not the library's, of which only decimal prefixes are known.
    QVERIFY(*shipped_library().chip("H20").value != study.chips[0]);

    // --set comes after the picks.
    QVERIFY(!set_parameter(study, "chip.H200.memory", "200 GB", BareNumbers::refused));
    const Result more =
        run(QStringList{"search", "--set", "chip.H200.memory=200 GB", "--chip", "H20,H200,H800"} + nics);
    VERIFY_CODE(more, 0);
    QCOMPARE(more.out, winners_csv(study));
}

void TestCommandLine::wrong_chips_and_nics()
{
    const Result chip = run({"search", "--chip", "H800,H8000"});
    VERIFY_REFUSED(chip);
    VERIFY_HOLDS(chip.err, "command line: --chip: no chip 'H8000'; known are ");
    VERIFY_HOLDS(chip.err, "did you mean 'H800'?");
    const Result nic = run({"search", "--nic", "CX7-40"});
    VERIFY_REFUSED(nic);
    VERIFY_HOLDS(nic.err, "command line: --nic: no nic 'CX7-40'; known are ");
    const Result twice = run({"search", "--chip", "H20,H800", "--chip", "H20"});
    VERIFY_REFUSED(twice);
    QCOMPARE(twice.err, QByteArray("command line: --chip: duplicate name 'H20'\n"));
    const Result left_out = run({"search", "--chip", "H20", "--set", "chip.H800.memory=80 GB"});
    VERIFY_REFUSED(left_out);
    VERIFY_HOLDS(left_out.err, "no chip 'H800' in the study; it has H20");
}

void TestCommandLine::estimate_report_has_every_part()
{
    const QStringList arguments =
        estimate_of({{"--policy", "naive"}, {"--batch", "17"}}, {"--mtp-len", "1", "--set", "chip.assumed=clock,sms"});
    const Result result = run(arguments);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    Scenario scenario = published_scenario();
    scenario.point = {Policy::naive, 144, 2, 2, 1, 17};
    scenario.chip.assumed = {"clock", "sms"};
    const Estimate full = estimate(scenario);

    const QList<QByteArray> lines = lines_of(result.out);
    QVERIFY(lines[0].startsWith("H800, CX7 400Gbps, naive, EP 144, batch 17, KV 2 B, parameters 2 B, experts 1 B, "
                                "draft 1, context 5120, DeepGEMM"));
    QVERIFY(lines[1].startsWith(bytes(short_text(full.ux_tps, Dimension::tokens_per_second, 4) + " per user, "
        + short_text(full.throughput_per_card, Dimension::tokens_per_second, 4) + " per card")));
    QCOMPARE(lines[2], QByteArray("Feasible at 20.0 tok/s per user"));
    const BlockEstimate &layer = full.blocks.front();
    QCOMPARE(layer.operators.size(), std::size_t{13});
    for (const OperatorEstimate &op : layer.operators) {
        const auto line = std::find_if(lines.begin(), lines.end(), [&](const QByteArray &text) {
            return text.startsWith("  " + bytes(std::string(info_of(op.id).label)) + "  ");
        });
        QVERIFY2(line != lines.end(), std::string(info_of(op.id).label).c_str());
        VERIFY_HOLDS(*line, bytes(short_text(op.time_s, Dimension::seconds)));
        VERIFY_HOLDS(*line, bytes(std::string(name_of(op.bound))));
    }
    VERIFY_HOLDS(result.out, "Overlap windows");
    for (const WindowEstimate &window : layer.windows)
        VERIFY_HOLDS(result.out, bytes(short_text(window.time_s, Dimension::seconds)));
    VERIFY_HOLDS(result.out, "Shared expert (");
    VERIFY_HOLDS(result.out, "overlapped with Dispatch (");
    VERIFY_HOLDS(result.out, "of the network exposed");
    VERIFY_HOLDS(result.out, "measured on H800 (DeepGEMM");
    VERIFY_HOLDS(result.out, "measured on A100, assumed to hold for H800");
    VERIFY_HOLDS(result.out, "FlashMLA, one sequence: 256 query rows, ");
    VERIFY_HOLDS(result.out,
        "\nMemory: 80.0 GB usable, the largest batch that fits is "
            + QByteArray::number(qint64{full.memory.max_batch}));
    for (const char *part : {"Attention", "Shared experts", "Routed experts", "Dense FFN", "Embedding and head",
             "MTP layer", "KV cache", "Free"})
        VERIFY_HOLDS(result.out.mid(result.out.indexOf("\nMemory: ")), "\n  " + QByteArray(part) + " ");
    QVERIFY(!full.notes.empty());
    for (const std::string &note : full.notes)
        VERIFY_HOLDS(result.out.mid(result.out.indexOf("\nNotes\n")), "\n  " + bytes(note) + "\n");
    VERIFY_HOLDS(result.out, "assumed for H800, no source states it: clock, sms");
}

void TestCommandLine::estimate_report_says_what_is_special_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QList<QByteArray>>("parts");
    using Parts = QList<QByteArray>;
    QTest::newRow("all layers") << estimate_of({{"--mtp-len", "1"}}, {"--set", "quirks.sparse_layers_only=false"})
                                << Parts{"\nSparse layer: 58 x ", "\nDense layer: 3 x ", "\nOutside the layers: 1 x ",
                                       "\nMTP layer, one draft token: 1 x ", "\n  Output head ", "\n  Router "};
    QTest::newRow("odd batch") << estimate_of({{"--batch", "33"}}) << Parts{"\n  an odd batch makes two micro-batches"};
    QTest::newRow("EP 1") << estimate_of({{"--ep", "1"}})
                          << Parts{"\n  at EP 1 the model still charges dispatch and combine to the NIC\n"};
    QTest::newRow("long drafts") << estimate_of({{"--mtp-len", "3"}})
                                 << Parts{"\n  FlashMLA's efficiency was not measured at 512 query rows"};
    QTest::newRow("4-bit experts") << estimate_of({{"--expert-elem-size", "0.5"}})
                                   << Parts{"\n  H800 has no rate as narrow as the operands of Shared up, Shared down, "
                                            "Routed up, Routed down: they run at the FP8 rate\n"};
    QTest::newRow("INT8") << estimate_of({{"--chip", "A100"}}) << Parts{" int8 "};
    QTest::newRow("little SRAM") << estimate_of({}, {"--set", "chip.sram=64 KiB"})
                                 << Parts{", an SM has 65.5 kB\n", "\n  FlashMLA's tile needs "};
    QTest::newRow("not measured on it") << estimate_of({{"--chip", "H20"}})
                                        << Parts{"measured on H800, assumed to hold for H20", "measured on H20 ("};
}

void TestCommandLine::estimate_report_says_what_is_special()
{
    QFETCH(QStringList, arguments);
    QFETCH(QList<QByteArray>, parts);
    const Result result = run(arguments);
    VERIFY_CODE(result, 0);
    for (const QByteArray &part : parts)
        VERIFY_HOLDS(result.out, part);
}

void TestCommandLine::estimate_json_adds_up_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("dual-mbatch") << estimate_of();
    QTest::newRow("naive") << estimate_of({{"--policy", "naive"}});
    QTest::newRow("drafting") << estimate_of({{"--mtp-len", "3"}, {"--acceptance", "0.7"}});
    QTest::newRow("odd batch, small sizes")
        << estimate_of({{"--batch", "33"}, {"--precision", "0.5/0.5"}, {"--expert-elem-size", "0.5625"}});
    QTest::newRow("slow network") << estimate_of({{"--nic", "E810 100Gbps"}, {"--chip", "L20"}});
    QTest::newRow("all layers") << estimate_of({}, {"--set", "quirks.sparse_layers_only=false"});
    QTest::newRow("all layers, drafting")
        << estimate_of({{"--mtp-len", "2"}, {"--policy", "naive"}}, {"--set", "quirks.sparse_layers_only=false"});
    QTest::newRow("too large") << estimate_of({{"--batch", "60000"}});
}

void TestCommandLine::estimate_json_adds_up()
{
    QFETCH(QStringList, arguments);
    const Result result = run(arguments + QStringList{"--format", "json"});
    VERIFY_CODE(result, 0);
    const Json all = Json::parse(result.out.toStdString());
    const auto at = [](const Json &object, const char *key) { return object.at(key).get<double>(); };
    double step_s = 0;
    QVERIFY(!all["blocks"].empty());
    for (const Json &block : all["blocks"]) {
        std::map<std::string, double> stage_s, stated_s;
        for (const Json &op : block["operators"]) {
            stage_s[op["stage"]] += at(op, "time_s");
            VERIFY_SAME(at(op, "time_s"), std::max({at(op, "compute_s"), at(op, "memory_s"), at(op, "network_s")}));
            VERIFY_SAME(at(op, "time_s"), at(op, (op["bound_by"].get<std::string>() + "_s").c_str()));
        }
        for (const Json &stage : block["stages"])
            stated_s[stage["stage"]] = at(stage, "time_s");
        QCOMPARE(stated_s.size(), block["stages"].size());
        QVERIFY(stated_s == stage_s);
        double windows_s = 0;
        std::size_t stages = 0;
        for (const Json &window : block["windows"]) {
            for (const char *lane : {"compute", "network"}) {
                double sum = 0;
                for (const Json &stage : window[lane])
                    sum += stage_s.at(stage);
                stages += window[lane].size();
                VERIFY_SAME(at(window, (std::string(lane) + "_s").c_str()), sum);
            }
            VERIFY_SAME(at(window, "time_s"), std::max(at(window, "compute_s"), at(window, "network_s")));
            VERIFY_SAME(
                at(window, "exposed_network_s"), std::max(0., at(window, "network_s") - at(window, "compute_s")));
            windows_s += at(window, "time_s");
        }
        QCOMPARE(stages, stage_s.size());
        VERIFY_SAME(at(block, "time_s"), at(block, "micro_batches") * windows_s);
        VERIFY_SAME(at(block, "total_s"), at(block, "count") * at(block, "time_s"));
        step_s += at(block, "total_s");
    }
    VERIFY_SAME(at(all, "step_s"), step_s);
    VERIFY_SAME(at(all, "ux_tps"), at(all, "tokens_per_step") / step_s);
    VERIFY_SAME(at(all, "throughput_per_card"), at(all, "ux_tps") * at(all["configuration"], "batch_size"));
    const Json &bound = all["bound_s"];
    VERIFY_NEAR(at(bound, "compute") + at(bound, "memory") + at(bound, "network"), step_s, 1e-12);
    VERIFY_SAME(at(bound, all["bound_by"].get<std::string>().c_str()),
        std::max({at(bound, "compute"), at(bound, "memory"), at(bound, "network")}));

    const Json &memory = all["memory"];
    double weights = 0;
    for (const auto &[key, size] : memory["weights"].items())
        weights += size.get<double>();
    VERIFY_SAME(at(memory, "weights_bytes"), weights);
    VERIFY_SAME(
        at(memory, "kv_cache_bytes"), at(memory, "kv_bytes_per_sequence") * at(all["configuration"], "batch_size"));
    VERIFY_SAME(at(memory, "free_bytes"), at(memory, "usable_bytes") - weights - at(memory, "kv_cache_bytes"));
    QCOMPARE(all["feasible"].get<bool>(), all["infeasible"].empty());
    QVERIFY(all["notes"].is_array());
}

void TestCommandLine::estimate_json_holds_the_engines_numbers()
{
    const Result result = run(estimate_of({}, {"--format", "json"}));
    VERIFY_CODE(result, 0);
    const Json all = Json::parse(result.out.toStdString());
    const Scenario scenario = published_scenario();
    const Estimate full = estimate(scenario);
    const auto at = [](const Json &object, const char *key) { return object.at(key).get<double>(); };
    VERIFY_SAME(at(all, "step_s"), full.step_s);
    VERIFY_SAME(at(all, "ux_tps"), full.ux_tps);
    VERIFY_SAME(at(all, "throughput_per_card"), full.throughput_per_card);
    QCOMPARE(all["blocks"].size(), full.blocks.size());
    const BlockEstimate &layer = full.blocks.front();
    const Json &block = all["blocks"][0];
    QCOMPARE(block["operators"].size(), layer.operators.size());
    for (std::size_t i = 0; i < layer.operators.size(); ++i) {
        const OperatorEstimate &op = layer.operators[i];
        const Json &object = block["operators"][i];
        QCOMPARE(bytes(object["operator"]), bytes(std::string(info_of(op.id).key)));
        VERIFY_SAME(at(object, "time_s"), op.time_s);
        VERIFY_SAME(at(object, "flops"), op.flops);
        VERIFY_SAME(at(object, "bytes_moved"), op.bytes_moved);
        VERIFY_SAME(at(object, "bytes_sent"), op.bytes_sent);
        QCOMPARE(object.contains("efficiency"), op.efficiency.has_value());
        QCOMPARE(object.contains("rate"), op.rate.has_value());
        if (op.efficiency)
            VERIFY_SAME(at(object["efficiency"], "mfu"), op.efficiency->mfu);
        if (op.rate)
            VERIFY_SAME(at(object["rate"], "flops_per_s"), op.rate->flops);
    }
    VERIFY_SAME(at(all["memory"], "free_bytes"), full.memory.free);
    VERIFY_SAME(at(all["flash_mla"], "softmax_s"), full.flash_mla.softmax_s);
    const Json &configuration = all["configuration"];
    QCOMPARE(bytes(configuration["chip"]), QByteArray("H800"));
    QCOMPARE(bytes(configuration["nic"]), QByteArray("CX7 400Gbps"));
    QCOMPARE(bytes(configuration["policy"]), QByteArray("dual-mbatch"));
    QCOMPARE(configuration["ep"].get<int>(), 144);
    QCOMPARE(configuration["batch_size"].get<int>(), 64);
    QCOMPARE(configuration["target_tps"].get<double>(), 20.);
}

void TestCommandLine::estimate_needs_one_value_each_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QStringList &arguments, const char *message) {
        QTest::newRow(name) << arguments << QByteArray(message);
    };
    row("chip", estimate_of({{"--chip", ""}}),
        "command line: --chip: missing; an estimate needs one value and the study has 4\n");
    row("nic", estimate_of({{"--nic", ""}}),
        "command line: --nic: missing; an estimate needs one value and the study has 2\n");
    row("policy", estimate_of({{"--policy", ""}}),
        "command line: --policy: missing; an estimate needs one value and the study has 2\n");
    row("ep", estimate_of({{"--ep", ""}}),
        "command line: --ep: missing; an estimate needs one value and the study has 3\n");
    row("batch", estimate_of({{"--batch", ""}}),
        "command line: --batch: missing; an estimate needs one value and the study has 15\n");
    row("everything", {"estimate"},
        "command line: --chip: missing; an estimate needs one value and the study has 4\n"
        "command line: --nic: missing; an estimate needs one value and the study has 2\n"
        "command line: --policy: missing; an estimate needs one value and the study has 2\n"
        "command line: --ep: missing; an estimate needs one value and the study has 3\n"
        "command line: --batch: missing; an estimate needs one value and the study has 15\n");
    row("two chips", estimate_of({{"--chip", "H800,H20"}}),
        "command line: --chip: an estimate takes one value, not 2\n");
    row("two NICs and two batches", estimate_of({{"--nic", "CX7-400,CX8-800"}, {"--batch", "8,16"}}),
        "command line: --nic: an estimate takes one value, not 2\ncommand line: --batch: an estimate takes one value, "
        "not 2\n");
    row("two policies", estimate_of({{"--policy", "naive,dual-mbatch"}}),
        "command line: --policy: an estimate takes one value, not 2\n");
    row("EP list", estimate_of({{"--ep", "72,144,320"}}), "command line: --ep: an estimate takes one value, not 3\n");
    row("EP range in a setting", estimate_of({{"--ep", ""}}, {"--set", "ep=72..80"}),
        "command line: --ep: an estimate takes one value, not 9\n");
    row("batch range", estimate_of({{"--batch", "8..16:4"}}),
        "command line: --batch: an estimate takes one value, not 3\n");
    row("draft lengths", estimate_of({{"--mtp-len", "0..1"}}),
        "command line: --mtp-len: an estimate takes one value, not 2\n");
    row("precisions", estimate_of({{"--precision", "1/1,2/2"}}),
        "command line: --precision: an estimate takes one value, not 2\n");
    row("csv", estimate_of({}, {"--format", "csv"}),
        "command line: --format: 'csv' goes with --configs; allowed is table or json\n");
}

void TestCommandLine::estimate_needs_one_value_each()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    const Result result = run(arguments);
    VERIFY_REFUSED(result);
    QCOMPARE(result.err, message);
}

void TestCommandLine::estimate_takes_single_values_from_anywhere()
{
    const Result options = run(estimate_of());
    VERIFY_CODE(options, 0);
    QCOMPARE(
        run(estimate_of({{"--ep", ""}, {"--batch", ""}}, {"--set", "ep=144", "--set", "batch=64"})).out, options.out);
    QCOMPARE(
        run(estimate_of({}, {"--mtp-len", "0", "--kv-elem-size", "2", "--param-elem-size", "2", "--target-tps", "20"}))
            .out,
        options.out);
    const QByteArray study =
        source_file("resources/studies/published-v1.yaml").replace("16..128:8", "64").replace("[72, 144, 320]", "144");
    QCOMPARE(run(estimate_of({{"--ep", ""}, {"--batch", ""}}, {"--study", "-"}), {.input = study}).out, options.out);
}

void TestCommandLine::estimate_says_why_it_is_infeasible_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QList<QByteArray>>("reasons");
    QTest::addColumn<QList<QByteArray>>("texts");
    using Texts = QList<QByteArray>;
    QTest::newRow("memory and target") << estimate_of({{"--batch", "1000"}}) << Texts{"memory", "target"}
                                       << Texts{" of memory, 80.0 GB are usable: ",
                                              " missing; the largest batch that fits is ",
                                              " tok/s per user is below the target of 20.0 tok/s; "};
    QTest::newRow("memory alone") << estimate_of({{"--batch", "1000"}, {"--target-tps", "0"}}) << Texts{"memory"}
                                  << Texts{"Infeasible: needs "};
    QTest::newRow("no batch fits") << estimate_of({{"--ep", "1"}, {"--target-tps", "0"}}) << Texts{"memory"}
                                   << Texts{" missing; no batch fits"};
    QTest::newRow("target") << estimate_of({{"--target-tps", "40"}}) << Texts{"target"}
                            << Texts{" per user is below the target of 40.0 tok/s; "};
    QTest::newRow("target out of reach")
        << estimate_of({{"--target-tps", "5000"}}) << Texts{"target"}
        << Texts{" per user is below the target of 5.00 ktok/s; no smaller batch reaches it"};
    QTest::newRow("half a micro-batch")
        << estimate_of({{"--batch", "1"}}) << Texts{"shape"}
        << Texts{"a batch of fewer sequences than micro-batches is not supported: needs 2, has 1"};
    QTest::newRow("no MTP layer")
        << estimate_of({{"--mtp-len", "1"}}, {"--set", "model.mtp_layers=0"}) << Texts{"shape"}
        << Texts{"drafting with a model that has no MTP layer is not supported: needs 1, has 0"};
    QTest::newRow("cards") << estimate_of({{"--cards", "143"}}) << Texts{"ep"}
                           << Texts{"EP 144 needs as many cards, there are 143"};
    QTest::newRow("feasible") << estimate_of() << Texts{} << Texts{"\nFeasible at 20.0 tok/s per user\n"};
    QTest::newRow("no target") << estimate_of({{"--target-tps", "0"}}) << Texts{} << Texts{"\nFeasible\n"};
}

void TestCommandLine::estimate_says_why_it_is_infeasible()
{
    QFETCH(QStringList, arguments);
    QFETCH(QList<QByteArray>, reasons);
    QFETCH(QList<QByteArray>, texts);
    const Result report = run(arguments);
    const Result json = run(arguments + QStringList{"--format", "json"});
    VERIFY_CODE(report, 0);
    VERIFY_CODE(json, 0);
    for (const QByteArray &text : texts)
        VERIFY_HOLDS(report.out, text);
    QCOMPARE(report.out.count("\nInfeasible: "), reasons.size());
    QCOMPARE(report.out.contains("\nFeasible"), reasons.isEmpty());
    const Json all = Json::parse(json.out.toStdString());
    QCOMPARE(all["feasible"].get<bool>(), reasons.isEmpty());
    QCOMPARE(all["infeasible"].size(), static_cast<std::size_t>(reasons.size()));
    for (std::size_t i = 0; i < all["infeasible"].size(); ++i) {
        const Json &infeasible = all["infeasible"][i];
        QCOMPARE(bytes(infeasible["reason"]), reasons[static_cast<qsizetype>(i)]);
        VERIFY_HOLDS(report.out, "\nInfeasible: " + bytes(infeasible["text"]) + "\n");
        VERIFY_SAME(infeasible["missing"].get<double>(),
            infeasible["needed"].get<double>() - infeasible["available"].get<double>());
    }
    // It is worked out all the same.
    VERIFY_HOLDS(report.out, "FlashMLA");
    VERIFY_HOLDS(report.out, "\nMemory: ");
}

void TestCommandLine::configs_reproduce_the_operator_times_data()
{
    QTest::addColumn<bool>("standard_input");
    QTest::newRow("file") << false;
    QTest::newRow("standard input") << true;
}

void TestCommandLine::configs_reproduce_the_operator_times()
{
    QFETCH(bool, standard_input);
    const QString file = EPSCOPE_SOURCE_DIR "/tests/golden/published_operators.csv";
    const QByteArray golden_text = golden_file("published_operators.csv");
    const Result result =
        run({"estimate", "--study", "published-v1", "--format", "csv", "--configs", standard_input ? "-" : file},
            {.input = standard_input ? golden_text : QByteArray()});
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    Table golden = table_of(golden_text);
    Table table = table_of(result.out);
    QCOMPARE(table.header, golden.header);
    QCOMPARE(golden.rows.size(), std::size_t{240});
    QCOMPARE(table.rows.size(), golden.rows.size());
    const QList<QByteArray> results = table.header.split(',').mid(11);
    QCOMPARE(results.size(), 17);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        QCOMPARE(cells_until(table.lines[static_cast<qsizetype>(i)], 11),
            cells_until(golden.lines[static_cast<qsizetype>(i)], 11));
        for (const QByteArray &column : results)
            VERIFY_NEAR(number(table.rows[i][column]), number(golden.rows[i][column]), of_operators);
    }
    // Its output is its input again.
    QCOMPARE(run({"estimate", "--format", "csv", "--configs", "-"}, {.input = result.out}).out, result.out);
}

void TestCommandLine::configs_in_every_format()
{
    const QByteArray configs = line_of_columns + "\nH800,CX7 400Gbps,dual-mbatch,144,2,2,64,5120,0,true,chip\n"
        + "H20,E810 100Gbps,naive,8,1,1,16,128,2,false,none\n";
    const Result json = run({"estimate", "--configs", "-", "--format", "json"}, {.input = configs});
    VERIFY_CODE(json, 0);
    const QList<QByteArray> objects = lines_of(json.out);
    QCOMPARE(objects.size(), 2);
    const QStringList second = estimate_of(
        {{"--chip", "H20"}, {"--nic", "E810 100Gbps"}, {"--policy", "naive"}, {"--ep", "8"}, {"--batch", "16"}},
        {"--precision", "1/1", "--context", "128", "--mtp-len", "2", "--deepgemm", "off", "--fa3", "none"});
    QVERIFY(Json::parse(objects[0].toStdString())
        == Json::parse(run(estimate_of({}, {"--format", "json"})).out.toStdString()));
    QVERIFY(Json::parse(objects[1].toStdString())
        == Json::parse(run(second + QStringList{"--format", "json"}).out.toStdString()));
    const Result table = run({"estimate", "--configs", "-"}, {.input = configs});
    VERIFY_CODE(table, 0);
    QCOMPARE(table.out, run(estimate_of()).out + "\n" + run(second).out + "\n");

    // What the lines leave open comes from the study and its settings.
    const QStringList settings{"--set", "chip.H800.memory=141 GB", "--target-tps", "3"};
    const QByteArray one = configs.left(configs.indexOf("H20,"));
    QCOMPARE(run(QStringList{"estimate", "--configs", "-"} + settings, {.input = one}).out,
        run(estimate_of({}, settings)).out + "\n");
}

void TestCommandLine::configs_take_other_line_ends_and_columns_data()
{
    QTest::addColumn<QByteArray>("configs");
    const QByteArray line = "H800,CX7 400Gbps,dual-mbatch,144,2,2,64,5120,0,true,chip";
    QTest::newRow("plain") << line_of_columns + "\n" + line + "\n";
    QTest::newRow("no last line end") << line_of_columns + "\n" + line;
    QTest::newRow("CRLF") << line_of_columns + "\r\n" + line + "\r\n";
    QTest::newRow("empty lines") << line_of_columns + "\n\n" + line + "\n\n\n";
    QTest::newRow("more columns") << line_of_columns + ",note,\n" + line + ",mine,\"1,2\"\n";
    QTest::newRow("units") << line_of_columns + "\nH800,CX7 400Gbps,dual-mbatch,144,2 B,2 B,64,5 Ki,0,on,chip\n";
    QTest::newRow("blanks") << line_of_columns + "\nH800,CX7 400Gbps, dual-mbatch, 144, 2,2 ,64 ,5120,0 ,true,chip \n";
}

void TestCommandLine::configs_take_other_line_ends_and_columns()
{
    QFETCH(QByteArray, configs);
    const Result result = run({"estimate", "--configs", "-", "--format", "csv"}, {.input = configs});
    VERIFY_CODE(result, 0);
    Table table = table_of(result.out);
    QCOMPARE(table.rows.size(), std::size_t{1});
    QCOMPARE(cells_until(table.lines[0], 11), QByteArray("H800,CX7 400Gbps,dual-mbatch,144,2,2,64,5120,0,true,chip"));
    VERIFY_SAME(number(table.rows[0]["ux_tps"]), estimate(published_scenario()).ux_tps);
    const Result none = run({"estimate", "--configs", "-", "--format", "csv"}, {.input = line_of_columns + "\n"});
    VERIFY_CODE(none, 0);
    QCOMPARE(lines_of(none.out).size(), 1);
}

void TestCommandLine::configs_problems_data()
{
    QTest::addColumn<QByteArray>("configs");
    QTest::addColumn<QList<QByteArray>>("problems"); // how each line of the messages begins
    using Problems = QList<QByteArray>;
    const QByteArray good = "H800,CX7 400Gbps,naive,72,1,1,16,5120,0,true,chip\n";
    const auto row = [](const char *name, const QByteArray &text, const Problems &problems) {
        QTest::newRow(name) << text << problems;
    };
    const auto line = [&](const char *name, const QByteArray &text, const Problems &problems) {
        row(name, line_of_columns + "\n" + good + text + "\n" + good, problems);
    };
    const QByteArray names = QByteArray(line_of_columns).replace(",", ", ");
    row("empty", "", {"<stdin>:1:1: is empty; expected a line with the columns' names, " + names});
    row("other header", "gpu,nic\n", {"<stdin>:1:1: missing columns 'chip', 'policy', 'ep', "});
    row("longer header", line_of_columns + "x\n", {"<stdin>:1:1: missing column 'fa3'"});
    row("no header", good, {"<stdin>:1:1: names none of the columns; expected a line with " + names});
    line("too few columns", "H800,naive", {"<stdin>:3:1: has 2 columns; expected at least 11"});
    line("chip", "H80,CX7 400Gbps,naive,72,1,1,16,5120,0,true,chip",
        {"<stdin>:3:1: chip: 'H80' is not in the study; it has H800, H20, A100, L20; did you mean 'H800'?"});
    line("chip of the library", "H200,CX7 400Gbps,naive,72,1,1,16,5120,0,true,chip",
        {"<stdin>:3:1: chip: 'H200' is not in the study; it has "});
    line("nic", "H800,CX7,naive,72,1,1,16,5120,0,true,chip",
        {"<stdin>:3:6: nic: 'CX7' is not in the study; it has CX7 400Gbps, E810 100Gbps"});
    line("policy", "H800,CX7 400Gbps,naiv,72,1,1,16,5120,0,true,chip",
        {"<stdin>:3:18: policy: 'naiv' is not allowed; allowed is dual-mbatch or naive"});
    line("ep", "H800,CX7 400Gbps,naive,1025,1,1,16,5120,0,true,chip",
        {"<stdin>:3:24: ep: '1025' is out of range; allowed is 1 to 1024"});
    line("range", "H800,CX7 400Gbps,naive,72..73,1,1,16,5120,0,true,chip",
        {"<stdin>:3:24: ep: expected one value, not a range"});
    line("kv_elem_size", "H800,CX7 400Gbps,naive,72,99,1,16,5120,0,true,chip",
        {"<stdin>:3:27: kv_elem_size: '99' is out of range"});
    line("param_elem_size", "H800,CX7 400Gbps,naive,72,1,99,16,5120,0,true,chip",
        {"<stdin>:3:29: param_elem_size: '99' is out of range"});
    line("both sizes", "H800,CX7 400Gbps,naive,72,88,99,16,5120,0,true,chip",
        {"<stdin>:3:27: kv_elem_size: '88' is out of range", "<stdin>:3:30: param_elem_size: '99' is out of range"});
    line("batch_size", "H800,CX7 400Gbps,naive,72,1,1,0,5120,0,true,chip",
        {"<stdin>:3:31: batch_size: '0' is out of range; allowed is 1 to 65536"});
    line("context", "H800,CX7 400Gbps,naive,72,1,1,16,x,0,true,chip", {"<stdin>:3:34: context: 'x' is not a number"});
    line("mtp_len", "H800,CX7 400Gbps,naive,72,1,1,16,5120,17,true,chip",
        {"<stdin>:3:39: mtp_len: '17' is out of range; allowed is 0 to 16"});
    line("deepgemm", "H800,CX7 400Gbps,naive,72,1,1,16,5120,0,maybe,chip",
        {"<stdin>:3:41: deepgemm: 'maybe' is not a switch; allowed is true or false"});
    line("fa3", "H800,CX7 400Gbps,naive,72,1,1,16,5120,0,true,3",
        {"<stdin>:3:46: fa3: '3' is not allowed; allowed is none, two-stage, three-stage or chip"});
    Problems every_cell;
    for (const QByteArray &column : line_of_columns.split(','))
        every_cell << "<stdin>:3:" + QByteArray::number(every_cell.size() + 1) + ": " + column + ": ";
    line("empty cells", ",,,,,,,,,,,noted", every_cell);
    line("several lines",
        "H800,CX7 400Gbps,naive,0,1,1,16,5120,0,true,chip\nx\nL20,CX7 400Gbps,naive,72,1,1,0,5120,99,true,chip",
        {"<stdin>:3:24: ep: ", "<stdin>:4:1: has 1 columns", "<stdin>:5:30: batch_size: ", "<stdin>:5:37: mtp_len: "});
    line("one line, by column", "H800,CX7 400Gbps,naive,72,0,1,0,0,0,true,chip",
        {"<stdin>:3:27: kv_elem_size: ", "<stdin>:3:31: batch_size: ", "<stdin>:3:33: context: "});
}

void TestCommandLine::configs_problems()
{
    QFETCH(QByteArray, configs);
    QFETCH(QList<QByteArray>, problems);
    const Result result = run({"estimate", "--format", "csv", "--configs", "-"}, {.input = configs});
    VERIFY_REFUSED(result);
    QList<QByteArray> starts = lines_of(result.err); // cut to the length of what they should begin with
    for (qsizetype i = 0; i < std::min(starts.size(), problems.size()); ++i)
        starts[i].truncate(problems[i].size());
    QCOMPARE(starts, problems);

    write(folder.path("bad configs.csv"), configs);
    Result from_file = run({"estimate", "--configs", "bad configs.csv"}, {.folder = folder.path()});
    VERIFY_REFUSED(from_file);
    QCOMPARE(from_file.err.replace("bad configs.csv:", "<stdin>:"), result.err);
}

void TestCommandLine::pareto_is_the_front_of_the_points_data()
{
    QTest::addColumn<QStringList>("study");
    QTest::addColumn<bool>("all");
    QTest::addColumn<bool>("per_chip");
    const std::map<const char *, QStringList> studies{{"published", {}}, {"low target", {"--target-tps", "7"}},
        {"ties", {"--chip", "A100", "--deepgemm", "off", "--precision", "2/2,1/2,2/1,1/1"}},
        {"many drafts", {"--mtp-len", "0..8", "--batch", "1..80:9", "--ep", "16,72,320"}}};
    for (const auto &[name, study] : studies) {
        for (const bool all : {false, true}) {
            for (const bool per_chip : {false, true})
                QTest::addRow("%s%s%s", name, all ? ", all" : "", per_chip ? ", per chip" : "")
                    << study << all << per_chip;
        }
    }
}

void TestCommandLine::pareto_is_the_front_of_the_points()
{
    QFETCH(QStringList, study);
    QFETCH(bool, all);
    QFETCH(bool, per_chip);
    const Result points = run(QStringList{"search", "--points", "--format", "csv"} + study);
    VERIFY_CODE(points, 0);
    Table table = table_of(points.out);

    struct Served {
        QByteArray line, chip;
        bool feasible;
        double ux_tps, throughput, batch, kv_elem_size;
    };
    std::vector<Served> served; // what fits in memory, whatever the target
    QList<QByteArray> chips;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        auto &row = table.rows[i];
        if (!chips.contains(row["gpu"]))
            chips << row["gpu"];
        if (row["feasible"] == "true" || row["reason"] == "target")
            served.push_back({cells_until(table.lines[static_cast<qsizetype>(i)], csv_header.count(',') + 1),
                row["gpu"], row["feasible"] == "true", rounded_for_ties(number(row["ux_tps"])),
                rounded_for_ties(number(row["throughput_per_card"])), number(row["batch_size"]),
                number(row["kv_elem_size"])});
    }
    const auto beats = [](const Served &a,
                           const Served &b) { // of points equal in both: smaller batch, larger KV element, earlier
        if (a.ux_tps != b.ux_tps || a.throughput != b.throughput)
            return a.ux_tps >= b.ux_tps && a.throughput >= b.throughput;
        if (a.batch != b.batch)
            return a.batch < b.batch;
        return a.kv_elem_size != b.kv_elem_size ? a.kv_elem_size > b.kv_elem_size : &a < &b;
    };
    QByteArray expected = csv_header + "\n";
    std::size_t fronts = 0;
    for (const QByteArray &chip : per_chip ? chips : QList<QByteArray>{""}) {
        std::vector<const Served *> front;
        for (const Served &point : served) {
            const auto rival = [&](const Served &other) {
                return (chip.isEmpty() || other.chip == chip) && &other != &point && beats(other, point);
            };
            if ((chip.isEmpty() || point.chip == chip) && std::none_of(served.begin(), served.end(), rival))
                front.push_back(&point);
        }
        std::sort(front.begin(), front.end(), [](const Served *a, const Served *b) { return a->ux_tps > b->ux_tps; });
        for (const Served *point : front) {
            if (all || point->feasible)
                expected += point->line + "\n";
        }
        fronts += front.empty() ? 0 : 1;
    }
    QVERIFY(fronts > 0);
    QStringList arguments{"pareto", "--format", "csv"};
    if (all)
        arguments << "--all";
    if (per_chip)
        arguments << "--per-chip";
    const Result result = run(arguments + study);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    QCOMPARE(result.out, expected);
}

void TestCommandLine::pareto_formats()
{
    const Table table = table_of(run({"pareto", "--format", "csv"}).out);
    const auto rows = static_cast<qsizetype>(table.rows.size());
    const Result json = run({"pareto", "--format", "json"});
    VERIFY_CODE(json, 0);
    const Json parsed = Json::parse(json.out.toStdString());
    QCOMPARE(parsed["rows"].size(), table.rows.size());
    QCOMPARE(parsed["configurations"].get<int>(), 4320);
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        QVERIFY(same_bits(parsed["rows"][i]["ux_tps"].get<double>(), number(table.rows[i].at("ux_tps"))));
    const QList<QByteArray> lines = lines_of(run({"pareto"}).out);
    QVERIFY(lines[rows + 2].startsWith("4,320 configurations, "));
    QVERIFY(lines_of(run({"pareto", "--format", "markdown"}).out)[rows + 3].startsWith("4,320 configurations, "));
    const Result none = run({"pareto", "--target-tps", "1 Mtok/s", "--format", "json"});
    VERIFY_CODE(none, 0);
    QVERIFY(Json::parse(none.out.toStdString())["rows"].empty());
}

void TestCommandLine::list_shows_the_library_data()
{
    QTest::addColumn<Kind>("kind");
    for (const Kind kind : kinds)
        QTest::newRow(std::string(name_of(kind)).c_str()) << kind;
}

void TestCommandLine::list_shows_the_library()
{
    QFETCH(Kind, kind);
    const std::vector<Library::Entry> entries = shipped_library().entries(kind);
    QVERIFY(!entries.empty());
    const QString what = QString::fromStdString(std::string(folder_of(kind)));
    const Result table = run({"list", what});
    const Result json = run({"list", what, "--format", "json"});
    const Result markdown = run({"list", what, "--format", "markdown"});
    for (const Result *result : {&table, &json, &markdown}) {
        VERIFY_CODE(*result, 0);
        QCOMPARE(result->err, QByteArray());
    }
    const QList<QByteArray> lines = lines_of(table.out);
    const QList<QByteArray> marked = lines_of(markdown.out);
    const Json parsed = Json::parse(json.out.toStdString());
    QCOMPARE(static_cast<std::size_t>(lines.size()), 1 + entries.size());
    QCOMPARE(static_cast<std::size_t>(marked.size()), 2 + entries.size());
    QCOMPARE(parsed.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto at = static_cast<qsizetype>(i);
        QVERIFY(lines[at + 1].startsWith(bytes(entries[i].name) + "  "));
        QVERIFY(marked[at + 2].startsWith("| " + bytes(entries[i].name) + " | " + bytes(entries[i].title) + " | "));
        QCOMPARE(bytes(parsed[i]["name"]), bytes(entries[i].name));
        QCOMPARE(bytes(parsed[i]["title"]), bytes(entries[i].title));
        const QString file = QString::fromStdString(parsed[i]["file"]);
        QCOMPARE(QFileInfo(file).canonicalFilePath(),
            QFileInfo(QString::fromStdString(entries[i].file)).canonicalFilePath());
        VERIFY_HOLDS(lines[at + 1], file.toUtf8());
        if (kind == Kind::chip) {
            const Chip chip = *shipped_library().chip(entries[i].name).value;
            QCOMPARE(bytes(parsed[i]["memory"]), bytes(exact_text(chip.memory)));
            QCOMPARE(bytes(parsed[i]["bf16_rate"]), bytes(exact_text(chip.bf16)));
            QCOMPARE(bytes(parsed[i]["fp4_rate"]), chip.fp4 ? bytes(exact_text(*chip.fp4)) : QByteArray());
            QCOMPARE(bytes(parsed[i]["sm_count"]), QByteArray::number(qint64{chip.sms}));
            VERIFY_HOLDS(lines[at + 1], bytes(exact_text(chip.memory_bandwidth)));
        }
        if (kind == Kind::model && entries[i].name == "deepseek-v3") { // as its card says
            QCOMPARE(bytes(parsed[i]["billion_parameters"]), QByteArray("671.0"));
            QCOMPARE(bytes(parsed[i]["billion_active"]), QByteArray("36.6"));
        }
        if (kind == Kind::nic)
            QCOMPARE(bytes(parsed[i]["nic_bandwidth"]),
                bytes(exact_text(shipped_library().nic(entries[i].name).value->bandwidth)));
    }
}

void TestCommandLine::list_parameters()
{
    const Result markdown = run({"list", "parameters", "--format", "markdown"});
    VERIFY_CODE(markdown, 0);
    QCOMPARE(lines_of(markdown.out), lines_of(source_file("docs/parameters.md")));
    QVERIFY(markdown.out == source_file("docs/parameters.md"));
    const Result table = run({"list", "parameters"});
    const Result json = run({"list", "parameters", "--format", "json"});
    VERIFY_CODE(table, 0);
    VERIFY_CODE(json, 0);
    const std::vector<Parameter> all = all_parameters();
    const Json parsed = Json::parse(json.out.toStdString());
    QCOMPARE(parsed.size(), all.size());
    QCOMPARE(static_cast<std::size_t>(lines_of(table.out).size()), 1 + all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool top =
            all[i].scope == Scope::workload || all[i].scope == Scope::search || all[i].scope == Scope::target;
        const std::string key = (top ? "" : std::string(name_of(all[i].scope)) + ".") + std::string(all[i].key);
        QCOMPARE(bytes(parsed[i]["key"]), bytes(key));
        QCOMPARE(bytes(parsed[i]["allowed"]), bytes(allowed_text(all[i])));
        QCOMPARE(bytes(parsed[i]["meaning"]), bytes(std::string(all[i].help)));
        QVERIFY(lines_of(table.out)[static_cast<qsizetype>(i) + 1].startsWith(bytes(key) + " "));
    }
}

void TestCommandLine::check_takes_every_shipped_file()
{
    QStringList files;
    for (const Kind kind : kinds) {
        for (const Library::Entry &entry : shipped_library().entries(kind)) {
            const QString file = QString::fromStdString(entry.file);
            files << file;
            const Result result = run({"check", file});
            VERIFY_CODE(result, 0);
            QCOMPARE(result.err, QByteArray());
            QCOMPARE(result.out,
                file.toUtf8() + ": " + bytes(std::string(name_of(kind))) + " " + bytes(entry.name) + ": no problems\n");
        }
    }
    const Result all = run(QStringList{"check"} + files);
    VERIFY_CODE(all, 0);
    QCOMPARE(lines_of(all.out).size(), files.size());
}

void TestCommandLine::check_reports_every_problem()
{
    write(folder.path("good.yaml"), source_file("resources/nics/cx7-400.yaml"));
    write(
        folder.path("chip.yaml"), "chip: Mine\nsource: me\nbf16: 100\nmemory: 80 GBs\nmemry: 80 GB\nclock: [1 GHz]\n");
    write(folder.path("study.yaml"),
        source_file("resources/studies/published-v1.yaml")
            .replace("5 Ki", "0")
            .replace("dual-mbatch", "dual")
            .replace("model: deepseek-v3", "model: deepseek-v4"));
    write(folder.path("torn.yaml"), "chip: [Mine\nsource: me\n");
    write(folder.path("kind.yaml"), "chap: Mine\n");
    const Result result =
        run({"check", "good.yaml", "chip.yaml", "study.yaml", "torn.yaml", "kind.yaml", "missing.yaml", "."},
            {.folder = folder.path()});
    VERIFY_CODE(result, 2);
    QCOMPARE(result.out, QByteArray("good.yaml: nic CX7-400: no problems\n"));
    for (const char *problem :
        {"chip.yaml:3:7: bf16: ", "chip.yaml:4:9: memory: ", "chip.yaml:5:1: memry: unknown key; allowed is ",
            "did you mean 'memory'?", "chip.yaml:6:8: clock: ", "chip.yaml:1:1: memory_bandwidth: missing key",
            "chip.yaml:1:1: sms: missing key", "model: no model 'deepseek-v4'; known are ",
            "workload.context: '0' is out of range; allowed is 1 to 1000000000000, usually 1 to 1048576",
            "search.policy: 'dual' is not allowed; allowed is dual-mbatch or naive", "torn.yaml:", "is not valid YAML",
            "kind.yaml:1:1: chap: the first key must name what the file holds; allowed is chip, nic, model, profile, "
            "study; did you mean 'chip'?",
            "missing.yaml: cannot be read: No such file or directory",
            ".: is a folder without a config.json; expected that of a model"})
        VERIFY_HOLDS(result.err, problem);
    const QRegularExpression form(
        "^(chip|study|torn|kind)\\.yaml:[1-9][0-9]*:[1-9][0-9]*: .+|^missing\\.yaml: .+|^\\.: .+");
    for (const QByteArray &line : lines_of(result.err))
        QVERIFY2(form.match(QString::fromUtf8(line)).hasMatch(), line.constData());
    QCOMPARE(run({"check", "chip.yaml"}, {.folder = folder.path()}).err.count('\n'), result.err.count("chip.yaml:"));
}

void TestCommandLine::warnings_are_said_and_stop_nothing()
{
    QByteArray chip = source_file("resources/chips/h800.yaml");
    const qsizetype memory = chip.indexOf("\nmemory: ") + 1;
    QVERIFY(memory > 0);
    chip.replace(memory, chip.indexOf('\n', memory) - memory, "memory: 220 MB");
    write(folder.path("small.yaml"), chip);
    const Result checked = run({"check", "small.yaml"}, {.folder = folder.path()});
    VERIFY_CODE(checked, 0);
    QCOMPARE(checked.out, QByteArray("small.yaml: chip H800: no errors, 1 warning\n"));
    QVERIFY2(checked.err.startsWith("small.yaml:")
            && checked.err.endsWith(": warning: memory: '220 MB' is unusual; usually it is 1 GB to 1 PB\n"),
        checked.err.constData());
    // Each value of each file, at its place alone.
    write(folder.path("other.yaml"), QByteArray(chip).replace("chip: H800", "chip: Other"));
    const Result both =
        run({"search", "--chip", "small.yaml,other.yaml", "--ep", "144", "--batch", "8"}, {.folder = folder.path()});
    VERIFY_CODE(both, 0);
    QCOMPARE(both.err.count("warning"), 2);
    for (const char *file : {"small.yaml:", "other.yaml:"})
        VERIFY_HOLDS(both.err, file);
    const Result set = run({"search", "--ep", "144", "--batch", "8", "--set", "chip.H800.memory=220 MB", "--set",
        "chip.H20.memory=220 MB"});
    QCOMPARE(set.err.count("warning"), 2);
    for (const char *key : {"H800", "H20"})
        VERIFY_HOLDS(set.err, QByteArray("command line: warning: chip.") + key + ".memory: '220 MB' is unusual");
    const Result all = run({"search", "--ep", "144", "--batch", "8", "--set", "chip.memory=220 MB"});
    QCOMPARE(all.err.count("command line: warning: chip."), 4);
    const Result searched = run({"search", "--context", "200,000", "--set", "nic.bandwidth=400Gbps"});
    VERIFY_CODE(searched, 0);
    QCOMPARE(searched.err.count("warning"), 1);
    VERIFY_HOLDS(
        searched.err, "command line: warning: context: 200000 tokens are more than the model's maximum, 163840\n");
}

void TestCommandLine::check_reads_standard_input()
{
    const Result good = run({"check", "-"}, {.input = source_file("resources/chips/h800.yaml")});
    VERIFY_CODE(good, 0);
    QCOMPARE(good.out, QByteArray("<stdin>: chip H800: no problems\n"));
    const Result bad = run({"check", "-"}, {.input = "nic: Mine\nsource: me\nbandwidth: 400 Gbit\n"});
    VERIFY_REFUSED(bad);
    QVERIFY(bad.err.startsWith("<stdin>:3:12: bandwidth: "));
    const Result empty = run({"check", "-"});
    VERIFY_REFUSED(empty);
    QVERIFY(empty.err.startsWith("<stdin>:1:1: the file is empty"));
}

void TestCommandLine::study_from_a_file()
{
    const QByteArray text = source_file("resources/studies/published-v1.yaml")
                                .replace("study: published-v1", "study: mine")
                                .replace("20 tok/s", "15 tok/s");
    write(folder.path("mine.yaml"), text);
    write(folder.path("folder/mine"), text);
    const QByteArray expected = run({"search", "--target-tps", "15", "--format", "csv"}).out;
    QCOMPARE(lines_of(expected).size(), 38);
    for (const QString &source : {QStringLiteral("mine.yaml"), QStringLiteral("./mine.yaml"),
             QStringLiteral("folder/mine"), folder.path("mine.yaml")}) {
        const Result result = run({"search", "--format", "csv", "--study", source}, {.folder = folder.path()});
        VERIFY_CODE(result, 0);
        QCOMPARE(result.out, expected);
    }
    const Result standard_input = run({"search", "--format", "csv", "--study", "-"}, {.input = text});
    VERIFY_CODE(standard_input, 0);
    QCOMPARE(standard_input.out, expected);
    const Result json = run({"pareto", "--format", "json", "--study", "-"}, {.input = text});
    VERIFY_CODE(json, 0);
    QCOMPARE(bytes(Json::parse(json.out.toStdString())["study"]), QByteArray("mine"));
    const Result one = run(estimate_of({{"--target-tps", ""}}, {"--study", "mine.yaml"}), {.folder = folder.path()});
    VERIFY_CODE(one, 0);
    VERIFY_HOLDS(one.out, "Feasible at 15.0 tok/s per user");

    // A chip of the study's own may be written out in it.
    const QByteArray own =
        source_file("resources/studies/published-v1.yaml").replace("  - chip: H800\n", "  - chip: Own\n");
    const Result picked = run({"search", "--format", "csv", "--study", "-", "--chip", "Own,H800"}, {.input = own});
    VERIFY_CODE(picked, 0);
    VERIFY_HOLDS(picked.out, "Own,CX7 400Gbps,");
    VERIFY_HOLDS(picked.out, "H800,CX7 400Gbps,"); // of the library
}

void TestCommandLine::wrong_studies_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("message");
    const QByteArray published = source_file("resources/studies/published-v1.yaml");
    QTest::newRow("unknown name") << "publish-v1" << QByteArray() << QByteArray("no study 'publish-v1'; known are ");
    QTest::newRow("suggestion") << "publish-v1" << QByteArray() << QByteArray("did you mean 'published-v1'?");
    QTest::newRow("no such file") << "mine.yaml" << QByteArray()
                                  << QByteArray("mine.yaml: cannot be read: No such file or directory\n");
    QTest::newRow("folder") << "./" << QByteArray() << QByteArray("./: is a folder; expected a file\n");
    QTest::newRow("empty") << "-" << QByteArray() << QByteArray("<stdin>:1:1: the file is empty");
    QTest::newRow("chip") << "-" << source_file("resources/chips/h20.yaml") << QByteArray("<stdin>:1:1: ");
    QTest::newRow("not text") << "-" << QByteArray("study: x\0y", 10)
                              << QByteArray("<stdin>: is not a YAML text file: byte 8 is NUL\n");
    QTest::newRow("two problems") << "-"
                                  << QByteArray(published).replace("TiFLOP/s", "TiFLOPS").replace("[0, 1]", "[0, 99]")
                                  << QByteArray("search.mtp_len: '99' is out of range; allowed is 0 to 16\n");
    QTest::newRow("unknown chip") << "-" << QByteArray(published).replace("nics:", "  - H9000\nnics:")
                                  << QByteArray("chips[4]: no chip 'H9000'; known are ");
}

void TestCommandLine::wrong_studies()
{
    QFETCH(QString, source);
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, message);
    for (const char *command : {"search", "pareto", "estimate"}) {
        const Result result = run({command, "--study", source}, {.input = input, .folder = folder.path()});
        VERIFY_REFUSED(result);
        VERIFY_HOLDS(result.err, message);
    }
}

void TestCommandLine::hostile_files_end_quickly_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("study of 1 GB") << QStringList{"search", "--study", "sparse.yaml"}
                                   << QByteArray("sparse.yaml: the file is too large; allowed are at most ");
    QTest::newRow("check of 1 GB") << QStringList{"check", "sparse.yaml"}
                                   << QByteArray("sparse.yaml: the file is too large; allowed are at most ");
    QTest::newRow("configurations of 1 GB")
        << QStringList{"estimate", "--configs", "sparse.yaml"} << QByteArray("sparse.yaml: the file is too large; ");
    QTest::newRow("endless study") << QStringList{"search", "--study", "/dev/zero"}
                                   << QByteArray("/dev/zero: the file is too large; ");
    QTest::newRow("endless configurations")
        << QStringList{"estimate", "--configs", "/dev/zero"} << QByteArray("/dev/zero: the file is too large; ");
    QTest::newRow("alias bomb") << QStringList{"search", "--study", "bomb.yaml"}
                                << QByteArray("bomb.yaml:2:4: anchors are not allowed; ");
    QTest::newRow("alias bomb checked") << QStringList{"check", "bomb.yaml"}
                                        << QByteArray("bomb.yaml:2:4: anchors are not allowed; ");
    QTest::newRow("deep nesting") << QStringList{"check", "deep.yaml"} << QByteArray("deep.yaml:1:");
    QTest::newRow("random bytes") << QStringList{"check", EPSCOPE_PROGRAM} << QByteArray(": ");
}

void TestCommandLine::hostile_files_end_quickly()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    write(folder.path("sparse.yaml"), "study: large\n");
    QVERIFY(QFile::resize(folder.path("sparse.yaml"), qint64{1} << 30));
    QByteArray bomb = "study: bomb\n";
    for (char name = 'a'; name < 'j'; ++name) {
        const QByteArray before = name == 'a' ? QByteArray("x") : QByteArray("*") + char(name - 1);
        bomb += QByteArray(1, name) + ": &" + name + " [" + (before + ", ").repeated(9) + before + "]\n";
    }
    write(folder.path("bomb.yaml"), bomb);
    write(folder.path("deep.yaml"),
        "study: " + QByteArray("[").repeated(200000) + QByteArray("]").repeated(200000) + "\n");
    QElapsedTimer timer;
    timer.start();
    const Result result = run(arguments, {.folder = folder.path()});
    QVERIFY2(timer.elapsed() < 5000, QByteArray::number(timer.elapsed()).constData());
    VERIFY_REFUSED(result);
    VERIFY_HOLDS(result.err, message);
}

// Escape sequences of two kinds, a bell, DEL and C1 in names, titles, keys and names of files.
void TestCommandLine::no_file_commands_the_terminal()
{
    const QString home = folder.path("data");
    const QByteArray sequence = "\\e[31m\\a\\x9b1m\\x85\\x7f";
    const QByteArray raw = "\x1b[31m\x07\xc2\x9b"
                           "1m\xc2\x85\x7f";
    const QByteArray chip = source_file("resources/chips/h200.yaml");
    const qsizetype title = chip.indexOf("\ntitle:") + 1, behind = chip.indexOf('\n', title);
    QVERIFY(title > 0);
    write(home + "/epscope/chips/mine.yaml",
        QByteArray(chip)
            .replace(title, behind - title, "title: \"" + sequence + '"')
            .replace("chip: H200", "chip: Mine"));
    write(home + "/epscope/chips/bad\x1b[2J.yaml", "chip: Bad\n\"" + sequence + "\": 1\n");
    const How how{.data_home = home};
    for (const char *format : {"table", "markdown", "json"}) {
        const Result list = run({"list", "chips", "--format", format}, how);
        VERIFY_CODE(list, 0);
        QVERIFY2(!has_controls(list.out), format);
        QVERIFY2(!has_controls(list.err), list.err.constData());
        QVERIFY(!list.err.isEmpty());
        if (format != std::string_view("json")) {
            VERIFY_HOLDS(list.out, "?[31m??1m??");
            continue;
        }
        const Json all = Json::parse(list.out.toStdString());
        QVERIFY(
            std::any_of(all.begin(), all.end(), [&](const Json &one) { return one["title"] == raw.toStdString(); }));
    }
    // A place in the table for each sign that is shown.
    write(home + "/epscope/chips/loud.yaml",
        QByteArray(chip)
            .replace(title, behind - title, "title: \"" + QByteArray("\\a").repeated(80) + '"')
            .replace("chip: H200", "chip: Loud"));
    const QList<QByteArray> table = lines_of(run({"list", "chips"}, how).out);
    for (const QByteArray &line : table) {
        if (line.startsWith("Loud "))
            QCOMPARE(line.indexOf(home.toUtf8()), table.front().indexOf("File"));
    }
    QVERIFY(std::any_of(table.begin(), table.end(), [](const QByteArray &line) { return line.startsWith("Loud "); }));
    const QByteArray row = "chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                           "expert_elem_size,attention_elem_size,micro_batches,tpot_ms,id\n"
                           "H800,e"
        + raw + ",144,64,4096,1,1,1,1,1,2,50,row" + raw + "\n";
    write(folder.path("rows.csv"), row);
    for (const char *format : {"table", "markdown", "json"}) {
        const Result result =
            run({"validate", "--measurements", folder.path("rows.csv"), "--no-refit", "--format", format});
        VERIFY_CODE(result, 0);
        QVERIFY2(!has_controls(result.out), format);
    }
    // CSV is for other programs, unless a terminal shows it.
    const QStringList as_csv{"validate", "--measurements", folder.path("rows.csv"), "--no-refit", "--format", "csv"};
    VERIFY_HOLDS(run(as_csv).out, "row" + raw);
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    QVERIFY(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    const Result shown = run(as_csv, {.output_device = QString::fromLatin1(ptsname(terminal))});
    VERIFY_CODE(shown, 0);
    QByteArray read_there(4096, '\0');
    read_there.resize(
        std::max<ssize_t>(0, read(terminal, read_there.data(), static_cast<std::size_t>(read_there.size()))));
    close(terminal);
    VERIFY_HOLDS(read_there, "row?[31m??1m??");
    QVERIFY2(!has_controls(QByteArray(read_there).replace("\r\n", "\n")), read_there.constData());
    const Result unknown = run({"search", "--chip", QString::fromUtf8(raw), "--set", QString::fromUtf8(raw) + "=1"});
    VERIFY_REFUSED(unknown);
    QVERIFY2(!has_controls(unknown.err), unknown.err.constData());
}

void TestCommandLine::no_file_puts_formulas_into_csv()
{
    const QString home = folder.path("data");
    write(home + "/epscope/chips/mine.yaml",
        source_file("resources/chips/h200.yaml").replace("chip: H200", "chip: =1+1"));
    const How how{.data_home = home};
    for (const QStringList &command :
        {QStringList{"search"}, QStringList{"search", "--points", "--batch", "16"}, QStringList{"pareto"}}) {
        const Result result = run(command + QStringList{"--chip", "=1+1", "--format", "csv"}, how);
        VERIFY_CODE(result, 0);
        QVERIFY(lines_of(result.out).size() > 1);
        for (const QByteArray &line : lines_of(result.out).mid(1))
            QVERIFY2(line.startsWith("\"'=1+1\","), line.constData());
    }
    // What was written is read again.
    write(folder.path("configs.csv"), line_of_columns + "\n\"'=1+1\",CX7 400Gbps,naive,144,1,1,16,4096,0,true,chip\n");
    const Result back =
        run({"estimate", "--chip", "=1+1", "--configs", folder.path("configs.csv"), "--format", "csv"}, how);
    VERIFY_CODE(back, 0);
    VERIFY_HOLDS(back.out, "\n\"'=1+1\",CX7 400Gbps,");
    const Result sensitivity = run({"sensitivity", "--format", "csv"});
    VERIFY_CODE(sensitivity, 0);
    QVERIFY(!sensitivity.out.contains('\''));
    VERIFY_HOLDS(sensitivity.out, ",-"); // numbers stay numbers
}

// A name that is no UTF-8 text would reach Qt as another one.
void TestCommandLine::names_that_are_no_text_are_not_written_to()
{
    for (const char *command : {"list chips -o \"$1\"", "search --batch 16 --format csv -o \"$1\"",
             "render --view pareto -o \"$1.png\"", "report -o \"$1.html\"", "sensitivity -o \"$1.svg\"",
             "calibrate -o \"$1.yaml\"", "search --batch 16 -o \"$1.xlsx\""}) {
        const QString script = "set -- \"$(printf 'a\\377b')\"; exec \"$0\" " + QString::fromLatin1(command);
        const Result result = run({"-c", script, EPSCOPE_PROGRAM}, {.folder = folder.path(), .program = "/bin/sh"});
        VERIFY_REFUSED(result);
        VERIFY_HOLDS(result.err, "command line: --output: 'a?b");
        VERIFY_HOLDS(result.err, " is no UTF-8 text; expected a file's name in UTF-8\n");
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList());
    }
}

void TestCommandLine::lists_of_problems_end()
{
    QByteArray rows = "chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,"
                      "expert_elem_size,attention_elem_size,micro_batches,tpot_ms,id\n";
    QByteArray header = "id", keys = "chip: X\n";
    for (int i = 0; i < 30000; ++i) {
        const QByteArray number = QByteArray::number(i);
        rows += "c" + number + ",e,144,64,4096,1,1,1,1,1,2,50,r" + number + "\n";
        if (i < 900) // many more are said in one line
            header += ",c" + number;
        keys += "k" + number + ": 1\n";
    }
    write(folder.path("rows.csv"), rows);
    write(folder.path("header.csv"), header + "\n");
    write(folder.path("keys.yaml"), keys);
    QStringList settings{"search"};
    for (int i = 0; i < 400; ++i)
        settings << "--set"
                 << "none" + QString::number(i) + "=1";
    for (const QStringList &arguments : {QStringList{"validate", "--measurements", folder.path("rows.csv")},
             QStringList{"validate", "--measurements", folder.path("header.csv")},
             QStringList{"validate", "--measurements", folder.path("header.csv"), folder.path("rows.csv")},
             QStringList{"check", folder.path("keys.yaml")},
             QStringList{"check", folder.path("keys.yaml"), folder.path("keys.yaml")}, settings}) {
        const Result result = run(arguments);
        VERIFY_REFUSED(result);
        QCOMPARE(lines_of(result.err).size(), qsizetype{21});
        QVERIFY2(result.err.endsWith(" more problems\n"), lines_of(result.err).back().constData());
        QVERIFY(result.err.size() < 21 * 1300);
    }
    // So many that they are not even named.
    constexpr int columns = 400000;
    write(folder.path("wide.csv"), "id" + QByteArray(",column").repeated(columns - 1) + "\n");
    const Result wide = run({"validate", "--measurements", folder.path("wide.csv")});
    VERIFY_REFUSED(wide);
    QCOMPARE(wide.err, (folder.path("wide.csv") + ":1:1: has 400000 columns; allowed are at most 1000\n").toUtf8());
    const Result set = run(settings);
    QVERIFY2(set.err.endsWith("\ncommand line: and 380 more problems\n"), lines_of(set.err).back().constData());
}

void TestCommandLine::user_files_add_entries()
{
    const QString home = folder.path("data");
    write(home + "/epscope/chips/mine.yaml",
        source_file("resources/chips/h200.yaml").replace("chip: H200", "chip: Mine"));
    write(home + "/epscope/nics/mine.yaml", "nic: Tin can\nsource: me\nbandwidth: 30 GB/s\n");
    write(home + "/epscope/studies/mine.yaml",
        source_file("resources/studies/published-v1.yaml")
            .replace("study: published-v1", "study: mine")
            .replace("nics:", "  - Mine\nnics:"));
    const How how{.data_home = home};
    const Result list = run({"list", "chips"}, how);
    VERIFY_CODE(list, 0);
    QCOMPARE(list.err, QByteArray());
    VERIFY_HOLDS(list.out, "\nMine  ");
    VERIFY_HOLDS(list.out, (home + "/epscope/chips/mine.yaml").toUtf8());

    const auto renamed = [](const QByteArray &text) { return QByteArray(text).replace("H200", "Mine"); };
    const QStringList arguments{"search", "--nic", "CX7-400", "--format", "csv", "--chip"};
    const Result mine = run(arguments + QStringList{"Mine"}, how);
    VERIFY_CODE(mine, 0);
    QVERIFY(lines_of(mine.out).size() > 1);
    QCOMPARE(mine.out, renamed(run(arguments + QStringList{"H200"}).out));
    const Result nic = run({"search", "--nic", "Tin can", "--chip", "Mine", "--format", "csv"}, how);
    VERIFY_CODE(nic, 0);
    VERIFY_HOLDS(nic.out, "\nMine,Tin can,");
    const Result study = run({"search", "--study", "mine", "--format", "csv"}, how);
    VERIFY_CODE(study, 0);
    VERIFY_HOLDS(study.out, "\nMine,CX7 400Gbps,");
    VERIFY_CODE(run({"search", "--chip", "Mine"}), 2); // not without the user's folder

    // Where no XDG_DATA_HOME is set, ~/.local/share.
    QVERIFY(QDir().mkpath(folder.path("home/.local")) && QFile::rename(home, folder.path("home/.local/share")));
    QProcess process;
    prepare(process, arguments + QStringList{"Mine"}, {});
    QProcessEnvironment environment = process.processEnvironment();
    environment.remove("XDG_DATA_HOME");
    environment.insert("HOME", folder.path("home"));
    process.setProcessEnvironment(environment);
    process.start();
    const Result at_home = ended(process, longest_run_ms);
    VERIFY_CODE(at_home, 0);
    QCOMPARE(at_home.out, mine.out);
}

void TestCommandLine::user_files_never_replace_shipped_ones()
{
    const QString home = folder.path("data");
    const How how{.data_home = home};
    write(home + "/epscope/chips/00.yaml",
        source_file("resources/chips/h200.yaml").replace("memory: 143771 MiB", "memory: 999 GB"));
    write(home + "/epscope/studies/published-v1.yaml",
        source_file("resources/studies/published-v1.yaml").replace("20 tok/s", "1 tok/s"));
    QVERIFY(read_file(home + "/epscope/chips/00.yaml").contains("999 GB"));
    const QStringList arguments{"search", "--nic", "CX7-400", "--format", "csv", "--chip", "H200"};
    const Result result = run(arguments, how);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.out, run(arguments).out);
    for (const Kind kind : {Kind::chip, Kind::study}) {
        const QStringList list{"list", QString::fromStdString(std::string(folder_of(kind)))};
        const Result shown = run(list, how);
        VERIFY_CODE(shown, 0);
        QCOMPARE(shown.out, run(list).out);
        const QByteArray name = kind == Kind::chip ? "00.yaml:1:1: chip: duplicate name 'H200', already in "
                                                   : ".yaml:1:1: study: duplicate name 'published-v1', already in ";
        VERIFY_HOLDS(shown.err, name);
        QVERIFY(shown.err.startsWith(home.toUtf8()));
        QCOMPARE(lines_of(shown.err).size(), 1);
    }
}

void TestCommandLine::broken_user_files_are_reported()
{
    const QString home = folder.path("data");
    const How how{.data_home = home};
    const QString torn = home + "/epscope/chips/torn.yaml", wrong = home + "/epscope/chips/wrong.yaml";
    write(torn, "chip: [\n");
    write(wrong, source_file("resources/chips/h200.yaml").replace("chip: H200", "chip: Wrong").replace("GB/s", "GBs"));
    write(home + "/epscope/chips/notes.txt", "not looked at");
    const Result list = run({"list", "chips", "--format", "json"}, how);
    VERIFY_CODE(list, 0);
    QVERIFY(Json::parse(list.out.toStdString()).is_array());
    VERIFY_HOLDS(list.err, torn.toUtf8() + ":");
    VERIFY_HOLDS(list.err, wrong.toUtf8() + ":");
    QVERIFY(!list.err.contains("notes.txt"));
    // Of what other kinds hold, too, not only the first key is looked at.
    const QString study = home + "/epscope/studies/wrong.yaml";
    write(study,
        source_file("resources/studies/published-v1.yaml")
            .replace("study: published-v1", "study: wrong")
            .replace("5 Ki", "0"));
    const Result studies = run({"list", "studies"}, how);
    VERIFY_CODE(studies, 0);
    VERIFY_HOLDS(studies.err, study.toUtf8() + ":");
    VERIFY_HOLDS(studies.err, "workload.context: '0' is out of range");
    const Result one = run({"search", "--chip", "torn,Wrong"}, how);
    VERIFY_REFUSED(one);
    VERIFY_HOLDS(one.err, torn.toUtf8() + ":");
    VERIFY_HOLDS(one.err, wrong.toUtf8() + ":");
    QCOMPARE(run({"search"}, how).out, run({"search"}).out);
}

void TestCommandLine::columns_line_up_by_characters()
{
    const QString home = folder.path("data");
    // Eight wide characters, then a combining one: 16 and 4 columns in 24 and 6 bytes.
    for (const char *name : {"昇腾芯片九一零乙", "cafe\u0301"})
        write(home + "/epscope/chips/" + QString::fromUtf8(name) + ".yaml",
            source_file("resources/chips/h200.yaml")
                .replace("chip: H200", QByteArray("chip: ") + name)
                .replace("title: ", "title: Long "));
    const Result list = run({"list", "chips"}, {.data_home = home});
    VERIFY_CODE(list, 0);
    const Result search = run(
        {"search", "--chip", QString::fromUtf8("昇腾芯片九一零乙,cafe\u0301,H200"), "--nic", "CX7-400", "--ep", "144"},
        {.data_home = home});
    VERIFY_CODE(search, 0);
    for (const auto &[text, second] :
        {std::pair(list.out, QByteArray("Title")), std::pair(search.out, QByteArray("NIC"))}) {
        const QList<QByteArray> lines = lines_of(text);
        const qsizetype column = lines.front().indexOf(second);
        int found = 0;
        for (const QByteArray &line : lines) {
            const bool wide = line.startsWith("昇腾芯片九一零乙 "), combined = line.startsWith("cafe\u0301 "),
                       plain = line.startsWith("H200 ");
            if (!wide && !combined && !plain)
                continue;
            ++found;
            const QByteArray first = line.left(column + (wide ? 8 : combined ? 2 : 0)); // the bytes beyond one a column
            QVERIFY2(first.endsWith("  ") && line.at(first.size()) != ' ', line.constData());
        }
        QVERIFY(found >= 3);
    }
}

void TestCommandLine::user_files_that_are_not_utf8()
{
    const QString home = folder.path("data");
    write(home + "/epscope/chips/latin1.yaml",
        source_file("resources/chips/h200.yaml").replace("chip: H200", "chip: M\xfcller"));
    const Result list = run({"list", "chips", "--format", "json"}, {.data_home = home});
    VERIFY_CODE(list, 0);
    QVERIFY(Json::parse(list.out.toStdString()).is_array());
}

void TestCommandLine::finds_its_resources_where_it_is_installed()
{
    const QString program = folder.path("bin/epscope");
    QVERIFY(QDir().mkpath(folder.path("bin")) && QDir().mkpath(folder.path("elsewhere")));
    QVERIFY(QFile::copy(EPSCOPE_PROGRAM, program));
    const QDir resources(EPSCOPE_SOURCE_DIR "/resources");
    QDirIterator files(resources.path(), QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        write(folder.path("share/epscope/") + resources.relativeFilePath(file), read_file(file));
    }
    const QByteArray expected = run({"search"}).out;
    const Result installed = run({"search"}, {.folder = folder.path("elsewhere"), .program = program});
    VERIFY_CODE(installed, 0);
    QCOMPARE(installed.out, expected);
    const Result list = run({"list", "studies"}, {.program = program});
    VERIFY_CODE(list, 0);
    VERIFY_HOLDS(list.out, folder.path("share/epscope/studies/published-v1.yaml").toUtf8());

    // Through a link, as /usr/local/bin often has them.
    QVERIFY(QFile::link(program, folder.path("elsewhere/link")));
    QCOMPARE(run({"search"}, {.program = folder.path("elsewhere/link")}).out, expected);

    // Without them it says so and does not pick up what lies where it was started.
    QVERIFY(QDir(folder.path("share")).removeRecursively());
    const Result missing = run({"search"}, {.program = program});
    VERIFY_REFUSED(missing);
    write(folder.path("elsewhere/chips/stray.yaml"), source_file("resources/chips/h200.yaml"));
    const Result stray = run({"list", "chips"}, {.folder = folder.path("elsewhere"), .program = program});
    QVERIFY(!stray.out.contains("stray.yaml"));
}

void TestCommandLine::help_names_every_parameter_data()
{
    QTest::addColumn<QString>("command");
    for (const char *command : {"search", "estimate", "pareto"})
        QTest::newRow(command) << QString(command);
}

void TestCommandLine::help_names_every_parameter()
{
    QFETCH(QString, command);
    const Result result = run({command, "--help"});
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    const QByteArray words = result.out.simplified();
    for (const Parameter &parameter : all_parameters()) {
        if (parameter.scope != Scope::workload && parameter.scope != Scope::search && parameter.scope != Scope::target)
            continue;
        VERIFY_HOLDS(words,
            " " + option_of(parameter.key).toUtf8() + " VALUE "
                + QByteArray(parameter.help.data(), static_cast<qsizetype>(parameter.help.size()))
                + " Allowed: " + bytes(allowed_text(parameter)) + ".");
    }
    for (const char *option : {"--kv-elem-size", "--param-elem-size", "--study", "--chip", "--nic", "--set", "--format",
             "--output", "--help"})
        VERIFY_HOLDS(result.out, option);
    for (const QByteArray &line : lines_of(result.out))
        QVERIFY2(QString::fromUtf8(line).size() <= 130, line.constData());
}

void TestCommandLine::usage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QList<QByteArray>>("parts");
    using Parts = QList<QByteArray>;
    const Parts commands{"Usage: epscope ", "search", "estimate", "pareto", "list", "check", "--help", "--version"};
    QTest::newRow("help") << QStringList{"--help"} << commands;
    QTest::newRow("short help") << QStringList{"-h"} << commands;
    QTest::newRow("version") << QStringList{"--version"} << Parts{"epscope 0.1.0\n"};
    QTest::newRow("help of search") << QStringList{"search", "--help"}
                                    << Parts{"Usage: epscope search ", "--all", "--points", "--threads"};
    QTest::newRow("help of estimate") << QStringList{"estimate", "-h"}
                                      << Parts{"Usage: epscope estimate ", "--configs", "table|json|csv"};
    QTest::newRow("help of pareto") << QStringList{"pareto", "--help"}
                                    << Parts{"Usage: epscope pareto ", "--all", "--per-chip", "--threads"};
    QTest::newRow("help of list") << QStringList{"list", "--help"}
                                  << Parts{"Usage: epscope list ",
                                         "chips|nics|models|profiles|studies|measurements|parameters",
                                         "table|json|markdown"};
    QTest::newRow("help of check") << QStringList{"check", "--help"} << Parts{"Usage: epscope check ", "FILE"};
}

void TestCommandLine::usage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QList<QByteArray>, parts);
    const Result result = run(arguments);
    VERIFY_CODE(result, 0);
    QCOMPARE(result.err, QByteArray());
    for (const QByteArray &part : parts)
        VERIFY_HOLDS(result.out, part);
}

void TestCommandLine::misuse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const QStringList &arguments, const char *message) {
        QTest::newRow(name) << arguments << QByteArray(message);
    };
    row("mistyped command", {"serach"}, "; did you mean 'search'?");
    row("unknown command", {"optimise", "--ep", "72"},
        "unknown command 'optimise'; allowed is search, estimate, pareto, compare, sensitivity, seek, map, explain, "
        "list, check, validate, calibrate");
    row("no such file", {"missing.yaml"}, "missing.yaml: cannot be opened: no such file");
    row("unknown option", {"--study", "published-v1"}, "--study");
    row("unknown option of search", {"search", "--bogus"}, "--bogus");
    row("option of another command", {"pareto", "--points"}, "--points");
    row("unexpected argument", {"search", "published-v1", "more"}, "more");
    row("option without value", {"search", "--ep"}, "--ep");
    row("option given twice", {"search", "--ep", "72", "--ep", "144"}, "--ep");
    row("unknown format", {"search", "--format", "xml"}, "--format: xml not in {table,csv,json,markdown}");
    row("format of another command", {"list", "chips", "--format", "csv"},
        "--format: csv not in {table,json,markdown}");
    row("format of search", {"estimate", "--format", "markdown"}, "--format: markdown not in {table,json,csv}");
    row("unknown list", {"list", "chip"}, "chip not in {chips,nics,models,profiles,studies,measurements,parameters}");
    row("no list", {"list"}, "LIST is required");
    row("no file", {"check"}, "FILE is required");
    row("too many threads", {"search", "--threads", "100000"}, "--threads");
    row("negative threads", {"search", "--threads", "-1"}, "--threads");
    row("no number of threads", {"pareto", "--threads", "two"}, "--threads");
}

void TestCommandLine::misuse()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, message);
    const Result result = run(arguments);
    VERIFY_REFUSED(result);
    QVERIFY(result.err.startsWith("epscope: "));
    VERIFY_HOLDS(result.err, message);
    VERIFY_HOLDS(result.err, "\nSee 'epscope --help'.\n");
}

void TestCommandLine::output_file_equals_standard_output_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("search") << QStringList{"search"};
    QTest::newRow("points") << QStringList{"search", "--points", "--format", "csv"};
    QTest::newRow("all") << QStringList{"search", "--all", "--format", "json"};
    QTest::newRow("estimate") << estimate_of();
    QTest::newRow("configurations") << QStringList{
        "estimate", "--format", "csv", "--configs", EPSCOPE_SOURCE_DIR "/tests/golden/published_operators.csv"};
    QTest::newRow("pareto") << QStringList{"pareto", "--format", "markdown"};
    QTest::newRow("list") << QStringList{"list", "chips"};
    QTest::newRow("parameters") << QStringList{"list", "parameters", "--format", "markdown"};
}

void TestCommandLine::output_file_equals_standard_output()
{
    QFETCH(QStringList, arguments);
    const Result printed = run(arguments);
    VERIFY_CODE(printed, 0);
    QVERIFY(!printed.out.isEmpty());
    QCOMPARE(run(arguments + QStringList{"-o", "-"}).out, printed.out);
    write(folder.path("existing"), "something older and much longer" + QByteArray(printed.out.size(), 'x'));
    for (const QString &file :
        {QStringLiteral("existing"), QStringLiteral("new"), QString::fromUtf8("M\u00fcnchen 1.csv")}) {
        for (const QString &option : {QStringLiteral("-o"), QStringLiteral("--output")}) {
            const Result written = run(arguments + QStringList{option, file}, {.folder = folder.path()});
            VERIFY_CODE(written, 0);
            QCOMPARE(written.out, QByteArray());
            QCOMPARE(written.err, QByteArray());
            QCOMPARE(read_file(folder.path(file)), printed.out);
        }
    }
    QCOMPARE(files().size(), 3);
}

void TestCommandLine::output_file_that_cannot_be_written_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("file");
    const std::map<const char *, QStringList> commands{{"search", {"search"}}, {"points", {"search", "--points"}},
        {"pareto", {"pareto"}}, {"estimate", estimate_of()}, {"list", {"list", "chips"}}};
    for (const auto &[name, arguments] : commands) {
        QTest::addRow("%s, no such folder", name) << arguments << "none/result.csv";
        QTest::addRow("%s, folder that is a file", name) << arguments << "file/result.csv";
        QTest::addRow("%s, folder that takes no files", name) << arguments << "/proc/result.csv";
        QTest::addRow("%s, write-protected folder", name) << arguments << "protected/result.csv";
        QTest::addRow("%s, a folder", name) << arguments << "folder";
    }
}

void TestCommandLine::output_file_that_cannot_be_written()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, file);
    write(folder.path("file"), "");
    QVERIFY(QDir().mkpath(folder.path("folder")) && QDir().mkpath(folder.path("protected")));
    QVERIFY(QFile::setPermissions(folder.path("protected"), QFile::ReadOwner | QFile::ExeOwner));
    if (file.startsWith("protected") && QFileInfo(folder.path("protected")).isWritable())
        QSKIP("this user may write anywhere");
    const QStringList before = files();
    const Result result = run(arguments + QStringList{"-o", file}, {.folder = folder.path()});
    VERIFY_CODE(result, 1);
    QCOMPARE(result.out, QByteArray());
    QVERIFY2(result.err.startsWith("epscope: " + file.toUtf8() + ": cannot be written: "), result.err.constData());
    QCOMPARE(lines_of(result.err).size(), 1);
    QCOMPARE(files(), before);
    QVERIFY(QDir(folder.path("folder")).isEmpty() && QDir(folder.path("protected")).isEmpty());
}

void TestCommandLine::output_file_without_a_name()
{
    for (const QStringList &arguments :
        {QStringList{"search"}, QStringList{"pareto"}, QStringList{"list", "chips"}, estimate_of()}) {
        const Result result = run(arguments + QStringList{"-o", ""}, {.folder = folder.path()});
        VERIFY_REFUSED(result);
        VERIFY_HOLDS(result.err, "command line: --output: is empty");
    }
    QVERIFY(files().isEmpty());
}

void TestCommandLine::failed_commands_leave_the_output_file_alone_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("bad setting") << QStringList{"search", "--set", "ep=x"};
    QTest::newRow("bad option") << QStringList{"search", "--bogus"};
    QTest::newRow("bad study") << QStringList{"pareto", "--study", "missing.yaml"};
    QTest::newRow("bad estimate") << QStringList{"estimate"};
    QTest::newRow("bad configurations") << QStringList{"estimate", "--configs", "bad.csv"};
    QTest::newRow("bad list") << QStringList{"list", "everything"};
}

void TestCommandLine::failed_commands_leave_the_output_file_alone()
{
    QFETCH(QStringList, arguments);
    write(folder.path("bad.csv"), line_of_columns + "\nH800,CX7 400Gbps,naive,72,1,1,16,5120,0,true,chip\nH800\n");
    write(folder.path("kept"), "what was there");
    for (const char *file : {"kept", "new"}) {
        const Result result = run(arguments + QStringList{"-o", file}, {.folder = folder.path()});
        VERIFY_REFUSED(result);
    }
    QCOMPARE(read_file(folder.path("kept")), QByteArray("what was there"));
    QCOMPARE(files(), QStringList({"bad.csv", "kept"}));
}

void TestCommandLine::output_file_on_a_full_disk_data()
{
    QTest::addColumn<QString>("command");
    QTest::newRow("large result") << "search --points";
    QTest::newRow("several threads") << "search --points --batch 1..500 --threads 2";
    QTest::newRow("small result") << "list parameters";
    QTest::newRow("small search") << "search --target-tps 15";
}

void TestCommandLine::output_file_on_a_full_disk()
{
    QFETCH(QString, command);
    const QString shell = QStandardPaths::findExecutable("sh");
    if (shell.isEmpty())
        QSKIP("needs sh");
    QVERIFY(run(command.split(' ')).out.size() > 4096);
    // No file may grow beyond 4 KiB.
    const QString limited = QStringLiteral("trap '' XFSZ; ulimit -f 8; exec '%1' %2 -o result")
                                .arg(QStringLiteral(EPSCOPE_PROGRAM), command);
    const Result result = run({"-c", limited}, {.folder = folder.path(), .program = shell});
    QVERIFY(files().isEmpty());
    VERIFY_CODE(result, 1);
    QCOMPARE(result.err, QByteArray("epscope: result: cannot be written: File too large\n"));
}

void TestCommandLine::output_file_behind_a_link()
{
    write(folder.path("folder/target"), "what was there");
    QVERIFY(QFile::link(folder.path("folder/target"), folder.path("link")));
    const Result result = run({"list", "nics", "-o", folder.path("link")});
    VERIFY_CODE(result, 0);
    QVERIFY(QFileInfo(folder.path("link")).isSymLink());
    QCOMPARE(read_file(folder.path("folder/target")), run({"list", "nics"}).out);
}

void TestCommandLine::output_file_replaces_no_device()
{
    // As root -o /dev/null must not make a file of it; a named pipe stands for it here.
    const QByteArray pipe = folder.path("pipe").toUtf8();
    QCOMPARE(mkfifo(pipe.constData(), 0600), 0);
    const int reader = open(pipe.constData(), O_RDWR | O_NONBLOCK);
    QVERIFY(reader >= 0);
    run({"list", "nics", "-o", folder.path("pipe")});
    struct stat status = {};
    QCOMPARE(lstat(pipe.constData(), &status), 0);
    close(reader);
    QVERIFY(S_ISFIFO(status.st_mode));
}

void TestCommandLine::standard_output_that_is_closed_early()
{
    const QString shell = QStandardPaths::findExecutable("sh");
    if (shell.isEmpty())
        QSKIP("needs sh");
    for (const char *arguments : {"search --points --format csv --batch 1..1000",
             "search --points --format json --batch 1..1000", "list parameters"}) {
        const QString pipeline = QStringLiteral("{ '%1' %2; echo \"code $?\" >&2; } | head -1")
                                     .arg(QStringLiteral(EPSCOPE_PROGRAM), arguments);
        QElapsedTimer timer;
        timer.start();
        const Result result = run({"-c", pipeline}, {.program = shell});
        QVERIFY2(timer.elapsed() < 60000, arguments);
        VERIFY_CODE(result, 0);
        QCOMPARE(lines_of(result.out).size(), 1);
        if (QByteArray(arguments).startsWith("list"))
            continue; // all of it fits into the pipe
        // Killed by SIGPIPE, or told so where that is ignored.
        const QByteArray code = lines_of(result.err).back();
        QVERIFY2(code == "code 141" || code == "code 1", result.err.constData());
        QVERIFY2(lines_of(result.err).size() <= 2, result.err.constData());
    }
}

void TestCommandLine::standard_output_that_is_full_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("search") << QStringList{"search"};
    QTest::newRow("points") << QStringList{"search", "--points"};
    QTest::newRow("many points of several threads")
        << QStringList{"search", "--points", "--batch", "1..1000", "--threads", "4"};
    QTest::newRow("all") << QStringList{"search", "--all", "--format", "json"};
    QTest::newRow("pareto") << QStringList{"pareto"};
    QTest::newRow("estimate") << estimate_of();
    QTest::newRow("configurations") << QStringList{
        "estimate", "--format", "json", "--configs", EPSCOPE_SOURCE_DIR "/tests/golden/published_operators.csv"};
    QTest::newRow("list") << QStringList{"list", "parameters"};
    QTest::newRow("check") << QStringList{"check", EPSCOPE_SOURCE_DIR "/resources/chips/h20.yaml"};
    QTest::newRow("help") << QStringList{"--help"};
    QTest::newRow("version") << QStringList{"--version"};
}

void TestCommandLine::standard_output_that_is_full()
{
    QFETCH(QStringList, arguments);
    if (!QFileInfo::exists("/dev/full"))
        QSKIP("needs /dev/full");
    const Result result = run(arguments, {.output_device = "/dev/full"});
    VERIFY_CODE(result, 1);
    QCOMPARE(result.err, QByteArray("epscope: standard output: cannot be written: No space left on device\n"));
}

// Seconds of fits come first, after which anything may end the program.
void TestCommandLine::no_file_is_begun_before_its_text_is_there()
{
    QProcess process;
    prepare(process,
        {"validate", "--study", "calibrated", "--measurements", many_measurements(), "-o", folder.path("result")},
        {.folder = folder.path()});
    process.start();
    QVERIFY(process.waitForStarted());
    const QString own = QStringLiteral("/proc/%1/").arg(process.processId());
    const auto worked_ms = [&] { // by the processor
        const QList<QByteArray> fields = read_file(own + "stat").split(' ');
        return 1000 * (fields[13].toLongLong() + fields[14].toLongLong()) / sysconf(_SC_CLK_TCK);
    };
    const auto has_begun = [&] {
        const QFileInfoList open = QDir(own + "fd").entryInfoList(QDir::Files | QDir::System);
        return std::any_of(open.begin(), open.end(),
            [&](const QFileInfo &file) { return file.symLinkTarget().startsWith(folder.path()); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(has_begun() || worked_ms() > 1500, 60000);
    QVERIFY(!has_begun());
    QCOMPARE(process.state(), QProcess::Running);
    process.kill();
    process.waitForFinished();
}

void TestCommandLine::interrupted_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("signal");
    QStringList shorter = huge_search; // one combination is some time's text to write
    shorter.replaceInStrings("1..65536", "1..4096");
    QTest::newRow("search") << QStringList{"search", "-o", "result"} + huge_search << SIGINT;
    QTest::newRow("search on one thread")
        << QStringList{"search", "--threads", "1", "-o", "result"} + huge_search << SIGINT;
    QTest::newRow("search, terminated") << QStringList{"search", "-o", "result"} + huge_search << SIGTERM;
    QTest::newRow("points") << QStringList{"search", "--points", "--format", "csv", "-o", "result"} + shorter << SIGINT;
    QTest::newRow("points on many threads")
        << QStringList{"search", "--points", "--threads", "8", "--format", "csv", "-o", "result"} + shorter << SIGINT;
    QTest::newRow("all") << QStringList{"search", "--all", "--format", "json", "-o", "result"} + huge_search << SIGINT;
    QTest::newRow("pareto") << QStringList{"pareto", "-o", "result"} + huge_search << SIGINT;
    QTest::newRow("standard output") << QStringList{"search"} + huge_search << SIGINT;
    QTest::newRow("chart") << QStringList{"render", "--view", "pareto", "-o", "result.png"} + huge_search << SIGINT;
    QTest::newRow("window") << QStringList{"render", "-o", "result.png"} + huge_search << SIGTERM;
    QTest::newRow("report") << QStringList{"report", "-o", "result.pdf"} + huge_search << SIGINT;
    const QStringList fitted{"--study", "calibrated", "--measurements", many_measurements(), "-o"};
    QTest::newRow("calibrate") << QStringList{"calibrate"} + fitted + QStringList{"result.yaml"} << SIGINT;
    QTest::newRow("validate") << QStringList{"validate"} + fitted + QStringList{"result"} << SIGINT;
    QTest::newRow("validate, terminated") << QStringList{"validate"} + fitted + QStringList{"result"} << SIGTERM;
}

void TestCommandLine::interrupted()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, signal);
    const bool to_file = arguments.contains("-o");
    const QString file = to_file ? arguments[arguments.indexOf("-o") + 1] : QString("result");
    for (const bool exists : {false, true}) {
        if (exists)
            write(folder.path(file), "what was there");
        QProcess process;
        prepare(process, arguments, {.folder = folder.path()});
        QProcessEnvironment environment = process.processEnvironment();
        environment.insert("TMPDIR", folder.path()); // nothing stays there either
        process.setProcessEnvironment(environment);
        process.start();
        QVERIFY(process.waitForStarted());
        const qint64 id = process.processId();
        QTRY_VERIFY_WITH_TIMEOUT(catches(id, signal), 20000);
        // Before its search a command ends at once, as a fit does at any time; in it the guard's thread passes signals
        // on.
        const bool fits = arguments.front() == "calibrate" || arguments.front() == "validate";
        QTRY_VERIFY_WITH_TIMEOUT(fits || has_thread(id, "interrupt"), 20000);
        const double into_it_s = cpu_s(id) + 0.2;
        QTRY_VERIFY_WITH_TIMEOUT(cpu_s(id) > into_it_s, 20000);
        QElapsedTimer timer;
        timer.start();
        kill(static_cast<pid_t>(process.processId()), signal);
        const Result result = ended(process, 20000);
        QVERIFY2(timer.elapsed() < 2000, QByteArray::number(timer.elapsed()).constData());
        VERIFY_CODE(result, 130);
        QCOMPARE(result.err, QByteArray("interrupted\n"));
        if (to_file)
            QCOMPARE(result.out, QByteArray());
        QCOMPARE(files(), exists ? QStringList{file} : QStringList{});
        if (exists)
            QCOMPARE(read_file(folder.path(file)), QByteArray("what was there"));
    }
}

EPSCOPE_SUITE(command_line, TestCommandLine)
#include "tst_command_line.moc"
