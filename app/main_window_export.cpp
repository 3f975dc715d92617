// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>
#include <cmath>

#include <QActionGroup>
#include <QDialogButtonBox>
#include <QDir>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include "app/charts/analysis_chart.h"
#include "app/charts/make_chart.h"
#include "app/export/comparison.h"
#include "app/version.h"
#include "app/views/busy.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "core/io/study_writer.h"

namespace epscope {
namespace {

// Nothing else can be done while it is there; Esc and its button end it.
class WaitingBox : public QDialog {
public:
    WaitingBox(QWidget *parent, const QString &title, const QString &text)
        : QDialog(parent)
        , bar(new QProgressBar)
    {
        setObjectName(u"waiting"_qs);
        setWindowTitle(title);
        auto *column = new QVBoxLayout(this);
        column->addWidget(new QLabel(text));
        column->addWidget(bar);
        auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
        column->addWidget(buttons);
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    }
    void set_progress(double fraction) { bar->setValue(static_cast<int>(std::floor(100 * fraction))); }

private:
    QProgressBar *bar;
};

// Why a chart has nothing to show, after its name; empty where it has.
QString why_empty(const Chart &chart)
{
    const auto *analysis = qobject_cast<const AnalysisChart *>(&chart);
    if (!analysis || analysis->is_answered())
        return {};
    return (analysis->can_ask() ? MainWindow::tr("%1 (its analysis has failed)")
                                : MainWindow::tr("%1 (no goal has been sought)"))
        .arg(chart.title());
}

} // namespace

// Is the result on show the whole one of the inputs?
bool MainWindow::is_exact() const
{
    const std::shared_ptr<const Explored> &shown = state.explored();
    return shown && shown->exact && shown->inputs == state.inputs();
}

// Has what nobody has looked at yet searched, by the runner, while a box shows how far that is. False if a person has
// ended it; an analysis that has failed leaves its chart without an answer.
bool MainWindow::await_answers(const std::vector<Chart *> &wanted, Await also)
{
    std::vector<AnalysisChart *> waiting;
    for (Chart *chart : wanted) {
        auto *analysis = qobject_cast<AnalysisChart *>(chart);
        if (analysis && !analysis->is_answered() && analysis->can_ask())
            waiting.push_back(analysis);
    }
    const auto rest_is_there = [&] { return also == Await::charts || (is_exact() && comparer.is_current()); };
    if (waiting.empty() && rest_is_there())
        return true;
    WaitingBox box(this, tr("Analyses"), tr("What the charts show is being searched…"));
    const auto look = [&] {
        double all = 0;
        bool done = rest_is_there();
        for (AnalysisChart *chart : waiting) {
            const bool over = chart->is_answered() || chart->is_halted();
            all += over ? 1 : chart->progress();
            done = done && over;
        }
        if (!waiting.empty())
            box.set_progress(all / static_cast<double>(waiting.size()));
        if (done)
            box.accept();
    };
    const auto ask = [&] {
        for (AnalysisChart *chart : waiting) {
            if (!chart->is_halted())
                chart->ask();
        }
        look();
    };
    connect(&analyses, &AnalysisRunner::progressed, &box, look);
    connect(&analyses, &AnalysisRunner::failed, &box, look);
    connect(&analyses, &AnalysisRunner::answered, &box, ask); // to another chart's question it puts ours off
    connect(&state, &Session::explored_changed, &box, ask);
    connect(&state, &Session::search_failed, &box, &QDialog::accept);
    connect(&comparer, &Comparer::changed, &box, look);
    connect(&comparer, &Comparer::failed, &box, look);
    if (!is_exact())
        state.search();
    for (AnalysisChart *chart : waiting) {
        if (chart->is_halted())
            chart->take_back(true);
        chart->ask();
    }
    const bool waited = box.exec() == QDialog::Accepted;
    for (AnalysisChart *chart : waiting) {
        const std::size_t kind = chart->question().index();
        if (waited || chart->is_answered() || (kind == seek_kind && !goal->isHidden()))
            continue;
        analyses.take_back(kind);
        chart->take_back(true); // one that is seen asks again
    }
    return waited;
}

// With an answer where it needs one; says so where it cannot have one.
bool MainWindow::is_ready(Chart &chart, const QString &otherwise)
{
    const bool waited = await_answers({&chart});
    const QString why = why_empty(chart);
    if (!waited)
        status->say(otherwise);
    else if (!why.isEmpty())
        dialogs.warn(this, otherwise, tr("There is nothing to show: %1.").arg(why));
    return waited && why.isEmpty();
}

ExportOptions MainWindow::export_options() const
{
    ExportOptions options;
    options.png_scale = png_scales->checkedAction()->data().toInt();
    if (window_colours->isChecked())
        options.theme = &theme_source.theme();
    options.headline = headline->text();
    options.origin = origin_of(state.study(), state.opened(), QLatin1String(version), QDate::currentDate());
    options.study = QString::fromStdString(study_file_text(shown_alone()));
    return options;
}

void MainWindow::export_chart_as(Chart &chart)
{
    if (!is_ready(chart, tr("Not exported")))
        return;
    const ExportOptions options = export_options();
    const QString proposal = export_name(options.origin, chart.id(), QStringLiteral("svg"));
    const QString file =
        dialogs.save_file(this, tr("Export %1").arg(chart.title()), proposal, picture_filters() + table_filters());
    if (file.isEmpty())
        return;
    QString problem;
    {
        const Busy busy(*status, tr("Exporting %1…").arg(chart.title()));
        problem = export_chart(chart, file, options);
    }
    status->say(problem.isEmpty() ? tr("Exported to %1").arg(QDir::toNativeSeparators(file)) : tr("Not exported"));
    if (!problem.isEmpty())
        dialogs.warn(this, tr("Not exported"), problem);
}

void MainWindow::export_results()
{
    const QString proposal = export_name(export_options().origin, QStringLiteral("results"), QStringLiteral("csv"));
    const QString file = dialogs.save_file(this, tr("Export the results"), proposal, table_filters());
    if (file.isEmpty())
        return;
    const QString problem = export_table({QStringLiteral("results"), results->table()}, file, export_options());
    status->say(problem.isEmpty() ? tr("Exported to %1").arg(QDir::toNativeSeparators(file)) : tr("Not exported"));
    if (!problem.isEmpty())
        dialogs.warn(this, tr("Not exported"), problem);
}

void MainWindow::copy_chart_in_use()
{
    Chart &chart = chart_in_use();
    if (!is_ready(chart, tr("Not copied")))
        return;
    copy_chart(chart, export_options());
    status->say(tr("%1 copied").arg(chart.title()));
}

void MainWindow::export_everything()
{
    const QString folder = dialogs.choose_folder(this, tr("Export all charts and tables into a folder"));
    if (folder.isEmpty())
        return;
    if (!await_answers(all_charts)) {
        status->say(tr("Not exported"));
        return;
    }
    std::vector<Chart *> charts;
    QStringList left_out;
    for (Chart *chart : all_charts) {
        if (const QString why = why_empty(*chart); why.isEmpty())
            charts.push_back(chart);
        else
            left_out << why;
    }
    const QStringList suffixes{QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"),
        QStringLiteral("csv"), QStringLiteral("xlsx")};
    std::vector<NamedTable> tables{{QStringLiteral("results"), results->table()}};
    std::vector<NamedDrawing> drawings;
    if (compare->model().columnCount() > 1) {
        tables.push_back({QStringLiteral("comparison"), compare->model().table()});
        drawings.push_back({QStringLiteral("comparison"), comparison_drawing(compare->model())});
    }
    QStringList problems;
    {
        const Busy busy(*status, tr("Exporting all charts and tables…"));
        problems = export_all(charts, drawings, tables, folder, suffixes, export_options());
    }
    const QString where = QDir::toNativeSeparators(folder);
    status->say(!problems.isEmpty() ? tr("Not everything was exported")
            : left_out.isEmpty()    ? tr("Exported to %1").arg(where)
                                    : tr("Exported without %1 to %2").arg(left_out.join(u", "_qs), where));
    if (!problems.isEmpty())
        dialogs.warn(this, tr("Not everything was exported"), list_of_problems(problems));
}

} // namespace epscope
