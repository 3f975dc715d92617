// SPDX-License-Identifier: GPL-3.0-or-later
// The command line for a study gives that study's results.
#include <QProcess>
#include <QTest>

#include <nlohmann/json.hpp>

#include "app/cli/command_text.h"
#include "app/cli/study_options.h"
#include "core/io/study_writer.h"
#include "core/search/search.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestCommandText : public QObject {
    Q_OBJECT
private slots:
    // With the file's own inputs and another configuration, though the library has a study of that name; a scenario
    // gives way to it.
    void what_is_pinned_comes_first()
    {
        const Library &library = shipped_library();
        StudyFile file;
        file.study = *library.study("explore").value;
        QVERIFY(!baseline_from("explore", file, library).picked);
        const Selection picked{file.study.chips.front().name, file.study.nics.front().name, {}};
        file.baselines = {{"explore", file.study, picked}};
        QVERIFY(baseline_from("explore", file, library).picked == picked);
    }
    void says_what_is_different()
    {
        const Library &library = shipped_library();
        const Study explore = *library.study("explore").value;
        QCOMPARE(command_text("search", "explore", explore, library), std::string("epscope search --study explore"));
        const Study other = with(explore,
            {{"context", "65536"}, {"ep", "64..256:64"}, {"chip.H800.memory_bandwidth", "4.8 TB/s"},
                {"quirks.binary_prefixes", "false"}});
        QCOMPARE(command_text("search", "explore", other, library),
            std::string("epscope search --study explore --context 65536 --ep '64, 128, 192, 256' --set "
                        "'chip.H800.memory_bandwidth=4.8 TB/s'"
                        " --set quirks.binary_prefixes=false"));
    }

    void takes_chips_of_the_library()
    {
        const Library &library = shipped_library();
        Study study = *library.study("explore").value;
        study.chips = {study.chips.front(), *library.chip("H200").value};
        study = with(study, {{"chip.H200.memory", "200 GB"}});
        QCOMPARE(command_text("search", "explore", study, library),
            std::string("epscope search --study explore --chip H800,H200 --set 'chip.H200.memory=200 GB'"));
        study.chips.back().name = "Nobody's";
        QCOMPARE(command_text("search", "explore", study, library), std::nullopt);
    }

    void says_nothing_where_options_cannot()
    {
        const Library &library = shipped_library();
        Study study = *library.study("explore").value;
        study.profile = library.study("calibrated").value->profile;
        QCOMPARE(command_text("search", "explore", study, library),
            std::string("epscope search --study explore --profile calibrated"));
        study.profile.name = "Nobody's";
        QCOMPARE(command_text("search", "explore", study, library), std::nullopt);
        QCOMPARE(command_text("search", "no-such-study", study, library), std::nullopt);
    }

    // Through a real shell, with quotes in the file's name.
    void gives_the_same_results()
    {
        const Folder folder;
        const Library &library = shipped_library();
        const Study opened = *library.study("published-v1").value;
        const QString file = folder.write(u"Bob's study.yaml"_qs, QByteArray::fromStdString(study_text(opened)));
        const Study now = with(opened,
            {{"context", "8192"}, {"target_tps", "25"}, {"nic." + opened.nics.front().name + ".bandwidth", "80 GB/s"}});
        const auto text = command_text("search", file.toStdString(), now, library);
        QVERIFY(text);
        QProcess shell;
        shell.start(u"sh"_qs,
            {u"-c"_qs,
                QString::fromStdString("epscope() { \"" EPSCOPE_PROGRAM "\" \"$@\"; }; " + *text + " --format json")});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.exitCode(), 0);
        const nlohmann::json answer = nlohmann::json::parse(shell.readAllStandardOutput().toStdString());
        double best = 0;
        for (const auto &row : answer.at("rows"))
            best = std::max(best, row.at("throughput_per_card").get<double>());
        double expected = 0;
        for (const Candidate &winner : search(now).winners)
            expected = std::max(expected, winner.throughput_per_card);
        QVERIFY(expected > 0);
        QCOMPARE(best, expected);
    }
};

EPSCOPE_SUITE(command_text, TestCommandText)
#include "tst_command_text.moc"
