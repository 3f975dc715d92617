// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/measurement_files.h"

#include "tests/support/files.h"
#include "tests/support/measured.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestMeasurementFiles : public QObject {
    Q_OBJECT

private slots:
    void the_shipped_ones_are_complete_but_the_service_figure()
    {
        QCOMPARE(shipped_measurements()->rows.size(), std::size_t(165));
        QCOMPARE(shipped_measurements()->cases.size(), std::size_t(164));
        for (std::size_t i = 0; i < shipped_measurements()->rows.size(); ++i) {
            const Measurement &row = shipped_measurements()->rows[i];
            QCOMPARE(shipped_measurements()->case_of[i].has_value(), row.complete());
            if (row.complete())
                QVERIFY(shipped_measurements()->cases[*shipped_measurements()->case_of[i]].measurement == row);
        }
    }

    void measured_chips_are_those_of_the_library()
    {
        Study study = study_named("calibrated");
        for (Chip &chip : study.chips)
            chip.sms = 1;
        study.nics.front().bandwidth = {1, &base_unit(Dimension::bytes_per_second)};
        const LoadedMeasurements loaded =
            load_measurements(library_measurements(shipped_library()), shipped_library(), study);
        QVERIFY(loaded.measured && *loaded.measured == *shipped_measurements());
    }

    void rows_of_a_chip_nobody_knows_are_said_and_kept_for_display()
    {
        const Folder folder;
        const QString file = folder.write(QStringLiteral("lab.csv"),
            QByteArray(measurements_header)
                + "x,Nobody,e,8,8,5000,1,1,1,1,1,1,20,me\ny,H800,e,8,8,5000,1,1,1,1,1,1,20,me\n");
        const LoadedMeasurements loaded =
            load_measurements({file.toStdString(), file.toStdString()}, shipped_library(), published_study());
        QCOMPARE(loaded.problems.size(), std::size_t(1));
        QVERIFY(text_of(loaded.problems.front()).find("lab.csv:2:1: chip: no chip 'Nobody'") != std::string::npos);
        QCOMPARE(loaded.measured->rows.size(), std::size_t(2)); // each once
        QVERIFY(!loaded.measured->case_of[0] && loaded.measured->case_of[1]);
        QVERIFY(!load_measurements({}, shipped_library(), published_study()).measured);
    }

    void a_file_of_measurements_is_told_by_its_name()
    {
        QVERIFY(is_measurements_file("a folder/runs.csv"));
        QVERIFY(!is_measurements_file("a folder/csv.yaml"));
    }
};

EPSCOPE_SUITE(measurement_files, TestMeasurementFiles)
#include "tst_measurement_files.moc"
