// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/exports.h"

#include <algorithm>

#include <QDate>
#include <QDir>

#include "app/charts/make_chart.h"
#include "app/export/comparison.h"
#include "app/export/report.h"
#include "app/version.h"
#include "app/views/busy.h"
#include "app/views/compare_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/window/files.h"
#include "app/words/text.h"
#include "core/io/study_writer.h"

namespace epscope {

Exports::Exports(const Sources &sources, AwaitedAnswers the_answers, const Messages &the_messages)
    : from(sources)
    , answers(std::move(the_answers))
    , messages(the_messages)
{
}

void Exports::set_png_scale(int scale)
{
    if (scale >= 1 && scale <= largest_png_scale)
        png_pixels = scale;
}

// With an answer where it needs one; says so where it cannot have one.
bool Exports::is_ready(ChartView &chart, const QString &otherwise)
{
    const bool waited = answers.await({&chart});
    const QString why = why_empty(chart);
    if (!waited)
        messages.say(otherwise);
    else if (!why.isEmpty())
        messages.warn(otherwise, tr("There is nothing to show: %1.").arg(why));
    return waited && why.isEmpty();
}

ExportOptions Exports::options() const
{
    ExportOptions options;
    options.png_scale = png_pixels;
    if (window_colours)
        options.theme = &from.theme.theme();
    options.headline = from.panes.headline->text();
    options.origin =
        origin_of(from.session.study(), from.session.opened(), QLatin1String(version), QDate::currentDate());
    options.study = to_text(study_file_text(shown_alone(from.session)));
    return options;
}

// Empty: it has been cancelled.
QString Exports::target(
    const QString &title, const QString &name, const QString &suffix, const QStringList &filters) const
{
    return messages.dialogs.save_file(messages.window, title, export_name(options().origin, name, suffix), filters);
}

void Exports::say_exported(const QString &file, const QString &problem) const
{
    messages.say(problem.isEmpty() ? tr("Exported to %1").arg(QDir::toNativeSeparators(file)) : tr("Not exported"));
    if (!problem.isEmpty())
        messages.warn(tr("Not exported"), problem);
}

void Exports::export_chart_as(ChartView &chart)
{
    if (!is_ready(chart, tr("Not exported")))
        return;
    const ExportOptions how = options();
    const QString file =
        target(tr("Export %1").arg(chart.title()), chart.id(), u"svg"_qs, picture_filters() + table_filters());
    if (file.isEmpty())
        return;
    QString problem;
    {
        const Busy busy(*messages.status, tr("Exporting %1…").arg(chart.title()));
        problem = export_chart(chart, file, how);
    }
    say_exported(file, problem);
}

void Exports::export_results()
{
    if (const QString file = target(tr("Export the results"), u"results"_qs, u"csv"_qs, table_filters());
        !file.isEmpty())
        say_exported(file, export_table({u"results"_qs, from.panes.results->table()}, file, options()));
}

void Exports::export_comparison()
{
    if (const QString file =
            target(tr("Export the comparison"), u"comparison"_qs, u"csv"_qs, picture_filters() + table_filters());
        !file.isEmpty())
        say_exported(file, export_comparison_table(from.panes.compare->model(), file, options()));
}

void Exports::copy_chart(ChartView &chart)
{
    if (!is_ready(chart, tr("Not copied")))
        return;
    epscope::copy_chart(chart, options());
    messages.say(tr("%1 copied").arg(chart.title()));
}

void Exports::export_everything()
{
    const QString folder =
        messages.dialogs.choose_folder(messages.window, tr("Export all charts and tables into a folder"));
    if (folder.isEmpty())
        return;
    if (!answers.await(from.charts.all())) {
        messages.say(tr("Not exported"));
        return;
    }
    std::vector<Exportable> all;
    QStringList left_out;
    for (const ChartView *chart : from.charts.all()) {
        if (const QString why = why_empty(*chart); why.isEmpty())
            all.push_back(exportable(*chart));
        else
            left_out << why;
    }
    all.push_back({u"results"_qs, [this] { return from.panes.results->table(); }});
    if (from.panes.compare->model().columnCount() > 1)
        all.push_back(exportable(from.panes.compare->model()));
    QStringList problems;
    {
        const Busy busy(*messages.status, tr("Exporting all charts and tables…"));
        problems = export_all(all, folder, {u"png"_qs, u"svg"_qs, u"pdf"_qs, u"csv"_qs, u"xlsx"_qs}, options());
    }
    const QString where = QDir::toNativeSeparators(folder);
    messages.say(!problems.isEmpty() ? tr("Not everything was exported")
            : left_out.isEmpty()     ? tr("Exported to %1").arg(where)
                                     : tr("Exported without %1 to %2").arg(left_out.join(u", "_qs), where));
    if (!problems.isEmpty())
        messages.warn(tr("Not everything was exported"), list_of_problems(problems));
}

// The charts as they are set up in the window. Gives what is wrong.
QString Exports::write_report(const QString &file) const
{
    const Busy busy(*messages.status, tr("Writing the report…"));
    if (!answers.is_exact())
        return tr("The search for the inputs on show has failed.");
    ReportInput input;
    input.explored = from.session.explored();
    input.compared = from.comparer.compared();
    input.baselines = from.baselines.pinned();
    input.opened = from.session.opened();
    input.cards = from.session.cards();
    for (Card &card : input.cards)
        card.name = from.session.name_of(card).toStdString();
    input.active = from.session.card().id;
    input.source = from.documents.file().isEmpty() ? from.documents.library_study() : from.documents.file();
    input.command = from.command.of_inputs().value_or(QString());
    input.version = QLatin1String(version);
    input.date = QDate::currentDate();
    input.study = to_text(study_file_text(from.session.file()));
    for (const ChartKind *kind : report_chart_kinds()) {
        ChartView *chart = from.charts.find(to_text(kind->id));
        if (chart->is_answered())
            input.charts.push_back(chart);
    }
    return export_report(make_report(input), file);
}

void Exports::export_report_as()
{
    const QString file = target(tr("Report"), u"report"_qs, u"pdf"_qs, report_filters());
    if (file.isEmpty())
        return;
    // Some only where somebody has looked at them, also if that was before the inputs changed.
    std::vector<ChartView *> wanted;
    for (ChartView *chart : from.charts.all()) {
        const ReportPlace place = find_chart_kind(chart->id().toStdString())->report;
        if (place.number > 0 && (place.unasked || chart->answer()))
            wanted.push_back(chart);
    }
    if (!answers.await(wanted, AwaitedAnswers::Also::comparison)) {
        messages.say(tr("No report written"));
        return;
    }
    QString problem;
    try {
        problem = write_report(file);
    } catch (const std::exception &failure) {
        problem = QString::fromLocal8Bit(failure.what());
    }
    messages.say(
        problem.isEmpty() ? tr("Report written to %1").arg(QDir::toNativeSeparators(file)) : tr("No report written"));
    if (!problem.isEmpty())
        messages.warn(tr("No report written"), problem);
}

} // namespace epscope
