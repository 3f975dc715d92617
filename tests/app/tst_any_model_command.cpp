// SPDX-License-Identifier: GPL-3.0-or-later
// epscope estimate --configs with a table of several models: the golden configurations of docs/model.md §14.
#include <QTest>

#include <QFile>

#include "tests/support/files.h"
#include "tests/support/near.h"
#include "tests/support/program.h"
#include "tests/support/suite.h"

using namespace epscope::testing;

namespace {

const QString golden = QStringLiteral(EPSCOPE_SOURCE_DIR "/tests/golden/");

QStringList command(
    const QStringList &more = {}, const QString &configs = golden + QStringLiteral("model_2026_steps.csv"))
{
    return QStringList{QStringLiteral("estimate"), QStringLiteral("--configs"), configs, QStringLiteral("--profile"),
               golden + QStringLiteral("model-2026.yaml"), QStringLiteral("--format"), QStringLiteral("csv")}
    + more;
}

// Line by line, the cells between commas.
QList<QByteArrayList> cells_of(const QByteArray &text)
{
    QList<QByteArrayList> rows;
    for (const QByteArray &line : text.split('\n')) {
        const QByteArray row = line.trimmed();
        if (!line.isEmpty())
            rows.push_back(row.split(','));
    }
    return rows;
}

QByteArray text_in(const QString &name)
{
    QFile file(golden + name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestAnyModelCommand : public QObject {
    Q_OBJECT

private slots:
    void steps();
    void operators();
    void a_number_may_carry_its_unit();
    void an_empty_number_is_refused();
    void refusals_data();
    void refusals();
};

void TestAnyModelCommand::steps()
{
    const Result result = run(command());
    QCOMPARE(result.code, 0);
    const QList<QByteArrayList> rows = cells_of(result.out),
                                expected = cells_of(text_in(QStringLiteral("model_2026_steps.csv")));
    QCOMPARE(rows.size(), 52);
    QCOMPARE(rows.front().join(','), QByteArray("config,step_s,weights_B,kv_B_per_sequence,max_batch"));
    QCOMPARE(expected.size(), rows.size());
    for (qsizetype i = 1; i < rows.size(); ++i) {
        QCOMPARE(rows[i][0], expected[i][0]);
        const qsizetype inputs = expected[i].size() - 4; // what is estimated stands behind them
        for (qsizetype column = 1; column < 5; ++column)
            VERIFY_NEAR(rows[i][column].toDouble(), expected[i][inputs + column - 1].toDouble(), 1e-9);
    }
}

void TestAnyModelCommand::operators()
{
    const Result result = run(command({QStringLiteral("--operators")}));
    QCOMPARE(result.code, 0);
    const QList<QByteArrayList> rows = cells_of(result.out),
                                expected = cells_of(text_in(QStringLiteral("model_2026_operators.csv")));
    QCOMPARE(rows.size(), expected.size());
    QCOMPARE(rows.front(), expected.front());
    QMap<QByteArray, QByteArray> seconds;
    for (qsizetype i = 1; i < rows.size(); ++i)
        seconds[rows[i].first(6).join(',')] = rows[i][6];
    QCOMPARE(seconds.size(), expected.size() - 1);
    for (qsizetype i = 1; i < expected.size(); ++i) {
        const QByteArray key = expected[i].first(6).join(',');
        QVERIFY2(seconds.contains(key), key.constData());
        VERIFY_NEAR(seconds[key].toDouble(), expected[i][6].toDouble(), 1e-9);
    }
}

// Of the first golden configuration, one cell says the same with a unit, then nothing.
void TestAnyModelCommand::a_number_may_carry_its_unit()
{
    const QList<QByteArrayList> rows = cells_of(text_in(QStringLiteral("model_2026_steps.csv")));
    QByteArrayList row = rows[1];
    row[rows[0].indexOf("kv")] += " B";
    row[rows[0].indexOf("nic_B_s")] = "25 GB/s";
    const Folder folder;
    write(folder.path("units.csv"), rows[0].join(',') + '\n' + row.join(',') + '\n');
    const Result result = run(command({}, folder.path("units.csv")));
    QVERIFY2(result.code == 0, result.err.constData());
    QCOMPARE(cells_of(result.out)[1], cells_of(run(command()).out)[1]);
}

void TestAnyModelCommand::an_empty_number_is_refused()
{
    const QList<QByteArrayList> rows = cells_of(text_in(QStringLiteral("model_2026_steps.csv")));
    const Folder folder;
    for (const char *name : {"batch", "kv", "nic_B_s"}) {
        QByteArrayList row = rows[1];
        row[rows[0].indexOf(name)].clear();
        write(folder.path("empty.csv"), rows[0].join(',') + '\n' + row.join(',') + '\n');
        const Result result = run(command({}, folder.path("empty.csv")));
        QCOMPARE(result.code, 2);
        QVERIFY2(result.err.contains(QByteArray(name) + ": is empty; expected a number"), result.err.constData());
    }
}

void TestAnyModelCommand::refusals_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("operators of one configuration")
        << QStringList{QStringLiteral("estimate"), QStringLiteral("--operators")} << QByteArray("goes with --configs");
}

void TestAnyModelCommand::refusals()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, says);
    const Result result = run(arguments);
    QCOMPARE(result.code, 2);
    QVERIFY2(result.err.contains(says), result.err.constData());
}

EPSCOPE_SUITE(any_model_command, TestAnyModelCommand)
#include "tst_any_model_command.moc"
