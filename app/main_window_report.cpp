// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QDir>

#include "app/charts/analysis_chart.h"
#include "app/charts/make_chart.h"
#include "app/report.h"
#include "app/version.h"
#include "app/views/busy.h"
#include "core/io/study_writer.h"

namespace epscope {

// The charts as they are set up in the window, map and goal seek where they have an answer. Gives what is wrong.
QString MainWindow::write_report(const QString &file)
{
    const Busy busy(*status, tr("Writing the report…"));
    ReportInput input;
    input.explored = state.explored();
    if (!is_exact())
        return tr("The search for the inputs on show has failed.");
    input.compared = comparer.compared();
    input.baselines = baselines.pinned();
    input.opened = state.opened();
    input.cards = state.cards();
    for (Card &card : input.cards)
        card.name = state.name_of(card).toStdString();
    input.active = state.card().id;
    input.source = files.file().isEmpty() ? files.library_study() : files.file();
    input.command = command_line().value_or(QString());
    input.version = QLatin1String(version);
    input.date = QDate::currentDate();
    input.study = QString::fromStdString(study_file_text(state.file()));
    const auto add = [&](const std::string &id) {
        const auto found = std::find_if(
            all_charts.begin(), all_charts.end(), [&](const Chart *chart) { return chart->id().toStdString() == id; });
        if (found != all_charts.end() && is_complete(**found))
            input.charts.push_back(*found);
    };
    for (const std::string &id : report_charts())
        add(id);
    add("map");
    add("goal");
    return export_report(make_report(input), file);
}

void MainWindow::export_report_as()
{
    const QString proposal = export_name(export_options().origin, QStringLiteral("report"), QStringLiteral("pdf"));
    const QString file = dialogs.save_file(this, tr("Report"), proposal, report_filters());
    if (file.isEmpty())
        return;
    // The map and the goal seek only where somebody has looked at them, also if that was before the inputs changed.
    std::vector<Chart *> wanted;
    for (Chart *chart : all_charts) {
        const std::vector<std::string> &usual = report_charts();
        const auto *analysis = qobject_cast<const AnalysisChart *>(chart);
        if (std::find(usual.begin(), usual.end(), chart->id().toStdString()) != usual.end()
            || (analysis && analysis->answer()))
            wanted.push_back(chart);
    }
    if (!await_answers(wanted, Await::comparison_too)) {
        status->say(tr("No report written"));
        return;
    }
    QString problem;
    try {
        problem = write_report(file);
    } catch (const std::exception &failure) {
        problem = QString::fromLocal8Bit(failure.what());
    }
    status->say(
        problem.isEmpty() ? tr("Report written to %1").arg(QDir::toNativeSeparators(file)) : tr("No report written"));
    if (!problem.isEmpty())
        dialogs.warn(this, tr("No report written"), problem);
}

} // namespace epscope
